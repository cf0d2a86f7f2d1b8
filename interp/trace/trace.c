/* trace.c - the hooks that write events. See trace.h. */

#include "interp/trace/trace.h"

#include <sys/resource.h>
#include <unistd.h>

#include "interp/clock.h"
#include "interp/state.h"
#include "interp/trace/recorder.h"
#include "interp/trace/trace_state.h"
#include "runtime/base/hash.h"
#include "runtime/base/mem.h"
#include "runtime/gc/gc.h"
#include "runtime/objects/file.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/lock.h"
#include "runtime/objects/process_handle.h"
#include "runtime/objects/socket.h"
#include "runtime/objects/thread_handle.h"

static void write_event(Thread *th, TraceEvent event) {
    log_write(&th->trace.log, event);
}

static uint64_t address_of(const void *thread) {
    return (uintptr_t)thread;
}

/* ---- Threads and processes ---- */

static void begin_writing(Thread *th) {
    const Trace *trace = th->interp->trace;
    /* A child's thread has what it did in the parent. */
    th->n_instructions = 0;
    th->countdown_begin = th->switch_countdown;
    th->trace.taken_from = 0;
    th->trace.name_hash = 0;
    atomic_store_relaxed(&th->trace.cpu_begin_ns, clock_thread_cpu_ns());
    log_writer_open(&th->trace.log, trace->log, trace->process, (uint32_t)th->number);
}

void trace_thread_begin(Thread *th) {
    if (LIKELY(th->interp->trace == NULL)) {
        return;
    }
    begin_writing(th);
    write_event(th, (TraceEvent){
        .time_ns = clock_now_ns(),
        .kind = TRACE_THREAD_BEGIN,
        .detail = th->is_daemon,
        .object = th->ident,
        .other = address_of(th),
    });
}

void trace_thread_name(Thread *th) {
    if (!trace_is_on(th) || !IS_OBJ(th->object) || !instance_has_slots(&th->cx, AS_OBJ(th->object))) {
        return;
    }
    Value name = instance_get_own(&th->cx, AS_OBJ(th->object), context_name(&th->cx, NAME_under_name));
    if (!IS_STR(name)) {
        return;
    }
    const uint64_t hash = hash_bytes(AS_STR(name)->data, AS_STR(name)->n_bytes);
    if (hash != th->trace.name_hash) {
        th->trace.name_hash = hash;
        const uint32_t number = places_write_name(th, AS_STR(name)->data, AS_STR(name)->n_bytes);
        write_event(th, (TraceEvent){.kind = TRACE_THREAD_NAME, .place = number});
    }
}

void trace_thread_end(Thread *th) {
    if (trace_is_on(th)) {
        atomic_fetch_add_relaxed(&th->interp->trace->n_instructions, safepoint_instructions(th));
        write_event(th, (TraceEvent){
            .time_ns = clock_now_ns(),
            .kind = TRACE_THREAD_END,
            .object = clock_thread_cpu_ns() - th->trace.cpu_begin_ns,
        });
    }
}

static void write_mode(Thread *th) {
    write_event(th, (TraceEvent){
        .time_ns = clock_now_ns(),
        .kind = TRACE_MODE,
        .detail = gil_is_enabled(&th->interp->gil),
        .object = atomic_load_relaxed(&th->interp->gil.interval_us),
    });
}

/* The calling thread is the only one of a new process. */
static void begin_process(Thread *th, uint32_t parent) {
    Trace *trace = th->interp->trace;
    trace->process = log_new_number(&trace->log->n_processes);
    trace->cpu_begin_ns = platform_process_cpu_ns();
    trace->n_instructions = 0;
    begin_writing(th);
    write_event(th, (TraceEvent){
        .time_ns = clock_now_ns(),
        .kind = TRACE_PROCESS_BEGIN,
        .object = (uint64_t)getpid(),
        .other = parent,
    });
    write_mode(th);
    trace_thread_begin(th);
    trace_write_run(th);
    trace_thread_name(th);
}

