/* socket.c - the type _socket.socket. See socket.h.
 *
 * See also: socket_address.c; modules/mod_socket.c for functions and constants; lib/socket.mini for what is built on it. */

#if defined(__linux__) && !defined(_GNU_SOURCE)
#    define _GNU_SOURCE 1 /* accept4 */
#endif

#include "runtime/objects/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/platform.h"
#include "runtime/block.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/gc.h"
#include "runtime/gc/heap_walk.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"
#include "runtime/objects/socket_address.h"
#include "runtime/objects/tuple.h"

enum { BUFFER_ON_STACK_BYTES = 4096, MAX_OPTION_BYTES = 1024 };

#if defined(MSG_NOSIGNAL)
enum { SEND_FLAGS = MSG_NOSIGNAL };
#else
enum { SEND_FLAGS = 0 };
#endif

/* ---- Using the descriptor ---- */

/* As the script sees it. */
static int fd_of(const ObjSocket *s) {
    return (atomic_load_acquire(&s->users) & SOCKET_CLOSING)
               ? -1
               : atomic_load_relaxed(&s->fd);
}

/* The descriptor for one call, until release_fd; -1 when it is closed. */
static int hold_fd(ObjSocket *s) {
    return (atomic_fetch_add(&s->users, (uint32_t)SOCKET_USER) & SOCKET_CLOSING)
               ? -1
               : atomic_load_relaxed(&s->fd);
}

/* The descriptor to be closed, when the caller was the last user of a socket that is closing; otherwise -1. */
static int leave_fd(ObjSocket *s) {
    const uint32_t before = atomic_fetch_add(&s->users, (uint32_t)-SOCKET_USER);
    /* Who came too late, and was refused, may also find itself the last. */
    return before == (SOCKET_CLOSING | SOCKET_USER) ? atomic_exchange(&s->fd, -1) : -1;
}

/* Saves errno. */
static void release_fd(ObjSocket *s) {
    const int error = errno;
    const int fd = leave_fd(s);
    if (UNLIKELY(fd >= 0)) {
        close(fd);
    }
    errno = error;
}

static Value fail(Context *cx) {
    return exc_raise_errno(cx, errno, VALUE_UNSET);
}

/* The end of a call on hold_fd(s) that did not wait. */
static Value release_and_check(Context *cx, ObjSocket *s, int result) {
    release_fd(s);
    return result < 0 ? fail(cx) : VALUE_NONE;
}

/* ---- Waiting ---- */

enum { TIMED_OUT = -1 };

/* Until the descriptor is ready: 0, EINTR or another errno, TIMED_OUT. What is closed is ready to fail. */
static int wait_ready(int fd, short events, uint64_t deadline_ns) {
    struct pollfd wanted = {.fd = fd, .events = events};
    if (fd < 0) {
        return 0;
    }
    const int ms = deadline_ns == BLOCK_FOREVER ? -1 : platform_ms_until(deadline_ns);
    const int n = poll(&wanted, 1, ms);
    return n > 0 ? 0 : n < 0 ? errno : TIMED_OUT;
}

/* When a call that begins now has to give up. */
static uint64_t deadline_of(const ObjSocket *s) {
    const uint64_t timeout_ns = atomic_load_relaxed(&s->timeout_ns);
    return timeout_ns == 0 || timeout_ns == SOCKET_WAITS
               ? BLOCK_FOREVER
               : platform_clock_ns() + timeout_ns;
}

/* error: an errno or TIMED_OUT. */
static Value raise_error(Context *cx, int error) {
    return error == TIMED_OUT ? exc_raise(cx, EXC_TimeoutError, "timed out")
                              : exc_raise_errno(cx, error, VALUE_UNSET);
}

/* Sockets that nobody refers to any more have their descriptors until the next collection: true when there was one. */
static bool can_free_descriptors(Context *cx, int error, bool *has_collected) {
    if ((error != EMFILE && error != ENFILE) || *has_collected) {
        return false;
    }
    *has_collected = true;
    gc_collect(cx);
    return true;
}

typedef struct Call {
    BlockReason reason;
    short events; /* what poll() waits for */
    ssize_t (*function)(int fd, struct Call *call);
    char *bytes;
    size_t n_bytes;
    int flags;
    SocketAddress *address;
} Call;

