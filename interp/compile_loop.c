/* compile_loop.c - for and while, and the constants that loops keep in registers.
 *
 * The test of a while loop stands twice: before the loop, and at its end, where a jump
 * back to the body both continues the loop and polls. So a trip round costs one jump, and
 * what the first test binds is known in the body. A for loop enters at its FOR_NEXT,
 * which stands at the end for the same reason.
 *
 * Preloading: before the outermost loop of a unit runs, the constants that are operands
 * inside of it (and fit no immediate) are loaded into temporaries that stay for the whole
 * loop. Those in inner loops come first. */

#include "interp/ast_walk.h"
#include "interp/compiler.h"

enum {
    PRELOAD_MAX = 24,      /* registers for constants */
    PRELOAD_MIN_ROOM = 96, /* registers that have to remain for everything else */
    PRELOAD_MAX_CANDIDATES = 96,
    PRELOAD_MAX_DEPTH = 200 /* of the tree that is searched */
};

/* ---- Finding constants ---- */

typedef struct Candidate {
    Value value;
    uint64_t weight;
} Candidate;

typedef struct Scan {
    Compiler *c;
    uint32_t loop_depth;
    uint32_t depth;
    uint32_t n;
    Candidate candidates[PRELOAD_MAX_CANDIDATES];
} Scan;

static void scan_node(void *argument, const AstNode *node);

static void add_value(Scan *s, Value v) {
    uint64_t weight = UINT64_C(1) << (3 * (s->loop_depth < 16 ? s->loop_depth : 16));
    for (uint32_t i = 0; i < s->n; i++) {
        if (emit_same_constant(s->candidates[i].value, v)) {
            s->candidates[i].weight += weight;
            return;
        }
    }
    if (s->n < PRELOAD_MAX_CANDIDATES) {
        s->candidates[s->n++] = (Candidate){v, weight};
    }
}

/* e is an operand; has_imm: there is a form of the instruction for small integers. */
static void scan_operand(Scan *s, const AstExpr *e, bool has_imm) {
    Value v = fold_constant(s->c, e);
    if (!IS_UNSET(v) && !(has_imm && fold_is_imm(v)) && !s->c->has_failed) {
        add_value(s, v);
    }
}

static void scan_compare(Scan *s, const AstCompare *e) {
    scan_operand(s, e->left, false);
    for (uint32_t i = 0; i < e->ops.n; i++) {
        AstCmpOperator op = e->ops.items[i];
        const AstExpr *right = e->comparators.items[i];
        Value v;
        if (op == AST_CMP_IN || op == AST_CMP_NOT_IN) {
            if (compile_constant_container(s->c, right, &v)) {
                add_value(s, v);
            }
        } else if (!IS_NONE(fold_constant(s->c, right))) {
            scan_operand(s, right, compile_has_compare_imm(op) && e->ops.n == 1);
        }
    }
}

/* A value that is stored into a subscript or attribute has to be in a register. */
static void scan_assign(Scan *s, const AstAssign *e) {
    for (uint32_t i = 0; i < e->targets.n; i++) {
        uint8_t kind = e->targets.items[i]->kind;
        if (kind == AST_SUBSCRIPT || kind == AST_ATTRIBUTE) {
            scan_operand(s, e->value, false);
            return;
        }
    }
}

static void scan_operands(Scan *s, const AstNode *node) {
    switch (node->kind) {
    case AST_BIN_OP: {
        const AstBinOp *e = AST_AS(BinOp, BIN_OP, node);
        scan_operand(s, e->left, false);
        scan_operand(s, e->right, compile_has_imm_form(e->op, false));
        break;
    }
    case AST_AUG_ASSIGN: {
        const AstAugAssign *e = AST_AS(AugAssign, AUG_ASSIGN, node);
        scan_operand(s, e->value, compile_has_imm_form(e->op, true));
        break;
    }
    case AST_COMPARE: scan_compare(s, AST_AS(Compare, COMPARE, node)); break;
    case AST_SUBSCRIPT: {
        const AstSubscript *e = AST_AS(Subscript, SUBSCRIPT, node);
        scan_operand(s, e->slice, e->ctx == AST_LOAD);
        break;
    }
    case AST_ATTRIBUTE:
        scan_operand(s, AST_AS(Attribute, ATTRIBUTE, node)->value, false);
        break;
    case AST_MATCH_VALUE:
        scan_operand(s, AST_AS(MatchValue, MATCH_VALUE, node)->value, true);
        break;
    case AST_ASSIGN: scan_assign(s, AST_AS(Assign, ASSIGN, node)); break;
    case AST_LIST_COMP:
        scan_operand(s, AST_AS(ListComp, LIST_COMP, node)->elt, false);
        break;
    case AST_SET_COMP:
        scan_operand(s, AST_AS(SetComp, SET_COMP, node)->elt, false);
        break;
    case AST_DICT_COMP:
        scan_operand(s, AST_AS(DictComp, DICT_COMP, node)->key, false);
        scan_operand(s, AST_AS(DictComp, DICT_COMP, node)->value, false);
        break;
    case AST_YIELD:
        if (AST_AS(Yield, YIELD, node)->value != NULL) {
            scan_operand(s, AST_AS(Yield, YIELD, node)->value, false);
        }
        break;
    default: break;
    }
}

static bool is_loop(uint8_t kind) {
    return kind == AST_FOR || kind == AST_WHILE || kind == AST_LIST_COMP ||
           kind == AST_SET_COMP || kind == AST_DICT_COMP;
}

/* Other units have loops of their own; a constant expression has no operands that matter.
 * */
