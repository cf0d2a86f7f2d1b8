/* test_list.c - list: growth, slices, and sorting by every kind of keys. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "interp/state.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/range.h"
#include "runtime/objects/tuple.h"

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

static Value number(int64_t i) {
    return value_from_int(i);
}

static ObjList *list_up_to(int n) {
    ObjList *list = list_new(cx, 0);
    for (int i = 0; i < n; i++) {
        assert_true(list_append(cx, list, number(i)));
    }
    return list;
}

/* Invariant 1 of list.h, and the items 0, 1, 2, ... */
static void check_unset_behind(const ObjList *list) {
    for (size_t i = list->n; i < list->items->capacity; i++) {
        assert_int_equal(list->items->items[i], VALUE_UNSET);
    }
}

static void test_append_and_get(void **state) {
    (void)state;
    ObjList *list = list_up_to(100000);
    assert_int_equal(list_length(list), 100000);
    check_unset_behind(list);
    assert_int_equal(list_get(cx, list, -1), number(99999));
    assert_int_equal(list_get(cx, list, 500), number(500));
    assert_int_equal(list_get(cx, list, 100000), VALUE_ERROR);
    assert_true(exc_take_if(cx, EXC_IndexError));
}

static void test_deleting_slices_leaves_nothing_behind(void **state) {
    (void)state;
    for (int step = -7; step <= 7; step++) {
        if (step == 0) {
            continue;
        }
        ObjList *list = list_up_to(100);
        const Value slice = slice_new(cx, VALUE_NONE, VALUE_NONE, number(step));
        const size_t n_removed = (size_t)((100 + abs(step) - 1) / abs(step));
        assert_true(value_delitem(cx, OBJ_VALUE(list), slice));
        assert_int_equal(list_length(list), 100 - n_removed);
        check_unset_behind(list);
    }
}

static void test_a_list_can_extend_itself(void **state) {
    (void)state;
    ObjList *list = list_up_to(5);
    assert_true(list_extend(cx, list, OBJ_VALUE(list)));
    assert_int_equal(list_length(list), 10);
    assert_int_equal(list_peek(list, 9), number(4));
    check_unset_behind(list);
}

/* Keys for sorting */

typedef Value MakeKey(int i);

static Value key_int(int i) {
    return number((int64_t)(i * 2654435761u % 1000) - 500);
}

static Value key_large_int(int i) {
    return number((int64_t)(i * UINT64_C(0x9e3779b97f4a7c15) >> 15) - ((int64_t)1 << 48));
}

static Value key_float(int i) {
    return value_from_double(((double)(i * 2654435761u % 1000) - 500) / 8);
}

static Value key_mixed_number(int i) {
    return i % 3 ? key_int(i) : key_float(i);
}

static Value key_str(int i) {
    return OBJ_VALUE(str_format_c(cx, "%s%u",
                                  i % 2 ? "prefix that is longer than eight " : "p",
                                  i * 2654435761u % 300));
}

static Value key_str_with_zeros(int i) {
    static const char bytes[] = "a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    return OBJ_VALUE(str_new(cx, bytes, (size_t)(i * 2654435761u % sizeof bytes)));
}

static Value key_str_far(int i) {
    char bytes[200];
    memset(bytes, 'x', sizeof bytes);
    bytes[150 + i % 40] = (char)('a' + i * 2654435761u % 26);
    return OBJ_VALUE(str_new(cx, bytes, sizeof bytes - (size_t)(i % 7)));
}

static Value key_tuple(int i) {
    return tuple_pack(cx, 3, number(i % 5), key_str(i), key_int(i));
}

static Value key_ragged_tuple(int i) {
    Value items[4] = {number(i % 3), number(i % 2), number(i % 7), number(i % 5)};
    return tuple_from(cx, items, (size_t)(1 + i * 2654435761u % 4));
}

static Value key_nested(int i) {
    return tuple_pack(cx, 2, tuple_pack(cx, 1, number(i % 3)), key_float(i));
}

