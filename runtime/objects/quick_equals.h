/* quick_equals.h - comparison of keys that runs no script code, for dict and set under their locks. */

#ifndef MINI_OBJECTS_QUICK_EQUALS_H
#define MINI_OBJECTS_QUICK_EQUALS_H

#include "runtime/value.h"

/* 1 or 0 where that is known without calling out; -1 where value_equals has to say. */
int quick_equals(Value a, Value b);

#endif
