/* test_type.c - classes: linearization, cells of attributes and their reset, special
 * methods, what inline caches are told. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "interp/state.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/attr_cache.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/module.h"

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

static Value derive(const char *class_name, int n, ...) {
    ObjTuple *bases = tuple_new(cx, (size_t)n);
    va_list args;
    va_start(args, n);
    for (int i = 0; i < n; i++) {
        bases->items[i] = OBJ_VALUE(va_arg(args, ObjType *));
    }
    va_end(args);
    return type_new(cx, cx->rt->types[KIND_TYPE], name(class_name), bases, dict_new(cx, 0), VALUE_UNSET);
}

static void assert_pending(ExcKind kind, const char *text) {
    const Value e = exc_take(cx);
    assert_true(IS_EXCEPTION(e) && exc_matches_kind(cx, e, kind));
    const Value message = value_str(cx, e);
    assert_true(str_equals_c(AS_STR(message), text));
}

static ObjType *object_type(void) {
    return cx->rt->types[KIND_INSTANCE];
}

static void the_order_is_c3(void **state) {
    (void)state;
    /* The example of the paper: pedalo. */
    ObjType *boat = AS_TYPE(derive("Boat", 0));
    ObjType *day_boat = AS_TYPE(derive("DayBoat", 1, boat));
    ObjType *wheel_boat = AS_TYPE(derive("WheelBoat", 1, boat));
    ObjType *engineless = AS_TYPE(derive("EngineLess", 1, day_boat));
    ObjType *small = AS_TYPE(derive("SmallMultihull", 1, day_boat));
    ObjType *pedal = AS_TYPE(derive("PedalWheelBoat", 2, engineless, wheel_boat));
    ObjType *catamaran = AS_TYPE(derive("SmallCatamaran", 1, small));
    ObjType *pedalo = AS_TYPE(derive("Pedalo", 2, pedal, catamaran));
    const ObjType *expected[] = {pedalo,   pedal,      engineless, catamaran,    small,
                                 day_boat, wheel_boat, boat,       object_type()};
    assert_int_equal(pedalo->mro->n, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < pedalo->mro->n; i++) {
        assert_ptr_equal(AS_TYPE(pedalo->mro->items[i]), expected[i]);
    }
    assert_true(type_is_subtype(pedalo, wheel_boat));
    assert_false(type_is_subtype(boat, pedalo));
}

static void bad_bases_are_refused(void **state) {
    (void)state;
    ObjType *a = AS_TYPE(derive("A", 0));
    ObjType *b = AS_TYPE(derive("B", 1, a));
    assert_true(IS_ERROR(derive("X", 2, a, b)));
    assert_pending(
        EXC_TypeError,
        "Cannot create a consistent method resolution order (MRO) for bases A, B");
    assert_true(IS_ERROR(derive("X", 2, a, a)));
    assert_pending(EXC_TypeError, "duplicate base class A");
    assert_true(IS_ERROR(derive("X", 1, cx->rt->types[KIND_BOOL])));
    assert_pending(EXC_TypeError, "type 'bool' is not an acceptable base type");
    assert_true(
        IS_ERROR(derive("X", 2, cx->rt->types[KIND_LIST], cx->rt->types[KIND_DICT])));
    assert_pending(EXC_TypeError, "multiple bases have instance lay-out conflict");
    assert_false(IS_ERROR(derive("X", 2, a, cx->rt->types[KIND_LIST])));
}

static void a_cell_follows_its_attribute(void **state) {
    (void)state;
    ObjType *a = AS_TYPE(derive("A", 0));
    ObjType *b = AS_TYPE(derive("B", 1, a));
    ObjStr *x = name("x");
    assert_int_equal(type_attr_cell(cx, b, x), 0);
    assert_true(IS_UNSET(type_lookup(cx, b, x)));
    assert_true(type_setattr(cx, a, x, value_from_int(1)));
    const uint32_t cell = type_attr_cell(cx, b, x);
    assert_int_not_equal(cell, 0);
    assert_int_equal(value_to_int(cx->rt->cells[cell]), 1);
    assert_true(type_setattr(cx, a, x, value_from_int(2)));
    assert_true(IS_UNSET(cx->rt->cells[cell]));
    assert_int_equal(value_to_int(type_lookup(cx, b, x)), 2);
    assert_int_equal(type_attr_cell(cx, b, x), cell);
    assert_int_equal(value_to_int(cx->rt->cells[cell]), 2);
    /* Hidden by the nearer class, and seen again. */
    assert_true(type_setattr(cx, b, x, value_from_int(3)));
    assert_int_equal(value_to_int(type_lookup(cx, b, x)), 3);
    assert_true(type_setattr(cx, b, x, VALUE_UNSET));
    assert_int_equal(value_to_int(type_lookup(cx, b, x)), 2);
    assert_true(type_setattr(cx, a, x, VALUE_UNSET));
    assert_true(IS_UNSET(type_lookup(cx, b, x)));
    assert_true(IS_UNSET(cx->rt->cells[cell]));
    assert_false(type_setattr(cx, a, x, VALUE_UNSET));
    assert_pending(EXC_AttributeError, "type object 'A' has no attribute 'x'");
}

