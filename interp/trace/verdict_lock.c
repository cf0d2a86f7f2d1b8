/* verdict_lock.c - Deadlocked: threads wait in a circle for each other's locks; Contended: one lock of the script takes
 * much of its threads' time. */

#include "interp/trace/verdict_rules.h"
#include "interp/trace/words.h"
#include "runtime/base/mem.h"
#include "runtime/block.h"

/* A quarter of the time of those who want it: less is what a lock costs that does its work. */
static const double contended_share = 0.25;
/* ... and a tenth of the run, so that two threads that met once for a moment are not its conclusion. */
static const double contended_run_share = 0.10;

/* What was waited for one lock. */
typedef struct LockWaits {
    uint64_t wait_ns;
    uint64_t lifetime_ns; /* of the threads that waited */
    uint32_t n_threads;
    uint32_t last_thread; /* counted already */
} LockWaits;

/* A queue that is empty or a condition that has not come is no contention: somebody else must have held the lock. */
static bool is_contention(const HistorySpan *span, uint32_t thread) {
    return span->state == HISTORY_LOCK && span->other != HISTORY_NONE &&
           span->other != thread &&
           (span->reason == BLOCK_LOCK || span->reason == BLOCK_CONTAINER ||
            span->reason == BLOCK_IMPORT);
}

/* What the thread waited for when all ended: a lock that a thread held, perhaps itself. NULL: nothing such. */
static const HistorySpan *last_wait(const History *history, uint32_t thread) {
    const HistoryThread *t = &history->threads[thread];
    const HistorySpan *last = t->has_end || t->n_spans == 0 ? NULL : &t->spans[t->n_spans - 1];
    return last != NULL && last->other != HISTORY_NONE && last->reason == BLOCK_LOCK && last->state == HISTORY_LOCK ? last
                                                                                                                  : NULL;
}

/* A thread from which waiting for owners leads back to itself, or HISTORY_NONE. */
static uint32_t find_circle(const History *history) {
    for (uint32_t begin = 0; begin < history->n_threads; begin++) {
        uint32_t at = begin;
        for (uint32_t n = 0; n <= history->n_threads; n++) {
            const HistorySpan *wait = last_wait(history, at);
            if (wait == NULL) {
                break;
            }
            at = wait->other;
            if (at == begin) {
                return begin;
            }
        }
    }
    return HISTORY_NONE;
}

bool judge_deadlocked(const VerdictCase *run, Verdict *out) {
    const History *history = run->history;
    const uint32_t begin = find_circle(history);
    if (begin == HISTORY_NONE) {
        return false;
    }
    uint32_t at = begin;
    do {
        const HistorySpan *wait = last_wait(history, at);
        buf_add_text(&out->text, at == begin ? "" : "; ");
        verdict_add_thread(&out->text, history, at);
        buf_add_text(&out->text, " waits for ");
        if (wait->object == HISTORY_NONE) {
            buf_add_text(&out->text, "a lock");
        } else {
            words_add_object(&out->text, history, wait->object);
        }
        buf_add_text(&out->text, ", which ");
        verdict_add_thread(&out->text, history, wait->other);
        buf_add_text(&out->text, " took");
        if (wait->other_place != HISTORY_NONE) {
            buf_add_text(&out->text, " at ");
            words_add_short_place(&out->text, history, wait->other_place);
        }
        at = wait->other;
    } while (at != begin);
    buf_add_text(&out->advice, "Take locks in the same order everywhere, or one that a thread takes twice as an RLock");
    out->weight = 1;
    return true;
}

/* The lock's index; those that are not known are one more. */
static size_t slot_of(const History *history, const HistorySpan *span) {
    return span->object == HISTORY_NONE ? history->n_objects : span->object;
}

