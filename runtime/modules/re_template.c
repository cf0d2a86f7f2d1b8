/* re_template.c - the templates of sub() and expand(): literals and groups. */

#include "runtime/base/mem.h"
#include "runtime/base/utf8.h"
#include "runtime/modules/re_objects.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/str_build.h"

/* A literal, then a group; the last part has none (-1). */
typedef struct Part {
    size_t from;
    size_t to;
    int64_t group;
} Part;

struct ReTemplate {
    Buf literals;
    Buf parts; /* Part[] */
};

typedef struct Reader {
    Context *cx;
    ObjPattern *pattern;
    ReTemplate *out;
    Value text;
    const char *begin;
    const char *at;
    const char *end;
    size_t literal_from;
} Reader;

static bool fail(Reader *r, const char *at, ObjStr *message) {
    const size_t n = (size_t)(at - r->begin);
    re_raise(r->cx, r->pattern->error_class, message, r->text,
             (int64_t)(r->pattern->is_bytes ? n : utf8_count(r->begin, n)));
    return false;
}

static void add_part(Reader *r, int64_t group) {
    const Part part = {r->literal_from, r->out->literals.n_bytes, group};
    buf_add(&r->out->parts, (const char *)&part, sizeof part);
    r->literal_from = r->out->literals.n_bytes;
}

static bool add_group(Reader *r, const char *at, int64_t number) {
    if (number > r->pattern->n_groups) {
        return fail(
            r, at,
            str_format_c(r->cx, "invalid group reference %lld", (long long)number));
    }
    add_part(r, number);
    return true;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

/* \g<name> */
static bool read_named(Reader *r) {
    if (r->at >= r->end || *r->at != '<') {
        return fail(r, r->at, str_from_c(r->cx, "missing <"));
    }
    const char *name = ++r->at;
    while (r->at < r->end && *r->at != '>') {
        r->at++;
    }
    const size_t length = (size_t)(r->at - name);
    if (r->at >= r->end) {
        return fail(r, name,
                    str_from_c(r->cx, length == 0 ? "missing group name"
                                                  : "missing >, unterminated name"));
    }
    r->at++;
    if (length == 0) {
        return fail(r, name, str_from_c(r->cx, "missing group name"));
    }
    int64_t number = 0;
    bool is_number = true;
    for (size_t i = 0; i < length; i++) {
        is_number = is_number && is_digit(name[i]);
        number = number > RE_MAX_GROUPS ? number : number * 10 + (name[i] - '0');
    }
    if (is_number) {
        return add_group(r, name, number);
    }
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)name[i];
        const bool is_ok = c == '_' || c >= 128 || (c >= 'a' && c <= 'z') ||
                           (c >= 'A' && c <= 'Z') || (i > 0 && is_digit((char)c));
        if (!is_ok) {
            return fail(r, name,
                        str_format_c(r->cx, "bad character in group name '%.*s'",
                                     (int)length, name));
        }
    }
    ObjStr *key = str_intern(r->cx, name, length);
    const Value known =
        key == NULL ? VALUE_ERROR : dict_get_str(AS_DICT(r->pattern->names), key);
    if (IS_UNSET(known)) {
        exc_raise(r->cx, EXC_IndexError, "unknown group name '%.*s'", (int)length, name);
    }
    return IS_INT(known) && add_group(r, name, value_to_int(known));
}

static void add_char(Reader *r, uint32_t c) {
    if (r->pattern->is_bytes) {
        buf_add_byte(&r->out->literals, (char)c);
    } else {
        buf_add_utf8(&r->out->literals, c);
    }
}

