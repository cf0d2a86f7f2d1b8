/* walk_atom.c - the recogniser's atoms: brackets, strings, calls, subscripts.
 *
 * See also: walk.h. */

#include "grammar/walk.h"

#include "grammar/parser.h"

static bool fstring(Walk *w);

/* At the cursor, or at the last token that was looked at for what should stand there. */
static bool fail_here(Walk *w, const char *message) {
    if (w->p->furthest > w->cursor) {
        w->cursor = w->p->furthest;
    }
    return parse_fail_at(w->p, w->cursor, "%s", message);
}

static bool fail_star(Walk *w) {
    return fail_here(w, "Invalid star expression");
}

/* ---- displays and comprehensions ---- */

bool walk_star_target(Walk *w) {
    walk_take(w, TOKEN_STAR);
    return walk_bitwise_or(w);
}

/* At "for" or "async for". */
static bool is_at_for(const Walk *w) {
    const int kind = walk_peek(w);
    return kind == TOKEN_FOR ||
           (kind == TOKEN_ASYNC && walk_token(w, w->cursor + 1)->kind == TOKEN_FOR);
}

static bool for_if_clauses(Walk *w) {
    if (!is_at_for(w)) {
        return false;
    }
    while (is_at_for(w)) {
        walk_take(w, TOKEN_ASYNC);
        w->cursor++;
        if (!walk_list_of(w, walk_star_target)) {
            return false;
        }
        if (!walk_take(w, TOKEN_IN)) {
            if (w->checks) {
                fail_here(w, "'in' expected after for-loop variables");
            }
            return false;
        }
        if (!walk_disjunction(w)) {
            return false;
        }
        while (walk_take(w, TOKEN_IF)) {
            if (!walk_disjunction(w)) {
                return false;
            }
        }
    }
    return true;
}

/* A list, set or tuple in brackets, or a comprehension; the opening bracket was taken.
 * One thing in round brackets keeps its shape. */
static bool display(Walk *w, int closing, const char *shape,
                    const char *comprehension_shape) {
    if (walk_take(w, closing)) {
        w->shape = shape;
        return true;
    }
    const uint32_t first = w->cursor;
    if (w->checks && walk_peek(w) == TOKEN_STAR) {
        Walk ahead = *w;
        ahead.cursor++;
        if (!walk_expression(&ahead)) { /* *a may begin a comprehension */
            return !w->p->has_failed && fail_star(&ahead);
        }
    }
    if (!walk_star_named_expression(w)) {
        return false;
    }
    if (is_at_for(w)) {
        const bool is_ok = for_if_clauses(w) && walk_take(w, closing);
        w->shape = comprehension_shape;
        return is_ok;
    }
    if (closing == TOKEN_RPAR && walk_take(w, closing)) {
        return true;
    }
    uint32_t last = w->cursor;
    while (walk_take(w, TOKEN_COMMA) && walk_peek(w) != closing && !is_at_for(w)) {
        if (!walk_star_named_expression(w)) {
            return false;
        }
        last = w->cursor - 1;
    }
    uint32_t end;
    if (closing != TOKEN_RPAR && w->checks && is_at_for(w)
        && walk_looks_like(w, for_if_clauses, &end)) {
        return parse_fail_range(
            w->p, first, last,
            "did you forget parentheses around the comprehension target?");
    }
    w->shape = shape;
    return walk_take(w, closing);
}

/* (**a) and (*a) are mistakes, told as such if nothing in them is wrong. */
static bool check_starred_group(Walk *w) {
    const uint32_t first = w->cursor;
    const bool is_double = walk_peek(w) == TOKEN_DOUBLE_STAR;
    w->cursor++;
    if (walk_expression(w) && walk_peek(w) == TOKEN_RPAR) {
        return parse_fail_range(w->p, first, is_double ? first : w->cursor - 1,
                                "cannot use %sstarred "
                                "expression here",
                                is_double ? "double " : "");
    }
    w->cursor = first;
    return !w->p->has_failed;
}

