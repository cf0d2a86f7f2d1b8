/* lexer.re - text to tokens: indentation, brackets, names, numbers, strings,
 * f-strings.
 *
 * re2c makes the scanner of single tokens; what needs memory stands in C around it:
 * the stacks of indentations, of open brackets and of open f-strings.
 *
 * Invariants
 *   1. An f-string is a run of tokens: FSTRING_START, then FSTRING_MIDDLE for text and
 *      the tokens of the replacement fields between "{" and "}", then FSTRING_END.
 *      While its text is read in_text is set; while a field is read it is not, and the
 *      field's "{" lies on the bracket stack.
 *   2. In brackets, those of fields included, line ends and indentation mean nothing.
 *   3. Where the text is wrong, the first error is recorded and no further token but
 *      END is made.
 *
 * See also: lexer.h, literal.c (what strings and numbers mean),
 * tests/unit/test_lexer.c. */

#include "grammar/lexer.h"

#include <string.h>

#include "grammar/parser.h"
#include "runtime/base/unicode_normal.h"
#include "runtime/base/utf8.h"

enum { TAB_SIZE = 8 };

typedef struct Bracket {
    char     opening;
    bool     is_field;   /* the { of a replacement field */
    uint32_t line;
    uint32_t start;
} Bracket;

typedef struct FString {
    uint32_t line;
    uint32_t start;
    uint32_t base_level;  /* open brackets around the f-string */
    uint32_t token;       /* index of its FSTRING_START */
    uint32_t n_fields;    /* replacement fields open in it */
    char     quote;
    uint8_t  n_quotes;    /* 1 or 3 */
    bool     is_raw;
    bool     in_text;     /* invariant 1 */
} FString;

/* Python measures indentation twice, with tabs to the next multiple of 8 and as one
 * column; where the two disagree about what is deeper, the indentation is
 * inconsistent. */
typedef struct Indent {
    uint32_t columns;
    uint32_t columns_if_tab_is_one;
} Indent;

typedef struct Lexer {
    Parse      *p;
    const char *cursor;
    const char *start;    /* of the token in the making */
    uint32_t    line;     /* of the cursor */
    bool        at_line_start;
    uint32_t    n_indents;
    uint32_t    n_brackets;
    uint32_t    n_fstrings;
    Indent      indents[LEXER_MAX_INDENTS];    /* indents[0] is column 0 */
    Bracket     brackets[LEXER_MAX_BRACKETS];
    FString     fstrings[LEXER_MAX_FSTRINGS];
} Lexer;

static uint32_t offset_of(const Lexer *lx, const char *at) {
    return (uint32_t) (at - lx->p->text);
}

static const char *text_end(const Lexer *lx) {
    return lx->p->text + lx->p->n_bytes;
}

/* ---- errors ---- */

/* A single caret at a byte of a line; `at` is just past it. */
static bool fail_before(Lexer *lx, uint32_t line, const char *at, const char *message) {
    const uint32_t column = parse_column(lx->p, line, offset_of(lx, at));
    const uint32_t before = column == 0 ? 0 : column - 1;
    const SourcePlace place = {line, before, line, SOURCE_NO_COLUMN};
    return parse_fail(lx->p, SYNTAX_ERROR_SYNTAX, place, message);
}

static bool fail_here(Lexer *lx, const char *message) {
    return fail_before(lx, lx->line, lx->cursor, message);
}

static bool fail_indentation(Lexer *lx, const char *message) {
    lx->p->is_weak = true;
    const char *end = lx->cursor + strcspn(lx->cursor, "\n");
    const uint32_t column = parse_column(lx->p, lx->line, offset_of(lx, end));
    const SourcePlace place = {lx->line, column, lx->line, SOURCE_END_MINUS_ONE};
    return parse_fail(lx->p, SYNTAX_ERROR_INDENTATION, place, message);
}

/* ---- making tokens ---- */

static Token *add_token(Lexer *lx, int kind, uint32_t line) {
    vec_push(&lx->p->tokens, (Token) {
        .kind = (uint16_t) kind,
        .level = (uint16_t) lx->n_brackets,
        .line = line,
        .end_line = lx->line,
        .start = offset_of(lx, lx->start),
        .end = offset_of(lx, lx->cursor),
    });
    return vec_last(&lx->p->tokens);
}

static bool add(Lexer *lx, int kind) {
    add_token(lx, kind, lx->line);
    return true;
}

/* ---- indentation ---- */

/* Skips blank lines and comments; sets cursor to the first token of a line and
 * measures what stands before it. A form feed starts again; after a backslash at a
 * line's end the next line's blanks count only if there were none before. */
