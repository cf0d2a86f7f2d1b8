/* dict_methods.c - operators and methods of dict.
 *
 * See also: dict.c (the table), dict_views.c. */

#include "runtime/base/buf.h"
#include "runtime/call.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/dict_table.h"
#include "runtime/objects/generic.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/native.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/str_build.h"

static void dict_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjDict *)o)->table);
    instance_trace_derived(m, o);
}

static Value missing(Context *cx, Value v, Value key) {
    if (obj_shape(AS_OBJ(v)) >= KIND_COUNT) {
        const Value method = type_special(type_of(cx, v), SPECIAL_missing);
        if (!IS_UNSET(method)) {
            return call_method(cx, method, v, &key, 1);
        }
    }
    return exc_raise_value(cx, EXC_KeyError, key);
}

static Value dict_getitem(Context *cx, Value v, Value key) {
    const Value value = dict_get(cx, AS_DICT(v), key);
    return LIKELY(!IS_UNSET(value)) ? value : missing(cx, v, key);
}

static bool dict_setitem(Context *cx, Value v, Value key, Value value) {
    if (!IS_UNSET(value)) {
        return dict_set(cx, AS_DICT(v), key, value);
    }
    const int is_removed = dict_delete(cx, AS_DICT(v), key, NULL);
    if (is_removed == 0) {
        exc_raise_value(cx, EXC_KeyError, key);
    }
    return is_removed > 0;
}

static int dict_contains(Context *cx, Value v, Value key) {
    const Value value = dict_get(cx, AS_DICT(v), key);
    return IS_ERROR(value) ? -1 : !IS_UNSET(value);
}

static int64_t dict_op_length(Context *cx __attribute__((unused)), Value v) {
    return (int64_t)dict_length(AS_DICT(v));
}

static Value dict_iter(Context *cx, Value v) {
    return dict_iter_new(cx, AS_DICT(v), DICT_VIEW_KEYS, false);
}

/* 1, 0, -1 */
static int dict_equals(Context *cx, ObjDict *a, ObjDict *b) {
    if (dict_length(a) != dict_length(b)) {
        return 0;
    }
    if (!exc_check_c_stack(cx)) {
        return -1;
    }
    const ObjDictTable *table = dict_table(a);
    for (size_t i = 0; table != NULL && i < atomic_load_acquire(&table->n_entries); i++) {
        const DictEntry *entry = &table->entries[i];
        const Value x = value_load(&entry->value);
        if (IS_UNSET(x)) {
            continue;
        }
        const Value y = dict_get_hashed(cx, b, entry->key, entry->hash);
        if (IS_ERROR(y) || IS_UNSET(y)) {
            return IS_ERROR(y) ? -1 : 0;
        }
        const int is_equal = seq_item_equals(cx, x, y);
        if (is_equal <= 0) {
            return is_equal;
        }
    }
    return 1;
}

