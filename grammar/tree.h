/* tree.h - what the parser's actions build the tree with.
 *
 * parser.y says which node a rule makes; what takes more than one call stands here:
 * literal.c reads numbers and strings, check.c sorts out what the grammar lets through
 * and Python does not.
 *
 * All functions that return a pointer or bool may fail: NULL or false, with the error
 * recorded. */

#ifndef MINI_GRAMMAR_TREE_H
#define MINI_GRAMMAR_TREE_H

#include "grammar/ast.h"
#include "grammar/lexer.h"

/* ---- lists in the making (ast.c) ---- */

/* A growing sequence in the arena; ends up as the AstSeq of some node. */
typedef struct List {
    void   **items;
    uint32_t n;
    uint32_t capacity;
    bool     is_joined;         /* parts of strings: one of them is an f-string */
    bool     ends_with_comma;   /* arguments */
    bool     is_star;           /* handlers: of except* */
} List;

List *items_new(Parse *p);
List *items_add(Parse *p, List *list, void *item);
List *list_concat(Parse *p, List *list, const List *more);

/* As a field of a node: SEQ(Expr, list); NULL is the empty sequence. */
#define SEQ(Type, list_)                 \
    ((Ast##Type##Seq){list_count(list_), \
                      list_count(list_) == 0 ? NULL : (void *) (list_)->items})

static inline uint32_t list_count(const List *list) {
    return list == NULL ? 0 : list->n;
}

/* a < b < c in the making. */
typedef struct Comparison {
    AstExpr *left;
    List    *ops;
    List    *comparators;
} Comparison;

/* An entry of a dict; key is NULL in **value. */
typedef struct KeyValue {
    AstExpr *key;
    AstExpr *value;
} KeyValue;

/* ---- nodes (ast.c) ---- */

/* A copy of the node at init in the arena, with its place and depth filled in. */
AstNode *node_new(Parse *p, TokenRange at, const void *init, size_t n_bytes);

/* Tokens from the first of a to the last of b. */
static inline TokenRange range_join(TokenRange a, TokenRange b) {
    return (TokenRange) {a.first, b.last};
}

enum {
#define AST_NODE(ENUMERATOR, Name, fields) TREE_KIND_##Name = AST_##ENUMERATOR,
#include "grammar/ast.def"
};

