/* thread.c - making threads, running them, ending them. See thread.h.
 *
 * A Thread is run by an OS thread from its begin to its end; the OS thread then waits a while for another one to run.
 * A thread enters the list before its OS thread exists and leaves it in its last step, with the world's mutex held from
 * the moment it gives its memory back until it is out of the list: so a stopped world contains whole threads only.
 *
 * See also: sched.c for the states, lib/threading.mini for what scripts see. */

#include "interp/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "interp/clock.h"
#include "interp/safepoint.h"
#include "interp/sched.h"
#include "interp/state.h"
#include "interp/trace/trace.h"
#include "interp/uncaught.h"
#include "interp/watch.h"
#include "runtime/base/config.h"
#include "runtime/base/mem.h"
#include "runtime/call.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/thread_handle.h"
#include "runtime/objects/tuple.h"

enum {
    /* Sanitizers make frames several times as large. */
    STACK_FACTOR = CONFIG_ASAN || CONFIG_TSAN ? 4 : 1,
    /* The C library keeps thread-local data and the guard page in what it calls the stack. */
    STACK_OVERHEAD_BYTES = 32 << 10,
    STACK_MIN_BYTES = 192 << 10
};

/* Memory */

static Thread *thread_new(Interp *interp) {
    void *memory;
    if (posix_memalign(&memory, CONFIG_CACHE_LINE_BYTES, sizeof(Thread)) != 0) {
        return NULL;
    }
    Thread *th = memory;
    memset(th, 0, sizeof *th);
    th->cx.rt = &interp->rt;
    th->interp = interp;
    th->waits_for = VALUE_NONE;
    th->switch_countdown = interp->switch_every != 0 ? interp->switch_every : UINT32_MAX;
    th->countdown_begin = th->switch_countdown;
    watch_thread_begin(th);
    if (!stack_open(&th->stack, atomic_load_relaxed(&interp->max_depth))) {
        watch_thread_free(th);
        free(th);
        return NULL;
    }
    return th;
}

static void thread_free(Thread *th) {
    if (th->stack.segment != NULL) {
        stack_close(&th->stack);
    }
    watch_thread_free(th);
    free(th);
}

/* The list; the world's mutex is held. */

static void list_append(Interp *interp, Thread *th) {
    th->number = ++interp->n_threads_started;
    /* Any odd constant does: neighbours must not draw alike. */
    th->random = (interp->options->seed + th->number) * UINT64_C(0x9E3779B97F4A7C15) | 1;
    th->previous = interp->newest;
    th->next = NULL;
    if (interp->newest != NULL) {
        interp->newest->next = th;
    } else {
        interp->threads = th;
    }
    interp->newest = th;
    atomic_fetch_add(&interp->n_threads, 1);
    if (!th->is_daemon && !th->is_main) {
        atomic_fetch_add(&interp->n_foreground, 1);
    }
}

static void list_remove(Interp *interp, Thread *th) {
    *(th->previous != NULL ? &th->previous->next : &interp->threads) = th->next;
    *(th->next != NULL ? &th->next->previous : &interp->newest) = th->previous;
    atomic_fetch_add(&interp->n_threads, (uint32_t)-1);
}

/* Tells the main thread, which may be waiting for the last one. */
static void leave_foreground(Interp *interp, const Thread *th) {
    if (!th->is_daemon && !th->is_main && atomic_fetch_add(&interp->n_foreground, (uint32_t)-1) == 1) {
        platform_word_wake(&interp->n_foreground, 1);
    }
}

/* The life of a thread */

static void note_stack(Thread *th, char *high, size_t n_bytes) {
    th->c_stack_high = high;
    th->cx.c_stack_limit =
        high - n_bytes + STACK_OVERHEAD_BYTES + STACK_FACTOR * (size_t)THREAD_C_STACK_MARGIN;
}

static void begin(Thread *th) {
    atomic_store_relaxed(&th->ident, platform_thread_ident());
    th->native_id = platform_thread_native_id();
    atomic_store_seq(&th->state, (uint32_t)THREAD_STOPPED);
    trace_thread_begin(th);
    sched_enter(th);
    heap_local_open(th->cx.rt->heap, &th->cx.heap_local);
    trace_thread_name(th);
    if (!IS_UNSET(th->handle)) {
        ObjThreadHandle *handle = AS_THREAD_HANDLE(th->handle);
        atomic_store_relaxed(&handle->ident, th->ident);
        atomic_store_relaxed(&handle->native_id, th->native_id);
    }
}

