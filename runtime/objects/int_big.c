/* int_big.c - arithmetic with large integers, over GMP's mpn functions.
 *
 * Results are computed in the memory of the object that will hold them; what else is
 * needed is on the C stack, or in malloc'ed memory when it is large. */

#include "runtime/objects/int_big.h"

#include <math.h>

#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"

/* More limbs than any machine has memory for, and few enough that nothing overflows. */
#define LIMBS_MAX ((size_t)1 << 40)

ObjInt *int_alloc(Context *cx, size_t n_limbs) {
    if (UNLIKELY(n_limbs > LIMBS_MAX)) {
        exc_raise_no_memory(cx);
        return NULL;
    }
    return (ObjInt *)heap_alloc(cx, sizeof(ObjInt) + n_limbs * sizeof(mp_limb_t),
                                KIND_INT, KIND_INT);
}

Value int_finish(ObjInt *big, int64_t n_limbs, bool is_negative) {
    while (n_limbs > 0 && big->limbs[n_limbs - 1] == 0) {
        n_limbs--;
    }
    if (n_limbs <= 1) {
        const mp_limb_t limb = n_limbs == 0 ? 0 : big->limbs[0];
        if (limb <= (mp_limb_t)VALUE_INT_MAX ||
            (is_negative && limb == (mp_limb_t)VALUE_INT_MAX + 1)) {
            return value_from_int(is_negative ? -(int64_t)limb : (int64_t)limb);
        }
    }
    big->n_limbs = is_negative ? -n_limbs : n_limbs;
    return OBJ_VALUE(big);
}

Value int_from_limbs(Context *cx, const mp_limb_t *limbs, int64_t n_limbs,
                     bool is_negative) {
    if (n_limbs == 0 || (n_limbs == 1 && limbs[0] <= (mp_limb_t)VALUE_INT_MAX)) {
        const int64_t i = n_limbs == 0 ? 0 : (int64_t)limbs[0];
        return value_from_int(is_negative ? -i : i);
    }
    ObjInt *big = int_alloc(cx, (size_t)n_limbs);
    if (big == NULL) {
        return VALUE_ERROR;
    }
    memcpy(big->limbs, limbs, (size_t)n_limbs * sizeof *limbs);
    return int_finish(big, n_limbs, is_negative);
}

Value int_from_mpz(Context *cx, mpz_ptr z) {
    const Value v =
        int_from_limbs(cx, mpz_limbs_read(z), (int64_t)mpz_size(z), mpz_sgn(z) < 0);
    mpz_clear(z);
    return v;
}

/* Addition and subtraction */

static Value add_magnitudes(Context *cx, const IntView *a, const IntView *b,
                            bool is_negative) {
    if (a->n < b->n) {
        const IntView *swap = a;
        a = b;
        b = swap;
    }
    ObjInt *sum = int_alloc(cx, (size_t)a->n + 1);
    if (sum == NULL) {
        return VALUE_ERROR;
    }
    if (b->n == 0) {
        mpn_copyi(sum->limbs, a->limbs, a->n);
    } else {
        sum->limbs[a->n] = b->n == 1
                               ? mpn_add_1(sum->limbs, a->limbs, a->n, b->limbs[0])
                               : mpn_add(sum->limbs, a->limbs, a->n, b->limbs, b->n);
    }
    return int_finish(sum, a->n + 1, is_negative);
}

static int compare_magnitudes(const IntView *a, const IntView *b) {
    if (a->n != b->n) {
        return a->n < b->n ? -1 : 1;
    }
    return a->n == 0 ? 0 : mpn_cmp(a->limbs, b->limbs, a->n);
}

