/* call.c - entering functions, from the loop and from C.
 *
 * A call from the loop does not recurse in C: call_window pushes a window and the loop goes on there. A call from C
 * (a key function of sort, __repr__ from print, a thread's target) pushes a window marked FRAME_ENTRY and
 * runs a loop of its own until that returns; its depth is bounded by the C stack.
 *
 * See also: frame.h for the layout of windows, bind.c for arguments, unwind.c for the way out. */

#include "interp/call.h"

#include "interp/eval.h"
#include "interp/uncaught.h"
#include "interp/unwind.h"
#include "runtime/base/config.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/array.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/native.h"

void call_pop_frame(Thread *th) {
    RegisterStack *stack = &th->stack;
    Value *base = stack->base;
    stack->pc = FRAME_RETURN_PC(base);
    stack->base = FRAME_CALLER(base);
    stack->depth--;
    if (FRAME_FLAGS(base) & FRAME_SEGMENT) {
        stack_leave_segment(stack);
    }
}

static inline void set_frame(RegisterStack *stack, Value *base, ObjFunction *function, unsigned flags,
                             unsigned result_register) {
    stack->depth++;
    base[-4] = OBJ_VALUE(function);
    base[-3] = FRAME_ADDRESS(stack->pc);
    base[-2] = FRAME_ADDRESS(stack->base);
    base[-1] = frame_state(flags, result_register);
    stack->base = base;
    stack->pc = function->code->instructions;
}

/* Makes base the innermost window; it runs `function` from its first instruction. */
static bool push_frame(Thread *th, Value *base, ObjFunction *function, unsigned flags,
                       unsigned result_register) {
    RegisterStack *stack = &th->stack;
    if (UNLIKELY(stack->depth >= atomic_load_relaxed(&stack->max_depth))) {
        exc_raise_recursion(&th->cx);
        return false;
    }
    set_frame(stack, base, function, flags, result_register);
    return true;
}

/* ---- Generators ---- */

/* Windows of generators are short: a loop beats a call of memcpy. */
static inline void copy_registers(Value *to, const Value *from, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        to[i] = from[i];
    }
}

static Value make_generator(Context *cx, ObjFunction *function, const Value *registers,
                            bool is_discarded) {
    ObjCode *code = function->code;
    ObjGenerator *generator = generator_new(cx, function, code->n_registers);
    if (generator == NULL) {
        return VALUE_ERROR;
    }
    memcpy(generator->registers, registers, code_n_parameters(code) * sizeof(Value));
    if (code->flags & CODE_COROUTINE) {
        if (UNLIKELY(is_discarded)) {
            uncaught_never_awaited(cx, OBJ_VALUE(generator));
        } else {
            vec_push(&cx->heap_local.unawaited, &generator->header);
        }
    }
    return OBJ_VALUE(generator);
}

/* True with RuntimeError for a coroutine that is over. */
static bool is_awaited_again(Context *cx, const ObjGenerator *generator) {
    if (generator->header.kind != KIND_COROUTINE) {
        return false;
    }
    exc_raise(cx, EXC_RuntimeError, "cannot reuse already awaited coroutine");
    return true;
}

int call_claim_generator(Context *cx, ObjGenerator *generator, Value sent) {
    for (;;) {
        uint8_t state = atomic_load_acquire(&generator->state);
        if (state == GENERATOR_DONE) {
            return is_awaited_again(cx, generator) ? -1 : 0;
        }
        if (state == GENERATOR_RUNNING) {
            exc_raise(cx, EXC_ValueError, "%s already executing", generator_noun(generator));
            return -1;
        }
        if (state == GENERATOR_CREATED && !IS_NONE(sent) && !IS_UNSET(sent)) {
            exc_raise(cx, EXC_TypeError, "can't send non-None value to a just-started %s",
                      generator_noun(generator));
            return -1;
        }
        if (LIKELY(!cx->is_parallel)) {
            atomic_store_relaxed(&generator->state, (uint8_t)GENERATOR_RUNNING);
        } else if (!atomic_cas(&generator->state, &state, (uint8_t)GENERATOR_RUNNING)) {
            continue;
        }
        generator->is_started = state == GENERATOR_SUSPENDED;
        return 1;
    }
}

