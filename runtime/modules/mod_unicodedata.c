/* mod_unicodedata.c - the module unicodedata: properties and names of characters, normal forms.
 *
 * What the methods of str need, too, is in objects/unicode.h; names are in base/unicode_data.h,
 * normal forms in base/unicode_normal.h. */

#include "runtime/base/unicode_data.h"

#include "runtime/base/unicode_normal.h"
#include "runtime/base/utf8.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/str.h"
#include "runtime/objects/unicode.h"

/* The argument as one character; parameter is "argument" or "argument 1". */
static bool read_character(Context *cx, Value v, const char *function,
                           const char *parameter, uint32_t *c) {
    if (!IS_STR(v) || AS_STR(v)->n_chars != 1) {
        exc_raise(cx, EXC_TypeError, "%s() %s must be a unicode character, not %s",
                  function, parameter, arg_type_name(cx, v));
        return false;
    }
    *c = str_char_at(AS_STR(v), 0);
    return true;
}

static Value text_result(Context *cx, const char *text) {
    ObjStr *result = str_from_c(cx, text);
    return result == NULL ? VALUE_ERROR : OBJ_VALUE(result);
}

static Value raise_or(Context *cx, Value default_value, const char *message) {
    return IS_UNSET(default_value) ? exc_raise(cx, EXC_ValueError, "%s", message)
                                   : default_value;
}

/* ---- names ---- */

NATIVE(unicodedata_name, "name(chr, default=None, /)",
       "Returns the name assigned to the character chr as a string.") {
    uint32_t c;
    char name[UNICODE_NAME_MAX];
    if (!read_character(cx, args[0], "name", "argument 1", &c)) {
        return VALUE_ERROR;
    }
    return unicode_name(c, name) == 0 ? raise_or(cx, args[1], "no such name")
                                      : text_result(cx, name);
}

NATIVE(unicodedata_lookup, "lookup(name, /)", "Look up character by name.") {
    ByteView view;
    if (IS_STR(args[0])) {
        view = (ByteView){.data = AS_STR(args[0])->data,
                          .n_bytes = AS_STR(args[0])->n_bytes};
    } else if (!byte_view_of(cx, args[0], &view)) {
        return VALUE_ERROR;
    }
    if (view.n_bytes > UNICODE_NAME_MAX) {
        return exc_raise(cx, EXC_KeyError, "name too long");
    }
    uint32_t found[UNICODE_SEQUENCE_MAX];
    const size_t n = unicode_find_name(view.data, view.n_bytes, found);
    if (n == 0) {
        return exc_raise(cx, EXC_KeyError, "undefined character name '%.*s'",
                         (int)view.n_bytes, view.data);
    }
    char text[UNICODE_SEQUENCE_MAX * UTF8_MAX_BYTES];
    size_t n_bytes = 0;
    for (size_t i = 0; i < n; i++) {
        n_bytes += utf8_encode(found[i], text + n_bytes);
    }
    ObjStr *result = str_new(cx, text, n_bytes);
    return result == NULL ? VALUE_ERROR : OBJ_VALUE(result);
}

/* ---- properties ---- */

