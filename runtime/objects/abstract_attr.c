/* abstract_attr.c - attribute access on any value: descriptors, instances, classes,
 * modules, super.
 *
 * The order of a look-up is Python's: a data descriptor of the type, the object's own
 * attribute, anything else of the type, and at last __getattr__.
 *
 * See also: type_attr.c (class attributes), instance.c (own ones), attr_cache.c (what
 * loops remember). */

#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/descriptors.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/member.h"
#include "runtime/objects/module.h"
#include "runtime/objects/suggest.h"
#include "runtime/objects/tuple_field.h"
#include "runtime/objects/type_internal.h"

#define NAME_ARGS(name) (int)(name)->n_bytes, (name)->data

/* Binding */

/* A descriptor written in the language: self None when read from the class. */
static Value bind_script(Context *cx, Value attribute, Value self, ObjType *type) {
    const Value get = type_special(type_of(cx, attribute), SPECIAL_get);
    if (IS_UNSET(get)) {
        return attribute;
    }
    const Value args[] = {IS_UNSET(self) ? VALUE_NONE : self, OBJ_VALUE(type)};
    return call_method(cx, get, attribute, args, 2);
}

static Value bind_native(Context *cx, Value attribute, Value self, ObjType *type) {
    const ObjNative *native = AS_NATIVE(attribute);
    if (!native->is_method) {
        return attribute;
    }
    if (native->def->flags & NATIVE_CLASS) {
        return native_bind(cx, attribute, OBJ_VALUE(type));
    }
    return IS_UNSET(self) ? attribute : native_bind(cx, attribute, self);
}

/* Whether it belongs to a class of the script, derived from a built-in descriptor, that
 * has the method itself. */
static bool overrides(const Context *cx, Value attribute, SpecialId id) {
    return obj_shape(AS_OBJ(attribute)) >= KIND_COUNT &&
           !IS_UNSET(type_special(type_of(cx, attribute), id));
}

Value attribute_bind(Context *cx, Value attribute, Value self, ObjType *type) {
    if (!IS_OBJ(attribute)) {
        return attribute;
    }
    return UNLIKELY(overrides(cx, attribute, SPECIAL_get))
               ? bind_script(cx, attribute, self, type)
               : attribute_bind_natural(cx, attribute, self, type);
}

Value attribute_bind_natural(Context *cx, Value attribute, Value self, ObjType *type) {
    switch (AS_OBJ(attribute)->kind) {
    case KIND_FUNCTION:
        return IS_UNSET(self) ? attribute : method_new(cx, attribute, self);
    case KIND_NATIVE: return bind_native(cx, attribute, self, type);
    case KIND_PROPERTY:
        return IS_UNSET(self) ? attribute
                              : property_read(cx, (ObjProperty *)AS_OBJ(attribute), self);
    case KIND_STATICMETHOD: return ((ObjWrapper *)AS_OBJ(attribute))->function;
    case KIND_CLASSMETHOD:
        return method_new(cx, ((ObjWrapper *)AS_OBJ(attribute))->function,
                          OBJ_VALUE(type));
    case KIND_GETSET:
        return IS_UNSET(self) ? attribute
                              : getset_read(cx, (ObjGetset *)AS_OBJ(attribute), self);
    case KIND_MEMBER:
        return IS_UNSET(self) ? attribute : member_read(cx, AS_MEMBER(attribute), self);
    case KIND_TUPLE_FIELD:
        return IS_UNSET(self) ? attribute
                              : tuple_field_read(cx, AS_TUPLE_FIELD(attribute), self);
    case KIND_SUPER: return super_bind(cx, attribute, self);
    default: return attribute;
    }
}

/* Those of C that have both __get__ and __set__. */
static bool is_field_kind(ObjKind kind) {
    return kind == KIND_PROPERTY || kind == KIND_GETSET || kind == KIND_MEMBER ||
           kind == KIND_TUPLE_FIELD;
}

