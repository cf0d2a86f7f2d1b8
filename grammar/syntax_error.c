/* syntax_error.c - a syntax error as Python prints it. */

#include "grammar/syntax_error.h"

#include <string.h>

#include "runtime/base/utf8.h"

const char *syntax_error_kind_name(SyntaxErrorKind kind) {
    switch (kind) {
    case SYNTAX_ERROR_SYNTAX: return "SyntaxError";
    case SYNTAX_ERROR_INDENTATION: return "IndentationError";
    case SYNTAX_ERROR_TAB: return "TabError";
    case SYNTAX_ERROR_MEMORY:
    case SYNTAX_ERROR_STOPPED: return "MemoryError";
    }
    return "SyntaxError";
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\f' || c == '\v' || c == '\r';
}

/* The line of carets below `text`, whose first n_cut characters are not shown. White
 * space other than blanks is repeated, so that the carets stand below what they mark. */
static void add_carets(const SyntaxError *error, const char *text, size_t n_cut,
                       Buf *out) {
    const size_t n_characters = n_cut + utf8_count(text, strlen(text));
    size_t column = error->is_behind_end ? 0 : error->column;
    size_t end = error->line == error->end_line
                     ? (error->end_column > 0 ? (size_t) error->end_column : column)
                     : n_characters + 1;
    if (column > n_characters + 1) {
        column = n_characters + 1;
        end = end < column ? column : end;
    }
    if (end <= column) {
        end = column + 1;
    }
    if (column <= n_cut) {
        return;
    }
    buf_add_text(out, "    ");
    for (size_t i = n_cut + 1; i < column; i++) {
        buf_add_byte(out, is_blank(*text) ? *text : ' ');
        text += *text == '\0' ? 0 : utf8_length((unsigned char) *text);
    }
    buf_add_repeated(out, '^', end - column);
    buf_add_byte(out, '\n');
}

void syntax_error_render(const SyntaxError *error, Buf *out) {
    if (error->line != 0) {
        buf_add_format(out, "  File \"%s\", line %u\n", error->filename, error->line);
    }
    if (error->text != NULL) {
        const size_t n_cut = strspn(error->text, " \f");
        buf_add_format(out, "    %s\n", error->text + n_cut);
        if (error->column != 0) {
            add_carets(error, error->text + n_cut, n_cut, out);
        }
    }
    buf_add_format(out, "%s: %s\n", syntax_error_kind_name(error->kind), error->message);
}
