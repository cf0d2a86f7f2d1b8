/* abstract_items.c - containers, iteration, calling, printing: operations on any
 * value. */

#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/array.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"

static bool method_is_set(Value method) {
    return !IS_UNSET(method) && !IS_NONE(method);
}

static Value special_of(const Context *cx, Value v, SpecialId id) {
    return type_special(type_of(cx, v), id);
}

/* Length */

static int64_t length_by_method(Context *cx, Value method, Value v) {
    const Value result = call_method(cx, method, v, NULL, 0);
    int64_t n;
    if (IS_ERROR(result) || !int_index_i64(cx, result, &n, EXC_OverflowError)) {
        return -1;
    }
    if (n < 0) {
        exc_raise(cx, EXC_ValueError, "__len__() should return >= 0");
        return -1;
    }
    return n;
}

int64_t value_length(Context *cx, Value v) {
    const Value method = special_of(cx, v, SPECIAL_len);
    if (UNLIKELY(!IS_UNSET(method))) {
        return length_by_method(cx, method, v);
    }
    const KindOps *ops = kind_ops[value_kind(v)];
    if (LIKELY(ops->length != NULL)) {
        return ops->length(cx, v);
    }
    exc_raise(cx, EXC_TypeError, "object of type '%s' has no len()", type_name_of(cx, v));
    return -1;
}

static int64_t hint_from(Context *cx, Value hint) {
    int64_t n;
    if (!IS_INT_LIKE(hint)) {
        exc_raise(cx, EXC_TypeError, "__length_hint__ must be an integer, not %s",
                  type_name_of(cx, hint));
    } else if (int_sign(hint) < 0) {
        exc_raise(cx, EXC_ValueError, "__length_hint__() should return >= 0");
    } else if (!int_to_i64(hint, &n)) {
        exc_raise(cx, EXC_OverflowError,
                  "Python int too large to convert to C ssize_t");
    } else {
        return n;
    }
    return -1;
}

int64_t value_length_hint(Context *cx, Value v, int64_t otherwise) {
    ObjType *type = type_of(cx, v);
    if (kind_ops[value_kind(v)]->length != NULL ||
        method_is_set(type_special(type, SPECIAL_len))) {
        const int64_t n = value_length(cx, v);
        if (n >= 0 || !exc_take_if(cx, EXC_TypeError)) {
            return n;
        }
    }
    const Value method = type_lookup(cx, type, context_name(cx, NAME_length_hint));
    const Value hint = IS_UNSET(method) ? VALUE_NOT_IMPLEMENTED
                                        : call_method(cx, method, v, NULL, 0);
    if (hint == VALUE_NOT_IMPLEMENTED ||
        (IS_ERROR(hint) && exc_take_if(cx, EXC_TypeError))) {
        return otherwise;
    }
    return IS_ERROR(hint) ? -1 : hint_from(cx, hint);
}

/* Items */

/* A dict of a class that has __missing__ asks it for keys that are not there. */
static Value dict_item_or_missing(Context *cx, Value v, Value key, Value missing) {
    const Value value = dict_get(cx, AS_DICT(v), key);
    return IS_UNSET(value) ? call_method(cx, missing, v, &key, 1) : value;
}

Value value_getitem(Context *cx, Value v, Value key) {
    const ObjType *type = type_of(cx, v);
    const Value method = type_special(type, SPECIAL_getitem);
    if (UNLIKELY(!IS_UNSET(method))) {
        return call_method(cx, method, v, &key, 1);
    }
    const ObjKind kind = value_kind(v);
    if (UNLIKELY(kind == KIND_DICT && !IS_EXACT(v, KIND_DICT))) {
        const Value missing = type_special(type, SPECIAL_missing);
        if (!IS_UNSET(missing)) {
            return dict_item_or_missing(cx, v, key, missing);
        }
    }
    const KindOps *ops = kind_ops[kind];
    if (LIKELY(ops->getitem != NULL)) {
        return ops->getitem(cx, v, key);
    }
    return exc_raise(cx, EXC_TypeError, "'%s' object is not subscriptable",
                     type_name_c(cx, type));
}

