/* mod_collections.c - the module _collections: deque, defaultdict and what Counter counts
 * with.
 *
 * defaultdict is a class derived from dict whose methods are written in C; its factory is
 * an attribute of the instance. */

#include "runtime/base/buf.h"
#include "runtime/call.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/dict_table.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/type_internal.h"

static ObjStr *factory_name(Context *cx) {
    return str_intern(cx, "default_factory", strlen("default_factory"));
}

/* The factory of a defaultdict, VALUE_NONE when it has none. */
static Value factory_of(Context *cx, Value v) {
    ObjStr *name = factory_name(cx);
    const Value factory =
        name == NULL ? VALUE_NONE : instance_get_own(cx, AS_OBJ(v), name);
    return IS_UNSET(factory) ? VALUE_NONE : factory;
}

NATIVE(defaultdict_init, "__init__(self, /, *args, **kwargs)",
       "defaultdict(default_factory=None, /, [...])") {
    const Value factory = n_args > 1 ? args[1] : VALUE_NONE;
    const Value kwargs = args[-1];
    ObjStr *name = factory_name(cx);
    if (!IS_NONE(factory) && !value_is_callable(cx, factory)) {
        return exc_raise(cx, EXC_TypeError, "first argument must be callable or None");
    }
    if (n_args > 3) {
        return exc_raise(cx, EXC_TypeError, "dict expected at most 1 argument, got %d",
                         n_args - 2);
    }
    if (name == NULL || !instance_set_own(cx, AS_OBJ(args[0]), name, factory) ||
        (n_args > 2 && !dict_update(cx, AS_DICT(args[0]), args[2])) ||
        (!IS_UNSET(kwargs) && !dict_update(cx, AS_DICT(args[0]), kwargs))) {
        return VALUE_ERROR;
    }
    return VALUE_NONE;
}

NATIVE(defaultdict_missing, "__missing__(self, key, /)",
       "Called for a key that is not there: sets and returns default_factory().") {
    const Value factory = factory_of(cx, args[0]);
    if (IS_NONE(factory)) {
        return exc_raise_value(cx, EXC_KeyError, args[1]);
    }
    const Value value = call_value(cx, factory, NULL, 0);
    if (IS_ERROR(value)) {
        return VALUE_ERROR;
    }
    /* When two threads miss the same key at once both get the value that is kept. */
    if (type_of(cx, args[0])->layout == KIND_DICT && cx->is_parallel) {
        return dict_setdefault(cx, AS_DICT(args[0]), args[1], value);
    }
    return value_setitem(cx, args[0], args[1], value) ? value : VALUE_ERROR;
}

