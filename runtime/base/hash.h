/* hash.h - hashes of texts and numbers.
 *
 * Numbers that are equal hash alike whatever their type, by CPython's rule: the hash of
 * a number is its residue modulo the prime 2^61 - 1, with the sign of the number; -1 is
 * not used (-2 stands for it). Texts are hashed with a key of the process, so that
 * nobody can prepare keys that collide.
 *
 * Threads: hash_set_key before the second thread starts; the others any, at any time. */

#ifndef MINI_BASE_HASH_H
#define MINI_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_BITS    61
#define HASH_MODULUS (((uint64_t)1 << HASH_BITS) - 1)
#define HASH_INF     ((uint64_t)314159)
#define HASH_NONE    ((uint64_t)0xfca86420) /* CPython's number */

/* The key of all text hashes from now on. The first call counts: texts that were hashed
 * have to keep their hash as long as the process lives. */
void hash_set_key(uint64_t key);

/* Never 0, which stands for "not computed". */
uint64_t hash_bytes(const void *bytes, size_t n_bytes);

/* The hash that scripts see of a text or of bytes: 0 for nothing at all, as in CPython. */
static inline uint64_t hash_text(const void *text, size_t n_bytes) {
    return n_bytes == 0 ? 0 : hash_bytes(text, n_bytes);
}

/* A residue with a sign as a hash. */
static inline uint64_t hash_from_residue(uint64_t residue, int is_negative) {
    const uint64_t hash = is_negative ? 0 - residue : residue;
    return hash == UINT64_MAX ? UINT64_MAX - 1 : hash;
}

/* The hash of an integer. */
static inline uint64_t hash_i64(int64_t i) {
    const uint64_t magnitude = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    return hash_from_residue(magnitude % HASH_MODULUS, i < 0);
}

/* The hash of a float; equal to that of the integer it may be equal to. NaN hashes to
 * 0: it is equal to nothing, and has no identity here. */
uint64_t hash_double(double d);

#endif
