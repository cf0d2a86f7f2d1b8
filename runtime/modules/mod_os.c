/* mod_os.c - the module _os: files, directories, descriptors and the process as the system calls have them.
 *
 * runtime/lib/os.mini makes the module os of it, and runtime/lib/posixpath.mini os.path. What forks and waits is in
 * mod_process.c. Every call that may take long gives the GIL up: SYSTEM_CALL. */

#if defined(__linux__) && !defined(_GNU_SOURCE)
#    define _GNU_SOURCE 1
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/platform.h"
#include "runtime/block.h"
#include "runtime/host.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/file.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"
#include "runtime/objects/tuple.h"

extern char **environ;

enum { BUFFER_ON_STACK_BYTES = 4096 };

/* Makes a system call that may block, again after a signal that raised nothing. Afterwards result is -1 and
 * errno is set, or an exception is pending: see fail. */
#define SYSTEM_CALL(cx, reason, object, result, call)                                              \
    for (;;) {                                                                                     \
        block_begin((cx), (reason), (object), BLOCK_FOREVER);                                      \
        (result) = (call);                                                                         \
        block_end(cx);                                                                             \
        if ((result) != -1 || errno != EINTR || (block_has_signal(cx) && !block_poll(cx))) {       \
            break;                                                                                 \
        }                                                                                          \
    }

static Value fail(Context *cx, Value filename) {
    const int error = errno;
    return cx->pending != VALUE_UNSET ? VALUE_ERROR : exc_raise_errno(cx, error, filename);
}

static Value fail_on_two(Context *cx, Value filename, Value filename2) {
    fail(cx, filename);
    if (IS_EXCEPTION(cx->pending) && exc_matches_kind(cx, cx->pending, EXC_OSError)) {
        const Value failure = cx->pending;
        cx->pending = VALUE_UNSET;
        value_store(&AS_EXCEPTION(failure)->detail[2], exc_filename_of(cx, filename2));
        cx->pending = failure;
    }
    return VALUE_ERROR;
}

static Value none_or_fail(Context *cx, int result, Value filename) {
    return result < 0 ? fail(cx, filename) : VALUE_NONE;
}

static Value descriptor_or_fail(Context *cx, int fd, Value filename) {
    return fd < 0 ? fail(cx, filename) : value_from_int(fd);
}

