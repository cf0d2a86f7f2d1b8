/* test_timeline.c - lanes of characters, the axis, the table; and how durations and names are written. */

#include "tests/unit/history_fixture.h"

#include "interp/trace/lane.h"
#include "interp/trace/views.h"
#include "interp/trace/words.h"

static int screen_width = 80;
static bool has_colour = false;

static bool view(const History *history, FILE *out) {
    return view_timeline(history, out, screen_width, has_colour);
}

/* The timeline of a drawing, which is closed; to be freed. */
static char *timeline_of(Drawing *d) {
    drawing_done(d);
    char *text = drawing_view(&d->history, view);
    drawing_close(d);
    return text;
}

static void assert_cells(Drawing *d, int width, const char *expected) {
    drawing_done(d);
    uint8_t cells[200];
    char text[200] = "";
    static const char characters[] = {
#define HISTORY_STATE(id, name, character) character,
        HISTORY_STATES(HISTORY_STATE)
#undef HISTORY_STATE
    };
    Lane lane;
    lane_open(&lane, &d->history, width);
    lane_add(&lane, 0);
    lane_read(&lane, cells);
    lane_close(&lane);
    for (int i = 0; i < width; i++) {
        text[i] = cells[i] == LANE_BLANK ? ' ' : characters[cells[i]];
    }
    assert_string_equal(text, expected);
    drawing_close(d);
}

static void draw(Drawing *d, const char *life) {
    drawing_open(d, 2);
    drawing_process(d, 100);
    drawing_thread(d, "MainThread", life);
}

static void a_column_shows_what_there_is_most_of(void **state) {
    (void)state;
    Drawing d;
    draw(&d, "###.#xxxx.zzzzz~~~~~");
    assert_cells(&d, 4, "#xz~");
    draw(&d, "##~");
    assert_cells(&d, 9, "######~~~");
}

static void what_columns_had_to_omit_is_shown_in_the_next(void **state) {
    (void)state;
    Drawing d;
    drawing_open(&d, 2);
    drawing_process(&d, 100);
    drawing_thread_repeated(&d, "a", "", "#####.....", 24);
    assert_cells(&d, 12, "#.#.#.#.#.#.");
    drawing_open(&d, 2);
    drawing_process(&d, 100);
    drawing_thread_repeated(&d, "a", "", "#...", 24);
    assert_cells(&d, 12, ".#...#...#..");
}

static void nobody_is_shown_before_begin_and_after_end(void **state) {
    (void)state;
    Drawing d;
    draw(&d, "  ##");
    drawing_thread(&d, "other", "########");
    assert_cells(&d, 16, "    ####        ");
}

static void short_life_is_seen(void **state) {
    (void)state;
    Drawing d;
    draw(&d, " #");
    drawing_thread_repeated(&d, "other", "", "##########", 100);
    assert_cells(&d, 10, "#         ");
}

static void a_picture_at_80_columns(void **state) {
    (void)state;
    Drawing d;
    drawing_open(&d, 2);
    drawing_process(&d, 100);
    drawing_thread_repeated(&d, "MainThread", "##########", "----------", 20);
    drawing_thread_repeated(&d, "worker-1", "          ", "##########..........", 10);
    drawing_thread_repeated(&d, "worker-2", "          ", "..........##########", 10);
    char *text = timeline_of(&d);
    assert_string_equal(
        text,
        "drawn.mini: 210 ms with the GIL, 3 threads, 2 cores\n"
        "\n"
        "           |0 s            |0.05 s         |0.10 s          |0.15 s\n"
        "MainThread "
        "###------------------------------------------------------------------\n"
        "worker-1      "
        "####...###....###...###...####...###....###...####...###....###...\n"
        "worker-2      "
        "....###...####...###...###....###...####...###....###...####...###\n"
        "\n"
        "# runs   . waits for the GIL   - waits for a thread or process\n"
        "\n"
        "                    waits for the:  I/O or  joins,    switches:   of\n"
        "thread        runs     GIL   locks   sleep   stops forced   own  CPU\n"
        "MainThread 10.0 ms       -       -       -  200 ms      -     1   5%\n"
        "worker-1    100 ms  100 ms       -       -       -     10     -  48%\n"
        "worker-2    100 ms  100 ms       -       -       -      9     -  48%\n"
        "\n"
        "Serialized: 2 threads wanted the CPU, 1.00 ran on average; the GIL was held "
        "100%\n"
        "  of the time, 19 forced switches. 2 cores could give 1.9x: try --no-gil\n");
    free(text);
}

