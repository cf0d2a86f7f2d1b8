/* host.c - threads, the GIL and forks, as the modules _thread, _gil and _process see them. See runtime/host.h. */

#include "runtime/host.h"

#include <unistd.h>

#include "interp/compile.h"
#include "interp/disasm.h"
#include "interp/fork.h"
#include "interp/import.h"
#include "interp/safepoint.h"
#include "interp/state.h"
#include "interp/trace/trace.h"
#include "interp/uncaught.h"
#include "runtime/base/mem.h"
#include "runtime/call.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/list.h"

static const Thread *const_thread_of(const Context *cx) {
    return (const Thread *)cx;
}

/* ---- Threads ---- */

bool host_thread_start(Context *cx, const HostThread *what) {
    return thread_start(thread_of(cx), what);
}

uint64_t host_thread_ident(const Context *cx) {
    return const_thread_of(cx)->ident;
}

uint64_t host_thread_native_id(const Context *cx) {
    return const_thread_of(cx)->native_id;
}

uint64_t host_ident_of(Context *cx, const Context *other) {
    if (other == cx) {
        return host_thread_ident(cx);
    }
    uint64_t ident = 0;
    safepoint_lock_world(thread_of(cx));
    for (const Thread *t = interp_of(cx)->threads; t != NULL; t = t->next) {
        if (&t->cx == other) {
            ident = t->ident;
        }
    }
    safepoint_unlock_world(thread_of(cx));
    return ident;
}

uint32_t host_thread_count(const Context *cx) {
    return thread_count(interp_of(cx));
}

static Thread *this_or_main(const Context *cx, bool of_main) {
    return of_main ? interp_of(cx)->main : (Thread *)cx;
}

Value host_thread_object(const Context *cx, bool of_main) {
    return value_load(&this_or_main(cx, of_main)->object);
}

void host_thread_set_object(Context *cx, bool of_main, Value object) {
    value_store(&this_or_main(cx, of_main)->object, object);
}

void host_thread_adopt_handle(Context *cx, Value handle) {
    Thread *th = (Thread *)cx;
    if (th->is_main && IS_UNSET(th->handle)) {
        value_store(&th->handle, handle);
    }
}

/* An array with room for a Value of each thread alive and one more, the world's mutex being taken: nothing may be
 * allocated under it, so the array is made before. NULL with MemoryError pending, and without the mutex. */
static ObjArray *array_and_lock_world(Thread *th) {
    for (;;) {
        ObjArray *array = array_new(&th->cx, thread_count(th->interp) + 8);
        if (array == NULL) {
            return NULL;
        }
        safepoint_lock_world(th);
        if (thread_count(th->interp) < array->capacity) {
            return array;
        }
        safepoint_unlock_world(th);
    }
}

Value host_thread_objects(Context *cx) {
    Thread *th = thread_of(cx);
    ObjArray *objects = array_and_lock_world(th);
    if (objects == NULL) {
        return VALUE_ERROR;
    }
    size_t n = 0;
    for (const Thread *t = th->interp->threads; t != NULL; t = t->next) {
        Value object = value_load(&t->object);
        if (!IS_UNSET(object)) {
            objects->items[n++] = object;
        }
    }
    safepoint_unlock_world(th);
    return list_from(cx, objects->items, n);
}

Value host_thread_locals(Context *cx) {
    Thread *th = thread_of(cx);
    if (IS_UNSET(th->locals)) {
        ObjDict *dict = dict_new(cx, 0);
        if (dict == NULL) {
            return VALUE_ERROR;
        }
        th->locals = OBJ_VALUE(dict);
    }
    return th->locals;
}

size_t host_thread_set_stack_bytes(Context *cx, size_t n_bytes) {
    return thread_set_stack_bytes(interp_of(cx), n_bytes);
}

void host_forget_dead(Context *cx, Value *args) {
    Value *base = thread_of(cx)->stack.base;
    if (!frame_is_bottom(base) && args >= base && args < frame_end(base)) {
        stack_clear_from(base, args);
    }
}

const void *host_instruction(const Context *cx) {
    return const_thread_of(cx)->stack.pc;
}

void host_print_exception(Context *cx, ObjStr *title, Value exception) {
    uncaught_print(cx, title, exception);
}

bool host_at_exit(Context *cx, Value function) {
    Interp *interp = interp_of(cx);
    if (IS_UNSET(interp->at_exit)) {
        ObjList *list = list_new(cx, 1);
        Value expected = VALUE_UNSET;
        if (list == NULL) {
            return false;
        }
        (void)atomic_cas(&interp->at_exit, &expected, OBJ_VALUE(list));
    }
    return list_append(cx, AS_LIST(value_load(&interp->at_exit)), function);
}

/* ---- Code ---- */

Value host_code_names(Context *cx, const ObjCode *code) {
    return disasm_names(cx, code);
}

Value host_compile(Context *cx, const char *text, size_t n_bytes, bool is_decoded, ObjStr *filename,
                   HostCodeMode mode) {
    static const ParseMode modes[] = {
        [HOST_CODE_EXEC] = PARSE_FILE, [HOST_CODE_EVAL] = PARSE_EVAL, [HOST_CODE_SINGLE] = PARSE_SINGLE};
    ObjCode *code = compile_by_name(cx, filename, text, n_bytes, modes[mode], is_decoded);
    return code == NULL ? VALUE_ERROR : OBJ_VALUE(code);
}

