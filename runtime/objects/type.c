/* type.c - class objects: the built-in ones, their names, tracing, what `type` itself
 * has.
 *
 * The attributes of built-in types are made when they are first asked for
 * (TYPE_FLAG_LAZY), since a run uses few of them; only special methods that KindOps does
 * not know are made at once, because type_special asks for them without a look-up.
 *
 * See also: type_attr.c (look-up and cells), type_new.c (making and calling classes),
 * slot_wrappers.c. */

#include "runtime/objects/type.h"

#include "runtime/base/mem.h"
#include "runtime/call.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/generic.h"
#include "runtime/objects/function.h"
#include "runtime/objects/list.h"
#include "runtime/objects/metaclass.h"
#include "runtime/objects/mapping_proxy.h"
#include "runtime/objects/native.h"
#include "runtime/objects/slot_wrappers.h"
#include "runtime/objects/type_internal.h"

struct TypeText {
    TypeText *older; /* messages may still refer to it */
    const ObjStr *name;
    char text[];
};

/* Names */

/* Messages call the type by `module`, when there is one, a dot and its name. */
static const char *set_text(Context *cx, const ObjType *type, const ObjStr *name,
                            const ObjStr *module) {
    const size_t n_module = module == NULL ? 0 : module->n_bytes + 1;
    TypeText *fresh = mem_alloc(sizeof *fresh + n_module + name->n_bytes + 1);
    fresh->name = name;
    if (module != NULL) {
        memcpy(fresh->text, module->data, module->n_bytes);
        fresh->text[module->n_bytes] = '.';
    }
    memcpy(fresh->text + n_module, name->data, name->n_bytes);
    fresh->text[n_module + name->n_bytes] = 0;
    ObjType *owner = (ObjType *)type;
    const bool is_locked = shape_tables_lock(cx);
    fresh->older = owner->text;
    atomic_store_release(&owner->text, fresh);
    shape_tables_unlock(cx, is_locked);
    return fresh->text;
}

void type_add_full_name(Context *cx, Buf *out, const ObjType *type) {
    const Value module = type_lookup(cx, (ObjType *)type, context_name(cx, NAME_module_));
    if (IS_STR(module) && !str_equals_c(AS_STR(module), "__main__") &&
        !str_equals_c(AS_STR(module), "builtins")) {
        buf_add(out, AS_STR(module)->data, AS_STR(module)->n_bytes);
        buf_add_byte(out, '.');
    }
    buf_add(out, type->qualname->data, type->qualname->n_bytes);
}

const char *type_name_c(Context *cx, const ObjType *type) {
    const ObjStr *name = atomic_load_acquire(&type->name);
    const TypeText *text = atomic_load_acquire(&type->text);
    return LIKELY(text != NULL && text->name == name) ? text->text
                                                      : set_text(cx, type, name, NULL);
}

bool type_set_home(Context *cx, ObjType *type, ObjStr *module) {
    set_text(cx, type, type->name, module);
    return dict_set_str(cx, type->attributes, context_name(cx, NAME_module_),
                        OBJ_VALUE(module));
}

const char *type_name_of(Context *cx, Value v) {
    return type_name_c(cx, type_of(cx, v));
}

bool type_is_subtype(const ObjType *type, const ObjType *base) {
    const ObjTuple *mro = type->mro;
    for (size_t i = 0; i < mro->n; i++) {
        if (AS_TYPE(mro->items[i]) == base) {
            return true;
        }
    }
    return false;
}

bool value_is_instance(const Context *cx, Value v, const ObjType *type) {
    const ObjType *own = type_of(cx, v);
    return own == type || type_is_subtype(own, type);
}

/* Built-in types */

static ObjTuple *builtin_mro(Context *cx, ObjType *type, ObjType *base) {
    const size_t n = base == NULL ? 0 : base->mro->n;
    ObjTuple *mro = tuple_new(cx, n + 1);
    if (mro != NULL) {
        mro->items[0] = OBJ_VALUE(type);
        for (size_t i = 0; i < n; i++) {
            mro->items[i + 1] = base->mro->items[i];
        }
    }
    return mro;
}

/* The methods of the table that type_special may be asked for and which KindOps does not
 * stand for. */
static bool add_special_methods(Context *cx, ObjType *type, const KindOps *ops) {
    if (ops == NULL || ops->methods == NULL) {
        return true;
    }
    for (const NativeDef *def = ops->methods; def->signature != NULL; def++) {
        if (def->signature[0] != '_' || (def->flags & NATIVE_WRAPPER)) {
            continue;
        }
        const ObjStr *name =
            str_intern(cx, def->signature, strcspn(def->signature, "("));
        if (name == NULL ||
            (special_of_name(cx, name) >= 0 && !type_add_native(cx, type, def))) {
            return false;
        }
    }
    return true;
}

