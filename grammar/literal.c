/* literal.c - what numbers and strings mean.
 *
 * The text of a token becomes the value of a Constant: numbers are converted, escapes
 * decoded, strings that follow one another joined. The lexer has checked the form.
 *
 * See also: tests/unit/test_parser.c. */

#include <stdlib.h>
#include <string.h>

#include "grammar/parser.h"
#include "grammar/tree.h"
#include "runtime/base/unicode_data.h"
#include "runtime/base/utf8.h"

/* Python converts no longer decimal text, as the time grows with the square of the
 * length. */
enum { MAX_DECIMAL_DIGITS = 4300 };

static const char *token_start(const Parse *p, TokenRange at) {
    return p->text + parse_token(p, at.first)->start;
}

static size_t token_length(const Parse *p, TokenRange at) {
    const Token *token = parse_token(p, at.first);
    return token->end - token->start;
}

static AstExpr *new_text(Parse *p, TokenRange at, AstLiteralType type, const char *text,
                         size_t n_bytes) {
    return NODE(Constant, at,
                .value = {.type = type,
                          .n_bytes = n_bytes,
                          .text = arena_copy_text(p->arena, text, n_bytes)});
}

/* ---- numbers ---- */

/* The token's text without underscores, in the scratch buffer, zero-terminated. */
static const char *plain_number(Parse *p, TokenRange at) {
    const char *text = token_start(p, at);
    const size_t n_bytes = token_length(p, at);
    buf_clear(&p->scratch);
    for (size_t i = 0; i < n_bytes; i++) {
        if (text[i] != '_') {
            buf_add_byte(&p->scratch, text[i]);
        }
    }
    return buf_text(&p->scratch);
}

static unsigned digit_value(char digit) {
    return digit <= '9' ? (unsigned) (digit - '0')
                        : (unsigned) ((digit | 0x20) - 'a' + 10);
}

static AstExpr *integer(Parse *p, TokenRange at, const char *digits, uint32_t base) {
    while (digits[0] == '0' && digits[1] != '\0') {
        digits++;
    }
    int64_t value = 0;
    bool is_big = false;
    for (const char *digit = digits; *digit != '\0' && !is_big; digit++) {
        is_big = __builtin_mul_overflow(value, (int64_t) base, &value)
              || __builtin_add_overflow(value, (int64_t) digit_value(*digit), &value);
    }
    if (!is_big) {
        return NODE(Constant, at, .value = {.type = AST_LITERAL_INT, .integer = value});
    }
    const size_t n_digits = strlen(digits);
    if (base == 10 && n_digits > MAX_DECIMAL_DIGITS) {
        parse_fail_at(p, at.first,
                      "Exceeds the limit (%d digits) for integer string conversion: "
                      "value has %zu digits; use sys.set_int_max_str_digits() to "
                      "increase the limit "
                      "- Consider hexadecimal for huge integer literals to avoid decimal "
                      "conversion "
                      "limits.",
                      MAX_DECIMAL_DIGITS, n_digits);
        return NULL;
    }
    AstExpr *expr = new_text(p, at, AST_LITERAL_BIG_INT, digits, n_digits);
    ((AstConstant *) expr)->value.base = base;
    return expr;
}

AstExpr *literal_number(Parse *p, TokenRange at) {
    const char *text = plain_number(p, at);
    const size_t n_bytes = strlen(text);
    const char second = (char) (text[1] | 0x20);
    if (text[0] == '0' && (second == 'x' || second == 'o' || second == 'b')) {
        return integer(p, at, text + 2, second == 'x' ? 16 : second == 'o' ? 8 : 2);
    }
    const bool is_imaginary = (text[n_bytes - 1] | 0x20) == 'j';
    if (is_imaginary || strpbrk(text, ".eE") != NULL) {
        return NODE(Constant, at, .value = {
            .type = is_imaginary ? AST_LITERAL_COMPLEX : AST_LITERAL_FLOAT,
            .number = strtod(text, NULL)});   /* which stops at the j */
    }
    return integer(p, at, text, 10);
}

/* ---- escapes ---- */

/* Where text comes from, for messages: at is the token to show. */
typedef struct Escapes {
    Parse      *p;
    const char *text;
    const char *end;
    const char *cursor;
    uint32_t    token;
    bool        is_bytes;
    bool        has_warned;   /* about the first odd escape: one warning will do */
} Escapes;

/* Python counts in an intermediate form, where a character beyond ASCII is 10 bytes,
 * as \U000000e9. */
static size_t python_offset(const Escapes *es, const char *at) {
    size_t offset = 0;
    for (const char *c = es->text; c < at; c++) {
        const unsigned char byte = (unsigned char) *c;
        offset += byte < 0x80 ? 1 : utf8_is_continuation(byte) ? 0 : 10;
    }
    return offset;
}

