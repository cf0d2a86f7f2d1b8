/* test_shape.c - hidden classes and slots: transitions are shared, slots never move,
 * overflow, deletion, the change to a dict, inline slots that grow with use, slots of
 * classes derived from built-in types. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "interp/state.h"
#include "runtime/gc/gc.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/list.h"

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

static ObjStr *name(const char *text) {
    return str_intern(cx, text, strlen(text));
}

static ObjStr *numbered(int i) {
    char text[32];
    snprintf(text, sizeof text, "attribute_%d", i);
    return name(text);
}

static ObjType *new_class(void) {
    const Value type =
        type_new(cx, cx->rt->types[KIND_TYPE], name("C"), AS_TUPLE(cx->rt->empty_tuple),
                 dict_new(cx, 0), VALUE_UNSET);
    assert_false(IS_ERROR(type));
    return AS_TYPE(type);
}

static void set(Obj *o, ObjStr *attribute, int64_t value) {
    assert_true(instance_set_own(cx, o, attribute, value_from_int(value)));
}

static int64_t get(Obj *o, ObjStr *attribute) {
    const Value v = instance_get_own(cx, o, attribute);
    assert_true(IS_INT(v));
    return value_to_int(v);
}

static void transitions_are_shared(void **state) {
    (void)state;
    ObjType *type = new_class();
    Obj *a = instance_new(cx, type);
    Obj *b = instance_new(cx, type);
    assert_int_equal(obj_shape(a), obj_shape(b));
    set(a, name("x"), 1);
    assert_int_not_equal(obj_shape(a), obj_shape(b));
    set(b, name("x"), 2);
    assert_int_equal(obj_shape(a), obj_shape(b));
    set(a, name("y"), 3);
    set(b, name("z"), 4);
    assert_int_not_equal(obj_shape(a), obj_shape(b));
    assert_int_equal(get(a, name("x")), 1);
    assert_int_equal(get(b, name("x")), 2);
    assert_int_equal(get(a, name("y")), 3);
    assert_true(IS_UNSET(instance_get_own(cx, a, name("z"))));
}

static void slots_never_move(void **state) {
    (void)state;
    enum { N = 100 };
    Obj *o = instance_new(cx, new_class());
    const Value *places[N];
    for (int i = 0; i < N; i++) {
        set(o, numbered(i), i);
        const Shape *shape = shape_of(cx, o);
        const int slot = shape_find(shape, numbered(i));
        assert_int_equal(slot, i);
        places[i] = instance_slot(cx, o, shape, slot);
        for (int k = 0; k <= i; k++) {
            assert_ptr_equal(instance_slot(cx, o, shape, shape_find(shape, numbered(k))),
                             places[k]);
            assert_int_equal(value_to_int(*places[k]), k);
        }
    }
    gc_collect(cx);
    for (int i = 0; i < N; i++) {
        assert_int_equal(get(o, numbered(i)), i);
    }
}

static void deletion_leaves_the_shape(void **state) {
    (void)state;
    Obj *o = instance_new(cx, new_class());
    set(o, name("x"), 1);
    set(o, name("y"), 2);
    const uint32_t shape = obj_shape(o);
    assert_int_equal(instance_delete_own(cx, o, name("x")), 1);
    assert_int_equal(instance_delete_own(cx, o, name("x")), 0);
    assert_int_equal(instance_delete_own(cx, o, name("nosuch")), 0);
    assert_int_equal(obj_shape(o), shape);
    assert_true(IS_UNSET(instance_get_own(cx, o, name("x"))));
    set(o, name("x"), 5);
    assert_int_equal(obj_shape(o), shape);
    assert_int_equal(get(o, name("x")), 5);
}

static void the_dict_takes_over(void **state) {
    (void)state;
    ObjType *type = new_class();
    Obj *o = instance_new(cx, type);
    for (int i = 0; i < 12; i++) {
        set(o, numbered(i), i);
    }
    instance_delete_own(cx, o, numbered(3));
    ObjDict *dict = instance_dict(cx, o);
    assert_non_null(dict);
    assert_int_equal(dict_length(dict), 11);
    assert_true(shape_of(cx, o)->flags & SHAPE_FLAG_DICT);
    assert_ptr_equal(shape_of(cx, o)->type, type);
    assert_ptr_equal(instance_dict(cx, o), dict);
    set(o, name("late"), 7);
    assert_int_equal(value_to_int(dict_get_str(dict, name("late"))), 7);
    assert_true(dict_set_str(cx, dict, name("through"), value_from_int(8)));
    assert_int_equal(get(o, name("through")), 8);
    assert_int_equal(instance_delete_own(cx, o, name("late")), 1);
    assert_int_equal(get(o, numbered(11)), 11);
    gc_collect(cx);
    assert_int_equal(get(o, name("through")), 8);
}

static void too_many_attributes_go_to_a_dict(void **state) {
    (void)state;
    enum { N = 1000 };
    Obj *o = instance_new(cx, new_class());
    for (int i = 0; i < N; i++) {
        set(o, numbered(i), i);
    }
    assert_true(shape_of(cx, o)->flags & SHAPE_FLAG_DICT);
    for (int i = 0; i < N; i++) {
        assert_int_equal(get(o, numbered(i)), i);
    }
}

static void many_shapes_of_one_class_go_to_a_dict(void **state) {
    (void)state;
    ObjType *type = new_class();
    const uint32_t before = cx->rt->n_shapes;
    Obj *last = NULL;
    for (int i = 0; i < 3000; i++) {
        last = instance_new(cx, type);
        set(last, numbered(i), i);
    }
    assert_true(cx->rt->n_shapes - before < 2000);
    assert_int_equal(get(last, numbered(2999)), 2999);
}

static void inline_slots_grow_with_use(void **state) {
    (void)state;
    ObjType *type = new_class();
    Obj *first = instance_new(cx, type);
    for (int i = 0; i < 10; i++) {
        set(first, numbered(i), i);
    }
    Obj *second = instance_new(cx, type);
    assert_true(shape_of(cx, second)->n_inline >= 10);
    assert_true(shape_of(cx, second)->n_inline > shape_of(cx, first)->n_inline);
    for (int i = 0; i < 10; i++) {
        set(second, numbered(i), 2 * i);
    }
    for (int i = 0; i < 10; i++) {
        assert_int_equal(get(first, numbered(i)), i);
        assert_int_equal(get(second, numbered(i)), 2 * i);
    }
}

/* Instances of classes derived from built-in types: behind a struct of fixed size, and
 * behind a variable part. */
