/* file.c - file objects: methods, attributes, text in and out.
 *
 * Text is UTF-8 nearly always, which is what strings are made of: then writing copies and reading checks. Other
 * encodings and error handlers go by way of str.encode and bytes.decode.
 *
 * See also: file_open.c (open), file_stream.c (buffers, locks, system calls). */

#include "runtime/objects/file.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/utf8.h"
#include "runtime/base/vec.h"
#include "runtime/block.h"
#include "runtime/call.h"
#include "runtime/gc/heap_walk.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/file_internal.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"
#include "runtime/objects/memoryview.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"

/* Errors. */

static Value raise_unsupported(Context *cx, const char *message) {
    return module_raise(cx, "io", "UnsupportedOperation", "%s", message);
}

static const char *closed_text(const ObjFile *f, const char *for_binary) {
    return f->is_text ? "I/O operation on closed file." : for_binary;
}

/* False with the right exception when the file is closed or of the wrong direction. */
static bool check_readable(Context *cx, const ObjFile *f, const char *for_binary) {
    if (UNLIKELY(stream_is_closed(f->stream) && (f->is_text || f->stream->can_read))) {
        exc_raise(cx, EXC_ValueError, "%s", closed_text(f, for_binary));
        return false;
    }
    if (UNLIKELY(!f->stream->can_read)) {
        raise_unsupported(cx, f->is_text ? "not readable" : "read");
        return false;
    }
    return true;
}

static bool check_writable(Context *cx, const ObjFile *f) {
    if (UNLIKELY(stream_is_closed(f->stream) && (f->is_text || f->stream->can_write))) {
        exc_raise(cx, EXC_ValueError, "%s", closed_text(f, "write to closed file"));
        return false;
    }
    if (UNLIKELY(!f->stream->can_write)) {
        raise_unsupported(cx, f->is_text ? "not writable" : "write");
        return false;
    }
    return true;
}

static bool check_open(Context *cx, const ObjFile *f, const char *for_text) {
    if (UNLIKELY(stream_is_closed(f->stream))) {
        exc_raise(cx, EXC_ValueError, "%s",
                  f->is_text ? for_text : "I/O operation on closed file");
        return false;
    }
    return true;
}

/* What files of all kinds say alike. */
static bool check_not_closed(Context *cx, const ObjFile *f) {
    if (stream_is_closed(f->stream)) {
        exc_raise(cx, EXC_ValueError, "I/O operation on closed file.");
        return false;
    }
    return true;
}

/* Text to bytes and back. */

/* receiver.method(encoding, errors) for a codec that is not the usual one. */
static Value call_codec(Context *cx, ObjFile *f, Value receiver, const char *method) {
    ObjStr *name = str_intern(cx, method, strlen(method));
    if (name == NULL) {
        return VALUE_ERROR;
    }
    const Value function = value_getattr(cx, receiver, name);
    if (IS_ERROR(function)) {
        return VALUE_ERROR;
    }
    const Value args[] = {value_load(&f->encoding), value_load(&f->errors)};
    return call_value(cx, function, args, 2);
}

static bool is_plain_text(const ObjStr *text) {
    return str_is_ascii(text) || utf8_check(text->data, text->n_bytes) == text->n_bytes;
}

static bool write_bytes(Context *cx, ObjFile *f, const char *bytes, size_t n_bytes, bool has_line_end) {
    return stream_write(cx, f->stream, OBJ_VALUE(f), bytes, n_bytes,
                        has_line_end && atomic_load_relaxed(&f->is_line_buffered),
                        f->stream->is_raw || atomic_load_relaxed(&f->is_write_through),
                        closed_text(f, "write to closed file"));
}

/* With each '\n' replaced by the line end of the file. */
static bool write_translated(Context *cx, ObjFile *f, const char *bytes, size_t n_bytes, NewlineMode mode) {
    Buf translated = {0};
    newline_add_ended(&translated, bytes, n_bytes, mode);
    const bool is_written = write_bytes(cx, f, translated.bytes, translated.n_bytes, true);
    buf_free(&translated);
    return is_written;
}

