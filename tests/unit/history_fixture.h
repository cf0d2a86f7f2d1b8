/* history_fixture.h - made-up histories for the tests of the views: a thread's life is drawn as it is in a timeline.
 *
 *     Drawing d;
 *     drawing_open(&d, 2);                                    two cores
 *     drawing_process(&d, 100);
 *     drawing_thread(&d, "MainThread", "##------------");     each character is a millisecond
 *     drawing_thread(&d, "worker",     "  ###...###zzz");     it begins at 2 ms
 *     drawing_done(&d);                                       d.history is complete
 *     drawing_close(&d);
 *
 * Why a run ended, the sums, the hand-overs and the ends of processes follow from the drawing. */

#ifndef MINI_TESTS_HISTORY_FIXTURE_H
#define MINI_TESTS_HISTORY_FIXTURE_H

/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interp/trace/history.h"
#include "runtime/base/buf.h"
#include "runtime/base/vec.h"
#include "runtime/block.h"

#define MS ((uint64_t)1000000)

typedef struct Drawing {
    History history;
    VEC(HistoryProcess) processes;
    VEC(HistoryThread) threads;
    VEC(HistoryHandover) handovers;
    VEC(HistoryCollection) collections;
    VEC(HistoryPlace) places;
    VEC(HistoryObject) objects;
    VEC(HistoryMode) modes;
    VEC(HistoryCall) calls;
    VEC(char *) names;
    uint64_t ms_ns; /* what a character stands for */
} Drawing;

static inline void drawing_open(Drawing *d, uint32_t n_cores) {
    *d = (Drawing){.ms_ns = MS};
    d->history = (History){
        .script = "drawn.mini",
        .mode = "gil",
        .policy = "interval",
        .interval_us = 5000,
        .n_cores = n_cores,
    };
}

/* The threads that follow are its. Its parent is the first process. */
static inline uint32_t drawing_process(Drawing *d, int64_t pid) {
    const uint32_t index = (uint32_t)d->processes.n;
    vec_push(&d->processes, (HistoryProcess){
                                .pid = pid,
                                .parent = index == 0 ? HISTORY_NONE : 0,
                                .first_thread = (uint32_t)d->threads.n,
                            });
    return index;
}

static inline uint32_t drawing_place(Drawing *d, const char *file, uint32_t line,
                                     const char *function) {
    vec_push(&d->places, (HistoryPlace){file, function, line});
    return (uint32_t)d->places.n - 1;
}

static inline uint32_t drawing_object(Drawing *d, const char *kind, const char *name,
                                      uint32_t made_at) {
    vec_push(&d->objects, (HistoryObject){kind, name, made_at});
    return (uint32_t)d->objects.n - 1;
}

static inline uint8_t drawing_state(char c) {
#define HISTORY_STATE(id, name, character) \
    if (c == character) {                  \
        return HISTORY_##id;               \
    }
    HISTORY_STATES(HISTORY_STATE)
#undef HISTORY_STATE
    fail_msg("no state is drawn as '%c'", c);
    return 0;
}

static inline uint8_t drawing_reason(uint8_t state) {
    switch (state) {
    case HISTORY_LOCK: return BLOCK_LOCK;
    case HISTORY_IO: return BLOCK_READ;
    case HISTORY_SLEEP: return BLOCK_SLEEP;
    default: return BLOCK_JOIN;
    }
}

/* A character draws a millisecond; "|" ends a span without taking time. */
static inline uint32_t drawing_thread(Drawing *d, const char *name, const char *life) {
    VEC(HistorySpan) spans = {0};
    uint64_t at = 0;
    char last = ' ';
    for (const char *c = life; *c != '\0'; last = *c++) {
        if (*c == '|') {
            continue;
        }
        if (*c == ' ' || *c == last) {
            at += d->ms_ns;
            if (*c == last && *c != ' ') {
                vec_last(&spans)->end_ns = at;
            }
            continue;
        }
        const uint8_t state = drawing_state(*c);
        vec_push(&spans, (HistorySpan){
                             .begin_ns = at,
                             .end_ns = at + d->ms_ns,
                             .state = state,
                             .reason = drawing_reason(state),
                             .place = HISTORY_NONE,
                             .object = HISTORY_NONE,
                             .other = HISTORY_NONE,
                             .other_place = HISTORY_NONE,
                         });
        at += d->ms_ns;
    }
    HistoryProcess *process = vec_last(&d->processes);
    vec_push(&d->threads, (HistoryThread){
                              .name = name,
                              .process = (uint32_t)d->processes.n - 1,
                              .number = ++process->n_threads,
                              .has_end = true,
                              .begin_ns = spans.n > 0 ? spans.items[0].begin_ns : at,
                              .end_ns = at,
                              .spans = spans.items,
                              .n_spans = spans.n,
                          });
    return (uint32_t)d->threads.n - 1;
}

/* text, n times over, after a beginning. */
static inline uint32_t drawing_thread_repeated(Drawing *d, const char *name,
                                               const char *begin, const char *text,
                                               int n) {
    Buf life = {0};
    buf_add_text(&life, begin);
    for (int i = 0; i < n; i++) {
        buf_add_text(&life, text);
    }
    const uint32_t thread = drawing_thread(d, name, buf_text(&life));
    buf_free(&life);
    return thread;
}

/* Where all spans of a thread in this state are, what they wait for, and who has it. */
static inline void drawing_explain(Drawing *d, uint32_t thread, HistoryState state,
                                   uint32_t place, uint32_t object, uint32_t other,
                                   uint32_t other_place) {
    HistoryThread *t = &d->threads.items[thread];
    for (size_t i = 0; i < t->n_spans; i++) {
        if (t->spans[i].state == state) {
            t->spans[i].place = place;
            t->spans[i].object = object;
            t->spans[i].other = other;
            t->spans[i].other_place = other_place;
        }
    }
}

