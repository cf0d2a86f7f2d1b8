/* bytearray.c - bytearray. See bytearray.h. The methods that do not change it are those of
 * bytes, called with a copy. */

#include "runtime/objects/bytearray.h"

#include "runtime/base/buf.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/bytes_methods.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"
#include "runtime/objects/memoryview.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/range.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/text_ops.h"

enum { MIN_CAPACITY = 32 };
#define MAX_BYTES ((size_t)1 << 46)

ObjBytes *bytearray_snapshot(Context *cx, ObjByteArray *a) {
    for (;;) {
        bool is_locked = objlock_lock(cx, &a->header);
        const size_t n = a->n;
        objlock_unlock(cx, &a->header, is_locked);
        ObjBytes *copy = bytes_new(cx, NULL, n);
        if (copy == NULL || n == 0) {
            return copy;
        }
        is_locked = objlock_lock(cx, &a->header);
        const bool is_same = a->n == n;
        if (is_same) {
            memcpy(copy->data, a->data->bytes, n);
        }
        objlock_unlock(cx, &a->header, is_locked);
        if (is_same) {
            return copy;
        }
    }
}

/* Makes room for n bytes in all. */
static bool reserve_locked(Context *cx, ObjByteArray *a, size_t n) {
    if (LIKELY(a->data != NULL && n <= a->data->capacity)) {
        return true;
    }
    if (n > MAX_BYTES) {
        exc_raise_no_memory(cx);
        return false;
    }
    const size_t grown = a->n + a->n / 2;
    const size_t capacity = n > grown ? (n > MIN_CAPACITY ? n : MIN_CAPACITY) : grown;
    ObjBuffer *data = buffer_new(cx, capacity);
    if (data == NULL) {
        return false;
    }
    if (a->n > 0) {
        memcpy(data->bytes, a->data->bytes, a->n);
    }
    a->data = data;
    return true;
}

/* Bytes [from, to) become those given; false: MemoryError. */
static bool splice_locked(Context *cx, ObjByteArray *a, size_t from, size_t to,
                          const char *bytes, size_t n_bytes) {
    const size_t n = a->n - (to - from) + n_bytes;
    if (!reserve_locked(cx, a, n)) {
        return false;
    }
    char *data = a->data->bytes;
    memmove(data + from + n_bytes, data + to, a->n - to);
    if (n_bytes > 0) {
        memcpy(data + from, bytes, n_bytes);
    }
    a->n = n;
    return true;
}

bool bytearray_can_resize(Context *cx, ObjByteArray *a) {
    bool is_locked = objlock_lock(cx, &a->header);
    const bool is_exported = a->is_exported;
    objlock_unlock(cx, &a->header, is_locked);
    if (LIKELY(!is_exported)) {
        return true;
    }
    if (memoryview_shows(cx, &a->header)) {
        exc_raise(cx, EXC_BufferError,
                  a->header.kind == KIND_BYTEARRAY
                      ? "Existing exports of data: object cannot be re-sized"
                      : "cannot resize an array that is exporting buffers");
        return false;
    }
    is_locked = objlock_lock(cx, &a->header);
    a->is_exported = memoryview_is_on(cx, &a->header); /* one may be new */
    objlock_unlock(cx, &a->header, is_locked);
    return true;
}

bool bytearray_splice(Context *cx, ObjByteArray *a, size_t from, size_t to,
                      const char *bytes, size_t n_bytes) {
    for (;;) {
        const bool is_locked = objlock_lock(cx, &a->header);
        const size_t end = to > a->n ? a->n : to;
        const size_t begin = from > end ? end : from;
        const bool can_be = !a->is_exported || end - begin == n_bytes;
        const bool is_ok = can_be && splice_locked(cx, a, begin, end, bytes, n_bytes);
        objlock_unlock(cx, &a->header, is_locked);
        if (LIKELY(can_be)) {
            return is_ok;
        }
        if (!bytearray_can_resize(cx, a)) {
            return false;
        }
    }
}

