/* iter.h - the built-in iterators: their layouts, and the inline steps that the loop
 * uses.
 *
 * Invariants
 *   1. An iterator that came to its end stays there: it drops what it iterates over.
 *   2. A position only grows, and each value of it is taken by one call of next: while
 *      several threads run without the GIL it is taken by an atomic addition or a compare
 *      and swap (iter_take), otherwise by a plain load and store. So two threads that
 *      share an iterator over a list, tuple, range, dict or set, or an enumerate over
 *      one, never get the same place of it.
 *
 * zip, map and filter have no position of their own: each call of next asks the iterators
 * behind them, so threads that share one get each item of those once, but may get them
 * paired differently. */

#ifndef MINI_OBJECTS_ITER_H
#define MINI_OBJECTS_ITER_H

#include "runtime/block.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/dict_table.h"
#include "runtime/objects/list.h"
#include "runtime/objects/range.h"
#include "runtime/objects/set.h"
#include "runtime/objects/tuple.h"

/* Iterators over list, list backwards, tuple. */
typedef struct ObjIndexIter {
    Obj header;
    Obj *sequence; /* [atomic] NULL at the end */
    int64_t
        position; /* [atomic] the index of the next item; backwards it goes down to -1 */
} ObjIndexIter;

/* Small ranges count in `next`; those with large numbers count the items and compute
 * each. */
typedef struct ObjRangeIter {
    Obj header;
    int64_t next; /* [atomic] the next number, or (large) how many were handed out */
    int64_t step; /* [const] */
    int64_t
        stop; /* [const] what next is at the end: start + length * step, or the length */
    ObjRange *large; /* [const] NULL for a range of small integers */
} ObjRangeIter;

typedef struct ObjEnumerate {
    Obj header;
    Value iterator; /* [const] */
    Value index;    /* [atomic] the next number: an int of any size */
} ObjEnumerate;

/* zip, map and filter */
typedef struct ObjCombiner {
    Obj header;
    Value function;    /* [const] of map and filter */
    bool is_strict;    /* [atomic] of zip */
    uint32_t n;        /* [const] */
    uint32_t capacity; /* [const] the same, but while it is being made */
    Value iterators[]; /* [const] */
} ObjCombiner;

/* By __getitem__: iter() of a class without __iter__, and reversed(). */
typedef struct ObjSeqIter {
    Obj header;
    Value sequence;   /* [atomic] VALUE_UNSET at the end */
    int64_t position; /* [atomic] of the next item; backwards from -n to -1 */
} ObjSeqIter;

/* iter(callee, sentinel) */
typedef struct ObjCallIter {
    Obj header;
    Value callee;   /* [atomic] VALUE_UNSET at the end */
    Value sentinel; /* [const] */
} ObjCallIter;

#define AS_INDEX_ITER(v) ((ObjIndexIter *)AS_OBJ(v))
#define AS_RANGE_ITER(v) ((ObjRangeIter *)AS_OBJ(v))

Value list_iter_new(Context *cx, ObjList *list);
Value list_reviter_new(Context *cx, ObjList *list);
Value tuple_iter_new(Context *cx, ObjTuple *tuple);
Value range_iter_new(Context *cx, ObjRange *range);
/* Iterates by __getitem__ with 0, 1, 2, ... until IndexError: what iter() gives for a
 * class without __iter__. */
Value seq_iter_new(Context *cx, Value sequence);
/* The same under the name of another kind that is laid out so. */
Value seq_iter_new_as(Context *cx, ObjKind kind, Value sequence);
Value call_iter_new(Context *cx, Value callee, Value sentinel);
Value enumerate_new(Context *cx, Value iterable, Value start);
/* The item of a range iterator that has large numbers. */
Value range_iter_next_large(Context *cx, ObjRangeIter *it);

/* Takes the present position and leaves it one further. */
static inline int64_t iter_take(const Context *cx, int64_t *position) {
    if (LIKELY(!cx->is_parallel)) {
        const int64_t i = atomic_load_relaxed(position);
        atomic_store_relaxed(position, i + 1);
        return i;
    }
    return atomic_fetch_add_relaxed(position, 1);
}

