/* mod_math_int.c - the module math: functions of integers of any size, over GMP. */

#include "runtime/modules/mod_math.h"

#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/int_big.h"

/* Above this GMP would work for very long and need much memory: 2 ** 31 bits. */
enum { ARGUMENT_MAX = 1 << 26 };

static size_t limbs_of(const ObjInt *big) {
    return (size_t)(big->n_limbs < 0 ? -big->n_limbs : big->n_limbs);
}

int64_t math_bit_length(Value big) {
    const ObjInt *number = AS_BIG_INT(big);
    size_t n = limbs_of(number);
    return n == 0 ? 0 : (int64_t)mpn_sizeinbase(number->limbs, (mp_size_t)n, 2);
}

/* Sets z, which is not initialised, to an exact int. */
static void load(mpz_t z, Value v) {
    if (IS_INT(v)) {
        mpz_init_set_si(z, (long)value_to_int(v));
        return;
    }
    const ObjInt *number = AS_BIG_INT(v);
    mpz_init(z);
    mpz_import(z, limbs_of(number), -1, sizeof(mp_limb_t), 0, 0, number->limbs);
    if (number->n_limbs < 0) {
        mpz_neg(z, z);
    }
}

static Value index_exact(Context *cx, Value v) {
    if (LIKELY(IS_INT(v))) {
        return v;
    }
    Value index = int_index(cx, v);
    return IS_ERROR(index) ? index : int_exact(cx, index);
}

typedef void (*FoldFunction)(mpz_t, const mpz_t, const mpz_t);

/* Folds the arguments from `unit` on by one of GMP's functions. */
static Value fold(Context *cx, const Value *args, int n_args, unsigned long unit, FoldFunction function) {
    mpz_t result;
    mpz_init_set_ui(result, unit);
    for (int i = 0; i < n_args; i++) {
        Value v = index_exact(cx, args[i]);
        if (IS_ERROR(v)) {
            mpz_clear(result);
            return v;
        }
        mpz_t z;
        load(z, v);
        function(result, result, z);
        mpz_clear(z);
    }
    return int_from_mpz(cx, result);
}

