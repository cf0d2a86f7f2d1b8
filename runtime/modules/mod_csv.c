/* mod_csv.c - the module _csv: what lib/csv.mini does with ordinary tables.
 *
 * Ordinary: the delimiter and the quote are ASCII, quotes are doubled inside quotes, nothing is
 * escaped, a record is one line. For everything else the functions return None, and the state
 * machine in lib/csv.mini says what it means, or what is wrong with it. */

#include "runtime/modules/modules.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/str_build.h"

/* Reading */

typedef struct Line {
    Context *cx;
    const char *at;
    const char *end;
    bool is_ascii;
    char delimiter;
    char quote; /* 0: none */
    ObjList *fields;
} Line;

static bool is_line_end(char c) {
    return c == '\r' || c == '\n';
}

static const char *end_of_plain(const Line *line) {
    const char *p = line->at;
    while (p < line->end && *p != line->delimiter && !is_line_end(*p)) {
        p++;
    }
    return p;
}

static bool add_field(Line *line, const char *text, size_t n_bytes) {
    ObjStr *field = line->is_ascii ? str_new_ascii(line->cx, text, n_bytes)
                                   : str_new(line->cx, text, n_bytes);
    return field != NULL && list_append(line->cx, line->fields, OBJ_VALUE(field));
}

/* A field with quotes inside, or with more behind its quotes; at is behind the first one.
 * 1: added, 0: it goes on in the next line, -1: exception. */
static int read_quoted(Line *line) {
    BUF_IN_ROOM(text, 256);
    for (;;) {
        const char *quote = memchr(line->at, line->quote, (size_t)(line->end - line->at));
        if (quote == NULL) {
            buf_free(&text);
            return 0;
        }
        buf_add(&text, line->at, (size_t)(quote - line->at));
        line->at = quote + 1;
        if (line->at == line->end || *line->at != line->quote) {
            break;
        }
        buf_add_byte(&text, line->quote);
        line->at++;
    }
    const char *end = end_of_plain(line);
    buf_add(&text, line->at, (size_t)(end - line->at));
    line->at = end;
    const bool is_ok = add_field(line, text.bytes, text.n_bytes);
    buf_free(&text);
    return is_ok ? 1 : -1;
}

static int read_field(Line *line) {
    if (line->at == line->end || *line->at != line->quote || line->quote == 0) {
        const char *begin = line->at;
        line->at = end_of_plain(line);
        return add_field(line, begin, (size_t)(line->at - begin)) ? 1 : -1;
    }
    line->at++;
    return read_quoted(line);
}

static bool has_only_line_ends(const Line *line) {
    for (const char *p = line->at; p < line->end; p++) {
        if (!is_line_end(*p)) {
            return false;
        }
    }
    return true;
}

static Value read_record(Line *line) {
    for (;;) {
        const int is_read = read_field(line);
        if (is_read <= 0) {
            return is_read == 0 ? VALUE_NONE : VALUE_ERROR;
        }
        if (line->at == line->end || *line->at != line->delimiter) {
            break;
        }
        line->at++;
    }
    return has_only_line_ends(line) ? OBJ_VALUE(line->fields) : VALUE_NONE;
}

/* A str of one ASCII character; 0 for None, -1 for what is none. */
static int character_of(Value v) {
    return IS_NONE(v)                                                  ? 0
           : IS_STR(v) && str_is_ascii(AS_STR(v)) && AS_STR(v)->n_bytes == 1 ? AS_STR(v)->data[0]
                                                                             : -1;
}

static Value refuse_options(Context *cx) {
    return exc_raise(cx, EXC_TypeError, "ASCII characters are needed here");
}

NATIVE(csv_split, "split(line, delimiter, quotechar, /)",
       "The fields of a record, or None when that takes the state machine.") {
    const int delimiter = character_of(args[1]);
    const int quote = character_of(args[2]);
    if (!IS_STR(args[0]) || delimiter <= 0 || quote < 0) {
        return refuse_options(cx);
    }
    const ObjStr *text = AS_STR(args[0]);
    Line line = {.cx = cx,
                 .at = text->data,
                 .end = text->data + text->n_bytes,
                 .is_ascii = str_is_ascii(text),
                 .delimiter = (char)delimiter,
                 .quote = (char)quote,
                 .fields = list_new(cx, 8)};
    if (line.fields == NULL || has_only_line_ends(&line)) {
        return line.fields == NULL ? VALUE_ERROR : OBJ_VALUE(line.fields);
    }
    return read_record(&line);
}

/* Writing */

static bool needs_quotes(const ObjStr *text, char delimiter, char quote) {
    for (size_t i = 0; i < text->n_bytes; i++) {
        const char c = text->data[i];
        if (c == delimiter || c == quote || is_line_end(c)) {
            return true;
        }
    }
    return false;
}

static void add_quoted(Buf *line, const ObjStr *text, char quote) {
    buf_add_byte(line, quote);
    for (size_t i = 0; i < text->n_bytes; i++) {
        if (text->data[i] == quote) {
            buf_add_byte(line, quote);
        }
        buf_add_byte(line, text->data[i]);
    }
    buf_add_byte(line, quote);
}

static bool write_field(Context *cx, Buf *line, Value v, char delimiter, char quote,
                        bool is_quoted) {
    const Value text = IS_NONE(v)  ? OBJ_VALUE(cx->rt->empty_str)
                       : IS_STR(v) ? v
                                   : value_str(cx, v);
    if (IS_ERROR(text) || !str_build_goes_on(cx, line->n_bytes + AS_STR(text)->n_bytes)) {
        return false;
    }
    if (is_quoted || needs_quotes(AS_STR(text), delimiter, quote)) {
        add_quoted(line, AS_STR(text), quote);
    } else {
        buf_add(line, AS_STR(text)->data, AS_STR(text)->n_bytes);
    }
    return true;
}

NATIVE(csv_join, "join(row, delimiter, quotechar, is_quoted, lineterminator, /)",
       "The line of a record: of a list or tuple.") {
    const int delimiter = character_of(args[1]);
    const int quote = character_of(args[2]);
    if (delimiter <= 0 || quote <= 0 || !IS_STR(args[4]) ||
        !(IS_LIST(args[0]) || IS_TUPLE(args[0]))) {
        return refuse_options(cx);
    }
    BUF_IN_ROOM(line, 512);
    bool is_ok = true;
    size_t n = 0;
    for (; is_ok; n++) {
        const Value item = seq_peek(args[0], n);
        if (IS_UNSET(item)) {
            break;
        }
        if (n > 0) {
            buf_add_byte(&line, (char)delimiter);
        }
        is_ok = write_field(cx, &line, item, (char)delimiter, (char)quote,
                            args[3] == VALUE_TRUE);
    }
    if (!is_ok) {
        buf_free(&line);
        return VALUE_ERROR;
    }
    if (n == 1 && line.n_bytes == 0) { /* an empty line would be no record */
        buf_add_repeated(&line, (char)quote, 2);
    }
    buf_add(&line, AS_STR(args[4])->data, AS_STR(args[4])->n_bytes);
    ObjStr *text = str_from_buf(cx, &line);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static const NativeDef functions[] = {NATIVE_ENTRY(csv_join), NATIVE_ENTRY(csv_split), {0}};

bool mod_csv_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
