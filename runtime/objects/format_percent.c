/* format_percent.c - template % args, for str and for bytes.
 *
 * The result grows in a Buf. Where the two types differ, Percent.is_bytes is asked. */

#include <limits.h>

#include "runtime/base/numtext.h"
#include "runtime/base/utf8.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/format_spec.h"
#include "runtime/objects/int.h"
#include "runtime/objects/int_text.h"
#include "runtime/objects/str_build.h"
#include "runtime/objects/str_format.h"
#include "runtime/objects/tuple.h"

enum { FLAG_LEFT = 1, FLAG_SIGN = 2, FLAG_BLANK = 4, FLAG_ALTERNATE = 8, FLAG_ZERO = 16 };
enum { DEFAULT_PRECISION = 6, ROOM_BYTES = 128, RESULT_ROOM_BYTES = 512 };

typedef struct Percent {
    Context *cx;
    bool is_bytes;
    const char *begin; /* of the template */
    const char *at;
    const char *end;
    Value args; /* a tuple, or the one argument */
    size_t n_args;
    size_t next_arg;
    bool is_mapping; /* args can be indexed by key: then not all of it need be used */
    Value key_value; /* the argument that "(key)" named, or VALUE_UNSET */
    Buf *out;
} Percent;

/* One conversion specifier. */
typedef struct Field {
    unsigned flags;
    int64_t width;     /* -1: none */
    int64_t precision; /* -1: none */
    char code;
} Field;

static bool fail(const Percent *p, ExcKind kind, const char *message) {
    exc_raise(p->cx, kind, "%s", message);
    return false;
}

static Value next_argument(Percent *p) {
    if (!IS_UNSET(p->key_value)) {
        return p->key_value;
    }
    if (p->next_arg >= p->n_args) {
        return exc_raise(p->cx, EXC_TypeError, "not enough arguments for format string");
    }
    const size_t i = p->next_arg++;
    return IS_TUPLE(p->args) ? AS_TUPLE(p->args)->items[i] : p->args;
}

/* Reading a specifier */

/* "(key)", whose brackets may be nested: fetches args[key]. */
static bool read_key(Percent *p) {
    if (!p->is_mapping) {
        return fail(p, EXC_TypeError, "format requires a mapping");
    }
    const char *key = ++p->at;
    int depth = 1;
    for (; p->at < p->end && depth > 0; p->at++) {
        depth += *p->at == '(' ? 1 : *p->at == ')' ? -1 : 0;
    }
    if (depth > 0) {
        return fail(p, EXC_ValueError, "incomplete format key");
    }
    const size_t n = (size_t)(p->at - key) - 1;
    Obj *object =
        p->is_bytes ? (Obj *)bytes_new(p->cx, key, n) : (Obj *)str_new(p->cx, key, n);
    if (object == NULL) {
        return false;
    }
    p->key_value = value_getitem(p->cx, p->args, OBJ_VALUE(object));
    return !IS_ERROR(p->key_value);
}

static void read_flags(Percent *p, Field *field) {
    for (; p->at < p->end; p->at++) {
        switch (*p->at) {
        case '-': field->flags |= FLAG_LEFT; break;
        case '+': field->flags |= FLAG_SIGN; break;
        case ' ': field->flags |= FLAG_BLANK; break;
        case '#': field->flags |= FLAG_ALTERNATE; break;
        case '0': field->flags |= FLAG_ZERO; break;
        default: return;
        }
    }
}

/* Digits or '*'. */
static bool read_number(Percent *p, int64_t *out, int64_t max, const char *too_big) {
    if (p->at < p->end && *p->at == '*') {
        p->at++;
        const Value v = next_argument(p);
        if (IS_ERROR(v)) {
            return false;
        }
        if (!IS_INT_LIKE(v)) {
            return fail(p, EXC_TypeError, "* wants int");
        }
        if (!int_to_i64(v, out) || *out > max || *out < -max) {
            return fail(p, EXC_OverflowError,
                        max == INT_MAX ? "Python int too large to convert to C int"
                                       : "Python int too large to convert to C ssize_t");
        }
        return true;
    }
    for (; p->at < p->end && *p->at >= '0' && *p->at <= '9'; p->at++) {
        const int64_t so_far = *out < 0 ? 0 : *out;
        if (so_far > (max - (*p->at - '0')) / 10) {
            return fail(p, EXC_ValueError, too_big);
        }
        *out = so_far * 10 + (*p->at - '0');
    }
    return true;
}

