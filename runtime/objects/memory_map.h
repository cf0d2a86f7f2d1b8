/* memory_map.h - mmap: a file, or memory that processes share, as bytes that can be read and changed in place.
 *
 * Invariants
 *   1. data, n, position and fd change under the lock (objlock.h).
 *   2. Pages are unmapped only when the object is freed: who looked at them before close() or resize() in another thread
 *      still may, and sees zeros (base/file_pages.h).
 *   3. While a memoryview shows it, it is neither closed nor resized (BufferError). */

#ifndef MINI_OBJECTS_MEMORY_MAP_H
#define MINI_OBJECTS_MEMORY_MAP_H

#include "runtime/gc/alloc.h"

typedef enum MapAccess {
    ACCESS_DEFAULT,
    ACCESS_READ,
    ACCESS_WRITE,
    ACCESS_COPY
} MapAccess;

typedef struct OldPages OldPages;

typedef struct ObjMemoryMap {
    Obj header;
    char *data;       /* [lock] NULL when it is closed */
    size_t n;         /* [lock] bytes */
    size_t position;  /* [lock] where read() and write() go on; behind the end after resize(), perhaps */
    int64_t offset;   /* [const] of the file */
    int fd;           /* [lock] its own descriptor of the file, or -1 */
    int flags;        /* [const] of mmap(2), as protection */
    int protection;
    MapAccess access; /* [const] */
    bool is_exported; /* [lock] there is, or was, a memoryview */
    OldPages *old;    /* [lock] pages to be unmapped with the object */
} ObjMemoryMap;

#define IS_MEMORY_MAP(v) IS_KIND(v, KIND_MEMORY_MAP)
#define AS_MEMORY_MAP(v) ((ObjMemoryMap *)AS_OBJ(v))

/* Locks it (hand *is_locked to objlock_unlock); false with ValueError pending when it is closed. */
bool memory_map_open(Context *cx, ObjMemoryMap *map, bool *is_locked);
/* The same; false with TypeError pending, too, when it is read-only. */
bool memory_map_open_to_write(Context *cx, ObjMemoryMap *map, bool *is_locked);
bool memory_map_close(Context *cx, ObjMemoryMap *map); /* BufferError */
bool memory_map_resize(Context *cx, ObjMemoryMap *map,
                       int64_t n); /* BufferError, TypeError, ValueError, OSError */
/* Its bytes; false with ValueError pending when it is closed. */
bool memory_map_bytes(Context *cx, ObjMemoryMap *map, char **data, size_t *n);

#endif
