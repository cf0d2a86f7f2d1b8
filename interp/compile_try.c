/* compile_try.c - try, with, and leaving them.
 *
 * A block around statements has an open range of instructions; what is raised there goes
 * to its handler. Where a statement leaves blocks (return, break, continue), their ranges
 * are closed, their endings (a finally body, a call of __exit__) are compiled in place,
 * and behind the jump the ranges are opened anew. So the ending of a block is covered by
 * the blocks around it, not by its own; and since inner ranges close before outer ones,
 * inner handlers stand before outer ones in the table.
 *
 * Registers of a handler: R[e] the exception, R[e+1] the one handled before
 * (ENTER_HANDLER). An exception that is raised while R[e] is handled passes a handler of
 * its own, in R[e+2], which does nothing but LEAVE_HANDLER. */

#include "interp/compiler.h"

/* ---- Blocks ---- */

static void open_range(Compiler *c, Block *block) {
    block->from = emit_open_range(c);
}

static void close_range(Compiler *c, Block *block) {
    emit_close_range(c, block->from, block->handler, block->reg);
}

static void push_block(Compiler *c, Block *block) {
    block->outer = c->unit->block;
    c->unit->block = block;
    open_range(c, block);
}

static void pop_block(Compiler *c, Block *block) {
    close_range(c, block);
    c->unit->block = block->outer;
}

/* Awaits __aexit__ R[exit], R[exit+1], called with exception R[e] or (REG_ANY) without one.
 * Returns the register of its result, a temporary. */
static int await_exit(Compiler *c, int exit, int e) {
    int result = emit_push(c);
    int iterator = emit_push(c);
    emit_abc(c, OP_ASYNC_WITH_EXIT, iterator, exit, e + 1);
    compile_await(c, result, iterator, iterator, AWAIT_EXIT);
    emit_release(c, result);
    return result;
}

static void with_exit(Compiler *c, const Block *block) {
    compile_at(c, block->node);
    if (block->is_async) {
        await_exit(c, block->held, REG_ANY);
    } else {
        emit_abc(c, OP_WITH_EXIT, block->held, 0, 0);
    }
}

static void leave_handler(Compiler *c, const Block *block) {
    if (block->name != NULL) {
        compile_unbind(c, block->name);
    }
    emit_abc(c, OP_LEAVE_HANDLER, block->held, 0, 0);
}

void compile_exit_blocks(Compiler *c, Block *until) {
    Unit *u = c->unit;
    Block *innermost = u->block;
    for (Block *block = innermost; block != until && !c->has_failed;
         block = block->outer) {
        if (block->kind == BLOCK_LOOP) {
            continue;
        }
        close_range(c, block);
        u->block = block->outer;
        switch (block->kind) {
        case BLOCK_FINALLY: compile_body(c, block->finalbody); break;
        case BLOCK_HANDLER: leave_handler(c, block); break;
        case BLOCK_WITH: with_exit(c, block); break;
        default: break;
        }
    }
    u->block = innermost;
}

void compile_reopen_blocks(Compiler *c, Block *until) {
    for (Block *block = c->unit->block; block != until && !c->has_failed;
         block = block->outer) {
        if (block->kind != BLOCK_LOOP) {
            open_range(c, block);
        }
    }
}

bool compile_check_leaving(Compiler *c, const AstNode *at, const Block *until) {
    for (const Block *block = c->unit->block; block != until; block = block->outer) {
        if (block->is_star) {
            compile_error(c, at,
                          "'break', 'continue' and 'return' cannot appear in an except* "
                          "block");
            return false;
        }
    }
    return true;
}

bool compile_has_cleanup(const Compiler *c) {
    for (const Block *block = c->unit->block; block != NULL; block = block->outer) {
        if (block->kind == BLOCK_FINALLY || block->kind == BLOCK_WITH ||
            block->name != NULL) {
            return true;
        }
    }
    return false;
}

/* ---- Handlers ---- */

