/* compile.h - from source text or syntax tree to a code object.
 *
 * All functions may collect; no script code runs in them.
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
 * code_bind) and that is called with the mapping that its names stand in. */
ObjCode *compile_by_name(Context *cx, ObjStr *filename, const char *text, size_t n_bytes,
                         ParseMode mode);

/* The same for a tree that was parsed already; text may be NULL. */
ObjCode *compile_tree(Context *cx, ObjModule *module, ObjStr *filename,
                      const AstModule *tree, const char *text, size_t n_bytes,
                      ParseMode mode);

/* compile_tree for a file. */
ObjCode *compile_module(Context *cx, ObjModule *module, ObjStr *filename,
                        const AstModule *tree);

/* Raises what the parser found. */
Value compile_raise_syntax(Context *cx, ObjStr *filename, const SyntaxError *error);

#endif
