/* text_ops.c - what the methods of str and of bytes have in common. */

#include "runtime/objects/text_ops.h"

#include "runtime/base/search.h"
#include "runtime/base/utf8.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/tuple.h"
#include "runtime/objects/unicode.h"

/* Room for the pieces of a split before the list has to grow. */
enum { PIECES_FIRST = 8 };

Value text_piece(Context *cx, const TextRun *run, const char *data, size_t n_bytes) {
    if (LIKELY(run->is_str && run->is_ascii && n_bytes < run->n_bytes)) {
        ObjStr *s = str_new_ascii(cx, data, n_bytes);
        return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
    }
    if (n_bytes == run->n_bytes &&
        IS_EXACT(run->owner, run->is_str ? KIND_STR : KIND_BYTES)) {
        return run->owner;
    }
    if (!run->is_str) {
        ObjBytes *bytes = bytes_new(cx, data, n_bytes);
        return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
    }
    ObjStr *s =
        run->is_ascii ? str_new_ascii(cx, data, n_bytes) : str_new(cx, data, n_bytes);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

static bool add_piece(Context *cx, const TextRun *run, ObjList *list, const char *from,
                      const char *to) {
    const Value piece = text_piece(cx, run, from, (size_t)(to - from));
    if (LIKELY(list->n < list->items->capacity && !IS_ERROR(piece))) {
        /* Nobody else knows the list yet. */
        list->items->items[list->n++] = piece;
        return true;
    }
    return !IS_ERROR(piece) && list_append(cx, list, piece);
}

/* Splitting by a separator */

Value text_split(Context *cx, const TextRun *run, const char *separator,
                 size_t n_separator, int64_t n_max) {
    ObjList *list = list_new(cx, PIECES_FIRST);
    if (list == NULL) {
        return VALUE_ERROR;
    }
    const char *at = run->data;
    const char *end = run->data + run->n_bytes;
    for (; n_max != 0; n_max--) {
        const char *found = search_find(at, (size_t)(end - at), separator, n_separator);
        if (found == NULL) {
            break;
        }
        if (!add_piece(cx, run, list, at, found)) {
            return VALUE_ERROR;
        }
        at = found + n_separator;
    }
    return add_piece(cx, run, list, at, end) ? OBJ_VALUE(list) : VALUE_ERROR;
}

static void reverse(ObjList *list) {
    Value *items = list->items->items;
    for (size_t i = 0; i < list->n / 2; i++) {
        const Value swap = items[i];
        items[i] = items[list->n - 1 - i];
        items[list->n - 1 - i] = swap;
    }
}

Value text_split_last(Context *cx, const TextRun *run, const char *separator,
                      size_t n_separator, int64_t n_max) {
    ObjList *list = list_new(cx, PIECES_FIRST);
    if (list == NULL) {
        return VALUE_ERROR;
    }
    const char *end = run->data + run->n_bytes;
    for (; n_max != 0; n_max--) {
        const char *found = search_find_last(run->data, (size_t)(end - run->data),
                                             separator, n_separator);
        if (found == NULL) {
            break;
        }
        if (!add_piece(cx, run, list, found + n_separator, end)) {
            return VALUE_ERROR;
        }
        end = found;
    }
    if (!add_piece(cx, run, list, run->data, end)) {
        return VALUE_ERROR;
    }
    reverse(list);
    return OBJ_VALUE(list);
}

/* White space */

static inline bool is_ascii_space(const TextRun *run, unsigned char c) {
    return c <= ' ' && (c == ' ' || (c >= '\t' && c <= '\r') ||
                        (run->is_str && c >= 0x1c && c <= 0x1f));
}

/* The length of the white space character at `at`, 0 when there is none. */
static inline size_t space_at(const TextRun *run, const char *at) {
    const unsigned char c = (unsigned char)*at;
    if (LIKELY(run->is_ascii || c < 128)) {
        return is_ascii_space(run, c);
    }
    size_t length;
    return unicode_is_space(utf8_decode(at, &length)) ? length : 0;
}

/* The same for the character that ends at `end`. */
static inline size_t space_before(const TextRun *run, const char *end) {
    const char *at = end - 1;
    while (!run->is_ascii && utf8_is_continuation((unsigned char)*at)) {
        at--;
    }
    return space_at(run, at) == 0 ? 0 : (size_t)(end - at);
}

static inline const char *skip_space(const TextRun *run, const char *at,
                                     const char *end) {
    size_t n;
    if (LIKELY(run->is_ascii)) {
        while (at < end && is_ascii_space(run, (unsigned char)*at)) {
            at++;
        }
        return at;
    }
    while (at < end && (n = space_at(run, at)) > 0) {
        at += n;
    }
    return at;
}

static inline const char *skip_word(const TextRun *run, const char *at, const char *end) {
    if (LIKELY(run->is_ascii)) {
        while (at < end && !is_ascii_space(run, (unsigned char)*at)) {
            at++;
        }
        return at;
    }
    while (at < end && space_at(run, at) == 0) {
        at++;
        while (!run->is_ascii && at < end && utf8_is_continuation((unsigned char)*at)) {
            at++;
        }
    }
    return at;
}

static const char *skip_space_back(const TextRun *run, const char *begin,
                                   const char *end) {
    size_t n;
    while (end > begin && (n = space_before(run, end)) > 0) {
        end -= n;
    }
    return end;
}

static const char *skip_word_back(const TextRun *run, const char *begin,
                                  const char *end) {
    while (end > begin && space_before(run, end) == 0) {
        end--;
        while (!run->is_ascii && utf8_is_continuation((unsigned char)*end)) {
            end--;
        }
    }
    return end;
}

Value text_split_space(Context *cx, const TextRun *run, int64_t n_max) {
    ObjList *list = list_new(cx, PIECES_FIRST);
    if (list == NULL) {
        return VALUE_ERROR;
    }
    const char *end = run->data + run->n_bytes;
    const char *at = skip_space(run, run->data, end);
    for (; at < end; n_max--) {
        /* The rest keeps the white space at its end. */
        const char *word_end = n_max == 0 ? end : skip_word(run, at, end);
        if (!add_piece(cx, run, list, at, word_end)) {
            return VALUE_ERROR;
        }
        at = n_max == 0 ? end : skip_space(run, word_end, end);
    }
    return OBJ_VALUE(list);
}

Value text_split_space_last(Context *cx, const TextRun *run, int64_t n_max) {
    ObjList *list = list_new(cx, PIECES_FIRST);
    if (list == NULL) {
        return VALUE_ERROR;
    }
    const char *begin = run->data;
    const char *end = skip_space_back(run, begin, run->data + run->n_bytes);
    for (; end > begin; n_max--) {
        const char *word = n_max == 0 ? begin : skip_word_back(run, begin, end);
        if (!add_piece(cx, run, list, word, end)) {
            return VALUE_ERROR;
        }
        end = n_max == 0 ? begin : skip_space_back(run, begin, word);
    }
    reverse(list);
    return OBJ_VALUE(list);
}

/* The length of the line break at `at`, 0 when there is none: of bytes only \n, \r and
 * \r\n break lines. */
static size_t line_break_at(const TextRun *run, const char *at, const char *end) {
    const unsigned char c = (unsigned char)*at;
    if (c == '\r') {
        return at + 1 < end && at[1] == '\n' ? 2 : 1;
    }
    if (!run->is_str || c < 128) {
        return c == '\n' || (run->is_str && unicode_is_line_break(c));
    }
    size_t length;
    return unicode_is_line_break(utf8_decode(at, &length)) ? length : 0;
}

Value text_split_lines(Context *cx, const TextRun *run, bool keeps_ends) {
    ObjList *list = list_new(cx, PIECES_FIRST);
    if (list == NULL) {
        return VALUE_ERROR;
    }
    const char *end = run->data + run->n_bytes;
    const char *line = run->data;
    const char *at = line;
    while (at < end) {
        const size_t n_break = line_break_at(run, at, end);
        if (n_break == 0) {
            at++;
            while (run->is_str && at < end && utf8_is_continuation((unsigned char)*at)) {
                at++;
            }
            continue;
        }
        if (!add_piece(cx, run, list, line, keeps_ends ? at + n_break : at)) {
            return VALUE_ERROR;
        }
        line = at += n_break;
    }
    if (line < end && !add_piece(cx, run, list, line, end)) {
        return VALUE_ERROR;
    }
    return OBJ_VALUE(list);
}

Value text_partition(Context *cx, const TextRun *run, const TextRun *separator,
                     bool is_last) {
    const char *found = (is_last ? search_find_last : search_find)(
        run->data, run->n_bytes, separator->data, separator->n_bytes);
    const Value empty = run->is_str ? OBJ_VALUE(cx->rt->empty_str) : cx->rt->empty_bytes;
    if (found == NULL) {
        const Value all = text_piece(cx, run, run->data, run->n_bytes);
        if (IS_ERROR(all)) {
            return VALUE_ERROR;
        }
        return is_last ? tuple_pack(cx, 3, empty, empty, all)
                       : tuple_pack(cx, 3, all, empty, empty);
    }
    const char *rest = found + separator->n_bytes;
    const Value before = text_piece(cx, run, run->data, (size_t)(found - run->data));
    const Value after =
        text_piece(cx, run, rest, (size_t)(run->data + run->n_bytes - rest));
    return IS_ERROR(before) || IS_ERROR(after)
               ? VALUE_ERROR
               : tuple_pack(cx, 3, before, separator->owner, after);
}

/* Replacing */

static Value all_of(Context *cx, const TextRun *run) {
    return text_piece(cx, run, run->data, run->n_bytes);
}

/* A fresh value of n_bytes for the caller to fill. */
static Value new_room(Context *cx, const TextRun *run, size_t n_bytes, size_t n_chars,
                      char **data) {
    if (run->is_str) {
        ObjStr *s = str_new_room(cx, n_bytes, n_chars, data);
        return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
    }
    ObjBytes *bytes = bytes_new(cx, NULL, n_bytes);
    if (bytes == NULL) {
        return VALUE_ERROR;
    }
    *data = bytes->data;
    return OBJ_VALUE(bytes);
}

static size_t n_chars_of(const TextRun *run) {
    return run->is_str ? AS_STR(run->owner)->n_chars : run->n_bytes;
}

/* The size of a result in which n times n_each bytes are added. */
static bool grown_size(Context *cx, size_t n_bytes, size_t n, size_t n_each,
                       size_t *out) {
    size_t n_added;
    if (__builtin_mul_overflow(n, n_each, &n_added) ||
        __builtin_add_overflow(n_bytes, n_added, out)) {
        exc_raise_no_memory(cx);
        return false;
    }
    return true;
}

/* new_text before each character, and at the end. */
static Value interleave(Context *cx, const TextRun *run, const TextRun *new_text,
                        int64_t n_max) {
    const size_t n_chars = n_chars_of(run);
    const size_t n =
        n_max >= 0 && (uint64_t)n_max <= n_chars ? (size_t)n_max : n_chars + 1;
    size_t n_bytes;
    char *out;
    if (!grown_size(cx, run->n_bytes, n, new_text->n_bytes, &n_bytes)) {
        return VALUE_ERROR;
    }
    const Value result =
        new_room(cx, run, n_bytes, n_chars + n * n_chars_of(new_text), &out);
    if (IS_ERROR(result) || n_bytes == 0) {
        return result;
    }
    const char *at = run->data;
    const char *end = run->data + run->n_bytes;
    for (size_t i = 0; i < n; i++) {
        memcpy(out, new_text->data, new_text->n_bytes);
        out += new_text->n_bytes;
        const size_t length = at == end       ? 0
                              : run->is_ascii ? 1
                                              : utf8_length((unsigned char)*at);
        memcpy(out, at, length);
        out += length;
        at += length;
    }
    memcpy(out, at, (size_t)(end - at));
    return result;
}

/* One byte by another, everywhere: the size stays, and where they stand does not
 * matter. */
static Value replace_byte(Context *cx, const TextRun *run, char old, char new_byte) {
    if (memchr(run->data, old, run->n_bytes) == NULL) {
        return all_of(cx, run);
    }
    char *out;
    const Value result = new_room(cx, run, run->n_bytes, n_chars_of(run), &out);
    for (size_t i = 0; !IS_ERROR(result) && i < run->n_bytes; i++) {
        const char c = run->data[i];
        out[i] = c == old ? new_byte : c;
    }
    return result;
}

static size_t count_up_to(const TextRun *run, const TextRun *old, int64_t n_max) {
    const size_t n = search_count(run->data, run->n_bytes, old->data, old->n_bytes);
    return n_max >= 0 && (uint64_t)n_max < n ? (size_t)n_max : n;
}

Value text_replace(Context *cx, const TextRun *run, const TextRun *old,
                   const TextRun *new_text, int64_t n_max) {
    if (n_max == 0 || (old->n_bytes > run->n_bytes)) {
        return all_of(cx, run);
    }
    if (old->n_bytes == 0) {
        return interleave(cx, run, new_text, n_max);
    }
    if (n_max < 0 && old->n_bytes == 1 && new_text->n_bytes == 1) {
        return replace_byte(cx, run, old->data[0], new_text->data[0]);
    }
    const size_t n = count_up_to(run, old, n_max);
    if (n == 0) {
        return all_of(cx, run);
    }
    size_t n_bytes;
    char *out;
    if (!grown_size(cx, run->n_bytes - n * old->n_bytes, n, new_text->n_bytes,
                    &n_bytes)) {
        return VALUE_ERROR;
    }
    const Value result =
        new_room(cx, run, n_bytes,
                 n_chars_of(run) - n * n_chars_of(old) + n * n_chars_of(new_text), &out);
    if (IS_ERROR(result) || n_bytes == 0) {
        return result;
    }
    const char *at = run->data;
    const char *end = run->data + run->n_bytes;
    for (size_t i = 0; i < n; i++) {
        const char *found = search_find(at, (size_t)(end - at), old->data, old->n_bytes);
        const size_t n_before = (size_t)(found - at);
        memcpy(out, at, n_before);
        out += n_before;
        if (new_text->n_bytes > 0) {
            memcpy(out, new_text->data, new_text->n_bytes);
            out += new_text->n_bytes;
        }
        at = found + old->n_bytes;
    }
    if (at < end) {
        memcpy(out, at, (size_t)(end - at));
    }
    return result;
}

/* Stripping */

/* The character of n bytes stands somewhere in the set, at the beginning of one. */
static bool is_in_set(const TextRun *set, const char *character, size_t n) {
    return search_find(set->data, set->n_bytes, character, n) != NULL;
}

static size_t char_before(const TextRun *run, const char *end) {
    const char *at = end - 1;
    while (!run->is_ascii && utf8_is_continuation((unsigned char)*at)) {
        at--;
    }
    return (size_t)(end - at);
}

Value text_strip(Context *cx, const TextRun *run, const TextRun *set, int sides) {
    const char *begin = run->data;
    const char *end = run->data + run->n_bytes;
    if (set == NULL) {
        begin = sides & TEXT_LEFT ? skip_space(run, begin, end) : begin;
        end = sides & TEXT_RIGHT ? skip_space_back(run, begin, end) : end;
        return text_piece(cx, run, begin, (size_t)(end - begin));
    }
    while ((sides & TEXT_LEFT) && begin < end) {
        const size_t n = run->is_ascii ? 1 : utf8_length((unsigned char)*begin);
        if (!is_in_set(set, begin, n)) {
            break;
        }
        begin += n;
    }
    while ((sides & TEXT_RIGHT) && begin < end) {
        const size_t n = char_before(run, end);
        if (!is_in_set(set, end - n, n)) {
            break;
        }
        end -= n;
    }
    return text_piece(cx, run, begin, (size_t)(end - begin));
}

/* Goes through the text, writing the result to out if it is not NULL. Returns its size;
 * SIZE_MAX: too large. */
static size_t expand_tabs(const TextRun *run, size_t tab_size, char *out) {
    size_t n_out = 0;
    size_t column = 0;
    for (size_t i = 0; i < run->n_bytes; i++) {
        const char c = run->data[i];
        if (c == '\t') {
            const size_t n = tab_size == 0 ? 0 : tab_size - column % tab_size;
            if (n > (size_t)PTRDIFF_MAX - n_out) {
                return SIZE_MAX;
            }
            if (out != NULL) {
                memset(out + n_out, ' ', n);
            }
            n_out += n;
            column += n;
            continue;
        }
        if (out != NULL) {
            out[n_out] = c;
        }
        n_out++;
        column += !run->is_str || !utf8_is_continuation((unsigned char)c);
        if (c == '\n' || c == '\r') {
            column = 0;
        }
    }
    return n_out;
}

Value text_expand_tabs(Context *cx, const TextRun *run, int64_t tab_size) {
    const size_t width = tab_size < 0 ? 0 : (size_t)tab_size;
    const size_t n_bytes = expand_tabs(run, width, NULL);
    if (n_bytes == SIZE_MAX) {
        return exc_raise(cx, EXC_OverflowError, "result too long");
    }
    char *out;
    /* Every byte more or less is a character more or less. */
    const Value result =
        new_room(cx, run, n_bytes, n_chars_of(run) + n_bytes - run->n_bytes, &out);
    if (!IS_ERROR(result) && n_bytes > 0) {
        expand_tabs(run, width, out);
    }
    return result;
}

bool text_is_iterable(Context *cx, Value v) {
    const KindOps *ops = kind_ops[value_kind(v)];
    const ObjType *type = type_of(cx, v);
    return ops->iter != NULL || ops->next != NULL ||
           !IS_UNSET(type_special(type, SPECIAL_iter)) ||
           !IS_UNSET(type_special(type, SPECIAL_getitem));
}

static bool bound(Context *cx, Value v, size_t n, size_t *out) {
    if (IS_UNSET(v) || IS_NONE(v)) {
        return true;
    }
    int64_t i;
    if (!seq_is_index(cx, v)) {
        exc_raise(cx, EXC_TypeError,
                  "slice indices must be integers or None or have an __index__ method");
        return false;
    }
    if (!int_index_clamped(cx, v, &i)) {
        return false;
    }
    if (i < 0) {
        i = i < -(int64_t)n ? 0 : i + (int64_t)n;
    }
    *out = (size_t)i;
    return true;
}

bool text_bounds(Context *cx, Value start, Value end, size_t n, size_t *from,
                 size_t *to) {
    *from = 0;
    *to = n;
    if (!bound(cx, start, n, from) || !bound(cx, end, n, to)) {
        return false;
    }
    *to = *to < n ? *to : n;
    return true;
}
