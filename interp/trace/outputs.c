/* outputs.c - views and where they go. See outputs.h. */

#include "interp/trace/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "interp/gil.h"
#include "interp/trace/history_from_log.h"
#include "interp/trace/views.h"
#include "runtime/base/platform.h"

enum { TRACE_FILE, REPORT_FILE, USUAL_WIDTH = 80 };

bool outputs_are_wanted(const Options *options) {
    return options->is_timeline || options->is_stats || options->trace_file != NULL || options->report_file != NULL;
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

/* ---- Views ---- */

static int screen_width(void) {
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    const char *columns = getenv("COLUMNS");
    const int n = columns != NULL ? atoi(columns) : 0;
    return n > 0 ? n : USUAL_WIDTH;
}

static bool has_colour(void) {
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && (no_colour == NULL || no_colour[0] == '\0') &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static void complain(const char *path) {
    fprintf(stderr, "mini: cannot write '%s': %s\n", path, strerror(errno));
}

/* At once, so that what others write to the screen stands before or behind it. */
static void make_screen(const History *history, const Options *options) {
    static char buffer[1 << 16];
    setvbuf(stderr, buffer, _IOFBF, sizeof buffer);
    if (options->is_timeline) {
        (void)view_timeline(history, stderr, screen_width(), has_colour());
    }
    if (options->is_stats) {
        fputs(options->is_timeline ? "\n" : "", stderr);
        (void)view_stats(history, stderr, options->is_json);
    }
    fflush(stderr);
    setvbuf(stderr, NULL, _IONBF, 0);
}

static bool write_report(const History *history, FILE *out) {
    char *text = NULL;
    size_t n_bytes = 0;
    FILE *memory = open_memstream(&text, &n_bytes);
    if (memory == NULL) {
        return false;
    }
    bool is_good = view_trace_json(history, memory);
    is_good = fclose(memory) == 0 && is_good;
    const char *traces[] = {text};
    is_good = is_good && view_report(traces, &n_bytes, 1, out);
    free(text);
    return is_good;
}

static bool write_view(const History *history, int i, const char *path, FILE *out) {
    if (i == REPORT_FILE) {
        return write_report(history, out);
    }
    return has_end(path, ".folded") ? view_folded(history, out) : view_trace_json(history, out);
}

static void make_file(const History *history, int i, const char *path, int descriptor) {
    /* What is no ordinary file has nothing to lose. */
    (void)!ftruncate(descriptor, 0);
    FILE *out = fdopen(descriptor, "w");
    if (out == NULL) {
        complain(path);
        return;
    }
    errno = 0;
    const bool is_written = write_view(history, i, path, out);
    const int error = errno;
    const bool is_closed = fclose(out) == 0;
    if (!is_written || !is_closed) {
        errno = !is_written && error != 0 ? error : errno != 0 ? errno : EIO;
        complain(path);
    }
}

void outputs_make(const Outputs *outputs, const Log *log, const Options *options) {
    History *history = history_from_log(log, is_alive);
    describe_run(history, options);
    if (!atomic_load_acquire(&log->has_no_program)) { /* what was said about it is lost above an empty run */
        make_screen(history, options);
    }
    for (int i = 0; i < OUTPUTS_MAX; i++) {
        if (outputs->files[i] >= 0) {
            make_file(history, i, path_of(options, i), outputs->files[i]);
        }
    }
    history_free(history);
}
