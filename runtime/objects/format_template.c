/* format_template.c - "{}".format(...): literal text and replacement fields. */

#include <limits.h>

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/str_build.h"
#include "runtime/objects/str_format.h"

enum { MAX_DEPTH = 2 };
typedef enum Numbering {
    NUMBERING_NONE,
    NUMBERING_AUTOMATIC,
    NUMBERING_MANUAL
} Numbering;

typedef struct Template {
    Context *cx;
    const Value *args; /* NULL: format_map, which has no positional fields */
    int n_args;
    Value names; /* mapping of names, or VALUE_UNSET */
    Numbering numbering;
    int64_t next_number;
} Template;

typedef struct Text {
    const char *at;
    const char *end;
} Text;

typedef struct Field {
    Text name;
    Text spec;
    uint32_t conversion;    /* 0: none */
    bool has_nested_fields; /* in the spec */
} Field;

static bool build(Template *t, Text text, int depth, Buf *out);

static bool fail(const Template *t, const char *message) {
    exc_raise(t->cx, EXC_ValueError, "%s", message);
    return false;
}

/* Reading a field: text stands behind its '{' and is left behind its '}'. */

static bool read_spec(const Template *t, Text *text, Field *field) {
    field->spec.at = text->at;
    int depth = 1;
    while (text->at < text->end) {
        const char c = *text->at++;
        if (c == '{') {
            field->has_nested_fields = true;
            depth++;
        } else if (c == '}' && --depth == 0) {
            field->spec.end = text->at - 1;
            return true;
        }
    }
    return fail(t, "unmatched '{' in format spec");
}

static bool read_conversion(const Template *t, Text *text, Field *field, bool *is_done) {
    if (text->at == text->end) {
        return fail(t, "end of string while looking for conversion specifier");
    }
    size_t n;
    field->conversion = utf8_decode(text->at, &n);
    text->at += n;
    if (text->at < text->end) {
        const char c = *text->at++;
        *is_done = c == '}';
        if (c != '}' && c != ':') {
            return fail(t, "expected ':' after conversion specifier");
        }
    }
    return true;
}

static bool read_field(const Template *t, Text *text, Field *field) {
    *field = (Field){.name = {text->at, text->at}};
    char c = 0;
    while (text->at < text->end) {
        c = *text->at++;
        if (c == '{') {
            return fail(t, "unexpected '{' in field name");
        }
        if (c == '[') {
            while (text->at < text->end && *text->at != ']') {
                text->at++;
            }
        } else if (c == '}' || c == ':' || c == '!') {
            break;
        }
    }
    field->name.end = text->at - 1;
    if (c == '}') {
        return true;
    }
    if (c != '!' && c != ':') {
        return fail(t, "expected '}' before end of string");
    }
    bool is_done = false;
    if (c == '!' && (!read_conversion(t, text, field, &is_done) || is_done)) {
        return is_done;
    }
    return read_spec(t, text, field);
}

/* The value that a field names */

/* A number made of all of the text: -1 when it is none, -2: too large, ValueError
 * pending. */
static int64_t number_of(const Template *t, Text text) {
    int64_t number = text.at == text.end ? -1 : 0;
    for (; text.at < text.end; text.at++) {
        if (*text.at < '0' || *text.at > '9') {
            return -1;
        }
        if (number > (INT64_MAX - 9) / 10) {
            fail(t, "Too many decimal digits in format string");
            return -2;
        }
        number = number * 10 + (*text.at - '0');
    }
    return number;
}

static bool set_numbering(Template *t, Numbering numbering) {
    if (t->numbering != NUMBERING_NONE && t->numbering != numbering) {
        return fail(t, numbering == NUMBERING_MANUAL
                           ? "cannot switch from automatic field numbering to manual "
                             "field specification"
                           : "cannot switch from manual field specification to automatic "
                             "field numbering");
    }
    t->numbering = numbering;
    return true;
}

static Value positional(Template *t, int64_t number) {
    if (t->args == NULL) {
        fail(t, "Format string contains positional fields");
        return VALUE_ERROR;
    }
    if (number >= t->n_args) {
        return exc_raise(t->cx, EXC_IndexError,
                         "Replacement index %lld out of range for positional args tuple",
                         (long long)number);
    }
    return t->args[number];
}

static Value named(const Template *t, Text name) {
    ObjStr *key = str_new(t->cx, name.at, (size_t)(name.end - name.at));
    if (key == NULL) {
        return VALUE_ERROR;
    }
    if (IS_UNSET(t->names)) {
        return exc_raise_value(t->cx, EXC_KeyError, OBJ_VALUE(key));
    }
    return value_getitem(t->cx, t->names, OBJ_VALUE(key));
}

static Value first_value(Template *t, Text name) {
    const int64_t number = number_of(t, name);
    if (number == -2) {
        return VALUE_ERROR;
    }
    if (name.at == name.end) {
        return set_numbering(t, NUMBERING_AUTOMATIC) ? positional(t, t->next_number++)
                                                     : VALUE_ERROR;
    }
    if (number >= 0) {
        return set_numbering(t, NUMBERING_MANUAL) ? positional(t, number) : VALUE_ERROR;
    }
    return named(t, name);
}

