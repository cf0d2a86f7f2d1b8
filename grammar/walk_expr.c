/* walk_expr.c - the recogniser's expressions and parameters, and the mistakes in them.
 *
 * See also: walk.h. */

#include "grammar/walk.h"

#include <string.h>

#include "grammar/parser.h"

static bool comparison(Walk *w);
static bool lambdef(Walk *w);

/* ---- operators ---- */

static bool is_arithmetic(int kind) {
    switch (kind) {
    case TOKEN_PLUS:
    case TOKEN_MINUS:
    case TOKEN_STAR:
    case TOKEN_SLASH:
    case TOKEN_DOUBLE_SLASH:
    case TOKEN_PERCENT: case TOKEN_AT: case TOKEN_DOUBLE_STAR: case TOKEN_LEFT_SHIFT:
    case TOKEN_RIGHT_SHIFT: case TOKEN_AMPERSAND: case TOKEN_VBAR: case TOKEN_CIRCUMFLEX:
        return true;
    default:
        return false;
    }
}

static bool compare_operator(Walk *w) {
    switch (walk_peek(w)) {
    case TOKEN_EQUAL_EQUAL: case TOKEN_NOT_EQUAL: case TOKEN_LESS: case TOKEN_LESS_EQUAL:
    case TOKEN_GREATER: case TOKEN_GREATER_EQUAL: case TOKEN_IN:
        w->cursor++;
        return true;
    case TOKEN_IS:
        w->cursor++;
        walk_take(w, TOKEN_NOT);
        return true;
    case TOKEN_NOT:
        w->cursor++;
        return walk_take(w, TOKEN_IN);
    default:
        return false;
    }
}

