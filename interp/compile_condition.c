/* compile_condition.c - comparisons, and/or/not, and the jumps that tests become. */

#include "interp/compiler.h"
#include "runtime/objects/list.h"
#include "runtime/objects/set.h"
#include "runtime/objects/tuple.h"

/* What each comparison becomes: as a value, as a jump, as a jump with an immediate
 * (OP_NOP: none), and whether the jump tests the opposite. STEP compare-operators */
typedef struct CompareForm {
    Opcode value;
    Opcode jump;
    Opcode jump_imm;
    bool is_negated;
} CompareForm;

static const CompareForm forms[AST_CMP_COUNT] = {
    [AST_CMP_EQ] = {OP_EQ, OP_JUMP_EQ, OP_JUMP_EQ_I, false},
    [AST_CMP_NOT_EQ] = {OP_NE, OP_JUMP_NE, OP_JUMP_NE_I, false},
    [AST_CMP_LT] = {OP_LT, OP_JUMP_LT, OP_JUMP_LT_I, false},
    [AST_CMP_LT_E] = {OP_LE, OP_JUMP_LE, OP_JUMP_LE_I, false},
    [AST_CMP_GT] = {OP_GT, OP_JUMP_GT, OP_JUMP_GT_I, false},
    [AST_CMP_GT_E] = {OP_GE, OP_JUMP_GE, OP_JUMP_GE_I, false},
    [AST_CMP_IS] = {OP_IS, OP_JUMP_IS, OP_NOP, false},
    [AST_CMP_IS_NOT] = {OP_IS_NOT, OP_JUMP_IS, OP_NOP, true},
    [AST_CMP_IN] = {OP_CONTAINS, OP_JUMP_CONTAINS, OP_NOP, false},
    [AST_CMP_NOT_IN] = {OP_NOT_CONTAINS, OP_JUMP_CONTAINS, OP_NOP, true},
};

static bool is_membership(AstCmpOperator op) {
    return op == AST_CMP_IN || op == AST_CMP_NOT_IN;
}

bool compile_has_compare_imm(AstCmpOperator op) {
    return forms[op].jump_imm != OP_NOP;
}

/* ---- Containers of constants: x in [1, 2], x in {1, 2} ---- */

static Value frozenset_of(Compiler *c, const AstExprSeq *elts) {
    ObjSet *set = set_new(c->cx, KIND_FROZENSET, elts->n);
    if (set == NULL) {
        return VALUE_ERROR;
    }
    for (uint32_t i = 0; i < elts->n; i++) {
        if (!set_add(c->cx, set, fold_constant(c, elts->items[i]))) {
            return VALUE_ERROR;
        }
    }
    return OBJ_VALUE(set);
}

static Value tuple_of(Compiler *c, const AstExprSeq *elts) {
    ObjTuple *tuple = tuple_new(c->cx, elts->n);
    for (uint32_t i = 0; tuple != NULL && i < elts->n; i++) {
        tuple->items[i] = fold_constant(c, elts->items[i]);
    }
    return tuple == NULL ? VALUE_ERROR : OBJ_VALUE(tuple);
}

bool compile_constant_container(Compiler *c, const AstExpr *e, Value *value) {
    *value = fold_constant(c, e);
    if (!IS_UNSET(*value)) {
        return true;
    }
    const AstExprSeq *elts = e->kind == AST_LIST  ? &AST_AS(List, LIST, e)->elts
                             : e->kind == AST_SET ? &AST_AS(Set, SET, e)->elts
                                                  : NULL;
    if (elts == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < elts->n; i++) {
        if (IS_UNSET(fold_constant(c, elts->items[i]))) {
            return false;
        }
    }
    *value =
        compile_keep(c, e->kind == AST_SET ? frozenset_of(c, elts) : tuple_of(c, elts));
    return !c->has_failed;
}

/* The right operand of a comparison, in any register. */
static int right_operand(Compiler *c, AstCmpOperator op, const AstExpr *e) {
    Value v;
    if (is_membership(op) && compile_constant_container(c, e, &v)) {
        return compile_constant(c, v, REG_ANY);
    }
    return compile_any(c, e);
}

/* ---- One comparison as a jump ---- */

