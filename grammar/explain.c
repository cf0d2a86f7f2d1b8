/* explain.c - why the parser refused a program: a second look at the statement that failed.
 *
 * The parser knows the token that it could not take, which makes "invalid syntax". Most mistakes are
 * of a few kinds, and for those CPython has better words. It finds them by parsing again, with rules
 * for wrong programs in between. Here the statement is walked again by a recogniser: functions with
 * the names of grammar rules that move a cursor over tokens, make no tree, and try at certain
 * points whether the tokens look like a known mistake.
 *
 * Invariants
 *   1. A rule returns true with the cursor behind what it took, or false with the cursor anywhere.
 *   2. As soon as an error is recorded all rules return false: the first mistake found is told.
 *   3. Rules try for mistakes only while `checks` is set; a look ahead clears it.
 *   4. Whoever reads the last token has found what the lexer found there, or an unclosed bracket.
 *
 * CPython's messages and places are kept, the odd ones included, since people search for them. Not
 * kept: CPython takes any prefix of match, case and type for a soft keyword here.
 *
 * See also: check.c for mistakes that the grammar lets through, tests/unit/test_parser.c. */

#include "grammar/explain.h"

#include <string.h>

#include "grammar/parser.h"

/* Rules deeper than this give up; the message is then the general one. */
enum { MAX_RULE_DEPTH = 1000 };

typedef struct Walk {
    Parse      *p;
    uint32_t    cursor;
    uint32_t    depth;
    bool        checks;
    const char *shape;   /* of the expression just taken, as in "cannot assign to literal" */
} Walk;

static bool bitwise_or(Walk *w);
static bool comparison(Walk *w);
static bool disjunction(Walk *w);
static bool expression(Walk *w);
static bool star_expressions(Walk *w);
static bool star_named_expression(Walk *w);
static bool named_expression(Walk *w);
static bool yield_expr(Walk *w);
static bool fstring(Walk *w);
static void simple_stmts(Walk *w);

/* ---- the cursor ---- */

static const Token *token_at(const Walk *w, uint32_t index) {
    const uint32_t last = (uint32_t) w->p->tokens.n - 1;
    return parse_token(w->p, index < last ? index : last);
}

static bool fail_unclosed(Parse *p) {
    const UnclosedBracket *bracket = &p->unclosed;
    const uint32_t column = parse_column(p, bracket->line, bracket->start);
    const SourcePlace place = {bracket->line, column, bracket->line, SOURCE_NO_COLUMN};
    return parse_fail(p, SYNTAX_ERROR_SYNTAX, place,
                      arena_format(p->arena, "'%c' was never closed", bracket->opening));
}

/* Reading behind the last token: the lexer stopped there, or a bracket is open. */
static void fail_at_end(Parse *p) {
    if (p->lexer_error.message != NULL && !p->has_failed) {
        p->has_failed = true;
        *p->error = p->lexer_error;
    } else if (p->unclosed.opening != 0) {
        fail_unclosed(p);
    }
}

static int peek(const Walk *w) {
    const int kind = token_at(w, w->cursor)->kind;
    if (w->cursor > w->p->furthest) {
        w->p->furthest = w->cursor;
    }
    if (kind == TOKEN_END) {
        fail_at_end(w->p);
    }
    return w->p->has_failed ? TOKEN_STRAY : kind;
}

static bool take(Walk *w, int kind) {
    if (peek(w) != kind) {
        return false;
    }
    w->cursor++;
    return true;
}

/* Takes the token or says that it was expected; where it was not, with at_end only at a line's end. */
static bool expect(Walk *w, int kind, bool at_end_only) {
    if (take(w, kind)) {
        return true;
    }
    if (!at_end_only || peek(w) == TOKEN_NEWLINE) {
        parse_fail_at(w->p, w->cursor, "expected '%s'", token_text(kind));
    }
    return false;
}

static bool enter(Walk *w) {
    if (w->depth >= MAX_RULE_DEPTH || w->p->has_failed) {
        return false;
    }
    w->depth++;
    return true;
}

static bool leave(Walk *w, bool result) {
    w->depth--;
    return result && !w->p->has_failed;
}

/* Whether the rule takes something here; no mistakes are looked for, and the cursor stays. *end is
 * where it would stand. */
static bool looks_like(Walk *w, bool (*rule)(Walk *), uint32_t *end) {
    Walk ahead = *w;
    ahead.checks = false;
    const bool result = rule(&ahead);
    *end = ahead.cursor;
    return result;
}

static bool is_name(const Walk *w, uint32_t index, const char *name) {
    const Token *token = token_at(w, index);
    return token->kind == TOKEN_NAME && strcmp(token->ident->text, name) == 0;
}

static bool is_soft_keyword(const Walk *w, uint32_t index) {
    return is_name(w, index, "match") || is_name(w, index, "case") || is_name(w, index, "type")
        || is_name(w, index, "_");
}

/* Whether the one token from first up to the cursor is a name that was a statement in Python 2. */
static bool is_legacy_name(const Walk *w, uint32_t first) {
    return w->cursor == first + 1 && (is_name(w, first, "print") || is_name(w, first, "exec"));
}

/* rule ("," rule)* [","] */
static bool list_of(Walk *w, bool (*rule)(Walk *)) {
    if (!rule(w)) {
        return false;
    }
    while (take(w, TOKEN_COMMA)) {
        const uint32_t behind_comma = w->cursor;
        if (!rule(w)) {
            w->cursor = behind_comma;
            break;
        }
    }
    return !w->p->has_failed;
}

/* ---- operators ---- */

static bool is_arithmetic(int kind) {
    switch (kind) {
    case TOKEN_PLUS: case TOKEN_MINUS: case TOKEN_STAR: case TOKEN_SLASH: case TOKEN_DOUBLE_SLASH:
    case TOKEN_PERCENT: case TOKEN_AT: case TOKEN_DOUBLE_STAR: case TOKEN_LEFT_SHIFT:
    case TOKEN_RIGHT_SHIFT: case TOKEN_AMPERSAND: case TOKEN_VBAR: case TOKEN_CIRCUMFLEX:
        return true;
    default:
        return false;
    }
}

static bool is_augmented(int kind) {
    return kind >= TOKEN_PLUS_EQUAL && kind <= TOKEN_DOUBLE_SLASH_EQUAL;
}

