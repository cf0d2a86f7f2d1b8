/* ast_objects.h - the syntax tree as objects, for the module _ast. */

#ifndef MINI_INTERP_AST_OBJECTS_H
#define MINI_INTERP_AST_OBJECTS_H

#include "grammar/parse.h"
#include "runtime/context.h"
#include "runtime/objects/str.h"

/* Parses text and returns what make(kind, line, column, end line, end column, *fields) returned for the root,
 * called for every node of the tree before its parent. May collect, may run scripts. */
Value ast_objects_parse(Context *cx, ObjStr *text, ObjStr *filename, ParseMode mode,
                        Value make);

#endif
