/* module.h - modules: names bound to cells of the runtime's cell table, which never move.
 *
 * A global of a module is the word rt->cells[n]; VALUE_UNSET means that the name is not
 * bound. Code refers to cell numbers directly (LOAD_GLOBAL). A name keeps its cell for
 * ever, bound or not. */

#ifndef MINI_OBJECTS_MODULE_H
#define MINI_OBJECTS_MODULE_H

#include "runtime/objects/dict.h"
#include "runtime/objects/native.h"

/* Attributes that are made when they are first looked for: natives and other values of a module that every
 * program has and of which few programs need more than some (builtins, sys). A name that was assigned or
 * deleted before is not made any more. */
typedef struct LateAttr {
    const char *name;         /* NULL ends a table */
    Value (*make)(Context *cx, int which);
    int which;
} LateAttr;

typedef struct ModuleLate {
    const NativeDef *natives[8];  /* tables; NULL ends them */
    const LateAttr *values;       /* or NULL */
} ModuleLate;

struct ObjModule {
    Obj header;
    ObjStr *name;             /* [atomic] */
    ObjDict *cells;           /* [lock] name to cell number (a small int) */
    uint32_t name_cell;       /* [const] that of __name__; 0: names stand in `dict` */
    Value proxy;              /* [atomic] the mapping that globals() gave out, or VALUE_UNSET */
    const ModuleLate *late;   /* [const] or NULL */
    ObjDict *dict;            /* [const] the globals of exec(code, dict): names stand there and not in cells; or NULL */
};

enum { MODULE_FLAG_BY_SCRIPT = 1 }; /* header.flags [const]: made by a call of types.ModuleType */

#define IS_MODULE(v) IS_KIND(v, KIND_MODULE)
#define AS_MODULE(v) ((ObjModule *)AS_OBJ(v))

ObjModule *module_new(Context *cx, ObjStr *name);
/* module.__class__ = type, which derives from ModuleType. */
bool module_set_class(Context *cx, ObjModule *module, ObjType *type);
/* What stands for a dict as the globals of code; never seen by scripts. */
ObjModule *module_over_dict(Context *cx, ObjDict *dict);
/* The number of the cell of name (interned), made if need be; 0 with MemoryError
 * pending. */
uint32_t module_cell(Context *cx, ObjModule *module, ObjStr *name);
/* The same, 0 when the name was never bound; nothing is raised. */
uint32_t module_find_cell(Context *cx, ObjModule *module, ObjStr *name);
/* Makes all attributes that are late, for those who go through `cells`. */
bool module_make_all(Context *cx, ObjModule *module);
Value module_get(Context *cx, ObjModule *module, ObjStr *name);      /* VALUE_UNSET when not bound */
/* A builtin, as seen from the module: a dict may bring its own __builtins__. */
Value module_get_builtin(Context *cx, ObjModule *module, ObjStr *name);
bool module_set(Context *cx, ObjModule *module, ObjStr *name, Value value);
bool module_set_c(Context *cx, ObjModule *module, const char *name, Value value);
/* Adds native functions; for modules written in C. */
bool module_add_natives(Context *cx, ObjModule *module, const NativeDef *table);
/* Adds numbers: the constants of the system, as a rule. The table ends with a name that is NULL. */
typedef struct ModuleNumber {
    const char *name;
    int64_t value;
} ModuleNumber;
bool module_add_numbers(Context *cx, ObjModule *module, const ModuleNumber *table);
/* Adds the type of a kind with KF_MODULE under its name, and makes the type belong to
 * module `home` (NULL: the module's own name). */
bool module_add_type(Context *cx, ObjModule *module, ObjKind kind, const char *home);
/* module.name, of a module that is imported for it, and module.name(*args): how C gets at what is written in
 * the language. */
Value module_import_attr(Context *cx, const char *module, const char *name);
Value module_import_call(Context *cx, const char *module, const char *name, const Value *args, int n_args);
/* Raises an exception whose class is written in the language: module.class_name(text). */
Value module_raise(Context *cx, const char *module, const char *class_name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* warnings.warn(text, class, stacklevel). False when a filter has made an exception of it. May run script code. */
bool module_warn(Context *cx, Value class, int stacklevel, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same, of a result that is of a class derived from what a special method should return. */
bool module_warn_subclass(Context *cx, const char *owner, const char *complaint, Value result, const char *base);
/* The names bound at this moment with their values, in a new dict. */
ObjDict *module_snapshot(Context *cx, ObjModule *module);
/* The module's namespace as a mapping, as globals(), vars(module) and module.__dict__
 * give it. Reads and writes through it are reads and writes of the globals. */
Value module_namespace(Context *cx, ObjModule *module);

#endif
