/* fold.c - expressions whose value is known when they are compiled.
 *
 * What would raise is left to the run; what would become large as well, by CPython's
 * limits. */

#include "interp/compiler.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/complex.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/range.h"
#include "runtime/objects/tuple.h"

enum { FOLD_MAX_INT_BITS = 128, FOLD_MAX_TEXT_BYTES = 4096, FOLD_MAX_ITEMS = 256 };

/* STEP binary-operators */
static const BinaryOp binary_ops[AST_OP_COUNT] = {
    [AST_OP_ADD] = BINARY_ADD,           [AST_OP_SUB] = BINARY_SUB,
    [AST_OP_MULT] = BINARY_MUL,          [AST_OP_MAT_MULT] = BINARY_MATMUL,
    [AST_OP_DIV] = BINARY_TRUEDIV,       [AST_OP_MOD] = BINARY_MOD,
    [AST_OP_POW] = BINARY_POW,           [AST_OP_L_SHIFT] = BINARY_LSHIFT,
    [AST_OP_R_SHIFT] = BINARY_RSHIFT,    [AST_OP_BIT_OR] = BINARY_OR,
    [AST_OP_BIT_XOR] = BINARY_XOR,       [AST_OP_BIT_AND] = BINARY_AND,
    [AST_OP_FLOOR_DIV] = BINARY_FLOORDIV};

BinaryOp fold_binary_op(AstOperator op) {
    return binary_ops[op];
}

/* ---- Literals ---- */

static bool looks_like_name(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        char ch = text[i];
        bool is_letter =
            (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
        if (!is_letter && !(ch >= '0' && ch <= '9')) {
            return false;
        }
    }
    return true;
}

