/* str_format.h - format specs, % formatting, str.format and the pieces of f-strings. */

#ifndef MINI_OBJECTS_STR_FORMAT_H
#define MINI_OBJECTS_STR_FORMAT_H

#include "runtime/objects/str.h"

/* format(v, spec): __format__ of the value. Result is a str. */
Value format_value(Context *cx, Value v, ObjStr *spec);
/* The built-in ones. */
Value format_int(Context *cx, Value v, ObjStr *spec);
Value format_float(Context *cx, Value v, ObjStr *spec);
Value format_str(Context *cx, Value v, ObjStr *spec);
/* template % args */
Value format_percent(Context *cx, ObjStr *template, Value args);
typedef struct ObjBytes ObjBytes;
Value format_percent_bytes(Context *cx, ObjBytes *template, Value args);
/* ascii(v) */
Value format_ascii(Context *cx, Value v);
/* template.format(*args, **kwargs) */
Value format_template(Context *cx, ObjStr *template, const Value *args, int n_args, Value kwargs);
/* The same with the fields' names looked up in a mapping. */
Value format_template_map(Context *cx, ObjStr *template, Value mapping);
/* Joins the n parts (each a str) of an f-string. */
Value format_join(Context *cx, const Value *parts, size_t n);

#endif
