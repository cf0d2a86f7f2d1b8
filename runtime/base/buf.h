/* buf.h - a growing run of bytes.
 *
 * Threads: a buffer belongs to one thread at a time. */

#ifndef MINI_BASE_BUF_H
#define MINI_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/base/utf8.h"

typedef struct Buf {
    char  *bytes;     /* NULL until something is added */
    size_t n_bytes;
    size_t capacity;
    char  *room;      /* the caller's memory to begin with, or NULL; see BUF_IN_ROOM */
} Buf;

/* Declares an empty buffer that begins in n bytes of the C stack, so that a short text needs no malloc. It is freed like any
 * other, and must not be copied. */
#define BUF_IN_ROOM(name, n) \
    char name##_room[n]; \
    Buf name = {.bytes = name##_room, .capacity = (n), .room = name##_room}

/* Makes an empty buffer, which owns no memory yet; the same as `Buf buf = {0}`. */
void buf_init(Buf *buf);

/* Gives its memory back and leaves it empty. */
void buf_free(Buf *buf);

/* More memory, so that n_more bytes have room behind those in use. */
void buf_grow(Buf *buf, size_t n_more);

/* Room for n_more bytes behind those in use; returns where they begin. n_bytes stays. */
static inline char *buf_reserve(Buf *buf, size_t n_more) {
    if (n_more > buf->capacity - buf->n_bytes) {
        buf_grow(buf, n_more);
    }
    return buf->bytes + buf->n_bytes;
}

/* Forgets its content, keeps its memory. */
static inline void buf_clear(Buf *buf) {
    buf->n_bytes = 0;
}

static inline void buf_add_byte(Buf *buf, char byte) {
    if (buf->n_bytes == buf->capacity) {
        buf_reserve(buf, 1);
    }
    buf->bytes[buf->n_bytes++] = byte;
}

static inline void buf_add(Buf *buf, const char *bytes, size_t n_bytes) {
    if (n_bytes > 0) {
        memcpy(buf_reserve(buf, n_bytes), bytes, n_bytes);
        buf->n_bytes += n_bytes;
    }
}

static inline void buf_add_text(Buf *buf, const char *text) {
    buf_add(buf, text, strlen(text));
}

/* The same byte count times. */
void buf_add_repeated(Buf *buf, char byte, size_t count);

/* The character in UTF-8; also a lone surrogate, as 3 bytes. */
static inline void buf_add_utf8(Buf *buf, uint32_t code_point) {
    buf->n_bytes += utf8_encode(code_point, buf_reserve(buf, UTF8_MAX_BYTES));
}

/* \xff, \uffff or \U0010ffff: the shortest of them. */
void buf_add_escape(Buf *buf, uint32_t code_point);

void buf_add_format(Buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull));
void buf_add_format_v(Buf *buf, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0), nonnull(1, 2)));

/* The content as a C string: a zero byte is put behind it, and not counted. */
const char *buf_text(Buf *buf);

#endif
