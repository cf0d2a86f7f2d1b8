/* emit_code.c - the beginning and the end of a unit: what is done at the entry of its
 * code, jumps, the object. */

#include "interp/compiler.h"
#include "interp/validate.h"
#include "runtime/objects/exception.h"

/* ---- Memory ---- */

/* Most units are small and there are many: their vectors would grow from nothing each time. */
#define EACH_VECTOR(DO)   /* STEP unit vectors */ \
    DO(code) DO(positions) DO(handlers) DO(site_names) DO(self_attributes) DO(constants) \
    DO(labels) DO(patches) DO(preloads)

static void take_memory(Compiler *c, Unit *u) {
    if (c->spares.n > 0) {
        const Unit *spare = vec_last(&c->spares);
#define TAKE(vector) u->vector = spare->vector;
        EACH_VECTOR(TAKE)
#undef TAKE
        c->spares.n--;
    }
}

static void give_memory(Compiler *c, Unit *u) {
#define CLEAR(vector) vec_clear(&u->vector);
    EACH_VECTOR(CLEAR)
#undef CLEAR
    mem_free(u->constant_index);
    vec_push(&c->spares, *u);
}

void emit_free_spares(Compiler *c) {
    for (size_t i = 0; i < c->spares.n; i++) {
        Unit *u = &c->spares.items[i];
#define FREE(vector) vec_free(&u->vector);
        EACH_VECTOR(FREE)
#undef FREE
    }
    vec_free(&c->spares);
}

/* ---- Beginning ---- */

static void note_fragile(Unit *u) {
    const Scope *scope = u->scope;
    for (size_t i = 0; i < scope->locals.n && i < SCOPE_NEAR_LOCALS; i++) {
        if (scope->locals.items[i]->flags & SYMBOL_DELETED) {
            u->fragile[i / 64] |= UINT64_C(1) << (i % 64);
        }
    }
}

void emit_begin(Compiler *c, Unit *u, Scope *scope, ObjStr *name, ObjStr *qualname) {
    *u = (Unit){.outer = c->unit,
                .scope = scope,
                .name = name,
                .qualname = qualname,
                .doc = VALUE_NONE};
    take_memory(c, u);
    uint32_t n_near = scope_n_near(scope);
    u->n_bound_words = n_near / 64 + 1;
    u->bound = arena_alloc_zeroed(&c->arena, 3 * u->n_bound_words * sizeof *u->bound);
    u->fragile = u->bound + u->n_bound_words;
    u->cleared = u->fragile + u->n_bound_words;
    note_fragile(u);
    for (uint32_t i = 0; i < scope->n_parameters; i++) {
        emit_set_bound(u, i);
    }
    u->n_fixed = n_near + (scope_has_far(scope) ? 1 : 0);
    u->top = u->n_fixed;
    u->n_registers = u->top > scope->n_parameters ? u->top : scope->n_parameters;
    emit_set_position(u, scope->node);
    if (scope->kind == SCOPE_MODULE) {
        u->where = (CodePosition){.line = 1, .end_line = 1};
    }
    c->unit = u;
    c->scope = scope;
}

/* ---- Jumps ---- */

static bool is_one_word_jump(Instruction ins) {
    return INS_OP(ins) == OP_JUMP || INS_OP(ins) == OP_JUMP_BACK;
}

static uint32_t jump_target(const Unit *u, uint32_t at) {
    const Instruction *code = u->code.items;
    return is_one_word_jump(code[at]) ? at + 1 + (uint32_t)INS_SAX(code[at])
                                      : at + 2 + code[at + 1];
}

static Opcode with_direction(Opcode op, bool is_back) {
    switch (op) {
    case OP_JUMP:
    case OP_JUMP_BACK: return is_back ? OP_JUMP_BACK : OP_JUMP;
    case OP_JUMP_IF_TRUE:
    case OP_JUMP_IF_TRUE_BACK: return is_back ? OP_JUMP_IF_TRUE_BACK : OP_JUMP_IF_TRUE;
    case OP_JUMP_IF_FALSE:
    case OP_JUMP_IF_FALSE_BACK: return is_back ? OP_JUMP_IF_FALSE_BACK : OP_JUMP_IF_FALSE;
    default: return op;
    }
}

