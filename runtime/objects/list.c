/* list.c - list: a growing row of Values: storage, items, slices.
 *
 * Storage doubles while it is small and grows by half from LIST_LARGE items on: old
 * storage is left to the collector (a reader may still look at it), so each growth costs
 * a copy and garbage of the old size.
 *
 * Threads: see list.h. Whole-list reads (slices, copies, concatenation) and indices from
 * the end take the lock, so that they see one state; other reads of one item and
 * iteration take none. So what moves or changes several items is done in a copy of the
 * storage, which is then published, while threads run in parallel
 * (list_begin_change_locked).
 *
 * See also: list_methods.c, list_sort.c, seq.c (comparison, searching, printing), iter.h
 * (iterators). */

#include "runtime/objects/list.h"

#include "runtime/objects/bytes.h"
#include "runtime/objects/dict_table.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list_internal.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/range.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/set_table.h"

/* Beyond LIST_LARGE memory matters more than copying. */
enum { LIST_MIN_CAPACITY = 4, LIST_LARGE = 1 << 20 };
#define LIST_MAX_ITEMS ((size_t)1 << 44)

/* Storage */

static ObjArray *empty_array(Context *cx) {
    return (ObjArray *)AS_OBJ(cx->rt->empty_array);
}

static ObjArray *new_storage(Context *cx, size_t capacity) {
    if (capacity == 0) {
        return empty_array(cx);
    }
    if (capacity > LIST_MAX_ITEMS) {
        exc_raise_no_memory(cx);
        return NULL;
    }
    return array_new(cx, capacity);
}

static size_t grown_capacity(size_t n_wanted) {
    if (n_wanted <= LIST_MIN_CAPACITY) {
        return LIST_MIN_CAPACITY;
    }
    const size_t grown = n_wanted < LIST_LARGE ? n_wanted * 2 : n_wanted + n_wanted / 2;
    return grown & ~(size_t)1;
}

/* Moves the items to storage of the given capacity. */
static bool set_capacity_locked(Context *cx, ObjList *list, size_t capacity) {
    ObjArray *storage = new_storage(cx, capacity);
    if (storage == NULL) {
        return false;
    }
    memcpy(storage->items, list->items->items, list->n * sizeof(Value));
    atomic_store_release(&list->items, storage);
    return true;
}

/* Room for n_wanted items in all. */
static bool reserve_locked(Context *cx, ObjList *list, size_t n_wanted) {
    return LIKELY(n_wanted <= list->items->capacity) ||
           set_capacity_locked(cx, list, grown_capacity(n_wanted));
}

static void set_length_locked(ObjList *list, size_t n) {
    atomic_store_relaxed(&list->n, n);
}

/* Gives up storage of which less than a quarter is used. It fails silently: the old
 * storage does as well. */
static void shrink_locked(Context *cx, ObjList *list) {
    const size_t capacity = list->items->capacity;
    if (LIKELY(capacity < 64 || list->n >= capacity / 4)) {
        return;
    }
    if (!set_capacity_locked(cx, list, list->n * 2)) {
        exc_take(cx);
    }
}

Value *list_begin_change_locked(Context *cx, ObjList *list, size_t n_wanted) {
    if (LIKELY(!cx->is_parallel)) {
        return reserve_locked(cx, list, n_wanted) ? list->items->items : NULL;
    }
    const size_t capacity = list->items->capacity;
    ObjArray *copy =
        new_storage(cx, n_wanted <= capacity ? capacity : grown_capacity(n_wanted));
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy->items, list->items->items, list->n * sizeof(Value));
    return copy->items;
}

void list_end_change_locked(Context *cx, ObjList *list, Value *items, size_t n) {
    if (n < list->n) {
        memset(items + n, 0, (list->n - n) * sizeof(Value));
    }
    if (items != list->items->items) {
        atomic_store_release(&list->items,
                             (ObjArray *)((char *)items - offsetof(ObjArray, items)));
    }
    set_length_locked(list, n);
    shrink_locked(cx, list);
}

bool list_replace_locked(Context *cx, ObjList *list, size_t from, size_t to,
                         const Value *new_items, size_t n_new) {
    const size_t n_old = list->n;
    const size_t n = n_old - (to - from) + n_new;
    Value *items = list_begin_change_locked(cx, list, n);
    if (items == NULL) {
        return false;
    }
    if (from + n_new != to) {
        memmove(items + from + n_new, items + to, (n_old - to) * sizeof(Value));
    }
    if (n_new > 0) {
        memcpy(items + from, new_items, n_new * sizeof(Value));
    }
    list_end_change_locked(cx, list, items, n);
    return true;
}