/* Makes a system call that may block; its result, or -1 with an exception pending. */
static ssize_t perform(Context *cx, ObjSocket *s, Call *call, uint64_t deadline_ns) {
    const bool is_timed = deadline_ns != BLOCK_FOREVER;
    bool has_collected = false;
    for (;;) {
        const int fd = hold_fd(s);
        ssize_t n = -1;
        block_begin(cx, call->reason, OBJ_VALUE(s), deadline_ns);
        int error = is_timed ? wait_ready(fd, call->events, deadline_ns) : 0;
        if (error == 0) {
            n = call->function(fd, call);
            error = n < 0 ? errno : 0;
        }
        release_fd(s);
        block_end(cx);
        if (LIKELY(n >= 0)) {
            return n;
        }
        if (error == EINTR) {
            if (block_has_signal(cx) && !block_poll(cx)) {
                return -1;
            }
        } else if (!(is_timed && (error == EAGAIN || error == EWOULDBLOCK)) &&
                   !can_free_descriptors(cx, error, &has_collected)) {
            raise_error(cx, error);
            return -1;
        }
    }
}

/* ---- Opening and closing ---- */

static ObjSocket *new_socket(Context *cx, ObjType *type) {
    ObjSocket *s = type == cx->rt->types[KIND_SOCKET]
                       ? HEAP_NEW(cx, ObjSocket, KIND_SOCKET)
                       : (ObjSocket *)instance_new(cx, type);
    if (s != NULL) {
        s->fd = -1;
        s->timeout_ns = SOCKET_WAITS;
    }
    return s;
}

static int open_descriptor(Context *cx, int family, int type, int proto) {
    bool has_collected = false;
    int fd;
    do {
#if defined(SOCK_CLOEXEC)
        fd = socket(family, type | SOCK_CLOEXEC, proto);
#else
        fd = socket(family, type, proto);
        if (fd >= 0) {
            fcntl(fd, F_SETFD, FD_CLOEXEC);
        }
#endif
    } while (fd < 0 && can_free_descriptors(cx, errno, &has_collected));
    return fd;
}

static void keep(ObjSocket *s, int fd, int family, int type, int proto) {
    atomic_store_relaxed(&s->family, family);
    atomic_store_relaxed(&s->type, type);
    atomic_store_relaxed(&s->proto, proto);
    const int before = atomic_exchange(&s->fd, fd);
    (void)atomic_fetch_and(&s->users, ~(uint32_t)SOCKET_CLOSING);
    if (UNLIKELY(before >= 0)) {
        close(before); /* __init__ was called a second time */
    }
}

static bool int_option(int fd, int option, int *out) {
    socklen_t n_bytes = sizeof *out;
    return getsockopt(fd, SOL_SOCKET, option, out, &n_bytes) == 0;
}

/* Takes a descriptor that is open already; what is not told (-1) is asked of the system. */
static Value adopt(Context *cx, ObjSocket *s, int fd, int family, int type, int proto) {
    if (fd < 0) {
        return exc_raise(cx, EXC_ValueError, "negative file descriptor");
    }
    SocketAddress address = {.n_bytes = sizeof address.storage};
    if (getsockname(fd, (struct sockaddr *)&address.storage, &address.n_bytes) < 0) {
        return fail(cx);
    }
    if (family == -1) {
        family = address.storage.ss_family;
    }
    if (type == -1 && !int_option(fd, SO_TYPE, &type)) {
        return fail(cx);
    }
    if (proto == -1) {
        proto = 0;
#if defined(SO_PROTOCOL)
        int_option(fd, SO_PROTOCOL, &proto);
#endif
    }
    keep(s, fd, family, type, proto);
    return VALUE_NONE;
}

NATIVE(socket_open, "_open(self, family, type, proto, fileno, /)",
       "Make the system's socket, or take the open descriptor fileno for it.") {
    int numbers[3];
    for (int i = 0; i < 3; i++) {
        if (!arg_int32(cx, args[i + 1], &numbers[i])) {
            return VALUE_ERROR;
        }
    }
    ObjSocket *s = AS_SOCKET(args[0]);
    int fd;
    if (!IS_NONE(args[4])) {
        return arg_int32(cx, args[4], &fd)
                   ? adopt(cx, s, fd, numbers[0], numbers[1], numbers[2])
                   : VALUE_ERROR;
    }
    fd = open_descriptor(cx, numbers[0], numbers[1], numbers[2]);
    if (fd < 0) {
        return fail(cx);
    }
    keep(s, fd, numbers[0], numbers[1], numbers[2]);
    return VALUE_NONE;
}

