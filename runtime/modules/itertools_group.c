/* itertools_group.c - groupby and tee: iterators that share a source.
 *
 * tee: the items that were taken from the source stand in a chain of nodes; each iterator
 * of the tee is a place in it, and what lies behind all of them is garbage. A node's next
 * is there before its item is; an item that another thread was faster to fill in goes to
 * the next node, so none is lost. */

#include "runtime/call.h"
#include "runtime/gc/mark.h"
#include "runtime/modules/itertools.h"

/* groupby: function is the key function, state the key of the group that was given out
 * last, extra an array of three: the present key and item (unset: none yet), and the
 * _grouper that may go on */

enum { GROUP_KEY, GROUP_ITEM, GROUP_CURRENT, GROUP_FIELDS };

static Value *group_fields(const ObjItertool *it) {
    return ((ObjArray *)AS_OBJ(it->extra))->items;
}

CONSTRUCT(groupby_construct) {
    static const char *const parameters[] = {"iterable", "key", NULL};
    Value out[2];
    if (!construct_arguments(cx, "groupby", parameters, 1, args, n_args, kwargs, out)) {
        return VALUE_ERROR;
    }
    ObjItertool *it = itertool_over(cx, KIND_GROUPBY, out[0]);
    ObjArray *fields = it == NULL ? NULL : array_new(cx, GROUP_FIELDS);
    if (fields == NULL) {
        return VALUE_ERROR;
    }
    it->function = IS_UNSET(out[1]) ? VALUE_NONE : out[1];
    it->extra = OBJ_VALUE(fields);
    return OBJ_VALUE(it);
}

/* Takes the next item and its key: 1; 0 at the end; -1: exception. */
static int group_step(Context *cx, ObjItertool *it) {
    const Value item = iter_step(cx, it->iterator);
    if (itertool_is_end(item)) {
        return IS_ERROR(item) ? -1 : 0;
    }
    const Value key =
        IS_NONE(it->function) ? item : call_value(cx, it->function, &item, 1);
    if (IS_ERROR(key)) {
        return -1;
    }
    Value *fields = group_fields(it);
    value_store(&fields[GROUP_ITEM], item);
    value_store(&fields[GROUP_KEY], key);
    return 1;
}

static Value groupby_next(Context *cx, Value v) {
    ObjItertool *it = AS_ITERTOOL(v);
    Value *fields = group_fields(it);
    value_store(&fields[GROUP_CURRENT], VALUE_UNSET);
    for (;;) {
        const Value key = value_load(&fields[GROUP_KEY]);
        const Value last = value_load(&it->state);
        if (!IS_UNSET(key)) {
            const int is_same = IS_UNSET(last) ? 0 : value_equals(cx, last, key);
            if (is_same < 0) {
                return VALUE_ERROR;
            }
            if (!is_same) {
                break;
            }
        }
        const int is_there = group_step(cx, it);
        if (is_there <= 0) {
            return is_there < 0 ? VALUE_ERROR : VALUE_STOP;
        }
    }
    const Value key = value_load(&fields[GROUP_KEY]);
    value_store(&it->state, key);
    ObjItertool *group = itertool_new(cx, KIND_GROUPER);
    if (group == NULL) {
        return VALUE_ERROR;
    }
    group->iterator = v;
    group->state = key;
    value_store(&fields[GROUP_CURRENT], OBJ_VALUE(group));
    const Value pair[] = {key, OBJ_VALUE(group)};
    return tuple_from(cx, pair, 2);
}

const KindOps kind_ops_ObjGroupby = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = groupby_next,
    .construct = groupby_construct,
    .doc = "groupby(iterable, key=None)\n--\n\nAn iterator over pairs of a key and an "
           "iterator "
           "over the neighbours that have it.",
};

/* A group: iterator is the groupby, state its key. */
static Value grouper_next(Context *cx, Value v) {
    const ObjItertool *group = AS_ITERTOOL(v);
    ObjItertool *parent = AS_ITERTOOL(group->iterator);
    Value *fields = group_fields(parent);
    if (value_load(&fields[GROUP_CURRENT]) != v) {
        return VALUE_STOP;
    }
    if (IS_UNSET(value_load(&fields[GROUP_ITEM]))) {
        const int is_there = group_step(cx, parent);
        if (is_there <= 0) {
            return is_there < 0 ? VALUE_ERROR : VALUE_STOP;
        }
    }
    const int is_same = value_equals(cx, group->state, value_load(&fields[GROUP_KEY]));
    if (is_same <= 0) {
        return is_same < 0 ? VALUE_ERROR : VALUE_STOP;
    }
    const Value item = atomic_exchange(&fields[GROUP_ITEM], VALUE_UNSET);
    return IS_UNSET(item) ? VALUE_STOP : item; /* unset: another thread took it */
}

const KindOps kind_ops_ObjGrouper = {
    .trace = itertool_trace,
    .iter = itertool_self,
    .next = grouper_next,
};

/* tee */

typedef struct ObjTeeNode {
    Obj header;
    Value item;              /* [atomic] VALUE_UNSET until it was taken from the source */
    struct ObjTeeNode *next; /* [atomic] there before item is */
    Value source;            /* [const] */
    uint32_t is_filling;     /* [atomic] 1: the source's code runs for this node's item */
} ObjTeeNode;

