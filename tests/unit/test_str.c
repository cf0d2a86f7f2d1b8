/* test_str.c - str: what its layout promises (flags, counts, shared buffers, crumbs),
 * interning, positions, search.
 *
 * What methods answer is in tests/conformance/str, which CPython confirms. */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "interp/state.h"
#include "runtime/base/buf.h"
#include "runtime/base/search.h"
#include "runtime/base/utf8.h"
#include "runtime/gc/gc.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/str.h"

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

static ObjStr *make(const char *text) {
    ObjStr *s = str_from_c(cx, text);
    assert_non_null(s);
    return s;
}

/* The invariants of str.h. */
static void check(const ObjStr *s) {
    assert_int_equal(utf8_count(s->data, s->n_bytes), s->n_chars);
    assert_int_equal(str_is_ascii(s), s->n_chars == s->n_bytes);
}

static void flags_and_counts(void **state) {
    (void)state;
    static const char *const texts[] = {
        "", "a", "abc", "\xc3\xa9", "a\xc3\xa9z", "\xe6\x97\xa5", "\xf0\x9f\x98\x80"};
    static const size_t n_chars[] = {0, 1, 3, 1, 3, 1, 1};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ObjStr *s = make(texts[i]);
        check(s);
        assert_int_equal(s->n_chars, n_chars[i]);
    }
    assert_ptr_equal(make(""), cx->rt->empty_str);
    assert_ptr_equal(make("x"), cx->rt->ascii_chars['x']);
    assert_ptr_equal(str_from_char(cx, 'x'), cx->rt->ascii_chars['x']);
}

static void interned_ones_are_unique(void **state) {
    (void)state;
    for (int i = 0; i < 10000; i++) {
        char text[32];
        const int n = snprintf(text, sizeof text, "name_%d", i);
        ObjStr *a = str_intern(cx, text, (size_t)n);
        ObjStr *b = str_intern_obj(cx, make(text));
        assert_non_null(a);
        assert_ptr_equal(a, b);
        assert_true(a->header.flags & STR_FLAG_INTERNED);
        assert_true(str_equals(a, make(text)));
    }
    assert_ptr_equal(cx->rt->names[NAME_init], str_intern(cx, "__init__", 8));
    assert_false(str_equals(str_intern(cx, "ab", 2), str_intern(cx, "ac", 2)));
}

static void interned_ones_survive_collections(void **state) {
    (void)state;
    const uintptr_t disguised = ~(uintptr_t)str_intern(cx, "kept by the table only", 22);
    for (int i = 0; i < 3; i++) {
        gc_collect(cx);
    }
    assert_ptr_equal((ObjStr *)~disguised, str_intern(cx, "kept by the table only", 22));
}

static void appending_shares_the_buffer(void **state) {
    (void)state;
    ObjStr *part = make("0123456789");
    ObjStr *s = make("");
    int n_moves = 0;
    for (int i = 0; i < 10000; i++) {
        ObjStr *longer = str_concat(cx, s, part);
        assert_non_null(longer);
        n_moves += longer->data != s->data;
        s = longer;
    }
    check(s);
    assert_int_equal(s->n_bytes, 100000);
    for (size_t i = 0; i < s->n_bytes; i++) {
        assert_int_equal(s->data[i], '0' + i % 10);
    }
    /* The text moves when its room is used up, and then gets half as much again. */
    assert_true(n_moves < 60);
}

/* Two that grow from the same beginning must not write into each other. */
static void appending_twice_to_one_text(void **state) {
    (void)state;
    ObjStr *base = make("x");
    for (int i = 0; i < 9; i++) {
        base = str_concat(cx, base, base);
    }
    base = str_concat(cx, base, make("y"));
    ObjStr *first = str_concat(cx, base, make("first"));
    ObjStr *second = str_concat(cx, base, make("second"));
    ObjStr *third = str_concat(cx, first, make("!"));
    assert_memory_equal(first->data + base->n_bytes, "first", 5);
    assert_memory_equal(second->data + base->n_bytes, "second", 6);
    assert_memory_equal(third->data + base->n_bytes, "first!", 6);
    assert_ptr_equal(first->data, third->data);
    assert_ptr_not_equal(first->data, second->data);
}