static void jump_if_none(Compiler *c, const AstNode *at, int left, bool sense,
                         Label label) {
    compile_at(c, at);
    emit_jump_if(c, sense ? OP_JUMP_IF_NONE : OP_JUMP_IF_NOT_NONE, left, 0, 0, label);
}

/* Goes to label if (R[left] op right) is sense. *right_reg is the register of the right
 * operand. */
static void jump_compare(Compiler *c, const AstNode *at, AstCmpOperator op, int left,
                         const AstExpr *right, bool needs_right, bool sense, Label label,
                         int *right_reg) {
    const CompareForm *form = &forms[op];
    bool expected = sense != form->is_negated;
    Value v = needs_right ? VALUE_UNSET : fold_constant(c, right);
    if (form->jump == OP_JUMP_IS && IS_NONE(v)) {
        jump_if_none(c, at, left, expected, label);
        return;
    }
    if (form->jump_imm != OP_NOP && fold_is_imm(v)) {
        compile_at(c, at);
        emit_jump_if(c, form->jump_imm, left, (int)value_to_int(v), expected, label);
        return;
    }
    left = compile_protect(c, left, right);
    *right_reg = right_operand(c, op, right);
    compile_at(c, at);
    emit_jump_if(c, form->jump, left, *right_reg, expected, label);
}

/* Long chains move the operand that the next comparison needs into one of two registers,
 * in turn, so that the others are free again. */
typedef struct ChainSlots {
    int first; /* REG_ANY: the chain is short */
    uint32_t turn;
} ChainSlots;

static ChainSlots open_slots(Compiler *c, const AstCompare *e) {
    return (ChainSlots){e->ops.n > 2 ? emit_push_n(c, 2) : REG_ANY, 0};
}

static int settle(Compiler *c, ChainSlots *slots, int reg) {
    if (slots->first == REG_ANY || !emit_is_temp(c->unit, reg)) {
        return reg;
    }
    int slot = slots->first + (int)(slots->turn++ & 1);
    emit_move(c, slot, reg);
    emit_release(c, slots->first + 2);
    return slot;
}

/* a < b < c: the operands between are evaluated once, and no further than the first that
 * is false. */
static void jump_if_compare(Compiler *c, const AstCompare *e, bool sense, Label label) {
    int mark = (int)c->unit->top;
    int left = compile_any(c, e->left);
    ChainSlots slots = open_slots(c, e);
    uint32_t last = e->ops.n - 1;
    Label fails = last > 0 && sense ? emit_label(c) : label;
    for (uint32_t i = 0; i < last; i++) {
        int right;
        jump_compare(c, &e->base, e->ops.items[i], left, e->comparators.items[i], true,
                     false, fails, &right);
        left = settle(c, &slots, right);
    }
    int unused;
    jump_compare(c, &e->base, e->ops.items[last], left, e->comparators.items[last], false,
                 sense, label, &unused);
    if (fails != label) {
        emit_bind(c, fails);
    }
    emit_release(c, mark);
}

/* ---- Tests ---- */

static void jump_if_bool_op(Compiler *c, const AstBoolOp *e, bool sense, Label label) {
    bool is_and = e->op == AST_BOOL_AND;
    uint32_t last = e->values.n - 1;
    if (is_and != sense) { /* any operand decides */
        for (uint32_t i = 0; i <= last; i++) {
            compile_jump_if(c, e->values.items[i], sense, label);
        }
        return;
    }
    Label decided = emit_label(c);
    for (uint32_t i = 0; i < last; i++) {
        compile_jump_if(c, e->values.items[i], !sense, decided);
    }
    compile_jump_if(c, e->values.items[last], sense, label);
    emit_bind(c, decided);
}

static void jump_if_conditional(Compiler *c, const AstIfExp *e, bool sense, Label label) {
    Label otherwise = emit_label(c);
    Label end = emit_label(c);
    compile_jump_if(c, e->test, false, otherwise);
    compile_jump_if(c, e->body, sense, label);
    emit_jump(c, end);
    emit_bind(c, otherwise);
    compile_jump_if(c, e->orelse, sense, label);
    emit_bind(c, end);
}

