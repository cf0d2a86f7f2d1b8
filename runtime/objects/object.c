/* object.c - the class object: what every object has unless its class says otherwise. */

#include "runtime/call.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/member.h"
#include "runtime/objects/metaclass.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"
#include "runtime/objects/type_internal.h"

static void instance_trace(GcMarker *m, Obj *o) {
    instance_trace_slots(m, gc_marker_shape(m, o), o);
}

static Value instance_repr(Context *cx, Value v) {
    return value_default_repr(cx, v);
}

static bool has_arguments(int n_args, Value kwargs) {
    return n_args > 0 || (!IS_UNSET(kwargs) && dict_length(AS_DICT(kwargs)) > 0);
}

static Value instance_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                                Value kwargs) {
    (void)args;
    if (UNLIKELY(type_has(type, TYPE_FLAG_ABSTRACT))) {
        return metaclass_raise_abstract(cx, type);
    }
    if (has_arguments(n_args, kwargs)) {
        if (!IS_UNSET(type_special(type, SPECIAL_new))) {
            return exc_raise(
                cx, EXC_TypeError,
                "object.__new__() takes exactly one argument (the type to instantiate)");
        }
        if (IS_UNSET(type_special(type, SPECIAL_init))) {
            return exc_raise(cx, EXC_TypeError, "%s() takes no arguments",
                             type_name_c(cx, type));
        }
    }
    Obj *o = type == cx->rt->types[KIND_INSTANCE]
                 ? heap_alloc(cx, sizeof(ObjInstance), KIND_INSTANCE, KIND_INSTANCE)
                 : instance_new(cx, type);
    return o == NULL ? VALUE_ERROR : OBJ_VALUE(o);
}

/* Wrappers that act on any object */

#define OBJECT_WRAPPER(name, signature_text, doc_text)       \
    static Value name(Context *cx, Value *args, int n_args); \
    static const char name##_signature[] = signature_text;   \
    static const char name##_doc[] = doc_text;               \
    static Value name(Context *cx __attribute__((unused)),   \
                      Value *args __attribute__((unused)),   \
                      int n_args __attribute__((unused)))

OBJECT_WRAPPER(
    object_new, "__new__(*args, **kwargs)",
    "Create and return a new object.  See help(type) for accurate signature.") {
    ObjType *type = AS_TYPE(args[0]);
    if (type->layout != KIND_INSTANCE) {
        const char *natural = kind_type_names[type->layout];
        return exc_raise(cx, EXC_TypeError,
                         "object.__new__(%s) is not safe, use %s.__new__()",
                         type_name_c(cx, type), natural);
    }
    return instance_construct(cx, type, args + 1, n_args - 1, args[-1]);
}

OBJECT_WRAPPER(object_init, "__init__(self, /, *args, **kwargs)",
               "Initialize self.  See help(type(self)) for accurate signature.") {
    if (has_arguments(n_args - 1, args[-1])) {
        const ObjType *type = type_of(cx, args[0]);
        if (!IS_UNSET(type_special(type, SPECIAL_init))) {
            return exc_raise(cx, EXC_TypeError,
                             "object.__init__() takes exactly one argument (the instance "
                             "to initialize)");
        }
        if (IS_UNSET(type_special(type, SPECIAL_new)) && type->layout == KIND_INSTANCE) {
            return exc_raise(
                cx, EXC_TypeError,
                "%s.__init__() takes exactly one argument (the instance to initialize)",
                type_name_c(cx, type));
        }
    }
    return VALUE_NONE;
}

OBJECT_WRAPPER(object_repr, "__repr__(self, /)", "Return repr(self).") {
    return value_default_repr(cx, args[0]);
}

OBJECT_WRAPPER(object_str, "__str__(self, /)", "Return str(self).") {
    return value_repr(cx, args[0]);
}

OBJECT_WRAPPER(object_hash, "__hash__(self, /)", "Return hash(self).") {
    return int_from_i64(cx, (int64_t)(args[0] >> 4));
}

OBJECT_WRAPPER(object_eq, "__eq__(self, value, /)", "Return self==value.") {
    return args[0] == args[1] ? VALUE_TRUE : VALUE_NOT_IMPLEMENTED;
}

/* != is the opposite of what == says, also where a class defines only that. */
OBJECT_WRAPPER(object_ne, "__ne__(self, value, /)", "Return self!=value.") {
    const Value method = type_special(type_of(cx, args[0]), SPECIAL_eq);
    const Value equal = !IS_UNSET(method) ? call_method(cx, method, args[0], args + 1, 1)
                        : args[0] == args[1] ? VALUE_TRUE
                                             : VALUE_NOT_IMPLEMENTED;
    if (IS_ERROR(equal) || equal == VALUE_NOT_IMPLEMENTED) {
        return equal;
    }
    const int is_true = value_is_true(cx, equal);
    return is_true < 0 ? VALUE_ERROR : BOOL_VALUE(!is_true);
}

OBJECT_WRAPPER(object_lt, "__lt__(self, value, /)", "Return self<value.") {
    return VALUE_NOT_IMPLEMENTED;
}
OBJECT_WRAPPER(object_le, "__le__(self, value, /)", "Return self<=value.") {
    return VALUE_NOT_IMPLEMENTED;
}
OBJECT_WRAPPER(object_gt, "__gt__(self, value, /)", "Return self>value.") {
    return VALUE_NOT_IMPLEMENTED;
}
OBJECT_WRAPPER(object_ge, "__ge__(self, value, /)", "Return self>=value.") {
    return VALUE_NOT_IMPLEMENTED;
}

static ObjStr *attribute_name(Context *cx, Value name) {
    if (!IS_STR(name)) {
        exc_raise(cx, EXC_TypeError, "attribute name must be string, not '%s'",
                  type_name_of(cx, name));
        return NULL;
    }
    return str_intern_obj(cx, AS_STR(name));
}

