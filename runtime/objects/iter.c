/* iter.c - the built-in iterators but those of dict, set, str, bytes and range.
 *
 * See also: iter.h (layouts, what threads that share an iterator see), iter_state.c (how they
 * are copied), range.c, dict_views.c, set.c. */

#include "runtime/objects/iter.h"

#include "runtime/call.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/bytearray.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/dict_table.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter_state.h"
#include "runtime/objects/memory_map.h"
#include "runtime/objects/native.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/typed_array_internal.h"

static Value iter_self(Context *cx __attribute__((unused)), Value v) {
    return v;
}

/* Iterators over list and tuple */

static Value index_iter_new(Context *cx, ObjKind kind, void *sequence, int64_t position) {
    ObjIndexIter *it = (ObjIndexIter *)heap_alloc(cx, sizeof(ObjIndexIter), kind, kind);
    if (UNLIKELY(it == NULL)) {
        return VALUE_ERROR;
    }
    it->sequence = sequence;
    it->position = position;
    return OBJ_VALUE(it);
}

Value list_iter_new(Context *cx, ObjList *list) {
    return index_iter_new(cx, KIND_LIST_ITER, list, 0);
}

/* Positions of backward iterators count up as well, from -n to -1: the index is then -1 -
 * position. */
Value list_reviter_new(Context *cx, ObjList *list) {
    return index_iter_new(cx, KIND_LIST_REVITER, list, -(int64_t)list_length(list));
}

Value tuple_iter_new(Context *cx, ObjTuple *tuple) {
    return index_iter_new(cx, KIND_TUPLE_ITER, tuple, 0);
}

static void index_iter_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjIndexIter *)o)->sequence);
}

static Value list_iter_op_next(Context *cx, Value v) {
    return list_iter_next(cx, AS_INDEX_ITER(v));
}

static Value tuple_iter_op_next(Context *cx, Value v) {
    return tuple_iter_next(cx, AS_INDEX_ITER(v));
}

static Value list_reviter_next(Context *cx, Value v) {
    ObjIndexIter *it = AS_INDEX_ITER(v);
    const ObjList *list = (const ObjList *)atomic_load_acquire(&it->sequence);
    if (list == NULL) {
        return VALUE_STOP;
    }
    const int64_t position = iter_take(cx, &it->position);
    const Value item =
        position < 0 ? list_peek(list, (size_t)(-1 - position)) : VALUE_UNSET;
    if (IS_UNSET(item)) {
        atomic_store_release(&it->sequence, NULL);
        return VALUE_STOP;
    }
    return item;
}

const KindOps kind_ops_ObjListIter = {
    .trace = index_iter_trace,
    .iter = iter_self,
    .next = list_iter_op_next,
    .methods = iter_place_methods,
};

const KindOps kind_ops_ObjListRevIter = {
    .trace = index_iter_trace,
    .iter = iter_self,
    .next = list_reviter_next,
    .methods = iter_place_methods,
};

const KindOps kind_ops_ObjTupleIter = {
    .trace = index_iter_trace,
    .iter = iter_self,
    .next = tuple_iter_op_next,
    .methods = iter_place_methods,
};

/* Iterators by __getitem__: forwards for iter(), backwards for reversed() */

static Value seq_iter_new_at(Context *cx, ObjType *type, Value sequence, int64_t position) {
    ObjSeqIter *it =
        (ObjSeqIter *)instance_new_exact_or_derived(cx, type, sizeof(ObjSeqIter));
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->sequence = sequence;
    it->position = position;
    return OBJ_VALUE(it);
}

Value seq_iter_new(Context *cx, Value sequence) {
    ObjType *type = runtime_open_type(cx, KIND_SEQ_ITER);
    return type == NULL ? VALUE_ERROR : seq_iter_new_at(cx, type, sequence, 0);
}

Value seq_iter_new_as(Context *cx, ObjKind kind, Value sequence) {
    ObjSeqIter *it =
        (ObjSeqIter *)heap_alloc_as(cx, sizeof(ObjSeqIter), KIND_SEQ_ITER, kind);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->sequence = sequence;
    return OBJ_VALUE(it);
}

