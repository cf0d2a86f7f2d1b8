/* mod_process.c - the module _process: forks, waiting for children, messages through descriptors. What the modules os
 * and multiprocessing are built on. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/platform.h"
#include "runtime/block.h"
#include "runtime/host.h"
#include "runtime/modules/modules.h"
#include "runtime/modules/transfer.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/process_handle.h"

/* After a system call that failed: whether to try again. False: the exception is pending. */
static bool go_on_after(Context *cx, int error) {
    if (error == EINTR) {
        return block_poll(cx);
    }
    exc_raise_errno(cx, error, VALUE_UNSET);
    return false;
}

/* ---- Making and ending processes ---- */

/* What os.register_at_fork registered, when it was imported. */
static bool run_registered(Context *cx, const char *which) {
    ObjStr *name = str_intern(cx, "_at_fork", sizeof "_at_fork" - 1);
    if (name == NULL || IS_UNSET(dict_get_str(cx->rt->modules, name))) {
        return name != NULL;
    }
    return !IS_ERROR(module_import_call(cx, "_at_fork", which, NULL, 0));
}

NATIVE(process_fork, "fork()", "Make a child process; return its pid, and 0 in the child.") {
    if (!run_registered(cx, "run_before")) {
        return VALUE_ERROR;
    }
    const pid_t pid = host_fork(cx);
    const int error = errno;
    if (!run_registered(cx, pid == 0 ? "run_in_child" : "run_in_parent")) {
        return VALUE_ERROR;
    }
    errno = error;
    return pid < 0 ? exc_raise_errno(cx, errno, VALUE_UNSET) : int_from_i64(cx, pid);
}

NATIVE(process__exit, "_exit(status)", "End the process at once, without flushing anything.") {
    int status;
    if (!arg_int32(cx, args[0], &status)) {
        return VALUE_ERROR;
    }
    host_note_exit(cx, status);
    _exit(status);
}

NATIVE(process_leave, "leave(status, /)",
       "End the process as the end of the main program does: wait for threads, flush, exit.") {
    int status;
    if (!arg_int32(cx, args[0], &status)) {
        return VALUE_ERROR;
    }
    if (!host_is_main_thread(cx)) {
        return exc_raise(cx, EXC_RuntimeError, "only the main thread can leave: it waits for the others");
    }
    host_exit(cx, status);
}

/* ---- Waiting ---- */

static Value wait_for(Context *cx, pid_t pid, int options) {
    for (;;) {
        int status = 0;
        block_begin(cx, BLOCK_CHILD, pid > 0 ? value_from_int(pid) : VALUE_NONE, BLOCK_FOREVER);
        const pid_t found = waitpid(pid, &status, options);
        block_end(cx);
        if (found >= 0) {
            if (found > 0 && (WIFEXITED(status) || WIFSIGNALED(status))) {
                host_note_child_end(cx, found, status);
            }
            Value result[] = {int_from_i64(cx, found), int_from_i64(cx, status)};
            return tuple_from(cx, result, 2);
        }
        if (!go_on_after(cx, errno)) {
            return VALUE_ERROR;
        }
    }
}

NATIVE(process_wait, "wait()", "Wait for any child to end; return its pid and status.") {
    return wait_for(cx, -1, 0);
}

NATIVE(process_waitpid, "waitpid(pid, options, /)", "Wait for a child to end; return its pid and status.") {
    int pid;
    int options;
    if (!arg_int32(cx, args[0], &pid) || !arg_int32(cx, args[1], &options)) {
        return VALUE_ERROR;
    }
    return wait_for(cx, (pid_t)pid, options);
}

NATIVE(process_waitstatus_to_exitcode, "waitstatus_to_exitcode(status)",
       "Turn a status of wait() into an exit code; negative for a signal.") {
    int status;
    if (!arg_int32(cx, args[0], &status)) {
        return VALUE_ERROR;
    }
    if (WIFSTOPPED(status)) {
        return exc_raise(cx, EXC_ValueError, "process stopped by delivery of signal %d", WSTOPSIG(status));
    }
    if (!WIFEXITED(status) && !WIFSIGNALED(status)) {
        return exc_raise(cx, EXC_ValueError, "invalid wait status: %d", status);
    }
    return int_from_i64(cx, process_exit_code(status));
}

