/* complex.h - complex numbers: two doubles, in an object of their own. */

#ifndef MINI_OBJECTS_COMPLEX_H
#define MINI_OBJECTS_COMPLEX_H

#include "runtime/gc/alloc.h"

typedef struct Complex {
    double real;
    double imag;
} Complex;

typedef struct ObjComplex {
    Obj header;
    Complex value; /* [const] */
} ObjComplex;

#define IS_COMPLEX(v) IS_KIND(v, KIND_COMPLEX)
#define AS_COMPLEX(v) (((const ObjComplex *)AS_OBJ(v))->value)

/* An exact complex; any bits. VALUE_ERROR: MemoryError. */
Value complex_new(Context *cx, Complex z);

/* A complex, float-like or int-like value; false without an exception when v is none, with
 * OverflowError when an int is too large for a double. */
bool complex_from_number(Context *cx, Value v, Complex *out);
/* Any value with __complex__, __float__ or __index__: TypeError "must be real number, not
 * str". */
bool complex_arg(Context *cx, Value v, Complex *out);

Complex complex_multiply(Complex a, Complex b);
/* False when b is zero. */
bool complex_divide(Complex a, Complex b, Complex *quotient);
/* ZeroDivisionError, OverflowError. */
Value complex_power(Context *cx, Complex a, Complex b);

#endif
