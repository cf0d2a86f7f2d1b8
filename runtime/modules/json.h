/* json.h - JSON: values as text (json_encode.c), text as values (json_decode.c). The module _json (mod_json.c) is what
 * runtime/lib/json.mini works with. */

#ifndef MINI_MODULES_JSON_H
#define MINI_MODULES_JSON_H

#include "runtime/objects/str.h"

/* How values are written. */
typedef struct JsonFormat {
    Value default_function; /* called with what JSON has not */
    ObjStr *item_separator;
    ObjStr *key_separator;
    ObjStr *indent;         /* NULL: everything in one line */
    bool ascii_only;
    bool allow_nan;
    bool sorts_keys;
    bool skips_keys;        /* keys that are no texts are left out; otherwise a TypeError */
    bool finds_circles;     /* a ValueError for a value within itself; otherwise a RecursionError */
} JsonFormat;

/* The JSON text of v, or VALUE_ERROR. May run script code: may collect, block, switch threads. */
Value json_encode(Context *cx, Value v, const JsonFormat *format);

/* Functions called with what was read, instead of making it; VALUE_NONE where there is none. */
typedef struct JsonHooks {
    Value object;           /* with a dict */
    Value object_pairs;     /* with a list of pairs; then `object` is not asked */
    Value parse_float;      /* these three with the text */
    Value parse_int;
    Value parse_constant;
    bool is_strict;         /* control characters in texts are errors */
} JsonHooks;

/* The value of the whole text; json.JSONDecodeError. May run script code. */
Value json_decode(Context *cx, ObjStr *source, const JsonHooks *hooks);
/* The value that begins at a character, and the character behind it, as a tuple. */
Value json_decode_at(Context *cx, ObjStr *source, size_t place, const JsonHooks *hooks);

#endif
