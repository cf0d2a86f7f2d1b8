/* instance.h - instances of script classes, and attribute slots in general.
 *
 *      | header | overflow | slot 0 | slot 1 | ...
 *
 * The slots of an instance of a class that derives from a built-in type stand behind that
 * type's struct in the same way (overflow, slot 0, ...); for kinds of variable size (int,
 * bytes, tuple) they stand behind the variable part (rounded up to 8 bytes), all of them
 * behind overflow, and the shape's slots_offset is 0. Slots beyond n_inline live in
 * chunks behind `overflow` (an ObjArray whose item 0 is the next chunk), which never move
 * either. With SHAPE_FLAG_DICT overflow is an ObjDict that holds all attributes. */

#ifndef MINI_OBJECTS_INSTANCE_H
#define MINI_OBJECTS_INSTANCE_H

#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/type.h"

typedef struct ObjInstance {
    Obj header;
    Value overflow;
    Value slots[];
} ObjInstance;

/* A bare instance of type for a layout of fixed size, as object.__new__ makes it:
 * everything behind the header is unset. NULL with MemoryError pending. */
Obj *instance_new(Context *cx, ObjType *type);
/* The same for a layout of variable size (int, bytes, tuple): n_bytes is what an exact
 * instance with the same contents would take; the room for overflow is added behind. */
Obj *instance_new_variable(Context *cx, ObjType *type, size_t n_bytes);
/* The bytes of an instance with this root shape; for layouts of variable size those
 * behind the variable part. */
size_t instance_bytes(const Shape *root);
/* The size of a layout's struct up to overflow; 0 for a layout of variable size. */
size_t instance_layout_bytes(ObjKind layout);
/* Replaces the type's root shape when its instances turned out to need more (or has none
 * yet). */
Shape *instance_root_shape(Context *cx, ObjType *type);

/* The loop's way to an instance of a plain class (type->layout is KIND_INSTANCE). */
static inline Obj *instance_new_plain(Context *cx, ObjType *type) {
    const Shape *root = atomic_load_acquire(&type->root_shape);
    if (UNLIKELY(root == NULL || atomic_load_relaxed(&type->n_inline_hint) > root->n_inline)) {
        return instance_new(cx, type);
    }
    return heap_alloc(cx, sizeof(ObjInstance) + root->n_inline * sizeof(Value), KIND_INSTANCE, root->id);
}

/* An attribute of the instance itself: VALUE_UNSET when it has none of that name. name is
 * interned. */
Value instance_get_own(Context *cx, Obj *o, ObjStr *name);
bool instance_set_own(Context *cx, Obj *o, ObjStr *name, Value value);
int instance_delete_own(Context *cx, Obj *o, ObjStr *name);  /* 1, 0 (was not there), -1 */
/* Its __dict__, which from then on holds the attributes. Stops the world. */
ObjDict *instance_dict(Context *cx, Obj *o);
/* Replaces its __dict__: o.__dict__ = d. */
bool instance_set_dict(Context *cx, Obj *o, ObjDict *dict);
/* o.__class__ = type; both classes have the same layout. Its attributes are in a dict
 * from then on. */
bool instance_set_class(Context *cx, Obj *o, ObjType *type);
/* The address of a slot that the object's shape has. */
Value *instance_slot(Context *cx, Obj *o, const Shape *shape, int slot);
/* Marks overflow and slots; called by the trace functions of all kinds that can be
 * derived from. */
void instance_trace_slots(GcMarker *m, const Shape *shape, Obj *o);
/* The same for a kind whose exact instances have no slots. */
static inline void instance_trace_derived(GcMarker *m, Obj *o) {
    if (o->shape >= KIND_COUNT) {
        instance_trace_slots(m, gc_marker_shape(m, o), o);
    }
}
/* A new instance of a built-in type of fixed size (n_bytes) or of a class derived from it. */
static inline Obj *instance_new_exact_or_derived(Context *cx, ObjType *type, size_t n_bytes) {
    const ObjKind kind = (ObjKind)type->layout;
    return type == cx->rt->types[kind] ? heap_alloc(cx, n_bytes, kind, kind) : instance_new(cx, type);
}
/* Own attribute names in order, appended to a list, for dir(). */
bool instance_own_names(Context *cx, Obj *o, Value list);
/* Whether the object can have attributes of its own (and so a __dict__). */
bool instance_has_slots(const Context *cx, const Obj *o);

/* The state of an object as its __getstate__() gives it; VALUE_ERROR. object_state.c. */
Value object_state(Context *cx, Value v);

#endif
