/* coroutine.c - coroutine objects, and resuming whatever can be awaited. */

#include "runtime/objects/coroutine.h"

#include "runtime/call.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"

/* ---- From a value to its iterator ---- */

/* A coroutine is awaited once, by one. */
static Value check_coroutine(Context *cx, Value v) {
    ObjGenerator *coroutine = AS_GENERATOR(v);
    if (atomic_load_acquire(&coroutine->state) == GENERATOR_SUSPENDED &&
        !IS_UNSET(value_load(&coroutine->delegate))) {
        return exc_raise(cx, EXC_RuntimeError, "coroutine is being awaited already");
    }
    return v;
}

static bool is_iterator(const Context *cx, Value v) {
    return kind_ops[value_kind(v)]->next != NULL ||
           !IS_UNSET(type_special(type_of(cx, v), SPECIAL_next));
}

Value awaitable_iterator(Context *cx, Value v) {
    if (IS_KIND(v, KIND_COROUTINE)) {
        return check_coroutine(cx, v);
    }
    if (awaitable_is_helper(v)) {
        return v;
    }
    const Value method = type_lookup(cx, type_of(cx, v), context_name(cx, NAME_await_));
    if (IS_UNSET(method)) {
        return VALUE_UNSET;
    }
    const Value iterator = call_method(cx, method, v, NULL, 0);
    if (IS_ERROR(iterator) || is_iterator(cx, iterator)) {
        return iterator;
    }
    return IS_KIND(iterator, KIND_COROUTINE)
               ? exc_raise(cx, EXC_TypeError, "__await__() returned a coroutine")
               : exc_raise(cx, EXC_TypeError,
                           "__await__() returned non-iterator of type '%s'",
                           type_name_of(cx, iterator));
}

/* ---- Resuming ---- */

/* A result of a call of __next__, send or throw. */
static Value take_stop(Context *cx, Value result, Value *returned) {
    if (!IS_ERROR(result) || !exc_matches_kind(cx, cx->pending, EXC_StopIteration)) {
        return result;
    }
    const Value value = value_load(&AS_EXCEPTION(exc_take(cx))->value);
    *returned = IS_UNSET(value) ? VALUE_NONE : value;
    return VALUE_STOP;
}

/* An iterator of the script, or a built-in one that ends without a value. */
static Value resume_iterator(Context *cx, Value iterator, Value sent, Value thrown,
                             Value *returned) {
    if (!IS_UNSET(thrown)) {
        return take_stop(cx, value_call_attr(cx, iterator, context_name(cx, NAME_plain_throw), &thrown, 1),
                         returned);
    }
    if (!IS_NONE(sent)) {
        return take_stop(cx, value_call_attr(cx, iterator, context_name(cx, NAME_plain_send), &sent, 1), returned);
    }
    const Value method = type_special(type_of(cx, iterator), SPECIAL_next);
    if (IS_UNSET(method)) {
        *returned = VALUE_NONE;
        return value_next(cx, iterator);
    }
    return take_stop(cx, call_method(cx, method, iterator, NULL, 0), returned);
}

Value awaitable_resume(Context *cx, Value iterator, Value sent, Value thrown,
                       Value *returned) {
    switch (value_kind(iterator)) {
    case KIND_GENERATOR:
    case KIND_COROUTINE: return call_generator(cx, iterator, sent, thrown, returned);
    case KIND_COROUTINE_WRAPPER:
        return call_generator(cx, ((ObjCoroutineWrapper *)AS_OBJ(iterator))->coroutine,
                              sent, thrown, returned);
    case KIND_ASYNC_STEP: return async_step_resume(cx, iterator, sent, thrown, returned);
    case KIND_ANEXT_AWAITABLE: return anext_resume(cx, iterator, sent, thrown, returned);
    default: return resume_iterator(cx, iterator, sent, thrown, returned);
    }
}

Value awaitable_send(Context *cx, Value iterator, Value sent) {
    Value returned = VALUE_NONE;
    const Value result = awaitable_resume(cx, iterator, sent, VALUE_UNSET, &returned);
    return generator_stop_as_exception(cx, result, returned);
}

Value awaitable_throw(Context *cx, Value iterator, Value type, Value value) {
    const Value exception = generator_exception_to_throw(cx, type, value, "throw");
    if (IS_ERROR(exception)) {
        return VALUE_ERROR;
    }
    Value returned = VALUE_NONE;
    const Value result = awaitable_resume(cx, iterator, VALUE_NONE, exception, &returned);
    return generator_stop_as_exception(cx, result, returned);
}

