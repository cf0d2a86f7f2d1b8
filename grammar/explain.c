/* explain.c - why the parser refused a program: a second look at the statement that
 * failed.
 *
 * The parser knows the token that it could not take, which makes "invalid syntax".
 * Most mistakes are of a few kinds, and for those CPython has better words. It finds
 * them by parsing again, with rules for wrong programs in between; here the statement
 * is walked again by a recogniser (walk.h), and the lines around it are looked at.
 * CPython's messages and places are kept, the odd ones included, since people search
 * for them.
 *
 * Functions without a result record an error, or none; those that return bool return
 * false for "told".
 *
 * See also: check.c for mistakes that the grammar lets through,
 * tests/unit/test_parser.c. */

#include "grammar/explain.h"

#include <string.h>

#include "grammar/parser.h"
#include "grammar/walk.h"

/* ---- simple statements ---- */

static bool is_augmented(int kind) {
    return kind >= TOKEN_PLUS_EQUAL && kind <= TOKEN_DOUBLE_SLASH_EQUAL;
}

/* Whether a tuple without brackets began at first: its shape is that of its last part. */
static bool has_comma(const Walk *w, uint32_t first) {
    for (uint32_t i = first; i < w->cursor; i++) {
        if (walk_token(w, i)->kind == TOKEN_COMMA
            && walk_token(w, i)->level == walk_token(w, w->cursor)->level) {
            return true;
        }
    }
    return false;
}

static bool is_target_shape(const char *shape) {
    return strcmp(shape, "name") == 0 || strcmp(shape, "attribute") == 0
        || strcmp(shape, "subscript") == 0;
}

/* What begins at first and ends at the cursor stands before "=". Lists and tuples may
 * hold what is no target: check.c tells, if the rest of the statement is sound. */
static void fail_target(Walk *w, uint32_t first) {
    if (strcmp(w->shape, "yield expression") == 0 &&
        walk_token(w, first)->kind == TOKEN_YIELD) {
        parse_fail_range(w->p, first, w->cursor - 1,
                         "assignment to yield expression not possible");
    } else if (!is_target_shape(w->shape) && strcmp(w->shape, "list") != 0 &&
               strcmp(w->shape, "tuple") != 0) {
        const TokenRange left = walk_without_group(w, first, w->cursor - 1, w->shape);
        parse_fail_range(w->p, left.first, left.last, "cannot assign to %s", w->shape);
    }
}

/* What begins at first and ends at the cursor is no target, but treated as one. */
static void check_misused(Walk *w, uint32_t first) {
    const uint32_t operator = w->cursor;
    uint32_t end;
    switch (walk_peek(w)) {
    case TOKEN_COLON:
        w->cursor++;
        if (!walk_expression(w) && !w->p->has_failed) {
            parse_fail_at(w->p, operator, "invalid syntax");
        }
        break;
    case TOKEN_COLON_EQUAL:
        w->cursor++;
        if (walk_looks_like(w, walk_expression, &end)) {
            const TokenRange left = walk_without_group(w, first, operator - 1, w->shape);
            parse_fail_range(w->p, left.first, left.last,
                             "cannot use assignment expressions with %s", w->shape);
        }
        break;
    case TOKEN_EQUAL:
        if (walk_check_comparison(w, first)) {
            fail_target(w, first);
        }
        break;
    default:
        break;
    }
    w->cursor = operator;
}

/* Targets, annotation and value are taken in any combination: if the rest is sound,
 * check.c has said what is wrong with them as targets. */
