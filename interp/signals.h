/* signals.h - signals as a bit of the main thread's poll word, and as the end of the process.
 *
 * A signal that has a handler is noted, and the main thread calls the handler at its next poll; what it waits in is
 * interrupted for it. SIGINT has one from the beginning, which raises KeyboardInterrupt. */

#ifndef MINI_INTERP_SIGNALS_H
#define MINI_INTERP_SIGNALS_H

#include "interp/thread.h"

/* From now on SIGINT sets POLL_SIGNAL in the main thread of interp and interrupts what it waits in; SIGPIPE is ignored, so
 * that writing to a closed pipe is an error. One interpreter of the process has the signals. */
void signals_open(Interp *interp);
void signals_close(Interp *interp);

/* Serves POLL_SIGNAL: calls the handlers of the signals that have arrived. False: one of them raised. */
bool signals_serve(Thread *th);

typedef enum SignalAction { SIGNAL_DEFAULT, SIGNAL_IGNORE, SIGNAL_HANDLE, SIGNAL_FOREIGN } SignalAction;

/* What happens when the signal arrives; SIGNAL_FOREIGN: a handler that is none of ours. */
SignalAction signals_action(int number);
/* Makes that happen. 0, or an errno: EINVAL for a signal that cannot be handled, or that mini needs itself. */
int signals_set_action(int number, SignalAction action);

/* Does what an arrived SIGINT would do. Any thread. */
void signals_interrupt(Interp *interp);

/* In the child of a fork: the calling thread takes the signals. */
void signals_after_fork(Interp *interp);

/* Ends the process by SIGINT, as it would have ended without a handler. Files have been flushed. */
_Noreturn void signals_die_interrupted(void);

#endif
