/* history_lives.c - who lived from when to when: threads of a History, and with history_processes.c its processes.
 *
 * A child's first thread begins with its process. A thread that did not say that it ended lives as long as its process,
 * or, when events were lost, until then. */

#include <stdlib.h>
#include <string.h>

#include "interp/trace/history_lives.h"
#include "runtime/base/mem.h"

/* ---- Looking up who was there at a time ---- */

static int compare_at(const void *a, const void *b) {
    const ThreadAt *x = a;
    const ThreadAt *y = b;
    if (x->process != y->process) {
        return x->process < y->process ? -1 : 1;
    }
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x->begin_ns < y->begin_ns ? -1 : x->begin_ns > y->begin_ns;
}

void lives_sort(ThreadAt *items, size_t n) {
    if (n > 1) {
        qsort(items, n, sizeof *items, compare_at);
    }
}

size_t lives_find(const ThreadAt *items, size_t n, uint32_t process, uint64_t key, uint64_t time_ns, size_t *next) {
    const ThreadAt wanted = {.process = process, .key = key, .begin_ns = time_ns};
    size_t low = 0;             /* items before it are not after `wanted` */
    size_t high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_at(&items[middle], &wanted) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *next = low < n && items[low].process == process && items[low].key == key ? low : n;
    return low > 0 && items[low - 1].process == process && items[low - 1].key == key ? low - 1 : n;
}

uint32_t lives_at_address(const Builder *b, uint32_t process, uint64_t address, uint64_t time_ns) {
    if (address == 0) {
        return HISTORY_NONE;
    }
    const ThreadAt *items = b->by_address.items;
    const size_t n = b->by_address.n;
    size_t next;
    const size_t i = lives_find(items, n, process, address, time_ns, &next);
    /* Somebody whose thread is about to begin may be named already, at an address that another one has left. */
    if (i < n && (next == n || b->lives.items[items[i].thread].end_ns >= time_ns)) {
        return items[i].thread;
    }
    return next < n ? items[next].thread : HISTORY_NONE;
}

uint32_t lives_with_ident(const Builder *b, uint32_t process, uint64_t ident, uint64_t time_ns) {
    size_t next;
    const size_t i = lives_find(b->by_ident.items, b->by_ident.n, process, ident, time_ns, &next);
    const size_t found = i < b->by_ident.n ? i : next;
    return found < b->by_ident.n ? b->by_ident.items[found].thread : HISTORY_NONE;
}

/* ---- What the streams say ---- */

static void add_figure(History *history, const TraceEvent *event) {
    switch ((TraceFigure)event->detail) {
    case TRACE_FIGURE_ALLOCATED: history->allocated_bytes += event->object; break;
    case TRACE_FIGURE_INSTRUCTIONS: history->n_instructions += event->object; break;
    case TRACE_FIGURE_PEAK:
        if (event->object > history->peak_bytes) {
            history->peak_bytes = event->object;
        }
        break;
    case TRACE_FIGURE_COUNT: break;
    }
}

typedef struct Draft {
    ThreadLife life;
    HistoryThread thread;
    uint32_t process;           /* number */
    bool is_first;              /* its process began with it */
} Draft;

static void read_event(Builder *b, Lives *lives, const LogStream *stream, Draft *draft, const TraceEvent *event) {
    ThreadLife *life = &draft->life;
    HistoryThread *thread = &draft->thread;
    ProcessLife *process = &lives->processes.items[stream->process];
    switch ((TraceEventKind)event->kind) {
    case TRACE_PROCESS_BEGIN:
        process_life_begin(process, event);
        draft->is_first = true;
        break;
    case TRACE_PROCESS_END: process_life_end(process, event); break;
    case TRACE_PROCESS_FIGURE: add_figure(b->history, event); break;
    case TRACE_THREAD_BEGIN:
        life->address = event->other;
        life->ident = event->object;
        life->begin_ns = event->time_ns;
        thread->is_daemon = event->detail != 0;
        break;
    case TRACE_THREAD_NAME: thread->name = log_index_name(&b->index, event->place); break;
    case TRACE_THREAD_END:
        thread->has_end = true;
        thread->cpu_ns = event->object;
        life->end_ns = event->time_ns;
        break;
    case TRACE_FORK:
    case TRACE_CHILD_END:
    case TRACE_SIGNAL:
    case TRACE_MODE:
    case TRACE_THREAD_CPU: vec_push(&lives->notes, (Note){event, stream->process}); break;
    default: break;
    }
}

