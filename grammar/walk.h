/* walk.h - a recogniser for expressions, which looks for known mistakes on its way.
 *
 * Functions with the names of grammar rules move a cursor over tokens. They make no
 * tree; at certain points they try whether the tokens look like a known mistake, where
 * CPython's second parse does.
 *
 * Invariants
 *   1. A rule returns true with the cursor behind what it took, or false with the
 *      cursor anywhere.
 *   2. As soon as an error is recorded all rules return false: the first mistake found
 *      is told.
 *   3. Rules try for mistakes only while `checks` is set; a look ahead clears it.
 *   4. Whoever reads the last token has found what the lexer found there, or an
 *      unclosed bracket.
 *
 * See also: explain.c, which walks statements with these rules. */

#ifndef MINI_GRAMMAR_WALK_H
#define MINI_GRAMMAR_WALK_H

#include "grammar/lexer.h"

typedef struct Walk {
    Parse      *p;
    uint32_t    cursor;
    uint32_t    depth;   /* of rules within rules; see walk_enter */
    bool        checks;
    const char *shape;   /* of what was just taken, as in "cannot assign to literal" */
} Walk;

/* ---- the cursor (walk.c) ---- */

/* The token at an index; the last one for any index behind it. */
const Token *walk_token(const Walk *w, uint32_t index);
bool walk_is_name(const Walk *w, uint32_t index, const char *name);

/* Kind of the token at the cursor; STRAY, which no rule wants, when an error is
 * recorded. */
int walk_peek(const Walk *w);

/* Takes the token if it is of the kind. */
bool walk_take(Walk *w, int kind);

/* The same, or fails with "expected 'token'"; with at_end_only only where the line
 * ends. */
bool walk_expect(Walk *w, int kind, bool at_end_only);

/* Around rules that recurse: false when too deep, the message is then the general one. */
bool walk_enter(Walk *w);
bool walk_leave(Walk *w, bool result);

/* Whether the rule takes something here; no mistakes are looked for, and the cursor
 * stays. *end is where it would stand. */
bool walk_looks_like(Walk *w, bool (*rule)(Walk *), uint32_t *end);

/* rule ("," rule)* [","] */
bool walk_list_of(Walk *w, bool (*rule)(Walk *));

/* The errors of invariant 4. */
void walk_fail_at_end(Parse *p);
bool walk_fail_unclosed(Parse *p);

/* ---- atoms, calls, subscripts (walk_atom.c) ---- */

bool walk_atom(Walk *w);
bool walk_primary(Walk *w);
bool walk_star_target(Walk *w);
bool walk_annotated_rhs(Walk *w);

/* Behind the opening bracket of a call, up to the closing one. */
bool walk_arguments(Walk *w);

/* ---- expressions (walk_expr.c) ---- */

bool walk_bitwise_or(Walk *w);
bool walk_disjunction(Walk *w);
bool walk_expression(Walk *w);
bool walk_named_expression(Walk *w);
bool walk_star_named_expression(Walk *w);
bool walk_star_expressions(Walk *w);
bool walk_yield_expr(Walk *w);

/* Parameters of a def or lambda, up to what ends them. */
bool walk_parameters(Walk *w, bool is_lambda);

/* Whether no comparison was meant where the cursor stands at "=" behind an expression
 * that began at first: x = 1 in brackets or in a condition. */
bool walk_check_comparison(Walk *w, uint32_t first);

/* Tokens first to last, both included, are an expression of the shape: without the
 * brackets, if it is a group. Marks stand below what is in them. */
TokenRange walk_without_group(const Walk *w, uint32_t first, uint32_t last,
                              const char *shape);

#endif
