/* abstract_ops.c - operators on any two values: arithmetic, comparison, truth, hash.
 *
 * Exact built-in kinds go to KindOps at once. Where a class of the script has a special
 * method, Python's order holds: the right operand's reflected method first if its class
 * derives from the left one's, then the left operand's method, then the reflected one if
 * the classes differ. */

#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"
#include "runtime/objects/seq.h"

static const char *const symbols[BINARY_COUNT] = {
    "+", "-", "*", "/", "//", "%", "** or pow()", "<<", ">>", "&", "|", "^", "@",
};

static const char *const inplace_symbols[BINARY_COUNT] = {
    "+=", "-=", "*=", "/=", "//=", "%=", "**=", "<<=", ">>=", "&=", "|=", "^=", "@=",
};

static Value raise_unsupported(Context *cx, BinaryOp op, const char *symbol, Value a,
                               Value b) {
    const Value raised = seq_raise_unsupported(cx, op, symbol == inplace_symbols[op], a, b);
    if (!IS_UNSET(raised)) {
        return raised;
    }
    /* What Python 2 called print >> file. */
    const bool is_old_print = symbol == symbols[BINARY_RSHIFT] && IS_NATIVE(a) &&
                              strncmp(AS_NATIVE(a)->def->signature, "print(", 6) == 0;
    return exc_raise(cx, EXC_TypeError, "unsupported operand type(s) for %s: '%s' and '%s'%s", symbol,
                     type_name_of(cx, a), type_name_of(cx, b),
                     is_old_print ? ". Did you mean \"print(<message>, file=<output_stream>)\"?" : "");
}

/* Arithmetic */

static Value builtin_binary(Context *cx, BinaryOp op, ObjKind kind, Value a, Value b) {
    const KindOps *ops = kind_ops[kind];
    return ops->binary == NULL ? VALUE_NOT_IMPLEMENTED : ops->binary(cx, op, a, b);
}

/* One operand's side: its class's special method (None forbids the operator: it is no callable object), or what its kind
 * can do. */
static Value try_left(Context *cx, BinaryOp op, Value method, Value a, Value b) {
    if (!IS_UNSET(method)) {
        return call_method(cx, method, a, &b, 1);
    }
    return builtin_binary(cx, op, value_kind(a), a, b);
}

static Value try_right(Context *cx, BinaryOp op, Value method, Value a, Value b) {
    if (!IS_UNSET(method)) {
        return call_method(cx, method, b, &a, 1);
    }
    return builtin_binary(cx, op, value_kind(b), a, b);
}

/* At least one of the classes defines the operator in the language. */
static Value binary_by_methods(Context *cx, BinaryOp op, Value a, Value b) {
    const ObjType *type_a = type_of(cx, a);
    const ObjType *type_b = type_of(cx, b);
    const Value left = type_special(type_a, (SpecialId)(SPECIAL_add + op));
    const Value right = type_special(type_b, (SpecialId)(SPECIAL_radd + op));
    const Value right_in_a = type_special(type_a, (SpecialId)(SPECIAL_radd + op));
    const bool right_goes_first = type_a != type_b && !IS_UNSET(right) &&
                                  right != right_in_a && type_is_subtype(type_b, type_a);
    if (right_goes_first) {
        const Value result = try_right(cx, op, right, a, b);
        if (result != VALUE_NOT_IMPLEMENTED) {
            return result;
        }
    }
    Value result = try_left(cx, op, left, a, b);
    if (result == VALUE_NOT_IMPLEMENTED && type_a != type_b && !right_goes_first) {
        result = try_right(cx, op, right, a, b);
    }
    return result;
}

static Value binary_or_not_implemented(Context *cx, BinaryOp op, Value a, Value b) {
    const bool has_methods =
        !IS_UNSET(type_special(type_of(cx, a), (SpecialId)(SPECIAL_add + op))) ||
        !IS_UNSET(type_special(type_of(cx, b), (SpecialId)(SPECIAL_radd + op)));
    if (UNLIKELY(has_methods)) {
        return binary_by_methods(cx, op, a, b);
    }
    const ObjKind kind_a = value_kind(a);
    const ObjKind kind_b = value_kind(b);
    const Value result = builtin_binary(cx, op, kind_a, a, b);
    if (result == VALUE_NOT_IMPLEMENTED && kind_b != kind_a) {
        return builtin_binary(cx, op, kind_b, a, b);
    }
    return result;
}

Value value_binary(Context *cx, BinaryOp op, Value a, Value b) {
    const Value result = binary_or_not_implemented(cx, op, a, b);
    return LIKELY(result != VALUE_NOT_IMPLEMENTED)
               ? result
               : raise_unsupported(cx, op, symbols[op], a, b);
}

