/* test_native.c - native functions: signatures, where arguments arrive, messages. The
 * messages are those of CPython 3.13 for functions that take their arguments in the same
 * way. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "interp/state.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/native.h"
#include "runtime/objects/type.h"

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

/* What a call of `recorder` saw. */
static Value seen[8];
static Value seen_before[4];
static int n_seen;
static int n_fixed;  /* how many of args are looked at */
static int n_before; /* how many in front of args */

static Value recorder(Context *context, Value *args, int n_args) {
    (void)context;
    n_seen = n_args;
    for (int i = 0; i < n_fixed || i < n_args; i++) {
        seen[i] = args[i];
    }
    for (int i = 0; i < n_before; i++) {
        seen_before[i] = args[-1 - i];
    }
    return VALUE_NONE;
}

static NativeDef def;

static ObjNative *make(const char *signature, ObjType *owner) {
    def = (NativeDef){signature, NULL, recorder, 0};
    const Value native = native_new(cx, &def, owner, VALUE_UNSET);
    assert_true(IS_NATIVE(native));
    return AS_NATIVE(native);
}

static Value dict_of(const char *key, Value value) {
    ObjDict *dict = dict_new(cx, 0);
    dict_set_str(cx, dict, str_intern(cx, key, strlen(key)), value);
    return OBJ_VALUE(dict);
}

static const Value one = VALUE_INT_TAG | 1;
static const Value two = VALUE_INT_TAG | 2;
static const Value three = VALUE_INT_TAG | 3;

static Value call(ObjNative *native, int n, Value kwargs) {
    const Value args[] = {one, two, three, one, two, three};
    return native_call(cx, native, args, n, kwargs);
}

static void assert_type_error(Value result, const char *text) {
    assert_true(IS_ERROR(result));
    const Value e = exc_take(cx);
    assert_true(exc_matches_kind(cx, e, EXC_TypeError));
    const ObjStr *message = AS_STR(value_str(cx, e));
    char copy[200];
    snprintf(copy, sizeof copy, "%.*s", (int)message->n_bytes, message->data);
    assert_string_equal(copy, text);
}

static void arguments_arrive_in_place(void **state) {
    (void)state;
    ObjNative *f = make("f(a, b=(1, 2), c=', )', /)", NULL);
    assert_int_equal(f->n_parameters, 3);
    assert_int_equal(f->n_required, 1);
    assert_int_equal(f->n_positional_only, 3);
    assert_true(f->is_simple);
    n_fixed = 3;
    n_before = 0;
    assert_true(IS_NONE(call(f, 2, VALUE_UNSET)));
    assert_true(seen[0] == one && seen[1] == two && IS_UNSET(seen[2]) && n_seen == 2);
    Value window[3] = {one, three, three};
    assert_true(IS_NONE(native_call_in_place(cx, f, window, 1)));
    assert_true(seen[0] == one && IS_UNSET(seen[1]) && IS_UNSET(seen[2]) && n_seen == 1);
}

static void keywords_find_their_places(void **state) {
    (void)state;
    ObjNative *f = make("f(a, /, b, c=None, *, d=0)", NULL);
    assert_int_equal(f->n_parameters, 4);
    n_fixed = 4;
    n_before = 0;
    assert_true(IS_NONE(call(f, 1, dict_of("b", three))));
    assert_true(seen[0] == one && seen[1] == three && IS_UNSET(seen[2]) &&
                IS_UNSET(seen[3]));
    assert_true(IS_NONE(call(f, 2, dict_of("d", three))));
    assert_true(seen[1] == two && IS_UNSET(seen[2]) && seen[3] == three);
    assert_type_error(call(f, 2, dict_of("b", one)),
                      "argument for f() given by name ('b') and position (2)");
    assert_type_error(call(f, 2, dict_of("x", one)),
                      "f() got an unexpected keyword argument 'x'");
    assert_type_error(call(f, 2, dict_of("a", one)),
                      "f() got an unexpected keyword argument 'a'");
    assert_type_error(call(f, 1, VALUE_UNSET),
                      "f() missing required argument 'b' (pos 2)");
}

