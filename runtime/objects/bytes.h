/* bytes.h - bytes: immutable bytes. */

#ifndef MINI_OBJECTS_BYTES_H
#define MINI_OBJECTS_BYTES_H

#include "runtime/gc/alloc.h"

typedef struct ObjBytes {
    Obj header;
    uint64_t hash;     /* [atomic relaxed] 0 until computed */
    size_t n_bytes;    /* [const] */
    char data[];       /* [const] with a zero byte behind */
} ObjBytes;

#define IS_BYTES(v) IS_KIND(v, KIND_BYTES)
#define AS_BYTES(v) ((ObjBytes *)AS_OBJ(v))

/* The iterator over a bytes. */
typedef struct ObjBytesIter {
    Obj header;
    ObjBytes *bytes;     /* [atomic] NULL at the end */
    size_t position;     /* [atomic] */
} ObjBytesIter;

/* text may be NULL: then the caller fills data before anybody sees the object. */
ObjBytes *bytes_new(Context *cx, const char *text, size_t n_bytes);
Value bytes_repr(Context *cx, Value v);
/* The same with one more character behind a backslash. */
Value bytes_repr_escaping(Context *cx, Value v, char escaped);
/* What bytes(...) or bytearray(...), as type_name says, makes of its arguments: a bytes. */
Value bytes_from_arguments(Context *cx, const char *type_name, const Value *args, int n_args, Value kwargs);

#endif
