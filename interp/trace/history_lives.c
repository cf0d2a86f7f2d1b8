/* history_lives.c - who lived from when to when: processes and threads of a History.
 *
 * The end of a process is, in this order: what it said itself; when the recorder saw that it was gone (the first process);
 * when a signal was sent that killed it, or when its parent was told that it had ended; the time of reading, if it still
 * lives; its last event. A thread that did not say that it ended lives as long as its process, or, when events
 * were lost, until then. */

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "interp/trace/history_build.h"
#include "runtime/base/mem.h"

/* A process before it is known which numbers have a process at all. */
typedef struct ProcessLife {
    bool is_seen;
    bool has_end;
    bool has_status;
    int wait_status;
    int64_t pid;
    uint32_t parent;            /* number */
    uint32_t index;             /* of the HistoryProcess */
    uint64_t begin_ns;
    uint64_t end_ns;
    uint64_t last_ns;           /* of its last event */
    uint64_t cpu_ns;
    uint64_t killed_ns;         /* when a signal was sent that may have been its end; 0: none */
    int kill_signal;
} ProcessLife;

/* An event about another process or thread, for later. */
typedef struct Note {
    const TraceEvent *event;
    uint32_t process;           /* number of who wrote it */
} Note;

typedef struct Lives {
    ProcessLife *processes;     /* by number */
    uint32_t n_processes;
    VEC(ThreadAt) by_pid;       /* `thread` is the number of the process */
    VEC(Note) notes;
} Lives;

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

static void sort_at(ThreadAt *items, size_t n) {
    if (n > 1) {
        qsort(items, n, sizeof *items, compare_at);
    }
}

/* The last entry with that key that had begun by then, as a position; n when there is none, and *next is the first that begins
 * later. */
static size_t find_at(const ThreadAt *items, size_t n, uint32_t process, uint64_t key, uint64_t time_ns,
                      size_t *next) {
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
    const size_t i = find_at(items, n, process, address, time_ns, &next);
    /* Somebody whose thread is about to begin may be named already, at an address that another one has left. */
    if (i < n && (next == n || b->lives.items[items[i].thread].end_ns >= time_ns)) {
        return items[i].thread;
    }
    return next < n ? items[next].thread : HISTORY_NONE;
}

uint32_t lives_with_ident(const Builder *b, uint32_t process, uint64_t ident, uint64_t time_ns) {
    size_t next;
    const size_t i = find_at(b->by_ident.items, b->by_ident.n, process, ident, time_ns, &next);
    const size_t found = i < b->by_ident.n ? i : next;
    return found < b->by_ident.n ? b->by_ident.items[found].thread : HISTORY_NONE;
}

/* ---- What the streams say ---- */

static void begin_process(ProcessLife *process, const TraceEvent *event) {
    process->pid = (int64_t)event->object;
    process->parent = (uint32_t)event->other;
    process->begin_ns = event->time_ns;
}

static void end_process(ProcessLife *process, const TraceEvent *event) {
    if (!process->has_end) {
        process->has_end = true;
        process->has_status = true;
        process->wait_status = (int)event->object;
        process->end_ns = event->time_ns;
        process->cpu_ns = event->other;
    }
}

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

static void read_event(Builder *b, Lives *lives, const LogStream *stream, ThreadLife *life, HistoryThread *thread,
                       const TraceEvent *event) {
    ProcessLife *process = &lives->processes[stream->process];
    switch ((TraceEventKind)event->kind) {
    case TRACE_PROCESS_BEGIN: begin_process(process, event); break;
    case TRACE_PROCESS_END: end_process(process, event); break;
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
    case TRACE_CHILD_END:
    case TRACE_SIGNAL:
    case TRACE_THREAD_CPU: vec_push(&lives->notes, (Note){event, stream->process}); break;
    default: break;
    }
}

typedef struct Draft {
    ThreadLife life;
    HistoryThread thread;
} Draft;

static Draft read_stream(Builder *b, Lives *lives, const LogStream *stream) {
    ProcessLife *process = &lives->processes[stream->process];
    Draft draft = {
        .life = {.stream = stream, .begin_ns = stream->first_ns},
        .thread = {.number = stream->thread},
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
        read_event(b, lives, stream, &draft.life, &draft.thread, event);
    }
    return draft;
}

/* ---- Ends of processes ---- */

static ProcessLife *process_with_pid(Lives *lives, uint64_t pid, uint64_t time_ns) {
    size_t next;
    const size_t i = find_at(lives->by_pid.items, lives->by_pid.n, 0, pid, time_ns, &next);
    return i < lives->by_pid.n ? &lives->processes[lives->by_pid.items[i].thread] : NULL;
}

static void note_signal(Lives *lives, const TraceEvent *event) {
    ProcessLife *process = process_with_pid(lives, event->object, event->time_ns);
    if (process != NULL && !process->has_end && process->kill_signal != SIGKILL) {
        process->killed_ns = event->time_ns;
        process->kill_signal = event->detail;
    }
}

static void note_child_end(Lives *lives, const TraceEvent *event) {
    ProcessLife *process = process_with_pid(lives, event->object, event->time_ns);
    if (process == NULL || (process->has_end && process->has_status)) {
        return;
    }
    process->has_end = true;
    process->has_status = true;
    process->wait_status = (int)event->other;
    process->end_ns = event->time_ns;
    if (WIFSIGNALED(process->wait_status) && WTERMSIG(process->wait_status) == process->kill_signal &&
        process->killed_ns < event->time_ns) {
        process->end_ns = process->killed_ns > process->last_ns ? process->killed_ns : process->last_ns;
    }
}