static void call_target(Thread *th) {
    const ObjTuple *args = (ObjTuple *)AS_OBJ(th->args);
    Value result = call_value_kw(&th->cx, th->target, args->items, (int)args->n, th->kwargs);
    if (UNLIKELY(IS_ERROR(result))) {
        uncaught_in_thread(th, exc_take(&th->cx));
    }
}

/* Marks the handle of th done. Returns the word that others wait on for it, or NULL. */
static uint32_t *end_handle(Thread *th) {
    if (IS_UNSET(th->handle)) {
        return NULL;
    }
    uint32_t *state = &AS_THREAD_HANDLE(th->handle)->state;
    return atomic_exchange(state, (uint32_t)THREAD_HANDLE_DONE) == THREAD_HANDLE_AWAITED ? state : NULL;
}

void thread_end_main(Thread *th) {
    uint32_t *join_word = end_handle(th);
    if (join_word != NULL) {
        platform_word_wake(join_word, INT32_MAX);
    }
}

/* The end. After this th is freed memory; the OS thread goes on, counted in n_leaving. */
static void finish(Thread *th) {
    Interp *interp = th->interp;
    trace_thread_name(th);
    profile_note_name(&th->cx, th);
    safepoint_lock_world(th);
    heap_local_close(th->cx.rt->heap, &th->cx.heap_local);
    gil_stats_add(&interp->gil, th, &interp->gil.finished);
    atomic_fetch_add(&interp->n_leaving, 1);
    list_remove(interp, th);
    uint32_t *join_word = end_handle(th);
    atomic_store_seq(&th->state, (uint32_t)THREAD_DONE);
    platform_mutex_unlock(&interp->world.mutex);
    trace_thread_end(th);
    /* Out of the list th is in nobody's way: with the GIL, nobody can stop the world before it is released. */
    gil_release(&interp->gil, th);
    if (join_word != NULL) {
        /* By now that may be somebody else's memory; only the address is used. */
        platform_word_wake(join_word, INT32_MAX);
    }
    leave_foreground(interp, th);
    gil_forget(&interp->gil, th);
    thread_free(th);
}

/* Idle OS threads: making one costs several times what waking one does (thread_spawn.py). */

typedef struct IdleThread {
    struct IdleThread *next;     /* [world mutex] */
    size_t c_stack_bytes;        /* [const] */
    uint64_t ident;              /* [const] */
    Thread *work;                /* [atomic] what to run next */
    uint32_t is_called;          /* [atomic] the word it waits on: there is work, or (NULL) it is to end */
} IdleThread;

enum { MAX_IDLE = 16 };
static const uint64_t IDLE_NS = 200 * CLOCK_NS_PER_MS;

static void call_idle(IdleThread *idle, Thread *work) {
    idle->work = work;
    atomic_store_release(&idle->is_called, 1);
    /* It stands on the stack of a thread that goes on now; only the address is used. */
    platform_word_wake(&idle->is_called, 1);
}

/* False: it has been taken off the list already, by who is about to call it. */
static bool withdraw_idle(Interp *interp, IdleThread *idle) {
    IdleThread **place = &interp->idle;
    while (*place != NULL && *place != idle) {
        place = &(*place)->next;
    }
    const bool is_there = *place == idle;
    if (is_there) {
        *place = idle->next;
        interp->n_idle--;
    }
    return is_there;
}

