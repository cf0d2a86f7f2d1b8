/* mod_math_sum.c - functions of the module math over many numbers: sums, products, lengths of vectors. */

#include <float.h>
#include <math.h>

#include "runtime/base/mem.h"
#include "runtime/modules/mod_math.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/tuple.h"

/* ---- fsum, prod ---- */

/* Exact partial sums that do not overlap, smallest first: Shewchuk, "Adaptive Precision Floating-Point Arithmetic",
 * 1997. Their highest bits are different ones of the 2098 that doubles have. */
enum { PARTIALS_MAX = 2098 };

typedef struct ExactSum {
    int n;
    double special;    /* sum of infinities and NaNs */
    double infinities; /* sum of the infinities alone: a NaN when both signs occur */
    bool has_special;
    bool overflowed;
    double partials[PARTIALS_MAX]; /* the first n are in use */
} ExactSum;

static void exact_sum_open(ExactSum *sum) {
    sum->n = 0;
    sum->special = 0.0;
    sum->infinities = 0.0;
    sum->has_special = false;
    sum->overflowed = false;
}

static void exact_sum_add(ExactSum *sum, double x) {
    if (!isfinite(x)) {
        sum->special += x;
        sum->infinities += isinf(x) ? x : 0.0;
        sum->has_special = true;
        return;
    }
    int kept = 0;
    for (int i = 0; i < sum->n; i++) {
        double y = sum->partials[i];
        if (fabs(x) < fabs(y)) {
            double t = x;
            x = y;
            y = t;
        }
        volatile double high = x + y;
        volatile double low = y - (high - x);
        if (low != 0.0) {
            sum->partials[kept++] = low;
        }
        x = high;
    }
    if (!isfinite(x)) {
        sum->overflowed = true;
        x = 0.0;
    }
    sum->n = kept;
    if (x != 0.0) {
        sum->partials[sum->n++] = x;
    }
}

/* The sum of the partial sums, rounded once, halves to even. */
static double exact_sum_round(const ExactSum *sum) {
    int n = sum->n;
    if (n == 0) {
        return 0.0;
    }
    double high = sum->partials[--n];
    double low = 0.0;
    while (n > 0) {
        double x = high;
        double y = sum->partials[--n];
        high = x + y;
        low = y - (high - x);
        if (low != 0.0) {
            break;
        }
    }
    if (n > 0 && ((low < 0.0 && sum->partials[n - 1] < 0.0) ||
                  (low > 0.0 && sum->partials[n - 1] > 0.0))) {
        double twice = low * 2.0;
        double x = high + twice;
        if (twice == x - high) {
            high = x;
        }
    }
    return high;
}

NATIVE(math_fsum, "fsum(seq, /)",
       "The sum of the numbers in seq, without loss of precision.") {
    Value iterator = value_iter(cx, args[0]);
    if (IS_ERROR(iterator)) {
        return iterator;
    }
    ExactSum sum;
    exact_sum_open(&sum);
    for (;;) {
        Value item = value_next(cx, iterator);
        double x;
        if (IS_STOP(item)) {
            break;
        }
        if (IS_ERROR(item) || !float_arg(cx, item, &x)) {
            return VALUE_ERROR;
        }
        exact_sum_add(&sum, x);
    }
    if (sum.overflowed) {
        return exc_raise(cx, EXC_OverflowError, "intermediate overflow in fsum");
    }
    if (sum.has_special) {
        return isnan(sum.infinities) ? exc_raise(cx, EXC_ValueError, "-inf + inf in fsum")
                                     : value_from_double_any(sum.special);
    }
    return value_from_double(exact_sum_round(&sum));
}

NATIVE(math_prod, "prod(iterable, /, *, start=1)",
       "The product of start and the items.") {
    Value product = IS_UNSET(args[1]) ? value_from_int(1) : args[1];
    Value iterator = value_iter(cx, args[0]);
    while (!IS_ERROR(iterator)) {
        Value item = value_next(cx, iterator);
        if (IS_STOP(item)) {
            return product;
        }
        if (IS_ERROR(item)) {
            return item;
        }
        product = value_binary(cx, BINARY_MUL, product, item);
        if (IS_ERROR(product)) {
            return product;
        }
    }
    return iterator;
}

/* ---- sumprod ---- */

/* sumprod goes through three phases, each as long as the pairs allow and never again
 * afterwards: machine integers, floats (one of the two may be an int), any values. */

/* A sum in three doubles of falling size: T. Ogita, S. Rump, S. Oishi, "Accurate sum and dot
 * product", 2005. */
typedef struct TripleSum {
    double high;
    double low;
    double tiny;
} TripleSum;

