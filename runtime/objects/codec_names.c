/* codec_names.c - the encodings there are, by all their names. */

#include "runtime/objects/codec_names.h"

#include <string.h>

#define CHARMAP(ID, name, ...) static const uint16_t map_##ID[128] = {__VA_ARGS__};
#include "runtime/objects/codec_tables.def"
#undef CHARMAP

/* In the order of EncodingKind, but for the maps, which stand behind. */
static const Encoding encodings[] = {
    {ENCODING_UTF8, "utf-8", "utf-8", NULL},
    {ENCODING_ASCII, "ascii", "ascii", NULL},
    {ENCODING_LATIN1, "iso8859-1", "latin-1", NULL},
    {ENCODING_CHARMAP, "", "charmap", NULL},
    {ENCODING_UTF8_SIG, "utf-8-sig", "utf-8", NULL},
    {ENCODING_UTF16, "utf-16", "utf-16", NULL},
    {ENCODING_UTF16_LE, "utf-16-le", "utf-16-le", NULL},
    {ENCODING_UTF16_BE, "utf-16-be", "utf-16-be", NULL},
    {ENCODING_UTF32, "utf-32", "utf-32", NULL},
    {ENCODING_UTF32_LE, "utf-32-le", "utf-32-le", NULL},
    {ENCODING_UTF32_BE, "utf-32-be", "utf-32-be", NULL},
    {ENCODING_UNICODE_ESCAPE, "unicode-escape", "unicodeescape", NULL},
    {ENCODING_RAW_UNICODE_ESCAPE, "raw-unicode-escape", "rawunicodeescape", NULL},
#define CHARMAP(ID, name, ...) {ENCODING_CHARMAP, name, "charmap", map_##ID},
#include "runtime/objects/codec_tables.def"
#undef CHARMAP
};

enum {
    FIRST_MAP = ENCODING_RAW_UNICODE_ESCAPE,
#define CHARMAP(ID, name, ...) MAP_##ID,
#include "runtime/objects/codec_tables.def"
#undef CHARMAP
};

static const struct {
    const char *name; /* small letters, without separators */
    int encoding;
} names[] = {
    {"utf8", ENCODING_UTF8},
    {"u8", ENCODING_UTF8},
    {"utf", ENCODING_UTF8},
    {"cp65001", ENCODING_UTF8},
    {"ascii", ENCODING_ASCII},
    {"usascii", ENCODING_ASCII},
    {"us", ENCODING_ASCII},
    {"646", ENCODING_ASCII},
    {"latin1", ENCODING_LATIN1},
    {"latin", ENCODING_LATIN1},
    {"l1", ENCODING_LATIN1},
    {"iso88591", ENCODING_LATIN1},
    {"8859", ENCODING_LATIN1},
    {"cp819", ENCODING_LATIN1},
    {"utf8sig", ENCODING_UTF8_SIG},
    {"utf16", ENCODING_UTF16},
    {"u16", ENCODING_UTF16},
    {"utf16le", ENCODING_UTF16_LE},
    {"utf16be", ENCODING_UTF16_BE},
    {"utf32", ENCODING_UTF32},
    {"u32", ENCODING_UTF32},
    {"utf32le", ENCODING_UTF32_LE},
    {"utf32be", ENCODING_UTF32_BE},
    {"unicodeescape", ENCODING_UNICODE_ESCAPE},
    {"rawunicodeescape", ENCODING_RAW_UNICODE_ESCAPE},
    {"cp437", MAP_CP437},
    {"437", MAP_CP437},
    {"ibm437", MAP_CP437},
    {"cp850", MAP_CP850},
    {"850", MAP_CP850},
    {"ibm850", MAP_CP850},
    {"cp1250", MAP_CP1250},
    {"windows1250", MAP_CP1250},
    {"cp1251", MAP_CP1251},
    {"windows1251", MAP_CP1251},
    {"cp1252", MAP_CP1252},
    {"windows1252", MAP_CP1252},
    {"1252", MAP_CP1252},
    {"iso88592", MAP_LATIN2},
    {"latin2", MAP_LATIN2},
    {"l2", MAP_LATIN2},
    {"iso885915", MAP_LATIN9},
    {"latin9", MAP_LATIN9},
    {"l9", MAP_LATIN9},
    {"koi8r", MAP_KOI8_R},
};

const Encoding *codec_find(const char *name, size_t n_bytes) {
    char plain[24];
    size_t n = 0;
    for (size_t i = 0; i < n_bytes; i++) {
        const char c = name[i];
        if (c == '-' || c == '_' || c == ' ') {
            continue;
        }
        if (n == sizeof plain - 1) {
            return NULL;
        }
        plain[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    plain[n] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(plain, names[i].name) == 0) {
            return &encodings[names[i].encoding];
        }
    }
    return NULL;
}
