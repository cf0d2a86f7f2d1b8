/* array.h - storage for Values on the heap, behind lists, sorting and long argument lists. */

#ifndef MINI_OBJECTS_ARRAY_H
#define MINI_OBJECTS_ARRAY_H

#include "runtime/gc/alloc.h"

typedef struct ObjArray {
    Obj header;
    size_t capacity;   /* [const] */
    Value items[];     /* VALUE_UNSET where there is none */
} ObjArray;

/* Raw bytes on the heap. */
typedef struct ObjBuffer {
    Obj header;
    size_t capacity;   /* [const] */
    size_t n_used;     /* [atomic] see str.h */
    char bytes[];
} ObjBuffer;

ObjArray *array_new(Context *cx, size_t capacity);
ObjBuffer *buffer_new(Context *cx, size_t capacity);

#endif
