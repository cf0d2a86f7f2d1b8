/* compile_name.c - loading, storing and deleting variables, wherever they live. */

#include "interp/ast_walk.h"
#include "interp/compiler.h"

static const Symbol *symbol_of(Compiler *c, const Ident **name) {
    *name = scope_name(c, c->scope, *name);
    return scope_lookup(c->scope, *name);
}

/* The cell of a far local, into reg. */
static void load_far_cell(Compiler *c, uint32_t index, int reg) {
    if (index <= 127) {
        emit_abc(c, OP_GET_ITEM_I, reg, SCOPE_NEAR_LOCALS, (int)index);
        return;
    }
    emit_load_constant(c, reg, value_from_int(index));
    emit_abc(c, OP_GET_ITEM, reg, SCOPE_NEAR_LOCALS, reg);
}

int compile_push_far_cell(Compiler *c, const Symbol *owner) {
    int reg = emit_push(c);
    load_far_cell(c, owner->index, reg);
    return reg;
}

static int load_local(Compiler *c, uint32_t local, int target) {
    Unit *u = c->unit;
    if (!emit_is_bound(u, local)) {
        emit_clear_at_entry(u, local);
        emit_abx(c, OP_CHECK_BOUND, (int)local, local);
        emit_set_bound(u, local);
    }
    if (target == REG_ANY) {
        return (int)local;
    }
    emit_move(c, target, (int)local);
    return target;
}

void compile_load_global(Compiler *c, const Ident *name, int reg) {
    if (c->is_by_name) {
        emit_abc_w(c, OP_LOAD_GLOBAL_NAME, reg, 0, 0,
                   emit_constant(c, OBJ_VALUE(compile_name_str(c, name))));
    } else {
        emit_abc_ww(c, OP_LOAD_GLOBAL, reg, 0, 0, compile_module_cell(c, name),
                    compile_builtin_cell(c, name));
    }
}

/* Stores or (OP_DELETE_GLOBAL) deletes. */
static void change_global(Compiler *c, Opcode op, const Ident *name, int reg) {
    if (c->is_by_name) {
        emit_abc_w(c, op == OP_STORE_GLOBAL ? OP_STORE_GLOBAL_NAME : OP_DELETE_GLOBAL_NAME,
                   reg, 0, 0, emit_constant(c, OBJ_VALUE(compile_name_str(c, name))));
    } else {
        emit_abc_w(c, op, reg, 0, 0, compile_module_cell(c, name));
    }
}

static void load_elsewhere(Compiler *c, const Symbol *symbol, const Ident *name,
                           int reg) {
    switch ((Place)symbol->place) {
    case PLACE_CELL: emit_abc(c, OP_LOAD_CELL, reg, (int)symbol->index, 0); break;
    case PLACE_FREE: emit_abc(c, OP_LOAD_FREE, reg, (int)symbol->index, 0); break;
    case PLACE_FAR:
        load_far_cell(c, symbol->index, reg);
        emit_abc(c, OP_LOAD_CELL, reg, reg, 0);
        break;
    case PLACE_NAME:
        emit_abc_w(c, OP_LOAD_NAME, reg, 0, 0,
                   emit_constant(c, OBJ_VALUE(compile_name_str(c, name))));
        break;
    case PLACE_CLASS_FREE:
        emit_abc_w(c, OP_LOAD_CLASS_FREE, reg, 0, (int)symbol->index,
                   emit_constant(c, OBJ_VALUE(compile_name_str(c, name))));
        break;
    default: compile_load_global(c, name, reg); break;
    }
}

int compile_load(Compiler *c, const AstNode *at, const Ident *name, int target) {
    const Symbol *symbol = symbol_of(c, &name);
    return compile_load_symbol(c, at, symbol, name, target);
}

int compile_load_symbol(Compiler *c, const AstNode *at, const Symbol *symbol, const Ident *name, int target) {
    compile_at(c, at);
    if (symbol->place == PLACE_LOCAL) {
        return load_local(c, symbol->index, target);
    }
    int reg = target == REG_ANY ? emit_push(c) : target;
    load_elsewhere(c, symbol, name, reg);
    return reg;
}

static void store_far(Compiler *c, const Symbol *symbol, int reg) {
    int mark = (int)c->unit->top;
    int cell = emit_push(c);
    load_far_cell(c, symbol->index, cell);
    emit_abc(c, OP_STORE_CELL, cell, reg, 0);
    emit_release(c, mark);
}

