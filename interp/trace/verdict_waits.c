/* verdict_waits.c - what happened while little ran: Overlapped, Waiting; and Computing, when one ran and no one minded. */

#include "interp/trace/verdict_rules.h"
#include "interp/trace/words.h"

/* A third of the run, so that two threads that happen to read at once are not its conclusion ... */
static const double overlapped_share = 0.33;
/* ... most of which nobody computed: otherwise the waits are the smaller part of the story. */
static const double overlapped_idle_share = 0.5;
/* A tenth of the run, to be worth a word. */
static const double passing_share = 0.1;
static const double sometimes_share = 0.05;
/* Threads that wait for the GIL, on average. */
static const double few_waiters = 0.25;

bool judge_overlapped(const VerdictCase *run, Verdict *out) {
    const Totals *t = run->totals;
    const double idle = totals_share(t->idle_ns, t->wall_ns);
    if (totals_share(t->overlap_ns, t->wall_ns) < overlapped_share ||
        idle < overlapped_idle_share) {
        return false;
    }
    out->weight = totals_share(t->overlap_ns, t->wall_ns);
    verdict_add_average(
        &out->text, totals_share(t->overlap_io_ns + t->overlap_sleep_ns, t->overlap_ns));
    buf_add_format(&out->text, " threads %s at once",
                   t->overlap_io_ns >= t->overlap_sleep_ns ? "waited for I/O" : "slept");
    if (out->weight < 0.8) {
        buf_add_format(&out->text, " for %u%% of the time", verdict_percent(out->weight));
    }
    const bool has_gil = t->n_acquired > 0;
    buf_add_format(&out->text, "; %s %u%% of the time",
                   has_gil ? "the GIL was idle" : "nothing ran", verdict_percent(idle));
    buf_add_text(&out->advice,
                 has_gil ? "Threads serve such work well: --no-gil would change little"
                         : "With the GIL it would take about as long");
    return true;
}

/* Other cores that nobody used, and what could use them. */
static void say_spare_cores(const VerdictCase *run, Verdict *out) {
    const uint32_t n_spare = run->history->n_cores - 1;
    if (n_spare == 0) {
        return;
    }
    if (n_spare == 1) {
        buf_add_text(&out->text, "; the other core was left unused");
    } else {
        buf_add_format(&out->text, "; the other %u cores were left unused", n_spare);
    }
    buf_add_format(&out->advice, "Processes, or threads %s, could use %s",
                   run->totals->n_acquired > 0 ? "with --no-gil" : "that compute at once",
                   n_spare == 1 ? "it" : "them");
}

bool judge_computing(const VerdictCase *run, Verdict *out) {
    const Totals *t = run->totals;
    const double passing = totals_share(t->passing_ns, t->wall_ns);
    const double waiters = totals_share(t->state_ns[HISTORY_GIL], t->wall_ns);
    out->weight = totals_share(t->busy_ns, t->wall_ns);
    if (t->busy_ns + t->passing_ns <= t->idle_ns) {
        return false;
    }
    if (run->history->n_threads == 1) {
        buf_add_format(&out->text, "the one thread ran %u%% of the time",
                       verdict_percent(out->weight));
        say_spare_cores(run, out);
        return true;
    }
    const unsigned at_once = verdict_percent(totals_share(t->parallel_ns, t->wall_ns));
    buf_add_format(&out->text, at_once > 0 ? "mostly one of " : "one of ");
    words_add_count(&out->text, run->history->n_threads, "thread");
    buf_add_format(&out->text, " at a time ran, %u%% of the time",
                   verdict_percent(out->weight));
    if (passing >= passing_share) {
        buf_add_format(&out->text,
                       "; for %u%% the GIL was on its way to a thread that the system "
                       "had not woken yet",
                       verdict_percent(passing));
    } else if (waiters < few_waiters) {
        buf_add_text(&out->text, ", and few waited for it");
    } else {
        buf_add_format(&out->text, ", while %.1f more wanted to on average", waiters);
    }
    if (at_once > 0) {
        buf_add_format(&out->text, "; several ran at once for %u%%", at_once);
    } else {
        say_spare_cores(run, out);
    }
    return true;
}

/* What the threads did while nothing ran. Waiting for another thread or a child says nothing by itself: it is named only
 * if there is nothing else. */
static const char *main_wait(const Totals *t) {
    static const struct {
        HistoryState state;
        const char *words;
    } waits[] = {
        {HISTORY_IO, "waited for I/O"},
        {HISTORY_SLEEP, "slept"},
        {HISTORY_LOCK, "waited for locks or queues"},
    };
    const char *words = "waited for other threads or processes";
    uint64_t most_ns = 0;
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        if (t->state_ns[waits[i].state] > most_ns) {
            most_ns = t->state_ns[waits[i].state];
            words = waits[i].words;
        }
    }
    return words;
}

bool judge_waiting(const VerdictCase *run, Verdict *out) {
    const Totals *t = run->totals;
    const bool is_alone = run->history->n_threads == 1;
    const double overlap = totals_share(t->overlap_ns, t->wall_ns);
    out->weight = totals_share(t->idle_ns, t->wall_ns);
    buf_add_format(&out->text, "nothing ran %u%% of the time: %s %s",
                   verdict_percent(out->weight),
                   is_alone ? "the one thread" : "the threads", main_wait(t));
    if (overlap >= sometimes_share) {
        buf_add_format(&out->text, ", several at once for %u%% of it",
                       verdict_percent(overlap));
    } else if (t->state_ns[HISTORY_IO] + t->state_ns[HISTORY_SLEEP] > 0) {
        buf_add_text(&out->advice, "In several threads, waits can lie beside each other");
    }
    return true;
}
