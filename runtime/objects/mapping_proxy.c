/* mapping_proxy.c - mappingproxy, the view of class attributes or any mapping; and the view
 * of module globals.
 *
 * A view of a module has the methods of a dict that change it, too. Iteration goes over a
 * snapshot of the names. */

#include "runtime/objects/mapping_proxy.h"

#include "runtime/call.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/generic.h"
#include "runtime/objects/list.h"
#include "runtime/objects/module.h"

#define AS_PROXY(v) ((ObjMappingProxy *)AS_OBJ(v))

Value mapping_proxy_new(Context *cx, Value target) {
    const ObjKind kind = IS_MODULE(target) ? KIND_NAMESPACE : KIND_MAPPINGPROXY;
    ObjMappingProxy *proxy = (ObjMappingProxy *)heap_alloc(cx, sizeof *proxy, kind, kind);
    if (proxy == NULL) {
        return VALUE_ERROR;
    }
    proxy->target = target;
    return OBJ_VALUE(proxy);
}

/* What can be subscripted and is neither a list nor a tuple: CPython asks no more. */
static bool is_mapping(Context *cx, Value v) {
    return !IS_LIST(v) && !IS_TUPLE(v) && !IS_TYPE(v) &&
           !IS_UNSET(type_lookup(cx, type_of(cx, v), context_name(cx, NAME_getitem)));
}

/* types.MappingProxyType(mapping) */
static Value proxy_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                             Value kwargs) {
    (void)type;
    if (!construct_check(cx, "mappingproxy", n_args, 1, 1, kwargs)) {
        return VALUE_ERROR;
    }
    if (!is_mapping(cx, args[0])) {
        return exc_raise(cx, EXC_TypeError,
                         "mappingproxy() argument must be a mapping, not %s",
                         type_name_of(cx, args[0]));
    }
    return mapping_proxy_new(cx, args[0]);
}

/* What a view of globals shows now, as a dict that must not be changed. */
static ObjDict *content(Context *cx, Value v) {
    const Value target = AS_PROXY(v)->target;
    return module_snapshot(cx, AS_MODULE(target));
}

/* The value under a key, VALUE_UNSET when it is not there, VALUE_ERROR. */
static Value get(Context *cx, Value v, Value key) {
    const Value target = AS_PROXY(v)->target;
    if (IS_EXACT(target, KIND_DICT)) {
        return dict_get(cx, AS_DICT(target), key);
    }
    if (!IS_MODULE(target)) {
        const Value value = value_getitem(cx, target, key);
        return IS_ERROR(value) && exc_take_if(cx, EXC_KeyError) ? VALUE_UNSET : value;
    }
    if (!IS_STR(key)) {
        return VALUE_UNSET;
    }
    ObjStr *name = str_intern_obj(cx, AS_STR(key));
    return name == NULL ? VALUE_ERROR : module_get(cx, AS_MODULE(target), name);
}

Value mapping_proxy_get(Context *cx, Value proxy, Value key) {
    return get(cx, proxy, key);
}

ObjModule *mapping_proxy_module(Value proxy) {
    const Value target = AS_PROXY(proxy)->target;
    return IS_MODULE(target) ? AS_MODULE(target) : NULL;
}

/* Stores or (VALUE_UNSET) deletes. */
static bool set(Context *cx, Value v, Value key, Value value) {
    const Value target = AS_PROXY(v)->target;
    if (!IS_STR(key)) {
        exc_raise(cx, EXC_TypeError, "names of globals are str, not %s",
                  type_name_of(cx, key));
        return false;
    }
    ObjStr *name = str_intern_obj(cx, AS_STR(key));
    if (name == NULL) {
        return false;
    }
    if (IS_UNSET(value) && IS_UNSET(module_get(cx, AS_MODULE(target), name))) {
        exc_raise_value(cx, EXC_KeyError, key);
        return false;
    }
    return module_set(cx, AS_MODULE(target), name, value);
}

static void view_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjMappingProxy *)o)->target);
}

