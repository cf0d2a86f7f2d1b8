/* mod_functools.c - the module _functools: partial, reduce, cmp_to_key and the wrapper of
 * lru_cache. lib/functools.mini derives its classes from these where their objects may
 * have attributes. */

#include "runtime/base/buf.h"
#include "runtime/call.h"
#include "runtime/gc/mark.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/callables.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/dict_table.h"
#include "runtime/objects/function.h"
#include "runtime/objects/generic.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/str_build.h"

/* partial */

#define AS_PARTIAL(v) ((ObjPartial *)AS_OBJ(v))

/* The items of both, behind one another. */
static ObjTuple *joined(Context *cx, const Value *a, size_t n_a, const Value *b,
                        size_t n_b) {
    ObjTuple *all = tuple_new(cx, n_a + n_b);
    if (all != NULL && n_a > 0) {
        memcpy(all->items, a, n_a * sizeof(Value));
    }
    if (all != NULL && n_b > 0) {
        memcpy(all->items + n_a, b, n_b * sizeof(Value));
    }
    return all;
}

/* The entries of both dicts, those of the second before those of the first. */
static Value merged_keywords(Context *cx, Value first, Value second) {
    const bool has_second = !IS_UNSET(second) && dict_length(AS_DICT(second)) > 0;
    if (!has_second) {
        return dict_length(AS_DICT(first)) > 0 ? first : VALUE_UNSET;
    }
    if (dict_length(AS_DICT(first)) == 0) {
        return second;
    }
    ObjDict *both = dict_copy(cx, AS_DICT(first));
    return both != NULL && dict_update(cx, both, second) ? OBJ_VALUE(both) : VALUE_ERROR;
}

static Value partial_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                               Value kwargs) {
    if (n_args < 1) {
        return exc_raise(cx, EXC_TypeError, "type 'partial' takes at least one argument");
    }
    if (!value_is_callable(cx, args[0])) {
        return exc_raise(cx, EXC_TypeError, "the first argument must be callable");
    }
    const bool is_exact = type == cx->rt->types[KIND_PARTIAL];
    ObjPartial *p =
        (ObjPartial *)(is_exact ? (Obj *)HEAP_NEW(cx, ObjPartial, KIND_PARTIAL)
                                : instance_new(cx, type));
    ObjDict *keywords =
        IS_UNSET(kwargs) ? dict_new(cx, 0) : dict_copy(cx, AS_DICT(kwargs));
    if (p == NULL || keywords == NULL) {
        return VALUE_ERROR;
    }
    const ObjTuple *before = AS_TUPLE(cx->rt->empty_tuple);
    p->function = args[0];
    p->keywords = OBJ_VALUE(keywords);
    if (IS_KIND(args[0], KIND_PARTIAL)) { /* a partial of a partial is one partial */
        const ObjPartial *inner = AS_PARTIAL(args[0]);
        const Value all = merged_keywords(cx, inner->keywords, OBJ_VALUE(keywords));
        if (IS_ERROR(all)) {
            return VALUE_ERROR;
        }
        before = AS_TUPLE(inner->args);
        p->function = inner->function;
        p->keywords = all == inner->keywords ? OBJ_VALUE(dict_copy(cx, AS_DICT(all)))
                      : IS_UNSET(all)        ? OBJ_VALUE(keywords)
                                             : all;
    }
    ObjTuple *all = joined(cx, before->items, before->n, args + 1, (size_t)n_args - 1);
    if (all == NULL || p->keywords == OBJ_VALUE(NULL)) {
        return VALUE_ERROR;
    }
    p->args = OBJ_VALUE(all);
    return OBJ_VALUE(p);
}

NATIVE(partial_call, "__call__(self, /, *args, **kwargs)", "Call self as a function.") {
    enum { FEW = 12 };
    const ObjPartial *p = AS_PARTIAL(args[0]);
    const Value kwargs = merged_keywords(cx, p->keywords, args[-1]);
    const ObjTuple *before = AS_TUPLE(p->args);
    if (IS_ERROR(kwargs)) {
        return VALUE_ERROR;
    }
    const size_t n_more = (size_t)n_args - 1;
    if (before->n + n_more <= FEW) {
        Value all[FEW];
        for (size_t i = 0; i < before->n; i++) {
            all[i] = before->items[i];
        }
        for (size_t i = 0; i < n_more; i++) {
            all[before->n + i] = args[i + 1];
        }
        return call_value_kw(cx, p->function, all, (int)(before->n + n_more), kwargs);
    }
    ObjTuple *all = joined(cx, before->items, before->n, args + 1, n_more);
    return all == NULL ? VALUE_ERROR
                       : call_value_kw(cx, p->function, all->items, (int)all->n, kwargs);
}

