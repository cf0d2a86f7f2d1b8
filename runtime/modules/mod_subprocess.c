/* mod_subprocess.c - the module _subprocess: starting another program. lib/subprocess.mini makes subprocess of it.
 *
 * Between fork and exec the child is a copy of one thread of many: a lock that another thread held stays locked in it for
 * ever. So it does nothing there but system calls; everything that it needs is made before. When one of them fails it
 * sends errno and the place through a pipe, which exec closes. */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/block.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"
#include "runtime/objects/tuple.h"

extern char **environ;

typedef enum SpawnStage { STAGE_CHDIR, STAGE_EXEC, STAGE_OTHER } SpawnStage;

typedef struct SpawnFailure {
    int error;
    int stage;
} SpawnFailure;

typedef struct Spawn {
    char **programs; /* paths to try, in turn; NULL ends each of these lists */
    char **arguments;
    char **environment;
    char *folder;   /* NULL: the parent's */
    int streams[3]; /* what 0, 1 and 2 become; -1: as the parent's */
    int *kept;      /* descriptors that stay open, -1 ends the list */
    bool closes_others;
    bool is_new_session;
    int failure_pipe;
} Spawn;

/* ---- In the child: nothing but system calls ---- */

static _Noreturn void give_up(const Spawn *spawn, SpawnStage stage) {
    const SpawnFailure failure = {errno, (int)stage};
    ssize_t n;
    do {
        n = write(spawn->failure_pipe, &failure, sizeof failure);
    } while (n < 0 && errno == EINTR);
    _exit(255);
}

/* A copy of the descriptor above 2, so that making 0, 1 and 2 does not overwrite it. */
static int out_of_the_way(const Spawn *spawn, int descriptor) {
    if (descriptor < 0 || descriptor > 2) {
        return descriptor;
    }
    const int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) {
        give_up(spawn, STAGE_OTHER);
    }
    return copy;
}

static void set_streams(const Spawn *spawn) {
    int from[3];
    for (int i = 0; i < 3; i++) {
        from[i] = out_of_the_way(spawn, spawn->streams[i]);
    }
    for (int i = 0; i < 3; i++) {
        if (from[i] >= 0 && dup2(from[i], i) < 0) {
            give_up(spawn, STAGE_OTHER);
        }
    }
}

static void close_range_of(unsigned from, unsigned to) {
#if defined(SYS_close_range)
    if (from > to || syscall(SYS_close_range, from, to, 0) == 0) {
        return;
    }
#endif
    struct rlimit limit;
    unsigned end = 65536;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < end) {
        end = (unsigned)limit.rlim_cur;
    }
    for (unsigned descriptor = from; descriptor <= to && descriptor < end; descriptor++) {
        close((int)descriptor);
    }
}

/* Closes everything from 3 on but what is kept: the ranges between the kept ones, in their order. */
static void close_others(const Spawn *spawn) {
    unsigned from = 3;
    for (;;) {
        int next = -1; /* the least kept one at or above from */
        for (const int *kept = spawn->kept; *kept >= 0; kept++) {
            if (*kept >= (int)from && (next < 0 || *kept < next)) {
                next = *kept;
            }
        }
        if (spawn->failure_pipe >= (int)from &&
            (next < 0 || spawn->failure_pipe < next)) {
            next = spawn->failure_pipe;
        }
        if (next < 0) {
            close_range_of(from, ~0u);
            return;
        }
        if ((unsigned)next > from) {
            close_range_of(from, (unsigned)next - 1);
        }
        from = (unsigned)next + 1;
    }
}

static void keep_open(const Spawn *spawn) {
    for (const int *kept = spawn->kept; *kept >= 0; kept++) {
        if (*kept != spawn->failure_pipe) {
            fcntl(*kept, F_SETFD, 0);
        }
    }
}

static _Noreturn void run_program(const Spawn *spawn) {
    set_streams(spawn);
    if (spawn->folder != NULL && chdir(spawn->folder) < 0) {
        give_up(spawn, STAGE_CHDIR);
    }
    if (spawn->is_new_session) {
        setsid();
    }
    keep_open(spawn);
    if (spawn->closes_others) {
        close_others(spawn);
    }
    /* What we ignore would stay ignored; what we hold back would stay held back. */
    signal(SIGPIPE, SIG_DFL);
#ifdef SIGXFSZ
    signal(SIGXFSZ, SIG_DFL);
#endif
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    int error = ENOENT;
    for (char **program = spawn->programs; *program != NULL; program++) {
        execve(*program, spawn->arguments, spawn->environment);
        if (errno != ENOENT && errno != ENOTDIR) {
            error = errno;
        }
    }
    errno = error;
    give_up(spawn, STAGE_EXEC);
}

/* ---- In the parent ---- */

