/* test_verdict.c - each kind of verdict: a history that earns it, and one that nearly does. */

#include "tests/unit/history_fixture.h"

#include <signal.h>

#include "interp/trace/verdict.h"

typedef struct Judged {
    Totals totals;
    Verdicts verdicts;
} Judged;

static void judge(Drawing *d, Judged *judged) {
    drawing_done(d);
    totals_open(&judged->totals, &d->history);
    verdicts_open(&judged->verdicts, &d->history, &judged->totals);
    assert_true(judged->verdicts.n > 0);
}

static void close(Drawing *d, Judged *judged) {
    verdicts_close(&judged->verdicts);
    totals_close(&judged->totals);
    drawing_close(d);
}

static const char *text_of(Judged *judged, VerdictKind kind) {
    for (size_t i = 0; i < judged->verdicts.n; i++) {
        if (judged->verdicts.items[i].kind == kind) {
            return buf_text(&judged->verdicts.items[i].text);
        }
    }
    return NULL;
}

/* The drawing is judged so first of all, in these words; then it is closed. */
static void assert_verdict(Drawing *d, VerdictKind kind, const char *text) {
    Judged judged;
    judge(d, &judged);
    assert_string_equal(verdict_name(judged.verdicts.items[0].kind), verdict_name(kind));
    assert_string_equal(buf_text(&judged.verdicts.items[0].text), text);
    close(d, &judged);
}

/* It is not judged so at all, but first of all so. */
static void assert_no_verdict(Drawing *d, VerdictKind kind, VerdictKind instead) {
    Judged judged;
    judge(d, &judged);
    assert_null(text_of(&judged, kind));
    assert_string_equal(verdict_name(judged.verdicts.items[0].kind),
                        verdict_name(instead));
    close(d, &judged);
}

static void start(Drawing *d, uint32_t n_cores, const char *mode) {
    drawing_open(d, n_cores);
    d->history.mode = mode;
    drawing_process(d, 100);
}

/* Serialized. */

static void two_that_compute_are_serialized(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "MainThread", "", "----------", 40);
    drawing_thread_repeated(&d, "a", "", "#####.....", 40);
    drawing_thread_repeated(&d, "b", "", ".....#####", 40);
    assert_verdict(&d, VERDICT_SERIALIZED,
                   "2 threads wanted the CPU, 1.00 ran on average; the GIL was held 100% "
                   "of the time, "
                   "79 forced switches. 2 cores could give 2.0x: try --no-gil");
}

static void one_core_gains_nothing(void **state) {
    (void)state;
    Drawing d;
    start(&d, 1, "gil");
    drawing_thread_repeated(&d, "a", "", "#####.....", 40);
    drawing_thread_repeated(&d, "b", "", ".....#####", 40);
    assert_verdict(&d, VERDICT_SERIALIZED,
                   "2 threads wanted the CPU, 1.00 ran on average; the GIL was held 100% "
                   "of the time, "
                   "79 forced switches. There is one core, so nothing would be faster "
                   "without the GIL");
}

static void phases_are_told_apart(void **state) {
    (void)state;
    Drawing d;
    start(&d, 4, "gil");
    drawing_thread_repeated(&d, "MainThread", "", "##########", 60);
    /* The last 40% of the time are shared by three. */
    Buf before = {0};
    buf_add_repeated(&before, ' ', 600);
    drawing_thread_repeated(&d, "a", buf_text(&before), "#####..........", 27);
    drawing_thread_repeated(&d, "b", buf_text(&before), ".....#####.....", 27);
    drawing_thread_repeated(&d, "c", buf_text(&before), "..........#####", 27);
    buf_free(&before);
    Judged judged;
    judge(&d, &judged);
    assert_string_equal(
        text_of(&judged, VERDICT_SERIALIZED),
        "3 threads wanted the CPU, 1.00 ran on average for 40% of the time; the GIL was "
        "held 100% of the time, 80 forced switches. 4 cores could give 1.4x: try "
        "--no-gil");
    close(&d, &judged);
}

