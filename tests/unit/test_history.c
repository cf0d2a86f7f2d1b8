/* test_history.c - logs written by hand, and the history that is made of them. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "interp/trace/history_from_log.h"
#include "runtime/block.h"
#include "runtime/object.h"

/* Threads by their addresses; times in the tests count from this. */
enum { MAIN = 0x1000, WORKER = 0x2000, BEGIN = 1000, PID = 77 };

static Log *log_;
static LogWriter main_thread;
static LogWriter worker;

static void put(LogWriter *writer, uint64_t time, TraceEventKind kind, uint8_t detail, uint64_t object,
                uint64_t other) {
    log_write(writer, (TraceEvent){
        .time_ns = BEGIN + time,
        .kind = (uint8_t)kind,
        .detail = detail,
        .object = object,
        .other = other,
    });
}

static void begin_process(LogWriter *writer, uint32_t process, uint32_t parent, uint64_t time) {
    log_writer_open(writer, log_, process, 1);
    put(writer, time, TRACE_PROCESS_BEGIN, 0, PID + process, parent);
    put(writer, time, TRACE_MODE, 1, 5000, 0);
    put(writer, time, TRACE_THREAD_BEGIN, 0, 0x11, MAIN);
    put(writer, time, TRACE_RUN, 0, 0, 0);
}

static void begin_worker(uint64_t time) {
    log_writer_open(&worker, log_, 1, 2);
    put(&worker, time, TRACE_THREAD_BEGIN, 1, 0x22, WORKER);
}

