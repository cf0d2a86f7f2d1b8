/* syntax_error.h - where a text stops being a program, and why.
 *
 * The fields are those of Python's SyntaxError object: who raises one copies them. */

#ifndef MINI_GRAMMAR_SYNTAX_ERROR_H
#define MINI_GRAMMAR_SYNTAX_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/buf.h"

typedef enum SyntaxErrorKind {
    SYNTAX_ERROR_SYNTAX,       /* SyntaxError */
    SYNTAX_ERROR_INDENTATION,  /* IndentationError */
    SYNTAX_ERROR_TAB,          /* TabError */
    SYNTAX_ERROR_MEMORY,       /* MemoryError: too deeply nested; has no place */
    SYNTAX_ERROR_STOPPED,      /* the guard wanted no more of it, and knows why */
} SyntaxErrorKind;

typedef struct SyntaxError {
    SyntaxErrorKind kind;
    const char     *message;     /* "invalid syntax" */
    const char     *filename;
    uint32_t        line;        /* lineno, from 1; 0 when there is no place */
    uint32_t        column;      /* offset, in characters from 1; 0 when unknown */
    uint32_t        end_line;    /* end_lineno */
    int32_t         end_column;  /* end_offset, just past the last character; 0 or -1: unknown */
    const char     *text;        /* the source line, without its line end, or NULL */
    bool            has_line_end;  /* Python's text has it */
    bool            is_behind_end; /* column is that behind the text: in the program's own file Python
                                      knows no column there */
    bool            is_incomplete;  /* more text could have made it right: a prompt asks
                                       for another line */
    const struct SyntaxWarning *warnings;   /* what is no error but looks like one, by line */
} SyntaxError;

/* A SyntaxWarning, as the error that it is if warnings are made errors. */
typedef struct SyntaxWarning {
    struct SyntaxWarning *next;
    SyntaxError           what;
} SyntaxWarning;

/* "SyntaxError", "IndentationError", "TabError" or "MemoryError". */
const char *syntax_error_kind_name(SyntaxErrorKind kind);

/* Appends the error as Python prints it, each line with its line end:
 *       File "x.mini", line 3
 *         print("a
 *               ^
 *     SyntaxError: unterminated string literal (detected at line 3) */
void syntax_error_render(const SyntaxError *error, Buf *out);

#endif
