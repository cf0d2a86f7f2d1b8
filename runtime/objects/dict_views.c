/* dict_views.c - keys(), values() and items() of dicts, and the iterators over dicts.
 *
 * An iterator walks by position through the entries of the table that the dict has at
 * each step, as CPython does, and raises RuntimeError when the number of entries changed.
 * The item it hands out is read before anything is allocated, so key and value belong
 * together.
 *
 * See also: dict_table.h. */

#include "runtime/base/buf.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/dict_table.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/iter_state.h"
#include "runtime/objects/mapping_proxy.h"
#include "runtime/objects/native.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/set.h"

typedef struct ObjDictView {
    Obj header;
    ObjDict *dict; /* [const] */
} ObjDictView;

#define VIEW_DICT(v) (((ObjDictView *)AS_OBJ(v))->dict)

/* The kind is KIND_DICT_ITER; what it gives and whether it goes backwards is told by the
 * shape (STEP dict-iterators) and, for the steps, by header.flags. */
typedef struct ObjDictIter {
    Obj header;
    ObjDict *dict; /* [atomic] NULL at the end */
    size_t n_used;    /* [atomic] of the dict at the begin; SIZE_MAX after an error */
    int64_t n_left;   /* [atomic] items still to come */
    int64_t position; /* [atomic] place in the table; backwards it counts from the end */
} ObjDictIter;

/* Iterators */

enum { IS_REVERSED = 4 }; /* beside DICT_VIEW_... */

static bool is_backwards(const ObjDictIter *it) {
    return (it->header.flags & IS_REVERSED) != 0;
}

Value dict_iter_new(Context *cx, ObjDict *dict, int what, bool is_reversed) {
    const ObjKind kind = is_reversed ? KIND_DICT_REVITER : KIND_DICT_ITER;
    ObjDictIter *it = (ObjDictIter *)heap_alloc_as(
        cx, sizeof(ObjDictIter), KIND_DICT_ITER, kind + (unsigned)what);
    if (UNLIKELY(it == NULL)) {
        return VALUE_ERROR;
    }
    const ObjDictTable *table = dict_table(dict);
    it->header.flags = (uint8_t)(what | (is_reversed ? IS_REVERSED : 0));
    it->dict = dict;
    it->n_used = dict_length(dict);
    it->n_left = (int64_t)it->n_used;
    it->position = is_reversed && table != NULL
                       ? -(int64_t)atomic_load_acquire(&table->n_entries)
                       : 0;
    return OBJ_VALUE(it);
}

static void iter_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjDictIter *)o)->dict);
}

static Value iter_changed(Context *cx, ObjDictIter *it, const char *what) {
    atomic_store_relaxed(&it->n_used, SIZE_MAX);
    return exc_raise(cx, EXC_RuntimeError, "dictionary %s during iteration", what);
}

/* The usual step: forwards, by the only thread there is, to an entry that was not deleted. */
static inline bool step_quickly(const Context *cx, ObjDictIter *it, Value *key,
                                Value *value) {
    const ObjDict *dict = atomic_load_acquire(&it->dict);
    if (cx->is_parallel || dict == NULL || is_backwards(it) ||
        dict_length(dict) != atomic_load_relaxed(&it->n_used)) {
        return false;
    }
    const ObjDictTable *table = dict_table(dict);
    const int64_t i = atomic_load_relaxed(&it->position);
    const int64_t n_left = atomic_load_relaxed(&it->n_left);
    if (table == NULL || (uint64_t)i >= atomic_load_acquire(&table->n_entries) ||
        n_left == 0) {
        return false;
    }
    *value = value_load(&table->entries[i].value);
    *key = table->entries[i].key;
    if (IS_UNSET(*value)) {
        return false;
    }
    atomic_store_relaxed(&it->position, i + 1);
    atomic_store_relaxed(&it->n_left, n_left - 1);
    return true;
}

