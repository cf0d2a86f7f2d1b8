/* complex.c - complex numbers.
 *
 * Multiplication and division are those of CPython: infinities are not restored where the
 * plain formula makes a NaN of them, so C's own complex arithmetic does not serve here.
 *
 * See also: complex_text.c (as text), runtime/modules/mod_cmath.c (functions). */

#include "runtime/objects/complex.h"

#include <math.h>

#include "runtime/base/hash.h"
#include "runtime/call.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/complex_text.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"

Value complex_new(Context *cx, Complex z) {
    ObjComplex *o = HEAP_NEW(cx, ObjComplex, KIND_COMPLEX);
    if (o == NULL) {
        return VALUE_ERROR;
    }
    o->value = z;
    return OBJ_VALUE(o);
}

/* Conversion */

bool complex_from_number(Context *cx, Value v, Complex *out) {
    if (IS_COMPLEX(v)) {
        *out = AS_COMPLEX(v);
        return true;
    }
    out->imag = 0.0;
    return float_from_number(cx, v, &out->real);
}

/* What the __complex__ of v gives: 2, 0 (it has none) or -1. */
static int ask_complex(Context *cx, Value v, Complex *out) {
    const Value method =
        IS_OBJ(v) ? type_special(type_of(cx, v), SPECIAL_complex) : VALUE_UNSET;
    if (IS_UNSET(method)) {
        return 0;
    }
    const Value result = call_method(cx, method, v, NULL, 0);
    if (IS_ERROR(result)) {
        return -1;
    }
    if (!IS_COMPLEX(result)) {
        exc_raise(cx, EXC_TypeError, "__complex__ returned non-complex (type %s)",
                  type_name_of(cx, result));
        return -1;
    }
    *out = AS_COMPLEX(result);
    const bool is_exact = IS_EXACT(result, KIND_COMPLEX);
    return is_exact || module_warn_subclass(cx, "", "__complex__ returned non-complex", result, "complex") ? 2 : -1;
}

/* 2 (a complex), 1 (a real number), 0 (no number of any kind) or -1. */
static int convert_any(Context *cx, Value v, Complex *out) {
    if (IS_EXACT(v, KIND_COMPLEX)) {
        *out = AS_COMPLEX(v);
        return 2;
    }
    const int answer = ask_complex(cx, v, out);
    if (answer != 0) {
        return answer;
    }
    out->imag = 0.0;
    return float_convert(cx, v, &out->real);
}

bool complex_arg(Context *cx, Value v, Complex *out) {
    const int result = convert_any(cx, v, out);
    if (result == 0) {
        exc_raise(cx, EXC_TypeError, "must be real number, not %s", type_name_of(cx, v));
    }
    return result > 0;
}

/* Arithmetic */

Complex complex_multiply(Complex a, Complex b) {
    return (Complex){a.real * b.real - a.imag * b.imag,
                     a.real * b.imag + a.imag * b.real};
}

/* By the larger part of b, so that its square does not overflow: R. L. Smith, "Algorithm
 * 116: complex division", 1962. */
bool complex_divide(Complex a, Complex b, Complex *quotient) {
    if (fabs(b.real) >= fabs(b.imag)) {
        const double ratio = b.imag / b.real;
        const double divisor = b.real + b.imag * ratio;
        *quotient = (Complex){(a.real + a.imag * ratio) / divisor,
                              (a.imag - a.real * ratio) / divisor};
        return b.real != 0;
    }
    if (fabs(b.imag) >= fabs(b.real)) {
        const double ratio = b.real / b.imag;
        const double divisor = b.real * ratio + b.imag;
        *quotient = (Complex){(a.real * ratio + a.imag) / divisor,
                              (a.imag * ratio - a.real) / divisor};
        return true;
    }
    *quotient = (Complex){NAN, NAN}; /* a part of b is none */
    return true;
}

