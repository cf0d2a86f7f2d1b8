/* tuple.h - tuple. */

#ifndef MINI_OBJECTS_TUPLE_H
#define MINI_OBJECTS_TUPLE_H

#include "runtime/gc/alloc.h"

typedef struct ObjTuple {
    Obj header;
    size_t n;      /* [const] */
    Value items[]; /* [const] once published */
} ObjTuple;

#define IS_TUPLE(v) IS_KIND(v, KIND_TUPLE)
#define AS_TUPLE(v) ((ObjTuple *)AS_OBJ(v))

/* Items VALUE_UNSET for the caller to fill in before anyone sees it; n 0 gives the empty
 * tuple. */
ObjTuple *tuple_new(Context *cx, size_t n);
Value tuple_from(Context *cx, const Value *items, size_t n);
Value tuple_pack(Context *cx, int n, ...); /* n Values follow */
Value tuple_from_iterable(Context *cx, Value iterable);

#endif