void compile_jump_if(Compiler *c, const AstExpr *e, bool sense, Label label) {
    if (c->has_failed) {
        return;
    }
    if (!exc_check_c_stack(c->cx)) {
        compile_fail(c);
        return;
    }
    int truth = fold_truth(c, e);
    if (truth >= 0) {
        if ((truth == 1) == sense) {
            compile_at(c, e);
            emit_jump(c, label);
        }
        return;
    }
    switch (e->kind) {
    case AST_BOOL_OP:
        jump_if_bool_op(c, AST_AS(BoolOp, BOOL_OP, e), sense, label);
        return;
    case AST_COMPARE:
        jump_if_compare(c, AST_AS(Compare, COMPARE, e), sense, label);
        return;
    case AST_IF_EXP:
        jump_if_conditional(c, AST_AS(IfExp, IF_EXP, e), sense, label);
        return;
    case AST_UNARY_OP:
        if (AST_AS(UnaryOp, UNARY_OP, e)->op == AST_UNARY_NOT) {
            compile_jump_if(c, AST_AS(UnaryOp, UNARY_OP, e)->operand, !sense, label);
            return;
        }
        break;
    default: break;
    }
    int mark = (int)c->unit->top;
    int reg = compile_any(c, e);
    emit_release(c, mark);
    compile_at(c, e);
    emit_jump_if(c, sense ? OP_JUMP_IF_TRUE : OP_JUMP_IF_FALSE, reg, 0, 0, label);
}

/* ---- As values ---- */

static int compare_chain(Compiler *c, const AstCompare *e, int target) {
    int mark = (int)c->unit->top;
    int result = compile_begin_value(c, target);
    Label end = emit_label(c);
    int left = compile_any(c, e->left);
    ChainSlots slots = open_slots(c, e);
    for (uint32_t i = 0; i < e->ops.n; i++) {
        left = compile_protect(c, left, e->comparators.items[i]);
        int right = right_operand(c, e->ops.items[i], e->comparators.items[i]);
        compile_at(c, e);
        emit_abc(c, forms[e->ops.items[i]].value, result, left, right);
        if (i + 1 < e->ops.n) {
            emit_jump_if(c, OP_JUMP_IF_FALSE, result, 0, 0, end);
        }
        left = settle(c, &slots, right);
    }
    emit_bind(c, end);
    return compile_end_value(c, mark, result, target);
}

int compile_compare(Compiler *c, const AstCompare *e, int target) {
    if (e->ops.n > 1) {
        return compare_chain(c, e, target);
    }
    int mark = (int)c->unit->top;
    const AstExpr *right_expr = e->comparators.items[0];
    int left = compile_any(c, e->left);
    left = compile_protect(c, left, right_expr);
    int right = right_operand(c, e->ops.items[0], right_expr);
    int dest = compile_dest(c, mark, target);
    compile_at(c, e);
    emit_abc(c, forms[e->ops.items[0]].value, dest, left, right);
    return dest;
}

/* A local may take the values one after the other if nobody sees those between: no
 * operand behind the first mentions it, and no handler of this unit could find it changed
 * after an exception. */
static bool may_build_in(Compiler *c, const AstBoolOp *e, int target) {
    if (target == REG_ANY || emit_is_temp(c->unit, target)) {
        return true;
    }
    if (c->unit->n_ranges > 0) {
        return false;
    }
    for (uint32_t i = 1; i < e->values.n; i++) {
        if (compile_mentions(c, e->values.items[i], target)) {
            return false;
        }
    }
    return true;
}

int compile_bool_op(Compiler *c, const AstBoolOp *e, int target) {
    bool is_and = e->op == AST_BOOL_AND;
    int mark = (int)c->unit->top;
    int result = target != REG_ANY && may_build_in(c, e, target)
                     ? target
                     : compile_begin_value(c, target);
    Label end = emit_label(c);
    for (uint32_t i = 0; i < e->values.n; i++) {
        const AstExpr *value = e->values.items[i];
        int truth = fold_truth(c, value);
        bool is_last = i + 1 == e->values.n;
        if (!is_last && truth == (is_and ? 1 : 0)) {
            continue;
        }
        compile_expr(c, value, result);
        if (is_last || truth >= 0) {
            break;
        }
        compile_at(c, value);
        emit_jump_if(c, is_and ? OP_JUMP_IF_FALSE : OP_JUMP_IF_TRUE, result, 0, 0, end);
    }
    emit_bind(c, end);
    return compile_end_value(c, mark, result, target);
}