/* NODE(BinOp, @$, .left = $1, ...) is an AstNode *, PART(Arg, ...) an AstArg *. */
#define NODE(Name, at, ...)                                                   \
    node_new(p, at, &(Ast##Name){.base.kind = TREE_KIND_##Name, __VA_ARGS__}, \
             sizeof(Ast##Name))
#define PART(Name, at, ...) ((Ast##Name *) NODE(Name, at, __VA_ARGS__))

/* ---- literals (literal.c) ---- */

/* The constant that a NUMBER token stands for. */
AstExpr *literal_number(Parse *p, TokenRange at);

/* The constant that a STRING token stands for. */
AstExpr *literal_string(Parse *p, TokenRange at);

/* The text of an f-string, a FSTRING_MIDDLE token; the prefix is that of the token
 * `start`. */
AstExpr *literal_fstring_text(Parse *p, TokenRange at);

/* One constant or JoinedStr from constants and formatted values that follow one
 * another. */
AstExpr *literal_join(Parse *p, TokenRange at, const List *parts);

/* The format spec of a replacement field: always a JoinedStr. */
AstExpr *literal_format_spec(Parse *p, TokenRange at, const List *parts);

/* A replacement field, as one part or, with "=", two. equal and conversion are tokens,
 * "=" and the name behind "!"; 0 where there is none. */
typedef struct Field {
    TokenRange at;
    AstExpr   *value;
    uint32_t   equal;
    uint32_t   conversion;
    AstExpr   *format_spec;
} Field;
List *literal_field(Parse *p, const Field *field);

/* ---- checks (check.c) ---- */

/* "function call" for a Call, as in "cannot assign to function call". */
const char *check_expr_name(const AstExpr *expr);

/* Make the expression a target: sets its context, or fails ("cannot assign to ..."). */
bool check_target(Parse *p, AstExpr *target);
bool check_delete(Parse *p, AstExpr *target);

/* targets = ... = value, targets[0] = targets[1] = ... = value. */
AstStmt *check_assign(Parse *p, TokenRange at, const List *targets, AstExpr *value);
AstStmt *check_aug_assign(Parse *p, TokenRange at, AstExpr *target, AstOperator op,
                          AstExpr *value);
AstStmt *check_ann_assign(Parse *p, TokenRange at, AstExpr *target, AstExpr *annotation,
                          AstExpr *value);
AstExpr *check_named_expr(Parse *p, TokenRange at, AstExpr *target, AstExpr *value);

/* A keyword argument; name must be a bare name. equal is the token "=". */
AstKeyword *check_keyword(Parse *p, TokenRange at, AstExpr *name, AstExpr *value,
                          uint32_t equal);

/* Arguments of a call or class: expressions, generator expressions without
 * parentheses, and keywords, as they stand; their order and kinds are checked. */
AstExpr *check_call(Parse *p, TokenRange at, AstExpr *func, const List *args,
                    TokenRange brackets);
AstStmt *check_class(Parse *p, TokenRange at, const Ident *name, const List *args,
                     const List *body);

/* One parameter as it stands. */
typedef enum ParameterKind {
    PARAMETER_PLAIN,
    PARAMETER_SLASH,
    PARAMETER_STAR,         /* *name, or * alone: arg is NULL */
    PARAMETER_DOUBLE_STAR,
} ParameterKind;
typedef struct Parameter {
    ParameterKind kind;
    TokenRange    at;
    AstArg       *arg;
    AstExpr      *default_value;
} Parameter;
Parameter *parameter_new(Parse *p, ParameterKind kind, TokenRange at, AstArg *arg,
                         AstExpr *value);

/* Parameters, sorted by kind; list may be NULL. */
AstArguments *check_parameters(Parse *p, TokenRange at, const List *parameters);

/* Refuses what stands behind the ":" of *Ts or **P in a type parameter list. */
bool check_no_bound(Parse *p, TokenRange at, const AstExpr *bound, const char *kind);

/* What may not stand alone in parentheses, and what no comprehension may yield: *x. */
bool check_group(Parse *p, const AstExpr *expr);
bool check_comprehension(Parse *p, const AstExpr *elt);

/* One more handler, which begins with the token `except`: all or none are of except*. */
bool check_except_kind(Parse *p, const List *handlers, bool is_star, uint32_t except);

/* Patterns. _ captures nothing; only the wildcard has neither pattern nor name. */
bool check_is_wildcard(const Ident *name);
AstPattern *check_capture_pattern(Parse *p, TokenRange at, const Ident *name);
AstPattern *check_literal_pattern(Parse *p, TokenRange at, AstExpr *value);
AstPattern *check_as_pattern(Parse *p, TokenRange at, AstPattern *pattern,
                             const Ident *name, uint32_t name_at);
/* left op right, where right may be NULL for a number that is none. */
AstExpr *check_complex(Parse *p, TokenRange at, AstOperator op, AstExpr *left,
                       AstExpr *right);
/* items: KeyValues whose value is a pattern; may be NULL. */
AstPattern *check_mapping_pattern(Parse *p, TokenRange at, const List *items,
                                  const Ident *rest);
AstPattern *check_mapping_rest(Parse *p, TokenRange at, const List *items,
                               const Ident *rest, uint32_t rest_at);
/* args: patterns and Keywords as they stand; may be NULL. */
AstPattern *check_class_pattern(Parse *p, TokenRange at, AstExpr *cls, const List *args);

/* if with its elifs, as Ifs without orelse, folded into one another. */
AstStmt *fold_if(Parse *p, TokenRange at, AstExpr *test, const List *body,
                 const List *elifs, const List *orelse);

/* Items of `with` without `as` in parentheses look like a tuple to the grammar: with
 * (a, b): ... */
AstStmt *fold_with(Parse *p, TokenRange at, const List *items, const List *body);

#endif
