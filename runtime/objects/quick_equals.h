/* quick_equals.h - comparison of keys that runs no script code, for dict and set under
 * their locks. */

#ifndef MINI_OBJECTS_QUICK_EQUALS_H
#define MINI_OBJECTS_QUICK_EQUALS_H

#include "runtime/objects/str.h"

int quick_equals_slow(Value a, Value b);

/* 1 or 0 where that is known without calling out; -1 where value_equals has to say. a and
 * b are not the same word, but have the same hash: so two strings are nearly always
 * equal. */
static inline int quick_equals(Value a, Value b) {
    if (IS_EXACT(a, KIND_STR) && IS_EXACT(b, KIND_STR)) {
        return AS_STR(a)->n_bytes == AS_STR(b)->n_bytes &&
               memcmp(AS_STR(a)->data, AS_STR(b)->data, AS_STR(a)->n_bytes) == 0;
    }
    return quick_equals_slow(a, b);
}

#endif