static void write_jump(Unit *u, uint32_t at, uint32_t target) {
    Instruction *ins = &u->code.items[at];
    Opcode op = with_direction((Opcode)INS_OP(*ins), target <= at);
    if (is_one_word_jump(*ins)) {
        *ins = ins_sax(op, (int32_t)(target - (at + 1)));
    } else {
        *ins = (*ins & ~(Instruction)0xff) | (Instruction)op;
        ins[1] = target - (at + 2);
    }
}

enum { JUMP_MAX_HOPS = 8 };

/* A jump to a jump goes where that one goes. Only where both directions exist, and
 * FOR_NEXT stays with its loop. */
static void thread_jump(Unit *u, uint32_t at) {
    Opcode op = (Opcode)INS_OP(u->code.items[at]);
    if (op == OP_FOR_NEXT || op == OP_WITH_EXIT_EXC || op == OP_JUMP_IF_NO_MATCH) {
        return;
    }
    uint32_t target = jump_target(u, at);
    for (int hops = 0; hops < JUMP_MAX_HOPS && target < u->code.n; hops++) {
        if (!is_one_word_jump(u->code.items[target])) {
            break;
        }
        target = jump_target(u, target);
    }
    write_jump(u, at, target);
}

static void write_jumps(Unit *u) {
    for (size_t i = 0; i < u->patches.n; i++) {
        const Patch *patch = &u->patches.items[i];
        int32_t target = u->labels.items[patch->label].at;
        assert(target >= 0);
        write_jump(u, patch->at, (uint32_t)target);
    }
    for (size_t i = 0; i < u->patches.n; i++) {
        thread_jump(u, u->patches.items[i].at);
    }
}

/* ---- The entry of the code ---- */

/* Far locals are cells in a list, in the register behind the near ones. Parameters among
 * them arrive in their registers; the first two make room for the list and a temporary.
 * */
static void make_far_locals(Compiler *c) {
    const Scope *scope = c->unit->scope;
    uint32_t list = SCOPE_NEAR_LOCALS;
    uint32_t n_parameters = scope->n_parameters;
    uint32_t spare = n_parameters > REG_LIMIT ? n_parameters : REG_LIMIT;
    for (uint32_t i = list; i < n_parameters && i < list + 2; i++) {
        emit_abx(c, OP_STORE_FAR, (int)i, spare + i - list);
    }
    emit_use(c, n_parameters > list ? spare + 2 : list + 2);
    emit_abc(c, OP_BUILD_LIST, (int)list, (int)list, 0);
    int cell = (int)list + 1;
    for (uint32_t i = list; i < scope->locals.n; i++) {
        if (i < n_parameters) {
            emit_abx(c, OP_LOAD_FAR, cell, i < list + 2 ? spare + i - list : i);
        } else {
            emit_load_constant(c, cell, VALUE_UNSET);
        }
        emit_abc(c, OP_MAKE_CELL, cell, cell, 0);
        emit_abc(c, OP_LIST_APPEND, (int)list, cell, 0);
    }
}

/* Registers are not cleared at a call, so a local that might be read unbound is unset
 * first; then the cells of captured locals are made. Those of comprehensions are made
 * where they begin. */
static void make_entry(Compiler *c) {
    Unit *u = c->unit;
    const Scope *scope = u->scope;
    for (uint32_t i = 0; i < scope_n_near(scope); i++) {
        const Symbol *symbol = scope->locals.items[i];
        bool is_parameter = i < scope->n_parameters;
        bool is_own_cell = symbol->place == PLACE_CELL && symbol->scope == scope;
        bool is_cleared = u->cleared[i / 64] >> (i % 64) & 1;
        if (!is_parameter && (is_own_cell || is_cleared || scope->shows_locals)) {
            emit_load_constant(c, (int)i, VALUE_UNSET);
        }
        if (is_own_cell) {
            emit_abc(c, OP_MAKE_CELL, (int)i, (int)i, 0);
        }
    }
    if (scope_has_far(scope)) {
        make_far_locals(c);
    }
}

