/* thread_handle.h - what stands for a thread once it has been started: others wait on it for the end.
 *
 * It outlives the thread. `state` only grows. */

#ifndef MINI_OBJECTS_THREAD_HANDLE_H
#define MINI_OBJECTS_THREAD_HANDLE_H

#include "runtime/context.h"

typedef enum ThreadHandleState {
    THREAD_HANDLE_NEW,
    THREAD_HANDLE_STARTING,
    THREAD_HANDLE_ALIVE,
    THREAD_HANDLE_AWAITED,   /* alive, and somebody waits for the end */
    THREAD_HANDLE_DONE
} ThreadHandleState;

typedef struct ObjThreadHandle {
    Obj header;
    uint32_t state;          /* [atomic] the word that join waits on */
    uint64_t ident;          /* [atomic relaxed] 0 before it has begun */
    uint64_t native_id;      /* [atomic relaxed] */
} ObjThreadHandle;

static inline bool thread_handle_is_alive(const ObjThreadHandle *handle) {
    const uint32_t state = atomic_load_acquire(&handle->state);
    return state == THREAD_HANDLE_ALIVE || state == THREAD_HANDLE_AWAITED;
}

#define IS_THREAD_HANDLE(v) IS_KIND(v, KIND_THREAD_HANDLE)
#define AS_THREAD_HANDLE(v) ((ObjThreadHandle *)AS_OBJ(v))

Value thread_handle_new(Context *cx);
/* Waits for the end. 1: it has ended, 0: not before the deadline, -1: exception pending. */
int thread_handle_join(Context *cx, ObjThreadHandle *handle, uint64_t deadline_ns, bool is_limited);

#endif
