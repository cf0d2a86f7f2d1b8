/* timeline_table.c - the table of the timeline: where each thread's time went. */

#include "interp/trace/timeline.h"
#include "interp/trace/words.h"

/* The figures of a row. */
typedef struct Row {
    uint64_t state_ns[HISTORY_STATE_COUNT];
    uint64_t n_forced;
    uint64_t n_voluntary;
    uint64_t cpu_ns;
} Row;

static void add_thread(Row *row, const HistoryThread *thread) {
    for (int s = 0; s < HISTORY_STATE_COUNT; s++) {
        row->state_ns[s] += thread->state_ns[s];
    }
    row->n_forced += thread->n_forced;
    row->n_voluntary += thread->n_voluntary;
    row->cpu_ns += totals_thread_cpu_ns(thread);
}

static void add_time(Timeline *t, int width, uint64_t ns) {
    buf_add_format(&t->out, "%*s", width, ns == 0 ? "-" : duration_text(ns).text);
}

static void add_number(Timeline *t, int width, uint64_t n) {
    if (n == 0) {
        buf_add_format(&t->out, "%*s", width, "-");
    } else {
        buf_add_format(&t->out, "%*llu", width, (unsigned long long)n);
    }
}

static void add_share(Timeline *t, uint64_t cpu_ns) {
    Row all = {0};
    for (size_t i = 0; i < t->history->n_threads; i++) {
        add_thread(&all, &t->history->threads[i]);
    }
    const double percent = 100 * totals_share(cpu_ns, all.cpu_ns);
    if (percent > 0 && percent < 0.5) {
        buf_add_text(&t->out, "  <1%");
    } else {
        buf_add_format(&t->out, "%4.0f%%", percent);
    }
}

static void add_row(Timeline *t, const TimelineRow *which) {
    Row row = {0};
    for (uint32_t i = 0; i < t->history->n_threads; i++) {
        if (timeline_row_has(t, which, i)) {
            add_thread(&row, &t->history->threads[i]);
        }
    }
    timeline_add_name(t, which);
    add_time(t, 8, row.state_ns[HISTORY_RUN]);
    add_time(t, 8, row.state_ns[HISTORY_GIL]);
    add_time(t, 8, row.state_ns[HISTORY_LOCK]);
    add_time(t, 8, row.state_ns[HISTORY_IO] + row.state_ns[HISTORY_SLEEP]);
    add_time(t, 8, row.state_ns[HISTORY_WAIT] + row.state_ns[HISTORY_STOP]);
    add_number(t, 7, row.n_forced);
    add_number(t, 6, row.n_voluntary);
    add_share(t, row.cpu_ns);
    buf_add_byte(&t->out, '\n');
}

void timeline_add_table(Timeline *t) {
    const int width = t->name_width;
    timeline_style(t, "2");
    buf_add_format(&t->out, "\n%*s%8s%16s%8s%8s%13s%5s\n", width, "", "",
                   "waits for the:", "I/O or", "joins,", "switches:", "of");
    buf_add_format(&t->out, "%-*s%8s%8s%8s%8s%8s%7s%6s%5s\n", width, "thread", "runs",
                   "GIL", "locks", "sleep", "stops", "forced", "own", "CPU");
    timeline_style(t, "");
    timeline_each_row(t, add_row);
}
