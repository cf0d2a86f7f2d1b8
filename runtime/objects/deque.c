/* deque.c - collections.deque. See deque.h for how it is kept. */

#include "runtime/objects/deque.h"

#include "runtime/base/buf.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/generic.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/native.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/str_build.h"

enum { RING_MIN = 8 };
#define RING_MAX ((size_t)1 << 40)

/* The ring */

static inline Value *place_locked(const ObjDeque *d, size_t i) {
    return &d->ring->items[(d->start + i) & (d->ring->capacity - 1)];
}

static void copy_items_locked(const ObjDeque *d, Value *out) {
    const size_t until_end = d->ring->capacity - d->start;
    const size_t first = d->n < until_end ? d->n : until_end;
    if (d->n > 0) { /* an empty deque may have an empty ring */
        memcpy(out, &d->ring->items[d->start], first * sizeof(Value));
        memcpy(out + first, d->ring->items, (d->n - first) * sizeof(Value));
    }
}

static bool grow_locked(Context *cx, ObjDeque *d) {
    const size_t capacity = d->ring->capacity == 0 ? RING_MIN : d->ring->capacity * 2;
    ObjArray *ring = capacity > RING_MAX ? NULL : array_new(cx, capacity);
    if (ring == NULL) {
        if (capacity > RING_MAX) {
            exc_raise_no_memory(cx);
        }
        return false;
    }
    copy_items_locked(d, ring->items);
    d->ring = ring;
    d->start = 0;
    return true;
}

static Value take_last_locked(ObjDeque *d) {
    Value *place = place_locked(d, --d->n);
    const Value item = *place;
    *place = VALUE_UNSET;
    d->n_changes++;
    return item;
}

static Value take_first_locked(ObjDeque *d) {
    Value *place = place_locked(d, 0);
    const Value item = *place;
    *place = VALUE_UNSET;
    d->start = (d->start + 1) & (d->ring->capacity - 1);
    d->n--;
    d->n_changes++;
    return item;
}

/* Adds an item; with a full max_length one falls out at the other end. */
static bool add(Context *cx, ObjDeque *d, Value item, bool is_left) {
    const bool is_locked = objlock_lock(cx, &d->header);
    bool is_ok = true;
    if (UNLIKELY(d->max_length >= 0 && d->n >= (size_t)d->max_length)) {
        if (d->n == 0) {
            goto done;
        }
        (void)(is_left ? take_last_locked(d) : take_first_locked(d));
    }
    if (UNLIKELY(d->n == d->ring->capacity) && !grow_locked(cx, d)) {
        is_ok = false;
        goto done;
    }
    if (is_left) {
        d->start = (d->start - 1) & (d->ring->capacity - 1);
    }
    *place_locked(d, is_left ? 0 : d->n) = item;
    d->n++;
    d->n_changes++;
done:
    objlock_unlock(cx, &d->header, is_locked);
    return is_ok;
}

static Value take(Context *cx, ObjDeque *d, bool is_left) {
    const bool is_locked = objlock_lock(cx, &d->header);
    const Value item = d->n == 0 ? VALUE_UNSET
                       : is_left ? take_first_locked(d)
                                 : take_last_locked(d);
    objlock_unlock(cx, &d->header, is_locked);
    return LIKELY(!IS_UNSET(item))
               ? item
               : exc_raise(cx, EXC_IndexError, "pop from an empty deque");
}

static size_t length_of(Context *cx, ObjDeque *d) {
    const bool is_locked = objlock_lock(cx, &d->header);
    const size_t n = d->n;
    objlock_unlock(cx, &d->header, is_locked);
    return n;
}

/* The items at one instant, in a tuple; *n_changes as it was then. */
static ObjTuple *snapshot(Context *cx, ObjDeque *d, uint64_t *n_changes) {
    for (;;) {
        const size_t n = length_of(cx, d);
        ObjTuple *copy = tuple_new(cx, n);
        if (copy == NULL) {
            return NULL;
        }
        const bool is_locked = objlock_lock(cx, &d->header);
        const bool is_same = d->n == n;
        if (is_same) {
            copy_items_locked(d, copy->items);
            *n_changes = d->n_changes;
        }
        objlock_unlock(cx, &d->header, is_locked);
        if (is_same) {
            return copy;
        }
    }
}