/* a + b rounded, and what was lost. */
static double add_exactly(double a, double b, double *lost) {
    const double sum = a + b;
    const double z = sum - a;
    *lost = (a - (sum - z)) + (b - z);
    return sum;
}

static TripleSum triple_add_product(TripleSum sum, double x, double y) {
    const double product = x * y;
    double lost_high;
    double lost_low;
    double lost;
    const double high = add_exactly(sum.high, product, &lost_high);
    const double low = add_exactly(sum.low, fma(x, y, -product), &lost_low);
    const double rest = add_exactly(low, lost_high, &lost);
    return (TripleSum){high, rest, sum.tiny + lost_low + lost};
}

typedef struct ProductSum {
    Value total; /* of what is behind: finished phases and other values */
    int64_t ints;
    TripleSum floats;
    bool has_ints; /* the phase has not ended */
    bool has_floats;
    bool used_floats;
} ProductSum;

static bool add_to_total(Context *cx, ProductSum *sum, Value v) {
    sum->total = IS_ERROR(v) ? v : value_binary(cx, BINARY_ADD, sum->total, v);
    return !IS_ERROR(sum->total);
}

static bool is_exact_int(Value v) {
    return IS_INT(v) || IS_EXACT(v, KIND_INT);
}

static bool add_ints(ProductSum *sum, Value a, Value b) {
    int64_t x;
    int64_t y;
    int64_t product;
    int64_t next;
    if (!is_exact_int(a) || !is_exact_int(b) || !int_to_i64(a, &x) ||
        !int_to_i64(b, &y) || __builtin_mul_overflow(x, y, &product) ||
        __builtin_add_overflow(sum->ints, product, &next)) {
        return false;
    }
    sum->ints = next;
    return true;
}

static bool end_ints(Context *cx, ProductSum *sum) {
    sum->has_ints = false;
    return add_to_total(cx, sum, int_from_i64(cx, sum->ints));
}

/* 1: added, 0: not a pair for floats, -1: exception. */
static int add_floats(Context *cx, ProductSum *sum, Value a, Value b) {
    double x;
    double y;
    if (!(IS_FLOAT(a) && (IS_FLOAT(b) || IS_INT_LIKE(b))) &&
        !(IS_FLOAT(b) && IS_INT_LIKE(a))) {
        return 0;
    }
    if (!float_from_number(cx, a, &x) || !float_from_number(cx, b, &y)) {
        return exc_take_if(cx, EXC_OverflowError) ? 0 : -1;
    }
    const TripleSum next = triple_add_product(sum->floats, x, y);
    if (!isfinite(next.high)) {
        return 0;
    }
    sum->floats = next;
    sum->used_floats = true;
    return 1;
}

static bool end_floats(Context *cx, ProductSum *sum) {
    double lost;
    const double rest = add_exactly(sum->floats.low, sum->floats.tiny, &lost);
    sum->has_floats = false;
    return !sum->used_floats ||
           add_to_total(cx, sum, value_from_double_any(sum->floats.high + rest));
}

static bool add_product(Context *cx, ProductSum *sum, Value a, Value b) {
    if (sum->has_ints) {
        if (add_ints(sum, a, b)) {
            return true;
        }
        if (!end_ints(cx, sum)) {
            return false;
        }
    }
    if (sum->has_floats) {
        const int added = add_floats(cx, sum, a, b);
        if (added != 0) {
            return added > 0;
        }
        if (!end_floats(cx, sum)) {
            return false;
        }
    }
    return add_to_total(cx, sum, value_binary(cx, BINARY_MUL, a, b));
}

NATIVE(math_sumprod, "sumprod(p, q, /)",
       "The sum of the products of the items of p and q.") {
    const Value left = value_iter(cx, args[0]);
    const Value right = IS_ERROR(left) ? left : value_iter(cx, args[1]);
    if (IS_ERROR(right)) {
        return right;
    }
    ProductSum sum = {.total = value_from_int(0), .has_ints = true, .has_floats = true};
    for (;;) {
        const Value a = value_next(cx, left);
        const Value b = IS_ERROR(a) ? a : value_next(cx, right);
        if (IS_ERROR(b)) {
            return b;
        }
        if (IS_STOP(a) != IS_STOP(b)) {
            return exc_raise(cx, EXC_ValueError, "Inputs are not the same length");
        }
        if (IS_STOP(a)) {
            break;
        }
        if (!add_product(cx, &sum, a, b)) {
            return VALUE_ERROR;
        }
    }
    const bool is_ok = (!sum.has_ints || end_ints(cx, &sum)) &&
                       (!sum.has_floats || end_floats(cx, &sum));
    return is_ok ? sum.total : VALUE_ERROR;
}

