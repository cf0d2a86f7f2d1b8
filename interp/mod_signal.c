/* mod_signal.c - the module _signal: what signals.c does, for scripts. lib/signal.mini makes the module signal of it.
 *
 * A handler is a number here, 0 for SIG_DFL and 1 for SIG_IGN, or a function. */

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "interp/signals.h"
#include "interp/state.h"
#include "runtime/block.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/set.h"
#include "runtime/objects/tuple.h"

#ifndef NSIG
#define NSIG 65
#endif

static bool number_arg(Context *cx, Value v, int *number) {
    if (!arg_int32(cx, v, number)) {
        return false;
    }
    if (*number < 1 || *number >= NSIG || *number > 64) {
        exc_raise(cx, EXC_ValueError, "signal number out of range");
        return false;
    }
    return true;
}

/* ---- Handlers ---- */

NATIVE(signal_default_int_handler, "default_int_handler(signalnum, frame, /)", "Raise KeyboardInterrupt.") {
    return exc_raise_value(cx, EXC_KeyboardInterrupt, VALUE_UNSET);
}

/* The list of handlers, made when the first is wanted. Main thread only. */
static ObjList *handler_list(Context *cx) {
    Interp *interp = interp_of(cx);
    if (IS_UNSET(interp->signal_handlers)) {
        ObjList *list = list_new(cx, NSIG + 1);
        for (int i = 0; list != NULL && i <= 64; i++) {
            if (!list_append(cx, list, VALUE_NONE)) {
                return NULL;
            }
        }
        if (list == NULL) {
            return NULL;
        }
        value_store(&interp->signal_handlers, OBJ_VALUE(list));
    }
    return AS_LIST(interp->signal_handlers);
}

static Value current_handler(Context *cx, int number) {
    switch (signals_action(number)) {
    case SIGNAL_DEFAULT: return value_from_int(0);
    case SIGNAL_IGNORE: return value_from_int(1);
    case SIGNAL_FOREIGN: return VALUE_NONE;
    case SIGNAL_HANDLE: break;
    }
    const Value handlers = value_load(&interp_of(cx)->signal_handlers);
    const Value handler = IS_UNSET(handlers) ? VALUE_NONE : list_peek(AS_LIST(handlers), (size_t)number);
    if (IS_NONE(handler) && number == SIGINT) {
        /* Nobody has touched it: the handler that the interpreter began with. */
        return module_get(cx, AS_MODULE(dict_get_str(cx->rt->modules, str_intern(cx, "_signal", 7))),
                          str_intern(cx, "default_int_handler", 19));
    }
    return handler;
}

NATIVE(signal_getsignal, "getsignal(signalnum, /)", "Return what is called when the signal arrives.") {
    int number;
    return number_arg(cx, args[0], &number) ? current_handler(cx, number) : VALUE_ERROR;
}

NATIVE(signal_signal, "signal(signalnum, handler, /)", "Set what is called; return what it was.") {
    int number;
    if (!number_arg(cx, args[0], &number)) {
        return VALUE_ERROR;
    }
    if (!thread_of(cx)->is_main) {
        return exc_raise(cx, EXC_ValueError, "signal only works in main thread of the main interpreter");
    }
    const bool is_number = IS_INT(args[1]);
    const SignalAction action = !is_number                           ? SIGNAL_HANDLE
                                : args[1] == value_from_int(0)       ? SIGNAL_DEFAULT
                                                                     : SIGNAL_IGNORE;
    const Value before = current_handler(cx, number);
    ObjList *handlers = IS_ERROR(before) ? NULL : handler_list(cx);
    if (handlers == NULL) {
        return VALUE_ERROR;
    }
    /* First the function, then the signal that may call it. */
    if (!list_set(cx, handlers, number, is_number ? VALUE_NONE : args[1])) {
        return VALUE_ERROR;
    }
    const int error = signals_set_action(number, action);
    return error == 0 ? before : exc_raise_errno(cx, error, VALUE_UNSET);
}

/* ---- Timers ---- */

static bool to_timeval(Context *cx, Value v, struct timeval *out) {
    double seconds = 0;
    if (!IS_UNSET(v) && !arg_double(cx, v, &seconds)) {
        return false;
    }
    if (!(seconds < 1e15)) {
        exc_raise(cx, EXC_OverflowError, "timestamp out of range for platform time_t");
        return false;
    }
    out->tv_sec = (time_t)floor(seconds);
    out->tv_usec = (suseconds_t)((seconds - floor(seconds)) * 1e6);
    if (seconds > 0 && out->tv_sec == 0 && out->tv_usec == 0) {
        out->tv_usec = 1;
    }
    return true;
}

static Value timer_tuple(Context *cx, const struct itimerval *timer) {
    return tuple_pack(cx, 2, value_from_double((double)timer->it_value.tv_sec + (double)timer->it_value.tv_usec / 1e6),
                      value_from_double((double)timer->it_interval.tv_sec +
                                        (double)timer->it_interval.tv_usec / 1e6));
}

