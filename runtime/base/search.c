/* search.c - finding bytes in bytes, by means of the C library. */

#define _GNU_SOURCE /* memmem, memrchr */

#include "runtime/base/search.h"

#include <stdint.h>
#include <string.h>

/* After so many places that begin like part but are not, and more than one in
 * PLACES_PER_MISS of the text: memmem, whose time is bounded, but which has to prepare
 * itself for every call. Tuned with str.replace of 5 characters that stand every 14
 * (2026-11): half the time of memmem alone. */
enum { MISSES_MIN = 16, PLACES_PER_MISS = 8 };

const char *search_find(const char *text, size_t n_bytes, const char *part,
                        size_t n_part) {
    if (n_part > n_bytes) {
        return NULL;
    }
    if (n_part <= 1) {
        return n_part == 0 ? text : memchr(text, part[0], n_bytes);
    }
    const char *at = text;
    const char *end =
        text + n_bytes - n_part + 1; /* of the places where part can begin */
    const char last = part[n_part - 1];
    /* The characters of a text that is not ASCII often begin alike, and seldom end alike. */
    const size_t looked_for = (unsigned char)part[0] < 0x80 ? 0 : n_part - 1;
    size_t n_misses = 0;
    while (at < end) {
        at = memchr(at + looked_for, part[looked_for], (size_t)(end - at));
        if (at == NULL) {
            return NULL;
        }
        at -= looked_for;
        if (at[0] == part[0] && at[n_part - 1] == last &&
            memcmp(at + 1, part + 1, n_part - 2) == 0) {
            return at;
        }
        at++;
        n_misses++;
        if (n_misses > MISSES_MIN + (size_t)(at - text) / PLACES_PER_MISS) {
            return memmem(at, (size_t)(end - at) + n_part - 1, part, n_part);
        }
    }
    return NULL;
}

/* The last byte equal to `byte`. */
static const char *find_last_byte(const char *text, size_t n_bytes, char byte) {
#if defined(__GLIBC__)
    return memrchr(text, byte, n_bytes);
#else
    while (n_bytes > 0) {
        if (text[--n_bytes] == byte) {
            return text + n_bytes;
        }
    }
    return NULL;
#endif
}

const char *search_find_last(const char *text, size_t n_bytes, const char *part,
                             size_t n_part) {
    if (n_part > n_bytes) {
        return NULL;
    }
    if (n_part == 0) {
        return text + n_bytes;
    }
    size_t n_places = n_bytes - n_part + 1;
    for (;;) {
        const char *place = find_last_byte(text, n_places, part[0]);
        if (place == NULL || memcmp(place, part, n_part) == 0) {
            return place;
        }
        n_places = (size_t)(place - text);
    }
}

static size_t count_byte(const char *text, size_t n_bytes, char byte) {
    size_t n = 0;
    for (size_t i = 0; i < n_bytes; i++) {
        n += text[i] == byte;
    }
    return n;
}

size_t search_count(const char *text, size_t n_bytes, const char *part, size_t n_part) {
    if (n_part == 1) {
        return count_byte(text, n_bytes, part[0]);
    }
    size_t n = 0;
    const char *end = text + n_bytes;
    for (;;) {
        text = search_find(text, (size_t)(end - text), part, n_part);
        if (text == NULL) {
            return n;
        }
        n++;
        text += n_part;
    }
}
