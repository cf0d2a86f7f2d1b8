/* stats.c - --stats: the run in figures, on one screen or as JSON.
 *
 * What nobody measured is said to be unknown: a 0 would be read as a measurement. */

#include <errno.h>
#include <inttypes.h>

#include "interp/trace/json.h"
#include "interp/trace/totals.h"
#include "interp/trace/views.h"
#include "interp/trace/words.h"

enum { STATS_FORMAT = 1 };

static const char *const drop_keys[TRACE_DROP_COUNT] = {
    [TRACE_DROP_BLOCK] = "block", [TRACE_DROP_INTERVAL] = "interval",
    [TRACE_DROP_EVERY] = "every", [TRACE_DROP_START] = "start",
    [TRACE_DROP_STOP] = "stop",   [TRACE_DROP_EXIT] = "exit",
};

/* For the screen: short, since there may be all of them. */
static const char *const drop_words[TRACE_DROP_COUNT] = {
    [TRACE_DROP_BLOCK] = "to block",  [TRACE_DROP_INTERVAL] = "when asked",
    [TRACE_DROP_EVERY] = "by count",  [TRACE_DROP_START] = "at a start",
    [TRACE_DROP_STOP] = "for a stop", [TRACE_DROP_EXIT] = "at an end",
};

static bool has_any_gil(const Totals *t) {
    return t->n_acquired > 0;
}

/* The screen. */

static void line(FILE *out, const char *name, const char *text) {
    fprintf(out, "  %-22s %s\n", name, text);
}

static void duration_line(FILE *out, const char *name, uint64_t ns) {
    line(out, name, ns == 0 ? "unknown" : duration_text(ns).text);
}

/* 1234567 as "1 234 567". */
static void add_grouped(Buf *out, uint64_t n) {
    char digits[24];
    const int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            buf_add_byte(out, ' ');
        }
        buf_add_byte(out, digits[i]);
    }
}

static void number_line(FILE *out, Buf *text, const char *name, uint64_t n) {
    buf_clear(text);
    add_grouped(text, n);
    line(out, name, buf_text(text));
}

static void bytes_line(FILE *out, Buf *text, const char *name, uint64_t n_bytes) {
    buf_clear(text);
    if (n_bytes == 0) {
        buf_add_text(text, "unknown");
    } else if (n_bytes < (1u << 20)) {
        buf_add_format(text, "%.0f KiB", (double)n_bytes / 1024);
    } else {
        buf_add_format(text, "%.1f MiB", (double)n_bytes / (1u << 20));
    }
    line(out, name, buf_text(text));
}

/* A process that was killed has told what its threads told that had ended: less than all. */
static void write_cpu(FILE *out, Buf *text, const History *h) {
    if (h->cpu_ns == 0) {
        line(out, "CPU", "unknown");
        return;
    }
    buf_clear(text);
    buf_add_format(text, "%s%s", totals_know_all_cpu(h) ? "" : "at least ",
                   duration_text(h->cpu_ns).text);
    line(out, "CPU", buf_text(text));
}

static void write_run(FILE *out, Buf *text, const History *h, const Totals *t) {
    duration_line(out, "wall", t->wall_ns);
    write_cpu(out, text, h);
    const double ran = totals_share(history_busy_ns(t->state_ns), t->wall_ns);
    buf_clear(text);
    buf_add_format(text, ran > 0 && ran < 0.01 ? "%.4f" : "%.2f", ran);
    buf_add_format(text, " threads ran on average, %u at most; ", t->n_most_running);
    words_add_count(text, h->n_cores, "core");
    line(out, "parallelism", buf_text(text));
    buf_clear(text);
    buf_add_format(text, "%zu in ", h->n_threads);
    words_add_count(text, h->n_processes, "process");
    line(out, "threads", buf_text(text));
}

static void add_drops(Buf *text, const Totals *t) {
    for (int d = 0; d < TRACE_DROP_COUNT; d++) {
        if (t->n_drops[d] > 0) {
            buf_add_format(text, "%s%" PRIu64 " %s", text->n_bytes > 0 ? ", " : "",
                           t->n_drops[d], drop_words[d]);
        }
    }
}

