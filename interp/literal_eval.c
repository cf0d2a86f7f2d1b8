/* literal_eval.c - the module _ast: the value of a text that consists of literals, without running
 * anything. lib/ast.mini gives it its name. The trees are made in ast_objects.c. */

#include "interp/ast_objects.h"
#include "interp/compiler.h"
#include "runtime/base/arena.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/complex.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/set.h"
#include "runtime/objects/tuple.h"

static Value evaluate(Context *cx, const AstExpr *e);

/* The address in the message is that of the node, as that of the object is in Python. */
static Value fail(Context *cx, const AstExpr *e) {
    if (e == NULL) {
        return exc_raise(cx, EXC_ValueError, "malformed node or string: None");
    }
    return exc_raise(cx, EXC_ValueError,
                     "malformed node or string on line %u: <ast.%s object at %p>",
                     e->line, ast_kind_name((AstKind)e->kind), (const void *)e);
}

static Value evaluate_list(Context *cx, const AstExprSeq *elts) {
    ObjList *list = list_new(cx, elts->n);
    for (uint32_t i = 0; list != NULL && i < elts->n; i++) {
        const Value item = evaluate(cx, elts->items[i]);
        if (IS_ERROR(item) || !list_append(cx, list, item)) {
            return VALUE_ERROR;
        }
    }
    return list == NULL ? VALUE_ERROR : OBJ_VALUE(list);
}

static Value evaluate_tuple(Context *cx, const AstExprSeq *elts) {
    ObjTuple *tuple = tuple_new(cx, elts->n);
    for (uint32_t i = 0; tuple != NULL && i < elts->n; i++) {
        tuple->items[i] = evaluate(cx, elts->items[i]);
        if (IS_ERROR(tuple->items[i])) {
            tuple->items[i] = VALUE_NONE;
            return VALUE_ERROR;
        }
    }
    return tuple == NULL ? VALUE_ERROR : OBJ_VALUE(tuple);
}

static Value evaluate_set(Context *cx, const AstExprSeq *elts) {
    ObjSet *set = set_new(cx, KIND_SET, elts->n);
    for (uint32_t i = 0; set != NULL && i < elts->n; i++) {
        const Value item = evaluate(cx, elts->items[i]);
        if (IS_ERROR(item) || !set_add(cx, set, item)) {
            return VALUE_ERROR;
        }
    }
    return set == NULL ? VALUE_ERROR : OBJ_VALUE(set);
}

static Value evaluate_dict(Context *cx, const AstDict *e) {
    ObjDict *dict = dict_new(cx, e->keys.n);
    for (uint32_t i = 0; dict != NULL && i < e->keys.n; i++) {
        if (e->keys.items[i] == NULL) {
            return fail(cx, NULL); /* **other */
        }
        const Value key = evaluate(cx, e->keys.items[i]);
        const Value value =
            IS_ERROR(key) ? VALUE_ERROR : evaluate(cx, e->values.items[i]);
        if (IS_ERROR(value) || !dict_set(cx, dict, key, value)) {
            return VALUE_ERROR;
        }
    }
    return dict == NULL ? VALUE_ERROR : OBJ_VALUE(dict);
}

static bool is_number(const AstExpr *e, bool is_imaginary) {
    if (e->kind != AST_CONSTANT) {
        return false;
    }
    const AstLiteralType type = ((const AstConstant *)e)->value.type;
    return type == AST_LITERAL_COMPLEX ||
           (!is_imaginary && (type == AST_LITERAL_INT || type == AST_LITERAL_BIG_INT ||
                              type == AST_LITERAL_FLOAT));
}

/* A number with a sign or without. */
static Value evaluate_number(Context *cx, const AstExpr *e) {
    if (e->kind != AST_UNARY_OP) {
        return is_number(e, false) ? evaluate(cx, e) : fail(cx, e);
    }
    const AstUnaryOp *unary = (const AstUnaryOp *)e;
    if (unary->op != AST_UNARY_U_SUB && unary->op != AST_UNARY_U_ADD) {
        return fail(cx, e);
    }
    if (!is_number(unary->operand, false)) {
        return fail(cx, unary->operand);
    }
    const Value v = evaluate(cx, unary->operand);
    return IS_ERROR(v)
               ? VALUE_ERROR
               : value_unary(cx, unary->op == AST_UNARY_U_SUB ? UNARY_NEG : UNARY_POS, v);
}