bool attribute_is_data_descriptor(const Context *cx, Value attribute) {
    if (!IS_OBJ(attribute)) {
        return false;
    }
    const Obj *o = AS_OBJ(attribute);
    if (is_field_kind((ObjKind)o->kind)) {
        return true;
    }
    if (obj_shape(o) < KIND_COUNT) {
        return false;
    }
    const ObjType *type = type_of(cx, attribute);
    return !IS_UNSET(type_special(type, SPECIAL_set)) ||
           !IS_UNSET(type_special(type, SPECIAL_delete));
}

bool attribute_store(Context *cx, Value descriptor, Value self, Value value) {
    const bool is_deletion = IS_UNSET(value);
    const SpecialId id = is_deletion ? SPECIAL_delete : SPECIAL_set;
    if (!overrides(cx, descriptor, id)) {
        return attribute_store_natural(cx, descriptor, self, value);
    }
    const Value method = type_special(type_of(cx, descriptor), id);
    const Value args[] = {self, value};
    return !IS_ERROR(call_method(cx, method, descriptor, args, is_deletion ? 1 : 2));
}

bool attribute_store_natural(Context *cx, Value descriptor, Value self, Value value) {
    switch (AS_OBJ(descriptor)->kind) {
    case KIND_PROPERTY:
        return property_write(cx, (ObjProperty *)AS_OBJ(descriptor), self, value);
    case KIND_MEMBER: return member_write(cx, AS_MEMBER(descriptor), self, value);
    case KIND_TUPLE_FIELD: return tuple_field_write(cx, value);
    case KIND_GETSET:
        return getset_write(cx, (ObjGetset *)AS_OBJ(descriptor), self, value);
    default:
        exc_raise(cx, EXC_AttributeError, "%s", IS_UNSET(value) ? "__delete__" : "__set__");
        return false;
    }
}

Value value_bind_special(Context *cx, Value special, Value self) {
    return attribute_bind(cx, special, self, type_of(cx, self));
}

/* Reading */

static Value function_own(ObjFunction *function, ObjStr *name) {
    const Value attributes = value_load(&function->attributes);
    return IS_UNSET(attributes) ? VALUE_UNSET : dict_get_str(AS_DICT(attributes), name);
}

/* What the object itself has under that name. */
static Value own_attribute(Context *cx, Value v, ObjStr *name) {
    if (!IS_OBJ(v)) {
        return VALUE_UNSET;
    }
    switch (AS_OBJ(v)->kind) {
    case KIND_FUNCTION: return function_own(AS_FUNCTION(v), name);
    case KIND_MODULE: return module_get(cx, AS_MODULE(v), name);
    default: return instance_get_own(cx, AS_OBJ(v), name);
    }
}

/* What is left when neither type nor object know the name: __dict__, and what the kind
 * computes. */
static Value kind_attribute(Context *cx, Value v, ObjStr *name) {
    if (IS_OBJ(v) && name == context_name(cx, NAME_dict_) &&
        instance_has_slots(cx, AS_OBJ(v)) && !type_has(type_of(cx, v), TYPE_FLAG_NO_DICT)) {
        ObjDict *dict = instance_dict(cx, AS_OBJ(v));
        return dict == NULL ? VALUE_ERROR : OBJ_VALUE(dict);
    }
    const KindOps *ops = kind_ops[value_kind(v)];
    return ops->getattr == NULL ? VALUE_UNSET : ops->getattr(cx, v, name);
}

/* A data descriptor that says what reading gives. One with __set__ alone leaves that to
 * the object's own attribute. */
static bool is_read_first(const Context *cx, Value attribute) {
    if (!attribute_is_data_descriptor(cx, attribute)) {
        return false;
    }
    return is_field_kind((ObjKind)AS_OBJ(attribute)->kind) ||
           !IS_UNSET(type_special(type_of(cx, attribute), SPECIAL_get));
}

