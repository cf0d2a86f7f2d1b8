/* hash_shake.c - the sponge of SHAKE128 and SHAKE256. */

#include "runtime/modules/hash_shake.h"

/* The state is 25 words of 64 bits; its bytes count from the low end of each. */
static void absorb(Shake *s, unsigned at, uint8_t byte) {
    s->sponge.a[at / 8] ^= (uint64_t)byte << (8 * (at % 8));
}

void shake_128_init(void *state) {
    *(Shake *)state = (Shake){.n_rate = 168};
}

void shake_256_init(void *state) {
    *(Shake *)state = (Shake){.n_rate = 136};
}

void shake_update(void *state, size_t n_bytes, const uint8_t *bytes) {
    Shake *s = state;
    for (size_t i = 0; i < n_bytes; i++) {
        absorb(s, s->n_used++, bytes[i]);
        if (s->n_used == s->n_rate) {
            sha3_permute(&s->sponge);
            s->n_used = 0;
        }
    }
}

void shake_digest(void *state, size_t n_bytes, uint8_t *out) {
    Shake *s = state;
    absorb(s, s->n_used, 0x1F); /* the mark of SHAKE, and the first bit of the padding */
    absorb(s, s->n_rate - 1, 0x80);
    for (size_t i = 0; i < n_bytes; i++) {
        const unsigned at = (unsigned)(i % s->n_rate);
        if (at == 0) {
            sha3_permute(&s->sponge);
        }
        out[i] = (uint8_t)(s->sponge.a[at / 8] >> (8 * (at % 8)));
    }
}
