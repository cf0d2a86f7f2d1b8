/* format_spec.c - the format specification mini-language: format() of int, float and
 * str. */

#include "runtime/objects/format_spec.h"

#include <limits.h>
#include <math.h>

#include "runtime/base/numtext.h"
#include "runtime/base/utf8.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/int_text.h"
#include "runtime/objects/str_format.h"

enum { PROBE_FROM_BYTES = 1 << 20, DEFAULT_PRECISION = 6, ROOM_BYTES = 128 };

bool format_check_size(Context *cx, size_t n_bytes) {
    char *data;
    return n_bytes < PROBE_FROM_BYTES ||
           str_new_room(cx, n_bytes, n_bytes, &data) != NULL;
}

/* Parsing */

typedef struct Reader {
    const char *at;
    const char *end;
} Reader;

static bool is_align(char c) {
    return c == '<' || c == '>' || c == '=' || c == '^';
}

static bool take(Reader *r, char c) {
    if (r->at < r->end && *r->at == c) {
        r->at++;
        return true;
    }
    return false;
}

/* Digits, -1 when there are none. False: too many. */
static bool take_number(Context *cx, Reader *r, int64_t *out) {
    *out = -1;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
        const int64_t so_far = *out < 0 ? 0 : *out;
        if (so_far > (INT64_MAX - 9) / 10) {
            exc_raise(cx, EXC_ValueError, "Too many decimal digits in format string");
            return false;
        }
        *out = so_far * 10 + (*r->at - '0');
    }
    return true;
}

/* Fill and alignment; the bytes of the first character are n. True when an alignment
 * was given. */
static bool take_alignment(Reader *r, FormatSpec *spec, bool *has_fill) {
    const size_t left = (size_t)(r->end - r->at);
    const size_t n = left == 0 ? 0 : utf8_length((unsigned char)*r->at);
    if (left > n && n > 0 && is_align(r->at[n])) {
        memcpy(spec->fill, r->at, n);
        spec->n_fill = (uint8_t)n;
        spec->align = r->at[n];
        r->at += n + 1;
        *has_fill = true;
        return true;
    }
    if (left > 0 && is_align(*r->at)) {
        spec->align = *r->at++;
        return true;
    }
    return false;
}

static bool raise_both_groupings(Context *cx) {
    exc_raise(cx, EXC_ValueError, "Cannot specify both ',' and '_'.");
    return false;
}

static bool take_grouping(Context *cx, Reader *r, FormatSpec *spec) {
    if (take(r, ',')) {
        spec->grouping = ',';
    }
    if (take(r, '_')) {
        if (spec->grouping != 0) {
            return raise_both_groupings(cx);
        }
        spec->grouping = '_';
    }
    return !(spec->grouping == '_' && r->at < r->end && *r->at == ',') ||
           raise_both_groupings(cx);
}

static bool check_grouping(Context *cx, const FormatSpec *spec) {
    const uint32_t type = spec->type;
    if (spec->grouping == 0 || type == 0 ||
        (type < 128 && strchr("deEfFgG%", (int)type) != NULL) ||
        (spec->grouping == '_' && type < 128 && strchr("boxX", (int)type) != NULL)) {
        return true;
    }
    if (type > 32 && type < 128) {
        exc_raise(cx, EXC_ValueError, "Cannot specify '%c' with '%c'.", spec->grouping,
                  (char)type);
    } else {
        exc_raise(cx, EXC_ValueError, "Cannot specify '%c' with '\\x%x'.", spec->grouping,
                  (unsigned)type);
    }
    return false;
}

bool format_spec_parse(Context *cx, const ObjStr *text, uint32_t default_type,
                       char default_align, Value for_value, FormatSpec *spec) {
    *spec = (FormatSpec){
        .fill = " ", .n_fill = 1, .align = default_align, .type = default_type};
    Reader r = {text->data, text->data + text->n_bytes};
    bool has_fill = false;
    const bool has_align = take_alignment(&r, spec, &has_fill);
    if (r.at < r.end && (*r.at == '+' || *r.at == '-' || *r.at == ' ')) {
        spec->sign = *r.at++;
    }
    spec->no_negative_zero = take(&r, 'z');
    spec->is_alternate = take(&r, '#');
    if (!has_fill && take(&r, '0')) {
        spec->fill[0] = '0';
        if (!has_align && default_align == '>') {
            spec->align = '=';
        }
    }
    if (!take_number(cx, &r, &spec->width) || !take_grouping(cx, &r, spec)) {
        return false;
    }
    spec->precision = -1;
    if (take(&r, '.')) {
        if (!take_number(cx, &r, &spec->precision)) {
            return false;
        }
        if (spec->precision < 0) {
            exc_raise(cx, EXC_ValueError, "Format specifier missing precision");
            return false;
        }
    }
    if (r.at < r.end) {
        size_t n;
        spec->type = utf8_decode(r.at, &n);
        if (r.at + n != r.end) {
            exc_raise(cx, EXC_ValueError,
                      "Invalid format specifier '%.*s' for object of type '%s'",
                      (int)text->n_bytes, text->data, type_name_of(cx, for_value));
            return false;
        }
    }
    return check_grouping(cx, spec);
}

