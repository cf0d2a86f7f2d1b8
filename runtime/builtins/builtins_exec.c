/* builtins_exec.c - built-in functions that run or compile text: exec, eval, compile,
 * __import__.
 *
 * See also: interp/compile.h (compile_by_name). */

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "runtime/builtins/builtins.h"
#include "runtime/call.h"
#include "runtime/host.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/code.h"
#include "runtime/objects/codec.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/mapping_proxy.h"

/* Source text */

/* Gives the text of a str or bytes; false with an exception pending. what: "exec() arg
 * 1". */
static bool source_text(Context *cx, Value v, const char *what, const char **text,
                        size_t *n_bytes) {
    v = byte_view_to_bytes(cx, v);
    if (IS_ERROR(v)) {
        return false;
    }
    if (IS_STR(v)) {
        *text = AS_STR(v)->data;
        *n_bytes = AS_STR(v)->n_bytes;
        if (utf8_check(*text, *n_bytes) < *n_bytes &&
            IS_ERROR(codec_encode(cx, AS_STR(v), VALUE_UNSET, VALUE_UNSET))) {
            return false; /* a lone surrogate */
        }
    } else if (IS_BYTES(v)) {
        *text = AS_BYTES(v)->data;
        *n_bytes = AS_BYTES(v)->n_bytes;
    } else {
        exc_raise(cx, EXC_TypeError, "%s must be a string, bytes or %s object", what,
                  what[0] == 'c' ? "AST" : "code");
        return false;
    }
    if (memchr(*text, 0, *n_bytes) != NULL) {
        exc_raise(cx, EXC_SyntaxError, "source code string cannot contain null bytes");
        return false;
    }
    return true;
}

static Value compile_value(Context *cx, Value source, const char *what, ObjStr *filename,
                           HostCodeMode mode) {
    const char *text;
    size_t n_bytes;
    if (filename == NULL || !source_text(cx, source, what, &text, &n_bytes)) {
        return VALUE_ERROR;
    }
    while (mode == HOST_CODE_EVAL && n_bytes > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        n_bytes--;
    }
    return host_compile(cx, text, n_bytes, IS_STR(source), filename, mode);
}

/* Namespaces */

static bool raise_not_a_dict(Context *cx, bool is_exec, Value v) {
    if (is_exec) {
        exc_raise(cx, EXC_TypeError, "exec() globals must be a dict, not %s",
                  type_name_of(cx, v));
    } else {
        const bool is_mapping = !IS_UNSET(type_special(type_of(cx, v), SPECIAL_getitem)) ||
                                IS_KIND(v, KIND_LIST) || IS_KIND(v, KIND_TUPLE);
        exc_raise(cx, EXC_TypeError,
                  is_mapping ? "globals must be a real dict; try eval(expr, {}, mapping)"
                             : "globals must be a dict");
    }
    return false;
}

/* The module that stands for what was given as globals. */
static bool globals_of(Context *cx, Value v, bool is_exec, ObjModule **globals) {
    if (IS_MAPPING_VIEW(v) && mapping_proxy_module(v) != NULL) {
        *globals = mapping_proxy_module(v);
        return true;
    }
    if (!IS_DICT(v)) {
        return raise_not_a_dict(cx, is_exec, v);
    }
    ObjStr *name = context_name(cx, NAME_builtins_);
    if (IS_UNSET(dict_get_str(AS_DICT(v), name))) {
        const Value builtins = module_namespace(cx, cx->rt->builtins);
        if (IS_ERROR(builtins) || !dict_set_str(cx, AS_DICT(v), name, builtins)) {
            return false;
        }
    }
    *globals = module_over_dict(cx, AS_DICT(v));
    return *globals != NULL;
}

static bool is_mapping(Context *cx, Value v) {
    return IS_DICT(v) || IS_MAPPING_VIEW(v) ||
           !IS_UNSET(type_special(type_of(cx, v), SPECIAL_getitem));
}

static bool namespaces_of(Context *cx, const Value *given, bool is_exec,
                          ObjModule **globals, Value *locals) {
    const bool has_globals = !IS_UNSET(given[0]) && !IS_NONE(given[0]);
    const bool has_locals = !IS_UNSET(given[1]) && !IS_NONE(given[1]);
    if (has_globals) {
        if (!globals_of(cx, given[0], is_exec, globals)) {
            return false;
        }
    } else {
        *globals = call_current_globals(cx);
    }
    if (has_locals) {
        *locals = given[1];
    } else {
        *locals = has_globals ? given[0] : call_current_locals(cx);
    }
    if (IS_ERROR(*locals)) {
        return false;
    }
    if (!is_mapping(cx, *locals)) {
        exc_raise(cx, EXC_TypeError,
                  is_exec ? "locals must be a mapping or None, not %s"
                          : "locals must be a mapping",
                  type_name_of(cx, *locals));
        return false;
    }
    return true;
}

/* exec(args[0], args[1], args[2]), eval(...) */
static Value run(Context *cx, const Value *args, bool is_exec) {
    ObjModule *globals;
    Value locals;
    if (!namespaces_of(cx, args + 1, is_exec, &globals, &locals)) {
        return VALUE_ERROR;
    }
    Value code = args[0];
    if (!IS_CODE(code)) {
        code = compile_value(cx, code, is_exec ? "exec() arg 1" : "eval() arg 1",
                             str_intern(cx, "<string>", 8),
                             is_exec ? HOST_CODE_EXEC : HOST_CODE_EVAL);
    }
    if (IS_ERROR(code)) {
        return VALUE_ERROR;
    }
    const uint16_t n_free = AS_CODE(code)->n_free;
    if (n_free > 0) {
        return is_exec ? exc_raise(cx, EXC_TypeError,
                                   "code object requires a closure of exactly length %u",
                                   n_free)
                       : exc_raise(cx, EXC_TypeError,
                                   "code object passed to eval() may not contain free "
                                   "variables");
    }
    return host_run_code(cx, AS_CODE(code), globals, locals);
}

