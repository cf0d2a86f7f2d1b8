/* mod_math.h - what the two files of the module math share. */

#ifndef MINI_MODULES_MOD_MATH_H
#define MINI_MODULES_MOD_MATH_H

#include "runtime/objects/native.h"

/* gcd, isqrt and the like; ends with an empty entry. */
extern const NativeDef math_int_functions[];

/* The number of bits of a large int. */
int64_t math_bit_length(Value big);

#endif
