/* history_from_log.h - makes a History of a log. */

#ifndef MINI_INTERP_TRACE_HISTORY_FROM_LOG_H
#define MINI_INTERP_TRACE_HISTORY_FROM_LOG_H

#include "interp/trace/history.h"
#include "interp/trace/log.h"

/* What happened, in memory of its own but for texts, which are the log's. is_alive tells whether a process of which nobody
 * knows the end still lives (it then lives until log->end_ns); NULL: none does. What the log does not know
 * (script, mode, policy, seed, cores) is left to the caller. */
History *history_from_log(const Log *log, bool (*is_alive)(int64_t pid));
void history_free(History *history);

#endif
