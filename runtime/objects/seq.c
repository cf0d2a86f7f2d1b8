/* seq.c - what list and tuple have in common. */

#include "runtime/objects/seq.h"

#include "runtime/base/buf.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str_build.h"

bool seq_is_index(Context *cx, Value v) {
    return IS_INT_LIKE(v) || !IS_UNSET(type_special(type_of(cx, v), SPECIAL_index));
}

bool seq_index(Context *cx, Value key, const char *type_name, int64_t *index) {
    if (LIKELY(IS_INT(key))) {
        *index = value_to_int(key);
        return true;
    }
    if (!seq_is_index(cx, key)) {
        exc_raise(cx, EXC_TypeError, "%s indices must be integers or slices, not %s",
                  type_name, type_name_of(cx, key));
        return false;
    }
    return int_index_i64(cx, key, index, EXC_IndexError);
}

int seq_repeat_count(Context *cx, Value v, int64_t *count) {
    if (LIKELY(IS_INT(v))) {
        *count = value_to_int(v);
    } else if (!seq_is_index(cx, v)) {
        return 0;
    } else if (!int_index_i64(cx, v, count, EXC_OverflowError)) {
        return -1;
    }
    if (*count < 0) {
        *count = 0;
    }
    return 1;
}

/* A script class on the other side is asked before the error is raised. */
static bool may_know_better(Context *cx, Value other, SpecialId reflected) {
    return IS_OBJ(other) && obj_shape(AS_OBJ(other)) >= KIND_COUNT &&
           !IS_UNSET(type_special(type_of(cx, other), reflected));
}

