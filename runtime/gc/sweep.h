/* sweep.h - from marks to free memory. */

#ifndef MINI_RUNTIME_GC_SWEEP_H
#define MINI_RUNTIME_GC_SWEEP_H

#include "runtime/gc/heap_layout.h"

/* Large objects that are dead and unlinked, to be freed when the world runs again. */
typedef VEC(HeapLarge *) SweepGarbage;

/* Whether the collection that is going on has marked the object. */
bool sweep_is_marked_stw(const Heap *heap, Obj *o);

/* Calls the finish function of every listed object that is not marked. */
void sweep_finish_stw(Heap *heap);

/* After marking: what is marked becomes what is live, blocks with free cells are listed by class, empty ones become free
 * and those beyond what the next cycle will need lose their memory. Sets live_bytes and n_objects_live. */
void sweep_blocks_stw(Heap *heap);
void sweep_larges_stw(Heap *heap, SweepGarbage *garbage);

/* Overwrites all cells that are not live; under AddressSanitizer it also reports who touches them. */
void sweep_poison_stw(Heap *heap);

/* The way from the live map to memory: takes the next free cells of the block, at most n_wanted of them, next to each other,
 * marks them live and clears them. False when the block has no more. By the owner of the block. */
bool sweep_take_slice(Heap *heap, HeapBlock *block, size_t n_wanted, HeapRun *run);
/* The end of a run before it was used up: the rest is free again. */
void sweep_return_slice(Heap *heap, HeapBlock *block, HeapRun *run);

#endif
