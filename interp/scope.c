/* scope.c - three steps: walk the tree and note what each scope does with each name; find
 * the owners, scope by scope from outside; give the locals of each unit their registers.
 * */

#include "interp/scope.h"

#include "interp/ast_walk.h"
#include "interp/compile_warn.h"
#include "interp/compiler.h"
#include "runtime/objects/exception.h"

typedef struct Walk {
    Compiler *c;
    Scope *scope;
    bool in_iterable; /* of a comprehension, where := is not allowed */
    const char *type_context; /* "a type alias": where nothing may be awaited, ...; or NULL */
} Walk;

static void visit(Walk *w, const AstNode *node);

static void visit_child(void *argument, const AstNode *child) {
    visit(argument, child);
}

static Arena *arena_of(const Walk *w) {
    return &w->c->arena;
}

/* ---- Tables ---- */

static uint32_t pointer_hash(const void *p) {
    uint64_t x = (uint64_t)(uintptr_t)p >> 3;
    x *= UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(x >> 32);
}

static void put_by_node(Arena *arena, ScopeTable *t, Scope *scope) {
    if (t->scopes.n * 2 >= t->capacity) {
        t->capacity = t->capacity == 0 ? 64 : t->capacity * 2;
        t->by_node = arena_alloc_zeroed(arena, t->capacity * sizeof *t->by_node);
        for (size_t i = 0; i + 1 < t->scopes.n; i++) {
            if (t->scopes.items[i]->is_lazy) {
                continue;
            }
            uint32_t at = pointer_hash(t->scopes.items[i]->node) & (t->capacity - 1);
            while (t->by_node[at] != NULL) {
                at = (at + 1) & (t->capacity - 1);
            }
            t->by_node[at] = t->scopes.items[i];
        }
    }
    uint32_t at = pointer_hash(scope->node) & (t->capacity - 1);
    while (t->by_node[at] != NULL) {
        at = (at + 1) & (t->capacity - 1);
    }
    t->by_node[at] = scope;
}

Scope *scope_of(const ScopeTable *t, const AstNode *node) {
    uint32_t at = pointer_hash(node) & (t->capacity - 1);
    while (t->by_node[at] != NULL) {
        if (t->by_node[at]->node == node) {
            return t->by_node[at];
        }
        at = (at + 1) & (t->capacity - 1);
    }
    return NULL;
}

enum { SCOPE_INDEX_FROM = 8 }; /* fewer symbols are searched one by one */

static void index_put(Scope *scope, uint32_t i) {
    uint32_t at = scope->symbols.items[i]->name->hash & (scope->index_capacity - 1);
    while (scope->index[at] != 0) {
        at = (at + 1) & (scope->index_capacity - 1);
    }
    scope->index[at] = i + 1;
}

static void index_add(Arena *arena, Scope *scope) {
    uint32_t n = (uint32_t)scope->symbols.n;
    if (n < SCOPE_INDEX_FROM) {
        return;
    }
    if (n * 2 <= scope->index_capacity) {
        index_put(scope, n - 1);
        return;
    }
    scope->index_capacity = scope->index_capacity == 0 ? 32 : scope->index_capacity * 2;
    scope->index =
        arena_alloc_zeroed(arena, scope->index_capacity * sizeof *scope->index);
    for (uint32_t i = 0; i < n; i++) {
        index_put(scope, i);
    }
}

static Symbol *find(const Scope *scope, const Ident *name) {
    if (scope->index_capacity == 0) {
        for (size_t i = 0; i < scope->symbols.n; i++) {
            if (scope_same_name(scope->symbols.items[i]->name, name)) {
                return scope->symbols.items[i];
            }
        }
        return NULL;
    }
    uint32_t at = name->hash & (scope->index_capacity - 1);
    while (scope->index[at] != 0) {
        Symbol *symbol = scope->symbols.items[scope->index[at] - 1];
        if (scope_same_name(symbol->name, name)) {
            return symbol;
        }
        at = (at + 1) & (scope->index_capacity - 1);
    }
    return NULL;
}

Symbol *scope_lookup(const Scope *scope, const Ident *name) {
    Symbol *symbol = find(scope, name);
    return symbol != NULL && symbol->place == PLACE_OWNER ? symbol->owner : symbol;
}

static Symbol *new_symbol(Arena *arena, Scope *scope, const Ident *name, unsigned flags) {
    Symbol *symbol = arena_alloc_zeroed(arena, sizeof *symbol);
    symbol->name = name;
    symbol->scope = scope;
    symbol->flags = (uint16_t)flags;
    return symbol;
}

static Symbol *mention(Walk *w, Scope *scope, const Ident *name, unsigned flags) {
    Symbol *symbol = find(scope, name);
    if (symbol == NULL) {
        symbol = new_symbol(arena_of(w), scope, name, 0);
        vec_push(&scope->symbols, symbol);
        index_add(arena_of(w), scope);
    }
    symbol->flags |= (uint16_t)flags;
    return symbol;
}

/* ---- Names that stand in no tree ---- */

/* The hash is that of the parser's own (FNV-1a), so that such a name is found like any
 * other. */
const Ident *scope_ident(Compiler *c, const char *text, size_t n) {
    Ident *ident = arena_alloc(&c->arena, sizeof *ident + n + 1);
    ident->n_bytes = (uint32_t)n;
    ident->hash = 2166136261u;
    for (size_t i = 0; i < n; i++) {
        ident->hash = (ident->hash ^ (uint8_t)text[i]) * 16777619u;
        ident->text[i] = text[i];
    }
    ident->text[n] = 0;
    return ident;
}

