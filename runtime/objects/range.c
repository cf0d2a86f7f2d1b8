/* range.c - range and its iterator; slice.
 *
 * The numbers of a range may be of any size. As long as start, stop and step are small
 * integers (range_is_small) all is done in int64_t, where no item can overflow; otherwise
 * in Values by int_binary.
 *
 * See also: iter.h (the layout of the iterator). */

#include "runtime/objects/range.h"

#include "runtime/base/buf.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/iter_state.h"
#include "runtime/objects/native.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/str_build.h"

/* Arithmetic on int Values; an operand VALUE_ERROR gives VALUE_ERROR, so that calls can
 * be nested. */

static Value arithmetic(Context *cx, BinaryOp op, Value a, Value b) {
    return IS_ERROR(a) || IS_ERROR(b) ? VALUE_ERROR : int_binary(cx, op, a, b);
}

/* start + i * step */
static Value item_at(Context *cx, const ObjRange *r, Value i) {
    return arithmetic(cx, BINARY_ADD, r->start, arithmetic(cx, BINARY_MUL, i, r->step));
}

/* Ranges */

static Value small_length(Context *cx, int64_t start, int64_t stop, int64_t step) {
    const int64_t low = step > 0 ? start : stop;
    const int64_t high = step > 0 ? stop : start;
    return int_from_i64(
        cx, low >= high ? 0 : (high - low - 1) / (step > 0 ? step : -step) + 1);
}

static Value any_length(Context *cx, Value start, Value stop, Value step) {
    const bool is_up = int_sign(step) > 0;
    const Value low = is_up ? start : stop;
    const Value high = is_up ? stop : start;
    if (int_compare(low, high) >= 0) {
        return value_from_int(0);
    }
    const Value one = value_from_int(1);
    const Value last =
        arithmetic(cx, BINARY_SUB, arithmetic(cx, BINARY_SUB, high, low), one);
    const Value size = is_up ? step : int_unary(cx, UNARY_NEG, step);
    return arithmetic(cx, BINARY_ADD, arithmetic(cx, BINARY_FLOORDIV, last, size), one);
}

/* v, any value with __index__, as an int that is no bool and of no subclass. */
static Value to_int(Context *cx, Value v) {
    if (LIKELY(IS_INT(v))) {
        return v;
    }
    const Value index = int_index(cx, v);
    return IS_ERROR(index) ? VALUE_ERROR : int_exact(cx, index);
}

Value range_new(Context *cx, Value start, Value stop, Value step) {
    start = to_int(cx, start);
    stop = IS_ERROR(start) ? VALUE_ERROR : to_int(cx, stop);
    step = IS_ERROR(stop) ? VALUE_ERROR : to_int(cx, step);
    if (IS_ERROR(step)) {
        return VALUE_ERROR;
    }
    if (int_sign(step) == 0) {
        return exc_raise(cx, EXC_ValueError, "range() arg 3 must not be zero");
    }
    const bool is_small = BOTH_INT(start, stop) && IS_INT(step);
    const Value length = is_small ? small_length(cx, value_to_int(start),
                                                 value_to_int(stop), value_to_int(step))
                                  : any_length(cx, start, stop, step);
    ObjRange *range = IS_ERROR(length) ? NULL : HEAP_NEW(cx, ObjRange, KIND_RANGE);
    if (range == NULL) {
        return VALUE_ERROR;
    }
    range->start = start;
    range->stop = stop;
    range->step = step;
    range->length = length;
    return OBJ_VALUE(range);
}

static Value range_construct(Context *cx, ObjType *type __attribute__((unused)),
                             const Value *args, int n_args, Value kwargs) {
    if (!construct_check(cx, "range", n_args, 1, 3, kwargs)) {
        return VALUE_ERROR;
    }
    return range_new(cx, n_args == 1 ? value_from_int(0) : args[0],
                     args[n_args == 1 ? 0 : 1],
                     n_args == 3 ? args[2] : value_from_int(1));
}

static void range_trace(GcMarker *m, Obj *o) {
    const ObjRange *range = (const ObjRange *)o;
    gc_mark_value(m, range->start);
    gc_mark_value(m, range->stop);
    gc_mark_value(m, range->step);
    gc_mark_value(m, range->length);
}

static bool repr_add(Context *cx, Buf *out, const char *before, Value v) {
    buf_add_text(out, before);
    return str_build_add_repr(cx, out, v);
}