static Value key_list(int i) {
    const Value items[2] = {number(i % 10), number(i % 4)};
    return list_from(cx, items, 2);
}

static Value key_up(int i) {
    return number(i);
}

static Value key_down(int i) {
    return number(-i);
}

static Value key_saw(int i) {
    return list_from(cx, (const Value[]){number(i % 200)}, 1);
}

static MakeKey *const makers[] = {
    key_int,          key_large_int, key_float,
    key_mixed_number, key_str,       key_str_with_zeros,
    key_str_far,      key_tuple,     key_ragged_tuple,
    key_nested,       key_list,      key_up,
    key_down,         key_saw,
};

static void check_in_order(ObjList *keys, bool is_reverse) {
    for (size_t i = 1; i < list_length(keys); i++) {
        const Value a = list_peek(keys, i - (is_reverse ? 0 : 1));
        const Value b = list_peek(keys, i - (is_reverse ? 1 : 0));
        assert_int_equal(value_less(cx, b, a), 0);
    }
}

static void test_sorts_keys_of_all_kinds(void **state) {
    (void)state;
    static const int sizes[] = {0, 1, 2, 3, 10, 63, 64, 65, 300, 2000};
    for (size_t m = 0; m < sizeof makers / sizeof makers[0]; m++) {
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            ObjList *list = list_new(cx, 0);
            for (int i = 0; i < sizes[k]; i++) {
                assert_true(list_append(cx, list, makers[m](i)));
            }
            assert_true(list_sort(cx, list, VALUE_NONE, k % 2 == 1));
            assert_int_equal(list_length(list), sizes[k]);
            check_in_order(list, k % 2 == 1);
            check_unset_behind(list);
        }
    }
}

/* The items are 0, 1, 2, ...; the key of each is looked up in a second list. */
static void test_sorting_by_key_is_stable(void **state) {
    (void)state;
    for (size_t m = 0; m < sizeof makers / sizeof makers[0]; m++) {
        const int n = 500;
        ObjList *keys = list_new(cx, 0);
        ObjList *items = list_up_to(n);
        for (int i = 0; i < n; i++) {
            assert_true(list_append(cx, keys, makers[m](i)));
        }
        const Value key =
            value_getattr(cx, OBJ_VALUE(keys), str_intern(cx, "__getitem__", 11));
        assert_true(list_sort(cx, items, key, m % 2 == 1));
        for (int i = 1; i < n; i++) {
            const Value before = list_peek(items, (size_t)i - 1);
            const Value after = list_peek(items, (size_t)i);
            const Value a = list_peek(keys, (size_t)value_to_int(before));
            const Value b = list_peek(keys, (size_t)value_to_int(after));
            assert_int_equal(m % 2 ? value_less(cx, a, b) : value_less(cx, b, a), 0);
            if (value_equals(cx, a, b)) {
                assert_true(value_to_int(before) < value_to_int(after));
            }
        }
    }
}

static void test_a_failing_comparison_loses_no_item(void **state) {
    (void)state;
    ObjList *list = list_up_to(100);
    assert_true(list_set(cx, list, 57, VALUE_NONE));
    assert_false(list_sort(cx, list, VALUE_NONE, false));
    assert_true(exc_take_if(cx, EXC_TypeError));
    assert_int_equal(list_length(list), 100);
    int64_t sum = 0;
    for (size_t i = 0; i < 100; i++) {
        sum += IS_INT(list_peek(list, i)) ? value_to_int(list_peek(list, i)) : 57;
    }
    assert_int_equal(sum, 4950);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append_and_get),
        cmocka_unit_test(test_deleting_slices_leaves_nothing_behind),
        cmocka_unit_test(test_a_list_can_extend_itself),
        cmocka_unit_test(test_sorts_keys_of_all_kinds),
        cmocka_unit_test(test_sorting_by_key_is_stable),
        cmocka_unit_test(test_a_failing_comparison_loses_no_item),
    };
    return cmocka_run_group_tests_name("list", tests, open_interp, close_interp);
}
