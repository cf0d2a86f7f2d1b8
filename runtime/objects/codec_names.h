/* codec_names.h - the encodings there are, by all their names. */

#ifndef MINI_OBJECTS_CODEC_NAMES_H
#define MINI_OBJECTS_CODEC_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum EncodingKind {
    ENCODING_UTF8,
    ENCODING_ASCII,
    ENCODING_LATIN1,
    ENCODING_CHARMAP,
    ENCODING_UTF8_SIG,
    ENCODING_UTF16,
    ENCODING_UTF16_LE,
    ENCODING_UTF16_BE,
    ENCODING_UTF32,
    ENCODING_UTF32_LE,
    ENCODING_UTF32_BE,
    ENCODING_UNICODE_ESCAPE,
    ENCODING_RAW_UNICODE_ESCAPE
} EncodingKind;

typedef struct Encoding {
    EncodingKind kind;
    const char *name;         /* as codecs.lookup(...).name has it */
    const char *error_name;   /* as exceptions have it */
    const uint16_t *charmap;  /* the characters of bytes 0x80 to 0xff */
} Encoding;

/* Case, '-', '_' and ' ' do not matter. NULL: unknown. */
const Encoding *codec_find(const char *name, size_t n_bytes);

/* One byte or more for each character, and ASCII as it is. */
static inline bool encoding_has_ascii(const Encoding *encoding) {
    return encoding->kind <= ENCODING_CHARMAP;
}

#endif
