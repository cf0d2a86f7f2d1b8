/* outputs.c - views and where they go. See outputs.h. */

#include "interp/trace/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interp/gil.h"
#include "interp/trace/history_from_log.h"
#include "runtime/base/platform.h"

enum { TRACE_FILE, REPORT_FILE };

bool outputs_are_wanted(const Options *options) {
    return options->trace_file != NULL || options->report_file != NULL;
}

/* ---- Files ---- */

static const char *path_of(const Options *options, int i) {
    return i == TRACE_FILE ? options->trace_file : options->report_file;
}

static bool has_end(const char *path, const char *end) {
    const size_t n = strlen(path);
    const size_t n_end = strlen(end);
    return n >= n_end && strcmp(path + n - n_end, end) == 0;
}

/* Not emptied: that comes when there is something to write. */
static int open_file(const char *path) {
    if (has_end(path, ".mini") || has_end(path, ".py")) {
        fprintf(stderr, "mini: '%s' looks like a script; an option that writes a file is followed by its name\n", path);
        return -1;
    }
    const int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) {
        fprintf(stderr, "mini: cannot write '%s': %s\n", path, strerror(errno));
    }
    return file;
}

bool outputs_open(Outputs *outputs, const Options *options) {
    bool is_good = true;
    for (int i = 0; i < OUTPUTS_MAX; i++) {
        const char *path = path_of(options, i);
        outputs->files[i] = path != NULL && is_good ? open_file(path) : -1;
        is_good = is_good && (path == NULL || outputs->files[i] >= 0);
    }
    if (!is_good) {
        outputs_close(outputs);
    }
    return is_good;
}

void outputs_close(Outputs *outputs) {
    for (int i = 0; i < OUTPUTS_MAX; i++) {
        if (outputs->files[i] >= 0) {
            close(outputs->files[i]);
        }
    }
}

size_t outputs_descriptors(Outputs *outputs, int **descriptors) {
    size_t n = 0;
    for (int i = 0; i < OUTPUTS_MAX; i++) {
        if (outputs->files[i] >= 0) {
            descriptors[n++] = &outputs->files[i];
        }
    }
    return n;
}

/* ---- After the end ---- */

static bool is_alive(int64_t pid) {
    return kill((pid_t)pid, 0) == 0 || errno == EPERM;
}

static const char *shown_script(const Options *options) {
    switch (options->run) {
    case RUN_FILE: return options->what;
    case RUN_COMMAND: return "-c";
    case RUN_MODULE: return options->what;
    default: return "-";
    }
}

static void describe_run(History *history, const Options *options) {
    history->script = shown_script(options);
    history->mode = options->is_gil_enabled ? "gil" : "no-gil";
    history->policy = gil_policy_interval.name;
    history->interval_us = options->switch_interval_us;
    history->n_cores = (uint32_t)platform_core_count();
    history->seed = options->seed;
    history->has_seed = options->has_seed;
}

void outputs_make(const Outputs *outputs, const Log *log, const Options *options) {
    (void)outputs;
    History *history = history_from_log(log, is_alive);
    describe_run(history, options);
    history_free(history);
}
