/* async_generator.c - asynchronous generators and the steps in which they are awaited.
 *
 * __anext__(), asend(), athrow() and aclose() give a step: an awaitable that resumes the
 * generator. What the generator yields while it awaits something itself (`delegate` is set
 * then) goes up to who awaits the step; what it yields as an item is the step's result. One
 * step at a time: is_busy is set from its first resumption to its end. */

#include "runtime/call.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/host.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/coroutine.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"

typedef enum StepKind { STEP_ANEXT, STEP_ATHROW, STEP_ACLOSE } StepKind;
typedef enum StepState { STEP_CREATED, STEP_RUNNING, STEP_DONE } StepState;

typedef struct ObjAsyncStep {
    Obj header;
    uint8_t kind;    /* [const] StepKind; asend() is an anext that sends something */
    uint8_t state;   /* [atomic relaxed] StepState */
    Value generator; /* [const] */
    Value argument;  /* [const] what is sent or thrown */
} ObjAsyncStep;

typedef struct ObjAnextAwaitable {
    Obj header;
    Value awaitable;     /* [const] */
    Value iterator;      /* [atomic] of the awaitable, from the first resumption on */
    Value default_value; /* [const] */
} ObjAnextAwaitable;

#define AS_STEP(v)  ((ObjAsyncStep *)AS_OBJ(v))
#define AS_ANEXT(v) ((ObjAnextAwaitable *)AS_OBJ(v))

/* ---- Hooks ---- */

static const char hooks_key[] = "asyncgen_hooks";

Value async_hooks(Context *cx) {
    ObjStr *key = str_intern(cx, hooks_key, sizeof hooks_key - 1);
    const Value locals = key == NULL ? VALUE_ERROR : host_thread_locals(cx);
    return IS_ERROR(locals) ? VALUE_ERROR : dict_get_str(AS_DICT(locals), key);
}

bool async_set_hooks(Context *cx, Value first, Value finalizer) {
    ObjStr *key = str_intern(cx, hooks_key, sizeof hooks_key - 1);
    const Value locals = key == NULL ? VALUE_ERROR : host_thread_locals(cx);
    const Value hooks = IS_ERROR(locals) ? VALUE_ERROR : tuple_pack(cx, 2, first, finalizer);
    atomic_store_relaxed(&cx->rt->has_async_hooks, true);
    return !IS_ERROR(hooks) && dict_set_str(cx, AS_DICT(locals), key, hooks);
}

/* ---- Steps ---- */

static Value step_new(Context *cx, Value generator, StepKind kind, Value argument) {
    ObjAsyncStep *step =
        (ObjAsyncStep *)heap_alloc(cx, sizeof *step, KIND_ASYNC_STEP, KIND_ASYNC_STEP);
    if (step == NULL) {
        return VALUE_ERROR;
    }
    step->kind = (uint8_t)kind;
    step->generator = generator;
    step->argument = argument;
    return OBJ_VALUE(step);
}

/* The hook of sys.set_asyncgen_hooks() sees a generator before its first step. (It may see it more than once, when
 * several steps are made before the first of them is awaited.) */
static bool call_first_hook(Context *cx, Value generator) {
    if (LIKELY(!atomic_load_relaxed(&cx->rt->has_async_hooks)) ||
        atomic_load_acquire(&AS_GENERATOR(generator)->state) != GENERATOR_CREATED) {
        return true;
    }
    const Value hooks = async_hooks(cx);
    if (IS_ERROR(hooks)) {
        return false;
    }
    const Value first = IS_TUPLE(hooks) ? AS_TUPLE(hooks)->items[0] : VALUE_NONE;
    return IS_NONE(first) || !IS_ERROR(call_value(cx, first, &generator, 1));
}

Value async_generator_next(Context *cx, Value generator) {
    if (!call_first_hook(cx, generator)) {
        return VALUE_ERROR;
    }
    return step_new(cx, generator, STEP_ANEXT, VALUE_NONE);
}

static const char *step_name(const ObjAsyncStep *step) {
    static const char *const names[] = {"anext", "athrow", "aclose"};
    return names[step->kind];
}

static void set_busy(const ObjAsyncStep *step, bool is_busy) {
    atomic_store_relaxed(&AS_GENERATOR(step->generator)->is_busy, is_busy);
}