static bool group_or_tuple(Walk *w) {
    const int kind = walk_peek(w);
    if (kind == TOKEN_YIELD) {
        const bool is_ok = walk_yield_expr(w) && walk_take(w, TOKEN_RPAR);
        w->shape = "yield expression";
        return is_ok;
    }
    if (w->checks && (kind == TOKEN_STAR || kind == TOKEN_DOUBLE_STAR) &&
        !check_starred_group(w)) {
        return false;
    }
    return display(w, TOKEN_RPAR, "tuple", "generator expression");
}

/* The value of an entry; its colon was taken. */
static bool dict_value(Walk *w) {
    uint32_t end;
    if (w->checks && (walk_peek(w) == TOKEN_RBRACE || walk_peek(w) == TOKEN_COMMA)) {
        return parse_fail_at(w->p, w->cursor - 1,
                             "expression expected after dictionary key and ':'");
    }
    if (w->checks && walk_peek(w) == TOKEN_STAR &&
        walk_looks_like(w, walk_star_target, &end)) {
        return parse_fail_from(w->p, w->cursor, end,
                               "cannot use a starred expression in a dictionary value");
    }
    return walk_expression(w);
}

/* One entry of a dict behind the first: its key is taken without looking for mistakes
 * in it. */
static bool dict_rest(Walk *w) {
    while (walk_take(w, TOKEN_COMMA) && walk_peek(w) != TOKEN_RBRACE) {
        if (walk_take(w, TOKEN_DOUBLE_STAR)) {
            if (!walk_bitwise_or(w)) {
                return false;
            }
            continue;
        }
        uint32_t end;
        if (!walk_looks_like(w, walk_expression, &end)) {
            return false;
        }
        if (w->checks && walk_token(w, end)->kind != TOKEN_COLON) {
            const Token *key = walk_token(w, end - 1);
            const uint32_t column = parse_column(w->p, key->end_line, key->end);
            const SourcePlace place = {key->end_line, column - (column > 0),
                                       key->end_line, SOURCE_END_ZERO};
            return parse_fail(w->p, SYNTAX_ERROR_SYNTAX, place,
                              "':' expected after dictionary key");
        }
        if (!walk_expression(w) || !walk_take(w, TOKEN_COLON) || !dict_value(w)) {
            return false;
        }
    }
    return walk_take(w, TOKEN_RBRACE);
}

