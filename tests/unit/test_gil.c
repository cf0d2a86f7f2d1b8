/* test_gil.c - the interval policy, with threads that consist of little more than their place in the queue. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "interp/clock.h"
#include "interp/gil.h"
#include "interp/thread.h"
#include "runtime/base/platform.h"

enum { INTERVAL_US = 2000 };

typedef struct Worker {
    Thread *th;
    Gil *gil;
    PlatformThread os_thread;
    uint32_t is_told_to_end;   /* [atomic] */
    uint64_t n_turns;
    uint64_t number;
} Worker;

static Worker *worker_new(Gil *gil) {
    Worker *w = calloc(1, sizeof *w);
    w->th = calloc(1, sizeof *w->th);
    w->gil = gil;
    return w;
}

static void worker_start(Worker *w, void (*function)(void *)) {
    assert_int_equal(platform_thread_start(&w->os_thread, 256 << 10, function, w), 0);
}

static void worker_end(Worker *w) {
    atomic_store_release(&w->is_told_to_end, 1);
    platform_thread_join(w->os_thread);
    free(w->th);
    free(w);
}

static bool is_asked(const Thread *th) {
    return (atomic_load_relaxed(&th->cx.poll) & POLL_GIL) != 0;
}

/* Computes: holds the lock and looks at the poll word, as the loop does. */
static void compute(void *argument) {
    Worker *w = argument;
    gil_acquire(w->gil, w->th);
    while (!atomic_load_acquire(&w->is_told_to_end)) {
        w->n_turns++;
        if (is_asked(w->th)) {
            atomic_fetch_and(&w->th->cx.poll, ~(uint32_t)POLL_GIL);
            gil_hand_over(w->gil, w->th, NULL);
        }
    }
    gil_release(w->gil, w->th);
}

static void free_lock_is_taken_at_once(void **state) {
    (void)state;
    Gil gil;
    gil_open(&gil, &gil_policy_interval, true, INTERVAL_US);
    Worker *w = worker_new(&gil);
    gil_acquire(&gil, w->th);
    assert_ptr_equal(gil.holder, w->th);
    gil_release(&gil, w->th);
    assert_null(gil.holder);
    GilStats stats = {0};
    gil_stats_add(&gil, w->th, &stats);
    assert_int_equal(stats.n_acquired, 1);
    assert_int_equal(stats.n_voluntary, 1);
    assert_int_equal(stats.n_forced, 0);
    assert_int_equal(stats.waited_ns, 0);
    free(w->th);
    free(w);
    gil_close(&gil);
}

static uint64_t shared_number;

static void add_many(void *argument) {
    Worker *w = argument;
    for (int i = 0; i < 20000; i++) {
        gil_acquire(w->gil, w->th);
        shared_number++;
        gil_release(w->gil, w->th);
    }
}

static void one_thread_at_a_time(void **state) {
    (void)state;
    enum { N = 4 };
    Gil gil;
    gil_open(&gil, &gil_policy_interval, true, INTERVAL_US);
    Worker *workers[N];
    shared_number = 0;
    for (int i = 0; i < N; i++) {
        workers[i] = worker_new(&gil);
        worker_start(workers[i], add_many);
    }
    for (int i = 0; i < N; i++) {
        worker_end(workers[i]);
    }
    assert_int_equal(shared_number, N * 20000);
    assert_int_equal(gil.n_waiting, 0);
    assert_null(gil.first);
    gil_close(&gil);
}

static void computing_thread_is_asked_after_the_interval(void **state) {
    (void)state;
    Gil gil;
    gil_open(&gil, &gil_policy_interval, true, INTERVAL_US);
    Worker *other = worker_new(&gil);
    Thread *me = calloc(1, sizeof *me);
    worker_start(other, compute);
    while (atomic_load_acquire(&gil.holder) != other->th) {
        platform_thread_yield();
    }
    const uint64_t begin = clock_now_ns();
    gil_acquire(&gil, me);
    const uint64_t waited = clock_now_ns() - begin;
    assert_ptr_equal(gil.holder, me);
    assert_true(waited >= (uint64_t)INTERVAL_US * 1000);
    GilStats stats = {0};
    gil_stats_add(&gil, other->th, &stats);
    assert_int_equal(stats.n_forced, 1);
    gil_release(&gil, me);
    worker_end(other);
    gil_forget(&gil, me);
    free(me);
    gil_close(&gil);
}

