/* mod_cmath.c - the module cmath: functions of complex numbers.
 *
 * Finite arguments: the formulas of W. Kahan, "Branch cuts for complex elementary functions",
 * 1987, with the scaling that CPython adds to them, so that results agree to the last bit.
 * Infinities and NaNs: the C library, which follows annex G of the C standard; the signs that
 * the annex leaves open are positive, as CPython has them. */

#include <complex.h>
#include <float.h>
#include <math.h>

#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/complex.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/native.h"
#include "runtime/objects/tuple.h"

#define LARGE         (DBL_MAX / 4.0) /* sums of two such numbers are finite */
#define SQRT_LARGE    (sqrt(LARGE))
#define LOG_LARGE     (log(LARGE)) /* exp of more than this may overflow */
#define SQRT_SMALLEST (sqrt(DBL_MIN))
enum { SCALE_UP = 53, SCALE_DOWN = -27 }; /* SCALE_DOWN is -(SCALE_UP + 1) / 2 */

typedef enum Trouble { NO_TROUBLE, DOMAIN_ERROR, RANGE_ERROR } Trouble;
typedef Complex (*Function)(Complex z, Trouble *trouble);
typedef double _Complex (*LibraryFunction)(double _Complex z);

static bool is_finite(Complex z) {
    return isfinite(z.real) && isfinite(z.imag);
}

static Complex by_library(LibraryFunction function, Complex z) {
    union {
        double _Complex whole; /* CMPLX is not there with every compiler */
        double parts[2];
    } u = {.parts = {z.real, z.imag}};
    u.whole = function(u.whole);
    return (Complex){u.parts[0], u.parts[1]};
}

static Complex finite_or_range_error(Complex z, Trouble *trouble) {
    if (isinf(z.real) || isinf(z.imag)) {
        *trouble = RANGE_ERROR;
    }
    return z;
}

/* i * z and -i * z */
static Complex turn(Complex z) {
    return (Complex){-z.imag, z.real};
}

static Complex turn_back(Complex z) {
    return (Complex){z.imag, -z.real};
}

/* ---- Roots and logarithms ---- */

static Complex square_root(Complex z, Trouble *trouble __attribute__((unused))) {
    if (!is_finite(z)) {
        return by_library(csqrt, z);
    }
    if (z.real == 0 && z.imag == 0) {
        return (Complex){0.0, z.imag};
    }
    double x = fabs(z.real);
    const double y = fabs(z.imag);
    double root;
    if (x < DBL_MIN && y < DBL_MIN) {
        x = ldexp(x, SCALE_UP);
        root = ldexp(sqrt(x + hypot(x, ldexp(y, SCALE_UP))), SCALE_DOWN);
    } else {
        x /= 8.0;
        root = 2.0 * sqrt(x + hypot(x, y / 8.0));
    }
    const double other = y / (2.0 * root);
    return z.real >= 0 ? (Complex){root, copysign(other, z.imag)}
                       : (Complex){other, copysign(root, z.imag)};
}

/* log(abs(z)) */
static double log_of_length(Complex z, Trouble *trouble) {
    const double x = fabs(z.real);
    const double y = fabs(z.imag);
    if (x > LARGE || y > LARGE) {
        return log(hypot(x / 2.0, y / 2.0)) + M_LN2;
    }
    if (x < DBL_MIN && y < DBL_MIN) {
        if (x == 0 && y == 0) {
            *trouble = DOMAIN_ERROR;
            return -INFINITY;
        }
        return log(hypot(ldexp(x, DBL_MANT_DIG), ldexp(y, DBL_MANT_DIG))) -
               DBL_MANT_DIG * M_LN2;
    }
    const double length = hypot(x, y);
    if (length < 0.71 || length > 1.73) {
        return log(length);
    }
    const double larger = x > y ? x : y;
    const double smaller = x > y ? y : x;
    return log1p((larger - 1) * (larger + 1) + smaller * smaller) / 2.0;
}

static Complex logarithm(Complex z, Trouble *trouble) {
    if (!is_finite(z)) {
        return by_library(clog, z);
    }
    return (Complex){log_of_length(z, trouble), atan2(z.imag, z.real)};
}

static Complex logarithm_10(Complex z, Trouble *trouble) {
    const Complex natural = logarithm(z, trouble);
    return (Complex){natural.real / M_LN10, natural.imag / M_LN10};
}

