/* text_ops.h - what the methods of str and of bytes have in common: splitting,
 * replacing, stripping.
 *
 * A TextRun is the text of a str or the bytes of a bytes. It is valid as long as
 * `owner` is reachable. */

#ifndef MINI_OBJECTS_TEXT_OPS_H
#define MINI_OBJECTS_TEXT_OPS_H

#include "runtime/objects/bytes.h"
#include "runtime/objects/str.h"

typedef struct TextRun {
    const char *data;
    size_t n_bytes;
    bool is_str;
    bool is_ascii; /* of a str: no look at single characters needed */
    Value owner;
} TextRun;

static inline TextRun text_of_str(ObjStr *s) {
    return (TextRun){s->data, s->n_bytes, true, str_is_ascii(s), OBJ_VALUE(s)};
}

static inline TextRun text_of_bytes(ObjBytes *bytes) {
    return (TextRun){bytes->data, bytes->n_bytes, false, true, OBJ_VALUE(bytes)};
}

/* A piece of the run as a value of its type; the owner itself when it is all of it and
 * exact. */
Value text_piece(Context *cx, const TextRun *run, const char *data, size_t n_bytes);

/* Lists of pieces; n_max < 0: no limit. n_separator > 0. */
Value text_split(Context *cx, const TextRun *run, const char *separator,
                 size_t n_separator, int64_t n_max);
Value text_split_last(Context *cx, const TextRun *run, const char *separator,
                      size_t n_separator, int64_t n_max);
Value text_split_space(Context *cx, const TextRun *run, int64_t n_max);
Value text_split_space_last(Context *cx, const TextRun *run, int64_t n_max);
Value text_split_lines(Context *cx, const TextRun *run, bool keeps_ends);

/* A tuple of three: before, separator, after. is_last: at the last place. */
Value text_partition(Context *cx, const TextRun *run, const TextRun *separator,
                     bool is_last);

/* Up to n_max replacements (< 0: all). */
Value text_replace(Context *cx, const TextRun *run, const TextRun *old,
                   const TextRun *new_text, int64_t n_max);

/* Without white space (set == NULL) or the characters of set at its ends. */
enum { TEXT_LEFT = 1, TEXT_RIGHT = 2 };
Value text_strip(Context *cx, const TextRun *run, const TextRun *set, int sides);

/* Each tab becomes spaces up to the next multiple of tab_size. */
Value text_expand_tabs(Context *cx, const TextRun *run, int64_t tab_size);

/* Whether a loop over v would begin: for the messages of join() and bytes(). */
bool text_is_iterable(Context *cx, Value v);

/* The position arguments of find() and its like, for a length of n: None or VALUE_UNSET
 * is the default. */
bool text_bounds(Context *cx, Value start, Value end, size_t n, size_t *from, size_t *to);

#endif
