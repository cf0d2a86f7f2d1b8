/* emit.c - instructions, registers, labels and constants of a unit. emit_code.c makes the
 * code object of it. */

#include "interp/emit.h"

#include "interp/compiler.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/complex.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/tuple.h"

/* ---- Instructions ---- */

/* Lines matter to --dis for all instructions, columns only where an exception can show
 * them. */
static void note_position(Unit *u, Opcode op) {
    if (u->positions.n > 0) {
        const CodePosition *last = vec_last(&u->positions);
        bool is_same = last->line == u->where.line;
        if (is_same && (op_info[op].flags & F_RAISES)) {
            is_same = last->column == u->where.column &&
                      last->end_column == u->where.end_column &&
                      last->end_line == u->where.end_line;
        }
        if (is_same) {
            return;
        }
    }
    CodePosition position = u->where;
    position.at = emit_here(u);
    vec_push(&u->positions, position);
}

/* False when nothing is to be emitted. */
static bool emit_first(Compiler *c, Instruction ins) {
    Unit *u = c->unit;
    if (u->is_dead || c->has_failed) {
        return false;
    }
    note_position(u, (Opcode)INS_OP(ins));
    vec_push(&u->code, ins);
    return true;
}

static void go_dead(Unit *u) {
    u->is_dead = true;
    memset(u->bound, 0xff, u->n_bound_words * sizeof *u->bound);
}

void emit_abc(Compiler *c, Opcode op, int a, int b, int operand_c) {
    if (emit_first(c,
                   ins_abc(op, (unsigned)a & 0xff, (unsigned)b, (unsigned)operand_c)) &&
        (op_info[op].flags & F_END)) {
        go_dead(c->unit);
    }
}

void emit_abx(Compiler *c, Opcode op, int a, uint32_t bx) {
    if (emit_first(c, ins_abx(op, (unsigned)a & 0xff, bx)) &&
        (op_info[op].flags & F_END)) {
        go_dead(c->unit);
    }
}

void emit_abc_w(Compiler *c, Opcode op, int a, int b, int operand_c, uint32_t w) {
    if (emit_first(c,
                   ins_abc(op, (unsigned)a & 0xff, (unsigned)b, (unsigned)operand_c))) {
        vec_push(&c->unit->code, w);
    }
}

void emit_abc_ww(Compiler *c, Opcode op, int a, int b, int operand_c, uint32_t w,
                 uint32_t w2) {
    if (emit_first(c,
                   ins_abc(op, (unsigned)a & 0xff, (unsigned)b, (unsigned)operand_c))) {
        vec_push(&c->unit->code, w);
        vec_push(&c->unit->code, w2);
    }
}

void emit_word(Compiler *c, uint32_t word) {
    if (!c->unit->is_dead && !c->has_failed) {
        vec_push(&c->unit->code, word);
    }
}

void emit_move(Compiler *c, int to, int from) {
    if (to != from) {
        emit_abc(c, OP_MOVE, to, from, 0);
    }
}

/* ---- Labels and jumps ---- */

Label emit_label(Compiler *c) {
    vec_push(&c->unit->labels, (LabelState){.at = -1});
    return (Label)(c->unit->labels.n - 1);
}

bool emit_has_jumps(const Compiler *c, Label label) {
    return c->unit->labels.items[label].n_jumps > 0;
}

static void meet(uint64_t *into, const uint64_t *with, uint32_t n_words) {
    for (uint32_t i = 0; i < n_words; i++) {
        into[i] &= with[i];
    }
}

/* A jump to what comes next anyway is taken back, unless a range of a handler ends with
 * it. */
static void drop_last_jump(Unit *u, Label label) {
    if (!u->is_dead || u->patches.n == 0 || vec_last(&u->patches)->label != label ||
        vec_last(&u->patches)->at + 1 != u->code.n || u->last_boundary == u->code.n) {
        return;
    }
    u->patches.n--;
    u->code.n--;
    while (u->positions.n > 0 && vec_last(&u->positions)->at >= u->code.n) {
        u->positions.n--;
    }
}

void emit_bind(Compiler *c, Label label) {
    Unit *u = c->unit;
    LabelState *l = &u->labels.items[label];
    if (l->n_jumps > 0) {
        drop_last_jump(u, label);
        meet(u->bound, l->bound, u->n_bound_words);
        u->is_dead = false;
    }
    l->at = (int32_t)emit_here(u);
}

void emit_bind_loop(Compiler *c, Label label, const uint64_t *bound, bool is_reached) {
    Unit *u = c->unit;
    u->labels.items[label].at = (int32_t)emit_here(u);
    if (is_reached) {
        u->is_dead = false;
        memcpy(u->bound, bound, u->n_bound_words * sizeof *bound);
        emit_forget_fragile(u);
    }
}

