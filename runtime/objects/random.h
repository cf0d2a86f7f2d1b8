/* random.h - the layout of a Mersenne Twister, for classes that derive from it. */

#ifndef MINI_OBJECTS_RANDOM_H
#define MINI_OBJECTS_RANDOM_H

#include "runtime/object.h"

enum { RANDOM_WORDS = 624 };

typedef struct ObjRandom {
    Obj header;
    uint32_t next; /* [lock] index of the next word; RANDOM_WORDS: refill first */
    uint32_t words[RANDOM_WORDS]; /* [lock] */
    uint32_t unused;              /* what instances of classes have behind is aligned so */
} ObjRandom;

_Static_assert(sizeof(ObjRandom) % sizeof(Value) == 0, "slots stand behind");

#endif
