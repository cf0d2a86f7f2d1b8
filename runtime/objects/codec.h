/* codec.h - text to bytes and back: utf-8, ascii, latin-1, utf-16 and utf-32.
 *
 * encoding and errors are str Values or VALUE_UNSET (utf-8, "strict"); anything else is
 * a TypeError. Handlers of errors: strict, ignore, replace, backslashreplace,
 * surrogateescape, and for encoding xmlcharrefreplace. */

#ifndef MINI_OBJECTS_CODEC_H
#define MINI_OBJECTS_CODEC_H

#include "runtime/objects/bytes.h"
#include "runtime/objects/str.h"

/* A str, or VALUE_ERROR with LookupError, UnicodeDecodeError pending. */
Value codec_decode(Context *cx, ObjBytes *bytes, Value encoding, Value errors);
/* A bytes, or VALUE_ERROR with LookupError, UnicodeEncodeError pending. */
Value codec_encode(Context *cx, ObjStr *s, Value encoding, Value errors);

#endif