/* Waits for another thread to run. NULL: it is time to end. */
static Thread *wait_for_work(Interp *interp, size_t c_stack_bytes) {
    IdleThread idle = {.c_stack_bytes = c_stack_bytes, .ident = platform_thread_ident()};
    platform_mutex_lock(&interp->world.mutex);
    const bool is_wanted = interp->n_idle < MAX_IDLE && !atomic_load_acquire(&interp->is_finalizing);
    if (is_wanted) {
        idle.next = interp->idle;
        interp->idle = &idle;
        interp->n_idle++;
    }
    platform_mutex_unlock(&interp->world.mutex);
    const uint64_t deadline_ns = clock_deadline_ns(IDLE_NS);
    while (is_wanted && atomic_load_acquire(&idle.is_called) == 0) {
        if (platform_word_wait(&idle.is_called, 0, deadline_ns) == ETIMEDOUT) {
            platform_mutex_lock(&interp->world.mutex);
            const bool is_over = withdraw_idle(interp, &idle);
            platform_mutex_unlock(&interp->world.mutex);
            if (is_over) {
                return NULL;
            }
        }
    }
    return idle.work;
}

static void run(void *thread) {
    Thread *th = thread;
    Interp *interp = th->interp;
    const size_t c_stack_bytes = th->c_stack_bytes;
    while (th != NULL) {
        note_stack(th, __builtin_frame_address(0), c_stack_bytes);
        begin(th);
        call_target(th);
        finish(th);
        th = wait_for_work(interp, c_stack_bytes);
        atomic_fetch_add(&interp->n_leaving, (uint32_t)-1);
    }
}

/* Notes what the new thread will write too, when it comes to that. */
static void note_ident(ObjThreadHandle *handle, uint64_t ident) {
    if (handle != NULL) {
        atomic_store_relaxed(&handle->ident, ident);
    }
}

void thread_close_idle(Interp *interp) {
    platform_mutex_lock(&interp->world.mutex);
    while (interp->idle != NULL) {
        IdleThread *idle = interp->idle;
        withdraw_idle(interp, idle);
        call_idle(idle, NULL);
    }
    platform_mutex_unlock(&interp->world.mutex);
    while (atomic_load_acquire(&interp->n_leaving) != 0) {
        platform_thread_yield();
    }
}

_Noreturn void thread_park(Thread *th) {
    sched_leave(th, THREAD_STOPPED, BLOCK_EXIT, VALUE_NONE, BLOCK_FOREVER);
    uint32_t never = 0;
    for (;;) {
        platform_word_wait(&never, 0, PLATFORM_FOREVER);
    }
}

/* Starting */

static size_t stack_bytes_of_next(const Interp *interp) {
    size_t n_bytes = atomic_load_relaxed(&interp->thread_stack_bytes);
    if (n_bytes == 0) {
        n_bytes = THREAD_STACK_BYTES;
    }
    return (n_bytes < STACK_MIN_BYTES ? STACK_MIN_BYTES : n_bytes) * STACK_FACTOR;
}

/* An idle OS thread with a C stack of the right size, off the list; NULL when there is none. */
static IdleThread *take_idle_locked(Interp *interp, size_t c_stack_bytes) {
    IdleThread *idle = interp->idle;
    while (idle != NULL && idle->c_stack_bytes != c_stack_bytes) {
        idle = idle->next;
    }
    if (idle != NULL) {
        withdraw_idle(interp, idle);
    }
    return idle;
}

/* Puts the thread on the list and returns the OS thread that is to run it, or NULL when one has to be made. Until it
 * has one, th must not stop: fork_process waits for it. */
static IdleThread *enlist(Thread *th, Thread *new) {
    Interp *interp = th->interp;
    safepoint_lock_world(th);
    list_append(interp, new);
    if (!gil_is_enabled(&interp->gil) || th->cx.is_parallel) {
        /* Whoever else is alive has it already, since there are two then. It outlasts gil.enable(): see host.c. */
        th->cx.is_parallel = true;
        new->cx.is_parallel = true;
    }
    IdleThread *idle = take_idle_locked(interp, new->c_stack_bytes);
    safepoint_unlock_world(th);
    return idle;
}

static void delist(Thread *th, Thread *new) {
    safepoint_lock_world(th);
    list_remove(th->interp, new);
    safepoint_unlock_world(th);
    leave_foreground(th->interp, new);
    thread_free(new);
}

