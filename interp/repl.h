/* repl.h - the prompt. What is read, run and shown is decided by lib/_console.mini; here is what it needs of interp/. */

#ifndef MINI_INTERP_REPL_H
#define MINI_INTERP_REPL_H

#include "interp/thread.h"

/* Reads and runs statements in the module __main__, which is made if there is none, until the end of input. Returns the exit
 * status. On a terminal with a prompt, editing and history. */
int repl_run(Thread *th);

#endif
