/* mod_itertools.c - the module itertools: its table, and the iterators that take one item
 * after the other from one source.
 *
 * See also: itertools_group.c (groupby, tee), itertools_combine.c (product,
 * permutations, ...), itertools_many.c (chain, zip_longest and others of several items). */

#include "runtime/call.h"
#include "runtime/gc/mark.h"
#include "runtime/modules/itertools.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/seq.h"

ObjItertool *itertool_new(Context *cx, ObjKind kind) {
    return (ObjItertool *)heap_alloc(cx, sizeof(ObjItertool), kind, kind);
}

ObjItertool *itertool_over(Context *cx, ObjKind kind, Value iterable) {
    const Value iterator = value_iter(cx, iterable);
    ObjItertool *it = IS_ERROR(iterator) ? NULL : itertool_new(cx, kind);
    if (it != NULL) {
        it->iterator = iterator;
    }
    return it;
}

void itertool_trace(GcMarker *m, Obj *o) {
    const ObjItertool *it = (const ObjItertool *)o;
    gc_mark_value(m, it->iterator);
    gc_mark_value(m, it->function);
    gc_mark_value(m, it->state);
    gc_mark_value(m, it->extra);
}

Value itertool_self(Context *cx, Value v) {
    (void)cx;
    return v;
}

/* count: state is the next number, function the step */

/* What CPython's count takes: anything with a number's special methods. */
static bool is_number(Context *cx, Value v) {
    const ObjType *type = type_of(cx, v);
    return IS_INT_LIKE(v) || IS_FLOAT_LIKE(v) ||
           (type->layout == KIND_INSTANCE &&
            (!IS_UNSET(type_special(type, SPECIAL_index)) ||
             !IS_UNSET(type_special(type, SPECIAL_float)) ||
             !IS_UNSET(type_special(type, SPECIAL_int)))) ||
           !IS_UNSET(type_special(type, SPECIAL_complex));
}

CONSTRUCT(count_construct) {
    static const char *const parameters[] = {"start", "step", NULL};
    Value out[2];
    if (!construct_arguments(cx, "count", parameters, 0, args, n_args, kwargs, out)) {
        return VALUE_ERROR;
    }
    for (int i = 0; i < 2; i++) {
        out[i] = IS_UNSET(out[i]) ? value_from_int(i) : out[i];
        if (!is_number(cx, out[i])) {
            return exc_raise(cx, EXC_TypeError, "a number is required");
        }
    }
    ObjItertool *it = itertool_new(cx, KIND_COUNT_FROM);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->state = out[0];
    it->function = out[1];
    return OBJ_VALUE(it);
}

static Value count_after(Context *cx, Value now, Value step) {
    if (LIKELY(BOTH_INT(now, step))) {
        const int64_t sum = value_to_int(now) + value_to_int(step);
        if (LIKELY(value_int_fits(sum))) {
            return value_from_int(sum);
        }
    }
    return value_binary(cx, BINARY_ADD, now, step);
}

static Value count_next(Context *cx, Value v) {
    ObjItertool *it = AS_ITERTOOL(v);
    Value now = value_load(&it->state);
    for (;;) {
        const Value next = count_after(cx, now, it->function);
        if (IS_ERROR(next)) {
            return VALUE_ERROR;
        }
        if (LIKELY(!cx->is_parallel)) {
            value_store(&it->state, next);
            return now;
        }
        if (atomic_cas(&it->state, &now, next)) {
            return now;
        }
    }
}

static Value text_of(Context *cx, const char *format, Value a, Value b) {
    const Value text = value_repr(cx, a);
    const Value more = IS_ERROR(text) ? VALUE_ERROR : value_repr(cx, b);
    if (IS_ERROR(more)) {
        return VALUE_ERROR;
    }
    ObjStr *all = str_format_c(cx, format, (int)AS_STR(text)->n_bytes, AS_STR(text)->data,
                               (int)AS_STR(more)->n_bytes, AS_STR(more)->data);
    return all == NULL ? VALUE_ERROR : OBJ_VALUE(all);
}

