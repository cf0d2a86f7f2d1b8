/* quick_order.c - comparison that runs no script code. */

#include "runtime/objects/quick_order.h"

#include "runtime/objects/tuple.h"

/* Tuples that are nested deeper are left to value_compare, which counts its depth. */
enum { MAX_DEPTH = 4 };

static QuickOrder order_of_numbers(double x, double y) {
    return x < y ? ORDER_LESS : x > y ? ORDER_MORE : x == y ? ORDER_EQUAL : ORDER_NONE;
}

static QuickOrder order_of_sizes(size_t m, size_t n) {
    return m < n ? ORDER_LESS : m > n ? ORDER_MORE : ORDER_EQUAL;
}

static QuickOrder order_of_strings(const ObjStr *a, const ObjStr *b) {
    const int order = str_compare(a, b);
    return order < 0 ? ORDER_LESS : order > 0 ? ORDER_MORE : ORDER_EQUAL;
}

/* As Python compares them: by the first pair that is neither the same object nor equal. */
static QuickOrder order_of_tuples(const ObjTuple *a, const ObjTuple *b, int depth) {
    for (size_t i = 0; i < a->n && i < b->n; i++) {
        const QuickOrder order = a->items[i] == b->items[i]
                                     ? ORDER_EQUAL
                                     : quick_order_slow(a->items[i], b->items[i], depth);
        if (order != ORDER_EQUAL) {
            return order;
        }
    }
    return order_of_sizes(a->n, b->n);
}

static bool is_number(Value v) {
    return IS_INT(v) || IS_FLOAT(v);
}

/* An int of a word has too few bits to be rounded. */
static double number_of(Value v) {
    return IS_INT(v) ? (double)value_to_int(v) : value_to_double(v);
}

QuickOrder quick_order_slow(Value a, Value b, int depth) {
    if (is_number(a) && is_number(b)) {
        return order_of_numbers(number_of(a), number_of(b));
    }
    if (!IS_OBJ(a) || !IS_OBJ(b)) {
        return ORDER_UNKNOWN;
    }
    if (IS_EXACT(a, KIND_STR) && IS_EXACT(b, KIND_STR)) {
        return order_of_strings(AS_STR(a), AS_STR(b));
    }
    if (IS_EXACT(a, KIND_TUPLE) && IS_EXACT(b, KIND_TUPLE) && depth < MAX_DEPTH) {
        return order_of_tuples(AS_TUPLE(a), AS_TUPLE(b), depth + 1);
    }
    return ORDER_UNKNOWN;
}
