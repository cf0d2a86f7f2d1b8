/* history.h - what happened: the events of a log in order, as states with their causes.
 *
 * Views read a History and nothing else. It is made once, after the end (history_from_log), and not changed then. Times
 * are ns since History.begin_ns. Indexes are into the arrays of History; HISTORY_NONE means none. */

#ifndef MINI_INTERP_TRACE_HISTORY_H
#define MINI_INTERP_TRACE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "interp/trace/event.h"

#define HISTORY_NONE UINT32_MAX

/* HISTORY_STATE(id, "name", character of the timeline) */
#define HISTORY_STATES(HISTORY_STATE)                                                                       \
    HISTORY_STATE(RUN, "run", '#')                                                                          \
    HISTORY_STATE(COMPUTE, "compute", '=')                                                                  \
    HISTORY_STATE(GIL, "gil", '.')                                                                          \
    HISTORY_STATE(LOCK, "lock", 'x')                                                                        \
    HISTORY_STATE(IO, "io", '~')                                                                            \
    HISTORY_STATE(SLEEP, "sleep", 'z')                                                                      \
    HISTORY_STATE(WAIT, "wait", '-')                                                                        \
    HISTORY_STATE(STOP, "stop", '!')

typedef enum HistoryState {
#define HISTORY_STATE(id, name, character) HISTORY_##id,
    HISTORY_STATES(HISTORY_STATE)
#undef HISTORY_STATE
    HISTORY_STATE_COUNT
} HistoryState;

/* A stretch of time in one state. The spans of a thread follow each other without gap or overlap from its begin to its
 * end. */
typedef struct HistorySpan {
    uint64_t begin_ns;
    uint64_t end_ns;
    uint8_t state;          /* HistoryState */
    uint8_t reason;         /* BlockReason for COMPUTE, LOCK, IO, SLEEP, WAIT; for RUN the TraceDrop it ended by */
    uint32_t place;         /* where the thread was when it stopped running; index into places, or NONE */
    uint32_t object;        /* what it waited for: index into objects, or NONE */
    uint32_t other;         /* a thread: the lock's owner (LOCK), the holder (GIL), who asked or was next (RUN), the
                               stopper (STOP); or NONE */
    uint32_t other_place;   /* LOCK: where the owner took it, or NONE */
} HistorySpan;

typedef struct HistoryThread {
    const char *name;
    uint32_t process;
    uint32_t number;        /* in its process, from 1 */
    bool is_daemon;
    bool has_end;           /* false: it was alive when its process ended */
    uint64_t begin_ns;
    uint64_t end_ns;
    uint64_t cpu_ns;        /* processor time as the system counted it; 0: unknown */
    uint64_t n_forced;      /* times that it gave the GIL up because it was asked */
    uint64_t n_voluntary;   /* ... in order to block */
    uint64_t state_ns[HISTORY_STATE_COUNT];   /* their sum is end_ns - begin_ns */
    HistorySpan *spans;
    size_t n_spans;
} HistoryThread;

typedef struct HistoryProcess {
    int64_t pid;
    uint32_t parent;        /* or NONE */
    uint64_t begin_ns;
    uint64_t end_ns;
    bool has_status;
    int wait_status;        /* as waitpid gives it, if somebody waited or it ended in order */
    uint64_t cpu_ns;        /* processor time as the system counted it, or as its threads told; 0: unknown */
    uint32_t first_thread;  /* its threads stand together, in the order of their begin */
    uint32_t n_threads;
} HistoryProcess;

/* The GIL went from one thread to another, which was waiting for it or had been chosen; who finds it free takes it from
 * nobody. */
typedef struct HistoryHandover {
    uint64_t from_ns;       /* when the giver gave it up */
    uint64_t to_ns;         /* when the taker had it */
    uint32_t from;          /* threads */
    uint32_t to;
    uint8_t cause;          /* TraceDrop */
    uint32_t asked_by;      /* thread or NONE */
} HistoryHandover;

typedef struct HistoryCollection {
    uint64_t begin_ns;
    uint64_t end_ns;
    uint64_t live_bytes;
    uint32_t thread;
} HistoryCollection;

/* A place in the source. */
typedef struct HistoryPlace {
    const char *file;
    const char *function;   /* qualified name, "" for a module */
    uint32_t line;
} HistoryPlace;

/* A lock, condition, queue, thread handle ... that somebody waited for. */
typedef struct HistoryObject {
    const char *kind;       /* "Lock" */
    const char *name;       /* "counter_lock", "" when unknown */
    uint32_t made_at;       /* place or NONE */
} HistoryObject;

/* The GIL was switched on or off (the first one at time 0), per process. */
typedef struct HistoryMode {
    uint64_t at_ns;
    uint32_t process;
    bool has_gil;
} HistoryMode;

/* A function's stretch on a thread's stack, with --trace-calls; those of a thread are nested. */
typedef struct HistoryCall {
    uint64_t begin_ns;
    uint64_t end_ns;
    uint32_t thread;
    uint32_t place;
} HistoryCall;

/* A program text that a place names. */
typedef struct HistorySource {
    const char *file;
    const char *text;           /* ends with a zero byte */
    size_t n_bytes;
} HistorySource;

/* Time in which somebody with these sums would have used a core. */
static inline uint64_t history_busy_ns(const uint64_t state_ns[HISTORY_STATE_COUNT]) {
    return state_ns[HISTORY_RUN] + state_ns[HISTORY_COMPUTE];
}

typedef struct History {
    /* The run */
    const char *script;         /* as on the command line; "-c", "-m name" */
    const char *mode;           /* "gil", "no-gil" at the start */
    const char *policy;         /* "interval" */
    uint32_t interval_us;
    uint32_t n_cores;           /* that this process may use */
    uint64_t seed;
    bool has_seed;
    uint64_t n_lost;            /* events that found no room */
    uint64_t begin_ns;          /* on the clock of clock_now_ns */
    uint64_t end_ns;            /* of the last process, since begin_ns: the wall time */
    uint64_t cpu_ns;            /* processor time of all threads and processes */
    uint64_t n_instructions;    /* executed, 0: not counted */
    uint64_t allocated_bytes;   /* 0: unknown */
    uint64_t peak_bytes;        /* largest resident size of a process, 0: unknown */

    HistoryProcess *processes;
    size_t n_processes;
    HistoryThread *threads;
    size_t n_threads;
    HistoryHandover *handovers; /* in the order of to_ns */
    size_t n_handovers;
    HistoryCollection *collections;
    size_t n_collections;
    HistoryPlace *places;
    size_t n_places;
    HistoryObject *objects;
    size_t n_objects;
    HistoryMode *modes;
    size_t n_modes;
    HistoryCall *calls;         /* by thread, then by begin, outer before inner */
    size_t n_calls;
    HistorySource *sources;     /* of the script and of the modules it imported from files, as they were compiled */
    size_t n_sources;
    struct HistoryMemory *memory;   /* [history.c] what all of it stands in */
} History;

#endif
