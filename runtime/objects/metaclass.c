/* metaclass.c - which class a class is an instance of, and what that one does when a
 * class is made.
 *
 * A class statement runs in these steps:
 *   1. bases that are no classes are replaced by what their __mro_entries__ gives;
 *   2. the metaclass is the one given or that of the first base, or the most derived one
 *      of all bases;
 *   3. its __prepare__ makes the namespace, in which the body runs;
 *   4. it is called with name, bases and namespace. type.__new__ (type_new) makes the
 *      class out of a copy of the namespace.
 *
 * See also: type_new.c. */

#include "runtime/objects/mapping_proxy.h"
#include "runtime/objects/metaclass.h"

#include "runtime/base/buf.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"

#define NAME_ARGS(name) (int)(name)->n_bytes, (name)->data

/* The most derived of metatype and the classes of the bases; NULL with TypeError when
 * there is none. */
static ObjType *winner_of(Context *cx, ObjType *metatype, const ObjTuple *bases) {
    ObjType *winner = metatype;
    for (size_t i = 0; i < bases->n; i++) {
        ObjType *other = type_of(cx, bases->items[i]);
        if (type_is_subtype(winner, other)) {
            continue;
        }
        if (!type_is_subtype(other, winner)) {
            exc_raise(cx, EXC_TypeError,
                      "metaclass conflict: the metaclass of a derived class must be a "
                      "(non-strict) subclass of the metaclasses of all its bases");
            return NULL;
        }
        winner = other;
    }
    return winner;
}

/* Making a class by a call */

static bool check_arguments(Context *cx, const Value *args) {
    static const char *const expected[] = {"str", "tuple", "dict"};
    const bool is_right[] = {IS_STR(args[0]), IS_TUPLE(args[1]), IS_DICT(args[2])};
    for (int i = 0; i < 3; i++) {
        if (!is_right[i]) {
            exc_raise(cx, EXC_TypeError, "type.__new__() argument %d must be %s, not %s",
                      i + 1, expected[i], arg_type_name(cx, args[i]));
            return false;
        }
    }
    if (memchr(AS_STR(args[0])->data, 0, AS_STR(args[0])->n_bytes) != NULL) {
        exc_raise(cx, EXC_ValueError, "type name must not contain null characters");
        return false;
    }
    return true;
}

/* Bases that only a class statement could resolve. */
static bool check_resolved(Context *cx, const ObjTuple *bases) {
    for (size_t i = 0; i < bases->n; i++) {
        if (IS_TYPE(bases->items[i])) {
            continue;
        }
        const Value entries = value_getattr_or_unset(cx, bases->items[i],
                                                     context_name(cx, NAME_mro_entries_));
        if (!IS_UNSET(entries)) {
            if (!IS_ERROR(entries)) {
                exc_raise(cx, EXC_TypeError,
                          "type() doesn't support MRO entry resolution; use "
                          "types.new_class()");
            }
            return false;
        }
    }
    return true;
}

/* The bases' metaclass is more derived and has a __new__ of its own, which is asked. */
static Value call_other_new(Context *cx, ObjType *winner, const Value *args, Value kwargs) {
    ObjTuple *all = tuple_new(cx, 4);
    if (all == NULL) {
        return VALUE_ERROR;
    }
    all->items[0] = OBJ_VALUE(winner);
    memcpy(all->items + 1, args, 3 * sizeof *args);
    return call_value_kw(cx, type_special(winner, SPECIAL_new), all->items, 4, kwargs);
}

Value metaclass_construct(Context *cx, ObjType *metatype, const Value *args, int n_args,
                          Value kwargs) {
    if (n_args != 3) {
        return exc_raise(cx, EXC_TypeError,
                         "type.__new__() takes exactly 3 arguments (%d given)", n_args);
    }
    if (!check_arguments(cx, args) || !check_resolved(cx, AS_TUPLE(args[1]))) {
        return VALUE_ERROR;
    }
    ObjType *winner = winner_of(cx, metatype, AS_TUPLE(args[1]));
    if (winner == NULL) {
        return VALUE_ERROR;
    }
    if (winner != metatype && !IS_UNSET(type_special(winner, SPECIAL_new))) {
        return call_other_new(cx, winner, args, kwargs);
    }
    ObjStr *name = str_intern_obj(cx, AS_STR(args[0]));
    ObjDict *attributes = name == NULL ? NULL : dict_copy(cx, AS_DICT(args[2]));
    return attributes == NULL ? VALUE_ERROR
                              : type_new(cx, winner, name, AS_TUPLE(args[1]), attributes,
                                         kwargs);
}

