/* timeline.c - --timeline: lanes of characters, an axis, a legend, a table, the verdict.
 *
 * All of it is plain text; colour is added on a terminal and says nothing that a character does not say, too. The colours
 * are told apart by people who see no red or no green: blue, orange, pink, teal, gold and two greys.
 *
 * Thousands of threads would say nothing: the busiest have lanes, the others share one, which shows what most of them
 * did. */

#include "interp/trace/timeline.h"

#include <errno.h>
#include <limits.h>

#include "interp/clock.h"
#include "interp/gil.h"
#include "interp/trace/verdict.h"
#include "interp/trace/views.h"
#include "interp/trace/words.h"
#include "runtime/base/mem.h"

enum {
    LANES_AT_MOST = 40, /* about a screen */
    WIDTH_AT_LEAST = 40,
    NAME_AT_MOST = 20,
    NAME_AT_LEAST = 8,
    TICK_AT_LEAST = 10, /* columns between two ticks: room for "|0.25 s" and a gap */
};

static const struct {
    char character;
    const char *style;
    const char *meaning;
} looks[HISTORY_STATE_COUNT] = {
#define LOOK(id, name, character) [HISTORY_##id] = {character, LOOK_##id},
#define LOOK_RUN                  "38;5;32;48;5;32", "runs"
#define LOOK_COMPUTE              "38;5;75", "computes without the GIL"
#define LOOK_GIL                  "38;5;208", "waits for the GIL"
#define LOOK_LOCK                 "38;5;169", "waits for a lock or queue"
#define LOOK_IO                   "38;5;37", "I/O"
#define LOOK_SLEEP                "38;5;246", "sleeps"
#define LOOK_WAIT                 "38;5;242", "waits for a thread or process"
#define LOOK_STOP                 "38;5;178", "stopped, or collecting garbage"
    HISTORY_STATES(LOOK)
#undef LOOK
};

void timeline_style(Timeline *t, const char *style) {
    if (t->has_colour) {
        buf_add_format(&t->out, "\033[0%s%sm", style[0] == '\0' ? "" : ";", style);
    }
}

/* Breaks the lines at blanks. */
static void add_wrapped(Timeline *t, const char *text, int used, int n_indent) {
    while (*text != '\0') {
        const size_t n = strcspn(text, " ");
        if (used > n_indent && used + 1 + (int)n > t->width) {
            buf_add_byte(&t->out, '\n');
            buf_add_repeated(&t->out, ' ', (size_t)n_indent);
            used = n_indent;
        } else if (used > n_indent) {
            buf_add_byte(&t->out, ' ');
            used++;
        }
        buf_add(&t->out, text, n);
        used += (int)n;
        text += n + (text[n] == ' ');
    }
    buf_add_byte(&t->out, '\n');
}

/* Rows. */

static void add_heading(Timeline *t, const HistoryProcess *process) {
    char name[40];
    Buf rest = {0};
    if (process->parent != HISTORY_NONE) {
        buf_add_format(&rest, "child of %lld",
                       (long long)t->history->processes[process->parent].pid);
    }
    if (process->has_status && process->wait_status != 0) {
        buf_add_text(&rest, rest.n_bytes > 0 ? ", " : "");
        words_add_status(&rest, process->wait_status);
    }
    const int used = snprintf(name, sizeof name, "process %lld%s",
                              (long long)process->pid, rest.n_bytes > 0 ? "," : "");
    timeline_style(t, "1");
    buf_add_text(&t->out, name);
    timeline_style(t, "");
    add_wrapped(t, buf_text(&rest), used, 2);
    buf_free(&rest);
}

/* A process with one thread is a line by itself, which begins with its number. */
static bool has_heading(const Timeline *t, const HistoryProcess *process) {
    return t->history->n_processes > 1 &&
           (process->n_threads > 1 || (process->has_status && process->wait_status != 0));
}

