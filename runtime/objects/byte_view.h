/* byte_view.h - the bytes of a bytes-like object, to be read. */

#ifndef MINI_OBJECTS_BYTE_VIEW_H
#define MINI_OBJECTS_BYTE_VIEW_H

#include "runtime/objects/bytes.h"

/* Valid as long as it is on the C stack: the memory is kept by the pointer into it. */
typedef struct ByteView {
    const char *data;
    size_t n_bytes;
} ByteView;

/* False with TypeError "a bytes-like object is required, not 'int'" pending. */
bool byte_view_of(Context *cx, Value v, ByteView *view);
/* What takes bytes-like objects among others: v as bytes when it is bytes-like (itself when it is bytes already), otherwise v. */
Value byte_view_to_bytes(Context *cx, Value v);

#endif
