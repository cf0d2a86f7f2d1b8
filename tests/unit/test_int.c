/* test_int.c - integers: the border between small and large, arithmetic against laws it
 * has to keep, text, hashes.
 *
 * Single results are the business of tests/conformance/int, which CPython confirms;
 * here are the places where the representation changes, and many random numbers. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "interp/state.h"
#include "runtime/base/hash.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"

static Options options;
static Interp *interp;
static Context *cx;

static int open_interp(void **state) {
    (void)state;
    char *arguments[] = {"test", "-c", "pass", NULL};
    if (cli_parse(&options, 3, arguments) >= 0) {
        return -1;
    }
    interp = interp_open(&options);
    cx = interp == NULL ? NULL : &interp->main->cx;
    return interp == NULL ? -1 : 0;
}

static int close_interp(void **state) {
    (void)state;
    interp_finish(interp, 0);
    interp_free(interp);
    return 0;
}

static Value parse(const char *text) {
    const Value v = int_parse(cx, text, strlen(text), 10, VALUE_NONE);
    assert_false(IS_ERROR(v));
    return v;
}

static Value calc(BinaryOp op, Value a, Value b) {
    const Value v = int_binary(cx, op, a, b);
    assert_false(IS_ERROR(v));
    /* The invariant of int.h: what fits into a Value is never an object. */
    int64_t i;
    assert_true(IS_FLOAT(v) || IS_INT(v) || !int_to_i64(v, &i) || !value_int_fits(i));
    return v;
}

static void assert_text(Value v, const char *expected) {
    ObjStr *s = int_to_str(cx, v, 10, false);
    assert_non_null(s);
    assert_int_equal(s->n_bytes, strlen(expected));
    assert_memory_equal(s->data, expected, s->n_bytes);
}

static void assert_raises(Value v, ExcKind kind) {
    assert_true(IS_ERROR(v));
    assert_true(exc_take_if(cx, kind));
}

/* Numbers of all sizes, often next to a power of two. */
static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static Value random_int(void) {
    const unsigned n_bits = (unsigned)(next_random() % 300);
    Value v = value_from_int(1);
    v = calc(BINARY_LSHIFT, v, value_from_int(n_bits));
    switch (next_random() % 4) {
    case 0: v = calc(BINARY_SUB, v, value_from_int((int64_t)(next_random() % 3))); break;
    case 1: v = calc(BINARY_ADD, v, value_from_int((int64_t)(next_random() % 3))); break;
    default:
        for (unsigned shift = 0; shift < n_bits; shift += 40) {
            const Value bits = value_from_int((int64_t)(next_random() >> 24));
            v = calc(BINARY_XOR, v, calc(BINARY_LSHIFT, bits, value_from_int(shift)));
        }
    }
    return next_random() % 2 ? v : int_unary(cx, UNARY_NEG, v);
}

static void border_of_small(void **state) {
    (void)state;
    const Value max = value_from_int(VALUE_INT_MAX);
    const Value min = value_from_int(VALUE_INT_MIN);
    const Value one = value_from_int(1);
    const Value above = calc(BINARY_ADD, max, one);
    const Value below = calc(BINARY_SUB, min, one);
    assert_true(IS_BIG_INT(above) && IS_BIG_INT(below));
    assert_text(above, "562949953421312");
    assert_text(below, "-562949953421313");
    assert_int_equal(calc(BINARY_SUB, above, one), max);
    assert_int_equal(calc(BINARY_ADD, below, one), min);
    assert_int_equal(int_unary(cx, UNARY_NEG, above), min);
    assert_text(int_unary(cx, UNARY_NEG, min), "562949953421312");
    assert_text(int_unary(cx, UNARY_ABS, min), "562949953421312");
    assert_text(calc(BINARY_FLOORDIV, min, value_from_int(-1)), "562949953421312");
    assert_true(int_equals(int_from_i64(cx, VALUE_INT_MAX + 1), above));
}

