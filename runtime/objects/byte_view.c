/* byte_view.c - the bytes of a bytes-like object. */

#include "runtime/objects/byte_view.h"

#include "runtime/objects/abstract.h"
#include "runtime/objects/bytearray.h"
#include "runtime/objects/exception.h"

bool byte_view_of(Context *cx, Value v, ByteView *view) {
    if (LIKELY(IS_BYTES(v))) {
        *view = (ByteView){AS_BYTES(v)->data, AS_BYTES(v)->n_bytes};
        return true;
    }
    if (IS_BYTEARRAY(v)) { /* a copy, so that nobody changes it meanwhile */
        const ObjBytes *copy = bytearray_snapshot(cx, AS_BYTEARRAY(v));
        *view = (ByteView){copy == NULL ? NULL : copy->data,
                           copy == NULL ? 0 : copy->n_bytes};
        return copy != NULL;
    }
    exc_raise(cx, EXC_TypeError, "a bytes-like object is required, not '%s'",
              type_name_of(cx, v));
    return false;
}