typedef struct ObjTee {
    Obj header;
    ObjTeeNode *node; /* [atomic] of the next item */
} ObjTee;

static void tee_node_trace(GcMarker *m, Obj *o) {
    const ObjTeeNode *node = (const ObjTeeNode *)o;
    gc_mark_value(m, node->item);
    gc_mark_obj(m, node->next);
    gc_mark_value(m, node->source);
}

const KindOps kind_ops_ObjTeeNode = {.trace = tee_node_trace};

static ObjTeeNode *tee_node_new(Context *cx, Value source) {
    ObjTeeNode *node = HEAP_NEW(cx, ObjTeeNode, KIND_TEE_NODE);
    if (node != NULL) {
        node->source = source;
    }
    return node;
}

static Value tee_new(Context *cx, ObjTeeNode *node) {
    ObjTee *tee = HEAP_NEW(cx, ObjTee, KIND_TEE);
    if (tee == NULL) {
        return VALUE_ERROR;
    }
    tee->node = node;
    return OBJ_VALUE(tee);
}

Value itertools_tee_of(Context *cx, Value iterable, int64_t n) {
    const Value source = n == 0 ? iterable : value_iter(cx, iterable);
    if (IS_ERROR(source)) {
        return VALUE_ERROR;
    }
    /* A tee of a tee shares its nodes. */
    ObjTeeNode *node = IS_KIND(source, KIND_TEE)
                           ? atomic_load_acquire(&((ObjTee *)AS_OBJ(source))->node)
                           : tee_node_new(cx, source);
    ObjTuple *all =
        node == NULL || (uint64_t)n > UINT32_MAX ? NULL : tuple_new(cx, (size_t)n);
    if (all == NULL) {
        return node == NULL ? VALUE_ERROR : exc_raise_no_memory(cx);
    }
    for (int64_t i = 0; i < n; i++) {
        const Value tee =
            i == 0 && IS_KIND(source, KIND_TEE) ? source : tee_new(cx, node);
        if (IS_ERROR(tee)) {
            return VALUE_ERROR;
        }
        all->items[i] = tee;
    }
    return OBJ_VALUE(all);
}

static ObjTeeNode *tee_after(Context *cx, ObjTeeNode *node) {
    ObjTeeNode *next = atomic_load_acquire(&node->next);
    if (next == NULL) {
        ObjTeeNode *fresh = tee_node_new(cx, node->source);
        if (fresh == NULL || atomic_cas(&node->next, &next, fresh)) {
            return fresh;
        }
    }
    return next;
}

/* The source's next item. A source in the script's own code is asked by one at a time, as in CPython:
 * who asks meanwhile (that code itself, or another thread) is refused instead of waiting. */
static Value tee_take(Context *cx, ObjTeeNode *node) {
    if (!IS_KIND(node->source, KIND_INSTANCE)) {
        return iter_step(cx, node->source);
    }
    uint32_t nobody = 0;
    if (!atomic_cas(&node->is_filling, &nobody, 1)) {
        return exc_raise(cx, EXC_RuntimeError, "cannot re-enter the tee iterator");
    }
    const Value item = iter_step(cx, node->source);
    atomic_store_release(&node->is_filling, 0);
    return item;
}

/* Takes an item from the source and puts it into the first node from here on that has none.
 * VALUE_STOP and VALUE_ERROR as value_next. */
static Value tee_fill(Context *cx, ObjTeeNode *node) {
    const Value item = tee_take(cx, node);
    if (itertool_is_end(item)) {
        return item;
    }
    for (;;) {
        ObjTeeNode *next = tee_after(cx, node);
        if (next == NULL) {
            return VALUE_ERROR;
        }
        Value expected = VALUE_UNSET;
        if (atomic_cas(&node->item, &expected, item)) {
            return item;
        }
        node = next;
    }
}

static Value tee_next(Context *cx, Value v) {
    ObjTee *tee = (ObjTee *)AS_OBJ(v);
    for (;;) {
        ObjTeeNode *node = atomic_load_acquire(&tee->node);
        Value item = value_load(&node->item);
        if (IS_UNSET(item)) {
            const Value filled = tee_fill(cx, node);
            if (itertool_is_end(filled)) {
                return filled;
            }
            item = value_load(&node->item);
        }
        if (atomic_cas(&tee->node, &node, atomic_load_acquire(&node->next))) {
            return item;
        }
    }
}

CONSTRUCT(tee_construct) {
    if (!construct_check(cx, "_tee", n_args, 1, 1, kwargs)) {
        return VALUE_ERROR;
    }
    const Value only = itertools_tee_of(cx, args[0], 1);
    return IS_ERROR(only) ? VALUE_ERROR : AS_TUPLE(only)->items[0];
}

NATIVE(tee_copy, "__copy__(self, /)", "Return an independent iterator.") {
    return tee_new(cx, atomic_load_acquire(&((ObjTee *)AS_OBJ(args[0]))->node));
}

static void tee_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjTee *)o)->node);
}

static const NativeDef tee_methods[] = {NATIVE_ENTRY(tee_copy), {0}};

const KindOps kind_ops_ObjTee = {
    .trace = tee_trace,
    .iter = itertool_self,
    .next = tee_next,
    .construct = tee_construct,
    .methods = tee_methods,
    .doc = "Iterator wrapped to make it copyable.",
};
