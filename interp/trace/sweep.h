/* sweep.h - a History's threads side by side: how many are in each state, from change to change.
 *
 *     Sweep sweep;
 *     sweep_open(&sweep, history, first_thread, n_threads);
 *     while (sweep_next(&sweep)) {
 *         ... during [sweep.at_ns - sweep.elapsed_ns, sweep.at_ns) sweep.count[state] threads were in it;
 *         ... then sweep.thread went from state `was` to state `is`
 *     }
 *     sweep_close(&sweep);
 *
 * Changes come in the order of time. The memory needed grows with the threads, not with their spans. */

#ifndef MINI_INTERP_TRACE_SWEEP_H
#define MINI_INTERP_TRACE_SWEEP_H

#include "interp/trace/history.h"

/* In `was` at a thread's begin, in `is` at its end. */
enum { SWEEP_ABSENT = HISTORY_STATE_COUNT };

typedef struct SweepCursor {
    uint64_t at_ns; /* of the thread's next change */
    uint32_t thread;
    size_t span; /* that begins then; n_spans: the thread ends */
} SweepCursor;

typedef struct Sweep {
    const History *history;
    SweepCursor *heap; /* the next change of each thread, the earliest first */
    size_t n_heap;
    uint32_t count[HISTORY_STATE_COUNT + 1];
    uint64_t at_ns;
    uint64_t elapsed_ns; /* since the change before */
    uint32_t thread;
    uint8_t was;
    uint8_t is;
    size_t span; /* of the thread, which begins now; n_spans at its end */
} Sweep;

/* Over n threads from the first one on. */
void sweep_open(Sweep *sweep, const History *history, uint32_t first_thread,
                size_t n_threads);
/* False when nothing is left. */
bool sweep_next(Sweep *sweep);
void sweep_close(Sweep *sweep);

#endif