static bool start_os_thread(Thread *new, IdleThread *idle, ObjThreadHandle *handle) {
    if (idle != NULL) {
        note_ident(handle, idle->ident);
        call_idle(idle, new);
        return true;
    }
    PlatformThread os_thread;
    if (platform_thread_start(&os_thread, new->c_stack_bytes, run, new) != 0) {
        return false;
    }
    note_ident(handle, (uint64_t)(uintptr_t)os_thread.handle);
    platform_thread_detach(os_thread);
    return true;
}

bool thread_start(Thread *th, const HostThread *what) {
    Interp *interp = th->interp;
    if (atomic_load_acquire(&interp->is_finalizing)) {
        exc_raise(&th->cx, EXC_RuntimeError, "can't create new thread at interpreter shutdown");
        return false;
    }
    if (!runtime_open_threads(&th->cx)) {
        return false;
    }
    Thread *new = thread_new(interp);
    if (new == NULL) {
        exc_raise_no_memory(&th->cx);
        return false;
    }
    new->is_daemon = what->is_daemon;
    new->target = what->target;
    new->args = what->args;
    new->kwargs = what->kwargs;
    new->handle = what->handle;
    new->object = what->object;
    new->c_stack_bytes = stack_bytes_of_next(interp);
    ObjThreadHandle *handle = IS_UNSET(what->handle) ? NULL : AS_THREAD_HANDLE(what->handle);
    if (handle != NULL) {
        atomic_store_release(&handle->state, (uint32_t)THREAD_HANDLE_ALIVE);
    }
    IdleThread *idle = enlist(th, new);
    if (!start_os_thread(new, idle, handle)) {
        delist(th, new);
        if (handle != NULL) {
            atomic_store_release(&handle->state, (uint32_t)THREAD_HANDLE_STARTING);
        }
        exc_raise(&th->cx, EXC_RuntimeError, "can't start new thread");
        return false;
    }
    /* Without the GIL `new` may be gone by now. With it, it cannot have begun. */
    sched_yield_gil(th, gil_is_enabled(&interp->gil) ? new : NULL, TRACE_DROP_START);
    return true;
}

/* The main thread */

Thread *thread_open_main(Interp *interp) {
    Thread *th = thread_new(interp);
    if (th == NULL) {
        return NULL;
    }
    char *low;
    char *high;
    platform_stack_bounds(&low, &high);
    note_stack(th, high, (size_t)(high - low));
    th->is_main = true;
    th->ident = platform_thread_ident();
    th->native_id = platform_thread_native_id();
    interp->main = th;
    list_append(interp, th);
    sched_enter(th);
    return th;
}

void thread_close_main(Thread *th) {
    list_remove(th->interp, th);
    gil_release(&th->interp->gil, th);
    thread_free(th);
}

void thread_after_fork(Thread *th) {
    Interp *interp = th->interp;
    Thread *next;
    for (Thread *t = interp->threads; t != NULL; t = next) {
        next = t->next;
        if (t == th) {
            continue;
        }
        if (!IS_UNSET(t->handle)) {
            atomic_store_relaxed(&AS_THREAD_HANDLE(t->handle)->state, (uint32_t)THREAD_HANDLE_DONE);
        }
        thread_free(t);
    }
    th->next = NULL;
    th->previous = NULL;
    th->is_main = true;
    th->is_daemon = false;
    th->cx.is_parallel = false;
    th->native_id = platform_thread_native_id();
    interp->main = th;
    interp->threads = th;
    interp->newest = th;
    interp->n_threads = 1;
    interp->n_foreground = 0;
    atomic_store_relaxed(&interp->n_leaving, 0u);
    interp->idle = NULL;
    interp->n_idle = 0;
}

/* Others */

uint32_t thread_count(const Interp *interp) {
    return atomic_load_acquire(&interp->n_threads);
}

size_t thread_set_stack_bytes(Interp *interp, size_t n_bytes) {
    return atomic_exchange(&interp->thread_stack_bytes, n_bytes);
}

void thread_trace_stw(Thread *th, GcMarker *m) {
    stack_trace_stw(&th->stack, m);
    const Value own[] = {
        th->cx.pending, th->cx.handled, th->cx.repr_stack, th->waits_for, th->target, th->args,
        th->kwargs,     th->handle, th->locals, th->object, th->async_exception,
    };
    gc_mark_values(m, own, sizeof own / sizeof own[0]);
}