static void machine_limits(void **state) {
    (void)state;
    int64_t i;
    assert_text(int_from_i64(cx, INT64_MIN), "-9223372036854775808");
    assert_text(int_from_u64(cx, UINT64_MAX), "18446744073709551615");
    assert_true(int_to_i64(int_from_i64(cx, INT64_MIN), &i) && i == INT64_MIN);
    assert_true(int_to_i64(int_from_i64(cx, INT64_MAX), &i) && i == INT64_MAX);
    assert_false(int_to_i64(int_from_u64(cx, (uint64_t)1 << 63), &i));
    assert_false(int_to_i64(parse("-9223372036854775809"), &i));
    assert_true(int_index_clamped(cx, parse("-99999999999999999999"), &i) &&
                i == INT64_MIN);
    assert_false(int_index_i64(cx, parse("99999999999999999999"), &i, EXC_IndexError));
    assert_true(exc_take_if(cx, EXC_IndexError));
}

static void laws_of_arithmetic(void **state) {
    (void)state;
    for (int n = 0; n < 3000; n++) {
        const Value a = random_int();
        const Value b = random_int();
        const Value c = random_int();
        const Value sum = calc(BINARY_ADD, a, b);
        assert_true(int_equals(calc(BINARY_SUB, sum, b), a));
        assert_true(int_equals(sum, calc(BINARY_ADD, b, a)));
        const Value left = calc(BINARY_MUL, sum, c);
        const Value right =
            calc(BINARY_ADD, calc(BINARY_MUL, a, c), calc(BINARY_MUL, b, c));
        assert_true(int_equals(left, right));
        assert_int_equal(int_compare(a, b), int_sign(calc(BINARY_SUB, a, b)));
        if (int_sign(b) != 0) {
            const Value quotient = calc(BINARY_FLOORDIV, a, b);
            const Value rest = calc(BINARY_MOD, a, b);
            assert_true(
                int_equals(calc(BINARY_ADD, calc(BINARY_MUL, quotient, b), rest), a));
            assert_true(int_sign(rest) == 0 || int_sign(rest) == int_sign(b));
            assert_int_equal(
                int_compare(int_unary(cx, UNARY_ABS, rest), int_unary(cx, UNARY_ABS, b)),
                -1);
        }
    }
}

static void laws_of_bits(void **state) {
    (void)state;
    for (int n = 0; n < 3000; n++) {
        const Value a = random_int();
        const Value b = random_int();
        const Value both = calc(BINARY_AND, a, b);
        const Value any = calc(BINARY_OR, a, b);
        const Value different = calc(BINARY_XOR, a, b);
        assert_true(int_equals(calc(BINARY_ADD, both, any), calc(BINARY_ADD, a, b)));
        assert_true(int_equals(calc(BINARY_SUB, any, both), different));
        const Value n_bits = value_from_int((int64_t)(next_random() % 200));
        const Value unit = calc(BINARY_LSHIFT, value_from_int(1), n_bits);
        assert_true(
            int_equals(calc(BINARY_LSHIFT, a, n_bits), calc(BINARY_MUL, a, unit)));
        assert_true(
            int_equals(calc(BINARY_RSHIFT, a, n_bits), calc(BINARY_FLOORDIV, a, unit)));
        assert_true(int_equals(int_unary(cx, UNARY_INVERT, a),
                               calc(BINARY_SUB, value_from_int(-1), a)));
    }
}

static void powers(void **state) {
    (void)state;
    for (int n = 0; n < 300; n++) {
        const Value a = random_int();
        const int64_t exponent = (int64_t)(next_random() % 20);
        Value product = value_from_int(1);
        for (int64_t i = 0; i < exponent; i++) {
            product = calc(BINARY_MUL, product, a);
        }
        assert_true(int_equals(calc(BINARY_POW, a, value_from_int(exponent)), product));
        const Value modulus = random_int();
        if (int_sign(modulus) != 0) {
            const Value residue = int_pow_mod(cx, a, value_from_int(exponent), modulus);
            assert_true(int_equals(residue, calc(BINARY_MOD, product, modulus)));
        }
    }
    assert_int_equal(
        int_pow_mod(cx, value_from_int(3), value_from_int(-1), value_from_int(7)),
        value_from_int(5));
    assert_raises(
        int_pow_mod(cx, value_from_int(2), value_from_int(-1), value_from_int(4)),
        EXC_ValueError);
}

