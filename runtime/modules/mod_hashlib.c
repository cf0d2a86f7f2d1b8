/* mod_hashlib.c - the module _hashlib: hashes over nettle, SHAKE (hash_shake.c) and BLAKE2
 * (hash_blake2.c); keys made of passwords are in hash_password.c. lib/hashlib.mini adds the names.
 *
 * A hash object has its state inside; `busy` is taken for each use of it, so that updates
 * of several threads come one after the other also while a large one runs without the
 * GIL. */

#include <nettle/nettle-meta.h>

#include "runtime/gc/mark.h"
#include "runtime/modules/busy.h"
#include "runtime/modules/hash_blake2.h"
#include "runtime/modules/hash_shake.h"
#include "runtime/modules/mod_hashlib.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/int.h"
#include "runtime/objects/tuple.h"

enum { LARGE_BYTES = 2048, XOF_DIGEST_LIMIT = 1 << 29 };

typedef struct Algorithm {
    const char *name; /* as Python has it */
    const struct nettle_hash *methods;
} Algorithm;

typedef struct ObjHash {
    Obj header;
    const Algorithm *algorithm;        /* [const] */
    const struct nettle_hash *methods; /* [const] the algorithm's */
    uint32_t busy;                     /* [atomic] 1: a thread uses state */
    _Alignas(16) char state[];         /* [busy] */
} ObjHash;

/* A hash whose digest is as long as the caller wishes. */
typedef ObjHash ObjHashXof;

#define AS_HASH(v) ((ObjHash *)AS_OBJ(v))

static const struct nettle_hash blake2b = {
    "blake2b", sizeof(Blake2), 64, 128, blake2b_init, blake2_update, blake2_digest};
static const struct nettle_hash blake2s = {"blake2s",    sizeof(Blake2), 32,           64,
                                           blake2s_init, blake2_update,  blake2_digest};
static const struct nettle_hash shake_128 = {
    "shake_128", sizeof(Shake), 0, 168, shake_128_init, shake_update, shake_digest};
static const struct nettle_hash shake_256 = {
    "shake_256", sizeof(Shake), 0, 136, shake_256_init, shake_update, shake_digest};

static const Algorithm algorithms[] = {
    {"md5", &nettle_md5},
    {"sha1", &nettle_sha1},
    {"sha224", &nettle_sha224},
    {"sha256", &nettle_sha256},
    {"sha384", &nettle_sha384},
    {"sha512", &nettle_sha512},
    {"sha3_224", &nettle_sha3_224},
    {"sha3_256", &nettle_sha3_256},
    {"sha3_384", &nettle_sha3_384},
    {"sha3_512", &nettle_sha3_512},
    {"blake2b", &blake2b},
    {"blake2s", &blake2s},
    {"shake_128", &shake_128},
    {"shake_256", &shake_256},
    {"ripemd160", &nettle_ripemd160},
    {"sha512_224", &nettle_sha512_224},
    {"sha512_256", &nettle_sha512_256},
};

static const Algorithm *find(const ObjStr *name) {
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        if (str_equals_c(name, algorithms[i].name)) {
            return &algorithms[i];
        }
    }
    return NULL;
}

const struct nettle_hash *hashlib_find(const ObjStr *name) {
    const Algorithm *algorithm = find(name);
    return algorithm == NULL ? NULL : algorithm->methods;
}

static bool is_xof(const ObjHash *hash) {
    return hash->methods->digest_size == 0;
}

static bool is_blake2(const ObjHash *hash) {
    return hash->methods->update == blake2_update;
}

/* BLAKE2's is chosen for each object. */
static size_t digest_size(const ObjHash *hash) {
    return is_blake2(hash) ? ((const Blake2 *)(const void *)hash->state)->n_digest
                           : hash->methods->digest_size;
}

static bool update(Context *cx, ObjHash *hash, Value data) {
    ByteView view;
    if (IS_STR(data)) {
        exc_raise(cx, EXC_TypeError, "Strings must be encoded before hashing");
        return false;
    }
    if (!byte_view_of(cx, data, &view)) {
        exc_take(cx);
        exc_raise(cx, EXC_TypeError, "object supporting the buffer API required");
        return false;
    }
    if (!busy_acquire(cx, OBJ_VALUE(hash), &hash->busy)) {
        return false;
    }
    if (view.n_bytes < LARGE_BYTES) {
        hash->methods->update(hash->state, view.n_bytes, (const uint8_t *)view.data);
    } else {
        block_begin(cx, BLOCK_COMPUTE, VALUE_NONE, BLOCK_FOREVER);
        hash->methods->update(hash->state, view.n_bytes, (const uint8_t *)view.data);
        block_end(cx);
    }
    busy_release(&hash->busy);
    return true;
}