/* What has the slots of a sequence in CPython looks at an index before it refuses the change. */
static bool has_sequence_slots(Value v) {
    switch (value_kind(v)) {
    case KIND_INSTANCE:
    case KIND_TUPLE:
    case KIND_STR:
    case KIND_BYTES:
    case KIND_RANGE:
    case KIND_SET:
    case KIND_FROZENSET:
    case KIND_DICT_KEYS:
    case KIND_DICT_VALUES:
    case KIND_DICT_ITEMS:
    case KIND_MAPPINGPROXY: return !IS_EXACT(v, KIND_INSTANCE);
    default: return false;
    }
}

static bool raise_no_item_change(Context *cx, Value v, Value key, bool is_deletion) {
    const bool is_by_index = IS_INT_LIKE(key) && has_sequence_slots(v);
    int64_t index;
    if (is_by_index && !int_index_i64(cx, key, &index, EXC_IndexError)) {
        return false;
    }
    exc_raise(cx, EXC_TypeError, "'%s' object %s support item %s", type_name_of(cx, v),
              is_by_index && is_deletion ? "doesn't" : "does not",
              is_deletion ? "deletion" : "assignment");
    return false;
}

bool value_setitem(Context *cx, Value v, Value key, Value value) {
    const Value method = special_of(cx, v, SPECIAL_setitem);
    if (UNLIKELY(!IS_UNSET(method))) {
        const Value args[] = {key, value};
        return !IS_ERROR(call_method(cx, method, v, args, 2));
    }
    const KindOps *ops = kind_ops[value_kind(v)];
    if (LIKELY(ops->setitem != NULL)) {
        return ops->setitem(cx, v, key, value);
    }
    return raise_no_item_change(cx, v, key, false);
}

bool value_delitem(Context *cx, Value v, Value key) {
    const Value method = special_of(cx, v, SPECIAL_delitem);
    if (UNLIKELY(method_is_set(method))) {
        return !IS_ERROR(call_method(cx, method, v, &key, 1));
    }
    const KindOps *ops = kind_ops[value_kind(v)];
    if (LIKELY(ops->setitem != NULL)) {
        return ops->setitem(cx, v, key, VALUE_UNSET);
    }
    return raise_no_item_change(cx, v, key, true);
}

static void raise_not_iterable(Context *cx, Value container) {
    exc_raise(cx, EXC_TypeError, "argument of type '%s' is not iterable",
              type_name_of(cx, container));
}

Value value_iter_to_search(Context *cx, Value container) {
    const Value iterator = value_iter(cx, container);
    if (IS_ERROR(iterator) && exc_take_if(cx, EXC_TypeError)) {
        raise_not_iterable(cx, container);
    }
    return iterator;
}

static int contains_by_iteration(Context *cx, Value container, Value item) {
    const Value iterator = value_iter_to_search(cx, container);
    if (IS_ERROR(iterator)) {
        return -1;
    }
    for (;;) {
        const Value next = value_next(cx, iterator);
        if (next == VALUE_STOP || IS_ERROR(next)) {
            return IS_ERROR(next) ? -1 : 0;
        }
        const int equal = value_equals(cx, next, item);
        if (equal != 0) {
            return equal;
        }
    }
}

static bool can_iterate(Context *cx, Value v) {
    const ObjType *type = type_of(cx, v);
    const KindOps *ops = kind_ops[value_kind(v)];
    const Value method = type_special(type, SPECIAL_iter);
    if (!IS_UNSET(method)) {
        return !IS_NONE(method);
    }
    return ops->iter != NULL || ops->next != NULL ||
           !IS_UNSET(type_special(type, SPECIAL_getitem));
}

