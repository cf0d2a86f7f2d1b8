/* parse.h - the one entry point: text in, syntax tree or syntax error out.
 *
 * What is accepted is Python 3.13. The text is UTF-8 (source_text.h makes it so); lines end with \n, \r\n or \r; the last one may lack its end.
 *
 * Limits, so that no text can exhaust the C stack of the parser or of who walks its
 * trees: 200 open brackets, 100 levels of indentation, 150 nested f-strings, and about
 * a thousand levels of any other nesting (not not ..., x if y else ..., lambda:
 * lambda: ...), beyond which the error is a MemoryError as in CPython. Only chains
 * that nest to the left may be deeper; see AstNode.depth.
 *
 * Threads: parse_source keeps no state; any number of calls may run at the same time. */

#ifndef MINI_GRAMMAR_PARSE_H
#define MINI_GRAMMAR_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "grammar/ast.h"
#include "grammar/syntax_error.h"
#include "runtime/base/arena.h"

typedef enum ParseMode {
    PARSE_FILE,    /* a whole program */
    PARSE_EVAL,    /* one expression, as for eval() */
    PARSE_SINGLE,  /* one statement, as typed at a prompt */
} ParseMode;

/* Asked every few thousand tokens: may a parse that has taken n_bytes of memory go on? If not, it
 * ends with SYNTAX_ERROR_STOPPED. */
typedef struct ParseGuard {
    bool (*goes_on)(void *data, size_t n_bytes);
    void *data;
} ParseGuard;

/* Parses n_bytes of text (which need no zero byte after them). Returns the tree, whose
 * memory is the arena's and which needs text no longer; or NULL, with *error filled
 * in, its strings in the arena as well; error->warnings is set in either case. filename is
 * only quoted in the error, where it is kept by pointer. guard may be NULL. */
AstModule *parse_source(Arena *arena, const char *filename, const char *text, size_t n_bytes,
                        ParseMode mode, const ParseGuard *guard, SyntaxError *error);

#endif