ObjType *type_new_builtin(Context *cx, const char *name, ObjKind layout, ObjType *base,
                          uint16_t type_flags) {
    ObjType *type = HEAP_NEW(cx, ObjType, KIND_TYPE);
    if (type == NULL) {
        return NULL;
    }
    type->layout = (uint8_t)layout;
    type->type_flags = (uint16_t)(type_flags | TYPE_FLAG_BUILTIN | TYPE_FLAG_LAZY);
    type->base = base;
    type->name = str_intern(cx, name, strlen(name));
    type->qualname = type->name;
    type->mro = builtin_mro(cx, type, base);
    type->attributes = dict_new(cx, 0);
    const Value base_value = base == NULL ? VALUE_UNSET : OBJ_VALUE(base);
    type->bases = base == NULL ? AS_TUPLE(cx->rt->empty_tuple)
                               : AS_TUPLE(tuple_from(cx, &base_value, 1));
    ObjList *subclasses = list_new(cx, 0);
    if (type->name == NULL || type->mro == NULL || type->attributes == NULL ||
        subclasses == NULL) {
        return NULL;
    }
    type->subclasses = OBJ_VALUE(subclasses);
    if (base != NULL) {
        memcpy(type->specials, base->specials, sizeof type->specials);
        type->exc_kind = base->exc_kind;
        if (!list_append(cx, AS_LIST(base->subclasses), OBJ_VALUE(type))) {
            return NULL;
        }
    }
    const bool owns_kind = base == NULL || base->layout != layout;
    return !owns_kind || add_special_methods(cx, type, kind_ops[layout]) ? type : NULL;
}

/* Tracing */

static void type_trace(GcMarker *m, Obj *o) {
    ObjType *type = (ObjType *)o;
    gc_mark_obj(m, type->name);
    gc_mark_obj(m, type->qualname);
    gc_mark_obj(m, type->bases);
    gc_mark_obj(m, type->mro);
    gc_mark_obj(m, type->attributes);
    gc_mark_obj(m, type->base);
    gc_mark_values(m, type->specials, SPECIAL_COUNT);
    gc_mark_value(m, type->subclasses);
    type_cells_trace(m, type->cells);
}

static void type_finish(Obj *o) {
    ObjType *type = (ObjType *)o;
    type_cells_free(type->cells);
    TypeText *text = type->text;
    while (text != NULL) {
        TypeText *older = text->older;
        mem_free(text);
        text = older;
    }
}

/* Attributes of every class */

static Value get_name(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(atomic_load_acquire(&AS_TYPE(self)->name));
}

static bool set_name(Context *cx, Value self, Value value) {
    ObjType *type = AS_TYPE(self);
    if (type_has(type, TYPE_FLAG_BUILTIN)) {
        exc_raise(cx, EXC_TypeError,
                  "cannot set '__name__' attribute of immutable type '%s'",
                  type_name_c(cx, type));
        return false;
    }
    if (IS_UNSET(value)) {
        exc_raise(cx, EXC_TypeError, "cannot delete '__name__' attribute of immutable type '%s'",
                  type_name_c(cx, type));
        return false;
    }
    if (!IS_STR(value)) {
        exc_raise(cx, EXC_TypeError, "can only assign string to %s.__name__, not '%s'",
                  type_name_c(cx, type), type_name_of(cx, value));
        return false;
    }
    if (memchr(AS_STR(value)->data, 0, AS_STR(value)->n_bytes) != NULL) {
        exc_raise(cx, EXC_ValueError, "type name must not contain null characters");
        return false;
    }
    atomic_store_release(&type->name, AS_STR(value));
    return true;
}

static Value get_qualname(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(atomic_load_acquire(&AS_TYPE(self)->qualname));
}

static bool set_qualname(Context *cx, Value self, Value value) {
    ObjType *type = AS_TYPE(self);
    if (type_has(type, TYPE_FLAG_BUILTIN)) {
        exc_raise(cx, EXC_TypeError,
                  "cannot set '__qualname__' attribute of immutable type '%s'",
                  type_name_c(cx, type));
        return false;
    }
    if (IS_UNSET(value)) {
        exc_raise(cx, EXC_TypeError, "cannot delete '__qualname__' attribute of immutable type '%s'",
                  type_name_c(cx, type));
        return false;
    }
    if (!IS_STR(value)) {
        exc_raise(cx, EXC_TypeError,
                  "can only assign string to %s.__qualname__, not '%s'",
                  type_name_c(cx, type), type_name_of(cx, value));
        return false;
    }
    atomic_store_release(&type->qualname, AS_STR(value));
    return true;
}

