/* int.c - integers: conversions, arithmetic, the type.
 *
 * What fits into a machine word is computed here directly; int_big.c does the rest.
 * See also: int_big.h, int_methods.c, int_text.h, tests/unit/test_int.c. */

#include "runtime/objects/int.h"

#include <math.h>

#include "runtime/base/hash.h"
#include "runtime/block.h"
#include "runtime/call.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int_big.h"
#include "runtime/objects/int_methods.h"
#include "runtime/objects/module.h"
#include "runtime/objects/str_format.h"

/* From and to machine numbers */

Value int_from_u64(Context *cx, uint64_t i) {
    if (LIKELY(i <= (uint64_t)VALUE_INT_MAX)) {
        return value_from_int((int64_t)i);
    }
    const mp_limb_t limb = i;
    return int_from_limbs(cx, &limb, 1, false);
}

Value int_from_i64(Context *cx, int64_t i) {
    if (LIKELY(value_int_fits(i))) {
        return value_from_int(i);
    }
    const mp_limb_t limb = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    return int_from_limbs(cx, &limb, 1, i < 0);
}

static Value from_i128(Context *cx, __int128 i) {
    const unsigned __int128 magnitude =
        i < 0 ? 0 - (unsigned __int128)i : (unsigned __int128)i;
    const mp_limb_t limbs[2] = {(mp_limb_t)magnitude, (mp_limb_t)(magnitude >> 64)};
    return int_from_limbs(cx, limbs, limbs[1] != 0 ? 2 : 1, i < 0);
}

Value int_from_double(Context *cx, double d) {
    if (LIKELY(d > -0x1p49 && d < 0x1p49)) {
        return value_from_int((int64_t)d);
    }
    if (isnan(d)) {
        return exc_raise(cx, EXC_ValueError, "cannot convert float NaN to integer");
    }
    if (isinf(d)) {
        return exc_raise(cx, EXC_OverflowError,
                         "cannot convert float infinity to integer");
    }
    int exponent;
    const double mantissa = frexp(fabs(d), &exponent);
    const int64_t significand = (int64_t)ldexp(mantissa, 53);
    if (exponent <= 63) {
        const int64_t magnitude = exponent <= 53 ? significand >> (53 - exponent)
                                                 : significand << (exponent - 53);
        return int_from_i64(cx, d < 0 ? -magnitude : magnitude);
    }
    IntView view;
    int_view_i64(&view, d < 0 ? -significand : significand);
    return int_big_shift_left(cx, &view, (uint64_t)(exponent - 53));
}

bool int_to_i64(Value v, int64_t *out) {
    if (LIKELY(int_is_immediate(v, out))) {
        return true;
    }
    const ObjInt *big = AS_BIG_INT(v);
    if (big->n_limbs < -1 || big->n_limbs > 1) {
        return false;
    }
    const mp_limb_t limb = big->n_limbs == 0 ? 0 : big->limbs[0];
    if (big->n_limbs < 0) {
        *out = (int64_t)(0 - limb);
        return limb <= (mp_limb_t)1 << 63;
    }
    *out = (int64_t)limb;
    return limb <= (mp_limb_t)INT64_MAX;
}

double int_to_double(Context *cx, Value v) {
    int64_t i;
    if (LIKELY(int_is_immediate(v, &i))) {
        return (double)i;
    }
    IntView view;
    int_view(&view, v);
    const double d = int_big_to_double(&view);
    if (isinf(d)) {
        exc_raise(cx, EXC_OverflowError, "int too large to convert to float");
        return -1;
    }
    return d;
}

Value int_exact(Context *cx, Value v) {
    if (!IS_OBJ(v)) {
        return IS_BOOL(v) ? value_from_int((int64_t)(v & 1)) : v;
    }
    if (IS_EXACT(v, KIND_INT)) {
        return v;
    }
    IntView view;
    int_view(&view, v);
    return int_from_limbs(cx, view.limbs, view.n, view.is_negative);
}

/* Indices */

/* What a method returned in the place of an int; complains of what is none, and of a bool. */
static Value expect_int(Context *cx, Value result, const char *complaint) {
    if (LIKELY(IS_INT(result) || IS_EXACT(result, KIND_INT))) {
        return result;
    }
    if (!IS_INT_LIKE(result)) {
        return exc_raise(cx, EXC_TypeError, "%s (type %s)", complaint, type_name_of(cx, result));
    }
    return module_warn_subclass(cx, "", complaint, result, "int") ? result : VALUE_ERROR;
}

