/* sweep.c - a merge of the threads' spans by a binary heap. See sweep.h. */

#include "interp/trace/sweep.h"

#include <string.h>

#include "runtime/base/mem.h"

/* At the same instant ends come before begins, so that who takes over is never counted beside who gave. */
static bool is_before(const SweepCursor *a, const SweepCursor *b,
                      const History *history) {
    if (a->at_ns != b->at_ns) {
        return a->at_ns < b->at_ns;
    }
    const bool a_goes_on = a->span < history->threads[a->thread].n_spans;
    const bool b_goes_on = b->span < history->threads[b->thread].n_spans;
    return a_goes_on != b_goes_on ? b_goes_on : a->thread < b->thread;
}

static void sift_down(Sweep *sweep, size_t i) {
    SweepCursor *heap = sweep->heap;
    const SweepCursor moved = heap[i];
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= sweep->n_heap) {
            break;
        }
        if (child + 1 < sweep->n_heap &&
            is_before(&heap[child + 1], &heap[child], sweep->history)) {
            child++;
        }
        if (!is_before(&heap[child], &moved, sweep->history)) {
            break;
        }
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = moved;
}

void sweep_open(Sweep *sweep, const History *history, uint32_t first_thread,
                size_t n_threads) {
    *sweep = (Sweep){.history = history};
    sweep->heap = mem_alloc_zeroed(n_threads + 1, sizeof *sweep->heap);
    for (size_t i = 0; i < n_threads; i++) {
        const uint32_t thread = first_thread + (uint32_t)i;
        if (history->threads[thread].n_spans > 0) {
            sweep->heap[sweep->n_heap++] = (SweepCursor){
                .at_ns = history->threads[thread].spans[0].begin_ns, .thread = thread};
        }
    }
    for (size_t i = sweep->n_heap / 2; i-- > 0;) {
        sift_down(sweep, i);
    }
    sweep->is = sweep->was = SWEEP_ABSENT;
}

/* The change that was reported last takes effect. */
static void settle(Sweep *sweep) {
    if (sweep->was != SWEEP_ABSENT) {
        sweep->count[sweep->was]--;
    }
    if (sweep->is != SWEEP_ABSENT) {
        sweep->count[sweep->is]++;
    }
}

bool sweep_next(Sweep *sweep) {
    settle(sweep);
    if (sweep->n_heap == 0) {
        sweep->is = sweep->was = SWEEP_ABSENT;
        return false;
    }
    SweepCursor *next = &sweep->heap[0];
    const HistoryThread *thread = &sweep->history->threads[next->thread];
    sweep->elapsed_ns = next->at_ns - sweep->at_ns;
    sweep->at_ns = next->at_ns;
    sweep->thread = next->thread;
    sweep->span = next->span;
    sweep->was = next->span > 0 ? thread->spans[next->span - 1].state : SWEEP_ABSENT;
    if (next->span == thread->n_spans) {
        sweep->is = SWEEP_ABSENT;
        *next = sweep->heap[--sweep->n_heap];
    } else {
        sweep->is = thread->spans[next->span].state;
        next->at_ns = thread->spans[next->span++].end_ns;
    }
    if (sweep->n_heap > 0) {
        sift_down(sweep, 0);
    }
    return true;
}

void sweep_close(Sweep *sweep) {
    mem_free(sweep->heap);
    sweep->heap = NULL;
}
