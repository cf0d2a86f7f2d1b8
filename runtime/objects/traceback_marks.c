/* traceback_marks.c - which part of a source line failed. See traceback_marks.h.
 *
 * A code position says which expression was being computed. It is underlined with ^^^^,
 * unless it is all that the line has; of a binary operation, a subscript and a call the
 * operator, the brackets or the parentheses are told from the rest: ~~^~~, ~~~^^^. Which
 * of these an expression is, is told by its text: a scan over what stands outside of
 * brackets and strings finds the operator that binds least. */

#include "runtime/objects/traceback_marks.h"

#include <string.h>

#include "runtime/base/unicode_data.h"
#include "runtime/base/utf8.h"
#include "runtime/base/vec.h"
#include "runtime/objects/exception.h"

/* What kind of expression a text is */

typedef enum ExprShape { SHAPE_OTHER, SHAPE_BINARY, SHAPE_SUBSCRIPT, SHAPE_CALL } ExprShape;

typedef struct Anchors {
    ExprShape shape;
    size_t begin; /* of the operator or bracket, in bytes from the expression's begin */
    size_t end;
    bool is_name_call; /* NAME(...) */
} Anchors;

typedef struct Scan {
    const char *text;
    size_t n;
    size_t at;
    bool is_after_operand; /* so that - is no sign */
    bool has_sign;         /* begins with one */
    bool is_other;         /* something stands there that is none of the three */
    int level;             /* of the operator that binds least so far; 0: none */
    size_t op_begin;
    size_t op_end;
    size_t last_open;      /* of the last bracket outside of all others */
    size_t last_close;     /* behind its partner; 0: none yet */
    size_t n_groups;
} Scan;

static bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || (unsigned char)c >= 0x80;
}

static char byte_at(const Scan *s, size_t at) {
    return at < s->n ? s->text[at] : '\0';
}

/* Behind a string that begins with a quote at s->at. */
static void skip_string(Scan *s) {
    const char quote = s->text[s->at];
    const bool is_long = byte_at(s, s->at + 1) == quote && byte_at(s, s->at + 2) == quote;
    s->at += is_long ? 3 : 1;
    while (s->at < s->n) {
        if (s->text[s->at] == '\\') { /* in a raw string, too, it hides a quote */
            s->at += 2;
            continue;
        }
        if (s->text[s->at] == quote &&
            (!is_long ||
             (byte_at(s, s->at + 1) == quote && byte_at(s, s->at + 2) == quote))) {
            s->at += is_long ? 3 : 1;
            return;
        }
        s->at++;
    }
}

static void skip_comment(Scan *s) {
    while (s->at < s->n && s->text[s->at] != '\n') {
        s->at++;
    }
}

/* Behind the partner of the bracket at s->at. */
static void skip_group(Scan *s) {
    size_t depth = 0;
    do {
        const char c = s->text[s->at];
        if (c == '"' || c == '\'') {
            skip_string(s);
            continue;
        }
        if (c == '#') {
            skip_comment(s);
            continue;
        }
        depth += c == '(' || c == '[' || c == '{';
        depth -= c == ')' || c == ']' || c == '}';
        s->at++;
    } while (depth > 0 && s->at < s->n);
}

static void scan_word(Scan *s) {
    static const char *const keywords[] = {
        "and",   "or",   "not",    "in",     "is",    "if",     "else",  "lambda",
        "await", "yield", "for",   "return", "raise", "assert", "del",   "import",
        "from",  "with", "while",  "as",     "async", "class",  "def",   "global",
        "try",   "except", "finally", "elif", "pass", "break", "continue", "nonlocal"};
    const size_t begin = s->at;
    const bool is_number = s->text[begin] >= '0' && s->text[begin] <= '9';
    while (s->at < s->n && (is_word_byte(s->text[s->at]) ||
                            (is_number && s->text[s->at] == '.'))) {
        s->at++;
    }
    const size_t n = s->at - begin;
    if ((byte_at(s, s->at) == '"' || byte_at(s, s->at) == '\'') && n <= 2) {
        skip_string(s);
    }
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (strlen(keywords[i]) == n && memcmp(keywords[i], s->text + begin, n) == 0) {
            s->is_other = true;
        }
    }
    s->is_after_operand = true;
}