/* "name(start, stop, step)"; the step is left out when it is `usual_step`. */
static Value repr_three(Context *cx, const char *before, const Value v[3],
                        Value usual_step) {
    Buf out = {0};
    if (!repr_add(cx, &out, before, v[0]) || !repr_add(cx, &out, ", ", v[1]) ||
        (v[2] != usual_step && !repr_add(cx, &out, ", ", v[2]))) {
        buf_free(&out);
        return VALUE_ERROR;
    }
    buf_add_byte(&out, ')');
    ObjStr *text = str_from_buf(cx, &out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value range_repr(Context *cx, Value v) {
    const ObjRange *r = AS_RANGE(v);
    return repr_three(cx, "range(", (Value[]){r->start, r->stop, r->step},
                      value_from_int(1));
}

static bool range_hash(Context *cx, Value v, uint64_t *hash) {
    const ObjRange *r = AS_RANGE(v);
    const bool is_empty = r->length == value_from_int(0);
    const bool has_step = !is_empty && r->length != value_from_int(1);
    const Value parts = tuple_pack(cx, 3, r->length, is_empty ? VALUE_NONE : r->start,
                                   has_step ? r->step : VALUE_NONE);
    return !IS_ERROR(parts) && value_hash(cx, parts, hash);
}

static Value range_compare(Context *cx __attribute__((unused)), CompareOp op, Value a,
                           Value b) {
    if (!IS_RANGE(a) || !IS_RANGE(b) || (op != COMPARE_EQ && op != COMPARE_NE)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const ObjRange *x = AS_RANGE(a);
    const ObjRange *y = AS_RANGE(b);
    bool is_equal = int_equals(x->length, y->length);
    if (is_equal && int_sign(x->length) > 0) {
        is_equal = int_equals(x->start, y->start) &&
                   (x->length == value_from_int(1) || int_equals(x->step, y->step));
    }
    return BOOL_VALUE(is_equal == (op == COMPARE_EQ));
}

static int range_is_true(Context *cx __attribute__((unused)), Value v) {
    return AS_RANGE(v)->length != value_from_int(0);
}

static int64_t range_length(Context *cx, Value v) {
    int64_t n = 0;
    if (int_to_i64(AS_RANGE(v)->length, &n)) {
        return n;
    }
    exc_raise(cx, EXC_OverflowError, "Python int too large to convert to C ssize_t");
    return -1;
}

static Value get_slice(Context *cx, Value v, Value slice) {
    const ObjRange *r = AS_RANGE(v);
    int64_t start = 0;
    int64_t stop = 0;
    int64_t step = 0;
    int64_t n_items = 0;
    const int64_t n = range_length(cx, v);
    if (n < 0 || !slice_resolve(cx, slice, n, &start, &stop, &step, &n_items)) {
        return VALUE_ERROR;
    }
    const Value first = item_at(cx, r, int_from_i64(cx, start));
    const Value end = item_at(cx, r, int_from_i64(cx, stop));
    const Value stride = arithmetic(cx, BINARY_MUL, r->step, int_from_i64(cx, step));
    if (IS_ERROR(first) || IS_ERROR(end) || IS_ERROR(stride)) {
        return VALUE_ERROR;
    }
    return range_new(cx, first, end, stride);
}

static Value range_getitem(Context *cx, Value v, Value key) {
    const ObjRange *r = AS_RANGE(v);
    if (IS_SLICE(key)) {
        return get_slice(cx, v, key);
    }
    if (!seq_is_index(cx, key)) {
        return exc_raise(cx, EXC_TypeError,
                         "range indices must be integers or slices, not %s",
                         type_name_of(cx, key));
    }
    Value i = to_int(cx, key);
    if (!IS_ERROR(i) && int_sign(i) < 0) {
        i = int_binary(cx, BINARY_ADD, i, r->length);
    }
    if (IS_ERROR(i)) {
        return VALUE_ERROR;
    }
    if (int_sign(i) < 0 || int_compare(i, r->length) >= 0) {
        return exc_raise(cx, EXC_IndexError, "range object index out of range");
    }
    return item_at(cx, r, i);
}

/* The index of the int v in the range: 1, 0 when it is not there, -1: exception. */
static int find_int(Context *cx, const ObjRange *r, Value v, Value *index) {
    const bool is_up = int_sign(r->step) > 0;
    const Value low = is_up ? r->start : v;
    const Value high = is_up ? v : r->start;
    if (int_compare(low, high) > 0 || int_compare(v, r->stop) * (is_up ? 1 : -1) >= 0) {
        return 0;
    }
    const Value distance = int_binary(cx, BINARY_SUB, v, r->start);
    const Value rest = arithmetic(cx, BINARY_MOD, distance, r->step);
    *index = arithmetic(cx, BINARY_FLOORDIV, distance, r->step);
    return IS_ERROR(rest) || IS_ERROR(*index) ? -1 : rest == value_from_int(0);
}

/* How many items are equal to a value that is no int; stops at the first when it is to.
 * -1: exception. */
static int64_t count_equal(Context *cx, Value v, Value item, bool stops) {
    int64_t count = 0;
    const Value it = range_iter_new(cx, AS_RANGE(v));
    for (;;) {
        const Value x = IS_ERROR(it) ? VALUE_ERROR : iter_step(cx, it);
        if (x == VALUE_STOP) {
            return count;
        }
        const int is_equal = IS_ERROR(x) ? -1 : value_equals(cx, x, item);
        if (is_equal < 0) {
            return -1;
        }
        count += is_equal;
        if (is_equal && stops) {
            return count;
        }
    }
}

static int range_contains(Context *cx, Value v, Value item) {
    Value index;
    if (IS_INT_LIKE(item)) {
        return find_int(cx, AS_RANGE(v), item, &index);
    }
    const int64_t count = count_equal(cx, v, item, true);
    return count < 0 ? -1 : count > 0;
}

static Value range_iter(Context *cx, Value v) {
    return range_iter_new(cx, AS_RANGE(v));
}

NATIVE(range_index, "index(self, object, /)", "Return the index of value.") {
    Value index = VALUE_UNSET;
    if (!IS_INT_LIKE(args[1])) {
        const int64_t count = count_equal(cx, args[0], args[1], true);
        if (count <= 0) {
            return count < 0 ? VALUE_ERROR
                             : exc_raise(cx, EXC_ValueError,
                                         "sequence.index(x): x not in sequence");
        }
        index = value_from_int(0);
        for (Value item; (item = item_at(cx, AS_RANGE(args[0]), index)) != VALUE_ERROR;
             index = arithmetic(cx, BINARY_ADD, index, value_from_int(1))) {
            const int is_equal = value_equals(cx, item, args[1]);
            if (is_equal != 0) {
                return is_equal < 0 ? VALUE_ERROR : index;
            }
        }
        return VALUE_ERROR;
    }
    const int is_there = find_int(cx, AS_RANGE(args[0]), args[1], &index);
    if (is_there == 0) {
        const Value text = value_repr(cx, args[1]);
        return IS_ERROR(text) ? VALUE_ERROR
                              : exc_raise(cx, EXC_ValueError, "%.*s is not in range",
                                          (int)AS_STR(text)->n_bytes, AS_STR(text)->data);
    }
    return is_there < 0 ? VALUE_ERROR : index;
}

NATIVE(range_count, "count(self, object, /)", "Return how often value is in the range.") {
    Value index;
    if (IS_INT_LIKE(args[1])) {
        const int is_there = find_int(cx, AS_RANGE(args[0]), args[1], &index);
        return is_there < 0 ? VALUE_ERROR : value_from_int(is_there);
    }
    const int64_t count = count_equal(cx, args[0], args[1], false);
    return count < 0 ? VALUE_ERROR : value_from_int(count);
}

NATIVE(range_reversed, "__reversed__(self, /)",
       "Return an iterator from the last number to the first.") {
    const ObjRange *r = AS_RANGE(args[0]);
    const Value one = value_from_int(1);
    const Value start = item_at(cx, r, arithmetic(cx, BINARY_SUB, r->length, one));
    const Value stop = arithmetic(cx, BINARY_SUB, r->start, r->step);
    const Value step = int_unary(cx, UNARY_NEG, r->step);
    if (IS_ERROR(start) || IS_ERROR(stop) || IS_ERROR(step)) {
        return VALUE_ERROR;
    }
    const Value backwards = range_new(cx, start, stop, step);
    return IS_ERROR(backwards) ? VALUE_ERROR : range_iter_new(cx, AS_RANGE(backwards));
}

static Value range_start(Context *cx __attribute__((unused)), Value v) {
    return AS_RANGE(v)->start;
}

static Value range_stop(Context *cx __attribute__((unused)), Value v) {
    return AS_RANGE(v)->stop;
}

static Value range_step(Context *cx __attribute__((unused)), Value v) {
    return AS_RANGE(v)->step;
}

static const GetsetDef range_getsets[] = {
    {"start", "The first number.", range_start, NULL},
    {"stop", "The number before which the range ends.", range_stop, NULL},
    {"step", "The distance between numbers.", range_step, NULL},
    {0},
};

static const NativeDef range_methods[] = {
    NATIVE_ENTRY(range_count),
    NATIVE_ENTRY(range_index),
    NATIVE_ENTRY(range_reversed),
    {0},
};

const KindOps kind_ops_ObjRange = {
    .trace = range_trace,
    .repr = range_repr,
    .hash = range_hash,
    .compare = range_compare,
    .is_true = range_is_true,
    .length = range_length,
    .getitem = range_getitem,
    .contains = range_contains,
    .iter = range_iter,
    .construct = range_construct,
    .methods = range_methods,
    .getsets = range_getsets,
    .doc = "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\n"
           "The numbers from start up to, but not including, stop, step apart.",
};

/* Iterator */

/* Whether CPython counts it in machine integers: with numbers beyond them the iterator's
 * type has another name. */
static bool is_machine_range(const ObjRange *range) {
    int64_t start;
    int64_t stop;
    int64_t step;
    return int_to_i64(range->start, &start) && int_to_i64(range->stop, &stop) &&
           int_to_i64(range->step, &step) && step != INT64_MIN &&
           (step > 0 ? stop <= INT64_MAX - (step - 1) : stop >= INT64_MIN + (-1 - step));
}

Value range_iter_new(Context *cx, ObjRange *range) {
    const bool is_long = UNLIKELY(!range_is_small(range)) && !is_machine_range(range);
    ObjRangeIter *it =
        (ObjRangeIter *)heap_alloc_as(cx, sizeof(ObjRangeIter), KIND_RANGE_ITER,
                                      is_long ? KIND_LONGRANGE_ITER : KIND_RANGE_ITER);
    if (UNLIKELY(it == NULL)) {
        return VALUE_ERROR;
    }
    int64_t length;
    if (!int_to_i64(range->length, &length)) {
        length = INT64_MAX; /* nobody counts so far */
    }
    if (LIKELY(range_is_small(range))) {
        it->next = value_to_int(range->start);
        it->step = value_to_int(range->step);
        it->stop = it->next + length * it->step;
    } else {
        it->step = 1;
        it->stop = length;
        it->large = range;
    }
    return OBJ_VALUE(it);
}

Value range_iter_next_large(Context *cx, ObjRangeIter *it) {
    int64_t i = atomic_load_relaxed(&it->next);
    do {
        if (i == it->stop) {
            return VALUE_STOP;
        }
    } while (!atomic_cas(&it->next, &i, i + 1));
    return item_at(cx, it->large, int_from_i64(cx, i));
}

static void range_iter_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjRangeIter *)o)->large);
}

