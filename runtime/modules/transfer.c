/* transfer.c - values as bytes. See transfer.h.
 *
 * A value is a letter and what follows it. Numbers are in the machine's order: both ends are one program.
 *
 *      N T F          None, True, False
 *      i int64        an int that fits
 *      I n text       a larger one, in hexadecimal
 *      f double
 *      s n text       str; b: bytes
 *      l n values     list; t tuple, z set, y frozenset
 *      d n pairs      dict */

#include "runtime/modules/transfer.h"

#include "runtime/objects/abstract.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/complex.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/set.h"
#include "runtime/objects/tuple.h"

/* ---- Packing ---- */

static void add_number(Buf *out, const void *number) {
    buf_add(out, number, 8);
}

static void add_text(Buf *out, char letter, const char *text, size_t n_bytes) {
    const uint64_t n = n_bytes;
    buf_add_byte(out, letter);
    add_number(out, &n);
    buf_add(out, text, n_bytes);
}

static bool pack_int(Context *cx, Value v, Buf *out) {
    int64_t number;
    if (int_to_i64(v, &number)) {
        buf_add_byte(out, 'i');
        add_number(out, &number);
        return true;
    }
    ObjStr *text = int_to_str(cx, v, 16, false);
    if (text != NULL) {
        add_text(out, 'I', text->data, text->n_bytes);
    }
    return text != NULL;
}

/* The items of any iterable; their number, which stands before them, is known at the end. */
static bool pack_items(Context *cx, char letter, Value iterable, Buf *out) {
    Value iterator = value_iter(cx, iterable);
    if (IS_ERROR(iterator)) {
        return false;
    }
    uint64_t n = 0;
    buf_add_byte(out, letter);
    const size_t place = out->n_bytes;
    add_number(out, &n);
    for (;;) {
        Value item = value_next(cx, iterator);
        if (item == VALUE_STOP) {
            memcpy(out->bytes + place, &n, sizeof n);
            return true;
        }
        if (IS_ERROR(item) || !transfer_pack(cx, item, out)) {
            return false;
        }
        n++;
    }
}

static bool pack_dict(Context *cx, ObjDict *dict, Buf *out) {
    const ObjDictTable *table = dict_table(dict);
    uint64_t n = 0;
    buf_add_byte(out, 'd');
    const size_t place = out->n_bytes;
    add_number(out, &n);
    size_t position = 0;
    Value key;
    Value value;
    while (dict_table_next(table, &position, &key, &value)) {
        if (!transfer_pack(cx, key, out) || !transfer_pack(cx, value, out)) {
            return false;
        }
        n++;
    }
    memcpy(out->bytes + place, &n, sizeof n);
    return true;
}

static bool pack_object(Context *cx, Value v, Buf *out) {
    switch (obj_shape(AS_OBJ(v))) {   /* exact types: a subclass would not come back as one */
    case KIND_INT: return pack_int(cx, v, out);
    case KIND_COMPLEX: {
        const Complex z = AS_COMPLEX(v);
        buf_add_byte(out, 'c');
        add_number(out, &z.real);
        add_number(out, &z.imag);
        return true;
    }
    case KIND_STR: add_text(out, 's', AS_STR(v)->data, AS_STR(v)->n_bytes); return true;
    case KIND_BYTES: add_text(out, 'b', AS_BYTES(v)->data, AS_BYTES(v)->n_bytes); return true;
    case KIND_LIST: return pack_items(cx, 'l', v, out);
    case KIND_TUPLE: return pack_items(cx, 't', v, out);
    case KIND_SET: return pack_items(cx, 'z', v, out);
    case KIND_FROZENSET: return pack_items(cx, 'y', v, out);
    case KIND_DICT: return pack_dict(cx, AS_DICT(v), out);
    default: break;
    }
    exc_raise(cx, EXC_TypeError, "cannot send '%s' object to another process", type_name_of(cx, v));
    return false;
}

bool transfer_pack(Context *cx, Value v, Buf *out) {
    if (!exc_check_c_stack(cx)) {
        return false;
    }
    if (IS_INT(v)) {
        return pack_int(cx, v, out);
    }
    if (IS_FLOAT(v)) {
        const double d = value_to_double(v);
        buf_add_byte(out, 'f');
        add_number(out, &d);
        return true;
    }
    if (IS_NONE(v) || IS_BOOL(v)) {
        buf_add_byte(out, IS_NONE(v) ? 'N' : v == VALUE_TRUE ? 'T' : 'F');
        return true;
    }
    if (IS_OBJ(v)) {
        return pack_object(cx, v, out);
    }
    exc_raise(cx, EXC_TypeError, "cannot send '%s' object to another process", type_name_of(cx, v));
    return false;
}

