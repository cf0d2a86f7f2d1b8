/* unwind.h - the way out of frames with an exception. */

#ifndef MINI_INTERP_UNWIND_H
#define MINI_INTERP_UNWIND_H

#include "interp/thread.h"

/* Looks for a handler of the pending exception, from the instruction before th->stack.pc in the innermost frame outwards,
 * popping frames. True: th->stack is where to go on, the exception is in the handler's register and no longer
 * pending. False: a frame marked FRAME_ENTRY was popped, the exception is still pending. is_new says that the
 * innermost frame is to be entered in the traceback (it is not when the exception is raised again). */
bool unwind_pending(Thread *th, bool is_new);

#endif
