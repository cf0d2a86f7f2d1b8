/* mod_decimal.c - the module _decimal: what lib/decimal.mini does often, for numbers of ordinary size.
 *
 * open() puts methods in C into the class Decimal, before those of the language with the same names. They compute with
 * finite numbers of up to 38 digits (128 bits) where nothing can be signaled but that a result was rounded; for all
 * others they call the method of the language, which begins anew: so nothing may have been signaled by then.
 *
 * A Decimal is an instance with three slots, (-1)**sign * coef * 10**exp; a string as exp makes it infinite or no number.
 *
 * Threads: a Decimal never changes. A context is read slot by slot, as the language does. */

#include "runtime/call.h"
#include "runtime/host.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int_big.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"

typedef unsigned __int128 u128;

enum { MAX_DIGITS = 38, MAX_PREC = 34, MAX_EXP = 1000000, HALF_DIGITS = 19 };

/* The slots, as both classes list them (STEP decimal-slots). */
enum { SLOT_COEF, SLOT_EXP, SLOT_SIGN };
enum {
    SLOT_EMAX,
    SLOT_EMIN,
    SLOT_CAPITALS,
    SLOT_CLAMP,
    SLOT_FLAGS,
    SLOT_PREC,
    SLOT_ROUNDING,
    SLOT_TRAPS
};

/* What open() keeps in cx->rt->decimal, a tuple; behind it, by Method, what there was in the class. */
enum {
    KEPT_CLASS,
    KEPT_CONTEXT,
    KEPT_VARIABLE,
    KEPT_KEY,
    KEPT_VALUES,
    KEPT_INEXACT,
    KEPT_ROUNDED,
    KEPT_METHODS
};

typedef enum Method {
    METHOD_ADD,
    METHOD_RADD,
    METHOD_SUB,
    METHOD_RSUB,
    METHOD_MUL,
    METHOD_RMUL,
    METHOD_TRUEDIV,
    METHOD_RTRUEDIV,
    METHOD_FLOORDIV,
    METHOD_RFLOORDIV,
    METHOD_MOD,
    METHOD_RMOD,
    METHOD_LT,
    METHOD_LE,
    METHOD_GT,
    METHOD_GE,
    METHOD_EQ,
    METHOD_NEG,
    METHOD_ABS,
    METHOD_BOOL,
    METHOD_STR,
    METHOD_FLOAT,
    METHOD_FORMAT,
    METHOD_HASH,
    METHOD_QUANTIZE,
    METHOD_COUNT
} Method;

typedef enum Rounding {
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_HALF_DOWN,
    ROUND_DOWN,
    ROUND_UP,
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_UNKNOWN
} Rounding;

typedef struct Number {
    u128 coef;   /* less than 10 ** MAX_DIGITS */
    int64_t exp; /* from -MAX_EXP to MAX_EXP */
    bool is_negative;
} Number;

typedef struct Limits {
    const Obj *context;
    int64_t prec; /* from 1 to MAX_PREC */
    int64_t emin;
    int64_t emax;
    Rounding rounding;
} Limits;

static Value kept(const Context *cx, int i) {
    return AS_TUPLE(cx->rt->decimal)->items[i];
}

static Value call_slow(Context *cx, Method method, const Value *args, int n_args) {
    return call_value(cx, kept(cx, KEPT_METHODS + (int)method), args, n_args);
}

/* The result, which the language has to find when it is unset. */
static Value settle(Context *cx, Value result, Method method, const Value *args,
                    int n_args) {
    if (LIKELY(!IS_UNSET(result))) {
        return result;
    }
    return cx->pending != VALUE_UNSET ? VALUE_ERROR : call_slow(cx, method, args, n_args);
}

/* Digits */

static u128 power_of_10(int64_t n) {
    static const uint64_t powers[] = {1u,
                                      10u,
                                      100u,
                                      1000u,
                                      10000u,
                                      100000u,
                                      1000000u,
                                      10000000u,
                                      100000000u,
                                      1000000000u,
                                      10000000000u,
                                      100000000000u,
                                      1000000000000u,
                                      10000000000000u,
                                      100000000000000u,
                                      1000000000000000u,
                                      10000000000000000u,
                                      100000000000000000u,
                                      1000000000000000000u,
                                      10000000000000000000u};
    return n <= HALF_DIGITS ? powers[n]
                            : (u128)powers[HALF_DIGITS] * powers[n - HALF_DIGITS];
}

