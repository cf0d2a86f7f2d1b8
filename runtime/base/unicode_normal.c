/* unicode_normal.c - normal forms: decompose, put marks in order, compose.
 *
 * Character by character and not by utf8proc_map, which refuses lone surrogates. */

#include "runtime/base/unicode_normal.h"

#include <utf8proc.h>

#include "runtime/base/mem.h"
#include "runtime/base/utf8.h"

enum { DECOMPOSITION_MAX = 32 }; /* the longest one has 18 characters */

/* The Hangul vowel before the trailing consonants. It composes with nothing, but utf8proc (2.8) takes it
 * for a consonant: so parts that begin with it are composed by themselves. */
enum { BEFORE_TRAILING = 0x11a7 };

typedef struct Characters {
    utf8proc_int32_t *items;
    size_t n;
    size_t capacity;
} Characters;

static int combining_class(utf8proc_int32_t c) {
    return utf8proc_get_property(c)->combining_class;
}

/* Marks behind one character come in the order of their classes. */
static void add_in_order(Characters *characters, utf8proc_int32_t c) {
    const int class = combining_class(c);
    size_t at = characters->n++;
    if (class != 0) {
        while (at > 0 && combining_class(characters->items[at - 1]) > class) {
            characters->items[at] = characters->items[at - 1];
            at--;
        }
    }
    characters->items[at] = c;
}

static void decompose(utf8proc_int32_t c, utf8proc_option_t options, Characters *out) {
    utf8proc_int32_t parts[DECOMPOSITION_MAX];
    int boundary = 0;
    utf8proc_ssize_t n =
        utf8proc_decompose_char(c, parts, DECOMPOSITION_MAX, options, &boundary);
    if (n < 1 || n > DECOMPOSITION_MAX) {
        parts[0] = c;
        n = 1;
    }
    if (out->n + DECOMPOSITION_MAX > out->capacity) {
        out->capacity = out->capacity * 2 + DECOMPOSITION_MAX;
        out->items = mem_resize(out->items, out->capacity, sizeof *out->items);
    }
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        add_in_order(out, parts[i]);
    }
}

static void add_part(const Characters *characters, size_t begin, size_t end,
                     bool is_composed, Buf *out) {
    utf8proc_int32_t *items = characters->items + begin;
    utf8proc_ssize_t n = (utf8proc_ssize_t)(end - begin);
    if (is_composed) {
        n = utf8proc_normalize_utf32(items, n, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    }
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        buf_add_utf8(out, (uint32_t)items[i]);
    }
}

void unicode_normalize(NormalForm form, const char *text, size_t n_bytes, Buf *out) {
    utf8proc_option_t options = UTF8PROC_DECOMPOSE;
    if (form.is_compatible) {
        options |= UTF8PROC_COMPAT;
    }
    Characters characters = {0};
    for (const char *at = text; at < text + n_bytes;) {
        size_t length;
        const uint32_t c = utf8_decode(at, &length);
        decompose((utf8proc_int32_t)c, options, &characters);
        at += length;
    }
    for (size_t begin = 0, end; begin < characters.n; begin = end) {
        end = begin + 1;
        while (end < characters.n && characters.items[end] != BEFORE_TRAILING) {
            end++;
        }
        add_part(&characters, begin, end, form.is_composed, out);
    }
    mem_free(characters.items);
}