const Ident *scope_name(Compiler *c, const Scope *scope, const Ident *name) {
    if (LIKELY(name->text[0] != '_' || name->text[1] != '_')) {
        return name;
    }
    const Ident *of = scope->private_class;
    bool is_special =
        name->n_bytes >= 4 && memcmp(name->text + name->n_bytes - 2, "__", 2) == 0;
    if (of == NULL || is_special || memchr(name->text, '.', name->n_bytes) != NULL) {
        return name;
    }
    size_t skip = 0;
    while (of->text[skip] == '_') {
        skip++;
    }
    if (skip == of->n_bytes) {
        return name;
    }
    char *text = arena_format(&c->arena, "_%s%s", of->text + skip, name->text);
    const Ident *mangled = scope_ident(c, text, strlen(text));
    return scope->mangled == NULL || find(scope->mangled, mangled) != NULL ? mangled : name;
}

/* ---- The walk ---- */

static void check_type_context(Walk *w, const AstNode *node, const char *what) {
    if (w->type_context != NULL) {
        compile_error(w->c, node, "%s expression cannot be used within %s", what,
                      w->type_context);
    }
}

static bool is_failed(const Walk *w) {
    return w->c->has_failed;
}

static Scope *add_scope(Walk *w, ScopeKind kind, const AstNode *node) {
    Scope *scope = arena_alloc_zeroed(arena_of(w), sizeof *scope);
    scope->kind = kind;
    scope->parent = w->scope;
    scope->node = node;
    scope->unit = kind == SCOPE_COMPREHENSION ? w->scope->unit : scope;
    if (w->scope != NULL) {
        scope->private_class = w->scope->private_class;
        scope->mangled = w->scope->mangled;
        if (w->scope->last_child == NULL) {
            w->scope->first_child = scope;
        } else {
            w->scope->last_child->next_sibling = scope;
        }
        w->scope->last_child = scope;
    }
    vec_push(&w->c->scopes.scopes, scope);
    w->scope = scope;
    return scope;
}

static Scope *open_scope(Walk *w, ScopeKind kind, const AstNode *node) {
    Scope *scope = add_scope(w, kind, node);
    put_by_node(arena_of(w), &w->c->scopes, scope);
    return scope;
}

static void bind_in(Walk *w, Scope *scope, const AstNode *node, const Ident *name,
                    unsigned flags) {
    name = scope_name(w->c, scope, name);
    Symbol *symbol = find(scope, name);
    if ((flags & SYMBOL_ITERATION) && symbol != NULL &&
        (symbol->flags & SYMBOL_NONLOCAL)) {
        compile_error(
            w->c, node,
            "comprehension inner loop cannot rebind assignment expression target '%s'",
            name->text);
        return;
    }
    if (scope_name_is(name, "__debug__")) {
        compile_error(w->c, node,
                      (flags & SYMBOL_DELETED) ? "cannot delete __debug__"
                                               : "cannot assign to __debug__");
        return;
    }
    mention(w, scope, name, flags);
}

static void bind(Walk *w, const AstNode *node, const Ident *name, unsigned flags) {
    bind_in(w, w->scope, node, name, flags);
}

/* Functions that give a script its own locals: then no local may hold what a register
 * held before. */
static bool is_locals_function(const Ident *name) {
    return scope_name_is(name, "locals") || scope_name_is(name, "vars") || scope_name_is(name, "dir") ||
           scope_name_is(name, "eval") || scope_name_is(name, "exec");
}

static void visit_name(Walk *w, const AstName *e) {
    if (e->ctx != AST_LOAD) {
        bool is_target = w->scope->kind == SCOPE_COMPREHENSION ||
                         w->scope->kind == SCOPE_GENERATOR_EXP;
        bind(w, &e->base, e->id,
             e->ctx == AST_DEL ? SYMBOL_ASSIGNED | SYMBOL_DELETED
                               : SYMBOL_ASSIGNED | (is_target ? SYMBOL_ITERATION : 0u));
        return;
    }
    mention(w, w->scope, scope_name(w->c, w->scope, e->id), SYMBOL_USED);
    if (scope_name_is(e->id, "super") && scope_is_function(w->scope)) {
        mention(w, w->scope, w->c->scopes.class_name, SYMBOL_USED);
    } else if (is_locals_function(e->id)) {
        w->scope->unit->shows_locals = true;
    }
}

static void bind_parameter(Walk *w, const AstArg *arg) {
    const Ident *name = scope_name(w->c, w->scope, arg->arg);
    if (find(w->scope, name) != NULL) {
        compile_error(w->c, &arg->base, "duplicate argument '%s' in function definition",
                      arg->arg->text);
        return;
    }
    bind(w, &arg->base, arg->arg, SYMBOL_PARAMETER | SYMBOL_ASSIGNED);
}

/* In the order of their registers. */
static void bind_parameters(Walk *w, const AstArguments *args) {
    for (uint32_t i = 0; i < args->posonlyargs.n; i++) {
        bind_parameter(w, args->posonlyargs.items[i]);
    }
    for (uint32_t i = 0; i < args->args.n; i++) {
        bind_parameter(w, args->args.items[i]);
    }
    for (uint32_t i = 0; i < args->kwonlyargs.n; i++) {
        bind_parameter(w, args->kwonlyargs.items[i]);
    }
    if (args->vararg != NULL) {
        bind_parameter(w, args->vararg);
    }
    if (args->kwarg != NULL) {
        bind_parameter(w, args->kwarg);
    }
    w->scope->n_parameters = (uint32_t)w->scope->symbols.n;
}

static void visit_annotation(Walk *w, const AstExpr *annotation) {
    if (annotation != NULL && !w->c->has_future_annotations) {
        visit(w, annotation);
    }
}

