/* mod_zlib.h - between mod_zlib.c and mod_zlib_stream.c. */

#ifndef MINI_MODULES_MOD_ZLIB_H
#define MINI_MODULES_MOD_ZLIB_H

#include "runtime/objects/module.h"

bool mod_zlib_stream_open(Context *cx, ObjModule *module);

#endif