static bool partial_write(Context *cx, Buf *out, const ObjPartial *p) {
    if (!str_build_add_repr(cx, out, p->function)) {
        return false;
    }
    const ObjTuple *all = AS_TUPLE(p->args);
    for (size_t i = 0; i < all->n; i++) {
        buf_add_text(out, ", ");
        if (!str_build_add_repr(cx, out, all->items[i])) {
            return false;
        }
    }
    size_t position = 0;
    Value key;
    Value value;
    const ObjDictTable *table = dict_table(AS_DICT(p->keywords));
    while (dict_table_next(table, &position, &key, &value)) {
        const Value name = value_str(cx, key);
        if (IS_ERROR(name)) {
            return false;
        }
        buf_add_format(out, ", %.*s=", (int)AS_STR(name)->n_bytes, AS_STR(name)->data);
        if (!str_build_add_repr(cx, out, value)) {
            return false;
        }
    }
    return true;
}

static Value partial_repr(Context *cx, Value v) {
    const int is_inside = value_repr_enter(cx, v);
    if (is_inside != 0) {
        ObjStr *text = is_inside < 0 ? NULL : str_from_c(cx, "...");
        return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    }
    const ObjType *type = type_of(cx, v);
    const Value module = type_lookup(cx, (ObjType *)type, context_name(cx, NAME_module_));
    Buf out = {0};
    if (IS_STR(module)) {
        buf_add(&out, AS_STR(module)->data, AS_STR(module)->n_bytes);
        buf_add_byte(&out, '.');
    }
    buf_add(&out, type->qualname->data, type->qualname->n_bytes);
    buf_add_byte(&out, '(');
    const bool is_done = partial_write(cx, &out, AS_PARTIAL(v));
    value_repr_leave(cx, v);
    buf_add_byte(&out, ')');
    if (!is_done) {
        buf_free(&out);
        return VALUE_ERROR;
    }
    ObjStr *text = str_from_buf(cx, &out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

NATIVE(partial_reduce, "__reduce__(self, /)", "Return what pickle and copy need.") {
    const ObjPartial *p = AS_PARTIAL(args[0]);
    const Value function = tuple_from(cx, &p->function, 1);
    const bool has_own = instance_has_slots(cx, AS_OBJ(args[0]));
    ObjDict *own = has_own ? instance_dict(cx, AS_OBJ(args[0])) : NULL;
    if (has_own && own == NULL) {
        return VALUE_ERROR;
    }
    const Value state[] = {p->function, p->args, p->keywords,
                           own == NULL || dict_length(own) == 0 ? VALUE_NONE
                                                                : OBJ_VALUE(own)};
    const Value packed = IS_ERROR(function) ? VALUE_ERROR : tuple_from(cx, state, 4);
    const Value all[] = {OBJ_VALUE(type_of(cx, args[0])), function, packed};
    return IS_ERROR(packed) ? VALUE_ERROR : tuple_from(cx, all, 3);
}

NATIVE(partial_setstate, "__setstate__(self, state, /)", "Take what __reduce__ gave.") {
    ObjPartial *p = AS_PARTIAL(args[0]);
    const ObjTuple *state = IS_TUPLE(args[1]) ? AS_TUPLE(args[1]) : NULL;
    if (state == NULL || state->n != 4 || !value_is_callable(cx, state->items[0]) ||
        !IS_TUPLE(state->items[1]) || !IS_DICT(state->items[2])) {
        return exc_raise(cx, EXC_TypeError, "invalid partial state");
    }
    value_store(&p->function, state->items[0]);
    value_store(&p->args, state->items[1]);
    value_store(&p->keywords, state->items[2]);
    const bool has_own = IS_DICT(state->items[3]) && instance_has_slots(cx, AS_OBJ(args[0]));
    return has_own && !instance_set_dict(cx, AS_OBJ(args[0]), AS_DICT(state->items[3]))
               ? VALUE_ERROR
               : VALUE_NONE;
}

static Value partial_get_function(Context *cx, Value self) {
    (void)cx;
    return AS_PARTIAL(self)->function;
}

static Value partial_get_args(Context *cx, Value self) {
    (void)cx;
    return AS_PARTIAL(self)->args;
}

static Value partial_get_keywords(Context *cx, Value self) {
    (void)cx;
    return AS_PARTIAL(self)->keywords;
}

static void partial_trace(GcMarker *m, Obj *o) {
    const ObjPartial *p = (const ObjPartial *)o;
    gc_mark_value(m, p->function);
    gc_mark_value(m, p->args);
    gc_mark_value(m, p->keywords);
    instance_trace_derived(m, o);
}

static const NativeDef partial_methods[] = {
    NATIVE_ENTRY(partial_call),
    NATIVE_ENTRY(partial_reduce),
    NATIVE_ENTRY(partial_setstate),
    GENERIC_ENTRY,
    {0},
};

static const GetsetDef partial_getsets[] = {
    {"func", "function object to use in future partial calls", partial_get_function,
     NULL},
    {"args", "tuple of arguments to future partial calls", partial_get_args, NULL},
    {"keywords", "dictionary of keyword arguments to future partial calls",
     partial_get_keywords, NULL},
    {0},
};

const KindOps kind_ops_ObjPartial = {
    .trace = partial_trace,
    .repr = partial_repr,
    .construct = partial_construct,
    .methods = partial_methods,
    .getsets = partial_getsets,
    .doc =
        "partial(func, /, *args, **keywords)\n--\n\nCreate a new function with partial "
        "application of the given arguments and keywords.",
};

/* cmp_to_key: K(item) is compared by compare(item, other) */

typedef struct ObjKeyWrapper {
    Obj header;
    Value compare; /* [const] */
    Value item;    /* [const] VALUE_UNSET in K itself */
} ObjKeyWrapper;

#define AS_KEY(v) ((ObjKeyWrapper *)AS_OBJ(v))

static Value key_new(Context *cx, Value compare, Value item) {
    ObjKeyWrapper *key = HEAP_NEW(cx, ObjKeyWrapper, KIND_KEY_WRAPPER);
    if (key == NULL) {
        return VALUE_ERROR;
    }
    key->compare = compare;
    key->item = item;
    return OBJ_VALUE(key);
}

NATIVE(functools_cmp_to_key, "cmp_to_key(mycmp)",
       "Convert a cmp= function into a key= function.") {
    return key_new(cx, args[0], VALUE_UNSET);
}

NATIVE(key_call, "__call__(self, obj, /)", "Wrap obj.") {
    return key_new(cx, AS_KEY(args[0])->compare, args[1]);
}

static Value key_compare(Context *cx, CompareOp op, Value a, Value b) {
    if (!IS_KIND(a, KIND_KEY_WRAPPER) || !IS_KIND(b, KIND_KEY_WRAPPER)) {
        return exc_raise(cx, EXC_TypeError, "other argument must be K instance");
    }
    const Value pair[] = {AS_KEY(a)->item, AS_KEY(b)->item};
    if (IS_UNSET(pair[0]) || IS_UNSET(pair[1])) {
        return exc_raise(cx, EXC_AttributeError, "object");
    }
    const Value answer = call_value(cx, AS_KEY(a)->compare, pair, 2);
    return IS_ERROR(answer) ? VALUE_ERROR
                            : value_compare(cx, op, answer, value_from_int(0));
}

static void key_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjKeyWrapper *)o)->compare);
    gc_mark_value(m, ((ObjKeyWrapper *)o)->item);
}