static void visit_arguments_outside(Walk *w, const AstArguments *args,
                                    const AstExpr *returns) {
    for (uint32_t i = 0; i < args->defaults.n; i++) {
        visit(w, args->defaults.items[i]);
    }
    for (uint32_t i = 0; i < args->kw_defaults.n; i++) {
        if (args->kw_defaults.items[i] != NULL) {
            visit(w, args->kw_defaults.items[i]);
        }
    }
    const AstArgSeq *sequences[] = {&args->posonlyargs, &args->args, &args->kwonlyargs};
    for (size_t s = 0; s < 3; s++) {
        for (uint32_t i = 0; i < sequences[s]->n; i++) {
            visit_annotation(w, sequences[s]->items[i]->annotation);
        }
    }
    if (args->vararg != NULL) {
        visit_annotation(w, args->vararg->annotation);
    }
    if (args->kwarg != NULL) {
        visit_annotation(w, args->kwarg->annotation);
    }
    visit_annotation(w, returns);
}

static void visit_body(Walk *w, const AstStmtSeq *body) {
    for (uint32_t i = 0; i < body->n && compile_goes_on(w->c); i++) {
        visit(w, body->items[i]);
    }
}

static void visit_exprs(Walk *w, const AstExprSeq *exprs) {
    for (uint32_t i = 0; i < exprs->n && !is_failed(w); i++) {
        visit(w, exprs->items[i]);
    }
}

/* Type parameters, their bounds and the values of aliases see the names of the class that
 * they stand in, as its body does: they get its dict as an argument. */
static void show_class(Walk *w) {
    const Scope *parent = w->scope->parent;
    if (parent->kind == SCOPE_CLASS || parent->sees_class) {
        w->scope->sees_class = true;
        mention(w, w->scope, scope_ident(w->c, ".namespace", 10),
                SYMBOL_PARAMETER | SYMBOL_ASSIGNED);
        w->scope->n_parameters = 1;
    }
}

/* What is computed when it is asked for, by a function: the compiler finds its scope as the
 * next child of that of the type parameters. */
static void visit_lazy(Walk *w, const AstExpr *e) {
    Scope *outer = w->scope;
    add_scope(w, SCOPE_LAMBDA, e)->is_lazy = true;
    show_class(w);
    visit(w, e);
    w->scope = outer;
}

static void visit_type_param(Walk *w, const AstTypeParam *param) {
    static const char *const defaults[] = {"a TypeVar default", "a TypeVarTuple default",
                                           "a ParamSpec default"};
    if (param->bound != NULL) {
        w->type_context =
            param->bound->kind == AST_TUPLE ? "a TypeVar constraint" : "a TypeVar bound";
        visit_lazy(w, param->bound);
    }
    if (param->default_value != NULL) {
        w->type_context = defaults[param->stars];
        visit_lazy(w, param->default_value);
    }
}

/* The scope of type parameters, if there are any; its node is the first of them. */
static void open_type_params(Walk *w, const AstTypeParamSeq *params,
                             const Ident *private_class) {
    if (params->n == 0) {
        return;
    }
    open_scope(w, SCOPE_FUNCTION, &params->items[0]->base)->is_type_params = true;
    const bool is_class = private_class != w->scope->private_class;
    w->scope->private_class = private_class;
    show_class(w);
    bool has_default = false;
    for (uint32_t i = 0; i < params->n && !is_failed(w); i++) {
        const AstTypeParam *param = params->items[i];
        if (find(w->scope, scope_name(w->c, w->scope, param->name)) != NULL) {
            compile_error(w->c, &param->base, "duplicate type parameter '%s'",
                          param->name->text);
        } else if (has_default && param->default_value == NULL) {
            compile_error(w->c, &param->base,
                          "non-default type parameter '%s' follows default type parameter",
                          param->name->text);
        }
        has_default |= param->default_value != NULL;
        bind(w, &param->base, param->name, SYMBOL_ASSIGNED);
    }
    if (is_class) {
        w->scope->mangled = w->scope;
    }
    for (uint32_t i = 0; i < params->n && !is_failed(w); i++) {
        visit_type_param(w, params->items[i]);
    }
    w->type_context = "the definition of a generic";
}

/* The value is computed when it is asked for, by a function. */
static void visit_type_alias(Walk *w, const AstTypeAlias *s) {
    bind(w, &s->base, s->name, SYMBOL_ASSIGNED);
    Scope *outer = w->scope;
    open_type_params(w, &s->type_params, outer->private_class);
    open_scope(w, SCOPE_LAMBDA, &s->base);
    show_class(w);
    w->type_context = "a type alias";
    visit(w, s->value);
    w->type_context = NULL;
    w->scope = outer;
}

static void visit_function(Walk *w, const AstFunctionDef *s) {
    bind(w, &s->base, s->name, SYMBOL_ASSIGNED);
    visit_exprs(w, &s->decorator_list);
    Scope *outer = w->scope;
    open_type_params(w, &s->type_params, outer->private_class);
    visit_arguments_outside(w, s->args, s->returns);
    Scope *scope = open_scope(w, SCOPE_FUNCTION, &s->base);
    scope->is_coroutine = s->is_async;
    w->type_context = NULL;
    bind_parameters(w, s->args);
    visit_body(w, &s->body);
    w->scope = outer;
    if (scope->is_coroutine && scope->is_generator && scope->value_return != NULL) {
        compile_error(w->c, scope->value_return,
                      "'return' with value in async generator");
    }
}

static void visit_lambda(Walk *w, const AstLambda *e) {
    visit_arguments_outside(w, e->args, NULL);
    Scope *outer = w->scope;
    open_scope(w, SCOPE_LAMBDA, &e->base);
    bind_parameters(w, e->args);
    visit(w, e->body);
    w->scope = outer;
}

static void visit_class(Walk *w, const AstClassDef *s) {
    bind(w, &s->base, s->name, SYMBOL_ASSIGNED);
    visit_exprs(w, &s->decorator_list);
    Scope *outer = w->scope;
    open_type_params(w, &s->type_params, s->name);
    visit_exprs(w, &s->bases);
    for (uint32_t i = 0; i < s->keywords.n; i++) {
        visit(w, s->keywords.items[i]->value);
    }
    open_scope(w, SCOPE_CLASS, &s->base);
    w->type_context = NULL;
    w->scope->private_class = s->name;
    w->scope->mangled = NULL;
    visit_body(w, &s->body);
    w->scope = outer;
}

