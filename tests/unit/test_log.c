/* test_log.c - the log of events: chunks, texts, many writers at a time, and what happens when it is full. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "interp/trace/log.h"
#include "interp/trace/log_index.h"
#include "runtime/base/platform.h"

enum { ROOMY = 4 << 20, N_WRITERS = 8, N_EACH = 1000 };

static void write_numbers(LogWriter *writer, uint64_t n) {
    for (uint64_t i = 1; i <= n; i++) {
        log_write(writer, (TraceEvent){.time_ns = i, .kind = TRACE_RUN, .object = i});
    }
}

/* Asserts that the stream holds the numbers from 1 on; returns how many. */
static uint64_t count_numbers(const LogIndex *index, const LogStream *stream) {
    uint64_t n = 0;
    LogCursor cursor = log_cursor(index, stream);
    const TraceEvent *event;
    while ((event = log_next(&cursor)) != NULL) {
        if (event->kind == TRACE_RUN) {
            assert_int_equal(event->object, ++n);
        }
    }
    return n;
}

static void events_come_back_in_order(void **state) {
    (void)state;
    Log *log = log_open(ROOMY);
    LogWriter writer;
    log_writer_open(&writer, log, 1, 7);
    write_numbers(&writer, N_EACH);
    LogIndex index;
    log_index_open(&index, log);
    assert_int_equal(index.streams.n, 1);
    assert_int_equal(index.streams.items[0].process, 1);
    assert_int_equal(index.streams.items[0].thread, 7);
    assert_int_equal(index.streams.items[0].first_ns, 1);
    assert_int_equal(index.streams.items[0].last_ns, N_EACH);
    assert_int_equal(count_numbers(&index, &index.streams.items[0]), N_EACH);
    log_index_close(&index);
    log_close(log);
}

static uint32_t write_name(LogWriter *writer, const char *text, size_t n_bytes) {
    const uint32_t number = log_new_number(&writer->log->n_names);
    log_write_text(writer, (TraceEvent){.kind = TRACE_NAME, .place = number}, text, n_bytes);
    return number;
}

static uint32_t write_place(LogWriter *writer, const char *text, size_t n_bytes, uint32_t line) {
    const uint32_t number = log_new_number(&writer->log->n_names);
    log_write_text(writer, (TraceEvent){.kind = TRACE_PLACE, .place = number, .object = line}, text, n_bytes);
    return number;
}

static void texts_of_all_lengths(void **state) {
    (void)state;
    static char text[LOG_TEXT_MAX + 100];
    Log *log = log_open(ROOMY);
    LogWriter writer;
    log_writer_open(&writer, log, 1, 1);
    uint32_t numbers[200];
    for (size_t n = 0; n < 200; n++) {
        memset(text, 'a' + (char)(n % 26), n);
        numbers[n] = write_name(&writer, text, n);
        write_numbers(&writer, 1);
    }
    memset(text, 'x', sizeof text);
    const uint32_t cut = write_name(&writer, text, sizeof text);
    LogIndex index;
    log_index_open(&index, log);
    for (size_t n = 0; n < 200; n++) {
        const char *name = log_index_name(&index, numbers[n]);
        assert_non_null(name);
        assert_int_equal(strlen(name), n);
        assert_true(n == 0 || name[n - 1] == 'a' + (char)(n % 26));
    }
    assert_int_equal(strlen(log_index_name(&index, cut)), LOG_TEXT_MAX);
    assert_null(log_index_name(&index, cut + 1));
    log_index_close(&index);
    log_close(log);
}

static void equal_places_are_one(void **state) {
    (void)state;
    static const char f[] = "a.mini\0f";
    static const char g[] = "a.mini\0g";
    Log *log = log_open(ROOMY);
    LogWriter writer;
    log_writer_open(&writer, log, 1, 1);
    const uint32_t a = write_place(&writer, f, sizeof f - 1, 3);
    const uint32_t b = write_place(&writer, f, sizeof f - 1, 3);
    const uint32_t c = write_place(&writer, f, sizeof f - 1, 4);
    const uint32_t d = write_place(&writer, g, sizeof g - 1, 3);
    LogIndex index;
    log_index_open(&index, log);
    assert_int_equal(index.places.n, 3);
    assert_int_equal(log_index_place(&index, a), log_index_place(&index, b));
    assert_int_not_equal(log_index_place(&index, a), log_index_place(&index, c));
    assert_int_not_equal(log_index_place(&index, a), log_index_place(&index, d));
    const HistoryPlace *place = &index.places.items[log_index_place(&index, d)];
    assert_string_equal(place->file, "a.mini");
    assert_string_equal(place->function, "g");
    assert_int_equal(place->line, 3);
    assert_int_equal(log_index_place(&index, 0), HISTORY_NONE);
    log_index_close(&index);
    log_close(log);
}