void trace_begin(Interp *interp, Log *log, Recorder *recorder) {
    Trace *trace = mem_alloc_zeroed(1, sizeof *trace);
    trace->log = log;
    trace->recorder = recorder;
    interp->trace = trace;
    /* So that the first run does not begin before the process. */
    interp->main->gil.held_since_ns = clock_now_ns();
    begin_process(interp->main, 0);
}

void trace_close(Interp *interp) {
    mem_free(interp->trace);
    interp->trace = NULL;
    interp->main->trace.log.log = NULL;
}

void trace_fork_parent(Thread *th, pid_t child) {
    if (trace_is_on(th)) {
        write_event(th, (TraceEvent){
            .time_ns = clock_now_ns(),
            .kind = TRACE_FORK,
            .object = (uint64_t)child,
            .place = places_here(th),
        });
    }
}

void trace_fork_child(Thread *th) {
    Trace *trace = th->interp->trace;
    if (trace != NULL) {
        recorder_leave(trace->recorder);
        trace->recorder = NULL;
        begin_process(th, trace->process);
    }
}

void trace_child_end(Thread *th, pid_t pid, int wait_status) {
    if (trace_is_on(th)) {
        write_event(th, (TraceEvent){
            .time_ns = clock_now_ns(),
            .kind = TRACE_CHILD_END,
            .object = (uint64_t)pid,
            .other = (uint64_t)(uint32_t)wait_status,
        });
    }
}

void trace_signal(Thread *th, pid_t pid, int number) {
    if (trace_is_on(th)) {
        write_event(th, (TraceEvent){
            .time_ns = clock_now_ns(),
            .kind = TRACE_SIGNAL,
            .detail = (uint8_t)number,
            .object = (uint64_t)pid,
        });
    }
}

/* ---- The end of a process ---- */

/* What threads used that will not tell themselves. The list does not change. */
static void write_cpu_of_living(Thread *th) {
    for (const Thread *t = th->interp->threads; t != NULL; t = t->next) {
        const uint64_t ident = atomic_load_relaxed(&t->ident);
        const uint64_t begin_ns = atomic_load_relaxed(&t->trace.cpu_begin_ns);
        const uint64_t cpu_ns = ident != 0 ? platform_cpu_ns_of_thread(ident) : 0;
        if (begin_ns != 0 && cpu_ns > begin_ns) {
            write_event(th, (TraceEvent){
                .kind = TRACE_THREAD_CPU,
                .object = cpu_ns - begin_ns,
                .other = address_of(t),
            });
        }
    }
}

/* os._exit: other threads go on meanwhile, but none leaves the list. Nobody is waited for. */
static void write_cpu_at_once(Thread *th) {
    PlatformMutex *mutex = &th->interp->world.mutex;
    if (platform_mutex_try_lock(mutex)) {
        write_cpu_of_living(th);
        platform_mutex_unlock(mutex);
    }
}

static void write_figure(Thread *th, TraceFigure figure, uint64_t value) {
    write_event(th, (TraceEvent){.kind = TRACE_PROCESS_FIGURE, .detail = figure, .object = value});
}

static uint64_t peak_bytes(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) {
        return 0;
    }
#if defined(__APPLE__)
    return (uint64_t)usage.ru_maxrss;
#else
    return (uint64_t)usage.ru_maxrss * 1024;
#endif
}

static void write_figures(Thread *th) {
    GcStats stats;
    gc_stats(th->cx.rt->heap, &stats);
    write_figure(th, TRACE_FIGURE_ALLOCATED, stats.bytes_allocated_total);
    write_figure(th, TRACE_FIGURE_PEAK, peak_bytes());
    write_figure(th, TRACE_FIGURE_INSTRUCTIONS, atomic_load_relaxed(&th->interp->trace->n_instructions));
}

void trace_no_program(Thread *th) {
    if (trace_is_on(th)) {
        atomic_store_release(&th->trace.log.log->has_no_program, 1);
    }
}