/* Making lists */

ObjList *list_new(Context *cx, size_t capacity) {
    ObjList *list = HEAP_NEW(cx, ObjList, KIND_LIST);
    if (UNLIKELY(list == NULL)) {
        return NULL;
    }
    list->items = new_storage(cx, capacity);
    return list->items == NULL ? NULL : list;
}

ObjList *list_new_of(Context *cx, ObjType *type) {
    if (LIKELY(type == cx->rt->types[KIND_LIST])) {
        return list_new(cx, 0);
    }
    ObjList *list = (ObjList *)instance_new(cx, type);
    if (list != NULL) {
        list->items = empty_array(cx);
    }
    return list;
}

Value list_from(Context *cx, const Value *items, size_t n) {
    ObjList *list = list_new(cx, n);
    if (UNLIKELY(list == NULL)) {
        return VALUE_ERROR;
    }
    if (n > 0) {
        memcpy(list->items->items, items, n * sizeof(Value));
    }
    list->n = n;
    return OBJ_VALUE(list);
}

Value list_from_iterable(Context *cx, Value iterable) {
    ObjList *list = list_new(cx, 0);
    if (list == NULL || !list_extend(cx, list, iterable)) {
        return VALUE_ERROR;
    }
    return OBJ_VALUE(list);
}

Value list_copy_range(Context *cx, ObjList *list, size_t from, size_t to) {
    const bool is_locked = objlock_lock(cx, &list->header);
    const size_t n = list->n;
    to = to < n ? to : n;
    from = from < to ? from : to;
    const Value copy = list_from(cx, list->items->items + from, to - from);
    objlock_unlock(cx, &list->header, is_locked);
    return copy;
}

Value list_to_tuple(Context *cx, ObjList *list) {
    const bool is_locked = objlock_lock(cx, &list->header);
    const Value tuple = tuple_from(cx, list->items->items, list->n);
    objlock_unlock(cx, &list->header, is_locked);
    return tuple;
}

size_t list_length(const ObjList *list) {
    return atomic_load_relaxed(&list->n);
}

/* Adding */

bool list_append_locked(Context *cx, ObjList *list, Value item) {
    const size_t n = list->n;
    if (!reserve_locked(cx, list, n + 1)) {
        return false;
    }
    value_store(&list->items->items[n], item);
    set_length_locked(list, n + 1);
    return true;
}

bool list_append_slow(Context *cx, ObjList *list, Value item) {
    const bool is_locked = objlock_lock(cx, &list->header);
    const bool is_ok = list_append_locked(cx, list, item);
    objlock_unlock(cx, &list->header, is_locked);
    return is_ok;
}

/* Appends items, which may stand in the list itself. Without the GIL readers see them
 * come one by one. */
static bool append_items_locked(Context *cx, ObjList *list, const Value *items,
                                size_t n_more) {
    const size_t n = list->n;
    if (!reserve_locked(cx, list, n + n_more)) {
        return false;
    }
    Value *to = list->items->items + n;
    if (LIKELY(!cx->is_parallel)) {
        memcpy(to, items, n_more * sizeof(Value));
    } else {
        for (size_t i = 0; i < n_more; i++) {
            value_store(&to[i], items[i]);
        }
    }
    set_length_locked(list, n + n_more);
    return true;
}

static bool extend_by_items(Context *cx, ObjList *list, const Value *items, size_t n) {
    const bool is_locked = objlock_lock(cx, &list->header);
    const bool is_done = append_items_locked(cx, list, items, n);
    objlock_unlock(cx, &list->header, is_locked);
    return is_done;
}

bool list_extend_by_list(Context *cx, ObjList *list, ObjList *other) {
    const bool is_locked = objlock_lock2(cx, &list->header, &other->header);
    const bool is_done = append_items_locked(cx, list, other->items->items, other->n);
    objlock_unlock2(cx, &list->header, &other->header, is_locked);
    return is_done;
}

static bool extend_by_range(Context *cx, ObjList *list, const ObjRange *range) {
    const int64_t n_more = value_to_int(range->length);
    int64_t i = value_to_int(range->start);
    const int64_t step = value_to_int(range->step);
    const bool is_locked = objlock_lock(cx, &list->header);
    const size_t n = list->n;
    const bool is_done = reserve_locked(cx, list, n + (size_t)n_more);
    if (is_done) {
        Value *to = list->items->items + n;
        for (const Value *end = to + n_more; to < end; to++, i += step) {
            value_store(to, value_from_int(i));
        }
        set_length_locked(list, n + (size_t)n_more);
    }
    objlock_unlock(cx, &list->header, is_locked);
    return is_done;
}

