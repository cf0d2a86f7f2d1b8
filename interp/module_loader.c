/* module_loader.c - finding modules and making them. See module_loader.h. */

#include "interp/module_loader.h"

#include <string.h>

#include "interp/compile.h"
#include "interp/eval.h"
#include "interp/trace/trace.h"
#include "runtime/base/mem.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/file.h"
#include "runtime/objects/list.h"

Value loader_raise_named(Context *cx, ObjStr *name, Value raised) {
    if (IS_EXCEPTION(cx->pending)) {
        value_store(&AS_EXCEPTION(cx->pending)->value, OBJ_VALUE(name));
    }
    return raised;
}

static Value raise_not_found(Thread *th, ObjStr *name) {
    return loader_raise_named(&th->cx, name, exc_raise(&th->cx, EXC_ModuleNotFoundError, "No module named '%.*s'",
                                           LOADER_TEXT(name)));
}

/* ---- Making a module ---- */

/* What code finds in every module. package is NULL for "no package known". */
static bool set_module_names(Context *cx, ObjModule *module, ObjStr *package, ObjStr *file, Value path) {
    const Value package_value = package != NULL ? OBJ_VALUE(package) : VALUE_NONE;
    return module_set(cx, module, context_name(cx, NAME_package_), package_value) &&
           module_set(cx, module, context_name(cx, NAME_loader_), VALUE_NONE) &&
           module_set(cx, module, context_name(cx, NAME_spec_), VALUE_NONE) &&
           module_set(cx, module, context_name(cx, NAME_builtins_), OBJ_VALUE(cx->rt->builtins)) &&
           (file == NULL || (module_set(cx, module, context_name(cx, NAME_file_), OBJ_VALUE(file)) &&
                             module_set(cx, module, context_name(cx, NAME_cached_), VALUE_NONE))) &&
           (IS_UNSET(path) || module_set(cx, module, context_name(cx, NAME_path_), path));
}

ObjModule *loader_new_module(Context *cx, ObjStr *name, ObjStr *package, ObjStr *file, Value path) {
    ObjModule *module = module_new(cx, name);
    if (module == NULL || !set_module_names(cx, module, package, file, path) ||
        !dict_set_str(cx, cx->rt->modules, name, OBJ_VALUE(module))) {
        return NULL;
    }
    return module;
}

ObjCode *loader_compile(Context *cx, ObjModule *module, ObjStr *filename, const char *text,
                             size_t n_bytes) {
    trace_source(thread_of(cx), filename, text, n_bytes);
    ObjCode *code = compile_source(cx, module, filename, text, n_bytes, PARSE_FILE, NULL);
    if (code != NULL && !IS_NONE(code->doc) &&
        !module_set(cx, module, context_name(cx, NAME_doc_), code->doc)) {
        return NULL;
    }
    return code;
}

static Value forget_module(Context *cx, ObjStr *name) {
    Value exception = exc_take(cx);
    dict_delete_str(cx, cx->rt->modules, name);
    cx->pending = exception;
    return VALUE_ERROR;
}

/* Runs the text as a new module. */
static Value run_module(Thread *th, ObjStr *name, ObjStr *package, ObjStr *file, ObjStr *shown_file,
                        Value path, const char *text, size_t n_bytes) {
    Context *cx = &th->cx;
    ObjModule *module = loader_new_module(cx, name, package, file, path);
    if (module == NULL) {
        return VALUE_ERROR;
    }
    ObjCode *code = loader_compile(cx, module, shown_file, text, n_bytes);
    if (code == NULL || IS_ERROR(eval_module(th, code))) {
        return forget_module(cx, name);
    }
    /* The module may have put something else in its place. */
    Value result = dict_get_str(cx->rt->modules, name);
    return IS_UNSET(result) ? OBJ_VALUE(module) : result;
}

static Value open_native(Thread *th, ObjStr *name, ModuleOpen open) {
    Context *cx = &th->cx;
    ObjModule *module = loader_new_module(cx, name, cx->rt->empty_str, NULL, VALUE_UNSET);
    if (module == NULL) {
        return VALUE_ERROR;
    }
    return open(cx, module) ? OBJ_VALUE(module) : forget_module(cx, name);
}

/* ---- Finding a module ---- */

/* The part of a dotted name before the last dot; the empty str when there is none. */
ObjStr *loader_parent_name(Context *cx, ObjStr *name) {
    size_t n_bytes = name->n_bytes;
    while (n_bytes > 0 && name->data[n_bytes - 1] != '.') {
        n_bytes--;
    }
    return n_bytes == 0 ? cx->rt->empty_str : str_intern(cx, name->data, n_bytes - 1);
}

ObjStr *loader_last_name(Context *cx, ObjStr *name) {
    size_t at = name->n_bytes;
    while (at > 0 && name->data[at - 1] != '.') {
        at--;
    }
    return str_intern(cx, name->data + at, name->n_bytes - at);
}

ObjStr *loader_path_str(Context *cx, const Buf *path) {
    return str_decode_lossy(cx, path->bytes, path->n_bytes, true);
}

/* A list with one folder, for __path__. */
static Value folder_list(Context *cx, const char *folder, size_t n_bytes) {
    ObjStr *text = str_decode_lossy(cx, folder, n_bytes, true);
    if (text == NULL) {
        return VALUE_ERROR;
    }
    const Value item = OBJ_VALUE(text);
    return list_from(cx, &item, 1);
}

