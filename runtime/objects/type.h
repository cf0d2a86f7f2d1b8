/* type.h - classes: names, bases, method resolution order, attributes, special methods.
 *
 * Class attributes are found through the MRO and the answer is remembered per type in a cell of the runtime's cell
 * table (type_attr_cell): the cell holds what the look-up gives, or VALUE_UNSET when it has to be made anew. Setting an
 * attribute of a class resets the cells of that name of the class and of all that derive from it. An inline cache
 * may keep a cell's number, since a type's cell for a name never changes its place. */

#ifndef MINI_OBJECTS_TYPE_H
#define MINI_OBJECTS_TYPE_H

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
    TYPE_FLAG_EXCEPTION = 4     /* derives from BaseException */
};

typedef struct TypeCells TypeCells; /* name to cell number; type.c */

struct ObjType {
    Obj header;
    ObjStr *name;               /* [atomic] */
    ObjStr *qualname;           /* [atomic] */
    ObjTuple *bases;            /* [const] */
    ObjTuple *mro;              /* [const] begins with the type itself */
    ObjDict *attributes;        /* [lock] its own attributes */
    ObjType *base;              /* [const] the base whose layout it shares; NULL in object */
    Shape *root_shape;          /* [atomic] of new instances */
    TypeCells *cells;           /* [mutex types_mutex], read with acquire */
    Value specials[SPECIAL_COUNT]; /* [atomic] what each special method resolves to, or VALUE_UNSET */
    Value subclasses;           /* [lock] list of the types that derive from it directly */
    uint8_t layout;             /* [const] ObjKind of its instances */
    uint8_t type_flags;         /* [const] */
    uint16_t n_inline_hint;     /* [atomic relaxed] slots that its instances turned out to need */
    uint16_t exc_kind;          /* [const] the nearest built-in exception class above */
};

#define IS_TYPE(v) IS_KIND(v, KIND_TYPE)
#define AS_TYPE(v) ((ObjType *)AS_OBJ(v))

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

/* Makes a class: C3 order, layout, __set_name__ and __init_subclass__ (kwargs: dict or VALUE_UNSET) are called.
 * attributes is kept. */
Value type_new(Context *cx, ObjStr *name, ObjTuple *bases, ObjDict *attributes, Value kwargs);

/* The attribute as found along the MRO, unbound, or VALUE_UNSET. Never raises. */
Value type_lookup(Context *cx, ObjType *type, ObjStr *name);
/* The number of the cell for name: rt->cells[n] is then the attribute (after type_lookup refreshed it) or
 * VALUE_UNSET. 0 when no cell can be had. */
uint32_t type_attr_cell(Context *cx, ObjType *type, ObjStr *name);
/* What the special method resolves to, unbound, or VALUE_UNSET. */
static inline Value type_special(const ObjType *type, SpecialId id) {
    return value_load(&type->specials[id]);
}
bool type_is_subtype(const ObjType *type, const ObjType *base);
bool value_is_instance(const Context *cx, Value v, const ObjType *type);
const char *type_name_c(Context *cx, const ObjType *type);          /* for messages; valid as long as the type */
const char *type_name_of(Context *cx, Value v);                     /* of the value's type */

/* Looks name up after `after` in the MRO of type: what super() does. VALUE_UNSET when nobody has it. */
Value type_lookup_super(Context *cx, ObjType *type, ObjType *after, ObjStr *name);

/* Sets or (VALUE_UNSET) deletes an attribute of a class. */
bool type_setattr(Context *cx, ObjType *type, ObjStr *name, Value value);

/* Calls the class: __new__ and __init__ as Python does. */
Value type_call(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs);

#endif
