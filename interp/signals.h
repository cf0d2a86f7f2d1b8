/* signals.h - Ctrl-C as a bit of the main thread's poll word, and as the end of the process. */

#ifndef MINI_INTERP_SIGNALS_H
#define MINI_INTERP_SIGNALS_H

#include "interp/thread.h"

/* From now on SIGINT sets POLL_SIGNAL in the main thread of interp and interrupts what it waits in; SIGPIPE is ignored, so
 * that writing to a closed pipe is an error. One interpreter of the process has the signals. */
void signals_open(Interp *interp);
void signals_close(Interp *interp);

/* Serves POLL_SIGNAL: raises KeyboardInterrupt and returns false. */
bool signals_raise(Thread *th);

/* Does what an arrived SIGINT would do. Any thread. */
void signals_interrupt(Interp *interp);

/* In the child of a fork: the calling thread takes the signals. */
void signals_after_fork(Interp *interp);

/* Ends the process by SIGINT, as it would have ended without a handler. Files have been flushed. */
_Noreturn void signals_die_interrupted(void);

#endif