static bool read_field(Percent *p, Field *field) {
    *field = (Field){.width = -1, .precision = -1};
    if (p->at < p->end && *p->at == '(' && !read_key(p)) {
        return false;
    }
    read_flags(p, field);
    const bool has_star = p->at < p->end && *p->at == '*';
    if (!read_number(p, &field->width, PTRDIFF_MAX, "width too big")) {
        return false;
    }
    if (has_star && field->width < 0) {
        field->flags |= FLAG_LEFT;
        field->width = -field->width;
    }
    if (p->at < p->end && *p->at == '.') {
        p->at++;
        field->precision = 0;
        if (!read_number(p, &field->precision, INT_MAX, "precision too big")) {
            return false;
        }
        field->precision = field->precision < 0 ? 0 : field->precision;
    }
    if (p->at < p->end && (*p->at == 'h' || *p->at == 'l' || *p->at == 'L')) {
        p->at++;
    }
    if (p->at == p->end) {
        return fail(p, EXC_ValueError, "incomplete format");
    }
    field->code = *p->at++;
    return true;
}

/* Writing a field */

static bool pad(Percent *p, char fill, size_t n) {
    if (n > 0) {
        if (!format_check_size(p->cx, p->out->n_bytes + n)) {
            return false;
        }
        buf_add_repeated(p->out, fill, n);
    }
    return true;
}

/* Text of n_chars characters, in a field. */
static bool add_text(Percent *p, const Field *field, const char *text, size_t n_bytes,
                     size_t n_chars) {
    const size_t n_pad = field->width > 0 && (size_t)field->width > n_chars
                             ? (size_t)field->width - n_chars
                             : 0;
    if (!(field->flags & FLAG_LEFT) && !pad(p, ' ', n_pad)) {
        return false;
    }
    buf_add(p->out, text, n_bytes);
    return str_build_goes_on(p->cx, p->out->n_bytes) &&
           (!(field->flags & FLAG_LEFT) || pad(p, ' ', n_pad));
}

/* A number: its sign is the first character, if it is negative. Zeros that the
 * precision or the field ask for stand between prefix and digits. */
static bool add_number(Percent *p, const Field *field, const char *text, size_t n_bytes,
                       const char *prefix, size_t n_digits_min) {
    char sign = (field->flags & FLAG_SIGN) ? '+' : (field->flags & FLAG_BLANK) ? ' ' : 0;
    if (n_bytes > 0 && text[0] == '-') {
        sign = '-';
        text++;
        n_bytes--;
    }
    size_t n_zeros = n_digits_min > n_bytes ? n_digits_min - n_bytes : 0;
    const size_t n = (sign != 0) + strlen(prefix) + n_zeros + n_bytes;
    size_t n_pad =
        field->width > 0 && (size_t)field->width > n ? (size_t)field->width - n : 0;
    if ((field->flags & FLAG_ZERO) && !(field->flags & FLAG_LEFT)) {
        n_zeros += n_pad;
        n_pad = 0;
    }
    if (!(field->flags & FLAG_LEFT) && !pad(p, ' ', n_pad)) {
        return false;
    }
    if (sign != 0) {
        buf_add_byte(p->out, sign);
    }
    buf_add_text(p->out, prefix);
    if (!pad(p, '0', n_zeros)) {
        return false;
    }
    buf_add(p->out, text, n_bytes);
    return str_build_goes_on(p->cx, p->out->n_bytes) &&
           (!(field->flags & FLAG_LEFT) || pad(p, ' ', n_pad));
}

/* The integer that a d, i, u, o, x or X takes; VALUE_ERROR with an exception pending. */
static Value integer_of(Percent *p, const Field *field, Value v) {
    Context *cx = p->cx;
    if (LIKELY(IS_INT_LIKE(v))) {
        return v;
    }
    const bool is_exact_code =
        field->code == 'o' || field->code == 'x' || field->code == 'X';
    if (!is_exact_code && IS_FLOAT(v)) {
        return int_from_double(cx, value_to_double(v));
    }
    const ObjType *type = type_of(cx, v);
    const bool has_index = !IS_UNSET(type_special(type, SPECIAL_index));
    if (is_exact_code) {
        return has_index ? int_index(cx, v)
                         : exc_raise(cx, EXC_TypeError,
                                     "%%%c format: an integer is required, not %s",
                                     field->code, type_name_of(cx, v));
    }
    if (has_index || !IS_UNSET(type_special(type, SPECIAL_int))) {
        return call_value(cx, OBJ_VALUE(cx->rt->types[KIND_INT]), &v, 1);
    }
    return exc_raise(cx, EXC_TypeError, "%%%c format: a real number is required, not %s",
                     p->is_bytes && field->code == 'i' ? 'd' : field->code, type_name_of(cx, v));
}

