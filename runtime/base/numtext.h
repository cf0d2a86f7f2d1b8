/* numtext.h - numbers to text and back.
 *
 * Results are exact: what is printed with a number of digits is the true binary value
 * correctly rounded (half to even), what is printed without one is the shortest text
 * that reads back as the same number, the nearest of those to it.
 *
 * Threads: any, at any time. */

#ifndef MINI_BASE_NUMTEXT_H
#define MINI_BASE_NUMTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

enum {
    NUMTEXT_INT_BYTES = 24,   /* room that any 64-bit integer fits in */
    NUMTEXT_DOUBLE_BYTES = 32 /* room that the shortest form of any double fits in */
};

/* Decimal digits, no zero byte behind; returns how many. */
size_t numtext_from_u64(uint64_t u, char *out);
size_t numtext_from_i64(int64_t i, char *out);

/* The shortest form as repr() prints it: "1.0", "0.1", "1e+16", "5e-324", "inf", "nan".
 * Returns its length. */
size_t numtext_from_double(double d, char *out);

enum {
    NUMTEXT_ALTERNATE = 1, /* always a point; g keeps its zeros */
    NUMTEXT_DOT_ZERO = 2 /* something that would look like an integer gets ".0" (r, g) */
};

/* Appends d as the format types e, E, f, F, g, G or r (shortest; precision is not used
 * then). Infinities and NaN: "inf", "nan", in capitals for capital types. A minus
 * stands before negative numbers, -0.0 included. */
void numtext_format(Buf *out, double d, char type, int precision, unsigned flags);

/* Reads a decimal number: digits with an optional point and an optional exponent, an
 * optional sign, nothing else. Too large gives an infinity. False when the text is not
 * of that form. */
bool numtext_to_double(const char *text, size_t n_bytes, double *out);

#endif
