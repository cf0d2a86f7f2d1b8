/* frame.c - frame objects. See frame.h. */

#include "runtime/objects/frame.h"

#include "runtime/gc/mark.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"

#define AS_FRAME(v) ((ObjFrame *)AS_OBJ(v))

ObjFrame *frame_new(Context *cx, ObjCode *code, uint32_t instruction, Value back,
                    Value locals) {
    ObjFrame *frame = HEAP_NEW(cx, ObjFrame, KIND_FRAME);
    if (frame != NULL) {
        const CodePosition *position = code_position(code, instruction);
        frame->code = code;
        frame->instruction = instruction;
        frame->line = position == NULL ? code->first_line : position->line;
        frame->back = back;
        frame->locals = locals;
    }
    return frame;
}

static void frame_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjFrame *)o)->code);
    gc_mark_value(m, ((ObjFrame *)o)->back);
    gc_mark_value(m, ((ObjFrame *)o)->locals);
}

static Value frame_repr(Context *cx, Value v) {
    const ObjFrame *frame = AS_FRAME(v);
    const ObjCode *code = frame->code;
    ObjStr *text = str_format_c(cx, "<frame at 0x%llx, file '%.*s', line %u, code %.*s>",
                                (unsigned long long)v, (int)code->filename->n_bytes,
                                code->filename->data, frame->line,
                                (int)code->name->n_bytes, code->name->data);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value get_code(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(AS_FRAME(self)->code);
}

static Value get_back(Context *cx, Value self) {
    (void)cx;
    return AS_FRAME(self)->back;
}

static Value get_line(Context *cx, Value self) {
    return int_from_i64(cx, AS_FRAME(self)->line);
}

static Value get_last_instruction(Context *cx, Value self) {
    return int_from_i64(cx, AS_FRAME(self)->instruction);
}

static Value get_globals(Context *cx, Value self) {
    ObjModule *module = AS_FRAME(self)->code->module;
    return module == NULL ? VALUE_NONE : module_namespace(cx, module);
}

static Value get_builtins(Context *cx, Value self) {
    (void)self;
    return module_namespace(cx, cx->rt->builtins);
}

static Value get_locals(Context *cx, Value self) {
    const Value locals = AS_FRAME(self)->locals;
    if (!IS_UNSET(locals)) {
        return locals;
    }
    if (AS_FRAME(self)->code->flags & CODE_MODULE) {
        return get_globals(cx, self);
    }
    ObjDict *none_kept = dict_new(cx, 0);
    return none_kept == NULL ? VALUE_ERROR : OBJ_VALUE(none_kept);
}

static const GetsetDef frame_getsets[] = {
    {"f_code", NULL, get_code, NULL},
    {"f_back", NULL, get_back, NULL},
    {"f_lineno", NULL, get_line, NULL},
    {"f_lasti", NULL, get_last_instruction, NULL},
    {"f_globals", NULL, get_globals, NULL},
    {"f_builtins", NULL, get_builtins, NULL},
    {"f_locals", NULL, get_locals, NULL},
    {NULL, NULL, NULL, NULL},
};

NATIVE(frame_clear, "clear(self, /)", "Clear all references held by the frame.") {
    return VALUE_NONE;
}

static const NativeDef frame_methods[] = {
    NATIVE_ENTRY(frame_clear),
    {NULL, NULL, NULL, 0},
};

const KindOps kind_ops_ObjFrame = {
    .trace = frame_trace,
    .repr = frame_repr,
    .methods = frame_methods,
    .getsets = frame_getsets,
};
