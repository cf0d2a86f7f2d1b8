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
    ObjType *type;        /* [atomic] look-up begins behind it; NULL before __init__ */
    Value self;           /* [atomic] an instance or a class; unset in super(type) */
    ObjType *self_type;   /* [atomic] whose MRO is followed; NULL in super(type) */
} ObjSuper;

/* May run script code. */
Value property_read(Context *cx, ObjProperty *property, Value self);
bool property_write(Context *cx, ObjProperty *property, Value self, Value value);
Value getset_read(Context *cx, ObjGetset *getset, Value self);
bool getset_write(Context *cx, ObjGetset *getset, Value self, Value value);

/* staticmethod(function) or classmethod(function): kind says which. */
Value wrapper_new(Context *cx, ObjKind kind, Value function);

/* The type whose MRO super(type, self) follows; NULL with TypeError pending. */
ObjType *super_self_type(Context *cx, ObjType *type, Value self);
/* An attribute of a super object, bound; VALUE_UNSET when nobody has it. */
Value super_read(Context *cx, Value super, ObjStr *name);
/* The same unbound, and what it would be bound to (*self unset: it is read from a class). */
Value super_find(Context *cx, Value super, ObjStr *name, Value *self, ObjType **self_type);
/* super(type) that was found as an attribute of self's class: super(type, self). */
Value super_bind(Context *cx, Value super, Value self);

#endif
