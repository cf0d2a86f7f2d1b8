/* mem.c - malloc for the interpreter's own structures: it succeeds or panics. */

#include "runtime/base/mem.h"

#include <stdlib.h>

#include "runtime/base/panic.h"

static void *checked(void *block, size_t n_bytes) {
    if (block == NULL) {
        panic("out of memory (%zu bytes wanted)", n_bytes);
    }
    return block;
}

/* malloc(0) may return NULL, which would read as a failure. */
static size_t at_least_one(size_t n_bytes) {
    return n_bytes == 0 ? 1 : n_bytes;
}

static size_t product(size_t count, size_t item_bytes) {
    size_t n_bytes;
    if (__builtin_mul_overflow(count, item_bytes, &n_bytes)) {
        panic("out of memory (%zu items of %zu bytes wanted)", count, item_bytes);
    }
    return at_least_one(n_bytes);
}

void *mem_alloc(size_t n_bytes) {
    return checked(malloc(at_least_one(n_bytes)), n_bytes);
}

void *mem_alloc_zeroed(size_t count, size_t item_bytes) {
    const size_t n_bytes = product(count, item_bytes);
    return checked(calloc(1, n_bytes), n_bytes);
}

void *mem_resize(void *block, size_t count, size_t item_bytes) {
    const size_t n_bytes = product(count, item_bytes);
    return checked(realloc(block, n_bytes), n_bytes);
}

void mem_free(void *block) {
    free(block);
}
