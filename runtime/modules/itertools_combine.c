/* itertools_combine.c - product, permutations, combinations and
 * combinations_with_replacement: rows of items chosen by a vector of indices that counts
 * up.
 *
 * Each step is made under the object's lock: it runs no code of a script. */

#include "runtime/gc/mark.h"
#include "runtime/modules/itertools.h"
#include "runtime/objects/int.h"
#include "runtime/objects/objlock.h"

enum { COMBINE_FRESH, COMBINE_RUNNING, COMBINE_DONE };

typedef struct ObjCombine {
    Obj header;
    Value
        pool; /* [const] a tuple of the items; of product: of one such tuple for each column */
    size_t n_columns; /* [const] items in a row */
    uint8_t phase;    /* [lock] */
    int64_t numbers
        []; /* [lock] the indices: one for each column; permutations: one for each item
                          of the pool, then one cycle for each column */
} ObjCombine;

#define AS_COMBINE(v)       ((ObjCombine *)AS_OBJ(v))
#define COMBINE_MAX_NUMBERS ((size_t)1 << 32)

static ObjCombine *combine_new(Context *cx, ObjKind kind, Value pool, size_t n_columns,
                               size_t n_numbers) {
    if (n_numbers > COMBINE_MAX_NUMBERS) {
        exc_raise_no_memory(cx);
        return NULL;
    }
    ObjCombine *it = (ObjCombine *)heap_alloc(
        cx, sizeof(ObjCombine) + n_numbers * sizeof(int64_t), kind, kind);
    if (it != NULL) {
        it->pool = pool;
        it->n_columns = n_columns;
    }
    return it;
}

static void combine_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjCombine *)o)->pool);
}

/* Runs one step under the lock: advance says whether there is another row. */
static Value combine_step(Context *cx, ObjCombine *it, bool (*advance)(ObjCombine *it),
                          Value (*item)(const ObjCombine *it, size_t column)) {
    ObjTuple *row = tuple_new(cx, it->n_columns);
    if (row == NULL) {
        return VALUE_ERROR;
    }
    const bool is_locked = objlock_lock(cx, &it->header);
    if (it->phase == COMBINE_FRESH) {
        it->phase = COMBINE_RUNNING;
    } else if (it->phase == COMBINE_RUNNING && !advance(it)) {
        it->phase = COMBINE_DONE;
    }
    const bool is_done = it->phase == COMBINE_DONE;
    for (size_t i = 0; !is_done && i < it->n_columns; i++) {
        row->items[i] = item(it, i);
    }
    objlock_unlock(cx, &it->header, is_locked);
    return is_done ? VALUE_STOP : OBJ_VALUE(row);
}

static Value pool_item(const ObjCombine *it, size_t column) {
    return AS_TUPLE(it->pool)->items[it->numbers[column]];
}

/* product */

CONSTRUCT(product_construct) {
    Value repeat = VALUE_UNSET;
    int64_t times = 1;
    if (construct_has_kwargs(kwargs)) {
        static const char *const parameters[] = {"*repeat", NULL};
        if (!construct_arguments(cx, "product", parameters, 0, NULL, 0, kwargs,
                                 &repeat) ||
            !arg_int(cx, repeat, &times)) {
            return VALUE_ERROR;
        }
        if (times < 0) {
            return exc_raise(cx, EXC_ValueError, "repeat argument cannot be negative");
        }
    }
    size_t n;
    if (__builtin_mul_overflow((size_t)n_args, (size_t)times, &n) ||
        n > COMBINE_MAX_NUMBERS) {
        return exc_raise(cx, EXC_OverflowError, "repeat argument too large");
    }
    ObjTuple *pools = tuple_new(cx, n);
    if (pools == NULL) {
        return VALUE_ERROR;
    }
    bool is_empty = false;
    for (size_t i = 0; i < n; i++) {
        const Value pool = i < (size_t)n_args ? tuple_from_iterable(cx, args[i])
                                              : pools->items[i - (size_t)n_args];
        if (IS_ERROR(pool)) {
            return VALUE_ERROR;
        }
        pools->items[i] = pool;
        is_empty = is_empty || AS_TUPLE(pool)->n == 0;
    }
    ObjCombine *it = combine_new(cx, KIND_PRODUCT, OBJ_VALUE(pools), n, n);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->phase = is_empty ? COMBINE_DONE : COMBINE_FRESH;
    return OBJ_VALUE(it);
}

