/* member.h - member descriptors: the attributes that a class reserves by __slots__.
 *
 * Their values stand in the first inline slots of each instance, at the same place in all shapes that instances of the
 * class and of derived classes can have, those with a dict included. */

#ifndef MINI_OBJECTS_MEMBER_H
#define MINI_OBJECTS_MEMBER_H

#include "runtime/objects/type.h"

typedef struct ObjMember {
    Obj header;
    ObjType *owner; /* [const] */
    ObjStr *name;   /* [const] interned */
    uint32_t slot;  /* [const] */
} ObjMember;

#define IS_MEMBER(v) IS_KIND(v, KIND_MEMBER)
#define AS_MEMBER(v) ((ObjMember *)AS_OBJ(v))

Value member_new(Context *cx, ObjType *owner, ObjStr *name, uint32_t slot);
Value member_read(Context *cx, const ObjMember *member, Value self);
/* value VALUE_UNSET deletes. */
bool member_write(Context *cx, const ObjMember *member, Value self, Value value);
/* What __slots__ of the class body makes: member descriptors and __weakref__, __dict__ among its attributes, and the
 * type's n_members and flags. */
bool member_take_slots(Context *cx, ObjType *type, ObjDict *attributes);
/* The class from which the type has its layout: the nearest one that adds members, or a built-in one. */
const ObjType *member_solid_base(const ObjType *type);
/* Whether instances of one could be instances of the other. */
bool member_layouts_agree(Context *cx, const ObjType *a, const ObjType *b);
/* The values that an object has in its slots, by name, added to a dict: for __getstate__. */
bool member_add_values(Context *cx, Value v, ObjDict *dict);

#endif
