/* compile.c - the entry, errors, and names as the runtime knows them. */

#include "interp/compile.h"

#include <stdarg.h>

#include "grammar/source_text.h"
#include "interp/compile_warn.h"
#include "interp/compiler.h"
#include "interp/state.h"
#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "runtime/objects/exception_fields.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str_build.h"
#include "runtime/objects/tuple.h"

/* ---- SyntaxError ---- */

/* The place of an error as SyntaxError keeps it: lines and columns from 1, line 0 for none;
 * text NULL for none. */
typedef struct ErrorPlace {
    uint32_t line;
    uint32_t column;
    uint32_t end_line;
    int64_t end_column; /* 0 and -1 where Python knows no better */
    const char *text;
    size_t n_text_bytes;
    bool has_line_end;
} ErrorPlace;

static Value number_or_none(bool is_known, int64_t n) {
    return is_known ? value_from_int(n) : VALUE_NONE;
}

/* SyntaxError(message, (filename, line, column, text, end_line, end_column)) */
static Value raise_at(Context *cx, ExcKind kind, const char *message, ObjStr *filename,
                      const ErrorPlace *place) {
    ObjStr *message_str = str_decode_lossy(cx, message, strlen(message), false);
    ObjStr *text = NULL;
    if (place->text != NULL) {
        Buf line = {0};
        buf_add(&line, place->text, place->n_text_bytes);
        if (place->has_line_end) {
            buf_add_byte(&line, '\n');
        }
        text = str_decode_lossy(cx, buf_text(&line), line.n_bytes, false);
        buf_free(&line);
        if (text == NULL) {
            return VALUE_ERROR;
        }
    }
    if (message_str == NULL) {
        return VALUE_ERROR;
    }
    const bool has_place = place->line != 0 || place->text != NULL;
    Value details = tuple_pack(
        cx, 6, OBJ_VALUE(filename), number_or_none(has_place, place->line),
        number_or_none(has_place, place->column),
        text == NULL ? VALUE_NONE : OBJ_VALUE(text),
        number_or_none(has_place, place->end_line),
        number_or_none(has_place, place->end_column));
    Value args = IS_ERROR(details) ? VALUE_ERROR
                                   : tuple_pack(cx, 2, OBJ_VALUE(message_str), details);
    Value exception = IS_ERROR(args) ? VALUE_ERROR : exc_new(cx, kind, args);
    return IS_ERROR(exception) ? VALUE_ERROR : exc_raise_object(cx, exception);
}

static bool goes_on(void *cx, size_t n_bytes) {
    return str_build_goes_on(cx, n_bytes);
}

ParseGuard compile_guard(Context *cx) {
    return (ParseGuard){goes_on, cx};
}

Value compile_raise_syntax(Context *cx, ObjStr *filename, const SyntaxError *error) {
    if (error->kind == SYNTAX_ERROR_STOPPED) {
        return VALUE_ERROR; /* by its guard, which raised the reason */
    }
    if (error->kind == SYNTAX_ERROR_MEMORY) {
        return exc_raise(cx, EXC_MemoryError, "%s", error->message);
    }
    ExcKind kind = error->kind == SYNTAX_ERROR_INDENTATION ? EXC_IndentationError
                   : error->kind == SYNTAX_ERROR_TAB       ? EXC_TabError
                                                           : EXC_SyntaxError;
    ErrorPlace place = {.line = error->line,
                        .column = error->column,
                        .end_line = error->end_line,
                        .end_column = error->end_column,
                        .text = error->text,
                        .n_text_bytes = error->text == NULL ? 0 : strlen(error->text),
                        .has_line_end = error->has_line_end};
    return raise_at(cx, kind, error->message, filename, &place);
}

/* The source line, from the text that is being compiled or from its file; false when it
 * is not to be had. */
static bool source_line(Compiler *c, uint32_t line, Buf *out) {
    if (c->text == NULL) {
        return exc_source_line(c->cx, c->filename, line, out);
    }
    const char *p = c->text;
    const char *end = c->text + c->n_text_bytes;
    for (uint32_t i = 1; i < line && p != NULL; i++) {
        p = memchr(p, '\n', (size_t)(end - p));
        p = p == NULL ? NULL : p + 1;
    }
    if (p == NULL || p >= end) {
        return false;
    }
    const char *stop = memchr(p, '\n', (size_t)(end - p));
    buf_add(out, p, (size_t)((stop == NULL ? end : stop) - p));
    return true;
}