NATIVE(signal_alarm, "alarm(seconds, /)", "Send SIGALRM after so many seconds; 0: never.") {
    int seconds;
    return arg_int32(cx, args[0], &seconds) ? int_from_i64(cx, alarm((unsigned)seconds)) : VALUE_ERROR;
}

NATIVE(signal_setitimer, "setitimer(which, seconds, interval=0.0, /)",
       "Send a signal after so many seconds, and then again at each interval; return how the timer was.") {
    int which;
    struct itimerval timer;
    struct itimerval before;
    if (!arg_int32(cx, args[0], &which) || !to_timeval(cx, args[1], &timer.it_value) ||
        !to_timeval(cx, args[2], &timer.it_interval)) {
        return VALUE_ERROR;
    }
    if (setitimer((__itimer_which_t)which, &timer, &before) < 0) {
        return exc_raise_errno(cx, errno, VALUE_UNSET);
    }
    return timer_tuple(cx, &before);
}

NATIVE(signal_getitimer, "getitimer(which, /)", "Return the seconds that are left, and the interval.") {
    int which;
    struct itimerval timer;
    if (!arg_int32(cx, args[0], &which)) {
        return VALUE_ERROR;
    }
    if (getitimer((__itimer_which_t)which, &timer) < 0) {
        return exc_raise_errno(cx, errno, VALUE_UNSET);
    }
    return timer_tuple(cx, &timer);
}

/* ---- Sending and waiting ---- */

NATIVE(signal_raise_signal, "raise_signal(signalnum, /)", "Send a signal to the process.") {
    int number;
    if (!arg_int32(cx, args[0], &number)) {
        return VALUE_ERROR;
    }
    /* Other threads than the main one have signals blocked: what they send themselves would never arrive. */
    if (thread_of(cx)->is_main ? raise(number) != 0 : kill(getpid(), number) != 0) {
        return exc_raise_errno(cx, errno, VALUE_UNSET);
    }
    return block_has_signal(cx) && !block_poll(cx) ? VALUE_ERROR : VALUE_NONE;
}

NATIVE(signal_pause, "pause()", "Wait until a handler was called.") {
    uint32_t word = 0; /* nobody else knows it: only a signal ends the wait */
    while (!block_has_signal(cx)) {
        block_wait_word(cx, BLOCK_SIGNAL, VALUE_NONE, &word, 0, BLOCK_FOREVER);
    }
    return block_poll(cx) ? VALUE_NONE : VALUE_ERROR;
}

static bool to_sigset(Context *cx, Value numbers, sigset_t *set) {
    sigemptyset(set);
    const Value tuple = tuple_from_iterable(cx, numbers);
    for (size_t i = 0; !IS_ERROR(tuple) && i < AS_TUPLE(tuple)->n; i++) {
        int number;
        if (!number_arg(cx, AS_TUPLE(tuple)->items[i], &number)) {
            return false;
        }
        sigaddset(set, number);
    }
    return !IS_ERROR(tuple);
}

static Value from_sigset(Context *cx, const sigset_t *set) {
    ObjList *list = list_new(cx, 0);
    for (int number = 1; list != NULL && number < NSIG; number++) {
        if (sigismember(set, number) == 1 && !list_append(cx, list, value_from_int(number))) {
            return VALUE_ERROR;
        }
    }
    return list == NULL ? VALUE_ERROR : OBJ_VALUE(list);
}

NATIVE(signal_pthread_sigmask, "pthread_sigmask(how, mask, /)",
       "Change which signals the thread holds back; return which it held back.") {
    int how;
    sigset_t set;
    sigset_t before;
    if (!arg_int32(cx, args[0], &how) || !to_sigset(cx, args[1], &set)) {
        return VALUE_ERROR;
    }
    const int error = pthread_sigmask(how, &set, &before);
    if (error != 0) {
        return exc_raise_errno(cx, error, VALUE_UNSET);
    }
    return block_has_signal(cx) && !block_poll(cx) ? VALUE_ERROR : from_sigset(cx, &before);
}

NATIVE(signal_sigpending, "sigpending()", "Return the signals that have arrived and are held back.") {
    sigset_t set;
    return sigpending(&set) == 0 ? from_sigset(cx, &set) : exc_raise_errno(cx, errno, VALUE_UNSET);
}

NATIVE(signal_sigwait, "sigwait(sigset, /)", "Wait for one of these signals, which are held back; return which.") {
    sigset_t set;
    int number = 0;
    if (!to_sigset(cx, args[0], &set)) {
        return VALUE_ERROR;
    }
    block_begin(cx, BLOCK_SIGNAL, VALUE_NONE, BLOCK_FOREVER);
    const int error = sigwait(&set, &number);
    block_end(cx);
    return error == 0 ? value_from_int(number) : exc_raise_errno(cx, error, VALUE_UNSET);
}

