/* gc.h - the collector: mark and sweep in a stopped world, without moving anything.
 *
 * A collection is due when as many bytes were allocated as were alive after the last one, and some slack:
 * GC_SLACK_FACTOR times as many, but GC_SLACK_MIN to GC_SLACK_MAX. The heap then sets POLL_COLLECT; the thread that serves it
 * stops the world, marks from the roots, and lets the others go on; blocks are swept when somebody wants memory
 * of their size class.
 *
 * Roots: each thread's register stack (exactly), each thread's C stack and processor registers
 * (conservatively), the Runtime, what gc_root_add registered. interp/ implements gc_host_*: how threads are
 * stopped and enumerated. */

#ifndef MINI_RUNTIME_GC_GC_H
#define MINI_RUNTIME_GC_GC_H

#include "runtime/context.h"

typedef struct GcStats {
    uint64_t n_collections;
    uint64_t pause_ns_total;
    uint64_t pause_ns_max;
    uint64_t bytes_allocated_total;
    uint64_t bytes_live;          /* after the last collection */
    uint64_t n_objects_live;
} GcStats;

typedef struct GcOptions {
    bool is_stress;               /* collect at every allocation */
    uint32_t fail_after;          /* the allocation of that number from now on fails, once; 0: none. For tests of what
                                     happens then; with one thread only */
    bool is_poison;               /* overwrite what is freed */
    bool is_verify;               /* check the heap after each collection */
    size_t max_bytes;             /* MemoryError beyond; 0: no limit */
} GcOptions;

/* Tuned on short programs: the first touch of a page costs as much as marking some 20 objects, so while next to nothing is
 * alive 4 MiB that are used again and again beat 32 MiB of fresh ones; a heap of some MiB would be marked over and over with
 * so little. 128 MiB gain nothing over 32. */
#define GC_SLACK_FACTOR ((size_t)16)
#define GC_SLACK_MIN ((size_t)4 << 20)
#define GC_SLACK_MAX ((size_t)32 << 20)

/* Collects now. Stops the world by itself. No container lock need be released. */
void gc_collect(Context *cx);
/* The same, but only when a collection is due and no other thread has done it in the meantime: for whoever serves
 * POLL_COLLECT. Clears the bit in any case. */
void gc_collect_if_due(Context *cx);
/* Takes effect at once for the calling thread, for others when their runs are used up: call it before they start. */
void gc_set_options(Heap *heap, const GcOptions *options);
const GcOptions *gc_options(const Heap *heap);
/* What threads have not reported yet, up to 64 KiB each, is missing in the bytes allocated. */
void gc_stats(Heap *heap, GcStats *stats);

/* Registers a word outside heap and stacks that holds a Value. */
void gc_root_add(Runtime *rt, Value *word);
void gc_root_remove(Runtime *rt, Value *word);

/* Implemented by interp/safepoint.c and interp/thread.c: stop and enumerate. gc_host_trace_threads_stw marks
 * the registers, pending values and C stacks of all threads through gc_mark_value and gc_mark_range. The
 * calling thread's C stack is scanned from stack_top. */
void gc_host_stop_world(Context *cx);
void gc_host_resume_world(Context *cx);
void gc_host_trace_threads_stw(Context *cx, GcMarker *m, void *stack_top);

#endif
