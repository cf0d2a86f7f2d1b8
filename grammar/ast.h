/* ast.h - the syntax tree: what the parser makes and the compiler reads.
 *
 * ast.def lists the nodes; this header turns the list into one struct each, behind a
 * common header:
 *
 *     const AstNode *node = ...; switch (node->kind) { case AST_BIN_OP: {
 *         const AstBinOp *bin_op = AST_AS(BinOp, BIN_OP, node); ... bin_op->left,
 *         bin_op->op == AST_OP_ADD, bin_op->base.line ...
 *
 * Invariants
 *   1. Everything hangs in the arena given to parse_source; nothing is freed alone,
 *      and nothing points into the text that was parsed.
 *   2. A tree is never changed after parse_source returned it.
 *   3. Two Ident pointers from one parse are equal if and only if their names are.
 *   4. Lines count from 1, columns from 0 in bytes; (end_line, end_col) is just past
 *      the node.
 *   5. depth is 1 + the greatest depth among the node's children, AST_MAX_DEPTH at
 *      most. Long chains such as a+b+c+... grow to the left, one level per term: who
 *      walks trees by recursion looks at depth before. Nesting to the right and in
 *      brackets is bounded by the parser (parse.h).
 *
 * Threads: none are known here; a tree may be read by any number of them. */

#ifndef MINI_GRAMMAR_AST_H
#define MINI_GRAMMAR_AST_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/base/arena.h"

/* A name of the program, once per parse: compare pointers. Normalised as Python does
 * only so far that ASCII needs none; text ends with a zero byte that n_bytes does not
 * count. */
typedef struct Ident {
    uint32_t n_bytes;
    uint32_t hash;   /* FNV-1a of the text; for tables of names, not for scripts */
    char     text[];
} Ident;

typedef enum AstKind {
#define AST_NODE(ENUMERATOR, Name, fields) AST_##ENUMERATOR,
#include "grammar/ast.def"
    AST_KIND_COUNT
} AstKind;

enum { AST_MAX_DEPTH = UINT16_MAX };

typedef struct AstNode {
    uint8_t  kind;            /* AstKind */
    uint8_t  in_parentheses;  /* an expression with round brackets of its own around it */
    uint16_t depth;           /* invariant 5 */
    uint32_t line;
    uint32_t col;
    uint32_t end_line;
    uint32_t end_col;
} AstNode;

/* Any expression, statement, pattern: told apart for the reader. */
typedef AstNode AstExpr;
typedef AstNode AstStmt;
typedef AstNode AstPattern;

typedef enum AstExprContext { AST_LOAD, AST_STORE, AST_DEL } AstExprContext;

typedef enum AstOperator {
#define AST_OPERATOR(ENUMERATOR, Name, spelling) AST_OP_##ENUMERATOR,
#include "grammar/ast.def"
    AST_OP_COUNT
} AstOperator;

typedef enum AstBoolOperator {
#define AST_BOOL_OPERATOR(ENUMERATOR, Name, spelling) AST_BOOL_##ENUMERATOR,
#include "grammar/ast.def"
    AST_BOOL_COUNT
} AstBoolOperator;

typedef enum AstUnaryOperator {
#define AST_UNARY_OPERATOR(ENUMERATOR, Name, spelling) AST_UNARY_##ENUMERATOR,
#include "grammar/ast.def"
    AST_UNARY_COUNT
} AstUnaryOperator;

typedef enum AstCmpOperator {
#define AST_CMP_OPERATOR(ENUMERATOR, Name, spelling) AST_CMP_##ENUMERATOR,
#include "grammar/ast.def"
    AST_CMP_COUNT
} AstCmpOperator;

/* Values of constants. */
typedef enum AstLiteralType {
    AST_LITERAL_NONE,
    AST_LITERAL_FALSE,
    AST_LITERAL_TRUE,
    AST_LITERAL_ELLIPSIS,
    AST_LITERAL_INT,      /* .integer, never negative */
    AST_LITERAL_BIG_INT,  /* .text: digits without prefix and underscores, in .base */
    AST_LITERAL_FLOAT,    /* .number */
    AST_LITERAL_COMPLEX,  /* .number is the imaginary part */
    AST_LITERAL_STR,      /* .text: UTF-8; a lone surrogate is 3 bytes, like others */
    AST_LITERAL_BYTES,    /* .text */
} AstLiteralType;

