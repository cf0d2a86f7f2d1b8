/* ast_objects.c - the syntax tree as objects: parse() of the module _ast, from which lib/ast.mini builds its
 * nodes.
 *
 * Invariants
 *   1. A node is one call make(name, line, column, end line, end column, *fields), children first, the fields
 *      in the order of grammar/ast.def: identifiers and operators as str, sequences as lists, what is not
 *      there as None. What Python's classes have otherwise (AsyncFor for a For with a flag, ...) is
 *      lib/ast.mini's business.
 *   2. The depth of the tree is bounded before it is walked: a chain of 60,000 operators is as deep. */

#include "interp/ast_objects.h"
#include "interp/compiler.h"
#include "runtime/call.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"

/* As deep as a walk over the objects in the language may go, too. */
enum { MAX_OBJECT_DEPTH = 3000, MAX_ARGS = 16 };

typedef struct Builder {
    Context *cx;
    Value make; /* the function that makes a node */
} Builder;

/* The arguments of one call of make. */
typedef struct Args {
    Value items[MAX_ARGS];
    int n;
    bool has_failed;
} Args;

static Value build(Builder *b, const AstNode *node);

static void add(Args *args, Value v) {
    args->has_failed |= IS_ERROR(v);
    args->items[args->n++] = IS_ERROR(v) ? VALUE_NONE : v;
}

static Value text_value(Context *cx, const char *text) {
    ObjStr *str = str_from_c(cx, text);
    return str == NULL ? VALUE_ERROR : OBJ_VALUE(str);
}

static Value build_opt(Builder *b, const AstNode *node) {
    return node == NULL ? VALUE_NONE : build(b, node);
}

static Value build_ident(Builder *b, const Ident *ident) {
    return ident == NULL ? VALUE_NONE : text_value(b->cx, ident->text);
}

/* A list of n values, each made by `item` from a place in items. */
static Value build_list(Builder *b, uint32_t n, const void *items,
                        Value (*item)(Builder *b, const void *items, uint32_t i)) {
    ObjList *list = list_new(b->cx, n);
    for (uint32_t i = 0; list != NULL && i < n; i++) {
        const Value made = item(b, items, i);
        if (IS_ERROR(made) || !list_append(b->cx, list, made)) {
            return VALUE_ERROR;
        }
    }
    return list == NULL ? VALUE_ERROR : OBJ_VALUE(list);
}

static Value node_item(Builder *b, const void *items, uint32_t i) {
    return build_opt(b, ((AstNode *const *)items)[i]);
}

static Value ident_item(Builder *b, const void *items, uint32_t i) {
    return build_ident(b, ((const Ident *const *)items)[i]);
}

/* The names of the operators' classes. */
static const char *const names_of_Operator[] = {
#define AST_OPERATOR(ENUMERATOR, Name, spelling) #Name,
#include "grammar/ast.def"
};
static const char *const names_of_BoolOperator[] = {
#define AST_BOOL_OPERATOR(ENUMERATOR, Name, spelling) #Name,
#include "grammar/ast.def"
};
static const char *const names_of_UnaryOperator[] = {
#define AST_UNARY_OPERATOR(ENUMERATOR, Name, spelling) #Name,
#include "grammar/ast.def"
};
static const char *const names_of_CmpOperator[] = {
#define AST_CMP_OPERATOR(ENUMERATOR, Name, spelling) #Name,
#include "grammar/ast.def"
};
static const char *const names_of_ExprContext[] = {
    [AST_LOAD] = "Load", [AST_STORE] = "Store", [AST_DEL] = "Del"};

static Value cmp_op_item(Builder *b, const void *items, uint32_t i) {
    return text_value(b->cx, names_of_CmpOperator[((const AstCmpOperator *)items)[i]]);
}

static void add_fields(Builder *b, Args *args, const AstNode *node) {
    switch ((AstKind)node->kind) {
#define AST_NODE(ENUMERATOR, Name, fields)               \
    case AST_##ENUMERATOR: {                             \
        const Ast##Name *self = (const Ast##Name *)node; \
        (void)self;                                      \
        fields break;                                    \
    }
#define F_NODE(Type, name) add(args, build(b, (const AstNode *)self->name));
#define F_OPT(Type, name)  add(args, build_opt(b, (const AstNode *)self->name));
#define LIST(name, item)   add(args, build_list(b, self->name.n, self->name.items, item));
#define F_SEQ(Type, name)  LIST(name, node_item)
#define F_SEQ_OPT(Type, name)    F_SEQ(Type, name)
#define F_SEQ_HIDDEN(Type, name) F_SEQ(Type, name)
#define F_IDENT(name)            add(args, build_ident(b, self->name));
#define F_IDENT_OPT(name)        add(args, build_ident(b, self->name));
#define F_IDENTS(name)           LIST(name, ident_item)
#define F_CMP_OPS(name)          LIST(name, cmp_op_item)
#define F_ENUM(Type, name)       add(args, text_value(b->cx, names_of_##Type[self->name]));
#define F_INT(name)              add(args, value_from_int(self->name));
#define F_FLAG(name)             add(args, value_from_int(self->name));
#define F_LITERAL(name)          add(args, fold_literal_value(b->cx, &self->name));
#include "grammar/ast.def"
#undef LIST
    case AST_KIND_COUNT: break;
    }
}

static Value build(Builder *b, const AstNode *node) {
    if (!exc_check_c_stack(b->cx)) {
        return VALUE_ERROR;
    }
    Args args = {.n = 0};
    add(&args, text_value(b->cx, ast_kind_name((AstKind)node->kind)));
    add(&args, value_from_int(node->line));
    add(&args, value_from_int(node->col));
    add(&args, value_from_int(node->end_line));
    add(&args, value_from_int(node->end_col));
    add_fields(b, &args, node);
    return args.has_failed ? VALUE_ERROR : call_value(b->cx, b->make, args.items, args.n);
}

Value ast_objects_parse(Context *cx, ObjStr *text, ObjStr *filename, ParseMode mode,
                        Value make) {
    Arena arena;
    arena_init(&arena);
    SyntaxError error;
    const ParseGuard guard = compile_guard(cx);
    const AstModule *tree = parse_source(&arena, filename->data, text->data,
                                         text->n_bytes, mode, &guard, &error);
    Builder b = {cx, make};
    const Value result =
        tree == NULL ? compile_raise_syntax(cx, filename, &error)
        : tree->base.depth > MAX_OBJECT_DEPTH
            ? exc_raise(cx, EXC_RecursionError,
                        "maximum recursion depth exceeded during ast construction")
            : build(&b, &tree->base);
    arena_free(&arena);
    return result;
}
