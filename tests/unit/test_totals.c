/* test_totals.c - the sums of a history, and the sweep that they are made by. */

#include "tests/unit/history_fixture.h"

#include "interp/trace/sweep.h"
#include "interp/trace/totals.h"

/* Two threads compute under the GIL, the main thread waits for them. */
static void draw_serialized(Drawing *d) {
    drawing_open(d, 2);
    drawing_process(d, 100);
    drawing_thread_repeated(d, "MainThread", "#", "----------", 10);
    drawing_thread_repeated(d, "a", " ", "#####.....", 10);
    drawing_thread_repeated(d, "b", " ", ".....#####", 10);
    drawing_done(d);
}

static void sweep_counts_the_threads_in_each_state(void **state) {
    (void)state;
    Drawing d;
    drawing_open(&d, 2);
    drawing_process(&d, 100);
    drawing_thread(&d, "a", "##zz#");
    drawing_thread(&d, "b", "  ###");
    drawing_thread(&d, "never", "");
    drawing_done(&d);
    Sweep sweep;
    sweep_open(&sweep, &d.history, 0, d.history.n_threads);
    uint64_t run_ns = 0;
    uint64_t last_ns = 0;
    size_t n_changes = 0;
    while (sweep_next(&sweep)) {
        assert_int_equal(sweep.at_ns, last_ns + sweep.elapsed_ns);
        last_ns = sweep.at_ns;
        run_ns += sweep.count[HISTORY_RUN] * sweep.elapsed_ns;
        n_changes++;
        assert_true(sweep.count[HISTORY_RUN] <= 2);
    }
    assert_int_equal(last_ns, 5 * MS);
    assert_int_equal(run_ns, 6 * MS);
    assert_int_equal(n_changes, 6);
    for (int s = 0; s < HISTORY_STATE_COUNT; s++) {
        assert_int_equal(sweep.count[s], 0);
    }
    assert_false(sweep_next(&sweep));
    sweep_close(&sweep);
    drawing_close(&d);
}

static void sweep_of_many_threads_is_in_the_order_of_time(void **state) {
    (void)state;
    Drawing d;
    drawing_open(&d, 2);
    drawing_process(&d, 100);
    for (int i = 0; i < 500; i++) {
        char life[600] = "";
        memset(life, ' ', (size_t)(i * 37 % 500));
        life[i * 37 % 500] = '\0';
        drawing_thread_repeated(&d, "t", life, i % 2 ? "#~" : "zz#", 1 + i % 7);
    }
    drawing_done(&d);
    uint64_t sums[HISTORY_STATE_COUNT] = {0};
    uint64_t last_ns = 0;
    Sweep sweep;
    sweep_open(&sweep, &d.history, 0, d.history.n_threads);
    while (sweep_next(&sweep)) {
        assert_true(sweep.at_ns >= last_ns);
        last_ns = sweep.at_ns;
        for (int s = 0; s < HISTORY_STATE_COUNT; s++) {
            sums[s] += sweep.count[s] * sweep.elapsed_ns;
        }
    }
    sweep_close(&sweep);
    Totals totals;
    totals_open(&totals, &d.history);
    for (int s = 0; s < HISTORY_STATE_COUNT; s++) {
        assert_int_equal(sums[s], totals.state_ns[s]);
    }
    totals_close(&totals);
    drawing_close(&d);
}

static void serialized_work_could_be_done_in_half_the_time(void **state) {
    (void)state;
    Drawing d;
    draw_serialized(&d);
    Totals t;
    totals_open(&t, &d.history);
    assert_int_equal(t.wall_ns, 101 * MS);
    assert_int_equal(t.lifetime_ns, 301 * MS);
    assert_int_equal(t.state_ns[HISTORY_RUN], 101 * MS);
    assert_int_equal(t.state_ns[HISTORY_GIL], 100 * MS);
    assert_int_equal(t.busy_ns, 101 * MS);
    assert_int_equal(t.parallel_ns, 0);
    assert_int_equal(t.idle_ns, 0);
    assert_int_equal(t.n_most_running, 1);
    assert_int_equal(t.processes[0].held_ns, 101 * MS);
    assert_int_equal(t.processes[0].contended_ns, 100 * MS);
    assert_int_equal(t.processes[0].wanted_ns, 200 * MS);
    assert_int_equal(t.processes[0].work_ns, 100 * MS);
    assert_int_equal(t.processes[0].ideal_ns, 50 * MS);
    assert_int_equal(t.threads[1].fair_ns, 50 * MS);
    totals_close(&t);
    drawing_close(&d);
}