typedef struct AstLiteral {
    AstLiteralType type;
    uint32_t       base;     /* AST_LITERAL_BIG_INT: 2, 8, 10 or 16 */
    size_t         n_bytes;  /* of text, without the zero byte that follows it */
    union {
        int64_t     integer;
        double      number;
        const char *text;
    };
} AstLiteral;

/* Sequences: n items, items is NULL when n is 0. */
#define AST_SEQUENCE(Type) typedef struct { uint32_t n; Type **items; }

AST_SEQUENCE(AstNode) AstNodeSeq;
AST_SEQUENCE(AstExpr) AstExprSeq;
AST_SEQUENCE(AstStmt) AstStmtSeq;
AST_SEQUENCE(AstPattern) AstPatternSeq;
AST_SEQUENCE(struct AstMatchCase) AstMatchCaseSeq;
AST_SEQUENCE(struct AstTypeParam) AstTypeParamSeq;
AST_SEQUENCE(struct AstComprehension) AstComprehensionSeq;
AST_SEQUENCE(struct AstExceptHandler) AstExceptHandlerSeq;
AST_SEQUENCE(struct AstArg) AstArgSeq;
AST_SEQUENCE(struct AstKeyword) AstKeywordSeq;
AST_SEQUENCE(struct AstAlias) AstAliasSeq;
AST_SEQUENCE(struct AstWithItem) AstWithItemSeq;
AST_SEQUENCE(const Ident) AstIdentSeq;

typedef struct AstCmpOpSeq {
    uint32_t        n;
    AstCmpOperator *items;
} AstCmpOpSeq;

/* The nodes. */
#define AST_NODE(ENUMERATOR, Name, fields) typedef struct Ast##Name Ast##Name;
#include "grammar/ast.def"

#define AST_NODE(ENUMERATOR, Name, fields) struct Ast##Name { AstNode base; fields };
#define F_NODE(Type, name) Ast##Type *name;
#define F_OPT(Type, name) Ast##Type *name;
#define F_SEQ(Type, name) Ast##Type##Seq name;
#define F_SEQ_OPT(Type, name) Ast##Type##Seq name;
#define F_SEQ_HIDDEN(Type, name) Ast##Type##Seq name;
#define F_IDENT(name) const Ident *name;
#define F_IDENT_OPT(name) const Ident *name;
#define F_IDENTS(name) AstIdentSeq name;
#define F_CMP_OPS(name) AstCmpOpSeq name;
#define F_ENUM(Type, name) Ast##Type name;
#define F_INT(name) int32_t name;
#define F_FLAG(name) int32_t name;
#define F_LITERAL(name) AstLiteral name;
#include "grammar/ast.def"

/* The node as what it is: AST_AS(BinOp, BIN_OP, node). Checked by an assertion. */
#define AST_AS(Name, ENUMERATOR, node) \
    ((Ast##Name *) ast_check_kind((const AstNode *) (node), AST_##ENUMERATOR))

static inline AstNode *ast_check_kind(const AstNode *node, AstKind kind) {
    assert(node->kind == kind);
    (void) kind;
    return (AstNode *) node;
}

/* "BinOp" for AST_BIN_OP. */
const char *ast_kind_name(AstKind kind);

/* "+" for AST_OP_ADD, and so on. */
const char *ast_operator_text(AstOperator op);
const char *ast_bool_operator_text(AstBoolOperator op);
const char *ast_unary_operator_text(AstUnaryOperator op);
const char *ast_cmp_operator_text(AstCmpOperator op);

/* Sets node->depth from its children's; called once for each node, by the parser. */
void ast_set_depth(AstNode *node);

/* Writes the tree as an S-expression, for tests and debugging: (BinOp (Name a) + (Name
 * b)). With positions, each node is followed by @line:col-end_line:end_col. */
void ast_dump(FILE *out, const AstNode *node, int with_positions);

#endif