/* Binds the head of a handler; bound is what held where its ranges began. */
static void bind_handler(Compiler *c, Label handler, const uint64_t *bound) {
    emit_bind_loop(c, handler, bound, emit_has_jumps(c, handler));
}

/* Around what runs while R[e] is handled: what is raised there goes to cleanup (a label,
 * see end_handling). */
static Block handling_block(int e, const Ident *name, Label cleanup) {
    return (Block){
        .kind = BLOCK_HANDLER, .handler = cleanup, .reg = e + 2, .held = e, .name = name};
}

/* The handler of handlers: puts the state back and lets the new exception, in R[e+2], go
 * on. */
static void end_handling(Compiler *c, const Block *block, const uint64_t *bound) {
    Unit *u = c->unit;
    uint32_t top = u->top;
    bind_handler(c, block->handler, bound);
    u->top = (uint32_t)block->reg + 1;
    leave_handler(c, block);
    u->top = top;
    emit_abc(c, OP_RERAISE, block->reg, 0, 0);
}

static int push_handler_registers(Compiler *c) {
    int e = emit_push_n(c, 3);
    emit_release(c, e + 2);
    return e;
}

/* ---- try ... except ---- */

static void except_clause(Compiler *c, const AstExceptHandler *h, int e, Label end,
                          Label cleanup, const uint64_t *bound) {
    bool has_name = h->name != NULL;
    if (has_name) {
        compile_store(c, &h->base, h->name, e);
    }
    Block block = handling_block(e, h->name, has_name ? emit_label(c) : cleanup);
    push_block(c, &block);
    compile_body(c, &h->body);
    pop_block(c, &block);
    leave_handler(c, &block);
    emit_jump(c, end);
    if (has_name) {
        end_handling(c, &block, bound);
    }
}

/* Goes to next when R[e] is none of h's exceptions. */
static void except_test(Compiler *c, const AstExceptHandler *h, int e, Label next,
                        Label cleanup) {
    Block block = handling_block(e, NULL, cleanup);
    push_block(c, &block);
    int mark = (int)c->unit->top;
    int type = compile_any(c, h->type);
    emit_release(c, mark);
    compile_at(c, h); /* where something that is no exception class is reported */
    emit_jump_if(c, OP_JUMP_IF_NO_MATCH, e, type, 0, next);
    pop_block(c, &block);
}

/* The clauses in order; what none of them takes goes on. */
static void except_clauses(Compiler *c, const AstTry *s, int e, Label end) {
    uint64_t *bound = emit_copy_bound(c);
    Label cleanup = emit_label(c);
    for (uint32_t i = 0; i < s->handlers.n && !c->has_failed; i++) {
        const AstExceptHandler *h = s->handlers.items[i];
        Label next = emit_label(c);
        compile_at(c, h);
        if (h->type != NULL) {
            except_test(c, h, e, next, cleanup);
        } else if (i + 1 < s->handlers.n) {
            compile_error(c, &h->base, "default 'except:' must be last");
        }
        except_clause(c, h, e, end, cleanup, bound);
        emit_bind(c, next);
    }
    emit_abc(c, OP_LEAVE_HANDLER, e, 0, 0);
    emit_abc(c, OP_RERAISE, e, 0, 0);
    Block block = handling_block(e, NULL, cleanup);
    end_handling(c, &block, bound);
}

/* ---- try ... except* ---- */

/* Registers behind those of the handler: what is left of the exception, the list of what the
 * clauses raised, the part that a clause takes and (ENTER_HANDLER) what was handled before. */
typedef struct StarRegisters {
    int rest;
    int raised;
    int match;
} StarRegisters;

