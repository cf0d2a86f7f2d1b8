/* mod_hashlib.c - the module _hashlib: hashes over nettle. lib/hashlib.mini adds the names.
 *
 * A hash object has its state inside; `busy` is taken for each use of it, so that updates
 * of several threads come one after the other also while a large one runs without the
 * GIL. */

#include <nettle/nettle-meta.h>

#include "runtime/gc/mark.h"
#include "runtime/modules/busy.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/int.h"

enum { LARGE_BYTES = 2048, DIGEST_MAX = 64 };

typedef struct ObjHash {
    Obj header;
    const char *name;                  /* [const] */
    const struct nettle_hash *methods; /* [const] */
    uint32_t busy;                     /* [atomic] 1: a thread uses state */
    _Alignas(16) char state[];         /* [busy] */
} ObjHash;

#define AS_HASH(v) ((ObjHash *)AS_OBJ(v))

static const struct {
    const char *name;
    const struct nettle_hash *methods;
} algorithms[] = {
    {"md5", &nettle_md5},           {"sha1", &nettle_sha1},
    {"sha224", &nettle_sha224},     {"sha256", &nettle_sha256},
    {"sha384", &nettle_sha384},     {"sha512", &nettle_sha512},
    {"sha3_224", &nettle_sha3_224}, {"sha3_256", &nettle_sha3_256},
    {"sha3_384", &nettle_sha3_384}, {"sha3_512", &nettle_sha3_512},
};

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

static ObjHash *hash_new(Context *cx, const struct nettle_hash *methods,
                         const char *name) {
    ObjHash *hash = (ObjHash *)heap_alloc(cx, sizeof(ObjHash) + methods->context_size,
                                          KIND_HASH, KIND_HASH);
    if (hash != NULL) {
        hash->methods = methods;
        hash->name = name;
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
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        if (str_equals_c(name, algorithms[i].name)) {
            ObjHash *hash = hash_new(cx, algorithms[i].methods, algorithms[i].name);
            return hash != NULL && (IS_UNSET(args[1]) || update(cx, hash, args[1]))
                       ? OBJ_VALUE(hash)
                       : VALUE_ERROR;
        }
    }
    return exc_raise(cx, EXC_ValueError, "unsupported hash type %.*s", (int)name->n_bytes,
                     name->data);
}

NATIVE(hash_update, "update(self, data, /)", "Hash more bytes.") {
    return update(cx, AS_HASH(args[0]), args[1]) ? VALUE_NONE : VALUE_ERROR;
}

/* The digest so far: of a copy, since taking it ends the state. */
static bool digest(Context *cx, Value self, uint8_t *out, size_t *n_bytes) {
    ObjHash *hash = AS_HASH(self);
    ObjHash *copy = hash_new(cx, hash->methods, hash->name);
    if (copy == NULL || !busy_acquire(cx, OBJ_VALUE(hash), &hash->busy)) {
        return false;
    }
    memcpy(copy->state, hash->state, hash->methods->context_size);
    busy_release(&hash->busy);
    *n_bytes = hash->methods->digest_size;
    hash->methods->digest(copy->state, *n_bytes, out);
    return true;
}

NATIVE(hash_digest, "digest(self, /)", "Return the digest value as a bytes object.") {
    uint8_t bytes[DIGEST_MAX];
    size_t n_bytes;
    ObjBytes *result = digest(cx, args[0], bytes, &n_bytes)
                           ? bytes_new(cx, (const char *)bytes, n_bytes)
                           : NULL;
    return result == NULL ? VALUE_ERROR : OBJ_VALUE(result);
}

NATIVE(hash_hexdigest, "hexdigest(self, /)",
       "Return the digest value as a string of hexadecimal digits.") {
    uint8_t bytes[DIGEST_MAX];
    char text[2 * DIGEST_MAX];
    size_t n_bytes;
    if (!digest(cx, args[0], bytes, &n_bytes)) {
        return VALUE_ERROR;
    }
    for (size_t i = 0; i < n_bytes; i++) {
        text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    ObjStr *s = str_new_ascii(cx, text, 2 * n_bytes);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

NATIVE(hash_copy, "copy(self, /)", "Return a copy of the hash object.") {
    ObjHash *hash = AS_HASH(args[0]);
    ObjHash *copy = hash_new(cx, hash->methods, hash->name);
    if (copy == NULL || !busy_acquire(cx, OBJ_VALUE(hash), &hash->busy)) {
        return VALUE_ERROR;
    }
    memcpy(copy->state, hash->state, hash->methods->context_size);
    busy_release(&hash->busy);
    return OBJ_VALUE(copy);
}

static Value get_name(Context *cx, Value self) {
    ObjStr *name = str_from_c(cx, AS_HASH(self)->name);
    return name == NULL ? VALUE_ERROR : OBJ_VALUE(name);
}

static Value get_digest_size(Context *cx, Value self) {
    (void)cx;
    return value_from_int(AS_HASH(self)->methods->digest_size);
}

static Value get_block_size(Context *cx, Value self) {
    (void)cx;
    return value_from_int(AS_HASH(self)->methods->block_size);
}

static Value hash_repr(Context *cx, Value v) {
    ObjStr *text = str_format_c(cx, "<%s _hashlib.HASH object @ 0x%llx>",
                                AS_HASH(v)->name, (unsigned long long)v);
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

const KindOps kind_ops_ObjHash = {
    .repr = hash_repr,
    .methods = hash_methods,
    .getsets = hash_getsets,
    .doc = "A hash is an object used to calculate a checksum of a string of information.",
};

static const NativeDef functions[] = {NATIVE_ENTRY(hashlib_new), {0}};

bool mod_hashlib_open(Context *cx, ObjModule *module) {
    return module_add_type(cx, module, KIND_HASH, NULL) &&
           module_add_natives(cx, module, functions);
}
