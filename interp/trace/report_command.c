/* report_command.c - reads trace files, writes one page. See report_command.h. */

#include "interp/trace/report_command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interp/source_file.h"
#include "interp/trace/trace_file.h"
#include "interp/trace/views.h"
#include "runtime/base/buf.h"
#include "runtime/base/mem.h"

enum { FAILED = 1, USAGE = 2 };

static const char usage_line[] = "usage: mini report TRACE [TRACE ...] -o FILE\n";
static const char help_text[] =
    "Makes one page, which needs no network, of traces that mini --trace wrote; several "
    "are shown\n"
    "on one time scale and compared.\n"
    "  TRACE           a trace file\n"
    "  -o FILE         the page; -: standard output\n"
    "  -h              this text\n"
    "A script in the current folder that is called report is run instead.\n";

static int complain(const char *message) {
    fprintf(stderr, "mini report: %s\n%s", message, usage_line);
    return USAGE;
}

static int fail(const char *what, const char *path, int error) {
    fprintf(stderr, "mini report: cannot %s '%s': [Errno %d] %s\n", what, path, error,
            strerror(error));
    return FAILED;
}

static int read_trace(const char *path, Buf *text) {
    const int error = source_read_file(path, text);
    if (error != 0) {
        return fail("read", path, error);
    }
    size_t line;
    const char *problem = trace_file_problem(text->bytes, text->n_bytes, &line);
    if (problem == NULL) {
        return 0;
    }
    fprintf(stderr, "mini report: '%s' is not a trace of mini: %s", path, problem);
    fprintf(stderr, line > 0 ? " (line %zu)\n" : "\n", line);
    return FAILED;
}

static int write_page(const char *path, const Buf *traces, size_t n_traces) {
    const bool is_stdout = strcmp(path, "-") == 0;
    FILE *out = is_stdout ? stdout : fopen(path, "wb");
    if (out == NULL) {
        return fail("write", path, errno);
    }
    const char **texts = mem_alloc(n_traces * sizeof *texts);
    size_t *n_bytes = mem_alloc(n_traces * sizeof *n_bytes);
    for (size_t i = 0; i < n_traces; i++) {
        texts[i] = traces[i].bytes;
        n_bytes[i] = traces[i].n_bytes;
    }
    errno = 0;
    bool is_ok = view_report(texts, n_bytes, n_traces, out);
    is_ok = (is_stdout || fclose(out) == 0) && is_ok;
    const int error = errno;
    mem_free(texts);
    mem_free(n_bytes);
    return is_ok ? 0 : fail("write", path, error);
}

/* Sorts the words: *out becomes the page's path, the traces move to the front of argv. Returns their number, or -1 when
 * there is nothing to do, and *status says why. */
static int read_words(int argc, char **argv, const char **out, int *status) {
    int n_traces = 0;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0) {
            fputs(usage_line, stdout);
            fputs(help_text, stdout);
            *status = 0;
            return -1;
        }
        if (strncmp(word, "-o", 2) != 0 && word[0] == '-') {
            char message[160];
            snprintf(message, sizeof message, "unknown option %.100s", word);
            *status = complain(message);
            return -1;
        }
        if (word[0] != '-') {
            argv[n_traces++] = argv[i];
            continue;
        }
        *out = word[2] != '\0' ? word + 2 : argv[++i];
        if (*out == NULL) {
            *status = complain("Argument expected for the -o option");
            return -1;
        }
    }
    if (n_traces == 0 || *out == NULL) {
        *status =
            complain(n_traces == 0 ? "which trace?" : "where to? Name the page with -o");
        return -1;
    }
    return n_traces;
}

int report_command(int argc, char **argv) {
    const char *out = NULL;
    int status = 0;
    const int n_traces = read_words(argc, argv, &out, &status);
    if (n_traces < 0) {
        return status;
    }
    Buf *traces = mem_alloc((size_t)n_traces * sizeof *traces);
    for (int i = 0; i < n_traces; i++) {
        buf_init(&traces[i]);
    }
    for (int i = 0; i < n_traces && status == 0; i++) {
        status = read_trace(argv[i], &traces[i]);
    }
    if (status == 0) {
        status = write_page(out, traces, (size_t)n_traces);
    }
    for (int i = 0; i < n_traces; i++) {
        buf_free(&traces[i]);
    }
    mem_free(traces);
    return status;
}