static bool fail_escape(const Escapes *es, const char *backslash, const char *reason) {
    if (es->is_bytes) {
        return parse_fail_at(es->p, es->token,
                             "(value error) invalid \\x escape at position %zu",
                             (size_t) (backslash - es->text));
    }
    const size_t first = python_offset(es, backslash);
    return parse_fail_at(es->p, es->token,
                         "(unicode error) 'unicodeescape' codec can't decode bytes "
                         "in position %zu-%zu: %s",
                         first, python_offset(es, es->cursor) - 1, reason);
}

/* Reads exactly n hexadecimal digits. */
static bool read_hex(Escapes *es, const char *backslash, int n, const char *reason,
                     uint32_t *code_point) {
    *code_point = 0;
    for (int i = 0; i < n; i++, es->cursor++) {
        const char c = es->cursor < es->end ? *es->cursor : '\0';
        const bool is_digit = (c >= '0' && c <= '9') ||
                              ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
        if (!is_digit) {
            return fail_escape(es, backslash, reason);
        }
        *code_point = *code_point << 4 | digit_value(c);
    }
    if (*code_point > UTF8_MAX_CODE_POINT) {
        return fail_escape(es, backslash, "illegal Unicode character");
    }
    return true;
}

static void warn_escape(Escapes *es, const char *format, int n, const char *escape) {
    if (!es->has_warned) {
        es->has_warned = true;
        parse_warn(es->p, parse_place(es->p, es->token, es->token),
                   arena_format(es->p->arena, format, n, escape));
    }
}

static uint32_t read_octal(Escapes *es) {
    const char *const start = es->cursor;
    uint32_t value = 0;
    for (int i = 0;
         i < 3 && es->cursor < es->end && *es->cursor >= '0' && *es->cursor <= '7'; i++) {
        value = value << 3 | digit_value(*es->cursor++);
    }
    if (value > 0377) {
        warn_escape(es, "invalid octal escape sequence '\\%.*s'", 3, start);
    }
    return value;
}

/* \N{name}, the cursor behind the N. What stands between the braces is a name only if it is that of
 * one character. */
static bool read_named(Escapes *es, const char *backslash, uint32_t *code_point) {
    const char *brace = es->cursor;
    const char *closing = brace < es->end && *brace == '{'
                              ? memchr(brace, '}', (size_t) (es->end - brace)) : NULL;
    if (closing == NULL) {
        es->cursor = brace < es->end && *brace == '{' ? es->end : brace;
        return fail_escape(es, backslash, "malformed \\N character escape");
    }
    if (closing == brace + 1) {
        es->cursor = closing;
        return fail_escape(es, backslash, "malformed \\N character escape");
    }
    es->cursor = closing + 1;
    uint32_t found[UNICODE_SEQUENCE_MAX];
    if (unicode_find_name(brace + 1, (size_t) (closing - brace - 1), found) != 1) {
        return fail_escape(es, backslash, "unknown Unicode character name");
    }
    *code_point = found[0];
    return true;
}

static void add_code_point(const Escapes *es, uint32_t code_point) {
    if (es->is_bytes) {
        buf_add_byte(&es->p->scratch, (char) code_point);
    } else {
        buf_add_utf8(&es->p->scratch, code_point);
    }
}

/* The cursor stands behind the backslash. */
static bool decode_escape(Escapes *es) {
    Buf *out = &es->p->scratch;
    const char *backslash = es->cursor - 1;
    const char c = *es->cursor++;
    uint32_t code_point = 0;
    switch (c) {
    case '\n': return true;
    case '\\': buf_add_byte(out, '\\'); return true;
    case '\'': buf_add_byte(out, '\''); return true;
    case '"': buf_add_byte(out, '"'); return true;
    case 'a': buf_add_byte(out, '\a'); return true;
    case 'b': buf_add_byte(out, '\b'); return true;
    case 'f': buf_add_byte(out, '\f'); return true;
    case 'n': buf_add_byte(out, '\n'); return true;
    case 'r': buf_add_byte(out, '\r'); return true;
    case 't': buf_add_byte(out, '\t'); return true;
    case 'v': buf_add_byte(out, '\v'); return true;
    case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7':
        es->cursor--;
        add_code_point(es, read_octal(es));
        return true;
    case 'x':
        if (!read_hex(es, backslash, 2, "truncated \\xXX escape", &code_point)) {
            return false;
        }
        add_code_point(es, code_point);
        return true;
    case 'u':
    case 'U':
    case 'N':
        if (es->is_bytes) {
            break;
        }
        if (c == 'N' ? !read_named(es, backslash, &code_point)
                     : !read_hex(es, backslash, c == 'u' ? 4 : 8,
                                 c == 'u' ? "truncated \\uXXXX escape"
                                          : "truncated \\UXXXXXXXX escape",
                                 &code_point)) {
            return false;
        }
        add_code_point(es, code_point);
        return true;
    default:
        break;
    }
    /* An unknown escape stays as it is. */
    warn_escape(es, "invalid escape sequence '\\%.*s'",
                (int) utf8_length((unsigned char) c), es->cursor - 1);
    buf_add_byte(out, '\\');
    es->cursor--;
    return true;
}

