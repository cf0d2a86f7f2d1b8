/* builtins.h - the built-in functions, by theme; builtins.c makes the module of them.
 *
 * Each table is one of native.h. A script finds the names where it finds no global of its own; they are cells of the
 * module builtins, as all globals are. */

#ifndef MINI_BUILTINS_BUILTINS_H
#define MINI_BUILTINS_BUILTINS_H

#include "runtime/objects/native.h"

extern const NativeDef builtins_inspect[];   /* builtins_inspect.c: attributes, classes, names: getattr, isinstance, dir, ... */
extern const NativeDef builtins_iterate[];   /* builtins_iterate.c: iter, next, sum, min, sorted, ... */
extern const NativeDef builtins_number[];    /* builtins_number.c: abs, round, pow, hex, chr, ... */
extern const NativeDef builtins_io[];        /* builtins_io.c: print, input, open */

#endif
