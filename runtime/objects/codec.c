/* codec.c - text to bytes and back: names of encodings and of handlers, exceptions, what needs no look at characters.
 *
 * See also: codec_decode.c, codec_encode.c, codec_names.c. */

#include "runtime/objects/codec.h"

#include "runtime/base/utf8.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/codec_internal.h"
#include "runtime/objects/int.h"
#include "runtime/objects/tuple.h"

static const char *const handler_names[] = {
    "strict",          "ignore",        "replace",           "backslashreplace",
    "surrogateescape", "surrogatepass", "xmlcharrefreplace", "namereplace",
};

/* Encodings of the module codecs that are not between text and bytes. */
static bool is_for_codecs(const ObjStr *name) {
    static const char *const names[] = {"hex", "hex_codec", "base64", "base64_codec", "base_64", "rot13", "rot_13",
                                        "zlib", "zlib_codec", "zip"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (str_equals_c(name, names[i])) {
            return true;
        }
    }
    return false;
}

static bool raise_unknown(Context *cx, const ObjStr *name, bool is_decoding) {
    if (is_for_codecs(name)) {
        exc_raise(cx, EXC_LookupError, "'%.*s' is not a text encoding; use codecs.%s() to handle arbitrary codecs",
                  (int)name->n_bytes, name->data, is_decoding ? "decode" : "encode");
    } else {
        exc_raise(cx, EXC_LookupError, "unknown encoding: %.*s", (int)name->n_bytes, name->data);
    }
    return false;
}

static bool find_encoding(Context *cx, Value v, bool is_decoding, Codec *codec) {
    if (IS_UNSET(v)) {
        codec->encoding = codec_find("utf-8", 5);
    } else if (!IS_STR(v)) {
        exc_raise(cx, EXC_TypeError, "argument 'encoding' must be str, not %s",
                  type_name_of(cx, v));
        return false;
    } else {
        codec->encoding = codec_find(AS_STR(v)->data, AS_STR(v)->n_bytes);
    }
    if (codec->encoding == NULL) {
        return raise_unknown(cx, AS_STR(v), is_decoding);
    }
    codec->error_name = codec->encoding->error_name;
    return true;
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
    while (codec->handler < HANDLER_OF_SCRIPT &&
           !str_equals_c(AS_STR(v), handler_names[codec->handler])) {
        codec->handler++;
    }
    return true;
}

static bool open_codec(Context *cx, Codec *codec, Value encoding, Value errors, bool is_decoding) {
    *codec = (Codec){.cx = cx};
    return find_encoding(cx, encoding, is_decoding, codec) && find_handler(cx, errors, codec);
}

/* Errors */

static Value new_error(const Codec *codec, ExcKind kind, size_t start, size_t end,
                       const char *reason) {
    Context *cx = codec->cx;
    ObjStr *name = str_from_c(cx, codec->error_name);
    ObjStr *text = str_from_c(cx, reason);
    if (name == NULL || text == NULL) {
        return VALUE_ERROR;
    }
    const Value args =
        tuple_pack(cx, 5, OBJ_VALUE(name), codec->object, value_from_int((int64_t)start),
                   value_from_int((int64_t)end), OBJ_VALUE(text));
    return IS_ERROR(args) ? VALUE_ERROR : exc_new(cx, kind, args);
}

bool codec_raise(const Codec *codec, ExcKind kind, size_t start, size_t end,
                 const char *reason) {
    const Value exception = new_error(codec, kind, start, end, reason);
    if (!IS_ERROR(exception)) {
        exc_raise_object(codec->cx, exception);
    }
    return false;
}