/* The constant for text with escapes; `token` is shown when one is wrong. */
static AstExpr *decode(Parse *p, TokenRange at, AstLiteralType type, const char *text,
                       size_t n_bytes, uint32_t token) {
    Escapes es = {p, text, text + n_bytes, text, token, type == AST_LITERAL_BYTES, false};
    const char *backslash = memchr(text, '\\', n_bytes);
    if (backslash == NULL) {
        return new_text(p, at, type, text, n_bytes);
    }
    buf_clear(&p->scratch);
    while (backslash != NULL) {
        buf_add(&p->scratch, es.cursor, (size_t) (backslash - es.cursor));
        es.cursor = backslash + 1;
        if (es.cursor < es.end && !decode_escape(&es)) {
            return NULL;
        }
        if (backslash + 1 == es.end) {
            /* Before a brace of an f-string: the backslash stands for itself. */
            warn_escape(&es, "invalid escape sequence '\\%.*s'", 1, es.end);
            buf_add_byte(&p->scratch, '\\');
        }
        backslash = memchr(es.cursor, '\\', (size_t) (es.end - es.cursor));
    }
    buf_add(&p->scratch, es.cursor, (size_t) (es.end - es.cursor));
    return new_text(p, at, type, p->scratch.bytes, p->scratch.n_bytes);
}

/* ---- strings ---- */

AstExpr *literal_string(Parse *p, TokenRange at) {
    const char *text = token_start(p, at);
    size_t n_bytes = token_length(p, at);
    bool is_raw = false;
    AstLiteralType type = AST_LITERAL_STR;
    for (; *text != '\'' && *text != '"'; text++, n_bytes--) {
        is_raw |= (*text | 0x20) == 'r';
        if ((*text | 0x20) == 'b') {
            type = AST_LITERAL_BYTES;
        }
    }
    const size_t n_quotes = n_bytes >= 6 && text[1] == text[0] && text[2] == text[0] ? 3
                                                                                     : 1;
    text += n_quotes;
    n_bytes -= 2 * n_quotes;
    if (type == AST_LITERAL_BYTES && !utf8_is_ascii(text, n_bytes)) {
        parse_fail_at(p, at.first, "bytes can only contain ASCII literal characters");
        return NULL;
    }
    return is_raw ? new_text(p, at, type, text, n_bytes)
                  : decode(p, at, type, text, n_bytes, at.first);
}

/* The FSTRING_END of the f-string that the token is part of: CPython decodes when it
 * has it all. */
static uint32_t end_of_fstring(const Parse *p, uint32_t token) {
    uint32_t n_open = 1;
    while (token + 1 < p->tokens.n) {
        const uint16_t kind = parse_token(p, ++token)->kind;
        n_open += kind == TOKEN_FSTRING_START;
        n_open -= kind == TOKEN_FSTRING_END;
        if (n_open == 0) {
            break;
        }
    }
    return token;
}

AstExpr *literal_fstring_text(Parse *p, TokenRange at) {
    const char *text = token_start(p, at);
    const size_t n_bytes = token_length(p, at);
    if (parse_token(p, at.first)->is_raw || memchr(text, '\\', n_bytes) == NULL) {
        return new_text(p, at, AST_LITERAL_STR, text, n_bytes);
    }
    return decode(p, at, AST_LITERAL_STR, text, n_bytes, end_of_fstring(p, at.first));
}

/* ---- joining ---- */

static const AstLiteral *text_of(const AstExpr *part) {
    return part->kind == AST_CONSTANT ? &((const AstConstant *) part)->value : NULL;
}

