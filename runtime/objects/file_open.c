/* file_open.c - open(): modes, buffering, encodings, paths; and files on descriptors that are there.
 *
 * See also: file.c. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/utf8.h"
#include "runtime/block.h"
#include "runtime/call.h"
#include "runtime/gc/gc.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/codec_names.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/file.h"
#include "runtime/objects/file_internal.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"

/* Encodings and line ends. */

static bool is_given(Value v) {
    return v != VALUE_UNSET && !IS_NONE(v);
}

static const Encoding *find_encoding(Value name) {
    return codec_find(AS_STR(name)->data, AS_STR(name)->n_bytes);
}

bool file_is_utf8(Value encoding) {
    return IS_STR(encoding) && find_encoding(encoding)->kind == ENCODING_UTF8;
}

bool file_set_codec(Context *cx, ObjFile *f, Value encoding, Value errors) {
    if (is_given(encoding)) {
        if (str_equals_c(AS_STR(encoding), "locale")) {
            encoding = OBJ_VALUE(str_from_c(cx, "UTF-8"));
        } else if (find_encoding(encoding) == NULL) {
            exc_raise(cx, EXC_LookupError, "unknown encoding: %.*s",
                      (int)AS_STR(encoding)->n_bytes, AS_STR(encoding)->data);
            return false;
        }
        value_store(&f->encoding, encoding);
        if (!is_given(errors)) {
            ObjStr *strict = str_from_c(cx, "strict");
            if (strict == NULL) {
                return false;
            }
            errors = OBJ_VALUE(strict);
        }
    }
    if (is_given(errors)) {
        value_store(&f->errors, errors);
    }
    /* Most error handlers never come into play for valid text. */
    atomic_store_relaxed(&f->is_strict_utf8, file_is_utf8(value_load(&f->encoding)));
    return true;
}

bool file_set_newline(Context *cx, ObjFile *f, Value newline) {
    if (!is_given(newline)) {
        return true;
    }
    const ObjStr *text = AS_STR(newline);
    NewlineMode mode;
    if (!newline_of_name(text->data, text->n_bytes, &mode)) {
        exc_raise(cx, EXC_ValueError, "illegal newline value: %.*s", (int)text->n_bytes, text->data);
        return false;
    }
    atomic_store_relaxed(&f->newline, (uint8_t)mode);
    return true;
}

/* Paths. */

Value file_path_text(Context *cx, Value path) {
    if (IS_STR(path) || IS_BYTES(path)) {
        return path;
    }
    if (!IS_OBJ(path)) {
        return VALUE_UNSET;
    }
    ObjStr *name = str_intern(cx, "__fspath__", 10);
    if (name == NULL) {
        return VALUE_ERROR;
    }
    const Value method = value_getattr_or_unset(cx, OBJ_VALUE(type_of(cx, path)), name);
    if (method == VALUE_UNSET || IS_ERROR(method)) {
        return method;
    }
    const Value text = call_value(cx, method, &path, 1);
    if (!IS_ERROR(text) && !IS_STR(text) && !IS_BYTES(text)) {
        return exc_raise(cx, EXC_TypeError, "expected %s.__fspath__() to return str or bytes, not %s",
                         type_name_of(cx, path), type_name_of(cx, text));
    }
    return text;
}

static void raise_no_path(Context *cx, Value path, const char *function, const char *parameter) {
    if (function == NULL) {
        exc_raise(cx, EXC_TypeError, "expected str, bytes or os.PathLike object, not %s",
                  type_name_of(cx, path));
    } else {
        exc_raise(cx, EXC_TypeError,
                  "%s: %s should be string, bytes or os.PathLike, not %s", function, parameter,
                  type_name_of(cx, path));
    }
}