NATIVE(builtin_exec, "exec(source, /, globals=None, locals=None)",
       "Run statements, given as text or as code of compile().\n\n"
       "Names are read and stored in locals, then globals, which are the caller's where "
       "they are not given.") {
    return IS_ERROR(run(cx, args, true)) ? VALUE_ERROR : VALUE_NONE;
}

NATIVE(builtin_eval, "eval(source, /, globals=None, locals=None)",
       "Return the value of an expression, given as text or as code of compile().") {
    return run(cx, args, false);
}

/* flags of compile(): the syntax tree is asked for, not code. */
enum { COMPILE_ONLY_TREE = 0x400 };

/* compile(args[0], args[1], args[2]) of a syntax tree: the text that lib/ast.mini writes for it. */
static Value source_of_tree(Context *cx, const Value *args) {
    Value tree_and_mode[] = {args[0], args[2]};
    return module_import_call(cx, "ast", "_source", tree_and_mode, 2);
}

static Value compile_in_mode(Context *cx, const Value *args, ObjStr *filename, HostCodeMode mode) {
    if (!IS_UNSET(args[3])) {
        int flags;
        if (!arg_int32(cx, args[3], &flags)) {
            return VALUE_ERROR;
        }
        if (flags & COMPILE_ONLY_TREE) {
            Value source_name_mode[] = {args[0], OBJ_VALUE(filename), args[2]};
            return module_import_call(cx, "ast", "parse", source_name_mode, 3);
        }
    }
    Value source = byte_view_to_bytes(cx, args[0]);
    if (!IS_ERROR(source) && !IS_STR(source) && !IS_BYTES(source)) {
        source = source_of_tree(cx, args);
    }
    return IS_ERROR(source) ? VALUE_ERROR
                            : compile_value(cx, source, "compile() arg 1", filename, mode);
}

NATIVE(builtin_compile,
       "compile(source, filename, mode, flags=0, dont_inherit=False, optimize=-1)",
       "Return code for exec() or eval().\n\n"
       "mode is 'exec' for a program, 'eval' for an expression, 'single' for one "
       "statement as typed at a prompt.") {
    static const char *const modes[] = {[HOST_CODE_EXEC] = "exec",
                                        [HOST_CODE_EVAL] = "eval",
                                        [HOST_CODE_SINGLE] = "single"};
    ObjStr *filename = NULL;
    if (IS_BYTES(args[1])) {
        filename = str_decode_lossy(cx, AS_BYTES(args[1])->data, AS_BYTES(args[1])->n_bytes,
                                    true);
    } else if (IS_STR(args[1])) {
        filename = AS_STR(args[1]);
    } else {
        return exc_raise(cx, EXC_TypeError,
                         "expected str, bytes or os.PathLike object, not %s",
                         type_name_of(cx, args[1]));
    }
    const ObjStr *mode = arg_str(cx, args[2], "compile", "mode");
    if (mode == NULL) {
        return VALUE_ERROR;
    }
    for (int i = 0; i < 3; i++) {
        if (str_equals_c(mode, modes[i])) {
            return compile_in_mode(cx, args, filename, (HostCodeMode)i);
        }
    }
    return exc_raise(cx, EXC_ValueError,
                     "compile() mode must be 'exec', 'eval' or 'single'");
}

NATIVE(builtin_import,
       "__import__(name, globals=None, locals=None, fromlist=(), level=0)",
       "Import a module: the first package of its name, or with fromlist the module "
       "itself.") {
    if (!IS_STR(args[0])) {
        return exc_raise(cx, EXC_TypeError, "module name must be a string");
    }
    int level = 0;
    if (!IS_UNSET(args[4]) && !arg_int32(cx, args[4], &level)) {
        return VALUE_ERROR;
    }
    if (level < 0) {
        return exc_raise(cx, EXC_ValueError, "level must be >= 0");
    }
    if (AS_STR(args[0])->n_bytes == 0 && level == 0) {
        return exc_raise(cx, EXC_ValueError, "Empty module name");
    }
    ObjModule *importer = call_current_globals(cx);
    if (IS_DICT(args[1])) {
        importer = module_over_dict(cx, AS_DICT(args[1]));
    } else if (IS_MAPPING_VIEW(args[1]) && mapping_proxy_module(args[1]) != NULL) {
        importer = mapping_proxy_module(args[1]);
    }
    const int wants_last = IS_UNSET(args[3]) ? 0 : value_is_true(cx, args[3]);
    ObjStr *name = str_intern_obj(cx, AS_STR(args[0]));
    if (importer == NULL || wants_last < 0 || name == NULL) {
        return VALUE_ERROR;
    }
    return host_import(cx, importer, name, (unsigned)level, wants_last != 0);
}

const NativeDef builtins_exec[] = {
    NATIVE_ENTRY(builtin_exec),
    NATIVE_ENTRY(builtin_eval),
    NATIVE_ENTRY(builtin_compile),
    NATIVE_ENTRY(builtin_import),
    {0},
};
