/* eval_ops.c - the slow halves of instructions: names, operators, building, functions and classes, with. Those of
 * attributes are in eval_attr.c. */

#include "interp/eval_ops.h"

#include "interp/import.h"
#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "runtime/call.h"
#include "runtime/gc/finalize.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/coroutine.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/exception_fields.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/lock.h"
#include "runtime/objects/mapping_proxy.h"
#include "runtime/objects/metaclass.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str_format.h"

/* ---- Names ---- */

static const ObjCode *current_code(const Thread *th) {
    return frame_code(th->stack.base);
}

void eval_raise_unbound(Thread *th, unsigned local) {
    ObjStr *name = AS_STR(current_code(th)->local_names->items[local]);
    exc_raise(&th->cx, EXC_UnboundLocalError,
              "cannot access local variable '%.*s' where it is not associated with a value",
              (int)name->n_bytes, name->data);
}

/* Says in e.name which name is missing. */
static void remember_name(Thread *th, ObjStr *name) {
    if (exc_matches_kind(&th->cx, th->cx.pending, EXC_NameError)) {
        value_store(&AS_EXCEPTION(th->cx.pending)->value, OBJ_VALUE(name));
    }
}

void eval_raise_unbound_free(Thread *th, unsigned index) {
    ObjStr *name = AS_STR(current_code(th)->free_names->items[index]);
    exc_raise(&th->cx, EXC_NameError,
              "cannot access free variable '%.*s' where it is not associated with a value in "
              "enclosing scope",
              (int)name->n_bytes, name->data);
    remember_name(th, name);
}

/* The local variable `self`, or VALUE_UNSET. */
static Value current_self(const Thread *th) {
    const ObjTuple *names = current_code(th)->local_names;
    for (size_t i = 0; i < names->n; i++) {
        if (str_equals_c(AS_STR(names->items[i]), "self")) {
            const Value v = th->stack.base[i];
            return IS_KIND(v, KIND_CELL) ? value_load(&((ObjCell *)AS_OBJ(v))->value) : v;
        }
    }
    return VALUE_UNSET;
}

/* The names of local variables that have no value yet, which nobody meant; VALUE_UNSET: none. */
static Value unbound_names(Thread *th) {
    const ObjTuple *names = current_code(th)->local_names;
    ObjList *unbound = NULL;
    for (size_t i = 0; i < names->n; i++) {
        const Value v = th->stack.base[i];
        if (!IS_UNSET(IS_KIND(v, KIND_CELL) ? value_load(&((ObjCell *)AS_OBJ(v))->value) : v)) {
            continue;
        }
        unbound = unbound != NULL ? unbound : list_new(&th->cx, names->n);
        if (unbound == NULL || !list_append(&th->cx, unbound, names->items[i])) {
            return VALUE_ERROR;
        }
    }
    return unbound == NULL ? VALUE_UNSET : OBJ_VALUE(unbound);
}

static void raise_name_error(Thread *th, ObjStr *name) {
    const Value unbound = unbound_names(th);
    if (IS_ERROR(unbound)) {
        return;
    }
    exc_raise(&th->cx, EXC_NameError, "name '%.*s' is not defined", (int)name->n_bytes, name->data);
    remember_name(th, name);
    if (exc_matches_kind(&th->cx, th->cx.pending, EXC_NameError)) {
        ObjException *e = AS_EXCEPTION(th->cx.pending);
        value_store(&e->detail[NAME_ERROR_SELF], current_self(th));
        value_store(&e->detail[NAME_ERROR_UNBOUND], unbound);
    }
}

void eval_raise_no_global(Thread *th, uint32_t cell) {
    const ObjDictTable *table = dict_table(current_code(th)->module->cells);
    size_t position = 0;
    Value name;
    Value number;
    while (dict_table_next(table, &position, &name, &number)) {
        if (number == value_from_int(cell)) {
            raise_name_error(th, AS_STR(name));
            return;
        }
    }
}

