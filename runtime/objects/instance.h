/* instance.h - instances of script classes, and attribute slots in general.
 *
 *      | header | overflow | slot 0 | slot 1 | ...
 *
 * The slots of an instance of a class that derives from a built-in type stand behind that type's struct in the
 * same way (overflow, slot 0, ...); for kinds of variable size (int, bytes, tuple) they stand behind the variable
 * part, and the shape's slots_offset is 0. Slots beyond n_inline live in chunks behind `overflow` (an
 * ObjArray whose item 0 is the next chunk), which never move either. With SHAPE_FLAG_DICT overflow is an ObjDict that
 * holds all attributes. */

#ifndef MINI_OBJECTS_INSTANCE_H
#define MINI_OBJECTS_INSTANCE_H

#include "runtime/objects/type.h"

typedef struct ObjInstance {
    Obj header;
    Value overflow;
    Value slots[];
} ObjInstance;

/* A bare instance of type for a layout of fixed size, as object.__new__ makes it. For KIND_INSTANCE the loop's inline
 * path is the same: heap_alloc with the root shape's size. */
Obj *instance_new(Context *cx, ObjType *type);
size_t instance_bytes(const Shape *root);

/* An attribute of the instance itself: VALUE_UNSET when it has none of that name. */
Value instance_get_own(Context *cx, Obj *o, ObjStr *name);
bool instance_set_own(Context *cx, Obj *o, ObjStr *name, Value value);
int instance_delete_own(Context *cx, Obj *o, ObjStr *name);  /* 1, 0 (was not there), -1 */
/* Its __dict__, which from then on holds the attributes. Stops the world. */
ObjDict *instance_dict(Context *cx, Obj *o);
/* The address of a slot that the object's shape has. */
Value *instance_slot(Context *cx, Obj *o, const Shape *shape, int slot);
/* Marks overflow and slots; called by the trace functions of all kinds that can be derived from. */
void instance_trace_slots(GcMarker *m, const Shape *shape, Obj *o);
/* Own attribute names in order, appended to a list; and their values for vars() and dir(). */
bool instance_has_slots(const Context *cx, const Obj *o);

#endif
