/* bytes.c - bytes: the type, its construction, its items.
 *
 * See also: bytes_methods.c, text_ops.h, codec.h. */

#include "runtime/objects/bytes.h"

#include "runtime/base/buf.h"
#include "runtime/base/hash.h"
#include "runtime/base/search.h"
#include "runtime/call.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/bytearray.h"
#include "runtime/objects/bytes_methods.h"
#include "runtime/objects/codec.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter_state.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/range.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/str_format.h"
#include "runtime/objects/text_ops.h"

ObjBytes *bytes_new(Context *cx, const char *text, size_t n_bytes) {
    if (n_bytes == 0 && !IS_UNSET(cx->rt->empty_bytes)) {
        return AS_BYTES(cx->rt->empty_bytes);
    }
    if (n_bytes > PTRDIFF_MAX / 2) {
        exc_raise_no_memory(cx);
        return NULL;
    }
    ObjBytes *bytes = (ObjBytes *)heap_alloc(cx, sizeof(ObjBytes) + n_bytes + 1,
                                             KIND_BYTES, KIND_BYTES);
    if (bytes != NULL) {
        bytes->n_bytes = n_bytes;
        if (text != NULL) {
            memcpy(bytes->data, text, n_bytes);
        }
    }
    return bytes;
}

static Value result(ObjBytes *bytes) {
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

ObjBytes *bytes_arg(Context *cx, Value v) {
    const Value bytes = byte_view_to_bytes(cx, v);
    if (IS_BYTES(bytes)) {
        return AS_BYTES(bytes);
    }
    if (!IS_ERROR(bytes)) {
        exc_raise(cx, EXC_TypeError, "a bytes-like object is required, not '%s'",
                  type_name_of(cx, v));
    }
    return NULL;
}

int bytes_byte_arg(Context *cx, Value v, const char *what) {
    int64_t byte;
    const Value index = int_index(cx, v);
    if (IS_ERROR(index)) {
        return -1;
    }
    if (!int_to_i64(index, &byte) || byte < 0 || byte > 255) {
        exc_raise(cx, EXC_ValueError, "%s must be in range(0, 256)", what);
        return -1;
    }
    return (int)byte;
}

/* As a literal */

Value bytes_repr(Context *cx, Value v) {
    return bytes_repr_escaping(cx, v, '\\');
}

Value bytes_repr_escaping(Context *cx, Value v, char escaped) {
    const ObjBytes *bytes = AS_BYTES(v);
    const char quote = memchr(bytes->data, '\'', bytes->n_bytes) != NULL &&
                               memchr(bytes->data, '"', bytes->n_bytes) == NULL
                           ? '"'
                           : '\'';
    Buf out = {0};
    buf_add_byte(&out, 'b');
    buf_add_byte(&out, quote);
    for (size_t i = 0; i < bytes->n_bytes; i++) {
        const char c = bytes->data[i];
        if (c == quote || c == '\\' || c == escaped) {
            buf_add_byte(&out, '\\');
            buf_add_byte(&out, c);
        } else if (c >= ' ' && c < 127) {
            buf_add_byte(&out, c);
        } else if (c == '\n' || c == '\r' || c == '\t') {
            buf_add_text(&out, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
        } else {
            buf_add_escape(&out, (unsigned char)c);
        }
    }
    buf_add_byte(&out, quote);
    ObjStr *s = str_from_buf(cx, &out);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

/* Hash and order */

static bool kind_hash(Context *cx __attribute__((unused)), Value v, uint64_t *hash) {
    ObjBytes *bytes = AS_BYTES(v);
    /* Relaxed: whoever finds 0 computes the same number. */
    *hash = atomic_load_relaxed(&bytes->hash);
    if (*hash == 0) {
        *hash = hash_text(bytes->data, bytes->n_bytes);
        atomic_store_relaxed(&bytes->hash, *hash);
    }
    return true;
}

static Value kind_compare(Context *cx __attribute__((unused)), CompareOp op, Value a,
                          Value b) {
    if (!IS_BYTES(a) || !IS_BYTES(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const ObjBytes *x = AS_BYTES(a);
    const ObjBytes *y = AS_BYTES(b);
    const size_t n = x->n_bytes < y->n_bytes ? x->n_bytes : y->n_bytes;
    int order = memcmp(x->data, y->data, n);
    if (order == 0) {
        order = (x->n_bytes > y->n_bytes) - (x->n_bytes < y->n_bytes);
    }
    switch (op) {
    case COMPARE_LT: return BOOL_VALUE(order < 0);
    case COMPARE_LE: return BOOL_VALUE(order <= 0);
    case COMPARE_EQ: return BOOL_VALUE(order == 0);
    case COMPARE_NE: return BOOL_VALUE(order != 0);
    case COMPARE_GT: return BOOL_VALUE(order > 0);
    case COMPARE_GE: break;
    }
    return BOOL_VALUE(order >= 0);
}

/* Operators */

static Value exact(Context *cx, Value v) {
    return IS_EXACT(v, KIND_BYTES)
               ? v
               : result(bytes_new(cx, AS_BYTES(v)->data, AS_BYTES(v)->n_bytes));
}

static Value concat(Context *cx, const ObjBytes *a, const ObjBytes *b) {
    ObjBytes *sum = bytes_new(cx, NULL, a->n_bytes + b->n_bytes);
    if (sum != NULL) {
        memcpy(sum->data, a->data, a->n_bytes);
        memcpy(sum->data + a->n_bytes, b->data, b->n_bytes);
    }
    return result(sum);
}

static Value repeat(Context *cx, Value v, int64_t count) {
    const ObjBytes *bytes = AS_BYTES(v);
    if (count == 1) {
        return exact(cx, v);
    }
    size_t n_bytes;
    if (__builtin_mul_overflow(bytes->n_bytes, count < 0 ? 0 : (size_t)count, &n_bytes) ||
        n_bytes > PTRDIFF_MAX) {
        return exc_raise(cx, EXC_OverflowError, "repeated bytes are too long");
    }
    ObjBytes *product = bytes_new(cx, NULL, n_bytes);
    if (product == NULL || n_bytes == 0) {
        return result(product);
    }
    memcpy(product->data, bytes->data, bytes->n_bytes);
    for (size_t n_done = bytes->n_bytes; n_done < n_bytes;) {
        const size_t n = n_done < n_bytes - n_done ? n_done : n_bytes - n_done;
        memcpy(product->data + n_done, product->data, n);
        n_done += n;
    }
    return OBJ_VALUE(product);
}

static Value refuse_concat(Context *cx, Value other) {
    if (IS_OBJ(other) && obj_shape(AS_OBJ(other)) >= KIND_COUNT &&
        !IS_UNSET(type_special(type_of(cx, other), SPECIAL_radd))) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return exc_raise(cx, EXC_TypeError, "can't concat %s to bytes",
                     type_name_of(cx, other));
}

static Value kind_binary(Context *cx, BinaryOp op, Value a, Value b) {
    if (op == BINARY_ADD) {
        b = byte_view_to_bytes(cx, b);
        if (IS_ERROR(b)) {
            return VALUE_ERROR;
        }
    }
    if (op == BINARY_ADD && IS_BYTES(a)) {
        return IS_BYTES(b) ? concat(cx, AS_BYTES(a), AS_BYTES(b)) : refuse_concat(cx, b);
    }
    if (op == BINARY_MOD && IS_BYTES(a)) {
        return format_percent_bytes(cx, AS_BYTES(a), b);
    }
    if (op != BINARY_MUL) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const Value bytes = IS_BYTES(a) ? a : b;
    const Value factor = IS_BYTES(a) ? b : a;
    int64_t count;
    const int is_count = seq_repeat_count(cx, factor, &count);
    if (is_count == 0) {
        return seq_refuse_mul(cx, factor);
    }
    return is_count < 0 ? VALUE_ERROR : repeat(cx, bytes, count);
}

static int kind_is_true(Context *cx __attribute__((unused)), Value v) {
    return AS_BYTES(v)->n_bytes != 0;
}

static int64_t kind_length(Context *cx __attribute__((unused)), Value v) {
    return (int64_t)AS_BYTES(v)->n_bytes;
}

static Value get_slice(Context *cx, Value v, Value slice) {
    const ObjBytes *bytes = AS_BYTES(v);
    int64_t start;
    int64_t stop;
    int64_t step;
    int64_t n;
    if (!slice_resolve(cx, slice, (int64_t)bytes->n_bytes, &start, &stop, &step, &n)) {
        return VALUE_ERROR;
    }
    if (n == (int64_t)bytes->n_bytes && step == 1) {
        return exact(cx, v);
    }
    if (step == 1) {
        return result(bytes_new(cx, bytes->data + start, (size_t)n));
    }
    ObjBytes *part = bytes_new(cx, NULL, (size_t)n);
    for (int64_t i = 0; part != NULL && i < n; i++) {
        part->data[i] = bytes->data[start + i * step];
    }
    return result(part);
}

static Value kind_getitem(Context *cx, Value v, Value key) {
    if (IS_SLICE(key)) {
        return get_slice(cx, v, key);
    }
    int64_t index;
    if (!seq_index(cx, key, "byte", &index)) {
        return VALUE_ERROR;
    }
    const ObjBytes *bytes = AS_BYTES(v);
    const size_t i = (size_t)(index < 0 ? index + (int64_t)bytes->n_bytes : index);
    return i < bytes->n_bytes ? value_from_int((unsigned char)bytes->data[i])
                              : exc_raise(cx, EXC_IndexError, "index out of range");
}

static int kind_contains(Context *cx, Value v, Value item) {
    item = byte_view_to_bytes(cx, item);
    if (IS_ERROR(item)) {
        return -1;
    }
    const ObjBytes *bytes = AS_BYTES(v);
    if (IS_BYTES(item)) {
        return search_find(bytes->data, bytes->n_bytes, AS_BYTES(item)->data,
                           AS_BYTES(item)->n_bytes) != NULL;
    }
    if (!seq_is_index(cx, item)) {
        bytes_arg(cx, item);
        return -1;
    }
    const int byte = bytes_byte_arg(cx, item, "byte");
    return byte < 0 ? -1 : memchr(bytes->data, byte, bytes->n_bytes) != NULL;
}

static Value kind_iter(Context *cx, Value v) {
    ObjBytesIter *it = HEAP_NEW(cx, ObjBytesIter, KIND_BYTES_ITER);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->bytes = AS_BYTES(v);
    return OBJ_VALUE(it);
}

/* Construction */

static Value from_iterable(Context *cx, Value iterable, const char *name) {
    if (!text_is_iterable(cx, iterable)) {
        return exc_raise(cx, EXC_TypeError, "cannot convert '%s' object to %s",
                         type_name_of(cx, iterable), name);
    }
    const Value iterator = value_iter(cx, iterable);
    if (IS_ERROR(iterator)) {
        return VALUE_ERROR;
    }
    Buf out = {0};
    for (;;) {
        const Value item = value_next(cx, iterator);
        const int byte =
            IS_ERROR(item) || IS_STOP(item)
                ? -1
                : bytes_byte_arg(cx, item, strcmp(name, "bytes") == 0 ? name : "byte");
        if (byte < 0) {
            if (!IS_STOP(item)) {
                buf_free(&out);
                return VALUE_ERROR;
            }
            break;
        }
        buf_add_byte(&out, (char)byte);
    }
    ObjBytes *bytes = bytes_new(cx, out.bytes, out.n_bytes);
    buf_free(&out);
    return result(bytes);
}

static Value from_count(Context *cx, Value v) {
    int64_t n;
    if (!int_index_i64(cx, v, &n, EXC_OverflowError)) {
        return VALUE_ERROR;
    }
    if (n < 0) {
        return exc_raise(cx, EXC_ValueError, "negative count");
    }
    return result(bytes_new(cx, NULL, (size_t)n));
}

static Value from_any(Context *cx, Value v, const char *name) {
    if (IS_EXACT(v, KIND_BYTES)) {
        return v;
    }
    const Value method = IS_OBJ(v) && strcmp(name, "bytes") == 0
                             ? type_special(type_of(cx, v), SPECIAL_bytes)
                             : VALUE_UNSET;
    if (!IS_UNSET(method)) {
        const Value bytes = call_method(cx, method, v, NULL, 0);
        if (!IS_ERROR(bytes) && !IS_BYTES(bytes)) {
            return exc_raise(cx, EXC_TypeError, "__bytes__ returned non-bytes (type %s)",
                             type_name_of(cx, bytes));
        }
        return bytes;
    }
    if (IS_STR(v)) {
        return exc_raise(cx, EXC_TypeError, "string argument without an encoding");
    }
    const Value bytes = byte_view_to_bytes(cx, v);
    if (IS_BYTES(bytes) || IS_ERROR(bytes)) {
        return IS_ERROR(bytes) ? bytes : exact(cx, bytes);
    }
    if (seq_is_index(cx, v)) {
        return from_count(cx, v);
    }
    return from_iterable(cx, v, name);
}

/* bytes(source, encoding, errors): each by position or keyword. */
static bool sort_arguments(Context *cx, const char *type_name, const Value *args,
                           int n_args, Value kwargs, Value *sorted) {
    static const char *const names[] = {"source", "encoding", "errors"};
    if (n_args > 3) {
        exc_raise(cx, EXC_TypeError, "%s() takes at most 3 arguments (%d given)",
                  type_name, n_args);
        return false;
    }
    for (int i = 0; i < 3; i++) {
        sorted[i] = i < n_args ? args[i] : VALUE_UNSET;
    }
    if (!construct_has_kwargs(kwargs)) {
        return true;
    }
    const ObjDictTable *table = dict_table(AS_DICT(kwargs));
    size_t position = 0;
    Value key;
    Value value;
    while (dict_table_next(table, &position, &key, &value)) {
        int i = 0;
        while (i < 3 && !str_equals_c(AS_STR(key), names[i])) {
            i++;
        }
        if (i == 3) {
            exc_raise(cx, EXC_TypeError, "%s() got an unexpected keyword argument '%.*s'",
                      type_name, (int)AS_STR(key)->n_bytes, AS_STR(key)->data);
            return false;
        }
        if (!IS_UNSET(sorted[i])) {
            exc_raise(cx, EXC_TypeError,
                      "argument for %s() given by name ('%s') and position (%d)",
                      type_name, names[i], i + 1);
            return false;
        }
        sorted[i] = value;
    }
    return true;
}

/* The arguments encoding and errors are str, if they are given. */
static bool check_texts(Context *cx, const char *type_name, const Value *sorted) {
    for (int i = 1; i < 3; i++) {
        if (!IS_UNSET(sorted[i]) && !IS_STR(sorted[i])) {
            exc_raise(cx, EXC_TypeError, "%s() argument '%s' must be str, not %s",
                      type_name, i == 1 ? "encoding" : "errors",
                      arg_type_name(cx, sorted[i]));
            return false;
        }
    }
    return true;
}

Value bytes_from_arguments(Context *cx, const char *type_name, const Value *args,
                           int n_args, Value kwargs) {
    Value sorted[3];
    if (!sort_arguments(cx, type_name, args, n_args, kwargs, sorted) ||
        !check_texts(cx, type_name, sorted)) {
        return VALUE_ERROR;
    }
    if (IS_UNSET(sorted[1]) && IS_UNSET(sorted[2])) {
        return IS_UNSET(sorted[0]) ? cx->rt->empty_bytes
                                   : from_any(cx, sorted[0], type_name);
    }
    if (IS_UNSET(sorted[0]) || !IS_STR(sorted[0])) {
        return exc_raise(cx, EXC_TypeError, "%s without a string argument",
                         IS_UNSET(sorted[1]) ? "errors" : "encoding");
    }
    return codec_encode(cx, AS_STR(sorted[0]), sorted[1], sorted[2]);
}

static Value bytes_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                             Value kwargs) {
    const Value bytes = bytes_from_arguments(cx, "bytes", args, n_args, kwargs);
    if (IS_ERROR(bytes) || type == cx->rt->types[KIND_BYTES]) {
        return bytes;
    }
    const size_t n = AS_BYTES(bytes)->n_bytes;
    ObjBytes *o = (ObjBytes *)instance_new_variable(cx, type, sizeof(ObjBytes) + n + 1);
    if (o != NULL) {
        o->n_bytes = n;
        memcpy(o->data, AS_BYTES(bytes)->data, n);
    }
    return result(o);
}

static void bytes_trace(GcMarker *m, Obj *o) {
    if (o->shape != KIND_BYTES) {
        instance_trace_slots(m, gc_marker_shape(m, o), o);
    }
}

const KindOps kind_ops_ObjBytes = {
    .trace = bytes_trace,
    .repr = bytes_repr,
    .hash = kind_hash,
    .compare = kind_compare,
    .binary = kind_binary,
    .is_true = kind_is_true,
    .length = kind_length,
    .getitem = kind_getitem,
    .contains = kind_contains,
    .iter = kind_iter,
    .construct = bytes_construct,
    .methods = bytes_methods,
    .doc =
        "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\n"
        "bytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\n"
        "bytes(int) -> bytes object of size given by the parameter initialized with null "
        "bytes\n\n"
        "A fixed sequence of bytes.",
};

/* The iterator */

static Value iter_next(Context *cx, Value v) {
    ObjBytesIter *it = (ObjBytesIter *)AS_OBJ(v);
    const ObjBytes *bytes = atomic_load_acquire(&it->bytes);
    if (bytes == NULL) {
        return VALUE_STOP;
    }
    size_t at = atomic_load_relaxed(&it->position);
    if (UNLIKELY(cx->is_parallel)) {
        at = atomic_fetch_add_relaxed(&it->position, 1);
    } else {
        atomic_store_relaxed(&it->position, at + 1);
    }
    if (at >= bytes->n_bytes) {
        atomic_store_release(&it->bytes, NULL);
        return VALUE_STOP;
    }
    return value_from_int((unsigned char)bytes->data[at]);
}

static void iter_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjBytesIter *)o)->bytes);
}

const KindOps kind_ops_ObjBytesIter = {
    .trace = iter_trace,
    .next = iter_next,
    .methods = iter_place_methods,
};