static bool write_encoded(Context *cx, ObjFile *f, const char *bytes, size_t n_bytes) {
    const uint8_t newline = atomic_load_relaxed(&f->newline);
    const bool has_lf = memchr(bytes, '\n', n_bytes) != NULL;
    if (has_lf && (newline == NEWLINE_CR || newline == NEWLINE_CRLF)) {
        return write_translated(cx, f, bytes, n_bytes, (NewlineMode)newline);
    }
    return write_bytes(cx, f, bytes, n_bytes,
                       has_lf || memchr(bytes, '\r', n_bytes) != NULL);
}

bool file_write_str(Context *cx, Value file, ObjStr *text) {
    ObjFile *f = AS_FILE(file);
    if (!check_writable(cx, f)) {
        return false;
    }
    if (UNLIKELY(!f->is_text)) {
        exc_raise(cx, EXC_TypeError, "a bytes-like object is required, not 'str'");
        return false;
    }
    /* All encodings there are contain ASCII. */
    if (LIKELY(str_is_ascii(text) ||
               (atomic_load_relaxed(&f->is_strict_utf8) && is_plain_text(text)))) {
        return write_encoded(cx, f, text->data, text->n_bytes);
    }
    const Value bytes = call_codec(cx, f, OBJ_VALUE(text), "encode");
    if (IS_ERROR(bytes)) {
        return false;
    }
    return write_encoded(cx, f, AS_BYTES(bytes)->data, AS_BYTES(bytes)->n_bytes);
}

bool file_write_text(Context *cx, Value file, const char *utf8, size_t n_bytes) {
    ObjStr *text = str_new(cx, utf8, n_bytes);
    return text != NULL && file_write_str(cx, file, text);
}

bool file_flush(Context *cx, Value file) {
    ObjFile *f = AS_FILE(file);
    if (UNLIKELY(stream_is_closed(f->stream))) {
        exc_raise(cx, EXC_ValueError, "%s", closed_text(f, "flush of closed file"));
        return false;
    }
    return stream_flush(cx, f->stream, file);
}

int file_descriptor(Value file) {
    return atomic_load_relaxed(&AS_FILE(file)->stream->fd);
}

/* What was taken becomes a str or bytes; frees it. */
static Value make_result(Context *cx, ObjFile *f, Buf *taken) {
    Value result = VALUE_ERROR;
    if (!f->is_text) {
        ObjBytes *bytes = bytes_new(cx, taken->bytes, taken->n_bytes);
        result = bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
        goto done;
    }
    if (taken->n_bytes == 0) {
        result = OBJ_VALUE(cx->rt->empty_str);
        goto done;
    }
    if (atomic_load_relaxed(&f->newline) == NEWLINE_UNIVERSAL) {
        newline_unify(taken);
    }
    if (LIKELY(utf8_is_ascii(taken->bytes, taken->n_bytes) ||
               (atomic_load_relaxed(&f->is_strict_utf8) &&
                utf8_check(taken->bytes, taken->n_bytes) == taken->n_bytes))) {
        ObjStr *text = str_new(cx, taken->bytes, taken->n_bytes);
        result = text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    } else {
        ObjBytes *bytes = bytes_new(cx, taken->bytes, taken->n_bytes);
        result = bytes == NULL ? VALUE_ERROR : call_codec(cx, f, OBJ_VALUE(bytes), "decode");
    }
done:
    buf_free(taken);
    return result;
}

static Value take(Context *cx, ObjFile *f, TakeWhat what, size_t n, const char *for_binary) {
    TakeRequest request = {
        .what = what,
        .n = n,
        .is_wide = f->is_text && file_is_utf8(value_load(&f->encoding)),
        .newline = f->is_text ? (NewlineMode)atomic_load_relaxed(&f->newline) : NEWLINE_LF};
    if (!stream_take(cx, f->stream, OBJ_VALUE(f), &request, closed_text(f, for_binary))) {
        buf_free(&request.out);
        return VALUE_ERROR;
    }
    return make_result(cx, f, &request.out);
}

Value file_readline(Context *cx, Value file, int64_t limit) {
    ObjFile *f = AS_FILE(file);
    if (!check_readable(cx, f, "readline of closed file")) {
        return VALUE_ERROR;
    }
    return take(cx, f, TAKE_LINE, limit < 0 ? SIZE_MAX : (size_t)limit, "readline of closed file");
}

static bool is_empty_result(Value v) {
    return IS_STR(v) ? AS_STR(v)->n_bytes == 0 : AS_BYTES(v)->n_bytes == 0;
}

/* Methods for reading. */