static void variadic_arguments_have_the_others_in_front(void **state) {
    (void)state;
    ObjNative *f = make("f(*args, sep=' ', end='\\n', **kwargs)", NULL);
    assert_false(f->is_simple);
    n_fixed = 0;
    n_before = 3;
    assert_true(IS_NONE(call(f, 5, dict_of("end", three))));
    assert_int_equal(n_seen, 5);
    assert_true(seen[0] == one && seen[4] == two);
    assert_true(IS_UNSET(seen_before[0]) && seen_before[1] == three &&
                IS_UNSET(seen_before[2]));
    assert_true(IS_NONE(call(f, 0, dict_of("other", one))));
    assert_int_equal(n_seen, 0);
    assert_true(IS_DICT(seen_before[2]));
    ObjNative *g = make("g(self, /, **kwargs)", NULL);
    n_before = 1;
    assert_true(IS_NONE(call(g, 1, dict_of("self", one))));
    assert_true(IS_DICT(seen_before[0]));
}

static void long_argument_lists_arrive(void **state) {
    (void)state;
    enum { N = 3000 };
    ObjType *set = runtime_open_type(cx, KIND_SET);
    ObjNative *native = AS_NATIVE(type_lookup(cx, set, str_intern(cx, "union", 5)));
    assert_int_equal(native->n_positional, NATIVE_VARIADIC);
    ObjTuple *sets = tuple_new(cx, N);
    for (int i = 0; i < N; i++) {
        sets->items[i] = type_call(cx, set, NULL, 0, VALUE_UNSET);
    }
    const Value result = native_call(cx, native, sets->items, N, VALUE_UNSET);
    assert_true(IS_KIND(result, KIND_SET));
}

static void counts_are_checked_in_cpythons_words(void **state) {
    (void)state;
    n_fixed = 0;
    n_before = 0;
    assert_type_error(call(make("f()", NULL), 1, VALUE_UNSET),
                      "f() takes no arguments (1 given)");
    assert_type_error(call(make("f(a, /)", NULL), 2, VALUE_UNSET),
                      "f() takes exactly one argument (2 given)");
    assert_type_error(call(make("f(a, b, /)", NULL), 1, VALUE_UNSET),
                      "f expected 2 arguments, got 1");
    assert_type_error(call(make("f(a, b=1, /)", NULL), 0, VALUE_UNSET),
                      "f expected at least 1 argument, got 0");
    assert_type_error(call(make("f(a, b=1, /)", NULL), 3, VALUE_UNSET),
                      "f expected at most 2 arguments, got 3");
    assert_type_error(call(make("f(a, b=1)", NULL), 3, VALUE_UNSET),
                      "f() takes at most 2 arguments (3 given)");
    assert_type_error(call(make("f(a, b=1)", NULL), 0, VALUE_UNSET),
                      "f() missing required argument 'a' (pos 1)");
    assert_type_error(call(make("f(a, /, b=1)", NULL), 0, VALUE_UNSET),
                      "f() takes at least 1 positional argument (0 given)");
    assert_type_error(call(make("f(a, /)", NULL), 1, dict_of("x", one)),
                      "f() takes no keyword arguments");
    ObjType *list = cx->rt->types[KIND_LIST];
    const Value args[] = {type_call(cx, list, NULL, 0, VALUE_UNSET), one, one};
    assert_type_error(native_call(cx, make("m(self, a, /)", list), args, 1, VALUE_UNSET),
                      "list.m() takes exactly one argument (0 given)");
    assert_type_error(native_call(cx, make("m(self, /)", list), args, 2, VALUE_UNSET),
                      "list.m() takes no arguments (1 given)");
    assert_type_error(
        native_call(cx, make("m(self, a=1, /)", list), args, 3, VALUE_UNSET),
        "m expected at most 1 argument, got 2");
    assert_type_error(native_call(cx, make("m(self, /)", list), args, 0, VALUE_UNSET),
                      "unbound method list.m() needs an argument");
    assert_type_error(
        native_call(cx, make("m(self, /)", list), &one, 1, VALUE_UNSET),
        "descriptor 'm' for 'list' objects doesn't apply to a 'int' object");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_arrive_in_place),
        cmocka_unit_test(keywords_find_their_places),
        cmocka_unit_test(variadic_arguments_have_the_others_in_front),
        cmocka_unit_test(long_argument_lists_arrive),
        cmocka_unit_test(counts_are_checked_in_cpythons_words),
    };
    return cmocka_run_group_tests(tests, open_interp, close_interp);
}