/* What is raised in the body joins the list. */
static void star_body(Compiler *c, const AstExceptHandler *h, const StarRegisters *r,
                      Label next, const uint64_t *bound) {
    Block block = {.kind = BLOCK_HANDLER,
                   .handler = emit_label(c),
                   .reg = r->match + 2,
                   .held = r->match,
                   .name = h->name,
                   .is_star = true};
    emit_abc(c, OP_ENTER_HANDLER, r->match, 0, 0);
    push_block(c, &block);
    if (h->name != NULL) {
        compile_store(c, &h->base, h->name, r->match);
    }
    compile_body(c, &h->body);
    pop_block(c, &block);
    leave_handler(c, &block);
    emit_jump(c, next);
    bind_handler(c, block.handler, bound);
    int raised = emit_push(c);
    leave_handler(c, &block);
    emit_abc(c, OP_LIST_APPEND, r->raised, raised, 0);
    emit_release(c, raised);
}

static void star_clauses(Compiler *c, const AstTry *s, int e, const StarRegisters *r) {
    uint64_t *bound = emit_copy_bound(c);
    for (uint32_t i = 0; i < s->handlers.n && !c->has_failed; i++) {
        const AstExceptHandler *h = s->handlers.items[i];
        Label next = emit_label(c);
        int mark = (int)c->unit->top;
        int type = compile_any(c, h->type);
        emit_release(c, mark);
        compile_at(c, h);
        emit_abc(c, OP_STAR_MATCH, r->match, r->rest, type);
        emit_jump_if(c, OP_JUMP_IF_NONE, r->match, 0, 0, next);
        star_body(c, h, r, next, bound);
        emit_bind(c, next);
    }
    compile_at(c, s);
    emit_abc(c, OP_STAR_COMBINE, r->rest, e, r->raised);
}

/* In the handler of the try: R[e] is being handled. */
static void handle_star(Compiler *c, const AstTry *s, int e, Label end) {
    uint64_t *bound = emit_copy_bound(c);
    Block handling = handling_block(e, NULL, emit_label(c));
    emit_push(c); /* R[e+2], the exception that ends the clauses early */
    StarRegisters r = {.rest = emit_push(c), .raised = emit_push(c)};
    r.match = emit_push_n(c, 3);
    emit_release(c, r.match + 2);
    push_block(c, &handling);
    emit_move(c, r.rest, e);
    emit_abc(c, OP_BUILD_LIST, r.raised, r.raised, 0);
    star_clauses(c, s, e, &r);
    pop_block(c, &handling);
    emit_abc(c, OP_LEAVE_HANDLER, e, 0, 0);
    emit_jump_if(c, OP_JUMP_IF_NONE, r.rest, 0, 0, end);
    emit_abc(c, OP_RERAISE, r.rest, 0, 0);
    end_handling(c, &handling, bound);
}

static void try_except(Compiler *c, const AstTry *s) {
    Unit *u = c->unit;
    Label end = emit_label(c);
    uint64_t *bound = emit_copy_bound(c);
    int e = push_handler_registers(c);
    emit_release(c, e);
    Block block = {
        .kind = BLOCK_TRY, .handler = emit_label(c), .reg = e, .node = &s->base};
    push_block(c, &block);
    compile_body(c, &s->body);
    pop_block(c, &block);
    compile_body(c, &s->orelse);
    emit_jump(c, end);
    compile_at(c, s);
    bind_handler(c, block.handler, bound);
    push_handler_registers(c);
    emit_abc(c, OP_ENTER_HANDLER, e, 0, 0);
    if (s->is_star) {
        handle_star(c, s, e, end);
    } else {
        except_clauses(c, s, e, end);
    }
    u->top = (uint32_t)e;
    emit_bind(c, end);
}

/* ---- try ... finally ---- */

