/* compiler.h - what the files of the compiler share; compile.h is the door for all
 * others.
 *
 * A pass over the tree emits registers and instructions at once, after scope.c has said
 * where each name lives. Invariants
 *   1. The first error sets c->has_failed with an exception pending; after that every
 *      function of the compiler returns at once, with some result that nobody uses. So an
 *      error needs no handling on the way out.
 *   2. compile_expr writes its target only as the last thing it does: `x = f(x, g())` may
 *      have x as its target. What must be written in several steps is made in a
 *      temporary. A target that is a temporary holds nothing that is still needed.
 *   3. After compile_expr(..., REG_ANY) the result is a local in its own register, a
 *      preloaded constant, or the one temporary on top of those that were in use before.
 *   4. Every heap object that only the compiler's malloc'ed memory refers to is in
 *      c->keep, which the C stack refers to (c itself lies there).
 *
 * Files: compile.c (entry, errors, names of things), compile_name.c (variables),
 * compile_expr.c, compile_condition.c (tests and jumps), compile_display.c (lists, dicts,
 * f-strings), compile_call.c, compile_comprehension.c, compile_stmt.c, compile_assign.c,
 * compile_loop.c, compile_async.c, compile_try.c, compile_match.c, compile_function.c (def, lambda, class), fold.c
 * (constants), compile_warn.c (SyntaxWarnings). */

#ifndef MINI_INTERP_COMPILER_H
#define MINI_INTERP_COMPILER_H

#include "grammar/ast.h"
#include "interp/compile.h"
#include "interp/emit.h"
#include "interp/scope.h"
#include "runtime/base/arena.h"
#include "runtime/base/config.h"
#include "runtime/objects/code.h"
#include "runtime/objects/list.h"

/* A name of the program as the runtime knows it. */
typedef struct NameEntry {
    const Ident *name;
    ObjStr *str;          /* interned, in c->keep */
    uint32_t module_cell; /* 0: not asked for yet */
    uint32_t builtin_cell;
} NameEntry;

struct Compiler {
    Context *cx;
    ObjModule *module;
    ObjStr *filename;
    ObjList *keep;
    const char *text; /* the source, or NULL */
    size_t n_text_bytes;
    bool is_decoded; /* it is a str, in no file */
    uint32_t known_line; /* begins at known_line_at; 0: none is known */
    size_t known_line_at;
    Arena *warnings_arena; /* for SyntaxWarnings, which outlive the compiler; NULL: none */
    SyntaxWarning **warnings_end;
    const AstExpr *negated; /* what stands behind the last `not` that was met */
    ParseMode mode;
    int optimize; /* 1: without asserts, 2: without docstrings */
    bool has_failed;
    bool has_future_annotations;
    bool is_by_name; /* names of the module stand in a mapping in register 0; no cells */
    Arena arena;
    ScopeTable scopes;
    NameEntry *names; /* hash table by identifier */
    uint32_t n_names;
    uint32_t names_capacity;
    Scope *scope; /* innermost, inlined comprehensions included */
    Unit *unit;
    VEC(Unit) spares; /* of units that ended: the memory of their vectors, which are empty */
};

/* ---- compile.c ---- */