/* Counts how often it gets the lock in a row without anybody else having had it. */
static void take_turns(void *argument) {
    Worker *w = argument;
    gil_acquire(w->gil, w->th);
    while (!atomic_load_acquire(&w->is_told_to_end)) {
        const uint64_t switches = w->gil->n_switches;
        if (gil_hand_over(w->gil, w->th, NULL)) {
            w->n_turns++;
            assert_true(w->gil->n_switches > switches + 1);
        }
    }
    gil_release(w->gil, w->th);
}

static void forced_switch_gives_others_their_turn(void **state) {
    (void)state;
    enum { N = 3 };
    Gil gil;
    gil_open(&gil, &gil_policy_interval, true, INTERVAL_US);
    Worker *workers[N];
    for (int i = 0; i < N; i++) {
        workers[i] = worker_new(&gil);
        worker_start(workers[i], take_turns);
    }
    platform_sleep_until(clock_now_ns() + 50 * CLOCK_NS_PER_MS);
    uint64_t turns[N];
    for (int i = 0; i < N; i++) {
        atomic_store_release(&workers[i]->is_told_to_end, 1);
    }
    for (int i = 0; i < N; i++) {
        platform_thread_join(workers[i]->os_thread);
        turns[i] = workers[i]->n_turns;
        free(workers[i]->th);
        free(workers[i]);
    }
    for (int i = 0; i < N; i++) {
        assert_true(turns[i] > 0);
    }
    gil_close(&gil);
}

static void heir_may_come_later_than_the_lock(void **state) {
    (void)state;
    Gil gil;
    gil_open(&gil, &gil_policy_interval, true, INTERVAL_US);
    Thread *me = calloc(1, sizeof *me);
    Worker *heir = worker_new(&gil);
    gil_acquire(&gil, me);
    worker_start(heir, compute);
    assert_true(gil_hand_over(&gil, me, heir->th));
    /* Our turn has come again, so the heir was there, and was asked. */
    assert_ptr_equal(gil.holder, me);
    assert_true(heir->n_turns > 0);
    gil_release(&gil, me);
    worker_end(heir);
    free(me);
    gil_close(&gil);
}

static void wait_until_off(void *argument) {
    Worker *w = argument;
    gil_acquire(w->gil, w->th);
    gil_release(w->gil, w->th);   /* nothing, unless it was quicker than the switching off */
    w->number = 1;
}

static void switching_off_lets_waiters_go(void **state) {
    (void)state;
    Gil gil;
    gil_open(&gil, &gil_policy_interval, true, 1000 * 1000);
    Thread *me = calloc(1, sizeof *me);
    gil_acquire(&gil, me);
    Worker *waiters[3];
    for (int i = 0; i < 3; i++) {
        waiters[i] = worker_new(&gil);
        worker_start(waiters[i], wait_until_off);
    }
    while (atomic_load_acquire(&gil.n_waiting) < 3) {
        platform_thread_yield();
    }
    gil_set_enabled_stw(&gil, me, false);
    for (int i = 0; i < 3; i++) {
        platform_thread_join(waiters[i]->os_thread);
        assert_int_equal(waiters[i]->number, 1);
        free(waiters[i]->th);
        free(waiters[i]);
    }
    assert_null(gil.holder);
    assert_int_equal(gil.n_waiting, 0);
    gil_set_enabled_stw(&gil, me, true);
    assert_ptr_equal(gil.holder, me);
    gil_release(&gil, me);
    free(me);
    gil_close(&gil);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_lock_is_taken_at_once),
        cmocka_unit_test(one_thread_at_a_time),
        cmocka_unit_test(computing_thread_is_asked_after_the_interval),
        cmocka_unit_test(forced_switch_gives_others_their_turn),
        cmocka_unit_test(heir_may_come_later_than_the_lock),
        cmocka_unit_test(switching_off_lets_waiters_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