/* A column in bytes from 0 as one in characters from 1. */
static uint32_t column_in_characters(const Buf *line, uint32_t column) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < column && i < line->n_bytes; i++) {
        n += (line->bytes[i] & 0xc0) != 0x80;
    }
    return n + 1;
}

bool compile_goes_on(Compiler *c) {
    const Unit *u = c->unit;
    const size_t n_bytes =
        c->warnings_arena->n_bytes + c->arena.n_bytes +
        (u == NULL ? 0
                   : u->code.n * sizeof *u->code.items + u->positions.n * sizeof *u->positions.items);
    if (!c->has_failed && !str_build_goes_on(c->cx, n_bytes)) {
        compile_fail(c);
    }
    return !c->has_failed;
}

void compile_error(Compiler *c, const AstNode *node, const char *format, ...) {
    if (c->has_failed) {
        return;
    }
    c->has_failed = true;
    va_list args;
    va_start(args, format);
    Buf message = {0};
    buf_add_format_v(&message, format, args);
    va_end(args);
    Buf line = {0};
    ErrorPlace place = {.line = node->line,
                        .end_line = node->end_line,
                        .column = node->col + 1,
                        .end_column = node->end_col + 1};
    if (source_line(c, node->line, &line)) {
        if (!c->is_decoded) { /* Python looks for the line in a file only */
            place.text = buf_text(&line);
            place.n_text_bytes = line.n_bytes;
            place.has_line_end = true;
        }
        place.column = column_in_characters(&line, node->col);
        if (node->end_line == node->line) {
            place.end_column = column_in_characters(&line, node->end_col);
        }
    }
    raise_at(c->cx, EXC_SyntaxError, buf_text(&message), c->filename, &place);
    buf_free(&message);
    buf_free(&line);
}

void compile_fail(Compiler *c) {
    c->has_failed = true;
}

Value compile_keep(Compiler *c, Value v) {
    if (IS_ERROR(v) || (IS_OBJ(v) && !list_append(c->cx, c->keep, v))) {
        compile_fail(c);
        return VALUE_NONE;
    }
    return v;
}

/* ---- Names ---- */

static void names_grow(Compiler *c) {
    NameEntry *old = c->names;
    uint32_t old_capacity = c->names_capacity;
    c->names_capacity = old_capacity == 0 ? 128 : old_capacity * 2;
    c->names = mem_alloc_zeroed(c->names_capacity, sizeof *c->names);
    for (uint32_t i = 0; i < old_capacity; i++) {
        if (old[i].name != NULL) {
            uint32_t at = old[i].name->hash & (c->names_capacity - 1);
            while (c->names[at].name != NULL) {
                at = (at + 1) & (c->names_capacity - 1);
            }
            c->names[at] = old[i];
        }
    }
    mem_free(old);
}

NameEntry *compile_name_entry(Compiler *c, const Ident *name) {
    if (c->n_names * 2 >= c->names_capacity) {
        names_grow(c);
    }
    uint32_t at = name->hash & (c->names_capacity - 1);
    while (c->names[at].name != NULL) {
        if (scope_same_name(c->names[at].name, name)) {
            return &c->names[at];
        }
        at = (at + 1) & (c->names_capacity - 1);
    }
    NameEntry *entry = &c->names[at];
    ObjStr *str = str_intern(c->cx, name->text, name->n_bytes);
    if (str == NULL) {
        compile_fail(c);
        str = c->cx->rt->empty_str;
    }
    compile_keep(c, OBJ_VALUE(str));
    *entry = (NameEntry){.name = name, .str = str};
    c->n_names++;
    return entry;
}

ObjStr *compile_name_str(Compiler *c, const Ident *name) {
    return compile_name_entry(c, name)->str;
}

ObjStr *compile_mangled_str(Compiler *c, const Ident *name) {
    return compile_name_str(c, scope_name(c, c->scope, name));
}

static uint32_t cell_of(Compiler *c, ObjModule *module, uint32_t *known, ObjStr *name) {
    if (*known == 0) {
        *known = module_cell(c->cx, module, name);
        if (*known == 0) {
            compile_fail(c);
        }
    }
    return *known;
}

