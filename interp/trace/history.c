/* history.c - events of a log as states with their causes: the second pass. See history_from_log.h.
 *
 *   1. log_index.c   which events are whose; names, places, sources
 *   2. history_lives.c, history_processes.c   threads and processes, changes of mode
 *   3. here, thread by thread: spans, collections, calls
 *   4. here, over all: hand-overs, from what the taker knew of the giver
 *
 * A span ends where the next one begins, so states add up to the lifetime exactly. A time that lies before the one before it
 * (the GIL's own clock readings are used where they are near enough) or outside of the thread's life is moved there. */

#include "interp/trace/history.h"

#include <stdlib.h>
#include <string.h>

#include "interp/trace/history_build.h"
#include "runtime/base/mem.h"
#include "runtime/block.h"

/* What a History stands in. */
struct HistoryMemory {
    Arena arena;
    void *arrays[8];
    LogIndex index;
};

/* One thread on its way through its events. */
typedef struct Walk {
    Builder *b;
    HistoryThread *thread;
    uint32_t thread_index;
    uint64_t now_ns;            /* on the clock */
    uint64_t end_ns;
    HistorySpan span;           /* the open one */
    size_t first_span;
    bool is_collecting;
    uint64_t collect_ns;
    VEC(size_t) stack;          /* open calls */
} Walk;

/* ---- Spans ---- */

static const uint8_t state_of_reason[] = {
#define BLOCK(id, text, state) HISTORY_##state,
#include "runtime/block_reasons.def"
#undef BLOCK
};

/* Ends the open span at the time of the walk, if it has any length. */
static void close_span(Walk *w) {
    const uint64_t now = build_time(w->b, w->now_ns);
    w->span.end_ns = now;
    if (now > w->span.begin_ns) {
        w->thread->state_ns[w->span.state] += now - w->span.begin_ns;
        vec_push(&w->b->spans, w->span);
    }
}

static HistorySpan new_span(const Walk *w, HistoryState state) {
    return (HistorySpan){
        .begin_ns = build_time(w->b, w->now_ns),
        .state = state,
        .place = HISTORY_NONE,
        .object = HISTORY_NONE,
        .other = HISTORY_NONE,
        .other_place = HISTORY_NONE,
    };
}

/* A run that was given up and taken again at once never ended. */
static bool resume_last_run(Walk *w) {
    const size_t n = w->b->spans.n;
    if (n == w->first_span) {
        return false;
    }
    const HistorySpan *last = &w->b->spans.items[n - 1];
    const uint64_t now = build_time(w->b, w->now_ns);
    if (last->state != HISTORY_RUN || last->end_ns != now) {
        return false;
    }
    w->span = *last;
    w->thread->state_ns[HISTORY_RUN] -= last->end_ns - last->begin_ns;
    w->b->spans.n--;
    return true;
}

static uint32_t thread_at(const Walk *w, uint64_t address) {
    return lives_at_address(w->b, w->thread->process, address, w->now_ns);
}

/* The end of a run, for the reason given, at a place (NONE: not known). */
static void end_run(Walk *w, TraceDrop why, uint32_t place) {
    if (w->span.state == HISTORY_RUN) {
        w->span.reason = (uint8_t)why;
        w->span.place = place;
    }
    close_span(w);
}

static void on_run(Walk *w) {
    if (w->is_collecting || w->span.state == HISTORY_RUN) {
        return;
    }
    close_span(w);
    if (!resume_last_run(w)) {
        w->span = new_span(w, HISTORY_RUN);
    }
}

static void on_gil_wait(Walk *w, const TraceEvent *event) {
    const uint32_t place = w->span.place;
    if (w->span.state != HISTORY_GIL) {
        close_span(w);
        w->span = new_span(w, HISTORY_GIL);
    }
    w->span.place = place;
    w->span.other = thread_at(w, event->other);
}