/* One constant for parts[first] to parts[end - 1], which are constants of one type. */
static AstExpr *join_texts(Parse *p, const List *parts, uint32_t first, uint32_t end) {
    if (end - first == 1) {
        return parts->items[first];
    }
    size_t n_bytes = 0;
    for (uint32_t i = first; i < end; i++) {
        n_bytes += text_of(parts->items[i])->n_bytes;
    }
    char *text = arena_alloc(p->arena, n_bytes + 1);
    char *out = text;
    for (uint32_t i = first; i < end; i++) {
        const AstLiteral *literal = text_of(parts->items[i]);
        memcpy(out, literal->text, literal->n_bytes);
        out += literal->n_bytes;
    }
    *out = '\0';
    AstConstant *joined = arena_alloc(p->arena, sizeof *joined);
    *joined = *(const AstConstant *) parts->items[first];
    const AstExpr *last = parts->items[end - 1];
    joined->base.end_line = last->end_line;
    joined->base.end_col = last->end_col;
    joined->value.text = text;
    joined->value.n_bytes = n_bytes;
    return &joined->base;
}

/* The parts with neighbouring texts joined and empty ones left out. */
static AstExpr *join_fstring(Parse *p, TokenRange at, const List *parts) {
    List *values = items_new(p);
    for (uint32_t i = 0; i < parts->n;) {
        uint32_t end = i;
        while (end < parts->n && text_of(parts->items[end]) != NULL) {
            end++;
        }
        if (end == i) {
            items_add(p, values, parts->items[i++]);
            continue;
        }
        AstExpr *text = join_texts(p, parts, i, end);
        if (text_of(text)->n_bytes > 0) {
            items_add(p, values, text);
        }
        i = end;
    }
    return NODE(JoinedStr, at, .values = SEQ(Expr, values));
}

AstExpr *literal_join(Parse *p, TokenRange at, const List *parts) {
    bool has_bytes = false;
    bool has_text = parts->is_joined;
    for (uint32_t i = 0; i < parts->n; i++) {
        const AstLiteral *literal = text_of(parts->items[i]);
        has_bytes |= literal != NULL && literal->type == AST_LITERAL_BYTES;
        has_text |= literal == NULL || literal->type == AST_LITERAL_STR;
    }
    if (has_bytes && has_text) {
        parse_fail_at(p, at.last + 1, "cannot mix bytes and nonbytes literals");
        return NULL;
    }
    return parts->is_joined ? join_fstring(p, at, parts)
                            : join_texts(p, parts, 0, parts->n);
}

AstExpr *literal_format_spec(Parse *p, TokenRange at, const List *parts) {
    return join_fstring(p, at, parts);
}

/* ---- replacement fields ---- */

/* The text between two tokens, without comments. */
static void add_gap(Parse *p, uint32_t start, uint32_t end) {
    bool is_comment = false;
    for (uint32_t i = start; i < end; i++) {
        is_comment = p->text[i] == '#' || (is_comment && p->text[i] != '\n');
        if (!is_comment) {
            buf_add_byte(&p->scratch, p->text[i]);
        }
    }
}

/* {x = }: the text of the expression, up to what follows the "=". */
static AstExpr *debug_text(Parse *p, const Field *field) {
    buf_clear(&p->scratch);
    for (uint32_t i = field->at.first; i <= field->equal; i++) {
        const Token *token = parse_token(p, i);
        if (i > field->at.first) {
            buf_add(&p->scratch, p->text + token->start, token->end - token->start);
        }
        add_gap(p, token->end, parse_token(p, i + 1)->start);
    }
    const TokenRange at = {field->at.first + 1, field->equal};
    return new_text(p, at, AST_LITERAL_STR, p->scratch.bytes, p->scratch.n_bytes);
}

/* 's', 'r' or 'a'; 0 when the name behind "!" is none of these. */
static int read_conversion(Parse *p, uint32_t token) {
    const Token *name = parse_token(p, token);
    if (name->start != parse_token(p, token - 1)->end) {
        parse_fail_range(p, token - 1, token,
                         "f-string: conversion type must come right after the "
                         "exclamanation mark");
        return 0;
    }
    const char *text = name->ident->text;
    if (name->ident->n_bytes != 1 || strchr("sra", text[0]) == NULL) {
        parse_fail_at(p, token, "f-string: invalid conversion character '%s': "
                                "expected 's', 'r', or 'a'", text);
        return 0;
    }
    return text[0];
}

List *literal_field(Parse *p, const Field *field) {
    List *parts = items_new(p);
    int conversion = -1;
    if (field->conversion != 0) {
        conversion = read_conversion(p, field->conversion);
        if (conversion == 0) {
            return NULL;
        }
    } else if (field->equal != 0 && field->format_spec == NULL) {
        conversion = 'r';
    }
    if (field->equal != 0) {
        items_add(p, parts, debug_text(p, field));
    }
    return items_add(p, parts,
                     NODE(FormattedValue, field->at, .value = field->value,
                          .conversion = conversion, .format_spec = field->format_spec));
}
