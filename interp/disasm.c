/* disasm.c - what an instruction refers to is read off opcodes.def (operands.h), so a new
 * one prints itself. */

#include "interp/disasm.h"

#include "interp/operands.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"
#include "runtime/objects/tuple.h"

enum { REPR_MAX_BYTES = 60 };

typedef struct Listing {
    Context *cx;
    const ObjCode *code;
    Buf *out;
    const char *separator; /* before the next operand */
} Listing;

static void add_str(Buf *out, const ObjStr *s) {
    buf_add(out, s->data, s->n_bytes);
}

static void begin_operand(Listing *l) {
    buf_add_text(l->out, l->separator);
    l->separator = ", ";
}

/* ---- Operands ---- */

static void add_register(Listing *l, uint32_t reg) {
    const ObjTuple *names = l->code->local_names;
    bool is_named = reg < names->n && AS_STR(names->items[reg])->data[0] != '.';
    if (is_named) {
        add_str(l->out, AS_STR(names->items[reg]));
    } else {
        buf_add_format(l->out, "r%u", reg);
    }
}

static bool add_repr(Listing *l, Value v) {
    if (IS_UNSET(v)) {
        buf_add_text(l->out, "unset");
        return true;
    }
    if (IS_CODE(v)) {
        buf_add_text(l->out, "code of ");
        add_str(l->out, AS_CODE(v)->qualname);
        return true;
    }
    Value repr = value_repr(l->cx, v);
    if (IS_ERROR(repr)) {
        return false;
    }
    const ObjStr *s = AS_STR(repr);
    size_t n = s->n_bytes;
    if (n > REPR_MAX_BYTES) {
        n = REPR_MAX_BYTES;
        while (n > 0 && ((uint8_t)s->data[n] & 0xc0) == 0x80) {
            n--;
        }
    }
    buf_add(l->out, s->data, n);
    buf_add_text(l->out, n < s->n_bytes ? "..." : "");
    return true;
}

/* The name of a module's cell, NULL when it has none. */
static ObjStr *global_name(const ObjCode *code, uint32_t cell) {
    const ObjDictTable *table = dict_table(code->module->cells);
    size_t position = 0;
    Value name;
    Value number;
    while (dict_table_next(table, &position, &name, &number)) {
        if (number == value_from_int(cell)) {
            return AS_STR(name);
        }
    }
    return NULL;
}

static void add_global(Listing *l, uint32_t cell) {
    const ObjStr *name = global_name(l->code, cell);
    if (name != NULL) {
        add_str(l->out, name);
    } else {
        buf_add_format(l->out, "cell %u", cell);
    }
}

static void add_free(Listing *l, uint32_t n) {
    add_str(l->out, AS_STR(l->code->free_names->items[n]));
}

/* Does the instruction's text use the letter as a number: "the C items", "level B"? */
static bool mentions_letter(Opcode op, char letter) {
    for (const char *p = strchr(op_info[op].doc, letter); p != NULL;
         p = strchr(p + 1, letter)) {
        bool is_word =
            (p == op_info[op].doc || p[-1] == ' ' || p[-1] == '+') &&
            (p[1] == ' ' || p[1] == 0 || p[1] == ')' || p[1] == ':' || p[1] == ';');
        if (is_word && !(letter == 'A' && p == op_info[op].doc)) {
            return true;
        }
    }
    return false;
}

static bool is_captured_operand(Opcode op, char letter) {
    switch (op) {
    case OP_LOAD_FREE:
    case OP_LOAD_FREE_CELL: return letter == 'B';
    case OP_STORE_FREE:
    case OP_DELETE_FREE: return letter == 'A';
    case OP_LOAD_CLASS_FREE: return letter == 'C';
    default: return false;
    }
}

static void add_letter(Listing *l, Instruction ins, char letter,
                       const OperandInfo *info) {
    Opcode op = (Opcode)INS_OP(ins);
    unsigned value = letter == 'A' ? INS_A(ins) : letter == 'B' ? INS_B(ins) : INS_C(ins);
    if (info->is_register && info->is_run) {
        begin_operand(l);
        if (INS_C(ins) > 0) {
            add_register(l, value);
        }
        if (INS_C(ins) > 1) {
            buf_add_text(l->out, "..");
            add_register(l, value + INS_C(ins) - 1u);
        }
    } else if (info->is_register && info->is_optional) {
        if (value > 0) {
            begin_operand(l);
            add_register(l, value - 1);
        }
    } else if (info->is_register) {
        begin_operand(l);
        add_register(l, value);
    } else if (info->is_immediate) {
        begin_operand(l);
        buf_add_format(l->out, "%d", (int8_t)value);
    } else if (is_captured_operand(op, letter)) {
        begin_operand(l);
        add_free(l, value);
    } else if (mentions_letter(op, letter)) {
        begin_operand(l);
        buf_add_format(l->out, "%u", value);
    }
}