static void on_drop(Walk *w, const TraceEvent *event) {
    const uint32_t place = log_index_place(&w->b->index, event->place);
    const uint32_t heir = thread_at(w, event->other);
    end_run(w, (TraceDrop)event->detail, place);
    w->thread->n_forced += event->detail == TRACE_DROP_INTERVAL || event->detail == TRACE_DROP_EVERY;
    w->span = new_span(w, HISTORY_GIL);
    w->span.place = place;
    w->span.other = heir;
}

static void on_block(Walk *w, const TraceEvent *event) {
    const uint32_t place = log_index_place(&w->b->index, event->place);
    const uint32_t object = objects_of_block(w->b, w->thread->process, event);
    end_run(w, TRACE_DROP_BLOCK, place);
    w->thread->n_voluntary++;
    w->span = new_span(w, (HistoryState)(event->detail < BLOCK_COUNT ? state_of_reason[event->detail] : HISTORY_WAIT));
    w->span.reason = event->detail;
    w->span.place = place;
    w->span.object = object;
    w->span.other = thread_at(w, event->other);
    if (event->kind_of == KIND_THREAD_HANDLE) {
        w->span.other = lives_with_ident(w->b, w->thread->process, event->object, event->time_ns);
    } else if (event->kind_of == KIND_LOCK || event->kind_of == KIND_RLOCK) {
        w->span.other_place = log_index_place(&w->b->index, TRACE_OBJECT_PLACE(event->object));
    }
}

static void on_stop(Walk *w, const TraceEvent *event) {
    if (w->span.state == HISTORY_STOP && !w->is_collecting) {
        return;
    }
    const uint32_t place = log_index_place(&w->b->index, event->place);
    end_run(w, TRACE_DROP_STOP, place);
    w->span = new_span(w, HISTORY_STOP);
    w->span.place = place;
    w->span.other = thread_at(w, event->other);
}

static void on_collect_begin(Walk *w, const TraceEvent *event) {
    const uint32_t place = log_index_place(&w->b->index, event->place);
    w->is_collecting = true;
    w->collect_ns = w->now_ns;
    end_run(w, TRACE_DROP_STOP, place);
    w->span = new_span(w, HISTORY_STOP);
    w->span.place = place;
    w->span.other = w->thread_index;
}

static void on_collect_end(Walk *w, const TraceEvent *event) {
    if (w->is_collecting && event->detail == 0) {
        vec_push(&w->b->collections, (HistoryCollection){
            .begin_ns = build_time(w->b, w->collect_ns),
            .end_ns = build_time(w->b, w->now_ns),
            .live_bytes = event->object,
            .thread = w->thread_index,
        });
    }
    w->is_collecting = false;
    on_run(w);
}

/* ---- Calls ---- */

static void on_call(Walk *w, const TraceEvent *event) {
    const size_t i = w->b->calls.n;
    vec_push(&w->b->calls, (HistoryCall){
        .begin_ns = build_time(w->b, w->now_ns),
        .thread = w->thread_index,
        .place = log_index_place(&w->b->index, event->place),
    });
    vec_push(&w->stack, i);
}

static void end_call(Walk *w) {
    w->b->calls.items[vec_pop(&w->stack)].end_ns = build_time(w->b, w->now_ns);
}

/* Ends what was called from the function too: an exception may have gone through it. */
static void on_return(Walk *w, const TraceEvent *event) {
    const uint32_t place = log_index_place(&w->b->index, event->place);
    size_t n = w->stack.n;
    while (n > 0 && w->b->calls.items[w->stack.items[n - 1]].place != place) {
        n--;
    }
    while (n > 0 && w->stack.n >= n) {
        end_call(w);
    }
}

/* ---- A thread ---- */

/* Noted for later: this thread took the GIL that `from` had held. */
static void note_handover(Walk *w, uint64_t from_address) {
    const uint32_t from = thread_at(w, from_address);
    if (from != HISTORY_NONE && from != w->thread_index) {
        vec_push(&w->b->handovers, (HistoryHandover){
            .to_ns = build_time(w->b, w->now_ns),
            .from = from,
            .to = w->thread_index,
            .asked_by = HISTORY_NONE,
        });
    }
}