static Complex power_by_squares(Complex base, unsigned n) {
    Complex result = {1.0, 0.0};
    for (; n > 0; n >>= 1) {
        if (n & 1) {
            result = complex_multiply(result, base);
        }
        base = complex_multiply(base, base);
    }
    return result;
}

/* In polar coordinates; a is not zero. False: the result has no direction. */
static bool power_by_angle(Complex a, Complex b, Complex *result) {
    const double length = hypot(a.real, a.imag);
    const double angle = atan2(a.imag, a.real);
    double new_length = pow(length, b.real);
    double new_angle = angle * b.real;
    if (b.imag != 0) {
        new_length /= exp(angle * b.imag);
        new_angle += b.imag * log(length);
    }
    *result = (Complex){new_length * cos(new_angle), new_length * sin(new_angle)};
    return !isinf(new_angle);
}

/* False: there is no such power, of zero for instance. */
static bool power(Complex a, Complex b, Complex *result) {
    enum { SQUARES_MAX = 100 }; /* above, CPython takes the other way */
    if (b.imag == 0 && b.real == floor(b.real) && fabs(b.real) <= SQUARES_MAX) {
        *result = power_by_squares(a, (unsigned)fabs(b.real));
        return b.real >= 0 || complex_divide((Complex){1.0, 0.0}, *result, result);
    }
    if (a.real == 0 && a.imag == 0) {
        *result = (Complex){0.0, 0.0};
        return b.imag == 0 && b.real >= 0;
    }
    return power_by_angle(a, b, result);
}

Value complex_power(Context *cx, Complex a, Complex b) {
    Complex result;
    if (!power(a, b, &result)) {
        return exc_raise(cx, EXC_ZeroDivisionError, "0.0 to a negative or complex power");
    }
    if (isinf(result.real) || isinf(result.imag)) {
        return exc_raise(cx, EXC_OverflowError, "complex exponentiation");
    }
    return complex_new(cx, result);
}

static Value quotient(Context *cx, Complex a, Complex b) {
    Complex result;
    return complex_divide(a, b, &result)
               ? complex_new(cx, result)
               : exc_raise(cx, EXC_ZeroDivisionError, "complex division by zero");
}

static Value kind_binary(Context *cx, BinaryOp op, Value a, Value b) {
    Complex x;
    Complex y;
    if (op > BINARY_POW || op == BINARY_FLOORDIV || op == BINARY_MOD) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (!complex_from_number(cx, a, &x) || !complex_from_number(cx, b, &y)) {
        return IS_UNSET(cx->pending) ? VALUE_NOT_IMPLEMENTED : VALUE_ERROR;
    }
    switch (op) {
    case BINARY_ADD: return complex_new(cx, (Complex){x.real + y.real, x.imag + y.imag});
    case BINARY_SUB: return complex_new(cx, (Complex){x.real - y.real, x.imag - y.imag});
    case BINARY_MUL: return complex_new(cx, complex_multiply(x, y));
    case BINARY_TRUEDIV: return quotient(cx, x, y);
    default: return complex_power(cx, x, y);
    }
}

static Value absolute(Context *cx, Complex z) {
    const double length = hypot(z.real, z.imag);
    if (isinf(length) && isfinite(z.real) && isfinite(z.imag)) {
        return exc_raise(cx, EXC_OverflowError, "absolute value too large");
    }
    return value_from_double_any(length);
}

static Value kind_unary(Context *cx, UnaryOp op, Value v) {
    const Complex z = AS_COMPLEX(v);
    switch (op) {
    case UNARY_NEG: return complex_new(cx, (Complex){-z.real, -z.imag});
    case UNARY_POS: return IS_EXACT(v, KIND_COMPLEX) ? v : complex_new(cx, z);
    case UNARY_ABS: return absolute(cx, z);
    case UNARY_INVERT: break;
    }
    return VALUE_NOT_IMPLEMENTED;
}