static bool product_advance(ObjCombine *it) {
    const ObjTuple *pools = AS_TUPLE(it->pool);
    for (size_t i = it->n_columns; i-- > 0;) {
        if (++it->numbers[i] < (int64_t)AS_TUPLE(pools->items[i])->n) {
            return true;
        }
        it->numbers[i] = 0;
    }
    return false;
}

static Value product_item(const ObjCombine *it, size_t column) {
    return AS_TUPLE(AS_TUPLE(it->pool)->items[column])->items[it->numbers[column]];
}

static Value product_next(Context *cx, Value v) {
    return combine_step(cx, AS_COMBINE(v), product_advance, product_item);
}

const KindOps kind_ops_ObjProduct = {
    .trace = combine_trace,
    .iter = itertool_self,
    .next = product_next,
    .construct = product_construct,
    .doc = "product(*iterables, repeat=1)\n--\n\nAn iterator over the rows that nested "
           "loops "
           "over the iterables would give.",
};

/* permutations, combinations, combinations_with_replacement: an iterable and a number */

/* The pool and the number of columns; *r VALUE_UNSET or None: all of it, where is_optional. */
static Value pool_and_columns(Context *cx, const char *name, bool is_optional,
                              const Value *args, int n_args, Value kwargs, int64_t *r) {
    static const char *const parameters[] = {"iterable", "r", NULL};
    Value out[2];
    if (!construct_arguments(cx, name, parameters, is_optional ? 1 : 2, args, n_args,
                             kwargs, out)) {
        return VALUE_ERROR;
    }
    if (!is_optional && !arg_int(cx, out[1], r)) {
        return VALUE_ERROR;
    }
    const Value pool = tuple_from_iterable(cx, out[0]);
    if (IS_ERROR(pool)) {
        return VALUE_ERROR;
    }
    if (is_optional && (IS_UNSET(out[1]) || IS_NONE(out[1]))) {
        *r = (int64_t)AS_TUPLE(pool)->n;
        return pool;
    }
    if (is_optional && !IS_INT_LIKE(out[1])) {
        return exc_raise(cx, EXC_TypeError, "Expected int as r");
    }
    if (is_optional && !arg_int(cx, out[1], r)) {
        return VALUE_ERROR;
    }
    return *r < 0 ? exc_raise(cx, EXC_ValueError, "r must be non-negative") : pool;
}

CONSTRUCT(permutations_construct) {
    int64_t r;
    const Value pool =
        pool_and_columns(cx, "permutations", true, args, n_args, kwargs, &r);
    if (IS_ERROR(pool)) {
        return VALUE_ERROR;
    }
    const size_t n = AS_TUPLE(pool)->n;
    const bool is_empty = (size_t)r > n;
    const size_t columns = is_empty ? 0 : (size_t)r;
    ObjCombine *it = combine_new(cx, KIND_PERMUTATIONS, pool, columns, n + columns);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    for (size_t i = 0; i < n; i++) {
        it->numbers[i] = (int64_t)i;
    }
    for (size_t i = 0; i < columns; i++) {
        it->numbers[n + i] = (int64_t)(n - i);
    }
    it->phase = is_empty ? COMBINE_DONE : COMBINE_FRESH;
    return OBJ_VALUE(it);
}

/* Column i changes places with each item behind it in turn; when it has had all of them the
 * items behind are rotated back to their order and the column before it moves on. */
static bool permutations_advance(ObjCombine *it) {
    const size_t n = AS_TUPLE(it->pool)->n;
    int64_t *indices = it->numbers;
    int64_t *cycles = it->numbers + n;
    for (size_t i = it->n_columns; i-- > 0;) {
        if (--cycles[i] > 0) {
            const size_t j = n - (size_t)cycles[i];
            const int64_t swapped = indices[i];
            indices[i] = indices[j];
            indices[j] = swapped;
            return true;
        }
        const int64_t first = indices[i];
        memmove(&indices[i], &indices[i + 1], (n - i - 1) * sizeof *indices);
        indices[n - 1] = first;
        cycles[i] = (int64_t)(n - i);
    }
    return false;
}

