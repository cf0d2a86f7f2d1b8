/* mod_struct.c - the module _struct: numbers and strings to bytes and back. lib/struct.mini adds the class error. */

#include "runtime/gc/mark.h"
#include "runtime/modules/modules.h"
#include "runtime/modules/struct_format.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/memoryview.h"
#include "runtime/objects/seq.h"

#define RAISE(...)  module_raise(cx, "struct", "error", __VA_ARGS__)
#define REFUSE(...) (!IS_ERROR(RAISE(__VA_ARGS__))) /* false */

/* Packing */

static bool pack_int(Context *cx, const ItemType *type, Value v, char *out) {
    if (!seq_is_index(cx, v)) {
        return REFUSE("required argument is not an integer");
    }
    const Value number = int_index(cx, v);
    if (IS_ERROR(number)) {
        return false;
    }
    ItemType any = *type;
    any.is_signed |=
        type->code == 'P' && int_sign(number) < 0; /* an address may be negative */
    if (item_store_int(&any, number, out) == ITEM_FITS) {
        return true;
    }
    if (type->code == 'P') {
        return REFUSE("int too large to convert");
    }
    const int n_bits = 8 * type->n_bytes;
    const uint64_t all = UINT64_MAX >> (64 - n_bits);
    if (type->is_signed) {
        const int64_t largest = (int64_t)(all >> 1);
        return REFUSE("'%c' format requires %lld <= number <= %lld", type->code,
                      (long long)(-largest - 1), (long long)largest);
    }
    return REFUSE("'%c' format requires 0 <= number <= %llu", type->code,
                  (unsigned long long)all);
}

static bool pack_float(Context *cx, const ItemType *type, Value v, bool is_native,
                       char *out) {
    double d;
    if (!float_arg(cx, v, &d)) {
        if (exc_take_if(cx, EXC_TypeError)) {
            return REFUSE("required argument is not a float");
        }
        return false;
    }
    if (!item_store_double(type, d, out) && !(is_native && type->code == 'f')) {
        exc_raise(cx, EXC_OverflowError, "float too large to pack with %c format",
                  type->code);
        return false;
    }
    return true;
}

static bool pack_item(Context *cx, const ItemType *type, Value v, bool is_native,
                      char *out) {
    if (type->code == '?') {
        const int is_true = value_is_true(cx, v);
        *out = (char)(is_true > 0);
        return is_true >= 0;
    }
    if (type->code == 'c') {
        if (!IS_BYTES(v) || AS_BYTES(v)->n_bytes != 1) {
            return REFUSE("char format requires a bytes object of length 1");
        }
        *out = AS_BYTES(v)->data[0];
        return true;
    }
    return item_is_float(type) ? pack_float(cx, type, v, is_native, out)
                               : pack_int(cx, type, v, out);
}

/* A string: filled up with zeros or cut; with its length before it for 'p'. out is cleared. */
static bool pack_string(Context *cx, const StructField *field, Value v, char *out) {
    ByteView view;
    if (!IS_BYTES(v) && !IS_KIND(v, KIND_BYTEARRAY)) {
        return REFUSE("argument for '%c' must be a bytes object", field->type.code);
    }
    if (!byte_view_of(cx, v, &view)) {
        return false;
    }
    const size_t n_before = field->type.code == 'p';
    const size_t room = field->count < n_before ? 0 : field->count - n_before;
    const size_t n = view.n_bytes < room ? view.n_bytes : room;
    memcpy(out + (field->count == 0 ? 0 : n_before), view.data, n);
    if (n_before != 0 && field->count > 0) {
        *out = (char)(n < 255 ? n : 255);
    }
    return true;
}

/* The values as bytes; name is the function's, for messages. */
static ObjBytes *pack(Context *cx, const ObjStruct *s, const Value *values, int n_values,
                      const char *name) {
    if ((size_t)n_values != s->n_values) {
        RAISE("%s expected %zu items for packing (got %d)", name, s->n_values, n_values);
        return NULL;
    }
    ObjBytes *bytes = bytes_new(cx, NULL, s->n_bytes);
    for (size_t i = 0; bytes != NULL && i < s->n_fields; i++) {
        const StructField *field = &s->fields[i];
        char *out = bytes->data + field->offset;
        if (struct_is_string(field)) {
            bytes = pack_string(cx, field, *values++, out) ? bytes : NULL;
            continue;
        }
        for (size_t k = 0; bytes != NULL && k < field->count; k++) {
            const bool is_packed = pack_item(cx, &field->type, *values++, s->is_native,
                                             out + k * field->type.n_bytes);
            bytes = is_packed ? bytes : NULL;
        }
    }
    return bytes;
}