NATIVE(socket_close, "_real_close(self)",
       "Close the descriptor, or let its last user close it.") {
    ObjSocket *s = AS_SOCKET(args[0]);
    (void)atomic_fetch_add(&s->users, (uint32_t)SOCKET_USER);
    (void)atomic_fetch_or(&s->users, (uint32_t)SOCKET_CLOSING);
    const int fd = leave_fd(s);
    if (fd < 0) {
        return VALUE_NONE;
    }
    block_begin(cx, BLOCK_SEND, args[0], BLOCK_FOREVER);
    const int result = close(fd);
    block_end(cx);
    return result < 0 && errno != ECONNRESET && errno != EINTR ? fail(cx) : VALUE_NONE;
}

NATIVE(socket_detach, "_detach(self)", "Give the descriptor away without closing it.") {
    ObjSocket *s = AS_SOCKET(args[0]);
    const int fd = atomic_exchange(&s->fd, -1);
    (void)atomic_fetch_or(&s->users, (uint32_t)SOCKET_CLOSING);
    return value_from_int(fd);
}

NATIVE(socket_fileno, "fileno(self)", "Return the descriptor, -1 when it is closed.") {
    return value_from_int(fd_of(AS_SOCKET(args[0])));
}

/* ---- Addresses ---- */

typedef int (*AddressCall)(int fd, const struct sockaddr *address, socklen_t n_bytes);
typedef int (*NameCall)(int fd, struct sockaddr *address, socklen_t *n_bytes);

NATIVE(socket_bind, "bind(self, address, /)",
       "Give the socket an address of this machine.") {
    ObjSocket *s = AS_SOCKET(args[0]);
    SocketAddress address;
    if (!socket_address_parse(cx, s->family, args[1], "bind", &address)) {
        return VALUE_ERROR;
    }
    const struct sockaddr *where = (const struct sockaddr *)&address.storage;
    return release_and_check(cx, s, bind(hold_fd(s), where, address.n_bytes));
}

static Value name_of(Context *cx, ObjSocket *s, NameCall call) {
    SocketAddress address = {.n_bytes = sizeof address.storage};
    const int result =
        call(hold_fd(s), (struct sockaddr *)&address.storage, &address.n_bytes);
    return IS_ERROR(release_and_check(cx, s, result))
               ? VALUE_ERROR
               : socket_address_value(cx, &address);
}

NATIVE(socket_getsockname, "getsockname(self)", "Return the socket's own address.") {
    return name_of(cx, AS_SOCKET(args[0]), getsockname);
}

NATIVE(socket_getpeername, "getpeername(self)", "Return the address of the other end.") {
    return name_of(cx, AS_SOCKET(args[0]), getpeername);
}

/* ---- Connecting ---- */

NATIVE(socket_listen, "listen(self, backlog=-1, /)",
       "Let others connect to the socket.") {
    int backlog = SOMAXCONN < 128 ? SOMAXCONN : 128;
    if (args[1] != VALUE_UNSET && !arg_int32(cx, args[1], &backlog)) {
        return VALUE_ERROR;
    }
    ObjSocket *s = AS_SOCKET(args[0]);
    return release_and_check(cx, s, listen(hold_fd(s), backlog < 0 ? 0 : backlog));
}

static ssize_t call_accept(int fd, Call *call) {
    call->address->n_bytes = sizeof call->address->storage;
    struct sockaddr *address = (struct sockaddr *)&call->address->storage;
#if defined(__linux__)
    return accept4(fd, address, &call->address->n_bytes, SOCK_CLOEXEC);
#else
    const int accepted = accept(fd, address, &call->address->n_bytes);
    if (accepted >= 0) {
        fcntl(accepted, F_SETFD, FD_CLOEXEC);
        fcntl(accepted, F_SETFL, fcntl(accepted, F_GETFL) & ~O_NONBLOCK);
    }
    return accepted;
#endif
}