static bool compare_operator(Walk *w) {
    switch (peek(w)) {
    case TOKEN_EQUAL_EQUAL: case TOKEN_NOT_EQUAL: case TOKEN_LESS: case TOKEN_LESS_EQUAL:
    case TOKEN_GREATER: case TOKEN_GREATER_EQUAL: case TOKEN_IN:
        w->cursor++;
        return true;
    case TOKEN_IS:
        w->cursor++;
        take(w, TOKEN_NOT);
        return true;
    case TOKEN_NOT:
        w->cursor++;
        return take(w, TOKEN_IN);
    default:
        return false;
    }
}

/* ---- atoms ---- */

static bool star_target(Walk *w) {
    take(w, TOKEN_STAR);
    return bitwise_or(w);
}

static bool for_if_clauses(Walk *w) {
    if (peek(w) != TOKEN_FOR) {
        return false;
    }
    while (take(w, TOKEN_FOR)) {
        if (!list_of(w, star_target)) {
            return false;
        }
        if (!take(w, TOKEN_IN)) {
            if (w->checks) {
                parse_fail_at(w->p, w->cursor, "'in' expected after for-loop variables");
            }
            return false;
        }
        if (!disjunction(w)) {
            return false;
        }
        while (take(w, TOKEN_IF)) {
            if (!disjunction(w)) {
                return false;
            }
        }
    }
    return true;
}

/* A list, set or tuple in brackets, or a comprehension; the opening bracket was taken. One thing in
 * round brackets keeps its shape. */
static bool display(Walk *w, int closing, const char *shape, const char *comprehension_shape) {
    if (take(w, closing)) {
        w->shape = shape;
        return true;
    }
    const uint32_t first = w->cursor;
    if (w->checks && peek(w) == TOKEN_STAR) {
        Walk ahead = *w;
        ahead.cursor++;
        expression(&ahead);   /* only for the mistakes in it: *a may begin a comprehension */
    }
    if (!star_named_expression(w)) {
        return false;
    }
    if (peek(w) == TOKEN_FOR) {
        const bool is_ok = for_if_clauses(w) && take(w, closing);
        w->shape = comprehension_shape;
        return is_ok;
    }
    if (closing == TOKEN_RPAR && take(w, closing)) {
        return true;
    }
    uint32_t last = w->cursor;
    while (take(w, TOKEN_COMMA) && peek(w) != closing && peek(w) != TOKEN_FOR) {
        if (!star_named_expression(w)) {
            return false;
        }
        last = w->cursor - 1;
    }
    uint32_t end;
    if (closing != TOKEN_RPAR && w->checks && peek(w) == TOKEN_FOR
        && looks_like(w, for_if_clauses, &end)) {
        return parse_fail_range(w->p, first, last,
                                "did you forget parentheses around the comprehension target?");
    }
    w->shape = shape;
    return take(w, closing);
}

/* (**a) and (*a) are mistakes, told as such if nothing in them is wrong. */
static bool check_starred_group(Walk *w) {
    const uint32_t first = w->cursor;
    const bool is_double = peek(w) == TOKEN_DOUBLE_STAR;
    w->cursor++;
    if (expression(w) && peek(w) == TOKEN_RPAR) {
        return parse_fail_range(w->p, first, is_double ? first : w->cursor - 1, "cannot use %sstarred "
                                "expression here", is_double ? "double " : "");
    }
    w->cursor = first;
    return !w->p->has_failed;
}

static bool group_or_tuple(Walk *w) {
    const int kind = peek(w);
    if (kind == TOKEN_YIELD) {
        const bool is_ok = yield_expr(w) && take(w, TOKEN_RPAR);
        w->shape = "yield expression";
        return is_ok;
    }
    if (w->checks && (kind == TOKEN_STAR || kind == TOKEN_DOUBLE_STAR) && !check_starred_group(w)) {
        return false;
    }
    return display(w, TOKEN_RPAR, "tuple", "generator expression");
}

/* The value of an entry; its colon was taken. */
static bool dict_value(Walk *w) {
    uint32_t end;
    if (w->checks && (peek(w) == TOKEN_RBRACE || peek(w) == TOKEN_COMMA)) {
        return parse_fail_at(w->p, w->cursor - 1,
                             "expression expected after dictionary key and ':'");
    }
    if (w->checks && peek(w) == TOKEN_STAR && looks_like(w, star_target, &end)) {
        return parse_fail_from(w->p, w->cursor, end,
                               "cannot use a starred expression in a dictionary value");
    }
    return expression(w);
}

/* One entry of a dict behind the first: its key is taken without looking for mistakes in it. */
static bool dict_rest(Walk *w) {
    while (take(w, TOKEN_COMMA) && peek(w) != TOKEN_RBRACE) {
        if (take(w, TOKEN_DOUBLE_STAR)) {
            if (!bitwise_or(w)) {
                return false;
            }
            continue;
        }
        uint32_t end;
        if (!looks_like(w, expression, &end)) {
            return false;
        }
        if (w->checks && token_at(w, end)->kind != TOKEN_COLON) {
            const Token *key = token_at(w, end - 1);
            const uint32_t column = parse_column(w->p, key->end_line, key->end);
            const SourcePlace place = {key->end_line, column - (column > 0), key->end_line,
                                       SOURCE_NO_COLUMN};
            return parse_fail(w->p, SYNTAX_ERROR_SYNTAX, place,
                              "':' expected after dictionary key");
        }
        if (!expression(w) || !take(w, TOKEN_COLON) || !dict_value(w)) {
            return false;
        }
    }
    return take(w, TOKEN_RBRACE);
}

/* The opening brace was taken. */
static bool dict_or_set(Walk *w) {
    const uint32_t first = w->cursor;
    w->shape = "dict literal";
    if (take(w, TOKEN_RBRACE)) {
        return true;
    }
    if (take(w, TOKEN_DOUBLE_STAR)) {
        return bitwise_or(w) && dict_rest(w);
    }
    if (peek(w) != TOKEN_STAR && expression(w) && take(w, TOKEN_COLON)) {
        if (!dict_value(w)) {
            return false;
        }
        if (peek(w) == TOKEN_FOR) {
            w->shape = "dict comprehension";
            return for_if_clauses(w) && take(w, TOKEN_RBRACE);
        }
        const bool is_ok = dict_rest(w);
        w->shape = "dict literal";
        return is_ok;
    }
    if (w->p->has_failed) {
        return false;
    }
    w->cursor = first;
    return display(w, TOKEN_RBRACE, "set display", "set comprehension");
}