/* The next item or VALUE_STOP; these never raise. */
static inline Value list_iter_next(const Context *cx, ObjIndexIter *it) {
    const ObjList *list = (const ObjList *)atomic_load_acquire(&it->sequence);
    if (UNLIKELY(list == NULL)) {
        return VALUE_STOP;
    }
    const Value item = list_peek(list, (size_t)iter_take(cx, &it->position));
    if (UNLIKELY(IS_UNSET(item))) {
        atomic_store_release(&it->sequence, NULL);
        return VALUE_STOP;
    }
    return item;
}

static inline Value tuple_iter_next(const Context *cx, ObjIndexIter *it) {
    const ObjTuple *tuple = (const ObjTuple *)atomic_load_acquire(&it->sequence);
    if (UNLIKELY(tuple == NULL)) {
        return VALUE_STOP;
    }
    const size_t i = (size_t)iter_take(cx, &it->position);
    if (UNLIKELY(i >= tuple->n)) {
        atomic_store_release(&it->sequence, NULL);
        return VALUE_STOP;
    }
    return tuple->items[i];
}

/* May raise (no memory) when the range has large numbers. */
static inline Value range_iter_next(Context *cx, ObjRangeIter *it) {
    int64_t i = atomic_load_relaxed(&it->next);
    do {
        if (UNLIKELY(i == it->stop)) {
            return VALUE_STOP;
        }
        if (UNLIKELY(it->large != NULL)) {
            return range_iter_next_large(cx, it);
        }
        if (LIKELY(!cx->is_parallel)) {
            atomic_store_relaxed(&it->next, i + it->step);
            return value_from_int(i);
        }
    } while (!atomic_cas(&it->next, &i, i + it->step));
    return value_from_int(i);
}

enum { ITER_UNPACKED_MAX = 8, ITER_NOT_UNPACKED = -2 };

/* For `for a, b in enumerate(x)` and the like: the next item of an enumerate, zip or
 * dict.items() iterator, unpacked into out[0 .. n) without making the tuple. 1; 0 at the
 * end; -1: exception; ITER_NOT_UNPACKED: this iterator cannot, and nothing was done. When
 * it is not 1 out is unchanged. */
int iter_next_unpacked(Context *cx, Value iterator, Value *out, size_t n);

/* Is it worth asking? */
static inline bool iter_can_unpack(uint32_t shape) {
    return shape == KIND_ENUMERATE || shape == KIND_ZIP || shape == KIND_DICT_ITEM_ITER;
}

/* value_next with the frequent iterators inline: for native code that goes through an
 * iterable. */
static inline Value iter_step(Context *cx, Value iterator) {
    if (UNLIKELY(block_is_urgent(cx)) && !block_poll(cx)) {
        return VALUE_ERROR;
    }
    const uint32_t shape = IS_OBJ(iterator) ? obj_shape(AS_OBJ(iterator)) : KIND_COUNT;
    switch (shape) {
    case KIND_LIST_ITER: return list_iter_next(cx, AS_INDEX_ITER(iterator));
    case KIND_TUPLE_ITER: return tuple_iter_next(cx, AS_INDEX_ITER(iterator));
    case KIND_RANGE_ITER: return range_iter_next(cx, AS_RANGE_ITER(iterator));
    case KIND_DICT_ITER:
    case KIND_DICT_VALUE_ITER:
    case KIND_DICT_ITEM_ITER: return dict_iter_next(cx, iterator);
    case KIND_STR_ITER:
    case KIND_UNICODE_ITER: return str_iter_next(cx, iterator);
    case KIND_SET_ITER: return set_iter_next(cx, iterator);
    case KIND_GENERATOR: return call_generator_next(cx, iterator);
    default: return value_next(cx, iterator);
    }
}

/* iter_step for the loop. */
Value iter_next_item(Context *cx, Value iterator);

/* Gives each item that an iterator has left to visit, which puts it into target, until that fails. False: exception pending. */
static inline bool iter_rest(Context *cx, Value iterator,
                             bool (*visit)(Context *cx, Obj *target, Value item), Obj *target) {
    for (;;) {
        const Value item = iter_step(cx, iterator);
        if (item == VALUE_STOP) {
            return true;
        }
        if (IS_ERROR(item) || !visit(cx, target, item)) {
            return false;
        }
    }
}

/* The same for an iterable. */
static inline bool iter_each(Context *cx, Value iterable,
                             bool (*visit)(Context *cx, Obj *target, Value item), Obj *target) {
    const Value iterator = value_iter(cx, iterable);
    return !IS_ERROR(iterator) && iter_rest(cx, iterator, visit, target);
}

#endif
