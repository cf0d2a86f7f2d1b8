/* int_methods.c - the methods of int. */

#include "runtime/objects/int_methods.h"

#include <limits.h>

#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int_big.h"

NATIVE(int_bit_length, "bit_length(self, /)",
       "Number of bits necessary to represent self in binary.") {
    IntView view;
    int_view(&view, args[0]);
    return value_from_int(int_view_bits(&view));
}

NATIVE(int_bit_count, "bit_count(self, /)",
       "Number of ones in the binary form of the absolute value.") {
    IntView view;
    int_view(&view, args[0]);
    return value_from_int(view.n == 0 ? 0 : (int64_t)mpn_popcount(view.limbs, view.n));
}

NATIVE(int_conjugate, "conjugate(self, /)",
       "Returns self, the complex conjugate of any int.") {
    return int_exact(cx, args[0]);
}

NATIVE(int_is_integer, "is_integer(self, /)", "Returns True: every int is one.") {
    return VALUE_TRUE;
}

NATIVE(int_as_integer_ratio, "as_integer_ratio(self, /)", "The pair (self, 1).") {
    const Value v = int_exact(cx, args[0]);
    return IS_ERROR(v) ? VALUE_ERROR : tuple_pack(cx, 2, v, value_from_int(1));
}

/* "little" or "big" (the default); *is_little. */
static bool byte_order_arg(Context *cx, const char *function, Value v, bool *is_little) {
    *is_little = false;
    if (IS_UNSET(v)) {
        return true;
    }
    if (!IS_STR(v)) {
        exc_raise(cx, EXC_TypeError, "%s() argument 'byteorder' must be str, not %s",
                  function, arg_type_name(cx, v));
        return false;
    }
    *is_little = str_equals_c(AS_STR(v), "little");
    if (!*is_little && !str_equals_c(AS_STR(v), "big")) {
        exc_raise(cx, EXC_ValueError, "byteorder must be either 'little' or 'big'");
        return false;
    }
    return true;
}

/* The bytes of a two's complement, least significant first. */
static void store_bytes(const IntView *view, char *out, size_t n_bytes) {
    unsigned carry = 1;
    for (size_t i = 0; i < n_bytes; i++) {
        const size_t limb = i / sizeof(mp_limb_t);
        unsigned byte = 0;
        if ((int64_t)limb < view->n) {
            byte = (unsigned)(view->limbs[limb] >> (i % sizeof(mp_limb_t) * CHAR_BIT)) &
                   0xff;
        }
        if (view->is_negative) {
            byte = (~byte & 0xff) + carry;
            carry = byte >> 8;
        }
        out[i] = (char)byte;
    }
}

static void reverse_bytes(char *bytes, size_t n_bytes) {
    for (size_t i = 0; i < n_bytes / 2; i++) {
        const char swap = bytes[i];
        bytes[i] = bytes[n_bytes - 1 - i];
        bytes[n_bytes - 1 - i] = swap;
    }
}

/* Does the number fit into so many bytes? -2^(n-1) does, when signed. */
static bool fits_bytes(const IntView *view, size_t n_bytes, bool is_signed) {
    int64_t n_bits = int_view_bits(view);
    if (is_signed) {
        const bool is_power =
            view->is_negative && (int64_t)mpn_scan1(view->limbs, 0) == n_bits - 1;
        n_bits += !is_power;
    }
    return view->n == 0 || (uint64_t)n_bits <= (uint64_t)n_bytes * CHAR_BIT;
}

