/* sched.c - leaving and entering the state RUNNING; the runtime's door runtime/block.h. See sched.h.
 *
 * Why no thread slips through a stopped world: sched_enter stores RUNNING and then loads the stopper; the stopper
 * stores itself and then loads the state (all sequentially consistent). At least one of them sees the other. A
 * thread that sees the stopper takes RUNNING back before it has touched anything.
 *
 * With the GIL the stopper is the holder, and so no other thread can be RUNNING: only gil.disable() lets
 * waiters come back without the lock into a world that is still stopped, which the same check catches. */

#include "interp/sched.h"

#include <errno.h>

#include "interp/clock.h"
#include "interp/safepoint.h"
#include "interp/signals.h"
#include "interp/state.h"
#include "interp/trace/trace.h"
#include "interp/watch.h"

/* Keeps the words of the stack above its own frame. They hold what the callers keep in registers that survive calls, since
 * the caller of this function pushed all of these, and those that block_begin pushed before that: frames that are gone
 * while the thread is still away. A few frames are more than enough. */
static CONFIG_READS_ANY_MEMORY void keep_frames(Thread *th) {
    const uintptr_t *from = (const uintptr_t *)__builtin_frame_address(0);
    const size_t n_words = (size_t)((const uintptr_t *)th->c_stack_high - from);
    for (size_t i = 0; i < THREAD_SPILL_WORDS && i < n_words; i++) {
        th->spilled[i] = from[i];
    }
}

/* From RUNNING to another state, without a word to anybody. */
static void describe(Thread *th, ThreadState state, BlockReason reason, Value object,
                     uint64_t deadline_ns) {
    atomic_store_relaxed(&th->reason, (uint32_t)reason);
    value_store(&th->waits_for, object);
    atomic_store_relaxed(&th->deadline_ns, deadline_ns);
    atomic_store_seq(&th->state, (uint32_t)state);
}

static void notify_stopper(Thread *th) {
    World *world = &th->interp->world;
    if (UNLIKELY(atomic_load_seq(&world->stopper) != NULL)) {
        safepoint_notify(world);
    }
}

__attribute__((noinline)) void sched_leave(Thread *th, ThreadState state, BlockReason reason,
                                           Value object, uint64_t deadline_ns) {
    const int error = errno;
    /* Read while RUNNING: after that a stopper may change it. */
    const bool has_gil = gil_is_enabled(&th->interp->gil);
    trace_leave(th, state, reason, object);
    watch_waits(th, reason);
    __builtin_unwind_init(); /* pushes the registers that survive calls, for keep_frames */
    keep_frames(th);
    th->c_stack_low = __builtin_frame_address(0);
    describe(th, state, reason, object, deadline_ns);
    if (has_gil) {
        gil_release(&th->interp->gil, th);
    }
    notify_stopper(th);
    errno = error;
}

/* A thread that stops being one of several may forget about container locks, which it does not hold here. */
static void forget_parallel(Thread *th) {
    if (UNLIKELY(th->cx.is_parallel) && atomic_load_acquire(&th->interp->n_threads) == 1) {
        th->cx.is_parallel = false;
    }
}

/* The world is stopped, or the GIL was switched on or off while th was on its way: it takes RUNNING back. Apart from its
 * caller, which is spared what this does to its registers. */
static __attribute__((noinline)) void take_running_back(Thread *th, const Thread *stopper) {
    trace_stop(th, stopper);
    atomic_store_seq(&th->state, (uint32_t)THREAD_STOPPED);
    gil_release(&th->interp->gil, th);
    notify_stopper(th);
}

/* Having the GIL if there is one: true when th may run. With nobody stopping the world and th RUNNING the GIL stays on or
 * off as it is. */
static bool confirm_running(Thread *th) {
    Interp *interp = th->interp;
    atomic_store_seq(&th->state, (uint32_t)THREAD_RUNNING);
    const Thread *stopper = atomic_load_seq(&interp->world.stopper);
    const bool has_gil = atomic_load_relaxed(&interp->gil.holder) == th;
    if (LIKELY((stopper == NULL || stopper == th) && has_gil == gil_is_enabled(&interp->gil))) {
        return true;
    }
    take_running_back(th, stopper);
    return false;
}

void sched_enter(Thread *th) {
    const int error = errno;
    Interp *interp = th->interp;
    watch_wants_gil(th);
    for (;;) {
        safepoint_wait_resumed(&interp->world, th);
        gil_acquire(&interp->gil, th);
        if (LIKELY(confirm_running(th))) {
            break;
        }
    }
    trace_run(th);
    watch_runs(th);
    forget_parallel(th);
    errno = error;
}

/* The frame of this function is the lowest of interest, as that of sched_leave. */
__attribute__((noinline)) bool sched_yield_gil(Thread *th, Thread *heir, TraceDrop why) {
    Interp *interp = th->interp;
    const bool has_heir = heir != NULL || atomic_load_relaxed(&interp->gil.n_waiting) != 0;
    if (!gil_is_enabled(&interp->gil) || !has_heir) {
        return false;
    }
    trace_drop(th, why, heir);
    watch_wants_gil(th);
    __builtin_unwind_init(); /* pushes the registers that survive calls, for keep_frames */
    keep_frames(th);
    th->c_stack_low = __builtin_frame_address(0);
    describe(th, THREAD_WAITS_GIL, BLOCK_EXIT, VALUE_NONE, BLOCK_FOREVER);
    const bool has_switched = gil_hand_over(&interp->gil, th, heir);
    if (LIKELY(confirm_running(th))) {
        trace_run(th);
    } else {
        sched_enter(th);
    }
    watch_runs(th);
    return has_switched;
}

/* runtime/block.h */

void block_begin(Context *cx, BlockReason reason, Value object, uint64_t deadline_ns) {
    sched_leave(thread_of(cx), THREAD_BLOCKED, reason, object, deadline_ns);
}

void block_end(Context *cx) {
    sched_enter(thread_of(cx));
}

bool block_poll(Context *cx) {
    Thread *th = thread_of(cx);
    return LIKELY(!thread_poll_wanted(th)) || safepoint_poll(th);
}

bool block_has_signal(const Context *cx) {
    return (atomic_load_acquire(&cx->poll) & (POLL_SIGNAL | POLL_ASYNC_EXC)) != 0;
}

int block_wait_word(Context *cx, BlockReason reason, Value object, uint32_t *word, uint32_t expected,
                    uint64_t deadline_ns) {
    if (UNLIKELY(block_has_signal(cx))) {
        return EINTR;
    }
    block_begin(cx, reason, object, deadline_ns);
    const int result = platform_word_wait(word, expected, deadline_ns);
    block_end(cx);
    return result;
}

void block_wake(uint32_t *word, int n) {
    platform_word_wake(word, n);
}

void block_stop_world(Context *cx) {
    safepoint_stop_world(thread_of(cx));
}

void block_resume_world(Context *cx) {
    safepoint_resume_world(thread_of(cx));
}

bool block_world_is_stopped(const Context *cx) {
    return atomic_load_acquire(&interp_of(cx)->world.stopper) == (const Thread *)cx;
}