/* A global of the running code, or a builtin; VALUE_UNSET when there is none. */
static Value find_global(Thread *th, ObjStr *name) {
    Context *cx = &th->cx;
    Value value = module_get(cx, current_code(th)->module, name);
    return IS_UNSET(value) ? module_get_builtin(cx, current_code(th)->module, name) : value;
}

Value eval_load_global_name(Thread *th, Value name) {
    Value value = find_global(th, AS_STR(name));
    if (IS_UNSET(value)) {
        raise_name_error(th, AS_STR(name));
        return VALUE_ERROR;
    }
    return value;
}

bool eval_delete_global_name(Thread *th, Value name) {
    ObjModule *module = current_code(th)->module;
    if (IS_UNSET(module_get(&th->cx, module, AS_STR(name)))) {
        raise_name_error(th, AS_STR(name));
        return false;
    }
    return module_set(&th->cx, module, AS_STR(name), VALUE_UNSET);
}

/* A name in the namespace of a class body, which may be any mapping. VALUE_UNSET: it is not there. */
static Value find_name(Context *cx, Value names, Value name) {
    if (LIKELY(IS_EXACT(names, KIND_DICT))) {
        return dict_get_str(AS_DICT(names), AS_STR(name));
    }
    if (IS_MAPPING_VIEW(names)) {
        return mapping_proxy_get(cx, names, name);
    }
    Value value = value_getitem(cx, names, name);
    return IS_ERROR(value) && exc_take_if(cx, EXC_KeyError) ? VALUE_UNSET : value;
}

Value eval_load_name(Thread *th, Value names, Value name) {
    Value value = find_name(&th->cx, names, name);
    if (IS_UNSET(value)) {
        value = find_global(th, AS_STR(name));
        if (IS_UNSET(value)) {
            raise_name_error(th, AS_STR(name));
            return VALUE_ERROR;
        }
    }
    return value;
}

bool eval_delete_name(Thread *th, Value names, Value name) {
    Context *cx = &th->cx;
    if (IS_EXACT(names, KIND_DICT)) {
        int removed = dict_delete_str(cx, AS_DICT(names), AS_STR(name));
        if (removed == 0) {
            raise_name_error(th, AS_STR(name));
        }
        return removed > 0;
    }
    if (value_delitem(cx, names, name)) {
        return true;
    }
    if (exc_take_if(cx, EXC_KeyError)) {
        raise_name_error(th, AS_STR(name));
    }
    return false;
}

Value eval_load_class_free(Thread *th, Value names, unsigned index, Value name) {
    Value value = find_name(&th->cx, names, name);
    if (IS_UNSET(value)) {
        value = value_load(&FRAME_FUNCTION(th->stack.base)->free[index]->value);
        if (IS_UNSET(value)) {
            eval_raise_unbound_free(th, index);
            return VALUE_ERROR;
        }
    }
    return value;
}

/* ---- Operators ---- */

static inline bool is_immediate_number(Value v) {
    return v >= VALUE_FLOAT_OFFSET;
}

static inline double immediate_to_double(Value v) {
    return IS_INT(v) ? (double)value_to_int(v) : value_to_double(v);
}

/* Operators on an int and a float, or on two floats that the loop leaves. VALUE_UNSET: not one of these cases. */
static inline Value binary_mixed(BinaryOp op, Value a, Value b) {
    double x = immediate_to_double(a);
    double y = immediate_to_double(b);
    switch (op) {
    case BINARY_ADD:
        return value_from_double(x + y);
    case BINARY_SUB:
        return value_from_double(x - y);
    case BINARY_MUL:
        return value_from_double(x * y);
    case BINARY_TRUEDIV:
        return y != 0.0 ? value_from_double(x / y) : VALUE_UNSET;
    default:
        return VALUE_UNSET;
    }
}

