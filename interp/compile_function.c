/* compile_function.c - def, lambda and class: code of their own, and what is evaluated
 * where they are defined.
 *
 * MAKE_FUNCTION takes defaults, keyword defaults and annotations from R[A], R[A+1],
 * R[A+2]. */

#include "interp/compiler.h"
#include "interp/frame.h"
#include "runtime/base/buf.h"
#include "runtime/objects/tuple.h"

/* ---- Documentation ---- */

static size_t leading_spaces(const char *line, const char *end) {
    size_t n = 0;
    while (line + n < end && line[n] == ' ') {
        n++;
    }
    return n;
}

/* The smallest indentation of the lines behind the first that are not blank. */
static size_t common_margin(const char *text, const char *end) {
    size_t margin = SIZE_MAX;
    const char *p = memchr(text, '\n', (size_t)(end - text));
    while (p != NULL) {
        const char *line = p + 1;
        size_t n = leading_spaces(line, end);
        if (line + n < end && line[n] != '\n' && n < margin) {
            margin = n;
        }
        p = memchr(line, '\n', (size_t)(end - line));
    }
    return margin == SIZE_MAX ? 0 : margin;
}

/* With spaces up to the next column that 8 divides in the place of each tab. */
static void add_without_tabs(Buf *out, const char *text, size_t n_bytes) {
    size_t column = 0;
    for (size_t i = 0; i < n_bytes; i++) {
        const bool is_tab = text[i] == '\t';
        const bool is_end = text[i] == '\n' || text[i] == '\r';
        for (size_t n = is_tab ? 8 - column % 8 : 0; n > 0; n--, column++) {
            buf_add_byte(out, ' ');
        }
        if (!is_tab) {
            buf_add_byte(out, text[i]);
            column = is_end ? 0 : column + ((text[i] & 0xC0) != 0x80);
        }
    }
}

/* Without the indentation that all lines share; of blank lines nothing but their end is
 * left of it. */
static void add_cleaned(Buf *out, const char *text, size_t n_bytes) {
    const char *end = text + n_bytes;
    size_t margin = common_margin(text, end);
    const char *line = text + leading_spaces(text, end);
    for (bool is_first = true; line <= end; is_first = false) {
        const char *stop = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
        stop = stop == NULL ? end : stop;
        size_t n = leading_spaces(line, stop);
        size_t skip = is_first ? 0 : n < margin ? n : margin;
        buf_add(out, line + skip, (size_t)(stop - line) - skip);
        if (stop == end) {
            break;
        }
        buf_add_byte(out, '\n');
        line = stop + 1;
    }
}

Value compile_docstring(Compiler *c, const AstStmtSeq *body) {
    if (body->n == 0 || body->items[0]->kind != AST_EXPR_STMT || c->optimize > 1) {
        return VALUE_NONE;
    }
    const AstExpr *e = AST_AS(ExprStmt, EXPR_STMT, body->items[0])->value;
    if (e->kind != AST_CONSTANT ||
        AST_AS(Constant, CONSTANT, e)->value.type != AST_LITERAL_STR) {
        return VALUE_NONE;
    }
    const AstLiteral *l = &AST_AS(Constant, CONSTANT, e)->value;
    Buf text = {0};
    if (memchr(l->text, '\t', l->n_bytes) == NULL) {
        add_cleaned(&text, l->text, l->n_bytes);
    } else {
        Buf spaced = {0};
        add_without_tabs(&spaced, l->text, l->n_bytes);
        add_cleaned(&text, spaced.bytes, spaced.n_bytes);
        buf_free(&spaced);
    }
    ObjStr *doc = str_new(c->cx, text.bytes == NULL ? "" : text.bytes, text.n_bytes);
    buf_free(&text);
    return compile_keep(c, doc == NULL ? VALUE_ERROR : OBJ_VALUE(doc));
}

/* ---- Annotations ---- */

/* Where a line of the source begins. Annotations are met in order, so the search goes on
 * from the last one. */
