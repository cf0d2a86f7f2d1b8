/* mark.h - what the trace functions of kinds and the roots call while the world is stopped. */

#ifndef MINI_RUNTIME_GC_MARK_H
#define MINI_RUNTIME_GC_MARK_H

#include "runtime/object.h"

void gc_mark_obj_slow(GcMarker *m, Obj *o);

/* Marks the object that v refers to, if it does to any, and what can be reached from it (not by recursion). */
static inline void gc_mark_value(GcMarker *m, Value v) {
    if (IS_OBJ(v)) {
        gc_mark_obj_slow(m, AS_OBJ(v));
    }
}

/* The same for a pointer to an object, which may be NULL. */
static inline void gc_mark_obj(GcMarker *m, void *o) {
    if (o != NULL) {
        gc_mark_obj_slow(m, (Obj *)o);
    }
}

static inline void gc_mark_values(GcMarker *m, const Value *values, size_t n) {
    for (size_t i = 0; i < n; i++) {
        gc_mark_value(m, values[i]);
    }
}

/* The shape of an object: for the trace functions of kinds that can be derived from (instance_trace_slots). */
const struct Shape *gc_marker_shape(const GcMarker *m, const Obj *o);

/* Marks the object that address points into, at any offset, if there is one. */
void gc_mark_interior(GcMarker *m, const void *address);

/* Conservatively: every aligned word in [low, high) that may be an address of or into an object. */
void gc_mark_range(GcMarker *m, const void *low, const void *high);

#endif
