/* gc.c - the collector: when and in which order.
 *
 * A collection, in the stopped world
 *      1. all runs are taken back, so that the live maps tell exactly what is allocated
 *      2. mark from the roots: the runtime, registered words, registers and C stacks of all threads
 *      3. what has __del__ and died is marked once more (finalize.c); weak references to the dead are cleared (weak.c)
 *      4. finish functions of what died
 *      5. marks become live maps, blocks are listed (sweep.c)
 *      6. the next threshold
 * and when the world runs again, large dead objects are freed.
 *
 * Threads: gc_collect by any attached thread; two that want to collect at the same time do so one after the
 * other (gc_host_stop_world lets one through), where gc_collect_if_due lets the second off. */

#include "runtime/gc/gc.h"

#include <stddef.h>

#include "runtime/base/platform.h"
#include "runtime/gc/finalize.h"
#include "runtime/gc/heap_layout.h"
#include "runtime/gc/marker.h"
#include "runtime/gc/sweep.h"
#include "runtime/gc/verify.h"
#include "runtime/gc/weak.h"

static Context *context_of(HeapLocal *local) {
    return (Context *)(void *)((char *)local - offsetof(Context, heap_local));
}

static void mark_from_roots(Context *cx, GcMarker *m, void *stack_top) {
    Heap *heap = m->heap;
    runtime_trace_stw(cx->rt, m);
    for (size_t i = 0; i < heap->roots.n; i++) {
        gc_mark_value(m, *heap->roots.items[i]);
    }
    gc_host_trace_threads_stw(cx, m, stack_top);
    gc_marker_drain(m);
}

static void set_threshold(Heap *heap) {
    size_t threshold = heap->live_bytes + heap_slack_bytes(heap->live_bytes);
    if (heap->max_bytes > 0 && heap->live_bytes < heap->max_bytes) {
        /* The limit will end the cycle; ask in time for a poll to serve it. */
        const size_t room = heap->max_bytes - heap->live_bytes;
        if (threshold > room - room / 4) {
            threshold = room - room / 4;
        }
    }
    atomic_store_relaxed(&heap->threshold_bytes, threshold);
    heap_set_report_bytes(heap);
}

/* All of the work that needs the stopped world. */
static void collect_stw(Context *cx, SweepGarbage *garbage, void *stack_top) {
    Heap *heap = cx->rt->heap;
    const uint64_t begin_ns = platform_clock_ns();
    platform_mutex_lock(&heap->mutex);
    heap_take_back_runs_stw(heap);
    heap_sort_larges_stw(heap);

    GcMarker m;
    gc_marker_open(&m, heap, cx->rt);
    mark_from_roots(cx, &m, stack_top);
    const bool has_doomed = finalize_mark_stw(&m);
    gc_marker_close(&m);
    const bool has_callbacks = weak_clear_stw(cx->rt);

    sweep_finish_stw(heap);
    sweep_blocks_stw(heap);
    sweep_larges_stw(heap, garbage);
    if (heap->options.is_poison) {
        sweep_poison_stw(heap);
    }
    if (heap->options.is_verify) {
        heap_verify_stw(heap, cx->rt);
    }
    for (size_t i = 0; i < heap->locals.n; i++) {
        atomic_fetch_and(&context_of(heap->locals.items[i])->poll, ~(uint32_t)POLL_COLLECT);
    }
    if (has_doomed || has_callbacks) {
        atomic_fetch_or(&cx->poll, (uint32_t)POLL_FINALIZE);
    }
    heap->stats.bytes_allocated_total += atomic_exchange(&heap->allocated_bytes, (size_t)0);
    heap->stats.bytes_live = heap->live_bytes;
    set_threshold(heap);
    atomic_fetch_add_relaxed(&heap->n_collections, (uint64_t)1);
    const uint64_t pause_ns = platform_clock_ns() - begin_ns;
    heap->stats.pause_ns_total += pause_ns;
    if (pause_ns > heap->stats.pause_ns_max) {
        heap->stats.pause_ns_max = pause_ns;
    }
    platform_mutex_unlock(&heap->mutex);
}

/* Its own frame, below the one that holds the spilled registers: stack_top is its end. */
static __attribute__((noinline)) void collect(Context *cx, bool only_if_due) {
    Heap *heap = cx->rt->heap;
    const uint64_t n_before = atomic_load_relaxed(&heap->n_collections);
    SweepGarbage garbage = {0};
    gc_host_stop_world(cx);
    if (!only_if_due || n_before == atomic_load_relaxed(&heap->n_collections)) {
        collect_stw(cx, &garbage, __builtin_frame_address(0));
    }
    gc_host_resume_world(cx);
    heap_free_larges(heap, garbage.items, garbage.n);
    vec_free(&garbage);
}

/* Registers that a caller may keep Values in are saved in this frame, which stays alive beyond the call. */
static __attribute__((noinline)) void spill_and_collect(Context *cx, bool only_if_due) {
    __builtin_unwind_init();
    collect(cx, only_if_due);
    __asm__ __volatile__("" ::: "memory");
}

void gc_collect(Context *cx) {
    spill_and_collect(cx, false);
    __asm__ __volatile__("" ::: "memory");
}

void gc_collect_if_due(Context *cx) {
    Heap *heap = cx->rt->heap;
    atomic_fetch_and(&cx->poll, ~(uint32_t)POLL_COLLECT);
    if (atomic_load_relaxed(&heap->allocated_bytes) + cx->heap_local.allocated_bytes >=
        atomic_load_relaxed(&heap->threshold_bytes)) {
        spill_and_collect(cx, true);
    }
    __asm__ __volatile__("" ::: "memory");
}

void gc_set_options(Heap *heap, const GcOptions *options) {
    platform_mutex_lock(&heap->mutex);
    heap->options = *options;
    heap->max_bytes = options->max_bytes;
    if ((options->is_stress || options->fail_after > 0) && heap->locals.n == 1) {
        /* What is left of its runs would be allocated without a collection. */
        heap_take_back_runs_stw(heap);
    }
    set_threshold(heap);
    platform_mutex_unlock(&heap->mutex);
}

const GcOptions *gc_options(const Heap *heap) {
    return &heap->options;
}

void gc_stats(Heap *heap, GcStats *stats) {
    platform_mutex_lock(&heap->mutex);
    *stats = heap->stats;
    stats->n_collections = atomic_load_relaxed(&heap->n_collections);
    stats->bytes_allocated_total += atomic_load_relaxed(&heap->allocated_bytes);
    platform_mutex_unlock(&heap->mutex);
}

void gc_root_add(Runtime *rt, Value *word) {
    Heap *heap = rt->heap;
    platform_mutex_lock(&heap->mutex);
    vec_push(&heap->roots, word);
    platform_mutex_unlock(&heap->mutex);
}

void gc_root_remove(Runtime *rt, Value *word) {
    Heap *heap = rt->heap;
    platform_mutex_lock(&heap->mutex);
    for (size_t i = heap->roots.n; i-- > 0;) {
        if (heap->roots.items[i] == word) {
            heap->roots.items[i] = vec_pop(&heap->roots);
            break;
        }
    }
    platform_mutex_unlock(&heap->mutex);
}
