/* opcode.c - what opcodes.def says, as a table. */

#include "interp/opcode.h"

const OpInfo op_info[OP_COUNT] = {
#define OP(name, format, flags, doc) [OP_##name] = {#name, doc, FORMAT_##format, flags},
#include "interp/opcodes.def"
#undef OP
};
