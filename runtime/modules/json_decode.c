/* json_decode.c - values from JSON text: a recursive descent over UTF-8. See json.h. */

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "runtime/call.h"
#include "runtime/modules/json.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/module.h"
#include "runtime/objects/tuple.h"

typedef struct Decoder {
    Context *cx;
    const JsonHooks *hooks;
    ObjStr *source;
    const char *at;       /* the next byte */
    const char *end;
    ObjDict *keys;        /* the keys met so far, so that equal ones are one object */
} Decoder;

static Value read_value(Decoder *d);

/* ---- Errors ---- */

/* Raises json.JSONDecodeError(message, source, position). */
static Value refuse(Decoder *d, const char *message, const char *at) {
    Context *cx = d->cx;
    ObjStr *text = str_from_c(cx, message);
    if (text == NULL) {
        return VALUE_ERROR;
    }
    const size_t place = str_char_of_byte(d->source, (size_t)(at - d->source->data));
    const Value args[] = {OBJ_VALUE(text), OBJ_VALUE(d->source), value_from_int((int64_t)place)};
    const Value error = module_import_call(cx, "json", "JSONDecodeError", args, 3);
    return IS_ERROR(error) ? VALUE_ERROR : exc_raise_statement(cx, error, VALUE_UNSET);
}

/* ---- Texts ---- */

static void skip_space(Decoder *d) {
    while (d->at < d->end && (*d->at == ' ' || *d->at == '\n' || *d->at == '\t' || *d->at == '\r')) {
        d->at++;
    }
}

static bool next_is(const Decoder *d, char c) {
    return d->at < d->end && *d->at == c;
}