/* The size argument of read and its like: None or nothing is -1. */
static bool size_arg(Context *cx, Value v, int64_t *size) {
    *size = -1;
    if (v == VALUE_UNSET || IS_NONE(v)) {
        return true;
    }
    if (!IS_INT_LIKE(v) && IS_OBJ(v) && !IS_KIND(v, KIND_INSTANCE)) {
        exc_raise(cx, EXC_TypeError, "argument should be integer or None, not '%s'",
                  type_name_of(cx, v));
        return false;
    }
    return arg_int(cx, v, size);
}

NATIVE(file_read, "read(self, size=-1, /)",
       "Read and return at most size characters or bytes; all that is left without a size.") {
    ObjFile *f = AS_FILE(args[0]);
    int64_t size;
    if (!size_arg(cx, args[1], &size) || !check_readable(cx, f, "read of closed file")) {
        return VALUE_ERROR;
    }
    if (size < 0) {
        return take(cx, f, TAKE_ALL, 0, "read of closed file");
    }
    return take(cx, f, f->is_text ? TAKE_CHARS : TAKE_BYTES, (size_t)size, "read of closed file");
}

/* Reads into memory: readinto() and its like. */
static Value read_into(Context *cx, Value file, Value target, const char *name) {
    ObjFile *f = AS_FILE(file);
    Memory memory;
    char format[80];
    snprintf(format, sizeof format, "%s() argument must be read-write bytes-like object, not %%s",
             name);
    if (!memory_to_write(cx, target, format, &memory) ||
        !check_readable(cx, f, "read of closed file")) {
        return VALUE_ERROR;
    }
    const Value bytes = take(cx, f, TAKE_BYTES, memory_bytes(&memory), "read of closed file");
    if (IS_ERROR(bytes)) {
        return VALUE_ERROR;
    }
    memory_write(cx, &memory, 0, AS_BYTES(bytes)->data, AS_BYTES(bytes)->n_bytes);
    return value_from_int((int64_t)AS_BYTES(bytes)->n_bytes);
}

NATIVE(file_readinto, "readinto(self, buffer, /)",
       "Read bytes into a buffer; return how many.") {
    return read_into(cx, args[0], args[1], "readinto");
}

NATIVE(file_readinto1, "readinto1(self, buffer, /)",
       "Read bytes into a buffer; return how many.") {
    return read_into(cx, args[0], args[1], "readinto1");
}

NATIVE(file_readall, "readall(self, /)", "Read all that is left.") {
    ObjFile *f = AS_FILE(args[0]);
    return check_readable(cx, f, "I/O operation on closed file")
               ? take(cx, f, TAKE_ALL, 0, "I/O operation on closed file")
               : VALUE_ERROR;
}

/* What one read gives: of what is buffered, or of the file. */
static Value take_some(Context *cx, ObjFile *f, size_t n, bool is_kept, const char *closed) {
    TakeRequest request = {.what = TAKE_SOME, .n = n, .is_kept = is_kept, .newline = NEWLINE_LF};
    if (!check_readable(cx, f, closed) ||
        !stream_take(cx, f->stream, OBJ_VALUE(f), &request, closed)) {
        buf_free(&request.out);
        return VALUE_ERROR;
    }
    return make_result(cx, f, &request.out);
}

NATIVE(file_read1, "read1(self, size=-1, /)",
       "Read and return up to size bytes, with at most one read of the file.") {
    int64_t size;
    if (!size_arg(cx, args[1], &size)) {
        return VALUE_ERROR;
    }
    return take_some(cx, AS_FILE(args[0]), size < 0 ? STREAM_BUFFER_BYTES : (size_t)size, false,
                     "read of closed file");
}

NATIVE(file_peek, "peek(self, size=0, /)",
       "Return what is buffered, without taking it; reads once if that is nothing.") {
    int64_t size;
    return size_arg(cx, args[1], &size)
               ? take_some(cx, AS_FILE(args[0]), SIZE_MAX, true, "peek of closed file")
               : VALUE_ERROR;
}

NATIVE(file_readline_native, "readline(self, size=-1, /)",
       "Read and return one line, with its end; empty at the end of the file.") {
    int64_t size = -1;
    if (args[1] != VALUE_UNSET && !IS_NONE(args[1]) && !arg_int(cx, args[1], &size)) {
        return VALUE_ERROR;
    }
    return file_readline(cx, args[0], size);
}

