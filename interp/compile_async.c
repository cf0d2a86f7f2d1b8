/* compile_async.c - await and async for. (async with is in compile_try.c.)
 *
 * To await is to yield from: YIELD_FROM hands up what the awaitable yields until it returns. */

#include "interp/ast_walk.h"
#include "interp/compiler.h"

void compile_await(Compiler *c, int sent, int iterator, int awaitable,
                   AwaitContext context) {
    emit_abc(c, OP_AWAIT_PREPARE, iterator, awaitable, (int)context);
    emit_load_constant(c, sent, VALUE_NONE);
    emit_abc(c, OP_YIELD_FROM, sent, iterator, 0);
}

/* StopAsyncIteration from where the next item is awaited, and from nowhere else, ends the
 * loop. */
AsyncLoop compile_async_for_begin(Compiler *c, const AstExpr *iterable, int source,
                                  const AstExpr *target) {
    Unit *u = c->unit;
    AsyncLoop loop = {.next = emit_label(c), .stop = emit_label(c)};
    int mark = (int)u->top;
    if (iterable != NULL) {
        source = compile_any(c, iterable);
        compile_at(c, iterable);
    }
    emit_release(c, mark);
    loop.iterator = emit_push(c);
    int item = emit_push(c);
    loop.exception = emit_push(c);
    if (iterable != NULL) {
        emit_abc(c, OP_ASYNC_ITER, loop.iterator, source, 0);
    } else {
        emit_move(c, loop.iterator, source);
    }
    emit_bind_loop(c, loop.next, emit_copy_bound(c), !u->is_dead);
    loop.bound = emit_copy_bound(c);
    uint32_t from = emit_open_range(c);
    emit_abc(c, OP_ASYNC_NEXT, loop.exception, loop.iterator, 0);
    compile_await(c, item, loop.exception, loop.exception, AWAIT_NEXT);
    emit_close_range(c, from, loop.stop, loop.exception);
    compile_assign_to(c, target, item);
    return loop;
}

void compile_async_for_end(Compiler *c, const AsyncLoop *loop, const AstNode *at) {
    compile_at(c, at);
    emit_jump(c, loop->next);
    emit_bind_loop(c, loop->stop, loop->bound, emit_has_jumps(c, loop->stop));
    emit_abc(c, OP_ASYNC_END, loop->exception, 0, 0);
}

void compile_async_for(Compiler *c, const AstFor *s) {
    LoopFrame frame = compile_enter_loop(c, &s->base);
    AsyncLoop loop = compile_async_for_begin(c, s->iter, REG_ANY, s->target);
    const Label on_break = compile_loop_body(c, &s->body, loop.next);
    compile_async_for_end(c, &loop, s->iter);
    compile_leave_loop(c, frame);
    compile_body(c, &s->orelse);
    emit_bind(c, on_break);
}
