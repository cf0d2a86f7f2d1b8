/* program.h - what mini runs: a file, a folder, a module, a text, as the module __main__. */

#ifndef MINI_INTERP_PROGRAM_H
#define MINI_INTERP_PROGRAM_H

#include "interp/thread.h"
#include "runtime/objects/code.h"

/* The program as code of the module __main__, ready for eval_module; sys.argv[0] and sys.path[0] are set as CPython does.
 * NULL: an exception is pending, or there is no such program: then that has been said on stderr, and *missing_status is the
 * exit status.
 *   file         a file, or a folder with a __main__ in it
 *   module       -m
 *   text         -c, with the name "<string>"
 *   descriptor   read to its end, with the name "<stdin>" */
ObjCode *program_from_file(Thread *th, const char *path, int *missing_status);
ObjCode *program_from_module(Thread *th, const char *name, int *missing_status);
ObjCode *program_from_text(Thread *th, const char *text);
ObjCode *program_from_descriptor(Thread *th, int descriptor);

/* The module __main__ as the program left it; when there was none, a new one, with sys.argv as at a prompt. NULL: exception
 * pending. */
ObjModule *program_main_module(Thread *th);

#endif
