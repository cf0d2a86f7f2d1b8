/* trace_state.h - what an interpreter keeps for the recording of events: Interp.trace, NULL while nothing is recorded. */

#ifndef MINI_INTERP_TRACE_TRACE_STATE_H
#define MINI_INTERP_TRACE_TRACE_STATE_H

#include "interp/trace/log.h"
#include "interp/trace/places.h"

typedef struct Trace {
    Log *log;                       /* [const] */
    struct Recorder *recorder;      /* [const] but for fork: NULL in children */
    uint32_t process;               /* [const] but for fork: number of this process in the log */
    uint64_t cpu_begin_ns;          /* [const] but for fork: processor time of the process when it began to record */
    uint64_t n_instructions;        /* [atomic] executed by threads that have ended */
    Places places;
} Trace;

#endif
