/* hash_password.c - keys made of passwords, slow on purpose: PBKDF2 (RFC 8018) and scrypt (RFC 7914).
 *
 * The work is done without the GIL, in portions; between two of them Ctrl-C is heard. Nothing
 * but memory of the C side is touched meanwhile: what is needed of the arguments is copied. */

#include <nettle/hmac.h>
#include <stddef.h>
#include <string.h>

#include "runtime/base/mem.h"
#include "runtime/block.h"
#include "runtime/modules/mod_hashlib.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/exception.h"

enum { DIGEST_MAX = 64, PORTION = 4096 };

/* A keyed hash that is computed again and again: the states after the key. */
typedef struct Mac {
    const struct nettle_hash *hash;
    char *outer, *inner, *state;
} Mac;

static void mac_open(Mac *mac, const struct nettle_hash *hash, const ByteView *key) {
    const size_t n = (hash->context_size + 15u) & ~(size_t)15;
    mac->hash = hash;
    mac->outer = mem_alloc(3 * n);
    mac->inner = mac->outer + n;
    mac->state = mac->inner + n;
    hmac_set_key(mac->outer, mac->inner, mac->state, hash, key->n_bytes,
                 (const uint8_t *)key->data);
}

static void mac_close(Mac *mac) {
    mem_free(mac->outer);
}

static void mac_update(Mac *mac, const void *data, size_t n_bytes) {
    mac->hash->update(mac->state, n_bytes, data);
}

static void mac_digest(Mac *mac, uint8_t *out) {
    hmac_digest(mac->outer, mac->inner, mac->state, mac->hash, mac->hash->digest_size,
                out);
}

/* One block of PBKDF2: the exclusive or of so many hashes, each of the one before. */
static bool derive_block(Context *cx, Mac *mac, const ByteView *salt, uint32_t index,
                         uint64_t n_rounds, uint8_t *sum) {
    const size_t n = mac->hash->digest_size;
    const uint8_t big_endian[4] = {(uint8_t)(index >> 24), (uint8_t)(index >> 16),
                                   (uint8_t)(index >> 8), (uint8_t)index};
    uint8_t last[DIGEST_MAX];
    mac_update(mac, salt->data, salt->n_bytes);
    mac_update(mac, big_endian, sizeof big_endian);
    mac_digest(mac, last);
    memcpy(sum, last, n);
    for (uint64_t round = 1; round < n_rounds;) {
        block_begin(cx, BLOCK_COMPUTE, VALUE_NONE, BLOCK_FOREVER);
        for (unsigned i = 0; i < PORTION && round < n_rounds; i++, round++) {
            mac_update(mac, last, n);
            mac_digest(mac, last);
            for (size_t k = 0; k < n; k++) {
                sum[k] ^= last[k];
            }
        }
        block_end(cx);
        if (!block_poll(cx)) {
            return false;
        }
    }
    return true;
}

/* The first n_bytes of the key. */
static bool derive(Context *cx, Mac *mac, const ByteView *salt, uint64_t n_rounds,
                   uint8_t *out, size_t n_bytes) {
    uint8_t sum[DIGEST_MAX];
    uint32_t index = 1;
    while (n_bytes > 0) {
        if (!derive_block(cx, mac, salt, index++, n_rounds, sum)) {
            return false;
        }
        const size_t n =
            n_bytes < mac->hash->digest_size ? n_bytes : mac->hash->digest_size;
        memcpy(out, sum, n);
        out += n;
        n_bytes -= n;
    }
    return true;
}

/* Is v a whole number from 1 to INT32_MAX? False with an exception pending. */
static bool positive(Context *cx, Value v, const char *message, size_t *out) {
    int64_t number;
    if (!arg_int(cx, v, &number)) {
        return false;
    }
    if (number < 1 || number > INT32_MAX) {
        exc_raise(cx, number < 1 ? EXC_ValueError : EXC_OverflowError, "%s",
                  number < 1 ? message : "value is too great.");
        return false;
    }
    *out = (size_t)number;
    return true;
}

