/* numtext.c - numbers to text and back.
 *
 * Shortest form: the algorithm Schubfach (R. Giulietti, "The Schubfach way to render
 * doubles", 2020), in the variant with 128-bit powers of ten. Given precision: integer
 * arithmetic on 128 bits where the number fits, the C library (which is exact)
 * otherwise. Reading: two exact doubles and one operation (W. Clinger, 1990) where that
 * is enough, the C library otherwise. */

#include "runtime/base/numtext.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/atomics.h"
#include "runtime/base/mem.h"

static const char digit_pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

static size_t count_digits(uint64_t u) {
    size_t n = 1;
    for (;;) {
        if (u < 10) {
            return n;
        }
        if (u < 100) {
            return n + 1;
        }
        if (u < 1000) {
            return n + 2;
        }
        if (u < 10000) {
            return n + 3;
        }
        u /= 10000;
        n += 4;
    }
}

/* Writes the lowest n digits of u. */
static void write_digits(uint64_t u, size_t n, char *out) {
    while (n >= 2) {
        memcpy(out + n - 2, digit_pairs + u % 100 * 2, 2);
        u /= 100;
        n -= 2;
    }
    if (n == 1) {
        out[0] = (char)('0' + u % 10);
    }
}

size_t numtext_from_u64(uint64_t u, char *out) {
    const size_t n = count_digits(u);
    write_digits(u, n, out);
    return n;
}

size_t numtext_from_i64(int64_t i, char *out) {
    if (i >= 0) {
        return numtext_from_u64((uint64_t)i, out);
    }
    out[0] = '-';
    return 1 + numtext_from_u64(0 - (uint64_t)i, out + 1);
}

/* The parts of a positive finite double: significand * 2^exponent. */

enum { SIGNIFICAND_BITS = 53, EXPONENT_BIAS = 1075, EXPONENT_MASK = 0x7ff };

typedef struct Binary {
    uint64_t significand;
    int exponent;
    bool is_lower_gap_half; /* the double below is half as far away as the one above */
} Binary;

static Binary split(double d) {
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    const uint64_t fraction = bits & (((uint64_t)1 << (SIGNIFICAND_BITS - 1)) - 1);
    const int biased = (int)(bits >> (SIGNIFICAND_BITS - 1)) & EXPONENT_MASK;
    if (biased == 0) {
        return (Binary){fraction, 1 - EXPONENT_BIAS, false};
    }
    return (Binary){fraction | (uint64_t)1 << (SIGNIFICAND_BITS - 1),
                    biased - EXPONENT_BIAS, fraction == 0 && biased > 1};
}

/* A decimal number: digits * 10^exponent. */
typedef struct Decimal {
    uint64_t digits;
    int exponent;
} Decimal;

typedef struct Power {
    uint64_t high;
    uint64_t low;
} Power;

enum { POWER_MIN = -292, POWER_MAX = 324 };

static const Power powers[] = {
#define POWER(high, low) {high, low},
#include "runtime/base/numtext_powers.def"
#undef POWER
};

static int floor_log2_pow10(int e) {
    return (e * 1741647) >> 19;
}

/* The product divided by 2^128; the lowest bit tells whether anything was cut off
 * ("round to odd"). */
static uint64_t multiply_round_odd(Power g, uint64_t c) {
    const unsigned __int128 x = (unsigned __int128)g.low * c;
    unsigned __int128 y = (unsigned __int128)g.high * c;
    y += (uint64_t)(x >> 64);
    return (uint64_t)(y >> 64) | ((uint64_t)y > 1);
}

/* Names as in the paper: the interval of numbers that read back as d, times 4, is
 * [lower, upper]; s and s + 1 are the candidates with all digits, 10 * sp and 10 * sp +
 * 10 those with one digit less. */