static pid_t start(Spawn *spawn, int failure_write) {
    /* The handlers of signals are ours: none may run in the child before exec has taken them away. */
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    spawn->failure_pipe = failure_write;
    const pid_t pid = fork();
    if (pid == 0) {
        run_program(spawn);
    }
    const int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

/* Waits until the child has become the program, or could not: then *failure says why. */
static bool await_exec(Context *cx, int failure_read, SpawnFailure *failure) {
    block_begin(cx, BLOCK_CHILD, VALUE_NONE, BLOCK_FOREVER);
    ssize_t n;
    do {
        n = read(failure_read, failure, sizeof *failure);
    } while (n < 0 && errno == EINTR);
    block_end(cx);
    return n != (ssize_t)sizeof *failure;
}

/* pid, errno and what failed (0: the folder, 1: the program, 2: something else). */
static Value spawn_and_wait(Context *cx, Spawn *spawn) {
    int ends[2];
    if (pipe(ends) < 0) {
        return exc_raise_errno(cx, errno, VALUE_UNSET);
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    const int failure_write = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
    const pid_t pid = failure_write < 0 ? -1 : start(spawn, failure_write);
    const int error = errno;
    close(ends[1]);
    if (failure_write >= 0) {
        close(failure_write);
    }
    SpawnFailure failure = {0, 0};
    const bool is_ok = pid > 0 && await_exec(cx, ends[0], &failure);
    close(ends[0]);
    if (pid < 0) {
        return exc_raise_errno(cx, error, VALUE_UNSET);
    }
    return tuple_pack(cx, 3, value_from_int(pid),
                      value_from_int(is_ok ? 0 : failure.error),
                      value_from_int(failure.stage));
}

/* The texts of a tuple of bytes, which stays alive as long as the list is used. Free with mem_free. */
static char **texts_of(Context *cx, Value v) {
    if (!IS_TUPLE(v)) {
        exc_raise(cx, EXC_TypeError, "a tuple of bytes is required, not %s",
                  type_name_of(cx, v));
        return NULL;
    }
    const ObjTuple *tuple = AS_TUPLE(v);
    char **texts = mem_alloc_zeroed(tuple->n + 1, sizeof *texts);
    for (size_t i = 0; i < tuple->n; i++) {
        const Value item = tuple->items[i];
        if (!IS_BYTES(item) || strlen(AS_BYTES(item)->data) != AS_BYTES(item)->n_bytes) {
            exc_raise(cx, IS_BYTES(item) ? EXC_ValueError : EXC_TypeError,
                      "embedded null byte");
            mem_free(texts);
            return NULL;
        }
        texts[i] = AS_BYTES(item)->data;
    }
    return texts;
}

static int *descriptors_of(Context *cx, Value v) {
    if (!IS_TUPLE(v)) {
        exc_raise(cx, EXC_TypeError, "a tuple of descriptors is required");
        return NULL;
    }
    const ObjTuple *tuple = AS_TUPLE(v);
    int *descriptors = mem_alloc_zeroed(tuple->n + 1, sizeof *descriptors);
    for (size_t i = 0; i < tuple->n; i++) {
        if (!arg_int32(cx, tuple->items[i], &descriptors[i])) {
            mem_free(descriptors);
            return NULL;
        }
    }
    descriptors[tuple->n] = -1;
    return descriptors;
}

NATIVE(subprocess_spawn,
       "spawn(programs, arguments, environment, folder, stdin, stdout, stderr, kept, "
       "close_fds, new_session, /)",
       "Start a program; return (pid, errno, what failed). Everything is bytes; "
       "environment and folder may be None.") {
    Spawn spawn = {.closes_others = false};
    bool is_ok = arg_bool(cx, args[8], true, &spawn.closes_others) &&
                 arg_bool(cx, args[9], false, &spawn.is_new_session);
    for (int i = 0; i < 3; i++) {
        is_ok = is_ok && arg_int32(cx, args[4 + i], &spawn.streams[i]);
    }
    char **environment = NULL;
    if (is_ok && (IS_NONE(args[2]) || (environment = texts_of(cx, args[2])) != NULL)) {
        spawn.environment = environment != NULL ? environment : environ;
        spawn.folder = IS_BYTES(args[3]) ? AS_BYTES(args[3])->data : NULL;
        spawn.programs = texts_of(cx, args[0]);
        spawn.arguments = spawn.programs != NULL ? texts_of(cx, args[1]) : NULL;
        spawn.kept = spawn.arguments != NULL ? descriptors_of(cx, args[7]) : NULL;
    }
    const Value result = spawn.kept != NULL ? spawn_and_wait(cx, &spawn) : VALUE_ERROR;
    mem_free(spawn.kept);
    mem_free(spawn.arguments);
    mem_free(spawn.programs);
    mem_free(environment);
    return result;
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(subprocess_spawn),
    {NULL, NULL, NULL, 0},
};

bool mod_subprocess_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