Value format_raise_unknown_code(Context *cx, const FormatSpec *spec, Value v) {
    if (spec->type > 32 && spec->type < 128) {
        return exc_raise(cx, EXC_ValueError,
                         "Unknown format code '%c' for object of type '%s'",
                         (char)spec->type, type_name_of(cx, v));
    }
    return exc_raise(cx, EXC_ValueError,
                     "Unknown format code '\\x%x' for object of type '%s'",
                     (unsigned)spec->type, type_name_of(cx, v));
}

/* Layout */

static char *put(char *out, const char *bytes, size_t n) {
    if (n > 0) {
        memcpy(out, bytes, n);
    }
    return out + n;
}

static char *put_fill(char *out, const FormatSpec *spec, size_t n) {
    if (spec->n_fill == 1) {
        memset(out, spec->fill[0], n);
        return out + n;
    }
    for (size_t i = 0; i < n; i++) {
        out = put(out, spec->fill, spec->n_fill);
    }
    return out;
}

/* Digits in groups, with zeros in front up to min_width. The highest group is never a
 * lone separator, so the result may be one longer. Written backwards from end; with end
 * NULL only counted. */
static size_t group(const NumberParts *parts, char separator, int64_t group_size,
                    int64_t min_width, char *end) {
    size_t n_written = 0;
    size_t left = parts->n_digits;
    for (;;) {
        int64_t wanted = (int64_t)left > min_width ? (int64_t)left : min_width;
        wanted = wanted < 1 ? 1 : wanted > group_size ? group_size : wanted;
        const size_t n_digits = left < (size_t)wanted ? left : (size_t)wanted;
        if (end != NULL) {
            memcpy(end - n_written - n_digits, parts->digits + left - n_digits, n_digits);
            memset(end - n_written - wanted, '0', (size_t)wanted - n_digits);
        }
        n_written += (size_t)wanted;
        left -= n_digits;
        min_width -= wanted;
        if (left == 0 && min_width <= 0) {
            return n_written;
        }
        if (end != NULL) {
            end[-(ptrdiff_t)n_written - 1] = separator;
        }
        n_written++;
        min_width--;
    }
}

/* What stands left, after the prefix and right of a field's content of n characters. */
static void divide_padding(const FormatSpec *spec, size_t n, size_t *left, size_t *middle,
                           size_t *right) {
    const size_t n_pad =
        spec->width > 0 && (size_t)spec->width > n ? (size_t)spec->width - n : 0;
    *left = spec->align == '>' ? n_pad : spec->align == '^' ? n_pad / 2 : 0;
    *middle = spec->align == '=' ? n_pad : 0;
    *right = n_pad - *left - *middle;
}

Value format_spec_number(Context *cx, const FormatSpec *spec, const NumberParts *parts) {
    const size_t n_prefix = strlen(parts->prefix);
    const size_t n_around = (parts->sign != 0) + n_prefix + parts->n_tail;
    const int64_t group_size =
        spec->type < 128 && spec->type != 0 && strchr("boxX", (int)spec->type) != NULL
            ? 4
            : 3;
    const bool has_groups = spec->grouping != 0 && parts->n_digits > 0;
    size_t n_digits = parts->n_digits;
    int64_t min_width = 0;
    if (has_groups) {
        if (spec->fill[0] == '0' && spec->align == '=') {
            min_width = spec->width - (int64_t)n_around;
        }
        if (min_width > 0 && !format_check_size(cx, (size_t)min_width)) {
            return VALUE_ERROR;
        }
        n_digits = group(parts, spec->grouping, group_size, min_width, NULL);
    }
    size_t left;
    size_t middle;
    size_t right;
    divide_padding(spec, n_around + n_digits, &left, &middle, &right);
    const size_t n_pad = left + middle + right;
    size_t n_bytes;
    char *out;
    if (__builtin_mul_overflow(n_pad, (size_t)spec->n_fill, &n_bytes) ||
        __builtin_add_overflow(n_bytes, n_around + n_digits, &n_bytes)) {
        return exc_raise_no_memory(cx);
    }
    ObjStr *s = str_new_room(cx, n_bytes, n_pad + n_around + n_digits, &out);
    if (s == NULL) {
        return VALUE_ERROR;
    }
    out = put_fill(out, spec, left);
    if (parts->sign != 0) {
        *out++ = parts->sign;
    }
    out = put(out, parts->prefix, n_prefix);
    out = put_fill(out, spec, middle);
    if (has_groups) {
        out += n_digits;
        group(parts, spec->grouping, group_size, min_width, out);
    } else {
        out = put(out, parts->digits, n_digits);
    }
    out = put(out, parts->tail, parts->n_tail);
    put_fill(out, spec, right);
    return OBJ_VALUE(s);
}

