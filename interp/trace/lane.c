/* lane.c - a thread's life in so many columns. See lane.h. */

#include "interp/trace/lane.h"

#include <stdlib.h>

#include "runtime/base/mem.h"

static uint64_t column_begin(const Lane *lane, int column) {
    const uint64_t wall_ns = lane->history->end_ns;
    const uint64_t width = (uint64_t)lane->width;
    /* Not wall * column / width, which overflows for a run of months. */
    return wall_ns / width * (uint64_t)column +
           wall_ns % width * (uint64_t)column / width;
}

int lane_column(const History *history, int width, uint64_t at_ns) {
    const int column =
        history->end_ns == 0 ? 0 : (int)((double)at_ns / (double)history->end_ns * width);
    return column < width ? column : width - 1;
}

void lane_open(Lane *lane, const History *history, int width) {
    *lane = (Lane){history, width, NULL};
    lane->ns = mem_alloc_zeroed((size_t)width * HISTORY_STATE_COUNT, sizeof *lane->ns);
}

void lane_close(Lane *lane) {
    mem_free(lane->ns);
    lane->ns = NULL;
}

static void add_span(Lane *lane, const HistorySpan *span) {
    /* Rounding may have put the begin a column too far to the right. */
    int column = lane_column(lane->history, lane->width, span->begin_ns);
    while (column > 0 && column_begin(lane, column) > span->begin_ns) {
        column--;
    }
    for (; column < lane->width; column++) {
        const uint64_t begin_ns = column_begin(lane, column);
        const uint64_t end_ns = column_begin(lane, column + 1);
        if (begin_ns >= span->end_ns) {
            break;
        }
        const uint64_t from = span->begin_ns > begin_ns ? span->begin_ns : begin_ns;
        const uint64_t to = span->end_ns < end_ns ? span->end_ns : end_ns;
        if (to > from) {
            lane->ns[column * HISTORY_STATE_COUNT + span->state] += to - from;
        }
    }
}

void lane_add(Lane *lane, uint32_t thread) {
    const HistoryThread *t = &lane->history->threads[thread];
    for (size_t i = 0; i < t->n_spans; i++) {
        add_span(lane, &t->spans[i]);
    }
}

/* The state that has most time and arrears; LANE_BLANK if none has time. Settles the arrears. */
static uint8_t choose(const uint64_t *ns, double *arrears) {
    uint8_t best = LANE_BLANK;
    double sum = 0;
    for (uint8_t s = 0; s < HISTORY_STATE_COUNT; s++) {
        sum += (double)ns[s];
        arrears[s] += (double)ns[s];
        if (ns[s] > 0 && (best == LANE_BLANK || arrears[s] > arrears[best])) {
            best = s;
        }
    }
    if (best != LANE_BLANK) {
        arrears[best] -= sum;
    }
    for (uint8_t s = 0; s < HISTORY_STATE_COUNT; s++) {
        /* What happened long ago is not made up for: at most a column's worth is owed. */
        arrears[s] = arrears[s] > sum ? sum : arrears[s] < -sum ? -sum : arrears[s];
    }
    return best;
}

void lane_read(const Lane *lane, uint8_t *cells) {
    double arrears[HISTORY_STATE_COUNT] = {0};
    for (int column = 0; column < lane->width; column++) {
        cells[column] = choose(&lane->ns[column * HISTORY_STATE_COUNT], arrears);
    }
}

/* Who is shown. */

typedef struct Candidate {
    uint64_t merit_ns;
    uint32_t thread;
} Candidate;

static int by_merit(const void *a, const void *b) {
    const Candidate *x = a;
    const Candidate *y = b;
    if (x->merit_ns != y->merit_ns) {
        return x->merit_ns > y->merit_ns ? -1 : 1;
    }
    return (x->thread > y->thread) - (x->thread < y->thread);
}

static uint64_t merit(const HistoryThread *t, uint32_t index) {
    return index == 0 ? UINT64_MAX
                      : history_busy_ns(t->state_ns) + t->state_ns[HISTORY_GIL] +
                            t->state_ns[HISTORY_LOCK];
}

void lane_choose(LaneChoice *choice, const History *history, size_t n_at_most) {
    const size_t n = history->n_threads;
    Candidate *candidates = mem_alloc_zeroed(n + 1, sizeof *candidates);
    choice->is_shown = mem_alloc_zeroed(n + 1, sizeof *choice->is_shown);
    choice->n_shown = n < n_at_most ? n : n_at_most;
    for (uint32_t i = 0; i < n; i++) {
        candidates[i] = (Candidate){merit(&history->threads[i], i), i};
    }
    qsort(candidates, n, sizeof *candidates, by_merit);
    for (size_t i = 0; i < choice->n_shown; i++) {
        choice->is_shown[candidates[i].thread] = true;
    }
    mem_free(candidates);
}

void lane_choice_close(LaneChoice *choice) {
    mem_free(choice->is_shown);
    choice->is_shown = NULL;
}

uint32_t lane_n_shown(const LaneChoice *choice, const HistoryProcess *process) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < process->n_threads; i++) {
        n += choice->is_shown[process->first_thread + i];
    }
    return n;
}
