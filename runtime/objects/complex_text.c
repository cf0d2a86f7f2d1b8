/* complex_text.c - complex numbers as text, and read from it. */

#include "runtime/objects/complex_text.h"

#include <ctype.h>
#include <math.h>

#include "runtime/base/numtext.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/format_spec.h"
#include "runtime/objects/int_text.h"

/* To text */

/* Is the real part left out where no form is asked for? */
static bool is_imaginary(Complex z) {
    return z.real == 0 && !signbit(z.real);
}

Value complex_repr(Context *cx, Complex z) {
    BUF_IN_ROOM(text, 2 * NUMTEXT_DOUBLE_BYTES + sizeof "(+j)");
    const bool has_real = !is_imaginary(z);
    if (has_real) {
        buf_add_byte(&text, '(');
        numtext_format(&text, z.real, 'r', 0, 0);
        if (isnan(z.imag) || !signbit(z.imag)) {
            buf_add_byte(&text, '+');
        }
    }
    numtext_format(&text, z.imag, 'r', 0, 0);
    buf_add_text(&text, has_real ? "j)" : "j");
    ObjStr *s = str_new_ascii(cx, text.bytes, text.n_bytes);
    buf_free(&text);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

static bool check_spec(Context *cx, const FormatSpec *spec, Value v) {
    if (spec->type != 0 &&
        (spec->type >= 128 || strchr("eEfFgGn", (int)spec->type) == NULL)) {
        format_raise_unknown_code(cx, spec, v);
    } else if (spec->fill[0] == '0') {
        exc_raise(cx, EXC_ValueError,
                  "Zero padding is not allowed in complex format specifier");
    } else if (spec->align == '=') {
        exc_raise(cx, EXC_ValueError,
                  "'=' alignment flag is not allowed in complex format specifier");
    } else {
        return true;
    }
    return false;
}

/* The parts without their field, which surrounds both. */
static ObjStr *format_parts(Context *cx, Complex z, const FormatSpec *spec) {
    FormatSpec part = *spec;
    part.width = -1;
    const bool has_real = spec->type != 0 || !is_imaginary(z);
    const Value real = has_real ? format_spec_double(cx, z.real, &part, 0) : VALUE_NONE;
    part.sign = has_real ? '+' : spec->sign;
    const Value imag =
        IS_ERROR(real) ? VALUE_ERROR : format_spec_double(cx, z.imag, &part, 0);
    if (IS_ERROR(imag)) {
        return NULL;
    }
    const bool has_brackets = has_real && spec->type == 0;
    Buf text = {0};
    buf_add_text(&text, has_brackets ? "(" : "");
    if (has_real) {
        buf_add(&text, AS_STR(real)->data, AS_STR(real)->n_bytes);
    }
    buf_add(&text, AS_STR(imag)->data, AS_STR(imag)->n_bytes);
    buf_add_text(&text, has_brackets ? "j)" : "j");
    return str_from_buf(cx, &text);
}

Value complex_format(Context *cx, Value v, ObjStr *text) {
    if (text->n_bytes == 0) {
        return value_str(cx, v);
    }
    FormatSpec spec;
    if (!format_spec_parse(cx, text, 0, '>', v, &spec) || !check_spec(cx, &spec, v)) {
        return VALUE_ERROR;
    }
    ObjStr *bare = format_parts(cx, AS_COMPLEX(v), &spec);
    return bare == NULL ? VALUE_ERROR : format_spec_text(cx, &spec, bare, bare->n_chars);
}

/* From text */

static const char *skip_digits(const char *at, const char *end) {
    while (at < end && isdigit((unsigned char)*at)) {
        at++;
    }
    return at;
}

static const char *skip_word(const char *at, const char *end, const char *word) {
    for (; *word != '\0'; word++, at++) {
        if (at == end || tolower((unsigned char)*at) != *word) {
            return NULL;
        }
    }
    return at;
}

static bool is_sign(const char *at, const char *end) {
    return at < end && (*at == '+' || *at == '-');
}

/* Behind the longest number that a text begins with, which may have a sign; NULL when it
 * begins with none. */
static const char *skip_number(const char *at, const char *end) {
    static const char *const words[] = {"infinity", "inf", "nan"};
    at += is_sign(at, end);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *behind = skip_word(at, end, words[i]);
        if (behind != NULL) {
            return behind;
        }
    }
    const char *point = skip_digits(at, end);
    const char *behind = point;
    if (point < end && *point == '.') {
        behind = skip_digits(point + 1, end);
    }
    if (behind == at || (point == at && behind == at + 1)) {
        return NULL;
    }
    if (behind < end && (*behind == 'e' || *behind == 'E')) {
        const char *exponent = behind + 1;
        exponent += is_sign(exponent, end);
        return skip_digits(exponent, end) > exponent ? skip_digits(exponent, end)
                                                     : behind;
    }
    return behind;
}

