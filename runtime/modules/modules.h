/* modules.h - the modules that are part of mini: in C (modules.def) and in the language (runtime/lib). */

#ifndef MINI_MODULES_MODULES_H
#define MINI_MODULES_MODULES_H

#include "runtime/objects/module.h"

/* Fills a fresh module with its names. False: exception pending. */
typedef bool (*ModuleOpen)(Context *cx, ObjModule *module);

#define MODULE(name, open) bool open(Context *cx, ObjModule *module);
#include "runtime/modules/modules.def"
#undef MODULE

/* The functions of sys that are interp/'s: recursion limit, switch interval. (interp/sys_interp.c) */
extern const NativeDef host_sys_natives[];

/* The function that fills the module of that name, or NULL when it is not written in C. */
ModuleOpen modules_find_native(const char *name);
/* The source of a module of runtime/lib, or NULL; *n_bytes its length. */
const char *modules_find_source(const char *name, size_t *n_bytes);
/* Is a module of runtime/lib a package: has it parts, NAME.PART.mini? */
bool modules_has_parts(const char *name);

#endif
