/* float.c - floats.
 *
 * See also: runtime/base/numtext.h (as text), tests/unit/test_float.c. */

#include "runtime/objects/float.h"

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>

#include "runtime/base/hash.h"
#include "runtime/base/numtext.h"
#include "runtime/base/utf8.h"
#include "runtime/call.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/complex.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float_hex.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/int_text.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str_format.h"

/* Conversion */

/* v IS_FLOAT_LIKE. */
static double get(Value v) {
    return LIKELY(IS_FLOAT(v)) ? value_to_double(v)
                               : ((const ObjFloat *)AS_OBJ(v))->value;
}

bool float_from_number(Context *cx, Value v, double *out) {
    if (LIKELY(IS_FLOAT(v))) {
        *out = value_to_double(v);
        return true;
    }
    if (IS_INT(v)) {
        *out = (double)value_to_int(v);
        return true;
    }
    if (IS_INT_LIKE(v)) {
        *out = int_to_double(cx, v);
        return *out != -1 || IS_UNSET(cx->pending);
    }
    if (IS_FLOAT_LIKE(v)) {
        *out = get(v);
        return true;
    }
    return false;
}

static bool call_float(Context *cx, Value method, Value v, double *out) {
    const Value result = call_method(cx, method, v, NULL, 0);
    if (IS_ERROR(result)) {
        return false;
    }
    if (!IS_FLOAT_LIKE(result)) {
        exc_raise(cx, EXC_TypeError, "%s.__float__ returned non-float (type %s)",
                  type_name_of(cx, v), type_name_of(cx, result));
        return false;
    }
    *out = get(result);
    return IS_FLOAT(result) || module_warn_subclass(cx, type_name_of(cx, v), ".__float__ returned non-float",
                                                    result, "float");
}

int float_convert(Context *cx, Value v, double *out) {
    if (LIKELY(IS_FLOAT(v) || IS_INT_LIKE(v))) {
        return float_from_number(cx, v, out) ? 1 : -1;
    }
    const Value method =
        IS_OBJ(v) ? type_special(type_of(cx, v), SPECIAL_float) : VALUE_UNSET;
    if (IS_KIND(v, KIND_FLOAT) && obj_shape(AS_OBJ(v)) < KIND_COUNT) {
        *out = get(v);
        return 1;
    }
    if (!IS_UNSET(method)) {
        return call_float(cx, method, v, out) ? 1 : -1;
    }
    if (IS_OBJ(v) && !IS_UNSET(type_special(type_of(cx, v), SPECIAL_index))) {
        const Value index = int_index(cx, v);
        return !IS_ERROR(index) && float_from_number(cx, index, out) ? 1 : -1;
    }
    return 0;
}

bool float_arg(Context *cx, Value v, double *out) {
    const int result = float_convert(cx, v, out);
    if (result == 0) {
        exc_raise(cx, EXC_TypeError, "must be real number, not %s", type_name_of(cx, v));
    }
    return result > 0;
}

uint64_t float_hash(double d) {
    return hash_double(d);
}

ObjStr *float_repr_str(Context *cx, double d) {
    char text[NUMTEXT_DOUBLE_BYTES];
    return str_new_ascii(cx, text, numtext_from_double(d, text));
}

static bool equals_ignoring_case(const char *text, size_t n, const char *word) {
    size_t i = 0;
    for (; i < n && word[i] != '\0'; i++) {
        if (tolower((unsigned char)text[i]) != word[i]) {
            return false;
        }
    }
    return i == n && word[i] == '\0';
}

