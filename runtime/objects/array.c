/* array.c - storage for Values on the heap, and for raw bytes. */

#include "runtime/objects/array.h"

#include "runtime/gc/mark.h"
#include "runtime/objects/exception.h"

ObjArray *array_new(Context *cx, size_t capacity) {
    if (UNLIKELY(capacity > (PTRDIFF_MAX - sizeof(ObjArray)) / sizeof(Value))) {
        exc_raise_no_memory(cx);
        return NULL;
    }
    const size_t n_bytes = sizeof(ObjArray) + capacity * sizeof(Value);
    ObjArray *array = (ObjArray *)heap_alloc(cx, n_bytes, KIND_ARRAY, KIND_ARRAY);
    if (LIKELY(array != NULL)) {
        array->capacity = capacity;
    }
    return array;
}

ObjBuffer *buffer_new(Context *cx, size_t capacity) {
    if (UNLIKELY(capacity > PTRDIFF_MAX - sizeof(ObjBuffer))) {
        exc_raise_no_memory(cx);
        return NULL;
    }
    ObjBuffer *buffer =
        (ObjBuffer *)heap_alloc(cx, sizeof(ObjBuffer) + capacity, KIND_BUFFER, KIND_BUFFER);
    if (LIKELY(buffer != NULL)) {
        buffer->capacity = capacity;
    }
    return buffer;
}

static void array_trace(GcMarker *m, Obj *o) {
    const ObjArray *array = (const ObjArray *)o;
    gc_mark_values(m, array->items, array->capacity);
}

const KindOps kind_ops_ObjArray = {.trace = array_trace};
const KindOps kind_ops_ObjBuffer = {.doc = NULL};