static bool strings(Walk *w) {
    w->shape = "literal";
    for (;;) {
        if (peek(w) == TOKEN_FSTRING_START) {
            if (!fstring(w)) {
                return false;
            }
            w->shape = "f-string expression";
        } else if (!take(w, TOKEN_STRING)) {
            return !w->p->has_failed;
        }
    }
}

static bool atom(Walk *w) {
    const int kind = peek(w);
    switch (kind) {
    case TOKEN_STRING:
    case TOKEN_FSTRING_START:
        return strings(w);
    case TOKEN_NAME:
        w->shape = "name";
        break;
    case TOKEN_NUMBER:
        w->shape = "literal";
        break;
    case TOKEN_TRUE: case TOKEN_FALSE: case TOKEN_NONE:
        w->shape = token_text(kind);
        break;
    case TOKEN_ELLIPSIS:
        w->shape = "ellipsis";
        break;
    case TOKEN_LPAR:
        w->cursor++;
        return group_or_tuple(w);
    case TOKEN_LSQB:
        w->cursor++;
        return display(w, TOKEN_RSQB, "list", "list comprehension");
    case TOKEN_LBRACE:
        w->cursor++;
        return dict_or_set(w);
    default:
        return false;
    }
    w->cursor++;
    return true;
}

/* ---- f-strings ---- */

static bool fail_field(Walk *w, const char *expected) {
    return w->checks ? parse_fail_at(w->p, w->cursor, "f-string: %s", expected) : false;
}

static bool annotated_rhs(Walk *w) {
    return peek(w) == TOKEN_YIELD ? yield_expr(w) : star_expressions(w);
}

/* What may follow the expression: "=", "!" NAME, ":" spec, in this order; then "}". */
static bool field_end(Walk *w) {
    const bool has_equal = take(w, TOKEN_EQUAL);
    bool has_conversion = false;
    if (has_equal && peek(w) != TOKEN_EXCLAMATION && peek(w) != TOKEN_COLON
        && peek(w) != TOKEN_RBRACE) {
        return fail_field(w, "expecting '!', or ':', or '}'");
    }
    if (take(w, TOKEN_EXCLAMATION)) {
        has_conversion = true;
        if (peek(w) == TOKEN_COLON || peek(w) == TOKEN_RBRACE) {
            return fail_field(w, "missing conversion character");
        }
        if (!take(w, TOKEN_NAME)) {
            return fail_field(w, "invalid conversion character");
        }
    }
    if (has_conversion && peek(w) != TOKEN_COLON && peek(w) != TOKEN_RBRACE) {
        return fail_field(w, "expecting ':' or '}'");
    }
    if (!has_equal && !has_conversion && peek(w) != TOKEN_COLON && peek(w) != TOKEN_RBRACE) {
        return fail_field(w, "expecting '=', or '!', or ':', or '}'");
    }
    return true;
}

static bool fstring_replacement_field(Walk *w) {
    switch (take(w, TOKEN_LBRACE) ? peek(w) : TOKEN_STRAY) {
    case TOKEN_EQUAL: return fail_field(w, "valid expression required before '='");
    case TOKEN_EXCLAMATION: return fail_field(w, "valid expression required before '!'");
    case TOKEN_COLON: return fail_field(w, "valid expression required before ':'");
    case TOKEN_RBRACE: return fail_field(w, "valid expression required before '}'");
    default: break;
    }
    const uint32_t first = w->cursor;
    if (!annotated_rhs(w)) {
        w->cursor = first;
        return w->p->has_failed ? false : fail_field(w, "expecting a valid expression after '{'");
    }
    if (!field_end(w)) {
        return false;
    }
    if (take(w, TOKEN_COLON)) {
        while (peek(w) == TOKEN_FSTRING_MIDDLE || peek(w) == TOKEN_LBRACE) {
            if (!take(w, TOKEN_FSTRING_MIDDLE) && !fstring_replacement_field(w)) {
                return false;
            }
        }
        return take(w, TOKEN_RBRACE) || fail_field(w, "expecting '}', or format specs");
    }
    return take(w, TOKEN_RBRACE) || fail_field(w, "expecting '}'");
}

static bool fstring(Walk *w) {
    if (!enter(w)) {
        return false;
    }
    w->cursor++;
    while (!take(w, TOKEN_FSTRING_END)) {
        if (!take(w, TOKEN_FSTRING_MIDDLE) && !fstring_replacement_field(w)) {
            return leave(w, false);
        }
    }
    return leave(w, true);
}

/* ---- calls and subscripts ---- */

