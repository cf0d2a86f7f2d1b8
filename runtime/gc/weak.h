/* weak.h - weak references: objects that know another one without keeping it alive.
 *
 * The heap knows all of them by their target. At the end of marking, when what is to be finalized has been marked as
 * well, a reference whose target is dead is cleared and leaves the table; when it has a callback it becomes due and is
 * kept alive until a thread has called that, at the same poll that __del__ is called at (finalize.h). So an object
 * with __del__ is still found through its references while that runs, and by the next collection no more.
 *
 * Callbacks are not called at exit: what is alive then stays alive.
 *
 * Threads: whoever loads a target holds it from then on like any other object, since a collection begins only when
 * all threads stand still at a poll: no lock is needed to read one. */

#ifndef MINI_RUNTIME_GC_WEAK_H
#define MINI_RUNTIME_GC_WEAK_H

#include "runtime/context.h"

typedef struct ObjWeakref {
    Obj header;
    Value target;   /* [atomic, cleared stw] not traced; VALUE_NONE when it is dead */
    Value callback; /* [atomic] VALUE_NONE: none, or called */
    Value
        hash; /* [atomic relaxed] of the target as an int once it was asked for, or VALUE_UNSET */
    struct ObjWeakref *next; /* [mutex] not traced; with the same place in the table */
    uint64_t order;          /* [mutex] in which callbacks are called */
} ObjWeakref;

/* Enters a reference whose target and callback are set. With may_share: an exact one without callback that there is
 * already is given back instead. */
ObjWeakref *weak_enter(Context *cx, ObjWeakref *fresh, bool may_share);
/* The references to target that are in the table: stores up to n_max, returns how many there are. */
size_t weak_find(Context *cx, const Obj *target, ObjWeakref **found, size_t n_max);
/* The object referred to, or VALUE_NONE. */
static inline Value weak_target(const ObjWeakref *reference) {
    return value_load(&reference->target);
}

/* For the collector: marks the references whose callback is due; clears those whose target is not marked, drops those
 * that are not marked themselves. The second returns whether callbacks are due. */
void weak_mark_due_stw(GcMarker *m);
bool weak_clear_stw(Runtime *rt);
/* Calls what is due. For finalize_run. */
void weak_run_callbacks(Context *cx);
/* Calls callback(reference); reports what it raises. Implemented by interp/uncaught.c. */
void gc_host_weak_callback(Context *cx, Value callback, Value reference);
void weak_close(Heap *heap);

#endif