static void visit_iterable(Walk *w, const AstExpr *e) {
    bool was_in_iterable = w->in_iterable;
    w->in_iterable = true;
    visit(w, e);
    w->in_iterable = was_in_iterable;
}

static bool is_async_def(const Scope *scope) {
    return scope->kind == SCOPE_FUNCTION && scope->is_coroutine;
}

static bool is_expression_scope(const Scope *scope) {
    return scope->kind == SCOPE_COMPREHENSION || scope->kind == SCOPE_GENERATOR_EXP;
}

static void visit_await(Walk *w, const AstNode *node) {
    check_type_context(w, node, "await");
    if (!scope_is_function(w->scope)) {
        compile_error(w->c, node, "'await' outside function");
    } else if (!is_async_def(w->scope) && !is_expression_scope(w->scope)) {
        compile_error(w->c, node, "'await' outside async function");
    }
    w->scope->is_coroutine = true;
    ast_each_child(node, visit_child, w);
}

static void check_async_statement(Walk *w, const AstNode *node, const char *name) {
    if (!is_async_def(w->scope)) {
        compile_error(w->c, node, "'async %s' outside async function", name);
    }
}

/* A comprehension that awaits makes what it stands in await; a generator expression is an
 * asynchronous generator then. */
static void pass_on_await(Walk *w, const Scope *scope) {
    if (!scope->is_coroutine || scope->kind == SCOPE_GENERATOR_EXP) {
        return;
    }
    if (!is_async_def(w->scope) && !is_expression_scope(w->scope)) {
        compile_error(w->c, scope->node,
                      "asynchronous comprehension outside of an asynchronous function");
    }
    w->scope->is_coroutine = true;
}

/* The outermost iterable belongs to the scope around. */
static void visit_comprehension(Walk *w, const AstNode *node,
                                const AstComprehensionSeq *generators, const AstExpr *key,
                                const AstExpr *value) {
    visit_iterable(w, generators->items[0]->iter);
    Scope *outer = w->scope;
    bool is_generator = node->kind == AST_GENERATOR_EXP;
    open_scope(w, is_generator ? SCOPE_GENERATOR_EXP : SCOPE_COMPREHENSION, node);
    if (is_generator) {
        w->scope->is_generator = true;
        mention(w, w->scope, scope_ident(w->c, ".0", 2),
                SYMBOL_PARAMETER | SYMBOL_ASSIGNED);
        w->scope->n_parameters = 1;
    }
    for (uint32_t i = 0; i < generators->n && !is_failed(w); i++) {
        const AstComprehension *g = generators->items[i];
        w->scope->is_coroutine |= g->is_async != 0;
        visit(w, g->target);
        if (i > 0) {
            visit_iterable(w, g->iter);
        }
        visit_exprs(w, &g->ifs);
    }
    visit(w, key);
    if (value != NULL) {
        visit(w, value);
    }
    const Scope *scope = w->scope;
    w->scope = outer;
    pass_on_await(w, scope);
}

/* x := v binds x in the scope around all comprehensions that it stands in. */
static void visit_named(Walk *w, const AstNamedExpr *e) {
    check_type_context(w, &e->base, "named");
    if (w->in_iterable) {
        compile_error(w->c, &e->base,
                      "assignment expression cannot be used in a comprehension iterable "
                      "expression");
        return;
    }
    visit(w, e->value);
    const AstName *target = AST_AS(Name, NAME, e->target);
    const Ident *name = scope_name(w->c, w->scope, target->id);
    Scope *to = w->scope;
    while (to->kind == SCOPE_COMPREHENSION || to->kind == SCOPE_GENERATOR_EXP) {
        const Symbol *symbol = find(to, name);
        if (symbol != NULL && (symbol->flags & SYMBOL_ITERATION)) {
            compile_error(w->c, e->target,
                          "assignment expression cannot rebind comprehension iteration "
                          "variable '%s'",
                          target->id->text);
            return;
        }
        to = to->parent;
    }
    if (to != w->scope && to->kind == SCOPE_CLASS) {
        compile_error(w->c, e->target,
                      "assignment expression within a comprehension cannot be used in a "
                      "class body");
        return;
    }
    bind_in(w, to, &target->base, target->id, SYMBOL_ASSIGNED | SYMBOL_REBOUND);
    to->unit->has_rebinding = true;
    for (Scope *s = w->scope; s != to; s = s->parent) {
        mention(w, s, name, SYMBOL_NONLOCAL | SYMBOL_USED | SYMBOL_REBOUND);
        s->unit->has_rebinding = true;
    }
}

static void visit_yield(Walk *w, const AstNode *node) {
    static const char *const inside[] = {[AST_LIST_COMP] = "list comprehension",
                                         [AST_SET_COMP] = "set comprehension",
                                         [AST_DICT_COMP] = "dict comprehension",
                                         [AST_GENERATOR_EXP] = "generator expression"};
    check_type_context(w, node, "yield");
    if (w->scope->kind == SCOPE_COMPREHENSION || w->scope->kind == SCOPE_GENERATOR_EXP) {
        compile_error(w->c, node, "'yield' inside %s", inside[w->scope->node->kind]);
    } else if (!scope_is_function(w->scope)) {
        compile_error(w->c, node, "'yield%s' outside function",
                      node->kind == AST_YIELD_FROM ? " from" : "");
    }
    if (node->kind == AST_YIELD_FROM && is_async_def(w->scope)) {
        compile_error(w->c, node, "'yield from' inside async function");
    }
    w->scope->is_generator = true;
    ast_each_child(node, visit_child, w);
}

