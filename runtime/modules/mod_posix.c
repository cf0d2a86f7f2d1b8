/* mod_posix.c - the module _posix: the system calls of os that few programs make, and the users and groups of pwd and grp.
 *
 * Loaded by lib/_os_more.mini when a program asks os for one of them. */

#if defined(__linux__) && !defined(_GNU_SOURCE)
#    define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/block.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/file.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"

extern char **environ;

enum { BUFFER_ON_STACK_BYTES = 16384, GROUPS_MAX = 1024 };

static Value none_or_fail(Context *cx, int result, Value filename) {
    return result < 0 ? exc_raise_errno(cx, errno, filename) : VALUE_NONE;
}

static Value number_or_fail(Context *cx, long long result) {
    return result < 0 ? exc_raise_errno(cx, errno, VALUE_UNSET)
                      : int_from_i64(cx, result);
}

static Value text_value(Context *cx, const char *text) {
    ObjStr *s = str_decode_lossy(cx, text, strlen(text), true);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

/* ---- Numbers in, a number or nothing out ---- */

typedef int (*CallOfInt)(int a);
typedef int (*CallOfTwo)(int a, int b);

static Value call_of_int(Context *cx, Value *args, CallOfInt call, bool gives_number) {
    int a;
    if (!arg_int32(cx, args[0], &a)) {
        return VALUE_ERROR;
    }
    const int result = call(a);
    return gives_number ? number_or_fail(cx, result)
                        : none_or_fail(cx, result, VALUE_UNSET);
}

static Value call_of_two(Context *cx, Value *args, CallOfTwo call) {
    int a;
    int b;
    if (!arg_int32(cx, args[0], &a) || !arg_int32(cx, args[1], &b)) {
        return VALUE_ERROR;
    }
    return none_or_fail(cx, call(a, b), VALUE_UNSET);
}

static int set_user(int id) {
    return setuid((uid_t)id);
}
static int set_group(int id) {
    return setgid((gid_t)id);
}
static int set_effective_user(int id) {
    return seteuid((uid_t)id);
}
static int set_effective_group(int id) {
    return setegid((gid_t)id);
}
static int change_mode(int fd, int mode) {
    return fchmod(fd, (mode_t)mode);
}

NATIVE(posix_getpgid, "getpgid(pid)", "Return the process group of a process.") {
    return call_of_int(cx, args, getpgid, true);
}

NATIVE(posix_getsid, "getsid(pid, /)", "Return the session of a process.") {
    return call_of_int(cx, args, getsid, true);
}

NATIVE(posix_fchdir, "fchdir(fd)", "Change the current directory to the open one.") {
    return call_of_int(cx, args, fchdir, false);
}

NATIVE(posix_setuid, "setuid(uid, /)", "Set the user of this process.") {
    return call_of_int(cx, args, set_user, false);
}

NATIVE(posix_setgid, "setgid(gid, /)", "Set the group of this process.") {
    return call_of_int(cx, args, set_group, false);
}

NATIVE(posix_seteuid, "seteuid(euid, /)", "Set the effective user of this process.") {
    return call_of_int(cx, args, set_effective_user, false);
}

NATIVE(posix_setegid, "setegid(egid, /)", "Set the effective group of this process.") {
    return call_of_int(cx, args, set_effective_group, false);
}

NATIVE(posix_setpgid, "setpgid(pid, pgrp, /)", "Set the process group of a process.") {
    return call_of_two(cx, args, setpgid);
}

NATIVE(posix_killpg, "killpg(pgid, signal, /)", "Send a signal to a process group.") {
    return call_of_two(cx, args, killpg);
}

NATIVE(posix_fchmod, "fchmod(fd, mode)", "Change the permissions of an open file.") {
    return call_of_two(cx, args, change_mode);
}

NATIVE(posix_getpgrp, "getpgrp()", "Return the process group of this process.") {
    return int_from_i64(cx, getpgrp());
}

NATIVE(posix_setpgrp, "setpgrp()", "Make this process the leader of a process group.") {
    return none_or_fail(cx, setpgid(0, 0), VALUE_UNSET);
}

NATIVE(posix_setsid, "setsid()", "Make this process the leader of a session.") {
    return none_or_fail(cx, setsid(), VALUE_UNSET);
}

NATIVE(posix_sync, "sync()", "Have everything written to the disks.") {
    block_begin(cx, BLOCK_WRITE, VALUE_NONE, BLOCK_FOREVER);
    sync();
    block_end(cx);
    return VALUE_NONE;
}

NATIVE(posix_abort, "abort()", "End the process with SIGABRT.") {
    abort();
}

/* -1 is also a niceness: errno, which was 0 before the call, tells. */
static Value niceness_or_fail(Context *cx, int niceness) {
    return niceness == -1 && errno != 0 ? exc_raise_errno(cx, errno, VALUE_UNSET)
                                        : value_from_int(niceness);
}

NATIVE(posix_nice, "nice(increment, /)",
       "Make this process that much nicer to others; return how nice it is.") {
    errno = 0;
    int increment;
    if (!arg_int32(cx, args[0], &increment)) {
        return VALUE_ERROR;
    }
    const int niceness = nice(increment);
    return niceness_or_fail(cx, niceness);
}

NATIVE(posix_getpriority, "getpriority(which, who)",
       "Return how nice a process, group or user is.") {
    int which;
    int who;
    if (!arg_int32(cx, args[0], &which) || !arg_int32(cx, args[1], &who)) {
        return VALUE_ERROR;
    }
    errno = 0;
    const int niceness = getpriority(which, (id_t)who);
    return niceness_or_fail(cx, niceness);
}

NATIVE(posix_setpriority, "setpriority(which, who, priority)",
       "Set how nice a process, group or user is.") {
    int which;
    int who;
    int niceness;
    if (!arg_int32(cx, args[0], &which) || !arg_int32(cx, args[1], &who) ||
        !arg_int32(cx, args[2], &niceness)) {
        return VALUE_ERROR;
    }
    return none_or_fail(cx, setpriority(which, (id_t)who, niceness), VALUE_UNSET);
}

NATIVE(posix_sysconf, "_sysconf(name, /)",
       "Return a fact about the system, by its number.") {
    int name;
    if (!arg_int32(cx, args[0], &name)) {
        return VALUE_ERROR;
    }
    errno = 0;
    const long value = sysconf(name);
    return value == -1 && errno != 0 ? exc_raise_errno(cx, errno, VALUE_UNSET)
                                     : int_from_i64(cx, value);
}

/* ---- Files ---- */

/* call(path, a, b), without the GIL. */
static Value call_of_path(Context *cx, Value *args, const char *function, int64_t a,
                          int64_t b,
                          int (*call)(const char *path, int64_t a, int64_t b)) {
    char *path = file_path_arg(cx, args[0], function, "path");
    if (path == NULL) {
        return VALUE_ERROR;
    }
    block_begin(cx, BLOCK_WRITE, args[0], BLOCK_FOREVER);
    const int result = call(path, a, b);
    const int error = errno;
    block_end(cx);
    mem_free(path);
    errno = error;
    return none_or_fail(cx, result, args[0]);
}

static int call_chown(const char *path, int64_t user, int64_t group) {
    return chown(path, (uid_t)user, (gid_t)group);
}

static int call_lchown(const char *path, int64_t user, int64_t group) {
    return lchown(path, (uid_t)user, (gid_t)group);
}

static int call_mkfifo(const char *path, int64_t mode, int64_t unused) {
    (void)unused;
    return mkfifo(path, (mode_t)mode);
}

static bool owner_args(Context *cx, Value *args, int *user, int *group) {
    return arg_int32(cx, args[1], user) && arg_int32(cx, args[2], group);
}

NATIVE(posix_chown, "chown(path, uid, gid)",
       "Change the owner and group of a file; -1 leaves one as it is.") {
    int user;
    int group;
    return owner_args(cx, args, &user, &group)
               ? call_of_path(cx, args, "chown", user, group, call_chown)
               : VALUE_ERROR;
}

NATIVE(posix_lchown, "lchown(path, uid, gid)", "As chown, but a link itself.") {
    int user;
    int group;
    return owner_args(cx, args, &user, &group)
               ? call_of_path(cx, args, "lchown", user, group, call_lchown)
               : VALUE_ERROR;
}

NATIVE(posix_fchown, "fchown(fd, uid, gid)", "As chown, for an open file.") {
    int fd;
    int user;
    int group;
    if (!arg_int32(cx, args[0], &fd) || !owner_args(cx, args, &user, &group)) {
        return VALUE_ERROR;
    }
    return none_or_fail(cx, fchown(fd, (uid_t)user, (gid_t)group), VALUE_UNSET);
}

NATIVE(posix_mkfifo, "mkfifo(path, mode=0o666)", "Make a pipe that has a name.") {
    int mode = 0666;
    if (args[1] != VALUE_UNSET && !arg_int32(cx, args[1], &mode)) {
        return VALUE_ERROR;
    }
    return call_of_path(cx, args, "mkfifo", mode, 0, call_mkfifo);
}

NATIVE(posix_ftruncate, "ftruncate(fd, length, /)", "Make an open file so long.") {
    int fd;
    int64_t length;
    if (!arg_int32(cx, args[0], &fd) || !arg_int(cx, args[1], &length)) {
        return VALUE_ERROR;
    }
    return none_or_fail(cx, ftruncate(fd, (off_t)length), VALUE_UNSET);
}

NATIVE(posix_fdatasync, "fdatasync(fd)",
       "Have the content of an open file written to the disk.") {
    int fd;
    if (!arg_int32(cx, args[0], &fd)) {
        return VALUE_ERROR;
    }
    block_begin(cx, BLOCK_WRITE, args[0], BLOCK_FOREVER);
    const int result = fsync(fd);
    const int error = errno;
    block_end(cx);
    errno = error;
    return none_or_fail(cx, result, VALUE_UNSET);
}

static Value statvfs_value(Context *cx, const struct statvfs *facts) {
    const uint64_t numbers[] = {facts->f_bsize,  facts->f_frsize, facts->f_blocks,
                                facts->f_bfree,  facts->f_bavail, facts->f_files,
                                facts->f_ffree,  facts->f_favail, facts->f_flag,
                                facts->f_namemax};
    enum { N = sizeof numbers / sizeof numbers[0] };
    Value values[N];
    for (size_t i = 0; i < N; i++) {
        values[i] = int_from_i64(cx, (int64_t)numbers[i]);
    }
    return tuple_from(cx, values, N);
}

NATIVE(posix_statvfs, "statvfs(path)",
       "Return facts about the file system where path, or the open file, is.") {
    struct statvfs facts;
    int result;
    int fd = -1;
    if (IS_INT(args[0])) {
        if (!arg_int32(cx, args[0], &fd)) {
            return VALUE_ERROR;
        }
        result = fstatvfs(fd, &facts);
    } else {
        char *path = file_path_arg(cx, args[0], "statvfs", "path");
        if (path == NULL) {
            return VALUE_ERROR;
        }
        result = statvfs(path, &facts);
        mem_free(path);
    }
    return result < 0 ? exc_raise_errno(cx, errno, fd < 0 ? args[0] : VALUE_UNSET)
                      : statvfs_value(cx, &facts);
}

/* ---- Processes ---- */

/* A list or tuple of bytes as NULL-terminated strings that live as long as it does. NULL: exception pending. */
static char **strings_of(Context *cx, Value v) {
    if (!IS_TUPLE(v)) {
        exc_raise(cx, EXC_TypeError, "a tuple is required");
        return NULL;
    }
    const ObjTuple *tuple = AS_TUPLE(v);
    char **strings = mem_alloc((tuple->n + 1) * sizeof *strings);
    for (size_t i = 0; i < tuple->n; i++) {
        if (!IS_BYTES(tuple->items[i])) {
            mem_free(strings);
            exc_raise(cx, EXC_TypeError, "a tuple of bytes is required");
            return NULL;
        }
        strings[i] = AS_BYTES(tuple->items[i])->data;
    }
    strings[tuple->n] = NULL;
    return strings;
}

NATIVE(posix_execve, "_execve(path, args, env, shown, /)",
       "Become another program. All are bytes; env None: the own environment; shown: the "
       "path for the error.") {
    if (!IS_BYTES(args[0])) {
        return exc_raise(cx, EXC_TypeError, "bytes are required");
    }
    char **arguments = strings_of(cx, args[1]);
    char **environment = arguments == NULL  ? NULL
                         : IS_NONE(args[2]) ? environ
                                            : strings_of(cx, args[2]);
    if (environment != NULL) {
        execve(AS_BYTES(args[0])->data, arguments, environment);
        exc_raise_errno(cx, errno, IS_NONE(args[3]) ? VALUE_UNSET : args[3]);
    }
    if (environment != environ) {
        mem_free(environment);
    }
    mem_free(arguments);
    return VALUE_ERROR;
}

NATIVE(posix_times, "times()",
       "Return the CPU time of this process and its children, and the time that has "
       "passed.") {
    struct tms spent;
    const clock_t elapsed = times(&spent);
    const double ticks = (double)sysconf(_SC_CLK_TCK);
    const Value values[] = {value_from_double((double)spent.tms_utime / ticks),
                            value_from_double((double)spent.tms_stime / ticks),
                            value_from_double((double)spent.tms_cutime / ticks),
                            value_from_double((double)spent.tms_cstime / ticks),
                            value_from_double((double)elapsed / ticks)};
    return tuple_from(cx, values, sizeof values / sizeof values[0]);
}

static double seconds_of(struct timeval time) {
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

static Value usage_value(Context *cx, const struct rusage *usage) {
    const long numbers[] = {usage->ru_maxrss, usage->ru_ixrss,   usage->ru_idrss,
                            usage->ru_isrss,  usage->ru_minflt,  usage->ru_majflt,
                            usage->ru_nswap,  usage->ru_inblock, usage->ru_oublock,
                            usage->ru_msgsnd, usage->ru_msgrcv,  usage->ru_nsignals,
                            usage->ru_nvcsw,  usage->ru_nivcsw};
    enum { N = sizeof numbers / sizeof numbers[0] };
    Value values[N + 2] = {value_from_double(seconds_of(usage->ru_utime)),
                           value_from_double(seconds_of(usage->ru_stime))};
    for (size_t i = 0; i < N; i++) {
        values[i + 2] = int_from_i64(cx, numbers[i]);
    }
    return tuple_from(cx, values, N + 2);
}

NATIVE(posix_getrusage, "getrusage(who, /)",
       "Return what a process and its children have used.") {
    int who;
    struct rusage usage;
    if (!arg_int32(cx, args[0], &who)) {
        return VALUE_ERROR;
    }
    if (getrusage(who, &usage) < 0) {
        return exc_raise(cx, EXC_ValueError, "invalid who parameter");
    }
    return usage_value(cx, &usage);
}

static Value raise_limit(Context *cx, int error, const char *what_is_invalid) {
    return error == EPERM    ? exc_raise(cx, EXC_ValueError, "not allowed to raise maximum limit")
           : error == EINVAL ? exc_raise(cx, EXC_ValueError, "%s", what_is_invalid)
                             : exc_raise_errno(cx, error, VALUE_UNSET);
}

NATIVE(posix_getrlimit, "_getrlimit(resource, /)", "Return the soft and the hard limit; -1 stands for none.") {
    int which;
    struct rlimit limit;
    if (!arg_int32(cx, args[0], &which)) {
        return VALUE_ERROR;
    }
    if (getrlimit(which, &limit) < 0) {
        return raise_limit(cx, errno, "invalid resource specified");
    }
    return tuple_pack(cx, 2, int_from_i64(cx, (int64_t)limit.rlim_cur), int_from_i64(cx, (int64_t)limit.rlim_max));
}

NATIVE(posix_setrlimit, "_setrlimit(resource, soft, hard, /)", "Set the limits of this process.") {
    int which;
    int64_t soft;
    int64_t hard;
    if (!arg_int32(cx, args[0], &which) || !arg_int(cx, args[1], &soft) || !arg_int(cx, args[2], &hard)) {
        return VALUE_ERROR;
    }
    struct rlimit limit;
    if (getrlimit(which, &limit) < 0) {
        return raise_limit(cx, errno, "invalid resource specified");
    }
    limit = (struct rlimit){(rlim_t)soft, (rlim_t)hard};
    return setrlimit(which, &limit) < 0 ? raise_limit(cx, errno, "current limit exceeds maximum limit") : VALUE_NONE;
}

NATIVE(posix_WIFCONTINUED, "WIFCONTINUED(status)", "Return whether the process was continued from a stop.") {
    int status;
    return arg_int32(cx, args[0], &status) ? BOOL_VALUE(WIFCONTINUED(status)) : VALUE_ERROR;
}

NATIVE(posix_WCOREDUMP, "WCOREDUMP(status)", "Return whether the process left a core file.") {
    int status;
    return arg_int32(cx, args[0], &status) ? BOOL_VALUE(WCOREDUMP(status)) : VALUE_ERROR;
}

NATIVE(posix_wait4, "wait4(pid, options)",
       "Wait for a child; return (pid, status, what it has used).") {
    int pid;
    int options;
    if (!arg_int32(cx, args[0], &pid) || !arg_int32(cx, args[1], &options)) {
        return VALUE_ERROR;
    }
    struct rusage usage;
    memset(&usage, 0, sizeof usage);
    for (;;) {
        int status = 0;
        block_begin(cx, BLOCK_CHILD, pid > 0 ? args[0] : VALUE_NONE, BLOCK_FOREVER);
        const pid_t found = wait4((pid_t)pid, &status, options, &usage);
        const int error = errno;
        block_end(cx);
        if (found >= 0) {
            const Value used = usage_value(cx, &usage);
            return IS_ERROR(used) ? used
                                  : tuple_pack(cx, 3, value_from_int(found),
                                               value_from_int(status), used);
        }
        if (error != EINTR) {
            return exc_raise_errno(cx, error, VALUE_UNSET);
        }
        if (!block_poll(cx)) {
            return VALUE_ERROR;
        }
    }
}

#if defined(__linux__)
NATIVE(posix_sched_getaffinity, "sched_getaffinity(pid, /)",
       "Return the set of the CPUs that a process may use.") {
    int pid;
    if (!arg_int32(cx, args[0], &pid)) {
        return VALUE_ERROR;
    }
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    if (sched_getaffinity((pid_t)pid, sizeof cpus, &cpus) < 0) {
        return exc_raise_errno(cx, errno, VALUE_UNSET);
    }
    ObjSet *set = set_new(cx, KIND_SET, 0);
    for (int i = 0; set != NULL && i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &cpus) && !set_add(cx, set, value_from_int(i))) {
            return VALUE_ERROR;
        }
    }
    return set == NULL ? VALUE_ERROR : OBJ_VALUE(set);
}

