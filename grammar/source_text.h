/* source_text.h - the bytes of a source file as text: its declared encoding (PEP 263).
 *
 * Threads: no state; any number of calls may run at the same time. */

#ifndef MINI_GRAMMAR_SOURCE_TEXT_H
#define MINI_GRAMMAR_SOURCE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "grammar/syntax_error.h"
#include "runtime/base/arena.h"

/* Skips a byte order mark; makes *text UTF-8 if a comment in the first two lines declares another
 * encoding, the copy being the arena's. Text without such a comment, or in UTF-8, is not checked. False
 * with *error filled in: an unknown encoding, or bytes that it does not have. */
bool source_decode(Arena *arena, const char *filename, const char **text, size_t *n_bytes,
                   SyntaxError *error);

#endif