char *file_path_arg(Context *cx, Value path, const char *function, const char *parameter) {
    const Value text = file_path_text(cx, path);
    if (IS_ERROR(text)) {
        return NULL;
    }
    if (text == VALUE_UNSET) {
        raise_no_path(cx, path, function, parameter);
        return NULL;
    }
    const char *bytes = IS_STR(text) ? AS_STR(text)->data : AS_BYTES(text)->data;
    const size_t n_bytes = IS_STR(text) ? AS_STR(text)->n_bytes : AS_BYTES(text)->n_bytes;
    if (memchr(bytes, '\0', n_bytes) != NULL) {
        if (function == NULL) {
            exc_raise(cx, EXC_ValueError, "embedded null byte");
        } else {
            exc_raise(cx, EXC_ValueError, "%s: embedded null character in %s", function, parameter);
        }
        return NULL;
    }
    char *copy = mem_alloc(n_bytes + 1);
    size_t n = 0;
    for (size_t i = 0; i < n_bytes; i++) {
        const unsigned char c = (unsigned char)bytes[i];
        if (UNLIKELY(c == 0xed) && IS_STR(text) && i + 2 < n_bytes &&
            ((unsigned char)bytes[i + 1] & 0xfe) == 0xb2) {
            /* U+DC80 to U+DCFF: a byte of a name that was no UTF-8 (str_decode_lossy). */
            size_t length;
            copy[n++] = (char)(utf8_decode(bytes + i, &length) & 0xff);
            i += 2;
        } else {
            copy[n++] = bytes[i];
        }
    }
    copy[n] = '\0';
    return copy;
}

/* Modes. */

typedef struct Mode {
    char what;           /* one of "rwax" */
    bool is_text;
    bool is_binary;
    bool is_updating;    /* '+' */
} Mode;

static bool parse_mode(Context *cx, const ObjStr *text, Mode *mode) {
    *mode = (Mode){0};
    int n_whats = 0;
    for (size_t i = 0; i < text->n_bytes; i++) {
        const char c = text->data[i];
        bool *flag = c == 't' ? &mode->is_text
                   : c == 'b' ? &mode->is_binary
                   : c == '+' ? &mode->is_updating
                              : NULL;
        const bool is_what = c != '\0' && strchr("rwax", c) != NULL;
        if ((!is_what && (flag == NULL || *flag)) ||
            memchr(text->data + i + 1, c, text->n_bytes - i - 1) != NULL) {
            exc_raise(cx, EXC_ValueError, "invalid mode: '%.*s'", (int)text->n_bytes, text->data);
            return false;
        }
        if (is_what) {
            mode->what = c;
            n_whats++;
        } else {
            *flag = true;
        }
    }
    if (mode->is_text && mode->is_binary) {
        exc_raise(cx, EXC_ValueError, "can't have text and binary mode at once");
        return false;
    }
    if (n_whats > 1) {
        exc_raise(cx, EXC_ValueError, "must have exactly one of create/read/write/append mode");
        return false;
    }
    if (n_whats == 0) {
        exc_raise(cx, EXC_ValueError,
                  "Must have exactly one of create/read/write/append mode and at most one plus");
        return false;
    }
    return true;
}

static int open_flags(const Mode *mode) {
    const int access = mode->is_updating ? O_RDWR : mode->what == 'r' ? O_RDONLY : O_WRONLY;
    switch (mode->what) {
    case 'w': return access | O_CREAT | O_TRUNC;
    case 'a': return access | O_CREAT | O_APPEND;
    case 'x': return access | O_CREAT | O_EXCL;
    default: return access;
    }
}

/* The mode as attribute: of a text file what was given, of a binary one in a form of CPython's own. */
static ObjStr *visible_mode(Context *cx, const Mode *mode, ObjStr *given) {
    if (!mode->is_binary) {
        return given;
    }
    if (mode->what == 'w' && mode->is_updating) {
        return str_from_c(cx, "rb+");
    }
    return str_format_c(cx, "%cb%s", mode->what, mode->is_updating ? "+" : "");
}

/* Opening. */

