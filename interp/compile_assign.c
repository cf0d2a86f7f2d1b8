/* compile_assign.c - storing into targets: names, attributes, subscripts, unpacking;
 * augmented and annotated assignment; del. */

#include "interp/compiler.h"

enum { UNPACK_MAX = 64 }; /* targets that are unpacked at once; more go through lists */

/* ---- Unpacking ---- */

static const AstExprSeq *elements_of(const AstExpr *e) {
    return e->kind == AST_TUPLE  ? &AST_AS(Tuple, TUPLE, e)->elts
           : e->kind == AST_LIST ? &AST_AS(List, LIST, e)->elts
                                 : NULL;
}

static int star_position(Compiler *c, const AstNode *at, const AstExprSeq *targets) {
    int star = -1;
    for (uint32_t i = 0; i < targets->n; i++) {
        if (targets->items[i]->kind == AST_STARRED) {
            if (star >= 0) {
                compile_error(c, at, "multiple starred expressions in assignment");
                return star;
            }
            star = (int)i;
        }
    }
    return star;
}

static void assign_all(Compiler *c, const AstExprSeq *targets, uint32_t from, uint32_t n,
                       int first) {
    for (uint32_t i = 0; i < n; i++) {
        const AstExpr *target = targets->items[from + i];
        if (target->kind == AST_STARRED) {
            target = AST_AS(Starred, STARRED, target)->value;
        }
        compile_assign_to(c, target, first + (int)i);
    }
}

static void unpack_exact(Compiler *c, const AstNode *at, const AstExprSeq *targets,
                         int source) {
    int n = (int)targets->n;
    int mark = (int)c->unit->top;
    int first = n > 0 ? compile_locals_in_a_row(c, targets, 0, targets->n) : REG_ANY;
    if (first == REG_ANY) {
        first = emit_push_n(c, targets->n);
    }
    compile_at(c, at);
    emit_abc(c, OP_UNPACK, source, first, n);
    assign_all(c, targets, 0, targets->n, first);
    emit_release(c, mark);
}

/* More targets than there are registers: the first ones, then what is left as a list, and
 * so on. */
static void unpack_many(Compiler *c, const AstNode *at, const AstExprSeq *targets,
                        int star, int source) {
    int mark = (int)c->unit->top;
    int rest = emit_push(c);
    emit_move(c, rest, source);
    uint32_t from = 0;
    uint32_t room = emit_room(c) / 2;
    uint32_t n_batch = room < UNPACK_MAX ? room : UNPACK_MAX;
    uint32_t n_before = star >= 0 ? (uint32_t)star : targets->n;
    while (n_before - from > n_batch && !c->has_failed) {
        int first = emit_push_n(c, n_batch + 1);
        compile_at(c, at);
        emit_abc_w(c, OP_UNPACK_STAR, rest, first, (int)n_batch, 0);
        emit_move(c, rest, first + (int)n_batch);
        assign_all(c, targets, from, n_batch, first);
        emit_release(c, rest + 1);
        from += n_batch;
    }
    AstExprSeq left = {targets->n - from, targets->items + from};
    if (star < 0) {
        unpack_exact(c, at, &left, rest);
    } else if (left.n > n_batch) {
        compile_error(c, at, "too many expressions in star-unpacking assignment");
    } else {
        int first = emit_push_n(c, left.n);
        compile_at(c, at);
        emit_abc_w(c, OP_UNPACK_STAR, rest, first, star - (int)from,
                   left.n - 1 - ((uint32_t)star - from));
        assign_all(c, &left, 0, left.n, first);
    }
    emit_release(c, mark);
}

static void unpack(Compiler *c, const AstNode *at, const AstExprSeq *targets,
                   int source) {
    int star = star_position(c, at, targets);
    if (c->has_failed) {
        return;
    }
    if (targets->n > UNPACK_MAX || targets->n + 8 > emit_room(c)) {
        unpack_many(c, at, targets, star, source);
        return;
    }
    if (star < 0) {
        unpack_exact(c, at, targets, source);
        return;
    }
    int mark = (int)c->unit->top;
    int first = emit_push_n(c, targets->n);
    compile_at(c, at);
    emit_abc_w(c, OP_UNPACK_STAR, source, first, star, targets->n - 1 - (uint32_t)star);
    assign_all(c, targets, 0, targets->n, first);
    emit_release(c, mark);
}

