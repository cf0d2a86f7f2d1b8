/* gil.h - the global interpreter lock, and the policies by which it changes hands.
 *
 * Whoever holds it executes bytecode. It is taken and given up only by sched.c: every way to stop or go on
 * leads through there. While it is switched off (--no-gil, gil.disable()) gil_acquire returns at once. */

#ifndef MINI_INTERP_GIL_H
#define MINI_INTERP_GIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/platform.h"

typedef struct Thread Thread;
typedef struct Gil Gil;

enum { GIL_DEFAULT_INTERVAL_US = 5000 };

/* What a policy decides: who gets the lock and when the holder is asked for it.
 *   acquire   returns when th holds the lock, or when the lock was switched off
 *   release   th gives it up and will not want it for a while
 *   hand_over th gives it to heir, which may not have queued up yet (it has just been started), or when heir is NULL to
 *             whoever is next; th waits for its next turn. False, and nothing happens, when nobody waits */
typedef struct GilPolicy {
    const char *name;
    void (*acquire)(Gil *gil, Thread *th);
    void (*release)(Gil *gil, Thread *th);
    bool (*hand_over)(Gil *gil, Thread *th, Thread *heir);
} GilPolicy;

extern const GilPolicy gil_policy_interval;   /* CPython's since 3.2: the switch interval, forced switching */

typedef struct GilStats {
    uint64_t n_acquired;        /* times that the lock was taken */
    uint64_t n_forced;          /* switches: the holder was asked and gave it up at a poll */
    uint64_t n_voluntary;       /* given up in order to block */
    uint64_t held_ns;
    uint64_t waited_ns;         /* for the lock */
} GilStats;

/* A thread's place in the queue of those who wait, and what it has counted. Part of Thread. */
typedef struct GilWaiter {
    Thread *next;               /* [mutex] behind it in the queue */
    uint32_t wake;              /* [atomic] not 0: look again */
    bool is_queued;             /* [mutex] */
    uint64_t held_since_ns;     /* [own] */
    uint64_t waits_since_ns;    /* [own] */
    GilStats stats;             /* [own], read by others without a lock: relaxed */
} GilWaiter;

struct Gil {
    const GilPolicy *policy;    /* [const] */
    bool is_enabled;            /* [stw] read with acquire */
    uint32_t interval_us;       /* [atomic relaxed] */
    Thread *holder;             /* [atomic] NULL when the lock is free */
    uint32_t n_waiting;         /* [atomic] threads in the queue; written under mutex */
    uint64_t n_switches;        /* [atomic] grows whenever the lock comes to a thread that was not the last to hold it */
    Thread *last_holder;        /* [holder] only compared */
    PlatformMutex mutex;        /* guards the queue */
    Thread *first;              /* [mutex] has waited longest; the one that keeps time */
    Thread *last;               /* [mutex] */
    GilStats finished;          /* [world mutex] sums of the threads that have ended */
};

void gil_open(Gil *gil, const GilPolicy *policy, bool is_enabled, uint32_t interval_us);
void gil_close(Gil *gil);

/* Blocks until th holds the lock; returns without it when the lock is off. th is not in state RUNNING. */
void gil_acquire(Gil *gil, Thread *th);
/* th holds it. Never blocks. */
void gil_release(Gil *gil, Thread *th);
/* At a poll: hands the lock to heir (NULL: to who is next), and waits for the next turn. False when nobody waited (then
 * nothing happened). May return without the lock, as gil_acquire. */
bool gil_hand_over(Gil *gil, Thread *th, Thread *heir);

static inline bool gil_is_enabled(const Gil *gil) {
    return __atomic_load_n(&gil->is_enabled, __ATOMIC_SEQ_CST);
}

/* Switches the lock on (th holds it then) or off. World stopped by th. */
void gil_set_enabled_stw(Gil *gil, Thread *th, bool is_enabled);

/* Before the memory of th is freed: nobody looks at it any more. th has released and does not wait. */
void gil_forget(Gil *gil, Thread *th);

/* Around fork(), in the forking thread th: begin before it, then end in both processes. In the child th is the only thread;
 * it holds the lock if it held it before. */
void gil_fork_begin(Gil *gil);
void gil_fork_end_parent(Gil *gil);
void gil_fork_end_child(Gil *gil, Thread *th);

/* Adds what one thread counted, including the time since it got the lock if it holds it. */
void gil_stats_add(const Gil *gil, const Thread *th, GilStats *sum);

#endif