static void seq_iter_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjSeqIter *)o)->sequence);
    instance_trace_derived(m, o);
}

/* m[0] is an int, but the items of an mmap are bytes of length 1. */
static Value byte_alone(Context *cx, Value item) {
    const char byte = (char)value_to_int(item);
    ObjBytes *bytes = bytes_new(cx, &byte, 1);
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

/* The item, VALUE_UNSET behind the end, VALUE_ERROR. */
static Value seq_iter_item(Context *cx, uint32_t shape, Value sequence, int64_t index) {
    if (shape == KIND_TYPED_ARRAY_ITER) {
        return typed_array_peek(cx, AS_TYPED_ARRAY(sequence), (size_t)index);
    }
    if (shape == KIND_BYTEARRAY_ITER) {
        return bytearray_peek(cx, AS_BYTEARRAY(sequence), (size_t)index);
    }
    const Value item = value_getitem(cx, sequence, int_from_i64(cx, index));
    const bool is_end = IS_ERROR(item) && (exc_take_if(cx, EXC_IndexError) ||
                                           exc_take_if(cx, EXC_StopIteration));
    return is_end ? VALUE_UNSET
           : IS_MEMORY_MAP(sequence) && IS_INT(item) ? byte_alone(cx, item) : item;
}

static Value seq_iter_next(Context *cx, Value v) {
    ObjSeqIter *it = (ObjSeqIter *)AS_OBJ(v);
    const Value sequence = value_load(&it->sequence);
    if (IS_UNSET(sequence)) {
        return VALUE_STOP;
    }
    int64_t index = iter_take(cx, &it->position);
    if (it->header.kind == KIND_REVERSED) {
        index = -1 - index;
    }
    if (index >= 0) {
        const Value item = seq_iter_item(cx, obj_shape(&it->header), sequence, index);
        if (!IS_UNSET(item)) {
            return item;
        }
    }
    value_store(&it->sequence, VALUE_UNSET);
    return VALUE_STOP;
}

const KindOps kind_ops_ObjSeqIter = {
    .trace = seq_iter_trace,
    .iter = iter_self,
    .next = seq_iter_next,
    .methods = iter_place_methods,
};

const KindOps kind_ops_ObjByteArrayIter = {
    .trace = seq_iter_trace,
    .iter = iter_self,
    .next = seq_iter_next,
    .methods = iter_place_methods,
};

const KindOps kind_ops_ObjMemoryViewIter = {
    .trace = seq_iter_trace,
    .iter = iter_self,
    .next = seq_iter_next,
};

const KindOps kind_ops_ObjTypedArrayIter = {
    .trace = seq_iter_trace,
    .iter = iter_self,
    .next = seq_iter_next,
    .methods = iter_unsized_methods,
};

static bool is_reversible_kind(Value v) {
    switch (value_kind(v)) {
    case KIND_TUPLE:
    case KIND_STR:
    case KIND_BYTES:
    case KIND_BYTEARRAY:
    case KIND_MEMORYVIEW:
    case KIND_TYPED_ARRAY: return true;
    default: return false;
    }
}

/* reversed(v): __reversed__, else by __len__ and __getitem__ */
static Value reversed_construct(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs) {
    const bool is_exact = type == cx->rt->types[KIND_REVERSED];
    if (!construct_check(cx, "reversed", n_args, 1, 1, is_exact ? kwargs : VALUE_UNSET)) {
        return VALUE_ERROR;
    }
    ObjType *of = type_of(cx, args[0]);
    const Value method = type_lookup(cx, of, context_name(cx, NAME_reversed));
    if (!IS_UNSET(method) && !IS_NONE(method)) {
        return call_method(cx, method, args[0], NULL, 0);
    }
    const bool has_items =
        is_reversible_kind(args[0]) || (!IS_UNSET(type_special(of, SPECIAL_len)) &&
                                        !IS_UNSET(type_special(of, SPECIAL_getitem)));
    if (!has_items || IS_NONE(method)) {
        return exc_raise(cx, EXC_TypeError, "'%s' object is not reversible",
                         type_name_of(cx, args[0]));
    }
    const int64_t n = value_length(cx, args[0]);
    return n < 0 ? VALUE_ERROR : seq_iter_new_at(cx, type, args[0], -n);
}

const KindOps kind_ops_ObjReversed = {
    .trace = seq_iter_trace,
    .iter = iter_self,
    .next = seq_iter_next,
    .construct = reversed_construct,
    .methods = iter_place_methods,
    .doc = "reversed(sequence, /)\n--\n\nAn iterator over the items from the last to the "
           "first.",
};

/* iter(callee, sentinel) */

Value call_iter_new(Context *cx, Value callee, Value sentinel) {
    ObjCallIter *it = HEAP_NEW(cx, ObjCallIter, KIND_CALL_ITER);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->callee = callee;
    it->sentinel = sentinel;
    return OBJ_VALUE(it);
}

static void call_iter_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjCallIter *)o)->callee);
    gc_mark_value(m, ((ObjCallIter *)o)->sentinel);
}