static void each_row_of(Timeline *t, uint32_t index, TimelineDraw draw) {
    const HistoryProcess *process = &t->history->processes[index];
    const uint32_t n_shown = lane_n_shown(&t->choice, process);
    if (has_heading(t, process)) {
        add_heading(t, process);
    }
    for (uint32_t i = 0; i < process->n_threads; i++) {
        const uint32_t thread = process->first_thread + i;
        if (t->choice.is_shown[thread]) {
            draw(t, &(TimelineRow){thread, index, 1});
        }
    }
    if (n_shown < process->n_threads) {
        draw(t, &(TimelineRow){HISTORY_NONE, index, 1});
    }
}

void timeline_each_row(Timeline *t, TimelineDraw draw) {
    const uint32_t n = (uint32_t)t->history->n_processes;
    bool has_hidden_process = false;
    for (uint32_t i = 0; i < n; i++) {
        if (lane_n_shown(&t->choice, &t->history->processes[i]) > 0) {
            each_row_of(t, i, draw);
        } else if (t->history->processes[i].n_threads > 0) {
            has_hidden_process = true;
        }
    }
    if (has_hidden_process) {
        draw(t, &(TimelineRow){HISTORY_NONE, 0, n});
    }
}

bool timeline_row_has(const Timeline *t, const TimelineRow *row, uint32_t thread) {
    if (row->thread != HISTORY_NONE) {
        return row->thread == thread;
    }
    const uint32_t index = t->history->threads[thread].process;
    if (t->choice.is_shown[thread]) {
        return false;
    }
    return row->n_processes == 1
               ? index == row->first_process
               : lane_n_shown(&t->choice, &t->history->processes[index]) == 0;
}

static uint64_t count_row(const Timeline *t, const TimelineRow *row) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < t->history->n_threads; i++) {
        n += timeline_row_has(t, row, i);
    }
    return n;
}

/* What the row is called. */
static void name_row(const Timeline *t, const TimelineRow *row, Buf *name) {
    const HistoryProcess *process = &t->history->processes[row->first_process];
    if (row->n_processes == 1 && has_heading(t, process)) {
        buf_add_text(name, "  ");
    }
    if (row->thread == HISTORY_NONE) {
        buf_add_byte(name, '+');
        words_add_count(name, count_row(t, row), "thread");
        return;
    }
    if (t->history->n_processes > 1 && !has_heading(t, process)) {
        buf_add_format(name, "%lld ", (long long)process->pid);
    }
    buf_add_text(name, t->history->threads[row->thread].name);
}

void timeline_add_name(Timeline *t, const TimelineRow *row) {
    Buf name = {0};
    name_row(t, row, &name);
    const int used = words_add_printable(&t->out, buf_text(&name), t->name_width);
    buf_add_repeated(&t->out, ' ', (size_t)(t->name_width - used));
    buf_free(&name);
}

static void measure_name(Timeline *t, const TimelineRow *row) {
    Buf name = {0};
    Buf shown = {0};
    name_row(t, row, &name);
    const int width = words_add_printable(&shown, buf_text(&name), NAME_AT_MOST);
    t->name_width = width > t->name_width ? width : t->name_width;
    buf_free(&name);
    buf_free(&shown);
}

/* The head: what was run, and how. */

static void add_conditions(Buf *out, const History *h) {
    const bool has_gil = strcmp(h->mode, "no-gil") != 0;
    buf_add_format(out, "%s %s the GIL", duration_text(h->end_ns).text,
                   has_gil ? "with" : "without");
    if (has_gil && strcmp(h->policy, "interval") != 0) {
        buf_add_format(out, " (%s)", h->policy);
    } else if (has_gil && h->interval_us != GIL_DEFAULT_INTERVAL_US) {
        buf_add_format(out, " (interval %s)",
                       duration_text(h->interval_us * CLOCK_NS_PER_US).text);
    }
    buf_add_text(out, ", ");
    if (h->n_processes > 1) {
        buf_add_format(out, "%zu processes, ", h->n_processes);
    }
    words_add_count(out, h->n_threads, "thread");
    buf_add_text(out, ", ");
    words_add_count(out, h->n_cores, "core");
    if (h->has_seed) {
        buf_add_format(out, ", seed %llu", (unsigned long long)h->seed);
    }
}

