/* trace_json.c - --trace FILE: Chrome Trace Event JSON. README.md describes the subset.
 *
 * Perfetto, chrome://tracing, speedscope and the Firefox profiler agree on complete slices ("X") that are nested or
 * disjoint on a track, metadata ("M"), flow arrows ("s", "f"), counters ("C") and instants ("i"), and on little else. A
 * flow binds to the slice around its time; at the instant at which one slice ends and the next begins the viewers differ,
 * so an arrow starts a nanosecond before its run ends.
 *
 * Viewers add and subtract "ts" and "dur" in floating point, and so may find that a slice ends after the next one has
 * begun. So "dur" is a tenth of a nanosecond short: that is more than they can err, and rounds to what it was.
 *
 * The events are written as they are found: the memory needed does not grow with them. */

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "interp/trace/json.h"
#include "interp/trace/sweep.h"
#include "interp/trace/verdict.h"
#include "interp/trace/views.h"
#include "interp/trace/words.h"
#include "runtime/base/vec.h"

enum {
    TRACE_FORMAT = 1,
    CALL_TRACK = 1000000, /* added to a thread's number: the track of its calls */
};

static const char *const state_names[HISTORY_STATE_COUNT] = {
#define HISTORY_STATE(id, name, character) [HISTORY_##id] = name,
    HISTORY_STATES(HISTORY_STATE)
#undef HISTORY_STATE
};

typedef struct Writer {
    const History *history;
    const Totals *totals;
    Json json;
    bool has_arguments;
    Buf scratch;
} Writer;

/* Events begin with what all have. */

static void open_event(Writer *w, char phase, const char *name, const char *category,
                       int64_t pid, uint32_t tid) {
    const char phases[2] = {phase, '\0'};
    json_newline(&w->json);
    json_open(&w->json, NULL, '{');
    json_text(&w->json, "ph", phases);
    json_text(&w->json, "name", name);
    if (category != NULL) {
        json_text(&w->json, "cat", category);
    }
    json_int(&w->json, "pid", pid);
    json_uint(&w->json, "tid", tid);
}

static void close_event(Writer *w) {
    json_close(&w->json, '}');
}

static int64_t pid_of(const Writer *w, uint32_t thread) {
    return w->history->processes[w->history->threads[thread].process].pid;
}

/* Its number in its process, which is its track. */
static uint32_t tid_of(const Writer *w, uint32_t thread) {
    return w->history->threads[thread].number;
}

static uint32_t first_tid(const Writer *w, const HistoryProcess *process) {
    return process->n_threads > 0 ? w->history->threads[process->first_thread].number : 1;
}

/* Arguments of a slice. Those that say nothing are left out, and "args" with them when none is left. */

static void add_argument(Writer *w, const char *key, const char *text, size_t n_bytes) {
    if (n_bytes == 0) {
        return;
    }
    if (!w->has_arguments) {
        json_open(&w->json, "args", '{');
        w->has_arguments = true;
    }
    json_text_n(&w->json, key, text, n_bytes);
}

static void end_arguments(Writer *w) {
    if (w->has_arguments) {
        json_close(&w->json, '}');
        w->has_arguments = false;
    }
}

/* What the scratch buffer holds, which is emptied. */
static void add_scratch(Writer *w, const char *key) {
    add_argument(w, key, w->scratch.bytes, w->scratch.n_bytes);
    buf_clear(&w->scratch);
}

static void add_place(Writer *w, const char *key, uint32_t place) {
    words_add_place(&w->scratch, w->history, place);
    add_scratch(w, key);
}

static void add_thread_name(Writer *w, const char *key, uint32_t thread) {
    if (thread != HISTORY_NONE) {
        const char *name = w->history->threads[thread].name;
        add_argument(w, key, name, strlen(name));
    }
}

/* The header. */

static void write_verdicts(Writer *w) {
    Verdicts verdicts;
    verdicts_open(&verdicts, w->history, w->totals);
    json_open(&w->json, "verdict", '[');
    for (size_t i = 0; i < verdicts.n; i++) {
        const char *kind = verdict_name(verdicts.items[i].kind);
        buf_add_format(&w->scratch, "%s: ", kind);
        verdict_add_text(&w->scratch, &verdicts.items[i]);
        json_open(&w->json, NULL, '{');
        json_text(&w->json, "kind", kind);
        json_text_n(&w->json, "text", w->scratch.bytes, w->scratch.n_bytes);
        buf_clear(&w->scratch);
        json_close(&w->json, '}');
    }
    json_close(&w->json, ']');
    verdicts_close(&verdicts);
}

static void write_sources(Writer *w) {
    json_open(&w->json, "sources", '{');
    for (size_t i = 0; i < w->history->n_sources; i++) {
        const HistorySource *source = &w->history->sources[i];
        json_newline(&w->json);
        json_text_n(&w->json, source->file, source->text, source->n_bytes);
    }
    json_close(&w->json, '}');
}