static Value file_iter(Context *cx, Value v) {
    if (UNLIKELY(stream_is_closed(AS_FILE(v)->stream))) {
        return exc_raise(cx, EXC_ValueError, "I/O operation on closed file.");
    }
    return v;
}

NATIVE(file_readlines, "readlines(self, hint=-1, /)", "Return a list of lines.") {
    int64_t hint;
    ObjList *list;
    if (!size_arg(cx, args[1], &hint) || IS_ERROR(file_iter(cx, args[0])) || (list = list_new(cx, 0)) == NULL) {
        return VALUE_ERROR;
    }
    int64_t n = 0;
    do {
        const Value line = file_readline(cx, args[0], -1);
        if (IS_ERROR(line)) {
            return VALUE_ERROR;
        }
        if (is_empty_result(line)) {
            break;
        }
        n += value_length(cx, line);
        if (!list_append(cx, list, line)) {
            return VALUE_ERROR;
        }
    } while (hint <= 0 || n < hint);
    return OBJ_VALUE(list);
}

static Value file_next(Context *cx, Value v) {
    const Value line = file_readline(cx, v, -1);
    return !IS_ERROR(line) && is_empty_result(line) ? VALUE_STOP : line;
}

/* Methods for writing. */

static Value write_value(Context *cx, ObjFile *f, Value v) {
    if (f->is_text) {
        if (!IS_STR(v)) {
            return exc_raise(cx, EXC_TypeError, "write() argument must be str, not %s",
                             type_name_of(cx, v));
        }
        if (!file_write_str(cx, OBJ_VALUE(f), AS_STR(v))) {
            return VALUE_ERROR;
        }
        return value_from_int((int64_t)AS_STR(v)->n_chars);
    }
    if (!check_writable(cx, f)) {
        return VALUE_ERROR;
    }
    ByteView view;
    if (!byte_view_of(cx, v, &view) ||
        !write_bytes(cx, f, view.data, view.n_bytes, false)) {
        return VALUE_ERROR;
    }
    return value_from_int((int64_t)view.n_bytes);
}

NATIVE(file_write, "write(self, text, /)",
       "Write text (bytes to a binary file); return how many characters or bytes that are.") {
    return write_value(cx, AS_FILE(args[0]), args[1]);
}

static bool write_line(Context *cx, Obj *file, Value line) {
    return !IS_ERROR(write_value(cx, (ObjFile *)file, line));
}

