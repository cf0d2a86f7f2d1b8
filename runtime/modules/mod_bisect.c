/* mod_bisect.c - the module _bisect: finding places in sorted lists, by halving. */

#include "runtime/call.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/quick_order.h"

typedef struct Search {
    Value items;
    Value x;
    Value key;      /* VALUE_UNSET: items are compared themselves */
    bool is_behind; /* behind the items that equal x */
} Search;

static Value item_at(Context *cx, const Search *s, int64_t i) {
    const Value item = IS_LIST(s->items) && obj_shape(AS_OBJ(s->items)) == KIND_LIST
                           ? list_get(cx, AS_LIST(s->items), i)
                           : value_getitem(cx, s->items, value_from_int(i));
    return IS_UNSET(s->key) || IS_ERROR(item) ? item : call_value(cx, s->key, &item, 1);
}

/* Does x belong behind the item? 1, 0, -1. */
static int is_later(Context *cx, const Search *s, Value item) {
    const Value a = s->is_behind ? s->x : item;
    const Value b = s->is_behind ? item : s->x;
    const QuickOrder order = quick_order(a, b);
    const int is_less =
        LIKELY(order != ORDER_UNKNOWN) ? order == ORDER_LESS : value_less(cx, a, b);
    return is_less < 0 ? -1 : is_less != (int)s->is_behind;
}

/* The place, or -1. */
static int64_t find(Context *cx, const Search *s, int64_t low, int64_t high) {
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        const Value item = item_at(cx, s, middle);
        const int later = IS_ERROR(item) ? -1 : is_later(cx, s, item);
        if (later < 0) {
            return -1;
        }
        low = later ? middle + 1 : low;
        high = later ? high : middle;
    }
    return low;
}

enum { ARG_LIST, ARG_X, ARG_LOW, ARG_HIGH, ARG_KEY };

static int64_t place_of(Context *cx, const Value *args, Value x, bool is_behind) {
    int64_t low = 0;
    int64_t high = -1;
    if (!IS_UNSET(args[ARG_LOW]) &&
        !int_index_i64(cx, args[ARG_LOW], &low, EXC_OverflowError)) {
        return -1;
    }
    if (low < 0) {
        exc_raise(cx, EXC_ValueError, "lo must be non-negative");
        return -1;
    }
    if (!IS_UNSET(args[ARG_HIGH]) && !IS_NONE(args[ARG_HIGH]) &&
        !int_index_i64(cx, args[ARG_HIGH], &high, EXC_OverflowError)) {
        return -1;
    }
    if (high == -1) { /* as None, in CPython, too */
        high = value_length(cx, args[ARG_LIST]);
    }
    if (cx->pending != VALUE_UNSET) {
        return -1;
    }
    const Search search = {args[ARG_LIST], x,
                           IS_NONE(args[ARG_KEY]) ? VALUE_UNSET : args[ARG_KEY],
                           is_behind};
    return find(cx, &search, low, high);
}

static Value bisect(Context *cx, const Value *args, bool is_behind) {
    const int64_t place = place_of(cx, args, args[ARG_X], is_behind);
    return place < 0 ? VALUE_ERROR : int_from_i64(cx, place);
}

static Value insort(Context *cx, const Value *args, bool is_behind) {
    const bool has_key = !IS_UNSET(args[ARG_KEY]) && !IS_NONE(args[ARG_KEY]);
    const Value x =
        has_key ? call_value(cx, args[ARG_KEY], &args[ARG_X], 1) : args[ARG_X];
    const int64_t place = IS_ERROR(x) ? -1 : place_of(cx, args, x, is_behind);
    if (place < 0) {
        return VALUE_ERROR;
    }
    const Value arguments[] = {value_from_int(place), args[ARG_X]};
    const Value result = value_call_attr_c(cx, args[ARG_LIST], "insert", arguments, 2);
    return IS_ERROR(result) ? VALUE_ERROR : VALUE_NONE;
}

NATIVE(bisect_right, "bisect_right(a, x, lo=0, hi=None, *, key=None)",
       "Return where x belongs in the sorted list a, after all items equal to it.") {
    return bisect(cx, args, true);
}

NATIVE(bisect_left, "bisect_left(a, x, lo=0, hi=None, *, key=None)",
       "Return where x belongs in the sorted list a, before all items equal to it.") {
    return bisect(cx, args, false);
}

NATIVE(insort_right, "insort_right(a, x, lo=0, hi=None, *, key=None)",
       "Insert x into the sorted list a, after all items equal to it.") {
    return insort(cx, args, true);
}

NATIVE(insort_left, "insort_left(a, x, lo=0, hi=None, *, key=None)",
       "Insert x into the sorted list a, before all items equal to it.") {
    return insort(cx, args, false);
}

static const NativeDef functions[] = {NATIVE_ENTRY(bisect_left),
                                      NATIVE_ENTRY(bisect_right),
                                      NATIVE_ENTRY(insort_left),
                                      NATIVE_ENTRY(insort_right),
                                      {0}};

bool mod_bisect_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