static Value call_iter_next(Context *cx, Value v) {
    ObjCallIter *it = (ObjCallIter *)AS_OBJ(v);
    const Value callee = value_load(&it->callee);
    if (IS_UNSET(callee)) {
        return VALUE_STOP;
    }
    const Value item = call_value(cx, callee, NULL, 0);
    if (IS_ERROR(item)) {
        if (!exc_take_if(cx, EXC_StopIteration)) {
            return VALUE_ERROR;
        }
    } else {
        const int is_end = value_equals(cx, item, it->sentinel);
        if (is_end <= 0) {
            return is_end < 0 ? VALUE_ERROR : item;
        }
    }
    value_store(&it->callee, VALUE_UNSET);
    return VALUE_STOP;
}

const KindOps kind_ops_ObjCallIter = {
    .trace = call_iter_trace,
    .iter = iter_self,
    .next = call_iter_next,
    .methods = iter_reduce_methods,
};

/* enumerate */

static Value enumerate_new_of(Context *cx, ObjType *type, Value iterable, Value start) {
    const Value iterator = value_iter(cx, iterable);
    ObjEnumerate *it = IS_ERROR(iterator)
                           ? NULL
                           : (ObjEnumerate *)instance_new_exact_or_derived(
                                 cx, type, sizeof(ObjEnumerate));
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->iterator = iterator;
    it->index = start;
    return OBJ_VALUE(it);
}

Value enumerate_new(Context *cx, Value iterable, Value start) {
    ObjType *type = runtime_open_type(cx, KIND_ENUMERATE);
    return type == NULL ? VALUE_ERROR : enumerate_new_of(cx, type, iterable, start);
}

/* The value of a keyword argument that a constructor knows: VALUE_UNSET when it was not
 * given. Every one that was asked for is counted, so that what is left over can be
 * refused. */
static Value keyword(const Value kwargs, ObjStr *name, size_t *n_known) {
    const Value value =
        IS_UNSET(kwargs) ? VALUE_UNSET : dict_get_str(AS_DICT(kwargs), name);
    *n_known += !IS_UNSET(value);
    return value;
}

/* Names the first keyword that should not be there: the iterable may come by name when
 * nothing came by position, the start when there is an iterable. */
static Value refuse_enumerate_keyword(Context *cx, Value kwargs, bool is_by_name,
                                      bool may_have_start) {
    const ObjStr *name = construct_stray_keyword(kwargs, is_by_name ? "iterable" : NULL,
                                                 may_have_start ? "start" : NULL);
    return exc_raise(cx, EXC_TypeError,
                     "'%.*s' is an invalid keyword argument for enumerate()",
                     (int)name->n_bytes, name->data);
}

