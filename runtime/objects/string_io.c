/* string_io.c - the C half of io.StringIO (_io._TextInMemory). See string_io.h for how the text is kept. */

#include "runtime/objects/string_io.h"

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"
#include "runtime/objects/objlock.h"

enum { MIN_CAPACITY = 64 };

/* The text */

static inline bool is_ascii_locked(const ObjStringIO *io) {
    return io->n_bytes == io->n_chars;
}

static inline const char *text_locked(const ObjStringIO *io) {
    return io->buffer == NULL ? "" : io->buffer->bytes;
}

static bool reserve_locked(Context *cx, ObjStringIO *io, size_t n_bytes) {
    const size_t capacity = io->buffer == NULL ? 0 : io->buffer->capacity;
    if (LIKELY(n_bytes <= capacity)) {
        return true;
    }
    const size_t doubled = capacity < MIN_CAPACITY ? MIN_CAPACITY : 2 * capacity;
    ObjBuffer *buffer = buffer_new(cx, n_bytes < doubled ? doubled : n_bytes);
    if (buffer == NULL) {
        return false;
    }
    if (io->n_bytes > 0) {
        memcpy(buffer->bytes, io->buffer->bytes, io->n_bytes);
    }
    io->buffer = buffer;
    return true;
}

/* How many bytes the next n characters behind a byte take; there are that many. */
static size_t bytes_of_chars_locked(const ObjStringIO *io, size_t from, size_t n) {
    if (is_ascii_locked(io)) {
        return n;
    }
    const char *text = text_locked(io);
    size_t at = from;
    for (; n > 0; n--) {
        at += utf8_length((unsigned char)text[at]);
    }
    return at - from;
}

static size_t chars_of_bytes_locked(const ObjStringIO *io, size_t from, size_t n) {
    return is_ascii_locked(io) ? n : utf8_count(text_locked(io) + from, n);
}

/* A position behind the end: what is between becomes zeros. */
static bool fill_gap_locked(Context *cx, ObjStringIO *io) {
    const size_t n = io->at_char - io->n_chars;
    if (n > PTRDIFF_MAX - io->n_bytes) {
        exc_raise_no_memory(cx);
        return false;
    }
    if (!reserve_locked(cx, io, io->n_bytes + n)) {
        return false;
    }
    memset(io->buffer->bytes + io->n_bytes, 0, n);
    io->n_bytes += n;
    io->n_chars += n;
    io->at_byte = io->n_bytes;
    return true;
}

/* Puts text at the position, over what is there. */
static bool put_locked(Context *cx, ObjStringIO *io, const char *text, size_t n_bytes,
                       size_t n_chars) {
    if (n_bytes == 0) {
        return true;
    }
    if (UNLIKELY(io->at_char > io->n_chars) && !fill_gap_locked(cx, io)) {
        return false;
    }
    const size_t n_behind = io->n_chars - io->at_char;
    const size_t n_old_chars = n_behind < n_chars ? n_behind : n_chars;
    const size_t n_old_bytes = bytes_of_chars_locked(io, io->at_byte, n_old_chars);
    if (!reserve_locked(cx, io, io->n_bytes - n_old_bytes + n_bytes)) {
        return false;
    }
    char *at = io->buffer->bytes + io->at_byte;
    const size_t n_tail = io->n_bytes - io->at_byte - n_old_bytes;
    if (n_tail > 0 && n_old_bytes != n_bytes) {
        memmove(at + n_bytes, at + n_old_bytes, n_tail);
    }
    memcpy(at, text, n_bytes);
    io->n_bytes += n_bytes - n_old_bytes;
    io->n_chars += n_chars - n_old_chars;
    io->at_byte += n_bytes;
    io->at_char += n_chars;
    return true;
}