OBJECT_WRAPPER(object_getattribute, "__getattribute__(self, name, /)",
               "Return getattr(self, name).") {
    ObjStr *name = attribute_name(cx, args[1]);
    if (name == NULL) {
        return VALUE_ERROR;
    }
    const Value value = attribute_get(cx, args[0], name);
    return IS_UNSET(value) ? attribute_raise_missing(cx, args[0], name) : value;
}

OBJECT_WRAPPER(object_setattr, "__setattr__(self, name, value, /)",
               "Implement setattr(self, name, value).") {
    ObjStr *name = attribute_name(cx, args[1]);
    return name != NULL && attribute_set(cx, args[0], name, args[2]) ? VALUE_NONE
                                                                     : VALUE_ERROR;
}

OBJECT_WRAPPER(object_delattr, "__delattr__(self, name, /)",
               "Implement delattr(self, name).") {
    ObjStr *name = attribute_name(cx, args[1]);
    return name != NULL && attribute_set(cx, args[0], name, VALUE_UNSET) ? VALUE_NONE
                                                                         : VALUE_ERROR;
}

OBJECT_WRAPPER(object_format, "__format__(self, format_spec, /)",
               "Default object formatter.") {
    if (!IS_STR(args[1])) {
        return exc_raise(cx, EXC_TypeError, "__format__() argument must be str, not %s",
                         arg_type_name(cx, args[1]));
    }
    if (AS_STR(args[1])->n_bytes > 0) {
        return exc_raise(cx, EXC_TypeError,
                         "unsupported format string passed to %s.__format__",
                         type_name_of(cx, args[0]));
    }
    return value_str(cx, args[0]);
}

OBJECT_WRAPPER(object_init_subclass, "__init_subclass__(cls, /, *args, **kwargs)",
               "This method is called when a class is subclassed.") {
    const ObjStr *name = AS_TYPE(args[0])->qualname;
    if (has_arguments(0, args[-1])) {
        return exc_raise(cx, EXC_TypeError,
                         "%.*s.__init_subclass__() takes no keyword arguments",
                         (int)name->n_bytes, name->data);
    }
    if (n_args > 1) {
        return exc_raise(cx, EXC_TypeError,
                         "%.*s.__init_subclass__() takes no arguments (%d given)",
                         (int)name->n_bytes, name->data, n_args - 1);
    }
    return VALUE_NONE;
}

OBJECT_WRAPPER(object_subclasshook, "__subclasshook__(type, object, /)",
               "Abstract classes can override this to customize issubclass().") {
    return VALUE_NOT_IMPLEMENTED;
}

static const NativeDef object_methods[] = {
#define ENTRY(name, more_flags) NATIVE_ENTRY_FLAGS(name, NATIVE_WRAPPER | (more_flags))
    ENTRY(object_new, NATIVE_STATIC | NATIVE_NEW),
    ENTRY(object_init, 0),
    ENTRY(object_repr, 0),
    ENTRY(object_str, 0),
    ENTRY(object_hash, 0),
    ENTRY(object_eq, 0),
    ENTRY(object_ne, 0),
    ENTRY(object_lt, 0),
    ENTRY(object_le, 0),
    ENTRY(object_gt, 0),
    ENTRY(object_ge, 0),
    ENTRY(object_getattribute, 0),
    ENTRY(object_setattr, 0),
    ENTRY(object_delattr, 0),
    ENTRY(object_format, 0),
    ENTRY(object_init_subclass, NATIVE_CLASS),
    ENTRY(object_subclasshook, NATIVE_CLASS),
#undef ENTRY
    {NULL, NULL, NULL, 0},
};

static Value get_class(Context *cx, Value self) {
    return OBJ_VALUE(type_of(cx, self));
}

static bool set_class(Context *cx, Value self, Value value) {
    if (IS_UNSET(value)) {
        exc_raise(cx, EXC_TypeError, "can't delete __class__ attribute");
        return false;
    }
    if (!IS_TYPE(value)) {
        exc_raise(cx, EXC_TypeError, "__class__ must be set to a class, not '%s' object",
                  type_name_of(cx, value));
        return false;
    }
    const ObjType *old = type_of(cx, self);
    ObjType *type = AS_TYPE(value);
    if (old->layout == KIND_MODULE && type->layout == KIND_MODULE) {
        return module_set_class(cx, (ObjModule *)AS_OBJ(self), type);
    }
    if (type_has(old, TYPE_FLAG_BUILTIN) || type_has(type, TYPE_FLAG_BUILTIN)) {
        exc_raise(cx, EXC_TypeError,
                  "__class__ assignment only supported for mutable types or ModuleType "
                  "subclasses");
        return false;
    }
    if (!member_layouts_agree(cx, old, type)) {
        exc_raise(cx, EXC_TypeError,
                  "__class__ assignment: '%s' object layout differs from '%s'",
                  type_name_c(cx, type), type_name_c(cx, old));
        return false;
    }
    return IS_TYPE(self) ? metaclass_set(cx, AS_TYPE(self), type)
                         : instance_set_class(cx, AS_OBJ(self), type);
}

static const GetsetDef object_getsets[] = {
    {"__class__", NULL, get_class, set_class},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjInstance = {
    .trace = instance_trace,
    .repr = instance_repr,
    .hash = value_hash_by_identity,
    .construct = instance_construct,
    .methods = object_methods,
    .getsets = object_getsets,
    .doc = "The base class of the class hierarchy.\n\nWhen called, it accepts no "
           "arguments and returns a new "
           "featureless\ninstance that has no instance attributes and cannot be given "
           "any.\n",
};
