/* type.h - classes: names, bases, method resolution order, attributes, special methods.
 *
 * Class attributes are found through the MRO and the answer is remembered per type in a
 * cell of the runtime's cell table (type_attr_cell): the cell holds what the look-up
 * gives, or VALUE_UNSET when it has to be made anew. Setting an attribute of a class
 * resets the cells of that name of the class and of all that derive from it. An inline
 * cache may keep a cell's number: what the cell holds is either VALUE_UNSET or an
 * attribute of the same category (attr_cache.h) for ever; when an attribute changes its
 * category, its cell is given up and stays unset. */

#ifndef MINI_OBJECTS_TYPE_H
#define MINI_OBJECTS_TYPE_H

#include "runtime/base/buf.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/shape.h"
#include "runtime/objects/tuple.h"

typedef enum SpecialId {
#define SPECIAL(id, text) SPECIAL_##id,
#include "runtime/specials.def"
#undef SPECIAL
    SPECIAL_COUNT
} SpecialId;

enum {
    TYPE_FLAG_BUILTIN = 1,      /* attributes cannot be set by scripts */
    TYPE_FLAG_FINAL = 2,        /* cannot be derived from */
    TYPE_FLAG_EXCEPTION = 4,    /* derives from BaseException */
    TYPE_FLAG_LAZY = 8,         /* built-in type whose attributes are made when they are first asked for */
    TYPE_FLAG_META = 16,        /* its class is a metaclass of the script, not `type` */
    TYPE_FLAG_DEL = 64,         /* has __del__: instances are registered, see finalize.h */
    TYPE_FLAG_ABSTRACT = 32,    /* has __abstractmethods__: object.__new__ makes no instances */
    TYPE_FLAG_WEAKREF = 128,    /* there may be weak references to instances */
    TYPE_FLAG_NO_DICT = 256     /* a class of the script whose instances have no attributes but members */
};
enum { MEMBER_MAX_COUNT = 10000 };

typedef struct TypeCells TypeCells; /* name to cell number; type_attr.c */
typedef struct TypeText TypeText;   /* zero-terminated name; type.c */

struct ObjType {
    Obj header;
    ObjStr *name;               /* [atomic] */
    ObjStr *qualname;           /* [atomic] */
    ObjTuple *bases;            /* [stw] see type_bases.c */
    ObjTuple *mro;              /* [stw] begins with the type itself */
    ObjDict *attributes;        /* [lock] its own attributes */
    ObjType *base;              /* [stw] the base whose layout it shares; NULL in object */
    Shape *root_shape;          /* [atomic] of new instances */
    Shape *dict_shape;          /* [atomic] of instances whose attributes are in a dict; NULL: none yet */
    TypeCells *cells;           /* [tables' lock], read with acquire */
    TypeText *text;             /* [tables' lock], read with acquire; the name for C */
    Value specials[SPECIAL_COUNT]; /* [atomic] what each special method resolves to, or VALUE_UNSET */
    Value subclasses;           /* [lock] list of the types that derive from it directly */
    uint8_t layout;             /* [const] ObjKind of its instances */
    uint16_t type_flags;         /* [atomic] TYPE_FLAG_LAZY goes when it is filled: type_has */
    uint16_t n_shapes;          /* [tables' lock] how many shapes its instances have */
    uint16_t n_inline_hint;     /* [atomic relaxed] slots that its instances turned out to need */
    uint16_t n_members;         /* [const] of __slots__, those of bases included: the first slots of instances; member.h */
    uint16_t exc_kind;          /* [stw] the nearest built-in exception class above */
};

#define IS_TYPE(v) IS_KIND(v, KIND_TYPE)
#define AS_TYPE(v) ((ObjType *)AS_OBJ(v))

/* Whether one of the flags is set. Relaxed, since none but TYPE_FLAG_LAZY ever changes, and
 * who waits for that loads it itself. */
static inline bool type_has(const ObjType *type, uint16_t flags) {
    return (atomic_load_relaxed(&type->type_flags) & flags) != 0;
}

static inline void type_add_flag(ObjType *type, uint16_t flag) {
    atomic_fetch_or(&type->type_flags, flag);
}

