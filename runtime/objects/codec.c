/* codec.c - text to bytes and back. */

#include "runtime/objects/codec.h"

#include <stdio.h>

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/tuple.h"

typedef enum Encoding {
    ENCODING_UTF8,
    ENCODING_ASCII,
    ENCODING_LATIN1,
    ENCODING_UTF16,
    ENCODING_UTF16_LE,
    ENCODING_UTF16_BE,
    ENCODING_UTF32,
    ENCODING_UTF32_LE,
    ENCODING_UTF32_BE
} Encoding;

static const struct {
    const char *name; /* small letters, '-' for all separators */
    Encoding encoding;
} encodings[] = {
    {"utf-8", ENCODING_UTF8},        {"utf8", ENCODING_UTF8},
    {"u8", ENCODING_UTF8},           {"utf", ENCODING_UTF8},
    {"ascii", ENCODING_ASCII},       {"us-ascii", ENCODING_ASCII},
    {"646", ENCODING_ASCII},         {"latin-1", ENCODING_LATIN1},
    {"latin1", ENCODING_LATIN1},     {"l1", ENCODING_LATIN1},
    {"iso-8859-1", ENCODING_LATIN1}, {"iso8859-1", ENCODING_LATIN1},
    {"8859", ENCODING_LATIN1},       {"utf-16", ENCODING_UTF16},
    {"utf16", ENCODING_UTF16},       {"utf-16-le", ENCODING_UTF16_LE},
    {"utf-16le", ENCODING_UTF16_LE}, {"utf-16-be", ENCODING_UTF16_BE},
    {"utf-16be", ENCODING_UTF16_BE}, {"utf-32", ENCODING_UTF32},
    {"utf32", ENCODING_UTF32},       {"utf-32-le", ENCODING_UTF32_LE},
    {"utf-32le", ENCODING_UTF32_LE}, {"utf-32-be", ENCODING_UTF32_BE},
    {"utf-32be", ENCODING_UTF32_BE},
};

/* How errors are handled, in the order of handler_names. */
typedef enum Handler {
    HANDLER_STRICT,
    HANDLER_IGNORE,
    HANDLER_REPLACE,
    HANDLER_BACKSLASH,
    HANDLER_SURROGATE,
    HANDLER_XML,
    HANDLER_UNKNOWN
} Handler;

static const char *const handler_names[] = {
    "strict",           "ignore",          "replace",
    "backslashreplace", "surrogateescape", "xmlcharrefreplace",
};

enum {
    REPLACEMENT = 0xfffd,
    ESCAPE_FIRST = 0xdc80,
    ESCAPE_LAST = 0xdcff,
    BYTE_ORDER_MARK = 0xfeff
};

typedef struct Codec {
    Context *cx;
    Encoding encoding;
    const char *name; /* for messages */
    Handler handler;
    const ObjStr *handler_name;
    Value object; /* what is being decoded or encoded */
    Buf out;
} Codec;

static bool find_encoding(Context *cx, Value v, Codec *codec) {
    codec->encoding = ENCODING_UTF8;
    codec->name = "utf-8";
    if (IS_UNSET(v)) {
        return true;
    }
    if (!IS_STR(v)) {
        exc_raise(cx, EXC_TypeError, "argument 'encoding' must be str, not %s",
                  type_name_of(cx, v));
        return false;
    }
    const ObjStr *s = AS_STR(v);
    char name[16] = {0};
    for (size_t i = 0; i < s->n_bytes && s->n_bytes < sizeof name; i++) {
        const char c = s->data[i];
        name[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c == '_' || c == ' ' ? '-' : c);
    }
    for (size_t i = 0; i < sizeof encodings / sizeof encodings[0]; i++) {
        if (strcmp(name, encodings[i].name) == 0) {
            static const char *const names[] = {"utf-8",  "ascii",     "latin-1",
                                                "utf-16", "utf-16-le", "utf-16-be",
                                                "utf-32", "utf-32-le", "utf-32-be"};
            codec->encoding = encodings[i].encoding;
            codec->name = names[codec->encoding];
            return true;
        }
    }
    exc_raise(cx, EXC_LookupError, "unknown encoding: %.*s", (int)s->n_bytes, s->data);
    return false;
}

