/* slot_wrappers.c - special methods of built-in types, made from KindOps.
 *
 * There is one C function per special method: it acts on whatever kind its self is laid
 * out as. The table at the end says for each special method which kinds have it.
 *
 * See also: object.c (what object itself has), type.c. */

#include "runtime/objects/slot_wrappers.h"

#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/exception_group.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native_errors.h"
#include "runtime/objects/set.h"
#include "runtime/objects/type_internal.h"

#define WRAPPER(name)                                      \
    static Value name(Context *cx __attribute__((unused)), \
                      Value *args __attribute__((unused)), \
                      int n_args __attribute__((unused)))

static const KindOps *ops_of(Value v) {
    return kind_ops[value_kind(v)];
}

/* Arithmetic */

static Value binary(Context *cx, BinaryOp op, Value self, Value a, Value b) {
    const KindOps *ops = ops_of(self);
    return ops->binary == NULL ? VALUE_NOT_IMPLEMENTED : ops->binary(cx, op, a, b);
}

static Value inplace(Context *cx, BinaryOp op, Value a, Value b) {
    const KindOps *ops = ops_of(a);
    return ops->inplace == NULL ? VALUE_NOT_IMPLEMENTED : ops->inplace(cx, op, a, b);
}

#define BINARY_WRAPPERS(name, OP)                         \
    WRAPPER(wrap_##name) {                                \
        return binary(cx, OP, args[0], args[0], args[1]); \
    }                                                     \
    WRAPPER(wrap_r##name) {                               \
        return binary(cx, OP, args[0], args[1], args[0]); \
    }                                                     \
    WRAPPER(wrap_i##name) {                               \
        return inplace(cx, OP, args[0], args[1]);         \
    }
BINARY_WRAPPERS(add, BINARY_ADD)
BINARY_WRAPPERS(sub, BINARY_SUB)
BINARY_WRAPPERS(truediv, BINARY_TRUEDIV)
BINARY_WRAPPERS(floordiv, BINARY_FLOORDIV)
BINARY_WRAPPERS(mod, BINARY_MOD)
BINARY_WRAPPERS(pow, BINARY_POW)
BINARY_WRAPPERS(lshift, BINARY_LSHIFT)
BINARY_WRAPPERS(rshift, BINARY_RSHIFT)
BINARY_WRAPPERS(and, BINARY_AND)
BINARY_WRAPPERS(or, BINARY_OR)
BINARY_WRAPPERS(xor, BINARY_XOR)

/* Repetition as a method takes nothing but an index; the operator asks the other side
 * first and words it otherwise. */
static bool can_multiply(Context *cx, Value self, Value by) {
    const bool is_number = IS_INT_LIKE(self) || IS_KIND(self, KIND_FLOAT) ||
                           IS_KIND(self, KIND_COMPLEX);
    return is_number || IS_FLOAT(self) || !IS_ERROR(int_index(cx, by));
}

WRAPPER(wrap_mul) {
    return can_multiply(cx, args[0], args[1])
               ? binary(cx, BINARY_MUL, args[0], args[0], args[1])
               : VALUE_ERROR;
}

WRAPPER(wrap_rmul) {
    return can_multiply(cx, args[0], args[1])
               ? binary(cx, BINARY_MUL, args[0], args[1], args[0])
               : VALUE_ERROR;
}

WRAPPER(wrap_imul) {
    return can_multiply(cx, args[0], args[1]) ? inplace(cx, BINARY_MUL, args[0], args[1])
                                              : VALUE_ERROR;
}

WRAPPER(wrap_divmod) {
    const Value quotient = binary(cx, BINARY_FLOORDIV, args[0], args[0], args[1]);
    if (IS_ERROR(quotient) || quotient == VALUE_NOT_IMPLEMENTED) {
        return quotient;
    }
    const Value rest = binary(cx, BINARY_MOD, args[0], args[0], args[1]);
    return IS_ERROR(rest) ? VALUE_ERROR : tuple_pack(cx, 2, quotient, rest);
}