Value int_index(Context *cx, Value v) {
    if (LIKELY(IS_INT_LIKE(v))) {
        return v;
    }
    const Value method = type_special(type_of(cx, v), SPECIAL_index);
    if (IS_UNSET(method)) {
        return exc_raise(cx, EXC_TypeError,
                         "'%s' object cannot be interpreted as an integer",
                         type_name_of(cx, v));
    }
    const Value result = call_method(cx, method, v, NULL, 0);
    return IS_ERROR(result) ? VALUE_ERROR : expect_int(cx, result, "__index__ returned non-int");
}

bool int_index_i64(Context *cx, Value v, int64_t *out, ExcKind exc) {
    const Value index = int_index(cx, v);
    if (IS_ERROR(index)) {
        return false;
    }
    if (int_to_i64(index, out)) {
        return true;
    }
    exc_raise(cx, exc, "cannot fit '%s' into an index-sized integer",
              type_name_of(cx, v));
    return false;
}

bool int_index_clamped(Context *cx, Value v, int64_t *out) {
    const Value index = int_index(cx, v);
    if (IS_ERROR(index)) {
        return false;
    }
    if (!int_to_i64(index, out)) {
        *out = int_sign(index) < 0 ? INT64_MIN : INT64_MAX;
    }
    return true;
}

/* Comparison and hash */

int int_sign(Value v) {
    int64_t i;
    if (LIKELY(int_is_immediate(v, &i))) {
        return i < 0 ? -1 : i > 0;
    }
    const int64_t n_limbs = AS_BIG_INT(v)->n_limbs;
    return n_limbs < 0 ? -1 : n_limbs > 0;
}

int int_compare(Value a, Value b) {
    int64_t x;
    int64_t y;
    if (LIKELY(int_is_immediate(a, &x) && int_is_immediate(b, &y))) {
        return x < y ? -1 : x > y;
    }
    IntView av;
    IntView bv;
    int_view(&av, a);
    int_view(&bv, b);
    if (av.is_negative != bv.is_negative) {
        return av.is_negative ? -1 : 1;
    }
    int order = 0;
    if (av.n != bv.n) {
        order = av.n < bv.n ? -1 : 1;
    } else if (av.n > 0) {
        order = mpn_cmp(av.limbs, bv.limbs, av.n);
    }
    return av.is_negative ? -order : order;
}

bool int_equals(Value a, Value b) {
    return a == b || int_compare(a, b) == 0;
}

int int_compare_double(Value v, double d) {
    int64_t i;
    if (int_to_i64(v, &i)) {
        if (d >= 0x1p63 || d < -0x1p63) {
            return d > 0 ? -1 : 1;
        }
        const int64_t whole = (int64_t)d;
        if (i != whole) {
            return i < whole ? -1 : 1;
        }
        const double fraction = d - (double)whole;
        return fraction > 0 ? -1 : fraction < 0;
    }
    IntView view;
    int_view(&view, v);
    if (isinf(d) || (d < 0) != view.is_negative) {
        return isinf(d) ? (d > 0 ? -1 : 1) : view.is_negative ? -1 : 1;
    }
    int exponent;
    const double mantissa = frexp(fabs(d), &exponent);
    const int64_t n_bits = int_view_bits(&view);
    int order;
    if (d == 0 || n_bits != exponent) {
        order = d == 0 || n_bits > exponent ? 1 : -1;
    } else {
        /* Both have their highest bit at the same place; the double has 53 bits, the
         * number 64 at least. */
        const uint64_t significand = (uint64_t)ldexp(mantissa, 53);
        const int64_t shift = n_bits - 53;
        const int64_t limb = shift / LIMB_BITS;
        const unsigned bit = (unsigned)(shift % LIMB_BITS);
        uint64_t top = view.limbs[limb] >> bit;
        if (bit > 0 && limb + 1 < view.n) {
            top |= view.limbs[limb + 1] << (LIMB_BITS - bit);
        }
        if (top != significand) {
            order = top < significand ? -1 : 1;
        } else {
            order = (int64_t)mpn_scan1(view.limbs, 0) < shift;
        }
    }
    return view.is_negative ? -order : order;
}

uint64_t int_hash(Value v) {
    int64_t i;
    if (LIKELY(int_is_immediate(v, &i))) {
        return hash_i64(i);
    }
    IntView view;
    int_view(&view, v);
    const mp_limb_t residue =
        view.n == 0 ? 0 : mpn_mod_1(view.limbs, view.n, HASH_MODULUS);
    return hash_from_residue(residue, view.is_negative);
}