static Value type_attribute(Context *cx, ObjType *type, ObjStr *name) {
    ObjType *metatype = type_of(cx, OBJ_VALUE(type));
    const Value of_metatype = type_lookup(cx, metatype, name);
    if (!IS_UNSET(of_metatype) && is_read_first(cx, of_metatype)) {
        return attribute_bind(cx, of_metatype, OBJ_VALUE(type), metatype);
    }
    const Value attribute = type_lookup(cx, type, name);
    if (!IS_UNSET(attribute)) {
        return attribute_bind(cx, attribute, VALUE_UNSET, type);
    }
    return IS_UNSET(of_metatype)
               ? VALUE_UNSET
               : attribute_bind(cx, of_metatype, OBJ_VALUE(type), metatype);
}

Value attribute_get(Context *cx, Value v, ObjStr *name) {
    if (IS_TYPE(v)) {
        return type_attribute(cx, AS_TYPE(v), name);
    }
    if (IS_KIND(v, KIND_SUPER) && name != context_name(cx, NAME_class_)) {
        const Value found = super_read(cx, v, name);
        if (!IS_UNSET(found)) {
            return found;
        }
    }
    ObjType *type = type_of(cx, v);
    const Value attribute = type_lookup(cx, type, name);
    if (!IS_UNSET(attribute) && is_read_first(cx, attribute)) {
        return attribute_bind(cx, attribute, v, type);
    }
    const Value own = own_attribute(cx, v, name);
    if (!IS_UNSET(own)) {
        return own;
    }
    if (!IS_UNSET(attribute)) {
        return attribute_bind(cx, attribute, v, type);
    }
    return kind_attribute(cx, v, name);
}

/* A module may define a function __getattr__. */
static Value module_fallback(Context *cx, ObjModule *module, ObjStr *name) {
    const Value function = module_get(cx, module, context_name(cx, NAME_getattr));
    if (IS_UNSET(function)) {
        return VALUE_UNSET;
    }
    const Value arg = OBJ_VALUE(name);
    return call_value(cx, function, &arg, 1);
}

/* With __getattribute__ and __getattr__. VALUE_UNSET: no such attribute, nothing
 * raised. */
static Value get_with_hooks(Context *cx, Value v, ObjStr *name) {
    const ObjType *type = type_of(cx, v);
    const Value getattribute = type_special(type, SPECIAL_getattribute);
    const Value arg = OBJ_VALUE(name);
    Value result;
    if (LIKELY(IS_UNSET(getattribute))) {
        result = attribute_get(cx, v, name);
        if (LIKELY(!IS_UNSET(result) && !IS_ERROR(result))) {
            return result;
        }
    } else {
        result = call_method(cx, getattribute, v, &arg, 1);
    }
    const Value getattr = type_special(type, SPECIAL_getattr);
    if (!IS_UNSET(getattr)) {
        if (IS_UNSET(result) ||
            (IS_ERROR(result) && exc_take_if(cx, EXC_AttributeError))) {
            return call_method(cx, getattr, v, &arg, 1);
        }
    } else if (IS_UNSET(result) && IS_MODULE(v)) {
        return module_fallback(cx, AS_MODULE(v), name);
    }
    return result;
}

static Value remember_missing(Context *cx, Value v, ObjStr *name) {
    if (IS_EXCEPTION(cx->pending)) {
        ObjException *e = AS_EXCEPTION(cx->pending);
        value_store(&e->value, OBJ_VALUE(name));
        value_store(&e->detail[0], v);
    }
    return VALUE_ERROR;
}

/* Of an AttributeError of the script's own code (__getattr__, a property): its object and name, for suggestions. */
static Value complete_missing(Context *cx, Value v, ObjStr *name) {
    if (exc_matches_kind(cx, cx->pending, EXC_AttributeError) && IS_EXCEPTION(cx->pending)) {
        const ObjException *e = AS_EXCEPTION(cx->pending);
        if (IS_UNSET(value_load(&e->value)) && IS_UNSET(value_load(&e->detail[0]))) {
            return remember_missing(cx, v, name);
        }
    }
    return VALUE_ERROR;
}

