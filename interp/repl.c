/* repl.c - the module _repl, and the call of lib/_console.mini. See repl.h. */

#include "interp/repl.h"

#include <stdlib.h>
#include <unistd.h>

#include "interp/compile.h"
#include "interp/eval.h"
#include "interp/line_editor.h"
#include "interp/program.h"
#include "interp/state.h"
#include "interp/uncaught.h"
#include "runtime/call.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"

static const char *text_of(Value v, Buf *out) {
    buf_add(out, AS_STR(v)->data, AS_STR(v)->n_bytes);
    return buf_text(out);
}

static bool is_str(Context *cx, Value v) {
    if (!IS_STR(v)) {
        exc_raise(cx, EXC_TypeError, "expected str, not %s", type_name_of(cx, v));
    }
    return IS_STR(v);
}

NATIVE(repl_check, "check(text, /)",
       "Return 'whole', 'open' (more text could make it right) or 'wrong' for a statement.") {
    if (!is_str(cx, args[0])) {
        return VALUE_ERROR;
    }
    Arena arena;
    arena_init(&arena);
    SyntaxError error;
    const AstModule *tree =
        parse_source(&arena, "<stdin>", AS_STR(args[0])->data, AS_STR(args[0])->n_bytes, PARSE_SINGLE, NULL, &error);
    const char *answer = tree != NULL ? "whole" : error.is_incomplete ? "open" : "wrong";
    arena_free(&arena);
    ObjStr *text = str_from_c(cx, answer);
    return text != NULL ? OBJ_VALUE(text) : VALUE_ERROR;
}

NATIVE(repl_run_text, "run(text, filename, module, /)",
       "Run a statement in the module; print what it raises, but for SystemExit.") {
    if (!is_str(cx, args[0]) || !is_str(cx, args[1])) {
        return VALUE_ERROR;
    }
    if (!IS_MODULE(args[2])) {
        return exc_raise(cx, EXC_TypeError, "expected a module, not %s", type_name_of(cx, args[2]));
    }
    const ObjStr *text = AS_STR(args[0]);
    Buf filename = {0};
    exc_register_source(cx->rt, text_of(args[1], &filename), text->data, text->n_bytes); /* for tracebacks */
    buf_free(&filename);
    ObjCode *code = compile_source(cx, AS_MODULE(args[2]), AS_STR(args[1]), text->data, text->n_bytes, PARSE_SINGLE, NULL);
    const Value result = code != NULL ? eval_module(thread_of(cx), code) : VALUE_ERROR;
    if (IS_ERROR(result)) {
        if (exc_matches_kind(cx, cx->pending, EXC_SystemExit)) {
            return VALUE_ERROR;
        }
        uncaught_show(cx, exc_take(cx));
    }
    return VALUE_NONE;
}

NATIVE(repl_open, "open(history, completer, /)",
       "Open the line editor; return False when standard input or output is no terminal.") {
    Interp *interp = interp_of(cx);
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || interp->line_editor != NULL) {
        return VALUE_FALSE;
    }
    Buf path = {0};
    const bool has_path = IS_STR(args[0]) && AS_STR(args[0])->n_bytes > 0;
    interp->line_editor = line_editor_open(cx, has_path ? text_of(args[0], &path) : NULL, args[1]);
    buf_free(&path);
    return BOOL_VALUE(interp->line_editor != NULL);
}

NATIVE(repl_close, "close()", "Close the line editor and save the history.") {
    Interp *interp = interp_of(cx);
    if (interp->line_editor != NULL) {
        line_editor_close(interp->line_editor);
        interp->line_editor = NULL;
    }
    return VALUE_NONE;
}

NATIVE(repl_readline, "readline(prompt, /)", "Return a line from the terminal, without its end.") {
    Interp *interp = interp_of(cx);
    if (interp->line_editor == NULL) {
        return exc_raise(cx, EXC_RuntimeError, "the line editor is not open");
    }
    if (!is_str(cx, args[0])) {
        return VALUE_ERROR;
    }
    Buf prompt = {0};
    const Value line = line_editor_read(interp->line_editor, text_of(args[0], &prompt));
    buf_free(&prompt);
    return line;
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(repl_check), NATIVE_ENTRY(repl_run_text), NATIVE_ENTRY(repl_open),
    NATIVE_ENTRY(repl_close), NATIVE_ENTRY(repl_readline), {NULL, NULL, NULL, 0},
};

bool mod_repl_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}

static Value interact(Thread *th) {
    Context *cx = &th->cx;
    ObjModule *main = program_main_module(th);
    const Value args[] = {main != NULL ? OBJ_VALUE(main) : VALUE_NONE, BOOL_VALUE(th->interp->options->is_quiet)};
    return main == NULL ? VALUE_ERROR : module_import_call(cx, "_console", "interact", args, 2);
}

int repl_run(Thread *th) {
    return IS_ERROR(interact(th)) ? uncaught_in_main(th, exc_take(&th->cx)) : 0;
}
