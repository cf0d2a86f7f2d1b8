/* parse.c - the one entry point: lines, the steps of a parse, and recording
 * errors.
 *
 * See also: lexer.h for the steps and for what they share. */

#include "grammar/parse.h"

#include <stdarg.h>
#include <string.h>

#include "grammar/explain.h"
#include "grammar/lexer.h"
#include "grammar/parser.h"
#include "runtime/base/utf8.h"

/* STEP token: each name of tokens.def must be a token of parser.y, else this does not
 * compile; the number must agree too. Bison adds three of its own. */
enum {
    N_TOKENS = 0
#define TOKEN(NAME, text) + (TOKEN_##NAME > 0)
#include "grammar/tokens.def"
};
_Static_assert(TOKEN_YIELD - TOKEN_NAME + 1 == N_TOKENS,
               "tokens.def and parser.y disagree");

/* Offsets are 32 bits wide, and counts of tokens are bounded by them. */
enum { MAX_SOURCE_BYTES = 1 << 30 };

/* ---- recording errors ---- */

static const char *line_text(const Parse *p, uint32_t line, size_t *n_bytes) {
    if (line == 0 || line > p->line_starts.n) {
        *n_bytes = 0;
        return "";
    }
    const char *start = p->text + p->line_starts.items[line - 1];
    *n_bytes = strcspn(start, "\n");
    return start;
}

/* Python counts from 1, in characters. Bytes beyond the line's end count as
 * characters. */
static uint32_t character_column(const Parse *p, uint32_t line, uint32_t column) {
    size_t n_bytes;
    const char *text = line_text(p, line, &n_bytes);
    const size_t within = column < n_bytes ? column : n_bytes;
    return (uint32_t) (utf8_count(text, within) + (column - within)) + 1;
}

/* The line of the last token that was looked at. */
static uint32_t last_line_read(const Parse *p) {
    const uint32_t index = p->furthest > p->next ? p->furthest : p->next;
    const uint32_t n_lines = (uint32_t) p->line_starts.n - (p->line_starts.n > 1);
    if (p->tokens.n == 0) {
        return n_lines;
    }
    const Token *token = parse_token(p, index < p->tokens.n ? index : (uint32_t) p->tokens.n - 1);
    return token->line < n_lines ? token->line : n_lines;
}

static SyntaxError make_error(Parse *p, SyntaxErrorKind kind, SourcePlace place,
                              const char *message) {
    size_t n_bytes;
    const char *text = line_text(p, place.line, &n_bytes);
    SyntaxError error = {
        .kind = kind,
        .message = message,
        .filename = p->filename,
        .line = place.line,
        .end_line = place.end_line,
        .text = arena_copy_text(p->arena, text, n_bytes),
    };
    if (place.column != SOURCE_NO_COLUMN) {
        error.column = character_column(p, place.line, place.column);
    }
    switch (place.end_column) {
    case SOURCE_NO_COLUMN: error.end_column = (int32_t) error.column; break;
    case SOURCE_END_ZERO: error.end_column = 0; break;
    case SOURCE_END_OF_TEXT: error.is_behind_end = true; /* fall through */
    case SOURCE_END_MINUS_ONE: error.end_column = -1; break;
    default:
        error.end_column = (int32_t) character_column(p, place.end_line, place.end_column);
        break;
    }
    /* As CPython's buffers have it: most errors of the lexer show the line as far as its end. */
    const bool is_buffered = !p->is_lexing || (place.end_column >= SOURCE_END_OF_TEXT
                                               && place.end_column != SOURCE_NO_COLUMN);
    error.has_line_end = is_buffered && place.line >= last_line_read(p);
    if (p->mode == PARSE_EVAL && p->lacks_line_end && place.line + 1 >= p->line_starts.n) {
        error.has_line_end = false;   /* nothing was added to its text, so nothing is behind it */
        if (error.column > utf8_count(text, n_bytes)) {
            error.column = 0;
            error.end_column = 0;
        }
    }
    return error;
}

bool parse_fail(Parse *p, SyntaxErrorKind kind, SourcePlace place, const char *message) {
    if (!p->has_failed) {
        p->has_failed = true;
        *p->error = make_error(p, kind, place, message);
    }
    return false;
}