/* ---- Exponential and hyperbolic functions, and those of angles ---- */

/* Is the angle z.imag infinite where that leaves no direction? */
static Trouble trouble_of_angle(Complex z, bool matters) {
    return isinf(z.imag) && matters ? DOMAIN_ERROR : NO_TROUBLE;
}

static Complex exponential(Complex z, Trouble *trouble) {
    if (!is_finite(z)) {
        *trouble = trouble_of_angle(z, isfinite(z.real) || (isinf(z.real) && z.real > 0));
        const Complex w = by_library(cexp, z);
        return z.real < 0 && !isfinite(z.imag) ? (Complex){fabs(w.real), fabs(w.imag)}
                                               : w;
    }
    const bool is_large = z.real > LOG_LARGE;
    const double length = exp(is_large ? z.real - 1.0 : z.real);
    const double factor = is_large ? M_E : 1.0;
    return finite_or_range_error(
        (Complex){length * cos(z.imag) * factor, length * sin(z.imag) * factor}, trouble);
}

/* cos(y) * of_real(x) + i * sin(y) * of_imag(x), also where these two alone would overflow. */
static Complex along_real(Complex z, double (*of_real)(double), double (*of_imag)(double),
                          Trouble *trouble) {
    const bool is_large = fabs(z.real) > LOG_LARGE;
    const double x = is_large ? z.real - copysign(1.0, z.real) : z.real;
    const double factor = is_large ? M_E : 1.0;
    return finite_or_range_error(
        (Complex){cos(z.imag) * of_real(x) * factor, sin(z.imag) * of_imag(x) * factor},
        trouble);
}

static Complex hyperbolic_cosine(Complex z, Trouble *trouble) {
    if (!is_finite(z)) {
        *trouble = trouble_of_angle(z, !isnan(z.real));
        const Complex w = by_library(ccosh, z);
        return (Complex){w.real, isnan(z.real) ? fabs(w.imag) : w.imag};
    }
    return along_real(z, cosh, sinh, trouble);
}

static Complex hyperbolic_sine(Complex z, Trouble *trouble) {
    if (!is_finite(z)) {
        *trouble = trouble_of_angle(z, !isnan(z.real));
        const Complex w = by_library(csinh, z);
        return (Complex){isnan(z.imag) && z.real == 0 ? 0.0 : w.real, w.imag};
    }
    return along_real(z, sinh, cosh, trouble);
}

static Complex hyperbolic_tangent(Complex z, Trouble *trouble) {
    if (!is_finite(z)) {
        *trouble = trouble_of_angle(z, isfinite(z.real));
        const Complex w = by_library(ctanh, z);
        return z.real == 0 ? (Complex){NAN, NAN}
                           : (Complex){w.real, isfinite(z.imag) ? w.imag : fabs(w.imag)};
    }
    if (fabs(z.real) > LOG_LARGE) {
        return (Complex){copysign(1.0, z.real),
                         4.0 * sin(z.imag) * cos(z.imag) * exp(-2.0 * fabs(z.real))};
    }
    const double x = tanh(z.real);
    const double y = tan(z.imag);
    const double shrink = 1.0 / cosh(z.real);
    const double product = x * y;
    const double divisor = 1.0 + product * product;
    return (Complex){x * (1.0 + y * y) / divisor, ((y / divisor) * shrink) * shrink};
}

static Complex cosine(Complex z, Trouble *trouble) {
    return hyperbolic_cosine(turn(z), trouble);
}

static Complex sine(Complex z, Trouble *trouble) {
    return turn_back(hyperbolic_sine(turn(z), trouble));
}

static Complex tangent(Complex z, Trouble *trouble) {
    return turn_back(hyperbolic_tangent(turn(z), trouble));
}

/* ---- Their inverses ---- */

static bool is_large(Complex z) {
    return fabs(z.real) > LARGE || fabs(z.imag) > LARGE;
}

/* log(2 * abs(z)) of a large z */
static double log_of_twice(Complex z) {
    return log(hypot(z.real / 2.0, z.imag / 2.0)) + M_LN2 * 2.0;
}

static Complex root_of(double real, double imag) {
    return square_root((Complex){real, imag}, NULL);
}