Value host_run_code(Context *cx, ObjCode *code, ObjModule *globals, Value locals) {
    const bool is_bound = code->module != NULL;
    ObjCode *bound = is_bound ? code : code_bind(cx, code, globals);
    ObjFunction *function = bound == NULL ? NULL : function_new(cx, bound);
    if (function == NULL) {
        return VALUE_ERROR;
    }
    const int n_args = (bound->flags & CODE_MODULE) && (bound->flags & CODE_BY_NAME) ? 1 : 0;
    return call_value(cx, OBJ_VALUE(function), &locals, n_args);
}

Value host_import(Context *cx, ObjModule *importer, ObjStr *name, unsigned level, bool wants_last) {
    return import_statement(thread_of(cx), importer, name, level, wants_last);
}

/* ---- The GIL ---- */

bool host_gil_is_enabled(const Context *cx) {
    return gil_is_enabled(&interp_of(cx)->gil);
}

void host_gil_set_enabled(Context *cx, bool is_enabled) {
    Interp *interp = interp_of(cx);
    Thread *th = thread_of(cx);
    safepoint_stop_world(th);
    gil_set_enabled_stw(&interp->gil, th, is_enabled);
    trace_mode_stw(th);
    /* Threads stay parallel when the GIL comes: one may stand in the midst of a change, holding a container's lock, which
     * the others have to respect. sched.c ends it when a thread finds itself alone. */
    for (Thread *t = interp->threads; !is_enabled && interp->n_threads > 1 && t != NULL; t = t->next) {
        t->cx.is_parallel = true;
    }
    safepoint_resume_world(th);
}

uint32_t host_gil_interval_us(const Context *cx) {
    return atomic_load_relaxed(&interp_of(cx)->gil.interval_us);
}

void host_gil_set_interval_us(Context *cx, uint32_t interval_us) {
    atomic_store_relaxed(&interp_of(cx)->gil.interval_us, interval_us);
}

const char *host_gil_policy(const Context *cx) {
    return interp_of(cx)->gil.policy->name;
}

static const char *state_name(const Thread *t) {
    switch ((ThreadState)atomic_load_acquire(&t->state)) {
    case THREAD_NEW: return "new";
    case THREAD_RUNNING: return "running";
    case THREAD_WAITS_GIL: return "waiting for the GIL";
    case THREAD_BLOCKED: return "blocked";
    case THREAD_STOPPED: return "stopped";
    case THREAD_DONE: break;
    }
    return "done";
}

static void take_stats(const Gil *gil, const Thread *t, HostGilStats *out) {
    GilStats stats = {0};
    gil_stats_add(gil, t, &stats);
    *out = (HostGilStats){
        .state = state_name(t),
        .number = t->number,
        .n_acquired = stats.n_acquired,
        .n_forced = stats.n_forced,
        .n_voluntary = stats.n_voluntary,
        .held_ns = stats.held_ns,
        .waited_ns = stats.waited_ns,
    };
}

static void add_stats(HostGilStats *sum, const HostGilStats *one) {
    sum->n_acquired += one->n_acquired;
    sum->n_forced += one->n_forced;
    sum->n_voluntary += one->n_voluntary;
    sum->held_ns += one->held_ns;
    sum->waited_ns += one->waited_ns;
}

size_t host_gil_stats(Context *cx, HostGilStats **stats, ObjArray **objects) {
    Thread *th = thread_of(cx);
    Interp *interp = th->interp;
    ObjArray *array = array_and_lock_world(th);
    if (array == NULL) {
        return 0;
    }
    const GilStats *finished = &interp->gil.finished;
    HostGilStats *all = mem_alloc_zeroed(interp->n_threads + 1, sizeof *all);
    all[0] = (HostGilStats){
        .state = "",
        .n_acquired = finished->n_acquired,
        .n_forced = finished->n_forced,
        .n_voluntary = finished->n_voluntary,
        .held_ns = finished->held_ns,
        .waited_ns = finished->waited_ns,
    };
    size_t n = 1;
    for (const Thread *t = interp->threads; t != NULL; t = t->next) {
        take_stats(&interp->gil, t, &all[n]);
        array->items[n] = value_load(&t->object);
        add_stats(&all[0], &all[n]);
        n++;
    }
    safepoint_unlock_world(th);
    *stats = all;
    *objects = array;
    return n;
}

/* ---- Processes ---- */

pid_t host_fork(Context *cx) {
    return fork_process(thread_of(cx));
}

uint32_t host_fork_count(const Context *cx) {
    return interp_of(cx)->n_forks;
}

bool host_is_main_thread(const Context *cx) {
    return ((const Thread *)cx)->is_main;
}

_Noreturn void host_exit(Context *cx, int status) {
    interp_of(cx)->is_child_exit = true;
    status = interp_finish(interp_of(cx), status);
    trace_end(thread_of(cx), trace_exit_status(status), true);
    _exit(status);
}

/* ---- For those who watch ---- */

uint32_t host_note_made(Context *cx, ObjKind kind) {
    return trace_object(thread_of(cx), kind);
}

void host_note_child_end(Context *cx, pid_t pid, int wait_status) {
    trace_child_end(thread_of(cx), pid, wait_status);
}

void host_note_signal(Context *cx, pid_t pid, int number) {
    trace_signal(thread_of(cx), pid, number);
}

void host_note_exit(Context *cx, int status) {
    trace_end(thread_of(cx), trace_exit_status(status), false);
}
