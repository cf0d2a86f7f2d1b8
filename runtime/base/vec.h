/* vec.h - growing arrays of any one type, as macros.
 *
 *     VEC(int) numbers = {0};
 *     vec_push(&numbers, 7);
 *     for (size_t i = 0; i < numbers.n; i++) { ... numbers.items[i] ... }
 *     vec_free(&numbers);
 *
 * A pointer to an item is valid until the next push. Macros because the type differs: an inline
 * function could not name it. Each argument is evaluated once, but for `vec`.
 *
 * Threads: a vector belongs to one thread at a time. */

#ifndef MINI_BASE_VEC_H
#define MINI_BASE_VEC_H

#include <assert.h>
#include <stddef.h>

#include "runtime/base/mem.h"

#define VEC(Type) struct { Type *items; size_t n; size_t capacity; }

/* Room for count items in all. */
#define vec_reserve(vec, count) \
    ((vec)->items = vec_grow((vec)->items, &(vec)->capacity, (count), sizeof *(vec)->items))

#define vec_push(vec, ...) \
    ((vec)->n == (vec)->capacity ? (void) vec_reserve((vec), (vec)->n + 1) : (void) 0, \
     (void) ((vec)->items[(vec)->n++] = (__VA_ARGS__)))

#define vec_pop(vec) (assert((vec)->n > 0), (vec)->items[--(vec)->n])

#define vec_last(vec) (assert((vec)->n > 0), &(vec)->items[(vec)->n - 1])

/* Forgets the items, keeps the memory. */
#define vec_clear(vec) ((void) ((vec)->n = 0))

/* Gives the memory back and leaves the vector empty. */
#define vec_free(vec) \
    (mem_free((vec)->items), (vec)->items = NULL, (void) ((vec)->n = (vec)->capacity = 0))

/* The slow half of the macros: room for at least n_wanted items, twice as many as before. */
static inline void *vec_grow(void *items, size_t *capacity, size_t n_wanted, size_t item_bytes) {
    if (n_wanted <= *capacity) {
        return items;
    }
    const size_t doubled = *capacity < 4 ? 8 : *capacity * 2;
    *capacity = n_wanted > doubled ? n_wanted : doubled;
    return mem_resize(items, *capacity, item_bytes);
}

#endif