#define PROPERTY(name, doc, make, of_character)                   \
    NATIVE(unicodedata_##name, #name "(chr, /)", doc) {           \
        uint32_t c;                                               \
        return read_character(cx, args[0], #name, "argument", &c) \
                   ? make(cx, of_character(c))                    \
                   : VALUE_ERROR;                                 \
    }

static Value int_result(Context *cx, int number) {
    (void)cx;
    return value_from_int(number);
}

PROPERTY(category,
         "Returns the general category assigned to the character chr as string.",
         text_result, unicode_category)
PROPERTY(bidirectional,
         "Returns the bidirectional class assigned to the character chr as string.",
         text_result, unicode_bidirectional)
PROPERTY(
    combining,
    "Returns the canonical combining class assigned to the character chr as integer.",
    int_result, unicode_combining)
PROPERTY(mirrored,
         "Returns the mirrored property assigned to the character chr as integer.",
         int_result, unicode_is_mirrored)
PROPERTY(east_asian_width,
         "Returns the east asian width assigned to the character chr as string.",
         text_result, unicode_east_asian_width)
PROPERTY(decomposition,
         "Returns the character decomposition mapping assigned to the character chr as "
         "string.",
         text_result, unicode_decomposition)

/* ---- numbers ---- */

NATIVE(unicodedata_decimal, "decimal(chr, default=None, /)",
       "Converts a Unicode character into its equivalent decimal value.") {
    uint32_t c;
    if (!read_character(cx, args[0], "decimal", "argument 1", &c)) {
        return VALUE_ERROR;
    }
    const int value = unicode_decimal(c);
    return value < 0 ? raise_or(cx, args[1], "not a decimal") : value_from_int(value);
}

NATIVE(unicodedata_digit, "digit(chr, default=None, /)",
       "Converts a Unicode character into its equivalent digit value.") {
    uint32_t c;
    if (!read_character(cx, args[0], "digit", "argument 1", &c)) {
        return VALUE_ERROR;
    }
    const int decimal = unicode_decimal(c);
    const int value = decimal < 0 ? unicode_digit_value(c) : decimal;
    return value < 0 ? raise_or(cx, args[1], "not a digit") : value_from_int(value);
}

NATIVE(unicodedata_numeric, "numeric(chr, default=None, /)",
       "Converts a Unicode character into its equivalent numeric value.") {
    uint32_t c;
    double value;
    if (!read_character(cx, args[0], "numeric", "argument 1", &c)) {
        return VALUE_ERROR;
    }
    return unicode_number(c, &value) ? value_from_double(value)
                                     : raise_or(cx, args[1], "not a numeric character");
}

/* ---- normal forms ---- */

static bool read_form(Context *cx, Value v, const char *function, NormalForm *form) {
    ObjStr *name = arg_str(cx, v, function, "1");
    if (name == NULL) {
        return false;
    }
    form->is_compatible = str_equals_c(name, "NFKC") || str_equals_c(name, "NFKD");
    form->is_composed = str_equals_c(name, "NFC") || str_equals_c(name, "NFKC");
    if (!form->is_compatible && !form->is_composed && !str_equals_c(name, "NFD")) {
        exc_raise(cx, EXC_ValueError, "invalid normalization form");
        return false;
    }
    return true;
}

NATIVE(unicodedata_normalize, "normalize(form, unistr, /)",
       "Return the normal form 'form' for the Unicode string unistr.\n\n"
       "Valid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'.") {
    NormalForm form;
    ObjStr *text = IS_STR(args[1]) ? AS_STR(args[1]) : NULL;
    if (text == NULL && arg_str(cx, args[0], "normalize", "1") != NULL) {
        arg_str(cx, args[1], "normalize", "2");
    }
    if (text == NULL) {
        return VALUE_ERROR;
    }
    if (text->n_bytes == 0) { /* in any form, as in CPython, also one that is none */
        return args[1];
    }
    if (!read_form(cx, args[0], "normalize", &form)) {
        return VALUE_ERROR;
    }
    if (str_is_ascii(text)) {
        return OBJ_VALUE(text);
    }
    Buf normal = {0};
    unicode_normalize(form, text->data, text->n_bytes, &normal);
    ObjStr *result = str_from_buf(cx, &normal);
    return result == NULL ? VALUE_ERROR : OBJ_VALUE(result);
}

NATIVE(unicodedata_is_normalized, "is_normalized(form, unistr, /)",
       "Return whether the Unicode string unistr is in the normal form 'form'.\n\n"
       "Valid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'.") {
    NormalForm form;
    ObjStr *text = arg_str(cx, args[1], "is_normalized", "2");
    if (text == NULL || !read_form(cx, args[0], "is_normalized", &form)) {
        return VALUE_ERROR;
    }
    Buf normal = {0};
    unicode_normalize(form, text->data, text->n_bytes, &normal);
    const bool is_same =
        normal.n_bytes == text->n_bytes &&
        (text->n_bytes == 0 || memcmp(normal.bytes, text->data, text->n_bytes) == 0);
    buf_free(&normal);
    return BOOL_VALUE(is_same);
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(unicodedata_name),
    NATIVE_ENTRY(unicodedata_lookup),
    NATIVE_ENTRY(unicodedata_category),
    NATIVE_ENTRY(unicodedata_bidirectional),
    NATIVE_ENTRY(unicodedata_combining),
    NATIVE_ENTRY(unicodedata_mirrored),
    NATIVE_ENTRY(unicodedata_east_asian_width),
    NATIVE_ENTRY(unicodedata_decomposition),
    NATIVE_ENTRY(unicodedata_decimal),
    NATIVE_ENTRY(unicodedata_digit),
    NATIVE_ENTRY(unicodedata_numeric),
    NATIVE_ENTRY(unicodedata_normalize),
    NATIVE_ENTRY(unicodedata_is_normalized),
    {0},
};

bool mod_unicodedata_open(Context *cx, ObjModule *module) {
    if (!unicode_has_data()) {
        exc_raise(cx, EXC_ImportError,
                  "this mini was built without the Unicode Character Database");
        return false;
    }
    ObjStr *version = str_from_c(cx, "15.1.0");
    return version != NULL && module_add_natives(cx, module, functions) &&
           module_set_c(cx, module, "unidata_version", OBJ_VALUE(version));
}