static Complex arc_cosine(Complex z, Trouble *trouble __attribute__((unused))) {
    if (!is_finite(z)) {
        const Complex angle = by_library(cacos, z);
        return (Complex){angle.real, isnan(z.imag) ? fabs(angle.imag) : angle.imag};
    }
    if (is_large(z)) {
        const double log_length = log_of_twice(z);
        return (Complex){atan2(fabs(z.imag), z.real),
                         z.real < 0 ? -copysign(log_length, z.imag)
                                    : copysign(log_length, -z.imag)};
    }
    const Complex below = root_of(1.0 - z.real, -z.imag);
    const Complex above = root_of(1.0 + z.real, z.imag);
    return (Complex){2.0 * atan2(below.real, above.real),
                     asinh(above.real * below.imag - above.imag * below.real)};
}

static Complex inverse_hyperbolic_cosine(Complex z,
                                         Trouble *trouble __attribute__((unused))) {
    if (!is_finite(z)) {
        return z.real == 0 && isnan(z.imag) ? (Complex){NAN, NAN} : by_library(cacosh, z);
    }
    if (is_large(z)) {
        return (Complex){log_of_twice(z), atan2(z.imag, z.real)};
    }
    const Complex below = root_of(z.real - 1.0, z.imag);
    const Complex above = root_of(z.real + 1.0, z.imag);
    return (Complex){asinh(below.real * above.real + below.imag * above.imag),
                     2.0 * atan2(below.imag, above.real)};
}

static Complex inverse_hyperbolic_sine(Complex z,
                                       Trouble *trouble __attribute__((unused))) {
    if (!is_finite(z)) {
        const Complex w = by_library(casinh, z);
        return (Complex){isnan(z.real) ? fabs(w.real) : w.real, w.imag};
    }
    if (is_large(z)) {
        const double log_length = log_of_twice(z);
        return (Complex){z.imag >= 0 ? copysign(log_length, z.real)
                                     : -copysign(log_length, -z.real),
                         atan2(z.imag, fabs(z.real))};
    }
    const Complex above = root_of(1.0 + z.imag, -z.real);
    const Complex below = root_of(1.0 - z.imag, z.real);
    return (Complex){asinh(above.real * below.imag - below.real * above.imag),
                     atan2(z.imag, above.real * below.real - above.imag * below.imag)};
}

static Complex inverse_hyperbolic_tangent(Complex z, Trouble *trouble) {
    if (!is_finite(z)) {
        const Complex w = by_library(catanh, z);
        return (Complex){isnan(z.real) ? fabs(w.real) : w.real, w.imag};
    }
    if (signbit(z.real)) {
        const Complex mirrored =
            inverse_hyperbolic_tangent((Complex){-z.real, -z.imag}, trouble);
        return (Complex){-mirrored.real, -mirrored.imag};
    }
    const double x = z.real;
    const double y = fabs(z.imag);
    if (x > SQRT_LARGE || y > SQRT_LARGE) {
        const double half = hypot(x / 2.0, y / 2.0);
        return (Complex){x / 4.0 / half / half, -copysign(M_PI_2, -z.imag)};
    }
    if (x == 1.0 && y < SQRT_SMALLEST) {
        if (y == 0) {
            *trouble = DOMAIN_ERROR;
            return (Complex){INFINITY, z.imag};
        }
        return (Complex){-log(sqrt(y) / sqrt(hypot(y, 2.0))),
                         copysign(atan2(2.0, -y) / 2.0, z.imag)};
    }
    return (Complex){log1p(4.0 * x / ((1 - x) * (1 - x) + y * y)) / 4.0,
                     -atan2(-2.0 * z.imag, (1 - x) * (1 + x) - y * y) / 2.0};
}

static Complex arc_sine(Complex z, Trouble *trouble) {
    return turn_back(inverse_hyperbolic_sine(turn(z), trouble));
}

static Complex arc_tangent(Complex z, Trouble *trouble) {
    return turn_back(inverse_hyperbolic_tangent(turn(z), trouble));
}

/* ---- As functions of the language ---- */

static bool raise_trouble(Context *cx, Trouble trouble) {
    if (trouble == NO_TROUBLE) {
        return false;
    }
    exc_raise(cx, trouble == DOMAIN_ERROR ? EXC_ValueError : EXC_OverflowError,
              trouble == DOMAIN_ERROR ? "math domain error" : "math range error");
    return true;
}