static Value a_native(void) {
    return type_lookup(cx, cx->rt->types[KIND_LIST], name("append"));
}

static void a_cell_keeps_its_category(void **state) {
    (void)state;
    ObjType *a = AS_TYPE(derive("A", 0));
    ObjStr *x = name("x");
    assert_true(type_setattr(cx, a, x, value_from_int(1)));
    const uint32_t of_value = type_attr_cell(cx, a, x);
    assert_true(type_setattr(cx, a, x, a_native()));
    const uint32_t of_native = type_attr_cell(cx, a, x);
    assert_int_not_equal(of_native, of_value);
    assert_true(IS_UNSET(cx->rt->cells[of_value]));
    assert_true(cx->rt->cells[of_native] == a_native());
    assert_true(type_setattr(cx, a, x, value_from_int(2)));
    assert_true(IS_UNSET(cx->rt->cells[of_value]) ||
                type_attr_cell(cx, a, x) != of_native);
    assert_true(IS_UNSET(cx->rt->cells[of_native]));
}

static void special_methods_are_inherited_and_updated(void **state) {
    (void)state;
    ObjType *a = AS_TYPE(derive("A", 0));
    ObjType *b = AS_TYPE(derive("B", 1, a));
    assert_true(IS_UNSET(type_special(b, SPECIAL_len)));
    assert_true(type_setattr(cx, a, name("__len__"), a_native()));
    assert_true(type_special(a, SPECIAL_len) == a_native());
    assert_true(type_special(b, SPECIAL_len) == a_native());
    ObjType *c = AS_TYPE(derive("C", 1, b));
    assert_true(type_special(c, SPECIAL_len) == a_native());
    assert_true(type_setattr(cx, a, name("__len__"), VALUE_UNSET));
    assert_true(IS_UNSET(type_special(c, SPECIAL_len)));
    /* What KindOps do anyway is not special; what comes from another kind is. */
    ObjType *list = AS_TYPE(derive("L", 1, cx->rt->types[KIND_LIST]));
    assert_true(IS_UNSET(type_special(list, SPECIAL_repr)));
    const Value object_repr = type_lookup(cx, object_type(), name("__repr__"));
    assert_true(type_setattr(cx, list, name("__repr__"), object_repr));
    assert_true(type_special(list, SPECIAL_repr) == object_repr);
}

static Value new_instance(ObjType *type) {
    return type_call(cx, type, NULL, 0, VALUE_UNSET);
}

static void caches_are_told_slots_and_transitions(void **state) {
    (void)state;
    ObjType *type = AS_TYPE(derive("A", 0));
    const Value v = new_instance(type);
    ObjStr *x = name("x");
    const AttrPlace add = attr_cache_store(cx, v, x);
    assert_int_equal(add.kind, ATTR_TRANSITION);
    assert_int_equal(add.shape, obj_shape(AS_OBJ(v)));
    assert_true(value_setattr(cx, v, x, value_from_int(7)));
    assert_int_equal(obj_shape(AS_OBJ(v)), add.new_shape);
    const AttrPlace read = attr_cache_lookup(cx, v, x);
    assert_int_equal(read.kind, ATTR_SLOT);
    assert_int_equal(read.place, add.place);
    assert_int_equal(*(Value *)((char *)AS_OBJ(v) + read.place), value_from_int(7));
    assert_int_equal(attr_cache_store(cx, v, x).kind, ATTR_SLOT);
    /* A data descriptor of that name takes precedence. */
    const Value property = OBJ_VALUE(runtime_open_type(cx, KIND_PROPERTY));
    assert_true(type_setattr(cx, type, x, call_value(cx, property, NULL, 0)));
    assert_int_equal(attr_cache_lookup(cx, v, x).kind, ATTR_NONE);
    assert_int_equal(attr_cache_store(cx, v, x).kind, ATTR_NONE);
    assert_true(type_setattr(cx, type, x, VALUE_UNSET));
    assert_int_equal(attr_cache_lookup(cx, v, x).kind, ATTR_SLOT);
    assert_true(value_delattr(cx, v, x));
    assert_int_equal(attr_cache_lookup(cx, v, x).kind, ATTR_NONE);
    /* Hooks forbid both. */
    assert_true(type_setattr(cx, type, name("__setattr__"), a_native()));
    assert_int_equal(attr_cache_store(cx, v, name("y")).kind, ATTR_NONE);
    assert_true(type_setattr(cx, type, name("__getattribute__"), a_native()));
    assert_int_equal(attr_cache_lookup(cx, v, name("x")).kind, ATTR_NONE);
}

