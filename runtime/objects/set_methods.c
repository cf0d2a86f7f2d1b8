/* set_methods.c - operators and methods of set and frozenset.
 *
 * Which of two sets is gone through, and which is copied, decides on the order of the
 * result: as in CPython.
 *
 * See also: set.c. */

#include "runtime/base/buf.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/dict_table.h"
#include "runtime/objects/generic.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/set_table.h"

static bool is_any_set(Value v) {
    return IS_SET(v) || IS_FROZENSET(v);
}

static ObjSetTable *table_of(const ObjSet *set) {
    return atomic_load_acquire(&set->table);
}

/* The kind of the results of operators: that of the left operand. */
static ObjSet *new_like(Context *cx, const ObjSet *set) {
    return set_new(cx, (ObjKind)set->header.kind, 0);
}

static ObjSet *copy_of(Context *cx, ObjSet *set) {
    ObjSet *copy = new_like(cx, set);
    return copy != NULL && set_update_by_set(cx, copy, set) ? copy : NULL;
}

/* v itself when it is a set, else a set of its items. */
static ObjSet *as_set(Context *cx, Value v) {
    if (is_any_set(v)) {
        return AS_SET(v);
    }
    ObjSet *set = set_new(cx, KIND_SET, 0);
    return set != NULL && set_update(cx, set, v) ? set : NULL;
}

/* The set algebra on sets. Each returns a new set or NULL. */

static ObjSet *intersection(Context *cx, ObjSet *a, ObjSet *b) {
    ObjSet *result = new_like(cx, a);
    if (a == b) {
        return copy_of(cx, a);
    }
    ObjSet *small = set_length(b) > set_length(a) ? a : b;
    ObjSet *large = small == a ? b : a;
    size_t position = 0;
    const ObjSetTable *table = table_of(small);
    for (SetPlace place; result != NULL && set_table_next(table, &position, &place);) {
        const int is_there = set_contains_hashed(cx, large, place.key, place.hash);
        if (is_there < 0 ||
            (is_there > 0 && !set_add_hashed(cx, result, place.key, place.hash))) {
            return NULL;
        }
    }
    return result;
}

/* The items that the iterable b and the set a share, in the order of b. */
static ObjSet *intersection_with_items(Context *cx, ObjSet *a, Value b) {
    ObjSet *result = new_like(cx, a);
    const Value iterator = result == NULL ? VALUE_ERROR : value_iter(cx, b);
    if (IS_ERROR(iterator)) {
        return NULL;
    }
    for (;;) {
        const Value item = value_next(cx, iterator);
        uint64_t hash = 0;
        if (item == VALUE_STOP || IS_ERROR(item)) {
            return IS_ERROR(item) ? NULL : result;
        }
        if (!dict_hash(cx, item, &hash)) {
            return NULL;
        }
        const int is_there = set_contains_hashed(cx, a, item, hash);
        if (is_there < 0 || (is_there > 0 && !set_add_hashed(cx, result, item, hash))) {
            return NULL;
        }
    }
}

static bool subtract_from(Context *cx, ObjSet *set, Value other) {
    if (is_any_set(other)) {
        size_t position = 0;
        const ObjSetTable *table = table_of(AS_SET(other));
        if (AS_SET(other) == set) {
            set_clear(cx, set);
            return true;
        }
        for (SetPlace place; set_table_next(table, &position, &place);) {
            if (set_discard_hashed(cx, set, place.key, place.hash) < 0) {
                return false;
            }
        }
        return set_tidy(cx, set);
    }
    const Value iterator = value_iter(cx, other);
    if (IS_ERROR(iterator)) {
        return false;
    }
    for (;;) {
        const Value item = value_next(cx, iterator);
        if (item == VALUE_STOP || IS_ERROR(item)) {
            return !IS_ERROR(item) && set_tidy(cx, set);
        }
        if (set_discard(cx, set, item) < 0) {
            return false;
        }
    }
}

