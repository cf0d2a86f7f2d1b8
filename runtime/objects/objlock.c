/* objlock.c - container locks: the slow halves, and the parking lot where threads wait.
 *
 *      lock byte   0  free     HELD     HAS_WAITERS  free, but somebody is parked     both
 *
 * After WebKit's WTF::Lock: the byte in the object, the queue in a table of buckets found by the object's address.
 * A thread that finds the byte taken spins for a moment, then parks. Who unlocks wakes the first waiter, which then has to
 * compete again (so a lock that is taken often does not change hands at every turn); but a waiter that
 * was parked for longer than HANDOVER_NS gets the lock handed over: so everyone's turn comes.
 *
 * Invariants
 *   1. HAS_WAITERS is set and cleared with the bucket's mutex held, and is set while anybody is queued for the object.
 *   2. The mutex of a bucket is held for a few instructions; nothing is allocated and nobody blocks under it.
 *
 * Threads: any that is attached; the parked ones are blocked in the sense of block.h, so the world can be
 * stopped meanwhile. See also: tests/unit/test_objlock.c. */

#include "runtime/objects/objlock.h"

#include "runtime/base/config.h"
#include "runtime/base/mem.h"
#include "runtime/base/platform.h"
#include "runtime/block.h"
#include "runtime/gc/heap_walk.h"

enum {
    N_BUCKETS = 256,
    /* Long enough for what is done under a container lock (tens of ns), short beside parking (microseconds). */
    N_SPINS = 64,
    HANDOVER_NS = 1000000
};

enum { WAITER_PARKED = 0, WAITER_WOKEN = 1, WAITER_OWNS = 2 };

/* Lives on the stack of the thread that waits. */
typedef struct Waiter {
    Obj *object;
    struct Waiter *next;   /* [mutex] */
    uint64_t parked_ns;
    uint32_t state;        /* [atomic] WAITER_... */
} Waiter;

typedef struct Bucket {
    PlatformMutex mutex;
    Waiter *first;         /* [mutex] in the order of arrival */
} __attribute__((aligned(CONFIG_CACHE_LINE_BYTES))) Bucket;

struct ParkingLot {
    void *memory;          /* [const] what mem_alloc gave; the buckets are aligned within */
    Bucket *buckets;       /* [const] */
};

static Bucket *bucket_of(const Context *cx, const Obj *o) {
    const uint64_t mixed = ((uintptr_t)o >> 4) * UINT64_C(0x9e3779b97f4a7c15);
    return &cx->rt->parking->buckets[mixed >> 56];
}

ParkingLot *parking_open(void) {
    ParkingLot *lot = mem_alloc(sizeof *lot);
    lot->memory = mem_alloc_zeroed(N_BUCKETS + 1, sizeof(Bucket));
    const uintptr_t mask = CONFIG_CACHE_LINE_BYTES - 1;
    lot->buckets = (Bucket *)(((uintptr_t)lot->memory + mask) & ~mask);
    for (int i = 0; i < N_BUCKETS; i++) {
        platform_mutex_init(&lot->buckets[i].mutex);
    }
    return lot;
}

void parking_close(ParkingLot *lot) {
    for (int i = 0; i < N_BUCKETS; i++) {
        platform_mutex_destroy(&lot->buckets[i].mutex);
    }
    mem_free(lot->memory);
    mem_free(lot);
}

static void free_lock(void *unused, Obj *o) {
    (void)unused;
    if (atomic_load_relaxed(&o->lock) != 0) {
        atomic_store_relaxed(&o->lock, (uint8_t)0);
    }
}

void parking_after_fork(Runtime *rt, bool was_parallel) {
    for (int i = 0; rt->parking != NULL && i < N_BUCKETS; i++) {
        platform_mutex_init(&rt->parking->buckets[i].mutex);
        rt->parking->buckets[i].first = NULL;
    }
    if (was_parallel) {
        heap_each_object_stw(rt->heap, free_lock, NULL);
    }
}

/* Takes the lock if it is free, waiters or not. */
static bool try_take(Obj *o) {
    uint8_t byte = atomic_load_relaxed(&o->lock);
    while ((byte & OBJLOCK_HELD) == 0) {
        if (atomic_cas(&o->lock, &byte, (uint8_t)(byte | OBJLOCK_HELD))) {
            return true;
        }
    }
    return false;
}

