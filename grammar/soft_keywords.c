/* soft_keywords.c - which names are keywords: one look at the tokens before the parser
 * runs.
 *
 * `match`, `case` and `type` are names like others unless a statement begins with them.
 * Python's grammar tries both readings; here the tokens decide, exactly:
 *     match   begins a line that ends in ":", and no operator but a bracket or sign follows;
 *             or a line with a ":" somewhere, and a name or literal follows (which is an error);
 *     type    stands where a statement begins, before a name;
 *     case    begins a line that stands directly in the block of such a line.
 * No valid program has either shape with another meaning. */

#include "grammar/lexer.h"
#include "grammar/parser.h"

static bool begins_line(const Parse *p, uint32_t index) {
    const uint16_t before = parse_token(p, index - 1)->kind;
    return index == 1 || before == TOKEN_NEWLINE || before == TOKEN_INDENT ||
           before == TOKEN_DEDENT;
}

/* Whether the token may begin a subject; those that join a name to what follows need no
 * look, since no line of that kind ends in a colon. */
static bool may_begin_subject(int kind) {
    return kind != TOKEN_EQUAL && kind != TOKEN_COLON && kind != TOKEN_DOT &&
           kind != TOKEN_COMMA && kind != TOKEN_COLON_EQUAL;
}

/* Whether the line that begins with the token is the header of a match statement. */
static bool is_match_header(const Parse *p, uint32_t first) {
    const Token *start = parse_token(p, first);
    const int second = parse_token(p, first + 1)->kind;
    const bool is_no_name = second == TOKEN_NAME || second == TOKEN_NUMBER || second == TOKEN_STRING;
    uint32_t i = first;
    while (i + 1 < p->tokens.n && parse_token(p, i)->kind != TOKEN_NEWLINE) {
        i++;
        if (is_no_name && parse_token(p, i)->kind == TOKEN_COLON
            && parse_token(p, i)->level == start->level) {
            return true;
        }
    }
    return i > first + 2 && parse_token(p, i)->kind == TOKEN_NEWLINE &&
           parse_token(p, i - 1)->kind == TOKEN_COLON &&
           may_begin_subject(parse_token(p, first + 1)->kind);
}

/* type X ...: two names in a row begin nothing else. */
static bool is_type_statement(const Parse *p, uint32_t first) {
    const uint16_t before = parse_token(p, first - 1)->kind;
    if (!begins_line(p, first) && before != TOKEN_SEMI && before != TOKEN_COLON) {
        return false;
    }
    return first + 1 < p->tokens.n && parse_token(p, first + 1)->kind == TOKEN_NAME;
}

static void mark(Parse *p, uint32_t index, int kind) {
    p->tokens.items[index].kind = (uint16_t)kind;
}

void soft_keywords_mark(Parse *p) {
    const Ident *match_name = parse_intern(p, "match", 5);
    const Ident *type_name = parse_intern(p, "type", 4);
    const Ident *case_name = parse_intern(p, "case", 4);
    bool is_match_block[LEXER_MAX_INDENTS + 1] = {false};
    uint32_t depth = 0;
    bool opens_match = false;
    for (uint32_t i = 1; i < p->tokens.n; i++) {
        const Token *token = parse_token(p, i);
        if (token->kind == TOKEN_INDENT) {
            is_match_block[++depth] = opens_match;
            opens_match = false;
        } else if (token->kind == TOKEN_DEDENT) {
            depth--;
        } else if (token->kind == TOKEN_NAME && token->ident == type_name) {
            if (is_type_statement(p, i)) {
                mark(p, i, TOKEN_TYPE);
            }
        } else if (token->kind == TOKEN_NAME && begins_line(p, i)) {
            if (token->ident == case_name && is_match_block[depth]) {
                mark(p, i, TOKEN_CASE);
            } else if (token->ident == match_name && is_match_header(p, i)) {
                mark(p, i, TOKEN_MATCH);
                opens_match = true;
            }
        }
    }
}
