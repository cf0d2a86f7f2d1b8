/* signals.c - SIGINT and SIGPIPE. See signals.h.
 *
 * The handler may do little: it sets a bit. But the main thread may be about to enter a system call, having seen the bit
 * clear a moment before, and would then sleep through the signal. So the handler also starts a timer that
 * repeats SIGINT every 10 ms until the bit has been served: the second one finds the thread in the system call, which
 * returns EINTR. (Blocking the signal and unblocking it in ppoll is the usual way, but futexes have none.)
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
#include "runtime/objects/exception.h"

enum { REPEAT_NS = 10 * 1000 * 1000 };

/* The one global variable that signals need: a handler has no other way to its interpreter. [atomic] */
static Interp *receiver;

#if defined(__linux__)

/* A timer of our own: setitimer's would be in the way of scripts. */
static timer_t repeater;   /* [const] but for fork */

static void open_repeater(void) {
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGINT;
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

static bool is_repetition(const siginfo_t *info) {
    return info->si_code == SI_TIMER;
}

#else

static void open_repeater(void) {
}

static void close_repeater(void) {
}

static void repeat(bool is_on) {
    const struct timeval every = {.tv_usec = is_on ? REPEAT_NS / 1000 : 0};
    const struct itimerval spec = {.it_interval = every, .it_value = every};
    setitimer(ITIMER_REAL, &spec, NULL);
}

static bool is_repetition(const siginfo_t *info) {
    return info->si_signo == SIGALRM;
}

#endif

static void on_interrupt(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    const int error = errno;
    Interp *interp = atomic_load_acquire(&receiver);
    if (interp != NULL) {
        if (!is_repetition(info)) {
            signals_interrupt(interp);
        } else if ((atomic_load_acquire(&interp->main->cx.poll) & POLL_SIGNAL) == 0) {
            repeat(false);
        }
    }
    errno = error;
}

void signals_interrupt(Interp *interp) {
    safepoint_request(interp->main, POLL_SIGNAL);
    repeat(true);
}

bool signals_raise(Thread *th) {
    repeat(false);
    Value exception = exc_new(&th->cx, EXC_KeyboardInterrupt, th->cx.rt->empty_tuple);
    if (!IS_ERROR(exception)) {
        exc_raise_object(&th->cx, exception);
    }
    return false;
}

/* As CPython: who started us with SIGINT ignored (nohup, a background job) wants it ignored. */
static bool is_default(int number) {
    struct sigaction before;
    return sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_DFL;
}

static void ignore(int number) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_IGN;
    sigaction(number, &action, NULL);
}

static void handle(int number) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_interrupt;
    action.sa_flags = SA_SIGINFO;   /* without SA_RESTART: what waits has to return */
    sigaction(number, &action, NULL);
}

void signals_open(Interp *interp) {
    ignore(SIGPIPE);
#ifdef SIGXFSZ
    ignore(SIGXFSZ);
#endif
    open_repeater();
    atomic_store_release(&receiver, interp);
    if (is_default(SIGINT)) {
        handle(SIGINT);
    }
#if !defined(__linux__)
    handle(SIGALRM);
#endif
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
