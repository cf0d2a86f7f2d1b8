/* scope.h - names to places: which scope binds a name, and where its value is kept.
 *
 * A scope is a module, class body, function, lambda, generator expression or
 * comprehension. A unit is a scope that becomes a code object of its own: every scope but
 * comprehensions, which run in the registers of the unit around them. Invariants
 *   1. A name that is bound in a scope of a function's kind has one Symbol there, its
 *      owner. Other scopes that use it have a Symbol that refers to the owner.
 *   2. An owner that another unit uses is captured: its register holds a cell
 *      (PLACE_CELL), and every unit between has the owner among its free symbols.
 *   3. Registers of a unit: parameters (args, keyword-only, *args, **kwargs), then the
 *      other locals (in the order of their first mention, but targets of an unpacking in
 *      a row), then the targets of its comprehensions. Comprehensions that do not overlap
 *      share registers for equal names.
 *   4. Locals from SCOPE_NEAR_LOCALS on do not fit into the operands of instructions, and
 *      no register above a call survives the call; so they are cells in a list in the
 *      register after the near ones (PLACE_FAR).
 *
 * Threads: a table belongs to one compilation. See also: compile_name.c,
 * tests/unit/test_compile.c. */

#ifndef MINI_INTERP_SCOPE_H
#define MINI_INTERP_SCOPE_H

#include <stdbool.h>
#include <string.h>

#include "grammar/ast.h"
#include "runtime/base/vec.h"

typedef struct Compiler Compiler;
typedef struct Scope Scope;

enum { SCOPE_NEAR_LOCALS = 192, SCOPE_MAX_FREE = 255 };

typedef enum ScopeKind {
    SCOPE_MODULE,
    SCOPE_CLASS,
    SCOPE_FUNCTION,
    SCOPE_LAMBDA,
    SCOPE_GENERATOR_EXP,
    SCOPE_COMPREHENSION
} ScopeKind;

enum {
    SYMBOL_USED = 1,
    SYMBOL_ASSIGNED = 2,
    SYMBOL_PARAMETER = 4,
    SYMBOL_GLOBAL = 8,    /* declared so */
    SYMBOL_NONLOCAL = 16, /* declared so, or bound by := in a comprehension */
    SYMBOL_ANNOTATED = 32,
    SYMBOL_DELETED = 64, /* by del, or at the end of an except clause */
    SYMBOL_CAPTURED = 128,
    SYMBOL_REBOUND = 256,  /* by :=, so an expression may change it */
    SYMBOL_ITERATION = 512, /* target of a comprehension */
    SYMBOL_GLOBAL_INSIDE = 1024 /* of the module: declared global somewhere in it */
};

typedef enum Place {
    PLACE_GLOBAL,     /* cell of the module or of the builtins */
    PLACE_NAME,       /* dict of the class body, else global, else builtin */
    PLACE_LOCAL,      /* register index */
    PLACE_CELL,       /* cell in register index */
    PLACE_FREE,       /* captured cell index */
    PLACE_CLASS_FREE, /* dict of the class body, else captured cell index */
    PLACE_FAR,        /* cell index of the list of far locals */
    PLACE_OWNER       /* as the owner says: it is in the same unit */
} Place;

/* Names that are unpacked to together: registers in a row save moves. */
typedef struct SymbolRow {
    uint32_t n;
    struct Symbol *items[];
} SymbolRow;

typedef struct Symbol {
    const Ident *name;
    Scope *scope;
    struct Symbol *owner;    /* itself where it is bound; NULL for globals and names */
    const AstNode *declared; /* the global or nonlocal statement */
    SymbolRow *row;          /* the first unpacking that it stands in, or NULL */
    uint16_t flags;
    uint8_t place;
    uint32_t index;
} Symbol;

typedef VEC(Symbol *) SymbolVec;

struct Scope {
    ScopeKind kind;
    Scope *parent;
    Scope *unit; /* itself, unless a comprehension */
    Scope *first_child;
    Scope *last_child;
    Scope *next_sibling;
    const AstNode *node;
    const Ident
        *private_class; /* whose name mangles __names here; NULL outside of classes */
    const Scope *mangled; /* the head of a generic class: mangled is what is bound here only */
    SymbolVec symbols;  /* in the order of their first mention */
    uint32_t *index;    /* hash table of symbol number + 1, once there are many */
    uint32_t index_capacity;
    Symbol *class_cell; /* classes: __class__, when a method refers to it */

    /* Units only. */
    SymbolVec locals; /* by register, far ones behind */
    SymbolVec free;   /* owners, by number of captured cell */
    uint32_t n_parameters;
    const AstNode *value_return; /* the first return with a value */
    bool is_generator;
    bool is_type_params; /* a function around a generic definition, which binds its parameters */
    bool is_lazy;        /* the function that computes a bound, constraints or a default */
    bool sees_class;     /* type parameters, aliases, ... in a class: its dict is in register 0 */
    bool is_coroutine;    /* async def; expressions with await or async for of their own */
    bool has_rebinding;   /* := anywhere in it */
    bool has_annotations; /* modules and classes: some `x: T` */
    bool shows_locals;    /* mentions locals(), vars(), dir(), eval() or exec() */
};

typedef struct ScopeTable {
    VEC(Scope *) scopes; /* parents before children */
    Scope **by_node;     /* hash table of scopes by node */
    uint32_t capacity;
    const Ident *class_name; /* "__class__" */
} ScopeTable;

/* Analyses the tree into c->scopes. False with SyntaxError pending. */
bool scope_analyse(Compiler *c, const AstModule *tree);
void scope_free(ScopeTable *table);

/* The scope that node (a def, class, lambda, comprehension or the module) opens. */
Scope *scope_of(const ScopeTable *table, const AstNode *node);
/* The name as used in scope: __x of a class is mangled. */
const Ident *scope_name(Compiler *c, const Scope *scope, const Ident *name);
/* A name that stands in no tree: mangled, added by the compiler, the first part of a.b.c.
 * */
const Ident *scope_ident(Compiler *c, const char *text, size_t n_bytes);
/* Names are compared by text, since not all come from the parser. */
static inline bool scope_same_name(const Ident *a, const Ident *b) {
    return a == b || (a->hash == b->hash && a->n_bytes == b->n_bytes &&
                      memcmp(a->text, b->text, a->n_bytes) == 0);
}
static inline bool scope_name_is(const Ident *name, const char *text) {
    const size_t n_bytes = strlen(text); /* known to the compiler where it is inlined */
    return name->n_bytes == n_bytes && memcmp(name->text, text, n_bytes) == 0;
}
/* What name (from scope_name) is in scope, owners resolved; never NULL for a name that
 * the tree mentions. */
Symbol *scope_lookup(const Scope *scope, const Ident *name);
/* The number of the captured cell of owner in unit. */
uint32_t scope_free_index(const Scope *unit, const Symbol *owner);

static inline bool scope_is_function(const Scope *scope) {
    return scope->kind != SCOPE_MODULE && scope->kind != SCOPE_CLASS;
}

static inline uint32_t scope_n_near(const Scope *unit) {
    return unit->locals.n < SCOPE_NEAR_LOCALS ? (uint32_t)unit->locals.n
                                              : SCOPE_NEAR_LOCALS;
}

static inline bool scope_has_far(const Scope *unit) {
    return unit->locals.n > SCOPE_NEAR_LOCALS;
}

#endif