/* Four hexadecimal digits at `at`; -1: they are not there. */
static int32_t hex4(const Decoder *d, const char *at) {
    if (d->end - at < 4) {
        return -1;
    }
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        const char c = at[i];
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* The rest of \uXXXX; two of them may be one character. */
static bool read_unicode(Decoder *d, Buf *text) {
    int32_t c = hex4(d, d->at);
    if (c < 0) {
        refuse(d, "Invalid \\uXXXX escape", d->at - 1);
        return false;
    }
    d->at += 4;
    if (c >= 0xD800 && c <= 0xDBFF && d->end - d->at >= 6 && d->at[0] == '\\' && d->at[1] == 'u') {
        const int32_t low = hex4(d, d->at + 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            d->at += 6;
        }
    }
    buf_add_utf8(text, (uint32_t)c);
    return true;
}

static bool read_escape(Decoder *d, Buf *text, const char *begin) {
    d->at++;
    if (d->at == d->end) {
        refuse(d, "Unterminated string starting at", begin);
        return false;
    }
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char c = *d->at++;
    if (c == 'u') {
        return read_unicode(d, text);
    }
    const char *found = c == '\0' ? NULL : strchr(letters, c);
    if (found == NULL) {
        refuse(d, "Invalid \\escape", d->at - 2);
        return false;
    }
    buf_add_byte(text, meanings[found - letters]);
    return true;
}

/* Up to the next quote, backslash or (when strict) control character; *n_chars grows by the characters passed. */
static const char *pass_plain(const Decoder *d, size_t *n_chars) {
    const char *at = d->at;
    size_t n = 0;
    while (at < d->end && *at != '"' && *at != '\\' && ((unsigned char)*at >= ' ' || !d->hooks->is_strict)) {
        n += !utf8_is_continuation((unsigned char)*at);
        at++;
    }
    *n_chars += n;
    return at;
}

static bool check_end(Decoder *d, const char *begin) {
    if (d->at == d->end) {
        refuse(d, "Unterminated string starting at", begin);
        return false;
    }
    if ((unsigned char)*d->at < ' ' && d->hooks->is_strict) {
        refuse(d, "Invalid control character at", d->at);
        return false;
    }
    return true;
}

static ObjStr *read_escaped_text(Decoder *d, const char *begin) {
    Buf text = {0};
    d->at = begin + 1;
    while (!next_is(d, '"')) {
        size_t n_chars = 0;
        const char *end = pass_plain(d, &n_chars);
        buf_add(&text, d->at, (size_t)(end - d->at));
        d->at = end;
        if (!check_end(d, begin) || (*d->at == '\\' && !read_escape(d, &text, begin))) {
            buf_free(&text);
            return NULL;
        }
    }
    d->at++;
    return str_from_buf(d->cx, &text);
}

/* A text; the next byte is its quote. */
static ObjStr *read_text(Decoder *d) {
    const char *begin = d->at++;
    size_t n_chars = 0;
    d->at = pass_plain(d, &n_chars);
    if (!check_end(d, begin)) {
        return NULL;
    }
    if (*d->at == '\\') {
        return read_escaped_text(d, begin);
    }
    const size_t n_bytes = (size_t)(d->at - begin - 1);
    d->at++;
    return str_new_counted(d->cx, begin + 1, n_bytes, n_chars);
}

/* ---- Numbers ---- */

static const char *pass_digits(const Decoder *d, const char *at) {
    while (at < d->end && *at >= '0' && *at <= '9') {
        at++;
    }
    return at;
}

/* Where the integer at `at` (without sign) ends; `at` itself when there is none. */
static const char *pass_integer(const Decoder *d, const char *at) {
    return at < d->end && *at == '0' ? at + 1 : pass_digits(d, at);
}

/* Where the fraction and the exponent behind an integer end. */
static const char *pass_fraction(const Decoder *d, const char *at) {
    if (at < d->end && *at == '.' && pass_digits(d, at + 1) > at + 1) {
        at = pass_digits(d, at + 1);
    }
    if (at < d->end && (*at == 'e' || *at == 'E')) {
        const char *digits = at + 1;
        if (digits < d->end && (*digits == '+' || *digits == '-')) {
            digits++;
        }
        if (pass_digits(d, digits) > digits) {
            at = pass_digits(d, digits);
        }
    }
    return at;
}

static Value make_number(Decoder *d, const char *begin, bool is_float) {
    Context *cx = d->cx;
    const size_t n_bytes = (size_t)(d->at - begin);
    const Value hook = is_float ? d->hooks->parse_float : d->hooks->parse_int;
    if (!is_float && n_bytes < 15 && IS_NONE(hook)) {
        int64_t value = 0;
        for (const char *c = begin + (*begin == '-'); c < d->at; c++) {
            value = value * 10 + (*c - '0');
        }
        return value_from_int(*begin == '-' ? -value : value);
    }
    if (IS_NONE(hook)) {
        return is_float ? float_parse(cx, begin, n_bytes, VALUE_NONE)
                        : int_parse(cx, begin, n_bytes, 10, VALUE_NONE);
    }
    ObjStr *text = str_new_ascii(cx, begin, n_bytes);
    const Value arg = OBJ_VALUE(text);
    return text == NULL ? VALUE_ERROR : call_value(cx, hook, &arg, 1);
}

static Value read_number(Decoder *d) {
    const char *begin = d->at;
    const char *digits = begin + (*begin == '-');
    const char *integer_end = pass_integer(d, digits);
    if (integer_end == digits) {
        return refuse(d, "Expecting value", begin);
    }
    d->at = pass_fraction(d, integer_end);
    return make_number(d, begin, d->at != integer_end);
}

/* ---- Names ---- */

static bool pass_word(Decoder *d, const char *word) {
    const size_t n = strlen(word);
    if ((size_t)(d->end - d->at) < n || memcmp(d->at, word, n) != 0) {
        return false;
    }
    d->at += n;
    return true;
}

static Value make_constant(Decoder *d, const char *word, double value) {
    if (IS_NONE(d->hooks->parse_constant)) {
        return value_from_double_any(value);
    }
    ObjStr *text = str_from_c(d->cx, word);
    const Value arg = OBJ_VALUE(text);
    return text == NULL ? VALUE_ERROR : call_value(d->cx, d->hooks->parse_constant, &arg, 1);
}

static Value read_word(Decoder *d) {
    static const struct {
        const char *word;
        double value;
    } constants[] = {{"NaN", __builtin_nan("")},
                     {"Infinity", __builtin_inf()},
                     {"-Infinity", -__builtin_inf()}};
    if (pass_word(d, "null")) {
        return VALUE_NONE;
    }
    if (pass_word(d, "true")) {
        return VALUE_TRUE;
    }
    if (pass_word(d, "false")) {
        return VALUE_FALSE;
    }
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        if (pass_word(d, constants[i].word)) {
            return make_constant(d, constants[i].word, constants[i].value);
        }
    }
    return VALUE_UNSET;
}

/* ---- Containers ---- */

/* Behind an item: true when another one follows, false at the end or with an exception. */
static bool pass_comma(Decoder *d, char close, const char *trailing_message, bool *is_ok) {
    skip_space(d);
    *is_ok = true;
    if (next_is(d, close)) {
        d->at++;
        return false;
    }
    const char *comma = d->at;
    if (!next_is(d, ',')) {
        refuse(d, "Expecting ',' delimiter", d->at);
        *is_ok = false;
        return false;
    }
    d->at++;
    skip_space(d);
    if (next_is(d, close)) {
        refuse(d, trailing_message, comma);
        *is_ok = false;
        return false;
    }
    return true;
}