/* The next characters as a str; the position moves behind them. */
static Value take_locked(Context *cx, ObjStringIO *io, size_t n_bytes, size_t n_chars) {
    if (n_bytes == 0) {
        return OBJ_VALUE(cx->rt->empty_str);
    }
    ObjStr *text =
        str_new_counted(cx, text_locked(io) + io->at_byte, n_bytes, n_chars);
    if (text == NULL) {
        return VALUE_ERROR;
    }
    io->at_byte += n_bytes;
    io->at_char += n_chars;
    return OBJ_VALUE(text);
}

static Value take_at_most_locked(Context *cx, ObjStringIO *io, uint64_t limit) {
    const size_t left = io->at_char < io->n_chars ? io->n_chars - io->at_char : 0;
    if (limit >= left) {
        return take_locked(cx, io, io->n_bytes - io->at_byte, left);
    }
    return take_locked(cx, io, bytes_of_chars_locked(io, io->at_byte, limit), limit);
}

/* Lines */

/* The length of the line that begins at text, with its end. */
static size_t line_length(const char *text, size_t n, NewlineMode mode) {
    const size_t found = newline_find_end(text, n, mode == NEWLINE_UNIVERSAL ? NEWLINE_LF : mode, true);
    return found == 0 ? n : found;
}

static Value take_line_locked(Context *cx, ObjStringIO *io, uint64_t limit) {
    if (io->at_byte == io->n_bytes) {
        return OBJ_VALUE(cx->rt->empty_str);
    }
    const size_t n = line_length(text_locked(io) + io->at_byte, io->n_bytes - io->at_byte,
                                 (NewlineMode)io->newline);
    const size_t n_chars = chars_of_bytes_locked(io, io->at_byte, n);
    return n_chars > limit ? take_at_most_locked(cx, io, limit)
                           : take_locked(cx, io, n, n_chars);
}

/* Arguments */

static ObjStringIO *open_io(Context *cx, Value v) {
    ObjStringIO *io = AS_STRING_IO(v);
    if (UNLIKELY(atomic_load_relaxed(&io->is_closed))) {
        exc_raise(cx, EXC_ValueError, "I/O operation on closed file");
        return NULL;
    }
    return io;
}

/* How many characters at most: None and what is negative are all. */
static bool size_arg(Context *cx, Value v, uint64_t *limit) {
    int64_t n = -1;
    if (!IS_UNSET(v) && !IS_NONE(v) && !int_index_i64(cx, v, &n, EXC_OverflowError)) {
        if (exc_take_if(cx, EXC_TypeError)) {
            exc_raise(cx, EXC_TypeError, "argument should be integer or None, not '%s'",
                      type_name_of(cx, v));
        }
        return false;
    }
    *limit = n < 0 ? UINT64_MAX : (uint64_t)n;
    return true;
}

static bool newline_arg(Context *cx, Value v, NewlineMode *mode) {
    if (IS_UNSET(v) || IS_NONE(v)) {
        *mode = IS_NONE(v) ? NEWLINE_UNIVERSAL : NEWLINE_LF;
        return true;
    }
    if (!IS_STR(v)) {
        exc_raise(cx, EXC_TypeError, "newline must be str or None, not %s",
                  type_name_of(cx, v));
        return false;
    }
    if (newline_of_name(AS_STR(v)->data, AS_STR(v)->n_bytes, mode)) {
        return true;
    }
    const Value text = value_repr(cx, v);
    if (!IS_ERROR(text)) {
        exc_raise(cx, EXC_ValueError, "illegal newline value: %.*s",
                  (int)AS_STR(text)->n_bytes, AS_STR(text)->data);
    }
    return false;
}

/* Writing */

static bool is_translated(const ObjStr *text, NewlineMode mode) {
    if (LIKELY(mode == NEWLINE_LF || mode == NEWLINE_ANY)) {
        return false;
    }
    return memchr(text->data, mode == NEWLINE_UNIVERSAL ? '\r' : '\n', text->n_bytes) != NULL;
}