uint32_t compile_module_cell(Compiler *c, const Ident *name) {
    NameEntry *entry = compile_name_entry(c, name);
    return cell_of(c, c->module, &entry->module_cell, entry->str);
}

uint32_t compile_builtin_cell(Compiler *c, const Ident *name) {
    NameEntry *entry = compile_name_entry(c, name);
    return cell_of(c, c->cx->rt->builtins, &entry->builtin_cell, entry->str);
}

const Ident *compile_first_component(Compiler *c, const Ident *dotted) {
    const char *dot = memchr(dotted->text, '.', dotted->n_bytes);
    return dot == NULL ? dotted
                       : scope_ident(c, dotted->text, (size_t)(dot - dotted->text));
}

ObjStr *compile_qualname(Compiler *c, const Ident *name) {
    const Scope *scope = c->scope->unit;
    const Unit *unit = c->unit;
    if (scope->is_type_params) {
        scope = scope->parent->unit;
        unit = unit->outer;
    }
    const Symbol *symbol = scope_lookup(c->scope, scope_name(c, c->scope, name));
    bool is_global = symbol != NULL && (symbol->flags & SYMBOL_GLOBAL);
    if (scope->kind == SCOPE_MODULE || is_global) {
        return compile_name_str(c, name);
    }
    const char *between = scope->kind == SCOPE_CLASS ? "." : ".<locals>.";
    Buf text = {0};
    buf_add(&text, unit->qualname->data, unit->qualname->n_bytes);
    buf_add_text(&text, between);
    buf_add(&text, name->text, name->n_bytes);
    ObjStr *qualname = str_new(c->cx, text.bytes, text.n_bytes);
    buf_free(&text);
    compile_keep(c, qualname == NULL ? VALUE_ERROR : OBJ_VALUE(qualname));
    return qualname;
}

/* A chain of calls over several lines is told apart by the line of each attribute. */
void compile_at_attribute(Compiler *c, const AstExpr *whole, const AstAttribute *e) {
    compile_at(c, whole);
    if (whole->line != e->base.end_line) {
        uint32_t n = e->attr->n_bytes;
        AstNode at = {.line = e->base.end_line,
                      .end_line = whole->end_line,
                      .col = e->base.end_col >= n ? e->base.end_col - n : 0,
                      .end_col = e->base.end_col};
        emit_set_position(c->unit, &at);
    }
}

/* ---- The entry ---- */

static const char *const future_features[] = {
    "nested_scopes",  "generators",     "division",         "absolute_import",
    "with_statement", "print_function", "unicode_literals", "barry_as_FLUFL",
    "generator_stop", "annotations"};

static bool check_future(Compiler *c, const AstImportFrom *s) {
    AstNode at = s->base; /* only its beginning is at fault */
    at.end_line = at.line;
    at.end_col = at.col + 1;
    for (uint32_t i = 0; i < s->names.n; i++) {
        const char *name = s->names.items[i]->name->text;
        bool is_known = false;
        for (size_t j = 0; j < sizeof future_features / sizeof *future_features; j++) {
            is_known |= strcmp(name, future_features[j]) == 0;
        }
        if (strcmp(name, "braces") == 0) {
            compile_error(c, &at, "not a chance");
        } else if (!is_known) {
            compile_error(c, &at, "future feature %s is not defined", name);
        }
        /* Without the source their text is not to be had: then they are evaluated. */
        c->has_future_annotations |= c->text != NULL && strcmp(name, "annotations") == 0;
    }
    return !c->has_failed;
}

static bool is_future(const AstStmt *s) {
    if (s->kind != AST_IMPORT_FROM) {
        return false;
    }
    const AstImportFrom *import = AST_AS(ImportFrom, IMPORT_FROM, s);
    return import->level == 0 && import->module != NULL &&
           strcmp(import->module->text, "__future__") == 0;
}

/* `from __future__` stands at the beginning, behind the documentation at most;
 * compile_stmt.c refuses others. */
