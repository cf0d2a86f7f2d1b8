/* state.h - Interp: all state of one interpreter, and the order in which its parts start and stop.
 *
 * Start: options, runtime (heap, types), main thread, signals, modules. Stop: the main thread joins the other ones
 * (threading does that), daemon threads are stopped, files are flushed, memory is freed. */

#ifndef MINI_INTERP_STATE_H
#define MINI_INTERP_STATE_H

#include "interp/cli.h"
#include "interp/gil.h"
#include "interp/safepoint.h"
#include "interp/thread.h"
#include "runtime/context.h"

struct Interp {
    Runtime rt;                        /* first: interp_of */
    const Options *options;            /* [const] */
    Gil gil;
    World world;
    Thread *main;                      /* [const] but for fork */
    Thread *threads;                   /* [world mutex] the oldest, that is main */
    Thread *newest;                    /* [world mutex] */
    uint32_t n_threads;                /* [atomic] alive, main included */
    uint64_t n_threads_started;        /* [world mutex] */
    bool is_finalizing;                /* [atomic] set when only the main thread goes on */
    uint32_t max_depth;                /* [atomic relaxed] the recursion limit of threads to come */
    size_t thread_stack_bytes;         /* [atomic relaxed] 0: the usual */
    uint32_t switch_every;             /* [const] instructions; 0: only when asked */
    uint32_t n_forks;                  /* [const] how many forks lie between this process and the first */
    struct Importer *importer;         /* [const] import.c */
};

static inline Interp *interp_of(const Context *cx) {
    return (Interp *)cx->rt;
}

/* Opens an interpreter whose main thread is the calling one, RUNNING. NULL with a message on stderr when memory is
 * short. options live as long as the interpreter. */
Interp *interp_open(const Options *options);

/* Ends it: waits for the other threads, stops the daemons, flushes. Returns the exit status, which is status unless flushing
 * failed. The memory is freed when is_freeing (checking tools want it); otherwise the end of the process does it. */
int interp_close(Interp *interp, int status, bool is_freeing);

/* Whether is_parallel holds for a thread that would be made now. */
static inline bool interp_is_parallel(const Interp *interp) {
    return !gil_is_enabled(&interp->gil) && atomic_load_acquire(&interp->n_threads) > 1;
}

#endif
