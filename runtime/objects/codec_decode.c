/* codec_decode.c - bytes to text.
 *
 * Every decoder goes through the bytes and stops at the first that it cannot take; decode_error then asks the handler, and says
 * where to go on. When is_partial, what may become a character with more bytes is left: n_done. */

#include "runtime/base/unicode_data.h"
#include "runtime/base/utf8.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/codec_internal.h"

enum { REPLACEMENT = 0xfffd };

/* What a handler makes of bytes[*at, *at + n). */

static bool add_script_replacement(Codec *codec, size_t *at, size_t n, size_t n_bytes,
                                   const char *reason) {
    Value replacement;
    int64_t resume;
    if (!codec_ask_script(codec, EXC_UnicodeDecodeError, *at, *at + n, reason,
                          &replacement, &resume)) {
        return false;
    }
    resume += resume < 0 ? (int64_t)n_bytes : 0;
    if (resume < 0 || (size_t)resume > n_bytes) {
        exc_raise(codec->cx, EXC_IndexError,
                  "position %lld from error handler out of bounds", (long long)resume);
        return false;
    }
    buf_add(&codec->out, AS_STR(replacement)->data, AS_STR(replacement)->n_bytes);
    *at = (size_t)resume;
    return true;
}

/* The bytes that are no ASCII as surrogates; how many. */
static size_t escape_bytes(Codec *codec, const char *bytes, size_t n) {
    size_t i = 0;
    for (; i < n && (unsigned char)bytes[i] >= 0x80; i++) {
        buf_add_utf8(&codec->out, ESCAPE_FIRST - 0x80 + (unsigned char)bytes[i]);
    }
    return i;
}

static uint32_t read_unit(const char *bytes, size_t n, bool is_big) {
    uint32_t unit = 0;
    for (size_t i = 0; i < n; i++) {
        unit |= (uint32_t)(unsigned char)bytes[i] << 8 * (is_big ? n - 1 - i : i);
    }
    return unit;
}

static size_t unit_bytes(const Codec *codec) {
    return codec->encoding->kind >= ENCODING_UTF32 ? 4 : 2;
}

/* A surrogate that stands there as if it were a character; how many bytes it takes, 0 when there is none. */
static size_t pass_surrogate(Codec *codec, const char *bytes, size_t n_left) {
    const EncodingKind kind = codec->encoding->kind;
    if (kind < ENCODING_UTF8_SIG && kind != ENCODING_UTF8) {
        return 0;
    }
    const bool is_utf8 = kind == ENCODING_UTF8 || kind == ENCODING_UTF8_SIG;
    const size_t n = is_utf8 ? 3 : unit_bytes(codec);
    uint32_t c = 0;
    if (n_left >= n && kind < ENCODING_UNICODE_ESCAPE) {
        const unsigned char *s = (const unsigned char *)bytes;
        const bool is_three = (s[0] & 0xf0) == 0xe0 && utf8_is_continuation(s[1]);
        c = !is_utf8 ? read_unit(bytes, n, encoding_is_big(codec->encoding))
            : is_three && utf8_is_continuation(s[2])
                ? (uint32_t)(s[0] & 15) << 12 | (uint32_t)(s[1] & 63) << 6 | (s[2] & 63)
                : 0;
    }
    if (!utf8_is_surrogate(c)) {
        return 0;
    }
    buf_add_utf8(&codec->out, c);
    return n;
}

/* bytes[*at, *at + n) cannot be decoded: *at becomes where to go on. */
static bool decode_error(Codec *codec, const char *bytes, size_t n_bytes, size_t *at,
                         size_t n, const char *reason) {
    size_t n_taken = 0;
    switch (codec->handler) {
    case HANDLER_IGNORE: n_taken = n; break;
    case HANDLER_REPLACE:
        buf_add_utf8(&codec->out, REPLACEMENT);
        n_taken = n;
        break;
    case HANDLER_BACKSLASH:
        for (size_t i = 0; i < n; i++) {
            buf_add_format(&codec->out, "\\x%02x", (unsigned char)bytes[*at + i]);
        }
        n_taken = n;
        break;
    case HANDLER_ESCAPE: n_taken = escape_bytes(codec, bytes + *at, n); break;
    case HANDLER_PASS: n_taken = pass_surrogate(codec, bytes + *at, n_bytes - *at); break;
    case HANDLER_XML:
    case HANDLER_NAME:
        exc_raise(codec->cx, EXC_TypeError,
                  "don't know how to handle UnicodeDecodeError in error callback");
        return false;
    case HANDLER_OF_SCRIPT: return add_script_replacement(codec, at, n, n_bytes, reason);
    case HANDLER_STRICT: break;
    }
    *at += n_taken;
    return n_taken > 0 ||
           codec_raise(codec, EXC_UnicodeDecodeError, *at, *at + n, reason);
}

