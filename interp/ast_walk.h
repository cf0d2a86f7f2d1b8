/* ast_walk.h - the children of any node, for passes that treat most kinds alike.
 *
 * Threads: any; a tree is only read. */

#ifndef MINI_INTERP_AST_WALK_H
#define MINI_INTERP_AST_WALK_H

#include "grammar/ast.h"

typedef void AstVisit(void *argument, const AstNode *child);

/* Calls visit for each child that is there, in the order of ast.def. */
void ast_each_child(const AstNode *node, AstVisit *visit, void *argument);

#endif
