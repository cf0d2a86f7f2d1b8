/* process_handle.h - a child process: whether it lives, waiting for it, its exit code.
 *
 * Any number of threads may wait for the same child. They wait without reaping it (waitid with WNOWAIT); who
 * comes first then reaps it and keeps the exit code here. So its pid cannot come to mean another process
 * before everybody knows. */

#ifndef MINI_OBJECTS_PROCESS_HANDLE_H
#define MINI_OBJECTS_PROCESS_HANDLE_H

#include <sys/types.h>

#include "runtime/context.h"

typedef enum ProcessState {
    PROCESS_ALIVE,
    PROCESS_ENDED,           /* exit_code is known */
    PROCESS_LOST             /* somebody else reaped it */
} ProcessState;

typedef struct ObjProcessHandle {
    Obj header;
    uint32_t state;          /* [atomic] ProcessState; exit_code is written before */
    int32_t exit_code;       /* exit status, or the negative number of the signal that killed it */
    pid_t pid;               /* [const] */
    pid_t parent;            /* [const] whose child it is */
} ObjProcessHandle;

#define IS_PROCESS_HANDLE(v) IS_KIND(v, KIND_PROCESS_HANDLE)
#define AS_PROCESS_HANDLE(v) ((ObjProcessHandle *)AS_OBJ(v))

Value process_handle_new(Context *cx, pid_t pid);

/* The exit code that belongs to a status of waitpid: negative for a signal. */
int process_exit_code(int status);

#endif
