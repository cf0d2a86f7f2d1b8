/* list.h - list.
 *
 * Invariants
 *   1. items->items[i] is VALUE_UNSET for every i >= n. So a reader without the lock
 *      loads the storage pointer once, compares its index with the storage's own
 *      capacity, and takes VALUE_UNSET for "out of range".
 *   2. n and items change only under the list's lock (objlock.h); storage that was
 *      replaced stays as it was except for items that a racing writer, holding the lock,
 *      no longer stores there. */

#ifndef MINI_OBJECTS_LIST_H
#define MINI_OBJECTS_LIST_H

#include "runtime/objects/array.h"

typedef struct ObjList {
    Obj header;
    ObjArray *items; /* [lock] for writing; readers load it once */
    size_t n;        /* [lock] for writing */
} ObjList;

#define IS_LIST(v) IS_KIND(v, KIND_LIST)
#define AS_LIST(v) ((ObjList *)AS_OBJ(v))

ObjList *list_new(Context *cx, size_t capacity); /* empty */
Value list_from(Context *cx, const Value *items, size_t n);
Value list_from_iterable(Context *cx, Value iterable); /* a new list */
static inline bool list_append(Context *cx, ObjList *list, Value item);
bool list_extend(Context *cx, ObjList *list, Value iterable);
Value list_get(Context *cx, ObjList *list,
               int64_t index); /* IndexError; negative from the end */
bool list_set(Context *cx, ObjList *list, int64_t index, Value item);
bool list_sort(Context *cx, ObjList *list, Value key, bool is_reverse);
Value list_to_tuple(Context *cx, ObjList *list);
size_t list_length(const ObjList *list);

/* list_append when threads run in parallel or the storage is full. */
bool list_append_slow(Context *cx, ObjList *list, Value item);

static inline bool list_append(Context *cx, ObjList *list, Value item) {
    const size_t n = atomic_load_relaxed(&list->n);
    ObjArray *array = atomic_load_relaxed(&list->items);
    if (UNLIKELY(cx->is_parallel || n == array->capacity)) {
        return list_append_slow(cx, list, item);
    }
    value_store(&array->items[n], item);
    atomic_store_relaxed(&list->n, n + 1);
    return true;
}

/* For the loop: the item at 0 <= index, or VALUE_UNSET when out of range. */
static inline Value list_peek(const ObjList *list, size_t index) {
    const ObjArray *array = atomic_load_acquire(&list->items);
    return index < array->capacity ? value_load(&array->items[index]) : VALUE_UNSET;
}

#endif