static ObjSet *difference(Context *cx, ObjSet *a, Value other) {
    const bool is_walk =
        is_any_set(other) && (set_length(a) >> 2) <= set_length(AS_SET(other));
    if (!is_walk && !IS_EXACT(other, KIND_DICT)) {
        ObjSet *copy = copy_of(cx, a);
        return copy != NULL && subtract_from(cx, copy, other) ? copy : NULL;
    }
    ObjSet *result = new_like(cx, a);
    const ObjSetTable *table = table_of(a);
    size_t position = 0;
    for (SetPlace place; result != NULL && set_table_next(table, &position, &place);) {
        int is_there;
        if (is_walk) {
            is_there = set_contains_hashed(cx, AS_SET(other), place.key, place.hash);
        } else {
            const Value value =
                dict_get_hashed(cx, AS_DICT(other), place.key, place.hash);
            is_there = IS_ERROR(value) ? -1 : !IS_UNSET(value);
        }
        if (is_there < 0 ||
            (is_there == 0 && !set_add_hashed(cx, result, place.key, place.hash))) {
            return NULL;
        }
    }
    return result;
}

/* Removes from set what is in other, and adds what is only there. */
static bool toggle_items(Context *cx, ObjSet *set, Value items) {
    if (is_any_set(items) && AS_SET(items) == set) {
        set_clear(cx, set);
        return true;
    }
    ObjSet *other = as_set(cx, items);
    if (other == NULL) {
        return false;
    }
    const ObjSetTable *table = table_of(other);
    size_t position = 0;
    for (SetPlace place; set_table_next(table, &position, &place);) {
        const int is_removed = set_discard_hashed(cx, set, place.key, place.hash);
        if (is_removed < 0 ||
            (is_removed == 0 && !set_add_hashed(cx, set, place.key, place.hash))) {
            return false;
        }
    }
    return true;
}

static ObjSet *symmetric_difference(Context *cx, ObjSet *a, Value other) {
    ObjSet *result = new_like(cx, a);
    if (result == NULL || !set_update(cx, result, other) ||
        !toggle_items(cx, result, OBJ_VALUE(a))) {
        return NULL;
    }
    return result;
}

static ObjSet *union_with(Context *cx, ObjSet *a, Value other) {
    ObjSet *copy = copy_of(cx, a);
    return copy != NULL && set_update(cx, copy, other) ? copy : NULL;
}

/* Takes over the content of a set that nobody else knows. */
static void replace_content(Context *cx, ObjSet *set, const ObjSet *content) {
    const bool is_locked = objlock_lock(cx, &set->header);
    atomic_store_release(&set->table, content->table);
    atomic_store_relaxed(&set->n_used, content->n_used);
    objlock_unlock(cx, &set->header, is_locked);
}

/* 1, 0, -1 */
static int is_subset(Context *cx, const ObjSet *a, const ObjSet *b) {
    if (set_length(a) > set_length(b)) {
        return 0;
    }
    const ObjSetTable *table = table_of(a);
    size_t position = 0;
    for (SetPlace place; set_table_next(table, &position, &place);) {
        const int is_there = set_contains_hashed(cx, b, place.key, place.hash);
        if (is_there <= 0) {
            return is_there;
        }
    }
    return 1;
}

/* Whether the sets share an item, or the set and the iterable items: 1, 0, -1. */
static int meets_set(Context *cx, const ObjSet *a, const ObjSet *b) {
    const ObjSet *small = set_length(b) > set_length(a) ? a : b;
    const ObjSet *large = small == a ? b : a;
    const ObjSetTable *table = table_of(small);
    size_t position = 0;
    for (SetPlace place; set_table_next(table, &position, &place);) {
        const int is_there = set_contains_hashed(cx, large, place.key, place.hash);
        if (is_there != 0) {
            return is_there;
        }
    }
    return 0;
}

static int meets_items(Context *cx, ObjSet *set, Value items) {
    const Value iterator = value_iter(cx, items);
    if (IS_ERROR(iterator)) {
        return -1;
    }
    for (;;) {
        const Value item = value_next(cx, iterator);
        if (item == VALUE_STOP || IS_ERROR(item)) {
            return IS_ERROR(item) ? -1 : 0;
        }
        const int is_there = set_contains(cx, set, item);
        if (is_there != 0) {
            return is_there;
        }
    }
}

static Value set_value(const ObjSet *set) {
    return set == NULL ? VALUE_ERROR : OBJ_VALUE(set);
}

/* Operators */