static void add_translated(Buf *buf, const ObjStr *text, NewlineMode mode) {
    if (mode == NEWLINE_UNIVERSAL) {
        buf_add(buf, text->data, text->n_bytes);
        newline_unify(buf);
    } else {
        newline_add_ended(buf, text->data, text->n_bytes, mode);
    }
}

static bool write_text(Context *cx, ObjStringIO *io, const ObjStr *text) {
    const NewlineMode mode = (NewlineMode)io->newline;
    Buf translated = {0};
    const bool is_other = is_translated(text, mode);
    if (UNLIKELY(is_other)) {
        add_translated(&translated, text, mode);
    }
    const bool is_locked = objlock_lock(cx, &io->header);
    const bool is_ok =
        is_other
            ? put_locked(cx, io, translated.bytes, translated.n_bytes,
                         utf8_count(translated.bytes, translated.n_bytes))
            : put_locked(cx, io, text->data, text->n_bytes, text->n_chars);
    objlock_unlock(cx, &io->header, is_locked);
    buf_free(&translated);
    return is_ok;
}

NATIVE(io_write, "write(self, text, /)",
       "Write string to file.\n\nReturns the number of characters written.") {
    ObjStringIO *io = open_io(cx, args[0]);
    if (io == NULL) {
        return VALUE_ERROR;
    }
    if (UNLIKELY(!IS_STR(args[1]))) {
        return exc_raise(cx, EXC_TypeError, "string argument expected, got '%s'",
                         type_name_of(cx, args[1]));
    }
    return write_text(cx, io, AS_STR(args[1]))
               ? value_from_int((int64_t)AS_STR(args[1])->n_chars)
               : VALUE_ERROR;
}

/* Reading */

typedef Value (*Take)(Context *cx, ObjStringIO *io, uint64_t limit);

static Value take(Context *cx, Value self, Value size, Take take_some_locked) {
    uint64_t limit;
    ObjStringIO *io = open_io(cx, self);
    if (io == NULL || !size_arg(cx, size, &limit)) {
        return VALUE_ERROR;
    }
    const bool is_locked = objlock_lock(cx, &io->header);
    const Value text = take_some_locked(cx, io, limit);
    objlock_unlock(cx, &io->header, is_locked);
    return text;
}

NATIVE(io_read, "read(self, size=-1, /)",
       "Read at most size characters, returned as a string.") {
    return take(cx, args[0], args[1], take_at_most_locked);
}

NATIVE(io_readline, "readline(self, size=-1, /)",
       "Read until newline or EOF.\n\nReturns an empty string if EOF is hit immediately.") {
    return take(cx, args[0], args[1], take_line_locked);
}

static Value io_next(Context *cx, Value v) {
    const Value line = take(cx, v, VALUE_NONE, take_line_locked);
    return line == OBJ_VALUE(cx->rt->empty_str) ? VALUE_STOP : line;
}

static Value io_iter(Context *cx, Value v) {
    return atomic_load_relaxed(&AS_STRING_IO(v)->is_closed)
               ? exc_raise(cx, EXC_ValueError, "I/O operation on closed file.")
               : v;
}

