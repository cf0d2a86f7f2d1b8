/* type_new.c - making classes and calling them.
 *
 * The order of base classes is the C3 linearization (Barrett et al. 1996): repeatedly
 * take the first head of the bases' orders that stands in no other's tail.
 *
 * See also: type.c (built-in types), type_attr.c (attributes). */

#include "runtime/base/buf.h"
#include "runtime/base/mem.h"
#include "runtime/call.h"
#include "runtime/gc/alloc.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/array.h"
#include "runtime/objects/descriptors.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/list.h"
#include "runtime/objects/member.h"
#include "runtime/objects/metaclass.h"
#include "runtime/objects/module.h"
#include "runtime/objects/type_internal.h"

#define NAME_ARGS(name) (int)(name)->n_bytes, (name)->data

/* Bases */

bool type_check_bases(Context *cx, const ObjTuple *bases) {
    for (size_t i = 0; i < bases->n; i++) {
        const Value base = bases->items[i];
        if (!IS_TYPE(base)) {
            exc_raise(cx, EXC_TypeError, "bases must be types");
            return false;
        }
        const ObjType *type = AS_TYPE(base);
        if (type_has(type, TYPE_FLAG_FINAL) ||
            !(kind_flags[type->layout] & KF_SUBCLASS)) {
            exc_raise(cx, EXC_TypeError, "type '%s' is not an acceptable base type",
                      type_name_c(cx, type));
            return false;
        }
        for (size_t k = 0; k < i; k++) {
            if (bases->items[k] == base) {
                exc_raise(cx, EXC_TypeError, "duplicate base class %s",
                          type_name_c(cx, type));
                return false;
            }
        }
    }
    return true;
}

ObjType *type_best_base(Context *cx, const ObjTuple *bases) {
    ObjType *best = AS_TYPE(bases->items[0]);
    const ObjType *winner = member_solid_base(best);
    for (size_t i = 1; i < bases->n; i++) {
        const ObjType *solid = member_solid_base(AS_TYPE(bases->items[i]));
        if (type_is_subtype(winner, solid)) {
            continue;
        }
        if (!type_is_subtype(solid, winner)) {
            exc_raise(cx, EXC_TypeError, "multiple bases have instance lay-out conflict");
            return NULL;
        }
        best = AS_TYPE(bases->items[i]);
        winner = solid;
    }
    return best;
}

/* C3: the orders of the bases, and the bases themselves, each with how much of it is
 * taken. */

typedef struct Merge {
    const ObjTuple **orders;
    size_t *taken;
    size_t n;
} Merge;

static bool stands_in_a_tail(const Merge *merge, Value candidate) {
    for (size_t i = 0; i < merge->n; i++) {
        for (size_t k = merge->taken[i] + 1; k < merge->orders[i]->n; k++) {
            if (merge->orders[i]->items[k] == candidate) {
                return true;
            }
        }
    }
    return false;
}

/* The next class of the order; VALUE_UNSET when all are taken, VALUE_ERROR when no head
 * can be. */
static Value take_next(Merge *merge) {
    bool is_empty = true;
    Value refused = VALUE_UNSET; /* mostly `object`, the head of all orders that are nearly done */
    for (size_t i = 0; i < merge->n; i++) {
        if (merge->taken[i] == merge->orders[i]->n) {
            continue;
        }
        is_empty = false;
        const Value candidate = merge->orders[i]->items[merge->taken[i]];
        if (candidate == refused || stands_in_a_tail(merge, candidate)) {
            refused = candidate;
            continue;
        }
        for (size_t k = 0; k < merge->n; k++) {
            const size_t at = merge->taken[k];
            merge->taken[k] +=
                at < merge->orders[k]->n && merge->orders[k]->items[at] == candidate;
        }
        return candidate;
    }
    return is_empty ? VALUE_UNSET : VALUE_ERROR;
}

static void raise_no_order(Context *cx, const Merge *merge) {
    Buf names = {0};
    for (size_t i = 0; i < merge->n; i++) {
        if (merge->taken[i] == merge->orders[i]->n) {
            continue;
        }
        const Value head = merge->orders[i]->items[merge->taken[i]];
        bool is_known = false;
        for (size_t k = 0; k < i && !is_known; k++) {
            is_known = merge->taken[k] < merge->orders[k]->n &&
                       merge->orders[k]->items[merge->taken[k]] == head;
        }
        if (!is_known) {
            buf_add_format(&names, "%s%s", names.n_bytes == 0 ? "" : ", ",
                           type_name_c(cx, AS_TYPE(head)));
        }
    }
    exc_raise(cx, EXC_TypeError,
              "Cannot create a consistent method resolution order (MRO) for bases %s",
              buf_text(&names));
    buf_free(&names);
}