/* Unpacking */

static Value unpack_string(Context *cx, const StructField *field, const char *from) {
    size_t n = field->count;
    if (field->type.code == 'p' && n > 0) {
        const size_t n_said = (unsigned char)*from++;
        n = n_said < n ? n_said : n - 1;
    }
    ObjBytes *bytes = bytes_new(cx, from, n);
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

static Value unpack(Context *cx, const ObjStruct *s, const char *bytes) {
    ObjTuple *tuple = tuple_new(cx, s->n_values);
    size_t n = 0;
    for (size_t i = 0; tuple != NULL && i < s->n_fields; i++) {
        const StructField *field = &s->fields[i];
        const char *from = bytes + field->offset;
        const bool is_string = struct_is_string(field);
        for (size_t k = 0; k < (is_string ? 1 : field->count); k++) {
            const Value item =
                is_string ? unpack_string(cx, field, from)
                          : item_load(cx, &field->type, from + k * field->type.n_bytes);
            if (IS_ERROR(item)) {
                return VALUE_ERROR;
            }
            tuple->items[n++] = item;
        }
    }
    return tuple == NULL ? VALUE_ERROR : OBJ_VALUE(tuple);
}

static Value unpack_all(Context *cx, const ObjStruct *s, Value buffer) {
    ByteView view;
    if (!byte_view_of(cx, buffer, &view)) {
        return VALUE_ERROR;
    }
    if (view.n_bytes != s->n_bytes) {
        return RAISE("unpack requires a buffer of %zu bytes", s->n_bytes);
    }
    return unpack(cx, s, view.data);
}

/* Where in a buffer of n bytes to begin; false: struct.error. */
static bool place_of(Context *cx, const ObjStruct *s, int64_t offset, size_t n,
                     bool is_packing, size_t *place) {
    const int64_t size = (int64_t)s->n_bytes;
    if (offset < 0 && offset + size > 0) {
        return is_packing ? REFUSE("no space to pack %lld bytes at offset %lld",
                                   (long long)size, (long long)offset)
                          : REFUSE("not enough data to unpack %lld bytes at offset %lld",
                                   (long long)size, (long long)offset);
    }
    if (offset < 0 && offset + (int64_t)n < 0) {
        return REFUSE("offset %lld out of range for %zu-byte buffer", (long long)offset,
                      n);
    }
    *place = (size_t)(offset < 0 ? offset + (int64_t)n : offset);
    if (*place > n || n - *place < s->n_bytes) {
        return REFUSE(
            "%s requires a buffer of at least %llu bytes for %spacking %zu bytes at "
            "offset %zu (actual buffer size is %zu)",
            is_packing ? "pack_into" : "unpack_from",
            (unsigned long long)*place + s->n_bytes, is_packing ? "" : "un", s->n_bytes,
            *place, n);
    }
    return true;
}

static Value unpack_from(Context *cx, const ObjStruct *s, Value buffer,
                         Value offset_arg) {
    ByteView view;
    int64_t offset = 0;
    size_t place;
    if (!byte_view_of(cx, buffer, &view) ||
        (!IS_UNSET(offset_arg) && !arg_int(cx, offset_arg, &offset)) ||
        !place_of(cx, s, offset, view.n_bytes, false, &place)) {
        return VALUE_ERROR;
    }
    return unpack(cx, s, view.data + place);
}

/* args: buffer, offset, the values. */
static Value pack_into(Context *cx, const ObjStruct *s, const Value *args, int n_args) {
    Memory memory;
    int64_t offset;
    size_t place;
    if (n_args < 2) {
        return RAISE("pack_into expected %s argument", n_args == 0 ? "buffer" : "offset");
    }
    if ((size_t)n_args - 2 != s->n_values) {
        return RAISE("pack_into expected %zu items for packing (got %d)", s->n_values,
                     n_args - 2);
    }
    if (!memory_to_write(cx, args[0],
                         "argument must be read-write bytes-like object, not %s",
                         &memory) ||
        !arg_int(cx, args[1], &offset) ||
        !place_of(cx, s, offset, memory_bytes(&memory), true, &place)) {
        return VALUE_ERROR;
    }
    const ObjBytes *bytes = pack(cx, s, args + 2, n_args - 2, "pack_into");
    if (bytes == NULL) {
        return VALUE_ERROR;
    }
    memory_write(cx, &memory, place, bytes->data, bytes->n_bytes);
    return VALUE_NONE;
}

/* The iterator of iter_unpack */

typedef struct ObjStructIter {
    Obj header;
    ObjStruct *format; /* [const] */
    ObjBytes *bytes;   /* [const] */
    int64_t position;  /* [atomic] which one is next */
} ObjStructIter;

static Value iter_unpack(Context *cx, ObjStruct *s, Value buffer) {
    if (s->n_bytes == 0) {
        return RAISE("cannot iteratively unpack with a struct of length 0");
    }
    ByteView view;
    if (!byte_view_of(cx, buffer, &view)) {
        return VALUE_ERROR;
    }
    if (view.n_bytes % s->n_bytes != 0) {
        return RAISE("iterative unpacking requires a buffer of a multiple of %zu bytes",
                     s->n_bytes);
    }
    ObjBytes *bytes =
        IS_BYTES(buffer) ? AS_BYTES(buffer) : bytes_new(cx, view.data, view.n_bytes);
    ObjStructIter *it =
        bytes == NULL ? NULL : HEAP_NEW(cx, ObjStructIter, KIND_STRUCT_ITER);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->format = s;
    it->bytes = bytes;
    return OBJ_VALUE(it);
}

static Value iter_next(Context *cx, Value v) {
    ObjStructIter *it = (ObjStructIter *)AS_OBJ(v);
    const size_t n = it->format->n_bytes;
    if ((size_t)atomic_load_relaxed(&it->position) >= it->bytes->n_bytes / n) {
        return VALUE_STOP;
    }
    const size_t i = (size_t)iter_take(cx, &it->position);
    return i < it->bytes->n_bytes / n ? unpack(cx, it->format, it->bytes->data + i * n)
                                      : VALUE_STOP;
}

static Value iter_iter(Context *cx, Value v) {
    (void)cx;
    return v;
}

static void iter_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjStructIter *)o)->format);
    gc_mark_obj(m, ((ObjStructIter *)o)->bytes);
}

