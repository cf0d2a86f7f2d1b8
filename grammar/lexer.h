/* lexer.h - text to tokens, and the state that lexer, parser and error messages share.
 *
 * A parse runs in steps, each over the whole text: check the encoding (parse.c), make
 * the tokens (lexer.re), make the tree (parser.y with check.c), and when that fails
 * find the reason (explain.c). Tokens first, because an error in the letters of a
 * program outranks any error in its structure, as in CPython, and because finding a
 * reason needs to look back and ahead.
 *
 * Invariants
 *   1. The first error stays: parse_fail_* do nothing when has_failed is set.
 *   2. The last token is END; if the lexer failed it stands where the error is.
 *   3. text ends with a line end (unless it is empty) and a zero byte, and has no
 *      other zero byte. */

#ifndef MINI_GRAMMAR_LEXER_H
#define MINI_GRAMMAR_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grammar/ast.h"
#include "grammar/parse.h"
#include "grammar/syntax_error.h"
#include "runtime/base/buf.h"
#include "runtime/base/vec.h"

enum {
    LEXER_MAX_BRACKETS = 200,   /* CPython's limits, all four */
    LEXER_MAX_INDENTS = 100,
    LEXER_MAX_FSTRINGS = 150,
    LEXER_MAX_FIELDS = 3,       /* replacement fields within each other in one f-string */
};

typedef struct Token {
    uint16_t     kind;      /* enum TokenKind of parser.h */
    uint16_t     level;     /* brackets open behind it */
    uint32_t     line;      /* of its first byte */
    uint32_t     end_line;  /* of its last byte */
    uint32_t     start;     /* offset of its first byte in the text */
    uint32_t     end;       /* just past its last byte */
    bool         is_raw;    /* FSTRING_MIDDLE: backslashes mean themselves */
    const Ident *ident;     /* NAME: its text, interned */
} Token;

/* Tokens from first to last, both included: what the parser knows as the location of a
 * rule. */
typedef struct TokenRange {
    uint32_t first;
    uint32_t last;
} TokenRange;

/* The innermost bracket that is open where the text ends; opening is 0 when there is
 * none. */
typedef struct UnclosedBracket {
    char     opening;
    uint32_t line;
    uint32_t start;
} UnclosedBracket;

typedef struct Parse {
    Arena         *arena;
    const char    *filename;
    const char    *text;         /* line ends are \n */
    uint32_t       n_bytes;
    ParseMode      mode;
    const ParseGuard *guard;     /* or NULL */
    VEC(uint32_t)  line_starts;  /* offsets; line 1 is item 0 */
    VEC(Token)     tokens;
    UnclosedBracket unclosed;

    const Ident  **idents;       /* hash table, a power of two in size, half full at most */
    uint32_t       idents_size;
    uint32_t       n_idents;

    uint32_t       next;         /* parser: index of the token that it reads next */
    uint32_t       furthest;     /* explain.c: index of the last token it looked at */
    uint32_t       n_looks;      /* explain.c: how often it looked at a token */
    AstModule     *module;       /* parser: the result */
    Buf            scratch;      /* literal.c: the string in the making */

    bool           has_failed;   /* *error is set */
    bool           lacks_line_end; /* the text as it was given: one was added */
    bool           is_lexing;    /* the tokens are not complete */
    bool           is_weak;      /* the lexer's error yields to an earlier one of the parser */
    bool           needs_more;   /* the lexer's error is that the text ended */
    SyntaxError   *error;
    uint32_t       lexer_fstring; /* lexer_error is in the f-string that begins with this token; else 0 */
    SyntaxError    lexer_error;  /* set aside while the parser runs; or message is NULL */
    SyntaxWarning *warnings;     /* by line */
    SyntaxError    late_error;   /* what CPython's compiler would find, after its parser found
                                    nothing; or message is NULL */
} Parse;

/* Makes the tokens of the whole text. False: failed. */
bool lexer_run(Parse *p);

/* False when the guard wants no more; failed then. */
bool parse_goes_on(Parse *p);

/* How many tokens are made or read between two such questions. */
enum { PARSE_TOKENS_PER_LOOK = 4096 };

/* Gives the names that are keywords where they stand their own kinds (soft_keywords.c). */
void soft_keywords_mark(Parse *p);

/* The text as an identifier: the same pointer for the same text. */
const Ident *parse_intern(Parse *p, const char *text, size_t n_bytes);

/* "if" for TOKEN_IF. */
const char *token_text(int kind);
bool token_is_keyword(int kind);

/* Column in bytes from 0 of an offset in a line. */
static inline uint32_t parse_column(const Parse *p, uint32_t line, uint32_t offset) {
    return offset - p->line_starts.items[line - 1];
}

static inline const Token *parse_token(const Parse *p, uint32_t index) {
    assert(index < p->tokens.n);
    return &p->tokens.items[index];
}

/* Each parse_fail_* records the error, unless there is one, and returns false.
 * Messages are formatted. The place is one token; the tokens from first to last; the
 * same but for the last character (which is where CPython ends the marks when it does
 * so at the token that it read last); the text of a node; that from one node to
 * another. */
bool parse_fail_at(Parse *p, uint32_t token, const char *format, ...)
    __attribute__((format(printf, 3, 4), cold));
bool parse_fail_range(Parse *p, uint32_t first, uint32_t last, const char *format, ...)
    __attribute__((format(printf, 4, 5), cold));
bool parse_fail_from(Parse *p, uint32_t first, uint32_t last, const char *format, ...)
    __attribute__((format(printf, 4, 5), cold));
bool parse_fail_node(Parse *p, const AstNode *node, const char *format, ...)
    __attribute__((format(printf, 3, 4), cold));
bool parse_fail_nodes(Parse *p, const AstNode *first, const AstNode *last,
                      const char *format, ...)
    __attribute__((format(printf, 4, 5), cold));

/* An error about blocks, most often an IndentationError, at a token; that may be the end of the
 * text. */
bool parse_fail_block(Parse *p, uint32_t token, SyntaxErrorKind kind, const char *format, ...)
    __attribute__((format(printf, 4, 5), cold));

/* Records an error in late_error, at a node. */
void parse_fail_late(Parse *p, const AstNode *node, const char *message)
    __attribute__((cold));

/* Nesting deeper than the parser's stack: a MemoryError, without a place. */
bool parse_fail_too_deep(Parse *p);

/* The general form: columns in bytes from 0. */
#define SOURCE_NO_COLUMN UINT32_MAX /* end_column: a single caret; column: none at all */
/* end_column: a single caret as well, whose end Python gives as 0 or as -1. */
#define SOURCE_END_ZERO      (UINT32_MAX - 1)
#define SOURCE_END_MINUS_ONE (UINT32_MAX - 2)
#define SOURCE_END_OF_TEXT   (UINT32_MAX - 3)  /* -1, and nothing follows */
typedef struct SourcePlace {
    uint32_t line;
    uint32_t column;
    uint32_t end_line;
    uint32_t end_column;
} SourcePlace;
bool parse_fail(Parse *p, SyntaxErrorKind kind, SourcePlace place, const char *message);

/* Tokens from first to last, as messages mark them. */
SourcePlace parse_place(const Parse *p, uint32_t first, uint32_t last);

/* Records a SyntaxWarning. */
void parse_warn(Parse *p, SourcePlace place, const char *message) __attribute__((cold));

#endif