static bool add_integer(Percent *p, const Field *field, Value v) {
    v = integer_of(p, field, v);
    if (IS_ERROR(v)) {
        return false;
    }
    const int base = field->code == 'o'                         ? 8
                     : field->code == 'x' || field->code == 'X' ? 16
                                                                : 10;
    if (field->flags == 0 && field->width < 0 && field->precision < 0) {
        return int_add_text(p->cx, p->out, v, base, field->code == 'X');
    }
    BUF_IN_ROOM(text, ROOM_BYTES);
    bool is_ok = int_add_text(p->cx, &text, v, base, field->code == 'X');
    if (is_ok) {
        const char *prefix = !(field->flags & FLAG_ALTERNATE) || base == 10 ? ""
                             : base == 8                                    ? "0o"
                             : field->code == 'X'                           ? "0X"
                                                                            : "0x";
        is_ok = add_number(p, field, text.bytes, text.n_bytes, prefix,
                           field->precision < 0 ? 0 : (size_t)field->precision);
    }
    buf_free(&text);
    return is_ok;
}

/* Formats of bytes have a message of their own for whatever went wrong. */
static bool refuse_float(Context *cx, Value v) {
    if (exc_take_if(cx, EXC_Exception)) {
        exc_raise(cx, EXC_TypeError, "float argument required, not %s", type_name_of(cx, v));
    }
    return false;
}

static bool add_float(Percent *p, const Field *field, Value v) {
    double d;
    if (!float_arg(p->cx, v, &d)) {
        return p->is_bytes && refuse_float(p->cx, v);
    }
    const int64_t precision = field->precision < 0 ? DEFAULT_PRECISION : field->precision;
    if (!format_check_size(p->cx, (size_t)precision)) {
        return false;
    }
    BUF_IN_ROOM(text, ROOM_BYTES);
    numtext_format(&text, d, field->code, (int)precision,
                   (field->flags & FLAG_ALTERNATE) ? NUMTEXT_ALTERNATE : 0);
    const bool is_ok = add_number(p, field, text.bytes, text.n_bytes, "", 0);
    buf_free(&text);
    return is_ok;
}

/* What is neither text nor an integer may have an __index__. */
static Value char_argument(Percent *p, Value v) {
    if (IS_INT_LIKE(v) || IS_STR(v) || IS_BYTES(v)) {
        return v;
    }
    const Value index = int_index(p->cx, v);
    if (IS_ERROR(index) && exc_matches_kind(p->cx, p->cx->pending, EXC_TypeError)) {
        exc_take(p->cx);
        return v;
    }
    return index;
}

static bool add_char(Percent *p, const Field *field, Value v) {
    char text[UTF8_MAX_BYTES];
    int64_t c;
    v = char_argument(p, v);
    if (IS_ERROR(v)) {
        return false;
    }
    if (IS_INT_LIKE(v)) {
        const int64_t max = p->is_bytes ? UCHAR_MAX : UTF8_MAX_CODE_POINT;
        if (!int_to_i64(v, &c) || c < 0 || c > max) {
            return fail(p, EXC_OverflowError,
                        p->is_bytes ? "%c arg not in range(256)"
                                    : "%c arg not in range(0x110000)");
        }
        text[0] = (char)c;
        return add_text(p, field, text, p->is_bytes ? 1 : utf8_encode((uint32_t)c, text),
                        1);
    }
    if (p->is_bytes) {
        v = IS_KIND(v, KIND_BYTEARRAY) ? byte_view_to_bytes(p->cx, v) : v;
        if (!IS_BYTES(v) || AS_BYTES(v)->n_bytes != 1) {
            return fail(p, EXC_TypeError,
                        "%c requires an integer in range(256) or a single byte");
        }
        return add_text(p, field, AS_BYTES(v)->data, 1, 1);
    }
    if (!IS_STR(v) || AS_STR(v)->n_chars != 1) {
        return fail(p, EXC_TypeError, "%c requires int or char");
    }
    return add_text(p, field, AS_STR(v)->data, AS_STR(v)->n_bytes, 1);
}

/* The text of s, cut to the precision. */
static bool add_str(Percent *p, const Field *field, Value text) {
    if (IS_ERROR(text)) {
        return false;
    }
    const ObjStr *s = AS_STR(text);
    size_t n_chars = s->n_chars;
    if (field->precision >= 0 && (size_t)field->precision < n_chars) {
        n_chars = (size_t)field->precision;
    }
    return add_text(p, field, s->data, str_byte_of_char(s, n_chars), n_chars);
}

/* %s and %b of bytes. */
static bool add_bytes(Percent *p, const Field *field, Value v) {
    v = byte_view_to_bytes(p->cx, v);
    if (!IS_BYTES(v)) {
        const Value method =
            IS_OBJ(v) ? type_special(type_of(p->cx, v), SPECIAL_bytes) : VALUE_UNSET;
        if (IS_UNSET(method)) {
            exc_raise(p->cx, EXC_TypeError,
                      "%%b requires a bytes-like object, or an object that implements "
                      "__bytes__, not '%s'",
                      type_name_of(p->cx, v));
            return false;
        }
        v = call_method(p->cx, method, v, NULL, 0);
        if (IS_ERROR(v) || !IS_BYTES(v)) {
            return !IS_ERROR(v) && fail(p, EXC_TypeError, "__bytes__ returned non-bytes");
        }
    }
    size_t n = AS_BYTES(v)->n_bytes;
    if (field->precision >= 0 && (size_t)field->precision < n) {
        n = (size_t)field->precision;
    }
    return add_text(p, field, AS_BYTES(v)->data, n, n);
}

