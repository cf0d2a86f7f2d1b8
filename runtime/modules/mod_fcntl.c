/* mod_fcntl.c - the module _fcntl: locks on files, flags of descriptors, requests to devices. See lib/fcntl.mini. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runtime/block.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"

enum { BUFFER_BYTES = 1024 };

typedef struct Request {
    int (*call)(const struct Request *request);
    int fd;
    int64_t command;
    void *argument;
} Request;

static int call_fcntl(const Request *r) {
    return fcntl(r->fd, (int)r->command, r->argument);
}
static int call_ioctl(const Request *r) {
    return ioctl(r->fd, (unsigned long)r->command, r->argument);
}
static int call_flock(const Request *r) {
    return flock(r->fd, (int)r->command);
}

/* It may wait, and is begun anew after a signal whose handler raises nothing. */
static bool carry_out(Context *cx, const Request *request, int *result) {
    for (;;) {
        block_begin(cx, BLOCK_LOCK, VALUE_NONE, BLOCK_FOREVER);
        *result = request->call(request);
        block_end(cx);
        if (*result >= 0) {
            return true;
        }
        if (errno != EINTR) {
            exc_raise_errno(cx, errno, VALUE_UNSET);
            return false;
        }
        if (!block_poll(cx)) {
            return false;
        }
    }
}

/* The argument is a number, or bytes that come back as the system has changed them. */
static Value request_with(Context *cx, Value *args, int (*call)(const Request *)) {
    Request request = {.call = call};
    char buffer[BUFFER_BYTES + 1];
    int result;
    if (!arg_int32(cx, args[0], &request.fd) || !arg_int(cx, args[1], &request.command)) {
        return VALUE_ERROR;
    }
    if (!IS_BYTES(args[2])) {
        int64_t number;
        if (!arg_int(cx, args[2], &number)) {
            return VALUE_ERROR;
        }
        request.argument =
            (void *)(intptr_t)number; /* NOLINT: that is how it is passed */
        return carry_out(cx, &request, &result) ? value_from_int(result) : VALUE_ERROR;
    }
    const size_t n = AS_BYTES(args[2])->n_bytes;
    if (n > BUFFER_BYTES) {
        return exc_raise(cx, EXC_ValueError, "%s argument 3 is too long",
                         call == call_fcntl ? "fcntl" : "ioctl");
    }
    memcpy(buffer, AS_BYTES(args[2])->data, n);
    buffer[n] = '\0';
    request.argument = buffer;
    ObjBytes *bytes = carry_out(cx, &request, &result) ? bytes_new(cx, buffer, n) : NULL;
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

NATIVE(fcntl_fcntl, "fcntl(fd, cmd, arg, /)", "Ask for something about a descriptor.") {
    return request_with(cx, args, call_fcntl);
}

NATIVE(fcntl_ioctl, "ioctl(fd, request, arg, /)", "Ask a device for something.") {
    return request_with(cx, args, call_ioctl);
}

NATIVE(fcntl_flock, "flock(fd, operation, /)", "Lock a file, or unlock it.") {
    Request request = {.call = call_flock};
    int result;
    return arg_int32(cx, args[0], &request.fd) &&
                   arg_int(cx, args[1], &request.command) &&
                   carry_out(cx, &request, &result)
               ? VALUE_NONE
               : VALUE_ERROR;
}

NATIVE(fcntl_lockf, "lockf(fd, cmd, len, start, whence, /)", "Lock a part of a file.") {
    int64_t operation;
    int64_t length;
    int64_t start;
    int whence;
    int result;
    struct flock lock;
    Request request = {.call = call_fcntl, .argument = &lock};
    if (!arg_int32(cx, args[0], &request.fd) || !arg_int(cx, args[1], &operation) ||
        !arg_int(cx, args[2], &length) || !arg_int(cx, args[3], &start) ||
        !arg_int32(cx, args[4], &whence)) {
        return VALUE_ERROR;
    }
    if (!(operation & (LOCK_UN | LOCK_SH | LOCK_EX))) {
        return exc_raise(cx, EXC_ValueError, "unrecognized lockf argument");
    }
    lock = (struct flock){.l_type = operation & LOCK_UN   ? F_UNLCK
                                    : operation & LOCK_SH ? F_RDLCK
                                                          : F_WRLCK,
                          .l_whence = (short)whence,
                          .l_start = (off_t)start,
                          .l_len = (off_t)length};
    request.command = operation & LOCK_NB ? F_SETLK : F_SETLKW;
    return carry_out(cx, &request, &result) ? VALUE_NONE : VALUE_ERROR;
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(fcntl_fcntl), NATIVE_ENTRY(fcntl_ioctl), NATIVE_ENTRY(fcntl_flock),
    NATIVE_ENTRY(fcntl_lockf), {NULL, NULL, NULL, 0},
};

static const ModuleNumber numbers[] = {
#define N(name) \
    { #name, name }
    N(LOCK_SH),         N(LOCK_EX),      N(LOCK_NB),  N(LOCK_UN),    N(F_DUPFD),
    N(F_DUPFD_CLOEXEC), N(F_GETFD),      N(F_SETFD),  N(F_GETFL),    N(F_SETFL),
    N(F_GETLK),         N(F_SETLK),      N(F_SETLKW), N(F_GETOWN),   N(F_SETOWN),
    N(F_RDLCK),         N(F_WRLCK),      N(F_UNLCK),  N(FD_CLOEXEC),
#if defined(FASYNC)
    N(FASYNC),
#endif
#if defined(F_GETPIPE_SZ)
    N(F_GETPIPE_SZ),    N(F_SETPIPE_SZ),
#endif
#undef N
    {NULL, 0},
};

bool mod_fcntl_open(Context *cx, ObjModule *module) {
    return module_add_numbers(cx, module, numbers) &&
           module_add_natives(cx, module, functions);
}
