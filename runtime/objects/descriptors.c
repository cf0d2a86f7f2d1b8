/* descriptors.c - property, staticmethod, classmethod, getset descriptors.
 *
 * See also: abstract_attr.c, where attributes found on types are bound; super.c. */

#include "runtime/objects/descriptors.h"
#include "runtime/call.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/type_internal.h"

/* property */

#define AS_PROPERTY(v) ((ObjProperty *)AS_OBJ(v))

/* What property(...) is given; None where nothing is. */
static bool property_fill(Context *cx, ObjProperty *property, const Value *args, int n_args, Value kwargs) {
    static const char *const names[] = {"fget", "fset", "fdel", "doc", NULL};
    Value parts[4];
    if (!construct_arguments(cx, "property", names, 0, args, n_args, kwargs, parts)) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        parts[i] = IS_UNSET(parts[i]) ? VALUE_NONE : parts[i];
    }
    if (IS_NONE(parts[3]) && !IS_NONE(parts[0])) {
        const Value doc = value_getattr_or_unset(cx, parts[0], context_name(cx, NAME_doc_));
        if (IS_ERROR(doc)) {
            return false;
        }
        parts[3] = IS_UNSET(doc) ? VALUE_NONE : doc;
    }
    value_store(&property->get, parts[0]);
    value_store(&property->set, parts[1]);
    value_store(&property->delete, parts[2]);
    value_store(&property->doc, parts[3]);
    value_store(&property->name, VALUE_UNSET);
    /* A derived class may have a documentation of its own, which is not that of its instances. */
    const bool is_exact = obj_shape(&property->header) < KIND_COUNT;
    return is_exact || type_has(type_of(cx, OBJ_VALUE(property)), TYPE_FLAG_NO_DICT) ||
           instance_set_own(cx, &property->header, context_name(cx, NAME_doc_), parts[3]);
}

static Value property_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                                Value kwargs) {
    ObjProperty *property =
        (ObjProperty *)instance_new_exact_or_derived(cx, type, sizeof(ObjProperty));
    return property != NULL && property_fill(cx, property, args, n_args, kwargs)
               ? OBJ_VALUE(property)
               : VALUE_ERROR;
}

NATIVE(property_init, "__init__(self, /, *args, **kwargs)",
       "Initialize self.  See help(type(self)) for accurate signature.") {
    return property_fill(cx, AS_PROPERTY(args[0]), args + 1, n_args - 1, args[-1]) ? VALUE_NONE
                                                                                  : VALUE_ERROR;
}

/* The documentation that a property keeps with another getter: what it was given, not what its getter had. */
static Value given_doc(Context *cx, const ObjProperty *p) {
    if (IS_NONE(p->get)) {
        return p->doc;
    }
    const Value doc = value_getattr_or_unset(cx, p->get, context_name(cx, NAME_doc_));
    return IS_ERROR(doc) ? VALUE_ERROR : doc == p->doc ? VALUE_NONE : p->doc;
}

/* Another property of the same class with one function exchanged. */
static Value property_changed(Context *cx, Value self, int i, Value function) {
    const ObjProperty *p = AS_PROPERTY(self);
    Value parts[] = {value_load(&p->get), value_load(&p->set), value_load(&p->delete),
                     i == 0 ? given_doc(cx, p) : value_load(&p->doc)};
    if (IS_ERROR(parts[3])) {
        return VALUE_ERROR;
    }
    parts[i] = function;
    const Value changed = call_value(cx, OBJ_VALUE(type_of(cx, self)), parts, 4);
    if (IS_KIND(changed, KIND_PROPERTY)) {
        value_store(&AS_PROPERTY(changed)->name, value_load(&AS_PROPERTY(self)->name));
    }
    return changed;
}

static void property_trace(GcMarker *m, Obj *o) {
    ObjProperty *property = (ObjProperty *)o;
    gc_mark_value(m, property->get);
    gc_mark_value(m, property->set);
    gc_mark_value(m, property->delete);
    gc_mark_value(m, property->doc);
    gc_mark_value(m, property->name);
    instance_trace_derived(m, o);
}

NATIVE(property_getter, "getter(self, object, /)",
       "Descriptor to obtain a copy of the property with a different getter.") {
    return property_changed(cx, args[0], 0, args[1]);
}