static ObjByteArray *bytearray_new(Context *cx, ObjType *type) {
    return (ObjByteArray *)(type == cx->rt->types[KIND_BYTEARRAY]
                                ? (Obj *)HEAP_NEW(cx, ObjByteArray, KIND_BYTEARRAY)
                                : instance_new(cx, type));
}

static Value from_bytes(Context *cx, const ObjBytes *bytes) {
    ObjByteArray *a =
        bytes == NULL ? NULL : bytearray_new(cx, cx->rt->types[KIND_BYTEARRAY]);
    return a != NULL && bytearray_splice(cx, a, 0, 0, bytes->data, bytes->n_bytes)
               ? OBJ_VALUE(a)
               : VALUE_ERROR;
}

/* Becomes what bytes(...) of the same arguments would be. */
static bool fill(Context *cx, ObjByteArray *a, const Value *args, int n_args,
                 Value kwargs) {
    const Value bytes = bytes_from_arguments(cx, "bytearray", args, n_args, kwargs);
    return !IS_ERROR(bytes) && bytearray_splice(cx, a, 0, SIZE_MAX, AS_BYTES(bytes)->data,
                                                AS_BYTES(bytes)->n_bytes);
}

static Value bytearray_construct(Context *cx, ObjType *type, const Value *args,
                                 int n_args, Value kwargs) {
    ObjByteArray *a = bytearray_new(cx, type);
    if (a == NULL) {
        return VALUE_ERROR;
    }
    /* Instances of derived classes are filled by __init__. */
    const bool is_exact = type == cx->rt->types[KIND_BYTEARRAY];
    return !is_exact || fill(cx, a, args, n_args, kwargs) ? OBJ_VALUE(a) : VALUE_ERROR;
}

NATIVE(bytearray_init, "__init__(self, /, *args, **kwargs)", "Fill the bytearray anew.") {
    return fill(cx, AS_BYTEARRAY(args[0]), args + 1, n_args - 1, args[-1]) ? VALUE_NONE
                                                                           : VALUE_ERROR;
}

/* Operators */

static int64_t length(Context *cx, Value v) {
    ObjByteArray *a = AS_BYTEARRAY(v);
    const bool is_locked = objlock_lock(cx, &a->header);
    const size_t n = a->n;
    objlock_unlock(cx, &a->header, is_locked);
    return (int64_t)n;
}

/* The byte at index, -1 when there is none; value >= 0 is stored there. */
static int exchange(Context *cx, ObjByteArray *a, int64_t index, int value) {
    const bool is_locked = objlock_lock(cx, &a->header);
    index += index < 0 ? (int64_t)a->n : 0;
    int byte = -1;
    if (index >= 0 && (size_t)index < a->n) {
        char *place = &a->data->bytes[index];
        byte = (unsigned char)*place;
        if (value >= 0) {
            *place = (char)value;
        }
    }
    objlock_unlock(cx, &a->header, is_locked);
    return byte;
}

Value bytearray_peek(Context *cx, ObjByteArray *a, size_t i) {
    const bool is_locked = objlock_lock(cx, &a->header);
    const Value byte = i < a->n ? value_from_int((unsigned char)a->data->bytes[i]) : VALUE_UNSET;
    objlock_unlock(cx, &a->header, is_locked);
    return byte;
}

static Value getitem(Context *cx, Value v, Value key) {
    int64_t index;
    if (IS_SLICE(key)) {
        ObjBytes *copy = bytearray_snapshot(cx, AS_BYTEARRAY(v));
        const Value piece = copy == NULL
                                ? VALUE_ERROR
                                : kind_ops[KIND_BYTES]->getitem(cx, OBJ_VALUE(copy), key);
        return IS_ERROR(piece) ? VALUE_ERROR : from_bytes(cx, AS_BYTES(piece));
    }
    if (IS_INT(key)) {
        index = value_to_int(key);
    } else if (!seq_index(cx, key, "bytearray", &index)) {
        return VALUE_ERROR;
    }
    const int byte = exchange(cx, AS_BYTEARRAY(v), index, -1);
    return LIKELY(byte >= 0)
               ? value_from_int(byte)
               : exc_raise(cx, EXC_IndexError, "bytearray index out of range");
}

