/* memory_map_methods.h - the methods of mmap.mmap, for memory_map.c. */

#ifndef MINI_OBJECTS_MEMORY_MAP_METHODS_H
#define MINI_OBJECTS_MEMORY_MAP_METHODS_H

#include "runtime/objects/native.h"

extern const NativeDef memory_map_methods[];

#endif