NATIVE(socket_accept, "_accept(self)",
       "Wait for a connection; return its descriptor and the address of the other end.") {
    SocketAddress address;
    Call call = {BLOCK_ACCEPT, POLLIN, call_accept, NULL, 0, 0, &address};
    ObjSocket *s = AS_SOCKET(args[0]);
    const ssize_t fd = perform(cx, s, &call, deadline_of(s));
    if (fd < 0) {
        return VALUE_ERROR;
    }
    const Value from = socket_address_value(cx, &address);
    const Value result =
        IS_ERROR(from) ? from : tuple_pack(cx, 2, value_from_int(fd), from);
    if (IS_ERROR(result)) {
        close((int)fd);
    }
    return result;
}

/* A connection that is being made: 0 when it is there, an errno, TIMED_OUT; -2 with an exception pending. */
enum { INTERRUPTED = -2 };

static int finish_connecting(Context *cx, ObjSocket *s, uint64_t deadline_ns) {
    for (;;) {
        const int fd = hold_fd(s);
        int state = 0;
        block_begin(cx, BLOCK_CONNECT, OBJ_VALUE(s), deadline_ns);
        int error = wait_ready(fd, POLLOUT, deadline_ns);
        if (error == 0) {
            error = int_option(fd, SO_ERROR, &state) ? state : errno;
        }
        release_fd(s);
        block_end(cx);
        if (error != EINTR) {
            return error;
        }
        if (block_has_signal(cx) && !block_poll(cx)) {
            return INTERRUPTED;
        }
    }
}

static int connect_to(Context *cx, ObjSocket *s, const SocketAddress *address) {
    const uint64_t deadline_ns = deadline_of(s);
    block_begin(cx, BLOCK_CONNECT, OBJ_VALUE(s), deadline_ns);
    const int result =
        connect(hold_fd(s), (const struct sockaddr *)&address->storage, address->n_bytes);
    const int error = result < 0 ? errno : 0;
    release_fd(s);
    block_end(cx);
    if (error == EINTR) {
        /* It goes on in the background, and a second call would say EALREADY. */
        return block_has_signal(cx) && !block_poll(cx)
                   ? INTERRUPTED
                   : finish_connecting(cx, s, deadline_ns);
    }
    if (error == EINPROGRESS && deadline_ns != BLOCK_FOREVER) {
        return finish_connecting(cx, s, deadline_ns);
    }
    return error;
}

static bool connect_arg(Context *cx, Value *args, const char *function, int *error) {
    ObjSocket *s = AS_SOCKET(args[0]);
    SocketAddress address;
    if (!socket_address_parse(cx, s->family, args[1], function, &address)) {
        return false;
    }
    *error = connect_to(cx, s, &address);
    return *error != INTERRUPTED;
}

NATIVE(socket_connect, "connect(self, address, /)",
       "Connect the socket to the one at address.") {
    int error;
    if (!connect_arg(cx, args, "connect", &error)) {
        return VALUE_ERROR;
    }
    return error == 0 ? VALUE_NONE : raise_error(cx, error);
}

NATIVE(socket_connect_ex, "connect_ex(self, address, /)",
       "The same, but return the number of the system's error, 0 for none.") {
    int error;
    if (!connect_arg(cx, args, "connect_ex", &error)) {
        return VALUE_ERROR;
    }
    return value_from_int(error == TIMED_OUT ? EAGAIN : error);
}

NATIVE(socket_shutdown, "shutdown(self, how, /)",
       "End sending, receiving or both; what waits for it goes on.") {
    int how;
    if (!arg_int32(cx, args[1], &how)) {
        return VALUE_ERROR;
    }
    ObjSocket *s = AS_SOCKET(args[0]);
    return release_and_check(cx, s, shutdown(hold_fd(s), how));
}

/* ---- Receiving ---- */

static ssize_t call_recv(int fd, Call *call) {
    if (call->address == NULL) {
        return recv(fd, call->bytes, call->n_bytes, call->flags);
    }
    call->address->n_bytes = sizeof call->address->storage;
    return recvfrom(fd, call->bytes, call->n_bytes, call->flags,
                    (struct sockaddr *)&call->address->storage, &call->address->n_bytes);
}

