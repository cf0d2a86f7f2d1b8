/* test_float.c - floats and their text: shortest forms, formats with a precision,
 * reading, division, hashes. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "interp/state.h"
#include "runtime/base/hash.h"
#include "runtime/base/numtext.h"
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

static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* Any finite bit pattern, or something that people write. */
static double random_double(void) {
    double d;
    const uint64_t bits = next_random();
    switch (bits % 3) {
    case 0: return (double)(int64_t)(next_random() % 2000001) / 1000.0;
    case 1: return ldexp(1.0, (int)(next_random() % 2000) - 1000);
    default: memcpy(&d, &bits, sizeof d); return isfinite(d) ? d : 1.0;
    }
}

static void assert_repr(double d, const char *expected) {
    char text[NUMTEXT_DOUBLE_BYTES + 1];
    text[numtext_from_double(d, text)] = '\0';
    assert_string_equal(text, expected);
}

static void shortest_forms(void **state) {
    (void)state;
    assert_repr(0.0, "0.0");
    assert_repr(-0.0, "-0.0");
    assert_repr(1.0, "1.0");
    assert_repr(0.1, "0.1");
    assert_repr(1e15, "1000000000000000.0");
    assert_repr(1e16, "1e+16");
    assert_repr(123456789012345680.0, "1.2345678901234568e+17");
    assert_repr(9007199254740991.0, "9007199254740991.0");
    assert_repr(9007199254740993.0, "9007199254740992.0");
    assert_repr(0.0001, "0.0001");
    assert_repr(0.00001, "1e-05");
    assert_repr(5e-324, "5e-324");
    assert_repr(2.2250738585072014e-308, "2.2250738585072014e-308");
    assert_repr(1.7976931348623157e308, "1.7976931348623157e+308");
    assert_repr(1e23, "1e+23");
    assert_repr(9.5367431640625e-07, "9.5367431640625e-07");
    assert_repr(HUGE_VAL, "inf");
    assert_repr(-HUGE_VAL, "-inf");
    assert_repr(NAN, "nan");
}

/* It reads back as the same number, no shorter text does, and no other of that length
 * is nearer. */
static void shortest_forms_are_shortest(void **state) {
    (void)state;
    for (int n = 0; n < 20000; n++) {
        const double d = fabs(random_double());
        char text[NUMTEXT_DOUBLE_BYTES + 1];
        text[numtext_from_double(d, text)] = '\0';
        assert_true(strtod(text, NULL) == d);
        int n_digits = 0;
        bool is_leading = true;
        for (const char *p = text; *p != '\0' && *p != 'e'; p++) {
            is_leading = is_leading && (*p == '0' || *p == '.');
            n_digits += !is_leading && *p != '.';
        }
        if (d != floor(d) && n_digits > 1) {
            char shorter[64];
            snprintf(shorter, sizeof shorter, "%.*e", n_digits - 2, d);
            assert_false(strtod(shorter, NULL) == d);
        }
    }
}

static void fixed_forms_agree_with_the_library(void **state) {
    (void)state;
    Buf buf = {0};
    for (int n = 0; n < 20000; n++) {
        const double d = random_double();
        const int precision = (int)(next_random() % 20);
        char expected[512];
        if (fabs(d) > 1e300) {
            continue;
        }
        snprintf(expected, sizeof expected, "%.*f", precision, d);
        buf_clear(&buf);
        numtext_format(&buf, d, 'f', precision, 0);
        assert_string_equal(buf_text(&buf), expected);
        snprintf(expected, sizeof expected, "%.*g", precision, d);
        buf_clear(&buf);
        numtext_format(&buf, d, 'g', precision, 0);
        assert_string_equal(buf_text(&buf), expected);
    }
    buf_free(&buf);
}

static void assert_format(double d, char type, int precision, unsigned flags,
                          const char *expected) {
    Buf buf = {0};
    numtext_format(&buf, d, type, precision, flags);
    assert_string_equal(buf_text(&buf), expected);
    buf_free(&buf);
}

static void formats(void **state) {
    (void)state;
    assert_format(2.5, 'f', 0, 0, "2");
    assert_format(2.5, 'f', 0, NUMTEXT_ALTERNATE, "2.");
    assert_format(2.675, 'f', 2, 0, "2.67");
    assert_format(-0.0, 'f', 1, 0, "-0.0");
    assert_format(1e22, 'f', 1, 0, "10000000000000000000000.0");
    assert_format(123.0, 'g', 3, NUMTEXT_DOT_ZERO, "1.23e+02");
    assert_format(12.0, 'g', 3, NUMTEXT_DOT_ZERO, "12.0");
    assert_format(12.0, 'g', 3, 0, "12");
    assert_format(12.0, 'g', 3, NUMTEXT_ALTERNATE, "12.0");
    assert_format(12.0, 'r', 0, 0, "12");
    assert_format(1e100, 'r', 0, NUMTEXT_ALTERNATE, "1.e+100");
    assert_format(HUGE_VAL, 'F', 2, 0, "INF");
    assert_format(12345.678, 'E', 2, 0, "1.23E+04");
}