/* Gives the deque these items and no others, in a fresh ring: of the last max_length. When
 * if_unchanged_since is given, only if nothing has changed since then; otherwise 0. */
static int put_items(Context *cx, ObjDeque *d, const Value *items, size_t n,
                     const uint64_t *if_unchanged_since) {
    size_t capacity = RING_MIN;
    while (capacity < n) {
        capacity *= 2;
    }
    ObjArray *ring = array_new(cx, capacity);
    if (ring == NULL) {
        return -1;
    }
    if (n > 0) {
        memcpy(ring->items, items, n * sizeof(Value));
    }
    const bool is_locked = objlock_lock(cx, &d->header);
    const bool is_done =
        if_unchanged_since == NULL || *if_unchanged_since == d->n_changes;
    if (is_done) {
        d->ring = ring;
        d->start = 0;
        d->n = n;
        d->n_changes++;
    }
    objlock_unlock(cx, &d->header, is_locked);
    return is_done;
}

static bool extend(Context *cx, ObjDeque *d, Value iterable, bool is_left) {
    if (iterable == OBJ_VALUE(d)) {
        uint64_t n_changes;
        ObjTuple *copy = snapshot(cx, d, &n_changes);
        if (copy == NULL) {
            return false;
        }
        iterable = OBJ_VALUE(copy);
    }
    const Value iterator = value_iter(cx, iterable);
    if (IS_ERROR(iterator)) {
        return false;
    }
    for (;;) {
        const Value item = iter_step(cx, iterator);
        if (item == VALUE_STOP || IS_ERROR(item)) {
            return item == VALUE_STOP;
        }
        if (!add(cx, d, item, is_left)) {
            return false;
        }
    }
}

/* Making */

static ObjDeque *deque_new(Context *cx, ObjType *type) {
    ObjDeque *d =
        (ObjDeque *)(type == cx->rt->types[KIND_DEQUE]
                         ? heap_alloc(cx, sizeof(ObjDeque), KIND_DEQUE, KIND_DEQUE)
                         : instance_new(cx, type));
    if (d != NULL) {
        d->ring = (ObjArray *)AS_OBJ(cx->rt->empty_array);
        d->max_length = -1;
    }
    return d;
}

static bool set_max_length(Context *cx, ObjDeque *d, Value v) {
    int64_t max_length = -1;
    if (!IS_UNSET(v) && !IS_NONE(v)) {
        if (!IS_INT_LIKE(v)) {
            exc_raise(cx, EXC_TypeError, "an integer is required");
            return false;
        }
        if (!arg_int(cx, v, &max_length)) {
            return false;
        }
        if (max_length < 0) {
            exc_raise(cx, EXC_ValueError, "maxlen must be non-negative");
            return false;
        }
    }
    atomic_store_relaxed(&d->max_length, max_length);
    return true;
}

/* What __init__ does. */
static bool fill(Context *cx, ObjDeque *d, const Value *args, int n_args, Value kwargs) {
    static const char *const parameters[] = {"iterable", "maxlen", NULL};
    Value out[2];
    if (!construct_arguments(cx, "deque", parameters, 0, args, n_args, kwargs, out) ||
        !set_max_length(cx, d, out[1])) {
        return false;
    }
    if (d->n > 0 && put_items(cx, d, NULL, 0, NULL) < 0) {
        return false;
    }
    return IS_UNSET(out[0]) || extend(cx, d, out[0], false);
}

static Value deque_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                             Value kwargs) {
    ObjDeque *d = deque_new(cx, type);
    if (d == NULL) {
        return VALUE_ERROR;
    }
    /* Instances of derived classes are filled by __init__. */
    const bool is_exact = type == cx->rt->types[KIND_DEQUE];
    return !is_exact || fill(cx, d, args, n_args, kwargs) ? OBJ_VALUE(d) : VALUE_ERROR;
}

