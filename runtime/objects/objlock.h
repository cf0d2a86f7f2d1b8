/* objlock.h - the one-byte lock in the header of every object, for changes to containers without the GIL.
 *
 * While only one thread runs (under the GIL, or alone) cx->is_parallel is false and locking costs one test.
 * Otherwise the byte is taken by compare and swap; who does not get it spins briefly and then parks
 * (block_begin with BLOCK_CONTAINER), and a thread that has waited long is handed the lock.
 *
 * Rules
 *   1. No script code, no poll, no block between lock and unlock. Allocation is allowed: a collection may then happen
 *      in the midst (waiters are parked, that is: stopped), so the object must be sound at that point.
 *   2. Two objects are locked by objlock_lock2, which takes them in the order of their addresses.
 *   3. Nobody holds more than these. */

#ifndef MINI_OBJECTS_OBJLOCK_H
#define MINI_OBJECTS_OBJLOCK_H

#include "runtime/context.h"

enum { OBJLOCK_HELD = 1, OBJLOCK_HAS_WAITERS = 2 };

void objlock_lock_slow(Context *cx, Obj *o);
void objlock_unlock_slow(Context *cx, Obj *o);

/* Returns whether a lock was taken: hand it to objlock_unlock. (A thread that was started by somebody else in the
 * meantime cannot make the two disagree.) */
static inline bool objlock_lock(Context *cx, Obj *o) {
    if (LIKELY(!cx->is_parallel)) {
        return false;
    }
    uint8_t expected = 0;
    if (UNLIKELY(!atomic_cas(&o->lock, &expected, (uint8_t)OBJLOCK_HELD))) {
        objlock_lock_slow(cx, o);
    }
    return true;
}

static inline void objlock_unlock(Context *cx, Obj *o, bool is_locked) {
    if (LIKELY(!is_locked)) {
        return;
    }
    uint8_t expected = OBJLOCK_HELD;
    if (UNLIKELY(!atomic_cas(&o->lock, &expected, (uint8_t)0))) {
        objlock_unlock_slow(cx, o);
    }
}

bool objlock_lock2(Context *cx, Obj *a, Obj *b);       /* a may be b */
void objlock_unlock2(Context *cx, Obj *a, Obj *b, bool is_locked);

ParkingLot *parking_open(void);
void parking_close(ParkingLot *lot);
/* In the child, which has one thread that holds no lock: nobody waits any more, and locks that other threads held (stopped
 * in the midst of an allocation) are free; so all objects are gone through when was_parallel. */
void parking_after_fork(Runtime *rt, bool was_parallel);

#endif
