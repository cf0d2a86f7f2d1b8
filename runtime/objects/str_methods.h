/* str_methods.h - the table of the methods of str. */

#ifndef MINI_OBJECTS_STR_METHODS_H
#define MINI_OBJECTS_STR_METHODS_H

#include "runtime/objects/native.h"

extern const NativeDef str_methods[];

#endif
