/* program.c - what mini runs: a file, a folder, a module, a text. See program.h. */

#include "interp/program.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "interp/module_loader.h"
#include "interp/state.h"
#include "interp/uncaught.h"
#include "runtime/call.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"

/* Appends words of the command line. */
static bool append_words(Context *cx, ObjList *list, const char *const *words, int n) {
    for (int i = 0; i < n; i++) {
        ObjStr *word = str_decode_lossy(cx, words[i], strlen(words[i]), true);
        if (word == NULL || !list_append(cx, list, OBJ_VALUE(word))) {
            return false;
        }
    }
    return true;
}

/* sys.warnoptions, which the module warnings reads. */
static bool set_warnings(Context *cx, const Options *options) {
    ObjList *list = options->n_warnings == 0 ? NULL : list_new(cx, 0);
    return options->n_warnings == 0 ||
           (list != NULL && append_words(cx, list, options->warnings, options->n_warnings) &&
            module_set_c(cx, cx->rt->sys, "warnoptions", OBJ_VALUE(list)) &&
            !IS_ERROR(module_import_attr(cx, "warnings", "filters"))); /* says which of them it ignores */
}

/* Appends the folders of MINI_PATH to sys.path. */
static bool append_own_path(Context *cx, ObjList *path, const Options *options) {
    const char *at = options->ignores_environment ? NULL : getenv("MINI_PATH");
    while (at != NULL) {
        const size_t n = strcspn(at, ":");
        ObjStr *folder = n > 0 ? str_decode_lossy(cx, at, n, true) : NULL;
        if (n > 0 && (folder == NULL || !list_append(cx, path, OBJ_VALUE(folder)))) {
            return false;
        }
        at = at[n] == ':' ? at + n + 1 : NULL;
    }
    return true;
}

/* Sets sys.argv[0] and inserts sys.path[0]. */
static bool set_origin(Thread *th, ObjStr *argv0, ObjStr *folder) {
    Context *cx = &th->cx;
    ObjModule *sys = cx->rt->sys;
    const Options *options = th->interp->options;
    ObjList *argv = list_new(cx, (size_t)options->argc + 1);
    if (argv == NULL || argv0 == NULL || folder == NULL || !list_append(cx, argv, OBJ_VALUE(argv0)) ||
        !append_words(cx, argv, (const char *const *)options->argv, options->argc) || !set_warnings(cx, options)) {
        return false;
    }
    const Value entry = OBJ_VALUE(folder);
    Value path = list_from(cx, &entry, 1);
    return !IS_ERROR(path) && append_own_path(cx, AS_LIST(path), options) && module_set_c(cx, sys, "argv", OBJ_VALUE(argv)) &&
           module_set_c(cx, sys, "path", path);
}

static ObjCode *compile_main(Thread *th, ObjStr *package, ObjStr *file, ObjStr *shown_file,
                             const char *text, size_t n_bytes) {
    Context *cx = &th->cx;
    if (shown_file == NULL) {
        return NULL;
    }
    ObjModule *module = loader_new_module(cx, context_name(cx, NAME_main_), package, file, VALUE_UNSET);
    return module != NULL ? loader_compile(cx, module, shown_file, text, n_bytes) : NULL;
}

/* The folder that path, which is absolute, lies in. */
static ObjStr *folder_str(Context *cx, const Buf *path) {
    size_t n_bytes = path->n_bytes;
    while (n_bytes > 1 && path->bytes[n_bytes - 1] != '/') {
        n_bytes--;
    }
    return str_decode_lossy(cx, path->bytes, n_bytes > 1 ? n_bytes - 1 : n_bytes, true);
}

static ObjCode *refuse(Thread *th, int *missing_status, int status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    ObjStr *text = str_format_v(&th->cx, format, args);
    va_end(args);
    if (text != NULL) {
        *missing_status = status;
        uncaught_print_text(&th->cx, text);
    }
    return NULL;
}

/* Compiles the file at an absolute path; argv0 and folder are for sys. */
static ObjCode *main_from_path(Thread *th, Buf *path, ObjStr *argv0, ObjStr *folder, ObjStr *package,
                               int *missing_status) {
    Context *cx = &th->cx;
    Buf text = {0};
    ObjCode *code = NULL;
    const int error = source_read_file(buf_text(path), &text);
    if (error != 0) {
        code = refuse(th, missing_status, 2, "mini: can't open file '%s': [Errno %d] %s\n", buf_text(path),
                      error, strerror(error));
    } else if (set_origin(th, argv0, folder)) {
        ObjStr *file = loader_path_str(cx, path);
        code = file != NULL ? compile_main(th, package, file, file, text.bytes, text.n_bytes) : NULL;
    }
    buf_free(&text);
    return code;
}

