/* history_build.h - between the files that make a History of a log: history.c, history_lives.c, history_objects.c. */

#ifndef MINI_INTERP_TRACE_HISTORY_BUILD_H
#define MINI_INTERP_TRACE_HISTORY_BUILD_H

#include "interp/trace/history_from_log.h"
#include "interp/trace/log_index.h"
#include "runtime/base/arena.h"

/* A thread at an address, or with an ident, from its begin on. */
typedef struct ThreadAt {
    uint32_t process;
    uint32_t thread;            /* index */
    uint64_t key;
    uint64_t begin_ns;
} ThreadAt;

/* What a thread's stream said of its life, beside HistoryThread. Times of the clock. */
typedef struct ThreadLife {
    const LogStream *stream;    /* NULL: it has written nothing */
    bool begins_running;        /* false: on its way to the GIL */
    uint64_t address;
    uint64_t ident;
    uint64_t begin_ns;
    uint64_t end_ns;
} ThreadLife;

typedef struct Builder {
    LogIndex index;
    History *history;
    Arena *arena;
    uint64_t begin_ns;          /* on the clock: time 0 */
    VEC(ThreadLife) lives;      /* by thread */
    VEC(ThreadAt) by_address;   /* sorted */
    VEC(ThreadAt) by_ident;     /* sorted */
    VEC(HistorySpan) spans;     /* of all threads, one after the other */
    VEC(HistoryHandover) handovers;
    VEC(HistoryCollection) collections;
    VEC(HistoryMode) modes;
    VEC(HistoryCall) calls;
    VEC(HistoryObject) objects;
    struct ObjectTable *object_table;
} Builder;

/* A time of the log as one of the history. */
static inline uint64_t build_time(const Builder *b, uint64_t time_ns) {
    return time_ns > b->begin_ns ? time_ns - b->begin_ns : 0;
}

/* history_lives.c: processes and threads, without spans. */
void lives_build(Builder *b, bool (*is_alive)(int64_t pid));
/* The thread of the process that was at that address at that time (on the clock), or was about to be; NONE. */
uint32_t lives_at_address(const Builder *b, uint32_t process, uint64_t address, uint64_t time_ns);
uint32_t lives_with_ident(const Builder *b, uint32_t process, uint64_t ident, uint64_t time_ns);

/* history_objects.c: what a BLOCK waits for. */
void objects_open(Builder *b);
uint32_t objects_of_block(Builder *b, uint32_t process, const TraceEvent *event);
void objects_close(Builder *b);

#endif
