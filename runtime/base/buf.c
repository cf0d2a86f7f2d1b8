/* buf.c - a growing run of bytes. */

#include "runtime/base/buf.h"

#include <stdio.h>

#include "runtime/base/mem.h"
#include "runtime/base/panic.h"
#include "runtime/base/utf8.h"

enum { FIRST_CAPACITY = 64 };

void buf_init(Buf *buf) {
    *buf = (Buf) {0};
}

void buf_free(Buf *buf) {
    if (buf->bytes != buf->room) {
        mem_free(buf->bytes);
    }
    buf_init(buf);
}

void buf_grow(Buf *buf, size_t n_more) {
    if (n_more > SIZE_MAX / 4 || buf->n_bytes > SIZE_MAX / 4) {
        panic("out of memory (a buffer of %zu and %zu bytes wanted)", buf->n_bytes, n_more);
    }
    size_t capacity = buf->capacity == 0 ? FIRST_CAPACITY : buf->capacity * 2;
    if (capacity < buf->n_bytes + n_more) {
        capacity = buf->n_bytes + n_more;
    }
    if (buf->room != NULL && buf->bytes == buf->room) {
        buf->bytes = memcpy(mem_alloc(capacity), buf->room, buf->n_bytes);
    } else {
        buf->bytes = mem_resize(buf->bytes, capacity, 1);
    }
    buf->capacity = capacity;
}

void buf_add_repeated(Buf *buf, char byte, size_t count) {
    if (count > 0) {
        memset(buf_reserve(buf, count), byte, count);
        buf->n_bytes += count;
    }
}

void buf_add_escape(Buf *buf, uint32_t code_point) {
    const int n_digits = code_point < 0x100 ? 2 : code_point < 0x10000 ? 4 : 8;
    char *at = buf_reserve(buf, 2 + 8);
    *at++ = '\\';
    *at++ = n_digits == 2 ? 'x' : n_digits == 4 ? 'u' : 'U';
    for (int i = n_digits; i-- > 0;) {
        *at++ = "0123456789abcdef"[code_point >> (4 * i) & 15];
    }
    buf->n_bytes += 2 + (size_t)n_digits;
}

void buf_add_format(Buf *buf, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    buf_add_format_v(buf, format, arguments);
    va_end(arguments);
}

void buf_add_format_v(Buf *buf, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0) {
        panic("buf_add_format: bad format \"%s\"", format);
    }
    char *end = buf_reserve(buf, (size_t) length + 1);
    vsnprintf(end, (size_t) length + 1, format, again);
    va_end(again);
    buf->n_bytes += (size_t) length;
}

const char *buf_text(Buf *buf) {
    *buf_reserve(buf, 1) = '\0';
    return buf->bytes;
}