static bool check_arguments(Context *cx, const FileOpenArgs *args, const Mode *mode) {
    const struct {
        const char *name;
        Value value;
    } texts[] = {
        {"encoding", args->encoding}, {"errors", args->errors}, {"newline", args->newline}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (!is_given(texts[i].value)) {
            continue;
        }
        if (!IS_STR(texts[i].value)) {
            exc_raise(cx, EXC_TypeError, "open() argument '%s' must be str or None, not %s",
                      texts[i].name, type_name_of(cx, texts[i].value));
            return false;
        }
        if (mode->is_binary) {
            exc_raise(cx, EXC_ValueError, "binary mode doesn't take %s %s argument",
                      i == 2 ? "a" : "an", texts[i].name);
            return false;
        }
    }
    return true;
}

/* What the script's opener gives for the path: the descriptor, or -1 with an exception pending. */
static int ask_opener(Context *cx, const FileOpenArgs *args, const Mode *mode) {
    const Value arguments[] = {args->file, value_from_int(open_flags(mode) | O_CLOEXEC)};
    const Value answer = call_value(cx, args->opener, arguments, 2);
    int fd = -1;
    if (IS_ERROR(answer)) {
        return -1;
    }
    if (!IS_INT_LIKE(answer)) {
        exc_raise(cx, EXC_TypeError, "expected integer from opener");
        return -1;
    }
    if (arg_int32(cx, answer, &fd) && fd < 0) {
        exc_raise(cx, EXC_ValueError, "opener returned %d", fd);
    }
    return fd;
}

/* Opens the path: the descriptor, or -1 with an exception pending. */
static int open_path(Context *cx, const FileOpenArgs *args, const Mode *mode) {
    if (is_given(args->opener)) {
        return ask_opener(cx, args, mode);
    }
    char *path = file_path_arg(cx, args->file, NULL, NULL);
    if (path == NULL) {
        return -1;
    }
    int fd;
    int error;
    bool has_collected = false;
    file_flush_written(cx);
    for (;;) {
        block_begin(cx, BLOCK_OPEN, args->file, BLOCK_FOREVER);
        fd = open(path, open_flags(mode) | O_CLOEXEC, 0666);
        error = fd < 0 ? errno : 0;
        struct stat status;
        if (fd >= 0 && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
            close(fd);
            fd = -1;
            error = EISDIR;
        }
        if (fd >= 0 && mode->what == 'a') {
            lseek(fd, 0, SEEK_END);
        }
        block_end(cx);
        if ((error == EMFILE || error == ENFILE) && !has_collected) {
            /* Files that nobody closed, nor knows any more. */
            gc_collect(cx);
            has_collected = true;
        } else if (error != EINTR || (block_has_signal(cx) && !block_poll(cx))) {
            break;
        }
    }
    mem_free(path);
    if (error != 0 && error != EINTR) {
        exc_raise_errno(cx, error, args->file);
    }
    return fd;
}

/* The descriptor that was given, checked; -1 with an exception pending. */
static int given_descriptor(Context *cx, Value v) {
    int fd;
    if (!arg_int32(cx, v, &fd)) {
        return -1;
    }
    if (fd < 0) {
        exc_raise(cx, EXC_ValueError, "negative file descriptor");
        return -1;
    }
    struct stat status;
    int error = fstat(fd, &status) < 0 ? errno : 0;
    if (error == 0 && S_ISDIR(status.st_mode)) {
        error = EISDIR;
    }
    if (error != 0) {
        exc_raise_errno(cx, error, error == EISDIR ? v : VALUE_UNSET);
        return -1;
    }
    return fd;
}

ObjType *file_type(Context *cx, ObjKind kind) {
    if (cx->rt->types[kind] != NULL) {
        return cx->rt->types[kind];
    }
    ObjStr *home = str_from_c(cx, "_io");
    ObjType *type = home == NULL ? NULL : runtime_open_type(cx, kind);
    return type != NULL && type_set_home(cx, type, home) ? type : NULL;
}