static Indent measure(Lexer *lx) {
    Indent indent = {0, 0};
    Indent continued = {0, 0};
    bool is_continued = false;
    for (;; lx->cursor++) {
        switch (*lx->cursor) {
        case ' ':
            indent.columns++;
            indent.columns_if_tab_is_one++;
            break;
        case '\t':
            indent.columns = (indent.columns / TAB_SIZE + 1) * TAB_SIZE;
            indent.columns_if_tab_is_one++;
            break;
        case '\f':
            indent = (Indent) {0, 0};
            break;
        case '#':
            lx->cursor += strcspn(lx->cursor, "\n") - 1;
            break;
        case '\n':
            lx->line++;
            indent = (Indent) {0, 0};
            is_continued = false;
            break;
        case '\\':
            if (lx->cursor[1] == '\n' && lx->cursor + 2 < text_end(lx)) {
                if (!is_continued) {
                    continued = indent;
                    is_continued = indent.columns > 0;
                }
                lx->cursor++;
                lx->line++;
                indent = (Indent) {0, 0};
                break;
            }
            return is_continued ? continued : indent;
        default:
            return is_continued ? continued : indent;
        }
    }
}

static bool indent_deeper(Lexer *lx, Indent indent) {
    if (lx->n_indents == LEXER_MAX_INDENTS) {
        return fail_indentation(lx, "too many levels of indentation");
    }
    lx->indents[lx->n_indents++] = indent;
    return add(lx, TOKEN_INDENT);
}

static bool dedent_to(Lexer *lx, Indent indent) {
    uint32_t n = lx->n_indents;
    while (lx->indents[n - 1].columns > indent.columns) {
        n--;
    }
    if (lx->indents[n - 1].columns != indent.columns) {
        return fail_indentation(lx,
                                "unindent does not match any outer indentation level");
    }
    for (; lx->n_indents > n; lx->n_indents--) {
        add(lx, TOKEN_DEDENT);
    }
    return true;
}

static bool scan_indentation(Lexer *lx) {
    const Indent indent = measure(lx);
    lx->start = lx->cursor;
    lx->at_line_start = false;
    if (lx->cursor >= text_end(lx)) {
        return dedent_to(lx, (Indent) {0, 0});
    }
    const Indent outer = lx->indents[lx->n_indents - 1];
    bool is_ok = true;
    if (indent.columns > outer.columns) {
        is_ok = indent.columns_if_tab_is_one > outer.columns_if_tab_is_one;
        if (is_ok) {
            return indent_deeper(lx, indent);
        }
    } else if (indent.columns < outer.columns) {
        if (!dedent_to(lx, indent)) {
            return false;
        }
    }
    const Indent now = lx->indents[lx->n_indents - 1];
    if (!is_ok || indent.columns_if_tab_is_one != now.columns_if_tab_is_one) {
        const SourcePlace place = {lx->line, 0, lx->line, SOURCE_END_ZERO};
        lx->p->is_weak = true;
        return parse_fail(lx->p, SYNTAX_ERROR_TAB, place,
                          "inconsistent use of tabs and spaces in indentation");
    }
    return true;
}

/* ---- brackets ---- */

static FString *current_fstring(Lexer *lx) {
    return lx->n_fstrings == 0 ? NULL : &lx->fstrings[lx->n_fstrings - 1];
}

/* Whether the cursor stands in a replacement field, in no bracket of its own. */
static bool is_in_bare_field(const Lexer *lx) {
    return lx->n_fstrings > 0 && lx->n_brackets > 0
        && lx->brackets[lx->n_brackets - 1].is_field;
}

static bool open_bracket(Lexer *lx, int kind, bool is_field) {
    if (lx->n_brackets == LEXER_MAX_BRACKETS) {
        return fail_here(lx, "too many nested parentheses");
    }
    lx->brackets[lx->n_brackets++] =
        (Bracket) {*lx->start, is_field, lx->line, offset_of(lx, lx->start)};
    return add(lx, kind);
}

static bool fail_mismatch(Lexer *lx, const Bracket *bracket, char closing) {
    Arena *arena = lx->p->arena;
    if (bracket->line == lx->line) {
        return fail_here(lx, arena_format(arena,
            "closing parenthesis '%c' does not match opening parenthesis '%c'",
            closing, bracket->opening));
    }
    return fail_here(lx, arena_format(arena,
        "closing parenthesis '%c' does not match opening parenthesis '%c' on line %u",
        closing, bracket->opening, bracket->line));
}

