/* object.h - the header of every heap object, and what can be done with a kind of object.
 *
 *      byte 0     1       2      3       4..7
 *          kind | flags | lock | spare | shape id
 *
 * kind       how the object is laid out; 0 (KIND_FREE) marks memory that holds no object.
 * flags      bits of the kind's own (OBJ_FLAG_...).
 * lock       the container lock of runtime/objects/objlock.h.
 * shape      id of the object's shape (runtime/objects/shape.h). Exact instances of a built-in type have
 *            the shape whose id is their kind, so `obj->shape == KIND_LIST` asks "a list and not a
 *            subclass of it"; `obj->kind == KIND_LIST` asks "laid out as a list".
 *
 * Instances of script classes carry their attribute slots right behind the struct of their kind; see
 * runtime/objects/instance.h. */

#ifndef MINI_RUNTIME_OBJECT_H
#define MINI_RUNTIME_OBJECT_H

#include "runtime/value.h"

enum { KF_SUBCLASS = 1, KF_INTERNAL = 2, KF_LEAF = 4, KF_FINISH = 8, KF_MODULE = 16, KF_WEAKREF = 32, KF_LATE = 64 };

typedef enum ObjKind {
    KIND_FREE = 0,
#define KIND(NAME, structure, type_name, kind_flags) KIND_##NAME,
#include "runtime/objkinds.def"
#undef KIND
    KIND_COUNT
} ObjKind;

struct Obj {
    uint8_t kind;    /* [const] */
    uint8_t flags;   /* [const] unless the kind says otherwise */
    uint8_t lock;    /* [atomic] */
    uint8_t spare;
    uint32_t shape;  /* [atomic acquire/release] */
};

typedef struct Context Context;
typedef struct GcMarker GcMarker; /* runtime/gc/mark.h: gc_mark_value(m, v), gc_mark_obj(m, p) */
typedef struct ObjStr ObjStr;
typedef struct ObjType ObjType;

/* Binary operators; the order is that of the opcodes (STEP binary-operators). */
typedef enum BinaryOp {
    BINARY_ADD, BINARY_SUB, BINARY_MUL, BINARY_TRUEDIV, BINARY_FLOORDIV, BINARY_MOD, BINARY_POW,
    BINARY_LSHIFT, BINARY_RSHIFT, BINARY_AND, BINARY_OR, BINARY_XOR, BINARY_MATMUL,
    BINARY_COUNT
} BinaryOp;

typedef enum CompareOp {
    COMPARE_LT, COMPARE_LE, COMPARE_EQ, COMPARE_NE, COMPARE_GT, COMPARE_GE
} CompareOp;

typedef enum UnaryOp { UNARY_NEG, UNARY_POS, UNARY_INVERT, UNARY_ABS } UnaryOp;

/* What can be done with the objects of a kind. Every member may be NULL: "not supported". The functions
 * act on the built-in layout only; overriding by script classes is resolved before they are called
 * (runtime/objects/abstract.h is the door that callers use). All may collect, and raise by returning
 * VALUE_ERROR, -1 or false as their type says.
 *   trace     marks what the object refers to; called in the stopped world
 *   finish    frees what the object holds outside the heap (descriptors, malloc); must not touch other
 *             objects, allocate or raise; may run on any thread
 *   compare, binary    return VALUE_NOT_IMPLEMENTED for operands they do not know; binary is called with
 *             the object on either side, so it checks both
 *   setitem   value VALUE_UNSET deletes
 *   getattr   special attributes only; VALUE_UNSET means "not one of mine"
 *   next      VALUE_STOP at the end */
typedef struct KindOps {
    void (*trace)(GcMarker *m, Obj *o);
    void (*finish)(Obj *o);
    Value (*repr)(Context *cx, Value v);
    Value (*str)(Context *cx, Value v);
    bool (*hash)(Context *cx, Value v, uint64_t *hash);
    Value (*compare)(Context *cx, CompareOp op, Value a, Value b);
    Value (*binary)(Context *cx, BinaryOp op, Value a, Value b);
    Value (*inplace)(Context *cx, BinaryOp op, Value a, Value b);
    Value (*unary)(Context *cx, UnaryOp op, Value v);
    int (*is_true)(Context *cx, Value v);                       /* 1, 0 or -1 */
    int64_t (*length)(Context *cx, Value v);                    /* -1: exception */
    Value (*getitem)(Context *cx, Value v, Value key);
    bool (*setitem)(Context *cx, Value v, Value key, Value value);
    int (*contains)(Context *cx, Value v, Value item);          /* 1, 0 or -1 */
    Value (*iter)(Context *cx, Value v);
    Value (*next)(Context *cx, Value v);
    Value (*getattr)(Context *cx, Value v, ObjStr *name);
    Value (*format)(Context *cx, Value v, ObjStr *spec);
    /* Makes an instance of type (the built-in type of this kind or a class derived from it) for a call
     * type(*args, **kwargs); kwargs is a dict or VALUE_UNSET. */
    Value (*construct)(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs);
    const struct NativeDef *methods;   /* ends with an empty entry; see runtime/objects/native.h */
    const struct GetsetDef *getsets;   /* likewise */
    const char *doc;                   /* documentation of the type */
} KindOps;

extern const KindOps *const kind_ops[KIND_COUNT];       /* runtime/objects/kinds.c */
extern const char *const kind_type_names[KIND_COUNT];
extern const uint8_t kind_flags[KIND_COUNT];

static inline uint32_t obj_shape(const Obj *o) {
    return atomic_load_acquire(&o->shape);
}

/* Functions, so that v is looked at once: what another thread may exchange is often read in the argument itself. */
static inline bool value_has_kind(Value v, ObjKind kind) {
    return IS_OBJ(v) && AS_OBJ(v)->kind == kind;
}
static inline bool value_is_exact(Value v, ObjKind kind) {
    return IS_OBJ(v) && obj_shape(AS_OBJ(v)) == (uint32_t)kind;
}
#define IS_KIND(v, K) value_has_kind(v, K)  /* laid out so: subclasses too */
#define IS_EXACT(v, K) value_is_exact(v, K) /* not a subclass */

#endif