/* NAME "=" value, or True "=" value. The name stands at the cursor. */
static bool keyword_argument(Walk *w) {
    const uint32_t name = w->cursor;
    const int kind = peek(w);
    w->cursor += 2;
    uint32_t end;
    if (w->checks && kind != TOKEN_NAME) {
        return parse_fail_range(w->p, name, name + 1, "cannot assign to %s", token_text(kind));
    }
    if (w->checks && (peek(w) == TOKEN_COMMA || peek(w) == TOKEN_RPAR)) {
        return parse_fail_range(w->p, name, name + 1, "expected argument value expression");
    }
    if (!expression(w)) {
        return false;
    }
    if (w->checks && peek(w) == TOKEN_FOR && looks_like(w, for_if_clauses, &end)) {
        return parse_fail_range(w->p, name, name + 1,
                                "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
    }
    return true;
}

static bool argument(Walk *w) {
    const uint32_t first = w->cursor;
    const int kind = peek(w);
    if (take(w, TOKEN_DOUBLE_STAR)) {
        if (!expression(w)) {
            return false;
        }
        if (w->checks && take(w, TOKEN_EQUAL) && expression(w)) {
            return parse_fail_range(w->p, first, w->cursor - 1,
                                    "cannot assign to keyword argument unpacking");
        }
        return true;
    }
    if (take(w, TOKEN_STAR)) {
        if (expression(w)) {
            return true;
        }
        return w->checks ? parse_fail_at(w->p, w->cursor, "Invalid star expression") : false;
    }
    if ((kind == TOKEN_NAME || kind == TOKEN_TRUE || kind == TOKEN_FALSE || kind == TOKEN_NONE)
        && token_at(w, first + 1)->kind == TOKEN_EQUAL) {
        return keyword_argument(w);
    }
    if (kind == TOKEN_NAME && token_at(w, first + 1)->kind == TOKEN_COLON_EQUAL) {
        w->cursor += 2;
    }
    if (!expression(w)) {
        return false;
    }
    if (w->checks && peek(w) == TOKEN_EQUAL) {
        return parse_fail_range(w->p, first, w->cursor, "expression cannot contain assignment, "
                                                        "perhaps you meant \"==\"?");
    }
    return peek(w) != TOKEN_FOR || for_if_clauses(w);
}

/* Behind the opening bracket, up to the closing one. */
static bool arguments(Walk *w) {
    if (take(w, TOKEN_RPAR)) {
        return true;
    }
    return list_of(w, argument) && take(w, TOKEN_RPAR);
}

static bool slice(Walk *w) {
    if (take(w, TOKEN_STAR)) {
        return bitwise_or(w);
    }
    if (peek(w) != TOKEN_COLON && !named_expression(w)) {
        return false;
    }
    for (int i = 0; i < 2 && take(w, TOKEN_COLON); i++) {
        const int kind = peek(w);
        if (kind != TOKEN_COLON && kind != TOKEN_COMMA && kind != TOKEN_RSQB && !expression(w)) {
            return false;
        }
    }
    return true;
}

static bool primary(Walk *w) {
    if (!atom(w)) {
        return false;
    }
    for (;;) {
        const uint32_t behind = w->cursor;
        const char *shape = w->shape;
        bool is_ok = false;
        if (take(w, TOKEN_DOT)) {
            is_ok = take(w, TOKEN_NAME);
            w->shape = "attribute";
        } else if (take(w, TOKEN_LPAR)) {
            is_ok = arguments(w);
            w->shape = "function call";
        } else if (take(w, TOKEN_LSQB)) {
            is_ok = list_of(w, slice) && take(w, TOKEN_RSQB);
            w->shape = "subscript";
        }
        if (!is_ok) {
            w->cursor = behind;
            w->shape = shape;
            return !w->p->has_failed;
        }
    }
}

/* ---- expressions ---- */

/* a + not b: the cursor stands at "not". */
static bool check_operator_not(Walk *w) {
    uint32_t end;
    const int before = token_at(w, w->cursor - 1)->kind;
    if (before == TOKEN_DOUBLE_STAR || before == TOKEN_AMPERSAND || before == TOKEN_VBAR
        || before == TOKEN_CIRCUMFLEX || before == TOKEN_LEFT_SHIFT || before == TOKEN_RIGHT_SHIFT
        || !looks_like(w, comparison, &end)) {
        return true;
    }
    return parse_fail_range(w->p, w->cursor, end - 1,
                            "'not' after an operator must be parenthesized");
}

/* Operands joined by arithmetic operators; precedence is of no matter here. */
static bool bitwise_or(Walk *w) {
    if (!enter(w)) {
        return false;
    }
    bool is_plain = true;
    bool has_operand = false;
    for (;;) {
        const uint32_t behind = w->cursor;
        if (has_operand) {
            if (!is_arithmetic(peek(w))) {
                break;
            }
            w->cursor++;
        }
        bool has_sign = false;
        while (take(w, TOKEN_PLUS) || take(w, TOKEN_MINUS) || take(w, TOKEN_TILDE)) {
            has_sign = true;
        }
        if (w->checks && (has_operand || has_sign) && peek(w) == TOKEN_NOT
            && !check_operator_not(w)) {
            break;
        }
        if (!primary(w)) {
            w->cursor = behind;
            break;
        }
        is_plain = is_plain && !has_operand && !has_sign;
        has_operand = true;
    }
    if (!is_plain) {
        w->shape = "expression";
    }
    return leave(w, has_operand);
}

/* "not"* bitwise_or (operator bitwise_or)* */
static bool comparison(Walk *w) {
    bool is_negated = false;
    while (take(w, TOKEN_NOT)) {
        is_negated = true;
    }
    if (!bitwise_or(w)) {
        return false;
    }
    const char *shape = w->shape;
    for (;;) {
        const uint32_t behind = w->cursor;
        if (!compare_operator(w) || !bitwise_or(w)) {
            w->cursor = behind;
            break;
        }
        shape = "comparison";
    }
    w->shape = is_negated ? "expression" : shape;
    return !w->p->has_failed;
}

static bool disjunction(Walk *w) {
    if (!comparison(w)) {
        return false;
    }
    const char *shape = w->shape;
    for (;;) {
        const uint32_t behind = w->cursor;
        if ((!take(w, TOKEN_AND) && !take(w, TOKEN_OR)) || !comparison(w)) {
            w->cursor = behind;
            break;
        }
        shape = "expression";
    }
    w->shape = shape;
    return !w->p->has_failed;
}

/* Marks stand below what is in brackets, without the brackets of a group. Tokens first to last, both
 * included, are an expression of the shape. */
static TokenRange without_group(const Walk *w, uint32_t first, uint32_t last, const char *shape) {
    while (first < last && token_at(w, first)->kind == TOKEN_LPAR && strcmp(shape, "tuple") != 0
           && strcmp(shape, "generator expression") != 0) {
        const uint16_t level = token_at(w, first)->level;
        uint32_t closing = first + 1;
        while (closing < last && token_at(w, closing)->level >= level) {
            closing++;
        }
        if (closing < last || token_at(w, last)->level >= level) {
            break;
        }
        first++;
        last--;
    }
    return (TokenRange) {first, last};
}

/* Behind a disjunction that began at first: two expressions without a comma, in brackets. */
static bool check_missing_comma(Walk *w, uint32_t first) {
    Walk next = *w;
    next.checks = false;
    if ((token_at(w, first)->kind == TOKEN_NAME && token_at(w, first + 1)->kind == TOKEN_STRING)
        || is_soft_keyword(w, first) || is_legacy_name(w, first)
        || !expression(&next) || token_at(w, next.cursor - 1)->level == 0) {
        return !w->p->has_failed;
    }
    peek(&next);
    const TokenRange left = without_group(w, first, w->cursor - 1, w->shape);
    const TokenRange right = without_group(w, w->cursor, next.cursor - 1, next.shape);
    return parse_fail_range(w->p, left.first, right.last,
                            "invalid syntax. Perhaps you forgot a comma?");
}

/* "a if b" without an else; where a colon follows, "if" may have begun a statement. */
static bool check_missing_else(Walk *w, uint32_t first) {
    Walk ahead = *w;
    if (!take(&ahead, TOKEN_IF) || !disjunction(&ahead)) {
        return !w->p->has_failed;
    }
    const int kind = peek(&ahead);
    if (kind != TOKEN_ELSE && kind != TOKEN_COLON) {
        const TokenRange left = without_group(w, first, w->cursor - 1, w->shape);
        const TokenRange right = without_group(w, w->cursor + 1, ahead.cursor - 1, ahead.shape);
        parse_fail_range(w->p, left.first, right.last, "expected 'else' after 'if' expression");
    }
    return !w->p->has_failed;
}

/* print "hello" */
static bool check_legacy(Walk *w, uint32_t first) {
    if (!is_legacy_name(w, first) || peek(w) == TOKEN_LPAR) {
        return !w->p->has_failed;
    }
    Walk ahead = *w;
    if (star_expressions(&ahead)) {
        const char *name = token_at(w, first)->ident->text;
        parse_fail_range(w->p, first, ahead.cursor - 1,
                         "Missing parentheses in call to '%s'. Did you mean %s(...)?", name, name);
    }
    return !w->p->has_failed;
}

/* "lambda" parameters ":" expression; see parameters for the mistakes. */
static bool lambdef(Walk *w);

static bool expression(Walk *w) {
    if (!enter(w)) {
        return false;
    }
    const uint32_t first = w->cursor;
    if (peek(w) == TOKEN_LAMBDA) {
        return leave(w, lambdef(w));
    }
    if (!disjunction(w)) {
        return leave(w, false);
    }
    if (w->checks && !(check_missing_comma(w, first) && check_missing_else(w, first)
                       && check_legacy(w, first))) {
        return leave(w, false);
    }
    const uint32_t behind = w->cursor;
    const char *shape = w->shape;
    if (take(w, TOKEN_IF) && disjunction(w) && take(w, TOKEN_ELSE) && expression(w)) {
        w->shape = "conditional expression";
    } else {
        w->cursor = behind;
        w->shape = shape;
    }
    return leave(w, true);
}

static bool is_assignable_shape(const char *shape) {
    static const char *const others[] = {"list", "tuple", "generator expression", "True", "False",
                                         "None"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(shape, others[i]) == 0) {
            return false;
        }
    }
    return true;
}