static Value read_array(Decoder *d) {
    ObjList *list = list_new(d->cx, 0);
    d->at++;
    skip_space(d);
    if (list == NULL) {
        return VALUE_ERROR;
    }
    if (next_is(d, ']')) {
        d->at++;
        return OBJ_VALUE(list);
    }
    bool is_ok;
    do {
        const Value item = read_value(d);
        if (IS_ERROR(item) || !list_append(d->cx, list, item)) {
            return VALUE_ERROR;
        }
    } while (pass_comma(d, ']', "Illegal trailing comma before end of array", &is_ok));
    return is_ok ? OBJ_VALUE(list) : VALUE_ERROR;
}

static Value read_key(Decoder *d) {
    if (!next_is(d, '"')) {
        return refuse(d, "Expecting property name enclosed in double quotes", d->at);
    }
    ObjStr *key = read_text(d);
    if (key == NULL) {
        return VALUE_ERROR;
    }
    skip_space(d);
    if (!next_is(d, ':')) {
        return refuse(d, "Expecting ':' delimiter", d->at);
    }
    d->at++;
    skip_space(d);
    return dict_setdefault(d->cx, d->keys, OBJ_VALUE(key), OBJ_VALUE(key));
}

static bool add_item(Decoder *d, Value key, Value value, ObjDict *dict, ObjList *pairs) {
    if (dict != NULL) {
        return dict_set_str(d->cx, dict, AS_STR(key), value);
    }
    const Value pair = tuple_pack(d->cx, 2, key, value);
    return !IS_ERROR(pair) && list_append(d->cx, pairs, pair);
}

static Value finish_object(Decoder *d, ObjDict *dict, ObjList *pairs) {
    const Value made = dict != NULL ? OBJ_VALUE(dict) : OBJ_VALUE(pairs);
    const Value hook = dict != NULL ? d->hooks->object : d->hooks->object_pairs;
    return IS_NONE(hook) ? made : call_value(d->cx, hook, &made, 1);
}

static Value read_object(Decoder *d) {
    const bool wants_pairs = !IS_NONE(d->hooks->object_pairs);
    ObjDict *dict = wants_pairs ? NULL : dict_new(d->cx, 0);
    ObjList *pairs = wants_pairs ? list_new(d->cx, 0) : NULL;
    if (dict == NULL && pairs == NULL) {
        return VALUE_ERROR;
    }
    d->at++;
    skip_space(d);
    if (next_is(d, '}')) {
        d->at++;
        return finish_object(d, dict, pairs);
    }
    bool is_ok;
    do {
        const Value key = read_key(d);
        const Value value = IS_ERROR(key) ? VALUE_ERROR : read_value(d);
        if (IS_ERROR(value) || !add_item(d, key, value, dict, pairs)) {
            return VALUE_ERROR;
        }
    } while (pass_comma(d, '}', "Illegal trailing comma before end of object", &is_ok));
    return is_ok ? finish_object(d, dict, pairs) : VALUE_ERROR;
}

static Value read_value(Decoder *d) {
    if (UNLIKELY(context_c_stack_is_short(d->cx))) {
        return exc_raise_recursion_in(d->cx, "while decoding a JSON object from a unicode string");
    }
    if (d->at == d->end) {
        return refuse(d, "Expecting value", d->at);
    }
    switch (*d->at) {
    case '"': {
        ObjStr *text = read_text(d);
        return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    }
    case '[': return read_array(d);
    case '{': return read_object(d);
    default: break;
    }
    const Value word = read_word(d);
    return IS_UNSET(word) ? read_number(d) : word;
}

static bool open_decoder(Context *cx, Decoder *d, ObjStr *source, size_t from, const JsonHooks *hooks) {
    *d = (Decoder){
        .cx = cx, .hooks = hooks, .source = source, .at = source->data + from,
        .end = source->data + source->n_bytes, .keys = dict_new(cx, 0)};
    return d->keys != NULL;
}

Value json_decode(Context *cx, ObjStr *source, const JsonHooks *hooks) {
    Decoder d;
    if (!open_decoder(cx, &d, source, 0, hooks)) {
        return VALUE_ERROR;
    }
    skip_space(&d);
    const Value value = read_value(&d);
    skip_space(&d);
    return !IS_ERROR(value) && d.at < d.end ? refuse(&d, "Extra data", d.at) : value;
}

Value json_decode_at(Context *cx, ObjStr *source, size_t place, const JsonHooks *hooks) {
    Decoder d;
    const size_t from = str_byte_of_char(source, place < source->n_chars ? place : source->n_chars);
    if (!open_decoder(cx, &d, source, from, hooks)) {
        return VALUE_ERROR;
    }
    const Value value = read_value(&d);
    if (IS_ERROR(value)) {
        return VALUE_ERROR;
    }
    const size_t end = str_char_of_byte(source, (size_t)(d.at - source->data));
    return tuple_pack(cx, 2, value, value_from_int((int64_t)end));
}
