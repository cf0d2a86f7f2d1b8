/* exception_unicode.c - UnicodeDecodeError, UnicodeEncodeError, UnicodeTranslateError: encoding, object, start, end, reason.
 *
 * See also: exception_fields.c, where the places of the fields are drawn. start and end are ints of 64 bits once __init__ has
 * run; before, nothing is there. */

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/exception_fields.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str_build.h"

static bool check_count(Context *cx, int n_args, int expected) {
    if (n_args == expected) {
        return true;
    }
    exc_raise(cx, EXC_TypeError, "function takes exactly %d arguments (%d given)",
              expected, n_args);
    return false;
}

static bool check_str(Context *cx, const Value *args, int i) {
    if (IS_STR(args[i])) {
        return true;
    }
    exc_raise(cx, EXC_TypeError, "argument %d must be str, not %s", i + 1,
              arg_type_name(cx, args[i]));
    return false;
}

/* The bytes that a decoder was given. */
static Value bytes_of(Context *cx, Value v) {
    const Value bytes = byte_view_to_bytes(cx, v);
    return IS_ERROR(bytes) || IS_BYTES(bytes)
               ? bytes
               : exc_raise(cx, EXC_TypeError, "a bytes-like object is required, not '%s'",
                           type_name_of(cx, v));
}

static Value position_of(Context *cx, Value v) {
    int64_t position;
    if (IS_INT_LIKE(v) && !int_to_i64(v, &position)) {
        return exc_raise(cx, EXC_OverflowError,
                         "Python int too large to convert to C ssize_t");
    }
    if (!IS_INT_LIKE(v) && !int_index_i64(cx, v, &position, EXC_OverflowError)) {
        return VALUE_ERROR;
    }
    return int_from_i64(cx, position);
}

bool exc_unicode_init(Context *cx, ObjException *e, ExcKind group, const Value *args,
                      int n_args) {
    const int first = group != EXC_UnicodeTranslateError; /* where the object stands */
    const bool is_decode = group == EXC_UnicodeDecodeError;
    if (!check_count(cx, n_args, first + 4) || (first == 1 && !check_str(cx, args, 0)) ||
        (!is_decode && !check_str(cx, args, first))) {
        return false;
    }
    const Value start = position_of(cx, args[first + 1]);
    const Value end = IS_ERROR(start) ? VALUE_ERROR : position_of(cx, args[first + 2]);
    if (IS_ERROR(end) || !check_str(cx, args, first + 3)) {
        return false;
    }
    const Value object = is_decode ? bytes_of(cx, args[first]) : args[first];
    if (IS_ERROR(object)) {
        return false;
    }
    value_store(&e->value, first == 1 ? args[0] : VALUE_UNSET);
    value_store(&e->detail[UNICODE_START], start);
    value_store(&e->detail[UNICODE_END], end);
    value_store(&e->detail[UNICODE_REASON], args[first + 3]);
    value_store(&e->detail[UNICODE_OBJECT], object);
    return true;
}

/* str(e) */

static bool add_str(Context *cx, Buf *buf, Value v) {
    const Value text = IS_UNSET(v) ? VALUE_UNSET : value_str(cx, v);
    if (IS_UNSET(text)) {
        buf_add_text(buf, "<NULL>");
        return true;
    }
    return !IS_ERROR(text) && str_build_add(cx, buf, text);
}

static int64_t position(const ObjException *e, int i) {
    const Value v = value_load(&e->detail[i]);
    int64_t position = 0;
    if (!IS_UNSET(v)) {
        int_to_i64(v, &position);
    }
    return position;
}

/* The one byte or character that is the mistake: "byte 0xff"; false if it is not one. */
static bool add_single(Context *cx, Buf *buf, Value object, bool is_decode, int64_t at) {
    if (is_decode && IS_BYTES(object) && (uint64_t)at < AS_BYTES(object)->n_bytes) {
        buf_add_format(buf, "byte 0x%02x", (unsigned char)AS_BYTES(object)->data[at]);
        return true;
    }
    if (is_decode || !IS_STR(object) || (uint64_t)at >= AS_STR(object)->n_chars) {
        return false;
    }
    const ObjStr *one = str_slice(cx, AS_STR(object), (size_t)at, (size_t)at + 1);
    size_t n_bytes;
    const uint32_t code = one == NULL ? 0 : utf8_decode(one->data, &n_bytes);
    buf_add_format(buf,
                   code <= 0xff     ? "character '\\x%02x'"
                   : code <= 0xffff ? "character '\\u%04x'"
                                    : "character '\\U%08x'",
                   code);
    return one != NULL;
}

/* "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte" */
Value exc_unicode_str(Context *cx, ObjException *e, ExcKind group) {
    const Value object = value_load(&e->detail[UNICODE_OBJECT]);
    if (IS_UNSET(object)) {
        return OBJ_VALUE(cx->rt->empty_str);
    }
    const bool is_decode = group == EXC_UnicodeDecodeError;
    const int64_t start = position(e, UNICODE_START);
    const int64_t end = position(e, UNICODE_END);
    Buf buf = {0};
    bool is_ok = true;
    if (group != EXC_UnicodeTranslateError) {
        buf_add_text(&buf, "'");
        is_ok = add_str(cx, &buf, value_load(&e->value));
        buf_add_text(&buf, "' codec ");
    }
    buf_add_format(&buf, "can't %s ",
                   is_decode                         ? "decode"
                   : group == EXC_UnicodeEncodeError ? "encode"
                                                     : "translate");
    if (end == start + 1 && add_single(cx, &buf, object, is_decode, start)) {
        buf_add_format(&buf, " in position %lld: ", (long long)start);
    } else {
        buf_add_format(&buf,
                       "%s in position %lld-%lld: ", is_decode ? "bytes" : "characters",
                       (long long)start, (long long)end - 1);
    }
    is_ok = is_ok && add_str(cx, &buf, value_load(&e->detail[UNICODE_REASON]));
    ObjStr *text = is_ok ? str_from_buf(cx, &buf) : NULL;
    if (!is_ok) {
        buf_free(&buf);
    }
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* Attributes */

static bool set_position(Context *cx, Value self, int i, Value value) {
    if (IS_UNSET(value) || !IS_INT_LIKE(value)) {
        exc_raise(cx, EXC_TypeError, "%s",
                  IS_UNSET(value) ? "can't delete numeric/char attribute"
                                  : "an integer is required");
        return false;
    }
    const Value position = position_of(cx, value);
    if (IS_ERROR(position)) {
        return false;
    }
    value_store(&AS_EXCEPTION(self)->detail[i], position);
    return true;
}

static Value get_start(Context *cx, Value self) {
    return int_from_i64(cx, position(AS_EXCEPTION(self), UNICODE_START));
}

static bool set_start(Context *cx, Value self, Value value) {
    return set_position(cx, self, UNICODE_START, value);
}

static Value get_end(Context *cx, Value self) {
    return int_from_i64(cx, position(AS_EXCEPTION(self), UNICODE_END));
}

static bool set_end(Context *cx, Value self, Value value) {
    return set_position(cx, self, UNICODE_END, value);
}

const GetsetDef exc_unicode_getsets[] = {
    {"encoding", "exception encoding", exc_get_value, exc_set_value},
    {"object", "exception object", exc_get_detail_0, exc_set_detail_0},
    {"start", "exception start", get_start, set_start},
    {"end", "exception end", get_end, set_end},
    {"reason", "exception reason", exc_get_detail_3, exc_set_detail_3},
    {NULL, NULL, NULL, NULL},
};
