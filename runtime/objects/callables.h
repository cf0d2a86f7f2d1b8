/* callables.h - the callable objects of the modules functools and operator that classes of
 * the language derive from: their layouts. */

#ifndef MINI_OBJECTS_CALLABLES_H
#define MINI_OBJECTS_CALLABLES_H

#include "runtime/objects/dict.h"

typedef struct ObjPartial {
    Obj header;
    Value function; /* [atomic] changed by __setstate__ only */
    Value args;     /* [atomic] a tuple */
    Value keywords; /* [atomic] a dict */
} ObjPartial;

typedef struct ObjLruCache {
    Obj header;
    Value function;          /* [const] */
    Value info;              /* [const] what cache_info() calls with its four numbers */
    ObjDict *results;        /* [const] */
    struct ObjLruLink *root; /* [const] of the ring in the order of use */
    int64_t max_size;        /* [const] -1: no limit */
    int64_t hits;            /* [atomic] */
    int64_t misses;          /* [atomic] */
    bool is_typed;           /* [const] */
} ObjLruCache;

#endif