WRAPPER(wrap_rdivmod) {
    const Value quotient = binary(cx, BINARY_FLOORDIV, args[0], args[1], args[0]);
    if (IS_ERROR(quotient) || quotient == VALUE_NOT_IMPLEMENTED) {
        return quotient;
    }
    const Value rest = binary(cx, BINARY_MOD, args[0], args[1], args[0]);
    return IS_ERROR(rest) ? VALUE_ERROR : tuple_pack(cx, 2, quotient, rest);
}

#define UNARY_WRAPPER(name, OP)                         \
    WRAPPER(wrap_##name) {                              \
        return ops_of(args[0])->unary(cx, OP, args[0]); \
    }
UNARY_WRAPPER(neg, UNARY_NEG)
UNARY_WRAPPER(pos, UNARY_POS)
UNARY_WRAPPER(invert, UNARY_INVERT)
UNARY_WRAPPER(abs, UNARY_ABS)

/* Comparison; kinds without an order of their own are compared by identity. */

static Value compare(Context *cx, CompareOp op, Value a, Value b) {
    const KindOps *ops = ops_of(a);
    if (ops->compare != NULL) {
        return ops->compare(cx, op, a, b);
    }
    return op == COMPARE_EQ && a == b ? VALUE_TRUE : VALUE_NOT_IMPLEMENTED;
}

#define COMPARE_WRAPPER(name, OP)                 \
    WRAPPER(wrap_##name) {                        \
        return compare(cx, OP, args[0], args[1]); \
    }
COMPARE_WRAPPER(lt, COMPARE_LT)
COMPARE_WRAPPER(le, COMPARE_LE)
COMPARE_WRAPPER(eq, COMPARE_EQ)
COMPARE_WRAPPER(ne, COMPARE_NE)
COMPARE_WRAPPER(gt, COMPARE_GT)
COMPARE_WRAPPER(ge, COMPARE_GE)

/* Conversion and printing */

WRAPPER(wrap_repr) {
    return ops_of(args[0])->repr(cx, args[0]);
}

WRAPPER(wrap_str) {
    return ops_of(args[0])->str(cx, args[0]);
}

WRAPPER(wrap_hash) {
    uint64_t hash;
    return ops_of(args[0])->hash(cx, args[0], &hash) ? int_from_i64(cx, (int64_t)hash)
                                                     : VALUE_ERROR;
}

WRAPPER(wrap_bool) {
    const int result = ops_of(args[0])->is_true(cx, args[0]);
    return result < 0 ? VALUE_ERROR : BOOL_VALUE(result);
}

WRAPPER(wrap_format) {
    if (!IS_STR(args[1])) {
        return exc_raise(cx, EXC_TypeError, "__format__() argument must be str, not %s",
                         arg_type_name(cx, args[1]));
    }
    return ops_of(args[0])->format(cx, args[0], AS_STR(args[1]));
}

/* Containers */

WRAPPER(wrap_len) {
    const int64_t n = ops_of(args[0])->length(cx, args[0]);
    return n < 0 ? VALUE_ERROR : int_from_i64(cx, n);
}

WRAPPER(wrap_getitem) {
    return ops_of(args[0])->getitem(cx, args[0], args[1]);
}

WRAPPER(wrap_setitem) {
    return ops_of(args[0])->setitem(cx, args[0], args[1], args[2]) ? VALUE_NONE
                                                                   : VALUE_ERROR;
}

WRAPPER(wrap_delitem) {
    return ops_of(args[0])->setitem(cx, args[0], args[1], VALUE_UNSET) ? VALUE_NONE
                                                                       : VALUE_ERROR;
}

WRAPPER(wrap_contains) {
    const int result = ops_of(args[0])->contains(cx, args[0], args[1]);
    return result < 0 ? VALUE_ERROR : BOOL_VALUE(result);
}