/* Joins the queue, unless the lock is taken in the attempt: then true. */
static bool take_or_queue(Bucket *bucket, Waiter *waiter) {
    Obj *o = waiter->object;
    platform_mutex_lock(&bucket->mutex);
    uint8_t byte = atomic_load_relaxed(&o->lock);
    for (;;) {
        if ((byte & OBJLOCK_HELD) == 0) {
            if (atomic_cas(&o->lock, &byte, (uint8_t)(byte | OBJLOCK_HELD))) {
                platform_mutex_unlock(&bucket->mutex);
                return true;
            }
        } else if (atomic_cas(&o->lock, &byte, (uint8_t)(byte | OBJLOCK_HAS_WAITERS))) {
            break;
        }
    }
    waiter->state = WAITER_PARKED;
    waiter->next = NULL;
    waiter->parked_ns = platform_clock_ns();
    Waiter **end = &bucket->first;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = waiter;
    platform_mutex_unlock(&bucket->mutex);
    return false;
}

void objlock_lock_slow(Context *cx, Obj *o) {
    Bucket *bucket = bucket_of(cx, o);
    Waiter waiter = {.object = o};
    for (;;) {
        for (int i = 0; i < N_SPINS; i++) {
            if (try_take(o)) {
                return;
            }
            platform_cpu_relax();
        }
        if (take_or_queue(bucket, &waiter)) {
            return;
        }
        uint32_t state;
        while ((state = atomic_load_acquire(&waiter.state)) == WAITER_PARKED) {
            /* Signals are served at the next poll: what is done under these locks is short. */
            block_wait_word(cx, BLOCK_CONTAINER, OBJ_VALUE(o), &waiter.state, WAITER_PARKED,
                            BLOCK_FOREVER);
        }
        if (state == WAITER_OWNS) {
            return;
        }
    }
}

/* Takes the first waiter for o out of the queue; *has_more tells whether others wait for it. */
static Waiter *dequeue(Bucket *bucket, const Obj *o, bool *has_more) {
    Waiter *found = NULL;
    *has_more = false;
    for (Waiter **place = &bucket->first; *place != NULL;) {
        Waiter *waiter = *place;
        if (waiter->object == o) {
            if (found != NULL) {
                *has_more = true;
                break;
            }
            found = waiter;
            *place = waiter->next;
        } else {
            place = &waiter->next;
        }
    }
    return found;
}

void objlock_unlock_slow(Context *cx, Obj *o) {
    Bucket *bucket = bucket_of(cx, o);
    platform_mutex_lock(&bucket->mutex);
    bool has_more;
    Waiter *waiter = dequeue(bucket, o, &has_more);
    uint8_t byte = has_more ? OBJLOCK_HAS_WAITERS : 0;
    uint32_t state = WAITER_WOKEN;
    if (waiter != NULL && platform_clock_ns() - waiter->parked_ns > HANDOVER_NS) {
        byte |= OBJLOCK_HELD;
        state = WAITER_OWNS;
    }
    atomic_store_release(&o->lock, byte);
    platform_mutex_unlock(&bucket->mutex);
    if (waiter != NULL) {
        /* Behind the store the waiter may be gone, and its stack with it; to wake an address where
         * nobody waits does no harm. */
        uint32_t *word = &waiter->state;
        atomic_store_release(word, state);
        block_wake(word, 1);
    }
}

static void lock_one(Context *cx, Obj *o) {
    uint8_t expected = 0;
    if (!atomic_cas(&o->lock, &expected, (uint8_t)OBJLOCK_HELD)) {
        objlock_lock_slow(cx, o);
    }
}

bool objlock_lock2(Context *cx, Obj *a, Obj *b) {
    /* Asked once: while this waits for one lock the answer may change. */
    if (!cx->is_parallel) {
        return false;
    }
    if (a > b) {
        Obj *first = b;
        b = a;
        a = first;
    }
    lock_one(cx, a);
    if (b != a) {
        lock_one(cx, b);
    }
    return true;
}

void objlock_unlock2(Context *cx, Obj *a, Obj *b, bool is_locked) {
    objlock_unlock(cx, a, is_locked);
    if (b != a) {
        objlock_unlock(cx, b, is_locked);
    }
}
