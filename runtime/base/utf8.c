/* utf8.c - UTF-8: decode, encode, check, count. */

#include "runtime/base/utf8.h"

#include <string.h>

uint32_t utf8_decode(const char *text, size_t *n_bytes) {
    const unsigned char *s = (const unsigned char *) text;
    if (s[0] < 0x80) {
        *n_bytes = 1;
        return s[0];
    }
    if (s[0] < 0xE0) {
        *n_bytes = 2;
        return (uint32_t) (s[0] & 0x1F) << 6 | (s[1] & 0x3F);
    }
    if (s[0] < 0xF0) {
        *n_bytes = 3;
        return (uint32_t) (s[0] & 0x0F) << 12 | (uint32_t) (s[1] & 0x3F) << 6 | (s[2] & 0x3F);
    }
    *n_bytes = 4;
    return (uint32_t) (s[0] & 0x07) << 18 | (uint32_t) (s[1] & 0x3F) << 12
        | (uint32_t) (s[2] & 0x3F) << 6 | (s[3] & 0x3F);
}

size_t utf8_encode(uint32_t code_point, char *out) {
    if (code_point < 0x80) {
        out[0] = (char) code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char) (0xC0 | code_point >> 6);
        out[1] = (char) (0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char) (0xE0 | code_point >> 12);
        out[1] = (char) (0x80 | (code_point >> 6 & 0x3F));
        out[2] = (char) (0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = (char) (0xF0 | code_point >> 18);
    out[1] = (char) (0x80 | (code_point >> 12 & 0x3F));
    out[2] = (char) (0x80 | (code_point >> 6 & 0x3F));
    out[3] = (char) (0x80 | (code_point & 0x3F));
    return 4;
}

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

size_t utf8_count(const char *text, size_t n_bytes) {
    size_t count = 0;
    for (size_t i = 0; i < n_bytes; i++) {
        count += !utf8_is_continuation((unsigned char) text[i]);
    }
    return count;
}

bool utf8_is_ascii(const char *text, size_t n_bytes) {
    return ascii_prefix(text, n_bytes) == n_bytes;
}