static Value enumerate_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                                 Value kwargs) {
    size_t n_known = 0;
    const int n = n_args + (IS_UNSET(kwargs) ? 0 : (int)dict_length(AS_DICT(kwargs)));
    Value iterable = n_args > 0 ? args[0] : VALUE_UNSET;
    Value start = n_args > 1 ? args[1] : VALUE_UNSET;
    if (n_args == 0) {
        iterable = keyword(kwargs, str_from_c(cx, "iterable"), &n_known);
    }
    if (n_args <= 1) {
        start = keyword(kwargs, context_name(cx, NAME_plain_start), &n_known);
    }
    if (n == 0 || n > 2) {
        return exc_raise(cx, EXC_TypeError,
                         n == 0 ? "enumerate() missing required argument 'iterable'"
                                : "enumerate() takes at most 2 arguments (%d given)",
                         n);
    }
    if (IS_UNSET(iterable) || (size_t)(n - n_args) != n_known) {
        return refuse_enumerate_keyword(cx, kwargs, n_args == 0, !IS_UNSET(iterable));
    }
    Value index = value_from_int(0);
    if (!IS_UNSET(start)) {
        index = int_index(cx, start);
        index = IS_ERROR(index) ? VALUE_ERROR : int_exact(cx, index);
    }
    return IS_ERROR(index) ? VALUE_ERROR : enumerate_new_of(cx, type, iterable, index);
}

static void enumerate_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjEnumerate *)o)->iterator);
    gc_mark_value(m, ((ObjEnumerate *)o)->index);
    instance_trace_derived(m, o);
}

/* Takes the present number and leaves the next one. */
static Value take_index(Context *cx, ObjEnumerate *it) {
    Value index = value_load(&it->index);
    for (;;) {
        const Value next = LIKELY(IS_INT(index) && value_to_int(index) < VALUE_INT_MAX)
                               ? value_from_int(value_to_int(index) + 1)
                               : int_binary(cx, BINARY_ADD, index, value_from_int(1));
        if (IS_ERROR(next)) {
            return VALUE_ERROR;
        }
        if (LIKELY(!cx->is_parallel)) {
            value_store(&it->index, next);
            return index;
        }
        if (atomic_cas(&it->index, &index, next)) {
            return index;
        }
    }
}

/* Whether the next item comes without any code of a script, so that a lock may be held. */
static bool is_quick(Value iterator) {
    switch (AS_OBJ(iterator)->kind) {
    case KIND_LIST_ITER:
    case KIND_LIST_REVITER:
    case KIND_TUPLE_ITER:
    case KIND_STR_ITER:
    case KIND_BYTES_ITER:
    case KIND_RANGE_ITER:
    case KIND_DICT_ITER:
    case KIND_SET_ITER: return true;
    default: return false;
    }
}

static int enumerate_step_unlocked(Context *cx, ObjEnumerate *it, Value pair[2]) {
    pair[1] = iter_step(cx, it->iterator);
    if (UNLIKELY(pair[1] == VALUE_STOP || IS_ERROR(pair[1]))) {
        return IS_ERROR(pair[1]) ? -1 : 0;
    }
    pair[0] = take_index(cx, it);
    return IS_ERROR(pair[0]) ? -1 : 1;
}

/* The next pair: 1; 0 at the end; -1: exception. Number and item are taken at one instant,
 * but for items that a script's code makes. */
static int enumerate_step(Context *cx, ObjEnumerate *it, Value pair[2]) {
    if (LIKELY(!cx->is_parallel) || !is_quick(it->iterator)) {
        return enumerate_step_unlocked(cx, it, pair);
    }
    const bool is_locked = objlock_lock(cx, &it->header);
    const int is_there = enumerate_step_unlocked(cx, it, pair);
    objlock_unlock(cx, &it->header, is_locked);
    return is_there;
}

static Value enumerate_next(Context *cx, Value v) {
    Value pair[2];
    const int is_there = enumerate_step(cx, (ObjEnumerate *)AS_OBJ(v), pair);
    return is_there > 0    ? tuple_from(cx, pair, 2)
           : is_there == 0 ? VALUE_STOP
                           : VALUE_ERROR;
}

const KindOps kind_ops_ObjEnumerate = {
    .trace = enumerate_trace,
    .iter = iter_self,
    .next = enumerate_next,
    .construct = enumerate_construct,
    .methods = iter_enumerate_methods,
    .doc = "enumerate(iterable, start=0)\n--\n\nAn iterator over pairs of a number and "
           "an item.",
};

/* zip, map, filter */