/* CPython takes any prefix of a soft keyword for it here. */
static bool is_soft_keyword(const Walk *w, uint32_t index) {
    static const char *const keywords[] = {"match", "case", "type", "_"};
    const Token *token = walk_token(w, index);
    for (size_t i = 0; token->kind == TOKEN_NAME && i < sizeof keywords / sizeof *keywords; i++) {
        if (strncmp(keywords[i], token->ident->text, token->ident->n_bytes) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the one token from first up to the cursor is a name that was a statement in
 * Python 2. */
static bool is_legacy_name(const Walk *w, uint32_t first) {
    return w->cursor == first + 1 &&
           (walk_is_name(w, first, "print") || walk_is_name(w, first, "exec"));
}

/* ---- expressions ---- */

/* a + not b: the cursor stands at "not". */
static bool check_operator_not(Walk *w) {
    uint32_t end;
    const int before = walk_token(w, w->cursor - 1)->kind;
    if (before == TOKEN_DOUBLE_STAR || before == TOKEN_AMPERSAND ||
        before == TOKEN_VBAR || before == TOKEN_CIRCUMFLEX ||
        before == TOKEN_LEFT_SHIFT || before == TOKEN_RIGHT_SHIFT ||
        !walk_looks_like(w, comparison, &end)) {
        return true;
    }
    return parse_fail_range(w->p, w->cursor, end - 1,
                            "'not' after an operator must be parenthesized");
}

/* Operands joined by arithmetic operators; precedence is of no matter here. */
bool walk_bitwise_or(Walk *w) {
    if (!walk_enter(w)) {
        return false;
    }
    bool is_plain = true;
    bool has_operand = false;
    for (;;) {
        const uint32_t behind = w->cursor;
        if (has_operand) {
            if (!is_arithmetic(walk_peek(w))) {
                break;
            }
            w->cursor++;
        }
        bool has_sign = false;
        while (walk_take(w, TOKEN_PLUS) || walk_take(w, TOKEN_MINUS) ||
               walk_take(w, TOKEN_TILDE)) {
            has_sign = true;
        }
        if (w->checks && (has_operand || has_sign) && walk_peek(w) == TOKEN_NOT
            && !check_operator_not(w)) {
            break;
        }
        if (!walk_primary(w)) {
            w->cursor = behind;
            break;
        }
        is_plain = is_plain && !has_operand && !has_sign;
        has_operand = true;
    }
    if (!is_plain) {
        w->shape = "expression";
    }
    return walk_leave(w, has_operand);
}

/* "not"* bitwise_or (operator bitwise_or)* */
static bool comparison(Walk *w) {
    bool is_negated = false;
    while (walk_take(w, TOKEN_NOT)) {
        is_negated = true;
    }
    if (!walk_bitwise_or(w)) {
        return false;
    }
    const char *shape = w->shape;
    for (;;) {
        const uint32_t behind = w->cursor;
        if (!compare_operator(w) || !walk_bitwise_or(w)) {
            w->cursor = behind;
            break;
        }
        shape = "comparison";
    }
    w->shape = is_negated ? "expression" : shape;
    return !w->p->has_failed;
}

bool walk_disjunction(Walk *w) {
    if (!comparison(w)) {
        return false;
    }
    const char *shape = w->shape;
    for (;;) {
        const uint32_t behind = w->cursor;
        if ((!walk_take(w, TOKEN_AND) && !walk_take(w, TOKEN_OR)) || !comparison(w)) {
            w->cursor = behind;
            break;
        }
        shape = "expression";
    }
    w->shape = shape;
    return !w->p->has_failed;
}

TokenRange walk_without_group(const Walk *w, uint32_t first, uint32_t last,
                              const char *shape) {
    while (first < last && walk_token(w, first)->kind == TOKEN_LPAR &&
           strcmp(shape, "tuple") != 0 && strcmp(shape, "generator expression") != 0) {
        const uint16_t level = walk_token(w, first)->level;
        uint32_t closing = first + 1;
        while (closing < last && walk_token(w, closing)->level >= level) {
            closing++;
        }
        if (closing < last || walk_token(w, last)->level >= level) {
            break;
        }
        first++;
        last--;
    }
    return (TokenRange) {first, last};
}

/* Behind a disjunction that began at first: two expressions without a comma, in
 * brackets. */
static bool check_missing_comma(Walk *w, uint32_t first) {
    Walk next = *w;
    next.checks = false;
    if ((walk_token(w, first)->kind == TOKEN_NAME &&
         walk_token(w, first + 1)->kind == TOKEN_STRING) ||
        is_soft_keyword(w, first) || is_legacy_name(w, first) ||
        !walk_expression(&next) || walk_token(w, next.cursor - 1)->level == 0) {
        return !w->p->has_failed;
    }
    walk_peek(&next);
    const TokenRange left = walk_without_group(w, first, w->cursor - 1, w->shape);
    const TokenRange right = walk_without_group(w, w->cursor, next.cursor - 1,
                                                next.shape);
    return parse_fail_range(w->p, left.first, right.last,
                            "invalid syntax. Perhaps you forgot a comma?");
}

/* "a if b" without an else; where a colon follows, "if" may have begun a statement. */
static bool check_missing_else(Walk *w, uint32_t first) {
    Walk ahead = *w;
    if (!walk_take(&ahead, TOKEN_IF) || !walk_disjunction(&ahead)) {
        return !w->p->has_failed;
    }
    const int kind = walk_peek(&ahead);
    if (kind != TOKEN_ELSE && kind != TOKEN_COLON) {
        const TokenRange left = walk_without_group(w, first, w->cursor - 1, w->shape);
        const TokenRange right = walk_without_group(w, w->cursor + 1, ahead.cursor - 1,
                                                    ahead.shape);
        parse_fail_range(w->p, left.first, right.last,
                         "expected 'else' after 'if' expression");
    }
    return !w->p->has_failed;
}

/* print "hello". What stands behind any name is looked at first, and the mistakes in it
 * come first. */
static bool check_legacy(Walk *w, uint32_t first) {
    Walk ahead = *w;
    ahead.cursor = first + 1;
    if (walk_token(w, first)->kind == TOKEN_NAME && walk_peek(&ahead) != TOKEN_LPAR &&
        walk_star_expressions(&ahead) &&
        (walk_is_name(w, first, "print") || walk_is_name(w, first, "exec"))) {
        const char *name = walk_token(w, first)->ident->text;
        parse_fail_range(w->p, first, ahead.cursor - 1,
                         "Missing parentheses in call to '%s'. Did you mean %s(...)?",
                         name, name);
    }
    return !w->p->has_failed;
}

bool walk_expression(Walk *w) {
    if (!walk_enter(w)) {
        return false;
    }
    const uint32_t first = w->cursor;
    if (walk_peek(w) == TOKEN_LAMBDA) {
        return walk_leave(w, lambdef(w));
    }
    if (!walk_disjunction(w)) {
        return walk_leave(w, false);
    }
    if (w->checks && !(check_missing_comma(w, first) && check_missing_else(w, first)
                       && check_legacy(w, first))) {
        return walk_leave(w, false);
    }
    const uint32_t behind = w->cursor;
    const char *shape = w->shape;
    if (walk_take(w, TOKEN_IF) && walk_disjunction(w) && walk_take(w, TOKEN_ELSE) &&
        walk_expression(w)) {
        w->shape = "conditional expression";
    } else {
        w->cursor = behind;
        w->shape = shape;
    }
    return walk_leave(w, true);
}

static bool is_assignable_shape(const char *shape) {
    static const char *const others[] = {"list", "tuple", "generator expression",
                                         "True", "False", "None"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(shape, others[i]) == 0) {
            return false;
        }
    }
    return true;
}

/* A list, a tuple, ... stands there: then it may be a target, as far as Python looks. */
static bool begins_with_display(const Walk *w, uint32_t first) {
    Walk ahead = *w;
    ahead.cursor = first;
    ahead.checks = false;
    return walk_atom(&ahead) && !is_assignable_shape(ahead.shape);
}

bool walk_check_comparison(Walk *w, uint32_t first) {
    const uint32_t equal = w->cursor;
    uint32_t end;
    Walk right = *w;
    right.cursor = first;
    right.checks = false;
    if (walk_peek(w) != TOKEN_EQUAL || begins_with_display(w, first) ||
        !walk_bitwise_or(&right) || right.cursor != equal) {
        return !w->p->has_failed;
    }
    right.cursor = equal + 1;
    if (!walk_looks_like(&right, walk_bitwise_or, &end)) {
        return !w->p->has_failed;
    }
    right.cursor = end;
    if (walk_peek(&right) == TOKEN_EQUAL || walk_peek(&right) == TOKEN_COLON_EQUAL) {
        return !w->p->has_failed;
    }
    if (walk_token(w, first)->kind == TOKEN_NAME && equal == first + 1) {
        return parse_fail_range(w->p, first, end - 1,
                                "invalid syntax. Maybe you meant '==' or ':=' "
                                "instead of '='?");
    }
    const TokenRange left = walk_without_group(w, first, equal - 1, w->shape);
    return parse_fail_range(w->p, left.first, left.last,
                            "cannot assign to %s here. Maybe you meant "
                            "'==' instead of '='?",
                            w->shape);
}

bool walk_named_expression(Walk *w) {
    const uint32_t first = w->cursor;
    if (walk_peek(w) == TOKEN_NAME &&
        walk_token(w, first + 1)->kind == TOKEN_COLON_EQUAL) {
        w->cursor += 2;
        w->shape = "named expression";
        return walk_expression(w);
    }
    if (!walk_expression(w)) {
        return false;
    }
    if (!w->checks) {
        return walk_peek(w) != TOKEN_COLON_EQUAL;
    }
    uint32_t end;
    const uint32_t operator = w->cursor;
    if (walk_take(w, TOKEN_COLON_EQUAL) && walk_looks_like(w, walk_expression, &end)) {
        return parse_fail_range(w->p, first, operator- 1,
                                "cannot use assignment expressions with %s", w->shape);
    }
    w->cursor = operator;
    return walk_check_comparison(w, first);
}

bool walk_star_named_expression(Walk *w) {
    return walk_take(w, TOKEN_STAR) ? walk_bitwise_or(w) : walk_named_expression(w);
}

static bool star_expression(Walk *w) {
    return walk_take(w, TOKEN_STAR) ? walk_bitwise_or(w) : walk_expression(w);
}

bool walk_star_expressions(Walk *w) {
    return walk_list_of(w, star_expression);
}

bool walk_yield_expr(Walk *w) {
    w->cursor++;
    w->shape = "yield expression";
    if (walk_take(w, TOKEN_FROM)) {
        const bool is_ok = walk_expression(w);
        w->shape = "yield expression";
        return is_ok;
    }
    const uint32_t behind = w->cursor;
    if (!walk_star_expressions(w)) {
        w->cursor = behind;
    }
    w->shape = "yield expression";
    return !w->p->has_failed;
}

/* ---- parameters ---- */

/* (a, b) where a parameter should stand. */
static bool check_parenthesised(Walk *w, bool is_lambda) {
    const uint32_t first = w->cursor++;
    while (walk_take(w, TOKEN_NAME) || walk_take(w, TOKEN_COMMA)) {
    }
    if (walk_peek(w) == TOKEN_RPAR && w->cursor > first + 1) {
        parse_fail_range(w->p, first, w->cursor, "%s parameters cannot be parenthesized",
                         is_lambda ? "Lambda expression" : "Function");
    }
    return false;
}

/* One parameter of any kind, with its annotation and default. */
static bool parameter(Walk *w, bool is_lambda) {
    if (walk_take(w, TOKEN_SLASH)) {
        if (w->checks && walk_peek(w) == TOKEN_STAR) {
            return parse_fail_at(w->p, w->cursor, "expected comma between / and *");
        }
        return true;
    }
    const int star = walk_peek(w);
    const bool is_starred = walk_take(w, TOKEN_STAR) || walk_take(w, TOKEN_DOUBLE_STAR);
    if (walk_peek(w) == TOKEN_LPAR && !is_starred && w->checks) {
        return check_parenthesised(w, is_lambda);
    }
    if (!walk_take(w, TOKEN_NAME)) {
        return star == TOKEN_STAR && walk_peek(w) == TOKEN_COMMA;
    }
    if (!is_lambda && walk_take(w, TOKEN_COLON) && !star_expression(w)) {
        return false;
    }
    const uint32_t equal = w->cursor;
    if (!walk_take(w, TOKEN_EQUAL)) {
        return !w->p->has_failed;
    }
    if (is_starred) {
        return w->checks ? parse_fail_at(w->p, equal,
                                         "var-%s argument cannot have default value",
                                         star == TOKEN_STAR ? "positional" : "keyword")
                         : false;
    }
    if (w->checks && (walk_peek(w) == TOKEN_RPAR || walk_peek(w) == TOKEN_COMMA)) {
        return parse_fail_at(w->p, equal, "expected default value expression");
    }
    return walk_expression(w);
}

bool walk_parameters(Walk *w, bool is_lambda) {
    const int closing = is_lambda ? TOKEN_COLON : TOKEN_RPAR;
    while (walk_peek(w) != closing) {
        if (!parameter(w, is_lambda)) {
            return false;
        }
        if (!walk_take(w, TOKEN_COMMA)) {
            break;
        }
    }
    return !w->p->has_failed;
}

/* In a replacement field the colon ends the expression: nothing is left for the body. */
static bool lambdef(Walk *w) {
    const uint32_t first = w->cursor++;
    w->shape = "lambda";
    if (!walk_parameters(w, true)) {
        return false;
    }
    const uint32_t colon = w->cursor;
    if (!walk_take(w, TOKEN_COLON)) {
        return false;
    }
    if (w->checks &&
        (walk_peek(w) == TOKEN_FSTRING_MIDDLE || walk_peek(w) == TOKEN_FSTRING_END ||
         (walk_peek(w) == TOKEN_RBRACE && walk_token(w, first)->level > 0))) {
        return parse_fail_range(w->p, first, colon,
                                "f-string: lambda expressions are not allowed "
                                "without parentheses");
    }
    const bool is_ok = walk_expression(w);
    w->shape = "lambda";
    return is_ok;
}
