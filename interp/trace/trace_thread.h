/* trace_thread.h - what a thread keeps for the recording of events: the member `trace` of Thread. */

#ifndef MINI_INTERP_TRACE_TRACE_THREAD_H
#define MINI_INTERP_TRACE_TRACE_THREAD_H

#include "interp/trace/log.h"

typedef struct TraceThread {
    LogWriter log;              /* [own] log.log is NULL while nothing is recorded: the one test of every hook */
    uint64_t taken_from;        /* [own] address of the thread that held the GIL before this one took it */
    uint64_t cpu_begin_ns;      /* [atomic relaxed] processor time of the OS thread when this thread began */
    uint64_t n_collections;     /* [own] when it began to collect */
    uint64_t name_hash;         /* [own] of the name that was written last */
} TraceThread;

#endif
