/* disasm.h - a code object as text, for people: `mini --dis`.
 *
 * Each line has the source line (where it changes), the offset, a mark, the opcode, and
 * the operands by name:
 *
 *      7     12   ADD             total = total, i
 *            13 * FOR_NEXT        i from r3, to 12
 *
 * The mark * says that another thread may get to run there: the poll word is tested
 * (DESIGN.md, section 6). */

#ifndef MINI_INTERP_DISASM_H
#define MINI_INTERP_DISASM_H

#include "runtime/base/buf.h"
#include "runtime/objects/code.h"

/* Appends the listing of code and of all code inside it. False: exception pending. May
 * collect. */
bool disasm_code(Context *cx, const ObjCode *code, Buf *out);

/* A tuple of the names that code looks up in its module and in objects. */
Value disasm_names(Context *cx, const ObjCode *code);

/* A list with a tuple for each instruction: see mod_dis.c. */
Value disasm_instructions(Context *cx, const ObjCode *code);

#endif
