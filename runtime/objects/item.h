/* item.h - one number in memory: the characters that name machine types for struct, array and memoryview.
 *
 *      ? b B h H i I l L q Q n N P    integers        e f d    floats        c    one byte
 *
 * Which of them are allowed, and what is said about values that do not fit, is the callers' business. */

#ifndef MINI_OBJECTS_ITEM_H
#define MINI_OBJECTS_ITEM_H

#include "runtime/context.h"

typedef struct ItemType {
    char code;
    uint8_t n_bytes;
    bool is_signed;  /* of integers */
    bool is_swapped; /* not in the byte order of this machine */
} ItemType;

enum { ITEM_MAX_BYTES = 8 };

/* The type as the C compiler has it. False: no such character. */
bool item_native(char code, ItemType *type);
/* The same with sizes that do not depend on the machine; there is no n, N or P. */
bool item_standard(char code, ItemType *type);

static inline bool item_is_float(const ItemType *type) {
    return type->code == 'e' || type->code == 'f' || type->code == 'd';
}

/* The item as a Value: int, float, bool, bytes of length 1. */
Value item_load(Context *cx, const ItemType *type, const char *from);

typedef enum ItemFit { ITEM_FITS, ITEM_TOO_SMALL, ITEM_TOO_LARGE } ItemFit;

/* v is an int (IS_INT_LIKE); writes only what fits. */
ItemFit item_store_int(const ItemType *type, Value v, char *to);
/* False when the number is finite and the type has none so large; then an infinity was written. */
bool item_store_double(const ItemType *type, double d, char *to);
/* Turns the bytes of an item around. */
void item_swap(char *item, size_t n_bytes);

#endif