static void a_busy_moment_is_not_serialized(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "a", "#####.....#####.....", "#####", 30);
    drawing_thread(&d, "b", ".....#####.....#####");
    assert_no_verdict(&d, VERDICT_SERIALIZED, VERDICT_COMPUTING);
}

/* Convoy. */

static void who_waits_for_the_lock_at_each_request_is_in_a_convoy(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    d.ms_ns = MS / 10;
    drawing_thread_repeated(
        &d, "hog", "", "##################################################..........",
        60);
    drawing_thread_repeated(
        &d, "echo", "", "..................................................#~~~~~~~~~",
        60);
    Judged judged;
    judge(&d, &judged);
    assert_string_equal(verdict_name(judged.verdicts.items[0].kind), "Convoy");
    assert_string_equal(
        text_of(&judged, VERDICT_CONVOY),
        "thread 'echo' waited 5.00 ms for the GIL after 59 of its 60 I/O calls, and ran "
        "6.00 ms in all");
    /* Without the lock it would not be faster: there is little that a second core could take over. */
    assert_null(text_of(&judged, VERDICT_SERIALIZED));
    assert_null(text_of(&judged, VERDICT_STARVED));
    close(&d, &judged);
}

static void short_waits_at_each_request_are_no_convoy(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "other", "", "##~~~~~~~~", 60);
    drawing_thread_repeated(&d, "echo", "", "..#~~~~~~~", 60);
    assert_no_verdict(&d, VERDICT_CONVOY, VERDICT_OVERLAPPED);
}

static void few_requests_are_no_convoy(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "hog", "", "#####.#####", 40);
    drawing_thread_repeated(&d, "echo", "~~~~~", ".....#~~~~~", 9);
    Judged judged;
    judge(&d, &judged);
    assert_null(text_of(&judged, VERDICT_CONVOY));
    close(&d, &judged);
}

/* Contended. */

static void draw_lock(Drawing *d, const char *a, const char *b, int n, bool has_owner) {
    start(d, 2, "gil");
    const uint32_t taken = drawing_place(d, "count.mini", 12, "count");
    const uint32_t lock = drawing_object(d, "Lock", "counter_lock", HISTORY_NONE);
    const uint32_t first = drawing_thread_repeated(d, "a", "", a, n);
    const uint32_t second = drawing_thread_repeated(d, "b", "", b, n);
    drawing_explain(d, first, HISTORY_LOCK, taken, lock,
                    has_owner ? second : HISTORY_NONE, taken);
    drawing_explain(d, second, HISTORY_LOCK, taken, lock,
                    has_owner ? first : HISTORY_NONE, taken);
}

static void a_lock_that_is_always_wanted_is_contended(void **state) {
    (void)state;
    Drawing d;
    draw_lock(&d, "#zzzzxxxxx", "xxxxx#zzzz", 20, true);
    assert_verdict(&d, VERDICT_CONTENDED,
                   "50% of the time of 2 threads went into waiting for Lock "
                   "'counter_lock', held by one "
                   "of them at a time at count.mini:12");
}

static void one_holder_is_named(void **state) {
    (void)state;
    Drawing d;
    draw_lock(&d, "##########", "xxxxxxxx##", 20, true);
    d.history.mode = "no-gil";
    Judged judged;
    judge(&d, &judged);
    assert_string_equal(
        text_of(&judged, VERDICT_CONTENDED),
        "80% of the time of 1 thread went into waiting for Lock 'counter_lock', held by "
        "thread 'a' at count.mini:12");
    close(&d, &judged);
}

static void a_lock_that_is_seldom_wanted_is_not_contended(void **state) {
    (void)state;
    Drawing d;
    draw_lock(&d, "##zzzzzzzx", "#xzzzzzzzz", 20, true);
    assert_no_verdict(&d, VERDICT_CONTENDED, VERDICT_OVERLAPPED);
}

static void a_lock_without_owner_is_a_signal(void **state) {
    (void)state;
    Drawing d;
    draw_lock(&d, "#zzzzxxxxx", "xxxxx#zzzz", 20, false);
    assert_no_verdict(&d, VERDICT_CONTENDED, VERDICT_WAITING);
}

