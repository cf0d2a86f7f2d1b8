/* compile_display.c - lists, tuples, sets, dicts and f-strings.
 *
 * Short ones are built from registers in a row; long ones in batches, so that the number
 * of elements is limited by memory alone. */

#include "interp/compiler.h"
#include "runtime/base/buf.h"
#include "runtime/objects/list.h"
#include "runtime/objects/tuple.h"

enum {
    DISPLAY_BATCH = 48,       /* elements that are built from registers at once */
    DISPLAY_MIN_CONSTANTS = 4 /* so many constants in a row are copied from a tuple */
};

static uint32_t batch_size(const Compiler *c) {
    uint32_t room = emit_room(c) / 2;
    return room < DISPLAY_BATCH ? (room < 1 ? 1 : room) : DISPLAY_BATCH;
}

static bool has_starred(const AstExprSeq *elts) {
    for (uint32_t i = 0; i < elts->n; i++) {
        if (elts->items[i]->kind == AST_STARRED) {
            return true;
        }
    }
    return false;
}

/* The elements in registers in a row. Locals that stand so are used where they are. */
static int push_all(Compiler *c, const AstExprSeq *elts, uint32_t from, uint32_t to) {
    int row = from < to ? compile_locals_in_a_row(c, elts, from, to) : REG_ANY;
    if (row != REG_ANY) {
        for (uint32_t i = from; i < to; i++) {
            compile_any(c, elts->items[i]);
        }
        return row;
    }
    int first = (int)c->unit->top;
    for (uint32_t i = from; i < to; i++) {
        compile_push(c, elts->items[i]);
    }
    return first;
}

/* ---- Runs of constants ---- */

static bool is_simple_constant(const AstExpr *e) {
    return e->kind == AST_CONSTANT || e->kind == AST_UNARY_OP || e->kind == AST_BIN_OP ||
           e->kind == AST_TUPLE;
}

/* The number of constants from `from` on; their values are appended to values. */
static uint32_t constant_run(Compiler *c, const AstExprSeq *elts, uint32_t from,
                             ObjList *values) {
    uint32_t n = 0;
    while (from + n < elts->n && is_simple_constant(elts->items[from + n])) {
        Value v = fold_constant(c, elts->items[from + n]);
        if (IS_UNSET(v) || c->has_failed) {
            break;
        }
        if (!list_append(c->cx, values, v)) {
            compile_fail(c);
            break;
        }
        n++;
    }
    return n;
}

/* Adds a run of constants that begins at `from` by `op` (LIST_EXTEND, SET_UPDATE); 0 when
 * it is too short. */
static uint32_t add_constants(Compiler *c, const AstNode *at, const AstExprSeq *elts,
                              uint32_t from, Opcode op, int container) {
    if (from + DISPLAY_MIN_CONSTANTS > elts->n ||
        !is_simple_constant(elts->items[from]) ||
        !is_simple_constant(elts->items[from + 1]) || c->has_failed) {
        return 0;
    }
    ObjList *values = list_new(c->cx, 0);
    if (values == NULL) {
        compile_fail(c);
        return 0;
    }
    uint32_t n = constant_run(c, elts, from, values);
    if (n < DISPLAY_MIN_CONSTANTS || c->has_failed) {
        return 0;
    }
    Value tuple = compile_keep(c, list_to_tuple(c->cx, values));
    int mark = (int)c->unit->top;
    int reg = compile_constant(c, tuple, REG_ANY);
    compile_at(c, at);
    emit_abc(c, op, container, reg, 0);
    emit_release(c, mark);
    return n;
}

/* ---- Sequences and sets ---- */

/* Adds the elements from `from` on to the list or set in R[container]. callee: 1 + the
 * register of what is called with them, or 0, for the message about a starred one that is
 * not iterable; Python knows the callee only where that is all there is. */
static void add_elements(Compiler *c, const AstNode *at, const AstExprSeq *elts,
                         uint32_t from, bool is_set, int container, int callee) {
    Opcode add = is_set ? OP_SET_ADD : OP_LIST_APPEND;
    Opcode extend = is_set ? OP_SET_UPDATE : OP_LIST_EXTEND;
    for (uint32_t i = from; i < elts->n && !c->has_failed; i++) {
        uint32_t n = add_constants(c, at, elts, i, extend, container);
        if (n > 0) {
            i += n - 1;
            continue;
        }
        const AstExpr *e = elts->items[i];
        bool is_starred = e->kind == AST_STARRED;
        int mark = (int)c->unit->top;
        int reg = compile_any(c, is_starred ? AST_AS(Starred, STARRED, e)->value : e);
        compile_at(c, at);
        emit_abc(c, is_starred ? extend : add, container, reg,
                 is_starred && elts->n == 1 ? callee : 0);
        emit_release(c, mark);
    }
}