static void buffers_survive_collections(void **state) {
    (void)state;
    ObjStr *s = make("begin");
    for (int i = 0; i < 400; i++) {
        char text[16];
        snprintf(text, sizeof text, "<%d>", i);
        s = str_concat(cx, s, make(text));
        if (i % 40 == 0) {
            gc_collect(cx);
        }
    }
    Buf expected = {0};
    buf_add_text(&expected, "begin");
    for (int i = 0; i < 400; i++) {
        buf_add_format(&expected, "<%d>", i);
    }
    assert_int_equal(s->n_bytes, expected.n_bytes);
    assert_memory_equal(s->data, expected.bytes, expected.n_bytes);
    buf_free(&expected);
}

/* Characters of one to four bytes, so that every position has to be found. */
static ObjStr *mixed_text(size_t n_chars) {
    static const uint32_t characters[] = {'a', 0xe9, 0x65e5, 0x1f600, 'z', 0x3b1, 'b'};
    Buf buf = {0};
    for (size_t i = 0; i < n_chars; i++) {
        buf_add_utf8(&buf, characters[(i * i + i / 7) % 7]);
    }
    return str_from_buf(cx, &buf);
}

static void positions(void **state) {
    (void)state;
    static const size_t lengths[] = {1, 7, 8, 9, 100, 127, 128, 129, 256, 1000, 5000};
    for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
        ObjStr *s = mixed_text(lengths[k]);
        check(s);
        /* From the end, so that the crumbs are made by one look. */
        for (int pass = 0; pass < 2; pass++) {
            size_t byte = s->n_bytes;
            for (size_t i = s->n_chars; i-- > 0;) {
                byte--;
                while (utf8_is_continuation((unsigned char)s->data[byte])) {
                    byte--;
                }
                assert_int_equal(str_byte_of_char(s, i), byte);
                assert_int_equal(str_char_of_byte(s, byte), i);
            }
        }
        assert_int_equal(str_byte_of_char(s, s->n_chars), s->n_bytes);
    }
}

static void slices_of_mixed_text(void **state) {
    (void)state;
    ObjStr *s = mixed_text(700);
    for (size_t from = 0; from <= s->n_chars; from += 13) {
        for (size_t to = from; to <= s->n_chars; to += 29) {
            ObjStr *part = str_slice(cx, s, from, to);
            assert_non_null(part);
            check(part);
            assert_int_equal(part->n_chars, to - from);
            const size_t first = str_byte_of_char(s, from);
            assert_memory_equal(part->data, s->data + first, part->n_bytes);
        }
    }
}

static void order_is_that_of_code_points(void **state) {
    (void)state;
    static const uint32_t ascending[] = {'a',   'b',    0x7f,   0x80,    0x7ff,
                                         0x800, 0xd800, 0xffff, 0x10000, 0x10ffff};
    for (size_t i = 0; i + 1 < sizeof ascending / sizeof ascending[0]; i++) {
        ObjStr *a = str_from_char(cx, ascending[i]);
        ObjStr *b = str_from_char(cx, ascending[i + 1]);
        assert_true(str_compare(a, b) < 0 && str_compare(b, a) > 0 &&
                    str_compare(a, a) == 0);
    }
    assert_true(str_compare(make("ab"), make("abc")) < 0);
}

static void equal_texts_hash_alike(void **state) {
    (void)state;
    ObjStr *whole = mixed_text(300);
    ObjStr *front = str_slice(cx, whole, 0, 250);
    ObjStr *joined = str_concat(cx, front, str_slice(cx, whole, 250, 300));
    assert_true(str_equals(whole, joined));
    assert_int_equal(str_hash(whole), str_hash(joined));
    assert_int_not_equal(str_hash(whole), str_hash(front));
}