static uint64_t unknown_end(const Builder *b, const ProcessLife *process, bool is_first,
                            bool (*is_alive)(int64_t pid)) {
    const uint64_t read_ns = b->index.log->end_ns;
    if (read_ns > process->last_ns && (is_first || (is_alive != NULL && is_alive(process->pid)))) {
        return read_ns;
    }
    return process->kill_signal == SIGKILL && process->killed_ns > process->last_ns ? process->killed_ns
                                                                                    : process->last_ns;
}

static void end_processes(Builder *b, Lives *lives, bool (*is_alive)(int64_t pid)) {
    for (uint32_t i = 1; i <= lives->n_processes; i++) {
        const ProcessLife *process = &lives->processes[i];
        if (process->is_seen) {
            vec_push(&lives->by_pid, (ThreadAt){
                .key = (uint64_t)process->pid,
                .begin_ns = process->begin_ns,
                .thread = i,
            });
        }
    }
    sort_at(lives->by_pid.items, lives->by_pid.n);
    /* Signals first: the end tells which of them it was. */
    for (size_t i = 0; i < lives->notes.n; i++) {
        if (lives->notes.items[i].event->kind == TRACE_SIGNAL) {
            note_signal(lives, lives->notes.items[i].event);
        }
    }
    for (size_t i = 0; i < lives->notes.n; i++) {
        if (lives->notes.items[i].event->kind == TRACE_CHILD_END) {
            note_child_end(lives, lives->notes.items[i].event);
        }
    }
    for (uint32_t i = 1; i <= lives->n_processes; i++) {
        ProcessLife *process = &lives->processes[i];
        if (process->is_seen && !process->has_end) {
            process->end_ns = unknown_end(b, process, i == 1, is_alive);
        }
    }
}

static void make_processes(Builder *b, Lives *lives) {
    History *history = b->history;
    b->begin_ns = lives->n_processes > 0 ? lives->processes[1].begin_ns : 0;
    history->processes = arena_alloc_zeroed(b->arena, (lives->n_processes + 1) * sizeof *history->processes);
    for (uint32_t i = 1; i <= lives->n_processes; i++) {
        ProcessLife *process = &lives->processes[i];
        if (!process->is_seen) {
            continue;
        }
        process->index = (uint32_t)history->n_processes++;
        const ProcessLife *parent = &lives->processes[process->parent <= lives->n_processes ? process->parent : 0];
        history->processes[process->index] = (HistoryProcess){
            .pid = process->pid,
            .parent = parent->is_seen ? parent->index : HISTORY_NONE,
            .begin_ns = build_time(b, process->begin_ns),
            .end_ns = build_time(b, process->end_ns),
            .has_status = process->has_status,
            .wait_status = process->wait_status,
        };
        if (build_time(b, process->end_ns) > history->end_ns) {
            history->end_ns = build_time(b, process->end_ns);
        }
    }
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
    const uint64_t last_ns = draft->life.stream->last_ns;
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
            const uint32_t process = lives->processes[note->process].index;
            const uint32_t thread = lives_at_address(b, process, note->event->other, UINT64_MAX);
            if (thread != HISTORY_NONE) {
                b->history->threads[thread].cpu_ns = note->event->object;
            }
        }
    }
}

/* Of processes that did not tell, what their threads told. */
static void sum_cpu(History *history, const Lives *lives) {
    for (uint32_t i = 1; i <= lives->n_processes; i++) {
        const ProcessLife *life = &lives->processes[i];
        if (!life->is_seen) {
            continue;
        }
        const HistoryProcess *process = &history->processes[life->index];
        uint64_t cpu_ns = life->cpu_ns;
        for (uint32_t t = 0; life->cpu_ns == 0 && t < process->n_threads; t++) {
            cpu_ns += history->threads[process->first_thread + t].cpu_ns;
        }
        history->cpu_ns += cpu_ns;
    }
}

static void make_threads(Builder *b, const Lives *lives, Draft *drafts, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const ProcessLife *process = &lives->processes[drafts[i].life.stream->process];
        drafts[i].thread.process = process->index;
        end_thread(b, process, &drafts[i]);
    }
    if (n > 1) {
        qsort(drafts, n, sizeof *drafts, compare_drafts);
    }
    b->history->threads = arena_alloc_zeroed(b->arena, (n + 1) * sizeof *b->history->threads);
    b->history->n_threads = n;
    for (size_t i = 0; i < n; i++) {
        place_thread(b, &drafts[i]);
    }
    sort_at(b->by_address.items, b->by_address.n);
    sort_at(b->by_ident.items, b->by_ident.n);
    add_cpu(b, lives);
    sum_cpu(b->history, lives);
}

void lives_build(Builder *b, bool (*is_alive)(int64_t pid)) {
    Lives lives = {0};
    const size_t n = b->index.streams.n;
    for (size_t i = 0; i < n; i++) {
        const uint32_t number = b->index.streams.items[i].process;
        lives.n_processes = number > lives.n_processes ? number : lives.n_processes;
    }
    lives.processes = mem_alloc_zeroed((size_t)lives.n_processes + 1, sizeof *lives.processes);
    Draft *drafts = mem_alloc_zeroed(n, sizeof *drafts);
    for (size_t i = 0; i < n; i++) {
        drafts[i] = read_stream(b, &lives, &b->index.streams.items[i]);
    }
    end_processes(b, &lives, is_alive);
    make_processes(b, &lives);
    make_threads(b, &lives, drafts, n);
    mem_free(drafts);
    mem_free(lives.processes);
    vec_free(&lives.by_pid);
    vec_free(&lives.notes);
}
