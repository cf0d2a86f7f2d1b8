/* eval.h - running bytecode: the loop and what surrounds it.
 *
 * eval_loop.inc is compiled three times: run_plain, which polls at backward jumps and calls; run_counted,
 * which counts instructions for --stats beside; run_watched, which polls before every instruction
 * (watch.h). A thread changes to or from the watched one at a poll. */

#ifndef MINI_INTERP_EVAL_H
#define MINI_INTERP_EVAL_H

#include "interp/thread.h"
#include "runtime/call.h"

/* Runs the window th->stack.base (marked FRAME_ENTRY) from th->stack.pc until it returns: its result, or
 * VALUE_ERROR with an exception pending. */
Value eval_run(Thread *th);

/* Runs the code of a module in a frame of its own. */
Value eval_module(Thread *th, ObjCode *code);

#endif