static Value info_tuple(Context *cx, const siginfo_t *info) {
#if defined(__linux__)
    const int64_t band = info->si_band;
#else
    const int64_t band = 0;
#endif
    return tuple_pack(cx, 7, value_from_int(info->si_signo), value_from_int(info->si_code), value_from_int(info->si_errno),
                      value_from_int(info->si_pid), value_from_int((int64_t)info->si_uid), value_from_int(info->si_status),
                      value_from_int(band));
}

/* Systems that have no sigtimedwait wait without an end. */
static int wait_for_info(const sigset_t *set, siginfo_t *info, bool is_limited, uint64_t ns) {
#if defined(__APPLE__)
    (void)is_limited;
    (void)ns;
    return sigwait(set, &info->si_signo);
#else
    const struct timespec timeout = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
    return is_limited ? sigtimedwait(set, info, &timeout) : sigwaitinfo(set, info);
#endif
}

NATIVE(signal_sigtimedwait, "sigtimedwait(sigset, timeout, /)",
       "Wait for one of these signals, which are held back; return what is known of it, None after timeout seconds.") {
    sigset_t set;
    siginfo_t info = {0};
    bool is_limited;
    uint64_t ns;
    if (!to_sigset(cx, args[0], &set)) {
        return VALUE_ERROR;
    }
    if (!arg_timeout_ns(cx, args[1], true, &is_limited, &ns)) {
        return VALUE_ERROR;
    }
    for (;;) {
        block_begin(cx, BLOCK_SIGNAL, VALUE_NONE, BLOCK_FOREVER);
        const int result = wait_for_info(&set, &info, is_limited, ns);
        block_end(cx);
        if (result >= 0) {
            return info_tuple(cx, &info);
        }
        if (errno != EINTR) {
            return errno == EAGAIN ? VALUE_NONE : exc_raise_errno(cx, errno, VALUE_UNSET);
        }
        if (!block_poll(cx)) {
            return VALUE_ERROR;
        }
    }
}

NATIVE(signal_strsignal, "strsignal(signalnum, /)", "Return what the system calls a signal, or None.") {
    int number;
    if (!number_arg(cx, args[0], &number)) {
        return VALUE_ERROR;
    }
    const char *text = strsignal(number);
    ObjStr *s = text == NULL || strncmp(text, "Unknown", 7) == 0 ? NULL : str_from_c(cx, text);
    return s != NULL ? OBJ_VALUE(s) : IS_UNSET(cx->pending) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(signal_valid_signals, "valid_signals()", "Return the numbers of all signals.") {
    sigset_t all;
    sigfillset(&all);
    return from_sigset(cx, &all);
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(signal_default_int_handler), NATIVE_ENTRY(signal_getsignal),   NATIVE_ENTRY(signal_signal),
    NATIVE_ENTRY(signal_alarm),               NATIVE_ENTRY(signal_setitimer),   NATIVE_ENTRY(signal_getitimer),
    NATIVE_ENTRY(signal_raise_signal),        NATIVE_ENTRY(signal_pause),       NATIVE_ENTRY(signal_pthread_sigmask),
    NATIVE_ENTRY(signal_sigpending),          NATIVE_ENTRY(signal_sigwait),     NATIVE_ENTRY(signal_strsignal),
    NATIVE_ENTRY(signal_valid_signals),       NATIVE_ENTRY(signal_sigtimedwait), {NULL, NULL, NULL, 0},
};

/* ---- Numbers ---- */

/* Of two names for one number the first is the one that is shown. */
static const ModuleNumber numbers[] = {
#define N(name) {#name, name}
    N(SIGABRT), N(SIGALRM), N(SIGBUS), N(SIGCHLD), N(SIGCONT), N(SIGFPE), N(SIGHUP), N(SIGILL), N(SIGINT), N(SIGKILL),
    N(SIGPIPE), N(SIGPROF), N(SIGQUIT), N(SIGSEGV), N(SIGSTOP), N(SIGSYS), N(SIGTERM), N(SIGTRAP), N(SIGTSTP),
    N(SIGTTIN), N(SIGTTOU), N(SIGURG), N(SIGUSR1), N(SIGUSR2), N(SIGVTALRM), N(SIGWINCH), N(SIGXCPU), N(SIGXFSZ),
    N(SIGIO), N(SIGIOT),
#if defined(__linux__)
    N(SIGCLD), N(SIGPOLL), N(SIGPWR), N(SIGSTKFLT),
#endif
    N(SIG_BLOCK), N(SIG_UNBLOCK), N(SIG_SETMASK), N(ITIMER_REAL), N(ITIMER_VIRTUAL), N(ITIMER_PROF), N(NSIG),
    {NULL, 0},
#undef N
};

bool mod_signal_open(Context *cx, ObjModule *module) {
    return module_add_numbers(cx, module, numbers) && module_add_natives(cx, module, functions);
}
