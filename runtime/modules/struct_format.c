/* struct_format.c - reads the formats of struct. */

#include "runtime/modules/struct_format.h"

#include "runtime/base/vec.h"
#include "runtime/objects/codec.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/module.h"

typedef struct Reader {
    Context *cx;
    const char *at;
    const char *end;
    bool is_native; /* sizes of this machine */
    bool is_aligned;
    bool is_swapped;
    size_t n_bytes;
    size_t n_values;
    VEC(StructField) fields;
} Reader;

static bool fail(Reader *r, const char *message) {
    module_raise(r->cx, "struct", "error", "%s", message);
    return false;
}

static void read_order(Reader *r) {
    const bool is_big_machine = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    const char c = r->at < r->end ? *r->at : 0;
    const bool has_order = c == '@' || c == '=' || c == '<' || c == '>' || c == '!';
    r->at += has_order;
    r->is_native = !has_order || c == '@';
    r->is_aligned = r->is_native;
    r->is_swapped =
        (c == '<' && is_big_machine) || ((c == '>' || c == '!') && !is_big_machine);
}

/* A number before a format character; 1 without one. */
static bool read_count(Reader *r, size_t *count, bool *has_count) {
    *has_count = r->at < r->end && *r->at >= '0' && *r->at <= '9';
    *count = *has_count ? 0 : 1;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
        if (__builtin_mul_overflow(*count, 10u, count) ||
            __builtin_add_overflow(*count, (size_t)(*r->at - '0'), count) ||
            *count > PTRDIFF_MAX) {
            return fail(r, "total struct size too long");
        }
    }
    return r->at < r->end || !*has_count ||
           fail(r, "repeat count given without format specifier");
}

static bool find_type(Reader *r, char code, ItemType *type) {
    if (code == 'x' || code == 's' || code == 'p') {
        *type = (ItemType){code, 1, false, false};
        return true;
    }
    if (!(r->is_native ? item_native(code, type) : item_standard(code, type))) {
        return fail(r, "bad char in struct format");
    }
    type->is_swapped = r->is_swapped && type->n_bytes > 1;
    return true;
}

static bool read_field(Reader *r) {
    size_t count;
    bool has_count;
    StructField field = {0};
    if (!read_count(r, &count, &has_count) || !find_type(r, *r->at++, &field.type)) {
        return false;
    }
    const size_t n_item = field.type.n_bytes;
    if (r->is_aligned) {
        r->n_bytes = (r->n_bytes + n_item - 1) / n_item * n_item;
    }
    size_t n_bytes;
    field.offset = r->n_bytes;
    field.count = count;
    if (__builtin_mul_overflow(count, n_item, &n_bytes) ||
        __builtin_add_overflow(r->n_bytes, n_bytes, &r->n_bytes) ||
        r->n_bytes > PTRDIFF_MAX) {
        return fail(r, "total struct size too long");
    }
    if (struct_is_string(&field) || (field.type.code != 'x' && count > 0)) {
        vec_push(&r->fields, field);
        r->n_values += struct_is_string(&field) ? 1 : count;
    }
    return true;
}

static bool read_all(Reader *r) {
    read_order(r);
    for (;;) {
        while (r->at < r->end && (*r->at == ' ' || (*r->at >= '\t' && *r->at <= '\r'))) {
            r->at++;
        }
        if (r->at == r->end) {
            return true;
        }
        if (!read_field(r)) {
            return false;
        }
    }
}

static ObjStr *format_text(Context *cx, Value format) {
    if (IS_BYTES(format)) {
        return str_decode_lossy(cx, AS_BYTES(format)->data, AS_BYTES(format)->n_bytes,
                                true);
    }
    if (!IS_STR(format)) {
        exc_raise(cx, EXC_TypeError,
                  "Struct() argument 1 must be a str or bytes object, not %s",
                  type_name_of(cx, format));
        return NULL;
    }
    if (!str_is_ascii(AS_STR(format))) {
        ObjStr *ascii = str_from_c(cx, "ascii"); /* raises UnicodeEncodeError */
        if (ascii != NULL) {
            codec_encode(cx, AS_STR(format), OBJ_VALUE(ascii), VALUE_UNSET);
        }
        return NULL;
    }
    return AS_STR(format);
}

ObjStruct *struct_parse(Context *cx, Value format) {
    ObjStr *text = format_text(cx, format);
    if (text == NULL) {
        return NULL;
    }
    Reader r = {.cx = cx, .at = text->data, .end = text->data + text->n_bytes};
    ObjStruct *result = NULL;
    if (read_all(&r)) {
        const size_t n_bytes = r.fields.n * sizeof(StructField);
        result = (ObjStruct *)heap_alloc(cx, sizeof(ObjStruct) + n_bytes, KIND_STRUCT,
                                         KIND_STRUCT);
        if (result != NULL) {
            result->format = text;
            result->n_bytes = r.n_bytes;
            result->n_values = r.n_values;
            result->n_fields = r.fields.n;
            result->is_native = r.is_native;
            if (n_bytes > 0) {
                memcpy(result->fields, r.fields.items, n_bytes);
            }
        }
    }
    vec_free(&r.fields);
    return result;
}
