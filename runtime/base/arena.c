/* arena.c - memory that is given back all at once. */

#include "runtime/base/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/mem.h"
#include "runtime/base/panic.h"

/* A first chunk that holds the tree of a short script; then twice as much each time, so that the
 * number of chunks stays small and at most half of the memory is unused. */
enum { FIRST_CHUNK_BYTES = 16 * 1024, LAST_CHUNK_BYTES = 4 * 1024 * 1024 };

struct ArenaChunk {
    ArenaChunk           *previous;
    size_t                n_bytes;
    alignas(max_align_t) char bytes[];
};

void arena_init(Arena *arena) {
    *arena = (Arena) {0};
}

void arena_free(Arena *arena) {
    ArenaChunk *chunk = arena->chunks;
    while (chunk != NULL) {
        ArenaChunk *previous = chunk->previous;
        mem_free(chunk);
        chunk = previous;
    }
    arena_init(arena);
}

static void add_chunk(Arena *arena, size_t n_bytes_wanted) {
    size_t n_bytes = arena->n_bytes == 0 ? FIRST_CHUNK_BYTES : arena->n_bytes;
    if (n_bytes > LAST_CHUNK_BYTES) {
        n_bytes = LAST_CHUNK_BYTES;
    }
    if (n_bytes < n_bytes_wanted) {
        n_bytes = n_bytes_wanted;
    }
    ArenaChunk *chunk = mem_alloc(sizeof *chunk + n_bytes);
    chunk->previous = arena->chunks;
    chunk->n_bytes = n_bytes;
    arena->chunks = chunk;
    arena->next = chunk->bytes;
    arena->end = chunk->bytes + n_bytes;
    arena->n_bytes += n_bytes;
}

void *arena_alloc(Arena *arena, size_t n_bytes) {
    if (n_bytes > SIZE_MAX / 2) {
        panic("out of memory (%zu bytes wanted)", n_bytes);
    }
    const size_t rounded = (n_bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (rounded > (size_t) (arena->end - arena->next) || arena->next == NULL) {
        add_chunk(arena, rounded);
    }
    void *block = arena->next;
    arena->next += rounded;
    return block;
}

void *arena_alloc_zeroed(Arena *arena, size_t n_bytes) {
    return memset(arena_alloc(arena, n_bytes), 0, n_bytes);
}

char *arena_copy_text(Arena *arena, const char *data, size_t n_bytes) {
    char *copy = arena_alloc(arena, n_bytes + 1);
    if (n_bytes > 0) {
        memcpy(copy, data, n_bytes);
    }
    copy[n_bytes] = '\0';
    return copy;
}

char *arena_format(Arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_format_v(arena, format, arguments);
    va_end(arguments);
    return text;
}

char *arena_format_v(Arena *arena, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0) {
        panic("arena_format: bad format \"%s\"", format);
    }
    char *text = arena_alloc(arena, (size_t) length + 1);
    vsnprintf(text, (size_t) length + 1, format, arguments);
    return text;
}
