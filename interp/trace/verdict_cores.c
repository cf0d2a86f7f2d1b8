/* verdict_cores.c - how the cores were used: Parallel, Oversubscribed, Unbalanced, Disturbed. */

#include "interp/trace/verdict_rules.h"
#include "interp/trace/words.h"
#include "runtime/base/vec.h"

/* Parallel. For a third of the run, so that a short moment is not its conclusion. */
static const double parallel_share = 0.33;

/* Oversubscribed. A quarter more than there are cores: a main thread that wakes now and then does not count. */
static const double oversubscribed_ratio = 1.25;

/* Unbalanced. The longest had 1.4 times the work that an even spread would give, and a seventh of the run is lost by it.
 * Work is processor time: how long the system let somebody wait for a core does not count. */
static const double unbalanced_ratio = 1.4;
static const double unbalanced_run_share = 0.15;
/* Who has less than a fiftieth of the work is a helper, not a worker. */
static const double worker_share = 0.02;

/* Disturbed. They had the cores for less than this part of the time in which they could have used them, and that matters. */
static const double own_machine_share = 0.8;
static const double disturbed_run_share = 0.05;

static double average_running(const VerdictCase *run) {
    const Totals *t = run->totals;
    return totals_share(t->parallel_run_ns, t->parallel_ns);
}

static bool is_parallel(const VerdictCase *run) {
    const Totals *t = run->totals;
    return totals_share(t->parallel_ns, t->wall_ns) >= parallel_share;
}

static bool is_oversubscribed(const VerdictCase *run) {
    return is_parallel(run) &&
           average_running(run) >= oversubscribed_ratio * run->history->n_cores;
}

/* "2 threads", or "2 processes" where each runs one. */
static const char *runner_word(const History *history) {
    return history->n_processes > 1 && history->n_processes * 2 > history->n_threads
               ? "processes"
               : "threads";
}

/* "; they ran at once for 45% of the time" unless that is most of it. */
static void say_how_long(const VerdictCase *run, Buf *out) {
    const double share = totals_share(run->totals->parallel_ns, run->totals->wall_ns);
    if (share < 0.8) {
        buf_add_format(out, "; they ran at once for %u%% of the time",
                       verdict_percent(share));
    }
}

bool judge_oversubscribed(const VerdictCase *run, Verdict *out) {
    if (!is_oversubscribed(run)) {
        return false;
    }
    const History *history = run->history;
    out->weight = totals_share(run->totals->parallel_ns, run->totals->wall_ns);
    verdict_add_average(&out->text, average_running(run));
    buf_add_format(&out->text, " %s on ", runner_word(history));
    words_add_count(&out->text, history->n_cores, "core");
    say_how_long(run, &out->text);
    const uint64_t run_ns = history_busy_ns(run->totals->state_ns);
    if (history->cpu_ns > 0 && history->cpu_ns < run_ns) {
        buf_add_format(&out->text,
                       "; they had a core %u%% of the time that they could have used one",
                       verdict_percent(totals_share(history->cpu_ns, run_ns)));
    }
    buf_add_format(&out->advice, "%u at a time would be done as soon", history->n_cores);
    return true;
}

bool judge_parallel(const VerdictCase *run, Verdict *out) {
    if (!is_parallel(run) || is_oversubscribed(run)) {
        return false;
    }
    const History *history = run->history;
    const Totals *t = run->totals;
    out->weight = totals_share(t->parallel_ns, t->wall_ns);
    const uint64_t cpu_ns =
        history->cpu_ns > 0 ? history->cpu_ns : history_busy_ns(t->state_ns);
    buf_add_format(&out->text, "%.2f of ", totals_share(cpu_ns, t->wall_ns));
    words_add_count(&out->text, history->n_cores, "core");
    buf_add_text(&out->text, " busy; ");
    verdict_add_average(&out->text, average_running(run));
    buf_add_format(&out->text, " %s ran at once", runner_word(history));
    if (out->weight < 0.8) {
        buf_add_format(&out->text, " for %u%% of the time", verdict_percent(out->weight));
    }
    return true;
}

/* Unbalanced. Work is divided among threads, or among processes where the threads of a process share a GIL. */

typedef struct Worker {
    uint32_t thread; /* its process's first thread, if it is a process */
    bool is_process;
    uint64_t run_ns;
    uint64_t work_ns; /* processor time; run_ns where it is unknown */
} Worker;

typedef VEC(Worker) Workers;

static uint64_t run_of_process(const History *history, const HistoryProcess *p) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < p->n_threads; i++) {
        sum += history_busy_ns(history->threads[p->first_thread + i].state_ns);
    }
    return sum;
}

static bool has_child(const History *history, uint32_t process) {
    for (size_t i = 0; i < history->n_processes; i++) {
        if (history->processes[i].parent == process) {
            return true;
        }
    }
    return false;
}