/* ---- Unpacking ---- */

typedef struct Reader {
    const char *at;
    const char *end;
} Reader;

static Value unpack(Context *cx, Reader *r);

static Value raise_broken(Context *cx) {
    return exc_raise(cx, EXC_ValueError, "broken message from another process");
}

static bool take_number(Reader *r, void *number) {
    if (r->end - r->at < 8) {
        return false;
    }
    memcpy(number, r->at, 8);
    r->at += 8;
    return true;
}

/* The text behind a count, which is left behind. */
static const char *take_text(Reader *r, uint64_t *n) {
    if (!take_number(r, n) || (uint64_t)(r->end - r->at) < *n) {
        return NULL;
    }
    const char *text = r->at;
    r->at += *n;
    return text;
}

static Value unpack_text(Context *cx, char letter, Reader *r) {
    uint64_t n;
    const char *text = take_text(r, &n);
    if (text == NULL) {
        return raise_broken(cx);
    }
    if (letter == 's') {
        ObjStr *s = str_new(cx, text, n);
        return s != NULL ? OBJ_VALUE(s) : VALUE_ERROR;
    }
    if (letter == 'b') {
        ObjBytes *b = bytes_new(cx, text, n);
        return b != NULL ? OBJ_VALUE(b) : VALUE_ERROR;
    }
    const bool is_negative = n > 0 && text[0] == '-';
    Value v = int_from_digits(cx, text + is_negative, n - is_negative, 16, false);
    return IS_ERROR(v) || !is_negative ? v : int_unary(cx, UNARY_NEG, v);
}

static Value unpack_items(Context *cx, char letter, Reader *r) {
    uint64_t n;
    ObjList *list = list_new(cx, 0);
    if (list == NULL || !take_number(r, &n)) {
        return list == NULL ? VALUE_ERROR : raise_broken(cx);
    }
    for (uint64_t i = 0; i < n; i++) {
        Value item = unpack(cx, r);
        if (IS_ERROR(item) || !list_append(cx, list, item)) {
            return VALUE_ERROR;
        }
    }
    if (letter == 'l') {
        return OBJ_VALUE(list);
    }
    if (letter == 't') {
        return list_to_tuple(cx, list);
    }
    ObjSet *set = set_new(cx, letter == 'z' ? KIND_SET : KIND_FROZENSET, n);
    return set != NULL && set_update(cx, set, OBJ_VALUE(list)) ? OBJ_VALUE(set) : VALUE_ERROR;
}

static Value unpack_dict(Context *cx, Reader *r) {
    uint64_t n;
    ObjDict *dict = dict_new(cx, 0);
    if (dict == NULL || !take_number(r, &n)) {
        return dict == NULL ? VALUE_ERROR : raise_broken(cx);
    }
    for (uint64_t i = 0; i < n; i++) {
        Value key = unpack(cx, r);
        Value value = IS_ERROR(key) ? VALUE_ERROR : unpack(cx, r);
        if (IS_ERROR(value) || !dict_set(cx, dict, key, value)) {
            return VALUE_ERROR;
        }
    }
    return OBJ_VALUE(dict);
}

static Value unpack(Context *cx, Reader *r) {
    if (!exc_check_c_stack(cx)) {
        return VALUE_ERROR;
    }
    int64_t number;
    double d;
    const char letter = r->at < r->end ? *r->at++ : '\0';
    switch (letter) {
    case 'N': return VALUE_NONE;
    case 'T': return VALUE_TRUE;
    case 'F': return VALUE_FALSE;
    case 'i': return take_number(r, &number) ? int_from_i64(cx, number) : raise_broken(cx);
    case 'f': return take_number(r, &d) ? value_from_double_any(d) : raise_broken(cx);
    case 'c': {
        Complex z;
        return take_number(r, &z.real) && take_number(r, &z.imag) ? complex_new(cx, z)
                                                                  : raise_broken(cx);
    }
    case 'I':
    case 's':
    case 'b': return unpack_text(cx, letter, r);
    case 'l':
    case 't':
    case 'z':
    case 'y': return unpack_items(cx, letter, r);
    case 'd': return unpack_dict(cx, r);
    default: return raise_broken(cx);
    }
}

Value transfer_unpack(Context *cx, const char *bytes, size_t n_bytes) {
    Reader r = {bytes, bytes + n_bytes};
    Value v = unpack(cx, &r);
    return !IS_ERROR(v) && r.at != r.end ? raise_broken(cx) : v;
}