static Value count_repr(Context *cx, Value v) {
    const ObjItertool *it = AS_ITERTOOL(v);
    const Value now = value_load(&it->state);
    return it->function == value_from_int(1)
               ? text_of(cx, "count(%.*s)", now, now)
               : text_of(cx, "count(%.*s, %.*s)", now, it->function);
}

const KindOps kind_ops_ObjCount = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = count_next,
    .repr = count_repr,
    .construct = count_construct,
    .doc = "count(start=0, step=1)\n--\n\nAn iterator over start, start + step, ...",
};

/* repeat: state is the object; position counts the items that are left, -1: for ever */

CONSTRUCT(repeat_construct) {
    static const char *const parameters[] = {"object", "times", NULL};
    Value out[2];
    int64_t times = -1;
    if (!construct_arguments(cx, "repeat", parameters, 1, args, n_args, kwargs, out) ||
        (!IS_UNSET(out[1]) && !arg_int(cx, out[1], &times))) {
        return VALUE_ERROR;
    }
    ObjItertool *it = itertool_new(cx, KIND_REPEAT);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->state = out[0];
    it->position = IS_UNSET(out[1]) ? -1 : times < 0 ? 0 : times;
    return OBJ_VALUE(it);
}

static Value repeat_next(Context *cx, Value v) {
    ObjItertool *it = AS_ITERTOOL(v);
    int64_t left = atomic_load_relaxed(&it->position);
    do {
        if (left <= 0) {
            return left < 0 ? it->state : VALUE_STOP;
        }
        if (LIKELY(!cx->is_parallel)) {
            atomic_store_relaxed(&it->position, left - 1);
            return it->state;
        }
    } while (!atomic_cas(&it->position, &left, left - 1));
    return it->state;
}

static Value repeat_repr(Context *cx, Value v) {
    const ObjItertool *it = AS_ITERTOOL(v);
    const int64_t left = atomic_load_relaxed(&it->position);
    return left < 0
               ? text_of(cx, "repeat(%.*s)", it->state, VALUE_NONE)
               : text_of(cx, "repeat(%.*s, %.*s)", it->state, int_from_i64(cx, left));
}

NATIVE(repeat_length_hint, "__length_hint__(self, /)",
       "Return how many items are probably left.") {
    const int64_t left = atomic_load_relaxed(&AS_ITERTOOL(args[0])->position);
    return left < 0 ? exc_raise(cx, EXC_TypeError, "len() of unsized object")
                    : int_from_i64(cx, left);
}

static const NativeDef repeat_methods[] = {NATIVE_ENTRY(repeat_length_hint), {0}};

const KindOps kind_ops_ObjRepeat = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = repeat_next,
    .repr = repeat_repr,
    .construct = repeat_construct,
    .methods = repeat_methods,
    .doc = "repeat(object, times=None)\n--\n\nAn iterator that gives object again and "
           "again.",
};

/* cycle: state is a list of the items seen; once iterator is unset they come from there */

CONSTRUCT(cycle_construct) {
    if (!construct_check(cx, "cycle", n_args, 1, 1, kwargs)) {
        return VALUE_ERROR;
    }
    ObjItertool *it = itertool_over(cx, KIND_CYCLE, args[0]);
    ObjList *seen = it == NULL ? NULL : list_new(cx, 0);
    if (seen == NULL) {
        return VALUE_ERROR;
    }
    it->state = OBJ_VALUE(seen);
    return OBJ_VALUE(it);
}

static Value cycle_next(Context *cx, Value v) {
    ObjItertool *it = AS_ITERTOOL(v);
    ObjList *seen = AS_LIST(it->state);
    const Value iterator = value_load(&it->iterator);
    if (!IS_UNSET(iterator)) {
        const Value item = iter_step(cx, iterator);
        if (item != VALUE_STOP) {
            return IS_ERROR(item) || list_append(cx, seen, item) ? item : VALUE_ERROR;
        }
        itertool_finish(it);
    }
    const size_t n = list_length(seen);
    if (n == 0) {
        return VALUE_STOP;
    }
    const Value item = list_peek(seen, (size_t)iter_take(cx, &it->position) % n);
    return IS_UNSET(item) ? VALUE_STOP : item;
}

const KindOps kind_ops_ObjCycle = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = cycle_next,
    .construct = cycle_construct,
    .doc = "cycle(iterable, /)\n--\n\nAn iterator over the items, again and again.",
};

