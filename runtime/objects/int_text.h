/* int_text.h - integers as text: what int.h declares of it is in int_text.c, and this. */

#ifndef MINI_OBJECTS_INT_TEXT_H
#define MINI_OBJECTS_INT_TEXT_H

#include "runtime/base/buf.h"
#include "runtime/objects/int.h"

/* Appends the digits of any int, with a minus if it is negative and no prefix. False:
 * ValueError, too many digits. */
bool int_add_text(Context *cx, Buf *out, Value v, int base /* 2, 8, 10, 16 */,
                  bool is_upper);

/* A text of UTF-8 in which every character that is a decimal digit or white space
 * beyond ASCII has been replaced by the ASCII character that means the same; other
 * characters beyond ASCII become '?'. For reading numbers. */
void int_add_plain_digits(Buf *out, const char *text, size_t n_bytes);

#endif
