/* mod_hashlib.h - what the files of the module _hashlib share. */

#ifndef MINI_MODULES_MOD_HASHLIB_H
#define MINI_MODULES_MOD_HASHLIB_H

#include <nettle/nettle-meta.h>

#include "runtime/objects/native.h"

/* The algorithm of that name (lower case), or NULL. */
const struct nettle_hash *hashlib_find(const ObjStr *name);

/* Keys made of passwords: hash_password.c. */
extern const NativeDef hash_password_functions[];

#endif
