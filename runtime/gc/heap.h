/* heap.h - memory for objects: size classes in aligned blocks that a thread owns, and large objects apart.
 *
 * Invariants
 *   1. An object never moves. Its memory is at least 16 bytes, aligned to 16.
 *   2. Whether a cell holds an object is told by its bit in the live map of its block (heap_layout.h), never by its
 *      content: so a dead cell is not touched before it is handed out again, and a conservative scan can tell.
 *   3. heap_alloc returns memory that is zero but for the header: every Value in it is VALUE_UNSET. So an
 *      object may be seen by a collection at any time after it was allocated.
 *   4. A run belongs to one HeapLocal; so does the block that it lies in, but for the first run of a size class, which is
 *      short and cut from a block that others may cut theirs from: threads that allocate little share blocks.
 *   5. Nothing is freed but by the sweeper; what a thread can reach from its C stack (interior pointers
 *      count), its registers, or the runtime's roots stays.
 *   6. Objects whose kind has KF_FINISH are listed apart, so that the others need no look when they die.
 *
 * Threads: heap_alloc by the owner of the HeapLocal. See also: gc.h, sweep.h, roots.h. */

#ifndef MINI_RUNTIME_GC_HEAP_H
#define MINI_RUNTIME_GC_HEAP_H

#include "runtime/base/vec.h"
#include "runtime/object.h"

enum {
    HEAP_GRANULE = 16,            /* size classes up to HEAP_LINEAR_MAX are multiples of this */
    HEAP_LINEAR_MAX = 512,
    HEAP_SMALL_MAX = 8192,        /* what is larger is a large object */
    HEAP_CLASS_COUNT = 48         /* linear ones first (index = granules), then geometric ones */
};

typedef struct Heap Heap;         /* heap.c */

/* A run of free memory of one size class: objects are taken from cursor upwards until limit. The memory is
 * zero already. */
typedef struct HeapRun {
    char *cursor;
    char *limit;
} HeapRun;

/* What one thread allocates from; always the member heap_local of a Context. Its thread's own, but in a
 * stopped world. */
typedef struct HeapLocal {
    HeapRun runs[HEAP_CLASS_COUNT];
    struct HeapBlock *blocks[HEAP_CLASS_COUNT]; /* the block that the next runs are cut from, or NULL */
    uint64_t had_first_run;                     /* bit for each size class */
    size_t allocated_bytes;                     /* since the heap last looked */
    VEC(Obj *) unawaited;                       /* coroutines made since the last collection, and older ones that were not
                                                   begun: their death is a mistake (finalize.h) */
    size_t place;                               /* [mutex] in the heap's list of these */
} HeapLocal;

/* The slow half of heap_alloc (alloc.h): the run is used up, the object is large, its kind has a finish function, or a
 * debugging switch is on. */
Obj *heap_alloc_slow(Context *cx, size_t n_bytes, ObjKind kind, uint32_t shape);

/* NULL when there is no address space. */
Heap *heap_open(size_t max_bytes /* 0: no limit */);
/* Finishes all objects and gives all memory back; every HeapLocal has been closed, or is not used any more. */
void heap_close(Heap *heap);

/* False when so many bytes are more than all that the heap may ever hold. */
bool heap_could_hold(const Heap *heap, size_t n_bytes);

/* Joins a new thread's HeapLocal to the heap; takes its blocks back when the thread ends. By the thread itself
 * or by the one that made it. */
void heap_local_open(Heap *heap, HeapLocal *local);
void heap_local_close(Heap *heap, HeapLocal *local);

/* Around fork(), in the forking thread: begin before it, then end in both processes. In the child only
 * `local`, the forking thread's, is left; what the other threads allocated from is free again. */
void heap_fork_begin(Heap *heap);
void heap_fork_end_parent(Heap *heap);
void heap_fork_end_child(Heap *heap, HeapLocal *local);

/* The object that address points into, at any offset, or NULL when it points to no live object. For the
 * conservative scan. */
Obj *heap_find_stw(Heap *heap, const void *address);

size_t heap_live_bytes(const Heap *heap);      /* an estimate, without the sweeper's debt */

#endif