NATIVE(int_to_bytes, "to_bytes(self, /, length=1, byteorder='big', *, signed=False)",
       "Return an array of bytes representing the integer.") {
    int64_t n_bytes = 1;
    bool is_little;
    bool is_signed;
    if ((!IS_UNSET(args[1]) && !arg_int(cx, args[1], &n_bytes)) ||
        !byte_order_arg(cx, "to_bytes", args[2], &is_little) ||
        !arg_bool(cx, args[3], false, &is_signed)) {
        return VALUE_ERROR;
    }
    if (n_bytes < 0) {
        return exc_raise(cx, EXC_ValueError, "length argument must be non-negative");
    }
    IntView view;
    int_view(&view, args[0]);
    if (view.is_negative && !is_signed) {
        return exc_raise(cx, EXC_OverflowError, "can't convert negative int to unsigned");
    }
    if (!fits_bytes(&view, (size_t)n_bytes, is_signed)) {
        return exc_raise(cx, EXC_OverflowError, "int too big to convert");
    }
    ObjBytes *bytes = bytes_new(cx, NULL, (size_t)n_bytes);
    if (bytes == NULL) {
        return VALUE_ERROR;
    }
    store_bytes(&view, bytes->data, (size_t)n_bytes);
    if (!is_little) {
        reverse_bytes(bytes->data, (size_t)n_bytes);
    }
    return OBJ_VALUE(bytes);
}

static Value load_bytes(Context *cx, const ObjBytes *bytes, bool is_little,
                        bool is_signed) {
    const size_t n = bytes->n_bytes;
    const size_t n_limbs = n / sizeof(mp_limb_t) + 1;
    ObjInt *big = int_alloc(cx, n_limbs);
    if (big == NULL) {
        return VALUE_ERROR;
    }
    for (size_t i = 0; i < n; i++) {
        const mp_limb_t byte = (unsigned char)bytes->data[is_little ? i : n - 1 - i];
        big->limbs[i / sizeof(mp_limb_t)] |= byte << (i % sizeof(mp_limb_t) * CHAR_BIT);
    }
    const unsigned char top =
        n == 0 ? 0 : (unsigned char)bytes->data[is_little ? n - 1 : 0];
    const bool is_negative = is_signed && (top & 0x80);
    if (is_negative) {
        for (size_t i = n; i < n_limbs * sizeof(mp_limb_t); i++) {
            big->limbs[i / sizeof(mp_limb_t)] |= (mp_limb_t)0xff
                                                 << (i % sizeof(mp_limb_t) * CHAR_BIT);
        }
        mpn_neg(big->limbs, big->limbs, (mp_size_t)n_limbs);
    }
    return int_finish(big, (int64_t)n_limbs, is_negative);
}

/* bytes(v) would make zeros of it. */
static bool is_only_index(Context *cx, Value v) {
    const ObjType *type = type_of(cx, v);
    return !IS_UNSET(type_special(type, SPECIAL_index)) &&
           IS_UNSET(type_special(type, SPECIAL_iter)) &&
           IS_UNSET(type_special(type, SPECIAL_getitem)) &&
           IS_UNSET(type_special(type, SPECIAL_bytes));
}

NATIVE(int_from_bytes, "from_bytes(cls, /, bytes, byteorder='big', *, signed=False)",
       "Return the integer represented by the given array of bytes.") {
    bool is_little;
    bool is_signed;
    if (!byte_order_arg(cx, "from_bytes", args[2], &is_little) ||
        !arg_bool(cx, args[3], false, &is_signed)) {
        return VALUE_ERROR;
    }
    Value bytes = byte_view_to_bytes(cx, args[1]);
    if (IS_ERROR(bytes)) {
        return VALUE_ERROR;
    }
    if (!IS_BYTES(bytes)) {
        if (IS_STR(bytes) || IS_INT_LIKE(bytes) || is_only_index(cx, bytes)) {
            return exc_raise(cx, EXC_TypeError, "cannot convert '%s' object to bytes",
                             type_name_of(cx, bytes));
        }
        bytes = call_value(cx, OBJ_VALUE(cx->rt->types[KIND_BYTES]), &args[1], 1);
        if (IS_ERROR(bytes)) {
            return VALUE_ERROR;
        }
    }
    const Value v = load_bytes(cx, AS_BYTES(bytes), is_little, is_signed);
    if (IS_ERROR(v) || args[0] == OBJ_VALUE(cx->rt->types[KIND_INT])) {
        return v;
    }
    return call_value(cx, args[0], &v, 1);
}

NATIVE(int_round_method, "__round__(self, ndigits=None, /)",
       "Rounds to a power of ten; halves go to the even neighbour.") {
    if (IS_UNSET(args[1])) {
        return int_exact(cx, args[0]);
    }
    int64_t n_digits;
    if (!int_index_clamped(cx, args[1], &n_digits)) {
        return VALUE_ERROR;
    }
    return n_digits >= 0 ? int_exact(cx, args[0]) : int_round(cx, args[0], n_digits);
}

