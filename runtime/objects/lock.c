/* lock.c - Lock, RLock and Condition. See lock.h.
 *
 * The word follows the third mutex of Drepper's "Futexes Are Tricky": a waiter that wakes up takes the lock as
 * LOCK_CONTENDED, since it cannot know whether it was the last one.
 *
 * Not done: handing the lock directly to the one who has waited longest. It makes every release of a lock that
 * somebody waits for a change of threads; with a thousand threads on one lock that is the
 * difference between microseconds and nanoseconds for each turn (shared_counter.py).
 *
 * See also: lib/threading.mini for what is built on top; block.h for the waiting. */

#include "runtime/objects/lock.h"

#include <errno.h>

#include "runtime/base/platform.h"
#include "runtime/block.h"
#include "runtime/call.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/host.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"
#include "runtime/objects/objlock.h"

enum {
    /* Looks at a lock before sleeping, without the GIL: a short critical section on another core ends within some
     * hundred nanoseconds, while a sleep costs ten microseconds. */
    N_SPINS = 60
};

static const uint64_t ALREADY_PAST_NS = 1;

/* ---- Taking and freeing ---- */

Value lock_new(Context *cx, ObjKind kind) {
    ObjLock *lock = HEAP_NEW(cx, ObjLock, kind);
    if (lock == NULL) {
        return VALUE_ERROR;
    }
    lock->trace_number = host_note_made(cx, kind);
    return OBJ_VALUE(lock);
}

static void note_owner(Context *cx, ObjLock *lock) {
    atomic_store_relaxed(&lock->owner, cx);
    atomic_store_relaxed(&lock->taken_at, host_instruction(cx));
    lock->depth = 1;
}

static bool spin(Context *cx, ObjLock *lock) {
    for (int i = 0; i < N_SPINS; i++) {
        platform_cpu_relax();
        if (atomic_load_relaxed(&lock->word) == LOCK_FREE && lock_try_word(cx, &lock->word)) {
            return true;
        }
    }
    return false;
}

/* 1: taken, 0: past the deadline, -1: exception. */
static int wait_for_word(Context *cx, ObjLock *lock, uint64_t deadline_ns) {
    for (;;) {
        if (atomic_exchange(&lock->word, (uint32_t)LOCK_CONTENDED) == LOCK_FREE) {
            return 1;
        }
        const int why = block_wait_word(cx, BLOCK_LOCK, OBJ_VALUE(lock), &lock->word, LOCK_CONTENDED,
                                        deadline_ns);
        if (why == ETIMEDOUT) {
            return atomic_exchange(&lock->word, (uint32_t)LOCK_CONTENDED) == LOCK_FREE;
        }
        if (why == EINTR && block_has_signal(cx) && !block_poll(cx)) {
            return -1;
        }
    }
}

int lock_acquire(Context *cx, ObjLock *lock, bool is_blocking, uint64_t deadline_ns) {
    if (lock->header.kind == KIND_RLOCK && atomic_load_relaxed(&lock->owner) == cx) {
        if (lock->depth == UINT32_MAX) {
            exc_raise(cx, EXC_OverflowError, "Internal lock count overflowed");
            return -1;
        }
        lock->depth++;
        return 1;
    }
    int taken = lock_try_word(cx, &lock->word);
    if (!taken && is_blocking) {
        taken = cx->is_parallel && spin(cx, lock);
        if (!taken) {
            atomic_fetch_add_relaxed(&lock->n_waiting, 1);
            taken = wait_for_word(cx, lock, deadline_ns);
            atomic_fetch_add_relaxed(&lock->n_waiting, (uint32_t)-1);
        }
    }
    if (taken > 0) {
        note_owner(cx, lock);
    }
    return taken;
}

static bool free_and_wake(Context *cx, ObjLock *lock) {
    atomic_store_relaxed(&lock->owner, NULL);
    if (LIKELY(lock_free_word(cx, &lock->word))) {
        return true;
    }
    const uint32_t before = atomic_exchange(&lock->word, (uint32_t)LOCK_FREE);
    if (before == LOCK_CONTENDED) {
        block_wake(&lock->word, 1);
    }
    return before != LOCK_FREE;
}