NATIVE(defaultdict_repr, "__repr__(self, /)", "Return repr(self).") {
    const Value factory = factory_of(cx, args[0]);
    const int is_inside = value_repr_enter(cx, args[0]);
    if (is_inside < 0) {
        return VALUE_ERROR;
    }
    Value first = VALUE_NONE;
    if (is_inside == 0) {
        first = value_repr(cx, factory);
        value_repr_leave(cx, args[0]);
    } else {
        ObjStr *text = str_from_c(cx, "...");
        first = text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    }
    const Value items = IS_ERROR(first) ? first : kind_ops[KIND_DICT]->repr(cx, args[0]);
    if (IS_ERROR(items)) {
        return VALUE_ERROR;
    }
    const ObjStr *name = type_of(cx, args[0])->name;
    ObjStr *text = str_format_c(cx, "%.*s(%.*s, %.*s)", (int)name->n_bytes, name->data,
                                (int)AS_STR(first)->n_bytes, AS_STR(first)->data,
                                (int)AS_STR(items)->n_bytes, AS_STR(items)->data);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* type(self)(default_factory, items) */
static Value copy_with(Context *cx, Value self, Value items) {
    const Value args[] = {factory_of(cx, self), items};
    return type_call(cx, type_of(cx, self), args, 2, VALUE_UNSET);
}

NATIVE(defaultdict_copy, "copy(self, /)", "Return a shallow copy.") {
    return copy_with(cx, args[0], args[0]);
}

NATIVE(defaultdict_copy_special, "__copy__(self, /)", "Return a shallow copy.") {
    return copy_with(cx, args[0], args[0]);
}

NATIVE(defaultdict_reduce, "__reduce__(self, /)", "Return what pickle and copy need.") {
    const Value factory = factory_of(cx, args[0]);
    const Value arguments =
        IS_NONE(factory) ? cx->rt->empty_tuple : tuple_from(cx, &factory, 1);
    const Value items =
        IS_ERROR(arguments) ? VALUE_ERROR : dict_items(cx, AS_DICT(args[0]));
    const Value iterator = IS_ERROR(items) ? VALUE_ERROR : value_iter(cx, items);
    const Value all[] = {OBJ_VALUE(type_of(cx, args[0])), arguments, VALUE_NONE,
                         VALUE_NONE, iterator};
    return IS_ERROR(iterator) ? VALUE_ERROR : tuple_from(cx, all, 5);
}

static Value merged(Context *cx, Value like, Value first, Value second) {
    if (!IS_DICT(first) || !IS_DICT(second)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const Value both = copy_with(cx, like, first);
    return IS_ERROR(both) || !IS_DICT(both) || dict_update(cx, AS_DICT(both), second)
               ? both
               : VALUE_ERROR;
}

NATIVE(defaultdict_or, "__or__(self, value, /)", "Return self|value.") {
    return merged(cx, args[0], args[0], args[1]);
}

NATIVE(defaultdict_ror, "__ror__(self, value, /)", "Return value|self.") {
    return merged(cx, args[0], args[1], args[0]);
}

static const NativeDef defaultdict_methods[] = {
    NATIVE_ENTRY(defaultdict_init),
    NATIVE_ENTRY(defaultdict_missing),
    NATIVE_ENTRY(defaultdict_repr),
    NATIVE_ENTRY(defaultdict_copy),
    NATIVE_ENTRY(defaultdict_reduce),
    NATIVE_ENTRY(defaultdict_copy_special),
    NATIVE_ENTRY(defaultdict_or),
    NATIVE_ENTRY(defaultdict_ror),
    {0},
};

/* A class whose methods are native functions. */
static ObjType *class_of_natives(Context *cx, const char *home, const char *name,
                                 ObjType *base, const NativeDef *methods,
                                 const char *doc) {
    ObjDict *attributes = dict_new(cx, 0);
    ObjStr *class_name = str_intern(cx, name, strlen(name));
    ObjStr *home_name = str_intern(cx, home, strlen(home));
    ObjStr *text = str_from_c(cx, doc);
    const Value base_value = OBJ_VALUE(base);
    const Value bases = tuple_from(cx, &base_value, 1);
    if (attributes == NULL || class_name == NULL || home_name == NULL || text == NULL ||
        IS_ERROR(bases) ||
        !dict_set_str(cx, attributes, context_name(cx, NAME_module_),
                      OBJ_VALUE(home_name)) ||
        !dict_set_str(cx, attributes, context_name(cx, NAME_doc_), OBJ_VALUE(text))) {
        return NULL;
    }
    const Value type = type_new(cx, cx->rt->types[KIND_TYPE], class_name, AS_TUPLE(bases),
                                attributes, VALUE_UNSET);
    if (IS_ERROR(type)) {
        return NULL;
    }
    for (const NativeDef *def = methods; def->signature != NULL; def++) {
        const Value native = native_new(cx, def, AS_TYPE(type), VALUE_UNSET);
        if (IS_ERROR(native) ||
            !type_setattr(cx, AS_TYPE(type), AS_NATIVE(native)->name, native)) {
            return NULL;
        }
    }
    return type_set_home(cx, AS_TYPE(type), home_name) ? AS_TYPE(type) : NULL;
}

/* Counting for Counter: mapping[item] += 1 for each item. */

static bool count_one(Context *cx, Obj *counts, Value item) {
    ObjDict *dict = (ObjDict *)counts;
    const Value count = dict_get(cx, dict, item);
    if (IS_ERROR(count)) {
        return false;
    }
    const Value one = value_from_int(1);
    const Value more = IS_UNSET(count) ? one
                       : IS_INT(count) && value_to_int(count) < VALUE_INT_MAX
                           ? value_from_int(value_to_int(count) + 1)
                           : value_binary(cx, BINARY_ADD, count, one);
    return !IS_ERROR(more) && dict_set(cx, dict, item, more);
}

NATIVE(collections_count_elements, "_count_elements(mapping, iterable, /)",
       "Count the items of an iterable in the dict mapping.") {
    if (!IS_DICT(args[0])) {
        return exc_raise(cx, EXC_TypeError, "mapping must be a dict, not %s",
                         type_name_of(cx, args[0]));
    }
    return iter_each(cx, args[1], count_one, AS_OBJ(args[0])) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(collections_move_last, "_move_last(dict, key, /)", "Make a key of the dict the last one.") {
    Value key;
    Value value;
    if (!IS_DICT(args[0])) {
        return exc_raise(cx, EXC_TypeError, "_move_last() takes a dict, not %s", type_name_of(cx, args[0]));
    }
    const int was_there = dict_take(cx, AS_DICT(args[0]), args[1], &key, &value);
    if (was_there <= 0) {
        return was_there < 0 ? VALUE_ERROR : exc_raise_value(cx, EXC_KeyError, args[1]);
    }
    return dict_set(cx, AS_DICT(args[0]), key, value) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(collections_set_home, "_set_home(type, module, /)",
       "Let messages call a class by its module, as they do where CPython has it in C.") {
    if (!IS_TYPE(args[0]) || !IS_STR(args[1])) {
        return exc_raise(cx, EXC_TypeError, "_set_home() takes a class and a str");
    }
    return type_set_home(cx, AS_TYPE(args[0]), AS_STR(args[1])) ? args[0] : VALUE_ERROR;
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(collections_count_elements),
    NATIVE_ENTRY(collections_move_last),
    NATIVE_ENTRY(collections_set_home),
    {0},
};

bool mod_collections_open(Context *cx, ObjModule *module) {
    ObjType *defaultdict = class_of_natives(
        cx, "collections", "defaultdict", cx->rt->types[KIND_DICT], defaultdict_methods,
        "defaultdict(default_factory=None, /, [...]) --> dict with default factory");
    return defaultdict != NULL &&
           module_set_c(cx, module, "defaultdict", OBJ_VALUE(defaultdict)) &&
           module_add_type(cx, module, KIND_DEQUE, "collections") &&
           module_add_type(cx, module, KIND_DEQUE_ITER, "collections") &&
           module_add_type(cx, module, KIND_DEQUE_REVITER, "collections") &&
           module_add_type(cx, module, KIND_TUPLE_FIELD, "collections") &&
           module_add_natives(cx, module, functions);
}