static bool close_bracket(Lexer *lx, int kind, char opening) {
    const char closing = *lx->start;
    if (lx->n_brackets == 0) {
        return fail_here(lx, arena_format(lx->p->arena, "unmatched '%c'", closing));
    }
    const Bracket *bracket = &lx->brackets[lx->n_brackets - 1];
    if (bracket->opening != opening) {
        if (bracket->is_field) {
            return fail_here(lx, arena_format(lx->p->arena, "f-string: unmatched '%c'",
                                              closing));
        }
        return fail_mismatch(lx, bracket, closing);
    }
    if (bracket->is_field) {
        current_fstring(lx)->in_text = true;
        current_fstring(lx)->n_fields--;
    }
    lx->n_brackets--;
    return add(lx, kind);
}

/* ---- strings ---- */

static bool is_raw_prefix(const char *prefix, size_t n_bytes) {
    return memchr(prefix, 'r', n_bytes) != NULL || memchr(prefix, 'R', n_bytes) != NULL;
}

/* The caret stands at the first byte of the literal, the message tells where the
 * search ended. */
static bool fail_unterminated(Lexer *lx, uint32_t line, const char *format) {
    return fail_before(lx, line, lx->start + 1,
                       arena_format(lx->p->arena, format, lx->line));
}

/* A quote that the string could have ended with may be meant for the f-string around
 * it. */
static bool fail_string(Lexer *lx, uint32_t line, char quote, uint8_t n_quotes,
                        bool has_escaped) {
    const FString *around = current_fstring(lx);
    if (around != NULL && around->quote == quote && around->n_quotes == n_quotes) {
        return fail_before(lx, line, lx->start + 1, "f-string: expecting '}'");
    }
    if (n_quotes == 3) {
        lx->p->needs_more = true;
        return fail_unterminated(lx, line, "unterminated triple-quoted string literal "
                                           "(detected at line %u)");
    }
    if (has_escaped) {
        return fail_unterminated(lx, line,
                                 "unterminated string literal (detected at line %u); "
                                 "perhaps you escaped the end quote?");
    }
    return fail_unterminated(lx, line,
                             "unterminated string literal (detected at line %u)");
}

/* The cursor stands behind the first quote. */
static bool scan_string(Lexer *lx) {
    const char quote = lx->cursor[-1];
    const uint32_t line = lx->line;
    uint8_t n_quotes = 1;
    if (lx->cursor[0] == quote && lx->cursor[1] == quote) {
        n_quotes = 3;
        lx->cursor += 2;
    } else if (lx->cursor[0] == quote) {
        lx->cursor++;
        return add(lx, TOKEN_STRING);
    }
    bool has_escaped = false;
    for (;; lx->cursor++) {
        const char c = *lx->cursor;
        if (c == quote) {
            if (n_quotes == 1) {
                lx->cursor += 1;
                break;
            }
            if (lx->cursor[1] == quote && lx->cursor[2] == quote) {
                lx->cursor += 3;
                break;
            }
        } else if (c == '\\') {
            lx->cursor++;
            has_escaped |= *lx->cursor == quote;
            lx->line += *lx->cursor == '\n';
        } else if (c == '\n') {
            if (n_quotes == 1) {
                return fail_string(lx, line, quote, n_quotes, has_escaped);
            }
            lx->line++;
        }
        if (lx->cursor >= text_end(lx)) {
            /* The last line end opens no further line. */
            lx->cursor = text_end(lx);
            lx->line = (uint32_t) lx->p->line_starts.n - 1;
            return fail_string(lx, line, quote, n_quotes, has_escaped);
        }
    }
    add_token(lx, TOKEN_STRING, line);
    return true;
}

static bool start_fstring(Lexer *lx) {
    const char quote = lx->cursor[-1];
    const size_t n_prefix = (size_t) (lx->cursor - lx->start) - 1;
    uint8_t n_quotes = 1;
    if (lx->cursor[0] == quote && lx->cursor[1] == quote) {
        n_quotes = 3;
        lx->cursor += 2;
    }
    if (lx->n_fstrings == LEXER_MAX_FSTRINGS) {
        return fail_here(lx, "too many nested f-strings");
    }
    lx->fstrings[lx->n_fstrings++] = (FString) {
        .line = lx->line,
        .start = offset_of(lx, lx->start),
        .base_level = lx->n_brackets,
        .token = (uint32_t) lx->p->tokens.n,
        .quote = quote,
        .n_quotes = n_quotes,
        .is_raw = is_raw_prefix(lx->start, n_prefix),
        .in_text = true,
    };
    return add(lx, TOKEN_FSTRING_START);
}

