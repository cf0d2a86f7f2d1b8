/* eval.c - the two instances of the loop, and which of them runs.
 *
 * A thread runs the watched instance while POLL_EVERY is set in its poll word. Either instance returns VALUE_UNSET, with its
 * state saved, when it finds at a poll that the other one should run. */

#include "interp/eval.h"

#include "interp/cache.h"
#include "interp/call.h"
#include "interp/eval_ops.h"
#include "interp/safepoint.h"
#include "interp/unwind.h"
#include "interp/watch.h"
#include "runtime/base/panic.h"
#include "runtime/objects/exception_group.h"
#include "runtime/gc/finalize.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"
#include "runtime/objects/range.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str_format.h"

#if defined(__GNUC__) && !defined(MINI_NO_COMPUTED_GOTO)
#define MINI_COMPUTED_GOTO
#endif

#define EVAL_NAME run_plain
#define EVAL_WATCHED 0
#include "interp/eval_loop.inc"
#undef EVAL_NAME
#undef EVAL_WATCHED

#define EVAL_NAME run_watched
#define EVAL_WATCHED 1
#include "interp/eval_loop.inc"
#undef EVAL_NAME
#undef EVAL_WATCHED

Value eval_run(Thread *th) {
    for (;;) {
        bool is_watched = (atomic_load_relaxed(&th->cx.poll) & POLL_EVERY) != 0;
        Value result = is_watched ? run_watched(th) : run_plain(th);
        if (LIKELY(!IS_UNSET(result))) {
            return result;
        }
    }
}