static void text_round_trip(void **state) {
    (void)state;
    static const int bases[] = {2, 8, 10, 16};
    for (int n = 0; n < 2000; n++) {
        const Value a = random_int();
        const int base = bases[n % 4];
        ObjStr *s = int_to_str(cx, a, base, n % 8 < 4);
        assert_non_null(s);
        const Value again = int_parse(cx, s->data, s->n_bytes, base, VALUE_NONE);
        assert_false(IS_ERROR(again));
        assert_true(int_equals(a, again));
    }
}

static void text_forms(void **state) {
    (void)state;
    static const char *const good[] = {" 12 ", "+12", "1_2", "0012", "\t12\n"};
    static const char *const bad[] = {"",     " ",   "-",    "_12", "12_",
                                      "1__2", "1 2", "0x12", "12a", "--12"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(parse(good[i]), value_from_int(12));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_raises(int_parse(cx, bad[i], strlen(bad[i]), 10, VALUE_NONE),
                      EXC_ValueError);
    }
    assert_int_equal(int_parse(cx, "0xfF", 4, 0, VALUE_NONE), value_from_int(255));
    assert_int_equal(int_parse(cx, "0b_11", 5, 2, VALUE_NONE), value_from_int(3));
    assert_raises(int_parse(cx, "010", 3, 0, VALUE_NONE), EXC_ValueError);
}

static void limit_of_digits(void **state) {
    (void)state;
    static char digits[5000];
    memset(digits, '7', sizeof digits);
    assert_false(IS_ERROR(int_parse(cx, digits, 4300, 10, VALUE_NONE)));
    assert_raises(int_parse(cx, digits, 4301, 10, VALUE_NONE), EXC_ValueError);
    assert_false(IS_ERROR(int_parse(cx, digits, 5000, 8, VALUE_NONE)));
    const Value large = calc(BINARY_POW, value_from_int(10), value_from_int(4300));
    assert_null(int_to_str(cx, large, 10, false));
    assert_true(exc_take_if(cx, EXC_ValueError));
    assert_non_null(
        int_to_str(cx, calc(BINARY_SUB, large, value_from_int(1)), 10, false));
    assert_non_null(int_to_str(cx, large, 16, false));
}

static void doubles(void **state) {
    (void)state;
    for (int n = 0; n < 2000; n++) {
        const Value a = random_int();
        const double d = int_to_double(cx, a);
        const Value whole = int_from_double(cx, d);
        /* No other double is nearer: the neighbours are not. */
        assert_int_equal(int_compare_double(whole, d), 0);
        assert_int_equal(int_compare_double(a, d), int_compare(a, whole));
        assert_int_equal(int_hash(whole), float_hash(d));
    }
    const Value huge = calc(BINARY_LSHIFT, value_from_int(1), value_from_int(1024));
    int_to_double(cx, huge);
    assert_true(exc_take_if(cx, EXC_OverflowError));
    assert_int_equal(int_compare_double(huge, HUGE_VAL), -1);
    assert_int_equal(int_compare_double(huge, -HUGE_VAL), 1);
    assert_raises(int_from_double(cx, HUGE_VAL), EXC_OverflowError);
    assert_raises(int_from_double(cx, __builtin_nan("")), EXC_ValueError);
}