void parse_warn(Parse *p, SourcePlace place, const char *message) {
    SyntaxWarning *warning = arena_alloc(p->arena, sizeof *warning);
    warning->what = make_error(p, SYNTAX_ERROR_SYNTAX, place, message);
    SyntaxWarning **at = &p->warnings;
    while (*at != NULL && (*at)->what.line <= place.line) {
        at = &(*at)->next;
    }
    warning->next = *at;
    *at = warning;
}

/* An error of the whole text. */
static bool fail_nowhere(Parse *p, SyntaxErrorKind kind, const char *message) {
    if (!p->has_failed) {
        p->has_failed = true;
        *p->error = (SyntaxError) {
            .kind = kind,
            .message = message,
            .filename = p->filename,
        };
    }
    return false;
}

bool parse_fail_too_deep(Parse *p) {
    return fail_nowhere(p, SYNTAX_ERROR_MEMORY,
                        "Parser stack overflowed - Python source too complex to parse");
}

bool parse_goes_on(Parse *p) {
    const size_t n_bytes = p->arena->n_bytes + p->n_bytes + p->tokens.n * sizeof(Token) +
                           p->line_starts.n * sizeof(uint32_t);
    return p->guard == NULL || p->guard->goes_on(p->guard->data, n_bytes) ||
           fail_nowhere(p, SYNTAX_ERROR_STOPPED, "stopped");
}

/* Tokens without text are odd places: the caret of an indent or dedent stands before
 * the line's first token; behind the end of the text stands the last line, without a
 * caret. */
SourcePlace parse_place(const Parse *p, uint32_t first, uint32_t last) {
    const Token *from = parse_token(p, first);
    const Token *to = parse_token(p, last);
    if (from->start >= p->n_bytes) {
        const uint32_t line = (uint32_t) p->line_starts.n - 1;   /* 0 for no text at all */
        return (SourcePlace) {line, SOURCE_NO_COLUMN, line, SOURCE_NO_COLUMN};
    }
    if (from->kind == TOKEN_INDENT || from->kind == TOKEN_DEDENT) {
        const uint32_t column = parse_column(p, from->line, from->start);
        return (SourcePlace){from->line, column == 0 ? SOURCE_NO_COLUMN : column - 1,
                             from->line, SOURCE_END_MINUS_ONE};
    }
    return (SourcePlace) {
        .line = from->line,
        .column = parse_column(p, from->line, from->start),
        .end_line = to->end_line,
        .end_column = parse_column(p, to->end_line, to->end),
    };
}

static SourcePlace place_of_nodes(const AstNode *first, const AstNode *last) {
    return (SourcePlace) {first->line, first->col, last->end_line, last->end_col};
}

/* The message of a function with `format, ...` as its last parameters. */
#define FORMAT_MESSAGE(message, p, format) \
    va_list arguments; \
    va_start(arguments, format); \
    const char *message = arena_format_v((p)->arena, format, arguments); \
    va_end(arguments)

bool parse_fail_at(Parse *p, uint32_t token, const char *format, ...) {
    FORMAT_MESSAGE(message, p, format);
    return parse_fail(p, SYNTAX_ERROR_SYNTAX, parse_place(p, token, token), message);
}

bool parse_fail_range(Parse *p, uint32_t first, uint32_t last, const char *format, ...) {
    FORMAT_MESSAGE(message, p, format);
    return parse_fail(p, SYNTAX_ERROR_SYNTAX, parse_place(p, first, last), message);
}

bool parse_fail_from(Parse *p, uint32_t first, uint32_t last, const char *format, ...) {
    FORMAT_MESSAGE(message, p, format);
    SourcePlace place = parse_place(p, first, last);
    place.end_column -= place.end_column > 0;
    return parse_fail(p, SYNTAX_ERROR_SYNTAX, place, message);
}

bool parse_fail_node(Parse *p, const AstNode *node, const char *format, ...) {
    FORMAT_MESSAGE(message, p, format);
    return parse_fail(p, SYNTAX_ERROR_SYNTAX, place_of_nodes(node, node), message);
}

bool parse_fail_nodes(Parse *p, const AstNode *first, const AstNode *last,
                      const char *format, ...) {
    FORMAT_MESSAGE(message, p, format);
    return parse_fail(p, SYNTAX_ERROR_SYNTAX, place_of_nodes(first, last), message);
}

