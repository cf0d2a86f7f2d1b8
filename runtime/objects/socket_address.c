/* socket_address.c - addresses of sockets. See socket_address.h. */

#include "runtime/objects/socket_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "runtime/base/mem.h"
#include "runtime/block.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple.h"

enum { MAX_PORT = 65535, MAX_FLOW = 0xfffff };

/* ---- Names of hosts ---- */

/* socket.gaierror is written in the language. */
static bool raise_gaierror(Context *cx, int code) {
    ObjStr *text = str_from_c(cx, gai_strerror(code));
    if (text == NULL) {
        return false;
    }
    const Value args[] = {value_from_int(code), OBJ_VALUE(text)};
    const Value exception = module_import_call(cx, "socket", "gaierror", args, 2);
    if (!IS_ERROR(exception)) {
        exc_raise_object(cx, exception);
    }
    return false;
}

bool socket_resolve(Context *cx, const char *host, const char *service,
                    const struct addrinfo *hints, struct addrinfo **out) {
    *out = NULL;
    block_begin(cx, BLOCK_RESOLVE, VALUE_NONE, BLOCK_FOREVER);
    const int code = getaddrinfo(host, service, hints, out);
    const int error = errno;
    block_end(cx);
    if (block_has_signal(cx) && !block_poll(cx)) {
        if (code == 0) {
            freeaddrinfo(*out);
        }
        return false;
    }
    if (code == EAI_SYSTEM) {
        exc_raise_errno(cx, error, VALUE_UNSET);
        return false;
    }
    return code == 0 || raise_gaierror(cx, code);
}

bool socket_host_arg(Context *cx, Value v, char **out) {
    *out = NULL;
    if (IS_NONE(v) || IS_UNSET(v)) {
        return true;
    }
    const char *text;
    size_t n_bytes;
    if (IS_STR(v)) {
        text = AS_STR(v)->data;
        n_bytes = AS_STR(v)->n_bytes;
    } else if (IS_BYTES(v)) {
        text = AS_BYTES(v)->data;
        n_bytes = AS_BYTES(v)->n_bytes;
    } else {
        exc_raise(cx, EXC_TypeError, "str, bytes or bytearray expected, not %s",
                  type_name_of(cx, v));
        return false;
    }
    if (memchr(text, '\0', n_bytes) != NULL) {
        exc_raise(cx, EXC_ValueError, "host name must not contain null character");
        return false;
    }
    if (n_bytes > 0) {
        *out = mem_alloc(n_bytes + 1);
        memcpy(*out, text, n_bytes);
        (*out)[n_bytes] = '\0';
    }
    return true;
}

/* Fills in the address of a host but for the port. "" is every address of this machine. */
static bool resolve_host(Context *cx, int family, Value host, SocketAddress *out) {
    char *name;
    if (IS_NONE(host)) {
        exc_raise(cx, EXC_TypeError, "str, bytes or bytearray expected, not NoneType");
        return false;
    }
    if (!socket_host_arg(cx, host, &name)) {
        return false;
    }
    if (name != NULL && family == AF_INET && strcmp(name, "<broadcast>") == 0) {
        struct sockaddr_in *in = (struct sockaddr_in *)&out->storage;
        in->sin_family = AF_INET;
        in->sin_addr.s_addr = htonl(INADDR_BROADCAST);
        out->n_bytes = sizeof *in;
        mem_free(name);
        return true;
    }
    const struct addrinfo hints = {.ai_family = family,
                                   .ai_socktype = SOCK_DGRAM,
                                   .ai_flags = name == NULL ? AI_PASSIVE : 0};
    struct addrinfo *found;
    const bool is_found =
        socket_resolve(cx, name, name == NULL ? "0" : NULL, &hints, &found);
    mem_free(name);
    if (is_found) {
        memcpy(&out->storage, found->ai_addr, found->ai_addrlen);
        out->n_bytes = found->ai_addrlen;
        freeaddrinfo(found);
    }
    return is_found;
}

/* ---- From a script ---- */

static bool port_arg(Context *cx, Value v, const char *function, in_port_t *port) {
    int64_t number;
    if (!arg_int(cx, v, &number)) {
        return false;
    }
    if (number < 0 || number > MAX_PORT) {
        exc_raise(cx, EXC_OverflowError, "%s(): port must be 0-65535.", function);
        return false;
    }
    *port = htons((uint16_t)number);
    return true;
}

static bool parse_inet(Context *cx, const ObjTuple *tuple, const char *function,
                       SocketAddress *out) {
    if (tuple->n != 2) {
        exc_raise(cx, EXC_TypeError, "AF_INET address must be a pair (host, port)");
        return false;
    }
    in_port_t port;
    if (!port_arg(cx, tuple->items[1], function, &port) ||
        !resolve_host(cx, AF_INET, tuple->items[0], out)) {
        return false;
    }
    ((struct sockaddr_in *)&out->storage)->sin_port = port;
    return true;
}

