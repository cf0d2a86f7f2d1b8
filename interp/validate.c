/* validate.c - one pass that finds where instructions begin, one that checks each, then
 * the tables. */

#include "interp/validate.h"

#include <stdarg.h>
#include <stdio.h>

#include "interp/frame.h"
#include "interp/operands.h"
#include "runtime/base/mem.h"
#include "runtime/base/panic.h"

typedef struct Check {
    const ObjCode *code;
    uint8_t *starts; /* for each word: does an instruction begin there? */
    char *problem;
    size_t n_problem_bytes;
} Check;

static bool fail(Check *k, uint32_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail(Check *k, uint32_t at, const char *format, ...) {
    const ObjCode *code = k->code;
    const char *op =
        at < code->n_instructions && INS_OP(code->instructions[at]) < OP_COUNT
            ? op_info[INS_OP(code->instructions[at])].name
            : "?";
    int n = snprintf(k->problem, k->n_problem_bytes,
                     "%.*s: instruction %u (%s): ", (int)code->qualname->n_bytes,
                     code->qualname->data, at, op);
    if (n > 0 && (size_t)n < k->n_problem_bytes) {
        va_list args;
        va_start(args, format);
        vsnprintf(k->problem + n, k->n_problem_bytes - (size_t)n, format, args);
        va_end(args);
    }
    return false;
}

static bool is_constant_code(const ObjCode *code, uint32_t n) {
    return n < code->n_constants && IS_CODE(code->constants[n]);
}

static uint32_t words_at(const ObjCode *code, uint32_t at) {
    Opcode op = (Opcode)INS_OP(code->instructions[at]);
    uint32_t n_free = 0;
    if (op == OP_MAKE_FUNCTION && at + 1 < code->n_instructions &&
        is_constant_code(code, code->instructions[at + 1])) {
        n_free = AS_CODE(code->constants[code->instructions[at + 1]])->n_free;
    }
    return operand_n_words(op, n_free);
}

static bool find_starts(Check *k) {
    const ObjCode *code = k->code;
    uint32_t last = 0;
    for (uint32_t at = 0; at < code->n_instructions; at += words_at(code, at)) {
        if (INS_OP(code->instructions[at]) >= OP_COUNT) {
            return fail(k, at, "no such opcode");
        }
        k->starts[at] = 1;
        last = at;
        if (at + words_at(code, at) > code->n_instructions) {
            return fail(k, at, "its operands are missing");
        }
    }
    if (code->n_instructions == 0 ||
        !(op_info[INS_OP(code->instructions[last])].flags & F_END)) {
        return fail(k, last, "the code runs over its end");
    }
    return true;
}

/* ---- Operands ---- */

/* How many registers from R[X] on the instruction touches. */
static uint32_t n_touched(Instruction ins, const uint32_t *words, char letter,
                          const OperandInfo *info) {
    switch (INS_OP(ins)) {
    case OP_CALL:
    case OP_CALL_KW:
        if (letter == 'A') {
            return FRAME_WORDS + (INS_B(ins) > 0 ? INS_B(ins) : 1u);
        }
        break;
    case OP_CALL_METHOD:
    case OP_CALL_METHOD_KW:
        if (letter == 'A') {
            return FRAME_WORDS + 1u + INS_B(ins);
        }
        break;
    case OP_MAKE_FUNCTION: return INS_B(ins) & 4 ? 3 : INS_B(ins) & 2 ? 2 : 1;
    case OP_FORMAT: return letter == 'B' && (INS_C(ins) & 4) ? 2 : 1;
    case OP_RAISE: return letter == 'A' || INS_C(ins) != 0;
    case OP_BUILD_DICT:
        if (letter == 'B') {
            return 2u * INS_C(ins);
        }
        break;
    case OP_MATCH_KEYS:
        if (letter == 'A') {
            return 1u + 2u * INS_C(ins);
        }
        break;
    case OP_MATCH_REST:
        if (letter == 'A') {
            return 1u + INS_C(ins);
        }
        break;
    case OP_UNPACK_STAR:
        if (letter == 'B') {
            return INS_C(ins) + 1u + words[0];
        }
        break;
    default: break;
    }
    if (info->is_optional) {
        return 0; /* the callee of a window that its call touches too */
    }
    return info->is_run ? INS_C(ins) : (uint32_t)info->last + 1;
}

static bool check_registers(Check *k, uint32_t at) {
    Instruction ins = k->code->instructions[at];
    Opcode op = (Opcode)INS_OP(ins);
    bool is_abc = op_info[op].format == FORMAT_ABC || op_info[op].format >= FORMAT_ABC_W;
    const unsigned values[] = {INS_A(ins), INS_B(ins), INS_C(ins)};
    for (int i = 0; i < (is_abc ? 3 : op_info[op].format == FORMAT_sAx ? 0 : 1); i++) {
        char letter = (char)('A' + i);
        OperandInfo info = operand_info(op, letter);
        if (!info.is_register) {
            continue;
        }
        uint32_t n = n_touched(ins, &k->code->instructions[at + 1], letter, &info);
        if (n > 0 && values[i] + n > k->code->n_registers) {
            return fail(k, at, "operand %c touches register %u of %u", letter,
                        values[i] + n - 1, k->code->n_registers);
        }
    }
    if ((op == OP_LOAD_FAR || op == OP_STORE_FAR) &&
        INS_BX(ins) >= k->code->n_registers) {
        return fail(k, at, "register %u of %u", INS_BX(ins), k->code->n_registers);
    }
    return true;
}

static bool is_name_constant(Opcode op) {
    return op == OP_LOAD_GLOBAL_NAME || op == OP_STORE_GLOBAL_NAME ||
           op == OP_DELETE_GLOBAL_NAME || op == OP_LOAD_NAME || op == OP_STORE_NAME || op == OP_DELETE_NAME ||
           op == OP_LOAD_CLASS_FREE || op == OP_IMPORT || op == OP_IMPORT_FROM;
}

static bool has_room_for_attributes(const ObjCode *code, Instruction ins, Value names) {
    return INS_A(ins) + 1u + INS_C(ins) + AS_TUPLE(names)->n <= code->n_registers;
}

static bool check_constant(Check *k, uint32_t at) {
    const ObjCode *code = k->code;
    Instruction ins = code->instructions[at];
    Opcode op = (Opcode)INS_OP(ins);
    uint32_t n = op == OP_LOAD_CONST ? INS_BX(ins) : code->instructions[at + 1];
    if (n >= code->n_constants) {
        return fail(k, at, "constant %u of %u", n, code->n_constants);
    }
    Value v = code->constants[n];
    bool is_right = op == OP_MAKE_FUNCTION                        ? IS_CODE(v)
                    : op == OP_CALL_KW || op == OP_CALL_METHOD_KW ? IS_TUPLE(v)
                    : op == OP_MATCH_CLASS ? IS_TUPLE(v) && has_room_for_attributes(code, ins, v)
                    : is_name_constant(op)                        ? IS_STR(v)
                                                                  : true;
    return is_right || fail(k, at, "constant %u is of the wrong type", n);
}

static bool check_tables(Check *k, uint32_t at) {
    const ObjCode *code = k->code;
    Instruction ins = code->instructions[at];
    unsigned flags = op_info[INS_OP(ins)].flags;
    if ((flags & F_CONST) && !check_constant(k, at)) {
        return false;
    }
    if ((flags & F_SITE) && code->instructions[at + 1] >= code->n_sites) {
        return fail(k, at, "site %u of %u", code->instructions[at + 1], code->n_sites);
    }
    if ((flags & F_CELL) && code->instructions[at + 1] == 0) {
        return fail(k, at, "no cell");
    }
    unsigned free = INS_OP(ins) == OP_LOAD_CLASS_FREE ? INS_C(ins)
                    : INS_OP(ins) == OP_STORE_FREE || INS_OP(ins) == OP_DELETE_FREE
                        ? INS_A(ins)
                        : INS_B(ins);
    bool uses_free = INS_OP(ins) == OP_LOAD_FREE || INS_OP(ins) == OP_STORE_FREE ||
                     INS_OP(ins) == OP_DELETE_FREE || INS_OP(ins) == OP_LOAD_FREE_CELL ||
                     INS_OP(ins) == OP_LOAD_CLASS_FREE;
    if (uses_free && free >= code->n_free) {
        return fail(k, at, "captured cell %u of %u", free, code->n_free);
    }
    if (INS_OP(ins) == OP_CHECK_BOUND && INS_BX(ins) >= code->local_names->n) {
        return fail(k, at, "local %u of %zu", INS_BX(ins), code->local_names->n);
    }
    return true;
}

static bool check_captures(Check *k, uint32_t at) {
    const ObjCode *code = k->code;
    uint32_t n = AS_CODE(code->constants[code->instructions[at + 1]])->n_free;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t word = code->instructions[at + 2 + i];
        bool is_free = word >> 31;
        uint32_t limit = is_free ? code->n_free : code->n_registers;
        if ((word & 0x7fffffff) >= limit) {
            return fail(k, at, "captures %s %u of %u", is_free ? "cell" : "register",
                        word & 0x7fffffff, limit);
        }
    }
    return true;
}