NATIVE(posix_sched_setaffinity, "_sched_setaffinity(pid, cpus, /)",
       "Let a process use only these CPUs: a tuple of numbers.") {
    int pid;
    if (!arg_int32(cx, args[0], &pid)) {
        return VALUE_ERROR;
    }
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    for (size_t i = 0; IS_TUPLE(args[1]) && i < AS_TUPLE(args[1])->n; i++) {
        int cpu;
        if (!arg_int32(cx, AS_TUPLE(args[1])->items[i], &cpu)) {
            return VALUE_ERROR;
        }
        if (cpu < 0 || cpu >= CPU_SETSIZE) {
            return exc_raise(cx, EXC_ValueError,
                             cpu < 0 ? "negative CPU number" : "CPU number too large");
        }
        CPU_SET(cpu, &cpus);
    }
    return none_or_fail(cx, sched_setaffinity((pid_t)pid, sizeof cpus, &cpus),
                        VALUE_UNSET);
}
#endif

/* ---- Users and groups ---- */

static Value passwd_value(Context *cx, const struct passwd *user) {
    const Value values[] = {
        text_value(cx, user->pw_name),  text_value(cx, user->pw_passwd),
        int_from_i64(cx, user->pw_uid), int_from_i64(cx, user->pw_gid),
        text_value(cx, user->pw_gecos), text_value(cx, user->pw_dir),
        text_value(cx, user->pw_shell)};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (IS_ERROR(values[i])) {
            return VALUE_ERROR;
        }
    }
    return tuple_from(cx, values, sizeof values / sizeof values[0]);
}