static bool fail_fstring(Lexer *lx, const FString *fs) {
    lx->start = lx->p->text + fs->start;
    lx->p->needs_more = fs->n_quotes == 3;
    return fail_unterminated(lx, fs->line, fs->n_quotes == 3
        ? "unterminated triple-quoted f-string literal (detected at line %u)"
        : "unterminated f-string literal (detected at line %u)");
}

static bool is_at_quotes(const FString *fs, const char *at) {
    return at[0] == fs->quote
        && (fs->n_quotes == 1 || (at[1] == fs->quote && at[2] == fs->quote));
}

/* Text that was read, if any, becomes a token. */
static void add_fstring_text(Lexer *lx, uint32_t line) {
    if (lx->cursor > lx->start) {
        add_token(lx, TOKEN_FSTRING_MIDDLE, line)->is_raw = current_fstring(lx)->is_raw;
    }
    lx->start = lx->cursor;
}

static bool open_field(Lexer *lx, FString *fs) {
    if (fs->n_fields == LEXER_MAX_FIELDS) {
        return fail_here(lx, "f-string: expressions nested too deeply");
    }
    lx->start = lx->cursor++;
    fs->n_fields++;
    fs->in_text = false;
    return open_bracket(lx, TOKEN_LBRACE, true);
}

/* In a format spec this is an error, which the parser reports: there only the brackets
 * are tidied. */
static bool end_fstring(Lexer *lx, const FString *fs) {
    lx->start = lx->cursor;
    lx->cursor += fs->n_quotes;
    lx->n_brackets = fs->base_level;
    lx->n_fstrings--;
    return add(lx, TOKEN_FSTRING_END);
}

/* Skips a backslash and what it escapes in the text of an f-string. Braces stay
 * special behind one, but for those of \N{name}. */
static void skip_escape(Lexer *lx, const FString *fs) {
    lx->cursor++;
    if (*lx->cursor == '{' || *lx->cursor == '}') {
        return;
    }
    if (!fs->is_raw && lx->cursor[0] == 'N' && lx->cursor[1] == '{') {
        const size_t length = strcspn(lx->cursor, "}\n\"'");
        lx->cursor += length + (lx->cursor[length] == '}');
        return;
    }
    lx->line += *lx->cursor == '\n';
    lx->cursor++;
}

/* Reads text up to the next field, the end of a format spec, or the end of the
 * f-string. */
static bool scan_fstring_text(Lexer *lx) {
    FString *fs = current_fstring(lx);
    const bool in_spec = lx->n_brackets > fs->base_level;
    uint32_t line = lx->line;
    lx->start = lx->cursor;
    for (;;) {
        const char c = *lx->cursor;
        if (c == fs->quote && is_at_quotes(fs, lx->cursor)) {
            add_fstring_text(lx, line);
            return end_fstring(lx, fs);
        }
        if (lx->cursor >= text_end(lx)) {
            lx->line = (uint32_t) lx->p->line_starts.n - 1;
            return fail_fstring(lx, fs);
        }
        if (c == '\n') {
            if (fs->n_quotes == 1 && !in_spec) {
                return fail_fstring(lx, fs);
            }
            if (fs->n_quotes == 1) {
                /* A line end ends the format spec: what follows is read as in any
                 * bracket. */
                add_fstring_text(lx, line);
                fs->in_text = false;
                return true;
            }
            lx->line++;
            lx->cursor++;
        } else if (c == '\\') {
            skip_escape(lx, fs);
        } else if (c == '{' && (lx->cursor[1] != '{' || in_spec)) {
            add_fstring_text(lx, line);
            return open_field(lx, fs);
        } else if (c == '}' && in_spec) {
            add_fstring_text(lx, line);
            fs->in_text = false;
            return true;
        } else if (c == '}' && lx->cursor[1] != '}') {
            lx->cursor++;
            return fail_here(lx, "f-string: single '}' is not allowed");
        } else if (c == '{' || c == '}') {
            /* A doubled brace: the text so far with one brace is a token, the other is
             * dropped. */
            lx->cursor++;
            add_fstring_text(lx, line);
            lx->start = ++lx->cursor;
            line = lx->line;
        } else {
            lx->cursor++;
        }
    }
}

/* ---- names and characters beyond ASCII ---- */

