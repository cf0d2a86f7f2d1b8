/* builtins_inspect.c - built-in functions that look at values: attributes, classes,
 * names, texts. */

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "runtime/builtins/builtins.h"
#include "runtime/block.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/descriptors.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"
#include "runtime/objects/module.h"
#include "runtime/objects/str_format.h"

static Value str_value(ObjStr *s) {
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

/* Texts and identity */

NATIVE(builtin_repr, "repr(obj, /)",
       "Return the text that stands for a value in a program.") {
    return value_repr(cx, args[0]);
}

NATIVE(builtin_ascii, "ascii(obj, /)",
       "Return repr(obj) with escapes for what is not ASCII.") {
    const Value text = value_repr(cx, args[0]);
    if (IS_ERROR(text) || str_is_ascii(AS_STR(text))) {
        return text;
    }
    Buf out = {0};
    const char *at = AS_STR(text)->data;
    const char *end = at + AS_STR(text)->n_bytes;
    while (at < end) {
        size_t n_bytes = 0;
        const uint32_t c = utf8_decode(at, &n_bytes);
        at += n_bytes;
        if (c < 0x80) {
            buf_add_byte(&out, (char)c);
        } else {
            buf_add_format(&out,
                           c < 0x100     ? "\\x%02x"
                           : c < 0x10000 ? "\\u%04x"
                                         : "\\U%08x",
                           c);
        }
    }
    return str_value(str_from_buf(cx, &out));
}

NATIVE(builtin_format, "format(value, format_spec='', /)",
       "Return the value as text in a format.") {
    ObjStr *spec = cx->rt->empty_str;
    if (!IS_UNSET(args[1])) {
        spec = arg_str(cx, args[1], "format", "2");
    }
    return spec == NULL ? VALUE_ERROR : format_value(cx, args[0], spec);
}

NATIVE(builtin_hash, "hash(obj, /)", "Return the hash value of an object.") {
    uint64_t hash = 0;
    return value_hash(cx, args[0], &hash) ? int_from_i64(cx, (int64_t)hash) : VALUE_ERROR;
}

NATIVE(builtin_id, "id(obj, /)",
       "Return a number that no other object has at the same time.") {
    return int_from_u64(cx, args[0]);
}

NATIVE(builtin_callable, "callable(obj, /)", "Return whether the object can be called.") {
    return BOOL_VALUE(value_is_callable(cx, args[0]));
}

NATIVE(builtin_len, "len(obj, /)", "Return the number of items in a container.") {
    const int64_t n = value_length(cx, args[0]);
    return n < 0 ? VALUE_ERROR : int_from_i64(cx, n);
}

/* Attributes */

static ObjStr *attribute_name(Context *cx, Value name) {
    if (!IS_STR(name)) {
        exc_raise(cx, EXC_TypeError, "attribute name must be string, not '%s'",
                  type_name_of(cx, name));
        return NULL;
    }
    return str_intern_obj(cx, AS_STR(name));
}

NATIVE(builtin_getattr, "getattr(object, name, default=None, /)",
       "Return an attribute, or default when there is none of that name.") {
    ObjStr *name = attribute_name(cx, args[1]);
    if (name == NULL) {
        return VALUE_ERROR;
    }
    if (IS_UNSET(args[2])) {
        return value_getattr(cx, args[0], name);
    }
    const Value value = value_getattr_or_unset(cx, args[0], name);
    return IS_UNSET(value) ? args[2] : value;
}

NATIVE(builtin_hasattr, "hasattr(obj, name, /)",
       "Return whether the object has an attribute of that name.") {
    ObjStr *name = attribute_name(cx, args[1]);
    const Value value =
        name == NULL ? VALUE_ERROR : value_getattr_or_unset(cx, args[0], name);
    return IS_ERROR(value) ? VALUE_ERROR : BOOL_VALUE(!IS_UNSET(value));
}

NATIVE(builtin_setattr, "setattr(obj, name, value, /)", "Set an attribute.") {
    ObjStr *name = attribute_name(cx, args[1]);
    return name != NULL && value_setattr(cx, args[0], name, args[2]) ? VALUE_NONE
                                                                     : VALUE_ERROR;
}

NATIVE(builtin_delattr, "delattr(obj, name, /)", "Delete an attribute.") {
    ObjStr *name = attribute_name(cx, args[1]);
    return name != NULL && value_delattr(cx, args[0], name) ? VALUE_NONE : VALUE_ERROR;
}

/* Classes */

/* Asks __instancecheck__ or __subclasscheck__ of the class of `of`, where it has one of
 * its own. VALUE_UNSET: it has not. */
static Value ask_class(Context *cx, Value of, SpecialId check, Value v) {
    const Value method = type_special(type_of(cx, of), check);
    const bool is_natural = IS_UNSET(method) || (IS_TYPE(of) && IS_NATIVE(method));
    return is_natural ? VALUE_UNSET : call_method(cx, method, of, &v, 1);
}

/* An object may say by an attribute __class__ of its own what it stands for. */
static int is_instance_by_claim(Context *cx, Value v, const ObjType *of) {
    ObjType *type = type_of(cx, v);
    const Value claim = type_lookup(cx, type, context_name(cx, NAME_class_));
    const Value getattribute = type_special(type, SPECIAL_getattribute);
    const bool is_plain = IS_KIND(claim, KIND_GETSET) && ((ObjGetset *)AS_OBJ(claim))->owner->base == NULL;
    if (is_plain && (IS_UNSET(getattribute) || IS_NATIVE(getattribute))) {
        return 0;
    }
    const Value class = value_getattr_or_unset(cx, v, context_name(cx, NAME_class_));
    return IS_ERROR(class) ? -1 : IS_TYPE(class) && type_is_subtype(AS_TYPE(class), of);
}

/* What is no class may say by a tuple __bases__ what it derives from. VALUE_UNSET: it does not. */
static Value claimed_bases(Context *cx, Value v) {
    const Value bases = value_getattr_or_unset(cx, v, context_name(cx, NAME_bases_));
    return IS_ERROR(bases) || IS_TUPLE(bases) ? bases : VALUE_UNSET;
}

static int derives_by_claim(Context *cx, Value derived, Value of) {
    while (derived != of) {
        const Value bases = claimed_bases(cx, derived);
        if (IS_UNSET(bases) || IS_ERROR(bases)) {
            return IS_ERROR(bases) ? -1 : 0;
        }
        const ObjTuple *tuple = AS_TUPLE(bases);
        for (size_t i = 0; i + 1 < tuple->n; i++) {
            const int answer = exc_check_c_stack(cx) ? derives_by_claim(cx, tuple->items[i], of) : -1;
            if (answer != 0) {
                return answer;
            }
        }
        if (tuple->n == 0) {
            return 0;
        }
        /* A chain of single bases may be as long as it likes, but Ctrl-C has to end it. */
        derived = tuple->items[tuple->n - 1];
        if (!block_poll(cx)) {
            return -1;
        }
    }
    return 1;
}

static const char not_a_class[] = "issubclass() arg 1 must be a class";

/* Whether it is a class or claims to be like one; TypeError. */
static bool check_claim(Context *cx, Value v, const char *message) {
    const Value bases = IS_TYPE(v) ? VALUE_NONE : claimed_bases(cx, v);
    if (IS_UNSET(bases)) {
        exc_raise(cx, EXC_TypeError, "%s", message);
    }
    return !IS_UNSET(bases) && !IS_ERROR(bases);
}

static int is_of_claim(Context *cx, Value v, Value of, bool with_instance) {
    if (!with_instance && !check_claim(cx, v, not_a_class)) {
        return -1;
    }
    if (!check_claim(cx, of,
                     with_instance ? "isinstance() arg 2 must be a type, a tuple of types, or a union"
                                   : "issubclass() arg 2 must be a class, a tuple of classes, or a union")) {
        return -1;
    }
    if (with_instance) {
        v = value_getattr_or_unset(cx, v, context_name(cx, NAME_class_));
    }
    return IS_ERROR(v) ? -1 : IS_UNSET(v) ? 0 : derives_by_claim(cx, v, of);
}

/* 1, 0, -1. with_instance: isinstance, otherwise issubclass. */
static int is_of_type(Context *cx, Value v, const ObjType *of, bool with_instance) {
    if (!with_instance) {
        return IS_TYPE(v)                              ? type_is_subtype(AS_TYPE(v), of)
               : check_claim(cx, v, not_a_class) ? derives_by_claim(cx, v, OBJ_VALUE(of))
                                                 : -1;
    }
    return value_is_instance(cx, v, of) ? 1 : is_instance_by_claim(cx, v, of);
}

static int is_of_class(Context *cx, Value v, Value of, bool with_instance) {
    if (LIKELY(IS_TYPE(of))) {
        const ObjType *type = AS_TYPE(of);
        if (LIKELY(!type_has(type, TYPE_FLAG_META)) ||
            (with_instance && type_of(cx, v) == type)) {
            return is_of_type(cx, v, type, with_instance);
        }
    }
    if (IS_TUPLE(of)) {
        if (!exc_check_c_stack(cx)) {
            return -1;
        }
        for (size_t i = 0; i < AS_TUPLE(of)->n; i++) {
            const int result = is_of_class(cx, v, AS_TUPLE(of)->items[i], with_instance);
            if (result != 0) {
                return result;
            }
        }
        return 0;
    }
    const Value answer = ask_class(
        cx, of, with_instance ? SPECIAL_instancecheck : SPECIAL_subclasscheck, v);
    if (!IS_UNSET(answer)) {
        return IS_ERROR(answer) ? -1 : value_is_true(cx, answer);
    }
    if (IS_TYPE(of)) {
        return is_of_type(cx, v, AS_TYPE(of), with_instance);
    }
    return is_of_claim(cx, v, of, with_instance);
}

NATIVE(builtin_isinstance, "isinstance(obj, class_or_tuple, /)",
       "Return whether an object is an instance of a class or of one of several.") {
    if (LIKELY(IS_TYPE(args[1]) && type_of(cx, args[0]) == AS_TYPE(args[1]))) {
        return VALUE_TRUE; /* whatever a metaclass says */
    }
    const int result = is_of_class(cx, args[0], args[1], true);
    return result < 0 ? VALUE_ERROR : BOOL_VALUE(result);
}

NATIVE(builtin_issubclass, "issubclass(cls, class_or_tuple, /)",
       "Return whether a class derives from a class or from one of several.") {
    const int result = is_of_class(cx, args[0], args[1], false);
    return result < 0 ? VALUE_ERROR : BOOL_VALUE(result);
}

/* Names */

NATIVE(builtin_globals, "globals()", "Return the dict of the module's variables.") {
    return module_namespace(cx, call_current_globals(cx));
}

NATIVE(builtin_locals, "locals()", "Return a dict of the local variables.") {
    return call_current_locals(cx);
}

NATIVE(builtin_vars, "vars(object=None, /)",
       "Return the dict of an object's attributes, or locals().") {
    if (IS_UNSET(args[0])) {
        return call_current_locals(cx);
    }
    const Value dict = value_getattr_or_unset(cx, args[0], context_name(cx, NAME_dict_));
    return IS_UNSET(dict) ? exc_raise(cx, EXC_TypeError,
                                      "vars() argument must have __dict__ attribute")
                          : dict;
}

static bool add_name(Context *cx, Obj *names, Value name) {
    return dict_set(cx, (ObjDict *)names, name, VALUE_NONE);
}

/* Adds what an iterable gives as keys of a dict, which keeps each name once. */
static bool add_names(Context *cx, ObjDict *names, Value iterable) {
    return iter_each(cx, iterable, add_name, &names->header);
}

static bool add_type_names(Context *cx, ObjDict *names, const ObjType *type) {
    for (size_t i = 0; i < type->mro->n; i++) {
        ObjDict *attributes = type_attributes(cx, AS_TYPE(type->mro->items[i]));
        if (!add_names(cx, names, OBJ_VALUE(attributes))) {
            return false;
        }
    }
    return true;
}

/* What dir(v) lists when the class has no __dir__. */
static bool add_value_names(Context *cx, ObjDict *names, Value v) {
    if (IS_MODULE(v)) {
        const Value namespace = module_namespace(cx, AS_MODULE(v));
        return !IS_ERROR(namespace) && add_names(cx, names, namespace);
    }
    if (IS_TYPE(v)) {
        return add_type_names(cx, names, AS_TYPE(v));
    }
    if (IS_OBJ(v) && instance_has_slots(cx, AS_OBJ(v))) {
        ObjList *own = list_new(cx, 0);
        if (own == NULL || !instance_own_names(cx, AS_OBJ(v), OBJ_VALUE(own)) ||
            !add_names(cx, names, OBJ_VALUE(own))) {
            return false;
        }
    }
    if (IS_FUNCTION(v) || IS_WRAPPER(v)) {
        const Value own = value_getattr(cx, v, context_name(cx, NAME_dict_));
        if (IS_ERROR(own) || !add_names(cx, names, own)) {
            return false;
        }
    }
    return add_type_names(cx, names, type_of(cx, v));
}

static Value names_of(Context *cx, Value v) {
    ObjDict *dict = dict_new(cx, 32);
    return dict != NULL && add_value_names(cx, dict, v) ? OBJ_VALUE(dict) : VALUE_ERROR;
}

NATIVE(object_dir, "__dir__(self, /)", "Default dir() implementation.") {
    const Value names = names_of(cx, args[0]);
    return IS_ERROR(names) ? VALUE_ERROR : list_from_iterable(cx, names);
}

const NativeDef builtins_object_dir = NATIVE_ENTRY_FLAGS(object_dir, NATIVE_WRAPPER);

NATIVE(builtin_dir, "dir(object=None, /)",
       "Return the sorted names of an object's attributes, or of the local variables.") {
    Value names;
    const Value method =
        IS_UNSET(args[0]) ? VALUE_UNSET : type_special(type_of(cx, args[0]), SPECIAL_dir);
    const Value own = IS_MODULE(args[0])
                          ? module_get(cx, AS_MODULE(args[0]), context_name(cx, NAME_dir))
                          : VALUE_UNSET;
    if (!IS_UNSET(own)) {
        names = call_value(cx, own, NULL, 0);
    } else if (!IS_UNSET(method)) {
        names = call_method(cx, method, args[0], NULL, 0);
    } else if (IS_UNSET(args[0])) {
        names = call_current_locals(cx);
    } else {
        names = names_of(cx, args[0]);
    }
    const Value list = IS_ERROR(names) ? VALUE_ERROR : list_from_iterable(cx, names);
    return !IS_ERROR(list) && list_sort(cx, AS_LIST(list), VALUE_NONE, false)
               ? list
               : VALUE_ERROR;
}

/* The prompt in the midst of a script: written in the language. */

NATIVE(builtin_breakpoint, "breakpoint(*args, **kws)", "Call sys.breakpointhook(*args, **kws).") {
    const Value hook = module_import_attr(cx, "sys", "breakpointhook");
    return IS_ERROR(hook) ? VALUE_ERROR : call_value_kw(cx, hook, args, n_args, args[-1]);
}

const NativeDef builtins_inspect[] = {
    NATIVE_ENTRY(builtin_breakpoint),
    NATIVE_ENTRY(builtin_ascii),
    NATIVE_ENTRY(builtin_callable),
    NATIVE_ENTRY(builtin_delattr),
    NATIVE_ENTRY(builtin_dir),
    NATIVE_ENTRY(builtin_format),
    NATIVE_ENTRY(builtin_getattr),
    NATIVE_ENTRY(builtin_globals),
    NATIVE_ENTRY(builtin_hasattr),
    NATIVE_ENTRY(builtin_hash),
    NATIVE_ENTRY(builtin_id),
    NATIVE_ENTRY(builtin_isinstance),
    NATIVE_ENTRY(builtin_issubclass),
    NATIVE_ENTRY(builtin_len),
    NATIVE_ENTRY(builtin_locals),
    NATIVE_ENTRY(builtin_repr),
    NATIVE_ENTRY(builtin_setattr),
    NATIVE_ENTRY(builtin_vars),
    {0},
};