Value metaclass_call_type(Context *cx, const Value *args, int n_args, Value kwargs) {
    if (n_args == 1 && IS_UNSET(kwargs)) {
        return OBJ_VALUE(type_of(cx, args[0]));
    }
    if (n_args != 3) {
        return exc_raise(cx, EXC_TypeError, "type() takes 1 or 3 arguments");
    }
    const Value type =
        metaclass_construct(cx, cx->rt->types[KIND_TYPE], args, n_args, kwargs);
    /* A more derived metaclass has its __init__ called, too. */
    if (IS_TYPE(type) && type_has(AS_TYPE(type), TYPE_FLAG_META)) {
        const Value init = value_getattr(cx, type, context_name(cx, NAME_init));
        const Value of_metatype =
            type_special(type_of(cx, type), SPECIAL_init);
        if (IS_ERROR(init) || IS_NATIVE(of_metatype)) {
            return IS_ERROR(init) ? VALUE_ERROR : type;
        }
        const Value bound = value_bind_special(cx, of_metatype, type);
        if (IS_ERROR(bound) || IS_ERROR(call_value_kw(cx, bound, args, n_args, kwargs))) {
            return VALUE_ERROR;
        }
    }
    return type;
}

bool metaclass_set(Context *cx, ObjType *type, ObjType *metatype) {
    const Shape *shape = shape_new_root(cx, metatype, KIND_TYPE, 0, SHAPE_FLAG_NO_SLOTS);
    if (shape != NULL) {
        atomic_store_release(&type->header.shape, shape->id);
    }
    return shape != NULL;
}

/* The class statement */

/* Appends what stands for one base. */
static bool add_base(Context *cx, ObjList *resolved, Value base, ObjTuple *bases,
                     bool *is_changed) {
    if (IS_TYPE(base)) {
        return list_append(cx, resolved, base);
    }
    const Value entries =
        value_getattr_or_unset(cx, base, context_name(cx, NAME_mro_entries_));
    if (IS_UNSET(entries) || IS_ERROR(entries)) {
        return !IS_ERROR(entries) && list_append(cx, resolved, base);
    }
    *is_changed = true;
    const Value arg = OBJ_VALUE(bases);
    const Value others = call_value(cx, entries, &arg, 1);
    if (IS_ERROR(others)) {
        return false;
    }
    if (!IS_TUPLE(others)) {
        exc_raise(cx, EXC_TypeError, "__mro_entries__ must return a tuple");
        return false;
    }
    return list_extend(cx, resolved, others);
}

/* NULL with an exception pending. */
static ObjTuple *resolve_bases(Context *cx, ObjTuple *bases) {
    size_t n_types = 0;
    while (n_types < bases->n && IS_TYPE(bases->items[n_types])) {
        n_types++;
    }
    if (n_types == bases->n) {
        return bases;
    }
    ObjList *resolved = list_new(cx, bases->n);
    bool is_changed = false;
    for (size_t i = 0; i < bases->n; i++) {
        if (resolved == NULL ||
            !add_base(cx, resolved, bases->items[i], bases, &is_changed)) {
            return NULL;
        }
    }
    const Value tuple = is_changed ? list_to_tuple(cx, resolved) : OBJ_VALUE(bases);
    return IS_ERROR(tuple) ? NULL : AS_TUPLE(tuple);
}

/* The metaclass, which is taken out of *kwargs; VALUE_ERROR. Any callable may stand
 * there. */
static Value find_metaclass(Context *cx, const ObjTuple *bases, Value *kwargs) {
    ObjStr *key = context_name(cx, NAME_plain_metaclass);
    Value metaclass =
        IS_UNSET(*kwargs) ? VALUE_UNSET : dict_get_str(AS_DICT(*kwargs), key);
    if (!IS_UNSET(metaclass)) {
        ObjDict *rest = dict_copy(cx, AS_DICT(*kwargs));
        if (rest == NULL || dict_delete_str(cx, rest, key) < 0) {
            return VALUE_ERROR;
        }
        *kwargs = dict_length(rest) == 0 ? VALUE_UNSET : OBJ_VALUE(rest);
    } else if (bases->n > 0) {
        metaclass = OBJ_VALUE(type_of(cx, bases->items[0]));
    } else {
        metaclass = OBJ_VALUE(cx->rt->types[KIND_TYPE]);
    }
    if (!IS_TYPE(metaclass)) {
        return metaclass;
    }
    ObjType *winner = winner_of(cx, AS_TYPE(metaclass), bases);
    return winner == NULL ? VALUE_ERROR : OBJ_VALUE(winner);
}

static Value prepare(Context *cx, Value metaclass, ObjStr *name, ObjTuple *bases,
                     Value kwargs) {
    const Value method =
        metaclass == OBJ_VALUE(cx->rt->types[KIND_TYPE])
            ? VALUE_UNSET
            : value_getattr_or_unset(cx, metaclass, context_name(cx, NAME_prepare_));
    if (IS_UNSET(method)) {
        ObjDict *names = dict_new(cx, 8);
        return names == NULL ? VALUE_ERROR : OBJ_VALUE(names);
    }
    const Value args[] = {OBJ_VALUE(name), OBJ_VALUE(bases)};
    const Value names =
        IS_ERROR(method) ? VALUE_ERROR : call_value_kw(cx, method, args, 2, kwargs);
    if (IS_ERROR(names) || IS_DICT(names) || IS_MAPPING_VIEW(names) ||
        !IS_UNSET(type_special(type_of(cx, names), SPECIAL_getitem))) {
        return names;
    }
    return exc_raise(cx, EXC_TypeError, "%s.__prepare__() must return a mapping, not %s",
                     IS_TYPE(metaclass) ? type_name_c(cx, AS_TYPE(metaclass))
                                        : "<metaclass>",
                     type_name_of(cx, names));
}

