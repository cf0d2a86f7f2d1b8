/* mod_socket.c - the module _socket: the type socket, names of hosts, constants.
 *
 * runtime/lib/socket.mini makes the module socket of it. See also: objects/socket.c. */

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"
#include "runtime/objects/socket.h"
#include "runtime/objects/socket_address.h"
#include "runtime/objects/tuple.h"

enum { MAX_HOST_NAME_BYTES = 1025 };

static Value text_value(Context *cx, const char *text) {
    ObjStr *s = str_decode_lossy(cx, text, strlen(text), true);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

static Value bytes_value(Context *cx, const void *bytes, size_t n_bytes) {
    ObjBytes *b = bytes_new(cx, bytes, n_bytes);
    return b == NULL ? VALUE_ERROR : OBJ_VALUE(b);
}

/* ---- Pairs ---- */

NATIVE(socket_pair, "_pair(family, type, proto, /)",
       "Return the descriptors of two sockets that are connected.") {
    int numbers[3];
    int fds[2];
    for (int i = 0; i < 3; i++) {
        if (!arg_int32(cx, args[i], &numbers[i])) {
            return VALUE_ERROR;
        }
    }
#if defined(SOCK_CLOEXEC)
    numbers[1] |= SOCK_CLOEXEC;
#endif
    if (socketpair(numbers[0], numbers[1], numbers[2], fds) < 0) {
        return exc_raise_errno(cx, errno, VALUE_UNSET);
    }
    return tuple_pack(cx, 2, value_from_int(fds[0]), value_from_int(fds[1]));
}

/* ---- Names ---- */

NATIVE(socket_gethostname, "gethostname()", "Return the name of this machine.") {
    char name[MAX_HOST_NAME_BYTES] = "";
    if (gethostname(name, sizeof name - 1) < 0) {
        return exc_raise_errno(cx, errno, VALUE_UNSET);
    }
    return text_value(cx, name);
}

NATIVE(socket_gethostbyname, "gethostbyname(hostname, /)",
       "Return the IPv4 address of a host as text.") {
    const Value pair = tuple_pack(cx, 2, args[0], value_from_int(0));
    SocketAddress address;
    if (IS_ERROR(pair) ||
        !socket_address_parse(cx, AF_INET, pair, "gethostbyname", &address)) {
        return VALUE_ERROR;
    }
    const Value found = socket_address_value(cx, &address);
    return IS_ERROR(found) ? VALUE_ERROR : AS_TUPLE(found)->items[0];
}

static Value found_value(Context *cx, const struct addrinfo *info) {
    SocketAddress address = {.n_bytes = info->ai_addrlen};
    memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
    const Value name =
        text_value(cx, info->ai_canonname == NULL ? "" : info->ai_canonname);
    const Value where = IS_ERROR(name) ? name : socket_address_value(cx, &address);
    return IS_ERROR(where) ? where
                           : tuple_pack(cx, 5, value_from_int(info->ai_family),
                                        value_from_int(info->ai_socktype),
                                        value_from_int(info->ai_protocol), name, where);
}

static Value found_list(Context *cx, const struct addrinfo *info) {
    ObjList *list = list_new(cx, 0);
    for (; list != NULL && info != NULL; info = info->ai_next) {
        const Value item = found_value(cx, info);
        if (IS_ERROR(item) || !list_append(cx, list, item)) {
            return VALUE_ERROR;
        }
    }
    return list == NULL ? VALUE_ERROR : OBJ_VALUE(list);
}

/* A port or the name of a service, in malloc'ed memory or NULL. */
static bool service_arg(Context *cx, Value v, char **out) {
    if (!IS_INT_LIKE(v)) {
        if (!IS_STR(v) && !IS_BYTES(v) && !IS_NONE(v)) {
            exc_raise(cx, EXC_OSError, "Int or String expected");
            return false;
        }
        return socket_host_arg(cx, v, out);
    }
    int64_t port;
    if (!arg_int(cx, v, &port)) {
        return false;
    }
    *out = mem_alloc(24);
    snprintf(*out, 24, "%lld", (long long)port);
    return true;
}

NATIVE(socket_getaddrinfo, "getaddrinfo(host, port, family=0, type=0, proto=0, flags=0)",
       "Return what can be used to reach a service: (family, type, proto, name, address) "
       "for each way.") {
    int numbers[4] = {0, 0, 0, 0};
    for (int i = 0; i < 4; i++) {
        if (args[2 + i] != VALUE_UNSET && !arg_int32(cx, args[2 + i], &numbers[i])) {
            return VALUE_ERROR;
        }
    }
    char *host = NULL;
    char *service = NULL;
    Value result = VALUE_ERROR;
    if (socket_host_arg(cx, args[0], &host) && service_arg(cx, args[1], &service)) {
        const struct addrinfo hints = {.ai_family = numbers[0],
                                       .ai_socktype = numbers[1],
                                       .ai_protocol = numbers[2],
                                       .ai_flags = numbers[3]};
        struct addrinfo *found;
        if (socket_resolve(cx, host, service, &hints, &found)) {
            result = found_list(cx, found);
            freeaddrinfo(found);
        }
    }
    mem_free(host);
    mem_free(service);
    return result;
}

/* ---- Addresses and numbers as bytes ---- */

static const char *c_text(Context *cx, Value v, const char *function) {
    ObjStr *text = arg_str(cx, v, function, "1");
    return text == NULL ? NULL : str_c_text(cx, text);
}

NATIVE(socket_inet_aton, "inet_aton(address, /)",
       "Return the four bytes of an IPv4 address in text.") {
    const char *text = c_text(cx, args[0], "inet_aton");
    struct in_addr address;
    if (text == NULL) {
        return VALUE_ERROR;
    }
    if (inet_aton(text, &address) == 0) {
        return exc_raise(cx, EXC_OSError,
                         "illegal IP address string passed to inet_aton");
    }
    return bytes_value(cx, &address, sizeof address);
}

static bool is_packed(Context *cx, Value v) {
    if (!IS_BYTES(v)) {
        exc_raise(cx, EXC_TypeError, "a bytes-like object is required, not '%s'",
                  type_name_of(cx, v));
        return false;
    }
    return true;
}

NATIVE(socket_inet_ntoa, "inet_ntoa(packed, /)",
       "Return the text of an IPv4 address of four bytes.") {
    if (!is_packed(cx, args[0])) {
        return VALUE_ERROR;
    }
    if (AS_BYTES(args[0])->n_bytes != sizeof(struct in_addr)) {
        return exc_raise(cx, EXC_OSError, "packed IP wrong length for inet_ntoa");
    }
    char text[INET_ADDRSTRLEN];
    return text_value(cx, inet_ntop(AF_INET, AS_BYTES(args[0])->data, text, sizeof text));
}

static size_t packed_bytes(int family) {
    return family == AF_INET    ? sizeof(struct in_addr)
           : family == AF_INET6 ? sizeof(struct in6_addr)
                                : 0;
}

NATIVE(socket_inet_pton, "inet_pton(family, address, /)",
       "Return the bytes of an address in text.") {
    int family;
    if (!arg_int32(cx, args[0], &family)) {
        return VALUE_ERROR;
    }
    ObjStr *address = arg_str(cx, args[1], "inet_pton", "2");
    const char *text = address == NULL ? NULL : str_c_text(cx, address);
    if (text == NULL) {
        return VALUE_ERROR;
    }
    char packed[sizeof(struct in6_addr)];
    if (packed_bytes(family) == 0) {
        return exc_raise_errno(cx, EAFNOSUPPORT, VALUE_UNSET);
    }
    if (inet_pton(family, text, packed) != 1) {
        return exc_raise(cx, EXC_OSError,
                         "illegal IP address string passed to inet_pton");
    }
    return bytes_value(cx, packed, packed_bytes(family));
}

NATIVE(socket_inet_ntop, "inet_ntop(family, packed, /)",
       "Return the text of an address in bytes.") {
    int family;
    if (!arg_int32(cx, args[0], &family) || !is_packed(cx, args[1])) {
        return VALUE_ERROR;
    }
    if (packed_bytes(family) == 0) {
        return exc_raise(cx, EXC_ValueError, "unknown address family %d", family);
    }
    if (AS_BYTES(args[1])->n_bytes != packed_bytes(family)) {
        return exc_raise(cx, EXC_ValueError,
                         "invalid length of packed IP address string");
    }
    char text[INET6_ADDRSTRLEN];
    return text_value(cx, inet_ntop(family, AS_BYTES(args[1])->data, text, sizeof text));
}

static Value swapped(Context *cx, Value v, const char *function, int n_bits) {
    int64_t number;
    if (!arg_int(cx, v, &number)) {
        return VALUE_ERROR;
    }
    if (number < 0) {
        return n_bits == 16 ? exc_raise(cx, EXC_OverflowError,
                                        "%s: can't convert negative Python int to C "
                                        "16-bit unsigned integer",
                                        function)
                            : exc_raise(cx, EXC_OverflowError,
                                        "can't convert negative value to unsigned int");
    }
    if (number >> n_bits != 0) {
        return n_bits == 16 ? exc_raise(cx, EXC_OverflowError,
                                        "%s: Python int too large to convert to C 16-bit "
                                        "unsigned integer",
                                        function)
                            : exc_raise(cx, EXC_OverflowError, "int larger than 32 bits");
    }
    return value_from_int(n_bits == 16 ? htons((uint16_t)number)
                                       : htonl((uint32_t)number));
}

NATIVE(socket_htons, "htons(x, /)",
       "Return a number of 16 bits in the order of the network.") {
    return swapped(cx, args[0], "htons", 16);
}

NATIVE(socket_ntohs, "ntohs(x, /)",
       "Return a number of 16 bits in the order of this machine.") {
    return swapped(cx, args[0], "ntohs", 16);
}

NATIVE(socket_htonl, "htonl(x, /)",
       "Return a number of 32 bits in the order of the network.") {
    return swapped(cx, args[0], "htonl", 32);
}

NATIVE(socket_ntohl, "ntohl(x, /)",
       "Return a number of 32 bits in the order of this machine.") {
    return swapped(cx, args[0], "ntohl", 32);
}

/* ---- The module ---- */

static const NativeDef functions[] = {
    NATIVE_ENTRY(socket_pair),
    NATIVE_ENTRY(socket_gethostname),
    NATIVE_ENTRY(socket_gethostbyname),
    NATIVE_ENTRY(socket_getaddrinfo),
    NATIVE_ENTRY(socket_inet_aton),
    NATIVE_ENTRY(socket_inet_ntoa),
    NATIVE_ENTRY(socket_inet_pton),
    NATIVE_ENTRY(socket_inet_ntop),
    NATIVE_ENTRY(socket_htons),
    NATIVE_ENTRY(socket_ntohs),
    NATIVE_ENTRY(socket_htonl),
    NATIVE_ENTRY(socket_ntohl),
    {NULL, NULL, NULL, 0},
};

#define CONSTANT(name) \
    { #name, name }

static const ModuleNumber constants[] = {
    CONSTANT(AF_UNSPEC),
    CONSTANT(AF_UNIX),
    CONSTANT(AF_INET),
    CONSTANT(AF_INET6),
    CONSTANT(SOCK_STREAM),
    CONSTANT(SOCK_DGRAM),
    CONSTANT(SOCK_RAW),
    CONSTANT(SOCK_SEQPACKET),
    CONSTANT(SOL_SOCKET),
    CONSTANT(SO_REUSEADDR),
    CONSTANT(SO_KEEPALIVE),
    CONSTANT(SO_BROADCAST),
    CONSTANT(SO_SNDBUF),
    CONSTANT(SO_RCVBUF),
    CONSTANT(SO_SNDTIMEO),
    CONSTANT(SO_RCVTIMEO),
    CONSTANT(SO_ERROR),
    CONSTANT(SO_TYPE),
    CONSTANT(SO_LINGER),
    CONSTANT(SO_ACCEPTCONN),
    CONSTANT(SHUT_RD),
    CONSTANT(SHUT_WR),
    CONSTANT(SHUT_RDWR),
    CONSTANT(MSG_PEEK),
    CONSTANT(MSG_WAITALL),
    CONSTANT(MSG_DONTWAIT),
    CONSTANT(MSG_OOB),
    CONSTANT(IPPROTO_IP),
    CONSTANT(IPPROTO_TCP),
    CONSTANT(SOL_TCP),
    CONSTANT(IPPROTO_UDP),
    CONSTANT(IPPROTO_IPV6),
    CONSTANT(IPPROTO_ICMP),
    CONSTANT(TCP_NODELAY),
    CONSTANT(IPV6_V6ONLY),
    CONSTANT(INADDR_ANY),
    CONSTANT(INADDR_LOOPBACK),
    CONSTANT(INADDR_BROADCAST),
    CONSTANT(SOMAXCONN),
    CONSTANT(AI_PASSIVE),
    CONSTANT(AI_CANONNAME),
    CONSTANT(AI_NUMERICHOST),
    CONSTANT(AI_NUMERICSERV),
    CONSTANT(EAI_NONAME),
    CONSTANT(EAI_FAMILY),
    CONSTANT(EAI_SERVICE),
    CONSTANT(EAI_AGAIN),
    CONSTANT(EAI_FAIL),
    CONSTANT(EAI_MEMORY),
    CONSTANT(EBADF),
    CONSTANT(EAGAIN),
    CONSTANT(EWOULDBLOCK),
    CONSTANT(SO_DEBUG),
    CONSTANT(SO_DONTROUTE),
    CONSTANT(SO_OOBINLINE),
    CONSTANT(SO_RCVLOWAT),
    CONSTANT(SOCK_RDM),
    CONSTANT(MSG_CTRUNC),
    CONSTANT(MSG_DONTROUTE),
    CONSTANT(MSG_EOR),
    CONSTANT(MSG_TRUNC),
    CONSTANT(IP_TOS),
    CONSTANT(IP_TTL),
    CONSTANT(IP_ADD_MEMBERSHIP),
    CONSTANT(IP_DROP_MEMBERSHIP),
    CONSTANT(IP_MULTICAST_IF),
    CONSTANT(IP_MULTICAST_LOOP),
    CONSTANT(IP_MULTICAST_TTL),
    CONSTANT(IPV6_JOIN_GROUP),
    CONSTANT(IPV6_LEAVE_GROUP),
    CONSTANT(IPV6_MULTICAST_HOPS),
    CONSTANT(IPV6_MULTICAST_IF),
    CONSTANT(IPV6_MULTICAST_LOOP),
    CONSTANT(IPV6_UNICAST_HOPS),
    CONSTANT(TCP_KEEPCNT),
    CONSTANT(TCP_KEEPINTVL),
    CONSTANT(TCP_MAXSEG),
#if defined(TCP_KEEPIDLE)
    CONSTANT(TCP_KEEPIDLE),
#endif
#if defined(TCP_QUICKACK)
    CONSTANT(TCP_QUICKACK),
    CONSTANT(TCP_USER_TIMEOUT),
    CONSTANT(SO_PEERCRED),
    CONSTANT(SO_BINDTODEVICE),
#endif
#if defined(SO_REUSEPORT)
    CONSTANT(SO_REUSEPORT),
#endif
#if defined(MSG_NOSIGNAL)
    CONSTANT(MSG_NOSIGNAL),
#endif
#if defined(SOCK_CLOEXEC)
    CONSTANT(SOCK_CLOEXEC),
    CONSTANT(SOCK_NONBLOCK),
#endif
    {NULL, 0},
};

bool mod_socket_open(Context *cx, ObjModule *module) {
    return module_add_numbers(cx, module, constants) &&
           module_add_type(cx, module, KIND_SOCKET, NULL) &&
           module_add_natives(cx, module, functions);
}
