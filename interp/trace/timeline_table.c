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

/* Columns that stand together, each with its heading; an entry of the table is as wide. */

static void add_runs(Timeline *t, const Row *row) {
    add_time(t, 8, history_busy_ns(row->state_ns));
}

static void add_waits(Timeline *t, const Row *row) {
    add_time(t, 8, row->state_ns[HISTORY_GIL]);
    add_time(t, 8, row->state_ns[HISTORY_LOCK]);
}

static void add_sleeps(Timeline *t, const Row *row) {
    add_time(t, 8, row->state_ns[HISTORY_IO] + row->state_ns[HISTORY_SLEEP]);
}

static void add_stops(Timeline *t, const Row *row) {
    add_time(t, 8, row->state_ns[HISTORY_WAIT] + row->state_ns[HISTORY_STOP]);
}

static void add_switches(Timeline *t, const Row *row) {
    add_number(t, 7, row->n_forced);
    add_number(t, 6, row->n_voluntary);
}

static void add_cpu(Timeline *t, const Row *row) {
    add_share(t, row->cpu_ns);
}

static const struct {
    int width;
    const char *above;
    const char *heading;
    void (*add)(Timeline *t, const Row *row);
} columns[] = {
    {8, "", "runs", add_runs},
    {16, "waits for the:", "     GIL   locks", add_waits},
    {8, "I/O or", "sleep", add_sleeps},
    {8, "joins,", "stops", add_stops},
    {13, "switches:", "forced   own", add_switches},
    {5, "of", "CPU", add_cpu},
};

enum { N_COLUMNS = sizeof columns / sizeof *columns };

static void add_row(Timeline *t, const TimelineRow *which) {
    Row row = {0};
    for (uint32_t i = 0; i < t->history->n_threads; i++) {
        if (timeline_row_has(t, which, i)) {
            add_thread(&row, &t->history->threads[i]);
        }
    }
    timeline_add_name(t, which);
    for (int i = t->first_column; i < t->end_column; i++) {
        columns[i].add(t, &row);
    }
    buf_add_byte(&t->out, '\n');
}

static void add_headings(Timeline *t) {
    timeline_style(t, "2");
    buf_add_format(&t->out, "\n%*s", t->name_width, "");
    for (int i = t->first_column; i < t->end_column; i++) {
        buf_add_format(&t->out, "%*s", columns[i].width, columns[i].above);
    }
    buf_add_format(&t->out, "\n%-*s", t->name_width, "thread");
    for (int i = t->first_column; i < t->end_column; i++) {
        buf_add_format(&t->out, "%*s", columns[i].width, columns[i].heading);
    }
    buf_add_byte(&t->out, '\n');
    timeline_style(t, "");
}

/* On a narrow screen in parts, one below the other. */
void timeline_add_table(Timeline *t) {
    for (t->end_column = 0; t->end_column < N_COLUMNS;) {
        int used = t->name_width;
        t->first_column = t->end_column;
        do {
            used += columns[t->end_column++].width;
        } while (t->end_column < N_COLUMNS &&
                 used + columns[t->end_column].width <= t->width);
        add_headings(t);
        timeline_each_row(t, add_row);
    }
}
