/* mod_weakref.c - the module _weakref: ref, and who refers weakly to an object. The rest of weakref is
 * lib/weakref.mini. */

#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/gc/weak.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/generic.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"

#define AS_WEAKREF(v) ((ObjWeakref *)AS_OBJ(v))

/* ref(object, callback=None): both __new__ and __init__ get the arguments, and those that a derived class adds. */

static Value ref_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                           Value kwargs) {
    const bool is_exact = type == cx->rt->types[KIND_WEAKREF];
    if (is_exact && construct_has_kwargs(kwargs)) {
        return exc_raise(cx, EXC_TypeError, "ref() takes no keyword arguments");
    }
    if (!construct_check_count(cx, "__new__", n_args, 1, 2)) {
        return VALUE_ERROR;
    }
    if (!type_has(type_of(cx, args[0]), TYPE_FLAG_WEAKREF)) {
        return exc_raise(cx, EXC_TypeError, "cannot create weak reference to '%s' object",
                         type_name_of(cx, args[0]));
    }
    ObjWeakref *fresh =
        (ObjWeakref *)(is_exact ? (Obj *)HEAP_NEW(cx, ObjWeakref, KIND_WEAKREF)
                                : instance_new(cx, type));
    if (fresh == NULL) {
        return VALUE_ERROR;
    }
    fresh->target = args[0];
    fresh->callback = n_args == 2 ? args[1] : VALUE_NONE;
    return OBJ_VALUE(weak_enter(cx, fresh, is_exact && IS_NONE(fresh->callback)));
}

NATIVE(ref_init, "__init__(self, /, *args, **kwargs)", "Initialize self.") {
    return construct_check(cx, "__init__", n_args - 1, 1, 2, args[-1]) ? VALUE_NONE
                                                                       : VALUE_ERROR;
}

NATIVE(ref_call, "__call__(self, /)", "Return the object, or None when it is gone.") {
    return weak_target(AS_WEAKREF(args[0]));
}

static void ref_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjWeakref *)o)->callback);
    gc_mark_value(m, ((ObjWeakref *)o)->hash);
    instance_trace_derived(m, o);
}

static Value ref_repr(Context *cx, Value v) {
    const Value target = weak_target(AS_WEAKREF(v));
    const unsigned long long address = v;
    if (IS_NONE(target)) {
        ObjStr *text = str_format_c(cx, "<%s at 0x%llx; dead>", "weakref", address);
        return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    }
    const Value name = value_getattr_or_unset(cx, target, context_name(cx, NAME_name_));
    if (IS_ERROR(name)) {
        return VALUE_ERROR;
    }
    const ObjType *type = type_of(cx, target);
    const Value module =
        value_getattr(cx, OBJ_VALUE(type), context_name(cx, NAME_module_));
    if (IS_ERROR(module)) {
        return VALUE_ERROR;
    }
    const bool has_module = IS_STR(module) && !str_equals_c(AS_STR(module), "builtins") &&
                            !str_equals_c(AS_STR(module), "__main__");
    const bool has_name = IS_STR(name);
    const ObjStr *qualname = atomic_load_acquire(&type->qualname);
    ObjStr *text =
        str_format_c(cx, "<weakref at 0x%llx; to '%.*s%s%.*s' at 0x%llx%s%.*s%s>", address,
                     has_module ? (int)AS_STR(module)->n_bytes : 0,
                     has_module ? AS_STR(module)->data : "", has_module ? "." : "",
                     (int)qualname->n_bytes, qualname->data, (unsigned long long)target,
                     has_name ? " (" : "", has_name ? (int)AS_STR(name)->n_bytes : 0,
                     has_name ? AS_STR(name)->data : "", has_name ? ")" : "");
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* That of the object, kept for when it is gone. */
static bool ref_hash(Context *cx, Value v, uint64_t *hash) {
    ObjWeakref *reference = AS_WEAKREF(v);
    Value known = value_load(&reference->hash);
    if (IS_UNSET(known)) {
        const Value target = weak_target(reference);
        if (IS_NONE(target)) {
            exc_raise(cx, EXC_TypeError, "weak object has gone away");
            return false;
        }
        if (!value_hash(cx, target, hash)) {
            return false;
        }
        known = int_from_i64(cx, (int64_t)*hash);
        if (IS_ERROR(known)) {
            return false;
        }
        value_store(&reference->hash, known);
    }
    int64_t wide;
    const bool fits = int_to_i64(known, &wide);
    *hash = (uint64_t)wide;
    return fits;
}

static Value ref_compare(Context *cx, CompareOp op, Value a, Value b) {
    if ((op != COMPARE_EQ && op != COMPARE_NE) || !IS_KIND(a, KIND_WEAKREF) ||
        !IS_KIND(b, KIND_WEAKREF)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const Value x = weak_target(AS_WEAKREF(a));
    const Value y = weak_target(AS_WEAKREF(b));
    if (IS_NONE(x) || IS_NONE(y)) {
        return BOOL_VALUE((a == b) == (op == COMPARE_EQ));
    }
    return value_compare(cx, op, x, y);
}

static Value ref_get_callback(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_WEAKREF(self)->callback);
}

static const NativeDef ref_methods[] = {
    NATIVE_ENTRY(ref_init),
    NATIVE_ENTRY(ref_call),
    GENERIC_ENTRY,
    {0},
};

static const GetsetDef ref_getsets[] = {
    {"__callback__", NULL, ref_get_callback, NULL},
    {0},
};

const KindOps kind_ops_ObjWeakref = {
    .trace = ref_trace,
    .repr = ref_repr,
    .hash = ref_hash,
    .compare = ref_compare,
    .construct = ref_construct,
    .methods = ref_methods,
    .getsets = ref_getsets,
    .doc = "ref(object, callback=None)\n--\n\nA reference that does not keep the object "
           "alive.",
};

/* Who refers to an object? */

static size_t count(Context *cx, Value v) {
    return IS_OBJ(v) ? weak_find(cx, AS_OBJ(v), NULL, 0) : 0;
}

NATIVE(weakref_count, "getweakrefcount(object, /)",
       "Return how many weak references to the object there are.") {
    return int_from_u64(cx, count(cx, args[0]));
}

NATIVE(weakref_list, "getweakrefs(object, /)",
       "Return a list of the weak references to the object.") {
    for (;;) {
        const size_t n = count(cx, args[0]);
        ObjTuple *all = tuple_new(cx, n);
        if (all == NULL || n == 0) {
            return all == NULL ? VALUE_ERROR : list_from(cx, NULL, 0);
        }
        ObjWeakref **found = (ObjWeakref **)(void *)all->items;
        const size_t n_now = weak_find(cx, AS_OBJ(args[0]), found, n);
        if (n_now <= n) { /* otherwise another thread has made more meanwhile */
            return list_from(cx, all->items, n_now);
        }
    }
}

static const NativeDef weakref_natives[] = {
    NATIVE_ENTRY(weakref_count),
    NATIVE_ENTRY(weakref_list),
    {NULL, NULL, NULL, 0},
};

bool mod_weakref_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, weakref_natives) &&
           module_add_type(cx, module, KIND_WEAKREF, "weakref");
}
