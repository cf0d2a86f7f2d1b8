/* mod_gil.c - the module _gil: what lib/gil.mini is built on. */

#include "runtime/base/mem.h"
#include "runtime/host.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/array.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/tuple.h"

static const double NS_PER_S = 1e9;

NATIVE(gil_enabled, "enabled()", "Return whether the global interpreter lock is on.") {
    return BOOL_VALUE(host_gil_is_enabled(cx));
}

NATIVE(gil_enable, "enable()", "Switch the lock on: from now on one thread runs at a time.") {
    host_gil_set_enabled(cx, true);
    return VALUE_NONE;
}

NATIVE(gil_disable, "disable()", "Switch the lock off: from now on threads run in parallel.") {
    host_gil_set_enabled(cx, false);
    return VALUE_NONE;
}

NATIVE(gil_policy, "policy()", "Return the name of the rule by which the lock changes hands.") {
    ObjStr *name = str_from_c(cx, host_gil_policy(cx));
    return name != NULL ? OBJ_VALUE(name) : VALUE_ERROR;
}

/* (number, thread, state, acquired, forced, voluntary, held seconds, waited seconds) */
static Value stats_tuple(Context *cx, const HostGilStats *stats, Value thread) {
    ObjStr *state = str_from_c(cx, stats->state);
    if (state == NULL) {
        return VALUE_ERROR;
    }
    Value items[] = {
        int_from_u64(cx, stats->number),
        IS_UNSET(thread) ? VALUE_NONE : thread,
        OBJ_VALUE(state),
        int_from_u64(cx, stats->n_acquired),
        int_from_u64(cx, stats->n_forced),
        int_from_u64(cx, stats->n_voluntary),
        value_from_double((double)stats->held_ns / NS_PER_S),
        value_from_double((double)stats->waited_ns / NS_PER_S),
    };
    return tuple_from(cx, items, sizeof items / sizeof items[0]);
}

NATIVE(gil_stats, "stats()", "Return what was counted: a list of tuples, the sum first, then one for each living thread.") {
    HostGilStats *stats;
    ObjArray *threads;
    const size_t n = host_gil_stats(cx, &stats, &threads);
    if (n == 0) {
        return VALUE_ERROR;
    }
    ObjList *list = list_new(cx, n);
    bool is_ok = list != NULL;
    for (size_t i = 0; is_ok && i < n; i++) {
        Value item = stats_tuple(cx, &stats[i], threads->items[i]);
        is_ok = !IS_ERROR(item) && list_append(cx, list, item);
    }
    mem_free(stats);
    return is_ok ? OBJ_VALUE(list) : VALUE_ERROR;
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(gil_enabled), NATIVE_ENTRY(gil_enable), NATIVE_ENTRY(gil_disable),
    NATIVE_ENTRY(gil_policy),  NATIVE_ENTRY(gil_stats),  {NULL, NULL, NULL, 0},
};

bool mod_gil_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
