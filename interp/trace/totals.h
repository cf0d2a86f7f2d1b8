/* totals.h - sums over a History: what the verdict, the statistics and the table of the timeline say in figures.
 *
 * A thread wants the processor while it runs or waits for the GIL. Time is contended while at least one thread of a
 * process waits for the GIL. */

#ifndef MINI_INTERP_TRACE_TOTALS_H
#define MINI_INTERP_TRACE_TOTALS_H

#include "interp/trace/history.h"

typedef struct ThreadTotals {
    uint64_t fair_ns;           /* what it had run, if who wanted the GIL had shared it evenly */
    uint64_t longest_gil_ns;    /* its longest wait for the GIL */
    uint32_t longest_gil_span;  /* index into its spans, or HISTORY_NONE */
    uint64_t n_returns;         /* times that it came back from I/O or sleep ... */
    uint64_t n_held_up;         /* ... and then waited for the GIL for half an interval or longer */
    uint64_t held_up_ns;        /* what it waited then, in all */
} ThreadTotals;

typedef struct ProcessTotals {
    uint64_t held_ns;           /* at least one thread ran */
    uint64_t contended_ns;
    uint64_t wanted_ns;         /* contended time, once for each that wanted the processor */
    uint64_t work_ns;           /* run in contended time */
    uint64_t ideal_ns;          /* the same work, spread over the cores as evenly as it can be */
} ProcessTotals;

/* How the values of a set lie. */
typedef struct Spread {
    size_t n;
    uint64_t sum_ns;
    uint64_t median_ns;
    uint64_t p99_ns;
    uint64_t max_ns;
} Spread;

typedef struct Totals {
    uint64_t wall_ns;
    uint64_t lifetime_ns;       /* of all threads */
    uint64_t state_ns[HISTORY_STATE_COUNT];

    /* All threads of all processes side by side. To run is here to use a core, with the GIL or in a library. */
    uint64_t busy_ns;           /* at least one ran */
    uint64_t parallel_ns;       /* at least two ran */
    uint64_t parallel_run_ns;   /* that time, once for each that ran */
    uint64_t idle_ns;           /* none ran, and none waited for the GIL */
    uint64_t passing_ns;        /* none ran, but somebody waited for the GIL: it was on its way */
    uint64_t demand_ns;         /* time of the cores that they could have used: no more of them at once than there are */
    uint64_t overlap_ns;        /* at least two were in I/O or asleep */
    uint64_t overlap_io_ns;     /* that time, once for each in I/O ... */
    uint64_t overlap_sleep_ns;  /* ... and asleep */
    uint32_t n_most_running;    /* the largest number that ran at once */

    uint64_t n_acquired;        /* times that a thread got the GIL */
    uint64_t held_ns;           /* a GIL was held: of all processes */
    uint64_t n_drops[TRACE_DROP_COUNT];   /* times that a thread gave the GIL up */
    Spread handover;            /* from giving the lock up to having it */
    Spread collection;          /* pauses */

    ThreadTotals *threads;      /* as in History */
    ProcessTotals *processes;
} Totals;

/* Never fails. May be called once for all views. */
void totals_open(Totals *totals, const History *history);
void totals_close(Totals *totals);

/* Whether the process had a GIL at that time. */
bool totals_has_gil(const History *history, uint32_t process, uint64_t at_ns);
/* Processor time of a thread; its time running where the system's figure is unknown. */
uint64_t totals_thread_cpu_ns(const HistoryThread *thread);

/* Whether the processor time of the run is that of all processes: one that was killed has not told all of it. */
bool totals_know_all_cpu(const History *history);

/* part of whole, 0 when there is no whole. */
static inline double totals_share(uint64_t part, uint64_t whole) {
    return whole == 0 ? 0.0 : (double)part / (double)whole;
}

#endif
