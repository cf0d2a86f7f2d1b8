/* compile_generic.c - type parameters and type statements.
 *
 * A generic definition is made by a function of its own, whose locals are the type parameters;
 * it is called at once. The objects come from runtime/lib/_type_params.mini. */

#include "interp/compiler.h"
#include "interp/frame.h"

/* A call window for _type_params.name(R...): the arguments follow it as temporaries. */
static int begin_call(Compiler *c) {
    int window = emit_push_n(c, FRAME_WORDS);
    emit_push(c);
    return window;
}

static void end_call(Compiler *c, int window, const char *name, int n_args, int result) {
    static const char module[] = "_type_params";
    ObjStr *module_name = compile_name_str(c, scope_ident(c, module, sizeof module - 1));
    emit_abc_w(c, OP_IMPORT, window, 0, 1, emit_constant(c, OBJ_VALUE(module_name)));
    emit_abc_w(c, OP_LOAD_METHOD, window, window, 0,
               emit_site(c, compile_name_str(c, scope_ident(c, name, strlen(name)))));
    emit_abc(c, OP_CALL_METHOD, window, n_args, result);
    emit_release(c, window);
}

static void push_value(Compiler *c, Value v) {
    emit_load_constant(c, emit_push(c), v);
}

static void push_register(Compiler *c, int reg) {
    emit_move(c, emit_push(c), reg);
}

/* R[reg] = the object for a type parameter, without bound and default, which may mention it. */
static void make_param(Compiler *c, const AstTypeParam *param, int reg) {
    compile_at(c, param);
    int window = begin_call(c);
    push_value(c, value_from_int(param->stars));
    push_value(c, OBJ_VALUE(compile_name_str(c, param->name)));
    end_call(c, window, "parameter", 2, reg);
    compile_store(c, &param->base, param->name, reg);
}

/* R[reg] = a function that returns the value of e when it is called; in a class, the dict of
 * the class is the default of its only parameter. */
static void make_lazy(Compiler *c, const AstExpr *e, Scope *scope, ObjStr *name,
                      int reg) {
    Unit unit;
    emit_begin(c, &unit, scope, name, name);
    const int value = compile_any(
        c, e->kind == AST_STARRED ? AST_AS(Starred, STARRED, e)->value : e);
    compile_at(c, e);
    emit_abc(c, OP_RETURN, value, 0, 0);
    ObjCode *code = emit_end(c);
    if (code == NULL) {
        return;
    }
    if (scope->sees_class) {
        emit_abc(c, OP_BUILD_TUPLE, reg, 0, 1);
    }
    compile_make_function(c, code, scope, reg, scope->sees_class ? HAS_DEFAULTS : 0);
}

/* Tells the type parameter R[reg] how to compute a part of it. `next` is the scope of the part,
 * and moves on. */
static void set_part(Compiler *c, const AstExpr *value, const Ident *param, const char *function,
                     int reg, Scope **next) {
    if (value == NULL) {
        return;
    }
    int window = begin_call(c);
    push_register(c, reg);
    make_lazy(c, value, *next, compile_name_str(c, param), emit_push(c));
    push_value(c, BOOL_VALUE(value->kind == AST_TUPLE));
    end_call(c, window, function, 3, reg);
    *next = (*next)->next_sibling;
}

static ObjCode *generic_code(Compiler *c, const AstStmt *s, const Ident *name,
                             const AstTypeParamSeq *type_params,
                             GenericDefinition *define) {
    Unit unit;
    char *text = arena_format(&c->arena, "<generic parameters of %s>", name->text);
    ObjStr *unit_name = compile_name_str(c, scope_ident(c, text, strlen(text)));
    Scope *scope = scope_of(&c->scopes, &type_params->items[0]->base);
    emit_begin(c, &unit, scope, unit_name, unit_name);
    int params = emit_push(c);
    int first = emit_push_n(c, type_params->n);
    for (uint32_t i = 0; i < type_params->n; i++) {
        make_param(c, type_params->items[i], first + (int)i);
    }
    Scope *next = scope->first_child;
    for (uint32_t i = 0; i < type_params->n; i++) {
        const AstTypeParam *param = type_params->items[i];
        set_part(c, param->bound, param->name, "set_bound", first + (int)i, &next);
        set_part(c, param->default_value, param->name, "set_default", first + (int)i, &next);
    }
    emit_abc(c, OP_BUILD_TUPLE, params, first, (int)type_params->n);
    emit_release(c, first);
    int window = emit_push_n(c, 4);
    define(c, s, params, window);
    int call = begin_call(c);
    push_register(c, window);
    push_register(c, params);
    end_call(c, call, "finish", 2, window);
    emit_abc(c, OP_RETURN, window, 0, 0);
    return emit_end(c);
}

int compile_generic(Compiler *c, const AstStmt *s, const Ident *name,
                    const AstTypeParamSeq *type_params, GenericDefinition *define) {
    int window = emit_push_n(c, FRAME_WORDS + 1);
    ObjCode *code = generic_code(c, s, name, type_params, define);
    if (code != NULL) {
        const Scope *scope = scope_of(&c->scopes, &type_params->items[0]->base);
        compile_at(c, s);
        compile_make_function(c, code, scope, window, 0);
        if (scope->sees_class) {
            emit_move(c, window + FRAME_WORDS, 0);
        }
        emit_abc(c, OP_CALL, window, scope->sees_class, window);
    }
    return window;
}

void compile_generic_bases(Compiler *c, int bases, int params) {
    int window = begin_call(c);
    push_register(c, bases);
    push_register(c, params);
    end_call(c, window, "bases", 2, bases);
}

/* The alias in R[window], from the function that computes its value. */
static void define_alias(Compiler *c, const AstStmt *statement, int params, int window) {
    const AstTypeAlias *s = AST_AS(TypeAlias, TYPE_ALIAS, statement);
    ObjStr *name = compile_name_str(c, s->name);
    int call = begin_call(c);
    push_value(c, OBJ_VALUE(name));
    make_lazy(c, s->value, scope_of(&c->scopes, &s->base), name, emit_push(c));
    if (params == REG_ANY) {
        push_value(c, c->cx->rt->empty_tuple);
    } else {
        push_register(c, params);
    }
    end_call(c, call, "alias", 3, window);
}

void compile_type_alias(Compiler *c, const AstTypeAlias *s) {
    int mark = (int)c->unit->top;
    int reg;
    if (s->type_params.n > 0) {
        reg = compile_generic(c, &s->base, s->name, &s->type_params, define_alias);
    } else {
        reg = emit_push(c);
        define_alias(c, &s->base, REG_ANY, reg);
    }
    compile_store(c, &s->base, s->name, reg);
    emit_release(c, mark);
}
