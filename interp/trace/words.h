/* words.h - what the views call things: durations, states, reasons, threads, places. */

#ifndef MINI_INTERP_TRACE_WORDS_H
#define MINI_INTERP_TRACE_WORDS_H

#include "interp/trace/history.h"
#include "runtime/base/buf.h"

typedef struct DurationText {
    char text[24];
} DurationText;

/* Three digits and a unit: "1.24 h", "1.24 s", "12.4 ms", "124 us", "0 ns". */
DurationText duration_text(uint64_t ns);

/* "1 thread", "2 threads", "3 switches". */
void words_add_count(Buf *out, uint64_t n, const char *noun);

/* The span in one or two words: "run", "wait for GIL", "read", "lock". */
const char *words_span(const HistorySpan *span);
/* Why a thread gave the GIL up: "interval", "to block". */
const char *words_drop(uint8_t drop);

/* "file:line", or "" for none. */
void words_add_place(Buf *out, const History *history, uint32_t place);
/* The same without the file's folders. */
void words_add_short_place(Buf *out, const History *history, uint32_t place);
/* The path without its folders. */
const char *words_base_name(const char *path);
/* "Lock 'counter_lock'", "Lock" when it has no name, or "" for none. */
void words_add_object_name(Buf *out, const History *history, uint32_t object);
/* The same, but "Lock made at file:line" when it has no name. */
void words_add_object(Buf *out, const History *history, uint32_t object);

/* How a process ended: "exit status 3", "killed by signal 9". */
void words_add_status(Buf *out, int wait_status);

/* text made printable on one line: control characters and what is no UTF-8 become '?'. At most `width` columns on a
 * terminal; a longer text ends in "..". Returns how many columns it takes. */
int words_add_printable(Buf *out, const char *text, int width);

#endif