static inline void drawing_end_runs(HistoryThread *t) {
    for (size_t i = 0; i < t->n_spans; i++) {
        HistorySpan *span = &t->spans[i];
        t->state_ns[span->state] += span->end_ns - span->begin_ns;
        if (span->state != HISTORY_RUN) {
            continue;
        }
        if (i + 1 == t->n_spans) {
            span->reason = TRACE_DROP_EXIT;
        } else if (t->spans[i + 1].state == HISTORY_GIL) {
            span->reason = TRACE_DROP_INTERVAL;
            t->n_forced++;
        } else {
            span->reason = TRACE_DROP_BLOCK;
            t->n_voluntary++;
        }
    }
}

/* Who of the process ran last before `at`, in whatever way that run ended. */
static inline const HistorySpan *drawing_last_run(const Drawing *d,
                                                  const HistoryProcess *process,
                                                  uint64_t at, uint32_t *thread) {
    const HistorySpan *found = NULL;
    for (uint32_t t = process->first_thread;
         t < process->first_thread + process->n_threads; t++) {
        for (size_t i = 0; i < d->threads.items[t].n_spans; i++) {
            const HistorySpan *span = &d->threads.items[t].spans[i];
            if (span->state == HISTORY_RUN && span->end_ns <= at &&
                (found == NULL || span->end_ns > found->end_ns)) {
                found = span;
                *thread = t;
            }
        }
    }
    return found;
}

static inline int drawing_by_time(const void *a, const void *b) {
    const uint64_t x = ((const HistoryHandover *)a)->to_ns;
    const uint64_t y = ((const HistoryHandover *)b)->to_ns;
    return (x > y) - (x < y);
}

static inline void drawing_hand_over(Drawing *d) {
    for (uint32_t t = 0; t < d->threads.n; t++) {
        const HistoryThread *thread = &d->threads.items[t];
        for (size_t i = 1; i < thread->n_spans; i++) {
            const HistorySpan *span = &thread->spans[i];
            uint32_t giver = HISTORY_NONE;
            if (span->state != HISTORY_RUN || thread->spans[i - 1].state != HISTORY_GIL) {
                continue;
            }
            const HistorySpan *run = drawing_last_run(
                d, &d->processes.items[thread->process], span->begin_ns, &giver);
            if (run != NULL && giver != t) {
                vec_push(&d->handovers, (HistoryHandover){run->end_ns, span->begin_ns,
                                                          giver, t, run->reason, t});
            }
        }
    }
    if (d->handovers.n > 0) {
        qsort(d->handovers.items, d->handovers.n, sizeof *d->handovers.items,
              drawing_by_time);
    }
}

static inline void drawing_end_processes(Drawing *d) {
    for (uint32_t p = 0; p < d->processes.n; p++) {
        HistoryProcess *process = &d->processes.items[p];
        process->begin_ns = UINT64_MAX;
        for (uint32_t t = process->first_thread;
             t < process->first_thread + process->n_threads; t++) {
            HistoryThread *thread = &d->threads.items[t];
            drawing_end_runs(thread);
            process->begin_ns = thread->begin_ns < process->begin_ns ? thread->begin_ns
                                                                     : process->begin_ns;
            process->end_ns =
                thread->end_ns > process->end_ns ? thread->end_ns : process->end_ns;
        }
        process->begin_ns = p == 0 ? 0 : process->begin_ns;
        if (d->history.end_ns < process->end_ns) {
            d->history.end_ns = process->end_ns;
        }
        vec_push(&d->modes, (HistoryMode){process->begin_ns, p,
                                          strcmp(d->history.mode, "gil") == 0});
    }
}

static inline void drawing_done(Drawing *d) {
    drawing_end_processes(d);
    drawing_hand_over(d);
#define DRAWING_SET(field)             \
    d->history.field = d->field.items; \
    d->history.n_##field = d->field.n
    DRAWING_SET(processes);
    DRAWING_SET(threads);
    DRAWING_SET(handovers);
    DRAWING_SET(collections);
    DRAWING_SET(places);
    DRAWING_SET(objects);
    DRAWING_SET(modes);
    DRAWING_SET(calls);
#undef DRAWING_SET
}

/* A name that lives as long as the drawing. */
static inline const char *drawing_name(Drawing *d, const char *format, int n) {
    char *name = mem_alloc(40);
    snprintf(name, 40, format, n);
    vec_push(&d->names, name);
    return name;
}

static inline void drawing_close(Drawing *d) {
    for (size_t i = 0; i < d->threads.n; i++) {
        mem_free(d->threads.items[i].spans);
    }
    for (size_t i = 0; i < d->names.n; i++) {
        mem_free(d->names.items[i]);
    }
    vec_free(&d->processes);
    vec_free(&d->threads);
    vec_free(&d->handovers);
    vec_free(&d->collections);
    vec_free(&d->places);
    vec_free(&d->objects);
    vec_free(&d->modes);
    vec_free(&d->calls);
    vec_free(&d->names);
}

static inline void assert_has(const char *text, const char *part) {
    if (strstr(text, part) == NULL) {
        fail_msg("%s\nhas no:\n%s", text, part);
    }
}

static inline void assert_has_not(const char *text, const char *part) {
    if (strstr(text, part) != NULL) {
        fail_msg("%s\nhas:\n%s", text, part);
    }
}

/* What a view writes, as text to be freed. */
typedef bool (*DrawingView)(const History *history, FILE *out);

static inline char *drawing_view(const History *history, DrawingView view) {
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    assert_true(view(history, out));
    assert_int_equal(fclose(out), 0);
    return text;
}

#endif