/* takewhile, dropwhile, filterfalse, starmap: function and iterable */

static Value function_construct(Context *cx, ObjKind kind, const char *name,
                                const Value *args, int n_args, Value kwargs) {
    if (!construct_check(cx, name, n_args, 2, 2, kwargs)) {
        return VALUE_ERROR;
    }
    ObjItertool *it = itertool_over(cx, kind, args[1]);
    if (it != NULL) {
        it->function = args[0];
    }
    return itertool_result(it);
}

/* Whether function(item) is true: 1, 0, -1. */
static int verdict(Context *cx, const ObjItertool *it, Value item) {
    const Value result = call_value(cx, it->function, &item, 1);
    return IS_ERROR(result) ? -1 : value_is_true(cx, result);
}

CONSTRUCT(takewhile_construct) {
    return function_construct(cx, KIND_TAKEWHILE, "takewhile", args, n_args, kwargs);
}

static Value takewhile_next(Context *cx, Value v) {
    ObjItertool *it = AS_ITERTOOL(v);
    const Value iterator = value_load(&it->iterator);
    if (IS_UNSET(iterator)) {
        return VALUE_STOP;
    }
    const Value item = iter_step(cx, iterator);
    if (itertool_is_end(item)) {
        return item;
    }
    const int is_wanted = verdict(cx, it, item);
    return is_wanted > 0 ? item : is_wanted < 0 ? VALUE_ERROR : itertool_finish(it);
}

const KindOps kind_ops_ObjTakewhile = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = takewhile_next,
    .construct = takewhile_construct,
    .doc = "takewhile(predicate, iterable, /)\n--\n\nAn iterator over the items up to "
           "the first "
           "for which the predicate is false.",
};

CONSTRUCT(dropwhile_construct) {
    return function_construct(cx, KIND_DROPWHILE, "dropwhile", args, n_args, kwargs);
}

/* position becomes 1 with the first item that is not dropped. */
static Value dropwhile_next(Context *cx, Value v) {
    ObjItertool *it = AS_ITERTOOL(v);
    for (;;) {
        const Value item = iter_step(cx, it->iterator);
        if (itertool_is_end(item) || atomic_load_relaxed(&it->position) != 0) {
            return item;
        }
        const int is_dropped = verdict(cx, it, item);
        if (is_dropped <= 0) {
            atomic_store_relaxed(&it->position, 1);
            return is_dropped < 0 ? VALUE_ERROR : item;
        }
    }
}

const KindOps kind_ops_ObjDropwhile = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = dropwhile_next,
    .construct = dropwhile_construct,
    .doc = "dropwhile(predicate, iterable, /)\n--\n\nAn iterator over the items from the "
           "first "
           "for which the predicate is false.",
};

CONSTRUCT(filterfalse_construct) {
    return function_construct(cx, KIND_FILTERFALSE, "filterfalse", args, n_args, kwargs);
}

static Value filterfalse_next(Context *cx, Value v) {
    ObjItertool *it = AS_ITERTOOL(v);
    const bool is_plain =
        IS_NONE(it->function) || it->function == OBJ_VALUE(cx->rt->types[KIND_BOOL]);
    for (;;) {
        const Value item = iter_step(cx, it->iterator);
        if (itertool_is_end(item)) {
            return item;
        }
        const int is_true = is_plain ? value_is_true(cx, item) : verdict(cx, it, item);
        if (is_true <= 0) {
            return is_true < 0 ? VALUE_ERROR : item;
        }
    }
}

const KindOps kind_ops_ObjFilterfalse = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = filterfalse_next,
    .construct = filterfalse_construct,
    .doc =
        "filterfalse(function, iterable, /)\n--\n\nAn iterator over the items for which "
        "function(item) is false.",
};

CONSTRUCT(starmap_construct) {
    return function_construct(cx, KIND_STARMAP, "starmap", args, n_args, kwargs);
}

