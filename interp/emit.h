/* emit.h - a code object in the making: instructions, registers, labels, tables.
 *
 * Registers of a unit: locals, then temporaries as a stack, whose top is unit->top.
 * Invariants
 *   1. Nothing is emitted while unit->is_dead: no path leads here. Binding a label that
 *      some jump goes to ends this, so dead code costs nothing and needs no check by its
 *      writers.
 *   2. unit->bound holds the locals that certainly have a value here; a label carries the
 *      intersection of what holds at its jumps. While the code is dead it is full.
 *   3. Jumps are recorded as patches and written when the unit is finished; a label may
 *      be bound before or after the jumps to it.
 *   4. unit->where is the source position of what is emitted next.
 *
 * An error leaves c->has_failed set and an exception pending; emitting goes on
 * harmlessly.
 *
 * Threads: a unit belongs to one compilation. See also: compiler.h, opcodes.def. */

#ifndef MINI_INTERP_EMIT_H
#define MINI_INTERP_EMIT_H

#include "interp/opcode.h"
#include "interp/scope.h"
#include "runtime/objects/code.h"

enum {
    REG_ANY = -1,   /* as a target: any register will do */
    REG_NOWHERE = -2, /* as the target of a call: nobody wants the result (STEP discarded) */
    REG_LIMIT = 256 /* what an operand can name */
};

typedef int Label;

typedef struct LabelState {
    int32_t at; /* instruction, or -1: not bound yet */
    uint32_t n_jumps;
    uint64_t *bound; /* locals that have a value at all jumps so far; NULL: no jump yet */
} LabelState;

typedef struct Patch {
    uint32_t at; /* the jump */
    Label label;
} Patch;

/* A constant that a loop keeps in a register; see compile_loop.c. */
typedef struct Preload {
    Value value;
    uint32_t reg;
} Preload;

typedef struct Block Block;

typedef struct Unit {
    struct Unit *outer;
    Scope *scope;
    ObjStr *name;
    ObjStr *qualname;
    Value doc;
    /* STEP unit vectors: see emit_code.c, which hands their memory on to the next unit. */
    VEC(Instruction) code;
    VEC(CodePosition) positions;
    VEC(CodeHandler) handlers; /* target is a label until the unit is finished */
    VEC(ObjStr *) site_names;
    VEC(const Ident *) self_attributes; /* of a class: what its methods assign to as self.NAME */
    VEC(Value) constants; /* all of them also in c->keep */
    VEC(LabelState) labels;
    VEC(Patch) patches;
    VEC(Preload) preloads;
    uint32_t *constant_index; /* hash table of constant number + 1 */
    uint32_t constant_capacity;
    CodePosition where;
    uint64_t *bound;
    uint64_t *fragile; /* locals that some statement of the unit unbinds */
    uint64_t *cleared; /* locals that have to be unset when the unit is entered */
    uint32_t n_bound_words;
    uint32_t n_fixed; /* registers of locals */
    uint32_t top;     /* the next temporary */
    uint32_t n_registers;
    uint32_t loop_depth;
    uint32_t n_ranges;      /* handlers that are open here */
    uint32_t last_boundary; /* where a range of a handler began or ended last */
    bool is_dead;
    Block *block; /* innermost loop, try or with */
} Unit;

/* Begins and ends a unit inside c->unit. The end makes the code object (NULL: failed) and
 * c->unit the outer one. */
void emit_begin(Compiler *c, Unit *unit, Scope *scope, ObjStr *name, ObjStr *qualname);
ObjCode *emit_end(Compiler *c);
/* When no more units will be begun. */
void emit_free_spares(Compiler *c);

/* Instructions. Operands that are out of range are the caller's mistake. */
void emit_abc(Compiler *c, Opcode op, int a, int b, int operand_c);
void emit_abx(Compiler *c, Opcode op, int a, uint32_t bx);
void emit_abc_w(Compiler *c, Opcode op, int a, int b, int operand_c, uint32_t w);
void emit_abc_ww(Compiler *c, Opcode op, int a, int b, int operand_c, uint32_t w,
                 uint32_t w2);
void emit_word(Compiler *c, uint32_t word);    /* behind MAKE_FUNCTION */
void emit_move(Compiler *c, int to, int from); /* nothing when they are the same */

/* Positions: of a node; and put back. */
static inline void emit_set_position(Unit *unit, const AstNode *node) {
    unit->where.line = node->line;
    unit->where.end_line = node->end_line;
    unit->where.column = (uint16_t)(node->col < UINT16_MAX ? node->col : UINT16_MAX);
    unit->where.end_column =
        (uint16_t)(node->end_col < UINT16_MAX ? node->end_col : UINT16_MAX);
}

/* Labels and jumps. */
Label emit_label(Compiler *c);
void emit_bind(Compiler *c, Label label);
/* Binds a label that will be jumped to from below, with the locals that are bound at
 * `bound`. */
void emit_bind_loop(Compiler *c, Label label, const uint64_t *bound, bool is_reached);
void emit_jump(Compiler *c, Label label);
/* Any conditional jump of format ABC_W; op is the forward form where there are two. */
void emit_jump_if(Compiler *c, Opcode op, int a, int b, int operand_c, Label label);
bool emit_has_jumps(const Compiler *c, Label label);

/* Locals known to be bound. */
bool emit_is_bound(const Unit *unit, uint32_t local);
void emit_set_bound(Unit *unit, uint32_t local);
void emit_set_unbound(Unit *unit, uint32_t local);
void emit_clear_at_entry(Unit *unit,
                         uint32_t local); /* it may be read before anything is stored */
uint64_t *emit_copy_bound(Compiler *c);
/* What is known whenever control may come back here: without the locals that something
 * unbinds. */
void emit_forget_fragile(Unit *unit);

/* Registers: temporaries come and go as a stack. */
int emit_push(Compiler *c);
int emit_push_n(Compiler *c, uint32_t n); /* the first of n in a row */
void emit_use(Compiler *c, uint32_t n);   /* registers up to n are touched */
void emit_release(Compiler *c, int mark); /* what is above mark */
uint32_t emit_room(const Compiler *c);    /* temporaries that are left */
bool emit_is_temp(const Unit *unit, int reg);

/* Tables. */
uint32_t emit_constant(Compiler *c, Value value);
uint32_t emit_site(Compiler *c, ObjStr *name);
/* Loads a constant: by LOAD_IMM, LOAD_INT or from the table. */
void emit_load_constant(Compiler *c, int reg, Value value);
/* Handlers: a range begins here; [from, here) is covered by label, which the exception
 * reaches in reg. Empty ranges vanish. */
uint32_t emit_open_range(Compiler *c);
void emit_close_range(Compiler *c, uint32_t from, Label label, int reg);
static inline uint32_t emit_here(const Unit *unit) {
    return (uint32_t)unit->code.n;
}

/* Constants that are the same for a script: of one type, with one value (0.0 and -0.0
 * differ). */
bool emit_same_constant(Value a, Value b);
uint32_t emit_constant_hash(Value v);

#endif