ObjKind file_binary_kind(bool can_read, bool can_write) {
    return !can_write  ? KIND_BUFFERED_READER
           : !can_read ? KIND_BUFFERED_WRITER
                       : KIND_BUFFERED_RANDOM;
}

static ObjFile *new_file(Context *cx, Value name, ObjStr *mode, ObjKind kind) {
    ObjFile *f = file_type(cx, kind) == NULL
                     ? NULL
                     : (ObjFile *)heap_alloc(cx, sizeof(ObjFile), kind, kind);
    const bool is_text = kind == KIND_FILE;
    if (f == NULL) {
        return NULL;
    }
    f->name = name;
    f->mode = OBJ_VALUE(mode);
    f->encoding = VALUE_NONE;
    f->errors = VALUE_NONE;
    f->is_text = is_text;
    f->newline = is_text ? NEWLINE_UNIVERSAL : NEWLINE_LF;
    return f;
}

ObjFile *file_view(Context *cx, ObjFile *f, ObjKind kind) {
    ObjStr *mode = str_format_c(cx, "%sb%s", f->stream->can_read ? "r" : "w",
                                f->stream->can_read && f->stream->can_write ? "+" : "");
    ObjFile *view = mode == NULL ? NULL : new_file(cx, f->name, mode, kind);
    if (view != NULL) {
        stream_retain(f->stream);
        atomic_store_release(&view->stream, f->stream);
    }
    return view;
}

static bool set_text(Context *cx, ObjFile *f, Value encoding, Value errors, Value newline) {
    ObjStr *utf8 = str_from_c(cx, "UTF-8");
    ObjStr *strict = str_from_c(cx, "strict");
    return utf8 != NULL && strict != NULL &&
           file_set_codec(cx, f, is_given(encoding) ? encoding : OBJ_VALUE(utf8),
                          is_given(errors) ? errors : OBJ_VALUE(strict)) &&
           file_set_newline(cx, f, newline);
}

/* Is it an encoding that text files in C cannot have? */
static bool is_wide(Value encoding) {
    const Encoding *found = is_given(encoding) ? find_encoding(encoding) : NULL;
    return found != NULL && !encoding_has_ascii(found);
}

Value file_text_over(Context *cx, ObjFile *f, Value encoding, Value errors, Value newline) {
    if (is_wide(encoding)) {
        return VALUE_NONE;
    }
    ObjFile *text = file_view(cx, f, KIND_FILE);
    if (text == NULL || !set_text(cx, text, encoding, errors, newline)) {
        return VALUE_ERROR;
    }
    text->buffer = OBJ_VALUE(f);
    return OBJ_VALUE(text);
}

/* open() of text in an encoding that only the language knows to read and write. */
static Value open_wide(Context *cx, const FileOpenArgs *args, const Mode *mode) {
    const Value class = module_import_attr(cx, "io", "TextIOWrapper");
    ObjStr *binary_mode =
        IS_ERROR(class) ? NULL : str_format_c(cx, "%cb%s", mode->what, mode->is_updating ? "+" : "");
    if (binary_mode == NULL) {
        return VALUE_ERROR;
    }
    FileOpenArgs how = *args;
    how.mode = OBJ_VALUE(binary_mode);
    how.encoding = VALUE_UNSET;
    how.errors = VALUE_UNSET;
    how.newline = VALUE_UNSET;
    how.buffering = VALUE_UNSET;
    const Value file = file_open(cx, &how);
    const Value all[] = {file, args->encoding, is_given(args->errors) ? args->errors : VALUE_NONE,
                         is_given(args->newline) ? args->newline : VALUE_NONE};
    return IS_ERROR(file) ? VALUE_ERROR : call_value(cx, class, all, 4);
}