void compile_store(Compiler *c, const AstNode *at, const Ident *name, int reg) {
    const Symbol *symbol = symbol_of(c, &name);
    compile_at(c, at);
    switch ((Place)symbol->place) {
    case PLACE_LOCAL:
        emit_move(c, (int)symbol->index, reg);
        emit_set_bound(c->unit, symbol->index);
        break;
    case PLACE_CELL: emit_abc(c, OP_STORE_CELL, (int)symbol->index, reg, 0); break;
    case PLACE_FREE:
    case PLACE_CLASS_FREE: emit_abc(c, OP_STORE_FREE, (int)symbol->index, reg, 0); break;
    case PLACE_FAR: store_far(c, symbol, reg); break;
    case PLACE_NAME:
        emit_abc_w(c, OP_STORE_NAME, reg, 0, 0,
                   emit_constant(c, OBJ_VALUE(compile_name_str(c, name))));
        break;
    default: change_global(c, OP_STORE_GLOBAL, name, reg); break;
    }
}

static void delete_far(Compiler *c, const Symbol *symbol) {
    int cell = emit_push(c);
    load_far_cell(c, symbol->index, cell);
    emit_abc(c, OP_DELETE_CELL, cell, 0, 0);
    emit_release(c, cell);
}

void compile_delete(Compiler *c, const AstNode *at, const Ident *name) {
    const Symbol *symbol = symbol_of(c, &name);
    compile_at(c, at);
    switch ((Place)symbol->place) {
    case PLACE_LOCAL:
        load_local(c, symbol->index, REG_ANY);
        emit_load_constant(c, (int)symbol->index, VALUE_UNSET);
        emit_set_unbound(c->unit, symbol->index);
        break;
    case PLACE_CELL: emit_abc(c, OP_DELETE_CELL, (int)symbol->index, 0, 0); break;
    case PLACE_FREE:
    case PLACE_CLASS_FREE: emit_abc(c, OP_DELETE_FREE, (int)symbol->index, 0, 0); break;
    case PLACE_FAR: delete_far(c, symbol); break;
    case PLACE_NAME:
        emit_abc_w(c, OP_DELETE_NAME, 0, 0, 0,
                   emit_constant(c, OBJ_VALUE(compile_name_str(c, name))));
        break;
    default: change_global(c, OP_DELETE_GLOBAL, name, 0); break;
    }
}

void compile_unbind(Compiler *c, const Ident *name) {
    AstNode at = {.line = c->unit->where.line, .end_line = c->unit->where.end_line};
    const Ident *mangled = name;
    const Symbol *symbol = symbol_of(c, &mangled);
    if (symbol->place == PLACE_LOCAL) {
        emit_load_constant(c, (int)symbol->index, VALUE_UNSET);
        emit_set_unbound(c->unit, symbol->index);
        return;
    }
    /* Bound first, so that deleting cannot fail. */
    int none = compile_constant(c, VALUE_NONE, emit_push(c));
    compile_store(c, &at, name, none);
    compile_delete(c, &at, name);
    emit_release(c, none);
}

int compile_local_register(Compiler *c, const AstExpr *e) {
    if (e->kind != AST_NAME) {
        return REG_ANY;
    }
    const Ident *name = AST_AS(Name, NAME, e)->id;
    const Symbol *symbol = symbol_of(c, &name);
    return symbol->place == PLACE_LOCAL ? (int)symbol->index : REG_ANY;
}

int compile_locals_in_a_row(Compiler *c, const AstExprSeq *names, uint32_t from,
                            uint32_t to) {
    int first = compile_local_register(c, names->items[from]);
    for (uint32_t i = from + 1; i < to && first != REG_ANY; i++) {
        if (compile_local_register(c, names->items[i]) != first + (int)(i - from)) {
            return REG_ANY;
        }
    }
    return first;
}

/* ---- What an expression may do to a local ---- */

typedef struct Search {
    const Ident *name;
    bool is_found;
} Search;

static void search(void *argument, const AstNode *node) {
    Search *s = argument;
    if (s->is_found) {
        return;
    }
    if (node->kind == AST_NAME &&
        scope_same_name(AST_AS(Name, NAME, node)->id, s->name)) {
        s->is_found = true;
        return;
    }
    ast_each_child(node, search, s);
}

enum { SEARCH_MAX_DEPTH = 64 }; /* deeper expressions are taken to mention everything */

bool compile_mentions(Compiler *c, const AstNode *e, int reg) {
    if (e->depth > SEARCH_MAX_DEPTH) {
        return true;
    }
    const Symbol *symbol = c->unit->scope->locals.items[reg];
    Search s = {.name = symbol->name};
    search(&s, e);
    return s.is_found;
}

bool compile_may_rebind(Compiler *c, int reg, const AstExpr *later) {
    const Unit *u = c->unit;
    if (!u->scope->has_rebinding || emit_is_temp(u, reg) || later->kind == AST_CONSTANT ||
        later->kind == AST_NAME) {
        return false;
    }
    return (u->scope->locals.items[reg]->flags & SYMBOL_REBOUND) != 0;
}

int compile_protect(Compiler *c, int reg, const AstExpr *later) {
    if (!compile_may_rebind(c, reg, later)) {
        return reg;
    }
    int copy = emit_push(c);
    emit_move(c, copy, reg);
    return copy;
}
