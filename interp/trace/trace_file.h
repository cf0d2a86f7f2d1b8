/* trace_file.h - is this text a trace that mini wrote?
 *
 * The page reads a trace with JSON.parse; this looks before, so that a file that is none is refused where it was named. */

#ifndef MINI_INTERP_TRACE_TRACE_FILE_H
#define MINI_INTERP_TRACE_TRACE_FILE_H

#include <stddef.h>

/* NULL when the text is one whole JSON object with "traceEvents" and an "otherData" whose "format" is 1; otherwise what
 * is wrong, and *line is where (0: nowhere in particular). */
const char *trace_file_problem(const char *text, size_t n_bytes, size_t *line);

#endif
