/* import.c - the import statement. See import.h for where modules are looked for.
 *
 * A module stands in sys.modules before its code runs, so a circular import finds it half made, as in CPython. A thread
 * that wants a module that another thread is importing waits for that, unless the other one waits (through any number
 * of threads) for something this one is importing: then it takes the module as it is.
 *
 * Threads: `tasks` says what is being imported by whom, under the importer's mutex; n_finished is the word that is waited
 * on. */

#include "interp/import.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "interp/compile.h"
#include "interp/eval.h"
#include "interp/safepoint.h"
#include "interp/source_file.h"
#include "interp/state.h"
#include "interp/uncaught.h"
#include "runtime/base/mem.h"
#include "runtime/base/platform.h"
#include "runtime/call.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"

typedef struct ImportTask {
    struct ImportTask *next;
    ObjStr *name;              /* alive: on the C stack of owner */
    Thread *owner;
} ImportTask;

struct Importer {
    PlatformMutex mutex;
    ImportTask *tasks;         /* [mutex] innermost of each thread first; looked at without it: NULL or not */
    uint32_t n_finished;       /* [atomic] */
};

/* For "%.*s". */
#define TEXT(s) (int)(s)->n_bytes, (s)->data

/* ---- Who imports what ---- */

Importer *import_open(void) {
    Importer *importer = mem_alloc_zeroed(1, sizeof *importer);
    platform_mutex_init(&importer->mutex);
    return importer;
}

void import_close(Importer *importer) {
    platform_mutex_destroy(&importer->mutex);
    mem_free(importer);
}

void import_fork_begin(Importer *importer) {
    platform_mutex_lock(&importer->mutex);
}

void import_fork_end_parent(Importer *importer) {
    platform_mutex_unlock(&importer->mutex);
}

void import_fork_end_child(Importer *importer, Thread *th) {
    ImportTask **place = &importer->tasks;
    while (*place != NULL) {
        ImportTask *task = *place;
        if (task->owner == th) {
            place = &task->next;
        } else {
            *place = task->next;
            mem_free(task);
        }
    }
    th->awaited_import = NULL;
    platform_mutex_unlock(&importer->mutex);
}

static ImportTask *find_task_locked(const Importer *importer, ObjStr *name) {
    ImportTask *task = importer->tasks;
    while (task != NULL && !str_equals(task->name, name)) {
        task = task->next;
    }
    return task;
}

static ImportTask *begin_task(Thread *th, ObjStr *name) {
    Importer *importer = th->interp->importer;
    ImportTask *task = mem_alloc(sizeof *task);
    platform_mutex_lock(&importer->mutex);
    *task = (ImportTask){importer->tasks, name, th};
    atomic_store_release(&importer->tasks, task);
    platform_mutex_unlock(&importer->mutex);
    return task;
}

static void end_task(Thread *th, ImportTask *task) {
    Importer *importer = th->interp->importer;
    platform_mutex_lock(&importer->mutex);
    ImportTask **place = &importer->tasks;
    while (*place != task) {
        place = &(*place)->next;
    }
    atomic_store_release(place, task->next);
    atomic_fetch_add(&importer->n_finished, 1);
    platform_mutex_unlock(&importer->mutex);
    mem_free(task);
    platform_word_wake(&importer->n_finished, INT_MAX);
}

static bool is_being_imported(Thread *th, ObjStr *name) {
    Importer *importer = th->interp->importer;
    platform_mutex_lock(&importer->mutex);
    const bool is_found = find_task_locked(importer, name) != NULL;
    platform_mutex_unlock(&importer->mutex);
    return is_found;
}

static bool would_wait_for_itself_locked(const Thread *th, const ImportTask *task) {
    for (; task != NULL; task = task->owner->awaited_import) {
        if (task->owner == th) {
            return true;
        }
    }
    return false;
}