/* SyntaxError at node, with the source line. */
void compile_error(Compiler *c, const AstNode *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Before each statement: false when the compilation has failed, or is to end because of its
 * memory or of a signal. */
bool compile_goes_on(Compiler *c);
/* A runtime function left an exception pending. */
void compile_fail(Compiler *c);
/* Keeps v alive until the compilation ends; fails for VALUE_ERROR. */
Value compile_keep(Compiler *c, Value v);
NameEntry *compile_name_entry(Compiler *c, const Ident *name);
ObjStr *compile_name_str(Compiler *c, const Ident *name); /* as it is */
ObjStr *compile_mangled_str(Compiler *c,
                            const Ident *name); /* as an attribute in this scope */
uint32_t compile_module_cell(Compiler *c, const Ident *name);
void compile_load_global(Compiler *c, const Ident *name, int reg);
/* namespace[name] = R[reg], the namespace being in register 0. */
void compile_store_in_namespace(Compiler *c, const char *name, int reg);
uint32_t compile_builtin_cell(Compiler *c, const Ident *name);
const Ident *compile_first_component(Compiler *c, const Ident *dotted);
ObjStr *compile_qualname(Compiler *c, const Ident *name); /* of what is defined here */
/* Instructions emitted from now on belong to node. False when the compilation has failed.
 * */
static inline void compile_at(Compiler *c, const void *node) {
    emit_set_position(c->unit, (const AstNode *)node);
}
/* At the name of an attribute, if the expression in front of it spans lines. */
void compile_at_attribute(Compiler *c, const AstExpr *whole, const AstAttribute *e);

/* ---- fold.c ---- */

/* The value of a constant expression, or VALUE_UNSET; kept. */
Value fold_constant(Compiler *c, const AstExpr *e);
/* 1, 0, or -1: not constant. */
int fold_truth(Compiler *c, const AstExpr *e);
/* The value of a literal, kept. */
Value fold_literal(Compiler *c, const AstConstant *e);
/* The same outside of a compilation. */
Value fold_literal_value(Context *cx, const AstLiteral *l);
BinaryOp fold_binary_op(AstOperator op);
/* The result of an operator on constants (either may be VALUE_UNSET), or VALUE_UNSET. */
Value fold_operation(Compiler *c, AstOperator op, Value a, Value b);
/* The operators of a chain a + b + c ..., outermost first, and its leftmost operand. */
const AstBinOp **fold_spine(Compiler *c, const AstBinOp *e, uint32_t *n,
                            const AstExpr **leftmost);
/* An integer that fits the 8 bits of an operand. */
static inline bool fold_is_imm(Value v) {
    return IS_INT(v) && value_to_int(v) >= -128 && value_to_int(v) <= 127;
}

/* ---- compile_name.c ---- */

int compile_load(Compiler *c, const AstNode *at, const Ident *name, int target);
/* The same of a symbol of the unit, which the scope of the place may not know. */
int compile_load_symbol(Compiler *c, const AstNode *at, const Symbol *symbol, const Ident *name, int target);
void compile_store(Compiler *c, const AstNode *at, const Ident *name, int reg);
void compile_delete(Compiler *c, const AstNode *at, const Ident *name);
/* The cell of a far local, in a new temporary. */
int compile_push_far_cell(Compiler *c, const Symbol *owner);
/* Ends the life of the name of an except clause; it may be unbound already. */
void compile_unbind(Compiler *c, const Ident *name);
/* The register of a plain local variable, or REG_ANY for any other expression. */
int compile_local_register(Compiler *c, const AstExpr *e);
/* The first register when the expressions [from, to) are plain locals in a row, in order;
 * else REG_ANY. */
int compile_locals_in_a_row(Compiler *c, const AstExprSeq *names, uint32_t from,
                            uint32_t to);
/* True when reg is a local that evaluating `later` may change (by :=). */
bool compile_may_rebind(Compiler *c, int reg, const AstExpr *later);
/* reg, or a copy of it where evaluating `later` may change it. */
int compile_protect(Compiler *c, int reg, const AstExpr *later);
/* True when evaluating e reads or binds the local in reg. */
bool compile_mentions(Compiler *c, const AstNode *e, int reg);

/* ---- compile_expr.c ---- */

/* Evaluates e into target, or (REG_ANY) wherever it is cheapest. Returns the register. */
int compile_expr(Compiler *c, const AstExpr *e, int target);
static inline int compile_any(Compiler *c, const AstExpr *e) {
    return compile_expr(c, e, REG_ANY);
}
/* Into a new temporary. */
int compile_push(Compiler *c, const AstExpr *e);
int compile_constant(Compiler *c, Value v, int target);
/* Where a result goes: the target, or the temporary at mark; releases what is above. */
int compile_dest(Compiler *c, int mark, int target);
/* A temporary to build a value in, and its way into the target. */
int compile_begin_value(Compiler *c, int target);
int compile_end_value(Compiler *c, int mark, int built, int target);
/* R[result] = R[left] op R[right] or, in place, op=. right_expr is evaluated here. */
int compile_binary(Compiler *c, const AstNode *at, AstOperator op, bool is_inplace,
                   int left, const AstExpr *right, int mark, int target);
/* True when there is an instruction for the operator with an immediate on its right. */
bool compile_has_imm_form(AstOperator op, bool is_inplace);
/* The subscript of a container: an immediate (true) or a register in *index. */
bool compile_index(Compiler *c, const AstExpr *slice, bool may_be_imm, int *index);

/* ---- compile_condition.c ---- */

/* Goes to label if the truth of e is `sense`, else falls through. */
void compile_jump_if(Compiler *c, const AstExpr *e, bool sense, Label label);
int compile_compare(Compiler *c, const AstCompare *e, int target);
bool compile_has_compare_imm(AstCmpOperator op);
int compile_bool_op(Compiler *c, const AstBoolOp *e, int target);
/* True when `x in [1, 2]` may test a constant: its value in *value. */
bool compile_constant_container(Compiler *c, const AstExpr *e, Value *value);

/* ---- compile_display.c ---- */

/* A tuple of positional arguments for the call of R[callee]. */
int compile_arguments(Compiler *c, const AstExpr *at, const AstExprSeq *args, int callee,
                      int target);
int compile_list(Compiler *c, const AstExpr *at, const AstExprSeq *elts, int target);
int compile_tuple(Compiler *c, const AstExpr *at, const AstExprSeq *elts, int target);
int compile_set(Compiler *c, const AstSet *e, int target);
int compile_dict(Compiler *c, const AstDict *e, int target);
int compile_joined_str(Compiler *c, const AstJoinedStr *e, int target);
int compile_formatted_value(Compiler *c, const AstFormattedValue *e, int target);

/* ---- compile_call.c ---- */

int compile_call(Compiler *c, const AstCall *e, int target);
/* super().name, if e is that: into target. */
bool compile_super_attribute(Compiler *c, const AstAttribute *e, int target, int *result);
/* The dict of keyword arguments in reg; callee is named in messages, or REG_ANY. */
void compile_keywords_dict(Compiler *c, const AstNode *at, const AstKeywordSeq *keywords,
                           int reg, int callee);

/* ---- compile_comprehension.c ---- */

int compile_comprehension(Compiler *c, const AstExpr *e, int target);
int compile_generator_exp(Compiler *c, const AstGeneratorExp *e, int target);

/* ---- compile_stmt.c ---- */

void compile_body(Compiler *c, const AstStmtSeq *body);
void compile_statement(Compiler *c, const AstStmt *s);

/* ---- compile_assign.c ---- */

/* Stores R[reg] into a target of any form. */
void compile_assign_to(Compiler *c, const AstExpr *target, int reg);
void compile_assign(Compiler *c, const AstAssign *s);
void compile_aug_assign(Compiler *c, const AstAugAssign *s);
void compile_ann_assign(Compiler *c, const AstAnnAssign *s);
void compile_delete_target(Compiler *c, const AstExpr *target);

/* ---- compile_loop.c ---- */

/* Around every loop: constants used in it are preloaded by the outermost one. */
typedef struct LoopFrame {
    int mark;
    size_t n_preloads;
} LoopFrame;
LoopFrame compile_enter_loop(Compiler *c, const AstNode *loop);
void compile_leave_loop(Compiler *c, LoopFrame frame);
/* The statements that are repeated. Returns where break goes, for the caller to bind. */
Label compile_loop_body(Compiler *c, const AstStmtSeq *body, Label on_continue);
/* The register that holds v in this loop, or REG_ANY. */
int compile_preloaded(const Compiler *c, Value v);
void compile_for(Compiler *c, const AstFor *s);
void compile_while(Compiler *c, const AstWhile *s);
/* One `for target in R[iterator...]`: binds the head; the body follows; the next function
 * closes the loop. */
typedef struct ForLoop {
    int iterator;
    int item;
    Label body;
    Label next;
} ForLoop;
/* Evaluates iterable (or takes it from register source) and enters the loop; the target
 * is assigned. */
ForLoop compile_for_begin(Compiler *c, const AstExpr *iterable, int source,
                          const AstExpr *target);
void compile_for_end(Compiler *c, const ForLoop *loop, const AstNode *at);

/* ---- compile_async.c ---- */

/* Who awaits, for messages. STEP await-contexts */
typedef enum AwaitContext {
    AWAIT_EXPRESSION, AWAIT_ENTER, AWAIT_EXIT, AWAIT_NEXT
} AwaitContext;
/* R[sent] = the result of awaiting R[awaitable]; R[iterator] is what is iterated. */
void compile_await(Compiler *c, int sent, int iterator, int awaitable, AwaitContext context);
/* One `async for target in ...`: binds the head; the body follows; the next function
 * closes the loop. on_continue is where the body goes on. */
typedef struct AsyncLoop {
    int iterator;
    Label next;
    Label stop;
    int exception;
    uint64_t *bound;
} AsyncLoop;
/* Evaluates iterable or, NULL, goes on with the asynchronous iterator in register source. */
AsyncLoop compile_async_for_begin(Compiler *c, const AstExpr *iterable, int source,
                                  const AstExpr *target);
void compile_async_for_end(Compiler *c, const AsyncLoop *loop, const AstNode *at);
void compile_async_for(Compiler *c, const AstFor *s);

/* ---- compile_try.c ---- */

/* What surrounds a statement and has to be left in order. Lives on the C stack. */
typedef enum BlockKind {
    BLOCK_LOOP,
    BLOCK_TRY,
    BLOCK_FINALLY,
    BLOCK_HANDLER,
    BLOCK_WITH
} BlockKind;
struct Block {
    Block *outer;
    BlockKind kind;
    Label on_break; /* loops */
    Label on_continue;
    Label handler;               /* others: where exceptions go */
    uint32_t from;               /* first instruction of the range that is open */
    int reg;                     /* register for the exception */
    int held;                    /* handlers: the exception handled; with: __exit__ */
    const Ident *name;           /* handlers: bound to the exception, or NULL */
    const AstStmtSeq *finalbody; /* finally */
    const AstNode *node;
    bool is_async;               /* with */
    bool is_star;                /* handlers: of except* */
};

void compile_try(Compiler *c, const AstTry *s);
void compile_with(Compiler *c, const AstWith *s);
/* Leaves all blocks inside of `until` (finally bodies, __exit__); the jump or return
 * follows; then reopen. */
void compile_exit_blocks(Compiler *c, Block *until);
void compile_reopen_blocks(Compiler *c, Block *until);
/* False with SyntaxError when leaving the blocks inside of `until` would leave an except*
 * clause. */
bool compile_check_leaving(Compiler *c, const AstNode *at, const Block *until);
/* True when leaving the function here runs finally bodies or __exit__. */
bool compile_has_cleanup(const Compiler *c);

/* ---- compile_match.c ---- */

void compile_match(Compiler *c, const AstMatch *s);

/* ---- compile_generic.c ---- */

/* Makes what s defines inside a function that binds the type parameters; returns the register
 * of the result, the first of several new temporaries. define leaves it in R[window]; R[params]
 * is the tuple of parameters. */
typedef void GenericDefinition(Compiler *c, const AstStmt *s, int params, int window);
int compile_generic(Compiler *c, const AstStmt *s, const Ident *name,
                    const AstTypeParamSeq *type_params, GenericDefinition *define);
/* R[bases] = the tuple of bases with Generic[params] behind them. */
void compile_generic_bases(Compiler *c, int bases, int params);
void compile_type_alias(Compiler *c, const AstTypeAlias *s);

/* ---- compile_function.c ---- */

void compile_function_def(Compiler *c, const AstFunctionDef *s);
void compile_class_def(Compiler *c, const AstClassDef *s);
int compile_lambda(Compiler *c, const AstLambda *e, int target);
/* What goes with a function, in R[reg], R[reg + 1] and R[reg + 2]: MAKE_FUNCTION's B. */
enum { HAS_DEFAULTS = 1, HAS_KWDEFAULTS = 2, HAS_ANNOTATIONS = 4 };
/* R[reg] = function of code. */
void compile_make_function(Compiler *c, ObjCode *code, const Scope *scope, int reg,
                           int flags);
/* The documentation at the head of a body, or VALUE_NONE. */
Value compile_docstring(Compiler *c, const AstStmtSeq *body);
/* An annotation's value or, with `from __future__ import annotations`, its text. */
int compile_annotation(Compiler *c, const AstExpr *annotation, int target);

#endif
