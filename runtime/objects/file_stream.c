/* file_stream.c - a descriptor with its two buffers and its lock.
 *
 * The order in every operation that may wait:
 *      lock, look at the buffers; block_begin; system call, move bytes; unlock; block_end; raise or try again.
 *
 * See also: file_stream.h for the invariants. */

#if defined(__linux__) && !defined(_GNU_SOURCE)
#    define _GNU_SOURCE 1 /* memmem */
#endif

#include "runtime/objects/file_stream.h"

#include <errno.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/spin.h"
#include "runtime/base/utf8.h"
#include "runtime/base/vec.h"
#include "runtime/block.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/str_build.h"

/* Making and freeing. */

FileStream *stream_new(int fd, bool can_read, bool can_write, bool closes) {
    FileStream *s = mem_alloc_zeroed(1, sizeof *s);
    s->n_refs = 1;
    s->fd = fd;
    s->can_read = can_read;
    s->can_write = can_write;
    s->closes = closes;
    s->buffer_bytes = STREAM_BUFFER_BYTES;
    return s;
}

/* The list of streams that hold what is to be written. A stream is put in and taken out while its own lock is held, or by
 * its last user. */

static void enlist(Runtime *rt, FileStream *s) {
    s->rt = rt;
    spin_lock(&rt->unwritten_lock);
    s->previous = NULL;
    s->next = rt->unwritten;
    if (s->next != NULL) {
        s->next->previous = s;
    }
    atomic_store_relaxed(&rt->unwritten, s);
    spin_unlock(&rt->unwritten_lock);
}

static void delist(FileStream *s) {
    Runtime *rt = s->rt;
    if (rt == NULL) {
        return;
    }
    s->rt = NULL;
    spin_lock(&rt->unwritten_lock);
    if (s->previous != NULL) {
        s->previous->next = s->next;
    } else {
        atomic_store_relaxed(&rt->unwritten, s->next);
    }
    if (s->next != NULL) {
        s->next->previous = s->previous;
    }
    spin_unlock(&rt->unwritten_lock);
}

/* Forgets what is to be written. */
static void clear_output(FileStream *s) {
    buf_clear(&s->out);
    s->out_first = 0;
    delist(s);
}

void stream_retain(FileStream *s) {
    atomic_fetch_add(&s->n_refs, 1u);
}

/* False when its last user is just about to free it. */
static bool retain_if_used(FileStream *s) {
    uint32_t n = atomic_load_relaxed(&s->n_refs);
    while (n > 0) {
        if (atomic_cas(&s->n_refs, &n, n + 1)) {
            return true;
        }
    }
    return false;
}

void stream_release(FileStream *s) {
    if (atomic_fetch_add(&s->n_refs, -1u) > 1) {
        return;
    }
    delist(s);
    if (s->fd >= 0) {
        /* Nobody closed it: what cannot be written now is lost, as nobody is left who could be told. */
        while (s->out_first < s->out.n_bytes) {
            const ssize_t n =
                write(s->fd, s->out.bytes + s->out_first, s->out.n_bytes - s->out_first);
            if (n < 0 && errno != EINTR) {
                break;
            }
            s->out_first += n > 0 ? (size_t)n : 0;
        }
        if (s->closes) {
            close(s->fd);
        }
    }
    buf_free(&s->in);
    buf_free(&s->out);
    mem_free(s);
}

/* The lock. */

enum { LOCK_FREE, LOCK_HELD, LOCK_HAS_WAITERS };

static bool lock(Context *cx, FileStream *s, Value file) {
    uint32_t state = LOCK_FREE;
    if (LIKELY(atomic_cas(&s->lock, &state, (uint32_t)LOCK_HELD))) {
        return true;
    }
    /* As in Drepper's "Futexes are tricky": who waited takes the lock as one that others wait for. */
    while (atomic_exchange(&s->lock, (uint32_t)LOCK_HAS_WAITERS) != LOCK_FREE) {
        block_wait_word(cx, s->can_write ? BLOCK_WRITE : BLOCK_READ, file, &s->lock,
                        LOCK_HAS_WAITERS, BLOCK_FOREVER);
        if (block_has_signal(cx) && !block_poll(cx)) {
            return false;
        }
    }
    return true;
}

static void unlock(FileStream *s) {
    if (atomic_exchange(&s->lock, (uint32_t)LOCK_FREE) == LOCK_HAS_WAITERS) {
        block_wake(&s->lock, 1);
    }
}

static size_t n_to_write(const FileStream *s) {
    return s->out.n_bytes - s->out_first;
}