bool lock_release(Context *cx, ObjLock *lock) {
    if (lock->header.kind == KIND_RLOCK) {
        if (atomic_load_relaxed(&lock->owner) != cx) {
            exc_raise(cx, EXC_RuntimeError, "cannot release un-acquired lock");
            return false;
        }
        if (lock->depth > 1) {
            lock->depth--;
            return true;
        }
    }
    if (UNLIKELY(!free_and_wake(cx, lock))) {
        exc_raise(cx, EXC_RuntimeError, "release unlocked lock");
        return false;
    }
    return true;
}

static bool is_native_lock(Value v) {
    return IS_LOCK(v) || IS_RLOCK(v);
}

bool lock_enter(Context *cx, Obj *o) {
    Value lock = o->kind == KIND_CONDITION ? ((ObjCondition *)o)->lock : OBJ_VALUE(o);
    if (UNLIKELY(!is_native_lock(lock))) {
        return !IS_ERROR(value_call_attr_c(cx, lock, "acquire", NULL, 0));
    }
    return lock_acquire(cx, AS_LOCK(lock), true, BLOCK_FOREVER) > 0;
}

bool lock_leave(Context *cx, Obj *o) {
    Value lock = o->kind == KIND_CONDITION ? ((ObjCondition *)o)->lock : OBJ_VALUE(o);
    if (UNLIKELY(!is_native_lock(lock))) {
        return !IS_ERROR(value_call_attr_c(cx, lock, "release", NULL, 0));
    }
    return lock_release(cx, AS_LOCK(lock));
}

/* ---- Methods of Lock and RLock ---- */

/* The arguments of acquire: false with an exception pending. A timeout of -1 is none. */
static bool parse_acquire(Context *cx, Value blocking, Value timeout, bool *is_blocking,
                          uint64_t *deadline_ns) {
    *deadline_ns = BLOCK_FOREVER;
    if (!arg_bool(cx, blocking, true, is_blocking)) {
        return false;
    }
    if (LIKELY(IS_UNSET(timeout) || timeout == value_from_int(-1))) {
        return true;
    }
    double seconds;
    if (!IS_INT_LIKE(timeout) && !IS_FLOAT_LIKE(timeout)) {
        int64_t unused;
        return arg_int(cx, timeout, &unused) && parse_acquire(cx, blocking, int_from_i64(cx, unused), is_blocking, deadline_ns);
    }
    if (!arg_double(cx, timeout, &seconds)) {
        return false;
    }
    if (seconds == -1) {
        return true;
    }
    if (!*is_blocking) {
        exc_raise(cx, EXC_ValueError, "can't specify a timeout for a non-blocking call");
        return false;
    }
    bool has_timeout;
    uint64_t ns;
    if (!arg_timeout_ns(cx, timeout, false, &has_timeout, &ns)) {
        return false;
    }
    *deadline_ns = ns == 0 ? ALREADY_PAST_NS : platform_clock_ns() + ns;
    return true;
}

static Value acquire(Context *cx, Value *args) {
    bool is_blocking;
    uint64_t deadline_ns;
    if (!parse_acquire(cx, args[1], args[2], &is_blocking, &deadline_ns)) {
        return VALUE_ERROR;
    }
    const int taken = lock_acquire(cx, AS_LOCK(args[0]), is_blocking, deadline_ns);
    return taken < 0 ? VALUE_ERROR : BOOL_VALUE(taken);
}

NATIVE(lock_method_acquire, "acquire(self, blocking=True, timeout=-1)",
       "Take the lock and return True; with blocking False, or after timeout seconds, give up and return False.") {
    return acquire(cx, args);
}