/*!re2c
    re2c:define:YYCTYPE  = "unsigned char";
    re2c:yyfill:enable   = 0;
    re2c:flags:8         = 1;
*/
/*!include:re2c "unicode_categories.re" */
/*!re2c
    // Unicode's XID_Start and XID_Continue beyond ASCII: general categories, and the few
    // characters that are kept for compatibility.
    ascii        = [\x00-\x7F];
    xid_start    = (L | Nl | [\u2118\u212E]) \ ascii;
    xid_continue = (Mn | Mc | Nd | Pc | [\xB7\u0387\u1369-\u1371\u19DA]) \ ascii;
    printable    = L | M | N | P | S | " ";
*/

typedef enum CharacterClass {
    CHARACTER_START,
    CHARACTER_CONTINUE,
    CHARACTER_OTHER,
} CharacterClass;

/* What the character at *at may be in a name; moves *at behind it. */
static CharacterClass classify(const char **at) {
    const unsigned char *YYCURSOR = (const unsigned char *) *at;
    const unsigned char *YYMARKER;
    /*!re2c
        xid_start    { *at = (const char *) YYCURSOR; return CHARACTER_START; }
        xid_continue { *at = (const char *) YYCURSOR; return CHARACTER_CONTINUE; }
        *            { return CHARACTER_OTHER; }
    */
}

static bool is_printable(const char *at) {
    const unsigned char *YYCURSOR = (const unsigned char *) at;
    const unsigned char *YYMARKER;
    /*!re2c
        printable { return true; }
        *         { return false; }
    */
}

/* Start of the first character in [at, end) that the name may not hold; end when all
 * may. */
static const char *find_bad_character(const char *at, const char *end) {
    bool is_first = true;
    while (at < end) {
        const char *before = at;
        if ((unsigned char) *at < 0x80) {
            at++;
        } else {
            const CharacterClass class = classify(&at);
            if (class == CHARACTER_OTHER || (class == CHARACTER_CONTINUE && is_first)) {
                return before;
            }
        }
        is_first = false;
    }
    return end;
}

static bool fail_character(Lexer *lx, const char *at) {
    size_t length;
    const uint32_t code_point = utf8_decode(at, &length);
    lx->cursor = at + 1;   /* the caret stands at the character's first byte */
    Arena *arena = lx->p->arena;
    if (is_printable(at)) {
        return fail_here(lx, arena_format(arena, "invalid character '%.*s' (U+%04X)",
                                          (int) length, at, code_point));
    }
    return fail_here(lx, arena_format(arena, "invalid non-printable character U+%04X",
                                      code_point));
}

/* Names that differ only in how their characters are written are one name. */
static const Ident *intern_normal(Parse *p, const char *text, size_t n_bytes) {
    Buf normal = {0};
    unicode_normalize((NormalForm) {.is_compatible = true, .is_composed = true}, text, n_bytes,
                      &normal);
    const Ident *ident = parse_intern(p, normal.bytes, normal.n_bytes);
    buf_free(&normal);
    return ident;
}

static bool add_name(Lexer *lx, bool is_ascii) {
    if (!is_ascii) {
        const char *bad = find_bad_character(lx->start, lx->cursor);
        if (bad < lx->cursor) {
            return fail_character(lx, bad);
        }
    }
    const size_t n_bytes = (size_t) (lx->cursor - lx->start);
    add_token(lx, TOKEN_NAME, lx->line)->ident =
        is_ascii ? parse_intern(lx->p, lx->start, n_bytes)
                 : intern_normal(lx->p, lx->start, n_bytes);
    return true;
}

/* ---- numbers ---- */

static bool is_ascii_name_byte(char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z');
}

/* A keyword may follow a number at once, as in `1if x else 2`; for those with i, two
 * letters decide. */
static bool is_keyword_after_number(const char *at) {
    static const char *const keywords[] = {"and", "else", "for", "not", "or"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        const size_t length = strlen(keywords[i]);
        if (strncmp(at, keywords[i], length) == 0 && !is_ascii_name_byte(at[length])) {
            return true;
        }
    }
    return at[0] == 'i' && (at[1] == 'f' || at[1] == 'n' || at[1] == 's');
}

/* The cursor stands where a digit of the base should stand. After an underscore the
 * caret stands at it, else at the last good byte. */
static bool fail_number(Lexer *lx, const char *base, char last_digit) {
    Arena *arena = lx->p->arena;
    if (*lx->cursor == '_' && strchr(".jJ", lx->cursor[-1]) == NULL) {
        lx->cursor++;
    }
    if (*lx->cursor > last_digit && *lx->cursor <= '9') {
        return fail_here(lx, arena_format(arena, "invalid digit '%c' in %s literal",
                                          *lx->cursor++, base));
    }
    return fail_here(lx, arena_format(arena, "invalid %s literal", base));
}

/* The cursor stands behind the longest number there is; what follows must not belong
 * to it. */