/* |a| - |b|, negated when is_negative. */
static Value subtract_magnitudes(Context *cx, const IntView *a, const IntView *b,
                                 bool is_negative) {
    const int order = compare_magnitudes(a, b);
    if (order == 0) {
        return value_from_int(0);
    }
    if (order < 0) {
        const IntView *swap = a;
        a = b;
        b = swap;
        is_negative = !is_negative;
    }
    ObjInt *rest = int_alloc(cx, (size_t)a->n);
    if (rest == NULL) {
        return VALUE_ERROR;
    }
    if (b->n == 0) {
        mpn_copyi(rest->limbs, a->limbs, a->n);
    } else if (b->n == 1) {
        mpn_sub_1(rest->limbs, a->limbs, a->n, b->limbs[0]);
    } else {
        mpn_sub(rest->limbs, a->limbs, a->n, b->limbs, b->n);
    }
    return int_finish(rest, a->n, is_negative);
}

static Value add(Context *cx, const IntView *a, const IntView *b, bool negates_b) {
    const bool b_is_negative = b->is_negative != negates_b;
    return a->is_negative == b_is_negative
               ? add_magnitudes(cx, a, b, a->is_negative)
               : subtract_magnitudes(cx, a, b, a->is_negative);
}

/* Multiplication */

/* mpn_mul and its siblings need memory of their own for large numbers, of which the heap knows
 * nothing: about twice the result (squaring again and again under --max-memory 200M, which then
 * peaks at 174 MB). False: MemoryError pending. */
static bool has_room_to_work(Context *cx, size_t n_limbs) {
    return LIKELY(n_limbs < 1 << 16) || heap_could_hold(cx->rt->heap, 3 * n_limbs * sizeof(mp_limb_t)) ||
           (exc_raise_no_memory(cx), false);
}

static Value multiply(Context *cx, const IntView *a, const IntView *b) {
    if (a->n < b->n) {
        const IntView *swap = a;
        a = b;
        b = swap;
    }
    if (b->n == 0) {
        return value_from_int(0);
    }
    const size_t n_limbs = (size_t)a->n + (size_t)b->n;
    ObjInt *product = has_room_to_work(cx, n_limbs) ? int_alloc(cx, n_limbs) : NULL;
    if (product == NULL) {
        return VALUE_ERROR;
    }
    if (b->n == 1) {
        product->limbs[a->n] = mpn_mul_1(product->limbs, a->limbs, a->n, b->limbs[0]);
    } else if (a->limbs == b->limbs) {
        mpn_sqr(product->limbs, a->limbs, a->n);
    } else {
        mpn_mul(product->limbs, a->limbs, a->n, b->limbs, b->n);
    }
    return int_finish(product, a->n + b->n, a->is_negative != b->is_negative);
}

/* Floor division: |a| = q * |b| + r; where the signs differ and r is not 0, the
 * quotient is one more (in magnitude) and the remainder |b| - r. The remainder has the
 * sign of b. */

static bool divide_by_limb(Context *cx, const IntView *a, const IntView *b,
                           Value *quotient, Value *remainder) {
    const mp_limb_t d = b->limbs[0];
    const bool differs = a->is_negative != b->is_negative;
    mp_limb_t r;
    if (quotient == NULL) {
        r = mpn_mod_1(a->limbs, a->n, d);
    } else {
        ObjInt *q = int_alloc(cx, (size_t)a->n + 1);
        if (q == NULL) {
            return false;
        }
        r = mpn_divrem_1(q->limbs, 0, a->limbs, a->n, d);
        if (differs && r != 0) {
            mpn_add_1(q->limbs, q->limbs, a->n + 1, 1);
        }
        *quotient = int_finish(q, a->n + 1, differs);
    }
    if (remainder != NULL) {
        if (differs && r != 0) {
            r = d - r;
        }
        *remainder = int_from_limbs(cx, &r, 1, b->is_negative);
        return !IS_ERROR(*remainder);
    }
    return true;
}

