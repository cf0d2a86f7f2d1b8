/* gil.c - the global interpreter lock.
 *
 * The interval policy, in five points:
 *   1. The lock is the word `holder`. Who finds it NULL takes it by compare and swap; who gives it up in order to
 *      block stores NULL. Neither needs the mutex as long as nobody waits.
 *   2. Who does not get it queues up. The first in the queue keeps time: when it has waited a whole switch interval
 *      without any change of holder, it sets POLL_GIL in the holder's poll word. The others sleep without a
 *      clock, so a thousand waiters cost no more than one.
 *   3. A holder that finds POLL_GIL at a poll hands the lock directly to the first in the queue and queues up
 *      last. So it cannot take it back before somebody else had it (forced switching).
 *   4. A lock that was given up in order to block is free for whoever comes first; the first in the queue is woken
 *      and may come too late (then its clock goes on). Handing over here too would make every short
 *      wait (a write, a lock) cost two changes of thread.
 *   5. A change of holder is counted when the lock comes to another thread than the last time. Points 2 to 4 are those
 *      of CPython's lock since 3.2, but that CPython has no order among those who wait, all of whom keep time.
 *
 * Invariants
 *   a. At most one thread holds the lock: holder.
 *   b. A thread in the queue is alive: it leaves the queue itself, or is taken out by who hands it the lock.
 *   c. The holder is alive while the mutex is held by who looks at it (gil_forget).
 *
 * Threads: acquire, release and hand_over by the thread itself, through sched.c; gil_fork_ functions by the forking thread.
 * See also: safepoint.c (who serves the request), tests/unit/test_gil.c. */

#include "interp/gil.h"

#include <errno.h>
#include <string.h>

#include "interp/clock.h"
#include "interp/thread.h"
#include "interp/trace/trace.h"

/* Counters have one writer, and readers that may come at any time. */
static void count(uint64_t *counter, uint64_t n) {
    atomic_store_relaxed(counter, *counter + n);
}

/* Bookkeeping of a thread that has just become the holder. */
static void begin_hold(Gil *gil, Thread *th) {
    atomic_store_relaxed(&th->gil.held_since_ns, clock_now_ns());
    count(&th->gil.stats.n_acquired, 1);
    if (gil->last_holder != th) {
        trace_gil_taken(th, gil->last_holder);
        gil->last_holder = th;
        atomic_store_relaxed(&gil->n_switches, gil->n_switches + 1);
    }
    /* A request was meant for an earlier hold; one that is made in this moment will be made again. */
    if (atomic_load_relaxed(&th->cx.poll) & POLL_GIL) {
        atomic_fetch_and(&th->cx.poll, ~(uint32_t)POLL_GIL);
    }
}

static void end_hold(Thread *th, uint64_t now) {
    count(&th->gil.stats.held_ns, now - th->gil.held_since_ns);
}

/* The queue. Its mutex is held. */

static void queue_append(Gil *gil, Thread *th) {
    th->gil.next = NULL;
    th->gil.is_queued = true;
    if (gil->last == NULL) {
        atomic_store_relaxed(&gil->first, th);
    } else {
        gil->last->gil.next = th;
    }
    gil->last = th;
    atomic_store_seq(&gil->n_waiting, gil->n_waiting + 1);
}

/* Takes th out. Returns who has become the first and has to be told to keep time, or NULL. */
static Thread *queue_remove(Gil *gil, Thread *th) {
    Thread *previous = NULL;
    for (Thread *t = gil->first; t != th; t = t->gil.next) {
        previous = t;
    }
    if (gil->last == th) {
        gil->last = previous;
    }
    th->gil.is_queued = false;
    atomic_store_seq(&gil->n_waiting, gil->n_waiting - 1);
    if (previous != NULL) {
        previous->gil.next = th->gil.next;
        return NULL;
    }
    atomic_store_relaxed(&gil->first, th->gil.next);
    return gil->first;
}

/* Lets a waiter look again. Returns the word to be woken when the mutex is free: its owner may be gone by then,
 * which does no harm, as nothing but the address is used. */
static uint32_t *prod(Thread *waiter) {
    if (waiter == NULL || atomic_exchange(&waiter->gil.wake, 1) != 0) {
        return NULL;
    }
    return &waiter->gil.wake;
}