/* ---- hypot, dist ---- */

/* The sum of the squares of numbers below 1, and what rounding took from it. */
typedef struct SquareSum {
    double high; /* one more than the sum, so that it is larger than each square */
    double lost_squares;
    double lost_sums;
} SquareSum;

/* Adds x * y, with abs(x * y) < sum.high. */
static void add_square(SquareSum *sum, double x, double y) {
    const double product = x * y;
    const double high = sum->high + product;
    sum->lost_squares += fma(x, y, -product);
    sum->lost_sums += product - (high - sum->high);
    sum->high = high;
}

static double square_sum_value(const SquareSum *sum) {
    return sum->high - 1.0 + (sum->lost_squares + sum->lost_sums);
}

/* The length of n numbers times scale, a power of 2 that makes the largest one less than 1: so squares neither overflow nor
 * vanish. What the root lost comes back by one step of Newton's. The steps are those of CPython, so that results agree to
 * the last bit. */
static double scaled_length(const double *values, size_t n, double scale) {
    SquareSum sum = {.high = 1.0};
    for (size_t i = 0; i < n; i++) {
        const double x = values[i] * scale;
        add_square(&sum, x, x);
    }
    const double root = sqrt(square_sum_value(&sum));
    add_square(&sum, -root, root);
    return (root + square_sum_value(&sum) / (2.0 * root)) / scale;
}

static double vector_length(double *values, size_t n) {
    enum { EXPONENT_MIN = -1023 };
    double largest = 0.0;
    bool has_nan = false;
    for (size_t i = 0; i < n; i++) {
        const double x = fabs(values[i]);
        if (isinf(x)) {
            return x;
        }
        has_nan = has_nan || isnan(x);
        largest = x > largest ? x : largest;
    }
    if (has_nan || largest == 0.0 || n <= 1) {
        return has_nan ? NAN : largest;
    }
    int exponent;
    frexp(largest, &exponent);
    if (exponent >= EXPONENT_MIN) {
        return scaled_length(values, n, ldexp(1.0, -exponent));
    }
    for (size_t i = 0; i < n; i++) { /* their scale would be too large for a double */
        values[i] /= DBL_MIN;
    }
    return DBL_MIN * vector_length(values, n);
}

/* Room for n numbers: a few are part of the struct. */
enum { VECTOR_ROOM = 16 };
typedef struct Vector {
    double *values;
    double room[VECTOR_ROOM];
} Vector;

static void vector_open(Vector *vector, size_t n) {
    vector->values = n <= VECTOR_ROOM ? vector->room : mem_alloc(n * sizeof(double));
}

static void vector_close(Vector *vector) {
    if (vector->values != vector->room) {
        mem_free(vector->values);
    }
}

NATIVE(math_hypot, "hypot(*coordinates)",
       "The length of the vector with these coordinates.") {
    Vector vector;
    vector_open(&vector, (size_t)n_args);
    bool is_ok = true;
    for (int i = 0; i < n_args && is_ok; i++) {
        is_ok = float_arg(cx, args[i], &vector.values[i]);
    }
    const double length = is_ok ? vector_length(vector.values, (size_t)n_args) : 0.0;
    vector_close(&vector);
    return is_ok ? value_from_double_any(length) : VALUE_ERROR;
}

NATIVE(math_dist, "dist(p, q, /)",
       "The distance of two points given as sequences of coordinates.") {
    Value p = tuple_from_iterable(cx, args[0]);
    Value q = IS_ERROR(p) ? p : tuple_from_iterable(cx, args[1]);
    if (IS_ERROR(q)) {
        return q;
    }
    const size_t n = AS_TUPLE(p)->n;
    if (n != AS_TUPLE(q)->n) {
        return exc_raise(cx, EXC_ValueError,
                         "both points must have the same number of dimensions");
    }
    Vector vector;
    vector_open(&vector, n);
    bool is_ok = true;
    for (size_t i = 0; i < n && is_ok; i++) {
        double x = 0.0;
        double y = 0.0;
        is_ok = float_arg(cx, AS_TUPLE(p)->items[i], &x) &&
                float_arg(cx, AS_TUPLE(q)->items[i], &y);
        vector.values[i] = x - y;
    }
    const double length = is_ok ? vector_length(vector.values, n) : 0.0;
    vector_close(&vector);
    return is_ok ? value_from_double_any(length) : VALUE_ERROR;
}

const NativeDef math_sum_functions[] = {
    NATIVE_ENTRY(math_fsum),  NATIVE_ENTRY(math_prod), NATIVE_ENTRY(math_sumprod),
    NATIVE_ENTRY(math_hypot), NATIVE_ENTRY(math_dist), {0},
};
