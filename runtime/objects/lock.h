/* lock.h - Lock, RLock and Condition of the module threading.
 *
 * A lock is one word: LOCK_FREE, LOCK_HELD, or LOCK_CONTENDED (held, and somebody may be waiting for it). Who finds it
 * free takes it, whoever else has waited longer (barging); who gives it up while it is contended wakes one
 * waiter, which tries again. So a lock that many want costs one wake-up per waiter that really ran, and
 * no thread is woken in vain while another one is on its way.
 *
 * Invariants
 *   1. The word changes only while the thread that changes it is RUNNING. So with the GIL, or while one thread is
 *      alone (cx->is_parallel is false), a plain load and store take and free it.
 *   2. owner, depth and taken_at are written by who holds the lock.
 *   3. A word that says LOCK_CONTENDED without a waiter costs one useless wake-up and nothing else: so a
 *      waiter may go away (timeout, exception, fork) without a word to anybody.
 *
 * What is recorded for those who look for deadlocks: owner, the instruction at which it took the lock, the number of
 * waiters (and, in interp/thread.h, for each blocked thread what it waits for). */

#ifndef MINI_OBJECTS_LOCK_H
#define MINI_OBJECTS_LOCK_H

#include "runtime/context.h"

enum { LOCK_FREE = 0, LOCK_HELD = 1, LOCK_CONTENDED = 2 };

/* Lock and RLock. */
typedef struct ObjLock {
    Obj header;
    uint32_t word;            /* [atomic] */
    uint32_t n_waiting;       /* [atomic relaxed] */
    uint32_t depth;           /* [owner] RLock: times that the owner has taken it */
    uint32_t trace_number;    /* [const] from host_note_made */
    const Context *owner;     /* [atomic relaxed] NULL: free. Only compared: its thread may have ended */
    const void *taken_at;     /* [atomic relaxed] the Instruction at which owner took it; NULL: unknown */
} ObjLock;

typedef struct ObjLock ObjRLock;

/* A thread in Condition.wait: stands on its C stack. */
typedef struct ConditionWaiter {
    struct ConditionWaiter *next;
    uint32_t is_notified;     /* [atomic] the word it waits on */
} ConditionWaiter;

typedef struct ObjCondition {
    Obj header;
    uint32_t n_forks;         /* [lock] the fork generation that the waiters belong to */
    uint32_t trace_number;    /* [const] from host_note_made */
    Value lock;               /* [const] Lock, RLock or any object with acquire and release */
    ConditionWaiter *first;   /* [lock] has waited longest */
    ConditionWaiter *last;    /* [lock] */
} ObjCondition;

#define IS_LOCK(v) IS_KIND(v, KIND_LOCK)
#define IS_RLOCK(v) IS_KIND(v, KIND_RLOCK)
#define IS_CONDITION(v) IS_KIND(v, KIND_CONDITION)
#define AS_LOCK(v) ((ObjLock *)AS_OBJ(v))
#define AS_CONDITION(v) ((ObjCondition *)AS_OBJ(v))

Value lock_new(Context *cx, ObjKind kind /* KIND_LOCK or KIND_RLOCK */);
Value condition_new(Context *cx, Value lock /* VALUE_UNSET or None: a new RLock */);

/* Takes the lock; blocks until deadline_ns (BLOCK_FOREVER: as long as it takes; already past: only tries).
 * 1: taken, 0: not before the deadline, -1: exception pending (KeyboardInterrupt). */
int lock_acquire(Context *cx, ObjLock *lock, bool is_blocking, uint64_t deadline_ns);
/* False with RuntimeError pending: not held (Lock), not held by this thread (RLock). */
bool lock_release(Context *cx, ObjLock *lock);

/* Takes a free word. */
static inline bool lock_try_word(const Context *cx, uint32_t *word) {
    uint32_t expected = LOCK_FREE;
    if (LIKELY(!cx->is_parallel)) {
        if (UNLIKELY(atomic_load_relaxed(word) != LOCK_FREE)) {
            return false;
        }
        atomic_store_relaxed(word, (uint32_t)LOCK_HELD);
        return true;
    }
    return atomic_cas(word, &expected, (uint32_t)LOCK_HELD);
}

/* Frees a word that is held and that nobody waits for; false: it is contended (or free). */
static inline bool lock_free_word(const Context *cx, uint32_t *word) {
    uint32_t expected = LOCK_HELD;
    if (LIKELY(!cx->is_parallel)) {
        if (UNLIKELY(atomic_load_relaxed(word) != LOCK_HELD)) {
            return false;
        }
        atomic_store_relaxed(word, (uint32_t)LOCK_FREE);
        return true;
    }
    return atomic_cas(word, &expected, (uint32_t)LOCK_FREE);
}

/* What __enter__ and __exit__ of the three kinds do, without a call. False: exception pending. May block. */
bool lock_enter(Context *cx, Obj *o);
bool lock_leave(Context *cx, Obj *o);

/* For `with lock:` without a call. o is of kind LOCK, RLOCK or CONDITION, `at` the instruction that takes it. True: o
 * is taken; its __enter__ returns True (Lock, RLock, and Condition over one of these). False: lock_enter does it (or
 * __enter__, for a Condition over something else). Never blocks, never raises. */
static inline bool lock_acquire_fast(Context *cx, Obj *o, const void *at) {
    if (o->kind == KIND_CONDITION) {
        Value inner = ((ObjCondition *)o)->lock;
        if (!IS_LOCK(inner) && !IS_RLOCK(inner)) {
            return false;
        }
        o = AS_OBJ(inner);
    }
    ObjLock *lock = (ObjLock *)o;
    if (LIKELY(lock_try_word(cx, &lock->word))) {
        atomic_store_relaxed(&lock->owner, cx);
        atomic_store_relaxed(&lock->taken_at, at);
        lock->depth = 1;
        return true;
    }
    if (o->kind == KIND_RLOCK && atomic_load_relaxed(&lock->owner) == cx && lock->depth != UINT32_MAX) {
        lock->depth++;
        return true;
    }
    return false;
}

/* The end of such a block. False: lock_leave does it. */
static inline bool lock_release_fast(Context *cx, Obj *o) {
    if (o->kind == KIND_CONDITION) {
        Value inner = ((ObjCondition *)o)->lock;
        if (!IS_LOCK(inner) && !IS_RLOCK(inner)) {
            return false;
        }
        o = AS_OBJ(inner);
    }
    ObjLock *lock = (ObjLock *)o;
    if (o->kind == KIND_RLOCK) {
        if (UNLIKELY(atomic_load_relaxed(&lock->owner) != cx)) {
            return false;
        }
        if (lock->depth > 1) {
            lock->depth--;
            return true;
        }
    }
    if (UNLIKELY(atomic_load_relaxed(&lock->word) != LOCK_HELD)) {
        return false;
    }
    atomic_store_relaxed(&lock->owner, NULL);
    if (LIKELY(lock_free_word(cx, &lock->word))) {
        return true;
    }
    /* A waiter came in between: the slow way wakes it, and wants to see us as owner. */
    atomic_store_relaxed(&lock->owner, cx);
    return false;
}

static inline bool lock_is_kind(ObjKind kind) {
    return kind == KIND_LOCK || kind == KIND_RLOCK || kind == KIND_CONDITION;
}

#endif
