/* trace_file.c - reads just enough JSON to know a trace. See trace_file.h.
 *
 * Values are passed over without being made; depth is counted, not recursed into, so that a hostile file needs no
 * stack. What stands inside a number or a word (true, null) is not looked at: the page will. */

#include "interp/trace/trace_file.h"

#include <stdbool.h>
#include <string.h>

enum { MAX_DEPTH = 64 }; /* a trace has 5 */

typedef struct Reader {
    const char *at;
    const char *end;
} Reader;

/* Of which kinds a byte is: hundreds of megabytes are asked so. */
enum { BLANK = 1, WORD = 2, PLAIN = 4 /* in a string it stands for itself */ };

static const unsigned char kinds[256] = {
    ['\t'] = BLANK,
    ['\n'] = BLANK,
    ['\r'] = BLANK,
    [' '] = BLANK | PLAIN,
    ['!'] = PLAIN,
    ['#' ... '*'] = PLAIN,
    ['+'] = WORD | PLAIN,
    [','] = PLAIN,
    ['-'] = WORD | PLAIN,
    ['.'] = WORD | PLAIN,
    ['/'] = PLAIN,
    ['0' ... '9'] = WORD | PLAIN,
    [':' ... 'D'] = PLAIN,
    ['E'] = WORD | PLAIN,
    ['F' ... '['] = PLAIN,
    [']' ... '`'] = PLAIN,
    ['a' ... 'z'] = WORD | PLAIN,
    ['{' ... 255] = PLAIN,
};

static void skip_kind(Reader *reader, unsigned kind) {
    const char *at = reader->at;
    while (at < reader->end && (kinds[(unsigned char)*at] & kind) != 0) {
        at++;
    }
    reader->at = at;
}

static inline void skip_blanks(Reader *reader) {
    /* Mostly there is none. */
    if (reader->at < reader->end && *reader->at <= ' ') {
        skip_kind(reader, BLANK);
    }
}

static bool take(Reader *reader, char c) {
    skip_blanks(reader);
    if (reader->at == reader->end || *reader->at != c) {
        return false;
    }
    reader->at++;
    return true;
}

static bool skip_string(Reader *reader) {
    if (!take(reader, '"')) {
        return false;
    }
    skip_kind(reader, PLAIN);
    while (reader->at < reader->end && *reader->at == '\\') {
        reader->at += 2;
        skip_kind(reader, PLAIN);
    }
    return reader->at < reader->end && *reader->at++ == '"';
}

static bool skip_word(Reader *reader) {
    const char *begin = reader->at;
    skip_kind(reader, WORD);
    return reader->at > begin;
}

/* One value with all that it contains. `closers` is the stack of brackets that are open. */
static bool skip_value(Reader *reader) {
    char closers[MAX_DEPTH];
    size_t depth = 0;
    for (;;) {
        skip_blanks(reader);
        if (reader->at == reader->end) {
            return false;
        }
        const char c = *reader->at;
        bool is_open = false;
        if (c == '{' || c == '[') {
            if (depth == MAX_DEPTH) {
                return false;
            }
            reader->at++;
            closers[depth++] = c == '{' ? '}' : ']';
            is_open = true;
        } else if (!(c == '"' ? skip_string(reader) : skip_word(reader))) {
            return false;
        }
        while (depth > 0) {
            const char closer = closers[depth - 1];
            if (take(reader, closer)) {
                depth--;
                is_open = false;
                continue;
            }
            if (!is_open && !take(reader, ',')) {
                return false;
            }
            if (closer == '}' && !(skip_string(reader) && take(reader, ':'))) {
                return false;
            }
            break;
        }
        if (depth == 0) {
            return true;
        }
    }
}

/* Goes through the object that begins here, and leaves where the values of two of its keys begin, or NULL. */
static bool read_object(Reader *reader, const char *const keys[2], Reader values[2]) {
    values[0].at = values[1].at = NULL;
    if (!take(reader, '{')) {
        return false;
    }
    if (take(reader, '}')) {
        return true;
    }
    do {
        skip_blanks(reader);
        const char *key = reader->at + 1;
        if (!skip_string(reader)) {
            return false;
        }
        const size_t n_key = (size_t)(reader->at - 1 - key);
        if (!take(reader, ':')) {
            return false;
        }
        for (int i = 0; i < 2; i++) {
            if (strlen(keys[i]) == n_key && memcmp(keys[i], key, n_key) == 0) {
                values[i] = *reader;
            }
        }
        if (!skip_value(reader)) {
            return false;
        }
    } while (take(reader, ','));
    return take(reader, '}');
}

static size_t line_of(const char *text, const char *at) {
    size_t line = 1;
    for (const char *c = text; c < at; c++) {
        line += *c == '\n';
    }
    return line;
}

const char *trace_file_problem(const char *text, size_t n_bytes, size_t *line) {
    Reader reader = {text, text + n_bytes};
    Reader values[2];
    *line = 0;
    if (!read_object(&reader, (const char *const[2]){"traceEvents", "otherData"},
                     values)) {
        *line = line_of(text, reader.at < reader.end ? reader.at : reader.end);
        return reader.at < reader.end ? "no JSON object" : "it ends too early";
    }
    skip_blanks(&reader);
    if (reader.at < reader.end) {
        *line = line_of(text, reader.at);
        return "something follows the JSON object";
    }
    if (values[0].at == NULL || values[1].at == NULL) {
        return "no \"traceEvents\" and \"otherData\" in it";
    }
    if (!take(&values[0], '[')) {
        return "\"traceEvents\" is no list";
    }
    Reader format[2];
    if (!read_object(&values[1], (const char *const[2]){"format", "mode"}, format) ||
        format[0].at == NULL) {
        return "\"otherData\" has no \"format\": mini did not write it";
    }
    if (!take(&format[0], '1') || !(take(&format[0], ',') || take(&format[0], '}'))) {
        return "a \"format\" that this version of mini does not know";
    }
    return NULL;
}