/* The step is over: what is to be raised or returned says the caller. */
static Value finish(ObjAsyncStep *step, Value result) {
    atomic_store_relaxed(&step->state, (uint8_t)STEP_DONE);
    set_busy(step, false);
    return result;
}

static Value raise_stop_async(Context *cx) {
    const Value exception = exc_new(cx, EXC_StopAsyncIteration, cx->rt->empty_tuple);
    return IS_ERROR(exception) ? VALUE_ERROR : exc_raise_object(cx, exception);
}

/* The end of a step by an exception or (VALUE_STOP) by the end of the generator. */
static Value finish_exhausted(Context *cx, ObjAsyncStep *step, Value result,
                              Value *returned) {
    if (step->kind == STEP_ACLOSE &&
        (result == VALUE_STOP || exc_take_if(cx, EXC_StopAsyncIteration) ||
         exc_take_if(cx, EXC_GeneratorExit))) {
        *returned = VALUE_NONE;
        return finish(step, VALUE_STOP);
    }
    if (result == VALUE_STOP) {
        raise_stop_async(cx);
    }
    if (!IS_UNSET(cx->pending) &&
        (exc_matches_kind(cx, cx->pending, EXC_StopAsyncIteration) ||
         exc_matches_kind(cx, cx->pending, EXC_GeneratorExit))) {
        atomic_store_relaxed(&AS_GENERATOR(step->generator)->is_closed, true);
    }
    return finish(step, VALUE_ERROR);
}

/* What resuming the generator gave. */
static Value digest(Context *cx, ObjAsyncStep *step, Value result, Value *returned) {
    if (IS_ERROR(result) || result == VALUE_STOP) {
        return finish_exhausted(cx, step, result, returned);
    }
    if (!IS_UNSET(value_load(&AS_GENERATOR(step->generator)->delegate))) {
        return result;
    }
    if (step->kind == STEP_ACLOSE) {
        finish(step, VALUE_ERROR);
        return exc_raise(cx, EXC_RuntimeError, "async generator ignored GeneratorExit");
    }
    *returned = result;
    return finish(step, VALUE_STOP);
}

/* Before the first resumption. VALUE_NONE: go on; VALUE_STOP: there is nothing to do. */
static Value begin(Context *cx, ObjAsyncStep *step, Value sent, bool is_thrown) {
    ObjGenerator *generator = AS_GENERATOR(step->generator);
    const bool is_next = step->kind == STEP_ANEXT;
    if (!is_next && !is_thrown &&
        atomic_load_acquire(&generator->state) == GENERATOR_DONE) {
        atomic_store_relaxed(&step->state, (uint8_t)STEP_DONE);
        return VALUE_STOP;
    }
    if (atomic_load_relaxed(&generator->is_busy)) {
        atomic_store_relaxed(&step->state, (uint8_t)STEP_DONE);
        return exc_raise(cx, EXC_RuntimeError,
                         "%s(): asynchronous generator is already running",
                         step_name(step));
    }
    if (!is_next && !is_thrown && atomic_load_relaxed(&generator->is_closed)) {
        atomic_store_relaxed(&step->state, (uint8_t)STEP_DONE);
        return raise_stop_async(cx);
    }
    if (!is_next && !IS_NONE(sent)) {
        return exc_raise(cx, EXC_RuntimeError,
                         "can't send non-None value to a just-started coroutine");
    }
    atomic_store_relaxed(&step->state, (uint8_t)STEP_RUNNING);
    set_busy(step, true);
    return VALUE_NONE;
}

/* What the step throws at its first resumption. */
static Value thrown_by(Context *cx, const ObjAsyncStep *step) {
    if (step->kind == STEP_ATHROW) {
        return step->argument;
    }
    atomic_store_relaxed(&AS_GENERATOR(step->generator)->is_closed, true);
    return exc_new(cx, EXC_GeneratorExit, cx->rt->empty_tuple);
}