/* ---- Jumps ---- */

static bool check_jump(Check *k, uint32_t at) {
    const ObjCode *code = k->code;
    Instruction ins = code->instructions[at];
    Opcode op = (Opcode)INS_OP(ins);
    bool is_short = op_info[op].format == FORMAT_sAx;
    int64_t target = is_short ? (int64_t)at + 1 + INS_SAX(ins)
                              : (int64_t)at + 2 + (int32_t)code->instructions[at + 1];
    if (target < 0 || target >= code->n_instructions || !k->starts[target]) {
        return fail(k, at, "it jumps to %lld", (long long)target);
    }
    bool is_back = target <= at;
    bool must_go_back = op == OP_JUMP_BACK || op == OP_JUMP_IF_TRUE_BACK ||
                        op == OP_JUMP_IF_FALSE_BACK || op == OP_FOR_NEXT;
    bool must_go_forward = op == OP_JUMP || op == OP_JUMP_IF_TRUE ||
                           op == OP_JUMP_IF_FALSE || op == OP_JUMP_IF_NO_MATCH ||
                           op == OP_WITH_EXIT_EXC;
    if (is_back ? must_go_forward : must_go_back) {
        return fail(k, at, "it jumps %s", is_back ? "back" : "forward");
    }
    return true;
}