/* A name that is not known matters only when there is an error. */
static bool find_handler(Context *cx, Value v, Codec *codec) {
    codec->handler = HANDLER_STRICT;
    if (IS_UNSET(v) || IS_NONE(v)) {
        return true;
    }
    if (!IS_STR(v)) {
        exc_raise(cx, EXC_TypeError, "argument 'errors' must be str, not %s",
                  type_name_of(cx, v));
        return false;
    }
    codec->handler_name = AS_STR(v);
    while (codec->handler < HANDLER_UNKNOWN &&
           !str_equals_c(AS_STR(v), handler_names[codec->handler])) {
        codec->handler++;
    }
    return true;
}

static bool open_codec(Context *cx, Codec *codec, Value encoding, Value errors) {
    *codec = (Codec){.cx = cx};
    return find_encoding(cx, encoding, codec) && find_handler(cx, errors, codec);
}

/* UnicodeDecodeError or UnicodeEncodeError about object[start:end]. */
static bool raise_error(const Codec *codec, ExcKind kind, size_t start, size_t end,
                        const char *reason) {
    Context *cx = codec->cx;
    ObjStr *name = str_from_c(cx, codec->name);
    ObjStr *text = str_from_c(cx, reason);
    if (name == NULL || text == NULL) {
        return false;
    }
    const Value args =
        tuple_pack(cx, 5, OBJ_VALUE(name), codec->object, value_from_int((int64_t)start),
                   value_from_int((int64_t)end), OBJ_VALUE(text));
    const Value exception = IS_ERROR(args) ? VALUE_ERROR : exc_new(cx, kind, args);
    if (!IS_ERROR(exception)) {
        exc_raise_object(cx, exception);
    }
    return false;
}

static bool unknown_handler(const Codec *codec) {
    exc_raise(codec->cx, EXC_LookupError, "unknown error handler name '%.*s'",
              (int)codec->handler_name->n_bytes, codec->handler_name->data);
    return false;
}

/* Decoding */

/* Bytes [at, at + n) cannot be decoded. False: exception pending. */
static bool decode_error(Codec *codec, const char *bytes, size_t at, size_t n,
                         const char *reason) {
    switch (codec->handler) {
    case HANDLER_IGNORE: return true;
    case HANDLER_REPLACE: buf_add_utf8(&codec->out, REPLACEMENT); return true;
    case HANDLER_BACKSLASH:
        for (size_t i = 0; i < n; i++) {
            buf_add_format(&codec->out, "\\x%02x", (unsigned char)bytes[at + i]);
        }
        return true;
    case HANDLER_SURROGATE:
        for (size_t i = 0; i < n; i++) {
            const unsigned char byte = (unsigned char)bytes[at + i];
            if (byte < 0x80) {
                break;
            }
            buf_add_utf8(&codec->out, ESCAPE_FIRST - 0x80 + byte);
        }
        if ((unsigned char)bytes[at] >= 0x80) {
            return true;
        }
        break;
    case HANDLER_STRICT: break;
    default: return unknown_handler(codec);
    }
    return raise_error(codec, EXC_UnicodeDecodeError, at, at + n, reason);
}

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
            *reason = "unexpected end of data";
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
        if (at < n_bytes) {
            const char *reason;
            const size_t n = bad_sequence(bytes, n_bytes, at, &reason);
            if (!decode_error(codec, bytes, at, n, reason)) {
                return false;
            }
            at += n;
        }
    }
    return true;
}

static bool decode_single_bytes(Codec *codec, const char *bytes, size_t n_bytes) {
    for (size_t i = 0; i < n_bytes; i++) {
        const unsigned char byte = (unsigned char)bytes[i];
        if (byte < 0x80 || codec->encoding == ENCODING_LATIN1) {
            buf_add_utf8(&codec->out, byte);
        } else if (!decode_error(codec, bytes, i, 1, "ordinal not in range(128)")) {
            return false;
        }
    }
    return true;
}