NATIVE(io_getvalue, "getvalue(self, /)", "Retrieve the entire contents of the object.") {
    ObjStringIO *io = open_io(cx, args[0]);
    if (io == NULL) {
        return VALUE_ERROR;
    }
    const bool is_locked = objlock_lock(cx, &io->header);
    ObjStr *text =
        io->n_bytes == 0
            ? cx->rt->empty_str
            : str_new_counted(cx, io->buffer->bytes, io->n_bytes, io->n_chars);
    objlock_unlock(cx, &io->header, is_locked);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* Position and size */

static void go_to_locked(ObjStringIO *io, size_t at_char) {
    io->at_char = at_char;
    io->at_byte =
        at_char >= io->n_chars ? io->n_bytes : bytes_of_chars_locked(io, 0, at_char);
}

static int64_t position_of(Context *cx, ObjStringIO *io) {
    const bool is_locked = objlock_lock(cx, &io->header);
    const int64_t position = (int64_t)io->at_char;
    objlock_unlock(cx, &io->header, is_locked);
    return position;
}

NATIVE(io_tell, "tell(self, /)", "Tell the current file position.") {
    ObjStringIO *io = open_io(cx, args[0]);
    return io == NULL ? VALUE_ERROR : int_from_i64(cx, position_of(cx, io));
}

static bool check_seek(Context *cx, int64_t position, int64_t whence) {
    if (whence < 0 || whence > 2) {
        exc_raise(cx, EXC_ValueError, "Invalid whence (%lld, should be 0, 1 or 2)",
                  (long long)whence);
        return false;
    }
    if (whence == 0 && position < 0) {
        exc_raise(cx, EXC_ValueError, "Negative seek position %lld", (long long)position);
        return false;
    }
    if (whence != 0 && position != 0) {
        exc_raise(cx, EXC_OSError, "Can't do nonzero cur-relative seeks");
        return false;
    }
    return true;
}

NATIVE(io_seek, "seek(self, pos, whence=0, /)",
       "Change stream position.\n\nSeek to character offset pos relative to position "
       "indicated by whence.") {
    int64_t position;
    int64_t whence = 0;
    ObjStringIO *io = open_io(cx, args[0]);
    if (io == NULL || !int_index_i64(cx, args[1], &position, EXC_OverflowError) ||
        (!IS_UNSET(args[2]) && !arg_int(cx, args[2], &whence)) ||
        !check_seek(cx, position, whence)) {
        return VALUE_ERROR;
    }
    const bool is_locked = objlock_lock(cx, &io->header);
    if (whence != 1) {
        go_to_locked(io, whence == 0 ? (size_t)position : io->n_chars);
    }
    const size_t at = io->at_char;
    objlock_unlock(cx, &io->header, is_locked);
    return int_from_i64(cx, (int64_t)at);
}

NATIVE(io_truncate, "truncate(self, pos=None, /)",
       "Truncate size to pos.\n\nThe pos argument defaults to the current file position, as "
       "returned by tell().") {
    ObjStringIO *io = open_io(cx, args[0]);
    if (io == NULL) {
        return VALUE_ERROR;
    }
    int64_t size = position_of(cx, io);
    if (!IS_UNSET(args[1]) && !IS_NONE(args[1]) &&
        !int_index_i64(cx, args[1], &size, EXC_OverflowError)) {
        return VALUE_ERROR;
    }
    if (size < 0) {
        return exc_raise(cx, EXC_ValueError, "Negative size value %lld", (long long)size);
    }
    const bool is_locked = objlock_lock(cx, &io->header);
    if ((uint64_t)size < io->n_chars) {
        io->n_bytes = bytes_of_chars_locked(io, 0, (size_t)size);
        io->n_chars = (size_t)size;
        go_to_locked(io, io->at_char);
    }
    objlock_unlock(cx, &io->header, is_locked);
    return int_from_i64(cx, size);
}

NATIVE(io_close, "close(self, /)", "Close the IO object.") {
    atomic_store_relaxed(&AS_STRING_IO(args[0])->is_closed, true);
    return VALUE_NONE;
}

NATIVE(io_seekable, "seekable(self, /)", "Returns True if the IO object can be seeked.") {
    return open_io(cx, args[0]) == NULL ? VALUE_ERROR : VALUE_TRUE;
}

NATIVE(io_readable, "readable(self, /)", "Returns True if the IO object can be read.") {
    return open_io(cx, args[0]) == NULL ? VALUE_ERROR : VALUE_TRUE;
}

NATIVE(io_writable, "writable(self, /)", "Returns True if the IO object can be written.") {
    return open_io(cx, args[0]) == NULL ? VALUE_ERROR : VALUE_TRUE;
}

/* Making */

static bool fill(Context *cx, ObjStringIO *io, const Value *args, int n_args, Value kwargs) {
    static const char *const parameters[] = {"initial_value", "newline", NULL};
    Value out[2];
    NewlineMode newline = NEWLINE_LF;
    if (!construct_arguments(cx, "StringIO", parameters, 0, args, n_args, kwargs, out) ||
        !newline_arg(cx, out[1], &newline)) {
        return false;
    }
    const bool has_text = !IS_UNSET(out[0]) && !IS_NONE(out[0]);
    if (has_text && !IS_STR(out[0])) {
        exc_raise(cx, EXC_TypeError, "initial_value must be str or None, not %s",
                  type_name_of(cx, out[0]));
        return false;
    }
    const bool is_locked = objlock_lock(cx, &io->header);
    io->newline = (uint8_t)newline;
    io->n_bytes = io->n_chars = io->at_byte = io->at_char = 0;
    objlock_unlock(cx, &io->header, is_locked);
    atomic_store_relaxed(&io->is_closed, false);
    if (has_text && !write_text(cx, io, AS_STR(out[0]))) {
        return false;
    }
    io->at_byte = io->at_char = 0;
    return true;
}

static Value io_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                          Value kwargs) {
    const bool is_exact = type == cx->rt->types[KIND_STRING_IO];
    ObjStringIO *io =
        (ObjStringIO *)instance_new_exact_or_derived(cx, type, sizeof(ObjStringIO));
    if (io == NULL) {
        return VALUE_ERROR;
    }
    io->newline = NEWLINE_LF;
    /* Instances of derived classes are filled by __init__. */
    return !is_exact || fill(cx, io, args, n_args, kwargs) ? OBJ_VALUE(io) : VALUE_ERROR;
}

