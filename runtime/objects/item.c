/* item.c - one number in memory. */

#include "runtime/objects/item.h"

#include <math.h>

#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"

static const struct {
    char code;
    uint8_t native_bytes;
    uint8_t standard_bytes; /* 0: none */
    bool is_signed;
} types[] = {
    {'?', sizeof(bool), 1, false},
    {'b', 1, 1, true},
    {'B', 1, 1, false},
    {'c', 1, 1, false},
    {'h', sizeof(short), 2, true},
    {'H', sizeof(short), 2, false},
    {'i', sizeof(int), 4, true},
    {'I', sizeof(int), 4, false},
    {'l', sizeof(long), 4, true},
    {'L', sizeof(long), 4, false},
    {'q', sizeof(long long), 8, true},
    {'Q', sizeof(long long), 8, false},
    {'n', sizeof(ptrdiff_t), 0, true},
    {'N', sizeof(size_t), 0, false},
    {'P', sizeof(void *), 0, false},
    {'e', 2, 2, true},
    {'f', sizeof(float), 4, true},
    {'d', sizeof(double), 8, true},
};

static bool find(char code, bool is_native, ItemType *type) {
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].code == code) {
            const uint8_t n = is_native ? types[i].native_bytes : types[i].standard_bytes;
            *type = (ItemType){code, n, types[i].is_signed, false};
            return n != 0;
        }
    }
    return false;
}

bool item_native(char code, ItemType *type) {
    return find(code, true, type);
}

bool item_standard(char code, ItemType *type) {
    return find(code, false, type);
}

void item_swap(char *item, size_t n_bytes) {
    for (size_t i = 0; i < n_bytes / 2; i++) {
        const char byte = item[i];
        item[i] = item[n_bytes - 1 - i];
        item[n_bytes - 1 - i] = byte;
    }
}

/* Integers go through the lower bytes of a 64-bit word, whatever the byte order of this machine. */

static uint64_t load_word(const char *from, size_t n_bytes) {
    switch (n_bytes) {
    case 1: return (unsigned char)*from;
    case 2: {
        uint16_t word;
        memcpy(&word, from, sizeof word);
        return word;
    }
    case 4: {
        uint32_t word;
        memcpy(&word, from, sizeof word);
        return word;
    }
    default: {
        uint64_t word;
        memcpy(&word, from, sizeof word);
        return word;
    }
    }
}

static void store_word(uint64_t word, char *to, size_t n_bytes) {
    switch (n_bytes) {
    case 1: *to = (char)word; break;
    case 2: memcpy(to, &(uint16_t){(uint16_t)word}, 2); break;
    case 4: memcpy(to, &(uint32_t){(uint32_t)word}, 4); break;
    default: memcpy(to, &word, 8);
    }
}

/* Half precision: 1 bit sign, 5 bits exponent, 10 bits fraction. */

static double half_to_double(uint16_t half) {
    const int exponent = half >> 10 & 31;
    const int fraction = half & 0x3ff;
    double d;
    if (exponent == 31) {
        d = fraction == 0 ? INFINITY : NAN;
    } else if (exponent == 0) {
        d = ldexp(fraction, -24);
    } else {
        d = ldexp(fraction + 1024, exponent - 25);
    }
    return half & 0x8000 ? -d : d;
}

/* Infinity for what is too large. */
static uint16_t half_from_double(double d) {
    const uint16_t sign = signbit(d) ? 0x8000 : 0;
    const double size = fabs(d);
    if (isnan(d)) {
        return sign | 0x7e00;
    }
    if (isinf(d)) {
        return sign | 0x7c00;
    }
    if (size < ldexp(1, -14)) {
        return sign | (uint16_t)nearbyint(ldexp(size, 24));
    }
    const int exponent = ilogb(size);
    if (exponent > 15) {
        return sign | 0x7c00;
    }
    /* Rounding up may carry into the exponent, as it should. */
    const unsigned fraction = (unsigned)nearbyint(ldexp(size, 10 - exponent)) - 1024;
    return (uint16_t)(sign | (((unsigned)(exponent + 15) << 10) + fraction));
}