static size_t line_start(Compiler *c, uint32_t line) {
    if (line < c->known_line || c->known_line == 0) {
        c->known_line = 1;
        c->known_line_at = 0;
    }
    while (c->known_line < line && c->known_line_at < c->n_text_bytes) {
        const char *p =
            memchr(c->text + c->known_line_at, '\n', c->n_text_bytes - c->known_line_at);
        c->known_line_at = p == NULL ? c->n_text_bytes : (size_t)(p - c->text) + 1;
        c->known_line++;
    }
    return c->known_line_at;
}

static Value source_text(Compiler *c, const AstExpr *e) {
    size_t from = line_start(c, e->line) + e->col;
    size_t to = line_start(c, e->end_line) + e->end_col;
    bool is_valid = from <= to && to <= c->n_text_bytes;
    ObjStr *s = str_new(c->cx, is_valid ? c->text + from : "", is_valid ? to - from : 0);
    return compile_keep(c, s == NULL ? VALUE_ERROR : OBJ_VALUE(s));
}

int compile_annotation(Compiler *c, const AstExpr *annotation, int target) {
    if (c->has_future_annotations) {
        return compile_constant(c, source_text(c, annotation), target);
    }
    if (annotation->kind == AST_STARRED) { /* *args: *Ts */
        int mark = (int)c->unit->top;
        int source = compile_any(c, AST_AS(Starred, STARRED, annotation)->value);
        int dest = compile_dest(c, mark, target);
        compile_at(c, annotation);
        emit_abc(c, OP_UNPACK, source, dest, 1);
        return dest;
    }
    return compile_expr(c, annotation, target);
}

/* ---- Functions ---- */

void compile_make_function(Compiler *c, ObjCode *code, const Scope *scope, int reg,
                           int flags) {
    int mark = (int)c->unit->top;
    uint32_t cells[SCOPE_MAX_FREE];
    for (size_t i = 0; i < scope->free.n; i++) {
        const Symbol *owner = scope->free.items[i];
        if (owner->scope->unit != c->unit->scope) {
            cells[i] = 0x80000000u + scope_free_index(c->unit->scope, owner);
        } else if (owner->place == PLACE_FAR) {
            cells[i] = (uint32_t)compile_push_far_cell(c, owner);
        } else {
            cells[i] = owner->index;
        }
    }
    emit_abc_w(c, OP_MAKE_FUNCTION, reg, flags, 0, emit_constant(c, OBJ_VALUE(code)));
    for (size_t i = 0; i < scope->free.n; i++) {
        emit_word(c, cells[i]);
    }
    emit_release(c, mark);
}

static int defaults_flags(const AstArguments *args) {
    int flags = args->defaults.n > 0 ? HAS_DEFAULTS : 0;
    for (uint32_t i = 0; i < args->kw_defaults.n; i++) {
        flags |= args->kw_defaults.items[i] != NULL ? HAS_KWDEFAULTS : 0;
    }
    return flags;
}

static void load_defaults(Compiler *c, const AstNode *at, const AstExprSeq *defaults,
                          int reg) {
    ObjTuple *tuple = tuple_new(c->cx, defaults->n);
    if (tuple == NULL) {
        compile_fail(c);
        return;
    }
    for (uint32_t i = 0; i < defaults->n; i++) {
        Value v = fold_constant(c, defaults->items[i]);
        if (IS_UNSET(v)) {
            compile_tuple(c, at, defaults, reg);
            return;
        }
        tuple->items[i] = v;
    }
    emit_load_constant(c, reg, compile_keep(c, OBJ_VALUE(tuple)));
}

static void add_named(Compiler *c, const AstNode *at, ObjStr *name, int value, int dict) {
    int key = compile_constant(c, OBJ_VALUE(name), REG_ANY);
    compile_at(c, at);
    emit_abc(c, OP_DICT_ADD, dict, key, value);
}