NATIVE(io_init, "__init__(self, /, *args, **kwargs)", "Fill the file anew.") {
    return fill(cx, AS_STRING_IO(args[0]), args + 1, n_args - 1, args[-1]) ? VALUE_NONE
                                                                          : VALUE_ERROR;
}

static Value get_closed(Context *cx, Value self) {
    (void)cx;
    return BOOL_VALUE(atomic_load_relaxed(&AS_STRING_IO(self)->is_closed));
}

static Value get_line_buffering(Context *cx, Value self) {
    return open_io(cx, self) == NULL ? VALUE_ERROR : VALUE_FALSE;
}

/* What __setstate__ takes again. */
static Value get_newline(Context *cx, Value self) {
    const char *name = newline_name((NewlineMode)AS_STRING_IO(self)->newline);
    ObjStr *text = name == NULL ? NULL : str_from_c(cx, name);
    return name == NULL ? VALUE_NONE : text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static void io_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjStringIO *)o)->buffer);
    instance_trace_derived(m, o);
}

static const NativeDef io_methods[] = {
    NATIVE_ENTRY(io_init),     NATIVE_ENTRY(io_close),    NATIVE_ENTRY(io_getvalue),
    NATIVE_ENTRY(io_read),     NATIVE_ENTRY(io_readable), NATIVE_ENTRY(io_readline),
    NATIVE_ENTRY(io_seek),     NATIVE_ENTRY(io_seekable), NATIVE_ENTRY(io_tell),
    NATIVE_ENTRY(io_truncate), NATIVE_ENTRY(io_writable), NATIVE_ENTRY(io_write),
    {0},
};

static const GetsetDef io_getsets[] = {
    {"closed", NULL, get_closed, NULL},
    {"line_buffering", NULL, get_line_buffering, NULL},
    {"_newline", NULL, get_newline, NULL},
    {0},
};

const KindOps kind_ops_ObjStringIO = {
    .trace = io_trace,
    .iter = io_iter,
    .next = io_next,
    .construct = io_construct,
    .methods = io_methods,
    .getsets = io_getsets,
    .doc = "Text I/O implementation using an in-memory buffer.",
};