static Value dict_compare(Context *cx, CompareOp op, Value a, Value b) {
    if ((op != COMPARE_EQ && op != COMPARE_NE) || !IS_DICT(a) || !IS_DICT(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const int is_equal = dict_equals(cx, AS_DICT(a), AS_DICT(b));
    return is_equal < 0 ? VALUE_ERROR : BOOL_VALUE(is_equal == (op == COMPARE_EQ));
}

static Value dict_binary(Context *cx, BinaryOp op, Value a, Value b) {
    if (op != BINARY_OR || !IS_DICT(a) || !IS_DICT(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    ObjDict *sum = dict_copy(cx, AS_DICT(a));
    return sum == NULL || !dict_update(cx, sum, b) ? VALUE_ERROR : OBJ_VALUE(sum);
}

static Value dict_inplace(Context *cx, BinaryOp op, Value a, Value b) {
    if (op != BINARY_OR) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return dict_update(cx, AS_DICT(a), b) ? a : VALUE_ERROR;
}

static bool repr_entries(Context *cx, ObjDict *dict, Buf *out) {
    const ObjDictTable *table = dict_table(dict);
    size_t position = 0;
    Value key;
    Value value;
    for (bool is_first = true; dict_table_next(table, &position, &key, &value);
         is_first = false) {
        if (!is_first) {
            buf_add_text(out, ", ");
        }
        if (!str_build_add_repr(cx, out, key)) {
            return false;
        }
        buf_add_text(out, ": ");
        if (!str_build_add_repr(cx, out, value)) {
            return false;
        }
    }
    return true;
}

static Value dict_repr(Context *cx, Value v) {
    const int is_inside = value_repr_enter(cx, v);
    if (is_inside != 0) {
        ObjStr *text = is_inside < 0 ? NULL : str_from_c(cx, "{...}");
        return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    }
    Buf out = {0};
    buf_add_byte(&out, '{');
    const bool is_done = repr_entries(cx, AS_DICT(v), &out);
    value_repr_leave(cx, v);
    if (!is_done) {
        buf_free(&out);
        return VALUE_ERROR;
    }
    buf_add_byte(&out, '}');
    ObjStr *text = str_from_buf(cx, &out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* Adds what dict(...) and d.update(...) were given. */
static bool fill(Context *cx, ObjDict *dict, const char *name, const Value *args,
                 int n_args, Value kwargs) {
    return construct_check_count(cx, name, n_args, 0, 1) &&
           (n_args == 0 || dict_update(cx, dict, args[0])) &&
           (!construct_has_kwargs(kwargs) ||
            dict_update_by_dict(cx, dict, AS_DICT(kwargs)));
}

static Value dict_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                            Value kwargs) {
    ObjDict *dict = dict_new_of(cx, type);
    if (dict == NULL) {
        return VALUE_ERROR;
    }
    if (!construct_is_bare(cx, type) && !fill(cx, dict, "dict", args, n_args, kwargs)) {
        return VALUE_ERROR;
    }
    return OBJ_VALUE(dict);
}

/* Methods */

NATIVE(dict_method_update, "update(self, /, *args, **kwargs)",
       "Set the items of a mapping, of pairs, and of the keyword arguments.") {
    return fill(cx, AS_DICT(args[0]), "update", args + 1, n_args - 1, args[-1])
               ? VALUE_NONE
               : VALUE_ERROR;
}

NATIVE(dict_method_clear, "clear(self, /)", "Remove all items.") {
    dict_clear(cx, AS_DICT(args[0]));
    return VALUE_NONE;
}

NATIVE(dict_method_copy, "copy(self, /)", "Return a dict with the same items.") {
    ObjDict *copy = dict_copy(cx, AS_DICT(args[0]));
    return copy == NULL ? VALUE_ERROR : OBJ_VALUE(copy);
}

NATIVE(dict_method_get, "get(self, key, default=None, /)",
       "Return the value of key if it is in the dict, else default.") {
    const Value value = dict_get(cx, AS_DICT(args[0]), args[1]);
    if (LIKELY(!IS_UNSET(value))) {
        return value;
    }
    return IS_UNSET(args[2]) ? VALUE_NONE : args[2];
}

NATIVE(dict_method_setdefault, "setdefault(self, key, default=None, /)",
       "Return the value of key; when key is not there store default first.") {
    return dict_setdefault(cx, AS_DICT(args[0]), args[1],
                           IS_UNSET(args[2]) ? VALUE_NONE : args[2]);
}

NATIVE(dict_pop, "pop(self, key, default=None, /)",
       "Remove key and return its value; default or KeyError when it is not there.") {
    Value value = VALUE_UNSET;
    const int is_removed = dict_delete(cx, AS_DICT(args[0]), args[1], &value);
    if (is_removed < 0) {
        return VALUE_ERROR;
    }
    if (is_removed == 0) {
        return IS_UNSET(args[2]) ? exc_raise_value(cx, EXC_KeyError, args[1]) : args[2];
    }
    return value;
}

NATIVE(dict_popitem, "popitem(self, /)",
       "Remove and return the pair that was set last.") {
    Value key = VALUE_UNSET;
    Value value = VALUE_UNSET;
    if (!dict_pop_last(cx, AS_DICT(args[0]), &key, &value)) {
        ObjStr *text = str_from_c(cx, "popitem(): dictionary is empty");
        return text == NULL ? VALUE_ERROR
                            : exc_raise_value(cx, EXC_KeyError, OBJ_VALUE(text));
    }
    return tuple_pack(cx, 2, key, value);
}

NATIVE(dict_method_keys, "keys(self, /)", "Return a view of the keys.") {
    return dict_keys(cx, AS_DICT(args[0]));
}

NATIVE(dict_method_values, "values(self, /)", "Return a view of the values.") {
    return dict_values(cx, AS_DICT(args[0]));
}

NATIVE(dict_method_items, "items(self, /)",
       "Return a view of the pairs of key and value.") {
    return dict_items(cx, AS_DICT(args[0]));
}

NATIVE(dict_reversed, "__reversed__(self, /)",
       "Return an iterator over the keys from the last to the first.") {
    return dict_iter_new(cx, AS_DICT(args[0]), DICT_VIEW_KEYS, true);
}

NATIVE(dict_fromkeys, "fromkeys(cls, iterable, value=None, /)",
       "Return a dict with the keys of an iterable and the same value for all.") {
    const Value value = IS_UNSET(args[2]) ? VALUE_NONE : args[2];
    const Value dict = type_call(cx, AS_TYPE(args[0]), NULL, 0, VALUE_UNSET);
    const Value iterator = IS_ERROR(dict) ? VALUE_ERROR : value_iter(cx, args[1]);
    if (IS_ERROR(iterator)) {
        return VALUE_ERROR;
    }
    for (;;) {
        const Value key = value_next(cx, iterator);
        if (key == VALUE_STOP) {
            return dict;
        }
        if (IS_ERROR(key) ||
            !(IS_EXACT(dict, KIND_DICT) ? dict_set(cx, AS_DICT(dict), key, value)
                                        : value_setitem(cx, dict, key, value))) {
            return VALUE_ERROR;
        }
    }
}

static const NativeDef dict_methods[] = {
    GENERIC_ENTRY,
    NATIVE_ENTRY(dict_method_clear),
    NATIVE_ENTRY(dict_method_copy),
    NATIVE_ENTRY_FLAGS(dict_fromkeys, NATIVE_CLASS),
    NATIVE_ENTRY(dict_method_get),
    NATIVE_ENTRY(dict_method_items),
    NATIVE_ENTRY(dict_method_keys),
    NATIVE_ENTRY(dict_pop),
    NATIVE_ENTRY(dict_popitem),
    NATIVE_ENTRY(dict_method_setdefault),
    NATIVE_ENTRY(dict_method_update),
    NATIVE_ENTRY(dict_method_values),
    NATIVE_ENTRY(dict_reversed),
    {0},
};

const KindOps kind_ops_ObjDict = {
    .trace = dict_trace,
    .repr = dict_repr,
    .compare = dict_compare,
    .binary = dict_binary,
    .inplace = dict_inplace,
    .length = dict_op_length,
    .getitem = dict_getitem,
    .setitem = dict_setitem,
    .contains = dict_contains,
    .iter = dict_iter,
    .construct = dict_construct,
    .methods = dict_methods,
    .doc =
        "dict(**kwargs)\ndict(mapping, /, **kwargs)\ndict(iterable, /, **kwargs)\n--\n\n"
        "Values by key, in the order in which the keys were first set.",
};