/* Arithmetic */

static Value small_pow(Context *cx, Value a, Value b, int64_t base, int64_t exponent) {
    if (exponent < 0) {
        return int_big_binary(cx, BINARY_POW, a, b);
    }
    int64_t result = 1;
    int64_t square = base;
    for (int64_t left = exponent; left > 0; left >>= 1) {
        if ((left & 1) && __builtin_mul_overflow(result, square, &result)) {
            return int_big_binary(cx, BINARY_POW, a, b);
        }
        if (left > 1 && __builtin_mul_overflow(square, square, &square)) {
            return int_big_binary(cx, BINARY_POW, a, b);
        }
    }
    return int_from_i64(cx, result);
}

static Value small_shift(Context *cx, BinaryOp op, Value a, Value b, int64_t x,
                         int64_t y) {
    if (UNLIKELY(y < 0)) {
        return exc_raise(cx, EXC_ValueError, "negative shift count");
    }
    if (op == BINARY_RSHIFT) {
        return int_from_i64(cx, x >> (y < 63 ? y : 63));
    }
    if (y < 64) {
        return from_i128(cx, (__int128)x * ((__int128)1 << y));
    }
    return int_big_binary(cx, op, a, b);
}

static bool is_exact_double(int64_t i) {
    return i >= -((int64_t)1 << 53) && i <= (int64_t)1 << 53;
}

/* x and y are the numbers a and b. */
static Value small_binary(Context *cx, BinaryOp op, Value a, Value b, int64_t x,
                          int64_t y) {
    switch (op) {
    case BINARY_ADD: {
        int64_t sum;
        return LIKELY(!__builtin_add_overflow(x, y, &sum))
                   ? int_from_i64(cx, sum)
                   : from_i128(cx, (__int128)x + y);
    }
    case BINARY_SUB: {
        int64_t rest;
        return LIKELY(!__builtin_sub_overflow(x, y, &rest))
                   ? int_from_i64(cx, rest)
                   : from_i128(cx, (__int128)x - y);
    }
    case BINARY_MUL: {
        int64_t product;
        return LIKELY(!__builtin_mul_overflow(x, y, &product))
                   ? int_from_i64(cx, product)
                   : from_i128(cx, (__int128)x * y);
    }
    case BINARY_TRUEDIV:
        if (UNLIKELY(y == 0)) {
            return exc_raise(cx, EXC_ZeroDivisionError, "division by zero");
        }
        if (UNLIKELY(!is_exact_double(x) || !is_exact_double(y))) {
            return int_big_binary(cx, op, a, b);
        }
        return value_from_double((double)x / (double)y);
    case BINARY_FLOORDIV:
        if (UNLIKELY(y == 0)) {
            return exc_raise(cx, EXC_ZeroDivisionError,
                             "integer division or modulo by zero");
        }
        /* The one quotient that no machine integer holds, and whose division traps. */
        return UNLIKELY(x == INT64_MIN && y == -1)
                   ? from_i128(cx, -(__int128)x)
                   : int_from_i64(cx, int_floordiv_i64(x, y));
    case BINARY_MOD:
        if (UNLIKELY(y == 0)) {
            return exc_raise(cx, EXC_ZeroDivisionError, "integer modulo by zero");
        }
        return int_from_i64(cx, y == -1 ? 0 : int_mod_i64(x, y));
    case BINARY_POW: return small_pow(cx, a, b, x, y);
    case BINARY_LSHIFT:
    case BINARY_RSHIFT: return small_shift(cx, op, a, b, x, y);
    case BINARY_AND: return int_from_i64(cx, x & y);
    case BINARY_OR: return int_from_i64(cx, x | y);
    case BINARY_XOR: return int_from_i64(cx, x ^ y);
    default: return VALUE_NOT_IMPLEMENTED;
    }
}

Value int_binary(Context *cx, BinaryOp op, Value a, Value b) {
    int64_t x;
    int64_t y;
    if (LIKELY(int_to_i64(a, &x) && int_to_i64(b, &y))) {
        return small_binary(cx, op, a, b, x, y);
    }
    return int_big_binary(cx, op, a, b);
}