void trace_end(Thread *th, int wait_status, bool is_orderly) {
    if (!trace_is_on(th)) {
        return;
    }
    Trace *trace = th->interp->trace;
    if (is_orderly) {
        trace_thread_name(th);
        /* In a world that was stopped for good. */
        write_cpu_of_living(th);
        for (const Thread *t = th->interp->threads; t != NULL; t = t->next) {
            trace->n_instructions += t != th ? safepoint_instructions(t) : 0;
        }
        trace_thread_end(th);
    } else {
        write_cpu_at_once(th);
    }
    write_figures(th);
    write_event(th, (TraceEvent){
        .time_ns = clock_now_ns(),
        .kind = TRACE_PROCESS_END,
        .object = (uint64_t)(uint32_t)wait_status,
        .other = platform_process_cpu_ns() - trace->cpu_begin_ns,
    });
    if (trace->recorder != NULL) {
        recorder_finish(trace->recorder);
    }
}

/* ---- Objects ---- */

uint32_t trace_object(Thread *th, ObjKind kind) {
    if (!trace_is_on(th)) {
        return 0;
    }
    uint32_t library;
    const uint32_t place = places_of_maker(th, &library);
    const uint32_t number = log_new_number(&th->trace.log.log->n_objects);
    write_event(th, (TraceEvent){
        .kind = TRACE_OBJECT,
        .detail = library != 0,
        .kind_of = kind,
        .place = place,
        .object = (uint64_t)library << 32 | number,
    });
    return number;
}

/* Describes what is waited for; th is RUNNING still. */

static void describe_lock(Thread *th, const ObjLock *lock, TraceEvent *event) {
    const void *taken_at = atomic_load_relaxed(&lock->taken_at);
    const Context *owner = atomic_load_relaxed(&lock->owner);
    const uint32_t place = owner != NULL && taken_at != NULL ? places_of_instruction(th, taken_at) : 0;
    event->object = (uint64_t)place << 32 | lock->trace_number;
    event->other = address_of(owner);
}

static void describe_file(Thread *th, const ObjFile *file, TraceEvent *event) {
    FileStream *stream = atomic_load_acquire(&file->stream);
    if (stream == NULL || !IS_STR(file->name)) {
        return;
    }
    uint32_t name = atomic_load_relaxed(&stream->trace_name);
    if (name == 0) {
        name = places_write_name(th, AS_STR(file->name)->data, AS_STR(file->name)->n_bytes);
        atomic_store_relaxed(&stream->trace_name, name);
    }
    event->object = name;
}

static void describe_object(Thread *th, Value v, TraceEvent *event) {
    if (!IS_OBJ(v)) {
        if (IS_INT(v)) {
            event->kind_of = KIND_INT;
            event->object = (uint64_t)value_to_int(v);
        }
        return;
    }
    event->kind_of = IS_FILE(v) ? KIND_FILE : AS_OBJ(v)->kind; /* of any kind */
    switch ((ObjKind)event->kind_of) {
    case KIND_LOCK:
    case KIND_RLOCK: describe_lock(th, AS_LOCK(v), event); break;
    case KIND_CONDITION: event->object = AS_CONDITION(v)->trace_number; break;
    case KIND_THREAD_HANDLE: event->object = atomic_load_relaxed(&AS_THREAD_HANDLE(v)->ident); break;
    case KIND_PROCESS_HANDLE: event->object = (uint64_t)AS_PROCESS_HANDLE(v)->pid; break;
    case KIND_FILE: describe_file(th, AS_FILE(v), event); break;
    case KIND_SOCKET: event->object = (uint64_t)atomic_load_relaxed(&AS_SOCKET(v)->fd); break;
    case KIND_STR: event->object = places_write_name(th, AS_STR(v)->data, AS_STR(v)->n_bytes); break;
    default: break;
    }
}

/* ---- States ---- */