static void built_in_layouts_have_slots(void **state) {
    (void)state;
    static const ObjKind kinds[] = {KIND_LIST,      KIND_DICT,     KIND_STR,   KIND_TUPLE,
                                    KIND_INT,       KIND_BYTES,    KIND_FLOAT, KIND_SET,
                                    KIND_FROZENSET, KIND_EXCEPTION};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        const Value base = OBJ_VALUE(runtime_open_type(cx, kinds[k]));
        const Value bases = tuple_from(cx, &base, 1);
        const Value type = type_new(cx, cx->rt->types[KIND_TYPE], name("D"),
                                    AS_TUPLE(bases), dict_new(cx, 0), VALUE_UNSET);
        assert_false(IS_ERROR(type));
        const Value v = type_call(cx, AS_TYPE(type), NULL, 0, VALUE_UNSET);
        assert_true(IS_KIND(v, kinds[k]));
        for (int i = 0; i < 20; i++) {
            set(AS_OBJ(v), numbered(i), i);
        }
        gc_collect(cx);
        for (int i = 0; i < 20; i++) {
            assert_int_equal(get(AS_OBJ(v), numbered(i)), i);
        }
        assert_int_equal(dict_length(instance_dict(cx, AS_OBJ(v))), 20);
        gc_collect(cx);
        assert_int_equal(get(AS_OBJ(v), numbered(19)), 19);
    }
}

static void own_names_are_in_order(void **state) {
    (void)state;
    Obj *o = instance_new(cx, new_class());
    for (int i = 0; i < 15; i++) {
        set(o, numbered(14 - i), i);
    }
    ObjList *names = list_new(cx, 0);
    assert_true(instance_own_names(cx, o, OBJ_VALUE(names)));
    assert_int_equal(list_length(names), 15);
    for (size_t i = 0; i < 15; i++) {
        assert_true(list_peek(names, i) == OBJ_VALUE(numbered(14 - (int)i)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transitions_are_shared),
        cmocka_unit_test(slots_never_move),
        cmocka_unit_test(deletion_leaves_the_shape),
        cmocka_unit_test(the_dict_takes_over),
        cmocka_unit_test(too_many_attributes_go_to_a_dict),
        cmocka_unit_test(many_shapes_of_one_class_go_to_a_dict),
        cmocka_unit_test(inline_slots_grow_with_use),
        cmocka_unit_test(built_in_layouts_have_slots),
        cmocka_unit_test(own_names_are_in_order),
    };
    return cmocka_run_group_tests(tests, open_interp, close_interp);
}
