/* memory_map_methods.c - the methods of mmap.mmap: as those of a file, at a position; searching; the whole. */

#include "runtime/objects/memory_map_methods.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "runtime/base/search.h"
#include "runtime/block.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/bytes_methods.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/memory_map.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/seq.h"

static Value none_or_errno(Context *cx, int result) {
    return result != 0 ? exc_raise_errno(cx, errno, VALUE_UNSET) : VALUE_NONE;
}

/* At the position */

/* Up to `limit` bytes from the position on, or up to the end of the line: the place behind them. */
static size_t end_of_read(const ObjMemoryMap *map, size_t limit, bool is_line) {
    const size_t n = map->position < map->n ? map->n - map->position : 0;
    size_t count = limit < n ? limit : n;
    if (is_line && count > 0) {
        const char *start = map->data + map->position;
        const char *newline = memchr(start, '\n', count);
        count = newline == NULL ? count : (size_t)(newline - start) + 1;
    }
    return map->position + count;
}

/* The bytes are made first, since nothing is allocated under the lock; another thread may have read on meanwhile. */
static Value read_on(Context *cx, ObjMemoryMap *map, size_t limit, bool is_line) {
    bool is_locked;
    ObjBytes *bytes = NULL;
    for (;;) {
        if (!memory_map_open(cx, map, &is_locked)) {
            return VALUE_ERROR;
        }
        const size_t end = end_of_read(map, limit, is_line);
        const size_t n = end - map->position;
        if (bytes != NULL && bytes->n_bytes == n) {
            memcpy(bytes->data, map->data + map->position, n);
            map->position = end;
            objlock_unlock(cx, &map->header, is_locked);
            return OBJ_VALUE(bytes);
        }
        objlock_unlock(cx, &map->header, is_locked);
        bytes = bytes_new(cx, NULL, n);
        if (bytes == NULL) {
            return VALUE_ERROR;
        }
    }
}

NATIVE(map_read, "read(self, n=None, /)", "Read up to n bytes from the position on.") {
    int64_t n = -1;
    if (!IS_UNSET(args[1]) && !IS_NONE(args[1]) && !arg_int(cx, args[1], &n)) {
        return VALUE_ERROR;
    }
    return read_on(cx, AS_MEMORY_MAP(args[0]), n < 0 ? SIZE_MAX : (size_t)n, false);
}

NATIVE(map_readline, "readline(self, /)", "Read up to the end of the line.") {
    return read_on(cx, AS_MEMORY_MAP(args[0]), SIZE_MAX, true);
}

NATIVE(map_read_byte, "read_byte(self, /)", "Read a byte, as an int.") {
    ObjMemoryMap *map = AS_MEMORY_MAP(args[0]);
    bool is_locked;
    if (!memory_map_open(cx, map, &is_locked)) {
        return VALUE_ERROR;
    }
    const int byte =
        map->position < map->n ? (unsigned char)map->data[map->position++] : -1;
    objlock_unlock(cx, &map->header, is_locked);
    return byte < 0 ? exc_raise(cx, EXC_ValueError, "read byte out of range")
                    : value_from_int(byte);
}

/* Writes at the position what has room there; otherwise nothing, and ValueError. */
static bool write_on(Context *cx, ObjMemoryMap *map, const char *bytes, size_t n_bytes,
                     const char *problem) {
    bool is_locked;
    if (!memory_map_open_to_write(cx, map, &is_locked)) {
        return false;
    }
    const bool has_room = map->position <= map->n && n_bytes <= map->n - map->position;
    if (has_room && n_bytes > 0) {
        memcpy(map->data + map->position, bytes, n_bytes);
        map->position += n_bytes;
    }
    objlock_unlock(cx, &map->header, is_locked);
    if (!has_room) {
        exc_raise(cx, EXC_ValueError, "%s", problem);
    }
    return has_room;
}

NATIVE(map_write, "write(self, bytes, /)",
       "Write bytes at the position; return how many.") {
    ByteView bytes;
    return byte_view_of(cx, args[1], &bytes) &&
                   write_on(cx, AS_MEMORY_MAP(args[0]), bytes.data, bytes.n_bytes,
                            "data out of range")
               ? int_from_i64(cx, (int64_t)bytes.n_bytes)
               : VALUE_ERROR;
}

NATIVE(map_write_byte, "write_byte(self, byte, /)", "Write an int as a byte.") {
    int64_t value;
    if (!arg_int(cx, args[1], &value)) {
        return VALUE_ERROR;
    }
    if (value < 0 || value > UINT8_MAX) {
        return exc_raise(cx, EXC_OverflowError, "unsigned byte integer is %s",
                         value < 0 ? "less than minimum" : "greater than maximum");
    }
    const char byte = (char)value;
    return write_on(cx, AS_MEMORY_MAP(args[0]), &byte, 1, "write byte out of range")
               ? VALUE_NONE
               : VALUE_ERROR;
}