NATIVE(deque_init, "__init__(self, /, *args, **kwargs)", "Fill the deque anew.") {
    return fill(cx, AS_DEQUE(args[0]), args + 1, n_args - 1, args[-1]) ? VALUE_NONE
                                                                       : VALUE_ERROR;
}

/* A deque of the same class and max_length. */
static Value copy_of(Context *cx, Value v, ObjTuple *items) {
    ObjDeque *d = AS_DEQUE(v);
    ObjType *type = type_of(cx, v);
    if (type == cx->rt->types[KIND_DEQUE]) {
        ObjDeque *copy = deque_new(cx, type);
        if (copy == NULL || put_items(cx, copy, items->items, items->n, NULL) < 0) {
            return VALUE_ERROR;
        }
        copy->max_length = d->max_length;
        return OBJ_VALUE(copy);
    }
    const Value args[] = {OBJ_VALUE(items), int_from_i64(cx, d->max_length)};
    return type_call(cx, type, args, d->max_length < 0 ? 1 : 2, VALUE_UNSET);
}

/* Operators */

static int64_t deque_length(Context *cx, Value v) {
    return (int64_t)length_of(cx, AS_DEQUE(v));
}

static bool index_of_key(Context *cx, Value key, int64_t *index) {
    if (!seq_is_index(cx, key)) {
        exc_raise(cx, EXC_TypeError, "sequence index must be integer, not '%s'",
                  type_name_of(cx, key));
        return false;
    }
    return int_index_i64(cx, key, index, EXC_IndexError);
}

/* Item index becomes value; VALUE_UNSET only reads it. What was there, or VALUE_UNSET when
 * there is none. */
static Value exchange(Context *cx, ObjDeque *d, int64_t index, Value value) {
    const bool is_locked = objlock_lock(cx, &d->header);
    index += index < 0 ? (int64_t)d->n : 0;
    Value item = VALUE_UNSET;
    if (index >= 0 && (size_t)index < d->n) {
        Value *place = place_locked(d, (size_t)index);
        item = *place;
        *place = IS_UNSET(value) ? item : value;
    }
    objlock_unlock(cx, &d->header, is_locked);
    return item;
}

static Value deque_getitem(Context *cx, Value v, Value key) {
    int64_t index;
    if (!index_of_key(cx, key, &index)) {
        return VALUE_ERROR;
    }
    const Value item = exchange(cx, AS_DEQUE(v), index, VALUE_UNSET);
    return IS_UNSET(item) ? exc_raise(cx, EXC_IndexError, "deque index out of range")
                          : item;
}

/* Item i < n goes away; those on its shorter side move up. */
static void delete_locked(ObjDeque *d, size_t i) {
    if (i < d->n / 2) {
        for (size_t k = i; k > 0; k--) {
            *place_locked(d, k) = *place_locked(d, k - 1);
        }
        take_first_locked(d);
    } else {
        for (size_t k = i; k + 1 < d->n; k++) {
            *place_locked(d, k) = *place_locked(d, k + 1);
        }
        take_last_locked(d);
    }
}

static bool deque_setitem(Context *cx, Value v, Value key, Value value) {
    int64_t index;
    ObjDeque *d = AS_DEQUE(v);
    if (!index_of_key(cx, key, &index)) {
        return false;
    }
    bool is_there;
    if (!IS_UNSET(value)) {
        is_there = !IS_UNSET(exchange(cx, d, index, value));
    } else {
        const bool is_locked = objlock_lock(cx, &d->header);
        index += index < 0 ? (int64_t)d->n : 0;
        is_there = index >= 0 && (size_t)index < d->n;
        if (is_there) {
            delete_locked(d, (size_t)index);
        }
        objlock_unlock(cx, &d->header, is_locked);
    }
    if (!is_there) {
        exc_raise(cx, EXC_IndexError, "deque index out of range");
    }
    return is_there;
}

