/* verdict.c - the conclusion: asks the rules, and puts what holds in order. See verdict.h.
 *
 * The rules are in verdict_gil.c (Serialized, Convoy, Starved), verdict_lock.c (Deadlocked, Contended), verdict_cores.c (Parallel,
 * Oversubscribed, Unbalanced, Disturbed) and verdict_waits.c (Overlapped, Waiting, Computing). */

#include "interp/trace/verdict.h"

#include "interp/trace/verdict_rules.h"
#include "interp/trace/words.h"

typedef bool (*Rule)(const VerdictCase *, Verdict *);

static const struct {
    const char *name;
    Rule holds;
} kinds[VERDICT_COUNT] = {
#define VERDICT(id, judge, name, meaning) [VERDICT_##id] = {name, judge_##judge},
    VERDICT_KINDS(VERDICT)
#undef VERDICT
};

const char *verdict_name(VerdictKind kind) {
    return kinds[kind].name;
}

void verdict_add_text(Buf *out, const Verdict *verdict) {
    buf_add(out, verdict->text.bytes, verdict->text.n_bytes);
    if (verdict->advice.n_bytes > 0) {
        buf_add_text(out, ". ");
        buf_add(out, verdict->advice.bytes, verdict->advice.n_bytes);
    }
}

unsigned verdict_percent(double share) {
    const double percent = share * 100;
    if (percent > 99 && percent < 100) {
        return 99;
    }
    return percent > 0 && percent < 1 ? 1 : (unsigned)(percent + 0.5);
}

void verdict_add_average(Buf *out, double n) {
    const double whole = (double)(long)(n + 0.5);
    const double distance = n > whole ? n - whole : whole - n;
    buf_add_format(out, distance <= 0.1 ? "%.0f" : "%.1f", n);
}

void verdict_add_thread(Buf *out, const History *history, uint32_t thread) {
    const HistoryThread *t = &history->threads[thread];
    buf_add_text(out, "thread '");
    words_add_printable(out, t->name, 40);
    buf_add_byte(out, '\'');
    if (history->n_processes > 1) {
        buf_add_format(out, " of process %lld",
                       (long long)history->processes[t->process].pid);
    }
}

static bool ask(const VerdictCase *run, VerdictKind kind, Verdicts *verdicts) {
    Verdict *next = &verdicts->items[verdicts->n];
    *next = (Verdict){.kind = kind};
    if (!kinds[kind].holds(run, next)) {
        buf_free(&next->text);
        buf_free(&next->advice);
        return false;
    }
    verdicts->n++;
    return true;
}

/* By weight; equal ones stay in the order of the table. */
static void sort(Verdicts *verdicts) {
    for (size_t i = 1; i < verdicts->n; i++) {
        const Verdict moved = verdicts->items[i];
        size_t at = i;
        for (; at > 0 && verdicts->items[at - 1].weight < moved.weight; at--) {
            verdicts->items[at] = verdicts->items[at - 1];
        }
        verdicts->items[at] = moved;
    }
}

void verdicts_open(Verdicts *verdicts, const History *history, const Totals *totals) {
    const VerdictCase run = {history, totals};
    verdicts->n = 0;
    for (int kind = 0; kind < VERDICT_COMPUTING; kind++) {
        ask(&run, (VerdictKind)kind, verdicts);
    }
    if (verdicts->n == 0 && !ask(&run, VERDICT_COMPUTING, verdicts)) {
        ask(&run, VERDICT_WAITING, verdicts);
    }
    sort(verdicts);
    ask(&run, VERDICT_DISTURBED, verdicts);
}

void verdicts_close(Verdicts *verdicts) {
    for (size_t i = 0; i < verdicts->n; i++) {
        buf_free(&verdicts->items[i].text);
        buf_free(&verdicts->items[i].advice);
    }
    verdicts->n = 0;
}