static Decimal shortest(Binary b) {
    const uint64_t c = b.significand;
    const bool is_even = c % 2 == 0;
    const int k = (b.exponent * 1262611 - (b.is_lower_gap_half ? 524031 : 0)) >> 22;
    const int h = b.exponent + floor_log2_pow10(-k) + 1;
    assert(-k >= POWER_MIN && -k <= POWER_MAX);
    const Power g = powers[-k - POWER_MIN];
    const uint64_t vbl = multiply_round_odd(g, (4 * c - 2 + b.is_lower_gap_half) << h);
    const uint64_t vb = multiply_round_odd(g, 4 * c << h);
    const uint64_t vbr = multiply_round_odd(g, (4 * c + 2) << h);
    const uint64_t lower = vbl + !is_even;
    const uint64_t upper = vbr - !is_even;
    const uint64_t s = vb / 4;
    if (s >= 10) {
        const uint64_t sp = s / 10;
        const bool is_up_inside = lower <= 40 * sp;
        const bool is_wp_inside = 40 * sp + 40 <= upper;
        if (is_up_inside != is_wp_inside) {
            return (Decimal){sp + is_wp_inside, k + 1};
        }
    }
    const bool is_u_inside = lower <= 4 * s;
    const bool is_w_inside = 4 * s + 4 <= upper;
    if (is_u_inside != is_w_inside) {
        return (Decimal){s + is_w_inside, k};
    }
    const uint64_t middle = 4 * s + 2;
    const bool is_up = vb > middle || (vb == middle && s % 2 == 1);
    return (Decimal){s + is_up, k};
}

static Decimal strip_zeros(Decimal decimal) {
    while (decimal.digits % 10000 == 0) {
        decimal.digits /= 10000;
        decimal.exponent += 4;
    }
    while (decimal.digits % 10 == 0) {
        decimal.digits /= 10;
        decimal.exponent++;
    }
    return decimal;
}

/* Shortest digits of d > 0; *point is the place of the point: 0.DIGITS * 10^point. */
static size_t shortest_digits(double d, char *digits, int *point) {
    const Decimal decimal = strip_zeros(shortest(split(d)));
    const size_t n = numtext_from_u64(decimal.digits, digits);
    *point = (int)n + decimal.exponent;
    return n;
}

/* "e+16", "e-05" */
static size_t write_exponent(int exponent, char letter, char *out) {
    const unsigned magnitude = (unsigned)(exponent < 0 ? -exponent : exponent);
    out[0] = letter;
    out[1] = exponent < 0 ? '-' : '+';
    const size_t n = magnitude < 100 ? 2 : 3;
    write_digits(magnitude, n, out + 2);
    return n + 2;
}

/* Where repr() changes to the form with an exponent. */
enum { REPR_POINT_MIN = -3, REPR_POINT_MAX = 16 };

static size_t write_special(double d, char *out) {
    const char *text = isnan(d) ? "nan" : d < 0 ? "-inf" : "inf";
    const size_t n = strlen(text);
    memcpy(out, text, n);
    return n;
}

/* n digits before a point that stands at `point`, as repr lays them out. */
static size_t lay_out_repr(const char *digits, size_t n, int point, char *out) {
    char *end = out;
    if (point < REPR_POINT_MIN || point > REPR_POINT_MAX) {
        *end++ = digits[0];
        if (n > 1) {
            *end++ = '.';
            memcpy(end, digits + 1, n - 1);
            end += n - 1;
        }
        return (size_t)(end - out) + write_exponent(point - 1, 'e', end);
    }
    if (point <= 0) {
        memcpy(end, "0.000", 5);
        end += 2 - point;
        memcpy(end, digits, n);
        return (size_t)(end - out) + n;
    }
    const size_t n_before = (size_t)point;
    if (n <= n_before) {
        memcpy(end, digits, n);
        memset(end + n, '0', n_before - n);
        memcpy(end + n_before, ".0", 2);
        return n_before + 2;
    }
    memcpy(end, digits, n_before);
    end[n_before] = '.';
    memcpy(end + n_before + 1, digits + n_before, n - n_before);
    return n + 1;
}

size_t numtext_from_double(double d, char *out) {
    if (UNLIKELY(!isfinite(d))) {
        return write_special(d, out);
    }
    size_t n_sign = 0;
    if (signbit(d)) {
        out[n_sign++] = '-';
        d = -d;
    }
    /* Below 2^53 neighbours are at most 1 apart: the digits of an integer are its
     * shortest. */
    if (d < 9007199254740992.0 && d == (double)(uint64_t)d) {
        const size_t n = numtext_from_u64((uint64_t)d, out + n_sign);
        memcpy(out + n_sign + n, ".0", 2);
        return n_sign + n + 2;
    }
    char digits[NUMTEXT_INT_BYTES];
    int point;
    const size_t n = shortest_digits(d, digits, &point);
    return n_sign + lay_out_repr(digits, n, point, out + n_sign);
}

/* Format f, for numbers and precisions whose product fits into 128 bits; d >= 0. False:
 * it does not fit. */
