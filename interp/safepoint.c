/* safepoint.c - stopping the world, and serving the poll word. See safepoint.h.
 *
 * A stop, step by step
 *   1. The stopper takes world.mutex. If another thread has it, the stopper waits in state STOPPED, that is: it is stopped
 *      itself in the meantime. From here on the list of threads does not change.
 *   2. It stores itself in world.stopper and sets POLL_STOP in every thread that is RUNNING then.
 *   3. It waits until it has seen each thread in another state once. A thread seen so cannot run again before step
 *      4: it would store RUNNING, find the stopper, and take it back (sched.c), having touched nothing.
 *   4. At the end it clears world.stopper, wakes who waits for that, and frees the mutex.
 *
 * With the GIL, which the stopper holds, step 3 has nothing to wait for.
 *
 * Obligations of everybody else
 *   - poll at least at every backward jump and every function entry; bracket what blocks (block.h);
 *   - hold no container lock at a poll or in a bracket: the stopper may want it (gc_collect only in an allocation
 *     under a container lock is allowed: who collects is the stopper, or waits for it in step 1);
 *   - take world.mutex while RUNNING only through safepoint_lock_world.
 *
 * See also: sched.c for the other half of the handshake, tests/unit/test_safepoint.c. */

#include "interp/safepoint.h"

#include <limits.h>

#include "interp/sched.h"
#include "interp/signals.h"
#include "interp/state.h"
#include "interp/trace/trace.h"
#include "runtime/gc/finalize.h"
#include "runtime/gc/gc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/exception.h"

/* How often the stopper looks at a thread before it sleeps. A thread in the loop comes to a poll within a
 * microsecond, a sleep and a wake-up cost ten. */
enum { N_SPINS = 300 };

static bool is_running(const Thread *t) {
    return atomic_load_seq(&t->state) == THREAD_RUNNING;
}

static void wait_for_thread(World *world, const Thread *t) {
    for (int i = 0; i < N_SPINS; i++) {
        if (!is_running(t)) {
            return;
        }
        platform_cpu_relax();
    }
    for (;;) {
        const uint32_t n_left = atomic_load_seq(&world->n_left);
        if (!is_running(t)) {
            return;
        }
        platform_word_wait(&world->n_left, n_left, PLATFORM_FOREVER);
    }
}

static void stop_others(Thread *th) {
    Interp *interp = th->interp;
    for (Thread *t = interp->threads; t != NULL; t = t->next) {
        if (t != th && is_running(t)) {
            safepoint_request(t, POLL_STOP);
        }
    }
    for (Thread *t = interp->threads; t != NULL; t = t->next) {
        if (t != th) {
            wait_for_thread(&interp->world, t);
        }
    }
}

void safepoint_lock_world(Thread *th) {
    World *world = &th->interp->world;
    if (UNLIKELY(!platform_mutex_try_lock(&world->mutex))) {
        sched_leave(th, THREAD_STOPPED, BLOCK_EXIT, VALUE_NONE, BLOCK_FOREVER);
        platform_mutex_lock(&world->mutex);
        /* There is no stopper as long as we have the mutex, so this waits for the GIL at most. */
        sched_enter(th);
    }
}

void safepoint_unlock_world(Thread *th) {
    platform_mutex_unlock(&th->interp->world.mutex);
}

void safepoint_stop_world(Thread *th) {
    Interp *interp = th->interp;
    World *world = &interp->world;
    if (atomic_load_relaxed(&world->stopper) == th) {
        world->depth++;
        return;
    }
    safepoint_lock_world(th);
    world->depth = 1;
    atomic_store_seq(&world->stopper, th);
    if (!gil_is_enabled(&interp->gil) && interp->n_threads > 1) {
        stop_others(th);
    }
}

void safepoint_resume_world(Thread *th) {
    Interp *interp = th->interp;
    World *world = &interp->world;
    if (--world->depth > 0) {
        return;
    }
    const bool is_alone = interp->n_threads == 1;
    atomic_store_seq(&world->stopper, NULL);
    atomic_fetch_add(&world->n_resumed, 1);
    platform_mutex_unlock(&world->mutex);
    if (!is_alone) {
        platform_word_wake(&world->n_resumed, INT_MAX);
    }
}

void safepoint_notify(World *world) {
    atomic_fetch_add(&world->n_left, 1);
    platform_word_wake(&world->n_left, 1);
}

static bool is_stopped_by_others(const World *world, const Thread *th, Thread **stopper) {
    *stopper = atomic_load_seq(&world->stopper);
    return *stopper != NULL && *stopper != th;
}

