/* sys_interp.c - sys.setswitchinterval and its kin. See sys_interp.h; the rest of sys is runtime/modules/mod_sys.c. */

#include "interp/sys_interp.h"

#include <math.h>

#include "interp/safepoint.h"
#include "interp/state.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/file.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"

static const double US_PER_S = 1e6;

NATIVE(sys_getswitchinterval, "getswitchinterval()",
       "Return how many seconds a thread waits before it asks for the lock.") {
    return value_from_double(host_gil_interval_us(cx) / US_PER_S);
}

NATIVE(sys_setswitchinterval, "setswitchinterval(interval, /)",
       "Set how many seconds a thread waits before it asks for the lock.") {
    double seconds;
    if (!arg_double(cx, args[0], &seconds)) {
        return VALUE_ERROR;
    }
    if (!(seconds > 0)) {
        return exc_raise(cx, EXC_ValueError, "switch interval must be strictly positive");
    }
    const double us = seconds * US_PER_S;
    host_gil_set_interval_us(cx, us < 1 ? 1 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)llround(us));
    return VALUE_NONE;
}

NATIVE(sys_is_gil_enabled, "_is_gil_enabled()", "Return whether the global interpreter lock is on.") {
    return BOOL_VALUE(host_gil_is_enabled(cx));
}

NATIVE(sys_getrecursionlimit, "getrecursionlimit()", "Return how deep calls may nest.") {
    return int_from_u64(cx, atomic_load_relaxed(&interp_of(cx)->max_depth));
}

NATIVE(sys_setrecursionlimit, "setrecursionlimit(limit, /)", "Set how deep calls may nest.") {
    int limit;
    if (!arg_int32(cx, args[0], &limit)) {
        return VALUE_ERROR;
    }
    if (limit < 1) {
        return exc_raise(cx, EXC_ValueError, "recursion limit must be greater or equal than 1");
    }
    Thread *th = thread_of(cx);
    if (th->stack.depth >= (uint32_t)limit) {
        return exc_raise(cx, EXC_RecursionError,
                         "cannot set the recursion limit to %d at the recursion depth %u: the limit is too low",
                         limit, (unsigned)th->stack.depth);
    }
    Interp *interp = th->interp;
    safepoint_lock_world(th);
    atomic_store_relaxed(&interp->max_depth, (uint32_t)limit);
    for (Thread *t = interp->threads; t != NULL; t = t->next) {
        atomic_store_relaxed(&t->stack.max_depth, (uint32_t)limit);
    }
    safepoint_unlock_world(th);
    return VALUE_NONE;
}

const NativeDef host_sys_natives[] = {
    NATIVE_ENTRY(sys_getswitchinterval), NATIVE_ENTRY(sys_setswitchinterval),
    NATIVE_ENTRY(sys_is_gil_enabled),    NATIVE_ENTRY(sys_getrecursionlimit),
    NATIVE_ENTRY(sys_setrecursionlimit), {NULL, NULL, NULL, 0},
};

/* -u: what a script prints is written at once. */
static void write_through(Context *cx, NameId name) {
    Value file = module_get(cx, cx->rt->sys, context_name(cx, name));
    if (IS_FILE(file)) {
        atomic_store_relaxed(&AS_FILE(file)->is_write_through, true);
    }
}

void sys_interp_open(Thread *th) {
    Context *cx = &th->cx;
    if (th->interp->options->is_unbuffered) {
        write_through(cx, NAME_plain_stdout);
        write_through(cx, NAME_plain_stderr);
    }
}