static Value starmap_next(Context *cx, Value v) {
    const ObjItertool *it = AS_ITERTOOL(v);
    const Value item = iter_step(cx, it->iterator);
    if (itertool_is_end(item)) {
        return item;
    }
    const Value all = IS_EXACT(item, KIND_TUPLE) ? item : tuple_from_iterable(cx, item);
    return IS_ERROR(all) ? VALUE_ERROR
                         : call_value(cx, it->function, AS_TUPLE(all)->items,
                                      (int)AS_TUPLE(all)->n);
}

const KindOps kind_ops_ObjStarmap = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = starmap_next,
    .construct = starmap_construct,
    .doc = "starmap(function, iterable, /)\n--\n\nAn iterator over function(*item).",
};

/* compress: function is the iterator over the selectors */

CONSTRUCT(compress_construct) {
    static const char *const parameters[] = {"data", "selectors", NULL};
    Value out[2];
    if (!construct_arguments(cx, "compress", parameters, 2, args, n_args, kwargs, out)) {
        return VALUE_ERROR;
    }
    ObjItertool *it = itertool_over(cx, KIND_COMPRESS, out[0]);
    const Value selectors = it == NULL ? VALUE_ERROR : value_iter(cx, out[1]);
    if (IS_ERROR(selectors)) {
        return VALUE_ERROR;
    }
    it->function = selectors;
    return OBJ_VALUE(it);
}

static Value compress_next(Context *cx, Value v) {
    const ObjItertool *it = AS_ITERTOOL(v);
    for (;;) {
        const Value item = iter_step(cx, it->iterator);
        const Value selector = itertool_is_end(item) ? item : iter_step(cx, it->function);
        if (itertool_is_end(selector)) {
            return selector;
        }
        const int is_wanted = value_is_true(cx, selector);
        if (is_wanted != 0) {
            return is_wanted < 0 ? VALUE_ERROR : item;
        }
    }
}

const KindOps kind_ops_ObjCompress = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = compress_next,
    .construct = compress_construct,
    .doc = "compress(data, selectors)\n--\n\nAn iterator over the items of data whose "
           "selector "
           "is true.",
};

/* islice: position is the number of items taken, state the number of the next one wanted */

static bool slice_number(Context *cx, Value v, int64_t default_value, int64_t least,
                         const char *message, int64_t *out) {
    *out = default_value;
    if (IS_NONE(v) || IS_UNSET(v)) {
        return true;
    }
    if (seq_is_index(cx, v) && int_index_i64(cx, v, out, EXC_OverflowError) &&
        *out >= least) {
        return true;
    }
    exc_take(cx);
    exc_raise(cx, EXC_ValueError, "%s", message);
    return false;
}

CONSTRUCT(islice_construct) {
    static const char indices[] =
        "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    static const char stop_only[] =
        "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    static const char step_text[] =
        "Step for islice() must be a positive integer or None.";
    if (construct_has_kwargs(kwargs)) {
        return exc_raise(cx, EXC_TypeError, "islice() takes no keyword arguments");
    }
    if (!construct_check_count(cx, "islice", n_args, 2, 4)) {
        return VALUE_ERROR;
    }
    int64_t start;
    int64_t stop;
    int64_t step;
    const Value first = n_args > 2 ? args[1] : VALUE_NONE;
    if (!slice_number(cx, n_args > 2 ? args[2] : args[1], -1, 0, stop_only, &stop) ||
        !slice_number(cx, first, 0, 0, indices, &start) ||
        !slice_number(cx, n_args > 3 ? args[3] : VALUE_NONE, 1, 1, step_text, &step)) {
        return VALUE_ERROR;
    }
    ObjItertool *it = itertool_over(cx, KIND_ISLICE, args[0]);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->state = int_from_i64(cx, start);
    it->stop = stop;
    it->step = step;
    return OBJ_VALUE(it);
}