int value_contains(Context *cx, Value container, Value item) {
    const Value method = special_of(cx, container, SPECIAL_contains);
    if (UNLIKELY(method_is_set(method))) {
        const Value result = call_method(cx, method, container, &item, 1);
        return IS_ERROR(result) ? -1 : value_is_true(cx, result);
    }
    const KindOps *ops = kind_ops[value_kind(container)];
    if (LIKELY(ops->contains != NULL)) {
        return ops->contains(cx, container, item);
    }
    if (IS_NONE(method)) {
        exc_raise(cx, EXC_TypeError, "'%s' object is not a container",
                  type_name_of(cx, container));
        return -1;
    }
    if (!can_iterate(cx, container)) {
        raise_not_iterable(cx, container);
        return -1;
    }
    return contains_by_iteration(cx, container, item);
}

/* Iteration */

static bool is_iterator(Context *cx, Value v) {
    return kind_ops[value_kind(v)]->next != NULL ||
           method_is_set(special_of(cx, v, SPECIAL_next));
}

static Value iter_by_method(Context *cx, Value method, Value v) {
    const Value iterator = call_method(cx, method, v, NULL, 0);
    if (!IS_ERROR(iterator) && !is_iterator(cx, iterator)) {
        return exc_raise(cx, EXC_TypeError, "iter() returned non-iterator of type '%s'",
                         type_name_of(cx, iterator));
    }
    return iterator;
}

Value value_iter(Context *cx, Value v) {
    const ObjType *type = type_of(cx, v);
    const Value method = type_special(type, SPECIAL_iter);
    if (UNLIKELY(method_is_set(method))) {
        return iter_by_method(cx, method, v);
    }
    if (LIKELY(IS_UNSET(method))) {
        const KindOps *ops = kind_ops[value_kind(v)];
        if (LIKELY(ops->iter != NULL)) {
            return ops->iter(cx, v);
        }
        if (ops->next != NULL) {
            return v;
        }
        if (method_is_set(type_special(type, SPECIAL_getitem))) {
            return seq_iter_new(cx, v);
        }
    }
    return exc_raise(cx, EXC_TypeError, "'%s' object is not iterable",
                     type_name_c(cx, type));
}

static Value next_by_method(Context *cx, Value iterator) {
    const Value method = special_of(cx, iterator, SPECIAL_next);
    if (method_is_set(method)) {
        return call_method(cx, method, iterator, NULL, 0);
    }
    const KindOps *ops = kind_ops[value_kind(iterator)];
    if (ops->next == NULL) {
        return exc_raise(cx, EXC_TypeError, "'%s' object is not an iterator",
                         type_name_of(cx, iterator));
    }
    return ops->next(cx, iterator);
}

Value value_next(Context *cx, Value iterator) {
    Value item;
    if (UNLIKELY(block_is_urgent(cx)) && !block_poll(cx)) {
        return VALUE_ERROR;
    }
    /* Iterators ask others in C: map(f, map(f, ...)). */
    if (!exc_check_c_stack(cx)) {
        return VALUE_ERROR;
    }
    /* An exact built-in iterator has no __next__ of a script: nothing has to be looked up. */
    const uint32_t shape = IS_OBJ(iterator) ? obj_shape(AS_OBJ(iterator)) : KIND_NONE;
    if (LIKELY(shape < KIND_COUNT && kind_ops[shape]->next != NULL)) {
        item = kind_ops[shape]->next(cx, iterator);
    } else {
        item = next_by_method(cx, iterator);
    }
    if (UNLIKELY(IS_ERROR(item)) && exc_take_if(cx, EXC_StopIteration)) {
        return VALUE_STOP;
    }
    return item;
}

bool value_is_callable(Context *cx, Value v) {
    switch (value_kind(v)) {
    case KIND_FUNCTION:
    case KIND_NATIVE:
    case KIND_METHOD:
    case KIND_TYPE:
    case KIND_STATICMETHOD: return true;
    default: return !IS_UNSET(special_of(cx, v, SPECIAL_call));
    }
}

/* Printing */