static void visit_global(Walk *w, const AstGlobal *s) {
    for (uint32_t i = 0; i < s->names.n; i++) {
        const Ident *name = scope_name(w->c, w->scope, s->names.items[i]);
        const Symbol *old = find(w->scope, name);
        unsigned flags = old == NULL ? 0 : old->flags;
        const char *problem =
            (flags & SYMBOL_PARAMETER)   ? "name '%s' is parameter and global"
            : (flags & SYMBOL_NONLOCAL)  ? "name '%s' is nonlocal and global"
            : (flags & SYMBOL_GLOBAL)    ? NULL
            : (flags & SYMBOL_ANNOTATED) ? "annotated name '%s' can't be global"
            : (flags & SYMBOL_ASSIGNED)
                ? "name '%s' is assigned to before global declaration"
            : (flags & SYMBOL_USED) ? "name '%s' is used prior to global declaration"
                                    : NULL;
        if (problem != NULL) {
            /* Of two declarations that exclude each other the first is at fault. */
            const AstNode *at = old->declared != NULL ? old->declared : &s->base;
            compile_error(w->c, at, problem, s->names.items[i]->text);
            return;
        }
        mention(w, w->scope, name, SYMBOL_GLOBAL)->declared = &s->base;
        mention(w, w->c->scopes.scopes.items[0], name, SYMBOL_GLOBAL_INSIDE);
    }
}

static void visit_nonlocal(Walk *w, const AstNonlocal *s) {
    if (w->scope->kind == SCOPE_MODULE) {
        compile_error(w->c, &s->base, "nonlocal declaration not allowed at module level");
        return;
    }
    for (uint32_t i = 0; i < s->names.n; i++) {
        const Ident *name = scope_name(w->c, w->scope, s->names.items[i]);
        const Symbol *old = find(w->scope, name);
        unsigned flags = old == NULL ? 0 : old->flags;
        const char *problem =
            (flags & SYMBOL_PARAMETER)   ? "name '%s' is parameter and nonlocal"
            : (flags & SYMBOL_GLOBAL)    ? "name '%s' is nonlocal and global"
            : (flags & SYMBOL_NONLOCAL)  ? NULL
            : (flags & SYMBOL_ANNOTATED) ? "annotated name '%s' can't be nonlocal"
            : (flags & SYMBOL_ASSIGNED)
                ? "name '%s' is assigned to before nonlocal declaration"
            : (flags & SYMBOL_USED) ? "name '%s' is used prior to nonlocal declaration"
                                    : NULL;
        if (problem != NULL) {
            /* Of two declarations that exclude each other the first is at fault. */
            const AstNode *at = old->declared != NULL ? old->declared : &s->base;
            compile_error(w->c, at, problem, s->names.items[i]->text);
            return;
        }
        mention(w, w->scope, name, SYMBOL_NONLOCAL)->declared = &s->base;
    }
}

static void visit_annotated(Walk *w, const AstAnnAssign *s) {
    if (s->target->kind == AST_NAME) {
        const AstName *name = AST_AS(Name, NAME, s->target);
        const Symbol *old = find(w->scope, scope_name(w->c, w->scope, name->id));
        if (s->simple && old != NULL &&
            (old->flags & (SYMBOL_GLOBAL | SYMBOL_NONLOCAL))) {
            compile_error(w->c, &s->base, "annotated name '%s' can't be %s",
                          name->id->text,
                          (old->flags & SYMBOL_GLOBAL) ? "global" : "nonlocal");
            return;
        }
        if (s->simple || s->value != NULL) {
            bind(w, s->value != NULL ? s->target : &s->base, name->id,
                 s->simple ? SYMBOL_ASSIGNED | SYMBOL_ANNOTATED : SYMBOL_ASSIGNED);
        }
    } else {
        visit(w, s->target);
    }
    if (!scope_is_function(w->scope)) {
        visit_annotation(w, s->annotation);
        if (s->simple) {
            w->scope->has_annotations = true;
            mention(w, w->scope, scope_ident(w->c, "__annotations__", 15),
                    SYMBOL_ASSIGNED | SYMBOL_USED);
        }
    }
    if (s->value != NULL) {
        visit(w, s->value);
    }
}

/* `import a.b` binds a, `import a.b as c` binds c. */
static void visit_alias(Walk *w, const AstAlias *alias, const AstNode *statement) {
    if (alias->asname != NULL) {
        bind(w, statement, alias->asname, SYMBOL_ASSIGNED);
    } else if (strcmp(alias->name->text, "*") != 0) {
        bind(w, statement, compile_first_component(w->c, alias->name), SYMBOL_ASSIGNED);
    } else if (w->scope->kind != SCOPE_MODULE) {
        compile_error(w->c, &alias->base, "import * only allowed at module level");
    }
}

static void visit_import_from(Walk *w, const AstImportFrom *s) {
    for (uint32_t i = 0; i < s->names.n; i++) {
        visit_alias(w, s->names.items[i], &s->base);
    }
}

/* for k, v in ...: notes that k and v had best be neighbours. */
static void visit_sequence(Walk *w, const AstExprSeq *targets, AstExprContext ctx) {
    visit_exprs(w, targets);
    if (ctx != AST_STORE || targets->n < 2 || !scope_is_function(w->scope) ||
        is_failed(w)) {
        return;
    }
    for (uint32_t i = 0; i < targets->n; i++) {
        if (targets->items[i]->kind != AST_NAME) {
            return;
        }
    }
    SymbolRow *row =
        arena_alloc(arena_of(w), sizeof *row + targets->n * sizeof *row->items);
    row->n = targets->n;
    for (uint32_t i = 0; i < targets->n; i++) {
        const Ident *name = AST_AS(Name, NAME, targets->items[i])->id;
        row->items[i] = find(w->scope, scope_name(w->c, w->scope, name));
        if (row->items[i]->row == NULL) {
            row->items[i]->row = row;
        }
    }
}