static void acquisitions_and_switches_are_counted_by_cause(void **state) {
    (void)state;
    Drawing d;
    draw_serialized(&d);
    Totals t;
    totals_open(&t, &d.history);
    assert_int_equal(t.n_acquired, 1 + 10 + 10);
    assert_int_equal(t.held_ns, 101 * MS);
    assert_int_equal(t.n_drops[TRACE_DROP_INTERVAL], 19);
    assert_int_equal(t.n_drops[TRACE_DROP_BLOCK], 1);
    assert_int_equal(t.n_drops[TRACE_DROP_EXIT], 1);
    totals_close(&t);

    d.history.mode = "no-gil";
    d.modes.items[0].has_gil = false;
    totals_open(&t, &d.history);
    assert_int_equal(t.n_acquired, 0);
    assert_int_equal(t.held_ns, 0);
    totals_close(&t);
    drawing_close(&d);
}

static void the_lock_counts_only_while_it_is_on(void **state) {
    (void)state;
    Drawing d;
    drawing_open(&d, 2);
    drawing_process(&d, 100);
    drawing_thread(&d, "MainThread", "##zz##zz##");
    drawing_done(&d);
    HistoryMode modes[] = {
        {0, 0, true}, {3 * MS, 0, false}, {7 * MS, 0, true}, {0, 1, false}};
    d.history.modes = modes;
    d.history.n_modes = 4;
    Totals t;
    totals_open(&t, &d.history);
    assert_int_equal(t.n_acquired, 2);
    assert_int_equal(t.held_ns, 4 * MS);
    totals_close(&t);
    assert_true(totals_has_gil(&d.history, 0, 2 * MS));
    assert_false(totals_has_gil(&d.history, 0, 3 * MS));
    assert_true(totals_has_gil(&d.history, 0, 9 * MS));
    assert_false(totals_has_gil(&d.history, 1, 9 * MS));
    drawing_close(&d);
}

static void spreads_say_median_and_maximum(void **state) {
    (void)state;
    Drawing d;
    draw_serialized(&d);
    d.history.n_handovers = 0;
    Totals t;
    totals_open(&t, &d.history);
    assert_int_equal(t.handover.n, 0);
    assert_int_equal(t.handover.max_ns, 0);
    totals_close(&t);

    HistoryHandover handovers[200];
    for (uint64_t i = 0; i < 200; i++) {
        handovers[i] =
            (HistoryHandover){.from_ns = 1000, .to_ns = 1000 + (i * 7 % 200) + 1};
    }
    HistoryCollection collections[] = {{1 * MS, 3 * MS, 10, 0}, {5 * MS, 6 * MS, 10, 0}};
    d.history.handovers = handovers;
    d.history.n_handovers = 200;
    d.history.collections = collections;
    d.history.n_collections = 2;
    totals_open(&t, &d.history);
    assert_int_equal(t.handover.n, 200);
    assert_int_equal(t.handover.median_ns, 100);
    assert_int_equal(t.handover.p99_ns, 198);
    assert_int_equal(t.handover.max_ns, 200);
    assert_int_equal(t.collection.sum_ns, 3 * MS);
    assert_int_equal(t.collection.median_ns, 1 * MS);
    assert_int_equal(t.collection.max_ns, 2 * MS);
    totals_close(&t);
    drawing_close(&d);
}

static void a_history_without_anything_has_totals(void **state) {
    (void)state;
    History nothing = {.script = "", .mode = "gil", .policy = "interval", .n_cores = 1};
    Totals t;
    totals_open(&t, &nothing);
    assert_int_equal(t.wall_ns, 0);
    assert_int_equal(t.lifetime_ns, 0);
    totals_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sweep_counts_the_threads_in_each_state),
        cmocka_unit_test(sweep_of_many_threads_is_in_the_order_of_time),
        cmocka_unit_test(serialized_work_could_be_done_in_half_the_time),
        cmocka_unit_test(acquisitions_and_switches_are_counted_by_cause),
        cmocka_unit_test(the_lock_counts_only_while_it_is_on),
        cmocka_unit_test(spreads_say_median_and_maximum),
        cmocka_unit_test(a_history_without_anything_has_totals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