void trace_write_leave(Thread *th, ThreadState state, BlockReason reason, Value object) {
    if (state == THREAD_STOPPED) {
        trace_write_stop(th, atomic_load_relaxed(&th->interp->world.stopper));
        return;
    }
    TraceEvent event = {.kind = TRACE_BLOCK, .detail = reason};
    /* First, since it may write a name. */
    describe_object(th, object, &event);
    event.place = places_here(th);
    event.time_ns = clock_now_ns();
    write_event(th, event);
}

void trace_write_run(Thread *th) {
    const bool has_gil = atomic_load_relaxed(&th->interp->gil.holder) == th;
    write_event(th, (TraceEvent){
        .time_ns = has_gil ? th->gil.held_since_ns : clock_now_ns(),
        .kind = TRACE_RUN,
        .other = has_gil ? th->trace.taken_from : 0,
    });
    th->trace.taken_from = 0;
}

void trace_write_stop(Thread *th, const Thread *stopper) {
    /* Its own frames it may look at also in a world that others have stopped. */
    const uint32_t place = places_here(th);
    write_event(th, (TraceEvent){
        .time_ns = clock_now_ns(),
        .kind = TRACE_STOP,
        .place = place,
        .other = address_of(stopper),
    });
}

void trace_write_drop(Thread *th, TraceDrop why, const Thread *heir) {
    const uint32_t place = places_here(th);
    write_event(th, (TraceEvent){
        .time_ns = clock_now_ns(),
        .kind = TRACE_GIL_DROP,
        .detail = why,
        .place = place,
        .other = address_of(heir),
    });
}

void trace_write_gil_wait(Thread *th, const Thread *holder) {
    write_event(th, (TraceEvent){
        .time_ns = th->gil.waits_since_ns,
        .kind = TRACE_GIL_WAIT,
        .other = address_of(holder),
    });
}

void trace_mode_stw(Thread *th) {
    if (trace_is_on(th)) {
        write_mode(th);
    }
}

static uint64_t collection_count(Thread *th, uint64_t *live_bytes) {
    GcStats stats;
    gc_stats(th->cx.rt->heap, &stats);
    *live_bytes = stats.bytes_live;
    return stats.n_collections;
}

void trace_collect_begin(Thread *th) {
    uint64_t unused;
    th->trace.n_collections = collection_count(th, &unused);
    const uint32_t place = places_here(th);
    write_event(th, (TraceEvent){.time_ns = clock_now_ns(), .kind = TRACE_COLLECT_BEGIN, .place = place});
}

void trace_collect_end(Thread *th) {
    uint64_t live_bytes;
    const uint64_t n_collections = collection_count(th, &live_bytes);
    write_event(th, (TraceEvent){
        .time_ns = clock_now_ns(),
        .kind = TRACE_COLLECT_END,
        .detail = n_collections == th->trace.n_collections,
        .object = live_bytes,
    });
}

/* ---- Programs and functions ---- */

/* Modules of the binary are no secret, but nobody's program. */
void trace_source(Thread *th, const ObjStr *filename, const char *text, size_t n_bytes) {
    if (!trace_is_on(th) || places_is_library(filename)) {
        return;
    }
    const uint32_t file = places_write_name(th, filename->data, filename->n_bytes);
    size_t at = 0;
    do {
        const size_t n = n_bytes - at < LOG_TEXT_MAX ? n_bytes - at : LOG_TEXT_MAX;
        const TraceEvent event = {.kind = TRACE_SOURCE, .place = file, .object = at};
        log_write_text(&th->trace.log, event, text + at, n);
        at += n;
    } while (at < n_bytes);
}

uint32_t trace_call(Thread *th, const ObjCode *code) {
    if (!trace_is_on(th)) {
        return 0;
    }
    const uint32_t place = places_of_function(th, code);
    write_event(th, (TraceEvent){.time_ns = clock_now_ns(), .kind = TRACE_CALL, .place = place});
    return place;
}

void trace_return(Thread *th, uint32_t place) {
    if (trace_is_on(th)) {
        write_event(th, (TraceEvent){.time_ns = clock_now_ns(), .kind = TRACE_RETURN, .place = place});
    }
}