static void caches_are_told_cells(void **state) {
    (void)state;
    ObjType *type = AS_TYPE(derive("A", 0));
    const Value v = new_instance(type);
    const Value list = OBJ_VALUE(dict_new(cx, 0));
    assert_true(type_setattr(cx, type, name("v"), value_from_int(5)));
    assert_true(type_setattr(cx, type, name("n"), a_native()));
    const AttrPlace value = attr_cache_lookup(cx, v, name("v"));
    assert_int_equal(value.kind, ATTR_VALUE);
    assert_int_equal(cx->rt->cells[value.place], value_from_int(5));
    assert_int_equal(attr_cache_lookup(cx, v, name("n")).kind, ATTR_NATIVE);
    assert_int_equal(attr_cache_lookup(cx, list, name("keys")).kind, ATTR_NATIVE);
    assert_int_equal(attr_cache_lookup(cx, list, name("keys")).shape, KIND_DICT);
    assert_int_equal(attr_cache_lookup(cx, value_from_int(1), name("bit_length")).shape,
                     KIND_INT);
    assert_int_equal(attr_cache_lookup(cx, v, name("nosuch")).kind, ATTR_NONE);
    /* Read from the class: its own shape, and functions are not bound. */
    const AttrPlace from_class = attr_cache_lookup(cx, OBJ_VALUE(type), name("n"));
    assert_int_equal(from_class.kind, ATTR_VALUE);
    assert_int_equal(from_class.shape, obj_shape(&type->header));
    assert_int_not_equal(from_class.shape, KIND_TYPE);
    assert_int_equal(attr_cache_lookup(cx, OBJ_VALUE(type), name("__name__")).kind,
                     ATTR_NONE);
    /* A module: the cell is the global. */
    const AttrPlace global =
        attr_cache_lookup(cx, OBJ_VALUE(cx->rt->sys), name("maxsize"));
    assert_int_equal(global.kind, ATTR_VALUE);
    assert_int_equal(global.place, module_cell(cx, cx->rt->sys, name("maxsize")));
    /* An own attribute hides the class's; an object with a dict may get one at any
     * time. */
    assert_true(value_setattr(cx, v, name("v"), value_from_int(6)));
    assert_int_equal(attr_cache_lookup(cx, v, name("v")).kind, ATTR_SLOT);
    assert_non_null(instance_dict(cx, AS_OBJ(v)));
    assert_int_equal(attr_cache_lookup(cx, v, name("n")).kind, ATTR_NONE);
}

static void finish_functions_have_their_flag(void **state) {
    (void)state;
    for (int kind = 1; kind < KIND_COUNT; kind++) {
        if (kind_ops[kind] != NULL && kind_ops[kind]->finish != NULL) {
            assert_true(kind_flags[kind] & KF_FINISH);
        }
    }
}

static void late_types_are_there_when_asked_for(void **state) {
    (void)state;
    assert_non_null(runtime_open_type(cx, KIND_FROZENSET));
    assert_ptr_equal(runtime_open_type(cx, KIND_FROZENSET), cx->rt->types[KIND_FROZENSET]);
    assert_true(runtime_open_late_types(cx));
    for (int kind = 1; kind < KIND_COUNT; kind++) {
        if (kind_flags[kind] & KF_LATE) {
            assert_non_null(cx->rt->types[kind]);
        }
    }
}

static void built_in_types_fill_themselves(void **state) {
    (void)state;
    assert_true(runtime_open_late_types(cx));
    for (int kind = 1; kind < KIND_COUNT; kind++) {
        ObjType *type = cx->rt->types[kind];
        if (type == NULL) {
            assert_true(kind_flags[kind] & (KF_INTERNAL | KF_MODULE));
            continue;
        }
        assert_non_null(type_attributes(cx, type));
        assert_false(type->type_flags & TYPE_FLAG_LAZY);
        assert_false(IS_UNSET(type_lookup(cx, type, name("__repr__"))));
        assert_false(IS_UNSET(type_lookup(cx, type, name("__class__"))));
        assert_int_equal(type->layout, kind);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_is_c3),
        cmocka_unit_test(bad_bases_are_refused),
        cmocka_unit_test(a_cell_follows_its_attribute),
        cmocka_unit_test(a_cell_keeps_its_category),
        cmocka_unit_test(special_methods_are_inherited_and_updated),
        cmocka_unit_test(caches_are_told_slots_and_transitions),
        cmocka_unit_test(caches_are_told_cells),
        cmocka_unit_test(finish_functions_have_their_flag),
        cmocka_unit_test(late_types_are_there_when_asked_for),
        cmocka_unit_test(built_in_types_fill_themselves),
    };
    return cmocka_run_group_tests(tests, open_interp, close_interp);
}
