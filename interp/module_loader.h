/* module_loader.h - finding modules and making them: from C, from files, from the binary. See import.h for the order.
 *
 * All functions may run script code (the module's), block, collect; on failure an exception is pending. */

#ifndef MINI_INTERP_MODULE_LOADER_H
#define MINI_INTERP_MODULE_LOADER_H

#include "interp/source_file.h"
#include "interp/thread.h"
#include "runtime/objects/code.h"
#include "runtime/objects/module.h"

/* For "%.*s". */
#define LOADER_TEXT(s) (int)(s)->n_bytes, (s)->data

/* Finds and loads a module that is not in sys.modules. tail: the last part of its name; folders: __path__ of its package,
 * VALUE_UNSET at top level. ModuleNotFoundError. */
Value loader_load(Thread *th, ObjStr *name, ObjStr *tail, Value folders);

/* A new module in sys.modules, with the names that every module has. package, file: NULL for none; path: __path__ or
 * VALUE_UNSET. */
ObjModule *loader_new_module(Context *cx, ObjStr *name, ObjStr *package, ObjStr *file, Value path);
ObjCode *loader_compile(Context *cx, ObjModule *module, ObjStr *filename, const char *text, size_t n_bytes);

/* Looks through a list of folders; *path is then what was found. Raises nothing. */
SourceKind loader_find(Context *cx, Value folders, ObjStr *tail, Buf *path);
/* sys.path */
Value loader_sys_path(Context *cx);

/* The part of a dotted name before the last dot (the empty str when there is none), and the part behind it. */
ObjStr *loader_parent_name(Context *cx, ObjStr *name);
ObjStr *loader_last_name(Context *cx, ObjStr *name);
ObjStr *loader_path_str(Context *cx, const Buf *path);

/* Returns raised, having set the name of the pending ImportError. */
Value loader_raise_named(Context *cx, ObjStr *name, Value raised);

#endif