/* Every part at every place, against the obvious way. */
static void search_agrees_with_the_obvious(void **state) {
    (void)state;
    char text[64];
    uint64_t bits = 0x5a5a1234;
    for (int round = 0; round < 3000; round++) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        const size_t n = bits >> 58;
        for (size_t i = 0; i < n; i++) {
            text[i] = (char)('a' + (bits >> (i % 48)) % 2);
        }
        const size_t n_part = 1 + (bits >> 40) % 5;
        const char *part = "abaabbab" + (bits >> 33) % 3;
        const char *first = NULL;
        const char *last = NULL;
        for (size_t i = 0; i + n_part <= n; i++) {
            if (memcmp(text + i, part, n_part) == 0) {
                first = first == NULL ? text + i : first;
                last = text + i;
            }
        }
        assert_ptr_equal(search_find(text, n, part, n_part), first);
        assert_ptr_equal(search_find_last(text, n, part, n_part), last);
    }
    assert_ptr_equal(search_find(text, 5, "", 0), text);
    assert_ptr_equal(search_find_last(text, 5, "", 0), text + 5);
    assert_int_equal(search_count("aaaaa", 5, "aa", 2), 2);
}

/* The table of interned strings is used without a lock: threads that enter the same
 * names get the same ones. */

enum { N_THREADS = 4, N_NAMES = 5000 };

typedef struct Finder {
    ObjStr **found;
} Finder;

static void *find_all(void *argument) {
    Finder *finder = argument;
    for (int i = 0; i < N_NAMES; i++) {
        /* Known already: so nothing is allocated, which this thread could not do. */
        char text[32];
        const int n = snprintf(text, sizeof text, "name_%d", i);
        finder->found[i] = str_intern(cx, text, (size_t)n);
    }
    return NULL;
}

static void threads_find_the_same(void **state) {
    (void)state;
    static ObjStr *expected[N_NAMES];
    static ObjStr *found[N_THREADS][N_NAMES];
    pthread_t threads[N_THREADS];
    for (int i = 0; i < N_NAMES; i++) {
        char text[32];
        const int n = snprintf(text, sizeof text, "name_%d", i);
        expected[i] = str_intern(cx, text, (size_t)n);
    }
    Finder finders[N_THREADS];
    for (int t = 0; t < N_THREADS; t++) {
        finders[t].found = found[t];
        pthread_create(&threads[t], NULL, find_all, &finders[t]);
    }
    /* Meanwhile the table grows. */
    for (int i = 0; i < 20000; i++) {
        char text[32];
        const int n = snprintf(text, sizeof text, "another_%d", i);
        assert_non_null(str_intern(cx, text, (size_t)n));
    }
    for (int t = 0; t < N_THREADS; t++) {
        pthread_join(threads[t], NULL);
        assert_memory_equal(found[t], expected, sizeof expected);
    }
}

static void no_terminating_zero_needed(void **state) {
    (void)state;
    char *text = str_c_text(cx, make("path"));
    assert_string_equal(text, "path");
    free(text);
    ObjStr *with_zero = str_new(cx, "a\0b", 3);
    assert_int_equal(with_zero->n_chars, 3);
    assert_null(str_c_text(cx, with_zero));
    assert_true(exc_take_if(cx, EXC_ValueError));
    assert_false(str_equals_c(with_zero, "a"));
}

static void lossy_decoding(void **state) {
    (void)state;
    ObjStr *replaced = str_decode_lossy(cx,
                                        "a\xff"
                                        "b",
                                        3, false);
    assert_true(str_equals_c(replaced, "a\xef\xbf\xbd"
                                       "b"));
    ObjStr *escaped = str_decode_lossy(cx,
                                       "a\xff"
                                       "b",
                                       3, true);
    assert_int_equal(str_char_at(escaped, 1), 0xdcff);
    assert_int_equal(escaped->n_chars, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_and_counts),
        cmocka_unit_test(interned_ones_are_unique),
        cmocka_unit_test(interned_ones_survive_collections),
        cmocka_unit_test(appending_shares_the_buffer),
        cmocka_unit_test(appending_twice_to_one_text),
        cmocka_unit_test(buffers_survive_collections),
        cmocka_unit_test(positions),
        cmocka_unit_test(slices_of_mixed_text),
        cmocka_unit_test(order_is_that_of_code_points),
        cmocka_unit_test(equal_texts_hash_alike),
        cmocka_unit_test(search_agrees_with_the_obvious),
        cmocka_unit_test(threads_find_the_same),
        cmocka_unit_test(no_terminating_zero_needed),
        cmocka_unit_test(lossy_decoding),
    };
    return cmocka_run_group_tests(tests, open_interp, close_interp);
}
