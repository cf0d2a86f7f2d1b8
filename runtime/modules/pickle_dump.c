/* pickle_dump.c - plain data to bytes, byte for byte as lib/pickle.mini writes them. */

#include "runtime/base/buf.h"
#include "runtime/modules/pickle.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str_build.h"

enum { FRAME_TARGET = 64 * 1024, FRAME_MIN = 4, BATCH = 1000 };

typedef struct Pickler {
    Context *cx;
    Buf out;        /* the frame that is being made */
    Buf done;       /* the frames before it */
    ObjDict *memo;  /* address of an object to its number */
    ObjList *alive; /* these objects, so that no other one takes the address of one */
} Pickler;

static PickleOutcome save(Pickler *p, Value v);

/* Bytes */

static void add_little(Buf *buf, uint64_t number, int n_bytes) {
    for (int i = 0; i < n_bytes; i++) {
        buf_add_byte(buf, (char)(number >> (8 * i)));
    }
}

static void add_opcode(Buf *buf, unsigned char opcode) {
    buf_add_byte(buf, (char)opcode);
}

static bool end_frame(Pickler *p) {
    if (p->out.n_bytes >= FRAME_MIN) {
        add_opcode(&p->done, 0x95);
        add_little(&p->done, p->out.n_bytes, 8);
    }
    buf_add(&p->done, p->out.bytes, p->out.n_bytes);
    buf_clear(&p->out);
    return str_build_goes_on(p->cx, p->done.n_bytes);
}

/* opcode, length in so many bytes, data. What is large is not copied into a frame. */
static PickleOutcome add_data(Pickler *p, unsigned char opcode, int n_length, const char *data,
                              size_t n) {
    Buf *buf = &p->out;
    if (n >= FRAME_TARGET) {
        if (!end_frame(p)) {
            return PICKLE_FAILED;
        }
        buf = &p->done;
    }
    add_opcode(buf, opcode);
    add_little(buf, n, n_length);
    buf_add(buf, data, n);
    return PICKLE_DONE;
}

/* What was saved before */

static Value memo_key(Value v) {
    return value_from_int((int64_t)v);
}

static PickleOutcome memoize(Pickler *p, Value v) {
    const int64_t n = (int64_t)p->alive->n;
    add_opcode(&p->out, 0x94);
    return dict_set(p->cx, p->memo, memo_key(v), value_from_int(n)) &&
                   list_append(p->cx, p->alive, v)
               ? PICKLE_DONE
               : PICKLE_FAILED;
}

static void add_reference(Pickler *p, int64_t n) {
    add_opcode(&p->out, n < 256 ? 'h' : 'j');
    add_little(&p->out, (uint64_t)n, n < 256 ? 1 : 4);
}

/* Numbers */

static void save_int(Pickler *p, int64_t i) {
    Buf *out = &p->out;
    if (i >= 0 && i < 65536) {
        add_opcode(out, i < 256 ? 'K' : 'M');
        add_little(out, (uint64_t)i, i < 256 ? 1 : 2);
    } else if (i >= INT32_MIN && i <= INT32_MAX) {
        add_opcode(out, 'J');
        add_little(out, (uint64_t)i, 4);
    } else {
        int n = 8; /* as few bytes as keep the sign */
        while (n > 1 && i >> (8 * n - 9) == (i < 0 ? -1 : 0)) {
            n--;
        }
        add_opcode(out, 0x8a);
        add_little(out, (uint64_t)n, 1);
        add_little(out, (uint64_t)i, n);
    }
}

static void save_float(Pickler *p, double d) {
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    add_opcode(&p->out, 'G');
    add_little(&p->out, __builtin_bswap64(bits), 8);
}

/* Texts */

static PickleOutcome save_text(Pickler *p, Value v, const char *data, size_t n,
                               unsigned char short_opcode, unsigned char long_opcode) {
    if (n > UINT32_MAX) {
        return PICKLE_NOT_PLAIN;
    }
    const bool is_short = n < 256;
    const PickleOutcome outcome =
        add_data(p, is_short ? short_opcode : long_opcode, is_short ? 1 : 4, data, n);
    return outcome == PICKLE_DONE ? memoize(p, v) : outcome;
}

static PickleOutcome save_str(Pickler *p, Value v) {
    return save_text(p, v, AS_STR(v)->data, AS_STR(v)->n_bytes, 0x8c, 'X');
}

static PickleOutcome save_bytes(Pickler *p, Value v) {
    return save_text(p, v, AS_BYTES(v)->data, AS_BYTES(v)->n_bytes, 'C', 'B');
}

/* Containers */

static PickleOutcome save_each(Pickler *p, const Value *items, size_t n) {
    PickleOutcome outcome = PICKLE_DONE;
    for (size_t i = 0; i < n && outcome == PICKLE_DONE; i++) {
        outcome = save(p, items[i]);
    }
    return outcome;
}

static PickleOutcome save_tuple(Pickler *p, Value v) {
    const ObjTuple *tuple = AS_TUPLE(v);
    if (tuple->n == 0) {
        add_opcode(&p->out, ')');
        return PICKLE_DONE;
    }
    if (tuple->n > 3) {
        add_opcode(&p->out, '(');
    }
    const PickleOutcome outcome = save_each(p, tuple->items, tuple->n);
    if (outcome != PICKLE_DONE) {
        return outcome;
    }
    if (!IS_UNSET(dict_get(p->cx, p->memo, memo_key(v)))) {
        return PICKLE_NOT_PLAIN; /* it contains itself */
    }
    add_opcode(&p->out, tuple->n > 3 ? 't' : (unsigned char)(0x84 + tuple->n));
    return memoize(p, v);
}