static Value set_binary(Context *cx, BinaryOp op, Value a, Value b) {
    if (!is_any_set(a) || !is_any_set(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    switch (op) {
    case BINARY_AND: return set_value(intersection(cx, AS_SET(a), AS_SET(b)));
    case BINARY_OR: return set_value(union_with(cx, AS_SET(a), b));
    case BINARY_SUB: return set_value(difference(cx, AS_SET(a), b));
    case BINARY_XOR: return set_value(symmetric_difference(cx, AS_SET(a), b));
    default: return VALUE_NOT_IMPLEMENTED;
    }
}

static Value set_inplace(Context *cx, BinaryOp op, Value a, Value b) {
    ObjSet *set = AS_SET(a);
    if (!is_any_set(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (op == BINARY_OR) {
        return set_update(cx, set, b) ? a : VALUE_ERROR;
    }
    if (op == BINARY_SUB) {
        return subtract_from(cx, set, b) ? a : VALUE_ERROR;
    }
    if (op == BINARY_XOR) {
        return toggle_items(cx, set, b) ? a : VALUE_ERROR;
    }
    if (op != BINARY_AND) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const ObjSet *result = intersection(cx, set, AS_SET(b));
    if (result == NULL) {
        return VALUE_ERROR;
    }
    replace_content(cx, set, result);
    return a;
}

static Value set_compare(Context *cx, CompareOp op, Value a, Value b) {
    if (!is_any_set(a) || !is_any_set(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (!exc_check_c_stack(cx)) {
        return VALUE_ERROR;
    }
    const ObjSet *x = AS_SET(a);
    const ObjSet *y = AS_SET(b);
    const bool is_same_length = set_length(x) == set_length(y);
    int is_true = 0;
    switch (op) {
    case COMPARE_EQ:
    case COMPARE_NE: is_true = is_same_length ? is_subset(cx, x, y) : 0; break;
    case COMPARE_LT: is_true = is_same_length ? 0 : is_subset(cx, x, y); break;
    case COMPARE_LE: is_true = is_subset(cx, x, y); break;
    case COMPARE_GT: is_true = is_same_length ? 0 : is_subset(cx, y, x); break;
    case COMPARE_GE: is_true = is_subset(cx, y, x); break;
    }
    return is_true < 0 ? VALUE_ERROR : BOOL_VALUE(is_true == (op != COMPARE_NE));
}

/* set() or {1, 2}; frozenset({1, 2}); and with the name of a derived class Name({1,
 * 2}). */
static Value repr_text(Context *cx, Value v, const char *items, size_t n_bytes) {
    Buf out = {0};
    const bool is_plain = IS_EXACT(v, KIND_SET);
    if (n_bytes == 0) {
        buf_add_format(&out, "%s()", type_name_of(cx, v));
    } else {
        if (!is_plain) {
            buf_add_format(&out, "%s(", type_name_of(cx, v));
        }
        buf_add_byte(&out, '{');
        buf_add(&out, items + 1, n_bytes - 2); /* without the brackets of the list */
        buf_add_text(&out, is_plain ? "}" : "})");
    }
    ObjStr *text = str_from_buf(cx, &out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value set_repr(Context *cx, Value v) {
    if (set_length(AS_SET(v)) == 0) {
        return repr_text(cx, v, NULL, 0);
    }
    const int is_inside = value_repr_enter(cx, v);
    if (is_inside != 0) {
        ObjStr *text =
            is_inside < 0 ? NULL : str_format_c(cx, "%s(...)", type_name_of(cx, v));
        return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    }
    const Value iterator = set_iter_new(cx, AS_SET(v));
    const Value list =
        IS_ERROR(iterator) ? VALUE_ERROR : list_from_iterable(cx, iterator);
    const Value items = IS_ERROR(list) ? VALUE_ERROR : value_repr(cx, list);
    value_repr_leave(cx, v);
    return IS_ERROR(items)
               ? VALUE_ERROR
               : repr_text(cx, v, AS_STR(items)->data, AS_STR(items)->n_bytes);
}

static bool frozenset_hash(Context *cx __attribute__((unused)), Value v, uint64_t *hash) {
    ObjSet *set = AS_SET(v);
    *hash = atomic_load_relaxed(&set->hash);
    if (*hash == 0) {
        *hash = set_hash_of_items(set);
        atomic_store_relaxed(&set->hash, *hash);
    }
    return true;
}

static int64_t set_op_length(Context *cx __attribute__((unused)), Value v) {
    return (int64_t)set_length(AS_SET(v));
}

static int set_op_contains(Context *cx, Value v, Value item) {
    return set_contains(cx, AS_SET(v), item);
}

static Value set_iter(Context *cx, Value v) {
    return set_iter_new(cx, AS_SET(v));
}

static void set_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjSet *)o)->table);
    instance_trace_derived(m, o);
}

static Value set_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                           Value kwargs) {
    ObjSet *set = set_new_of(cx, type);
    if (set == NULL) {
        return VALUE_ERROR;
    }
    if (construct_is_bare(cx, type)) {
        return OBJ_VALUE(set);
    }
    if (!construct_check(cx, "set", n_args, 0, 1, kwargs) ||
        (n_args > 0 && !set_update(cx, set, args[0]))) {
        return VALUE_ERROR;
    }
    return OBJ_VALUE(set);
}

static Value frozenset_construct(Context *cx, ObjType *type, const Value *args,
                                 int n_args, Value kwargs) {
    const bool is_exact = type == cx->rt->types[KIND_FROZENSET];
    if (is_exact ? !construct_check(cx, "frozenset", n_args, 0, 1, kwargs)
                 : !construct_check_count(cx, "frozenset", n_args, 0, 1)) {
        return VALUE_ERROR;
    }
    if (is_exact && n_args > 0 && IS_EXACT(args[0], KIND_FROZENSET)) {
        return args[0];
    }
    ObjSet *set = set_new_of(cx, type);
    if (set == NULL || (n_args > 0 && !set_update(cx, set, args[0]))) {
        return VALUE_ERROR;
    }
    return OBJ_VALUE(set);
}

/* Methods of both; those with *others take any iterables. */

NATIVE(set_method_copy, "copy(self, /)", "Return a set with the same items.") {
    return IS_EXACT(args[0], KIND_FROZENSET) ? args[0]
                                             : set_value(copy_of(cx, AS_SET(args[0])));
}

NATIVE(set_union, "union(self, /, *others)", "Return a set of the items of all.") {
    ObjSet *result = copy_of(cx, AS_SET(args[0]));
    for (int i = 1; result != NULL && i < n_args; i++) {
        if (!set_update(cx, result, args[i])) {
            return VALUE_ERROR;
        }
    }
    return set_value(result);
}

NATIVE(set_intersection, "intersection(self, /, *others)",
       "Return a set of the items that are in all.") {
    ObjSet *result = AS_SET(args[0]);
    for (int i = 1; result != NULL && i < n_args; i++) {
        result = is_any_set(args[i]) ? intersection(cx, result, AS_SET(args[i]))
                                     : intersection_with_items(cx, result, args[i]);
    }
    return n_args == 1 ? set_value(copy_of(cx, result)) : set_value(result);
}

NATIVE(set_difference, "difference(self, /, *others)",
       "Return a set of the items that are in none of the others.") {
    ObjSet *result = n_args == 1 ? copy_of(cx, AS_SET(args[0]))
                                 : difference(cx, AS_SET(args[0]), args[1]);
    for (int i = 2; result != NULL && i < n_args; i++) {
        if (!subtract_from(cx, result, args[i])) {
            return VALUE_ERROR;
        }
    }
    return set_value(result);
}

NATIVE(set_symmetric_difference, "symmetric_difference(self, other, /)",
       "Return a set of the items that are in one of the two only.") {
    return set_value(symmetric_difference(cx, AS_SET(args[0]), args[1]));
}

NATIVE(set_isdisjoint, "isdisjoint(self, other, /)",
       "Return whether no item is in both.") {
    const int meets = is_any_set(args[1]) ? meets_set(cx, AS_SET(args[0]), AS_SET(args[1]))
                                          : meets_items(cx, AS_SET(args[0]), args[1]);
    return meets < 0 ? VALUE_ERROR : BOOL_VALUE(meets == 0);
}

NATIVE(set_issubset, "issubset(self, other, /)",
       "Return whether all items are in other.") {
    const ObjSet *other = as_set(cx, args[1]);
    const int is_true = other == NULL ? -1 : is_subset(cx, AS_SET(args[0]), other);
    return is_true < 0 ? VALUE_ERROR : BOOL_VALUE(is_true);
}

NATIVE(set_issuperset, "issuperset(self, other, /)",
       "Return whether all items of other are in the set.") {
    const ObjSet *other = as_set(cx, args[1]);
    const int is_true = other == NULL ? -1 : is_subset(cx, other, AS_SET(args[0]));
    return is_true < 0 ? VALUE_ERROR : BOOL_VALUE(is_true);
}

/* Methods of set */

NATIVE(set_method_add, "add(self, object, /)", "Add an item.") {
    return set_add(cx, AS_SET(args[0]), args[1]) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(set_method_discard, "discard(self, object, /)", "Remove an item if it is there.") {
    return set_discard(cx, AS_SET(args[0]), args[1]) < 0 ? VALUE_ERROR : VALUE_NONE;
}

NATIVE(set_remove, "remove(self, object, /)",
       "Remove an item; KeyError when it is not there.") {
    const int is_removed = set_discard(cx, AS_SET(args[0]), args[1]);
    if (is_removed == 0) {
        return exc_raise_value(cx, EXC_KeyError, args[1]);
    }
    return is_removed < 0 ? VALUE_ERROR : VALUE_NONE;
}

NATIVE(set_pop, "pop(self, /)",
       "Remove and return an item; KeyError when there is none.") {
    const Value item = set_take_any(cx, AS_SET(args[0]));
    if (!IS_UNSET(item)) {
        return item;
    }
    ObjStr *text = str_from_c(cx, "pop from an empty set");
    return text == NULL ? VALUE_ERROR
                        : exc_raise_value(cx, EXC_KeyError, OBJ_VALUE(text));
}

NATIVE(set_method_clear, "clear(self, /)", "Remove all items.") {
    set_clear(cx, AS_SET(args[0]));
    return VALUE_NONE;
}

NATIVE(set_method_update, "update(self, /, *others)", "Add the items of all others.") {
    for (int i = 1; i < n_args; i++) {
        if (!set_update(cx, AS_SET(args[0]), args[i])) {
            return VALUE_ERROR;
        }
    }
    return VALUE_NONE;
}

NATIVE(set_intersection_update, "intersection_update(self, /, *others)",
       "Keep the items that are in all others.") {
    const Value result = set_intersection(cx, args, n_args);
    if (IS_ERROR(result)) {
        return VALUE_ERROR;
    }
    replace_content(cx, AS_SET(args[0]), AS_SET(result));
    return VALUE_NONE;
}

NATIVE(set_difference_update, "difference_update(self, /, *others)",
       "Remove the items of all others.") {
    for (int i = 1; i < n_args; i++) {
        if (!subtract_from(cx, AS_SET(args[0]), args[i])) {
            return VALUE_ERROR;
        }
    }
    return VALUE_NONE;
}

NATIVE(set_symmetric_difference_update, "symmetric_difference_update(self, other, /)",
       "Keep the items that are in one of the two only.") {
    return toggle_items(cx, AS_SET(args[0]), args[1]) ? VALUE_NONE : VALUE_ERROR;
}

#define METHODS_OF_BOTH                                               \
    NATIVE_ENTRY(set_method_copy), NATIVE_ENTRY(set_difference),      \
        NATIVE_ENTRY(set_intersection), NATIVE_ENTRY(set_isdisjoint), \
        NATIVE_ENTRY(set_issubset), NATIVE_ENTRY(set_issuperset),     \
        NATIVE_ENTRY(set_symmetric_difference), NATIVE_ENTRY(set_union)

static const NativeDef frozenset_methods[] = {GENERIC_ENTRY, METHODS_OF_BOTH, {0}};

static const NativeDef set_methods[] = {
    GENERIC_ENTRY,
    METHODS_OF_BOTH,
    NATIVE_ENTRY(set_method_add),
    NATIVE_ENTRY(set_method_clear),
    NATIVE_ENTRY(set_method_discard),
    NATIVE_ENTRY(set_difference_update),
    NATIVE_ENTRY(set_intersection_update),
    NATIVE_ENTRY(set_pop),
    NATIVE_ENTRY(set_remove),
    NATIVE_ENTRY(set_symmetric_difference_update),
    NATIVE_ENTRY(set_method_update),
    {0},
};

const KindOps kind_ops_ObjSet = {
    .trace = set_trace,
    .repr = set_repr,
    .compare = set_compare,
    .binary = set_binary,
    .inplace = set_inplace,
    .length = set_op_length,
    .contains = set_op_contains,
    .iter = set_iter,
    .construct = set_construct,
    .methods = set_methods,
    .doc = "set(iterable=(), /)\n--\n\nDifferent hashable values, in no order.",
};

const KindOps kind_ops_ObjFrozenset = {
    .trace = set_trace,
    .repr = set_repr,
    .hash = frozenset_hash,
    .compare = set_compare,
    .binary = set_binary,
    .length = set_op_length,
    .contains = set_op_contains,
    .iter = set_iter,
    .construct = frozenset_construct,
    .methods = frozenset_methods,
    .doc = "frozenset(iterable=(), /)\n--\n\nA set that cannot be changed.",
};