static Value negate(Context *cx, Value v) {
    int64_t i;
    if (int_is_immediate(v, &i)) {
        return int_from_i64(cx, -i);
    }
    IntView view;
    int_view(&view, v);
    return int_from_limbs(cx, view.limbs, view.n, !view.is_negative);
}

static bool warn_of_inverted_bool(Context *cx) {
    return module_warn(cx, exc_class(cx, EXC_DeprecationWarning), 1,
                       "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. "
                       "This returns the bitwise inversion of the underlying int object and is usually "
                       "not what you expect from negating a bool. Use the 'not' operator for boolean "
                       "negation or ~int(x) if you really want the bitwise inversion of the underlying int.");
}

Value int_unary(Context *cx, UnaryOp op, Value v) {
    switch (op) {
    case UNARY_NEG: return negate(cx, v);
    case UNARY_ABS: return int_sign(v) < 0 ? negate(cx, v) : int_exact(cx, v);
    case UNARY_INVERT:
        if (UNLIKELY(IS_BOOL(v)) && !warn_of_inverted_bool(cx)) {
            return VALUE_ERROR;
        }
        return int_binary(cx, BINARY_SUB, value_from_int(-1), v);
    case UNARY_POS: break;
    }
    return int_exact(cx, v);
}

static bool divmod_pair(Context *cx, Value a, Value b, Value *quotient,
                        Value *remainder) {
    int64_t x;
    int64_t y;
    if (LIKELY(int_is_immediate(a, &x) && int_is_immediate(b, &y) && y != 0)) {
        *quotient = int_from_i64(cx, int_floordiv_i64(x, y));
        *remainder = value_from_int(int_mod_i64(x, y));
        return !IS_ERROR(*quotient);
    }
    return int_big_divmod(cx, a, b, quotient, remainder);
}

Value int_divmod(Context *cx, Value a, Value b) {
    Value quotient;
    Value remainder;
    return divmod_pair(cx, a, b, &quotient, &remainder)
               ? tuple_pack(cx, 2, quotient, remainder)
               : VALUE_ERROR;
}

/* As mpz_powm, which cannot be interrupted, in steps: for numbers with which it takes seconds. The exponent is
 * positive. False: exception pending. */
static bool pow_mod_in_steps(Context *cx, mpz_ptr result, mpz_srcptr base, mpz_srcptr exponent,
                             mpz_srcptr modulus) {
    mpz_set_ui(result, 1);
    for (size_t i = mpz_sizeinbase(exponent, 2); i-- > 0;) {
        mpz_mul(result, result, result);
        mpz_mod(result, result, modulus);
        if (mpz_tstbit(exponent, i)) {
            mpz_mul(result, result, base);
            mpz_mod(result, result, modulus);
        }
        if (UNLIKELY(block_is_urgent(cx)) && !block_poll(cx)) {
            return false;
        }
    }
    return true;
}

static bool pow_mod(Context *cx, mpz_ptr result, mpz_srcptr base, mpz_srcptr exponent,
                    mpz_srcptr modulus) {
    enum { IN_STEPS_FROM_LIMBS = 256 };  /* 16,384 bits each: half a second */
    if (LIKELY(mpz_size(modulus) < IN_STEPS_FROM_LIMBS || mpz_size(exponent) < IN_STEPS_FROM_LIMBS)) {
        mpz_powm(result, base, exponent, modulus);
        return true;
    }
    return pow_mod_in_steps(cx, result, base, exponent, modulus);
}

Value int_pow_mod(Context *cx, Value base, Value exponent, Value modulus) {
    IntView views[3];
    int_view(&views[0], base);
    int_view(&views[1], exponent);
    int_view(&views[2], modulus);
    if (views[2].n == 0) {
        return exc_raise(cx, EXC_ValueError, "pow() 3rd argument cannot be 0");
    }
    mpz_t rooms[3];
    mpz_t result;
    mpz_t inverse;
    mpz_init(result);
    mpz_init(inverse);
    mpz_srcptr z_base = int_to_mpz(rooms[0], &views[0]);
    mpz_srcptr z_modulus = int_to_mpz(rooms[2], &views[2]);
    if (views[1].is_negative) {
        if (mpz_invert(inverse, z_base, z_modulus) == 0) {
            mpz_clear(inverse);
            mpz_clear(result);
            return exc_raise(cx, EXC_ValueError,
                             "base is not invertible for the given modulus");
        }
        z_base = inverse;
        views[1].is_negative = false;
    }
    const bool is_done = pow_mod(cx, result, z_base, int_to_mpz(rooms[1], &views[1]), z_modulus);
    /* GMP's remainder is never negative, the language's has the sign of the modulus. */
    if (views[2].is_negative && mpz_sgn(result) != 0) {
        mpz_add(result, result, z_modulus);
    }
    mpz_clear(inverse);
    if (!is_done) {
        mpz_clear(result);
        return VALUE_ERROR;
    }
    return int_from_mpz(cx, result);
}

