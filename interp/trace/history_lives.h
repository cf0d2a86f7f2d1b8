/* history_lives.h - between history_lives.c (threads) and history_processes.c: lives on their way from the log to a History. */

#ifndef MINI_INTERP_TRACE_HISTORY_LIVES_H
#define MINI_INTERP_TRACE_HISTORY_LIVES_H

#include "interp/trace/history_build.h"

/* A process before it is known which numbers have a process at all. */
typedef struct ProcessLife {
    bool is_seen;
    bool has_end;
    bool has_status;
    int wait_status;
    int64_t pid;
    uint32_t parent;            /* number */
    uint32_t index;             /* of the HistoryProcess */
    uint64_t begin_ns;
    uint64_t end_ns;
    uint64_t last_ns;           /* of its last event */
    uint64_t cpu_ns;
    uint64_t killed_ns;         /* when a signal was sent that may have been its end; 0: none */
    int kill_signal;
} ProcessLife;

/* An event about another process or thread, for later. */
typedef struct Note {
    const TraceEvent *event;
    uint32_t process;           /* number of who wrote it */
} Note;

typedef struct Lives {
    VEC(ProcessLife) processes; /* by number; nobody has number 0 */
    VEC(ThreadAt) by_pid;       /* `thread` is the number of the process */
    VEC(Note) notes;
} Lives;

/* For history_lives.c while it reads: the events that begin and end a process. */
void process_life_begin(ProcessLife *process, const TraceEvent *event);
void process_life_end(ProcessLife *process, const TraceEvent *event);

/* When everything has been read: all processes, in the order of their numbers, as History.processes without threads. A child
 * that never wrote an event has become one of them. */
void processes_build(Builder *b, Lives *lives, bool (*is_alive)(int64_t pid));

/* history_lives.c. */

/* By process, key and begin. */
void lives_sort(ThreadAt *items, size_t n);
/* The last entry with that key that had begun by then, as a position; n when there is none, and *next is the first that
 * begins later. */
size_t lives_find(const ThreadAt *items, size_t n, uint32_t process, uint64_t key, uint64_t time_ns, size_t *next);

#endif
