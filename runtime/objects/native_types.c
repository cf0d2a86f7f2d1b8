/* native_types.c - what scripts see of native functions: the five types that they have, their
 * attributes and what is printed of them.
 *
 * See also: native.h (which layout and shape goes with which type), native.c (calling). */

#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"
#include "runtime/objects/native_errors.h"
#include "runtime/objects/type.h"

Value native_bind(Context *cx, Value native, Value self) {
    const bool is_slot = obj_shape(AS_OBJ(native)) == KIND_WRAPPER_DESCRIPTOR;
    if (is_slot && runtime_open_type(cx, KIND_METHOD_WRAPPER) == NULL) {
        return VALUE_ERROR;
    }
    ObjMethod *method = (ObjMethod *)heap_alloc_typed(
        cx, sizeof(ObjMethod), KIND_METHOD, is_slot ? KIND_METHOD_WRAPPER : KIND_NATIVE);
    if (UNLIKELY(method == NULL)) {
        return VALUE_ERROR;
    }
    method->function = native;
    method->self = self;
    return OBJ_VALUE(method);
}

static const ObjNative *native_behind(Value v) {
    return AS_NATIVE(IS_METHOD(v) ? AS_METHOD(v)->function : v);
}

/* What it is bound to: an object, the class of a static method, the module of a function. */
static Value bound_to(Value v) {
    if (IS_METHOD(v)) {
        return AS_METHOD(v)->self;
    }
    const ObjNative *native = AS_NATIVE(v);
    return native->owner != NULL ? OBJ_VALUE(native->owner) : native->self;
}