static bool note_jump(Compiler *c, Label label) {
    Unit *u = c->unit;
    LabelState *l = &u->labels.items[label];
    l->n_jumps++;
    if (l->at < 0) {
        if (l->bound == NULL) {
            l->bound = emit_copy_bound(c);
        } else {
            meet(l->bound, u->bound, u->n_bound_words);
        }
    }
    vec_push(&u->patches, (Patch){emit_here(u), label});
    return l->at >= 0;
}

void emit_jump(Compiler *c, Label label) {
    if (c->unit->is_dead || c->has_failed) {
        return;
    }
    bool is_back = note_jump(c, label);
    emit_first(c, is_back ? OP_JUMP_BACK : OP_JUMP);
    go_dead(c->unit);
}

void emit_jump_if(Compiler *c, Opcode op, int a, int b, int operand_c, Label label) {
    if (c->unit->is_dead || c->has_failed) {
        return;
    }
    if (note_jump(c, label)) {
        op = op == OP_JUMP_IF_TRUE    ? OP_JUMP_IF_TRUE_BACK
             : op == OP_JUMP_IF_FALSE ? OP_JUMP_IF_FALSE_BACK
                                      : op;
    }
    emit_abc_w(c, op, a, b, operand_c, 0);
}

/* ---- Locals known to be bound ---- */

static bool is_tracked(const Unit *u, uint32_t local) {
    return local < u->n_bound_words * 64;
}

bool emit_is_bound(const Unit *u, uint32_t local) {
    return is_tracked(u, local) && (u->bound[local / 64] >> (local % 64) & 1);
}

void emit_set_bound(Unit *u, uint32_t local) {
    if (is_tracked(u, local)) {
        u->bound[local / 64] |= UINT64_C(1) << (local % 64);
    }
}

void emit_set_unbound(Unit *u, uint32_t local) {
    if (is_tracked(u, local) && !u->is_dead) {
        u->bound[local / 64] &= ~(UINT64_C(1) << (local % 64));
    }
}

void emit_clear_at_entry(Unit *u, uint32_t local) {
    u->cleared[local / 64] |= UINT64_C(1) << (local % 64);
}

uint64_t *emit_copy_bound(Compiler *c) {
    size_t n_bytes = c->unit->n_bound_words * sizeof(uint64_t);
    uint64_t *copy = arena_alloc(&c->arena, n_bytes);
    memcpy(copy, c->unit->bound, n_bytes);
    return copy;
}

void emit_forget_fragile(Unit *u) {
    for (uint32_t i = 0; i < u->n_bound_words && !u->is_dead; i++) {
        u->bound[i] &= ~u->fragile[i];
    }
}

/* ---- Registers ---- */

void emit_use(Compiler *c, uint32_t n) {
    if (n > c->unit->n_registers) {
        c->unit->n_registers = n;
    }
}

int emit_push_n(Compiler *c, uint32_t n) {
    Unit *u = c->unit;
    uint32_t first = u->top;
    if (first + n > REG_LIMIT) {
        if (!c->has_failed) {
            AstNode node = {.line = u->where.line,
                            .col = u->where.column,
                            .end_line = u->where.end_line,
                            .end_col = u->where.end_column};
            compile_error(c, &node, "expression too deeply nested");
        }
        return (int)u->n_fixed;
    }
    u->top = first + n;
    emit_use(c, u->top);
    return (int)first;
}

int emit_push(Compiler *c) {
    return emit_push_n(c, 1);
}

void emit_release(Compiler *c, int mark) {
    c->unit->top = (uint32_t)mark;
}

uint32_t emit_room(const Compiler *c) {
    return REG_LIMIT - c->unit->top;
}

bool emit_is_temp(const Unit *u, int reg) {
    return (uint32_t)reg >= u->n_fixed;
}

/* ---- Constants ---- */

bool emit_same_constant(Value a, Value b) {
    if (a == b) {
        return true;
    }
    if (!IS_OBJ(a) || !IS_OBJ(b) || AS_OBJ(a)->kind != AS_OBJ(b)->kind) {
        return false;
    }
    switch (AS_OBJ(a)->kind) {
    case KIND_STR: return str_equals(AS_STR(a), AS_STR(b));
    case KIND_BYTES:
        return AS_BYTES(a)->n_bytes == AS_BYTES(b)->n_bytes &&
               memcmp(AS_BYTES(a)->data, AS_BYTES(b)->data, AS_BYTES(a)->n_bytes) == 0;
    case KIND_INT: return int_equals(a, b);
    case KIND_COMPLEX: /* by its bits: 0.0 and -0.0 are two constants */
        return memcmp(&AS_COMPLEX(a), &AS_COMPLEX(b), sizeof(Complex)) == 0;
    case KIND_TUPLE: {
        const ObjTuple *x = AS_TUPLE(a);
        const ObjTuple *y = AS_TUPLE(b);
        if (x->n != y->n) {
            return false;
        }
        for (size_t i = 0; i < x->n; i++) {
            if (!emit_same_constant(x->items[i], y->items[i])) {
                return false;
            }
        }
        return true;
    }
    default: return false;
    }
}

