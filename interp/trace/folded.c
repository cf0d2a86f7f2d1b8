/* folded.c - --trace FILE.folded: where time went that was not spent running, for flame graphs.
 *
 *     process;thread;state;function (file:line) microseconds
 *
 * Semicolons divide frames and the last blank divides the figure, so neither is left in a name. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "interp/trace/views.h"
#include "interp/trace/words.h"
#include "runtime/base/vec.h"

/* What a thread waited for in one state at one place. */
typedef struct Wait {
    uint32_t thread;
    uint32_t place;
    const char *what; /* words_span: compared by address, each word has one */
    uint8_t state;
    uint64_t ns;
} Wait;

typedef VEC(Wait) Waits;

static int by_place(const void *a, const void *b) {
    const Wait *x = a;
    const Wait *y = b;
    if (x->state != y->state) {
        return x->state < y->state ? -1 : 1;
    }
    if (x->what != y->what) {
        return strcmp(x->what, y->what);
    }
    return (x->place > y->place) - (x->place < y->place);
}

/* A frame's text: a line and a semicolon end it, and control characters are nobody's name. */
static void add_frame(Buf *out, const char *text) {
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        buf_add_byte(out, c < 0x20 || c == 0x7F ? '?' : c == ';' ? ',' : (char)c);
    }
}

static void add_place(Buf *out, const History *history, uint32_t place) {
    if (place == HISTORY_NONE) {
        buf_add_text(out, ";(unknown)");
        return;
    }
    const HistoryPlace *p = &history->places[place];
    buf_add_byte(out, ';');
    add_frame(out, p->function[0] == '\0' ? "<module>" : p->function);
    buf_add_text(out, " (");
    add_frame(out, p->file);
    buf_add_format(out, ":%u)", p->line);
}

static void add_wait(Buf *out, const History *history, const Wait *wait) {
    const HistoryThread *thread = &history->threads[wait->thread];
    const HistoryProcess *process = &history->processes[thread->process];
    add_frame(out, history->script);
    buf_add_format(out, " (%lld);", (long long)process->pid);
    add_frame(out, thread->name);
    buf_add_format(out, ";%s", wait->what);
    add_place(out, history, wait->place);
    buf_add_format(out, " %" PRIu64 "\n", (wait->ns + 500) / 1000);
}

/* Sorts the waits and adds up those of one place; n becomes smaller. */
static void merge(Waits *waits) {
    if (waits->n < 2) {
        return;
    }
    qsort(waits->items, waits->n, sizeof *waits->items, by_place);
    size_t n = 1;
    for (size_t i = 1; i < waits->n; i++) {
        if (by_place(&waits->items[n - 1], &waits->items[i]) == 0) {
            waits->items[n - 1].ns += waits->items[i].ns;
        } else {
            waits->items[n++] = waits->items[i];
        }
    }
    waits->n = n;
}

static void collect(Waits *waits, const History *history, uint32_t thread) {
    const HistoryThread *t = &history->threads[thread];
    vec_clear(waits);
    for (size_t i = 0; i < t->n_spans; i++) {
        const HistorySpan *span = &t->spans[i];
        if (span->state != HISTORY_RUN) {
            vec_push(waits, (Wait){thread, span->place, words_span(span), span->state,
                                   span->end_ns - span->begin_ns});
        }
    }
    merge(waits);
}

bool view_folded(const History *history, FILE *out) {
    Waits waits = {0};
    Buf line = {0};
    for (uint32_t t = 0; t < history->n_threads; t++) {
        collect(&waits, history, t);
        for (size_t i = 0; i < waits.n; i++) {
            buf_clear(&line);
            /* What rounds to nothing is no stack. */
            if (waits.items[i].ns >= 500) {
                add_wait(&line, history, &waits.items[i]);
                fwrite(line.bytes, 1, line.n_bytes, out);
            }
        }
    }
    vec_free(&waits);
    buf_free(&line);
    return fflush(out) == 0 && !ferror(out);
}
