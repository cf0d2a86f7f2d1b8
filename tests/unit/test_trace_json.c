/* test_trace_json.c - the trace file, folded stacks and statistics of a drawn history. tests/cli/trace_check.py holds
 * trace files of real runs against the whole format. */

#include "tests/unit/history_fixture.h"

#include "interp/trace/json.h"
#include "interp/trace/views.h"

static bool stats_on_a_screen(const History *history, FILE *out) {
    return view_stats(history, out, false);
}

static bool stats_as_json(const History *history, FILE *out) {
    return view_stats(history, out, true);
}

static size_t count_of(const char *text, const char *part) {
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++) {
        n++;
    }
    return n;
}

/* Two workers take turns; one of them waits for a lock. */
static void draw(Drawing *d) {
    drawing_open(d, 2);
    drawing_process(d, 100);
    const uint32_t line = drawing_place(d, "a.mini", 3, "work");
    const uint32_t made = drawing_place(d, "a.mini", 1, "");
    const uint32_t lock = drawing_object(d, "Lock", "guard", made);
    drawing_thread(d, "MainThread", "#-----------");
    const uint32_t first = drawing_thread(d, "first", " #####.....#");
    const uint32_t second = drawing_thread(d, "second", " .....##xxx");
    drawing_explain(d, first, HISTORY_RUN, line, HISTORY_NONE, second, HISTORY_NONE);
    drawing_explain(d, first, HISTORY_GIL, line, HISTORY_NONE, second, HISTORY_NONE);
    drawing_explain(d, second, HISTORY_LOCK, line, lock, first, line);
    drawing_done(d);
}

static char *written(Drawing *d, DrawingView view) {
    return drawing_view(&d->history, view);
}

static void spans_are_slices_with_their_causes(void **state) {
    (void)state;
    Drawing d;
    draw(&d);
    char *text = written(&d, view_trace_json);
    assert_has(text, "{\"ph\":\"X\",\"name\":\"run\",\"cat\":\"run\",\"pid\":100,\"tid\":"
                     "2,\"ts\":1000.000,"
                     "\"dur\":4999.9999,\"args\":{\"at\":\"a.mini:3\",\"in\":\"work\","
                     "\"why\":\"interval, asked by second\"}}");
    assert_has(text, "{\"ph\":\"X\",\"name\":\"lock\",\"cat\":\"lock\",\"pid\":100,"
                     "\"tid\":3,\"ts\":8000.000,"
                     "\"dur\":2999.9999,\"args\":{\"at\":\"a.mini:3\",\"in\":\"work\","
                     "\"object\":\"Lock "
                     "'guard'\",\"made_at\":\"a.mini:1\",\"owner\":\"first\",\"owner_"
                     "at\":\"a.mini:3\"}}");
    assert_has(text, "\"why\":\"blocks in join\"");
    assert_int_equal(count_of(text, "\"ph\":\"X\""), 2 + 3 + 3);
    free(text);
    drawing_close(&d);
}

static void the_header_says_how_it_was_run(void **state) {
    (void)state;
    Drawing d;
    draw(&d);
    d.history.seed = 7;
    d.history.has_seed = true;
    d.history.n_lost = 9;
    d.threads.items[0].cpu_ns = 1234567;
    HistorySource source = {"a.mini", "x = 1\n", 6};
    d.history.sources = &source;
    d.history.n_sources = 1;
    char *text = written(&d, view_trace_json);
    assert_has(text,
               "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"format\":1,\"version\":\"");
    assert_has(text, "\"script\":\"drawn.mini\",\"mode\":\"gil\",\"policy\":\"interval\","
                     "\"interval_us\":5000,"
                     "\"cores\":2,\"seed\":7,\"lost_events\":9,\"wall_us\":12000.000,"
                     "\"verdict\":[{\"kind\":");
    assert_has(text, "\"a.mini\":\"x = 1\\n\"");
    assert_has(text, "\"begin_us\":0.000,\"end_us\":12000.000,\"cpu_us\":1234.567,"
                     "\"forced\":0,\"voluntary\":1,"
                     "\"states_us\":{\"run\":1000.000,\"compute\":0.000,\"gil\":0.000,");
    assert_has(text, "\"cpu_us\":null");
    free(text);
    drawing_close(&d);
}

static void arrows_start_within_the_run_they_end(void **state) {
    (void)state;
    Drawing d;
    draw(&d);
    char *text = written(&d, view_trace_json);
    assert_has(text, "{\"ph\":\"s\",\"name\":\"GIL\",\"cat\":\"handover\",\"pid\":100,"
                     "\"tid\":2,\"ts\":5999.999,"
                     "\"id\":1}");
    assert_has(text, "{\"ph\":\"f\",\"name\":\"GIL\",\"cat\":\"handover\",\"pid\":100,"
                     "\"tid\":3,\"ts\":6000.000,"
                     "\"id\":1,\"bp\":\"e\"}");
    assert_int_equal(count_of(text, "\"ph\":\"s\""), count_of(text, "\"ph\":\"f\""));
    free(text);
    drawing_close(&d);
}