static void wake(uint32_t *word) {
    if (word != NULL) {
        platform_word_wake(word, 1);
    }
}

/* The interval policy. */

static bool try_take(Gil *gil, Thread *th) {
    Thread *expected = NULL;
    return atomic_load_seq(&gil->holder) == NULL && atomic_cas(&gil->holder, &expected, th);
}

static void ask_holder(Gil *gil) {
    platform_mutex_lock(&gil->mutex);
    Thread *holder = atomic_load_acquire(&gil->holder);
    if (holder != NULL) {
        atomic_fetch_or(&holder->cx.poll, (uint32_t)POLL_GIL);
    }
    platform_mutex_unlock(&gil->mutex);
}

static uint64_t interval_end_ns(const Gil *gil) {
    return clock_deadline_ns(atomic_load_relaxed(&gil->interval_us) * CLOCK_NS_PER_US);
}

/* Waits in the queue until th holds the lock or the lock is off. */
static void wait_for_turn(Gil *gil, Thread *th) {
    uint64_t n_switches = atomic_load_relaxed(&gil->n_switches);
    uint64_t interval_end = interval_end_ns(gil);
    for (;;) {
        /* Cleared before looking, so that whoever changes something after we looked wakes us. */
        atomic_store_seq(&th->gil.wake, 0);
        if (atomic_load_seq(&gil->holder) == th || !gil_is_enabled(gil) || try_take(gil, th)) {
            break;
        }
        if (atomic_load_relaxed(&gil->n_switches) != n_switches) {
            n_switches = atomic_load_relaxed(&gil->n_switches);
            interval_end = interval_end_ns(gil);
        }
        const bool keeps_time = atomic_load_relaxed(&gil->first) == th;
        const int result =
            platform_word_wait(&th->gil.wake, 0, keeps_time ? interval_end : PLATFORM_FOREVER);
        if (result == ETIMEDOUT && atomic_load_relaxed(&gil->n_switches) == n_switches) {
            ask_holder(gil);
            interval_end = interval_end_ns(gil);
        }
    }
    platform_mutex_lock(&gil->mutex);
    uint32_t *next = th->gil.is_queued ? prod(queue_remove(gil, th)) : NULL;
    platform_mutex_unlock(&gil->mutex);
    wake(next);
    count(&th->gil.stats.waited_ns, clock_now_ns() - th->gil.waits_since_ns);
}

static void interval_acquire(Gil *gil, Thread *th) {
    if (UNLIKELY(!try_take(gil, th))) {
        th->gil.waits_since_ns = clock_now_ns();
        trace_gil_wait(th, atomic_load_relaxed(&gil->holder));
        platform_mutex_lock(&gil->mutex);
        /* A thread that has just been started may have been given the lock before it came here. */
        if (atomic_load_relaxed(&gil->holder) != th) {
            queue_append(gil, th);
        }
        platform_mutex_unlock(&gil->mutex);
        wait_for_turn(gil, th);
    }
    if (LIKELY(atomic_load_relaxed(&gil->holder) == th)) {
        begin_hold(gil, th);
    }
}

static void interval_release(Gil *gil, Thread *th) {
    end_hold(th, clock_now_ns());
    count(&th->gil.stats.n_voluntary, 1);
    /* Pairs with queue_append: either we see the waiter, or it sees the free lock. */
    atomic_store_seq(&gil->holder, NULL);
    if (atomic_load_seq(&gil->n_waiting) != 0) {
        platform_mutex_lock(&gil->mutex);
        uint32_t *first = prod(gil->first);
        platform_mutex_unlock(&gil->mutex);
        wake(first);
    }
}