NATIVE(
    posix_passwd, "_passwd(user, /)",
    "Return the facts about a user, given the number or the name; None: there is none.") {
    struct passwd entry;
    struct passwd *found = NULL;
    char buffer[BUFFER_ON_STACK_BYTES];
    if (IS_STR(args[0])) {
        char *name = file_path_arg(cx, args[0], NULL, NULL);
        if (name == NULL) {
            return VALUE_ERROR;
        }
        getpwnam_r(name, &entry, buffer, sizeof buffer, &found);
        mem_free(name);
    } else {
        int64_t id;
        if (!arg_int(cx, args[0], &id)) {
            return VALUE_ERROR;
        }
        getpwuid_r((uid_t)id, &entry, buffer, sizeof buffer, &found);
    }
    return found == NULL ? VALUE_NONE : passwd_value(cx, found);
}

static Value group_value(Context *cx, const struct group *group) {
    ObjList *members = list_new(cx, 0);
    if (members == NULL) {
        return VALUE_ERROR;
    }
    for (char **member = group->gr_mem; *member != NULL; member++) {
        const Value name = text_value(cx, *member);
        if (IS_ERROR(name) || !list_append(cx, members, name)) {
            return VALUE_ERROR;
        }
    }
    const Value values[] = {text_value(cx, group->gr_name),
                            text_value(cx, group->gr_passwd),
                            int_from_i64(cx, group->gr_gid), OBJ_VALUE(members)};
    return IS_ERROR(values[0]) || IS_ERROR(values[1]) ? VALUE_ERROR
                                                      : tuple_from(cx, values, 4);
}

