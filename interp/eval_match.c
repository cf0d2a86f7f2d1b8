/* eval_match.c - the slow halves of the instructions for patterns. */

#include "interp/eval_ops.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/module.h"
#include "runtime/objects/set.h"

/* 1, 0, -1: isinstance(v, class), which a metaclass may answer. */
static int is_instance(Context *cx, Value v, Value class) {
    if (value_is_instance(cx, v, AS_TYPE(class))) {
        return 1;
    }
    if (type_of(cx, class) == cx->rt->types[KIND_TYPE]) {
        return 0;
    }
    const Value function =
        module_get(cx, cx->rt->builtins, context_name(cx, NAME_plain_isinstance));
    const Value args[] = {v, class};
    const Value answer =
        IS_UNSET(function) ? VALUE_FALSE : call_value(cx, function, args, 2);
    return IS_ERROR(answer) ? -1 : value_is_true(cx, answer);
}

/* 1, 0, -1: v is an instance of an abstract class of collections.abc. While nobody imported the
 * module no class can derive from what is in it. */
static int is_abstract_instance(Context *cx, Value v, const char *name) {
    ObjStr *module_name = str_intern(cx, "collections.abc", 15);
    ObjStr *class_name = str_intern(cx, name, strlen(name));
    if (module_name == NULL || class_name == NULL) {
        return -1;
    }
    const Value module = dict_get_str(cx->rt->modules, module_name);
    if (IS_UNSET(module)) {
        return 0;
    }
    const Value class = value_getattr_or_unset(cx, module, class_name);
    return IS_ERROR(class) ? -1 : IS_TYPE(class) ? is_instance(cx, v, class) : 0;
}

static int is_sequence(Context *cx, Value v) {
    switch (value_kind(v)) {
    case KIND_LIST:
    case KIND_TUPLE:
    case KIND_DEQUE:
    case KIND_MEMORYVIEW:
    case KIND_TYPED_ARRAY:
    case KIND_RANGE: return 1;
    case KIND_INSTANCE: return is_abstract_instance(cx, v, "Sequence");
    default: return 0;
    }
}

static int is_mapping(Context *cx, Value v) {
    switch (value_kind(v)) {
    case KIND_DICT:
    case KIND_NAMESPACE:
    case KIND_MAPPINGPROXY: return 1;
    case KIND_INSTANCE: return is_abstract_instance(cx, v, "Mapping");
    default: return 0;
    }
}

Value eval_match_sequence(Thread *th, Value subject, uint32_t n, bool or_more) {
    Context *cx = &th->cx;
    const int fits = is_sequence(cx, subject);
    if (fits <= 0) {
        return fits < 0 ? VALUE_ERROR : VALUE_FALSE;
    }
    if (or_more && n == 0) {
        return VALUE_TRUE;
    }
    const int64_t length = value_length(cx, subject);
    return length < 0 ? VALUE_ERROR : BOOL_VALUE(length == n || (or_more && length > n));
}

Value eval_match_mapping(Thread *th, Value subject, uint32_t n) {
    Context *cx = &th->cx;
    const int fits = is_mapping(cx, subject);
    if (fits <= 0) {
        return fits < 0 ? VALUE_ERROR : VALUE_FALSE;
    }
    if (n == 0) {
        return VALUE_TRUE;
    }
    const int64_t length = value_length(cx, subject);
    return length < 0 ? VALUE_ERROR : BOOL_VALUE(length >= n);
}

/* ---- Keys ---- */

/* What the mapping has for the key, VALUE_UNSET: nothing. `absent` is what its get() is to
 * return then. */
static Value get_key(Context *cx, Value mapping, Value key, Value get, Value absent) {
    if (IS_UNSET(get)) {
        return dict_get(cx, AS_DICT(mapping), key);
    }
    const Value args[] = {key, absent};
    const Value v = call_value(cx, get, args, 2);
    return v == absent ? VALUE_UNSET : v;
}

/* Keys that are equal only at run time (two names of one constant) are an error, too. */
static bool check_duplicate(Context *cx, ObjSet *seen, Value key) {
    const int is_there = set_contains(cx, seen, key);
    if (is_there > 0) {
        const Value repr = value_repr(cx, key);
        if (!IS_ERROR(repr)) {
            exc_raise(cx, EXC_ValueError, "mapping pattern checks duplicate key (%s)",
                      AS_STR(repr)->data);
        }
        return false;
    }
    return is_there == 0 && set_add(cx, seen, key);
}

Value eval_match_keys(Thread *th, Value *window, Value subject, unsigned n) {
    Context *cx = &th->cx;
    Value get = VALUE_UNSET;
    Value absent = VALUE_UNSET;
    if (!IS_EXACT(subject, KIND_DICT)) {
        get = value_getattr(cx, subject, context_name(cx, NAME_plain_get));
        ObjList *mark = list_new(cx, 0);
        if (IS_ERROR(get) || mark == NULL) {
            return VALUE_ERROR;
        }
        absent = OBJ_VALUE(mark);
    }
    ObjSet *seen = n > 1 ? set_new(cx, KIND_SET, n) : NULL;
    if (n > 1 && seen == NULL) {
        return VALUE_ERROR;
    }
    for (unsigned i = 0; i < n; i++) {
        const Value key = window[1 + i];
        if (seen != NULL && !check_duplicate(cx, seen, key)) {
            return VALUE_ERROR;
        }
        const Value v = get_key(cx, subject, key, get, absent);
        if (IS_ERROR(v) || IS_UNSET(v)) {
            return IS_ERROR(v) ? VALUE_ERROR : VALUE_FALSE;
        }
        window[1 + n + i] = v;
    }
    return VALUE_TRUE;
}

