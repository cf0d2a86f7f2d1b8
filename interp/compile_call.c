/* compile_call.c - calls: the window, method calls, keywords, stars, super().
 *
 * A window at R[A]: the callee in R[A], three registers that become the frame, the
 * arguments from R[A+4] (frame.h). It is made of temporaries on top of the stack, so
 * whatever the callee's window overwrites is free. */

#include "interp/compiler.h"
#include "interp/frame.h"
#include "runtime/objects/tuple.h"

enum {
    CALL_MAX_ARGUMENTS = 64,  /* more are passed as a tuple */
    CALL_SPARE_REGISTERS = 12 /* left for what an argument needs */
};

static bool has_stars(const AstCall *e) {
    for (uint32_t i = 0; i < e->args.n; i++) {
        if (e->args.items[i]->kind == AST_STARRED) {
            return true;
        }
    }
    for (uint32_t i = 0; i < e->keywords.n; i++) {
        if (e->keywords.items[i]->arg == NULL) {
            return true;
        }
    }
    return false;
}

static bool is_large(const Compiler *c, const AstCall *e) {
    uint32_t n = e->args.n + e->keywords.n;
    return n > CALL_MAX_ARGUMENTS ||
           FRAME_WORDS + 1 + n + CALL_SPARE_REGISTERS > emit_room(c);
}

static void check_keywords(Compiler *c, const AstKeywordSeq *keywords) {
    for (uint32_t i = 0; i < keywords->n; i++) {
        const AstKeyword *keyword = keywords->items[i];
        if (keyword->arg == NULL) {
            continue;
        }
        if (scope_name_is(keyword->arg, "__debug__")) {
            compile_error(c, &keyword->base, "cannot assign to __debug__");
        }
        for (uint32_t j = 0; j < i && i < CALL_MAX_ARGUMENTS; j++) {
            const AstKeyword *other = keywords->items[j];
            if (other->arg != NULL && scope_same_name(other->arg, keyword->arg)) {
                compile_error(c, &keyword->base, "keyword argument repeated: %s",
                              keyword->arg->text);
                return;
            }
        }
    }
}

/* ---- Keywords ---- */

static uint32_t names_constant(Compiler *c, const AstKeywordSeq *keywords) {
    ObjTuple *names = tuple_new(c->cx, keywords->n);
    if (names == NULL) {
        compile_fail(c);
        return 0;
    }
    Value kept = compile_keep(c, OBJ_VALUE(names));
    for (uint32_t i = 0; i < keywords->n; i++) {
        names->items[i] = OBJ_VALUE(compile_mangled_str(c, keywords->items[i]->arg));
    }
    return emit_constant(c, kept);
}

static void add_keyword(Compiler *c, const AstKeyword *keyword, int dict) {
    int mark = (int)c->unit->top;
    int name =
        compile_constant(c, OBJ_VALUE(compile_mangled_str(c, keyword->arg)), REG_ANY);
    int value = compile_any(c, keyword->value);
    compile_at(c, keyword);
    emit_abc(c, OP_DICT_ADD, dict, name, value);
    emit_release(c, mark);
}

/* A repeated name must not be overwritten: behind a `**` every further keyword is merged.
 * */
static void merge_keyword(Compiler *c, const AstNode *at, const AstKeyword *keyword,
                          int dict, int callee) {
    int mark = (int)c->unit->top;
    int mapping;
    if (keyword->arg == NULL) {
        mapping = compile_any(c, keyword->value);
    } else {
        mapping = emit_push(c);
        emit_abc(c, OP_BUILD_DICT, mapping, mapping, 0);
        add_keyword(c, keyword, mapping);
    }
    compile_at(c, at);
    emit_abc(c, OP_DICT_MERGE, dict, mapping, callee);
    emit_release(c, mark);
}

void compile_keywords_dict(Compiler *c, const AstNode *at, const AstKeywordSeq *keywords,
                           int reg, int callee) {
    compile_at(c, at);
    emit_abc(c, OP_BUILD_DICT, reg, reg, 0);
    bool is_merging = false;
    for (uint32_t i = 0; i < keywords->n; i++) {
        is_merging |= keywords->items[i]->arg == NULL;
        if (is_merging) {
            merge_keyword(c, at, keywords->items[i], reg, callee);
        } else {
            add_keyword(c, keywords->items[i], reg);
        }
    }
}

/* ---- super() ---- */

/* The first parameter is an ordinary one of a `def` or a lambda: not *args, not what a generator expression gets. */
static bool has_first_parameter(const Scope *unit) {
    const AstArguments *args = unit->kind != SCOPE_FUNCTION              ? NULL
                               : unit->node->kind == AST_FUNCTION_DEF ? AST_AS(FunctionDef, FUNCTION_DEF, unit->node)->args
                               : unit->node->kind == AST_LAMBDA       ? AST_AS(Lambda, LAMBDA, unit->node)->args
                                                                      : NULL;
    return args != NULL && args->posonlyargs.n + args->args.n > 0;
}

/* `super()` where it means the built-in class and there is a first parameter to bind to.
 * */
