/* compile_expr.c - expressions: the switch over their kinds, operators, attributes,
 * subscripts, yield. */

#include "interp/compiler.h"
#include "runtime/objects/exception.h"

/* ---- Registers for results ---- */

int compile_dest(Compiler *c, int mark, int target) {
    emit_release(c, mark);
    return target == REG_ANY ? emit_push(c) : target;
}

int compile_push(Compiler *c, const AstExpr *e) {
    int reg = emit_push(c);
    return compile_expr(c, e, reg);
}

int compile_begin_value(Compiler *c, int target) {
    return target != REG_ANY && emit_is_temp(c->unit, target) ? target : emit_push(c);
}

int compile_end_value(Compiler *c, int mark, int built, int target) {
    if (target == REG_ANY) {
        emit_release(c, mark + 1);
        return built;
    }
    emit_move(c, target, built);
    emit_release(c, mark);
    return target;
}

int compile_constant(Compiler *c, Value v, int target) {
    int known = compile_preloaded(c, v);
    if (target == REG_ANY && known != REG_ANY) {
        return known;
    }
    int reg = target == REG_ANY ? emit_push(c) : target;
    if (known != REG_ANY) {
        emit_move(c, reg, known);
    } else {
        emit_load_constant(c, reg, v);
    }
    return reg;
}

/* ---- Operators ---- */

static bool has_imm_form(AstOperator op, bool is_inplace, Opcode *imm) {
    switch (op) {
    case AST_OP_ADD: *imm = is_inplace ? OP_IADD_I : OP_ADD_I; return true;
    case AST_OP_SUB: *imm = is_inplace ? OP_ISUB_I : OP_SUB_I; return true;
    case AST_OP_MULT: *imm = OP_MUL_I; return !is_inplace;
    case AST_OP_FLOOR_DIV: *imm = OP_FLOORDIV_I; return !is_inplace;
    case AST_OP_MOD: *imm = OP_MOD_I; return !is_inplace;
    default: return false;
    }
}

bool compile_has_imm_form(AstOperator op, bool is_inplace) {
    Opcode imm;
    return has_imm_form(op, is_inplace, &imm);
}

int compile_binary(Compiler *c, const AstNode *at, AstOperator op, bool is_inplace,
                   int left, const AstExpr *right, int mark, int target) {
    Opcode imm;
    if (has_imm_form(op, is_inplace, &imm)) {
        Value v = fold_constant(c, right);
        if (fold_is_imm(v)) {
            int dest = compile_dest(c, mark, target);
            compile_at(c, at);
            emit_abc(c, imm, dest, left, (int)value_to_int(v));
            return dest;
        }
    }
    left = compile_protect(c, left, right);
    int right_reg = compile_any(c, right);
    int dest = compile_dest(c, mark, target);
    compile_at(c, at);
    Opcode first = is_inplace ? OP_IADD : OP_ADD;
    emit_abc(c, (Opcode)(first + fold_binary_op(op)), dest, left, right_reg);
    return dest;
}

/* a + b + c + ...: from the left, as long as operands are constant by folding; then by
 * instructions. */
static int binary(Compiler *c, const AstBinOp *e, int target) {
    int mark = (int)c->unit->top;
    uint32_t n;
    const AstExpr *leftmost;
    const AstBinOp **spine = fold_spine(c, e, &n, &leftmost);
    Value v = fold_constant(c, leftmost);
    while (n > 0 && !IS_UNSET(v)) {
        Value folded =
            fold_operation(c, spine[n - 1]->op, v, fold_constant(c, spine[n - 1]->right));
        if (IS_UNSET(folded)) {
            break;
        }
        v = folded;
        n--;
    }
    if (n == 0) {
        return compile_constant(c, v, target);
    }
    int left = IS_UNSET(v) ? compile_any(c, leftmost) : compile_constant(c, v, REG_ANY);
    while (n-- > 0) {
        left = compile_binary(c, &spine[n]->base, spine[n]->op, false, left,
                              spine[n]->right, mark, n == 0 ? target : REG_ANY);
    }
    return left;
}

static int unary(Compiler *c, const AstUnaryOp *e, int target) {
    static const Opcode ops[AST_UNARY_COUNT] = {[AST_UNARY_INVERT] = OP_INVERT,
                                                [AST_UNARY_NOT] = OP_NOT,
                                                [AST_UNARY_U_ADD] = OP_POS,
                                                [AST_UNARY_U_SUB] = OP_NEG};
    int mark = (int)c->unit->top;
    int operand = compile_any(c, e->operand);
    int dest = compile_dest(c, mark, target);
    compile_at(c, e);
    emit_abc(c, ops[e->op], dest, operand, 0);
    return dest;
}

