/* test_dict.c - dict and set: the table against a plain model, order, deleted entries,
 * growth, iteration. */

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
#include "runtime/objects/dict_table.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/set_table.h"
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

static Value text(const char *format, int i) {
    return OBJ_VALUE(str_format_c(cx, format, i));
}

/* What a dict should be: keys in order, values; deleted ones taken out. */
typedef struct Model {
    int64_t keys[4096];
    int64_t values[4096];
    int n;
} Model;

static int model_find(const Model *m, int64_t key) {
    for (int i = 0; i < m->n; i++) {
        if (m->keys[i] == key) {
            return i;
        }
    }
    return -1;
}

static void model_set(Model *m, int64_t key, int64_t value) {
    int i = model_find(m, key);
    if (i < 0) {
        i = m->n++;
        m->keys[i] = key;
    }
    m->values[i] = value;
}

static void model_delete(Model *m, int i) {
    m->n--;
    memmove(&m->keys[i], &m->keys[i + 1], (size_t)(m->n - i) * sizeof m->keys[0]);
    memmove(&m->values[i], &m->values[i + 1], (size_t)(m->n - i) * sizeof m->values[0]);
}

static void check_model(const Model *m, ObjDict *dict) {
    assert_int_equal(dict_length(dict), m->n);
    size_t position = 0;
    Value key;
    Value value;
    for (int i = 0; i < m->n; i++) {
        assert_true(dict_table_next(dict_table(dict), &position, &key, &value));
        assert_int_equal(value_to_int(key), m->keys[i]);
        assert_int_equal(value_to_int(value), m->values[i]);
        assert_int_equal(dict_get(cx, dict, number(m->keys[i])), number(m->values[i]));
    }
    assert_false(dict_table_next(dict_table(dict), &position, &key, &value));
}

/* key_range: few keys make many deletions and returns of the same key, strided ones test
 * the spreading. */
static void churn(int64_t key_range, int64_t stride, int n_steps) {
    static Model m;
    m.n = 0;
    srand(1);
    ObjDict *dict = dict_new(cx, 0);
    for (int step = 0; step < n_steps; step++) {
        const int64_t key = (rand() % key_range - key_range / 2) * stride;
        const int found = model_find(&m, key);
        if (rand() % 3 > 0) {
            assert_true(dict_set(cx, dict, number(key), number(step)));
            model_set(&m, key, step);
        } else {
            Value old = VALUE_UNSET;
            assert_int_equal(dict_delete(cx, dict, number(key), &old), found >= 0);
            if (found >= 0) {
                assert_int_equal(old, number(m.values[found]));
                model_delete(&m, found);
            }
        }
        if (step % 64 == 0) {
            check_model(&m, dict);
        }
    }
    check_model(&m, dict);
}

static void test_small_dicts_agree_with_a_model(void **state) {
    (void)state;
    churn(6, 1, 2000);
    churn(10, 1, 2000);
}

static void test_large_dicts_agree_with_a_model(void **state) {
    (void)state;
    churn(600, 1, 5000);
    churn(600, 1 << 20, 5000);
    churn(600, (int64_t)1 << 38, 5000);
}

static void test_int_float_and_bool_are_one_key(void **state) {
    (void)state;
    ObjDict *dict = dict_new(cx, 0);
    assert_true(dict_set(cx, dict, number(1), text("one", 0)));
    assert_true(dict_set(cx, dict, value_from_double(1.0), number(7)));
    assert_true(dict_set(cx, dict, VALUE_TRUE, number(8)));
    assert_int_equal(dict_length(dict), 1);
    assert_int_equal(dict_get(cx, dict, number(1)), number(8));
    assert_true(dict_set(cx, dict, number(-1), number(1)));
    assert_true(dict_set(cx, dict, number(-2), number(2))); /* the same hash */
    assert_int_equal(dict_get(cx, dict, number(-1)), number(1));
    assert_int_equal(dict_get(cx, dict, number(-2)), number(2));
}

static void test_equal_strings_are_one_key(void **state) {
    (void)state;
    ObjDict *dict = dict_new(cx, 3);
    for (int i = 0; i < 1000; i++) {
        assert_true(dict_set(cx, dict, text("key %d", i), number(i)));
    }
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(dict_get(cx, dict, text("key %d", i)), number(i));
        assert_int_equal(dict_get_str(dict, AS_STR(text("key %d", i))), number(i));
        assert_int_equal(dict_get(cx, dict, text("KEY %d", i)), VALUE_UNSET);
    }
    assert_int_equal(dict_delete_str(cx, dict, AS_STR(text("key %d", 5))), 1);
    assert_int_equal(dict_delete_str(cx, dict, AS_STR(text("key %d", 5))), 0);
    assert_int_equal(dict_length(dict), 999);
}

static void test_tuples_are_keys_by_their_items(void **state) {
    (void)state;
    ObjDict *dict = dict_new(cx, 0);
    for (int i = 0; i < 400; i++) {
        assert_true(dict_set(
            cx, dict, tuple_pack(cx, 2, number(i % 20), text("%d", i / 20)), number(i)));
    }
    assert_int_equal(dict_length(dict), 400);
    for (int i = 0; i < 400; i++) {
        assert_int_equal(
            dict_get(cx, dict, tuple_pack(cx, 2, number(i % 20), text("%d", i / 20))),
            number(i));
    }
}