static void raise_missing_in_module(Context *cx, Value v, ObjStr *name) {
    const ObjStr *module = AS_MODULE(v)->name;
    ObjStr *file = suggest_hiding_file(cx, v);
    if (file == NULL) {
        exc_raise(cx, EXC_AttributeError, "module '%.*s' has no attribute '%.*s'", NAME_ARGS(module),
                  NAME_ARGS(name));
        return;
    }
    const Value quoted = value_repr(cx, OBJ_VALUE(file));
    if (!IS_ERROR(quoted)) {
        exc_raise(cx, EXC_AttributeError,
                  "module '%.*s' has no attribute '%.*s' (consider renaming %.*s since it has the same name as the "
                  "standard library module named '%.*s' and the import system gives it precedence)",
                  NAME_ARGS(module), NAME_ARGS(name), NAME_ARGS(AS_STR(quoted)), NAME_ARGS(module));
    }
}

Value attribute_raise_missing_of(Context *cx, Value v, const char *type_name, ObjStr *name) {
    exc_raise(cx, EXC_AttributeError, "'%s' object has no attribute '%.*s'", type_name,
              NAME_ARGS(name));
    return remember_missing(cx, v, name);
}

Value attribute_raise_missing(Context *cx, Value v, ObjStr *name) {
    while (IS_METHOD(v) && obj_shape(AS_OBJ(v)) == KIND_METHOD) {
        v = AS_METHOD(v)->function; /* whose attributes a method shows */
    }
    if (UNLIKELY(type_is_incomplete(IS_TYPE(v) ? AS_TYPE(v) : type_of(cx, v)))) {
        return exc_raise_no_memory(cx);
    }
    if (IS_TYPE(v)) {
        exc_raise(cx, EXC_AttributeError, "type object '%s' has no attribute '%.*s'",
                  type_name_c(cx, AS_TYPE(v)), NAME_ARGS(name));
    } else if (IS_MODULE(v)) {
        raise_missing_in_module(cx, v, name);
    } else {
        return attribute_raise_missing_of(cx, v, type_name_of(cx, v), name);
    }
    return remember_missing(cx, v, name);
}

static ObjStr *interned(Context *cx, ObjStr *name) {
    return LIKELY(name->header.flags & STR_FLAG_INTERNED) ? name
                                                          : str_intern_obj(cx, name);
}

Value value_getattr(Context *cx, Value v, ObjStr *name) {
    name = interned(cx, name);
    if (UNLIKELY(name == NULL)) {
        return VALUE_ERROR;
    }
    const Value result = get_with_hooks(cx, v, name);
    if (UNLIKELY(IS_ERROR(result))) {
        return complete_missing(cx, v, name);
    }
    return LIKELY(!IS_UNSET(result)) ? result : attribute_raise_missing(cx, v, name);
}

Value value_getattr_or_unset(Context *cx, Value v, ObjStr *name) {
    name = interned(cx, name);
    if (UNLIKELY(name == NULL)) {
        return VALUE_ERROR;
    }
    const Value result = get_with_hooks(cx, v, name);
    if (IS_ERROR(result) && exc_take_if(cx, EXC_AttributeError)) {
        return VALUE_UNSET;
    }
    if (IS_UNSET(result) && UNLIKELY(type_is_incomplete(type_of(cx, v)))) {
        return exc_raise_no_memory(cx);
    }
    return result;
}

Value value_call_attr(Context *cx, Value v, ObjStr *name, const Value *args, int n_args) {
    const Value method = value_getattr(cx, v, name);
    return IS_ERROR(method) ? VALUE_ERROR : call_value(cx, method, args, n_args);
}

Value value_call_attr_c(Context *cx, Value v, const char *name, const Value *args,
                        int n_args) {
    ObjStr *interned_name = str_intern(cx, name, strlen(name));
    return interned_name == NULL ? VALUE_ERROR
                                 : value_call_attr(cx, v, interned_name, args, n_args);
}

/* The function inside an attribute that is called with *self in front; VALUE_UNSET when
 * it has to be bound. */
