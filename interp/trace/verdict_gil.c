/* verdict_gil.c - what the GIL did to the threads of a process: Serialized, Convoy, Starved. */

#include "interp/clock.h"
#include "interp/trace/verdict_rules.h"
#include "interp/trace/words.h"

/* Serialized. Threads that wait for the GIL a fifth of the time are worth a word; below that a script has a busy moment,
 * at its start or end. The work of that time must be more than one thread's: where one does it all, and others want the
 * lock only to start or to fetch an answer, nothing would be faster. And it must have cost a seventh of the run. */
static const double serialized_share = 0.20;
static const double serialized_work_to_ideal = 1.25;
static const double serialized_gain = 1.15;
/* Who waits alone waits for a pause of the machine, not for another thread. */
static const double serialized_wanted = 1.5;

/* Convoy. Again and again it waits for half a switch interval or longer, as one does behind a thread that never blocks
 * (totals.h: held up); short waits are the ordinary cost of sharing. Ten times, so that it is a habit; a fifth of its
 * life, so that it matters; and it wants the lock for much less time than it waits for it, else it just computes. */
static const uint64_t convoy_times = 10;
static const double convoy_life_share = 0.20;
static const double convoy_run_to_wait = 0.25;

/* Starved. It ran a quarter or less of what an even share would have been, and that cost it a fifth of the run. An even
 * queue gives everybody about the same, so even half would be odd. */
static const double starved_fair_share = 0.25;
static const double starved_run_share = 0.20;
/* What blocks by itself gives up what it does not use; it starves only if it was kept waiting for long in one piece. */
static const uint64_t starved_intervals = 40;

/* How much faster the process could have been without the lock. */
static double gain_of(const HistoryProcess *process, const ProcessTotals *totals) {
    const double lifetime_ns = (double)(process->end_ns - process->begin_ns);
    const double saved_ns = (double)totals->contended_ns - (double)totals->ideal_ns;
    return lifetime_ns / (lifetime_ns - saved_ns);
}

static bool is_serialized(const VerdictCase *run, uint32_t process) {
    const ProcessTotals *p = &run->totals->processes[process];
    return totals_share(p->contended_ns, run->totals->wall_ns) >= serialized_share &&
           totals_share(p->work_ns, p->ideal_ns) >= serialized_work_to_ideal &&
           totals_share(p->wanted_ns, p->contended_ns) >= serialized_wanted &&
           gain_of(&run->history->processes[process], p) >= serialized_gain;
}

static uint64_t forced_switches(const History *history, uint32_t process) {
    const HistoryProcess *p = &history->processes[process];
    uint64_t sum = 0;
    for (uint32_t i = 0; i < p->n_threads; i++) {
        sum += history->threads[p->first_thread + i].n_forced;
    }
    return sum;
}

static void say_serialized(const VerdictCase *run, uint32_t process, uint32_t n_such,
                           Buf *out) {
    const History *history = run->history;
    const HistoryProcess *p = &history->processes[process];
    const ProcessTotals *t = &run->totals->processes[process];
    if (n_such > 1) {
        buf_add_format(out, "in %u processes; in process %lld ", n_such,
                       (long long)p->pid);
    }
    verdict_add_average(out, totals_share(t->wanted_ns, t->contended_ns));
    buf_add_format(out, " threads wanted the CPU, %.2f ran on average",
                   totals_share(t->work_ns, t->contended_ns));
    const double contended = totals_share(t->contended_ns, p->end_ns - p->begin_ns);
    if (contended < 0.8) {
        buf_add_format(out, " for %u%% of the time", verdict_percent(contended));
    }
    buf_add_format(out, "; the GIL was held %u%% of the time, ",
                   verdict_percent(totals_share(t->held_ns, p->end_ns - p->begin_ns)));
    words_add_count(out, forced_switches(history, process), "forced switch");
    if (history->n_cores <= 1) {
        buf_add_text(out,
                     ". There is one core, so nothing would be faster without the GIL");
    } else if (n_such == 1) {
        /* Contended time may hold pauses of the machine; no more is promised than there are cores. */
        const double gain = gain_of(p, t);
        buf_add_format(out, ". %u cores could give %.1fx: try --no-gil", history->n_cores,
                       gain < history->n_cores ? gain : history->n_cores);
    }
}

