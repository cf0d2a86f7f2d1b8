/* str_format.c - format() of any value, and the pieces of f-strings.
 *
 * See also: format_spec.c, format_percent.c, format_template.c. */

#include "runtime/objects/str_format.h"

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"

static Value result(ObjStr *s) {
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

/* What object.__format__ does. */
static Value format_default(Context *cx, Value v, const ObjStr *spec) {
    if (spec->n_bytes > 0) {
        return exc_raise(cx, EXC_TypeError,
                         "unsupported format string passed to %s.__format__",
                         type_name_of(cx, v));
    }
    return value_str(cx, v);
}

static Value format_by_kind(Context *cx, Value v, ObjKind kind, ObjStr *spec) {
    const KindOps *ops = kind_ops[kind];
    return ops->format != NULL ? ops->format(cx, v, spec) : format_default(cx, v, spec);
}

static Value format_by_method(Context *cx, Value method, Value v, ObjStr *spec) {
    const Value argument = OBJ_VALUE(spec);
    const Value text = call_method(cx, method, v, &argument, 1);
    if (!IS_ERROR(text) && !IS_STR(text)) {
        return exc_raise(cx, EXC_TypeError, "__format__ must return a str, not %s",
                         type_name_of(cx, text));
    }
    return text;
}

Value format_value(Context *cx, Value v, ObjStr *spec) {
    if (LIKELY(IS_OBJ(v))) {
        const uint32_t shape = obj_shape(AS_OBJ(v));
        if (LIKELY(shape == KIND_STR)) {
            return spec->n_bytes == 0 ? v : format_str(cx, v, spec);
        }
        if (shape >= KIND_COUNT) {
            const Value method = type_special(type_of(cx, v), SPECIAL_format);
            return IS_UNSET(method) ? format_by_kind(cx, v, AS_OBJ(v)->kind, spec)
                                    : format_by_method(cx, method, v, spec);
        }
        return format_by_kind(cx, v, AS_OBJ(v)->kind, spec);
    }
    if (LIKELY(IS_INT(v))) {
        return spec->n_bytes == 0 ? result(int_to_str(cx, v, 10, false))
                                  : format_int(cx, v, spec);
    }
    if (IS_FLOAT(v)) {
        return spec->n_bytes == 0 ? result(float_repr_str(cx, value_to_double(v)))
                                  : format_float(cx, v, spec);
    }
    return IS_BOOL(v) ? format_by_kind(cx, v, KIND_BOOL, spec)
                      : format_default(cx, v, spec);
}

Value format_join(Context *cx, const Value *parts, size_t n) {
    size_t n_bytes = 0;
    size_t n_chars = 0;
    for (size_t i = 0; i < n; i++) {
        n_bytes += AS_STR(parts[i])->n_bytes;
        n_chars += AS_STR(parts[i])->n_chars;
    }
    char *out;
    ObjStr *joined = str_new_room(cx, n_bytes, n_chars, &out);
    if (UNLIKELY(joined == NULL || n_bytes == 0)) {
        return result(joined);
    }
    for (size_t i = 0; i < n; i++) {
        const ObjStr *part = AS_STR(parts[i]);
        memcpy(out, part->data, part->n_bytes);
        out += part->n_bytes;
    }
    return OBJ_VALUE(joined);
}

Value format_ascii(Context *cx, Value v) {
    const Value repr = value_repr(cx, v);
    if (IS_ERROR(repr) || str_is_ascii(AS_STR(repr))) {
        return repr;
    }
    const ObjStr *s = AS_STR(repr);
    Buf out = {0};
    size_t length;
    for (size_t i = 0; i < s->n_bytes; i += length) {
        const uint32_t c = utf8_decode(s->data + i, &length);
        if (c < 128) {
            buf_add_byte(&out, (char)c);
        } else {
            buf_add_escape(&out, c);
        }
    }
    return result(str_from_buf(cx, &out));
}
