/* uncaught.c - exceptions that nobody caught. See uncaught.h. */

#include "interp/uncaught.h"

#include <errno.h>
#include <unistd.h>

#include "runtime/call.h"
#include "runtime/gc/finalize.h"
#include "runtime/gc/weak.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/suggest.h"

/* Calls sys.stderr.NAME(argument). False: it could not be done; nothing is pending. */
static bool call_stderr(Context *cx, NameId name, const Value *args, int n_args) {
    ObjModule *sys = cx->rt->sys;
    Value file = sys != NULL ? module_get(cx, sys, context_name(cx, NAME_plain_stderr)) : VALUE_UNSET;
    if (IS_UNSET(file) || IS_NONE(file)) {
        return false;
    }
    Value method = value_getattr(cx, file, context_name(cx, name));
    Value result = IS_ERROR(method) ? VALUE_ERROR : call_value(cx, method, args, n_args);
    if (IS_ERROR(result)) {
        exc_take(cx);
    }
    return !IS_ERROR(result);
}

static void write_descriptor(const char *text, size_t n_bytes) {
    while (n_bytes > 0) {
        const ssize_t n = write(STDERR_FILENO, text, n_bytes);
        if (n < 0 && errno != EINTR) {
            return;
        }
        text += n > 0 ? n : 0;
        n_bytes -= n > 0 ? (size_t)n : 0;
    }
}

void uncaught_print_text(Context *cx, const ObjStr *text) {
    const Value v = OBJ_VALUE(text);
    if (!call_stderr(cx, NAME_plain_write, &v, 1)) {
        write_descriptor(text->data, text->n_bytes);
        return;
    }
    call_stderr(cx, NAME_plain_flush, NULL, 0);
}

static void print_titled(Context *cx, ObjStr *title, Value text) {
    if (IS_ERROR(text)) {
        exc_take(cx);
        return;
    }
    /* One write, so that the lines of several threads do not mix. */
    if (title != NULL) {
        ObjStr *line = str_format_c(cx, "%.*s\n", (int)title->n_bytes, title->data);
        ObjStr *whole = line != NULL ? str_concat(cx, line, AS_STR(text)) : NULL;
        if (whole == NULL) {
            exc_take(cx);
        } else {
            text = OBJ_VALUE(whole);
        }
    }
    uncaught_print_text(cx, AS_STR(text));
}

void uncaught_print(Context *cx, ObjStr *title, Value exception) {
    print_titled(cx, title, exc_format(cx, exception));
}

void uncaught_print_ignored(Context *cx, ObjStr *title, Value exception) {
    print_titled(cx, title, exc_format_plain(cx, exception));
}

/* Calls a sys.unraisablehook that the script has set. False: there is none. */
static bool call_unraisable_hook(Context *cx, Value exception, Value object) {
    ObjStr *hook_name = str_intern(cx, "unraisablehook", 14);
    if (hook_name == NULL || cx->rt->sys == NULL || IS_UNSET(module_get(cx, cx->rt->sys, hook_name))) {
        return false;
    }
    const Value args[] = {exception, object};
    if (IS_ERROR(module_import_call(cx, "_sys_more", "_call_unraisable_hook", args, 2))) {
        exc_take(cx);
        return false;
    }
    return true;
}

void uncaught_ignore(Context *cx, Value object) {
    Value exception = exc_take(cx);
    if (call_unraisable_hook(cx, exception, object)) {
        return;
    }
    Value text = value_repr(cx, object);
    ObjStr *title = IS_ERROR(text) ? NULL
                                   : str_format_c(cx, "Exception ignored in: %.*s",
                                                  (int)AS_STR(text)->n_bytes, AS_STR(text)->data);
    if (title == NULL) {
        exc_take(cx);
    }
    uncaught_print_ignored(cx, title, exception);
}

void uncaught_never_awaited(Context *cx, Value coroutine) {
    if (IS_ERROR(module_import_call(cx, "warnings", "_warn_unawaited", &coroutine, 1))) {
        uncaught_ignore(cx, coroutine);
    }
}

bool gc_host_was_begun(const Obj *coroutine) {
    return atomic_load_relaxed(&((const ObjGenerator *)coroutine)->state) != GENERATOR_CREATED;
}

