/* utf8.h - UTF-8: decode, encode, check, count.
 *
 * Strings of scripts may hold lone surrogates (U+D800 to U+DFFF), which UTF-8 forbids. They are kept
 * as the 3 bytes that the scheme would give them: decode, encode and count take them as characters;
 * only utf8_check refuses them. */

#ifndef MINI_BASE_UTF8_H
#define MINI_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { UTF8_MAX_BYTES = 4, UTF8_MAX_CODE_POINT = 0x10FFFF };

/* Length in bytes of the character that begins with this byte; 1 for a byte that begins none. */
static inline size_t utf8_length(unsigned char first) {
    return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : 1;
}

static inline bool utf8_is_continuation(unsigned char byte) {
    return (byte & 0xC0) == 0x80;
}

static inline bool utf8_is_surrogate(uint32_t code_point) {
    return code_point >= 0xD800 && code_point <= 0xDFFF;
}

/* Decodes the character at text, which must be valid (surrogates allowed); sets *n_bytes. */
static inline uint32_t utf8_decode(const char *text, size_t *n_bytes) {
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

/* Writes the character, 1 to 4 bytes; returns how many. code_point <= UTF8_MAX_CODE_POINT. */
static inline size_t utf8_encode(uint32_t code_point, char *out) {
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

/* Index of the first byte that is not strict UTF-8; n_bytes when all is well. */
size_t utf8_check(const char *text, size_t n_bytes);

/* Index of the first byte of a lone surrogate in valid text; n_bytes when there is none. */
size_t utf8_find_surrogate(const char *text, size_t n_bytes);

/* How many of eight bytes are continuations. The product adds them, each 0 or 1, into the highest byte. */
static inline size_t utf8_continuations_in(const char *eight) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word;
    memcpy(&word, eight, sizeof word);
    return (size_t) (((word >> 7 & ~(word >> 6) & ones) * ones) >> 56);
}

/* Number of characters in valid text: of bytes that are not continuations. */
size_t utf8_count(const char *text, size_t n_bytes);

/* Whether all bytes are below 128. */
bool utf8_is_ascii(const char *text, size_t n_bytes);

#endif