static Value range_iter_op_next(Context *cx, Value v) {
    return range_iter_next(cx, AS_RANGE_ITER(v));
}

static Value range_iter_iter(Context *cx __attribute__((unused)), Value v) {
    return v;
}

NATIVE(range_iter_length_hint, "__length_hint__(self, /)",
       "Return how many numbers are left.") {
    const ObjRangeIter *it = AS_RANGE_ITER(args[0]);
    return int_from_i64(cx, (it->stop - atomic_load_relaxed(&it->next)) / it->step);
}

/* iter(range(next number, where it ends, step)) */
NATIVE(range_iter_reduce, "__reduce__(self, /)", "Return what a copy is made of.") {
    const ObjRangeIter *it = AS_RANGE_ITER(args[0]);
    const int64_t next = atomic_load_relaxed(&it->next);
    Value rest;
    if (it->large == NULL) {
        rest = range_new(cx, value_from_int(next), int_from_i64(cx, it->stop),
                         int_from_i64(cx, it->step));
    } else {
        const Value start = item_at(cx, it->large, int_from_i64(cx, next));
        const Value stop = item_at(cx, it->large, it->large->length);
        rest = IS_ERROR(start) || IS_ERROR(stop)
                   ? VALUE_ERROR
                   : range_new(cx, start, stop, it->large->step);
    }
    return iter_reduction_of(cx, rest, VALUE_NONE);
}

