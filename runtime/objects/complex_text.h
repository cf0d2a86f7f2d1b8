/* complex_text.h - complex numbers as text, and read from it. */

#ifndef MINI_OBJECTS_COMPLEX_TEXT_H
#define MINI_OBJECTS_COMPLEX_TEXT_H

#include "runtime/objects/complex.h"

/* "(1+2j)", or "2j" where the real part is 0.0 (and not -0.0). */
Value complex_repr(Context *cx, Complex z);
/* format(v, spec). */
Value complex_format(Context *cx, Value v, ObjStr *spec);
/* What complex(text) takes; false: ValueError. */
bool complex_parse(Context *cx, const ObjStr *text, Complex *out);

#endif