/* Text of the system, which may be no UTF-8. */
static Value text_value(Context *cx, const char *text, size_t n_bytes) {
    ObjStr *s = str_decode_lossy(cx, text, n_bytes, true);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

/* An optional descriptor or flag. */
static bool int_or(Context *cx, Value v, int default_value, int *out) {
    *out = default_value;
    return v == VALUE_UNSET || arg_int32(cx, v, out);
}

/* Paths. */

static Value with_path(Context *cx, Value *args, const char *function, int (*call)(const char *path)) {
    char *path = file_path_arg(cx, args[0], function, "path");
    if (path == NULL) {
        return VALUE_ERROR;
    }
    int result;
    SYSTEM_CALL(cx, BLOCK_WRITE, args[0], result, call(path));
    const int error = errno;
    mem_free(path);
    errno = error;
    return none_or_fail(cx, result, args[0]);
}

/* ---- Paths as texts ---- */

/* Slashes at the begin that are kept: one, or exactly two. */
static size_t root_length(const char *path, size_t n_bytes) {
    size_t n = 0;
    while (n < n_bytes && path[n] == '/') {
        n++;
    }
    return n > 2 ? 1 : n;
}

/* Adds a name to a path that begins with n_root slashes; ".." takes away the last of its *n_names names, if it has any
 * but "..". */
static void add_name(Buf *out, size_t n_root, size_t *n_names, const char *name, size_t n_bytes) {
    const bool is_up = n_bytes == 2 && memcmp(name, "..", 2) == 0;
    if (n_bytes == 0 || (n_bytes == 1 && *name == '.') || (is_up && *n_names == 0 && n_root > 0)) {
        return;
    }
    if (is_up && *n_names > 0) {
        while (out->n_bytes > n_root && out->bytes[--out->n_bytes] != '/') {
        }
        --*n_names;
        return;
    }
    if (out->n_bytes > n_root) {
        buf_add_byte(out, '/');
    }
    buf_add(out, name, n_bytes);
    *n_names += !is_up;
}

static void normalise(const char *path, size_t n_bytes, Buf *out) {
    const size_t n_root = root_length(path, n_bytes);
    size_t n_names = 0;
    buf_add(out, path, n_root);
    for (size_t at = n_root; at < n_bytes;) {
        const char *slash = memchr(path + at, '/', n_bytes - at);
        const size_t end = slash == NULL ? n_bytes : (size_t)(slash - path);
        add_name(out, n_root, &n_names, path + at, end - at);
        at = end + 1;
    }
    if (out->n_bytes == 0) {
        buf_add_byte(out, '.');
    }
}

NATIVE(os_normpath, "_normpath(path, /)", "Return the path without doubled slashes, '.' and 'name/..'.") {
    if (!IS_STR(args[0]) && !IS_BYTES(args[0])) {
        return exc_raise(cx, EXC_TypeError, "_normpath() takes str or bytes, not %s", type_name_of(cx, args[0]));
    }
    Buf out = {0};
    if (IS_BYTES(args[0])) {
        normalise(AS_BYTES(args[0])->data, AS_BYTES(args[0])->n_bytes, &out);
        ObjBytes *bytes = bytes_new(cx, out.bytes, out.n_bytes);
        buf_free(&out);
        return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
    }
    normalise(AS_STR(args[0])->data, AS_STR(args[0])->n_bytes, &out);
    ObjStr *text = str_from_buf(cx, &out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

NATIVE(os_chdir, "chdir(path)", "Change the current directory.") {
    return with_path(cx, args, "chdir", chdir);
}

NATIVE(os_rmdir, "rmdir(path)", "Remove an empty directory.") {
    return with_path(cx, args, "rmdir", rmdir);
}

NATIVE(os_remove, "remove(path)", "Remove a file.") {
    return with_path(cx, args, "remove", unlink);
}

NATIVE(os_unlink, "unlink(path)", "Remove a file.") {
    return with_path(cx, args, "unlink", unlink);
}

/* path and one number. */
static Value with_number(Context *cx, Value *args, const char *function, BlockReason reason,
                         int (*call)(const char *path, int64_t number), int64_t number) {
    char *path = file_path_arg(cx, args[0], function, "path");
    if (path == NULL) {
        return VALUE_ERROR;
    }
    int result;
    SYSTEM_CALL(cx, reason, args[0], result, call(path, number));
    const int error = errno;
    mem_free(path);
    errno = error;
    return none_or_fail(cx, result, args[0]);
}

static int call_mkdir(const char *path, int64_t mode) {
    return mkdir(path, (mode_t)mode);
}

static int call_chmod(const char *path, int64_t mode) {
    return chmod(path, (mode_t)mode);
}

static int call_truncate(const char *path, int64_t n_bytes) {
    return truncate(path, (off_t)n_bytes);
}

NATIVE(os_mkdir, "mkdir(path, mode=511)", "Make a directory.") {
    int mode;
    return int_or(cx, args[1], 0777, &mode)
               ? with_number(cx, args, "mkdir", BLOCK_WRITE, call_mkdir, mode)
               : VALUE_ERROR;
}

NATIVE(os_chmod, "chmod(path, mode)", "Change the permissions of a file.") {
    int mode;
    return int_or(cx, args[1], 0, &mode)
               ? with_number(cx, args, "chmod", BLOCK_WRITE, call_chmod, mode)
               : VALUE_ERROR;
}

NATIVE(os_truncate, "truncate(path, length)", "Cut a file, or a descriptor's file, to length bytes.") {
    int64_t n_bytes;
    if (!arg_int(cx, args[1], &n_bytes)) {
        return VALUE_ERROR;
    }
    int fd;
    if (IS_INT_LIKE(args[0])) {
        int result;
        if (!arg_int32(cx, args[0], &fd)) {
            return VALUE_ERROR;
        }
        SYSTEM_CALL(cx, BLOCK_WRITE, args[0], result, ftruncate(fd, (off_t)n_bytes));
        return none_or_fail(cx, result, VALUE_UNSET);
    }
    return with_number(cx, args, "truncate", BLOCK_WRITE, call_truncate, n_bytes);
}

/* Two paths. */
static Value with_two_paths(Context *cx, Value *args, const char *function,
                            int (*call)(const char *from, const char *to)) {
    char *from = file_path_arg(cx, args[0], function, "src");
    char *to = from == NULL ? NULL : file_path_arg(cx, args[1], function, "dst");
    if (to == NULL) {
        mem_free(from);
        return VALUE_ERROR;
    }
    int result;
    SYSTEM_CALL(cx, BLOCK_WRITE, args[0], result, call(from, to));
    const int error = errno;
    mem_free(from);
    mem_free(to);
    errno = error;
    return result < 0 ? fail_on_two(cx, args[0], args[1]) : VALUE_NONE;
}

NATIVE(os_rename, "rename(src, dst)", "Give a file or directory another name.") {
    return with_two_paths(cx, args, "rename", rename);
}

NATIVE(os_replace, "replace(src, dst)", "The same; what has that name already is replaced.") {
    return with_two_paths(cx, args, "replace", rename);
}

NATIVE(os_symlink, "symlink(src, dst, target_is_directory=False)", "Make a symbolic link.") {
    return with_two_paths(cx, args, "symlink", symlink);
}

NATIVE(os_link, "link(src, dst)", "Give a file a second name.") {
    return with_two_paths(cx, args, "link", link);
}

NATIVE(os_readlink, "readlink(path)", "Return what a symbolic link points to.") {
    char *path = file_path_arg(cx, args[0], "readlink", "path");
    if (path == NULL) {
        return VALUE_ERROR;
    }
    char target[BUFFER_ON_STACK_BYTES];
    ssize_t n;
    SYSTEM_CALL(cx, BLOCK_READ, args[0], n, readlink(path, target, sizeof target));
    const int error = errno;
    mem_free(path);
    errno = error;
    return n < 0 ? fail(cx, args[0]) : text_value(cx, target, (size_t)n);
}

NATIVE(os_access, "access(path, mode)", "Return whether the file can be used in the way asked for.") {
    int mode;
    if (!arg_int32(cx, args[1], &mode)) {
        return VALUE_ERROR;
    }
    char *path = file_path_arg(cx, args[0], "access", "path");
    if (path == NULL) {
        return VALUE_ERROR;
    }
    block_begin(cx, BLOCK_READ, args[0], BLOCK_FOREVER);
    const int result = access(path, mode);
    block_end(cx);
    mem_free(path);
    return BOOL_VALUE(result == 0);
}

NATIVE(os_getcwd, "getcwd()", "Return the current directory.") {
    char *path = getcwd(NULL, 0);
    if (path == NULL) {
        return fail(cx, VALUE_UNSET);
    }
    const Value result = text_value(cx, path, strlen(path));
    free(path);
    return result;
}

/* Names of a directory, one behind the other, each with its zero byte. Returns 0 or errno. */
static int read_directory(const char *path, Buf *names) {
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return errno;
    }
    int error;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        error = errno;
        if (entry == NULL) {
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            buf_add(names, entry->d_name, strlen(entry->d_name) + 1);
        }
    }
    closedir(directory);
    return error;
}

static Value names_to_list(Context *cx, const Buf *names, bool are_bytes) {
    ObjList *list = list_new(cx, 0);
    for (size_t i = 0; list != NULL && i < names->n_bytes;) {
        const char *name = names->bytes + i;
        const size_t n_bytes = strlen(name);
        Value item;
        if (are_bytes) {
            ObjBytes *bytes = bytes_new(cx, name, n_bytes);
            item = bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
        } else {
            item = text_value(cx, name, n_bytes);
        }
        if (IS_ERROR(item) || !list_append(cx, list, item)) {
            return VALUE_ERROR;
        }
        i += n_bytes + 1;
    }
    return list == NULL ? VALUE_ERROR : OBJ_VALUE(list);
}

NATIVE(os_listdir, "listdir(path=None)", "Return the names in a directory, in no order.") {
    const bool is_default = args[0] == VALUE_UNSET || IS_NONE(args[0]);
    char *path = is_default ? strdup(".") : file_path_arg(cx, args[0], "listdir", "path");
    if (path == NULL) {
        return VALUE_ERROR;
    }
    Buf names = {0};
    block_begin(cx, BLOCK_READ, is_default ? VALUE_NONE : args[0], BLOCK_FOREVER);
    const int error = read_directory(path, &names);
    block_end(cx);
    free(path);
    const Value result = error != 0 ? exc_raise_errno(cx, error, is_default ? VALUE_UNSET : args[0])
                                    : names_to_list(cx, &names, IS_BYTES(args[0]));
    buf_free(&names);
    return result;
}

/* stat */

static int64_t nanoseconds(struct timespec t) {
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double seconds(struct timespec t) {
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#if defined(__APPLE__)
#    define st_atim st_atimespec
#    define st_mtim st_mtimespec
#    define st_ctim st_ctimespec
#endif

/* The ten numbers of a stat_result, then the three times in seconds and in nanoseconds, blocks. */
static Value stat_tuple(Context *cx, const struct stat *s) {
    ObjTuple *tuple = tuple_new(cx, 18);
    if (tuple == NULL) {
        return VALUE_ERROR;
    }
    const int64_t numbers[] = {
        (int64_t)s->st_mode, (int64_t)s->st_ino, (int64_t)s->st_dev,  (int64_t)s->st_nlink,
        (int64_t)s->st_uid,  (int64_t)s->st_gid, (int64_t)s->st_size, (int64_t)s->st_atime,
        (int64_t)s->st_mtime, (int64_t)s->st_ctime};
    for (int i = 0; i < 10; i++) {
        tuple->items[i] = int_from_i64(cx, numbers[i]);
    }
    tuple->items[10] = value_from_double(seconds(s->st_atim));
    tuple->items[11] = value_from_double(seconds(s->st_mtim));
    tuple->items[12] = value_from_double(seconds(s->st_ctim));
    tuple->items[13] = int_from_i64(cx, nanoseconds(s->st_atim));
    tuple->items[14] = int_from_i64(cx, nanoseconds(s->st_mtim));
    tuple->items[15] = int_from_i64(cx, nanoseconds(s->st_ctim));
    tuple->items[16] = int_from_i64(cx, (int64_t)s->st_blksize);
    tuple->items[17] = int_from_i64(cx, (int64_t)s->st_blocks);
    return cx->pending == VALUE_UNSET ? OBJ_VALUE(tuple) : VALUE_ERROR;
}

static Value stat_path(Context *cx, Value path_value, const char *function,
                       int (*call)(const char *path, struct stat *out)) {
    char *path = file_path_arg(cx, path_value, function, "path");
    if (path == NULL) {
        return VALUE_ERROR;
    }
    struct stat status;
    int result;
    file_flush_written(cx);
    SYSTEM_CALL(cx, BLOCK_READ, path_value, result, call(path, &status));
    const int error = errno;
    mem_free(path);
    errno = error;
    return result < 0 ? fail(cx, path_value) : stat_tuple(cx, &status);
}

NATIVE(os_stat, "_stat(path)", "Return what is known of a file, by path or descriptor, as a tuple.") {
    if (!IS_INT_LIKE(args[0])) {
        return stat_path(cx, args[0], "stat", stat);
    }
    struct stat status;
    int fd;
    int result;
    if (!arg_int32(cx, args[0], &fd)) {
        return VALUE_ERROR;
    }
    SYSTEM_CALL(cx, BLOCK_READ, args[0], result, fstat(fd, &status));
    return result < 0 ? fail(cx, VALUE_UNSET) : stat_tuple(cx, &status);
}

NATIVE(os_lstat, "_lstat(path)", "The same of a symbolic link itself.") {
    return stat_path(cx, args[0], "lstat", lstat);
}

static struct timespec timespec_of(int64_t ns) {
    const int64_t rest = int_mod_i64(ns, 1000000000);
    return (struct timespec){(time_t)int_floordiv_i64(ns, 1000000000), (long)rest};
}

NATIVE(os_utime, "_utime(path, atime_ns=None, mtime_ns=None)", "Set the times of a file; to now without them.") {
    struct timespec times[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
    for (int i = 0; i < 2; i++) {
        int64_t ns;
        if (args[1 + i] != VALUE_UNSET && !IS_NONE(args[1 + i])) {
            if (!arg_int(cx, args[1 + i], &ns)) {
                return VALUE_ERROR;
            }
            times[i] = timespec_of(ns);
        }
    }
    char *path = file_path_arg(cx, args[0], "utime", "path");
    if (path == NULL) {
        return VALUE_ERROR;
    }
    int result;
    SYSTEM_CALL(cx, BLOCK_WRITE, args[0], result, utimensat(AT_FDCWD, path, times, 0));
    const int error = errno;
    mem_free(path);
    errno = error;
    return none_or_fail(cx, result, args[0]);
}

/* Descriptors. */

NATIVE(os_open, "open(path, flags, mode=511)", "Open a file and return its descriptor.") {
    int flags;
    int mode;
    if (!arg_int32(cx, args[1], &flags) || !int_or(cx, args[2], 0777, &mode)) {
        return VALUE_ERROR;
    }
    char *path = file_path_arg(cx, args[0], "open", "path");
    if (path == NULL) {
        return VALUE_ERROR;
    }
    int fd;
    SYSTEM_CALL(cx, BLOCK_OPEN, args[0], fd, open(path, flags | O_CLOEXEC, mode));
    const int error = errno;
    mem_free(path);
    errno = error;
    return descriptor_or_fail(cx, fd, args[0]);
}

NATIVE(os_close, "close(fd)", "Close a descriptor.") {
    int fd;
    if (!arg_int32(cx, args[0], &fd)) {
        return VALUE_ERROR;
    }
    block_begin(cx, BLOCK_WRITE, args[0], BLOCK_FOREVER);
    const int result = close(fd);
    block_end(cx);
    /* After EINTR the descriptor is closed nevertheless. */
    return result < 0 && errno != EINTR ? fail(cx, VALUE_UNSET) : VALUE_NONE;
}

NATIVE(os_read, "read(fd, length, /)", "Read at most length bytes; b'' at the end.") {
    int fd;
    int64_t length;
    if (!arg_int32(cx, args[0], &fd) || !arg_int(cx, args[1], &length)) {
        return VALUE_ERROR;
    }
    if (length < 0) {
        return exc_raise_errno(cx, EINVAL, VALUE_UNSET);
    }
    /* The kernel takes no more at once. */
    const size_t n_wanted = length < 0x7ffff000 ? (size_t)length : 0x7ffff000;
    char on_stack[BUFFER_ON_STACK_BYTES];
    char *buffer = n_wanted <= sizeof on_stack ? on_stack : malloc(n_wanted);
    if (buffer == NULL) {
        return exc_raise_no_memory(cx);
    }
    ssize_t n;
    SYSTEM_CALL(cx, BLOCK_READ, args[0], n, read(fd, buffer, n_wanted));
    Value result = VALUE_ERROR;
    if (n < 0) {
        fail(cx, VALUE_UNSET);
    } else {
        ObjBytes *bytes = bytes_new(cx, buffer, (size_t)n);
        result = bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
    }
    if (buffer != on_stack) {
        free(buffer);
    }
    return result;
}

NATIVE(os_write, "write(fd, data, /)", "Write bytes; return how many were written.") {
    int fd;
    if (!arg_int32(cx, args[0], &fd)) {
        return VALUE_ERROR;
    }
    args[1] = byte_view_to_bytes(cx, args[1]);
    if (IS_ERROR(args[1])) {
        return VALUE_ERROR;
    }
    if (!IS_BYTES(args[1])) {
        return exc_raise(cx, EXC_TypeError, "a bytes-like object is required, not '%s'",
                         type_name_of(cx, args[1]));
    }
    const size_t n_bytes = AS_BYTES(args[1])->n_bytes;
    char on_stack[BUFFER_ON_STACK_BYTES];
    char *buffer = n_bytes <= sizeof on_stack ? on_stack : malloc(n_bytes);
    if (buffer == NULL) {
        return exc_raise_no_memory(cx);
    }
    memcpy(buffer, AS_BYTES(args[1])->data, n_bytes);
    ssize_t n;
    SYSTEM_CALL(cx, BLOCK_WRITE, args[0], n, write(fd, buffer, n_bytes));
    const int error = errno;
    if (buffer != on_stack) {
        free(buffer);
    }
    errno = error;
    return n < 0 ? fail(cx, VALUE_UNSET) : value_from_int(n);
}

static int open_pipe(int ends[2]) {
#if defined(__linux__)
    return pipe2(ends, O_CLOEXEC);
#else
    if (pipe(ends) < 0) {
        return -1;
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
#endif
}

NATIVE(os_pipe, "pipe()", "Make a pipe; return the descriptors to read from and to write to.") {
    int ends[2];
    if (open_pipe(ends) < 0) {
        return fail(cx, VALUE_UNSET);
    }
    return tuple_pack(cx, 2, value_from_int(ends[0]), value_from_int(ends[1]));
}

NATIVE(os_dup, "dup(fd, /)", "Return a second descriptor for the same file.") {
    int fd;
    if (!arg_int32(cx, args[0], &fd)) {
        return VALUE_ERROR;
    }
    return descriptor_or_fail(cx, fcntl(fd, F_DUPFD_CLOEXEC, 0), VALUE_UNSET);
}

NATIVE(os_dup2, "dup2(fd, fd2, inheritable=True)", "Make fd2 a second descriptor for fd's file.") {
    int fd;
    int fd2;
    bool is_inheritable;
    if (!arg_int32(cx, args[0], &fd) || !arg_int32(cx, args[1], &fd2) ||
        !arg_bool(cx, args[2], true, &is_inheritable)) {
        return VALUE_ERROR;
    }
    int result;
    SYSTEM_CALL(cx, BLOCK_WRITE, args[1], result, dup2(fd, fd2));
    if (result >= 0 && !is_inheritable) {
        fcntl(fd2, F_SETFD, FD_CLOEXEC);
    }
    return descriptor_or_fail(cx, result, VALUE_UNSET);
}

NATIVE(os_pread, "pread(fd, length, offset, /)", "Read at most length bytes at a place, whatever the position.") {
    int fd;
    int64_t length;
    int64_t offset;
    if (!arg_int32(cx, args[0], &fd) || !arg_int(cx, args[1], &length) || !arg_int(cx, args[2], &offset)) {
        return VALUE_ERROR;
    }
    if (length < 0) {
        return exc_raise_errno(cx, EINVAL, VALUE_UNSET);
    }
    Buf buffer = {0};
    const size_t n_wanted = length < 0x7ffff000 ? (size_t)length : 0x7ffff000;
    char *room = buf_reserve(&buffer, n_wanted);
    ssize_t n;
    SYSTEM_CALL(cx, BLOCK_READ, args[0], n, pread(fd, room, n_wanted, (off_t)offset));
    ObjBytes *bytes = n < 0 ? NULL : bytes_new(cx, room, (size_t)n);
    if (n < 0) {
        fail(cx, VALUE_UNSET);
    }
    buf_free(&buffer);
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

NATIVE(os_pwrite, "pwrite(fd, buffer, offset, /)", "Write bytes at a place, whatever the position; return how many.") {
    int fd;
    int64_t offset;
    if (!arg_int32(cx, args[0], &fd) || !arg_int(cx, args[2], &offset)) {
        return VALUE_ERROR;
    }
    ByteView view;
    if (!byte_view_of(cx, args[1], &view)) {
        return VALUE_ERROR;
    }
    ssize_t n;
    SYSTEM_CALL(cx, BLOCK_WRITE, args[0], n, pwrite(fd, view.data, view.n_bytes, (off_t)offset));
    return n < 0 ? fail(cx, VALUE_UNSET) : value_from_int((int64_t)n);
}

NATIVE(os_lseek, "lseek(fd, position, whence, /)", "Change a descriptor's position.") {
    int fd;
    int whence;
    int64_t position;
    if (!arg_int32(cx, args[0], &fd) || !arg_int(cx, args[1], &position) ||
        !arg_int32(cx, args[2], &whence)) {
        return VALUE_ERROR;
    }
    const off_t at = lseek(fd, (off_t)position, whence);
    return at < 0 ? fail(cx, VALUE_UNSET) : int_from_i64(cx, (int64_t)at);
}

NATIVE(os_fsync, "fsync(fd)", "Wait until what was written is on the disk.") {
    int fd;
    int result;
    if (!arg_int32(cx, args[0], &fd)) {
        return VALUE_ERROR;
    }
    SYSTEM_CALL(cx, BLOCK_WRITE, args[0], result, fsync(fd));
    return none_or_fail(cx, result, VALUE_UNSET);
}

NATIVE(os_isatty, "isatty(fd, /)", "Return whether the descriptor is a terminal.") {
    int fd;
    return arg_int32(cx, args[0], &fd) ? BOOL_VALUE(isatty(fd) == 1) : VALUE_ERROR;
}

/* fcntl's flags as a bool: get and set. */
static Value get_flag(Context *cx, Value fd_value, int get, int flag, bool is_inverted) {
    int fd;
    if (!arg_int32(cx, fd_value, &fd)) {
        return VALUE_ERROR;
    }
    const int flags = fcntl(fd, get);
    return flags < 0 ? fail(cx, VALUE_UNSET) : BOOL_VALUE(((flags & flag) != 0) != is_inverted);
}

static Value set_flag(Context *cx, Value *args, int get, int set, int flag, bool is_inverted) {
    int fd;
    bool is_on;
    if (!arg_int32(cx, args[0], &fd) || !arg_bool(cx, args[1], false, &is_on)) {
        return VALUE_ERROR;
    }
    const int flags = fcntl(fd, get);
    if (flags < 0) {
        return fail(cx, VALUE_UNSET);
    }
    const int result = fcntl(fd, set, is_on != is_inverted ? flags | flag : flags & ~flag);
    return none_or_fail(cx, result, VALUE_UNSET);
}

NATIVE(os_get_inheritable, "get_inheritable(fd, /)", "Return whether programs that are started get it.") {
    return get_flag(cx, args[0], F_GETFD, FD_CLOEXEC, true);
}

NATIVE(os_set_inheritable, "set_inheritable(fd, inheritable, /)", "Say whether programs that are started get it.") {
    return set_flag(cx, args, F_GETFD, F_SETFD, FD_CLOEXEC, true);
}

NATIVE(os_get_blocking, "get_blocking(fd, /)", "Return whether reading and writing wait.") {
    return get_flag(cx, args[0], F_GETFL, O_NONBLOCK, true);
}

NATIVE(os_set_blocking, "set_blocking(fd, blocking, /)", "Say whether reading and writing wait.") {
    return set_flag(cx, args, F_GETFL, F_SETFL, O_NONBLOCK, true);
}

NATIVE(os_get_terminal_size, "_terminal_size(fd, /)", "Return columns and lines of a terminal.") {
    int fd;
    struct winsize size;
    if (!arg_int32(cx, args[0], &fd)) {
        return VALUE_ERROR;
    }
    if (ioctl(fd, TIOCGWINSZ, &size) < 0) {
        return fail(cx, VALUE_UNSET);
    }
    return tuple_pack(cx, 2, value_from_int(size.ws_col), value_from_int(size.ws_row));
}

/* The environment. The C library's is changed too, for programs that are started. */

NATIVE(os_environ, "_environ()", "Return the environment as a dict.") {
    ObjDict *dict = dict_new(cx, 0);
    for (char **entry = environ; dict != NULL && entry != NULL && *entry != NULL; entry++) {
        const char *equals = strchr(*entry, '=');
        if (equals == NULL || equals == *entry) {
            continue;
        }
        const Value name = text_value(cx, *entry, (size_t)(equals - *entry));
        const Value value = IS_ERROR(name) ? name : text_value(cx, equals + 1, strlen(equals + 1));
        if (IS_ERROR(value) || IS_ERROR(dict_setdefault(cx, dict, name, value))) {
            return VALUE_ERROR;
        }
    }
    return dict == NULL ? VALUE_ERROR : OBJ_VALUE(dict);
}

/* A name or value of the environment; NULL with an exception pending. */
static char *environment_text(Context *cx, Value v) {
    if (!IS_STR(v)) {
        exc_raise(cx, EXC_TypeError, "str expected, not %s", type_name_of(cx, v));
        return NULL;
    }
    return file_path_arg(cx, v, NULL, NULL);
}

NATIVE(os_putenv, "putenv(name, value, /)", "Set a variable of the environment of programs to come.") {
    char *name = environment_text(cx, args[0]);
    char *value = name == NULL ? NULL : environment_text(cx, args[1]);
    Value result = VALUE_ERROR;
    if (value == NULL) {
        goto done;
    }
    if (strchr(name, '=') != NULL) {
        exc_raise(cx, EXC_ValueError, "illegal environment variable name");
    } else if (setenv(name, value, 1) < 0) {
        fail(cx, VALUE_UNSET);
    } else {
        result = VALUE_NONE;
    }
done:
    mem_free(name);
    mem_free(value);
    return result;
}

NATIVE(os_unsetenv, "unsetenv(name, /)", "Remove a variable from it.") {
    char *name = environment_text(cx, args[0]);
    if (name == NULL) {
        return VALUE_ERROR;
    }
    const int result = unsetenv(name);
    const int error = errno;
    mem_free(name);
    errno = error;
    return none_or_fail(cx, result, VALUE_UNSET);
}

/* The process and the machine. */

NATIVE(os_getpid, "getpid()", "Return the number of the process.") {
    return value_from_int(getpid());
}

NATIVE(os_getppid, "getppid()", "Return the number of the parent process.") {
    return value_from_int(getppid());
}

NATIVE(os_getuid, "getuid()", "Return the user's number.") {
    return value_from_int(getuid());
}

NATIVE(os_geteuid, "geteuid()", "Return the effective user's number.") {
    return value_from_int(geteuid());
}

NATIVE(os_getgid, "getgid()", "Return the group's number.") {
    return value_from_int(getgid());
}

NATIVE(os_getegid, "getegid()", "Return the effective group's number.") {
    return value_from_int(getegid());
}

NATIVE(os_umask, "umask(mask, /)", "Set the mask of permissions for new files; return the old one.") {
    int mask;
    return arg_int32(cx, args[0], &mask) ? value_from_int(umask((mode_t)mask)) : VALUE_ERROR;
}

NATIVE(os_kill, "kill(pid, signal, /)", "Send a signal to a process.") {
    int pid;
    int number;
    if (!arg_int32(cx, args[0], &pid) || !arg_int32(cx, args[1], &number)) {
        return VALUE_ERROR;
    }
    if (kill(pid, number) < 0) {
        return fail(cx, VALUE_UNSET);
    }
    host_note_signal(cx, pid, number);
    /* A signal to this process should be handled here, not some instructions later. */
    return block_has_signal(cx) && !block_poll(cx) ? VALUE_ERROR : VALUE_NONE;
}

NATIVE(os_system, "system(command)", "Run a command in the shell; return its wait status.") {
    char *command = environment_text(cx, args[0]);
    if (command == NULL) {
        return VALUE_ERROR;
    }
    file_flush_written(cx);
    block_begin(cx, BLOCK_CHILD, args[0], BLOCK_FOREVER);
    const int status = system(command);
    block_end(cx);
    mem_free(command);
    return value_from_int(status);
}

NATIVE(os_cpu_count, "cpu_count()", "Return the number of processors.") {
    const long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? value_from_int(n) : VALUE_NONE;
}

NATIVE(os_process_cpu_count, "process_cpu_count()", "Return the number of processors that this process may use.") {
    return value_from_int(platform_core_count());
}

NATIVE(os_sched_yield, "sched_yield()", "Let other threads run.") {
    block_begin(cx, BLOCK_SLEEP, VALUE_NONE, BLOCK_FOREVER);
    sched_yield();
    block_end(cx);
    return VALUE_NONE;
}

NATIVE(os_urandom, "urandom(size, /)", "Return random bytes of the system.") {
    int64_t size;
    if (!arg_int(cx, args[0], &size)) {
        return VALUE_ERROR;
    }
    if (size < 0) {
        return exc_raise(cx, EXC_ValueError, "negative argument not allowed");
    }
    ObjBytes *bytes = bytes_new(cx, NULL, (size_t)size);
    if (bytes == NULL) {
        return VALUE_ERROR;
    }
    const int error = platform_random(bytes->data, (size_t)size);
    return error != 0 ? exc_raise_errno(cx, error, VALUE_UNSET) : OBJ_VALUE(bytes);
}

NATIVE(os_strerror, "strerror(code, /)", "Return the text of an error number.") {
    int code;
    if (!arg_int32(cx, args[0], &code)) {
        return VALUE_ERROR;
    }
    const char *text = strerror(code);
    return text_value(cx, text, strlen(text));
}

NATIVE(os_uname, "_uname()", "Return sysname, nodename, release, version, machine.") {
    struct utsname names;
    if (uname(&names) < 0) {
        return fail(cx, VALUE_UNSET);
    }
    const char *texts[] = {names.sysname, names.nodename, names.release, names.version, names.machine};
    ObjTuple *tuple = tuple_new(cx, 5);
    for (int i = 0; tuple != NULL && i < 5; i++) {
        const Value text = text_value(cx, texts[i], strlen(texts[i]));
        if (IS_ERROR(text)) {
            return VALUE_ERROR;
        }
        tuple->items[i] = text;
    }
    return tuple == NULL ? VALUE_ERROR : OBJ_VALUE(tuple);
}

NATIVE(os_getloadavg, "getloadavg()", "Return the load of the last 1, 5 and 15 minutes.") {
    double loads[3];
    if (getloadavg(loads, 3) != 3) {
        return exc_raise(cx, EXC_OSError, "Load averages are unobtainable");
    }
    return tuple_pack(cx, 3, value_from_double(loads[0]), value_from_double(loads[1]),
                      value_from_double(loads[2]));
}

NATIVE(os_home, "_home(user=None, /)", "Return the home directory of a user, of the own one without a name, or None.") {
    struct passwd entry;
    struct passwd *found = NULL;
    char buffer[BUFFER_ON_STACK_BYTES];
    if (args[0] == VALUE_UNSET || IS_NONE(args[0])) {
        getpwuid_r(getuid(), &entry, buffer, sizeof buffer, &found);
    } else {
        char *user = file_path_arg(cx, args[0], NULL, NULL);
        if (user == NULL) {
            return VALUE_ERROR;
        }
        getpwnam_r(user, &entry, buffer, sizeof buffer, &found);
        mem_free(user);
    }
    return found == NULL ? VALUE_NONE : text_value(cx, found->pw_dir, strlen(found->pw_dir));
}

/* The module. */

static const NativeDef functions[] = {
    NATIVE_ENTRY(os_normpath),
    NATIVE_ENTRY(os_chdir),           NATIVE_ENTRY(os_rmdir),
    NATIVE_ENTRY(os_remove),          NATIVE_ENTRY(os_unlink),
    NATIVE_ENTRY(os_mkdir),           NATIVE_ENTRY(os_chmod),
    NATIVE_ENTRY(os_truncate),        NATIVE_ENTRY(os_rename),
    NATIVE_ENTRY(os_replace),         NATIVE_ENTRY(os_symlink),
    NATIVE_ENTRY(os_link),            NATIVE_ENTRY(os_readlink),
    NATIVE_ENTRY(os_access),          NATIVE_ENTRY(os_getcwd),
    NATIVE_ENTRY(os_listdir),         NATIVE_ENTRY(os_stat),
    NATIVE_ENTRY(os_lstat),           NATIVE_ENTRY(os_utime),
    NATIVE_ENTRY(os_open),            NATIVE_ENTRY(os_close),
    NATIVE_ENTRY(os_read),            NATIVE_ENTRY(os_write),
    NATIVE_ENTRY(os_pipe),            NATIVE_ENTRY(os_dup),
    NATIVE_ENTRY(os_dup2),            NATIVE_ENTRY(os_lseek),      NATIVE_ENTRY(os_pread),      NATIVE_ENTRY(os_pwrite),
    NATIVE_ENTRY(os_fsync),           NATIVE_ENTRY(os_isatty),
    NATIVE_ENTRY(os_get_inheritable), NATIVE_ENTRY(os_set_inheritable),
    NATIVE_ENTRY(os_get_blocking),    NATIVE_ENTRY(os_set_blocking),
    NATIVE_ENTRY(os_get_terminal_size), NATIVE_ENTRY(os_environ),
    NATIVE_ENTRY(os_putenv),          NATIVE_ENTRY(os_unsetenv),
    NATIVE_ENTRY(os_getpid),          NATIVE_ENTRY(os_getppid),
    NATIVE_ENTRY(os_getuid),          NATIVE_ENTRY(os_geteuid),
    NATIVE_ENTRY(os_getgid),          NATIVE_ENTRY(os_getegid),
    NATIVE_ENTRY(os_umask),           NATIVE_ENTRY(os_kill),
    NATIVE_ENTRY(os_system),          NATIVE_ENTRY(os_cpu_count),
    NATIVE_ENTRY(os_process_cpu_count), NATIVE_ENTRY(os_sched_yield),
    NATIVE_ENTRY(os_urandom),         NATIVE_ENTRY(os_strerror),
    NATIVE_ENTRY(os_uname),           NATIVE_ENTRY(os_getloadavg),
    NATIVE_ENTRY(os_home),            {NULL, NULL, NULL, 0},
};

static const ModuleNumber constants[] = {
    {"F_OK", F_OK},           {"R_OK", R_OK},         {"W_OK", W_OK},
    {"X_OK", X_OK},           {"O_RDONLY", O_RDONLY}, {"O_WRONLY", O_WRONLY},
    {"O_RDWR", O_RDWR},       {"O_CREAT", O_CREAT},   {"O_EXCL", O_EXCL},
    {"O_TRUNC", O_TRUNC},     {"O_APPEND", O_APPEND}, {"O_NONBLOCK", O_NONBLOCK},
    {"O_CLOEXEC", O_CLOEXEC}, {"O_SYNC", O_SYNC},     {"O_DIRECTORY", O_DIRECTORY},
    {"O_NOFOLLOW", O_NOFOLLOW}, {"SEEK_SET", SEEK_SET}, {"SEEK_CUR", SEEK_CUR},
    {"SEEK_END", SEEK_END},
    {NULL, 0},
};

bool mod_os_open(Context *cx, ObjModule *module) {
    return module_add_numbers(cx, module, constants) && module_add_natives(cx, module, functions);
}