ObjTuple *type_c3_order(Context *cx, ObjType *type, const ObjTuple *bases, bool may_raise) {
    Merge merge = {.n = bases->n + 1};
    merge.orders = mem_alloc_zeroed(merge.n, sizeof *merge.orders);
    merge.taken = mem_alloc_zeroed(merge.n, sizeof *merge.taken);
    for (size_t i = 0; i < bases->n; i++) {
        merge.orders[i] = AS_TYPE(bases->items[i])->mro;
    }
    merge.orders[bases->n] = bases;
    ObjList *order = list_new(cx, 8);
    bool is_ok = order != NULL && list_append(cx, order, OBJ_VALUE(type));
    while (is_ok) {
        const Value next = take_next(&merge);
        if (IS_UNSET(next)) {
            break;
        }
        is_ok = !IS_ERROR(next) && list_append(cx, order, next);
        if (IS_ERROR(next) && may_raise) {
            raise_no_order(cx, &merge);
        }
    }
    mem_free(merge.orders);
    mem_free(merge.taken);
    const Value tuple = is_ok ? list_to_tuple(cx, order) : VALUE_ERROR;
    return IS_ERROR(tuple) ? NULL : AS_TUPLE(tuple);
}

/* The namespace of the class body */

static bool wrap_function(Context *cx, ObjDict *attributes, NameId id, ObjKind wrapper) {
    const Value v = dict_get_str(attributes, context_name(cx, id));
    if (!IS_FUNCTION(v)) {
        return true;
    }
    const Value wrapped = wrapper_new(cx, wrapper, v);
    return !IS_ERROR(wrapped) &&
           dict_set_str(cx, attributes, context_name(cx, id), wrapped);
}

static bool set_default(Context *cx, ObjDict *attributes, NameId id, Value value) {
    ObjStr *name = context_name(cx, id);
    return !IS_UNSET(dict_get_str(attributes, name)) ||
           dict_set_str(cx, attributes, name, value);
}

static bool take_qualname(Context *cx, ObjType *type, ObjDict *attributes) {
    const Value qualname = dict_get_str(attributes, context_name(cx, NAME_qualname_));
    if (IS_UNSET(qualname)) {
        return true;
    }
    if (!IS_STR(qualname)) {
        exc_raise(cx, EXC_TypeError, "type __qualname__ must be a str, not %s",
                  type_name_of(cx, qualname));
        return false;
    }
    type->qualname = AS_STR(qualname);
    return dict_delete_str(cx, attributes, context_name(cx, NAME_qualname_)) >= 0;
}

/* The cell in which methods find __class__: it holds the class before anything of the
 * script runs that could ask for it. */
static bool take_class_cell(Context *cx, ObjType *type, ObjDict *attributes) {
    ObjStr *name = context_name(cx, NAME_classcell_);
    const Value cell = dict_get_str(attributes, name);
    if (IS_UNSET(cell)) {
        return true;
    }
    if (!IS_KIND(cell, KIND_CELL)) {
        exc_raise(cx, EXC_TypeError,
                  "type.__new__(): __classcell__ must be a nonlocal cell, not %s",
                  type_name_of(cx, cell));
        return false;
    }
    value_store(&((ObjCell *)AS_OBJ(cell))->value, OBJ_VALUE(type));
    return dict_delete_str(cx, attributes, name) >= 0;
}

static bool complete_attributes(Context *cx, ObjDict *attributes) {
    /* A class made by type(name, bases, dict) belongs to the module that calls it. */
    const bool knows_module =
        !IS_UNSET(dict_get_str(attributes, context_name(cx, NAME_module_)));
    ObjModule *module = knows_module ? NULL : call_current_globals(cx);
    const Value module_name = module == NULL
                                  ? VALUE_UNSET
                                  : module_get(cx, module, context_name(cx, NAME_name_));
    const bool is_unhashable =
        !IS_UNSET(dict_get_str(attributes, context_name(cx, NAME_eq)));
    return wrap_function(cx, attributes, NAME_new, KIND_STATICMETHOD) &&
           wrap_function(cx, attributes, NAME_init_subclass, KIND_CLASSMETHOD) &&
           wrap_function(cx, attributes, NAME_class_getitem, KIND_CLASSMETHOD) &&
           (IS_UNSET(module_name) ||
            set_default(cx, attributes, NAME_module_, module_name)) &&
           (!is_unhashable || set_default(cx, attributes, NAME_hash, VALUE_NONE));
}