static Draft read_stream(Builder *b, Lives *lives, const LogStream *stream) {
    ProcessLife *process = &lives->processes.items[stream->process];
    Draft draft = {
        .life = {.stream = stream, .begin_ns = stream->first_ns},
        .thread = {.number = stream->thread},
        .process = stream->process,
    };
    process->is_seen = true;
    if (process->begin_ns == 0) {
        process->begin_ns = stream->first_ns;
    }
    if (stream->last_ns > process->last_ns) {
        process->last_ns = stream->last_ns;
    }
    LogCursor cursor = log_cursor(&b->index, stream);
    const TraceEvent *event;
    while ((event = log_next(&cursor)) != NULL) {
        read_event(b, lives, stream, &draft, event);
    }
    return draft;
}

/* ---- Changes of mode ---- */

static int compare_modes(const void *a, const void *b) {
    const HistoryMode *x = a;
    const HistoryMode *y = b;
    return x->at_ns < y->at_ns ? -1 : x->at_ns > y->at_ns;
}

static void make_modes(Builder *b, const Lives *lives) {
    for (size_t i = 0; i < lives->notes.n; i++) {
        const Note *note = &lives->notes.items[i];
        if (note->event->kind == TRACE_MODE) {
            vec_push(&b->modes, (HistoryMode){
                .at_ns = build_time(b, note->event->time_ns),
                .process = lives->processes.items[note->process].index,
                .has_gil = note->event->detail != 0,
            });
        }
    }
    if (b->modes.n > 1) {
        qsort(b->modes.items, b->modes.n, sizeof *b->modes.items, compare_modes);
    }
}

static bool has_gil(const Builder *b, uint32_t process, uint64_t at_ns) {
    bool has_gil = true;
    for (size_t i = 0; i < b->modes.n && b->modes.items[i].at_ns <= at_ns; i++) {
        if (b->modes.items[i].process == process) {
            has_gil = b->modes.items[i].has_gil;
        }
    }
    return has_gil;
}

/* ---- Threads ---- */

static int compare_drafts(const void *a, const void *b) {
    const Draft *x = a;
    const Draft *y = b;
    if (x->thread.process != y->thread.process) {
        return x->thread.process < y->thread.process ? -1 : 1;
    }
    if (x->life.begin_ns != y->life.begin_ns) {
        return x->life.begin_ns < y->life.begin_ns ? -1 : 1;
    }
    return x->thread.number < y->thread.number ? -1 : x->thread.number > y->thread.number;
}

static void end_thread(const Builder *b, const ProcessLife *process, Draft *draft) {
    const Log *log = b->index.log;
    const uint64_t lost_ns = atomic_load_relaxed(&log->first_lost_ns);
    const uint64_t last_ns = draft->life.stream != NULL ? draft->life.stream->last_ns : draft->life.begin_ns;
    uint64_t end_ns = draft->thread.has_end ? draft->life.end_ns : process->end_ns;
    if (!draft->thread.has_end && lost_ns != 0 && lost_ns < end_ns) {
        end_ns = last_ns > lost_ns ? last_ns : lost_ns;
    }
    end_ns = end_ns < process->end_ns ? end_ns : process->end_ns;
    draft->life.end_ns = end_ns > draft->life.begin_ns ? end_ns : draft->life.begin_ns;
}

static void name_thread(Builder *b, HistoryThread *thread, bool is_first) {
    if (thread->name == NULL) {
        thread->name = is_first ? "MainThread" : arena_format(b->arena, "thread %u", thread->number);
    }
}