static bool add_number(Lexer *lx, const char *base, char last_digit) {
    if (!is_ascii_name_byte(*lx->cursor)) {
        return add(lx, TOKEN_NUMBER);
    }
    if (!is_keyword_after_number(lx->cursor)) {
        return fail_number(lx, base, last_digit);
    }
    const uint32_t column = parse_column(lx->p, lx->line, offset_of(lx, lx->cursor));
    const SourcePlace place = {lx->line, column - 1, lx->line, SOURCE_NO_COLUMN};
    parse_warn(lx->p, place, arena_format(lx->p->arena, "invalid %s literal", base));
    return add(lx, TOKEN_NUMBER);
}

/* 012: the range is that of the zeros. */
static bool fail_leading_zeros(Lexer *lx) {
    const char *end = lx->start + strspn(lx->start, "0_");
    const SourcePlace place = {
        .line = lx->line,
        .column = parse_column(lx->p, lx->line, offset_of(lx, lx->start)),
        .end_line = lx->line,
        .end_column = parse_column(lx->p, lx->line, offset_of(lx, end)),
    };
    return parse_fail(lx->p, SYNTAX_ERROR_SYNTAX, place,
                      "leading zeros in decimal integer literals are not permitted; "
                      "use an 0o prefix for octal integers");
}

/* ---- the scanner of single tokens ---- */

/* The zero byte behind the text. With brackets open no line ends: the parser will not
 * like it. */
static bool end_text(Lexer *lx) {
    lx->cursor = lx->start;
    if (lx->n_brackets > 0) {
        const Bracket *innermost = &lx->brackets[lx->n_brackets - 1];
        lx->p->unclosed =
            (UnclosedBracket) {innermost->opening, innermost->line, innermost->start};
    }
    return add(lx, TOKEN_END);
}

static bool end_line(Lexer *lx) {
    const uint32_t line = lx->line;
    add(lx, TOKEN_NEWLINE);
    lx->line = line + 1;
    lx->at_line_start = true;
    return true;
}

static bool continue_line(Lexer *lx) {
    lx->line++;
    if (lx->cursor < text_end(lx)) {
        return true;
    }
    lx->line--;
    lx->p->is_weak = true;
    lx->p->needs_more = true;
    const uint32_t column = parse_column(lx->p, lx->line, offset_of(lx, lx->start) + 1);
    const SourcePlace place = {
        .line = lx->line,
        .column = column,
        .end_line = lx->line,
        .end_column = column == 1 ? SOURCE_END_OF_TEXT : SOURCE_END_MINUS_ONE,
    };
    return parse_fail(lx->p, SYNTAX_ERROR_SYNTAX, place, "unexpected EOF while parsing");
}

/* A colon ends the expression of a replacement field, if it is in none of its
 * brackets. */
static bool add_colon(Lexer *lx) {
    if (is_in_bare_field(lx)) {
        lx->cursor = lx->start + 1;   /* := is no operator there */
        current_fstring(lx)->in_text = true;
        return add(lx, TOKEN_COLON);
    }
    return add(lx, lx->cursor == lx->start + 1 ? TOKEN_COLON : TOKEN_COLON_EQUAL);
}