Value eval_binary(Context *cx, BinaryOp op, Value a, Value b) {
    if (BOTH_INT(a, b) && op != BINARY_MATMUL) {
        /* Small ints divide exactly as doubles: both fit into 53 bits. */
        Value result = op == BINARY_TRUEDIV ? binary_mixed(op, a, b) : VALUE_UNSET;
        return IS_UNSET(result) ? int_binary(cx, op, a, b) : result;
    }
    if (is_immediate_number(a) && is_immediate_number(b) && op <= BINARY_POW) {
        Value result = binary_mixed(op, a, b);
        return IS_UNSET(result) ? float_binary(cx, op, a, b) : result;
    }
    return value_binary(cx, op, a, b);
}

Value eval_inplace(Context *cx, BinaryOp op, Value a, Value b) {
    if (is_immediate_number(a) && is_immediate_number(b) && op <= BINARY_POW) {
        return eval_binary(cx, op, a, b);
    }
    return value_inplace(cx, op, a, b);
}

int eval_compare(Context *cx, CompareOp op, Value a, Value b) {
    if ((op == COMPARE_EQ || op == COMPARE_NE) && IS_EXACT(a, KIND_STR) && IS_EXACT(b, KIND_STR)) {
        return str_equals(AS_STR(a), AS_STR(b)) == (op == COMPARE_EQ);
    }
    Value result = value_compare(cx, op, a, b);
    if (IS_ERROR(result)) {
        return -1;
    }
    return value_is_true(cx, result);
}

/* ---- Taking apart and building ---- */

static bool fail_too_few(Context *cx, unsigned expected, unsigned got, bool at_least) {
    exc_raise(cx, EXC_ValueError, "not enough values to unpack (expected %s%u, got %u)",
              at_least ? "at least " : "", expected, got);
    return false;
}

static bool is_iterable(Context *cx, Value v) {
    if (!IS_OBJ(v)) {
        return false;
    }
    ObjType *type = type_of(cx, v);
    return kind_ops[AS_OBJ(v)->kind]->iter != NULL || !IS_UNSET(type_special(type, SPECIAL_iter)) ||
           !IS_UNSET(type_special(type, SPECIAL_getitem));
}

static Value unpack_iterator(Context *cx, Value source) {
    Value iterator = value_iter(cx, source);
    if (IS_ERROR(iterator) && exc_matches_kind(cx, cx->pending, EXC_TypeError) &&
        !is_iterable(cx, source)) {
        exc_take(cx);
        exc_raise(cx, EXC_TypeError, "cannot unpack non-iterable %s object",
                  type_name_of(cx, source));
    }
    return iterator;
}

bool eval_unpack(Thread *th, Value source, Value *targets, unsigned n) {
    Context *cx = &th->cx;
    Value iterator = unpack_iterator(cx, source);
    if (IS_ERROR(iterator)) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        Value item = value_next(cx, iterator);
        if (IS_ERROR(item)) {
            return false;
        }
        if (IS_STOP(item)) {
            return fail_too_few(cx, n, i, false);
        }
        targets[i] = item;
    }
    Value more = value_next(cx, iterator);
    if (IS_ERROR(more)) {
        return false;
    }
    if (!IS_STOP(more)) {
        exc_raise(cx, EXC_ValueError, "too many values to unpack (expected %u)", n);
        return false;
    }
    return true;
}

bool eval_unpack_star(Thread *th, Value source, Value *targets, unsigned n_before, unsigned n_after) {
    Context *cx = &th->cx;
    Value iterator = unpack_iterator(cx, source);
    if (IS_ERROR(iterator)) {
        return false;
    }
    Value all = list_from_iterable(cx, iterator);
    if (IS_ERROR(all)) {
        return false;
    }
    size_t n = list_length(AS_LIST(all));
    if (n < n_before + n_after) {
        return fail_too_few(cx, n_before + n_after, (unsigned)n, true);
    }
    const Value *items = AS_LIST(all)->items->items;
    size_t n_middle = n - n_before - n_after;
    Value middle = list_from(cx, items + n_before, n_middle);
    if (IS_ERROR(middle)) {
        return false;
    }
    memcpy(targets, items, n_before * sizeof(Value));
    targets[n_before] = middle;
    memcpy(targets + n_before + 1, items + n_before + n_middle, n_after * sizeof(Value));
    return true;
}