/* Equality; exact where the other one is a large int. */
static Value kind_compare(Context *cx __attribute__((unused)), CompareOp op, Value a,
                          Value b) {
    const Complex z = AS_COMPLEX(a);
    bool is_equal;
    if (op != COMPARE_EQ && op != COMPARE_NE) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (IS_COMPLEX(b)) {
        is_equal = z.real == AS_COMPLEX(b).real && z.imag == AS_COMPLEX(b).imag;
    } else if (IS_INT_LIKE(b)) {
        is_equal = z.imag == 0 && !isnan(z.real) && int_compare_double(b, z.real) == 0;
    } else if (IS_FLOAT_LIKE(b)) {
        is_equal = z.imag == 0 && z.real == float_value(b);
    } else {
        return VALUE_NOT_IMPLEMENTED;
    }
    return BOOL_VALUE(is_equal == (op == COMPARE_EQ));
}

static bool kind_hash(Context *cx __attribute__((unused)), Value v, uint64_t *hash) {
    enum { IMAG_FACTOR = 1000003 };
    const Complex z = AS_COMPLEX(v);
    *hash = hash_double(z.real) + IMAG_FACTOR * hash_double(z.imag);
    *hash -= *hash == UINT64_MAX;
    return true;
}

static int kind_is_true(Context *cx __attribute__((unused)), Value v) {
    return AS_COMPLEX(v).real != 0 || AS_COMPLEX(v).imag != 0;
}

static Value kind_repr(Context *cx, Value v) {
    return complex_repr(cx, AS_COMPLEX(v));
}

static void complex_trace(GcMarker *m, Obj *o) {
    if (o->shape != KIND_COMPLEX) {
        instance_trace_slots(m, gc_marker_shape(m, o), o);
    }
}

/* complex(real, imag): both may be complex, so real + imag * 1j is what it means. */

static int first_arg(Context *cx, Value v, Complex *out) {
    const int result = convert_any(cx, v, out);
    if (result == 0) {
        exc_raise(cx, EXC_TypeError,
                  "complex() first argument must be a string or a number, not '%s'",
                  type_name_of(cx, v));
        return -1;
    }
    return result;
}

static bool second_arg(Context *cx, Value v, Complex *out) {
    if (IS_COMPLEX(v)) {
        *out = AS_COMPLEX(v);
        return true;
    }
    out->imag = 0.0;
    const int result = IS_STR(v) ? 0 : float_convert(cx, v, &out->real);
    if (result == 0) {
        exc_raise(cx, EXC_TypeError,
                  IS_STR(v) ? "complex() second arg can't be a string"
                            : "complex() second argument must be a number, not '%s'",
                  type_name_of(cx, v));
    }
    return result > 0;
}

/* real may be VALUE_UNSET. */
static bool from_parts(Context *cx, Value real, Value imag, Complex *out) {
    Complex x = {0.0, 0.0};
    Complex y = {0.0, 0.0};
    if (IS_STR(real)) {
        exc_raise(cx, EXC_TypeError,
                  "complex() can't take second arg if first is a string");
        return false;
    }
    if (IS_STR(imag)) {
        return second_arg(cx, imag, &y);
    }
    const int kind = IS_UNSET(real) ? 1 : first_arg(cx, real, &x);
    if (kind < 0 || !second_arg(cx, imag, &y)) {
        return false;
    }
    /* A real number leaves the sign of the other part's zero alone. */
    *out = (Complex){IS_COMPLEX(imag) ? x.real - y.imag : x.real,
                     kind == 2 ? y.real + x.imag : y.real};
    return true;
}

static bool read_arguments(Context *cx, const Value *args, int n_args, Value kwargs,
                           Complex *out) {
    static const char *const parameters[] = {"real", "imag", NULL};
    Value given[2];
    if (!construct_arguments(cx, "complex", parameters, 0, args, n_args, kwargs, given)) {
        return false;
    }
    if (!IS_UNSET(given[1])) {
        return from_parts(cx, given[0], given[1], out);
    }
    if (IS_UNSET(given[0])) {
        *out = (Complex){0.0, 0.0};
        return true;
    }
    return IS_STR(given[0]) ? complex_parse(cx, AS_STR(given[0]), out)
                            : first_arg(cx, given[0], out) > 0;
}