Value value_inplace(Context *cx, BinaryOp op, Value a, Value b) {
    const Value method = type_special(type_of(cx, a), (SpecialId)(SPECIAL_iadd + op));
    Value result = VALUE_NOT_IMPLEMENTED;
    if (UNLIKELY(!IS_UNSET(method))) {
        result = call_method(cx, method, a, &b, 1);
    } else {
        const KindOps *ops = kind_ops[value_kind(a)];
        if (ops->inplace != NULL) {
            result = ops->inplace(cx, op, a, b);
        }
    }
    if (result == VALUE_NOT_IMPLEMENTED) {
        result = op == BINARY_MUL && seq_is_not_asked(cx, a, b) ? builtin_binary(cx, op, value_kind(a), a, b)
                                                                : binary_or_not_implemented(cx, op, a, b);
    }
    return LIKELY(result != VALUE_NOT_IMPLEMENTED)
               ? result
               : raise_unsupported(cx, op, inplace_symbols[op], a, b);
}

Value value_unary(Context *cx, UnaryOp op, Value v) {
    static const char *const operators[] = {"unary -", "unary +", "unary ~", "abs()"};
    const Value method = type_special(type_of(cx, v), (SpecialId)(SPECIAL_neg + op));
    if (UNLIKELY(!IS_UNSET(method))) {
        return call_method(cx, method, v, NULL, 0);
    }
    const KindOps *ops = kind_ops[value_kind(v)];
    const Value result =
        ops->unary == NULL ? VALUE_NOT_IMPLEMENTED : ops->unary(cx, op, v);
    if (LIKELY(result != VALUE_NOT_IMPLEMENTED)) {
        return result;
    }
    return exc_raise(cx, EXC_TypeError, "bad operand type for %s: '%s'", operators[op],
                     type_name_of(cx, v));
}

/* Comparison */

static const CompareOp swapped[] = {
    [COMPARE_LT] = COMPARE_GT, [COMPARE_LE] = COMPARE_GE, [COMPARE_EQ] = COMPARE_EQ,
    [COMPARE_NE] = COMPARE_NE, [COMPARE_GT] = COMPARE_LT, [COMPARE_GE] = COMPARE_LE,
};

/* A class that defines == and not != answers the latter with the opposite, unless its
 * layout compares by itself. */
static Value not_equal_by_eq(Context *cx, Value eq, Value a, Value b) {
    const Value equal = call_method(cx, eq, a, &b, 1);
    if (IS_ERROR(equal) || equal == VALUE_NOT_IMPLEMENTED) {
        return equal;
    }
    const int is_true = value_is_true(cx, equal);
    return is_true < 0 ? VALUE_ERROR : BOOL_VALUE(!is_true);
}

static Value compare_one_side(Context *cx, CompareOp op, Value a, Value b) {
    const ObjType *type = type_of(cx, a);
    const Value method = type_special(type, (SpecialId)(SPECIAL_lt + op));
    if (!IS_UNSET(method)) {
        return call_method(cx, method, a, &b, 1);
    }
    const KindOps *ops = kind_ops[value_kind(a)];
    if (ops->compare != NULL) {
        return ops->compare(cx, op, a, b);
    }
    if (op == COMPARE_NE) {
        const Value eq = type_special(type, SPECIAL_eq);
        if (!IS_UNSET(eq)) {
            return not_equal_by_eq(cx, eq, a, b);
        }
    }
    return VALUE_NOT_IMPLEMENTED;
}

static Value compare_failed(Context *cx, CompareOp op, Value a, Value b) {
    static const char *const operators[] = {"<", "<=", "==", "!=", ">", ">="};
    switch (op) {
    case COMPARE_EQ: return BOOL_VALUE(a == b);
    case COMPARE_NE: return BOOL_VALUE(a != b);
    default:
        return exc_raise(cx, EXC_TypeError,
                         "'%s' not supported between instances of '%s' and '%s'",
                         operators[op], type_name_of(cx, a), type_name_of(cx, b));
    }
}

Value value_compare(Context *cx, CompareOp op, Value a, Value b) {
    if (UNLIKELY(context_c_stack_is_short(cx))) {
        return exc_raise_recursion_in(cx, "in comparison");
    }
    const ObjType *type_a = type_of(cx, a);
    const ObjType *type_b = type_of(cx, b);
    const bool right_goes_first =
        type_a != type_b && type_is_subtype(type_b, type_a) &&
        !IS_UNSET(type_special(type_b, (SpecialId)(SPECIAL_lt + swapped[op])));
    if (UNLIKELY(right_goes_first)) {
        const Value result = compare_one_side(cx, swapped[op], b, a);
        if (result != VALUE_NOT_IMPLEMENTED) {
            return result;
        }
    }
    Value result = compare_one_side(cx, op, a, b);
    if (result == VALUE_NOT_IMPLEMENTED && !right_goes_first) {
        result = compare_one_side(cx, swapped[op], b, a);
    }
    return LIKELY(result != VALUE_NOT_IMPLEMENTED) ? result
                                                   : compare_failed(cx, op, a, b);
}

