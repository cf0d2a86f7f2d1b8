/* memory_map.c - the type mmap.mmap. See memory_map.h.
 *
 * See also: memory_map_methods.c. */

#include "runtime/objects/memory_map.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/file_pages.h"
#include "runtime/base/mem.h"
#include "runtime/gc/gc.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/memory_map_methods.h"
#include "runtime/objects/memoryview.h"
#include "runtime/objects/range.h"
#include "runtime/objects/seq.h"

struct OldPages {
    void *pages;
    size_t n_bytes;
    OldPages *next;
};

/* Making */

typedef struct Wanted {
    int64_t length;
    int64_t offset;
    int fd;
    int flags;
    int protection;
    int access;
} Wanted;

static bool number(Context *cx, Value v, int *out) {
    return IS_UNSET(v) || arg_int32(cx, v, out);
}

/* What access means for mmap(2), or the other way round. */
static bool settle_access(Context *cx, Wanted *w, bool has_flags) {
    if (w->access != ACCESS_DEFAULT && has_flags) {
        exc_raise(cx, EXC_ValueError, "mmap can't specify both access and flags, prot.");
        return false;
    }
    switch (w->access) {
    case ACCESS_READ:
        w->flags = MAP_SHARED;
        w->protection = PROT_READ;
        return true;
    case ACCESS_WRITE:
        w->flags = MAP_SHARED;
        w->protection = PROT_READ | PROT_WRITE;
        return true;
    case ACCESS_COPY:
        w->flags = MAP_PRIVATE;
        w->protection = PROT_READ | PROT_WRITE;
        return true;
    case ACCESS_DEFAULT:
        if (!(w->protection & PROT_WRITE)) {
            w->access = ACCESS_READ;
        } else if (!(w->protection & PROT_READ)) {
            w->access = ACCESS_WRITE;
        }
        w->protection |= PROT_READ; /* whoever may write may read */
        return true;
    default:
        exc_raise(cx, EXC_ValueError, "mmap invalid access parameter.");
        return false;
    }
}

static bool read_arguments(Context *cx, const Value *args, int n_args, Value kwargs,
                           Wanted *w) {
    static const char *const parameters[] = {"fileno", "length", "flags",    "prot",
                                             "access", "offset", "*trackfd", NULL};
    Value v[7];
    bool has_file = true;
    *w = (Wanted){.flags = MAP_SHARED, .protection = PROT_READ | PROT_WRITE};
    if (!construct_arguments(cx, "mmap", parameters, 2, args, n_args, kwargs, v) ||
        !arg_int32(cx, v[0], &w->fd) || !arg_int(cx, v[1], &w->length) ||
        !number(cx, v[2], &w->flags) || !number(cx, v[3], &w->protection) ||
        !number(cx, v[4], &w->access) ||
        (!IS_UNSET(v[5]) && !arg_int(cx, v[5], &w->offset)) ||
        !arg_bool(cx, v[6], true, &has_file)) {
        return false;
    }
    if (w->length < 0 || w->offset < 0) {
        exc_raise(cx, EXC_OverflowError, "memory mapped %s must be positive",
                  w->length < 0 ? "length" : "offset");
        return false;
    }
    return settle_access(cx, w, !IS_UNSET(v[2]) || !IS_UNSET(v[3]));
}

/* Length 0 is the rest of the file. */
static bool settle_length(Context *cx, Wanted *w) {
    struct stat status;
    if (w->fd < 0) {
        w->flags |= MAP_ANONYMOUS;
        return true;
    }
    if (fstat(w->fd, &status) != 0) {
        exc_raise_errno(cx, errno, VALUE_UNSET);
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        return true;
    }
    const char *problem = NULL;
    if (w->length == 0) {
        problem = status.st_size == 0           ? "cannot mmap an empty file"
                  : w->offset >= status.st_size ? "mmap offset is greater than file size"
                                                : NULL;
        w->length = status.st_size - w->offset;
    } else if (w->offset > status.st_size || status.st_size - w->offset < w->length) {
        problem = "mmap length is greater than file size";
    }
    if (problem != NULL) {
        exc_raise(cx, EXC_ValueError, "%s", problem);
    }
    return problem == NULL;
}

/* Pages that nobody has any more are unmapped by a collection; the system has only so many. */
static void *map_pages(Context *cx, const ObjMemoryMap *map, size_t n) {
    void *pages = file_pages_map(n, map->protection, map->flags, map->fd, map->offset);
    if (pages == NULL && errno == ENOMEM) {
        gc_collect(cx);
        pages = file_pages_map(n, map->protection, map->flags, map->fd, map->offset);
    }
    if (pages == NULL) {
        exc_raise_errno(cx, errno, VALUE_UNSET);
    }
    return pages;
}

