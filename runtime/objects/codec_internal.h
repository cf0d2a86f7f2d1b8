/* codec_internal.h - between codec.c, codec_decode.c and codec_encode.c. */

#ifndef MINI_OBJECTS_CODEC_INTERNAL_H
#define MINI_OBJECTS_CODEC_INTERNAL_H

#include "runtime/base/buf.h"
#include "runtime/objects/codec.h"
#include "runtime/objects/codec_names.h"
#include "runtime/objects/exception.h"

/* How errors are handled, in the order of handler_names. */
typedef enum Handler {
    HANDLER_STRICT,
    HANDLER_IGNORE,
    HANDLER_REPLACE,
    HANDLER_BACKSLASH,
    HANDLER_ESCAPE,  /* surrogateescape */
    HANDLER_PASS,    /* surrogatepass */
    HANDLER_XML,
    HANDLER_NAME,
    HANDLER_OF_SCRIPT
} Handler;

enum { ESCAPE_FIRST = 0xdc80, ESCAPE_LAST = 0xdcff, BYTE_ORDER_MARK = 0xfeff };

typedef struct Codec {
    Context *cx;
    const Encoding *encoding;
    const char *error_name; /* of the encoding, in exceptions */
    Handler handler;
    ObjStr *handler_name;
    Value object;           /* what is being decoded or encoded */
    bool is_partial;        /* decoding: more may follow, so leave what is not complete */
    size_t n_done;          /* bytes that were decoded */
    Buf out;
} Codec;

/* Each writes to out. False: exception pending. */
bool codec_decode_all(Codec *codec, const char *bytes, size_t n_bytes);
bool codec_encode_all(Codec *codec, ObjStr *s);

/* UnicodeDecodeError or UnicodeEncodeError about object[start:end]; returns false. */
bool codec_raise(const Codec *codec, ExcKind kind, size_t start, size_t end, const char *reason);
/* Asks the handler that a script registered: *replacement is what it gave (of any type), *resume where to go on. */
bool codec_ask_script(const Codec *codec, ExcKind kind, size_t start, size_t end, const char *reason,
                      Value *replacement, int64_t *resume);

static inline bool encoding_is_big(const Encoding *encoding) {
    return encoding->kind == ENCODING_UTF16_BE || encoding->kind == ENCODING_UTF32_BE;
}

#endif
