/* mod_math_gamma.c - the gamma function and its logarithm.
 *
 * By the approximation of C. Lanczos, "A precision approximation of the gamma function", 1964,
 * with 13 terms in rational form and the constants that are customary for doubles: so results
 * agree with CPython's to the last bit, which those of the C library do not. Negative
 * arguments: by reflection. */

#include <math.h>

#include "runtime/modules/mod_math.h"

#define LANCZOS_G            6.024680040776729583740234375
#define LANCZOS_G_MINUS_HALF 5.524680040776729583740234375
#define LOG_PI               1.144729885849400174143427351353058711647

enum { N_TERMS = 13, LARGEST_FACTORIAL = 23, LARGEST = 200, LARGEST_FOR_POW = 140 };
#define SMALLEST 1e-20 /* below, gamma(x) is 1 / x */

static const double numerator[N_TERMS] = {
    23531376880.410759688572007674451636754734846804940,
    42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843,
    17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708,
    1439720407.3117216736632230727949123939715485786772,
    248874557.86205415651146038641322942321632125127801,
    31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768,
    186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024,
    210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
};

/* x * (x + 1) * ... * (x + 11) */
static const double denominator[N_TERMS] = {
    0.0,       39916800.0, 120543840.0, 150917976.0, 105258076.0, 45995730.0, 13339535.0,
    2637558.0, 357423.0,   32670.0,     1925.0,      66.0,        1.0,
};

/* x > 0. Powers of 1 / x where those of x would grow too much. */
static double lanczos_sum(double x) {
    double top = 0.0;
    double bottom = 0.0;
    if (x < 5.0) {
        for (int i = N_TERMS - 1; i >= 0; i--) {
            top = top * x + numerator[i];
            bottom = bottom * x + denominator[i];
        }
    } else {
        for (int i = 0; i < N_TERMS; i++) {
            top = top / x + numerator[i];
            bottom = bottom / x + denominator[i];
        }
    }
    return top / bottom;
}

/* sin(pi * x), exact at multiples of 1/2. */
static double sin_pi(double x) {
    const double y = fmod(fabs(x), 2.0);
    const int quarter = (int)round(2.0 * y);
    const double result = quarter == 0   ? sin(M_PI * y)
                          : quarter == 1 ? cos(M_PI * (y - 0.5))
                          : quarter == 2 ? sin(M_PI * (1.0 - y))
                          : quarter == 3 ? -cos(M_PI * (y - 1.5))
                                         : sin(M_PI * (y - 2.0));
    return copysign(1.0, x) * result;
}

static double factorial(int n) {
    double product = 1.0;
    for (int i = 2; i <= n; i++) {
        product *= i;
    }
    return product; /* exact up to LARGEST_FACTORIAL - 1 */
}

/* y ** (x - 0.5), in two steps where one would overflow. */
static double scale_by_power(double r, double y, double x, bool is_divisor) {
    const double power = pow(y, x < LARGEST_FOR_POW ? x - 0.5 : x / 2.0 - 0.25);
    r = is_divisor ? r / power : r * power;
    if (x < LARGEST_FOR_POW) {
        return r;
    }
    return is_divisor ? r / power : r * power;
}

double math_gamma_of(double x) {
    const double size = fabs(x);
    if (!isfinite(x) || size < SMALLEST) {
        return isfinite(x) ? 1.0 / x : x;
    }
    if (x == floor(x) && x >= 1.0 && x <= LARGEST_FACTORIAL) {
        return factorial((int)x - 1);
    }
    if (size > LARGEST) {
        return x < 0 ? 0.0 / sin_pi(x) : INFINITY;
    }
    const double y = size + LANCZOS_G_MINUS_HALF;
    /* What was lost when y was rounded. */
    const double lost = size > LANCZOS_G_MINUS_HALF ? (y - size) - LANCZOS_G_MINUS_HALF
                                                    : (y - LANCZOS_G_MINUS_HALF) - size;
    const double z = lost * LANCZOS_G / y;
    double r;
    if (x < 0) {
        r = -M_PI / sin_pi(size) / size * exp(y) / lanczos_sum(size);
        r -= z * r;
    } else {
        r = lanczos_sum(size) / exp(y);
        r += z * r;
    }
    return scale_by_power(r, y, size, x < 0);
}

double math_lgamma_of(double x) {
    const double size = fabs(x);
    if (!isfinite(x)) {
        return isnan(x) ? x : INFINITY;
    }
    if (x == 1.0 || x == 2.0) {
        return 0.0;
    }
    if (size < SMALLEST) {
        return -log(size);
    }
    double r = log(lanczos_sum(size)) - LANCZOS_G;
    r += (size - 0.5) * (log(size + LANCZOS_G - 0.5) - 1);
    return x < 0 ? LOG_PI - log(fabs(sin_pi(size))) - log(size) - r : r;
}