/* The next live entry: 1; 0 at the end; -1: exception. Backwards positions go from -n to
 * -1. */
static int step_carefully(Context *cx, ObjDictIter *it, Value *key, Value *value) {
    ObjDict *dict = atomic_load_acquire(&it->dict);
    if (UNLIKELY(dict == NULL)) {
        return 0;
    }
    if (UNLIKELY(dict_length(dict) != atomic_load_relaxed(&it->n_used))) {
        iter_changed(cx, it, "changed size");
        return -1;
    }
    const ObjDictTable *table = dict_table(dict);
    const size_t n = table == NULL ? 0 : atomic_load_acquire(&table->n_entries);
    const bool is_reversed = is_backwards(it);
    for (;;) {
        int64_t i = iter_take(cx, &it->position);
        if (is_reversed) {
            i = i < 0 ? -i - 1 : INT64_MAX;
            if (i < INT64_MAX && (size_t)i >= n) {
                continue; /* the table was made anew and is smaller now */
            }
        }
        if (UNLIKELY((size_t)i >= n)) {
            atomic_store_release(&it->dict, NULL);
            return 0;
        }
        const DictEntry *entry = &table->entries[i];
        *value = value_load(&entry->value);
        *key = entry->key;
        if (LIKELY(!IS_UNSET(*value))) {
            break;
        }
        if (i == 0 && !is_reversed) {
            /* Unless another thread took the next place meanwhile. */
            int64_t next = 1;
            const int64_t head = dict_table_head(table);
            atomic_cas(&it->position, &next, head == 0 ? 1 : head);
        }
    }
    const int64_t n_left = atomic_load_relaxed(&it->n_left);
    if (UNLIKELY(n_left == 0 && !cx->is_parallel)) {
        iter_changed(cx, it, "keys changed");
        return -1;
    }
    atomic_store_relaxed(&it->n_left, n_left - 1);
    return 1;
}

static inline int step(Context *cx, ObjDictIter *it, Value *key, Value *value) {
    return LIKELY(step_quickly(cx, it, key, value)) ? 1 : step_carefully(cx, it, key, value);
}

Value dict_iter_next(Context *cx, Value v) {
    ObjDictIter *it = (ObjDictIter *)AS_OBJ(v);
    Value key = VALUE_UNSET;
    Value value = VALUE_UNSET;
    const int is_there = step(cx, it, &key, &value);
    if (UNLIKELY(is_there <= 0)) {
        return is_there < 0 ? VALUE_ERROR : VALUE_STOP;
    }
    switch (it->header.flags & ~IS_REVERSED) {
    case DICT_VIEW_KEYS: return key;
    case DICT_VIEW_VALUES: return value;
    default: break;
    }
    ObjTuple *pair = tuple_new(cx, 2);
    if (UNLIKELY(pair == NULL)) {
        return VALUE_ERROR;
    }
    pair->items[0] = key;
    pair->items[1] = value;
    return OBJ_VALUE(pair);
}

int dict_iter_step(Context *cx, Obj *it, Value *key, Value *value) {
    return step(cx, (ObjDictIter *)it, key, value);
}

static Value iter_self(Context *cx __attribute__((unused)), Value v) {
    return v;
}

NATIVE(iter_length_hint, "__length_hint__(self, /)",
       "Return how many items are probably left.") {
    const ObjDictIter *it = (const ObjDictIter *)AS_OBJ(args[0]);
    const ObjDict *dict = atomic_load_acquire(&it->dict);
    const int64_t n_left = atomic_load_relaxed(&it->n_left);
    return value_from_int(
        dict == NULL || dict_length(dict) != it->n_used || n_left < 0 ? 0 : n_left);
}