/* Elements that can be built from registers at once, from the first on. */
static uint32_t first_batch(const Compiler *c, const AstExprSeq *elts) {
    uint32_t n = 0;
    while (n < elts->n && n < batch_size(c) && elts->items[n]->kind != AST_STARRED) {
        n++;
    }
    return n;
}

static bool is_all_constants(Compiler *c, const AstExprSeq *elts) {
    for (uint32_t i = 0; i < elts->n; i++) {
        if (!is_simple_constant(elts->items[i])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < elts->n; i++) {
        if (elts->items[i]->kind != AST_CONSTANT &&
            IS_UNSET(fold_constant(c, elts->items[i]))) {
            return false;
        }
    }
    return true;
}

/* A list or set, in a register that is no local when it takes more than one step. */
static int build(Compiler *c, const AstNode *at, const AstExprSeq *elts, bool is_set,
                 int callee, int target) {
    int mark = (int)c->unit->top;
    Opcode op = is_set ? OP_BUILD_SET : OP_BUILD_LIST;
    bool is_constant = elts->n >= DISPLAY_MIN_CONSTANTS && is_all_constants(c, elts);
    uint32_t n = is_constant ? 0 : first_batch(c, elts);
    if (n == elts->n) {
        int first = push_all(c, elts, 0, n);
        int dest = compile_dest(c, mark, target);
        compile_at(c, at);
        emit_abc(c, op, dest, first, (int)n);
        return dest;
    }
    int result = compile_begin_value(c, target);
    int inner = (int)c->unit->top;
    int first = push_all(c, elts, 0, n);
    compile_at(c, at);
    emit_abc(c, op, result, first, (int)n);
    emit_release(c, inner);
    add_elements(c, at, elts, n, is_set, result, callee);
    return compile_end_value(c, mark, result, target);
}

int compile_list(Compiler *c, const AstExpr *at, const AstExprSeq *elts, int target) {
    return build(c, at, elts, false, 0, target);
}

int compile_set(Compiler *c, const AstSet *e, int target) {
    return build(c, &e->base, &e->elts, true, 0, target);
}

static int build_tuple(Compiler *c, const AstExpr *at, const AstExprSeq *elts, int callee,
                       int target) {
    int mark = (int)c->unit->top;
    if (!has_starred(elts) && elts->n <= batch_size(c)) {
        int first = push_all(c, elts, 0, elts->n);
        int dest = compile_dest(c, mark, target);
        compile_at(c, at);
        emit_abc(c, OP_BUILD_TUPLE, dest, first, (int)elts->n);
        return dest;
    }
    int list = build(c, at, elts, false, callee, REG_ANY);
    int dest = compile_dest(c, mark, target);
    compile_at(c, at);
    emit_abc(c, OP_LIST_TO_TUPLE, dest, list, 0);
    return dest;
}

int compile_tuple(Compiler *c, const AstExpr *at, const AstExprSeq *elts, int target) {
    return build_tuple(c, at, elts, 0, target);
}

int compile_arguments(Compiler *c, const AstExpr *at, const AstExprSeq *args, int callee,
                      int target) {
    const bool is_all = args->n == 1; /* else it is a list that does not like what is no iterable */
    return build_tuple(c, at, args, is_all ? callee + 1 : 0, target);
}

/* ---- Dicts ---- */

static uint32_t first_pairs(const Compiler *c, const AstDict *e) {
    uint32_t most = batch_size(c) / 2;
    uint32_t n = 0;
    while (n < e->keys.n && n < most && e->keys.items[n] != NULL) {
        n++;
    }
    return n;
}

static void push_pairs(Compiler *c, const AstDict *e, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        compile_push(c, e->keys.items[i]);
        compile_push(c, e->values.items[i]);
    }
}

static void add_pair(Compiler *c, const AstDict *e, uint32_t i, int dict) {
    const AstExpr *key = e->keys.items[i];
    const AstExpr *value = e->values.items[i];
    int mark = (int)c->unit->top;
    if (key == NULL) {
        int mapping = compile_any(c, value);
        compile_at(c, e);
        emit_abc(c, OP_DICT_UPDATE, dict, mapping, 0);
    } else {
        int key_reg = compile_protect(c, compile_any(c, key), value);
        int value_reg = compile_any(c, value);
        compile_at(c, e);
        emit_abc(c, OP_DICT_ADD, dict, key_reg, value_reg);
    }
    emit_release(c, mark);
}