static void visit_tuple(Walk *w, const AstTuple *e) {
    visit_sequence(w, &e->elts, e->ctx);
}

static void visit_list(Walk *w, const AstList *e) {
    visit_sequence(w, &e->elts, e->ctx);
}

static void visit_handler(Walk *w, const AstExceptHandler *handler) {
    if (handler->type != NULL) {
        visit(w, handler->type);
    }
    if (handler->name != NULL) {
        bind(w, &handler->base, handler->name, SYMBOL_ASSIGNED);
        mention(w, w->scope, scope_name(w->c, w->scope, handler->name), SYMBOL_DELETED);
    }
    visit_body(w, &handler->body);
}

/* What a pattern binds, after what stands in it. */
static void visit_pattern(Walk *w, const AstNode *node, const Ident *name) {
    ast_each_child(node, visit_child, w);
    if (name != NULL && !is_failed(w)) {
        bind(w, node, name, SYMBOL_ASSIGNED);
    }
}

static void visit(Walk *w, const AstNode *node) {
    if (is_failed(w)) {
        return;
    }
    if (!exc_check_c_stack(w->c->cx)) {
        w->c->has_failed = true;
        return;
    }
    switch (node->kind) {
    case AST_FUNCTION_DEF:
        visit_function(w, AST_AS(FunctionDef, FUNCTION_DEF, node));
        break;
    case AST_LAMBDA: visit_lambda(w, AST_AS(Lambda, LAMBDA, node)); break;
    case AST_CLASS_DEF: visit_class(w, AST_AS(ClassDef, CLASS_DEF, node)); break;
    case AST_LIST_COMP: {
        const AstListComp *e = AST_AS(ListComp, LIST_COMP, node);
        visit_comprehension(w, node, &e->generators, e->elt, NULL);
        break;
    }
    case AST_SET_COMP: {
        const AstSetComp *e = AST_AS(SetComp, SET_COMP, node);
        visit_comprehension(w, node, &e->generators, e->elt, NULL);
        break;
    }
    case AST_DICT_COMP: {
        const AstDictComp *e = AST_AS(DictComp, DICT_COMP, node);
        visit_comprehension(w, node, &e->generators, e->key, e->value);
        break;
    }
    case AST_GENERATOR_EXP: {
        const AstGeneratorExp *e = AST_AS(GeneratorExp, GENERATOR_EXP, node);
        visit_comprehension(w, node, &e->generators, e->elt, NULL);
        break;
    }
    case AST_NAME: visit_name(w, AST_AS(Name, NAME, node)); break;
    case AST_NAMED_EXPR: visit_named(w, AST_AS(NamedExpr, NAMED_EXPR, node)); break;
    case AST_YIELD:
    case AST_YIELD_FROM: visit_yield(w, node); break;
    case AST_GLOBAL: visit_global(w, AST_AS(Global, GLOBAL, node)); break;
    case AST_NONLOCAL: visit_nonlocal(w, AST_AS(Nonlocal, NONLOCAL, node)); break;
    case AST_ANN_ASSIGN: visit_annotated(w, AST_AS(AnnAssign, ANN_ASSIGN, node)); break;
    case AST_IMPORT: {
        const AstImport *s = AST_AS(Import, IMPORT, node);
        for (uint32_t i = 0; i < s->names.n; i++) {
            visit_alias(w, s->names.items[i], node);
        }
        break;
    }
    case AST_IMPORT_FROM:
        visit_import_from(w, AST_AS(ImportFrom, IMPORT_FROM, node));
        break;
    case AST_TUPLE: visit_tuple(w, AST_AS(Tuple, TUPLE, node)); break;
    case AST_LIST: visit_list(w, AST_AS(List, LIST, node)); break;
    case AST_EXCEPT_HANDLER:
        visit_handler(w, AST_AS(ExceptHandler, EXCEPT_HANDLER, node));
        break;
    case AST_TYPE_ALIAS:
        visit_type_alias(w, AST_AS(TypeAlias, TYPE_ALIAS, node));
        break;
    case AST_AWAIT: visit_await(w, node); break;
    case AST_FOR:
        if (AST_AS(For, FOR, node)->is_async) {
            check_async_statement(w, node, "for");
        }
        ast_each_child(node, visit_child, w);
        break;
    case AST_WITH:
        if (AST_AS(With, WITH, node)->is_async) {
            check_async_statement(w, node, "with");
        }
        ast_each_child(node, visit_child, w);
        break;
    case AST_RETURN:
        if (w->scope->value_return == NULL && AST_AS(Return, RETURN, node)->value != NULL) {
            w->scope->value_return = node;
        }
        ast_each_child(node, visit_child, w);
        break;
    case AST_MATCH_AS: visit_pattern(w, node, AST_AS(MatchAs, MATCH_AS, node)->name); break;
    case AST_MATCH_STAR:
        visit_pattern(w, node, AST_AS(MatchStar, MATCH_STAR, node)->name);
        break;
    case AST_MATCH_MAPPING:
        visit_pattern(w, node, AST_AS(MatchMapping, MATCH_MAPPING, node)->rest);
        break;
    case AST_UNARY_OP:
    case AST_COMPARE:
    case AST_CALL:
    case AST_SUBSCRIPT:
    case AST_ASSERT:
        compile_check_node(w->c, node);
        ast_each_child(node, visit_child, w);
        break;
    default: ast_each_child(node, visit_child, w); break;
    }
}

/* ---- Owners ---- */