/* UTF-8 */

static const char end_of_data[] = "unexpected end of data";

/* The bytes at `at` are no character: how many of them make up the error, and why. */
static size_t bad_sequence(const char *bytes, size_t n_bytes, size_t at,
                           const char **reason) {
    const unsigned char *s = (const unsigned char *)bytes + at;
    const size_t left = n_bytes - at;
    const size_t length = utf8_length(s[0]);
    if (s[0] < 0xc2 || s[0] > 0xf4) {
        *reason = "invalid start byte";
        return 1;
    }
    const unsigned char low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
    for (size_t i = 1; i < length; i++) {
        if (i == left) {
            *reason = end_of_data;
            return left;
        }
        if (i == 1 ? s[1] < low || s[1] > high : !utf8_is_continuation(s[i])) {
            *reason = "invalid continuation byte";
            return i;
        }
    }
    *reason = "invalid continuation byte";
    return 1;
}

static bool decode_utf8(Codec *codec, const char *bytes, size_t n_bytes) {
    size_t at = 0;
    while (at < n_bytes) {
        const size_t n_good = utf8_check(bytes + at, n_bytes - at);
        buf_add(&codec->out, bytes + at, n_good);
        at += n_good;
        if (at == n_bytes) {
            break;
        }
        const char *reason;
        const size_t n = bad_sequence(bytes, n_bytes, at, &reason);
        if (codec->is_partial && reason == end_of_data) {
            codec->n_done = at;
            return true;
        }
        if (!decode_error(codec, bytes, n_bytes, &at, n, reason)) {
            return false;
        }
    }
    return true;
}

/* With a mark at the begin, which is no character and does not count. */
static bool decode_utf8_sig(Codec *codec, const char *bytes, size_t n_bytes) {
    static const char mark[] = "\xef\xbb\xbf";
    const size_t n_mark = sizeof mark - 1;
    if (n_bytes < n_mark || memcmp(bytes, mark, n_mark) != 0) {
        return decode_utf8(codec, bytes, n_bytes);
    }
    ObjBytes *rest = bytes_new(codec->cx, bytes + n_mark, n_bytes - n_mark);
    if (rest == NULL) {
        return false;
    }
    codec->object = OBJ_VALUE(rest);
    codec->n_done = n_bytes - n_mark;
    const bool is_ok = decode_utf8(codec, bytes + n_mark, n_bytes - n_mark);
    codec->n_done += n_mark;
    return is_ok;
}

/* One byte for each character */

static bool decode_single_bytes(Codec *codec, const char *bytes, size_t n_bytes) {
    const uint16_t *map = codec->encoding->charmap;
    const bool is_latin1 = codec->encoding->kind == ENCODING_LATIN1;
    for (size_t i = 0; i < n_bytes;) {
        const unsigned char byte = (unsigned char)bytes[i];
        const uint32_t c = byte < 0x80 || is_latin1 ? byte
                           : map != NULL            ? map[byte - 0x80]
                                                    : 0;
        if (c != 0 || byte == 0) {
            buf_add_utf8(&codec->out, c);
            i++;
        } else if (!decode_error(codec, bytes, n_bytes, &i, 1,
                                 map == NULL ? "ordinal not in range(128)"
                                             : "character maps to <undefined>")) {
            return false;
        }
    }
    return true;
}

/* UTF-16 and UTF-32 */

