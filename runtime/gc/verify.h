/* verify.h - checks the whole heap: for debugging and tests. */

#ifndef MINI_RUNTIME_GC_VERIFY_H
#define MINI_RUNTIME_GC_VERIFY_H

#include "runtime/gc/heap_layout.h"

/* Panics when the heap is not sound: a live object of no known kind or shape, or one that refers to what is
 * not alive; a block whose state and lists disagree. With the heap's mutex held, after
 * heap_take_back_runs_stw. */
void heap_verify_stw(Heap *heap, Runtime *rt);

#endif