Value awaitable_close(Context *cx, Value iterator) {
    const Value exception = exc_new(cx, EXC_GeneratorExit, cx->rt->empty_tuple);
    if (IS_ERROR(exception)) {
        return VALUE_ERROR;
    }
    Value returned = VALUE_NONE;
    const Value result = awaitable_resume(cx, iterator, VALUE_NONE, exception, &returned);
    if (result == VALUE_STOP ||
        (IS_ERROR(result) && (exc_take_if(cx, EXC_GeneratorExit) ||
                              exc_take_if(cx, EXC_StopAsyncIteration)))) {
        return VALUE_NONE;
    }
    return IS_ERROR(result)
               ? VALUE_ERROR
               : exc_raise(cx, EXC_RuntimeError, "coroutine ignored GeneratorExit");
}

/* ---- The coroutine ---- */

NATIVE(coroutine_send, "send(self, arg, /)",
       "send(arg) -> send 'arg' into coroutine,\nreturn next iterated value or raise "
       "StopIteration.") {
    return generator_send(cx, args[0], args[1]);
}

NATIVE(
    coroutine_throw, "throw(self, typ, val=None, tb=None, /)",
    "Raise exception in coroutine, return next iterated value or raise\nStopIteration.") {
    const Value exception = generator_exception_to_throw(cx, args[1], args[2], "throw");
    return IS_ERROR(exception) ? VALUE_ERROR : generator_throw(cx, args[0], exception);
}

NATIVE(coroutine_close, "close(self, /)",
       "close() -> raise GeneratorExit inside coroutine.") {
    return generator_close(cx, args[0]);
}

NATIVE(coroutine_await, "__await__(self, /)",
       "Return an iterator to be used in await expression.") {
    ObjCoroutineWrapper *wrapper = (ObjCoroutineWrapper *)heap_alloc(
        cx, sizeof *wrapper, KIND_COROUTINE_WRAPPER, KIND_COROUTINE_WRAPPER);
    if (wrapper == NULL) {
        return VALUE_ERROR;
    }
    wrapper->coroutine = args[0];
    return OBJ_VALUE(wrapper);
}

static const NativeDef coroutine_methods[] = {
    NATIVE_ENTRY(coroutine_send),  NATIVE_ENTRY(coroutine_throw),
    NATIVE_ENTRY(coroutine_close), NATIVE_ENTRY(coroutine_await),
    {NULL, NULL, NULL, 0},
};

static Value get_none(Context *cx, Value self) {
    (void)cx;
    (void)self;
    return VALUE_NONE;
}

static const GetsetDef coroutine_getsets[] = {
    {"__name__", NULL, generator_get_name, generator_set_name},
    {"__qualname__", NULL, generator_get_qualname, generator_set_qualname},
    {"cr_running", NULL, generator_get_running, NULL},
    {"cr_suspended", NULL, generator_get_suspended, NULL},
    {"cr_code", NULL, generator_get_code, NULL},
    {"cr_frame", NULL, call_generator_frame, NULL},
    {"cr_await", "object being awaited on, or None", generator_get_delegate, NULL},
    {"cr_origin", NULL, get_none, NULL},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjCoroutine = {
    .trace = generator_trace,
    .repr = generator_repr,
    .hash = value_hash_by_identity,
    .methods = coroutine_methods,
    .getsets = coroutine_getsets,
};

/* ---- What __await__ gives ---- */

static void wrapper_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjCoroutineWrapper *)o)->coroutine);
}

static Value wrapper_iter(Context *cx, Value v) {
    (void)cx;
    return v;
}

static Value wrapper_next(Context *cx, Value v) {
    Value returned = VALUE_NONE;
    return awaitable_resume(cx, v, VALUE_NONE, VALUE_UNSET, &returned);
}

NATIVE(wrapper_send, "send(self, arg, /)", "send(arg) -> send 'arg' into coroutine.") {
    return awaitable_send(cx, args[0], args[1]);
}

NATIVE(wrapper_throw, "throw(self, typ, val=None, tb=None, /)",
       "Raise exception in coroutine.") {
    return awaitable_throw(cx, args[0], args[1], args[2]);
}

NATIVE(wrapper_close, "close(self, /)", "Raise GeneratorExit inside coroutine.") {
    return generator_close(cx, ((ObjCoroutineWrapper *)AS_OBJ(args[0]))->coroutine);
}

static const NativeDef wrapper_methods[] = {
    NATIVE_ENTRY(wrapper_send),
    NATIVE_ENTRY(wrapper_throw),
    NATIVE_ENTRY(wrapper_close),
    {NULL, NULL, NULL, 0},
};

const KindOps kind_ops_ObjCoroutineWrapper = {
    .trace = wrapper_trace,
    .iter = wrapper_iter,
    .next = wrapper_next,
    .methods = wrapper_methods,
};