static Value key_get_object(Context *cx, Value self) {
    const Value item = AS_KEY(self)->item;
    return IS_UNSET(item) ? exc_raise(cx, EXC_AttributeError, "object") : item;
}

static const NativeDef key_methods[] = {NATIVE_ENTRY(key_call), {0}};
static const GetsetDef key_getsets[] = {
    {"obj", "Value wrapped by a key function.", key_get_object, NULL},
    {0},
};

const KindOps kind_ops_ObjKeyWrapper = {
    .trace = key_trace,
    .compare = key_compare,
    .methods = key_methods,
    .getsets = key_getsets,
};

/* reduce */

NATIVE(functools_reduce, "reduce(function, iterable, initial=<unrepresentable>, /)",
       "Combine the items from left to right with a function of two arguments.") {
    const Value iterator = value_iter(cx, args[1]);
    if (IS_ERROR(iterator)) {
        return exc_take_if(cx, EXC_TypeError)
                   ? exc_raise(cx, EXC_TypeError, "reduce() arg 2 must support iteration")
                   : VALUE_ERROR;
    }
    Value pair[2] = {args[2], VALUE_UNSET};
    for (;;) {
        const Value item = iter_step(cx, iterator);
        if (item == VALUE_STOP) {
            break;
        }
        if (IS_ERROR(item)) {
            return VALUE_ERROR;
        }
        if (IS_UNSET(pair[0])) {
            pair[0] = item;
            continue;
        }
        pair[1] = item;
        pair[0] = call_value(cx, args[0], pair, 2);
        if (IS_ERROR(pair[0])) {
            return VALUE_ERROR;
        }
    }
    return IS_UNSET(pair[0])
               ? exc_raise(cx, EXC_TypeError,
                           "reduce() of empty iterable with no initial value")
               : pair[0];
}