static void write_thread_totals(Writer *w, uint32_t index) {
    const HistoryThread *t = &w->history->threads[index];
    json_newline(&w->json);
    json_open(&w->json, NULL, '{');
    json_int(&w->json, "pid", pid_of(w, index));
    json_uint(&w->json, "tid", t->number);
    json_text(&w->json, "name", t->name);
    json_us(&w->json, "begin_us", t->begin_ns);
    json_us(&w->json, "end_us", t->end_ns);
    if (t->cpu_ns == 0) {
        json_null(&w->json, "cpu_us");
    } else {
        json_us(&w->json, "cpu_us", t->cpu_ns);
    }
    json_uint(&w->json, "forced", t->n_forced);
    json_uint(&w->json, "voluntary", t->n_voluntary);
    json_open(&w->json, "states_us", '{');
    for (int s = 0; s < HISTORY_STATE_COUNT; s++) {
        json_us(&w->json, state_names[s], t->state_ns[s]);
    }
    json_close(&w->json, '}');
    json_close(&w->json, '}');
}

static void write_header(Writer *w) {
    const History *h = w->history;
    json_open(&w->json, "otherData", '{');
    json_uint(&w->json, "format", TRACE_FORMAT);
    json_text(&w->json, "version", MINI_VERSION);
    json_text(&w->json, "script", h->script);
    json_text(&w->json, "mode", h->mode);
    json_text(&w->json, "policy", h->policy);
    json_uint(&w->json, "interval_us", h->interval_us);
    json_uint(&w->json, "cores", h->n_cores);
    if (h->has_seed) {
        json_uint(&w->json, "seed", h->seed);
    } else {
        json_null(&w->json, "seed");
    }
    json_uint(&w->json, "lost_events", h->n_lost);
    json_us(&w->json, "wall_us", h->end_ns);
    write_verdicts(w);
    write_sources(w);
    json_open(&w->json, "threads", '[');
    for (uint32_t i = 0; i < h->n_threads; i++) {
        write_thread_totals(w, i);
    }
    json_close(&w->json, ']');
    json_close(&w->json, '}');
}

/* Metadata: names and the order of tracks. */

static void write_name(Writer *w, const char *what, int64_t pid, uint32_t tid,
                       const char *name) {
    open_event(w, 'M', what, NULL, pid, tid);
    json_open(&w->json, "args", '{');
    json_text(&w->json, "name", name);
    json_close(&w->json, '}');
    close_event(w);
}

static void write_order(Writer *w, const char *what, int64_t pid, uint32_t tid,
                        uint64_t order) {
    open_event(w, 'M', what, NULL, pid, tid);
    json_open(&w->json, "args", '{');
    json_uint(&w->json, "sort_index", order);
    json_close(&w->json, '}');
    close_event(w);
}

static void write_thread_names(Writer *w, uint32_t index, bool has_calls) {
    const HistoryThread *t = &w->history->threads[index];
    const int64_t pid = pid_of(w, index);
    write_name(w, "thread_name", pid, t->number, t->name);
    write_order(w, "thread_sort_index", pid, t->number, 2 * (uint64_t)t->number);
    if (has_calls) {
        buf_add_format(&w->scratch, "%s: calls", t->name);
        write_name(w, "thread_name", pid, t->number + CALL_TRACK, buf_text(&w->scratch));
        buf_clear(&w->scratch);
        write_order(w, "thread_sort_index", pid, t->number + CALL_TRACK,
                    2 * (uint64_t)t->number + 1);
    }
}

static void write_process_names(Writer *w, uint32_t index) {
    const HistoryProcess *p = &w->history->processes[index];
    if (p->parent == HISTORY_NONE) {
        buf_add_text(&w->scratch, w->history->script);
    } else {
        buf_add_format(&w->scratch, "child of %lld",
                       (long long)w->history->processes[p->parent].pid);
    }
    write_name(w, "process_name", p->pid, first_tid(w, p), buf_text(&w->scratch));
    buf_clear(&w->scratch);
    write_order(w, "process_sort_index", p->pid, first_tid(w, p), index);
}

static void write_metadata(Writer *w) {
    const History *h = w->history;
    size_t call = 0;
    for (uint32_t i = 0; i < h->n_processes; i++) {
        write_process_names(w, i);
    }
    for (uint32_t i = 0; i < h->n_threads; i++) {
        const size_t first = call;
        while (call < h->n_calls && h->calls[call].thread == i) {
            call++;
        }
        write_thread_names(w, i, call > first);
    }
}

/* Slices. */

static void add_times(Writer *w, uint64_t begin_ns, uint64_t end_ns, unsigned n_tenths) {
    json_us(&w->json, "ts", begin_ns);
    json_us_less(&w->json, "dur", end_ns - begin_ns, n_tenths);
}