void stream_forget_list(Runtime *rt) {
    rt->unwritten = NULL;
    rt->unwritten_lock = 0;
}

void stream_after_fork(Runtime *rt, FileStream *s) {
    s->rt = NULL;
    if (atomic_load_relaxed(&s->lock) != LOCK_FREE) {
        atomic_store_relaxed(&s->lock, (uint32_t)LOCK_FREE);
        clear_output(s);
    }
    if (n_to_write(s) > 0) {
        enlist(rt, s);
    }
}

/* Takes the lock of a stream that is open. */
static bool lock_open(Context *cx, FileStream *s, Value file, const char *closed_text) {
    if (!lock(cx, s, file)) {
        return false;
    }
    if (UNLIKELY(s->fd < 0)) {
        unlock(s);
        exc_raise(cx, EXC_ValueError, "%s", closed_text);
        return false;
    }
    return true;
}

static const char closed_file[] = "I/O operation on closed file.";

/* After a system call that failed: true when it is to be tried again. */
static bool should_retry(Context *cx, int error) {
    if (error == EINTR) {
        return !block_has_signal(cx) || block_poll(cx);
    }
    exc_raise_errno(cx, error, VALUE_UNSET);
    return false;
}

/* Writing. */

/* Writes what there is. Returns 0 or errno; what was not written stays. */
static int write_out_locked(FileStream *s) {
    while (n_to_write(s) > 0) {
        const ssize_t n = write(s->fd, s->out.bytes + s->out_first, n_to_write(s));
        if (n < 0) {
            return errno;
        }
        s->out_first += (size_t)n;
    }
    clear_output(s);
    if (s->out.capacity > 16 * STREAM_BUFFER_BYTES) {
        buf_free(&s->out);
    }
    return 0;
}

/* The lock is held and released. drops_failed: what cannot be written is forgotten. */
static bool flush_and_unlock(Context *cx, FileStream *s, Value file, bool drops_failed) {
    for (;;) {
        if (s->fd < 0 || n_to_write(s) == 0) {
            unlock(s);
            return true;
        }
        block_begin(cx, BLOCK_WRITE, file, BLOCK_FOREVER);
        const int error = write_out_locked(s);
        if (UNLIKELY(error != 0 && error != EINTR && drops_failed)) {
            clear_output(s);
        } else if (UNLIKELY(error != 0 && s->rt == NULL)) {
            enlist(cx->rt, s);
        }
        unlock(s);
        block_end(cx);
        if (LIKELY(error == 0)) {
            return true;
        }
        if (!should_retry(cx, error) || !lock(cx, s, file)) {
            return false;
        }
    }
}

bool stream_flush(Context *cx, FileStream *s, Value file) {
    return lock(cx, s, file) && flush_and_unlock(cx, s, file, false);
}

void stream_flush_all(Context *cx, bool only_own) {
    Runtime *rt = cx->rt;
    if (atomic_load_relaxed(&rt->unwritten) == NULL) {
        return; /* whoever writes at this moment does so after it */
    }
    VEC(FileStream *) streams = {0};
    spin_lock(&rt->unwritten_lock);
    for (FileStream *s = rt->unwritten; s != NULL; s = s->next) {
        if ((s->closes || !only_own) && retain_if_used(s)) {
            vec_push(&streams, s);
        }
    }
    spin_unlock(&rt->unwritten_lock);
    for (size_t i = 0; i < streams.n; i++) {
        if (!stream_flush(cx, streams.items[i], VALUE_NONE)) {
            exc_take(cx);
        }
        stream_release(streams.items[i]);
    }
    vec_free(&streams);
}

/* Forgets what was read ahead, so that the descriptor stands where the script thinks it does. */
static void drop_input_locked(FileStream *s) {
    const size_t n_ahead = s->in.n_bytes - s->in_first;
    if (n_ahead > 0) {
        lseek(s->fd, -(off_t)n_ahead, SEEK_CUR);
    }
    buf_clear(&s->in);
    s->in_first = 0;
}

bool stream_write(Context *cx, FileStream *s, Value file, const char *bytes, size_t n_bytes,
                  bool must_flush, bool is_unbuffered, const char *closed_text) {
    if (!lock_open(cx, s, file, closed_text)) {
        return false;
    }
    if (UNLIKELY(s->in.n_bytes > 0)) {
        drop_input_locked(s);
    }
    if (s->out_first > 0 && n_to_write(s) == 0) {
        s->out_first = 0;
        buf_clear(&s->out);
    }
    buf_add(&s->out, bytes, n_bytes);
    if (must_flush || is_unbuffered || n_to_write(s) > s->buffer_bytes) {
        return flush_and_unlock(cx, s, file, is_unbuffered);
    }
    if (s->rt == NULL) {
        enlist(cx->rt, s);
    }
    unlock(s);
    return true;
}