static Value text_literal(Context *cx, const AstLiteral *l) {
    ObjStr *s = looks_like_name(l->text, l->n_bytes) ? str_intern(cx, l->text, l->n_bytes)
                                                     : str_new(cx, l->text, l->n_bytes);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

Value fold_literal_value(Context *cx, const AstLiteral *l) {
    switch (l->type) {
    case AST_LITERAL_NONE: return VALUE_NONE;
    case AST_LITERAL_FALSE: return VALUE_FALSE;
    case AST_LITERAL_TRUE: return VALUE_TRUE;
    case AST_LITERAL_ELLIPSIS: return VALUE_ELLIPSIS;
    case AST_LITERAL_INT: return int_from_i64(cx, l->integer);
    case AST_LITERAL_BIG_INT:
        return int_from_digits(cx, l->text, l->n_bytes, (int)l->base, true);
    case AST_LITERAL_FLOAT: return value_from_double_any(l->number);
    case AST_LITERAL_STR: return text_literal(cx, l);
    case AST_LITERAL_BYTES: {
        ObjBytes *bytes = bytes_new(cx, l->text, l->n_bytes);
        return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
    }
    case AST_LITERAL_COMPLEX: return complex_new(cx, (Complex){0.0, l->number});
    }
    return VALUE_NONE;
}

Value fold_literal(Compiler *c, const AstConstant *e) {
    const Value v = fold_literal_value(c->cx, &e->value);
    if (IS_ERROR(v) && e->value.type == AST_LITERAL_BIG_INT &&
        exc_take_if(c->cx, EXC_ValueError)) {
        compile_error(c, &e->base,
                      "Exceeds the limit (%d digits) for integer string conversion: "
                      "value has %zu digits; use "
                      "sys.set_int_max_str_digits() to increase the limit - Consider "
                      "hexadecimal for huge "
                      "integer literals to avoid decimal conversion limits.",
                      c->cx->rt->int_max_str_digits, e->value.n_bytes);
    }
    return compile_keep(c, v);
}

/* ---- Operators ---- */

static bool is_integer(Value v) {
    return IS_INT_LIKE(v);
}

static bool is_number(Value v) {
    return is_integer(v) || IS_FLOAT(v) || IS_COMPLEX(v);
}

static int64_t int_bits(Value v) {
    if (IS_BIG_INT(v)) {
        int64_t n = AS_BIG_INT(v)->n_limbs;
        return (n < 0 ? -n : n) * 64;
    }
    int64_t i = IS_BOOL(v) ? v == VALUE_TRUE : value_to_int(v);
    uint64_t magnitude = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    return magnitude == 0 ? 0 : 64 - __builtin_clzll(magnitude);
}

static bool is_small_int_result(BinaryOp op, Value a, Value b) {
    int64_t n;
    switch (op) {
    case BINARY_MUL: return int_bits(a) + int_bits(b) <= FOLD_MAX_INT_BITS;
    case BINARY_POW:
        return int_to_i64(b, &n) && n <= FOLD_MAX_INT_BITS &&
               int_bits(a) * n <= FOLD_MAX_INT_BITS;
    case BINARY_LSHIFT:
        return int_to_i64(b, &n) && n >= 0 && n <= FOLD_MAX_INT_BITS &&
               int_bits(a) + n <= FOLD_MAX_INT_BITS;
    default: return true;
    }
}

/* Of a sequence: its size in what the limits count. -1: no sequence. */
static int64_t sequence_size(Value v, int64_t *limit) {
    *limit = FOLD_MAX_TEXT_BYTES;
    if (IS_STR(v)) {
        return (int64_t)AS_STR(v)->n_bytes;
    }
    if (IS_BYTES(v)) {
        return (int64_t)AS_BYTES(v)->n_bytes;
    }
    *limit = FOLD_MAX_ITEMS;
    return IS_TUPLE(v) ? (int64_t)AS_TUPLE(v)->n : -1;
}

static bool is_foldable(BinaryOp op, Value a, Value b) {
    if (is_integer(a) && is_integer(b)) {
        return is_small_int_result(op, a, b);
    }
    if (is_number(a) && is_number(b)) {
        return true;
    }
    int64_t limit;
    int64_t n = sequence_size(a, &limit);
    if (op == BINARY_ADD) {
        int64_t other_limit;
        return n >= 0 && AS_OBJ(a)->kind == (IS_OBJ(b) ? AS_OBJ(b)->kind : KIND_FREE) &&
               n + sequence_size(b, &other_limit) <= limit;
    }
    if (op == BINARY_MUL) {
        Value times = n >= 0 ? b : a;
        n = n >= 0 ? n : sequence_size(b, &limit);
        return n >= 0 && IS_INT(times) && value_to_int(times) <= limit &&
               n * value_to_int(times) <= limit;
    }
    return false;
}

/* The result, or VALUE_UNSET when it raised something: then the run is to raise it. */
static Value result_or_unset(Compiler *c, Value v) {
    if (!IS_ERROR(v)) {
        return compile_keep(c, v);
    }
    if (exc_take_if(c->cx, EXC_MemoryError)) {
        exc_raise_no_memory(c->cx);
        compile_fail(c);
        return VALUE_UNSET;
    }
    exc_take(c->cx);
    return VALUE_UNSET;
}

Value fold_operation(Compiler *c, AstOperator operator, Value a, Value b) {
    BinaryOp op = fold_binary_op(operator);
    if (IS_UNSET(a) || IS_UNSET(b) || c->has_failed || !is_foldable(op, a, b)) {
        return VALUE_UNSET;
    }
    return result_or_unset(c, value_binary(c->cx, op, a, b));
}

const AstBinOp **fold_spine(Compiler *c, const AstBinOp *e, uint32_t *n,
                            const AstExpr **leftmost) {
    /* Counted, since the depth of a node stops at AST_MAX_DEPTH and a chain does not. */
    size_t length = 0;
    const AstExpr *node = &e->base;
    for (; node->kind == AST_BIN_OP; node = AST_AS(BinOp, BIN_OP, node)->left) {
        length++;
    }
    const AstBinOp **spine = arena_alloc(&c->arena, length * sizeof *spine);
    node = &e->base;
    for (*n = 0; node->kind == AST_BIN_OP; node = spine[*n - 1]->left) {
        spine[(*n)++] = AST_AS(BinOp, BIN_OP, node);
    }
    *leftmost = node;
    return spine;
}

static bool may_be_constant(const AstExpr *e) {
    return e->kind == AST_CONSTANT || e->kind == AST_UNARY_OP || e->kind == AST_TUPLE ||
           e->kind == AST_BIN_OP;
}

/* Chains grow to the left: one operand after the other, without recursion. */
static Value fold_binary(Compiler *c, const AstBinOp *e) {
    const AstExpr *node = &e->base;
    while (node->kind == AST_BIN_OP) {
        const AstBinOp *operation = AST_AS(BinOp, BIN_OP, node);
        if (!may_be_constant(operation->right)) {
            return VALUE_UNSET;
        }
        node = operation->left;
    }
    if (!may_be_constant(node)) {
        return VALUE_UNSET;
    }
    uint32_t n;
    const AstBinOp **spine = fold_spine(c, e, &n, &node);
    Value v = fold_constant(c, node);
    while (n-- > 0 && !IS_UNSET(v)) {
        v = fold_operation(c, spine[n]->op, v, fold_constant(c, spine[n]->right));
    }
    return v;
}

static Value fold_unary(Compiler *c, const AstUnaryOp *e) {
    Value v = fold_constant(c, e->operand);
    if (IS_UNSET(v) || c->has_failed) {
        return VALUE_UNSET;
    }
    if (e->op == AST_UNARY_NOT) {
        return BOOL_VALUE(value_is_true(c->cx, v) == 0);
    }
    if (!is_number(v)) {
        return VALUE_UNSET;
    }
    if (IS_BOOL(v)) {       /* without the warning that ~ of a bool gives when it runs */
        v = value_from_int(v == VALUE_TRUE);
    }
    UnaryOp op = e->op == AST_UNARY_INVERT  ? UNARY_INVERT
                 : e->op == AST_UNARY_U_SUB ? UNARY_NEG
                                            : UNARY_POS;
    return result_or_unset(c, value_unary(c->cx, op, v));
}

static Value fold_tuple(Compiler *c, const AstTuple *e) {
    if (e->ctx != AST_LOAD) {
        return VALUE_UNSET;
    }
    for (uint32_t i = 0; i < e->elts.n; i++) {
        uint8_t kind = e->elts.items[i]->kind;
        if (kind != AST_CONSTANT && kind != AST_UNARY_OP && kind != AST_BIN_OP &&
            kind != AST_TUPLE) {
            return VALUE_UNSET;
        }
    }
    ObjTuple *tuple = tuple_new(c->cx, e->elts.n);
    if (tuple == NULL) {
        compile_fail(c);
        return VALUE_UNSET;
    }
    for (uint32_t i = 0; i < e->elts.n; i++) {
        Value v = fold_constant(c, e->elts.items[i]);
        if (IS_UNSET(v) || c->has_failed) {
            return VALUE_UNSET;
        }
        tuple->items[i] = v;
    }
    return compile_keep(c, OBJ_VALUE(tuple));
}

static Value fold_part(Compiler *c, const AstExpr *part) {
    return part == NULL ? VALUE_NONE : fold_constant(c, part);
}

static Value fold_slice(Compiler *c, const AstSlice *e) {
    Value start = fold_part(c, e->lower);
    Value stop = IS_UNSET(start) ? VALUE_UNSET : fold_part(c, e->upper);
    Value step = IS_UNSET(stop) ? VALUE_UNSET : fold_part(c, e->step);
    if (IS_UNSET(step) || c->has_failed) {
        return VALUE_UNSET;
    }
    return compile_keep(c, slice_new(c->cx, start, stop, step));
}

Value fold_constant(Compiler *c, const AstExpr *e) {
    if (c->has_failed) {
        return VALUE_UNSET;
    }
    switch (e->kind) {
    case AST_CONSTANT: return fold_literal(c, AST_AS(Constant, CONSTANT, e));
    case AST_NAME:
        return scope_name_is(AST_AS(Name, NAME, e)->id, "__debug__") ? BOOL_VALUE(c->optimize == 0)
                                                                     : VALUE_UNSET;
    case AST_UNARY_OP:
    case AST_BIN_OP:
    case AST_TUPLE: break;
    case AST_SLICE: return fold_slice(c, AST_AS(Slice, SLICE, e));
    default: return VALUE_UNSET;
    }
    if (!exc_check_c_stack(c->cx)) {
        compile_fail(c);
        return VALUE_UNSET;
    }
    return e->kind == AST_UNARY_OP ? fold_unary(c, AST_AS(UnaryOp, UNARY_OP, e))
           : e->kind == AST_BIN_OP ? fold_binary(c, AST_AS(BinOp, BIN_OP, e))
                                   : fold_tuple(c, AST_AS(Tuple, TUPLE, e));
}

int fold_truth(Compiler *c, const AstExpr *e) {
    Value v = fold_constant(c, e);
    return IS_UNSET(v) || c->has_failed ? -1 : value_is_true(c->cx, v);
}
