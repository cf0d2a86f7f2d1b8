/* state.c - opening and ending an interpreter. See state.h.
 *
 * The end, step by step
 *   1. threads that are no daemons are waited for, as by join: they may start more of them, and join the main thread
 *   2. what host_at_exit was given is called, the last first
 *   3. daemon threads: POLL_EXIT makes them stop at a poll, and then the world is stopped and not resumed, so that
 *      what comes back from a wait later stands still as well. Nobody is waited for that sleeps or reads.
 *   4. files are flushed, with only the main thread running
 * The process can then end in any way. */

#include "interp/state.h"

#include <errno.h>
#include <stdio.h>

#include "interp/import.h"
#include "interp/profile.h"
#include "interp/safepoint.h"
#include "interp/sched.h"
#include "interp/signals.h"
#include "interp/sys_interp.h"
#include "interp/trace/trace.h"
#include "interp/uncaught.h"
#include "runtime/gc/finalize.h"
#include "runtime/base/mem.h"
#include "runtime/call.h"
#include "runtime/gc/gc.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/file.h"
#include "runtime/objects/list.h"

enum { DEFAULT_RECURSION_LIMIT = 1000, FLUSH_FAILED_STATUS = 120 };

/* ---- The begin ---- */

static void set_gc_options(Interp *interp) {
    const Options *options = interp->options;
    const GcOptions gc = {
        .is_stress = options->is_gc_stress,
        .is_poison = options->is_gc_poison,
        .is_verify = options->is_gc_verify,
        .max_bytes = options->max_memory_bytes,
    };
    gc_set_options(interp->rt.heap, &gc);
}

static bool open_parts(Interp *interp, Thread *th) {
    if (!runtime_open(&th->cx, interp->options->max_memory_bytes)) {
        return false;
    }
    gc_root_add(&interp->rt, &interp->signal_handlers);
    gc_root_add(&interp->rt, &interp->at_exit);   /* Interp is no heap object */
    interp->importer = import_open();
    sys_interp_open(th);
    set_gc_options(interp);
    return interp->profile == NULL || profile_open(interp->profile, &th->cx);
}

Interp *interp_open(const Options *options) {
    Interp *interp = mem_alloc_zeroed(1, sizeof *interp);
    interp->options = options;
    interp->max_depth = DEFAULT_RECURSION_LIMIT;
    interp->switch_every = options->switch_every;
    gil_open(&interp->gil, &gil_policy_interval, options->is_gil_enabled, options->switch_interval_us);
    platform_mutex_init(&interp->world.mutex);
    interp->profile = options->is_profile ? profile_new() : NULL;
    Thread *th = thread_open_main(interp);
    if (th == NULL || !open_parts(interp, th)) {
        fputs("mini: not enough memory to start\n", stderr);
        return NULL;
    }
    return interp;
}

/* ---- The end ---- */

/* An exception at a time when no code is left that could catch it. */
static void report_ignored(Thread *th, const char *where) {
    Value exception = exc_take(&th->cx);
    if (!IS_UNSET(exception)) {
        ObjStr *title = str_format_c(&th->cx, "Exception ignored in: %s", where);
        uncaught_print_ignored(&th->cx, title, exception);
    }
}

static void join_threads(Interp *interp, Thread *th) {
    for (;;) {
        const uint32_t n = atomic_load_acquire(&interp->n_foreground);
        if (n == 0) {
            return;
        }
        const int why = block_wait_word(&th->cx, BLOCK_EXIT, VALUE_NONE, &interp->n_foreground, n, BLOCK_FOREVER);
        if (why == EINTR && !block_poll(&th->cx)) {
            report_ignored(th, "the wait for threads at exit");
            return;
        }
    }
}

static void call_exit_functions(Interp *interp, Thread *th) {
    Context *cx = &th->cx;
    for (;;) {
        Value list = value_load(&interp->at_exit);
        if (IS_UNSET(list) || list_length(AS_LIST(list)) == 0) {
            return;
        }
        const size_t last = list_length(AS_LIST(list)) - 1;
        Value function = list_peek(AS_LIST(list), last);
        Value rest = list_from(cx, AS_LIST(list)->items->items, last);
        if (IS_ERROR(rest)) {
            exc_take(cx);
            return;
        }
        value_store(&interp->at_exit, rest);
        if (IS_ERROR(call_value(cx, function, NULL, 0))) {
            report_ignored(th, "a function called at exit");
        }
    }
}

/* From here on only th runs. */
static void stop_daemons(Interp *interp, Thread *th) {
    atomic_store_release(&interp->is_finalizing, true);
    safepoint_lock_world(th);
    for (Thread *t = interp->threads; t != NULL; t = t->next) {
        if (t != th) {
            safepoint_request(t, POLL_EXIT);
        }
    }
    safepoint_unlock_world(th);
    safepoint_stop_world(th);
    /* A daemon may stand still in an allocation, with a container lock held: nobody is left to exclude. */
    th->cx.is_parallel = false;
}

int interp_finish(Interp *interp, int status) {
    Thread *th = interp->main;
    thread_end_main(th);
    join_threads(interp, th);
    call_exit_functions(interp, th);
    if (!interp->is_child_exit) {
        finalize_run_all(&th->cx);
    }
    stop_daemons(interp, th);
    if (!file_flush_std(&th->cx) && status == 0) {
        status = FLUSH_FAILED_STATUS;
    }
    if (interp->profile != NULL) {
        profile_report(interp, th);
    }
    return status;
}

void interp_free(Interp *interp) {
    Thread *th = interp->main;
    if (interp->n_threads > 1) {
        /* Daemons stand still with pointers into all this. The end of the process takes it. */
        return;
    }
    if (block_world_is_stopped(&th->cx)) {
        safepoint_resume_world(th);
    }
    thread_close_idle(interp);
    signals_close(interp);
    import_close(interp->importer);
    trace_close(interp);
    runtime_close(&interp->rt);
    thread_close_main(th);
    profile_free(interp->profile);
    gil_close(&interp->gil);
    platform_mutex_destroy(&interp->world.mutex);
    mem_free(interp);
}