NATIVE(lock_method_release, "release(self)", "Free the lock, so that a waiting thread may take it.") {
    return lock_release(cx, AS_LOCK(args[0])) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(lock_method_locked, "locked(self)", "Return whether the lock is taken.") {
    return BOOL_VALUE(atomic_load_relaxed(&AS_LOCK(args[0])->word) != LOCK_FREE);
}

NATIVE(lock_method_enter, "__enter__(self)", "Take the lock.") {
    return lock_enter(cx, AS_OBJ(args[0])) ? VALUE_TRUE : VALUE_ERROR;
}

NATIVE(lock_method_exit, "__exit__(self, /, *args)", "Free the lock.") {
    return lock_leave(cx, AS_OBJ(args[0])) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(lock_method_is_owned, "_is_owned(self)", "Return whether this thread holds the lock.") {
    return BOOL_VALUE(atomic_load_relaxed(&AS_LOCK(args[0])->owner) == cx);
}

static const NativeDef lock_methods[] = {
    NATIVE_ENTRY(lock_method_acquire), NATIVE_ENTRY(lock_method_release),
    NATIVE_ENTRY(lock_method_locked),  NATIVE_ENTRY(lock_method_enter),
    NATIVE_ENTRY(lock_method_exit),    {NULL, NULL, NULL, 0},
};

static const NativeDef rlock_methods[] = {
    NATIVE_ENTRY(lock_method_acquire), NATIVE_ENTRY(lock_method_release),
    NATIVE_ENTRY(lock_method_enter),   NATIVE_ENTRY(lock_method_exit),
    NATIVE_ENTRY(lock_method_is_owned), {NULL, NULL, NULL, 0},
};

static const char *word_name(const ObjLock *lock) {
    return atomic_load_relaxed(&lock->word) == LOCK_FREE ? "unlocked" : "locked";
}

static Value lock_repr(Context *cx, Value v) {
    ObjStr *text = str_format_c(cx, "<%s _thread.lock object at %p>", word_name(AS_LOCK(v)),
                                (void *)AS_OBJ(v));
    return text != NULL ? OBJ_VALUE(text) : VALUE_ERROR;
}

static Value rlock_repr(Context *cx, Value v) {
    const ObjLock *lock = AS_LOCK(v);
    const Context *owner = atomic_load_relaxed(&lock->owner);
    ObjStr *text = str_format_c(cx, "<%s _thread.RLock object owner=%llu count=%u at %p>",
                                word_name(lock), (unsigned long long)host_ident_of(cx, owner),
                                owner != NULL ? (unsigned)lock->depth : 0, (void *)AS_OBJ(v));
    return text != NULL ? OBJ_VALUE(text) : VALUE_ERROR;
}

static Value lock_construct(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs) {
    (void)args;
    if (!construct_check(cx, type->layout == KIND_LOCK ? "lock" : "RLock", n_args, 0, 0, kwargs)) {
        return VALUE_ERROR;
    }
    return lock_new(cx, (ObjKind)type->layout);
}

const KindOps kind_ops_ObjLock = {
    .repr = lock_repr,
    .construct = lock_construct,
    .methods = lock_methods,
    .doc = "A lock: one thread at a time holds it, the others wait in acquire().",
};

const KindOps kind_ops_ObjRLock = {
    .repr = rlock_repr,
    .construct = lock_construct,
    .methods = rlock_methods,
    .doc = "A lock that its holder may take again; free when it was released as often.",
};

/* ---- Condition ---- */

Value condition_new(Context *cx, Value lock) {
    if (IS_UNSET(lock) || IS_NONE(lock)) {
        lock = lock_new(cx, KIND_RLOCK);
        if (IS_ERROR(lock)) {
            return VALUE_ERROR;
        }
    }
    ObjCondition *condition = HEAP_NEW(cx, ObjCondition, KIND_CONDITION);
    if (condition == NULL) {
        return VALUE_ERROR;
    }
    condition->lock = lock;
    condition->n_forks = host_fork_count(cx);
    condition->trace_number = host_note_made(cx, KIND_CONDITION);
    return OBJ_VALUE(condition);
}

/* The waiters of before a fork are threads that do not exist in the child, on stacks that are gone. */
static void forget_dead_waiters_locked(Context *cx, ObjCondition *condition) {
    if (UNLIKELY(condition->n_forks != host_fork_count(cx))) {
        condition->n_forks = host_fork_count(cx);
        condition->first = NULL;
        condition->last = NULL;
    }
}

static void append_waiter(Context *cx, ObjCondition *condition, ConditionWaiter *waiter) {
    const bool is_locked = objlock_lock(cx, &condition->header);
    forget_dead_waiters_locked(cx, condition);
    *(condition->last != NULL ? &condition->last->next : &condition->first) = waiter;
    condition->last = waiter;
    objlock_unlock(cx, &condition->header, is_locked);
}

static ConditionWaiter *pop_waiter(Context *cx, ObjCondition *condition) {
    const bool is_locked = objlock_lock(cx, &condition->header);
    forget_dead_waiters_locked(cx, condition);
    ConditionWaiter *waiter = condition->first;
    uint32_t *word = NULL;
    if (waiter != NULL) {
        condition->first = waiter->next;
        if (condition->first == NULL) {
            condition->last = NULL;
        }
        word = &waiter->is_notified;
        atomic_store_release(word, 1);
    }
    objlock_unlock(cx, &condition->header, is_locked);
    if (word != NULL) {
        /* The waiter may have gone with its stack already; only the address is used. */
        block_wake(word, 1);
    }
    return waiter;
}

/* A waiter that gives up leaves the queue. False: it has been notified after all. */
static bool withdraw_waiter(Context *cx, ObjCondition *condition, ConditionWaiter *waiter) {
    const bool is_locked = objlock_lock(cx, &condition->header);
    const bool is_waiting = atomic_load_relaxed(&waiter->is_notified) == 0;
    if (is_waiting) {
        ConditionWaiter *previous = NULL;
        for (ConditionWaiter *w = condition->first; w != waiter; w = w->next) {
            previous = w;
        }
        *(previous != NULL ? &previous->next : &condition->first) = waiter->next;
        if (condition->last == waiter) {
            condition->last = previous;
        }
    }
    objlock_unlock(cx, &condition->header, is_locked);
    return is_waiting;
}

/* 1, 0 or -1. A Lock does not know its owner: that somebody holds it has to do, as in CPython. */
static int is_owned(Context *cx, Value lock) {
    if (IS_RLOCK(lock)) {
        return atomic_load_relaxed(&AS_LOCK(lock)->owner) == cx;
    }
    if (IS_LOCK(lock)) {
        return atomic_load_relaxed(&AS_LOCK(lock)->word) != LOCK_FREE;
    }
    ObjStr *name = str_from_c(cx, "acquire");
    Value method = name != NULL ? value_getattr(cx, lock, name) : VALUE_ERROR;
    if (IS_ERROR(method)) {
        return -1;
    }
    const Value not_blocking = VALUE_FALSE;
    Value taken = call_value(cx, method, &not_blocking, 1);
    if (IS_ERROR(taken)) {
        return -1;
    }
    const int is_taken = value_is_true(cx, taken);
    if (is_taken > 0 && IS_ERROR(value_call_attr_c(cx, lock, "release", NULL, 0))) {
        return -1;
    }
    return is_taken < 0 ? -1 : !is_taken;
}

static bool check_owned(Context *cx, const ObjCondition *condition, const char *what) {
    const int owned = is_owned(cx, condition->lock);
    if (owned == 0) {
        exc_raise(cx, EXC_RuntimeError, "cannot %s on un-acquired lock", what);
    }
    return owned > 0;
}

/* Frees the lock however often it was taken; *depth brings it back. */
static bool release_all(Context *cx, Value lock, uint32_t *depth) {
    *depth = 1;
    if (IS_RLOCK(lock)) {
        *depth = AS_LOCK(lock)->depth;
        AS_LOCK(lock)->depth = 1;
    }
    return is_native_lock(lock) ? lock_release(cx, AS_LOCK(lock))
                                : !IS_ERROR(value_call_attr_c(cx, lock, "release", NULL, 0));
}

/* Takes the lock again, whatever happens on the way: the caller's `with` is going to free it. False when something
 * did happen. */
static bool acquire_again(Context *cx, Value lock, uint32_t depth) {
    if (!is_native_lock(lock)) {
        return !IS_ERROR(value_call_attr_c(cx, lock, "acquire", NULL, 0));
    }
    Value exception = VALUE_UNSET;
    while (lock_acquire(cx, AS_LOCK(lock), true, BLOCK_FOREVER) < 0) {
        exception = exc_take(cx);
    }
    AS_LOCK(lock)->depth = depth;
    if (!IS_UNSET(exception)) {
        exc_raise_object(cx, exception);
        return false;
    }
    return true;
}

/* Waits to be notified; the lock is free. False: exception. */
static bool wait_notified(Context *cx, ObjCondition *condition, ConditionWaiter *waiter,
                          uint64_t deadline_ns) {
    while (atomic_load_acquire(&waiter->is_notified) == 0) {
        const int why = block_wait_word(cx, BLOCK_CONDITION, OBJ_VALUE(condition), &waiter->is_notified,
                                        0, deadline_ns);
        if (why == ETIMEDOUT) {
            return true;
        }
        if (why == EINTR && block_has_signal(cx) && !block_poll(cx)) {
            return false;
        }
    }
    return true;
}

/* 1: notified, 0: past the deadline, -1: exception. */
static int condition_wait(Context *cx, ObjCondition *condition, uint64_t deadline_ns) {
    if (!check_owned(cx, condition, "wait")) {
        return -1;
    }
    ConditionWaiter waiter = {0};
    uint32_t depth;
    append_waiter(cx, condition, &waiter);
    if (!release_all(cx, condition->lock, &depth)) {
        withdraw_waiter(cx, condition, &waiter);
        return -1;
    }
    const bool is_sound = wait_notified(cx, condition, &waiter, deadline_ns);
    const bool is_notified = !withdraw_waiter(cx, condition, &waiter);
    Value exception = is_sound ? VALUE_UNSET : exc_take(cx);
    if (!acquire_again(cx, condition->lock, depth)) {
        return -1;
    }
    if (!is_sound) {
        exc_raise_object(cx, exception);
        return -1;
    }
    return is_notified;
}

/* A timeout as Condition takes it: None is none, a negative one is over at once. */
static bool parse_timeout(Context *cx, Value timeout, uint64_t *deadline_ns) {
    bool has_timeout;
    uint64_t ns;
    if (!arg_timeout_ns(cx, timeout, true, &has_timeout, &ns)) {
        return false;
    }
    *deadline_ns = !has_timeout ? BLOCK_FOREVER : ns == 0 ? ALREADY_PAST_NS : platform_clock_ns() + ns;
    return true;
}

NATIVE(condition_method_acquire, "acquire(self, blocking=True, timeout=-1)", "Take the lock of the condition.") {
    Value lock = AS_CONDITION(args[0])->lock;
    if (is_native_lock(lock)) {
        args[0] = lock;
        return acquire(cx, args);
    }
    const int n_given = IS_UNSET(args[1]) ? 0 : IS_UNSET(args[2]) ? 1 : 2;
    return value_call_attr_c(cx, lock, "acquire", args + 1, n_given);
}

NATIVE(condition_method_release, "release(self)", "Free the lock of the condition.") {
    return lock_leave(cx, AS_OBJ(args[0])) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(condition_method_wait, "wait(self, timeout=None)",
       "Free the lock, wait for notify() or timeout seconds, take the lock again. Return False after the timeout.") {
    uint64_t deadline_ns;
    if (!parse_timeout(cx, args[1], &deadline_ns)) {
        return VALUE_ERROR;
    }
    const int is_notified = condition_wait(cx, AS_CONDITION(args[0]), deadline_ns);
    return is_notified < 0 ? VALUE_ERROR : BOOL_VALUE(is_notified);
}

NATIVE(condition_method_wait_for, "wait_for(self, predicate, timeout=None)",
       "Wait until predicate() is true, which is returned, or for timeout seconds.") {
    uint64_t deadline_ns;
    if (!parse_timeout(cx, args[2], &deadline_ns)) {
        return VALUE_ERROR;
    }
    for (;;) {
        Value result = call_value(cx, args[1], NULL, 0);
        const int is_true = IS_ERROR(result) ? -1 : value_is_true(cx, result);
        if (is_true != 0) {
            return is_true > 0 ? result : VALUE_ERROR;
        }
        if (deadline_ns != BLOCK_FOREVER && platform_clock_ns() >= deadline_ns) {
            return result;
        }
        if (condition_wait(cx, AS_CONDITION(args[0]), deadline_ns) < 0) {
            return VALUE_ERROR;
        }
    }
}

static Value notify(Context *cx, ObjCondition *condition, int64_t n) {
    if (!check_owned(cx, condition, "notify")) {
        return VALUE_ERROR;
    }
    while (n-- > 0 && pop_waiter(cx, condition) != NULL) {
    }
    return VALUE_NONE;
}

NATIVE(condition_method_notify, "notify(self, n=1)", "Let up to n waiting threads go on.") {
    int64_t n = 1;
    if (!IS_UNSET(args[1]) && !arg_int(cx, args[1], &n)) {
        return VALUE_ERROR;
    }
    return notify(cx, AS_CONDITION(args[0]), n);
}

NATIVE(condition_method_notify_all, "notify_all(self)", "Let all waiting threads go on.") {
    return notify(cx, AS_CONDITION(args[0]), INT64_MAX);
}

NATIVE(condition_method_is_owned, "_is_owned(self)", "Return whether this thread holds the lock.") {
    const int owned = is_owned(cx, AS_CONDITION(args[0])->lock);
    return owned < 0 ? VALUE_ERROR : BOOL_VALUE(owned);
}

NATIVE(condition_method_notifyAll, "notifyAll(self)", "The old name of notify_all().") {
    return module_warn(cx, exc_class(cx, EXC_DeprecationWarning), 1, "notifyAll() is deprecated, use notify_all() instead")
               ? notify(cx, AS_CONDITION(args[0]), INT64_MAX)
               : VALUE_ERROR;
}

static const NativeDef condition_methods[] = {
    NATIVE_ENTRY(condition_method_acquire),
    NATIVE_ENTRY(condition_method_release),
    NATIVE_ENTRY(condition_method_wait),
    NATIVE_ENTRY(condition_method_wait_for),
    NATIVE_ENTRY(condition_method_notify),
    NATIVE_ENTRY(condition_method_notify_all),
    NATIVE_ENTRY(condition_method_is_owned),
    NATIVE_ENTRY(condition_method_notifyAll),
    NATIVE_ENTRY(lock_method_enter),
    NATIVE_ENTRY(lock_method_exit),
    {NULL, NULL, NULL, 0},
};

static Value condition_repr(Context *cx, Value v) {
    ObjCondition *condition = AS_CONDITION(v);
    Value inner = value_repr(cx, condition->lock);
    if (IS_ERROR(inner)) {
        return VALUE_ERROR;
    }
    unsigned n_waiting = 0;
    const bool is_locked = objlock_lock(cx, &condition->header);
    forget_dead_waiters_locked(cx, condition);
    for (ConditionWaiter *w = condition->first; w != NULL; w = w->next) {
        n_waiting++;
    }
    objlock_unlock(cx, &condition->header, is_locked);
    const ObjStr *text = AS_STR(inner);
    ObjStr *result = str_format_c(cx, "<Condition(%.*s, %u)>", (int)text->n_bytes, text->data, n_waiting);
    return result != NULL ? OBJ_VALUE(result) : VALUE_ERROR;
}

static Value condition_construct(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs) {
    (void)type;
    Value lock = n_args > 0 ? args[0] : VALUE_UNSET;
    if (construct_has_kwargs(kwargs) && n_args == 0) {
        ObjStr *name = str_from_c(cx, "lock");
        if (name == NULL) {
            return VALUE_ERROR;
        }
        lock = dict_get_str(AS_DICT(kwargs), name);
    }
    if (!construct_check_count(cx, "Condition", n_args, 0, 1)) {
        return VALUE_ERROR;
    }
    if (!IS_UNSET(lock) && !IS_NONE(lock) && !is_native_lock(lock)) {
        /* As CPython, which takes the methods right away. */
        ObjStr *name = str_from_c(cx, "acquire");
        if (name == NULL || IS_ERROR(value_getattr(cx, lock, name))) {
            return VALUE_ERROR;
        }
    }
    return condition_new(cx, lock);
}

static void condition_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjCondition *)o)->lock);
}

static Value condition_get_lock(Context *cx, Value self) {
    (void)cx;
    return AS_CONDITION(self)->lock;
}

static const GetsetDef condition_getsets[] = {
    {"_lock", NULL, condition_get_lock, NULL},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjCondition = {
    .getsets = condition_getsets,
    .trace = condition_trace,
    .repr = condition_repr,
    .construct = condition_construct,
    .methods = condition_methods,
    .doc = "A place to wait until another thread says that something has changed.",
};
