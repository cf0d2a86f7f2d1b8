/* operands.c - a small reader of the notation of opcodes.def. */

#include "interp/operands.h"

#include <stdlib.h>
#include <string.h>

/* "R[A]", "R[A+3]", "R[A..A+2]", "R[B..B+C)", "R[B..]": text points behind "R[X". */
static void read_reference(OperandInfo *info, const char *text, char letter) {
    info->is_register = true;
    if (strncmp(text, "-1]", 3) == 0) {
        info->is_optional = true;
    } else if (*text == '+') {
        int offset = atoi(text + 1);
        info->last = offset > info->last ? offset : info->last;
    } else if (strncmp(text, "..", 2) == 0) {
        const char *end = text + 2;
        if (*end == letter && end[1] == '+' && end[2] >= '0' && end[2] <= '9') {
            int offset = atoi(end + 2);
            info->last = offset > info->last ? offset : info->last;
        } else if (*end == letter && end[1] == '+') {
            info->is_run = true;
        }
    } else if (strncmp(text, "] = ", 4) == 0) {
        info->is_written = true;
    }
}

OperandInfo operand_info(Opcode op, char letter) {
    OperandInfo info = {0};
    const char *doc = op_info[op].doc;
    for (const char *p = strstr(doc, "R["); p != NULL; p = strstr(p + 2, "R[")) {
        bool is_whole = p[2] == letter && !(p[3] >= 'a' && p[3] <= 'z');
        if (is_whole) {
            read_reference(&info, p + 3, letter);
        }
    }
    const char *imm = strstr(doc, " as imm");
    info.is_immediate = imm != NULL && imm > doc && imm[-1] == letter;
    return info;
}