/* The type of any value. */
static inline ObjType *type_of(const Context *cx, Value v) {
    if (LIKELY(IS_OBJ(v))) {
        return shape_of(cx, AS_OBJ(v))->type;
    }
    if (IS_INT(v)) {
        return cx->rt->types[KIND_INT];
    }
    if (IS_FLOAT(v)) {
        return cx->rt->types[KIND_FLOAT];
    }
    if (IS_BOOL(v)) {
        return cx->rt->types[KIND_BOOL];
    }
    if (IS_NONE(v)) {
        return cx->rt->types[KIND_NONE];
    }
    return cx->rt->types[v == VALUE_NOT_IMPLEMENTED ? KIND_NOT_IMPLEMENTED : KIND_ELLIPSIS];
}

/* Makes a class that is an instance of metatype: C3 order, layout, __set_name__ and
 * __init_subclass__ (kwargs: dict or VALUE_UNSET) are called. attributes is kept. */
Value type_new(Context *cx, ObjType *metatype, ObjStr *name, ObjTuple *bases, ObjDict *attributes, Value kwargs);
/* Makes a built-in type; for context.c and exception.c. kind_flags say whether it can be
 * derived from. */
ObjType *type_new_builtin(Context *cx, const char *name, ObjKind layout, ObjType *base, uint16_t type_flags);

/* The attribute as found along the MRO, unbound, or VALUE_UNSET. Never raises. name is
 * interned. */
Value type_lookup(Context *cx, ObjType *type, ObjStr *name);
/* The number of the cell for name: rt->cells[n] is then the attribute (after type_lookup
 * refreshed it) or VALUE_UNSET. 0 when no cell can be had. */
uint32_t type_attr_cell(Context *cx, ObjType *type, ObjStr *name);
/* What the special method resolves to, unbound, or VALUE_UNSET: also where the KindOps of
 * the type's layout do what is asked for, without being overridden. (__new__: the
 * function inside the staticmethod.) */
static inline Value type_special(const ObjType *type, SpecialId id) {
    return value_load(&type->specials[id]);
}
/* Its own attributes, complete (those of built-in types are made when they are first
 * asked for). */
ObjDict *type_attributes(Context *cx, ObjType *type);
bool type_is_subtype(const ObjType *type, const ObjType *base);
bool value_is_instance(const Context *cx, Value v, const ObjType *type);
/* "ValueError", "package.module.Outer.Class": without module for built-in classes and __main__. */
void type_add_full_name(Context *cx, Buf *out, const ObjType *type);
const char *type_name_c(Context *cx, const ObjType *type);          /* for messages; valid as long as the type */
const char *type_name_of(Context *cx, Value v);                     /* of the value's type */

/* Makes a type written in C belong to a module: its __module__, and how messages call it
 * ("unhashable type: 'collections.deque'"). */
bool type_set_home(Context *cx, ObjType *type, ObjStr *module);

/* Looks name up after `after` in the MRO of type: what super() does. VALUE_UNSET when
 * nobody has it. */
Value type_lookup_super(Context *cx, ObjType *type, ObjType *after, ObjStr *name);

/* Sets or (VALUE_UNSET) deletes an attribute of a class. */
bool type_setattr(Context *cx, ObjType *type, ObjStr *name, Value value);
/* What each of the type's special methods resolves to, anew. For type_new. */
void type_update_specials(Context *cx, ObjType *type);

/* Calls the class: what its metaclass has as __call__, or type_call_plain. */
Value type_call(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs);
/* type.__call__: __new__ and __init__ as Python does. */
Value type_call_plain(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs);
/* The __call__ of its metaclass, unbound; VALUE_UNSET: that of `type`. */
static inline Value type_metacall(const Context *cx, const ObjType *type) {
    return LIKELY(!type_has(type, TYPE_FLAG_META)) ? VALUE_UNSET
                                                   : type_special(type_of(cx, OBJ_VALUE(type)), SPECIAL_call);
}
/* The first half of such a call when there is no __new__ in the language: the instance,
 * and in *init the function that is to be called with it and the arguments, whose result
 * must be None; VALUE_UNSET: done. The result is VALUE_UNSET when the type has a __new__
 * of its own or is `type` itself: use type_call. */
Value type_call_begin(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs, Value *init);
/* True when a call is instance_new_plain and then *init, a function of the language (or
 * VALUE_UNSET: none, and the call takes no arguments). */
bool type_is_plain_call(const Context *cx, const ObjType *type, Value *init);
/* Refuses what an __init__ returned, unless it is None. */
bool type_check_init(Context *cx, Value result);

#endif