bool call_push_generator(Thread *th, ObjGenerator *generator, Value sent,
                         const Instruction *return_pc, unsigned flags) {
    RegisterStack *stack = &th->stack;
    Context *cx = &th->cx;
    uint8_t idle = generator->is_started ? GENERATOR_SUSPENDED : GENERATOR_CREATED;
    unsigned segment_flag;
    Value *window = stack_reserve(stack, GENERATOR_FRAME_WORDS + generator->n_registers,
                                  &segment_flag);
    if (UNLIKELY(window == NULL)) {
        atomic_store_release(&generator->state, idle);
        exc_raise_recursion(cx);
        return false;
    }
    Value *base = window + GENERATOR_FRAME_WORDS;
    base[-5] = OBJ_VALUE(generator);
    base[-6] = cx->handled;
    const Instruction *own_pc = stack->pc;
    stack->pc = return_pc;
    if (!push_frame(th, base, generator->function, FRAME_GENERATOR | segment_flag | flags, 0)) {
        stack->pc = own_pc;
        if (segment_flag) {
            stack_leave_segment(stack);
        }
        atomic_store_release(&generator->state, idle);
        return false;
    }
    copy_registers(base, generator->registers, generator->n_registers);
    generator->delegate = VALUE_UNSET; /* it stands at a `yield from` again, or no longer */
    if (!IS_UNSET(generator->handled)) {
        cx->handled = generator->handled;
    }
    if (generator->is_started) {
        base[generator->result_register] = sent;
        stack->pc += generator->at;
    }
    return true;
}

/* Is handled what a handler around the instruction before `at` holds? One who resumes may
 * handle the same exception as the generator: what was thrown into it. The range of a
 * handler leads to register e + 2, the exception is in e. */
static bool handles_at(const ObjCode *code, const Value *base, uint32_t at,
                       Value handled) {
    if (IS_UNSET(handled)) {
        return false;
    }
    at -= at != 0;
    for (uint32_t i = 0; i < code->n_handlers; i++) {
        const CodeHandler *handler = &code->handlers[i];
        if (at >= handler->from && at < handler->to && handler->reg >= 2 &&
            base[handler->reg - 2] == handled) {
            return true;
        }
    }
    return false;
}

void call_suspend_generator(Thread *th, const Instruction *at, unsigned result_register) {
    Value *base = th->stack.base;
    Context *cx = &th->cx;
    ObjGenerator *generator = AS_GENERATOR(base[-5]);
    copy_registers(generator->registers, base, generator->n_registers);
    generator->at = (uint32_t)(at - generator->function->code->instructions);
    generator->result_register = result_register;
    bool is_own = cx->handled != base[-6] ||
                  handles_at(generator->function->code, base, generator->at, cx->handled);
    generator->handled = is_own ? cx->handled : VALUE_UNSET;
    cx->handled = base[-6];
    call_pop_frame(th);
    atomic_store_release(&generator->state, (uint8_t)GENERATOR_SUSPENDED);
}

void call_finish_generator(Thread *th) {
    Value *base = th->stack.base;
    ObjGenerator *generator = AS_GENERATOR(base[-5]);
    generator->delegate = VALUE_UNSET;
    th->cx.handled = base[-6];
    call_pop_frame(th);
    atomic_store_release(&generator->state, (uint8_t)GENERATOR_DONE);
}

/* ---- Calls in place ---- */

static size_t count_arguments(const CallArguments *arguments) {
    return (size_t)arguments->n_positional + (arguments->names != NULL ? arguments->names->n : 0);
}

static CallOutcome done(Value value, Value *result) {
    *result = value;
    return IS_ERROR(value) ? CALL_FAILED : CALL_DONE;
}

static inline CallOutcome entered(bool ok) {
    return LIKELY(ok) ? CALL_ENTERED : CALL_FAILED;
}

