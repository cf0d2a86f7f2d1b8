/* quick_equals.c - comparison of keys that runs no script code. */

#include "runtime/objects/quick_equals.h"

#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"

enum {
    MAX_DEPTH = 3
}; /* of tuples in tuples; the recursion needs no check of the C stack then */

static bool to_number(Value v, double *number) {
    if (IS_INT(v)) {
        *number = (double)value_to_int(v);
    } else if (IS_FLOAT(v)) {
        *number = value_to_double(v);
    } else if (IS_BOOL(v)) {
        *number = v == VALUE_TRUE;
    } else {
        return false;
    }
    return true;
}

static int nested_equals(Value a, Value b, int depth);

static int tuple_equals(const ObjTuple *a, const ObjTuple *b, int depth) {
    if (a->n != b->n || depth == 0) {
        return a->n != b->n ? 0 : -1;
    }
    for (size_t i = 0; i < a->n; i++) {
        const int is_equal = nested_equals(a->items[i], b->items[i], depth - 1);
        if (is_equal <= 0) {
            return is_equal;
        }
    }
    return 1;
}

static int nested_equals(Value a, Value b, int depth) {
    if (a == b) {
        return 1;
    }
    if (!IS_OBJ(a) && !IS_OBJ(b)) {
        double x = 0;
        double y = 0;
        return to_number(a, &x) && to_number(b, &y) && x == y;
    }
    if (IS_EXACT(a, KIND_STR) && IS_EXACT(b, KIND_STR)) {
        return str_equals(AS_STR(a), AS_STR(b));
    }
    if (IS_EXACT(a, KIND_TUPLE) && IS_EXACT(b, KIND_TUPLE)) {
        return tuple_equals(AS_TUPLE(a), AS_TUPLE(b), depth);
    }
    const bool is_a_plain =
        !IS_OBJ(a) || IS_EXACT(a, KIND_STR) || IS_EXACT(a, KIND_TUPLE);
    const bool is_b_plain =
        !IS_OBJ(b) || IS_EXACT(b, KIND_STR) || IS_EXACT(b, KIND_TUPLE);
    return is_a_plain && is_b_plain ? 0 : -1;
}

int quick_equals_slow(Value a, Value b) {
    return nested_equals(a, b, MAX_DEPTH);
}