/* By the numbers of n bytes, or by the characters that chars has for them. */
static bool extend_by_bytes(Context *cx, ObjList *list, const char *bytes, size_t n_bytes, ObjStr *const *chars) {
    const bool is_locked = objlock_lock(cx, &list->header);
    const size_t n = list->n;
    const bool is_done = reserve_locked(cx, list, n + n_bytes);
    if (is_done) {
        Value *to = list->items->items + n;
        for (size_t i = 0; i < n_bytes; i++) {
            const unsigned char byte = (unsigned char)bytes[i];
            value_store(&to[i], chars != NULL ? OBJ_VALUE(chars[byte & 127]) : value_from_int(byte));
        }
        set_length_locked(list, n + n_bytes);
    }
    objlock_unlock(cx, &list->header, is_locked);
    return is_done;
}

/* Room for n_more items; false with the pending exception when that is negative. */
static bool reserve_more(Context *cx, ObjList *list, int64_t n_more) {
    if (n_more < 0) {
        return false;
    }
    const bool is_locked = objlock_lock(cx, &list->header);
    const bool is_done = reserve_locked(cx, list, list->n + (size_t)n_more);
    objlock_unlock(cx, &list->header, is_locked);
    return is_done;
}

/* What the set has at this moment. */
static bool extend_by_set(Context *cx, ObjList *list, const ObjSet *set) {
    const ObjSetTable *table = atomic_load_acquire(&set->table);
    size_t position = 0;
    if (!reserve_more(cx, list, (int64_t)set_length(set))) {
        return false;
    }
    for (SetPlace place; set_table_next(table, &position, &place);) {
        if (!list_append(cx, list, place.key)) {
            return false;
        }
    }
    return true;
}

static bool append_to(Context *cx, Obj *list, Value item) {
    return list_append(cx, (ObjList *)list, item);
}

/* A class of the script is asked for its length, as it can notice; nothing is made of the
 * answer, which may be wrong. */
static bool ask_length(Context *cx, Value iterable) {
    return LIKELY(type_has(type_of(cx, iterable), TYPE_FLAG_BUILTIN)) ||
           value_length_hint(cx, iterable, 0) >= 0;
}

static bool extend_by_iterator(Context *cx, ObjList *list, Value iterable) {
    const Value iterator = value_iter(cx, iterable);
    return !IS_ERROR(iterator) && ask_length(cx, iterable) &&
           iter_rest(cx, iterator, append_to, &list->header);
}

bool list_extend(Context *cx, ObjList *list, Value iterable) {
    if (IS_EXACT(iterable, KIND_LIST)) {
        return list_extend_by_list(cx, list, AS_LIST(iterable));
    }
    if (IS_EXACT(iterable, KIND_TUPLE)) {
        return extend_by_items(cx, list, AS_TUPLE(iterable)->items,
                               AS_TUPLE(iterable)->n);
    }
    if (IS_EXACT(iterable, KIND_STR) && str_is_ascii(AS_STR(iterable))) {
        return extend_by_bytes(cx, list, AS_STR(iterable)->data, AS_STR(iterable)->n_bytes, cx->rt->ascii_chars);
    }
    if (IS_EXACT(iterable, KIND_SET) || IS_EXACT(iterable, KIND_FROZENSET)) {
        return extend_by_set(cx, list, AS_SET(iterable));
    }
    if (IS_EXACT(iterable, KIND_BYTES)) {
        return extend_by_bytes(cx, list, AS_BYTES(iterable)->data, AS_BYTES(iterable)->n_bytes, NULL);
    }
    if (IS_RANGE(iterable)) {
        if (range_is_small(AS_RANGE(iterable)) && IS_INT(AS_RANGE(iterable)->length)) {
            return extend_by_range(cx, list, AS_RANGE(iterable));
        }
        if (!reserve_more(cx, list, value_length(cx, iterable))) {
            return false; /* rather than after filling all memory */
        }
    }
    if (IS_EXACT(iterable, KIND_DICT) || IS_KIND(iterable, KIND_DICT_KEYS) ||
        IS_KIND(iterable, KIND_DICT_VALUES) || IS_KIND(iterable, KIND_DICT_ITEMS)) {
        return dict_append_all(cx, list, iterable);
    }
    return extend_by_iterator(cx, list, iterable);
}