static int set_up(void **state) {
    (void)state;
    log_ = log_open(1 << 20);
    begin_process(&main_thread, 1, 0, 0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    log_close(log_);
    return 0;
}

static void end_process(uint64_t time) {
    put(&main_thread, time, TRACE_THREAD_END, 0, 40, 0);
    put(&main_thread, time, TRACE_PROCESS_END, 0, 3 << 8, 50);
}

/* What must hold for every history. */
static void check(const History *history) {
    for (size_t i = 0; i < history->n_threads; i++) {
        const HistoryThread *thread = &history->threads[i];
        uint64_t at = thread->begin_ns;
        uint64_t sum = 0;
        for (size_t s = 0; s < thread->n_spans; s++) {
            assert_int_equal(thread->spans[s].begin_ns, at);
            assert_true(thread->spans[s].end_ns > at);
            at = thread->spans[s].end_ns;
        }
        assert_int_equal(at, thread->end_ns);
        for (int state = 0; state < HISTORY_STATE_COUNT; state++) {
            sum += thread->state_ns[state];
        }
        assert_int_equal(sum, thread->end_ns - thread->begin_ns);
    }
}

static History *read_log(void) {
    History *history = history_from_log(log_, NULL);
    check(history);
    return history;
}

static void expect_span(const HistoryThread *thread, size_t i, HistoryState state, uint64_t begin, uint64_t end) {
    assert_true(i < thread->n_spans);
    assert_int_equal(thread->spans[i].state, state);
    assert_int_equal(thread->spans[i].begin_ns, begin);
    assert_int_equal(thread->spans[i].end_ns, end);
}

static void one_thread_sleeps(void **state) {
    (void)state;
    put(&main_thread, 10, TRACE_BLOCK, BLOCK_SLEEP, 0, 0);
    put(&main_thread, 30, TRACE_RUN, 0, 0, 0);
    end_process(100);
    History *history = read_log();
    assert_int_equal(history->n_threads, 1);
    assert_int_equal(history->begin_ns, BEGIN);
    assert_int_equal(history->end_ns, 100);
    assert_int_equal(history->cpu_ns, 50);
    const HistoryThread *thread = &history->threads[0];
    assert_string_equal(thread->name, "MainThread");
    assert_int_equal(thread->n_spans, 3);
    expect_span(thread, 0, HISTORY_RUN, 0, 10);
    expect_span(thread, 1, HISTORY_SLEEP, 10, 30);
    expect_span(thread, 2, HISTORY_RUN, 30, 100);
    assert_int_equal(thread->spans[0].reason, TRACE_DROP_BLOCK);
    assert_int_equal(thread->spans[2].reason, TRACE_DROP_EXIT);
    assert_int_equal(thread->cpu_ns, 40);
    assert_int_equal(thread->n_voluntary, 1);
    assert_true(thread->has_end);
    assert_int_equal(history->n_processes, 1);
    assert_int_equal(history->processes[0].pid, PID + 1);
    assert_int_equal(history->processes[0].wait_status, 3 << 8);
    assert_int_equal(history->processes[0].parent, HISTORY_NONE);
    history_free(history);
}

static void the_gil_goes_to_who_asked(void **state) {
    (void)state;
    begin_worker(5);
    put(&worker, 6, TRACE_GIL_WAIT, 0, 0, MAIN);
    put(&main_thread, 20, TRACE_GIL_DROP, TRACE_DROP_INTERVAL, 0, 0);
    put(&worker, 22, TRACE_RUN, 0, 0, MAIN);
    put(&worker, 30, TRACE_THREAD_END, 0, 8, 0);
    put(&main_thread, 31, TRACE_RUN, 0, 0, WORKER);
    end_process(40);
    History *history = read_log();
    const HistoryThread *first = &history->threads[0];
    const HistoryThread *second = &history->threads[1];
    expect_span(first, 0, HISTORY_RUN, 0, 20);
    expect_span(first, 1, HISTORY_GIL, 20, 31);
    expect_span(second, 0, HISTORY_GIL, 5, 22);
    expect_span(second, 1, HISTORY_RUN, 22, 30);
    assert_true(second->is_daemon);
    assert_int_equal(second->spans[0].other, 0);
    assert_int_equal(first->n_forced, 1);
    assert_int_equal(first->spans[0].other, 1);
    assert_int_equal(history->n_handovers, 2);
    assert_int_equal(history->handovers[0].from_ns, 20);
    assert_int_equal(history->handovers[0].to_ns, 22);
    assert_int_equal(history->handovers[0].from, 0);
    assert_int_equal(history->handovers[0].to, 1);
    assert_int_equal(history->handovers[0].cause, TRACE_DROP_INTERVAL);
    assert_int_equal(history->handovers[0].asked_by, 1);
    assert_int_equal(history->handovers[1].cause, TRACE_DROP_EXIT);
    assert_int_equal(history->handovers[1].asked_by, HISTORY_NONE);
    history_free(history);
}

/* Nobody wanted it after all, and time of its own clock lies before the drop. */
static void a_run_taken_up_at_once_is_one(void **state) {
    (void)state;
    put(&main_thread, 20, TRACE_GIL_DROP, TRACE_DROP_EVERY, 0, 0);
    put(&main_thread, 0, TRACE_RUN, 0, 0, 0);
    end_process(40);
    History *history = read_log();
    assert_int_equal(history->threads[0].n_spans, 1);
    expect_span(&history->threads[0], 0, HISTORY_RUN, 0, 40);
    history_free(history);
}

static void a_lock_has_name_maker_and_owner(void **state) {
    (void)state;
    static const char made[] = "s.mini";
    static const char source[] = "import threading\nbig_lock = threading.Lock()\n";
    log_write_text(&main_thread, (TraceEvent){.kind = TRACE_PLACE, .place = 1, .object = 2}, made, sizeof made);
    log_write_text(&main_thread, (TraceEvent){.kind = TRACE_PLACE, .place = 2, .object = 9}, "s.mini\0work", 11);
    log_write_text(&main_thread, (TraceEvent){.kind = TRACE_NAME, .place = 3}, made, sizeof made - 1);
    log_write_text(&main_thread, (TraceEvent){.kind = TRACE_SOURCE, .place = 3}, source, sizeof source - 1);
    log_->n_names = 3;
    log_->n_objects = 1;
    log_write(&main_thread, (TraceEvent){.kind = TRACE_OBJECT, .kind_of = KIND_LOCK, .object = 1, .place = 1});
    begin_worker(5);
    put(&worker, 5, TRACE_RUN, 0, 0, 0);
    log_write(&worker, (TraceEvent){
        .time_ns = BEGIN + 10,
        .kind = TRACE_BLOCK,
        .detail = BLOCK_LOCK,
        .kind_of = KIND_LOCK,
        .object = (uint64_t)2 << 32 | 1,
        .other = MAIN,
        .place = 2,
    });
    end_process(40);
    History *history = read_log();
    const HistorySpan *span = &history->threads[1].spans[1];
    assert_int_equal(span->state, HISTORY_LOCK);
    assert_int_equal(span->other, 0);
    assert_int_equal(history->places[span->other_place].line, 9);
    assert_string_equal(history->places[span->place].function, "work");
    assert_int_equal(history->n_objects, 1);
    assert_string_equal(history->objects[0].kind, "Lock");
    assert_string_equal(history->objects[0].name, "big_lock");
    assert_int_equal(history->places[history->objects[0].made_at].line, 2);
    assert_int_equal(history->n_sources, 1);
    assert_string_equal(history->sources[0].text, source);
    history_free(history);
}

static void a_collection_stands_still(void **state) {
    (void)state;
    put(&main_thread, 10, TRACE_COLLECT_BEGIN, 0, 0, 0);
    put(&main_thread, 12, TRACE_RUN, 0, 0, 0);          /* had to wait for another stopper */
    put(&main_thread, 20, TRACE_COLLECT_END, 0, 4096, 0);
    put(&main_thread, 30, TRACE_COLLECT_BEGIN, 0, 0, 0);
    put(&main_thread, 31, TRACE_COLLECT_END, 1, 0, 0);  /* somebody had done it */
    end_process(40);
    History *history = read_log();
    expect_span(&history->threads[0], 1, HISTORY_STOP, 10, 20);
    assert_int_equal(history->threads[0].spans[1].other, 0);
    assert_int_equal(history->n_collections, 1);
    assert_int_equal(history->collections[0].begin_ns, 10);
    assert_int_equal(history->collections[0].end_ns, 20);
    assert_int_equal(history->collections[0].live_bytes, 4096);
    history_free(history);
}

static void a_killed_child_ends_with_the_signal(void **state) {
    (void)state;
    LogWriter child;
    put(&main_thread, 10, TRACE_FORK, 0, PID + 2, 0);
    begin_process(&child, 2, 1, 11);
    put(&main_thread, 50, TRACE_SIGNAL, SIGKILL, PID + 2, 0);
    put(&main_thread, 90, TRACE_CHILD_END, 0, PID + 2, SIGKILL);
    end_process(100);
    History *history = read_log();
    assert_int_equal(history->n_processes, 2);
    assert_int_equal(history->processes[1].parent, 0);
    assert_int_equal(history->processes[1].begin_ns, 10);    /* as its parent saw it */
    assert_int_equal(history->processes[1].end_ns, 50);
    assert_int_equal(history->processes[1].wait_status, SIGKILL);
    assert_false(history->threads[1].has_end);
    expect_span(&history->threads[1], 0, HISTORY_RUN, 10, 50);
    history_free(history);
}

/* One is killed before the system lets it run, and its pid is used again by another that runs before its parent does. */
static void a_child_without_a_word_is_known_from_its_fork(void **state) {
    (void)state;
    LogWriter child;
    put(&main_thread, 10, TRACE_FORK, 0, PID + 2, 0);
    put(&main_thread, 20, TRACE_SIGNAL, SIGTERM, PID + 2, 0);
    put(&main_thread, 25, TRACE_CHILD_END, 0, PID + 2, SIGTERM);
    put(&main_thread, 30, TRACE_FORK, 0, PID + 2, 0);
    begin_process(&child, 2, 1, 31);
    put(&main_thread, 40, TRACE_CHILD_END, 0, PID + 2, 1 << 8);
    put(&main_thread, 51, TRACE_FORK, 0, PID + 3, 0);
    begin_process(&child, 3, 1, 50);
    put(&main_thread, 60, TRACE_CHILD_END, 0, PID + 3, 0);
    end_process(100);
    History *history = read_log();
    static const struct { uint64_t begin, end; int status; } expected[] = {
        {0, 100, 3 << 8}, {30, 40, 1 << 8}, {50, 60, 0}, {10, 20, SIGTERM},
    };
    assert_int_equal(history->n_processes, 4);
    for (size_t i = 0; i < 4; i++) {
        const HistoryProcess *process = &history->processes[i];
        assert_int_equal(process->begin_ns, expected[i].begin);
        assert_int_equal(process->end_ns, expected[i].end);
        assert_int_equal(process->wait_status, expected[i].status);
        assert_int_equal(process->n_threads, 1);
        assert_string_equal(history->threads[process->first_thread].name, "MainThread");
    }
    expect_span(&history->threads[history->processes[3].first_thread], 0, HISTORY_RUN, 10, 20);
    history_free(history);
}

/* Between its first word and its first run the system may take its time: without a lock nobody waits for that. */
static void without_the_gil_a_thread_is_born_running(void **state) {
    (void)state;
    put(&main_thread, 4, TRACE_MODE, 0, 5000, 0);
    begin_worker(5);
    put(&worker, 25, TRACE_RUN, 0, 0, 0);
    put(&worker, 30, TRACE_THREAD_END, 0, 8, 0);
    end_process(40);
    History *history = read_log();
    assert_int_equal(history->threads[1].n_spans, 1);
    expect_span(&history->threads[1], 0, HISTORY_RUN, 5, 30);
    history_free(history);
}

static bool lives(int64_t pid) {
    return pid == PID + 2;
}

static void ends_that_nobody_told(void **state) {
    (void)state;
    LogWriter child;
    LogWriter other;
    begin_process(&child, 2, 1, 11);
    begin_process(&other, 3, 1, 12);
    put(&other, 20, TRACE_BLOCK, BLOCK_SLEEP, 0, 0);
    log_->end_ns = BEGIN + 70;
    History *history = history_from_log(log_, lives);
    check(history);
    assert_int_equal(history->processes[0].end_ns, 70);      /* killed: seen by the recorder */
    assert_false(history->processes[0].has_status);
    assert_int_equal(history->processes[1].end_ns, 70);      /* still lives */
    assert_int_equal(history->processes[2].end_ns, 20);      /* gone: its last event */
    history_free(history);
}

/* The address of a thread that has ended is used again. */
static void addresses_are_used_again(void **state) {
    (void)state;
    begin_worker(5);
    put(&worker, 6, TRACE_RUN, 0, 0, 0);
    put(&worker, 9, TRACE_THREAD_END, 0, 1, 0);
    put(&main_thread, 10, TRACE_GIL_DROP, TRACE_DROP_START, 0, WORKER);   /* to one that has not begun */
    LogWriter third;
    log_writer_open(&third, log_, 1, 3);
    put(&third, 12, TRACE_THREAD_BEGIN, 0, 0x22, WORKER);
    put(&third, 13, TRACE_RUN, 0, 0, MAIN);
    put(&third, 15, TRACE_BLOCK, BLOCK_LOCK, 0, WORKER);
    end_process(20);
    History *history = read_log();
    assert_int_equal(history->n_threads, 3);
    assert_int_equal(history->threads[0].spans[1].other, 2);
    assert_int_equal(history->threads[2].spans[2].other, 2);
    assert_int_equal(history->n_handovers, 1);
    assert_int_equal(history->handovers[0].to, 2);
    history_free(history);
}

static void calls_are_nested(void **state) {
    (void)state;
    log_->n_names = 2;
    log_write_text(&main_thread, (TraceEvent){.kind = TRACE_PLACE, .place = 1, .object = 1}, "s\0f", 3);
    log_write_text(&main_thread, (TraceEvent){.kind = TRACE_PLACE, .place = 2, .object = 2}, "s\0g", 3);
    static const struct { uint64_t time; TraceEventKind kind; uint32_t place; } events[] = {
        {1, TRACE_CALL, 1}, {2, TRACE_CALL, 2}, {3, TRACE_CALL, 2},
        {5, TRACE_RETURN, 1},                              /* an exception went through both */
        {6, TRACE_RETURN, 2},                              /* of nobody */
        {7, TRACE_CALL, 2},
    };
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        log_write(&main_thread, (TraceEvent){
            .time_ns = BEGIN + events[i].time,
            .kind = (uint8_t)events[i].kind,
            .place = events[i].place,
        });
    }
    end_process(9);
    History *history = read_log();
    static const uint64_t times[][2] = {{1, 5}, {2, 5}, {3, 5}, {7, 9}};
    assert_int_equal(history->n_calls, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(history->calls[i].begin_ns, times[i][0]);
        assert_int_equal(history->calls[i].end_ns, times[i][1]);
    }
    history_free(history);
}

