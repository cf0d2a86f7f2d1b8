/* compile_comprehension.c - list, set and dict comprehensions, which run in the registers
 * of their unit, and generator expressions, which are functions. */

#include "interp/compiler.h"

typedef struct Comprehension {
    const AstNode *node;
    const AstComprehensionSeq *generators;
    const AstExpr *key;   /* or the element */
    const AstExpr *value; /* dicts only */
    int container;        /* REG_ANY: a generator, which yields the elements */
} Comprehension;

static Comprehension parts_of(const AstExpr *e) {
    switch (e->kind) {
    case AST_LIST_COMP: {
        const AstListComp *x = AST_AS(ListComp, LIST_COMP, e);
        return (Comprehension){e, &x->generators, x->elt, NULL, REG_ANY};
    }
    case AST_SET_COMP: {
        const AstSetComp *x = AST_AS(SetComp, SET_COMP, e);
        return (Comprehension){e, &x->generators, x->elt, NULL, REG_ANY};
    }
    case AST_DICT_COMP: {
        const AstDictComp *x = AST_AS(DictComp, DICT_COMP, e);
        return (Comprehension){e, &x->generators, x->key, x->value, REG_ANY};
    }
    default: {
        const AstGeneratorExp *x = AST_AS(GeneratorExp, GENERATOR_EXP, e);
        return (Comprehension){e, &x->generators, x->elt, NULL, REG_ANY};
    }
    }
}

static void add_element(Compiler *c, const Comprehension *comp) {
    int mark = (int)c->unit->top;
    int key = compile_any(c, comp->key);
    if (comp->node->kind == AST_DICT_COMP) {
        key = compile_protect(c, key, comp->value);
        int value = compile_any(c, comp->value);
        compile_at(c, comp->node);
        emit_abc(c, OP_DICT_ADD, comp->container, key, value);
    } else if (comp->node->kind == AST_GENERATOR_EXP) {
        compile_at(c, comp->key);
        emit_abc(c, OP_YIELD, emit_push(c), key, 0);
    } else {
        compile_at(c, comp->key);
        emit_abc(c, comp->node->kind == AST_SET_COMP ? OP_SET_ADD : OP_LIST_APPEND,
                 comp->container, key, 0);
    }
    emit_release(c, mark);
}

static void loops_from(Compiler *c, const Comprehension *comp, uint32_t i, int source);

/* What one turn of loop i does; continues at next where a condition does not hold. */
static void turn(Compiler *c, const Comprehension *comp, uint32_t i, Label next) {
    const AstComprehension *g = comp->generators->items[i];
    for (uint32_t j = 0; j < g->ifs.n; j++) {
        compile_jump_if(c, g->ifs.items[j], false, next);
    }
    if (i + 1 < comp->generators->n) {
        loops_from(c, comp, i + 1, REG_ANY);
    } else {
        add_element(c, comp);
    }
}

/* The asynchronous iterator is there already where a generator expression begins. */
static void async_loop(Compiler *c, const Comprehension *comp, uint32_t i, int source) {
    const AstComprehension *g = comp->generators->items[i];
    bool is_given = i == 0 && comp->node->kind == AST_GENERATOR_EXP;
    if (i == 0 && !is_given) {
        int iterator = emit_push(c);
        emit_abc(c, OP_ASYNC_ITER, iterator, source, 0);
        source = iterator;
    }
    AsyncLoop loop = compile_async_for_begin(c, i == 0 ? NULL : g->iter, source, g->target);
    Label next = emit_label(c);
    turn(c, comp, i, next);
    emit_bind(c, next);
    compile_async_for_end(c, &loop, comp->node);
}

/* The loops from number i inwards; source is the register of the outermost iterable. */
static void loops_from(Compiler *c, const Comprehension *comp, uint32_t i, int source) {
    const AstComprehension *g = comp->generators->items[i];
    int mark = (int)c->unit->top;
    if (g->is_async) {
        async_loop(c, comp, i, source);
    } else {
        compile_at(c, g->iter);
        ForLoop loop = compile_for_begin(c, i == 0 ? NULL : g->iter, source, g->target);
        turn(c, comp, i, loop.next);
        compile_for_end(c, &loop, g->iter);
    }
    emit_release(c, mark);
}

