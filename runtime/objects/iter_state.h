/* iter_state.h - where an iterator stands: __length_hint__, and the __reduce__ and
 * __setstate__ that copy and pickle use. */

#ifndef MINI_OBJECTS_ITER_STATE_H
#define MINI_OBJECTS_ITER_STATE_H

#include "runtime/objects/native.h"

/* Methods of the iterators that stand at an index of a sequence: all three, or without
 * __length_hint__. */
extern const NativeDef iter_place_methods[];
extern const NativeDef iter_unsized_methods[];
/* Of those that are made of others: __reduce__ alone, or with the __setstate__ of zip,
 * the __class_getitem__ of enumerate. */
extern const NativeDef iter_reduce_methods[];
extern const NativeDef iter_zip_methods[];
extern const NativeDef iter_enumerate_methods[];

/* What __reduce__ gives: maker is what makes the iterator of the arguments, a tuple; state
 * is for __setstate__ (VALUE_UNSET: it is not called). */
Value iter_reduction(Context *cx, Value maker, Value arguments, Value state);
/* The same for iter(of). */
Value iter_reduction_of(Context *cx, Value of, Value state);
/* The same with all that an iterator still has to give; `rest` is a copy of it and is used
 * up. */
Value iter_reduction_of_rest(Context *cx, Value rest);
/* The int that __setstate__ was given; TypeError, OverflowError. */
bool iter_state_arg(Context *cx, Value v, int64_t *state);

#endif