static Worker worker_of_process(const History *history, const HistoryProcess *p) {
    const uint64_t run_ns = run_of_process(history, p);
    return (Worker){p->first_thread, true, run_ns, p->cpu_ns != 0 ? p->cpu_ns : run_ns};
}

static Worker worker_of_thread(const History *history, uint32_t thread) {
    const HistoryThread *t = &history->threads[thread];
    return (Worker){thread, false, history_busy_ns(t->state_ns), totals_thread_cpu_ns(t)};
}

/* Who started the workers gives the work out, and is none of them. */
static void collect(const VerdictCase *run, Workers *workers) {
    const History *history = run->history;
    for (uint32_t i = 0; i < history->n_processes; i++) {
        const HistoryProcess *p = &history->processes[i];
        if (has_child(history, i)) {
            continue;
        }
        if (p->n_threads == 1 || totals_has_gil(history, i, p->begin_ns)) {
            vec_push(workers, worker_of_process(history, p));
            continue;
        }
        for (uint32_t t = p->first_thread + 1; t < p->first_thread + p->n_threads; t++) {
            vec_push(workers, worker_of_thread(history, t));
        }
    }
}

static void say_unbalanced(const VerdictCase *run, const Worker *most, uint64_t rest_ns,
                           size_t n_rest, uint64_t even_ns, Buf *out) {
    const History *history = run->history;
    if (most->is_process) {
        buf_add_format(
            out, "process %lld",
            (long long)history->processes[history->threads[most->thread].process].pid);
    } else {
        verdict_add_thread(out, history, most->thread);
    }
    buf_add_format(out, " had work for %s, the other ",
                   duration_text(most->work_ns).text);
    if (n_rest > 1) {
        buf_add_format(out, "%zu %s on average", n_rest,
                       duration_text(rest_ns / n_rest).text);
    } else {
        buf_add_text(out, duration_text(rest_ns).text);
    }
    buf_add_format(out, "; evenly spread over ");
    words_add_count(out, history->n_cores, "core");
    buf_add_format(out, " it would take %s", duration_text(even_ns).text);
}

/* How much longer than its work the worker took, since others had the cores, too. */
static double slowness(const Worker *worker) {
    return worker->run_ns > worker->work_ns
               ? totals_share(worker->run_ns, worker->work_ns)
               : 1;
}

static bool weigh(const VerdictCase *run, const Workers *workers, Verdict *out) {
    uint64_t sum_ns = 0;
    const Worker *most = NULL;
    for (size_t i = 0; i < workers->n; i++) {
        sum_ns += workers->items[i].work_ns;
        if (most == NULL || workers->items[i].work_ns > most->work_ns) {
            most = &workers->items[i];
        }
    }
    size_t n = 0;
    for (size_t i = 0; i < workers->n; i++) {
        n += totals_share(workers->items[i].work_ns, sum_ns) >= worker_share;
    }
    if (n < 2) {
        return false;
    }
    const size_t n_at_once = n < run->history->n_cores ? n : run->history->n_cores;
    const uint64_t even_ns = sum_ns / n_at_once;
    if ((double)most->work_ns < unbalanced_ratio * (double)even_ns) {
        return false;
    }
    out->weight =
        totals_share(most->work_ns - even_ns, run->totals->wall_ns) * slowness(most);
    if (out->weight < unbalanced_run_share) {
        return false;
    }
    say_unbalanced(run, most, sum_ns - most->work_ns, n - 1, even_ns, &out->text);
    buf_add_text(&out->advice,
                 "Smaller pieces of work, fetched from a queue, would even it out");
    return true;
}

bool judge_unbalanced(const VerdictCase *run, Verdict *out) {
    Workers workers = {0};
    collect(run, &workers);
    const bool holds = weigh(run, &workers, out);
    vec_free(&workers);
    return holds;
}

/* Disturbed: a condition of the run, no property of the script. */

bool judge_disturbed(const VerdictCase *run, Verdict *out) {
    const uint64_t cpu_ns = run->history->cpu_ns;
    const uint64_t demand_ns = run->totals->demand_ns;
    const double had = totals_share(cpu_ns, demand_ns);
    if (!totals_know_all_cpu(run->history) || cpu_ns >= demand_ns ||
        had >= own_machine_share) {
        return false;
    }
    out->weight = totals_share(demand_ns - cpu_ns, run->totals->wall_ns);
    if (out->weight < disturbed_run_share) {
        return false;
    }
    buf_add_format(&out->text,
                   "other programs had the cores for %u%% of the time in which this one "
                   "could have used them",
                   verdict_percent(1 - had));
    buf_add_text(&out->advice, "On an idle machine it takes less");
    return true;
}