/* The first place of item in the snapshot, -1: none, -2: exception, also when the deque was
 * changed by what the comparison ran. */
static int64_t find(Context *cx, ObjDeque *d, ObjTuple *copy, uint64_t n_changes,
                    Value item, size_t from, size_t to) {
    for (size_t i = from; i < to && i < copy->n; i++) {
        const int is_equal = seq_item_equals(cx, copy->items[i], item);
        if (is_equal != 0) {
            return is_equal > 0 ? (int64_t)i : -2;
        }
        if (!cx->is_parallel && d->n_changes != n_changes) {
            exc_raise(cx, EXC_RuntimeError, "deque mutated during iteration");
            return -2;
        }
    }
    return -1;
}

static int deque_contains(Context *cx, Value v, Value item) {
    uint64_t n_changes;
    ObjTuple *copy = snapshot(cx, AS_DEQUE(v), &n_changes);
    const int64_t i =
        copy == NULL ? -2 : find(cx, AS_DEQUE(v), copy, n_changes, item, 0, copy->n);
    return i == -2 ? -1 : i >= 0;
}

static Value deque_compare(Context *cx, CompareOp op, Value a, Value b) {
    if (!IS_DEQUE(a) || !IS_DEQUE(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    uint64_t n_changes;
    ObjTuple *x = snapshot(cx, AS_DEQUE(a), &n_changes);
    ObjTuple *y = x == NULL ? NULL : snapshot(cx, AS_DEQUE(b), &n_changes);
    return y == NULL ? VALUE_ERROR : seq_compare(cx, op, OBJ_VALUE(x), OBJ_VALUE(y));
}

static Value repeated(Context *cx, ObjTuple *items, int64_t count, int64_t max_length) {
    const Value factor = int_from_i64(cx, count < 0 ? 0 : count);
    if (max_length >= 0 && items->n > 0 && count > max_length / (int64_t)items->n + 1) {
        return value_binary(cx, BINARY_MUL, OBJ_VALUE(items),
                            int_from_i64(cx, max_length / (int64_t)items->n + 1));
    }
    return value_binary(cx, BINARY_MUL, OBJ_VALUE(items), factor);
}

/* deque * count: the last max_length of the items. */
static ObjTuple *product(Context *cx, ObjDeque *d, int64_t count) {
    uint64_t n_changes;
    ObjTuple *items = snapshot(cx, d, &n_changes);
    const Value all =
        items == NULL ? VALUE_ERROR : repeated(cx, items, count, d->max_length);
    if (IS_ERROR(all) || d->max_length < 0 || AS_TUPLE(all)->n <= (size_t)d->max_length) {
        return IS_ERROR(all) ? NULL : AS_TUPLE(all);
    }
    const size_t n = (size_t)d->max_length;
    const Value last = tuple_from(cx, AS_TUPLE(all)->items + AS_TUPLE(all)->n - n, n);
    return IS_ERROR(last) ? NULL : AS_TUPLE(last);
}

static Value deque_binary(Context *cx, BinaryOp op, Value a, Value b) {
    if (op == BINARY_ADD && IS_DEQUE(a)) {
        if (!IS_DEQUE(b)) {
            return exc_raise(cx, EXC_TypeError,
                             "can only concatenate deque (not \"%s\") to deque",
                             type_name_of(cx, b));
        }
        uint64_t n_changes;
        ObjTuple *items = snapshot(cx, AS_DEQUE(a), &n_changes);
        const Value sum = items == NULL ? VALUE_ERROR : copy_of(cx, a, items);
        return IS_ERROR(sum) || !IS_DEQUE(sum) || extend(cx, AS_DEQUE(sum), b, false)
                   ? sum
                   : VALUE_ERROR;
    }
    if (op != BINARY_MUL) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const Value v = IS_DEQUE(a) ? a : b;
    int64_t count;
    const int is_count = seq_repeat_count(cx, IS_DEQUE(a) ? b : a, &count);
    if (is_count <= 0) {
        return is_count < 0 ? VALUE_ERROR : seq_refuse_mul(cx, IS_DEQUE(a) ? b : a);
    }
    ObjTuple *items = product(cx, AS_DEQUE(v), count);
    return items == NULL ? VALUE_ERROR : copy_of(cx, v, items);
}

static Value deque_inplace(Context *cx, BinaryOp op, Value a, Value b) {
    ObjDeque *d = AS_DEQUE(a);
    if (op == BINARY_ADD) {
        return extend(cx, d, b, false) ? a : VALUE_ERROR;
    }
    if (op != BINARY_MUL) {
        return VALUE_NOT_IMPLEMENTED;
    }
    int64_t count;
    const int is_count = seq_repeat_count(cx, b, &count);
    if (is_count <= 0) {
        return is_count < 0 ? VALUE_ERROR : seq_refuse_mul(cx, b);
    }
    ObjTuple *items = product(cx, d, count);
    return items != NULL && put_items(cx, d, items->items, items->n, NULL) >= 0
               ? a
               : VALUE_ERROR;
}

static bool repr_items(Context *cx, const ObjTuple *items, Buf *out) {
    for (size_t i = 0; i < items->n; i++) {
        buf_add_text(out, i == 0 ? "" : ", ");
        if (!str_build_add_repr(cx, out, items->items[i])) {
            return false;
        }
    }
    return true;
}

static Value deque_repr(Context *cx, Value v) {
    uint64_t n_changes;
    ObjTuple *items = snapshot(cx, AS_DEQUE(v), &n_changes);
    const int is_inside = items == NULL ? -1 : value_repr_enter(cx, v);
    if (is_inside != 0) {
        ObjStr *text = is_inside < 0 ? NULL : str_from_c(cx, "[...]");
        return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    }
    Buf out = {0};
    const ObjStr *name = type_of(cx, v)->name;
    buf_add_format(&out, "%.*s([", (int)name->n_bytes, name->data);
    const bool is_done = repr_items(cx, items, &out);
    value_repr_leave(cx, v);
    if (!is_done) {
        buf_free(&out);
        return VALUE_ERROR;
    }
    if (AS_DEQUE(v)->max_length >= 0) {
        buf_add_format(&out, "], maxlen=%lld)", (long long)AS_DEQUE(v)->max_length);
    } else {
        buf_add_text(&out, "])");
    }
    ObjStr *text = str_from_buf(cx, &out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static void deque_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjDeque *)o)->ring);
    instance_trace_derived(m, o);
}

