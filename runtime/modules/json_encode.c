/* json_encode.c - values as JSON text. See json.h.
 *
 * A container that is being written is a Level on the C stack. A value that contains itself makes the path of levels
 * periodic; that is found out as Brent does it, by one comparison for each level: with the value at the last level whose
 * number is a power of two. Dicts are written from the table they had when they were reached, so that default() may
 * change them. */

#include <math.h>

#include "runtime/base/numtext.h"
#include "runtime/base/utf8.h"
#include "runtime/call.h"
#include "runtime/modules/json.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int_text.h"
#include "runtime/objects/list.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/str_build.h"

typedef struct Level {
    size_t number;       /* of values that are being written around this one, itself included */
    size_t depth;        /* of containers, for the indentation */
    Value anchor;        /* the value at the last level whose number is a power of two */
    size_t n_asked;      /* the same among the values that default() was asked about: it may wrap one that returns in */
    Value asked;         /* a new container each time */
} Level;

typedef struct Encoder {
    Context *cx;
    const JsonFormat *format;
    Buf *out;
} Encoder;

static bool write_value(Encoder *e, Value v, const Level *up);

/* ---- Texts ---- */

static void add_unicode_escape(Buf *out, uint32_t c) {
    if (c > 0xFFFF) {
        const uint32_t rest = c - 0x10000;
        buf_add_format(out, "\\u%04x\\u%04x", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
    } else {
        buf_add_format(out, "\\u%04x", c);
    }
}

/* The letter behind the backslash for characters that have one, or 0. */
static char short_escape(unsigned char c) {
    switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    case '\f': return 'f';
    case '\b': return 'b';
    default: return 0;
    }
}

static bool is_plain(unsigned char c, bool ascii_only) {
    return c >= ' ' && c != '"' && c != '\\' && (!ascii_only || c < 127);
}

static void write_text(Encoder *e, const ObjStr *s) {
    Buf *out = e->out;
    const bool ascii_only = e->format->ascii_only;
    buf_add_byte(out, '"');
    size_t i = 0;
    while (i < s->n_bytes) {
        const size_t begin = i;
        while (i < s->n_bytes && is_plain((unsigned char)s->data[i], ascii_only)) {
            i++;
        }
        buf_add(out, s->data + begin, i - begin);
        if (i == s->n_bytes) {
            break;
        }
        const char letter = short_escape((unsigned char)s->data[i]);
        if (letter != 0) {
            buf_add_byte(out, '\\');
            buf_add_byte(out, letter);
            i++;
        } else {
            size_t n_bytes;
            add_unicode_escape(out, utf8_decode(s->data + i, &n_bytes));
            i += n_bytes;
        }
    }
    buf_add_byte(out, '"');
}

/* ---- Numbers ---- */

static bool write_float(Encoder *e, double d) {
    char text[NUMTEXT_DOUBLE_BYTES];
    const size_t n_bytes = numtext_from_double(d, text);
    if (isfinite(d)) {
        buf_add(e->out, text, n_bytes);
        return true;
    }
    if (!e->format->allow_nan) {
        exc_raise(e->cx, EXC_ValueError, "Out of range float values are not JSON compliant: %.*s",
                  (int)n_bytes, text);
        return false;
    }
    buf_add_text(e->out, isnan(d) ? "NaN" : d > 0 ? "Infinity" : "-Infinity");
    return true;
}

/* None, a bool or a number: true and *is_written; anything else is left alone. */
static bool write_simple(Encoder *e, Value v, bool *is_written) {
    *is_written = true;
    if (IS_NONE(v)) {
        buf_add_text(e->out, "null");
    } else if (IS_BOOL(v)) {
        buf_add_text(e->out, v == VALUE_TRUE ? "true" : "false");
    } else if (IS_INT_LIKE(v)) {
        return int_add_text(e->cx, e->out, v, 10, false);
    } else if (IS_FLOAT_LIKE(v)) {
        double d;
        float_from_number(e->cx, v, &d);
        return write_float(e, d);
    } else {
        *is_written = false;
    }
    return true;
}

/* ---- Containers ---- */

static bool enter(Encoder *e, Level *level, const Level *up, Value v, bool is_container) {
    if (UNLIKELY(context_c_stack_is_short(e->cx))) {
        exc_raise_recursion_in(e->cx, "while encoding a JSON object");
        return false;
    }
    const Level top = {0, 0, VALUE_UNSET, 0, VALUE_UNSET};
    if (up == NULL) {
        up = &top;
    }
    const bool is_again = up->anchor == v || (!is_container && up->asked == v);
    if (is_again && e->format->finds_circles) {
        exc_raise(e->cx, EXC_ValueError, "Circular reference detected");
        return false;
    }
    level->number = up->number + 1;
    level->depth = up->depth + is_container;
    level->anchor = (level->number & up->number) == 0 ? v : up->anchor;
    level->n_asked = up->n_asked + !is_container;
    level->asked = !is_container && (level->n_asked & up->n_asked) == 0 ? v : up->asked;
    return true;
}