/* An iterable as an array of items that nobody else changes; *n their number. */
static const Value *items_of(Context *cx, Value iterable, size_t *n) {
    if (IS_EXACT(iterable, KIND_TUPLE)) {
        *n = AS_TUPLE(iterable)->n;
        return AS_TUPLE(iterable)->items;
    }
    const Value copy = list_from_iterable(cx, iterable);
    if (IS_ERROR(copy)) {
        return NULL;
    }
    *n = AS_LIST(copy)->n;
    return AS_LIST(copy)->items->items;
}

/* Items by index */

/* From the end: length and storage have to belong together. */
static Value peek_from_end(Context *cx, ObjList *list, int64_t index) {
    const bool is_locked = objlock_lock(cx, &list->header);
    const Value item = list_peek(list, (size_t)(index + (int64_t)list->n));
    objlock_unlock(cx, &list->header, is_locked);
    return item;
}

Value list_get(Context *cx, ObjList *list, int64_t index) {
    const Value item =
        index < 0 ? peek_from_end(cx, list, index) : list_peek(list, (size_t)index);
    return LIKELY(!IS_UNSET(item))
               ? item
               : exc_raise(cx, EXC_IndexError, "list index out of range");
}

bool list_set(Context *cx, ObjList *list, int64_t index, Value item) {
    const bool is_locked = objlock_lock(cx, &list->header);
    const size_t i = (size_t)(index < 0 ? index + (int64_t)list->n : index);
    const bool is_inside = i < list->n;
    if (LIKELY(is_inside)) {
        value_store(&list->items->items[i], item);
    }
    objlock_unlock(cx, &list->header, is_locked);
    if (UNLIKELY(!is_inside)) {
        exc_raise(cx, EXC_IndexError, "list assignment index out of range");
    }
    return is_inside;
}

Value list_take_last_locked(Context *cx, ObjList *list) {
    const size_t last = list->n - 1;
    const Value item = list->items->items[last];
    value_store(&list->items->items[last], VALUE_UNSET);
    set_length_locked(list, last);
    shrink_locked(cx, list);
    return item;
}

Value list_take_item(Context *cx, ObjList *list, int64_t index) {
    const bool is_locked = objlock_lock(cx, &list->header);
    const size_t n = list->n;
    const size_t i = (size_t)(index < 0 ? index + (int64_t)n : index);
    Value item = VALUE_UNSET;
    if (LIKELY(i < n)) {
        item = list->items->items[i];
        if (LIKELY(i + 1 == n)) {
            list_take_last_locked(cx, list);
        } else if (!list_replace_locked(cx, list, i, i + 1, NULL, 0)) {
            item = VALUE_ERROR;
        }
    }
    objlock_unlock(cx, &list->header, is_locked);
    return item;
}

static Value get_slice(Context *cx, ObjList *list, Value slice) {
    int64_t start = 0;
    int64_t stop = 0;
    int64_t step = 0;
    int64_t n = 0;
    if (!slice_resolve(cx, slice, (int64_t)list_length(list), &start, &stop, &step, &n)) {
        return VALUE_ERROR;
    }
    if (step == 1) {
        return list_copy_range(cx, list, (size_t)start, (size_t)(start + n));
    }
    ObjList *copy = list_new(cx, (size_t)n);
    if (copy == NULL) {
        return VALUE_ERROR;
    }
    const bool is_locked = objlock_lock(cx, &list->header);
    for (int64_t i = 0; i < n; i++) { /* the list may have become shorter */
        const Value item = list_peek(list, (size_t)(start + i * step));
        if (!IS_UNSET(item)) {
            copy->items->items[copy->n++] = item;
        }
    }
    objlock_unlock(cx, &list->header, is_locked);
    return OBJ_VALUE(copy);
}

Value list_getitem(Context *cx, Value v, Value key) {
    if (IS_SLICE(key)) {
        return get_slice(cx, AS_LIST(v), key);
    }
    int64_t index = 0;
    return seq_index(cx, key, "list", &index) ? list_get(cx, AS_LIST(v), index)
                                              : VALUE_ERROR;
}

