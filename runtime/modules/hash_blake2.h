/* hash_blake2.h - the hashes BLAKE2b (64-bit words) and BLAKE2s (32-bit words) of RFC 7693, with the parameters of trees. */

#ifndef MINI_MODULES_HASH_BLAKE2_H
#define MINI_MODULES_HASH_BLAKE2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BLAKE2_BLOCK_MAX = 128, BLAKE2_KEY_MAX = 64 };

/* What Python's blake2b() and blake2s() let one choose; salt and person are padded with zeros. */
typedef struct Blake2Parameters {
    uint8_t n_digest, n_key, fanout, depth;
    uint32_t leaf_size;
    uint64_t node_offset;
    uint8_t node_depth, inner_size;
    bool is_last_node;
    uint8_t salt[16], person[16]; /* 8 bytes of each for BLAKE2s */
    uint8_t key[BLAKE2_KEY_MAX];
} Blake2Parameters;

typedef struct Blake2 {
    uint64_t chain[8]; /* words of 32 bits for BLAKE2s */
    uint64_t n_hashed; /* bytes */
    unsigned n_block, n_buffered;
    unsigned n_digest;
    bool is_last_node;
    uint8_t buffer[BLAKE2_BLOCK_MAX];
} Blake2;

/* The state before the first byte (after the key, when there is one). */
void blake2_start(Blake2 *state, bool is_wide, const Blake2Parameters *parameters);

/* As nettle's functions, so that a `struct nettle_hash` can hold them: state is a Blake2. */
void blake2b_init(void *state);
void blake2s_init(void *state);
void blake2_update(void *state, size_t n_bytes, const uint8_t *bytes);
void blake2_digest(void *state, size_t n_bytes, uint8_t *out);

#endif