NATIVE(file_writelines, "writelines(self, lines, /)", "Write all texts of an iterable.") {
    return check_not_closed(cx, AS_FILE(args[0])) &&
                   iter_each(cx, args[1], write_line, AS_OBJ(args[0])) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(file_flush_native, "flush(self, /)", "Write out what is buffered.") {
    return file_flush(cx, args[0]) ? VALUE_NONE : VALUE_ERROR;
}

/* Position and state. */

static bool can_seek(ObjFile *f) {
    return lseek(file_descriptor(OBJ_VALUE(f)), 0, SEEK_CUR) >= 0;
}

static bool check_seekable(Context *cx, ObjFile *f, bool is_seeking) {
    if ((f->is_text || is_seeking) && !can_seek(f)) {
        raise_unsupported(cx, f->is_text ? "underlying stream is not seekable"
                                         : "File or stream is not seekable.");
        return false;
    }
    return true;
}

NATIVE(file_seek, "seek(self, offset, whence=0, /)",
       "Change the position: from the begin (0), from where it is (1), from the end (2).") {
    ObjFile *f = AS_FILE(args[0]);
    int64_t offset;
    int whence = 0;
    if (!arg_int(cx, args[1], &offset) ||
        (args[2] != VALUE_UNSET && !arg_int32(cx, args[2], &whence))) {
        return VALUE_ERROR;
    }
    if (!f->is_text && stream_is_closed(f->stream)) {
        return exc_raise(cx, EXC_ValueError, "seek of closed file");
    }
    if (!check_open(cx, f, "I/O operation on closed file.") || !check_seekable(cx, f, true)) {
        return VALUE_ERROR;
    }
    if (whence < 0 || whence > 2) {
        return exc_raise(cx, EXC_ValueError,
                         f->is_text ? "invalid whence (%d, should be 0, 1 or 2)"
                                    : "whence value %d unsupported",
                         whence);
    }
    if (f->is_text && whence != 0 && offset != 0) {
        return raise_unsupported(cx, whence == 1 ? "can't do nonzero cur-relative seeks"
                                                 : "can't do nonzero end-relative seeks");
    }
    if (f->is_text && offset < 0) {
        return exc_raise(cx, EXC_ValueError, "negative seek position %lld", (long long)offset);
    }
    int64_t position;
    return stream_seek(cx, f->stream, args[0], offset, whence, &position)
               ? int_from_i64(cx, position)
               : VALUE_ERROR;
}

NATIVE(file_tell, "tell(self, /)", "Return the position in bytes.") {
    ObjFile *f = AS_FILE(args[0]);
    int64_t position;
    return check_open(cx, f, "I/O operation on closed file.") && check_seekable(cx, f, false) &&
                   stream_tell(cx, f->stream, args[0], &position)
               ? int_from_i64(cx, position)
               : VALUE_ERROR;
}

NATIVE(file_truncate, "truncate(self, size=None, /)",
       "Cut the file to size bytes, the position if there is none; return the size.") {
    ObjFile *f = AS_FILE(args[0]);
    int64_t size;
    if (!check_open(cx, f, "I/O operation on closed file.")) {
        return VALUE_ERROR;
    }
    if (!f->stream->can_write) {
        return raise_unsupported(cx, "truncate");
    }
    if (args[1] == VALUE_UNSET || IS_NONE(args[1])) {
        if (!stream_tell(cx, f->stream, args[0], &size)) {
            return VALUE_ERROR;
        }
    } else if (!arg_int(cx, args[1], &size)) {
        return VALUE_ERROR;
    }
    return stream_truncate(cx, f->stream, args[0], size) ? int_from_i64(cx, size) : VALUE_ERROR;
}

NATIVE(file_close, "close(self, /)", "Write out what is buffered and close the file.") {
    ObjFile *f = AS_FILE(args[0]);
    return stream_is_closed(f->stream) || stream_close(cx, f->stream, args[0]) ? VALUE_NONE
                                                                              : VALUE_ERROR;
}

NATIVE(file_enter, "__enter__(self, /)", "Return the file itself.") {
    return check_not_closed(cx, AS_FILE(args[0])) ? args[0] : VALUE_ERROR;
}

NATIVE(file_exit, "__exit__(self, /, *args)", "Close the file.") {
    /* args[0] is the first positional one: self. */
    ObjFile *f = AS_FILE(args[0]);
    return stream_is_closed(f->stream) || stream_close(cx, f->stream, args[0]) ? VALUE_NONE
                                                                              : VALUE_ERROR;
}

NATIVE(file_fileno, "fileno(self, /)", "Return the descriptor.") {
    return check_open(cx, AS_FILE(args[0]), "I/O operation on closed file")
               ? value_from_int(file_descriptor(args[0]))
               : VALUE_ERROR;
}

NATIVE(file_isatty, "isatty(self, /)", "Return whether it is a terminal.") {
    return check_open(cx, AS_FILE(args[0]), "I/O operation on closed file")
               ? BOOL_VALUE(isatty(file_descriptor(args[0])) == 1)
               : VALUE_ERROR;
}

/* A file that never could does not mind to be closed. */
static Value can_still(Context *cx, const ObjFile *f, bool could) {
    return !could || check_open(cx, f, "I/O operation on closed file") ? BOOL_VALUE(could)
                                                                       : VALUE_ERROR;
}

NATIVE(file_readable, "readable(self, /)", "Return whether it can be read.") {
    ObjFile *f = AS_FILE(args[0]);
    return can_still(cx, f, f->stream->can_read);
}

NATIVE(file_writable, "writable(self, /)", "Return whether it can be written.") {
    ObjFile *f = AS_FILE(args[0]);
    return can_still(cx, f, f->stream->can_write);
}

NATIVE(file_seekable, "seekable(self, /)", "Return whether its position can be changed.") {
    ObjFile *f = AS_FILE(args[0]);
    return check_open(cx, f, "I/O operation on closed file") ? BOOL_VALUE(can_seek(f)) : VALUE_ERROR;
}

static Value get_buffer(Context *cx, Value self);

/* Whoever has the text file keeps it; what both write still comes in order, through one buffer. */
NATIVE(file_detach, "detach(self, /)", "Return the binary file under the text.") {
    return file_flush(cx, args[0]) ? get_buffer(cx, args[0]) : VALUE_ERROR;
}

static Value get_raw(Context *cx, Value self);

NATIVE(file_detach_raw, "detach(self, /)", "Return the file under the buffer.") {
    return file_flush(cx, args[0]) ? get_raw(cx, args[0]) : VALUE_ERROR;
}

static bool check_text_or_none(Context *cx, Value v, const char *parameter) {
    if (v == VALUE_UNSET || IS_NONE(v) || IS_STR(v)) {
        return true;
    }
    exc_raise(cx, EXC_TypeError, "reconfigure() argument '%s' must be str or None, not %s", parameter,
              type_name_of(cx, v));
    return false;
}

NATIVE(file_reconfigure,
       "reconfigure(self, /, *, encoding=None, errors=None, newline=None, line_buffering=None, "
       "write_through=None)",
       "Change how text is written from now on.") {
    ObjFile *f = AS_FILE(args[0]);
    bool line_buffering = atomic_load_relaxed(&f->is_line_buffered);
    bool write_through = atomic_load_relaxed(&f->is_write_through);
    if (!check_open(cx, f, "I/O operation on closed file.") ||
        !check_text_or_none(cx, args[1], "encoding") ||
        !check_text_or_none(cx, args[2], "errors") ||
        !check_text_or_none(cx, args[3], "newline") ||
        (!IS_NONE(args[4]) && !arg_bool(cx, args[4], line_buffering, &line_buffering)) ||
        (!IS_NONE(args[5]) && !arg_bool(cx, args[5], write_through, &write_through)) ||
        !stream_flush(cx, f->stream, args[0]) ||
        !file_set_codec(cx, f, args[1], args[2]) || !file_set_newline(cx, f, args[3])) {
        return VALUE_ERROR;
    }
    atomic_store_relaxed(&f->is_line_buffered, line_buffering);
    atomic_store_relaxed(&f->is_write_through, write_through);
    return VALUE_NONE;
}

/* Attributes. */

static Value get_name(Context *cx, Value self) {
    (void)cx;
    return AS_FILE(self)->name;
}

static Value get_mode(Context *cx, Value self) {
    (void)cx;
    return AS_FILE(self)->mode;
}

static Value get_closed(Context *cx, Value self) {
    (void)cx;
    return BOOL_VALUE(stream_is_closed(AS_FILE(self)->stream));
}

static Value get_encoding(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_FILE(self)->encoding);
}

