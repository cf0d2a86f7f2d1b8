/* value.h - the word that holds every value of the language.
 *
 * A Value is 64 bits, NaN-boxed so that a pointer is its own address (a conservative scan of a C
 * stack recognises it) and floats and small integers need no memory:
 *
 *      0x0000'0000'0000'0000          unset: no value here (what cleared memory holds)
 *      0x0000'0000'0000'0002 .. 000f  singletons and marks, see below; never an address
 *      0x0000'pppp'pppp'pppp          pointer to an object (48 bits)
 *      0x0001'....  to 0xfff9'....    a double, its bits plus 2^48
 *      0xfffc'....  to 0xffff'....    an integer of 50 bits, two's complement
 *
 * Doubles reach no further than 0xfff8.. plus 2^48, the NaN that the processor makes; a NaN from
 * outside (bytes, strings) has to pass value_from_double_any. Larger integers are objects of kind
 * KIND_INT; an integer that fits into 50 bits is never an object (except in a subclass of int).
 *
 * A word shared between threads is read with value_load and written with value_store: never torn,
 * and whoever sees a pointer sees the object behind it complete. */

#ifndef MINI_RUNTIME_VALUE_H
#define MINI_RUNTIME_VALUE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/base/atomics.h"

typedef uint64_t Value;
typedef struct Obj Obj;

#define VALUE_UNSET ((Value)0)           /* no value: unbound variable, argument not given */
#define VALUE_ERROR ((Value)2)           /* result of a call that left an exception pending */
#define VALUE_STOP ((Value)4)            /* result of value_next: the iterator is exhausted */
#define VALUE_NONE ((Value)8)
#define VALUE_FALSE ((Value)10)
#define VALUE_TRUE ((Value)11)
#define VALUE_NOT_IMPLEMENTED ((Value)12)
#define VALUE_ELLIPSIS ((Value)14)
#define VALUE_FIRST_ADDRESS ((Value)16)

#define VALUE_FLOAT_OFFSET ((Value)1 << 48)
#define VALUE_INT_TAG ((Value)0xfffc << 48)
#define VALUE_INT_SHIFT 14               /* brings the sign of an integer to the top */
#define VALUE_INT_MAX (((int64_t)1 << 49) - 1)
#define VALUE_INT_MIN (-((int64_t)1 << 49))

#define IS_UNSET(v) ((v) == VALUE_UNSET)
#define IS_STOP(v) ((v) == VALUE_STOP)
#define IS_ERROR(v) ((v) == VALUE_ERROR)
#define IS_NONE(v) ((v) == VALUE_NONE)
#define IS_BOOL(v) (((v) | 1) == VALUE_TRUE)
#define IS_INT(v) ((v) >= VALUE_INT_TAG)            /* small integers only */
#define BOTH_INT(a, b) (((a) & (b)) >= VALUE_INT_TAG)
#define IS_FLOAT(v) ((v) - VALUE_FLOAT_OFFSET < VALUE_INT_TAG - VALUE_FLOAT_OFFSET)
#define IS_OBJ(v) ((v) - VALUE_FIRST_ADDRESS < VALUE_FLOAT_OFFSET - VALUE_FIRST_ADDRESS)

#define AS_OBJ(v) ((Obj *)(uintptr_t)(v))
#define OBJ_VALUE(p) ((Value)(uintptr_t)(p))
#define BOOL_VALUE(b) (VALUE_FALSE + (Value)!!(b))

static inline int64_t value_to_int(Value v) {
    return (int64_t)(v << VALUE_INT_SHIFT) >> VALUE_INT_SHIFT;
}

static inline bool value_int_fits(int64_t i) {
    return i >= VALUE_INT_MIN && i <= VALUE_INT_MAX;
}

/* Precondition: value_int_fits(i). For any int64_t use int_from_i64 (runtime/objects/int.h). */
static inline Value value_from_int(int64_t i) {
    return (Value)i | VALUE_INT_TAG;
}

static inline double value_to_double(Value v) {
    Value bits = v - VALUE_FLOAT_OFFSET;
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* d is the result of arithmetic on doubles that came out of Values. */
static inline Value value_from_double(double d) {
    Value bits;
    memcpy(&bits, &d, sizeof bits);
    return bits + VALUE_FLOAT_OFFSET;
}

/* d may be any bit pattern: a NaN becomes the one NaN. */
static inline Value value_from_double_any(double d) {
    return value_from_double(d == d ? d : __builtin_nan(""));
}

static inline Value value_load(const Value *p) {
    return atomic_load_acquire(p);
}

static inline void value_store(Value *p, Value v) {
    atomic_store_release(p, v);
}

#endif
