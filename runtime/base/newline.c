/* newline.c - how the lines of a text end. See newline.h. */

#define _GNU_SOURCE /* memmem */

#include "runtime/base/newline.h"

static const char *const names[] = {
    [NEWLINE_UNIVERSAL] = NULL, [NEWLINE_ANY] = "",      [NEWLINE_LF] = "\n",
    [NEWLINE_CR] = "\r",        [NEWLINE_CRLF] = "\r\n",
};

const char *newline_name(NewlineMode mode) {
    return names[mode];
}

bool newline_of_name(const char *name, size_t n_bytes, NewlineMode *mode) {
    for (NewlineMode i = NEWLINE_ANY; i <= NEWLINE_CRLF; i++) {
        if (strlen(names[i]) == n_bytes && memcmp(names[i], name, n_bytes) == 0) {
            *mode = i;
            return true;
        }
    }
    return false;
}

size_t newline_find_end(const char *text, size_t n_bytes, NewlineMode mode,
                        bool is_at_end) {
    if (mode == NEWLINE_LF || mode == NEWLINE_CR) {
        const char *end = memchr(text, mode == NEWLINE_LF ? '\n' : '\r', n_bytes);
        return end == NULL ? 0 : (size_t)(end - text) + 1;
    }
    if (mode == NEWLINE_CRLF) {
        const char *end = memmem(text, n_bytes, "\r\n", 2);
        return end == NULL ? 0 : (size_t)(end - text) + 2;
    }
    const char *lf = memchr(text, '\n', n_bytes);
    const char *cr = memchr(text, '\r', lf == NULL ? n_bytes : (size_t)(lf - text));
    if (cr == NULL) {
        return lf == NULL ? 0 : (size_t)(lf - text) + 1;
    }
    const size_t n = (size_t)(cr - text) + 1;
    if (n == n_bytes) {
        return is_at_end ? n : 0;
    }
    return text[n] == '\n' ? n + 1 : n;
}

unsigned newline_kinds(const char *text, size_t n_bytes, bool is_at_end) {
    unsigned kinds = 0;
    const char *end = text + n_bytes;
    while (text < end) {
        const char *cr = memchr(text, '\r', (size_t)(end - text));
        const size_t n = (size_t)((cr == NULL ? end : cr) - text);
        if (!(kinds & NEWLINE_HAS_LF) && memchr(text, '\n', n) != NULL) {
            kinds |= NEWLINE_HAS_LF;
        }
        if (cr == NULL || (cr + 1 == end && !is_at_end)) {
            break;
        }
        const bool is_pair = cr + 1 < end && cr[1] == '\n';
        kinds |= is_pair ? NEWLINE_HAS_CRLF : NEWLINE_HAS_CR;
        text = cr + 1 + is_pair;
    }
    return kinds;
}

void newline_unify(Buf *text) {
    if (text->n_bytes == 0 || memchr(text->bytes, '\r', text->n_bytes) == NULL) {
        return;
    }
    size_t n = 0;
    for (size_t i = 0; i < text->n_bytes; i++) {
        const char c = text->bytes[i];
        if (c == '\r') {
            if (i + 1 < text->n_bytes && text->bytes[i + 1] == '\n') {
                i++;
            }
            text->bytes[n++] = '\n';
        } else {
            text->bytes[n++] = c;
        }
    }
    text->n_bytes = n;
}

void newline_add_ended(Buf *out, const char *text, size_t n_bytes, NewlineMode mode) {
    for (size_t i = 0; i < n_bytes; i++) {
        if (text[i] == '\n') {
            buf_add_text(out, names[mode]);
        } else {
            buf_add_byte(out, text[i]);
        }
    }
}