static Value get_errors(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_FILE(self)->errors);
}

static Value get_newlines(Context *cx, Value self) {
    static const char *const ends[] = {"\r", "\n", "\r\n"}; /* by bits NEWLINE_HAS_... */
    const unsigned kinds = atomic_load_relaxed(&AS_FILE(self)->stream->newlines);
    Value found[3];
    int n = 0;
    for (int i = 0; i < 3; i++) {
        ObjStr *end = (kinds >> i) & 1 ? str_from_c(cx, ends[i]) : NULL;
        if (end != NULL) {
            found[n++] = OBJ_VALUE(end);
        } else if ((kinds >> i) & 1) {
            return VALUE_ERROR;
        }
    }
    return n == 0 ? VALUE_NONE : n == 1 ? found[0] : tuple_from(cx, found, (size_t)n);
}

static Value get_line_buffering(Context *cx, Value self) {
    (void)cx;
    return BOOL_VALUE(atomic_load_relaxed(&AS_FILE(self)->is_line_buffered));
}

static Value get_write_through(Context *cx, Value self) {
    (void)cx;
    return BOOL_VALUE(atomic_load_relaxed(&AS_FILE(self)->is_write_through));
}

/* The same stream without the text. */
static Value get_buffer(Context *cx, Value self) {
    ObjFile *f = AS_FILE(self);
    if (!f->is_text) {
        return self;
    }
    const Value there = value_load(&f->buffer);
    if (there != VALUE_UNSET) {
        return there;
    }
    ObjFile *view =
        file_view(cx, f, file_binary_kind(f->stream->can_read, f->stream->can_write));
    if (view == NULL) {
        return VALUE_ERROR;
    }
    Value expected = VALUE_UNSET;
    /* Another thread may have made one. */
    return atomic_cas(&f->buffer, &expected, OBJ_VALUE(view)) ? OBJ_VALUE(view) : expected;
}