/* Puts the entry in front. Jumps are relative, so only tables have to be moved. */
static void prepend_entry(Compiler *c) {
    Unit *u = c->unit;
    Unit body = *u;
    memset(&u->code, 0, sizeof u->code);
    memset(&u->positions, 0, sizeof u->positions);
    u->is_dead = false;
    emit_set_position(u, u->scope->node);
    make_entry(c);
    uint32_t n = emit_here(u);
    for (size_t i = 0; i < body.code.n; i++) {
        vec_push(&u->code, body.code.items[i]);
    }
    for (size_t i = 0; i < body.positions.n; i++) {
        CodePosition position = body.positions.items[i];
        position.at += n;
        vec_push(&u->positions, position);
    }
    for (size_t i = 0; i < u->handlers.n; i++) {
        CodeHandler *handler = &u->handlers.items[i];
        handler->from += n;
        handler->to += n;
        handler->target = (uint32_t)u->labels.items[handler->target].at + n;
    }
    vec_free(&body.code);
    vec_free(&body.positions);
}

/* ---- The object ---- */

static ObjTuple *names_tuple(Compiler *c, const SymbolVec *symbols, size_t n,
                             bool only_cells) {
    ObjList *names = list_new(c->cx, n);
    for (size_t i = 0; i < n && names != NULL; i++) {
        const Symbol *symbol = symbols->items[i];
        if (only_cells && symbol->place != PLACE_CELL) {
            continue;
        }
        ObjStr *name = compile_name_str(c, symbol->name);
        if (name == NULL || !list_append(c->cx, names, OBJ_VALUE(name))) {
            return NULL;
        }
    }
    Value tuple = names == NULL ? VALUE_ERROR : list_to_tuple(c->cx, names);
    return IS_ERROR(tuple) ? NULL : AS_TUPLE(tuple);
}

/* One name for each register that an instruction may name as a local. Far locals have
 * none of their own. */
static ObjTuple *local_names(Compiler *c, const Scope *scope) {
    if (!scope_has_far(scope)) {
        return names_tuple(c, &scope->locals, scope->locals.n, false);
    }
    uint32_t n_near =
        scope->n_parameters > SCOPE_NEAR_LOCALS ? scope->n_parameters : SCOPE_NEAR_LOCALS;
    ObjTuple *near = names_tuple(c, &scope->locals, n_near, false);
    ObjStr *far = near == NULL ? NULL : str_intern(c->cx, ".far", 4);
    ObjTuple *all =
        far == NULL ? NULL : tuple_new(c->cx, n_near > REG_LIMIT ? n_near : REG_LIMIT);
    for (size_t i = 0; all != NULL && i < all->n; i++) {
        all->items[i] = i < n_near ? near->items[i] : OBJ_VALUE(far);
    }
    return all;
}

static const AstArguments *arguments_of(const Scope *scope) {
    if (scope->is_lazy) { /* its node may be a lambda, but it is none */
        return NULL;
    }
    switch (scope->node->kind) {
    case AST_FUNCTION_DEF: return AST_AS(FunctionDef, FUNCTION_DEF, scope->node)->args;
    case AST_LAMBDA: return AST_AS(Lambda, LAMBDA, scope->node)->args;
    default: return NULL;
    }
}

static void set_parameters(ObjCode *code, const Scope *scope) {
    const AstArguments *args = arguments_of(scope);
    if (args == NULL) {
        code->n_args = (uint16_t)scope->n_parameters;
        return;
    }
    code->n_positional_only = (uint16_t)args->posonlyargs.n;
    code->n_args = (uint16_t)(args->posonlyargs.n + args->args.n);
    code->n_keyword_only = (uint16_t)args->kwonlyargs.n;
    code->flags |= args->vararg != NULL ? CODE_VARARGS : 0;
    code->flags |= args->kwarg != NULL ? CODE_VARKEYWORDS : 0;
}

static void set_flags(ObjCode *code, const Scope *scope, bool is_by_name) {
    const bool is_suspendable = scope->is_generator || scope->is_coroutine;
    code->flags |= is_suspendable ? CODE_GENERATOR : 0;
    code->flags |= !scope->is_coroutine  ? 0
                   : scope->is_generator ? CODE_ASYNC_GENERATOR
                                         : CODE_COROUTINE;
    code->flags |= scope->kind == SCOPE_CLASS ? CODE_CLASS_BODY : 0;
    code->flags |= scope->kind == SCOPE_MODULE ? CODE_MODULE : 0;
    if (is_by_name) {
        code->flags |= CODE_BY_NAME | (scope->kind == SCOPE_MODULE ? CODE_CLASS_BODY : 0);
    }
    code->flags |= code->n_cells > 0 ? CODE_HAS_CELLS : 0;
    bool is_method = scope->parent != NULL && scope->parent->kind == SCOPE_CLASS &&
                     scope_is_function(scope);
    code->flags |= is_method ? CODE_METHOD : 0;
}

