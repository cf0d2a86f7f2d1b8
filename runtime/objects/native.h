/* native.h - C functions as functions of the language.
 *
 * A native function is written
 *
 *      NATIVE(list_pop, "pop(self, index=-1, /)", "Remove and return the item at index.")
 *      {
 *          ... args[0] is self, args[1] is VALUE_UNSET when it was not given ...
 *      }
 *
 * and listed in a table of NativeDefs. The signature is Python's; it is read once, when
 * the function object is made, and says how arguments are checked, so that the C code
 * sees them in their places:
 *   - no `*args`: args[i] is parameter i (keyword-only ones included), VALUE_UNSET where
 *     it was not given; n_args counts the positional ones that were given. A default in
 *     the signature is documentation (the C code supplies it), but without one the
 *     parameter must be given.
 *   - with `*args` or `**kwargs`: first the keyword-only parameters in their order, then
 *     (if there is `**kwargs`) a dict or VALUE_UNSET, then the n_args positional ones:
 *     args points to the first positional one, the others are at args[-1], args[-2], ...
 *     : args[-1 - i] for keyword-only parameter i, the dict behind the last.
 * Methods have the first parameter `self`, which is checked to be of the type in whose
 * table the function stands. Returns a Value or VALUE_ERROR. */

#ifndef MINI_OBJECTS_NATIVE_H
#define MINI_OBJECTS_NATIVE_H

#include "runtime/objects/str.h"

typedef Value (*NativeFn)(Context *cx, Value *args, int n_args);

typedef struct NativeDef {
    const char *signature;   /* NULL ends a table */
    const char *doc;
    NativeFn function;
    uint8_t flags;           /* NATIVE_STATIC, NATIVE_CLASS: for methods */
} NativeDef;

enum {
    NATIVE_STATIC = 1,       /* no self */
    NATIVE_CLASS = 2,        /* self is the class */
    NATIVE_WRAPPER = 4,      /* made from KindOps: the special method of a built-in type */
    NATIVE_NEW = 8,          /* __new__: the first argument is a class derived from the owner */
    NATIVE_LIKE_SORT = 16    /* one argument, and keywords that are for list.sort: sorted */
};

/* The texts are arrays of their own: clang takes no member of a constant struct for a
 * constant. */
#define NATIVE(name, signature_text, doc_text)                                                     \
    static Value name(Context *cx, Value *args, int n_args);                                       \
    static const char name##_signature[] __attribute__((unused)) = signature_text;                 \
    static const char name##_doc[] __attribute__((unused)) = doc_text;                             \
    static const NativeDef name##_def __attribute__((unused)) = {name##_signature, name##_doc, name, 0}; \
    static Value name(Context *cx __attribute__((unused)), Value *args __attribute__((unused)),    \
                      int n_args __attribute__((unused)))
#define NATIVE_ENTRY(name) {name##_signature, name##_doc, name, 0}
#define NATIVE_ENTRY_FLAGS(name, more_flags) {name##_signature, name##_doc, name, (more_flags)}

typedef struct GetsetDef {
    const char *name;        /* NULL ends a table */
    const char *doc;
    Value (*get)(Context *cx, Value self);
    bool (*set)(Context *cx, Value self, Value value);  /* NULL: read-only; value VALUE_UNSET deletes */
} GetsetDef;

enum { NATIVE_VARIADIC = 255 };

typedef struct ObjNative {
    Obj header;
    NativeFn function;        /* [const] */
    const NativeDef *def;     /* [const] */
    ObjStr *name;             /* [const] */
    ObjType *owner;           /* [const] for methods: the type; NULL for functions */
    Value self;               /* [const] module functions: the module or VALUE_UNSET */
    Value parameters;         /* [const] tuple of all parameter names that can be given by keyword or position */
    uint8_t n_positional_only;/* [const] */
    uint8_t n_required;       /* [const] positional ones that must be given */
    uint8_t n_positional;     /* [const] at most; NATIVE_VARIADIC with *args */
    uint8_t n_parameters;     /* [const] size of args for a call without *args */
    uint8_t n_keyword_only;   /* [const] */
    uint8_t n_complete;       /* [const] so many positional arguments leave no parameter out; NATIVE_VARIADIC: none do */
    uint32_t required_keywords; /* [const] bit i: keyword-only parameter i must be given */
    bool has_kwargs;          /* [const] */
    bool is_simple;           /* [const] no *args, no **kwargs: args can be passed in place */
    bool is_method;           /* [const] args[0] is self and has to be of type owner */
    bool needs_self_check;    /* [const] */
} ObjNative;

/* What scripts see as several types is laid out as ObjNative (KIND_NATIVE) or, bound to an
 * object, as ObjMethod (KIND_METHOD); the shape alone tells (STEP native-types):
 *      len, str.maketrans, [].append   builtin_function_or_method   KIND_NATIVE
 *      str.join                        method_descriptor            KIND_METHOD_DESCRIPTOR
 *      dict.__dict__["fromkeys"]       classmethod_descriptor       KIND_CLASSMETHOD_DESCRIPTOR
 *      int.__add__                     wrapper_descriptor           KIND_WRAPPER_DESCRIPTOR
 *      (5).__add__                     method-wrapper               KIND_METHOD_WRAPPER */
#define IS_NATIVE(v) IS_KIND(v, KIND_NATIVE)
#define AS_NATIVE(v) ((ObjNative *)AS_OBJ(v))

/* owner: the type for a method, NULL for a plain function. */
Value native_new(Context *cx, const NativeDef *def, ObjType *owner, Value self);
/* Calls with arguments anywhere: sorts them into their places. */
Value native_call(Context *cx, ObjNative *native, const Value *args, int n_args, Value kwargs);
/* Calls in place: args has room for n_parameters Values; for is_simple natives called
 * without keywords. Checks the number of arguments and the type of self, fills what is
 * missing with VALUE_UNSET. The loop's way. */
Value native_call_in_place(Context *cx, ObjNative *native, Value *args, int n_args);

Value native_repr(Context *cx, Value v);
/* Whether it may be bound to self (when it is bound to objects, not to their class). */
bool native_takes_self(Context *cx, const ObjNative *native, Value self);
/* The method bound to self: what [].append gives. */
Value native_bind(Context *cx, Value native, Value self);

/* Checks and conversions for native code: false or NULL with TypeError etc. pending.
 * `what` names function and parameter in messages as CPython does. */
bool arg_int(Context *cx, Value v, int64_t *out);                      /* __index__; OverflowError */
bool arg_int32(Context *cx, Value v, int *out);
bool arg_double(Context *cx, Value v, double *out);
/* The name of a value's type as messages about arguments have it: "None" for None. */
const char *arg_type_name(Context *cx, Value v);
ObjStr *arg_str(Context *cx, Value v, const char *function, const char *parameter);
bool arg_bool(Context *cx, Value v, bool default_value, bool *out);    /* VALUE_UNSET gives the default */
/* Seconds (int or float, None or UNSET: no limit) to a time in ns from now; ValueError
 * when negative and not allowed. */
bool arg_timeout_ns(Context *cx, Value v, bool allow_negative, bool *has_timeout, uint64_t *ns);

#endif