/* |a| < |b|: the quotient is 0, or -1 when the signs differ. */
static bool divide_by_larger(Context *cx, const IntView *a, const IntView *b,
                             Value a_value, Value *quotient, Value *remainder) {
    const bool differs = a->n != 0 && a->is_negative != b->is_negative;
    if (quotient != NULL) {
        *quotient = value_from_int(differs ? -1 : 0);
    }
    if (remainder != NULL) {
        *remainder = differs ? add(cx, a, b, false) : int_exact(cx, a_value);
        return !IS_ERROR(*remainder);
    }
    return true;
}

static bool divide_general(Context *cx, const IntView *a, const IntView *b,
                           Value *quotient, Value *remainder) {
    const size_t n_q = (size_t)(a->n - b->n + 1);
    ObjInt *q = NULL;
    ObjInt *r = NULL;
    if (!has_room_to_work(cx, (size_t)a->n)) {
        return false;
    }
    if ((quotient != NULL && (q = int_alloc(cx, n_q + 1)) == NULL) ||
        (remainder != NULL && (r = int_alloc(cx, (size_t)b->n)) == NULL)) {
        return false;
    }
    Scratch scratch;
    scratch_open(&scratch, q == NULL ? n_q : r == NULL ? (size_t)b->n : 0);
    mp_limb_t *q_limbs = q == NULL ? scratch.limbs : q->limbs;
    mp_limb_t *r_limbs = r == NULL ? scratch.limbs : r->limbs;
    mpn_tdiv_qr(q_limbs, r_limbs, 0, a->limbs, a->n, b->limbs, b->n);
    const bool differs = a->is_negative != b->is_negative;
    const bool adjusts = differs && !mpn_zero_p(r_limbs, b->n);
    if (q != NULL) {
        q->limbs[n_q] = adjusts ? mpn_add_1(q->limbs, q->limbs, (mp_size_t)n_q, 1) : 0;
        *quotient = int_finish(q, (int64_t)n_q + 1, differs);
    }
    if (r != NULL) {
        if (adjusts) {
            mpn_sub_n(r->limbs, b->limbs, r->limbs, b->n);
        }
        *remainder = int_finish(r, b->n, b->is_negative);
    }
    scratch_close(&scratch);
    return true;
}

bool int_big_divmod(Context *cx, Value a_value, Value b_value, Value *quotient,
                    Value *remainder) {
    IntView a;
    IntView b;
    int_view(&a, a_value);
    int_view(&b, b_value);
    if (b.n == 0) {
        exc_raise(cx, EXC_ZeroDivisionError,
                  quotient == NULL ? "integer modulo by zero"
                                   : "integer division or modulo by zero");
        return false;
    }
    if (compare_magnitudes(&a, &b) < 0) {
        return divide_by_larger(cx, &a, &b, a_value, quotient, remainder);
    }
    return b.n == 1 ? divide_by_limb(cx, &a, &b, quotient, remainder)
                    : divide_general(cx, &a, &b, quotient, remainder);
}

/* Doubles */

/* The 64 bits of the number that begin at its highest; the lowest also tells whether
 * any below is set. */
static uint64_t top_bits(const IntView *view, int64_t n_bits) {
    const int64_t shift = n_bits - LIMB_BITS;
    const int64_t limb = shift / LIMB_BITS;
    const unsigned bit = (unsigned)(shift % LIMB_BITS);
    uint64_t top = view->limbs[limb] >> bit;
    if (bit > 0) {
        top |= view->limbs[limb + 1] << (LIMB_BITS - bit);
    }
    bool is_cut = bit > 0 && view->limbs[limb] << (LIMB_BITS - bit) != 0;
    for (int64_t i = 0; i < limb && !is_cut; i++) {
        is_cut = view->limbs[i] != 0;
    }
    return top | is_cut;
}

double int_big_to_double(const IntView *view) {
    const int64_t n_bits = int_view_bits(view);
    double magnitude;
    if (n_bits <= LIMB_BITS) {
        magnitude = view->n == 0 ? 0.0 : (double)view->limbs[0];
    } else if (n_bits > 1024) {
        magnitude = HUGE_VAL;
    } else {
        /* Eleven bits are lost in the conversion, which rounds to even; the mark below
         * them is enough. */
        magnitude = ldexp((double)top_bits(view, n_bits), (int)(n_bits - LIMB_BITS));
    }
    return view->is_negative ? -magnitude : magnitude;
}

