/* mod_dis.c - the module _dis: bytecode for scripts. lib/dis.mini makes the module dis of it. */

#include "interp/disasm.h"
#include "interp/opcode.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"

static ObjCode *code_arg(Context *cx, Value v) {
    if (!IS_CODE(v)) {
        exc_raise(cx, EXC_TypeError, "a code object is required, not %s",
                  type_name_of(cx, v));
        return NULL;
    }
    return AS_CODE(v);
}

NATIVE(dis_listing, "listing(code, /)",
       "Return the listing of code and of all code inside it.") {
    const ObjCode *code = code_arg(cx, args[0]);
    if (code == NULL) {
        return VALUE_ERROR;
    }
    Buf out = {0};
    ObjStr *text =
        disasm_code(cx, code, &out) ? str_new(cx, out.bytes, out.n_bytes) : NULL;
    buf_free(&out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

NATIVE(dis_instructions, "instructions(code, /)",
       "Return a list of (address, line, name, operands, whether another thread may get "
       "to run there, target of "
       "the jump or None, number of the name).") {
    const ObjCode *code = code_arg(cx, args[0]);
    return code == NULL ? VALUE_ERROR : disasm_instructions(cx, code);
}

NATIVE(dis_opnames, "opnames()", "Return a list of the names of all instructions.") {
    ObjList *names = list_new(cx, 0);
    for (int op = 0; names != NULL && op < OP_COUNT; op++) {
        ObjStr *name = str_from_c(cx, op_info[op].name);
        if (name == NULL || !list_append(cx, names, OBJ_VALUE(name))) {
            return VALUE_ERROR;
        }
    }
    return names == NULL ? VALUE_ERROR : OBJ_VALUE(names);
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(dis_listing),
    NATIVE_ENTRY(dis_instructions),
    NATIVE_ENTRY(dis_opnames),
    {NULL, NULL, NULL, 0},
};

bool mod_dis_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
