/* int_methods.h - the tables of the methods and attributes of int. */

#ifndef MINI_OBJECTS_INT_METHODS_H
#define MINI_OBJECTS_INT_METHODS_H

#include "runtime/objects/native.h"

extern const NativeDef int_methods[];
extern const GetsetDef int_getsets[];

#endif