static bool add_bx(Listing *l, Instruction ins) {
    uint32_t bx = INS_BX(ins);
    begin_operand(l);
    switch (INS_OP(ins)) {
    case OP_LOAD_CONST: return add_repr(l, l->code->constants[bx]);
    case OP_LOAD_IMM:
    case OP_RETURN_IMM: return add_repr(l, bx);
    case OP_LOAD_INT: buf_add_format(l->out, "%d", INS_SBX(ins)); return true;
    case OP_CHECK_BOUND: add_register(l, bx); return true;
    default: buf_add_format(l->out, "r%u", bx); return true;
    }
}

static uint32_t jump_target(const ObjCode *code, uint32_t at) {
    Instruction ins = code->instructions[at];
    return op_info[INS_OP(ins)].format == FORMAT_sAx
               ? at + 1 + (uint32_t)INS_SAX(ins)
               : at + 2 + code->instructions[at + 1];
}

static bool add_word(Listing *l, uint32_t at) {
    Opcode op = (Opcode)INS_OP(l->code->instructions[at]);
    uint32_t word = l->code->instructions[at + 1];
    unsigned flags = op_info[op].flags;
    begin_operand(l);
    if (flags & F_CONST) {
        return add_repr(l, l->code->constants[word]);
    }
    if (flags & F_SITE) {
        buf_add_text(l->out, ".");
        add_str(l->out, l->code->sites[word].name);
    } else if (flags & F_CELL) {
        add_global(l, word);
    } else if (flags & F_JUMP) {
        buf_add_format(l->out, "to %u", jump_target(l->code, at));
    } else {
        buf_add_format(l->out, "%u", word);
    }
    return true;
}

static void add_captures(Listing *l, uint32_t at) {
    const uint32_t *words = &l->code->instructions[at + 1];
    uint32_t n = AS_CODE(l->code->constants[words[0]])->n_free;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t word = words[1 + i];
        buf_add_text(l->out, i == 0 ? " with cells of " : ", ");
        if (word >> 31) {
            add_free(l, word & 0x7fffffff);
        } else {
            add_register(l, word);
        }
    }
}

static bool add_operands(Listing *l, uint32_t at) {
    Instruction ins = l->code->instructions[at];
    Opcode op = (Opcode)INS_OP(ins);
    OpFormat format = (OpFormat)op_info[op].format;
    l->separator = "";
    if (format == FORMAT_sAx) {
        buf_add_format(l->out, "to %u", jump_target(l->code, at));
        return true;
    }
    bool is_abc = format != FORMAT_ABx && format != FORMAT_AsBx;
    OperandInfo infos[3];
    for (int i = 0; i < 3; i++) {
        infos[i] =
            i == 0 || is_abc ? operand_info(op, (char)('A' + i)) : (OperandInfo){0};
    }
    for (int i = 0; i < 3; i++) { /* what is written, in front */
        if (infos[i].is_written) {
            add_letter(l, ins, (char)('A' + i), &infos[i]);
            l->separator = " = ";
        }
    }
    for (int i = 0; i < (is_abc ? 3 : 1); i++) {
        if (!infos[i].is_written && !(op == OP_RETURN_IMM)) {
            add_letter(l, ins, (char)('A' + i), &infos[i]);
        }
    }
    if (!is_abc) {
        return add_bx(l, ins);
    }
    if (format == FORMAT_ABC_W || format == FORMAT_ABC_WW) {
        if (!add_word(l, at)) {
            return false;
        }
    }
    if (op == OP_MAKE_FUNCTION) {
        add_captures(l, at);
    }
    return true;
}

/* ---- Lines ---- */

static bool is_poll(const ObjCode *code, uint32_t at) {
    unsigned flags = op_info[INS_OP(code->instructions[at])].flags;
    return (flags & F_POLL) || ((flags & F_JUMP) && jump_target(code, at) <= at);
}

static uint32_t line_at(const ObjCode *code, uint32_t at) {
    const CodePosition *position = code_position(code, at);
    return position == NULL ? 0 : position->line;
}

/* Where the instruction behind that at `at` begins. */
static uint32_t next_instruction(const ObjCode *code, uint32_t at) {
    const Opcode op = (Opcode)INS_OP(code->instructions[at]);
    const bool has_captures = op == OP_MAKE_FUNCTION;
    return at + operand_n_words(op, has_captures ? AS_CODE(code->constants[code->instructions[at + 1]])->n_free : 0);
}