typedef struct Reader {
    const char *at;
    const char *end;
} Reader;

static bool take_letter_j(Reader *r) {
    const bool is_there = r->at < r->end && (*r->at == 'j' || *r->at == 'J');
    r->at += is_there;
    return is_there;
}

/* A number, or a sign (or nothing, where *is_bare allows it) that stands for 1. */
static bool take_part(Reader *r, double *out, bool *is_bare) {
    const char *behind = skip_number(r->at, r->end);
    *is_bare = behind == NULL;
    if (behind != NULL) {
        const bool is_ok = float_read(r->at, (size_t)(behind - r->at), out);
        r->at = behind;
        return is_ok;
    }
    *out = r->at < r->end && *r->at == '-' ? -1.0 : 1.0;
    r->at += is_sign(r->at, r->end);
    return true;
}

static void skip_space(Reader *r) {
    while (r->at < r->end && float_is_space(*r->at)) {
        r->at++;
    }
}

/* real, imag "j", real imag "j"; a missing digit sequence before the j means 1. */
static bool take_parts(Reader *r, Complex *out) {
    double first;
    bool is_bare;
    if (!take_part(r, &first, &is_bare)) {
        return false;
    }
    if (take_letter_j(r)) {
        *out = (Complex){0.0, first};
        return true;
    }
    if (is_bare) {
        return false;
    }
    *out = (Complex){first, 0.0};
    return !is_sign(r->at, r->end) ||
           (take_part(r, &out->imag, &is_bare) && take_letter_j(r));
}

static bool parse_plain(const char *text, size_t n_bytes, Complex *out) {
    if (n_bytes == 0) {
        return false;
    }
    Reader r = {text, text + n_bytes};
    skip_space(&r);
    const bool has_bracket = r.at < r.end && *r.at == '(';
    if (has_bracket) {
        r.at++;
        skip_space(&r);
    }
    if (!take_parts(&r, out)) {
        return false;
    }
    skip_space(&r);
    if (has_bracket) {
        if (r.at == r.end || *r.at++ != ')') {
            return false;
        }
        skip_space(&r);
    }
    return r.at == r.end;
}

static bool raise_underscores(Context *cx, const ObjStr *text) {
    const Value repr = value_repr(cx, OBJ_VALUE(text));
    if (!IS_ERROR(repr)) {
        exc_raise(cx, EXC_ValueError, "could not convert string to complex: %.*s",
                  (int)AS_STR(repr)->n_bytes, AS_STR(repr)->data);
    }
    return false;
}

bool complex_parse(Context *cx, const ObjStr *text, Complex *out) {
    Buf ascii = {0};
    Buf plain = {0};
    int_add_plain_digits(&ascii, text->data, text->n_bytes);
    const bool has_good_underscores =
        float_strip_underscores(ascii.bytes, ascii.n_bytes, &plain);
    const bool is_ok =
        has_good_underscores && parse_plain(plain.bytes, plain.n_bytes, out);
    buf_free(&ascii);
    buf_free(&plain);
    if (!has_good_underscores) {
        return raise_underscores(cx, text);
    }
    if (!is_ok) {
        exc_raise(cx, EXC_ValueError, "complex() arg is a malformed string");
    }
    return is_ok;
}
