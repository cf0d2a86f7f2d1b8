/* mod_math.c - the module math: functions of real numbers. Those of integers are in mod_math_int.c,
 * of many numbers in mod_math_sum.c, the gamma function in mod_math_gamma.c.
 *
 * Errors follow C's conventions, as CPython does: a NaN made of no NaN is a domain error (ValueError), an infinity made of
 * finite arguments is a range error (OverflowError). */

#include "runtime/modules/mod_math.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "runtime/call.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"

static Value domain_error(Context *cx) {
    return exc_raise(cx, EXC_ValueError, "math domain error");
}

static Value range_error(Context *cx) {
    return exc_raise(cx, EXC_OverflowError, "math range error");
}

/* What a function of x gave: with can_overflow an infinity is a range error, otherwise a pole is a domain error. */
static Value checked(Context *cx, double x, double result, bool can_overflow) {
    if (UNLIKELY(isnan(result) && !isnan(x))) {
        return domain_error(cx);
    }
    if (UNLIKELY(isinf(result) && isfinite(x))) {
        return can_overflow ? range_error(cx) : domain_error(cx);
    }
    return value_from_double_any(result);
}

#define UNARY_FUNCTION(name, call, can_overflow, doc)                                              \
    NATIVE(math_##name, #name "(x, /)", doc) {                                                     \
        double x;                                                                                  \
        if (!float_arg(cx, args[0], &x)) {                                                         \
            return VALUE_ERROR;                                                                    \
        }                                                                                          \
        return checked(cx, x, call, can_overflow);                                                 \
    }

UNARY_FUNCTION(acos, acos(x), false, "The arc cosine of x, in radians.")
UNARY_FUNCTION(acosh, acosh(x), false, "The inverse hyperbolic cosine of x.")
UNARY_FUNCTION(asin, asin(x), false, "The arc sine of x, in radians.")
UNARY_FUNCTION(asinh, asinh(x), false, "The inverse hyperbolic sine of x.")
UNARY_FUNCTION(atan, atan(x), false, "The arc tangent of x, in radians.")
UNARY_FUNCTION(atanh, atanh(x), false, "The inverse hyperbolic tangent of x.")
UNARY_FUNCTION(cbrt, cbrt(x), false, "The cube root of x.")
UNARY_FUNCTION(cos, cos(x), false, "The cosine of x radians.")
UNARY_FUNCTION(cosh, cosh(x), true, "The hyperbolic cosine of x.")
UNARY_FUNCTION(erf, erf(x), false, "The error function at x.")
UNARY_FUNCTION(erfc, erfc(x), false, "The complementary error function at x.")
UNARY_FUNCTION(exp, exp(x), true, "e to the power of x.")
UNARY_FUNCTION(exp2, exp2(x), true, "2 to the power of x.")
UNARY_FUNCTION(expm1, expm1(x), true, "e to the power of x, minus 1, without loss of precision.")
UNARY_FUNCTION(fabs, fabs(x), false, "The absolute value of x as a float.")
UNARY_FUNCTION(log1p, log1p(x), false, "The natural logarithm of 1 + x, precise near zero.")
UNARY_FUNCTION(sin, sin(x), false, "The sine of x radians.")
UNARY_FUNCTION(sinh, sinh(x), true, "The hyperbolic sine of x.")
UNARY_FUNCTION(tan, tan(x), false, "The tangent of x radians.")
UNARY_FUNCTION(tanh, tanh(x), false, "The hyperbolic tangent of x.")

NATIVE(math_sqrt, "sqrt(x, /)", "The square root of x.") {
    double x;
    if (LIKELY(IS_FLOAT(args[0]))) {
        x = value_to_double(args[0]);
    } else if (!float_arg(cx, args[0], &x)) {
        return VALUE_ERROR;
    }
    return x < 0.0 ? domain_error(cx) : value_from_double(sqrt(x));
}

