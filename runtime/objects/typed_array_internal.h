/* typed_array_internal.h - between typed_array.c and typed_array_methods.c. */

#ifndef MINI_OBJECTS_TYPED_ARRAY_INTERNAL_H
#define MINI_OBJECTS_TYPED_ARRAY_INTERNAL_H

#include "runtime/objects/native.h"
#include "runtime/objects/type.h"
#include "runtime/objects/typed_array.h"

extern const NativeDef typed_array_methods[];
extern const GetsetDef typed_array_getsets[];

/* ValueError for a code that there is not. */
ObjTypedArray *typed_array_new(Context *cx, ObjType *type, char code);
/* An array of the same type, of these bytes; NULL, too, when bytes is NULL. */
ObjTypedArray *typed_array_like(Context *cx, const ObjTypedArray *a,
                                const ObjBytes *bytes);
size_t typed_array_length(Context *cx, ObjTypedArray *a);
/* The item at i; VALUE_UNSET behind the last. */
Value typed_array_peek(Context *cx, ObjTypedArray *a, size_t i);
/* The value as an item; TypeError, OverflowError. */
bool typed_array_to_item(Context *cx, const ObjTypedArray *a, Value v, char *item);
bool typed_array_append(Context *cx, ObjTypedArray *a, Value v);
/* Adds the items of another array of the same type. */
bool typed_array_extend(Context *cx, ObjTypedArray *a, Value other);
/* The second argument of array(): bytes, a str, an array, an iterable. */
bool typed_array_fill(Context *cx, ObjTypedArray *a, Value v);
Value typed_array_to_list(Context *cx, ObjTypedArray *a);
Value typed_array_to_str(Context *cx, ObjTypedArray *a);
/* The item at these bytes; characters are of one length. */
Value typed_array_load(Context *cx, const ObjTypedArray *a, const char *item);
/* The first index in [from, to) of an item that equals; -1: none, -2: exception. */
int64_t typed_array_find(Context *cx, ObjTypedArray *a, Value item, size_t from,
                         size_t to);

#endif