static Value permutations_next(Context *cx, Value v) {
    return combine_step(cx, AS_COMBINE(v), permutations_advance, pool_item);
}

const KindOps kind_ops_ObjPermutations = {
    .trace = combine_trace,
    .iter = itertool_self,
    .next = permutations_next,
    .construct = permutations_construct,
    .doc = "permutations(iterable, r=None)\n--\n\nAn iterator over the rows of r items "
           "in every "
           "order.",
};

CONSTRUCT(combinations_construct) {
    int64_t r;
    const Value pool =
        pool_and_columns(cx, "combinations", false, args, n_args, kwargs, &r);
    if (IS_ERROR(pool)) {
        return VALUE_ERROR;
    }
    const bool is_empty = (size_t)r > AS_TUPLE(pool)->n;
    const size_t columns = is_empty ? 0 : (size_t)r;
    ObjCombine *it = combine_new(cx, KIND_COMBINATIONS, pool, columns, columns);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    for (size_t i = 0; i < columns; i++) {
        it->numbers[i] = (int64_t)i;
    }
    it->phase = is_empty ? COMBINE_DONE : COMBINE_FRESH;
    return OBJ_VALUE(it);
}

/* The last column that can move on does; those behind it follow in order. */
static bool combinations_advance(ObjCombine *it) {
    const size_t n = AS_TUPLE(it->pool)->n;
    const size_t r = it->n_columns;
    for (size_t i = r; i-- > 0;) {
        if (it->numbers[i] < (int64_t)(n - r + i)) {
            it->numbers[i]++;
            for (size_t k = i + 1; k < r; k++) {
                it->numbers[k] = it->numbers[k - 1] + 1;
            }
            return true;
        }
    }
    return false;
}

static Value combinations_next(Context *cx, Value v) {
    return combine_step(cx, AS_COMBINE(v), combinations_advance, pool_item);
}

const KindOps kind_ops_ObjCombinations = {
    .trace = combine_trace,
    .iter = itertool_self,
    .next = combinations_next,
    .construct = combinations_construct,
    .doc = "combinations(iterable, r)\n--\n\nAn iterator over the rows of r items in the "
           "order "
           "of the iterable.",
};

CONSTRUCT(combinations_wr_construct) {
    int64_t r;
    const Value pool = pool_and_columns(cx, "combinations_with_replacement", false, args,
                                        n_args, kwargs, &r);
    if (IS_ERROR(pool)) {
        return VALUE_ERROR;
    }
    const bool is_empty = AS_TUPLE(pool)->n == 0 && r > 0;
    const size_t columns = is_empty ? 0 : (size_t)r;
    ObjCombine *it = combine_new(cx, KIND_COMBINATIONS_WR, pool, columns, columns);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->phase = is_empty ? COMBINE_DONE : COMBINE_FRESH;
    return OBJ_VALUE(it);
}

static bool combinations_wr_advance(ObjCombine *it) {
    const int64_t last = (int64_t)AS_TUPLE(it->pool)->n - 1;
    for (size_t i = it->n_columns; i-- > 0;) {
        if (it->numbers[i] < last) {
            const int64_t next = it->numbers[i] + 1;
            for (size_t k = i; k < it->n_columns; k++) {
                it->numbers[k] = next;
            }
            return true;
        }
    }
    return false;
}

static Value combinations_wr_next(Context *cx, Value v) {
    return combine_step(cx, AS_COMBINE(v), combinations_wr_advance, pool_item);
}

const KindOps kind_ops_ObjCombinationsWr = {
    .trace = combine_trace,
    .iter = itertool_self,
    .next = combinations_wr_next,
    .construct = combinations_wr_construct,
    .doc =
        "combinations_with_replacement(iterable, r)\n--\n\nThe same, but an item may be "
        "chosen more than once.",
};