/* Deletes n > 0 items from start on, step apart (step > 0). */
static bool delete_stepped_locked(Context *cx, ObjList *list, size_t start, size_t step,
                                  size_t n) {
    Value *items = list_begin_change_locked(cx, list, list->n);
    if (items == NULL) {
        return false;
    }
    size_t to = start;
    for (size_t i = 0; i < n; i++) {
        const size_t from = start + i * step + 1;
        const size_t next = i + 1 < n ? from + step - 1 : list->n;
        memmove(items + to, items + from, (next - from) * sizeof(Value));
        to += next - from;
    }
    list_end_change_locked(cx, list, items, to);
    return true;
}

static bool delete_slice(Context *cx, ObjList *list, Value slice) {
    int64_t start = 0;
    int64_t stop = 0;
    int64_t step = 0;
    int64_t n = 0;
    bool is_done = true;
    size_t n_seen;
    bool is_locked;
    do { /* resolving may run script code, so it is done without the lock */
        n_seen = list_length(list);
        if (!slice_resolve(cx, slice, (int64_t)n_seen, &start, &stop, &step, &n)) {
            return false;
        }
        is_locked = objlock_lock(cx, &list->header);
        if (list->n == n_seen) {
            break;
        }
        objlock_unlock(cx, &list->header, is_locked);
    } while (true);
    if (n > 0 && step == 1) {
        is_done =
            list_replace_locked(cx, list, (size_t)start, (size_t)(start + n), NULL, 0);
    } else if (n > 0) {
        if (step < 0) {
            start += (n - 1) * step;
            step = -step;
        }
        is_done = delete_stepped_locked(cx, list, (size_t)start, (size_t)step, (size_t)n);
    }
    objlock_unlock(cx, &list->header, is_locked);
    return is_done;
}

/* Stores items from start on, step apart. The list may have become shorter meanwhile. */
static bool set_stepped_locked(Context *cx, ObjList *list, int64_t start, int64_t step,
                               const Value *new_items, size_t n_new) {
    Value *items = list_begin_change_locked(cx, list, list->n);
    if (items == NULL) {
        return false;
    }
    for (size_t i = 0; i < n_new; i++) {
        const size_t at = (size_t)(start + (int64_t)i * step);
        if (at < list->n) {
            items[at] = new_items[i];
        }
    }
    list_end_change_locked(cx, list, items, list->n);
    return true;
}

static bool set_slice(Context *cx, ObjList *list, Value slice, Value value) {
    size_t n_new = 0;
    int64_t start = 0;
    int64_t stop = 0;
    int64_t step = 0;
    int64_t n = 0;
    bool is_done;
    if (!slice_resolve(cx, slice, (int64_t)list_length(list), &start, &stop, &step, &n)) {
        return false;
    }
    const Value *items = items_of(cx, value, &n_new);
    if (items == NULL) {
        if (exc_take_if(cx, EXC_TypeError)) {
            exc_raise(cx, EXC_TypeError, "must assign iterable to extended slice");
        }
        return false;
    }
    /* Taking the items may have changed the list. */
    if (!slice_resolve(cx, slice, (int64_t)list_length(list), &start, &stop, &step, &n)) {
        return false;
    }
    if (step != 1 && n_new != (size_t)n) {
        exc_raise(cx, EXC_ValueError,
                  "attempt to assign sequence of size %zu to extended slice of size %lld",
                  n_new, (long long)n);
        return false;
    }
    const bool is_locked = objlock_lock(cx, &list->header);
    if (step == 1) {
        const size_t from = (size_t)start < list->n ? (size_t)start : list->n;
        const size_t to = (size_t)(start + n) < list->n ? (size_t)(start + n) : list->n;
        is_done = list_replace_locked(cx, list, from, to, items, n_new);
    } else {
        is_done = set_stepped_locked(cx, list, start, step, items, n_new);
    }
    objlock_unlock(cx, &list->header, is_locked);
    return is_done;
}

static bool delete_item(Context *cx, ObjList *list, int64_t index) {
    const Value item = list_take_item(cx, list, index);
    if (IS_UNSET(item)) {
        exc_raise(cx, EXC_IndexError, "list assignment index out of range");
    }
    return item > VALUE_ERROR;
}

bool list_setitem(Context *cx, Value v, Value key, Value value) {
    ObjList *list = AS_LIST(v);
    if (IS_SLICE(key)) {
        return IS_UNSET(value) ? delete_slice(cx, list, key)
                               : set_slice(cx, list, key, value);
    }
    int64_t index = 0;
    if (!seq_index(cx, key, "list", &index)) {
        return false;
    }
    return IS_UNSET(value) ? delete_item(cx, list, index)
                           : list_set(cx, list, index, value);
}
