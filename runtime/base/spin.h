/* spin.h - a lock of one byte for a few instructions, in which nobody waits, allocates from the heap or polls. */

#ifndef MINI_BASE_SPIN_H
#define MINI_BASE_SPIN_H

#include "runtime/base/atomics.h"
#include "runtime/base/platform.h"

static inline void spin_lock(uint8_t *lock) {
    uint8_t expected = 0;
    while (!atomic_cas(lock, &expected, (uint8_t)1)) {
        expected = 0;
        platform_cpu_relax();
    }
}

static inline void spin_unlock(uint8_t *lock) {
    atomic_store_release(lock, (uint8_t)0);
}

#endif