/* A built-in type may have a __module__ that is there for its instances. */
static Value get_module(Context *cx, Value self) {
    ObjType *type = AS_TYPE(self);
    const Value module =
        dict_get_str(type_attributes(cx, type), context_name(cx, NAME_module_));
    const bool is_its_own = type_has(type, TYPE_FLAG_BUILTIN) && IS_KIND(module, KIND_GETSET);
    return IS_UNSET(module) || is_its_own ? OBJ_VALUE(context_name(cx, NAME_plain_builtins))
                                          : module;
}

static bool set_module(Context *cx, Value self, Value value) {
    return type_setattr(cx, AS_TYPE(self), context_name(cx, NAME_module_), value);
}

static Value get_doc(Context *cx, Value self) {
    const Value doc =
        dict_get_str(type_attributes(cx, AS_TYPE(self)), context_name(cx, NAME_doc_));
    if (IS_KIND(doc, KIND_GETSET)) { /* it is for the type's objects, as a function's */
        const char *text = kind_ops[AS_TYPE(self)->layout]->doc;
        ObjStr *s = text == NULL ? NULL : str_from_c(cx, text);
        return text == NULL ? VALUE_NONE : s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
    }
    return IS_UNSET(doc) ? VALUE_NONE : attribute_bind(cx, doc, VALUE_UNSET, AS_TYPE(self));
}

static bool set_doc(Context *cx, Value self, Value value) {
    return type_setattr(cx, AS_TYPE(self), context_name(cx, NAME_doc_), value);
}

static Value get_bases(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(AS_TYPE(self)->bases);
}

static bool set_bases(Context *cx, Value self, Value value) {
    return type_set_bases(cx, AS_TYPE(self), value);
}

static Value get_base(Context *cx, Value self) {
    (void)cx;
    ObjType *base = AS_TYPE(self)->base;
    return base == NULL ? VALUE_NONE : OBJ_VALUE(base);
}

static Value get_mro(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(AS_TYPE(self)->mro);
}

static Value get_dict(Context *cx, Value self) {
    return mapping_proxy_new(cx, OBJ_VALUE(type_attributes(cx, AS_TYPE(self))));
}

static Value get_abstract_methods(Context *cx, Value self) {
    ObjStr *name = context_name(cx, NAME_abstractmethods_);
    const Value methods = dict_get_str(type_attributes(cx, AS_TYPE(self)), name);
    return IS_UNSET(methods) || type_has(AS_TYPE(self), TYPE_FLAG_BUILTIN)
               ? exc_raise_value(cx, EXC_AttributeError, OBJ_VALUE(name))
               : methods;
}

static bool set_abstract_methods(Context *cx, Value self, Value value) {
    ObjType *type = AS_TYPE(self);
    const int is_abstract = IS_UNSET(value) ? 0 : value_is_true(cx, value);
    if (is_abstract < 0 ||
        !type_setattr(cx, type, context_name(cx, NAME_abstractmethods_), value)) {
        return false;
    }
    if (is_abstract) {
        type_add_flag(type, TYPE_FLAG_ABSTRACT);
    } else {
        atomic_fetch_and(&type->type_flags, (uint16_t)~TYPE_FLAG_ABSTRACT);
    }
    return true;
}

/* The class's own, made when they are asked for: those of a base are not its own. */
static Value get_annotations(Context *cx, Value self) {
    ObjStr *name = context_name(cx, NAME_annotations_);
    const Value own = dict_get_str(type_attributes(cx, AS_TYPE(self)), name);
    if (!IS_UNSET(own)) {
        return own;
    }
    if (type_has(AS_TYPE(self), TYPE_FLAG_BUILTIN)) {
        return attribute_raise_missing(cx, self, name);
    }
    ObjDict *made = dict_new(cx, 0);
    return made != NULL && type_setattr(cx, AS_TYPE(self), name, OBJ_VALUE(made))
               ? OBJ_VALUE(made)
               : VALUE_ERROR;
}

static bool set_annotations(Context *cx, Value self, Value value) {
    return type_setattr(cx, AS_TYPE(self), context_name(cx, NAME_annotations_), value);
}

static Value get_type_params(Context *cx, Value self) {
    const Value own =
        dict_get_str(type_attributes(cx, AS_TYPE(self)), context_name(cx, NAME_type_params_));
    return IS_UNSET(own) ? cx->rt->empty_tuple : own;
}

static bool set_type_params(Context *cx, Value self, Value value) {
    return type_setattr(cx, AS_TYPE(self), context_name(cx, NAME_type_params_), value);
}