static void add_head(Timeline *t) {
    const History *h = t->history;
    const bool is_long = strlen(h->script) > (size_t)t->width / 2;
    Buf text = {0};
    timeline_style(t, "1");
    const int used = words_add_printable(
        &t->out, is_long ? words_base_name(h->script) : h->script, t->width / 2);
    timeline_style(t, "");
    buf_add_byte(&t->out, ':');
    add_conditions(&text, h);
    add_wrapped(t, buf_text(&text), used + 1, 2);
    if (h->n_lost > 0) {
        buf_clear(&text);
        words_add_count(&text, h->n_lost, "event");
        buf_add_text(&text, " found no room in the log: what follows is incomplete.");
        timeline_style(t, "1");
        add_wrapped(t, buf_text(&text), 0, 0);
        timeline_style(t, "");
    }
    buf_free(&text);
    buf_add_byte(&t->out, '\n');
}

/* The axis. */

/* The smallest of 1, 2, 5, 10, 20, ... that is not below ns. */
static uint64_t round_step(uint64_t ns) {
    uint64_t power = 1;
    while (power * 10 <= ns) {
        power *= 10;
    }
    return ns <= power       ? power
           : ns <= 2 * power ? 2 * power
           : ns <= 5 * power ? 5 * power
                             : 10 * power;
}

/* With as many decimals as tell neighbours apart. */
static int format_tick(char *text, size_t n_text, uint64_t at_ns, uint64_t step_ns) {
    const bool is_seconds = step_ns >= CLOCK_NS_PER_S / 20;
    const bool is_ms = !is_seconds && step_ns >= CLOCK_NS_PER_MS / 20;
    const uint64_t unit_ns = is_seconds ? CLOCK_NS_PER_S
                             : is_ms    ? CLOCK_NS_PER_MS
                                        : CLOCK_NS_PER_US;
    const int n_decimals = step_ns >= unit_ns ? 0 : step_ns >= unit_ns / 10 ? 1 : 2;
    return snprintf(text, n_text, "|%.*f %s", at_ns == 0 ? 0 : n_decimals,
                    (double)at_ns / (double)unit_ns,
                    is_seconds ? "s"
                    : is_ms    ? "ms"
                               : "us");
}

static void add_axis(Timeline *t, int width) {
    const uint64_t wall_ns = t->history->end_ns;
    const uint64_t step_ns = round_step(wall_ns / (uint64_t)width * TICK_AT_LEAST + 1);
    int used = 0;
    buf_add_repeated(&t->out, ' ', (size_t)t->name_width + 1);
    timeline_style(t, "2");
    for (uint64_t at = 0; at < wall_ns || at == 0; at += step_ns) {
        char text[32];
        const int column = lane_column(t->history, width, at);
        const int n = format_tick(text, sizeof text, at, step_ns);
        if (column < used || column + n > width) {
            continue;
        }
        buf_add_repeated(&t->out, ' ', (size_t)(column - used));
        buf_add_text(&t->out, text);
        used = column + n;
    }
    timeline_style(t, "");
    buf_add_byte(&t->out, '\n');
}

/* The lanes. */

static void add_cells(Timeline *t, const uint8_t *cells, int width) {
    uint8_t last = LANE_BLANK;
    int end = width;
    while (end > 0 && cells[end - 1] == LANE_BLANK) {
        end--;
    }
    for (int i = 0; i < end; i++) {
        if (cells[i] != last) {
            timeline_style(t, cells[i] == LANE_BLANK ? "" : looks[cells[i]].style);
            last = cells[i];
        }
        if (cells[i] == LANE_BLANK) {
            buf_add_byte(&t->out, ' ');
        } else {
            buf_add_byte(&t->out, looks[cells[i]].character);
            t->is_shown[cells[i]] = true;
        }
    }
    timeline_style(t, "");
}

