/* views.h - what can be made of a History. Each view writes to a stream and returns false with errno when that fails. */

#ifndef MINI_INTERP_TRACE_VIEWS_H
#define MINI_INTERP_TRACE_VIEWS_H

#include <stdbool.h>
#include <stdio.h>

#include "interp/trace/history.h"

/* --timeline: a lane for each thread, `width` columns wide, then the table and the verdict. */
bool view_timeline(const History *history, FILE *out, int width, bool has_colour);

/* --trace FILE: Chrome Trace Event JSON. README.md says which subset. */
bool view_trace_json(const History *history, FILE *out);

/* --trace FILE.folded: stacks of the time that was not spent running, for flame graphs. */
bool view_folded(const History *history, FILE *out);

/* --stats, one screen; --stats --json. */
bool view_stats(const History *history, FILE *out, bool is_json);

/* --report FILE: one page with one or more traces, each the text of a trace file. */
bool view_report(const char *const *traces, const size_t *n_bytes, size_t n_traces, FILE *out);

#endif