NATIVE(property_setter, "setter(self, object, /)",
       "Descriptor to obtain a copy of the property with a different setter.") {
    return property_changed(cx, args[0], 1, args[1]);
}

NATIVE(property_deleter, "deleter(self, object, /)",
       "Descriptor to obtain a copy of the property with a different deleter.") {
    return property_changed(cx, args[0], 2, args[1]);
}

NATIVE(property_set_name, "__set_name__(self, /, *args)",
       "Method to set name of a property.") {
    if (n_args != 3) {
        return exc_raise(cx, EXC_TypeError, "__set_name__() takes 2 positional arguments but %d were given",
                         n_args - 1);
    }
    value_store(&AS_PROPERTY(args[0])->name, args[2]);
    return VALUE_NONE;
}

static const NativeDef property_methods[] = {
    NATIVE_ENTRY(property_init),
    NATIVE_ENTRY(property_set_name),
    NATIVE_ENTRY(property_getter),
    NATIVE_ENTRY(property_setter),
    NATIVE_ENTRY(property_deleter),
    {NULL, NULL, NULL, 0},
};

static Value property_get_fget(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_PROPERTY(self)->get);
}

static Value property_get_fset(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_PROPERTY(self)->set);
}

static Value property_get_fdel(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_PROPERTY(self)->delete);
}

static Value property_get_doc(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_PROPERTY(self)->doc);
}

static bool property_set_doc(Context *cx, Value self, Value value) {
    (void)cx;
    value_store(&AS_PROPERTY(self)->doc, IS_UNSET(value) ? VALUE_NONE : value);
    return true;
}

static Value property_get_name(Context *cx, Value self) {
    const ObjProperty *property = AS_PROPERTY(self);
    Value name = value_load(&property->name);
    if (IS_UNSET(name)) {
        name = value_getattr_or_unset(cx, value_load(&property->get), context_name(cx, NAME_name_));
    }
    return IS_UNSET(name) ? exc_raise(cx, EXC_AttributeError, "'%s' object has no attribute '__name__'",
                                      type_name_of(cx, self))
                          : name;
}

static bool property_set_own_name(Context *cx, Value self, Value value) {
    (void)cx;
    value_store(&AS_PROPERTY(self)->name, value);
    return true;
}

/* 1, 0, -1: whether a function was marked by abc.abstractmethod. */
static int is_abstract(Context *cx, Value function) {
    const Value mark =
        value_getattr_or_unset(cx, function, context_name(cx, NAME_isabstractmethod_));
    return IS_UNSET(mark) ? 0 : IS_ERROR(mark) ? -1 : value_is_true(cx, mark);
}

static Value property_get_abstract(Context *cx, Value self) {
    const ObjProperty *property = AS_PROPERTY(self);
    const Value functions[] = {value_load(&property->get), value_load(&property->set),
                               value_load(&property->delete)};
    int result = 0;
    for (int i = 0; i < 3 && result == 0; i++) {
        result = is_abstract(cx, functions[i]);
    }
    return result < 0 ? VALUE_ERROR : BOOL_VALUE(result);
}