/* 1 + 2j: a real number, then an imaginary one. */
static Value evaluate_complex(Context *cx, const AstBinOp *e) {
    const bool is_sum = e->op == AST_OP_ADD || e->op == AST_OP_SUB;
    if (!is_sum || !is_number(e->right, true)) {
        return fail(cx, &e->base);
    }
    const Value left = evaluate_number(cx, e->left);
    if (IS_ERROR(left)) {
        return VALUE_ERROR;
    }
    if (IS_COMPLEX(left)) {
        return fail(cx, &e->base);
    }
    const Value right = evaluate(cx, e->right);
    return IS_ERROR(right)
               ? VALUE_ERROR
               : value_binary(cx, e->op == AST_OP_ADD ? BINARY_ADD : BINARY_SUB, left,
                              right);
}

/* set(), which has no other form. */
static bool is_empty_set(const AstCall *e) {
    return e->func->kind == AST_NAME && e->args.n == 0 && e->keywords.n == 0 &&
           strcmp(((const AstName *)e->func)->id->text, "set") == 0;
}

static Value evaluate(Context *cx, const AstExpr *e) {
    if (!exc_check_c_stack(cx)) {
        return VALUE_ERROR;
    }
    switch ((AstKind)e->kind) {
    case AST_CONSTANT: return fold_literal_value(cx, &((const AstConstant *)e)->value);
    case AST_TUPLE: return evaluate_tuple(cx, &((const AstTuple *)e)->elts);
    case AST_LIST: return evaluate_list(cx, &((const AstList *)e)->elts);
    case AST_SET: return evaluate_set(cx, &((const AstSet *)e)->elts);
    case AST_DICT: return evaluate_dict(cx, (const AstDict *)e);
    case AST_UNARY_OP: return evaluate_number(cx, e);
    case AST_BIN_OP: return evaluate_complex(cx, (const AstBinOp *)e);
    case AST_CALL:
        return is_empty_set((const AstCall *)e)
                   ? evaluate_set(cx, &((const AstCall *)e)->args)
                   : fail(cx, e);
    default: return fail(cx, e);
    }
}

NATIVE(ast_literal, "literal(text, /)", "The value of a str that is a literal.") {
    ObjStr *text = arg_str(cx, args[0], "literal", "1");
    ObjStr *filename = text == NULL ? NULL : str_from_c(cx, "<unknown>");
    if (filename == NULL) {
        return VALUE_ERROR;
    }
    Arena arena;
    arena_init(&arena);
    SyntaxError error;
    const ParseGuard guard = compile_guard(cx);
    const AstModule *tree =
        parse_source(&arena, "<unknown>", text->data, text->n_bytes, PARSE_EVAL, &guard, &error);
    const Value result =
        tree == NULL
            ? compile_raise_syntax(cx, filename, &error)
            : evaluate(cx, AST_AS(ExprStmt, EXPR_STMT, tree->body.items[0])->value);
    arena_free(&arena);
    return result;
}

NATIVE(ast_parse, "parse(text, filename, mode, make, /)",
       "The syntax tree of a str, each node made by a call of make.") {
    ObjStr *text = arg_str(cx, args[0], "parse", "1");
    ObjStr *filename = text == NULL ? NULL : arg_str(cx, args[1], "parse", "2");
    const ObjStr *mode = filename == NULL ? NULL : arg_str(cx, args[2], "parse", "3");
    if (mode == NULL) {
        return VALUE_ERROR;
    }
    const ParseMode parse_mode = str_equals_c(mode, "eval")     ? PARSE_EVAL
                                 : str_equals_c(mode, "single") ? PARSE_SINGLE
                                                                : PARSE_FILE;
    return ast_objects_parse(cx, text, filename, parse_mode, args[3]);
}

static const NativeDef functions[] = {NATIVE_ENTRY(ast_literal), NATIVE_ENTRY(ast_parse), {0}};

bool mod_ast_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