/* Whether the metaclass handed the cell for __class__ on. */
static bool check_class_cell(Context *cx, ObjStr *name, Value cell, Value class) {
    if (!IS_KIND(cell, KIND_CELL) || !IS_TYPE(class)) {
        return true;
    }
    const Value defined = value_load(&((ObjCell *)AS_OBJ(cell))->value);
    if (defined == class) {
        return true;
    }
    const Value text = value_repr(cx, class);
    const Value other = IS_ERROR(text) || IS_UNSET(defined) ? text : value_repr(cx, defined);
    if (IS_ERROR(other)) {
        return false;
    }
    if (IS_UNSET(defined)) {
        exc_raise(cx, EXC_RuntimeError,
                  "__class__ not set defining '%.*s' as %.*s. Was __classcell__ "
                  "propagated to type.__new__?",
                  NAME_ARGS(name), NAME_ARGS(AS_STR(text)));
    } else {
        exc_raise(cx, EXC_TypeError, "__class__ set to %.*s defining '%.*s' as %.*s",
                  NAME_ARGS(AS_STR(other)), NAME_ARGS(name), NAME_ARGS(AS_STR(text)));
    }
    return false;
}

/* Fills the namespace. The result is the cell for __class__ or None. */
static Value run_body(Context *cx, Value body, Value names, ObjTuple *original,
                      const ObjTuple *bases) {
    const Value cell = call_value(cx, body, &names, 1);
    const bool is_ok =
        !IS_ERROR(cell) &&
        (original == bases ||
         value_setitem(cx, names, OBJ_VALUE(context_name(cx, NAME_orig_bases_)),
                       OBJ_VALUE(original))) &&
        (!IS_KIND(cell, KIND_CELL) ||
         value_setitem(cx, names, OBJ_VALUE(context_name(cx, NAME_classcell_)), cell));
    return is_ok ? cell : VALUE_ERROR;
}

Value metaclass_build(Context *cx, Value body, ObjStr *name, ObjTuple *original,
                      Value kwargs) {
    ObjTuple *bases = resolve_bases(cx, original);
    const Value metaclass = bases == NULL ? VALUE_ERROR : find_metaclass(cx, bases, &kwargs);
    const Value names =
        IS_ERROR(metaclass) ? VALUE_ERROR : prepare(cx, metaclass, name, bases, kwargs);
    const Value cell =
        IS_ERROR(names) ? VALUE_ERROR : run_body(cx, body, names, original, bases);
    if (IS_ERROR(cell)) {
        return VALUE_ERROR;
    }
    ObjType *plain = cx->rt->types[KIND_TYPE];
    if (LIKELY(metaclass == OBJ_VALUE(plain))) { /* nobody else sees the namespace */
        return type_new(cx, plain, name, bases, AS_DICT(names), kwargs);
    }
    const Value args[] = {OBJ_VALUE(name), OBJ_VALUE(bases), names};
    const Value class = call_value_kw(cx, metaclass, args, 3, kwargs);
    return !IS_ERROR(class) && check_class_cell(cx, name, cell, class) ? class
                                                                       : VALUE_ERROR;
}

/* Abstract classes */

Value metaclass_raise_abstract(Context *cx, ObjType *type) {
    const Value methods = value_getattr(cx, OBJ_VALUE(type),
                                        context_name(cx, NAME_abstractmethods_));
    const Value names = IS_ERROR(methods) ? VALUE_ERROR : list_from_iterable(cx, methods);
    if (IS_ERROR(names) || !list_sort(cx, AS_LIST(names), VALUE_NONE, false)) {
        return VALUE_ERROR;
    }
    Buf joined = {0};
    Value name;
    size_t n = 0;
    for (; !IS_UNSET(name = list_peek(AS_LIST(names), n)); n++) {
        if (IS_STR(name)) {
            buf_add_text(&joined, n == 0 ? "'" : ", '");
            buf_add(&joined, AS_STR(name)->data, AS_STR(name)->n_bytes);
            buf_add_byte(&joined, '\'');
        }
    }
    exc_raise(cx, EXC_TypeError,
              "Can't instantiate abstract class %s without an implementation for abstract "
              "method%s %s",
              type_name_c(cx, type), n == 1 ? "" : "s", buf_text(&joined));
    buf_free(&joined);
    return VALUE_ERROR;
}