Value eval_build_set(Thread *th, const Value *items, unsigned n) {
    ObjSet *set = set_new(&th->cx, KIND_SET, n);
    if (set == NULL) {
        return VALUE_ERROR;
    }
    for (unsigned i = 0; i < n; i++) {
        if (!set_add(&th->cx, set, items[i])) {
            return VALUE_ERROR;
        }
    }
    return OBJ_VALUE(set);
}

Value eval_build_dict(Thread *th, const Value *pairs, unsigned n) {
    ObjDict *dict = dict_new(&th->cx, n);
    if (dict == NULL) {
        return VALUE_ERROR;
    }
    for (unsigned i = 0; i < n; i++) {
        if (!dict_set(&th->cx, dict, pairs[2 * i], pairs[2 * i + 1])) {
            return VALUE_ERROR;
        }
    }
    return OBJ_VALUE(dict);
}

static bool is_mapping(Context *cx, Value v) {
    if (IS_DICT(v)) {
        return true;
    }
    Value keys = value_getattr_or_unset(cx, v, context_name(cx, NAME_plain_keys));
    return !IS_UNSET(keys) && !IS_ERROR(keys);
}

bool eval_dict_update(Thread *th, ObjDict *dict, Value mapping) {
    Context *cx = &th->cx;
    if (!is_mapping(cx, mapping)) {
        exc_raise(cx, EXC_TypeError, "'%s' object is not a mapping", type_name_of(cx, mapping));
        return false;
    }
    return dict_update(cx, dict, mapping);
}

/* An attribute of callee that is a str, or NULL. */
static ObjStr *text_attribute(Context *cx, Value callee, NameId name) {
    Value value = value_getattr_or_unset(cx, callee, context_name(cx, name));
    if (IS_ERROR(value)) {
        exc_take(cx);
    }
    return IS_STR(value) ? AS_STR(value) : NULL;
}

/* "module.f()" for messages about the call of callee, in a str. */
static ObjStr *callee_name(Context *cx, Value callee) {
    ObjStr *name = text_attribute(cx, callee, NAME_qualname_);
    if (name == NULL) {
        Value text = IS_UNSET(cx->pending) ? value_str(cx, callee) : VALUE_ERROR;
        return IS_ERROR(text) ? NULL : AS_STR(text);
    }
    ObjStr *module = text_attribute(cx, callee, NAME_module_);
    if (module == NULL || str_equals_c(module, "builtins")) {
        return str_format_c(cx, "%.*s()", (int)name->n_bytes, name->data);
    }
    return str_format_c(cx, "%.*s.%.*s()", (int)module->n_bytes, module->data, (int)name->n_bytes,
                        name->data);
}

bool eval_list_extend(Thread *th, ObjList *list, Value iterable, Value callee) {
    Context *cx = &th->cx;
    if (list_extend(cx, list, iterable)) {
        return true;
    }
    if (!exc_matches_kind(cx, cx->pending, EXC_TypeError) || is_iterable(cx, iterable)) {
        return false;
    }
    exc_take(cx);
    ObjStr *name = IS_UNSET(callee) ? NULL : callee_name(cx, callee);
    if (name != NULL) {
        exc_raise(cx, EXC_TypeError, "%.*s argument after * must be an iterable, not %s",
                  (int)name->n_bytes, name->data, type_name_of(cx, iterable));
    } else if (IS_UNSET(cx->pending)) {
        exc_raise(cx, EXC_TypeError, "Value after * must be an iterable, not %s",
                  type_name_of(cx, iterable));
    }
    return false;
}

