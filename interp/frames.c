/* frames.c - frames as scripts see them: locals(), sys._getframe(), gi_frame. See runtime/call.h.
 *
 * A frame object is a picture: what it needs of the registers is copied. */

#include <string.h>

#include "interp/frame.h"
#include "interp/thread.h"
#include "runtime/call.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/frame.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/list.h"

static bool add_local(Context *cx, ObjDict *locals, Value name, Value value) {
    ObjStr *text = AS_STR(name);
    if (IS_KIND(value, KIND_CELL)) {
        value = value_load(&((ObjCell *)AS_OBJ(value))->value);
    }
    /* Names such as ".0" are the compiler's own. */
    if (IS_UNSET(value) || text->n_bytes == 0 || text->data[0] == '.') {
        return true;
    }
    return dict_set_str(cx, locals, text, value);
}

/* function: NULL for code that has no free variables. */
static Value locals_in(Context *cx, const ObjCode *code, const ObjFunction *function,
                       const Value *registers) {
    if (code->flags & CODE_CLASS_BODY) {
        return registers[0];
    }
    if (code->flags & CODE_MODULE) {
        return module_namespace(cx, code->module);
    }
    ObjDict *locals = dict_new(cx, code->local_names->n);
    if (locals == NULL) {
        return VALUE_ERROR;
    }
    for (size_t i = 0; i < code->local_names->n; i++) {
        if (!add_local(cx, locals, code->local_names->items[i], registers[i])) {
            return VALUE_ERROR;
        }
    }
    for (size_t i = 0; i < code->free_names->n; i++) {
        if (!add_local(cx, locals, code->free_names->items[i],
                       OBJ_VALUE(function->free[i]))) {
            return VALUE_ERROR;
        }
    }
    return OBJ_VALUE(locals);
}

static Value locals_of(Context *cx, const Value *base) {
    return locals_in(cx, frame_code(base), FRAME_FUNCTION(base), base);
}

Value call_current_locals(Context *cx) {
    Value *base = thread_of(cx)->stack.base;
    return frame_is_bottom(base) ? exc_raise(cx, EXC_SystemError, "frame does not exist")
                                 : locals_of(cx, base);
}

/* The frames from base on; the locals of the first ones are kept, the others' would take long to copy. */
static Value picture_of_frames(Context *cx, Value *base, const Instruction *pc) {
    enum { MAX_FRAMES = 10000, N_WITH_LOCALS = 4 };
    ObjList *frames = list_new(cx, 8);
    if (frames == NULL) {
        return VALUE_ERROR;
    }
    for (int n = 0; n < MAX_FRAMES && !frame_is_bottom(base); n++) {
        ObjCode *code = frame_code(base);
        const uint32_t at = (uint32_t)(pc - code->instructions);
        const Value locals = n < N_WITH_LOCALS ? locals_of(cx, base) : VALUE_UNSET;
        ObjFrame *frame = IS_ERROR(locals) ? NULL
                                           : frame_new(cx, code, at == 0 ? 0 : at - 1,
                                                       VALUE_NONE, locals);
        if (frame == NULL || !list_append(cx, frames, OBJ_VALUE(frame))) {
            return VALUE_ERROR;
        }
        pc = FRAME_RETURN_PC(base);
        base = FRAME_CALLER(base);
    }
    const size_t n = list_length(frames);
    for (size_t i = 0; i + 1 < n; i++) { /* nobody else has seen them yet */
        ((ObjFrame *)AS_OBJ(list_peek(frames, i)))->back = list_peek(frames, i + 1);
    }
    return list_peek(frames, 0);
}

Value call_frame(Context *cx, int64_t depth) {
    const RegisterStack *stack = &thread_of(cx)->stack;
    Value *base = stack->base;
    const Instruction *pc = stack->pc;
    for (; depth > 0 && !frame_is_bottom(base); depth--) {
        pc = FRAME_RETURN_PC(base);
        base = FRAME_CALLER(base);
    }
    return frame_is_bottom(base)
               ? exc_raise(cx, EXC_ValueError, "call stack is not deep enough")
               : picture_of_frames(cx, base, pc);
}

Value call_generator_frame(Context *cx, Value v) {
    ObjGenerator *generator = AS_GENERATOR(v);
    const uint8_t state = atomic_load_acquire(&generator->state);
    if (state == GENERATOR_DONE) {
        return VALUE_NONE;
    }
    ObjCode *code = generator->function->code;
    ObjTuple *kept = tuple_new(cx, generator->n_registers);
    if (kept == NULL) {
        return VALUE_ERROR;
    }
    /* Who resumes it writes to the registers: a picture is only taken by who holds it. */
    uint8_t expected = state;
    if (state == GENERATOR_RUNNING ||
        !atomic_cas(&generator->state, &expected, (uint8_t)GENERATOR_RUNNING)) {
        ObjFrame *frame = frame_new(cx, code, 0, VALUE_NONE, VALUE_UNSET);
        return frame != NULL ? OBJ_VALUE(frame) : VALUE_ERROR;
    }
    const uint32_t at =
        state == GENERATOR_CREATED || generator->at == 0 ? 0 : generator->at - 1;
    memcpy(kept->items, generator->registers, generator->n_registers * sizeof(Value));
    atomic_store_release(&generator->state, state);
    const Value locals = locals_in(cx, code, generator->function, kept->items);
    ObjFrame *frame =
        IS_ERROR(locals) ? NULL : frame_new(cx, code, at, VALUE_NONE, locals);
    if (frame != NULL && state == GENERATOR_CREATED) {
        frame->line = code->first_line;
    }
    return frame != NULL ? OBJ_VALUE(frame) : VALUE_ERROR;
}
