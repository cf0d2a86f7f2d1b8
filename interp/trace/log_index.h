/* log_index.h - a log put in order: which events belong to which thread, and what the numbers in them stand for.
 *
 * The first of two passes over a log (the second is history.c). It copies no events; texts are those of the log.
 *
 * Threads: one, after or while others write: events that come later are not seen. */

#ifndef MINI_INTERP_TRACE_LOG_INDEX_H
#define MINI_INTERP_TRACE_LOG_INDEX_H

#include "interp/trace/history.h"
#include "interp/trace/log.h"
#include "runtime/base/arena.h"
#include "runtime/base/vec.h"

/* A thread's events: its chunks in order. */
typedef struct LogStream {
    uint32_t process;           /* numbers */
    uint32_t thread;
    uint32_t first_chunk;       /* then next_chunk */
    uint32_t last_chunk;
    uint64_t first_ns;          /* of its first and last event with a time */
    uint64_t last_ns;
} LogStream;

/* What an OBJECT says, by its number. */
typedef struct LogObject {
    uint32_t place;             /* index into places, or HISTORY_NONE */
    uint32_t library;           /* likewise */
    uint16_t kind;              /* ObjKind; 0: unknown */
} LogObject;

typedef struct LogIndex {
    const Log *log;
    uint32_t n_chunks;
    uint32_t *next_chunk;       /* of the same thread, by chunk; HISTORY_NONE */
    VEC(LogStream) streams;     /* in the order of their first chunks */
    uint32_t n_numbers;         /* of names and places */
    uint32_t *place_of;         /* by number: index into places, or HISTORY_NONE */
    const char **name_of;       /* by number: text, or NULL; equal texts have equal addresses */
    VEC(HistoryPlace) places;   /* without repetition; equal files have equal addresses */
    uint32_t n_objects;
    LogObject *objects;         /* by number */
    VEC(HistorySource) sources;
    struct LogTexts *texts;     /* log_index.c */
} LogIndex;

void log_index_open(LogIndex *index, const Log *log);
void log_index_close(LogIndex *index);

static inline uint32_t log_index_place(const LogIndex *index, uint32_t number) {
    return number <= index->n_numbers ? index->place_of[number] : HISTORY_NONE;
}

static inline const char *log_index_name(const LogIndex *index, uint32_t number) {
    return number <= index->n_numbers ? index->name_of[number] : NULL;
}

/* Walks over the events of a stream:
 *      LogCursor cursor = log_cursor(index, stream);
 *      while ((event = log_next(&cursor)) != NULL) ...                  texts are stepped over */
typedef struct LogCursor {
    const LogIndex *index;
    const LogChunk *chunk;      /* NULL at the end */
    uint32_t chunk_index;
    uint32_t i;
    uint32_t n;
} LogCursor;

LogCursor log_cursor(const LogIndex *index, const LogStream *stream);
const TraceEvent *log_next(LogCursor *cursor);

#endif
