/* watch.h - what the watched instance of the loop does beside running the script.
 *
 * The loop is compiled three times (eval.h). The watched instance runs when watch_is_wanted: it polls at every jump back and every
 * call, and tells of each step here:
 *
 *      watch_instruction   before each instruction: counts down for --switch-every; sees a new line (--profile)
 *      watch_enter         a frame is the innermost one from now on: a call, or a generator that goes on
 *      watch_leave         the innermost frame is about to return or to yield
 *      watch_unwound       an exception has ended frames
 *
 * Calls and returns reach --trace-calls (trace/trace.h) and --profile in pairs, nested in each thread, whatever the way out was. For that
 * each thread keeps a stack of its own of the frames that were entered, with the depth of each: frames that C code
 * pushes and that end before they have run an instruction (generator.throw) never stand on it.
 *
 * In the plain instance all of this is nothing.
 *
 * Threads: each works on its own Watch; what the threads share is in profile.c. */

#ifndef MINI_INTERP_WATCH_H
#define MINI_INTERP_WATCH_H

#include "interp/profile.h"
#include "interp/safepoint.h"
#include "interp/state.h"

typedef struct WatchFrame {
    const ObjCode *code; /* kept alive by the frame */
    uint32_t depth;      /* th->stack.depth while it is innermost */
    uint32_t place;      /* --trace-calls: of the function */
    ProfileFrame profile;
} WatchFrame;

/* What one thread has entered. */
struct Watch {
    WatchFrame *frames;     /* [own] */
    size_t n_frames;        /* [own] */
    size_t capacity;        /* [own] */
    ProfileThread *profile; /* [const] NULL: no --profile */
    bool traces_calls;      /* [const] --trace-calls */
};

/* Whether threads of this interpreter run the watched instance. */
bool watch_is_wanted(const Options *options);

/* Part of making and freeing a thread. begin: called by the thread that makes th. */
void watch_thread_begin(Thread *th);
void watch_thread_free(Thread *th);
/* In the child of a fork, whose only thread th goes on with the frames it has. */
void watch_after_fork(Thread *th);

void watch_push(Thread *th, const ObjCode *code, const Instruction *pc);
void watch_pop(Thread *th);
void watch_pop_to(Thread *th, uint32_t depth);

static inline void watch_instruction(Thread *th, const ObjCode *code,
                                     const Instruction *pc) {
    safepoint_count(th);
    struct Watch *watch = th->watch;
    if (watch != NULL && watch->n_frames > 0) {
        WatchFrame *frame = &watch->frames[watch->n_frames - 1];
        if (frame->profile.line_of != NULL && frame->code == code) {
            profile_instruction(watch->profile, &frame->profile,
                                (uint32_t)(pc - code->instructions));
        }
    }
}

static inline void watch_enter(Thread *th, const ObjCode *code, const Instruction *pc) {
    if (th->watch != NULL) {
        watch_push(th, code, pc);
    }
}

static inline void watch_leave(Thread *th) {
    if (th->watch != NULL) {
        watch_pop(th);
    }
}

static inline void watch_unwound(Thread *th) {
    if (th->watch != NULL) {
        watch_pop_to(th, th->stack.depth);
    }
}

/* For sched.c: th stops running (but for a library that computes without the GIL: that is work); has what it waited for and wants the GIL; runs again. */

static inline void watch_waits(Thread *th, BlockReason reason) {
    if (UNLIKELY(th->watch != NULL) && th->watch->profile != NULL &&
        reason != BLOCK_COMPUTE) {
        profile_waits(th->watch->profile);
    }
}

static inline void watch_wants_gil(Thread *th) {
    if (UNLIKELY(th->watch != NULL) && th->watch->profile != NULL) {
        profile_wants_gil(th->watch->profile);
    }
}

static inline void watch_runs(Thread *th) {
    if (UNLIKELY(th->watch != NULL) && th->watch->profile != NULL) {
        profile_runs(th->watch->profile, gil_is_enabled(&th->interp->gil));
    }
}

#endif