/* True division, correctly rounded: a quotient of 65 or 66 bits and a mark for the
 * rest, which are rounded once, at the place that a small result (with fewer bits) asks
 * for. */
static Value true_divide(Context *cx, const IntView *a, const IntView *b) {
    enum { QUOTIENT_BITS = 66, EXPONENT_MIN = -1074, SIGNIFICAND_BITS = 53 };
    if (b->n == 0) {
        return exc_raise(cx, EXC_ZeroDivisionError, "division by zero");
    }
    if (a->n == 0) {
        return value_from_double(b->is_negative ? -0.0 : 0.0);
    }
    const int64_t shift = QUOTIENT_BITS - (int_view_bits(a) - int_view_bits(b));
    if (-shift > 1024) {
        return exc_raise(cx, EXC_OverflowError,
                         "integer division result too large for a float");
    }
    const bool is_negative = a->is_negative != b->is_negative;
    if (shift > 1074 + 2 * QUOTIENT_BITS) {
        return value_from_double(is_negative ? -0.0 : 0.0);
    }
    mpz_t a_room;
    mpz_t b_room;
    mpz_t n;
    mpz_t d;
    mpz_t rest;
    mpz_init(n);
    mpz_init(d);
    mpz_init(rest);
    mpz_abs(n, int_to_mpz(a_room, a));
    mpz_abs(d, int_to_mpz(b_room, b));
    if (shift > 0) {
        mpz_mul_2exp(n, n, (mp_bitcnt_t)shift);
    } else {
        mpz_mul_2exp(d, d, (mp_bitcnt_t)-shift);
    }
    mpz_tdiv_qr(n, rest, n, d);
    const bool is_cut = mpz_sgn(rest) != 0;
    /* n * 2^-shift: keep 53 bits, or as many as there are above 2^-1074. */
    const int64_t n_bits = (int64_t)mpz_sizeinbase(n, 2);
    int64_t drop = n_bits - SIGNIFICAND_BITS;
    if (-shift + drop < EXPONENT_MIN) {
        drop = EXPONENT_MIN + shift;
    }
    const bool is_half = drop > 0 && mpz_tstbit(n, (mp_bitcnt_t)drop - 1);
    const bool is_below = is_cut || (drop > 1 && mpz_scan1(n, 0) < (mp_bitcnt_t)drop - 1);
    mpz_fdiv_q_2exp(n, n, (mp_bitcnt_t)drop);
    if (is_half && (is_below || mpz_odd_p(n))) {
        mpz_add_ui(n, n, 1);
    }
    const double result = ldexp((double)mpz_get_ui(n), (int)(drop - shift));
    mpz_clear(n);
    mpz_clear(d);
    mpz_clear(rest);
    if (isinf(result)) {
        return exc_raise(cx, EXC_OverflowError,
                         "integer division result too large for a float");
    }
    return value_from_double(is_negative ? -result : result);
}

/* Shifts */

Value int_big_shift_left(Context *cx, const IntView *a, uint64_t n_bits) {
    const size_t n_whole = n_bits / LIMB_BITS;
    const unsigned bit = n_bits % LIMB_BITS;
    ObjInt *big = int_alloc(cx, (size_t)a->n + n_whole + 1);
    if (big == NULL) {
        return VALUE_ERROR;
    }
    if (bit == 0) {
        mpn_copyi(big->limbs + n_whole, a->limbs, a->n);
    } else {
        big->limbs[(size_t)a->n + n_whole] =
            mpn_lshift(big->limbs + n_whole, a->limbs, a->n, bit);
    }
    return int_finish(big, a->n + (int64_t)n_whole + 1, a->is_negative);
}

