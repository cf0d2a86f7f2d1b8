/* attr_cache.h - what an inline cache may remember of an attribute access.
 *
 * The loop keeps, for an instruction with an attribute name, a shape id and what follows
 * from it. These functions say what may be kept; it holds for every object of that shape
 * until the loop's entries are flushed (attr_cache_flush), with two tests at use:
 *   - a slot or cell that holds VALUE_UNSET: take the slow way (value_getattr ...);
 *   - nothing else: a cell never changes its category (see type.h).
 *
 * Invalidation: setting a class attribute resets its cells. What would make a kept SLOT
 * or TRANSITION wrong (a property or other data descriptor, __getattribute__, __setattr__
 * or a descriptor method set on an existing class) is rare: then the world is stopped and
 * the entries of all code objects are cleared.
 *
 * The caller stores the entry at once, without a poll, allocation or block in between. */

#ifndef MINI_OBJECTS_ATTR_CACHE_H
#define MINI_OBJECTS_ATTR_CACHE_H

#include "runtime/objects/type.h"

typedef enum AttrKind {
    ATTR_NONE,          /* take the slow way each time */
    ATTR_SLOT,          /* the Value `place` bytes from the object's begin */
    ATTR_FUNCTION,      /* cell `place` holds an ObjFunction that is bound to the object */
    ATTR_NATIVE,        /* cell `place` holds an ObjNative that is bound to the object */
    ATTR_VALUE,         /* cell `place` holds the value itself: not bound, not a descriptor; also globals of a module, and
                           functions that are read from a class object */
    ATTR_STATIC,        /* cell `place` holds an ObjWrapper (staticmethod): its function is the value, not bound */
    ATTR_CLASS,         /* cell `place` holds an ObjWrapper (classmethod): its function is bound to the class: the object
                           itself when that is a class, its type otherwise. The function is an ObjFunction. */
    ATTR_PROPERTY,      /* cell `place` holds an ObjProperty: its get (an ObjFunction) is called with the object; or an
                           ObjTupleField, which reads an item of it */
    ATTR_TRANSITION     /* store: the object's shape becomes new_shape, the value goes to `place` bytes */
} AttrKind;

typedef struct AttrPlace {
    AttrKind kind;
    uint32_t shape;      /* id of the object's shape; for int, float, bool, None: the kind */
    uint32_t place;      /* bytes from the object's begin, or number of a cell */
    uint32_t new_shape;  /* ATTR_TRANSITION */
} AttrPlace;

/* What an attribute found on a type is to its instances: ATTR_FUNCTION to ATTR_PROPERTY;
 * ATTR_NONE for all that has to be bound in some other way. */
AttrKind attr_category(const Context *cx, Value attribute);

/* For reading v.name (interned). */
AttrPlace attr_cache_lookup(Context *cx, Value v, ObjStr *name);
/* For v.name = ...: ATTR_SLOT, ATTR_TRANSITION or ATTR_NONE. A transition is done by the
 * loop only while !cx->is_parallel; otherwise use value_setattr. */
AttrPlace attr_cache_store(Context *cx, Value v, ObjStr *name);

/* Clears the entries of all code objects. */
void attr_cache_flush_stw(Runtime *rt);

#endif