/* Enters function, whose arguments stand behind its window. flags: FRAME_INIT, FRAME_ENTRY, FRAME_SEGMENT. */
static CallOutcome enter_function(Thread *th, Value *window, const CallArguments *arguments,
                                  unsigned flags, unsigned result_register, Value *result) {
    RegisterStack *stack = &th->stack;
    Context *cx = &th->cx;
    ObjFunction *function = AS_FUNCTION(window[0]);
    ObjCode *code = function->code;
    Value *base = window + FRAME_WORDS;
    if (UNLIKELY(base + code->n_registers > stack->limit)) {
        size_t n_below = (flags & FRAME_INIT) ? 1 : 0;
        bool is_in_place = arguments->values == base;
        size_t n_used = n_below + FRAME_WORDS + (is_in_place ? count_arguments(arguments) : 0);
        size_t n_words = n_below + FRAME_WORDS + code->n_registers;
        Value *moved = stack_relocate(stack, window - n_below, n_used,
                                      n_words > n_used ? n_words : n_used);
        if (moved == NULL) {
            exc_raise_recursion(cx);
            return CALL_FAILED;
        }
        flags |= FRAME_SEGMENT;
        CallArguments moved_arguments = *arguments;
        base = moved + n_below + FRAME_WORDS;
        base[-4] = window[0];
        if (is_in_place) {
            moved_arguments.values = base;
        }
        CallOutcome outcome = enter_function(th, base - FRAME_WORDS, &moved_arguments, flags,
                                             result_register, result);
        if (outcome != CALL_ENTERED) {
            stack_leave_segment(stack);
        }
        return outcome;
    }
    bool is_plain = arguments->names == NULL && IS_UNSET(arguments->keywords);
    if (is_plain && function->simple_n_args == arguments->n_positional) {
        if (arguments->values != base) {
            memcpy(base, arguments->values, (size_t)arguments->n_positional * sizeof(Value));
        }
    } else {
        /* A collection must not take the window, which is no frame yet, for dead words. */
        size_t n_given = arguments->values == base ? count_arguments(arguments) : 0;
        stack->building = base + (n_given > code->n_registers ? n_given : code->n_registers);
        bool is_bound = bind_arguments(cx, function, base, arguments);
        if (is_bound && (code->flags & CODE_GENERATOR)) {
            /* STEP discarded */
            bool is_discarded = stack->base + result_register == window + 1;
            *result = make_generator(cx, function, base, is_discarded);
        }
        stack->building = NULL;
        if (!is_bound) {
            return CALL_FAILED;
        }
        if (code->flags & CODE_GENERATOR) {
            if ((flags & FRAME_INIT) && !IS_ERROR(*result)) {
                type_check_init(cx, *result); /* the generator is what an __init__ with a yield returns */
                return CALL_FAILED;
            }
            return done(*result, result);
        }
    }
    return entered(push_frame(th, base, function, flags, result_register));
}

static CallOutcome call_native_window(Thread *th, Value *window, const CallArguments *arguments,
                                      Value *result) {
    Context *cx = &th->cx;
    ObjNative *native = AS_NATIVE(window[0]);
    bool is_plain = arguments->names == NULL && IS_UNSET(arguments->keywords);
    if (is_plain && native->is_simple && arguments->values == window + FRAME_WORDS) {
        return done(native_call_in_place(cx, native, window + FRAME_WORDS, arguments->n_positional),
                    result);
    }
    Value keywords = bind_keywords_dict(cx, arguments);
    if (IS_ERROR(keywords)) {
        return CALL_FAILED;
    }
    return done(native_call(cx, native, arguments->values, arguments->n_positional, keywords),
                result);
}

/* Puts self in front of the arguments, in place. */
static void insert_self(Value *window, CallArguments *arguments, Value self) {
    size_t n = count_arguments(arguments);
    Value *values = window + FRAME_WORDS;
    memmove(values + 1, arguments->values, n * sizeof(Value));
    values[0] = self;
    arguments->values = values;
    arguments->n_positional++;
}

/* Calls a class. When its instances are plain and __init__ is a mini function that is entered; base[-5] of
 * its window is the instance: so the window moves up by one. */
static CallOutcome call_type_window(Thread *th, Value *window, CallArguments *arguments,
                                    unsigned result_register, Value *result) {
    Context *cx = &th->cx;
    ObjType *type = AS_TYPE(window[0]);
    Value init;
    if (type_is_plain_call(cx, type, &init) && IS_FUNCTION(init)) {
        Obj *instance = instance_new_plain(cx, type);
        if (instance == NULL) {
            return CALL_FAILED;
        }
        insert_self(window + 1, arguments, OBJ_VALUE(instance));
        window[0] = OBJ_VALUE(instance);
        window[1] = init;
        return enter_function(th, window + 1, arguments, FRAME_INIT, result_register, result);
    }
    Value keywords = bind_keywords_dict(cx, arguments);
    if (IS_ERROR(keywords)) {
        return CALL_FAILED;
    }
    return done(type_call(cx, type, arguments->values, arguments->n_positional, keywords), result);
}

/* What is called in place of an object that is no function, method or class: what its class has as __call__. *self is the
 * object where that is a function; VALUE_UNSET where it was bound in some other way. VALUE_ERROR: TypeError. */
