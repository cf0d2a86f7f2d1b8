/* thread_handle.c - the handle that a started thread leaves to those who wait for it. See thread_handle.h. */

#include "runtime/objects/thread_handle.h"

#include <errno.h>

#include "runtime/base/platform.h"
#include "runtime/block.h"
#include "runtime/gc/alloc.h"
#include "runtime/host.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"

Value thread_handle_new(Context *cx) {
    ObjThreadHandle *handle = HEAP_NEW(cx, ObjThreadHandle, KIND_THREAD_HANDLE);
    return handle != NULL ? OBJ_VALUE(handle) : VALUE_ERROR;
}

int thread_handle_join(Context *cx, ObjThreadHandle *handle, uint64_t deadline_ns, bool is_limited) {
    for (;;) {
        uint32_t state = atomic_load_acquire(&handle->state);
        if (state == THREAD_HANDLE_DONE) {
            if (cx->is_parallel) {
                /* Who is alone now notices it here, and needs no container locks any more. */
                block_begin(cx, BLOCK_JOIN, VALUE_NONE, BLOCK_FOREVER);
                block_end(cx);
            }
            return 1;
        }
        if (is_limited && platform_clock_ns() >= deadline_ns) {
            return 0;
        }
        if (state != THREAD_HANDLE_AWAITED &&
            !atomic_cas(&handle->state, &state, (uint32_t)THREAD_HANDLE_AWAITED)) {
            continue;
        }
        const int why = block_wait_word(cx, BLOCK_JOIN, OBJ_VALUE(handle), &handle->state,
                                        THREAD_HANDLE_AWAITED, is_limited ? deadline_ns : BLOCK_FOREVER);
        if (why == EINTR && block_has_signal(cx) && !block_poll(cx)) {
            return -1;
        }
    }
}

NATIVE(handle_join, "join(self, timeout=None)",
       "Wait for the end of the thread; return False if it has not come after timeout seconds.") {
    bool is_limited;
    uint64_t ns;
    if (!arg_timeout_ns(cx, args[1], true, &is_limited, &ns)) {
        return VALUE_ERROR;
    }
    const int is_done =
        thread_handle_join(cx, AS_THREAD_HANDLE(args[0]), platform_clock_ns() + ns, is_limited);
    return is_done < 0 ? VALUE_ERROR : BOOL_VALUE(is_done);
}

NATIVE(handle_is_done, "is_done(self)", "Return whether the thread has ended.") {
    return BOOL_VALUE(atomic_load_acquire(&AS_THREAD_HANDLE(args[0])->state) == THREAD_HANDLE_DONE);
}

NATIVE(handle_claim, "claim(self)", "Return True for the first who calls: only that one starts the thread.") {
    uint32_t expected = THREAD_HANDLE_NEW;
    return BOOL_VALUE(
        atomic_cas(&AS_THREAD_HANDLE(args[0])->state, &expected, (uint32_t)THREAD_HANDLE_STARTING));
}

NATIVE(handle_unclaim, "unclaim(self)", "Take the claim back: the thread could not be started.") {
    uint32_t expected = THREAD_HANDLE_STARTING;
    return BOOL_VALUE(
        atomic_cas(&AS_THREAD_HANDLE(args[0])->state, &expected, (uint32_t)THREAD_HANDLE_NEW));
}

NATIVE(handle_adopt, "adopt(self)", "Let the handle stand for the calling thread, which was not started through it.") {
    ObjThreadHandle *handle = AS_THREAD_HANDLE(args[0]);
    atomic_store_relaxed(&handle->ident, host_thread_ident(cx));
    atomic_store_relaxed(&handle->native_id, host_thread_native_id(cx));
    atomic_store_release(&handle->state, (uint32_t)THREAD_HANDLE_ALIVE);
    host_thread_adopt_handle(cx, args[0]);
    return VALUE_NONE;
}

static const NativeDef handle_methods[] = {
    NATIVE_ENTRY(handle_join),    NATIVE_ENTRY(handle_is_done), NATIVE_ENTRY(handle_claim),
    NATIVE_ENTRY(handle_unclaim), NATIVE_ENTRY(handle_adopt),   {NULL, NULL, NULL, 0},
};

static Value number_or_none(Context *cx, const uint64_t *number) {
    const uint64_t n = atomic_load_relaxed(number);
    return n == 0 ? VALUE_NONE : int_from_u64(cx, n);
}

static Value handle_get_ident(Context *cx, Value self) {
    return number_or_none(cx, &AS_THREAD_HANDLE(self)->ident);
}

/* Only the thread itself can tell; without the GIL it may not have come to that yet. */
static Value handle_get_native_id(Context *cx, Value self) {
    ObjThreadHandle *handle = AS_THREAD_HANDLE(self);
    while (atomic_load_relaxed(&handle->native_id) == 0 && thread_handle_is_alive(handle)) {
        block_begin(cx, BLOCK_JOIN, self, BLOCK_FOREVER);
        platform_thread_yield();
        block_end(cx);
    }
    return number_or_none(cx, &handle->native_id);
}

static Value handle_get_is_started(Context *cx, Value self) {
    (void)cx;
    return BOOL_VALUE(atomic_load_acquire(&AS_THREAD_HANDLE(self)->state) >= THREAD_HANDLE_ALIVE);
}

static const GetsetDef handle_getsets[] = {
    {"ident", "The identity of the thread, None before it has begun.", handle_get_ident, NULL},
    {"native_id", "The system's number of the thread.", handle_get_native_id, NULL},
    {"is_started", "Whether the thread has begun.", handle_get_is_started, NULL},
    {NULL, NULL, NULL, NULL},
};

static Value handle_construct(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs) {
    (void)type;
    (void)args;
    if (!construct_check(cx, "_ThreadHandle", n_args, 0, 0, kwargs)) {
        return VALUE_ERROR;
    }
    return thread_handle_new(cx);
}

static Value handle_repr(Context *cx, Value v) {
    const ObjThreadHandle *handle = AS_THREAD_HANDLE(v);
    ObjStr *text = str_format_c(cx, "<_ThreadHandle object: ident=%llu>",
                                (unsigned long long)atomic_load_relaxed(&handle->ident));
    return text != NULL ? OBJ_VALUE(text) : VALUE_ERROR;
}

const KindOps kind_ops_ObjThreadHandle = {
    .repr = handle_repr,
    .construct = handle_construct,
    .methods = handle_methods,
    .getsets = handle_getsets,
    .doc = "Stands for a thread: tells whether it lives and waits for its end.",
};
