/* log.c - claiming chunks of the log; the slow half of writing. See log.h. */

#include "interp/trace/log.h"

#include <errno.h>
#include <string.h>

#include "interp/clock.h"
#include "runtime/base/platform.h"

enum { MIN_CHUNKS = 2 };

_Static_assert(sizeof(Log) <= LOG_CHUNK_BYTES, "the header stands in the place of a chunk");

Log *log_open(size_t max_bytes) {
    const size_t n_chunks = max_bytes / LOG_CHUNK_BYTES;
    const size_t n_bytes = (n_chunks < MIN_CHUNKS ? MIN_CHUNKS : n_chunks) * LOG_CHUNK_BYTES;
    Log *log = platform_pages_share(n_bytes);
    if (log == NULL) {
        return NULL;
    }
    log->n_bytes = n_bytes;
    log->n_chunks = (uint32_t)(n_bytes / LOG_CHUNK_BYTES - 1);
    return log;
}

void log_close(Log *log) {
    platform_pages_release(log, log->n_bytes);
}

static void lose(Log *log, uint32_t n_events) {
    uint64_t never = 0;
    (void)atomic_cas(&log->first_lost_ns, &never, clock_now_ns());
    atomic_fetch_add_relaxed(&log->n_lost, (uint64_t)n_events);
}

static LogChunk *claim(Log *log) {
    /* Looked at first, so that the counter of a full log does not go round in the end. */
    if (atomic_load_relaxed(&log->n_claimed) >= log->n_chunks) {
        return NULL;
    }
    const uint32_t i = atomic_fetch_add_relaxed(&log->n_claimed, 1u);
    return i < log->n_chunks ? log_chunk(log, i) : NULL;
}

TraceEvent *log_reserve_slow(LogWriter *writer, uint32_t n_events) {
    LogChunk *chunk = claim(writer->log);
    if (chunk == NULL) {
        lose(writer->log, n_events);
        return NULL;
    }
    chunk->thread = writer->thread;
    chunk->process = writer->process;
    writer->chunk = chunk;
    return chunk->events;
}

void log_write_text(LogWriter *writer, TraceEvent event, const char *text, size_t n_bytes) {
    if (n_bytes > LOG_TEXT_MAX) {
        n_bytes = LOG_TEXT_MAX;
    }
    const uint32_t n_events = 1 + log_text_events(n_bytes);
    TraceEvent *room = log_reserve(writer, n_events);
    if (room != NULL) {
        event.other = n_bytes;
        room[0] = event;
        /* What is behind the text is zero, as all pages that nobody wrote to. */
        memcpy(&room[1], text, n_bytes);
        log_publish(writer, n_events);
    }
}
