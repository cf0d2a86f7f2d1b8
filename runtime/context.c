/* context.c - the runtime's part of an interpreter: the order in which it comes to life.
 *
 * Each step needs the ones before:
 *   1. tables of shapes and cells, the heap, the calling thread's share of it, the lot
 *      for container locks
 *   2. the empty tuple and array, which making objects falls back on
 *   3. interned strings and names; until now no object's type was asked for
 *   4. the types str, tuple, list, dict and all others; then their shapes know them
 *   5. exception classes, and the MemoryError that needs no memory
 *   6. sys.modules, builtins, sys */

#include "runtime/context.h"

#include "runtime/base/platform.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/gc.h"
#include "runtime/gc/mark.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/array.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/module.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"
#include "runtime/objects/type.h"

static bool open_memory(Context *cx, size_t max_memory_bytes) {
    Runtime *rt = cx->rt;
    rt->heap = heap_open(max_memory_bytes);
    if (rt->heap == NULL || !shape_open(rt)) {
        return false;
    }
    heap_local_open(rt->heap, &cx->heap_local);
    return true;
}

static bool open_empty_objects(Context *cx) {
    Runtime *rt = cx->rt;
    rt->no_memory = VALUE_UNSET;
    Obj *tuple = heap_alloc(cx, sizeof(ObjTuple), KIND_TUPLE, KIND_TUPLE);
    Obj *array =
        tuple == NULL ? NULL : heap_alloc(cx, sizeof(ObjArray), KIND_ARRAY, KIND_ARRAY);
    if (array == NULL) {
        return false;
    }
    rt->empty_tuple = OBJ_VALUE(tuple);
    rt->empty_array = OBJ_VALUE(array);
    Obj *bytes = heap_alloc(cx, sizeof(ObjBytes) + 1, KIND_BYTES, KIND_BYTES);
    rt->empty_bytes = bytes == NULL ? VALUE_UNSET : OBJ_VALUE(bytes);
    return bytes != NULL;
}

static bool open_type(Context *cx, ObjKind kind, ObjType *base) {
    const bool is_final = !(kind_flags[kind] & KF_SUBCLASS);
    const uint16_t flags = (uint16_t)((is_final ? TYPE_FLAG_FINAL : 0) |
                                      (kind_flags[kind] & KF_WEAKREF ? TYPE_FLAG_WEAKREF : 0));
    ObjType *type = type_new_builtin(cx, kind_type_names[kind], kind, base, flags);
    cx->rt->types[kind] = type;
    cx->rt->shapes[kind].type = type;
    return type != NULL;
}

static bool open_types(Context *cx) {
    Runtime *rt = cx->rt;
    if (!open_type(cx, KIND_INSTANCE, NULL)) {
        return false;
    }
    ObjType *object = rt->types[KIND_INSTANCE];
    for (int kind = 1; kind < KIND_COUNT; kind++) {
        const bool is_ours = kind != KIND_INSTANCE && kind != KIND_EXCEPTION &&
                             kind != KIND_BOOL &&
                             !(kind_flags[kind] & (KF_INTERNAL | KF_MODULE | KF_LATE));
        if (is_ours && !open_type(cx, (ObjKind)kind, object)) {
            return false;
        }
    }
    return open_type(cx, KIND_BOOL, rt->types[KIND_INT]);
}

ObjType *runtime_open_type(Context *cx, ObjKind kind) {
    if (cx->rt->types[kind] != NULL) {
        return cx->rt->types[kind];
    }
    return open_type(cx, kind, cx->rt->types[KIND_INSTANCE]) ? cx->rt->types[kind] : NULL;
}

bool runtime_open_late_types(Context *cx) {
    for (int kind = 1; kind < KIND_COUNT; kind++) {
        if ((kind_flags[kind] & KF_LATE) && runtime_open_type(cx, (ObjKind)kind) == NULL) {
            return false;
        }
    }
    return true;
}

static ObjModule *open_module(Context *cx, const char *name) {
    ObjStr *interned = str_intern(cx, name, strlen(name));
    ObjModule *module = interned == NULL ? NULL : module_new(cx, interned);
    if (module == NULL ||
        !dict_set_str(cx, cx->rt->modules, interned, OBJ_VALUE(module))) {
        return NULL;
    }
    return module;
}

static bool open_modules(Context *cx) {
    Runtime *rt = cx->rt;
    rt->modules = dict_new(cx, 0);
    if (rt->modules == NULL) {
        return false;
    }
    rt->builtins = open_module(cx, "builtins");
    if (rt->builtins == NULL || !mod_builtins_open(cx, rt->builtins)) {
        return false;
    }
    rt->sys = open_module(cx, "sys");
    return rt->sys != NULL && mod_sys_open(cx, rt->sys);
}

bool runtime_open(Context *cx, size_t max_memory_bytes) {
    enum { INT_MAX_STR_DIGITS = 4300 };
    Runtime *rt = cx->rt;
    rt->int_max_str_digits = INT_MAX_STR_DIGITS;
    if (platform_random(&rt->hash_seed, sizeof rt->hash_seed) != 0) {
        rt->hash_seed = platform_clock_ns();
    }
    return open_memory(cx, max_memory_bytes) && open_empty_objects(cx) && str_open(cx) &&
           open_types(cx) && exc_open(cx) && open_modules(cx);
}

bool runtime_open_threads(Context *cx) {
    if (LIKELY(cx->rt->parking != NULL)) {
        return true;
    }
    if (!exc_open_all(cx) || !runtime_open_late_types(cx)) {
        return false;
    }
    cx->rt->parking = parking_open();
    return true;
}

void runtime_close(Runtime *rt) {
    if (rt->heap != NULL) {
        heap_close(rt->heap);
    }
    str_close(rt);
    exc_close_sources(rt);
    if (rt->parking != NULL) {
        parking_close(rt->parking);
    }
    shape_close(rt);
}

void runtime_trace_stw(Runtime *rt, GcMarker *m) {
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        gc_mark_obj(m, rt->types[kind]);
    }
    for (int kind = 0; kind < EXC_COUNT; kind++) {
        gc_mark_obj(m, rt->exception_types[kind]);
    }
    str_trace_stw(rt, m);
    shape_trace_stw(rt, m);
    gc_mark_value(m, rt->empty_tuple);
    gc_mark_value(m, rt->empty_bytes);
    gc_mark_value(m, rt->empty_array);
    gc_mark_value(m, rt->struct_formats);
    gc_mark_value(m, rt->decimal);
    gc_mark_value(m, rt->no_memory);
    gc_mark_obj(m, rt->builtins);
    gc_mark_obj(m, rt->modules);
    gc_mark_obj(m, rt->sys);
}
