/* abstract.h - operations on any value, as the operators and built-in functions of the
 * language define them: kind by kind in C, by special methods for script classes. All may
 * run script code, collect, raise. */

#ifndef MINI_OBJECTS_ABSTRACT_H
#define MINI_OBJECTS_ABSTRACT_H

#include "runtime/objects/type.h"

/* The kind of any value: how it is laid out. */
static inline ObjKind value_kind(Value v) {
    if (LIKELY(IS_OBJ(v))) {
        return (ObjKind)AS_OBJ(v)->kind;
    }
    if (IS_INT(v)) {
        return KIND_INT;
    }
    if (IS_FLOAT(v)) {
        return KIND_FLOAT;
    }
    if (IS_BOOL(v)) {
        return KIND_BOOL;
    }
    if (IS_NONE(v)) {
        return KIND_NONE;
    }
    return v == VALUE_NOT_IMPLEMENTED ? KIND_NOT_IMPLEMENTED : KIND_ELLIPSIS;
}

Value value_binary(Context *cx, BinaryOp op, Value a, Value b);
Value value_inplace(Context *cx, BinaryOp op, Value a, Value b);
Value value_unary(Context *cx, UnaryOp op, Value v);
Value value_compare(Context *cx, CompareOp op, Value a, Value b);
int value_equals(Context *cx, Value a, Value b);             /* identity first; 1, 0, -1 */
int value_less(Context *cx, Value a, Value b);               /* a < b as a truth value: 1, 0, -1 */
int value_is_true_slow(Context *cx, Value v);                /* 1, 0, -1 */
bool value_hash(Context *cx, Value v, uint64_t *hash);
bool value_hash_by_identity(Context *cx, Value v, uint64_t *hash); /* for KindOps */
Value value_repr(Context *cx, Value v);                      /* a str */
Value value_str(Context *cx, Value v);                       /* a str */
Value value_default_repr(Context *cx, Value v);              /* "<__main__.Foo object at 0x7f...>" */
int64_t value_length(Context *cx, Value v);                  /* -1: exception */
int64_t value_length_hint(Context *cx, Value v, int64_t otherwise); /* its length, else what __length_hint__ says; -1: exception */
Value value_getitem(Context *cx, Value v, Value key);
bool value_setitem(Context *cx, Value v, Value key, Value value);
bool value_delitem(Context *cx, Value v, Value key);
int value_contains(Context *cx, Value container, Value item); /* 1, 0, -1 */
Value value_iter(Context *cx, Value v);
Value value_iter_to_search(Context *cx, Value container);   /* a TypeError is that of `in` */
Value value_next(Context *cx, Value iterator);               /* VALUE_STOP at the end (StopIteration is consumed) */
/* What a special method found on the type of self gives when it is neither a function nor
 * a native: what its own class makes of it (staticmethod, classmethod, __get__), to be
 * called without self. */
Value value_bind_special(Context *cx, Value special, Value self);
bool value_is_callable(Context *cx, Value v);
bool value_is_hashable_kind(Value v);

Value value_getattr(Context *cx, Value v, ObjStr *name);     /* AttributeError */
/* The same, but VALUE_UNSET when there is no such attribute (an AttributeError is
 * consumed). */
Value value_getattr_or_unset(Context *cx, Value v, ObjStr *name);
/* v.name(*args); the second for a name that nobody has as a str. */
Value value_call_attr(Context *cx, Value v, ObjStr *name, const Value *args, int n_args);
Value value_call_attr_c(Context *cx, Value v, const char *name, const Value *args, int n_args);
bool value_setattr(Context *cx, Value v, ObjStr *name, Value value);
bool value_delattr(Context *cx, Value v, ObjStr *name);
/* For method calls: when the attribute is a plain function or native of the type, *self =
 * v and the function is returned unbound (a classmethod: *self is the class); otherwise
 * *self = VALUE_UNSET and the attribute as value_getattr gives it. */
Value value_getmethod(Context *cx, Value v, ObjStr *name, Value *self);

static inline int value_is_true(Context *cx, Value v) {
    if (LIKELY(IS_BOOL(v))) {
        return v == VALUE_TRUE;
    }
    return value_is_true_slow(cx, v);
}

/* For the repr of containers that may contain themselves: true when v is being printed
 * already (then print "[...]"); false otherwise, and then value_repr_leave has to follow.
 * -1: exception. */
int value_repr_enter(Context *cx, Value v);
void value_repr_leave(Context *cx, Value v);

#endif
