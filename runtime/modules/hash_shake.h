/* hash_shake.h - SHAKE128 and SHAKE256 of FIPS 202: hashes as long as one wishes, over nettle's Keccak permutation. */

#ifndef MINI_MODULES_HASH_SHAKE_H
#define MINI_MODULES_HASH_SHAKE_H

#include <stddef.h>
#include <stdint.h>

#include <nettle/sha3.h>

typedef struct Shake {
    struct sha3_state sponge;
    unsigned n_rate; /* bytes that a permutation takes or gives */
    unsigned n_used; /* of them */
} Shake;

/* As nettle's functions, so that a `struct nettle_hash` can hold them: state is a Shake. */
void shake_128_init(void *state);
void shake_256_init(void *state);
void shake_update(void *state, size_t n_bytes, const uint8_t *bytes);
void shake_digest(void *state, size_t n_bytes, uint8_t *out);

#endif
