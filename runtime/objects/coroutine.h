/* coroutine.h - what can be awaited.
 *
 * To await is to iterate: what awaiting a value works on is a coroutine itself, one of the
 * helpers below, or the iterator that __await__ gives. Each of them is resumed until it
 * returns; what it yields on the way goes up to whoever runs the outermost coroutine. */

#ifndef MINI_OBJECTS_COROUTINE_H
#define MINI_OBJECTS_COROUTINE_H

#include "runtime/objects/generator.h"

/* What coroutine.__await__() gives. */
typedef struct ObjCoroutineWrapper {
    Obj header;
    Value coroutine; /* [const] */
} ObjCoroutineWrapper;

/* The iterator that awaiting v works on; VALUE_UNSET when v cannot be awaited. */
Value awaitable_iterator(Context *cx, Value v);

/* Resumes any iterator of that sort: sends `sent` or, if it is not VALUE_UNSET, throws
 * `thrown`. VALUE_STOP at its end, *returned is its value. */
Value awaitable_resume(Context *cx, Value iterator, Value sent, Value thrown,
                       Value *returned);

/* One of the helpers: they end with a value, which value_next could not tell. */
static inline bool awaitable_is_helper(Value v) {
    return IS_KIND(v, KIND_ASYNC_STEP) || IS_KIND(v, KIND_COROUTINE_WRAPPER) ||
           IS_KIND(v, KIND_ANEXT_AWAITABLE);
}

/* Async steps and anext() with a default (async_generator.c). */
Value async_step_resume(Context *cx, Value step, Value sent, Value thrown,
                        Value *returned);
Value anext_resume(Context *cx, Value awaitable, Value sent, Value thrown,
                   Value *returned);

/* The awaitable for the next item of an asynchronous generator; what awaiting `awaitable`
 * gives, but default_value at its StopAsyncIteration. */
Value async_generator_next(Context *cx, Value generator);

/* What sys.set_asyncgen_hooks() has set in this thread: a tuple (first iteration, finalizer), VALUE_UNSET for nothing. */
Value async_hooks(Context *cx);
bool async_set_hooks(Context *cx, Value first, Value finalizer);
Value anext_awaitable_new(Context *cx, Value awaitable, Value default_value);

/* `aiter(v)`, `v.__anext__()`: TypeError in the words for `async for` or, with for_builtin,
 * for the built-in functions. */
Value async_iter(Context *cx, Value v, bool for_builtin);
Value async_next(Context *cx, Value iterator, bool for_builtin);

/* send(), throw() and close() of the helpers, for their tables of methods. */
Value awaitable_send(Context *cx, Value iterator, Value sent);
Value awaitable_throw(Context *cx, Value iterator, Value type, Value value);
Value awaitable_close(Context *cx, Value iterator);

#endif