static Value callee_of(Context *cx, Value callee, Value *self) {
    *self = VALUE_UNSET;
    if (IS_KIND(callee, KIND_STATICMETHOD)) {
        return ((ObjWrapper *)AS_OBJ(callee))->function;
    }
    Value call = type_special(type_of(cx, callee), SPECIAL_call);
    if (IS_UNSET(call)) {
        return exc_raise(cx, EXC_TypeError, "'%s' object is not callable", type_name_of(cx, callee));
    }
    if (IS_FUNCTION(call) || IS_NATIVE(call)) {
        *self = callee;
        return call;
    }
    return value_bind_special(cx, call, callee);
}

static CallOutcome call_any(Thread *th, Value *window, CallArguments *arguments,
                            unsigned result_register, Value *result) {
    enum { MAX_STEPS = 8 };
    Context *cx = &th->cx;
    for (int n_steps = 0; n_steps < MAX_STEPS; n_steps++) {
        Value callee = window[0];
        switch (IS_OBJ(callee) ? AS_OBJ(callee)->kind : KIND_FREE) {
        case KIND_FUNCTION:
            return enter_function(th, window, arguments, 0, result_register, result);
        case KIND_NATIVE:
            return call_native_window(th, window, arguments, result);
        case KIND_METHOD:
            window[0] = AS_METHOD(callee)->function;
            insert_self(window, arguments, AS_METHOD(callee)->self);
            break;
        case KIND_TYPE: {
            Value call = type_metacall(cx, AS_TYPE(callee));
            if (LIKELY(!IS_FUNCTION(call))) {
                return call_type_window(th, window, arguments, result_register, result);
            }
            window[0] = call;
            insert_self(window, arguments, callee);
            break;
        }
        default: {
            Value self;
            window[0] = callee_of(cx, callee, &self);
            if (IS_ERROR(window[0])) {
                return CALL_FAILED;
            }
            if (!IS_UNSET(self)) {
                insert_self(window, arguments, self);
            }
        }
        }
    }
    /* Methods of methods, __call__ that are objects with a __call__: the window has no room for more of that, the C
     * stack is checked. */
    Value keywords = bind_keywords_dict(cx, arguments);
    if (IS_ERROR(keywords)) {
        return CALL_FAILED;
    }
    return done(call_value_kw(cx, window[0], arguments->values, arguments->n_positional, keywords), result);
}

CallOutcome call_window(Thread *th, Value *window, int n_args, ObjTuple *names, Value keywords,
                        unsigned result_register, Value *result) {
    int n_named = names != NULL ? (int)names->n : 0;
    CallArguments arguments = {window + FRAME_WORDS, n_args - n_named, names, keywords};
    return call_any(th, window, &arguments, result_register, result);
}

/* Can the window of function be entered at base with the n_args positional arguments that stand there, or are about to be
 * moved there? Those it lacks are there already. */
static bool is_ready_in_place(const RegisterStack *stack, const ObjFunction *function, Value *base,
                              int n_args) {
    return base + function->code->n_registers <= stack->limit && bind_missing(function, base, n_args);
}

/* Moves the n values below `end` up by `by` words. There are few of them, and a loop beats memmove, which the compiler would
 * make of it. */
static inline void move_up(Value *end, int n, int by) {
    for (; n > 0; n--) {
        end--;
        end[by] = *end;
        CONFIG_FORGET(end);
    }
}

/* function(self, args...) where the arguments stand behind the window of another callee. */
static CallOutcome call_with_self(Thread *th, Value *window, ObjFunction *function, Value self,
                                  int n_args, unsigned result_register, Value *result) {
    Value *base = window + FRAME_WORDS;
    if (UNLIKELY(!is_ready_in_place(&th->stack, function, base, n_args + 1))) {
        return call_window(th, window, n_args, NULL, VALUE_UNSET, result_register, result);
    }
    move_up(base + n_args, n_args, 1);
    base[0] = self;
    return entered(push_frame(th, base, function, 0, result_register));
}

/* A class whose instances are plain and whose __init__ takes the arguments as they stand: see call_type_window. Without
 * __init__ and arguments the instance is all. */
static CallOutcome call_class(Thread *th, Value *window, int n_args, unsigned result_register,
                              Value *result) {
    ObjType *type = AS_TYPE(window[0]);
    Value *base = window + 1 + FRAME_WORDS;
    Value init;
    if (UNLIKELY(!type_is_plain_call(&th->cx, type, &init) ||
                 (IS_UNSET(init) ? n_args != 0 : AS_FUNCTION(init)->simple_n_args <= n_args))) {
        return call_window(th, window, n_args, NULL, VALUE_UNSET, result_register, result);
    }
    Obj *instance = instance_new_plain(&th->cx, type);
    if (instance == NULL) {
        return CALL_FAILED;
    }
    if (IS_UNSET(init)) {
        *result = OBJ_VALUE(instance);
        return CALL_DONE;
    }
    /* Not before: a collection clears what stands above the caller's window. */
    if (UNLIKELY(!is_ready_in_place(&th->stack, AS_FUNCTION(init), base, n_args + 1))) {
        return call_window(th, window, n_args, NULL, VALUE_UNSET, result_register, result);
    }
    move_up(window + FRAME_WORDS + n_args, n_args, 2);
    base[0] = base[-5] = OBJ_VALUE(instance);
    return entered(push_frame(th, base, AS_FUNCTION(init), FRAME_INIT, result_register));
}

