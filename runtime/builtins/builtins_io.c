/* builtins_io.c - print, input, open.
 *
 * print makes one text of its arguments and writes it to a file in one piece, so the
 * lines of several threads do not mix. The streams are what sys.stdout and sys.stdin are
 * at that moment: any object with write, flush, readline will do; an object of a script
 * gets each value, sep and end by a write of its own, as in CPython. */

#include "runtime/base/buf.h"
#include "runtime/builtins/builtins.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/file.h"
#include "runtime/objects/module.h"

/* sys.stdout or sys.stdin; VALUE_NONE when it is None; RuntimeError when it is gone. */
static Value stream(Context *cx, NameId name) {
    const Value file = cx->rt->sys == NULL
                           ? VALUE_UNSET
                           : module_get(cx, cx->rt->sys, context_name(cx, name));
    if (IS_UNSET(file)) {
        ObjStr *text = context_name(cx, name);
        return exc_raise(cx, EXC_RuntimeError, "lost sys.%.*s", (int)text->n_bytes,
                         text->data);
    }
    return file;
}

/* object.name(*args) */
static Value call_named(Context *cx, Value object, ObjStr *name, const Value *args,
                        int n_args) {
    Value self = VALUE_UNSET;
    const Value method =
        name == NULL ? VALUE_ERROR : value_getmethod(cx, object, name, &self);
    if (IS_ERROR(method)) {
        return VALUE_ERROR;
    }
    return IS_UNSET(self) ? call_value(cx, method, args, n_args)
                          : call_method(cx, method, self, args, n_args);
}

/* Empties buf. */
static bool write_text(Context *cx, Value file, Buf *buf) {
    if (LIKELY(IS_FILE(file))) {
        const bool is_done = file_write_text(cx, file, buf->bytes, buf->n_bytes);
        buf_free(buf);
        return is_done;
    }
    ObjStr *text = str_from_buf(cx, buf);
    const Value arg = OBJ_VALUE(text);
    return text != NULL &&
           !IS_ERROR(call_named(cx, file, context_name(cx, NAME_plain_write), &arg, 1));
}

static bool flush(Context *cx, Value file) {
    if (IS_FILE(file)) {
        return file_flush(cx, file);
    }
    return !IS_ERROR(call_named(cx, file, context_name(cx, NAME_plain_flush), NULL, 0));
}

/* sep and end: None and not given stand for what is usual. */
static ObjStr *text_option(Context *cx, Value v, const char *name, char usual) {
    if (IS_UNSET(v) || IS_NONE(v)) {
        return cx->rt->ascii_chars[(unsigned char)usual];
    }
    if (!IS_STR(v)) {
        exc_raise(cx, EXC_TypeError, "%s must be None or a string, not %s", name,
                  type_name_of(cx, v));
        return NULL;
    }
    return AS_STR(v);
}

static void add_str(Buf *out, const ObjStr *s) {
    buf_add(out, s->data, s->n_bytes);
}

static bool add_value(Context *cx, Buf *out, Value v) {
    const Value text = value_str(cx, v);
    if (IS_ERROR(text)) {
        return false;
    }
    add_str(out, AS_STR(text));
    return true;
}

static bool print_to_file(Context *cx, Value file, const Value *values, int n,
                          const ObjStr *sep, const ObjStr *end) {
    Buf out = {0};
    for (int i = 0; i < n; i++) {
        if (i > 0) {
            add_str(&out, sep);
        }
        if (!add_value(cx, &out, values[i])) {
            buf_free(&out);
            return false;
        }
    }
    add_str(&out, end);
    return write_text(cx, file, &out);
}

static bool write_str(Context *cx, Value file, Value text) {
    return !IS_ERROR(call_named(cx, file, context_name(cx, NAME_plain_write), &text, 1));
}

static bool print_to_object(Context *cx, Value file, const Value *values, int n,
                            ObjStr *sep, ObjStr *end) {
    for (int i = 0; i < n; i++) {
        if (i > 0 && !write_str(cx, file, OBJ_VALUE(sep))) {
            return false;
        }
        const Value text = value_str(cx, values[i]);
        if (IS_ERROR(text) || !write_str(cx, file, text)) {
            return false;
        }
    }
    return write_str(cx, file, OBJ_VALUE(end));
}

NATIVE(builtin_print, "print(*args, sep=' ', end='\\n', file=None, flush=False)",
       "Write the values as text, with sep between them and end behind the last.") {
    bool flushes = false;
    Value file = args[-3];
    if (IS_UNSET(file) || IS_NONE(file)) {
        file = stream(cx, NAME_plain_stdout);
        if (IS_ERROR(file) || IS_NONE(file)) {
            return file;
        }
    }
    ObjStr *sep = text_option(cx, args[-1], "sep", ' ');
    ObjStr *end = sep == NULL ? NULL : text_option(cx, args[-2], "end", '\n');
    if (end == NULL || !arg_bool(cx, args[-4], false, &flushes)) {
        return VALUE_ERROR;
    }
    const bool is_done = IS_FILE(file)
                             ? print_to_file(cx, file, args, n_args, sep, end)
                             : print_to_object(cx, file, args, n_args, sep, end);
    return is_done && (!flushes || flush(cx, file)) ? VALUE_NONE : VALUE_ERROR;
}

static Value read_line(Context *cx, Value file) {
    if (IS_FILE(file)) {
        return file_readline(cx, file, -1);
    }
    const Value line = call_named(cx, file, str_intern(cx, "readline", 8), NULL, 0);
    if (!IS_ERROR(line) && !IS_STR(line)) {
        return exc_raise(cx, EXC_TypeError, "object.readline() returned non-string");
    }
    return line;
}

NATIVE(builtin_input, "input(prompt='', /)",
       "Write the prompt, read a line, return it without its end.") {
    const Value in = stream(cx, NAME_plain_stdin);
    const Value out = IS_ERROR(in) ? VALUE_ERROR : stream(cx, NAME_plain_stdout);
    if (IS_ERROR(out)) {
        return VALUE_ERROR;
    }
    if (IS_NONE(in) || IS_NONE(out)) {
        return exc_raise(cx, EXC_RuntimeError, "input(): lost sys.%s",
                         IS_NONE(in) ? "stdin" : "stdout");
    }
    Buf prompt = {0};
    if (!IS_UNSET(args[0]) && !add_value(cx, &prompt, args[0])) {
        return VALUE_ERROR;
    }
    if ((prompt.n_bytes > 0 && !write_text(cx, out, &prompt)) || !flush(cx, out)) {
        return VALUE_ERROR;
    }
    const Value line = read_line(cx, in);
    if (IS_ERROR(line)) {
        return VALUE_ERROR;
    }
    ObjStr *text = AS_STR(line);
    if (text->n_bytes == 0) {
        return exc_raise(cx, EXC_EOFError, "EOF when reading a line");
    }
    if (text->data[text->n_bytes - 1] == '\n') {
        text = str_slice(cx, text, 0, text->n_chars - 1);
    }
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

NATIVE(builtin_open,
       "open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, "
       "closefd=True, "
       "opener=None)",
       "Open a file.") {
    const FileOpenArgs how = {
        .file = args[0],
        .mode = args[1],
        .buffering = args[2],
        .encoding = args[3],
        .errors = args[4],
        .newline = args[5],
        .closefd = args[6],
        .opener = args[7],
    };
    return file_open(cx, &how);
}

const NativeDef builtins_io[] = {
    NATIVE_ENTRY(builtin_input),
    NATIVE_ENTRY(builtin_open),
    NATIVE_ENTRY(builtin_print),
    {0},
};
