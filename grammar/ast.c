/* ast.c - making nodes and lists, their depth, and names of kinds and operators. */

#include "grammar/ast.h"

#include <string.h>

#include "grammar/parser.h"
#include "grammar/tree.h"

/* ---- lists ---- */

List *items_new(Parse *p) {
    List *list = arena_alloc(p->arena, sizeof *list);
    *list = (List) {0};
    return list;
}

/* Makes room for one more; what the arena loses by growing is less than the list
 * itself. */
static void list_grow(Parse *p, List *list) {
    const uint32_t capacity = list->capacity == 0 ? 2 : list->capacity * 2;
    void **items = arena_alloc(p->arena, capacity * sizeof *items);
    if (list->n > 0) {
        memcpy(items, list->items, list->n * sizeof *items);
    }
    list->items = items;
    list->capacity = capacity;
}

List *items_add(Parse *p, List *list, void *item) {
    if (list->n == list->capacity) {
        list_grow(p, list);
    }
    list->items[list->n++] = item;
    return list;
}

List *list_concat(Parse *p, List *list, const List *more) {
    for (uint32_t i = 0; i < more->n; i++) {
        items_add(p, list, more->items[i]);
    }
    return list;
}

/* ---- depth ---- */

static uint16_t max_depth(uint16_t depth, const AstNode *node) {
    return node != NULL && node->depth > depth ? node->depth : depth;
}

static uint16_t max_depth_in(uint16_t depth, uint32_t n, AstNode *const *nodes) {
    for (uint32_t i = 0; i < n; i++) {
        depth = max_depth(depth, nodes[i]);
    }
    return depth;
}

void ast_set_depth(AstNode *node) {
    uint16_t depth = 0;
    switch ((AstKind) node->kind) {
#define AST_NODE(ENUMERATOR, Name, fields) \
    case AST_##ENUMERATOR: { \
        const Ast##Name *self = (const Ast##Name *) node; \
        (void) self; \
        fields \
        break; \
    }
#define F_NODE(Type, name) depth = max_depth(depth, (const AstNode *) self->name);
#define F_OPT(Type, name) depth = max_depth(depth, (const AstNode *) self->name);
#define F_SEQ(Type, name) \
    depth = max_depth_in(depth, self->name.n, (AstNode **) self->name.items);
#define F_SEQ_OPT(Type, name) F_SEQ(Type, name)
#define F_SEQ_HIDDEN(Type, name) F_SEQ(Type, name)
#define F_IDENT(name)
#define F_IDENT_OPT(name)
#define F_IDENTS(name)
#define F_CMP_OPS(name)
#define F_ENUM(Type, name)
#define F_INT(name)
#define F_FLAG(name)
#define F_LITERAL(name)
#include "grammar/ast.def"
    case AST_KIND_COUNT:
        break;
    }
    node->depth = depth == AST_MAX_DEPTH ? AST_MAX_DEPTH : (uint16_t) (depth + 1);
}

/* ---- nodes ---- */

/* A block's range ends with the DEDENT behind it; the node ends with its last real
 * token. */
static const Token *last_real_token(const Parse *p, TokenRange at) {
    uint32_t last = at.last;
    while (last > at.first) {
        const uint16_t kind = parse_token(p, last)->kind;
        if (kind != TOKEN_NEWLINE && kind != TOKEN_DEDENT && kind != TOKEN_INDENT
            && kind != TOKEN_END) {
            break;
        }
        last--;
    }
    return parse_token(p, last);
}

AstNode *node_new(Parse *p, TokenRange at, const void *init, size_t n_bytes) {
    AstNode *node = arena_alloc(p->arena, n_bytes);
    memcpy(node, init, n_bytes);
    const Token *first = parse_token(p, at.first);
    const Token *last = last_real_token(p, at);
    node->line = first->line;
    node->col = parse_column(p, first->line, first->start);
    node->end_line = last->end_line;
    node->end_col = parse_column(p, last->end_line, last->end);
    ast_set_depth(node);
    return node;
}

/* ---- names ---- */

const char *ast_kind_name(AstKind kind) {
    static const char *const names[] = {
#define AST_NODE(ENUMERATOR, Name, fields) [AST_##ENUMERATOR] = #Name,
#include "grammar/ast.def"
    };
    return names[kind];
}

const char *ast_operator_text(AstOperator op) {
    static const char *const texts[] = {
#define AST_OPERATOR(ENUMERATOR, Name, spelling) [AST_OP_##ENUMERATOR] = spelling,
#include "grammar/ast.def"
    };
    return texts[op];
}

const char *ast_bool_operator_text(AstBoolOperator op) {
    static const char *const texts[] = {
#define AST_BOOL_OPERATOR(ENUMERATOR, Name, spelling) [AST_BOOL_##ENUMERATOR] = spelling,
#include "grammar/ast.def"
    };
    return texts[op];
}

const char *ast_unary_operator_text(AstUnaryOperator op) {
    static const char *const texts[] = {
#define AST_UNARY_OPERATOR(ENUMERATOR, Name, spelling) \
    [AST_UNARY_##ENUMERATOR] = spelling,
#include "grammar/ast.def"
    };
    return texts[op];
}

const char *ast_cmp_operator_text(AstCmpOperator op) {
    static const char *const texts[] = {
#define AST_CMP_OPERATOR(ENUMERATOR, Name, spelling) [AST_CMP_##ENUMERATOR] = spelling,
#include "grammar/ast.def"
    };
    return texts[op];
}