static void a_thread_ends_where_events_were_lost(void **state) {
    (void)state;
    begin_worker(5);
    put(&worker, 6, TRACE_RUN, 0, 0, 0);
    log_->n_lost = 12;
    log_->first_lost_ns = BEGIN + 30;
    log_->end_ns = BEGIN + 100;
    History *history = read_log();
    assert_int_equal(history->n_lost, 12);
    assert_int_equal(history->threads[1].end_ns, 30);
    assert_int_equal(history->end_ns, 100);
    history_free(history);
}

/* Two threads that hand the GIL to each other, half a million events each. */
static void a_million_events(void **state) {
    (void)state;
    enum { ROUNDS = 250000 };
    log_close(log_);
    log_ = log_open((size_t)64 << 20);
    begin_process(&main_thread, 1, 0, 0);
    begin_worker(1);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        put(&main_thread, 4 * i + 4, TRACE_GIL_DROP, TRACE_DROP_INTERVAL, 0, 0);
        put(&worker, 4 * i + 5, TRACE_RUN, 0, 0, MAIN);
        put(&worker, 4 * i + 6, TRACE_GIL_DROP, TRACE_DROP_INTERVAL, 0, 0);
        put(&main_thread, 4 * i + 7, TRACE_RUN, 0, 0, WORKER);
    }
    end_process(4 * ROUNDS + 8);
    const clock_t begin = clock();
    History *history = history_from_log(log_, NULL);
    const double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    check(history);
    assert_int_equal(history->n_handovers, 2 * ROUNDS);
    assert_int_equal(history->threads[0].n_forced, ROUNDS);
    print_message("[          ] %.3f s of processor time\n", seconds);
    history_free(history);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_thread_sleeps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_gil_goes_to_who_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_run_taken_up_at_once_is_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lock_has_name_maker_and_owner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_collection_stands_still, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_killed_child_ends_with_the_signal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_child_without_a_word_is_known_from_its_fork, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_the_gil_a_thread_is_born_running, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ends_that_nobody_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(addresses_are_used_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(calls_are_nested, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_thread_ends_where_events_were_lost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_million_events, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