static ObjHash *hash_new(Context *cx, const Algorithm *algorithm) {
    const struct nettle_hash *methods = algorithm->methods;
    const unsigned kind = methods->digest_size == 0 ? KIND_HASH_XOF : KIND_HASH;
    ObjHash *hash =
        (ObjHash *)heap_alloc(cx, sizeof(ObjHash) + methods->context_size, kind, kind);
    if (hash != NULL) {
        hash->algorithm = algorithm;
        hash->methods = methods;
        methods->init(hash->state);
    }
    return hash;
}

NATIVE(hashlib_new, "new(name, string=b'', *, usedforsecurity=True)",
       "Return a new hash object using the named algorithm.") {
    if (!IS_STR(args[0])) {
        return exc_raise(cx, EXC_TypeError, "name must be a string");
    }
    const ObjStr *name = AS_STR(args[0]);
    const Algorithm *algorithm = find(name);
    if (algorithm == NULL) {
        return exc_raise(cx, EXC_ValueError, "unsupported hash type %.*s",
                         (int)name->n_bytes, name->data);
    }
    ObjHash *hash = hash_new(cx, algorithm);
    return hash != NULL && (IS_UNSET(args[1]) || update(cx, hash, args[1]))
               ? OBJ_VALUE(hash)
               : VALUE_ERROR;
}

/* The bytes of v, at most `limit` of them, to `out`. */
static bool short_bytes(Context *cx, Value v, const char *what, size_t limit,
                        uint8_t *out, size_t *n_bytes) {
    ByteView view;
    if (!byte_view_of(cx, v, &view)) {
        return false;
    }
    if (view.n_bytes > limit) {
        exc_raise(cx, EXC_ValueError, "maximum %s length is %zu bytes", what, limit);
        return false;
    }
    memcpy(out, view.data, view.n_bytes);
    *n_bytes = view.n_bytes;
    return true;
}

NATIVE(hashlib_blake2, "blake2(name, data, key, salt, person, numbers, /)",
       "Return a new BLAKE2 hash; numbers: the digest's size, fanout, depth, leaf size, "
       "node "
       "offset, node depth, inner size, last node, which the caller has checked.") {
    const Algorithm *algorithm = find(AS_STR(args[0]));
    const bool is_wide = algorithm->methods == &blake2b;
    const ObjTuple *numbers = AS_TUPLE(args[5]);
    int64_t n[8];
    for (size_t i = 0; i < 8; i++) {
        if (!arg_int(cx, numbers->items[i], &n[i])) {
            return VALUE_ERROR;
        }
    }
    Blake2Parameters p = {.n_digest = (uint8_t)n[0],
                          .fanout = (uint8_t)n[1],
                          .depth = (uint8_t)n[2],
                          .leaf_size = (uint32_t)n[3],
                          .node_offset = (uint64_t)n[4],
                          .node_depth = (uint8_t)n[5],
                          .inner_size = (uint8_t)n[6],
                          .is_last_node = n[7] != 0};
    const size_t n_text = is_wide ? 16 : 8;
    size_t n_key, n_ignored;
    ObjHash *hash =
        short_bytes(cx, args[2], "key", is_wide ? 64 : 32, p.key, &n_key) &&
                short_bytes(cx, args[3], "salt", n_text, p.salt, &n_ignored) &&
                short_bytes(cx, args[4], "person", n_text, p.person, &n_ignored)
            ? hash_new(cx, algorithm)
            : NULL;
    if (hash == NULL) {
        return VALUE_ERROR;
    }
    p.n_key = (uint8_t)n_key;
    blake2_start((Blake2 *)(void *)hash->state, is_wide, &p);
    return update(cx, hash, args[1]) ? OBJ_VALUE(hash) : VALUE_ERROR;
}

NATIVE(hash_update, "update(self, data, /)", "Hash more bytes.") {
    return update(cx, AS_HASH(args[0]), args[1]) ? VALUE_NONE : VALUE_ERROR;
}

static ObjHash *copy_of(Context *cx, ObjHash *hash) {
    ObjHash *copy = hash_new(cx, hash->algorithm);
    if (copy == NULL || !busy_acquire(cx, OBJ_VALUE(hash), &hash->busy)) {
        return NULL;
    }
    memcpy(copy->state, hash->state, hash->methods->context_size);
    busy_release(&hash->busy);
    return copy;
}

/* The digest so far: of a copy, since taking it ends the state. */
static Value digest(Context *cx, ObjHash *hash, size_t n_bytes) {
    ObjHash *copy = copy_of(cx, hash);
    ObjBytes *result = copy == NULL ? NULL : bytes_new(cx, NULL, n_bytes);
    if (result == NULL) {
        return VALUE_ERROR;
    }
    copy->methods->digest(copy->state, n_bytes, (uint8_t *)result->data);
    return OBJ_VALUE(result);
}

