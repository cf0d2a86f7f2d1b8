/* eval_counted.c - the instance of the loop that counts instructions, for --stats: a plain one with an addition for each.
 *
 * A file of its own, so that it changes nothing in how the others are compiled. */

#include "interp/eval_loop.h"

static Value run_counted(Thread *th);

Value eval_run_counted(Thread *th) {
    return run_counted(th);
}

#define EVAL_NAME    run_counted
#define EVAL_WATCHED 0
#define EVAL_COUNTED 1
#include "interp/eval_loop.inc"