static void write_gil(FILE *out, Buf *text, const Totals *t) {
    fputs("the GIL\n", out);
    if (!has_any_gil(t)) {
        line(out, "off", "all the time");
        return;
    }
    number_line(out, text, "acquired", t->n_acquired);
    buf_clear(text);
    add_drops(text, t);
    line(out, "given up", buf_text(text));
    line(out, "held", duration_text(t->held_ns).text);
    line(out, "waited for", duration_text(t->state_ns[HISTORY_GIL]).text);
    buf_clear(text);
    if (t->handover.n == 0) {
        buf_add_text(text, "none");
    } else {
        add_grouped(text, t->handover.n);
        buf_add_format(text, "; median %s, 99%% %s, longest %s",
                       duration_text(t->handover.median_ns).text,
                       duration_text(t->handover.p99_ns).text,
                       duration_text(t->handover.max_ns).text);
    }
    line(out, "hand-overs", buf_text(text));
}

static void write_memory(FILE *out, Buf *text, const History *h, const Totals *t) {
    fputs("memory\n", out);
    buf_clear(text);
    add_grouped(text, t->collection.n);
    if (t->collection.n > 0) {
        buf_add_format(text, "; %s in all, median %s, longest %s",
                       duration_text(t->collection.sum_ns).text,
                       duration_text(t->collection.median_ns).text,
                       duration_text(t->collection.max_ns).text);
    }
    line(out, "collections", buf_text(text));
    bytes_line(out, text, "allocated", h->allocated_bytes);
    bytes_line(out, text, "peak, resident", h->peak_bytes);
}

static void write_screen(FILE *out, const History *h, const Totals *t) {
    Buf text = {0};
    words_add_printable(&text, h->script, 60);
    fprintf(out, "%s\n", buf_text(&text));
    write_run(out, &text, h, t);
    if (h->n_instructions == 0) {
        line(out, "instructions", "not counted");
    } else {
        number_line(out, &text, "instructions", h->n_instructions);
    }
    write_gil(out, &text, t);
    write_memory(out, &text, h, t);
    if (h->n_lost > 0) {
        number_line(out, &text, "events lost", h->n_lost);
    }
    buf_free(&text);
}

/* JSON. */

static void json_spread(Json *json, const char *key, const Spread *spread) {
    json_open(json, key, '{');
    json_uint(json, "count", spread->n);
    if (spread->n > 0) {
        json_us(json, "total_us", spread->sum_ns);
        json_us(json, "median_us", spread->median_ns);
        json_us(json, "p99_us", spread->p99_ns);
        json_us(json, "max_us", spread->max_ns);
    }
    json_close(json, '}');
}

static void json_gil(Json *json, const Totals *t) {
    json_open(json, "gil", '{');
    json_uint(json, "acquired", t->n_acquired);
    json_us(json, "held_us", t->held_ns);
    json_us(json, "waited_us", t->state_ns[HISTORY_GIL]);
    json_open(json, "given_up", '{');
    for (int d = 0; d < TRACE_DROP_COUNT; d++) {
        json_uint(json, drop_keys[d], t->n_drops[d]);
    }
    json_close(json, '}');
    json_spread(json, "handovers", &t->handover);
    json_close(json, '}');
}

static void write_json(FILE *out, const History *h, const Totals *t) {
    Json json = {.out = out};
    json_open(&json, NULL, '{');
    json_uint(&json, "format", STATS_FORMAT);
    json_text(&json, "version", MINI_VERSION);
    json_text(&json, "script", h->script);
    json_text(&json, "mode", h->mode);
    json_uint(&json, "cores", h->n_cores);
    json_us(&json, "wall_us", t->wall_ns);
    if (h->cpu_ns == 0) {
        json_null(&json, "cpu_us");
    } else {
        json_us(&json, "cpu_us", h->cpu_ns);
    }
    json_double(&json, "parallelism",
                totals_share(history_busy_ns(t->state_ns), t->wall_ns));
    json_uint(&json, "threads", h->n_threads);
    json_uint(&json, "processes", h->n_processes);
    json_uint_or_null(&json, "instructions", h->n_instructions);
    json_gil(&json, t);
    json_spread(&json, "collections", &t->collection);
    json_uint_or_null(&json, "allocated_bytes", h->allocated_bytes);
    json_uint_or_null(&json, "peak_bytes", h->peak_bytes);
    json_uint(&json, "lost_events", h->n_lost);
    json_close(&json, '}');
    fputc('\n', out);
}

bool view_stats(const History *history, FILE *out, bool is_json) {
    Totals totals;
    totals_open(&totals, history);
    if (is_json) {
        write_json(out, history, &totals);
    } else {
        write_screen(out, history, &totals);
    }
    totals_close(&totals);
    return fflush(out) == 0 && !ferror(out);
}
