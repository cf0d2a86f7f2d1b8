/* socket_address.h - addresses of sockets: from a script's tuple or path to the system's struct and back; names of hosts. */

#ifndef MINI_OBJECTS_SOCKET_ADDRESS_H
#define MINI_OBJECTS_SOCKET_ADDRESS_H

#include <netdb.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "runtime/context.h"

typedef struct SocketAddress {
    struct sockaddr_storage storage;
    socklen_t n_bytes;
} SocketAddress;

/* (host, port) for AF_INET, (host, port[, flow, scope]) for AF_INET6, a path for AF_UNIX. function names the caller in messages.
 * False: TypeError, OverflowError, OSError or socket.gaierror pending. May block: a host's name is looked up. */
bool socket_address_parse(Context *cx, int family, Value v, const char *function,
                          SocketAddress *out);

/* As Python shows it; VALUE_NONE when there is none. */
Value socket_address_value(Context *cx, const SocketAddress *address);

/* getaddrinfo() with the GIL given up; host and service may be NULL. The result is freed by freeaddrinfo. False:
 * socket.gaierror pending. */
bool socket_resolve(Context *cx, const char *host, const char *service,
                    const struct addrinfo *hints, struct addrinfo **out);

/* A host as C text, in malloc'ed memory: NULL for None and "". False: TypeError or ValueError pending. */
bool socket_host_arg(Context *cx, Value v, char **out);

#endif
