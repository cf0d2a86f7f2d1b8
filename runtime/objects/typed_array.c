/* typed_array.c - array.array: the type. See typed_array.h; typed_array_methods.c for conversions. */

#include "runtime/objects/typed_array.h"

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/float.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/range.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/typed_array_internal.h"

/* Items */

Value typed_array_load(Context *cx, const ObjTypedArray *a, const char *item) {
    if (a->type.code != 'w') {
        return item_load(cx, &a->type, item);
    }
    uint32_t c;
    memcpy(&c, item, sizeof c);
    if (c > UTF8_MAX_CODE_POINT) {
        return exc_raise(cx, EXC_ValueError,
                         "character U+%x is not in range [U+0000; U+10ffff]",
                         (unsigned)c);
    }
    ObjStr *s = str_from_char(cx, c);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

/* What CPython calls the type: it converts to a C type first, which may be a wider one, and then looks at the range. */
static const char *range_name(char code, int64_t i) {
    switch (code) {
    case 'b': return i == (int16_t)i ? "signed char" : "signed short integer";
    case 'B': return "unsigned byte integer";
    case 'h': return "signed short integer";
    case 'H': return i == (int32_t)i ? "unsigned short" : "signed integer";
    default: return "signed integer";
    }
}

static void raise_misfit(Context *cx, char code, Value v, ItemFit fit) {
    const bool is_small = fit == ITEM_TOO_SMALL;
    int64_t i;
    if (strchr("bBhHi", code) != NULL && int_to_i64(v, &i)) {
        exc_raise(cx, EXC_OverflowError, "%s is %s", range_name(code, i),
                  is_small ? "less than minimum" : "greater than maximum");
        return;
    }
    const char *text = "Python int too large to convert to C long";
    if (code == 'I' && !is_small && int_to_i64(v, &i)) {
        text = "unsigned int is greater than maximum";
    } else if (code == 'I' || code == 'L') {
        text = is_small ? "can't convert negative value to unsigned int"
                        : "Python int too large to convert to C unsigned long";
    } else if (code == 'q' || code == 'Q') {
        text = code == 'Q' && is_small ? "can't convert negative int to unsigned"
                                       : "int too big to convert";
    }
    exc_raise(cx, EXC_OverflowError, "%s", text);
}

bool typed_array_to_item(Context *cx, const ObjTypedArray *a, Value v, char *item) {
    if (a->type.code == 'w') {
        if (!IS_STR(v) || AS_STR(v)->n_chars != 1) {
            exc_raise(cx, EXC_TypeError, "array item must be unicode character");
            return false;
        }
        const uint32_t c = str_char_at(AS_STR(v), 0);
        memcpy(item, &c, sizeof c);
        return true;
    }
    if (item_is_float(&a->type)) {
        double d;
        if (!float_arg(cx, v, &d)) {
            return false;
        }
        item_store_double(&a->type, d, item);
        return true;
    }
    const Value number = IS_INT(v) ? v : int_index(cx, v);
    if (IS_ERROR(number)) {
        return false;
    }
    const ItemFit fit = item_store_int(&a->type, number, item);
    if (fit != ITEM_FITS) {
        raise_misfit(cx, a->type.code, number, fit);
    }
    return fit == ITEM_FITS;
}

size_t typed_array_length(Context *cx, ObjTypedArray *a) {
    const bool is_locked = objlock_lock(cx, &a->bytes.header);
    const size_t n = a->bytes.n / a->type.n_bytes;
    objlock_unlock(cx, &a->bytes.header, is_locked);
    return n;
}

Value typed_array_peek(Context *cx, ObjTypedArray *a, size_t i) {
    char item[ITEM_MAX_BYTES];
    const size_t n_item = a->type.n_bytes;
    const bool is_locked = objlock_lock(cx, &a->bytes.header);
    const bool is_there = i < a->bytes.n && (i + 1) * n_item <= a->bytes.n;
    if (is_there) {
        memcpy(item, a->bytes.data->bytes + i * n_item, n_item);
    }
    objlock_unlock(cx, &a->bytes.header, is_locked);
    return is_there ? typed_array_load(cx, a, item) : VALUE_UNSET;
}

bool typed_array_append(Context *cx, ObjTypedArray *a, Value v) {
    char item[ITEM_MAX_BYTES];
    return typed_array_to_item(cx, a, v, item) &&
           bytearray_splice(cx, &a->bytes, SIZE_MAX, SIZE_MAX, item, a->type.n_bytes);
}

/* Making */

ObjTypedArray *typed_array_new(Context *cx, ObjType *type, char code) {
    ItemType item = {'w', sizeof(uint32_t), false, false};
    if (code != 'u' && code != 'w' &&
        (strchr("bBhHiIlLqQfd", code) == NULL || !item_native(code, &item))) {
        exc_raise(cx, EXC_ValueError,
                  "bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)");
        return NULL;
    }
    ObjTypedArray *a =
        (ObjTypedArray *)(type == cx->rt->types[KIND_TYPED_ARRAY]
                              ? (Obj *)HEAP_NEW(cx, ObjTypedArray, KIND_TYPED_ARRAY)
                              : instance_new(cx, type));
    if (a != NULL) {
        a->type = item;
        a->code = code;
    }
    return a;
}

ObjTypedArray *typed_array_like(Context *cx, const ObjTypedArray *a,
                                const ObjBytes *bytes) {
    ObjTypedArray *copy =
        bytes == NULL ? NULL
                      : typed_array_new(cx, cx->rt->types[KIND_TYPED_ARRAY], a->code);
    return copy != NULL &&
                   bytearray_splice(cx, &copy->bytes, 0, 0, bytes->data, bytes->n_bytes)
               ? copy
               : NULL;
}

static Value result(ObjTypedArray *a) {
    return a == NULL ? VALUE_ERROR : OBJ_VALUE(a);
}

static Value array_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                             Value kwargs) {
    if (type == cx->rt->types[KIND_TYPED_ARRAY] && construct_has_kwargs(kwargs)) {
        return exc_raise(cx, EXC_TypeError, "array.array() takes no keyword arguments");
    }
    if (n_args < 1 || n_args > 2) {
        return exc_raise(cx, EXC_TypeError, "array() takes at %s argument%s (%d given)",
                         n_args < 1 ? "least 1" : "most 2", n_args < 1 ? "" : "s",
                         n_args);
    }
    if (!IS_STR(args[0]) || AS_STR(args[0])->n_chars != 1) {
        return exc_raise(cx, EXC_TypeError,
                         "array() argument 1 must be a unicode character, not %s",
                         type_name_of(cx, args[0]));
    }
    ObjTypedArray *a = typed_array_new(cx, type, AS_STR(args[0])->data[0]);
    return a != NULL && (n_args < 2 || typed_array_fill(cx, a, args[1])) ? OBJ_VALUE(a)
                                                                         : VALUE_ERROR;
}

