/* float_hex.c - floats in hexadecimal.
 *
 * Reading does not leave it to strtod, which rounds some numbers below the normal range the
 * wrong way in C libraries that are in use. */

#include "runtime/objects/float_hex.h"

#include <ctype.h>
#include <float.h>
#include <math.h>

enum { FRACTION_BITS = DBL_MANT_DIG - 1, EXPONENT_MIN = DBL_MIN_EXP - DBL_MANT_DIG };

ObjStr *float_hex_str(Context *cx, double d) {
    const char *sign = signbit(d) ? "-" : "";
    if (d == 0) {
        return str_format_c(cx, "%s0x0.0p+0", sign);
    }
    int exponent;
    double mantissa = frexp(fabs(d), &exponent) * 2;
    exponent--;
    if (exponent < DBL_MIN_EXP - 1) { /* a small one keeps the smallest exponent */
        mantissa = ldexp(mantissa, exponent - (DBL_MIN_EXP - 1));
        exponent = DBL_MIN_EXP - 1;
    }
    const uint64_t bits = (uint64_t)ldexp(mantissa, FRACTION_BITS);
    return str_format_c(cx, "%s0x%d.%013llxp%+d", sign, (int)(bits >> FRACTION_BITS),
                        (unsigned long long)(bits & (((uint64_t)1 << FRACTION_BITS) - 1)),
                        exponent);
}

/* A number that is being read: significand * 2^exponent, and a bit more when is_cut. */
typedef struct HexNumber {
    uint64_t significand;
    int64_t exponent;
    bool is_cut;
    bool has_digits;
} HexNumber;

static int hex_digit(char c) {
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Digits before the point (scale 0) or behind it (scale -4 for each). */
static const char *take_digits(HexNumber *n, const char *at, const char *end, int scale) {
    enum { DIGIT_BITS = 4, TOP_DIGIT = 60 };
    for (; at < end && isxdigit((unsigned char)*at); at++) {
        n->has_digits = true;
        if (n->significand >> TOP_DIGIT == 0) {
            n->significand = n->significand << DIGIT_BITS | (uint64_t)hex_digit(*at);
            n->exponent += scale;
        } else { /* no room left: only whether it is zero matters */
            n->is_cut = n->is_cut || *at != '0';
            n->exponent += scale + DIGIT_BITS;
        }
    }
    return at;
}

/* [sign] digits, all of them; NULL when there are none. */
static const char *take_exponent(HexNumber *n, const char *at, const char *end) {
    enum { LIMIT = 1 << 30 }; /* texts are shorter than what would matter beyond */
    const bool is_negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (at == end || !isdigit((unsigned char)*at)) {
        return NULL;
    }
    int64_t exponent = 0;
    for (; at < end && isdigit((unsigned char)*at); at++) {
        exponent = exponent < LIMIT ? exponent * 10 + (*at - '0') : exponent;
    }
    n->exponent += is_negative ? -exponent : exponent;
    return at;
}

/* The nearest double, halves to even. */
static double round_number(HexNumber n) {
    if (n.significand == 0) {
        return 0.0;
    }
    enum { WORD_BITS = 64 };
    const int n_bits = WORD_BITS - __builtin_clzll(n.significand);
    if (n.exponent + n_bits > DBL_MAX_EXP) {
        return INFINITY;
    }
    int64_t lowest = n.exponent + n_bits - DBL_MANT_DIG;
    lowest = lowest < EXPONENT_MIN ? EXPONENT_MIN : lowest;
    const int64_t drop = lowest - n.exponent;
    if (drop > n_bits) {
        return 0.0;
    }
    if (drop > 0) {
        const uint64_t half = (uint64_t)1 << (drop - 1);
        const uint64_t rest = n.significand & (half | (half - 1));
        n.significand = drop < WORD_BITS ? n.significand >> drop : 0;
        n.significand +=
            rest > half || (rest == half && (n.is_cut || (n.significand & 1)));
        n.exponent = lowest;
    }
    return ldexp((double)n.significand, (int)n.exponent);
}

bool float_hex_read(const char *at, const char *end, double *out) {
    enum { DIGIT_BITS = 4 };
    HexNumber n = {0};
    const bool is_negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (end - at >= 2 && at[0] == '0' && (at[1] | 0x20) == 'x') {
        at += 2;
    }
    at = take_digits(&n, at, end, 0);
    if (at < end && *at == '.') {
        at = take_digits(&n, at + 1, end, -DIGIT_BITS);
    }
    if (n.has_digits && at < end && (*at | 0x20) == 'p') {
        at = take_exponent(&n, at + 1, end);
    }
    *out = copysign(round_number(n), is_negative ? -1.0 : 1.0);
    return n.has_digits && at == end;
}