static uint32_t mix(uint64_t x) {
    x *= UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(x >> 32);
}

uint32_t emit_constant_hash(Value v) {
    if (!IS_OBJ(v)) {
        return mix(v);
    }
    switch (AS_OBJ(v)->kind) {
    case KIND_STR: return mix(str_hash(AS_STR(v)));
    case KIND_BYTES:
        return mix(AS_BYTES(v)->n_bytes * 31 + (uint8_t)AS_BYTES(v)->data[0]);
    case KIND_INT: return mix(AS_BIG_INT(v)->limbs[0] ^ (uint64_t)AS_BIG_INT(v)->n_limbs);
    case KIND_COMPLEX:
        return mix(value_from_double_any(AS_COMPLEX(v).real) * 31 +
                   value_from_double_any(AS_COMPLEX(v).imag));
    case KIND_TUPLE: {
        uint64_t hash = AS_TUPLE(v)->n;
        for (size_t i = 0; i < AS_TUPLE(v)->n && i < 16; i++) {
            hash = hash * 31 + emit_constant_hash(AS_TUPLE(v)->items[i]);
        }
        return mix(hash);
    }
    default: return mix(v >> 4);
    }
}

static void constant_index_grow(Unit *u) {
    u->constant_capacity = u->constant_capacity == 0 ? 16 : u->constant_capacity * 2;
    mem_free(u->constant_index);
    u->constant_index = mem_alloc_zeroed(u->constant_capacity, sizeof *u->constant_index);
    for (size_t i = 0; i < u->constants.n; i++) {
        uint32_t at =
            emit_constant_hash(u->constants.items[i]) & (u->constant_capacity - 1);
        while (u->constant_index[at] != 0) {
            at = (at + 1) & (u->constant_capacity - 1);
        }
        u->constant_index[at] = (uint32_t)i + 1;
    }
}

uint32_t emit_constant(Compiler *c, Value value) {
    Unit *u = c->unit;
    if (u->is_dead || c->has_failed) {
        return 0;
    }
    if (u->constants.n * 2 >= u->constant_capacity) {
        constant_index_grow(u);
    }
    uint32_t at = emit_constant_hash(value) & (u->constant_capacity - 1);
    while (u->constant_index[at] != 0) {
        if (emit_same_constant(u->constants.items[u->constant_index[at] - 1], value)) {
            return u->constant_index[at] - 1;
        }
        at = (at + 1) & (u->constant_capacity - 1);
    }
    vec_push(&u->constants, value);
    u->constant_index[at] = (uint32_t)u->constants.n;
    return (uint32_t)u->constants.n - 1;
}

void emit_load_constant(Compiler *c, int reg, Value value) {
    if (value < VALUE_FIRST_ADDRESS) {
        emit_abx(c, OP_LOAD_IMM, reg, (uint32_t)value);
        return;
    }
    if (IS_INT(value) && value_to_int(value) == (int16_t)value_to_int(value)) {
        emit_abx(c, OP_LOAD_INT, reg, (uint16_t)value_to_int(value));
        return;
    }
    uint32_t constant = emit_constant(c, value);
    if (constant <= UINT16_MAX) {
        emit_abx(c, OP_LOAD_CONST, reg, constant);
    } else {
        emit_abc_w(c, OP_LOAD_CONST_FAR, reg, 0, 0, constant);
    }
}

uint32_t emit_site(Compiler *c, ObjStr *name) {
    Unit *u = c->unit;
    if (u->is_dead || c->has_failed) {
        return 0;
    }
    vec_push(&u->site_names, name);
    return (uint32_t)u->site_names.n - 1;
}

/* ---- Handlers ---- */

uint32_t emit_open_range(Compiler *c) {
    c->unit->n_ranges++;
    c->unit->last_boundary = emit_here(c->unit);
    return emit_here(c->unit);
}

void emit_close_range(Compiler *c, uint32_t from, Label label, int reg) {
    Unit *u = c->unit;
    u->n_ranges--;
    u->last_boundary = emit_here(u);
    if (from >= emit_here(u) || c->has_failed) {
        return;
    }
    LabelState *l = &u->labels.items[label];
    l->n_jumps++;
    vec_push(&u->handlers,
             (CodeHandler){from, emit_here(u), (uint32_t)label, (uint32_t)reg});
}
