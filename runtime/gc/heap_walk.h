/* heap_walk.h - going through all objects of the heap. */

#ifndef MINI_RUNTIME_GC_HEAP_WALK_H
#define MINI_RUNTIME_GC_HEAP_WALK_H

#include "runtime/gc/heap.h"

/* Calls visit for each object, dead ones that no collection has found yet included. visit must not allocate. */
void heap_each_object_stw(Heap *heap, void (*visit)(void *data, Obj *o), void *data);
/* The same for those whose kind has a finish function; at any time. No collection happens meanwhile, so an object that is seen
 * is there; it may be so new that all of it is still zero. visit must neither allocate nor block. */
void heap_each_finishable(Heap *heap, void (*visit)(void *data, Obj *o), void *data);

#endif