static void write_line(Encoder *e, size_t depth) {
    const ObjStr *indent = e->format->indent;
    if (indent != NULL) {
        buf_add_byte(e->out, '\n');
        for (size_t i = 0; i < depth; i++) {
            buf_add(e->out, indent->data, indent->n_bytes);
        }
    }
}

static bool write_separator(Encoder *e, bool is_first, const Level *level) {
    if (!is_first) {
        const ObjStr *separator = e->format->item_separator;
        buf_add(e->out, separator->data, separator->n_bytes);
    }
    write_line(e, level->depth);
    return str_build_goes_on(e->cx, e->out->n_bytes);
}

static bool write_sequence(Encoder *e, Value v, const Level *up) {
    Level level;
    if (!enter(e, &level, up, v, true)) {
        return false;
    }
    buf_add_byte(e->out, '[');
    size_t i = 0;
    for (Value item; !IS_UNSET(item = seq_peek(v, i)); i++) {
        if (!write_separator(e, i == 0, &level) || !write_value(e, item, &level)) {
            return false;
        }
    }
    if (i > 0) {
        write_line(e, level.depth - 1);
    }
    buf_add_byte(e->out, ']');
    return true;
}

/* Writes the key as a text. *is_written false: it cannot be one, and is skipped. */
static bool write_key(Encoder *e, Value key, bool *is_written) {
    *is_written = true;
    if (LIKELY(IS_STR(key))) {
        write_text(e, AS_STR(key));
        return true;
    }
    buf_add_byte(e->out, '"');
    if (!write_simple(e, key, is_written)) {
        return false;
    }
    if (!*is_written && !e->format->skips_keys) {
        exc_raise(e->cx, EXC_TypeError, "keys must be str, int, float, bool or None, not %s",
                  type_name_of(e->cx, key));
        return false;
    }
    buf_add_byte(e->out, '"');
    return true;
}

static bool write_item(Encoder *e, Value key, Value value, const Level *level, bool *is_first) {
    const size_t begin = e->out->n_bytes;
    bool is_written;
    if (!write_separator(e, *is_first, level) || !write_key(e, key, &is_written)) {
        return false;
    }
    if (!is_written) {
        e->out->n_bytes = begin;
        return true;
    }
    *is_first = false;
    const ObjStr *separator = e->format->key_separator;
    buf_add(e->out, separator->data, separator->n_bytes);
    return write_value(e, value, level);
}

static bool write_sorted_items(Encoder *e, ObjDict *dict, const Level *level, bool *is_first) {
    const Value keys = list_from_iterable(e->cx, dict_keys(e->cx, dict));
    if (IS_ERROR(keys) || !list_sort(e->cx, AS_LIST(keys), VALUE_NONE, false)) {
        return false;
    }
    for (size_t i = 0; i < list_length(AS_LIST(keys)); i++) {
        const Value key = list_peek(AS_LIST(keys), i);
        const Value value = dict_get(e->cx, dict, key);
        if (IS_ERROR(value) ||
            (!IS_UNSET(value) && !write_item(e, key, value, level, is_first))) {
            return false;
        }
    }
    return true;
}

static bool write_items(Encoder *e, ObjDict *dict, const Level *level, bool *is_first) {
    const ObjDictTable *table = dict_table(dict);
    size_t position = 0;
    Value key;
    Value value;
    while (dict_table_next(table, &position, &key, &value)) {
        if (!write_item(e, key, value, level, is_first)) {
            return false;
        }
    }
    return true;
}

static bool write_dict(Encoder *e, Value v, const Level *up) {
    Level level;
    if (!enter(e, &level, up, v, true)) {
        return false;
    }
    buf_add_byte(e->out, '{');
    bool is_first = true;
    const bool is_ok = e->format->sorts_keys ? write_sorted_items(e, AS_DICT(v), &level, &is_first)
                                             : write_items(e, AS_DICT(v), &level, &is_first);
    if (!is_ok) {
        return false;
    }
    if (!is_first) {
        write_line(e, level.depth - 1);
    }
    buf_add_byte(e->out, '}');
    return true;
}

/* What JSON has not: default(v) says what to write instead. */
static bool write_other(Encoder *e, Value v, const Level *up) {
    Level level;
    if (!enter(e, &level, up, v, false)) {
        return false;
    }
    const Value other = call_value(e->cx, e->format->default_function, &v, 1);
    return !IS_ERROR(other) && write_value(e, other, &level);
}

static bool write_value(Encoder *e, Value v, const Level *up) {
    if (IS_STR(v)) {
        write_text(e, AS_STR(v));
        return true;
    }
    if (IS_LIST(v) || IS_TUPLE(v)) {
        return write_sequence(e, v, up);
    }
    if (IS_DICT(v)) {
        return write_dict(e, v, up);
    }
    bool is_written;
    if (!write_simple(e, v, &is_written)) {
        return false;
    }
    return is_written || write_other(e, v, up);
}

Value json_encode(Context *cx, Value v, const JsonFormat *format) {
    BUF_IN_ROOM(out, 512);
    Encoder e = {cx, format, &out};
    if (!write_value(&e, v, NULL)) {
        buf_free(&out);
        return VALUE_ERROR;
    }
    ObjStr *text = str_new(cx, out.bytes, out.n_bytes);
    buf_free(&out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}