Value int_round(Context *cx, Value v, int64_t n_digits) {
    /* A number of n limbs has fewer than 20 * n digits. */
    IntView view;
    int_view(&view, v);
    if (n_digits < -20 * (view.n + 1)) {
        return value_from_int(0);
    }
    const Value unit =
        int_binary(cx, BINARY_POW, value_from_int(10), value_from_int(-n_digits));
    Value quotient;
    Value remainder;
    if (IS_ERROR(unit) || !divmod_pair(cx, v, unit, &quotient, &remainder)) {
        return VALUE_ERROR;
    }
    const Value twice = int_binary(cx, BINARY_MUL, remainder, value_from_int(2));
    if (IS_ERROR(twice)) {
        return VALUE_ERROR;
    }
    const int order = int_compare(twice, unit);
    int_view(&view, quotient);
    const bool is_odd = view.n > 0 && (view.limbs[0] & 1);
    if (order > 0 || (order == 0 && is_odd)) {
        quotient = int_binary(cx, BINARY_ADD, quotient, value_from_int(1));
    }
    return IS_ERROR(quotient) ? VALUE_ERROR : int_binary(cx, BINARY_MUL, quotient, unit);
}

/* The type */

static Value int_repr(Context *cx, Value v) {
    ObjStr *text = int_to_str(cx, v, 10, false);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static bool kind_hash(Context *cx __attribute__((unused)), Value v, uint64_t *hash) {
    *hash = int_hash(v);
    return true;
}

static Value kind_compare(Context *cx __attribute__((unused)), CompareOp op, Value a,
                          Value b) {
    if (!IS_INT_LIKE(a) || !IS_INT_LIKE(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const int order = int_compare(a, b);
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

static Value kind_binary(Context *cx, BinaryOp op, Value a, Value b) {
    return IS_INT_LIKE(a) && IS_INT_LIKE(b) ? int_binary(cx, op, a, b)
                                            : VALUE_NOT_IMPLEMENTED;
}

static int kind_is_true(Context *cx __attribute__((unused)), Value v) {
    return int_sign(v) != 0;
}

static void int_trace(GcMarker *m, Obj *o) {
    if (o->shape != KIND_INT) {
        instance_trace_slots(m, gc_marker_shape(m, o), o);
    }
}

/* An instance of a subclass with the value of an int. */
static Value make_subclass(Context *cx, ObjType *type, Value v) {
    IntView view;
    int_view(&view, v);
    ObjInt *big = (ObjInt *)instance_new_variable(
        cx, type, sizeof(ObjInt) + (size_t)view.n * sizeof(mp_limb_t));
    if (big == NULL) {
        return VALUE_ERROR;
    }
    big->n_limbs = view.is_negative ? -view.n : view.n;
    memcpy(big->limbs, view.limbs, (size_t)view.n * sizeof(mp_limb_t));
    return OBJ_VALUE(big);
}

/* __int__, __index__ or __trunc__ of a script class; VALUE_UNSET when it has none. */
static Value call_conversion(Context *cx, Value v) {
    static const struct {
        SpecialId id;
        const char *complaint;
    } ways[] = {
        {SPECIAL_int, "__int__ returned non-int"},
        {SPECIAL_index, "__index__ returned non-int"},
        {SPECIAL_trunc, "__trunc__ returned non-Integral"},
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        const Value method = type_special(type_of(cx, v), ways[i].id);
        if (IS_UNSET(method)) {
            continue;
        }
        Value result = call_method(cx, method, v, NULL, 0);
        if (!IS_ERROR(result) && !IS_INT_LIKE(result) && ways[i].id == SPECIAL_trunc &&
            !IS_UNSET(type_special(type_of(cx, result), SPECIAL_index))) {
            result = int_index(cx, result);
        }
        if (!IS_ERROR(result) && (ways[i].id != SPECIAL_trunc || !IS_INT_LIKE(result))) {
            result = expect_int(cx, result, ways[i].complaint);
        }
        return IS_ERROR(result) ? VALUE_ERROR : int_exact(cx, result);
    }
    return VALUE_UNSET;
}

static Value convert(Context *cx, Value v) {
    if (IS_INT(v) || IS_BOOL(v) || IS_EXACT(v, KIND_INT)) {
        return int_exact(cx, v);
    }
    if (IS_FLOAT(v)) {
        return int_from_double(cx, value_to_double(v));
    }
    const Value result =
        IS_OBJ(v) && !IS_EXACT(v, KIND_STR) ? call_conversion(cx, v) : VALUE_UNSET;
    if (!IS_UNSET(result)) {
        return result;
    }
    if (IS_STR(v)) {
        return int_parse(cx, AS_STR(v)->data, AS_STR(v)->n_bytes, 10, v);
    }
    const Value bytes = byte_view_to_bytes(cx, v);
    if (IS_BYTES(bytes)) {
        return int_parse(cx, AS_BYTES(bytes)->data, AS_BYTES(bytes)->n_bytes, 10, bytes);
    }
    if (IS_ERROR(bytes)) {
        return VALUE_ERROR;
    }
    return exc_raise(
        cx, EXC_TypeError,
        "int() argument must be a string, a bytes-like object or a real number, not '%s'",
        type_name_of(cx, v));
}

static Value convert_with_base(Context *cx, Value v, Value base_value) {
    int64_t base;
    if (!int_index_clamped(cx, base_value, &base)) {
        return VALUE_ERROR;
    }
    if (base != 0 && (base < 2 || base > 36)) {
        return exc_raise(cx, EXC_ValueError, "int() base must be >= 2 and <= 36, or 0");
    }
    if (IS_STR(v)) {
        return int_parse(cx, AS_STR(v)->data, AS_STR(v)->n_bytes, (int)base, v);
    }
    v = IS_KIND(v, KIND_BYTEARRAY) ? byte_view_to_bytes(cx, v) : v;
    if (IS_BYTES(v)) {
        return int_parse(cx, AS_BYTES(v)->data, AS_BYTES(v)->n_bytes, (int)base, v);
    }
    return exc_raise(cx, EXC_TypeError,
                     "int() can't convert non-string with explicit base");
}

/* The keyword argument base, if there is one: nothing else is allowed. */
static bool take_base(Context *cx, Value kwargs, Value *base) {
    const ObjDictTable *table = dict_table(AS_DICT(kwargs));
    size_t position = 0;
    Value key;
    Value value;
    while (dict_table_next(table, &position, &key, &value)) {
        if (!str_equals_c(AS_STR(key), "base")) {
            exc_raise(cx, EXC_TypeError,
                      "int() got an unexpected keyword argument '%.*s'",
                      (int)AS_STR(key)->n_bytes, AS_STR(key)->data);
            return false;
        }
        *base = value;
    }
    return true;
}

static Value int_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                           Value kwargs) {
    Value base = n_args > 1 ? args[1] : VALUE_UNSET;
    if (construct_has_kwargs(kwargs) && n_args + (int)dict_length(AS_DICT(kwargs)) > 2) {
        return exc_raise(cx, EXC_TypeError, "int() takes at most 2 arguments (%d given)",
                         n_args + (int)dict_length(AS_DICT(kwargs)));
    }
    if (!construct_check_count(cx, "int", n_args, 0, 2) ||
        (construct_has_kwargs(kwargs) && !take_base(cx, kwargs, &base))) {
        return VALUE_ERROR;
    }
    Value v = value_from_int(0);
    if (n_args == 0 && !IS_UNSET(base)) {
        return exc_raise(cx, EXC_TypeError, "int() missing string argument");
    }
    if (n_args > 0) {
        v = IS_UNSET(base) ? convert(cx, args[0]) : convert_with_base(cx, args[0], base);
    }
    if (IS_ERROR(v) || type == cx->rt->types[KIND_INT]) {
        return v;
    }
    return make_subclass(cx, type, v);
}

const KindOps kind_ops_ObjInt = {
    .trace = int_trace,
    .repr = int_repr,
    .hash = kind_hash,
    .compare = kind_compare,
    .binary = kind_binary,
    .unary = int_unary,
    .is_true = kind_is_true,
    .format = format_int,
    .construct = int_construct,
    .methods = int_methods,
    .getsets = int_getsets,
    .doc = "int([x]) -> integer\nint(x, base=10) -> integer\n\n"
           "A whole number of any size, from a number, or from a text in some base.",
};
