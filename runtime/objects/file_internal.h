/* file_internal.h - between file.c and file_open.c. */

#ifndef MINI_OBJECTS_FILE_INTERNAL_H
#define MINI_OBJECTS_FILE_INTERNAL_H

#include "runtime/objects/file.h"

/* Whether the name of an encoding means UTF-8. */
bool file_is_utf8(Value encoding);
/* Sets encoding and errors as far as they are given (not VALUE_UNSET or None). LookupError for an unknown encoding. */
bool file_set_codec(Context *cx, ObjFile *f, Value encoding, Value errors);
/* Sets the line ends from the argument newline, if it is given. */
bool file_set_newline(Context *cx, ObjFile *f, Value newline);

#endif
