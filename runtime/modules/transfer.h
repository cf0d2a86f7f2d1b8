/* transfer.h - values as bytes, on their way from one process to another.
 *
 * What can travel: None, bool, int, float, str, bytes, list, tuple, dict, set, frozenset, nested at will. Objects
 * that contain themselves cannot. */

#ifndef MINI_MODULES_TRANSFER_H
#define MINI_MODULES_TRANSFER_H

#include "runtime/base/buf.h"
#include "runtime/context.h"

/* Appends v. False: TypeError (a kind that cannot travel), RecursionError. May collect. */
bool transfer_pack(Context *cx, Value v, Buf *out);

/* The value that the bytes hold, all of them; ValueError when they hold none. May collect. */
Value transfer_unpack(Context *cx, const char *bytes, size_t n_bytes);

#endif
