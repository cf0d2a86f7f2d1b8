/* re_translate.c - regular expressions: from Python's syntax to that of PCRE2.
 *
 * The pattern is read once, by recursive descent, and written anew: what means the same in
 * both is copied, the rest is spelled otherwise; what Python refuses is refused with its
 * message and place. Groups are written without their names, references by number; verbose
 * white space and comments are left out; each literal that might mean something to PCRE2 is
 * escaped. So PCRE2 never sees any of its own extensions. */

#include "runtime/modules/re_translate.h"

#include "runtime/base/unicode_data.h"
#include "runtime/base/utf8.h"
#include "runtime/call.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/module.h"
#include "runtime/objects/unicode.h"

enum { END = -1, MAX_REPEAT = 65535 };

/* What stands before a repetition. */
typedef enum Before { BEFORE_NOTHING, BEFORE_ITEM, BEFORE_REPEAT } Before;

typedef struct Reader {
    Context *cx;
    const char *begin;
    const char *at;
    const char *end;
    bool is_bytes;
    bool is_ascii_only; /* flag ASCII, or bytes */
    Value pattern;
    Value error_class;
    Translation *out;
    uint32_t n_closed;
    Buf open; /* uint8_t for each group: 1 while it is open */
    bool is_condition;         /* the alternatives that come now are those of (?(1)...) */
    uint32_t asked_group;      /* the highest number in a condition, which may name a group that comes later */
    const char *asked_group_at;
} Reader;

void re_raise(Context *cx, Value error_class, ObjStr *message, Value pattern,
              int64_t position) {
    if (message == NULL) {
        return;
    }
    const Value args[] = {OBJ_VALUE(message), pattern,
                          position < 0 ? VALUE_NONE : value_from_int(position)};
    const Value error = call_value(cx, error_class, args, 3);
    if (!IS_ERROR(error)) {
        exc_raise_object(cx, error);
    }
}

/* The place as Python counts it: in characters. */
static int64_t position_of(const Reader *r, const char *at) {
    return (int64_t)(r->is_bytes ? (size_t)(at - r->begin)
                                 : utf8_count(r->begin, (size_t)(at - r->begin)));
}