/* What is put into a bytearray, as bytes: bytes-like or an iterable of ints. */
static ObjBytes *content_of(Context *cx, Value v, const char *refusal) {
    const Value content = byte_view_to_bytes(cx, v);
    if (IS_BYTES(content) || IS_ERROR(content)) {
        return IS_ERROR(content) ? NULL : AS_BYTES(content);
    }
    if (IS_STR(v) || seq_is_index(cx, v)) {
        exc_raise(cx, EXC_TypeError, refusal, type_name_of(cx, v));
        return NULL;
    }
    if (!text_is_iterable(cx, v)) {
        exc_raise(cx, EXC_TypeError, refusal, type_name_of(cx, v));
        return NULL;
    }
    const Value bytes = bytes_from_arguments(cx, "bytearray", &v, 1, VALUE_UNSET);
    return IS_ERROR(bytes) ? NULL : AS_BYTES(bytes);
}

static ObjBytes *slice_content(Context *cx, Value v) {
    const bool is_convertible = IS_STR(v) || IS_FLOAT(v) || text_is_iterable(cx, v);
    return content_of(
        cx, v,
        is_convertible || seq_is_index(cx, v)
            ? "can assign only bytes, buffers, or iterables of ints in range(0, 256)"
            : "cannot convert '%s' object to bytearray");
}

static bool set_slice_locked(Context *cx, ObjByteArray *a, size_t n_item, int64_t start,
                             int64_t step, int64_t n, const ObjBytes *content) {
    if (step == 1) {
        return splice_locked(cx, a, (size_t)start * n_item, (size_t)(start + n) * n_item,
                             content == NULL ? NULL : content->data,
                             content == NULL ? 0 : content->n_bytes);
    }
    if (content != NULL && n_item == 1) {
        char *to = a->data->bytes + start;
        for (int64_t i = 0; i < n; i++) {
            to[i * step] = content->data[i];
        }
        return true;
    }
    if (content != NULL) {
        for (int64_t i = 0; i < n; i++) {
            memcpy(a->data->bytes + (size_t)(start + i * step) * n_item,
                   content->data + (size_t)i * n_item, n_item);
        }
        return true;
    }
    if (step < 0) {
        start += (n - 1) * step;
        step = -step;
    }
    char *data = a->data->bytes;
    const size_t n_items = a->n / n_item;
    size_t to = (size_t)start;
    for (size_t from = to; from < n_items; from++) {
        const size_t distance = from - (size_t)start;
        const bool is_deleted =
            distance % (size_t)step == 0 && distance / (size_t)step < (size_t)n;
        if (!is_deleted) {
            memmove(data + to++ * n_item, data + from * n_item, n_item);
        }
    }
    a->n = to * n_item;
    return true;
}

bool bytearray_set_slice(Context *cx, ObjByteArray *a, size_t n_item, size_t n_items,
                         int64_t start, int64_t step, int64_t n, const ObjBytes *content,
                         bool *is_same) {
    const size_t n_new = content == NULL ? 0 : content->n_bytes;
    const bool is_resized = n_new != (size_t)n * n_item;
    *is_same = true;
    for (;;) {
        const bool is_locked = objlock_lock(cx, &a->header);
        const bool can_be = !is_resized || !a->is_exported;
        *is_same = a->n == n_items * n_item;
        const bool is_ok =
            can_be && *is_same &&
            ((n == 0 && content == NULL) ||
             set_slice_locked(cx, a, n_item, start, step, n, content));
        objlock_unlock(cx, &a->header, is_locked);
        if (LIKELY(can_be)) {
            return is_ok;
        }
        if (!bytearray_can_resize(cx, a)) {
            return false;
        }
    }
}