/* "inf", "infinity" and "nan" in any case, with a sign. */
static bool parse_word(const char *at, size_t n, double *out) {
    bool is_negative = false;
    if (n > 0 && (*at == '-' || *at == '+')) {
        is_negative = *at == '-';
        at++;
        n--;
    }
    if (equals_ignoring_case(at, n, "inf") || equals_ignoring_case(at, n, "infinity")) {
        *out = is_negative ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    *out = __builtin_nan("");
    return equals_ignoring_case(at, n, "nan");
}

bool float_strip_underscores(const char *at, size_t n, Buf *plain) {
    for (size_t i = 0; i < n; i++) {
        if (at[i] != '_') {
            buf_add_byte(plain, at[i]);
        } else if (i == 0 || i + 1 == n || !isdigit((unsigned char)at[i - 1]) ||
                   !isdigit((unsigned char)at[i + 1])) {
            return false;
        }
    }
    return true;
}

bool float_is_space(char c) {
    return isspace((unsigned char)c) || (c >= 0x1c && c <= 0x1f);
}

bool float_read(const char *at, size_t n, double *out) {
    while (n > 0 && float_is_space(*at)) {
        at++;
        n--;
    }
    while (n > 0 && float_is_space(at[n - 1])) {
        n--;
    }
    if (numtext_to_double(at, n, out)) {
        return true;
    }
    if (n > 0 && memchr(at, '_', n) != NULL) {
        Buf plain = {0};
        const bool is_ok = float_strip_underscores(at, n, &plain) &&
                           numtext_to_double(plain.bytes, plain.n_bytes, out);
        buf_free(&plain);
        return is_ok;
    }
    return parse_word(at, n, out);
}

Value float_parse(Context *cx, const char *text, size_t n_bytes, Value for_message) {
    double d;
    bool is_ok;
    if (utf8_is_ascii(text, n_bytes) || !IS_STR(for_message)) {
        is_ok = float_read(text, n_bytes, &d);
    } else {
        Buf plain = {0};
        int_add_plain_digits(&plain, text, n_bytes);
        is_ok = float_read(plain.bytes, plain.n_bytes, &d);
        buf_free(&plain);
    }
    if (is_ok) {
        return value_from_double_any(d);
    }
    const Value repr = value_repr(cx, for_message);
    return IS_ERROR(repr)
               ? VALUE_ERROR
               : exc_raise(cx, EXC_ValueError, "could not convert string to float: %.*s",
                           (int)AS_STR(repr)->n_bytes, AS_STR(repr)->data);
}

/* Arithmetic */

double float_value(Value v) {
    return get(v);
}

double float_mod(double a, double b) {
    double rest = fmod(a, b);
    if (rest == 0) {
        return copysign(0.0, b);
    }
    return (b < 0) != (rest < 0) ? rest + b : rest;
}

/* Quotient and remainder belong together: the quotient is that of the number without
 * its remainder, and rounding must not push it to the next whole number. */
static void divide_floor(double a, double b, double *quotient, double *remainder) {
    double rest = fmod(a, b);
    double q = (a - rest) / b;
    if (rest == 0) {
        rest = copysign(0.0, b);
    } else if ((b < 0) != (rest < 0)) {
        rest += b;
        q -= 1.0;
    }
    if (q == 0) {
        *quotient = copysign(0.0, a / b);
    } else {
        *quotient = floor(q);
        if (q - *quotient > 0.5) {
            *quotient += 1.0;
        }
    }
    *remainder = rest;
}

double float_floordiv(double a, double b) {
    double quotient;
    double remainder;
    divide_floor(a, b, &quotient, &remainder);
    return quotient;
}

static Value raise_zero_division(Context *cx, const char *message) {
    return exc_raise(cx, EXC_ZeroDivisionError, "%s", message);
}

static Value power(Context *cx, double a, double b) {
    if (UNLIKELY(a == 0 && b < 0 && isfinite(b))) {
        return raise_zero_division(cx, "0.0 cannot be raised to a negative power");
    }
    if (UNLIKELY(a < 0 && isfinite(a) && isfinite(b) && b != floor(b))) {
        return complex_power(cx, (Complex){a, 0.0}, (Complex){b, 0.0});
    }
    const double result = pow(a, b);
    if (UNLIKELY(isinf(result)) && isfinite(a) && isfinite(b)) {
        const Value args = tuple_pack(cx, 2, value_from_int(ERANGE),
                                      OBJ_VALUE(str_from_c(cx, strerror(ERANGE))));
        if (IS_ERROR(args)) {
            return VALUE_ERROR;
        }
        const Value exception = exc_new(cx, EXC_OverflowError, args);
        return IS_ERROR(exception) ? VALUE_ERROR : exc_raise_object(cx, exception);
    }
    return value_from_double_any(result);
}

static Value binary(Context *cx, BinaryOp op, double a, double b) {
    switch (op) {
    case BINARY_ADD: return value_from_double_any(a + b);
    case BINARY_SUB: return value_from_double_any(a - b);
    case BINARY_MUL: return value_from_double_any(a * b);
    case BINARY_TRUEDIV:
        return UNLIKELY(b == 0) ? raise_zero_division(cx, "float division by zero")
                                : value_from_double_any(a / b);
    case BINARY_FLOORDIV:
        return UNLIKELY(b == 0) ? raise_zero_division(cx, "float floor division by zero")
                                : value_from_double_any(float_floordiv(a, b));
    case BINARY_MOD:
        return UNLIKELY(b == 0) ? raise_zero_division(cx, "float modulo by zero")
                                : value_from_double_any(float_mod(a, b));
    case BINARY_POW: return power(cx, a, b);
    default: return VALUE_NOT_IMPLEMENTED;
    }
}

Value float_binary(Context *cx, BinaryOp op, Value a, Value b) {
    double x;
    double y;
    if (UNLIKELY(!float_from_number(cx, a, &x) || !float_from_number(cx, b, &y))) {
        return IS_UNSET(cx->pending) ? VALUE_NOT_IMPLEMENTED : VALUE_ERROR;
    }
    return binary(cx, op, x, y);
}

/* The type */

static bool is_number(Value v) {
    return IS_FLOAT_LIKE(v) || IS_INT_LIKE(v);
}

static Value kind_binary(Context *cx, BinaryOp op, Value a, Value b) {
    if (!is_number(a) || !is_number(b) || op > BINARY_POW) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return float_binary(cx, op, a, b);
}

static Value kind_unary(Context *cx __attribute__((unused)), UnaryOp op, Value v) {
    const double d = get(v);
    switch (op) {
    case UNARY_NEG: return value_from_double_any(-d);
    case UNARY_ABS: return value_from_double_any(fabs(d));
    case UNARY_POS: return value_from_double_any(d);
    case UNARY_INVERT: break;
    }
    return VALUE_NOT_IMPLEMENTED;
}

static Value answer(CompareOp op, int order) {
    switch (op) {
    case COMPARE_LT: return BOOL_VALUE(order < 0);
    case COMPARE_LE: return BOOL_VALUE(order <= 0);
    case COMPARE_EQ: return BOOL_VALUE(order == 0);
    case COMPARE_NE: return BOOL_VALUE(order != 0);
    case COMPARE_GT: return BOOL_VALUE(order > 0);
    case COMPARE_GE: break;
    }
    return BOOL_VALUE(order >= 0);
}

static Value kind_compare(Context *cx __attribute__((unused)), CompareOp op, Value a,
                          Value b) {
    if (!is_number(a) || !is_number(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if ((IS_FLOAT_LIKE(a) && isnan(get(a))) || (IS_FLOAT_LIKE(b) && isnan(get(b)))) {
        return BOOL_VALUE(op == COMPARE_NE);
    }
    if (IS_INT_LIKE(a)) {
        return answer(op,
                      IS_INT_LIKE(b) ? int_compare(a, b) : int_compare_double(a, get(b)));
    }
    if (IS_INT_LIKE(b)) {
        return answer(op, -int_compare_double(b, get(a)));
    }
    const double x = get(a);
    const double y = get(b);
    return answer(op, x < y ? -1 : x > y);
}

static Value kind_repr(Context *cx, Value v) {
    ObjStr *text = float_repr_str(cx, get(v));
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static bool kind_hash(Context *cx __attribute__((unused)), Value v, uint64_t *hash) {
    *hash = hash_double(get(v));
    return true;
}

static int kind_is_true(Context *cx __attribute__((unused)), Value v) {
    return get(v) != 0;
}

static void float_trace(GcMarker *m, Obj *o) {
    instance_trace_slots(m, gc_marker_shape(m, o), o);
}

/* float(v) as an immediate value. */
static Value convert(Context *cx, Value v) {
    double d;
    const int is_number_like = IS_EXACT(v, KIND_STR) ? 0 : float_convert(cx, v, &d);
    if (is_number_like != 0) {
        return is_number_like > 0 ? value_from_double_any(d) : VALUE_ERROR;
    }
    if (IS_STR(v)) {
        return float_parse(cx, AS_STR(v)->data, AS_STR(v)->n_bytes, v);
    }
    const Value bytes = IS_OBJ(v) ? byte_view_to_bytes(cx, v) : v;
    if (IS_BYTES(bytes)) {
        return float_parse(cx, AS_BYTES(bytes)->data, AS_BYTES(bytes)->n_bytes, v);
    }
    return IS_ERROR(bytes)
               ? VALUE_ERROR
               : exc_raise(cx, EXC_TypeError,
                           "float() argument must be a string or a real number, not '%s'",
                           type_name_of(cx, v));
}

static Value float_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                             Value kwargs) {
    if (!construct_check(cx, "float", n_args, 0, 1, construct_own_kwargs(type, kwargs))) {
        return VALUE_ERROR;
    }
    const Value result = n_args == 0 ? value_from_double(0.0) : convert(cx, args[0]);
    if (IS_ERROR(result) || type == cx->rt->types[KIND_FLOAT]) {
        return result;
    }
    ObjFloat *o = (ObjFloat *)instance_new(cx, type);
    if (o == NULL) {
        return VALUE_ERROR;
    }
    o->value = value_to_double(result);
    return OBJ_VALUE(o);
}

/* Methods */

NATIVE(float_is_integer, "is_integer(self, /)",
       "Return True if the float is an integer.") {
    const double d = get(args[0]);
    return BOOL_VALUE(isfinite(d) && floor(d) == d);
}

NATIVE(float_conjugate, "conjugate(self, /)",
       "Return self, the complex conjugate of any float.") {
    return value_from_double(get(args[0]));
}

NATIVE(float_as_integer_ratio, "as_integer_ratio(self, /)",
       "Return a pair of integers, whose ratio is exactly equal to the original float.") {
    double d = get(args[0]);
    if (isinf(d)) {
        return exc_raise(cx, EXC_OverflowError,
                         "cannot convert Infinity to integer ratio");
    }
    if (isnan(d)) {
        return exc_raise(cx, EXC_ValueError, "cannot convert NaN to integer ratio");
    }
    int exponent;
    d = frexp(d, &exponent);
    while (d != floor(d)) {
        d *= 2;
        exponent--;
    }
    Value numerator = int_from_double(cx, d);
    Value denominator = value_from_int(1);
    Value *scaled = exponent > 0 ? &numerator : &denominator;
    if (!IS_ERROR(numerator)) {
        *scaled = int_binary(cx, BINARY_LSHIFT, *scaled,
                             value_from_int(exponent < 0 ? -exponent : exponent));
    }
    return IS_ERROR(*scaled) ? VALUE_ERROR : tuple_pack(cx, 2, numerator, denominator);
}

NATIVE(float_hex, "hex(self, /)",
       "Return a hexadecimal representation of a floating-point number.") {
    const double d = get(args[0]);
    if (!isfinite(d)) {
        return kind_repr(cx, args[0]);
    }
    ObjStr *text = float_hex_str(cx, d);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

NATIVE(float_fromhex, "fromhex(cls, string, /)",
       "Create a floating-point number from a hexadecimal string.") {
    if (!IS_STR(args[1])) {
        return exc_raise(cx, EXC_TypeError, "bad argument type for built-in operation");
    }
    const char *at = AS_STR(args[1])->data;
    const char *end = at + AS_STR(args[1])->n_bytes;
    while (at < end && isspace((unsigned char)*at)) {
        at++;
    }
    while (end > at && isspace((unsigned char)end[-1])) {
        end--;
    }
    double d;
    const bool is_word = parse_word(at, (size_t)(end - at), &d);
    if (!is_word && !float_hex_read(at, end, &d)) {
        return exc_raise(cx, EXC_ValueError, "invalid hexadecimal floating-point string");
    }
    if (isinf(d) && !is_word) {
        return exc_raise(cx, EXC_OverflowError,
                         "hexadecimal value too large to represent as a float");
    }
    const Value v = value_from_double_any(d);
    return args[0] == OBJ_VALUE(cx->rt->types[KIND_FLOAT])
               ? v
               : call_value(cx, args[0], &v, 1);
}

/* To a number of digits behind the point: by way of the exact decimal form, which is
 * how halves are seen for what they are. */
static Value round_digits(Context *cx, double d, int64_t n_digits) {
    enum { DIGITS_MAX = 323, DIGITS_MIN = -308 };
    if (!isfinite(d) || n_digits > DIGITS_MAX) {
        return value_from_double_any(d);
    }
    if (n_digits < DIGITS_MIN) {
        return value_from_double(d * 0.0);
    }
    Buf text = {0};
    double rounded;
    if (n_digits >= 0) {
        numtext_format(&text, d, 'f', (int)n_digits, 0);
    } else {
        /* d has `before` digits before the point; as many of them are kept as stand
         * left of the place. */
        const int before = d == 0 ? 1 : (int)floor(log10(fabs(d))) + 1;
        const int kept = before + (int)n_digits;
        if (kept > 0) {
            numtext_format(&text, d, 'e', kept - 1, 0);
        } else {
            /* One digit more, which is 0, lets the first one round up. */
            const double half = 0.5 * pow(10.0, (double)-n_digits);
            const double result = fabs(d) > half ? pow(10.0, (double)-n_digits) : 0.0;
            return value_from_double(copysign(result, d));
        }
    }
    numtext_to_double(text.bytes, text.n_bytes, &rounded);
    buf_free(&text);
    if (isinf(rounded)) {
        return exc_raise(cx, EXC_OverflowError, "rounded value too large to represent");
    }
    return value_from_double(rounded);
}

NATIVE(float_round, "__round__(self, ndigits=None, /)",
       "Return the Integral closest to x, rounding half toward even.\n\n"
       "When an argument is passed, work like built-in round(x, ndigits).") {
    const double d = get(args[0]);
    if (IS_UNSET(args[1]) || IS_NONE(args[1])) {
        return int_from_double(cx, nearbyint(d));
    }
    int64_t n_digits;
    return int_index_clamped(cx, args[1], &n_digits) ? round_digits(cx, d, n_digits)
                                                     : VALUE_ERROR;
}

NATIVE(float_trunc, "__trunc__(self, /)",
       "Return the Integral closest to x between 0 and x.") {
    return int_from_double(cx, get(args[0]));
}

NATIVE(float_floor, "__floor__(self, /)", "Return the floor as an Integral.") {
    return int_from_double(cx, floor(get(args[0])));
}

NATIVE(float_ceil, "__ceil__(self, /)", "Return the ceiling as an Integral.") {
    return int_from_double(cx, ceil(get(args[0])));
}

NATIVE(float_int, "__int__(self, /)", "int(self)") {
    return int_from_double(cx, get(args[0]));
}

NATIVE(float_float, "__float__(self, /)", "float(self)") {
    return value_from_double(get(args[0]));
}

static Value divmod(Context *cx, Value a, Value b) {
    double x;
    double y;
    if (!is_number(a) || !is_number(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (!float_from_number(cx, a, &x) || !float_from_number(cx, b, &y)) {
        return VALUE_ERROR;
    }
    if (y == 0) {
        return raise_zero_division(cx, "float divmod()");
    }
    double quotient;
    double remainder;
    divide_floor(x, y, &quotient, &remainder);
    return tuple_pack(cx, 2, value_from_double_any(quotient),
                      value_from_double_any(remainder));
}

NATIVE(float_divmod, "__divmod__(self, value, /)", "Return divmod(self, value).") {
    return divmod(cx, args[0], args[1]);
}

NATIVE(float_rdivmod, "__rdivmod__(self, value, /)", "Return divmod(value, self).") {
    return divmod(cx, args[1], args[0]);
}

NATIVE(float_pow, "__pow__(self, value, mod=None, /)", "Return pow(self, value, mod).") {
    if (!IS_UNSET(args[2]) && !IS_NONE(args[2])) {
        return exc_raise(
            cx, EXC_TypeError,
            "pow() 3rd argument not allowed unless all arguments are integers");
    }
    return kind_binary(cx, BINARY_POW, args[0], args[1]);
}

NATIVE(float_getnewargs, "__getnewargs__(self, /)", "") {
    return tuple_pack(cx, 1, value_from_double(get(args[0])));
}

static const NativeDef float_methods[] = {
    NATIVE_ENTRY(float_is_integer),
    NATIVE_ENTRY(float_conjugate),
    NATIVE_ENTRY(float_as_integer_ratio),
    NATIVE_ENTRY(float_hex),
    NATIVE_ENTRY_FLAGS(float_fromhex, NATIVE_CLASS),
    NATIVE_ENTRY(float_round),
    NATIVE_ENTRY(float_trunc),
    NATIVE_ENTRY(float_floor),
    NATIVE_ENTRY(float_ceil),
    NATIVE_ENTRY(float_int),
    NATIVE_ENTRY(float_float),
    NATIVE_ENTRY(float_divmod),
    NATIVE_ENTRY(float_rdivmod),
    NATIVE_ENTRY(float_pow),
    NATIVE_ENTRY(float_getnewargs),
    {0},
};

static Value get_real(Context *cx __attribute__((unused)), Value self) {
    return value_from_double(get(self));
}

static Value get_imag(Context *cx __attribute__((unused)),
                      Value self __attribute__((unused))) {
    return value_from_double(0.0);
}

static const GetsetDef float_getsets[] = {
    {"real", "the real part of a complex number", get_real, NULL},
    {"imag", "the imaginary part of a complex number", get_imag, NULL},
    {0},
};

const KindOps kind_ops_ObjFloat = {
    .trace = float_trace,
    .repr = kind_repr,
    .hash = kind_hash,
    .compare = kind_compare,
    .binary = kind_binary,
    .unary = kind_unary,
    .is_true = kind_is_true,
    .format = format_float,
    .construct = float_construct,
    .methods = float_methods,
    .getsets = float_getsets,
    .doc = "float(x=0, /)\n--\n\nA number of double precision, from a number or a text.",
};