static void try_finally(Compiler *c, const AstTry *s) {
    Unit *u = c->unit;
    Label end = emit_label(c);
    uint64_t *bound = emit_copy_bound(c);
    int e = push_handler_registers(c);
    emit_release(c, e);
    Block block = {.kind = BLOCK_FINALLY,
                   .handler = emit_label(c),
                   .reg = e,
                   .finalbody = &s->finalbody,
                   .node = &s->base};
    push_block(c, &block);
    if (s->handlers.n > 0) {
        try_except(c, s);
    } else {
        compile_body(c, &s->body);
    }
    pop_block(c, &block);
    compile_body(c, &s->finalbody);
    emit_jump(c, end);
    bind_handler(c, block.handler, bound);
    push_handler_registers(c);
    emit_abc(c, OP_ENTER_HANDLER, e, 0, 0);
    Block handling = handling_block(e, NULL, emit_label(c));
    push_block(c, &handling);
    compile_body(c, &s->finalbody);
    pop_block(c, &handling);
    emit_abc(c, OP_LEAVE_HANDLER, e, 0, 0);
    emit_abc(c, OP_RERAISE, e, 0, 0);
    end_handling(c, &handling, bound);
    u->top = (uint32_t)e;
    emit_bind(c, end);
}

void compile_try(Compiler *c, const AstTry *s) {
    if (s->finalbody.n > 0) {
        try_finally(c, s);
    } else {
        try_except(c, s);
    }
}

/* ---- with ---- */

static void with_item(Compiler *c, const AstWith *s, uint32_t i);

static void with_inside(Compiler *c, const AstWith *s, uint32_t i) {
    if (i < s->items.n) {
        with_item(c, s, i);
    } else {
        compile_body(c, &s->body);
    }
}

/* R[result] = what __aenter__ of R[manager] gives; it may be the same register. */
static void await_enter(Compiler *c, int exit, int manager, int result) {
    int iterator = emit_push(c);
    emit_abc(c, OP_ASYNC_WITH_ENTER, exit, manager, iterator);
    compile_await(c, result, iterator, iterator, AWAIT_ENTER);
    emit_release(c, iterator);
}

static void with_item(Compiler *c, const AstWith *s, uint32_t i) {
    Unit *u = c->unit;
    const AstWithItem *item = s->items.items[i];
    const AstExpr *vars = item->optional_vars;
    int mark = (int)u->top;
    int exit = emit_push_n(c, 2);
    int e = push_handler_registers(c);
    emit_release(c, e);
    Label end = emit_label(c);
    int manager = compile_any(c, item->context_expr);
    int local = vars == NULL || s->is_async ? REG_ANY : compile_local_register(c, vars);
    int result = compile_dest(c, e, local);
    compile_at(c, item->context_expr);
    if (s->is_async) {
        await_enter(c, exit, manager, result);
    } else {
        emit_abc(c, OP_WITH_ENTER, exit, manager, result);
    }
    uint64_t *bound = emit_copy_bound(c);
    Block block = {.kind = BLOCK_WITH,
                   .handler = emit_label(c),
                   .reg = e,
                   .held = exit,
                   .node = item->context_expr,
                   .is_async = s->is_async};
    push_block(c, &block);
    if (vars != NULL) {
        compile_assign_to(c, vars, result);
    }
    emit_release(c, e);
    with_inside(c, s, i + 1);
    pop_block(c, &block);
    with_exit(c, &block);
    emit_jump(c, end);
    bind_handler(c, block.handler, bound);
    push_handler_registers(c);
    emit_abc(c, OP_ENTER_HANDLER, e, 0, 0);
    Block handling = handling_block(e, NULL, emit_label(c));
    push_block(c, &handling);
    Label suppressed = emit_label(c);
    compile_at(c, item->context_expr);
    if (s->is_async) {
        emit_jump_if(c, OP_JUMP_IF_TRUE, await_exit(c, exit, e), 0, 0, suppressed);
    } else {
        emit_jump_if(c, OP_WITH_EXIT_EXC, exit, e, 0, suppressed);
    }
    pop_block(c, &handling);
    emit_abc(c, OP_LEAVE_HANDLER, e, 0, 0);
    emit_abc(c, OP_RERAISE, e, 0, 0);
    end_handling(c, &handling, bound);
    emit_bind(c, suppressed);
    emit_abc(c, OP_LEAVE_HANDLER, e, 0, 0);
    emit_bind(c, end);
    emit_release(c, mark);
}

void compile_with(Compiler *c, const AstWith *s) {
    with_item(c, s, 0);
}
