/* file_stream.h - a descriptor with its two buffers and its lock, in malloc'ed memory: what a file object works on while its
 * thread is blocked and must not touch the heap.
 *
 * Invariants
 *   1. All fields marked [lock] change only while the stream's lock is held.
 *   2. No thread comes back from a wait (block_end) with the lock held: a daemon thread may never come back.
 *   3. What is written goes through the buffer, first in, first out: so the text of one call stands together, whatever other
 *      threads write.
 *   4. At most one of the two buffers holds anything; a change of direction moves the descriptor's position.
 *
 * Threads: any; a view (sys.stdout.buffer) shares the stream of its file. See also: file.c. */

#ifndef MINI_OBJECTS_FILE_STREAM_H
#define MINI_OBJECTS_FILE_STREAM_H

#include "runtime/base/buf.h"
#include "runtime/base/newline.h"
#include "runtime/context.h"

enum { STREAM_BUFFER_BYTES = 8192 };

typedef struct FileStream {
    uint32_t n_refs;         /* [atomic] file objects that use it */
    uint32_t lock;           /* [atomic] 0 free, 1 held, 2 held and somebody waits */
    int fd;                  /* [lock] -1: closed; [atomic] for those who only ask */
    uint32_t trace_name;     /* [atomic relaxed] number of its name in the log of events, 0: not written (interp/trace/) */
    bool closes;             /* [const] close() closes the descriptor too */
    bool can_read;           /* [const] */
    bool can_write;          /* [const] */
    bool is_raw;             /* [const] not buffered: one call, one system call */
    uint8_t newlines;        /* [atomic relaxed] NEWLINE_HAS_...: the ends of lines that were read as text */
    size_t buffer_bytes;     /* [const] more is written out */
    Buf in;                  /* [lock] was read, and not yet taken from in_first on */
    size_t in_first;         /* [lock] */
    Buf out;                 /* [lock] is to be written from out_first on */
    size_t out_first;        /* [lock] */
    Runtime *rt;                  /* [lock] NULL unless it stands in the list of those that hold what is to be written */
    struct FileStream *next;      /* [rt->unwritten_lock] in that list */
    struct FileStream *previous;  /* [rt->unwritten_lock] */
} FileStream;

/* TAKE_SOME: what there is, up to n bytes; waits for something. */
typedef enum TakeWhat { TAKE_ALL, TAKE_LINE, TAKE_BYTES, TAKE_CHARS, TAKE_SOME } TakeWhat;

typedef struct TakeRequest {
    TakeWhat what;
    size_t n;                /* of bytes or characters; for lines the most of them */
    bool is_kept;            /* it is only looked at */
    bool is_wide;            /* characters are UTF-8; otherwise they are bytes */
    NewlineMode newline;
    Buf out;                 /* what was taken, to be freed by the caller in any case */
} TakeRequest;

FileStream *stream_new(int fd, bool can_read, bool can_write, bool closes);
void stream_retain(FileStream *s);
/* The last one tries to write what is left, closes the descriptor and frees the stream. Does not block_begin. */
void stream_release(FileStream *s);

static inline bool stream_is_closed(const FileStream *s) {
    return atomic_load_relaxed(&s->fd) < 0;
}

/* All of these return false with an exception pending: OSError, KeyboardInterrupt, ValueError when the stream is closed
 * (closed_text says with which words). They block. */
bool stream_take(Context *cx, FileStream *s, Value file, TakeRequest *request, const char *closed_text);
/* Adds bytes to what is to be written, and writes it out when it is much or must_flush. What could not be written is kept
 * for the next flush, unless is_unbuffered. */
bool stream_write(Context *cx, FileStream *s, Value file, const char *bytes, size_t n_bytes,
                  bool must_flush, bool is_unbuffered, const char *closed_text);
bool stream_flush(Context *cx, FileStream *s, Value file);
/* Flushes all streams that hold something; only_own: not those on descriptors that somebody else closes. Errors are left
 * for whoever flushes next. */
void stream_flush_all(Context *cx, bool only_own);
/* Flushes and closes; closes in any case. A second time it does nothing. */
bool stream_close(Context *cx, FileStream *s, Value file);
/* The position as the script sees it, and a new one. */
bool stream_tell(Context *cx, FileStream *s, Value file, int64_t *position);
bool stream_seek(Context *cx, FileStream *s, Value file, int64_t offset, int whence, int64_t *position);
bool stream_truncate(Context *cx, FileStream *s, Value file, int64_t n_bytes);

/* In the child of a fork: nobody holds the lock. If a thread of the parent held it, it is writing out what is buffered here;
 * otherwise the child has inherited that, as in CPython. */
void stream_after_fork(Runtime *rt, FileStream *s);
/* Before that: a thread of the parent may have been changing the list of those that hold something. */
void stream_forget_list(Runtime *rt);

#endif
