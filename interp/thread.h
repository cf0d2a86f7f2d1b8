/* thread.h - threads: one OS thread each, their states, their list.
 *
 * A Thread begins with the Context that the runtime works with, so each is cast to the other. It is made by
 * thread_start (or thread_open_main), is in the interpreter's list from then on, and frees itself at its end.
 *
 * Invariants
 *   1. Only the thread itself changes state to or from RUNNING, through sched.h.
 *   2. The list changes only under the world's mutex; in a stopped world it does not change.
 *   3. cx.is_parallel is set in all contexts before a second thread exists, if there is no GIL then. */

#ifndef MINI_INTERP_THREAD_H
#define MINI_INTERP_THREAD_H

#include "interp/frame.h"
#include "interp/gil.h"
#include "interp/trace/trace_thread.h"
#include "runtime/block.h"
#include "runtime/context.h"
#include "runtime/host.h"

typedef struct Interp Interp;

typedef enum ThreadState {
    THREAD_NEW,              /* made, its OS thread has not begun */
    THREAD_RUNNING,
    THREAD_WAITS_GIL,
    THREAD_BLOCKED,
    THREAD_STOPPED,
    THREAD_DONE
} ThreadState;

enum {
    THREAD_STACK_BYTES = 1 << 20,      /* C stack of a thread, unless threading.stack_size was called */
    THREAD_C_STACK_MARGIN = 48 << 10,  /* kept free below cx.c_stack_limit, for leaf functions of C and the C library */
    THREAD_SPILL_WORDS = 40            /* the frames that a thread may leave while it is away: they hold registers */
};

struct Thread {
    Context cx;                        /* first: thread_of */
    RegisterStack stack;               /* second: the loop wants small offsets */
    uint32_t switch_countdown;         /* [own] --switch-every: instructions until the next switch */
    uint32_t countdown_begin;          /* [own] what it began with */
    uint64_t n_instructions;           /* [own] executed before it began; counted by the watched and the counted loop */
    bool is_counted;                   /* [const] it runs the counted loop (eval_counted.c) when it is not watched */
    bool is_daemon;                    /* [const] once started */
    bool is_main;                      /* [const] but for fork */
    uint32_t state;                    /* [own] ThreadState; [atomic seq-cst] for others */

    /* Why it does not run: valid while state is BLOCKED. */
    uint32_t reason;                   /* [atomic relaxed] BlockReason */
    Value waits_for;                   /* [atomic] what it waits for, VALUE_NONE if that has no object */
    uint64_t deadline_ns;              /* [atomic relaxed] */
    uint64_t state_since_ns;           /* [atomic relaxed] */

    /* Where a collection finds its C stack while it is not RUNNING. */
    char *c_stack_low;                 /* [own] the frame that called sched_leave */
    char *c_stack_high;                /* [const] */
    size_t c_stack_bytes;              /* [const] as asked of the system */
    uintptr_t spilled[THREAD_SPILL_WORDS]; /* [own] what the callers of sched_leave keep in registers, and more */

    GilWaiter gil;
    TraceThread trace;
    struct Watch *watch;               /* [own] NULL: calls and lines are not watched (watch.h) */
    Interp *interp;                    /* [const] */
    Thread *next;                      /* [world mutex] in the order of starting */
    Thread *previous;                  /* [world mutex] */
    uint64_t number;                   /* [const] 1 for the main thread, then counting up */
    uint64_t ident;                    /* [const] from its begin on */
    uint64_t native_id;                /* [const] likewise */
    uint64_t random;                   /* [own] state of the generator that --switch-every draws from */
    Value target;                      /* [const] what it was started to call */
    Value args;                        /* [const] tuple */
    Value kwargs;                      /* [const] dict or VALUE_UNSET */
    Value handle;                      /* [const] ObjThreadHandle that others join, or VALUE_UNSET */
    Value locals;                      /* [own] dict behind threading.local, or VALUE_UNSET */
    Value object;                      /* [atomic] the threading.Thread, or VALUE_UNSET */
    struct ImportTask *awaited_import; /* [importer's mutex] what another thread imports and this one waits for */
    Value async_exception;             /* [atomic] what POLL_ASYNC_EXC raises */
};

static inline Thread *thread_of(Context *cx) {
    return (Thread *)cx;
}

/* Whether the loop should save its state and call safepoint_poll. */
static inline bool thread_poll_wanted(const Thread *th) {
    return UNLIKELY(atomic_load_relaxed(&th->cx.poll) != 0);
}

/* Makes the calling OS thread the main thread of interp; it is RUNNING, and holds the GIL if there is one. NULL when
 * memory is short. */
Thread *thread_open_main(Interp *interp);
/* The script has ended: those who join the main thread go on. */
void thread_end_main(Thread *th);
void thread_close_main(Thread *th);

/* Starts an OS thread, whose handle is marked done at its end. With the GIL, the new thread gets it at once, and the caller
 * goes on when its turn comes: so the new thread has begun then. False with RuntimeError pending: "can't start new
 * thread". May block. */
bool thread_start(Thread *th, const HostThread *what);

/* Lets the OS threads end that are kept for threads to come, as part of freeing the interpreter; returns when they have. */
void thread_close_idle(Interp *interp);

/* Stops the calling thread for ever: the end of daemon threads. */
_Noreturn void thread_park(Thread *th);

/* The number of threads alive. */
uint32_t thread_count(const Interp *interp);

/* The C stack of threads to come, in bytes; returns what it was. 0: THREAD_STACK_BYTES. */
size_t thread_set_stack_bytes(Interp *interp, size_t n_bytes);

/* Marks what the thread refers to: registers, values of its own, and (when it is not the collecting one) its C stack. */
void thread_trace_stw(Thread *th, GcMarker *m);

/* In the child of a fork: th is the only thread, and the main one. */
void thread_after_fork(Thread *th);

#endif