static bool scan_future(Compiler *c, const AstModule *tree) {
    for (uint32_t i = 0; i < tree->body.n; i++) {
        const AstStmt *s = tree->body.items[i];
        bool is_doc = i == 0 && s->kind == AST_EXPR_STMT &&
                      AST_AS(ExprStmt, EXPR_STMT, s)->value->kind == AST_CONSTANT;
        if (is_future(s)) {
            if (!check_future(c, AST_AS(ImportFrom, IMPORT_FROM, s))) {
                return false;
            }
        } else if (!is_doc) {
            for (uint32_t j = i + 1; j < tree->body.n; j++) {
                if (is_future(tree->body.items[j])) {
                    compile_error(c, tree->body.items[j],
                                  "from __future__ imports must occur at the beginning "
                                  "of the file");
                    return false;
                }
            }
            break;
        }
    }
    return true;
}

static void store_docstring(Compiler *c, const AstModule *tree) {
    Value doc = compile_docstring(c, &tree->body);
    if (!IS_NONE(doc)) {
        compile_at(c, tree->body.items[0]);
        int reg = compile_constant(c, doc, REG_ANY);
        if (c->is_by_name) {
            compile_store_in_namespace(c, "__doc__", reg);
        } else {
            const Ident *name = scope_ident(c, "__doc__", 7);
            emit_abc_w(c, OP_STORE_GLOBAL, reg, 0, 0, compile_module_cell(c, name));
        }
        emit_release(c, (int)c->unit->n_fixed);
    }
}

/* R[reg] = __annotations__, or an exception that there is none. */
static void load_annotations(Compiler *c, const Ident *name, int reg) {
    if (c->is_by_name) { /* in the namespace itself, not behind it */
        const int key = compile_constant(c, OBJ_VALUE(compile_name_str(c, name)), REG_ANY);
        emit_abc(c, OP_GET_ITEM, reg, 0, key);
    } else {
        const uint32_t cell = compile_module_cell(c, name);
        emit_abc_ww(c, OP_LOAD_GLOBAL, reg, 0, 0, cell, cell);
    }
}

/* __annotations__ = {}, unless a statement typed before made it. */
static void make_annotations(Compiler *c) {
    const Ident *name = scope_ident(c, "__annotations__", 15);
    int reg = emit_push(c);
    Label missing = emit_label(c);
    Label end = emit_label(c);
    uint64_t *bound = emit_copy_bound(c);
    uint32_t from = emit_open_range(c);
    load_annotations(c, name, reg);
    emit_close_range(c, from, missing, reg);
    emit_jump(c, end);
    emit_bind_loop(c, missing, bound, emit_has_jumps(c, missing));
    emit_abc(c, OP_BUILD_DICT, reg, reg, 0);
    if (c->is_by_name) {
        compile_store_in_namespace(c, "__annotations__", reg);
    } else {
        emit_abc_w(c, OP_STORE_GLOBAL, reg, 0, 0, compile_module_cell(c, name));
    }
    emit_bind(c, end);
    emit_release(c, reg);
}

static void compile_module_body(Compiler *c, const AstModule *tree) {
    if (c->mode == PARSE_EVAL) {
        const AstExpr *e = AST_AS(ExprStmt, EXPR_STMT, tree->body.items[0])->value;
        compile_at(c, e);
        emit_abc(c, OP_RETURN, compile_any(c, e), 0, 0);
        return;
    }
    if (c->scope->has_annotations) {
        make_annotations(c);
    }
    if (c->mode == PARSE_FILE) {
        store_docstring(c, tree);
    }
    compile_body(c, &tree->body);
    emit_abx(c, OP_RETURN_IMM, 0, (uint32_t)VALUE_NONE);
}

static ObjCode *compile_in(Compiler *c, const AstModule *tree) {
    if (!scan_future(c, tree) || !scope_analyse(c, tree)) {
        return NULL;
    }
    ObjStr *name = str_intern(c->cx, "<module>", 8);
    if (name == NULL) {
        return NULL;
    }
    compile_keep(c, OBJ_VALUE(name));
    Unit unit;
    emit_begin(c, &unit, scope_of(&c->scopes, &tree->base), name, name);
    compile_module_body(c, tree);
    return emit_end(c);
}

/* What is compiled, and how. */
typedef struct Source {
    ObjModule *module;
    ObjStr *filename;
    const char *text;
    size_t n_bytes;
    ParseMode mode;
    bool is_by_name;
    bool is_decoded; /* a str: what it declares about its encoding means nothing */
} Source;

