/* places.h - where in the source something happened, as numbers of PLACE events in the log.
 *
 * A place is looked up by the address of an instruction in a small table of the interpreter, and written into the log when
 * it is not there. Two threads may write the same place at the same time, and a place that was crowded out of the table is
 * written again: it then has two numbers, which history.c makes one of.
 *
 * Code that is freed may leave its addresses to other code, so the table is cleared when that has happened
 * (Runtime.n_codes_freed; code is freed only in a stopped world). */

#ifndef MINI_INTERP_TRACE_PLACES_H
#define MINI_INTERP_TRACE_PLACES_H

#include "interp/thread.h"

enum { PLACES_SETS = 1024, PLACES_WAYS = 4 };

typedef struct Places {
    uint64_t entries[PLACES_SETS][PLACES_WAYS];     /* [atomic relaxed] places.c draws one */
    uint32_t n_codes_freed;                         /* [atomic] when the table was last cleared */
} Places;

/* Where th, which is RUNNING, is: in the innermost frame of a script, not of the library. 0: nowhere. */
uint32_t places_here(Thread *th);

/* The same for an object that is being made. *library is the place of the outermost frame of the library that was called from
 * there (Queue.__init__), 0 when there is none. What a module of the library makes for itself while it is
 * imported is made there. */
uint32_t places_of_maker(Thread *th, uint32_t *library);

/* Of an instruction of any thread, in a script or not; 0 when it is not known any more. */
uint32_t places_of_instruction(Thread *th, const void *instruction);

/* Where a function begins. */
uint32_t places_of_function(Thread *th, const ObjCode *code);

/* Whether code of that file belongs to a module of the binary, which is shown as <threading.mini>. */
bool places_is_library(const ObjStr *filename);

/* Writes a text that has no place, and returns its number. */
uint32_t places_write_name(Thread *th, const char *text, size_t n_bytes);

#endif
