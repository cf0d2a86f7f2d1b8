/* recorder.c - the process that makes the views. See recorder.h. */

#include "interp/trace/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interp/clock.h"
#include "interp/gil.h"
#include "interp/trace/history.h"
#include "interp/trace/outputs.h"
#include "runtime/base/mem.h"
#include "runtime/base/platform.h"

/* What a run may record unless MINI_TRACE_MEMORY says otherwise: 33 million events. */
static const size_t LOG_BYTES = (size_t)1 << 30;

struct Recorder {
    Log *log;
    int life;      /* the end that is written to, by nobody */
    int done;      /* the end that is read */
};

enum { FIRST_HIGH_DESCRIPTOR = 900, FIRST_KEPT = 3 };

/* ---- Descriptors ---- */

/* Out of the way of the script, which may count on the numbers of its descriptors. */
static int move_up(int descriptor) {
    if (descriptor < 0) {
        return descriptor;
    }
    const int high = fcntl(descriptor, F_DUPFD_CLOEXEC, FIRST_HIGH_DESCRIPTOR);
    if (high < 0) {
        fcntl(descriptor, F_SETFD, FD_CLOEXEC);
        return descriptor;
    }
    close(descriptor);
    return high;
}

static bool open_pipe(int ends[2]) {
    if (pipe(ends) != 0) {
        return false;
    }
    ends[0] = move_up(ends[0]);
    ends[1] = move_up(ends[1]);
    return true;
}

/* A pipe whose other end is held by this process alone says nothing until that ends. */
static void wait_for_end(int descriptor, bool is_patient) {
    char byte;
    ssize_t n;
    do {
        n = read(descriptor, &byte, 1);
    } while (n > 0 || (n < 0 && errno == EINTR && is_patient));
}

/* ---- The recorder's process ---- */

static void ignore_signals(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ, SIGTSTP, SIGTTOU};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        signal(numbers[i], SIG_IGN);
    }
}

/* Standard input and output become nothing: who waits for the end of the script's output must not wait for us. */
static void keep_descriptors(int *life, int *done, Outputs *outputs) {
    int *kept[2 + OUTPUTS_MAX] = {life, done};
    size_t n = 2 + outputs_descriptors(outputs, &kept[2]);
    const int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    for (size_t i = 0; i < n; i++) {
        *kept[i] = move_up(*kept[i]);
    }
    for (size_t i = 0; i < n; i++) {
        *kept[i] = dup2(*kept[i], FIRST_KEPT + (int)i);
    }
    platform_close_from(FIRST_KEPT + (int)n);
}

static _Noreturn void record(Log *log, const Options *options, Outputs *outputs, int life, int done) {
    setsid();
    ignore_signals();
    keep_descriptors(&life, &done, outputs);
    wait_for_end(life, true);
    log->end_ns = clock_now_ns();
    outputs_make(outputs, log, options);
    _exit(0);
}

/* The child ends at once, so that its child is an orphan. False with errno. */
static bool fork_twice(Recorder *recorder, const Options *options, Outputs *outputs, int life, int done) {
    const pid_t child = fork();
    if (child < 0) {
        return false;
    }
    if (child == 0) {
        if (fork() == 0) {
            close(recorder->life);
            close(recorder->done);
            record(recorder->log, options, outputs, life, done);
        }
        _exit(0);
    }
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return true;
}

/* ---- The first process ---- */

bool recorder_is_wanted(const Options *options) {
    return outputs_are_wanted(options);
}

static bool start(Recorder *recorder, const Options *options, Outputs *outputs) {
    int life[2];
    int done[2];
    recorder->log = log_open(options->trace_memory_bytes != 0 ? options->trace_memory_bytes : LOG_BYTES);
    if (recorder->log == NULL || !open_pipe(life) || !open_pipe(done)) {
        return false;
    }
    recorder->life = life[1];
    recorder->done = done[0];
    const bool is_forked = fork_twice(recorder, options, outputs, life[0], done[1]);
    close(life[0]);
    close(done[1]);
    return is_forked;
}

Recorder *recorder_start(const Options *options) {
    Outputs outputs;
    if (!outputs_open(&outputs, options)) {
        return NULL;
    }
    Recorder *recorder = mem_alloc_zeroed(1, sizeof *recorder);
    if (!start(recorder, options, &outputs)) {
        fprintf(stderr, "mini: cannot record: %s\n", strerror(errno));
        mem_free(recorder);
        recorder = NULL;
    }
    outputs_close(&outputs);
    return recorder;
}

Log *recorder_log(const Recorder *recorder) {
    return recorder->log;
}

void recorder_leave(const Recorder *recorder) {
    if (recorder != NULL) {
        close(recorder->life);
        close(recorder->done);
    }
}

void recorder_finish(const Recorder *recorder) {
    close(recorder->life);
    wait_for_end(recorder->done, false);
    close(recorder->done);
}