/* Waits until no other thread is importing name. False: exception pending. */
static bool await_others(Thread *th, ObjStr *name) {
    Importer *importer = th->interp->importer;
    while (UNLIKELY(atomic_load_acquire(&importer->tasks) != NULL)) {
        platform_mutex_lock(&importer->mutex);
        ImportTask *task = find_task_locked(importer, name);
        const bool has_to_wait = task != NULL && !would_wait_for_itself_locked(th, task);
        const uint32_t n_finished = atomic_load_acquire(&importer->n_finished);
        th->awaited_import = has_to_wait ? task : NULL;
        platform_mutex_unlock(&importer->mutex);
        if (!has_to_wait) {
            return true;
        }
        const int why = block_wait_word(&th->cx, BLOCK_IMPORT, OBJ_VALUE(name), &importer->n_finished,
                                        n_finished, BLOCK_FOREVER);
        platform_mutex_lock(&importer->mutex);
        th->awaited_import = NULL;
        platform_mutex_unlock(&importer->mutex);
        if (why == EINTR && !block_poll(&th->cx)) {
            return false;
        }
    }
    return true;
}

/* ---- Errors ---- */

static Value raise_named(Thread *th, ObjStr *name, Value raised) {
    if (IS_EXCEPTION(th->cx.pending)) {
        value_store(&AS_EXCEPTION(th->cx.pending)->value, OBJ_VALUE(name));
    }
    return raised;
}

