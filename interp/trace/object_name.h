/* object_name.h - what a lock or the like is called, by the line that made it. */

#ifndef MINI_INTERP_TRACE_OBJECT_NAME_H
#define MINI_INTERP_TRACE_OBJECT_NAME_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"

/* Adds what line number `line` of the text assigns to: "counter_lock" for `counter_lock = Lock()`, "self.lock" for
 * `self.lock: Lock = Lock()`; nothing when it is no assignment to one place. */
void object_name_add(Buf *name, const char *text, size_t n_bytes, uint32_t line);

#endif
