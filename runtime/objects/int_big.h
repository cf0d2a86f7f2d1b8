/* int_big.h - what the files that compute with large integers share.
 *
 * An IntView shows any int as limbs: v may be small, a bool, large, or of a subclass.
 * It is valid as long as the value is reachable (its limbs are an interior pointer,
 * which keeps the object alive). */

#ifndef MINI_OBJECTS_INT_BIG_H
#define MINI_OBJECTS_INT_BIG_H

#include "runtime/base/mem.h"
#include "runtime/objects/int.h"

_Static_assert(GMP_NUMB_BITS == 64, "limbs of 64 bits without nails");

enum { LIMB_BITS = 64, SCRATCH_LIMBS = 512 };

typedef struct IntView {
    const mp_limb_t *limbs;
    int64_t n; /* 0 for 0; the top limb is not 0 */
    bool is_negative;
    mp_limb_t small; /* what limbs points to when the number is immediate */
} IntView;

static inline void int_view_i64(IntView *view, int64_t i) {
    view->is_negative = i < 0;
    view->small = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    view->n = i != 0;
    view->limbs = &view->small;
}

static inline void int_view(IntView *view, Value v) {
    if (IS_OBJ(v)) {
        const ObjInt *big = AS_BIG_INT(v);
        view->is_negative = big->n_limbs < 0;
        view->n = big->n_limbs < 0 ? -big->n_limbs : big->n_limbs;
        view->limbs = big->limbs;
    } else {
        int_view_i64(view, IS_INT(v) ? value_to_int(v) : (int64_t)(v & 1));
    }
}

static inline int64_t int_view_bits(const IntView *view) {
    return view->n == 0 ? 0
                        : view->n * LIMB_BITS - __builtin_clzll(view->limbs[view->n - 1]);
}

/* The number that an immediate int or bool stands for; false for others. */
static inline bool int_is_immediate(Value v, int64_t *out) {
    if (LIKELY(IS_INT(v))) {
        *out = value_to_int(v);
        return true;
    }
    *out = (int64_t)(v & 1);
    return IS_BOOL(v);
}

/* Room for n limbs; the caller writes them and hands the object to int_finish. NULL:
 * MemoryError. */
ObjInt *int_alloc(Context *cx, size_t n_limbs);
/* The number in the first n limbs, leading zeros allowed: as a small int when it fits. */
Value int_finish(ObjInt *big, int64_t n_limbs, bool is_negative);
Value int_from_limbs(Context *cx, const mp_limb_t *limbs, int64_t n_limbs,
                     bool is_negative);

/* Memory for intermediate results: a small one is part of the struct. */
typedef struct Scratch {
    mp_limb_t *limbs;
    mp_limb_t room[SCRATCH_LIMBS];
} Scratch;

static inline mp_limb_t *scratch_open(Scratch *scratch, size_t n_limbs) {
    scratch->limbs =
        n_limbs <= SCRATCH_LIMBS ? scratch->room : mem_alloc(n_limbs * sizeof(mp_limb_t));
    return scratch->limbs;
}

static inline void scratch_close(Scratch *scratch) {
    if (scratch->limbs != scratch->room) {
        mem_free(scratch->limbs);
    }
}

/* For GMP's mpz functions: a read-only number, and a result that is taken over. */
static inline mpz_srcptr int_to_mpz(mpz_ptr room, const IntView *view) {
    return mpz_roinit_n(room, view->limbs, view->is_negative ? -view->n : view->n);
}
/* Clears z. */
Value int_from_mpz(Context *cx, mpz_ptr z);

/* int_big.c: both operands int-like, at least one not immediate (or the result may be
 * large). */
Value int_big_binary(Context *cx, BinaryOp op, Value a, Value b);
/* Either of quotient and remainder may be NULL. */
bool int_big_divmod(Context *cx, Value a, Value b, Value *quotient, Value *remainder);
double int_big_to_double(const IntView *view); /* an infinity when too large */
Value int_big_shift_left(Context *cx, const IntView *a, uint64_t n_bits);

#endif
