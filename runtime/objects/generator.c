/* generator.c - generator objects and what coroutines share with them; they are run by
 * interp/ behind call_generator. */

#include "runtime/objects/generator.h"

#include "runtime/call.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/module.h"

ObjGenerator *generator_new(Context *cx, ObjFunction *function, uint32_t n_registers) {
    const unsigned flags = function->code->flags;
    const ObjKind kind = (flags & CODE_COROUTINE)         ? KIND_COROUTINE
                         : (flags & CODE_ASYNC_GENERATOR) ? KIND_ASYNC_GENERATOR
                                                          : KIND_GENERATOR;
    ObjGenerator *generator = (ObjGenerator *)heap_alloc(
        cx, sizeof(ObjGenerator) + n_registers * sizeof(Value), kind, kind);
    if (LIKELY(generator != NULL)) {
        generator->n_registers = n_registers;
        generator->function = function;
        generator->name = function->name;
        generator->qualname = function->qualname;
    }
    return generator;
}

const char *generator_noun(const ObjGenerator *generator) {
    switch (generator->header.kind) {
    case KIND_COROUTINE: return "coroutine";
    case KIND_ASYNC_GENERATOR: return "async generator";
    default: return "generator";
    }
}

void generator_trace(GcMarker *m, Obj *o) {
    ObjGenerator *generator = (ObjGenerator *)o;
    gc_mark_obj(m, generator->function);
    gc_mark_obj(m, generator->name);
    gc_mark_obj(m, generator->qualname);
    gc_mark_value(m, generator->handled);
    gc_mark_value(m, generator->delegate);
    /* While it runs, the registers live on a thread's stack and what stands here is stale;
     * but it counts as running, too, while something is thrown to what it delegates to. */
    if (generator->state == GENERATOR_CREATED || generator->state == GENERATOR_SUSPENDED ||
        (generator->state == GENERATOR_RUNNING && !IS_UNSET(generator->delegate))) {
        gc_mark_values(m, generator->registers, generator->n_registers);
    }
}