static ObjCode *compile_tree(Context *cx, const Source *source, const AstModule *tree,
                             Arena *arena, SyntaxWarning **warnings) {
    Compiler c = {.cx = cx,
                  .is_by_name = source->is_by_name,
                  .module = source->module,
                  .filename = source->filename,
                  .text = source->text,
                  .is_decoded = source->is_decoded,
                  .n_text_bytes = source->n_bytes,
                  .warnings_arena = arena,
                  .warnings_end = warnings,
                  .mode = source->mode,
                  .optimize = interp_of(cx)->options->optimize};
    c.keep = list_new(cx, 0);
    if (c.keep == NULL) {
        return NULL;
    }
    arena_init(&c.arena);
    ObjCode *code = compile_in(&c, tree);
    emit_free_spares(&c);
    scope_free(&c.scopes);
    mem_free(c.names);
    arena_free(&c.arena);
    return code;
}

/* The line of the SyntaxError that is pending; behind it nothing has been looked at. */
static uint32_t failed_line(Context *cx, ObjCode *code) {
    if (code != NULL || !exc_matches_kind(cx, cx->pending, EXC_SyntaxError)) {
        return UINT32_MAX;
    }
    const Value line = exc_syntax_place(AS_EXCEPTION(cx->pending), 0);
    return IS_INT(line) ? (uint32_t)value_to_int(line) : UINT32_MAX;
}

/* Shows the warnings of a text that was compiled (or, NULL, was not). */
static ObjCode *show_warnings(Context *cx, ObjStr *filename, const SyntaxWarning *parsed,
                              const SyntaxWarning *compiled, ObjCode *code) {
    if (parsed == NULL && compiled == NULL) {
        return code;
    }
    const uint32_t line = failed_line(cx, code);
    const Value exception = code == NULL ? exc_take(cx) : VALUE_UNSET;
    if (!compile_show_warnings(cx, filename, parsed, line) ||
        !compile_show_warnings(cx, filename, compiled, line)) {
        return NULL;
    }
    cx->pending = exception;
    return code;
}

/* The file that is run. Python reads it line by line, and so knows less of its end. */
static bool is_program(const Source *source) {
    return source->module != NULL && str_equals_c(source->module->name, "__main__") &&
           source->filename->n_bytes > 0 && source->filename->data[0] != '<';
}

static ObjCode *compile_text(Context *cx, Source *source, bool *is_incomplete) {
    Arena arena;
    arena_init(&arena);
    const char *name =
        arena_copy_text(&arena, source->filename->data, source->filename->n_bytes);
    SyntaxError error = {0};
    SyntaxWarning *warnings = NULL;
    const AstModule *tree = NULL;
    if (source->is_decoded ||
        source_decode(&arena, name, &source->text, &source->n_bytes, &error)) {
        const ParseGuard guard = compile_guard(cx);
        tree = parse_source(&arena, name, source->text, source->n_bytes, source->mode, &guard,
                            &error);
    }
    ObjCode *code = NULL;
    if (tree != NULL) {
        code = compile_tree(cx, source, tree, &arena, &warnings);
    } else {
        if (error.is_behind_end && is_program(source)) {
            error.column = 0;
        }
        compile_raise_syntax(cx, source->filename, &error);
    }
    code = show_warnings(cx, source->filename, error.warnings, warnings, code);
    if (is_incomplete != NULL) {
        *is_incomplete = tree == NULL && error.is_incomplete;
    }
    arena_free(&arena);
    return code;
}

ObjCode *compile_source(Context *cx, ObjModule *module, ObjStr *filename,
                        const char *text, size_t n_bytes, ParseMode mode,
                        bool *is_incomplete) {
    Source source = {.module = module,
                     .filename = filename,
                     .text = text,
                     .n_bytes = n_bytes,
                     .mode = mode};
    return compile_text(cx, &source, is_incomplete);
}

ObjCode *compile_by_name(Context *cx, ObjStr *filename, const char *text, size_t n_bytes,
                         ParseMode mode, bool is_decoded) {
    Source source = {.filename = filename,
                     .text = text,
                     .n_bytes = n_bytes,
                     .mode = mode,
                     .is_by_name = true,
                     .is_decoded = is_decoded};
    return compile_text(cx, &source, NULL);
}
