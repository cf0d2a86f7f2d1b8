/* set.h - set and frozenset: hash tables read without a lock, by the rules of dict.h. */

#ifndef MINI_OBJECTS_SET_H
#define MINI_OBJECTS_SET_H

#include "runtime/gc/alloc.h"

typedef struct ObjSetTable ObjSetTable; /* set.c */

typedef struct ObjSet {
    Obj header;
    ObjSetTable *table; /* [lock] for writing; readers load it once */
    size_t n_used;      /* [lock] for writing */
    uint64_t hash;      /* [atomic relaxed] frozenset: its hash, 0 until computed
                           [lock] set: where pop() goes on looking */
} ObjSet;

#define IS_SET(v)       IS_KIND(v, KIND_SET)
#define IS_FROZENSET(v) IS_KIND(v, KIND_FROZENSET)
#define AS_SET(v)       ((ObjSet *)AS_OBJ(v))

ObjSet *set_new(Context *cx, ObjKind kind /* KIND_SET or KIND_FROZENSET */,
                size_t n_expected);
bool set_add(Context *cx, ObjSet *set, Value item);
int set_contains(Context *cx, ObjSet *set, Value item); /* 1, 0, -1 */
int set_discard(Context *cx, ObjSet *set, Value item);  /* 1 removed, 0 not there, -1 */
bool set_update(Context *cx, ObjSet *set, Value iterable);
/* Of an iterator. */
Value set_iter_next(Context *cx, Value iterator);
size_t set_length(const ObjSet *set);

#endif