/* Iterators */

typedef struct ObjDequeIter {
    Obj header;
    ObjDeque *deque;    /* [atomic] NULL at the end */
    int64_t position;   /* [atomic] */
    uint64_t n_changes; /* [const] of the deque when iteration began */
} ObjDequeIter;

static Value deque_iter_of(Context *cx, Value v, ObjKind kind) {
    ObjDequeIter *it = (ObjDequeIter *)heap_alloc(cx, sizeof(ObjDequeIter), kind, kind);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    ObjDeque *d = AS_DEQUE(v);
    const bool is_locked = objlock_lock(cx, &d->header);
    it->n_changes = d->n_changes;
    objlock_unlock(cx, &d->header, is_locked);
    it->deque = d;
    return OBJ_VALUE(it);
}

static Value deque_iter(Context *cx, Value v) {
    return deque_iter_of(cx, v, KIND_DEQUE_ITER);
}

static Value iter_self(Context *cx, Value v) {
    (void)cx;
    return v;
}

static Value deque_iter_next(Context *cx, Value v) {
    ObjDequeIter *it = (ObjDequeIter *)AS_OBJ(v);
    ObjDeque *d = atomic_load_acquire(&it->deque);
    if (d == NULL) {
        return VALUE_STOP;
    }
    const size_t i = (size_t)iter_take(cx, &it->position);
    const bool is_locked = objlock_lock(cx, &d->header);
    const bool is_changed = d->n_changes != it->n_changes;
    Value item = VALUE_UNSET;
    if (!is_changed && i < d->n) {
        item = *place_locked(d, it->header.kind == KIND_DEQUE_ITER ? i : d->n - 1 - i);
    }
    objlock_unlock(cx, &d->header, is_locked);
    if (LIKELY(!IS_UNSET(item))) {
        return item;
    }
    atomic_store_release(&it->deque, NULL);
    return is_changed ? exc_raise(cx, EXC_RuntimeError, "deque mutated during iteration")
                      : VALUE_STOP;
}