Value generator_repr(Context *cx, Value v) {
    const ObjStr *name = atomic_load_acquire(&AS_GENERATOR(v)->qualname);
    ObjStr *text = str_format_c(cx, "<%s object %.*s at 0x%llx>",
                                kind_type_names[AS_OBJ(v)->kind], (int)name->n_bytes, name->data, (unsigned long long)v);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value generator_iter(Context *cx, Value v) {
    (void)cx;
    return v;
}

static Value generator_next(Context *cx, Value v) {
    return call_generator_next(cx, v);
}

/* Raises StopIteration with what the generator returned. */
Value generator_stop_as_exception(Context *cx, Value result, Value returned) {
    if (result != VALUE_STOP) {
        return result;
    }
    return exc_raise_value(cx, EXC_StopIteration,
                           IS_NONE(returned) ? VALUE_UNSET : returned);
}

NATIVE(generator_method_next, "__next__(self, /)", "Implement next(self).") {
    Value returned = VALUE_NONE;
    const Value result = call_generator(cx, args[0], VALUE_NONE, VALUE_UNSET, &returned);
    return generator_stop_as_exception(cx, result, returned);
}

Value generator_send(Context *cx, Value v, Value sent) {
    const ObjGenerator *generator = AS_GENERATOR(v);
    if (!IS_NONE(sent) && atomic_load_acquire(&generator->state) == GENERATOR_CREATED) {
        return exc_raise(cx, EXC_TypeError,
                         "can't send non-None value to a just-started %s",
                         generator_noun(generator));
    }
    Value returned = VALUE_NONE;
    const Value result = call_generator(cx, v, sent, VALUE_UNSET, &returned);
    return generator_stop_as_exception(cx, result, returned);
}

NATIVE(generator_method_send, "send(self, arg, /)",
       "send(arg) -> send 'arg' into generator,\nreturn next yielded value or raise "
       "StopIteration.") {
    return generator_send(cx, args[0], args[1]);
}

/* What calling the class of exceptions with these arguments gives, if that is one. */
static Value make_exception(Context *cx, Value class, const Value *args, int n_args) {
    const Value made = call_value(cx, class, args, n_args);
    return IS_ERROR(made) || IS_EXCEPTION(made)
               ? made
               : exc_raise_not_instance(cx, class, type_name_of(cx, made));
}

Value generator_exception_to_throw(Context *cx, Value v, Value value, const char *method) {
    if (!IS_UNSET(value) && !module_warn(cx, exc_class(cx, EXC_DeprecationWarning), 1,
                                         "the (type, exc, tb) signature of %s() is deprecated, "
                                         "use the single-arg signature instead.", method)) {
        return VALUE_ERROR;
    }
    if (IS_EXCEPTION(v)) {
        if (!IS_UNSET(value) && !IS_NONE(value)) {
            return exc_raise(cx, EXC_TypeError,
                             "instance exception may not have a separate value");
        }
        return v;
    }
    if (!IS_TYPE(v) || !type_has(AS_TYPE(v), TYPE_FLAG_EXCEPTION)) {
        return exc_raise(
            cx, EXC_TypeError,
            "exceptions must be classes or instances deriving from BaseException, not %s",
            type_name_of(cx, v));
    }
    if (IS_EXCEPTION(value) && value_is_instance(cx, value, AS_TYPE(v))) {
        return value;
    }
    if (IS_UNSET(value) || IS_NONE(value)) {
        return make_exception(cx, v, NULL, 0);
    }
    if (IS_TUPLE(value)) {
        return make_exception(cx, v, AS_TUPLE(value)->items, (int)AS_TUPLE(value)->n);
    }
    return make_exception(cx, v, &value, 1);
}

Value generator_throw(Context *cx, Value generator, Value thrown) {
    Value returned = VALUE_NONE;
    const Value result = call_generator(cx, generator, VALUE_NONE, thrown, &returned);
    return generator_stop_as_exception(cx, result, returned);
}

NATIVE(
    generator_method_throw, "throw(self, typ, val=None, tb=None, /)",
    "Raise exception in generator, return next yielded value or raise\nStopIteration.") {
    const Value exception = generator_exception_to_throw(cx, args[1], args[2], "throw");
    return IS_ERROR(exception) ? VALUE_ERROR : generator_throw(cx, args[0], exception);
}

Value generator_close(Context *cx, Value v) {
    ObjGenerator *generator = AS_GENERATOR(v);
    uint8_t expected = GENERATOR_CREATED;
    if (atomic_cas(&generator->state, &expected, (uint8_t)GENERATOR_DONE) ||
        expected == GENERATOR_DONE) {
        return VALUE_NONE;
    }
    const Value exception = exc_new(cx, EXC_GeneratorExit, cx->rt->empty_tuple);
    if (IS_ERROR(exception)) {
        return VALUE_ERROR;
    }
    Value returned = VALUE_NONE;
    const Value result = call_generator(cx, v, VALUE_NONE, exception, &returned);
    if (result == VALUE_STOP) {
        return returned;
    }
    if (IS_ERROR(result)) {
        const bool is_expected =
            exc_take_if(cx, EXC_GeneratorExit) || exc_take_if(cx, EXC_StopIteration);
        return is_expected ? VALUE_NONE : VALUE_ERROR;
    }
    return exc_raise(cx, EXC_RuntimeError, "%s ignored GeneratorExit",
                     generator_noun(generator));
}

NATIVE(generator_method_close, "close(self, /)",
       "close() -> raise GeneratorExit inside generator.") {
    return generator_close(cx, args[0]);
}

static const NativeDef generator_methods[] = {
    NATIVE_ENTRY(generator_method_next),
    NATIVE_ENTRY(generator_method_send),
    NATIVE_ENTRY(generator_method_throw),
    NATIVE_ENTRY(generator_method_close),
    {NULL, NULL, NULL, 0},
};

Value generator_get_name(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(atomic_load_acquire(&AS_GENERATOR(self)->name));
}

bool generator_set_name(Context *cx, Value self, Value value) {
    return function_set_text(cx, &AS_GENERATOR(self)->name, value, "__name__");
}

Value generator_get_qualname(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(atomic_load_acquire(&AS_GENERATOR(self)->qualname));
}

bool generator_set_qualname(Context *cx, Value self, Value value) {
    return function_set_text(cx, &AS_GENERATOR(self)->qualname, value, "__qualname__");
}

Value generator_get_running(Context *cx, Value self) {
    (void)cx;
    return BOOL_VALUE(atomic_load_acquire(&AS_GENERATOR(self)->state) ==
                      GENERATOR_RUNNING);
}

Value generator_get_suspended(Context *cx, Value self) {
    (void)cx;
    return BOOL_VALUE(atomic_load_acquire(&AS_GENERATOR(self)->state) ==
                      GENERATOR_SUSPENDED);
}

Value generator_get_code(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(AS_GENERATOR(self)->function->code);
}

Value generator_get_delegate(Context *cx, Value self) {
    (void)cx;
    const Value delegate = value_load(&AS_GENERATOR(self)->delegate);
    return IS_UNSET(delegate) ? VALUE_NONE : delegate;
}

static const GetsetDef generator_getsets[] = {
    {"__name__", NULL, generator_get_name, generator_set_name},
    {"__qualname__", NULL, generator_get_qualname, generator_set_qualname},
    {"gi_running", NULL, generator_get_running, NULL},
    {"gi_suspended", NULL, generator_get_suspended, NULL},
    {"gi_code", NULL, generator_get_code, NULL},
    {"gi_frame", NULL, call_generator_frame, NULL},
    {"gi_yieldfrom", NULL, generator_get_delegate, NULL},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjGenerator = {
    .trace = generator_trace,
    .repr = generator_repr,
    .hash = value_hash_by_identity,
    .iter = generator_iter,
    .next = generator_next,
    .methods = generator_methods,
    .getsets = generator_getsets,
};