NATIVE(iter_length_hint, "__length_hint__(self, /)", "How many are left.") {
    const ObjStructIter *it = (ObjStructIter *)AS_OBJ(args[0]);
    const int64_t n = (int64_t)(it->bytes->n_bytes / it->format->n_bytes);
    const int64_t position = atomic_load_relaxed(&it->position);
    return value_from_int(position < n ? n - position : 0);
}

static const NativeDef iter_methods[] = {NATIVE_ENTRY(iter_length_hint), {0}};

const KindOps kind_ops_ObjStructIter = {
    .trace = iter_trace, .iter = iter_iter, .next = iter_next, .methods = iter_methods};

/* Struct */

static Value result(ObjBytes *bytes) {
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

NATIVE(struct_pack, "pack(self, /, *values)", "Return bytes with the values packed.") {
    return result(pack(cx, AS_STRUCT(args[0]), args + 1, n_args - 1, "pack"));
}

NATIVE(struct_pack_into, "pack_into(self, /, *values)",
       "Pack the values into a writable buffer, from an offset on.") {
    return pack_into(cx, AS_STRUCT(args[0]), args + 1, n_args - 1);
}

NATIVE(struct_unpack, "unpack(self, buffer, /)",
       "Return a tuple of the unpacked values.") {
    return unpack_all(cx, AS_STRUCT(args[0]), args[1]);
}

NATIVE(struct_unpack_from, "unpack_from(self, /, buffer, offset=0)",
       "Return a tuple of the values unpacked from an offset on.") {
    return unpack_from(cx, AS_STRUCT(args[0]), args[1], args[2]);
}

NATIVE(struct_iter_unpack, "iter_unpack(self, buffer, /)",
       "Return an iterator yielding tuples.") {
    return iter_unpack(cx, AS_STRUCT(args[0]), args[1]);
}

static Value struct_construct(Context *cx, ObjType *type __attribute__((unused)),
                              const Value *args, int n_args, Value kwargs) {
    static const char *const parameters[] = {"format", NULL};
    Value format;
    if (!construct_arguments(cx, "Struct", parameters, 1, args, n_args, kwargs,
                             &format)) {
        return VALUE_ERROR;
    }
    ObjStruct *s = struct_parse(cx, format);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

static Value get_format(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(AS_STRUCT(self)->format);
}

static Value get_size(Context *cx, Value self) {
    (void)cx;
    return value_from_int((int64_t)AS_STRUCT(self)->n_bytes);
}

static Value struct_repr(Context *cx, Value v) {
    const Value format = value_repr(cx, OBJ_VALUE(AS_STRUCT(v)->format));
    ObjStr *text = IS_ERROR(format)
                       ? NULL
                       : str_format_c(cx, "Struct(%.*s)", (int)AS_STR(format)->n_bytes,
                                      AS_STR(format)->data);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static void struct_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjStruct *)o)->format);
}

