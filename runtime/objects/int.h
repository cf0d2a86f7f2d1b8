/* int.h - integers of any size: 50 bits in the Value, larger ones over GMP's mpn
 * functions.
 *
 * Invariant: a number that fits into a Value is never an ObjInt, but in an instance of
 * a subclass of int. */

#ifndef MINI_OBJECTS_INT_H
#define MINI_OBJECTS_INT_H

#include <gmp.h>

#include "runtime/gc/alloc.h"

typedef struct ObjInt {
    Obj header;
    int64_t n_limbs;     /* [const] negative for a negative number; 0 only in subclasses */
    mp_limb_t limbs[];   /* [const] least significant first, the last one not 0 */
} ObjInt;

/* An int in the sense of isinstance: small, large, bool, or an instance of a subclass. */
#define IS_INT_LIKE(v) (IS_INT(v) || IS_BOOL(v) || IS_KIND(v, KIND_INT))
#define IS_BIG_INT(v) IS_KIND(v, KIND_INT)
#define AS_BIG_INT(v) ((ObjInt *)AS_OBJ(v))

Value int_from_i64(Context *cx, int64_t i);
Value int_from_u64(Context *cx, uint64_t i);
Value int_from_double(Context *cx, double d);   /* truncates; OverflowError, ValueError for inf, nan */
/* Digits of base 2 to 36, no sign or prefix or underscores; n_digits > 0, all valid.
 * ValueError beyond the limit of sys.set_int_max_str_digits for bases that are not
 * powers of two when is_limited. */
Value int_from_digits(Context *cx, const char *digits, size_t n_digits, int base, bool is_limited);
/* int(text, base) with all of Python's forms; base 0: by prefix. */
Value int_parse(Context *cx, const char *text, size_t n_bytes, int base, Value for_message);

/* v IS_INT_LIKE. True and *out set when it fits. */
bool int_to_i64(Value v, int64_t *out);
/* Any value with __index__; what is too large raises exc (EXC_OverflowError,
 * EXC_IndexError). False: pending. */
bool int_index_i64(Context *cx, Value v, int64_t *out, ExcKind exc);
/* The same, clamped to the range of int64_t instead of raising. */
bool int_index_clamped(Context *cx, Value v, int64_t *out);
double int_to_double(Context *cx, Value v);     /* -1 with OverflowError pending if too large */
int int_sign(Value v);
bool int_equals(Value a, Value b);              /* both IS_INT_LIKE */
int int_compare(Value a, Value b);
int int_compare_double(Value v, double d);      /* exactly; d is not a NaN */
/* Any value with __index__ as an int-like value; TypeError otherwise. */
Value int_index(Context *cx, Value v);
/* An int as an exact int: a bool or an instance of a subclass as its number. */
Value int_exact(Context *cx, Value v);

/* Both operands IS_INT_LIKE. BINARY_TRUEDIV and negative powers give floats. The slow
 * half of the loop's own fast paths. */
Value int_binary(Context *cx, BinaryOp op, Value a, Value b);
Value int_unary(Context *cx, UnaryOp op, Value v);
Value int_divmod(Context *cx, Value a, Value b);   /* a tuple */
Value int_pow_mod(Context *cx, Value a, Value b, Value modulus);
uint64_t int_hash(Value v);
ObjStr *int_to_str(Context *cx, Value v, int base /* 2, 8, 10, 16 */, bool is_upper); /* no prefix */

/* The digits that a number of n_digits may not have: raises ValueError and returns
 * false. */
bool int_check_digits(Context *cx, size_t n_digits, bool is_from_text);
/* The nearest multiple of 10 ** -n_digits, halves to even; n_digits is negative. */
Value int_round(Context *cx, Value v, int64_t n_digits);

/* Floor division and remainder of machine integers, as Python defines them; b != 0. */
static inline int64_t int_floordiv_i64(int64_t a, int64_t b) {
    int64_t q = a / b;
    return (a % b != 0 && ((a ^ b) < 0)) ? q - 1 : q;
}
static inline int64_t int_mod_i64(int64_t a, int64_t b) {
    int64_t r = a % b;
    return (r != 0 && ((r ^ b) < 0)) ? r + b : r;
}

#endif