static void assignment(Walk *w) {
    const uint32_t first = w->cursor;
    if (!walk_annotated_rhs(w)) {
        return;
    }
    if (!is_target_shape(w->shape) ||
        (walk_peek(w) == TOKEN_COLON_EQUAL && w->cursor > first + 1)) {
        check_misused(w, first);
    }
    if (walk_take(w, TOKEN_COLON)) {
        if (walk_expression(w) && walk_take(w, TOKEN_EQUAL)) {
            walk_annotated_rhs(w);
        }
        return;
    }
    if (is_augmented(walk_peek(w))) {
        w->cursor++;
        walk_annotated_rhs(w);
        return;
    }
    while (walk_take(w, TOKEN_EQUAL)) {
        const uint32_t next = w->cursor;
        if (!walk_annotated_rhs(w)) {
            return;
        }
        if (walk_peek(w) == TOKEN_EQUAL && !has_comma(w, next)) {
            fail_target(w, next);
        }
    }
}

static bool dotted_name(Walk *w) {
    if (!walk_take(w, TOKEN_NAME)) {
        return false;
    }
    while (walk_take(w, TOKEN_DOT)) {
        if (!walk_take(w, TOKEN_NAME)) {
            return false;
        }
    }
    return true;
}

static bool name_as_name(Walk *w) {
    return dotted_name(w) && (!walk_take(w, TOKEN_AS) || walk_take(w, TOKEN_NAME));
}

static bool fail_no_names(Walk *w) {
    return parse_fail_from(w->p, w->cursor, w->cursor,
                           "Expected one or more names after 'import'");
}

static void import_name(Walk *w) {
    const uint32_t first = w->cursor - 1;
    if (walk_peek(w) == TOKEN_NEWLINE) {
        fail_no_names(w);
    } else if (walk_list_of(w, dotted_name) && walk_take(w, TOKEN_FROM) &&
               dotted_name(w)) {
        parse_fail_from(w->p, first, w->cursor,
                        "Did you mean to use 'from ... import ...' instead?");
    }
}

static void import_from(Walk *w) {
    while (walk_take(w, TOKEN_DOT) || walk_take(w, TOKEN_ELLIPSIS)) {
    }
    if (walk_peek(w) == TOKEN_NAME && !dotted_name(w)) {
        return;
    }
    if (!walk_take(w, TOKEN_IMPORT)) {
        return;
    }
    if (walk_peek(w) == TOKEN_NEWLINE) {
        fail_no_names(w);
    } else if (walk_list_of(w, name_as_name) && walk_peek(w) == TOKEN_NEWLINE
               && walk_token(w, w->cursor - 1)->kind == TOKEN_COMMA) {
        parse_fail_at(w->p, w->cursor,
                      "trailing comma not allowed without surrounding parentheses");
    }
}

static void simple_stmt(Walk *w) {
    switch (walk_peek(w)) {
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
        walk_star_expressions(w);
        break;
    case TOKEN_RAISE:
        w->cursor++;
        if (walk_expression(w) && walk_take(w, TOKEN_FROM)) {
            walk_expression(w);
        }
        break;
    case TOKEN_ASSERT:
        w->cursor++;
        walk_list_of(w, walk_expression);
        break;
    case TOKEN_GLOBAL:
    case TOKEN_NONLOCAL:
        w->cursor++;
        walk_list_of(w, dotted_name);
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
    } while (walk_take(w, TOKEN_SEMI));
}

/* ---- compound statements ---- */

/* ":" and what follows in the same line. */
static void block(Walk *w, bool is_forced) {
    if (walk_expect(w, TOKEN_COLON, !is_forced)) {
        simple_stmts(w);
    }
}

static bool with_item(Walk *w) {
    return walk_expression(w) && (!walk_take(w, TOKEN_AS) || walk_star_target(w));
}

/* with (a as b, c): or with (a, b).c as d: */
static bool with_items(Walk *w) {
    Walk grouped = *w;
    if (walk_take(&grouped, TOKEN_LPAR)) {
        uint32_t end;
        if (walk_looks_like(&grouped, with_item, &end) &&
            walk_token(w, end - 1)->kind != TOKEN_RPAR &&
            walk_list_of(&grouped, with_item) && walk_take(&grouped, TOKEN_RPAR) &&
            (walk_peek(&grouped) == TOKEN_COLON ||
             walk_peek(&grouped) == TOKEN_NEWLINE)) {
            w->cursor = grouped.cursor;
            return true;
        }
    }
    return walk_list_of(w, with_item);
}

