/* mod_math.h - what the files of the module math share. */

#ifndef MINI_MODULES_MOD_MATH_H
#define MINI_MODULES_MOD_MATH_H

#include "runtime/objects/native.h"

/* gcd, isqrt and the like; fsum, hypot and the like. Each ends with an empty entry. */
extern const NativeDef math_int_functions[];
extern const NativeDef math_sum_functions[];

/* gamma(x), x no negative integer and not 0, and the logarithm of its size. */
double math_gamma_of(double x);
double math_lgamma_of(double x);

/* The number of bits of a large int. */
int64_t math_bit_length(Value big);

#endif
