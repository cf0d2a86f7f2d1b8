/* str_build.h - putting a text together from the texts of objects, within the memory that scripts may have.
 *
 * A Buf is malloc'ed memory, of which the heap's limit knows nothing. Where the same object can be added any
 * number of times ("abc" for each of a million matches) the text is added here. */

#ifndef MINI_OBJECTS_STR_BUILD_H
#define MINI_OBJECTS_STR_BUILD_H

#include <stdbool.h>

#include "runtime/base/buf.h"
#include "runtime/object.h"

/* True as long as a text of n_bytes may grow on. False with MemoryError pending when that is more than all memory that
 * scripts may have, or with what a signal's handler raised. May block (polls). */
bool str_build_goes_on(Context *cx, size_t n_bytes);

/* Appends a str. As str_build_goes_on. */
bool str_build_add(Context *cx, Buf *buf, Value text);

/* Appends the repr() of v. False: exception pending. */
bool str_build_add_repr(Context *cx, Buf *buf, Value v);

#endif
