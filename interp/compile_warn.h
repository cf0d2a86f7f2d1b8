/* compile_warn.h - SyntaxWarnings: what a program may say but hardly means.
 *
 * The parser and the first walk over the tree collect them; once a text is compiled, or has turned
 * out to be wrong, they go through the module warnings, which is imported only then. */

#ifndef MINI_INTERP_COMPILE_WARN_H
#define MINI_INTERP_COMPILE_WARN_H

#include "interp/compiler.h"

/* Collects what is odd about a comparison, call, subscript or assert statement. */
void compile_check_node(Compiler *c, const AstNode *node);

/* Shows warnings, up to a line. False with an exception pending: a filter makes SyntaxErrors of
 * them. May run script code. */
bool compile_show_warnings(Context *cx, ObjStr *filename, const SyntaxWarning *first,
                           uint32_t upto_line);

#endif
