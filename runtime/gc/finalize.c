/* finalize.c - calling __del__. See finalize.h. */

#include "runtime/gc/finalize.h"

#include "runtime/gc/gc.h"
#include "runtime/gc/heap_layout.h"
#include "runtime/gc/mark.h"
#include "runtime/gc/marker.h"
#include "runtime/gc/sweep.h"
#include "runtime/gc/weak.h"

/* One collection of a heap of that size takes about a millisecond. */
enum { SETTLE_MAX_BYTES = 8 << 20, SETTLE_MAX_COUNT = 2000 };

void finalize_register(Context *cx, Obj *o) {
    Heap *heap = cx->rt->heap;
    platform_mutex_lock(&heap->mutex);
    vec_push(&heap->finalizables, o);
    platform_mutex_unlock(&heap->mutex);
    atomic_fetch_add_relaxed(&cx->rt->n_finalizables, (size_t)1);
}

/* The coroutines that one thread, or threads that are gone, made. */
typedef struct UnawaitedList {
    Obj **items;
    size_t *n;
} UnawaitedList;

/* Forgets the coroutines that were begun, or are over, and dooms the others that are dead: at exit all are. */
static void sort_unawaited(Heap *heap, UnawaitedList list, bool is_exit) {
    size_t n_kept = 0;
    for (size_t i = 0; i < *list.n; i++) {
        Obj *o = list.items[i];
        if (gc_host_was_begun(o)) {
            continue;
        }
        if (!is_exit && sweep_is_marked_stw(heap, o)) {
            list.items[n_kept++] = o;
        } else {
            vec_push(&heap->doomed, o);
        }
    }
    *list.n = n_kept;
}

static void sort_all_unawaited(Heap *heap) {
    for (size_t i = 0; i < heap->locals.n; i++) {
        HeapLocal *local = heap->locals.items[i];
        sort_unawaited(heap, (UnawaitedList){local->unawaited.items, &local->unawaited.n}, false);
    }
    sort_unawaited(heap, (UnawaitedList){heap->unawaited.items, &heap->unawaited.n}, false);
}

bool finalize_mark_stw(GcMarker *m) {
    Heap *heap = m->heap;
    for (size_t i = 0; i < heap->doomed.n; i++) {
        gc_mark_obj(m, heap->doomed.items[i]);
    }
    weak_mark_due_stw(m);
    gc_marker_drain(m);
    /* First all are looked at, then they are marked: one that only another dead one
     * refers to is dead, too. */
    const size_t n_before = heap->doomed.n;
    size_t n_kept = 0;
    for (size_t i = 0; i < heap->finalizables.n; i++) {
        Obj *o = heap->finalizables.items[i];
        if (sweep_is_marked_stw(heap, o)) {
            heap->finalizables.items[n_kept++] = o;
        } else {
            vec_push(&heap->doomed, o);
        }
    }
    heap->finalizables.n = n_kept;
    sort_all_unawaited(heap);
    for (size_t i = n_before; i < heap->doomed.n; i++) {
        gc_mark_obj(m, heap->doomed.items[i]);
    }
    gc_marker_drain(m);
    return heap->doomed.n > 0;
}

/* The oldest of the doomed, or NULL. */
static Obj *take_doomed(Heap *heap) {
    platform_mutex_lock(&heap->mutex);
    Obj *o = NULL;
    if (heap->doomed.n > 0) {
        o = heap->doomed.items[0];
        heap->doomed.n--;
        memmove(heap->doomed.items, heap->doomed.items + 1,
                heap->doomed.n * sizeof *heap->doomed.items);
    }
    platform_mutex_unlock(&heap->mutex);
    return o;
}

void finalize_run(Context *cx) {
    if (cx->is_finalizing) {
        return; /* a poll inside of a __del__: the outer loop goes on */
    }
    cx->is_finalizing = true;
    const Value pending = cx->pending;
    const Value handled = cx->handled;
    cx->pending = VALUE_UNSET;
    Obj *o;
    while ((o = take_doomed(cx->rt->heap)) != NULL) {
        if (o->kind != KIND_COROUTINE) {
            atomic_fetch_sub_relaxed(&cx->rt->n_finalizables, (size_t)1);
        }
        gc_host_finalize(cx, o);
    }
    weak_run_callbacks(cx);
    cx->pending = pending;
    cx->handled = handled;
    cx->is_finalizing = false;
}

/* At exit this thread is the only one. */
static bool doom_all(Context *cx) {
    Heap *heap = cx->rt->heap;
    platform_mutex_lock(&heap->mutex);
    sort_unawaited(heap, (UnawaitedList){heap->unawaited.items, &heap->unawaited.n}, true);
    sort_unawaited(heap, (UnawaitedList){cx->heap_local.unawaited.items, &cx->heap_local.unawaited.n}, true);
    for (size_t i = 0; i < heap->finalizables.n; i++) {
        vec_push(&heap->doomed, heap->finalizables.items[i]);
    }
    heap->finalizables.n = 0;
    const bool has_doomed = heap->doomed.n > 0;
    platform_mutex_unlock(&heap->mutex);
    return has_doomed;
}

void finalize_run_all(Context *cx) {
    enum { MAX_ROUNDS = 10 }; /* a __del__ may make further objects, for ever */
    for (int i = 0; i < MAX_ROUNDS; i++) {
        if (atomic_load_relaxed(&cx->rt->n_finalizables) > 0) {
            gc_collect(cx); /* what is dead already comes first */
            finalize_run(cx);
        }
        if (!doom_all(cx)) {
            return;
        }
        finalize_run(cx);
    }
}

/* In a frame of its own, so that no pointer to a finalized object is left on the stack. */
static __attribute__((noinline)) void collect_and_run(Context *cx) {
    gc_collect(cx);
    finalize_run(cx);
}

void finalize_collect(Context *cx) {
    const size_t n_before = atomic_load_relaxed(&cx->rt->n_finalizables);
    collect_and_run(cx);
    if (atomic_load_relaxed(&cx->rt->n_finalizables) < n_before &&
        atomic_load_relaxed(&cx->rt->n_weakrefs) > 0) {
        collect_and_run(cx);
    }
}

void finalize_settle(Context *cx) {
    Heap *heap = cx->rt->heap;
    if (!finalize_has_to_settle(cx->rt) || cx->is_finalizing ||
        heap_live_bytes(heap) > SETTLE_MAX_BYTES ||
        atomic_fetch_add_relaxed(&cx->rt->n_settled, (uint32_t)1) > SETTLE_MAX_COUNT) {
        return;
    }
    finalize_collect(cx);
}