bool judge_serialized(const VerdictCase *run, Verdict *out) {
    uint32_t worst = HISTORY_NONE;
    uint32_t n_such = 0;
    uint64_t contended_ns = 0;
    for (uint32_t i = 0; i < run->history->n_processes; i++) {
        if (is_serialized(run, i)) {
            n_such++;
            if (run->totals->processes[i].contended_ns > contended_ns) {
                contended_ns = run->totals->processes[i].contended_ns;
                worst = i;
            }
        }
    }
    if (worst == HISTORY_NONE) {
        return false;
    }
    out->weight = totals_share(contended_ns, run->totals->wall_ns);
    say_serialized(run, worst, n_such, &out->text);
    return true;
}

/* Convoy. */

bool verdict_is_in_convoy(const VerdictCase *run, uint32_t thread) {
    const HistoryThread *t = &run->history->threads[thread];
    const ThreadTotals *sums = &run->totals->threads[thread];
    return sums->n_held_up >= convoy_times &&
           totals_share(sums->held_up_ns, t->end_ns - t->begin_ns) >= convoy_life_share &&
           (double)t->state_ns[HISTORY_RUN] <=
               convoy_run_to_wait * (double)sums->held_up_ns;
}

static void say_convoy(const VerdictCase *run, uint32_t thread, uint64_t n_such,
                       Buf *out) {
    const HistoryThread *t = &run->history->threads[thread];
    const ThreadTotals *sums = &run->totals->threads[thread];
    verdict_add_thread(out, run->history, thread);
    buf_add_format(out, " waited %s for the GIL after ",
                   duration_text(sums->held_up_ns / sums->n_held_up).text);
    if (sums->n_held_up < sums->n_returns) {
        buf_add_format(out, "%llu", (unsigned long long)sums->n_held_up);
    } else {
        buf_add_text(out, "each");
    }
    buf_add_text(out, " of its ");
    words_add_count(out, sums->n_returns,
                    t->state_ns[HISTORY_IO] >= t->state_ns[HISTORY_SLEEP] ? "I/O call"
                                                                          : "sleep");
    buf_add_format(out, ", and ran %s in all",
                   duration_text(t->state_ns[HISTORY_RUN]).text);
    if (n_such > 1) {
        buf_add_format(out, "; %llu more fared alike", (unsigned long long)n_such - 1);
    }
}

bool judge_convoy(const VerdictCase *run, Verdict *out) {
    uint32_t worst = HISTORY_NONE;
    uint64_t n_such = 0;
    for (uint32_t i = 0; i < run->history->n_threads; i++) {
        if (verdict_is_in_convoy(run, i)) {
            n_such++;
            if (worst == HISTORY_NONE || run->totals->threads[i].held_up_ns >
                                             run->totals->threads[worst].held_up_ns) {
                worst = i;
            }
        }
    }
    if (worst == HISTORY_NONE) {
        return false;
    }
    out->weight =
        totals_share(run->totals->threads[worst].held_up_ns, run->totals->wall_ns);
    say_convoy(run, worst, n_such, &out->text);
    buf_add_format(&out->advice,
                   "Who computes keeps it for a switch interval (%s): try a shorter "
                   "--switch-interval, or --no-gil",
                   duration_text(run->history->interval_us * CLOCK_NS_PER_US).text);
    return true;
}

/* Starved. */

static bool is_starved(const VerdictCase *run, uint32_t thread) {
    const HistoryThread *t = &run->history->threads[thread];
    const ThreadTotals *sums = &run->totals->threads[thread];
    if (totals_share(t->state_ns[HISTORY_GIL], run->totals->wall_ns) <
            starved_run_share ||
        totals_share(t->state_ns[HISTORY_RUN], sums->fair_ns) > starved_fair_share) {
        return false;
    }
    const uint64_t long_ns =
        starved_intervals * run->history->interval_us * CLOCK_NS_PER_US;
    return t->n_forced > t->n_voluntary || sums->longest_gil_ns >= long_ns;
}