static void add_thread(const History *history, uint32_t index, LockWaits *waits) {
    const HistoryThread *thread = &history->threads[index];
    for (size_t i = 0; i < thread->n_spans; i++) {
        const HistorySpan *span = &thread->spans[i];
        if (!is_contention(span, index)) {
            continue;
        }
        LockWaits *w = &waits[slot_of(history, span)];
        w->wait_ns += span->end_ns - span->begin_ns;
        if (w->n_threads == 0 || w->last_thread != index) {
            w->last_thread = index;
            w->n_threads++;
            w->lifetime_ns += thread->end_ns - thread->begin_ns;
        }
    }
}

/* Who held the lock while others waited, and where it was taken: the index with most time in sums. */
static uint32_t most(const uint64_t *sums, size_t n, uint64_t *sum_ns) {
    uint32_t best = HISTORY_NONE;
    *sum_ns = 0;
    for (size_t i = 0; i < n; i++) {
        if (sums[i] > *sum_ns) {
            *sum_ns = sums[i];
            best = (uint32_t)i;
        }
    }
    return best;
}

static void say_holders(const History *history, size_t lock, uint64_t wait_ns, Buf *out) {
    uint64_t *by_thread = mem_alloc_zeroed(history->n_threads + 1, sizeof *by_thread);
    uint64_t *by_place = mem_alloc_zeroed(history->n_places + 1, sizeof *by_place);
    for (uint32_t t = 0; t < history->n_threads; t++) {
        for (size_t i = 0; i < history->threads[t].n_spans; i++) {
            const HistorySpan *span = &history->threads[t].spans[i];
            if (is_contention(span, t) && slot_of(history, span) == lock) {
                by_thread[span->other] += span->end_ns - span->begin_ns;
                if (span->other_place != HISTORY_NONE) {
                    by_place[span->other_place] += span->end_ns - span->begin_ns;
                }
            }
        }
    }
    uint64_t most_ns;
    const uint32_t holder = most(by_thread, history->n_threads, &most_ns);
    buf_add_text(out, ", held ");
    if (most_ns * 2 > wait_ns) {
        buf_add_text(out, most_ns == wait_ns ? "by " : "mostly by ");
        verdict_add_thread(out, history, holder);
    } else {
        buf_add_text(out, "by one of them at a time");
    }
    const uint32_t place = most(by_place, history->n_places, &most_ns);
    if (place != HISTORY_NONE) {
        buf_add_text(out, " at ");
        words_add_short_place(out, history, place);
    }
    mem_free(by_thread);
    mem_free(by_place);
}

static double weight_of(const VerdictCase *run, const LockWaits *w) {
    return w->n_threads == 0
               ? 0
               : (double)w->wait_ns / w->n_threads / (double)run->totals->wall_ns;
}

bool judge_contended(const VerdictCase *run, Verdict *out) {
    const History *history = run->history;
    if (find_circle(history) != HISTORY_NONE) {
        return false; /* waiting for ever is not a matter of how much */
    }
    LockWaits *waits = mem_alloc_zeroed(history->n_objects + 1, sizeof *waits);
    for (uint32_t i = 0; i < history->n_threads; i++) {
        add_thread(history, i, waits);
    }
    size_t worst = 0;
    for (size_t i = 1; i <= history->n_objects; i++) {
        worst = waits[i].wait_ns > waits[worst].wait_ns ? i : worst;
    }
    const LockWaits w = waits[worst];
    mem_free(waits);
    out->weight = weight_of(run, &w);
    const double share = totals_share(w.wait_ns, w.lifetime_ns);
    if (share < contended_share || out->weight < contended_run_share) {
        return false;
    }
    buf_add_format(&out->text, "%u%% of the time of ", verdict_percent(share));
    words_add_count(&out->text, w.n_threads, "thread");
    buf_add_text(&out->text, " went into waiting for ");
    if (worst < history->n_objects) {
        words_add_object(&out->text, history, (uint32_t)worst);
    } else {
        buf_add_text(&out->text, "a lock");
    }
    say_holders(history, worst, w.wait_ns, &out->text);
    buf_add_text(&out->advice, "Hold it only while what it protects is used");
    return true;
}
