/* mem.h - malloc for the interpreter's own structures: it succeeds or panics.
 *
 * Values of scripts live on the collected heap, whose exhaustion is a MemoryError; what is allocated
 * here is small beside it, and its callers have no way on without it.
 *
 * Threads: any, at any time (as malloc). */

#ifndef MINI_BASE_MEM_H
#define MINI_BASE_MEM_H

#include <stddef.h>

/* n_bytes of memory, not cleared. Never NULL, also for 0 bytes. */
void *mem_alloc(size_t n_bytes) __attribute__((malloc, returns_nonnull));

/* Memory for count items of item_bytes each, cleared. Panics when the product overflows. */
void *mem_alloc_zeroed(size_t count, size_t item_bytes) __attribute__((malloc, returns_nonnull));

/* The block resized to count items of item_bytes; what fits is kept. block may be NULL. */
void *mem_resize(void *block, size_t count, size_t item_bytes) __attribute__((returns_nonnull));

/* Gives the block back; NULL is allowed. */
void mem_free(void *block);

#endif