/* \1 .. \99, or an octal escape: \0.. and three octal digits. */
static bool read_number(Reader *r, const char *start) {
    const char *d = r->at;
    const size_t n = (size_t)(r->end - d);
    if (d[0] == '0') {
        uint32_t c = 0;
        for (int i = 0; i < 3 && r->at < r->end && is_octal(*r->at); i++) {
            c = c * 8 + (uint32_t)(*r->at++ - '0');
        }
        add_char(r, c & 0xff);
        return true;
    }
    if (n >= 3 && is_octal(d[0]) && is_octal(d[1]) && is_octal(d[2])) {
        const uint32_t c = (uint32_t)((d[0] - '0') * 64 + (d[1] - '0') * 8 + d[2] - '0');
        if (c > 0377) {
            return fail(r, start,
                        str_format_c(r->cx,
                                     "octal escape value %.4s outside of range 0-0o377",
                                     start));
        }
        add_char(r, c);
        r->at += 3;
        return true;
    }
    int64_t number = *r->at++ - '0';
    if (r->at < r->end && is_digit(*r->at)) {
        number = number * 10 + (*r->at++ - '0');
    }
    return add_group(r, start + 1, number);
}

static bool read_escape(Reader *r) {
    static const char escapes[] = "a\ab\bf\fn\nr\rt\tv\v\\\\";
    const char *start = r->at - 1;
    if (r->at >= r->end) {
        return fail(r, start, str_from_c(r->cx, "bad escape (end of pattern)"));
    }
    if (*r->at == 'g') {
        r->at++;
        return read_named(r);
    }
    if (is_digit(*r->at)) {
        return read_number(r, start);
    }
    for (const char *e = escapes; *e != 0; e += 2) {
        if (*r->at == e[0]) {
            r->at++;
            add_char(r, (unsigned char)e[1]);
            return true;
        }
    }
    if ((*r->at >= 'a' && *r->at <= 'z') || (*r->at >= 'A' && *r->at <= 'Z')) {
        return fail(r, start, str_format_c(r->cx, "bad escape \\%c", *r->at));
    }
    buf_add_byte(&r->out->literals, '\\');
    return true;
}

ReTemplate *re_template_read(Context *cx, ObjPattern *p, Value text) {
    Reader r = {.cx = cx, .pattern = p, .text = text};
    size_t n_bytes;
    if (p->is_bytes) {
        ByteView view;
        if (!byte_view_of(cx, text, &view)) {
            return NULL;
        }
        r.begin = view.data;
        n_bytes = view.n_bytes;
    } else if (IS_STR(text)) {
        r.begin = AS_STR(text)->data;
        n_bytes = AS_STR(text)->n_bytes;
    } else {
        exc_raise(cx, EXC_TypeError,
                  "decoding to str: need a bytes-like object, %s found",
                  type_name_of(cx, text));
        return NULL;
    }
    r.out = mem_alloc_zeroed(1, sizeof *r.out);
    r.at = r.begin;
    r.end = r.begin + n_bytes;
    while (r.at < r.end) {
        const char *backslash = memchr(r.at, '\\', (size_t)(r.end - r.at));
        const char *to = backslash == NULL ? r.end : backslash;
        buf_add(&r.out->literals, r.at, (size_t)(to - r.at));
        r.at = to;
        if (backslash != NULL) {
            r.at++;
            if (!read_escape(&r)) {
                re_template_free(r.out);
                return NULL;
            }
        }
    }
    add_part(&r, -1);
    return r.out;
}

void re_template_free(ReTemplate *t) {
    buf_free(&t->literals);
    buf_free(&t->parts);
    mem_free(t);
}

bool re_template_add(Context *cx, const ReTemplate *t, const char *data,
                     const size_t *spans, Buf *out) {
    const size_t n = t->parts.n_bytes / sizeof(Part);
    for (size_t i = 0; i < n; i++) {
        Part part;
        memcpy(&part, t->parts.bytes + i * sizeof part, sizeof part);
        buf_add(out, t->literals.bytes + part.from, part.to - part.from);
        if (part.group >= 0 && spans[2 * part.group] != SIZE_MAX) {
            const size_t from = spans[2 * part.group];
            buf_add(out, data + from, spans[2 * part.group + 1] - from);
        }
        if (UNLIKELY(!str_build_goes_on(cx, out->n_bytes))) {
            return false;
        }
    }
    return true;
}