static Value names_repr(Context *cx, Value v) {
    ObjDict *dict = content(cx, v);
    if (dict == NULL) {
        return VALUE_ERROR;
    }
    const int entered = value_repr_enter(cx, v);
    if (entered != 0) {
        ObjStr *dots = entered < 0 ? NULL : str_from_c(cx, "{...}");
        return dots == NULL ? VALUE_ERROR : OBJ_VALUE(dots);
    }
    const Value text = value_repr(cx, OBJ_VALUE(dict));
    value_repr_leave(cx, v);
    return text;
}

/* What stands behind a view, for operators: the mapping, or the globals as a dict. Anything
 * else is itself; VALUE_ERROR. */
static Value behind(Context *cx, Value v) {
    if (IS_KIND(v, KIND_MAPPINGPROXY)) {
        return AS_PROXY(v)->target;
    }
    if (IS_KIND(v, KIND_NAMESPACE)) {
        ObjDict *dict = content(cx, v);
        return dict == NULL ? VALUE_ERROR : OBJ_VALUE(dict);
    }
    return v;
}

static Value view_compare(Context *cx, CompareOp op, Value a, Value b) {
    const Value left = behind(cx, a);
    const Value right = IS_ERROR(left) ? VALUE_ERROR : behind(cx, b);
    return IS_ERROR(right) ? VALUE_ERROR : value_compare(cx, op, left, right);
}

static Value view_binary(Context *cx, BinaryOp op, Value a, Value b) {
    if (op != BINARY_OR) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const Value left = behind(cx, a);
    const Value right = IS_ERROR(left) ? VALUE_ERROR : behind(cx, b);
    return IS_ERROR(right) ? VALUE_ERROR : value_binary(cx, op, left, right);
}

static int64_t names_length(Context *cx, Value v) {
    ObjDict *dict = content(cx, v);
    return dict == NULL ? -1 : (int64_t)dict_length(dict);
}

static Value names_getitem(Context *cx, Value v, Value key) {
    const Value value = get(cx, v, key);
    return IS_UNSET(value) ? exc_raise_value(cx, EXC_KeyError, key) : value;
}

static int names_contains(Context *cx, Value v, Value key) {
    const Value value = get(cx, v, key);
    return IS_ERROR(value) ? -1 : !IS_UNSET(value);
}

static Value names_iter(Context *cx, Value v) {
    ObjDict *dict = content(cx, v);
    return dict == NULL ? VALUE_ERROR : value_iter(cx, OBJ_VALUE(dict));
}

NATIVE(names_get, "get(self, key, default=None, /)",
       "Return the value for key, or default.") {
    const Value value = get(cx, args[0], args[1]);
    return !IS_UNSET(value) ? value : IS_UNSET(args[2]) ? VALUE_NONE : args[2];
}

NATIVE(names_keys, "keys(self, /)", "The names.") {
    ObjDict *dict = content(cx, args[0]);
    return dict == NULL ? VALUE_ERROR : dict_keys(cx, dict);
}

NATIVE(names_values, "values(self, /)", "The values.") {
    ObjDict *dict = content(cx, args[0]);
    return dict == NULL ? VALUE_ERROR : dict_values(cx, dict);
}

NATIVE(names_items, "items(self, /)", "Pairs of name and value.") {
    ObjDict *dict = content(cx, args[0]);
    return dict == NULL ? VALUE_ERROR : dict_items(cx, dict);
}

NATIVE(names_copy, "copy(self, /)", "A dict with the same items.") {
    ObjDict *dict = content(cx, args[0]);
    ObjDict *copy = dict == NULL ? NULL : dict_copy(cx, dict);
    return copy == NULL ? VALUE_ERROR : OBJ_VALUE(copy);
}

NATIVE(names_pop, "pop(self, key, default=<unrepresentable>, /)",
       "Remove a name and return its value, or default.") {
    const Value value = get(cx, args[0], args[1]);
    if (IS_UNSET(value)) {
        return IS_UNSET(args[2]) ? exc_raise_value(cx, EXC_KeyError, args[1]) : args[2];
    }
    return IS_ERROR(value) || !set(cx, args[0], args[1], VALUE_UNSET) ? VALUE_ERROR
                                                                      : value;
}