Value format_spec_text(Context *cx, const FormatSpec *spec, ObjStr *s, size_t n_chars) {
    size_t left;
    size_t middle;
    size_t right;
    divide_padding(spec, n_chars, &left, &middle, &right);
    const size_t n_pad = left + middle + right;
    if (n_pad == 0) {
        ObjStr *part = str_slice(cx, s, 0, n_chars);
        return part == NULL ? VALUE_ERROR : OBJ_VALUE(part);
    }
    const size_t n_text = str_byte_of_char(s, n_chars);
    size_t n_bytes;
    char *out;
    if (__builtin_mul_overflow(n_pad, (size_t)spec->n_fill, &n_bytes) ||
        __builtin_add_overflow(n_bytes, n_text, &n_bytes)) {
        return exc_raise_no_memory(cx);
    }
    ObjStr *padded = str_new_room(cx, n_bytes, n_pad + n_chars, &out);
    if (padded == NULL) {
        return VALUE_ERROR;
    }
    out = put_fill(out, spec, left + middle);
    out = put(out, s->data, n_text);
    put_fill(out, spec, right);
    return OBJ_VALUE(padded);
}

void format_spec_split(const char *text, size_t n_bytes, NumberParts *parts) {
    *parts = (NumberParts){.prefix = ""};
    if (n_bytes > 0 && (*text == '-' || *text == '+')) {
        parts->sign = *text++;
        n_bytes--;
    }
    parts->digits = text;
    while (parts->n_digits < n_bytes && text[parts->n_digits] >= '0' &&
           text[parts->n_digits] <= '9') {
        parts->n_digits++;
    }
    parts->tail = text + parts->n_digits;
    parts->n_tail = n_bytes - parts->n_digits;
}

static char shown_sign(const FormatSpec *spec, bool is_negative) {
    return is_negative ? '-' : spec->sign == '+' || spec->sign == ' ' ? spec->sign : 0;
}

/* int */

static Value format_char(Context *cx, Value v, FormatSpec *spec) {
    if (spec->sign != 0) {
        return exc_raise(cx, EXC_ValueError,
                         "Sign not allowed with integer format specifier 'c'");
    }
    if (spec->is_alternate) {
        return exc_raise(
            cx, EXC_ValueError,
            "Alternate form (#) not allowed with integer format specifier 'c'");
    }
    int64_t c;
    if (!int_to_i64(v, &c)) {
        return exc_raise(cx, EXC_OverflowError, "Python int too large to convert to C long");
    }
    if (c < 0 || c > UTF8_MAX_CODE_POINT) {
        return exc_raise(cx, EXC_OverflowError, "%%c arg not in range(0x110000)");
    }
    ObjStr *s = str_from_char(cx, (uint32_t)c);
    if (s == NULL) {
        return VALUE_ERROR;
    }
    spec->align = spec->align == '=' ? '>' : spec->align;
    return format_spec_text(cx, spec, s, 1);
}

static Value format_integer(Context *cx, Value v, FormatSpec *spec) {
    if (spec->precision >= 0) {
        return exc_raise(cx, EXC_ValueError,
                         "Precision not allowed in integer format specifier");
    }
    if (spec->no_negative_zero) {
        return exc_raise(
            cx, EXC_ValueError,
            "Negative zero coercion (z) not allowed in integer format specifier");
    }
    if (spec->type == 'c') {
        return format_char(cx, v, spec);
    }
    const bool is_upper = spec->type == 'X';
    const int base = is_upper || spec->type == 'x' ? 16
                     : spec->type == 'o'           ? 8
                     : spec->type == 'b'           ? 2
                                                   : 10;
    BUF_IN_ROOM(text, ROOM_BYTES);
    if (!int_add_text(cx, &text, v, base, is_upper)) {
        buf_free(&text);
        return VALUE_ERROR;
    }
    NumberParts parts;
    format_spec_split(text.bytes, text.n_bytes, &parts);
    parts.n_digits += parts.n_tail; /* the letters of base 16 */
    parts.n_tail = 0;
    parts.sign = shown_sign(spec, parts.sign == '-');
    if (spec->is_alternate) {
        parts.prefix = base == 10  ? ""
                       : base == 8 ? "0o"
                       : base == 2 ? "0b"
                       : is_upper  ? "0X"
                                   : "0x";
    }
    const Value result = format_spec_number(cx, spec, &parts);
    buf_free(&text);
    return result;
}