static bool raise_unsupported(const Percent *p) {
    /* The place is told in characters. */
    const char *at = p->at - 1;
    while (!p->is_bytes && utf8_is_continuation((unsigned char)*at)) {
        at--;
    }
    size_t n = 1;
    const uint32_t c = p->is_bytes ? (unsigned char)*at : utf8_decode(at, &n);
    const size_t place = p->is_bytes ? (size_t)(at - p->begin)
                                     : utf8_count(p->begin, (size_t)(at - p->begin));
    exc_raise(p->cx, EXC_ValueError,
              "unsupported format character '%.*s' (0x%x) at index %zu",
              c > 31 && c < 127 ? 1
              : p->is_bytes     ? 0
                                : (int)n,
              c > 31 && c < 127 ? at : "?", (unsigned)c, place);
    return false;
}

static bool add_field(Percent *p, const Field *field, Value v) {
    switch (field->code) {
    case 's':
        return p->is_bytes ? add_bytes(p, field, v)
                           : add_str(p, field, value_str(p->cx, v));
    case 'b': return p->is_bytes ? add_bytes(p, field, v) : raise_unsupported(p);
    case 'r':
        return add_str(p, field,
                       p->is_bytes ? format_ascii(p->cx, v) : value_repr(p->cx, v));
    case 'a': return add_str(p, field, format_ascii(p->cx, v));
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X': return add_integer(p, field, v);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': return add_float(p, field, v);
    case 'c': return add_char(p, field, v);
    default: return raise_unsupported(p);
    }
}

/* Everything up to the end of the template. */
static bool run(Percent *p) {
    while (p->at < p->end) {
        const char *percent = memchr(p->at, '%', (size_t)(p->end - p->at));
        const char *stop = percent == NULL ? p->end : percent;
        buf_add(p->out, p->at, (size_t)(stop - p->at));
        if (percent == NULL) {
            break;
        }
        p->at = percent + 1;
        if (p->at < p->end && *p->at == '%') {
            buf_add_byte(p->out, '%');
            p->at++;
            continue;
        }
        Field field;
        p->key_value = VALUE_UNSET;
        if (!read_field(p, &field)) {
            return false;
        }
        const Value v = next_argument(p);
        if (IS_ERROR(v) || !add_field(p, &field, v)) {
            return false;
        }
    }
    if (p->next_arg < p->n_args && !p->is_mapping) {
        return fail(p, EXC_TypeError,
                    p->is_bytes ? "not all arguments converted during bytes formatting"
                                : "not all arguments converted during string formatting");
    }
    return true;
}

static void open_percent(Context *cx, Percent *p, Buf *out, const char *template,
                         size_t n_bytes, Value args) {
    *p = (Percent){.cx = cx,
                   .out = out,
                   .begin = template,
                   .at = template,
                   .end = template + n_bytes,
                   .args = args};
    p->n_args = IS_TUPLE(args) ? AS_TUPLE(args)->n : 1;
    p->is_mapping = IS_OBJ(args) && !IS_TUPLE(args) && !IS_STR(args) &&
                    ((!IS_TYPE(args) && !IS_KIND(args, KIND_DEQUE) && kind_ops[value_kind(args)]->getitem != NULL) ||
                     !IS_UNSET(type_special(type_of(cx, args), SPECIAL_getitem)));
}

Value format_percent(Context *cx, ObjStr *template, Value args) {
    BUF_IN_ROOM(out, RESULT_ROOM_BYTES);
    Percent p;
    open_percent(cx, &p, &out, template->data, template->n_bytes, args);
    if (!run(&p)) {
        buf_free(&out);
        return VALUE_ERROR;
    }
    ObjStr *s = str_from_buf(cx, &out);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

Value format_percent_bytes(Context *cx, ObjBytes *template, Value args) {
    BUF_IN_ROOM(out, RESULT_ROOM_BYTES);
    Percent p;
    open_percent(cx, &p, &out, template->data, template->n_bytes, args);
    p.is_bytes = true;
    p.is_mapping = p.is_mapping && !IS_BYTES(args) && !IS_KIND(args, KIND_BYTEARRAY);
    if (!run(&p)) {
        buf_free(&out);
        return VALUE_ERROR;
    }
    ObjBytes *bytes = bytes_new(cx, out.bytes, out.n_bytes);
    buf_free(&out);
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}