static ObjCombiner *combiner_new(Context *cx, ObjType *type, Value function,
                                 const Value *iterables, int n) {
    const ObjKind kind = (ObjKind)type->layout;
    const size_t n_bytes = sizeof(ObjCombiner) + (size_t)n * sizeof(Value);
    ObjCombiner *it = (ObjCombiner *)(type == cx->rt->types[kind]
                                          ? heap_alloc(cx, n_bytes, kind, kind)
                                          : instance_new_variable(cx, type, n_bytes));
    if (it == NULL) {
        return NULL;
    }
    it->capacity = (uint32_t)n;
    it->function = function;
    for (int i = 0; i < n; i++) {
        const Value iterator = value_iter(cx, iterables[i]);
        if (IS_ERROR(iterator)) {
            return NULL;
        }
        it->iterators[i] = iterator;
        it->n = (uint32_t)i + 1;
    }
    return it;
}

static void combiner_trace(GcMarker *m, Obj *o) {
    const ObjCombiner *it = (const ObjCombiner *)o;
    gc_mark_value(m, it->function);
    gc_mark_values(m, it->iterators, it->n);
    instance_trace_derived(m, o);
}

static Value zip_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                           Value kwargs) {
    ObjStr *name = str_from_c(cx, "strict");
    size_t n_known = 0;
    bool is_strict = false;
    if (name == NULL ||
        !arg_bool(cx, keyword(kwargs, name, &n_known), false, &is_strict) ||
        !construct_check_keywords(cx, "zip", kwargs, "strict", NULL)) {
        return VALUE_ERROR;
    }
    ObjCombiner *it = combiner_new(cx, type, VALUE_NONE, args, n_args);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->is_strict = is_strict;
    return OBJ_VALUE(it);
}

/* Iterator i is at its end, and those before it are not: ValueError. */
static Value zip_lengths_differ(Context *cx, size_t i, const char *how) {
    return i == 1 ? exc_raise(cx, EXC_ValueError,
                              "zip() argument 2 is %s than argument 1", how)
                  : exc_raise(cx, EXC_ValueError,
                              "zip() argument %zu is %s than arguments 1-%zu", i + 1, how,
                              i);
}

/* Iterator i came to its end. A strict zip has to see that all others do. 0; -1:
 * exception. */
static int zip_end(Context *cx, const ObjCombiner *it, size_t i) {
    if (!atomic_load_relaxed(&it->is_strict)) {
        return 0;
    }
    if (i > 0) {
        zip_lengths_differ(cx, i, "shorter");
        return -1;
    }
    for (size_t k = 1; k < it->n; k++) {
        const Value item = value_next(cx, it->iterators[k]);
        if (item != VALUE_STOP) {
            if (!IS_ERROR(item)) {
                zip_lengths_differ(cx, k, "longer");
            }
            return -1;
        }
    }
    return 0;
}

/* The next row, of it->n > 0 items: 1; 0 at the end; -1: exception. */
static int zip_step(Context *cx, const ObjCombiner *it, Value *row) {
    for (size_t i = 0; i < it->n; i++) {
        const Value item = iter_step(cx, it->iterators[i]);
        if (UNLIKELY(item == VALUE_STOP || IS_ERROR(item))) {
            return IS_ERROR(item) ? -1 : zip_end(cx, it, i);
        }
        row[i] = item;
    }
    return 1;
}

static Value zip_next(Context *cx, Value v) {
    const ObjCombiner *it = (const ObjCombiner *)AS_OBJ(v);
    if (it->n == 0) {
        return VALUE_STOP;
    }
    ObjTuple *row = tuple_new(cx, it->n);
    if (UNLIKELY(row == NULL)) {
        return VALUE_ERROR;
    }
    const int is_there = zip_step(cx, it, row->items);
    return is_there > 0 ? OBJ_VALUE(row) : is_there == 0 ? VALUE_STOP : VALUE_ERROR;
}

const KindOps kind_ops_ObjZip = {
    .trace = combiner_trace,
    .iter = iter_self,
    .next = zip_next,
    .construct = zip_construct,
    .methods = iter_zip_methods,
    .doc = "zip(*iterables, strict=False)\n--\n\nAn iterator over tuples of one item of "
           "each.",
};

