/* safepoint.h - the poll word, and stopping the world.
 *
 * The loop tests thread_poll_wanted at backward jumps and at function entry; when it is true it saves
 * th->stack.base and th->stack.pc and calls safepoint_poll, which serves every request:
 *
 *      POLL_STOP     somebody wants the world to stand still: wait until it moves again
 *      POLL_COLLECT  the heap has grown: collect
 *      POLL_FINALIZE call __del__ of what the collector found dead
 *      POLL_GIL      another thread has waited a whole switch interval: let it have the GIL
 *      POLL_EXIT     the interpreter ends and this is a daemon thread: stop here, for ever
 *      POLL_SIGNAL   call the handlers of signals (main thread)
 *      POLL_EVERY    stays set: the watched instance of the loop is to run; nothing to serve
 *
 * Stopping the world (see safepoint.c for the proof): the stopper announces itself, asks all running threads, and
 * waits until none is RUNNING. A thread that is blocked or waits for the GIL is stopped already; it cannot go
 * on before the world does, since sched_enter looks for a stopper after it has said RUNNING. */

#ifndef MINI_INTERP_SAFEPOINT_H
#define MINI_INTERP_SAFEPOINT_H

#include "interp/thread.h"

/* Stopping the world, part of Interp. */
typedef struct World {
    PlatformMutex mutex;     /* held by who changes the list of threads, and by the stopper as long as it is one */
    Thread *stopper;         /* [atomic seq-cst] NULL while the world moves */
    uint32_t depth;          /* [stopper] stops nest */
    uint32_t n_left;         /* [atomic] a word that grows when a thread stops while there is a stopper */
    uint32_t n_resumed;      /* [atomic] a word that grows when the world moves again */
} World;

/* Serves the poll word. False: an exception is pending (KeyboardInterrupt, MemoryError of nobody else's).
 * th->stack.base and pc are saved. No container lock is held. May collect, switch threads. A daemon thread whose
 * interpreter ends does not return. */
bool safepoint_poll(Thread *th);

/* Called by the watched instance of the loop before each instruction, when POLL_EVERY is set: counts, and after
 * --switch-every instructions lets another thread run. base and pc are saved. */
static inline void safepoint_count(Thread *th);
void safepoint_count_slow(Thread *th);

static inline void safepoint_count(Thread *th) {
    if (UNLIKELY(--th->switch_countdown == 0)) {
        safepoint_count_slow(th);
    }
}

/* Instructions that th has executed in the watched and the counted loop. */
static inline uint64_t safepoint_instructions(const Thread *th) {
    return th->n_instructions + (th->countdown_begin - th->switch_countdown);
}

/* Sets a bit of the poll word; any thread, also a signal handler. */
static inline void safepoint_request(Thread *th, uint32_t poll_bit) {
    atomic_fetch_or(&th->cx.poll, poll_bit);
}

/* Stops all threads but th, which is RUNNING; nests. No container lock is held. */
void safepoint_stop_world(Thread *th);
void safepoint_resume_world(Thread *th);

/* Takes the world's mutex, which guards the list of threads, without standing in the way of a stopper. th is RUNNING.
 * Nothing that blocks may be done under it. */
void safepoint_lock_world(Thread *th);
void safepoint_unlock_world(Thread *th);

/* For sched.c. A thread has stopped: tell the stopper. */
void safepoint_notify(World *world);
/* Waits while somebody else has the world stopped; th is not RUNNING. */
void safepoint_wait_resumed(World *world, Thread *th);

#endif
