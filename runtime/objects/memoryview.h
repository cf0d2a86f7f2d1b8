/* memoryview.h - the memory of bytes-like objects: what memoryview shows, and how others read and write it.
 *
 * Bytes-like are bytes, bytearray, array.array, mmap.mmap and memoryview itself. A Memory is a row of items in one of them. The storage of
 * an object that can be resized is never freed under a reader (bytearray.h), so a Memory stays valid as long as it is on the
 * C stack or in a memoryview, whatever other threads do: if they resize the object all the same, it shows the old storage.
 *
 * Threads: reading and writing takes the lock of the object that owns the memory, unless that is a bytes. */

#ifndef MINI_OBJECTS_MEMORYVIEW_H
#define MINI_OBJECTS_MEMORYVIEW_H

#include "runtime/objects/bytes.h"
#include "runtime/objects/item.h"

typedef struct Memory {
    Value object;      /* bytes, bytearray, array or mmap */
    char *data;        /* the first item */
    int64_t n;         /* of items */
    int64_t stride;    /* bytes from one to the next */
    ItemType type;
    bool has_at;       /* the format is written "@i" */
    bool is_readonly;
} Memory;

typedef struct ObjMemoryView {
    Obj header;
    Memory memory;     /* [const] */
    bool is_part;      /* [atomic relaxed] made by slicing another view */
    bool is_released;  /* [atomic relaxed] */
} ObjMemoryView;

#define IS_MEMORYVIEW(v) IS_KIND(v, KIND_MEMORYVIEW)
#define AS_MEMORYVIEW(v) ((ObjMemoryView *)AS_OBJ(v))

static inline size_t memory_bytes(const Memory *m) {
    return (size_t)m->n * m->type.n_bytes;
}

static inline bool memory_is_contiguous(const Memory *m) {
    return m->stride == m->type.n_bytes || m->n <= 1;
}

/* The memory of a bytes-like object: 1; 0 when v is none (nothing is raised); -1: ValueError, it was released. */
int memory_of(Context *cx, Value v, Memory *m);
/* Its items, one behind the other. */
ObjBytes *memory_copy(Context *cx, const Memory *m);
/* Writes n_bytes bytes from that byte on, which is there; m is contiguous and not read-only. */
void memory_write(Context *cx, const Memory *m, size_t at, const char *bytes, size_t n_bytes);
/* The memory of something that can be written to, one byte behind the other. False with TypeError pending, worded by format
 * ("readinto() argument must be read-write bytes-like object, not %s"). */
bool memory_to_write(Context *cx, Value v, const char *format, Memory *m) __attribute__((format(printf, 3, 0)));

/* Is there a memoryview of the object that was not released? May collect. Parts of other views do not count for an mmap, whose
 * memory can be let go under them: they often are temporary values, which a collection still finds. */
bool memoryview_shows(Context *cx, const Obj *o);
/* The same without collecting: views that nobody has any more count. May be called under the object's lock. */
bool memoryview_is_on(Context *cx, const Obj *o);

#endif