WRAPPER(wrap_iter) {
    const KindOps *ops = ops_of(args[0]);
    return ops->iter == NULL ? args[0] : ops->iter(cx, args[0]);
}

WRAPPER(wrap_next) {
    const Value item = ops_of(args[0])->next(cx, args[0]);
    return item == VALUE_STOP ? exc_raise_value(cx, EXC_StopIteration, VALUE_UNSET)
                              : item;
}

/* Construction: __init__ of the containers that can be filled anew; __new__ of all. */

static bool is_container_kind(ObjKind kind) {
    return kind == KIND_LIST || kind == KIND_DICT || kind == KIND_SET;
}

static bool check_one_argument(Context *cx, const char *name, int n_args, Value kwargs,
                               bool takes_kwargs) {
    if (!takes_kwargs && !IS_UNSET(kwargs) && dict_length(AS_DICT(kwargs)) > 0) {
        exc_raise(cx, EXC_TypeError, "%s() takes no keyword arguments", name);
        return false;
    }
    if (n_args > 2) {
        exc_raise(cx, EXC_TypeError, "%s expected at most 1 argument, got %d", name,
                  n_args - 1);
        return false;
    }
    return true;
}

static bool init_list(Context *cx, Value self, const Value *args, int n_args) {
    const Value method =
        type_lookup(cx, cx->rt->types[KIND_LIST], str_intern(cx, "clear", 5));
    if (IS_UNSET(method) || IS_ERROR(call_method(cx, method, self, NULL, 0))) {
        return false;
    }
    return n_args < 2 || list_extend(cx, AS_LIST(self), args[1]);
}

static bool init_set(Context *cx, Value self, const Value *args, int n_args) {
    const Value method =
        type_lookup(cx, cx->rt->types[KIND_SET], str_intern(cx, "clear", 5));
    if (IS_UNSET(method) || IS_ERROR(call_method(cx, method, self, NULL, 0))) {
        return false;
    }
    return n_args < 2 || set_update(cx, AS_SET(self), args[1]);
}

WRAPPER(wrap_init) {
    const Value kwargs = args[-1];
    const ObjKind kind = value_kind(args[0]);
    /* A __new__ of the class's own is supposed to know what keywords mean. */
    const bool takes_kwargs =
        kind == KIND_DICT ||
        (kind == KIND_LIST && !IS_UNSET(type_special(type_of(cx, args[0]), SPECIAL_new)));
    if (!check_one_argument(cx, kind_type_names[kind], n_args, kwargs, takes_kwargs)) {
        return VALUE_ERROR;
    }
    bool is_ok;
    if (kind == KIND_LIST) {
        is_ok = init_list(cx, args[0], args, n_args);
    } else if (kind == KIND_SET) {
        is_ok = init_set(cx, args[0], args, n_args);
    } else {
        is_ok = (n_args < 2 || dict_update(cx, AS_DICT(args[0]), args[1])) &&
                (IS_UNSET(kwargs) || dict_update(cx, AS_DICT(args[0]), kwargs));
    }
    return is_ok ? VALUE_NONE : VALUE_ERROR;
}

WRAPPER(wrap_new) {
    ObjType *type = AS_TYPE(args[0]);
    if (kind_ops[type->layout]->construct == NULL) {
        return exc_raise(cx, EXC_TypeError, "cannot create '%s' instances",
                         type_name_c(cx, type));
    }
    if (is_container_kind((ObjKind)type->layout)) { /* __init__ fills it */
        return kind_ops[type->layout]->construct(cx, type, NULL, 0, VALUE_UNSET);
    }
    return kind_ops[type->layout]->construct(cx, type, args + 1, n_args - 1, args[-1]);
}

