/* mod_operator.c - the module _operator: the operators as functions, and the callables
 * itemgetter, attrgetter and methodcaller. */

#include "runtime/base/buf.h"
#include "runtime/call.h"
#include "runtime/gc/mark.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/dict_table.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/str_build.h"

/* Functions of two operands */

#define BINARY_FUNCTION(name, OP, text)                                   \
    NATIVE(operator_##name, #name "(a, b, /)", "Same as a " text " b.") { \
        return value_binary(cx, BINARY_##OP, args[0], args[1]);           \
    }
#define INPLACE_FUNCTION(name, OP, text)                                   \
    NATIVE(operator_##name, #name "(a, b, /)", "Same as a " text "= b.") { \
        return value_inplace(cx, BINARY_##OP, args[0], args[1]);           \
    }
#define COMPARE_FUNCTION(name, OP, text)                                  \
    NATIVE(operator_##name, #name "(a, b, /)", "Same as a " text " b.") { \
        return value_compare(cx, COMPARE_##OP, args[0], args[1]);         \
    }
#define UNARY_FUNCTION(name, OP, text)                              \
    NATIVE(operator_##name, #name "(a, /)", "Same as " text "a.") { \
        return value_unary(cx, UNARY_##OP, args[0]);                \
    }

/* FUNCTION(kind of function, name, operation, sign) */
#define OPERATORS(FUNCTION)                      \
    FUNCTION(BINARY, add, ADD, "+")              \
    FUNCTION(BINARY, sub, SUB, "-")              \
    FUNCTION(BINARY, mul, MUL, "*")              \
    FUNCTION(BINARY, truediv, TRUEDIV, "/")      \
    FUNCTION(BINARY, floordiv, FLOORDIV, "//")   \
    FUNCTION(BINARY, mod, MOD, "%")              \
    FUNCTION(BINARY, pow, POW, "**")             \
    FUNCTION(BINARY, lshift, LSHIFT, "<<")       \
    FUNCTION(BINARY, rshift, RSHIFT, ">>")       \
    FUNCTION(BINARY, and_, AND, "&")             \
    FUNCTION(BINARY, or_, OR, "|")               \
    FUNCTION(BINARY, xor, XOR, "^")              \
    FUNCTION(BINARY, matmul, MATMUL, "@")        \
    FUNCTION(INPLACE, iadd, ADD, "+")            \
    FUNCTION(INPLACE, isub, SUB, "-")            \
    FUNCTION(INPLACE, imul, MUL, "*")            \
    FUNCTION(INPLACE, itruediv, TRUEDIV, "/")    \
    FUNCTION(INPLACE, ifloordiv, FLOORDIV, "//") \
    FUNCTION(INPLACE, imod, MOD, "%")            \
    FUNCTION(INPLACE, ipow, POW, "**")           \
    FUNCTION(INPLACE, ilshift, LSHIFT, "<<")     \
    FUNCTION(INPLACE, irshift, RSHIFT, ">>")     \
    FUNCTION(INPLACE, iand, AND, "&")            \
    FUNCTION(INPLACE, ior, OR, "|")              \
    FUNCTION(INPLACE, ixor, XOR, "^")            \
    FUNCTION(INPLACE, imatmul, MATMUL, "@")      \
    FUNCTION(COMPARE, lt, LT, "<")               \
    FUNCTION(COMPARE, le, LE, "<=")              \
    FUNCTION(COMPARE, eq, EQ, "==")              \
    FUNCTION(COMPARE, ne, NE, "!=")              \
    FUNCTION(COMPARE, gt, GT, ">")               \
    FUNCTION(COMPARE, ge, GE, ">=")              \
    FUNCTION(UNARY, neg, NEG, "-")               \
    FUNCTION(UNARY, pos, POS, "+")               \
    FUNCTION(UNARY, inv, INVERT, "~")            \
    FUNCTION(UNARY, invert, INVERT, "~")         \
    FUNCTION(UNARY, abs, ABS, "absolute value of ")

#define DEFINE(kind, name, OP, text) kind##_FUNCTION(name, OP, text)
OPERATORS(DEFINE)

/* Truth and identity */

NATIVE(operator_truth, "truth(a, /)", "Return True if a is true, False otherwise.") {
    const int is_true = value_is_true(cx, args[0]);
    return is_true < 0 ? VALUE_ERROR : BOOL_VALUE(is_true);
}

NATIVE(operator_not_, "not_(a, /)", "Same as not a.") {
    const int is_true = value_is_true(cx, args[0]);
    return is_true < 0 ? VALUE_ERROR : BOOL_VALUE(!is_true);
}

NATIVE(operator_is_, "is_(a, b, /)", "Same as a is b.") {
    return BOOL_VALUE(args[0] == args[1]);
}

NATIVE(operator_is_not, "is_not(a, b, /)", "Same as a is not b.") {
    return BOOL_VALUE(args[0] != args[1]);
}

/* Sequences and mappings */

NATIVE(operator_index, "index(a, /)", "Same as a.__index__()") {
    const Value index = int_index(cx, args[0]);
    return IS_ERROR(index) ? VALUE_ERROR : int_exact(cx, index);
}

static bool check_sequence(Context *cx, Value v) {
    const ObjType *type = type_of(cx, v);
    const bool is_sequence = kind_ops[value_kind(v)]->getitem != NULL &&
                             value_kind(v) != KIND_DICT && value_kind(v) != KIND_TYPE;
    if (is_sequence || !IS_UNSET(type_special(type, SPECIAL_getitem))) {
        return true;
    }
    exc_raise(cx, EXC_TypeError, "'%s' object can't be concatenated",
              type_name_of(cx, v));
    return false;
}

NATIVE(operator_concat, "concat(a, b, /)", "Same as a + b, for a and b sequences.") {
    return check_sequence(cx, args[0]) ? value_binary(cx, BINARY_ADD, args[0], args[1])
                                       : VALUE_ERROR;
}

NATIVE(operator_iconcat, "iconcat(a, b, /)", "Same as a += b, for a and b sequences.") {
    return check_sequence(cx, args[0]) ? value_inplace(cx, BINARY_ADD, args[0], args[1])
                                       : VALUE_ERROR;
}

NATIVE(operator_contains, "contains(a, b, /)",
       "Same as b in a (note reversed operands).") {
    const int is_there = value_contains(cx, args[0], args[1]);
    return is_there < 0 ? VALUE_ERROR : BOOL_VALUE(is_there);
}

NATIVE(operator_getitem, "getitem(a, b, /)", "Same as a[b].") {
    return value_getitem(cx, args[0], args[1]);
}

NATIVE(operator_setitem, "setitem(a, b, c, /)", "Same as a[b] = c.") {
    return value_setitem(cx, args[0], args[1], args[2]) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(operator_delitem, "delitem(a, b, /)", "Same as del a[b].") {
    return value_delitem(cx, args[0], args[1]) ? VALUE_NONE : VALUE_ERROR;
}

/* Goes through an iterable up to the first equal item (or all of it): its number, -1: none,
 * -2: exception; *count is how many were equal. */
static int64_t search(Context *cx, Value iterable, Value value, bool is_first,
                      int64_t *count) {
    const Value iterator = value_iter_to_search(cx, iterable);
    *count = 0;
    if (IS_ERROR(iterator)) {
        return -2;
    }
    for (int64_t i = 0;; i++) {
        const Value item = iter_step(cx, iterator);
        if (item == VALUE_STOP || IS_ERROR(item)) {
            return IS_ERROR(item) ? -2 : -1;
        }
        const int is_equal = seq_item_equals(cx, item, value);
        if (is_equal < 0) {
            return -2;
        }
        *count += is_equal;
        if (is_equal && is_first) {
            return i;
        }
    }
}

NATIVE(operator_indexOf, "indexOf(a, b, /)", "Return the first index of b in a.") {
    int64_t count;
    const int64_t i = search(cx, args[0], args[1], true, &count);
    return i >= 0 ? value_from_int(i)
           : i == -1
               ? exc_raise(cx, EXC_ValueError, "sequence.index(x): x not in sequence")
               : VALUE_ERROR;
}

NATIVE(operator_countOf, "countOf(a, b, /)",
       "Return the number of items in a which are, or which equal, b.") {
    int64_t count;
    return search(cx, args[0], args[1], false, &count) == -2 ? VALUE_ERROR
                                                             : value_from_int(count);
}

NATIVE(operator_length_hint, "length_hint(obj, default=0, /)",
       "Return an estimate of the number of items in obj.") {
    if (!IS_UNSET(args[1]) && !IS_INT_LIKE(args[1])) {
        return exc_raise(cx, EXC_TypeError,
                         "'%s' object cannot be interpreted as an integer",
                         type_name_of(cx, args[1]));
    }
    const int64_t n = value_length_hint(cx, args[0], -2);
    return n >= 0     ? int_from_i64(cx, n)
           : n == -1  ? VALUE_ERROR
           : IS_UNSET(args[1]) ? value_from_int(0)
                               : args[1];
}

NATIVE(operator_call, "call(obj, /, *args, **kwargs)", "Same as obj(*args, **kwargs).") {
    return call_value_kw(cx, args[0], args + 1, n_args - 1, args[-1]);
}

/* itemgetter, attrgetter, methodcaller share a layout: names is a tuple of what is fetched
 * (attrgetter: of a tuple of names for each), of methodcaller the arguments. */

typedef struct ObjGetter {
    Obj header;
    Value names;    /* [const] a tuple */
    Value given;    /* [const] a tuple: as it was given, for repr */
    Value keywords; /* [const] of methodcaller: a dict or VALUE_UNSET */
    ObjStr *method; /* [const] of methodcaller */
} ObjGetter;

#define AS_GETTER(v) ((ObjGetter *)AS_OBJ(v))

static ObjGetter *getter_new(Context *cx, ObjKind kind, const Value *args, int n_args) {
    ObjGetter *getter = (ObjGetter *)heap_alloc(cx, sizeof(ObjGetter), kind, kind);
    const Value given = getter == NULL
                            ? VALUE_ERROR
                            : tuple_from(cx, args, n_args < 0 ? 0 : (size_t)n_args);
    if (IS_ERROR(given)) {
        return NULL;
    }
    getter->given = given;
    getter->names = given;
    return getter;
}

static void getter_trace(GcMarker *m, Obj *o) {
    const ObjGetter *getter = (const ObjGetter *)o;
    gc_mark_value(m, getter->names);
    gc_mark_value(m, getter->given);
    gc_mark_value(m, getter->keywords);
    gc_mark_obj(m, getter->method);
}

static Value getter_construct(Context *cx, ObjKind kind, const char *name,
                              const Value *args, int n_args, Value kwargs) {
    if (construct_has_kwargs(kwargs)) {
        return exc_raise(cx, EXC_TypeError, "%s() takes no keyword arguments", name);
    }
    if (n_args < 1) {
        return exc_raise(cx, EXC_TypeError, "%s expected 1 argument, got 0", name);
    }
    ObjGetter *getter = getter_new(cx, kind, args, n_args);
    return getter == NULL ? VALUE_ERROR : OBJ_VALUE(getter);
}

/* What fetch gives for each name: the only one itself, or a tuple. */
static Value fetch_all(Context *cx, const ObjGetter *getter, Value v,
                       Value (*fetch)(Context *cx, Value v, Value name)) {
    const ObjTuple *names = AS_TUPLE(getter->names);
    if (names->n == 1) {
        return fetch(cx, v, names->items[0]);
    }
    ObjTuple *all = tuple_new(cx, names->n);
    for (size_t i = 0; all != NULL && i < names->n; i++) {
        const Value item = fetch(cx, v, names->items[i]);
        if (IS_ERROR(item)) {
            return VALUE_ERROR;
        }
        all->items[i] = item;
    }
    return all == NULL ? VALUE_ERROR : OBJ_VALUE(all);
}

static bool getter_write(Context *cx, Buf *out, const ObjGetter *getter) {
    const ObjTuple *given = AS_TUPLE(getter->given);
    for (size_t i = 0; i < given->n; i++) {
        buf_add_text(out, i == 0 ? "" : ", ");
        if (!str_build_add_repr(cx, out, given->items[i])) {
            return false;
        }
    }
    if (IS_UNSET(getter->keywords)) {
        return true;
    }
    size_t position = 0;
    Value key;
    Value value;
    const ObjDictTable *table = dict_table(AS_DICT(getter->keywords));
    while (dict_table_next(table, &position, &key, &value)) {
        buf_add_format(out, ", %.*s=", (int)AS_STR(key)->n_bytes, AS_STR(key)->data);
        if (!str_build_add_repr(cx, out, value)) {
            return false;
        }
    }
    return true;
}

static Value getter_repr(Context *cx, Value v) {
    const int is_inside = value_repr_enter(cx, v);
    if (is_inside < 0) {
        return VALUE_ERROR;
    }
    Buf out = {0};
    buf_add_format(&out, "%s(", type_name_of(cx, v));
    bool is_ok = true;
    if (is_inside > 0) {
        buf_add_text(&out, "...");
    } else {
        is_ok = getter_write(cx, &out, AS_GETTER(v));
        value_repr_leave(cx, v);
    }
    buf_add_byte(&out, ')');
    if (!is_ok) {
        buf_free(&out);
        return VALUE_ERROR;
    }
    ObjStr *text = str_from_buf(cx, &out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

NATIVE(getter_reduce, "__reduce__(self, /)", "Return what pickle and copy need.") {
    const Value all[] = {OBJ_VALUE(type_of(cx, args[0])), AS_GETTER(args[0])->given};
    return tuple_from(cx, all, 2);
}

NATIVE(itemgetter_call, "__call__(self, obj, /)", "Call self as a function.") {
    return fetch_all(cx, AS_GETTER(args[0]), args[1], value_getitem);
}

static Value itemgetter_construct(Context *cx, ObjType *type, const Value *args,
                                  int n_args, Value kwargs) {
    (void)type;
    return getter_construct(cx, KIND_ITEMGETTER, "itemgetter", args, n_args, kwargs);
}

static const NativeDef itemgetter_methods[] = {
    NATIVE_ENTRY(itemgetter_call),
    NATIVE_ENTRY(getter_reduce),
    {0},
};

const KindOps kind_ops_ObjItemgetter = {
    .trace = getter_trace,
    .repr = getter_repr,
    .construct = itemgetter_construct,
    .methods = itemgetter_methods,
    .doc = "itemgetter(item, /, *items)\n--\n\nReturn a callable object that fetches the "
           "given "
           "item(s) from its operand.",
};

static Value fetch_path(Context *cx, Value v, Value path) {
    const ObjTuple *names = AS_TUPLE(path);
    for (size_t i = 0; i < names->n && !IS_ERROR(v); i++) {
        v = value_getattr(cx, v, AS_STR(names->items[i]));
    }
    return v;
}

/* "a.b" as a tuple of interned names. */
static Value path_of(Context *cx, ObjStr *text) {
    size_t n = 1;
    for (size_t i = 0; i < text->n_bytes; i++) {
        n += text->data[i] == '.';
    }
    ObjTuple *path = tuple_new(cx, n);
    size_t from = 0;
    for (size_t i = 0; path != NULL && i < n; i++) {
        size_t to = from;
        while (to < text->n_bytes && text->data[to] != '.') {
            to++;
        }
        ObjStr *name = str_intern(cx, text->data + from, to - from);
        if (name == NULL) {
            return VALUE_ERROR;
        }
        path->items[i] = OBJ_VALUE(name);
        from = to + 1;
    }
    return path == NULL ? VALUE_ERROR : OBJ_VALUE(path);
}

static Value attrgetter_construct(Context *cx, ObjType *type, const Value *args,
                                  int n_args, Value kwargs) {
    (void)type;
    const Value v =
        getter_construct(cx, KIND_ATTRGETTER, "attrgetter", args, n_args, kwargs);
    ObjTuple *paths = IS_ERROR(v) ? NULL : tuple_new(cx, (size_t)n_args);
    if (paths == NULL) {
        return VALUE_ERROR;
    }
    for (int i = 0; i < n_args; i++) {
        if (!IS_STR(args[i])) {
            return exc_raise(cx, EXC_TypeError, "attribute name must be a string");
        }
        const Value path = path_of(cx, AS_STR(args[i]));
        if (IS_ERROR(path)) {
            return VALUE_ERROR;
        }
        paths->items[i] = path;
    }
    AS_GETTER(v)->names = OBJ_VALUE(paths);
    return v;
}

NATIVE(attrgetter_call, "__call__(self, obj, /)", "Call self as a function.") {
    return fetch_all(cx, AS_GETTER(args[0]), args[1], fetch_path);
}

static const NativeDef attrgetter_methods[] = {
    NATIVE_ENTRY(attrgetter_call),
    NATIVE_ENTRY(getter_reduce),
    {0},
};

const KindOps kind_ops_ObjAttrgetter = {
    .trace = getter_trace,
    .repr = getter_repr,
    .construct = attrgetter_construct,
    .methods = attrgetter_methods,
    .doc = "attrgetter(attr, /, *attrs)\n--\n\nReturn a callable object that fetches the "
           "given "
           "attribute(s) from its operand.",
};

static Value methodcaller_construct(Context *cx, ObjType *type, const Value *args,
                                    int n_args, Value kwargs) {
    (void)type;
    if (n_args < 1) {
        return exc_raise(cx, EXC_TypeError,
                         "methodcaller needs at least one argument, the method name");
    }
    if (!IS_STR(args[0])) {
        return exc_raise(cx, EXC_TypeError, "method name must be a string");
    }
    ObjGetter *getter = getter_new(cx, KIND_METHODCALLER, args, n_args);
    const Value names =
        getter == NULL ? VALUE_ERROR : tuple_from(cx, args + 1, (size_t)n_args - 1);
    ObjStr *method = IS_ERROR(names) ? NULL : str_intern_obj(cx, AS_STR(args[0]));
    ObjDict *keywords = method != NULL && construct_has_kwargs(kwargs)
                            ? dict_copy(cx, AS_DICT(kwargs))
                            : NULL;
    if (method == NULL || (keywords == NULL && construct_has_kwargs(kwargs))) {
        return VALUE_ERROR;
    }
    getter->names = names;
    getter->method = method;
    getter->keywords = keywords == NULL ? VALUE_UNSET : OBJ_VALUE(keywords);
    return OBJ_VALUE(getter);
}

NATIVE(methodcaller_call, "__call__(self, obj, /)", "Call self as a function.") {
    const ObjGetter *getter = AS_GETTER(args[0]);
    const ObjTuple *rest = AS_TUPLE(getter->names);
    Value self;
    const Value method = value_getmethod(cx, args[1], getter->method, &self);
    if (IS_ERROR(method)) {
        return VALUE_ERROR;
    }
    if (IS_UNSET(self)) {
        return call_value_kw(cx, method, rest->items, (int)rest->n, getter->keywords);
    }
    if (IS_UNSET(getter->keywords)) {
        return call_method(cx, method, self, rest->items, (int)rest->n);
    }
    ObjTuple *all = tuple_new(cx, rest->n + 1);
    if (all == NULL) {
        return VALUE_ERROR;
    }
    all->items[0] = self;
    memcpy(all->items + 1, rest->items, rest->n * sizeof(Value));
    return call_value_kw(cx, method, all->items, (int)all->n, getter->keywords);
}

NATIVE(methodcaller_reduce, "__reduce__(self, /)", "Return what pickle and copy need.") {
    const ObjGetter *getter = AS_GETTER(args[0]);
    if (IS_UNSET(getter->keywords)) {
        return getter_reduce(cx, args, n_args);
    }
    const Value parts[] = {OBJ_VALUE(type_of(cx, args[0])), getter->given, getter->keywords};
    return module_import_call(cx, "operator", "_reduce_methodcaller", parts, 3);
}

static const NativeDef methodcaller_methods[] = {
    NATIVE_ENTRY(methodcaller_call),
    NATIVE_ENTRY(methodcaller_reduce),
    {0},
};

const KindOps kind_ops_ObjMethodcaller = {
    .trace = getter_trace,
    .repr = getter_repr,
    .construct = methodcaller_construct,
    .methods = methodcaller_methods,
    .doc = "methodcaller(name, /, *args, **kwargs)\n--\n\nReturn a callable object that "
           "calls "
           "the given method on its operand.",
};

/* The module */

#define ENTRY(kind, name, OP, text) NATIVE_ENTRY(operator_##name),

static const NativeDef functions[] = {
    OPERATORS(ENTRY) NATIVE_ENTRY(operator_truth),
    NATIVE_ENTRY(operator_not_),
    NATIVE_ENTRY(operator_is_),
    NATIVE_ENTRY(operator_is_not),
    NATIVE_ENTRY(operator_index),
    NATIVE_ENTRY(operator_concat),
    NATIVE_ENTRY(operator_iconcat),
    NATIVE_ENTRY(operator_contains),
    NATIVE_ENTRY(operator_getitem),
    NATIVE_ENTRY(operator_setitem),
    NATIVE_ENTRY(operator_delitem),
    NATIVE_ENTRY(operator_indexOf),
    NATIVE_ENTRY(operator_countOf),
    NATIVE_ENTRY(operator_length_hint),
    NATIVE_ENTRY(operator_call),
    {0},
};

bool mod_operator_open(Context *cx, ObjModule *module) {
    return module_add_type(cx, module, KIND_ITEMGETTER, "operator") &&
           module_add_type(cx, module, KIND_ATTRGETTER, "operator") &&
           module_add_type(cx, module, KIND_METHODCALLER, "operator") &&
           module_add_natives(cx, module, functions);
}
