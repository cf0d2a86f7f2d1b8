/* string_io.h - the text in memory behind io.StringIO: UTF-8 in a buffer that doubles, and a position in it.
 *
 * Invariants
 *   1. buffer->bytes[0 .. n_bytes) is text of n_chars characters, as in str.h.
 *   2. at_byte is where character at_char begins, or n_bytes when there are no more than at_char characters.
 *   3. newline is NEWLINE_UNIVERSAL for None: line ends are unified when they are written. Of NEWLINE_CR and
 *      NEWLINE_CRLF, '\n' is written as their own, and is none in what is read.
 *   4. All fields change, and are read, under the object's lock (objlock.h): one write is one step for other threads. */

#ifndef MINI_OBJECTS_STRING_IO_H
#define MINI_OBJECTS_STRING_IO_H

#include "runtime/base/newline.h"
#include "runtime/objects/array.h"

typedef struct ObjStringIO {
    Obj header;
    ObjBuffer *buffer; /* [lock] NULL: empty */
    size_t n_bytes;    /* [lock] */
    size_t n_chars;    /* [lock] */
    size_t at_byte;    /* [lock] */
    size_t at_char;    /* [lock] */
    uint8_t newline;   /* [lock] NewlineMode */
    bool is_closed;    /* [atomic relaxed] */
} ObjStringIO;

#define AS_STRING_IO(v) ((ObjStringIO *)AS_OBJ(v))

#endif
