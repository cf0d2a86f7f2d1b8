/* float_hex.h - floats in hexadecimal: what float.hex prints and float.fromhex reads. */

#ifndef MINI_OBJECTS_FLOAT_HEX_H
#define MINI_OBJECTS_FLOAT_HEX_H

#include "runtime/objects/str.h"

/* "0x1.8000000000000p+1" of a finite number. */
ObjStr *float_hex_str(Context *cx, double d);

/* [sign] ["0x"] digits ["." digits] ["p" exponent], rounded half to even; an infinity when
 * too large. False when the text is not of that form. */
bool float_hex_read(const char *at, const char *end, double *out);

#endif
