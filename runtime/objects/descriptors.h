/* descriptors.h - what property, staticmethod, classmethod, getset descriptors and super
 * do when an attribute is read or written through them. */

#ifndef MINI_OBJECTS_DESCRIPTORS_H
#define MINI_OBJECTS_DESCRIPTORS_H

#include "runtime/objects/function.h"
#include "runtime/objects/native.h"
#include "runtime/objects/type.h"

typedef struct ObjGetset {
    Obj header;
    GetsetDef def;                 /* [const] a copy: definitions need not outlive the call that made it */
    ObjType *owner;                /* [const] */
} ObjGetset;

typedef struct ObjSuper {
    Obj header;
    ObjType *type;        /* [const] look-up begins behind it */
    Value self;           /* [const] an instance or a class; unset or None in super(type) */
    ObjType *self_type;   /* [const] whose MRO is followed; NULL in super(type) */
} ObjSuper;

/* May run script code. */
Value property_read(Context *cx, ObjProperty *property, Value self);
bool property_write(Context *cx, ObjProperty *property, Value self, Value value);
Value getset_read(Context *cx, ObjGetset *getset, Value self);
bool getset_write(Context *cx, ObjGetset *getset, Value self, Value value);

/* staticmethod(function) or classmethod(function): kind says which. */
Value wrapper_new(Context *cx, ObjKind kind, Value function);

/* super(type, self) */
Value super_new(Context *cx, Value type, Value self);
/* The type whose MRO super(type, self) follows; NULL with TypeError pending. */
ObjType *super_self_type(Context *cx, ObjType *type, Value self);
/* An attribute of a super object, bound; VALUE_UNSET when nobody has it. */
Value super_read(Context *cx, Value super, ObjStr *name);

#endif
