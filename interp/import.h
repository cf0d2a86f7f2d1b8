/* import.h - the import statement.
 *
 * A module is looked for in this order: sys.modules, the modules in C, the entries of sys.path (for a submodule:
 * __path__ of its package), the modules in the language that travel in the binary. In a folder NAME means, in this order,
 * NAME/__init__.mini, NAME/__init__.py, NAME.mini, NAME.py, and a folder NAME as a namespace package.
 *
 * All functions may run script code, block, collect; on failure an exception is pending. */

#ifndef MINI_INTERP_IMPORT_H
#define MINI_INTERP_IMPORT_H

#include "interp/thread.h"
#include "runtime/objects/module.h"

typedef struct Importer Importer;

/* Part of opening an interpreter. */
Importer *import_open(void);
void import_close(Importer *importer);
/* Around fork(), in the forking thread th. In the child, what other threads were importing is not being imported any more. */
void import_fork_begin(Importer *importer);
void import_fork_end_parent(Importer *importer);
void import_fork_end_child(Importer *importer, Thread *th);

/* import NAME, at `level` dots, in code of importer. wants_last: the module itself, else its first package. */
Value import_statement(Thread *th, ObjModule *importer, ObjStr *name, unsigned level, bool wants_last);
/* from module import name */
Value import_from(Thread *th, Value module, ObjStr *name);
/* from module import *: into a module, or into the mapping where code that exec() runs keeps its names */
bool import_star(Thread *th, Value into, Value module);

#endif