static void for_stmt(Walk *w) {
    if (walk_list_of(w, walk_star_target) && walk_take(w, TOKEN_IN) &&
        walk_star_expressions(w)) {
        block(w, false);
    }
}

static void except_block(Walk *w) {
    if (walk_take(w, TOKEN_STAR) &&
        (walk_peek(w) == TOKEN_COLON || walk_peek(w) == TOKEN_NEWLINE)) {
        parse_fail_at(w->p, w->cursor, "expected one or more exception types");
        return;
    }
    const uint32_t first = w->cursor;
    if (walk_peek(w) != TOKEN_COLON && walk_peek(w) != TOKEN_NEWLINE) {
        if (!walk_expression(w)) {
            return;
        }
        if (walk_take(w, TOKEN_COMMA)) {
            if (walk_list_of(w, walk_expression) &&
                (!walk_take(w, TOKEN_AS) || walk_take(w, TOKEN_NAME)) &&
                walk_peek(w) == TOKEN_COLON) {
                parse_fail_from(w->p, first, w->cursor,
                                "multiple exception types must be parenthesized");
            }
            return;
        }
        if (walk_take(w, TOKEN_AS) && !walk_take(w, TOKEN_NAME)) {
            return;
        }
    }
    block(w, false);
}

static bool type_param(Walk *w) {
    const bool is_starred = walk_take(w, TOKEN_STAR) || walk_take(w, TOKEN_DOUBLE_STAR);
    return walk_take(w, TOKEN_NAME) &&
           (is_starred || !walk_take(w, TOKEN_COLON) || walk_expression(w)) &&
           (!walk_take(w, TOKEN_EQUAL) || walk_star_named_expression(w));
}

/* [T, *Ts], if there is one; what is none is left for who comes next. */
static bool type_params(Walk *w) {
    const uint32_t first = w->cursor;
    if (!walk_take(w, TOKEN_LSQB)) {
        return !w->p->has_failed;
    }
    if (!walk_list_of(w, type_param) || !walk_take(w, TOKEN_RSQB)) {
        w->cursor = first;
    }
    return !w->p->has_failed;
}

static void function_def(Walk *w) {
    if (!walk_take(w, TOKEN_NAME)) {
        return;
    }
    if (!type_params(w) || !walk_expect(w, TOKEN_LPAR, false) || !walk_parameters(w, false) ||
        !walk_take(w, TOKEN_RPAR)) {
        return;
    }
    const uint32_t behind = w->cursor;
    if (!walk_take(w, TOKEN_RARROW) || !walk_expression(w)) {
        w->cursor = behind;
    }
    block(w, true);
}

static void class_def(Walk *w) {
    if (!walk_take(w, TOKEN_NAME)) {
        return;
    }
    if (!type_params(w)) {
        return;
    }
    if (walk_take(w, TOKEN_LPAR) && !walk_arguments(w)) {
        return;
    }
    block(w, false);
}

/* ---- match ---- */

/* match and its subject without a colon. The name is no keyword then; it is one if
 * nothing but a subject can follow it. */
static bool check_match_header(Walk *w) {
    Walk ahead = *w;
    ahead.cursor++;
    ahead.checks = false;
    if (!walk_is_name(w, w->cursor, "match") ||
        !walk_list_of(&ahead, walk_star_named_expression) ||
        walk_peek(&ahead) != TOKEN_NEWLINE) {
        return !w->p->has_failed;
    }
    return parse_fail_at(w->p, ahead.cursor, "expected ':'");
}

static void match_stmt(Walk *w) {
    if (walk_list_of(w, walk_star_named_expression)) {
        block(w, false);
    }
}

