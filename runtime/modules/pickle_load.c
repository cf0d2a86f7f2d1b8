/* pickle_load.c - bytes of plain data back to objects. */

#include "runtime/base/utf8.h"
#include "runtime/base/vec.h"
#include "runtime/modules/pickle.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list_internal.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str_build.h"

typedef struct Unpickler {
    Context *cx;
    const unsigned char *at;
    const unsigned char *end;
    ObjList *stack;
    ObjList *memo;
    VEC(size_t) marks; /* lengths of the stack */
    unsigned n_steps;
} Unpickler;

static PickleOutcome outcome_of(bool is_ok) {
    return is_ok ? PICKLE_DONE : PICKLE_FAILED;
}

static PickleOutcome push(Unpickler *u, Value v) {
    return outcome_of(!IS_ERROR(v) && list_append(u->cx, u->stack, v));
}

static PickleOutcome push_obj(Unpickler *u, const void *object) {
    return object == NULL ? PICKLE_FAILED : push(u, OBJ_VALUE(object));
}

/* The n values on top; NULL when there are not so many behind the last mark. */
static Value *top(Unpickler *u, size_t n) {
    const size_t base = u->marks.n == 0 ? 0 : u->marks.items[u->marks.n - 1];
    return u->stack->n - base < n ? NULL : u->stack->items->items + (u->stack->n - n);
}

/* The stack ends at n; what stood behind is forgotten. */
static void cut(Unpickler *u, size_t n) {
    list_end_change_locked(u->cx, u->stack, u->stack->items->items, n);
}

/* Reading */

static bool take(Unpickler *u, uint64_t n, const unsigned char **data) {
    if (n > (uint64_t)(u->end - u->at)) {
        return false;
    }
    *data = u->at;
    u->at += n;
    return true;
}

static bool take_number(Unpickler *u, int n_bytes, uint64_t *number) {
    const unsigned char *data;
    if (!take(u, (uint64_t)n_bytes, &data)) {
        return false;
    }
    *number = 0;
    for (int i = 0; i < n_bytes; i++) {
        *number |= (uint64_t)data[i] << (8 * i);
    }
    return true;
}

static PickleOutcome load_unsigned(Unpickler *u, int n_bytes) {
    uint64_t number;
    return take_number(u, n_bytes, &number) ? push(u, value_from_int((int64_t)number))
                                            : PICKLE_NOT_PLAIN;
}

/* Two's complement in n_bytes, 1 to 8. */
static PickleOutcome load_signed(Unpickler *u, int n_bytes) {
    uint64_t number;
    if (!take_number(u, n_bytes, &number)) {
        return PICKLE_NOT_PLAIN;
    }
    const int shift = 64 - 8 * n_bytes;
    return push(u, int_from_i64(u->cx, (int64_t)(number << shift) >> shift));
}

static PickleOutcome load_long(Unpickler *u) {
    uint64_t n;
    return take_number(u, 1, &n) && n >= 1 && n <= 8 ? load_signed(u, (int)n) : PICKLE_NOT_PLAIN;
}

static PickleOutcome load_float(Unpickler *u) {
    uint64_t bits;
    double d;
    if (!take_number(u, 8, &bits)) {
        return PICKLE_NOT_PLAIN;
    }
    bits = __builtin_bswap64(bits);
    memcpy(&d, &bits, sizeof d);
    return push(u, value_from_double_any(d));
}

static PickleOutcome load_text(Unpickler *u, int n_length, bool is_bytes) {
    uint64_t n;
    const unsigned char *data;
    if (!take_number(u, n_length, &n) || !take(u, n, &data)) {
        return PICKLE_NOT_PLAIN;
    }
    const char *text = (const char *)data;
    if (is_bytes) {
        return push_obj(u, bytes_new(u->cx, text, n));
    }
    return utf8_check(text, n) == n ? push_obj(u, str_new(u->cx, text, n)) : PICKLE_NOT_PLAIN;
}

static PickleOutcome skip(Unpickler *u, uint64_t n) {
    const unsigned char *data;
    return take(u, n, &data) ? PICKLE_DONE : PICKLE_NOT_PLAIN;
}

static PickleOutcome load_protocol(Unpickler *u) {
    uint64_t n;
    return take_number(u, 1, &n) && n <= 5 ? PICKLE_DONE : PICKLE_NOT_PLAIN;
}

/* Containers */

static PickleOutcome load_small_tuple(Unpickler *u, size_t n) {
    const Value *items = top(u, n);
    if (items == NULL) {
        return PICKLE_NOT_PLAIN;
    }
    const Value tuple = tuple_from(u->cx, items, n);
    cut(u, u->stack->n - n);
    return push(u, tuple);
}

/* Adds what stands in the stack from `from` on to the container. */
static PickleOutcome add_all(Unpickler *u, Value target, size_t from) {
    Context *cx = u->cx;
    const size_t n = u->stack->n;
    const Value *items = u->stack->items->items;
    bool is_ok = true;
    if (IS_EXACT(target, KIND_LIST)) {
        for (size_t i = from; i < n && is_ok; i++) {
            is_ok = list_append(cx, AS_LIST(target), items[i]);
        }
    } else if (IS_EXACT(target, KIND_DICT) && (n - from) % 2 == 0) {
        for (size_t i = from; i < n && is_ok; i += 2) {
            is_ok = dict_set(cx, AS_DICT(target), items[i], items[i + 1]);
        }
    } else if (IS_EXACT(target, KIND_SET)) {
        for (size_t i = from; i < n && is_ok; i++) {
            is_ok = set_add(cx, AS_SET(target), items[i]);
        }
    } else {
        return PICKLE_NOT_PLAIN;
    }
    cut(u, from);
    return outcome_of(is_ok);
}

