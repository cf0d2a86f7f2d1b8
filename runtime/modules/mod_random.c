/* mod_random.c - the module _random: a Mersenne Twister (MT19937) that counts as CPython's
 * does: the same seed gives the same numbers. lib/random.mini makes the distributions.
 *
 * Source: M. Matsumoto, T. Nishimura, "Mersenne Twister: a 623-dimensionally
 * equidistributed uniform pseudorandom number generator", 1998, and their initialisation
 * by an array of 2002. */

#include "runtime/base/mem.h"
#include "runtime/base/platform.h"
#include "runtime/gc/mark.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int_big.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/random.h"

enum { MT_SHIFT = 397 };
#define MT_UPPER  UINT32_C(0x80000000)
#define MT_MATRIX UINT32_C(0x9908b0df)

#define AS_RANDOM(v) ((ObjRandom *)AS_OBJ(v))

/* The generator; its lock is held */

static void refill_locked(ObjRandom *r) {
    uint32_t *w = r->words;
    for (int i = 0; i < RANDOM_WORDS; i++) {
        const uint32_t y = (w[i] & MT_UPPER) | (w[(i + 1) % RANDOM_WORDS] & ~MT_UPPER);
        w[i] = w[(i + MT_SHIFT) % RANDOM_WORDS] ^ (y >> 1) ^ (y & 1 ? MT_MATRIX : 0);
    }
    r->next = 0;
}

static uint32_t next_locked(ObjRandom *r) {
    if (r->next >= RANDOM_WORDS) {
        refill_locked(r);
    }
    uint32_t y = r->words[r->next++];
    y ^= y >> 11;
    y ^= (y << 7) & UINT32_C(0x9d2c5680);
    y ^= (y << 15) & UINT32_C(0xefc60000);
    return y ^ (y >> 18);
}

static void seed_by_number(uint32_t *w, uint32_t seed) {
    w[0] = seed;
    for (uint32_t i = 1; i < RANDOM_WORDS; i++) {
        w[i] = UINT32_C(1812433253) * (w[i - 1] ^ (w[i - 1] >> 30)) + i;
    }
}

static void seed_by_array(uint32_t *w, const uint32_t *key, size_t n) {
    seed_by_number(w, 19650218);
    size_t i = 1;
    size_t k = 0;
    for (size_t left = n > RANDOM_WORDS ? n : RANDOM_WORDS; left > 0; left--) {
        w[i] = (w[i] ^ ((w[i - 1] ^ (w[i - 1] >> 30)) * UINT32_C(1664525))) + key[k] +
               (uint32_t)k;
        k = k + 1 < n ? k + 1 : 0;
        if (++i == RANDOM_WORDS) {
            w[0] = w[RANDOM_WORDS - 1];
            i = 1;
        }
    }
    for (int left = RANDOM_WORDS - 1; left > 0; left--) {
        w[i] =
            (w[i] ^ ((w[i - 1] ^ (w[i - 1] >> 30)) * UINT32_C(1566083941))) - (uint32_t)i;
        if (++i == RANDOM_WORDS) {
            w[0] = w[RANDOM_WORDS - 1];
            i = 1;
        }
    }
    w[0] = MT_UPPER;
}

static void seed_with(Context *cx, ObjRandom *r, const uint32_t *key, size_t n) {
    uint32_t words[RANDOM_WORDS];
    seed_by_array(words, key, n);
    const bool is_locked = objlock_lock(cx, &r->header);
    memcpy(r->words, words, sizeof words);
    r->next = RANDOM_WORDS;
    objlock_unlock(cx, &r->header, is_locked);
}

static bool seed_by_system(Context *cx, ObjRandom *r) {
    uint32_t key[RANDOM_WORDS];
    const int error = platform_random(key, sizeof key);
    if (error != 0) {
        exc_raise_errno(cx, error, VALUE_UNSET);
        return false;
    }
    seed_with(cx, r, key, RANDOM_WORDS);
    return true;
}

