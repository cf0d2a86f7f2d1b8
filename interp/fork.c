/* fork.c - a child process: which state it inherits and what it makes anew. See fork.h.
 *
 * In the child only the forking thread exists. It inherits memory as it was, in a stopped world: so the heap is whole, no
 * internal mutex is held, and every other thread stood at a poll or in a wait. Made anew, in this order:
 *   1. the world's mutex and the words that others waited on: nobody waits any more
 *   2. the GIL: the forking thread goes on holding it
 *   3. the list of threads: the others are buried, their heap blocks given back, their handles marked done
 *   4. the queues of container locks and of imports, the locks of files
 *   6. signals: the forking thread is the main thread now
 * Locks of the script that other threads held stay held, as in CPython; what waited for them does not count any
 * more (lock.h, invariant 3, and ObjCondition.n_forks). Buffered output is inherited and so may come twice, also as in
 * CPython: os.fork does not flush, multiprocessing does. */

#include "interp/fork.h"

#include <errno.h>

#include "interp/import.h"
#include "interp/safepoint.h"
#include "interp/signals.h"
#include "interp/state.h"
#include "runtime/base/platform.h"
#include "runtime/objects/file.h"
#include "runtime/objects/file.h"
#include "runtime/objects/objlock.h"

static void renew_world(World *world) {
    /* The mutex of the parent is held by the forking thread, and stays held until the world is resumed. */
    platform_mutex_init(&world->mutex);
    platform_mutex_lock(&world->mutex);
    world->n_left = 0;
    world->n_resumed = 0;
}

static void become_child(Thread *th) {
    Interp *interp = th->interp;
    const bool was_parallel = th->cx.is_parallel;
    renew_world(&interp->world);
    gil_after_fork(&interp->gil, th);
    heap_fork_end_child(interp->rt.heap, &th->cx.heap_local);
    thread_after_fork(th);
    parking_after_fork(&interp->rt, was_parallel);
    file_after_fork_child(&th->cx);
    import_after_fork(interp, th);
    file_after_fork_child(&th->cx);
    interp->n_forks++;
    signals_after_fork(interp);
}

pid_t fork_process(Thread *th) {
    Heap *heap = th->interp->rt.heap;
    safepoint_stop_world(th);
    heap_fork_begin(heap);
    const pid_t pid = platform_fork();
    const int error = errno;
    if (pid == 0) {
        become_child(th);
    } else {
        heap_fork_end_parent(heap);
    }
    safepoint_resume_world(th);
    errno = error;
    return pid;
}