/* Skips blanks, reads one token. */
static bool scan_token(Lexer *lx) {
    const unsigned char *YYCURSOR = (const unsigned char *) lx->cursor;
    const unsigned char *YYMARKER;
    const char *comment = NULL;   /* in front of the line's end, which begins with it */
again:
    lx->start = (const char *) YYCURSOR;

#define AT_CURSOR(action) (lx->cursor = (const char *) YYCURSOR, (action))
#define END_TOKEN(action) return AT_CURSOR(action)
#define TOKEN(kind)       END_TOKEN(add(lx, TOKEN_##kind))

    /*!re2c
        re2c:flags:8 = 0;

        digits     = [0-9] ("_"? [0-9])*;
        zeros      = "0" ("_"? "0")*;
        decimal    = [1-9] ("_"? [0-9])* | zeros;
        exponent   = [eE] [-+]? digits;
        float      = digits exponent | (digits "." digits? | "." digits) exponent?;
        name_start = [_a-zA-Z];
        name       = name_start [_a-zA-Z0-9]*;
        name_wide  = (name_start | [\x80-\xFF]) [_a-zA-Z0-9\x80-\xFF]*;
        prefix     = [rRuU] | [bB] [rR]? | [rR] [bB];
        f_prefix   = [fF] [rR]? | [rR] [fF];

        [ \t\f]+  { goto again; }

        "#" [^\n\x00]* {
            comment = lx->start;
            goto again;
        }

        "\n" {
            lx->cursor = (const char *) YYCURSOR;
            if (lx->n_brackets > 0) {
                lx->line++;
                comment = NULL;
                goto again;
            }
            lx->start = comment != NULL ? comment : lx->start;
            return end_line(lx);
        }

        "\\\n" {
            lx->cursor = (const char *) YYCURSOR;
            if (!continue_line(lx)) {
                return false;
            }
            goto again;
        }

        "\\" {
            const uint32_t column =
                parse_column(lx->p, lx->line, offset_of(lx, (const char *) YYCURSOR));
            lx->p->is_weak = true;
            return parse_fail(lx->p, SYNTAX_ERROR_SYNTAX,
                              (SourcePlace) {lx->line, column, lx->line, SOURCE_END_ZERO},
                              "unexpected character after line continuation character");
        }

        "False"     { TOKEN(FALSE); }
        "None"      { TOKEN(NONE); }
        "True"      { TOKEN(TRUE); }
        "and"       { TOKEN(AND); }
        "as"        { TOKEN(AS); }
        "assert"    { TOKEN(ASSERT); }
        "async"     { TOKEN(ASYNC); }
        "await"     { TOKEN(AWAIT); }
        "break"     { TOKEN(BREAK); }
        "class"     { TOKEN(CLASS); }
        "continue"  { TOKEN(CONTINUE); }
        "def"       { TOKEN(DEF); }
        "del"       { TOKEN(DEL); }
        "elif"      { TOKEN(ELIF); }
        "else"      { TOKEN(ELSE); }
        "except"    { TOKEN(EXCEPT); }
        "finally"   { TOKEN(FINALLY); }
        "for"       { TOKEN(FOR); }
        "from"      { TOKEN(FROM); }
        "global"    { TOKEN(GLOBAL); }
        "if"        { TOKEN(IF); }
        "import"    { TOKEN(IMPORT); }
        "in"        { TOKEN(IN); }
        "is"        { TOKEN(IS); }
        "lambda"    { TOKEN(LAMBDA); }
        "nonlocal"  { TOKEN(NONLOCAL); }
        "not"       { TOKEN(NOT); }
        "or"        { TOKEN(OR); }
        "pass"      { TOKEN(PASS); }
        "raise"     { TOKEN(RAISE); }
        "return"    { TOKEN(RETURN); }
        "try"       { TOKEN(TRY); }
        "while"     { TOKEN(WHILE); }
        "with"      { TOKEN(WITH); }
        "yield"     { TOKEN(YIELD); }

        name        { END_TOKEN(add_name(lx, true)); }
        name_wide   { END_TOKEN(add_name(lx, false)); }

        prefix? ['"]    { END_TOKEN(scan_string(lx)); }
        f_prefix ['"]   { END_TOKEN(start_fstring(lx)); }

        decimal                      { END_TOKEN(add_number(lx, "decimal", '9')); }
        float                        { END_TOKEN(add_number(lx, "decimal", '9')); }
        (float | digits) [jJ]        { END_TOKEN(add_number(lx, "imaginary", '9')); }
        "0" [xX] ("_"? [0-9a-fA-F])+ { END_TOKEN(add_number(lx, "hexadecimal", '9')); }
        "0" [oO] ("_"? [0-7])+       { END_TOKEN(add_number(lx, "octal", '7')); }
        "0" [bB] ("_"? [01])+        { END_TOKEN(add_number(lx, "binary", '1')); }
        "0" [xX]                     { END_TOKEN(fail_number(lx, "hexadecimal", '9')); }
        "0" [oO]                     { END_TOKEN(fail_number(lx, "octal", '7')); }
        "0" [bB]                     { END_TOKEN(fail_number(lx, "binary", '1')); }
        zeros "_"? [1-9] ("_"? [0-9])*  { return fail_leading_zeros(lx); }
        (float | digits) [eE] [-+]   {
            /* `1e+` is no number; but `0xe+1` and `1else` are other rules. */
            lx->cursor = (const char *) YYCURSOR;
            return fail_here(lx, "invalid decimal literal");
        }

        "("    { END_TOKEN(open_bracket(lx, TOKEN_LPAR, false)); }
        "["    { END_TOKEN(open_bracket(lx, TOKEN_LSQB, false)); }
        "{"    { END_TOKEN(open_bracket(lx, TOKEN_LBRACE, false)); }
        ")"    { END_TOKEN(close_bracket(lx, TOKEN_RPAR, '(')); }
        "]"    { END_TOKEN(close_bracket(lx, TOKEN_RSQB, '[')); }
        "}"    { END_TOKEN(close_bracket(lx, TOKEN_RBRACE, '{')); }
        ":"    { END_TOKEN(add_colon(lx)); }
        ":="   { END_TOKEN(add_colon(lx)); }

        ","    { TOKEN(COMMA); }
        ";"    { TOKEN(SEMI); }
        "."    { TOKEN(DOT); }
        "..."  { TOKEN(ELLIPSIS); }
        "->"   { TOKEN(RARROW); }
        "!"    { TOKEN(EXCLAMATION); }
        "@"    { TOKEN(AT); }
        "="    { TOKEN(EQUAL); }
        "+="   { TOKEN(PLUS_EQUAL); }
        "-="   { TOKEN(MINUS_EQUAL); }
        "*="   { TOKEN(STAR_EQUAL); }
        "@="   { TOKEN(AT_EQUAL); }
        "/="   { TOKEN(SLASH_EQUAL); }
        "%="   { TOKEN(PERCENT_EQUAL); }
        "&="   { TOKEN(AMPERSAND_EQUAL); }
        "|="   { TOKEN(VBAR_EQUAL); }
        "^="   { TOKEN(CIRCUMFLEX_EQUAL); }
        "<<="  { TOKEN(LEFT_SHIFT_EQUAL); }
        ">>="  { TOKEN(RIGHT_SHIFT_EQUAL); }
        "**="  { TOKEN(DOUBLE_STAR_EQUAL); }
        "//="  { TOKEN(DOUBLE_SLASH_EQUAL); }
        "+"    { TOKEN(PLUS); }
        "-"    { TOKEN(MINUS); }
        "*"    { TOKEN(STAR); }
        "/"    { TOKEN(SLASH); }
        "%"    { TOKEN(PERCENT); }
        "&"    { TOKEN(AMPERSAND); }
        "|"    { TOKEN(VBAR); }
        "^"    { TOKEN(CIRCUMFLEX); }
        "~"    { TOKEN(TILDE); }
        "<<"   { TOKEN(LEFT_SHIFT); }
        ">>"   { TOKEN(RIGHT_SHIFT); }
        "**"   { TOKEN(DOUBLE_STAR); }
        "//"   { TOKEN(DOUBLE_SLASH); }
        "<"    { TOKEN(LESS); }
        ">"    { TOKEN(GREATER); }
        "<="   { TOKEN(LESS_EQUAL); }
        ">="   { TOKEN(GREATER_EQUAL); }
        "=="   { TOKEN(EQUAL_EQUAL); }
        "!="   { TOKEN(NOT_EQUAL); }
        [$?`] | "<>"  { TOKEN(STRAY); }

        "\x00" { return end_text(lx); }
        *      { return fail_character(lx, lx->start); }
    */
#undef TOKEN
#undef END_TOKEN
#undef AT_CURSOR
}

bool lexer_run(Parse *p) {
    Lexer *lx = mem_alloc_zeroed(1, sizeof *lx);
    lx->p = p;
    lx->cursor = p->text;
    lx->line = 1;
    lx->at_line_start = true;
    lx->n_indents = 1;
    vec_reserve(&p->tokens, p->n_bytes / 4 + 16);
    bool is_ok = true;
    size_t next_look = PARSE_TOKENS_PER_LOOK;
    do {
        if (p->tokens.n >= next_look) {
            next_look = p->tokens.n + PARSE_TOKENS_PER_LOOK;
            if (!parse_goes_on(p)) {
                is_ok = false;
                break;
            }
        }
        const FString *fs = current_fstring(lx);
        if (fs != NULL && fs->in_text) {
            is_ok = scan_fstring_text(lx);
        } else if (lx->at_line_start) {
            is_ok = scan_indentation(lx);
        } else {
            is_ok = scan_token(lx);
        }
    } while (is_ok && (p->tokens.n == 0 || vec_last(&p->tokens)->kind != TOKEN_END));
    if (!is_ok) {
        p->lexer_fstring = lx->n_fstrings > 0 ? lx->fstrings[0].token : 0;
        lx->start = lx->cursor;
        add(lx, TOKEN_END);
    }
    mem_free(lx);
    return is_ok;
}

/* ---- the table of tokens ---- */

const char *token_text(int kind) {
    switch (kind) {
#define TOKEN(NAME, text) case TOKEN_##NAME: return text;
#include "grammar/tokens.def"
    default: return "end of file";
    }
}

bool token_is_keyword(int kind) {
    return kind >= TOKEN_FALSE && kind <= TOKEN_YIELD;
}
