/* verdict.h - the conclusion in plain words, with its figures.
 *
 * A run has one verdict, or several when it had phases of different kinds, or when one thread's lot differs from the
 * others'. The one that concerns the largest part of the time comes first. */

#ifndef MINI_INTERP_TRACE_VERDICT_H
#define MINI_INTERP_TRACE_VERDICT_H

#include "interp/trace/totals.h"
#include "runtime/base/buf.h"

/* VERDICT(id, judge_..., "Name", "meaning"): judge_... in verdict_rules.h decides whether it holds. */
#define VERDICT_KINDS(VERDICT)                                         \
    VERDICT(DEADLOCKED, deadlocked, "Deadlocked",                      \
            "threads wait in a circle for each other's locks")         \
    VERDICT(CONTENDED, contended, "Contended",                         \
            "threads wait much of their time for one lock")            \
    VERDICT(CONVOY, convoy, "Convoy",                                  \
            "a thread that mostly waits queues for the GIL each time") \
    VERDICT(STARVED, starved, "Starved",                               \
            "a thread got far less of the GIL than its share")         \
    VERDICT(SERIALIZED, serialized, "Serialized",                      \
            "threads that compute take turns: one GIL")                \
    VERDICT(OVERSUBSCRIBED, oversubscribed, "Oversubscribed",          \
            "more threads compute than cores")                         \
    VERDICT(UNBALANCED, unbalanced, "Unbalanced",                      \
            "one still has work when the others are done")             \
    VERDICT(PARALLEL, parallel, "Parallel",                            \
            "several threads or processes compute at once")            \
    VERDICT(OVERLAPPED, overlapped, "Overlapped",                      \
            "threads wait for I/O, or sleep, at the same time")        \
    VERDICT(COMPUTING, computing, "Computing",                         \
            "one thread at a time computes, and nobody waits")         \
    VERDICT(WAITING, waiting, "Waiting",                               \
            "nothing runs most of the time, and waits do not overlap") \
    VERDICT(DISTURBED, disturbed, "Disturbed",                         \
            "other programs used the cores, too")

typedef enum VerdictKind {
#define VERDICT(id, judge, name, meaning) VERDICT_##id,
    VERDICT_KINDS(VERDICT)
#undef VERDICT
        VERDICT_COUNT
} VerdictKind;

typedef struct Verdict {
    VerdictKind kind;
    double weight; /* the part of the run's time that it concerns, 0 to 1 */
    Buf text;      /* without its name: "2 threads wanted the CPU, ..." */
    Buf advice;    /* what to do about it, a sentence without its full stop; or empty */
} Verdict;

typedef struct Verdicts {
    Verdict items[VERDICT_COUNT];
    size_t n; /* at least 1 */
} Verdicts;

const char *verdict_name(VerdictKind kind);
/* Both sentences of it, without its name. */
void verdict_add_text(Buf *out, const Verdict *verdict);

void verdicts_open(Verdicts *verdicts, const History *history, const Totals *totals);
void verdicts_close(Verdicts *verdicts);

#endif
