/* shape.h - hidden classes: which attribute of an instance lives in which slot.
 *
 * A shape belongs to one type and lists attribute names in the order in which they were first set; setting
 * one more leads along a transition to another shape. Shapes live in a table that never moves, indexed by
 * shape id (Obj.shape); ids below KIND_COUNT are the exact built-in types. They are not freed before the interpreter
 * ends.
 *
 * Invariants
 *   1. The slot of an attribute is the same in a shape and in all shapes derived from it: a slot never moves
 *      once written, so a racing reader that checked an older shape still reads the right slot.
 *   2. A slot holds VALUE_UNSET after its attribute was deleted; the shape stays.
 *   3. A type whose instances have too many different shapes, and an instance whose __dict__ was asked for, has a
 *      dict instead of slots (SHAPE_FLAG_DICT); the change to a dict happens in a stopped world.
 *
 * An inline cache holds a shape id and a slot: SHAPE_CACHE(id, place) in one word (interp/cache.h). */

#ifndef MINI_OBJECTS_SHAPE_H
#define MINI_OBJECTS_SHAPE_H

#include "runtime/context.h"
#include "runtime/objects/str.h"

enum { SHAPE_FLAG_DICT = 1 };
enum { SHAPE_MAX_COUNT = 1 << 20, CELL_MAX_COUNT = 1 << 24 };
enum { SHAPE_NO_SLOT = -1 };

typedef struct ShapeTable ShapeTable; /* names to slots and transitions; shape.c */

struct Shape {
    ObjType *type;          /* [const] */
    ShapeTable *table;      /* [atomic acquire/release] */
    Shape *parent;          /* [const] without the last attribute; NULL in a root */
    ObjStr *name;           /* [const] the last attribute; NULL in a root */
    uint32_t id;            /* [const] */
    uint16_t n_slots;       /* [const] */
    uint16_t n_inline;      /* [const] slots that stand in the instance itself */
    uint32_t slots_offset;  /* [const] of slot 0 from the object's begin, in bytes; 0: not at a fixed place */
    uint8_t flags;          /* [const] */
};

static inline Shape *shape_of(const Context *cx, const Obj *o) {
    return &cx->rt->shapes[obj_shape(o)];
}

/* A new root shape for instances of type. NULL with MemoryError when there are too many. */
Shape *shape_new_root(Context *cx, ObjType *type, ObjKind layout, int n_inline, uint8_t flags);
/* The slot of name (an interned str) or SHAPE_NO_SLOT. */
int shape_find(const Shape *shape, ObjStr *name);
/* The shape with one attribute more. */
Shape *shape_extend(Context *cx, Shape *shape, ObjStr *name);

#endif