/* How many numbers are to be passed over. */
static bool state_arg(Context *cx, const ObjRangeIter *it, Value v, int64_t *n) {
    if (it->large != NULL) {
        return int_index_clamped(cx, v, n);
    }
    const Value index = int_index(cx, v);
    if (!IS_ERROR(index) && !int_to_i64(index, n)) {
        exc_raise(cx, EXC_OverflowError, "Python int too large to convert to C long");
        return false;
    }
    return !IS_ERROR(index);
}

NATIVE(range_iter_setstate, "__setstate__(self, state, /)",
       "Go where a copied iterator stood.") {
    ObjRangeIter *it = AS_RANGE_ITER(args[0]);
    int64_t n;
    if (!state_arg(cx, it, args[1], &n)) {
        return VALUE_ERROR;
    }
    const int64_t next = atomic_load_relaxed(&it->next);
    const int64_t n_left = (it->stop - next) / it->step;
    n = n < 0 ? 0 : n > n_left ? n_left : n;
    atomic_store_relaxed(&it->next, next + n * it->step);
    return VALUE_NONE;
}

static const NativeDef range_iter_methods[] = {
    NATIVE_ENTRY(range_iter_length_hint),
    NATIVE_ENTRY(range_iter_reduce),
    NATIVE_ENTRY(range_iter_setstate),
    {0},
};