static Value load_file(Thread *th, ObjStr *name, SourceKind kind, Buf *path) {
    Context *cx = &th->cx;
    Buf text = {0};
    file_flush_written(cx); /* the script may have just written the module */
    const int error = source_read_file(buf_text(path), &text);
    ObjStr *file = loader_path_str(cx, path);
    ObjStr *package = kind == SOURCE_PACKAGE ? name : loader_parent_name(cx, name);
    Value folder = VALUE_UNSET;
    if (kind == SOURCE_PACKAGE) {
        const char *slash = strrchr(buf_text(path), '/');
        folder = folder_list(cx, path->bytes, (size_t)(slash - path->bytes));
    }
    Value module = VALUE_ERROR;
    if (file != NULL && package != NULL && !IS_ERROR(folder)) {
        module = error != 0
                     ? exc_raise_errno(cx, error, OBJ_VALUE(file))
                     : run_module(th, name, package, file, file, folder, text.bytes, text.n_bytes);
    }
    buf_free(&text);
    return module;
}

static Value load_namespace(Thread *th, ObjStr *name, const Buf *path) {
    Context *cx = &th->cx;
    Value folder = folder_list(cx, path->bytes, path->n_bytes);
    ObjModule *module = IS_ERROR(folder) ? NULL : loader_new_module(cx, name, name, NULL, folder);
    return module != NULL ? OBJ_VALUE(module) : VALUE_ERROR;
}

/* An entry of sys.path as a folder; the empty one is the current folder. False: it cannot be one. */
static bool folder_of_entry(Context *cx, Value entry, Buf *folder) {
    if (!IS_STR(entry)) {
        return false;
    }
    char *text = str_c_text(cx, AS_STR(entry));
    if (text == NULL) {
        exc_take(cx);
        return false;
    }
    buf_clear(folder);
    if (text[0] == '\0') {
        source_absolute("", folder);
    } else {
        buf_add_text(folder, text);
    }
    mem_free(text);
    return true;
}

/* Looks through the folders of a list. A namespace package counts only if no later folder has a real module. */
SourceKind loader_find(Context *cx, Value folders, ObjStr *tail, Buf *path) {
    SourceKind kind = SOURCE_NONE;
    Buf folder = {0};
    Buf found = {0};
    char *name = str_c_text(cx, tail);
    if (name == NULL) {
        exc_take(cx);
    }
    for (size_t i = 0; name != NULL && IS_LIST(folders) && i < list_length(AS_LIST(folders)); i++) {
        Value entry = list_peek(AS_LIST(folders), i);
        if (IS_UNSET(entry) || !folder_of_entry(cx, entry, &folder)) {
            continue;
        }
        const SourceKind here = source_find(buf_text(&folder), name, &found);
        if (here != SOURCE_NONE && (kind == SOURCE_NONE || here != SOURCE_NAMESPACE)) {
            kind = here;
            buf_clear(path);
            buf_add(path, found.bytes, found.n_bytes);
        }
        if (kind == SOURCE_FILE || kind == SOURCE_PACKAGE) {
            break;
        }
    }
    mem_free(name);
    buf_free(&found);
    buf_free(&folder);
    return kind;
}

/* A module in the language that is part of the binary; its file is shown as <NAME.mini>. One that has parts is a package
 * without folders. VALUE_UNSET: there is none. */
static Value load_embedded(Thread *th, ObjStr *name) {
    Context *cx = &th->cx;
    char *text = str_c_text(cx, name);
    if (text == NULL) {
        exc_take(cx);
        return VALUE_UNSET;
    }
    size_t n_bytes;
    const char *source = modules_find_source(text, &n_bytes);
    const bool is_package = modules_has_parts(text);
    mem_free(text);
    if (source == NULL) {
        return VALUE_UNSET;
    }
    ObjStr *shown = str_format_c(cx, "<%.*s.mini>", LOADER_TEXT(name));
    ObjStr *package = is_package ? name : loader_parent_name(cx, name);
    Value folders = is_package ? list_from(cx, NULL, 0) : VALUE_UNSET;
    if (shown == NULL || package == NULL || IS_ERROR(folders)) {
        return VALUE_ERROR;
    }
    return run_module(th, name, package, NULL, shown, folders, source, n_bytes);
}

static ModuleOpen find_native(Context *cx, ObjStr *name) {
    char *text = str_c_text(cx, name);
    if (text == NULL) {
        exc_take(cx);
        return NULL;
    }
    ModuleOpen open = modules_find_native(text);
    mem_free(text);
    return open;
}

Value loader_sys_path(Context *cx) {
    ObjStr *name = str_intern(cx, "path", 4);
    return name == NULL || cx->rt->sys == NULL ? VALUE_UNSET : module_get(cx, cx->rt->sys, name);
}

/* The __path__ of a package that is part of the binary. */
static bool is_empty_list(Value folders) {
    return IS_LIST(folders) && list_length(AS_LIST(folders)) == 0;
}

/* Finds and loads a module that is not in sys.modules. folders: __path__ of the package, VALUE_UNSET at top level. */
Value loader_load(Thread *th, ObjStr *name, ObjStr *tail, Value folders) {
    Context *cx = &th->cx;
    const bool is_top = IS_UNSET(folders);
    ModuleOpen open = is_top ? find_native(cx, name) : NULL;
    if (open != NULL) {
        return open_native(th, name, open);
    }
    Buf path = {0};
    const SourceKind kind = loader_find(cx, is_top ? loader_sys_path(cx) : folders, tail, &path);
    Value module = VALUE_UNSET;
    if (kind == SOURCE_FILE || kind == SOURCE_PACKAGE) {
        module = load_file(th, name, kind, &path);
    } else if (is_top || is_empty_list(folders)) {
        module = load_embedded(th, name);
    }
    if (IS_UNSET(module) && kind == SOURCE_NAMESPACE) {
        module = load_namespace(th, name, &path);
    }
    buf_free(&path);
    return IS_UNSET(module) ? raise_not_found(th, name) : module;
}
