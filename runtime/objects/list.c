/* list.c - list: a growing row of Values.
 *
 * Storage doubles while it is small and grows by half from LIST_LARGE items on: old storage is left to the
 * collector (a reader may still look at it), so each growth costs a copy and garbage of the old size.
 *
 * Threads: see list.h. Whole-list reads (slices, copies, concatenation) take the lock, so that they see one state; reads of
 * one item and iteration take none.
 *
 * See also: list_sort.c, seq.c (comparison, searching, printing), iter.h (iterators). */

#include "runtime/objects/list.h"

#include "runtime/gc/mark.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/native.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/seq.h"

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

/* Copies within or between storages that other threads may be reading. */
static void move_items(const Context *cx, Value *to, const Value *from, size_t n) {
    if (LIKELY(!cx->is_parallel)) {
        memmove(to, from, n * sizeof(Value));
    } else if (to <= from) {
        for (size_t i = 0; i < n; i++) {
            value_store(&to[i], from[i]);
        }
    } else {
        for (size_t i = n; i-- > 0;) {
            value_store(&to[i], from[i]);
        }
    }
}

static void unset_items(const Context *cx, Value *items, size_t n) {
    if (LIKELY(!cx->is_parallel)) {
        memset(items, 0, n * sizeof(Value));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        value_store(&items[i], VALUE_UNSET);
    }
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

/* Gives up storage of which less than a quarter is used. It fails silently: the old storage does as well. */
static void shrink_locked(Context *cx, ObjList *list) {
    const size_t capacity = list->items->capacity;
    if (LIKELY(capacity < 64 || list->n >= capacity / 4)) {
        return;
    }
    if (!set_capacity_locked(cx, list, list->n * 2)) {
        exc_take(cx);
    }
}

/* Replaces the items [from, to) by n_new others; items does not point into the list's storage. */
static bool replace_locked(Context *cx, ObjList *list, size_t from, size_t to, const Value *items,
                           size_t n_new) {
    const size_t n_old = list->n;
    const size_t n = n_old - (to - from) + n_new;
    if (!reserve_locked(cx, list, n)) {
        return false;
    }
    Value *storage = list->items->items;
    if (from + n_new != to) {
        move_items(cx, storage + from + n_new, storage + to, n_old - to);
    }
    if (n_new > 0) {
        move_items(cx, storage + from, items, n_new);
    }
    if (n < n_old) {
        unset_items(cx, storage + n, n_old - n);
    }
    set_length_locked(list, n);
    shrink_locked(cx, list);
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

/* An empty list of the type or of a class derived from it. */
static ObjList *list_new_of(Context *cx, ObjType *type) {
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

/* The items [from, to) as a new list; indices beyond the end are cut down. */
static Value copy_range(Context *cx, ObjList *list, size_t from, size_t to) {
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

bool list_append_slow(Context *cx, ObjList *list, Value item) {
    const bool is_locked = objlock_lock(cx, &list->header);
    const size_t n = list->n;
    if (!reserve_locked(cx, list, n + 1)) {
        objlock_unlock(cx, &list->header, is_locked);
        return false;
    }
    value_store(&list->items->items[n], item);
    set_length_locked(list, n + 1);
    objlock_unlock(cx, &list->header, is_locked);
    return true;
}

static bool extend_by_items(Context *cx, ObjList *list, const Value *items, size_t n) {
    const bool is_locked = objlock_lock(cx, &list->header);
    const bool is_done = replace_locked(cx, list, list->n, list->n, items, n);
    objlock_unlock(cx, &list->header, is_locked);
    return is_done;
}

static bool extend_by_list(Context *cx, ObjList *list, ObjList *other) {
    const bool is_locked = objlock_lock2(cx, &list->header, &other->header);
    const size_t n = list->n;
    const size_t n_more = other->n;
    const bool is_done = reserve_locked(cx, list, n + n_more);
    if (is_done) { /* other may be list itself: its items did not change but for their place */
        move_items(cx, list->items->items + n, other->items->items, n_more);
        set_length_locked(list, n + n_more);
    }
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

static bool extend_by_iterator(Context *cx, ObjList *list, Value iterable) {
    const Value iterator = value_iter(cx, iterable);
    if (IS_ERROR(iterator)) {
        return false;
    }
    for (;;) {
        const Value item = value_next(cx, iterator);
        if (item == VALUE_STOP) {
            return true;
        }
        if (IS_ERROR(item) || !list_append(cx, list, item)) {
            return false;
        }
    }
}

bool list_extend(Context *cx, ObjList *list, Value iterable) {
    if (IS_EXACT(iterable, KIND_LIST)) {
        return extend_by_list(cx, list, AS_LIST(iterable));
    }
    if (IS_EXACT(iterable, KIND_TUPLE)) {
        return extend_by_items(cx, list, AS_TUPLE(iterable)->items, AS_TUPLE(iterable)->n);
    }
    if (IS_RANGE(iterable)) {
        if (range_is_small(AS_RANGE(iterable)) && IS_INT(AS_RANGE(iterable)->length)) {
            return extend_by_range(cx, list, AS_RANGE(iterable));
        }
        if (!reserve_more(cx, list, value_length(cx, iterable))) {
            return false; /* rather than after filling all memory */
        }
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

Value list_get(Context *cx, ObjList *list, int64_t index) {
    const Value item = list_peek(list, (size_t)(index < 0 ? index + (int64_t)list_length(list) : index));
    return LIKELY(!IS_UNSET(item)) ? item : exc_raise(cx, EXC_IndexError, "list index out of range");
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

/* Removes and returns the item; VALUE_UNSET when the index is out of range. */
static Value take_item(Context *cx, ObjList *list, int64_t index) {
    const bool is_locked = objlock_lock(cx, &list->header);
    const size_t n = list->n;
    const size_t i = (size_t)(index < 0 ? index + (int64_t)n : index);
    Value item = VALUE_UNSET;
    if (LIKELY(i < n)) {
        Value *items = list->items->items;
        item = items[i];
        if (i + 1 < n) {
            move_items(cx, items + i, items + i + 1, n - 1 - i);
        }
        value_store(&items[n - 1], VALUE_UNSET);
        set_length_locked(list, n - 1);
        shrink_locked(cx, list);
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
        return copy_range(cx, list, (size_t)start, (size_t)(start + n));
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

static Value list_getitem(Context *cx, Value v, Value key) {
    if (IS_SLICE(key)) {
        return get_slice(cx, AS_LIST(v), key);
    }
    int64_t index = 0;
    return seq_index(cx, key, "list", &index) ? list_get(cx, AS_LIST(v), index) : VALUE_ERROR;
}

/* Deletes n items from start on, step apart (step > 0). */
static void delete_stepped_locked(const Context *cx, ObjList *list, size_t start, size_t step, size_t n) {
    Value *items = list->items->items;
    size_t to = start;
    for (size_t i = 0; i < n; i++) {
        const size_t from = start + i * step + 1;
        const size_t next = i + 1 < n ? from + step - 1 : list->n;
        move_items(cx, items + to, items + from, next - from);
        to += next - from;
    }
    unset_items(cx, items + to, list->n - to);
    set_length_locked(list, to);
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
        is_done = replace_locked(cx, list, (size_t)start, (size_t)(start + n), NULL, 0);
    } else if (n > 0) {
        if (step < 0) {
            start += (n - 1) * step;
            step = -step;
        }
        delete_stepped_locked(cx, list, (size_t)start, (size_t)step, (size_t)n);
        shrink_locked(cx, list);
    }
    objlock_unlock(cx, &list->header, is_locked);
    return is_done;
}

static bool set_slice(Context *cx, ObjList *list, Value slice, Value value) {
    size_t n_new = 0;
    const Value *items = items_of(cx, value, &n_new);
    if (items == NULL) {
        if (exc_take_if(cx, EXC_TypeError)) {
            exc_raise(cx, EXC_TypeError, "must assign iterable to extended slice");
        }
        return false;
    }
    int64_t start = 0;
    int64_t stop = 0;
    int64_t step = 0;
    int64_t n = 0;
    bool is_done = true;
    if (!slice_resolve(cx, slice, (int64_t)list_length(list), &start, &stop, &step, &n)) {
        return false;
    }
    const bool is_locked = objlock_lock(cx, &list->header);
    if (step == 1) {
        const size_t from = (size_t)start < list->n ? (size_t)start : list->n;
        const size_t to = (size_t)(start + n) < list->n ? (size_t)(start + n) : list->n;
        is_done = replace_locked(cx, list, from, to, items, n_new);
    } else if ((is_done = n_new == (size_t)n)) {
        for (size_t i = 0; i < n_new; i++) {
            const size_t at = (size_t)(start + (int64_t)i * step);
            if (at < list->n) {
                value_store(&list->items->items[at], items[i]);
            }
        }
    }
    objlock_unlock(cx, &list->header, is_locked);
    if (!is_done && step != 1) {
        exc_raise(cx, EXC_ValueError,
                  "attempt to assign sequence of size %zu to extended slice of size %lld", n_new,
                  (long long)n);
    }
    return is_done;
}

static bool delete_item(Context *cx, ObjList *list, int64_t index) {
    if (IS_UNSET(take_item(cx, list, index))) {
        exc_raise(cx, EXC_IndexError, "list assignment index out of range");
        return false;
    }
    return true;
}

static bool list_setitem(Context *cx, Value v, Value key, Value value) {
    ObjList *list = AS_LIST(v);
    if (IS_SLICE(key)) {
        return IS_UNSET(value) ? delete_slice(cx, list, key) : set_slice(cx, list, key, value);
    }
    int64_t index = 0;
    if (!seq_index(cx, key, "list", &index)) {
        return false;
    }
    return IS_UNSET(value) ? delete_item(cx, list, index) : list_set(cx, list, index, value);
}

/* Operators */

static Value concat(Context *cx, ObjList *a, ObjList *b) {
    const size_t n = list_length(a) + list_length(b);
    ObjList *sum = list_new(cx, n);
    if (sum == NULL || !extend_by_list(cx, sum, a) || !extend_by_list(cx, sum, b)) {
        return VALUE_ERROR;
    }
    return OBJ_VALUE(sum);
}

/* Fills items [n, n * count) with copies of the first n. */
static void repeat_items(Value *items, size_t n, size_t count) {
    const size_t n_total = n * count;
    if (n == 1) {
        const Value item = items[0];
        for (size_t i = 1; i < n_total; i++) {
            items[i] = item;
        }
        return;
    }
    for (size_t n_done = n; n_done < n_total;) {
        const size_t n_copied = n_done <= n_total - n_done ? n_done : n_total - n_done;
        memcpy(items + n_done, items, n_copied * sizeof(Value));
        n_done += n_copied;
    }
}

static Value repeat(Context *cx, ObjList *list, int64_t count) {
    const bool is_locked = objlock_lock(cx, &list->header);
    const size_t n = count == 0 ? 0 : list->n;
    ObjList *copy = NULL;
    size_t n_total = 0;
    if (__builtin_mul_overflow(n, (size_t)count, &n_total)) {
        exc_raise_no_memory(cx);
    } else {
        copy = list_new(cx, n_total);
    }
    if (copy != NULL && n > 0) {
        memcpy(copy->items->items, list->items->items, n * sizeof(Value));
    }
    objlock_unlock(cx, &list->header, is_locked);
    if (copy == NULL) {
        return VALUE_ERROR;
    }
    if (n > 0) {
        repeat_items(copy->items->items, n, (size_t)count);
    }
    copy->n = n_total;
    return OBJ_VALUE(copy);
}

static Value list_binary(Context *cx, BinaryOp op, Value a, Value b) {
    if (op == BINARY_ADD && IS_LIST(a)) {
        return IS_LIST(b) ? concat(cx, AS_LIST(a), AS_LIST(b)) : seq_refuse_add(cx, "list", b);
    }
    if (op != BINARY_MUL) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const Value list = IS_LIST(a) ? a : b;
    const Value factor = IS_LIST(a) ? b : a;
    int64_t count = 0;
    const int is_count = seq_repeat_count(cx, factor, &count);
    if (is_count == 0) {
        return seq_refuse_mul(cx, factor);
    }
    return is_count < 0 ? VALUE_ERROR : repeat(cx, AS_LIST(list), count);
}

static Value repeat_inplace(Context *cx, ObjList *list, Value factor) {
    int64_t count = 0;
    const int is_count = seq_repeat_count(cx, factor, &count);
    if (is_count <= 0) {
        return is_count < 0 ? VALUE_ERROR : seq_refuse_mul(cx, factor);
    }
    const Value product = repeat(cx, list, count);
    if (IS_ERROR(product)) {
        return VALUE_ERROR;
    }
    const bool is_locked = objlock_lock(cx, &list->header);
    atomic_store_release(&list->items, AS_LIST(product)->items);
    set_length_locked(list, AS_LIST(product)->n);
    objlock_unlock(cx, &list->header, is_locked);
    return OBJ_VALUE(list);
}

static Value list_inplace(Context *cx, BinaryOp op, Value a, Value b) {
    if (op == BINARY_ADD) {
        return list_extend(cx, AS_LIST(a), b) ? a : VALUE_ERROR;
    }
    return op == BINARY_MUL ? repeat_inplace(cx, AS_LIST(a), b) : VALUE_NOT_IMPLEMENTED;
}

static int64_t list_op_length(Context *cx __attribute__((unused)), Value v) {
    return (int64_t)list_length(AS_LIST(v));
}

static Value list_iter(Context *cx, Value v) {
    return list_iter_new(cx, AS_LIST(v));
}

static void list_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjList *)o)->items);
    if (o->shape >= KIND_COUNT) {
        instance_trace_slots(m, gc_marker_shape(m, o), o);
    }
}

static Value list_construct(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs) {
    ObjList *list = list_new_of(cx, type);
    if (list == NULL) {
        return VALUE_ERROR;
    }
    if (construct_is_bare(cx, type)) {
        return OBJ_VALUE(list);
    }
    if (!construct_check(cx, "list", n_args, 0, 1, kwargs) ||
        (n_args > 0 && !list_extend(cx, list, args[0]))) {
        return VALUE_ERROR;
    }
    return OBJ_VALUE(list);
}

/* Methods */

NATIVE(list_method_append, "append(self, object, /)", "Append object to the end of the list.") {
    return list_append(cx, AS_LIST(args[0]), args[1]) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(list_method_extend, "extend(self, iterable, /)", "Append the items of an iterable.") {
    return list_extend(cx, AS_LIST(args[0]), args[1]) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(list_insert, "insert(self, index, object, /)", "Insert object before index.") {
    int64_t index = 0;
    if (!arg_int(cx, args[1], &index)) {
        return VALUE_ERROR;
    }
    ObjList *list = AS_LIST(args[0]);
    const bool is_locked = objlock_lock(cx, &list->header);
    const int64_t n = (int64_t)list->n;
    index = index < 0 ? (index < -n ? 0 : index + n) : index > n ? n : index;
    const bool is_done = replace_locked(cx, list, (size_t)index, (size_t)index, &args[2], 1);
    objlock_unlock(cx, &list->header, is_locked);
    return is_done ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(list_pop, "pop(self, index=-1, /)", "Remove and return the item at index.") {
    int64_t index = -1;
    if (!IS_UNSET(args[1]) && !arg_int(cx, args[1], &index)) {
        return VALUE_ERROR;
    }
    ObjList *list = AS_LIST(args[0]);
    const Value item = take_item(cx, list, index);
    if (LIKELY(!IS_UNSET(item))) {
        return item;
    }
    return exc_raise(cx, EXC_IndexError,
                     list_length(list) == 0 ? "pop from empty list" : "pop index out of range");
}

NATIVE(list_remove, "remove(self, value, /)", "Remove the first item equal to value.") {
    ObjList *list = AS_LIST(args[0]);
    for (;;) {
        const int64_t i = seq_find(cx, args[0], args[1], 0, SIZE_MAX);
        if (i < 0) {
            return i == -1 ? exc_raise(cx, EXC_ValueError, "list.remove(x): x not in list") : VALUE_ERROR;
        }
        /* Comparing took no lock: what was found must still stand there. */
        const Value found = list_peek(list, (size_t)i);
        const bool is_locked = objlock_lock(cx, &list->header);
        const bool is_there = (size_t)i < list->n && list->items->items[i] == found;
        if (is_there) {
            replace_locked(cx, list, (size_t)i, (size_t)i + 1, NULL, 0);
        }
        objlock_unlock(cx, &list->header, is_locked);
        if (is_there || !cx->is_parallel) {
            return VALUE_NONE;
        }
    }
}

NATIVE(list_clear, "clear(self, /)", "Remove all items.") {
    ObjList *list = AS_LIST(args[0]);
    const bool is_locked = objlock_lock(cx, &list->header);
    atomic_store_release(&list->items, empty_array(cx));
    set_length_locked(list, 0);
    objlock_unlock(cx, &list->header, is_locked);
    return VALUE_NONE;
}

NATIVE(list_index, "index(self, value, start=0, stop=9223372036854775807, /)",
       "Return the first index of value.") {
    const size_t n = list_length(AS_LIST(args[0]));
    size_t from = 0;
    size_t to = SIZE_MAX;
    if (!seq_bound(cx, args[2], n, 0, &from) || !seq_bound(cx, args[3], n, SIZE_MAX, &to)) {
        return VALUE_ERROR;
    }
    const int64_t i = seq_find(cx, args[0], args[1], from, to);
    if (i >= 0) {
        return value_from_int(i);
    }
    if (i == -1) {
        const Value text = value_repr(cx, args[1]);
        if (!IS_ERROR(text)) {
            ObjStr *message = str_concat(cx, AS_STR(text), str_from_c(cx, " is not in list"));
            return message == NULL ? VALUE_ERROR
                                   : exc_raise_value(cx, EXC_ValueError, OBJ_VALUE(message));
        }
    }
    return VALUE_ERROR;
}

NATIVE(list_count, "count(self, value, /)", "Return how many items are equal to value.") {
    const int64_t count = seq_count(cx, args[0], args[1]);
    return count < 0 ? VALUE_ERROR : value_from_int(count);
}

NATIVE(list_copy, "copy(self, /)", "Return a list with the same items.") {
    return copy_range(cx, AS_LIST(args[0]), 0, SIZE_MAX);
}

NATIVE(list_reverse, "reverse(self, /)", "Reverse the order of the items in place.") {
    ObjList *list = AS_LIST(args[0]);
    const bool is_locked = objlock_lock(cx, &list->header);
    Value *items = list->items->items;
    for (size_t i = 0, j = list->n; i + 1 < j; i++) {
        j--;
        const Value item = items[i];
        value_store(&items[i], items[j]);
        value_store(&items[j], item);
    }
    objlock_unlock(cx, &list->header, is_locked);
    return VALUE_NONE;
}

NATIVE(list_method_sort, "sort(self, /, *, key=None, reverse=False)",
       "Sort the list in place, keeping the order of equal items.") {
    bool is_reverse = false;
    if (!arg_bool(cx, args[2], false, &is_reverse)) {
        return VALUE_ERROR;
    }
    const Value key = IS_UNSET(args[1]) ? VALUE_NONE : args[1];
    return list_sort(cx, AS_LIST(args[0]), key, is_reverse) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(list_reversed, "__reversed__(self, /)", "Return an iterator over the items from the last to the first.") {
    return list_reviter_new(cx, AS_LIST(args[0]));
}

static const NativeDef list_methods[] = {
    NATIVE_ENTRY(list_method_append),
    NATIVE_ENTRY(list_clear),
    NATIVE_ENTRY(list_copy),
    NATIVE_ENTRY(list_count),
    NATIVE_ENTRY(list_method_extend),
    NATIVE_ENTRY(list_index),
    NATIVE_ENTRY(list_insert),
    NATIVE_ENTRY(list_pop),
    NATIVE_ENTRY(list_remove),
    NATIVE_ENTRY(list_reverse),
    NATIVE_ENTRY(list_method_sort),
    NATIVE_ENTRY(list_reversed),
    {0},
};

const KindOps kind_ops_ObjList = {
    .trace = list_trace,
    .repr = seq_repr,
    .compare = seq_compare,
    .binary = list_binary,
    .inplace = list_inplace,
    .length = list_op_length,
    .getitem = list_getitem,
    .setitem = list_setitem,
    .contains = seq_contains,
    .iter = list_iter,
    .construct = list_construct,
    .methods = list_methods,
    .doc = "list(iterable=(), /)\n--\n\nA growing sequence of any values.",
};
