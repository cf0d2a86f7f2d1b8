/* suggest.h - "Did you mean: 'foo'?" behind the message of an exception about a name. */

#ifndef MINI_OBJECTS_SUGGEST_H
#define MINI_OBJECTS_SUGGEST_H

#include "runtime/base/buf.h"
#include "runtime/context.h"

/* Appends what follows the message of a NameError, AttributeError or ImportError; nothing
 * when there is nothing similar. May run script code (__dir__); never raises. */
void suggest_add(Context *cx, Buf *out, Value exception);

/* Which of the n names is similar to the wrong one; NULL: none. */
const ObjStr *suggest_among(const ObjStr *wrong, const Value *names, size_t n);

/* TypeError for a keyword argument that a function, called so, does not know; it takes the n names by keyword. */
Value suggest_raise_keyword(Context *cx, const char *function, size_t n_bytes, const ObjStr *name,
                            const Value *names, size_t n);

/* Whether Python's library has a module of that name. */
bool suggest_is_library_module(const ObjStr *name);

/* The file of a module that stands beside the script and hides one of Python's library; NULL: it does not. Never
 * raises. */
ObjStr *suggest_hiding_file(Context *cx, Value module);

#endif
