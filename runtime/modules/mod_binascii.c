/* mod_binascii.c - the module _binascii: Base64 in C. lib/binascii.mini adds the rest. */

#include "runtime/base/buf.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/exception.h"

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static Value result(Context *cx, Buf *out) {
    ObjBytes *bytes = bytes_new(cx, out->bytes, out->n_bytes);
    buf_free(out);
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

NATIVE(binascii_b2a_base64, "b2a_base64(data, /, *, newline=True)",
       "Base64-code line of data.") {
    ByteView view;
    bool has_newline;
    if (!byte_view_of(cx, args[0], &view) || !arg_bool(cx, args[1], true, &has_newline)) {
        return VALUE_ERROR;
    }
    Buf out = {0};
    const unsigned char *data = (const unsigned char *)view.data;
    buf_reserve(&out, (view.n_bytes + 2) / 3 * 4 + 1);
    for (size_t i = 0; i < view.n_bytes; i += 3) {
        const size_t n = view.n_bytes - i;
        const unsigned word = (unsigned)data[i] << 16 |
                              (n > 1 ? (unsigned)data[i + 1] << 8 : 0) |
                              (n > 2 ? data[i + 2] : 0);
        buf_add_byte(&out, letters[word >> 18]);
        buf_add_byte(&out, letters[word >> 12 & 63]);
        buf_add_byte(&out, n > 1 ? letters[word >> 6 & 63] : '=');
        buf_add_byte(&out, n > 2 ? letters[word & 63] : '=');
    }
    if (has_newline) {
        buf_add_byte(&out, '\n');
    }
    return result(cx, &out);
}

/* The bytes of ASCII text or of a bytes-like object. */
static bool ascii_arg(Context *cx, Value v, ByteView *view) {
    if (IS_STR(v)) {
        *view = (ByteView){AS_STR(v)->data, AS_STR(v)->n_bytes};
        if (!str_is_ascii(AS_STR(v))) {
            exc_raise(cx, EXC_ValueError,
                      "string argument should contain only ASCII characters");
        }
        return str_is_ascii(AS_STR(v));
    }
    if (byte_view_of(cx, v, view)) {
        return true;
    }
    if (exc_take_if(cx, EXC_TypeError)) {
        exc_raise(cx, EXC_TypeError,
                  "argument should be bytes, buffer or ASCII string, not '%s'",
                  type_name_of(cx, v));
    }
    return false;
}

NATIVE(binascii_ascii, "ascii_bytes(data, /)",
       "ASCII text or a bytes-like object as bytes.") {
    ByteView view;
    ObjBytes *bytes =
        ascii_arg(cx, args[0], &view) ? bytes_new(cx, view.data, view.n_bytes) : NULL;
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

static int value_of(unsigned char c) {
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

typedef struct Decoder {
    Buf out;
    unsigned word; /* of the letters of a group of 4 so far */
    int n;         /* of them */
    int n_padding;
    const char *error;
} Decoder;

static void end_group(Decoder *d) {
    const int n_bytes = d->n - 1;
    for (int i = 0; i < n_bytes; i++) {
        buf_add_byte(&d->out, (char)(d->word >> (6 * d->n - 8 - 8 * i)));
    }
    d->n = 0;
    d->word = 0;
}

/* A '=' at i; true: it was the end of the data. */
static bool take_padding(Decoder *d, const ByteView *view, size_t i, bool is_strict) {
    d->n_padding++;
    if (d->n >= 2 && d->n + d->n_padding >= 4) {
        if (is_strict && i + 1 < view->n_bytes) {
            d->error = "Excess data after padding";
        }
        end_group(d);
        return true;
    }
    if (is_strict && d->n < 2) {
        d->error = i == 0      ? "Leading padding not allowed"
                   : d->n == 0 ? "Excess padding not allowed"
                               : "Discontinuous padding not allowed";
    }
    return d->error != NULL;
}

/* All letters; true: the end was seen. */
static bool decode(Decoder *d, const ByteView *view, bool is_strict) {
    for (size_t i = 0; i < view->n_bytes; i++) {
        const unsigned char c = (unsigned char)view->data[i];
        const int value = value_of(c);
        if (c == '=') {
            if (take_padding(d, view, i, is_strict)) {
                return true;
            }
        } else if (value < 0) {
            d->error = is_strict ? "Only base64 data is allowed" : NULL;
        } else {
            d->error = is_strict && d->n_padding > 0 ? "Discontinuous padding not allowed"
                                                     : NULL;
            d->n_padding = 0;
            d->word = d->word << 6 | (unsigned)value;
            if (++d->n == 4) {
                end_group(d);
            }
        }
        if (d->error != NULL) {
            return true;
        }
    }
    return false;
}

NATIVE(binascii_a2b_base64, "a2b_base64(data, /, *, strict_mode=False)",
       "Decode a line of base64 data.") {
    ByteView view;
    bool is_strict;
    if (!ascii_arg(cx, args[0], &view) || !arg_bool(cx, args[1], false, &is_strict)) {
        return VALUE_ERROR;
    }
    Decoder d = {.error = NULL};
    const bool is_ended = decode(&d, &view, is_strict);
    if (d.error == NULL && !is_ended && d.n > 1) {
        d.error = "Incorrect padding";
    }
    if (d.error != NULL) {
        buf_free(&d.out);
        return module_raise(cx, "binascii", "Error", "%s", d.error);
    }
    if (d.n == 1 && !is_ended) {
        const size_t n = d.out.n_bytes / 3 * 4 + 1;
        buf_free(&d.out);
        return module_raise(
            cx, "binascii", "Error",
            "Invalid base64-encoded string: number of data characters (%zu) cannot "
            "be 1 more than a multiple of 4",
            n);
    }
    return result(cx, &d.out);
}

static const NativeDef functions[] = {NATIVE_ENTRY(binascii_b2a_base64),
                                      NATIVE_ENTRY(binascii_a2b_base64),
                                      NATIVE_ENTRY(binascii_ascii),
                                      {0}};

bool mod_binascii_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
