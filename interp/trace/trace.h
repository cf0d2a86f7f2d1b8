/* trace.h - what the rest of interp/ calls when something happens that people may want to see.
 *
 * Each hook is one test of th->trace.log.log when nothing is recorded. A hook writes one event (event.h) into the log; it
 * never blocks, collects or raises, but where it says so.
 *
 * Who calls what: sched.c the states; gil.c who waits and who had it; safepoint.c and host.c stops, collections and modes;
 * thread.c and fork.c lives; main.c the begin and the end; the runtime through the door at the end of runtime/host.h.
 *
 * See also: log.h for the memory behind it, recorder.h for what becomes of it. */

#ifndef MINI_INTERP_TRACE_TRACE_H
#define MINI_INTERP_TRACE_TRACE_H

#include "interp/thread.h"
#include "interp/trace/event.h"
#include "interp/trace/log.h"
#include "runtime/base/config.h"

typedef struct Recorder Recorder;

static inline bool trace_is_on(const Thread *th) {
    return CONFIG_TRACE && UNLIKELY(th->trace.log.log != NULL);
}

/* ---- The begin and the end of recording ---- */

/* The calling thread, main and RUNNING, and all to come write into log from now on. */
void trace_begin(Interp *interp, Log *log, Recorder *recorder);
/* There is no program: nothing will be shown on the screen. */
void trace_no_program(Thread *th);
void trace_close(Interp *interp);   /* part of freeing the interpreter */
/* The process is about to end, with a status as waitpid would give it: notes what is known only now, and in the first process
 * waits until the views are made. Interrupted by a signal it does not wait any longer. is_orderly: th is the main thread and
 * nobody else runs. */
void trace_end(Thread *th, int wait_status, bool is_orderly);
/* The status of waitpid for a process that exits with this one. */
static inline int trace_exit_status(int status) {
    return (status & 0xff) << 8;
}

/* ---- Threads and processes ---- */

/* Before the thread enters RUNNING for the first time. */
void trace_thread_begin(Thread *th);
/* th is RUNNING: its name, if it is new. */
void trace_thread_name(Thread *th);
void trace_thread_end(Thread *th);
void trace_fork_parent(Thread *th, pid_t child);
void trace_fork_child(Thread *th);
void trace_child_end(Thread *th, pid_t pid, int wait_status);
void trace_signal(Thread *th, pid_t pid, int number);
/* A lock or the like is being made by th, which is RUNNING: its number, 0 when nothing is recorded. */
uint32_t trace_object(Thread *th, ObjKind kind);

/* ---- States ---- */

void trace_write_leave(Thread *th, ThreadState state, BlockReason reason, Value object);
void trace_write_run(Thread *th);
void trace_write_stop(Thread *th, const Thread *stopper);
void trace_write_drop(Thread *th, TraceDrop why, const Thread *heir);
void trace_write_gil_wait(Thread *th, const Thread *holder);

/* th, still RUNNING, is about to be BLOCKED or STOPPED. */
static inline void trace_leave(Thread *th, ThreadState state, BlockReason reason, Value object) {
    if (trace_is_on(th)) {
        trace_write_leave(th, state, reason, object);
    }
}

/* th is RUNNING again, and holds the GIL if there is one. */
static inline void trace_run(Thread *th) {
    if (trace_is_on(th)) {
        trace_write_run(th);
    }
}

/* th comes back from a wait into a world that stopper (NULL: unknown) has stopped. */
static inline void trace_stop(Thread *th, const Thread *stopper) {
    if (trace_is_on(th)) {
        trace_write_stop(th, stopper);
    }
}

/* th holds the GIL and gives it to heir (NULL: who is next). */
static inline void trace_drop(Thread *th, TraceDrop why, const Thread *heir) {
    if (trace_is_on(th)) {
        trace_write_drop(th, why, heir);
    }
}

/* th did not get the GIL at once; th->gil.waits_since_ns is the time. holder is only compared. */
static inline void trace_gil_wait(Thread *th, const Thread *holder) {
    if (trace_is_on(th)) {
        trace_write_gil_wait(th, holder);
    }
}

/* th has the GIL, which `from` held last; from is only compared. Noted whether somebody records or not: a store costs less than
 * the question. */
static inline void trace_gil_taken(Thread *th, const Thread *from) {
    if (CONFIG_TRACE) {
        th->trace.taken_from = (uintptr_t)from;
    }
}

void trace_collect_begin(Thread *th);
void trace_collect_end(Thread *th);
/* The GIL is on or off from now on; world stopped by th. */
void trace_mode_stw(Thread *th);

/* ---- Programs and functions ---- */

/* A program text is being compiled. */
void trace_source(Thread *th, const ObjStr *filename, const char *text, size_t n_bytes);

/* For --trace-calls: th enters the function, whose place is returned; and leaves it in whatever way. */
uint32_t trace_call(Thread *th, const ObjCode *code);
void trace_return(Thread *th, uint32_t place);

#endif