NATIVE(int_int, "__int__(self, /)", "int(self)") {
    return int_exact(cx, args[0]);
}

NATIVE(int_index_method, "__index__(self, /)",
       "Return self converted to an integer, for use as an index.") {
    return int_exact(cx, args[0]);
}

NATIVE(int_trunc, "__trunc__(self, /)", "Truncating an int returns itself.") {
    return int_exact(cx, args[0]);
}

NATIVE(int_floor, "__floor__(self, /)", "Floor of an int is itself.") {
    return int_exact(cx, args[0]);
}

NATIVE(int_ceil, "__ceil__(self, /)", "Ceiling of an int is itself.") {
    return int_exact(cx, args[0]);
}

NATIVE(int_float, "__float__(self, /)", "float(self)") {
    const double d = int_to_double(cx, args[0]);
    return IS_UNSET(cx->pending) ? value_from_double(d) : VALUE_ERROR;
}

NATIVE(int_divmod_method, "__divmod__(self, value, /)", "Return divmod(self, value).") {
    return IS_INT_LIKE(args[1]) ? int_divmod(cx, args[0], args[1])
                                : VALUE_NOT_IMPLEMENTED;
}

NATIVE(int_rdivmod_method, "__rdivmod__(self, value, /)", "Return divmod(value, self).") {
    return IS_INT_LIKE(args[1]) ? int_divmod(cx, args[1], args[0])
                                : VALUE_NOT_IMPLEMENTED;
}

NATIVE(int_pow_method, "__pow__(self, value, mod=None, /)",
       "Return pow(self, value, mod).") {
    const bool has_modulus = !IS_UNSET(args[2]) && !IS_NONE(args[2]);
    if (!IS_INT_LIKE(args[1]) || (has_modulus && !IS_INT_LIKE(args[2]))) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return has_modulus ? int_pow_mod(cx, args[0], args[1], args[2])
                       : int_binary(cx, BINARY_POW, args[0], args[1]);
}

NATIVE(int_getnewargs, "__getnewargs__(self, /)", "") {
    const Value v = int_exact(cx, args[0]);
    return IS_ERROR(v) ? VALUE_ERROR : tuple_pack(cx, 1, v);
}

const NativeDef int_methods[] = {
    NATIVE_ENTRY(int_bit_length),
    NATIVE_ENTRY(int_bit_count),
    NATIVE_ENTRY(int_conjugate),
    NATIVE_ENTRY(int_is_integer),
    NATIVE_ENTRY(int_as_integer_ratio),
    NATIVE_ENTRY(int_to_bytes),
    NATIVE_ENTRY_FLAGS(int_from_bytes, NATIVE_CLASS),
    NATIVE_ENTRY(int_round_method),
    NATIVE_ENTRY(int_int),
    NATIVE_ENTRY(int_index_method),
    NATIVE_ENTRY(int_trunc),
    NATIVE_ENTRY(int_floor),
    NATIVE_ENTRY(int_ceil),
    NATIVE_ENTRY(int_float),
    NATIVE_ENTRY(int_divmod_method),
    NATIVE_ENTRY(int_rdivmod_method),
    NATIVE_ENTRY(int_pow_method),
    NATIVE_ENTRY(int_getnewargs),
    {0},
};

static Value get_self(Context *cx, Value self) {
    return int_exact(cx, self);
}

static Value get_zero(Context *cx __attribute__((unused)),
                      Value self __attribute__((unused))) {
    return value_from_int(0);
}

static Value get_one(Context *cx __attribute__((unused)),
                     Value self __attribute__((unused))) {
    return value_from_int(1);
}

const GetsetDef int_getsets[] = {
    {"real", "the real part of a complex number", get_self, NULL},
    {"imag", "the imaginary part of a complex number", get_zero, NULL},
    {"numerator", "the numerator of a rational number in lowest terms", get_self, NULL},
    {"denominator", "the denominator of a rational number in lowest terms", get_one,
     NULL},
    {0},
};
