/* float.h - floats. Immediate in the Value; ObjFloat only for instances of subclasses of float. */

#ifndef MINI_OBJECTS_FLOAT_H
#define MINI_OBJECTS_FLOAT_H

#include "runtime/gc/alloc.h"

typedef struct ObjFloat {
    Obj header;
    double value;   /* [const] */
} ObjFloat;

#define IS_FLOAT_LIKE(v) (IS_FLOAT(v) || IS_KIND(v, KIND_FLOAT))

/* A number (int-like or float-like) as a double; false without an exception when v is no number; an int that is
 * too large leaves OverflowError pending and sets *out to -1. */
bool float_from_number(Context *cx, Value v, double *out);
/* Any value with __float__ or __index__: TypeError "must be real number, not str". */
bool float_arg(Context *cx, Value v, double *out);
/* a and b are numbers, at least one a float. */
Value float_binary(Context *cx, BinaryOp op, Value a, Value b);
double float_mod(double a, double b);
double float_floordiv(double a, double b);
uint64_t float_hash(double d);
ObjStr *float_repr_str(Context *cx, double d);
Value float_parse(Context *cx, const char *text, size_t n_bytes, Value for_message);

#endif