NATIVE(posix_group, "_group(group, /)",
       "Return the facts about a group, given the number or the name; None: there is "
       "none.") {
    struct group entry;
    struct group *found = NULL;
    char buffer[BUFFER_ON_STACK_BYTES];
    if (IS_STR(args[0])) {
        char *name = file_path_arg(cx, args[0], NULL, NULL);
        if (name == NULL) {
            return VALUE_ERROR;
        }
        getgrnam_r(name, &entry, buffer, sizeof buffer, &found);
        mem_free(name);
    } else {
        int64_t id;
        if (!arg_int(cx, args[0], &id)) {
            return VALUE_ERROR;
        }
        getgrgid_r((gid_t)id, &entry, buffer, sizeof buffer, &found);
    }
    return found == NULL ? VALUE_NONE : group_value(cx, found);
}

NATIVE(posix_getgroups, "getgroups()",
       "Return the groups that this process belongs to.") {
    gid_t groups[GROUPS_MAX];
    const int n = getgroups(GROUPS_MAX, groups);
    ObjList *list = n < 0 ? NULL : list_new(cx, 0);
    for (int i = 0; list != NULL && i < n; i++) {
        if (!list_append(cx, list, int_from_i64(cx, groups[i]))) {
            return VALUE_ERROR;
        }
    }
    return n < 0          ? exc_raise_errno(cx, errno, VALUE_UNSET)
           : list == NULL ? VALUE_ERROR
                          : OBJ_VALUE(list);
}