static bool position_of(Context *cx, ObjMemoryMap *map, size_t *position) {
    bool is_locked;
    if (!memory_map_open(cx, map, &is_locked)) {
        return false;
    }
    *position = map->position;
    objlock_unlock(cx, &map->header, is_locked);
    return true;
}

NATIVE(map_tell, "tell(self, /)", "Return the position.") {
    size_t position;
    return position_of(cx, AS_MEMORY_MAP(args[0]), &position)
               ? int_from_i64(cx, (int64_t)position)
               : VALUE_ERROR;
}

NATIVE(map_seek, "seek(self, pos, whence=0, /)", "Change the position; return it.") {
    ObjMemoryMap *map = AS_MEMORY_MAP(args[0]);
    int64_t distance;
    int whence = SEEK_SET;
    bool is_locked;
    if (!arg_int(cx, args[1], &distance) ||
        (!IS_UNSET(args[2]) && !arg_int32(cx, args[2], &whence))) {
        return VALUE_ERROR;
    }
    if (whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END) {
        return exc_raise(cx, EXC_ValueError, "unknown seek type");
    }
    if (!memory_map_open(cx, map, &is_locked)) {
        return VALUE_ERROR;
    }
    const int64_t n = (int64_t)map->n;
    const int64_t from = whence == SEEK_SET   ? 0
                         : whence == SEEK_CUR ? (int64_t)map->position
                                              : n;
    const bool is_there = distance >= -from && distance <= n - from;
    if (is_there) {
        map->position = (size_t)(from + distance);
    }
    objlock_unlock(cx, &map->header, is_locked);
    return is_there ? int_from_i64(cx, from + distance)
                    : exc_raise(cx, EXC_ValueError, "seek out of range");
}

NATIVE(map_seekable, "seekable(self, /)", "Return True.") {
    return VALUE_TRUE;
}

/* Places */

/* Between start and end, which are as those of a slice; the position and the end by default. */
static Value find(Context *cx, Value *args, bool is_last) {
    ObjMemoryMap *map = AS_MEMORY_MAP(args[0]);
    ByteView part;
    size_t position;
    size_t from;
    size_t to;
    char *data;
    size_t n;
    bool is_locked;
    if (!byte_view_of(cx, args[1], &part) || !memory_map_bytes(cx, map, &data, &n) ||
        !position_of(cx, map, &position) ||
        !seq_bound(cx, args[2], n, position, &from) ||
        !seq_bound(cx, IS_NONE(args[3]) ? VALUE_UNSET : args[3], n, n, &to) ||
        !memory_map_open(cx, map, &is_locked)) {
        return VALUE_ERROR;
    }
    to = to < map->n ? to : map->n;
    const char *place = NULL;
    if (from <= to) {
        place = (is_last ? search_find_last : search_find)(map->data + from, to - from,
                                                           part.data, part.n_bytes);
    }
    const int64_t index = place == NULL ? -1 : place - map->data;
    objlock_unlock(cx, &map->header, is_locked);
    return int_from_i64(cx, index);
}

NATIVE(map_find, "find(self, sub, start=None, end=None, /)",
       "Return the first place of sub behind the position, or -1.") {
    return find(cx, args, false);
}

NATIVE(map_rfind, "rfind(self, sub, start=None, end=None, /)",
       "Return the last place of sub behind the position, or -1.") {
    return find(cx, args, true);
}

NATIVE(map_move, "move(self, dest, src, count, /)",
       "Copy count bytes from place src to place dest.") {
    ObjMemoryMap *map = AS_MEMORY_MAP(args[0]);
    int64_t to;
    int64_t from;
    int64_t count;
    bool is_locked;
    if (!arg_int(cx, args[1], &to) || !arg_int(cx, args[2], &from) ||
        !arg_int(cx, args[3], &count) || !memory_map_open_to_write(cx, map, &is_locked)) {
        return VALUE_ERROR;
    }
    const int64_t n = (int64_t)map->n;
    const bool is_there = to >= 0 && from >= 0 && count >= 0 && count <= n &&
                          to <= n - count && from <= n - count;
    if (is_there) {
        memmove(map->data + to, map->data + from, (size_t)count);
    }
    objlock_unlock(cx, &map->header, is_locked);
    return is_there ? VALUE_NONE
                    : exc_raise(cx, EXC_ValueError,
                                "source, destination, or count out of range");
}

/* The whole */

NATIVE(map_size, "size(self, /)", "Return the length of the file.") {
    ObjMemoryMap *map = AS_MEMORY_MAP(args[0]);
    struct stat status;
    bool is_locked;
    if (!memory_map_open(cx, map, &is_locked)) {
        return VALUE_ERROR;
    }
    const size_t n = map->n;
    const bool is_file = map->fd >= 0;
    const int result = is_file ? fstat(map->fd, &status) : 0;
    objlock_unlock(cx, &map->header, is_locked);
    return result != 0 ? exc_raise_errno(cx, errno, VALUE_UNSET)
                       : int_from_i64(cx, is_file ? (int64_t)status.st_size : (int64_t)n);
}