/* Bytes and precedence of a binary operator; 0: none begins here. */
static size_t operator_at(const Scan *s, int *level) {
    const char c = byte_at(s, s->at);
    const char next = byte_at(s, s->at + 1);
    const bool is_double = c == next && (c == '*' || c == '/' || c == '<' || c == '>');
    switch (c) {
    case '|': *level = 1; break;
    case '^': *level = 2; break;
    case '&': *level = 3; break;
    case '<':
    case '>': *level = 4; break;
    case '+':
    case '-': *level = 5; break;
    case '*': *level = is_double ? 8 : 6; break;
    case '/':
    case '%':
    case '@': *level = 6; break;
    default: return 0;
    }
    return (c == '<' || c == '>') && !is_double ? 0 : is_double ? 2 : 1;
}

static void scan_operator(Scan *s) {
    enum { POWER = 8 };
    int level = 0;
    const size_t n = operator_at(s, &level);
    if (n == 0 || byte_at(s, s->at + n) == '=') {
        s->is_other = true; /* a comparison, a comma, an assignment */
        s->at++;
        return;
    }
    if (!s->is_after_operand) {
        s->has_sign |= s->level == 0;
    } else if (s->level == 0 || level < s->level ||
               (level == s->level && level != POWER)) {
        s->level = level;
        s->op_begin = s->at;
        s->op_end = s->at + n;
    }
    s->is_after_operand = false;
    s->at += n;
}

static void scan_next(Scan *s) {
    const char c = s->text[s->at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\\') {
        s->at++;
    } else if (c == '#') {
        skip_comment(s);
    } else if (c == '"' || c == '\'') {
        skip_string(s);
        s->is_after_operand = true;
    } else if (c == '(' || c == '[' || c == '{') {
        const bool is_trailer = s->is_after_operand && c != '{';
        s->last_open = is_trailer ? s->at : SIZE_MAX;
        s->n_groups++;
        skip_group(s);
        s->last_close = s->at;
        s->is_after_operand = true;
    } else if (is_word_byte(c)) {
        scan_word(s);
    } else if (c == '.') {
        s->at++;
    } else if (c == '~') {
        s->has_sign |= s->level == 0;
        s->is_after_operand = false;
        s->at++;
    } else {
        scan_operator(s);
    }
}

/* Whether the text from `at` on is one expression in parentheses that are no part of it, as those of
 * a tuple are. */
static bool is_in_parentheses(const char *text, size_t n, size_t at) {
    Scan s = {.text = text, .n = n, .at = at};
    if (byte_at(&s, at) != '(') {
        return false;
    }
    skip_group(&s);
    const bool is_whole = s.at == n;
    s = (Scan){.text = text, .n = n - 1, .at = at + 1};
    while (s.at < s.n) {
        const char c = s.text[s.at];
        const size_t begin = s.at;
        if (c == '(' || c == '[' || c == '{') {
            skip_group(&s);
        } else if (is_word_byte(c) || c == '"' || c == '\'') {
            is_word_byte(c) ? scan_word(&s) : skip_string(&s);
        } else {
            s.at++;
        }
        if (c == ',' || (s.at - begin == 3 && memcmp(text + begin, "for", 3) == 0)) {
            return false;
        }
    }
    return is_whole && n > at + 2;
}

static Anchors find_anchors(const char *text, size_t n) {
    enum { SIGN_LEVEL = 7 };
    Scan s = {.text = text, .n = n, .last_open = SIZE_MAX};
    while (s.at < n && !s.is_other) {
        scan_next(&s);
    }
    Anchors result = {.shape = SHAPE_OTHER};
    if (s.is_other || (s.has_sign && (s.level == 0 || s.level > SIGN_LEVEL))) {
        return result;
    }
    if (s.level > 0) {
        /* Python takes whatever stands in front of the right operand for a second half. */
        s.op_end += s.op_end - s.op_begin == 1 && is_in_parentheses(text, n, s.op_end);
        return (Anchors){SHAPE_BINARY, s.op_begin, s.op_end, false};
    }
    if (s.last_open == SIZE_MAX || s.last_close != n) {
        return result;
    }
    result.shape = text[s.last_open] == '(' ? SHAPE_CALL : SHAPE_SUBSCRIPT;
    result.begin = s.last_open;
    result.end = n;
    result.is_name_call = result.shape == SHAPE_CALL && s.n_groups == 1 &&
                          memchr(text, '.', s.last_open) == NULL;
    return result;
}

/* The lines */

typedef struct Excerpt {
    Buf bytes;          /* all lines, each ended by a newline, dedented */
    VEC(size_t) begins; /* of each line in bytes, and the end */
    size_t from;        /* of the expression, in bytes */
    size_t to;
} Excerpt;

static const char *line_text(const Excerpt *x, size_t i, size_t *n) {
    *n = x->begins.items[i + 1] - x->begins.items[i] - 1;
    return x->bytes.bytes + x->begins.items[i];
}