/* How many digits a number has; 0 has one. */
static int n_digits(u128 n) {
    const uint64_t high = (uint64_t)(n >> 64);
    const int bits =
        high != 0 ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll((uint64_t)n | 1);
    const int guess = (bits * 1233) >> 12;
    return guess + (n >= power_of_10(guess)) + (n == 0);
}

/* q = n / 10 ** k, *rest what is left: 64 bits are divided much faster than 128. */
static u128 divide_by_power(u128 n, int64_t k, u128 *rest) {
    const u128 unit = power_of_10(k);
    if ((n >> 64) == 0) {
        const uint64_t small = (uint64_t)n;
        const uint64_t divisor = (uint64_t)unit;
        const bool is_less = k > HALF_DIGITS;
        *rest = is_less ? small : small % divisor;
        return is_less ? 0 : small / divisor;
    }
    *rest = n % unit;
    return n / unit;
}

/* n without its last k digits, rounded. */
static u128 round_off(u128 n, int64_t k, Rounding rounding, bool is_negative,
                      bool *is_inexact) {
    u128 rest;
    const u128 q = divide_by_power(n, k, &rest);
    *is_inexact = rest != 0;
    if (rest == 0) {
        return q;
    }
    const u128 unit = power_of_10(k);
    switch (rounding) {
    case ROUND_HALF_EVEN:
        return q + (rest > unit - rest || (rest == unit - rest && (q & 1)));
    case ROUND_HALF_UP: return q + (rest >= unit - rest);
    case ROUND_HALF_DOWN: return q + (rest > unit - rest);
    case ROUND_UP: return q + 1;
    case ROUND_CEILING: return q + !is_negative;
    case ROUND_FLOOR: return q + is_negative;
    default: return q;
    }
}

/* Reading objects */

static Value slot_of(const Obj *o, int slot) {
    return value_load(&((const ObjInstance *)o)->slots[slot]);
}

static bool is_exact(const Context *cx, Value v, int kept_class) {
    return IS_OBJ(v) && AS_OBJ(v)->kind == KIND_INSTANCE &&
           type_of(cx, v) == AS_TYPE(kept(cx, kept_class));
}

static bool read_int(Value v, Number *out) {
    if (IS_INT(v)) {
        const int64_t i = value_to_int(v);
        out->is_negative = i < 0;
        out->coef = (u128)(i < 0 ? -i : i);
        return true;
    }
    if (!IS_BIG_INT(v) || obj_shape(AS_OBJ(v)) != KIND_INT) {
        return false;
    }
    IntView view;
    int_view(&view, v);
    if (view.n > 2) {
        return false;
    }
    out->is_negative = view.is_negative;
    out->coef = (u128)view.limbs[0] | (view.n == 2 ? (u128)view.limbs[1] << 64 : 0);
    return out->coef < power_of_10(MAX_DIGITS);
}

/* False when it is no finite Decimal or int of ordinary size. */
static bool read_number(const Context *cx, Value v, Number *out) {
    out->exp = 0;
    if (!is_exact(cx, v, KEPT_CLASS)) {
        return read_int(v, out);
    }
    const Value exp = slot_of(AS_OBJ(v), SLOT_EXP);
    if (!IS_INT(exp) || !read_int(slot_of(AS_OBJ(v), SLOT_COEF), out)) {
        return false;
    }
    out->exp = value_to_int(exp);
    out->is_negative = slot_of(AS_OBJ(v), SLOT_SIGN) == value_from_int(1);
    return out->exp >= -MAX_EXP && out->exp <= MAX_EXP;
}

static Rounding rounding_of(Value v) {
    static const char *const names[] = {"HALF_EVEN", "HALF_UP", "HALF_DOWN", "DOWN",
                                        "UP",        "CEILING", "FLOOR"};
    const size_t n_prefix = strlen("ROUND_");
    if (!IS_STR(v) || strncmp(AS_STR(v)->data, "ROUND_", n_prefix) != 0) {
        return ROUND_UNKNOWN;
    }
    int i = 0;
    while (i < ROUND_UNKNOWN && strcmp(AS_STR(v)->data + n_prefix, names[i]) != 0) {
        i++;
    }
    return (Rounding)i;
}