NATIVE(math_lgamma, "lgamma(x, /)", "The logarithm of the absolute value of gamma(x).") {
    double x;
    if (!float_arg(cx, args[0], &x)) {
        return VALUE_ERROR;
    }
    if (x == floor(x) && x <= 0.0 && !isinf(x)) {
        return domain_error(cx);
    }
    return checked(cx, x, math_lgamma_of(x), true);
}

NATIVE(math_gamma, "gamma(x, /)", "The gamma function at x.") {
    double x;
    if (!float_arg(cx, args[0], &x)) {
        return VALUE_ERROR;
    }
    if (x == -INFINITY || (x == floor(x) && x <= 0.0)) {
        return domain_error(cx);
    }
    return checked(cx, x, math_gamma_of(x), true);
}

#define BINARY_FUNCTION(name, parameters, call, doc)                                               \
    NATIVE(math_##name, #name parameters, doc) {                                                   \
        double x;                                                                                  \
        double y;                                                                                  \
        if (!float_arg(cx, args[0], &x) || !float_arg(cx, args[1], &y)) {                          \
            return VALUE_ERROR;                                                                    \
        }                                                                                          \
        return value_from_double_any(call);                                                        \
    }

/* Scaling, which may overflow in silence. */
static Value scale(Context *cx, Value v, double factor) {
    double x;
    return float_arg(cx, v, &x) ? value_from_double_any(x * factor) : VALUE_ERROR;
}

NATIVE(math_degrees, "degrees(x, /)", "The angle x from radians to degrees.") {
    return scale(cx, args[0], 180.0 / M_PI);
}

NATIVE(math_radians, "radians(x, /)", "The angle x from degrees to radians.") {
    return scale(cx, args[0], M_PI / 180.0);
}

BINARY_FUNCTION(atan2, "(y, x, /)", atan2(x, y), "The arc tangent of y / x, in the right quadrant.")
BINARY_FUNCTION(copysign, "(x, y, /)", copysign(x, y), "A float with the magnitude of x and the sign of y.")

NATIVE(math_fmod, "fmod(x, y, /)", "The remainder of x / y as C defines it: with the sign of x.") {
    double x;
    double y;
    if (!float_arg(cx, args[0], &x) || !float_arg(cx, args[1], &y)) {
        return VALUE_ERROR;
    }
    double result = isinf(y) && isfinite(x) ? x : fmod(x, y);
    return isnan(result) && !isnan(x) && !isnan(y) ? domain_error(cx) : value_from_double_any(result);
}

NATIVE(math_remainder, "remainder(x, y, /)", "The difference of x and the nearest multiple of y.") {
    double x;
    double y;
    if (!float_arg(cx, args[0], &x) || !float_arg(cx, args[1], &y)) {
        return VALUE_ERROR;
    }
    double result = remainder(x, y);
    return isnan(result) && !isnan(x) && !isnan(y) ? domain_error(cx) : value_from_double_any(result);
}

NATIVE(math_pow, "pow(x, y, /)", "x to the power of y, as floats.") {
    double x;
    double y;
    if (!float_arg(cx, args[0], &x) || !float_arg(cx, args[1], &y)) {
        return VALUE_ERROR;
    }
    double result = pow(x, y);
    if (isfinite(x) && isfinite(y)) {
        if (isnan(result) || (isinf(result) && x == 0.0)) {
            return domain_error(cx);
        }
        if (isinf(result)) {
            return range_error(cx);
        }
    }
    return value_from_double_any(result);
}

NATIVE(math_fma, "fma(x, y, z, /)", "x * y + z with one rounding.") {
    double x;
    double y;
    double z;
    if (!float_arg(cx, args[0], &x) || !float_arg(cx, args[1], &y) || !float_arg(cx, args[2], &z)) {
        return VALUE_ERROR;
    }
    double result = fma(x, y, z);
    if (isnan(result) && !isnan(x) && !isnan(y) && !isnan(z)) {
        return exc_raise(cx, EXC_ValueError, "invalid operation in fma");
    }
    if (isinf(result) && isfinite(x) && isfinite(y) && isfinite(z)) {
        return exc_raise(cx, EXC_OverflowError, "overflow in fma");
    }
    return value_from_double_any(result);
}