/* Every unit from `unit` up to the owner's passes the cell on. */
static void capture(Compiler *c, const Symbol *user, Symbol *owner) {
    owner->flags |= SYMBOL_CAPTURED;
    for (Scope *unit = user->scope->unit; unit != owner->scope->unit;
         unit = unit->parent->unit) {
        if (scope_free_index(unit, owner) == UINT32_MAX) {
            if (unit->free.n == SCOPE_MAX_FREE) {
                compile_error(c, unit->node, "too many captured variables");
                return;
            }
            vec_push(&unit->free, owner);
        }
    }
}

uint32_t scope_free_index(const Scope *unit, const Symbol *owner) {
    for (size_t i = 0; i < unit->free.n; i++) {
        if (unit->free.items[i] == owner) {
            return (uint32_t)i;
        }
    }
    return UINT32_MAX;
}

/* By name, as scripts see them in co_freevars and __closure__. */
static void sort_free(Scope *unit) {
    Symbol **items = unit->free.items;
    for (size_t i = 1; i < unit->free.n; i++) {
        Symbol *const moved = items[i];
        size_t j = i;
        for (; j > 0 && strcmp(items[j - 1]->name->text, moved->name->text) > 0; j--) {
            items[j] = items[j - 1];
        }
        items[j] = moved;
    }
}

static void number_free(Scope *scope) {
    for (size_t i = 0; i < scope->symbols.n; i++) {
        Symbol *symbol = scope->symbols.items[i];
        if (symbol->place == PLACE_FREE || symbol->place == PLACE_CLASS_FREE) {
            symbol->index = scope_free_index(scope->unit, symbol->owner);
        }
    }
}

static Symbol *class_cell(Compiler *c, Scope *scope) {
    if (scope->class_cell == NULL) {
        Symbol *symbol =
            new_symbol(&c->arena, scope, c->scopes.class_name, SYMBOL_ASSIGNED);
        symbol->owner = symbol;
        scope->class_cell = symbol;
    }
    return scope->class_cell;
}

static bool is_bound(const Symbol *symbol) {
    return (symbol->flags & SYMBOL_ASSIGNED) &&
           !(symbol->flags & (SYMBOL_GLOBAL | SYMBOL_NONLOCAL));
}

/* Who binds the symbol's name for its scope, looking outwards; NULL: the module or the
 * builtins. Names of class bodies are not seen from inside. */
static Symbol *find_owner(Compiler *c, const Symbol *symbol) {
    for (Scope *s = symbol->scope->parent; s != NULL; s = s->parent) {
        if (s->kind == SCOPE_CLASS) {
            if (scope_same_name(symbol->name, c->scopes.class_name)) {
                return class_cell(c, s);
            }
            continue;
        }
        if (s->kind == SCOPE_MODULE) {
            return NULL;
        }
        Symbol *there = find(s, symbol->name);
        if (there != NULL && (there->flags & SYMBOL_GLOBAL)) {
            return NULL;
        }
        if (there != NULL && is_bound(there)) {
            return there;
        }
    }
    return NULL;
}

static void refer(Compiler *c, Symbol *symbol, Symbol *owner, Place free_place) {
    symbol->owner = owner;
    if (owner->scope->unit == symbol->scope->unit) {
        symbol->place = PLACE_OWNER;
        return;
    }
    capture(c, symbol, owner);
    if (!c->has_failed) {
        symbol->place = (uint8_t)free_place; /* number_free gives the index */
    }
}

/* What the class around a scope that sees it does with the name. */
static unsigned class_flags(const Symbol *symbol) {
    const Scope *class = symbol->scope;
    while (class->sees_class) {
        class = class->parent;
    }
    const Symbol *there = find(class, symbol->name);
    return there == NULL ? 0 : there->flags;
}

/* A name that a scope in a class uses: what the class binds hides what is around it. */
static bool resolve_in_class(Symbol *symbol) {
    const unsigned flags = class_flags(symbol);
    if (flags & SYMBOL_GLOBAL) {
        return true;
    }
    if ((flags & SYMBOL_ASSIGNED) && !(flags & SYMBOL_NONLOCAL)) {
        symbol->place = PLACE_NAME;
        return true;
    }
    return false;
}

static void resolve(Compiler *c, Symbol *symbol) {
    Scope *scope = symbol->scope;
    symbol->place = PLACE_GLOBAL;
    if (symbol->flags & SYMBOL_GLOBAL) {
        return;
    }
    if (scope->kind == SCOPE_MODULE) {
        bool is_name = c->is_by_name && !(symbol->flags & SYMBOL_GLOBAL_INSIDE);
        symbol->place = is_name ? PLACE_NAME : PLACE_GLOBAL;
        return;
    }
    bool is_class = scope->kind == SCOPE_CLASS;
    if (is_bound(symbol)) {
        symbol->owner = is_class ? NULL : symbol;
        symbol->place = is_class ? PLACE_NAME : PLACE_LOCAL;
        return;
    }
    if (scope->sees_class && resolve_in_class(symbol)) {
        return;
    }
    Symbol *owner = find_owner(c, symbol);
    if (owner != NULL && owner->scope->is_type_params && symbol->declared != NULL) {
        compile_error(c, symbol->declared,
                      "nonlocal binding not allowed for type parameter '%s'",
                      symbol->name->text);
        return;
    }
    if (owner != NULL) {
        bool is_declared = (symbol->flags & SYMBOL_NONLOCAL) != 0;
        bool is_hidden = (is_class || scope->sees_class) && !is_declared;
        refer(c, symbol, owner, is_hidden ? PLACE_CLASS_FREE : PLACE_FREE);
        return;
    }
    if ((symbol->flags & SYMBOL_NONLOCAL) && symbol->declared != NULL) {
        compile_error(c, symbol->declared, "no binding for nonlocal '%s' found",
                      symbol->name->text);
        return;
    }
    if (is_class || scope->sees_class ||
        (c->is_by_name && scope->unit->kind == SCOPE_MODULE)) {
        symbol->place = PLACE_NAME;
    }
}

/* ---- Registers ---- */