static bool read_limits(const Obj *context, Limits *out) {
    const Value prec = slot_of(context, SLOT_PREC);
    const Value emin = slot_of(context, SLOT_EMIN);
    const Value emax = slot_of(context, SLOT_EMAX);
    if (!IS_INT(prec) || !IS_INT(emin) || !IS_INT(emax) ||
        slot_of(context, SLOT_CLAMP) != value_from_int(0)) {
        return false;
    }
    *out = (Limits){context, value_to_int(prec), value_to_int(emin), value_to_int(emax),
                    rounding_of(slot_of(context, SLOT_ROUNDING))};
    return out->prec >= 1 && out->prec <= MAX_PREC && out->rounding != ROUND_UNKNOWN;
}

/* What the current context allows: decimal.getcontext(), as contextvars keeps it. False when there is none yet, or an
 * unusual one. */
static bool current_limits(Context *cx, Limits *out) {
    const Value locals = host_thread_locals(cx);
    const Value variables = IS_ERROR(locals)
                                ? VALUE_ERROR
                                : dict_get(cx, AS_DICT(locals), kept(cx, KEPT_KEY));
    const Value values =
        !IS_KIND(variables, KIND_INSTANCE)
            ? VALUE_UNSET
            : instance_get_own(cx, AS_OBJ(variables), AS_STR(kept(cx, KEPT_VALUES)));
    const Value context = !IS_DICT(values)
                              ? VALUE_UNSET
                              : dict_get(cx, AS_DICT(values), kept(cx, KEPT_VARIABLE));
    return is_exact(cx, context, KEPT_CONTEXT) && read_limits(AS_OBJ(context), out);
}

/* Results: VALUE_UNSET means that the language has to do it. */

static Value from_u128(Context *cx, u128 n) {
    const mp_limb_t limbs[] = {(mp_limb_t)n, (mp_limb_t)(n >> 64)};
    return limbs[1] == 0 && limbs[0] <= (uint64_t)VALUE_INT_MAX
               ? value_from_int((int64_t)limbs[0])
               : int_from_limbs(cx, limbs, 2, false);
}

static Value new_decimal(Context *cx, u128 coef, int64_t exp, bool is_negative) {
    const Value coefficient = from_u128(cx, coef);
    ObjInstance *new =
        IS_ERROR(coefficient)
            ? NULL
            : (ObjInstance *)instance_new_plain(cx, AS_TYPE(kept(cx, KEPT_CLASS)));
    if (new == NULL) {
        return VALUE_ERROR;
    }
    new->slots[SLOT_COEF] = coefficient;
    new->slots[SLOT_EXP] = value_from_int(exp);
    new->slots[SLOT_SIGN] = value_from_int(is_negative);
    return OBJ_VALUE(new);
}

static bool is_trapped(Context *cx, ObjDict *traps, int signal) {
    return dict_get(cx, traps, kept(cx, signal)) != VALUE_FALSE;
}

/* Sets flags of the context. False when a signal is trapped; then no flag was set. */
static bool signal_rounded(Context *cx, const Limits *limits, bool is_inexact) {
    const Value flags = slot_of(limits->context, SLOT_FLAGS);
    const Value traps = slot_of(limits->context, SLOT_TRAPS);
    if (!IS_DICT(flags) || !IS_DICT(traps) ||
        is_trapped(cx, AS_DICT(traps), KEPT_ROUNDED) ||
        (is_inexact && is_trapped(cx, AS_DICT(traps), KEPT_INEXACT))) {
        return false;
    }
    return dict_set(cx, AS_DICT(flags), kept(cx, KEPT_ROUNDED), VALUE_TRUE) &&
           (!is_inexact ||
            dict_set(cx, AS_DICT(flags), kept(cx, KEPT_INEXACT), VALUE_TRUE));
}

/* The number rounded to the context. */
static Value finish(Context *cx, Number n, const Limits *limits) {
    const int64_t n_excess = n.coef == 0 ? 0 : n_digits(n.coef) - limits->prec;
    bool is_inexact = false;
    if (n_excess > 0) {
        n.coef =
            round_off(n.coef, n_excess, limits->rounding, n.is_negative, &is_inexact);
        n.exp += n_excess;
        if (n.coef == power_of_10(limits->prec)) {
            n.coef /= 10;
            n.exp++;
        }
    }
    const int64_t adjusted = n.exp + (n.coef == 0 ? 0 : n_digits(n.coef) - 1);
    const int64_t least = n.coef == 0 ? limits->emin - limits->prec + 1 : limits->emin;
    if (adjusted > limits->emax || adjusted < least ||
        (n_excess > 0 && !signal_rounded(cx, limits, is_inexact))) {
        return VALUE_UNSET;
    }
    return new_decimal(cx, n.coef, n.exp, n.is_negative);
}