CallOutcome call_positional(Thread *th, Value *window, int n_args, unsigned result_register,
                            Value *result) {
    Value callee = window[0];
    Value function = VALUE_UNSET;
    Value self = callee;
    switch (IS_OBJ(callee) ? AS_OBJ(callee)->kind : KIND_FREE) {
    case KIND_FUNCTION:
        if (AS_FUNCTION(callee)->simple_n_args > n_args &&
            is_ready_in_place(&th->stack, AS_FUNCTION(callee), window + FRAME_WORDS, n_args)) {
            return entered(push_frame(th, window + FRAME_WORDS, AS_FUNCTION(callee), 0, result_register));
        }
        return enter_function(th, window, &(CallArguments){window + FRAME_WORDS, n_args, NULL, VALUE_UNSET},
                              0, result_register, result);
    case KIND_TYPE:
        return call_class(th, window, n_args, result_register, result);
    case KIND_METHOD:
        function = AS_METHOD(callee)->function;
        self = AS_METHOD(callee)->self;
        break;
    case KIND_INSTANCE:
        function = type_special(type_of(&th->cx, callee), SPECIAL_call);
        break;
    default:
        break;
    }
    if (LIKELY(IS_FUNCTION(function))) {
        return call_with_self(th, window, AS_FUNCTION(function), self, n_args, result_register, result);
    }
    return call_window(th, window, n_args, NULL, VALUE_UNSET, result_register, result);
}

CallOutcome call_getter(Thread *th, ObjFunction *getter, Value object, unsigned result_register) {
    unsigned flags;
    Value *window = stack_reserve(&th->stack, FRAME_WORDS + getter->code->n_registers, &flags);
    if (UNLIKELY(window == NULL)) {
        exc_raise_recursion(&th->cx);
        return CALL_FAILED;
    }
    Value *base = window + FRAME_WORDS;
    base[0] = object;
    if (UNLIKELY(!push_frame(th, base, getter, flags, result_register))) {
        if (flags & FRAME_SEGMENT) {
            stack_leave_segment(&th->stack);
        }
        return CALL_FAILED;
    }
    return CALL_ENTERED;
}

CallOutcome call_spread(Thread *th, Value *window, ObjTuple *positional, Value keywords,
                        unsigned result_register, Value *result) {
    if (!IS_UNSET(keywords) && dict_length(AS_DICT(keywords)) == 0) {
        keywords = VALUE_UNSET;
    }
    if (IS_FUNCTION(window[0])) {
        CallArguments arguments = {positional->items, (int)positional->n, NULL, keywords};
        return enter_function(th, window, &arguments, 0, result_register, result);
    }
    return done(call_value_kw(&th->cx, window[0], positional->items, (int)positional->n, keywords),
                result);
}

/* ---- Calls from C ---- */

/* function(first..., args...): first is VALUE_UNSET when there is none. */
static Value call_function(Context *cx, ObjFunction *function, Value first, const Value *args,
                           int n_args, Value keywords) {
    if (!exc_check_c_stack(cx)) {
        return VALUE_ERROR;
    }
    Thread *th = thread_of(cx);
    RegisterStack *stack = &th->stack;
    int n_first = !IS_UNSET(first);
    size_t n_total = (size_t)(n_args + n_first);
    size_t n_words = n_total > function->code->n_registers ? n_total : function->code->n_registers;
    unsigned flags;
    Value *window = stack_reserve(stack, FRAME_WORDS + n_words, &flags);
    if (window == NULL) {
        return exc_raise_recursion(cx);
    }
    window[0] = OBJ_VALUE(function);
    Value *values = window + FRAME_WORDS;
    values[0] = first;
    for (int i = 0; i < n_args; i++) {
        values[n_first + i] = args[i];
    }
    const Instruction *own_pc = stack->pc;
    Value result;
    CallOutcome outcome;
    flags |= FRAME_ENTRY;
    if (LIKELY(IS_UNSET(keywords) && bind_missing(function, values, (int)n_total))) {
        outcome = entered(push_frame(th, values, function, flags, 0));
    } else {
        CallArguments arguments = {values, (int)n_total, NULL, keywords};
        outcome = enter_function(th, window, &arguments, flags, 0, &result);
    }
    if (outcome == CALL_ENTERED) {
        result = eval_run(th);
    } else if (flags & FRAME_SEGMENT) {
        stack_leave_segment(stack);
    }
    stack->pc = own_pc;
    return outcome == CALL_FAILED ? VALUE_ERROR : result;
}