/* What a thread ran of the time of a wait. */
typedef struct Hold {
    uint64_t ns;
    const HistorySpan
        *longest; /* its longest run that reaches into that time; NULL: none */
} Hold;

static Hold hold_during(const HistoryThread *thread, const HistorySpan *wait) {
    Hold hold = {0};
    for (size_t i = 0; i < thread->n_spans; i++) {
        const HistorySpan *s = &thread->spans[i];
        if (s->state != HISTORY_RUN || s->begin_ns >= wait->end_ns ||
            s->end_ns <= wait->begin_ns) {
            continue;
        }
        hold.ns += (s->end_ns < wait->end_ns ? s->end_ns : wait->end_ns) -
                   (s->begin_ns > wait->begin_ns ? s->begin_ns : wait->begin_ns);
        if (hold.longest == NULL ||
            s->end_ns - s->begin_ns > hold.longest->end_ns - hold.longest->begin_ns) {
            hold.longest = s;
        }
    }
    return hold;
}

/* Who held the GIL for most of the wait, and where that thread stopped running at last: what it did all the time. */
static void say_holder(const History *history, uint32_t thread, const HistorySpan *wait,
                       Buf *out) {
    const HistoryProcess *process = &history->processes[history->threads[thread].process];
    const uint64_t wait_ns = wait->end_ns - wait->begin_ns;
    Hold most = {0};
    uint32_t holder = HISTORY_NONE;
    for (uint32_t i = 0; i < process->n_threads; i++) {
        const uint32_t other = process->first_thread + i;
        const Hold hold = hold_during(&history->threads[other], wait);
        if (other != thread && hold.ns > most.ns) {
            most = hold;
            holder = other;
        }
    }
    if (holder == HISTORY_NONE) {
        return;
    }
    if (most.ns < wait_ns / 2) {
        buf_add_text(out, " while others held it in turns");
        return;
    }
    buf_add_text(out, " while ");
    verdict_add_thread(out, history, holder);
    buf_add_text(out, " held it");
    if (most.longest->place != HISTORY_NONE) {
        buf_add_text(out, " at ");
        words_add_short_place(out, history, most.longest->place);
    }
}

static void say_starved(const VerdictCase *run, uint32_t thread, Buf *out) {
    const HistoryThread *t = &run->history->threads[thread];
    const ThreadTotals *sums = &run->totals->threads[thread];
    verdict_add_thread(out, run->history, thread);
    buf_add_format(
        out, " wanted the CPU for %s and ran %s of it; an even share was %s",
        duration_text(t->state_ns[HISTORY_RUN] + t->state_ns[HISTORY_GIL]).text,
        duration_text(t->state_ns[HISTORY_RUN]).text, duration_text(sums->fair_ns).text);
    if (sums->longest_gil_span != HISTORY_NONE) {
        buf_add_format(out, ". It waited up to %s at once",
                       duration_text(sums->longest_gil_ns).text);
        say_holder(run->history, thread, &t->spans[sums->longest_gil_span], out);
    }
}

bool judge_starved(const VerdictCase *run, Verdict *out) {
    uint32_t worst = HISTORY_NONE;
    for (uint32_t i = 0; i < run->history->n_threads; i++) {
        if (is_starved(run, i) && !verdict_is_in_convoy(run, i) &&
            (worst == HISTORY_NONE ||
             run->history->threads[i].state_ns[HISTORY_GIL] >
                 run->history->threads[worst].state_ns[HISTORY_GIL])) {
            worst = i;
        }
    }
    if (worst == HISTORY_NONE) {
        return false;
    }
    out->weight = totals_share(run->history->threads[worst].state_ns[HISTORY_GIL],
                               run->totals->wall_ns);
    say_starved(run, worst, &out->text);
    buf_add_text(
        &out->advice,
        "A long call keeps the GIL until it returns: split it up, or try --no-gil");
    return true;
}