/* float */

static bool is_zero_text(const Buf *text) {
    for (size_t i = 0; i < text->n_bytes; i++) {
        const char c = text->bytes[i];
        if (c == 'e' || c == 'E') {
            return true;
        }
        if ((c >= '1' && c <= '9') || c == 'n' || c == 'i' || c == 'N' || c == 'I') {
            return false;
        }
    }
    return true;
}

Value format_spec_double(Context *cx, double d, const FormatSpec *spec, unsigned flags) {
    char type = (char)spec->type;
    int64_t precision = spec->precision;
    if (precision > INT_MAX) {
        return exc_raise(cx, EXC_ValueError, "precision too big");
    }
    if (type == 0) {
        type = precision < 0 ? 'r' : 'g';
    } else {
        flags = 0;
    }
    flags |= spec->is_alternate ? NUMTEXT_ALTERNATE : 0;
    if (type == 'n') {
        type = 'g';
    }
    if (type == '%') {
        type = 'f';
        d *= 100;
    }
    if (precision < 0) {
        precision = DEFAULT_PRECISION;
    } else if (!format_check_size(cx, (size_t)precision)) {
        return VALUE_ERROR;
    }
    BUF_IN_ROOM(text, ROOM_BYTES);
    numtext_format(&text, d, type, (int)precision, flags);
    if (spec->type == '%') {
        buf_add_byte(&text, '%');
    }
    NumberParts parts;
    format_spec_split(text.bytes, text.n_bytes, &parts);
    const bool is_negative =
        parts.sign == '-' && !(spec->no_negative_zero && is_zero_text(&text));
    parts.sign = shown_sign(spec, is_negative);
    const Value result = format_spec_number(cx, spec, &parts);
    buf_free(&text);
    return result;
}

static bool is_float_code(uint32_t type) {
    return type != 0 && type < 128 && strchr("eEfFgG%", (int)type) != NULL;
}

Value format_int(Context *cx, Value v, ObjStr *text) {
    if (text->n_bytes == 0) {
        return value_str(cx, v);
    }
    FormatSpec spec;
    if (!format_spec_parse(cx, text, 'd', '>', v, &spec)) {
        return VALUE_ERROR;
    }
    if (spec.type < 128 && strchr("bcdoxXn", (int)spec.type) != NULL) {
        return format_integer(cx, v, &spec);
    }
    if (!is_float_code(spec.type)) {
        return format_raise_unknown_code(cx, &spec, v);
    }
    const double d = int_to_double(cx, v);
    return IS_UNSET(cx->pending) ? format_spec_double(cx, d, &spec, NUMTEXT_DOT_ZERO) : VALUE_ERROR;
}

Value format_float(Context *cx, Value v, ObjStr *text) {
    if (text->n_bytes == 0) {
        return value_str(cx, v);
    }
    FormatSpec spec;
    double d;
    if (!format_spec_parse(cx, text, 0, '>', v, &spec)) {
        return VALUE_ERROR;
    }
    if (spec.type != 0 && spec.type != 'n' && !is_float_code(spec.type)) {
        return format_raise_unknown_code(cx, &spec, v);
    }
    return float_from_number(cx, v, &d) ? format_spec_double(cx, d, &spec, NUMTEXT_DOT_ZERO) : VALUE_ERROR;
}

/* str */

static Value refuse(Context *cx, const char *what) {
    return exc_raise(cx, EXC_ValueError, "%s not allowed in string format specifier",
                     what);
}

Value format_str(Context *cx, Value v, ObjStr *text) {
    if (text->n_bytes == 0) {
        return value_str(cx, v);
    }
    ObjStr *s = AS_STR(v);
    FormatSpec spec;
    if (!format_spec_parse(cx, text, 's', '<', v, &spec)) {
        return VALUE_ERROR;
    }
    if (spec.type != 's') {
        return format_raise_unknown_code(cx, &spec, v);
    }
    if (spec.sign != 0) {
        return refuse(cx, spec.sign == ' ' ? "Space" : "Sign");
    }
    if (spec.no_negative_zero) {
        return refuse(cx, "Negative zero coercion (z)");
    }
    if (spec.is_alternate) {
        return refuse(cx, "Alternate form (#)");
    }
    if (spec.align == '=') {
        return refuse(cx, "'=' alignment");
    }
    const bool is_cut = spec.precision >= 0 && (size_t)spec.precision < s->n_chars;
    if (!is_cut && spec.width <= (int64_t)s->n_chars) {
        return v;   /* whatever class it is of, as in CPython */
    }
    return format_spec_text(cx, &spec, s, is_cut ? (size_t)spec.precision : s->n_chars);
}
