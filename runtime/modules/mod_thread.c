/* mod_thread.c - the module _thread: what lib/threading.mini is built on. */

#include <signal.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/block.h"
#include "runtime/host.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/lock.h"
#include "runtime/objects/thread_handle.h"

/* CPython's limit: seconds that fit into a signed 64-bit count of nanoseconds. */
static const double TIMEOUT_MAX_S = 9223372036.0;

enum { STACK_BYTES_MIN = 32768 };

NATIVE(thread_start_new_thread, "start_new_thread(function, args, kwargs=None, /)",
       "Start a thread that calls function(*args, **kwargs) and return its identity.") {
    if (!value_is_callable(cx, args[0])) {
        return exc_raise(cx, EXC_TypeError, "first arg must be callable");
    }
    if (!IS_TUPLE(args[1])) {
        return exc_raise(cx, EXC_TypeError, "2nd arg must be a tuple");
    }
    if (!IS_UNSET(args[2]) && !IS_DICT(args[2])) {
        return exc_raise(cx, EXC_TypeError, "optional 3rd arg must be a dictionary");
    }
    Value handle = thread_handle_new(cx);
    if (IS_ERROR(handle)) {
        return VALUE_ERROR;
    }
    const HostThread what = {args[0], args[1], args[2], handle, VALUE_UNSET, true};
    if (!host_thread_start(cx, &what)) {
        return VALUE_ERROR;
    }
    return int_from_u64(cx, atomic_load_relaxed(&AS_THREAD_HANDLE(handle)->ident));
}