/* Everything but the descriptor. */
static ObjFile *prepare(Context *cx, const FileOpenArgs *args, const Mode *mode, ObjStr *mode_text,
                        bool is_raw) {
    ObjStr *visible = visible_mode(cx, mode, mode_text);
    const ObjKind kind = !mode->is_binary ? KIND_FILE
                         : is_raw         ? KIND_FILE_IO
                                          : file_binary_kind(mode->what == 'r' || mode->is_updating,
                                                             mode->what != 'r' || mode->is_updating);
    ObjFile *f = visible == NULL ? NULL : new_file(cx, args->file, visible, kind);
    const bool is_set = f != NULL && (mode->is_binary || set_text(cx, f, args->encoding, args->errors,
                                                                  args->newline));
    return is_set ? f : NULL;
}

Value file_open(Context *cx, const FileOpenArgs *args) {
    ObjStr *mode_text = str_from_c(cx, "r");
    if (args->mode != VALUE_UNSET) {
        mode_text = arg_str(cx, args->mode, "open", "mode");
    }
    Mode mode;
    int buffering = -1;
    bool closes = true;
    if (mode_text == NULL || !parse_mode(cx, mode_text, &mode) || !check_arguments(cx, args, &mode) ||
        (args->buffering != VALUE_UNSET && !arg_int32(cx, args->buffering, &buffering)) ||
        !arg_bool(cx, args->closefd, true, &closes)) {
        return VALUE_ERROR;
    }
    if (buffering == 0 && !mode.is_binary) {
        return exc_raise(cx, EXC_ValueError, "can't have unbuffered text I/O");
    }
    const bool is_descriptor = IS_INT_LIKE(args->file);
    if (!closes && !is_descriptor) {
        return exc_raise(cx, EXC_ValueError, "Cannot use closefd=False with file name");
    }
    if (is_wide(args->encoding)) {
        return open_wide(cx, args, &mode);
    }
    ObjFile *f = prepare(cx, args, &mode, mode_text, buffering == 0);
    if (f == NULL) {
        return VALUE_ERROR;
    }
    const int fd = is_descriptor ? given_descriptor(cx, args->file) : open_path(cx, args, &mode);
    if (fd < 0) {
        return VALUE_ERROR;
    }
    FileStream *stream = stream_new(fd, mode.what == 'r' || mode.is_updating,
                                    mode.what != 'r' || mode.is_updating, closes);
    stream->is_raw = buffering == 0;
    if (buffering > 1) {
        stream->buffer_bytes = (size_t)buffering;
    }
    atomic_store_release(&f->stream, stream);
    f->is_line_buffered = f->is_text && (buffering == 1 || (buffering < 0 && isatty(fd)));
    return OBJ_VALUE(f);
}

Value file_from_fd(Context *cx, int fd, const char *mode, const char *name, bool closes,
                   bool is_unbuffered) {
    if (fcntl(fd, F_GETFD) < 0) {
        return VALUE_NONE;
    }
    const bool is_text = strchr(mode, 'b') == NULL;
    const bool is_reader = mode[0] == 'r';
    ObjStr *name_text = str_from_c(cx, name);
    ObjStr *mode_text = str_from_c(cx, mode);
    ObjStr *encoding = str_from_c(cx, "utf-8");
    ObjStr *errors = str_from_c(cx, fd == STDERR_FILENO ? "backslashreplace"
                                    : is_text           ? "surrogateescape"
                                                        : "strict");
    if (name_text == NULL || mode_text == NULL || encoding == NULL || errors == NULL) {
        return VALUE_ERROR;
    }
    ObjFile *f = new_file(cx, OBJ_VALUE(name_text), mode_text,
                          is_text ? KIND_FILE : file_binary_kind(is_reader, !is_reader));
    if (f == NULL || (is_text && !file_set_codec(cx, f, OBJ_VALUE(encoding), OBJ_VALUE(errors)))) {
        return VALUE_ERROR;
    }
    atomic_store_release(&f->stream, stream_new(fd, is_reader, !is_reader, closes));
    f->is_line_buffered = is_text && (fd == STDERR_FILENO || isatty(fd));
    f->is_write_through = is_unbuffered;
    return OBJ_VALUE(f);
}