/* callee(first, args...) where callee is no mini function. */
static Value call_with_first(Context *cx, Value callee, Value first, const Value *args, int n_args,
                             Value keywords) {
    if (!exc_check_c_stack(cx)) {
        return VALUE_ERROR;
    }
    Value small[16];
    Value *all = small;
    if (n_args + 1 > 16) {
        ObjArray *array = array_new(cx, (size_t)n_args + 1);
        if (array == NULL) {
            return VALUE_ERROR;
        }
        all = array->items;
    }
    all[0] = first;
    if (n_args > 0) { /* without arguments args may be NULL, which memcpy must not get */
        memcpy(all + 1, args, (size_t)n_args * sizeof(Value));
    }
    return call_value_kw(cx, callee, all, n_args + 1, keywords);
}

/* An object whose class has __call__, which may be an object of that sort again. */
static Value call_by_special(Context *cx, Value callee, const Value *args, int n_args, Value kwargs) {
    enum { MAX_STEPS = 1000 };
    for (int n_steps = 0; n_steps < MAX_STEPS; n_steps++) {
        Value self;
        callee = callee_of(cx, callee, &self);
        if (IS_ERROR(callee)) {
            return VALUE_ERROR;
        }
        if (!IS_UNSET(self)) {
            return call_with_first(cx, callee, self, args, n_args, kwargs);
        }
        if (IS_FUNCTION(callee) || IS_NATIVE(callee) || IS_METHOD(callee) || IS_TYPE(callee)) {
            return call_value_kw(cx, callee, args, n_args, kwargs);
        }
    }
    return exc_raise_recursion_in(cx, "while calling a Python object");
}

Value call_value_kw(Context *cx, Value callee, const Value *args, int n_args, Value kwargs) {
    switch (IS_OBJ(callee) ? AS_OBJ(callee)->kind : KIND_FREE) {
    case KIND_FUNCTION:
        return call_function(cx, AS_FUNCTION(callee), VALUE_UNSET, args, n_args, kwargs);
    case KIND_NATIVE:
        return native_call(cx, AS_NATIVE(callee), args, n_args, kwargs);
    case KIND_METHOD: {
        ObjMethod *method = AS_METHOD(callee);
        if (IS_FUNCTION(method->function)) {
            return call_function(cx, AS_FUNCTION(method->function), method->self, args, n_args,
                                 kwargs);
        }
        return call_with_first(cx, method->function, method->self, args, n_args, kwargs);
    }
    case KIND_TYPE:
        return type_call(cx, AS_TYPE(callee), args, n_args, kwargs);
    default:
        return call_by_special(cx, callee, args, n_args, kwargs);
    }
}

Value call_value(Context *cx, Value callee, const Value *args, int n_args) {
    return call_value_kw(cx, callee, args, n_args, VALUE_UNSET);
}

Value call_method(Context *cx, Value callee, Value self, const Value *args, int n_args) {
    if (IS_FUNCTION(callee)) {
        return call_function(cx, AS_FUNCTION(callee), self, args, n_args, VALUE_UNSET);
    }
    if (IS_NATIVE(callee)) {
        return call_with_first(cx, callee, self, args, n_args, VALUE_UNSET);
    }
    callee = value_bind_special(cx, callee, self);
    return IS_ERROR(callee) ? VALUE_ERROR : call_value_kw(cx, callee, args, n_args, VALUE_UNSET);
}

/* ---- Generators from C ---- */

/* GeneratorExit closes the delegate, and is raised at the `yield from` itself then. */
static bool close_delegate(Context *cx, Value delegate) {
    if (generator_is_direct(delegate)) {
        return !IS_ERROR(generator_close(cx, delegate));
    }
    const Value close =
        value_getattr_or_unset(cx, delegate, context_name(cx, NAME_plain_close));
    if (IS_ERROR(close)) {
        uncaught_ignore(cx, delegate);
        return true;
    }
    return IS_UNSET(close) || !IS_ERROR(call_value(cx, close, NULL, 0));
}