static void place_thread(Builder *b, const Draft *draft) {
    const uint32_t i = (uint32_t)b->lives.n;
    HistoryThread *thread = &b->history->threads[i];
    HistoryProcess *process = &b->history->processes[draft->thread.process];
    *thread = draft->thread;
    thread->begin_ns = build_time(b, draft->life.begin_ns);
    thread->end_ns = build_time(b, draft->life.end_ns);
    if (process->n_threads++ == 0) {
        process->first_thread = i;
    }
    name_thread(b, thread, process->n_threads == 1);
    vec_push(&b->lives, draft->life);
    const ThreadAt at = {.process = thread->process, .thread = i, .begin_ns = draft->life.begin_ns};
    vec_push(&b->by_address, at);
    vec_last(&b->by_address)->key = draft->life.address;
    vec_push(&b->by_ident, at);
    vec_last(&b->by_ident)->key = draft->life.ident;
}

static void add_cpu(Builder *b, const Lives *lives) {
    for (size_t i = 0; i < lives->notes.n; i++) {
        const Note *note = &lives->notes.items[i];
        if (note->event->kind == TRACE_THREAD_CPU) {
            const uint32_t process = lives->processes.items[note->process].index;
            const uint32_t thread = lives_at_address(b, process, note->event->other, UINT64_MAX);
            if (thread != HISTORY_NONE) {
                b->history->threads[thread].cpu_ns = note->event->object;
            }
        }
    }
}

/* Of processes that did not tell, what their threads told. */
static void sum_cpu(History *history) {
    for (size_t i = 0; i < history->n_processes; i++) {
        HistoryProcess *process = &history->processes[i];
        const bool is_told = process->cpu_ns != 0;
        for (uint32_t t = 0; !is_told && t < process->n_threads; t++) {
            process->cpu_ns += history->threads[process->first_thread + t].cpu_ns;
        }
        history->cpu_ns += process->cpu_ns;
    }
}

static void make_threads(Builder *b, const Lives *lives, Draft *drafts, size_t n) {
    for (size_t i = 0; i < n; i++) {
        Draft *draft = &drafts[i];
        const ProcessLife *process = &lives->processes.items[draft->process];
        const bool is_child = draft->is_first && process->parent != 0;
        draft->thread.process = process->index;
        draft->life.begin_ns = is_child ? process->begin_ns : draft->life.begin_ns;
        draft->life.begins_running =
            is_child || !has_gil(b, process->index, build_time(b, draft->life.begin_ns));
        end_thread(b, process, draft);
    }
    if (n > 1) {
        qsort(drafts, n, sizeof *drafts, compare_drafts);
    }
    b->history->threads = arena_alloc_zeroed(b->arena, (n + 1) * sizeof *b->history->threads);
    b->history->n_threads = n;
    for (size_t i = 0; i < n; i++) {
        place_thread(b, &drafts[i]);
    }
    lives_sort(b->by_address.items, b->by_address.n);
    lives_sort(b->by_ident.items, b->by_ident.n);
    add_cpu(b, lives);
    sum_cpu(b->history);
}

static void open_processes(Lives *lives, const LogIndex *index) {
    uint32_t most = 0;
    for (size_t i = 0; i < index->streams.n; i++) {
        const uint32_t number = index->streams.items[i].process;
        most = number > most ? number : most;
    }
    for (uint32_t i = 0; i <= most; i++) {
        vec_push(&lives->processes, (ProcessLife){0});
    }
}

/* Of processes that are known from their parents alone. */
static Draft silent_thread(const Lives *lives, uint32_t process) {
    return (Draft){
        .life = {.begin_ns = lives->processes.items[process].begin_ns},
        .thread = {.number = 1},
        .process = process,
        .is_first = true,
    };
}

void lives_build(Builder *b, bool (*is_alive)(int64_t pid)) {
    Lives lives = {0};
    VEC(Draft) drafts = {0};
    open_processes(&lives, &b->index);
    const uint32_t n_with_events = (uint32_t)lives.processes.n;
    for (size_t i = 0; i < b->index.streams.n; i++) {
        vec_push(&drafts, read_stream(b, &lives, &b->index.streams.items[i]));
    }
    processes_build(b, &lives, is_alive);
    for (uint32_t i = n_with_events; i < lives.processes.n; i++) {
        vec_push(&drafts, silent_thread(&lives, i));
    }
    make_modes(b, &lives);
    make_threads(b, &lives, drafts.items, drafts.n);
    vec_free(&drafts);
    vec_free(&lives.processes);
    vec_free(&lives.by_pid);
    vec_free(&lives.notes);
}
