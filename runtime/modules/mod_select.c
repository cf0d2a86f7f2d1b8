/* mod_select.c - the module _select: waiting for several descriptors. lib/select.mini makes the module select of it. */

#include <errno.h>
#include <poll.h>

#include "runtime/base/mem.h"
#include "runtime/base/platform.h"
#include "runtime/block.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/tuple.h"

/* (descriptor, events) as poll() has them; false: exception pending. */
static bool fill(Context *cx, const ObjTuple *wanted, struct pollfd *fds) {
    for (size_t i = 0; i < wanted->n; i++) {
        int descriptor;
        int events;
        const Value pair = wanted->items[i];
        if (!IS_TUPLE(pair) || AS_TUPLE(pair)->n != 2) {
            exc_raise(cx, EXC_TypeError, "pairs of descriptor and events are required");
            return false;
        }
        if (!arg_int32(cx, AS_TUPLE(pair)->items[0], &descriptor) ||
            !arg_int32(cx, AS_TUPLE(pair)->items[1], &events)) {
            return false;
        }
        fds[i] = (struct pollfd){.fd = descriptor, .events = (short)events};
    }
    return true;
}

static int ms_until(uint64_t deadline_ns) {
    const uint64_t now = platform_clock_ns();
    const uint64_t ms = now >= deadline_ns ? 0 : (deadline_ns - now + 999999) / 1000000;
    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

/* As poll(): how many are ready; -1 with an exception pending. */
static int wait_for(Context *cx, struct pollfd *fds, size_t n, bool is_limited,
                    uint64_t deadline_ns) {
    for (;;) {
        block_begin(cx, BLOCK_POLL, VALUE_NONE, is_limited ? deadline_ns : BLOCK_FOREVER);
        const int n_ready = poll(fds, (nfds_t)n, is_limited ? ms_until(deadline_ns) : -1);
        const int error = errno;
        block_end(cx);
        if (n_ready >= 0) {
            return n_ready;
        }
        if (error != EINTR) {
            exc_raise_errno(cx, error, VALUE_UNSET);
            return -1;
        }
        if (!block_poll(cx)) {
            return -1;
        }
    }
}

static Value ready_list(Context *cx, const struct pollfd *fds, size_t n) {
    ObjList *list = list_new(cx, 0);
    for (size_t i = 0; list != NULL && i < n; i++) {
        if (fds[i].revents == 0) {
            continue;
        }
        const Value pair =
            tuple_pack(cx, 2, value_from_int(fds[i].fd), value_from_int(fds[i].revents));
        if (IS_ERROR(pair) || !list_append(cx, list, pair)) {
            return VALUE_ERROR;
        }
    }
    return list == NULL ? VALUE_ERROR : OBJ_VALUE(list);
}

NATIVE(select_wait, "wait(wanted, timeout=None, /)",
       "Wait for one of a tuple of (descriptor, events), at most timeout seconds; return "
       "a list of what is ready.") {
    bool is_limited;
    uint64_t ns;
    if (!IS_TUPLE(args[0])) {
        return exc_raise(cx, EXC_TypeError, "a tuple is required");
    }
    if (!arg_timeout_ns(cx, args[1], true, &is_limited, &ns)) {
        return VALUE_ERROR;
    }
    const ObjTuple *wanted = AS_TUPLE(args[0]);
    struct pollfd *fds = mem_alloc_zeroed(wanted->n + 1, sizeof *fds);
    Value result = VALUE_ERROR;
    if (fill(cx, wanted, fds) &&
        wait_for(cx, fds, wanted->n, is_limited, platform_clock_ns() + ns) >= 0) {
        result = ready_list(cx, fds, wanted->n);
    }
    mem_free(fds);
    return result;
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(select_wait),
    {NULL, NULL, NULL, 0},
};

static const ModuleNumber numbers[] = {
    {"POLLIN", POLLIN},
    {"POLLPRI", POLLPRI},
    {"POLLOUT", POLLOUT},
    {"POLLERR", POLLERR},
    {"POLLHUP", POLLHUP},
    {"POLLNVAL", POLLNVAL},
    {NULL, 0},
};

bool mod_select_open(Context *cx, ObjModule *module) {
    return module_add_numbers(cx, module, numbers) &&
           module_add_natives(cx, module, functions);
}
