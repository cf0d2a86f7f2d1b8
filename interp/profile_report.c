/* profile_report.c - --profile: what is printed at the end. See profile.h.
 *
 * Of each function (or, when nothing is marked, of all functions together) first the sum over all threads, then, when
 * there are several, each thread. The report is written in one piece, under a lock that the processes share. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interp/clock.h"
#include "interp/state.h"
#include "interp/watch.h"
#include "runtime/base/buf.h"
#include "runtime/base/mem.h"
#include "runtime/base/utf8.h"
#include "runtime/objects/exception.h"

enum {
    MAX_ROWS = 60,   /* functions of one table */
    MAX_BLOCKS = 16, /* threads of one function */
    CELL_CHARS = 10
};

typedef struct Report {
    Interp *interp;
    Context *cx;
    Profile *profile;
    Buf out;
} Report;

/* ---- Numbers ---- */

/* Four digits and a unit; "-" for nothing. */
static void add_time(Buf *out, uint64_t ns) {
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"s ", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}};
    char text[32] = "-   ";
    for (int i = 0; ns > 0 && i < 4; i++) {
        const double number = (double)ns / units[i].ns;
        if (number >= 1) {
            const int n_decimals = i == 3 || number >= 1000 ? 0
                                   : number >= 100          ? 1
                                   : number >= 10           ? 2
                                                            : 3;
            snprintf(text, sizeof text, "%.*f %s", n_decimals, number, units[i].name);
            break;
        }
    }
    buf_add_format(out, "%*s", CELL_CHARS, text);
}

static uint64_t run_ns(ProfileTime time) {
    const uint64_t waited_ns = time.gil_ns + time.wait_ns;
    return time.all_ns > waited_ns ? time.all_ns - waited_ns : 0;
}

/* Run, GIL, Wait. */
static void add_three(Buf *out, ProfileTime time) {
    add_time(out, run_ns(time));
    add_time(out, time.gil_ns);
    add_time(out, time.wait_ns);
}

static double percent(uint64_t part, uint64_t whole) {
    return whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
}