WRAPPER(wrap_call) {
    if (IS_TYPE(args[0])) { /* type.__call__, from a metaclass that has its own */
        return type_call_plain(cx, AS_TYPE(args[0]), args + 1, n_args - 1, args[-1]);
    }
    return call_value_kw(cx, args[0], args + 1, n_args - 1, args[-1]);
}

/* Descriptors */

WRAPPER(wrap_get) {
    const Value self = IS_NONE(args[1]) ? VALUE_UNSET : args[1];
    const bool has_type = n_args > 2 && IS_TYPE(args[2]);
    if (IS_UNSET(self) && !has_type) {
        return exc_raise(cx, EXC_TypeError, "__get__(None, None) is invalid");
    }
    if (IS_NATIVE(args[0]) && !IS_UNSET(self) && !native_takes_self(cx, AS_NATIVE(args[0]), self)) {
        return native_raise_wrong_self(cx, AS_NATIVE(args[0]), self);
    }
    return attribute_bind_natural(cx, args[0], self,
                          has_type ? AS_TYPE(args[2]) : type_of(cx, self));
}

WRAPPER(wrap_set) {
    return attribute_store_natural(cx, args[0], args[1], args[2]) ? VALUE_NONE : VALUE_ERROR;
}

WRAPPER(wrap_delete) {
    return attribute_store_natural(cx, args[0], args[1], VALUE_UNSET) ? VALUE_NONE : VALUE_ERROR;
}

/* Which kinds have what */

enum {
    HAS_ADD = 1 << BINARY_ADD,
    HAS_SUB = 1 << BINARY_SUB,
    HAS_MUL = 1 << BINARY_MUL,
    HAS_MOD = 1 << BINARY_MOD,
    HAS_AND = 1 << BINARY_AND,
    HAS_OR = 1 << BINARY_OR,
    HAS_XOR = 1 << BINARY_XOR,
    HAS_DIVMOD = 1 << BINARY_COUNT,
    HAS_BITS = HAS_AND | HAS_OR | HAS_XOR,
    HAS_SHIFTS = 1 << BINARY_LSHIFT | 1 << BINARY_RSHIFT,
    HAS_ARITHMETIC = HAS_ADD | HAS_SUB | HAS_MUL | HAS_MOD | HAS_DIVMOD |
                     1 << BINARY_TRUEDIV | 1 << BINARY_FLOORDIV | 1 << BINARY_POW
};

static unsigned binary_ops(ObjKind kind) {
    switch (kind) {
    case KIND_INT: return HAS_ARITHMETIC | HAS_BITS | HAS_SHIFTS;
    case KIND_BOOL: return HAS_BITS;
    case KIND_FLOAT: return HAS_ARITHMETIC;
    case KIND_COMPLEX:
        return HAS_ADD | HAS_SUB | HAS_MUL | 1 << BINARY_TRUEDIV | 1 << BINARY_POW;
    case KIND_STR:
    case KIND_BYTEARRAY:
    case KIND_BYTES: return HAS_ADD | HAS_MUL | HAS_MOD;
    case KIND_LIST:
    case KIND_DEQUE:
    case KIND_TYPED_ARRAY:
    case KIND_TUPLE: return HAS_ADD | HAS_MUL;
    case KIND_DICT:
    case KIND_TYPE: return HAS_OR;
    case KIND_SET:
    case KIND_FROZENSET:
    case KIND_DICT_KEYS:
    case KIND_DICT_ITEMS: return HAS_BITS | HAS_SUB;
    default: return 0;
    }
}

/* Of the reflected forms sequences have but that of repetition, str and bytes that of
 * %. */
static unsigned reflected_ops(ObjKind kind) {
    switch (kind) {
    case KIND_STR:
    case KIND_BYTEARRAY:
    case KIND_BYTES: return HAS_MUL | HAS_MOD;
    case KIND_LIST:
    case KIND_DEQUE:
    case KIND_TYPED_ARRAY:
    case KIND_TUPLE: return HAS_MUL;
    default: return binary_ops(kind);
    }
}

