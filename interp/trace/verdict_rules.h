/* verdict_rules.h - when each kind of verdict holds, and what it says. Only for verdict*.c.
 *
 * A rule is true when its verdict holds; then it has set the weight and written the text. It looks at the whole run; the
 * order of the rules does not matter, but for computing and waiting, which are asked when no other holds, and for disturbed,
 * which says under what conditions the others hold. */

#ifndef MINI_INTERP_TRACE_VERDICT_RULES_H
#define MINI_INTERP_TRACE_VERDICT_RULES_H

#include "interp/trace/verdict.h"

typedef struct VerdictCase {
    const History *history;
    const Totals *totals;
} VerdictCase;

#define VERDICT(id, judge, name, meaning) \
    bool judge_##judge(const VerdictCase *run, Verdict *out);
VERDICT_KINDS(VERDICT)
#undef VERDICT

/* "thread 'worker'", with its process when there are several. */
void verdict_add_thread(Buf *out, const History *history, uint32_t thread);

/* A rounded percentage for people: 99.6% of something is not all of it. */
unsigned verdict_percent(double share);

/* "2", or "2.4" when it is not near a whole number. */
void verdict_add_average(Buf *out, double n);

/* The process of this thread waits in line for the GIL whenever it comes back from I/O or sleep: the rule of convoy. */
bool verdict_is_in_convoy(const VerdictCase *run, uint32_t thread);

#endif