/* Why the run ended, or what made the thread wait. */
static void add_why(Writer *w, const HistorySpan *span, const HistorySpan *next) {
    if (span->state != HISTORY_RUN) {
        return;
    }
    switch (span->reason) {
    case TRACE_DROP_BLOCK:
        if (next != NULL) {
            buf_add_format(&w->scratch,
                           next->state == HISTORY_COMPUTE ? "goes on %s" : "blocks in %s",
                           words_span(next));
        }
        break;
    case TRACE_DROP_INTERVAL:
        buf_add_text(&w->scratch, "interval");
        if (span->other != HISTORY_NONE) {
            buf_add_format(&w->scratch, ", asked by %s",
                           w->history->threads[span->other].name);
        }
        break;
    default: buf_add_text(&w->scratch, words_drop(span->reason)); break;
    }
    add_scratch(w, "why");
}

static void add_object(Writer *w, uint32_t object) {
    if (object != HISTORY_NONE) {
        words_add_object_name(&w->scratch, w->history, object);
        add_scratch(w, "object");
        add_place(w, "made_at", w->history->objects[object].made_at);
    }
}

static void write_span(Writer *w, uint32_t thread, const HistorySpan *span,
                       const HistorySpan *next) {
    open_event(w, 'X', words_span(span), state_names[span->state], pid_of(w, thread),
               tid_of(w, thread));
    add_times(w, span->begin_ns, span->end_ns, 1);
    add_place(w, "at", span->place);
    if (span->place != HISTORY_NONE) {
        buf_add_text(&w->scratch, w->history->places[span->place].function);
        add_scratch(w, "in");
    }
    add_object(w, span->object);
    add_why(w, span, next);
    /* A thread that is handed the lock before it waits for it finds itself the holder. */
    if (span->state != HISTORY_RUN && span->other != thread) {
        add_thread_name(w, "owner", span->other);
        add_place(w, "owner_at", span->other_place);
    }
    end_arguments(w);
    close_event(w);
}

static void write_spans(Writer *w) {
    for (uint32_t t = 0; t < w->history->n_threads; t++) {
        const HistoryThread *thread = &w->history->threads[t];
        for (size_t i = 0; i < thread->n_spans; i++) {
            write_span(w, t, &thread->spans[i],
                       i + 1 < thread->n_spans ? &thread->spans[i + 1] : NULL);
        }
    }
}

static void write_call(Writer *w, const HistoryCall *call, unsigned n_tenths) {
    const HistoryPlace *place =
        call->place == HISTORY_NONE ? NULL : &w->history->places[call->place];
    const char *name = place == NULL                ? "?"
                       : place->function[0] == '\0' ? "<module>"
                                                    : place->function;
    open_event(w, 'X', name, "call", pid_of(w, call->thread),
               tid_of(w, call->thread) + CALL_TRACK);
    add_times(w, call->begin_ns, call->end_ns, n_tenths);
    add_place(w, "at", call->place);
    end_arguments(w);
    close_event(w);
}

/* A call that is open, and by how much it was shortened. */
typedef struct OpenCall {
    uint32_t thread;
    uint64_t end_ns;
    unsigned n_tenths;
} OpenCall;

/* A call that ends with its caller, as all do that are open at the end of a thread, ends a little before it. */
static void write_calls(Writer *w) {
    VEC(OpenCall) open = {0};
    for (size_t i = 0; i < w->history->n_calls; i++) {
        const HistoryCall *call = &w->history->calls[i];
        unsigned n_tenths = 1;
        while (open.n > 0 && (vec_last(&open)->thread != call->thread ||
                              vec_last(&open)->end_ns <= call->begin_ns)) {
            (void)vec_pop(&open);
        }
        if (open.n > 0 && vec_last(&open)->end_ns == call->end_ns) {
            n_tenths = vec_last(&open)->n_tenths + 1;
        }
        write_call(w, call, n_tenths);
        vec_push(&open, (OpenCall){call->thread, call->end_ns, n_tenths});
    }
    vec_free(&open);
}

/* Arrows: who handed the lock to whom. */

static void write_flow(Writer *w, char phase, size_t id, uint32_t thread,
                       uint64_t at_ns) {
    open_event(w, phase, "GIL", "handover", pid_of(w, thread), tid_of(w, thread));
    json_us(&w->json, "ts", at_ns);
    json_uint(&w->json, "id", id);
    if (phase == 'f') {
        json_text(&w->json, "bp", "e");
    }
    close_event(w);
}

static void write_handovers(Writer *w) {
    for (size_t i = 0; i < w->history->n_handovers; i++) {
        const HistoryHandover *h = &w->history->handovers[i];
        write_flow(w, 's', i + 1, h->from, h->from_ns > 0 ? h->from_ns - 1 : 0);
        write_flow(w, 'f', i + 1, h->to, h->to_ns);
    }
}

