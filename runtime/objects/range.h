/* range.h - range, slice, and the iterator of ranges. */

#ifndef MINI_OBJECTS_RANGE_H
#define MINI_OBJECTS_RANGE_H

#include "runtime/gc/alloc.h"

/* start, stop and step are int Values of any size; is_small: all three and the length fit
 * into int64_t. */
typedef struct ObjRange {
    Obj header;
    Value start;  /* [const] */
    Value stop;   /* [const] */
    Value step;   /* [const] */
    Value length; /* [const] */
} ObjRange;

typedef struct ObjSlice {
    Obj header;
    Value start; /* [const] each any value, VALUE_NONE when left out */
    Value stop;
    Value step;
} ObjSlice;

#define IS_RANGE(v) IS_KIND(v, KIND_RANGE)
#define AS_RANGE(v) ((ObjRange *)AS_OBJ(v))
#define IS_SLICE(v) IS_KIND(v, KIND_SLICE)
#define AS_SLICE(v) ((ObjSlice *)AS_OBJ(v))

Value range_new(Context *cx, Value start, Value stop,
                Value step); /* TypeError, ValueError */
Value slice_new(Context *cx, Value start, Value stop, Value step);
/* For a sequence of length n: the indices and the number of items, by Python's rule.
 * False: pending. */
bool slice_resolve(Context *cx, Value slice, int64_t n, int64_t *start, int64_t *stop,
                   int64_t *step, int64_t *n_items);
/* When start, stop and step are all small ints (the loop counts then without an
 * iterator). */
static inline bool range_is_small(const ObjRange *r) {
    return BOTH_INT(r->start, r->stop) && IS_INT(r->step);
}

#endif