/* Cells for captured targets are made anew each time; other targets may hold what an
 * earlier run left. */
static void open_targets(Compiler *c, const Scope *scope) {
    for (size_t i = 0; i < scope->symbols.n; i++) {
        const Symbol *symbol = scope->symbols.items[i];
        if (symbol->owner != symbol) {
            continue;
        }
        if (symbol->place == PLACE_CELL) {
            emit_load_constant(c, (int)symbol->index, VALUE_UNSET);
            emit_abc(c, OP_MAKE_CELL, (int)symbol->index, (int)symbol->index, 0);
        } else if (symbol->place == PLACE_LOCAL) {
            emit_set_unbound(c->unit, symbol->index);
        }
    }
}

/* So that locals() does not show them, and that they keep nothing alive for as long as
 * the module runs. (In a function this would be one instruction more for little.) */
static void close_targets(Compiler *c, const Scope *scope) {
    const Scope *whole = c->unit->scope;
    const bool are_closed = whole->shows_locals || whole->kind == SCOPE_MODULE;
    for (size_t i = 0; are_closed && i < scope->symbols.n; i++) {
        const Symbol *symbol = scope->symbols.items[i];
        if (symbol->owner == symbol &&
            (symbol->place == PLACE_LOCAL || symbol->place == PLACE_CELL)) {
            emit_load_constant(c, (int)symbol->index, VALUE_UNSET);
        }
    }
}

int compile_comprehension(Compiler *c, const AstExpr *e, int target) {
    static const Opcode builders[AST_KIND_COUNT] = {[AST_LIST_COMP] = OP_BUILD_LIST,
                                                    [AST_SET_COMP] = OP_BUILD_SET,
                                                    [AST_DICT_COMP] = OP_BUILD_DICT};
    Comprehension comp = parts_of(e);
    int mark = (int)c->unit->top;
    comp.container = compile_begin_value(c, target);
    int inner = (int)c->unit->top;
    int source = compile_any(c, comp.generators->items[0]->iter);
    compile_at(c, e);
    LoopFrame frame = compile_enter_loop(c, e);
    emit_abc(c, builders[e->kind], comp.container, comp.container, 0);
    Scope *outer = c->scope;
    c->scope = scope_of(&c->scopes, e);
    open_targets(c, c->scope);
    loops_from(c, &comp, 0, source);
    close_targets(c, c->scope);
    c->scope = outer;
    compile_leave_loop(c, frame);
    emit_release(c, inner);
    return compile_end_value(c, mark, comp.container, target);
}

static ObjCode *generator_code(Compiler *c, const Comprehension *comp) {
    ObjStr *name = compile_name_str(c, scope_ident(c, "<genexpr>", 9));
    ObjStr *qualname = compile_qualname(c, scope_ident(c, "<genexpr>", 9));
    Unit unit;
    emit_begin(c, &unit, scope_of(&c->scopes, comp->node), name, qualname);
    LoopFrame frame = compile_enter_loop(c, comp->node);
    loops_from(c, comp, 0, 0);
    compile_leave_loop(c, frame);
    emit_abx(c, OP_RETURN_IMM, 0, (uint32_t)VALUE_NONE);
    return emit_end(c);
}

int compile_generator_exp(Compiler *c, const AstGeneratorExp *e, int target) {
    Comprehension comp = parts_of(&e->base);
    int mark = (int)c->unit->top;
    ObjCode *code = generator_code(c, &comp);
    if (code == NULL) {
        return 0;
    }
    int window = emit_push_n(c, 4);
    compile_at(c, e);
    compile_make_function(c, code, scope_of(&c->scopes, &e->base), window, 0);
    int argument = emit_push(c);
    int source = compile_any(c, comp.generators->items[0]->iter);
    compile_at(c, comp.generators->items[0]->iter);
    emit_abc(c, comp.generators->items[0]->is_async ? OP_ASYNC_ITER : OP_YIELD_FROM_PREPARE,
             argument, source, 0);
    int dest = compile_dest(c, mark, target);
    compile_at(c, e);
    emit_abc(c, OP_CALL, window, 1, dest);
    return dest;
}