static int as_truth(Context *cx, Value v) {
    return IS_ERROR(v) ? -1 : value_is_true(cx, v);
}

int value_equals(Context *cx, Value a, Value b) {
    if (a == b) {
        return 1;
    }
    if (BOTH_INT(a, b)) {
        return 0;
    }
    if (IS_EXACT(a, KIND_STR) && IS_EXACT(b, KIND_STR)) {
        return str_equals(AS_STR(a), AS_STR(b));
    }
    return as_truth(cx, value_compare(cx, COMPARE_EQ, a, b));
}

int value_less(Context *cx, Value a, Value b) {
    if (BOTH_INT(a, b)) {
        return value_to_int(a) < value_to_int(b);
    }
    return as_truth(cx, value_compare(cx, COMPARE_LT, a, b));
}

/* Truth */

static int truth_by_method(Context *cx, Value method, Value v) {
    const Value result = call_method(cx, method, v, NULL, 0);
    if (IS_ERROR(result) || IS_BOOL(result)) {
        return IS_ERROR(result) ? -1 : result == VALUE_TRUE;
    }
    exc_raise(cx, EXC_TypeError, "__bool__ should return bool, returned %s",
              type_name_of(cx, result));
    return -1;
}

int value_is_true_slow(Context *cx, Value v) {
    if (!IS_OBJ(v)) {
        if (IS_INT(v)) {
            return v != value_from_int(0);
        }
        if (UNLIKELY(v == VALUE_NOT_IMPLEMENTED)) {
            return kind_ops[KIND_NOT_IMPLEMENTED]->is_true(cx, v);
        }
        return IS_FLOAT(v) ? value_to_double(v) != 0 : v == VALUE_TRUE || v == VALUE_ELLIPSIS;
    }
    const ObjType *type = type_of(cx, v);
    const Value method = type_special(type, SPECIAL_bool);
    if (!IS_UNSET(method)) {
        return truth_by_method(cx, method, v);
    }
    const KindOps *ops = kind_ops[AS_OBJ(v)->kind];
    const bool has_len = !IS_UNSET(type_special(type, SPECIAL_len));
    /* A number has a __bool__, which comes before the __len__ of a class derived from it. */
    if (ops->is_true != NULL && (!has_len || ops->length == NULL)) {
        return ops->is_true(cx, v);
    }
    if (has_len || ops->length != NULL) {
        const int64_t n = has_len ? value_length(cx, v) : ops->length(cx, v);
        return n < 0 ? -1 : n > 0;
    }
    return 1;
}

/* Hash */

static bool raise_unhashable(Context *cx, Value v) {
    exc_raise(cx, EXC_TypeError, "unhashable type: '%s'", type_name_of(cx, v));
    return false;
}

static bool hash_by_method(Context *cx, Value method, Value v, uint64_t *hash) {
    const Value result = call_method(cx, method, v, NULL, 0);
    if (IS_ERROR(result)) {
        return false;
    }
    if (!IS_INT_LIKE(result)) {
        exc_raise(cx, EXC_TypeError, "__hash__ method should return an integer");
        return false;
    }
    /* A result that fits is taken as it is, so that hash(hash(x)) of a text is its hash. */
    int64_t small;
    *hash = !int_to_i64(result, &small) ? int_hash(result) : small == -1 ? (uint64_t)-2 : (uint64_t)small;
    return true;
}

bool value_hash_by_identity(Context *cx, Value v, uint64_t *hash) {
    (void)cx;
    *hash = v >> 4;
    return true;
}

bool value_hash(Context *cx, Value v, uint64_t *hash) {
    const ObjType *type = type_of(cx, v);
    const Value method = type_special(type, SPECIAL_hash);
    if (UNLIKELY(!IS_UNSET(method))) {
        return IS_NONE(method) ? raise_unhashable(cx, v)
                               : hash_by_method(cx, method, v, hash);
    }
    const KindOps *ops = kind_ops[value_kind(v)];
    if (ops->hash != NULL) {
        return ops->hash(cx, v, hash);
    }
    if (ops->compare != NULL) {
        return raise_unhashable(cx, v);
    }
    return value_hash_by_identity(cx, v, hash);
}

bool value_is_hashable_kind(Value v) {
    const KindOps *ops = kind_ops[value_kind(v)];
    return ops->hash != NULL || ops->compare == NULL;
}