static uint32_t read_unit(const char *bytes, size_t n, bool is_big) {
    uint32_t unit = 0;
    for (size_t i = 0; i < n; i++) {
        unit |= (uint32_t)(unsigned char)bytes[i] << 8 * (is_big ? n - 1 - i : i);
    }
    return unit;
}

static bool is_utf32(Encoding encoding) {
    return encoding >= ENCODING_UTF32;
}

/* UTF-16 and UTF-32: the byte order from the name, or from a mark at the beginning. */
static bool decode_units(Codec *codec, const char *bytes, size_t n_bytes) {
    const size_t unit = is_utf32(codec->encoding) ? 4 : 2;
    bool is_big =
        codec->encoding == ENCODING_UTF16_BE || codec->encoding == ENCODING_UTF32_BE;
    size_t at = 0;
    if ((codec->encoding == ENCODING_UTF16 || codec->encoding == ENCODING_UTF32) &&
        n_bytes >= unit) {
        const bool has_big_mark = read_unit(bytes, unit, true) == BYTE_ORDER_MARK;
        if (has_big_mark || read_unit(bytes, unit, false) == BYTE_ORDER_MARK) {
            is_big = has_big_mark;
            at = unit;
        }
    }
    while (at < n_bytes) {
        if (n_bytes - at < unit) {
            return decode_error(codec, bytes, at, n_bytes - at, "truncated data");
        }
        uint32_t c = read_unit(bytes + at, unit, is_big);
        size_t n = unit;
        const char *reason = NULL;
        if (unit == 4) {
            reason = c > UTF8_MAX_CODE_POINT ? "code point not in range(0x110000)"
                     : utf8_is_surrogate(c)
                         ? "code point in surrogate code point range(0xd800, 0xe000)"
                         : NULL;
        } else if (utf8_is_surrogate(c)) {
            const bool has_low = c < 0xdc00 && n_bytes - at >= 4;
            const uint32_t low = has_low ? read_unit(bytes + at + 2, 2, is_big) : 0;
            if (has_low && low >= 0xdc00 && low <= 0xdfff) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                n = 4;
            } else {
                reason = c < 0xdc00 && !has_low ? "unexpected end of data"
                                                : "illegal encoding";
                n = c < 0xdc00 && !has_low ? n_bytes - at : 2;
            }
        }
        if (reason == NULL) {
            buf_add_utf8(&codec->out, c);
        } else if (!decode_error(codec, bytes, at, n, reason)) {
            return false;
        }
        at += n;
    }
    return true;
}

