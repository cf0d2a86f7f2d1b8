/* bytes_methods.h - the table of the methods of bytes. */

#ifndef MINI_OBJECTS_BYTES_METHODS_H
#define MINI_OBJECTS_BYTES_METHODS_H

#include "runtime/objects/bytes.h"
#include "runtime/objects/native.h"

extern const NativeDef bytes_methods[];

/* v as bytes: TypeError "a bytes-like object is required, not 'str'". */
ObjBytes *bytes_arg(Context *cx, Value v);
/* An int in range(256); ValueError "byte must be in range(0, 256)" with its own words.
 * -1: exception. */
int bytes_byte_arg(Context *cx, Value v, const char *what);
/* bytes.hex(separator, group); either may be VALUE_UNSET. */
Value bytes_to_hex(Context *cx, const ObjBytes *bytes, Value separator, Value group);

#endif