NATIVE(iter_reduce, "__reduce__(self, /)", "Return what a copy is made of.") {
    const ObjDictIter *it = (const ObjDictIter *)AS_OBJ(args[0]);
    ObjDictIter *rest = (ObjDictIter *)heap_alloc_typed(cx, sizeof(ObjDictIter), KIND_DICT_ITER,
                                                        obj_shape(&it->header));
    if (rest == NULL) {
        return VALUE_ERROR;
    }
    rest->header.flags = it->header.flags;
    rest->dict = atomic_load_acquire(&it->dict);
    rest->n_used = atomic_load_relaxed(&it->n_used);
    rest->n_left = atomic_load_relaxed(&it->n_left);
    rest->position = atomic_load_relaxed(&it->position);
    return iter_reduction_of_rest(cx, OBJ_VALUE(rest));
}

static const NativeDef iter_methods[] = {
    NATIVE_ENTRY(iter_length_hint), NATIVE_ENTRY(iter_reduce), {0}};

#define ITERATOR(structure)                      \
    const KindOps kind_ops_##structure = {       \
        .trace = iter_trace,                     \
        .iter = iter_self,                       \
        .next = dict_iter_next,                  \
        .methods = iter_methods,                 \
    }
ITERATOR(ObjDictIter);
ITERATOR(ObjDictValueIter);
ITERATOR(ObjDictItemIter);
ITERATOR(ObjDictRevIter);
ITERATOR(ObjDictRevValueIter);
ITERATOR(ObjDictRevItemIter);
#undef ITERATOR

/* Views */

static Value view_new(Context *cx, ObjDict *dict, ObjKind kind) {
    ObjDictView *view = (ObjDictView *)heap_alloc(cx, sizeof(ObjDictView), kind, kind);
    if (UNLIKELY(view == NULL)) {
        return VALUE_ERROR;
    }
    view->dict = dict;
    return OBJ_VALUE(view);
}

Value dict_keys(Context *cx, ObjDict *dict) {
    return view_new(cx, dict, KIND_DICT_KEYS);
}

Value dict_values(Context *cx, ObjDict *dict) {
    return view_new(cx, dict, KIND_DICT_VALUES);
}

Value dict_items(Context *cx, ObjDict *dict) {
    return view_new(cx, dict, KIND_DICT_ITEMS);
}

static int view_what(Value v) {
    switch (AS_OBJ(v)->kind) {
    case KIND_DICT_KEYS: return DICT_VIEW_KEYS;
    case KIND_DICT_VALUES: return DICT_VIEW_VALUES;
    default: return DICT_VIEW_ITEMS;
    }
}

static bool is_set_view(Value v) {
    return IS_KIND(v, KIND_DICT_KEYS) || IS_KIND(v, KIND_DICT_ITEMS);
}

static void view_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjDictView *)o)->dict);
}

static int64_t view_length(Context *cx __attribute__((unused)), Value v) {
    return (int64_t)dict_length(VIEW_DICT(v));
}

static Value view_iter(Context *cx, Value v) {
    return dict_iter_new(cx, VIEW_DICT(v), view_what(v), false);
}

static int keys_contains(Context *cx, Value v, Value item) {
    const Value value = dict_get(cx, VIEW_DICT(v), item);
    return IS_ERROR(value) ? -1 : !IS_UNSET(value);
}

static int values_contains(Context *cx, Value v, Value item) {
    const ObjDictTable *table = dict_table(VIEW_DICT(v));
    size_t position = 0;
    Value key;
    Value value;
    while (dict_table_next(table, &position, &key, &value)) {
        const int is_equal = seq_item_equals(cx, value, item);
        if (is_equal != 0) {
            return is_equal;
        }
    }
    return 0;
}

static int items_contains(Context *cx, Value v, Value item) {
    if (!IS_TUPLE(item) || AS_TUPLE(item)->n != 2) {
        return 0;
    }
    const Value value = dict_get(cx, VIEW_DICT(v), AS_TUPLE(item)->items[0]);
    if (IS_ERROR(value) || IS_UNSET(value)) {
        return IS_ERROR(value) ? -1 : 0;
    }
    return seq_item_equals(cx, value, AS_TUPLE(item)->items[1]);
}