static bool is_plain_super(Compiler *c, const AstExpr *e) {
    if (e->kind != AST_CALL) {
        return false;
    }
    const AstCall *call = AST_AS(Call, CALL, e);
    if (call->func->kind != AST_NAME || call->args.n > 0 || call->keywords.n > 0 ||
        !scope_name_is(AST_AS(Name, NAME, call->func)->id, "super")) {
        return false;
    }
    const Symbol *super = scope_lookup(c->scope, AST_AS(Name, NAME, call->func)->id);
    const Symbol *cls = scope_lookup(c->scope, c->scopes.class_name);
    return super->place == PLACE_GLOBAL && cls != NULL && cls->place == PLACE_FREE &&
           has_first_parameter(c->unit->scope);
}

/* R[window] = super; then the instruction with __class__ and the first parameter. */
static void load_super(Compiler *c, const AstAttribute *e, Opcode op, int window) {
    const AstExpr *call = e->value;
    const AstExpr *func = AST_AS(Call, CALL, call)->func;
    compile_load(c, func, AST_AS(Name, NAME, func)->id, window);
    int mark = (int)c->unit->top;
    int cls = compile_load(c, call, c->scopes.class_name, REG_ANY);
    const Symbol *first = c->unit->scope->locals.items[0]; /* a comprehension may be around, which does not name it */
    int self = compile_load_symbol(c, call, first, first->name, REG_ANY);
    compile_at(c, e);
    emit_abc_w(c, op, window, cls, self, emit_site(c, compile_mangled_str(c, e->attr)));
    emit_release(c, mark);
}

bool compile_super_attribute(Compiler *c, const AstAttribute *e, int target,
                             int *result) {
    if (e->ctx != AST_LOAD || !is_plain_super(c, e->value)) {
        return false;
    }
    int mark = (int)c->unit->top;
    int window = compile_begin_value(c, target);
    load_super(c, e, OP_LOAD_SUPER_ATTR, window);
    *result = compile_end_value(c, mark, window, target);
    return true;
}

/* ---- The call ---- */

/* Evaluates the callee and opens the window for it. What the callee is made of is gone
 * when the window opens, so a chain of calls takes no more registers than one.
 * *is_method: LOAD_METHOD gave one argument more. */
static int open_window(Compiler *c, const AstExpr *func, bool *is_method) {
    int mark = (int)c->unit->top;
    const AstAttribute *e = *is_method && func->kind == AST_ATTRIBUTE
                                ? AST_AS(Attribute, ATTRIBUTE, func)
                                : NULL;
    *is_method = e != NULL;
    if (e != NULL && is_plain_super(c, e->value)) {
        int window = emit_push_n(c, FRAME_WORDS + 1);
        load_super(c, e, OP_LOAD_SUPER_METHOD, window);
        return window;
    }
    int reg = compile_any(c, e != NULL ? e->value : func);
    emit_release(c, mark);
    int window = emit_push_n(c, FRAME_WORDS + (e != NULL));
    if (e == NULL) {
        emit_use(c, (uint32_t)window + FRAME_WORDS + 1);
        emit_move(c, window, reg);
        return window;
    }
    compile_at_attribute(c, func, e);
    emit_abc_w(c, OP_LOAD_METHOD, window, reg, 0,
               emit_site(c, compile_mangled_str(c, e->attr)));
    return window;
}

static void call_at(Compiler *c, const AstCall *e) {
    if (e->func->kind == AST_ATTRIBUTE) {
        compile_at_attribute(c, &e->base, AST_AS(Attribute, ATTRIBUTE, e->func));
    } else {
        compile_at(c, e);
    }
}

/* Where the result goes. STEP discarded: a result for the word behind the callee is one that
 * nobody will see. */
static int call_dest(Compiler *c, int mark, int window, int target) {
    return compile_dest(c, mark, target == REG_NOWHERE ? window + 1 : target);
}

/* R[A+4] the positional arguments as a tuple, R[A+5] the keywords as a dict. */
static int call_spread(Compiler *c, const AstCall *e, int target) {
    int mark = (int)c->unit->top;
    bool is_method = false;
    int window = open_window(c, e->func, &is_method);
    int tuple = emit_push(c);
    compile_arguments(c, &e->base, &e->args, window, tuple);
    int dict = emit_push(c);
    if (e->keywords.n > 0) {
        compile_keywords_dict(c, &e->base, &e->keywords, dict, window);
    } else {
        emit_load_constant(c, dict, VALUE_UNSET);
    }
    int dest = call_dest(c, mark, window, target);
    call_at(c, e);
    emit_abc(c, OP_CALL_EX, window, 0, dest);
    return dest;
}

int compile_call(Compiler *c, const AstCall *e, int target) {
    check_keywords(c, &e->keywords);
    if (has_stars(e) || is_large(c, e)) {
        return call_spread(c, e, target);
    }
    int mark = (int)c->unit->top;
    bool is_method = true;
    int window = open_window(c, e->func, &is_method);
    for (uint32_t i = 0; i < e->args.n; i++) {
        compile_push(c, e->args.items[i]);
    }
    for (uint32_t i = 0; i < e->keywords.n; i++) {
        compile_push(c, e->keywords.items[i]->value);
    }
    int n = (int)(e->args.n + e->keywords.n);
    int dest = call_dest(c, mark, window, target);
    call_at(c, e);
    if (e->keywords.n > 0) {
        emit_abc_w(c, is_method ? OP_CALL_METHOD_KW : OP_CALL_KW, window, n, dest,
                   names_constant(c, &e->keywords));
    } else {
        emit_abc(c, is_method ? OP_CALL_METHOD : OP_CALL, window, n, dest);
    }
    return dest;
}
