/* sched.h - the one seam: every way in which a thread stops executing bytecode, and goes on.
 *
 *      RUNNING --- sched_leave(state, reason, object, deadline) ---> WAITS_GIL, BLOCKED, STOPPED or DONE
 *         ^                                                                    |
 *         '------------------------- sched_enter ------------------------------'
 *
 * A thread in state RUNNING may touch the heap, and holds the GIL when there is one. In any other state
 * it must not, and the world can be stopped without it: sched_leave records where its C stack ends and
 * what its registers hold. Whoever wants to watch (tracing, statistics, deadlock detection, the dump of stuck
 * threads, a deterministic scheduler) does so in sched_leave and sched_enter. runtime/block.h is the
 * runtime's view of the same seam.
 *
 * A wait is described by a reason, an object and a deadline:
 *   BLOCKED     in a call that may take long: BLOCK_LOCK on a lock, BLOCK_READ on a file, ...
 *   WAITS_GIL   was asked for the GIL and gave it up, or comes back from another wait
 *   STOPPED     at a poll, for somebody who stopped the world (a collection, a fork, gil.disable())
 *   DONE        will never run again */

#ifndef MINI_INTERP_SCHED_H
#define MINI_INTERP_SCHED_H

#include "interp/thread.h"
#include "runtime/block.h"

/* Gives up the right to run (and the GIL). Its caller's frame is the lowest that a collection scans, so it is called by
 * functions that hold no Value of their own below. Saves errno. */
void sched_leave(Thread *th, ThreadState state, BlockReason reason, Value object, uint64_t deadline_ns);

/* Waits until the thread may run: for the GIL if there is one, for the end of a stopped world. Returns in state
 * RUNNING. Saves errno. A daemon thread does not come back once the interpreter has ended. */
void sched_enter(Thread *th);

/* Lets another thread have the GIL: heir, or (NULL) whoever waits for it. True when it changed hands; false when there is no
 * GIL or nobody waits. `why` is for those who watch. */
bool sched_yield_gil(Thread *th, Thread *heir, TraceDrop why);

#endif