static int if_exp(Compiler *c, const AstIfExp *e, int target) {
    int truth = fold_truth(c, e->test);
    if (truth >= 0) {
        return compile_expr(c, truth ? e->body : e->orelse, target);
    }
    Label otherwise = emit_label(c);
    Label end = emit_label(c);
    compile_jump_if(c, e->test, false, otherwise);
    int dest = target == REG_ANY ? emit_push(c) : target;
    compile_expr(c, e->body, dest);
    emit_jump(c, end);
    emit_bind(c, otherwise);
    compile_expr(c, e->orelse, dest);
    emit_bind(c, end);
    return dest;
}

static int named(Compiler *c, const AstNamedExpr *e, int target) {
    int local = compile_local_register(c, e->target);
    int reg = compile_expr(c, e->value, local != REG_ANY ? local : target);
    compile_store(c, e->target, AST_AS(Name, NAME, e->target)->id, reg);
    if (target != REG_ANY) {
        emit_move(c, target, reg);
        return target;
    }
    return reg;
}

/* ---- Attributes and subscripts ---- */

static int attribute(Compiler *c, const AstAttribute *e, int target) {
    int result;
    if (compile_super_attribute(c, e, target, &result)) {
        return result;
    }
    int mark = (int)c->unit->top;
    int object = compile_any(c, e->value);
    int dest = compile_dest(c, mark, target);
    compile_at_attribute(c, &e->base, e);
    emit_abc_w(c, OP_LOAD_ATTR, dest, object, 0,
               emit_site(c, compile_mangled_str(c, e->attr)));
    return dest;
}

static int slice(Compiler *c, const AstSlice *e, int target) {
    const AstExpr *parts[] = {e->lower, e->upper, e->step};
    int mark = (int)c->unit->top;
    int first = emit_push_n(c, 3);
    for (int i = 0; i < 3; i++) {
        if (parts[i] == NULL) {
            compile_constant(c, VALUE_NONE, first + i);
        } else {
            compile_expr(c, parts[i], first + i);
        }
    }
    int dest = compile_dest(c, mark, target);
    compile_at(c, e);
    emit_abc(c, OP_BUILD_SLICE, dest, first, 0);
    return dest;
}

bool compile_index(Compiler *c, const AstExpr *e, bool may_be_imm, int *index) {
    Value v = fold_constant(c, e);
    if (may_be_imm && fold_is_imm(v)) {
        *index = (int)value_to_int(v);
        return true;
    }
    if (!IS_UNSET(v)) {
        *index = compile_constant(c, v, REG_ANY);
    } else {
        *index = compile_any(c, e);
    }
    return false;
}

static int subscript(Compiler *c, const AstSubscript *e, int target) {
    int mark = (int)c->unit->top;
    int object = compile_any(c, e->value);
    object = compile_protect(c, object, e->slice);
    int index;
    bool is_imm = compile_index(c, e->slice, true, &index);
    int dest = compile_dest(c, mark, target);
    compile_at(c, e);
    emit_abc(c, is_imm ? OP_GET_ITEM_I : OP_GET_ITEM, dest, object, index);
    return dest;
}

/* ---- Generators ---- */

static int yield(Compiler *c, const AstYield *e, int target) {
    int mark = (int)c->unit->top;
    int value = e->value == NULL ? compile_constant(c, VALUE_NONE, REG_ANY)
                                 : compile_any(c, e->value);
    int dest = compile_dest(c, mark, target);
    compile_at(c, e);
    emit_abc(c, OP_YIELD, dest, value, 0);
    return dest;
}

/* R[A] holds what is sent in, many times over, so it is no local. */
static int yield_from(Compiler *c, const AstYieldFrom *e, int target) {
    int mark = (int)c->unit->top;
    int sent = emit_push(c);
    int iterator = emit_push(c);
    int iterable = compile_any(c, e->value);
    compile_at(c, e);
    emit_abc(c, OP_YIELD_FROM_PREPARE, iterator, iterable, 1);
    emit_load_constant(c, sent, VALUE_NONE);
    emit_abc(c, OP_YIELD_FROM, sent, iterator, 0);
    return compile_end_value(c, mark, sent, target);
}

