/* busy.h - a word that one thread at a time holds while it works on an object without the GIL. */

#ifndef MINI_MODULES_BUSY_H
#define MINI_MODULES_BUSY_H

#include "runtime/block.h"
#include "runtime/context.h"

/* Waits until nobody holds it. False with KeyboardInterrupt pending. */
static inline bool busy_acquire(Context *cx, Value owner, uint32_t *busy) {
    for (;;) {
        uint32_t expected = 0;
        if (LIKELY(atomic_cas(busy, &expected, 1))) {
            return true;
        }
        block_wait_word(cx, BLOCK_CONTAINER, owner, busy, 1, BLOCK_FOREVER);
        if (!block_poll(cx)) {
            return false;
        }
    }
}

static inline void busy_release(uint32_t *busy) {
    atomic_store_release(busy, 0);
    block_wake(busy, 1);
}

#endif