NATIVE(names_setdefault, "setdefault(self, key, default=None, /)",
       "Return the value for key, after setting it to default if it is not there.") {
    const Value value = get(cx, args[0], args[1]);
    if (!IS_UNSET(value)) {
        return value;
    }
    const Value fresh = IS_UNSET(args[2]) ? VALUE_NONE : args[2];
    return set(cx, args[0], args[1], fresh) ? fresh : VALUE_ERROR;
}

NATIVE(names_update, "update(self, /, *args, **kwargs)",
       "Bind names from a mapping, pairs or keyword arguments.") {
    if (n_args > 2) {
        return exc_raise(cx, EXC_TypeError, "update expected at most 1 argument, got %d",
                         n_args - 1);
    }
    ObjDict *dict = dict_new(cx, 0);
    if (dict == NULL || (n_args == 2 && !dict_update(cx, dict, args[1])) ||
        (!IS_UNSET(args[-1]) && !dict_update(cx, dict, args[-1]))) {
        return VALUE_ERROR;
    }
    size_t position = 0;
    Value key;
    Value value;
    while (dict_table_next(dict_table(dict), &position, &key, &value)) {
        if (!set(cx, args[0], key, value)) {
            return VALUE_ERROR;
        }
    }
    return VALUE_NONE;
}

/* What a method of dict gives for the content. */
static Value call_on_content(Context *cx, Value v, const char *method_name) {
    ObjDict *dict = content(cx, v);
    return dict == NULL ? VALUE_ERROR
                        : value_call_attr_c(cx, OBJ_VALUE(dict), method_name, NULL, 0);
}

NATIVE(names_popitem, "popitem(self, /)",
       "Remove the name that was bound last and return it with its value.") {
    const Value pair = call_on_content(cx, args[0], "popitem");
    return !IS_ERROR(pair) && set(cx, args[0], AS_TUPLE(pair)->items[0], VALUE_UNSET)
               ? pair
               : VALUE_ERROR;
}

NATIVE(names_clear, "clear(self, /)", "Unbind all names.") {
    ObjDict *dict = content(cx, args[0]);
    size_t position = 0;
    Value key;
    Value value;
    while (dict != NULL && dict_table_next(dict_table(dict), &position, &key, &value)) {
        if (!set(cx, args[0], key, VALUE_UNSET) && !exc_take_if(cx, EXC_KeyError)) {
            return VALUE_ERROR;
        }
    }
    return dict == NULL ? VALUE_ERROR : VALUE_NONE;
}

NATIVE(names_reversed, "__reversed__(self, /)", "The names, the last one first.") {
    return call_on_content(cx, args[0], "__reversed__");
}

static const NativeDef namespace_methods[] = {
    NATIVE_ENTRY(names_get),
    NATIVE_ENTRY(names_keys),
    NATIVE_ENTRY(names_values),
    NATIVE_ENTRY(names_items),
    NATIVE_ENTRY(names_copy),
    NATIVE_ENTRY(names_reversed),
    NATIVE_ENTRY(names_pop),
    NATIVE_ENTRY(names_popitem),
    NATIVE_ENTRY(names_setdefault),
    NATIVE_ENTRY(names_update),
    NATIVE_ENTRY(names_clear),
    {NULL, NULL, NULL, 0},
};

/* Globals are a dict, to isinstance() and to whoever asks for their class. */
static Value namespace_get_class(Context *cx, Value self) {
    (void)self;
    return OBJ_VALUE(cx->rt->types[KIND_DICT]);
}

static const GetsetDef namespace_getsets[] = {
    {"__class__", NULL, namespace_get_class, NULL},
    {NULL, NULL, NULL, NULL},
};

/* str() of globals. */
static Value names_str(Context *cx, Value v) {
    ObjDict *dict = content(cx, v);
    return dict == NULL ? VALUE_ERROR : value_repr(cx, OBJ_VALUE(dict));
}

