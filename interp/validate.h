/* validate.h - checks what the loop takes for granted of a code object: opcodes,
 * registers, tables, jumps.
 *
 * The compiler calls it for every code object in builds with assertions; the fuzzer and
 * the unit tests always do.
 *
 * Threads: any; a code object is only read. */

#ifndef MINI_INTERP_VALIDATE_H
#define MINI_INTERP_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/objects/code.h"

/* Checks code and the code objects among its constants. False: problem (n_bytes) says
 * what and where. */
bool validate_code(const ObjCode *code, char *problem, size_t n_bytes);
/* Panics when the code object itself (not those inside) is wrong. */
void validate_code_or_panic(const ObjCode *code);

#endif