NATIVE(math_ldexp, "ldexp(x, i, /)", "x * 2 ** i.") {
    double x;
    int64_t exponent;
    if (!float_arg(cx, args[0], &x)) {
        return VALUE_ERROR;
    }
    if (!IS_INT_LIKE(args[1])) {
        return exc_raise(cx, EXC_TypeError, "Expected an int as second argument to ldexp.");
    }
    if (!int_index_clamped(cx, args[1], &exponent)) {
        return VALUE_ERROR;
    }
    int limited = exponent > 5000 ? 5000 : exponent < -5000 ? -5000 : (int)exponent;
    return checked(cx, x, ldexp(x, limited), true);
}

NATIVE(math_frexp, "frexp(x, /)", "The pair (m, e) with x == m * 2 ** e and 0.5 <= abs(m) < 1.") {
    double x;
    if (!float_arg(cx, args[0], &x)) {
        return VALUE_ERROR;
    }
    int exponent = 0;
    double mantissa = isfinite(x) ? frexp(x, &exponent) : x;
    return tuple_pack(cx, 2, value_from_double_any(mantissa), value_from_int(exponent));
}

NATIVE(math_modf, "modf(x, /)", "The fractional and the integer part of x, both as floats with its sign.") {
    double x;
    if (!float_arg(cx, args[0], &x)) {
        return VALUE_ERROR;
    }
    double whole;
    double fraction = modf(x, &whole);
    return tuple_pack(cx, 2, value_from_double_any(fraction), value_from_double_any(whole));
}

/* ---- Logarithms: of ints of any size ---- */

/* A positive int as m * 2 ** n_bits with 0.5 <= m < 1; false with an exception. */
static bool split_huge(Context *cx, Value v, double *m, int64_t *n_bits) {
    *n_bits = math_bit_length(v);
    const Value top = int_binary(cx, BINARY_RSHIFT, v, value_from_int(*n_bits - 64));
    if (IS_ERROR(top)) {
        return false;
    }
    *m = ldexp(int_to_double(cx, top), -64);
    if (*m == 1.0) { /* rounded up */
        *m = 0.5;
        ++*n_bits;
    }
    return true;
}

/* Of an int with so many bits that a double may not hold it. */
static Value logarithm_of_huge(Context *cx, Value v, double (*function)(double)) {
    double mantissa;
    int64_t n_bits;
    if (!split_huge(cx, v, &mantissa, &n_bits)) {
        return VALUE_ERROR;
    }
    return value_from_double(n_bits <= DBL_MAX_EXP ? function(int_to_double(cx, v))
                                                   : function(mantissa) + function(2.0) * (double)n_bits);
}

static Value logarithm(Context *cx, Value v, double (*function)(double)) {
    if (IS_BIG_INT(v) && int_sign(v) > 0 && math_bit_length(v) >= DBL_MAX_EXP) {
        return logarithm_of_huge(cx, v, function);
    }
    if (IS_BIG_INT(v) && int_sign(v) < 0) {
        return domain_error(cx);
    }
    double x;
    if (!float_arg(cx, v, &x)) {
        return VALUE_ERROR;
    }
    return x <= 0.0 ? domain_error(cx) : value_from_double_any(function(x));
}

NATIVE(math_log, "log(x, base=e, /)", "The logarithm of x to the given base, the natural one unless given.") {
    Value numerator = logarithm(cx, args[0], log);
    if (IS_ERROR(numerator) || IS_UNSET(args[1])) {
        return numerator;
    }
    Value denominator = logarithm(cx, args[1], log);
    if (IS_ERROR(denominator)) {
        return denominator;
    }
    if (value_to_double(denominator) == 0.0) {
        return exc_raise(cx, EXC_ZeroDivisionError, "float division by zero");
    }
    return value_from_double_any(value_to_double(numerator) / value_to_double(denominator));
}

NATIVE(math_log2, "log2(x, /)", "The logarithm of x to base 2.") {
    return logarithm(cx, args[0], log2);
}

NATIVE(math_log10, "log10(x, /)", "The logarithm of x to base 10.") {
    return logarithm(cx, args[0], log10);
}