/* Operators */

static int64_t array_length(Context *cx, Value v) {
    return (int64_t)typed_array_length(cx, AS_TYPED_ARRAY(v));
}

static bool resolve(Context *cx, Value slice, size_t n, int64_t *start, int64_t *step,
                    int64_t *count) {
    int64_t stop;
    return slice_resolve(cx, slice, (int64_t)n, start, &stop, step, count);
}

static Value get_slice(Context *cx, ObjTypedArray *a, Value slice) {
    const ObjBytes *all = bytearray_snapshot(cx, &a->bytes);
    const size_t n_item = a->type.n_bytes;
    int64_t start;
    int64_t step;
    int64_t n;
    if (all == NULL || !resolve(cx, slice, all->n_bytes / n_item, &start, &step, &n)) {
        return VALUE_ERROR;
    }
    ObjBytes *part = bytes_new(cx, NULL, (size_t)n * n_item);
    for (int64_t i = 0; part != NULL && i < n; i++) {
        memcpy(part->data + (size_t)i * n_item,
               all->data + (size_t)(start + i * step) * n_item, n_item);
    }
    return result(typed_array_like(cx, a, part));
}

static bool index_arg(Context *cx, ObjTypedArray *a, Value key, int64_t *index) {
    if (!seq_is_index(cx, key)) {
        exc_raise(cx, EXC_TypeError, "array indices must be integers");
        return false;
    }
    if (!int_index_i64(cx, key, index, EXC_IndexError)) {
        return false;
    }
    *index += *index < 0 ? (int64_t)typed_array_length(cx, a) : 0;
    return true;
}

static Value array_getitem(Context *cx, Value v, Value key) {
    ObjTypedArray *a = AS_TYPED_ARRAY(v);
    int64_t i;
    if (IS_SLICE(key)) {
        return get_slice(cx, a, key);
    }
    if (!index_arg(cx, a, key, &i)) {
        return VALUE_ERROR;
    }
    const Value item = i < 0 ? VALUE_UNSET : typed_array_peek(cx, a, (size_t)i);
    return IS_UNSET(item) ? exc_raise(cx, EXC_IndexError, "array index out of range")
                          : item;
}