static Value raise_not_found(Thread *th, ObjStr *name) {
    return raise_named(th, name, exc_raise(&th->cx, EXC_ModuleNotFoundError, "No module named '%.*s'",
                                           TEXT(name)));
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

static ObjModule *new_module(Context *cx, ObjStr *name, ObjStr *package, ObjStr *file, Value path) {
    ObjModule *module = module_new(cx, name);
    if (module == NULL || !set_module_names(cx, module, package, file, path) ||
        !dict_set_str(cx, cx->rt->modules, name, OBJ_VALUE(module))) {
        return NULL;
    }
    return module;
}

static ObjCode *compile_text(Context *cx, ObjModule *module, ObjStr *filename, const char *text,
                             size_t n_bytes) {
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
    ObjModule *module = new_module(cx, name, package, file, path);
    if (module == NULL) {
        return VALUE_ERROR;
    }
    ObjCode *code = compile_text(cx, module, shown_file, text, n_bytes);
    if (code == NULL || IS_ERROR(eval_module(th, code))) {
        return forget_module(cx, name);
    }
    /* The module may have put something else in its place. */
    Value result = dict_get_str(cx->rt->modules, name);
    return IS_UNSET(result) ? OBJ_VALUE(module) : result;
}

static Value open_native(Thread *th, ObjStr *name, ModuleOpen open) {
    Context *cx = &th->cx;
    ObjModule *module = new_module(cx, name, cx->rt->empty_str, NULL, VALUE_UNSET);
    if (module == NULL) {
        return VALUE_ERROR;
    }
    return open(cx, module) ? OBJ_VALUE(module) : forget_module(cx, name);
}

/* ---- Finding a module ---- */

/* The part of a dotted name before the last dot; the empty str when there is none. */
static ObjStr *parent_name(Context *cx, ObjStr *name) {
    size_t n_bytes = name->n_bytes;
    while (n_bytes > 0 && name->data[n_bytes - 1] != '.') {
        n_bytes--;
    }
    return n_bytes == 0 ? cx->rt->empty_str : str_intern(cx, name->data, n_bytes - 1);
}

static ObjStr *last_name(Context *cx, ObjStr *name) {
    size_t at = name->n_bytes;
    while (at > 0 && name->data[at - 1] != '.') {
        at--;
    }
    return str_intern(cx, name->data + at, name->n_bytes - at);
}

static ObjStr *path_str(Context *cx, const Buf *path) {
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
    const int error = source_read_file(buf_text(path), &text);
    ObjStr *file = path_str(cx, path);
    ObjStr *package = kind == SOURCE_PACKAGE ? name : parent_name(cx, name);
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
    ObjModule *module = IS_ERROR(folder) ? NULL : new_module(cx, name, name, NULL, folder);
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
static SourceKind find_in_folders(Context *cx, Value folders, ObjStr *tail, Buf *path) {
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

/* A module in the language that is part of the binary; its file is shown as <NAME.mini>. VALUE_UNSET: there is none. */
static Value load_embedded(Thread *th, ObjStr *name) {
    Context *cx = &th->cx;
    char *text = str_c_text(cx, name);
    if (text == NULL) {
        exc_take(cx);
        return VALUE_UNSET;
    }
    size_t n_bytes;
    const char *source = modules_find_source(text, &n_bytes);
    mem_free(text);
    if (source == NULL) {
        return VALUE_UNSET;
    }
    ObjStr *shown = str_format_c(cx, "<%.*s.mini>", TEXT(name));
    if (shown == NULL) {
        return VALUE_ERROR;
    }
    return run_module(th, name, cx->rt->empty_str, NULL, shown, VALUE_UNSET, source, n_bytes);
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

static Value sys_path(Context *cx) {
    ObjStr *name = str_intern(cx, "path", 4);
    return name == NULL || cx->rt->sys == NULL ? VALUE_UNSET : module_get(cx, cx->rt->sys, name);
}

/* Finds and loads a module that is not in sys.modules. folders: __path__ of the package, VALUE_UNSET at top level. */
static Value find_and_load(Thread *th, ObjStr *name, ObjStr *tail, Value folders) {
    Context *cx = &th->cx;
    const bool is_top = IS_UNSET(folders);
    ModuleOpen open = is_top ? find_native(cx, name) : NULL;
    if (open != NULL) {
        return open_native(th, name, open);
    }
    Buf path = {0};
    const SourceKind kind = find_in_folders(cx, is_top ? sys_path(cx) : folders, tail, &path);
    Value module = VALUE_UNSET;
    if (kind == SOURCE_FILE || kind == SOURCE_PACKAGE) {
        module = load_file(th, name, kind, &path);
    } else if (is_top) {
        module = load_embedded(th, name);
    }
    if (IS_UNSET(module) && kind == SOURCE_NAMESPACE) {
        module = load_namespace(th, name, &path);
    }
    buf_free(&path);
    return IS_UNSET(module) ? raise_not_found(th, name) : module;
}

/* ---- Importing ---- */

/* The module in sys.modules, once it is complete; VALUE_UNSET when it is not there. */
static Value find_loaded(Thread *th, ObjStr *name) {
    if (!await_others(th, name)) {
        return VALUE_ERROR;
    }
    Value module = dict_get_str(th->cx.rt->modules, name);
    if (UNLIKELY(IS_NONE(module))) {
        return raise_named(th, name,
                           exc_raise(&th->cx, EXC_ModuleNotFoundError,
                                     "import of %.*s halted; None in sys.modules", TEXT(name)));
    }
    return module;
}

static Value load_as_task(Thread *th, ObjStr *name, ObjStr *tail, Value folders) {
    ImportTask *task = begin_task(th, name);
    /* Another thread may have been quicker between our look and our task. */
    Value module = dict_get_str(th->cx.rt->modules, name);
    if (IS_UNSET(module)) {
        module = find_and_load(th, name, tail, folders);
    }
    end_task(th, task);
    return module;
}

/* Imports a submodule of parent (VALUE_UNSET: a top-level module) by its full name. */
static Value import_one(Thread *th, ObjStr *name, Value parent) {
    Context *cx = &th->cx;
    Value module = find_loaded(th, name);
    if (LIKELY(!IS_UNSET(module))) {
        return module;
    }
    if (IS_UNSET(parent)) {
        return load_as_task(th, name, name, VALUE_UNSET);
    }
    Value folders = value_getattr_or_unset(cx, parent, context_name(cx, NAME_path_));
    ObjStr *tail = last_name(cx, name);
    if (IS_ERROR(folders) || tail == NULL) {
        return VALUE_ERROR;
    }
    if (IS_UNSET(folders)) {
        ObjStr *package = parent_name(cx, name);
        return package == NULL
                   ? VALUE_ERROR
                   : raise_named(th, name,
                                 exc_raise(cx, EXC_ModuleNotFoundError,
                                           "No module named '%.*s'; '%.*s' is not a package",
                                           TEXT(name), TEXT(package)));
    }
    module = load_as_task(th, name, tail, folders);
    if (!IS_ERROR(module) && !value_setattr(cx, parent, tail, module)) {
        return VALUE_ERROR;
    }
    return module;
}

/* Imports a.b.c by way of a and a.b; *first is a. */
static Value import_dotted(Thread *th, ObjStr *name, Value *first) {
    Context *cx = &th->cx;
    Value module = VALUE_UNSET;
    for (size_t end = 0; end <= name->n_bytes; end++) {
        if (end < name->n_bytes && name->data[end] != '.') {
            continue;
        }
        ObjStr *prefix = end == name->n_bytes ? str_intern_obj(cx, name) : str_intern(cx, name->data, end);
        if (prefix == NULL) {
            return VALUE_ERROR;
        }
        module = import_one(th, prefix, module);
        if (IS_ERROR(module)) {
            return VALUE_ERROR;
        }
        if (IS_UNSET(*first)) {
            *first = module;
        }
    }
    return module;
}

/* The package that relative names of the module begin at. NULL: ImportError pending. */
static ObjStr *package_of(Context *cx, ObjModule *importer) {
    Value package = module_get(cx, importer, context_name(cx, NAME_package_));
    if (!IS_STR(package)) {
        package = module_get(cx, importer, context_name(cx, NAME_name_));
        const bool is_package = !IS_UNSET(module_get(cx, importer, context_name(cx, NAME_path_)));
        if (IS_STR(package) && !is_package) {
            ObjStr *parent = parent_name(cx, AS_STR(package));
            package = parent != NULL ? OBJ_VALUE(parent) : VALUE_ERROR;
        }
    }
    if (IS_ERROR(package)) {
        return NULL;
    }
    if (!IS_STR(package) || AS_STR(package)->n_bytes == 0) {
        exc_raise(cx, EXC_ImportError, "attempted relative import with no known parent package");
        return NULL;
    }
    return AS_STR(package);
}

/* The full name of a relative one. */
static ObjStr *resolve(Context *cx, ObjModule *importer, ObjStr *name, unsigned level) {
    ObjStr *package = package_of(cx, importer);
    for (unsigned i = 1; package != NULL && i < level; i++) {
        package = parent_name(cx, package);
        if (package != NULL && package->n_bytes == 0) {
            exc_raise(cx, EXC_ImportError, "attempted relative import beyond top-level package");
            return NULL;
        }
    }
    if (package == NULL || name->n_bytes == 0) {
        return package;
    }
    return str_format_c(cx, "%.*s.%.*s", TEXT(package), TEXT(name));
}

Value import_statement(Thread *th, ObjModule *importer, ObjStr *name, unsigned level, bool wants_last) {
    Context *cx = &th->cx;
    if (level > 0) {
        name = resolve(cx, importer, name, level);
        if (name == NULL) {
            return VALUE_ERROR;
        }
    } else if (UNLIKELY(name->n_bytes == 0)) {
        return exc_raise(cx, EXC_ValueError, "Empty module name");
    }
    Value first = VALUE_UNSET;
    Value last = import_dotted(th, name, &first);
    return IS_ERROR(last) || wants_last ? last : first;
}

Value call_import(Context *cx, ObjStr *name) {
    Value first = VALUE_UNSET;
    return import_dotted(thread_of(cx), name, &first);
}

/* ---- from ... import ---- */

/* An attribute as a str for a message; NULL when it is none. */
static ObjStr *str_attribute(Context *cx, Value object, NameId id) {
    Value value = value_getattr_or_unset(cx, object, context_name(cx, id));
    if (IS_ERROR(value)) {
        exc_take(cx);
        return NULL;
    }
    return IS_STR(value) ? AS_STR(value) : NULL;
}

static Value raise_cannot_import(Thread *th, Value module, ObjStr *name) {
    Context *cx = &th->cx;
    ObjStr *file = str_attribute(cx, module, NAME_file_);
    ObjStr *unknown = file != NULL ? file : str_from_c(cx, "unknown location");
    ObjStr *module_name = str_attribute(cx, module, NAME_name_);
    if (module_name == NULL) {
        module_name = str_from_c(cx, "<unknown module name>");
    }
    if (unknown == NULL || module_name == NULL) {
        return VALUE_ERROR;
    }
    const bool is_partial = is_being_imported(th, module_name);
    return raise_named(
        th, module_name,
        exc_raise(cx, EXC_ImportError, "cannot import name '%.*s' from %s'%.*s'%s (%.*s)", TEXT(name),
                  is_partial ? "partially initialized module " : "", TEXT(module_name),
                  is_partial ? " (most likely due to a circular import)" : "", TEXT(unknown)));
}

/* The submodule of a package, imported if need be. VALUE_UNSET: there is none. */
static Value import_submodule(Thread *th, Value package, ObjStr *name) {
    Context *cx = &th->cx;
    Value folders = value_getattr_or_unset(cx, package, context_name(cx, NAME_path_));
    ObjStr *package_name = str_attribute(cx, package, NAME_name_);
    if (IS_UNSET(folders) || IS_ERROR(folders) || package_name == NULL) {
        return folders;
    }
    ObjStr *full = str_format_c(cx, "%.*s.%.*s", TEXT(package_name), TEXT(name));
    full = full != NULL ? str_intern_obj(cx, full) : NULL;
    if (full == NULL) {
        return VALUE_ERROR;
    }
    Value module = import_one(th, full, package);
    if (IS_ERROR(module) && exc_matches_kind(cx, cx->pending, EXC_ModuleNotFoundError)) {
        /* Only that this very module is missing is not an error yet. */
        Value missing = value_load(&AS_EXCEPTION(cx->pending)->value);
        if (IS_STR(missing) && str_equals(AS_STR(missing), full)) {
            exc_take(cx);
            return VALUE_UNSET;
        }
    }
    return module;
}

Value import_from(Thread *th, Value module, ObjStr *name) {
    Context *cx = &th->cx;
    Value value = value_getattr_or_unset(cx, module, name);
    if (IS_UNSET(value)) {
        value = import_submodule(th, module, name);
    }
    return IS_UNSET(value) ? raise_cannot_import(th, module, name) : value;
}

static bool copy_name(Context *cx, ObjModule *into, Value module, ObjStr *name) {
    Value value = value_getattr(cx, module, name);
    return !IS_ERROR(value) && module_set(cx, into, name, value);
}

/* The names in module.__all__. */
static bool import_listed(Thread *th, ObjModule *into, Value module, Value names) {
    Context *cx = &th->cx;
    Value iterator = value_iter(cx, names);
    if (IS_ERROR(iterator)) {
        return false;
    }
    for (;;) {
        Value name = value_next(cx, iterator);
        if (name == VALUE_STOP) {
            return true;
        }
        if (IS_ERROR(name)) {
            return false;
        }
        if (!IS_STR(name)) {
            exc_raise(cx, EXC_TypeError, "Item in %s.__all__ must be str, not %s", "module",
                      type_name_of(cx, name));
            return false;
        }
        ObjStr *interned = str_intern_obj(cx, AS_STR(name));
        Value value = interned != NULL ? import_from(th, module, interned) : VALUE_ERROR;
        if (IS_ERROR(value)) {
            if (interned != NULL && exc_take_if(cx, EXC_ImportError)) {
                value_getattr(cx, module, interned);   /* the AttributeError that CPython raises here */
            }
            return false;
        }
        if (!module_set(cx, into, interned, value)) {
            return false;
        }
    }
}

bool import_star(Thread *th, ObjModule *into, Value module) {
    Context *cx = &th->cx;
    Value all = value_getattr_or_unset(cx, module, context_name(cx, NAME_all_));
    if (IS_ERROR(all)) {
        return false;
    }
    if (!IS_UNSET(all)) {
        return import_listed(th, into, module, all);
    }
    if (!IS_MODULE(module)) {
        exc_raise(cx, EXC_ImportError, "from-import-* object has no __dict__ and no __all__");
        return false;
    }
    const ObjDictTable *table = dict_table(AS_MODULE(module)->cells);
    size_t position = 0;
    Value name;
    Value cell;
    while (dict_table_next(table, &position, &name, &cell)) {
        const bool is_public = AS_STR(name)->n_bytes == 0 || AS_STR(name)->data[0] != '_';
        const bool is_bound = !IS_UNSET(module_get(cx, AS_MODULE(module), AS_STR(name)));
        if (is_public && is_bound && !copy_name(cx, into, module, AS_STR(name))) {
            return false;
        }
    }
    return true;
}

/* ---- Programs ---- */

/* Sets sys.argv[0] and inserts sys.path[0]. */
static bool set_origin(Thread *th, ObjStr *argv0, ObjStr *folder) {
    Context *cx = &th->cx;
    ObjModule *sys = cx->rt->sys;
    const Options *options = th->interp->options;
    ObjList *argv = list_new(cx, (size_t)options->argc + 1);
    if (argv == NULL || argv0 == NULL || folder == NULL || !list_append(cx, argv, OBJ_VALUE(argv0))) {
        return false;
    }
    for (int i = 0; i < options->argc; i++) {
        ObjStr *arg = str_decode_lossy(cx, options->argv[i], strlen(options->argv[i]), true);
        if (arg == NULL || !list_append(cx, argv, OBJ_VALUE(arg))) {
            return false;
        }
    }
    const Value entry = OBJ_VALUE(folder);
    Value path = list_from(cx, &entry, 1);
    return !IS_ERROR(path) && module_set_c(cx, sys, "argv", OBJ_VALUE(argv)) &&
           module_set_c(cx, sys, "path", path);
}

static ObjCode *compile_main(Thread *th, ObjStr *package, ObjStr *file, ObjStr *shown_file,
                             const char *text, size_t n_bytes) {
    Context *cx = &th->cx;
    if (shown_file == NULL) {
        return NULL;
    }
    ObjModule *module = new_module(cx, context_name(cx, NAME_main_), package, file, VALUE_UNSET);
    return module != NULL ? compile_text(cx, module, shown_file, text, n_bytes) : NULL;
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
        ObjStr *file = path_str(cx, path);
        code = file != NULL ? compile_main(th, package, file, file, text.bytes, text.n_bytes) : NULL;
    }
    buf_free(&text);
    return code;
}

ObjCode *import_main_file(Thread *th, const char *path, int *missing_status) {
    Context *cx = &th->cx;
    Buf absolute = {0};
    Buf main = {0};
    ObjCode *code;
    ObjStr *argv0 = str_decode_lossy(cx, path, strlen(path), true);
    source_absolute(path, &absolute);
    if (source_is_folder(path)) {
        ObjStr *folder = path_str(cx, &absolute);
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
        return sys_path(&th->cx);
    }
    Value first = VALUE_UNSET;
    Value module = import_dotted(th, package, &first);
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

ObjCode *import_main_module(Thread *th, const char *name, int *missing_status) {
    Context *cx = &th->cx;
    ObjStr *whole = str_from_c(cx, name);
    ObjStr *package = whole != NULL ? parent_name(cx, whole) : NULL;
    ObjStr *tail = whole != NULL ? last_name(cx, whole) : NULL;
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
    SourceKind kind = find_in_folders(cx, folders, tail, &path);
    ObjCode *code = NULL;
    bool is_package = kind == SOURCE_PACKAGE || kind == SOURCE_NAMESPACE;
    if (is_package) {
        /* As CPython: the package is imported, and its __main__ is the program. */
        Value sub_folders = folders_for(th, whole);
        kind = IS_ERROR(sub_folders) ? SOURCE_NONE
                                     : find_in_folders(cx, sub_folders, str_from_c(cx, "__main__"), &path);
        package = whole;
    }
    if (kind == SOURCE_FILE) {
        ObjStr *file = path_str(cx, &path);
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

ObjCode *import_main_text(Thread *th, const char *text) {
    Context *cx = &th->cx;
    if (!set_origin(th, str_from_c(cx, "-c"), cx->rt->empty_str)) {
        return NULL;
    }
    return compile_main(th, NULL, NULL, str_from_c(cx, "<string>"), text, strlen(text));
}

ObjCode *import_main_descriptor(Thread *th, int descriptor) {
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