/* Rounds down, so a negative number grows by one when a bit is lost. */
static Value shift_right(Context *cx, const IntView *a, uint64_t n_bits) {
    const uint64_t n_whole = n_bits / LIMB_BITS;
    const unsigned bit = n_bits % LIMB_BITS;
    if (n_whole >= (uint64_t)a->n) {
        return value_from_int(a->is_negative ? -1 : 0);
    }
    const mp_size_t n = (mp_size_t)((uint64_t)a->n - n_whole);
    ObjInt *big = int_alloc(cx, (size_t)n + 1);
    if (big == NULL) {
        return VALUE_ERROR;
    }
    mp_limb_t lost = 0;
    if (bit == 0) {
        mpn_copyi(big->limbs, a->limbs + n_whole, n);
    } else {
        lost = mpn_rshift(big->limbs, a->limbs + n_whole, n, bit);
    }
    big->limbs[n] = 0;
    if (a->is_negative &&
        (lost != 0 || (n_whole > 0 && !mpn_zero_p(a->limbs, (mp_size_t)n_whole)))) {
        mpn_add_1(big->limbs, big->limbs, n + 1, 1);
    }
    return int_finish(big, n + 1, a->is_negative);
}

/* CPython's error depends on whether it can count the digits of 30 bits that it would
 * need. */
static Value raise_too_large(Context *cx, const IntView *n_bits) {
    const bool can_count = n_bits->n == 2 && n_bits->limbs[1] < 15;
    return can_count ? exc_raise_no_memory(cx)
                     : exc_raise(cx, EXC_OverflowError, "too many digits in integer");
}

static Value shift(Context *cx, bool is_left, const IntView *a, const IntView *b) {
    if (b->is_negative) {
        return exc_raise(cx, EXC_ValueError, "negative shift count");
    }
    if (a->n == 0) {
        return value_from_int(0);
    }
    if (b->n > 1) {
        return is_left ? raise_too_large(cx, b) : value_from_int(a->is_negative ? -1 : 0);
    }
    const uint64_t n_bits = b->n == 0 ? 0 : b->limbs[0];
    return is_left ? int_big_shift_left(cx, a, n_bits) : shift_right(cx, a, n_bits);
}

/* Bits: numbers as infinitely long two's complements. */

typedef struct Complement {
    const IntView *view;
    mp_limb_t carry;
} Complement;

static mp_limb_t next_limb(Complement *c, int64_t i) {
    const mp_limb_t limb = i < c->view->n ? c->view->limbs[i] : 0;
    if (!c->view->is_negative) {
        return limb;
    }
    const mp_limb_t result = ~limb + c->carry;
    c->carry = c->carry && result == 0;
    return result;
}

static mp_limb_t combine(BinaryOp op, mp_limb_t a, mp_limb_t b) {
    return op == BINARY_AND ? a & b : op == BINARY_OR ? a | b : a ^ b;
}

static Value combine_bits(Context *cx, BinaryOp op, const IntView *a, const IntView *b) {
    const int64_t n = (a->n > b->n ? a->n : b->n) + 1;
    ObjInt *big = int_alloc(cx, (size_t)n);
    if (big == NULL) {
        return VALUE_ERROR;
    }
    Complement ca = {a, 1};
    Complement cb = {b, 1};
    for (int64_t i = 0; i < n; i++) {
        big->limbs[i] = combine(op, next_limb(&ca, i), next_limb(&cb, i));
    }
    const bool is_negative = combine(op, a->is_negative, b->is_negative) != 0;
    if (is_negative) {
        mpn_neg(big->limbs, big->limbs, n);
    }
    return int_finish(big, n, is_negative);
}

/* Powers: from the highest bit of the exponent down, between two buffers. */