static bool check_instruction(Check *k, uint32_t at) {
    Opcode op = (Opcode)INS_OP(k->code->instructions[at]);
    return check_registers(k, at) && check_tables(k, at) &&
           (op != OP_MAKE_FUNCTION || check_captures(k, at)) &&
           (!(op_info[op].flags & F_JUMP) || check_jump(k, at));
}

/* ---- Tables ---- */

static bool is_boundary(const Check *k, uint32_t at) {
    return at == k->code->n_instructions ||
           (at < k->code->n_instructions && k->starts[at]);
}

static bool check_handlers(Check *k) {
    const ObjCode *code = k->code;
    for (uint32_t i = 0; i < code->n_handlers; i++) {
        const CodeHandler *h = &code->handlers[i];
        if (h->from >= h->to || !is_boundary(k, h->from) || !is_boundary(k, h->to)) {
            return fail(k, h->from, "handler %u covers %u to %u", i, h->from, h->to);
        }
        if (h->target >= code->n_instructions || !k->starts[h->target] ||
            h->reg >= code->n_registers) {
            return fail(k, h->from, "handler %u goes to %u with register %u", i,
                        h->target, h->reg);
        }
        for (uint32_t j = 0; j < i; j++) {
            const CodeHandler *inner = &code->handlers[j];
            bool is_nested = inner->from >= h->from && inner->to <= h->to;
            bool is_apart = inner->to <= h->from || inner->from >= h->to;
            if (!is_nested && !is_apart) {
                return fail(k, h->from, "handlers %u and %u overlap", j, i);
            }
        }
    }
    return true;
}

static bool check_positions(Check *k) {
    const ObjCode *code = k->code;
    for (uint32_t i = 0; i < code->n_positions; i++) {
        uint32_t at = code->positions[i].at;
        if (at >= code->n_instructions || !k->starts[at] ||
            (i > 0 && at <= code->positions[i - 1].at)) {
            return fail(k, at, "position %u", i);
        }
    }
    return code->n_positions > 0 || fail(k, 0, "no position");
}

static bool check_parameters(Check *k) {
    const ObjCode *code = k->code;
    const size_t n = code_n_parameters(code);
    bool is_right = n <= code->local_names->n && n <= code->n_registers &&
                    code->n_positional_only <= code->n_args &&
                    code->n_free == code->free_names->n &&
                    code->n_cells == code->cell_names->n;
    return is_right || fail(k, 0, "%zu parameters", n);
}

static bool check_code(const ObjCode *code, char *problem, size_t n_bytes) {
    Check k = {.code = code, .problem = problem, .n_problem_bytes = n_bytes};
    k.starts = mem_alloc_zeroed((size_t)code->n_instructions + 1, 1);
    bool is_right = find_starts(&k);
    for (uint32_t at = 0; is_right && at < code->n_instructions; at++) {
        is_right = !k.starts[at] || check_instruction(&k, at);
    }
    is_right =
        is_right && check_handlers(&k) && check_positions(&k) && check_parameters(&k);
    mem_free(k.starts);
    return is_right;
}

bool validate_code(const ObjCode *code, char *problem, size_t n_bytes) {
    if (!check_code(code, problem, n_bytes)) {
        return false;
    }
    for (uint32_t i = 0; i < code->n_constants; i++) {
        if (IS_CODE(code->constants[i]) &&
            !validate_code(AS_CODE(code->constants[i]), problem, n_bytes)) {
            return false;
        }
    }
    return true;
}

void validate_code_or_panic(const ObjCode *code) {
    char problem[256];
    if (!check_code(code, problem, sizeof problem)) {
        panic("the compiler made wrong code: %s", problem);
    }
}