static void load_kwdefaults(Compiler *c, const AstNode *at, const AstArguments *args,
                            int reg) {
    emit_abc(c, OP_BUILD_DICT, reg, reg, 0);
    for (uint32_t i = 0; i < args->kw_defaults.n; i++) {
        if (args->kw_defaults.items[i] != NULL) {
            int mark = (int)c->unit->top;
            int value = compile_any(c, args->kw_defaults.items[i]);
            add_named(c, at, compile_mangled_str(c, args->kwonlyargs.items[i]->arg),
                      value, reg);
            emit_release(c, mark);
        }
    }
}

static void add_annotation(Compiler *c, const AstExpr *annotation, ObjStr *name,
                           int dict) {
    int mark = (int)c->unit->top;
    int value = compile_annotation(c, annotation, REG_ANY);
    add_named(c, annotation, name, value, dict);
    emit_release(c, mark);
}

static void add_argument_annotation(Compiler *c, const AstArg *arg, int dict) {
    if (arg != NULL && arg->annotation != NULL) {
        add_annotation(c, arg->annotation, compile_mangled_str(c, arg->arg), dict);
    }
}

static void load_annotations(Compiler *c, const AstArguments *args,
                             const AstExpr *returns, int reg) {
    emit_abc(c, OP_BUILD_DICT, reg, reg, 0);
    for (uint32_t i = 0; i < args->posonlyargs.n; i++) {
        add_argument_annotation(c, args->posonlyargs.items[i], reg);
    }
    for (uint32_t i = 0; i < args->args.n; i++) {
        add_argument_annotation(c, args->args.items[i], reg);
    }
    add_argument_annotation(c, args->vararg, reg);
    for (uint32_t i = 0; i < args->kwonlyargs.n; i++) {
        add_argument_annotation(c, args->kwonlyargs.items[i], reg);
    }
    add_argument_annotation(c, args->kwarg, reg);
    if (returns != NULL) {
        add_annotation(c, returns, compile_name_str(c, scope_ident(c, "return", 6)), reg);
    }
}

static bool is_annotated(const AstArgSeq *args) {
    for (uint32_t i = 0; i < args->n; i++) {
        if (args->items[i]->annotation != NULL) {
            return true;
        }
    }
    return false;
}

static bool has_annotations(const AstArguments *args, const AstExpr *returns) {
    return returns != NULL || is_annotated(&args->posonlyargs) ||
           is_annotated(&args->args) || is_annotated(&args->kwonlyargs) ||
           (args->vararg != NULL && args->vararg->annotation != NULL) ||
           (args->kwarg != NULL && args->kwarg->annotation != NULL);
}

/* Loads what goes with a function into R[reg..reg+2]: the flags of MAKE_FUNCTION. */
static int load_extras(Compiler *c, const AstNode *at, const AstArguments *args,
                       const AstExpr *returns, int reg) {
    int flags = defaults_flags(args);
    if (flags & HAS_DEFAULTS) {
        load_defaults(c, at, &args->defaults, reg);
    }
    if (flags & HAS_KWDEFAULTS) {
        load_kwdefaults(c, at, args, reg + 1);
    }
    if (has_annotations(args, returns)) {
        flags |= HAS_ANNOTATIONS;
        load_annotations(c, args, returns, reg + 2);
    }
    return flags;
}

static ObjCode *function_code(Compiler *c, const AstFunctionDef *s) {
    Unit unit;
    ObjStr *qualname = compile_qualname(c, s->name);
    emit_begin(c, &unit, scope_of(&c->scopes, &s->base), compile_name_str(c, s->name),
               qualname);
    unit.doc = compile_docstring(c, &s->body);
    compile_body(c, &s->body);
    emit_abx(c, OP_RETURN_IMM, 0, (uint32_t)VALUE_NONE);
    return emit_end(c);
}

static ObjCode *lambda_code(Compiler *c, const AstLambda *e) {
    Unit unit;
    const Ident *name = scope_ident(c, "<lambda>", 8);
    ObjStr *qualname = compile_qualname(c, name);
    emit_begin(c, &unit, scope_of(&c->scopes, &e->base), compile_name_str(c, name),
               qualname);
    int reg = compile_any(c, e->body);
    compile_at(c, e->body);
    emit_abc(c, OP_RETURN, reg, 0, 0);
    return emit_end(c);
}

