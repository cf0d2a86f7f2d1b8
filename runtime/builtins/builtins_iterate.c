/* builtins_iterate.c - built-in functions that go through iterables. */

#include <math.h>

#include "runtime/builtins/builtins.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/coroutine.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"

NATIVE(builtin_iter, "iter(object, sentinel=None, /)",
       "Return an iterator over an object, or one that calls it until it returns the "
       "sentinel.") {
    if (IS_UNSET(args[1])) {
        return value_iter(cx, args[0]);
    }
    if (!value_is_callable(cx, args[0])) {
        return exc_raise(cx, EXC_TypeError, "iter(v, w): v must be callable");
    }
    return call_iter_new(cx, args[0], args[1]);
}

/* StopIteration(value), or without a value for None. */
static Value raise_stop(Context *cx, Value value) {
    if (!IS_UNSET(value) && !IS_NONE(value)) {
        return exc_raise_value(cx, EXC_StopIteration, value);
    }
    const Value exception = exc_new(cx, EXC_StopIteration, cx->rt->empty_tuple);
    return IS_ERROR(exception) ? VALUE_ERROR : exc_raise_object(cx, exception);
}

/* As value_next, but *value is what a StopIteration carried. */
static Value next_with_value(Context *cx, Value iterator, Value *value) {
    if (IS_GENERATOR(iterator)) {
        return call_generator(cx, iterator, VALUE_NONE, VALUE_UNSET, value);
    }
    if (awaitable_is_helper(iterator)) {
        return awaitable_resume(cx, iterator, VALUE_NONE, VALUE_UNSET, value);
    }
    const Value method = type_special(type_of(cx, iterator), SPECIAL_next);
    if (IS_UNSET(method) || IS_NONE(method)) {
        return value_next(cx, iterator);
    }
    const Value item = call_method(cx, method, iterator, NULL, 0);
    if (IS_ERROR(item) && exc_matches_kind(cx, cx->pending, EXC_StopIteration)) {
        *value = AS_EXCEPTION(exc_take(cx))->value;
        return VALUE_STOP;
    }
    return item;
}

NATIVE(builtin_next, "next(iterator, default=None, /)",
       "Return the next item, or default when there is none.") {
    Value value = VALUE_UNSET;
    const Value item = next_with_value(cx, args[0], &value);
    if (item != VALUE_STOP) {
        return item;
    }
    return IS_UNSET(args[1]) ? raise_stop(cx, value) : args[1];
}

/* any and all: the first item whose truth is `wanted` decides. */
static Value find_truth(Context *cx, Value iterable, int wanted) {
    const Value iterator = value_iter(cx, iterable);
    if (IS_ERROR(iterator)) {
        return VALUE_ERROR;
    }
    for (;;) {
        const Value item = iter_step(cx, iterator);
        if (item == VALUE_STOP) {
            return BOOL_VALUE(!wanted);
        }
        const int is_true = IS_ERROR(item) ? -1 : value_is_true(cx, item);
        if (is_true < 0 || is_true == wanted) {
            return is_true < 0 ? VALUE_ERROR : BOOL_VALUE(wanted);
        }
    }
}

NATIVE(builtin_all, "all(iterable, /)", "Return whether all items are true.") {
    return find_truth(cx, args[0], 0);
}

NATIVE(builtin_any, "any(iterable, /)", "Return whether any item is true.") {
    return find_truth(cx, args[0], 1);
}

/* sum goes through three phases, each as long as the items allow: machine integers, floats,
 * any values. A phase leaves in *item the first item that it cannot add (or VALUE_STOP,
 * VALUE_ERROR) and returns the sum so far. */

/* An exact int or a bool that 64 bits hold. */
static bool to_machine_int(Value v, int64_t *i) {
    if (LIKELY(IS_INT(v))) {
        *i = value_to_int(v);
        return true;
    }
    return (IS_BOOL(v) || IS_EXACT(v, KIND_INT)) && int_to_i64(v, i);
}

static Value sum_ints(Context *cx, Value iterator, int64_t total, Value *item) {
    for (;;) {
        int64_t i;
        int64_t next;
        *item = iter_step(cx, iterator);
        if (UNLIKELY(!to_machine_int(*item, &i) ||
                     __builtin_add_overflow(total, i, &next))) {
            return int_from_i64(cx, total);
        }
        total = next;
    }
}

/* Adds with Neumaier's compensation, as CPython does since 3.12: so the sum of ten times
 * 0.1 is 1.0. Ints among the floats are added without it, there as here. */
static Value sum_floats(Context *cx, Value iterator, Value sum, Value *item) {
    double high = value_to_double(sum);
    double low = 0;
    for (;;) {
        int64_t i;
        *item = iter_step(cx, iterator);
        if (LIKELY(IS_FLOAT(*item))) {
            const double x = value_to_double(*item);
            const double t = high + x;
            low += fabs(high) >= fabs(x) ? (high - t) + x : (x - t) + high;
            high = t;
        } else if (to_machine_int(*item, &i)) {
            high += (double)i;
        } else {
            return value_from_double_any(low != 0 && isfinite(low) ? high + low : high);
        }
    }
}

static Value sum_values(Context *cx, Value iterator, Value sum, Value *item) {
    for (*item = iter_step(cx, iterator); *item != VALUE_STOP;
         *item = iter_step(cx, iterator)) {
        sum = IS_ERROR(*item) ? VALUE_ERROR : value_binary(cx, BINARY_ADD, sum, *item);
        if (IS_ERROR(sum)) {
            return VALUE_ERROR;
        }
    }
    return sum;
}