static Value map_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                           Value kwargs) {
    if (type == cx->rt->types[KIND_MAP] && construct_has_kwargs(kwargs)) {
        return exc_raise(cx, EXC_TypeError, "map() takes no keyword arguments");
    }
    if (n_args < 2) {
        return exc_raise(cx, EXC_TypeError, "map() must have at least two arguments.");
    }
    ObjCombiner *it = combiner_new(cx, type, args[0], args + 1, n_args - 1);
    return it == NULL ? VALUE_ERROR : OBJ_VALUE(it);
}

enum { MAP_USUAL_ITERATORS = 8 };

static Value map_next(Context *cx, Value v) {
    const ObjCombiner *it = (const ObjCombiner *)AS_OBJ(v);
    Value usual[MAP_USUAL_ITERATORS];
    Value *items = usual;
    if (it->n > MAP_USUAL_ITERATORS) {
        ObjArray *array = array_new(cx, it->n);
        if (array == NULL) {
            return VALUE_ERROR;
        }
        items = array->items;
    }
    for (size_t i = 0; i < it->n; i++) {
        items[i] = iter_step(cx, it->iterators[i]);
        if (UNLIKELY(items[i] == VALUE_STOP || IS_ERROR(items[i]))) {
            return items[i];
        }
    }
    return call_value(cx, it->function, items, (int)it->n);
}

const KindOps kind_ops_ObjMap = {
    .trace = combiner_trace,
    .iter = iter_self,
    .next = map_next,
    .construct = map_construct,
    .methods = iter_reduce_methods,
    .doc =
        "map(function, iterable, /, *iterables)\n--\n\nAn iterator over function(item).",
};

static Value filter_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                           Value kwargs) {
    const bool is_exact = type == cx->rt->types[KIND_FILTER];
    if (!construct_check(cx, "filter", n_args, 2, 2, is_exact ? kwargs : VALUE_UNSET)) {
        return VALUE_ERROR;
    }
    ObjCombiner *it = combiner_new(cx, type, args[0], args + 1, 1);
    return it == NULL ? VALUE_ERROR : OBJ_VALUE(it);
}

static Value filter_next(Context *cx, Value v) {
    const ObjCombiner *it = (const ObjCombiner *)AS_OBJ(v);
    const bool is_plain =
        IS_NONE(it->function) || it->function == OBJ_VALUE(cx->rt->types[KIND_BOOL]);
    for (;;) {
        const Value item = iter_step(cx, it->iterators[0]);
        if (item == VALUE_STOP || IS_ERROR(item)) {
            return item;
        }
        const Value verdict = is_plain ? item : call_value(cx, it->function, &item, 1);
        const int is_true = IS_ERROR(verdict) ? -1 : value_is_true(cx, verdict);
        if (is_true != 0) {
            return is_true < 0 ? VALUE_ERROR : item;
        }
    }
}

const KindOps kind_ops_ObjFilter = {
    .trace = combiner_trace,
    .iter = iter_self,
    .next = filter_next,
    .construct = filter_construct,
    .methods = iter_reduce_methods,
    .doc = "filter(function, iterable, /)\n--\n\nAn iterator over the items for which "
           "function(item) is true.",
};

/* Unpacking at once */

Value iter_next_item(Context *cx, Value iterator) {
    return iter_step(cx, iterator);
}

int iter_next_unpacked(Context *cx, Value iterator, Value *out, size_t n) {
    Value row[ITER_UNPACKED_MAX];
    Obj *it = AS_OBJ(iterator);
    int is_there;
    if (it->kind == KIND_DICT_ITER && n == 2) {
        is_there = dict_iter_step(cx, it, &row[0], &row[1]);
    } else if (it->kind == KIND_ENUMERATE && n == 2) {
        is_there = enumerate_step(cx, (ObjEnumerate *)it, row);
    } else if (it->kind == KIND_ZIP && n == ((ObjCombiner *)it)->n && n > 0 &&
               n <= ITER_UNPACKED_MAX) {
        is_there = zip_step(cx, (ObjCombiner *)it, row);
    } else {
        return ITER_NOT_UNPACKED;
    }
    if (LIKELY(is_there > 0)) { /* at the end variables keep their values */
        if (n == 2) {
            out[0] = row[0];
            out[1] = row[1];
        } else {
            memcpy(out, row, n * sizeof row[0]);
        }
    }
    return is_there;
}
