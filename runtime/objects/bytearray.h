/* bytearray.h - bytearray: bytes that can be changed.
 *
 * Invariants
 *   1. data and n change under the lock (objlock.h); data is never shrunk or freed under a
 *      reader: it is replaced, and the collector keeps what somebody still looks at.
 *   2. What takes many bytes works on a copy made under the lock, so no script code and no
 *      search runs while it is held.
 *   3. While a memoryview shows it, it keeps its size (BufferError). is_exported says that
 *      there was one; memoryview_shows finds out whether it still is. Who makes a view in
 *      another thread at the moment of the change sees the old storage.
 *
 * array.array is laid out as a bytearray that knows the type of its items, typed_array.h. */

#ifndef MINI_OBJECTS_BYTEARRAY_H
#define MINI_OBJECTS_BYTEARRAY_H

#include "runtime/objects/array.h"
#include "runtime/objects/bytes.h"

typedef struct ObjByteArray {
    Obj header;
    ObjBuffer *data; /* [lock] NULL while it is empty and never was anything else */
    size_t n;        /* [lock] */
    bool is_exported; /* [lock] */
} ObjByteArray;

#define IS_BYTEARRAY(v) IS_KIND(v, KIND_BYTEARRAY)
#define AS_BYTEARRAY(v) ((ObjByteArray *)AS_OBJ(v))

/* Its content at one instant. NULL: MemoryError. */
ObjBytes *bytearray_snapshot(Context *cx, ObjByteArray *a);
/* Bytes [from, to) become those given; both places are clamped to what is there. False:
 * MemoryError, BufferError. */
bool bytearray_splice(Context *cx, ObjByteArray *a, size_t from, size_t to,
                      const char *bytes, size_t n_bytes);
/* a[start], a[start + step], ... (n items of n_item bytes) become those of content, which
 * has as many unless step is 1; content NULL deletes them. The indices were resolved for a
 * length of n_items items: *is_same becomes false, and nothing is done, if that changed. */
bool bytearray_set_slice(Context *cx, ObjByteArray *a, size_t n_item, size_t n_items,
                         int64_t start, int64_t step, int64_t n,
                         const ObjBytes *content, bool *is_same);
/* Takes out the item (n_item bytes) at an index, which may count from the end, at one instant: 1; 0: there is none,
 * *n_items is the length; -1: BufferError. */
int bytearray_take(Context *cx, ObjByteArray *a, size_t n_item, int64_t index, char *item,
                   size_t *n_items);
/* The byte at an index from 0; VALUE_UNSET behind the end. */
Value bytearray_peek(Context *cx, ObjByteArray *a, size_t i);
/* False with BufferError pending when a memoryview shows it. */
bool bytearray_can_resize(Context *cx, ObjByteArray *a);

#endif