static void processes_have_headings(void **state) {
    (void)state;
    Drawing d;
    drawing_open(&d, 2);
    d.history.mode = "no-gil";
    drawing_process(&d, 100);
    drawing_thread(&d, "MainThread", "##--------");
    drawing_process(&d, 101);
    drawing_thread(&d, "MainThread", "  ########");
    drawing_thread(&d, "helper", "    ~~~~##");
    drawing_process(&d, 102);
    drawing_thread(&d, "MainThread", "   #####");
    d.processes.items[2].has_status = true;
    d.processes.items[2].wait_status = 9;
    char *text = timeline_of(&d);
    assert_has(text, "10.0 ms without the GIL, 3 processes, 4 threads, 2 cores\n");
    assert_has(text, "\n100 MainThread ##");
    assert_has(text, "\nprocess 101, child of 100\n  MainThread ");
    assert_has(text, "\n  helper       ");
    assert_has(text, "\nprocess 102, child of 100, killed by signal 9\n");
    free(text);
}

static void the_busiest_of_thousands_are_shown(void **state) {
    (void)state;
    Drawing d;
    drawing_open(&d, 2);
    drawing_process(&d, 100);
    drawing_thread(&d, "MainThread", "#---------");
    for (int i = 1; i <= 3000; i++) {
        drawing_thread(&d, drawing_name(&d, "t%d", i),
                       i == 2500 ? "  ...####" : " zzzzzzz#");
    }
    char *text = timeline_of(&d);
    assert_has(text, "\nMainThread ");
    assert_has(text, "\nt2500 ");
    assert_has(text, "\n+2961 threads ");
    assert_has(text, "40 of 3001 threads are shown");
    assert_has_not(text, "\nt3000 ");
    free(text);
}

static void processes_without_a_lane_share_one(void **state) {
    (void)state;
    Drawing d;
    drawing_open(&d, 2);
    for (int i = 0; i < 300; i++) {
        drawing_process(&d, 100 + i);
        drawing_thread(&d, "MainThread", i == 0 || i > 250 ? "#####" : "zzzzz");
    }
    char *text = timeline_of(&d);
    assert_has(text, "\n389 MainThread ");
    assert_has(text, "\n100 MainThread ");
    assert_has(text, "\n+260 threads ");
    assert_has_not(text, "\n200 MainThread");
    free(text);
}