/* a[start:stop:step] = content, or its deletion; nothing put into steps deletes too. */
static bool set_slice(Context *cx, ObjByteArray *a, Value slice, Value value) {
    int64_t start;
    int64_t stop;
    int64_t step;
    int64_t count;
    int64_t n = length(cx, OBJ_VALUE(a));
    if (!slice_resolve(cx, slice, n, &start, &stop, &step, &count)) {
        return false;
    }
    ObjBytes *content = NULL;
    if (!IS_UNSET(value)) {
        content = slice_content(cx, value);
        if (content == NULL) {
            return false;
        }
        content = step != 1 && content->n_bytes == 0 ? NULL : content;
    }
    bool is_same = false;
    bool is_ok = false;
    while (!is_same) {
        n = length(cx, OBJ_VALUE(a));
        if (!slice_resolve(cx, slice, n, &start, &stop, &step, &count)) {
            return false;
        }
        if (content != NULL && step != 1 && (int64_t)content->n_bytes != count) {
            exc_raise(
                cx, EXC_ValueError,
                "attempt to assign bytes of size %zu to extended slice of size %lld",
                content->n_bytes, (long long)count);
            return false;
        }
        is_ok = bytearray_set_slice(cx, a, 1, (size_t)n, start, step, count, content,
                                    &is_same);
    }
    return is_ok;
}

static bool setitem(Context *cx, Value v, Value key, Value value) {
    ObjByteArray *a = AS_BYTEARRAY(v);
    int64_t index;
    if (IS_SLICE(key)) {
        return set_slice(cx, a, key, value);
    }
    if (!seq_index(cx, key, "bytearray", &index)) {
        return false;
    }
    if (!IS_UNSET(value)) {
        const int byte = bytes_byte_arg(cx, value, "byte");
        if (byte < 0) {
            return false;
        }
        if (exchange(cx, a, index, byte) >= 0) {
            return true;
        }
    } else {
        if (!bytearray_can_resize(cx, a)) {
            return false;
        }
        const bool is_locked = objlock_lock(cx, &a->header);
        index += index < 0 ? (int64_t)a->n : 0;
        const bool is_there = index >= 0 && (size_t)index < a->n;
        if (is_there) {
            splice_locked(cx, a, (size_t)index, (size_t)index + 1, NULL, 0);
        }
        objlock_unlock(cx, &a->header, is_locked);
        if (is_there) {
            return true;
        }
    }
    exc_raise(cx, EXC_IndexError, "bytearray index out of range");
    return false;
}

static int contains(Context *cx, Value v, Value item) {
    const Value bytes = byte_view_to_bytes(cx, v);
    const Value wanted = IS_ERROR(bytes) ? VALUE_ERROR : byte_view_to_bytes(cx, item);
    return IS_ERROR(wanted) ? -1 : kind_ops[KIND_BYTES]->contains(cx, bytes, wanted);
}

static Value compare(Context *cx, CompareOp op, Value a, Value b) {
    const Value x = byte_view_to_bytes(cx, a);
    const Value y = IS_ERROR(x) ? VALUE_ERROR : byte_view_to_bytes(cx, b);
    return IS_ERROR(y) ? VALUE_ERROR : kind_ops[KIND_BYTES]->compare(cx, op, x, y);
}

static Value binary(Context *cx, BinaryOp op, Value a, Value b) {
    const bool is_left = IS_BYTEARRAY(a);
    if (!is_left && op != BINARY_MUL) {
        return VALUE_NOT_IMPLEMENTED; /* bytes have answered for themselves */
    }
    const Value x = is_left ? byte_view_to_bytes(cx, a) : a;
    const Value y = !is_left || op == BINARY_ADD ? byte_view_to_bytes(cx, b) : b;
    if (IS_ERROR(x) || IS_ERROR(y)) {
        return VALUE_ERROR;
    }
    if (op == BINARY_ADD && is_left && !IS_BYTES(y)) {
        return exc_raise(cx, EXC_TypeError, "can't concat %s to %s", type_name_of(cx, b),
                         type_name_of(cx, a));
    }
    const Value sum = kind_ops[KIND_BYTES]->binary(cx, op, x, y);
    const bool is_ours = is_left || op == BINARY_MUL; /* bytes + bytearray is bytes */
    return is_ours && IS_BYTES(sum) ? from_bytes(cx, AS_BYTES(sum)) : sum;
}

