/* newline.h - how the lines of a text end, for files and for texts in memory.
 *
 * Threads: any, at any time, on memory of their own. */

#ifndef MINI_BASE_NEWLINE_H
#define MINI_BASE_NEWLINE_H

#include <stdbool.h>

#include "runtime/base/buf.h"

typedef enum NewlineMode {
    NEWLINE_UNIVERSAL, /* any; scripts see '\n' */
    NEWLINE_ANY,       /* newline='': any, as it is */
    NEWLINE_LF,
    NEWLINE_CR,
    NEWLINE_CRLF
} NewlineMode;

/* What newline= is in a script: "" for NEWLINE_ANY; NULL (None) for NEWLINE_UNIVERSAL. */
const char *newline_name(NewlineMode mode);
/* The mode of such a text; false when there is none. */
bool newline_of_name(const char *name, size_t n_bytes, NewlineMode *mode);

/* Number of bytes up to and including the end of the first line; 0 when it is not there yet. At the end of a text a
 * '\r' that might have been half of "\r\n" is a whole end. */
size_t newline_find_end(const char *text, size_t n_bytes, NewlineMode mode,
                        bool is_at_end);

/* Which ends there are in a text, as bits. A '\r' at the end counts when nothing can follow. */
enum { NEWLINE_HAS_CR = 1, NEWLINE_HAS_LF = 2, NEWLINE_HAS_CRLF = 4, NEWLINE_HAS_ALL = 7 };
unsigned newline_kinds(const char *text, size_t n_bytes, bool is_at_end);

/* Makes "\r\n" and '\r' '\n'. */
void newline_unify(Buf *text);
/* Adds the text with each '\n' replaced by the end of NEWLINE_CR or NEWLINE_CRLF. */
void newline_add_ended(Buf *out, const char *text, size_t n_bytes, NewlineMode mode);

#endif