static const GetsetDef property_getsets[] = {
    {"__isabstractmethod__", NULL, property_get_abstract, NULL},
    {"fget", NULL, property_get_fget, NULL},
    {"fset", NULL, property_get_fset, NULL},
    {"fdel", NULL, property_get_fdel, NULL},
    {"__doc__", NULL, property_get_doc, property_set_doc},
    {"__name__", NULL, property_get_name, property_set_own_name},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjProperty = {
    .trace = property_trace,
    .hash = value_hash_by_identity,
    .construct = property_construct,
    .methods = property_methods,
    .getsets = property_getsets,
    .doc = "Property attribute.",
};

/* "property 'x' of 'Foo' object has no setter" */
static Value raise_property(Context *cx, const ObjProperty *property, Value self,
                            const char *what) {
    const Value name = value_load(&property->name);
    const ObjStr *owner = atomic_load_acquire(&type_of(cx, self)->qualname);
    const int n_owner = (int)owner->n_bytes;
    if (!IS_STR(name)) {
        return exc_raise(cx, EXC_AttributeError, "property of '%.*s' object has no %s",
                         n_owner, owner->data, what);
    }
    return exc_raise(cx, EXC_AttributeError, "property '%.*s' of '%.*s' object has no %s",
                     (int)AS_STR(name)->n_bytes, AS_STR(name)->data, n_owner,
                     owner->data, what);
}

Value property_read(Context *cx, ObjProperty *property, Value self) {
    const Value function = value_load(&property->get);
    if (UNLIKELY(IS_NONE(function))) {
        return raise_property(cx, property, self, "getter");
    }
    return call_value(cx, function, &self, 1);
}

bool property_write(Context *cx, ObjProperty *property, Value self, Value value) {
    const bool is_deletion = IS_UNSET(value);
    const Value function = value_load(is_deletion ? &property->delete : &property->set);
    if (IS_NONE(function)) {
        raise_property(cx, property, self, is_deletion ? "deleter" : "setter");
        return false;
    }
    const Value args[] = {self, value};
    return !IS_ERROR(call_value(cx, function, args, is_deletion ? 1 : 2));
}

/* staticmethod and classmethod */

#define AS_WRAPPER(v) ((ObjWrapper *)AS_OBJ(v))

static Value wrapper_new_of(Context *cx, ObjType *type, Value function) {
    ObjWrapper *wrapper =
        (ObjWrapper *)instance_new_exact_or_derived(cx, type, sizeof(ObjWrapper));
    if (wrapper == NULL) {
        return VALUE_ERROR;
    }
    wrapper->function = function;
    return OBJ_VALUE(wrapper);
}

Value wrapper_new(Context *cx, ObjKind kind, Value function) {
    ObjType *type = runtime_open_type(cx, kind);
    return type == NULL ? VALUE_ERROR : wrapper_new_of(cx, type, function);
}

static bool check_wrapped(Context *cx, const ObjType *type, int n_args, Value kwargs) {
    const char *name = kind_type_names[type->layout];
    if (construct_has_kwargs(kwargs)) {
        exc_raise(cx, EXC_TypeError, "%s() takes no keyword arguments", name);
        return false;
    }
    if (n_args != 1) {
        exc_raise(cx, EXC_TypeError, "%s expected 1 argument, got %d", name, n_args);
        return false;
    }
    return true;
}

static Value wrapper_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                               Value kwargs) {
    const bool is_exact = type == cx->rt->types[type->layout];
    if (is_exact && !check_wrapped(cx, type, n_args, kwargs)) {
        return VALUE_ERROR;
    }
    return wrapper_new_of(cx, type, n_args > 0 ? args[0] : VALUE_NONE);
}

NATIVE(wrapper_init, "__init__(self, /, *args, **kwargs)",
       "Initialize self.  See help(type(self)) for accurate signature.") {
    if (!check_wrapped(cx, type_of(cx, args[0]), n_args - 1, args[-1])) {
        return VALUE_ERROR;
    }
    value_store(&AS_WRAPPER(args[0])->function, args[1]);
    return VALUE_NONE;
}

static const NativeDef wrapper_methods[] = {
    NATIVE_ENTRY(wrapper_init),
    {NULL, NULL, NULL, 0},
};

static void wrapper_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjWrapper *)o)->function);
    gc_mark_value(m, ((ObjWrapper *)o)->attributes);
    instance_trace_derived(m, o);
}