/* The same without a buffer, in name. */
static Value get_raw(Context *cx, Value self) {
    ObjFile *view = file_view(cx, AS_FILE(self), KIND_FILE_IO);
    return view == NULL ? VALUE_ERROR : OBJ_VALUE(view);
}

static Value get_closefd(Context *cx, Value self) {
    (void)cx;
    return BOOL_VALUE(AS_FILE(self)->stream->closes);
}

static Value file_repr(Context *cx, Value v) {
    ObjFile *f = AS_FILE(v);
    const Value name = value_repr(cx, f->name);
    if (IS_ERROR(name)) {
        return VALUE_ERROR;
    }
    const ObjStr *mode = AS_STR(f->mode);
    Buf text = {0};
    if (f->is_text) {
        const ObjStr *encoding = AS_STR(value_load(&f->encoding));
        buf_add_text(&text, "<_io.TextIOWrapper name=");
        buf_add(&text, AS_STR(name)->data, AS_STR(name)->n_bytes);
        buf_add_format(&text, " mode='%.*s' encoding='%.*s'>", (int)mode->n_bytes, mode->data,
                       (int)encoding->n_bytes, encoding->data);
    } else {
        buf_add_format(&text, "<_io.%s name=", kind_type_names[f->header.kind]);
        buf_add(&text, AS_STR(name)->data, AS_STR(name)->n_bytes);
        if (f->header.kind == KIND_FILE_IO) {
            buf_add_format(&text, " mode='%.*s' closefd=%s", (int)mode->n_bytes, mode->data,
                           f->stream->closes ? "True" : "False");
        }
        buf_add_text(&text, ">");
    }
    ObjStr *result = str_from_buf(cx, &text);
    return result == NULL ? VALUE_ERROR : OBJ_VALUE(result);
}

/* The end of the interpreter, and fork. */

/* Tells on stderr that sys.stdout could not be flushed, where nobody can catch it. */
static void report_unflushed(Context *cx) {
    const Value text = exc_format(cx, exc_take(cx));
    ObjModule *sys = cx->rt->sys;
    const Value err = module_get(cx, sys, context_name(cx, NAME_plain_stderr));
    if (!IS_ERROR(text) && IS_FILE(err)) {
        ObjStr *report =
            str_format_c(cx, "Exception ignored on flushing sys.stdout:\n%.*s",
                         (int)AS_STR(text)->n_bytes, AS_STR(text)->data);
        if (report != NULL && file_write_str(cx, err, report)) {
            file_flush(cx, err);
        }
    }
    exc_take(cx);
}

static bool flush_any(Context *cx, Value file) {
    if (IS_FILE(file)) {
        return file_flush(cx, file);
    }
    return !IS_ERROR(value_call_attr(cx, file, context_name(cx, NAME_plain_flush), NULL, 0));
}

/* Flushes whatever sys.<name> is. False when that failed. */
static bool flush_standard(Context *cx, NameId name, bool is_reported) {
    ObjModule *sys = cx->rt->sys;
    const Value file = sys == NULL ? VALUE_UNSET : module_get(cx, sys, context_name(cx, name));
    if (file == VALUE_UNSET || IS_NONE(file) ||
        (IS_FILE(file) && stream_is_closed(AS_FILE(file)->stream))) {
        return true;
    }
    if (flush_any(cx, file)) {
        return true;
    }
    if (is_reported) {
        report_unflushed(cx);
    } else {
        exc_take(cx);
    }
    return false;
}

void file_flush_written(Context *cx) {
    stream_flush_all(cx, true);
}

bool file_flush_std(Context *cx) {
    const Value before = exc_take(cx);
    const bool out_is_flushed = flush_standard(cx, NAME_plain_stdout, true);
    const bool err_is_flushed = flush_standard(cx, NAME_plain_stderr, false);
    stream_flush_all(cx, false);
    if (before != VALUE_UNSET) {
        exc_raise_object(cx, before);
    }
    return out_is_flushed && err_is_flushed;
}

void file_before_fork(Context *cx) {
    stream_flush_all(cx, false);
}

static void renew_stream(void *data, Obj *o) {
    Context *cx = data;
    FileStream *s = file_is_kind(o->kind) ? ((ObjFile *)o)->stream : NULL;
    if (s != NULL) {
        stream_after_fork(cx->rt, s);
    }
}