/* ---- Rounding to ints ---- */

/* round_double for floats; for other types their special method, if they have it. */
static Value round_to_int(Context *cx, Value v, double (*round_double)(double), SpecialId special) {
    if (LIKELY(IS_FLOAT(v))) {
        return int_from_double(cx, round_double(value_to_double(v)));
    }
    if (IS_INT_LIKE(v)) {
        return int_exact(cx, v);
    }
    if (IS_OBJ(v)) {
        Value method = type_special(type_of(cx, v), special);
        if (!IS_UNSET(method)) {
            return call_method(cx, method, v, NULL, 0);
        }
    }
    double x;
    if (special == SPECIAL_trunc && !IS_FLOAT_LIKE(v)) {
        return exc_raise(cx, EXC_TypeError, "type %s doesn't define __trunc__ method",
                         type_name_of(cx, v));
    }
    if (!float_arg(cx, v, &x)) {
        return VALUE_ERROR;
    }
    return int_from_double(cx, round_double(x));
}

NATIVE(math_floor, "floor(x, /)", "The largest int that is not greater than x.") {
    return round_to_int(cx, args[0], floor, SPECIAL_floor);
}

NATIVE(math_ceil, "ceil(x, /)", "The smallest int that is not less than x.") {
    return round_to_int(cx, args[0], ceil, SPECIAL_ceil);
}

NATIVE(math_trunc, "trunc(x, /)", "x without its fractional part.") {
    return round_to_int(cx, args[0], trunc, SPECIAL_trunc);
}

/* ---- Questions ---- */

#define QUESTION(name, call, doc)                                                                  \
    NATIVE(math_##name, #name "(x, /)", doc) {                                                     \
        double x;                                                                                  \
        if (!float_arg(cx, args[0], &x)) {                                                         \
            return VALUE_ERROR;                                                                    \
        }                                                                                          \
        return BOOL_VALUE(call(x));                                                                \
    }

QUESTION(isfinite, isfinite, "Whether x is neither an infinity nor a NaN.")
QUESTION(isinf, isinf, "Whether x is an infinity.")
QUESTION(isnan, isnan, "Whether x is a NaN.")

NATIVE(math_isclose, "isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)",
       "Whether a and b are close: within rel_tol of the larger one, or within abs_tol.") {
    double a;
    double b;
    double relative = 1e-9;
    double absolute = 0.0;
    if (!float_arg(cx, args[0], &a) || !float_arg(cx, args[1], &b) ||
        (!IS_UNSET(args[2]) && !float_arg(cx, args[2], &relative)) ||
        (!IS_UNSET(args[3]) && !float_arg(cx, args[3], &absolute))) {
        return VALUE_ERROR;
    }
    if (relative < 0.0 || absolute < 0.0) {
        return exc_raise(cx, EXC_ValueError, "tolerances must be non-negative");
    }
    if (a == b) {
        return VALUE_TRUE;
    }
    if (isinf(a) || isinf(b)) {
        return VALUE_FALSE;
    }
    double difference = fabs(b - a);
    return BOOL_VALUE(difference <= fabs(relative * b) || difference <= fabs(relative * a) ||
                      difference <= absolute);
}