static Value islice_next(Context *cx, Value v) {
    ObjItertool *it = AS_ITERTOOL(v);
    const Value iterator = value_load(&it->iterator);
    int64_t wanted;
    if (IS_UNSET(iterator) || !int_to_i64(value_load(&it->state), &wanted)) {
        return VALUE_STOP;
    }
    const bool is_bounded = it->stop >= 0;
    if (is_bounded && wanted >= it->stop) {
        wanted = it->stop; /* what lies before it is taken nevertheless */
    }
    Value item = VALUE_UNSET;
    const bool is_last = is_bounded && wanted >= it->stop;
    while (atomic_load_relaxed(&it->position) < wanted + !is_last) {
        item = iter_step(cx, iterator);
        if (itertool_is_end(item)) {
            itertool_finish(it);
            return item;
        }
        iter_take(cx, &it->position);
    }
    if (is_last || IS_UNSET(item)) {
        return itertool_finish(it);
    }
    int64_t next;
    if (__builtin_add_overflow(wanted, it->step, &next) ||
        (is_bounded && next > it->stop)) {
        next = is_bounded ? it->stop : INT64_MAX - 1;
    }
    value_store(&it->state, int_from_i64(cx, next));
    return item;
}

const KindOps kind_ops_ObjIslice = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = islice_next,
    .construct = islice_construct,
    .doc = "islice(iterable, stop)\nislice(iterable, start, stop[, step])\n--\n\nAn "
           "iterator over "
           "the items of a slice.",
};

/* accumulate: state is the total, extra the initial value that was not given out yet */

CONSTRUCT(accumulate_construct) {
    static const char *const parameters[] = {"iterable", "func", "*initial", NULL};
    Value out[3];
    if (!construct_arguments(cx, "accumulate", parameters, 1, args, n_args, kwargs,
                             out)) {
        return VALUE_ERROR;
    }
    ObjItertool *it = itertool_over(cx, KIND_ACCUMULATE, out[0]);
    if (it != NULL) {
        it->function = IS_UNSET(out[1]) ? VALUE_NONE : out[1];
        it->extra = IS_NONE(out[2]) ? VALUE_UNSET : out[2];
    }
    return itertool_result(it);
}

static Value accumulate_next(Context *cx, Value v) {
    ObjItertool *it = AS_ITERTOOL(v);
    Value total = value_load(&it->extra);
    if (!IS_UNSET(total)) {
        value_store(&it->state, total);
        value_store(&it->extra, VALUE_UNSET);
        return total;
    }
    const Value item = iter_step(cx, it->iterator);
    if (itertool_is_end(item)) {
        return item;
    }
    total = value_load(&it->state);
    if (IS_UNSET(total)) {
        total = item;
    } else if (IS_NONE(it->function)) {
        total = value_binary(cx, BINARY_ADD, total, item);
    } else {
        const Value pair[] = {total, item};
        total = call_value(cx, it->function, pair, 2);
    }
    if (!IS_ERROR(total)) {
        value_store(&it->state, total);
    }
    return total;
}

const KindOps kind_ops_ObjAccumulate = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = accumulate_next,
    .construct = accumulate_construct,
    .doc = "accumulate(iterable, func=None, *, initial=None)\n--\n\nAn iterator over the "
           "sums "
           "so far, or what func makes of two.",
};

/* The module */

NATIVE(itertools_tee, "tee(iterable, n=2, /)",
       "Return a tuple of n independent iterators.") {
    int64_t n = 2;
    if (!IS_UNSET(args[1]) && !arg_int(cx, args[1], &n)) {
        return VALUE_ERROR;
    }
    if (n < 0) {
        return exc_raise(cx, EXC_ValueError, "n must be >= 0");
    }
    return itertools_tee_of(cx, args[0], n);
}

static const NativeDef functions[] = {NATIVE_ENTRY(itertools_tee), {0}};

static const ObjKind kinds[] = {
    KIND_COUNT_FROM,   KIND_CYCLE,        KIND_REPEAT,
    KIND_CHAIN,        KIND_COMPRESS,     KIND_DROPWHILE,
    KIND_TAKEWHILE,    KIND_FILTERFALSE,  KIND_STARMAP,
    KIND_ISLICE,       KIND_ACCUMULATE,   KIND_PAIRWISE,
    KIND_BATCHED,      KIND_ZIP_LONGEST,  KIND_GROUPBY,
    KIND_GROUPER,      KIND_TEE,          KIND_PRODUCT,
    KIND_PERMUTATIONS, KIND_COMBINATIONS, KIND_COMBINATIONS_WR,
};

bool mod_itertools_open(Context *cx, ObjModule *module) {
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!module_add_type(cx, module, kinds[i], NULL)) {
            return false;
        }
    }
    return module_add_natives(cx, module, functions);
}