static size_t indentation(const char *text, size_t n) {
    size_t i = 0;
    while (i < n && (text[i] == ' ' || text[i] == '\t' || text[i] == '\f')) {
        i++;
    }
    return i;
}

static size_t trimmed(const char *text, size_t n) {
    while (n > 0 && strchr(" \t\f\r\n", text[n - 1]) != NULL) {
        n--;
    }
    return n;
}

/* Reads the lines; false when they are not to be had. */
static bool read_lines(Context *cx, ObjStr *filename, const CodePosition *place,
                       Buf *lines, size_t *n_lines, size_t *dedent) {
    *dedent = SIZE_MAX;
    *n_lines = 0;
    for (uint32_t i = place->line; i <= place->end_line; i++) {
        const size_t before = lines->n_bytes;
        if (!exc_source_line(cx, filename, i, lines)) {
            return false;
        }
        lines->n_bytes = before + trimmed(lines->bytes + before, lines->n_bytes - before);
        const size_t n = lines->n_bytes - before;
        if (n > 0) {
            const size_t own = indentation(lines->bytes + before, n);
            *dedent = own < *dedent ? own : *dedent;
        }
        buf_add_byte(lines, '\n');
        ++*n_lines;
    }
    return *dedent != SIZE_MAX;
}

/* Fills the excerpt; false when the place does not fit to the text (a file that changed). */
static bool make_excerpt(Excerpt *x, const Buf *lines, size_t n_lines, size_t dedent,
                         const CodePosition *place) {
    const char *at = lines->bytes;
    for (size_t i = 0; i < n_lines; i++) {
        const char *end = memchr(at, '\n', (size_t)(lines->bytes + lines->n_bytes - at));
        const size_t n = (size_t)(end - at);
        const size_t cut = n < dedent ? n : dedent;
        vec_push(&x->begins, x->bytes.n_bytes);
        buf_add(&x->bytes, at + cut, n - cut);
        buf_add_byte(&x->bytes, '\n');
        at = end + 1;
    }
    vec_push(&x->begins, x->bytes.n_bytes);
    x->from = x->begins.items[0] + place->column - dedent;
    x->to = x->begins.items[n_lines - 1] + place->end_column - dedent;
    return place->column >= dedent && place->end_column >= dedent &&
           x->to < x->bytes.n_bytes && x->from < x->to && x->from < x->begins.items[1];
}

/* Whether the statement is over, but for n_open parentheses to close: a comment or another statement may follow. */
static bool ends_statement(const char *text, size_t n, size_t n_open) {
    size_t i = 0;
    while (i < n && (text[i] == ' ' || text[i] == '\t' || (text[i] == ')' && n_open > 0))) {
        n_open -= text[i++] == ')';
    }
    return n_open == 0 && (i == n || text[i] == '\n' || text[i] == '#' || text[i] == ';');
}

/* Whether text[0..n) is NAME =. */
static bool is_assignment_head(const char *text, size_t n) {
    if (n < 2 || text[n - 1] != '=') {
        return false;
    }
    const size_t n_name = trimmed(text, n - 1);
    size_t i = 0;
    while (i < n_name && is_word_byte(text[i])) {
        i++;
    }
    return n_name > 0 && i == n_name;
}

/* Whether a call is all that the first statement of the lines returns or assigns: it needs no marks. */
static bool is_plain_call(const Excerpt *x, const Anchors *anchors, size_t n_before) {
    const char *text = x->bytes.bytes;
    size_t n_open = 0;
    while (n_before > 0 && text[n_before - 1] == '(') {
        n_before = trimmed(text, n_before - 1);
        n_open++;
    }
    if (!ends_statement(text + x->to, x->bytes.n_bytes - x->to, n_open)) {
        return false;
    }
    return (n_before == 6 && memcmp(text, "return", 6) == 0 && anchors->is_name_call) ||
           is_assignment_head(text, n_before);
}

/* Whether there is anything else in the lines: otherwise marks say nothing. */
static bool is_worth_marks(const Excerpt *x, const Anchors *anchors) {
    const char *text = x->bytes.bytes;
    const size_t n_before = trimmed(text, x->from);
    if (anchors->shape == SHAPE_CALL && is_plain_call(x, anchors, n_before)) {
        return false;
    }
    return anchors->shape != SHAPE_OTHER || n_before > 0 ||
           trimmed(text + x->to, x->bytes.n_bytes - x->to) > 0;
}

