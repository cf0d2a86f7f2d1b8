/* opcode.h - the layout of instructions: numbers, names, formats, decoding. The set itself is opcodes.def. */

#ifndef MINI_INTERP_OPCODE_H
#define MINI_INTERP_OPCODE_H

#include <stdbool.h>
#include <stdint.h>

typedef uint32_t Instruction;

typedef enum Opcode {
#define OP(name, format, flags, doc) OP_##name,
#include "interp/opcodes.def"
#undef OP
    OP_COUNT
} Opcode;

typedef enum OpFormat {
    FORMAT_ABC, FORMAT_ABx, FORMAT_AsBx, FORMAT_sAx, FORMAT_ABC_W, FORMAT_ABC_WW
} OpFormat;

enum {
    F_RAISES = 1, F_POLL = 2, F_JUMP = 4, F_SITE = 8, F_CONST = 16, F_CELL = 32, F_END = 64
};

typedef struct OpInfo {
    const char *name;
    const char *doc;
    uint8_t format;
    uint8_t flags;
} OpInfo;

extern const OpInfo op_info[OP_COUNT];     /* opcode.c */

/* Words of an instruction, the first included; MAKE_FUNCTION's captured cells not. */
static inline unsigned op_n_words(Opcode op) {
    return op_info[op].format == FORMAT_ABC_WW ? 3 : op_info[op].format == FORMAT_ABC_W ? 2 : 1;
}

#define INS_OP(i) ((uint8_t)(i))
#define INS_A(i) ((uint8_t)((i) >> 8))
#define INS_B(i) ((uint8_t)((i) >> 16))
#define INS_C(i) ((uint8_t)((i) >> 24))
#define INS_BX(i) ((uint16_t)((i) >> 16))
#define INS_SBX(i) ((int16_t)((i) >> 16))
#define INS_SAX(i) ((int32_t)(i) >> 8)
#define INS_IMM_B(i) ((int8_t)((i) >> 16))
#define INS_IMM_C(i) ((int8_t)((i) >> 24))

static inline Instruction ins_abc(Opcode op, unsigned a, unsigned b, unsigned c) {
    return (Instruction)op | a << 8 | (b & 0xff) << 16 | (c & 0xff) << 24;
}
static inline Instruction ins_abx(Opcode op, unsigned a, unsigned bx) {
    return (Instruction)op | a << 8 | (bx & 0xffff) << 16;
}
static inline Instruction ins_sax(Opcode op, int32_t sax) {
    return (Instruction)op | (uint32_t)sax << 8;
}

#endif
