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
    uint32_t n_foreground;             /* [atomic] those that the end of the main thread waits for: not main, no daemons */
    uint32_t n_leaving;                /* [atomic] OS threads that are out of the list and still touch this struct */
    struct IdleThread *idle;           /* [world mutex] OS threads that wait for another thread to run */
    uint32_t n_idle;                   /* [world mutex] */
    uint64_t n_threads_started;        /* [world mutex] */
    bool is_finalizing;                /* [atomic] set when only the main thread goes on */
    uint32_t max_depth;                /* [atomic relaxed] the recursion limit of threads to come */
    size_t thread_stack_bytes;         /* [atomic relaxed] 0: the usual */
    uint32_t switch_every;             /* [const] instructions; 0: only when asked */
    uint32_t n_forks;                  /* [const] how many forks lie between this process and the first */
    struct Importer *importer;         /* [const] import.c */
    struct LineEditor *line_editor;    /* [main thread] repl.c; NULL: none is open */
    struct Trace *trace;               /* [const] after the begin; NULL: nothing is recorded (trace/trace.h) */
    bool is_child_exit;                /* a child of fork ends: what was made before is left to the parent to finalize */
    struct Profile *profile;           /* [const] NULL: no --profile (profile.h) */
    Value signal_handlers;             /* [atomic] list: what scripts gave for each signal; VALUE_UNSET: nothing */
    Value at_exit;                     /* [atomic] list of what host_at_exit was given, or VALUE_UNSET */
};

static inline Interp *interp_of(const Context *cx) {
    return (Interp *)cx->rt;
}

/* Opens an interpreter whose main thread is the calling one, RUNNING. NULL with a message on stderr when memory is
 * short. options live as long as the interpreter. */
Interp *interp_open(const Options *options);

/* The end of the main thread: waits for the threads that are no daemons, calls what host_at_exit was given, stops the
 * daemons for good, flushes. Only the calling thread runs afterwards. Returns the exit status: status, but 120 if
 * flushing sys.stdout failed and status was 0. */
int interp_finish(Interp *interp, int status);

/* Frees everything, after interp_finish: for tests and checking tools. Otherwise the end of the process does it. */
void interp_free(Interp *interp);

/* Whether is_parallel holds for a thread that would be made now. */
static inline bool interp_is_parallel(const Interp *interp) {
    return !gil_is_enabled(&interp->gil) && atomic_load_acquire(&interp->n_threads) > 1;
}

#endif