/* lru_cache: a dict from a key made of the arguments to a result, or, with a limit, to a
 * link of a ring in the order of use. The dict is used without the cache's lock, since the
 * keys' __eq__ and __hash__ may be a script's; the ring only with it. */

#define AS_LRU(v) ((ObjLruCache *)AS_OBJ(v))

typedef struct ObjLruLink {
    Obj header;
    struct ObjLruLink *newer; /* [lock of the cache] NULL: not in the ring */
    struct ObjLruLink *older; /* [lock of the cache] */
    Value key;                /* [const] */
    Value result;             /* [const] */
} ObjLruLink;

#define AS_LINK(v) ((ObjLruLink *)AS_OBJ(v))

static void unlink_locked(ObjLruLink *link) {
    link->older->newer = link->newer;
    link->newer->older = link->older;
    link->newer = NULL;
}

/* The ring is closed by the root: root->older is the link used last. */
static void link_newest_locked(ObjLruLink *root, ObjLruLink *link) {
    link->newer = root;
    link->older = root->older;
    root->older->newer = link;
    root->older = link;
}

static ObjLruLink *link_new(Context *cx, Value key, Value result) {
    ObjLruLink *link = HEAP_NEW(cx, ObjLruLink, KIND_LRU_LINK);
    if (link != NULL) {
        link->key = key;
        link->result = result;
        link->newer = NULL;
    }
    return link;
}

static bool lru_open(Context *cx, ObjLruCache *c) {
    ObjLruLink *root = link_new(cx, VALUE_UNSET, VALUE_UNSET);
    c->results = dict_new(cx, 0);
    if (root == NULL || c->results == NULL) {
        return false;
    }
    root->newer = root->older = root;
    c->root = root;
    return true;
}

static bool lru_max_size(Context *cx, Value v, int64_t *max_size) {
    if (IS_NONE(v)) {
        *max_size = -1;
        return true;
    }
    if (!IS_INT_LIKE(v)) {
        exc_raise(cx, EXC_TypeError, "maxsize should be integer or None");
        return false;
    }
    if (!arg_int(cx, v, max_size)) {
        return false;
    }
    *max_size = *max_size < 0 ? 0 : *max_size;
    return true;
}

static Value lru_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                           Value kwargs) {
    static const char *const parameters[] = {"user_function", "maxsize", "typed",
                                             "cache_info_type", NULL};
    Value out[4];
    int64_t max_size;
    bool is_typed;
    if (!construct_arguments(cx, "lru_cache", parameters, 4, args, n_args, kwargs, out) ||
        !lru_max_size(cx, out[1], &max_size) || !arg_bool(cx, out[2], false, &is_typed)) {
        return VALUE_ERROR;
    }
    if (!value_is_callable(cx, out[0])) {
        return exc_raise(cx, EXC_TypeError, "the first argument must be callable");
    }
    const bool is_exact = type == cx->rt->types[KIND_LRU_CACHE];
    ObjLruCache *c =
        (ObjLruCache *)(is_exact ? (Obj *)HEAP_NEW(cx, ObjLruCache, KIND_LRU_CACHE)
                                 : instance_new(cx, type));
    if (c == NULL || !lru_open(cx, c)) {
        return VALUE_ERROR;
    }
    c->function = out[0];
    c->info = out[3];
    c->max_size = max_size;
    c->is_typed = is_typed;
    return OBJ_VALUE(c);
}