bool eval_dict_merge(Thread *th, ObjDict *dict, Value mapping, Value callee) {
    Context *cx = &th->cx;
    if (!is_mapping(cx, mapping)) {
        ObjStr *name = callee_name(cx, callee);
        if (name != NULL) {
            exc_raise(cx, EXC_TypeError, "%.*s argument after ** must be a mapping, not %s",
                      (int)name->n_bytes, name->data, type_name_of(cx, mapping));
        }
        return false;
    }
    ObjDict *source = IS_DICT(mapping) ? AS_DICT(mapping) : dict_new(cx, 0);
    if (source == NULL || (!IS_DICT(mapping) && !dict_update(cx, source, mapping))) {
        return false;
    }
    const ObjDictTable *table = dict_table(source);
    size_t position = 0;
    Value key;
    Value value;
    while (dict_table_next(table, &position, &key, &value)) {
        if (!IS_STR(key)) {
            exc_raise(cx, EXC_TypeError, "keywords must be strings");
            return false;
        }
        if (!IS_UNSET(dict_get_str(dict, AS_STR(key)))) {
            ObjStr *name = callee_name(cx, callee);
            if (name != NULL) {
                exc_raise(cx, EXC_TypeError,
                          "%.*s got multiple values for keyword argument '%.*s'",
                          (int)name->n_bytes, name->data, (int)AS_STR(key)->n_bytes,
                          AS_STR(key)->data);
            }
            return false;
        }
        if (!dict_set_str(cx, dict, AS_STR(key), value)) {
            return false;
        }
    }
    return true;
}