static bool add_line(Listing *l, uint32_t at, uint32_t *last_line) {
    uint32_t line = line_at(l->code, at);
    if (line != *last_line && line != 0) {
        buf_add_format(l->out, "%6u", line);
    } else {
        buf_add_repeated(l->out, ' ', 6);
    }
    *last_line = line;
    Opcode op = (Opcode)INS_OP(l->code->instructions[at]);
    buf_add_format(l->out, "%7u %c %-19s", at, is_poll(l->code, at) ? '*' : ' ',
                   op_info[op].name);
    if (!add_operands(l, at)) {
        return false;
    }
    while (l->out->n_bytes > 0 && l->out->bytes[l->out->n_bytes - 1] == ' ') {
        l->out->n_bytes--;
    }
    buf_add_byte(l->out, '\n');
    return true;
}

static void add_handlers(Listing *l) {
    for (uint32_t i = 0; i < l->code->n_handlers; i++) {
        const CodeHandler *h = &l->code->handlers[i];
        buf_add_format(l->out, "%s %u to %u: at %u in r%u\n",
                       i == 0 ? "  what is raised in" : "                   ", h->from,
                       h->to, h->target, h->reg);
    }
}

static bool add_code(Listing *l) {
    const ObjCode *code = l->code;
    add_str(l->out, code->qualname);
    buf_add_format(l->out, ", line %u: %u registers, %zu locals, %u constants\n",
                   code->first_line, code->n_registers, code->local_names->n,
                   code->n_constants);
    uint32_t last_line = 0;
    uint32_t at = 0;
    while (at < code->n_instructions) {
        if (!add_line(l, at, &last_line)) {
            return false;
        }
        at = next_instruction(code, at);
    }
    add_handlers(l);
    return true;
}

bool disasm_code(Context *cx, const ObjCode *code, Buf *out) {
    Listing listing = {.cx = cx, .code = code, .out = out, .separator = ""};
    if (!add_code(&listing)) {
        return false;
    }
    for (uint32_t i = 0; i < code->n_constants; i++) {
        if (IS_CODE(code->constants[i])) {
            buf_add_byte(out, '\n');
            if (!disasm_code(cx, AS_CODE(code->constants[i]), out)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- For scripts ---- */

/* The name that an instruction looks up in the module or in an object; NULL when it looks up none. */
static ObjStr *name_at(const ObjCode *code, uint32_t at) {
    const Opcode op = (Opcode)INS_OP(code->instructions[at]);
    const unsigned flags = op_info[op].flags;
    if (flags & F_SITE) {
        return code->sites[code->instructions[at + 1]].name;
    }
    return flags & F_CELL ? global_name(code, code->instructions[at + 1]) : NULL;
}

Value disasm_names(Context *cx, const ObjCode *code) {
    ObjDict *names = dict_new(cx, 0);
    for (uint32_t at = 0; names != NULL && at < code->n_instructions; at = next_instruction(code, at)) {
        ObjStr *name = name_at(code, at);
        if (name != NULL && !dict_set_str(cx, names, name, VALUE_NONE)) {
            return VALUE_ERROR;
        }
    }
    return names == NULL ? VALUE_ERROR : tuple_from_iterable(cx, OBJ_VALUE(names));
}

/* Address, line, name, operands as text, whether another thread may get to run there, and where it jumps. */
static Value instruction_tuple(Listing *l, uint32_t at) {
    const Opcode op = (Opcode)INS_OP(l->code->instructions[at]);
    const unsigned flags = op_info[op].flags;
    buf_clear(l->out);
    if (!add_operands(l, at)) {
        return VALUE_ERROR;
    }
    ObjStr *name = str_from_c(l->cx, op_info[op].name);
    ObjStr *operands = str_new(l->cx, l->out->bytes, l->out->n_bytes);
    if (name == NULL || operands == NULL) {
        return VALUE_ERROR;
    }
    const Value values[] = {
        value_from_int(at), value_from_int(line_at(l->code, at)), OBJ_VALUE(name), OBJ_VALUE(operands),
        BOOL_VALUE(is_poll(l->code, at)), (flags & F_JUMP) ? value_from_int(jump_target(l->code, at)) : VALUE_NONE,
        value_from_int(op),
    };
    return tuple_from(l->cx, values, sizeof values / sizeof values[0]);
}

Value disasm_instructions(Context *cx, const ObjCode *code) {
    ObjList *list = list_new(cx, 0);
    Buf out = {0};
    Listing listing = {.cx = cx, .code = code, .out = &out, .separator = ""};
    Value result = list == NULL ? VALUE_ERROR : OBJ_VALUE(list);
    for (uint32_t at = 0; !IS_ERROR(result) && at < code->n_instructions; at = next_instruction(code, at)) {
        const Value tuple = instruction_tuple(&listing, at);
        if (IS_ERROR(tuple) || !list_append(cx, list, tuple)) {
            result = VALUE_ERROR;
        }
    }
    buf_free(&out);
    return result;
}