/* ---- One target ---- */

/* self.NAME = ... in a method: for __static_attributes__ of the class. */
static void note_self_attribute(Compiler *c, const AstAttribute *e) {
    if (e->value->kind != AST_NAME || !scope_name_is(AST_AS(Name, NAME, e->value)->id, "self")) {
        return;
    }
    Unit *unit = c->unit;
    while (unit != NULL && unit->scope->kind != SCOPE_CLASS) {
        unit = unit->outer;
    }
    for (size_t i = 0; unit != NULL && i < unit->self_attributes.n; i++) {
        if (unit->self_attributes.items[i] == e->attr) {
            return;
        }
    }
    if (unit != NULL) {
        vec_push(&unit->self_attributes, e->attr);
    }
}

static void store_attribute(Compiler *c, const AstAttribute *e, int reg) {
    int mark = (int)c->unit->top;
    reg = compile_protect(c, reg, e->value);
    int object = compile_any(c, e->value);
    note_self_attribute(c, e);
    compile_at_attribute(c, &e->base, e);
    if (scope_name_is(e->attr, "__debug__")) {
        compile_error(c, &e->base, "cannot assign to __debug__");
    }
    emit_abc_w(c, OP_STORE_ATTR, object, reg, 0,
               emit_site(c, compile_mangled_str(c, e->attr)));
    emit_release(c, mark);
}

static void store_subscript(Compiler *c, const AstSubscript *e, int reg) {
    int mark = (int)c->unit->top;
    reg = compile_protect(c, reg, &e->base);
    int object = compile_any(c, e->value);
    object = compile_protect(c, object, e->slice);
    int index;
    compile_index(c, e->slice, false, &index);
    compile_at(c, e);
    emit_abc(c, OP_SET_ITEM, object, index, reg);
    emit_release(c, mark);
}

void compile_assign_to(Compiler *c, const AstExpr *target, int reg) {
    switch (target->kind) {
    case AST_NAME: compile_store(c, target, AST_AS(Name, NAME, target)->id, reg); break;
    case AST_ATTRIBUTE:
        store_attribute(c, AST_AS(Attribute, ATTRIBUTE, target), reg);
        break;
    case AST_SUBSCRIPT:
        store_subscript(c, AST_AS(Subscript, SUBSCRIPT, target), reg);
        break;
    case AST_TUPLE:
    case AST_LIST: unpack(c, target, elements_of(target), reg); break;
    default:
        compile_error(c, target, "starred assignment target must be in a list or tuple");
        break;
    }
}

/* ---- x, y = a, b ---- */

enum { PARALLEL_MAX = 8 };

typedef struct Parallel {
    const AstExprSeq *targets;
    const AstExprSeq *values;
    int target_regs[PARALLEL_MAX]; /* of plain locals; REG_ANY for others */
    int sources[PARALLEL_MAX];
    uint32_t n;
} Parallel;

static bool is_parallel(const AstExpr *target, const AstExpr *value) {
    const AstExprSeq *targets = elements_of(target);
    const AstExprSeq *values = elements_of(value);
    if (targets == NULL || values == NULL || targets->n != values->n || targets->n == 0 ||
        targets->n > PARALLEL_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < targets->n; i++) {
        if (targets->items[i]->kind == AST_STARRED ||
            values->items[i]->kind == AST_STARRED) {
            return false;
        }
    }
    return true;
}

/* Whether a target before the i-th stores to reg: a local, or one inside of (x, y) or [x, y]. */
static bool is_stored_before(Compiler *c, const Parallel *p, uint32_t i, int reg) {
    for (uint32_t j = 0; j < i; j++) {
        const AstExpr *target = p->targets->items[j];
        if (p->target_regs[j] == reg ||
            (elements_of(target) != NULL && compile_mentions(c, target, reg))) {
            return true;
        }
    }
    return false;
}

/* A value may be computed in its target's register if nobody reads the old value after
 * that: no source that waits in its own register, no value still to be evaluated, no
 * handler of this unit. */