/* The container under n_items values. */
static PickleOutcome add_top(Unpickler *u, ObjKind kind, size_t n_items) {
    const Value *values = top(u, n_items + 1);
    return values != NULL && IS_EXACT(values[0], kind) ? add_all(u, values[0], u->stack->n - n_items)
                                                       : PICKLE_NOT_PLAIN;
}

/* The container under the last mark. */
static PickleOutcome add_marked(Unpickler *u, ObjKind kind) {
    if (u->marks.n == 0) {
        return PICKLE_NOT_PLAIN;
    }
    const size_t from = u->marks.items[--u->marks.n];
    return add_top(u, kind, u->stack->n - from);
}

static PickleOutcome load_marked_tuple(Unpickler *u) {
    if (u->marks.n == 0) {
        return PICKLE_NOT_PLAIN;
    }
    const size_t from = u->marks.items[--u->marks.n];
    return load_small_tuple(u, u->stack->n - from);
}

static PickleOutcome load_mark(Unpickler *u) {
    vec_push(&u->marks, u->stack->n);
    return PICKLE_DONE;
}

/* References */

static PickleOutcome memoize(Unpickler *u) {
    const Value *value = top(u, 1);
    return value == NULL ? PICKLE_NOT_PLAIN : outcome_of(list_append(u->cx, u->memo, *value));
}

static PickleOutcome load_reference(Unpickler *u, int n_bytes) {
    uint64_t n;
    return take_number(u, n_bytes, &n) && n < u->memo->n ? push(u, u->memo->items->items[n])
                                                         : PICKLE_NOT_PLAIN;
}

static PickleOutcome load_container(Unpickler *u, unsigned char opcode) {
    switch (opcode) {
    case ')': return push(u, u->cx->rt->empty_tuple);
    case ']': return push_obj(u, list_new(u->cx, 0));
    case '}': return push_obj(u, dict_new(u->cx, 0));
    case 0x8f: return push_obj(u, set_new(u->cx, KIND_SET, 0));
    case 0x85:
    case 0x86:
    case 0x87: return load_small_tuple(u, opcode - 0x84u);
    case 't': return load_marked_tuple(u);
    case '(': return load_mark(u);
    case 'a': return add_top(u, KIND_LIST, 1);
    case 's': return add_top(u, KIND_DICT, 2);
    case 'e': return add_marked(u, KIND_LIST);
    case 'u': return add_marked(u, KIND_DICT);
    case 0x90: return add_marked(u, KIND_SET);
    case 0x94: return memoize(u);
    case 'h': return load_reference(u, 1);
    case 'j': return load_reference(u, 4);
    default: return PICKLE_NOT_PLAIN;
    }
}

static PickleOutcome load_opcode(Unpickler *u, unsigned char opcode) {
    switch (opcode) {
    case 0x80: return load_protocol(u);
    case 0x95: return skip(u, 8);
    case 'N': return push(u, VALUE_NONE);
    case 0x88: return push(u, VALUE_TRUE);
    case 0x89: return push(u, VALUE_FALSE);
    case 'K': return load_unsigned(u, 1);
    case 'M': return load_unsigned(u, 2);
    case 'J': return load_signed(u, 4);
    case 0x8a: return load_long(u);
    case 'G': return load_float(u);
    case 0x8c: return load_text(u, 1, false);
    case 'X': return load_text(u, 4, false);
    case 'C': return load_text(u, 1, true);
    case 'B': return load_text(u, 4, true);
    default: return load_container(u, opcode);
    }
}

/* Looks for Ctrl-C and the like every so often. */
static bool goes_on(Unpickler *u) {
    return ++u->n_steps % 4096 != 0 || str_build_goes_on(u->cx, 0);
}

static Value load(Unpickler *u) {
    while (u->at < u->end) {
        const unsigned char opcode = *u->at++;
        if (opcode == '.') {
            const Value *result = top(u, 1);
            return result == NULL ? VALUE_NOT_IMPLEMENTED : *result;
        }
        const PickleOutcome outcome = goes_on(u) ? load_opcode(u, opcode) : PICKLE_FAILED;
        if (outcome != PICKLE_DONE) {
            return outcome == PICKLE_FAILED ? VALUE_ERROR : VALUE_NOT_IMPLEMENTED;
        }
    }
    return VALUE_NOT_IMPLEMENTED;
}

Value pickle_load_plain(Context *cx, Value bytes) {
    const ObjBytes *data = AS_BYTES(bytes);
    Unpickler u = {.cx = cx,
                   .at = (const unsigned char *)data->data,
                   .end = (const unsigned char *)data->data + data->n_bytes,
                   .stack = list_new(cx, 16),
                   .memo = list_new(cx, 16)};
    const Value result = u.stack == NULL || u.memo == NULL ? VALUE_ERROR : load(&u);
    vec_free(&u.marks);
    return result;
}
