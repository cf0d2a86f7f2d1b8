/* ast_walk.c - made from ast.def, so a new kind of node needs nothing here. */

#include "interp/ast_walk.h"

static void visit_sequence(AstNode *const *items, uint32_t n, AstVisit *visit,
                           void *argument) {
    for (uint32_t i = 0; i < n; i++) {
        if (items[i] != NULL) {
            visit(argument, items[i]);
        }
    }
}

void ast_each_child(const AstNode *node, AstVisit *visit, void *argument) {
    switch ((AstKind)node->kind) {
#define AST_NODE(ENUMERATOR, Name, fields)               \
    case AST_##ENUMERATOR: {                             \
        const Ast##Name *self = (const Ast##Name *)node; \
        (void)self;                                      \
        fields break;                                    \
    }
#define F_NODE(Type, name) visit(argument, (const AstNode *)self->name);
#define F_OPT(Type, name)                             \
    if (self->name != NULL) {                         \
        visit(argument, (const AstNode *)self->name); \
    }
#define F_SEQ(Type, name) \
    visit_sequence((AstNode *const *)self->name.items, self->name.n, visit, argument);
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
    case AST_KIND_COUNT: break;
    }
}