/* What a complete pattern or guard may end with. */
static bool may_end_pattern(int kind) {
    switch (kind) {
    case TOKEN_NAME: case TOKEN_NUMBER: case TOKEN_STRING: case TOKEN_FSTRING_END:
    case TOKEN_NONE: case TOKEN_TRUE: case TOKEN_FALSE: case TOKEN_ELLIPSIS:
    case TOKEN_RPAR: case TOKEN_RSQB: case TOKEN_RBRACE: case TOKEN_COMMA:
        return true;
    default:
        return false;
    }
}

/* The parser took the tokens before the one that failed, so the pattern is sound up to
 * there. */
static void case_block(Walk *w, uint32_t failed) {
    const uint16_t before = walk_token(w, failed - 1)->kind;
    const uint16_t kind = walk_token(w, failed)->kind;
    if (kind == TOKEN_NEWLINE && may_end_pattern(before)) {
        parse_fail_at(w->p, failed, "expected ':'");
    } else if (before == TOKEN_AS && kind != TOKEN_NAME) {
        w->cursor = failed;
        if (walk_expression(w)) {
            parse_fail_range(w->p, failed, w->cursor - 1, "invalid pattern target");
        }
    } else {
        while (w->cursor < failed && walk_peek(w) != TOKEN_IF) {
            w->cursor++;
        }
        if (w->cursor < failed && walk_take(w, TOKEN_IF) && walk_named_expression(w)) {
            block(w, false);
        }
    }
}

static void statement(Walk *w, uint32_t failed) {
    const int kind = walk_peek(w);
    w->cursor++;
    switch (kind) {
    case TOKEN_ASYNC:
        if (walk_peek(w) == TOKEN_DEF || walk_peek(w) == TOKEN_FOR ||
            walk_peek(w) == TOKEN_WITH) {
            statement(w, failed);
        }
        break;
    case TOKEN_MATCH:
        match_stmt(w);
        break;
    case TOKEN_CASE:
        case_block(w, failed);
        break;
    case TOKEN_AT:
        walk_named_expression(w);
        break;
    case TOKEN_IF: case TOKEN_ELIF: case TOKEN_WHILE:
        if (walk_named_expression(w)) {
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
        if (check_match_header(w)) {
            simple_stmts(w);
        }
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
    first += first->kind == TOKEN_ASYNC;
    const bool is_star = first->kind == TOKEN_EXCEPT && first[1].kind == TOKEN_STAR;
    switch (first->kind) {
    case TOKEN_DEF:
        return parse_fail_block(p, token, SYNTAX_ERROR_INDENTATION,
            "expected an indented block after function definition "
            "on line %u",
            first->line);
    case TOKEN_CLASS:
        return parse_fail_block(p, token, SYNTAX_ERROR_INDENTATION,
                                      "expected an indented block after class definition "
                                      "on line %u",
                                      first->line);
    case TOKEN_IF: case TOKEN_ELIF: case TOKEN_ELSE: case TOKEN_WHILE: case TOKEN_FOR:
    case TOKEN_WITH: case TOKEN_TRY: case TOKEN_EXCEPT: case TOKEN_FINALLY:
    case TOKEN_MATCH: case TOKEN_CASE:
        return parse_fail_block(p, token, SYNTAX_ERROR_INDENTATION,
            "expected an indented block after '%s%s' statement on "
            "line %u",
            token_text(first->kind), is_star ? "*" : "", first->line);
    default:
        return true;
    }
}

/* Whether what ends before the token, a block or a line, belongs to a try without a
 * handler. */
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
        return kind != TOKEN_INDENT ||
               parse_fail_block(p, token, SYNTAX_ERROR_INDENTATION, "unexpected indent");
    }
    if (kind != TOKEN_INDENT && parse_token(p, token - 1)->kind == TOKEN_NEWLINE &&
        parse_token(p, token - 2)->kind == TOKEN_COLON &&
        !explain_missing_block(p, token)) {
        return false;
    }
    if (kind != TOKEN_EXCEPT && kind != TOKEN_FINALLY && is_behind_try(p, token)) {
        return parse_fail_block(p, token, SYNTAX_ERROR_SYNTAX,
                                "expected 'except' or 'finally' block");
    }
    if (kind == TOKEN_INDENT) {
        return parse_fail_block(p, token, SYNTAX_ERROR_INDENTATION, "unexpected indent");
    }
    return true;
}