NATIVE(
    hashlib_pbkdf2_hmac, "pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None)",
    "Password based key derivation function 2 (PKCS #5 v2.0) with HMAC as pseudorandom "
    "function.") {
    ObjStr *name = arg_str(cx, args[0], "pbkdf2_hmac", "hash_name");
    ByteView password, salt;
    if (name == NULL || !byte_view_of(cx, args[1], &password) ||
        !byte_view_of(cx, args[2], &salt)) {
        return VALUE_ERROR;
    }
    const struct nettle_hash *hash = hashlib_find(name);
    if (hash == NULL || hash->digest_size == 0) {
        return exc_raise(cx, EXC_ValueError, "unsupported hash type %.*s",
                         (int)name->n_bytes, name->data);
    }
    size_t n_rounds, n_bytes = hash->digest_size;
    if (!positive(cx, args[3], "iteration value must be greater than 0.", &n_rounds) ||
        (!IS_UNSET(args[4]) && !IS_NONE(args[4]) &&
         !positive(cx, args[4], "key length must be greater than 0.", &n_bytes))) {
        return VALUE_ERROR;
    }
    ObjBytes *key = bytes_new(cx, NULL, n_bytes);
    if (key == NULL) {
        return VALUE_ERROR;
    }
    Mac mac;
    mac_open(&mac, hash, &password);
    const bool is_done = derive(cx, &mac, &salt, n_rounds, (uint8_t *)key->data, n_bytes);
    mac_close(&mac);
    return is_done ? OBJ_VALUE(key) : VALUE_ERROR;
}

/* --- scrypt ------------------------------------------------------------------------- */

enum { SALSA_WORDS = 16 };

static uint32_t rotate(uint32_t x, unsigned n) {
    return x << n | x >> (32 - n);
}

static void quarter(uint32_t *x, unsigned a, unsigned b, unsigned c, unsigned d) {
    x[b] ^= rotate(x[a] + x[d], 7);
    x[c] ^= rotate(x[b] + x[a], 9);
    x[d] ^= rotate(x[c] + x[b], 13);
    x[a] ^= rotate(x[d] + x[c], 18);
}

/* Salsa20 with 8 rounds: columns, then rows. */
static void salsa(uint32_t block[SALSA_WORDS]) {
    uint32_t x[SALSA_WORDS];
    memcpy(x, block, sizeof x);
    for (unsigned i = 0; i < 4; i++) {
        quarter(x, 0, 4, 8, 12);
        quarter(x, 5, 9, 13, 1);
        quarter(x, 10, 14, 2, 6);
        quarter(x, 15, 3, 7, 11);
        quarter(x, 0, 1, 2, 3);
        quarter(x, 5, 6, 7, 4);
        quarter(x, 10, 11, 8, 9);
        quarter(x, 15, 12, 13, 14);
    }
    for (unsigned i = 0; i < SALSA_WORDS; i++) {
        block[i] += x[i];
    }
}

/* Mixes 2r blocks of `in` to `out`: the even ones first. */
static void mix_blocks(const uint32_t *in, uint32_t *out, size_t r) {
    uint32_t x[SALSA_WORDS];
    memcpy(x, in + (2 * r - 1) * SALSA_WORDS, sizeof x);
    for (size_t i = 0; i < 2 * r; i++) {
        for (unsigned k = 0; k < SALSA_WORDS; k++) {
            x[k] ^= in[i * SALSA_WORDS + k];
        }
        salsa(x);
        memcpy(out + (i / 2 + (i % 2) * r) * SALSA_WORDS, x, sizeof x);
    }
}

typedef struct Scrypt {
    size_t n, r, p;
    size_t n_words;  /* of a row: 32 r */
    uint32_t *table; /* n rows, then two rows to work in */
} Scrypt;

static void swap_rows(uint32_t **a, uint32_t **b) {
    uint32_t *const c = *a;
    *a = *b;
    *b = c;
}