static Value power_of_magnitude(Context *cx, const IntView *base, uint64_t exponent,
                                bool is_negative) {
    const unsigned __int128 n_bits = (unsigned __int128)int_view_bits(base) * exponent;
    if (n_bits > (unsigned __int128)LIMBS_MAX) {
        return exc_raise_no_memory(cx);
    }
    const size_t n_max = (size_t)(n_bits / LIMB_BITS) + 2;
    ObjInt *big = has_room_to_work(cx, n_max) ? int_alloc(cx, n_max) : NULL;
    if (big == NULL) {
        return VALUE_ERROR;
    }
    Scratch scratch;
    mp_limb_t *from = scratch_open(&scratch, n_max);
    mp_limb_t *to = big->limbs;
    mp_size_t n = base->n;
    mpn_copyi(from, base->limbs, n);
    for (int bit = 62 - __builtin_clzll(exponent); bit >= 0; bit--) {
        mpn_sqr(to, from, n);
        n = 2 * n - (to[2 * n - 1] == 0);
        if (exponent >> bit & 1) {
            mp_limb_t *product = from;
            const mp_limb_t top =
                base->n == 1 ? (product[n] = mpn_mul_1(product, to, n, base->limbs[0]))
                             : mpn_mul(product, to, n, base->limbs, base->n);
            n = n + base->n - (top == 0);
        } else {
            mp_limb_t *swap = from;
            from = to;
            to = swap;
        }
    }
    if (from != big->limbs) {
        mpn_copyi(big->limbs, from, n);
    }
    scratch_close(&scratch);
    return int_finish(big, n, is_negative);
}

static Value power(Context *cx, Value a_value, Value b_value, const IntView *a,
                   const IntView *b) {
    if (b->is_negative) {
        double x;
        double y;
        if (!float_from_number(cx, a_value, &x) || !float_from_number(cx, b_value, &y)) {
            return VALUE_ERROR;
        }
        return float_binary(cx, BINARY_POW, value_from_double(x), value_from_double(y));
    }
    if (b->n == 0) {
        return value_from_int(1);
    }
    const bool is_negative = a->is_negative && (b->limbs[0] & 1);
    if (a->n == 0 || (a->n == 1 && a->limbs[0] == 1)) {
        return value_from_int(a->n == 0 ? 0 : is_negative ? -1 : 1);
    }
    if (b->n > 1) {
        return exc_raise_no_memory(cx);
    }
    if (a->n == 1 && (a->limbs[0] & (a->limbs[0] - 1)) == 0) {
        IntView one;
        int_view_i64(&one, is_negative ? -1 : 1);
        uint64_t n_bits;
        return __builtin_mul_overflow((uint64_t)__builtin_ctzll(a->limbs[0]), b->limbs[0],
                                      &n_bits)
                   ? exc_raise_no_memory(cx)
                   : int_big_shift_left(cx, &one, n_bits);
    }
    return power_of_magnitude(cx, a, b->limbs[0], is_negative);
}

Value int_big_binary(Context *cx, BinaryOp op, Value a_value, Value b_value) {
    IntView a;
    IntView b;
    int_view(&a, a_value);
    int_view(&b, b_value);
    Value result = VALUE_ERROR;
    switch (op) {
    case BINARY_ADD: return add(cx, &a, &b, false);
    case BINARY_SUB: return add(cx, &a, &b, true);
    case BINARY_MUL: return multiply(cx, &a, &b);
    case BINARY_FLOORDIV:
        return int_big_divmod(cx, a_value, b_value, &result, NULL) ? result : VALUE_ERROR;
    case BINARY_MOD:
        return int_big_divmod(cx, a_value, b_value, NULL, &result) ? result : VALUE_ERROR;
    case BINARY_TRUEDIV: return true_divide(cx, &a, &b);
    case BINARY_POW: return power(cx, a_value, b_value, &a, &b);
    case BINARY_LSHIFT: return shift(cx, true, &a, &b);
    case BINARY_RSHIFT: return shift(cx, false, &a, &b);
    case BINARY_AND:
    case BINARY_OR:
    case BINARY_XOR: return combine_bits(cx, op, &a, &b);
    default: return VALUE_NOT_IMPLEMENTED;
    }
}