/* Throws into what `yield from` delegates to. Returns what it yields, VALUE_STOP with *value when it finished,
 * VALUE_ERROR when it raised, VALUE_UNSET when it takes no exceptions. */
static Value throw_into_delegate(Context *cx, Value delegate, Value thrown, Value *value) {
    if (generator_is_direct(delegate)) {
        return call_generator(cx, delegate, VALUE_NONE, thrown, value);
    }
    const Value method =
        value_getattr_or_unset(cx, delegate, context_name(cx, NAME_plain_throw));
    return IS_UNSET(method) || IS_ERROR(method) ? method : call_value(cx, method, &thrown, 1);
}

/* Gives *thrown to what a claimed generator delegates to: GeneratorExit closes it, but what an asynchronous generator
 * awaits is thrown it too, since it may have to wait in order to end. Returns what the delegate yields; VALUE_STOP with
 * the *value of the `yield from`, which a StopIteration is that nobody took; or VALUE_UNSET with what is raised there in
 * *thrown. */
static Value throw_through(Context *cx, ObjGenerator *generator, Value *thrown, Value *value) {
    const Value delegate = generator->delegate;
    Value result;
    if (exc_matches_kind(cx, *thrown, EXC_GeneratorExit) &&
        generator->header.kind != KIND_ASYNC_GENERATOR) {
        result = close_delegate(cx, delegate) ? VALUE_UNSET : VALUE_ERROR;
    } else {
        result = throw_into_delegate(cx, delegate, *thrown, value);
    }
    if (IS_ERROR(result)) {
        *thrown = exc_take(cx);
        result = VALUE_UNSET;
    }
    if (IS_UNSET(result) && exc_matches_kind(cx, *thrown, EXC_StopIteration)) {
        *value = AS_EXCEPTION(*thrown)->value;
        return VALUE_STOP;
    }
    return result;
}

/* What eval_run came back with; VALUE_STOP for a generator that returned, with *returned. */
static Value generator_result(Thread *th, const ObjGenerator *generator, Value result, Value *returned) {
    if (!IS_ERROR(result) && atomic_load_acquire(&generator->state) == GENERATOR_DONE &&
        th->stack.generator_returned) {
        th->stack.generator_returned = false;
        if (returned != NULL) {
            *returned = result;
        }
        return VALUE_STOP;
    }
    return result;
}

/* Runs a claimed generator from C until it yields, returns or raises. */
static Value run_generator(Thread *th, ObjGenerator *generator, Value sent, Value thrown,
                           Value *returned) {
    Context *cx = &th->cx;
    const Instruction *own_pc = th->stack.pc;
    const bool is_handling = !IS_UNSET(generator->handled);
    if (!call_push_generator(th, generator, sent, own_pc, FRAME_ENTRY)) {
        return VALUE_ERROR;
    }
    Value result = VALUE_ERROR;
    bool goes_on = true;
    if (!IS_UNSET(thrown)) {
        /* The exception is raised by the yield, the instruction before. Its context is what the generator
         * itself handles there, and not what its caller does. */
        if (is_handling) {
            exc_raise_object(cx, thrown);
        } else {
            cx->pending = thrown;
        }
        goes_on = unwind_pending(th, true);
    }
    if (goes_on) {
        result = eval_run(th);
    }
    th->stack.pc = own_pc;
    return generator_result(th, generator, result, returned);
}

Value call_generator(Context *cx, Value value, Value sent, Value thrown, Value *returned) {
    ObjGenerator *generator = AS_GENERATOR(value);
    Thread *th = thread_of(cx);
    if (!exc_check_c_stack(cx)) {
        return VALUE_ERROR;
    }
    int claimed = call_claim_generator(cx, generator, IS_UNSET(thrown) ? sent : VALUE_UNSET);
    if (claimed < 0) {
        return VALUE_ERROR;
    }
    if (claimed == 0) {
        if (!IS_UNSET(thrown)) {
            cx->pending = thrown;
            return VALUE_ERROR;
        }
        if (returned != NULL) {
            *returned = VALUE_NONE;
        }
        return VALUE_STOP;
    }
    if (!IS_UNSET(thrown) && !generator->is_started) {
        atomic_store_release(&generator->state, (uint8_t)GENERATOR_DONE);
        cx->pending = thrown;
        return VALUE_ERROR;
    }
    if (!IS_UNSET(thrown) && !IS_UNSET(generator->delegate)) {
        Value result = throw_through(cx, generator, &thrown, &sent);
        if (!IS_UNSET(result) && !IS_STOP(result)) {
            atomic_store_release(&generator->state, (uint8_t)GENERATOR_SUSPENDED);
            return result;
        }
        /* `yield from` is done: go on behind it, with its value or the exception. */
        generator->at++;
        thrown = IS_STOP(result) ? VALUE_UNSET : thrown;
    }
    generator->delegate = VALUE_UNSET;
    return run_generator(th, generator, sent, thrown, returned);
}