/* Reading. */

/* Number of bytes of the first n characters; sets *n to how many of them are missing. */
static size_t measure_chars(const char *text, size_t n_bytes, const TakeRequest *request,
                            bool is_at_end, size_t *n) {
    size_t i = 0;
    while (*n > 0 && i < n_bytes) {
        size_t length = request->is_wide ? utf8_length((unsigned char)text[i]) : 1;
        if (text[i] == '\r' && request->newline == NEWLINE_UNIVERSAL) {
            if (i + 1 == n_bytes && !is_at_end) {
                break;
            }
            length = i + 1 < n_bytes && text[i + 1] == '\n' ? 2 : 1;
        }
        if (i + length > n_bytes) {
            if (!is_at_end) {
                break;
            }
            length = n_bytes - i;
        }
        i += length;
        --*n;
    }
    return i;
}

/* Takes what is wanted out of what was read, if it is there; at the end of the file whatever there is. */
static bool take_locked(FileStream *s, TakeRequest *request, bool is_at_end) {
    const char *text = s->in.bytes + s->in_first;
    const size_t n_bytes = s->in.n_bytes - s->in_first;
    size_t n_taken = n_bytes;
    bool is_complete = false;
    if (n_bytes == 0) {
        return is_at_end || (request->what != TAKE_ALL && request->what != TAKE_LINE &&
                             request->n == 0);
    }
    switch (request->what) {
    case TAKE_ALL:
        break;
    case TAKE_BYTES:
        is_complete = n_bytes >= request->n || s->is_raw;
        n_taken = n_bytes < request->n ? n_bytes : request->n;
        break;
    case TAKE_SOME:
        is_complete = true;
        n_taken = n_bytes < request->n ? n_bytes : request->n;
        break;
    case TAKE_CHARS: {
        size_t n_missing = request->n;
        n_taken = measure_chars(text, n_bytes, request, is_at_end, &n_missing);
        is_complete = n_missing == 0;
        break;
    }
    case TAKE_LINE: {
        size_t n_line = newline_find_end(text, n_bytes, request->newline, is_at_end);
        if (request->n < (n_line > 0 ? n_line : n_bytes)) {
            /* A limit, which few use: count. */
            size_t n_missing = request->n;
            n_taken = measure_chars(text, n_line > 0 ? n_line : n_bytes, request,
                                    is_at_end || n_line > 0, &n_missing);
            is_complete = n_missing == 0 || n_line > 0;
        } else if (n_line > 0) {
            n_taken = n_line;
            is_complete = true;
        }
        break;
    }
    }
    if (!is_complete && !is_at_end) {
        return false;
    }
    buf_add(&request->out, text, n_taken);
    if (request->is_kept) {
        return true;
    }
    s->in_first += n_taken;
    if (s->in_first == s->in.n_bytes) {
        s->in_first = 0;
        buf_clear(&s->in);
        if (s->in.capacity > 16 * STREAM_BUFFER_BYTES) {
            buf_free(&s->in);
        }
    }
    return true;
}

static size_t n_to_read(const FileStream *s, const TakeRequest *request) {
    const size_t n_there = s->in.n_bytes - s->in_first;
    if (request->what == TAKE_BYTES && (s->is_raw || request->n - n_there > s->buffer_bytes)) {
        /* Not all at once: the script may ask for more than there is memory. */
        const size_t n = request->n - n_there;
        return n < (1 << 20) ? n : (1 << 20);
    }
    /* A long line is looked through anew after each read: with as much again each time that is little. */
    return n_there > s->buffer_bytes ? n_there : STREAM_BUFFER_BYTES;
}

/* Moves what is left to the front, so that the buffer does not grow for ever. */
static void compact_input_locked(FileStream *s) {
    if (s->in_first > 0) {
        memmove(s->in.bytes, s->in.bytes + s->in_first, s->in.n_bytes - s->in_first);
        s->in.n_bytes -= s->in_first;
        s->in_first = 0;
    }
}

/* Remembers how the lines end that the last n bytes read bring, or complete. */
static void note_newlines(FileStream *s, size_t n, NewlineMode mode) {
    const unsigned known = atomic_load_relaxed(&s->newlines);
    if ((mode != NEWLINE_UNIVERSAL && mode != NEWLINE_ANY) || known == NEWLINE_HAS_ALL) {
        return;
    }
    const char *end = s->in.bytes + s->in.n_bytes;
    const char *begin = end - n;
    begin -= begin > s->in.bytes && begin[-1] == '\r'; /* half of a pair, perhaps */
    const unsigned kinds = begin == end ? 0 : newline_kinds(begin, (size_t)(end - begin), n == 0);
    atomic_store_relaxed(&s->newlines, (uint8_t)(known | kinds));
}

