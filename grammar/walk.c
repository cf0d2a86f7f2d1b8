/* walk.c - the cursor of the recogniser. */

#include "grammar/walk.h"

#include <string.h>

#include "grammar/parser.h"

/* Rules deeper than this give up. */
enum { MAX_RULE_DEPTH = 1000 };

/* A rule that looks ahead reads tokens twice, one within it four times, and so on: after so many
 * looks (20 ms) the walk ends. Programs written by people need some thousands. */
enum { MAX_LOOKS = 1000000 };

const Token *walk_token(const Walk *w, uint32_t index) {
    const uint32_t last = (uint32_t) w->p->tokens.n - 1;
    return parse_token(w->p, index < last ? index : last);
}

bool walk_fail_unclosed(Parse *p) {
    const UnclosedBracket *bracket = &p->unclosed;
    const uint32_t column = parse_column(p, bracket->line, bracket->start);
    const SourcePlace place = {bracket->line, column, bracket->line, SOURCE_END_ZERO};
    return parse_fail(p, SYNTAX_ERROR_SYNTAX, place,
                      arena_format(p->arena, "'%c' was never closed", bracket->opening));
}

/* Reading behind the last token: the lexer stopped there, or a bracket is open. */
void walk_fail_at_end(Parse *p) {
    if (p->lexer_error.message != NULL && !p->has_failed) {
        p->has_failed = true;
        *p->error = p->lexer_error;
    } else if (p->unclosed.opening != 0) {
        walk_fail_unclosed(p);
    }
}

int walk_peek(const Walk *w) {
    const int kind = walk_token(w, w->cursor)->kind;
    if (w->cursor > w->p->furthest) {
        w->p->furthest = w->cursor;
    }
    if (++w->p->n_looks > MAX_LOOKS) {
        return TOKEN_STRAY;
    }
    if (kind == TOKEN_END) {
        walk_fail_at_end(w->p);
    }
    return w->p->has_failed ? TOKEN_STRAY : kind;
}

bool walk_take(Walk *w, int kind) {
    if (walk_peek(w) != kind) {
        return false;
    }
    w->cursor++;
    return true;
}

bool walk_expect(Walk *w, int kind, bool at_end_only) {
    if (walk_take(w, kind)) {
        return true;
    }
    if (!at_end_only || walk_peek(w) == TOKEN_NEWLINE) {
        parse_fail_at(w->p, w->cursor, "expected '%s'", token_text(kind));
    }
    return false;
}

bool walk_enter(Walk *w) {
    if (w->depth >= MAX_RULE_DEPTH || w->p->has_failed) {
        return false;
    }
    w->depth++;
    return true;
}

bool walk_leave(Walk *w, bool result) {
    w->depth--;
    return result && !w->p->has_failed;
}

bool walk_looks_like(Walk *w, bool (*rule)(Walk *), uint32_t *end) {
    Walk ahead = *w;
    ahead.checks = false;
    const bool result = rule(&ahead);
    *end = ahead.cursor;
    return result;
}

bool walk_is_name(const Walk *w, uint32_t index, const char *name) {
    const Token *token = walk_token(w, index);
    return token->kind == TOKEN_NAME && strcmp(token->ident->text, name) == 0;
}

bool walk_list_of(Walk *w, bool (*rule)(Walk *)) {
    if (!rule(w)) {
        return false;
    }
    while (walk_take(w, TOKEN_COMMA)) {
        const uint32_t behind_comma = w->cursor;
        if (!rule(w)) {
            w->cursor = behind_comma;
            break;
        }
    }
    return !w->p->has_failed;
}