bool dict_append_all(Context *cx, ObjList *list, Value dict_or_view) {
    const bool is_dict = IS_DICT(dict_or_view);
    const int what = is_dict ? DICT_VIEW_KEYS : view_what(dict_or_view);
    const ObjDictTable *table =
        dict_table(is_dict ? AS_DICT(dict_or_view) : VIEW_DICT(dict_or_view));
    size_t position = 0;
    Value key;
    Value value;
    while (dict_table_next(table, &position, &key, &value)) {
        const Value item = what == DICT_VIEW_KEYS ? key
                           : what == DICT_VIEW_VALUES
                               ? value
                               : tuple_from(cx, (Value[]){key, value}, 2);
        if (IS_ERROR(item) || !list_append(cx, list, item)) {
            return false;
        }
    }
    return true;
}

static Value view_repr(Context *cx, Value v) {
    const int is_inside = value_repr_enter(cx, v);
    ObjStr *text = NULL;
    if (is_inside != 0) {
        text = is_inside < 0 ? NULL : str_from_c(cx, "...");
        return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    }
    const Value list = list_from_iterable(cx, v);
    const Value items = IS_ERROR(list) ? VALUE_ERROR : value_repr(cx, list);
    value_repr_leave(cx, v);
    if (IS_ERROR(items)) {
        return VALUE_ERROR;
    }
    Buf out = {0};
    buf_add_text(&out, kind_type_names[AS_OBJ(v)->kind]);
    buf_add_byte(&out, '(');
    buf_add(&out, AS_STR(items)->data, AS_STR(items)->n_bytes);
    buf_add_byte(&out, ')');
    text = str_from_buf(cx, &out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* Views as sets */

/* a set with the items of any iterable */
static ObjSet *to_set(Context *cx, Value iterable) {
    ObjSet *set = set_new(cx, KIND_SET, 0);
    return set == NULL || !set_update(cx, set, iterable) ? NULL : set;
}

/* Are all items of the iterable a in b? */
static int all_in(Context *cx, Value a, Value b) {
    const Value iterator = value_iter(cx, a);
    if (IS_ERROR(iterator)) {
        return -1;
    }
    for (;;) {
        const Value item = value_next(cx, iterator);
        if (item == VALUE_STOP || IS_ERROR(item)) {
            return item == VALUE_STOP ? 1 : -1;
        }
        const int is_there = value_contains(cx, b, item);
        if (is_there <= 0) {
            return is_there;
        }
    }
}

static bool is_set_like(Value v) {
    return is_set_view(v) || IS_SET(v) || IS_FROZENSET(v);
}

static Value view_compare(Context *cx, CompareOp op, Value a, Value b) {
    if (!is_set_like(a) || !is_set_like(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const int64_t n_a = value_length(cx, a);
    const int64_t n_b = value_length(cx, b);
    if (n_a < 0 || n_b < 0) {
        return VALUE_ERROR;
    }
    int is_true = 0;
    switch (op) {
    case COMPARE_EQ:
    case COMPARE_NE: is_true = n_a == n_b ? all_in(cx, a, b) : 0; break;
    case COMPARE_LT: is_true = n_a < n_b ? all_in(cx, a, b) : 0; break;
    case COMPARE_LE: is_true = n_a <= n_b ? all_in(cx, a, b) : 0; break;
    case COMPARE_GT: is_true = n_a > n_b ? all_in(cx, b, a) : 0; break;
    case COMPARE_GE: is_true = n_a >= n_b ? all_in(cx, b, a) : 0; break;
    }
    return is_true < 0 ? VALUE_ERROR : BOOL_VALUE(is_true == (op != COMPARE_NE));
}

/* view & other: what of other is in the view. Items of other that are not are not hashed. */
static Value view_and(Context *cx, Value view, Value other) {
    if (IS_EXACT(other, KIND_SET) || IS_EXACT(other, KIND_FROZENSET)) {
        ObjSet *set = to_set(cx, view);
        return set == NULL ? VALUE_ERROR
                           : value_binary(cx, BINARY_AND, OBJ_VALUE(set), other);
    }
    ObjSet *both = set_new(cx, KIND_SET, 0);
    const Value iterator = both == NULL ? VALUE_ERROR : value_iter(cx, other);
    if (IS_ERROR(iterator)) {
        return VALUE_ERROR;
    }
    for (;;) {
        const Value item = iter_step(cx, iterator);
        if (item == VALUE_STOP || IS_ERROR(item)) {
            return item == VALUE_STOP ? OBJ_VALUE(both) : VALUE_ERROR;
        }
        const int is_there = value_contains(cx, view, item);
        if (is_there < 0 || (is_there && !set_add(cx, both, item))) {
            return VALUE_ERROR;
        }
    }
}

static Value view_binary(Context *cx, BinaryOp op, Value a, Value b) {
    if (!is_set_view(a) && !is_set_view(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (op != BINARY_AND && op != BINARY_OR && op != BINARY_XOR && op != BINARY_SUB) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (op == BINARY_AND) {
        return is_set_view(a) ? view_and(cx, a, b) : view_and(cx, b, a);
    }
    ObjSet *left = to_set(cx, a);
    ObjSet *right = left == NULL ? NULL : to_set(cx, b);
    if (right == NULL) {
        return VALUE_ERROR;
    }
    return value_binary(cx, op, OBJ_VALUE(left), OBJ_VALUE(right));
}

NATIVE(view_isdisjoint, "isdisjoint(self, other, /)",
       "Return whether no item is in both.") {
    const Value iterator = value_iter(cx, args[1]);
    if (IS_ERROR(iterator)) {
        return VALUE_ERROR;
    }
    for (;;) {
        const Value item = value_next(cx, iterator);
        if (item == VALUE_STOP || IS_ERROR(item)) {
            return item == VALUE_STOP ? VALUE_TRUE : VALUE_ERROR;
        }
        const int is_there = value_contains(cx, args[0], item);
        if (is_there != 0) {
            return is_there < 0 ? VALUE_ERROR : VALUE_FALSE;
        }
    }
}

NATIVE(view_reversed, "__reversed__(self, /)",
       "Return an iterator from the last to the first.") {
    return dict_iter_new(cx, VIEW_DICT(args[0]), view_what(args[0]), true);
}

static const NativeDef set_view_methods[] = {
    NATIVE_ENTRY(view_isdisjoint),
    NATIVE_ENTRY(view_reversed),
    {0},
};
static const NativeDef values_methods[] = {NATIVE_ENTRY(view_reversed), {0}};

static Value get_mapping(Context *cx, Value self) {
    return mapping_proxy_new(cx, OBJ_VALUE(VIEW_DICT(self)));
}

static const GetsetDef view_getsets[] = {
    {"mapping", "dictionary that this view refers to", get_mapping, NULL},
    {0},
};

const KindOps kind_ops_ObjDictKeys = {
    .trace = view_trace,
    .repr = view_repr,
    .compare = view_compare,
    .binary = view_binary,
    .length = view_length,
    .contains = keys_contains,
    .iter = view_iter,
    .methods = set_view_methods,
    .getsets = view_getsets,
};

const KindOps kind_ops_ObjDictValues = {
    .trace = view_trace,
    .repr = view_repr,
    .length = view_length,
    .contains = values_contains,
    .iter = view_iter,
    .methods = values_methods,
    .getsets = view_getsets,
};

const KindOps kind_ops_ObjDictItems = {
    .trace = view_trace,
    .repr = view_repr,
    .compare = view_compare,
    .binary = view_binary,
    .length = view_length,
    .contains = items_contains,
    .iter = view_iter,
    .methods = set_view_methods,
    .getsets = view_getsets,
};