static void place_local(Scope *unit, Symbol *symbol, uint32_t at) {
    if (at >= SCOPE_NEAR_LOCALS) {
        symbol->place = PLACE_FAR;
        symbol->index = at - SCOPE_NEAR_LOCALS;
    } else {
        symbol->place = (symbol->flags & SYMBOL_CAPTURED) ? PLACE_CELL : PLACE_LOCAL;
        symbol->index = at;
    }
    if (at == unit->locals.n) {
        vec_push(&unit->locals, symbol);
    }
}

static void place_new_local(Scope *unit, Symbol *symbol) {
    place_local(unit, symbol, (uint32_t)unit->locals.n);
}

/* A register from n_own on with that name that no comprehension around this one uses. */
static uint32_t find_shared(const Scope *unit, uint32_t n_own, const Scope *scope,
                            const Symbol *symbol) {
    for (size_t at = n_own; at < unit->locals.n; at++) {
        const Symbol *there = unit->locals.items[at];
        if (!scope_same_name(there->name, symbol->name) ||
            ((there->flags ^ symbol->flags) & SYMBOL_CAPTURED)) {
            continue;
        }
        bool is_used = false;
        for (const Scope *s = scope->parent; s != NULL && s->kind == SCOPE_COMPREHENSION;
             s = s->parent) {
            const Symbol *outer = find(s, symbol->name);
            uint32_t place = outer == NULL || !is_bound(outer) ? UINT32_MAX
                             : outer->place == PLACE_FAR
                                 ? outer->index + SCOPE_NEAR_LOCALS
                                 : outer->index;
            is_used |= place == at;
        }
        if (!is_used) {
            return (uint32_t)at;
        }
    }
    return (uint32_t)unit->locals.n;
}

static void place_comprehensions(Scope *unit, uint32_t n_own, const Scope *scope) {
    for (Scope *s = scope->first_child; s != NULL; s = s->next_sibling) {
        if (s->kind != SCOPE_COMPREHENSION) {
            continue;
        }
        for (size_t i = 0; i < s->symbols.n; i++) {
            Symbol *symbol = s->symbols.items[i];
            if (is_bound(symbol)) {
                place_local(unit, symbol, find_shared(unit, n_own, s, symbol));
            }
        }
        place_comprehensions(unit, n_own, s);
    }
}

static bool is_placed(const Scope *unit, const Symbol *symbol) {
    uint32_t at =
        symbol->place == PLACE_FAR ? symbol->index + SCOPE_NEAR_LOCALS : symbol->index;
    return at < unit->locals.n && unit->locals.items[at] == symbol;
}

/* None of them has a place yet, and all will be plain locals. */
static bool is_free_row(const Scope *unit, const SymbolRow *row) {
    for (uint32_t i = 0; row != NULL && i < row->n; i++) {
        const Symbol *symbol = row->items[i];
        if (symbol->scope != unit || !is_bound(symbol) || is_placed(unit, symbol) ||
            (symbol->flags & (SYMBOL_CAPTURED | SYMBOL_PARAMETER))) {
            return false;
        }
        for (uint32_t j = 0; j < i; j++) {
            if (row->items[j] == symbol) {
                return false;
            }
        }
    }
    return row != NULL;
}

static void place_locals(Compiler *c, Scope *unit) {
    if (unit->kind == SCOPE_CLASS || (unit->kind == SCOPE_MODULE && c->is_by_name)) {
        Symbol *namespace = new_symbol(&c->arena, unit, scope_ident(c, ".namespace", 10),
                                       SYMBOL_PARAMETER | SYMBOL_ASSIGNED);
        place_new_local(unit, namespace);
        unit->n_parameters = 1;
        if (unit->class_cell != NULL) {
            place_new_local(unit, unit->class_cell);
        }
    } else if (unit->kind != SCOPE_MODULE) {
        for (size_t i = 0; i < unit->symbols.n; i++) {
            Symbol *symbol = unit->symbols.items[i];
            if (!is_bound(symbol) || is_placed(unit, symbol)) {
                continue;
            }
            if (i >= unit->n_parameters && is_free_row(unit, symbol->row)) {
                for (uint32_t j = 0; j < symbol->row->n; j++) {
                    place_new_local(unit, symbol->row->items[j]);
                }
            } else {
                place_new_local(unit, symbol);
            }
        }
    }
    place_comprehensions(unit, (uint32_t)unit->locals.n, unit);
}

bool scope_analyse(Compiler *c, const AstModule *tree) {
    c->scopes.class_name = scope_ident(c, "__class__", 9);
    Walk walk = {.c = c};
    open_scope(&walk, SCOPE_MODULE, &tree->base);
    visit_body(&walk, &tree->body);
    ScopeTable *t = &c->scopes;
    for (size_t i = 0; i < t->scopes.n && !c->has_failed; i++) {
        Scope *scope = t->scopes.items[i];
        for (size_t j = 0; j < scope->symbols.n && !c->has_failed; j++) {
            resolve(c, scope->symbols.items[j]);
        }
    }
    for (size_t i = 0; i < t->scopes.n; i++) {
        sort_free(t->scopes.items[i]);
    }
    for (size_t i = 0; i < t->scopes.n; i++) {
        number_free(t->scopes.items[i]);
    }
    for (size_t i = 0; i < t->scopes.n && !c->has_failed; i++) {
        if (t->scopes.items[i]->unit == t->scopes.items[i]) {
            place_locals(c, t->scopes.items[i]);
        }
    }
    return !c->has_failed;
}

void scope_free(ScopeTable *t) {
    for (size_t i = 0; i < t->scopes.n; i++) {
        Scope *scope = t->scopes.items[i];
        vec_free(&scope->symbols);
        vec_free(&scope->locals);
        vec_free(&scope->free);
    }
    vec_free(&t->scopes);
}