static void deque_iter_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjDequeIter *)o)->deque);
}

NATIVE(deque_iter_length_hint, "__length_hint__(self, /)",
       "Return how many items are probably left.") {
    const ObjDequeIter *it = (const ObjDequeIter *)AS_OBJ(args[0]);
    ObjDeque *d = atomic_load_acquire(&it->deque);
    const int64_t left =
        d == NULL ? 0 : (int64_t)length_of(cx, d) - atomic_load_relaxed(&it->position);
    return value_from_int(left < 0 ? 0 : left);
}

static const NativeDef iter_methods[] = {NATIVE_ENTRY(deque_iter_length_hint), {0}};

const KindOps kind_ops_ObjDequeIter = {
    .trace = deque_iter_trace,
    .iter = iter_self,
    .next = deque_iter_next,
    .methods = iter_methods,
};

const KindOps kind_ops_ObjDequeRevIter = {
    .trace = deque_iter_trace,
    .iter = iter_self,
    .next = deque_iter_next,
    .methods = iter_methods,
};

/* Methods */

NATIVE(deque_append, "append(self, item, /)", "Add an item at the right end.") {
    return add(cx, AS_DEQUE(args[0]), args[1], false) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(deque_appendleft, "appendleft(self, item, /)", "Add an item at the left end.") {
    return add(cx, AS_DEQUE(args[0]), args[1], true) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(deque_pop, "pop(self, /)", "Remove and return the item at the right end.") {
    return take(cx, AS_DEQUE(args[0]), false);
}

NATIVE(deque_popleft, "popleft(self, /)", "Remove and return the item at the left end.") {
    return take(cx, AS_DEQUE(args[0]), true);
}

NATIVE(deque_extend, "extend(self, iterable, /)", "Add the items at the right end.") {
    return extend(cx, AS_DEQUE(args[0]), args[1], false) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(deque_extendleft, "extendleft(self, iterable, /)",
       "Add the items, one after the other, at the left end.") {
    return extend(cx, AS_DEQUE(args[0]), args[1], true) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(deque_clear, "clear(self, /)", "Remove all items.") {
    return put_items(cx, AS_DEQUE(args[0]), NULL, 0, NULL) < 0 ? VALUE_ERROR : VALUE_NONE;
}

NATIVE(deque_copy, "copy(self, /)", "Return a deque with the same items.") {
    uint64_t n_changes;
    ObjTuple *items = snapshot(cx, AS_DEQUE(args[0]), &n_changes);
    return items == NULL ? VALUE_ERROR : copy_of(cx, args[0], items);
}

NATIVE(deque_count, "count(self, value, /)",
       "Return how many items are equal to value.") {
    ObjDeque *d = AS_DEQUE(args[0]);
    uint64_t n_changes;
    ObjTuple *copy = snapshot(cx, d, &n_changes);
    int64_t count = 0;
    for (size_t i = 0; copy != NULL && i < copy->n; i++) {
        const int64_t found = find(cx, d, copy, n_changes, args[1], i, i + 1);
        if (found == -2) {
            return VALUE_ERROR;
        }
        count += found >= 0;
    }
    return copy == NULL ? VALUE_ERROR : value_from_int(count);
}

static Value raise_not_there(Context *cx, Value value) {
    const Value text = value_repr(cx, value);
    if (IS_ERROR(text)) {
        return VALUE_ERROR;
    }
    ObjStr *message = str_concat(cx, AS_STR(text), str_from_c(cx, " is not in deque"));
    return message == NULL ? VALUE_ERROR
                           : exc_raise_value(cx, EXC_ValueError, OBJ_VALUE(message));
}

NATIVE(deque_index, "index(self, value, start=0, stop=9223372036854775807, /)",
       "Return the first index of value.") {
    ObjDeque *d = AS_DEQUE(args[0]);
    uint64_t n_changes;
    ObjTuple *copy = snapshot(cx, d, &n_changes);
    size_t from;
    size_t to;
    if (copy == NULL || !seq_bound(cx, args[2], copy->n, 0, &from) ||
        !seq_bound(cx, args[3], copy->n, copy->n, &to)) {
        return VALUE_ERROR;
    }
    const int64_t i = find(cx, d, copy, n_changes, args[1], from, to);
    return i >= 0    ? value_from_int(i)
           : i == -1 ? raise_not_there(cx, args[1])
                     : VALUE_ERROR;
}

/* Comparing takes no lock: when other threads changed the deque meanwhile it is looked at
 * anew. */
NATIVE(deque_remove, "remove(self, value, /)", "Remove the first item equal to value.") {
    ObjDeque *d = AS_DEQUE(args[0]);
    for (;;) {
        uint64_t n_changes;
        ObjTuple *copy = snapshot(cx, d, &n_changes);
        const int64_t i =
            copy == NULL ? -2 : find(cx, d, copy, n_changes, args[1], 0, copy->n);
        if (i < 0) {
            return i == -1 ? raise_not_there(cx, args[1]) : VALUE_ERROR;
        }
        const bool is_locked = objlock_lock(cx, &d->header);
        const bool is_same = d->n_changes == n_changes;
        if (is_same) {
            delete_locked(d, (size_t)i);
        }
        objlock_unlock(cx, &d->header, is_locked);
        if (is_same) {
            return VALUE_NONE;
        }
        if (!cx->is_parallel) {
            return exc_raise(cx, EXC_IndexError, "deque mutated during remove().");
        }
    }
}

NATIVE(deque_insert, "insert(self, index, value, /)", "Insert value before index.") {
    ObjDeque *d = AS_DEQUE(args[0]);
    int64_t index;
    if (!arg_int(cx, args[1], &index)) {
        return VALUE_ERROR;
    }
    const bool is_locked = objlock_lock(cx, &d->header);
    const bool is_full = d->max_length >= 0 && d->n >= (size_t)d->max_length;
    bool is_ok = !is_full && (d->n < d->ring->capacity || grow_locked(cx, d));
    if (is_ok) {
        const int64_t n = (int64_t)d->n;
        index = index < 0 ? (index < -n ? 0 : index + n) : index > n ? n : index;
        d->n++;
        d->n_changes++;
        for (size_t k = (size_t)n; k > (size_t)index; k--) {
            *place_locked(d, k) = *place_locked(d, k - 1);
        }
        *place_locked(d, (size_t)index) = args[2];
    }
    objlock_unlock(cx, &d->header, is_locked);
    return is_full ? exc_raise(cx, EXC_IndexError, "deque already at its maximum size")
           : is_ok ? VALUE_NONE
                   : VALUE_ERROR;
}

NATIVE(deque_reverse, "reverse(self, /)", "Reverse the order of the items in place.") {
    ObjDeque *d = AS_DEQUE(args[0]);
    const bool is_locked = objlock_lock(cx, &d->header);
    for (size_t i = 0, j = d->n; i + 1 < j; i++) {
        Value *a = place_locked(d, i);
        Value *b = place_locked(d, --j);
        const Value item = *a;
        *a = *b;
        *b = item;
    }
    d->n_changes++;
    objlock_unlock(cx, &d->header, is_locked);
    return VALUE_NONE;
}

/* n items go from the right end to the left, by the shorter way. */
static void rotate_locked(ObjDeque *d, int64_t n) {
    const int64_t length = (int64_t)d->n;
    if (length < 2) {
        return;
    }
    n = int_mod_i64(n, length);
    n = n > length / 2 ? n - length : n;
    const size_t mask = d->ring->capacity - 1;
    for (; n > 0; n--) {
        const Value item = take_last_locked(d);
        d->start = (d->start - 1) & mask;
        d->n++;
        *place_locked(d, 0) = item;
    }
    for (; n < 0; n++) {
        const Value item = take_first_locked(d);
        *place_locked(d, d->n++) = item;
    }
}

NATIVE(deque_rotate, "rotate(self, n=1, /)", "Turn the deque n steps to the right.") {
    ObjDeque *d = AS_DEQUE(args[0]);
    int64_t n = 1;
    if (!IS_UNSET(args[1]) && !arg_int(cx, args[1], &n)) {
        return VALUE_ERROR;
    }
    const bool is_locked = objlock_lock(cx, &d->header);
    rotate_locked(d, n);
    objlock_unlock(cx, &d->header, is_locked);
    return VALUE_NONE;
}

NATIVE(deque_reversed, "__reversed__(self, /)",
       "Return an iterator over the items from the last to the first.") {
    return deque_iter_of(cx, args[0], KIND_DEQUE_REVITER);
}

NATIVE(deque_copy_special, "__copy__(self, /)", "Return a deque with the same items.") {
    return deque_copy(cx, args, n_args);
}

NATIVE(deque_reduce, "__reduce__(self, /)", "Return what pickle and copy need.") {
    const int64_t max_length = AS_DEQUE(args[0])->max_length;
    const Value pair[] = {cx->rt->empty_tuple, int_from_i64(cx, max_length)};
    const Value arguments =
        max_length < 0 ? cx->rt->empty_tuple : tuple_from(cx, pair, 2);
    const Value state = IS_ERROR(arguments) ? VALUE_ERROR : object_state(cx, args[0]);
    const Value iterator = IS_ERROR(state) ? VALUE_ERROR : deque_iter(cx, args[0]);
    const Value all[] = {OBJ_VALUE(type_of(cx, args[0])), arguments, state, iterator};
    return IS_ERROR(iterator) ? VALUE_ERROR : tuple_from(cx, all, 4);
}

static const NativeDef deque_methods[] = {
    NATIVE_ENTRY(deque_append),
    NATIVE_ENTRY(deque_appendleft),
    NATIVE_ENTRY(deque_clear),
    NATIVE_ENTRY(deque_copy),
    NATIVE_ENTRY(deque_count),
    NATIVE_ENTRY(deque_extend),
    NATIVE_ENTRY(deque_extendleft),
    NATIVE_ENTRY(deque_index),
    NATIVE_ENTRY(deque_init),
    NATIVE_ENTRY(deque_insert),
    NATIVE_ENTRY(deque_pop),
    NATIVE_ENTRY(deque_popleft),
    NATIVE_ENTRY(deque_remove),
    NATIVE_ENTRY(deque_reverse),
    NATIVE_ENTRY(deque_rotate),
    NATIVE_ENTRY(deque_reversed),
    NATIVE_ENTRY(deque_copy_special),
    NATIVE_ENTRY(deque_reduce),
    GENERIC_ENTRY,
    {0},
};

static Value get_maxlen(Context *cx, Value self) {
    const int64_t max_length = atomic_load_relaxed(&AS_DEQUE(self)->max_length);
    return max_length < 0 ? VALUE_NONE : int_from_i64(cx, max_length);
}

static const GetsetDef deque_getsets[] = {
    {"maxlen", "maximum size of a deque or None if unbounded", get_maxlen, NULL},
    {0},
};

const KindOps kind_ops_ObjDeque = {
    .trace = deque_trace,
    .repr = deque_repr,
    .compare = deque_compare,
    .binary = deque_binary,
    .inplace = deque_inplace,
    .length = deque_length,
    .getitem = deque_getitem,
    .setitem = deque_setitem,
    .contains = deque_contains,
    .iter = deque_iter,
    .construct = deque_construct,
    .methods = deque_methods,
    .getsets = deque_getsets,
    .doc = "deque([iterable[, maxlen]])\n--\n\nA list-like sequence optimized for data "
           "accesses "
           "near its endpoints.",
};