/* Step i of 2n: the first n fill the table, the others read it at places that the data says. */
static void mix_step(const Scrypt *s, size_t i, uint32_t **row, uint32_t **next) {
    if (i < s->n) {
        memcpy(s->table + i * s->n_words, *row, s->n_words * sizeof(uint32_t));
    } else {
        const size_t at = (*row)[s->n_words - SALSA_WORDS] & (s->n - 1);
        for (size_t k = 0; k < s->n_words; k++) {
            (*row)[k] ^= s->table[at * s->n_words + k];
        }
    }
    mix_blocks(*row, *next, s->r);
    swap_rows(row, next);
}

/* Mixes one of p parts, in place. The words are little-endian in `part`. */
static bool mix_part(Context *cx, const Scrypt *s, uint8_t *part) {
    uint32_t *row = s->table + s->n * s->n_words;
    uint32_t *next = row + s->n_words;
    for (size_t k = 0; k < s->n_words; k++) {
        row[k] = (uint32_t)part[4 * k] | (uint32_t)part[4 * k + 1] << 8 |
                 (uint32_t)part[4 * k + 2] << 16 | (uint32_t)part[4 * k + 3] << 24;
    }
    for (size_t i = 0; i < 2 * s->n;) {
        block_begin(cx, BLOCK_COMPUTE, VALUE_NONE, BLOCK_FOREVER);
        for (size_t k = 0; k * s->r < PORTION && i < 2 * s->n; k++, i++) {
            mix_step(s, i, &row, &next);
        }
        block_end(cx);
        if (!block_poll(cx)) {
            return false;
        }
    }
    for (size_t k = 0; k < 4 * s->n_words; k++) {
        part[k] = (uint8_t)(row[k / 4] >> (8 * (k % 4)));
    }
    return true;
}

static bool scrypt(Context *cx, const Scrypt *s, Mac *mac, const ByteView *salt,
                   ObjBytes *parts, ObjBytes *key) {
    uint8_t *const part = (uint8_t *)parts->data;
    bool is_done = derive(cx, mac, salt, 1, part, parts->n_bytes);
    for (size_t i = 0; is_done && i < s->p; i++) {
        is_done = mix_part(cx, s, part + i * 128 * s->r);
    }
    const ByteView mixed = {parts->data, parts->n_bytes};
    return is_done && derive(cx, mac, &mixed, 1, (uint8_t *)key->data, key->n_bytes);
}

_Static_assert(offsetof(ObjBytes, data) % sizeof(uint32_t) == 0,
               "the table of scrypt lies in a bytes object");

NATIVE(hashlib_scrypt, "scrypt(password, salt, n, r, p, dklen, /)",
       "scrypt; the caller has checked the numbers and how much memory they take.") {
    ByteView password, salt;
    size_t n_bytes;
    Scrypt s;
    if (!byte_view_of(cx, args[0], &password) || !byte_view_of(cx, args[1], &salt) ||
        !positive(cx, args[2], "n", &s.n) || !positive(cx, args[3], "r", &s.r) ||
        !positive(cx, args[4], "p", &s.p) || !positive(cx, args[5], "dklen", &n_bytes)) {
        return VALUE_ERROR;
    }
    /* The memory is the heap's: too much of it is a MemoryError. */
    s.n_words = 32 * s.r;
    ObjBytes *key = bytes_new(cx, NULL, n_bytes);
    ObjBytes *parts = key == NULL ? NULL : bytes_new(cx, NULL, s.p * 128 * s.r);
    ObjBytes *table = parts == NULL ? NULL : bytes_new(cx, NULL, (s.n + 2) * 128 * s.r);
    if (table == NULL) {
        return VALUE_ERROR;
    }
    s.table = (uint32_t *)(void *)table->data;
    Mac mac;
    mac_open(&mac, &nettle_sha256, &password);
    const bool is_done = scrypt(cx, &s, &mac, &salt, parts, key);
    mac_close(&mac);
    return is_done ? OBJ_VALUE(key) : VALUE_ERROR;
}

const NativeDef hash_password_functions[] = {
    NATIVE_ENTRY(hashlib_pbkdf2_hmac),
    NATIVE_ENTRY(hashlib_scrypt),
    {0},
};
