/* fork.h - making a child process of an interpreter that may have many threads. */

#ifndef MINI_INTERP_FORK_H
#define MINI_INTERP_FORK_H

#include <sys/types.h>

#include "interp/thread.h"

/* As fork(): the child's pid, 0 in the child, -1 with errno. The world is stopped meanwhile, so the heap is whole. In the
 * child th is the only thread, and the main one. Nothing is flushed. */
pid_t fork_process(Thread *th);

#endif