/* Finds the byte order where the name leaves it open; returns the length of the mark at the begin. */
static size_t find_order(Codec *codec, const char *bytes, size_t n_bytes) {
    const EncodingKind kind = codec->encoding->kind;
    if (kind != ENCODING_UTF16 && kind != ENCODING_UTF32) {
        return 0;
    }
    const size_t n = unit_bytes(codec);
    const bool is_big = n_bytes >= n && read_unit(bytes, n, true) == BYTE_ORDER_MARK;
    const bool has_mark =
        is_big || (n_bytes >= n && read_unit(bytes, n, false) == BYTE_ORDER_MARK);
    codec->encoding = n == 2 ? codec_find(is_big ? "utf-16-be" : "utf-16-le", 9)
                             : codec_find(is_big ? "utf-32-be" : "utf-32-le", 9);
    codec->error_name = codec->encoding->error_name;
    return has_mark ? n : 0;
}

/* The character at bytes, *n bytes long; *reason: why there is none. */
static uint32_t read_character(const Codec *codec, const char *bytes, size_t n_left,
                               size_t *n, const char **reason) {
    const bool is_big = encoding_is_big(codec->encoding);
    *n = unit_bytes(codec);
    *reason = NULL;
    if (n_left < *n) {
        *n = n_left;
        *reason = "truncated data";
        return 0;
    }
    const uint32_t c = read_unit(bytes, *n, is_big);
    if (*n == 4) {
        *reason = c > UTF8_MAX_CODE_POINT ? "code point not in range(0x110000)"
                  : utf8_is_surrogate(c)
                      ? "code point in surrogate code point range(0xd800, 0xe000)"
                      : NULL;
        return c;
    }
    if (!utf8_is_surrogate(c)) {
        return c;
    }
    if (c >= 0xdc00) {
        *reason = "illegal encoding";
        return 0;
    }
    if (n_left < 4) {
        *n = n_left;
        *reason = end_of_data;
        return 0;
    }
    const uint32_t low = read_unit(bytes + 2, 2, is_big);
    if (low < 0xdc00 || low > 0xdfff) {
        *reason = "illegal UTF-16 surrogate";
        return 0;
    }
    *n = 4;
    return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

static bool decode_units(Codec *codec, const char *bytes, size_t n_bytes) {
    if (codec->is_partial && n_bytes < unit_bytes(codec)) {
        codec->n_done = 0;
        return true;
    }
    size_t at = find_order(codec, bytes, n_bytes);
    while (at < n_bytes) {
        size_t n;
        const char *reason;
        const uint32_t c = read_character(codec, bytes + at, n_bytes - at, &n, &reason);
        const bool is_incomplete = reason != NULL && at + n == n_bytes &&
                                   (n < unit_bytes(codec) || reason == end_of_data);
        if (codec->is_partial && is_incomplete) {
            codec->n_done = at;
            return true;
        }
        if (reason == NULL) {
            buf_add_utf8(&codec->out, c);
            at += n;
        } else if (!decode_error(codec, bytes, n_bytes, &at, n, reason)) {
            return false;
        }
    }
    return true;
}

/* Escapes as in literals */

static int hex_value(char c) {
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

/* "\xHH", "\uHHHH", "\UHHHHHHHH" at *at. */
static bool decode_hex(Codec *codec, const char *bytes, size_t n_bytes, size_t *at) {
    const char kind = bytes[*at + 1];
    const size_t n_digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
    uint64_t c = 0;
    size_t n = 2;
    for (; n < 2 + n_digits && *at + n < n_bytes && hex_value(bytes[*at + n]) >= 0; n++) {
        c = c << 4 | (unsigned)hex_value(bytes[*at + n]);
    }
    if (n < 2 + n_digits) {
        return decode_error(codec, bytes, n_bytes, at, n,
                            kind == 'x'   ? "truncated \\xXX escape"
                            : kind == 'u' ? "truncated \\uXXXX escape"
                                          : "truncated \\UXXXXXXXX escape");
    }
    if (c > UTF8_MAX_CODE_POINT) {
        return decode_error(codec, bytes, n_bytes, at, n, "illegal Unicode character");
    }
    buf_add_utf8(&codec->out, (uint32_t)c);
    *at += n;
    return true;
}

/* "\N{NAME}" at *at. */
static bool decode_name(Codec *codec, const char *bytes, size_t n_bytes, size_t *at) {
    const char *end = *at + 2 < n_bytes && bytes[*at + 2] == '{'
                          ? memchr(bytes + *at, '}', n_bytes - *at)
                          : NULL;
    if (end == NULL) {
        return decode_error(codec, bytes, n_bytes, at, 2,
                            "malformed \\N character escape");
    }
    uint32_t characters[UNICODE_SEQUENCE_MAX];
    const char *name = bytes + *at + 3;
    const size_t n = (size_t)(end - (bytes + *at)) + 1;
    if (unicode_find_name(name, (size_t)(end - name), characters) != 1) {
        return decode_error(codec, bytes, n_bytes, at, n,
                            "unknown Unicode character name");
    }
    buf_add_utf8(&codec->out, characters[0]);
    *at += n;
    return true;
}

/* "\" and what is no hexadecimal escape: one character, or up to three octal digits. */
static void decode_short(Codec *codec, const char *bytes, size_t n_bytes, size_t *at) {
    static const char letters[] = "abfnrtv\\'\"";
    static const char meanings[] = "\a\b\f\n\r\t\v\\'\"";
    const char c = bytes[*at + 1];
    const char *letter = c == '\0' ? NULL : strchr(letters, c);
    if (letter != NULL) {
        buf_add_byte(&codec->out, meanings[letter - letters]);
        *at += 2;
    } else if (c >= '0' && c <= '7') {
        uint32_t octal = 0;
        size_t n = 1;
        for (; n < 4 && *at + n < n_bytes && (bytes[*at + n] & ~7) == '0'; n++) {
            octal = octal << 3 | (unsigned)(bytes[*at + n] & 7);
        }
        buf_add_utf8(&codec->out, octal);
        *at += n;
    } else {
        buf_add_byte(&codec->out, '\\');
        *at += 1;
        if (c == '\n') { /* a line that goes on */
            codec->out.n_bytes--;
            *at += 1;
        }
    }
}

static bool decode_escapes(Codec *codec, const char *bytes, size_t n_bytes) {
    const bool is_raw = codec->encoding->kind == ENCODING_RAW_UNICODE_ESCAPE;
    for (size_t at = 0; at < n_bytes;) {
        const char next = at + 1 < n_bytes ? bytes[at + 1] : '\0';
        bool is_ok = true;
        if (bytes[at] != '\\' || (is_raw && next != 'u' && next != 'U')) {
            buf_add_utf8(&codec->out, (unsigned char)bytes[at]);
            at++;
            if (is_raw && bytes[at - 1] == '\\' && next == '\\') {
                buf_add_byte(&codec->out, next);
                at++;
            }
        } else if (at + 1 == n_bytes) {
            is_ok = decode_error(codec, bytes, n_bytes, &at, 1, "\\ at end of string");
        } else if (next == 'x' || next == 'u' || next == 'U') {
            is_ok = decode_hex(codec, bytes, n_bytes, &at);
        } else if (next == 'N') {
            is_ok = decode_name(codec, bytes, n_bytes, &at);
        } else {
            decode_short(codec, bytes, n_bytes, &at);
        }
        if (!is_ok) {
            return false;
        }
    }
    return true;
}

bool codec_decode_all(Codec *codec, const char *bytes, size_t n_bytes) {
    switch (codec->encoding->kind) {
    case ENCODING_UTF8: return decode_utf8(codec, bytes, n_bytes);
    case ENCODING_UTF8_SIG: return decode_utf8_sig(codec, bytes, n_bytes);
    case ENCODING_ASCII:
    case ENCODING_LATIN1:
    case ENCODING_CHARMAP: return decode_single_bytes(codec, bytes, n_bytes);
    case ENCODING_UNICODE_ESCAPE:
    case ENCODING_RAW_UNICODE_ESCAPE: return decode_escapes(codec, bytes, n_bytes);
    default: return decode_units(codec, bytes, n_bytes);
    }
}