static bool can_sum(Context *cx, Value start) {
    if (IS_STR(start)) {
        exc_raise(cx, EXC_TypeError,
                  "sum() can't sum strings [use ''.join(seq) instead]");
    } else if (IS_KIND(start, KIND_BYTES)) {
        exc_raise(cx, EXC_TypeError, "sum() can't sum bytes [use b''.join(seq) instead]");
    } else if (IS_KIND(start, KIND_BYTEARRAY)) {
        exc_raise(cx, EXC_TypeError,
                  "sum() can't sum bytearray [use b''.join(seq) instead]");
    } else {
        return true;
    }
    return false;
}

NATIVE(builtin_sum, "sum(iterable, /, start=0)",
       "Return the sum of the items and start.") {
    const Value iterator = value_iter(cx, args[0]);
    Value sum = IS_UNSET(args[1]) ? value_from_int(0) : args[1];
    if (IS_ERROR(iterator) || !can_sum(cx, sum)) {
        return VALUE_ERROR;
    }
    Value item = VALUE_UNSET;
    int64_t start;
    if (!IS_BOOL(sum) && to_machine_int(sum, &start)) {
        sum = sum_ints(cx, iterator, start, &item);
        if (IS_ERROR(item) || IS_ERROR(sum)) {
            return VALUE_ERROR;
        }
        if (item != VALUE_STOP) {
            sum = value_binary(cx, BINARY_ADD, sum, item);
        }
    }
    if (IS_FLOAT(sum) && item != VALUE_STOP) {
        sum = sum_floats(cx, iterator, sum, &item);
        if (item != VALUE_STOP && !IS_ERROR(item)) {
            sum = value_binary(cx, BINARY_ADD, sum, item);
        }
    }
    if (IS_ERROR(item) || IS_ERROR(sum)) {
        return VALUE_ERROR;
    }
    return item == VALUE_STOP ? sum : sum_values(cx, iterator, sum, &item);
}

/* min and max */

/* Is a better than the best so far? 1, 0, -1 */
static int is_better(Context *cx, Value a, Value best, bool is_max) {
    if (LIKELY(BOTH_INT(a, best))) {
        return is_max ? value_to_int(a) > value_to_int(best)
                      : value_to_int(a) < value_to_int(best);
    }
    if (!is_max) {
        return value_less(cx, a, best);
    }
    const Value is_greater = value_compare(cx, COMPARE_GT, a, best);
    return IS_ERROR(is_greater) ? -1 : value_is_true(cx, is_greater);
}

/* The items are args, or what the only one of them gives. VALUE_UNSET: there are none. */
static Value extreme_item(Context *cx, const Value *args, int n_args, Value key,
                          bool is_max) {
    const Value iterator = n_args == 1 ? value_iter(cx, args[0]) : VALUE_UNSET;
    Value best = VALUE_UNSET;
    Value best_key = VALUE_UNSET;
    if (IS_ERROR(iterator)) {
        return VALUE_ERROR;
    }
    for (int i = 0;; i++) {
        const Value item = n_args == 1  ? iter_step(cx, iterator)
                           : i < n_args ? args[i]
                                        : VALUE_STOP;
        if (item == VALUE_STOP) {
            return best;
        }
        const Value item_key =
            IS_ERROR(item) || IS_NONE(key) ? item : call_value(cx, key, &item, 1);
        if (IS_ERROR(item_key)) {
            return VALUE_ERROR;
        }
        const int better = IS_UNSET(best) ? 1 : is_better(cx, item_key, best_key, is_max);
        if (better < 0) {
            return VALUE_ERROR;
        }
        if (better) {
            best = item;
            best_key = item_key;
        }
    }
}

static Value extreme(Context *cx, const char *name, Value *args, int n_args,
                     bool is_max) {
    const Value key = IS_UNSET(args[-1]) ? VALUE_NONE : args[-1];
    const Value default_value = args[-2];
    if (n_args > 1 && !IS_UNSET(default_value)) {
        return exc_raise(
            cx, EXC_TypeError,
            "Cannot specify a default for %s() with multiple positional arguments", name);
    }
    const Value best = extreme_item(cx, args, n_args, key, is_max);
    if (!IS_UNSET(best)) {
        return best;
    }
    return IS_UNSET(default_value)
               ? exc_raise(cx, EXC_ValueError, "%s() iterable argument is empty", name)
               : default_value;
}

NATIVE(builtin_min, "min(arg, /, *args, key=None, default=None)",
       "Return the smallest of several values or of the items of one iterable.") {
    return extreme(cx, "min", args, n_args, false);
}

NATIVE(builtin_max, "max(arg, /, *args, key=None, default=None)",
       "Return the largest of several values or of the items of one iterable.") {
    return extreme(cx, "max", args, n_args, true);
}

NATIVE(builtin_sorted, "sorted(iterable, /, *, key=None, reverse=False)",
       "Return a list of the items of an iterable in ascending order.") {
    bool is_reverse = false;
    const Value list = list_from_iterable(cx, args[0]);
    if (IS_ERROR(list) || !arg_bool(cx, args[2], false, &is_reverse)) {
        return VALUE_ERROR;
    }
    const Value key = IS_UNSET(args[1]) ? VALUE_NONE : args[1];
    return list_sort(cx, AS_LIST(list), key, is_reverse) ? list : VALUE_ERROR;
}

const NativeDef builtins_iterate[] = {
    NATIVE_ENTRY(builtin_all),    NATIVE_ENTRY(builtin_any), NATIVE_ENTRY(builtin_iter),
    NATIVE_ENTRY(builtin_max),    NATIVE_ENTRY(builtin_min), NATIVE_ENTRY(builtin_next),
    NATIVE_ENTRY_FLAGS(builtin_sorted, NATIVE_LIKE_SORT), NATIVE_ENTRY(builtin_sum), {0},
};
