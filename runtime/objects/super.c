/* super.c - super: attributes as they are found behind a class in the order of another.
 *
 * A call super().name(...) of the built-in class makes no object at all: see
 * OP_LOAD_SUPER_METHOD. */

#include "runtime/call.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/descriptors.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/type_internal.h"

#define AS_SUPER(v) ((ObjSuper *)AS_OBJ(v))

static bool is_derived(const ObjSuper *super) {
    return obj_shape(&super->header) >= KIND_COUNT;
}

static bool fill(Context *cx, ObjSuper *super, Value type, Value self) {
    if (!IS_TYPE(type)) {
        exc_raise(cx, EXC_TypeError, "super() argument 1 must be %stype, not %s",
                  is_derived(super) ? "" : "a ", type_name_of(cx, type));
        return false;
    }
    const bool is_bound = !IS_UNSET(self) && !IS_NONE(self);
    ObjType *self_type = is_bound ? super_self_type(cx, AS_TYPE(type), self) : NULL;
    if (is_bound && self_type == NULL) {
        return false;
    }
    value_store(&super->self, is_bound ? self : VALUE_UNSET);
    atomic_store_release(&super->type, AS_TYPE(type));
    atomic_store_release(&super->self_type, self_type);
    return true;
}

/* What super(...) was given; without arguments what the function that calls it has. */
static bool fill_by_arguments(Context *cx, ObjSuper *super, const Value *args, int n_args,
                              Value kwargs) {
    if (!IS_UNSET(kwargs) && dict_length(AS_DICT(kwargs)) > 0) {
        exc_raise(cx, EXC_TypeError, "super() takes no keyword arguments");
        return false;
    }
    if (n_args > 2) {
        exc_raise(cx, EXC_TypeError,
                  is_derived(super) ? "super() takes at most 2 arguments (%d given)"
                                    : "super() expected at most 2 arguments, got %d",
                  n_args);
        return false;
    }
    if (n_args > 0) {
        return fill(cx, super, args[0], n_args == 2 ? args[1] : VALUE_UNSET);
    }
    Value type;
    Value self;
    return call_current_super(cx, &type, &self) && fill(cx, super, type, self);
}

/* The type of self, or what self says is its class (a proxy does); NULL: not one that fits. */
static ObjType *fitting_type(Context *cx, const ObjType *type, Value self) {
    ObjType *own = type_of(cx, self);
    if (type_is_subtype(own, type)) {
        return own;
    }
    const Value claimed = value_getattr_or_unset(cx, self, context_name(cx, NAME_class_));
    if (IS_ERROR(claimed)) {
        cx->pending = VALUE_UNSET;
    }
    return IS_TYPE(claimed) && type_is_subtype(AS_TYPE(claimed), type) ? AS_TYPE(claimed)
                                                                       : NULL;
}

ObjType *super_self_type(Context *cx, ObjType *type, Value self) {
    if (IS_TYPE(self) && type_is_subtype(AS_TYPE(self), type)) {
        return AS_TYPE(self);
    }
    ObjType *found = fitting_type(cx, type, self);
    if (found == NULL) {
        exc_raise(cx, EXC_TypeError,
                  "super(type, obj): obj (%s %s) is not an instance or subtype of type "
                  "(%s).",
                  IS_TYPE(self) ? "type" : "instance of",
                  IS_TYPE(self) ? type_name_c(cx, AS_TYPE(self)) : type_name_of(cx, self),
                  type_name_c(cx, type));
    }
    return found;
}

Value super_bind(Context *cx, Value v, Value self) {
    const ObjSuper *super = AS_SUPER(v);
    const ObjType *type = atomic_load_acquire(&super->type);
    if (IS_UNSET(self) || type == NULL ||
        atomic_load_acquire(&super->self_type) != NULL) {
        return v;
    }
    const Value args[] = {OBJ_VALUE(type), self};
    return call_value(cx, OBJ_VALUE(type_of(cx, v)), args, 2);
}

