/* builtins.h - the built-in functions, by theme; builtins.c makes the module of them.
 *
 * Each table is one of native.h. A script finds the names where it finds no global of its
 * own; they are cells of the module builtins, as all globals are. */

#ifndef MINI_BUILTINS_BUILTINS_H
#define MINI_BUILTINS_BUILTINS_H

#include "runtime/objects/native.h"

extern const NativeDef builtins_inspect[]; /* getattr, isinstance, dir, repr, len, ... */
extern const NativeDef builtins_object_dir; /* object.__dir__ */
extern const NativeDef builtins_iterate[]; /* iter, next, sum, min, sorted, ... */
extern const NativeDef builtins_number[];  /* abs, round, pow, hex, chr, ... */
extern const NativeDef builtins_async[];   /* aiter, anext */
extern const NativeDef builtins_exec[];    /* exec, eval, compile, __import__ */
extern const NativeDef builtins_io[];      /* print, input, open */

#endif
