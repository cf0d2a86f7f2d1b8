/* codec.h - text to bytes and back: utf-8, -16 and -32, ascii, latin-1, and some encodings of one byte for each character.
 *
 * encoding and errors are str Values or VALUE_UNSET (utf-8, "strict"); anything else is a TypeError. Handlers of errors: those
 * of Python (strict, ignore, replace, backslashreplace, surrogateescape, surrogatepass, and for encoding xmlcharrefreplace and
 * namereplace), and what a script gave to codecs.register_error. See codec_names.h for the encodings. */

#ifndef MINI_OBJECTS_CODEC_H
#define MINI_OBJECTS_CODEC_H

#include "runtime/objects/bytes.h"
#include "runtime/objects/str.h"

/* A str, or VALUE_ERROR with LookupError, UnicodeDecodeError pending. */
Value codec_decode(Context *cx, ObjBytes *bytes, Value encoding, Value errors);
/* The same for the begin of a text: leaves an incomplete character at the end; *n_done says how many bytes were decoded. */
Value codec_decode_part(Context *cx, ObjBytes *bytes, Value encoding, Value errors, size_t *n_done);
/* A bytes, or VALUE_ERROR with LookupError, UnicodeEncodeError pending. */
Value codec_encode(Context *cx, ObjStr *s, Value encoding, Value errors);

#endif