/* The key: the only argument itself when it is a plain int or str, else a tuple: the
 * arguments, then (after a mark) names and values of the keywords, then (typed) all types. */
static Value lru_key(Context *cx, const ObjLruCache *c, const Value *args, size_t n,
                     Value kwargs) {
    const size_t n_keywords = IS_UNSET(kwargs) ? 0 : dict_length(AS_DICT(kwargs));
    if (n == 1 && n_keywords == 0 && !c->is_typed &&
        (IS_INT(args[0]) || IS_EXACT(args[0], KIND_STR) || IS_EXACT(args[0], KIND_INT))) {
        return args[0];
    }
    const size_t n_named = n_keywords == 0 ? 0 : 1 + 2 * n_keywords;
    ObjTuple *key = tuple_new(cx, n + n_named + (c->is_typed ? n + n_keywords : 0));
    if (key == NULL) {
        return VALUE_ERROR;
    }
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        key->items[at++] = args[i];
        if (c->is_typed) {
            key->items[n + n_named + i] = OBJ_VALUE(type_of(cx, args[i]));
        }
    }
    if (n_keywords == 0) {
        return OBJ_VALUE(key);
    }
    key->items[at++] = OBJ_VALUE(cx->rt->types[KIND_LRU_CACHE]); /* the mark */
    size_t position = 0;
    size_t type_at = n + n_named + n;
    const ObjDictTable *table = dict_table(AS_DICT(kwargs));
    for (size_t i = 0; i < n_keywords; i++) {
        Value name;
        Value value;
        if (!dict_table_next(table, &position, &name, &value)) {
            break;
        }
        key->items[at++] = name;
        key->items[at++] = value;
        if (c->is_typed) {
            key->items[type_at++] = OBJ_VALUE(type_of(cx, value));
        }
    }
    return OBJ_VALUE(key);
}

/* A result that is there, with a limit: it is the one used last now. */
static Value lru_use(Context *cx, ObjLruCache *c, ObjLruLink *link) {
    const bool is_locked = objlock_lock(cx, &c->header);
    if (link->newer != NULL) {
        unlink_locked(link);
        link_newest_locked(c->root, link);
    }
    objlock_unlock(cx, &c->header, is_locked);
    return link->result;
}

/* Remembers a result, and forgets the one used longest ago when there are too many. */
static bool lru_remember(Context *cx, ObjLruCache *c, Value key, Value result) {
    if (c->max_size < 0) {
        return dict_set(cx, c->results, key, result);
    }
    ObjLruLink *link = link_new(cx, key, result);
    const Value there = link == NULL
                            ? VALUE_ERROR
                            : dict_setdefault(cx, c->results, key, OBJ_VALUE(link));
    if (there !=
        OBJ_VALUE(link)) { /* the function called itself, or another thread was faster */
        return !IS_ERROR(there);
    }
    bool is_locked = objlock_lock(cx, &c->header);
    link_newest_locked(c->root, link);
    while (dict_length(c->results) > (size_t)c->max_size && c->root->newer != c->root) {
        ObjLruLink *victim = c->root->newer;
        unlink_locked(victim);
        objlock_unlock(cx, &c->header, is_locked);
        if (dict_delete(cx, c->results, victim->key, NULL) < 0) {
            return false;
        }
        is_locked = objlock_lock(cx, &c->header);
    }
    objlock_unlock(cx, &c->header, is_locked);
    return true;
}