static void on_event(Walk *w, const TraceEvent *event) {
    switch ((TraceEventKind)event->kind) {
    case TRACE_RUN:
        on_run(w);
        note_handover(w, event->other);
        break;
    case TRACE_GIL_WAIT: on_gil_wait(w, event); break;
    case TRACE_GIL_DROP: on_drop(w, event); break;
    case TRACE_BLOCK: on_block(w, event); break;
    case TRACE_STOP: on_stop(w, event); break;
    case TRACE_COLLECT_BEGIN: on_collect_begin(w, event); break;
    case TRACE_COLLECT_END: on_collect_end(w, event); break;
    case TRACE_CALL: on_call(w, event); break;
    case TRACE_RETURN: on_return(w, event); break;
    default: break;
    }
}

static void walk_events(Walk *w, const LogStream *stream) {
    LogCursor cursor = log_cursor(&w->b->index, stream);
    const TraceEvent *event;
    while ((event = log_next(&cursor)) != NULL && event->time_ns <= w->end_ns) {
        w->now_ns = event->time_ns > w->now_ns ? event->time_ns : w->now_ns;
        on_event(w, event);
    }
}

static void walk_thread(Builder *b, uint32_t thread_index) {
    const ThreadLife *life = &b->lives.items[thread_index];
    Walk w = {
        .b = b,
        .thread = &b->history->threads[thread_index],
        .thread_index = thread_index,
        .now_ns = life->begin_ns,
        .end_ns = life->end_ns,
        .first_span = b->spans.n,
    };
    w.span = new_span(&w, life->begins_running ? HISTORY_RUN : HISTORY_GIL);
    if (life->stream != NULL) {
        walk_events(&w, life->stream);
    }
    w.now_ns = life->end_ns;
    end_run(&w, TRACE_DROP_EXIT, w.span.place);
    while (w.stack.n > 0) {
        end_call(&w);
    }
    vec_free(&w.stack);
    w.thread->n_spans = b->spans.n - w.first_span;
}

static void walk_threads(Builder *b) {
    for (uint32_t i = 0; i < b->history->n_threads; i++) {
        walk_thread(b, i);
    }
    /* Only now the spans do not move any more. */
    HistorySpan *spans = b->spans.items;
    for (size_t i = 0; i < b->history->n_threads; i++) {
        b->history->threads[i].spans = spans;
        spans += b->history->threads[i].n_spans;
    }
}

/* ---- Hand-overs ---- */