/* ---- the entry ---- */

/* An error in the letters outranks what the parser found before it, but for an
 * unexpected indent; not so one in an f-string, unless the parser came that far. */
static bool is_outranked(const Parse *p, uint32_t failed) {
    const uint16_t kind = parse_token(p, failed)->kind;
    return p->lexer_error.message != NULL &&
           (kind == TOKEN_END || (p->lexer_fstring == 0 && !p->is_weak &&
                                  (p->has_failed || kind != TOKEN_INDENT)));
}

/* One in an f-string does so if Python looked at its begin, and found nothing better to
 * say. */
static bool is_outranked_in_fstring(const Parse *p, uint32_t failed) {
    return p->lexer_error.message != NULL && p->lexer_fstring != 0 &&
           (failed > p->lexer_fstring || p->furthest >= p->lexer_fstring) &&
           strcmp(p->error->message, "invalid syntax") == 0;
}

/* The grammar takes any expression before ":=". If nothing fits behind it, Python
 * stopped before. */
static uint32_t first_misfit(const Parse *p, uint32_t failed) {
    const bool is_named = failed >= 3 &&
                          parse_token(p, failed - 1)->kind == TOKEN_COLON_EQUAL;
    if (is_named && (parse_token(p, failed - 2)->kind != TOKEN_NAME
                     || parse_token(p, failed - 3)->kind == TOKEN_DOT)) {
        return failed - 1;
    }
    return failed;
}

/* No mistake known. */
static void fail_generic(Parse *p, uint32_t failed) {
    if (parse_token(p, failed)->kind == TOKEN_DEDENT) {
        parse_fail_block(p, failed, SYNTAX_ERROR_INDENTATION, "unexpected unindent");
    } else {
        parse_fail_at(p, failed, "invalid syntax");
    }
}

static void explain(Parse *p, uint32_t failed) {
    const uint32_t first = line_start(p, failed);
    if (!explain_lines(p, failed)) {
        return;
    }
    Walk w = {.p = p, .cursor = first, .checks = true, .shape = "expression"};
    if (failed > first) {
        statement(&w, failed);
    }
    if (!p->has_failed && parse_token(p, failed)->kind == TOKEN_END) {
        walk_fail_at_end(p);
    }
    if (!p->has_failed) {
        fail_generic(p, failed);
    }
}

/* An error found below the line of an open bracket is most likely due to the bracket. */
static void blame_bracket(Parse *p, uint32_t failed) {
    uint32_t last = p->furthest > failed ? p->furthest : failed;
    last -= last > 1 && parse_token(p, last)->kind == TOKEN_END;
    if (p->unclosed.opening != 0 && parse_token(p, last)->line > p->unclosed.line) {
        p->has_failed = false;
        walk_fail_unclosed(p);
    }
}

/* Is the token what stands for the end of the text: the end itself, or that of a block that goes as far? */
static bool is_end_of_text(const Parse *p, const Token *token) {
    return token->kind == TOKEN_END || (token->kind == TOKEN_DEDENT && token->start >= p->n_bytes);
}

void explain_failure(Parse *p) {
    const uint32_t failed = first_misfit(p, p->next - 1);
    if (is_outranked(p, failed)) {
        p->has_failed = false;
        walk_fail_at_end(p);
        p->error->is_incomplete = p->needs_more;
        return;
    }
    if (!p->has_failed) {
        explain(p, failed);
        if (is_outranked_in_fstring(p, failed)) {
            *p->error = p->lexer_error;
        }
    }
    blame_bracket(p, failed);
    p->error->is_incomplete = is_end_of_text(p, parse_token(p, failed))
                           && (p->lexer_error.message == NULL || p->needs_more);
}