/* The repr with everything beyond ASCII as escapes. */
static Value ascii_repr(Context *cx, Value v) {
    Value repr = value_repr(cx, v);
    if (IS_ERROR(repr) || str_is_ascii(AS_STR(repr))) {
        return repr;
    }
    struct Buf text = {0};
    const char *at = AS_STR(repr)->data;
    const char *end = at + AS_STR(repr)->n_bytes;
    while (at < end) {
        size_t n_bytes;
        uint32_t c = utf8_decode(at, &n_bytes);
        at += n_bytes;
        if (c < 0x80) {
            buf_add_byte(&text, (char)c);
        } else {
            buf_add_format(&text, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
        }
    }
    ObjStr *result = str_from_buf(cx, &text);
    return result == NULL ? VALUE_ERROR : OBJ_VALUE(result);
}

Value eval_format(Thread *th, const Value *operands, unsigned conversion) {
    Context *cx = &th->cx;
    Value value = operands[0];
    switch (conversion & 3) {
    case 1:
        value = value_str(cx, value);
        break;
    case 2:
        value = value_repr(cx, value);
        break;
    case 3:
        value = ascii_repr(cx, value);
        break;
    default:
        break;
    }
    if (IS_ERROR(value)) {
        return value;
    }
    if (conversion & 4) {
        return format_value(cx, value, AS_STR(operands[1]));
    }
    if (IS_EXACT(value, KIND_STR)) {
        return value;
    }
    return format_value(cx, value, cx->rt->empty_str);
}

/* ---- Functions and classes ---- */

Value eval_make_function(Thread *th, ObjCode *code, const Value *parts, unsigned flags,
                         const uint32_t *captures) {
    ObjFunction *function = function_new(&th->cx, code);
    if (function == NULL) {
        return VALUE_ERROR;
    }
    if (flags & 1) {
        value_store(&function->defaults, parts[0]);
    }
    if (flags & 2) {
        value_store(&function->kwdefaults, parts[1]);
    }
    if (flags & 4) {
        value_store(&function->annotations, parts[2]);
    }
    Value *base = th->stack.base;
    for (uint32_t i = 0; i < code->n_free; i++) {
        uint32_t capture = captures[i];
        function->free[i] = (capture & 0x80000000u)
                                ? FRAME_FUNCTION(base)->free[capture & 0x7fffffffu]
                                : (ObjCell *)AS_OBJ(base[capture]);
    }
    return OBJ_VALUE(function);
}

Value eval_build_class(Thread *th, const Value *parts) {
    return metaclass_build(&th->cx, parts[0], AS_STR(parts[1]), AS_TUPLE(parts[2]), parts[3]);
}

Value eval_send(Thread *th, Value iterator, Value sent, Value *returned) {
    return awaitable_resume(&th->cx, iterator, sent, VALUE_UNSET, returned);
}

/* ---- with ---- */

/* Looks a special method of a context manager up; *state and *self as for a call. */
static bool find_manager_method(Context *cx, Value manager, SpecialId id, Value *function, Value *self) {
    Value found = type_special(type_of(cx, manager), id);
    if (IS_UNSET(found)) {
        return false;
    }
    *self = manager;
    *function = found;
    return true;
}

/* State VALUE_NONE in place of __exit__ stands for a lock that was taken without a call. */
static bool is_lock(Value v) {
    return IS_OBJ(v) && AS_OBJ(v)->kind >= KIND_LOCK && AS_OBJ(v)->kind <= KIND_CONDITION;
}

bool eval_with_enter(Thread *th, Value manager, Value *state, Value *result) {
    Context *cx = &th->cx;
    if (is_lock(manager) && lock_acquire_fast(cx, AS_OBJ(manager), th->stack.pc)) {
        state[0] = VALUE_NONE;
        state[1] = manager;
        *result = VALUE_TRUE;
        return true;
    }
    Value enter;
    Value self;
    if (!IS_OBJ(manager) || !find_manager_method(cx, manager, SPECIAL_enter, &enter, &self)) {
        exc_raise(cx, EXC_TypeError, "'%s' object does not support the context manager protocol",
                  type_name_of(cx, manager));
        return false;
    }
    if (!find_manager_method(cx, manager, SPECIAL_exit, &state[0], &state[1])) {
        exc_raise(cx, EXC_TypeError,
                  "'%s' object does not support the context manager protocol (missed __exit__ "
                  "method)",
                  type_name_of(cx, manager));
        return false;
    }
    Value entered = call_method(cx, enter, self, NULL, 0);
    if (IS_ERROR(entered)) {
        return false;
    }
    *result = entered;
    return true;
}

static Value call_exit(Context *cx, const Value *state, const Value *args) {
    Value exit = state[0];
    if (IS_NONE(exit)) {
        if (lock_release_fast(cx, AS_OBJ(state[1]))) {
            return VALUE_NONE;
        }
        exit = type_special(type_of(cx, state[1]), SPECIAL_exit);
    }
    return call_method(cx, exit, state[1], args, 3);
}

bool eval_with_exit(Thread *th, const Value *state) {
    static const Value nothing[3] = {VALUE_NONE, VALUE_NONE, VALUE_NONE};
    return !IS_ERROR(call_exit(&th->cx, state, nothing));
}

int eval_with_exit_exception(Thread *th, const Value *state, Value exception) {
    Context *cx = &th->cx;
    Value args[3] = {OBJ_VALUE(type_of(cx, exception)), exception,
                     value_load(&AS_EXCEPTION(exception)->traceback)};
    Value result = call_exit(cx, state, args);
    return IS_ERROR(result) ? -1 : value_is_true(cx, result);
}

/* ---- Objects with __del__ ---- */

/* stale is a word on the C stack that may hold an old result, which would be kept alive by it. */
void eval_settle(Thread *th, unsigned first_dead, Value *stale) {
    *stale = VALUE_UNSET;
    Value *base = th->stack.base;
    stack_clear_from(base, base + first_dead);
    finalize_settle(&th->cx);
}

/* ---- Modules ---- */

Value eval_import(Thread *th, ObjStr *name, unsigned level, bool wants_last) {
    return import_statement(th, current_code(th)->module, name, level, wants_last);
}

Value eval_import_from(Thread *th, Value module, ObjStr *name) {
    return import_from(th, module, name);
}

bool eval_import_star(Thread *th, Value module, Value names) {
    return import_star(th, IS_UNSET(names) ? OBJ_VALUE(current_code(th)->module) : names, module);
}
