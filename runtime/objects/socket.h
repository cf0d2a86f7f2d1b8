/* socket.h - sockets: the type _socket.socket, from which the class socket of runtime/lib/socket.mini derives.
 *
 * A socket with a timeout has a descriptor that does not block: its calls wait in poll() until the deadline, and then try.
 * Whatever may take long gives up the GIL, also when the data is there already, as in CPython: each request of a
 * server is a chance for a computing thread to take the lock.
 *
 * Threads: any number may use a socket. close() refuses it to new users, and the last one that is still at it closes the
 * descriptor: so its number cannot come to mean another file under anybody's hands. */

#ifndef MINI_OBJECTS_SOCKET_H
#define MINI_OBJECTS_SOCKET_H

#include "runtime/context.h"

typedef struct ObjSocket {
    Obj header;
    int fd; /* [atomic] -1: closed */
    uint32_t
        users;  /* [atomic] SOCKET_USER for each call at work on fd, and SOCKET_CLOSING */
    int family; /* [atomic relaxed] AF_ */
    int type;   /* [atomic relaxed] SOCK_ */
    int proto;  /* [atomic relaxed] */
    uint64_t
        timeout_ns; /* [atomic relaxed] 0: does not wait; SOCKET_WAITS: as long as it takes */
} ObjSocket;

#define SOCKET_WAITS UINT64_MAX

enum { SOCKET_CLOSING = 1, SOCKET_USER = 2 };

/* In the child of a fork: no thread of the parent is at work on a socket here. */
void socket_after_fork_child(Context *cx);

#define IS_SOCKET(v) IS_KIND(v, KIND_SOCKET)
#define AS_SOCKET(v) ((ObjSocket *)AS_OBJ(v))

#endif