const KindOps kind_ops_ObjNamespace = {
    .str = names_str,
    .trace = view_trace,
    .repr = names_repr,
    .compare = view_compare,
    .binary = view_binary,
    .length = names_length,
    .getitem = names_getitem,
    .setitem = set,
    .contains = names_contains,
    .iter = names_iter,
    .methods = namespace_methods,
    .getsets = namespace_getsets,
};

/* mappingproxy: every question is passed on to the mapping. */

static Value proxy_repr(Context *cx, Value v) {
    const int entered = value_repr_enter(cx, v);
    if (entered != 0) {
        ObjStr *dots = entered < 0 ? NULL : str_from_c(cx, "mappingproxy({...})");
        return dots == NULL ? VALUE_ERROR : OBJ_VALUE(dots);
    }
    const Value text = value_repr(cx, AS_PROXY(v)->target);
    value_repr_leave(cx, v);
    if (IS_ERROR(text)) {
        return VALUE_ERROR;
    }
    ObjStr *wrapped = str_format_c(cx, "mappingproxy(%.*s)", (int)AS_STR(text)->n_bytes,
                                   AS_STR(text)->data);
    return wrapped == NULL ? VALUE_ERROR : OBJ_VALUE(wrapped);
}

static Value proxy_str(Context *cx, Value v) {
    return value_str(cx, AS_PROXY(v)->target);
}

static bool proxy_hash(Context *cx, Value v, uint64_t *hash) {
    return value_hash(cx, AS_PROXY(v)->target, hash);
}

static int64_t proxy_length(Context *cx, Value v) {
    return value_length(cx, AS_PROXY(v)->target);
}

static Value proxy_getitem(Context *cx, Value v, Value key) {
    return value_getitem(cx, AS_PROXY(v)->target, key);
}

static int proxy_contains(Context *cx, Value v, Value key) {
    return value_contains(cx, AS_PROXY(v)->target, key);
}

static Value proxy_iter(Context *cx, Value v) {
    return value_iter(cx, AS_PROXY(v)->target);
}

static Value pass_on(Context *cx, const char *name, const Value *args, int n_args) {
    return value_call_attr_c(cx, AS_PROXY(args[0])->target, name, args + 1, n_args - 1);
}

NATIVE(proxy_get, "get(self, key, default=None, /)",
       "Return the value for key if key is in the mapping, else default.") {
    const Value all[] = {args[0], args[1], IS_UNSET(args[2]) ? VALUE_NONE : args[2]};
    return pass_on(cx, "get", all, 3);
}

#define PASSED_ON(name, text)                    \
    NATIVE(proxy_##name, #name "(self, /)", text) { \
        return pass_on(cx, #name, args, 1);      \
    }
PASSED_ON(keys, "The keys of the mapping.")
PASSED_ON(values, "The values of the mapping.")
PASSED_ON(items, "Pairs of key and value of the mapping.")
PASSED_ON(copy, "A copy of the mapping.")
#undef PASSED_ON

NATIVE(proxy_reversed, "__reversed__(self, /)", "The keys, the last one first.") {
    return pass_on(cx, "__reversed__", args, 1);
}

NATIVE(proxy_ior, "__ior__(self, value, /)", "Return self|=value.") {
    return exc_raise(cx, EXC_TypeError,
                     "'|=' is not supported by mappingproxy; use '|' instead");
}

static const NativeDef proxy_methods[] = {
    GENERIC_ENTRY,
    NATIVE_ENTRY(proxy_get),
    NATIVE_ENTRY(proxy_keys),
    NATIVE_ENTRY(proxy_values),
    NATIVE_ENTRY(proxy_items),
    NATIVE_ENTRY(proxy_copy),
    NATIVE_ENTRY(proxy_reversed),
    NATIVE_ENTRY(proxy_ior),
    {NULL, NULL, NULL, 0},
};

const KindOps kind_ops_ObjMappingProxy = {
    .construct = proxy_construct,
    .repr = proxy_repr,
    .str = proxy_str,
    .hash = proxy_hash,
    .trace = view_trace,
    .compare = view_compare,
    .binary = view_binary,
    .length = proxy_length,
    .getitem = proxy_getitem,
    .contains = proxy_contains,
    .iter = proxy_iter,
    .methods = proxy_methods,
};
