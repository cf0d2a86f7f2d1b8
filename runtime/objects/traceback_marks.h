/* traceback_marks.h - source lines of a traceback, with marks below what failed. */

#ifndef MINI_OBJECTS_TRACEBACK_MARKS_H
#define MINI_OBJECTS_TRACEBACK_MARKS_H

#include "runtime/base/buf.h"
#include "runtime/objects/code.h"

/* Appends the lines of the file at that place, indented, and below them ^^^^ or ~~^~~;
 * nothing when the source is not to be had. */
void marks_add(Context *cx, Buf *out, ObjStr *filename, const CodePosition *place);

/* Appends the line alone. */
void marks_add_line(Context *cx, Buf *out, ObjStr *filename, uint32_t line);

#endif