/* What happens when the class is there */

static bool register_with_bases(Context *cx, ObjType *type) {
    const bool is_locked = shape_tables_lock(cx);
    bool is_ok = true;
    for (size_t i = 0; i < type->bases->n && is_ok; i++) {
        is_ok = list_append(cx, AS_LIST(AS_TYPE(type->bases->items[i])->subclasses),
                            OBJ_VALUE(type));
    }
    shape_tables_unlock(cx, is_locked);
    return is_ok;
}

/* Always false, with the exception pending. */
static bool note_failed_set_name(Context *cx, const ObjType *type, Value name, Value v) {
    const Value exception = exc_take(cx);
    ObjStr *note =
        IS_STR(name) ? str_format_c(cx, "Error calling __set_name__ on '%s' instance '%.*s' in '%.*s'",
                                    type_name_of(cx, v), NAME_ARGS(AS_STR(name)),
                                    NAME_ARGS(type->name))
                     : NULL;
    if (note != NULL && !exc_add_note(cx, exception, OBJ_VALUE(note))) {
        exc_take(cx);
    }
    cx->pending = exception;
    return false;
}

static bool call_set_name(Context *cx, ObjType *type, Value name, Value v) {
    const Value method = type_special(type_of(cx, v), SPECIAL_set_name);
    if (IS_UNSET(method)) {
        return true;
    }
    const Value args[] = {OBJ_VALUE(type), name};
    return !IS_ERROR(call_method(cx, method, v, args, 2)) ||
           note_failed_set_name(cx, type, name, v);
}

static bool call_set_names(Context *cx, ObjType *type) {
    const ObjDictTable *table = dict_table(type->attributes);
    size_t position = 0;
    Value name;
    Value v;
    while (dict_table_next(table, &position, &name, &v)) {
        if (IS_OBJ(v) && !call_set_name(cx, type, name, v)) {
            return false;
        }
    }
    return true;
}

static bool call_init_subclass(Context *cx, ObjType *type, Value kwargs) {
    const Value method =
        type_lookup_super(cx, type, type, context_name(cx, NAME_init_subclass));
    const bool has_kwargs = !IS_UNSET(kwargs) && dict_length(AS_DICT(kwargs)) > 0;
    if (IS_UNSET(method) || (IS_NATIVE(method) && !has_kwargs)) {
        return true;
    }
    const Value bound = attribute_bind(cx, method, VALUE_UNSET, type);
    return !IS_ERROR(bound) && !IS_ERROR(call_value_kw(cx, bound, NULL, 0, kwargs));
}

/* Its shape says whose instance it is. */
static bool set_metatype(Context *cx, ObjType *type, ObjType *metatype) {
    if (LIKELY(metatype == cx->rt->types[KIND_TYPE])) {
        return true;
    }
    const Shape *shape = shape_new_root(cx, metatype, KIND_TYPE, 0, SHAPE_FLAG_NO_SLOTS);
    if (shape == NULL) {
        return false;
    }
    atomic_store_release(&type->header.shape, shape->id);
    type->type_flags |= TYPE_FLAG_META;
    return true;
}

ObjTuple *type_ask_for_order(Context *cx, ObjType *type, ObjType *metatype) {
    const Value method = type_lookup(cx, metatype, context_name(cx, NAME_plain_mro));
    if (LIKELY(IS_NATIVE(method))) {
        return type->mro;
    }
    const Value self = OBJ_VALUE(type);
    const Value bound = value_bind_special(cx, method, self);
    const Value order = IS_ERROR(bound) ? VALUE_ERROR : call_value(cx, bound, NULL, 0);
    const Value mro = IS_ERROR(order) ? VALUE_ERROR : tuple_from_iterable(cx, order);
    if (IS_ERROR(mro)) {
        return NULL;
    }
    if (AS_TUPLE(mro)->n == 0) {
        exc_raise(cx, EXC_TypeError, "type MRO must not be empty");
        return NULL;
    }
    for (size_t i = 0; i < AS_TUPLE(mro)->n; i++) {
        const Value class = AS_TUPLE(mro)->items[i];
        if (!IS_TYPE(class)) {
            exc_raise(cx, EXC_TypeError, "mro() returned a non-class ('%s')",
                      type_name_of(cx, class));
            return NULL;
        }
        if (!type_is_subtype(type->base, AS_TYPE(class)->base == NULL
                                             ? AS_TYPE(class)
                                             : cx->rt->types[AS_TYPE(class)->layout])) {
            exc_raise(cx, EXC_TypeError, "mro() returned base with unsuitable layout ('%s')",
                      type_name_c(cx, AS_TYPE(class)));
            return NULL;
        }
    }
    return AS_TUPLE(mro);
}

