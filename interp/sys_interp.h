/* sys_interp.h - the functions of the module sys that are about threads and the loop. */

#ifndef MINI_INTERP_SYS_INTERP_H
#define MINI_INTERP_SYS_INTERP_H

#include "interp/thread.h"

/* Adds them to cx->rt->sys. False: exception pending. */
bool sys_interp_open(Thread *th);

#endif
