/* arena.h - memory that is given back all at once.
 *
 * Blocks are cut off a chain of chunks that doubles in size; nothing is freed alone.
 *
 * Threads: an arena belongs to one thread at a time. */

#ifndef MINI_BASE_ARENA_H
#define MINI_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena {
    char       *next;     /* first free byte of the newest chunk */
    char       *end;      /* just past its last byte */
    ArenaChunk *chunks;   /* newest first */
    size_t      n_bytes;  /* of all chunks */
} Arena;

/* Makes an empty arena; it owns no memory until something is allocated. */
void arena_init(Arena *arena);

/* Gives all of its memory back and leaves it empty, ready for use. */
void arena_free(Arena *arena);

/* n_bytes of memory aligned for any type, not cleared. Panics when there is none. */
void *arena_alloc(Arena *arena, size_t n_bytes) __attribute__((malloc, returns_nonnull));

/* The same, cleared. */
void *arena_alloc_zeroed(Arena *arena, size_t n_bytes) __attribute__((malloc, returns_nonnull));

/* A copy of n_bytes of data followed by a zero byte. data may be NULL when n_bytes is 0. */
char *arena_copy_text(Arena *arena, const char *data, size_t n_bytes)
    __attribute__((returns_nonnull));

/* A formatted string. */
char *arena_format(Arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull, returns_nonnull));
char *arena_format_v(Arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0), nonnull(1, 2), returns_nonnull));

#endif