static void counters_follow_the_waiters(void **state) {
    (void)state;
    Drawing d;
    draw(&d);
    char *text = written(&d, view_trace_json);
    assert_has(
        text,
        "\"ph\":\"C\",\"name\":\"GIL waiters\",\"pid\":100,\"tid\":1,\"ts\":1000.000,"
        "\"args\":{\"waiting\":1}");
    assert_has(text,
               "\"name\":\"runnable threads\",\"pid\":100,\"tid\":1,\"ts\":1000.000,"
               "\"args\":{\"runnable\":2}");
    /* From 1 to 11 ms somebody waits; at 6 ms two change places, which is no news. */
    assert_int_equal(count_of(text, "\"GIL waiters\""), 3);
    assert_has(text, "\"ts\":12000.000,\"args\":{\"runnable\":0}");
    free(text);
    drawing_close(&d);
}

static void processes_have_names_forks_and_ends(void **state) {
    (void)state;
    Drawing d;
    drawing_open(&d, 2);
    drawing_process(&d, 100);
    drawing_thread(&d, "MainThread", "#####");
    drawing_process(&d, 101);
    drawing_thread(&d, "MainThread", "  ##");
    drawing_done(&d);
    d.processes.items[1].has_status = true;
    d.processes.items[1].wait_status = 9;
    char *text = written(&d, view_trace_json);
    assert_has(
        text,
        "\"process_name\",\"pid\":100,\"tid\":1,\"args\":{\"name\":\"drawn.mini\"}");
    assert_has(
        text,
        "\"process_name\",\"pid\":101,\"tid\":1,\"args\":{\"name\":\"child of 100\"}");
    assert_has(
        text, "\"process_sort_index\",\"pid\":101,\"tid\":1,\"args\":{\"sort_index\":1}");
    assert_has(text, "\"ph\":\"i\",\"name\":\"fork\",\"pid\":100,\"tid\":1,\"ts\":2000."
                     "000,\"s\":\"p\","
                     "\"args\":{\"child\":101}");
    assert_has(text, "\"name\":\"exit\",\"pid\":101,\"tid\":1,\"ts\":4000.000,\"s\":"
                     "\"p\",\"args\":{\"signal\":9}");
    free(text);
    drawing_close(&d);
}

static void calls_have_a_track_of_their_own(void **state) {
    (void)state;
    Drawing d;
    drawing_open(&d, 2);
    drawing_process(&d, 100);
    drawing_thread(&d, "MainThread", "#####");
    const uint32_t f = drawing_place(&d, "a.mini", 3, "f");
    vec_push(&d.calls, (HistoryCall){0, 5 * MS, 0, f});
    vec_push(&d.calls, (HistoryCall){1 * MS, 2 * MS, 0, HISTORY_NONE});
    drawing_done(&d);
    char *text = written(&d, view_trace_json);
    assert_has(text, "\"thread_name\",\"pid\":100,\"tid\":1000001,\"args\":{\"name\":"
                     "\"MainThread: calls\"}");
    assert_has(text, "{\"ph\":\"X\",\"name\":\"f\",\"cat\":\"call\",\"pid\":100,\"tid\":"
                     "1000001,\"ts\":0.000,"
                     "\"dur\":4999.9999,\"args\":{\"at\":\"a.mini:3\"}}");
    free(text);
    drawing_close(&d);
}

static void texts_of_all_kinds_are_escaped(void **state) {
    (void)state;
    char *text = NULL;
    size_t n = 0;
    Json json = {.out = open_memstream(&text, &n)};
    json_open(&json, NULL, '[');
    json_text(&json, NULL, "quote \" backslash \\ newline \n tab \t bell \a delete \x7f");
    json_text(&json, NULL, "\xc3\xa4 \xf0\x9f\x98\x80");
    json_text(&json, NULL, "bad \xff\xc3 cut \xe2\x82");
    json_text(&json, NULL, "surrogate \xed\xa0\x80");
    json_text_n(&json, NULL, "a\0b", 3);
    json_close(&json, ']');
    fclose(json.out);
    assert_string_equal(
        text,
        "[\"quote \\\" backslash \\\\ newline \\n tab \\t bell \\u0007 delete \\u007f\","
        "\"\xc3\xa4 \xf0\x9f\x98\x80\",\"bad \\ufffd\\ufffd cut \\ufffd\\ufffd\","
        "\"surrogate \\ufffd\\ufffd\\ufffd\",\"a\\u0000b\"]");
    free(text);
}

