/* hash.c - hashes of texts and numbers.
 *
 * Texts: eight bytes at a time are mixed in by a multiplication to 128 bits whose
 * halves are folded together, the principle of wyhash; the last bytes are read as
 * overlapping words, so that a short name takes two multiplications. */

#include "runtime/base/hash.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "runtime/base/atomics.h"

/* Odd numbers with about as many ones as zeros. */
#define MIX_A 0x9e3779b97f4a7c15u
#define MIX_B 0xd6e8feb86659fd93u
#define MIX_C 0xa0761d6478bd642fu

/* Zero means: not chosen yet. The one variable of the process here; see the header for
 * why it is not the interpreter's. */
static uint64_t process_key;

void hash_set_key(uint64_t key) {
    uint64_t expected = 0;
    atomic_cas(&process_key, &expected, key | 1);
}

static inline uint64_t fold(uint64_t a, uint64_t b) {
    const unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t read_64(const unsigned char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static inline uint64_t read_32(const unsigned char *bytes) {
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

uint64_t hash_bytes(const void *text, size_t n_bytes) {
    const unsigned char *bytes = text;
    uint64_t state = atomic_load_relaxed(&process_key) ^ MIX_C;
    uint64_t a;
    uint64_t b;
    if (n_bytes >= 4 && n_bytes <= 16) {
        const size_t middle = (n_bytes >> 3) << 2;
        a = read_32(bytes) << 32 | read_32(bytes + middle);
        b = read_32(bytes + n_bytes - 4) << 32 | read_32(bytes + n_bytes - 4 - middle);
    } else if (n_bytes < 4) {
        a = n_bytes == 0 ? 0
                         : (uint64_t)bytes[0] << 16 | (uint64_t)bytes[n_bytes >> 1] << 8 |
                               bytes[n_bytes - 1];
        b = 0;
    } else {
        size_t left = n_bytes;
        while (left > 16) {
            state = fold(read_64(bytes) ^ MIX_A, read_64(bytes + 8) ^ state);
            bytes += 16;
            left -= 16;
        }
        a = read_64(bytes + left - 16);
        b = read_64(bytes + left - 8);
    }
    const uint64_t hash = fold(MIX_B ^ n_bytes, fold(a ^ MIX_A, b ^ state));
    return hash == 0 ? MIX_C : hash;
}

/* The mantissa is taken in pieces of 28 bits; multiplying by a power of 2 rotates the
 * 61 bits. */
uint64_t hash_double(double d) {
    if (!isfinite(d)) {
        return isnan(d) ? 0 : d > 0 ? HASH_INF : 0 - HASH_INF;
    }
    enum { PIECE_BITS = 28 };
    int exponent;
    double mantissa = frexp(fabs(d), &exponent);
    uint64_t residue = 0;
    while (mantissa != 0) {
        residue = ((residue << PIECE_BITS) & HASH_MODULUS) |
                  residue >> (HASH_BITS - PIECE_BITS);
        mantissa *= 1 << PIECE_BITS;
        exponent -= PIECE_BITS;
        const uint64_t piece = (uint64_t)mantissa;
        mantissa -= (double)piece;
        residue += piece;
        if (residue >= HASH_MODULUS) {
            residue -= HASH_MODULUS;
        }
    }
    const int shift = ((exponent % HASH_BITS) + HASH_BITS) % HASH_BITS;
    if (shift != 0) {
        residue = ((residue << shift) & HASH_MODULUS) | residue >> (HASH_BITS - shift);
    }
    return hash_from_residue(residue, d < 0);
}
