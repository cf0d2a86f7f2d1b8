/* typed_array_methods.c - array.array: methods, conversions. */

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "runtime/call.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/typed_array_internal.h"

/* Conversions */

Value typed_array_to_list(Context *cx, ObjTypedArray *a) {
    ObjList *list = list_new(cx, typed_array_length(cx, a));
    for (size_t i = 0; list != NULL; i++) {
        const Value item = typed_array_peek(cx, a, i);
        if (IS_UNSET(item)) {
            return OBJ_VALUE(list);
        }
        if (IS_ERROR(item) || !list_append(cx, list, item)) {
            break;
        }
    }
    return VALUE_ERROR;
}

Value typed_array_to_str(Context *cx, ObjTypedArray *a) {
    const ObjBytes *all = bytearray_snapshot(cx, &a->bytes);
    Buf text = {0};
    for (size_t i = 0; all != NULL && i < all->n_bytes; i += sizeof(uint32_t)) {
        uint32_t c;
        memcpy(&c, all->data + i, sizeof c);
        if (c > UTF8_MAX_CODE_POINT) {
            buf_free(&text);
            return exc_raise(cx, EXC_ValueError,
                             "character U+%x is not in range [U+0000; U+10ffff]",
                             (unsigned)c);
        }
        buf_add_utf8(&text, c);
    }
    ObjStr *s = all == NULL ? NULL : str_from_buf(cx, &text);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

static bool add_str(Context *cx, ObjTypedArray *a, const ObjStr *s) {
    Buf items = {0};
    size_t length;
    for (size_t i = 0; i < s->n_bytes; i += length) {
        const uint32_t c = utf8_decode(s->data + i, &length);
        buf_add(&items, (const char *)&c, sizeof c);
    }
    const bool is_ok =
        bytearray_splice(cx, &a->bytes, SIZE_MAX, SIZE_MAX, items.bytes, items.n_bytes);
    buf_free(&items);
    return is_ok;
}

static bool add_bytes(Context *cx, ObjTypedArray *a, Value v) {
    ByteView view;
    if (!byte_view_of(cx, v, &view)) {
        return false;
    }
    if (view.n_bytes % a->type.n_bytes != 0) {
        exc_raise(cx, EXC_ValueError, "bytes length not a multiple of item size");
        return false;
    }
    return bytearray_splice(cx, &a->bytes, SIZE_MAX, SIZE_MAX, view.data, view.n_bytes);
}

static bool append_to(Context *cx, Obj *a, Value item) {
    return typed_array_append(cx, (ObjTypedArray *)a, item);
}

static bool add_items(Context *cx, ObjTypedArray *a, Value iterable) {
    return iter_each(cx, iterable, append_to, &a->bytes.header);
}

bool typed_array_fill(Context *cx, ObjTypedArray *a, Value v) {
    if (IS_STR(v) && a->type.code == 'w') {
        return add_str(cx, a, AS_STR(v));
    }
    if (IS_STR(v)) {
        exc_raise(cx, EXC_TypeError,
                  "cannot use a str to initialize an array with typecode '%c'", a->code);
        return false;
    }
    if (IS_BYTES(v) || IS_BYTEARRAY(v)) {
        return add_bytes(cx, a, v);
    }
    return add_items(cx, a, v);
}

/* Methods that change it */

NATIVE(array_append, "append(self, v, /)",
       "Append new value v to the end of the array.") {
    return typed_array_append(cx, AS_TYPED_ARRAY(args[0]), args[1]) ? VALUE_NONE
                                                                    : VALUE_ERROR;
}

NATIVE(array_extend, "extend(self, bb, /)", "Append items to the end of the array.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    const bool is_ok = IS_TYPED_ARRAY(args[1]) ? typed_array_extend(cx, a, args[1])
                                               : add_items(cx, a, args[1]);
    return is_ok ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(array_frombytes, "frombytes(self, buffer, /)",
       "Appends items from the string, interpreting it as an array of machine values.") {
    return add_bytes(cx, AS_TYPED_ARRAY(args[0]), args[1]) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(array_fromlist, "fromlist(self, list, /)", "Append items to array from list.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    if (!IS_LIST(args[1])) {
        return exc_raise(cx, EXC_TypeError, "arg must be list");
    }
    ObjTypedArray *more = typed_array_new(cx, cx->rt->types[KIND_TYPED_ARRAY], a->code);
    return more != NULL && add_items(cx, more, args[1]) &&
                   typed_array_extend(cx, a, OBJ_VALUE(more))
               ? VALUE_NONE
               : VALUE_ERROR;
}

NATIVE(array_fromunicode, "fromunicode(self, ustr, /)",
       "Extends this array with data from the unicode string ustr.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    if (!IS_STR(args[1])) {
        return exc_raise(cx, EXC_TypeError, "fromunicode() argument must be str, not %s",
                         arg_type_name(cx, args[1]));
    }
    if (a->type.code != 'w') {
        return exc_raise(
            cx, EXC_ValueError,
            "fromunicode() may only be called on unicode type arrays ('u' or 'w')");
    }
    return add_str(cx, a, AS_STR(args[1])) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(array_insert, "insert(self, i, v, /)",
       "Insert a new item v into the array before position i.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    char item[ITEM_MAX_BYTES];
    int64_t i;
    if (!arg_int(cx, args[1], &i) || !typed_array_to_item(cx, a, args[2], item)) {
        return VALUE_ERROR;
    }
    const int64_t n = (int64_t)typed_array_length(cx, a);
    i = i < -n ? 0 : i < 0 ? i + n : i > n ? n : i;
    const size_t at = (size_t)i * a->type.n_bytes;
    return bytearray_splice(cx, &a->bytes, at, at, item, a->type.n_bytes) ? VALUE_NONE
                                                                          : VALUE_ERROR;
}

static bool delete_item(Context *cx, ObjTypedArray *a, size_t i) {
    const size_t n_item = a->type.n_bytes;
    return bytearray_splice(cx, &a->bytes, i * n_item, (i + 1) * n_item, NULL, 0);
}

NATIVE(array_pop, "pop(self, i=-1, /)",
       "Return the i-th element and delete it from the array.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    int64_t i = -1;
    if (!IS_UNSET(args[1]) && !arg_int(cx, args[1], &i)) {
        return VALUE_ERROR;
    }
    char item[ITEM_MAX_BYTES];
    size_t n;
    const int is_taken = bytearray_take(cx, &a->bytes, a->type.n_bytes, i, item, &n);
    if (is_taken == 0) {
        return exc_raise(cx, EXC_IndexError,
                         n == 0 ? "pop from empty array" : "pop index out of range");
    }
    return is_taken < 0 ? VALUE_ERROR : typed_array_load(cx, a, item);
}

NATIVE(array_remove, "remove(self, v, /)",
       "Remove the first occurrence of v in the array.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    const int64_t i = typed_array_find(cx, a, args[1], 0, SIZE_MAX);
    if (i == -1) {
        return exc_raise(cx, EXC_ValueError, "array.remove(x): x not in array");
    }
    return i >= 0 && delete_item(cx, a, (size_t)i) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(array_clear, "clear(self, /)", "Remove all items from the array.") {
    return bytearray_splice(cx, AS_BYTEARRAY(args[0]), 0, SIZE_MAX, NULL, 0)
               ? VALUE_NONE
               : VALUE_ERROR;
}

NATIVE(array_reverse, "reverse(self, /)",
       "Reverse the order of the items in the array.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    const size_t n_item = a->type.n_bytes;
    const bool is_locked = objlock_lock(cx, &a->bytes.header);
    char *data = a->bytes.n == 0 ? NULL : a->bytes.data->bytes;
    for (size_t i = 0, j = a->bytes.n / n_item; i + 1 < j; i++) {
        char item[ITEM_MAX_BYTES];
        j--;
        memcpy(item, data + i * n_item, n_item);
        memcpy(data + i * n_item, data + j * n_item, n_item);
        memcpy(data + j * n_item, item, n_item);
    }
    objlock_unlock(cx, &a->bytes.header, is_locked);
    return VALUE_NONE;
}

NATIVE(array_byteswap, "byteswap(self, /)", "Byteswap all items of the array.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    const bool is_locked = objlock_lock(cx, &a->bytes.header);
    for (size_t at = 0; at < a->bytes.n; at += a->type.n_bytes) {
        item_swap(a->bytes.data->bytes + at, a->type.n_bytes);
    }
    objlock_unlock(cx, &a->bytes.header, is_locked);
    return VALUE_NONE;
}

/* Methods that look at it */

int64_t typed_array_find(Context *cx, ObjTypedArray *a, Value wanted, size_t from,
                         size_t to) {
    for (size_t i = from; i < to; i++) {
        const Value item = typed_array_peek(cx, a, i);
        if (IS_UNSET(item)) {
            return -1;
        }
        const int is_equal = IS_ERROR(item) ? -1 : seq_item_equals(cx, item, wanted);
        if (is_equal != 0) {
            return is_equal > 0 ? (int64_t)i : -2;
        }
    }
    return -1;
}

NATIVE(array_index, "index(self, v, start=0, stop=sys.maxsize, /)",
       "Return index of first occurrence of v in the array.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    const size_t n = typed_array_length(cx, a);
    size_t from;
    size_t to;
    if (!seq_bound(cx, args[2], n, 0, &from) || !seq_bound(cx, args[3], n, n, &to)) {
        return VALUE_ERROR;
    }
    const int64_t i = typed_array_find(cx, a, args[1], from, to);
    return i >= 0    ? value_from_int(i)
           : i == -1 ? exc_raise(cx, EXC_ValueError, "array.index(x): x not in array")
                     : VALUE_ERROR;
}

NATIVE(array_count, "count(self, v, /)",
       "Return number of occurrences of v in the array.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    int64_t count = 0;
    for (size_t from = 0;; count++) {
        const int64_t i = typed_array_find(cx, a, args[1], from, SIZE_MAX);
        if (i < 0) {
            return i == -1 ? value_from_int(count) : VALUE_ERROR;
        }
        from = (size_t)i + 1;
    }
}

NATIVE(array_tolist, "tolist(self, /)", "Convert array to an ordinary list.") {
    return typed_array_to_list(cx, AS_TYPED_ARRAY(args[0]));
}

NATIVE(array_tobytes, "tobytes(self, /)",
       "Convert the array to an array of machine values and return the bytes.") {
    ObjBytes *bytes = bytearray_snapshot(cx, AS_BYTEARRAY(args[0]));
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

NATIVE(array_tounicode, "tounicode(self, /)", "Convert the array to a unicode string.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    if (a->type.code != 'w') {
        return exc_raise(
            cx, EXC_ValueError,
            "tounicode() may only be called on unicode type arrays ('u' or 'w')");
    }
    return typed_array_to_str(cx, a);
}

NATIVE(array_copy, "__copy__(self, /)", "Return a copy of the array.") {
    ObjTypedArray *copy = typed_array_like(cx, AS_TYPED_ARRAY(args[0]),
                                           bytearray_snapshot(cx, AS_BYTEARRAY(args[0])));
    return copy == NULL ? VALUE_ERROR : OBJ_VALUE(copy);
}

NATIVE(array_deepcopy, "__deepcopy__(self, unused, /)", "Return a copy of the array.") {
    return array_copy(cx, args, 1);
}

NATIVE(array_reduce, "__reduce_ex__(self, protocol, /)",
       "Return what a copy is made of.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    ObjStr *code = str_format_c(cx, "%c", a->code);
    const Value items =
        a->type.code == 'w' ? typed_array_to_str(cx, a) : typed_array_to_list(cx, a);
    if (code == NULL || IS_ERROR(items)) {
        return VALUE_ERROR;
    }
    const Value arguments = tuple_pack(cx, 2, OBJ_VALUE(code), items);
    const Value state = IS_ERROR(arguments) ? VALUE_ERROR : object_state(cx, args[0]);
    return IS_ERROR(state) ? VALUE_ERROR
                           : tuple_pack(cx, 3, OBJ_VALUE(type_of(cx, args[0])), arguments, state);
}

NATIVE(array_buffer_info, "buffer_info(self, /)",
       "Return a tuple (address, length) giving the current memory address and the "
       "length in items.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    const bool is_locked = objlock_lock(cx, &a->bytes.header);
    const uintptr_t address = a->bytes.data == NULL ? 0 : (uintptr_t)a->bytes.data->bytes;
    const size_t n = a->bytes.n / a->type.n_bytes;
    objlock_unlock(cx, &a->bytes.header, is_locked);
    return tuple_pack(cx, 2, value_from_int((int64_t)address),
                      value_from_int((int64_t)n));
}

NATIVE(array_tofile, "tofile(self, f, /)", "Write all items to the file object f.") {
    ObjBytes *bytes = bytearray_snapshot(cx, AS_BYTEARRAY(args[0]));
    const Value content = bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
    const Value written = IS_ERROR(content)
                              ? VALUE_ERROR
                              : value_call_attr_c(cx, args[1], "write", &content, 1);
    return IS_ERROR(written) ? VALUE_ERROR : VALUE_NONE;
}

NATIVE(array_fromfile, "fromfile(self, f, n, /)",
       "Read n objects from the file object f and append them to the end of the array.") {
    ObjTypedArray *a = AS_TYPED_ARRAY(args[0]);
    int64_t n;
    if (!arg_int(cx, args[2], &n)) {
        return VALUE_ERROR;
    }
    if (n < 0) {
        return exc_raise(cx, EXC_ValueError, "negative count");
    }
    if (n > VALUE_INT_MAX / a->type.n_bytes) {
        return exc_raise_no_memory(cx);
    }
    const Value n_bytes = value_from_int(n * a->type.n_bytes);
    const Value bytes = value_call_attr_c(cx, args[1], "read", &n_bytes, 1);
    if (IS_ERROR(bytes)) {
        return VALUE_ERROR;
    }
    if (!IS_BYTES(bytes)) {
        return exc_raise(cx, EXC_TypeError, "read() didn't return bytes");
    }
    const bool is_short = AS_BYTES(bytes)->n_bytes != (size_t)n * a->type.n_bytes;
    if (!add_bytes(cx, a, bytes)) {
        return VALUE_ERROR;
    }
    return is_short ? exc_raise(cx, EXC_EOFError, "read() didn't return enough bytes")
                    : VALUE_NONE;
}

static Value get_typecode(Context *cx, Value self) {
    ObjStr *code = str_format_c(cx, "%c", AS_TYPED_ARRAY(self)->code);
    return code == NULL ? VALUE_ERROR : OBJ_VALUE(code);
}

static Value get_itemsize(Context *cx, Value self) {
    (void)cx;
    return value_from_int(AS_TYPED_ARRAY(self)->type.n_bytes);
}

const NativeDef typed_array_methods[] = {
    NATIVE_ENTRY(array_append),
    NATIVE_ENTRY(array_buffer_info),
    NATIVE_ENTRY(array_byteswap),
    NATIVE_ENTRY(array_clear),
    NATIVE_ENTRY(array_copy),
    NATIVE_ENTRY(array_count),
    NATIVE_ENTRY(array_deepcopy),
    NATIVE_ENTRY(array_extend),
    NATIVE_ENTRY(array_frombytes),
    NATIVE_ENTRY(array_fromfile),
    NATIVE_ENTRY(array_fromlist),
    NATIVE_ENTRY(array_fromunicode),
    NATIVE_ENTRY(array_index),
    NATIVE_ENTRY(array_insert),
    NATIVE_ENTRY(array_pop),
    NATIVE_ENTRY(array_reduce),
    NATIVE_ENTRY(array_remove),
    NATIVE_ENTRY(array_reverse),
    NATIVE_ENTRY(array_tobytes),
    NATIVE_ENTRY(array_tofile),
    NATIVE_ENTRY(array_tolist),
    NATIVE_ENTRY(array_tounicode),
    {0},
};

const GetsetDef typed_array_getsets[] = {
    {"typecode", "The typecode character used to create the array.", get_typecode, NULL},
    {"itemsize", "The size, in bytes, of one array item.", get_itemsize, NULL},
    {0},
};