Value eval_match_rest(Thread *th, const Value *window, Value subject, unsigned n) {
    Context *cx = &th->cx;
    ObjDict *rest = dict_new(cx, 0);
    if (rest == NULL || !dict_update(cx, rest, subject)) {
        return VALUE_ERROR;
    }
    for (unsigned i = 0; i < n; i++) {
        if (dict_delete(cx, rest, window[1 + i], NULL) < 0) {
            return VALUE_ERROR;
        }
    }
    return OBJ_VALUE(rest);
}

/* ---- Classes ---- */

/* The built-in types whose one positional pattern is for the value itself. */
static bool matches_self(const ObjType *type) {
    switch (type->layout) {
    case KIND_BOOL:
    case KIND_BYTES:
    case KIND_DICT:
    case KIND_FLOAT:
    case KIND_FROZENSET:
    case KIND_INT:
    case KIND_LIST:
    case KIND_SET:
    case KIND_STR:
    case KIND_TUPLE: return true;
    default: return false;
    }
}

static Value fail_too_many(Context *cx, const ObjType *type, size_t n_allowed,
                           unsigned n) {
    return exc_raise(cx, EXC_TypeError,
                     "%s() accepts %zu positional sub-pattern%s (%u given)",
                     type_name_c(cx, type), n_allowed, n_allowed == 1 ? "" : "s", n);
}

/* One attribute; VALUE_UNSET when the subject does not have it. */
static Value get_attribute(Context *cx, const ObjType *type, Value subject, Value name,
                           ObjSet *seen) {
    const int is_there = set_contains(cx, seen, name);
    if (is_there > 0) {
        const Value repr = value_repr(cx, name);
        return IS_ERROR(repr)
                   ? VALUE_ERROR
                   : exc_raise(cx, EXC_TypeError,
                               "%s() got multiple sub-patterns for attribute %s",
                               type_name_c(cx, type), AS_STR(repr)->data);
    }
    if (is_there < 0 || !set_add(cx, seen, name)) {
        return VALUE_ERROR;
    }
    return value_getattr_or_unset(cx, subject, AS_STR(name));
}

/* The attributes that __match_args__ names for the n positional patterns: True, or False when
 * one is missing. */
static Value match_positional(Context *cx, ObjType *type, Value subject, Value *window,
                              unsigned n, ObjSet *seen) {
    const Value names =
        value_getattr_or_unset(cx, OBJ_VALUE(type), context_name(cx, NAME_match_args_));
    if (IS_ERROR(names)) {
        return VALUE_ERROR;
    }
    if (IS_UNSET(names)) {
        if (!matches_self(type) || n > 1) {
            return fail_too_many(cx, type, matches_self(type) ? 1 : 0, n);
        }
        window[1] = subject;
        return VALUE_TRUE;
    }
    if (!IS_TUPLE(names)) {
        return exc_raise(cx, EXC_TypeError, "%s.__match_args__ must be a tuple (got %s)",
                         type_name_c(cx, type), type_name_of(cx, names));
    }
    if (AS_TUPLE(names)->n < n) {
        return fail_too_many(cx, type, AS_TUPLE(names)->n, n);
    }
    for (unsigned i = 0; i < n; i++) {
        const Value name = AS_TUPLE(names)->items[i];
        if (!IS_STR(name)) {
            return exc_raise(cx, EXC_TypeError,
                             "__match_args__ elements must be strings (got %s)",
                             type_name_of(cx, name));
        }
        const Value v = get_attribute(cx, type, subject, name, seen);
        if (IS_ERROR(v) || IS_UNSET(v)) {
            return IS_ERROR(v) ? VALUE_ERROR : VALUE_FALSE;
        }
        window[1 + i] = v;
    }
    return VALUE_TRUE;
}

Value eval_match_class(Thread *th, Value *window, Value subject, unsigned n,
                       ObjTuple *names) {
    Context *cx = &th->cx;
    if (!IS_TYPE(window[0])) {
        return exc_raise(cx, EXC_TypeError, "called match pattern must be a class");
    }
    ObjType *type = AS_TYPE(window[0]);
    const int fits = is_instance(cx, subject, window[0]);
    if (fits <= 0 || n + names->n == 0) {
        return fits < 0 ? VALUE_ERROR : BOOL_VALUE(fits > 0);
    }
    ObjSet *seen = set_new(cx, KIND_SET, n + names->n);
    if (seen == NULL) {
        return VALUE_ERROR;
    }
    if (n > 0) {
        const Value answer = match_positional(cx, type, subject, window, n, seen);
        if (answer != VALUE_TRUE) {
            return answer;
        }
    }
    for (size_t i = 0; i < names->n; i++) {
        const Value v = get_attribute(cx, type, subject, names->items[i], seen);
        if (IS_ERROR(v) || IS_UNSET(v)) {
            return IS_ERROR(v) ? VALUE_ERROR : VALUE_FALSE;
        }
        window[1 + n + i] = v;
    }
    return VALUE_TRUE;
}