static void true_division_rounds_once(void **state) {
    (void)state;
    /* 2^54 + 2 lies in the middle of two doubles; a bit far below decides. */
    const Value half = parse("18014398509481986");
    const Value unit = calc(BINARY_LSHIFT, value_from_int(1), value_from_int(200));
    const Value exact = calc(BINARY_MUL, half, unit);
    const Value above = calc(BINARY_ADD, exact, value_from_int(1));
    assert_true(value_to_double(calc(BINARY_TRUEDIV, exact, unit)) ==
                18014398509481984.0);
    assert_true(value_to_double(calc(BINARY_TRUEDIV, above, unit)) ==
                18014398509481988.0);
    /* The smallest double, half of it, and a little more than half. */
    const Value tiny = calc(BINARY_LSHIFT, value_from_int(1), value_from_int(1074));
    const Value half_tiny = calc(BINARY_LSHIFT, value_from_int(1), value_from_int(1075));
    assert_true(value_to_double(calc(BINARY_TRUEDIV, value_from_int(1), tiny)) == 5e-324);
    assert_true(value_to_double(calc(BINARY_TRUEDIV, value_from_int(1), half_tiny)) ==
                0.0);
    const Value more = calc(BINARY_SUB, half_tiny, value_from_int(1));
    assert_true(value_to_double(calc(BINARY_TRUEDIV, value_from_int(1), more)) == 5e-324);
}

static void hashes(void **state) {
    (void)state;
    const Value modulus = int_from_u64(cx, HASH_MODULUS);
    assert_int_equal(int_hash(modulus), 0);
    assert_int_equal(int_hash(int_from_u64(cx, HASH_MODULUS + 1)), 1);
    assert_int_equal(int_hash(value_from_int(-1)), (uint64_t)-2);
    assert_int_equal(int_hash(value_from_int(-2)), (uint64_t)-2);
    assert_int_equal(int_hash(VALUE_TRUE), 1);
    for (int n = 0; n < 1000; n++) {
        const Value a = random_int();
        const Value shifted =
            calc(BINARY_ADD, a, calc(BINARY_MUL, modulus, value_from_int(n)));
        if (int_sign(a) >= 0) {
            assert_int_equal(int_hash(a), int_hash(shifted));
        }
    }
}

static void errors(void **state) {
    (void)state;
    const Value zero = value_from_int(0);
    const Value large = parse("123456789012345678901234567890");
    assert_raises(int_binary(cx, BINARY_FLOORDIV, large, zero), EXC_ZeroDivisionError);
    assert_raises(int_binary(cx, BINARY_MOD, large, zero), EXC_ZeroDivisionError);
    assert_raises(int_binary(cx, BINARY_TRUEDIV, large, zero), EXC_ZeroDivisionError);
    assert_raises(int_binary(cx, BINARY_LSHIFT, large, value_from_int(-1)),
                  EXC_ValueError);
    assert_raises(int_binary(cx, BINARY_RSHIFT, large, value_from_int(-1)),
                  EXC_ValueError);
    assert_raises(int_binary(cx, BINARY_LSHIFT, large, large), EXC_OverflowError);
    assert_raises(int_binary(cx, BINARY_LSHIFT, large, int_from_u64(cx, UINT64_MAX)),
                  EXC_MemoryError);
    assert_raises(int_binary(cx, BINARY_POW, large, large), EXC_MemoryError);
    assert_int_equal(calc(BINARY_LSHIFT, zero, large), zero);
    assert_int_equal(calc(BINARY_RSHIFT, value_from_int(-5), large), value_from_int(-1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(border_of_small),
        cmocka_unit_test(machine_limits),
        cmocka_unit_test(laws_of_arithmetic),
        cmocka_unit_test(laws_of_bits),
        cmocka_unit_test(powers),
        cmocka_unit_test(text_round_trip),
        cmocka_unit_test(text_forms),
        cmocka_unit_test(limit_of_digits),
        cmocka_unit_test(doubles),
        cmocka_unit_test(true_division_rounds_once),
        cmocka_unit_test(hashes),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, open_interp, close_interp);
}
