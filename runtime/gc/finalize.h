/* finalize.h - objects whose class has __del__, and coroutines that nobody awaited.
 *
 * Such objects are registered when they are made. A collection that finds one unreachable
 * keeps it alive once more, with all that it refers to, and puts it into the queue of the
 * doomed; a thread calls the methods at its next poll (POLL_FINALIZE), when it holds no
 * lock. Afterwards the object is one like any other: __del__ is called once, also when it
 * made the object reachable again. At exit it is called for all that are left.
 *
 * A coroutine that dies before it was begun is doomed in the same way, for a warning. It is in the list
 * `unawaited` of the thread that made it, for making one must not need a lock. */

#ifndef MINI_RUNTIME_GC_FINALIZE_H
#define MINI_RUNTIME_GC_FINALIZE_H

#include "runtime/context.h"

void finalize_register(Context *cx, Obj *o);
/* Marks the doomed, and dooms what was registered and is not marked. True when there are
 * doomed objects now. */
bool finalize_mark_stw(GcMarker *m);
/* Calls __del__ of the doomed. What it raises is reported and forgotten. May run script
 * code; nothing is pending before and after. */
void finalize_run(Context *cx);
/* The same for all objects: at exit. */
void finalize_run_all(Context *cx);
/* Calls o.__del__(), or warns of a coroutine that nobody awaited; reports what is raised. Implemented by
 * interp/uncaught.c, as is the next. */
void gc_host_finalize(Context *cx, Obj *o);
/* Whether somebody began to run, or closed, the coroutine. */
bool gc_host_was_begun(const Obj *coroutine);
/* Collects and runs, and once more when weak references to what was finalized are left: afterwards all that was
 * unreachable before is dead, with callbacks called. */
void finalize_collect(Context *cx);
/* Whether somebody would notice the death of an object. */
static inline bool finalize_has_to_settle(const Runtime *rt) {
    return (atomic_load_relaxed(&rt->n_finalizables) | atomic_load_relaxed(&rt->n_weakrefs)) != 0;
}
/* The same as finalize_collect if that is so and the heap is small enough for doing so often: the script has let go of
 * something. */
void finalize_settle(Context *cx);

#endif