/* How wide the character that begins here is shown; 0 inside of one. */
static size_t width_at(const char *text) {
    const unsigned char c = (unsigned char)*text;
    if (c < 0x80 || (c & 0xc0) == 0x80) {
        return c < 0x80;
    }
    size_t n_bytes;
    const char *kind = unicode_east_asian_width(utf8_decode(text, &n_bytes));
    return kind[0] == 'W' || kind[0] == 'F' ? 2 : 1; /* but for 'Na' all have one letter */
}

static size_t width(const char *text, size_t n) {
    size_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += width_at(text + i);
    }
    return sum;
}

static void add_marks(Buf *out, const Excerpt *x, size_t i, const Anchors *anchors) {
    size_t n;
    const char *text = line_text(x, i, &n);
    const size_t begin = x->begins.items[i];
    const size_t indent = indentation(text, n);
    const bool is_last = i + 2 == x->begins.n;
    const size_t end = is_last ? x->to - begin : n;
    const size_t start = i == 0 && x->from - begin > indent ? x->from - begin : indent;
    if (start >= end) {
        return;
    }
    buf_add_text(out, "    ");
    buf_add_repeated(out, ' ', width(text, start));
    for (size_t at = start; at < end; at++) {
        const size_t place = begin + at - x->from;
        const bool is_inside = place >= anchors->begin && place < anchors->end;
        buf_add_repeated(out, anchors->shape == SHAPE_OTHER || is_inside ? '^' : '~',
                         width_at(text + at));
    }
    buf_add_byte(out, '\n');
}

static size_t line_of(const Excerpt *x, size_t at) {
    size_t i = 0;
    while (x->begins.items[i + 1] <= at) {
        i++;
    }
    return i;
}

/* Of many lines the first, the last and those around the operator are shown. */
static bool is_shown(const Excerpt *x, size_t i, const Anchors *anchors) {
    const size_t n = x->begins.n - 1;
    if (i == 0 || i == n - 1) {
        return true;
    }
    if (anchors->shape == SHAPE_OTHER) {
        return false;
    }
    const size_t left = line_of(x, x->from + anchors->begin);
    const size_t right = line_of(x, x->from + anchors->end);
    return (i + 1 >= left && i <= left + 1) || (i + 1 >= right && i <= right + 1);
}

static void add_line(Buf *out, const Excerpt *x, size_t i, const Anchors *anchors,
                     bool has_marks) {
    size_t n;
    const char *text = line_text(x, i, &n);
    buf_add_text(out, "    ");
    buf_add(out, text, n);
    buf_add_byte(out, '\n');
    if (has_marks) {
        add_marks(out, x, i, anchors);
    }
}

static void add_excerpt(Buf *out, const Excerpt *x) {
    const Anchors anchors = find_anchors(x->bytes.bytes + x->from, x->to - x->from);
    const bool has_marks = is_worth_marks(x, &anchors);
    const size_t n = x->begins.n - 1;
    size_t last = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_shown(x, i, &anchors)) {
            continue;
        }
        if (i == last + 2) {
            add_line(out, x, i - 1, &anchors, has_marks);
        } else if (i > last + 2) {
            buf_add_format(out, "    ...<%zu lines>...\n", i - last - 1);
        }
        add_line(out, x, i, &anchors, has_marks);
        last = i;
    }
}

void marks_add_line(Context *cx, Buf *out, ObjStr *filename, uint32_t line) {
    Buf source = {0};
    if (exc_source_line(cx, filename, line, &source)) {
        const size_t n = trimmed(source.bytes, source.n_bytes);
        const size_t indent = indentation(source.bytes, n);
        if (n > indent) {
            buf_add_text(out, "    ");
            buf_add(out, source.bytes + indent, n - indent);
            buf_add_byte(out, '\n');
        }
    }
    buf_free(&source);
}

void marks_add(Context *cx, Buf *out, ObjStr *filename, const CodePosition *place) {
    enum { MAX_LINES = 1000 };
    const bool is_known = place->end_line >= place->line &&
                          place->end_line - place->line < MAX_LINES &&
                          (place->end_line > place->line ||
                           place->end_column > place->column);
    Buf lines = {0};
    Excerpt x = {0};
    size_t n_lines;
    size_t dedent;
    if (is_known && read_lines(cx, filename, place, &lines, &n_lines, &dedent) &&
        make_excerpt(&x, &lines, n_lines, dedent, place)) {
        add_excerpt(out, &x);
    } else {
        marks_add_line(cx, out, filename, place->line);
    }
    buf_free(&lines);
    buf_free(&x.bytes);
    vec_free(&x.begins);
}
