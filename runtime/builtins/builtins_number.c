/* builtins_number.c - built-in functions on numbers and characters. */

#include <math.h>

#include "runtime/base/utf8.h"
#include "runtime/builtins/builtins.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/complex.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/tuple.h"

enum { MAX_CODE_POINT = 0x10ffff };

NATIVE(builtin_abs, "abs(x, /)", "Return the absolute value of a number.") {
    return value_unary(cx, UNARY_ABS, args[0]);
}

NATIVE(
    builtin_round, "round(number, ndigits=None)",
    "Round a number to ndigits digits behind the point, halves to the even neighbour.") {
    const bool has_digits = !IS_UNSET(args[1]) && !IS_NONE(args[1]);
    if (IS_INT(args[0]) && !has_digits) {
        return args[0];
    }
    if (IS_FLOAT(args[0]) && !has_digits) {
        return int_from_double(cx, rint(value_to_double(args[0])));
    }
    const Value method =
        type_lookup(cx, type_of(cx, args[0]), context_name(cx, NAME_round));
    if (IS_UNSET(method)) {
        return exc_raise(cx, EXC_TypeError, "type %s doesn't define __round__ method",
                         type_name_of(cx, args[0]));
    }
    return call_method(cx, method, args[0], &args[1], has_digits ? 1 : 0);
}

/* pow(base, exp, mod) with a script class among the operands: only the first is asked, as
 * in CPython. */
static Value pow_by_method(Context *cx, Value method, const Value *args) {
    if (!IS_UNSET(method)) {
        const Value result = call_method(cx, method, args[0], &args[1], 2);
        if (result != VALUE_NOT_IMPLEMENTED) {
            return result;
        }
    }
    if (IS_UNSET(method) && (IS_FLOAT_LIKE(args[0]) || IS_FLOAT_LIKE(args[1]) || IS_FLOAT_LIKE(args[2]))) {
        return exc_raise(cx, EXC_TypeError, "pow() 3rd argument not allowed unless all arguments are integers");
    }
    return exc_raise(cx, EXC_TypeError,
                     "unsupported operand type(s) for ** or pow(): '%s', '%s', '%s'",
                     type_name_of(cx, args[0]), type_name_of(cx, args[1]),
                     type_name_of(cx, args[2]));
}

static bool are_numbers(const Value *args) {
    bool result = true;
    for (int i = 0; i < 3; i++) {
        result = result && (IS_INT_LIKE(args[i]) || IS_FLOAT_LIKE(args[i]) ||
                            IS_COMPLEX(args[i]));
    }
    return result;
}

/* The first that is no int says why not. */
static Value raise_modulus(Context *cx, const Value *args) {
    const Value first = !IS_INT_LIKE(args[0])   ? args[0]
                        : !IS_INT_LIKE(args[1]) ? args[1]
                                                : args[2];
    return IS_COMPLEX(first)
               ? exc_raise(cx, EXC_ValueError, "complex modulo")
               : exc_raise(
                     cx, EXC_TypeError,
                     "pow() 3rd argument not allowed unless all arguments are integers");
}

NATIVE(builtin_pow, "pow(base, exp, mod=None)",
       "Return base to the power exp, with mod modulo mod.") {
    if (IS_UNSET(args[2]) || IS_NONE(args[2])) {
        return value_binary(cx, BINARY_POW, args[0], args[1]);
    }
    const Value method = type_special(type_of(cx, args[0]), SPECIAL_pow);
    if (!IS_UNSET(method) || !are_numbers(args)) {
        return pow_by_method(cx, method, args);
    }
    return IS_INT_LIKE(args[0]) && IS_INT_LIKE(args[1]) && IS_INT_LIKE(args[2])
               ? int_pow_mod(cx, args[0], args[1], args[2])
               : raise_modulus(cx, args);
}

/* What a method of the class of v answers; VALUE_NOT_IMPLEMENTED when it has none. */
static Value ask(Context *cx, Value v, NameId name, Value other) {
    const Value method = type_lookup(cx, type_of(cx, v), context_name(cx, name));
    return IS_UNSET(method) ? VALUE_NOT_IMPLEMENTED
                            : call_method(cx, method, v, &other, 1);
}

/* An integer whose class has not another method for the operation. */
static bool is_plain_int(const Context *cx, Value v, SpecialId id) {
    return IS_INT_LIKE(v) && IS_UNSET(type_special(type_of(cx, v), id));
}