static Log *shared_log;

static void run_writer(void *argument) {
    LogWriter writer;
    log_writer_open(&writer, shared_log, 1, (uint32_t)(uintptr_t)argument);
    write_numbers(&writer, N_EACH);
}

static void writers_do_not_meet(void **state) {
    (void)state;
    shared_log = log_open(ROOMY);
    PlatformThread threads[N_WRITERS];
    for (uintptr_t i = 0; i < N_WRITERS; i++) {
        assert_int_equal(platform_thread_start(&threads[i], 1 << 20, run_writer, (void *)(i + 1)), 0);
    }
    for (size_t i = 0; i < N_WRITERS; i++) {
        platform_thread_join(threads[i]);
    }
    LogIndex index;
    log_index_open(&index, shared_log);
    assert_int_equal(index.streams.n, N_WRITERS);
    for (size_t i = 0; i < N_WRITERS; i++) {
        assert_int_equal(count_numbers(&index, &index.streams.items[i]), N_EACH);
    }
    log_index_close(&index);
    log_close(shared_log);
}

/* What a killed child wrote is there; what it had only begun is not. */
static void a_killed_process_leaves_whole_events(void **state) {
    (void)state;
    Log *log = log_open(ROOMY);
    const pid_t child = fork();
    if (child == 0) {
        LogWriter writer;
        log_writer_open(&writer, log, 1, 1);
        write_numbers(&writer, 300);
        TraceEvent *begun = log_reserve(&writer, 1);
        begun->kind = TRACE_RUN;
        kill(getpid(), SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    LogIndex index;
    log_index_open(&index, log);
    assert_int_equal(count_numbers(&index, &index.streams.items[0]), 300);
    log_index_close(&index);
    log_close(log);
}

static void a_full_log_counts_what_it_loses(void **state) {
    (void)state;
    Log *log = log_open(4 * LOG_CHUNK_BYTES);      /* a header and three chunks */
    LogWriter one;
    LogWriter two;
    log_writer_open(&one, log, 1, 1);
    log_writer_open(&two, log, 1, 2);
    write_numbers(&two, 1);
    assert_int_equal(log->first_lost_ns, 0);
    write_numbers(&one, 2 * LOG_CHUNK_EVENTS + 5);
    assert_int_equal(log->n_lost, 5);
    assert_int_not_equal(log->first_lost_ns, 0);
    write_numbers(&one, 3);
    assert_int_equal(log->n_lost, 8);
    /* What has room left goes on. */
    log_write(&two, (TraceEvent){.time_ns = 2, .kind = TRACE_RUN, .object = 2});
    assert_int_equal(log->n_lost, 8);
    LogIndex index;
    log_index_open(&index, log);
    assert_int_equal(index.streams.n, 2);
    assert_int_equal(count_numbers(&index, &index.streams.items[0]), 2);
    assert_int_equal(count_numbers(&index, &index.streams.items[1]), 2 * LOG_CHUNK_EVENTS);
    log_index_close(&index);
    log_close(log);
}

static void sources_are_put_together(void **state) {
    (void)state;
    static char text[3 * LOG_TEXT_MAX];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)('a' + i % 25);
    }
    Log *log = log_open(ROOMY);
    LogWriter writer;
    log_writer_open(&writer, log, 1, 1);
    for (int times = 0; times < 2; times++) {
        const uint32_t file = write_name(&writer, "s.mini", 6);
        for (size_t at = 0; at < sizeof text; at += LOG_TEXT_MAX) {
            log_write_text(&writer, (TraceEvent){.kind = TRACE_SOURCE, .place = file, .object = at}, text + at,
                           LOG_TEXT_MAX);
        }
    }
    LogIndex index;
    log_index_open(&index, log);
    assert_int_equal(index.sources.n, 1);
    assert_string_equal(index.sources.items[0].file, "s.mini");
    assert_int_equal(index.sources.items[0].n_bytes, sizeof text);
    assert_memory_equal(index.sources.items[0].text, text, sizeof text);
    log_index_close(&index);
    log_close(log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_back_in_order),
        cmocka_unit_test(texts_of_all_lengths),
        cmocka_unit_test(equal_places_are_one),
        cmocka_unit_test(writers_do_not_meet),
        cmocka_unit_test(a_killed_process_leaves_whole_events),
        cmocka_unit_test(a_full_log_counts_what_it_loses),
        cmocka_unit_test(sources_are_put_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
