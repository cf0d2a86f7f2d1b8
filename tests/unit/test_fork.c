/* test_fork.c - the child of a fork is a whole interpreter with one thread, whatever the others were doing. */

#include "tests/unit/interp_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include "interp/fork.h"
#include "runtime/base/config.h"
#include "runtime/gc/gc.h"
#include "runtime/objects/list.h"
#include "runtime/objects/lock.h"
#include "runtime/objects/str.h"

enum { N_THREADS = 3 };

static uint32_t is_over;       /* [atomic] */
static uint32_t never;         /* nobody wakes it */
static uint32_t n_busy;        /* [atomic] */

NATIVE(stay_busy, "stay_busy()", "") {
    atomic_fetch_add(&n_busy, 1);
    while (!atomic_load_acquire(&is_over)) {
        ObjList *list = list_new(cx, 3);
        if (list == NULL || !list_append(cx, list, VALUE_NONE) || !block_poll(cx)) {
            return VALUE_ERROR;
        }
    }
    return VALUE_NONE;
}

NATIVE(stay_blocked, "stay_blocked()", "") {
    while (!atomic_load_acquire(&is_over)) {
        block_wait_word(cx, BLOCK_SLEEP, VALUE_NONE, &never, 0, 1);
    }
    return VALUE_NONE;
}

NATIVE(do_nothing, "do_nothing()", "") {
    return VALUE_NONE;
}

/* What a child can do: returns 0 when all went well, else the number of what did not. */
static int use_the_child(Interp *interp, Context *cx, Value other) {
    if (interp->n_threads != 1 || interp->threads != interp->main || host_thread_count(cx) != 1) {
        return 1;
    }
    if (AS_THREAD_HANDLE(other)->state != THREAD_HANDLE_DONE) {
        return 2;
    }
    ObjList *list = list_new(cx, 0);
    for (int i = 0; i < 1000; i++) {
        ObjStr *text = str_format_c(cx, "%d", i);
        if (text == NULL || !list_append(cx, list, OBJ_VALUE(text))) {
            return 3;
        }
    }
    gc_collect(cx);
    if (!str_equals_c(AS_STR(list_get(cx, list, 999)), "999")) {
        return 4;
    }
    Value lock = lock_new(cx, KIND_LOCK);
    if (lock_acquire(cx, AS_LOCK(lock), true, BLOCK_FOREVER) != 1 || !lock_release(cx, AS_LOCK(lock))) {
        return 5;
    }
    /* ThreadSanitizer does not allow threads in the child of a process that had some. */
    if (!CONFIG_TSAN) {
        fixture_join(cx, fixture_start(cx, &do_nothing_def, false));
    }
    return interp_finish(interp, 0) == 0 ? 0 : 6;
}

static void fork_and_look(bool has_gil) {
    Interp *interp = fixture_open(has_gil);
    Context *cx = &interp->main->cx;
    Value handles[N_THREADS];
    is_over = 0;
    n_busy = 0;
    handles[0] = fixture_start(cx, &stay_blocked_def, false);
    for (int i = 1; i < N_THREADS; i++) {
        handles[i] = fixture_start(cx, &stay_busy_def, false);
    }
    for (int i = 0; i < 10; i++) {
        const pid_t pid = host_fork(cx);
        if (pid == 0) {
            _exit(use_the_child(interp, cx, handles[i % N_THREADS]));
        }
        assert_true(pid > 0);
        int status = -1;
        block_begin(cx, BLOCK_CHILD, VALUE_NONE, BLOCK_FOREVER);
        const pid_t ended = waitpid(pid, &status, 0);
        block_end(cx);
        assert_int_equal(ended, pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        /* The parent goes on as if nothing had happened. */
        assert_int_equal(host_thread_count(cx), N_THREADS + 1);
        assert_int_equal(host_fork_count(cx), 0);
    }
    atomic_store_release(&is_over, 1);
    for (int i = 0; i < N_THREADS; i++) {
        fixture_join(cx, handles[i]);
    }
    fixture_close(interp);
}

static void child_is_whole_with_gil(void **state) {
    (void)state;
    fork_and_look(true);
}

static void child_is_whole_without_gil(void **state) {
    (void)state;
    fork_and_look(false);
}

NATIVE(fork_here, "fork_here()", "") {
    Interp *interp = (Interp *)cx->rt;
    const pid_t pid = host_fork(cx);
    if (pid == 0) {
        /* The forking thread has become the main one. */
        const bool is_main = interp->main == (Thread *)cx && host_thread_count(cx) == 1;
        _exit(is_main && host_fork_count(cx) == 1 ? 7 : 1);
    }
    int status = -1;
    block_begin(cx, BLOCK_CHILD, VALUE_NONE, BLOCK_FOREVER);
    waitpid(pid, &status, 0);
    block_end(cx);
    assert_int_equal(WEXITSTATUS(status), 7);
    return VALUE_NONE;
}

static void any_thread_can_fork(void **state) {
    (void)state;
    for (int has_gil = 0; has_gil < 2; has_gil++) {
        Interp *interp = fixture_open(has_gil);
        Context *cx = &interp->main->cx;
        Value handles[N_THREADS];
        for (int i = 0; i < N_THREADS; i++) {
            handles[i] = fixture_start(cx, &fork_here_def, false);
        }
        for (int i = 0; i < N_THREADS; i++) {
            fixture_join(cx, handles[i]);
        }
        fixture_close(interp);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(child_is_whole_with_gil),
        cmocka_unit_test(child_is_whole_without_gil),
        cmocka_unit_test(any_thread_can_fork),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
