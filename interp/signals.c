/* signals.c - the handlers of signals. See signals.h.
 *
 * The handler may do little: it notes the signal and sets a bit. But the main thread may be about to enter a system call,
 * having seen the bit clear a moment before, and would then sleep through the signal. So the handler also starts a timer
 * that interrupts every 10 ms until the bit has been served: it finds the thread in the system call, which returns EINTR.
 * (Blocking the signal and unblocking it in ppoll is the usual way, but futexes have none.)
 *
 * Only the main thread has signals unblocked (platform_thread_start), so that it is the one interrupted. */

#include "interp/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "interp/safepoint.h"
#include "interp/state.h"
#include "runtime/base/panic.h"
#include "runtime/call.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"

enum { REPEAT_NS = 10 * 1000 * 1000 };

/* What signals need globally: a handler has no other way to its interpreter. */
static Interp *receiver;      /* [atomic] */
static uint64_t arrived;      /* [atomic] bit n - 1: signal n, and its handler was not called yet */

#if defined(__linux__)

/* A timer and a signal of our own: setitimer's would be in the way of scripts. */
#define REPEAT_SIGNAL SIGRTMAX
static timer_t repeater;      /* [const] but for fork */

static void open_repeater(void) {
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = REPEAT_SIGNAL;
    if (timer_create(CLOCK_MONOTONIC, &event, &repeater) != 0) {
        panic("timer_create: %s", strerror(errno));
    }
}

static void close_repeater(void) {
    timer_delete(repeater);
}

static void repeat(bool is_on) {
    const struct timespec every = {.tv_nsec = is_on ? REPEAT_NS : 0};
    const struct itimerspec spec = {.it_interval = every, .it_value = every};
    timer_settime(repeater, 0, &spec, NULL);
}

#else

#define REPEAT_SIGNAL SIGALRM

static void open_repeater(void) {
}

static void close_repeater(void) {
}

static void repeat(bool is_on) {
    const struct timeval every = {.tv_usec = is_on ? REPEAT_NS / 1000 : 0};
    const struct itimerval spec = {.it_interval = every, .it_value = every};
    setitimer(ITIMER_REAL, &spec, NULL);
}

#endif

static void note(Interp *interp, int number) {
    atomic_fetch_or(&arrived, (uint64_t)1 << (number - 1));
    safepoint_request(interp->main, POLL_SIGNAL);
    repeat(true);
}

static void on_signal(int number) {
    const int error = errno;
    Interp *interp = atomic_load_acquire(&receiver);
    if (interp != NULL) {
        note(interp, number);
    }
    errno = error;
}

static void on_repetition(int number) {
    (void)number;
    const int error = errno;
    Interp *interp = atomic_load_acquire(&receiver);
    if (interp != NULL && (atomic_load_acquire(&interp->main->cx.poll) & POLL_SIGNAL) == 0) {
        repeat(false);
    }
    errno = error;
}

void signals_interrupt(Interp *interp) {
    note(interp, SIGINT);
}

/* ---- Calling handlers ---- */

/* What a script has given for the signal, VALUE_UNSET for nothing. */
static Value handler_of(const Interp *interp, int number) {
    const Value handlers = value_load(&interp->signal_handlers);
    return IS_UNSET(handlers) ? VALUE_UNSET : list_peek(AS_LIST(handlers), (size_t)number);
}

static bool call_handler(Thread *th, int number) {
    Context *cx = &th->cx;
    const Value handler = handler_of(th->interp, number);
    if (IS_UNSET(handler) || IS_NONE(handler)) {
        if (number == SIGINT) {
            exc_raise_value(cx, EXC_KeyboardInterrupt, VALUE_UNSET);
            return false;
        }
        return true;   /* it was taken away meanwhile */
    }
    Value frame = call_frame(cx, 0);
    if (IS_ERROR(frame)) {
        exc_take(cx);
        frame = VALUE_NONE;
    }
    const Value args[] = {value_from_int(number), frame};
    return !IS_ERROR(call_value(cx, handler, args, 2));
}

bool signals_serve(Thread *th) {
    repeat(false);
    uint64_t numbers = atomic_exchange(&arrived, (uint64_t)0);
    while (numbers != 0) {
        const int number = 1 + __builtin_ctzll(numbers);
        numbers &= numbers - 1;
        if (!call_handler(th, number)) {
            if (numbers != 0) {   /* the others' turn comes at the next poll */
                atomic_fetch_or(&arrived, numbers);
                safepoint_request(th, POLL_SIGNAL);
            }
            return false;
        }
    }
    return true;
}

/* ---- What happens when one arrives ---- */

SignalAction signals_action(int number) {
    struct sigaction now;
    if (sigaction(number, NULL, &now) != 0) {
        return SIGNAL_FOREIGN;
    }
    return now.sa_handler == SIG_DFL     ? SIGNAL_DEFAULT
           : now.sa_handler == SIG_IGN   ? SIGNAL_IGNORE
           : now.sa_handler == on_signal ? SIGNAL_HANDLE
                                         : SIGNAL_FOREIGN;
}

static int set_handler(int number, void (*handler)(int)) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;   /* without SA_RESTART: what waits has to return */
    return sigaction(number, &action, NULL) == 0 ? 0 : errno;
}

int signals_set_action(int number, SignalAction action) {
    if (number == REPEAT_SIGNAL) {
        return EINVAL;
    }
    return set_handler(number, action == SIGNAL_DEFAULT ? SIG_DFL : action == SIGNAL_IGNORE ? SIG_IGN : on_signal);
}

void signals_open(Interp *interp) {
    set_handler(SIGPIPE, SIG_IGN);
#ifdef SIGXFSZ
    set_handler(SIGXFSZ, SIG_IGN);
#endif
    open_repeater();
    atomic_store_release(&receiver, interp);
    set_handler(REPEAT_SIGNAL, on_repetition);
    /* As CPython: who started us with SIGINT ignored (nohup, a background job) wants it ignored. */
    if (signals_action(SIGINT) == SIGNAL_DEFAULT) {
        set_handler(SIGINT, on_signal);
    }
}

void signals_close(Interp *interp) {
    if (atomic_load_acquire(&receiver) == interp) {
        repeat(false);
        atomic_store_release(&receiver, NULL);
        close_repeater();
    }
}

void signals_after_fork(Interp *interp) {
    if (atomic_load_acquire(&receiver) == interp) {
        /* Timers are not inherited. The forking thread may have had its signals blocked. */
        open_repeater();
        atomic_store_release(&arrived, (uint64_t)0);
        sigset_t none;
        sigemptyset(&none);
        pthread_sigmask(SIG_SETMASK, &none, NULL);
    }
}

_Noreturn void signals_die_interrupted(void) {
    signal(SIGINT, SIG_DFL);
    raise(SIGINT);
    /* Somebody has it blocked. */
    _exit(128 + SIGINT);
}
