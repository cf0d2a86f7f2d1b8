/* itertools.h - what the iterators of the module itertools have in common.
 *
 * They share one layout, whose fields each kind uses in its own way, so that one function
 * makes and one marks them. Threads that share one without the GIL never break it: each
 * field is read and written whole; a position is taken once (iter_take); where several
 * fields belong together the object's lock is held, and never while a script's code runs. */

#ifndef MINI_MODULES_ITERTOOLS_H
#define MINI_MODULES_ITERTOOLS_H

#include "runtime/objects/construct.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/native.h"

typedef struct ObjItertool {
    Obj header;
    Value iterator;   /* [atomic] where items come from; VALUE_UNSET at the end */
    Value function;   /* [const] or another operand */
    Value state;      /* [atomic] what has to be remembered between two items */
    Value extra;      /* [atomic] */
    int64_t position; /* [atomic] */
    int64_t stop;     /* [const] */
    int64_t step;     /* [const] */
} ObjItertool;

#define AS_ITERTOOL(v) ((ObjItertool *)AS_OBJ(v))

ObjItertool *itertool_new(Context *cx, ObjKind kind);
/* The same over iter(iterable). */
ObjItertool *itertool_over(Context *cx, ObjKind kind, Value iterable);
void itertool_trace(GcMarker *m, Obj *o);
Value itertool_self(Context *cx, Value v);

static inline Value itertool_result(const ObjItertool *it) {
    return it == NULL ? VALUE_ERROR : OBJ_VALUE(it);
}

/* The iterator has come to its end. */
static inline Value itertool_finish(ObjItertool *it) {
    value_store(&it->iterator, VALUE_UNSET);
    return VALUE_STOP;
}

static inline bool itertool_is_end(Value item) {
    return UNLIKELY(item == VALUE_STOP || IS_ERROR(item));
}

/* Begins a constructor. */
#define CONSTRUCT(name)                                                   \
    static Value name(Context *cx, ObjType *type __attribute__((unused)), \
                      const Value *args, int n_args,                      \
                      Value kwargs __attribute__((unused)))

/* tee(iterable, n): a tuple. */
Value itertools_tee_of(Context *cx, Value iterable, int64_t n);

#endif