static bool interval_hand_over(Gil *gil, Thread *th, Thread *heir) {
    platform_mutex_lock(&gil->mutex);
    heir = heir != NULL ? heir : gil->first;
    if (heir == NULL) {
        platform_mutex_unlock(&gil->mutex);
        return false;
    }
    const uint64_t now = clock_now_ns();
    end_hold(th, now);
    count(&th->gil.stats.n_forced, 1);
    th->gil.waits_since_ns = now;
    /* An heir that is not here yet need not be woken: it will find the lock in its hands. */
    const bool is_waiting = heir->gil.is_queued;
    Thread *timekeeper = is_waiting ? queue_remove(gil, heir) : NULL;
    queue_append(gil, th);
    atomic_store_seq(&gil->holder, heir);
    uint32_t *heir_word = is_waiting ? prod(heir) : NULL;
    uint32_t *timekeeper_word = prod(timekeeper);
    platform_mutex_unlock(&gil->mutex);
    wake(heir_word);
    wake(timekeeper_word);
    wait_for_turn(gil, th);
    if (LIKELY(atomic_load_relaxed(&gil->holder) == th)) {
        begin_hold(gil, th);
    }
    return true;
}

const GilPolicy gil_policy_interval = {
    "interval", interval_acquire, interval_release, interval_hand_over,
};

/* The lock. */

void gil_open(Gil *gil, const GilPolicy *policy, bool is_enabled, uint32_t interval_us) {
    memset(gil, 0, sizeof *gil);
    gil->policy = policy;
    gil->is_enabled = is_enabled;
    gil->interval_us = interval_us;
    platform_mutex_init(&gil->mutex);
}

void gil_close(Gil *gil) {
    platform_mutex_destroy(&gil->mutex);
}

void gil_acquire(Gil *gil, Thread *th) {
    if (gil_is_enabled(gil)) {
        gil->policy->acquire(gil, th);
    }
}

void gil_release(Gil *gil, Thread *th) {
    if (atomic_load_relaxed(&gil->holder) == th) {
        gil->policy->release(gil, th);
    }
}

bool gil_hand_over(Gil *gil, Thread *th, Thread *heir) {
    return gil_is_enabled(gil) && gil->policy->hand_over(gil, th, heir);
}

void gil_set_enabled_stw(Gil *gil, Thread *th, bool is_enabled) {
    if (gil->is_enabled == is_enabled) {
        return;
    }
    platform_mutex_lock(&gil->mutex);
    atomic_store_seq(&gil->is_enabled, is_enabled);
    if (is_enabled) {
        atomic_store_seq(&gil->holder, th);
        begin_hold(gil, th);
    } else {
        end_hold(th, clock_now_ns());
        atomic_store_seq(&gil->holder, NULL);
        for (Thread *t = gil->first; t != NULL; t = t->gil.next) {
            wake(prod(t));
        }
    }
    platform_mutex_unlock(&gil->mutex);
}

void gil_forget(Gil *gil, Thread *th) {
    /* Who still takes th for the holder does so under the mutex. last_holder may go on naming it: that is only
     * compared, and a new thread in the same memory makes a switch uncounted at worst. */
    (void)th;
    platform_mutex_lock(&gil->mutex);
    platform_mutex_unlock(&gil->mutex);
}

void gil_fork_begin(Gil *gil) {
    /* So that the child does not inherit it held by a thread that was about to queue up. */
    platform_mutex_lock(&gil->mutex);
}

void gil_fork_end_parent(Gil *gil) {
    platform_mutex_unlock(&gil->mutex);
}

void gil_fork_end_child(Gil *gil, Thread *th) {
    gil->first = NULL;
    gil->last = NULL;
    gil->n_waiting = 0;
    gil->last_holder = th;
    memset(&gil->finished, 0, sizeof gil->finished);
    memset(&th->gil, 0, sizeof th->gil);
    th->gil.held_since_ns = clock_now_ns();
    platform_mutex_unlock(&gil->mutex);
}

void gil_stats_add(const Gil *gil, const Thread *th, GilStats *sum) {
    const GilStats *stats = &th->gil.stats;
    sum->n_acquired += atomic_load_relaxed(&stats->n_acquired);
    sum->n_forced += atomic_load_relaxed(&stats->n_forced);
    sum->n_voluntary += atomic_load_relaxed(&stats->n_voluntary);
    sum->held_ns += atomic_load_relaxed(&stats->held_ns);
    sum->waited_ns += atomic_load_relaxed(&stats->waited_ns);
    if (atomic_load_acquire(&gil->holder) == th) {
        sum->held_ns += clock_now_ns() - atomic_load_relaxed(&th->gil.held_since_ns);
    }
}