static bool parse_inet6(Context *cx, const ObjTuple *tuple, const char *function,
                        SocketAddress *out) {
    if (tuple->n < 2 || tuple->n > 4) {
        exc_raise(cx, EXC_TypeError,
                  "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])");
        return false;
    }
    in_port_t port;
    int64_t flow = 0;
    int64_t scope = 0;
    if (!port_arg(cx, tuple->items[1], function, &port) ||
        (tuple->n > 2 && !arg_int(cx, tuple->items[2], &flow)) ||
        (tuple->n > 3 && !arg_int(cx, tuple->items[3], &scope))) {
        return false;
    }
    if (flow < 0 || flow > MAX_FLOW) {
        exc_raise(cx, EXC_OverflowError, "%s(): flowinfo must be 0-1048575.", function);
        return false;
    }
    if (!resolve_host(cx, AF_INET6, tuple->items[0], out)) {
        return false;
    }
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&out->storage;
    in6->sin6_port = port;
    in6->sin6_flowinfo = htonl((uint32_t)flow);
    if (tuple->n > 3) {
        in6->sin6_scope_id = (uint32_t)scope;
    }
    return true;
}

static bool parse_unix(Context *cx, Value v, SocketAddress *out) {
    struct sockaddr_un *un = (struct sockaddr_un *)&out->storage;
    const char *path;
    size_t n_bytes;
    if (IS_STR(v)) {
        path = AS_STR(v)->data;
        n_bytes = AS_STR(v)->n_bytes;
    } else if (IS_BYTES(v)) {
        path = AS_BYTES(v)->data;
        n_bytes = AS_BYTES(v)->n_bytes;
    } else {
        exc_raise(cx, EXC_TypeError, "a bytes-like object is required, not '%s'",
                  type_name_of(cx, v));
        return false;
    }
    /* A name that begins with a zero byte is no path and may fill the room; a path ends with a zero byte. */
    const bool is_abstract = n_bytes > 0 && path[0] == '\0';
    if (n_bytes + !is_abstract > sizeof un->sun_path) {
        exc_raise(cx, EXC_OSError, "AF_UNIX path too long");
        return false;
    }
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path, n_bytes);
    out->n_bytes =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n_bytes + !is_abstract);
    return true;
}

bool socket_address_parse(Context *cx, int family, Value v, const char *function,
                          SocketAddress *out) {
    memset(out, 0, sizeof *out);
    switch (family) {
    case AF_UNIX: return parse_unix(cx, v, out);
    case AF_INET:
    case AF_INET6: break;
    default: exc_raise(cx, EXC_OSError, "%s(): bad family", function); return false;
    }
    if (!IS_TUPLE(v)) {
        exc_raise(cx, EXC_TypeError, "%s(): %s address must be tuple, not %s", function,
                  family == AF_INET ? "AF_INET" : "AF_INET6", type_name_of(cx, v));
        return false;
    }
    return family == AF_INET ? parse_inet(cx, AS_TUPLE(v), function, out)
                             : parse_inet6(cx, AS_TUPLE(v), function, out);
}

/* ---- To a script ---- */

static Value inet_value(Context *cx, const struct sockaddr_in *in) {
    char host[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
    ObjStr *text = str_from_c(cx, host);
    return text == NULL
               ? VALUE_ERROR
               : tuple_pack(cx, 2, OBJ_VALUE(text), value_from_int(ntohs(in->sin_port)));
}

static Value inet6_value(Context *cx, const struct sockaddr_in6 *in6) {
    char host[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
    ObjStr *text = str_from_c(cx, host);
    return text == NULL
               ? VALUE_ERROR
               : tuple_pack(cx, 4, OBJ_VALUE(text), value_from_int(ntohs(in6->sin6_port)),
                            value_from_int(ntohl(in6->sin6_flowinfo)),
                            value_from_int(in6->sin6_scope_id));
}

/* A path is a str; an abstract name is bytes. */
static Value unix_value(Context *cx, const struct sockaddr_un *un, socklen_t n_bytes) {
    const size_t n_name = n_bytes - offsetof(struct sockaddr_un, sun_path);
    if (n_name > 0 && un->sun_path[0] == '\0') {
        ObjBytes *name = bytes_new(cx, un->sun_path, n_name);
        return name == NULL ? VALUE_ERROR : OBJ_VALUE(name);
    }
    ObjStr *path =
        str_decode_lossy(cx, un->sun_path, strnlen(un->sun_path, n_name), true);
    return path == NULL ? VALUE_ERROR : OBJ_VALUE(path);
}

Value socket_address_value(Context *cx, const SocketAddress *address) {
    if (address->n_bytes == 0) {
        return VALUE_NONE;
    }
    const struct sockaddr_storage *storage = &address->storage;
    switch (storage->ss_family) {
    case AF_INET: return inet_value(cx, (const struct sockaddr_in *)storage);
    case AF_INET6: return inet6_value(cx, (const struct sockaddr_in6 *)storage);
    case AF_UNIX:
        return address->n_bytes <= offsetof(struct sockaddr_un, sun_path)
                   ? OBJ_VALUE(cx->rt->empty_str)
                   : unix_value(cx, (const struct sockaddr_un *)storage,
                                address->n_bytes);
    default: return VALUE_NONE;
    }
}