/* "module." in front of the name of a class, nothing for built-in ones. */
static Value class_path(Context *cx, ObjType *type) {
    const Value module = type_lookup(cx, type, context_name(cx, NAME_module_));
    const ObjStr *name = type->qualname;
    ObjStr *text;
    if (IS_STR(module) && !str_equals_c(AS_STR(module), "builtins")) {
        text = str_format_c(cx, "%.*s.%.*s", (int)AS_STR(module)->n_bytes,
                            AS_STR(module)->data, (int)name->n_bytes, name->data);
        return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    }
    return OBJ_VALUE(name);
}

Value value_default_repr(Context *cx, Value v) {
    const Value path = class_path(cx, type_of(cx, v));
    if (IS_ERROR(path)) {
        return VALUE_ERROR;
    }
    ObjStr *text = str_format_c(cx, "<%.*s object at 0x%llx>", (int)AS_STR(path)->n_bytes,
                                AS_STR(path)->data, (unsigned long long)v);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value text_by_method(Context *cx, Value method, Value v, const char *name) {
    const Value text = call_method(cx, method, v, NULL, 0);
    if (IS_ERROR(text) || IS_STR(text)) {
        return text;
    }
    return exc_raise(cx, EXC_TypeError, "%s returned non-string (type %s)", name,
                     type_name_of(cx, text));
}

/* name is the method that a complaint about the result names. */
static Value repr_or_complain(Context *cx, Value v, const char *name) {
    const Value method = special_of(cx, v, SPECIAL_repr);
    if (UNLIKELY(method_is_set(method))) {
        return text_by_method(cx, method, v, name);
    }
    const KindOps *ops = kind_ops[value_kind(v)];
    return ops->repr == NULL ? value_default_repr(cx, v) : ops->repr(cx, v);
}

Value value_repr(Context *cx, Value v) {
    if (UNLIKELY(context_c_stack_is_short(cx))) {
        return exc_raise_recursion_in(cx, "while getting the repr of an object");
    }
    return repr_or_complain(cx, v, "__repr__");
}

Value value_str(Context *cx, Value v) {
    if (LIKELY(IS_EXACT(v, KIND_STR))) {
        return v;
    }
    if (UNLIKELY(context_c_stack_is_short(cx))) {
        return exc_raise_recursion_in(cx, "while getting the str of an object");
    }
    const Value method = special_of(cx, v, SPECIAL_str);
    if (UNLIKELY(method_is_set(method))) {
        return text_by_method(cx, method, v, "__str__");
    }
    const KindOps *ops = kind_ops[value_kind(v)];
    return ops->str == NULL ? repr_or_complain(cx, v, "__str__") : ops->str(cx, v);
}

/* The containers being printed stand in an array behind cx->repr_stack, repr_depth of
 * them. */

int value_repr_enter(Context *cx, Value v) {
    /* CPython goes about as deep, and looking through them takes the square of the depth. */
    enum { FIRST_CAPACITY = 16, MAX_DEPTH = 10000 };
    if (UNLIKELY(cx->repr_depth >= MAX_DEPTH || context_c_stack_is_short(cx))) {
        exc_raise_recursion_in(cx, "while getting the repr of an object");
        return -1;
    }
    ObjArray *stack =
        IS_UNSET(cx->repr_stack) ? NULL : (ObjArray *)AS_OBJ(cx->repr_stack);
    for (uint32_t i = 0; i < cx->repr_depth; i++) {
        if (stack->items[i] == v) {
            return 1;
        }
    }
    if (stack == NULL || cx->repr_depth == stack->capacity) {
        ObjArray *grown =
            array_new(cx, stack == NULL ? FIRST_CAPACITY : stack->capacity * 2);
        if (grown == NULL) {
            return -1;
        }
        for (uint32_t i = 0; i < cx->repr_depth; i++) {
            grown->items[i] = stack->items[i];
        }
        cx->repr_stack = OBJ_VALUE(grown);
        stack = grown;
    }
    stack->items[cx->repr_depth++] = v;
    return 0;
}

void value_repr_leave(Context *cx, Value v) {
    (void)v;
    ObjArray *stack = (ObjArray *)AS_OBJ(cx->repr_stack);
    stack->items[--cx->repr_depth] = VALUE_UNSET;
}