Value async_step_resume(Context *cx, Value v, Value sent, Value thrown, Value *returned) {
    ObjAsyncStep *step = AS_STEP(v);
    const uint8_t state = atomic_load_relaxed(&step->state);
    if (state == STEP_DONE) {
        return exc_raise(cx, EXC_RuntimeError, "cannot reuse already awaited %s",
                         step->kind == STEP_ANEXT ? "__anext__()/asend()"
                                                  : "aclose()/athrow()");
    }
    if (state == STEP_CREATED) {
        const Value answer = begin(cx, step, sent, !IS_UNSET(thrown));
        if (answer != VALUE_NONE) {
            *returned = VALUE_NONE;
            return answer;
        }
        if (step->kind == STEP_ANEXT) {
            sent = IS_NONE(sent) ? step->argument : sent;
        } else if (IS_UNSET(thrown)) {
            thrown = thrown_by(cx, step);
            if (IS_ERROR(thrown)) {
                return finish(step, VALUE_ERROR);
            }
        }
    }
    Value ignored = VALUE_NONE;
    const Value result = call_generator(cx, step->generator, sent, thrown, &ignored);
    return digest(cx, step, result, returned);
}

static void step_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjAsyncStep *)o)->generator);
    gc_mark_value(m, ((ObjAsyncStep *)o)->argument);
}

static Value self_iter(Context *cx, Value v) {
    (void)cx;
    return v;
}

static Value helper_next(Context *cx, Value v) {
    Value returned = VALUE_NONE;
    return awaitable_resume(cx, v, VALUE_NONE, VALUE_UNSET, &returned);
}

NATIVE(helper_await, "__await__(self, /)",
       "Return an iterator to be used in await expression.") {
    return args[0];
}

NATIVE(helper_send, "send(self, arg, /)", "send(arg) -> send 'arg' into the awaitable.") {
    return awaitable_send(cx, args[0], args[1]);
}

NATIVE(helper_throw, "throw(self, typ, val=None, tb=None, /)",
       "Raise exception where the awaitable waits.") {
    return awaitable_throw(cx, args[0], args[1], args[2]);
}

NATIVE(helper_close, "close(self, /)", "Raise GeneratorExit where the awaitable waits.") {
    if (IS_KIND(args[0], KIND_ASYNC_STEP) &&
        atomic_load_relaxed(&AS_STEP(args[0])->state) == STEP_DONE) {
        return VALUE_NONE;
    }
    return awaitable_close(cx, args[0]);
}

static const NativeDef helper_methods[] = {
    NATIVE_ENTRY(helper_await), NATIVE_ENTRY(helper_send), NATIVE_ENTRY(helper_throw),
    NATIVE_ENTRY(helper_close), {NULL, NULL, NULL, 0},
};

const KindOps kind_ops_ObjAsyncStep = {
    .trace = step_trace,
    .iter = self_iter,
    .next = helper_next,
    .methods = helper_methods,
};

/* ---- anext() with a default ---- */

Value anext_awaitable_new(Context *cx, Value awaitable, Value default_value) {
    ObjAnextAwaitable *anext = (ObjAnextAwaitable *)heap_alloc(
        cx, sizeof *anext, KIND_ANEXT_AWAITABLE, KIND_ANEXT_AWAITABLE);
    if (anext == NULL) {
        return VALUE_ERROR;
    }
    anext->awaitable = awaitable;
    anext->default_value = default_value;
    return OBJ_VALUE(anext);
}

Value anext_resume(Context *cx, Value v, Value sent, Value thrown, Value *returned) {
    ObjAnextAwaitable *anext = AS_ANEXT(v);
    Value iterator = value_load(&anext->iterator);
    if (IS_UNSET(iterator)) {
        iterator = awaitable_iterator(cx, anext->awaitable);
        if (IS_ERROR(iterator)) {
            return VALUE_ERROR;
        }
        if (IS_UNSET(iterator)) {
            return exc_raise(cx, EXC_TypeError,
                             "object %s can't be used in 'await' expression",
                             type_name_of(cx, anext->awaitable));
        }
        value_store(&anext->iterator, iterator);
    }
    const Value result = awaitable_resume(cx, iterator, sent, thrown, returned);
    if (IS_ERROR(result) && exc_take_if(cx, EXC_StopAsyncIteration)) {
        *returned = anext->default_value;
        return VALUE_STOP;
    }
    return result;
}

static void anext_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjAnextAwaitable *)o)->awaitable);
    gc_mark_value(m, ((ObjAnextAwaitable *)o)->iterator);
    gc_mark_value(m, ((ObjAnextAwaitable *)o)->default_value);
}

const KindOps kind_ops_ObjAnextAwaitable = {
    .trace = anext_trace,
    .iter = self_iter,
    .next = helper_next,
    .methods = helper_methods,
};