/* Starved. */

static void who_waits_behind_long_calls_starves(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    const uint32_t sort = drawing_place(&d, "sort.mini", 7, "sorts");
    const char *long_call =
        "####################################################################"
        "####################################################################";
    Buf hog = {0};
    Buf other = {0};
    for (int i = 0; i < 4; i++) {
        buf_add_text(&hog, long_call);
        buf_add_text(&hog, ".....");
        buf_add_repeated(&other, '.', strlen(long_call));
        buf_add_text(&other, "#####");
    }
    const uint32_t holder = drawing_thread(&d, "hog", buf_text(&hog));
    drawing_thread(&d, "other", buf_text(&other));
    drawing_explain(&d, holder, HISTORY_RUN, sort, HISTORY_NONE, HISTORY_NONE,
                    HISTORY_NONE);
    buf_free(&hog);
    buf_free(&other);
    assert_verdict(&d, VERDICT_STARVED,
                   "thread 'other' wanted the CPU for 564 ms and ran 20.0 ms of it; an "
                   "even share was "
                   "282 ms. It waited up to 136 ms at once while thread 'hog' held it at "
                   "sort.mini:7");
}

static void who_waits_behind_many_starves_too(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    Buf calls[3] = {{0}, {0}, {0}};
    for (int i = 0; i < 3; i++) {
        for (int turn = 0; turn < 12; turn++) {
            buf_add_repeated(&calls[i], turn % 3 == i ? '#' : '.', 100);
        }
        drawing_thread(&d, drawing_name(&d, "hog %d", i), buf_text(&calls[i]));
        buf_free(&calls[i]);
    }
    Buf other = {0};
    buf_add_repeated(&other, '.', 1200);
    drawing_thread(&d, "other", buf_text(&other));
    buf_free(&other);
    Judged judged;
    judge(&d, &judged);
    assert_string_equal(
        text_of(&judged, VERDICT_STARVED),
        "thread 'other' wanted the CPU for 1.20 s and ran 0 ns of it; an even "
        "share was 300 ms. It waited up to 1.20 s at once while others held "
        "it in turns");
    close(&d, &judged);
}

static void who_gets_its_turns_does_not_starve(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "a", "", "##########.....", 30);
    drawing_thread_repeated(&d, "b", "", "..........#####", 30);
    assert_no_verdict(&d, VERDICT_STARVED, VERDICT_SERIALIZED);
}

/* Parallel. */

static void two_that_run_at_once_are_parallel(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "no-gil");
    drawing_thread_repeated(&d, "MainThread", "#", "----------", 10);
    drawing_thread_repeated(&d, "a", " ", "##########", 10);
    drawing_thread_repeated(&d, "b", " ", "##########", 10);
    d.history.cpu_ns = 199 * MS;
    assert_verdict(&d, VERDICT_PARALLEL, "1.97 of 2 cores busy; 2 threads ran at once");
}

static void processes_are_parallel(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "MainThread", "#", "----------", 10);
    drawing_process(&d, 101);
    drawing_thread_repeated(&d, "MainThread", " ", "##########", 10);
    drawing_process(&d, 102);
    drawing_thread_repeated(&d, "MainThread", " ", "##########", 10);
    assert_verdict(&d, VERDICT_PARALLEL, "1.99 of 2 cores busy; 2 processes ran at once");
}

static void one_after_another_is_not_parallel(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "no-gil");
    drawing_thread_repeated(&d, "a", "", "#####zzzzz", 20);
    drawing_thread_repeated(&d, "b", "", "zzzz#####z", 20);
    assert_no_verdict(&d, VERDICT_PARALLEL, VERDICT_COMPUTING);
}

/* A library that gives the GIL up does not wait for anybody. */
static void libraries_run_beside_the_holder_of_the_gil(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "MainThread", "", "----------", 20);
    drawing_thread_repeated(&d, "a", "", "#=========", 20);
    drawing_thread_repeated(&d, "b", "", "=#========", 20);
    assert_verdict(&d, VERDICT_PARALLEL, "2.00 of 2 cores busy; 2 threads ran at once");
}