static bool may_compute_in_place(Compiler *c, const Parallel *p, uint32_t i) {
    int reg = p->target_regs[i];
    if (reg == REG_ANY || (i + 1 < p->n && c->unit->n_ranges > 0) ||
        is_stored_before(c, p, i, reg)) {
        return false;
    }
    for (uint32_t j = 0; j < p->n; j++) {
        if (p->target_regs[j] == REG_ANY || (j < i && p->sources[j] == reg) ||
            (j > i && (p->target_regs[j] == reg ||
                       compile_mentions(c, p->values->items[j], reg)))) {
            return false;
        }
    }
    return true;
}

/* Between its evaluation and its store, := in a later value or in a target may change a
 * local. */
static bool is_rebound_meanwhile(Compiler *c, const Parallel *p, uint32_t i, int local) {
    bool is_rebound = false;
    for (uint32_t j = 0; j < p->n; j++) {
        is_rebound |= j > i && compile_may_rebind(c, local, p->values->items[j]);
        is_rebound |= compile_may_rebind(c, local, p->targets->items[j]);
    }
    return is_rebound;
}

static int parallel_source(Compiler *c, const Parallel *p, uint32_t i) {
    const AstExpr *value = p->values->items[i];
    int local = compile_local_register(c, value);
    if (local != REG_ANY) {
        bool is_safe =
            !is_stored_before(c, p, i, local) && !is_rebound_meanwhile(c, p, i, local);
        return is_safe ? compile_any(c, value) : compile_push(c, value);
    }
    if (may_compute_in_place(c, p, i)) {
        return compile_expr(c, value, p->target_regs[i]);
    }
    int reg = compile_any(c, value);
    if (emit_is_temp(c->unit, reg)) {
        return reg;
    }
    int copy = emit_push(c); /* an assignment expression */
    emit_move(c, copy, reg);
    return copy;
}

static void assign_parallel(Compiler *c, const AstExpr *target, const AstExpr *value) {
    int mark = (int)c->unit->top;
    Parallel p = {.targets = elements_of(target), .values = elements_of(value)};
    p.n = p.targets->n;
    for (uint32_t i = 0; i < p.n; i++) {
        p.target_regs[i] = compile_local_register(c, p.targets->items[i]);
    }
    for (uint32_t i = 0; i < p.n; i++) {
        p.sources[i] = parallel_source(c, &p, i);
    }
    for (uint32_t i = 0; i < p.n; i++) {
        compile_assign_to(c, p.targets->items[i], p.sources[i]);
    }
    emit_release(c, mark);
}

void compile_assign(Compiler *c, const AstAssign *s) {
    if (s->targets.n == 1 && is_parallel(s->targets.items[0], s->value)) {
        assign_parallel(c, s->targets.items[0], s->value);
        return;
    }
    int mark = (int)c->unit->top;
    int reg = compile_expr(c, s->value, compile_local_register(c, s->targets.items[0]));
    for (uint32_t i = 0; i < s->targets.n; i++) {
        compile_assign_to(c, s->targets.items[i], reg);
    }
    emit_release(c, mark);
}

/* ---- Augmented assignment ---- */

static void aug_name(Compiler *c, const AstAugAssign *s) {
    int mark = (int)c->unit->top;
    const Ident *name = AST_AS(Name, NAME, s->target)->id;
    int local = compile_local_register(c, s->target);
    int old = compile_load(c, s->target, name, REG_ANY);
    int result = compile_binary(c, &s->base, s->op, true, old, s->value, mark, local);
    compile_store(c, s->target, name, result);
    emit_release(c, mark);
}

static void aug_attribute(Compiler *c, const AstAugAssign *s) {
    const AstAttribute *e = AST_AS(Attribute, ATTRIBUTE, s->target);
    int mark = (int)c->unit->top;
    int object = compile_protect(c, compile_any(c, e->value), s->value);
    int old = emit_push(c);
    compile_at_attribute(c, &e->base, e);
    emit_abc_w(c, OP_LOAD_ATTR, old, object, 0,
               emit_site(c, compile_mangled_str(c, e->attr)));
    int result = compile_binary(c, &s->base, s->op, true, old, s->value, old, old);
    compile_at_attribute(c, &e->base, e);
    emit_abc_w(c, OP_STORE_ATTR, object, result, 0,
               emit_site(c, compile_mangled_str(c, e->attr)));
    emit_release(c, mark);
}