/* Runs of at most BATCH items (of `width` values each) between a mark and `many`, a single one before `one`. */
static PickleOutcome save_batches(Pickler *p, const ObjList *items, size_t width, unsigned char one,
                                  unsigned char many) {
    const size_t n = items->n / width;
    for (size_t from = 0; from < n; from += BATCH) {
        const size_t n_batch = n - from < BATCH ? n - from : BATCH;
        const bool has_mark = n_batch > 1 || one == 0;
        if (has_mark) {
            add_opcode(&p->out, '(');
        }
        const PickleOutcome outcome =
            save_each(p, items->items->items + from * width, n_batch * width);
        if (outcome != PICKLE_DONE) {
            return outcome;
        }
        add_opcode(&p->out, has_mark ? many : one);
    }
    return PICKLE_DONE;
}

/* The items at one instant: other threads may change a container meanwhile. */
static ObjList *items_of(Context *cx, Value v) {
    if (!IS_DICT(v)) {
        const Value list = list_from_iterable(cx, v);
        return IS_ERROR(list) ? NULL : AS_LIST(list);
    }
    ObjList *list = list_new(cx, 2 * dict_length(AS_DICT(v)));
    const ObjDictTable *table = dict_table(AS_DICT(v));
    size_t position = 0;
    Value key;
    Value value;
    while (list != NULL && dict_table_next(table, &position, &key, &value)) {
        if (!list_append(cx, list, key) || !list_append(cx, list, value)) {
            return NULL;
        }
    }
    return list;
}

static PickleOutcome save_container(Pickler *p, Value v, ObjKind kind) {
    static const struct {
        ObjKind kind;
        unsigned char empty, one, many;
        size_t width;
    } ways[] = {{KIND_LIST, ']', 'a', 'e', 1}, {KIND_DICT, '}', 's', 'u', 2}, {KIND_SET, 0x8f, 0, 0x90, 1}};
    const ObjList *items = items_of(p->cx, v);
    if (items == NULL) {
        return PICKLE_FAILED;
    }
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (ways[i].kind == kind) {
            add_opcode(&p->out, ways[i].empty);
            const PickleOutcome outcome = memoize(p, v);
            return outcome != PICKLE_DONE
                       ? outcome
                       : save_batches(p, items, ways[i].width, ways[i].one, ways[i].many);
        }
    }
    return PICKLE_NOT_PLAIN;
}

static PickleOutcome save_object(Pickler *p, Value v) {
    const uint32_t kind = obj_shape(AS_OBJ(v)); /* of exact built-in types */
    int64_t i;
    if (kind == KIND_INT) {
        if (!int_to_i64(v, &i)) {
            return PICKLE_NOT_PLAIN;
        }
        save_int(p, i);
        return PICKLE_DONE;
    }
    const Value known = dict_get(p->cx, p->memo, memo_key(v));
    if (!IS_UNSET(known)) {
        add_reference(p, value_to_int(known));
        return PICKLE_DONE;
    }
    switch (kind) {
    case KIND_STR: return save_str(p, v);
    case KIND_BYTES: return save_bytes(p, v);
    case KIND_TUPLE: return save_tuple(p, v);
    case KIND_LIST:
    case KIND_DICT:
    case KIND_SET: return save_container(p, v, (ObjKind)kind);
    default: return PICKLE_NOT_PLAIN;
    }
}

static PickleOutcome save(Pickler *p, Value v) {
    if (p->out.n_bytes >= FRAME_TARGET && !end_frame(p)) {
        return PICKLE_FAILED;
    }
    if (IS_INT(v)) {
        save_int(p, value_to_int(v));
    } else if (IS_FLOAT(v)) {
        save_float(p, value_to_double(v));
    } else if (IS_NONE(v) || IS_BOOL(v)) {
        add_opcode(&p->out, IS_NONE(v) ? 'N' : v == VALUE_TRUE ? 0x88 : 0x89);
    } else {
        return IS_OBJ(v) && !context_c_stack_is_short(p->cx) ? save_object(p, v) : PICKLE_NOT_PLAIN;
    }
    return PICKLE_DONE;
}

static Value finish(Pickler *p, PickleOutcome outcome) {
    if (outcome == PICKLE_DONE) {
        add_opcode(&p->out, '.');
        outcome = end_frame(p) ? PICKLE_DONE : PICKLE_FAILED;
    }
    ObjBytes *bytes =
        outcome == PICKLE_DONE ? bytes_new(p->cx, p->done.bytes, p->done.n_bytes) : NULL;
    buf_free(&p->out);
    buf_free(&p->done);
    return outcome == PICKLE_NOT_PLAIN ? VALUE_NOT_IMPLEMENTED
           : bytes == NULL             ? VALUE_ERROR
                                       : OBJ_VALUE(bytes);
}

Value pickle_dump_plain(Context *cx, Value v, int protocol) {
    Pickler p = {.cx = cx, .memo = dict_new(cx, 0), .alive = list_new(cx, 0)};
    if (p.memo == NULL || p.alive == NULL) {
        return VALUE_ERROR;
    }
    add_opcode(&p.done, 0x80);
    add_opcode(&p.done, (unsigned char)protocol);
    return finish(&p, save(&p, v));
}
