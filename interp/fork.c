/* fork.c - a child process: which state it inherits and what it makes anew. See fork.h.
 *
 * In the child only the forking thread exists. It inherits memory as it was, in a stopped world: so the heap is whole, and
 * every other thread stood at a poll or in a wait. Mutexes that such threads take for a moment (the GIL's, the importer's,
 * the heap's) are held by the forking thread during the fork, and so is the world's. Made anew, in this order:
 *   1. the GIL: nobody waits for it any more; the forking thread goes on holding it
 *   2. the heap takes back what the other threads allocated from
 *   3. the list of threads: the others are buried, their handles marked done
 *   4. the queues of container locks and of imports; the locks of files
 *   5. signals: the forking thread is the main thread now
 * Locks of the script that other threads held stay held, as in CPython; what waited for them does not count any
 * more (lock.h, invariant 3, and ObjCondition.n_forks). Buffered output is inherited and so may come twice, also as in
 * CPython: os.fork does not flush, multiprocessing does. */

#include "interp/fork.h"

#include <errno.h>

#include "interp/import.h"
#include "interp/safepoint.h"
#include "interp/signals.h"
#include "interp/state.h"
#include "interp/trace/trace.h"
#include "interp/watch.h"
#include "runtime/base/platform.h"
#include "runtime/objects/file.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/socket.h"

static void become_child(Thread *th) {
    Interp *interp = th->interp;
    const bool was_parallel = th->cx.is_parallel;
    gil_fork_end_child(&interp->gil, th);
    heap_fork_end_child(interp->rt.heap, &th->cx.heap_local);
    thread_after_fork(th);
    parking_after_fork(&interp->rt, was_parallel);
    import_fork_end_child(interp->importer, th);
    file_after_fork_child(&th->cx);
    socket_after_fork_child(&th->cx);
    interp->n_forks++;
    signals_after_fork(interp);
    trace_fork_child(th);
    watch_after_fork(th);
}

static void remain_parent(Thread *th, pid_t pid) {
    Interp *interp = th->interp;
    heap_fork_end_parent(interp->rt.heap);
    gil_fork_end_parent(&interp->gil);
    import_fork_end_parent(interp->importer);
    if (pid > 0) {
        trace_fork_parent(th, pid);
    }
}

/* A thread that is just being born may be within malloc. The C library copes with that; address sanitizers do not. It gets
 * on with its birth also in a stopped world. */
static void wait_for_births(const Interp *interp) {
    for (const Thread *t = interp->threads; t != NULL; t = t->next) {
        while (atomic_load_seq(&t->state) == THREAD_NEW) {
            platform_thread_yield();
        }
    }
}

pid_t fork_process(Thread *th) {
    Interp *interp = th->interp;
    safepoint_stop_world(th);
    wait_for_births(interp);
    import_fork_begin(interp->importer);
    gil_fork_begin(&interp->gil);
    heap_fork_begin(interp->rt.heap);
    const pid_t pid = platform_fork();
    const int error = errno;
    if (pid == 0) {
        become_child(th);
    } else {
        remain_parent(th, pid);
    }
    safepoint_resume_world(th);
    errno = error;
    return pid;
}
