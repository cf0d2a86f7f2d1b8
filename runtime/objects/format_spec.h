/* format_spec.h - the format specification mini-language,
 * [[fill]align][sign][z][#][0][width][grouping][.precision][type], and the layout of
 * numbers in a field, which % formatting shares. */

#ifndef MINI_OBJECTS_FORMAT_SPEC_H
#define MINI_OBJECTS_FORMAT_SPEC_H

#include "runtime/base/buf.h"
#include "runtime/objects/str.h"

typedef struct FormatSpec {
    char fill[4];          /* one character */
    uint8_t n_fill;        /* its bytes */
    char align;            /* '<' '>' '=' '^' */
    char sign;             /* '+', '-', ' ' or 0 */
    char grouping;         /* ',' '_' or 0 */
    bool is_alternate;     /* '#' */
    bool no_negative_zero; /* 'z' */
    uint32_t type;         /* 0: none given */
    int64_t width;         /* -1: none */
    int64_t precision;     /* -1: none */
} FormatSpec;

/* A number in parts: sign, prefix, digits (which may be grouped), and what follows
 * them. */
typedef struct NumberParts {
    char sign;          /* 0: none */
    const char *prefix; /* "0x" or "" */
    const char *digits;
    size_t n_digits;
    const char *tail; /* ".5e+10", or the whole of "inf" */
    size_t n_tail;
} NumberParts;

/* for_value is named in messages. False: ValueError. */
bool format_spec_parse(Context *cx, const ObjStr *text, uint32_t default_type,
                       char default_align, Value for_value, FormatSpec *spec);

/* "Unknown format code 'x' for object of type 'float'" */
Value format_raise_unknown_code(Context *cx, const FormatSpec *spec, Value v);

/* A new str with a float in its field. flags: those of numtext_format for a spec without a
 * type. */
Value format_spec_double(Context *cx, double d, const FormatSpec *spec, unsigned flags);

/* A new str with the number in its field. */
Value format_spec_number(Context *cx, const FormatSpec *spec, const NumberParts *parts);

/* A new str with the first n_chars characters of s in its field. */
Value format_spec_text(Context *cx, const FormatSpec *spec, ObjStr *s, size_t n_chars);

/* The parts of what numtext_format printed: sign, digits before the point, the rest. */
void format_spec_split(const char *text, size_t n_bytes, NumberParts *parts);

/* False with MemoryError pending when that much is not to be had; for sizes that
 * scripts choose. */
bool format_check_size(Context *cx, size_t n_bytes);

#endif