static bool fail(Reader *r, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail(Reader *r, const char *at, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    ObjStr *message = str_format_v(r->cx, format, arguments);
    va_end(arguments);
    re_raise(r->cx, r->error_class, message, r->pattern, position_of(r, at));
    return false;
}

static int peek(const Reader *r) {
    return r->at < r->end ? (unsigned char)*r->at : END;
}

static int peek_at(const Reader *r, size_t i) {
    return (size_t)(r->end - r->at) > i ? (unsigned char)r->at[i] : END;
}

static bool take_if(Reader *r, char c) {
    if (peek(r) != c) {
        return false;
    }
    r->at++;
    return true;
}

static bool is_digit(int c) {
    return c >= '0' && c <= '9';
}

static bool is_octal(int c) {
    return c >= '0' && c <= '7';
}

static bool is_letter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_value(int c) {
    return is_digit(c)            ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The next character; at < end. */
static uint32_t take_char(Reader *r) {
    size_t n_bytes = 1;
    const uint32_t c = r->is_bytes ? (unsigned char)*r->at : utf8_decode(r->at, &n_bytes);
    r->at += n_bytes;
    return c;
}

/* Writes a character that stands for itself. */
static void put_literal(Reader *r, uint32_t c) {
    Buf *text = &r->out->text;
    if (c >= 128) {
        r->out->is_ascii = false;
        if (r->is_bytes) {
            buf_add_byte(text, (char)c);
        } else {
            buf_add_utf8(text, c);
        }
    } else if (c < 32 || c == 127) {
        buf_add_format(text, "\\x%02x", (unsigned)c);
    } else {
        if (!is_letter((int)c) && !is_digit((int)c) && c != ' ' && c != '_') {
            buf_add_byte(text, '\\');
        }
        buf_add_byte(text, (char)c);
    }
}

/* Escapes */

/* \x41, A, \U00000041 behind the letter. */
static bool read_hex(Reader *r, const char *start, int n_digits, uint32_t *c) {
    *c = 0;
    int i = 0;
    for (; i < n_digits && hex_value(peek(r)) >= 0; i++) {
        *c = *c * 16 + (uint32_t)hex_value(peek(r));
        r->at++;
    }
    if (i < n_digits) {
        return fail(r, start, "incomplete escape %.*s", (int)(r->at - start), start);
    }
    if (*c > UTF8_MAX_CODE_POINT) {
        return fail(r, start, "bad escape %.*s", (int)(r->at - start), start);
    }
    return true;
}

/* \N{BULLET} behind the letter. */
static bool read_char_name(Reader *r, const char *start, uint32_t *c) {
    if (!take_if(r, '{')) {
        return fail(r, r->at, "missing {");
    }
    const char *name = r->at;
    const char *end = memchr(name, '}', (size_t)(r->end - name));
    if (name == r->end || end == name) {
        return fail(r, name, "missing character name");
    }
    if (end == NULL) {
        return fail(r, name, "missing }, unterminated name");
    }
    r->at = end + 1;
    uint32_t found[UNICODE_SEQUENCE_MAX];
    if (unicode_find_name(name, (size_t)(end - name), found) != 1) {
        return fail(r, start, "undefined character name '%.*s'", (int)(end - name), name);
    }
    *c = found[0];
    return true;
}

/* An escape that means one character, the same inside and outside of sets: 1; 0: it is none,
 * and nothing was read; -1: exception. r->at is behind the backslash. */
static int read_char_escape(Reader *r, const char *start, uint32_t *c) {
    const int letter = peek(r);
    static const char names[] = "a\af\fn\nr\rt\tv\v";
    for (const char *name = names; *name != 0; name += 2) {
        if (letter == name[0]) {
            r->at++;
            *c = (unsigned char)name[1];
            return 1;
        }
    }
    const int n_digits = letter == 'x'                   ? 2
                         : letter == 'u' && !r->is_bytes ? 4
                         : letter == 'U' && !r->is_bytes ? 8
                                                         : 0;
    if (n_digits > 0) {
        r->at++;
        return read_hex(r, start, n_digits, c) ? 1 : -1;
    }
    if (letter == 'N' && !r->is_bytes) {
        r->at++;
        return read_char_name(r, start, c) ? 1 : -1;
    }
    if (letter == '0') { /* \0, \01, \012 */
        *c = 0;
        for (int i = 0; i < 3 && is_octal(peek(r)); i++) {
            *c = *c * 8 + (uint32_t)(*r->at++ - '0');
        }
        return 1;
    }
    if (letter == END || is_letter(letter) || is_digit(letter)) {
        return 0;
    }
    *c = take_char(r);
    return 1;
}

static bool bad_escape(Reader *r, const char *start) {
    if (r->at >= r->end) {
        return fail(r, start, "bad escape (end of pattern)");
    }
    return fail(r, start, "bad escape \\%c", *r->at);
}

/* \d \w \s and their opposites. */
static bool put_category(Reader *r) {
    const int letter = peek(r);
    if (letter == END || letter == 0 || strchr("dDwWsS", letter) == NULL) {
        return false;
    }
    buf_add_byte(&r->out->text, '\\');
    buf_add_byte(&r->out->text, (char)letter);
    r->at++;
    return true;
}

/* \1 to \99 outside of sets, or three octal digits. */
static bool read_reference(Reader *r, const char *start) {
    if (peek(r) <= '3' && is_octal(peek(r)) && is_octal(peek_at(r, 1)) &&
        is_octal(peek_at(r, 2))) {
        put_literal(
            r, (uint32_t)((r->at[0] - '0') * 64 + (r->at[1] - '0') * 8 + r->at[2] - '0'));
        r->at += 3;
        return true;
    }
    if (is_octal(peek(r)) && is_octal(peek_at(r, 1)) && is_octal(peek_at(r, 2))) {
        return fail(r, start, "octal escape value %.4s outside of range 0-0o377", start);
    }
    uint32_t number = (uint32_t)(*r->at++ - '0');
    if (is_digit(peek(r))) {
        number = number * 10 + (uint32_t)(*r->at++ - '0');
    }
    if (number > r->out->n_groups) {
        return fail(r, start + 1, "invalid group reference %u", number);
    }
    if (r->open.bytes[number - 1]) {
        return fail(r, start, "cannot refer to an open group");
    }
    buf_add_format(&r->out->text, "\\g{%u}", number);
    return true;
}

/* *is_anchor: it has no width, and nothing can be repeated. */
static bool read_escape(Reader *r, bool *is_anchor) {
    const char *start = r->at++;
    uint32_t c;
    switch (peek(r)) {
    case 'A': buf_add_text(&r->out->text, "\\A"); goto anchor;
    case 'Z': buf_add_text(&r->out->text, "\\z"); goto anchor;
    case 'b': buf_add_text(&r->out->text, "\\b"); goto anchor;
    case 'B': buf_add_text(&r->out->text, "\\B"); goto anchor;
    default: break;
    }
    if (put_category(r)) {
        return true;
    }
    const int is_char = read_char_escape(r, start, &c);
    if (is_char != 0) {
        if (is_char > 0) {
            put_literal(r, c);
        }
        return is_char > 0;
    }
    return is_digit(peek(r)) ? read_reference(r, start) : bad_escape(r, start);
anchor:
    r->at++;
    *is_anchor = true;
    return true;
}

/* Sets */

/* One member: a character (*is_char) or a category, which is written at once. */
static bool read_member(Reader *r, uint32_t *c, bool *is_char) {
    *is_char = true;
    if (peek(r) != '\\') {
        *c = take_char(r);
        return true;
    }
    const char *start = r->at++;
    if (put_category(r)) {
        *is_char = false;
        return true;
    }
    if (take_if(r, 'b')) {
        *c = '\b';
        return true;
    }
    const int is_escape = read_char_escape(r, start, c);
    if (is_escape != 0) {
        return is_escape > 0;
    }
    if (is_octal(peek(r))) {
        *c = 0;
        for (int i = 0; i < 3 && is_octal(peek(r)); i++) {
            *c = *c * 8 + (uint32_t)(*r->at++ - '0');
        }
        return *c <= 0377 ||
               fail(r, start, "octal escape value %.*s outside of range 0-0o377",
                    (int)(r->at - start), start);
    }
    return bad_escape(r, start);
}

/* A FutureWarning where a set holds what may get a meaning one day: [[...], and two of - & ~ | in a row. */
static bool warn_of_set(Reader *r, bool is_first) {
    const int c = peek(r);
    const char *what = c != peek_at(r, 1) ? NULL
                       : c == '-'         ? "set difference"
                       : c == '&'         ? "set intersection"
                       : c == '~'         ? "set symmetric difference"
                       : c == '|'         ? "set union"
                                          : NULL;
    if (is_first) {
        what = c == '[' ? "nested set" : NULL;
    }
    if (what == NULL) {
        return true;
    }
    return module_warn(r->cx, exc_class(r->cx, EXC_FutureWarning), 3, "Possible %s at position %lld", what,
                       (long long)position_of(r, r->at));
}

static bool read_set(Reader *r) {
    const char *start = r->at++;
    buf_add_byte(&r->out->text, '[');
    if (!warn_of_set(r, true)) {
        return false;
    }
    if (take_if(r, '^')) {
        buf_add_byte(&r->out->text, '^');
    }
    for (bool is_first = true;; is_first = false) {
        if (r->at >= r->end) {
            return fail(r, start, "unterminated character set");
        }
        if (!is_first && take_if(r, ']')) {
            break;
        }
        const char *from_at = r->at;
        uint32_t from;
        bool is_char;
        if ((!is_first && !warn_of_set(r, false)) || !read_member(r, &from, &is_char)) {
            return false;
        }
        const bool is_range = peek(r) == '-' && peek_at(r, 1) != ']';
        if (!is_range || peek_at(r, 1) == END) {
            if (is_char) {
                put_literal(r, from);
            }
            continue;
        }
        if (!warn_of_set(r, false)) {
            return false;
        }
        r->at++;
        uint32_t to;
        bool is_to_char = true;
        if (is_char && !(peek(r) == '\\' && strchr("dDwWsS", peek_at(r, 1)) != NULL)) {
            put_literal(r, from);
            buf_add_byte(&r->out->text, '-');
        }
        if (!read_member(r, &to, &is_to_char)) {
            return false;
        }
        if (!is_char || !is_to_char || from > to) {
            return fail(r, from_at, "bad character range %.*s", (int)(r->at - from_at),
                        from_at);
        }
        put_literal(r, to);
    }
    buf_add_byte(&r->out->text, ']');
    return true;
}

/* Repetitions */

static bool read_number(Reader *r, int64_t *number) {
    if (!is_digit(peek(r))) {
        return false;
    }
    for (*number = 0; is_digit(peek(r)); r->at++) {
        *number = *number > MAX_REPEAT ? *number : *number * 10 + (*r->at - '0');
    }
    return true;
}

/* {m}, {m,}, {,n}, {m,n}: 1; 0 when the brace stands for itself; -1: exception. */
static int read_braces(Reader *r) {
    const char *start = r->at++;
    int64_t least = 0;
    int64_t most = -1;
    const bool has_least = read_number(r, &least);
    if (!take_if(r, ',')) {
        most = least;
        if (!has_least) {
            goto literal;
        }
    } else {
        read_number(r, &most);
    }
    if (!take_if(r, '}')) {
        goto literal;
    }
    if (least > MAX_REPEAT || most > MAX_REPEAT) {
        exc_raise(r->cx, EXC_OverflowError, "the repetition number is too large");
        return -1;
    }
    if (most >= 0 && most < least) {
        fail(r, start + 1, "min repeat greater than max repeat");
        return -1;
    }
    if (most < 0) {
        buf_add_format(&r->out->text, "{%d,}", (int)least);
    } else {
        buf_add_format(&r->out->text, "{%d,%d}", (int)least, (int)most);
    }
    return 1;
literal:
    r->at = start;
    return 0;
}

/* Groups */

static bool read_alternatives(Reader *r, int flags, int depth);

static bool is_name(Reader *r, const char *name, size_t n_bytes) {
    size_t at = 0;
    for (size_t n = 0; at < n_bytes; n++) {
        size_t step = 1;
        const unsigned char first = (unsigned char)name[at];
        const uint32_t c = first < 128   ? first
                           : r->is_bytes ? 0
                                         : utf8_decode(name + at, &step);
        const bool is_ok =
            c == '_' || (c < 128 ? is_letter((int)c) || (n > 0 && is_digit((int)c))
                                 : unicode_is_identifier_part(c));
        if (!is_ok) {
            return false;
        }
        at += step;
    }
    return n_bytes > 0;
}

/* A name up to the terminator; *length in bytes. */
static bool read_name(Reader *r, char terminator, const char **name, size_t *length) {
    *name = r->at;
    while (r->at < r->end && *r->at != terminator) {
        r->at++;
    }
    *length = (size_t)(r->at - *name);
    if (r->at >= r->end) {
        return *length == 0 ? fail(r, *name, "missing group name")
                            : fail(r, *name, "missing %c, unterminated name", terminator);
    }
    r->at++;
    return *length > 0 || fail(r, *name, "missing group name");
}

static bool check_name(Reader *r, const char *name, size_t length) {
    return is_name(r, name, length) ||
           fail(r, name, "bad character in group name '%.*s'", (int)length, name);
}

static bool add_name(Reader *r, const char *name, size_t length, uint32_t number) {
    ObjStr *key = str_intern(r->cx, name, length);
    if (key == NULL) {
        return false;
    }
    const Value old = dict_get_str(r->out->names, key);
    if (!IS_UNSET(old)) {
        return fail(r, name,
                    "redefinition of group name '%.*s' as group %u; was group %d",
                    (int)length, name, number, (int)value_to_int(old));
    }
    return dict_set_str(r->cx, r->out->names, key, value_from_int(number));
}

/* The body of a group up to its parenthesis. */
static bool read_body(Reader *r, const char *start, int flags, int depth) {
    if (!read_alternatives(r, flags, depth + 1)) {
        return false;
    }
    if (!take_if(r, ')')) {
        return fail(r, start, "missing ), unterminated subpattern");
    }
    buf_add_byte(&r->out->text, ')');
    return true;
}

static bool read_capture(Reader *r, const char *start, const char *name, size_t length,
                         int flags, int depth) {
    const uint32_t number = ++r->out->n_groups;
    if (number > RE_MAX_GROUPS) {
        return fail(r, start, "too many groups");
    }
    if (name != NULL && !add_name(r, name, length, number)) {
        return false;
    }
    const uint16_t none = 0;
    buf_add(&r->out->closing, (const char *)&none, sizeof none);
    buf_add_byte(&r->open, 1);
    buf_add_byte(&r->out->text, '(');
    if (!read_body(r, start, flags, depth)) {
        return false;
    }
    r->open.bytes[number - 1] = 0;
    const uint16_t order = (uint16_t)++r->n_closed;
    memcpy(r->out->closing.bytes + (number - 1) * sizeof order, &order, sizeof order);
    return true;
}

static bool read_named(Reader *r, const char *start, int flags, int depth,
                       bool *is_empty) {
    const char *name;
    size_t length;
    if (take_if(r, '<')) {
        return read_name(r, '>', &name, &length) && check_name(r, name, length) &&
               read_capture(r, start, name, length, flags, depth);
    }
    if (take_if(r, '=')) {
        if (!read_name(r, ')', &name, &length) || !check_name(r, name, length)) {
            return false;
        }
        ObjStr *key = str_intern(r->cx, name, length);
        const Value number = key == NULL ? VALUE_ERROR : dict_get_str(r->out->names, key);
        if (IS_UNSET(number)) {
            return fail(r, name, "unknown group name '%.*s'", (int)length, name);
        }
        if (!IS_ERROR(number) && r->open.bytes[value_to_int(number) - 1]) {
            return fail(r, name, "cannot refer to an open group");
        }
        *is_empty = false;
        buf_add_format(&r->out->text, "\\g{%d}", (int)value_to_int(number));
        return !IS_ERROR(number);
    }
    if (r->at >= r->end) {
        return fail(r, r->at, "unexpected end of pattern");
    }
    return fail(r, start + 1, "unknown extension ?P%c", *r->at);
}

/* (?(1)yes|no) */
static bool read_condition(Reader *r, const char *start, int flags, int depth) {
    const char *name;
    size_t length;
    if (!read_name(r, ')', &name, &length)) {
        return false;
    }
    uint32_t number = 0;
    bool is_number = true;
    for (size_t i = 0; i < length; i++) {
        is_number = is_number && is_digit(name[i]);
        number =
            number > RE_MAX_GROUPS ? number : number * 10 + (uint32_t)(name[i] - '0');
    }
    if (!is_number) {
        if (!check_name(r, name, length)) {
            return false;
        }
        ObjStr *key = str_intern(r->cx, name, length);
        const Value known = key == NULL ? VALUE_ERROR : dict_get_str(r->out->names, key);
        if (!IS_INT(known)) {
            return IS_UNSET(known) &&
                   fail(r, name, "unknown group name '%.*s'", (int)length, name);
        }
        number = (uint32_t)value_to_int(known);
    } else if (number == 0) {
        return fail(r, name, "bad group number");
    } else if (number > RE_MAX_GROUPS) {
        return fail(r, name, "invalid group reference %u", number);
    }
    if (number > r->asked_group) {
        r->asked_group = number;
        r->asked_group_at = name;
    }
    buf_add_format(&r->out->text, "(?(%u)", number);
    r->is_condition = true;
    return read_body(r, start, flags, depth);
}

static int flag_of_letter(int c) {
    switch (c) {
    case 'a': return RE_ASCII;
    case 'i': return RE_IGNORECASE;
    case 'L': return RE_LOCALE;
    case 'm': return RE_MULTILINE;
    case 's': return RE_DOTALL;
    case 'u': return RE_UNICODE;
    case 'x': return RE_VERBOSE;
    default: return 0;
    }
}

static void put_flag_letters(Reader *r, int flags) {
    buf_add_text(&r->out->text, flags & RE_IGNORECASE ? "i" : "");
    buf_add_text(&r->out->text, flags & RE_MULTILINE ? "m" : "");
    buf_add_text(&r->out->text, flags & RE_DOTALL ? "s" : "");
}

static bool check_type_flags(Reader *r, int flag) {
    if (r->is_bytes && flag == RE_UNICODE) {
        return fail(r, r->at,
                    "bad inline flags: cannot use 'u' flag with a bytes pattern");
    }
    if (!r->is_bytes && flag == RE_LOCALE) {
        return fail(r, r->at, "bad inline flags: cannot use 'L' flag with a str pattern");
    }
    return true;
}

/* is_off: the letters behind a minus. */
static bool read_flag_letters(Reader *r, const char *what, bool is_off, int *flags) {
    const int kinds = RE_ASCII | RE_LOCALE | RE_UNICODE;
    int flag;
    *flags = 0;
    while ((flag = flag_of_letter(peek(r))) != 0) {
        r->at++;
        if (is_off && (flag & kinds) != 0) {
            return fail(r, r->at, "bad inline flags: cannot turn off flags 'a', 'u' and 'L'");
        }
        if (!check_type_flags(r, flag)) {
            return false;
        }
        if ((flag & kinds) != 0 && (*flags & kinds & ~flag) != 0) {
            return fail(r, r->at, "bad inline flags: flags 'a', 'u' and 'L' are incompatible");
        }
        *flags |= flag;
    }
    if (peek(r) != END && *flags == 0) {
        return fail(r, r->at, "%s", is_letter(peek(r)) ? "unknown flag" : what);
    }
    return true;
}

/* (?i) at the begin of the pattern, (?i:...), (?i-s:...). */
static bool read_flags(Reader *r, const char *start, int *flags, int depth,
                       bool *is_empty) {
    int on = 0;
    int off = 0;
    if (peek(r) != '-' && !read_flag_letters(r, "missing -, : or )", false, &on)) {
        return false;
    }
    if (take_if(r, ')')) {
        if (r->out->text.n_bytes != 0) {
            return fail(r, start, "global flags not at the start of the expression");
        }
        *is_empty = true;
        *flags |= on;
        r->out->flags |= on;
        return true;
    }
    if (take_if(r, '-')) {
        if (peek(r) == END) {
            return fail(r, r->at, "missing flag");
        }
        if (!read_flag_letters(r, "missing flag", true, &off)) {
            return false;
        }
    }
    if (peek(r) == END) {
        return fail(r, r->at, off != 0 || on == 0 ? "missing :" : "missing -, : or )");
    }
    if (!take_if(r, ':')) {
        return fail(r, r->at,
                    is_letter(peek(r)) ? "unknown flag"
                    : off != 0         ? "missing :"
                                       : "missing -, : or )");
    }
    if (on & off) {
        return fail(r, r->at - 1, "bad inline flags: flag turned on and off");
    }
    buf_add_text(&r->out->text, "(?");
    put_flag_letters(r, on);
    if (off & (RE_IGNORECASE | RE_MULTILINE | RE_DOTALL)) {
        buf_add_byte(&r->out->text, '-');
        put_flag_letters(r, off);
    }
    buf_add_byte(&r->out->text, ':');
    return read_body(r, start, (*flags | on) & ~off, depth);
}

static bool read_extension(Reader *r, const char *start, int *flags, int depth,
                           bool *is_empty) {
    static const char *const plain[] = {":", "=", "!", ">", "<=", "<!"};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        const size_t n = strlen(plain[i]);
        if ((size_t)(r->end - r->at) >= n && memcmp(r->at, plain[i], n) == 0) {
            r->at += n;
            buf_add_format(&r->out->text, "(?%s", plain[i]);
            return read_body(r, start, *flags, depth);
        }
    }
    if (take_if(r, 'P')) {
        return read_named(r, start, *flags, depth, is_empty);
    }
    if (take_if(r, '(')) {
        return read_condition(r, start, *flags, depth);
    }
    if (take_if(r, '#')) {
        while (r->at < r->end && *r->at != ')') {
            r->at++;
        }
        *is_empty = true;
        return take_if(r, ')') || fail(r, start, "missing ), unterminated comment");
    }
    if (r->at >= r->end) {
        return fail(r, r->at, "unexpected end of pattern");
    }
    if (flag_of_letter(peek(r)) != 0 || peek(r) == '-') {
        return read_flags(r, start, flags, depth, is_empty);
    }
    if (take_if(r, '<')) {
        return r->at >= r->end ? fail(r, r->at, "unexpected end of pattern")
                               : fail(r, start + 1, "unknown extension ?<%c", *r->at);
    }
    return fail(r, start + 1, "unknown extension ?%c", *r->at);
}

/* r->at is at the parenthesis. *is_empty: nothing was there that can be repeated. */
static bool read_group(Reader *r, int *flags, int depth, bool *is_empty) {
    const char *start = r->at++;
    if (!exc_check_c_stack(r->cx)) {
        return false;
    }
    return take_if(r, '?') ? read_extension(r, start, flags, depth, is_empty)
                           : read_capture(r, start, NULL, 0, *flags, depth);
}

static bool skip_verbose(Reader *r) {
    const int c = peek(r);
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
        r->at++;
        return true;
    }
    if (c != '#') {
        return false;
    }
    while (r->at < r->end && *r->at != '\n') {
        r->at++;
    }
    return true;
}

