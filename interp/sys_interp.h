/* sys_interp.h - the functions of the module sys that are about threads and the loop. */

#ifndef MINI_INTERP_SYS_INTERP_H
#define MINI_INTERP_SYS_INTERP_H

#include "interp/thread.h"

/* They are host_sys_natives (runtime/modules/modules.h). This does to sys what the command line asks for. */
void sys_interp_open(Thread *th);

#endif