/* The usual case of call_generator, call_push_generator and push_frame in a row: for each item of a generator
 * expression under sum(), join(), list(), ... it is passed through. */
Value call_generator_next(Context *cx, Value value) {
    ObjGenerator *generator = AS_GENERATOR(value);
    Thread *th = thread_of(cx);
    RegisterStack *stack = &th->stack;
    Value *base = frame_end(stack->base) + NATIVE_SLACK_WORDS + GENERATOR_FRAME_WORDS;
    if (UNLIKELY(atomic_load_acquire(&generator->state) != GENERATOR_SUSPENDED || cx->is_parallel ||
                 !IS_UNSET(generator->handled) || base + generator->n_registers > stack->limit ||
                 stack->depth >= atomic_load_relaxed(&stack->max_depth) || context_c_stack_is_short(cx))) {
        return call_generator(cx, value, VALUE_NONE, VALUE_UNSET, NULL);
    }
    atomic_store_relaxed(&generator->state, (uint8_t)GENERATOR_RUNNING);
    generator->is_started = true;
    generator->delegate = VALUE_UNSET;
    const Instruction *own_pc = stack->pc;
    base[-6] = cx->handled;
    base[-5] = value;
    set_frame(stack, base, generator->function, FRAME_GENERATOR | FRAME_ENTRY, 0);
    copy_registers(base, generator->registers, generator->n_registers);
    base[generator->result_register] = VALUE_NONE;
    stack->pc += generator->at;
    const Value result = eval_run(th);
    stack->pc = own_pc;
    return generator_result(th, generator, result, NULL);
}

/* ---- Where the script is ---- */

/* The innermost frame of the script, or NULL. */
static Value *current_frame(Context *cx) {
    Value *base = thread_of(cx)->stack.base;
    return frame_is_bottom(base) ? NULL : base;
}

bool call_current_position(Context *cx, Value *code, int *line) {
    Value *base = current_frame(cx);
    if (base == NULL) {
        return false;
    }
    ObjCode *current = frame_code(base);
    *code = OBJ_VALUE(current);
    uint32_t at = (uint32_t)(thread_of(cx)->stack.pc - current->instructions);
    const CodePosition *position = code_position(current, at == 0 ? 0 : at - 1);
    *line = position != NULL ? (int)position->line : 0;
    return true;
}

ObjModule *call_current_globals(Context *cx) {
    Value *base = current_frame(cx);
    return base == NULL ? NULL : frame_code(base)->module;
}

bool call_current_super(Context *cx, Value *type, Value *self) {
    Value *base = current_frame(cx);
    if (base == NULL || frame_code(base)->n_args == 0 || (frame_code(base)->flags & CODE_CLASS_BODY)) {
        exc_raise(cx, EXC_RuntimeError, "super(): no arguments");
        return false;
    }
    ObjFunction *function = FRAME_FUNCTION(base);
    ObjCode *code = function->code;
    *self = base[0];
    if (IS_KIND(*self, KIND_CELL)) {
        *self = value_load(&((ObjCell *)AS_OBJ(*self))->value);
    }
    if (IS_UNSET(*self)) {
        exc_raise(cx, EXC_RuntimeError, "super(): arg[0] deleted");
        return false;
    }
    for (size_t i = 0; i < code->free_names->n; i++) {
        if (str_equals(AS_STR(code->free_names->items[i]), context_name(cx, NAME_class_))) {
            *type = value_load(&function->free[i]->value);
            if (IS_UNSET(*type)) {
                exc_raise(cx, EXC_RuntimeError, "super(): empty __class__ cell");
                return false;
            }
            return true;
        }
    }
    exc_raise(cx, EXC_RuntimeError, "super(): __class__ cell not found");
    return false;
}

Value eval_module(Thread *th, ObjCode *code) {
    ObjFunction *function = function_new(&th->cx, code);
    if (function == NULL) {
        return VALUE_ERROR;
    }
    return call_function(&th->cx, function, VALUE_UNSET, NULL, 0, VALUE_UNSET);
}