static Value wrapper_repr(Context *cx, Value v) {
    const Value inner = value_repr(cx, AS_WRAPPER(v)->function);
    if (IS_ERROR(inner)) {
        return VALUE_ERROR;
    }
    ObjStr *text = str_format_c(cx, "<%s(%.*s)>", kind_type_names[AS_OBJ(v)->kind],
                                (int)AS_STR(inner)->n_bytes, AS_STR(inner)->data);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value wrapper_get_function(Context *cx, Value self) {
    (void)cx;
    return AS_WRAPPER(self)->function;
}

/* What a wrapper takes over from its function when __dict__ is first wanted; until then it is read there. */
static const NameId taken_over[] = {NAME_module_, NAME_name_, NAME_qualname_, NAME_doc_, NAME_annotations_};

static bool is_taken_over(const Context *cx, const ObjStr *name) {
    for (size_t i = 0; i < sizeof taken_over / sizeof taken_over[0]; i++) {
        if (name == context_name(cx, taken_over[i])) {
            return true;
        }
    }
    return false;
}

static Value wrapper_getattr(Context *cx, Value v, ObjStr *name) {
    const Value attributes = value_load(&AS_WRAPPER(v)->attributes);
    if (!IS_UNSET(attributes)) {
        return dict_get_str(AS_DICT(attributes), name);
    }
    return is_taken_over(cx, name) ? value_getattr_or_unset(cx, AS_WRAPPER(v)->function, name) : VALUE_UNSET;
}

static Value wrapper_get_doc(Context *cx, Value self) {
    const Value doc = wrapper_getattr(cx, self, context_name(cx, NAME_doc_));
    return IS_UNSET(doc) ? VALUE_NONE : doc;
}

static Value wrapper_get_dict(Context *cx, Value self) {
    ObjWrapper *wrapper = AS_WRAPPER(self);
    Value known = value_load(&wrapper->attributes);
    if (!IS_UNSET(known)) {
        return known;
    }
    ObjDict *dict = dict_new(cx, 0);
    for (size_t i = 0; dict != NULL && i < sizeof taken_over / sizeof taken_over[0]; i++) {
        ObjStr *name = context_name(cx, taken_over[i]);
        const Value value = value_getattr_or_unset(cx, wrapper->function, name);
        if (IS_ERROR(value) || (!IS_UNSET(value) && !dict_set_str(cx, dict, name, value))) {
            return VALUE_ERROR;
        }
    }
    if (dict == NULL) {
        return VALUE_ERROR;
    }
    return atomic_cas(&wrapper->attributes, &known, OBJ_VALUE(dict)) ? OBJ_VALUE(dict) : known;
}

static bool wrapper_set_dict(Context *cx, Value self, Value value) {
    if (!function_check_dict(cx, value)) {
        return false;
    }
    value_store(&AS_WRAPPER(self)->attributes, value);
    return true;
}

static bool wrapper_set_doc(Context *cx, Value self, Value value) {
    ObjStr *name = context_name(cx, NAME_doc_);
    const Value dict = wrapper_get_dict(cx, self);
    return !IS_ERROR(dict) && (IS_UNSET(value) ? dict_delete_str(cx, AS_DICT(dict), name) >= 0
                                               : dict_set_str(cx, AS_DICT(dict), name, value));
}

static Value wrapper_get_abstract(Context *cx, Value self) {
    const int result = is_abstract(cx, AS_WRAPPER(self)->function);
    return result < 0 ? VALUE_ERROR : BOOL_VALUE(result);
}

static const GetsetDef wrapper_getsets[] = {
    {"__dict__", NULL, wrapper_get_dict, wrapper_set_dict},
    {"__doc__", NULL, wrapper_get_doc, wrapper_set_doc},
    {"__func__", NULL, wrapper_get_function, NULL},
    {"__isabstractmethod__", NULL, wrapper_get_abstract, NULL},
    {"__wrapped__", NULL, wrapper_get_function, NULL},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjStaticmethod = {
    .trace = wrapper_trace,
    .repr = wrapper_repr,
    .hash = value_hash_by_identity,
    .getattr = wrapper_getattr,
    .construct = wrapper_construct,
    .methods = wrapper_methods,
    .getsets = wrapper_getsets,
    .doc = "Convert a function to be a static method.",
};

const KindOps kind_ops_ObjClassmethod = {
    .trace = wrapper_trace,
    .repr = wrapper_repr,
    .hash = value_hash_by_identity,
    .getattr = wrapper_getattr,
    .construct = wrapper_construct,
    .methods = wrapper_methods,
    .getsets = wrapper_getsets,
    .doc = "Convert a function to be a class method.",
};

/* Attributes of built-in types that C code computes */

Value getset_new(Context *cx, const GetsetDef *def, ObjType *owner) {
    ObjGetset *getset = HEAP_NEW(cx, ObjGetset, KIND_GETSET);
    if (getset == NULL) {
        return VALUE_ERROR;
    }
    getset->def = *def;
    getset->owner = owner;
    return OBJ_VALUE(getset);
}

static void getset_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjGetset *)o)->owner);
}