/* The absolute value of an int, in words of 32 bits, the lowest first. */
static void seed_by_int(Context *cx, ObjRandom *r, Value v) {
    IntView view;
    int_view(&view, v);
    const size_t n_max = view.n == 0 ? 1 : (size_t)view.n * 2;
    uint32_t *key = mem_alloc_zeroed(n_max, sizeof *key);
    for (int64_t i = 0; i < view.n; i++) {
        key[2 * i] = (uint32_t)view.limbs[i];
        key[2 * i + 1] = (uint32_t)(view.limbs[i] >> 32);
    }
    const size_t n = n_max > 1 && key[n_max - 1] == 0 ? n_max - 1 : n_max;
    seed_with(cx, r, key, n);
    mem_free(key);
}

static bool seed(Context *cx, ObjRandom *r, Value v) {
    if (IS_UNSET(v) || IS_NONE(v)) {
        return seed_by_system(cx, r);
    }
    if (IS_INT_LIKE(v)) {
        seed_by_int(cx, r, v);
        return true;
    }
    uint64_t hash;
    if (!value_hash(cx, v, &hash)) {
        return false;
    }
    const Value number = int_from_u64(cx, hash);
    if (IS_ERROR(number)) {
        return false;
    }
    seed_by_int(cx, r, number);
    return true;
}

/* Methods */

static Value random_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                              Value kwargs) {
    const bool is_exact = type == cx->rt->types[KIND_RANDOM];
    if (is_exact && !construct_check(cx, "Random", n_args, 0, 1, kwargs)) {
        return VALUE_ERROR;
    }
    ObjRandom *r = (ObjRandom *)(is_exact ? (Obj *)HEAP_NEW(cx, ObjRandom, KIND_RANDOM)
                                          : instance_new(cx, type));
    if (r == NULL) {
        return VALUE_ERROR;
    }
    /* Derived classes are seeded by __init__. */
    return seed(cx, r, is_exact && n_args > 0 ? args[0] : VALUE_UNSET) ? OBJ_VALUE(r)
                                                                       : VALUE_ERROR;
}