/* Where a comparison was meant: x = 1 in brackets or in a condition. The cursor stands behind the
 * expression that began at first. */
static bool check_comparison(Walk *w, uint32_t first) {
    const uint32_t equal = w->cursor;
    uint32_t end;
    Walk right = *w;
    right.cursor = first;
    right.checks = false;
    if (peek(w) != TOKEN_EQUAL || !bitwise_or(&right) || right.cursor != equal) {
        return !w->p->has_failed;
    }
    right.cursor = equal + 1;
    if (!looks_like(&right, bitwise_or, &end)) {
        return !w->p->has_failed;
    }
    right.cursor = end;
    if (peek(&right) == TOKEN_EQUAL || peek(&right) == TOKEN_COLON_EQUAL) {
        return !w->p->has_failed;
    }
    if (token_at(w, first)->kind == TOKEN_NAME && equal == first + 1) {
        return parse_fail_range(w->p, first, end - 1, "invalid syntax. Maybe you meant '==' or ':=' "
                                                      "instead of '='?");
    }
    if (!is_assignable_shape(w->shape)) {
        return true;
    }
    const TokenRange left = without_group(w, first, equal - 1, w->shape);
    return parse_fail_range(w->p, left.first, left.last, "cannot assign to %s here. Maybe you meant "
                                                         "'==' instead of '='?", w->shape);
}

static bool named_expression(Walk *w) {
    const uint32_t first = w->cursor;
    if (peek(w) == TOKEN_NAME && token_at(w, first + 1)->kind == TOKEN_COLON_EQUAL) {
        w->cursor += 2;
        w->shape = "named expression";
        return expression(w);
    }
    if (!expression(w)) {
        return false;
    }
    if (!w->checks) {
        return peek(w) != TOKEN_COLON_EQUAL;
    }
    uint32_t end;
    const uint32_t operator = w->cursor;
    if (take(w, TOKEN_COLON_EQUAL) && looks_like(w, expression, &end)) {
        return parse_fail_range(w->p, first, operator - 1, "cannot use assignment expressions with %s",
                                w->shape);
    }
    w->cursor = operator;
    return check_comparison(w, first);
}

static bool star_named_expression(Walk *w) {
    return take(w, TOKEN_STAR) ? bitwise_or(w) : named_expression(w);
}

static bool star_expression(Walk *w) {
    return take(w, TOKEN_STAR) ? bitwise_or(w) : expression(w);
}

static bool star_expressions(Walk *w) {
    return list_of(w, star_expression);
}

static bool yield_expr(Walk *w) {
    w->cursor++;
    w->shape = "yield expression";
    if (take(w, TOKEN_FROM)) {
        const bool is_ok = expression(w);
        w->shape = "yield expression";
        return is_ok;
    }
    const uint32_t behind = w->cursor;
    if (!star_expressions(w)) {
        w->cursor = behind;
    }
    w->shape = "yield expression";
    return !w->p->has_failed;
}

/* ---- parameters ---- */

/* (a, b) where a parameter should stand. */
static bool check_parenthesised(Walk *w, bool is_lambda) {
    const uint32_t first = w->cursor++;
    while (take(w, TOKEN_NAME) || take(w, TOKEN_COMMA)) {
    }
    if (peek(w) == TOKEN_RPAR && w->cursor > first + 1) {
        parse_fail_range(w->p, first, w->cursor, "%s parameters cannot be parenthesized",
                         is_lambda ? "Lambda expression" : "Function");
    }
    return false;
}

