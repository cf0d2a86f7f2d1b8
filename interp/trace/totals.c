/* totals.c - sums over a History. See totals.h. */

#include "interp/trace/totals.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "interp/trace/sweep.h"
#include "runtime/base/mem.h"

enum {
    /* How fast contended work could be is asked for each window of time, since the threads that share the work differ
     * from phase to phase. A window has to be so long that each of a handful of threads gets its turns in it: one turn
     * more or less is then a few percent. */
    WINDOW_INTERVALS = 50,
    WINDOWS_AT_MOST = 50,
    /* A lock costs something where a second core could have run; with one core the same is asked of two, so that it
     * can be said at all. */
    CORES_AT_LEAST = 2,
    PERCENTILE = 99,
};

bool totals_has_gil(const History *history, uint32_t process, uint64_t at_ns) {
    bool has_gil = strcmp(history->mode, "no-gil") != 0;
    for (size_t i = 0; i < history->n_modes; i++) {
        const HistoryMode *mode = &history->modes[i];
        if (mode->process == process && mode->at_ns <= at_ns) {
            has_gil = mode->has_gil;
        }
    }
    return has_gil;
}

bool totals_know_all_cpu(const History *history) {
    for (size_t i = 0; i < history->n_processes; i++) {
        const HistoryProcess *p = &history->processes[i];
        if (p->cpu_ns == 0 || (p->has_status && WIFSIGNALED(p->wait_status))) {
            return false;
        }
    }
    return true;
}

uint64_t totals_thread_cpu_ns(const HistoryThread *thread) {
    return thread->cpu_ns != 0 ? thread->cpu_ns : history_busy_ns(thread->state_ns);
}

/* Spreads. */

