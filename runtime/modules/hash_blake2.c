/* hash_blake2.c - BLAKE2 after RFC 7693.
 *
 * Both widths are one algorithm: the words, the number of rounds and the distances of the
 * rotations differ. So the round function is written once, as a macro, and instantiated twice. A
 * block stays in the buffer until more follows: the last one is hashed with a mark. */

#include "runtime/modules/hash_blake2.h"

#include <string.h>

/* The first 64 bits of the fractional parts of the square roots of the first eight primes;
 * BLAKE2s takes their upper halves. */
static const uint64_t initial[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/* Which words of the message each round takes. */
static const uint8_t schedule[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static uint64_t load(const uint8_t *bytes, unsigned n_bytes) {
    uint64_t word = 0;
    for (unsigned i = 0; i < n_bytes; i++) {
        word |= (uint64_t)bytes[i] << (8 * i);
    }
    return word;
}

static void store(uint8_t *bytes, uint64_t word, unsigned n_bytes) {
    for (unsigned i = 0; i < n_bytes; i++) {
        bytes[i] = (uint8_t)(word >> (8 * i));
    }
}

#define ROTATE(Word, x, n) ((Word)((x) >> (n) | (x) << (8 * sizeof(Word) - (n))))

#define MIX(Word, R1, R2, R3, R4, a, b, c, d, x, y)   \
    do {                                              \
        v[a] = (Word)(v[a] + v[b] + (x));             \
        v[d] = ROTATE(Word, (Word)(v[d] ^ v[a]), R1); \
        v[c] = (Word)(v[c] + v[d]);                   \
        v[b] = ROTATE(Word, (Word)(v[b] ^ v[c]), R2); \
        v[a] = (Word)(v[a] + v[b] + (y));             \
        v[d] = ROTATE(Word, (Word)(v[d] ^ v[a]), R3); \
        v[c] = (Word)(v[c] + v[d]);                   \
        v[b] = ROTATE(Word, (Word)(v[b] ^ v[c]), R4); \
    } while (0)

/* Columns, then diagonals. */
#define DEFINE_COMPRESS(name, Word, n_rounds, R1, R2, R3, R4)                   \
    static void name(Blake2 *s, uint64_t last, uint64_t last_node) {            \
        Word m[16], v[16];                                                      \
        for (unsigned i = 0; i < 16; i++) {                                     \
            m[i] = (Word)load(s->buffer + i * sizeof(Word), sizeof(Word));      \
        }                                                                       \
        for (unsigned i = 0; i < 8; i++) {                                      \
            v[i] = (Word)s->chain[i];                                           \
            v[8 + i] = (Word)(initial[i] >> (64 - 8 * sizeof(Word)));           \
        }                                                                       \
        v[12] ^= (Word)s->n_hashed;                                             \
        v[13] ^= sizeof(Word) == 4 ? (Word)(s->n_hashed >> 32) : 0;             \
        v[14] ^= (Word)last;                                                    \
        v[15] ^= (Word)last_node;                                               \
        for (unsigned round = 0; round < (n_rounds); round++) {                 \
            const uint8_t *w = schedule[round % 10];                            \
            for (unsigned i = 0; i < 4; i++) {                                  \
                MIX(Word, R1, R2, R3, R4, i, 4 + i, 8 + i, 12 + i, m[w[2 * i]], \
                    m[w[2 * i + 1]]);                                           \
            }                                                                   \
            for (unsigned i = 0; i < 4; i++) {                                  \
                MIX(Word, R1, R2, R3, R4, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4,  \
                    12 + (i + 3) % 4, m[w[8 + 2 * i]], m[w[9 + 2 * i]]);        \
            }                                                                   \
        }                                                                       \
        for (unsigned i = 0; i < 8; i++) {                                      \
            s->chain[i] ^= (Word)(v[i] ^ v[8 + i]);                             \
        }                                                                       \
    }

DEFINE_COMPRESS(compress_wide, uint64_t, 12, 32, 24, 16, 63)
DEFINE_COMPRESS(compress_narrow, uint32_t, 10, 16, 12, 8, 7)

static void compress(Blake2 *s, uint64_t last, uint64_t last_node) {
    s->n_hashed += s->n_buffered;
    if (s->n_block == BLAKE2_BLOCK_MAX) {
        compress_wide(s, last, last_node);
    } else {
        compress_narrow(s, last, last_node);
    }
    s->n_buffered = 0;
}

void blake2_start(Blake2 *s, bool is_wide, const Blake2Parameters *p) {
    const unsigned word = is_wide ? 8 : 4;
    const unsigned n_text = 2 * word;
    uint8_t block[64] = {p->n_digest, p->n_key, p->fanout, p->depth};
    store(block + 4, p->leaf_size, 4);
    store(block + 8, p->node_offset, is_wide ? 8 : 6);
    block[is_wide ? 16 : 14] = p->node_depth;
    block[is_wide ? 17 : 15] = p->inner_size;
    memcpy(block + 4 * word, p->salt, n_text);
    memcpy(block + 6 * word, p->person, n_text);
    *s = (Blake2){
        .n_block = 16 * word, .n_digest = p->n_digest, .is_last_node = p->is_last_node};
    for (unsigned i = 0; i < 8; i++) {
        s->chain[i] = initial[i] >> (64 - 8 * word) ^ load(block + i * word, word);
    }
    if (p->n_key > 0) {
        memcpy(s->buffer, p->key, p->n_key);
        s->n_buffered = s->n_block;
    }
}

void blake2b_init(void *state) {
    blake2_start(state, true,
                 &(Blake2Parameters){.n_digest = 64, .fanout = 1, .depth = 1});
}

void blake2s_init(void *state) {
    blake2_start(state, false,
                 &(Blake2Parameters){.n_digest = 32, .fanout = 1, .depth = 1});
}

void blake2_update(void *state, size_t n_bytes, const uint8_t *bytes) {
    Blake2 *s = state;
    while (n_bytes > 0) {
        if (s->n_buffered == s->n_block) {
            compress(s, 0, 0);
        }
        const size_t room = s->n_block - s->n_buffered;
        const size_t n = n_bytes < room ? n_bytes : room;
        memcpy(s->buffer + s->n_buffered, bytes, n);
        s->n_buffered += (unsigned)n;
        bytes += n;
        n_bytes -= n;
    }
}

void blake2_digest(void *state, size_t n_bytes, uint8_t *out) {
    Blake2 *s = state;
    uint8_t words[64];
    const unsigned word = s->n_block / 16;
    memset(s->buffer + s->n_buffered, 0, s->n_block - s->n_buffered);
    compress(s, UINT64_MAX, s->is_last_node ? UINT64_MAX : 0);
    for (unsigned i = 0; i < 8; i++) {
        store(words + i * word, s->chain[i], word);
    }
    memcpy(out, words, n_bytes);
}