static Value unbound_function(Value attribute, Value v, ObjType *type, Value *self) {
    if (IS_FUNCTION(attribute)) {
        *self = v;
        return attribute;
    }
    if (IS_NATIVE(attribute) && AS_NATIVE(attribute)->is_method) {
        *self = AS_NATIVE(attribute)->def->flags & NATIVE_CLASS ? OBJ_VALUE(type) : v;
        return attribute;
    }
    if (IS_KIND(attribute, KIND_CLASSMETHOD) &&
        IS_FUNCTION(((ObjWrapper *)AS_OBJ(attribute))->function)) {
        *self = OBJ_VALUE(type);
        return ((ObjWrapper *)AS_OBJ(attribute))->function;
    }
    return VALUE_UNSET;
}

Value value_getmethod(Context *cx, Value v, ObjStr *name, Value *self) {
    *self = VALUE_UNSET;
    name = interned(cx, name);
    if (UNLIKELY(name == NULL)) {
        return VALUE_ERROR;
    }
    ObjType *type = type_of(cx, v);
    const bool has_own_rules = IS_TYPE(v) || IS_MODULE(v) || IS_KIND(v, KIND_SUPER) ||
                               !IS_UNSET(type_special(type, SPECIAL_getattribute));
    if (!has_own_rules) {
        const Value attribute = type_lookup(cx, type, name);
        const Value function = unbound_function(attribute, v, type, self);
        if (!IS_UNSET(function)) {
            const Value own = own_attribute(cx, v, name);
            if (LIKELY(IS_UNSET(own))) {
                return function;
            }
            *self = VALUE_UNSET;
            return own;
        }
    } else if (IS_EXACT(v, KIND_SUPER)) {
        Value of;
        ObjType *of_type;
        const Value attribute = super_find(cx, v, name, &of, &of_type);
        const Value function = IS_UNSET(of)
                                   ? VALUE_UNSET
                                   : unbound_function(attribute, of, of_type, self);
        if (!IS_UNSET(function)) {
            return function;
        }
    }
    return value_getattr(cx, v, name);
}

/* Writing */

static bool raise_not_settable(Context *cx, Value v, ObjStr *name, Value attribute) {
    if (!IS_UNSET(attribute)) {
        exc_raise(cx, EXC_AttributeError, "'%s' object attribute '%.*s' is read-only",
                  type_name_of(cx, v), NAME_ARGS(name));
    } else {
        exc_raise(cx, EXC_AttributeError,
                  "'%s' object has no attribute '%.*s' and no __dict__ for setting new "
                  "attributes",
                  type_name_of(cx, v), NAME_ARGS(name));
    }
    remember_missing(cx, v, name);
    return false;
}

static bool set_instance_dict(Context *cx, Value v, Value value) {
    if (!IS_DICT(value)) {
        exc_raise(cx, EXC_TypeError, "__dict__ must be set to a dictionary, not a '%s'",
                  IS_UNSET(value) ? "NoneType" : type_name_of(cx, value));
        return false;
    }
    return instance_set_dict(cx, AS_OBJ(v), AS_DICT(value));
}

static bool set_on_instance(Context *cx, Value v, ObjType *type, ObjStr *name,
                            Value value) {
    if (UNLIKELY(name == context_name(cx, NAME_dict_)) &&
        !type_has(type, TYPE_FLAG_NO_DICT)) {
        return set_instance_dict(cx, v, value);
    }
    if (!IS_UNSET(value)) {
        if (UNLIKELY(type_has(type, TYPE_FLAG_NO_DICT))) {
            return raise_not_settable(cx, v, name, type_lookup(cx, type, name));
        }
        return instance_set_own(cx, AS_OBJ(v), name, value);
    }
    const int result = instance_delete_own(cx, AS_OBJ(v), name);
    if (result == 0 && type_has(type, TYPE_FLAG_NO_DICT)) {
        return raise_not_settable(cx, v, name, type_lookup(cx, type, name));
    }
    if (result == 0) {
        attribute_raise_missing(cx, v, name);
    }
    return result == 1;
}