/* A class derived from super gets an empty object, which __init__ fills. */
static Value super_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                             Value kwargs) {
    ObjSuper *super = (ObjSuper *)instance_new_exact_or_derived(cx, type, sizeof *super);
    if (super == NULL) {
        return VALUE_ERROR;
    }
    super->self = VALUE_UNSET;
    const bool is_filled = !type_has(type, TYPE_FLAG_BUILTIN) ||
                           fill_by_arguments(cx, super, args, n_args, kwargs);
    return is_filled ? OBJ_VALUE(super) : VALUE_ERROR;
}

NATIVE(super_init, "__init__(self, /, *args, **kwargs)",
       "Initialize self.  See help(type(self)) for accurate signature.") {
    return fill_by_arguments(cx, AS_SUPER(args[0]), args + 1, n_args - 1, args[-1])
               ? VALUE_NONE
               : VALUE_ERROR;
}

NATIVE(super_get, "__get__(self, instance, owner=None, /)",
       "Return an attribute of instance, which is of type owner.") {
    return super_bind(cx, args[0], IS_NONE(args[1]) ? VALUE_UNSET : args[1]);
}

static const NativeDef super_methods[] = {
    NATIVE_ENTRY(super_init),
    NATIVE_ENTRY(super_get),
    {NULL, NULL, NULL, 0},
};

static void super_trace(GcMarker *m, Obj *o) {
    ObjSuper *super = (ObjSuper *)o;
    gc_mark_obj(m, super->type);
    gc_mark_value(m, super->self);
    gc_mark_obj(m, super->self_type);
    instance_trace_derived(m, o);
}

static Value super_repr(Context *cx, Value v) {
    const ObjSuper *super = AS_SUPER(v);
    const ObjType *type = atomic_load_acquire(&super->type);
    const ObjType *self_type = atomic_load_acquire(&super->self_type);
    const char *name = type == NULL ? "NULL" : type_name_c(cx, type);
    ObjStr *text = self_type == NULL
                       ? str_format_c(cx, "<super: <class '%s'>, NULL>", name)
                       : str_format_c(cx, "<super: <class '%s'>, <%s object>>", name,
                                      type_name_c(cx, self_type));
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

Value super_find(Context *cx, Value v, ObjStr *name, Value *self, ObjType **self_type) {
    const ObjSuper *super = AS_SUPER(v);
    *self_type = atomic_load_acquire(&super->self_type);
    *self = value_load(&super->self);
    if (*self_type == NULL || IS_UNSET(*self)) {
        return VALUE_UNSET;
    }
    /* super(Class, cls): as if read from the class. */
    if (IS_TYPE(*self) && AS_TYPE(*self) == *self_type) {
        *self = VALUE_UNSET;
    }
    return type_lookup_super(cx, *self_type, atomic_load_acquire(&super->type), name);
}

Value super_read(Context *cx, Value v, ObjStr *name) {
    Value self;
    ObjType *self_type;
    const Value attribute = super_find(cx, v, name, &self, &self_type);
    return IS_UNSET(attribute) ? VALUE_UNSET
                               : attribute_bind(cx, attribute, self, self_type);
}

static Value type_or_none(const ObjType *type) {
    return type == NULL ? VALUE_NONE : OBJ_VALUE(type);
}

static Value super_get_thisclass(Context *cx, Value self) {
    (void)cx;
    return type_or_none(atomic_load_acquire(&AS_SUPER(self)->type));
}

static Value super_get_self(Context *cx, Value self) {
    (void)cx;
    const Value v = value_load(&AS_SUPER(self)->self);
    return IS_UNSET(v) ? VALUE_NONE : v;
}

static Value super_get_self_class(Context *cx, Value self) {
    (void)cx;
    return type_or_none(atomic_load_acquire(&AS_SUPER(self)->self_type));
}

static const GetsetDef super_getsets[] = {
    {"__thisclass__", "the class invoking super()", super_get_thisclass, NULL},
    {"__self__", "the instance invoking super(); may be None", super_get_self, NULL},
    {"__self_class__", "the type of the instance invoking super(); may be None",
     super_get_self_class, NULL},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjSuper = {
    .trace = super_trace,
    .repr = super_repr,
    .hash = value_hash_by_identity,
    .construct = super_construct,
    .methods = super_methods,
    .getsets = super_getsets,
    .doc = "super() -> same as super(__class__, <first argument>)\nsuper(type, obj) -> "
           "bound super object",
};
