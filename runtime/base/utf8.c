/* utf8.c - UTF-8: check, count. */

#include "runtime/base/utf8.h"

#include <string.h>

/* Eight ASCII bytes at a time: most text is ASCII. */
static size_t ascii_prefix(const char *text, size_t n_bytes) {
    size_t i = 0;
    uint64_t word;
    for (; i + sizeof word <= n_bytes; i += sizeof word) {
        memcpy(&word, text + i, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
    }
    while (i < n_bytes && (unsigned char) text[i] < 0x80) {
        i++;
    }
    return i;
}

/* Length of the well-formed character at s, of n bytes at most; 0 when it is none. The second byte
 * alone rules out overlong forms, surrogates and what lies beyond U+10FFFF. */
static size_t strict_length(const unsigned char *s, size_t n) {
    if (s[0] < 0x80) {
        return 1;
    }
    const size_t length = utf8_length(s[0]);
    if (s[0] < 0xC2 || s[0] > 0xF4 || length > n) {
        return 0;
    }
    const unsigned char low = s[0] == 0xE0 ? 0xA0 : s[0] == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = s[0] == 0xED ? 0x9F : s[0] == 0xF4 ? 0x8F : 0xBF;
    if (s[1] < low || s[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (!utf8_is_continuation(s[i])) {
            return 0;
        }
    }
    return length;
}

size_t utf8_check(const char *text, size_t n_bytes) {
    size_t i = 0;
    while (i < n_bytes) {
        i += ascii_prefix(text + i, n_bytes - i);
        if (i < n_bytes) {
            const size_t length = strict_length((const unsigned char *) text + i, n_bytes - i);
            if (length == 0) {
                break;
            }
            i += length;
        }
    }
    return i;
}

size_t utf8_find_surrogate(const char *text, size_t n_bytes) {
    const char *end = text + n_bytes;
    for (const char *at = text; at < end; at += 3) {
        at = memchr(at, 0xED, (size_t) (end - at));
        if (at == NULL) {
            break;
        }
        if ((unsigned char) at[1] >= 0xA0) {
            return (size_t) (at - text);
        }
    }
    return n_bytes;
}

size_t utf8_count(const char *text, size_t n_bytes) {
    size_t n_continuations = 0;
    size_t i = 0;
    for (; i + 8 <= n_bytes; i += 8) {
        n_continuations += utf8_continuations_in(text + i);
    }
    for (; i < n_bytes; i++) {
        n_continuations += utf8_is_continuation((unsigned char) text[i]);
    }
    return n_bytes - n_continuations;
}

bool utf8_is_ascii(const char *text, size_t n_bytes) {
    return ascii_prefix(text, n_bytes) == n_bytes;
}
