/* function.h - functions of the language, the cells of closures, bound methods, and the
 * descriptors property, staticmethod and classmethod. */

#ifndef MINI_OBJECTS_FUNCTION_H
#define MINI_OBJECTS_FUNCTION_H

#include "runtime/objects/code.h"

typedef struct ObjCell {
    Obj header;
    Value value;              /* [atomic] VALUE_UNSET: not bound */
} ObjCell;

typedef struct ObjFunction {
    Obj header;
    ObjCode *code;            /* [const] */
    int32_t simple_n_args;    /* [const] with exactly so many positional arguments and no keywords the window can be entered at
                                 once; -1: arguments have to be sorted (defaults, *args, keyword-only, ...) */
    uint32_t n_free;          /* [const] */
    Value defaults;           /* [atomic] tuple or VALUE_UNSET: of the last positional parameters */
    Value kwdefaults;         /* [atomic] dict or VALUE_UNSET */
    ObjStr *name;             /* [atomic] */
    ObjStr *qualname;         /* [atomic] */
    Value doc;                /* [atomic] */
    Value annotations;        /* [atomic] dict or VALUE_UNSET */
    Value module_name;        /* [atomic] */
    Value attributes;         /* [atomic] dict or VALUE_UNSET: f.x = 1 */
    ObjCell *free[];          /* [const] captured cells */
} ObjFunction;

typedef struct ObjMethod {
    Obj header;
    Value function;           /* [const] */
    Value self;               /* [const] */
} ObjMethod;

typedef struct ObjProperty {
    Obj header;
    Value get;                /* [atomic] all of them: __init__ may be called again; VALUE_NONE when there is none */
    Value set;
    Value delete;
    Value doc;
    Value name;               /* [atomic] from __set_name__ */
} ObjProperty;

typedef struct ObjWrapper {   /* staticmethod, classmethod */
    Obj header;
    Value function;           /* [atomic] */
    Value attributes;         /* [atomic] __dict__ once it was wanted; VALUE_UNSET in derived classes, which have their own */
} ObjWrapper;

#define IS_FUNCTION(v) IS_KIND(v, KIND_FUNCTION)
#define AS_FUNCTION(v) ((ObjFunction *)AS_OBJ(v))
#define IS_WRAPPER(v) (IS_KIND(v, KIND_STATICMETHOD) || IS_KIND(v, KIND_CLASSMETHOD))
#define IS_METHOD(v) IS_KIND(v, KIND_METHOD)
#define AS_METHOD(v) ((ObjMethod *)AS_OBJ(v))

ObjFunction *function_new(Context *cx, ObjCode *code);   /* free[] unset; the caller fills it in */
ObjCell *cell_new(Context *cx, Value value);
Value method_new(Context *cx, Value function, Value self);

/* For attributes of functions and of what is like them: false with TypeError for a name that is no str, for a __dict__ that is
 * no dict or to be deleted. */
bool function_set_text(Context *cx, ObjStr **field, Value value, const char *attribute);
bool function_check_dict(Context *cx, Value value);

#endif
