/* singletons.c - None, NotImplemented, Ellipsis, and the two bools.
 *
 * They are immediate (runtime/value.h); these tables say what can be done with them. A
 * bool is an int in everything but its text and the results of & | ^. */

#include "runtime/base/hash.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str_format.h"

static Value text(Context *cx, const char *bytes) {
    ObjStr *s = str_intern(cx, bytes, strlen(bytes));
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

/* bool */

static Value bool_repr(Context *cx, Value v) {
    return text(cx, v == VALUE_TRUE ? "True" : "False");
}

static Value bool_binary(Context *cx, BinaryOp op, Value a, Value b) {
    if (IS_BOOL(a) && IS_BOOL(b)) {
        switch (op) {
        case BINARY_AND: return BOOL_VALUE(a == VALUE_TRUE && b == VALUE_TRUE);
        case BINARY_OR: return BOOL_VALUE(a == VALUE_TRUE || b == VALUE_TRUE);
        case BINARY_XOR: return BOOL_VALUE(a != b);
        default: break;
        }
    }
    return IS_INT_LIKE(a) && IS_INT_LIKE(b) ? int_binary(cx, op, a, b)
                                            : VALUE_NOT_IMPLEMENTED;
}

static bool bool_hash(Context *cx __attribute__((unused)), Value v, uint64_t *hash) {
    *hash = v == VALUE_TRUE;
    return true;
}

static int bool_is_true(Context *cx __attribute__((unused)), Value v) {
    return v == VALUE_TRUE;
}

static Value bool_compare(Context *cx, CompareOp op, Value a, Value b) {
    return kind_ops[KIND_INT]->compare(cx, op, a, b);
}

static Value bool_format(Context *cx, Value v, ObjStr *spec) {
    return spec->n_bytes == 0 ? bool_repr(cx, v) : format_int(cx, v, spec);
}

static Value bool_construct(Context *cx, ObjType *type __attribute__((unused)),
                            const Value *args, int n_args, Value kwargs) {
    if (!construct_check(cx, "bool", n_args, 0, 1, kwargs)) {
        return VALUE_ERROR;
    }
    if (n_args == 0) {
        return VALUE_FALSE;
    }
    const int is_true = value_is_true(cx, args[0]);
    return is_true < 0 ? VALUE_ERROR : BOOL_VALUE(is_true);
}

const KindOps kind_ops_ObjBool = {
    .repr = bool_repr,
    .hash = bool_hash,
    .compare = bool_compare,
    .binary = bool_binary,
    .unary = int_unary,
    .is_true = bool_is_true,
    .format = bool_format,
    .construct = bool_construct,
    .doc =
        "bool(object=False, /)\n--\n\nTrue or False: whether the object counts as true.",
};

/* The others */

static bool take_no_arguments(Context *cx, const char *name, int n_args, Value kwargs) {
    if (n_args > 0 || construct_has_kwargs(kwargs)) {
        exc_raise(cx, EXC_TypeError, "%s takes no arguments", name);
        return false;
    }
    return true;
}

static bool identity_hash(Context *cx __attribute__((unused)), Value v, uint64_t *hash) {
    *hash = v * 0x9e3779b97f4a7c15u >> 8;
    return true;
}

static Value none_repr(Context *cx, Value v __attribute__((unused))) {
    return text(cx, "None");
}

static bool none_hash(Context *cx __attribute__((unused)),
                      Value v __attribute__((unused)), uint64_t *hash) {
    *hash = HASH_NONE;
    return true;
}

static int none_is_true(Context *cx __attribute__((unused)),
                        Value v __attribute__((unused))) {
    return 0;
}

static Value none_construct(Context *cx, ObjType *type __attribute__((unused)),
                            const Value *args __attribute__((unused)), int n_args,
                            Value kwargs) {
    return take_no_arguments(cx, "NoneType", n_args, kwargs) ? VALUE_NONE : VALUE_ERROR;
}

const KindOps kind_ops_ObjNone = {
    .repr = none_repr,
    .hash = none_hash,
    .is_true = none_is_true,
    .construct = none_construct,
    .doc = "The type of the None singleton.",
};

static Value not_implemented_repr(Context *cx, Value v __attribute__((unused))) {
    return text(cx, "NotImplemented");
}

static int not_implemented_is_true(Context *cx, Value v __attribute__((unused))) {
    return module_warn(cx, exc_class(cx, EXC_DeprecationWarning), 1,
                       "NotImplemented should not be used in a boolean context") ? 1 : -1;
}

static Value not_implemented_construct(Context *cx, ObjType *type __attribute__((unused)),
                                       const Value *args __attribute__((unused)),
                                       int n_args, Value kwargs) {
    return take_no_arguments(cx, "NotImplementedType", n_args, kwargs)
               ? VALUE_NOT_IMPLEMENTED
               : VALUE_ERROR;
}

const KindOps kind_ops_ObjNotImplemented = {
    .repr = not_implemented_repr,
    .hash = identity_hash,
    .is_true = not_implemented_is_true,
    .construct = not_implemented_construct,
    .doc = "The type of the NotImplemented singleton.",
};

static Value ellipsis_repr(Context *cx, Value v __attribute__((unused))) {
    return text(cx, "Ellipsis");
}

static Value ellipsis_construct(Context *cx, ObjType *type __attribute__((unused)),
                                const Value *args __attribute__((unused)), int n_args,
                                Value kwargs) {
    return take_no_arguments(cx, "EllipsisType", n_args, kwargs) ? VALUE_ELLIPSIS
                                                                 : VALUE_ERROR;
}

const KindOps kind_ops_ObjEllipsis = {
    .repr = ellipsis_repr,
    .hash = identity_hash,
    .construct = ellipsis_construct,
    .doc = "The type of the Ellipsis singleton.",
};
