/* bytearray.h - bytearray: bytes that can be changed.
 *
 * Invariants
 *   1. data and n change under the lock (objlock.h); data is never shrunk or freed under a
 *      reader: it is replaced, and the collector keeps what somebody still looks at.
 *   2. What takes many bytes works on a copy made under the lock, so no script code and no
 *      search runs while it is held. */

#ifndef MINI_OBJECTS_BYTEARRAY_H
#define MINI_OBJECTS_BYTEARRAY_H

#include "runtime/objects/array.h"
#include "runtime/objects/bytes.h"

typedef struct ObjByteArray {
    Obj header;
    ObjBuffer *data; /* [lock] NULL while it is empty and never was anything else */
    size_t n;        /* [lock] */
} ObjByteArray;

#define IS_BYTEARRAY(v) IS_KIND(v, KIND_BYTEARRAY)
#define AS_BYTEARRAY(v) ((ObjByteArray *)AS_OBJ(v))

/* Its content at one instant. NULL: MemoryError. */
ObjBytes *bytearray_snapshot(Context *cx, ObjByteArray *a);
/* v, or its content as bytes when it is a bytearray: for what takes bytes-like objects. */
Value bytearray_to_bytes(Context *cx, Value v);

#endif