void file_after_fork_child(Context *cx) {
    stream_forget_list(cx->rt);
    heap_each_finishable(cx->rt->heap, renew_stream, cx);
}

/* The kind. */

static void file_trace(GcMarker *m, Obj *o) {
    const ObjFile *f = (const ObjFile *)o;
    gc_mark_value(m, f->name);
    gc_mark_value(m, f->mode);
    gc_mark_value(m, f->encoding);
    gc_mark_value(m, f->errors);
    gc_mark_value(m, f->buffer);
}

static void file_finish(Obj *o) {
    FileStream *stream = ((ObjFile *)o)->stream;
    if (stream != NULL) {
        stream_release(stream);
    }
}

#define COMMON_METHODS                                                               \
    NATIVE_ENTRY(file_read), NATIVE_ENTRY(file_readline_native),                     \
        NATIVE_ENTRY(file_readlines), NATIVE_ENTRY(file_write),                      \
        NATIVE_ENTRY(file_writelines), NATIVE_ENTRY(file_flush_native),              \
        NATIVE_ENTRY(file_seek), NATIVE_ENTRY(file_tell), NATIVE_ENTRY(file_truncate), \
        NATIVE_ENTRY(file_close), NATIVE_ENTRY(file_enter), NATIVE_ENTRY(file_exit), \
        NATIVE_ENTRY(file_fileno), NATIVE_ENTRY(file_isatty),                        \
        NATIVE_ENTRY(file_readable), NATIVE_ENTRY(file_writable),                    \
        NATIVE_ENTRY(file_seekable)

static const NativeDef text_methods[] = {
    COMMON_METHODS,
    NATIVE_ENTRY(file_detach),
    NATIVE_ENTRY(file_reconfigure),
    {0},
};

static const NativeDef buffered_methods[] = {
    COMMON_METHODS,          NATIVE_ENTRY(file_detach_raw), NATIVE_ENTRY(file_peek),
    NATIVE_ENTRY(file_read1), NATIVE_ENTRY(file_readinto),   NATIVE_ENTRY(file_readinto1),
    {0},
};

static const NativeDef raw_methods[] = {
    COMMON_METHODS,
    NATIVE_ENTRY(file_readall),
    NATIVE_ENTRY(file_readinto),
    {0},
};

#define COMMON_GETSETS                                                       \
    {"name", "The path or descriptor that was opened.", get_name, NULL},     \
        {"mode", "The mode it was opened with.", get_mode, NULL},            \
        {"closed", "Whether it is closed.", get_closed, NULL}

static const GetsetDef text_getsets[] = {
    COMMON_GETSETS,
    {"encoding", "How text becomes bytes.", get_encoding, NULL},
    {"errors", "What is done with text that cannot be encoded.", get_errors, NULL},
    {"newlines", "The ends of lines that were read: None, a str, or a tuple of those that there were.", get_newlines, NULL},
    {"line_buffering", "Whether each line is written at once.", get_line_buffering, NULL},
    {"write_through", "Whether everything is written at once.", get_write_through, NULL},
    {"buffer", "The same file for bytes.", get_buffer, NULL},
    {0},
};

static const GetsetDef buffered_getsets[] = {
    COMMON_GETSETS,
    {"raw", "The same file without a buffer.", get_raw, NULL},
    {0},
};

static const GetsetDef raw_getsets[] = {
    COMMON_GETSETS,
    {"closefd", "Whether closing it closes the descriptor.", get_closefd, NULL},
    {0},
};

#define FILE_OPS(NAME, method_table, getset_table, doc_text)                             \
    const KindOps kind_ops_Obj##NAME = {                                                 \
        .trace = file_trace, .finish = file_finish, .repr = file_repr, .iter = file_iter, \
        .next = file_next, .methods = method_table, .getsets = getset_table, .doc = doc_text}

FILE_OPS(File, text_methods, text_getsets, "A text file; made by open().");
FILE_OPS(BufferedReader, buffered_methods, buffered_getsets, "A binary file to read.");
FILE_OPS(BufferedWriter, buffered_methods, buffered_getsets, "A binary file to write.");
FILE_OPS(BufferedRandom, buffered_methods, buffered_getsets, "A binary file to read and write.");
FILE_OPS(FileIO, raw_methods, raw_getsets, "A binary file without a buffer.");