/* The doubles in their order as integers: neighbours differ by 1, and both zeros are 0. */
static int64_t double_to_order(double x) {
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static double double_from_order(int64_t order) {
    const int64_t bits = order < 0 ? INT64_MIN - order : order;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

NATIVE(math_nextafter, "nextafter(x, y, /, *, steps=None)", "The float after x towards y, or `steps` further on.") {
    double x;
    double y;
    if (!float_arg(cx, args[0], &x) || !float_arg(cx, args[1], &y)) {
        return VALUE_ERROR;
    }
    int64_t steps = 1;
    if (!IS_UNSET(args[2]) && !IS_NONE(args[2])) {
        if (!int_index_clamped(cx, args[2], &steps)) {
            return VALUE_ERROR;
        }
        if (steps < 0) {
            return exc_raise(cx, EXC_ValueError, "steps must be a non-negative integer");
        }
    }
    if (isnan(x) || isnan(y) || steps == 0) {
        return value_from_double_any(steps == 0 || isnan(x) ? x : y);
    }
    if (steps == 1) {
        return value_from_double(nextafter(x, y));
    }
    const int64_t from = double_to_order(x);
    const int64_t to = double_to_order(y);
    const uint64_t distance = from < to ? (uint64_t)to - (uint64_t)from : (uint64_t)from - (uint64_t)to;
    if ((uint64_t)steps >= distance) {
        return value_from_double(y);
    }
    const double result = double_from_order(from < to ? from + steps : from - steps);
    return value_from_double(result == 0 ? copysign(0.0, from < to ? -1.0 : 1.0) : result);
}

NATIVE(math_ulp, "ulp(x, /)", "The value of the least significant bit of x.") {
    double x;
    if (!float_arg(cx, args[0], &x)) {
        return VALUE_ERROR;
    }
    x = fabs(x);
    if (!isfinite(x)) {
        return value_from_double_any(x);
    }
    double above = nextafter(x, INFINITY);
    return value_from_double(isinf(above) ? x - nextafter(x, -INFINITY) : above - x);
}

static const NativeDef math_functions[] = {
    NATIVE_ENTRY(math_acos),      NATIVE_ENTRY(math_acosh),     NATIVE_ENTRY(math_asin),
    NATIVE_ENTRY(math_asinh),     NATIVE_ENTRY(math_atan),      NATIVE_ENTRY(math_atan2),
    NATIVE_ENTRY(math_atanh),     NATIVE_ENTRY(math_cbrt),      NATIVE_ENTRY(math_ceil),
    NATIVE_ENTRY(math_copysign),  NATIVE_ENTRY(math_cos),       NATIVE_ENTRY(math_cosh),
    NATIVE_ENTRY(math_degrees),   NATIVE_ENTRY(math_erf),       NATIVE_ENTRY(math_erfc),
    NATIVE_ENTRY(math_exp),       NATIVE_ENTRY(math_exp2),      NATIVE_ENTRY(math_expm1),
    NATIVE_ENTRY(math_fabs),      NATIVE_ENTRY(math_floor),     NATIVE_ENTRY(math_fma),
    NATIVE_ENTRY(math_fmod),      NATIVE_ENTRY(math_frexp),     NATIVE_ENTRY(math_gamma),
    NATIVE_ENTRY(math_isclose),   NATIVE_ENTRY(math_isfinite),  NATIVE_ENTRY(math_isinf),
    NATIVE_ENTRY(math_isnan),     NATIVE_ENTRY(math_ldexp),     NATIVE_ENTRY(math_lgamma),
    NATIVE_ENTRY(math_log),       NATIVE_ENTRY(math_log10),     NATIVE_ENTRY(math_log1p),
    NATIVE_ENTRY(math_log2),      NATIVE_ENTRY(math_modf),      NATIVE_ENTRY(math_nextafter),
    NATIVE_ENTRY(math_pow),       NATIVE_ENTRY(math_radians),   NATIVE_ENTRY(math_remainder),
    NATIVE_ENTRY(math_sin),       NATIVE_ENTRY(math_sinh),      NATIVE_ENTRY(math_sqrt),
    NATIVE_ENTRY(math_tan),       NATIVE_ENTRY(math_tanh),      NATIVE_ENTRY(math_trunc),
    NATIVE_ENTRY(math_ulp),
    {0},
};

bool mod_math_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, math_functions) &&
           module_add_natives(cx, module, math_int_functions) &&
           module_add_natives(cx, module, math_sum_functions) &&
           module_set_c(cx, module, "pi", value_from_double(M_PI)) &&
           module_set_c(cx, module, "e", value_from_double(M_E)) &&
           module_set_c(cx, module, "tau", value_from_double(2 * M_PI)) &&
           module_set_c(cx, module, "inf", value_from_double(INFINITY)) &&
           module_set_c(cx, module, "nan", value_from_double_any(NAN));
}