/* Arithmetic */

/* Multiplies by 10 ** k. */
static bool shift(Number *n, int64_t k) {
    if (n->coef != 0 && n_digits(n->coef) + k > MAX_DIGITS) {
        return false;
    }
    n->coef *= n->coef == 0 ? 1 : power_of_10(k);
    n->exp -= k;
    return true;
}

/* Brings both to the smaller exponent. */
static bool align(Number *a, Number *b) {
    return a->exp >= b->exp ? shift(a, a->exp - b->exp) : shift(b, b->exp - a->exp);
}

static Value add(Context *cx, Number a, Number b, const Limits *limits) {
    if (!align(&a, &b)) {
        return VALUE_UNSET;
    }
    if (a.is_negative == b.is_negative) {
        a.coef += b.coef;
    } else if (a.coef == b.coef) {
        a.coef = 0;
        a.is_negative = limits->rounding == ROUND_FLOOR;
    } else {
        a.is_negative = a.coef > b.coef ? a.is_negative : b.is_negative;
        a.coef = a.coef > b.coef ? a.coef - b.coef : b.coef - a.coef;
    }
    return finish(cx, a, limits);
}

static Value subtract(Context *cx, Number a, Number b, const Limits *limits) {
    b.is_negative = !b.is_negative;
    return add(cx, a, b, limits);
}

/* The quotient of n_limbs limbs, with a last digit that is neither 0 nor 5 where some were cut off. */
static u128 quotient_of(const mp_limb_t *limbs, mp_size_t n_limbs, u128 divisor,
                        bool *is_whole) {
    const mp_limb_t by[] = {(mp_limb_t)divisor, (mp_limb_t)(divisor >> 64)};
    const mp_size_t n_by = by[1] != 0 ? 2 : 1;
    mp_limb_t quotient[4] = {0};
    mp_limb_t rest[2] = {0};
    mpn_tdiv_qr(quotient, rest, 0, limbs, n_limbs, by, n_by);
    const u128 q = (u128)quotient[1] << 64 | quotient[0];
    *is_whole = rest[0] == 0 && rest[1] == 0;
    return q + (!*is_whole && q % 5 == 0);
}

static void product_of(u128 a, u128 b, mp_limb_t *limbs) {
    const mp_limb_t x[] = {(mp_limb_t)a, (mp_limb_t)(a >> 64)};
    const mp_limb_t y[] = {(mp_limb_t)b, (mp_limb_t)(b >> 64)};
    mpn_mul_n(limbs, x, y, 2);
}

static Value multiply(Context *cx, Number a, Number b, const Limits *limits) {
    Number n = {.exp = a.exp + b.exp, .is_negative = a.is_negative != b.is_negative};
    const int length = n_digits(a.coef) + n_digits(b.coef);
    if (length <= MAX_DIGITS || a.coef == 0 || b.coef == 0) {
        n.coef = a.coef * b.coef;
        return finish(cx, n, limits);
    }
    /* One or two digits more than wanted decide how it is rounded: the product may have a digit less than length. */
    const int64_t n_cut = length - limits->prec - 2;
    if (n_cut > MAX_DIGITS) {
        return VALUE_UNSET;
    }
    mp_limb_t product[4];
    product_of(a.coef, b.coef, product);
    bool is_whole;
    n.coef = quotient_of(product, 4, power_of_10(n_cut), &is_whole);
    n.exp += n_cut;
    return finish(cx, n, limits);
}

static Value divide(Context *cx, Number a, Number b, const Limits *limits) {
    if (a.coef == 0 || b.coef == 0) {
        return VALUE_UNSET;
    }
    const int64_t ideal = a.exp - b.exp;
    int64_t k = n_digits(b.coef) - n_digits(a.coef) + limits->prec + 1;
    k = k < 0 ? 0 : k;
    if (k > MAX_DIGITS) {
        return VALUE_UNSET;
    }
    mp_limb_t dividend[4];
    product_of(a.coef, power_of_10(k), dividend);
    bool is_whole;
    Number n = {.exp = ideal - k, .is_negative = a.is_negative != b.is_negative};
    n.coef = quotient_of(dividend, 4, b.coef, &is_whole);
    while (is_whole && n.exp < ideal && n.coef % 10 == 0) {
        n.coef /= 10;
        n.exp++;
    }
    return finish(cx, n, limits);
}