static Value hexdigest(Context *cx, ObjHash *hash, size_t n_bytes) {
    const Value bytes = digest(cx, hash, n_bytes);
    if (IS_ERROR(bytes)) {
        return VALUE_ERROR;
    }
    char *out;
    ObjStr *text = str_new_room(cx, 2 * n_bytes, 2 * n_bytes, &out);
    if (text == NULL) {
        return VALUE_ERROR;
    }
    const uint8_t *data = (const uint8_t *)AS_BYTES(bytes)->data;
    for (size_t i = 0; i < n_bytes; i++) {
        out[2 * i] = "0123456789abcdef"[data[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[data[i] & 15];
    }
    return OBJ_VALUE(text);
}

NATIVE(hash_digest, "digest(self, /)", "Return the digest value as a bytes object.") {
    return digest(cx, AS_HASH(args[0]), digest_size(AS_HASH(args[0])));
}

NATIVE(hash_hexdigest, "hexdigest(self, /)",
       "Return the digest value as a string of hexadecimal digits.") {
    return hexdigest(cx, AS_HASH(args[0]), digest_size(AS_HASH(args[0])));
}

/* The wished length, or false with an exception. */
static bool length_of(Context *cx, Value v, int64_t *n_bytes) {
    if (!arg_int(cx, v, n_bytes)) {
        return false;
    }
    if (*n_bytes < 0 || *n_bytes >= XOF_DIGEST_LIMIT) {
        exc_raise(cx, EXC_ValueError,
                  *n_bytes < 0 ? "length must not be negative" : "length is too large");
        return false;
    }
    return true;
}

NATIVE(xof_digest, "digest(self, /, length)",
       "Return the digest value as a bytes object.") {
    int64_t n_bytes;
    return length_of(cx, args[1], &n_bytes)
               ? digest(cx, AS_HASH(args[0]), (size_t)n_bytes)
               : VALUE_ERROR;
}

NATIVE(xof_hexdigest, "hexdigest(self, /, length)",
       "Return the digest value as a string of hexadecimal digits.") {
    int64_t n_bytes;
    return length_of(cx, args[1], &n_bytes)
               ? hexdigest(cx, AS_HASH(args[0]), (size_t)n_bytes)
               : VALUE_ERROR;
}

NATIVE(hash_copy, "copy(self, /)", "Return a copy of the hash object.") {
    ObjHash *copy = copy_of(cx, AS_HASH(args[0]));
    return copy == NULL ? VALUE_ERROR : OBJ_VALUE(copy);
}

static Value get_name(Context *cx, Value self) {
    ObjStr *name = str_from_c(cx, AS_HASH(self)->algorithm->name);
    return name == NULL ? VALUE_ERROR : OBJ_VALUE(name);
}

static Value get_digest_size(Context *cx, Value self) {
    (void)cx;
    return value_from_int((int64_t)digest_size(AS_HASH(self)));
}

static Value get_block_size(Context *cx, Value self) {
    (void)cx;
    return value_from_int(AS_HASH(self)->methods->block_size);
}

static Value hash_repr(Context *cx, Value v) {
    const ObjHash *hash = AS_HASH(v);
    const unsigned long long address = (unsigned long long)v;
    const char *name = hash->algorithm->name;
    ObjStr *text = is_blake2(hash)
                       ? str_format_c(cx, "<_blake2.%s object at 0x%llx>", name, address)
                       : str_format_c(cx, "<%s _hashlib.HASH%s object @ 0x%llx>", name,
                                      is_xof(hash) ? "XOF" : "", address);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static const NativeDef hash_methods[] = {
    NATIVE_ENTRY(hash_copy),
    NATIVE_ENTRY(hash_digest),
    NATIVE_ENTRY(hash_hexdigest),
    NATIVE_ENTRY(hash_update),
    {0},
};

static const GetsetDef hash_getsets[] = {
    {"name", NULL, get_name, NULL},
    {"digest_size", NULL, get_digest_size, NULL},
    {"block_size", NULL, get_block_size, NULL},
    {0},
};

static const NativeDef xof_methods[] = {
    NATIVE_ENTRY(hash_copy),
    NATIVE_ENTRY(xof_digest),
    NATIVE_ENTRY(xof_hexdigest),
    NATIVE_ENTRY(hash_update),
    {0},
};

const KindOps kind_ops_ObjHash = {
    .repr = hash_repr,
    .methods = hash_methods,
    .getsets = hash_getsets,
    .doc = "A hash is an object used to calculate a checksum of a string of information.",
};

const KindOps kind_ops_ObjHashXof = {
    .repr = hash_repr,
    .methods = xof_methods,
    .getsets = hash_getsets,
    .doc = "A hash whose digest is as long as one wishes.",
};

static const NativeDef functions[] = {
    NATIVE_ENTRY(hashlib_blake2),
    NATIVE_ENTRY(hashlib_new),
    {0},
};

bool mod_hashlib_open(Context *cx, ObjModule *module) {
    return module_add_type(cx, module, KIND_HASH, NULL) &&
           module_add_type(cx, module, KIND_HASH_XOF, NULL) &&
           module_add_natives(cx, module, functions) &&
           module_add_natives(cx, module, hash_password_functions);
}