NATIVE(posix_getlogin, "getlogin()",
       "Return the name of the user who logged in at this terminal.") {
    char name[256];
    const int error = getlogin_r(name, sizeof name);
    return error != 0 ? exc_raise_errno(cx, error, VALUE_UNSET) : text_value(cx, name);
}

NATIVE(posix_ttyname, "ttyname(fd, /)",
       "Return the name of the terminal that the open file is.") {
    int fd;
    char name[256];
    if (!arg_int32(cx, args[0], &fd)) {
        return VALUE_ERROR;
    }
    const int error = ttyname_r(fd, name, sizeof name);
    return error != 0 ? exc_raise_errno(cx, error, VALUE_UNSET) : text_value(cx, name);
}

/* The module. */

static const NativeDef functions[] = {
    NATIVE_ENTRY(posix_getpgid),
    NATIVE_ENTRY(posix_getsid),
    NATIVE_ENTRY(posix_fchdir),
    NATIVE_ENTRY(posix_setuid),
    NATIVE_ENTRY(posix_setgid),
    NATIVE_ENTRY(posix_seteuid),
    NATIVE_ENTRY(posix_setegid),
    NATIVE_ENTRY(posix_setpgid),
    NATIVE_ENTRY(posix_killpg),
    NATIVE_ENTRY(posix_fchmod),
    NATIVE_ENTRY(posix_getpgrp),
    NATIVE_ENTRY(posix_setpgrp),
    NATIVE_ENTRY(posix_setsid),
    NATIVE_ENTRY(posix_sync),
    NATIVE_ENTRY(posix_abort),
    NATIVE_ENTRY(posix_nice),
    NATIVE_ENTRY(posix_getpriority),
    NATIVE_ENTRY(posix_setpriority),
    NATIVE_ENTRY(posix_sysconf),
    NATIVE_ENTRY(posix_chown),
    NATIVE_ENTRY(posix_lchown),
    NATIVE_ENTRY(posix_fchown),
    NATIVE_ENTRY(posix_mkfifo),
    NATIVE_ENTRY(posix_ftruncate),
    NATIVE_ENTRY(posix_fdatasync),
    NATIVE_ENTRY(posix_statvfs),
    NATIVE_ENTRY(posix_execve),
    NATIVE_ENTRY(posix_times),
    NATIVE_ENTRY(posix_getrusage),
    NATIVE_ENTRY(posix_getrlimit),
    NATIVE_ENTRY(posix_setrlimit),
    NATIVE_ENTRY(posix_WIFCONTINUED),
    NATIVE_ENTRY(posix_WCOREDUMP),
    NATIVE_ENTRY(posix_wait4),
#if defined(__linux__)
    NATIVE_ENTRY(posix_sched_getaffinity),
    NATIVE_ENTRY(posix_sched_setaffinity),
#endif
    NATIVE_ENTRY(posix_passwd),
    NATIVE_ENTRY(posix_group),
    NATIVE_ENTRY(posix_getgroups),
    NATIVE_ENTRY(posix_getlogin),
    NATIVE_ENTRY(posix_ttyname),
    {NULL, NULL, NULL, 0},
};

