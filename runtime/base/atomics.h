/* atomics.h - atomic accesses whose names state their ordering.
 *
 * They work on ordinary variables, so that one declaration serves the code that runs in a stopped
 * world and the code that races. On x86-64 and arm64 a relaxed access costs nothing; on x86-64 the
 * same holds for acquire and release. Shared words that carry a Value or a pointer are stored with
 * release and loaded with acquire, so that whoever sees an object also sees what is in it. */

#ifndef MINI_BASE_ATOMICS_H
#define MINI_BASE_ATOMICS_H

#include <stdbool.h>

#define atomic_load_relaxed(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define atomic_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define atomic_load_seq(p) __atomic_load_n((p), __ATOMIC_SEQ_CST)
#define atomic_store_relaxed(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define atomic_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define atomic_store_seq(p, v) __atomic_store_n((p), (v), __ATOMIC_SEQ_CST)
#define atomic_exchange(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)
#define atomic_fetch_add(p, v) __atomic_fetch_add((p), (v), __ATOMIC_ACQ_REL)
#define atomic_fetch_add_relaxed(p, v) __atomic_fetch_add((p), (v), __ATOMIC_RELAXED)
#define atomic_fetch_sub_relaxed(p, v) __atomic_fetch_sub((p), (v), __ATOMIC_RELAXED)
#define atomic_fetch_or(p, v) __atomic_fetch_or((p), (v), __ATOMIC_ACQ_REL)
#define atomic_fetch_and(p, v) __atomic_fetch_and((p), (v), __ATOMIC_ACQ_REL)
/* Compare and swap: true when *p was *expected and is now v; otherwise *expected tells what *p was. */
#define atomic_cas(p, expected, v)                                                                 \
    __atomic_compare_exchange_n((p), (expected), (v), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
#define atomic_fence_seq() __atomic_thread_fence(__ATOMIC_SEQ_CST)

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#endif