static unsigned inplace_ops(ObjKind kind) {
    switch (kind) {
    case KIND_BYTEARRAY:
    case KIND_DEQUE:
    case KIND_TYPED_ARRAY:
    case KIND_LIST: return HAS_ADD | HAS_MUL;
    case KIND_DICT: return HAS_OR;
    case KIND_SET: return HAS_BITS | HAS_SUB;
    default: return 0;
    }
}

static bool is_native_descriptor(ObjKind kind) {
    return kind == KIND_METHOD_DESCRIPTOR || kind == KIND_CLASSMETHOD_DESCRIPTOR ||
           kind == KIND_WRAPPER_DESCRIPTOR;
}

static bool supports(ObjKind kind, SpecialId id) {
    const KindOps *ops = kind_ops[kind];
    if (ops == NULL) {
        return false;
    }
    if (id >= SPECIAL_add && id <= SPECIAL_divmod) {
        return ops->binary != NULL && (binary_ops(kind) >> (id - SPECIAL_add) & 1);
    }
    if (id >= SPECIAL_radd && id <= SPECIAL_rdivmod) {
        return ops->binary != NULL && (reflected_ops(kind) >> (id - SPECIAL_radd) & 1);
    }
    if (id >= SPECIAL_iadd && id <= SPECIAL_imatmul) {
        return ops->inplace != NULL && (inplace_ops(kind) >> (id - SPECIAL_iadd) & 1);
    }
    switch (id) {
    case SPECIAL_repr: return ops->repr != NULL;
    case SPECIAL_str: return ops->str != NULL;
    case SPECIAL_format: return ops->format != NULL;
    case SPECIAL_hash: return ops->hash != NULL;
    case SPECIAL_bool:
        return ops->is_true != NULL && (ops->length == NULL || kind == KIND_RANGE);
    case SPECIAL_len: return ops->length != NULL;
    case SPECIAL_getitem: return ops->getitem != NULL && kind != KIND_TYPE;
    case SPECIAL_setitem:
    case SPECIAL_delitem: return ops->setitem != NULL;
    case SPECIAL_contains: return ops->contains != NULL;
    case SPECIAL_iter: return ops->iter != NULL || ops->next != NULL;
    case SPECIAL_next: return ops->next != NULL;
    case SPECIAL_lt:
    case SPECIAL_le:
    case SPECIAL_gt:
    case SPECIAL_ge:
    case SPECIAL_eq:
    case SPECIAL_ne: return ops->compare != NULL;
    case SPECIAL_neg:
    case SPECIAL_pos:
    case SPECIAL_abs: return ops->unary != NULL && kind != KIND_BOOL;
    case SPECIAL_invert: return ops->unary != NULL && kind != KIND_FLOAT && kind != KIND_COMPLEX;
    case SPECIAL_new: return ops->construct != NULL;
    case SPECIAL_init: return is_container_kind(kind);
    case SPECIAL_call:
        return kind == KIND_FUNCTION || kind == KIND_NATIVE || kind == KIND_METHOD ||
               kind == KIND_METHOD_WRAPPER || is_native_descriptor(kind) || kind == KIND_TYPE ||
               kind == KIND_STATICMETHOD;
    case SPECIAL_get:
        return kind == KIND_FUNCTION || is_native_descriptor(kind) || kind == KIND_METHOD ||
               kind == KIND_PROPERTY || kind == KIND_STATICMETHOD ||
               kind == KIND_CLASSMETHOD || kind == KIND_GETSET || kind == KIND_MEMBER ||
               kind == KIND_TUPLE_FIELD;
    case SPECIAL_set:
    case SPECIAL_delete:
        return kind == KIND_PROPERTY || kind == KIND_GETSET || kind == KIND_MEMBER ||
               kind == KIND_TUPLE_FIELD;
    default: return false;
    }
}