int compile_lambda(Compiler *c, const AstLambda *e, int target) {
    int mark = (int)c->unit->top;
    int window = emit_push_n(c, 3);
    int flags = load_extras(c, &e->base, e->args, NULL, window);
    ObjCode *code = lambda_code(c, e);
    if (code == NULL) {
        return 0;
    }
    int reg = flags == 0 ? compile_dest(c, mark, target) : window;
    compile_at(c, e);
    compile_make_function(c, code, scope_of(&c->scopes, &e->base), reg, flags);
    return flags == 0 ? reg : compile_end_value(c, mark, window, target);
}

/* ---- Decorators: one call window on top of the other, the last one's argument is what
 * they decorate ---- */

static void push_decorators(Compiler *c, const AstExprSeq *decorators) {
    for (uint32_t i = 0; i < decorators->n; i++) {
        int window = emit_push_n(c, FRAME_WORDS);
        compile_expr(c, decorators->items[i], window);
    }
}

static void call_decorators(Compiler *c, const AstExprSeq *decorators, int decorated) {
    for (uint32_t i = decorators->n; i-- > 0;) {
        decorated -= FRAME_WORDS;
        compile_at(c, decorators->items[i]);
        emit_abc(c, OP_CALL, decorated, 1, decorated);
    }
}

/* The function in R[window], or in local if that is no REG_ANY. */
static void define_function(Compiler *c, const AstFunctionDef *s, int window, int local) {
    int flags = load_extras(c, &s->base, s->args, s->returns, window);
    ObjCode *code = function_code(c, s);
    if (code == NULL) {
        return;
    }
    compile_at(c, s);
    bool is_direct = flags == 0 && local != REG_ANY;
    compile_make_function(c, code, scope_of(&c->scopes, &s->base), is_direct ? local : window,
                          flags);
    if (local != REG_ANY && !is_direct) {
        emit_move(c, local, window);
    }
}

/* In the function around a generic one. */
static void define_generic_function(Compiler *c, const AstStmt *s, int params, int window) {
    (void)params;
    define_function(c, AST_AS(FunctionDef, FUNCTION_DEF, s), window, REG_ANY);
}

void compile_function_def(Compiler *c, const AstFunctionDef *s) {
    int mark = (int)c->unit->top;
    push_decorators(c, &s->decorator_list);
    if (s->type_params.n > 0) {
        int reg = compile_generic(c, &s->base, s->name, &s->type_params,
                                  define_generic_function);
        call_decorators(c, &s->decorator_list, reg);
        compile_store(c, &s->base, s->name, mark);
    } else {
        int window = emit_push_n(c, 3);
        AstName name = {.base = {.kind = AST_NAME}, .id = s->name};
        int local = s->decorator_list.n == 0 ? compile_local_register(c, &name.base) : REG_ANY;
        define_function(c, s, window, local);
        call_decorators(c, &s->decorator_list, window);
        compile_store(c, &s->base, s->name, local != REG_ANY ? local : mark);
    }
    emit_release(c, mark);
}

/* ---- Classes ---- */

void compile_store_in_namespace(Compiler *c, const char *name, int reg) {
    ObjStr *str = compile_name_str(c, scope_ident(c, name, strlen(name)));
    emit_abc_w(c, OP_STORE_NAME, reg, 0, 0, emit_constant(c, OBJ_VALUE(str)));
}

/* The line where it begins, with its decorators. */
static uint32_t first_line(const AstClassDef *s) {
    return s->decorator_list.n > 0 ? s->decorator_list.items[0]->line : s->base.line;
}