/* A malloc'ed table of the right size; the code object owns it. */
static void *copy_table(const void *items, size_t n, size_t item_bytes) {
    void *copy = mem_resize(NULL, n, item_bytes);
    if (n > 0) {
        memcpy(copy, items, n * item_bytes);
    }
    return copy;
}

static void set_tables(ObjCode *code, const Unit *u) {
    code->instructions = copy_table(u->code.items, u->code.n, sizeof *u->code.items);
    code->n_instructions = (uint32_t)u->code.n;
    code->constants = copy_table(u->constants.items, u->constants.n, sizeof(Value));
    code->n_constants = (uint32_t)u->constants.n;
    code->handlers = copy_table(u->handlers.items, u->handlers.n, sizeof(CodeHandler));
    code->n_handlers = (uint32_t)u->handlers.n;
    code->positions =
        copy_table(u->positions.items, u->positions.n, sizeof(CodePosition));
    code->n_positions = (uint32_t)u->positions.n;
    CodeSite *sites = mem_alloc_zeroed(u->site_names.n, sizeof *sites);
    for (size_t i = 0; i < u->site_names.n; i++) {
        sites[i].name = u->site_names.items[i];
    }
    code->sites = sites;
    code->n_sites = (uint32_t)u->site_names.n;
}

static uint32_t first_line(const Scope *scope) {
    if (scope->kind == SCOPE_MODULE) {
        return 1;
    }
    const AstExprSeq *decorators =
        scope->node->kind == AST_FUNCTION_DEF
            ? &AST_AS(FunctionDef, FUNCTION_DEF, scope->node)->decorator_list
        : scope->kind == SCOPE_CLASS
            ? &AST_AS(ClassDef, CLASS_DEF, scope->node)->decorator_list
            : NULL;
    return decorators != NULL && decorators->n > 0 ? decorators->items[0]->line
                                                   : scope->node->line;
}

static ObjCode *make_code(Compiler *c) {
    const Unit *u = c->unit;
    const Scope *scope = u->scope;
    ObjTuple *locals = local_names(c, scope);
    ObjTuple *cells =
        locals == NULL ? NULL : names_tuple(c, &scope->locals, scope_n_near(scope), true);
    ObjTuple *free =
        cells == NULL ? NULL : names_tuple(c, &scope->free, scope->free.n, false);
    ObjCode *code = free == NULL ? NULL : code_new(c->cx);
    if (code == NULL) {
        compile_fail(c);
        return NULL;
    }
    code->local_names = locals;
    code->cell_names = cells;
    code->free_names = free;
    code->n_cells = (uint16_t)cells->n;
    code->n_free = (uint16_t)free->n;
    code->name = u->name;
    code->qualname = u->qualname;
    code->filename = c->filename;
    code->module = c->module;
    code->doc = u->doc;
    code->first_line = first_line(scope);
    code->n_registers = (uint16_t)u->n_registers;
    set_parameters(code, scope);
    set_flags(code, scope, c->is_by_name);
    set_tables(code, u);
    return code;
}

static bool is_too_large(const Unit *u) {
    enum { MAX_WORDS = 1 << 23, MAX_PARAMETERS = 60000 };
    return u->code.n >= MAX_WORDS || u->scope->n_parameters > MAX_PARAMETERS;
}

ObjCode *emit_end(Compiler *c) {
    Unit *u = c->unit;
    ObjCode *code = NULL;
    if (!c->has_failed && is_too_large(u)) {
        compile_error(c, u->scope->node, "code is too large");
    }
    if (!c->has_failed) {
        write_jumps(u);
        prepend_entry(c);
        code = c->has_failed ? NULL : make_code(c);
#ifndef NDEBUG
        if (code != NULL) {
            validate_code_or_panic(code);
        }
#endif
    }
    c->unit = u->outer;
    c->scope = u->outer == NULL ? NULL : u->scope->parent;
    give_memory(c, u);
    if (code != NULL) {
        compile_keep(c, OBJ_VALUE(code));
    }
    return c->has_failed ? NULL : code;
}
