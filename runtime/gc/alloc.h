/* alloc.h - the inline half of allocation; include it where objects are made. */

#ifndef MINI_RUNTIME_GC_ALLOC_H
#define MINI_RUNTIME_GC_ALLOC_H

#include "runtime/context.h"

/* Whether the kind has a flag; folded where both are constants, unlike a look at kind_flags. (Left to itself the compiler
 * makes a function of it, which every allocation then calls.) */
static inline __attribute__((always_inline)) bool heap_kind_has(ObjKind kind, unsigned flag) {
    switch (kind) {
#define KIND(NAME, structure, type_name, kind_flags)                                               \
    case KIND_##NAME: return ((kind_flags) & flag) != 0;
#include "runtime/objkinds.def"
#undef KIND
    default: return false;
    }
}

/* Whether objects of the kind have to be listed for their finish function. */
static inline bool heap_kind_finishes(ObjKind kind) {
    return heap_kind_has(kind, KF_FINISH);
}

/* Whether the type of the kind is made with the first of its objects. */
static inline bool heap_kind_is_late(ObjKind kind) {
    return heap_kind_has(kind, KF_LATE);
}

/* heap_alloc where the type is known to be there. */
static inline Obj *heap_alloc_typed(Context *cx, size_t n_bytes, ObjKind kind, uint32_t shape) {
    if (LIKELY(n_bytes <= HEAP_LINEAR_MAX && !heap_kind_finishes(kind))) {
        size_t index = (n_bytes + HEAP_GRANULE - 1) / HEAP_GRANULE;
        HeapRun *run = &cx->heap_local.runs[index];
        char *cursor = run->cursor;
        if (LIKELY(cursor != run->limit)) {
            run->cursor = cursor + index * HEAP_GRANULE;
            Obj *o = (Obj *)cursor;
            o->shape = shape;
            o->kind = (uint8_t)kind;
            return o;
        }
    }
    return heap_alloc_slow(cx, n_bytes, kind, shape);
}

/* Allocates an object of n_bytes (header included) of the given kind and shape; cleared. NULL with MemoryError
 * pending. May collect (then other threads are stopped), and so may block. */
static inline Obj *heap_alloc(Context *cx, size_t n_bytes, ObjKind kind, uint32_t shape) {
    const bool may_be_late = !__builtin_constant_p(kind) || heap_kind_is_late(kind);
    if (may_be_late && UNLIKELY(cx->rt->types[kind] == NULL) && heap_kind_is_late(kind) &&
        runtime_open_type(cx, kind) == NULL) {
        return NULL;
    }
    return heap_alloc_typed(cx, n_bytes, kind, shape);
}

/* The same for an object laid out as one kind whose type is that of another, which is made with its first object. */
static inline Obj *heap_alloc_as(Context *cx, size_t n_bytes, ObjKind kind, ObjKind type_kind) {
    if (UNLIKELY(cx->rt->types[type_kind] == NULL) && runtime_open_type(cx, type_kind) == NULL) {
        return NULL;
    }
    return heap_alloc_typed(cx, n_bytes, kind, type_kind);
}

/* An exact instance of the kind's built-in type. */
#define HEAP_NEW(cx, Struct, KIND) ((Struct *)heap_alloc((cx), sizeof(Struct), (KIND), (KIND)))

#endif