static void class_head(Compiler *c, const AstClassDef *s) {
    const Ident *name = scope_ident(c, "__name__", 8);
    int reg = emit_push(c);
    compile_load_global(c, name, reg);
    compile_store_in_namespace(c, "__module__", reg);
    emit_load_constant(c, reg, OBJ_VALUE(c->unit->qualname));
    compile_store_in_namespace(c, "__qualname__", reg);
    emit_load_constant(c, reg, value_from_int(first_line(s)));
    compile_store_in_namespace(c, "__firstlineno__", reg);
    if (c->scope->has_annotations) {
        emit_abc(c, OP_BUILD_DICT, reg, reg, 0);
        compile_store_in_namespace(c, "__annotations__", reg);
    }
    Value doc = compile_docstring(c, &s->body);
    if (!IS_NONE(doc)) {
        emit_load_constant(c, reg, doc);
        compile_store_in_namespace(c, "__doc__", reg);
    }
    emit_release(c, reg);
}

static void class_end(Compiler *c, const Unit *unit) {
    const size_t n = unit->self_attributes.n;
    ObjTuple *names = tuple_new(c->cx, n);
    for (size_t i = 0; names != NULL && i < n; i++) {
        names->items[i] = OBJ_VALUE(compile_name_str(c, unit->self_attributes.items[i]));
    }
    Value kept = compile_keep(c, names == NULL ? VALUE_ERROR : OBJ_VALUE(names));
    int reg = emit_push(c);
    emit_load_constant(c, reg, kept);
    compile_store_in_namespace(c, "__static_attributes__", reg);
    emit_release(c, reg);
}

static ObjCode *class_code(Compiler *c, const AstClassDef *s) {
    Unit unit;
    ObjStr *qualname = compile_qualname(c, s->name);
    emit_begin(c, &unit, scope_of(&c->scopes, &s->base), compile_name_str(c, s->name),
               qualname);
    class_head(c, s);
    compile_body(c, &s->body);
    class_end(c, &unit);
    const Symbol *cell = unit.scope->class_cell;
    if (cell != NULL && cell->place == PLACE_CELL) {
        emit_abc(c, OP_RETURN, (int)cell->index, 0, 0);
    } else {
        emit_abx(c, OP_RETURN_IMM, 0, (uint32_t)VALUE_NONE);
    }
    return emit_end(c);
}

/* The class in R[window]; params: the register of its type parameters, or REG_ANY. */
static void define_class(Compiler *c, const AstClassDef *s, int params, int window) {
    ObjCode *code = class_code(c, s);
    if (code == NULL) {
        return;
    }
    compile_at(c, s);
    compile_make_function(c, code, scope_of(&c->scopes, &s->base), window, 0);
    emit_load_constant(c, window + 1, OBJ_VALUE(code->name));
    if (s->bases.n > 0) {
        compile_tuple(c, &s->base, &s->bases, window + 2);
    } else {
        emit_load_constant(c, window + 2, c->cx->rt->empty_tuple);
    }
    if (params != REG_ANY) {
        compile_generic_bases(c, window + 2, params);
    }
    if (s->keywords.n > 0) {
        compile_keywords_dict(c, &s->base, &s->keywords, window + 3, window);
    } else {
        emit_load_constant(c, window + 3, VALUE_UNSET);
    }
    compile_at(c, s);
    emit_abc(c, OP_BUILD_CLASS, window, 0, 0);
}

static void define_generic_class(Compiler *c, const AstStmt *s, int params, int window) {
    define_class(c, AST_AS(ClassDef, CLASS_DEF, s), params, window);
}

void compile_class_def(Compiler *c, const AstClassDef *s) {
    int mark = (int)c->unit->top;
    push_decorators(c, &s->decorator_list);
    int window;
    if (s->type_params.n > 0) {
        window = compile_generic(c, &s->base, s->name, &s->type_params, define_generic_class);
    } else {
        window = emit_push_n(c, 4);
        define_class(c, s, REG_ANY, window);
    }
    call_decorators(c, &s->decorator_list, window);
    compile_store(c, &s->base, s->name, mark);
    emit_release(c, mark);
}