/* ---- The generator ---- */

NATIVE(async_generator_aiter, "__aiter__(self, /)",
       "Return an awaitable, that resolves in asynchronous iterator.") {
    return args[0];
}

NATIVE(async_generator_anext, "__anext__(self, /)",
       "Return a value or raise StopAsyncIteration.") {
    return async_generator_next(cx, args[0]);
}

NATIVE(async_generator_asend, "asend(self, value, /)",
       "asend(v) -> send 'v' in generator.") {
    return call_first_hook(cx, args[0]) ? step_new(cx, args[0], STEP_ANEXT, args[1]) : VALUE_ERROR;
}

NATIVE(async_generator_athrow, "athrow(self, typ, val=None, tb=None, /)",
       "athrow(value) -> raise exception in generator.") {
    const Value exception = generator_exception_to_throw(cx, args[1], args[2], "athrow");
    return IS_ERROR(exception) ? VALUE_ERROR
                               : step_new(cx, args[0], STEP_ATHROW, exception);
}

NATIVE(async_generator_aclose, "aclose(self, /)",
       "aclose() -> raise GeneratorExit inside generator.") {
    return step_new(cx, args[0], STEP_ACLOSE, VALUE_NONE);
}

static const NativeDef async_generator_methods[] = {
    NATIVE_ENTRY(async_generator_aiter),  NATIVE_ENTRY(async_generator_anext),
    NATIVE_ENTRY(async_generator_asend),  NATIVE_ENTRY(async_generator_athrow),
    NATIVE_ENTRY(async_generator_aclose), {NULL, NULL, NULL, 0},
};

static Value get_busy(Context *cx, Value self) {
    (void)cx;
    return BOOL_VALUE(atomic_load_relaxed(&AS_GENERATOR(self)->is_busy));
}

static const GetsetDef async_generator_getsets[] = {
    {"__name__", NULL, generator_get_name, generator_set_name},
    {"__qualname__", NULL, generator_get_qualname, generator_set_qualname},
    {"ag_running", NULL, get_busy, NULL},
    {"ag_suspended", NULL, generator_get_suspended, NULL},
    {"ag_code", NULL, generator_get_code, NULL},
    {"ag_frame", NULL, call_generator_frame, NULL},
    {"ag_await", "object being awaited on, or None", generator_get_delegate, NULL},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjAsyncGenerator = {
    .trace = generator_trace,
    .repr = generator_repr,
    .hash = value_hash_by_identity,
    .methods = async_generator_methods,
    .getsets = async_generator_getsets,
};

/* ---- Asynchronous iteration of anything ---- */

Value async_iter(Context *cx, Value v, bool for_builtin) {
    const Value method = type_lookup(cx, type_of(cx, v), context_name(cx, NAME_aiter_));
    if (IS_UNSET(method)) {
        return exc_raise(
            cx, EXC_TypeError,
            for_builtin ? "'%s' object is not an async iterable"
                        : "'async for' requires an object with __aiter__ method, got %s",
            type_name_of(cx, v));
    }
    const Value iterator = call_method(cx, method, v, NULL, 0);
    if (IS_ERROR(iterator)) {
        return VALUE_ERROR;
    }
    if (IS_UNSET(type_lookup(cx, type_of(cx, iterator), context_name(cx, NAME_anext_)))) {
        return exc_raise(cx, EXC_TypeError,
                         for_builtin
                             ? "aiter() returned not an async iterator of type '%s'"
                             : "'async for' received an object from __aiter__ that "
                               "does not implement __anext__: %s",
                         type_name_of(cx, iterator));
    }
    return iterator;
}

Value async_next(Context *cx, Value iterator, bool for_builtin) {
    if (IS_KIND(iterator, KIND_ASYNC_GENERATOR)) {
        return async_generator_next(cx, iterator);
    }
    const Value method =
        type_lookup(cx, type_of(cx, iterator), context_name(cx, NAME_anext_));
    if (IS_UNSET(method)) {
        return exc_raise(
            cx, EXC_TypeError,
            for_builtin
                ? "'%s' object is not an async iterator"
                : "'async for' requires an iterator with __anext__ method, got %s",
            type_name_of(cx, iterator));
    }
    return call_method(cx, method, iterator, NULL, 0);
}