/* Counters, for each process. */

typedef struct Counter {
    const char *name;
    const char *key;
    uint32_t last;
} Counter;

static void write_counter(Writer *w, const HistoryProcess *process, Counter *counter,
                          uint64_t at_ns, uint32_t value) {
    if (value == counter->last) {
        return;
    }
    counter->last = value;
    open_event(w, 'C', counter->name, NULL, process->pid, first_tid(w, process));
    json_us(&w->json, "ts", at_ns);
    json_open(&w->json, "args", '{');
    json_uint(&w->json, counter->key, value);
    json_close(&w->json, '}');
    close_event(w);
}

static void write_counters_of(Writer *w, const HistoryProcess *process) {
    Counter waiting = {"GIL waiters", "waiting", UINT32_MAX};
    Counter runnable = {"runnable threads", "runnable", UINT32_MAX};
    uint64_t since_ns = process->begin_ns;
    Sweep sweep;
    sweep_open(&sweep, w->history, process->first_thread, process->n_threads);
    bool goes_on = true;
    while (goes_on) {
        goes_on = sweep_next(&sweep);
        /* Values that lasted; those of changes at the same instant did not. */
        if (!goes_on || sweep.at_ns > since_ns) {
            const uint32_t n_waiting = sweep.count[HISTORY_GIL];
            write_counter(w, process, &waiting, since_ns, n_waiting);
            write_counter(w, process, &runnable, since_ns,
                          n_waiting + sweep.count[HISTORY_RUN] +
                              sweep.count[HISTORY_COMPUTE]);
        }
        since_ns = sweep.at_ns;
    }
    sweep_close(&sweep);
}

/* Moments. */

static void open_instant(Writer *w, const char *name, int64_t pid, uint32_t tid,
                         uint64_t at_ns, const char *scope) {
    open_event(w, 'i', name, NULL, pid, tid);
    json_us(&w->json, "ts", at_ns);
    json_text(&w->json, "s", scope);
    json_open(&w->json, "args", '{');
}

static void close_instant(Writer *w) {
    json_close(&w->json, '}');
    close_event(w);
}

static void write_life(Writer *w, const HistoryProcess *process) {
    if (process->parent != HISTORY_NONE) {
        const HistoryProcess *parent = &w->history->processes[process->parent];
        open_instant(w, "fork", parent->pid, first_tid(w, parent), process->begin_ns,
                     "p");
        json_int(&w->json, "child", process->pid);
        close_instant(w);
    }
    if (process->has_status) {
        open_instant(w, "exit", process->pid, first_tid(w, process), process->end_ns,
                     "p");
        if (WIFSIGNALED(process->wait_status)) {
            json_int(&w->json, "signal", WTERMSIG(process->wait_status));
        } else {
            json_int(&w->json, "status", WEXITSTATUS(process->wait_status));
        }
        close_instant(w);
    }
}

static void write_modes(Writer *w) {
    for (size_t i = 0; i < w->history->n_modes; i++) {
        const HistoryMode *mode = &w->history->modes[i];
        const HistoryProcess *process = &w->history->processes[mode->process];
        open_instant(w, "mode", process->pid, first_tid(w, process), mode->at_ns, "p");
        json_text(&w->json, "gil", mode->has_gil ? "on" : "off");
        close_instant(w);
    }
}

static void write_collections(Writer *w) {
    for (size_t i = 0; i < w->history->n_collections; i++) {
        const HistoryCollection *c = &w->history->collections[i];
        open_instant(w, "collection", pid_of(w, c->thread), tid_of(w, c->thread),
                     c->begin_ns, "t");
        json_us(&w->json, "pause_us", c->end_ns - c->begin_ns);
        json_uint(&w->json, "live_bytes", c->live_bytes);
        close_instant(w);
    }
}

bool view_trace_json(const History *history, FILE *out) {
    Totals totals;
    totals_open(&totals, history);
    Writer w = {.history = history, .totals = &totals, .json = {.out = out}};
    json_open(&w.json, NULL, '{');
    json_text(&w.json, "displayTimeUnit", "ns");
    write_header(&w);
    json_open(&w.json, "traceEvents", '[');
    write_metadata(&w);
    write_spans(&w);
    write_calls(&w);
    write_handovers(&w);
    for (size_t i = 0; i < history->n_processes; i++) {
        write_counters_of(&w, &history->processes[i]);
        write_life(&w, &history->processes[i]);
    }
    write_modes(&w);
    write_collections(&w);
    json_close(&w.json, ']');
    json_close(&w.json, '}');
    fputc('\n', out);
    buf_free(&w.scratch);
    totals_close(&totals);
    return fflush(out) == 0 && !ferror(out);
}