/* The function that codecs.register_error was given; while nobody imported codecs there is none. */
static Value script_handler(const Codec *codec) {
    Context *cx = codec->cx;
    ObjStr *module_name = str_intern(cx, "codecs", 6);
    if (module_name == NULL) {
        return VALUE_ERROR;
    }
    const Value module = dict_get_str(cx->rt->modules, module_name);
    if (IS_UNSET(module)) {
        return exc_raise(cx, EXC_LookupError, "unknown error handler name '%.*s'",
                         (int)codec->handler_name->n_bytes, codec->handler_name->data);
    }
    const Value name = OBJ_VALUE(codec->handler_name);
    return value_call_attr_c(cx, module, "lookup_error", &name, 1);
}

bool codec_ask_script(const Codec *codec, ExcKind kind, size_t start, size_t end,
                      const char *reason, Value *replacement, int64_t *resume) {
    Context *cx = codec->cx;
    const Value handler = script_handler(codec);
    const Value error =
        IS_ERROR(handler) ? VALUE_ERROR : new_error(codec, kind, start, end, reason);
    const Value answer =
        IS_ERROR(error) ? VALUE_ERROR : call_value(cx, handler, &error, 1);
    if (IS_ERROR(answer)) {
        return false;
    }
    const bool is_decoding = kind == EXC_UnicodeDecodeError;
    if (IS_TUPLE(answer) && AS_TUPLE(answer)->n == 2 &&
        IS_INT_LIKE(AS_TUPLE(answer)->items[1])) {
        *replacement = AS_TUPLE(answer)->items[0];
        if (IS_STR(*replacement) || (!is_decoding && IS_BYTES(*replacement))) {
            return int_index_i64(cx, AS_TUPLE(answer)->items[1], resume, EXC_IndexError);
        }
    }
    exc_raise(cx, EXC_TypeError, "%s error handler must return (str%s, int) tuple",
              is_decoding ? "decoding" : "encoding", is_decoding ? "" : "/bytes");
    return false;
}

/* Decoding and encoding */

static Value decode(Codec *codec, ObjBytes *object) {
    const char *bytes = object->data;
    const size_t n_bytes = object->n_bytes;
    codec->object = OBJ_VALUE(object);
    codec->n_done = n_bytes;
    if (encoding_has_ascii(codec->encoding) && utf8_is_ascii(bytes, n_bytes)) {
        ObjStr *s = str_new_ascii(codec->cx, bytes, n_bytes);
        return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
    }
    if (!codec_decode_all(codec, bytes, n_bytes)) {
        buf_free(&codec->out);
        return VALUE_ERROR;
    }
    ObjStr *s = str_from_buf(codec->cx, &codec->out);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

Value codec_decode(Context *cx, ObjBytes *object, Value encoding, Value errors) {
    Codec codec;
    return open_codec(cx, &codec, encoding, errors, true) ? decode(&codec, object)
                                                    : VALUE_ERROR;
}

Value codec_decode_part(Context *cx, ObjBytes *object, Value encoding, Value errors,
                        size_t *n_done) {
    Codec codec;
    if (!open_codec(cx, &codec, encoding, errors, true)) {
        return VALUE_ERROR;
    }
    codec.is_partial = true;
    const Value text = decode(&codec, object);
    *n_done = codec.n_done;
    return text;
}

Value codec_encode(Context *cx, ObjStr *s, Value encoding, Value errors) {
    Codec codec;
    if (!open_codec(cx, &codec, encoding, errors, false)) {
        return VALUE_ERROR;
    }
    codec.object = OBJ_VALUE(s);
    const bool is_plain = (str_is_ascii(s) && encoding_has_ascii(codec.encoding)) ||
                          (codec.encoding->kind == ENCODING_UTF8 &&
                           utf8_find_surrogate(s->data, s->n_bytes) == s->n_bytes);
    if (is_plain) {
        ObjBytes *bytes = bytes_new(cx, s->data, s->n_bytes);
        return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
    }
    const bool is_ok = codec_encode_all(&codec, s);
    ObjBytes *bytes = is_ok ? bytes_new(cx, codec.out.bytes, codec.out.n_bytes) : NULL;
    buf_free(&codec.out);
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}