static double load_double(const ItemType *type, const char *item) {
    float f;
    double d;
    switch (type->code) {
    case 'e': return half_to_double((uint16_t)load_word(item, 2));
    case 'f': memcpy(&f, item, sizeof f); return f;
    default: memcpy(&d, item, sizeof d); return d;
    }
}

/* What most arrays are made of. VALUE_UNSET for anything else. */
static inline Value load_plain(const ItemType *type, const char *from) {
    switch (type->is_swapped ? 0 : type->code) {
    case 'd': {
        double d;
        memcpy(&d, from, sizeof d);
        return value_from_double_any(d);
    }
    case 'i': {
        int i;
        memcpy(&i, from, sizeof i);
        return value_from_int(i);
    }
    case 'B': return value_from_int((unsigned char)*from);
    default: return VALUE_UNSET;
    }
}

Value item_load(Context *cx, const ItemType *type, const char *from) {
    const Value plain = load_plain(type, from);
    if (!IS_UNSET(plain)) {
        return plain;
    }
    char item[ITEM_MAX_BYTES];
    memcpy(item, from, type->n_bytes);
    if (type->is_swapped) {
        item_swap(item, type->n_bytes);
    }
    if (item_is_float(type)) {
        return value_from_double_any(load_double(type, item));
    }
    if (type->code == 'c') {
        ObjBytes *bytes = bytes_new(cx, item, 1);
        return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
    }
    const uint64_t word = load_word(item, type->n_bytes);
    if (type->code == '?') {
        return BOOL_VALUE(word != 0);
    }
    if (!type->is_signed) {
        return int_from_u64(cx, word);
    }
    const int shift = 64 - 8 * type->n_bytes;
    return int_from_i64(cx, (int64_t)(word << shift) >> shift);
}

/* The 64 bits of a number that is not negative; false when there are more. */
static bool to_word(Value v, uint64_t *word) {
    int64_t i;
    if (int_to_i64(v, &i)) {
        *word = (uint64_t)i;
        return i >= 0;
    }
    const ObjInt *big = AS_BIG_INT(v);
    *word = (uint64_t)big->limbs[0];
    return big->n_limbs == 1;
}

static ItemFit fit_int(const ItemType *type, Value v, uint64_t *word) {
    const int n_bits = 8 * type->n_bytes;
    if (!type->is_signed) {
        const bool is_word = to_word(v, word);
        return int_sign(v) < 0                                     ? ITEM_TOO_SMALL
               : !is_word || (n_bits < 64 && *word >> n_bits != 0) ? ITEM_TOO_LARGE
                                                                   : ITEM_FITS;
    }
    int64_t i;
    if (!int_to_i64(v, &i)) {
        return int_sign(v) < 0 ? ITEM_TOO_SMALL : ITEM_TOO_LARGE;
    }
    *word = (uint64_t)i;
    const int64_t limit = (int64_t)(((uint64_t)1 << (n_bits - 1)) - 1);
    return i > limit ? ITEM_TOO_LARGE : i < -limit - 1 ? ITEM_TOO_SMALL : ITEM_FITS;
}

ItemFit item_store_int(const ItemType *type, Value v, char *to) {
    uint64_t word;
    const ItemFit fit = fit_int(type, v, &word);
    if (fit == ITEM_FITS) {
        store_word(word, to, type->n_bytes);
        if (type->is_swapped) {
            item_swap(to, type->n_bytes);
        }
    }
    return fit;
}

bool item_store_double(const ItemType *type, double d, char *to) {
    bool fits = true;
    if (type->code == 'e') {
        const uint16_t half = half_from_double(d);
        store_word(half, to, 2);
        fits = (half & 0x7fff) != 0x7c00 || isinf(d);
    } else if (type->code == 'f') {
        const float f = (float)d;
        memcpy(to, &f, sizeof f);
        fits = !isinf(f) || isinf(d);
    } else {
        memcpy(to, &d, sizeof d);
    }
    if (type->is_swapped) {
        item_swap(to, type->n_bytes);
    }
    return fits;
}
