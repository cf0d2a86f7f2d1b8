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
uint32_t utf8_decode(const char *text, size_t *n_bytes);

/* Writes the character, 1 to 4 bytes; returns how many. code_point <= UTF8_MAX_CODE_POINT. */
size_t utf8_encode(uint32_t code_point, char *out);

/* Index of the first byte that is not strict UTF-8; n_bytes when all is well. */
size_t utf8_check(const char *text, size_t n_bytes);

/* Number of characters in valid text: of bytes that are not continuations. */
size_t utf8_count(const char *text, size_t n_bytes);

/* Whether all bytes are below 128. */
bool utf8_is_ascii(const char *text, size_t n_bytes);

#endif