Value seq_refuse_add(Context *cx, const char *type_name, Value other) {
    if (may_know_better(cx, other, SPECIAL_radd)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return exc_raise(cx, EXC_TypeError, "can only concatenate %s (not \"%s\") to %s",
                     type_name, type_name_of(cx, other), type_name);
}

Value seq_refuse_mul(Context *cx, Value other) {
    if (may_know_better(cx, other, SPECIAL_rmul) ||
        may_know_better(cx, other, SPECIAL_mul)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return exc_raise(cx, EXC_TypeError, "can't multiply sequence by non-int of type '%s'",
                     type_name_of(cx, other));
}

/* Is v a sequence whose class left the operation (id, or the reflected form) alone? */
static bool is_sequence(Context *cx, Value v, SpecialId id, SpecialId reflected) {
    const bool has_layout = IS_KIND(v, KIND_STR) || IS_KIND(v, KIND_LIST) ||
                            IS_KIND(v, KIND_TUPLE) || IS_KIND(v, KIND_BYTES) ||
                            IS_KIND(v, KIND_BYTEARRAY);
    return has_layout && IS_UNSET(type_special(type_of(cx, v), id)) &&
           IS_UNSET(type_special(type_of(cx, v), reflected));
}

/* What `a *= b` does not leave to the sequence b: an a that has a length or items itself. */
static bool is_container(Value a) {
    const KindOps *ops = kind_ops[value_kind(a)];
    return IS_OBJ(a) && (obj_shape(AS_OBJ(a)) >= KIND_COUNT || ops->length != NULL || ops->getitem != NULL);
}

bool seq_is_not_asked(Context *cx, Value a, Value b) {
    return is_container(a) && IS_UNSET(type_special(type_of(cx, a), SPECIAL_mul)) &&
           is_sequence(cx, b, SPECIAL_mul, SPECIAL_rmul);
}

Value seq_raise_unsupported(Context *cx, BinaryOp op, bool is_inplace, Value a, Value b) {
    const bool is_a_repeated = op == BINARY_MUL && is_sequence(cx, a, SPECIAL_mul, SPECIAL_rmul);
    if (is_a_repeated ||
        (op == BINARY_MUL && !(is_inplace && is_container(a)) && is_sequence(cx, b, SPECIAL_mul, SPECIAL_rmul))) {
        return exc_raise(cx, EXC_TypeError,
                         "can't multiply sequence by non-int of type '%s'",
                         type_name_of(cx, is_a_repeated ? b : a));
    }
    if (op != BINARY_ADD || !is_sequence(cx, a, SPECIAL_add, SPECIAL_add)) {
        return VALUE_UNSET;
    }
    const char *name = kind_type_names[AS_OBJ(a)->kind];
    if (IS_KIND(a, KIND_BYTES) || IS_KIND(a, KIND_BYTEARRAY)) {
        return exc_raise(cx, EXC_TypeError, "can't concat %s to %s", type_name_of(cx, b),
                         name);
    }
    return exc_raise(cx, EXC_TypeError, "can only concatenate %s (not \"%s\") to %s", name,
                     type_name_of(cx, b), name);
}

bool seq_bound(Context *cx, Value v, size_t n, size_t default_index, size_t *index) {
    if (IS_UNSET(v)) {
        *index = default_index;
        return true;
    }
    int64_t i = 0;
    if (!seq_is_index(cx, v)) {
        exc_raise(cx, EXC_TypeError,
                  "slice indices must be integers or have an __index__ method");
        return false;
    }
    if (!int_index_clamped(cx, v, &i)) {
        return false;
    }
    if (i < 0) {
        i = i < -(int64_t)n ? 0 : i + (int64_t)n;
    }
    *index = (size_t)i < n ? (size_t)i : n;
    return true;
}

static Value compare_lengths(CompareOp op, size_t a, size_t b) {
    switch (op) {
    case COMPARE_LT: return BOOL_VALUE(a < b);
    case COMPARE_LE: return BOOL_VALUE(a <= b);
    case COMPARE_EQ: return BOOL_VALUE(a == b);
    case COMPARE_NE: return BOOL_VALUE(a != b);
    case COMPARE_GT: return BOOL_VALUE(a > b);
    case COMPARE_GE: return BOOL_VALUE(a >= b);
    }
    return VALUE_NOT_IMPLEMENTED;
}

Value seq_compare(Context *cx, CompareOp op, Value a, Value b) {
    if (!IS_OBJ(a) || !IS_OBJ(b) || AS_OBJ(a)->kind != AS_OBJ(b)->kind) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const bool is_equality = op == COMPARE_EQ || op == COMPARE_NE;
    if (is_equality && seq_length(a) != seq_length(b)) {
        return BOOL_VALUE(op == COMPARE_NE);
    }
    if (!exc_check_c_stack(cx)) {
        return VALUE_ERROR;
    }
    for (size_t i = 0;; i++) {
        const Value x = seq_peek(a, i);
        const Value y = seq_peek(b, i);
        if (IS_UNSET(x) || IS_UNSET(y)) {
            return compare_lengths(op, seq_length(a), seq_length(b));
        }
        const int is_equal = seq_item_equals(cx, x, y);
        if (is_equal < 0) {
            return VALUE_ERROR;
        }
        if (!is_equal) {
            return is_equality ? BOOL_VALUE(op == COMPARE_NE)
                               : value_compare(cx, op, x, y);
        }
    }
}

int64_t seq_find_item(Context *cx, Value v, Value item, size_t from, size_t to,
                      Value *found) {
    for (size_t i = from; i < to; i++) {
        const Value x = seq_peek(v, i);
        if (IS_UNSET(x)) {
            break;
        }
        const int is_equal = seq_item_equals(cx, x, item);
        if (is_equal != 0) {
            *found = x;
            return is_equal > 0 ? (int64_t)i : -2;
        }
    }
    return -1;
}

int64_t seq_find(Context *cx, Value v, Value item, size_t from, size_t to) {
    Value found;
    return seq_find_item(cx, v, item, from, to, &found);
}

int64_t seq_count(Context *cx, Value v, Value item) {
    int64_t count = 0;
    for (size_t i = 0;; i++) {
        const Value x = seq_peek(v, i);
        if (IS_UNSET(x)) {
            return count;
        }
        const int is_equal = seq_item_equals(cx, x, item);
        if (is_equal < 0) {
            return -1;
        }
        count += is_equal;
    }
}

int seq_contains(Context *cx, Value v, Value item) {
    const int64_t i = seq_find(cx, v, item, 0, SIZE_MAX);
    return i >= 0 ? 1 : i == -1 ? 0 : -1;
}

static bool repr_items(Context *cx, Value v, Buf *out) {
    for (size_t i = 0;; i++) {
        const Value item = seq_peek(v, i);
        if (IS_UNSET(item)) {
            return true;
        }
        if (i > 0) {
            buf_add_text(out, ", ");
        }
        if (!str_build_add_repr(cx, out, item)) {
            return false;
        }
    }
}

Value seq_repr(Context *cx, Value v) {
    const bool is_list = AS_OBJ(v)->kind == KIND_LIST;
    if (seq_length(v) == 0) {
        ObjStr *text = str_from_c(cx, is_list ? "[]" : "()");
        return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    }
    const int is_inside = value_repr_enter(cx, v);
    if (is_inside != 0) {
        ObjStr *text = is_inside < 0 ? NULL : str_from_c(cx, is_list ? "[...]" : "(...)");
        return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    }
    Buf out = {0};
    buf_add_byte(&out, is_list ? '[' : '(');
    const bool is_done = repr_items(cx, v, &out);
    value_repr_leave(cx, v);
    if (!is_done) {
        buf_free(&out);
        return VALUE_ERROR;
    }
    buf_add_text(&out, is_list ? "]" : seq_length(v) == 1 ? ",)" : ")");
    ObjStr *text = str_from_buf(cx, &out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

ObjArray *seq_copy_items(Context *cx, const Value *items, size_t n) {
    ObjArray *array = array_new(cx, n);
    if (array != NULL && n > 0) {
        memcpy(array->items, items, n * sizeof(Value));
    }
    return array;
}
