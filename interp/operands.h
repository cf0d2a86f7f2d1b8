/* operands.h - what the operands of an instruction are, read off its line in opcodes.def.
 *
 * The text of an instruction names its registers: "R[A] = R[B] + C as imm", "R[B..B+C)",
 * "R[A..A+2]". So the table that people read is the one that --dis and the validator go
 * by.
 *
 * Threads: any; nothing is changed. */

#ifndef MINI_INTERP_OPERANDS_H
#define MINI_INTERP_OPERANDS_H

#include <stdbool.h>

#include "interp/opcode.h"

typedef struct OperandInfo {
    bool is_register;
    bool is_written;   /* "R[A] = ..." */
    bool is_immediate; /* "C as imm" */
    int last;          /* registers up to R[X + last] are touched */
    bool is_optional; /* "R[C-1]": register C - 1, or none when C is 0 */
    bool is_run;       /* "R[B..B+C)": as many as operand C says */
} OperandInfo;

/* letter: 'A', 'B' or 'C'. */
OperandInfo operand_info(Opcode op, char letter);

/* Words of the instruction at code[at], those behind MAKE_FUNCTION included; n_free is of
 * its code constant. */
static inline uint32_t operand_n_words(Opcode op, uint32_t n_free) {
    return op_n_words(op) + (op == OP_MAKE_FUNCTION ? n_free : 0);
}

#endif