/* The span that ends at that time; NULL: none does. */
static const HistorySpan *span_before(const HistoryThread *thread, uint64_t time_ns) {
    size_t low = 0;             /* spans before it end before time_ns */
    size_t high = thread->n_spans;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (thread->spans[middle].end_ns < time_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < thread->n_spans && thread->spans[low].end_ns == time_ns ? &thread->spans[low] : NULL;
}

/* Whether `to` got the lock from `from`, and did not just find it free: it was waiting when `from` gave it up, or it had
 * been chosen. */
static bool is_handover(const History *history, const HistoryHandover *handover) {
    if (handover->cause == TRACE_DROP_INTERVAL || handover->cause == TRACE_DROP_EVERY ||
        handover->cause == TRACE_DROP_START) {
        return true;
    }
    const HistorySpan *waited = span_before(&history->threads[handover->to], handover->to_ns);
    return waited != NULL && waited->state == HISTORY_GIL && waited->begin_ns <= handover->from_ns;
}

/* The last run of the thread that had ended by then; NULL when there is none. */
static HistorySpan *last_run(const HistoryThread *thread, uint64_t time_ns) {
    size_t low = 0;             /* spans before it end by time_ns */
    size_t high = thread->n_spans;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (thread->spans[middle].end_ns <= time_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (low > 0) {
        if (thread->spans[--low].state == HISTORY_RUN) {
            return &thread->spans[low];
        }
    }
    return NULL;
}

static int compare_handovers(const void *a, const void *b) {
    const HistoryHandover *x = a;
    const HistoryHandover *y = b;
    return x->to_ns < y->to_ns ? -1 : x->to_ns > y->to_ns;
}

static void finish_handovers(Builder *b) {
    size_t n = 0;
    for (size_t i = 0; i < b->handovers.n; i++) {
        HistoryHandover handover = b->handovers.items[i];
        HistorySpan *run = last_run(&b->history->threads[handover.from], handover.to_ns);
        if (run == NULL) {
            continue;
        }
        handover.from_ns = run->end_ns;
        handover.cause = run->reason;
        if (!is_handover(b->history, &handover)) {
            continue;
        }
        if (run->other == HISTORY_NONE) {
            run->other = handover.to;
        }
        /* Who keeps time and asks is first in the queue, and so the one that gets it (gil.c, point 3). */
        if (run->reason == TRACE_DROP_INTERVAL) {
            handover.asked_by = handover.to;
        }
        b->handovers.items[n++] = handover;
    }
    b->handovers.n = n;
    if (n > 1) {
        qsort(b->handovers.items, n, sizeof *b->handovers.items, compare_handovers);
    }
}

static int compare_collections(const void *a, const void *b) {
    const HistoryCollection *x = a;
    const HistoryCollection *y = b;
    return x->begin_ns < y->begin_ns ? -1 : x->begin_ns > y->begin_ns;
}

/* ---- The whole ---- */

/* The arrays belong to the history from now on. */
static void hand_out(Builder *b, struct HistoryMemory *memory) {
    History *history = b->history;
    if (b->collections.n > 1) {
        qsort(b->collections.items, b->collections.n, sizeof *b->collections.items, compare_collections);
    }
    history->handovers = b->handovers.items;
    history->n_handovers = b->handovers.n;
    history->collections = b->collections.items;
    history->n_collections = b->collections.n;
    history->modes = b->modes.items;
    history->n_modes = b->modes.n;
    history->calls = b->calls.items;
    history->n_calls = b->calls.n;
    history->objects = b->objects.items;
    history->n_objects = b->objects.n;
    history->places = b->index.places.items;
    history->n_places = b->index.places.n;
    history->sources = b->index.sources.items;
    history->n_sources = b->index.sources.n;
    history->n_lost = atomic_load_relaxed(&b->index.log->n_lost);
    void *arrays[] = {b->spans.items, b->handovers.items, b->collections.items, b->modes.items, b->calls.items,
                      b->objects.items};
    _Static_assert(sizeof arrays <= sizeof memory->arrays, "room for each");
    memcpy(memory->arrays, arrays, sizeof arrays);
    memory->index = b->index;
}

History *history_from_log(const Log *log, bool (*is_alive)(int64_t pid)) {
    struct HistoryMemory *memory = mem_alloc_zeroed(1, sizeof *memory);
    arena_init(&memory->arena);
    Builder b = {.arena = &memory->arena};
    b.history = arena_alloc_zeroed(b.arena, sizeof *b.history);
    b.history->memory = memory;
    log_index_open(&b.index, log);
    lives_build(&b, is_alive);
    b.history->begin_ns = b.begin_ns;
    objects_open(&b);
    walk_threads(&b);
    objects_close(&b);
    finish_handovers(&b);
    hand_out(&b, memory);
    vec_free(&b.lives);
    vec_free(&b.by_address);
    vec_free(&b.by_ident);
    return b.history;
}

void history_free(History *history) {
    struct HistoryMemory *memory = history->memory;
    for (size_t i = 0; i < sizeof memory->arrays / sizeof memory->arrays[0]; i++) {
        mem_free(memory->arrays[i]);
    }
    log_index_close(&memory->index);
    arena_free(&memory->arena);
    mem_free(memory);
}
