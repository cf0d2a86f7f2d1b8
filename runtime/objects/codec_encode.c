/* codec_encode.c - text to bytes. */

#include <stdio.h>

#include "runtime/base/unicode_data.h"
#include "runtime/base/utf8.h"
#include "runtime/objects/codec_internal.h"

static void write_unit(Buf *out, uint32_t unit, size_t n, bool is_big) {
    for (size_t i = 0; i < n; i++) {
        buf_add_byte(out, (char)(unit >> 8 * (is_big ? n - 1 - i : i)));
    }
}

/* The byte of a character in an encoding of one byte for each; -1: there is none. */
static int map_char(const uint16_t *map, uint32_t c) {
    if (c < 0x80) {
        return (int)c;
    }
    for (int i = 0; i < 128; i++) {
        if (map[i] == c) {
            return i + 0x80;
        }
    }
    return -1;
}

/* For unicode_escape, which has all characters. */
static void add_escaped(Codec *codec, uint32_t c) {
    const bool is_raw = codec->encoding->kind == ENCODING_RAW_UNICODE_ESCAPE;
    if (is_raw ? c < 0x100 : c >= ' ' && c < 127 && c != '\\') {
        buf_add_byte(&codec->out, (char)c);
    } else if (c == '\\') {
        buf_add_text(&codec->out, "\\\\");
    } else if (c == '\n' || c == '\t' || c == '\r') {
        buf_add_text(&codec->out, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
    } else {
        buf_add_escape(&codec->out, c);
    }
}

/* Writes a character that the encoding has. */
static void add_char(Codec *codec, uint32_t c) {
    const bool is_big = encoding_is_big(codec->encoding);
    Buf *out = &codec->out;
    switch (codec->encoding->kind) {
    case ENCODING_UTF8:
    case ENCODING_UTF8_SIG: buf_add_utf8(out, c); break;
    case ENCODING_ASCII:
    case ENCODING_LATIN1: buf_add_byte(out, (char)c); break;
    case ENCODING_CHARMAP:
        buf_add_byte(out, (char)map_char(codec->encoding->charmap, c));
        break;
    case ENCODING_UNICODE_ESCAPE:
    case ENCODING_RAW_UNICODE_ESCAPE: add_escaped(codec, c); break;
    case ENCODING_UTF16:
    case ENCODING_UTF16_LE:
    case ENCODING_UTF16_BE:
        if (c >= 0x10000) {
            write_unit(out, 0xd800 + ((c - 0x10000) >> 10), 2, is_big);
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        write_unit(out, c, 2, is_big);
        break;
    default: write_unit(out, c, 4, is_big);
    }
}

static bool can_encode(const Codec *codec, uint32_t c) {
    switch (codec->encoding->kind) {
    case ENCODING_ASCII: return c < 0x80;
    case ENCODING_LATIN1: return c < 0x100;
    case ENCODING_CHARMAP: return map_char(codec->encoding->charmap, c) >= 0;
    case ENCODING_UNICODE_ESCAPE:
    case ENCODING_RAW_UNICODE_ESCAPE: return true;
    default: return !utf8_is_surrogate(c);
    }
}

static const char *reason_of(const Codec *codec) {
    switch (codec->encoding->kind) {
    case ENCODING_ASCII: return "ordinal not in range(128)";
    case ENCODING_LATIN1: return "ordinal not in range(256)";
    case ENCODING_CHARMAP: return "character maps to <undefined>";
    default: return "surrogates not allowed";
    }
}

/* The run of characters from that byte on that cannot be encoded: they are one error. */
typedef struct Run {
    size_t first; /* characters */
    size_t end;
} Run;

static Run run_at(const Codec *codec, const ObjStr *s, size_t byte) {
    Run run = {str_char_of_byte(s, byte), 0};
    run.end = run.first;
    size_t length;
    for (size_t i = byte; i < s->n_bytes; i += length) {
        if (can_encode(codec, utf8_decode(s->data + i, &length))) {
            break;
        }
        run.end++;
    }
    return run;
}

static bool fail(const Codec *codec, const Run *run) {
    return codec_raise(codec, EXC_UnicodeEncodeError, run->first, run->end,
                       reason_of(codec));
}

static void add_text(Codec *codec, const char *text) {
    for (; *text != '\0'; text++) {
        add_char(codec, (unsigned char)*text);
    }
}

/* What a script's handler gave instead of a run: *byte is where to go on. */
static bool replace_by_script(Codec *codec, const ObjStr *s, size_t *byte) {
    const Run run = run_at(codec, s, *byte);
    Value replacement;
    int64_t resume;
    if (!codec_ask_script(codec, EXC_UnicodeEncodeError, run.first, run.end,
                          reason_of(codec), &replacement, &resume)) {
        return false;
    }
    resume += resume < 0 ? (int64_t)s->n_chars : 0;
    if (resume < 0 || (size_t)resume > s->n_chars) {
        exc_raise(codec->cx, EXC_IndexError,
                  "position %lld from error handler out of bounds", (long long)resume);
        return false;
    }
    *byte = str_byte_of_char(s, (size_t)resume);
    if (IS_BYTES(replacement)) {
        buf_add(&codec->out, AS_BYTES(replacement)->data, AS_BYTES(replacement)->n_bytes);
        return true;
    }
    size_t length;
    const ObjStr *text = AS_STR(replacement);
    for (size_t i = 0; i < text->n_bytes; i += length) {
        const uint32_t c = utf8_decode(text->data + i, &length);
        if (!can_encode(codec, c)) {
            return fail(codec, &run);
        }
        add_char(codec, c);
    }
    return true;
}

static void add_name(Codec *codec, uint32_t c) {
    char name[UNICODE_NAME_MAX];
    Buf text = {0};
    const size_t n = unicode_name(c, name);
    if (n > 0) {
        buf_add_format(&text, "\\N{%.*s}", (int)n, name);
    } else {
        buf_add_escape(&text, c);
    }
    add_text(codec, buf_text(&text));
    buf_free(&text);
}

/* Handles the character c at a byte, which cannot be encoded; *byte moves behind what was handled. */
static bool handle(Codec *codec, const ObjStr *s, size_t *byte, uint32_t c,
                   size_t length) {
    Buf text = {0};
    const EncodingKind kind = codec->encoding->kind;
    switch (codec->handler) {
    case HANDLER_IGNORE: break;
    case HANDLER_REPLACE: add_char(codec, '?'); break;
    case HANDLER_BACKSLASH: buf_add_escape(&text, c); break;
    case HANDLER_XML: buf_add_format(&text, "&#%u;", (unsigned)c); break;
    case HANDLER_NAME: add_name(codec, c); break;
    case HANDLER_ESCAPE:
        if (c < ESCAPE_FIRST || c > ESCAPE_LAST || kind > ENCODING_UTF8_SIG) {
            goto strict;
        }
        buf_add_byte(&codec->out, (char)(c - (ESCAPE_FIRST - 0x80)));
        break;
    case HANDLER_PASS:
        if (!utf8_is_surrogate(c) ||
            (kind != ENCODING_UTF8 && kind < ENCODING_UTF8_SIG)) {
            goto strict;
        }
        add_char(codec, c);
        break;
    case HANDLER_OF_SCRIPT: return replace_by_script(codec, s, byte);
    case HANDLER_STRICT:
    strict:;
        const Run run = run_at(codec, s, *byte);
        return fail(codec, &run);
    }
    if (text.n_bytes > 0) {
        add_text(codec, buf_text(&text));
        buf_free(&text);
    }
    *byte += length;
    return true;
}

bool codec_encode_all(Codec *codec, ObjStr *s) {
    const EncodingKind kind = codec->encoding->kind;
    if (kind == ENCODING_UTF16 || kind == ENCODING_UTF32 || kind == ENCODING_UTF8_SIG) {
        add_char(codec, BYTE_ORDER_MARK);
    }
    size_t length;
    for (size_t i = 0; i < s->n_bytes;) {
        const uint32_t c = utf8_decode(s->data + i, &length);
        if (can_encode(codec, c)) {
            add_char(codec, c);
            i += length;
        } else if (!handle(codec, s, &i, c, length)) {
            return false;
        }
    }
    return true;
}