bool parse_fail_block(Parse *p, uint32_t token, SyntaxErrorKind kind, const char *format, ...) {
    FORMAT_MESSAGE(message, p, format);
    SourcePlace place = parse_place(p, token, token);
    if (parse_token(p, token)->start >= p->n_bytes) {
        size_t n_bytes;
        line_text(p, place.line, &n_bytes);
        place.column = (uint32_t) n_bytes;
        place.end_column = SOURCE_END_OF_TEXT;
    }
    return parse_fail(p, kind, place, message);
}

void parse_fail_late(Parse *p, const AstNode *node, const char *message) {
    if (p->late_error.message == NULL) {
        p->late_error = make_error(p, SYNTAX_ERROR_SYNTAX, place_of_nodes(node, node),
                                   message);
    }
}

/* ---- identifiers ---- */

static uint32_t hash_text(const char *text, size_t n_bytes) {
    uint32_t hash = 2166136261u;   /* FNV-1a */
    for (size_t i = 0; i < n_bytes; i++) {
        hash = (hash ^ (unsigned char) text[i]) * 16777619u;
    }
    return hash;
}

static void grow_idents(Parse *p) {
    const uint32_t size = p->idents_size == 0 ? 256 : p->idents_size * 2;
    const Ident **idents = mem_alloc_zeroed(size, sizeof *idents);
    for (uint32_t i = 0; i < p->idents_size; i++) {
        if (p->idents[i] != NULL) {
            uint32_t slot = p->idents[i]->hash & (size - 1);
            while (idents[slot] != NULL) {
                slot = (slot + 1) & (size - 1);
            }
            idents[slot] = p->idents[i];
        }
    }
    mem_free(p->idents);
    p->idents = idents;
    p->idents_size = size;
}

const Ident *parse_intern(Parse *p, const char *text, size_t n_bytes) {
    if (p->n_idents * 2 >= p->idents_size) {
        grow_idents(p);
    }
    const uint32_t hash = hash_text(text, n_bytes);
    uint32_t slot = hash & (p->idents_size - 1);
    for (const Ident *ident; (ident = p->idents[slot]) != NULL;) {
        if (ident->hash == hash && ident->n_bytes == n_bytes
            && memcmp(ident->text, text, n_bytes) == 0) {
            return ident;
        }
        slot = (slot + 1) & (p->idents_size - 1);
    }
    Ident *ident = arena_alloc(p->arena, sizeof *ident + n_bytes + 1);
    ident->n_bytes = (uint32_t) n_bytes;
    ident->hash = hash;
    memcpy(ident->text, text, n_bytes);
    ident->text[n_bytes] = '\0';
    p->idents[slot] = ident;
    p->n_idents++;
    return ident;
}

/* ---- the text ---- */

/* How far the line goes that begins here, without what ends it. */
static size_t line_length(const char *text, size_t n_bytes, bool has_returns) {
    if (!has_returns) {
        const char *end = memchr(text, '\n', n_bytes);
        return end == NULL ? n_bytes : (size_t) (end - text);
    }
    size_t n_line = 0;
    while (n_line < n_bytes && text[n_line] != '\n' && text[n_line] != '\r') {
        n_line++;
    }
    return n_line;
}

/* Copies the text with \n for each line end, adds the last one if it lacks, and notes
 * where lines begin. Returns the copy, which is malloc'ed. */
static char *read_lines(Parse *p, const char *text, size_t n_bytes) {
    char *copy = mem_alloc(n_bytes + 2);
    char *out = copy;
    vec_reserve(&p->line_starts, n_bytes / 32 + 2);
    vec_push(&p->line_starts, 0);
    const bool has_returns = memchr(text, '\r', n_bytes) != NULL;
    for (size_t i = 0; i < n_bytes;) {
        const size_t n_line = line_length(text + i, n_bytes - i, has_returns);
        memcpy(out, text + i, n_line);
        out += n_line;
        i += n_line;
        if (i < n_bytes) {
            i += text[i] == '\r' && i + 1 < n_bytes && text[i + 1] == '\n' ? 2 : 1;
            *out++ = '\n';
            vec_push(&p->line_starts, (uint32_t) (out - copy));
        }
    }
    if (out > copy && out[-1] != '\n') {
        p->lacks_line_end = true;
        *out++ = '\n';
        vec_push(&p->line_starts, (uint32_t) (out - copy));
    }
    *out = '\0';
    p->text = copy;
    p->n_bytes = (uint32_t) (out - copy);
    return copy;
}