/* Oversubscribed. */

static void more_threads_than_cores_are_oversubscribed(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "no-gil");
    for (int i = 0; i < 8; i++) {
        drawing_thread_repeated(&d, "worker", "", "##########", 10);
    }
    d.history.cpu_ns = 200 * MS;
    assert_verdict(&d, VERDICT_OVERSUBSCRIBED,
                   "8 threads on 2 cores; they had a core 25% of the time that they "
                   "could have used one");
}

static void as_many_threads_as_cores_are_not_oversubscribed(void **state) {
    (void)state;
    Drawing d;
    start(&d, 8, "no-gil");
    for (int i = 0; i < 8; i++) {
        drawing_thread_repeated(&d, "worker", "", "##########", 10);
    }
    assert_no_verdict(&d, VERDICT_OVERSUBSCRIBED, VERDICT_PARALLEL);
}

/* Unbalanced. */

static void one_with_most_of_the_work_is_unbalanced(void **state) {
    (void)state;
    Drawing d;
    start(&d, 4, "no-gil");
    drawing_thread_repeated(&d, "MainThread", "", "----------", 100);
    drawing_thread_repeated(&d, "big", "", "##########", 100);
    for (int i = 0; i < 3; i++) {
        drawing_thread_repeated(&d, "small", "", "##########", 20);
    }
    assert_verdict(&d, VERDICT_UNBALANCED,
                   "thread 'big' had work for 1.00 s, the other 3 200 ms on average; "
                   "evenly spread over 4 cores it would take 400 ms");
}

static void unbalanced_processes_are_found(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "MainThread", "", "----------", 100);
    drawing_process(&d, 101);
    drawing_thread_repeated(&d, "MainThread", "", "##########", 100);
    drawing_process(&d, 102);
    drawing_thread_repeated(&d, "MainThread", "", "##########", 20);
    assert_verdict(&d, VERDICT_UNBALANCED,
                   "process 101 had work for 1.00 s, the other 200 ms; evenly spread "
                   "over 2 cores it would take 600 ms");
}

static void a_little_more_work_is_not_unbalanced(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "no-gil");
    drawing_thread_repeated(&d, "MainThread", "", "----------", 100);
    drawing_thread_repeated(&d, "a", "", "##########", 100);
    drawing_thread_repeated(&d, "b", "", "##########", 60);
    assert_no_verdict(&d, VERDICT_UNBALANCED, VERDICT_PARALLEL);
}

/* On a machine that is busy otherwise. */
static void work_counts_not_when_the_system_runs_it(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "MainThread", "", "----------", 100);
    for (int i = 0; i < 2; i++) {
        drawing_process(&d, 101 + i);
        drawing_thread_repeated(&d, "MainThread", "", "##########", i == 0 ? 100 : 30);
        vec_last(&d.processes)->cpu_ns = 130 * MS;
    }
    assert_no_verdict(&d, VERDICT_UNBALANCED, VERDICT_COMPUTING);

    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "MainThread", "", "----------", 100);
    for (int i = 0; i < 2; i++) {
        drawing_process(&d, 101 + i);
        drawing_thread_repeated(&d, "MainThread", "", "##########", 100);
        vec_last(&d.processes)->cpu_ns = (i == 0 ? 130 : 13) * MS;
    }
    Judged judged;
    judge(&d, &judged);
    assert_string_equal(
        text_of(&judged, VERDICT_UNBALANCED),
        "process 101 had work for 130 ms, the other 13.0 ms; evenly spread "
        "over 2 cores it would take 71.5 ms");
    close(&d, &judged);
}

static void turns_under_one_lock_are_not_unbalanced(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "MainThread", "", "----------", 100);
    drawing_thread_repeated(&d, "a", "", "##########", 100);
    drawing_thread_repeated(&d, "b", "", "..........", 20);
    Judged judged;
    judge(&d, &judged);
    assert_null(text_of(&judged, VERDICT_UNBALANCED));
    close(&d, &judged);
}

/* Overlapped, Waiting, Computing. */