static void test_hash_of_tuples_is_that_of_cpython(void **state) {
    (void)state;
    uint64_t hash = 0;
    assert_true(value_hash(cx, tuple_pack(cx, 2, number(1), number(2)), &hash));
    assert_int_equal((int64_t)hash, -3550055125485641917);
    assert_true(value_hash(cx, tuple_pack(cx, 0), &hash));
    assert_int_equal((int64_t)hash, 5740354900026072187);
}

static void test_lists_are_not_keys(void **state) {
    (void)state;
    ObjDict *dict = dict_new(cx, 0);
    const Value list = list_from(cx, NULL, 0);
    assert_false(dict_set(cx, dict, list, number(1)));
    assert_true(exc_take_if(cx, EXC_TypeError));
    assert_int_equal(dict_get(cx, dict, list), VALUE_ERROR);
    assert_true(exc_take_if(cx, EXC_TypeError));
}

static void test_setdefault_stores_once(void **state) {
    (void)state;
    ObjDict *dict = dict_new(cx, 0);
    assert_int_equal(dict_setdefault(cx, dict, number(3), number(4)), number(4));
    assert_int_equal(dict_setdefault(cx, dict, number(3), number(5)), number(4));
    assert_int_equal(dict_length(dict), 1);
}

static void test_copy_and_update_keep_the_order(void **state) {
    (void)state;
    ObjDict *a = dict_new(cx, 0);
    ObjDict *b = dict_new(cx, 0);
    for (int i = 0; i < 50; i++) {
        assert_true(dict_set(cx, a, number(i), number(0)));
        assert_true(dict_set(cx, b, number(80 - i), number(1)));
    }
    assert_int_equal(dict_delete(cx, a, number(7), NULL), 1);
    ObjDict *copy = dict_copy(cx, a);
    assert_true(dict_update(cx, copy, OBJ_VALUE(b)));
    assert_int_equal(dict_length(copy), 49 + 50 - 19);
    assert_int_equal(dict_length(a), 49);
    size_t position = 0;
    Value key;
    Value value;
    assert_true(dict_table_next(dict_table(copy), &position, &key, &value));
    assert_int_equal(key, number(0));
}

static void test_a_copied_table_is_compact(void **state) {
    (void)state;
    ObjDict *dict = dict_new(cx, 0);
    for (int i = 0; i < 1000; i++) {
        assert_true(dict_set(cx, dict, number(i), number(i)));
    }
    for (int i = 0; i < 990; i++) {
        assert_int_equal(dict_delete(cx, dict, number(i), NULL), 1);
    }
    assert_true(dict_copy(cx, dict)->table->capacity <= 20);
}

static void test_iterators_see_changes_of_size(void **state) {
    (void)state;
    ObjDict *dict = dict_new(cx, 0);
    assert_true(dict_set(cx, dict, number(1), number(2)));
    const Value it = dict_iter_new(cx, dict, DICT_VIEW_KEYS, false);
    assert_true(dict_set(cx, dict, number(2), number(2)));
    assert_int_equal(value_next(cx, it), VALUE_ERROR);
    assert_true(exc_take_if(cx, EXC_RuntimeError));
}

/* Sets */

static void test_sets_agree_with_a_model(void **state) {
    (void)state;
    static bool model[512];
    memset(model, 0, sizeof model);
    size_t n = 0;
    srand(2);
    ObjSet *set = set_new(cx, KIND_SET, 0);
    for (int step = 0; step < 20000; step++) {
        const int key = rand() % 512;
        assert_int_equal(set_contains(cx, set, number(key)), model[key]);
        if (rand() % 2) {
            assert_true(set_add(cx, set, number(key)));
            n += !model[key];
            model[key] = true;
        } else {
            assert_int_equal(set_discard(cx, set, number(key)), model[key]);
            n -= model[key];
            model[key] = false;
        }
        assert_int_equal(set_length(set), n);
    }
}

static void test_sets_of_ints_are_in_cpythons_order(void **state) {
    (void)state;
    static const int added[] = {100, 3, 17, 33, 8, 1, 64, 9};
    static const int expected[] = {64, 33, 1, 3, 100, 8, 9, 17};
    ObjSet *set = set_new(cx, KIND_SET, 0);
    for (size_t i = 0; i < 8; i++) {
        assert_true(set_add(cx, set, number(added[i])));
    }
    size_t position = 0;
    for (size_t i = 0; i < 8; i++) {
        SetPlace place;
        assert_true(set_table_next(set->table, &position, &place));
        assert_int_equal(place.key, number(expected[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_dicts_agree_with_a_model),
        cmocka_unit_test(test_large_dicts_agree_with_a_model),
        cmocka_unit_test(test_int_float_and_bool_are_one_key),
        cmocka_unit_test(test_equal_strings_are_one_key),
        cmocka_unit_test(test_tuples_are_keys_by_their_items),
        cmocka_unit_test(test_hash_of_tuples_is_that_of_cpython),
        cmocka_unit_test(test_lists_are_not_keys),
        cmocka_unit_test(test_setdefault_stores_once),
        cmocka_unit_test(test_copy_and_update_keep_the_order),
        cmocka_unit_test(test_a_copied_table_is_compact),
        cmocka_unit_test(test_iterators_see_changes_of_size),
        cmocka_unit_test(test_sets_agree_with_a_model),
        cmocka_unit_test(test_sets_of_ints_are_in_cpythons_order),
    };
    return cmocka_run_group_tests_name("dict", tests, open_interp, close_interp);
}
