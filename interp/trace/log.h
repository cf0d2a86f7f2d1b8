/* log.h - the log: events of many threads and processes, in memory that they share.
 *
 *      | LogHeader                | chunk 0         | chunk 1         | ...        LOG_CHUNK_BYTES each
 *                                   header, events    header, events
 *
 * A thread claims a chunk by adding one to n_claimed, fills it, and claims the next: the chunks of a thread, in the order of
 * their places, hold its events in the order of time. Nothing else is shared between writers.
 *
 * Invariants
 *   1. Only the thread that claimed a chunk writes to it; a forked child begins with none (log_writer_reset).
 *   2. The first n events of a chunk are whole: n is stored with release after them. So a log may be read at any time, and
 *      what a killed process has written stays.
 *   3. An event with a text, and the events that hold the text, stand in the same chunk.
 *   4. What finds no room is counted in n_lost. A full log stays full; only what is left in begun chunks is still used.
 *
 * The memory is anonymous and shared (MAP_SHARED, MAP_NORESERVE): forks inherit it, no descriptor and no file is left
 * behind, and pages that nobody wrote to cost nothing.
 *
 * Threads: each its own LogWriter, without locks. See also: trace.h (who writes), history.c (who reads). */

#ifndef MINI_INTERP_TRACE_LOG_H
#define MINI_INTERP_TRACE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "interp/trace/event.h"
#include "runtime/base/atomics.h"

enum {
    LOG_CHUNK_BYTES = 4096,
    LOG_CHUNK_EVENTS = LOG_CHUNK_BYTES / (int)sizeof(TraceEvent) - 1,
    LOG_TEXT_MAX = (LOG_CHUNK_EVENTS - 1) * (int)sizeof(TraceEvent) - 1    /* bytes of a text behind its event */
};

typedef struct LogChunk {
    uint32_t process;           /* number of the process; 0: claimed and not begun */
    uint32_t thread;            /* number of the thread in its process */
    uint32_t n;                 /* [atomic] events that are whole */
    uint32_t spare[5];
    TraceEvent events[LOG_CHUNK_EVENTS];
} LogChunk;

_Static_assert(sizeof(LogChunk) == LOG_CHUNK_BYTES, "a chunk is a page");

typedef struct Log {
    size_t n_bytes;             /* [const] of all of it */
    uint32_t n_chunks;          /* [const] that there is room for */
    uint32_t n_claimed;         /* [atomic] chunks; may pass n_chunks by as many as try at the same time */
    uint32_t n_processes;       /* [atomic] numbers given */
    uint32_t n_names;           /* [atomic] numbers of places and names given */
    uint32_t n_objects;         /* [atomic] numbers of objects given */
    uint64_t n_lost;            /* [atomic] events that found no room */
    uint64_t first_lost_ns;     /* [atomic] when; 0: none */
    uint32_t has_no_program;    /* [atomic] 1: there was nothing to run (no such file, a SyntaxError) */
    uint64_t end_ns;            /* when the first process was seen to have ended; written by the recorder */
} Log;

/* What a thread writes with. */
typedef struct LogWriter {
    Log *log;                   /* NULL: nothing is recorded */
    LogChunk *chunk;            /* NULL: the next event claims one */
    uint32_t process;
    uint32_t thread;
} LogWriter;

/* A log of at most max_bytes. NULL with errno when the system has no room. */
Log *log_open(size_t max_bytes);
void log_close(Log *log);

static inline LogChunk *log_chunk(Log *log, uint32_t i) {
    return (LogChunk *)(void *)((char *)log + (size_t)LOG_CHUNK_BYTES * (i + 1));
}

/* Chunks that may have been begun. */
static inline uint32_t log_chunk_count(const Log *log) {
    const uint32_t n = atomic_load_acquire(&log->n_claimed);
    return n < log->n_chunks ? n : log->n_chunks;
}

static inline void log_writer_open(LogWriter *writer, Log *log, uint32_t process, uint32_t thread) {
    *writer = (LogWriter){.log = log, .process = process, .thread = thread};
}

/* Room for n_events (at most LOG_CHUNK_EVENTS) that stand together, to be filled and then published; NULL when they are
 * lost. The slow half claims a chunk. */
TraceEvent *log_reserve_slow(LogWriter *writer, uint32_t n_events);

static inline TraceEvent *log_reserve(LogWriter *writer, uint32_t n_events) {
    LogChunk *chunk = writer->chunk;
    if (LIKELY(chunk != NULL && chunk->n + n_events <= LOG_CHUNK_EVENTS)) {
        return &chunk->events[chunk->n];
    }
    return log_reserve_slow(writer, n_events);
}

/* The events of the last log_reserve are whole. */
static inline void log_publish(LogWriter *writer, uint32_t n_events) {
    /* Pairs with the acquire in log_chunk_events. */
    atomic_store_release(&writer->chunk->n, writer->chunk->n + n_events);
}

static inline void log_write(LogWriter *writer, TraceEvent event) {
    TraceEvent *room = log_reserve(writer, 1);
    if (LIKELY(room != NULL)) {
        *room = event;
        log_publish(writer, 1);
    }
}

/* The event with a text behind it; event.other is set to its length. A text that is too long loses its end. */
void log_write_text(LogWriter *writer, TraceEvent event, const char *text, size_t n_bytes);

/* How many events of the chunk may be read. */
static inline uint32_t log_chunk_events(const LogChunk *chunk) {
    const uint32_t n = atomic_load_acquire(&chunk->n);
    return n < LOG_CHUNK_EVENTS ? n : LOG_CHUNK_EVENTS;
}

/* Events that a text of that length, and the zero byte that ends it, take behind its own. */
static inline uint32_t log_text_events(size_t n_bytes) {
    return (uint32_t)(n_bytes / sizeof(TraceEvent) + 1);
}

static inline const char *log_text(const TraceEvent *event) {
    return (const char *)(event + 1);
}

/* Numbers, from 1. */
static inline uint32_t log_new_number(uint32_t *counter) {
    return atomic_fetch_add_relaxed(counter, 1u) + 1;
}

#endif