/* One parameter of any kind, with its annotation and default. */
static bool parameter(Walk *w, bool is_lambda) {
    if (take(w, TOKEN_SLASH)) {
        if (w->checks && peek(w) == TOKEN_STAR) {
            return parse_fail_at(w->p, w->cursor, "expected comma between / and *");
        }
        return true;
    }
    const int star = peek(w);
    const bool is_starred = take(w, TOKEN_STAR) || take(w, TOKEN_DOUBLE_STAR);
    if (peek(w) == TOKEN_LPAR && !is_starred && w->checks) {
        return check_parenthesised(w, is_lambda);
    }
    if (!take(w, TOKEN_NAME)) {
        return star == TOKEN_STAR;
    }
    if (!is_lambda && take(w, TOKEN_COLON) && !star_expression(w)) {
        return false;
    }
    const uint32_t equal = w->cursor;
    if (!take(w, TOKEN_EQUAL)) {
        return !w->p->has_failed;
    }
    if (is_starred) {
        return w->checks ? parse_fail_at(w->p, equal, "var-%s argument cannot have default value",
                                         star == TOKEN_STAR ? "positional" : "keyword") : false;
    }
    if (w->checks && (peek(w) == TOKEN_RPAR || peek(w) == TOKEN_COMMA)) {
        return parse_fail_at(w->p, equal, "expected default value expression");
    }
    return expression(w);
}

static bool parameters(Walk *w, bool is_lambda) {
    const int closing = is_lambda ? TOKEN_COLON : TOKEN_RPAR;
    while (peek(w) != closing) {
        if (!parameter(w, is_lambda)) {
            return false;
        }
        if (!take(w, TOKEN_COMMA)) {
            break;
        }
    }
    return !w->p->has_failed;
}

/* In a replacement field the colon ends the expression: nothing is left for the body. */
static bool lambdef(Walk *w) {
    const uint32_t first = w->cursor++;
    w->shape = "lambda";
    if (!parameters(w, true)) {
        return false;
    }
    const uint32_t colon = w->cursor;
    if (!take(w, TOKEN_COLON)) {
        return false;
    }
    if (w->checks && (peek(w) == TOKEN_FSTRING_MIDDLE || peek(w) == TOKEN_FSTRING_END
                      || (peek(w) == TOKEN_RBRACE && token_at(w, first)->level > 0))) {
        return parse_fail_range(w->p, first, colon, "f-string: lambda expressions are not allowed "
                                                    "without parentheses");
    }
    const bool is_ok = expression(w);
    w->shape = "lambda";
    return is_ok;
}

/* ---- simple statements ---- */

/* Whether a tuple without brackets began at first: its shape is that of its last part. */
static bool has_comma(const Walk *w, uint32_t first) {
    for (uint32_t i = first; i < w->cursor; i++) {
        if (token_at(w, i)->kind == TOKEN_COMMA
            && token_at(w, i)->level == token_at(w, w->cursor)->level) {
            return true;
        }
    }
    return false;
}

static bool is_target_shape(const char *shape) {
    return strcmp(shape, "name") == 0 || strcmp(shape, "attribute") == 0
        || strcmp(shape, "subscript") == 0;
}

/* What begins at first and ends at the cursor stands before "=". Lists and tuples may hold what is no
 * target: check.c tells, if the rest of the statement is sound. */
static void fail_target(Walk *w, uint32_t first) {
    if (strcmp(w->shape, "yield expression") == 0 && token_at(w, first)->kind == TOKEN_YIELD) {
        parse_fail_range(w->p, first, w->cursor - 1, "assignment to yield expression not possible");
    } else if (!is_target_shape(w->shape) && strcmp(w->shape, "list") != 0
               && strcmp(w->shape, "tuple") != 0) {
        const TokenRange left = without_group(w, first, w->cursor - 1, w->shape);
        parse_fail_range(w->p, left.first, left.last, "cannot assign to %s", w->shape);
    }
}

/* What begins at first and ends at the cursor is no target, but treated as one. */
static void check_misused(Walk *w, uint32_t first) {
    const uint32_t operator = w->cursor;
    uint32_t end;
    switch (peek(w)) {
    case TOKEN_COLON:
        w->cursor++;
        if (!expression(w) && !w->p->has_failed) {
            parse_fail_at(w->p, operator, "invalid syntax");
        }
        break;
    case TOKEN_COLON_EQUAL:
        w->cursor++;
        if (looks_like(w, expression, &end)) {
            const TokenRange left = without_group(w, first, operator - 1, w->shape);
            parse_fail_range(w->p, left.first, left.last,
                             "cannot use assignment expressions with %s", w->shape);
        }
        break;
    case TOKEN_EQUAL:
        if (check_comparison(w, first)) {
            fail_target(w, first);
        }
        break;
    default:
        break;
    }
    w->cursor = operator;
}

/* Targets, annotation and value are taken in any combination: if the rest is sound, check.c has said
 * what is wrong with them as targets. */
static void assignment(Walk *w) {
    const uint32_t first = w->cursor;
    if (!annotated_rhs(w)) {
        return;
    }
    if (!is_target_shape(w->shape) || (peek(w) == TOKEN_COLON_EQUAL && w->cursor > first + 1)) {
        check_misused(w, first);
    }
    if (take(w, TOKEN_COLON)) {
        if (expression(w) && take(w, TOKEN_EQUAL)) {
            annotated_rhs(w);
        }
        return;
    }
    if (is_augmented(peek(w))) {
        w->cursor++;
        annotated_rhs(w);
        return;
    }
    while (take(w, TOKEN_EQUAL)) {
        const uint32_t next = w->cursor;
        if (!annotated_rhs(w)) {
            return;
        }
        if (peek(w) == TOKEN_EQUAL && !has_comma(w, next)) {
            fail_target(w, next);
        }
    }
}

static bool dotted_name(Walk *w) {
    if (!take(w, TOKEN_NAME)) {
        return false;
    }
    while (take(w, TOKEN_DOT)) {
        if (!take(w, TOKEN_NAME)) {
            return false;
        }
    }
    return true;
}

static bool name_as_name(Walk *w) {
    return dotted_name(w) && (!take(w, TOKEN_AS) || take(w, TOKEN_NAME));
}

static bool fail_no_names(Walk *w) {
    return parse_fail_from(w->p, w->cursor, w->cursor + 1,
                           "Expected one or more names after 'import'");
}

static void import_name(Walk *w) {
    const uint32_t first = w->cursor - 1;
    if (peek(w) == TOKEN_NEWLINE) {
        fail_no_names(w);
    } else if (list_of(w, dotted_name) && take(w, TOKEN_FROM) && dotted_name(w)) {
        parse_fail_from(w->p, first, w->cursor,
                        "Did you mean to use 'from ... import ...' instead?");
    }
}