static Value getset_repr(Context *cx, Value v) {
    const ObjGetset *getset = (ObjGetset *)AS_OBJ(v);
    ObjStr *text = str_format_c(cx, "<attribute '%s' of '%s' objects>", getset->def.name,
                                type_name_c(cx, getset->owner));
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value getset_get_name(Context *cx, Value self) {
    ObjStr *name = str_from_c(cx, ((ObjGetset *)AS_OBJ(self))->def.name);
    return name == NULL ? VALUE_ERROR : OBJ_VALUE(name);
}

static Value getset_get_doc(Context *cx, Value self) {
    const char *doc = ((ObjGetset *)AS_OBJ(self))->def.doc;
    ObjStr *text = doc == NULL ? NULL : str_from_c(cx, doc);
    return doc == NULL ? VALUE_NONE : text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value getset_get_owner(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(((ObjGetset *)AS_OBJ(self))->owner);
}

static Value getset_get_qualname(Context *cx, Value self) {
    const ObjGetset *getset = (const ObjGetset *)AS_OBJ(self);
    const ObjStr *owner = getset->owner->qualname;
    ObjStr *text = str_format_c(cx, "%.*s.%s", (int)owner->n_bytes, owner->data, getset->def.name);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static const GetsetDef getset_getsets[] = {
    {"__doc__", NULL, getset_get_doc, NULL},
    {"__objclass__", NULL, getset_get_owner, NULL},
    {"__qualname__", NULL, getset_get_qualname, NULL},
    {"__name__", NULL, getset_get_name, NULL},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjGetset = {
    .trace = getset_trace,
    .repr = getset_repr,
    .hash = value_hash_by_identity,
    .getsets = getset_getsets,
};

static bool check_getset_self(Context *cx, const ObjGetset *getset, Value self) {
    if (LIKELY(value_is_instance(cx, self, getset->owner))) {
        return true;
    }
    exc_raise(cx, EXC_TypeError,
              "descriptor '%s' for '%s' objects doesn't apply to a '%s' object",
              getset->def.name, type_name_c(cx, getset->owner), type_name_of(cx, self));
    return false;
}

Value getset_read(Context *cx, ObjGetset *getset, Value self) {
    return check_getset_self(cx, getset, self) ? getset->def.get(cx, self) : VALUE_ERROR;
}

static bool is_among(const char *name, const char *const *names) {
    while (*names != NULL && strcmp(name, *names) != 0) {
        names++;
    }
    return *names != NULL;
}

/* CPython words it otherwise where the attribute is a field of a C structure. */
static bool is_member_in_python(const ObjType *owner, const char *name) {
    static const char *const computed[] = {"__doc__", "__qualname__", "__text_signature__", "__isabstractmethod__",
                                           "co_varnames", "co_cellvars", "co_freevars", "co_code", NULL};
    static const char *const fields[] = {"__closure__", "__globals__", "__builtins__", "__func__", "__wrapped__",
                                         "cr_origin", "tb_frame", "tb_lasti", "__base__", "message", "exceptions", NULL};
    switch (owner->layout) {
    case KIND_PROPERTY:
    case KIND_SLICE:
    case KIND_RANGE:
    case KIND_CODE:
    case KIND_COMPLEX:
    case KIND_METHOD:
    case KIND_METHOD_DESCRIPTOR:
    case KIND_WRAPPER_DESCRIPTOR:
    case KIND_CLASSMETHOD_DESCRIPTOR:
    case KIND_SUPER:
    case KIND_PARTIAL:
    case KIND_GETSET: return !is_among(name, computed);
    case KIND_MODULE: return true;
    case KIND_METHOD_WRAPPER: return strcmp(name, "__self__") == 0;
    default: return is_among(name, fields);
    }
}

bool getset_write(Context *cx, ObjGetset *getset, Value self, Value value) {
    if (!check_getset_self(cx, getset, self)) {
        return false;
    }
    if (getset->def.set == NULL && is_member_in_python(getset->owner, getset->def.name)) {
        exc_raise(cx, EXC_AttributeError, "readonly attribute");
        return false;
    }
    if (getset->def.set == NULL) {
        exc_raise(cx, EXC_AttributeError,
                  "attribute '%s' of '%s' objects is not writable", getset->def.name,
                  type_name_c(cx, getset->owner));
        return false;
    }
    return getset->def.set(cx, self, value);
}
