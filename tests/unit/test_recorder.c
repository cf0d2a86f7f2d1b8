/* test_recorder.c - the process behind --trace: it sees every end, is nobody's child, and writes what was logged. */

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "interp/clock.h"
#include "interp/trace/recorder.h"

static char path[64];

static int set_up(void **state) {
    (void)state;
    snprintf(path, sizeof path, "/tmp/mini-recorder-%d.json", (int)getpid());
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(path);
    return 0;
}

static Options options_for(const char *trace_file) {
    return (Options){
        .run = RUN_FILE,
        .what = "script.mini",
        .is_gil_enabled = true,
        .switch_interval_us = 5000,
        .trace_file = trace_file,
        .trace_memory_bytes = 1 << 20,
    };
}

/* A thread that runs, and what it waits in. */
static void write_some(Log *log) {
    LogWriter writer;
    log_writer_open(&writer, log, log_new_number(&log->n_processes), 1);
    const uint64_t now = clock_now_ns();
    log_write(&writer, (TraceEvent){.time_ns = now, .kind = TRACE_PROCESS_BEGIN, .object = (uint64_t)getpid()});
    log_write(&writer, (TraceEvent){.time_ns = now, .kind = TRACE_THREAD_BEGIN, .other = 1});
    log_write(&writer, (TraceEvent){.time_ns = now, .kind = TRACE_RUN});
}

/* Waits until the file is a whole trace. */
static void expect_trace(void) {
    char text[4096] = "";
    for (int i = 0; i < 2000; i++) {
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        const size_t n = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        text[n] = '\0';
        if (strstr(text, "\"traceEvents\"") != NULL && strstr(text, "MainThread") != NULL) {
            return;
        }
        usleep(10000);
    }
    fail_msg("no trace: %s", text);
}

/* A process that records and then ends in this way. Returns the status of its end. */
static int in_a_process(void (*end)(Recorder *recorder)) {
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const Options options = options_for(path);
        Recorder *recorder = recorder_start(&options);
        if (recorder == NULL || wait(NULL) != -1 || errno != ECHILD) {
            _exit(99);      /* the recorder is no child of ours */
        }
        write_some(recorder_log(recorder));
        end(recorder);
        _exit(98);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void finish(Recorder *recorder) {
    recorder_finish(recorder);
    /* Everything is written by now. */
    struct stat file;
    _exit(stat(path, &file) == 0 && file.st_size > 100 ? 7 : 97);
}

static void kill_self(Recorder *recorder) {
    (void)recorder;
    kill(getpid(), SIGKILL);
}

/* It does not end before we do: who waited for it would wait for ever. */
static void leave_a_child(Recorder *recorder) {
    const pid_t child = fork();
    if (child == 0) {
        recorder_leave(recorder);
        pause();
    }
    recorder_finish(recorder);
    kill(child, SIGKILL);
    _exit(7);
}

static void an_orderly_end_waits_for_the_views(void **state) {
    (void)state;
    const int status = in_a_process(finish);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    expect_trace();
}

static void a_killed_process_leaves_a_trace(void **state) {
    (void)state;
    const int status = in_a_process(kill_self);
    assert_true(WIFSIGNALED(status));
    expect_trace();
}

static void children_are_not_waited_for(void **state) {
    (void)state;
    const int status = in_a_process(leave_a_child);
    assert_int_equal(WEXITSTATUS(status), 7);
    expect_trace();
}

static void signals_of_the_terminal_do_not_reach_it(void **state) {
    (void)state;
    const pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        const Options options = options_for(path);
        Recorder *recorder = recorder_start(&options);
        write_some(recorder_log(recorder));
        usleep(50000);
        kill(0, SIGTERM);       /* to the whole group */
        pause();
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    expect_trace();
}

static void nothing_is_wanted(void **state) {
    (void)state;
    Options options = options_for(NULL);
    assert_false(recorder_is_wanted(&options));
    options.is_timeline = true;
    assert_true(recorder_is_wanted(&options));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_orderly_end_waits_for_the_views, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_killed_process_leaves_a_trace, set_up, tear_down),
        cmocka_unit_test_setup_teardown(children_are_not_waited_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(signals_of_the_terminal_do_not_reach_it, set_up, tear_down),
        cmocka_unit_test(nothing_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