int compile_dict(Compiler *c, const AstDict *e, int target) {
    int mark = (int)c->unit->top;
    uint32_t n = first_pairs(c, e);
    int first = mark;
    if (n == e->keys.n) {
        push_pairs(c, e, n);
        int dest = compile_dest(c, mark, target);
        compile_at(c, e);
        emit_abc(c, OP_BUILD_DICT, dest, first, (int)n);
        return dest;
    }
    int result = compile_begin_value(c, target);
    first = (int)c->unit->top;
    push_pairs(c, e, n);
    compile_at(c, e);
    emit_abc(c, OP_BUILD_DICT, result, first, (int)n);
    emit_release(c, first);
    for (uint32_t i = n; i < e->keys.n && !c->has_failed; i++) {
        add_pair(c, e, i, result);
    }
    return compile_end_value(c, mark, result, target);
}

/* ---- f-strings ---- */

enum { FORMAT_HAS_SPEC = 4 };

static int conversion_bits(int32_t conversion) {
    return conversion == 's' ? 1 : conversion == 'r' ? 2 : conversion == 'a' ? 3 : 0;
}

static bool is_empty_spec(const AstExpr *spec) {
    return spec == NULL || (spec->kind == AST_JOINED_STR &&
                            AST_AS(JoinedStr, JOINED_STR, spec)->values.n == 0);
}

int compile_formatted_value(Compiler *c, const AstFormattedValue *e, int target) {
    int mark = (int)c->unit->top;
    int conversion = conversion_bits(e->conversion);
    if (is_empty_spec(e->format_spec)) {
        int value = compile_any(c, e->value);
        int dest = compile_dest(c, mark, target);
        compile_at(c, e);
        emit_abc(c, OP_FORMAT, dest, value, conversion);
        return dest;
    }
    int value = compile_push(c, e->value);
    compile_push(c, e->format_spec);
    int dest = compile_dest(c, mark, target);
    compile_at(c, e);
    emit_abc(c, OP_FORMAT, dest, value, conversion | FORMAT_HAS_SPEC);
    return dest;
}

/* The text of neighbouring literals from *i on, which moves behind them. */
static Value merged_text(Compiler *c, const AstExprSeq *values, uint32_t *i) {
    Buf text = {0};
    while (*i < values->n && values->items[*i]->kind == AST_CONSTANT) {
        const AstLiteral *l = &AST_AS(Constant, CONSTANT, values->items[*i])->value;
        buf_add(&text, l->text, l->n_bytes);
        ++*i;
    }
    ObjStr *s = str_new(c->cx, text.bytes == NULL ? "" : text.bytes, text.n_bytes);
    buf_free(&text);
    return compile_keep(c, s == NULL ? VALUE_ERROR : OBJ_VALUE(s));
}

/* The parts are joined in batches: what was joined so far is the first part of the next
 * batch. */
static uint32_t push_parts(Compiler *c, const AstJoinedStr *e, int first) {
    uint32_t most = batch_size(c) + 1;
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->values.n && !c->has_failed; n++) {
        if (n == most) {
            compile_at(c, e);
            emit_abc(c, OP_BUILD_STRING, first, first, (int)n);
            emit_release(c, first + 1);
            n = 1;
        }
        const AstExpr *part = e->values.items[i];
        int reg = emit_push(c);
        if (part->kind == AST_CONSTANT) {
            compile_constant(c, merged_text(c, &e->values, &i), reg);
        } else {
            compile_expr(c, part, reg);
            i++;
        }
    }
    return n;
}

int compile_joined_str(Compiler *c, const AstJoinedStr *e, int target) {
    if (e->values.n == 0) {
        return compile_constant(c, OBJ_VALUE(c->cx->rt->empty_str), target);
    }
    if (e->values.n == 1) {
        return compile_expr(c, e->values.items[0], target);
    }
    int mark = (int)c->unit->top;
    uint32_t n = push_parts(c, e, mark);
    int dest = compile_dest(c, mark, target);
    compile_at(c, e);
    if (n == 1) {
        emit_move(c, dest, mark);
    } else {
        emit_abc(c, OP_BUILD_STRING, dest, mark, (int)n);
    }
    return dest;
}