static void add_sum(ProfileTime *sum, ProfileTime more) {
    sum->all_ns += more.all_ns;
    sum->gil_ns += more.gil_ns;
    sum->wait_ns += more.wait_ns;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* ---- Entries ---- */

static ProfileEntry *entry_of(const ProfileThread *p, const ProfileFunction *function) {
    return function->number < p->n_entries ? p->entries[function->number] : NULL;
}

static void add_entry(ProfileEntry *sum, const ProfileEntry *entry, uint32_t n_lines) {
    sum->n_calls += entry->n_calls;
    add_sum(&sum->total, entry->total);
    add_sum(&sum->own, entry->own);
    for (uint32_t i = 0; sum->lines != NULL && entry->lines != NULL && i < n_lines; i++) {
        sum->lines[i].n_hits += entry->lines[i].n_hits;
        add_sum(&sum->lines[i].time, entry->lines[i].time);
    }
}

/* Over all threads; *n_threads: how many of them. */
static ProfileEntry sum_of(const Report *report, const ProfileFunction *function,
                           uint32_t *n_threads) {
    ProfileEntry sum = {0};
    *n_threads = 0;
    if (function->is_marked) {
        sum.lines = mem_alloc_zeroed(function->n_lines, sizeof *sum.lines);
    }
    for (const ProfileThread *p = report->profile->threads; p != NULL; p = p->next) {
        const ProfileEntry *entry = entry_of(p, function);
        if (entry != NULL) {
            add_entry(&sum, entry, function->n_lines);
            ++*n_threads;
        }
    }
    return sum;
}

static void add_thread_name(Buf *out, const ProfileThread *p) {
    if (p->name != NULL) {
        buf_add_text(out, p->name);
    } else {
        buf_add_format(out, p->number == 1 ? "MainThread" : "thread %llu",
                       (unsigned long long)p->number);
    }
}

/* The threads, the oldest first. */
static const ProfileThread **threads_in_order(const Report *report, size_t *n) {
    const ProfileThread *newest = report->profile->threads;
    size_t i = 0;
    for (const ProfileThread *p = newest; p != NULL; p = p->next) {
        i++;
    }
    *n = i;
    const ProfileThread **threads = mem_alloc((i + 1) * sizeof *threads);
    for (const ProfileThread *p = newest; p != NULL; p = p->next) {
        threads[--i] = p;
    }
    return threads;
}

/* ---- By line ---- */

static void add_source(Report *report, const ProfileFunction *function, uint32_t line) {
    Buf source = {0};
    ObjStr *filename = str_from_c(report->cx, function->filename);
    if (filename == NULL) {
        exc_take(report->cx);
    } else if (exc_source_line(report->cx, filename, line, &source)) {
        while (source.n_bytes > 0 &&
               strchr("\r\n \t", source.bytes[source.n_bytes - 1]) != NULL) {
            source.n_bytes--;
        }
        if (source.n_bytes > 0) {
            buf_add_text(&report->out, "  ");
            buf_add(&report->out, source.bytes, source.n_bytes);
        }
    }
    buf_free(&source);
}

static void add_line(Report *report, const ProfileFunction *function,
                     const ProfileEntry *entry, uint32_t i) {
    Buf *out = &report->out;
    const ProfileLine *line = &entry->lines[i];
    buf_add_format(out, "%6u", (unsigned)(function->first_line + i));
    if (line->n_hits > 0 || line->time.all_ns > 0) {
        buf_add_format(out, "%9llu", (unsigned long long)line->n_hits);
        add_three(out, line->time);
        add_time(out,
                 line->n_hits > 0 ? line->time.all_ns / line->n_hits : line->time.all_ns);
        buf_add_format(out, "%7.1f", percent(line->time.all_ns, entry->total.all_ns));
    } else {
        buf_add_repeated(out, ' ', 9 + 4 * CELL_CHARS + 7);
    }
    add_source(report, function, function->first_line + i);
    buf_add_byte(out, '\n');
}

static void add_lines(Report *report, const ProfileFunction *function,
                      const ProfileEntry *entry) {
    buf_add_text(
        &report->out,
        "  Line     Hits       Run       GIL      Wait   Per hit      %  Source\n");
    for (uint32_t i = 0; i < function->n_lines; i++) {
        add_line(report, function, entry, i);
    }
}

static void add_title(Report *report, const ProfileFunction *function,
                      const ProfileEntry *entry) {
    Buf *out = &report->out;
    buf_add_format(out, "\n%s (%s:%u): %llu call%s, ", function->name,
                   base_name(function->filename), (unsigned)function->first_line,
                   (unsigned long long)entry->n_calls, entry->n_calls == 1 ? "" : "s");
    BUF_IN_ROOM(time, 32);
    add_time(&time, entry->total.all_ns);
    const char *text = buf_text(&time);
    buf_add_text(out, text + strspn(text, " "));
    while (out->bytes[out->n_bytes - 1] == ' ') {
        out->n_bytes--;
    }
    buf_free(&time);
}

static void add_function(Report *report, const ProfileFunction *function) {
    Buf *out = &report->out;
    uint32_t n_threads;
    ProfileEntry sum = sum_of(report, function, &n_threads);
    add_title(report, function, &sum);
    if (n_threads > 1) {
        buf_add_format(out, " in %u threads, all together", (unsigned)n_threads);
    }
    buf_add_byte(out, '\n');
    if (n_threads > 0) {
        add_lines(report, function, &sum);
    }
    mem_free(sum.lines);
    size_t n;
    const ProfileThread **threads = threads_in_order(report, &n);
    uint32_t n_shown = 0;
    for (size_t i = 0; n_threads > 1 && i < n; i++) {
        const ProfileEntry *entry = entry_of(threads[i], function);
        if (entry != NULL && entry->lines != NULL && n_shown++ < MAX_BLOCKS) {
            add_title(report, function, entry);
            buf_add_text(out, " in ");
            add_thread_name(out, threads[i]);
            buf_add_byte(out, '\n');
            add_lines(report, function, entry);
        }
    }
    if (n_shown > MAX_BLOCKS) {
        buf_add_format(out, "\n%s: %u more threads\n", function->name,
                       (unsigned)(n_shown - MAX_BLOCKS));
    }
    mem_free(threads);
}

/* ---- By function ---- */

typedef struct Row {
    const ProfileFunction *function;
    ProfileEntry entry;
} Row;

static int compare_rows(const void *a, const void *b) {
    const Row *x = a;
    const Row *y = b;
    if (x->entry.own.all_ns != y->entry.own.all_ns) {
        return x->entry.own.all_ns < y->entry.own.all_ns ? 1 : -1;
    }
    return x->function->number < y->function->number
               ? -1
               : x->function->number > y->function->number;
}

static void add_row(Buf *out, const Row *row, uint64_t all_ns) {
    const ProfileEntry *entry = &row->entry;
    buf_add_format(out, "%9llu", (unsigned long long)entry->n_calls);
    add_time(out, entry->total.all_ns);
    add_three(out, entry->own);
    buf_add_format(out, "%7.1f  %s (%s:%u)\n", percent(entry->own.all_ns, all_ns),
                   row->function->name, base_name(row->function->filename),
                   (unsigned)row->function->first_line);
}

/* The functions of mini's own modules ("<threading.mini>") when they took a thousandth of the time; others always. */
static bool is_of_interest(const Row *row, uint64_t all_ns) {
    const char *filename = row->function->filename;
    return !(filename[0] == '<' && strstr(filename, ".mini>") != NULL) ||
           row->entry.own.all_ns > all_ns / 1000;
}

/* thread NULL: all together. */
static void add_table(Report *report, const ProfileThread *thread) {
    const Profile *profile = report->profile;
    Buf *out = &report->out;
    Row *rows = mem_alloc_zeroed(profile->functions.n + 1, sizeof *rows);
    size_t n = 0;
    uint64_t all_ns = 0;
    for (size_t i = 0; i < profile->functions.n; i++) {
        const ProfileFunction *function = profile->functions.items[i];
        const ProfileEntry *entry = thread == NULL ? NULL : entry_of(thread, function);
        uint32_t n_threads = entry != NULL;
        const ProfileEntry summed =
            thread == NULL ? sum_of(report, function, &n_threads) : (ProfileEntry){0};
        if (n_threads > 0) {
            rows[n++] = (Row){function, entry != NULL ? *entry : summed};
            all_ns += rows[n - 1].entry.own.all_ns;
        }
    }
    qsort(rows, n, sizeof *rows, compare_rows);
    buf_add_text(out,
                 "    Calls     Total   Own run   Own GIL  Own wait      %  Function\n");
    size_t n_shown = 0;
    for (size_t i = 0; i < n && n_shown < MAX_ROWS; i++) {
        if (is_of_interest(&rows[i], all_ns)) {
            add_row(out, &rows[i], all_ns);
            n_shown++;
        }
    }
    if (n > n_shown) {
        buf_add_format(out, "%9zu more function%s\n", n - n_shown,
                       n - n_shown == 1 ? "" : "s");
    }
    mem_free(rows);
}

static void add_tables(Report *report) {
    size_t n;
    Buf *out = &report->out;
    const ProfileThread **threads = threads_in_order(report, &n);
    buf_add_text(out, n > 1 ? "\nAll threads together\n" : "\n");
    add_table(report, NULL);
    for (size_t i = 0; n > 1 && i < n && i < MAX_BLOCKS; i++) {
        buf_add_byte(out, '\n');
        add_thread_name(out, threads[i]);
        buf_add_byte(out, '\n');
        add_table(report, threads[i]);
    }
    if (n > MAX_BLOCKS) {
        buf_add_format(out, "\n%zu more threads\n", n - MAX_BLOCKS);
    }
    mem_free(threads);
}

/* ---- The whole ---- */

/* What threads are at work on until the last moment. */
static void close_frames(Interp *interp, Thread *th) {
    for (const Thread *t = interp->threads; t != NULL; t = t->next) {
        struct Watch *watch = t->watch;
        profile_note_name(&th->cx, t);
        while (watch->n_frames > 0) {
            WatchFrame *frame = &watch->frames[--watch->n_frames];
            profile_leave(watch->profile, &frame->profile,
                          watch->n_frames > 0 ? &frame[-1].profile : NULL);
        }
    }
}

static const char *script_name(const Options *options) {
    switch (options->run) {
    case RUN_COMMAND: return "-c";
    case RUN_STDIN: return "standard input";
    default: return options->what;
    }
}

static void add_heading(Report *report) {
    Buf *out = &report->out;
    buf_add_format(out, "\nProfile of %s", script_name(report->interp->options));
    if (report->interp->n_forks > 0) {
        buf_add_format(out, ", process %ld", (long)getpid());
    }
    const bool is_by_line = report->profile->is_by_line;
    buf_add_format(out,
                   ", by %s. Run: at work; GIL: waiting for the lock;\nWait: for other "
                   "locks, input, output, sleep. ",
                   is_by_line ? "line" : "function");
    buf_add_text(out, is_by_line ? "A line's times include the functions that it calls.\n"
                                 : "Total includes the functions that it calls.\n");
}

/* All of it, whatever signals come; errors are nobody's business any more. */
static void write_out(const Profile *profile, const Buf *out) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (profile->lock_fd >= 0) {
        while (fcntl(profile->lock_fd, F_SETLKW, &lock) < 0 && errno == EINTR) {
        }
    }
    for (size_t i = 0; i < out->n_bytes;) {
        const ssize_t n = write(STDERR_FILENO, out->bytes + i, out->n_bytes - i);
        if (n < 0 && errno != EINTR) {
            break;
        }
        i += n > 0 ? (size_t)n : 0;
    }
    lock.l_type = F_UNLCK;
    if (profile->lock_fd >= 0) {
        fcntl(profile->lock_fd, F_SETLK, &lock);
    }
}

void profile_report(Interp *interp, Thread *th) {
    Report report = {.interp = interp, .cx = &th->cx, .profile = interp->profile};
    if (report.profile->functions.n == 0) {
        return; /* a syntax error, or no such file */
    }
    close_frames(interp, th);
    add_heading(&report);
    if (report.profile->is_by_line) {
        for (size_t i = 0; i < report.profile->functions.n; i++) {
            if (report.profile->functions.items[i]->is_marked) {
                add_function(&report, report.profile->functions.items[i]);
            }
        }
    } else {
        add_tables(&report);
    }
    write_out(report.profile, &report.out);
    buf_free(&report.out);
}
