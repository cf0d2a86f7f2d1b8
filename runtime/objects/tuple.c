/* tuple.c - tuple: a fixed row of Values.
 *
 * The hash is CPython's (the lanes of xxHash64 over the items' hashes), so that hash((1,
 * 2)) prints the same number.
 *
 * See also: seq.c (comparison, searching, printing). */

#include "runtime/objects/tuple.h"

#include "runtime/gc/mark.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/generic.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/native.h"
#include "runtime/objects/seq.h"

#define TUPLE_MAX_ITEMS ((size_t)1 << 44)

/* The two primes and the initial value of xxHash64 that the hash uses. */
#define HASH_PRIME_1 UINT64_C(11400714785074694791)
#define HASH_PRIME_2 UINT64_C(14029467366897019727)
#define HASH_PRIME_5 UINT64_C(2870177450012600261)

/* Making tuples */

ObjTuple *tuple_new(Context *cx, size_t n) {
    if (UNLIKELY(n == 0)) {
        return AS_TUPLE(cx->rt->empty_tuple);
    }
    if (UNLIKELY(n > TUPLE_MAX_ITEMS)) {
        exc_raise_no_memory(cx);
        return NULL;
    }
    ObjTuple *tuple = (ObjTuple *)heap_alloc(cx, sizeof(ObjTuple) + n * sizeof(Value),
                                             KIND_TUPLE, KIND_TUPLE);
    if (LIKELY(tuple != NULL)) {
        tuple->n = n;
    }
    return tuple;
}

Value tuple_from(Context *cx, const Value *items, size_t n) {
    ObjTuple *tuple = tuple_new(cx, n);
    if (UNLIKELY(tuple == NULL)) {
        return VALUE_ERROR;
    }
    for (size_t i = 0; i < n; i++) { /* most are short: cheaper than a call of memcpy */
        tuple->items[i] = items[i];
    }
    return OBJ_VALUE(tuple);
}

Value tuple_pack(Context *cx, int n, ...) {
    ObjTuple *tuple = tuple_new(cx, (size_t)n);
    if (UNLIKELY(tuple == NULL)) {
        return VALUE_ERROR;
    }
    va_list values;
    va_start(values, n);
    for (int i = 0; i < n; i++) {
        tuple->items[i] = va_arg(values, Value);
    }
    va_end(values);
    return OBJ_VALUE(tuple);
}

Value tuple_from_iterable(Context *cx, Value iterable) {
    if (IS_EXACT(iterable, KIND_TUPLE)) {
        return iterable;
    }
    if (IS_EXACT(iterable, KIND_LIST)) {
        return list_to_tuple(cx, AS_LIST(iterable));
    }
    const Value list = list_from_iterable(cx, iterable);
    return IS_ERROR(list) ? VALUE_ERROR
                          : tuple_from(cx, AS_LIST(list)->items->items, AS_LIST(list)->n);
}

static Value tuple_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                             Value kwargs) {
    const bool is_exact = type == cx->rt->types[KIND_TUPLE];
    if (is_exact || IS_UNSET(type_special(type, SPECIAL_init))
            ? !construct_check(cx, "tuple", n_args, 0, 1, kwargs)
            : !construct_check_count(cx, "tuple", n_args, 0, 1)) {
        return VALUE_ERROR;
    }
    const Value plain =
        n_args == 0 ? cx->rt->empty_tuple : tuple_from_iterable(cx, args[0]);
    if (is_exact || IS_ERROR(plain)) {
        return plain;
    }
    const size_t n = AS_TUPLE(plain)->n;
    ObjTuple *tuple =
        (ObjTuple *)instance_new_variable(cx, type, sizeof(ObjTuple) + n * sizeof(Value));
    if (tuple == NULL) {
        return VALUE_ERROR;
    }
    tuple->n = n;
    memcpy(tuple->items, AS_TUPLE(plain)->items, n * sizeof(Value));
    return OBJ_VALUE(tuple);
}

/* Operations */

static void tuple_trace(GcMarker *m, Obj *o) {
    ObjTuple *tuple = (ObjTuple *)o;
    gc_mark_values(m, tuple->items, tuple->n);
    if (o->shape >= KIND_COUNT) {
        instance_trace_slots(m, gc_marker_shape(m, o), o);
    }
}

static bool item_hash(Context *cx, Value item, uint64_t *hash) {
    if (LIKELY(IS_INT(item))) {
        const int64_t i = value_to_int(item);
        *hash = (uint64_t)(i - (i == -1));
        return true;
    }
    return value_hash(cx, item, hash);
}

static bool tuple_hash(Context *cx, Value v, uint64_t *hash) {
    const ObjTuple *tuple = AS_TUPLE(v);
    uint64_t sum = HASH_PRIME_5;
    if (UNLIKELY(!exc_check_c_stack(cx))) {
        return false;
    }
    for (size_t i = 0; i < tuple->n; i++) {
        uint64_t lane = 0;
        if (!item_hash(cx, tuple->items[i], &lane)) {
            return false;
        }
        sum += lane * HASH_PRIME_2;
        sum = sum << 31 | sum >> 33;
        sum *= HASH_PRIME_1;
    }
    sum += tuple->n ^ (HASH_PRIME_5 ^ UINT64_C(3527539));
    *hash = sum == UINT64_MAX ? UINT64_C(1546275796) : sum;
    return true;
}

