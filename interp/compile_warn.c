/* compile_warn.c - finding and showing SyntaxWarnings. */

#include "interp/compile_warn.h"

#include <stdarg.h>

#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/module.h"

/* ---- collecting ---- */

static void warn(Compiler *c, const AstNode *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void warn(Compiler *c, const AstNode *node, const char *format, ...) {
    if (c->warnings_arena == NULL) {
        return;
    }
    va_list args;
    va_start(args, format);
    SyntaxWarning *warning = arena_alloc_zeroed(c->warnings_arena, sizeof *warning);
    warning->what = (SyntaxError){
        .message = arena_format_v(c->warnings_arena, format, args),
        .line = node->line,
        .column = node->col + 1,
        .end_line = node->end_line,
        .end_column = node->end_col + 1,
    };
    va_end(args);
    *c->warnings_end = warning;
    c->warnings_end = &warning->next;
}

/* The name of the type that the expression surely has, or NULL. */
static const char *type_of_expr(const AstExpr *e) {
    switch ((AstKind)e->kind) {
    case AST_TUPLE: return "tuple";
    case AST_LIST:
    case AST_LIST_COMP: return "list";
    case AST_DICT:
    case AST_DICT_COMP: return "dict";
    case AST_SET:
    case AST_SET_COMP: return "set";
    case AST_GENERATOR_EXP: return "generator";
    case AST_LAMBDA: return "function";
    case AST_JOINED_STR:
    case AST_FORMATTED_VALUE: return "str";
    case AST_CONSTANT: break;
    default: return NULL;
    }
    switch (((const AstConstant *)e)->value.type) {
    case AST_LITERAL_NONE: return "NoneType";
    case AST_LITERAL_FALSE:
    case AST_LITERAL_TRUE: return "bool";
    case AST_LITERAL_ELLIPSIS: return "ellipsis";
    case AST_LITERAL_INT:
    case AST_LITERAL_BIG_INT: return "int";
    case AST_LITERAL_FLOAT: return "float";
    case AST_LITERAL_COMPLEX: return "complex";
    case AST_LITERAL_STR: return "str";
    case AST_LITERAL_BYTES: return "bytes";
    }
    return NULL;
}

/* A number with its sign is a constant, too. */
static const AstExpr *without_sign(const AstExpr *e) {
    if (e->kind == AST_UNARY_OP) {
        const AstUnaryOp *unary = (const AstUnaryOp *)e;
        return unary->op == AST_UNARY_NOT ? e : unary->operand;
    }
    return e;
}

static bool is_constant(const AstExpr *e) {
    if (e->kind != AST_TUPLE) {
        return without_sign(e)->kind == AST_CONSTANT;
    }
    const AstExprSeq *elts = &((const AstTuple *)e)->elts;
    for (uint32_t i = 0; i < elts->n; i++) {
        if (!is_constant(elts->items[i])) {
            return false;
        }
    }
    return true;
}

/* The type of a constant whose identity says nothing; NULL for all else. */
static const char *type_without_identity(const AstExpr *e) {
    if (!is_constant(e)) {
        return NULL;
    }
    if (e->kind == AST_CONSTANT &&
        ((const AstConstant *)e)->value.type <= AST_LITERAL_ELLIPSIS) {
        return NULL;
    }
    return type_of_expr(without_sign(e));
}

static void check_compare(Compiler *c, const AstCompare *e) {
    const char *left = type_without_identity(e->left);
    for (uint32_t i = 0; i < e->ops.n; i++) {
        const char *right = type_without_identity(e->comparators.items[i]);
        const AstCmpOperator op = e->ops.items[i];
        const bool is_identity = op == AST_CMP_IS || op == AST_CMP_IS_NOT;
        if (is_identity && (left != NULL || right != NULL)) {
            const bool is_turned = c->negated == &e->base && e->ops.n == 1; /* `not x is y` */
            warn(c, &e->base,
                 (op == AST_CMP_IS) != is_turned ? "\"is\" with '%s' literal. Did you mean \"==\"?"
                                                : "\"is not\" with '%s' literal. Did you mean \"!=\"?",
                 left != NULL ? left : right);
            return;
        }
        left = right;
    }
}

static void check_call(Compiler *c, const AstCall *e) {
    const char *type = type_of_expr(e->func);
    if (type != NULL && e->func->kind != AST_LAMBDA) {
        warn(c, e->func, "'%s' object is not callable; perhaps you missed a comma?",
             type);
    }
}

/* Which of these can be subscripted, and by integers or slices only? */
static bool is_sequence(const AstExpr *e) {
    switch ((AstKind)e->kind) {
    case AST_TUPLE:
    case AST_LIST:
    case AST_LIST_COMP:
    case AST_JOINED_STR:
    case AST_FORMATTED_VALUE: return true;
    case AST_CONSTANT:
        return ((const AstConstant *)e)->value.type == AST_LITERAL_STR ||
               ((const AstConstant *)e)->value.type == AST_LITERAL_BYTES;
    default: return false;
    }
}

static bool is_index_type(const char *type) {
    return strcmp(type, "int") == 0 || strcmp(type, "bool") == 0;
}

static void check_subscript(Compiler *c, const AstSubscript *e) {
    const char *type = type_of_expr(e->value);
    if (e->ctx != AST_LOAD || type == NULL) {
        return;
    }
    const AstKind kind = (AstKind)e->value->kind;
    if (!is_sequence(e->value)) {
        if (kind != AST_DICT && kind != AST_DICT_COMP) {
            warn(c, e->value,
                 "'%s' object is not subscriptable; perhaps you missed a comma?", type);
        }
        return;
    }
    const char *index =
        type_of_expr(is_constant(e->slice) ? without_sign(e->slice) : e->slice);
    if (index != NULL && !is_index_type(index)) {
        warn(c, e->value,
             "%s indices must be integers or slices, not %s; perhaps you missed a comma?",
             type, index);
    }
}

static void check_assert(Compiler *c, const AstAssert *s) {
    if (s->test->kind == AST_TUPLE && ((const AstTuple *)s->test)->elts.n > 0) {
        warn(c, &s->base, "assertion is always true, perhaps remove parentheses?");
    }
}

void compile_check_node(Compiler *c, const AstNode *node) {
    switch ((AstKind)node->kind) {
    case AST_UNARY_OP: {
        const AstUnaryOp *unary = AST_AS(UnaryOp, UNARY_OP, node);
        c->negated = unary->op == AST_UNARY_NOT ? unary->operand : NULL;
        break;
    }
    case AST_COMPARE: check_compare(c, AST_AS(Compare, COMPARE, node)); break;
    case AST_CALL: check_call(c, AST_AS(Call, CALL, node)); break;
    case AST_SUBSCRIPT: check_subscript(c, AST_AS(Subscript, SUBSCRIPT, node)); break;
    case AST_ASSERT: check_assert(c, AST_AS(Assert, ASSERT, node)); break;
    default: break;
    }
}

/* ---- showing ---- */

/* warnings.warn_explicit(message, SyntaxWarning, filename, line) */
static bool show(Context *cx, ObjStr *filename, const SyntaxError *what) {
    ObjStr *message = str_from_c(cx, what->message);
    const Value category =
        message == NULL ? VALUE_ERROR : exc_class(cx, EXC_SyntaxWarning);
    if (IS_ERROR(category)) {
        return false;
    }
    const Value args[] = {OBJ_VALUE(message), category, OBJ_VALUE(filename),
                          value_from_int(what->line)};
    return !IS_ERROR(module_import_call(cx, "warnings", "warn_explicit", args, 4));
}

bool compile_show_warnings(Context *cx, ObjStr *filename, const SyntaxWarning *first,
                           uint32_t upto_line) {
    for (const SyntaxWarning *w = first; w != NULL; w = w->next) {
        if (w->what.line > upto_line || show(cx, filename, &w->what)) {
            continue;
        }
        if (exc_matches_kind(cx, cx->pending, EXC_SyntaxWarning)) {
            exc_take(cx);
            compile_raise_syntax(cx, filename, &w->what);
        }
        return false;
    }
    return true;
}