static bool format_fixed_fast(Buf *out, double d, int precision, unsigned flags) {
    enum { PRECISION_MAX = 18 };
    if (precision > PRECISION_MAX || d >= 9007199254740992.0) {
        return false;
    }
    const Binary b = split(d);
    uint64_t scale = 1;
    for (int i = 0; i < precision; i++) {
        scale *= 10;
    }
    const unsigned __int128 product = (unsigned __int128)b.significand * scale;
    const int shift = -b.exponent;
    unsigned __int128 quotient = 0;
    if (shift <= 0) {
        quotient = product; /* d is 2^52 at least: no bit stands behind the point */
    } else if (shift < 120) {
        quotient = product >> shift;
        const unsigned __int128 rest = product & (((unsigned __int128)1 << shift) - 1);
        const unsigned __int128 half = (unsigned __int128)1 << (shift - 1);
        quotient += rest > half || (rest == half && (quotient & 1));
    }
    const uint64_t whole = (uint64_t)(quotient / scale);
    const uint64_t fraction = (uint64_t)(quotient - (unsigned __int128)whole * scale);
    char *end = buf_reserve(out, NUMTEXT_INT_BYTES + 2 + PRECISION_MAX);
    size_t n = numtext_from_u64(whole, end);
    if (precision > 0 || (flags & NUMTEXT_ALTERNATE)) {
        end[n++] = '.';
    }
    write_digits(fraction, (size_t)precision, end + n);
    out->n_bytes += n + (size_t)precision;
    return true;
}

static void format_by_library(Buf *out, double d, char type, int precision,
                              unsigned flags) {
    const char alternate[] = {'%', '#', '.', '*', type, '\0'};
    const char plain[] = {'%', '.', '*', type, '\0'};
    const char *format = (flags & NUMTEXT_ALTERNATE) ? alternate : plain;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    const int n = snprintf(NULL, 0, format, precision, d);
    char *end = buf_reserve(out, (size_t)n + 1);
    snprintf(end, (size_t)n + 1, format, precision, d);
#pragma GCC diagnostic pop
    out->n_bytes += (size_t)n;
}

/* Format g of d >= 0, from its digits: with NUMTEXT_DOT_ZERO the limits are others than
 * the C library's. */
static void format_general(Buf *out, double d, bool is_upper, int precision,
                           unsigned flags) {
    Buf digits = {0};
    int point = 1;
    format_by_library(&digits, d, 'e', precision - 1, 0);
    size_t n = 0;
    for (size_t i = 0; i < digits.n_bytes; i++) {
        if (digits.bytes[i] == 'e') {
            point = atoi(buf_text(&digits) + i + 1) + 1;
            break;
        }
        if (digits.bytes[i] != '.') {
            digits.bytes[n++] = digits.bytes[i];
        }
    }
    if (!(flags & NUMTEXT_ALTERNATE)) {
        while (n > 1 && digits.bytes[n - 1] == '0') {
            n--;
        }
    }
    const int limit = precision - ((flags & NUMTEXT_DOT_ZERO) ? 1 : 0);
    const bool has_exponent = point - 1 < -4 || point > limit;
    const int before = has_exponent ? 1 : point;
    if (before <= 0) {
        buf_add_text(out, "0.");
        buf_add_repeated(out, '0', (size_t)-before);
        buf_add(out, digits.bytes, n);
    } else {
        const size_t n_before = n < (size_t)before ? n : (size_t)before;
        buf_add(out, digits.bytes, n_before);
        buf_add_repeated(out, '0', (size_t)before - n_before);
        if (n > n_before) {
            buf_add_byte(out, '.');
            buf_add(out, digits.bytes + n_before, n - n_before);
        } else if (flags & NUMTEXT_ALTERNATE) {
            buf_add_byte(out, '.');
        } else if ((flags & NUMTEXT_DOT_ZERO) && !has_exponent) {
            buf_add_text(out, ".0");
        }
    }
    if (has_exponent) {
        char text[8];
        buf_add(out, text, write_exponent(point - 1, is_upper ? 'E' : 'e', text));
    }
    buf_free(&digits);
}

/* Format r of d >= 0. */
static void format_shortest(Buf *out, double d, unsigned flags) {
    char text[NUMTEXT_DOUBLE_BYTES];
    size_t n = numtext_from_double(d, text);
    const char *exponent = memchr(text, 'e', n);
    if (exponent == NULL && n > 2 && memcmp(text + n - 2, ".0", 2) == 0 &&
        !(flags & NUMTEXT_DOT_ZERO)) {
        n -= (flags & NUMTEXT_ALTERNATE) ? 1 : 2;
    }
    if (exponent != NULL && (flags & NUMTEXT_ALTERNATE) && memchr(text, '.', n) == NULL) {
        const size_t at = (size_t)(exponent - text);
        buf_add(out, text, at);
        buf_add_byte(out, '.');
        buf_add(out, text + at, n - at);
        return;
    }
    buf_add(out, text, n);
}