const KindOps kind_ops_ObjRangeIter = {
    .trace = range_iter_trace,
    .iter = range_iter_iter,
    .next = range_iter_op_next,
    .methods = range_iter_methods,
};

const KindOps kind_ops_ObjLongrangeIter = {
    .trace = range_iter_trace,
    .iter = range_iter_iter,
    .next = range_iter_op_next,
    .methods = range_iter_methods,
};

/* Slices */

Value slice_new(Context *cx, Value start, Value stop, Value step) {
    ObjSlice *slice = HEAP_NEW(cx, ObjSlice, KIND_SLICE);
    if (UNLIKELY(slice == NULL)) {
        return VALUE_ERROR;
    }
    slice->start = start;
    slice->stop = stop;
    slice->step = step;
    return OBJ_VALUE(slice);
}

static bool slice_index(Context *cx, Value v, int64_t default_index, int64_t *out) {
    if (LIKELY(IS_INT(v))) {
        *out = value_to_int(v);
        return true;
    }
    if (IS_NONE(v)) {
        *out = default_index;
        return true;
    }
    if (!seq_is_index(cx, v)) {
        exc_raise(cx, EXC_TypeError,
                  "slice indices must be integers or None or have an __index__ method");
        return false;
    }
    return int_index_clamped(cx, v, out);
}

/* Brings an index into the range that slicing a sequence of n items allows: 0 to n,
 * backwards -1 to n - 1. */
static int64_t clamp_index(int64_t i, int64_t n, bool is_backwards) {
    if (i < 0) {
        i += n;
        return i >= 0 ? i : is_backwards ? -1 : 0;
    }
    return i < n ? i : is_backwards ? n - 1 : n;
}

bool slice_resolve(Context *cx, Value slice, int64_t n, int64_t *start, int64_t *stop,
                   int64_t *step, int64_t *n_items) {
    const ObjSlice *s = AS_SLICE(slice);
    if (!slice_index(cx, s->step, 1, step)) {
        return false;
    }
    if (*step == 0) {
        exc_raise(cx, EXC_ValueError, "slice step cannot be zero");
        return false;
    }
    if (*step == INT64_MIN) {
        *step = -INT64_MAX; /* so that it can be negated */
    }
    const bool is_backwards = *step < 0;
    if (!slice_index(cx, s->start, is_backwards ? INT64_MAX : 0, start) ||
        !slice_index(cx, s->stop, is_backwards ? INT64_MIN : INT64_MAX, stop)) {
        return false;
    }
    *start = clamp_index(*start, n, is_backwards);
    *stop = clamp_index(*stop, n, is_backwards);
    if (is_backwards) {
        *n_items = *stop < *start ? (*start - *stop - 1) / -*step + 1 : 0;
    } else {
        *n_items = *start < *stop ? (*stop - *start - 1) / *step + 1 : 0;
    }
    return true;
}

static Value slice_construct(Context *cx, ObjType *type __attribute__((unused)),
                             const Value *args, int n_args, Value kwargs) {
    if (!construct_check(cx, "slice", n_args, 1, 3, kwargs)) {
        return VALUE_ERROR;
    }
    return slice_new(cx, n_args == 1 ? VALUE_NONE : args[0], args[n_args == 1 ? 0 : 1],
                     n_args == 3 ? args[2] : VALUE_NONE);
}

static void slice_trace(GcMarker *m, Obj *o) {
    const ObjSlice *slice = (const ObjSlice *)o;
    gc_mark_value(m, slice->start);
    gc_mark_value(m, slice->stop);
    gc_mark_value(m, slice->step);
}

