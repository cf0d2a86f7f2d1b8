/* builtins_async.c - aiter and anext. */

#include "runtime/builtins/builtins.h"
#include "runtime/objects/coroutine.h"

NATIVE(builtin_aiter, "aiter(async_iterable, /)",
       "Return an AsyncIterator for an AsyncIterable object.") {
    return async_iter(cx, args[0], true);
}

NATIVE(builtin_anext, "anext(aiterator, default=None, /)",
       "Return the next item from the async iterator, or default when there is none.") {
    const Value awaitable = async_next(cx, args[0], true);
    return IS_ERROR(awaitable) || IS_UNSET(args[1])
               ? awaitable
               : anext_awaitable_new(cx, awaitable, args[1]);
}

const NativeDef builtins_async[] = {
    NATIVE_ENTRY(builtin_aiter),
    NATIVE_ENTRY(builtin_anext),
    {NULL, NULL, NULL, 0},
};
