/* list_methods.c - operators and methods of list.
 *
 * See also: list.c (storage, items, slices), list_sort.c, seq.c. */

#include "runtime/gc/mark.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/generic.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list_internal.h"
#include "runtime/objects/native.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/seq.h"

/* Takes over storage and length of a list that nobody else knows; NULL empties the
 * list. */
static void replace_all(Context *cx, ObjList *list, const ObjList *content) {
    ObjArray *empty = (ObjArray *)AS_OBJ(cx->rt->empty_array);
    const bool is_locked = objlock_lock(cx, &list->header);
    atomic_store_release(&list->items, content == NULL ? empty : content->items);
    atomic_store_relaxed(&list->n, content == NULL ? 0 : content->n);
    objlock_unlock(cx, &list->header, is_locked);
}

/* Operators */

static Value concat(Context *cx, ObjList *a, ObjList *b) {
    const size_t n = list_length(a) + list_length(b);
    ObjList *sum = list_new(cx, n);
    if (sum == NULL || !list_extend_by_list(cx, sum, a) ||
        !list_extend_by_list(cx, sum, b)) {
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
        return IS_LIST(b) ? concat(cx, AS_LIST(a), AS_LIST(b))
                          : seq_refuse_add(cx, "list", b);
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
    replace_all(cx, list, AS_LIST(product));
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
    instance_trace_derived(m, o);
}

static Value list_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                            Value kwargs) {
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

NATIVE(list_method_append, "append(self, object, /)",
       "Append object to the end of the list.") {
    return list_append(cx, AS_LIST(args[0]), args[1]) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(list_method_extend, "extend(self, iterable, /)",
       "Append the items of an iterable.") {
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
    const bool is_done =
        list_replace_locked(cx, list, (size_t)index, (size_t)index, &args[2], 1);
    objlock_unlock(cx, &list->header, is_locked);
    return is_done ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(list_pop, "pop(self, index=-1, /)", "Remove and return the item at index.") {
    int64_t index = -1;
    if (!IS_UNSET(args[1]) && !arg_int(cx, args[1], &index)) {
        return VALUE_ERROR;
    }
    ObjList *list = AS_LIST(args[0]);
    const Value item = list_take_item(cx, list, index);
    if (LIKELY(!IS_UNSET(item))) {
        return item;
    }
    return exc_raise(cx, EXC_IndexError,
                     list_length(list) == 0 ? "pop from empty list"
                                            : "pop index out of range");
}

NATIVE(list_remove, "remove(self, value, /)", "Remove the first item equal to value.") {
    ObjList *list = AS_LIST(args[0]);
    for (;;) {
        const ObjArray *before = atomic_load_acquire(&list->items);
        Value found = VALUE_UNSET;
        const int64_t i = seq_find_item(cx, args[0], args[1], 0, SIZE_MAX, &found);
        if (i == -1 && cx->is_parallel && atomic_load_acquire(&list->items) != before) {
            continue; /* items moved to other storage while they were looked at */
        }
        if (i < 0) {
            return i == -1
                       ? exc_raise(cx, EXC_ValueError, "list.remove(x): x not in list")
                       : VALUE_ERROR;
        }
        /* Comparing took no lock: what was found must still stand there. */
        const bool is_locked = objlock_lock(cx, &list->header);
        const bool is_there = (size_t)i < list->n && list->items->items[i] == found;
        const bool is_done =
            !is_there || list_replace_locked(cx, list, (size_t)i, (size_t)i + 1, NULL, 0);
        objlock_unlock(cx, &list->header, is_locked);
        if (!is_done) {
            return VALUE_ERROR;
        }
        if (is_there || !cx->is_parallel) {
            return VALUE_NONE;
        }
    }
}

NATIVE(list_clear, "clear(self, /)", "Remove all items.") {
    replace_all(cx, AS_LIST(args[0]), NULL);
    return VALUE_NONE;
}

NATIVE(list_index, "index(self, value, start=0, stop=9223372036854775807, /)",
       "Return the first index of value.") {
    const size_t n = list_length(AS_LIST(args[0]));
    size_t from = 0;
    size_t to = SIZE_MAX;
    if (!seq_bound(cx, args[2], n, 0, &from) ||
        !seq_bound(cx, args[3], n, SIZE_MAX, &to)) {
        return VALUE_ERROR;
    }
    const int64_t i = seq_find(cx, args[0], args[1], from, to);
    if (i >= 0) {
        return value_from_int(i);
    }
    if (i == -1) {
        const Value text = value_repr(cx, args[1]);
        if (!IS_ERROR(text)) {
            ObjStr *message =
                str_concat(cx, AS_STR(text), str_from_c(cx, " is not in list"));
            return message == NULL
                       ? VALUE_ERROR
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
    return list_copy_range(cx, AS_LIST(args[0]), 0, SIZE_MAX);
}

NATIVE(list_reverse, "reverse(self, /)", "Reverse the order of the items in place.") {
    ObjList *list = AS_LIST(args[0]);
    const bool is_locked = objlock_lock(cx, &list->header);
    Value *items = list_begin_change_locked(cx, list, list->n);
    for (size_t i = 0, j = list->n; items != NULL && i + 1 < j; i++) {
        j--;
        const Value item = items[i];
        items[i] = items[j];
        items[j] = item;
    }
    if (items != NULL) {
        list_end_change_locked(cx, list, items, list->n);
    }
    objlock_unlock(cx, &list->header, is_locked);
    return items == NULL ? VALUE_ERROR : VALUE_NONE;
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

NATIVE(list_reversed, "__reversed__(self, /)",
       "Return an iterator over the items from the last to the first.") {
    return list_reviter_new(cx, AS_LIST(args[0]));
}

static const NativeDef list_methods[] = {
    GENERIC_ENTRY,
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
