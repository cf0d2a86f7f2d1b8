/* mod_io.c - the module _io: the types of files, and views of them for lib/io.mini. */

#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/file.h"

static bool is_binary_file(Value v) {
    return IS_FILE(v) && !AS_FILE(v)->is_text;
}

NATIVE(io_is_file, "is_file(file, /)", "Is it a binary file of open()?") {
    return BOOL_VALUE(is_binary_file(args[0]));
}

static bool check_binary(Context *cx, Value v) {
    if (!is_binary_file(v)) {
        exc_raise(cx, EXC_TypeError, "a binary file is required, not '%s'",
                  type_name_of(cx, v));
    }
    return is_binary_file(v);
}

NATIVE(io_buffered, "buffered(file, size, /)", "The file with a buffer.") {
    if (!check_binary(cx, args[0])) {
        return VALUE_ERROR;
    }
    ObjFile *f = AS_FILE(args[0]);
    ObjFile *view =
        file_view(cx, f, file_binary_kind(f->stream->can_read, f->stream->can_write));
    return view == NULL ? VALUE_ERROR : OBJ_VALUE(view);
}

NATIVE(io_text, "text(file, encoding, errors, newline, line_buffering, write_through, /)",
       "The file as a text file; None when its encoding is none for files in C.") {
    for (int i = 1; i <= 3; i++) {
        static const char *const names[] = {"encoding", "errors", "newline"};
        if (!IS_STR(args[i]) && !IS_NONE(args[i])) {
            return exc_raise(cx, EXC_TypeError,
                             "TextIOWrapper() argument '%s' must be str or None, not %s",
                             names[i - 1], type_name_of(cx, args[i]));
        }
    }
    bool is_line_buffered;
    bool is_write_through;
    if (!check_binary(cx, args[0]) || !arg_bool(cx, args[4], false, &is_line_buffered) ||
        !arg_bool(cx, args[5], false, &is_write_through)) {
        return VALUE_ERROR;
    }
    const Value text = file_text_over(cx, AS_FILE(args[0]), args[1], args[2], args[3]);
    if (IS_OBJ(text)) {
        AS_FILE(text)->is_line_buffered = is_line_buffered;
        AS_FILE(text)->is_write_through = is_write_through;
    }
    return text;
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(io_is_file), NATIVE_ENTRY(io_buffered), NATIVE_ENTRY(io_text), {0}};

bool mod_io_open(Context *cx, ObjModule *module) {
    for (ObjKind kind = KIND_FILE; kind <= KIND_FILE_IO; kind++) {
        const ObjType *type = file_type(cx, kind);
        if (type == NULL ||
            !module_set_c(cx, module, kind_type_names[kind], OBJ_VALUE(type))) {
            return false;
        }
    }
    return module_add_type(cx, module, KIND_STRING_IO, "_io") &&
           module_add_natives(cx, module, functions);
}