static uint32_t line_of(const char *text, size_t offset) {
    uint32_t line = 1;
    for (size_t i = 0; i < offset; i++) {
        line += text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n');
    }
    return line;
}

/* A zero byte: shown is its line, as far as it goes. */
static bool fail_zero_byte(Parse *p, const char *text, size_t offset) {
    mem_free(read_lines(p, text, offset));
    size_t line_start = offset;
    while (line_start > 0 && text[line_start - 1] != '\n') {
        line_start--;
    }
    fail_nowhere(p, SYNTAX_ERROR_SYNTAX, "source code cannot contain null bytes");
    p->error->line = p->error->end_line = line_of(text, offset);
    p->error->text = arena_copy_text(p->arena, text + line_start, offset - line_start);
    return false;
}

static bool check_bytes(Parse *p, const char *text, size_t n_bytes) {
    if (n_bytes > MAX_SOURCE_BYTES) {
        return fail_nowhere(p, SYNTAX_ERROR_MEMORY, "source code is too large");
    }
    const char *zero = memchr(text, '\0', n_bytes);
    const size_t n_sound = utf8_check(text,
                                      zero == NULL ? n_bytes : (size_t) (zero - text));
    if (zero != NULL && n_sound == (size_t) (zero - text)) {
        return fail_zero_byte(p, text, n_sound);
    }
    if (n_sound < n_bytes) {
        return fail_nowhere(
            p, SYNTAX_ERROR_SYNTAX,
            arena_format(p->arena,
                         "Non-UTF-8 code starting with '\\x%02x' in file %s on line %u, "
                         "but no encoding "
                         "declared; see https://peps.python.org/pep-0263/ for details",
                         (unsigned char) text[n_sound], p->filename,
                         line_of(text, n_sound)));
    }
    return true;
}

/* ---- the steps ---- */

/* What stands before the first token for the parser: it chooses the mode. */
static int start_token(ParseMode mode) {
    return mode == PARSE_EVAL ? TOKEN_START_EVAL
         : mode == PARSE_SINGLE ? TOKEN_START_SINGLE : TOKEN_START_FILE;
}

static bool run_steps(Parse *p, const char *text, size_t n_bytes) {
    if (!check_bytes(p, text, n_bytes)) {
        return false;
    }
    p->n_bytes = (uint32_t)n_bytes;
    if (!parse_goes_on(p)) {
        return false;
    }
    char *copy = read_lines(p, text, n_bytes);
    vec_push(&p->tokens,
             (Token){.kind = (uint16_t) start_token(p->mode), .line = 1, .end_line = 1});
    p->is_lexing = true;
    const bool has_tokens = lexer_run(p);
    p->is_lexing = false;
    if (p->error->kind == SYNTAX_ERROR_STOPPED) {
        mem_free(copy);
        return false;
    }
    if (!has_tokens) {
        p->lexer_error = *p->error;
        p->has_failed = false;
    }
    soft_keywords_mark(p);
    const bool is_ok = parser_parse(p) == 0 && !p->has_failed &&
                       p->lexer_error.message == NULL;
    if (!is_ok && p->error->kind != SYNTAX_ERROR_STOPPED) {
        explain_failure(p);
    }
    mem_free(copy);
    return is_ok;
}

AstModule *parse_source(Arena *arena, const char *filename, const char *text, size_t n_bytes,
                        ParseMode mode, const ParseGuard *guard, SyntaxError *error) {
    Parse parse = {
        .arena = arena, .filename = filename, .mode = mode, .guard = guard, .error = error};
    Parse *p = &parse;
    *error = (SyntaxError) {0};
    bool is_ok = run_steps(p, text, n_bytes);
    if (is_ok && p->late_error.message != NULL) {
        *error = p->late_error;
        is_ok = false;
    }
    error->warnings = p->warnings;
    vec_free(&p->line_starts);
    vec_free(&p->tokens);
    buf_free(&p->scratch);
    mem_free(p->idents);
    return is_ok ? p->module : NULL;
}
