/* seq.h - what list and tuple have in common: indices, comparison, searching, printing.
 *
 * The functions take a list or a tuple. A list may be changed by another thread, or by
 * the script code that a comparison runs, at any time: items are fetched one by one, and
 * VALUE_UNSET is the end. */

#ifndef MINI_OBJECTS_SEQ_H
#define MINI_OBJECTS_SEQ_H

#include "runtime/objects/abstract.h"
#include "runtime/objects/list.h"
#include "runtime/objects/tuple.h"

/* The item at index, VALUE_UNSET behind the last. v is a list or a tuple. */
static inline Value seq_peek(Value v, size_t index) {
    if (AS_OBJ(v)->kind == KIND_LIST) {
        return list_peek(AS_LIST(v), index);
    }
    return index < AS_TUPLE(v)->n ? AS_TUPLE(v)->items[index] : VALUE_UNSET;
}

static inline size_t seq_length(Value v) {
    return AS_OBJ(v)->kind == KIND_LIST ? list_length(AS_LIST(v)) : AS_TUPLE(v)->n;
}

/* value_equals with the frequent answers inline. */
static inline int seq_item_equals(Context *cx, Value a, Value b) {
    if (a == b) {
        return 1;
    }
    return BOTH_INT(a, b) ? 0 : value_equals(cx, a, b);
}

/* key as an index: any value with __index__. TypeError "list indices must be integers or
 * slices, not str" with the type's name in its place; IndexError when it is too large. */
bool seq_index(Context *cx, Value key, const char *type_name, int64_t *index);

/* Has the type of v an __index__? */
bool seq_is_index(Context *cx, Value v);

/* The factor of a repetition: 1 and *count >= 0; 0 when v is no integer; -1:
 * OverflowError. */
int seq_repeat_count(Context *cx, Value v, int64_t *count);

/* The answer to `a + b` or `a * b` when it is not one for sequences of this type:
 * VALUE_NOT_IMPLEMENTED when the other operand's class may know better, else CPython's
 * TypeError. */
Value seq_refuse_add(Context *cx, const char *type_name, Value other);
Value seq_refuse_mul(Context *cx, Value other);
/* Whether `a *= b` leaves the sequence b alone: an object that has a length or items, or is of a class of the script, is not a
 * number of repetitions to it. */
bool seq_is_not_asked(Context *cx, Value a, Value b);
/* When nobody knew how to add or multiply a and b, of which one may be a sequence: that
 * one's TypeError, or VALUE_UNSET when there is none to say. */
Value seq_raise_unsupported(Context *cx, BinaryOp op, bool is_inplace, Value a, Value b);

/* A position given to index() and the like: negative from the end, clamped to [0, n].
 * VALUE_UNSET gives default_index. */
bool seq_bound(Context *cx, Value v, size_t n, size_t default_index, size_t *index);

Value seq_compare(Context *cx, CompareOp op, Value a, Value b);
/* The first index in [from, to) of an item equal to `item`: -1 when there is none, -2:
 * exception. */
int64_t seq_find(Context *cx, Value v, Value item, size_t from, size_t to);
/* The same; *found becomes the item that was equal, which need not stand there any more. */
int64_t seq_find_item(Context *cx, Value v, Value item, size_t from, size_t to,
                      Value *found);
int64_t seq_count(Context *cx, Value v, Value item); /* -1: exception */
int seq_contains(Context *cx, Value v, Value item);
Value seq_repr(Context *cx, Value v);

/* Makes an array of n items and copies them in. */
ObjArray *seq_copy_items(Context *cx, const Value *items, size_t n);

#endif