static void folded_stacks_are_of_waiting(void **state) {
    (void)state;
    Drawing d;
    draw(&d);
    char *text = written(&d, view_folded);
    assert_string_equal(text, "drawn.mini (100);MainThread;join;(unknown) 11000\n"
                              "drawn.mini (100);first;wait for GIL;work (a.mini:3) 5000\n"
                              "drawn.mini (100);second;wait for GIL;(unknown) 5000\n"
                              "drawn.mini (100);second;lock;work (a.mini:3) 3000\n");
    free(text);
    drawing_close(&d);
}

static void folded_frames_keep_their_lines(void **state) {
    (void)state;
    Drawing d;
    drawing_open(&d, 2);
    d.history.script = "a;b\n.mini";
    drawing_process(&d, 100);
    const uint32_t place = drawing_place(&d, "x;y.mini", 3, "");
    const uint32_t thread = drawing_thread(&d, "t;\nu", "#z#z#");
    drawing_explain(&d, thread, HISTORY_SLEEP, place, HISTORY_NONE, HISTORY_NONE,
                    HISTORY_NONE);
    drawing_done(&d);
    char *text = written(&d, view_folded);
    assert_string_equal(text, "a,b?.mini (100);t,?u;sleep;<module> (x,y.mini:3) 2000\n");
    free(text);
    drawing_close(&d);
}

static void statistics_fit_a_screen(void **state) {
    (void)state;
    Drawing d;
    draw(&d);
    vec_last(&d.processes)->cpu_ns = 11 * MS;
    d.history.cpu_ns = 11 * MS;
    d.history.allocated_bytes = 3 << 20;
    char *text = written(&d, stats_on_a_screen);
    assert_has(text, "  wall                   12.0 ms\n");
    assert_has(text, "  CPU                    11.0 ms\n");
    assert_has(
        text,
        "  parallelism            0.75 threads ran on average, 1 at most; 2 cores\n");
    assert_has(text, "  threads                3 in 1 process\n");
    assert_has(text, "  acquired               4\n");
    assert_has(text, "  given up               2 to block, 1 when asked, 1 at an end\n");
    assert_has(text, "  hand-overs             2; median 0 ns, 99% 3.00 ms, longest 3.00 ms");
    assert_has(text, "  instructions           not counted\n");
    assert_has(text, "  allocated              3.0 MiB\n");
    assert_has(text, "  peak, resident         unknown\n");
    assert_has_not(text, "lost");
    assert_true(count_of(text, "\n") <= 24);
    free(text);
    d.history.n_instructions = 1234567;
    d.history.n_lost = 3;
    text = written(&d, stats_on_a_screen);
    assert_has(text, "  instructions           1 234 567\n");
    assert_has(text, "  events lost            3\n");
    free(text);
    drawing_close(&d);
}

static void statistics_for_machines_have_a_version(void **state) {
    (void)state;
    Drawing d;
    draw(&d);
    char *text = written(&d, stats_as_json);
    assert_has(text, "{\"format\":1,\"version\":\"");
    assert_has(text, "\"wall_us\":12000.000,\"cpu_us\":null,\"parallelism\":0.750000,"
                     "\"threads\":3,\"processes\":1,"
                     "\"instructions\":null,\"gil\":{\"acquired\":4,\"held_us\":9000.000,"
                     "\"waited_us\":10000.000,"
                     "\"given_up\":{\"block\":2,\"interval\":1,\"every\":0,\"start\":0,"
                     "\"stop\":0,\"exit\":1},");
    assert_has(text, "\"collections\":{\"count\":0},\"allocated_bytes\":null,\"peak_"
                     "bytes\":null,\"lost_events\":0}\n");
    free(text);
    drawing_close(&d);
}

static void a_full_disk_is_told(void **state) {
    (void)state;
    Drawing d;
    draw(&d);
    FILE *full = fopen("/dev/full", "w");
    if (full != NULL) {
        assert_false(view_trace_json(&d.history, full));
        assert_false(view_folded(&d.history, full));
        assert_false(view_stats(&d.history, full, true));
        assert_false(view_timeline(&d.history, full, 80, false));
        fclose(full);
    }
    drawing_close(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_slices_with_their_causes),
        cmocka_unit_test(the_header_says_how_it_was_run),
        cmocka_unit_test(arrows_start_within_the_run_they_end),
        cmocka_unit_test(counters_follow_the_waiters),
        cmocka_unit_test(processes_have_names_forks_and_ends),
        cmocka_unit_test(calls_have_a_track_of_their_own),
        cmocka_unit_test(texts_of_all_kinds_are_escaped),
        cmocka_unit_test(folded_stacks_are_of_waiting),
        cmocka_unit_test(folded_frames_keep_their_lines),
        cmocka_unit_test(statistics_fit_a_screen),
        cmocka_unit_test(statistics_for_machines_have_a_version),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
