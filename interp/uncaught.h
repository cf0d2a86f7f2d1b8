/* uncaught.h - exceptions that nobody caught: what is printed, and what becomes of the thread or process. */

#ifndef MINI_INTERP_UNCAUGHT_H
#define MINI_INTERP_UNCAUGHT_H

#include "interp/thread.h"

/* A status beyond those of processes: die by SIGINT. */
enum { UNCAUGHT_INTERRUPTED = 256 };

/* Prints text on sys.stderr, or on the descriptor 2 when that fails. Never raises. */
void uncaught_print_text(Context *cx, const ObjStr *text);

/* Prints the traceback with a title before it (or NULL). Never raises. */
void uncaught_print(Context *cx, ObjStr *title, Value exception);

/* The same for an exception that is ignored, of which less is shown (exc_format_plain). */
void uncaught_print_ignored(Context *cx, ObjStr *title, Value exception);

/* Reports the pending exception through sys.unraisablehook, as "Exception ignored in: object", and drops it. */
void uncaught_ignore(Context *cx, Value object);

/* Shows an exception as its end would: through sys.excepthook if the script has set it. */
void uncaught_show(Context *cx, Value exception);

/* The end of the main thread by an exception: prints what there is to print (through sys.excepthook if the script has
 * set it), and returns the exit status: that of SystemExit, UNCAUGHT_INTERRUPTED for KeyboardInterrupt, else 1. */
int uncaught_in_main(Thread *th, Value exception);

/* The end of a thread that was started by _thread.start_new_thread. */
void uncaught_in_thread(Thread *th, Value exception);

/* Warns of a coroutine that nobody awaits and nobody refers to. Runs script code; nothing is pending
 * before and after. */
void uncaught_never_awaited(Context *cx, Value coroutine);

#endif