static int await(Compiler *c, const AstAwait *e, int target) {
    int mark = (int)c->unit->top;
    int sent = emit_push(c);
    int iterator = emit_push(c);
    int awaitable = compile_any(c, e->value);
    compile_at(c, e);
    compile_await(c, sent, iterator, awaitable, AWAIT_EXPRESSION);
    return compile_end_value(c, mark, sent, target);
}

/* ---- The switch ---- */

static int compile_kind(Compiler *c, const AstExpr *e, int target) {
    switch (e->kind) {
    case AST_NAME: return compile_load(c, e, AST_AS(Name, NAME, e)->id, target);
    case AST_BIN_OP: return binary(c, AST_AS(BinOp, BIN_OP, e), target);
    case AST_UNARY_OP: return unary(c, AST_AS(UnaryOp, UNARY_OP, e), target);
    case AST_COMPARE: return compile_compare(c, AST_AS(Compare, COMPARE, e), target);
    case AST_BOOL_OP: return compile_bool_op(c, AST_AS(BoolOp, BOOL_OP, e), target);
    case AST_CALL: return compile_call(c, AST_AS(Call, CALL, e), target);
    case AST_ATTRIBUTE: return attribute(c, AST_AS(Attribute, ATTRIBUTE, e), target);
    case AST_SUBSCRIPT: return subscript(c, AST_AS(Subscript, SUBSCRIPT, e), target);
    case AST_SLICE: return slice(c, AST_AS(Slice, SLICE, e), target);
    case AST_IF_EXP: return if_exp(c, AST_AS(IfExp, IF_EXP, e), target);
    case AST_NAMED_EXPR: return named(c, AST_AS(NamedExpr, NAMED_EXPR, e), target);
    case AST_LAMBDA: return compile_lambda(c, AST_AS(Lambda, LAMBDA, e), target);
    case AST_TUPLE: return compile_tuple(c, e, &AST_AS(Tuple, TUPLE, e)->elts, target);
    case AST_LIST: return compile_list(c, e, &AST_AS(List, LIST, e)->elts, target);
    case AST_SET: return compile_set(c, AST_AS(Set, SET, e), target);
    case AST_DICT: return compile_dict(c, AST_AS(Dict, DICT, e), target);
    case AST_LIST_COMP:
    case AST_SET_COMP:
    case AST_DICT_COMP: return compile_comprehension(c, e, target);
    case AST_GENERATOR_EXP:
        return compile_generator_exp(c, AST_AS(GeneratorExp, GENERATOR_EXP, e), target);
    case AST_YIELD: return yield(c, AST_AS(Yield, YIELD, e), target);
    case AST_AWAIT: return await(c, AST_AS(Await, AWAIT, e), target);
    case AST_YIELD_FROM: return yield_from(c, AST_AS(YieldFrom, YIELD_FROM, e), target);
    case AST_JOINED_STR:
        return compile_joined_str(c, AST_AS(JoinedStr, JOINED_STR, e), target);
    case AST_FORMATTED_VALUE:
        return compile_formatted_value(c, AST_AS(FormattedValue, FORMATTED_VALUE, e),
                                       target);
    default:
        compile_error(c, e, "can't use starred expression here");
        return (int)c->unit->n_fixed;
    }
}

/* A target that is the topmost temporary is free until it gets the result: the operands
 * begin there. */
static int on_top(Compiler *c, const AstExpr *e, int target) {
    emit_release(c, target);
    int reg = compile_kind(c, e, REG_ANY);
    if (reg != target && !c->has_failed) {
        emit_push(c);
        emit_move(c, target, reg);
    }
    return target;
}

int compile_expr(Compiler *c, const AstExpr *e, int target) {
    if (c->has_failed) {
        return target == REG_ANY ? 0 : target;
    }
    if (!exc_check_c_stack(c->cx)) {
        compile_fail(c);
        return 0;
    }
    compile_at(c, e);
    Value v = e->kind == AST_BIN_OP ? VALUE_UNSET : fold_constant(c, e);
    if (!IS_UNSET(v)) {
        return compile_constant(c, v, target);
    }
    if (target != REG_ANY && target + 1 == (int)c->unit->top &&
        emit_is_temp(c->unit, target) && e->kind != AST_NAME) {
        return on_top(c, e, target);
    }
    return compile_kind(c, e, target);
}