static Value get_attribute(const Template *t, Value v, Text name) {
    ObjStr *attribute = str_intern(t->cx, name.at, (size_t)(name.end - name.at));
    return attribute == NULL ? VALUE_ERROR : value_getattr(t->cx, v, attribute);
}

static Value get_item(const Template *t, Value v, Text index) {
    const int64_t number = number_of(t, index);
    if (number == -2) {
        return VALUE_ERROR;
    }
    if (number >= 0) {
        /* As large as a place can be: anything larger is out of range as well. */
        return value_getitem(
            t->cx, v, value_from_int(number > VALUE_INT_MAX ? VALUE_INT_MAX : number));
    }
    ObjStr *key = str_new(t->cx, index.at, (size_t)(index.end - index.at));
    return key == NULL ? VALUE_ERROR : value_getitem(t->cx, v, OBJ_VALUE(key));
}

static Value raise(const Template *t, const char *message) {
    fail(t, message);
    return VALUE_ERROR;
}

/* name, then any number of ".attribute" and "[index]". */
static Value field_value(Template *t, Text name) {
    Text part = {name.at, name.at};
    while (part.end < name.end && *part.end != '.' && *part.end != '[') {
        part.end++;
    }
    Value v = first_value(t, part);
    const char *at = part.end;
    while (at < name.end && !IS_ERROR(v)) {
        const bool is_item = *at == '[';
        if (!is_item && *at != '.') {
            return raise(t, "Only '.' or '[' may follow ']' in format field specifier");
        }
        part = (Text){at + 1, at + 1};
        while (part.end < name.end &&
               (is_item ? *part.end != ']' : *part.end != '.' && *part.end != '[')) {
            part.end++;
        }
        if (is_item && part.end == name.end) {
            return raise(t, "Missing ']' in format string");
        }
        if (part.at == part.end) {
            return raise(t, "Empty attribute in format string");
        }
        v = is_item ? get_item(t, v, part) : get_attribute(t, v, part);
        at = part.end + is_item;
    }
    return v;
}

static Value convert(const Template *t, Value v, uint32_t conversion) {
    switch (conversion) {
    case 0: return v;
    case 'r': return value_repr(t->cx, v);
    case 's': return value_str(t->cx, v);
    case 'a': return format_ascii(t->cx, v);
    default: break;
    }
    return conversion > 32 && conversion < 127
               ? exc_raise(t->cx, EXC_ValueError, "Unknown conversion specifier %c",
                           (char)conversion)
               : exc_raise(t->cx, EXC_ValueError, "Unknown conversion specifier \\x%x",
                           (unsigned)conversion);
}

static ObjStr *field_spec(Template *t, const Field *field, int depth) {
    const size_t n = (size_t)(field->spec.end - field->spec.at);
    if (!field->has_nested_fields) {
        return str_new(t->cx, field->spec.at, n);
    }
    Buf text = {0};
    if (!build(t, field->spec, depth - 1, &text)) {
        buf_free(&text);
        return NULL;
    }
    return str_from_buf(t->cx, &text);
}

static bool add_field(Template *t, const Field *field, int depth, Buf *out) {
    Value v = field_value(t, field->name);
    if (IS_ERROR(v)) {
        return false;
    }
    v = convert(t, v, field->conversion);
    ObjStr *spec = IS_ERROR(v) ? NULL : field_spec(t, field, depth);
    if (spec == NULL) {
        return false;
    }
    const Value text = format_value(t->cx, v, spec);
    return !IS_ERROR(text) && str_build_add(t->cx, out, text);
}

/* Appends the text with its fields filled in. */
static bool build(Template *t, Text text, int depth, Buf *out) {
    if (depth < 0) {
        return fail(t, "Max string recursion exceeded");
    }
    while (text.at < text.end) {
        const char *literal = text.at;
        while (text.at < text.end && *text.at != '{' && *text.at != '}') {
            text.at++;
        }
        buf_add(out, literal, (size_t)(text.at - literal));
        if (text.at == text.end) {
            break;
        }
        const char brace = *text.at++;
        if (text.at < text.end && *text.at == brace) {
            buf_add_byte(out, brace);
            text.at++;
            continue;
        }
        if (brace == '}' || text.at == text.end) {
            return fail(t, brace == '}' ? "Single '}' encountered in format string"
                                        : "Single '{' encountered in format string");
        }
        Field field;
        if (!read_field(t, &text, &field) || !add_field(t, &field, depth, out)) {
            return false;
        }
    }
    return true;
}

static Value run(Template *t, const ObjStr *template) {
    BUF_IN_ROOM(out, 512);
    if (!build(t, (Text){template->data, template->data + template->n_bytes},
               MAX_DEPTH - 1, &out)) {
        buf_free(&out);
        return VALUE_ERROR;
    }
    ObjStr *s = str_from_buf(t->cx, &out);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

Value format_template(Context *cx, ObjStr *template, const Value *args, int n_args,
                      Value kwargs) {
    static const Value none = VALUE_UNSET;
    Template t = {
        .cx = cx, .args = args == NULL ? &none : args, .n_args = n_args, .names = kwargs};
    return run(&t, template);
}

Value format_template_map(Context *cx, ObjStr *template, Value mapping) {
    Template t = {.cx = cx, .names = mapping};
    return run(&t, template);
}