bool stream_take(Context *cx, FileStream *s, Value file, TakeRequest *request,
                 const char *closed_text) {
    bool is_at_end = false;
    for (;;) {
        if (!lock_open(cx, s, file, closed_text)) {
            return false;
        }
        if (take_locked(s, request, is_at_end)) {
            unlock(s);
            return true;
        }
        if (UNLIKELY(n_to_write(s) > 0)) {
            if (!flush_and_unlock(cx, s, file, false)) {
                return false;
            }
            continue;
        }
        compact_input_locked(s);
        const size_t n_wanted = n_to_read(s, request);
        char *room = buf_reserve(&s->in, n_wanted);
        const int fd = s->fd;
        block_begin(cx, fd == STDIN_FILENO ? BLOCK_INPUT : BLOCK_READ, file, BLOCK_FOREVER);
        const ssize_t n = read(fd, room, n_wanted);
        const int error = n < 0 ? errno : 0;
        s->in.n_bytes += n > 0 ? (size_t)n : 0;
        if (n >= 0) {
            note_newlines(s, (size_t)n, request->newline);
        }
        const size_t n_there = s->in.n_bytes;
        unlock(s);
        block_end(cx);
        /* What has no end (/dev/zero) has no end of memory either. */
        if ((error != 0 && !should_retry(cx, error)) || !str_build_goes_on(cx, n_there)) {
            return false;
        }
        is_at_end = n == 0;
    }
}

/* The rest. */

bool stream_close(Context *cx, FileStream *s, Value file) {
    const bool is_flushed = stream_flush(cx, s, file);
    const Value failure = is_flushed ? VALUE_UNSET : exc_take(cx);
    if (!lock(cx, s, file)) {
        return false;
    }
    const int fd = s->fd;
    atomic_store_relaxed(&s->fd, -1);
    clear_output(s);
    buf_free(&s->in);
    buf_free(&s->out);
    s->in_first = 0;
    unlock(s);
    int error = 0;
    if (fd >= 0 && s->closes) {
        /* Closing may wait too: for a disk, for a peer. */
        block_begin(cx, BLOCK_WRITE, file, BLOCK_FOREVER);
        error = close(fd) < 0 ? errno : 0;
        block_end(cx);
    }
    if (failure != VALUE_UNSET) {
        exc_raise_object(cx, failure);
        return false;
    }
    /* After EINTR the descriptor is closed nevertheless. */
    if (error != 0 && error != EINTR) {
        exc_raise_errno(cx, error, VALUE_UNSET);
        return false;
    }
    return true;
}

bool stream_tell(Context *cx, FileStream *s, Value file, int64_t *position) {
    if (!lock_open(cx, s, file, closed_file)) {
        return false;
    }
    const off_t at = lseek(s->fd, 0, SEEK_CUR);
    const int error = at < 0 ? errno : 0;
    *position = (int64_t)at - (int64_t)(s->in.n_bytes - s->in_first) + (int64_t)n_to_write(s);
    unlock(s);
    if (error != 0) {
        exc_raise_errno(cx, error, VALUE_UNSET);
        return false;
    }
    return true;
}

bool stream_seek(Context *cx, FileStream *s, Value file, int64_t offset, int whence,
                 int64_t *position) {
    if (!stream_flush(cx, s, file) || !lock_open(cx, s, file, closed_file)) {
        return false;
    }
    if (whence == SEEK_CUR) {
        offset -= (int64_t)(s->in.n_bytes - s->in_first);
    }
    const off_t at = lseek(s->fd, (off_t)offset, whence);
    const int error = at < 0 ? errno : 0;
    if (error == 0) {
        buf_clear(&s->in);
        s->in_first = 0;
    }
    unlock(s);
    *position = (int64_t)at;
    if (error != 0) {
        exc_raise_errno(cx, error, VALUE_UNSET);
        return false;
    }
    return true;
}

bool stream_truncate(Context *cx, FileStream *s, Value file, int64_t n_bytes) {
    if (!stream_flush(cx, s, file) || !lock_open(cx, s, file, closed_file)) {
        return false;
    }
    const int error = ftruncate(s->fd, (off_t)n_bytes) < 0 ? errno : 0;
    unlock(s);
    if (error != 0) {
        exc_raise_errno(cx, error, VALUE_UNSET);
        return false;
    }
    return true;
}