bool slot_wrappers_has(ObjKind layout, SpecialId id, const ObjNative *native) {
    return (native->def->flags & NATIVE_WRAPPER) || supports(layout, id);
}

typedef struct Wrapper {
    SpecialId id;
    NativeDef def;
} Wrapper;

#define ROW(name, parameters, text)                                            \
    {                                                                          \
        SPECIAL_##name, {                                                      \
            "__" #name "__(" parameters ")", text, wrap_##name, NATIVE_WRAPPER \
        }                                                                      \
    }
#define BINARY_ROWS(name, symbol)                               \
    ROW(name, "self, value, /", "Return self" symbol "value."), \
        ROW(r##name, "self, value, /", "Return value" symbol "self.")
#define INPLACE_ROW(name, symbol) \
    ROW(i##name, "self, value, /", "Return self" symbol "=value.")

static const Wrapper wrappers[] = {
    BINARY_ROWS(add, "+"),
    BINARY_ROWS(sub, "-"),
    BINARY_ROWS(mul, "*"),
    BINARY_ROWS(truediv, "/"),
    BINARY_ROWS(floordiv, "//"),
    BINARY_ROWS(mod, "%"),
    BINARY_ROWS(lshift, "<<"),
    BINARY_ROWS(rshift, ">>"),
    BINARY_ROWS(and, "&"),
    BINARY_ROWS(or, "|"),
    BINARY_ROWS(xor, "^"),
    ROW(pow, "self, value, mod=None, /", "Return pow(self, value, mod)."),
    ROW(rpow, "self, value, mod=None, /", "Return pow(value, self, mod)."),
    ROW(divmod, "self, value, /", "Return divmod(self, value)."),
    ROW(rdivmod, "self, value, /", "Return divmod(value, self)."),
    INPLACE_ROW(add, "+"),
    INPLACE_ROW(sub, "-"),
    INPLACE_ROW(mul, "*"),
    INPLACE_ROW(truediv, "/"),
    INPLACE_ROW(floordiv, "//"),
    INPLACE_ROW(mod, "%"),
    INPLACE_ROW(pow, "**"),
    INPLACE_ROW(lshift, "<<"),
    INPLACE_ROW(rshift, ">>"),
    INPLACE_ROW(and, "&"),
    INPLACE_ROW(or, "|"),
    INPLACE_ROW(xor, "^"),
    ROW(neg, "self, /", "-self"),
    ROW(pos, "self, /", "+self"),
    ROW(invert, "self, /", "~self"),
    ROW(abs, "self, /", "abs(self)"),
    ROW(lt, "self, value, /", "Return self<value."),
    ROW(le, "self, value, /", "Return self<=value."),
    ROW(eq, "self, value, /", "Return self==value."),
    ROW(ne, "self, value, /", "Return self!=value."),
    ROW(gt, "self, value, /", "Return self>value."),
    ROW(ge, "self, value, /", "Return self>=value."),
    ROW(repr, "self, /", "Return repr(self)."),
    ROW(str, "self, /", "Return str(self)."),
    ROW(hash, "self, /", "Return hash(self)."),
    ROW(bool, "self, /", "True if self else False"),
    ROW(format, "self, format_spec, /", "Default object formatter."),
    ROW(len, "self, /", "Return len(self)."),
    ROW(getitem, "self, key, /", "Return self[key]."),
    ROW(setitem, "self, key, value, /", "Set self[key] to value."),
    ROW(delitem, "self, key, /", "Delete self[key]."),
    ROW(contains, "self, key, /", "Return bool(key in self)."),
    ROW(iter, "self, /", "Implement iter(self)."),
    ROW(next, "self, /", "Implement next(self)."),
    ROW(init, "self, /, *args, **kwargs",
        "Initialize self. See help(type(self)) for accurate signature."),
    ROW(call, "self, /, *args, **kwargs", "Call self as a function."),
    ROW(get, "self, instance, owner=None, /",
        "Return an attribute of instance, which is of type owner."),
    ROW(set, "self, instance, value, /", "Set an attribute of instance to value."),
    ROW(delete, "self, instance, /", "Delete an attribute of instance."),
    {SPECIAL_new,
     {"__new__(*args, **kwargs)",
      "Create and return a new object. See help(type) for accurate signature.", wrap_new,
      NATIVE_WRAPPER | NATIVE_STATIC | NATIVE_NEW}},
};

bool type_add_native(Context *cx, ObjType *type, const NativeDef *def) {
    const Value native = native_new(cx, def, type, VALUE_UNSET);
    if (IS_ERROR(native)) {
        return false;
    }
    ObjStr *name = AS_NATIVE(native)->name;
    if (!IS_UNSET(dict_get_str(type->attributes, name))) {
        return true;
    }
    if (!dict_set_str(cx, type->attributes, name, native)) {
        return false;
    }
    const int special = special_of_name(cx, name);
    if (special >= 0 &&
        !slot_wrappers_has(type->layout, (SpecialId)special, AS_NATIVE(native))) {
        value_store(&type->specials[special], native);
    }
    return true;
}

static bool add_methods(Context *cx, ObjType *type, const NativeDef *def) {
    for (; def != NULL && def->signature != NULL; def++) {
        if (!type_add_native(cx, type, def)) {
            return false;
        }
    }
    return true;
}

static bool add_getsets(Context *cx, ObjType *type, const GetsetDef *def) {
    for (; def != NULL && def->name != NULL; def++) {
        const Value getset = getset_new(cx, def, type);
        ObjStr *name = str_intern(cx, def->name, strlen(def->name));
        if (IS_ERROR(getset) || name == NULL ||
            !dict_set_str(cx, type->attributes, name, getset)) {
            return false;
        }
    }
    return true;
}

static bool add_wrappers(Context *cx, ObjType *type) {
    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++) {
        if (supports((ObjKind)type->layout, wrappers[i].id) &&
            !type_add_native(cx, type, &wrappers[i].def)) {
            return false;
        }
    }
    const KindOps *ops = kind_ops[type->layout];
    if (ops->compare != NULL && ops->hash == NULL) {
        return dict_set_str(cx, type->attributes, context_name(cx, NAME_hash),
                            VALUE_NONE);
    }
    return true;
}

static bool add_doc(Context *cx, ObjType *type, const char *doc) {
    Value value = VALUE_NONE;
    if (!IS_UNSET(dict_get_str(type->attributes, context_name(cx, NAME_doc_)))) {
        return true; /* its objects have documentation of their own: a function, a property */
    }
    if (doc != NULL) {
        ObjStr *text = str_from_c(cx, doc);
        if (text == NULL) {
            return false;
        }
        value = OBJ_VALUE(text);
    }
    return dict_set_str(cx, type->attributes, context_name(cx, NAME_doc_), value);
}

bool slot_wrappers_fill(Context *cx, ObjType *type) {
    const char *doc = NULL;
    if (type_has(type, TYPE_FLAG_EXCEPTION)) {
        doc = exc_doc((ExcKind)type->exc_kind);
        if (!add_getsets(cx, type, exc_getsets((ExcKind)type->exc_kind)) ||
            (type == cx->rt->exception_types[EXC_BaseExceptionGroup] &&
             !add_methods(cx, type, exc_group_methods))) {
            return false;
        }
    }
    const KindOps *ops = kind_ops[type->layout];
    if (type == cx->rt->types[type->layout] && ops != NULL) {
        doc = doc == NULL ? ops->doc : doc;
        if (!add_methods(cx, type, ops->methods) ||
            (type->base == NULL && !add_methods(cx, type, object_state_methods)) ||
            !add_getsets(cx, type, ops->getsets) || !add_wrappers(cx, type)) {
            return false;
        }
    }
    return add_doc(cx, type, doc);
}