static bool is_opaque(Compiler *c, const AstNode *node) {
    switch (node->kind) {
    case AST_FUNCTION_DEF:
    case AST_CLASS_DEF:
    case AST_LAMBDA:
    case AST_GENERATOR_EXP:
    case AST_CONSTANT:
    case AST_NAME: return true;
    case AST_BIN_OP:
    case AST_UNARY_OP:
    case AST_TUPLE: return !IS_UNSET(fold_constant(c, node));
    default: return false;
    }
}

static void scan_node(void *argument, const AstNode *node) {
    Scan *s = argument;
    if (s->depth > PRELOAD_MAX_DEPTH || is_opaque(s->c, node)) {
        return;
    }
    bool enters_loop = is_loop(node->kind);
    s->depth++;
    s->loop_depth += enters_loop;
    scan_operands(s, node);
    ast_each_child(node, scan_node, s);
    s->loop_depth -= enters_loop;
    s->depth--;
}

/* ---- Loading them ---- */

static void preload_heaviest(Compiler *c, Scan *s) {
    Unit *u = c->unit;
    while (u->preloads.n < PRELOAD_MAX && s->n > 0 && emit_room(c) > PRELOAD_MIN_ROOM) {
        uint32_t best = 0;
        for (uint32_t i = 1; i < s->n; i++) {
            if (s->candidates[i].weight > s->candidates[best].weight) {
                best = i;
            }
        }
        Value v = s->candidates[best].value;
        for (uint32_t i = best + 1; i < s->n; i++) {
            s->candidates[i - 1] = s->candidates[i];
        }
        s->n--;
        int reg = emit_push(c);
        emit_load_constant(c, reg, v);
        vec_push(&u->preloads, (Preload){v, (uint32_t)reg});
    }
}

LoopFrame compile_enter_loop(Compiler *c, const AstNode *loop) {
    Unit *u = c->unit;
    LoopFrame frame = {(int)u->top, u->preloads.n};
    if (u->loop_depth++ == 0 && !c->has_failed && !u->is_dead) {
        Scan scan = {.c = c};
        scan_node(&scan, loop);
        compile_at(c, loop);
        preload_heaviest(c, &scan);
    }
    return frame;
}

void compile_leave_loop(Compiler *c, LoopFrame frame) {
    Unit *u = c->unit;
    u->loop_depth--;
    u->preloads.n = frame.n_preloads;
    emit_release(c, frame.mark);
}

int compile_preloaded(const Compiler *c, Value v) {
    const Unit *u = c->unit;
    for (size_t i = 0; i < u->preloads.n; i++) {
        if (emit_same_constant(u->preloads.items[i].value, v)) {
            return (int)u->preloads.items[i].reg;
        }
    }
    return REG_ANY;
}

/* ---- for ---- */

ForLoop compile_for_begin(Compiler *c, const AstExpr *iterable, int source,
                          const AstExpr *target) {
    Unit *u = c->unit;
    ForLoop loop = {.body = emit_label(c), .next = emit_label(c)};
    int mark = (int)u->top;
    if (iterable != NULL) {
        source = compile_any(c, iterable);
        compile_at(c, iterable);
    }
    emit_release(c, mark);
    loop.iterator = emit_push_n(c, 3);
    emit_abc(c, OP_FOR_PREPARE, loop.iterator, source, 0);
    int local = compile_local_register(c, target);
    loop.item = local != REG_ANY ? local : emit_push(c);
    bool is_reached = !u->is_dead;
    uint64_t *bound = emit_copy_bound(c);
    emit_jump(c, loop.next);
    emit_bind_loop(c, loop.body, bound, is_reached);
    compile_assign_to(c, target, loop.item);
    return loop;
}

void compile_for_end(Compiler *c, const ForLoop *loop, const AstNode *at) {
    emit_bind(c, loop->next);
    compile_at(c, at);
    emit_jump_if(c, OP_FOR_NEXT, loop->iterator, loop->item, 0, loop->body);
}

Label compile_loop_body(Compiler *c, const AstStmtSeq *body, Label on_continue) {
    Block block = {.outer = c->unit->block,
                   .kind = BLOCK_LOOP,
                   .on_break = emit_label(c),
                   .on_continue = on_continue};
    c->unit->block = &block;
    compile_body(c, body);
    c->unit->block = block.outer;
    return block.on_break;
}

void compile_for(Compiler *c, const AstFor *s) {
    if (s->is_async) {
        compile_async_for(c, s);
        return;
    }
    LoopFrame frame = compile_enter_loop(c, &s->base);
    ForLoop loop = compile_for_begin(c, s->iter, REG_ANY, s->target);
    const Label on_break = compile_loop_body(c, &s->body, loop.next);
    compile_for_end(c, &loop, s->iter);
    compile_leave_loop(c, frame);
    compile_body(c, &s->orelse);
    emit_bind(c, on_break);
}

/* ---- while ---- */

void compile_while(Compiler *c, const AstWhile *s) {
    LoopFrame frame = compile_enter_loop(c, &s->base);
    Unit *u = c->unit;
    int truth = fold_truth(c, s->test);
    Label done = emit_label(c);
    Label body = emit_label(c);
    compile_jump_if(c, s->test, false, done);
    emit_bind_loop(c, body, emit_copy_bound(c), !u->is_dead);
    const Label on_continue = truth == 1 ? body : emit_label(c);
    const Label on_break = compile_loop_body(c, &s->body, on_continue);
    if (truth == 1) {
        compile_at(c, s);
        emit_jump(c, body);
    } else {
        emit_bind(c, on_continue);
        compile_jump_if(c, s->test, true, body);
    }
    emit_bind(c, done);
    compile_leave_loop(c, frame);
    compile_body(c, &s->orelse);
    emit_bind(c, on_break);
}
