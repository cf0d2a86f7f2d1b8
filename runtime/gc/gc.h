/* gc.h - the collector: mark and sweep in a stopped world, without moving anything.
 *
 * A collection is due when GC_MIN_THRESHOLD bytes more were allocated than were alive after the last one. The heap then sets POLL_COLLECT; the thread that serves it stops the world, marks from
 * the roots, and lets the others go on; blocks are swept when somebody wants memory of their size class.
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
    bool is_poison;               /* overwrite what is freed */
    bool is_verify;               /* check the heap after each collection */
    size_t max_bytes;             /* MemoryError beyond; 0: no limit */
} GcOptions;

/* Nothing is collected before so much was allocated. Tuned with loops that make small objects that die soon: less
 * is no slower while next to nothing is alive, but a heap of a few MiB is then marked over and over; 128 MiB gains little
 * and touches the memory. */
#define GC_MIN_THRESHOLD ((size_t)32 << 20)

/* Collects now. Stops the world by itself. No container lock need be released. */
void gc_collect(Context *cx);
/* The same, but only when a collection is due and no other thread has done it in the meantime: for whoever serves
 * POLL_COLLECT. Clears the bit in any case. */
void gc_collect_if_due(Context *cx);
/* Takes effect at once for the calling thread, for others when their runs are used up: call it before they start. */
void gc_set_options(Heap *heap, const GcOptions *options);
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