#define STATUS_FUNCTION(name, expression, doc)                                                     \
    NATIVE(process_##name, #name "(status)", doc) {                                                \
        int status;                                                                                \
        return arg_int32(cx, args[0], &status) ? (expression) : VALUE_ERROR;                       \
    }

STATUS_FUNCTION(WIFEXITED, BOOL_VALUE(WIFEXITED(status)), "Return whether the process exited by itself.")
STATUS_FUNCTION(WIFSIGNALED, BOOL_VALUE(WIFSIGNALED(status)), "Return whether a signal ended the process.")
STATUS_FUNCTION(WIFSTOPPED, BOOL_VALUE(WIFSTOPPED(status)), "Return whether the process is stopped.")
STATUS_FUNCTION(WEXITSTATUS, value_from_int(WEXITSTATUS(status)), "Return the exit status in a status of wait().")
STATUS_FUNCTION(WTERMSIG, value_from_int(WTERMSIG(status)), "Return the signal that ended the process.")
STATUS_FUNCTION(WSTOPSIG, value_from_int(WSTOPSIG(status)), "Return the signal that stopped the process.")

/* ---- Messages: a length and the bytes of a value ---- */

typedef uint64_t MessageLength;

/* n_bytes from or to a descriptor, however many calls it takes. 1: done, 0: end of file before the first byte, -1:
 * exception. */
static int move_all(Context *cx, int descriptor, char *bytes, size_t n_bytes, bool is_writing) {
    size_t n_moved = 0;
    while (n_moved < n_bytes) {
        block_begin(cx, is_writing ? BLOCK_WRITE : BLOCK_READ, VALUE_NONE, BLOCK_FOREVER);
        const ssize_t n = is_writing ? write(descriptor, bytes + n_moved, n_bytes - n_moved)
                                     : read(descriptor, bytes + n_moved, n_bytes - n_moved);
        block_end(cx);
        if (n > 0) {
            n_moved += (size_t)n;
        } else if (n == 0) {
            if (n_moved > 0) {
                exc_raise(cx, EXC_OSError, "got end of file during message");
            }
            return n_moved > 0 ? -1 : 0;
        } else if (!go_on_after(cx, errno)) {
            return -1;
        }
    }
    return 1;
}

NATIVE(process_send, "send(descriptor, value, /)", "Write a value as a message.") {
    int descriptor;
    if (!arg_int32(cx, args[0], &descriptor)) {
        return VALUE_ERROR;
    }
    Buf message = {0};
    MessageLength length = 0;
    buf_add(&message, (const char *)&length, sizeof length);
    bool is_ok = transfer_pack(cx, args[1], &message);
    if (is_ok) {
        length = message.n_bytes - sizeof length;
        memcpy(message.bytes, &length, sizeof length);
        is_ok = move_all(cx, descriptor, message.bytes, message.n_bytes, true) > 0;
    }
    buf_free(&message);
    return is_ok ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(process_recv, "recv(descriptor, /)", "Read a message and return its value; EOFError at the end.") {
    int descriptor;
    if (!arg_int32(cx, args[0], &descriptor)) {
        return VALUE_ERROR;
    }
    MessageLength length;
    int is_there = move_all(cx, descriptor, (char *)&length, sizeof length, false);
    if (is_there <= 0) {
        return is_there < 0 ? VALUE_ERROR : exc_raise_object(cx, exc_new(cx, EXC_EOFError, cx->rt->empty_tuple));
    }
    if (length > SIZE_MAX / 8) {
        return exc_raise(cx, EXC_OSError, "bad message length");
    }
    Buf message = {0};
    buf_reserve(&message, length > 0 ? length : 1);
    is_there = move_all(cx, descriptor, message.bytes, length, false);
    Value value = is_there > 0    ? transfer_unpack(cx, message.bytes, length)
                  : is_there == 0 ? exc_raise(cx, EXC_OSError, "got end of file during message")
                                  : VALUE_ERROR;
    buf_free(&message);
    return value;
}

NATIVE(process_socketpair, "socketpair()", "Return two descriptors that are connected in both directions.") {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) {
        return exc_raise_errno(cx, errno, VALUE_UNSET);
    }
    Value result[] = {value_from_int(ends[0]), value_from_int(ends[1])};
    return tuple_from(cx, result, 2);
}