/* The bytes of another array of the same type; NULL: TypeError. refusal has a place for the type's name. */
static ObjBytes *same_kind(Context *cx, const ObjTypedArray *a, Value v,
                           const char *refusal, const char *other_kind) {
    if (!IS_TYPED_ARRAY(v)) {
        ObjStr *text = str_format_c(cx, refusal, type_name_of(cx, v));
        if (text != NULL) {
            exc_raise_value(cx, EXC_TypeError, OBJ_VALUE(text));
        }
        return NULL;
    }
    if (AS_TYPED_ARRAY(v)->code != a->code) {
        exc_raise(cx, EXC_TypeError, "%s", other_kind);
        return NULL;
    }
    return bytearray_snapshot(cx, &AS_TYPED_ARRAY(v)->bytes);
}

static const char bad_kind[] = "bad argument type for built-in operation";

static bool set_slice(Context *cx, ObjTypedArray *a, Value slice, Value value) {
    const ObjBytes *content = NULL;
    const size_t n_item = a->type.n_bytes;
    if (!IS_UNSET(value)) {
        content = same_kind(
            cx, a, value, "can only assign array (not \"%s\") to array slice", bad_kind);
        if (content == NULL) {
            return false;
        }
    }
    bool is_same = false;
    bool is_ok = false;
    while (!is_same) {
        const size_t n = typed_array_length(cx, a);
        int64_t start;
        int64_t step;
        int64_t count;
        if (!resolve(cx, slice, n, &start, &step, &count)) {
            return false;
        }
        if (content != NULL && step != 1 && content->n_bytes != (size_t)count * n_item) {
            exc_raise(
                cx, EXC_ValueError,
                "attempt to assign array of size %zu to extended slice of size %lld",
                content->n_bytes / n_item, (long long)count);
            return false;
        }
        is_ok = bytearray_set_slice(cx, &a->bytes, n_item, n, start, step, count, content,
                                    &is_same);
        if (!is_ok && !IS_UNSET(cx->pending)) {
            return false;
        }
    }
    return is_ok;
}

/* Writes the item at i, which has to be there. */
static bool store(Context *cx, ObjTypedArray *a, int64_t i, const char *item) {
    const size_t n_item = a->type.n_bytes;
    const bool is_locked = objlock_lock(cx, &a->bytes.header);
    const bool is_there = i >= 0 && (size_t)i < a->bytes.n / n_item;
    if (is_there) {
        memcpy(a->bytes.data->bytes + (size_t)i * n_item, item, n_item);
    }
    objlock_unlock(cx, &a->bytes.header, is_locked);
    if (!is_there) {
        exc_raise(cx, EXC_IndexError, "array assignment index out of range");
    }
    return is_there;
}

static bool array_setitem(Context *cx, Value v, Value key, Value value) {
    ObjTypedArray *a = AS_TYPED_ARRAY(v);
    const size_t n_item = a->type.n_bytes;
    char item[ITEM_MAX_BYTES];
    int64_t i;
    if (IS_SLICE(key)) {
        return set_slice(cx, a, key, value);
    }
    if (!index_arg(cx, a, key, &i)) {
        return false;
    }
    if (IS_UNSET(value) && i >= 0 && (size_t)i < typed_array_length(cx, a)) {
        return bytearray_splice(cx, &a->bytes, (size_t)i * n_item,
                                (size_t)(i + 1) * n_item, NULL, 0);
    }
    if (IS_UNSET(value)) {
        exc_raise(cx, EXC_IndexError, "array assignment index out of range");
        return false;
    }
    return typed_array_to_item(cx, a, value, item) && store(cx, a, i, item);
}

static Value repeat(Context *cx, ObjTypedArray *a, Value factor) {
    const ObjBytes *all = bytearray_snapshot(cx, &a->bytes);
    const Value product =
        all == NULL
            ? VALUE_ERROR
            : kind_ops[KIND_BYTES]->binary(cx, BINARY_MUL, OBJ_VALUE(all), factor);
    return IS_OBJ(product) ? result(typed_array_like(cx, a, AS_BYTES(product))) : product;
}