static Value apply(Context *cx, Function function, Value v) {
    Complex z;
    Trouble trouble = NO_TROUBLE;
    if (!complex_arg(cx, v, &z)) {
        return VALUE_ERROR;
    }
    z = function(z, &trouble);
    return raise_trouble(cx, trouble) ? VALUE_ERROR : complex_new(cx, z);
}

#define FUNCTION(name, function, doc)           \
    NATIVE(cmath_##name, #name "(z, /)", doc) { \
        return apply(cx, function, args[0]);    \
    }

FUNCTION(acos, arc_cosine, "Return the arc cosine of z.")
FUNCTION(acosh, inverse_hyperbolic_cosine, "Return the inverse hyperbolic cosine of z.")
FUNCTION(asin, arc_sine, "Return the arc sine of z.")
FUNCTION(asinh, inverse_hyperbolic_sine, "Return the inverse hyperbolic sine of z.")
FUNCTION(atan, arc_tangent, "Return the arc tangent of z.")
FUNCTION(atanh, inverse_hyperbolic_tangent, "Return the inverse hyperbolic tangent of z.")
FUNCTION(cos, cosine, "Return the cosine of z.")
FUNCTION(cosh, hyperbolic_cosine, "Return the hyperbolic cosine of z.")
FUNCTION(exp, exponential, "Return the exponential value e**z.")
FUNCTION(log10, logarithm_10, "Return the base-10 logarithm of z.")
FUNCTION(sin, sine, "Return the sine of z.")
FUNCTION(sinh, hyperbolic_sine, "Return the hyperbolic sine of z.")
FUNCTION(sqrt, square_root, "Return the square root of z.")
FUNCTION(tan, tangent, "Return the tangent of z.")
FUNCTION(tanh, hyperbolic_tangent, "Return the hyperbolic tangent of z.")

NATIVE(cmath_log, "log(z, base=None, /)",
       "log(z[, base]) -> the logarithm of z to the given base, the natural one without "
       "it.") {
    Complex z;
    Complex base;
    Trouble trouble = NO_TROUBLE;
    if (!complex_arg(cx, args[0], &z) ||
        (!IS_UNSET(args[1]) && !complex_arg(cx, args[1], &base))) {
        return VALUE_ERROR;
    }
    z = logarithm(z, &trouble);
    if (!IS_UNSET(args[1])) {
        base = logarithm(base, &trouble);
        if (!complex_divide(z, base, &z)) {
            trouble = DOMAIN_ERROR;
        }
    }
    return raise_trouble(cx, trouble) ? VALUE_ERROR : complex_new(cx, z);
}

NATIVE(cmath_phase, "phase(z, /)",
       "Return argument, also known as the phase angle, of a complex.") {
    Complex z;
    return complex_arg(cx, args[0], &z) ? value_from_double_any(atan2(z.imag, z.real))
                                        : VALUE_ERROR;
}

NATIVE(cmath_polar, "polar(z, /)",
       "Convert a complex from rectangular coordinates to polar coordinates.") {
    Complex z;
    if (!complex_arg(cx, args[0], &z)) {
        return VALUE_ERROR;
    }
    const double length = hypot(z.real, z.imag);
    if (isinf(length) && is_finite(z)) {
        raise_trouble(cx, RANGE_ERROR);
        return VALUE_ERROR;
    }
    return tuple_pack(cx, 2, value_from_double_any(length),
                      value_from_double_any(atan2(z.imag, z.real)));
}

/* length * e**(i * angle) where one of them is no finite number: the exponential knows the
 * signs. */
static Complex special_rect(double length, double angle, Trouble *trouble) {
    if (length == 0) {
        return (Complex){0.0, 0.0};
    }
    if (isnan(length)) {
        return (Complex){NAN, angle == 0 ? 0.0 : NAN};
    }
    *trouble = isinf(angle) ? DOMAIN_ERROR : NO_TROUBLE;
    const Complex z =
        by_library(cexp, (Complex){isfinite(length) ? 0.0 : fabs(length), angle});
    return length < 0 && !isnan(angle) ? (Complex){-z.real, -z.imag} : z;
}

NATIVE(cmath_rect, "rect(r, phi, /)",
       "Convert from polar coordinates to rectangular coordinates.") {
    double length;
    double angle;
    Trouble trouble = NO_TROUBLE;
    if (!float_arg(cx, args[0], &length) || !float_arg(cx, args[1], &angle)) {
        return VALUE_ERROR;
    }
    Complex z = {length, length * angle}; /* the angle 0 keeps its sign */
    if (!isfinite(length) || !isfinite(angle)) {
        z = special_rect(length, angle, &trouble);
    } else if (angle != 0) {
        z = (Complex){length * cos(angle), length * sin(angle)};
    }
    return raise_trouble(cx, trouble) ? VALUE_ERROR : complex_new(cx, z);
}