static Value slice_repr(Context *cx, Value v) {
    const ObjSlice *s = AS_SLICE(v);
    return repr_three(cx, "slice(", (Value[]){s->start, s->stop, s->step}, VALUE_UNSET);
}

static Value slice_as_tuple(Context *cx, Value v) {
    return tuple_pack(cx, 3, AS_SLICE(v)->start, AS_SLICE(v)->stop, AS_SLICE(v)->step);
}

static bool slice_hash(Context *cx, Value v, uint64_t *hash) {
    const Value parts = slice_as_tuple(cx, v);
    return !IS_ERROR(parts) && value_hash(cx, parts, hash);
}

static Value slice_compare(Context *cx, CompareOp op, Value a, Value b) {
    if (!IS_SLICE(a) || !IS_SLICE(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const Value x = slice_as_tuple(cx, a);
    const Value y = slice_as_tuple(cx, b);
    return IS_ERROR(x) || IS_ERROR(y) ? VALUE_ERROR : seq_compare(cx, op, x, y);
}

/* A number between the brackets, of any size. */
static Value slice_number(Context *cx, Value v) {
    if (!seq_is_index(cx, v)) {
        return exc_raise(
            cx, EXC_TypeError,
            "slice indices must be integers or None or have an __index__ method");
    }
    return to_int(cx, v);
}

/* Where a slice of a sequence of that length begins or ends: v, counted from the end when
 * it is negative, and between low and high. */
static Value bounded_index(Context *cx, Value v, Value default_value, Value length,
                           Value low, Value high) {
    if (IS_NONE(v)) {
        return default_value;
    }
    Value index = slice_number(cx, v);
    if (!IS_ERROR(index) && int_sign(index) < 0) {
        index = int_binary(cx, BINARY_ADD, index, length);
    }
    if (IS_ERROR(index) || IS_ERROR(high)) {
        return VALUE_ERROR;
    }
    return int_compare(index, low) < 0    ? low
           : int_compare(index, high) > 0 ? high
                                          : index;
}

NATIVE(slice_indices, "indices(self, object, /)",
       "Return (start, stop, step) for a sequence of that length.") {
    const ObjSlice *s = AS_SLICE(args[0]);
    const Value length = int_index(cx, args[1]);
    if (IS_ERROR(length)) {
        return VALUE_ERROR;
    }
    const Value step = IS_NONE(s->step) ? value_from_int(1) : slice_number(cx, s->step);
    if (IS_ERROR(step)) {
        return VALUE_ERROR;
    }
    const int sign = int_sign(step);
    if (int_sign(length) < 0 || sign == 0) {
        return exc_raise(cx, EXC_ValueError,
                         sign == 0 ? "slice step cannot be zero"
                                   : "length should not be negative");
    }
    const Value low = value_from_int(sign < 0 ? -1 : 0);
    const Value high = sign < 0 ? int_binary(cx, BINARY_SUB, length, value_from_int(1))
                                : int_exact(cx, length);
    const Value start = bounded_index(cx, s->start, sign < 0 ? high : low, length, low, high);
    const Value stop = IS_ERROR(start) ? VALUE_ERROR
                                       : bounded_index(cx, s->stop, sign < 0 ? low : high,
                                                       length, low, high);
    return IS_ERROR(stop) ? VALUE_ERROR : tuple_pack(cx, 3, start, stop, step);
}

static Value slice_start(Context *cx __attribute__((unused)), Value v) {
    return AS_SLICE(v)->start;
}

static Value slice_stop(Context *cx __attribute__((unused)), Value v) {
    return AS_SLICE(v)->stop;
}

static Value slice_step(Context *cx __attribute__((unused)), Value v) {
    return AS_SLICE(v)->step;
}

static const GetsetDef slice_getsets[] = {
    {"start", "Where the slice begins.", slice_start, NULL},
    {"stop", "Before what the slice ends.", slice_stop, NULL},
    {"step", "The distance between items.", slice_step, NULL},
    {0},
};

static const NativeDef slice_methods[] = {NATIVE_ENTRY(slice_indices), {0}};

const KindOps kind_ops_ObjSlice = {
    .trace = slice_trace,
    .repr = slice_repr,
    .hash = slice_hash,
    .compare = slice_compare,
    .construct = slice_construct,
    .methods = slice_methods,
    .getsets = slice_getsets,
    .doc = "slice(stop)\nslice(start, stop[, step])\n\nWhat stands between the brackets "
           "of a[1:2].",
};