static void aug_subscript(Compiler *c, const AstAugAssign *s) {
    const AstSubscript *e = AST_AS(Subscript, SUBSCRIPT, s->target);
    int mark = (int)c->unit->top;
    int object = compile_protect(
        c, compile_protect(c, compile_any(c, e->value), e->slice), s->value);
    int index;
    compile_index(c, e->slice, false, &index);
    index = compile_protect(c, index, s->value);
    int old = emit_push(c);
    compile_at(c, e);
    emit_abc(c, OP_GET_ITEM, old, object, index);
    int result = compile_binary(c, &s->base, s->op, true, old, s->value, old, old);
    compile_at(c, e);
    emit_abc(c, OP_SET_ITEM, object, index, result);
    emit_release(c, mark);
}

void compile_aug_assign(Compiler *c, const AstAugAssign *s) {
    switch (s->target->kind) {
    case AST_NAME: aug_name(c, s); break;
    case AST_ATTRIBUTE: aug_attribute(c, s); break;
    default: aug_subscript(c, s); break;
    }
}

/* ---- Annotated assignment ---- */

/* Without a value the parts of the target are evaluated all the same. */
static void evaluate_target(Compiler *c, const AstExpr *target) {
    int mark = (int)c->unit->top;
    if (target->kind == AST_ATTRIBUTE) {
        compile_any(c, AST_AS(Attribute, ATTRIBUTE, target)->value);
    } else if (target->kind == AST_SUBSCRIPT) {
        compile_any(c, AST_AS(Subscript, SUBSCRIPT, target)->value);
        compile_any(c, AST_AS(Subscript, SUBSCRIPT, target)->slice);
    }
    emit_release(c, mark);
}

static void store_annotation(Compiler *c, const AstAnnAssign *s) {
    int mark = (int)c->unit->top;
    int value = compile_annotation(c, s->annotation, REG_ANY);
    int dict = compile_load(c, &s->base, scope_ident(c, "__annotations__", 15), REG_ANY);
    const Ident *name = scope_name(c, c->scope, AST_AS(Name, NAME, s->target)->id);
    int key = compile_constant(c, OBJ_VALUE(compile_name_str(c, name)), REG_ANY);
    compile_at(c, s);
    emit_abc(c, OP_SET_ITEM, dict, key, value);
    emit_release(c, mark);
}

void compile_ann_assign(Compiler *c, const AstAnnAssign *s) {
    if (s->value != NULL) {
        int mark = (int)c->unit->top;
        int reg = compile_expr(c, s->value, compile_local_register(c, s->target));
        compile_assign_to(c, s->target, reg);
        emit_release(c, mark);
    } else {
        evaluate_target(c, s->target);
    }
    if (scope_is_function(c->scope)) {
        return;
    }
    if (s->simple) {
        store_annotation(c, s);
    } else if (!c->has_future_annotations) {
        int mark = (int)c->unit->top;
        compile_any(c, s->annotation);
        emit_release(c, mark);
    }
}

/* ---- del ---- */

void compile_delete_target(Compiler *c, const AstExpr *target) {
    int mark = (int)c->unit->top;
    switch (target->kind) {
    case AST_NAME: compile_delete(c, target, AST_AS(Name, NAME, target)->id); break;
    case AST_ATTRIBUTE: {
        const AstAttribute *e = AST_AS(Attribute, ATTRIBUTE, target);
        int object = compile_any(c, e->value);
        compile_at_attribute(c, target, e);
        emit_abc_w(c, OP_DELETE_ATTR, object, 0, 0,
                   emit_site(c, compile_mangled_str(c, e->attr)));
        break;
    }
    case AST_SUBSCRIPT: {
        const AstSubscript *e = AST_AS(Subscript, SUBSCRIPT, target);
        int object = compile_protect(c, compile_any(c, e->value), e->slice);
        int index;
        compile_index(c, e->slice, false, &index);
        compile_at(c, e);
        emit_abc(c, OP_DELETE_ITEM, object, index, 0);
        break;
    }
    default: {
        const AstExprSeq *targets = elements_of(target);
        for (uint32_t i = 0; targets != NULL && i < targets->n; i++) {
            compile_delete_target(c, targets->items[i]);
        }
        break;
    }
    }
    emit_release(c, mark);
}