Value codec_decode(Context *cx, ObjBytes *object, Value encoding, Value errors) {
    const char *bytes = object->data;
    const size_t n_bytes = object->n_bytes;
    Codec codec;
    if (!open_codec(cx, &codec, encoding, errors)) {
        return VALUE_ERROR;
    }
    codec.object = OBJ_VALUE(object);
    if (codec.encoding <= ENCODING_LATIN1 && utf8_is_ascii(bytes, n_bytes)) {
        ObjStr *s = str_new_ascii(cx, bytes, n_bytes);
        return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
    }
    const bool is_ok =
        codec.encoding == ENCODING_UTF8     ? decode_utf8(&codec, bytes, n_bytes)
        : codec.encoding <= ENCODING_LATIN1 ? decode_single_bytes(&codec, bytes, n_bytes)
                                            : decode_units(&codec, bytes, n_bytes);
    if (!is_ok) {
        buf_free(&codec.out);
        return VALUE_ERROR;
    }
    ObjStr *s = str_from_buf(cx, &codec.out);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

/* Encoding */

static void write_unit(Buf *out, uint32_t unit, size_t n, bool is_big) {
    for (size_t i = 0; i < n; i++) {
        buf_add_byte(out, (char)(unit >> 8 * (is_big ? n - 1 - i : i)));
    }
}

/* Writes a character that the encoding has. */
static void encode_char(Codec *codec, uint32_t c) {
    const bool is_big =
        codec->encoding == ENCODING_UTF16_BE || codec->encoding == ENCODING_UTF32_BE;
    switch (codec->encoding) {
    case ENCODING_UTF8: buf_add_utf8(&codec->out, c); break;
    case ENCODING_ASCII:
    case ENCODING_LATIN1: buf_add_byte(&codec->out, (char)c); break;
    case ENCODING_UTF16:
    case ENCODING_UTF16_LE:
    case ENCODING_UTF16_BE:
        if (c >= 0x10000) {
            write_unit(&codec->out, 0xd800 + ((c - 0x10000) >> 10), 2, is_big);
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        write_unit(&codec->out, c, 2, is_big);
        break;
    default: write_unit(&codec->out, c, 4, is_big);
    }
}

static bool can_encode(const Codec *codec, uint32_t c) {
    return codec->encoding == ENCODING_ASCII    ? c < 0x80
           : codec->encoding == ENCODING_LATIN1 ? c < 0x100
                                                : !utf8_is_surrogate(c);
}

static const char *encode_reason(const Codec *codec) {
    return codec->encoding == ENCODING_ASCII    ? "ordinal not in range(128)"
           : codec->encoding == ENCODING_LATIN1 ? "ordinal not in range(256)"
                                                : "surrogates not allowed";
}

static bool raise_encode_error(const Codec *codec, const ObjStr *s, size_t byte) {
    /* The run of characters that cannot be encoded is one error. */
    const size_t first = str_char_of_byte(s, byte);
    size_t last = first;
    size_t length;
    for (size_t i = byte; i < s->n_bytes; i += length) {
        if (can_encode(codec, utf8_decode(s->data + i, &length))) {
            break;
        }
        last += i > byte;
    }
    return raise_error(codec, EXC_UnicodeEncodeError, first, last + 1,
                       encode_reason(codec));
}

static void encode_text(Codec *codec, const char *text) {
    for (; *text != '\0'; text++) {
        encode_char(codec, (unsigned char)*text);
    }
}

static bool encode_error(Codec *codec, const ObjStr *s, size_t byte, uint32_t c) {
    char text[16];
    switch (codec->handler) {
    case HANDLER_IGNORE: return true;
    case HANDLER_REPLACE: encode_char(codec, '?'); return true;
    case HANDLER_BACKSLASH:
        snprintf(text, sizeof text,
                 c < 0x100     ? "\\x%02x"
                 : c < 0x10000 ? "\\u%04x"
                               : "\\U%08x",
                 (unsigned)c);
        encode_text(codec, text);
        return true;
    case HANDLER_XML:
        snprintf(text, sizeof text, "&#%u;", (unsigned)c);
        encode_text(codec, text);
        return true;
    case HANDLER_SURROGATE:
        if (c >= ESCAPE_FIRST && c <= ESCAPE_LAST && codec->encoding <= ENCODING_LATIN1) {
            buf_add_byte(&codec->out, (char)(c - (ESCAPE_FIRST - 0x80)));
            return true;
        }
        break;
    case HANDLER_STRICT: break;
    default: return unknown_handler(codec);
    }
    return raise_encode_error(codec, s, byte);
}

Value codec_encode(Context *cx, ObjStr *s, Value encoding, Value errors) {
    Codec codec;
    if (!open_codec(cx, &codec, encoding, errors)) {
        return VALUE_ERROR;
    }
    codec.object = OBJ_VALUE(s);
    const bool is_plain = (str_is_ascii(s) && codec.encoding <= ENCODING_LATIN1) ||
                          (codec.encoding == ENCODING_UTF8 &&
                           utf8_check(s->data, s->n_bytes) == s->n_bytes);
    if (is_plain) {
        ObjBytes *bytes = bytes_new(cx, s->data, s->n_bytes);
        return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
    }
    if (codec.encoding == ENCODING_UTF16 || codec.encoding == ENCODING_UTF32) {
        encode_char(&codec, BYTE_ORDER_MARK);
    }
    size_t length;
    for (size_t i = 0; i < s->n_bytes; i += length) {
        const uint32_t c = utf8_decode(s->data + i, &length);
        if (can_encode(&codec, c)) {
            encode_char(&codec, c);
        } else if (!encode_error(&codec, s, i, c)) {
            buf_free(&codec.out);
            return VALUE_ERROR;
        }
    }
    ObjBytes *bytes = bytes_new(cx, codec.out.bytes, codec.out.n_bytes);
    buf_free(&codec.out);
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}