static int by_value(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The smallest value that at least `percent` of all do not exceed. */
static uint64_t percentile(const uint64_t *sorted, size_t n, size_t percent) {
    return sorted[(n * percent + 99) / 100 - 1];
}

/* Sorts the values. */
static Spread spread_of(uint64_t *values, size_t n) {
    Spread spread = {.n = n};
    if (n == 0) {
        return spread;
    }
    qsort(values, n, sizeof *values, by_value);
    for (size_t i = 0; i < n; i++) {
        spread.sum_ns += values[i];
    }
    spread.median_ns = percentile(values, n, 50);
    spread.p99_ns = percentile(values, n, PERCENTILE);
    spread.max_ns = values[n - 1];
    return spread;
}

static void add_spreads(Totals *totals, const History *history) {
    const size_t n_most = history->n_handovers > history->n_collections
                              ? history->n_handovers
                              : history->n_collections;
    uint64_t *values = mem_alloc_zeroed(n_most + 1, sizeof *values);
    for (size_t i = 0; i < history->n_handovers; i++) {
        values[i] = history->handovers[i].to_ns - history->handovers[i].from_ns;
    }
    totals->handover = spread_of(values, history->n_handovers);
    for (size_t i = 0; i < history->n_collections; i++) {
        values[i] = history->collections[i].end_ns - history->collections[i].begin_ns;
    }
    totals->collection = spread_of(values, history->n_collections);
    mem_free(values);
}

/* All threads side by side. */

static void add_slice(Totals *totals, const uint32_t *count, uint32_t n_cores,
                      uint64_t ns) {
    const uint32_t n_run = count[HISTORY_RUN] + count[HISTORY_COMPUTE];
    const uint32_t n_waiting = count[HISTORY_IO] + count[HISTORY_SLEEP];
    if (ns == 0) {
        return;
    }
    if (n_run > totals->n_most_running) {
        totals->n_most_running = n_run;
    }
    if (n_run > 0) {
        totals->busy_ns += ns;
    } else if (count[HISTORY_GIL] == 0) {
        totals->idle_ns += ns;
    } else {
        totals->passing_ns += ns;
    }
    totals->demand_ns += (n_run < n_cores ? n_run : n_cores) * ns;
    if (n_run > 1) {
        totals->parallel_ns += ns;
        totals->parallel_run_ns += n_run * ns;
    }
    if (n_waiting > 1) {
        totals->overlap_ns += ns;
        totals->overlap_io_ns += count[HISTORY_IO] * ns;
        totals->overlap_sleep_ns += count[HISTORY_SLEEP] * ns;
    }
}

static void add_all_threads(Totals *totals, const History *history) {
    Sweep sweep;
    sweep_open(&sweep, history, 0, history->n_threads);
    uint64_t last_ns = 0;
    while (sweep_next(&sweep)) {
        add_slice(totals, sweep.count, history->n_cores, sweep.elapsed_ns);
        last_ns = sweep.at_ns;
    }
    sweep_close(&sweep);
    if (totals->wall_ns > last_ns) {
        totals->idle_ns += totals->wall_ns - last_ns;
    }
}

/* The threads of one process, and what they have done of the contended work in the current window. */

typedef struct Contest {
    const History *history;
    Totals *totals;
    ProcessTotals *process;
    uint32_t first_thread;
    double n_cores;
    uint64_t window_ns;
    uint64_t window_end_ns;
    uint64_t window_work_ns;
    double share_ns;   /* grows by the even share of who wants the processor */
    double *share_at;  /* for each thread: share_ns when it began to want the processor */
    uint64_t *work_at; /* ... process->work_ns when it began to run */
    uint64_t *window_work; /* ... what it ran in contended time of this window */
} Contest;

static bool wants_processor(uint8_t state) {
    return state == HISTORY_RUN || state == HISTORY_GIL;
}

static void close_window(Contest *c, uint32_t n_threads) {
    uint64_t most = 0;
    for (uint32_t i = 0; i < n_threads; i++) {
        most = c->window_work[i] > most ? c->window_work[i] : most;
        c->window_work[i] = 0;
    }
    const uint64_t spread = (uint64_t)((double)c->window_work_ns / c->n_cores);
    c->process->ideal_ns += most > spread ? most : spread;
    c->window_work_ns = 0;
}

static void contest_slice(Contest *c, const uint32_t *count, uint64_t ns) {
    const uint32_t n_run = count[HISTORY_RUN];
    const uint32_t n_want = n_run + count[HISTORY_GIL];
    /* While the lock is on its way there is nothing to share. */
    if (n_run > 0) {
        c->process->held_ns += ns;
        c->share_ns += (double)ns / n_want;
    }
    if (count[HISTORY_GIL] > 0) {
        c->process->contended_ns += ns;
        c->process->wanted_ns += n_want * ns;
        c->process->work_ns += n_run * ns;
    }
}

static void contest_change(Contest *c, const Sweep *sweep) {
    const uint32_t i = sweep->thread - c->first_thread;
    ThreadTotals *thread = &c->totals->threads[sweep->thread];
    if (wants_processor(sweep->is) && !wants_processor(sweep->was)) {
        c->share_at[i] = c->share_ns;
    } else if (wants_processor(sweep->was) && !wants_processor(sweep->is)) {
        thread->fair_ns += (uint64_t)(c->share_ns - c->share_at[i]);
    }
    if (sweep->is == HISTORY_RUN) {
        c->work_at[i] = c->process->work_ns;
    } else if (sweep->was == HISTORY_RUN) {
        const uint64_t work_ns = c->process->work_ns - c->work_at[i];
        c->window_work[i] += work_ns;
        c->window_work_ns += work_ns;
    }
}

static void add_process(Totals *totals, const History *history, uint32_t index) {
    const HistoryProcess *process = &history->processes[index];
    const uint32_t n = process->n_threads;
    const uint64_t interval_ns = (uint64_t)history->interval_us * 1000;
    const uint64_t lifetime_ns = process->end_ns - process->begin_ns;
    Contest contest = {
        .history = history,
        .totals = totals,
        .process = &totals->processes[index],
        .first_thread = process->first_thread,
        .n_cores = history->n_cores > CORES_AT_LEAST ? history->n_cores : CORES_AT_LEAST,
        .window_ns = WINDOW_INTERVALS * interval_ns,
        .share_at = mem_alloc_zeroed(n + 1, sizeof *contest.share_at),
        .work_at = mem_alloc_zeroed(n + 1, sizeof *contest.work_at),
        .window_work = mem_alloc_zeroed(n + 1, sizeof *contest.window_work),
    };
    if (contest.window_ns < lifetime_ns / WINDOWS_AT_MOST) {
        contest.window_ns = lifetime_ns / WINDOWS_AT_MOST;
    }
    contest.window_end_ns = process->begin_ns + contest.window_ns;
    Sweep sweep;
    sweep_open(&sweep, history, process->first_thread, n);
    while (sweep_next(&sweep)) {
        contest_slice(&contest, sweep.count, sweep.elapsed_ns);
        contest_change(&contest, &sweep);
        if (sweep.at_ns >= contest.window_end_ns) {
            close_window(&contest, n);
            contest.window_end_ns = sweep.at_ns + contest.window_ns;
        }
    }
    close_window(&contest, n);
    sweep_close(&sweep);
    mem_free(contest.share_at);
    mem_free(contest.work_at);
    mem_free(contest.window_work);
}

/* Each thread by itself. */

/* Goes through a process's modes together with the spans of one of its threads. */
typedef struct ModeCursor {
    const History *history;
    uint32_t process;
    size_t next;
    bool has_gil;
} ModeCursor;

static bool has_gil_at(ModeCursor *c, uint64_t at_ns) {
    for (; c->next < c->history->n_modes; c->next++) {
        const HistoryMode *mode = &c->history->modes[c->next];
        if (mode->process == c->process) {
            if (mode->at_ns > at_ns) {
                break;
            }
            c->has_gil = mode->has_gil;
        }
    }
    return c->has_gil;
}

static void add_run(Totals *totals, const HistorySpan *span, bool has_gil) {
    if (has_gil) {
        totals->n_acquired++;
        totals->held_ns += span->end_ns - span->begin_ns;
        if (span->reason < TRACE_DROP_COUNT) {
            totals->n_drops[span->reason]++;
        }
    }
}

/* What comes after it comes after I/O or sleep. */
static bool is_return(const HistorySpan *span) {
    return span->state == HISTORY_IO || span->state == HISTORY_SLEEP;
}

static void add_gil_wait(ThreadTotals *t, const HistoryThread *thread, size_t i,
                         uint64_t long_ns) {
    const uint64_t ns = thread->spans[i].end_ns - thread->spans[i].begin_ns;
    if (ns > t->longest_gil_ns) {
        t->longest_gil_ns = ns;
        t->longest_gil_span = (uint32_t)i;
    }
    if (ns >= long_ns && i > 0 && is_return(&thread->spans[i - 1])) {
        t->n_held_up++;
        t->held_up_ns += ns;
    }
}

static void add_thread(Totals *totals, const History *history, uint32_t index) {
    const HistoryThread *thread = &history->threads[index];
    ThreadTotals *t = &totals->threads[index];
    t->longest_gil_span = HISTORY_NONE;
    ModeCursor modes = {history, thread->process, 0,
                        strcmp(history->mode, "no-gil") != 0};
    for (size_t i = 0; i < thread->n_spans; i++) {
        const HistorySpan *span = &thread->spans[i];
        if (span->state == HISTORY_RUN) {
            add_run(totals, span, has_gil_at(&modes, span->begin_ns));
        } else if (span->state == HISTORY_GIL) {
            add_gil_wait(t, thread, i, (uint64_t)history->interval_us * 1000 / 2);
        } else if (is_return(span)) {
            t->n_returns++;
        }
    }
    for (int s = 0; s < HISTORY_STATE_COUNT; s++) {
        totals->state_ns[s] += thread->state_ns[s];
    }
    totals->lifetime_ns += thread->end_ns - thread->begin_ns;
}

void totals_open(Totals *totals, const History *history) {
    *totals = (Totals){.wall_ns = history->end_ns};
    totals->threads = mem_alloc_zeroed(history->n_threads + 1, sizeof *totals->threads);
    totals->processes =
        mem_alloc_zeroed(history->n_processes + 1, sizeof *totals->processes);
    for (uint32_t i = 0; i < history->n_threads; i++) {
        add_thread(totals, history, i);
    }
    for (uint32_t i = 0; i < history->n_processes; i++) {
        add_process(totals, history, i);
    }
    add_all_threads(totals, history);
    add_spreads(totals, history);
}

void totals_close(Totals *totals) {
    mem_free(totals->threads);
    mem_free(totals->processes);
    *totals = (Totals){0};
}