#define N(name) \
    { #name, name }

static const ModuleNumber constants[] = {
    N(PRIO_PROCESS),
    N(PRIO_PGRP),
    N(PRIO_USER),
    N(P_ALL),
    N(P_PID),
    N(P_PGID),
    N(O_ACCMODE),
    N(O_NOCTTY),
    N(O_NDELAY),
    N(O_ASYNC),
    N(F_LOCK),
    N(F_TLOCK),
    N(F_ULOCK),
    N(F_TEST),
    N(WCONTINUED),
    N(WEXITED),
    N(WNOWAIT),
    N(WSTOPPED),
    N(SCHED_OTHER),
    N(SCHED_FIFO),
    N(SCHED_RR),
    N(ST_RDONLY),
    N(ST_NOSUID),
    N(RUSAGE_SELF),
    N(RUSAGE_CHILDREN),
#if defined(__linux__)
    N(O_DSYNC),
    N(O_RSYNC),
    N(O_DIRECT),
    N(O_LARGEFILE),
    N(O_NOATIME),
    N(O_PATH),
    N(O_TMPFILE),
    N(SCHED_BATCH),
    N(SCHED_IDLE),
    N(SEEK_DATA),
    N(SEEK_HOLE),
#endif
    {"_RLIM_INFINITY", -1},
    {"_RLIMIT_AS", RLIMIT_AS},
    {"_RLIMIT_CORE", RLIMIT_CORE},
    {"_RLIMIT_CPU", RLIMIT_CPU},
    {"_RLIMIT_DATA", RLIMIT_DATA},
    {"_RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"_RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"_RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"_RLIMIT_NPROC", RLIMIT_NPROC},
    {"_RLIMIT_RSS", RLIMIT_RSS},
    {"_RLIMIT_STACK", RLIMIT_STACK},
    {"_SC_NPROCESSORS_ONLN", _SC_NPROCESSORS_ONLN},
    {"_SC_NPROCESSORS_CONF", _SC_NPROCESSORS_CONF},
    {"_SC_PAGE_SIZE", _SC_PAGESIZE},
    {"_SC_PAGESIZE", _SC_PAGESIZE},
    {"_SC_PHYS_PAGES", _SC_PHYS_PAGES},
#if defined(_SC_AVPHYS_PAGES)
    {"_SC_AVPHYS_PAGES", _SC_AVPHYS_PAGES},
#endif
    {"_SC_OPEN_MAX", _SC_OPEN_MAX},
    {"_SC_CLK_TCK", _SC_CLK_TCK},
    {"_SC_ARG_MAX", _SC_ARG_MAX},
    {"_SC_CHILD_MAX", _SC_CHILD_MAX},
    {"_SC_HOST_NAME_MAX", _SC_HOST_NAME_MAX},
    {"_SC_IOV_MAX", _SC_IOV_MAX},
    {"_SC_LOGIN_NAME_MAX", _SC_LOGIN_NAME_MAX},
    {"_SC_NGROUPS_MAX", _SC_NGROUPS_MAX},
    {"_SC_VERSION", _SC_VERSION},
    {NULL, 0},
};

bool mod_posix_open(Context *cx, ObjModule *module) {
    return module_add_numbers(cx, module, constants) &&
           module_add_natives(cx, module, functions);
}