static bool set_on_function(Context *cx, Value v, ObjStr *name, Value value) {
    const Value dict = value_getattr(cx, v, context_name(cx, NAME_dict_));
    if (IS_ERROR(dict)) {
        return false;
    }
    if (!IS_UNSET(value)) {
        return dict_set_str(cx, AS_DICT(dict), name, value);
    }
    const int result = dict_delete_str(cx, AS_DICT(dict), name);
    if (result == 0) {
        attribute_raise_missing(cx, v, name);
    }
    return result == 1;
}

static bool set_on_module(Context *cx, Value v, ObjStr *name, Value value) {
    if (IS_UNSET(value) && IS_UNSET(module_get(cx, AS_MODULE(v), name))) {
        exc_raise(cx, EXC_AttributeError, "'module' object has no attribute '%.*s'",
                  NAME_ARGS(name));
        remember_missing(cx, v, name);
        return false;
    }
    return module_set(cx, AS_MODULE(v), name, value);
}

static bool set_on_type(Context *cx, ObjType *type, ObjStr *name, Value value) {
    ObjType *metatype = type_of(cx, OBJ_VALUE(type));
    const Value of_metatype = type_lookup(cx, metatype, name);
    const bool is_stored_in_class =
        name == context_name(cx, NAME_doc_) || name == context_name(cx, NAME_module_);
    if (!IS_UNSET(of_metatype) && !is_stored_in_class &&
        attribute_is_data_descriptor(cx, of_metatype)) {
        return attribute_store(cx, of_metatype, OBJ_VALUE(type), value);
    }
    if (UNLIKELY(is_stored_in_class && IS_UNSET(value))) {
        exc_raise(cx, EXC_TypeError, "cannot delete '%.*s' attribute of immutable type '%s'", NAME_ARGS(name),
                  type_name_c(cx, type));
        return false;
    }
    return type_setattr(cx, type, name, value);
}

bool attribute_set(Context *cx, Value v, ObjStr *name, Value value) {
    if (IS_TYPE(v)) {
        return set_on_type(cx, AS_TYPE(v), name, value);
    }
    ObjType *type = type_of(cx, v);
    const Value attribute = type_lookup(cx, type, name);
    if (!IS_UNSET(attribute) && attribute_is_data_descriptor(cx, attribute)) {
        return attribute_store(cx, attribute, v, value);
    }
    if (IS_OBJ(v)) {
        if (LIKELY(instance_has_slots(cx, AS_OBJ(v)))) {
            return set_on_instance(cx, v, type, name, value);
        }
        if (IS_FUNCTION(v) || IS_WRAPPER(v)) {
            return set_on_function(cx, v, name, value);
        }
        if (IS_MODULE(v)) {
            return set_on_module(cx, v, name, value);
        }
    }
    return raise_not_settable(cx, v, name, attribute);
}

bool value_setattr(Context *cx, Value v, ObjStr *name, Value value) {
    name = interned(cx, name);
    if (UNLIKELY(name == NULL)) {
        return false;
    }
    const Value hook = type_special(type_of(cx, v), SPECIAL_setattr);
    if (LIKELY(IS_UNSET(hook))) {
        return attribute_set(cx, v, name, value);
    }
    const Value args[] = {OBJ_VALUE(name), value};
    return !IS_ERROR(call_method(cx, hook, v, args, 2));
}

bool value_delattr(Context *cx, Value v, ObjStr *name) {
    name = interned(cx, name);
    if (UNLIKELY(name == NULL)) {
        return false;
    }
    const Value hook = type_special(type_of(cx, v), SPECIAL_delattr);
    if (LIKELY(IS_UNSET(hook))) {
        return attribute_set(cx, v, name, VALUE_UNSET);
    }
    const Value arg = OBJ_VALUE(name);
    return !IS_ERROR(call_method(cx, hook, v, &arg, 1));
}