void gc_host_finalize(Context *cx, Obj *o) {
    const Value self = OBJ_VALUE(o);
    if (o->kind == KIND_COROUTINE) {
        uncaught_never_awaited(cx, self);
        return;
    }
    const Value method = type_special(type_of(cx, self), SPECIAL_del);
    if (!IS_UNSET(method) && IS_ERROR(call_method(cx, method, self, NULL, 0))) {
        uncaught_ignore(cx, method);
    }
}

void gc_host_weak_callback(Context *cx, Value callback, Value reference) {
    if (IS_ERROR(call_value(cx, callback, &reference, 1))) {
        uncaught_ignore(cx, callback);
    }
}

/* What sys.exit(code) makes of its argument. */
static int status_of_exit(Context *cx, Value exception) {
    Value code = value_load(&AS_EXCEPTION(exception)->value);
    if (IS_UNSET(code) || IS_NONE(code)) {
        return 0;
    }
    int64_t number;
    if (IS_INT_LIKE(code)) {
        return int_to_i64(code, &number) ? (int)(number & 0xff) : 0xff;
    }
    Value text = value_str(cx, code);
    ObjStr *newline = IS_ERROR(text) ? NULL : str_from_c(cx, "\n");
    ObjStr *line = newline != NULL ? str_concat(cx, AS_STR(text), newline) : NULL;
    if (line == NULL) {
        exc_take(cx);
    } else {
        uncaught_print_text(cx, line);
    }
    return 1;
}

/* Calls a sys.excepthook that the script has set. False: there is none. */
static bool call_hook(Context *cx, Value exception) {
    ObjStr *name = str_from_c(cx, "excepthook");
    Value hook = name != NULL && cx->rt->sys != NULL
                     ? module_get(cx, cx->rt->sys, str_intern_obj(cx, name))
                     : VALUE_UNSET;
    if (IS_UNSET(hook) || IS_NONE(hook) || IS_NATIVE(hook)) {
        return false;
    }
    const Value args[] = {OBJ_VALUE(type_of(cx, exception)), exception,
                          value_load(&AS_EXCEPTION(exception)->traceback)};
    if (IS_ERROR(call_value(cx, hook, args, 3))) {
        Value second = exc_take(cx);
        uncaught_print(cx, str_from_c(cx, "Error in sys.excepthook:"), second);
        uncaught_print(cx, str_from_c(cx, "\nOriginal exception was:"), exception);
    }
    return true;
}

/* What to do about a module of Python's library that is not part of mini. */
static void print_advice(Context *cx, Value exception) {
    if (!exc_matches_kind(cx, exception, EXC_ModuleNotFoundError)) {
        return;
    }
    const Value name = value_load(&AS_EXCEPTION(exception)->value);
    if (!IS_STR(name) || !suggest_is_library_module(AS_STR(name))) {
        return;
    }
    ObjStr *line = str_format_c(cx, "mini: %.*s is a module of Python's library that mini does not have; python3 runs this script\n",
                                (int)AS_STR(name)->n_bytes, AS_STR(name)->data);
    if (line == NULL) {
        exc_take(cx);
    } else {
        uncaught_print_text(cx, line);
    }
}

void uncaught_show(Context *cx, Value exception) {
    if (!call_hook(cx, exception)) {
        uncaught_print(cx, NULL, exception);
        print_advice(cx, exception);
    }
}

int uncaught_in_main(Thread *th, Value exception) {
    Context *cx = &th->cx;
    cx->handled = VALUE_UNSET;
    if (exc_matches_kind(cx, exception, EXC_SystemExit)) {
        return status_of_exit(cx, exception);
    }
    uncaught_show(cx, exception);
    return exc_matches_kind(cx, exception, EXC_KeyboardInterrupt) ? UNCAUGHT_INTERRUPTED : 1;
}

void uncaught_in_thread(Thread *th, Value exception) {
    Context *cx = &th->cx;
    if (exc_matches_kind(cx, exception, EXC_SystemExit)) {
        return;
    }
    Value target = value_repr(cx, th->target);
    ObjStr *title = NULL;
    if (IS_ERROR(target)) {
        exc_take(cx);
    } else {
        title = str_format_c(cx, "Exception ignored in thread started by %.*s",
                             (int)AS_STR(target)->n_bytes, AS_STR(target)->data);
    }
    uncaught_print_ignored(cx, title, exception);
}