static Value map_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                           Value kwargs) {
    Wanted w;
    if (!read_arguments(cx, args, n_args, kwargs, &w) || !settle_length(cx, &w)) {
        return VALUE_ERROR;
    }
    ObjMemoryMap *map =
        (ObjMemoryMap *)instance_new_exact_or_derived(cx, type, sizeof *map);
    if (map == NULL) {
        return VALUE_ERROR;
    }
    map->fd = w.fd < 0 ? -1 : fcntl(w.fd, F_DUPFD_CLOEXEC, 0);
    if (map->fd < 0 && w.fd >= 0) {
        return exc_raise_errno(cx, errno, VALUE_UNSET);
    }
    map->offset = w.offset;
    map->flags = w.flags;
    map->protection = w.protection;
    map->access = (MapAccess)w.access;
    map->data = map_pages(cx, map, (size_t)w.length);
    map->n = (size_t)w.length;
    return map->data == NULL ? VALUE_ERROR : OBJ_VALUE(map);
}

/* Its pages, with the lock */

bool memory_map_open(Context *cx, ObjMemoryMap *map, bool *is_locked) {
    *is_locked = objlock_lock(cx, &map->header);
    if (LIKELY(map->data != NULL)) {
        return true;
    }
    objlock_unlock(cx, &map->header, *is_locked);
    exc_raise(cx, EXC_ValueError, "mmap closed or invalid");
    return false;
}

bool memory_map_open_to_write(Context *cx, ObjMemoryMap *map, bool *is_locked) {
    if (map->access == ACCESS_READ) {
        exc_raise(cx, EXC_TypeError, "mmap can't modify a readonly memory map.");
        return false;
    }
    return memory_map_open(cx, map, is_locked);
}

bool memory_map_bytes(Context *cx, ObjMemoryMap *map, char **data, size_t *n) {
    bool is_locked;
    if (!memory_map_open(cx, map, &is_locked)) {
        return false;
    }
    *data = map->data;
    *n = map->n;
    objlock_unlock(cx, &map->header, is_locked);
    return true;
}

/* False with BufferError pending when a memoryview shows it. */
static bool check_exports(Context *cx, ObjMemoryMap *map, const char *problem) {
    const bool is_locked = objlock_lock(cx, &map->header);
    const bool is_exported = map->is_exported;
    objlock_unlock(cx, &map->header, is_locked);
    if (is_exported && memoryview_shows(cx, &map->header)) {
        exc_raise(cx, EXC_BufferError, "%s", problem);
        return false;
    }
    return true;
}

static void let_go(ObjMemoryMap *map) {
    OldPages *old = mem_alloc(sizeof *old);
    *old = (OldPages){map->data, map->n, map->old};
    map->old = old;
    file_pages_detach(map->data, map->n);
}

bool memory_map_close(Context *cx, ObjMemoryMap *map) {
    if (!check_exports(cx, map, "cannot close exported pointers exist")) {
        return false;
    }
    const bool is_locked = objlock_lock(cx, &map->header);
    if (map->data != NULL) {
        let_go(map);
        map->data = NULL;
        map->n = 0;
        if (map->fd >= 0) {
            close(map->fd);
        }
        map->fd = -1;
    }
    objlock_unlock(cx, &map->header, is_locked);
    return true;
}

/* The new pages take the place of the old ones. Pages of no file are copied. */
static bool exchange_pages(ObjMemoryMap *map, char *data, size_t n) {
    if (map->data == NULL) {
        return false;
    }
    if (map->fd < 0) {
        memcpy(data, map->data, n < map->n ? n : map->n);
    }
    let_go(map);
    map->data = data;
    map->n = n;
    return true;
}

static bool can_resize(Context *cx, ObjMemoryMap *map, int64_t n) {
    char *data;
    size_t n_now;
    if (!check_exports(cx, map, "mmap can't resize with extant buffers exported.")) {
        return false;
    }
    if (map->access == ACCESS_READ || map->access == ACCESS_COPY) {
        exc_raise(cx, EXC_TypeError,
                  "mmap can't resize a readonly or copy-on-write memory map.");
        return false;
    }
    if (n < 0 || n > INT64_MAX - map->offset) {
        exc_raise(cx, EXC_ValueError, "new size out of range");
        return false;
    }
    return memory_map_bytes(cx, map, &data, &n_now);
}

