/* itertools_many.c - the iterators of itertools that take from several sources or give
 * several items at once: chain, zip_longest, pairwise, batched. */

#include "runtime/gc/mark.h"
#include "runtime/modules/itertools.h"

/* chain: iterator goes over the iterables, state is the iterator over the present one */

static Value chain_over(Context *cx, Value iterables) {
    return itertool_result(itertool_over(cx, KIND_CHAIN, iterables));
}

CONSTRUCT(chain_construct) {
    if (construct_has_kwargs(kwargs)) {
        return exc_raise(cx, EXC_TypeError, "chain() takes no keyword arguments");
    }
    const Value iterables = tuple_from(cx, args, (size_t)n_args);
    return IS_ERROR(iterables) ? VALUE_ERROR : chain_over(cx, iterables);
}

NATIVE(chain_from_iterable, "from_iterable(type, iterable, /)",
       "Like chain(*iterable), but goes through iterable step by step.") {
    return chain_over(cx, args[1]);
}

/* The iterator over the next iterable; VALUE_STOP behind the last. */
static Value chain_advance(Context *cx, ObjItertool *it) {
    const Value source = value_load(&it->iterator);
    if (IS_UNSET(source)) {
        return VALUE_STOP;
    }
    const Value iterable = iter_step(cx, source);
    const Value active = itertool_is_end(iterable) ? iterable : value_iter(cx, iterable);
    if (itertool_is_end(active)) {
        itertool_finish(it);
        return active;
    }
    value_store(&it->state, active);
    return active;
}

static Value chain_next(Context *cx, Value v) {
    ObjItertool *it = AS_ITERTOOL(v);
    for (;;) {
        Value active = value_load(&it->state);
        if (IS_UNSET(active)) {
            active = chain_advance(cx, it);
            if (itertool_is_end(active)) {
                return active;
            }
        }
        const Value item = iter_step(cx, active);
        if (LIKELY(item != VALUE_STOP)) {
            return item;
        }
        /* Unless another thread is further already. */
        atomic_cas(&it->state, &active, VALUE_UNSET);
    }
}

static const NativeDef chain_methods[] = {
    NATIVE_ENTRY_FLAGS(chain_from_iterable, NATIVE_CLASS),
    {0},
};

const KindOps kind_ops_ObjChain = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = chain_next,
    .construct = chain_construct,
    .methods = chain_methods,
    .doc = "chain(*iterables)\n--\n\nAn iterator over the items of the first iterable, "
           "then of "
           "the second, ...",
};

/* zip_longest: state is an array of iterators (unset where one has ended), position counts
 * those that have not, function is the filling */

CONSTRUCT(zip_longest_construct) {
    Value filling = VALUE_NONE;
    if (construct_has_kwargs(kwargs)) {
        ObjStr *name = str_from_c(cx, "fillvalue");
        filling = name == NULL ? VALUE_ERROR : dict_get_str(AS_DICT(kwargs), name);
        if (IS_UNSET(filling) || dict_length(AS_DICT(kwargs)) > 1) {
            return exc_raise(cx, EXC_TypeError,
                             "zip_longest() got an unexpected keyword argument");
        }
        if (IS_ERROR(filling)) {
            return VALUE_ERROR;
        }
    }
    ObjItertool *it = itertool_new(cx, KIND_ZIP_LONGEST);
    ObjArray *iterators = it == NULL ? NULL : array_new(cx, (size_t)n_args);
    if (iterators == NULL) {
        return VALUE_ERROR;
    }
    for (int i = 0; i < n_args; i++) {
        const Value iterator = value_iter(cx, args[i]);
        if (IS_ERROR(iterator)) {
            return VALUE_ERROR;
        }
        iterators->items[i] = iterator;
    }
    it->state = OBJ_VALUE(iterators);
    it->function = filling;
    it->position = n_args;
    it->stop = n_args;
    return OBJ_VALUE(it);
}

/* Item i of the row; VALUE_STOP when all have ended. */
static Value zip_longest_item(Context *cx, ObjItertool *it, Value *place) {
    Value iterator = value_load(place);
    if (IS_UNSET(iterator)) {
        return it->function;
    }
    const Value item = iter_step(cx, iterator);
    if (item != VALUE_STOP) {
        return item;
    }
    if (atomic_cas(place, &iterator, VALUE_UNSET) &&
        atomic_fetch_add_relaxed(&it->position, -1) <= 1) {
        return VALUE_STOP;
    }
    return it->function;
}

