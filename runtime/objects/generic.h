/* generic.h - list[int] and int | str: what they are is written in runtime/lib/_generic.mini. */

#ifndef MINI_OBJECTS_GENERIC_H
#define MINI_OBJECTS_GENERIC_H

#include "runtime/objects/type.h"

/* origin[args]; args is one argument or a tuple of them. May run script code. */
Value generic_alias(Context *cx, Value origin, Value args);
/* a | b, one of them a class; VALUE_NOT_IMPLEMENTED when the other one is nothing that a class is joined with. */
Value generic_union(Context *cx, Value a, Value b);

#endif