static const NativeDef struct_methods[] = {
    NATIVE_ENTRY(struct_pack),        NATIVE_ENTRY(struct_pack_into),
    NATIVE_ENTRY(struct_unpack),      NATIVE_ENTRY(struct_unpack_from),
    NATIVE_ENTRY(struct_iter_unpack), {0},
};

static const GetsetDef struct_getsets[] = {
    {"format", "struct format string", get_format, NULL},
    {"size", "struct size in bytes", get_size, NULL},
    {0},
};

const KindOps kind_ops_ObjStruct = {
    .trace = struct_trace,
    .repr = struct_repr,
    .construct = struct_construct,
    .methods = struct_methods,
    .getsets = struct_getsets,
    .doc = "Struct(fmt) --> compiled struct object",
};

/* Functions */

/* Formats that are remembered; then all are forgotten. */
enum { MAX_FORMATS = 100 };

static ObjStruct *parse_and_remember(Context *cx, Value format) {
    ObjStruct *s = struct_parse(cx, format);
    ObjDict *known = AS_DICT(cx->rt->struct_formats);
    if (s != NULL && dict_length(known) >= MAX_FORMATS) {
        dict_clear(cx, known);
    }
    return s != NULL && dict_set(cx, known, format, OBJ_VALUE(s)) ? s : NULL;
}

/* The Struct for a format: it may be one already. */
static ObjStruct *format_arg(Context *cx, const Value *args, int n_args) {
    if (n_args < 1) {
        exc_raise(cx, EXC_TypeError, "missing format argument");
        return NULL;
    }
    if (!IS_EXACT(args[0], KIND_STR)) {
        return IS_STRUCT(args[0]) ? AS_STRUCT(args[0]) : struct_parse(cx, args[0]);
    }
    const Value known = dict_get(cx, AS_DICT(cx->rt->struct_formats), args[0]);
    return IS_OBJ(known) ? AS_STRUCT(known) : parse_and_remember(cx, args[0]);
}

NATIVE(module_pack, "pack(*values)",
       "pack(format, v1, v2, ...) -> bytes\n\nReturn bytes with the values packed.") {
    ObjStruct *s = format_arg(cx, args, n_args);
    return s == NULL ? VALUE_ERROR : result(pack(cx, s, args + 1, n_args - 1, "pack"));
}

NATIVE(module_pack_into, "pack_into(*values)",
       "pack_into(format, buffer, offset, v1, v2, ...)\n\nPack into a writable buffer.") {
    ObjStruct *s = format_arg(cx, args, n_args);
    return s == NULL ? VALUE_ERROR : pack_into(cx, s, args + 1, n_args - 1);
}

NATIVE(module_unpack, "unpack(format, buffer, /)",
       "Return a tuple of the unpacked values.") {
    ObjStruct *s = format_arg(cx, args, 1);
    return s == NULL ? VALUE_ERROR : unpack_all(cx, s, args[1]);
}

NATIVE(module_unpack_from, "unpack_from(format, /, buffer, offset=0)",
       "Return a tuple of the values unpacked from an offset on.") {
    ObjStruct *s = format_arg(cx, args, 1);
    return s == NULL ? VALUE_ERROR : unpack_from(cx, s, args[1], args[2]);
}

NATIVE(module_iter_unpack, "iter_unpack(format, buffer, /)",
       "Return an iterator yielding tuples.") {
    ObjStruct *s = format_arg(cx, args, 1);
    return s == NULL ? VALUE_ERROR : iter_unpack(cx, s, args[1]);
}

NATIVE(module_calcsize, "calcsize(format, /)", "Return size in bytes of the struct.") {
    const ObjStruct *s = format_arg(cx, args, 1);
    return s == NULL ? VALUE_ERROR : value_from_int((int64_t)s->n_bytes);
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(module_calcsize),
    NATIVE_ENTRY(module_iter_unpack),
    NATIVE_ENTRY(module_pack),
    NATIVE_ENTRY(module_pack_into),
    NATIVE_ENTRY(module_unpack),
    NATIVE_ENTRY(module_unpack_from),
    {0},
};

bool mod_struct_open(Context *cx, ObjModule *module) {
    ObjDict *formats = dict_new(cx, 0);
    if (formats == NULL) {
        return false;
    }
    cx->rt->struct_formats = OBJ_VALUE(formats);
    return module_add_type(cx, module, KIND_STRUCT, NULL) &&
           module_add_type(cx, module, KIND_STRUCT_ITER, NULL) &&
           module_add_natives(cx, module, functions);
}