static Value complex_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                               Value kwargs) {
    Complex z;
    if (n_args == 1 && !construct_has_kwargs(kwargs) && IS_EXACT(args[0], KIND_COMPLEX) &&
        type == cx->rt->types[KIND_COMPLEX]) {
        return args[0];
    }
    if (!read_arguments(cx, args, n_args, kwargs, &z)) {
        return VALUE_ERROR;
    }
    if (type == cx->rt->types[KIND_COMPLEX]) {
        return complex_new(cx, z);
    }
    ObjComplex *o = (ObjComplex *)instance_new(cx, type);
    if (o == NULL) {
        return VALUE_ERROR;
    }
    o->value = z;
    return OBJ_VALUE(o);
}

/* Methods */

NATIVE(complex_conjugate, "conjugate(self, /)",
       "Return the complex conjugate of its argument. (3-4j).conjugate() == 3+4j.") {
    const Complex z = AS_COMPLEX(args[0]);
    return complex_new(cx, (Complex){z.real, -z.imag});
}

NATIVE(complex_complex, "__complex__(self, /)",
       "Convert this value to exact type complex.") {
    return kind_unary(cx, UNARY_POS, args[0]);
}

NATIVE(complex_getnewargs, "__getnewargs__(self, /)", "") {
    const Complex z = AS_COMPLEX(args[0]);
    return tuple_pack(cx, 2, value_from_double_any(z.real),
                      value_from_double_any(z.imag));
}

static Value pow_with_modulus(Context *cx, Value base, Value exponent, Value modulus) {
    return IS_UNSET(modulus) || IS_NONE(modulus)
               ? kind_binary(cx, BINARY_POW, base, exponent)
               : exc_raise(cx, EXC_ValueError, "complex modulo");
}

NATIVE(complex_pow, "__pow__(self, value, mod=None, /)",
       "Return pow(self, value, mod).") {
    return pow_with_modulus(cx, args[0], args[1], args[2]);
}

NATIVE(complex_rpow, "__rpow__(self, value, mod=None, /)",
       "Return pow(value, self, mod).") {
    return pow_with_modulus(cx, args[1], args[0], args[2]);
}

static const NativeDef complex_methods[] = {
    NATIVE_ENTRY(complex_conjugate),  NATIVE_ENTRY(complex_complex),
    NATIVE_ENTRY(complex_getnewargs), NATIVE_ENTRY(complex_pow),
    NATIVE_ENTRY(complex_rpow),       {0},
};

static Value get_real(Context *cx __attribute__((unused)), Value self) {
    return value_from_double_any(AS_COMPLEX(self).real);
}

static Value get_imag(Context *cx __attribute__((unused)), Value self) {
    return value_from_double_any(AS_COMPLEX(self).imag);
}

static bool refuse_set(Context *cx, Value self __attribute__((unused)),
                       Value value __attribute__((unused))) {
    exc_raise(cx, EXC_AttributeError, "readonly attribute");
    return false;
}

static const GetsetDef complex_getsets[] = {
    {"real", "the real part of a complex number", get_real, refuse_set},
    {"imag", "the imaginary part of a complex number", get_imag, refuse_set},
    {0},
};

const KindOps kind_ops_ObjComplex = {
    .trace = complex_trace,
    .repr = kind_repr,
    .hash = kind_hash,
    .compare = kind_compare,
    .binary = kind_binary,
    .unary = kind_unary,
    .is_true = kind_is_true,
    .format = complex_format,
    .construct = complex_construct,
    .methods = complex_methods,
    .getsets = complex_getsets,
    .doc = "complex(real=0, imag=0)\n--\n\n"
           "A complex number from its parts, or from a text such as '1+2j'.",
};