/* The bytes that came, at most as many as args[1] says. */
static Value receive(Context *cx, Value *args, const char *function,
                     SocketAddress *address) {
    int64_t size;
    int flags = 0;
    if (!arg_int(cx, args[1], &size) ||
        (args[2] != VALUE_UNSET && !arg_int32(cx, args[2], &flags))) {
        return VALUE_ERROR;
    }
    if (size < 0) {
        return exc_raise(cx, EXC_ValueError, "negative buffersize in %s", function);
    }
    char on_stack[BUFFER_ON_STACK_BYTES];
    char *buffer = (size_t)size <= sizeof on_stack ? on_stack : malloc((size_t)size);
    if (buffer == NULL) {
        return exc_raise_no_memory(cx);
    }
    ObjSocket *s = AS_SOCKET(args[0]);
    Call call = {BLOCK_RECEIVE, POLLIN, call_recv, buffer, (size_t)size, flags, address};
    const ssize_t n = perform(cx, s, &call, deadline_of(s));
    ObjBytes *bytes = n < 0 ? NULL : bytes_new(cx, buffer, (size_t)n);
    if (buffer != on_stack) {
        free(buffer);
    }
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

NATIVE(socket_recv, "recv(self, bufsize, flags=0, /)",
       "Wait for bytes and return at most bufsize of them; b'' when the other end has "
       "closed.") {
    return receive(cx, args, "recv", NULL);
}

NATIVE(socket_recvfrom, "recvfrom(self, bufsize, flags=0, /)",
       "Likewise, with the address of the sender.") {
    SocketAddress address = {.n_bytes = 0};
    const Value bytes = receive(cx, args, "recvfrom", &address);
    const Value from = IS_ERROR(bytes) ? bytes : socket_address_value(cx, &address);
    return IS_ERROR(from) ? VALUE_ERROR : tuple_pack(cx, 2, bytes, from);
}

/* ---- Sending ---- */

/* The bytes stand in a bytes object, which nobody changes and nobody frees as long as it is an argument. */
static ssize_t call_send(int fd, Call *call) {
    if (call->address == NULL) {
        return send(fd, call->bytes, call->n_bytes, call->flags | SEND_FLAGS);
    }
    return sendto(fd, call->bytes, call->n_bytes, call->flags | SEND_FLAGS,
                  (struct sockaddr *)&call->address->storage, call->address->n_bytes);
}

static bool send_call(Context *cx, Value data, Value flags, SocketAddress *address,
                      Call *call) {
    *call = (Call){.reason = BLOCK_SEND,
                   .events = POLLOUT,
                   .function = call_send,
                   .address = address};
    data = byte_view_to_bytes(cx, data);
    if (IS_ERROR(data)) {
        return false;
    }
    if (!IS_BYTES(data)) {
        exc_raise(cx, EXC_TypeError, "a bytes-like object is required, not '%s'",
                  type_name_of(cx, data));
        return false;
    }
    call->bytes = AS_BYTES(data)->data;
    call->n_bytes = AS_BYTES(data)->n_bytes;
    return flags == VALUE_UNSET || arg_int32(cx, flags, &call->flags);
}

static Value send_once(Context *cx, ObjSocket *s, Call *call) {
    const ssize_t n = perform(cx, s, call, deadline_of(s));
    return n < 0 ? VALUE_ERROR : value_from_int(n);
}

NATIVE(socket_send, "send(self, data, flags=0, /)",
       "Send bytes; return how many were taken.") {
    Call call;
    return send_call(cx, args[1], args[2], NULL, &call)
               ? send_once(cx, AS_SOCKET(args[0]), &call)
               : VALUE_ERROR;
}

NATIVE(socket_sendall, "sendall(self, data, flags=0, /)", "Send all of the bytes.") {
    ObjSocket *s = AS_SOCKET(args[0]);
    Call call;
    if (!send_call(cx, args[1], args[2], NULL, &call)) {
        return VALUE_ERROR;
    }
    const uint64_t deadline_ns = deadline_of(s);
    do {
        const ssize_t n = perform(cx, s, &call, deadline_ns);
        if (n < 0) {
            return VALUE_ERROR;
        }
        call.bytes += n;
        call.n_bytes -= (size_t)n;
    } while (call.n_bytes > 0);
    return VALUE_NONE;
}

NATIVE(socket_sendto, "sendto(self, data, flags_or_address, address=None, /)",
       "Send bytes to the socket at address; return how many were taken.") {
    ObjSocket *s = AS_SOCKET(args[0]);
    const bool has_flags = args[3] != VALUE_UNSET;
    SocketAddress address;
    Call call;
    if (!send_call(cx, args[1], has_flags ? args[2] : VALUE_UNSET, &address, &call) ||
        !socket_address_parse(cx, s->family, args[has_flags ? 3 : 2], "sendto",
                              &address)) {
        return VALUE_ERROR;
    }
    return send_once(cx, s, &call);
}

/* ---- Timeouts and options ---- */

static int set_waiting(int fd, bool waits) {
    const int flags = fcntl(fd, F_GETFL);
    const int wanted = waits ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    return flags < 0 || wanted == flags ? flags : fcntl(fd, F_SETFL, wanted);
}

static Value set_timeout(Context *cx, ObjSocket *s, uint64_t timeout_ns) {
    const int result = set_waiting(hold_fd(s), timeout_ns == SOCKET_WAITS);
    if (result >= 0) {
        atomic_store_relaxed(&s->timeout_ns, timeout_ns);
    }
    return release_and_check(cx, s, result);
}

NATIVE(socket_settimeout, "settimeout(self, timeout, /)",
       "Let calls raise TimeoutError after so many seconds; None: let them wait, 0: "
       "never.") {
    ObjSocket *s = AS_SOCKET(args[0]);
    bool is_limited;
    uint64_t ns;
    double seconds;
    if ((IS_INT_LIKE(args[1]) || IS_FLOAT_LIKE(args[1])) &&
        float_from_number(cx, args[1], &seconds) && seconds < 0) {
        return exc_raise(cx, EXC_ValueError, "Timeout value out of range");
    }
    if (IS_STR(args[1])) {
        return exc_raise(cx, EXC_TypeError,
                         "'str' object cannot be interpreted as an integer");
    }
    if (!IS_UNSET(cx->pending) || !arg_timeout_ns(cx, args[1], false, &is_limited, &ns)) {
        return VALUE_ERROR;
    }
    return set_timeout(cx, s, is_limited ? ns : SOCKET_WAITS);
}

NATIVE(socket_setblocking, "setblocking(self, flag, /)",
       "Let calls wait as long as it takes, or not at all.") {
    bool waits;
    return arg_bool(cx, args[1], true, &waits)
               ? set_timeout(cx, AS_SOCKET(args[0]), waits ? SOCKET_WAITS : 0)
               : VALUE_ERROR;
}

static Value get_timeout(Context *cx, Value self) {
    (void)cx;
    const uint64_t timeout_ns = atomic_load_relaxed(&AS_SOCKET(self)->timeout_ns);
    return timeout_ns == SOCKET_WAITS ? VALUE_NONE
                                      : value_from_double((double)timeout_ns / 1e9);
}

NATIVE(socket_gettimeout, "gettimeout(self)",
       "Return the timeout in seconds, None when there is none.") {
    return get_timeout(cx, args[0]);
}

NATIVE(socket_getblocking, "getblocking(self)", "Return whether calls wait.") {
    return BOOL_VALUE(atomic_load_relaxed(&AS_SOCKET(args[0])->timeout_ns) != 0);
}

NATIVE(socket_setsockopt, "setsockopt(self, level, option, value, /)",
       "Set an option, to a number or to bytes.") {
    ObjSocket *s = AS_SOCKET(args[0]);
    int level;
    int option;
    int number;
    if (!arg_int32(cx, args[1], &level) || !arg_int32(cx, args[2], &option)) {
        return VALUE_ERROR;
    }
    const void *bytes = &number;
    size_t n_bytes = sizeof number;
    if (IS_BYTES(args[3])) {
        bytes = AS_BYTES(args[3])->data;
        n_bytes = AS_BYTES(args[3])->n_bytes;
    } else if (!IS_INT_LIKE(args[3])) {
        return exc_raise(cx, EXC_TypeError, "a bytes-like object is required, not '%s'",
                         type_name_of(cx, args[3]));
    } else if (!arg_int32(cx, args[3], &number)) {
        return VALUE_ERROR;
    }
    return release_and_check(
        cx, s, setsockopt(hold_fd(s), level, option, bytes, (socklen_t)n_bytes));
}

NATIVE(socket_getsockopt, "getsockopt(self, level, option, buflen=0, /)",
       "Return an option as a number, or as at most buflen bytes.") {
    ObjSocket *s = AS_SOCKET(args[0]);
    int level;
    int option;
    int buflen = 0;
    if (!arg_int32(cx, args[1], &level) || !arg_int32(cx, args[2], &option) ||
        (args[3] != VALUE_UNSET && !arg_int32(cx, args[3], &buflen))) {
        return VALUE_ERROR;
    }
    if (buflen < 0 || buflen > MAX_OPTION_BYTES) {
        return exc_raise(cx, EXC_OSError, "getsockopt buflen out of range");
    }
    char bytes[MAX_OPTION_BYTES];
    int number = 0;
    socklen_t n_bytes = buflen == 0 ? sizeof number : (socklen_t)buflen;
    const int result = getsockopt(hold_fd(s), level, option,
                                  buflen == 0 ? (void *)&number : bytes, &n_bytes);
    if (IS_ERROR(release_and_check(cx, s, result))) {
        return VALUE_ERROR;
    }
    if (buflen == 0) {
        return value_from_int(number);
    }
    ObjBytes *packed = bytes_new(cx, bytes, n_bytes);
    return packed == NULL ? VALUE_ERROR : OBJ_VALUE(packed);
}

static void forget_users(void *data, Obj *o) {
    (void)data;
    ObjSocket *s = (ObjSocket *)o;
    if (o->kind == KIND_SOCKET && s->users >= SOCKET_USER) {
        s->users = (s->users & SOCKET_CLOSING) + SOCKET_USER;
        release_fd(s);
    }
}

void socket_after_fork_child(Context *cx) {
    heap_each_finishable(cx->rt->heap, forget_users, NULL);
}

/* ---- The kind ---- */

static Value get_family(Context *cx, Value self) {
    (void)cx;
    return value_from_int(atomic_load_relaxed(&AS_SOCKET(self)->family));
}

static Value get_type(Context *cx, Value self) {
    (void)cx;
    return value_from_int(atomic_load_relaxed(&AS_SOCKET(self)->type));
}

static Value get_proto(Context *cx, Value self) {
    (void)cx;
    return value_from_int(atomic_load_relaxed(&AS_SOCKET(self)->proto));
}

static void socket_trace(GcMarker *m, Obj *o) {
    if (UNLIKELY(o->shape != KIND_SOCKET)) {
        instance_trace_slots(m, gc_marker_shape(m, o), o);
    }
}

static void socket_finish(Obj *o) {
    const int fd = ((ObjSocket *)o)->fd;
    if (fd >= 0) {
        close(fd);
    }
}

/* A socket without a descriptor; _open, which the derived class's __init__ calls, gives it one. */
static Value socket_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                              Value kwargs) {
    (void)args;
    (void)n_args;
    (void)kwargs;
    ObjSocket *s = new_socket(cx, type);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

static const NativeDef socket_methods[] = {
    NATIVE_ENTRY(socket_open),        NATIVE_ENTRY(socket_close),
    NATIVE_ENTRY(socket_detach),      NATIVE_ENTRY(socket_fileno),
    NATIVE_ENTRY(socket_bind),        NATIVE_ENTRY(socket_getsockname),
    NATIVE_ENTRY(socket_getpeername), NATIVE_ENTRY(socket_listen),
    NATIVE_ENTRY(socket_accept),      NATIVE_ENTRY(socket_connect),
    NATIVE_ENTRY(socket_connect_ex),  NATIVE_ENTRY(socket_shutdown),
    NATIVE_ENTRY(socket_recv),        NATIVE_ENTRY(socket_recvfrom),
    NATIVE_ENTRY(socket_send),        NATIVE_ENTRY(socket_sendall),
    NATIVE_ENTRY(socket_sendto),      NATIVE_ENTRY(socket_settimeout),
    NATIVE_ENTRY(socket_setblocking), NATIVE_ENTRY(socket_gettimeout),
    NATIVE_ENTRY(socket_getblocking), NATIVE_ENTRY(socket_setsockopt),
    NATIVE_ENTRY(socket_getsockopt),  {NULL, NULL, NULL, 0},
};

static const GetsetDef socket_getsets[] = {
    {"family", "AF_INET or another family of addresses.", get_family, NULL},
    {"type", "SOCK_STREAM or another type.", get_type, NULL},
    {"proto", "The number of the protocol.", get_proto, NULL},
    {"timeout", "The timeout in seconds, or None.", get_timeout, NULL},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjSocket = {
    .trace = socket_trace,
    .finish = socket_finish,
    .construct = socket_construct,
    .methods = socket_methods,
    .getsets = socket_getsets,
    .doc = "One end of a connection; the class socket.socket derives from it.",
};