NATIVE(thread_start_thread, "_start(target, handle, object, is_daemon, /)",
       "Start a thread that calls target(); handle is marked done at its end, object is its threading.Thread.") {
    bool is_daemon;
    if (!IS_THREAD_HANDLE(args[1])) {
        return exc_raise(cx, EXC_TypeError, "handle must be a _ThreadHandle");
    }
    if (!arg_bool(cx, args[3], false, &is_daemon)) {
        return VALUE_ERROR;
    }
    const HostThread what = {args[0], cx->rt->empty_tuple, VALUE_UNSET, args[1], args[2], is_daemon};
    return host_thread_start(cx, &what) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(thread_get_ident, "get_ident()", "Return a number that no other living thread has.") {
    return int_from_u64(cx, host_thread_ident(cx));
}

NATIVE(thread_get_native_id, "get_native_id()", "Return the system's number of this thread.") {
    return int_from_u64(cx, host_thread_native_id(cx));
}

NATIVE(thread_count, "_count()", "Return the number of living threads, the main thread left out.") {
    return int_from_i64(cx, (int64_t)host_thread_count(cx) - 1);
}

NATIVE(thread_current, "_current()", "Return the threading.Thread of this thread, or None.") {
    Value object = host_thread_object(cx, false);
    return IS_UNSET(object) ? VALUE_NONE : object;
}

NATIVE(thread_set_current, "_set_current(object, /)", "Set the threading.Thread of this thread.") {
    host_thread_set_object(cx, false, args[0]);
    return VALUE_NONE;
}

NATIVE(thread_main, "_main()", "Return the threading.Thread of the main thread, or None.") {
    Value object = host_thread_object(cx, true);
    return IS_UNSET(object) ? VALUE_NONE : object;
}

NATIVE(thread_set_main, "_set_main(object, /)", "Set the threading.Thread of the main thread.") {
    host_thread_set_object(cx, true, args[0]);
    return VALUE_NONE;
}

NATIVE(thread_objects, "_objects()", "Return a list of the threading.Thread of each living thread.") {
    return host_thread_objects(cx);
}

NATIVE(thread_locals, "_locals()", "Return the dict in which threading.local keeps what belongs to this thread.") {
    return host_thread_locals(cx);
}

NATIVE(thread_stack_size, "stack_size(size=0, /)",
       "Return the C stack size of new threads (0: the usual) and, with an argument, set it.") {
    int64_t n_bytes = 0;
    if (!IS_UNSET(args[0]) && !arg_int(cx, args[0], &n_bytes)) {
        return VALUE_ERROR;
    }
    if (n_bytes < 0) {
        return exc_raise(cx, EXC_ValueError, "size must be 0 or a positive value");
    }
    if (n_bytes != 0 && n_bytes < STACK_BYTES_MIN) {
        return exc_raise(cx, EXC_ValueError, "size not valid: %lld bytes", (long long)n_bytes);
    }
    size_t before = host_thread_set_stack_bytes(cx, (size_t)n_bytes);
    if (n_args == 0) {
        host_thread_set_stack_bytes(cx, before);
    }
    return int_from_u64(cx, before);
}

NATIVE(thread_allocate_lock, "allocate_lock()", "Return a new lock.") {
    return lock_new(cx, KIND_LOCK);
}

NATIVE(thread_exit, "exit()", "Raise SystemExit, which ends the thread without a word.") {
    return exc_raise_object(cx, exc_new(cx, EXC_SystemExit, cx->rt->empty_tuple));
}

NATIVE(thread_print_exception, "_print_exception(title, exception, /)",
       "Print title and the traceback of exception on sys.stderr.") {
    ObjStr *title = IS_NONE(args[0]) ? NULL : arg_str(cx, args[0], "_print_exception", "1");
    if (title == NULL && !IS_NONE(args[0])) {
        return VALUE_ERROR;
    }
    if (!IS_EXCEPTION(args[1])) {
        return exc_raise(cx, EXC_TypeError, "exception expected");
    }
    host_print_exception(cx, title, args[1]);
    return VALUE_NONE;
}

NATIVE(thread_format_exception, "_format_exception(exception, /)",
       "Return what an uncaught exception would print.") {
    if (!IS_EXCEPTION(args[0])) {
        return exc_raise(cx, EXC_TypeError, "Exception expected for value, %s found", type_name_of(cx, args[0]));
    }
    return exc_format(cx, args[0]);
}

NATIVE(thread_exception_message, "_exception_message(exception, /)",
       "Return (where a syntax error is, class and message) as an uncaught exception would print them.") {
    if (!IS_EXCEPTION(args[0])) {
        return exc_raise(cx, EXC_TypeError, "Exception expected for value, %s found", type_name_of(cx, args[0]));
    }
    return exc_format_message(cx, args[0]);
}

NATIVE(thread_source_line, "_source_line(filename, line, /)",
       "The line of a source that is no file, such as the text of -c; '' when there is none.") {
    int line = 0;
    ObjStr *filename = arg_str(cx, args[0], "_source_line", "1");
    if (filename == NULL || !arg_int32(cx, args[1], &line)) {
        return VALUE_ERROR;
    }
    Buf text = {0};
    exc_source_line(cx, filename, line < 0 ? 0 : (uint32_t)line, &text);
    ObjStr *found = str_from_buf(cx, &text);
    return found == NULL ? VALUE_ERROR : OBJ_VALUE(found);
}

NATIVE(thread_traceback_entry, "_traceback_entry(traceback, /)",
       "Return (text, end_lineno, colno, end_colno) of the first entry of a traceback.") {
    if (!IS_KIND(args[0], KIND_TRACEBACK)) {
        return exc_raise(cx, EXC_TypeError, "traceback expected, got %s", type_name_of(cx, args[0]));
    }
    return exc_traceback_entry(cx, args[0]);
}

NATIVE(thread_at_exit, "_at_exit(function, /)",
       "Call function() when the main thread has ended and all others but daemons have.") {
    return host_at_exit(cx, args[0]) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(thread_interrupt_main, "interrupt_main(signum=2, /)",
       "Have the main thread see a signal; nothing happens where nobody handles it.") {
    int number = SIGINT;
    if (!IS_UNSET(args[0]) && !arg_int32(cx, args[0], &number)) {
        return VALUE_ERROR;
    }
    struct sigaction action;
    if (number < 1 || sigaction(number, NULL, &action) < 0) {
        return exc_raise(cx, EXC_ValueError, "signal number out of range");
    }
    if (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) {
        kill(getpid(), number);
    }
    return !block_has_signal(cx) || block_poll(cx) ? VALUE_NONE : VALUE_ERROR;
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(thread_start_new_thread), NATIVE_ENTRY(thread_start_thread),
    NATIVE_ENTRY(thread_get_ident),        NATIVE_ENTRY(thread_get_native_id),
    NATIVE_ENTRY(thread_count),            NATIVE_ENTRY(thread_current),
    NATIVE_ENTRY(thread_set_current),      NATIVE_ENTRY(thread_main),
    NATIVE_ENTRY(thread_set_main),         NATIVE_ENTRY(thread_objects),
    NATIVE_ENTRY(thread_locals),           NATIVE_ENTRY(thread_stack_size),
    NATIVE_ENTRY(thread_allocate_lock),    NATIVE_ENTRY(thread_exit),
    NATIVE_ENTRY(thread_print_exception),  NATIVE_ENTRY(thread_at_exit),
    NATIVE_ENTRY(thread_format_exception),
    NATIVE_ENTRY(thread_exception_message),
    NATIVE_ENTRY(thread_traceback_entry),
    NATIVE_ENTRY(thread_source_line),
    NATIVE_ENTRY(thread_interrupt_main),
    {NULL, NULL, NULL, 0},
};

/* Python's Condition is a class of the language, which messages call without its module. */
static bool add_condition(Context *cx, ObjModule *module) {
    ObjType *type = runtime_open_type(cx, KIND_CONDITION);
    ObjStr *home = type == NULL ? NULL : str_intern(cx, "threading", 9);
    return home != NULL &&
           dict_set_str(cx, type->attributes, context_name(cx, NAME_module_), OBJ_VALUE(home)) &&
           module_set(cx, module, type->name, OBJ_VALUE(type));
}

bool mod_thread_open(Context *cx, ObjModule *module) {
    const Value error = exc_class(cx, EXC_RuntimeError);
    return !IS_ERROR(error) && module_add_natives(cx, module, functions) &&
           module_add_type(cx, module, KIND_LOCK, NULL) &&
           module_set_c(cx, module, "LockType", OBJ_VALUE(cx->rt->types[KIND_LOCK])) &&
           module_add_type(cx, module, KIND_RLOCK, NULL) &&
           add_condition(cx, module) &&
           module_add_type(cx, module, KIND_THREAD_HANDLE, NULL) &&
           module_set_c(cx, module, "error", error) &&
           module_set_c(cx, module, "TIMEOUT_MAX", value_from_double(TIMEOUT_MAX_S));
}
