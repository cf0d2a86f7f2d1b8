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

static void skip_blanks(Reader *reader) {
    while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) != NULL &&
           *reader->at != '\0') {
        reader->at++;
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
    while (reader->at < reader->end && *reader->at != '"') {
        if ((unsigned char)*reader->at < ' ') {
            return false;
        }
        reader->at += *reader->at == '\\' ? 2 : 1;
    }
    return reader->at < reader->end && *reader->at++ == '"';
}

static bool skip_word(Reader *reader) {
    const char *begin = reader->at;
    while (reader->at < reader->end && *reader->at != '\0' &&
           strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *reader->at) != NULL) {
        reader->at++;
    }
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