/* A part of it, given by where it begins and its length: all by default. */
static bool part_of(Context *cx, Value *args, size_t n, const char *problem,
                    int64_t *from, int64_t *count) {
    *from = 0;
    *count = (int64_t)n;
    if ((!IS_UNSET(args[0]) && !arg_int(cx, args[0], from)) ||
        (!IS_UNSET(args[1]) && !arg_int(cx, args[1], count))) {
        return false;
    }
    if (*from < 0 || *count < 0 || (size_t)*from > n ||
        (size_t)*count > n - (size_t)*from) {
        exc_raise(cx, EXC_ValueError, "%s", problem);
        return false;
    }
    return true;
}

NATIVE(map_flush, "flush(self, offset=0, size=None, /)",
       "Have changes written to the file.") {
    char *data;
    size_t n;
    int64_t from;
    int64_t count;
    ObjMemoryMap *map = AS_MEMORY_MAP(args[0]);
    if (!memory_map_bytes(cx, map, &data, &n) ||
        !part_of(cx, args + 1, n, "flush values out of range", &from, &count)) {
        return VALUE_ERROR;
    }
    if (map->access == ACCESS_READ || map->access == ACCESS_COPY) {
        return VALUE_NONE;
    }
    block_begin(cx, BLOCK_WRITE, args[0], BLOCK_FOREVER);
    const int result = msync(data + from, (size_t)count, MS_SYNC);
    block_end(cx);
    return none_or_errno(cx, result);
}

/* The part that advice is about: up to the end at most. */
static bool part_for_advice(Context *cx, Value start, Value length, size_t n,
                            int64_t *from, int64_t *count) {
    *from = 0;
    *count = INT64_MAX;
    if ((!IS_UNSET(start) && !arg_int(cx, start, from)) ||
        (!IS_UNSET(length) && !arg_int(cx, length, count))) {
        return false;
    }
    if (*from < 0 || (size_t)*from >= n || *count < 0) {
        exc_raise(cx, EXC_ValueError,
                  *count < 0 ? "madvise length invalid" : "madvise start out of bounds");
        return false;
    }
    *count = *count < (int64_t)n - *from ? *count : (int64_t)n - *from;
    return true;
}

NATIVE(map_madvise, "madvise(self, option, start=0, length=None, /)",
       "Tell the system how the memory will be used.") {
    char *data;
    size_t n;
    int option;
    int64_t from;
    int64_t count;
    if (!arg_int32(cx, args[1], &option) ||
        !memory_map_bytes(cx, AS_MEMORY_MAP(args[0]), &data, &n) ||
        !part_for_advice(cx, args[2], args[3], n, &from, &count)) {
        return VALUE_ERROR;
    }
    return none_or_errno(cx, madvise(data + from, (size_t)count, option));
}

NATIVE(map_close, "close(self, /)", "Let the file go; the object is of no use then.") {
    return memory_map_close(cx, AS_MEMORY_MAP(args[0])) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(map_resize, "resize(self, newsize, /)",
       "Change the length, and that of the file.") {
    int64_t n;
    return arg_int(cx, args[1], &n) && memory_map_resize(cx, AS_MEMORY_MAP(args[0]), n)
               ? VALUE_NONE
               : VALUE_ERROR;
}

NATIVE(map_enter, "__enter__(self, /)", "Return self.") {
    char *data;
    size_t n;
    return memory_map_bytes(cx, AS_MEMORY_MAP(args[0]), &data, &n) ? args[0]
                                                                   : VALUE_ERROR;
}

NATIVE(map_exit, "__exit__(self, /, *args)", "Close it.") {
    return memory_map_close(cx, AS_MEMORY_MAP(args[0])) ? VALUE_NONE : VALUE_ERROR;
}

const NativeDef memory_map_methods[] = {
    NATIVE_ENTRY(map_read),   NATIVE_ENTRY(map_readline),   NATIVE_ENTRY(map_read_byte),
    NATIVE_ENTRY(map_write),  NATIVE_ENTRY(map_write_byte), NATIVE_ENTRY(map_tell),
    NATIVE_ENTRY(map_seek),   NATIVE_ENTRY(map_seekable),   NATIVE_ENTRY(map_find),
    NATIVE_ENTRY(map_rfind),  NATIVE_ENTRY(map_move),       NATIVE_ENTRY(map_size),
    NATIVE_ENTRY(map_flush),  NATIVE_ENTRY(map_madvise),    NATIVE_ENTRY(map_close),
    NATIVE_ENTRY(map_resize), NATIVE_ENTRY(map_enter),      NATIVE_ENTRY(map_exit),
    {NULL, NULL, NULL, 0},
};