static void add_lane(Timeline *t, const TimelineRow *row) {
    const int width = t->width - t->name_width - 1;
    uint8_t *cells = mem_alloc((size_t)width);
    Lane lane;
    lane_open(&lane, t->history, width);
    for (uint32_t i = 0; i < t->history->n_threads; i++) {
        if (timeline_row_has(t, row, i)) {
            lane_add(&lane, i);
        }
    }
    lane_read(&lane, cells);
    timeline_add_name(t, row);
    buf_add_byte(&t->out, ' ');
    add_cells(t, cells, width);
    buf_add_byte(&t->out, '\n');
    lane_close(&lane);
    mem_free(cells);
}

/* What the characters mean: those that are shown. */
static void add_legend(Timeline *t) {
    int used = 0;
    buf_add_byte(&t->out, '\n');
    for (int s = 0; s < HISTORY_STATE_COUNT; s++) {
        const int n = 2 + (int)strlen(looks[s].meaning);
        if (!t->is_shown[s]) {
            continue;
        }
        if (used > 0 && used + 3 + n > t->width) {
            buf_add_byte(&t->out, '\n');
            used = 0;
        } else if (used > 0) {
            buf_add_text(&t->out, "   ");
            used += 3;
        }
        timeline_style(t, looks[s].style);
        buf_add_byte(&t->out, looks[s].character);
        timeline_style(t, "");
        buf_add_format(&t->out, " %s", looks[s].meaning);
        used += n;
    }
    buf_add_byte(&t->out, '\n');
}

static void add_word_on_hidden(Timeline *t) {
    const size_t n_hidden = t->history->n_threads - t->choice.n_shown;
    if (n_hidden > 0) {
        Buf text = {0};
        buf_add_format(&text,
                       "%zu of %zu threads are shown: those that ran or waited for locks "
                       "most. The lanes with a + show what most of the others did.",
                       t->choice.n_shown, t->history->n_threads);
        add_wrapped(t, buf_text(&text), 0, 0);
        buf_free(&text);
    }
}

/* The verdict. */

static void add_verdict(Timeline *t) {
    Verdicts verdicts;
    Buf text = {0};
    verdicts_open(&verdicts, t->history, t->totals);
    buf_add_byte(&t->out, '\n');
    for (size_t i = 0; i < verdicts.n; i++) {
        const char *name = verdict_name(verdicts.items[i].kind);
        timeline_style(t, "1");
        buf_add_format(&t->out, "%s:", name);
        timeline_style(t, "");
        /* Names of locks and files are the script's: no escape sequence of theirs reaches the terminal. */
        buf_clear(&text);
        Buf sentences = {0};
        verdict_add_text(&sentences, &verdicts.items[i]);
        words_add_printable(&text, buf_text(&sentences), INT_MAX);
        buf_free(&sentences);
        add_wrapped(t, buf_text(&text), (int)strlen(name) + 1, 2);
    }
    buf_free(&text);
    verdicts_close(&verdicts);
}

bool view_timeline(const History *history, FILE *out, int width, bool has_colour) {
    Totals totals;
    totals_open(&totals, history);
    Timeline t = {
        .history = history,
        .totals = &totals,
        .width = width < WIDTH_AT_LEAST ? WIDTH_AT_LEAST : width,
        .name_width = NAME_AT_LEAST,
        .has_colour = has_colour,
    };
    lane_choose(&t.choice, history, LANES_AT_MOST);
    timeline_each_row(&t, measure_name);
    buf_clear(&t.out); /* of the headings that this has written */
    add_head(&t);
    add_axis(&t, t.width - t.name_width - 1);
    timeline_each_row(&t, add_lane);
    add_legend(&t);
    add_word_on_hidden(&t);
    timeline_add_table(&t);
    add_verdict(&t);
    const bool is_written =
        fwrite(t.out.bytes, 1, t.out.n_bytes, out) == t.out.n_bytes && fflush(out) == 0;
    const int error = errno;
    buf_free(&t.out);
    lane_choice_close(&t.choice);
    totals_close(&totals);
    errno = error;
    return is_written;
}