bool memory_map_resize(Context *cx, ObjMemoryMap *map, int64_t n) {
    if (!can_resize(cx, map, n)) {
        return false;
    }
    if (map->fd >= 0 && ftruncate(map->fd, (off_t)(map->offset + n)) != 0) {
        exc_raise_errno(cx, errno, VALUE_UNSET);
        return false;
    }
    char *data = map_pages(cx, map, (size_t)n);
    if (data == NULL) {
        return false;
    }
    const bool is_locked = objlock_lock(cx, &map->header);
    const bool is_done = exchange_pages(map, data, (size_t)n);
    objlock_unlock(cx, &map->header, is_locked);
    if (!is_done) {
        file_pages_unmap(data, (size_t)n);
        exc_raise(cx, EXC_ValueError, "mmap closed or invalid");
    }
    return is_done;
}

static void map_finish(Obj *o) {
    ObjMemoryMap *map = (ObjMemoryMap *)o;
    if (map->data != NULL) {
        file_pages_unmap(map->data, map->n);
    }
    if (map->fd >= 0) {
        close(map->fd);
    }
    while (map->old != NULL) {
        OldPages *old = map->old;
        map->old = old->next;
        file_pages_unmap(old->pages, old->n_bytes);
        mem_free(old);
    }
}

/* Operators */

static int64_t map_length(Context *cx, Value v) {
    char *data;
    size_t n;
    return memory_map_bytes(cx, AS_MEMORY_MAP(v), &data, &n) ? (int64_t)n : -1;
}

static bool resolve(Context *cx, ObjMemoryMap *map, Value slice, int64_t *start,
                    int64_t *step, int64_t *n) {
    int64_t stop;
    const int64_t length = map_length(cx, OBJ_VALUE(map));
    return length >= 0 && slice_resolve(cx, slice, length, start, &stop, step, n);
}

/* The byte at an index, which may count from the end: -1 when there is none. */
static int peek(Context *cx, ObjMemoryMap *map, int64_t i) {
    const bool is_locked = objlock_lock(cx, &map->header);
    i += i < 0 ? (int64_t)map->n : 0;
    const int byte = i >= 0 && (size_t)i < map->n ? (unsigned char)map->data[i] : -1;
    objlock_unlock(cx, &map->header, is_locked);
    return byte;
}

static Value get_slice(Context *cx, ObjMemoryMap *map, Value slice) {
    int64_t start;
    int64_t step;
    int64_t n;
    if (!resolve(cx, map, slice, &start, &step, &n)) {
        return VALUE_ERROR;
    }
    ObjBytes *part = bytes_new(cx, NULL, (size_t)n);
    if (part == NULL) {
        return VALUE_ERROR;
    }
    const bool is_locked = objlock_lock(cx, &map->header);
    for (int64_t i = 0; i < n; i++) {
        const size_t place = (size_t)(start + i * step);
        part->data[i] = place < map->n ? map->data[place] : 0;
    }
    objlock_unlock(cx, &map->header, is_locked);
    return OBJ_VALUE(part);
}

static bool index_of(Context *cx, Value key, int64_t *index) {
    if (!seq_is_index(cx, key)) {
        exc_raise(cx, EXC_TypeError, "mmap indices must be integers");
        return false;
    }
    return int_index_i64(cx, key, index, EXC_IndexError);
}

static bool check_open(Context *cx, Value v) {
    return map_length(cx, v) >= 0;
}

static Value map_getitem(Context *cx, Value v, Value key) {
    int64_t i;
    if (!check_open(cx, v)) {
        return VALUE_ERROR;
    }
    if (IS_SLICE(key)) {
        return get_slice(cx, AS_MEMORY_MAP(v), key);
    }
    if (!index_of(cx, key, &i)) {
        return VALUE_ERROR;
    }
    const int byte = peek(cx, AS_MEMORY_MAP(v), i);
    return byte < 0 ? exc_raise(cx, EXC_IndexError, "mmap index out of range")
                    : value_from_int(byte);
}

static bool set_slice(Context *cx, ObjMemoryMap *map, Value slice, Value value) {
    ByteView bytes;
    int64_t start;
    int64_t step;
    int64_t n;
    bool is_locked;
    if (!resolve(cx, map, slice, &start, &step, &n) || !byte_view_of(cx, value, &bytes)) {
        return false;
    }
    if (bytes.n_bytes != (size_t)n) {
        exc_raise(cx, EXC_IndexError, "mmap slice assignment is wrong size");
        return false;
    }
    if (!memory_map_open(cx, map, &is_locked)) {
        return false;
    }
    for (int64_t i = 0; i < n; i++) {
        const size_t place = (size_t)(start + i * step);
        if (place < map->n) { /* it may have been resized */
            map->data[place] = bytes.data[i];
        }
    }
    objlock_unlock(cx, &map->header, is_locked);
    return true;
}