static __attribute__((noinline)) void wait_resumed_slow(World *world, Thread *th) {
    for (;;) {
        const uint32_t n_resumed = atomic_load_acquire(&world->n_resumed);
        Thread *stopper;
        if (!is_stopped_by_others(world, th, &stopper)) {
            return;
        }
        trace_stop(th, stopper);
        platform_word_wait(&world->n_resumed, n_resumed, PLATFORM_FOREVER);
    }
}

void safepoint_wait_resumed(World *world, Thread *th) {
    Thread *stopper;
    if (UNLIKELY(is_stopped_by_others(world, th, &stopper))) {
        wait_resumed_slow(world, th);
    }
}

/* The poll word. */

static bool take_bit(Thread *th, uint32_t bit) {
    return (atomic_fetch_and(&th->cx.poll, ~bit) & bit) != 0;
}

static void stand_still(Thread *th) {
    Thread *stopper = atomic_load_seq(&th->interp->world.stopper);
    if (stopper != NULL && stopper != th) {
        sched_leave(th, THREAD_STOPPED, BLOCK_EXIT, VALUE_NONE, BLOCK_FOREVER);
        sched_enter(th);
    }
}

static bool raise_sent(Thread *th) {
    Value exception = atomic_exchange(&th->async_exception, VALUE_UNSET);
    if (IS_UNSET(exception)) {
        return true;
    }
    exc_raise_statement(&th->cx, exception, VALUE_UNSET);
    return false;
}

bool safepoint_poll(Thread *th) {
    const uint32_t bits = atomic_load_acquire(&th->cx.poll);
    if ((bits & POLL_STOP) && take_bit(th, POLL_STOP)) {
        stand_still(th);
    }
    if ((bits & POLL_EXIT) && !th->is_main) {
        thread_park(th);
    }
    if ((bits & POLL_COLLECT) && take_bit(th, POLL_COLLECT)) {
        gc_collect(&th->cx);
    }
    if ((bits & POLL_GIL) && take_bit(th, POLL_GIL)) {
        sched_yield_gil(th, NULL, TRACE_DROP_INTERVAL);
    }
    if ((bits & POLL_SIGNAL) && take_bit(th, POLL_SIGNAL) && !signals_serve(th)) {
        return false;
    }
    if ((bits & POLL_FINALIZE) && take_bit(th, POLL_FINALIZE)) {
        finalize_run(&th->cx);
    }
    if ((bits & POLL_ASYNC_EXC) && take_bit(th, POLL_ASYNC_EXC)) {
        return raise_sent(th);
    }
    return true;
}

/* --switch-every */

/* xorshift64*, of Marsaglia and Vigna: small, and good enough to choose moments. */
static uint64_t draw(Thread *th) {
    uint64_t x = th->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    th->random = x;
    return x * UINT64_C(0x2545F4914F6CDD1D);
}

/* Exactly every n instructions, or (with a seed) at random, n on average. */
static uint32_t next_countdown(Thread *th) {
    const Interp *interp = th->interp;
    if (interp->switch_every == 0) {
        return UINT32_MAX;
    }
    if (!interp->options->has_seed) {
        return interp->switch_every;
    }
    return 1 + (uint32_t)(draw(th) % (2 * (uint64_t)interp->switch_every - 1));
}

void safepoint_count_slow(Thread *th) {
    th->n_instructions += th->countdown_begin;
    th->switch_countdown = th->countdown_begin = next_countdown(th);
    if (th->interp->switch_every == 0) {
        return;
    }
    if (gil_is_enabled(&th->interp->gil)) {
        sched_yield_gil(th, NULL, TRACE_DROP_EVERY);
    } else {
        platform_thread_yield();
    }
}

/* runtime/gc/gc.h */

void gc_host_stop_world(Context *cx) {
    Thread *th = thread_of(cx);
    if (trace_is_on(th)) {
        trace_collect_begin(th);
    }
    safepoint_stop_world(th);
}

void gc_host_resume_world(Context *cx) {
    Thread *th = thread_of(cx);
    safepoint_resume_world(th);
    if (trace_is_on(th)) {
        trace_collect_end(th);
    }
}

void gc_host_trace_threads_stw(Context *cx, GcMarker *m, void *stack_top) {
    Interp *interp = interp_of(cx);
    for (Thread *t = interp->threads; t != NULL; t = t->next) {
        thread_trace_stw(t, m);
        if (t == thread_of(cx)) {
            gc_mark_range(m, stack_top, t->c_stack_high);
        } else if (t->c_stack_low != NULL) {
            gc_mark_range(m, t->spilled, t->spilled + THREAD_SPILL_WORDS);
            gc_mark_range(m, t->c_stack_low, t->c_stack_high);
        }
    }
}