static Value get_slice(Context *cx, Value v, Value slice) {
    const ObjTuple *tuple = AS_TUPLE(v);
    int64_t start = 0;
    int64_t stop = 0;
    int64_t step = 0;
    int64_t n = 0;
    if (!slice_resolve(cx, slice, (int64_t)tuple->n, &start, &stop, &step, &n)) {
        return VALUE_ERROR;
    }
    if (step == 1 && (size_t)n == tuple->n && IS_EXACT(v, KIND_TUPLE)) {
        return v;
    }
    ObjTuple *part = tuple_new(cx, (size_t)n);
    if (part == NULL) {
        return VALUE_ERROR;
    }
    for (int64_t i = 0; i < n; i++) {
        part->items[i] = tuple->items[start + i * step];
    }
    return OBJ_VALUE(part);
}

static Value tuple_getitem(Context *cx, Value v, Value key) {
    if (IS_SLICE(key)) {
        return get_slice(cx, v, key);
    }
    int64_t index = 0;
    if (!seq_index(cx, key, "tuple", &index)) {
        return VALUE_ERROR;
    }
    const ObjTuple *tuple = AS_TUPLE(v);
    const size_t i = (size_t)(index < 0 ? index + (int64_t)tuple->n : index);
    return i < tuple->n ? tuple->items[i]
                        : exc_raise(cx, EXC_IndexError, "tuple index out of range");
}

static Value concat(Context *cx, Value a, Value b) {
    const size_t n_a = AS_TUPLE(a)->n;
    const size_t n_b = AS_TUPLE(b)->n;
    if (n_b == 0 && IS_EXACT(a, KIND_TUPLE)) {
        return a;
    }
    if (n_a == 0 && IS_EXACT(b, KIND_TUPLE)) {
        return b;
    }
    ObjTuple *sum = tuple_new(cx, n_a + n_b);
    if (sum == NULL) {
        return VALUE_ERROR;
    }
    memcpy(sum->items, AS_TUPLE(a)->items, n_a * sizeof(Value));
    memcpy(sum->items + n_a, AS_TUPLE(b)->items, n_b * sizeof(Value));
    return OBJ_VALUE(sum);
}

static Value repeat(Context *cx, Value v, int64_t count) {
    const size_t n = AS_TUPLE(v)->n;
    if (n == 0 || count == 0) {
        return cx->rt->empty_tuple;
    }
    if (count == 1 && IS_EXACT(v, KIND_TUPLE)) {
        return v;
    }
    size_t n_total = 0;
    if (__builtin_mul_overflow(n, (size_t)count, &n_total)) {
        return exc_raise_no_memory(cx);
    }
    ObjTuple *product = tuple_new(cx, n_total);
    if (product == NULL) {
        return VALUE_ERROR;
    }
    for (size_t i = 0; i < n_total; i += n) {
        memcpy(product->items + i, AS_TUPLE(v)->items, n * sizeof(Value));
    }
    return OBJ_VALUE(product);
}

static Value tuple_binary(Context *cx, BinaryOp op, Value a, Value b) {
    if (op == BINARY_ADD && IS_TUPLE(a)) {
        return IS_TUPLE(b) ? concat(cx, a, b) : seq_refuse_add(cx, "tuple", b);
    }
    if (op != BINARY_MUL) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const Value tuple = IS_TUPLE(a) ? a : b;
    const Value factor = IS_TUPLE(a) ? b : a;
    int64_t count = 0;
    const int is_count = seq_repeat_count(cx, factor, &count);
    if (is_count == 0) {
        return seq_refuse_mul(cx, factor);
    }
    return is_count < 0 ? VALUE_ERROR : repeat(cx, tuple, count);
}

static int64_t tuple_length(Context *cx __attribute__((unused)), Value v) {
    return (int64_t)AS_TUPLE(v)->n;
}

static Value tuple_iter(Context *cx, Value v) {
    return tuple_iter_new(cx, AS_TUPLE(v));
}

/* Methods */

NATIVE(tuple_count, "count(self, value, /)",
       "Return how many items are equal to value.") {
    const int64_t count = seq_count(cx, args[0], args[1]);
    return count < 0 ? VALUE_ERROR : value_from_int(count);
}

NATIVE(tuple_index, "index(self, value, start=0, stop=9223372036854775807, /)",
       "Return the first index of value.") {
    const size_t n = AS_TUPLE(args[0])->n;
    size_t from = 0;
    size_t to = n;
    if (!seq_bound(cx, args[2], n, 0, &from) || !seq_bound(cx, args[3], n, n, &to)) {
        return VALUE_ERROR;
    }
    const int64_t i = seq_find(cx, args[0], args[1], from, to);
    if (i == -1) {
        return exc_raise(cx, EXC_ValueError, "tuple.index(x): x not in tuple");
    }
    return i < 0 ? VALUE_ERROR : value_from_int(i);
}

NATIVE(tuple_getnewargs, "__getnewargs__(self, /)", "") {
    const Value exact = tuple_from(cx, AS_TUPLE(args[0])->items, AS_TUPLE(args[0])->n);
    return IS_ERROR(exact) ? VALUE_ERROR : tuple_from(cx, &exact, 1);
}

static const NativeDef tuple_methods[] = {
    GENERIC_ENTRY,
    NATIVE_ENTRY(tuple_count),
    NATIVE_ENTRY(tuple_getnewargs),
    NATIVE_ENTRY(tuple_index),
    {0},
};

const KindOps kind_ops_ObjTuple = {
    .trace = tuple_trace,
    .repr = seq_repr,
    .hash = tuple_hash,
    .compare = seq_compare,
    .binary = tuple_binary,
    .length = tuple_length,
    .getitem = tuple_getitem,
    .contains = seq_contains,
    .iter = tuple_iter,
    .construct = tuple_construct,
    .methods = tuple_methods,
    .doc = "tuple(iterable=(), /)\n--\n\nA fixed sequence of any values.",
};