static bool byte_to_set(Context *cx, Value value, int *byte) {
    int64_t i;
    if (!seq_is_index(cx, value)) {
        exc_raise(cx, EXC_TypeError, "mmap item value must be an int");
        return false;
    }
    if (!int_index_i64(cx, value, &i, EXC_OverflowError)) {
        return false;
    }
    if (i < 0 || i > UINT8_MAX) {
        exc_raise(cx, EXC_ValueError, "mmap item value must be in range(0, 256)");
        return false;
    }
    *byte = (int)i;
    return true;
}

static bool set_byte(Context *cx, ObjMemoryMap *map, int64_t i, int byte) {
    bool is_locked;
    if (!memory_map_open(cx, map, &is_locked)) {
        return false;
    }
    i += i < 0 ? (int64_t)map->n : 0;
    const bool is_there = i >= 0 && (size_t)i < map->n;
    if (is_there) {
        map->data[i] = (char)byte;
    }
    objlock_unlock(cx, &map->header, is_locked);
    if (!is_there) {
        exc_raise(cx, EXC_IndexError, "mmap index out of range");
    }
    return is_there;
}

static bool map_setitem(Context *cx, Value v, Value key, Value value) {
    ObjMemoryMap *map = AS_MEMORY_MAP(v);
    int64_t i;
    int byte;
    if (!check_open(cx, v)) {
        return false;
    }
    if (map->access == ACCESS_READ) {
        exc_raise(cx, EXC_TypeError, "mmap can't modify a readonly memory map.");
        return false;
    }
    if (IS_UNSET(value)) {
        exc_raise(cx, EXC_TypeError, "mmap%s deletion",
                  IS_SLICE(key) ? " object doesn't support slice"
                                : " doesn't support item");
        return false;
    }
    if (IS_SLICE(key)) {
        return set_slice(cx, map, key, value);
    }
    if (!index_of(cx, key, &i)) {
        return false;
    }
    if (peek(cx, map, i) < 0) {
        exc_raise(cx, EXC_IndexError, "mmap index out of range");
        return false;
    }
    return byte_to_set(cx, value, &byte) && set_byte(cx, map, i, byte);
}

/* Its items, as iteration sees them, are bytes of length 1. */
static int map_contains(Context *cx, Value v, Value item) {
    ObjMemoryMap *map = AS_MEMORY_MAP(v);
    bool is_locked;
    if (!memory_map_open(cx, map, &is_locked)) {
        return -1;
    }
    const bool is_byte = IS_BYTES(item) && AS_BYTES(item)->n_bytes == 1;
    const bool is_in = is_byte && map->n > 0 &&
                       memchr(map->data, AS_BYTES(item)->data[0], map->n) != NULL;
    objlock_unlock(cx, &map->header, is_locked);
    return is_in;
}

static Value map_iter(Context *cx, Value v) {
    return seq_iter_new(cx, v);
}

static Value map_repr(Context *cx, Value v) {
    static const char *const names[] = {"ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE",
                                        "ACCESS_COPY"};
    ObjMemoryMap *map = AS_MEMORY_MAP(v);
    const bool is_locked = objlock_lock(cx, &map->header);
    const bool is_closed = map->data == NULL;
    const size_t n = map->n;
    const size_t position = map->position;
    objlock_unlock(cx, &map->header, is_locked);
    const char *name = type_name_of(cx, v);
    ObjStr *text =
        is_closed
            ? str_format_c(cx, "<%s closed=True>", name)
            : str_format_c(
                  cx, "<%s closed=False, access=%s, length=%zu, pos=%zu, offset=%lld>",
                  name, names[map->access], n, position, (long long)map->offset);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static void map_trace(GcMarker *m, Obj *o) {
    instance_trace_derived(m, o);
}

static Value get_closed(Context *cx, Value self) {
    ObjMemoryMap *map = AS_MEMORY_MAP(self);
    const bool is_locked = objlock_lock(cx, &map->header);
    const bool is_closed = map->data == NULL;
    objlock_unlock(cx, &map->header, is_locked);
    return BOOL_VALUE(is_closed);
}

static const GetsetDef getsets[] = {
    {"closed", "Whether it is closed.", get_closed, NULL},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjMemoryMap = {
    .trace = map_trace,
    .finish = map_finish,
    .repr = map_repr,
    .length = map_length,
    .getitem = map_getitem,
    .setitem = map_setitem,
    .contains = map_contains,
    .iter = map_iter,
    .construct = map_construct,
    .methods = memory_map_methods,
    .getsets = getsets,
    .doc = "mmap(fileno, length[, flags[, prot[, access[, offset]]]])\n\nA file, or "
           "memory that "
           "processes share (fileno -1), as bytes that can be read and changed in place.",
};
