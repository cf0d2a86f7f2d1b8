/* deque.h - collections.deque: a ring of items that grows and shrinks at both ends.
 *
 * Invariants
 *   1. The ring's size is a power of two; item i stands at (start + i) & (size - 1).
 *   2. All fields change, and are read, under the deque's lock (objlock.h); what takes several
 *      items looks at a copy made under it, so no script code runs while the lock is held.
 *   3. n_changes grows with every change of the order or number of items: iterators look at
 *      it. */

#ifndef MINI_OBJECTS_DEQUE_H
#define MINI_OBJECTS_DEQUE_H

#include "runtime/objects/array.h"

typedef struct ObjDeque {
    Obj header;
    ObjArray *ring;     /* [lock] */
    size_t start;       /* [lock] */
    size_t n;           /* [lock] */
    int64_t max_length; /* [lock] -1: none */
    uint64_t n_changes; /* [lock] */
} ObjDeque;

#define IS_DEQUE(v) IS_KIND(v, KIND_DEQUE)
#define AS_DEQUE(v) ((ObjDeque *)AS_OBJ(v))

#endif
