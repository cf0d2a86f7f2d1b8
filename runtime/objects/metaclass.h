/* metaclass.h - classes as instances of classes: the class statement, type(name, bases,
 * dict) and what metaclasses take part in. */

#ifndef MINI_OBJECTS_METACLASS_H
#define MINI_OBJECTS_METACLASS_H

#include "runtime/objects/type.h"

/* The class statement: body is the function that fills the namespace, kwargs (a dict or
 * VALUE_UNSET) what stands behind the bases. May run script code. */
Value metaclass_build(Context *cx, Value body, ObjStr *name, ObjTuple *bases, Value kwargs);

/* type(v) and type(name, bases, dict). */
Value metaclass_call_type(Context *cx, const Value *args, int n_args, Value kwargs);
/* metatype.__new__(metatype, name, bases, dict, **kwargs); for KindOps. */
Value metaclass_construct(Context *cx, ObjType *metatype, const Value *args, int n_args, Value kwargs);
/* type.__class__ = metatype. */
bool metaclass_set(Context *cx, ObjType *type, ObjType *metatype);

/* TypeError for an instance of a class with abstract methods. */
Value metaclass_raise_abstract(Context *cx, ObjType *type);

#endif