static void the_axis_has_round_ticks(void **state) {
    (void)state;
    static const struct {
        uint64_t ms_ns;
        const char *tick;
    } cases[] = {
        {1000 * MS, "|20 s"},  {37 * MS, "|1 s"}, {MS / 10, "|2 ms"},
        {MS / 1000, "|20 us"}, {1, "|0.02 us"},   {3600 * 1000 * MS, "|100000 s"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Drawing d;
        drawing_open(&d, 2);
        d.ms_ns = cases[i].ms_ns;
        drawing_process(&d, 100);
        drawing_thread_repeated(&d, "MainThread", "", "##########", 12);
        char *text = timeline_of(&d);
        assert_has(text, cases[i].tick);
        free(text);
    }
}

static void names_are_cut_and_made_printable(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const char *shown;
    } cases[] = {
        {"short", "short"},
        {"exactly ten", "exactly .."},
        {"\x1b[31mred", "?[31mred"},
        {"a\nb\x7f", "a?b?"},
        {"bad \xff\xc3", "bad ??"},
        {"\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87",
         "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87.."},
        {"r\xe2\x80\xaeight", "r?ight"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Buf out = {0};
        const int width = words_add_printable(&out, cases[i].name, 10);
        assert_string_equal(buf_text(&out), cases[i].shown);
        assert_true(width <= 10);
        buf_free(&out);
    }
}

static void durations_have_three_digits(void **state) {
    (void)state;
    static const struct {
        uint64_t ns;
        const char *text;
    } cases[] = {
        {0, "0 ns"},
        {999, "999 ns"},
        {1000, "1.00 us"},
        {12345, "12.3 us"},
        {999499, "999 us"},
        {999600, "1.00 ms"},
        {9995000, "10.0 ms"},
        {99960000, "100 ms"},
        {999600000, "1.00 s"},
        {61 * 1000 * MS, "61.0 s"},
        {3590 * 1000 * MS, "3590 s"},
        {7200 * 1000 * MS, "2.00 h"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(duration_text(cases[i].ns).text, cases[i].text);
    }
}

static void colour_is_added_and_ends(void **state) {
    (void)state;
    Drawing d;
    draw(&d, "##zz..##");
    has_colour = true;
    char *text = timeline_of(&d);
    has_colour = false;
    assert_has(text, "\033[0;38;5;208m...");
    /* The last of all sequences is back to normal. */
    const char *last = strrchr(text, '\033');
    assert_memory_equal(last, "\033[0m", 4);
    free(text);
    draw(&d, "##zz..##");
    text = timeline_of(&d);
    assert_has_not(text, "\033");
    free(text);
}

static void no_line_is_too_long(void **state) {
    (void)state;
    for (screen_width = 40; screen_width <= 200; screen_width += 10) {
        Drawing d;
        drawing_open(&d, 2);
        drawing_process(&d, 100);
        drawing_thread_repeated(&d, "a thread with a name that goes on and on", "",
                                "#####.....~~~~~x!-", 40);
        drawing_thread_repeated(&d, "b", "", ".....#####zzzzz.#=", 40);
        drawing_process(&d, 4194303);
        vec_last(&d.processes)->has_status = true;
        vec_last(&d.processes)->wait_status = 255 << 8;
        for (int i = 0; i < 60; i++) {
            drawing_thread(&d, "c", "##");
        }
        d.history.n_lost = 1234567890;
        char *text = timeline_of(&d);
        for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
            if (strlen(line) > (size_t)screen_width) {
                fail_msg("%zu at %d columns: %s", strlen(line), screen_width, line);
            }
        }
        free(text);
    }
    screen_width = 80;
}

static void lost_events_are_told(void **state) {
    (void)state;
    Drawing d;
    draw(&d, "####");
    d.history.n_lost = 12;
    char *text = timeline_of(&d);
    assert_has(text, "12 events found no room");
    free(text);
}

static void a_run_of_no_time_can_be_shown(void **state) {
    (void)state;
    Drawing d;
    draw(&d, "");
    char *text = timeline_of(&d);
    assert_has(text, "MainThread");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_shows_what_there_is_most_of),
        cmocka_unit_test(what_columns_had_to_omit_is_shown_in_the_next),
        cmocka_unit_test(nobody_is_shown_before_begin_and_after_end),
        cmocka_unit_test(short_life_is_seen),
        cmocka_unit_test(a_picture_at_80_columns),
        cmocka_unit_test(processes_have_headings),
        cmocka_unit_test(the_busiest_of_thousands_are_shown),
        cmocka_unit_test(processes_without_a_lane_share_one),
        cmocka_unit_test(the_axis_has_round_ticks),
        cmocka_unit_test(names_are_cut_and_made_printable),
        cmocka_unit_test(durations_have_three_digits),
        cmocka_unit_test(colour_is_added_and_ends),
        cmocka_unit_test(no_line_is_too_long),
        cmocka_unit_test(lost_events_are_told),
        cmocka_unit_test(a_run_of_no_time_can_be_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