/* * + ? {m,n} with ? or + behind: 1; 0: there is none here; -1: exception. */
static int read_repeat(Reader *r, Before *before) {
    const char *start = r->at;
    const int c = peek(r);
    if (c == '*' || c == '+' || c == '?') {
        if (*before == BEFORE_ITEM) {
            buf_add_byte(&r->out->text, (char)c);
        }
        r->at++;
    } else {
        const size_t n_before = r->out->text.n_bytes;
        const int is_repeat = c == '{' ? read_braces(r) : 0;
        if (is_repeat <= 0) {
            return is_repeat;
        }
        if (*before != BEFORE_ITEM) {
            r->out->text.n_bytes = n_before;
        }
    }
    if (*before != BEFORE_ITEM) {
        fail(r, start,
             *before == BEFORE_REPEAT ? "multiple repeat" : "nothing to repeat");
        return -1;
    }
    if (peek(r) == '?' || peek(r) == '+') {
        buf_add_byte(&r->out->text, *r->at++);
    }
    *before = BEFORE_REPEAT;
    return 1;
}

/* One item that is no repetition. */
static bool read_item(Reader *r, int *flags, int depth, Before *before) {
    bool is_anchor = false;
    const int c = peek(r);
    Buf *text = &r->out->text;
    const Before was = *before;
    *before = BEFORE_ITEM;
    switch (c) {
    case '\\':
        if (!read_escape(r, &is_anchor)) {
            return false;
        }
        break;
    case '[': return read_set(r);
    case '(': {
        bool is_empty = false;
        if (!read_group(r, flags, depth, &is_empty)) {
            return false;
        }
        if (is_empty) {
            *before = was;
        }
        return true;
    }
    case '^':
    case '$':
        is_anchor = true;
        r->at++;
        buf_add_byte(text, (char)c);
        break;
    case '.':
        r->at++;
        buf_add_byte(text, '.');
        break;
    default: put_literal(r, take_char(r)); break;
    }
    if (is_anchor) {
        *before = BEFORE_NOTHING;
    }
    return true;
}

