/* test_sched.c - blocking and going on: what others see of it, and that nobody waits for who is blocked. */

#include "tests/unit/interp_fixture.h"

#include <errno.h>

#include "interp/clock.h"

static uint32_t word;       /* [atomic] what threads wait on */
static uint32_t n_woken;    /* [atomic] */

NATIVE(wait_on_word, "wait_on_word()", "") {
    while (atomic_load_acquire(&word) == 0) {
        block_wait_word(cx, BLOCK_QUEUE, VALUE_TRUE, &word, 0, BLOCK_FOREVER);
    }
    atomic_fetch_add(&n_woken, 1);
    return VALUE_NONE;
}

static Thread *newest(Interp *interp) {
    return interp->newest;
}

static bool is_blocked(const Thread *t) {
    return atomic_load_acquire(&t->state) == THREAD_BLOCKED;
}

/* Gives up the GIL until the thread is blocked. */
static void wait_until_blocked(Context *cx, const Thread *t) {
    block_begin(cx, BLOCK_SLEEP, VALUE_NONE, BLOCK_FOREVER);
    while (!is_blocked(t)) {
        platform_thread_yield();
    }
    block_end(cx);
}

static void blocked_thread_says_why(void **state) {
    (void)state;
    for (int has_gil = 0; has_gil < 2; has_gil++) {
        Interp *interp = fixture_open(has_gil);
        Context *cx = &interp->main->cx;
        word = 0;
        n_woken = 0;
        Value handle = fixture_start(cx, &wait_on_word_def, false);
        Thread *t = newest(interp);
        wait_until_blocked(cx, t);
        assert_int_equal(t->reason, BLOCK_QUEUE);
        assert_int_equal(value_load(&t->waits_for), VALUE_TRUE);
        assert_int_equal(t->deadline_ns, BLOCK_FOREVER);
        /* It stands in nobody's way. */
        block_stop_world(cx);
        assert_true(is_blocked(t));
        block_resume_world(cx);
        atomic_store_release(&word, 1);
        block_wake(&word, 1);
        fixture_join(cx, handle);
        assert_int_equal(n_woken, 1);
        fixture_close(interp);
    }
}

static void waiting_ends_at_the_deadline(void **state) {
    (void)state;
    Interp *interp = fixture_open(true);
    Context *cx = &interp->main->cx;
    uint32_t never = 0;
    const uint64_t begin = clock_now_ns();
    int why;
    do {
        why = block_wait_word(cx, BLOCK_SLEEP, VALUE_NONE, &never, 0, begin + 5 * CLOCK_NS_PER_MS);
    } while (why == 0);
    assert_int_equal(why, ETIMEDOUT);
    assert_true(clock_now_ns() - begin >= 5 * CLOCK_NS_PER_MS);
    assert_int_equal(block_wait_word(cx, BLOCK_SLEEP, VALUE_NONE, &never, 1, BLOCK_FOREVER), 0);
    fixture_close(interp);
}

static void errno_survives_blocking(void **state) {
    (void)state;
    Interp *interp = fixture_open(true);
    Context *cx = &interp->main->cx;
    errno = EXDEV;
    block_begin(cx, BLOCK_READ, VALUE_NONE, BLOCK_FOREVER);
    assert_int_equal(errno, EXDEV);
    errno = ENOSPC;
    block_end(cx);
    assert_int_equal(errno, ENOSPC);
    fixture_close(interp);
}

static uint32_t is_over;   /* [atomic] */

NATIVE(run_until_over, "run_until_over()", "") {
    while (!atomic_load_acquire(&is_over)) {
        if (!block_poll(cx)) {
            return VALUE_ERROR;
        }
    }
    return VALUE_NONE;
}

static void gil_is_free_while_blocked(void **state) {
    (void)state;
    Interp *interp = fixture_open(true);
    Context *cx = &interp->main->cx;
    is_over = 0;
    Value handle = fixture_start(cx, &run_until_over_def, false);
    Thread *t = newest(interp);
    block_begin(cx, BLOCK_SLEEP, VALUE_NONE, BLOCK_FOREVER);
    while (atomic_load_acquire(&interp->gil.holder) != t) {
        platform_thread_yield();
    }
    block_end(cx);
    assert_ptr_equal(interp->gil.holder, interp->main);
    assert_int_equal(atomic_load_acquire(&t->state), THREAD_WAITS_GIL);
    atomic_store_release(&is_over, 1);
    fixture_join(cx, handle);
    fixture_close(interp);
}

static void many_threads_can_block_at_once(void **state) {
    (void)state;
    enum { N = 300 };
    for (int has_gil = 0; has_gil < 2; has_gil++) {
        Interp *interp = fixture_open(has_gil);
        Context *cx = &interp->main->cx;
        Value handles[N];
        word = 0;
        n_woken = 0;
        for (int i = 0; i < N; i++) {
            handles[i] = fixture_start(cx, &wait_on_word_def, false);
        }
        assert_int_equal(host_thread_count(cx), N + 1);
        atomic_store_release(&word, 1);
        block_wake(&word, INT32_MAX);
        for (int i = 0; i < N; i++) {
            fixture_join(cx, handles[i]);
        }
        assert_int_equal(n_woken, N);
        assert_int_equal(host_thread_count(cx), 1);
        fixture_close(interp);
    }
}

static void end_waits_for_threads_but_not_for_daemons(void **state) {
    (void)state;
    Interp *interp = fixture_open(true);
    Context *cx = &interp->main->cx;
    word = 0;
    n_woken = 0;
    is_over = 0;
    fixture_start(cx, &run_until_over_def, true);
    fixture_start(cx, &wait_on_word_def, false);
    atomic_store_release(&word, 1);
    block_wake(&word, 1);
    assert_int_equal(interp_finish(interp, 3), 3);
    assert_int_equal(n_woken, 1);
    /* The daemon stands still for good; its memory goes with the process. */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocked_thread_says_why),
        cmocka_unit_test(waiting_ends_at_the_deadline),
        cmocka_unit_test(errno_survives_blocking),
        cmocka_unit_test(gil_is_free_while_blocked),
        cmocka_unit_test(many_threads_can_block_at_once),
        cmocka_unit_test(end_waits_for_threads_but_not_for_daemons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