static Value array_binary(Context *cx, BinaryOp op, Value a, Value b) {
    if (op == BINARY_MUL) {
        return IS_TYPED_ARRAY(a) ? repeat(cx, AS_TYPED_ARRAY(a), b)
                                 : repeat(cx, AS_TYPED_ARRAY(b), a);
    }
    if (op != BINARY_ADD || !IS_TYPED_ARRAY(a)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const ObjBytes *more =
        same_kind(cx, AS_TYPED_ARRAY(a), b, "can only append array (not \"%s\") to array",
                  bad_kind);
    ObjTypedArray *sum =
        more == NULL
            ? NULL
            : typed_array_like(cx, AS_TYPED_ARRAY(a),
                               bytearray_snapshot(cx, &AS_TYPED_ARRAY(a)->bytes));
    return sum != NULL && bytearray_splice(cx, &sum->bytes, SIZE_MAX, SIZE_MAX,
                                           more->data, more->n_bytes)
               ? OBJ_VALUE(sum)
               : VALUE_ERROR;
}

bool typed_array_extend(Context *cx, ObjTypedArray *a, Value other) {
    const ObjBytes *more =
        same_kind(cx, a, other, "can only extend array with array (not \"%s\")",
                  "can only extend with array of same kind");
    return more != NULL &&
           bytearray_splice(cx, &a->bytes, SIZE_MAX, SIZE_MAX, more->data, more->n_bytes);
}

static Value array_inplace(Context *cx, BinaryOp op, Value a, Value b) {
    if (op == BINARY_ADD) {
        return typed_array_extend(cx, AS_TYPED_ARRAY(a), b) ? a : VALUE_ERROR;
    }
    if (op != BINARY_MUL) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const Value product = repeat(cx, AS_TYPED_ARRAY(a), b);
    if (!IS_TYPED_ARRAY(product)) {
        return product;
    }
    const ObjByteArray *all = &AS_TYPED_ARRAY(product)->bytes;
    return bytearray_splice(cx, AS_BYTEARRAY(a), 0, SIZE_MAX,
                            all->n == 0 ? "" : all->data->bytes, all->n)
               ? a
               : VALUE_ERROR;
}

/* As lists of their items would compare. */
static Value array_compare(Context *cx, CompareOp op, Value a, Value b) {
    if (!IS_TYPED_ARRAY(a) || !IS_TYPED_ARRAY(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const Value x = typed_array_to_list(cx, AS_TYPED_ARRAY(a));
    const Value y =
        IS_ERROR(x) ? VALUE_ERROR : typed_array_to_list(cx, AS_TYPED_ARRAY(b));
    return IS_ERROR(y) ? VALUE_ERROR : seq_compare(cx, op, x, y);
}

static int array_contains(Context *cx, Value v, Value item) {
    const int64_t i = typed_array_find(cx, AS_TYPED_ARRAY(v), item, 0, SIZE_MAX);
    return i >= 0 ? 1 : i == -1 ? 0 : -1;
}

static Value array_iter(Context *cx, Value v) {
    return seq_iter_new_as(cx, KIND_TYPED_ARRAY_ITER, v);
}

static Value array_repr(Context *cx, Value v) {
    ObjTypedArray *a = AS_TYPED_ARRAY(v);
    const ObjStr *name = type_of(cx, v)->name;
    ObjStr *text;
    if (typed_array_length(cx, a) == 0) {
        text = str_format_c(cx, "%.*s('%c')", (int)name->n_bytes, name->data, a->code);
        return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    }
    const Value content =
        a->type.code == 'w' ? typed_array_to_str(cx, a) : typed_array_to_list(cx, a);
    const Value items = IS_ERROR(content) ? VALUE_ERROR : value_repr(cx, content);
    if (IS_ERROR(items)) {
        return VALUE_ERROR;
    }
    text = str_format_c(cx, "%.*s('%c', %.*s)", (int)name->n_bytes, name->data, a->code,
                        (int)AS_STR(items)->n_bytes, AS_STR(items)->data);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static void array_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjByteArray *)o)->data);
    instance_trace_derived(m, o);
}

const KindOps kind_ops_ObjTypedArray = {
    .trace = array_trace,
    .repr = array_repr,
    .compare = array_compare,
    .binary = array_binary,
    .inplace = array_inplace,
    .length = array_length,
    .getitem = array_getitem,
    .setitem = array_setitem,
    .contains = array_contains,
    .iter = array_iter,
    .construct = array_construct,
    .methods = typed_array_methods,
    .getsets = typed_array_getsets,
    .doc = "array(typecode [, initializer]) -> array\n\nNumbers of one machine type, or "
           "characters, one behind the other.",
};
