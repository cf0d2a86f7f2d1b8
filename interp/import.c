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

#include "interp/module_loader.h"
#include "interp/safepoint.h"
#include "interp/state.h"
#include "runtime/base/mem.h"
#include "runtime/base/platform.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/exception_fields.h"

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

/* ---- Importing ---- */

/* The module in sys.modules, once it is complete; VALUE_UNSET when it is not there. */
static Value find_loaded(Thread *th, ObjStr *name) {
    if (!await_others(th, name)) {
        return VALUE_ERROR;
    }
    Value module = dict_get_str(th->cx.rt->modules, name);
    if (UNLIKELY(IS_NONE(module))) {
        return loader_raise_named(&th->cx, name,
                           exc_raise(&th->cx, EXC_ModuleNotFoundError,
                                     "import of %.*s halted; None in sys.modules", LOADER_TEXT(name)));
    }
    return module;
}

static Value load_as_task(Thread *th, ObjStr *name, ObjStr *tail, Value folders) {
    ImportTask *task = begin_task(th, name);
    /* Another thread may have been quicker between our look and our task. */
    Value module = dict_get_str(th->cx.rt->modules, name);
    if (IS_UNSET(module)) {
        module = loader_load(th, name, tail, folders);
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
    ObjStr *tail = loader_last_name(cx, name);
    if (IS_ERROR(folders) || tail == NULL) {
        return VALUE_ERROR;
    }
    if (IS_UNSET(folders)) {
        ObjStr *package = loader_parent_name(cx, name);
        return package == NULL
                   ? VALUE_ERROR
                   : loader_raise_named(&th->cx, name,
                                 exc_raise(cx, EXC_ModuleNotFoundError,
                                           "No module named '%.*s'; '%.*s' is not a package",
                                           LOADER_TEXT(name), LOADER_TEXT(package)));
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
            ObjStr *parent = loader_parent_name(cx, AS_STR(package));
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
        package = loader_parent_name(cx, package);
        if (package != NULL && package->n_bytes == 0) {
            exc_raise(cx, EXC_ImportError, "attempted relative import beyond top-level package");
            return NULL;
        }
    }
    if (package == NULL || name->n_bytes == 0) {
        return package;
    }
    return str_format_c(cx, "%.*s.%.*s", LOADER_TEXT(package), LOADER_TEXT(name));
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
    const Value raised = loader_raise_named(
        &th->cx, module_name,
        exc_raise(cx, EXC_ImportError, "cannot import name '%.*s' from %s'%.*s'%s (%.*s)", LOADER_TEXT(name),
                  is_partial ? "partially initialized module " : "", LOADER_TEXT(module_name),
                  is_partial ? " (most likely due to a circular import)" : "", LOADER_TEXT(unknown)));
    if (exc_matches_kind(&th->cx, th->cx.pending, EXC_ImportError)) {
        value_store(&AS_EXCEPTION(th->cx.pending)->detail[IMPORT_NAME_FROM], OBJ_VALUE(name));
    }
    return raised;
}

/* The submodule of a package, imported if need be. VALUE_UNSET: there is none. */
static Value import_submodule(Thread *th, Value package, ObjStr *name) {
    Context *cx = &th->cx;
    Value folders = value_getattr_or_unset(cx, package, context_name(cx, NAME_path_));
    ObjStr *package_name = str_attribute(cx, package, NAME_name_);
    if (IS_UNSET(folders) || IS_ERROR(folders) || package_name == NULL) {
        return folders;
    }
    ObjStr *full = str_format_c(cx, "%.*s.%.*s", LOADER_TEXT(package_name), LOADER_TEXT(name));
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

/* into: a module, or the mapping that stands for the names of a module in exec(text, globals, locals). */
static bool store_name(Context *cx, Value into, ObjStr *name, Value value) {
    return IS_MODULE(into) ? module_set(cx, AS_MODULE(into), name, value)
                           : value_setitem(cx, into, OBJ_VALUE(name), value);
}

static bool copy_name(Context *cx, Value into, Value module, ObjStr *name) {
    Value value = value_getattr(cx, module, name);
    return !IS_ERROR(value) && store_name(cx, into, name, value);
}

/* The names in module.__all__. */
static bool import_listed(Thread *th, Value into, Value module, Value names) {
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
        if (!store_name(cx, into, interned, value)) {
            return false;
        }
    }
}

bool import_star(Thread *th, Value into, Value module) {
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
    if (!module_make_all(cx, AS_MODULE(module))) {
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
