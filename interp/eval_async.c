/* eval_async.c - the slow halves of await, async for and async with. */

#include "interp/compiler.h"
#include "interp/eval_ops.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/coroutine.h"
#include "runtime/objects/exception.h"

/* STEP await-contexts */
static const char *const not_awaitable[] = {
    [AWAIT_EXPRESSION] = "object %s can't be used in 'await' expression",
    [AWAIT_ENTER] =
        "'async with' received an object from __aenter__ that does not implement "
        "__await__: %s",
    [AWAIT_EXIT] =
        "'async with' received an object from __aexit__ that does not implement "
        "__await__: %s",
    [AWAIT_NEXT] = "'async for' received an invalid object from __anext__: %s",
};

Value eval_yield_from_prepare(Thread *th, Value iterable, bool is_written) {
    return LIKELY(!is_written || !IS_KIND(iterable, KIND_COROUTINE))
               ? value_iter(&th->cx, iterable)
               : exc_raise(&th->cx, EXC_TypeError,
                           "cannot 'yield from' a coroutine object in a non-coroutine generator");
}

Value eval_await_prepare(Thread *th, Value awaitable, unsigned context) {
    Context *cx = &th->cx;
    const Value iterator = awaitable_iterator(cx, awaitable);
    if (IS_UNSET(iterator)) {
        return exc_raise(cx, EXC_TypeError, not_awaitable[context],
                         type_name_of(cx, awaitable));
    }
    return iterator;
}

Value eval_async_iter(Thread *th, Value iterable) {
    return async_iter(&th->cx, iterable, false);
}

Value eval_async_next(Thread *th, Value iterator) {
    return async_next(&th->cx, iterator, false);
}

Value eval_async_with_enter(Thread *th, Value manager, Value *state) {
    Context *cx = &th->cx;
    ObjType *type = type_of(cx, manager);
    const Value enter = type_lookup(cx, type, context_name(cx, NAME_aenter_));
    if (IS_UNSET(enter)) {
        return exc_raise(
            cx, EXC_TypeError,
            "'%s' object does not support the asynchronous context manager protocol",
            type_name_of(cx, manager));
    }
    const Value exit = type_lookup(cx, type, context_name(cx, NAME_aexit_));
    if (IS_UNSET(exit)) {
        return exc_raise(cx, EXC_TypeError,
                         "'%s' object does not support the asynchronous context manager "
                         "protocol (missed "
                         "__aexit__ method)",
                         type_name_of(cx, manager));
    }
    state[0] = exit;
    state[1] = manager;
    return call_method(cx, enter, manager, NULL, 0);
}

Value eval_async_with_exit(Thread *th, const Value *state, Value exception) {
    Value args[3] = {VALUE_NONE, VALUE_NONE, VALUE_NONE};
    if (!IS_UNSET(exception)) {
        args[0] = OBJ_VALUE(type_of(&th->cx, exception));
        args[1] = exception;
        args[2] = value_load(&AS_EXCEPTION(exception)->traceback);
    }
    return call_method(&th->cx, state[0], state[1], args, 3);
}