void numtext_format(Buf *out, double d, char type, int precision, unsigned flags) {
    const bool is_upper = type == 'E' || type == 'F' || type == 'G';
    if (!isfinite(d)) {
        buf_add_text(out, d < 0 ? "-" : "");
        buf_add_text(out, isnan(d)   ? (is_upper ? "NAN" : "nan")
                          : is_upper ? "INF"
                                     : "inf");
        return;
    }
    if (signbit(d)) {
        buf_add_byte(out, '-');
        d = -d;
    }
    switch (type) {
    case 'r': format_shortest(out, d, flags); break;
    case 'g':
    case 'G':
        format_general(out, d, is_upper, precision < 1 ? 1 : precision, flags);
        break;
    case 'f':
    case 'F':
        if (!format_fixed_fast(out, d, precision, flags)) {
            format_by_library(out, d, 'f', precision, flags);
        }
        break;
    default: format_by_library(out, d, type, precision, flags); break;
    }
}

/* Reading. */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

typedef struct Scan {
    uint64_t digits;  /* the first 19 significant ones */
    int n_digits;     /* significant ones */
    int64_t exponent; /* of the last of these digits */
    bool is_negative;
} Scan;

/* Digits from *at on: returns how many. */
static size_t scan_digits(const char **at, const char *end, Scan *scan,
                          bool is_fraction) {
    enum { DIGITS_MAX = 19 };
    const char *p = *at;
    for (; p < end && is_digit(*p); p++) {
        if (scan->n_digits < DIGITS_MAX) {
            scan->digits = scan->digits * 10 + (uint64_t)(*p - '0');
            scan->n_digits += scan->digits != 0;
            scan->exponent -= is_fraction;
        } else {
            scan->n_digits++;
            scan->exponent += !is_fraction;
        }
    }
    const size_t n = (size_t)(p - *at);
    *at = p;
    return n;
}

static bool scan_exponent(const char **at, const char *end, Scan *scan) {
    const char *p = *at + 1;
    bool is_negative = false;
    if (p < end && (*p == '+' || *p == '-')) {
        is_negative = *p++ == '-';
    }
    if (p == end || !is_digit(*p)) {
        return false;
    }
    int64_t exponent = 0;
    for (; p < end && is_digit(*p); p++) {
        if (exponent < 100000000) {
            exponent = exponent * 10 + (*p - '0');
        }
    }
    scan->exponent += is_negative ? -exponent : exponent;
    *at = p;
    return true;
}

static bool scan_number(const char *text, size_t n_bytes, Scan *scan) {
    const char *p = text;
    const char *end = text + n_bytes;
    if (p < end && (*p == '+' || *p == '-')) {
        scan->is_negative = *p++ == '-';
    }
    size_t n = scan_digits(&p, end, scan, false);
    if (p < end && *p == '.') {
        p++;
        n += scan_digits(&p, end, scan, true);
    }
    if (n == 0) {
        return false;
    }
    if (p < end && (*p == 'e' || *p == 'E') && !scan_exponent(&p, end, scan)) {
        return false;
    }
    return p == end;
}

static double read_by_library(const char *text, size_t n_bytes) {
    char small[128];
    char *copy = n_bytes < sizeof small ? small : mem_alloc(n_bytes + 1);
    memcpy(copy, text, n_bytes);
    copy[n_bytes] = '\0';
    const double d = strtod(copy, NULL);
    if (copy != small) {
        mem_free(copy);
    }
    return d;
}

bool numtext_to_double(const char *text, size_t n_bytes, double *out) {
    static const double pow10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    Scan scan = {0};
    if (!scan_number(text, n_bytes, &scan)) {
        return false;
    }
    /* Digits and power are exact doubles, so the one operation rounds once. */
    if (scan.n_digits <= 15 && scan.exponent >= -22 && scan.exponent <= 22) {
        const double d = (double)scan.digits;
        const double scaled =
            scan.exponent < 0 ? d / pow10[-scan.exponent] : d * pow10[scan.exponent];
        *out = scan.is_negative ? -scaled : scaled;
        return true;
    }
    *out = read_by_library(text, n_bytes);
    return true;
}
