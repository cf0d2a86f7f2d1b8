/* compile_stmt.c - statements: the switch over their kinds, and the short ones. */

#include "interp/compiler.h"
#include "interp/frame.h"
#include "runtime/objects/exception.h"

void compile_body(Compiler *c, const AstStmtSeq *body) {
    for (uint32_t i = 0; i < body->n && compile_goes_on(c); i++) {
        compile_statement(c, body->items[i]);
    }
}

/* ---- Branches ---- */

static void if_statement(Compiler *c, const AstIf *s) {
    Label otherwise = emit_label(c);
    compile_jump_if(c, s->test, false, otherwise);
    compile_body(c, &s->body);
    if (s->orelse.n == 0) {
        emit_bind(c, otherwise);
        return;
    }
    Label end = emit_label(c);
    emit_jump(c, end);
    emit_bind(c, otherwise);
    compile_body(c, &s->orelse);
    emit_bind(c, end);
}

static void assert_statement(Compiler *c, const AstAssert *s) {
    if (c->optimize > 0) {
        return;
    }
    Label end = emit_label(c);
    compile_jump_if(c, s->test, true, end);
    int window = emit_push_n(c, FRAME_WORDS);
    compile_at(c, s);
    emit_abc(c, OP_LOAD_ASSERTION_ERROR, window, 0, 0);
    if (s->msg != NULL) {
        compile_push(c, s->msg);
        compile_at(c, s);
        emit_abc(c, OP_CALL, window, 1, window);
    }
    compile_at(c, s->test);
    emit_abc(c, OP_RAISE, window, 0, 0);
    emit_release(c, window);
    emit_bind(c, end);
}

/* ---- Leaving ---- */

static void return_statement(Compiler *c, const AstReturn *s) {
    if (!scope_is_function(c->unit->scope)) {
        compile_error(c, &s->base, "'return' outside function");
        return;
    }
    if (!compile_check_leaving(c, &s->base, NULL)) {
        return;
    }
    Value v = s->value == NULL ? VALUE_NONE : fold_constant(c, s->value);
    bool is_immediate = !IS_UNSET(v) && v < VALUE_FIRST_ADDRESS;
    int mark = (int)c->unit->top;
    int reg = 0;
    if (!is_immediate) {
        /* A finally body must not change what is returned. */
        bool has_cleanup = compile_has_cleanup(c);
        reg = compile_expr(c, s->value, has_cleanup ? emit_push(c) : REG_ANY);
    }
    compile_exit_blocks(c, NULL);
    compile_at(c, s);
    if (is_immediate) {
        emit_abx(c, OP_RETURN_IMM, 0, (uint32_t)v);
    } else {
        emit_abc(c, OP_RETURN, reg, 0, 0);
    }
    compile_reopen_blocks(c, NULL);
    emit_release(c, mark);
}

static Block *innermost_loop(const Compiler *c) {
    Block *block = c->unit->block;
    while (block != NULL && block->kind != BLOCK_LOOP) {
        block = block->outer;
    }
    return block;
}

static void leave_loop(Compiler *c, const AstStmt *s, bool is_break) {
    Block *loop = innermost_loop(c);
    if (loop == NULL && compile_check_leaving(c, s, NULL)) {
        compile_error(
            c, s, is_break ? "'break' outside loop" : "'continue' not properly in loop");
    }
    if (loop == NULL) {
        return;
    }
    if (!compile_check_leaving(c, s, loop)) {
        return;
    }
    compile_exit_blocks(c, loop);
    compile_at(c, s);
    emit_jump(c, is_break ? loop->on_break : loop->on_continue);
    compile_reopen_blocks(c, loop);
}

static void raise_statement(Compiler *c, const AstRaise *s) {
    if (s->exc == NULL) {
        emit_abc(c, OP_RAISE_AGAIN, 0, 0, 0);
        return;
    }
    int mark = (int)c->unit->top;
    int exception = compile_any(c, s->exc);
    int cause = 0;
    if (s->cause != NULL) {
        exception = compile_protect(c, exception, s->cause);
        cause = compile_any(c, s->cause);
    }
    compile_at(c, s);
    emit_abc(c, OP_RAISE, exception, cause, s->cause != NULL);
    emit_release(c, mark);
}

/* ---- Imports ---- */

static uint32_t name_constant(Compiler *c, const Ident *name) {
    return emit_constant(c, OBJ_VALUE(compile_name_str(c, name)));
}

static void import_statement(Compiler *c, const AstImport *s) {
    for (uint32_t i = 0; i < s->names.n; i++) {
        const AstAlias *alias = s->names.items[i];
        int reg = emit_push(c);
        bool is_whole = alias->asname != NULL;
        emit_abc_w(c, OP_IMPORT, reg, 0, is_whole, name_constant(c, alias->name));
        compile_store(c, &s->base,
                      is_whole ? alias->asname : compile_first_component(c, alias->name),
                      reg);
        emit_release(c, reg);
    }
}

static void import_from_statement(Compiler *c, const AstImportFrom *s) {
    /* What a __future__ says was heeded before; at run time its names are bound like others. */
    if (s->level == 0 && s->module != NULL && c->scope->kind != SCOPE_MODULE &&
        strcmp(s->module->text, "__future__") == 0) {
        compile_error(c, &s->base,
                      "from __future__ imports must occur at the beginning of the file");
        return;
    }
    int module = emit_push(c);
    const Ident *name = s->module != NULL ? s->module : scope_ident(c, "", 0);
    emit_abc_w(c, OP_IMPORT, module, s->level, 1, name_constant(c, name));
    for (uint32_t i = 0; i < s->names.n; i++) {
        const AstAlias *alias = s->names.items[i];
        compile_at(c, s);
        if (strcmp(alias->name->text, "*") == 0) {
            emit_abc(c, OP_IMPORT_STAR, module, 0, c->is_by_name);
            break;
        }
        int item = emit_push(c);
        emit_abc_w(c, OP_IMPORT_FROM, item, module, 0, name_constant(c, alias->name));
        compile_store(c, &s->base, alias->asname != NULL ? alias->asname : alias->name,
                      item);
        emit_release(c, item);
    }
    emit_release(c, module);
}

