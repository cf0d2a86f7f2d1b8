/* call.h - entering functions: from the loop (in place) and from C. Implements runtime/call.h. */

#ifndef MINI_INTERP_CALL_H
#define MINI_INTERP_CALL_H

#include "interp/bind.h"
#include "interp/thread.h"
#include "runtime/call.h"
#include "runtime/objects/generator.h"

typedef enum CallOutcome {
    CALL_FAILED,     /* an exception is pending */
    CALL_DONE,       /* the result is there */
    CALL_ENTERED     /* a window was pushed: th->stack.base and pc are where to go on */
} CallOutcome;

/* Calls window[0] with the n_args arguments at window[FRAME_WORDS...] (the last ones named by `names` if not NULL)
 * and `keywords` (a dict or VALUE_UNSET). th->stack.pc is where the caller goes on. What can be entered is entered:
 * mini functions, bound methods of such, plain classes. Otherwise *result is the result. result_register is
 * where the caller wants it. */
CallOutcome call_window(Thread *th, Value *window, int n_args, ObjTuple *names, Value keywords,
                        unsigned result_register, Value *result);

/* The same for n_args positional arguments; what programs call most is entered without a look at how arguments are sorted. */
CallOutcome call_positional(Thread *th, Value *window, int n_args, unsigned result_register,
                            Value *result);

/* Enters getter, a function that takes one argument as it stands, with object; its frame may begin a segment. Where it fails,
 * RecursionError or MemoryError is pending. */
CallOutcome call_getter(Thread *th, ObjFunction *getter, Value object, unsigned result_register);

/* The same with positional arguments that stand elsewhere (a tuple). */
CallOutcome call_spread(Thread *th, Value *window, ObjTuple *positional, Value keywords,
                        unsigned result_register, Value *result);

/* Pushes the window of a generator that this thread may run (it took it to GENERATOR_RUNNING). return_pc is where the
 * resumer goes on. False: RecursionError or MemoryError pending; the generator is as before. */
bool call_push_generator(Thread *th, ObjGenerator *generator, Value sent, const Instruction *return_pc,
                         unsigned flags);
/* Takes a generator to GENERATOR_RUNNING. 1: done; 0: it has finished; -1: ValueError pending, since it is running. */
int call_claim_generator(Context *cx, ObjGenerator *generator, Value sent);
/* Saves the window of the running generator, whose frame is innermost, and pops it. at: where it goes on. */
void call_suspend_generator(Thread *th, const Instruction *at, unsigned result_register);
/* Marks it finished and pops its frame. */
void call_finish_generator(Thread *th);

/* Pops the innermost frame; th->stack.pc is then where the caller goes on. */
void call_pop_frame(Thread *th);

#endif
