/* eval.c - the two instances of the loop, and which of them runs; a third one is in eval_counted.c.
 *
 * A thread runs the watched instance while POLL_EVERY is set in its poll word, otherwise the plain one, or with --stats the
 * counted one. Each returns VALUE_UNSET, with its state saved, when it finds at a poll that another one should run. */

#include "interp/eval.h"

#include "interp/eval_loop.h"

#define EVAL_NAME run_plain
#define EVAL_WATCHED 0
#define EVAL_COUNTED 0
#include "interp/eval_loop.inc"
#undef EVAL_NAME
#undef EVAL_WATCHED
#undef EVAL_COUNTED

#define EVAL_NAME run_watched
#define EVAL_WATCHED 1
#define EVAL_COUNTED 0
#include "interp/eval_loop.inc"
#undef EVAL_NAME
#undef EVAL_WATCHED
#undef EVAL_COUNTED

Value eval_run(Thread *th) {
    for (;;) {
        bool is_watched = (atomic_load_relaxed(&th->cx.poll) & POLL_EVERY) != 0;
        Value result = is_watched        ? run_watched(th)
                       : th->is_counted ? eval_run_counted(th)
                                        : run_plain(th);
        if (LIKELY(!IS_UNSET(result))) {
            return result;
        }
    }
}