/* ---- Expressions as statements ---- */

/* At a prompt the value is shown: sys.displayhook(value). */
static void show_value(Compiler *c, const AstExpr *e) {
    int window = emit_push_n(c, FRAME_WORDS);
    emit_push(c);
    int value = compile_push(c, e);
    emit_abc_w(c, OP_IMPORT, window, 0, 1, name_constant(c, scope_ident(c, "sys", 3)));
    emit_abc_w(c, OP_LOAD_METHOD, window, window, 0,
               emit_site(c, compile_name_str(c, scope_ident(c, "displayhook", 11))));
    (void)value;
    emit_abc(c, OP_CALL_METHOD, window, 1, window);
    emit_release(c, window);
}

static void expression_statement(Compiler *c, const AstExprStmt *s) {
    if (c->mode == PARSE_SINGLE && c->scope->kind == SCOPE_MODULE) {
        show_value(c, s->value);
        return;
    }
    if (s->value->kind == AST_CONSTANT) {
        fold_constant(c, s->value); /* for its errors */
        return;
    }
    int mark = (int)c->unit->top;
    compile_expr(c, s->value, s->value->kind == AST_CALL ? REG_NOWHERE : REG_ANY);
    emit_release(c, mark);
}

/* ---- Objects with __del__ ---- */

static bool is_none(const AstExpr *e) {
    return e->kind == AST_CONSTANT &&
           AST_AS(Constant, CONSTANT, e)->value.type == AST_LITERAL_NONE;
}

/* Whether a statement is one after which a reader expects __del__ to be called: `del`,
 * `x = None` (but for loops in functions), and in the module itself a call, at whose end
 * locals die. (Behind every statement the question would slow loops down.) */
static bool may_let_go(const Compiler *c, const AstStmt *s) {
    if (s->kind == AST_DELETE) {
        return true;
    }
    if (s->kind == AST_ASSIGN && is_none(AST_AS(Assign, ASSIGN, s)->value)) {
        return c->scope->kind == SCOPE_MODULE || c->unit->loop_depth == 0;
    }
    return c->scope->kind == SCOPE_MODULE && s->kind == AST_EXPR_STMT &&
           AST_AS(ExprStmt, EXPR_STMT, s)->value->kind == AST_CALL;
}

/* ---- The switch ---- */

void compile_statement(Compiler *c, const AstStmt *s) {
    if (c->has_failed) {
        return;
    }
    if (!exc_check_c_stack(c->cx)) {
        compile_fail(c);
        return;
    }
    compile_at(c, s);
    switch (s->kind) {
    case AST_EXPR_STMT: expression_statement(c, AST_AS(ExprStmt, EXPR_STMT, s)); break;
    case AST_ASSIGN: compile_assign(c, AST_AS(Assign, ASSIGN, s)); break;
    case AST_AUG_ASSIGN: compile_aug_assign(c, AST_AS(AugAssign, AUG_ASSIGN, s)); break;
    case AST_ANN_ASSIGN: compile_ann_assign(c, AST_AS(AnnAssign, ANN_ASSIGN, s)); break;
    case AST_IF: if_statement(c, AST_AS(If, IF, s)); break;
    case AST_FOR: compile_for(c, AST_AS(For, FOR, s)); break;
    case AST_WHILE: compile_while(c, AST_AS(While, WHILE, s)); break;
    case AST_RETURN: return_statement(c, AST_AS(Return, RETURN, s)); break;
    case AST_BREAK: leave_loop(c, s, true); break;
    case AST_CONTINUE: leave_loop(c, s, false); break;
    case AST_RAISE: raise_statement(c, AST_AS(Raise, RAISE, s)); break;
    case AST_ASSERT: assert_statement(c, AST_AS(Assert, ASSERT, s)); break;
    case AST_TRY: compile_try(c, AST_AS(Try, TRY, s)); break;
    case AST_TYPE_ALIAS: compile_type_alias(c, AST_AS(TypeAlias, TYPE_ALIAS, s)); break;
    case AST_MATCH: compile_match(c, AST_AS(Match, MATCH, s)); break;
    case AST_WITH: compile_with(c, AST_AS(With, WITH, s)); break;
    case AST_FUNCTION_DEF:
        compile_function_def(c, AST_AS(FunctionDef, FUNCTION_DEF, s));
        break;
    case AST_CLASS_DEF: compile_class_def(c, AST_AS(ClassDef, CLASS_DEF, s)); break;
    case AST_IMPORT: import_statement(c, AST_AS(Import, IMPORT, s)); break;
    case AST_IMPORT_FROM:
        import_from_statement(c, AST_AS(ImportFrom, IMPORT_FROM, s));
        break;
    case AST_DELETE: {
        const AstDelete *d = AST_AS(Delete, DELETE, s);
        for (uint32_t i = 0; i < d->targets.n; i++) {
            compile_delete_target(c, d->targets.items[i]);
        }
        break;
    }
    default: break; /* pass, global, nonlocal */
    }
    if (may_let_go(c, s)) {
        emit_abc(c, OP_SETTLE, (int)c->unit->top, 0, 0);
    }
}