NATIVE(random_seed, "seed(self, n=None, /)",
       "Begin anew: from a number, or from the system.") {
    return seed(cx, AS_RANDOM(args[0]), args[1]) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(random_random, "random(self, /)", "random() -> x in the interval [0, 1).") {
    ObjRandom *r = AS_RANDOM(args[0]);
    const bool is_locked = objlock_lock(cx, &r->header);
    const uint32_t high = next_locked(r) >> 5;
    const uint32_t low = next_locked(r) >> 6;
    objlock_unlock(cx, &r->header, is_locked);
    /* 27 and 26 bits: a number of 53 bits over 2 ** 53. */
    return value_from_double((high * 67108864.0 + low) / 9007199254740992.0);
}

/* k > 32 bits: words of 32, the lowest first; of the last one its upper bits. */
static Value long_bits(Context *cx, ObjRandom *r, uint64_t k) {
    const size_t n_limbs = (size_t)((k + LIMB_BITS - 1) / LIMB_BITS);
    ObjInt *big = int_alloc(cx, n_limbs);
    if (big == NULL) {
        return VALUE_ERROR;
    }
    memset(big->limbs, 0, n_limbs * sizeof(mp_limb_t));
    const bool is_locked = objlock_lock(cx, &r->header);
    uint64_t left = k;
    for (size_t i = 0; left > 0; i++) {
        uint32_t word = next_locked(r);
        if (left < 32) {
            word >>= 32 - left;
        }
        big->limbs[i / 2] |= (mp_limb_t)word << (i % 2 * 32);
        left -= left < 32 ? left : 32;
    }
    objlock_unlock(cx, &r->header, is_locked);
    return int_finish(big, (int64_t)n_limbs, false);
}

NATIVE(random_getrandbits, "getrandbits(self, k, /)",
       "getrandbits(k) -> x.  Generates an int with k random bits.") {
    ObjRandom *r = AS_RANDOM(args[0]);
    int64_t k;
    if (!arg_int(cx, args[1], &k)) {
        return VALUE_ERROR;
    }
    if (k < 0) {
        return exc_raise(cx, EXC_ValueError, "number of bits must be non-negative");
    }
    if (k > 32) {
        return k > (int64_t)1 << 40 ? exc_raise_no_memory(cx)
                                    : long_bits(cx, r, (uint64_t)k);
    }
    if (k == 0) {
        return value_from_int(0);
    }
    const bool is_locked = objlock_lock(cx, &r->header);
    const uint32_t word = next_locked(r);
    objlock_unlock(cx, &r->header, is_locked);
    return value_from_int(word >> (32 - k));
}

/* What randrange, choice and shuffle draw with: as many bits as n has, until the number is
 * below n. */
NATIVE(random_below, "_randbelow(self, n, /)",
       "Return a random int in the range [0, n).") {
    ObjRandom *r = AS_RANDOM(args[0]);
    if (!IS_INT(args[1]) || value_to_int(args[1]) <= 0 ||
        value_to_int(args[1]) > UINT32_MAX) {
        return VALUE_NONE; /* the caller does it by getrandbits */
    }
    const uint32_t n = (uint32_t)value_to_int(args[1]);
    const int shift = __builtin_clz(n);
    uint32_t word;
    const bool is_locked = objlock_lock(cx, &r->header);
    do {
        word = next_locked(r) >> shift;
    } while (word >= n);
    objlock_unlock(cx, &r->header, is_locked);
    return value_from_int(word);
}

NATIVE(random_getstate, "getstate(self, /)",
       "getstate() -> tuple containing the current state.") {
    ObjRandom *r = AS_RANDOM(args[0]);
    ObjTuple *state = tuple_new(cx, RANDOM_WORDS + 1);
    if (state == NULL) {
        return VALUE_ERROR;
    }
    const bool is_locked = objlock_lock(cx, &r->header);
    for (int i = 0; i < RANDOM_WORDS; i++) {
        state->items[i] = value_from_int(r->words[i]);
    }
    state->items[RANDOM_WORDS] = value_from_int(r->next);
    objlock_unlock(cx, &r->header, is_locked);
    return OBJ_VALUE(state);
}

NATIVE(random_setstate, "setstate(self, state, /)",
       "setstate(state) -> None.  Restores generator state.") {
    ObjRandom *r = AS_RANDOM(args[0]);
    if (!IS_TUPLE(args[1])) {
        return exc_raise(cx, EXC_TypeError, "state vector must be a tuple");
    }
    const ObjTuple *state = AS_TUPLE(args[1]);
    if (state->n != RANDOM_WORDS + 1) {
        return exc_raise(cx, EXC_ValueError, "state vector is the wrong size");
    }
    uint32_t words[RANDOM_WORDS];
    int64_t number;
    for (int i = 0; i < RANDOM_WORDS; i++) {
        if (!arg_int(cx, state->items[i], &number)) {
            return VALUE_ERROR;
        }
        words[i] = (uint32_t)number;
    }
    if (!arg_int(cx, state->items[RANDOM_WORDS], &number)) {
        return VALUE_ERROR;
    }
    if (number < 0 || number > RANDOM_WORDS) {
        return exc_raise(cx, EXC_ValueError, "invalid state");
    }
    const bool is_locked = objlock_lock(cx, &r->header);
    memcpy(r->words, words, sizeof words);
    r->next = (uint32_t)number;
    objlock_unlock(cx, &r->header, is_locked);
    return VALUE_NONE;
}

static void random_trace(GcMarker *m, Obj *o) {
    instance_trace_derived(m, o);
}

static const NativeDef random_methods[] = {
    NATIVE_ENTRY(random_random),
    NATIVE_ENTRY(random_seed),
    NATIVE_ENTRY(random_getrandbits),
    NATIVE_ENTRY(random_below),
    NATIVE_ENTRY(random_getstate),
    NATIVE_ENTRY(random_setstate),
    {0},
};

const KindOps kind_ops_ObjRandom = {
    .trace = random_trace,
    .construct = random_construct,
    .methods = random_methods,
    .doc = "Random() -> create a random number generator with its own internal state.",
};

bool mod_random_open(Context *cx, ObjModule *module) {
    return module_add_type(cx, module, KIND_RANDOM, NULL);
}