static void waits_at_once_are_overlapped(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "MainThread", "", "----------", 10);
    for (int i = 0; i < 5; i++) {
        drawing_thread_repeated(&d, "client", "", "~~~~~~~~~~", 10);
    }
    d.threads.items[1].spans[0].state = HISTORY_RUN;
    d.threads.items[1].spans[0].end_ns = 4 * MS;
    d.threads.items[1].n_spans = 1;
    d.threads.items[1].end_ns = 4 * MS;
    drawing_thread_repeated(&d, "client", "    ", "~~~~~~~~~~", 9);
    assert_verdict(&d, VERDICT_OVERLAPPED,
                   "5 threads waited for I/O at once; the GIL was idle 96% of the time");
}

static void sleeps_at_once_are_overlapped(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "no-gil");
    drawing_thread_repeated(&d, "a", "", "zzzzzzzzzz", 10);
    drawing_thread_repeated(&d, "b", "", "zzzzzzzzzz", 10);
    assert_verdict(&d, VERDICT_OVERLAPPED,
                   "2 threads slept at once; nothing ran 100% of the time");
}

static void waits_one_after_another_are_not_overlapped(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "MainThread", "", "----------", 10);
    drawing_thread_repeated(&d, "a", "", "~~~~~~~~~~", 5);
    drawing_thread(
        &d, "b",
        "                                                  ~~~~~~~~~~~~~~~~~~~~~~");
    assert_verdict(&d, VERDICT_WAITING,
                   "nothing ran 100% of the time: the threads waited for I/O");
}

static void one_thread_waits(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "MainThread", "###", "zzzzzzzzz#", 10);
    assert_verdict(&d, VERDICT_WAITING,
                   "nothing ran 87% of the time: the one thread slept");
}

static void one_thread_computes(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "MainThread", "", "#########~", 10);
    assert_verdict(&d, VERDICT_COMPUTING,
                   "the one thread ran 90% of the time; the other core was left unused");
}

/* The system runs who was woken late: nobody idles, and few compute. */
static void a_lock_on_its_way_is_no_waiting(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "MainThread", "#", "......", 10);
    drawing_thread(&d, "a", "......#");
    assert_verdict(
        &d, VERDICT_COMPUTING,
        "one of 2 threads at a time ran, 3% of the time; for 97% the GIL "
        "was on its way to a thread that the system had not woken yet; the other "
        "core was left unused");
}

static void naps_at_once_now_and_then_are_told(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread(&d, "MainThread", "zzzzzzzzzzzzzzzz----");
    drawing_thread(&d, "a", "                zzzz");
    drawing_thread(&d, "b", "                zzzz");
    assert_verdict(&d, VERDICT_WAITING,
                   "nothing ran 100% of the time: the threads slept, several at once for "
                   "20% of it");
}

/* Disturbed. */

static void who_has_no_core_is_disturbed(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "no-gil");
    for (int i = 0; i < 3; i++) {
        drawing_thread_repeated(&d, "worker", "", "##########", 10);
    }
    vec_last(&d.processes)->cpu_ns = 120 * MS;
    d.history.cpu_ns = 120 * MS;
    Judged judged;
    judge(&d, &judged);
    assert_string_equal(verdict_name(judged.verdicts.items[0].kind), "Oversubscribed");
    assert_string_equal(verdict_name(judged.verdicts.items[judged.verdicts.n - 1].kind),
                        "Disturbed");
    assert_string_equal(
        text_of(&judged, VERDICT_DISTURBED),
        "other programs had the cores for 40% of the time in which this one "
        "could have used them");
    close(&d, &judged);
}

static void more_threads_than_cores_are_not_disturbed(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "no-gil");
    for (int i = 0; i < 8; i++) {
        drawing_thread_repeated(&d, "worker", "", "##########", 10);
    }
    vec_last(&d.processes)->cpu_ns = 190 * MS;
    d.history.cpu_ns = 190 * MS;
    assert_no_verdict(&d, VERDICT_DISTURBED, VERDICT_OVERSUBSCRIBED);
}