/* The opening brace was taken. */
static bool dict_or_set(Walk *w) {
    const uint32_t first = w->cursor;
    w->shape = "dict literal";
    if (walk_take(w, TOKEN_RBRACE)) {
        return true;
    }
    if (walk_take(w, TOKEN_DOUBLE_STAR)) {
        return walk_bitwise_or(w) && dict_rest(w);
    }
    if (walk_peek(w) != TOKEN_STAR && walk_expression(w) && walk_take(w, TOKEN_COLON)) {
        if (!dict_value(w)) {
            return false;
        }
        if (is_at_for(w)) {
            w->shape = "dict comprehension";
            return for_if_clauses(w) && walk_take(w, TOKEN_RBRACE);
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
        if (walk_peek(w) == TOKEN_FSTRING_START) {
            if (!fstring(w)) {
                return false;
            }
            w->shape = "f-string expression";
        } else if (!walk_take(w, TOKEN_STRING)) {
            return !w->p->has_failed;
        }
    }
}

bool walk_atom(Walk *w) {
    const int kind = walk_peek(w);
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

bool walk_annotated_rhs(Walk *w) {
    return walk_peek(w) == TOKEN_YIELD ? walk_yield_expr(w) : walk_star_expressions(w);
}

/* What may follow the expression: "=", "!" NAME, ":" spec, in this order; then "}". */
static bool field_end(Walk *w) {
    const bool has_equal = walk_take(w, TOKEN_EQUAL);
    bool has_conversion = false;
    if (has_equal && walk_peek(w) != TOKEN_EXCLAMATION && walk_peek(w) != TOKEN_COLON
        && walk_peek(w) != TOKEN_RBRACE) {
        return fail_field(w, "expecting '!', or ':', or '}'");
    }
    if (walk_take(w, TOKEN_EXCLAMATION)) {
        has_conversion = true;
        if (walk_peek(w) == TOKEN_COLON || walk_peek(w) == TOKEN_RBRACE) {
            return fail_field(w, "missing conversion character");
        }
        if (!walk_take(w, TOKEN_NAME)) {
            return fail_field(w, "invalid conversion character");
        }
    }
    if (has_conversion && walk_peek(w) != TOKEN_COLON && walk_peek(w) != TOKEN_RBRACE) {
        return fail_field(w, "expecting ':' or '}'");
    }
    if (!has_equal && !has_conversion && walk_peek(w) != TOKEN_COLON &&
        walk_peek(w) != TOKEN_RBRACE) {
        return fail_field(w, "expecting '=', or '!', or ':', or '}'");
    }
    return true;
}

static bool fstring_replacement_field(Walk *w) {
    switch (walk_take(w, TOKEN_LBRACE) ? walk_peek(w) : TOKEN_STRAY) {
    case TOKEN_EQUAL: return fail_field(w, "valid expression required before '='");
    case TOKEN_EXCLAMATION: return fail_field(w, "valid expression required before '!'");
    case TOKEN_COLON: return fail_field(w, "valid expression required before ':'");
    case TOKEN_RBRACE: return fail_field(w, "valid expression required before '}'");
    default: break;
    }
    const uint32_t first = w->cursor;
    if (!walk_annotated_rhs(w)) {
        w->cursor = first;
        return w->p->has_failed ? false
                                : fail_field(w, "expecting a valid expression after '{'");
    }
    if (!field_end(w)) {
        return false;
    }
    if (walk_take(w, TOKEN_COLON)) {
        while (walk_peek(w) == TOKEN_FSTRING_MIDDLE || walk_peek(w) == TOKEN_LBRACE) {
            if (!walk_take(w, TOKEN_FSTRING_MIDDLE) && !fstring_replacement_field(w)) {
                return false;
            }
        }
        return walk_take(w, TOKEN_RBRACE) ||
               fail_field(w, "expecting '}', or format specs");
    }
    return walk_take(w, TOKEN_RBRACE) || fail_field(w, "expecting '}'");
}

static bool fstring(Walk *w) {
    if (!walk_enter(w)) {
        return false;
    }
    w->cursor++;
    while (!walk_take(w, TOKEN_FSTRING_END)) {
        if (!walk_take(w, TOKEN_FSTRING_MIDDLE) && !fstring_replacement_field(w)) {
            return walk_leave(w, false);
        }
    }
    return walk_leave(w, true);
}

/* ---- calls and subscripts ---- */

/* NAME "=" value, or True "=" value. The name stands at the cursor. */
static bool keyword_argument(Walk *w) {
    const uint32_t name = w->cursor;
    const int kind = walk_peek(w);
    w->cursor += 2;
    uint32_t end;
    if (w->checks && kind != TOKEN_NAME) {
        return parse_fail_range(w->p, name, name + 1, "cannot assign to %s",
                                token_text(kind));
    }
    if (w->checks && (walk_peek(w) == TOKEN_COMMA || walk_peek(w) == TOKEN_RPAR)) {
        return parse_fail_range(w->p, name, name + 1,
                                "expected argument value expression");
    }
    if (!walk_expression(w)) {
        return false;
    }
    if (w->checks && is_at_for(w) &&
        walk_looks_like(w, for_if_clauses, &end)) {
        return parse_fail_range(
            w->p, name, name + 1,
            "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
    }
    return true;
}

/* What may not follow *x. */
static bool starred_argument(Walk *w, uint32_t first) {
    const uint32_t end = w->cursor;
    if (is_at_for(w)) {
        return parse_fail_range(w->p, first, end - 1,
                                "iterable unpacking cannot be used in comprehension");
    }
    if (walk_take(w, TOKEN_EQUAL) && walk_expression(w)) {
        return parse_fail_range(w->p, first, w->cursor - 1,
                                "cannot assign to iterable argument unpacking");
    }
    return true;
}

static bool argument(Walk *w) {
    const uint32_t first = w->cursor;
    const int kind = walk_peek(w);
    if (walk_take(w, TOKEN_DOUBLE_STAR)) {
        if (!walk_expression(w)) {
            return false;
        }
        if (w->checks && walk_take(w, TOKEN_EQUAL) && walk_expression(w)) {
            return parse_fail_range(w->p, first, w->cursor - 1,
                                    "cannot assign to keyword argument unpacking");
        }
        return true;
    }
    if (walk_take(w, TOKEN_STAR)) {
        if (walk_expression(w)) {
            return !w->checks || starred_argument(w, first);
        }
        return w->checks && !w->p->has_failed && fail_star(w);
    }
    if ((kind == TOKEN_NAME || kind == TOKEN_TRUE || kind == TOKEN_FALSE ||
         kind == TOKEN_NONE) &&
        walk_token(w, first + 1)->kind == TOKEN_EQUAL) {
        return keyword_argument(w);
    }
    if (kind == TOKEN_NAME && walk_token(w, first + 1)->kind == TOKEN_COLON_EQUAL) {
        w->cursor += 2;
    }
    if (!walk_expression(w)) {
        return false;
    }
    if (w->checks && walk_peek(w) == TOKEN_EQUAL) {
        return parse_fail_range(w->p, first, w->cursor,
                                "expression cannot contain assignment, "
                                "perhaps you meant \"==\"?");
    }
    return !is_at_for(w) || for_if_clauses(w);
}

bool walk_arguments(Walk *w) {
    if (walk_take(w, TOKEN_RPAR)) {
        return true;
    }
    return walk_list_of(w, argument) && walk_take(w, TOKEN_RPAR);
}

static bool slice(Walk *w) {
    if (walk_take(w, TOKEN_STAR)) {
        return walk_bitwise_or(w) || (w->checks && !w->p->has_failed && fail_star(w));
    }
    if (walk_peek(w) != TOKEN_COLON && !walk_named_expression(w)) {
        return false;
    }
    for (int i = 0; i < 2 && walk_take(w, TOKEN_COLON); i++) {
        const int kind = walk_peek(w);
        if (kind != TOKEN_COLON && kind != TOKEN_COMMA && kind != TOKEN_RSQB &&
            !walk_expression(w)) {
            return false;
        }
    }
    return true;
}

bool walk_primary(Walk *w) {
    if (walk_take(w, TOKEN_AWAIT)) {
        const bool is_ok = walk_peek(w) != TOKEN_AWAIT && walk_primary(w);
        w->shape = "await expression";
        return is_ok;
    }
    if (!walk_atom(w)) {
        return false;
    }
    for (;;) {
        const uint32_t behind = w->cursor;
        const char *shape = w->shape;
        bool is_ok = false;
        if (walk_take(w, TOKEN_DOT)) {
            is_ok = walk_take(w, TOKEN_NAME);
            w->shape = "attribute";
        } else if (walk_take(w, TOKEN_LPAR)) {
            is_ok = walk_arguments(w);
            w->shape = "function call";
        } else if (walk_take(w, TOKEN_LSQB)) {
            is_ok = walk_list_of(w, slice) && walk_take(w, TOKEN_RSQB);
            w->shape = "subscript";
        }
        if (!is_ok) {
            w->cursor = behind;
            w->shape = shape;
            return !w->p->has_failed;
        }
    }
}