static int64_t int_gcd(int64_t a, int64_t b) {
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

NATIVE(math_gcd, "gcd(*integers)", "The greatest common divisor.") {
    if (n_args == 2 && BOTH_INT(args[0], args[1]) && value_int_fits(-value_to_int(args[0])) &&
        value_int_fits(-value_to_int(args[1]))) {
        return value_from_int(int_gcd(value_to_int(args[0]), value_to_int(args[1])));
    }
    return fold(cx, args, n_args, 0, mpz_gcd);
}

NATIVE(math_lcm, "lcm(*integers)", "The least common multiple.") {
    if (n_args == 2 && BOTH_INT(args[0], args[1]) && args[0] != VALUE_INT_TAG && args[1] != VALUE_INT_TAG) {
        const int64_t a = value_to_int(args[0]);
        const int64_t b = value_to_int(args[1]);
        int64_t multiple;
        if (!__builtin_mul_overflow(a / int_gcd(a, b), b, &multiple)) {
            return int_from_i64(cx, multiple < 0 ? -multiple : multiple);
        }
    }
    return fold(cx, args, n_args, 1, mpz_lcm);
}

NATIVE(math_isqrt, "isqrt(n, /)", "The integer part of the square root of n.") {
    Value v = index_exact(cx, args[0]);
    if (IS_ERROR(v)) {
        return v;
    }
    if (int_sign(v) < 0) {
        return exc_raise(cx, EXC_ValueError, "isqrt() argument must be nonnegative");
    }
    mpz_t z;
    load(z, v);
    mpz_sqrt(z, z);
    return int_from_mpz(cx, z);
}

/* n * (n - 1) * ...: k factors; false when that is too large. */
static bool product_down(int64_t n, int64_t k, int64_t *product) {
    *product = 1;
    for (; k > 0; k--, n--) {
        if (__builtin_mul_overflow(*product, n, product)) {
            return false;
        }
    }
    return true;
}

/* n over k, where each step is a number of ways itself, so that the division leaves no rest. */
static bool choose(int64_t n, int64_t k, int64_t *ways) {
    *ways = 1;
    for (int64_t i = 1; i <= k; i++, n--) {
        int64_t product;
        if (__builtin_mul_overflow(*ways, n, &product)) {
            return false;
        }
        *ways = product / i;
    }
    return true;
}

NATIVE(math_factorial, "factorial(n, /)", "The product of the integers from 1 to n.") {
    Value v = index_exact(cx, args[0]);
    if (IS_ERROR(v)) {
        return v;
    }
    if (int_sign(v) < 0) {
        return exc_raise(cx, EXC_ValueError, "factorial() not defined for negative values");
    }
    if (!IS_INT(v) || value_to_int(v) > ARGUMENT_MAX) {
        return exc_raise(cx, EXC_OverflowError, "factorial() argument should not exceed %lld",
                         IS_INT(v) ? (long long)ARGUMENT_MAX : (long long)INT64_MAX);
    }
    int64_t product;
    if (product_down(value_to_int(v), value_to_int(v), &product)) {
        return int_from_i64(cx, product);
    }
    mpz_t z;
    mpz_init(z);
    mpz_fac_ui(z, (unsigned long)value_to_int(v));
    return int_from_mpz(cx, z);
}

/* n and k as exact ints that are not negative. */
static bool two_counts(Context *cx, Value *n, Value *k) {
    *n = index_exact(cx, *n);
    if (IS_ERROR(*n)) {
        return false;
    }
    *k = index_exact(cx, *k);
    if (IS_ERROR(*k)) {
        return false;
    }
    if (int_sign(*n) < 0 || int_sign(*k) < 0) {
        exc_raise(cx, EXC_ValueError, "%s must be a non-negative integer", int_sign(*n) < 0 ? "n" : "k");
        return false;
    }
    return true;
}

NATIVE(math_comb, "comb(n, k, /)", "The number of ways to choose k of n items, regardless of order.") {
    Value n = args[0];
    Value k = args[1];
    if (!two_counts(cx, &n, &k)) {
        return VALUE_ERROR;
    }
    if (int_compare(k, n) > 0) {
        return value_from_int(0);
    }
    Value rest = int_binary(cx, BINARY_SUB, n, k);
    if (IS_ERROR(rest)) {
        return rest;
    }
    if (int_compare(rest, k) < 0) {
        k = rest;
    }
    if (!IS_INT(k) || value_to_int(k) > ARGUMENT_MAX) {
        return exc_raise(cx, EXC_OverflowError, "min(n - k, k) must not exceed %d", ARGUMENT_MAX);
    }
    int64_t ways;
    if (IS_INT(n) && choose(value_to_int(n), value_to_int(k), &ways)) {
        return int_from_i64(cx, ways);
    }
    mpz_t z;
    load(z, n);
    mpz_bin_ui(z, z, (unsigned long)value_to_int(k));
    return int_from_mpz(cx, z);
}

NATIVE(math_perm, "perm(n, k=None, /)", "The number of ways to choose k of n items in order; n! without k.") {
    if (IS_UNSET(args[1]) || IS_NONE(args[1])) {
        return math_factorial(cx, args, 1);
    }
    Value n = args[0];
    Value k = args[1];
    if (!two_counts(cx, &n, &k)) {
        return VALUE_ERROR;
    }
    if (int_compare(k, n) > 0) {
        return value_from_int(0);
    }
    if (!IS_INT(k) || value_to_int(k) > ARGUMENT_MAX) {
        return exc_raise(cx, EXC_OverflowError, "k must not exceed %d", ARGUMENT_MAX);
    }
    int64_t product;
    if (IS_INT(n) && product_down(value_to_int(n), value_to_int(k), &product)) {
        return int_from_i64(cx, product);
    }
    mpz_t result;
    mpz_t factor;
    mpz_init_set_ui(result, 1);
    load(factor, n);
    for (int64_t i = value_to_int(k); i > 0; i--) {
        mpz_mul(result, result, factor);
        mpz_sub_ui(factor, factor, 1);
    }
    mpz_clear(factor);
    return int_from_mpz(cx, result);
}

const NativeDef math_int_functions[] = {
    NATIVE_ENTRY(math_comb),  NATIVE_ENTRY(math_factorial), NATIVE_ENTRY(math_gcd),
    NATIVE_ENTRY(math_isqrt), NATIVE_ENTRY(math_lcm),       NATIVE_ENTRY(math_perm),
    {0},
};