/* Up to the end or a closing parenthesis. */
static bool read_alternatives(Reader *r, int flags, int depth) {
    Before before = BEFORE_NOTHING;
    const bool is_condition = r->is_condition;
    int n_bars = 0;
    r->is_condition = false;
    while (r->at < r->end && *r->at != ')') {
        if ((flags & RE_VERBOSE) && skip_verbose(r)) {
            continue;
        }
        if (take_if(r, '|')) {
            if (++n_bars > 1 && is_condition) {
                return fail(r, r->at - 1, "conditional backref with more than two branches");
            }
            buf_add_byte(&r->out->text, '|');
            before = BEFORE_NOTHING;
            continue;
        }
        const int is_repeat = read_repeat(r, &before);
        if (is_repeat < 0 || (is_repeat == 0 && !read_item(r, &flags, depth, &before))) {
            return false;
        }
    }
    return true;
}

/* The flags at the begin of the pattern hold for all of it, also for how it is read: verbose
 * mode is looked for first. */
bool re_translate(Context *cx, Value pattern, int flags, Value error_class,
                  Translation *out) {
    Reader r = {.cx = cx, .pattern = pattern, .error_class = error_class, .out = out};
    r.is_bytes = IS_BYTES(pattern);
    r.begin = r.is_bytes ? AS_BYTES(pattern)->data : AS_STR(pattern)->data;
    r.end =
        r.begin + (r.is_bytes ? AS_BYTES(pattern)->n_bytes : AS_STR(pattern)->n_bytes);
    r.at = r.begin;
    out->flags = flags;
    out->is_ascii = true;
    out->names = dict_new(cx, 0);
    bool is_ok = out->names != NULL && read_alternatives(&r, flags, 0);
    if (is_ok && r.at < r.end) {
        is_ok = fail(&r, r.at, "unbalanced parenthesis");
    }
    if (is_ok && r.asked_group > out->n_groups) {
        is_ok = fail(&r, r.asked_group_at, "invalid group reference %u", r.asked_group);
    }
    buf_free(&r.open);
    return is_ok;
}
