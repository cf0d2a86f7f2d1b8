/* mod_test.c - the module _test: a small window into the interpreter for test scripts. */

#include "runtime/gc/finalize.h"
#include "runtime/gc/gc.h"
#include "runtime/host.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/attr_cache.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"

NATIVE(test_collect, "collect(generation=2)",
       "Collect garbage now. How many objects died is not counted: returns 0.") {
    int64_t generation = 2;
    if (!IS_UNSET(args[0]) && !arg_int(cx, args[0], &generation)) {
        return VALUE_ERROR;
    }
    if (generation < 0 || generation > 2) {
        return exc_raise(cx, EXC_ValueError, "invalid generation");
    }
    host_forget_dead(cx, args);
    finalize_collect(cx);
    return value_from_int(0);
}

NATIVE(test_collections, "collections()", "How often garbage was collected.") {
    GcStats stats;
    gc_stats(cx->rt->heap, &stats);
    return int_from_u64(cx, stats.n_collections);
}

NATIVE(test_live_bytes, "live_bytes()",
       "Bytes that were alive after the last collection.") {
    GcStats stats;
    gc_stats(cx->rt->heap, &stats);
    return int_from_u64(cx, stats.bytes_live);
}

NATIVE(test_fail_alloc, "fail_alloc(n, /)",
       "Let the n-th allocation from now on fail, once; 0: none. Returns whether the "
       "last one asked for is still to come.") {
    int n;
    if (!arg_int32(cx, args[0], &n)) {
        return VALUE_ERROR;
    }
    GcOptions options = *gc_options(cx->rt->heap);
    const bool was_waiting = options.fail_after > 0;
    options.fail_after = n > 0 ? (uint32_t)n : 0;
    gc_set_options(cx->rt->heap, &options);
    return BOOL_VALUE(was_waiting);
}

NATIVE(test_shape, "shape(object, /)", "The number of the object's shape.") {
    return IS_OBJ(args[0]) ? int_from_u64(cx, obj_shape(AS_OBJ(args[0]))) : VALUE_NONE;
}

NATIVE(test_is_dict_mode, "is_dict_mode(object, /)",
       "Whether the object's attributes are in a dict.") {
    return BOOL_VALUE(IS_OBJ(args[0]) &&
                      (shape_of(cx, AS_OBJ(args[0]))->flags & SHAPE_FLAG_DICT));
}

NATIVE(test_cache, "cache(object, name, /)",
       "What an inline cache would keep for reading object.name.") {
    static const char *const names[] = {"none",   "slot",     "function",
                                        "native", "value",    "static",
                                        "class",  "property", "transition"};
    ObjStr *name = arg_str(cx, args[1], "cache", "2");
    name = name == NULL ? NULL : str_intern_obj(cx, name);
    if (name == NULL) {
        return VALUE_ERROR;
    }
    const AttrPlace place = attr_cache_lookup(cx, args[0], name);
    ObjStr *text = str_from_c(cx, names[place.kind]);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static const NativeDef test_natives[] = {
    NATIVE_ENTRY(test_collect),    NATIVE_ENTRY(test_collections),
    NATIVE_ENTRY(test_live_bytes), NATIVE_ENTRY(test_fail_alloc),
    NATIVE_ENTRY(test_shape),      NATIVE_ENTRY(test_is_dict_mode),
    NATIVE_ENTRY(test_cache),      {NULL, NULL, NULL, 0},
};

bool mod_test_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, test_natives);
}
