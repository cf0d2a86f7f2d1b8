/* process_handle.c - waiting for child processes. See process_handle.h. */

#include "runtime/objects/process_handle.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#    include <sys/syscall.h>
#endif

#include "runtime/base/platform.h"
#include "runtime/block.h"
#include "runtime/gc/alloc.h"
#include "runtime/host.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"
#include "runtime/objects/objlock.h"

enum { NS_PER_MS = 1000000, LONGEST_NAP_NS = 20 * NS_PER_MS, FIRST_NAP_NS = NS_PER_MS / 2 };

Value process_handle_new(Context *cx, pid_t pid) {
    ObjProcessHandle *handle = HEAP_NEW(cx, ObjProcessHandle, KIND_PROCESS_HANDLE);
    if (handle == NULL) {
        return VALUE_ERROR;
    }
    handle->pid = pid;
    handle->parent = getpid();
    return OBJ_VALUE(handle);
}

int process_exit_code(int status) {
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* Reaps the child if it has ended. Never blocks. */
static ProcessState look(Context *cx, ObjProcessHandle *handle) {
    ProcessState state = (ProcessState)atomic_load_acquire(&handle->state);
    if (state != PROCESS_ALIVE) {
        return state;
    }
    const bool is_locked = objlock_lock(cx, &handle->header);
    state = (ProcessState)handle->state;
    if (state == PROCESS_ALIVE) {
        int status = 0;
        const pid_t pid = waitpid(handle->pid, &status, WNOHANG);
        if (pid == handle->pid) {
            handle->exit_code = process_exit_code(status);
            host_note_child_end(cx, pid, status);
            state = PROCESS_ENDED;
        } else if (pid < 0 && errno == ECHILD) {
            state = PROCESS_LOST;
        }
        atomic_store_release(&handle->state, (uint32_t)state);
    }
    objlock_unlock(cx, &handle->header, is_locked);
    return state;
}

/* Blocks until the child has ended or a signal came. */
static int wait_for_ever(Context *cx, ObjProcessHandle *handle) {
    siginfo_t info;
    block_begin(cx, BLOCK_CHILD, OBJ_VALUE(handle), BLOCK_FOREVER);
    const int result = waitid(P_PID, (id_t)handle->pid, &info, WEXITED | WNOWAIT);
    const int error = result < 0 ? errno : 0;
    block_end(cx);
    return error;
}

static int open_pidfd(pid_t pid) {
#if defined(SYS_pidfd_open)
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    (void)pid;
    return -1;
#endif
}

/* One nap on the way to the deadline: until the child ends, a signal comes, or (where the system has no descriptors for
 * processes) *nap_ns is over. Returns 0 or EINTR. */
static int wait_a_while(Context *cx, ObjProcessHandle *handle, uint64_t deadline_ns, uint64_t *nap_ns) {
    int error = 0;
    block_begin(cx, BLOCK_CHILD, OBJ_VALUE(handle), deadline_ns);
    const int descriptor = open_pidfd(handle->pid);
    if (descriptor >= 0) {
        struct pollfd wanted = {.fd = descriptor, .events = POLLIN};
        if (poll(&wanted, 1, platform_ms_until(deadline_ns)) < 0) {
            error = errno;
        }
        close(descriptor);
    } else {
        const uint64_t nap_end = platform_clock_ns() + *nap_ns;
        error = platform_sleep_until(nap_end < deadline_ns ? nap_end : deadline_ns);
        *nap_ns = *nap_ns * 2 > LONGEST_NAP_NS ? LONGEST_NAP_NS : *nap_ns * 2;
    }
    block_end(cx);
    return error;
}

/* 1: the child has ended, 0: not before the deadline, -1: exception. */
static int join(Context *cx, ObjProcessHandle *handle, bool is_limited, uint64_t deadline_ns) {
    uint64_t nap_ns = FIRST_NAP_NS;
    while (look(cx, handle) == PROCESS_ALIVE) {
        if (is_limited && platform_clock_ns() >= deadline_ns) {
            return 0;
        }
        const int error = is_limited ? wait_a_while(cx, handle, deadline_ns, &nap_ns)
                                     : wait_for_ever(cx, handle);
        if (error == EINTR && block_has_signal(cx) && !block_poll(cx)) {
            return -1;
        }
    }
    return 1;
}

NATIVE(process_join, "join(self, timeout=None)",
       "Wait for the end of the process; return False if it has not come after timeout seconds.") {
    bool is_limited;
    uint64_t ns;
    if (!arg_timeout_ns(cx, args[1], true, &is_limited, &ns)) {
        return VALUE_ERROR;
    }
    const int is_over = join(cx, AS_PROCESS_HANDLE(args[0]), is_limited, platform_clock_ns() + ns);
    return is_over < 0 ? VALUE_ERROR : BOOL_VALUE(is_over);
}

NATIVE(process_is_alive, "is_alive(self)", "Return whether the process has not ended yet.") {
    return BOOL_VALUE(look(cx, AS_PROCESS_HANDLE(args[0])) == PROCESS_ALIVE);
}

NATIVE(process_send_signal, "send_signal(self, signal, /)",
       "Send a signal to the process, unless it has ended.") {
    int number;
    if (!arg_int32(cx, args[1], &number)) {
        return VALUE_ERROR;
    }
    ObjProcessHandle *handle = AS_PROCESS_HANDLE(args[0]);
    /* Under the lock it cannot be reaped, and so its pid is its own. */
    const bool is_locked = objlock_lock(cx, &handle->header);
    if (handle->state == PROCESS_ALIVE && kill(handle->pid, number) == 0) {
        host_note_signal(cx, handle->pid, number);
    }
    objlock_unlock(cx, &handle->header, is_locked);
    return VALUE_NONE;
}

NATIVE(process_open_descriptor, "open_descriptor(self)",
       "A new descriptor that is ready when the process has ended; OSError when it is gone or there are none.") {
    errno = ENOSYS;
    const int descriptor = open_pidfd(AS_PROCESS_HANDLE(args[0])->pid);
    return descriptor < 0 ? exc_raise_errno(cx, errno, VALUE_UNSET) : value_from_int(descriptor);
}

static const NativeDef process_methods[] = {
    NATIVE_ENTRY(process_join),
    NATIVE_ENTRY(process_is_alive),
    NATIVE_ENTRY(process_send_signal),
    NATIVE_ENTRY(process_open_descriptor),
    {NULL, NULL, NULL, 0},
};

static Value process_get_pid(Context *cx, Value self) {
    return int_from_i64(cx, AS_PROCESS_HANDLE(self)->pid);
}

static Value process_get_exitcode(Context *cx, Value self) {
    ObjProcessHandle *handle = AS_PROCESS_HANDLE(self);
    return look(cx, handle) == PROCESS_ENDED ? int_from_i64(cx, handle->exit_code) : VALUE_NONE;
}

static const GetsetDef process_getsets[] = {
    {"pid", "The system's number of the process.", process_get_pid, NULL},
    {"exitcode", "Its exit status, the negative number of the signal that killed it, or None.",
     process_get_exitcode, NULL},
    {NULL, NULL, NULL, NULL},
};

static Value process_construct(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs) {
    (void)type;
    int pid;
    if (!construct_check(cx, "_ProcessHandle", n_args, 1, 1, kwargs) || !arg_int32(cx, args[0], &pid)) {
        return VALUE_ERROR;
    }
    return process_handle_new(cx, (pid_t)pid);
}

static Value process_repr(Context *cx, Value v) {
    ObjStr *text = str_format_c(cx, "<_ProcessHandle pid=%d>", (int)AS_PROCESS_HANDLE(v)->pid);
    return text != NULL ? OBJ_VALUE(text) : VALUE_ERROR;
}

const KindOps kind_ops_ObjProcessHandle = {
    .repr = process_repr,
    .construct = process_construct,
    .methods = process_methods,
    .getsets = process_getsets,
    .doc = "Stands for a child process: tells whether it lives and waits for its end.",
};
