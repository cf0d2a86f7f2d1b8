/* generic.h - list[int] and int | str: what they are is written in runtime/lib/_generic.mini. */

#ifndef MINI_OBJECTS_GENERIC_H
#define MINI_OBJECTS_GENERIC_H

#include "runtime/objects/native.h"
#include "runtime/objects/type.h"

/* origin[args]; args is one argument or a tuple of them. May run script code. */
Value generic_alias(Context *cx, Value origin, Value args);
/* a | b, one of them a class; VALUE_NOT_IMPLEMENTED when the other one is nothing that a class is joined with. */
Value generic_union(Context *cx, Value a, Value b);


/* The method __class_getitem__ of a built-in type, for its table: GENERIC_ENTRY. */
Value generic_class_getitem(Context *cx, Value *args, int n_args);
#define GENERIC_ENTRY                                                                  \
    {"__class_getitem__(type, object, /)", "See PEP 585", generic_class_getitem, NATIVE_CLASS}

#endif