static const GetsetDef type_getsets[] = {
    {"__name__", NULL, get_name, set_name},
    {"__qualname__", NULL, get_qualname, set_qualname},
    {"__module__", NULL, get_module, set_module},
    {"__doc__", NULL, get_doc, set_doc},
    {"__bases__", NULL, get_bases, set_bases},
    {"__base__", NULL, get_base, NULL},
    {"__mro__", NULL, get_mro, NULL},
    {"__dict__", NULL, get_dict, NULL},
    {"__abstractmethods__", NULL, get_abstract_methods, set_abstract_methods},
    {"__annotations__", NULL, get_annotations, set_annotations},
    {"__type_params__", NULL, get_type_params, set_type_params},
    {NULL, NULL, NULL, NULL},
};

NATIVE(type_prepare, "__prepare__(cls, /, *args, **kwargs)",
       "Return the namespace in which the body of a class runs.") {
    ObjDict *names = dict_new(cx, 0);
    return names == NULL ? VALUE_ERROR : OBJ_VALUE(names);
}

NATIVE(type_init, "__init__(self, /, *args, **kwargs)",
       "Initialize self.  See help(type(self)) for accurate signature.") {
    return n_args == 4 || n_args == 2
               ? VALUE_NONE
               : exc_raise(cx, EXC_TypeError, "type.__init__() takes 1 or 3 arguments");
}

NATIVE(type_mro, "mro(self, /)", "Return a type's method resolution order.") {
    const ObjTuple *mro = AS_TYPE(args[0])->mro;
    return list_from(cx, mro->items, mro->n);
}

NATIVE(type_subclasses, "__subclasses__(self, /)",
       "Return a list of immediate subclasses.") {
    ObjType *type = AS_TYPE(args[0]);
    const bool is_complete =
        type_has(type, TYPE_FLAG_EXCEPTION) ? exc_open_all(cx) : runtime_open_late_types(cx);
    if (!is_complete) {
        return VALUE_ERROR;
    }
    return list_from_iterable(cx, type->subclasses);
}

NATIVE(type_instancecheck, "__instancecheck__(self, instance, /)",
       "Check if an object is an instance.") {
    return BOOL_VALUE(value_is_instance(cx, args[1], AS_TYPE(args[0])));
}

NATIVE(type_subclasscheck, "__subclasscheck__(self, subclass, /)",
       "Check if a class is a subclass.") {
    if (!IS_TYPE(args[1])) {
        return exc_raise(cx, EXC_TypeError, "issubclass() arg 1 must be a class");
    }
    return BOOL_VALUE(type_is_subtype(AS_TYPE(args[1]), AS_TYPE(args[0])));
}

static const NativeDef type_methods[] = {
    NATIVE_ENTRY_FLAGS(type_prepare, NATIVE_CLASS),
    NATIVE_ENTRY(type_init),
    NATIVE_ENTRY(type_mro),
    NATIVE_ENTRY(type_subclasses),
    NATIVE_ENTRY(type_instancecheck),
    NATIVE_ENTRY(type_subclasscheck),
    {NULL, NULL, NULL, 0},
};

static Value type_repr(Context *cx, Value v) {
    ObjStr *qualname = AS_TYPE(v)->qualname;
    const Value module = get_module(cx, v);
    ObjStr *text;
    if (!IS_STR(module) || str_equals_c(AS_STR(module), "builtins")) {
        text = str_format_c(cx, "<class '%.*s'>", (int)qualname->n_bytes, qualname->data);
    } else {
        text = str_format_c(cx, "<class '%.*s.%.*s'>", (int)AS_STR(module)->n_bytes,
                            AS_STR(module)->data, (int)qualname->n_bytes, qualname->data);
    }
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* list[int] by __class_getitem__; type[int] although `type` has none. */
static Value type_getitem(Context *cx, Value v, Value key) {
    ObjType *type = AS_TYPE(v);
    const Value method = type_lookup(cx, type, context_name(cx, NAME_class_getitem));
    if (!IS_UNSET(method)) {
        const Value bound = attribute_bind(cx, method, VALUE_UNSET, type);
        return IS_ERROR(bound) ? VALUE_ERROR : call_value(cx, bound, &key, 1);
    }
    if (type->layout == KIND_TYPE) {
        return generic_alias(cx, v, key);
    }
    return exc_raise(cx, EXC_TypeError, "type '%s' is not subscriptable",
                     type_name_c(cx, type));
}

/* int | str */
static Value type_binary(Context *cx, BinaryOp op, Value a, Value b) {
    return op == BINARY_OR ? generic_union(cx, a, b) : VALUE_NOT_IMPLEMENTED;
}

const KindOps kind_ops_ObjType = {
    .trace = type_trace,
    .finish = type_finish,
    .repr = type_repr,
    .hash = value_hash_by_identity,
    .getitem = type_getitem,
    .binary = type_binary,
    .construct = metaclass_construct,
    .methods = type_methods,
    .getsets = type_getsets,
    .doc = "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new "
           "type",
};
