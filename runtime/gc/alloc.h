/* alloc.h - the inline half of allocation; include it where objects are made. */

#ifndef MINI_RUNTIME_GC_ALLOC_H
#define MINI_RUNTIME_GC_ALLOC_H

#include "runtime/context.h"

static inline Obj *heap_alloc(Context *cx, size_t n_bytes, ObjKind kind, uint32_t shape) {
    if (LIKELY(n_bytes <= HEAP_LINEAR_MAX)) {
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

/* An exact instance of the kind's built-in type. */
#define HEAP_NEW(cx, Struct, KIND) ((Struct *)heap_alloc((cx), sizeof(Struct), (KIND), (KIND)))

#endif
