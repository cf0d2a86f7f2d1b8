/* shape.h - hidden classes: which attribute of an instance lives in which slot.
 *
 * A shape belongs to one type and lists attribute names in the order in which they were
 * first set; setting one more leads along a transition to another shape. Shapes live in a
 * table that never moves, indexed by shape id (Obj.shape); ids below KIND_COUNT are the
 * exact built-in types. They are not freed before the interpreter ends.
 *
 * Invariants
 *   1. The slot of an attribute is the same in a shape and in all shapes derived from it:
 *      a slot never moves once written, so a racing reader that checked an older shape
 *      still reads the right slot.
 *   2. A slot holds VALUE_UNSET after its attribute was deleted; the shape stays.
 *   3. A type whose instances have too many different shapes, and an instance whose
 *      __dict__ was asked for, has a dict instead of slots (SHAPE_FLAG_DICT); the change
 *      to a dict happens in a stopped world.
 *
 * An inline cache holds a shape id and a slot: SHAPE_CACHE(id, place) in one word
 * (interp/cache.h). */

#ifndef MINI_OBJECTS_SHAPE_H
#define MINI_OBJECTS_SHAPE_H

#include "runtime/context.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/str.h"

enum {
    SHAPE_FLAG_DICT = 1,      /* the attributes are in a dict behind overflow */
    SHAPE_FLAG_NO_SLOTS = 2   /* objects of this shape have no attributes of their own at all */
};
enum { SHAPE_MAX_COUNT = 1 << 20, CELL_MAX_COUNT = 1 << 24 };
enum { SHAPE_NO_SLOT = -1 };

typedef struct ShapeTable ShapeTable; /* transitions to other shapes; shape.c */
typedef struct ShapeIndex ShapeIndex; /* names to slots of a shape that has many; shape.c */

/* One cache line, so that indexing the table is a shift. */
struct Shape {
    ObjType *type;          /* [const] */
    ShapeTable *table;      /* [atomic acquire/release] NULL: no transition yet */
    Shape *parent;          /* [const] without the last attribute; NULL in a root */
    ObjStr *name;           /* [const] the last attribute; NULL in a root */
    ShapeIndex *index;      /* [const] NULL in small shapes */
    uint32_t id;            /* [const] */
    uint16_t n_slots;       /* [const] */
    uint16_t n_inline;      /* [const] slots that stand in the instance itself */
    uint32_t slots_offset;  /* [const] of slot 0 from the object's begin, in bytes; 0: not at a fixed place */
    uint8_t flags;          /* [const] */
} __attribute__((aligned(64)));

static inline Shape *shape_of(const Context *cx, const Obj *o) {
    return &cx->rt->shapes[obj_shape(o)];
}

/* The tables of shapes, cells and class attributes are changed under one lock, the
 * container lock of the type `type`; inside it container locks of dicts may be taken,
 * nothing else. */
static inline bool shape_tables_lock(Context *cx) {
    return objlock_lock(cx, (Obj *)cx->rt->types[KIND_TYPE]);
}
static inline void shape_tables_unlock(Context *cx, bool is_locked) {
    objlock_unlock(cx, (Obj *)cx->rt->types[KIND_TYPE], is_locked);
}

/* Reserves the tables; sets up the shapes of the exact built-in kinds (without their
 * types). */
bool shape_open(Runtime *rt);
void shape_close(Runtime *rt);
/* Marks what shapes and cells refer to. */
void shape_trace_stw(Runtime *rt, GcMarker *m);

/* A new root shape for instances of type. NULL with MemoryError when there are too
 * many. */
Shape *shape_new_root(Context *cx, ObjType *type, ObjKind layout, int n_inline, uint8_t flags);
/* The slot of name (an interned str) or SHAPE_NO_SLOT. */
int shape_find(const Shape *shape, ObjStr *name);
/* The shape with one attribute more, or NULL (without an exception) when the type has too
 * many shapes or the shape too many attributes: then the object gets a dict. */
Shape *shape_extend(Context *cx, Shape *shape, ObjStr *name);
/* The number of a fresh cell, or 0 when there are no more. The tables' lock is held. */
uint32_t shape_new_cell_locked(Context *cx);

#endif