static void a_process_that_was_killed_has_not_told_its_time(void **state) {
    (void)state;
    Drawing d;
    start(&d, 2, "gil");
    drawing_thread_repeated(&d, "MainThread", "", "##########", 10);
    vec_last(&d.processes)->cpu_ns = 10 * MS;
    vec_last(&d.processes)->has_status = true;
    vec_last(&d.processes)->wait_status = SIGKILL;
    d.history.cpu_ns = 10 * MS;
    assert_no_verdict(&d, VERDICT_DISTURBED, VERDICT_COMPUTING);
}

/* The words, and what to do about it. */

static void advice_follows_the_figures(void **state) {
    (void)state;
    Drawing d;
    start(&d, 4, "gil");
    drawing_thread_repeated(&d, "MainThread", "", "#########~", 10);
    Judged judged;
    judge(&d, &judged);
    Buf all = {0};
    verdict_add_text(&all, &judged.verdicts.items[0]);
    assert_string_equal(buf_text(&all),
                        "the one thread ran 90% of the time; the other 3 cores were left "
                        "unused. Processes, or threads with --no-gil, could use them");
    buf_free(&all);
    close(&d, &judged);
}

static void nothing_at_all_has_a_verdict(void **state) {
    (void)state;
    Drawing d;
    start(&d, 1, "gil");
    drawing_thread(&d, "MainThread", "");
    Judged judged;
    judge(&d, &judged);
    assert_int_equal(judged.verdicts.n, 1);
    close(&d, &judged);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_that_compute_are_serialized),
        cmocka_unit_test(one_core_gains_nothing),
        cmocka_unit_test(phases_are_told_apart),
        cmocka_unit_test(a_busy_moment_is_not_serialized),
        cmocka_unit_test(who_waits_for_the_lock_at_each_request_is_in_a_convoy),
        cmocka_unit_test(short_waits_at_each_request_are_no_convoy),
        cmocka_unit_test(few_requests_are_no_convoy),
        cmocka_unit_test(a_lock_that_is_always_wanted_is_contended),
        cmocka_unit_test(one_holder_is_named),
        cmocka_unit_test(a_lock_that_is_seldom_wanted_is_not_contended),
        cmocka_unit_test(a_lock_without_owner_is_a_signal),
        cmocka_unit_test(who_waits_behind_long_calls_starves),
        cmocka_unit_test(who_waits_behind_many_starves_too),
        cmocka_unit_test(who_gets_its_turns_does_not_starve),
        cmocka_unit_test(two_that_run_at_once_are_parallel),
        cmocka_unit_test(processes_are_parallel),
        cmocka_unit_test(one_after_another_is_not_parallel),
        cmocka_unit_test(libraries_run_beside_the_holder_of_the_gil),
        cmocka_unit_test(more_threads_than_cores_are_oversubscribed),
        cmocka_unit_test(as_many_threads_as_cores_are_not_oversubscribed),
        cmocka_unit_test(one_with_most_of_the_work_is_unbalanced),
        cmocka_unit_test(unbalanced_processes_are_found),
        cmocka_unit_test(a_little_more_work_is_not_unbalanced),
        cmocka_unit_test(work_counts_not_when_the_system_runs_it),
        cmocka_unit_test(turns_under_one_lock_are_not_unbalanced),
        cmocka_unit_test(waits_at_once_are_overlapped),
        cmocka_unit_test(sleeps_at_once_are_overlapped),
        cmocka_unit_test(waits_one_after_another_are_not_overlapped),
        cmocka_unit_test(one_thread_waits),
        cmocka_unit_test(one_thread_computes),
        cmocka_unit_test(a_lock_on_its_way_is_no_waiting),
        cmocka_unit_test(naps_at_once_now_and_then_are_told),
        cmocka_unit_test(who_has_no_core_is_disturbed),
        cmocka_unit_test(more_threads_than_cores_are_not_disturbed),
        cmocka_unit_test(a_process_that_was_killed_has_not_told_its_time),
        cmocka_unit_test(advice_follows_the_figures),
        cmocka_unit_test(nothing_at_all_has_a_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