static ObjType *new_type(Context *cx, ObjType *metatype, ObjStr *name, ObjTuple *bases,
                         ObjDict *attributes) {
    ObjType *base = type_best_base(cx, bases);
    ObjType *type = base == NULL ? NULL : HEAP_NEW(cx, ObjType, KIND_TYPE);
    if (type == NULL) {
        return NULL;
    }
    type->name = name;
    type->qualname = name;
    type->bases = bases;
    type->base = base;
    type->layout = base->layout;
    type->type_flags = type_has(base, TYPE_FLAG_EXCEPTION) ? TYPE_FLAG_EXCEPTION : 0;
    type->exc_kind = base->exc_kind;
    type->attributes = attributes;
    type->mro = type_c3_order(cx, type, bases, true);
    ObjList *subclasses = type->mro == NULL ? NULL : list_new(cx, 0);
    if (subclasses == NULL || !set_metatype(cx, type, metatype)) {
        return NULL;
    }
    type->subclasses = OBJ_VALUE(subclasses);
    ObjTuple *order = type_ask_for_order(cx, type, metatype);
    type->mro = order == NULL ? type->mro : order;
    return order == NULL ? NULL : type;
}

Value type_new(Context *cx, ObjType *metatype, ObjStr *name, ObjTuple *bases,
               ObjDict *attributes, Value kwargs) {
    if (bases->n == 0) {
        const Value object = OBJ_VALUE(cx->rt->types[KIND_INSTANCE]);
        const Value only = tuple_from(cx, &object, 1);
        if (IS_ERROR(only)) {
            return VALUE_ERROR;
        }
        bases = AS_TUPLE(only);
    }
    if (!type_check_bases(cx, bases)) {
        return VALUE_ERROR;
    }
    ObjType *type = new_type(cx, metatype, name, bases, attributes);
    if (type == NULL || !take_qualname(cx, type, attributes) ||
        !take_class_cell(cx, type, attributes) || !complete_attributes(cx, attributes) ||
        !member_take_slots(cx, type, attributes) ||
        !set_default(cx, attributes, NAME_doc_, VALUE_NONE)) {
        return VALUE_ERROR;
    }
    /* Registered first: a base that changes from now on updates the special methods here,
     * too. */
    if (!register_with_bases(cx, type)) {
        return VALUE_ERROR;
    }
    type_update_specials(cx, type);
    if (!call_set_names(cx, type) || !call_init_subclass(cx, type, kwargs)) {
        return VALUE_ERROR;
    }
    return OBJ_VALUE(type);
}

/* Calling */

static Value call_with_self(Context *cx, Value function, Value self, const Value *args,
                            int n_args, Value kwargs) {
    if (IS_UNSET(kwargs)) {
        return call_method(cx, function, self, args, n_args);
    }
    ObjTuple *all = tuple_new(cx, (size_t)n_args + 1);
    if (all == NULL) {
        return VALUE_ERROR;
    }
    all->items[0] = self;
    for (int i = 0; i < n_args; i++) {
        all->items[i + 1] = args[i];
    }
    return call_value_kw(cx, function, all->items, n_args + 1, kwargs);
}

/* Instances of classes derived from these are made empty; __init__ fills them. */
static bool is_filled_by_init(const ObjType *type) {
    switch (type->layout) {
    case KIND_LIST:
    case KIND_DICT:
    case KIND_SET:
    case KIND_PROPERTY:
    case KIND_STATICMETHOD:
    case KIND_CLASSMETHOD:
    case KIND_SUPER:
    case KIND_MODULE: return true;
    default: return false;
    }
}

/* The __init__ of the type: that of the built-in layout where no class of the script has
 * one. */