static void reading(void **state) {
    (void)state;
    static const char *const bad[] = {"",   "+",  ".",   "e5", "1e",  "1e+", "1.5.5",
                                      " 1", "1 ", "0x1", "1f", "inf", "nan"};
    double d;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(numtext_to_double(bad[i], strlen(bad[i]), &d));
    }
    for (int n = 0; n < 20000; n++) {
        char text[64];
        const int length = snprintf(text, sizeof text, "%.*e", (int)(next_random() % 20),
                                    random_double());
        assert_true(numtext_to_double(text, (size_t)length, &d));
        assert_true(d == strtod(text, NULL));
    }
    assert_true(numtext_to_double("1e400", 5, &d) && isinf(d));
    assert_true(numtext_to_double("-1e-400", 7, &d) && d == 0 && signbit(d));
    assert_true(numtext_to_double(".5", 2, &d) && d == 0.5);
    assert_true(numtext_to_double("5.", 2, &d) && d == 5.0);
}

static void parse_of_scripts(void **state) {
    (void)state;
    static const char *const good[] = {" 1.5 ", "1_0.5_0", "infinity",
                                       "-INF",  "NaN",     "1e5"};
    static const char *const bad[] = {"1__0", "_1", "1_", "1_.5", "inf inity", "1.5 x"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(IS_FLOAT(float_parse(cx, good[i], strlen(good[i]), VALUE_NONE)));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_true(IS_ERROR(float_parse(cx, bad[i], strlen(bad[i]), VALUE_NONE)));
        assert_true(exc_take_if(cx, EXC_ValueError));
    }
}

static void division(void **state) {
    (void)state;
    assert_true(float_mod(-7.0, 3.0) == 2.0);
    assert_true(float_mod(7.0, -3.0) == -2.0);
    assert_true(float_floordiv(-7.0, 3.0) == -3.0);
    assert_true(float_mod(5.0, HUGE_VAL) == 5.0);
    assert_true(float_mod(-5.0, HUGE_VAL) == HUGE_VAL);
    assert_true(float_floordiv(-5.0, HUGE_VAL) == -1.0);
    assert_true(signbit(float_mod(6.0, -3.0)) && float_mod(6.0, -3.0) == 0.0);
    for (int n = 0; n < 5000; n++) {
        const double a = (double)(int64_t)(next_random() % 20001) - 10000;
        const double b = (double)(int64_t)(next_random() % 201) - 100;
        if (b != 0) {
            assert_true(float_floordiv(a, b) * b + float_mod(a, b) == a);
        }
    }
}

static void hashes_of_equal_numbers(void **state) {
    (void)state;
    for (int n = 0; n < 5000; n++) {
        const int64_t i = (int64_t)next_random() >> (next_random() % 60);
        const double d = (double)i;
        if (fabs(d) < 9.2e18 && (int64_t)d == i) {
            assert_int_equal(float_hash(d), int_hash(int_from_i64(cx, i)));
        }
    }
    assert_int_equal(float_hash(0.5), (uint64_t)1 << 60);
    assert_int_equal(float_hash(-0.0), 0);
    assert_int_equal(float_hash(HUGE_VAL), HASH_INF);
    assert_int_equal(float_hash(-1.0), (uint64_t)-2);
}

static void a_nan_from_outside_is_a_float(void **state) {
    (void)state;
    uint64_t bits = UINT64_MAX;
    double d;
    memcpy(&d, &bits, sizeof d);
    const Value v = value_from_double_any(d);
    assert_true(IS_FLOAT(v) && isnan(value_to_double(v)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shortest_forms),
        cmocka_unit_test(shortest_forms_are_shortest),
        cmocka_unit_test(fixed_forms_agree_with_the_library),
        cmocka_unit_test(formats),
        cmocka_unit_test(reading),
        cmocka_unit_test(parse_of_scripts),
        cmocka_unit_test(division),
        cmocka_unit_test(hashes_of_equal_numbers),
        cmocka_unit_test(a_nan_from_outside_is_a_float),
    };
    return cmocka_run_group_tests(tests, open_interp, close_interp);
}
