/* str_build.c - putting a text together from the texts of objects, within the memory that scripts may have. */

#include "runtime/objects/str_build.h"

#include "runtime/block.h"
#include "runtime/gc/heap.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/str.h"

bool str_build_goes_on(Context *cx, size_t n_bytes) {
    if (UNLIKELY(!heap_could_hold(cx->rt->heap, n_bytes))) {
        exc_raise_no_memory(cx);
        return false;
    }
    return LIKELY(!block_is_urgent(cx)) || block_poll(cx);
}

bool str_build_add(Context *cx, Buf *buf, Value text) {
    buf_add(buf, AS_STR(text)->data, AS_STR(text)->n_bytes);
    return str_build_goes_on(cx, buf->n_bytes);
}

bool str_build_add_repr(Context *cx, Buf *buf, Value v) {
    const Value text = value_repr(cx, v);
    return !IS_ERROR(text) && str_build_add(cx, buf, text);
}