/* The integer part of the quotient; b becomes what is left. */
static bool divide_integers(Number a, Number *b, const Limits *limits, Number *quotient) {
    if (b->coef == 0 || !align(&a, b)) {
        return false;
    }
    *quotient = (Number){.coef = a.coef / b->coef,
                         .is_negative = a.is_negative != b->is_negative};
    *b = (Number){.coef = a.coef % b->coef, .exp = a.exp, .is_negative = a.is_negative};
    return quotient->coef < power_of_10(limits->prec);
}

static Value floor_divide(Context *cx, Number a, Number b, const Limits *limits) {
    Number quotient;
    return divide_integers(a, &b, limits, &quotient) ? finish(cx, quotient, limits)
                                                     : VALUE_UNSET;
}

static Value remain(Context *cx, Number a, Number b, const Limits *limits) {
    Number quotient;
    return divide_integers(a, &b, limits, &quotient) ? finish(cx, b, limits)
                                                     : VALUE_UNSET;
}

typedef Value (*Operation)(Context *cx, Number a, Number b, const Limits *limits);

/* is_reflected: args are (b, a). */
static Value operate(Context *cx, const Value *args, Operation operation, Method method,
                     bool is_reflected) {
    Number a;
    Number b;
    Limits limits;
    Value result = VALUE_UNSET;
    if (LIKELY(read_number(cx, args[0], &a) && read_number(cx, args[1], &b) &&
               current_limits(cx, &limits))) {
        result =
            is_reflected ? operation(cx, b, a, &limits) : operation(cx, a, b, &limits);
    }
    return settle(cx, result, method, args, 2);
}