static Value init_of(Context *cx, const ObjType *type) {
    const Value init = type_special(type, SPECIAL_init);
    if (!IS_UNSET(init) || type->layout == KIND_INSTANCE) {
        return init;
    }
    ObjType *natural = cx->rt->types[type->layout];
    return dict_get_str(type_attributes(cx, natural), context_name(cx, NAME_init));
}

Value type_call_begin(Context *cx, ObjType *type, const Value *args, int n_args,
                      Value kwargs, Value *init) {
    *init = VALUE_UNSET;
    if (UNLIKELY(!IS_UNSET(type_special(type, SPECIAL_new)) ||
                 type == cx->rt->types[KIND_TYPE])) {
        return VALUE_UNSET;
    }
    const KindOps *ops = kind_ops[type->layout];
    if (UNLIKELY(ops->construct == NULL)) {
        return exc_raise(cx, EXC_TypeError, "cannot create '%s' instances",
                         type_name_c(cx, type));
    }
    if (!type_has(type, TYPE_FLAG_BUILTIN)) {
        *init = type_special(type, SPECIAL_init);
        if (!IS_UNSET(*init) && LIKELY(type->layout == KIND_INSTANCE) &&
            LIKELY(!type_has(type, TYPE_FLAG_ABSTRACT))) {
            Obj *o = instance_new(cx, type);
            return o == NULL ? VALUE_ERROR : OBJ_VALUE(o);
        }
        if (is_filled_by_init(type)) {
            *init = init_of(cx, type);
            return ops->construct(cx, type, NULL, 0, VALUE_UNSET);
        }
    }
    return ops->construct(cx, type, args, n_args, kwargs);
}

bool type_check_init(Context *cx, Value result) {
    if (UNLIKELY(!IS_NONE(result))) {
        exc_raise(cx, EXC_TypeError, "__init__() should return None, not '%s'",
                  type_name_of(cx, result));
    }
    return IS_NONE(result);
}

static bool run_init(Context *cx, Value init, Value self, const Value *args, int n_args,
                     Value kwargs) {
    if (IS_UNSET(init)) {
        return true;
    }
    const Value result = call_with_self(cx, init, self, args, n_args, kwargs);
    return !IS_ERROR(result) && type_check_init(cx, result);
}

static Value call_new(Context *cx, ObjType *type, const Value *args, int n_args,
                      Value kwargs) {
    const Value new = type_special(type, SPECIAL_new);
    const Value self = call_with_self(cx, new, OBJ_VALUE(type), args, n_args, kwargs);
    if (IS_ERROR(self) || !value_is_instance(cx, self, type)) {
        return self;
    }
    const Value init = init_of(cx, type_of(cx, self));
    return run_init(cx, init, self, args, n_args, kwargs) ? self : VALUE_ERROR;
}

Value type_call(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs) {
    const Value metacall = type_metacall(cx, type);
    if (UNLIKELY(!IS_UNSET(metacall))) {
        const Value bound = value_bind_special(cx, metacall, OBJ_VALUE(type));
        return IS_ERROR(bound) ? VALUE_ERROR
                               : call_value_kw(cx, bound, args, n_args, kwargs);
    }
    return type_call_plain(cx, type, args, n_args, kwargs);
}

Value type_call_plain(Context *cx, ObjType *type, const Value *args, int n_args,
                      Value kwargs) {
    if (!IS_UNSET(kwargs) && dict_length(AS_DICT(kwargs)) == 0) {
        kwargs = VALUE_UNSET;
    }
    if (UNLIKELY(type == cx->rt->types[KIND_TYPE])) {
        return metaclass_call_type(cx, args, n_args, kwargs);
    }
    Value init;
    const Value self = type_call_begin(cx, type, args, n_args, kwargs, &init);
    if (IS_UNSET(self)) {
        return call_new(cx, type, args, n_args, kwargs);
    }
    if (IS_ERROR(self) || !run_init(cx, init, self, args, n_args, kwargs)) {
        return VALUE_ERROR;
    }
    return self;
}

bool type_is_plain_call(const Context *cx, const ObjType *type, Value *init) {
    if (type->layout != KIND_INSTANCE ||
        type_has(type, TYPE_FLAG_BUILTIN | TYPE_FLAG_ABSTRACT | TYPE_FLAG_DEL) ||
        !IS_UNSET(type_special(type, SPECIAL_new)) ||
        !IS_UNSET(type_metacall(cx, type))) {
        return false;
    }
    *init = type_special(type, SPECIAL_init);
    return IS_UNSET(*init) || IS_FUNCTION(*init);
}