/* Milliseconds for poll until a deadline, rounded up. */
static int ms_until(uint64_t deadline_ns) {
    const uint64_t now = platform_clock_ns();
    const uint64_t ms = now >= deadline_ns ? 0 : (deadline_ns - now + 999999) / 1000000;
    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

NATIVE(process_poll, "poll(descriptor, timeout=None, /)",
       "Return whether something can be read from the descriptor within timeout seconds.") {
    int descriptor;
    bool is_limited;
    uint64_t ns;
    if (!arg_int32(cx, args[0], &descriptor) || !arg_timeout_ns(cx, args[1], true, &is_limited, &ns)) {
        return VALUE_ERROR;
    }
    const uint64_t deadline_ns = platform_clock_ns() + ns;
    for (;;) {
        struct pollfd wanted = {.fd = descriptor, .events = POLLIN};
        block_begin(cx, BLOCK_POLL, VALUE_NONE, is_limited ? deadline_ns : BLOCK_FOREVER);
        const int n = poll(&wanted, 1, is_limited ? ms_until(deadline_ns) : -1);
        block_end(cx);
        if (n >= 0) {
            return BOOL_VALUE(n > 0);
        }
        if (!go_on_after(cx, errno)) {
            return VALUE_ERROR;
        }
    }
}

NATIVE(process_available, "available(descriptor, /)",
       "Return the number of bytes that can be read from the descriptor at once.") {
    int descriptor;
    int n_bytes = 0;
    if (!arg_int32(cx, args[0], &descriptor)) {
        return VALUE_ERROR;
    }
    if (ioctl(descriptor, FIONREAD, &n_bytes) < 0) {
        return exc_raise_errno(cx, errno, VALUE_UNSET);
    }
    return value_from_int(n_bytes);
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(process_fork),
    NATIVE_ENTRY(process__exit),
    NATIVE_ENTRY(process_leave),
    NATIVE_ENTRY(process_wait),
    NATIVE_ENTRY(process_waitpid),
    NATIVE_ENTRY(process_waitstatus_to_exitcode),
    NATIVE_ENTRY(process_WIFEXITED),
    NATIVE_ENTRY(process_WIFSIGNALED),
    NATIVE_ENTRY(process_WIFSTOPPED),
    NATIVE_ENTRY(process_WEXITSTATUS),
    NATIVE_ENTRY(process_WTERMSIG),
    NATIVE_ENTRY(process_WSTOPSIG),
    NATIVE_ENTRY(process_socketpair),
    NATIVE_ENTRY(process_send),
    NATIVE_ENTRY(process_recv),
    NATIVE_ENTRY(process_poll),
    NATIVE_ENTRY(process_available),
    {NULL, NULL, NULL, 0},
};

static const ModuleNumber numbers[] = {
    {"WNOHANG", WNOHANG}, {"WUNTRACED", WUNTRACED}, {"SIGHUP", SIGHUP},   {"SIGINT", SIGINT},
    {"SIGQUIT", SIGQUIT}, {"SIGKILL", SIGKILL},     {"SIGTERM", SIGTERM}, {"SIGUSR1", SIGUSR1},
    {"SIGUSR2", SIGUSR2}, {"SIGSTOP", SIGSTOP},     {"SIGCONT", SIGCONT}, {"SIGPIPE", SIGPIPE},
    {NULL, 0},
};

bool mod_process_open(Context *cx, ObjModule *module) {
    return module_add_numbers(cx, module, numbers) && module_add_natives(cx, module, functions) &&
           module_add_type(cx, module, KIND_PROCESS_HANDLE, NULL);
}