static Value inplace(Context *cx, BinaryOp op, Value a, Value b) {
    ObjByteArray *array = AS_BYTEARRAY(a);
    if (op == BINARY_ADD) {
        const Value bytes = byte_view_to_bytes(cx, b);
        if (!IS_BYTES(bytes)) {
            return IS_ERROR(bytes) ? VALUE_ERROR
                                   : exc_raise(cx, EXC_TypeError, "can't concat %s to %s",
                                               type_name_of(cx, b), type_name_of(cx, a));
        }
        return bytearray_splice(cx, array, SIZE_MAX, SIZE_MAX, AS_BYTES(bytes)->data,
                                AS_BYTES(bytes)->n_bytes)
                   ? a
                   : VALUE_ERROR;
    }
    if (op != BINARY_MUL) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const Value product = binary(cx, op, a, b);
    if (IS_ERROR(product) || product == VALUE_NOT_IMPLEMENTED) {
        return product;
    }
    ObjByteArray *other = AS_BYTEARRAY(product);
    return bytearray_splice(cx, array, 0, SIZE_MAX,
                            other->n == 0 ? "" : other->data->bytes, other->n)
               ? a
               : VALUE_ERROR;
}

static Value repr(Context *cx, Value v) {
    const Value bytes = byte_view_to_bytes(cx, v);
    const Value text =
        IS_ERROR(bytes) ? VALUE_ERROR : bytes_repr_escaping(cx, bytes, '\'');
    if (IS_ERROR(text)) {
        return VALUE_ERROR;
    }
    const ObjStr *name = type_of(cx, v)->name;
    ObjStr *s = str_format_c(cx, "%.*s(%.*s)", (int)name->n_bytes, name->data,
                             (int)AS_STR(text)->n_bytes, AS_STR(text)->data);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

static Value iter(Context *cx, Value v) {
    return seq_iter_new_as(cx, KIND_BYTEARRAY_ITER, v);
}

/* Methods that change it */

NATIVE(bytearray_append, "append(self, item, /)", "Append a single item to the end.") {
    const int byte = bytes_byte_arg(cx, args[1], "byte");
    const char c = (char)byte;
    return byte >= 0 &&
                   bytearray_splice(cx, AS_BYTEARRAY(args[0]), SIZE_MAX, SIZE_MAX, &c, 1)
               ? VALUE_NONE
               : VALUE_ERROR;
}

NATIVE(bytearray_extend, "extend(self, iterable_of_ints, /)",
       "Append all the items from the iterable.") {
    ObjBytes *bytes = IS_STR(args[1])
                          ? NULL
                          : content_of(cx, args[1], "can't extend bytearray with %s");
    if (bytes == NULL) {
        return IS_STR(args[1]) ? exc_raise(cx, EXC_TypeError,
                                           "expected iterable of integers; got: 'str'")
                               : VALUE_ERROR;
    }
    return bytearray_splice(cx, AS_BYTEARRAY(args[0]), SIZE_MAX, SIZE_MAX, bytes->data,
                            bytes->n_bytes)
               ? VALUE_NONE
               : VALUE_ERROR;
}

NATIVE(bytearray_insert, "insert(self, index, item, /)",
       "Insert a single item before the given index.") {
    ObjByteArray *a = AS_BYTEARRAY(args[0]);
    int64_t index;
    if (!arg_int(cx, args[1], &index)) {
        return VALUE_ERROR;
    }
    const int byte = bytes_byte_arg(cx, args[2], "byte");
    if (byte < 0) {
        return VALUE_ERROR;
    }
    const char c = (char)byte;
    const int64_t n = length(cx, args[0]);
    index = index < 0 ? (index < -n ? 0 : index + n) : index;
    return bytearray_splice(cx, a, (size_t)index, (size_t)index, &c, 1) ? VALUE_NONE
                                                                        : VALUE_ERROR;
}

int bytearray_take(Context *cx, ObjByteArray *a, size_t n_item, int64_t index, char *item,
                   size_t *n_items) {
    for (;;) {
        const bool is_locked = objlock_lock(cx, &a->header);
        *n_items = a->n / n_item;
        const int64_t i = index + (index < 0 ? (int64_t)*n_items : 0);
        const bool is_there = i >= 0 && (size_t)i < *n_items;
        const bool can_be = !is_there || !a->is_exported;
        if (LIKELY(is_there && can_be)) {
            memcpy(item, a->data->bytes + (size_t)i * n_item, n_item);
            splice_locked(cx, a, (size_t)i * n_item, ((size_t)i + 1) * n_item, NULL, 0);
        }
        objlock_unlock(cx, &a->header, is_locked);
        if (LIKELY(can_be)) {
            return is_there;
        }
        if (!bytearray_can_resize(cx, a)) {
            return -1;
        }
    }
}

NATIVE(bytearray_pop, "pop(self, index=-1, /)", "Remove and return a single item.") {
    int64_t index = -1;
    if (!IS_UNSET(args[1]) && !arg_int(cx, args[1], &index)) {
        return VALUE_ERROR;
    }
    char byte;
    size_t n;
    const int is_taken = bytearray_take(cx, AS_BYTEARRAY(args[0]), 1, index, &byte, &n);
    if (is_taken == 0) {
        return exc_raise(cx, EXC_IndexError,
                         n == 0 ? "pop from empty bytearray" : "pop index out of range");
    }
    return is_taken < 0 ? VALUE_ERROR : value_from_int((unsigned char)byte);
}

NATIVE(bytearray_remove, "remove(self, value, /)",
       "Remove the first occurrence of a value.") {
    ObjByteArray *a = AS_BYTEARRAY(args[0]);
    const int byte = bytes_byte_arg(cx, args[1], "byte");
    if (byte < 0) {
        return VALUE_ERROR;
    }
    const bool is_locked = objlock_lock(cx, &a->header);
    const char *place = a->n == 0 ? NULL : memchr(a->data->bytes, byte, a->n);
    const bool is_kept = place != NULL && a->is_exported;
    if (place != NULL && !is_kept) {
        const size_t i = (size_t)(place - a->data->bytes);
        splice_locked(cx, a, i, i + 1, NULL, 0);
    }
    objlock_unlock(cx, &a->header, is_locked);
    if (is_kept) {
        return bytearray_can_resize(cx, a) ? bytearray_remove(cx, args, n_args)
                                           : VALUE_ERROR;
    }
    return place != NULL ? VALUE_NONE
                         : exc_raise(cx, EXC_ValueError, "value not found in bytearray");
}

NATIVE(bytearray_reverse, "reverse(self, /)",
       "Reverse the order of the values in place.") {
    ObjByteArray *a = AS_BYTEARRAY(args[0]);
    const bool is_locked = objlock_lock(cx, &a->header);
    for (size_t i = 0, j = a->n; i + 1 < j; i++) {
        const char c = a->data->bytes[i];
        a->data->bytes[i] = a->data->bytes[--j];
        a->data->bytes[j] = c;
    }
    objlock_unlock(cx, &a->header, is_locked);
    return VALUE_NONE;
}

NATIVE(bytearray_clear, "clear(self, /)", "Remove all items from the bytearray.") {
    return bytearray_splice(cx, AS_BYTEARRAY(args[0]), 0, SIZE_MAX, NULL, 0)
               ? VALUE_NONE
               : VALUE_ERROR;
}

NATIVE(bytearray_copy, "copy(self, /)", "Return a copy.") {
    return from_bytes(cx, bytearray_snapshot(cx, AS_BYTEARRAY(args[0])));
}

NATIVE(bytearray_reduce, "__reduce__(self, /)", "Return what pickle and copy need.") {
    const Value bytes = byte_view_to_bytes(cx, args[0]);
    const Value arguments = IS_ERROR(bytes) ? VALUE_ERROR : tuple_from(cx, &bytes, 1);
    const Value state = IS_ERROR(arguments) ? VALUE_ERROR : object_state(cx, args[0]);
    const Value all[] = {OBJ_VALUE(type_of(cx, args[0])), arguments, state};
    return IS_ERROR(state) ? VALUE_ERROR : tuple_from(cx, all, 3);
}

/* Methods of bytes */

static const NativeDef *method_of_bytes(const char *name) {
    const size_t n = strlen(name);
    const NativeDef *def = bytes_methods;
    while (strncmp(def->signature, name, n) != 0 || def->signature[n] != '(') {
        def++;
    }
    return def;
}

/* bytes in a result become bytearrays, those in a list or tuple, too. */
static Value converted(Context *cx, Value v) {
    if (IS_BYTES(v)) {
        return from_bytes(cx, AS_BYTES(v));
    }
    Value *items = NULL;
    size_t n = 0;
    if (IS_LIST(v)) {
        items = AS_LIST(v)->items->items;
        n = AS_LIST(v)->n;
    } else if (IS_TUPLE(v)) {
        items = AS_TUPLE(v)->items;
        n = AS_TUPLE(v)->n;
    }
    for (size_t i = 0; i < n; i++) {
        const Value item = converted(cx, items[i]);
        if (IS_ERROR(item)) {
            return VALUE_ERROR;
        }
        items[i] = item;
    }
    return v;
}

static Value delegate(Context *cx, const char *name, const Value *args, int n_args) {
    enum { MAX_ARGUMENTS = 8 };
    Value all[MAX_ARGUMENTS] = {VALUE_UNSET};
    for (int i = 0; i < n_args; i++) {
        all[i] = byte_view_to_bytes(cx, args[i]);
        if (IS_ERROR(all[i])) {
            return VALUE_ERROR;
        }
    }
    const Value answer = method_of_bytes(name)->function(cx, all, n_args);
    return IS_ERROR(answer) ? VALUE_ERROR : converted(cx, answer);
}

/* METHOD(name, signature, number of parameters) */
#define METHODS(METHOD)                                               \
    METHOD(capitalize, "(self, /)", 1)                                \
    METHOD(center, "(self, width, fillchar=b' ', /)", 3)              \
    METHOD(count, "(self, sub, start=None, end=None, /)", 4)          \
    METHOD(decode, "(self, /, encoding='utf-8', errors='strict')", 3) \
    METHOD(endswith, "(self, suffix, start=None, end=None, /)", 4)    \
    METHOD(expandtabs, "(self, /, tabsize=8)", 2)                     \
    METHOD(find, "(self, sub, start=None, end=None, /)", 4)           \
    METHOD(hex, "(self, /, sep=None, bytes_per_sep=1)", 3)            \
    METHOD(index, "(self, sub, start=None, end=None, /)", 4)          \
    METHOD(isalnum, "(self, /)", 1)                                   \
    METHOD(isalpha, "(self, /)", 1)                                   \
    METHOD(isascii, "(self, /)", 1)                                   \
    METHOD(isdigit, "(self, /)", 1)                                   \
    METHOD(islower, "(self, /)", 1)                                   \
    METHOD(isspace, "(self, /)", 1)                                   \
    METHOD(istitle, "(self, /)", 1)                                   \
    METHOD(isupper, "(self, /)", 1)                                   \
    METHOD(join, "(self, iterable_of_bytes, /)", 2)                   \
    METHOD(ljust, "(self, width, fillchar=b' ', /)", 3)               \
    METHOD(lower, "(self, /)", 1)                                     \
    METHOD(lstrip, "(self, bytes=None, /)", 2)                        \
    METHOD(partition, "(self, sep, /)", 2)                            \
    METHOD(removeprefix, "(self, prefix, /)", 2)                      \
    METHOD(removesuffix, "(self, suffix, /)", 2)                      \
    METHOD(replace, "(self, old, new, count=-1, /)", 4)               \
    METHOD(rfind, "(self, sub, start=None, end=None, /)", 4)          \
    METHOD(rindex, "(self, sub, start=None, end=None, /)", 4)         \
    METHOD(rjust, "(self, width, fillchar=b' ', /)", 3)               \
    METHOD(rpartition, "(self, sep, /)", 2)                           \
    METHOD(rsplit, "(self, /, sep=None, maxsplit=-1)", 3)             \
    METHOD(rstrip, "(self, bytes=None, /)", 2)                        \
    METHOD(split, "(self, /, sep=None, maxsplit=-1)", 3)              \
    METHOD(splitlines, "(self, /, keepends=False)", 2)                \
    METHOD(startswith, "(self, prefix, start=None, end=None, /)", 4)  \
    METHOD(strip, "(self, bytes=None, /)", 2)                         \
    METHOD(swapcase, "(self, /)", 1)                                  \
    METHOD(title, "(self, /)", 1)                                     \
    METHOD(translate, "(self, table, /, delete=b'')", 3)              \
    METHOD(upper, "(self, /)", 1)                                     \
    METHOD(zfill, "(self, width, /)", 2)

#define DEFINE(name, parameters, n)                                      \
    NATIVE(bytearray_##name, #name parameters, "See bytes." #name ".") { \
        return delegate(cx, #name, args, n);                             \
    }
METHODS(DEFINE)

NATIVE(bytearray_maketrans, "maketrans(frm, to, /)",
       "Return a translation table usable for bytearray.translate().") {
    return method_of_bytes("maketrans")->function(cx, args, n_args);
}

NATIVE(bytearray_fromhex, "fromhex(cls, string, /)",
       "Create a bytearray object from a string of hexadecimal numbers.") {
    const Value all[] = {OBJ_VALUE(cx->rt->types[KIND_BYTES]), args[1]};
    const Value bytes = method_of_bytes("fromhex")->function(cx, (Value *)all, 2);
    if (IS_ERROR(bytes) || args[0] != OBJ_VALUE(cx->rt->types[KIND_BYTEARRAY])) {
        return IS_ERROR(bytes) ? VALUE_ERROR
                               : type_call(cx, AS_TYPE(args[0]), &bytes, 1, VALUE_UNSET);
    }
    return from_bytes(cx, AS_BYTES(bytes));
}

#define ENTRY(name, parameters, n) NATIVE_ENTRY(bytearray_##name),

static const NativeDef methods[] = {
    METHODS(ENTRY) NATIVE_ENTRY(bytearray_append),
    NATIVE_ENTRY(bytearray_init),
    NATIVE_ENTRY_FLAGS(bytearray_maketrans, NATIVE_STATIC),
    NATIVE_ENTRY(bytearray_clear),
    NATIVE_ENTRY(bytearray_copy),
    NATIVE_ENTRY(bytearray_extend),
    NATIVE_ENTRY(bytearray_insert),
    NATIVE_ENTRY(bytearray_pop),
    NATIVE_ENTRY(bytearray_reduce),
    NATIVE_ENTRY(bytearray_remove),
    NATIVE_ENTRY(bytearray_reverse),
    NATIVE_ENTRY_FLAGS(bytearray_fromhex, NATIVE_CLASS),
    {0},
};

static void trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjByteArray *)o)->data);
    instance_trace_derived(m, o);
}

const KindOps kind_ops_ObjByteArray = {
    .trace = trace,
    .repr = repr,
    .compare = compare,
    .binary = binary,
    .inplace = inplace,
    .length = length,
    .getitem = getitem,
    .setitem = setitem,
    .contains = contains,
    .iter = iter,
    .construct = bytearray_construct,
    .methods = methods,
    .doc = "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, "
           "errors]) -> "
           "bytearray\nbytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\n"
           "bytearray(int) -> bytes array of size given by the parameter\n\n"
           "Bytes that can be changed.",
};
