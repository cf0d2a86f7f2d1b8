/* explain.h - why the parser refused a program.
 *
 * Called when the parser failed; p->next is just past the token that it could not
 * take. Records the error, unless there is one already. */

#ifndef MINI_GRAMMAR_EXPLAIN_H
#define MINI_GRAMMAR_EXPLAIN_H

#include "grammar/lexer.h"

void explain_failure(Parse *p);

#endif