static Value zip_longest_next(Context *cx, Value v) {
    ObjItertool *it = AS_ITERTOOL(v);
    if (atomic_load_relaxed(&it->position) <= 0) {
        return VALUE_STOP;
    }
    const size_t n = (size_t)it->stop;
    ObjTuple *row = tuple_new(cx, n);
    if (row == NULL) {
        return VALUE_ERROR;
    }
    ObjArray *iterators = (ObjArray *)AS_OBJ(it->state);
    for (size_t i = 0; i < n; i++) {
        const Value item = zip_longest_item(cx, it, &iterators->items[i]);
        if (itertool_is_end(item)) {
            if (IS_ERROR(item)) {
                atomic_store_relaxed(&it->position, 0);
            }
            return item;
        }
        row->items[i] = item;
    }
    return OBJ_VALUE(row);
}

const KindOps kind_ops_ObjZipLongest = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = zip_longest_next,
    .construct = zip_longest_construct,
    .doc = "zip_longest(*iterables, fillvalue=None)\n--\n\nAn iterator over tuples of "
           "one item "
           "of each; what has ended gives fillvalue.",
};

/* pairwise: state is the item before */

CONSTRUCT(pairwise_construct) {
    if (!construct_check(cx, "pairwise", n_args, 1, 1, kwargs)) {
        return VALUE_ERROR;
    }
    return itertool_result(itertool_over(cx, KIND_PAIRWISE, args[0]));
}

static Value pairwise_next(Context *cx, Value v) {
    ObjItertool *it = AS_ITERTOOL(v);
    const Value iterator = value_load(&it->iterator);
    if (IS_UNSET(iterator)) {
        return VALUE_STOP;
    }
    Value before = value_load(&it->state);
    if (IS_UNSET(before)) {
        before = iter_step(cx, iterator);
    }
    const Value item = itertool_is_end(before) ? before : iter_step(cx, iterator);
    if (itertool_is_end(item)) {
        itertool_finish(it);
        return item;
    }
    value_store(&it->state, item);
    const Value pair[] = {before, item};
    return tuple_from(cx, pair, 2);
}

const KindOps kind_ops_ObjPairwise = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = pairwise_next,
    .construct = pairwise_construct,
    .doc = "pairwise(iterable, /)\n--\n\nAn iterator over the pairs of neighbours.",
};

/* batched: stop is the size of a batch, step whether it is strict */

CONSTRUCT(batched_construct) {
    static const char *const parameters[] = {"iterable", "n", "*strict", NULL};
    Value out[3];
    int64_t n;
    bool is_strict;
    if (!construct_arguments(cx, "batched", parameters, 2, args, n_args, kwargs, out) ||
        !arg_int(cx, out[1], &n) || !arg_bool(cx, out[2], false, &is_strict)) {
        return VALUE_ERROR;
    }
    if (n < 1) {
        return exc_raise(cx, EXC_ValueError, "n must be at least one");
    }
    ObjItertool *it = itertool_over(cx, KIND_BATCHED, out[0]);
    if (it != NULL) {
        it->stop = n;
        it->step = is_strict;
    }
    return itertool_result(it);
}

static Value batched_next(Context *cx, Value v) {
    ObjItertool *it = AS_ITERTOOL(v);
    const Value iterator = value_load(&it->iterator);
    ObjList *batch = IS_UNSET(iterator) ? NULL : list_new(cx, 0);
    if (batch == NULL) {
        return IS_UNSET(iterator) ? VALUE_STOP : VALUE_ERROR;
    }
    int64_t n = 0;
    for (; n < it->stop; n++) {
        const Value item = iter_step(cx, iterator);
        if (item == VALUE_STOP) {
            itertool_finish(it);
            break;
        }
        if (IS_ERROR(item) || !list_append(cx, batch, item)) {
            itertool_finish(it);
            return VALUE_ERROR;
        }
    }
    if (n == 0) {
        return VALUE_STOP;
    }
    if (n < it->stop && it->step != 0) {
        return exc_raise(cx, EXC_ValueError, "batched(): incomplete batch");
    }
    return list_to_tuple(cx, batch);
}

const KindOps kind_ops_ObjBatched = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = batched_next,
    .construct = batched_construct,
    .doc = "batched(iterable, n, *, strict=False)\n--\n\nAn iterator over tuples of n "
           "items.",
};