static void import_from(Walk *w) {
    while (take(w, TOKEN_DOT) || take(w, TOKEN_ELLIPSIS)) {
    }
    if (peek(w) == TOKEN_NAME && !dotted_name(w)) {
        return;
    }
    if (!take(w, TOKEN_IMPORT)) {
        return;
    }
    if (peek(w) == TOKEN_NEWLINE) {
        fail_no_names(w);
    } else if (list_of(w, name_as_name) && peek(w) == TOKEN_NEWLINE
               && token_at(w, w->cursor - 1)->kind == TOKEN_COMMA) {
        parse_fail_at(w->p, w->cursor,
                      "trailing comma not allowed without surrounding parentheses");
    }
}

static void simple_stmt(Walk *w) {
    switch (peek(w)) {
    case TOKEN_IMPORT:
        w->cursor++;
        import_name(w);
        break;
    case TOKEN_FROM:
        w->cursor++;
        import_from(w);
        break;
    case TOKEN_RETURN:
    case TOKEN_DEL:
        w->cursor++;
        star_expressions(w);
        break;
    case TOKEN_RAISE:
        w->cursor++;
        if (expression(w) && take(w, TOKEN_FROM)) {
            expression(w);
        }
        break;
    case TOKEN_ASSERT:
        w->cursor++;
        list_of(w, expression);
        break;
    case TOKEN_GLOBAL:
    case TOKEN_NONLOCAL:
        w->cursor++;
        list_of(w, dotted_name);
        break;
    case TOKEN_PASS:
    case TOKEN_BREAK:
    case TOKEN_CONTINUE:
        w->cursor++;
        break;
    default:
        assignment(w);
        break;
    }
}

static void simple_stmts(Walk *w) {
    do {
        simple_stmt(w);
    } while (take(w, TOKEN_SEMI));
}

/* ---- compound statements ---- */

/* ":" and what follows in the same line. */
static void block(Walk *w, bool is_forced) {
    if (expect(w, TOKEN_COLON, !is_forced)) {
        simple_stmts(w);
    }
}

static bool with_item(Walk *w) {
    return expression(w) && (!take(w, TOKEN_AS) || star_target(w));
}

/* with (a as b, c): or with (a, b).c as d: */
static bool with_items(Walk *w) {
    Walk grouped = *w;
    if (take(&grouped, TOKEN_LPAR)) {
        uint32_t end;
        if (looks_like(&grouped, with_item, &end) && token_at(w, end - 1)->kind != TOKEN_RPAR
            && list_of(&grouped, with_item) && take(&grouped, TOKEN_RPAR)
            && (peek(&grouped) == TOKEN_COLON || peek(&grouped) == TOKEN_NEWLINE)) {
            w->cursor = grouped.cursor;
            return true;
        }
    }
    return list_of(w, with_item);
}

static void for_stmt(Walk *w) {
    if (list_of(w, star_target) && take(w, TOKEN_IN) && star_expressions(w)) {
        block(w, false);
    }
}

static void except_block(Walk *w) {
    if (peek(w) == TOKEN_STAR) {
        parse_fail_at(w->p, w->cursor, "'except*' is not supported yet");
        return;
    }
    const uint32_t first = w->cursor;
    if (peek(w) != TOKEN_COLON && peek(w) != TOKEN_NEWLINE) {
        if (!expression(w)) {
            return;
        }
        if (take(w, TOKEN_COMMA)) {
            if (list_of(w, expression) && (!take(w, TOKEN_AS) || take(w, TOKEN_NAME))
                && peek(w) == TOKEN_COLON) {
                parse_fail_from(w->p, first, w->cursor,
                                "multiple exception types must be parenthesized");
            }
            return;
        }
        if (take(w, TOKEN_AS) && !take(w, TOKEN_NAME)) {
            return;
        }
    }
    block(w, false);
}

static void function_def(Walk *w) {
    if (!take(w, TOKEN_NAME)) {
        return;
    }
    if (peek(w) == TOKEN_LSQB) {
        parse_fail_at(w->p, w->cursor, "type parameters are not supported yet");
        return;
    }
    if (!expect(w, TOKEN_LPAR, false) || !parameters(w, false) || !take(w, TOKEN_RPAR)) {
        return;
    }
    const uint32_t behind = w->cursor;
    if (!take(w, TOKEN_RARROW) || !expression(w)) {
        w->cursor = behind;
    }
    block(w, true);
}

static void class_def(Walk *w) {
    if (!take(w, TOKEN_NAME)) {
        return;
    }
    if (peek(w) == TOKEN_LSQB) {
        parse_fail_at(w->p, w->cursor, "type parameters are not supported yet");
        return;
    }
    if (take(w, TOKEN_LPAR) && !arguments(w)) {
        return;
    }
    block(w, false);
}

static void statement(Walk *w) {
    const int kind = peek(w);
    w->cursor++;
    switch (kind) {
    case TOKEN_AT:
        named_expression(w);
        break;
    case TOKEN_IF: case TOKEN_ELIF: case TOKEN_WHILE:
        if (named_expression(w)) {
            block(w, false);
        }
        break;
    case TOKEN_ELSE: case TOKEN_TRY: case TOKEN_FINALLY:
        block(w, true);
        break;
    case TOKEN_FOR:
        for_stmt(w);
        break;
    case TOKEN_WITH:
        if (with_items(w)) {
            block(w, false);
        }
        break;
    case TOKEN_EXCEPT:
        except_block(w);
        break;
    case TOKEN_DEF:
        function_def(w);
        break;
    case TOKEN_CLASS:
        class_def(w);
        break;
    default:
        w->cursor--;
        simple_stmts(w);
        break;
    }
}

/* ---- lines and blocks ---- */

/* Index of the token that begins the line (in Python's sense) of the token. */
static uint32_t line_start(const Parse *p, uint32_t token) {
    while (token > 1) {
        const uint16_t before = parse_token(p, token - 1)->kind;
        if (before == TOKEN_NEWLINE || before == TOKEN_INDENT || before == TOKEN_DEDENT) {
            break;
        }
        token--;
    }
    return token;
}