#define QUESTION(name, call, doc)                                             \
    NATIVE(cmath_##name, #name "(z, /)", doc) {                               \
        Complex z;                                                            \
        return complex_arg(cx, args[0], &z) ? BOOL_VALUE(call) : VALUE_ERROR; \
    }

QUESTION(isfinite, is_finite(z),
         "Return True if both the real and imaginary parts of z are finite, else False.")
QUESTION(
    isinf, isinf(z.real) || isinf(z.imag),
    "Return True if the real or imaginary part of z is positive or negative infinity.")
QUESTION(isnan, isnan(z.real) || isnan(z.imag),
         "Return True if the real or imaginary part of z not a number (NaN).")

static bool are_close(Complex a, Complex b, double relative, double absolute) {
    if (a.real == b.real && a.imag == b.imag) {
        return true;
    }
    if (isinf(a.real) || isinf(a.imag) || isinf(b.real) || isinf(b.imag)) {
        return false;
    }
    const double distance = hypot(a.real - b.real, a.imag - b.imag);
    return distance <= relative * hypot(b.real, b.imag) ||
           distance <= relative * hypot(a.real, a.imag) || distance <= absolute;
}

NATIVE(cmath_isclose, "isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)",
       "Determine whether two complex numbers are close in value.") {
    Complex a;
    Complex b;
    double relative = 1e-9;
    double absolute = 0.0;
    if (!complex_arg(cx, args[0], &a) || !complex_arg(cx, args[1], &b) ||
        (!IS_UNSET(args[2]) && !float_arg(cx, args[2], &relative)) ||
        (!IS_UNSET(args[3]) && !float_arg(cx, args[3], &absolute))) {
        return VALUE_ERROR;
    }
    if (relative < 0.0 || absolute < 0.0) {
        return exc_raise(cx, EXC_ValueError, "tolerances must be non-negative");
    }
    return BOOL_VALUE(are_close(a, b, relative, absolute));
}

static const NativeDef cmath_functions[] = {
    NATIVE_ENTRY(cmath_acos),     NATIVE_ENTRY(cmath_acosh), NATIVE_ENTRY(cmath_asin),
    NATIVE_ENTRY(cmath_asinh),    NATIVE_ENTRY(cmath_atan),  NATIVE_ENTRY(cmath_atanh),
    NATIVE_ENTRY(cmath_cos),      NATIVE_ENTRY(cmath_cosh),  NATIVE_ENTRY(cmath_exp),
    NATIVE_ENTRY(cmath_isclose),  NATIVE_ENTRY(cmath_isinf), NATIVE_ENTRY(cmath_isnan),
    NATIVE_ENTRY(cmath_isfinite), NATIVE_ENTRY(cmath_log),   NATIVE_ENTRY(cmath_log10),
    NATIVE_ENTRY(cmath_phase),    NATIVE_ENTRY(cmath_polar), NATIVE_ENTRY(cmath_rect),
    NATIVE_ENTRY(cmath_sin),      NATIVE_ENTRY(cmath_sinh),  NATIVE_ENTRY(cmath_sqrt),
    NATIVE_ENTRY(cmath_tan),      NATIVE_ENTRY(cmath_tanh),  {0},
};

static bool add_imaginary(Context *cx, ObjModule *module, const char *name, double imag) {
    const Value z = complex_new(cx, (Complex){0.0, imag});
    return !IS_ERROR(z) && module_set_c(cx, module, name, z);
}

bool mod_cmath_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, cmath_functions) &&
           module_set_c(cx, module, "pi", value_from_double(M_PI)) &&
           module_set_c(cx, module, "e", value_from_double(M_E)) &&
           module_set_c(cx, module, "tau", value_from_double(2 * M_PI)) &&
           module_set_c(cx, module, "inf", value_from_double(INFINITY)) &&
           module_set_c(cx, module, "nan", value_from_double_any(NAN)) &&
           add_imaginary(cx, module, "infj", INFINITY) &&
           add_imaginary(cx, module, "nanj", NAN);
}
