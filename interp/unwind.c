/* unwind.c - the way out of frames with an exception.
 *
 * Handlers stand in tables beside the code (CodeHandler), so a try costs nothing until something is raised. A thread that is
 * to end (a daemon at exit) comes here without a pending exception: then no handler is asked. */

#include "interp/unwind.h"

#include "interp/call.h"
#include "runtime/objects/exception.h"

static const CodeHandler *find_handler(const ObjCode *code, uint32_t at) {
    for (uint32_t i = 0; i < code->n_handlers; i++) {
        const CodeHandler *handler = &code->handlers[i];
        if (at >= handler->from && at < handler->to) {
            return handler;
        }
    }
    return NULL;
}

/* A generator that raises StopIteration would look as if it had ended: PEP 479. */
static void convert_stop_iteration(Context *cx, const ObjGenerator *generator) {
    if (IS_UNSET(cx->pending)) {
        return;
    }
    bool is_async = generator->header.kind == KIND_ASYNC_GENERATOR &&
                    exc_matches_kind(cx, cx->pending, EXC_StopAsyncIteration);
    if (!is_async && !exc_matches_kind(cx, cx->pending, EXC_StopIteration)) {
        return;
    }
    Value stop = exc_take(cx);
    exc_raise(cx, EXC_RuntimeError, "%s raised %s", generator_noun(generator),
              is_async ? "StopAsyncIteration" : "StopIteration");
    if (IS_EXCEPTION(cx->pending)) {
        ObjException *error = AS_EXCEPTION(cx->pending);
        value_store(&error->cause, stop);
        value_store(&error->context, stop);
        error->suppress_context = true;
    }
}

bool unwind_pending(Thread *th, bool is_new) {
    Context *cx = &th->cx;
    for (;;) {
        Value *base = th->stack.base;
        ObjCode *code = frame_code(base);
        if (LIKELY(!IS_UNSET(cx->pending))) {
            uint32_t at = (uint32_t)(th->stack.pc - code->instructions);
            at -= at != 0;
            if (is_new) {
                exc_add_traceback(cx, cx->pending, OBJ_VALUE(code), at);
            }
            const CodeHandler *handler = find_handler(code, at);
            if (handler != NULL) {
                base[handler->reg] = cx->pending;
                cx->pending = VALUE_UNSET;
                th->stack.pc = code->instructions + handler->target;
                return true;
            }
        }
        is_new = true;
        unsigned flags = FRAME_FLAGS(base);
        if (flags & FRAME_GENERATOR) {
            const ObjGenerator *generator = AS_GENERATOR(base[-5]);
            call_finish_generator(th);
            convert_stop_iteration(cx, generator);
        } else {
            call_pop_frame(th);
        }
        if (flags & FRAME_ENTRY) {
            return false;
        }
    }
}