static Value text_or_none(Context *cx, const char *text) {
    ObjStr *s = text == NULL ? NULL : str_from_c(cx, text);
    return text == NULL ? VALUE_NONE : s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

static Value qualified(Context *cx, const ObjStr *owner, const ObjNative *native) {
    ObjStr *text = str_format_c(cx, "%.*s.%.*s", (int)owner->n_bytes, owner->data,
                                (int)native->name->n_bytes, native->name->data);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* Attributes */

static Value get_name(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(native_behind(self)->name);
}

static Value get_doc(Context *cx, Value self) {
    return text_or_none(cx, native_behind(self)->def->doc);
}

static Value get_text_signature(Context *cx, Value self) {
    return text_or_none(cx, strchr(native_behind(self)->def->signature, '('));
}

static Value get_module(Context *cx, Value self) {
    (void)cx;
    const Value module = bound_to(self);
    return IS_MODULE(module) ? OBJ_VALUE(AS_MODULE(module)->name) : VALUE_NONE;
}

static Value get_self(Context *cx, Value self) {
    (void)cx;
    const unsigned flags = native_behind(self)->def->flags;
    const bool has_none = (flags & NATIVE_STATIC) && !(flags & NATIVE_NEW);
    const Value v = bound_to(self);
    return IS_UNSET(v) || has_none ? VALUE_NONE : v;
}

/* Named after the class of what it is bound to: that may be a derived one. */
static Value get_bound_qualname(Context *cx, Value self) {
    const Value v = bound_to(self);
    if (IS_UNSET(v) || IS_MODULE(v)) {
        return get_name(cx, self);
    }
    return qualified(cx, (IS_TYPE(v) ? AS_TYPE(v) : type_of(cx, v))->qualname,
                     native_behind(self));
}

static Value get_owner(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(native_behind(self)->owner);
}

static Value get_qualname(Context *cx, Value self) {
    const ObjNative *native = native_behind(self);
    return qualified(cx, native->owner->qualname, native);
}

static const GetsetDef function_getsets[] = {
    {"__name__", NULL, get_name, NULL},
    {"__qualname__", NULL, get_bound_qualname, NULL},
    {"__doc__", NULL, get_doc, NULL},
    {"__text_signature__", NULL, get_text_signature, NULL},
    {"__module__", NULL, get_module, NULL},
    {"__self__", NULL, get_self, NULL},
    {NULL, NULL, NULL, NULL},
};

static const GetsetDef descriptor_getsets[] = {
    {"__name__", NULL, get_name, NULL},
    {"__qualname__", NULL, get_qualname, NULL},
    {"__doc__", NULL, get_doc, NULL},
    {"__text_signature__", NULL, get_text_signature, NULL},
    {"__objclass__", NULL, get_owner, NULL},
    {NULL, NULL, NULL, NULL},
};

static const GetsetDef wrapper_getsets[] = {
    {"__name__", NULL, get_name, NULL},
    {"__qualname__", NULL, get_qualname, NULL},
    {"__doc__", NULL, get_doc, NULL},
    {"__text_signature__", NULL, get_text_signature, NULL},
    {"__objclass__", NULL, get_owner, NULL},
    {"__self__", NULL, get_self, NULL},
    {NULL, NULL, NULL, NULL},
};

/* __reduce__: the name of a function, getattr(where, name) of a method. */
NATIVE(native_reduce, "__reduce__(self, /)", "Return what pickle and copy need.") {
    const ObjNative *native = native_behind(args[0]);
    if (native->owner == NULL) {
        return OBJ_VALUE(native->name);
    }
    const Value parts[] = {IS_METHOD(args[0]) ? AS_METHOD(args[0])->self
                                              : OBJ_VALUE(native->owner),
                           OBJ_VALUE(native->name)};
    const Value get = module_get(cx, cx->rt->builtins, str_intern(cx, "getattr", 7));
    const Value place = tuple_from(cx, parts, 2);
    return IS_ERROR(get) || IS_ERROR(place) ? VALUE_ERROR : tuple_pack(cx, 2, get, place);
}

static const NativeDef native_methods[] = {NATIVE_ENTRY(native_reduce), {0}};

/* Printing */

static Value repr_bound(Context *cx, Value v, const char *format) {
    const ObjNative *native = native_behind(v);
    const Value self = bound_to(v);
    ObjStr *text =
        str_format_c(cx, format, (int)native->name->n_bytes, native->name->data,
                     type_name_of(cx, self), (unsigned long long)self);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value repr_plain(Context *cx, const char *format, const ObjNative *native,
                        const char *owner) {
    ObjStr *text =
        str_format_c(cx, format, (int)native->name->n_bytes, native->name->data, owner);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

Value native_repr(Context *cx, Value v) {
    const ObjNative *native = native_behind(v);
    switch (obj_shape(AS_OBJ(v))) {
    case KIND_METHOD_DESCRIPTOR:
    case KIND_CLASSMETHOD_DESCRIPTOR:
        return repr_plain(cx, "<method '%.*s' of '%s' objects>", native,
                          type_name_c(cx, native->owner));
    case KIND_WRAPPER_DESCRIPTOR:
        return repr_plain(cx, "<slot wrapper '%.*s' of '%s' objects>", native,
                          type_name_c(cx, native->owner));
    case KIND_METHOD_WRAPPER:
        return repr_bound(cx, v, "<method-wrapper '%.*s' of %s object at 0x%llx>");
    default:
        return native->owner != NULL
                   ? repr_bound(cx, v, "<built-in method %.*s of %s object at 0x%llx>")
                   : repr_plain(cx, "<built-in function %.*s>", native, "");
    }
}

static void native_trace(GcMarker *m, Obj *o) {
    ObjNative *native = (ObjNative *)o;
    gc_mark_obj(m, native->name);
    gc_mark_obj(m, native->owner);
    gc_mark_value(m, native->self);
    gc_mark_value(m, native->parameters);
}

const KindOps kind_ops_ObjNative = {
    .trace = native_trace,
    .repr = native_repr,
    .hash = value_hash_by_identity,
    .methods = native_methods,
    .getsets = function_getsets,
};

#define DESCRIPTOR_OPS \
    { .repr = native_repr, .methods = native_methods, .getsets = descriptor_getsets, }
const KindOps kind_ops_ObjMethodDescriptor = DESCRIPTOR_OPS;
const KindOps kind_ops_ObjWrapperDescriptor = DESCRIPTOR_OPS;
const KindOps kind_ops_ObjClassmethodDescriptor = DESCRIPTOR_OPS;

const KindOps kind_ops_ObjMethodWrapper = {
    .repr = native_repr,
    .methods = native_methods,
    .getsets = wrapper_getsets,
};
