/* test_safepoint.c - a stopped world stands still, in both modes, whoever stops it. */

#include "tests/unit/interp_fixture.h"

#include "interp/clock.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/gc.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"

enum { N_THREADS = 3, N_STOPS = 200 };

static uint32_t is_over;                 /* [atomic] */
static uint64_t counters[N_THREADS];     /* each by its thread, relaxed */
static uint32_t n_counters;              /* [atomic] */

NATIVE(count_until_over, "count_until_over()", "") {
    uint64_t *counter = &counters[atomic_fetch_add(&n_counters, 1)];
    while (!atomic_load_acquire(&is_over)) {
        atomic_store_relaxed(counter, *counter + 1);
        if (!block_poll(cx)) {
            return VALUE_ERROR;
        }
    }
    return VALUE_NONE;
}

static void begin_counting(void) {
    is_over = 0;
    n_counters = 0;
    memset(counters, 0, sizeof counters);
}

static void copy_counters(uint64_t *copy) {
    for (int i = 0; i < N_THREADS; i++) {
        copy[i] = atomic_load_relaxed(&counters[i]);
    }
}

static void nap(Context *cx, uint64_t ns) {
    block_begin(cx, BLOCK_SLEEP, VALUE_NONE, BLOCK_FOREVER);
    platform_sleep_until(clock_now_ns() + ns);
    block_end(cx);
}

static void stop_and_look(Interp *interp) {
    Context *cx = &interp->main->cx;
    Value handles[N_THREADS];
    begin_counting();
    for (int i = 0; i < N_THREADS; i++) {
        handles[i] = fixture_start(cx, &count_until_over_def, false);
    }
    for (int i = 0; i < N_STOPS; i++) {
        uint64_t before[N_THREADS];
        uint64_t after[N_THREADS];
        block_stop_world(cx);
        block_stop_world(cx);
        assert_true(block_world_is_stopped(cx));
        copy_counters(before);
        platform_sleep_until(clock_now_ns() + 20 * CLOCK_NS_PER_US);
        copy_counters(after);
        assert_memory_equal(before, after, sizeof before);
        block_resume_world(cx);
        assert_true(block_world_is_stopped(cx));
        block_resume_world(cx);
        assert_false(block_world_is_stopped(cx));
        nap(cx, 20 * CLOCK_NS_PER_US);
    }
    atomic_store_release(&is_over, 1);
    for (int i = 0; i < N_THREADS; i++) {
        fixture_join(cx, handles[i]);
    }
    for (int i = 0; i < N_THREADS; i++) {
        assert_true(counters[i] > 0);
    }
}

static void stopped_world_stands_still_without_gil(void **state) {
    (void)state;
    Interp *interp = fixture_open(false);
    stop_and_look(interp);
    fixture_close(interp);
}

static void stopped_world_stands_still_with_gil(void **state) {
    (void)state;
    Interp *interp = fixture_open(true);
    stop_and_look(interp);
    fixture_close(interp);
}

static uint64_t guarded;   /* by the stopped world */

NATIVE(stop_often, "stop_often()", "") {
    for (int i = 0; i < N_STOPS; i++) {
        block_stop_world(cx);
        const uint64_t seen = guarded;
        platform_cpu_relax();
        guarded = seen + 1;
        block_resume_world(cx);
        if (!block_poll(cx)) {
            return VALUE_ERROR;
        }
    }
    return VALUE_NONE;
}

static void stoppers_exclude_each_other(void **state) {
    (void)state;
    for (int has_gil = 0; has_gil < 2; has_gil++) {
        Interp *interp = fixture_open(has_gil);
        Context *cx = &interp->main->cx;
        Value handles[N_THREADS];
        guarded = 0;
        for (int i = 0; i < N_THREADS; i++) {
            handles[i] = fixture_start(cx, &stop_often_def, false);
        }
        for (int i = 0; i < N_THREADS; i++) {
            fixture_join(cx, handles[i]);
        }
        assert_int_equal(guarded, N_THREADS * N_STOPS);
        fixture_close(interp);
    }
}

NATIVE(allocate_and_keep, "allocate_and_keep()", "") {
    ObjList *list = list_new(cx, 0);
    for (int i = 0; list != NULL && i < 2000; i++) {
        ObjStr *text = str_format_c(cx, "text %d", i);
        if (text == NULL || !list_append(cx, list, OBJ_VALUE(text)) || !block_poll(cx)) {
            return VALUE_ERROR;
        }
    }
    for (int i = 0; list != NULL && i < 2000; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "text %d", i);
        assert_true(str_equals_c(AS_STR(list_get(cx, list, i)), expected));
    }
    return list != NULL ? VALUE_NONE : VALUE_ERROR;
}

static void collections_find_what_threads_hold(void **state) {
    (void)state;
    for (int has_gil = 0; has_gil < 2; has_gil++) {
        Interp *interp = fixture_open(has_gil);
        Context *cx = &interp->main->cx;
        Value handles[N_THREADS];
        for (int i = 0; i < N_THREADS; i++) {
            handles[i] = fixture_start(cx, &allocate_and_keep_def, false);
        }
        for (int i = 0; i < 30; i++) {
            gc_collect(cx);
            nap(cx, 100 * CLOCK_NS_PER_US);
        }
        for (int i = 0; i < N_THREADS; i++) {
            fixture_join(cx, handles[i]);
        }
        fixture_close(interp);
    }
}

NATIVE(toggle_gil, "toggle_gil()", "") {
    for (int i = 0; i < 100; i++) {
        host_gil_set_enabled(cx, i % 2 == 0);
        if (!block_poll(cx)) {
            return VALUE_ERROR;
        }
    }
    return VALUE_NONE;
}

static void gil_can_be_switched_while_threads_run(void **state) {
    (void)state;
    Interp *interp = fixture_open(true);
    Context *cx = &interp->main->cx;
    begin_counting();
    Value counting[2] = {fixture_start(cx, &count_until_over_def, false),
                         fixture_start(cx, &count_until_over_def, false)};
    Value toggling[2] = {fixture_start(cx, &toggle_gil_def, false), fixture_start(cx, &toggle_gil_def, false)};
    fixture_join(cx, toggling[0]);
    fixture_join(cx, toggling[1]);
    atomic_store_release(&is_over, 1);
    fixture_join(cx, counting[0]);
    fixture_join(cx, counting[1]);
    assert_false(host_gil_is_enabled(cx));
    assert_false(cx->is_parallel);
    host_gil_set_enabled(cx, true);
    assert_ptr_equal(interp->gil.holder, interp->main);
    fixture_close(interp);
}

static void parallel_only_while_there_are_two(void **state) {
    (void)state;
    Interp *interp = fixture_open(false);
    Context *cx = &interp->main->cx;
    assert_false(cx->is_parallel);
    begin_counting();
    Value handle = fixture_start(cx, &count_until_over_def, false);
    assert_true(cx->is_parallel);
    atomic_store_release(&is_over, 1);
    fixture_join(cx, handle);
    assert_false(cx->is_parallel);
    fixture_close(interp);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stopped_world_stands_still_without_gil),
        cmocka_unit_test(stopped_world_stands_still_with_gil),
        cmocka_unit_test(stoppers_exclude_each_other),
        cmocka_unit_test(collections_find_what_threads_hold),
        cmocka_unit_test(gil_can_be_switched_while_threads_run),
        cmocka_unit_test(parallel_only_while_there_are_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
