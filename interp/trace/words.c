/* words.c - what the views call things. See words.h. */

#include "interp/trace/words.h"

#include <limits.h>
#include <stdio.h>
#include <sys/wait.h>
#include <utf8proc.h>

#include "interp/clock.h"
#include "runtime/base/utf8.h"
#include "runtime/block.h"

DurationText duration_text(uint64_t ns) {
    static const struct {
        uint64_t ns;
        const char *name;
    } units[] = {{3600 * CLOCK_NS_PER_S, "h"},
                 {CLOCK_NS_PER_S, "s"},
                 {CLOCK_NS_PER_MS, "ms"},
                 {CLOCK_NS_PER_US, "us"}};
    DurationText out;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        /* From where rounding gives at least 1.00 of this unit, so that nothing is called "1000 ms". */
        if (ns >= units[i].ns - units[i].ns / 2000) {
            const double value = (double)ns / (double)units[i].ns;
            const int n_decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
            snprintf(out.text, sizeof out.text, "%.*f %s", n_decimals, value,
                     units[i].name);
            return out;
        }
    }
    snprintf(out.text, sizeof out.text, "%u ns", (unsigned)ns);
    return out;
}

void words_add_count(Buf *out, uint64_t n, const char *noun) {
    const size_t length = strlen(noun);
    const bool is_sibilant = length >= 2 && (memcmp(noun + length - 2, "ch", 2) == 0 ||
                                             memcmp(noun + length - 2, "ss", 2) == 0);
    buf_add_format(out, "%llu %s%s", (unsigned long long)n, noun,
                   n == 1        ? ""
                   : is_sibilant ? "es"
                                 : "s");
}

static const char *reason_word(uint8_t reason) {
    static const char *const words[] = {
#define BLOCK(id, text, state) text,
#include "runtime/block_reasons.def"
#undef BLOCK
    };
    return reason < BLOCK_COUNT ? words[reason] : "wait";
}

const char *words_span(const HistorySpan *span) {
    switch (span->state) {
    case HISTORY_RUN: return "run";
    case HISTORY_GIL: return "wait for GIL";
    case HISTORY_STOP: return "stand still";
    default: return reason_word(span->reason);
    }
}

const char *words_drop(uint8_t drop) {
    static const char *const words[TRACE_DROP_COUNT] = {
        [TRACE_DROP_BLOCK] = "to block",
        [TRACE_DROP_INTERVAL] = "interval",
        [TRACE_DROP_EVERY] = "every N instructions",
        [TRACE_DROP_START] = "to a thread just started",
        [TRACE_DROP_STOP] = "world stopped",
        [TRACE_DROP_EXIT] = "thread ended",
    };
    return drop < TRACE_DROP_COUNT ? words[drop] : "unknown";
}

void words_add_place(Buf *out, const History *history, uint32_t place) {
    if (place != HISTORY_NONE) {
        buf_add_format(out, "%s:%u", history->places[place].file,
                       history->places[place].line);
    }
}

const char *words_base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

void words_add_short_place(Buf *out, const History *history, uint32_t place) {
    if (place != HISTORY_NONE) {
        const HistoryPlace *p = &history->places[place];
        buf_add_format(out, "%s:%u", words_base_name(p->file), p->line);
    }
}

void words_add_object_name(Buf *out, const History *history, uint32_t object) {
    if (object != HISTORY_NONE) {
        const HistoryObject *o = &history->objects[object];
        buf_add_text(out, o->kind);
        if (o->name[0] != '\0') {
            buf_add_format(out, " '%s'", o->name);
        }
    }
}

void words_add_object(Buf *out, const History *history, uint32_t object) {
    words_add_object_name(out, history, object);
    if (object != HISTORY_NONE && history->objects[object].name[0] == '\0' &&
        history->objects[object].made_at != HISTORY_NONE) {
        buf_add_text(out, " made at ");
        words_add_short_place(out, history, history->objects[object].made_at);
    }
}

void words_add_status(Buf *out, int wait_status) {
    if (WIFSIGNALED(wait_status)) {
        buf_add_format(out, "killed by signal %d", WTERMSIG(wait_status));
    } else {
        buf_add_format(out, "exit status %d", WEXITSTATUS(wait_status));
    }
}

/* The character at text; '?' for what cannot be printed. */
static uint32_t printable_at(const char *text, size_t n_left, size_t *n_bytes,
                             int *width) {
    *n_bytes = utf8_length((unsigned char)*text);
    uint32_t c = '?';
    if (*n_bytes > n_left || utf8_check(text, *n_bytes) != *n_bytes) {
        *n_bytes = 1;
    } else {
        c = utf8_decode(text, n_bytes);
    }
    *width = utf8proc_charwidth((utf8proc_int32_t)c);
    const utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    if (category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
        category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP) {
        c = '?';
        *width = 1;
    }
    return c;
}

static int width_of(const char *text) {
    const size_t n = strlen(text);
    int sum = 0;
    for (size_t i = 0, n_bytes; i < n && sum < INT_MAX - 2; i += n_bytes) {
        int width;
        printable_at(text + i, n - i, &n_bytes, &width);
        sum += width;
    }
    return sum;
}

int words_add_printable(Buf *out, const char *text, int width) {
    const bool is_cut = width_of(text) > width;
    const int room = is_cut ? width - 2 : width;
    const size_t n = strlen(text);
    int used = 0;
    for (size_t i = 0, n_bytes; i < n; i += n_bytes) {
        int w;
        const uint32_t c = printable_at(text + i, n - i, &n_bytes, &w);
        if (used + w > room) {
            break;
        }
        buf_add_utf8(out, c);
        used += w;
    }
    for (; is_cut && used < width; used++) {
        buf_add_byte(out, '.');
    }
    return used;
}