NATIVE(lru_call, "__call__(self, /, *args, **kwargs)", "Call self as a function.") {
    ObjLruCache *c = AS_LRU(args[0]);
    const Value kwargs = args[-1];
    const Value key = c->max_size == 0
                          ? VALUE_UNSET
                          : lru_key(cx, c, args + 1, (size_t)n_args - 1, kwargs);
    const Value found = IS_UNSET(key)   ? VALUE_UNSET
                        : IS_ERROR(key) ? VALUE_ERROR
                                        : dict_get(cx, c->results, key);
    if (LIKELY(!IS_UNSET(found))) {
        if (IS_ERROR(found)) {
            return VALUE_ERROR;
        }
        iter_take(cx, &c->hits);
        return c->max_size < 0 ? found : lru_use(cx, c, AS_LINK(found));
    }
    iter_take(cx, &c->misses);
    const Value result = call_value_kw(cx, c->function, args + 1, n_args - 1, kwargs);
    if (IS_ERROR(result) || IS_UNSET(key)) {
        return result;
    }
    return lru_remember(cx, c, key, result) ? result : VALUE_ERROR;
}

NATIVE(lru_cache_info, "cache_info(self, /)", "Report cache statistics") {
    const ObjLruCache *c = AS_LRU(args[0]);
    const Value numbers[] = {
        int_from_i64(cx, atomic_load_relaxed(&c->hits)),
        int_from_i64(cx, atomic_load_relaxed(&c->misses)),
        c->max_size < 0 ? VALUE_NONE : int_from_i64(cx, c->max_size),
        int_from_i64(cx, (int64_t)dict_length(c->results)),
    };
    return call_value(cx, c->info, numbers, 4);
}

NATIVE(lru_cache_clear, "cache_clear(self, /)", "Clear the cache and cache statistics") {
    ObjLruCache *c = AS_LRU(args[0]);
    const bool is_locked = objlock_lock(cx, &c->header);
    while (c->root->newer != c->root) {
        unlink_locked(c->root->newer);
    }
    objlock_unlock(cx, &c->header, is_locked);
    dict_clear(cx, c->results);
    atomic_store_relaxed(&c->hits, 0);
    atomic_store_relaxed(&c->misses, 0);
    return VALUE_NONE;
}

NATIVE(lru_get, "__get__(self, instance, owner=None, /)",
       "Return a method of instance, or self when it is None.") {
    return IS_NONE(args[1]) ? args[0] : method_new(cx, args[0], args[1]);
}

NATIVE(lru_copy, "__copy__(self, /)", "Return self.") {
    return args[0];
}

NATIVE(lru_deepcopy, "__deepcopy__(self, memo, /)", "Return self.") {
    return args[0];
}

static void lru_link_trace(GcMarker *m, Obj *o) {
    const ObjLruLink *link = (const ObjLruLink *)o;
    gc_mark_obj(m, link->newer);
    gc_mark_obj(m, link->older);
    gc_mark_value(m, link->key);
    gc_mark_value(m, link->result);
}

static void lru_trace(GcMarker *m, Obj *o) {
    const ObjLruCache *c = (const ObjLruCache *)o;
    gc_mark_value(m, c->function);
    gc_mark_value(m, c->info);
    gc_mark_obj(m, c->results);
    gc_mark_obj(m, c->root);
    instance_trace_derived(m, o);
}

static const NativeDef lru_methods[] = {
    NATIVE_ENTRY(lru_call),
    NATIVE_ENTRY(lru_cache_info),
    NATIVE_ENTRY(lru_cache_clear),
    NATIVE_ENTRY(lru_get),
    NATIVE_ENTRY(lru_copy),
    NATIVE_ENTRY(lru_deepcopy),
    {0},
};

const KindOps kind_ops_ObjLruLink = {.trace = lru_link_trace};

const KindOps kind_ops_ObjLruCache = {
    .trace = lru_trace,
    .construct = lru_construct,
    .methods = lru_methods,
    .doc = "Create a cached callable that wraps another function.",
};

/* The module */

static const NativeDef functions[] = {
    NATIVE_ENTRY(functools_cmp_to_key),
    NATIVE_ENTRY(functools_reduce),
    {0},
};

bool mod_functools_open(Context *cx, ObjModule *module) {
    return module_add_type(cx, module, KIND_PARTIAL, "functools") &&
           module_add_type(cx, module, KIND_LRU_CACHE, "functools") &&
           module_add_type(cx, module, KIND_KEY_WRAPPER, "functools") &&
           module_add_natives(cx, module, functions);
}
