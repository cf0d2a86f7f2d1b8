/* compile.h - from source text to a code object.
 *
 * All functions may collect, and run script code: that of the module warnings, once the text is
 * compiled, if it deserves a SyntaxWarning.
 *
 * See also: compiler.h (how it is done), validate.h (what a code object may look like),
 * disasm.h. */

#ifndef MINI_INTERP_COMPILE_H
#define MINI_INTERP_COMPILE_H

#include "grammar/parse.h"
#include "runtime/objects/code.h"
#include "runtime/objects/exception.h"

/* Parses and compiles text as the code of a module. NULL with SyntaxError
 * (IndentationError, MemoryError, ...) pending.
 *   PARSE_FILE    the code returns None
 *   PARSE_EVAL    one expression: the code returns its value
 *   PARSE_SINGLE  as typed at a prompt: values of expression statements go to
 *   sys.displayhook
 * The globals are module's. *is_incomplete, if not NULL, tells whether more text could
 * have made it right. */
ObjCode *compile_source(Context *cx, ObjModule *module, ObjStr *filename,
                        const char *text, size_t n_bytes, ParseMode mode,
                        bool *is_incomplete);

/* The same for exec(), eval() and compile(): code whose globals any dict can be (see
 * code_bind) and that is called with the mapping that its names stand in. is_decoded: the
 * text is that of a str, where a comment about the encoding means nothing. */
ObjCode *compile_by_name(Context *cx, ObjStr *filename, const char *text, size_t n_bytes,
                         ParseMode mode, bool is_decoded);

/* The guard of a parse: within the memory that scripts may have, and until a signal's handler
 * raises something. */
ParseGuard compile_guard(Context *cx);

/* Raises what the parser found. */
Value compile_raise_syntax(Context *cx, ObjStr *filename, const SyntaxError *error);

#endif
