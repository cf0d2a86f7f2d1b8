/* byte_view.c - the bytes of a bytes-like object. */

#include "runtime/objects/byte_view.h"

#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/memoryview.h"

Value byte_view_to_bytes(Context *cx, Value v) {
    Memory m;
    if (LIKELY(IS_BYTES(v))) {
        return v;
    }
    const int is_memory = memory_of(cx, v, &m);
    if (is_memory <= 0) {
        return is_memory < 0 ? VALUE_ERROR : v;
    }
    ObjBytes *copy = memory_copy(cx, &m);
    return copy == NULL ? VALUE_ERROR : OBJ_VALUE(copy);
}

bool byte_view_of(Context *cx, Value v, ByteView *view) {
    Memory m;
    const int is_memory = memory_of(cx, v, &m);
    if (is_memory > 0 && IS_BYTES(m.object) && memory_is_contiguous(&m)) {
        *view = (ByteView){m.data, memory_bytes(&m)};
        return true;
    }
    if (is_memory > 0) { /* a copy, so that nobody changes it meanwhile */
        const ObjBytes *copy = memory_copy(cx, &m);
        *view = (ByteView){copy == NULL ? NULL : copy->data,
                           copy == NULL ? 0 : copy->n_bytes};
        return copy != NULL;
    }
    if (is_memory == 0) {
        exc_raise(cx, EXC_TypeError, "a bytes-like object is required, not '%s'",
                  type_name_of(cx, v));
    }
    return false;
}
