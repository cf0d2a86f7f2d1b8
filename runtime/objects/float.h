/* float.h - floats. Immediate in the Value; ObjFloat only for instances of subclasses of float. */

#ifndef MINI_OBJECTS_FLOAT_H
#define MINI_OBJECTS_FLOAT_H

#include "runtime/base/buf.h"
#include "runtime/gc/alloc.h"

typedef struct ObjFloat {
    Obj header;
    double value;   /* [const] */
} ObjFloat;

#define IS_FLOAT_LIKE(v) (IS_FLOAT(v) || IS_KIND(v, KIND_FLOAT))

/* A number (int-like or float-like) as a double; false without an exception when v is no number; an int that is
 * too large leaves OverflowError pending and sets *out to -1. */
bool float_from_number(Context *cx, Value v, double *out);
/* Any value with __float__ or __index__: 1, 0 (neither, no exception) or -1. */
int float_convert(Context *cx, Value v, double *out);
/* The same: TypeError "must be real number, not str". */
bool float_arg(Context *cx, Value v, double *out);
/* a and b are numbers, at least one a float. */
Value float_binary(Context *cx, BinaryOp op, Value a, Value b);
double float_mod(double a, double b);
double float_floordiv(double a, double b);
/* v IS_FLOAT_LIKE. */
double float_value(Value v);
uint64_t float_hash(double d);
ObjStr *float_repr_str(Context *cx, double d);
/* A decimal number in ASCII as float() takes it: with underscores, "inf", "nan", space around it. */
bool float_read(const char *text, size_t n_bytes, double *out);
/* Appends the text without its underscores; false when one is not between two digits. */
bool float_strip_underscores(const char *text, size_t n_bytes, Buf *plain);
bool float_is_space(char c);
Value float_parse(Context *cx, const char *text, size_t n_bytes, Value for_message);

#endif