ObjCode *program_from_file(Thread *th, const char *path, int *missing_status) {
    Context *cx = &th->cx;
    Buf absolute = {0};
    Buf main = {0};
    ObjCode *code;
    ObjStr *argv0 = str_decode_lossy(cx, path, strlen(path), true);
    source_absolute(path, &absolute);
    if (source_is_folder(path)) {
        ObjStr *folder = loader_path_str(cx, &absolute);
        if (source_find(buf_text(&absolute), "__main__", &main) == SOURCE_FILE) {
            code = main_from_path(th, &main, argv0, folder, cx->rt->empty_str, missing_status);
        } else {
            code = refuse(th, missing_status, 1, "mini: can't find '__main__' module in '%s'\n",
                          buf_text(&absolute));
        }
    } else {
        code = main_from_path(th, &absolute, argv0, folder_str(cx, &absolute), NULL, missing_status);
    }
    buf_free(&main);
    buf_free(&absolute);
    return code;
}

/* The folders in which a module of that package is looked for. VALUE_ERROR: exception pending. */
static Value folders_for(Thread *th, ObjStr *package) {
    if (package->n_bytes == 0) {
        return loader_sys_path(&th->cx);
    }
    Value module = call_import(&th->cx, package);
    return IS_ERROR(module)
               ? VALUE_ERROR
               : value_getattr_or_unset(&th->cx, module, context_name(&th->cx, NAME_path_));
}

/* A module of the binary as a program. NULL without a pending exception: there is none. */
static ObjCode *main_from_embedded(Thread *th, const char *name) {
    size_t n_bytes;
    const char *source = modules_find_source(name, &n_bytes);
    if (source == NULL) {
        return NULL;
    }
    return compile_main(th, th->cx.rt->empty_str, NULL, str_format_c(&th->cx, "<%s.mini>", name), source,
                        n_bytes);
}

ObjCode *program_from_module(Thread *th, const char *name, int *missing_status) {
    Context *cx = &th->cx;
    ObjStr *whole = str_from_c(cx, name);
    ObjStr *package = whole != NULL ? loader_parent_name(cx, whole) : NULL;
    ObjStr *tail = whole != NULL ? loader_last_name(cx, whole) : NULL;
    Buf here = {0};
    source_absolute("", &here);
    ObjStr *folder = here.n_bytes > 1 ? str_decode_lossy(cx, here.bytes, here.n_bytes - 1, true) : cx->rt->empty_str;
    buf_free(&here);
    if (package == NULL || tail == NULL || !set_origin(th, str_from_c(cx, "-m"), folder)) {
        return NULL;
    }
    Value folders = folders_for(th, package);
    if (IS_ERROR(folders)) {
        return NULL;
    }
    Buf path = {0};
    SourceKind kind = loader_find(cx, folders, tail, &path);
    ObjCode *code = NULL;
    bool is_package = kind == SOURCE_PACKAGE || kind == SOURCE_NAMESPACE;
    if (is_package) {
        /* As CPython: the package is imported, and its __main__ is the program. */
        Value sub_folders = folders_for(th, whole);
        kind = IS_ERROR(sub_folders) ? SOURCE_NONE
                                     : loader_find(cx, sub_folders, str_from_c(cx, "__main__"), &path);
        package = whole;
    }
    if (kind == SOURCE_FILE) {
        ObjStr *file = loader_path_str(cx, &path);
        code = main_from_path(th, &path, file, folder, package, missing_status);
    } else if (IS_UNSET(cx->pending) && is_package) {
        code = refuse(th, missing_status, 1,
                      "mini: No module named %s.__main__; '%s' is a package and cannot be directly "
                      "executed\n",
                      name, name);
    } else if (IS_UNSET(cx->pending)) {
        code = main_from_embedded(th, name);
        if (code == NULL && IS_UNSET(cx->pending)) {
            code = refuse(th, missing_status, 1, "mini: No module named %s\n", name);
        }
    }
    buf_free(&path);
    return code;
}

ObjCode *program_from_text(Thread *th, const char *text) {
    Context *cx = &th->cx;
    if (!set_origin(th, str_from_c(cx, "-c"), cx->rt->empty_str)) {
        return NULL;
    }
    exc_register_source(cx->rt, "<string>", text, strlen(text)); /* for tracebacks */
    return compile_main(th, NULL, NULL, str_from_c(cx, "<string>"), text, strlen(text));
}

ObjCode *program_from_descriptor(Thread *th, int descriptor) {
    Context *cx = &th->cx;
    Buf text = {0};
    const int error = source_read_descriptor(descriptor, &text);
    ObjCode *code = NULL;
    ObjStr *file = str_from_c(cx, "<stdin>");
    if (error != 0) {
        exc_raise_errno(cx, error, VALUE_UNSET);
    } else if (file != NULL && set_origin(th, str_from_c(cx, th->interp->options->what != NULL ? "-" : ""), cx->rt->empty_str)) {
        code = compile_main(th, NULL, file, file, text.bytes, text.n_bytes);
    }
    buf_free(&text);
    return code;
}

ObjModule *program_main_module(Thread *th) {
    Context *cx = &th->cx;
    ObjStr *name = context_name(cx, NAME_main_);
    const Value present = dict_get_str(cx->rt->modules, name);
    if (IS_MODULE(present)) {
        return AS_MODULE(present);
    }
    return set_origin(th, cx->rt->empty_str, cx->rt->empty_str)
               ? loader_new_module(cx, name, NULL, NULL, VALUE_UNSET)
               : NULL;
}