#define OPERATOR(name, METHOD, operation)                            \
    NATIVE(decimal_##name, "__" #name "__(self, value, /)",          \
           "Return self " #name " value.") {                         \
        return operate(cx, args, operation, METHOD_##METHOD, false); \
    }                                                                \
    NATIVE(decimal_r##name, "__r" #name "__(self, value, /)",        \
           "Return value " #name " self.") {                         \
        return operate(cx, args, operation, METHOD_R##METHOD, true); \
    }

OPERATOR(add, ADD, add)
OPERATOR(sub, SUB, subtract)
OPERATOR(mul, MUL, multiply)
OPERATOR(truediv, TRUEDIV, divide)
OPERATOR(floordiv, FLOORDIV, floor_divide)
OPERATOR(mod, MOD, remain)

/* Comparing */

/* -1, 0 or 1; false when they are too far from each other to be aligned. */
static bool compare(Number a, Number b, int *order) {
    const int sign_a = a.coef == 0 ? 0 : a.is_negative ? -1 : 1;
    const int sign_b = b.coef == 0 ? 0 : b.is_negative ? -1 : 1;
    if (sign_a != sign_b || sign_a == 0) {
        *order = (sign_a > sign_b) - (sign_a < sign_b);
        return true;
    }
    const int64_t adjusted_a = a.exp + n_digits(a.coef);
    const int64_t adjusted_b = b.exp + n_digits(b.coef);
    if (adjusted_a != adjusted_b) {
        *order = adjusted_a > adjusted_b ? sign_a : -sign_a;
        return true;
    }
    const bool is_aligned = align(&a, &b);
    *order = sign_a * ((a.coef > b.coef) - (a.coef < b.coef));
    return is_aligned;
}

#define COMPARISON(name, METHOD, sign)                                               \
    NATIVE(decimal_##name, "__" #name "__(self, value, /)",                          \
           "Return self" #sign "value.") {                                           \
        Number a;                                                                    \
        Number b;                                                                    \
        int order;                                                                   \
        const bool is_known = read_number(cx, args[0], &a) &&                        \
                              read_number(cx, args[1], &b) && compare(a, b, &order); \
        return is_known ? BOOL_VALUE(order sign 0)                                   \
                        : call_slow(cx, METHOD_##METHOD, args, 2);                   \
    }

COMPARISON(lt, LT, <)
COMPARISON(le, LE, <=)
COMPARISON(gt, GT, >)
COMPARISON(ge, GE, >=)
COMPARISON(eq, EQ, ==)

/* With one operand */

static Value with_sign(Context *cx, Value self, bool is_absolute, Method method) {
    Number n;
    Limits limits;
    Value result = VALUE_UNSET;
    if (read_number(cx, self, &n) && n.coef != 0 && current_limits(cx, &limits)) {
        n.is_negative = !is_absolute && !n.is_negative;
        result = finish(cx, n, &limits);
    }
    return settle(cx, result, method, &self, 1);
}

NATIVE(decimal_neg, "__neg__(self, /)", "-self") {
    return with_sign(cx, args[0], false, METHOD_NEG);
}

NATIVE(decimal_abs, "__abs__(self, /)", "abs(self)") {
    return with_sign(cx, args[0], true, METHOD_ABS);
}

NATIVE(decimal_bool, "__bool__(self, /)", "True if self else False") {
    Number n;
    return read_number(cx, args[0], &n) ? BOOL_VALUE(n.coef != 0)
                                        : call_slow(cx, METHOD_BOOL, args, 1);
}

/* The digits of coef, at the end of room. */
static char *write_digits(u128 coef, char *end) {
    do {
        uint64_t part = coef < power_of_10(HALF_DIGITS)
                            ? (uint64_t)coef
                            : (uint64_t)(coef % power_of_10(HALF_DIGITS));
        const bool is_last = coef == part;
        for (int i = 0; is_last ? i == 0 || part != 0 : i < HALF_DIGITS;
             i++, part /= 10) {
            *--end = (char)('0' + part % 10);
        }
        coef = is_last ? 0 : coef / power_of_10(HALF_DIGITS);
    } while (coef != 0);
    return end;
}

/* A number as text without an exponent: exp is not positive, and there are few zeros in front. */
static Value write_plain(Context *cx, Number n) {
    enum { ROOM = 2 * MAX_DIGITS + 4 };
    char room[ROOM];
    char *end = room + sizeof room;
    char *at = write_digits(n.coef, end);
    const size_t n_behind = (size_t)-n.exp;
    while ((size_t)(end - at) <= n_behind && n_behind > 0) {
        *--at = '0';
    }
    if (n_behind > 0) {
        const size_t n_before = (size_t)(end - at) - n_behind;
        memmove(at - 1, at, n_before);
        at--;
        at[n_before] = '.';
    }
    if (n.is_negative) {
        *--at = '-';
    }
    ObjStr *text = str_new_ascii(cx, at, (size_t)(end - at));
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

NATIVE(decimal_str, "__str__(self, /)", "Return str(self).") {
    enum { MOST_ZEROS = 6 };
    Number n;
    if (!read_number(cx, args[0], &n) || n.exp > 0 ||
        n.exp + n_digits(n.coef) <= -MOST_ZEROS) {
        return call_slow(cx, METHOD_STR, args, 1);
    }
    return write_plain(cx, n);
}

/* The number of places of ".2f"; -1 for all other forms. */
static int places_of(const ObjStr *spec) {
    const bool is_fixed =
        spec->n_bytes == 3 && spec->data[0] == '.' && spec->data[2] == 'f';
    return is_fixed && spec->data[1] >= '0' && spec->data[1] <= '9' ? spec->data[1] - '0'
                                                                    : -1;
}

NATIVE(decimal_format, "__format__(self, format_spec, /)", "Default object formatter.") {
    const int places = IS_STR(args[1]) ? places_of(AS_STR(args[1])) : -1;
    Number n;
    Limits limits;
    if (places < 0 || !read_number(cx, args[0], &n) || n.exp + places < -MAX_DIGITS ||
        !current_limits(cx, &limits) || (n.exp > -places && !shift(&n, n.exp + places))) {
        return call_slow(cx, METHOD_FORMAT, args, 2);
    }
    if (n.exp < -places) {
        bool is_inexact;
        n.coef = round_off(n.coef, -places - n.exp, limits.rounding, n.is_negative,
                           &is_inexact);
        n.exp = -places;
    }
    return write_plain(cx, n);
}

/* As other numbers */

NATIVE(decimal_float, "__float__(self, /)", "float(self)") {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    enum { LAST_EXACT = 22 };
    Number n;
    /* Both numbers are exact as floats, so that their quotient is rounded once. */
    if (!read_number(cx, args[0], &n) || n.coef > (u128)1 << 53 || n.exp > 0 ||
        n.exp < -LAST_EXACT) {
        return call_slow(cx, METHOD_FLOAT, args, 1);
    }
    const double d = (double)(uint64_t)n.coef / powers[-n.exp];
    return value_from_double(n.is_negative ? -d : d);
}

enum { HASH_BITS = 61 };
static const uint64_t hash_modulus = ((uint64_t)1 << HASH_BITS) - 1;

static uint64_t hash_product(uint64_t a, uint64_t b) {
    return (uint64_t)((u128)a * b % hash_modulus);
}

static uint64_t hash_power(uint64_t base, uint64_t exponent) {
    uint64_t result = 1;
    for (; exponent > 0; exponent >>= 1) {
        result = exponent & 1 ? hash_product(result, base) : result;
        base = hash_product(base, base);
    }
    return result;
}

/* As that of all numbers: the number modulo a prime, in which there is a number for 1 / 10. */
NATIVE(decimal_hash, "__hash__(self, /)", "Return hash(self).") {
    Number n;
    if (!read_number(cx, args[0], &n)) {
        return call_slow(cx, METHOD_HASH, args, 1);
    }
    const uint64_t base = n.exp < 0 ? (uint64_t)(((u128)9 * hash_modulus + 1) / 10) : 10;
    const uint64_t power = hash_power(base, (uint64_t)(n.exp < 0 ? -n.exp : n.exp));
    const uint64_t hash = hash_product((uint64_t)(n.coef % hash_modulus), power);
    const int64_t result = n.is_negative ? -(int64_t)hash : (int64_t)hash;
    return int_from_i64(cx, result == -1 ? -2 : result);
}

/* Rounding to an exponent */

static Value rescale(Context *cx, Number n, int64_t exp, const Limits *limits) {
    const int64_t n_cut = exp - n.exp;
    bool is_inexact = false;
    if (n_cut > MAX_DIGITS || (n_cut <= 0 && !shift(&n, -n_cut))) {
        return VALUE_UNSET;
    }
    const bool is_rounded = n_cut > 0 && n.coef != 0;
    if (is_rounded) {
        n.coef = round_off(n.coef, n_cut, limits->rounding, n.is_negative, &is_inexact);
    }
    const int64_t adjusted = exp + n_digits(n.coef) - 1;
    if (n_digits(n.coef) > limits->prec || adjusted > limits->emax ||
        exp < limits->emin - limits->prec + 1 ||
        (n.coef != 0 && adjusted < limits->emin) ||
        (is_rounded && !signal_rounded(cx, limits, is_inexact))) {
        return VALUE_UNSET;
    }
    return new_decimal(cx, n.coef, exp, n.is_negative);
}

NATIVE(decimal_quantize, "quantize(self, /, exp, rounding=None, context=None)",
       "Return a value equal to self after rounding, with the exponent of exp.") {
    Number n;
    Number as;
    Limits limits;
    Value result = VALUE_UNSET;
    if ((IS_UNSET(args[3]) || IS_NONE(args[3])) && read_number(cx, args[0], &n) &&
        read_number(cx, args[1], &as) && current_limits(cx, &limits)) {
        if (!IS_UNSET(args[2]) && !IS_NONE(args[2])) {
            limits.rounding = rounding_of(args[2]);
        }
        result = limits.rounding == ROUND_UNKNOWN ? VALUE_UNSET
                                                  : rescale(cx, n, as.exp, &limits);
    }
    const Value all[] = {args[0], args[1], IS_UNSET(args[2]) ? VALUE_NONE : args[2],
                         IS_UNSET(args[3]) ? VALUE_NONE : args[3]};
    return settle(cx, result, METHOD_QUANTIZE, all, 4);
}

/* Making */

/* Digits with at most one point among them. False for whatever else there may be in a number. */
static bool parse_plain(const char *text, size_t n_bytes, Number *out) {
    const size_t n_sign = n_bytes > 0 && (text[0] == '-' || text[0] == '+');
    int64_t n_behind = -1;
    *out = (Number){.is_negative = n_sign && text[0] == '-'};
    if (n_bytes - n_sign < 1 || n_bytes - n_sign > MAX_DIGITS) {
        return false;
    }
    for (size_t i = n_sign; i < n_bytes; i++) {
        if (text[i] == '.' && n_behind < 0) {
            n_behind = 0;
            continue;
        }
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        out->coef = out->coef * 10 + (u128)(text[i] - '0');
        n_behind += n_behind >= 0;
    }
    out->exp = n_behind > 0 ? -n_behind : 0;
    return n_bytes - n_sign > 1 || n_behind < 0;
}

NATIVE(decimal_of_plain, "of_plain(value, /)",
       "The Decimal of an int, or of a text of digits and a point; None for others.") {
    Number n = {0};
    const bool is_plain =
        IS_STR(args[0]) ? parse_plain(AS_STR(args[0])->data, AS_STR(args[0])->n_bytes, &n)
                        : read_int(args[0], &n);
    return is_plain && !IS_UNSET(cx->rt->decimal)
               ? new_decimal(cx, n.coef, n.exp, n.is_negative)
               : VALUE_NONE;
}

static const NativeDef methods[] = {
    [METHOD_ADD] = NATIVE_ENTRY(decimal_add),
    [METHOD_RADD] = NATIVE_ENTRY(decimal_radd),
    [METHOD_SUB] = NATIVE_ENTRY(decimal_sub),
    [METHOD_RSUB] = NATIVE_ENTRY(decimal_rsub),
    [METHOD_MUL] = NATIVE_ENTRY(decimal_mul),
    [METHOD_RMUL] = NATIVE_ENTRY(decimal_rmul),
    [METHOD_TRUEDIV] = NATIVE_ENTRY(decimal_truediv),
    [METHOD_RTRUEDIV] = NATIVE_ENTRY(decimal_rtruediv),
    [METHOD_FLOORDIV] = NATIVE_ENTRY(decimal_floordiv),
    [METHOD_RFLOORDIV] = NATIVE_ENTRY(decimal_rfloordiv),
    [METHOD_MOD] = NATIVE_ENTRY(decimal_mod),
    [METHOD_RMOD] = NATIVE_ENTRY(decimal_rmod),
    [METHOD_LT] = NATIVE_ENTRY(decimal_lt),
    [METHOD_LE] = NATIVE_ENTRY(decimal_le),
    [METHOD_GT] = NATIVE_ENTRY(decimal_gt),
    [METHOD_GE] = NATIVE_ENTRY(decimal_ge),
    [METHOD_EQ] = NATIVE_ENTRY(decimal_eq),
    [METHOD_NEG] = NATIVE_ENTRY(decimal_neg),
    [METHOD_ABS] = NATIVE_ENTRY(decimal_abs),
    [METHOD_BOOL] = NATIVE_ENTRY(decimal_bool),
    [METHOD_STR] = NATIVE_ENTRY(decimal_str),
    [METHOD_FLOAT] = NATIVE_ENTRY(decimal_float),
    [METHOD_FORMAT] = NATIVE_ENTRY(decimal_format),
    [METHOD_HASH] = NATIVE_ENTRY(decimal_hash),
    [METHOD_QUANTIZE] = NATIVE_ENTRY(decimal_quantize),
};

static bool has_slots(Value type, int n) {
    return IS_TYPE(type) && AS_TYPE(type)->layout == KIND_INSTANCE &&
           AS_TYPE(type)->n_members == (uint32_t)n;
}

NATIVE(decimal_open, "open(Decimal, Context, variable, key, Inexact, Rounded, /)",
       "Put the methods in C before those of the class; say where contexts are, and what "
       "is signaled.") {
    ObjTuple *all = tuple_new(cx, (size_t)KEPT_METHODS + METHOD_COUNT);
    ObjStr *values = str_intern(cx, "_values", strlen("_values"));
    if (all == NULL || values == NULL) {
        return VALUE_ERROR;
    }
    if (!has_slots(args[0], 3) || !has_slots(args[1], 8)) {
        return exc_raise(cx, EXC_TypeError, "these are not the classes of decimal");
    }
    const Value first[] = {args[0],           args[1], args[2], args[3],
                           OBJ_VALUE(values), args[4], args[5]};
    memcpy(all->items, first, sizeof first);
    ObjType *type = AS_TYPE(args[0]);
    Value natives[METHOD_COUNT];
    for (int i = 0; i < METHOD_COUNT; i++) {
        natives[i] = native_new(cx, &methods[i], type, VALUE_UNSET);
        if (IS_ERROR(natives[i])) {
            return VALUE_ERROR;
        }
        const Value slow = type_lookup(cx, type, AS_NATIVE(natives[i])->name);
        if (!IS_FUNCTION(slow)) {
            return exc_raise(cx, EXC_TypeError,
                             "the class lacks a method of the language");
        }
        all->items[KEPT_METHODS + i] = slow;
    }
    cx->rt->decimal = OBJ_VALUE(all);
    for (int i = 0; i < METHOD_COUNT; i++) {
        if (!type_setattr(cx, type, AS_NATIVE(natives[i])->name, natives[i])) {
            return VALUE_ERROR;
        }
    }
    return VALUE_NONE;
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(decimal_of_plain), NATIVE_ENTRY(decimal_open), {0}};

bool mod_decimal_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