NATIVE(builtin_divmod, "divmod(x, y, /)", "Return the tuple (x // y, x % y).") {
    if (is_plain_int(cx, args[0], SPECIAL_divmod) &&
        is_plain_int(cx, args[1], SPECIAL_rdivmod)) {
        return int_divmod(cx, args[0], args[1]);
    }
    /* The right operand is asked first when its class derives from the left one's. */
    const ObjType *left = type_of(cx, args[0]);
    const ObjType *right = type_of(cx, args[1]);
    const bool right_first = right != left && type_is_subtype(right, left);
    Value result =
        right_first ? ask(cx, args[1], NAME_rdivmod, args[0]) : VALUE_NOT_IMPLEMENTED;
    if (result == VALUE_NOT_IMPLEMENTED) {
        result = ask(cx, args[0], NAME_divmod, args[1]);
    }
    if (result == VALUE_NOT_IMPLEMENTED && !right_first && right != left) {
        result = ask(cx, args[1], NAME_rdivmod, args[0]);
    }
    if (result == VALUE_NOT_IMPLEMENTED) {
        return exc_raise(cx, EXC_TypeError,
                         "unsupported operand type(s) for divmod(): '%s' and '%s'",
                         type_name_of(cx, args[0]), type_name_of(cx, args[1]));
    }
    return result;
}

static Value small_in_base(Context *cx, int64_t i, int base, const char *prefix) {
    char room[3 + 64];
    char *at = room + sizeof room;
    uint64_t n = (uint64_t)(i < 0 ? -i : i);
    do {
        *--at = "0123456789abcdef"[n % (unsigned)base];
        n /= (unsigned)base;
    } while (n > 0);
    *--at = prefix[1];
    *--at = prefix[0];
    if (i < 0) {
        *--at = '-';
    }
    ObjStr *text = str_new_ascii(cx, at, (size_t)(room + sizeof room - at));
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* "0x1f", "-0b101" */
static Value in_base(Context *cx, Value v, int base, const char *prefix) {
    if (LIKELY(IS_INT(v))) {
        return small_in_base(cx, value_to_int(v), base, prefix);
    }
    const Value i = int_index(cx, v);
    ObjStr *digits = IS_ERROR(i) ? NULL : int_to_str(cx, i, base, false);
    if (digits == NULL) {
        return VALUE_ERROR;
    }
    const bool is_negative = digits->data[0] == '-';
    ObjStr *text = str_format_c(cx, "%s%s", is_negative ? "-" : "", prefix);
    ObjStr *bare = is_negative ? str_slice(cx, digits, 1, digits->n_chars) : digits;
    text = text == NULL || bare == NULL ? NULL : str_concat(cx, text, bare);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

NATIVE(builtin_bin, "bin(number, /)", "Return an integer as binary text.") {
    return in_base(cx, args[0], 2, "0b");
}

NATIVE(builtin_oct, "oct(number, /)", "Return an integer as octal text.") {
    return in_base(cx, args[0], 8, "0o");
}

NATIVE(builtin_hex, "hex(number, /)", "Return an integer as hexadecimal text.") {
    return in_base(cx, args[0], 16, "0x");
}

NATIVE(builtin_chr, "chr(i, /)", "Return the character of a code point.") {
    int64_t code_point = 0;
    if (!IS_INT(args[0])) {
        const Value i = int_index(cx, args[0]);
        if (IS_ERROR(i)) {
            return VALUE_ERROR;
        }
        if (!int_to_i64(i, &code_point)) {
            code_point = -1;
        }
    } else {
        code_point = value_to_int(args[0]);
    }
    if (code_point < 0 || code_point > MAX_CODE_POINT) {
        return exc_raise(cx, EXC_ValueError, "chr() arg not in range(0x110000)");
    }
    ObjStr *s = str_from_char(cx, (uint32_t)code_point);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

NATIVE(builtin_ord, "ord(c, /)", "Return the code point of a character.") {
    size_t n = 0;
    if (IS_STR(args[0])) {
        const ObjStr *s = AS_STR(args[0]);
        size_t n_bytes = 0;
        n = s->n_chars;
        if (n == 1) {
            return value_from_int(utf8_decode(s->data, &n_bytes));
        }
    } else if (IS_KIND(args[0], KIND_BYTES) || IS_KIND(args[0], KIND_BYTEARRAY)) {
        args[0] = byte_view_to_bytes(cx, args[0]);
        if (IS_ERROR(args[0])) {
            return VALUE_ERROR;
        }
        n = AS_BYTES(args[0])->n_bytes;
        if (n == 1) {
            return value_from_int((unsigned char)AS_BYTES(args[0])->data[0]);
        }
    } else {
        return exc_raise(cx, EXC_TypeError,
                         "ord() expected string of length 1, but %s found",
                         type_name_of(cx, args[0]));
    }
    return exc_raise(cx, EXC_TypeError,
                     "ord() expected a character, but string of length %zu found", n);
}

const NativeDef builtins_number[] = {
    NATIVE_ENTRY(builtin_abs),   NATIVE_ENTRY(builtin_bin),
    NATIVE_ENTRY(builtin_chr),   NATIVE_ENTRY(builtin_divmod),
    NATIVE_ENTRY(builtin_hex),   NATIVE_ENTRY(builtin_oct),
    NATIVE_ENTRY(builtin_ord),   NATIVE_ENTRY(builtin_pow),
    NATIVE_ENTRY(builtin_round), {0},
};
