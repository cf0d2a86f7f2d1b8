/* type_internal.h - what the files type*.c, abstract*.c and slot_wrappers.c share. */

#ifndef MINI_OBJECTS_TYPE_INTERNAL_H
#define MINI_OBJECTS_TYPE_INTERNAL_H

#include "runtime/base/vec.h"
#include "runtime/objects/native.h"
#include "runtime/objects/type.h"

void type_cells_trace(GcMarker *m, const TypeCells *cells);
void type_cells_free(TypeCells *cells);

/* Whether the attributes of a built-in type in its MRO are not there for want of memory:
 * then what type_lookup does not find may exist all the same. */
bool type_is_incomplete(const ObjType *type);

/* Adds a native function to the attributes of a built-in type that is being made. */
bool type_add_native(Context *cx, ObjType *type, const NativeDef *def);

/* What an attribute found on a type gives when it is read. self VALUE_UNSET: read from
 * the class itself. May run script code. */
Value attribute_bind(Context *cx, Value attribute, Value self, ObjType *type);
/* As the built-in descriptors do it, whatever a class derived from one of them has. */
Value attribute_bind_natural(Context *cx, Value attribute, Value self, ObjType *type);
bool attribute_store_natural(Context *cx, Value descriptor, Value self, Value value);
/* Stores through a data descriptor; value VALUE_UNSET deletes. May run script code. */
bool attribute_store(Context *cx, Value descriptor, Value self, Value value);
/* Whether a class attribute takes precedence over an instance's own: it has __set__ or
 * __delete__. */
bool attribute_is_data_descriptor(const Context *cx, Value attribute);

/* Attribute access as object's own __getattribute__, __setattr__ and __delattr__ do it.
 * The first gives VALUE_UNSET when there is no such attribute; value VALUE_UNSET
 * deletes. */
Value attribute_get(Context *cx, Value v, ObjStr *name);
bool attribute_set(Context *cx, Value v, ObjStr *name, Value value);
/* Raises AttributeError for a missing attribute. */
Value attribute_raise_missing(Context *cx, Value v, ObjStr *name);
Value attribute_raise_missing_of(Context *cx, Value v, const char *type_name, ObjStr *name);

/* A getset descriptor of a built-in type. */
Value getset_new(Context *cx, const GetsetDef *def, ObjType *owner);

/* The own attributes of an object, in a new dict. NULL: exception pending. object_state.c. */
ObjDict *object_attributes(Context *cx, Value v);
/* Further methods of object; object_state.c. */
extern const NativeDef object_state_methods[];

/* What the exception classes have of their own. */
const GetsetDef *exc_getsets(ExcKind kind);
const char *exc_doc(ExcKind kind);

/* Making classes (type_new.c); each raises TypeError. Whether these can be bases. */
bool type_check_bases(Context *cx, const ObjTuple *bases);
/* The base whose layout a class shares; NULL: they conflict. */
ObjType *type_best_base(Context *cx, const ObjTuple *bases);
/* The type's method resolution order by its bases'; NULL: there is none (TypeError, unless
 * the caller holds the tables' lock, under which names cannot be had), or no memory. */
ObjTuple *type_c3_order(Context *cx, ObjType *type, const ObjTuple *bases, bool may_raise);
/* The order that the metaclass's mro() gives, that which the type has when it has no such
 * method; NULL: it raised. */
ObjTuple *type_ask_for_order(Context *cx, ObjType *type, ObjType *metatype);
/* type.__bases__ = bases; type_bases.c. */
bool type_set_bases(Context *cx, ObjType *type, Value bases);

/* The type and all that derive from it, each once. With the tables' lock. */
typedef VEC(ObjType *) TypeVec;
void type_collect_subtypes(ObjType *type, TypeVec *types);
/* Everything that was remembered of the attributes of these types is found anew, in the
 * stopped world and with the tables' lock. */
void type_forget_all_stw(Context *cx, const TypeVec *types);

/* The special method whose name it is, or -1. */
int special_of_name(const Context *cx, const ObjStr *name);

#endif
