/* busy.h - a word that one thread at a time holds while it works on an object without the GIL. */

#ifndef MINI_MODULES_BUSY_H
#define MINI_MODULES_BUSY_H

#include "runtime/block.h"
#include "runtime/context.h"

enum { BUSY_FREE, BUSY_HELD, BUSY_HAS_WAITERS };

/* Waits until nobody holds it. False with KeyboardInterrupt pending. */
static inline bool busy_acquire(Context *cx, Value owner, uint32_t *busy) {
    uint32_t wanted = BUSY_HELD;
    for (;;) {
        uint32_t found = BUSY_FREE;
        if (LIKELY(atomic_cas(busy, &found, wanted))) {
            return true;
        }
        /* Who has waited cannot know whether it was the only one. */
        wanted = BUSY_HAS_WAITERS;
        if (found == BUSY_HELD && !atomic_cas(busy, &found, BUSY_HAS_WAITERS)) {
            continue;
        }
        block_wait_word(cx, BLOCK_CONTAINER, owner, busy, BUSY_HAS_WAITERS, BLOCK_FOREVER);
        if (!block_poll(cx)) {
            return false;
        }
    }
}

static inline void busy_release(uint32_t *busy) {
    if (UNLIKELY(atomic_exchange(busy, BUSY_FREE) == BUSY_HAS_WAITERS)) {
        block_wake(busy, 1);
    }
}

#endif
