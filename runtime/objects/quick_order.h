/* quick_order.h - the order of two values where no script code is needed to tell it: numbers, strings, tuples of them. For
 * containers that compare under their locks. */

#ifndef MINI_OBJECTS_QUICK_ORDER_H
#define MINI_OBJECTS_QUICK_ORDER_H

#include "runtime/objects/str.h"

typedef enum QuickOrder {
    ORDER_LESS,
    ORDER_EQUAL,
    ORDER_MORE,
    ORDER_NONE,   /* one of them is not a number (nan): none of <, ==, > holds */
    ORDER_UNKNOWN /* ask value_less or value_compare */
} QuickOrder;

QuickOrder quick_order_slow(Value a, Value b, int depth);

static inline QuickOrder quick_order(Value a, Value b) {
    if (BOTH_INT(a, b)) {
        const int64_t x = value_to_int(a);
        const int64_t y = value_to_int(b);
        return x < y ? ORDER_LESS : x > y ? ORDER_MORE : ORDER_EQUAL;
    }
    return quick_order_slow(a, b, 0);
}

#endif