/* A header whose block is missing: the token stands where an indent should. */
static bool explain_missing_block(Parse *p, uint32_t token) {
    const uint32_t header = line_start(p, token - 1);
    const Token *first = parse_token(p, header);
    switch (first->kind) {
    case TOKEN_DEF:
        return parse_fail_indentation(p, token, "expected an indented block after function definition "
                                                "on line %u", first->line);
    case TOKEN_CLASS:
        return parse_fail_indentation(p, token, "expected an indented block after class definition "
                                                "on line %u", first->line);
    case TOKEN_IF: case TOKEN_ELIF: case TOKEN_ELSE: case TOKEN_WHILE: case TOKEN_FOR:
    case TOKEN_WITH: case TOKEN_TRY: case TOKEN_EXCEPT: case TOKEN_FINALLY:
        return parse_fail_indentation(p, token, "expected an indented block after '%s' statement on "
                                                "line %u", token_text(first->kind), first->line);
    default:
        return true;
    }
}

/* Whether what ends before the token, a block or a line, belongs to a try without a handler. */
static bool is_behind_try(const Parse *p, uint32_t token) {
    uint32_t i = token - 1;
    if (parse_token(p, i)->kind == TOKEN_DEDENT) {
        for (uint32_t depth = 1; depth > 0 && i > 1;) {
            i--;
            depth += parse_token(p, i)->kind == TOKEN_DEDENT;
            depth -= parse_token(p, i)->kind == TOKEN_INDENT;
        }
        i--;   /* the NEWLINE behind the header */
    }
    return i > 0 && parse_token(p, line_start(p, i))->kind == TOKEN_TRY;
}

/* Mistakes between lines: indents that are missing or not expected, try alone. */
static bool explain_lines(Parse *p, uint32_t token) {
    const uint16_t kind = parse_token(p, token)->kind;
    const bool is_line_start = line_start(p, token) == token;
    if (!is_line_start || token < 2) {
        return kind != TOKEN_INDENT || parse_fail_indentation(p, token, "unexpected indent");
    }
    if (kind != TOKEN_INDENT && parse_token(p, token - 1)->kind == TOKEN_NEWLINE
        && parse_token(p, token - 2)->kind == TOKEN_COLON && !explain_missing_block(p, token)) {
        return false;
    }
    if (kind != TOKEN_EXCEPT && kind != TOKEN_FINALLY && is_behind_try(p, token)) {
        return parse_fail_at(p, token, "expected 'except' or 'finally' block");
    }
    if (kind == TOKEN_INDENT) {
        return parse_fail_indentation(p, token, "unexpected indent");
    }
    return true;
}

/* ---- what is not supported ---- */

/* match and case statements: NAME ... ":" NEWLINE, indented below it "case". */
static bool is_match_statement(const Parse *p, uint32_t first) {
    uint32_t i = first;
    while (i + 1 < p->tokens.n && parse_token(p, i)->kind != TOKEN_NEWLINE) {
        i++;
    }
    if (i + 2 >= p->tokens.n || parse_token(p, i - 1)->kind != TOKEN_COLON) {
        return false;
    }
    const Token *below = parse_token(p, i + 2);
    return parse_token(p, i + 1)->kind == TOKEN_INDENT && below->kind == TOKEN_NAME
        && strcmp(below->ident->text, "case") == 0;
}

static bool explain_unsupported(Parse *p, uint32_t failed, uint32_t first) {
    const Walk w = {.p = p};
    const uint16_t kind = parse_token(p, failed)->kind;
    if (kind == TOKEN_ASYNC || kind == TOKEN_AWAIT) {
        return parse_fail_at(p, failed, "'%s' is not supported yet", token_text(kind));
    }
    if (is_name(&w, first, "match") && is_match_statement(p, first)) {
        return parse_fail_at(p, first, "'match' statement is not supported yet");
    }
    if (is_name(&w, first, "type") && parse_token(p, first + 1)->kind == TOKEN_NAME) {
        const uint16_t next = token_at(&w, first + 2)->kind;
        if (next == TOKEN_EQUAL || next == TOKEN_LSQB) {
            return parse_fail_at(p, first, "'type' statement is not supported yet");
        }
    }
    return true;
}

/* ---- the entry ---- */

/* An error in the letters outranks what the parser found before it, but for an unexpected indent. */
static bool is_outranked(const Parse *p, uint32_t failed) {
    return p->lexer_error.message != NULL
        && (parse_token(p, failed)->kind == TOKEN_END
            || (!p->is_weak && (p->has_failed || parse_token(p, failed)->kind != TOKEN_INDENT)));
}

/* The grammar takes any expression before ":=". If nothing fits behind it, Python stopped before. */
static uint32_t first_misfit(const Parse *p, uint32_t failed) {
    const bool is_named = failed >= 3 && parse_token(p, failed - 1)->kind == TOKEN_COLON_EQUAL;
    if (is_named && (parse_token(p, failed - 2)->kind != TOKEN_NAME
                     || parse_token(p, failed - 3)->kind == TOKEN_DOT)) {
        return failed - 1;
    }
    return failed;
}

static void explain(Parse *p, uint32_t failed) {
    const uint32_t first = line_start(p, failed);
    if (!explain_unsupported(p, failed, first) || !explain_lines(p, failed)) {
        return;
    }
    Walk w = {.p = p, .cursor = first, .checks = true, .shape = "expression"};
    if (failed > first) {
        statement(&w);
    }
    if (!p->has_failed && parse_token(p, failed)->kind == TOKEN_END) {
        fail_at_end(p);
    }
    if (!p->has_failed) {
        parse_fail_at(p, failed, "invalid syntax");
    }
}

/* An error found below the line of an open bracket is most likely due to the bracket. */
static void blame_bracket(Parse *p, uint32_t failed) {
    const uint32_t last = p->furthest > failed ? p->furthest : failed;
    if (p->unclosed.opening != 0 && parse_token(p, last)->line > p->unclosed.line) {
        p->has_failed = false;
        fail_unclosed(p);
    }
}

void explain_failure(Parse *p) {
    const uint32_t failed = first_misfit(p, p->next - 1);
    if (is_outranked(p, failed)) {
        p->has_failed = false;
        fail_at_end(p);
        p->error->is_incomplete = p->needs_more;
        return;
    }
    if (!p->has_failed) {
        explain(p, failed);
    }
    blame_bracket(p, failed);
    p->error->is_incomplete = parse_token(p, failed)->kind == TOKEN_END
                           && (p->lexer_error.message == NULL || p->needs_more);
}
