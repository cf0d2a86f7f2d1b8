/* str_methods.c - the methods of str.
 *
 * What text and bytes have in common is in text_ops.c; here are arguments, case,
 * classes of characters, join. See also: unicode.h, tests/unit/test_str.c,
 * tests/conformance/str/. */

#include "runtime/objects/str_methods.h"

#include "runtime/base/buf.h"
#include "runtime/base/search.h"
#include "runtime/base/utf8.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/codec.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str_build.h"
#include "runtime/objects/str_format.h"
#include "runtime/objects/text_ops.h"
#include "runtime/objects/unicode.h"

static Value result(ObjStr *s) {
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

/* Finding */

typedef struct Range {
    const char *data;
    size_t n_bytes;
    size_t from;   /* in characters, where data begins in the whole */
    bool is_valid; /* false: begins behind the end, so not even the empty str is there */
} Range;

/* self[start:end] for the arguments from args[at] on. */
static bool range_args(Context *cx, const ObjStr *s, const Value *args, int at,
                       Range *range) {
    size_t to;
    if (IS_UNSET(args[at]) && IS_UNSET(args[at + 1])) {
        *range = (Range){s->data, s->n_bytes, 0, true};
        return true;
    }
    if (!text_bounds(cx, args[at], args[at + 1], s->n_chars, &range->from, &to)) {
        return false;
    }
    range->is_valid = range->from <= to;
    if (range->is_valid) {
        const size_t first = str_byte_of_char(s, range->from);
        range->data = s->data + first;
        range->n_bytes = str_byte_of_char(s, to) - first;
    }
    return true;
}

typedef const char *(*Finder)(const char *, size_t, const char *, size_t);

/* The place in characters, -1: not found, -2: exception. */
static int64_t find(Context *cx, const Value *args, const char *name, Finder finder) {
    const ObjStr *s = AS_STR(args[0]);
    const ObjStr *part = arg_str(cx, args[1], name, "1");
    Range range;
    if (part == NULL || !range_args(cx, s, args, 2, &range)) {
        return -2;
    }
    const char *place = range.is_valid
                            ? finder(range.data, range.n_bytes, part->data, part->n_bytes)
                            : NULL;
    if (place == NULL) {
        return -1;
    }
    return (int64_t)str_char_of_byte(s, (size_t)(place - s->data));
}

static Value found_or_raise(Context *cx, int64_t place) {
    if (place == -1) {
        return exc_raise(cx, EXC_ValueError, "substring not found");
    }
    return place < 0 ? VALUE_ERROR : value_from_int(place);
}

NATIVE(str_find, "find(self, sub, start=None, end=None, /)",
       "Return the lowest index in S where substring sub is found, such that sub is "
       "contained within "
       "S[start:end].\n\nReturn -1 on failure.") {
    const int64_t place = find(cx, args, "find", search_find);
    return place < -1 ? VALUE_ERROR : value_from_int(place);
}

NATIVE(str_rfind, "rfind(self, sub, start=None, end=None, /)",
       "Return the highest index in S where substring sub is found, or -1.") {
    const int64_t place = find(cx, args, "rfind", search_find_last);
    return place < -1 ? VALUE_ERROR : value_from_int(place);
}

NATIVE(str_index_method, "index(self, sub, start=None, end=None, /)",
       "Like find, but raises ValueError when the substring is not found.") {
    return found_or_raise(cx, find(cx, args, "index", search_find));
}

NATIVE(str_rindex, "rindex(self, sub, start=None, end=None, /)",
       "Like rfind, but raises ValueError when the substring is not found.") {
    return found_or_raise(cx, find(cx, args, "rindex", search_find_last));
}

NATIVE(str_count, "count(self, sub, start=None, end=None, /)",
       "Return the number of non-overlapping occurrences of substring sub in "
       "S[start:end].") {
    const ObjStr *part = arg_str(cx, args[1], "count", "1");
    Range range;
    if (part == NULL || !range_args(cx, AS_STR(args[0]), args, 2, &range)) {
        return VALUE_ERROR;
    }
    if (!range.is_valid) {
        return value_from_int(0);
    }
    if (part->n_bytes == 0) {
        size_t n = 1;
        for (size_t i = 0; i < range.n_bytes; i++) {
            n += !utf8_is_continuation((unsigned char)range.data[i]);
        }
        return value_from_int((int64_t)n);
    }
    return value_from_int(
        (int64_t)search_count(range.data, range.n_bytes, part->data, part->n_bytes));
}

static bool has_affix(const Range *range, const ObjStr *affix, bool at_end) {
    return affix->n_bytes <= range->n_bytes &&
           memcmp(range->data + (at_end ? range->n_bytes - affix->n_bytes : 0),
                  affix->data, affix->n_bytes) == 0;
}

static Value test_affix(Context *cx, const Value *args, const char *name, bool at_end) {
    Range range;
    if (!range_args(cx, AS_STR(args[0]), args, 2, &range)) {
        return VALUE_ERROR;
    }
    if (IS_STR(args[1])) {
        return BOOL_VALUE(range.is_valid && has_affix(&range, AS_STR(args[1]), at_end));
    }
    if (!IS_TUPLE(args[1])) {
        return exc_raise(cx, EXC_TypeError,
                         "%s first arg must be str or a tuple of str, not %s", name,
                         type_name_of(cx, args[1]));
    }
    const ObjTuple *tuple = AS_TUPLE(args[1]);
    for (size_t i = 0; i < tuple->n; i++) {
        if (!IS_STR(tuple->items[i])) {
            return exc_raise(cx, EXC_TypeError,
                             "tuple for %s must only contain str, not %s", name,
                             type_name_of(cx, tuple->items[i]));
        }
        if (range.is_valid && has_affix(&range, AS_STR(tuple->items[i]), at_end)) {
            return VALUE_TRUE;
        }
    }
    return VALUE_FALSE;
}

NATIVE(str_startswith, "startswith(self, prefix, start=None, end=None, /)",
       "Return True if the string starts with the specified prefix, False otherwise.") {
    return test_affix(cx, args, "startswith", false);
}

NATIVE(str_endswith, "endswith(self, suffix, start=None, end=None, /)",
       "Return True if the string ends with the specified suffix, False otherwise.") {
    return test_affix(cx, args, "endswith", true);
}

NATIVE(str_removeprefix, "removeprefix(self, prefix, /)",
       "Return a str with the given prefix string removed if present.") {
    const TextRun run = text_of_str(AS_STR(args[0]));
    const Range all = {run.data, run.n_bytes, 0, true};
    if (!IS_STR(args[1])) {
        return exc_raise(cx, EXC_TypeError, "removeprefix() argument must be str, not %s",
                         arg_type_name(cx, args[1]));
    }
    const size_t n =
        has_affix(&all, AS_STR(args[1]), false) ? AS_STR(args[1])->n_bytes : 0;
    return text_piece(cx, &run, run.data + n, run.n_bytes - n);
}

NATIVE(str_removesuffix, "removesuffix(self, suffix, /)",
       "Return a str with the given suffix string removed if present.") {
    const TextRun run = text_of_str(AS_STR(args[0]));
    const Range all = {run.data, run.n_bytes, 0, true};
    if (!IS_STR(args[1])) {
        return exc_raise(cx, EXC_TypeError, "removesuffix() argument must be str, not %s",
                         arg_type_name(cx, args[1]));
    }
    const size_t n =
        has_affix(&all, AS_STR(args[1]), true) ? AS_STR(args[1])->n_bytes : 0;
    return text_piece(cx, &run, run.data, run.n_bytes - n);
}

/* Splitting and joining */

/* sep (str, None or UNSET) and maxsplit. 1: a separator, 0: white space, -1: exception. */
static int split_args(Context *cx, const Value *args, const ObjStr **separator,
                      int64_t *n_max) {
    *n_max = -1;
    if (!IS_UNSET(args[2]) && !arg_int(cx, args[2], n_max)) {
        return -1;
    }
    if (IS_UNSET(args[1]) || IS_NONE(args[1])) {
        return 0;
    }
    if (!IS_STR(args[1])) {
        exc_raise(cx, EXC_TypeError, "must be str or None, not %s",
                  type_name_of(cx, args[1]));
        return -1;
    }
    *separator = AS_STR(args[1]);
    if ((*separator)->n_bytes == 0) {
        exc_raise(cx, EXC_ValueError, "empty separator");
        return -1;
    }
    return 1;
}

NATIVE(
    str_split, "split(self, /, sep=None, maxsplit=-1)",
    "Return a list of the substrings in the string, using sep as the separator string.") {
    const TextRun run = text_of_str(AS_STR(args[0]));
    const ObjStr *separator = NULL;
    int64_t n_max;
    const int kind = split_args(cx, args, &separator, &n_max);
    if (kind < 0) {
        return VALUE_ERROR;
    }
    return kind == 0 ? text_split_space(cx, &run, n_max)
                     : text_split(cx, &run, separator->data, separator->n_bytes, n_max);
}

NATIVE(str_rsplit, "rsplit(self, /, sep=None, maxsplit=-1)",
       "Return a list of the substrings in the string; splitting starts at the end.") {
    const TextRun run = text_of_str(AS_STR(args[0]));
    const ObjStr *separator = NULL;
    int64_t n_max;
    const int kind = split_args(cx, args, &separator, &n_max);
    if (kind < 0) {
        return VALUE_ERROR;
    }
    return kind == 0
               ? text_split_space_last(cx, &run, n_max)
               : text_split_last(cx, &run, separator->data, separator->n_bytes, n_max);
}

NATIVE(str_splitlines, "splitlines(self, /, keepends=False)",
       "Return a list of the lines in the string, breaking at line boundaries.") {
    const TextRun run = text_of_str(AS_STR(args[0]));
    bool keeps_ends;
    return arg_bool(cx, args[1], false, &keeps_ends)
               ? text_split_lines(cx, &run, keeps_ends)
               : VALUE_ERROR;
}

static Value partition(Context *cx, const Value *args, bool is_last) {
    if (!IS_STR(args[1])) {
        return exc_raise(cx, EXC_TypeError, "must be str, not %s",
                         type_name_of(cx, args[1]));
    }
    if (AS_STR(args[1])->n_bytes == 0) {
        return exc_raise(cx, EXC_ValueError, "empty separator");
    }
    const TextRun run = text_of_str(AS_STR(args[0]));
    const TextRun separator = text_of_str(AS_STR(args[1]));
    return text_partition(cx, &run, &separator, is_last);
}

NATIVE(str_partition, "partition(self, sep, /)",
       "Partition the string into three parts using the given separator.") {
    return partition(cx, args, false);
}

NATIVE(str_rpartition, "rpartition(self, sep, /)",
       "Partition the string into three parts using the given separator, at its last "
       "place.") {
    return partition(cx, args, true);
}

/* The items as an array that nobody changes: *items and *n. Without the GIL another
 * thread may change a list between the two passes of join. keeper holds what has to
 * stay alive. */
static bool items_of(Context *cx, Value iterable, const Value **items, size_t *n,
                     Value *keeper) {
    *keeper = iterable;
    if (IS_LIST(iterable) && cx->is_parallel) {
        *keeper = list_to_tuple(cx, AS_LIST(iterable));
    } else if (!IS_LIST(iterable) && !IS_TUPLE(iterable)) {
        *keeper = list_from_iterable(cx, iterable);
        if (IS_ERROR(*keeper) && !text_is_iterable(cx, iterable) &&
            exc_take_if(cx, EXC_TypeError)) {
            exc_raise(cx, EXC_TypeError, "can only join an iterable");
        }
    }
    if (IS_ERROR(*keeper)) {
        return false;
    }
    if (IS_LIST(*keeper)) {
        *n = AS_LIST(*keeper)->n;
        *items = AS_LIST(*keeper)->items->items;
    } else {
        *n = AS_TUPLE(*keeper)->n;
        *items = AS_TUPLE(*keeper)->items;
    }
    return true;
}

static Value join_items(Context *cx, const ObjStr *separator, const Value *items,
                        size_t n) {
    size_t n_bytes = n == 0 ? 0 : separator->n_bytes * (n - 1);
    size_t n_chars = n == 0 ? 0 : separator->n_chars * (n - 1);
    for (size_t i = 0; i < n; i++) {
        if (UNLIKELY(!IS_STR(items[i]))) {
            return exc_raise(cx, EXC_TypeError,
                             "sequence item %zu: expected str instance, %s found", i,
                             type_name_of(cx, items[i]));
        }
        n_bytes += AS_STR(items[i])->n_bytes;
        n_chars += AS_STR(items[i])->n_chars;
    }
    if (n == 1) {
        return result(str_exact(cx, AS_STR(items[0])));
    }
    char *out;
    ObjStr *joined = str_new_room(cx, n_bytes, n_chars, &out);
    if (joined == NULL || n_bytes == 0) {
        return result(joined);
    }
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && separator->n_bytes > 0) {
            if (separator->n_bytes == 1) {
                *out++ = separator->data[0];
            } else {
                memcpy(out, separator->data, separator->n_bytes);
                out += separator->n_bytes;
            }
        }
        const ObjStr *item = AS_STR(items[i]);
        memcpy(out, item->data, item->n_bytes);
        out += item->n_bytes;
    }
    return OBJ_VALUE(joined);
}

NATIVE(str_join, "join(self, iterable, /)",
       "Concatenate any number of strings.\n\nThe string whose method is called is "
       "inserted in between each "
       "given string.") {
    const Value *items;
    size_t n;
    Value keeper;
    if (!items_of(cx, args[1], &items, &n, &keeper)) {
        return VALUE_ERROR;
    }
    return join_items(cx, AS_STR(args[0]), items, n);
}

NATIVE(str_replace, "replace(self, old, new, /, count=-1)",
       "Return a copy with all occurrences of substring old replaced by new.") {
    ObjStr *old = arg_str(cx, args[1], "replace", "1");
    ObjStr *new_text = old == NULL ? NULL : arg_str(cx, args[2], "replace", "2");
    int64_t n_max = -1;
    if (new_text == NULL || (!IS_UNSET(args[3]) && !arg_int(cx, args[3], &n_max))) {
        return VALUE_ERROR;
    }
    const TextRun run = text_of_str(AS_STR(args[0]));
    const TextRun old_run = text_of_str(old);
    const TextRun new_run = text_of_str(new_text);
    return text_replace(cx, &run, &old_run, &new_run, n_max);
}

/* Stripping and padding */

static Value strip(Context *cx, const Value *args, const char *name, int sides) {
    const TextRun run = text_of_str(AS_STR(args[0]));
    if (IS_UNSET(args[1]) || IS_NONE(args[1])) {
        return text_strip(cx, &run, NULL, sides);
    }
    if (!IS_STR(args[1])) {
        return exc_raise(cx, EXC_TypeError, "%s arg must be None or str", name);
    }
    const TextRun set = text_of_str(AS_STR(args[1]));
    return text_strip(cx, &run, &set, sides);
}

NATIVE(str_strip, "strip(self, chars=None, /)",
       "Return a copy of the string with leading and trailing whitespace removed.") {
    return strip(cx, args, "strip", TEXT_LEFT | TEXT_RIGHT);
}

NATIVE(str_lstrip, "lstrip(self, chars=None, /)",
       "Return a copy of the string with leading whitespace removed.") {
    return strip(cx, args, "lstrip", TEXT_LEFT);
}

NATIVE(str_rstrip, "rstrip(self, chars=None, /)",
       "Return a copy of the string with trailing whitespace removed.") {
    return strip(cx, args, "rstrip", TEXT_RIGHT);
}

static bool fill_arg(Context *cx, Value v, const char **fill, size_t *n_fill) {
    *fill = " ";
    *n_fill = 1;
    if (IS_UNSET(v)) {
        return true;
    }
    if (!IS_STR(v)) {
        exc_raise(cx, EXC_TypeError,
                  "The fill character must be a unicode character, not %s",
                  type_name_of(cx, v));
        return false;
    }
    if (AS_STR(v)->n_chars != 1) {
        exc_raise(cx, EXC_TypeError,
                  "The fill character must be exactly one character long");
        return false;
    }
    *fill = AS_STR(v)->data;
    *n_fill = AS_STR(v)->n_bytes;
    return true;
}

static char *write_fill(char *out, const char *fill, size_t n_fill, size_t n) {
    if (n_fill == 1) {
        memset(out, fill[0], n);
        return out + n;
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(out, fill, n_fill);
        out += n_fill;
    }
    return out;
}

static Value pad(Context *cx, ObjStr *s, size_t n_left, size_t n_right, const char *fill,
                 size_t n_fill) {
    size_t n_added;
    if (__builtin_mul_overflow(n_left + n_right, n_fill, &n_added) ||
        n_added > PTRDIFF_MAX - s->n_bytes) {
        return exc_raise_no_memory(cx);
    }
    if (n_added == 0) {
        return result(str_exact(cx, s));
    }
    char *out;
    ObjStr *padded =
        str_new_room(cx, s->n_bytes + n_added, s->n_chars + n_left + n_right, &out);
    if (padded == NULL) {
        return VALUE_ERROR;
    }
    out = write_fill(out, fill, n_fill, n_left);
    memcpy(out, s->data, s->n_bytes);
    write_fill(out + s->n_bytes, fill, n_fill, n_right);
    return OBJ_VALUE(padded);
}

enum { PAD_CENTER, PAD_LEFT, PAD_RIGHT };

static Value justify(Context *cx, const Value *args, int where) {
    ObjStr *s = AS_STR(args[0]);
    int64_t width;
    const char *fill;
    size_t n_fill;
    if (!arg_int(cx, args[1], &width) || !fill_arg(cx, args[2], &fill, &n_fill)) {
        return VALUE_ERROR;
    }
    const size_t n = width > (int64_t)s->n_chars ? (size_t)width - s->n_chars : 0;
    size_t n_left = where == PAD_LEFT ? n : 0;
    if (where == PAD_CENTER) {
        n_left = n / 2 + (n & (size_t)width & 1);
    }
    return pad(cx, s, n_left, n - n_left, fill, n_fill);
}

NATIVE(str_center, "center(self, width, fillchar=' ', /)",
       "Return a centered string of length width.") {
    return justify(cx, args, PAD_CENTER);
}

NATIVE(str_ljust, "ljust(self, width, fillchar=' ', /)",
       "Return a left-justified string of length width.") {
    return justify(cx, args, PAD_RIGHT);
}

NATIVE(str_rjust, "rjust(self, width, fillchar=' ', /)",
       "Return a right-justified string of length width.") {
    return justify(cx, args, PAD_LEFT);
}

NATIVE(
    str_zfill, "zfill(self, width, /)",
    "Pad a numeric string with zeros on the left, to fill a field of the given width.") {
    ObjStr *s = AS_STR(args[0]);
    int64_t width;
    if (!arg_int(cx, args[1], &width)) {
        return VALUE_ERROR;
    }
    const size_t n = width > (int64_t)s->n_chars ? (size_t)width - s->n_chars : 0;
    const Value padded = pad(cx, s, n, 0, "0", 1);
    if (!IS_ERROR(padded) && n > 0 && s->n_bytes > 0 &&
        (s->data[0] == '-' || s->data[0] == '+')) {
        /* Nobody has seen it yet: the sign changes places with the first zero. */
        char *data = (char *)AS_STR(padded)->data;
        data[0] = s->data[0];
        data[n] = '0';
    }
    return padded;
}

NATIVE(str_expandtabs, "expandtabs(self, /, tabsize=8)",
       "Return a copy where all tab characters are expanded using spaces.") {
    const TextRun run = text_of_str(AS_STR(args[0]));
    int tab_size = 8;
    return IS_UNSET(args[1]) || arg_int32(cx, args[1], &tab_size)
               ? text_expand_tabs(cx, &run, tab_size)
               : VALUE_ERROR;
}

/* Case */

static inline bool is_ascii_upper(char c) {
    return (unsigned char)(c - 'A') < 26;
}

static inline bool is_ascii_lower(char c) {
    return (unsigned char)(c - 'a') < 26;
}

static inline bool is_ascii_letter(char c) {
    return (unsigned char)((c | 0x20) - 'a') < 26;
}

/* The ASCII text with the case of every character that `changes` flipped; the same
 * object when there is none. Inline, so that the test is no call. */
static inline __attribute__((always_inline)) Value flip_ascii(Context *cx, ObjStr *s,
                                                              bool (*changes)(char)) {
    size_t first = 0;
    while (first < s->n_bytes && !changes(s->data[first])) {
        first++;
    }
    if (first == s->n_bytes) {
        return result(str_exact(cx, s));
    }
    char *out;
    ObjStr *flipped = str_new_room(cx, s->n_bytes, s->n_bytes, &out);
    if (flipped == NULL) {
        return VALUE_ERROR;
    }
    memcpy(out, s->data, first);
    for (size_t i = first; i < s->n_bytes; i++) {
        const char c = s->data[i];
        out[i] = (char)(c ^ (changes(c) ? 0x20 : 0));
    }
    return OBJ_VALUE(flipped);
}

/* A capital sigma at the end of a word becomes the final form. */
static bool is_final_sigma(const ObjStr *s, size_t at, size_t length) {
    size_t n;
    uint32_t c = 0;
    size_t i = at;
    bool has_before = false;
    while (i > 0) {
        do {
            i--;
        } while (i > 0 && utf8_is_continuation((unsigned char)s->data[i]));
        c = utf8_decode(s->data + i, &n);
        if (!unicode_is_case_ignorable(c)) {
            has_before = unicode_is_cased(c);
            break;
        }
    }
    if (!has_before) {
        return false;
    }
    for (i = at + length; i < s->n_bytes; i += n) {
        c = utf8_decode(s->data + i, &n);
        if (!unicode_is_case_ignorable(c)) {
            return !unicode_is_cased(c);
        }
    }
    return true;
}

enum { CAPITAL_SIGMA = 0x3a3, FINAL_SIGMA = 0x3c2 };

typedef int (*CaseMap)(uint32_t c, uint32_t *out);

static void add_mapped(Buf *out, const ObjStr *s, size_t at, size_t length, uint32_t c,
                       CaseMap map) {
    uint32_t mapped[UNICODE_CASE_MAX];
    if (map == unicode_to_lower && c == CAPITAL_SIGMA && is_final_sigma(s, at, length)) {
        buf_add_utf8(out, FINAL_SIGMA);
        return;
    }
    const int n = map(c, mapped);
    for (int i = 0; i < n; i++) {
        buf_add_utf8(out, mapped[i]);
    }
}

/* first is used for the first character, rest for the others. */
static Value map_case(Context *cx, const ObjStr *s, CaseMap first, CaseMap rest) {
    Buf out = {0};
    size_t length;
    for (size_t i = 0; i < s->n_bytes; i += length) {
        const uint32_t c = utf8_decode(s->data + i, &length);
        add_mapped(&out, s, i, length, c, i == 0 ? first : rest);
    }
    return result(str_from_buf(cx, &out));
}

NATIVE(str_lower, "lower(self, /)",
       "Return a copy of the string converted to lowercase.") {
    ObjStr *s = AS_STR(args[0]);
    return str_is_ascii(s) ? flip_ascii(cx, s, is_ascii_upper)
                           : map_case(cx, s, unicode_to_lower, unicode_to_lower);
}

NATIVE(str_upper, "upper(self, /)",
       "Return a copy of the string converted to uppercase.") {
    ObjStr *s = AS_STR(args[0]);
    return str_is_ascii(s) ? flip_ascii(cx, s, is_ascii_lower)
                           : map_case(cx, s, unicode_to_upper, unicode_to_upper);
}

NATIVE(str_casefold, "casefold(self, /)",
       "Return a version of the string suitable for caseless comparisons.") {
    ObjStr *s = AS_STR(args[0]);
    return str_is_ascii(s) ? flip_ascii(cx, s, is_ascii_upper)
                           : map_case(cx, s, unicode_fold, unicode_fold);
}

NATIVE(str_capitalize, "capitalize(self, /)",
       "Return a capitalized version of the string: first character upper case, the rest "
       "lower case.") {
    return map_case(cx, AS_STR(args[0]), unicode_to_title, unicode_to_lower);
}

NATIVE(
    str_swapcase, "swapcase(self, /)",
    "Convert uppercase characters to lowercase and lowercase characters to uppercase.") {
    ObjStr *s = AS_STR(args[0]);
    if (str_is_ascii(s)) {
        return flip_ascii(cx, s, is_ascii_letter);
    }
    Buf out = {0};
    size_t length;
    for (size_t i = 0; i < s->n_bytes; i += length) {
        const uint32_t c = utf8_decode(s->data + i, &length);
        if (unicode_is_upper(c)) {
            add_mapped(&out, s, i, length, c, unicode_to_lower);
        } else if (unicode_is_lower(c)) {
            add_mapped(&out, s, i, length, c, unicode_to_upper);
        } else {
            buf_add(&out, s->data + i, length);
        }
    }
    return result(str_from_buf(cx, &out));
}

NATIVE(str_title, "title(self, /)",
       "Return a version of the string where each word is titlecased.") {
    const ObjStr *s = AS_STR(args[0]);
    Buf out = {0};
    size_t length;
    bool is_in_word = false;
    for (size_t i = 0; i < s->n_bytes; i += length) {
        const uint32_t c = utf8_decode(s->data + i, &length);
        add_mapped(&out, s, i, length, c,
                   is_in_word ? unicode_to_lower : unicode_to_title);
        is_in_word = unicode_is_cased(c);
    }
    return result(str_from_buf(cx, &out));
}

/* Classes of characters: true when there is a character and all are of the class. */

typedef bool (*CharTest)(uint32_t c);

static Value all_are(Value v, CharTest test) {
    const ObjStr *s = AS_STR(v);
    size_t length;
    for (size_t i = 0; i < s->n_bytes; i += length) {
        if (!test(utf8_decode(s->data + i, &length))) {
            return VALUE_FALSE;
        }
    }
    return BOOL_VALUE(s->n_bytes > 0);
}

static bool is_digit(uint32_t c) {
    return c < 128 ? c - '0' < 10 : unicode_is_digit(c);
}

static bool is_decimal(uint32_t c) {
    return c < 128 ? c - '0' < 10 : unicode_is_decimal(c);
}

static bool is_numeric(uint32_t c) {
    return c < 128 ? c - '0' < 10 : unicode_is_numeric(c);
}

static bool is_alpha(uint32_t c) {
    return c < 128 ? is_ascii_letter((char)c) : unicode_is_alpha(c);
}

static bool is_alnum(uint32_t c) {
    return c < 128 ? is_ascii_letter((char)c) || c - '0' < 10
                   : unicode_is_alpha(c) || unicode_is_digit(c) || unicode_is_numeric(c);
}

static bool is_printable(uint32_t c) {
    return c < 128 ? c >= ' ' && c < 127 : unicode_is_printable(c);
}

NATIVE(str_isalpha, "isalpha(self, /)",
       "Return True if the string is an alphabetic string, False otherwise.") {
    return all_are(args[0], is_alpha);
}

NATIVE(str_isalnum, "isalnum(self, /)",
       "Return True if the string is an alpha-numeric string, False otherwise.") {
    return all_are(args[0], is_alnum);
}

NATIVE(str_isdigit, "isdigit(self, /)",
       "Return True if the string is a digit string, False otherwise.") {
    return all_are(args[0], is_digit);
}

NATIVE(str_isdecimal, "isdecimal(self, /)",
       "Return True if the string is a decimal string, False otherwise.") {
    return all_are(args[0], is_decimal);
}

NATIVE(str_isnumeric, "isnumeric(self, /)",
       "Return True if the string is a numeric string, False otherwise.") {
    return all_are(args[0], is_numeric);
}

NATIVE(str_isspace, "isspace(self, /)",
       "Return True if the string is a whitespace string, False otherwise.") {
    return all_are(args[0], unicode_is_space);
}

NATIVE(str_isprintable, "isprintable(self, /)",
       "Return True if all characters are printable, False otherwise.") {
    return AS_STR(args[0])->n_bytes == 0 ? VALUE_TRUE : all_are(args[0], is_printable);
}

NATIVE(str_isascii, "isascii(self, /)",
       "Return True if all characters in the string are ASCII, False otherwise.") {
    return BOOL_VALUE(str_is_ascii(AS_STR(args[0])));
}

bool str_is_identifier(const ObjStr *s) {
    size_t length;
    for (size_t i = 0; i < s->n_bytes; i += length) {
        const uint32_t c = utf8_decode(s->data + i, &length);
        const bool is_part =
            c < 128  ? c == '_' || is_ascii_letter((char)c) || (i > 0 && c - '0' < 10)
            : i == 0 ? unicode_is_identifier_start(c)
                     : unicode_is_identifier_part(c);
        if (!is_part) {
            return false;
        }
    }
    return s->n_bytes > 0;
}

NATIVE(str_isidentifier, "isidentifier(self, /)",
       "Return True if the string is a valid Python identifier, False otherwise.") {
    return BOOL_VALUE(str_is_identifier(AS_STR(args[0])));
}

/* No character is of the other case, and one is of this. */
static Value all_cased(Value v, CharTest is_this, CharTest is_other) {
    const ObjStr *s = AS_STR(v);
    size_t length;
    bool has_this = false;
    for (size_t i = 0; i < s->n_bytes; i += length) {
        const uint32_t c = utf8_decode(s->data + i, &length);
        if (is_other(c) || unicode_is_title(c)) {
            return VALUE_FALSE;
        }
        has_this |= is_this(c);
    }
    return BOOL_VALUE(has_this);
}

NATIVE(str_islower, "islower(self, /)",
       "Return True if the string is a lowercase string, False otherwise.") {
    return all_cased(args[0], unicode_is_lower, unicode_is_upper);
}

NATIVE(str_isupper, "isupper(self, /)",
       "Return True if the string is an uppercase string, False otherwise.") {
    return all_cased(args[0], unicode_is_upper, unicode_is_lower);
}

NATIVE(str_istitle, "istitle(self, /)",
       "Return True if the string is a title-cased string, False otherwise.") {
    const ObjStr *s = AS_STR(args[0]);
    size_t length;
    bool has_cased = false;
    bool is_in_word = false;
    for (size_t i = 0; i < s->n_bytes; i += length) {
        const uint32_t c = utf8_decode(s->data + i, &length);
        const bool is_capital = unicode_is_upper(c) || unicode_is_title(c);
        const bool is_small = unicode_is_lower(c);
        if ((is_capital && is_in_word) || (is_small && !is_in_word)) {
            return VALUE_FALSE;
        }
        is_in_word = is_capital || is_small;
        has_cased |= is_in_word;
    }
    return BOOL_VALUE(has_cased);
}

/* Translation */

static bool add_translation(Context *cx, Buf *out, Value mapped) {
    if (IS_NONE(mapped)) {
        return true;
    }
    if (IS_STR(mapped)) {
        return str_build_add(cx, out, mapped);
    }
    int64_t c;
    if (IS_INT(mapped) && (uint64_t)value_to_int(mapped) < 128) {
        buf_add_byte(out, (char)value_to_int(mapped));
        return true;
    }
    if (!IS_INT_LIKE(mapped)) {
        exc_raise(cx, EXC_TypeError,
                  "character mapping must return integer, None or str");
        return false;
    }
    if (!int_to_i64(mapped, &c) || c < 0 || c > UTF8_MAX_CODE_POINT) {
        exc_raise(cx, EXC_ValueError, "character mapping must be in range(0x110000)");
        return false;
    }
    buf_add_utf8(out, (uint32_t)c);
    return true;
}

enum { N_ASCII = 128 };

/* What the table has for the character; VALUE_UNSET when it has nothing. Of a dict (is_dict), what it has for ASCII
 * characters is asked once and kept in known, where VALUE_ERROR is what was not asked yet. */
static Value translation_of(Context *cx, Value table, bool is_dict, Value *known, uint32_t c) {
    if (!is_dict) {
        const Value mapped = value_getitem(cx, table, value_from_int(c));
        return IS_ERROR(mapped) && exc_take_if(cx, EXC_LookupError) ? VALUE_UNSET : mapped;
    }
    if (c >= N_ASCII) {
        return dict_get(cx, AS_DICT(table), value_from_int(c));
    }
    if (IS_ERROR(known[c])) {
        known[c] = dict_get(cx, AS_DICT(table), value_from_int(c));
    }
    return known[c];
}

NATIVE(str_translate, "translate(self, table, /)",
       "Replace each character in the string using the given translation table.") {
    const ObjStr *s = AS_STR(args[0]);
    const bool is_dict = IS_EXACT(args[1], KIND_DICT);
    Value known[N_ASCII];
    for (int i = 0; is_dict && i < N_ASCII; i++) {
        known[i] = VALUE_ERROR;
    }
    Buf out = {0};
    size_t length;
    for (size_t i = 0; i < s->n_bytes; i += length) {
        const uint32_t c = utf8_decode(s->data + i, &length);
        const Value mapped = translation_of(cx, args[1], is_dict, known, c);
        if (IS_UNSET(mapped)) {
            buf_add(&out, s->data + i, length);
        } else if (IS_ERROR(mapped) || !add_translation(cx, &out, mapped)) {
            buf_free(&out);
            return VALUE_ERROR;
        }
    }
    return result(str_from_buf(cx, &out));
}

/* A dict whose keys are characters or numbers: all as numbers. */
static Value table_from_dict(Context *cx, ObjDict *given, ObjDict *table) {
    size_t position = 0;
    Value key;
    Value value;
    const ObjDictTable *snapshot = dict_table(given);
    while (dict_table_next(snapshot, &position, &key, &value)) {
        if (IS_STR(key)) {
            if (AS_STR(key)->n_chars != 1) {
                return exc_raise(cx, EXC_ValueError,
                                 "string keys in translate table must be of length 1");
            }
            key = value_from_int(str_char_at(AS_STR(key), 0));
        } else if (!IS_INT_LIKE(key)) {
            return exc_raise(cx, EXC_TypeError,
                             "keys in translate table must be strings or integers");
        }
        if (!dict_set(cx, table, key, value)) {
            return VALUE_ERROR;
        }
    }
    return OBJ_VALUE(table);
}

static bool map_char(Context *cx, ObjDict *table, const ObjStr *s, size_t *at,
                     Value mapped) {
    size_t length;
    const uint32_t c = utf8_decode(s->data + *at, &length);
    *at += length;
    return dict_set(cx, table, value_from_int(c), mapped);
}

NATIVE(str_maketrans, "maketrans(x, y=None, z=None, /)",
       "Return a translation table usable for str.translate().") {
    ObjDict *table = dict_new(cx, 0);
    if (table == NULL) {
        return VALUE_ERROR;
    }
    if (IS_UNSET(args[1])) {
        return IS_DICT(args[0])
                   ? table_from_dict(cx, AS_DICT(args[0]), table)
                   : exc_raise(
                         cx, EXC_TypeError,
                         "if you give only one argument to maketrans it must be a dict");
    }
    const ObjStr *to = arg_str(cx, args[1], "maketrans", "2");
    if (to == NULL) {
        return VALUE_ERROR;
    }
    if (!IS_STR(args[0])) {
        return exc_raise(
            cx, EXC_TypeError,
            "first maketrans argument must be a string if there is a second argument");
    }
    const ObjStr *from = AS_STR(args[0]);
    const ObjStr *none =
        IS_UNSET(args[2]) ? cx->rt->empty_str : arg_str(cx, args[2], "maketrans", "3");
    if (none == NULL) {
        return VALUE_ERROR;
    }
    if (from->n_chars != to->n_chars) {
        return exc_raise(cx, EXC_ValueError,
                         "the first two maketrans arguments must have equal length");
    }
    size_t at_to = 0;
    for (size_t at = 0; at < from->n_bytes;) {
        size_t length;
        const uint32_t c = utf8_decode(to->data + at_to, &length);
        at_to += length;
        if (!map_char(cx, table, from, &at, value_from_int(c))) {
            return VALUE_ERROR;
        }
    }
    for (size_t at = 0; at < none->n_bytes;) {
        if (!map_char(cx, table, none, &at, VALUE_NONE)) {
            return VALUE_ERROR;
        }
    }
    return OBJ_VALUE(table);
}

/* Others */

NATIVE(str_encode, "encode(self, /, encoding='utf-8', errors='strict')",
       "Encode the string using the codec registered for encoding.") {
    for (int i = 1; i <= 2; i++) {
        if (!IS_UNSET(args[i]) && !IS_STR(args[i])) {
            return exc_raise(cx, EXC_TypeError,
                             "encode() argument '%s' must be str, not %s",
                             i == 1 ? "encoding" : "errors", arg_type_name(cx, args[i]));
        }
    }
    return codec_encode(cx, AS_STR(args[0]), args[1], args[2]);
}

NATIVE(str_format_method, "format(self, /, *args, **kwargs)",
       "Return a formatted version of the string, using substitutions from args and "
       "kwargs.") {
    return format_template(cx, AS_STR(args[0]), args + 1, n_args - 1, args[-1]);
}

NATIVE(str_format_map, "format_map(self, mapping, /)",
       "Return a formatted version of the string, using substitutions from mapping.") {
    return format_template_map(cx, AS_STR(args[0]), args[1]);
}

NATIVE(str_getnewargs, "__getnewargs__(self, /)", "") {
    ObjStr *s = str_exact(cx, AS_STR(args[0]));
    return s == NULL ? VALUE_ERROR : tuple_pack(cx, 1, OBJ_VALUE(s));
}

const NativeDef str_methods[] = {
    NATIVE_ENTRY(str_capitalize),
    NATIVE_ENTRY(str_casefold),
    NATIVE_ENTRY(str_center),
    NATIVE_ENTRY(str_count),
    NATIVE_ENTRY(str_encode),
    NATIVE_ENTRY(str_endswith),
    NATIVE_ENTRY(str_expandtabs),
    NATIVE_ENTRY(str_find),
    NATIVE_ENTRY(str_format_method),
    NATIVE_ENTRY(str_format_map),
    NATIVE_ENTRY(str_index_method),
    NATIVE_ENTRY(str_isalnum),
    NATIVE_ENTRY(str_isalpha),
    NATIVE_ENTRY(str_isascii),
    NATIVE_ENTRY(str_isdecimal),
    NATIVE_ENTRY(str_isdigit),
    NATIVE_ENTRY(str_isidentifier),
    NATIVE_ENTRY(str_islower),
    NATIVE_ENTRY(str_isnumeric),
    NATIVE_ENTRY(str_isprintable),
    NATIVE_ENTRY(str_isspace),
    NATIVE_ENTRY(str_istitle),
    NATIVE_ENTRY(str_isupper),
    NATIVE_ENTRY(str_join),
    NATIVE_ENTRY(str_ljust),
    NATIVE_ENTRY(str_lower),
    NATIVE_ENTRY(str_lstrip),
    NATIVE_ENTRY_FLAGS(str_maketrans, NATIVE_STATIC),
    NATIVE_ENTRY(str_partition),
    NATIVE_ENTRY(str_removeprefix),
    NATIVE_ENTRY(str_removesuffix),
    NATIVE_ENTRY(str_replace),
    NATIVE_ENTRY(str_rfind),
    NATIVE_ENTRY(str_rindex),
    NATIVE_ENTRY(str_rjust),
    NATIVE_ENTRY(str_rpartition),
    NATIVE_ENTRY(str_rsplit),
    NATIVE_ENTRY(str_rstrip),
    NATIVE_ENTRY(str_split),
    NATIVE_ENTRY(str_splitlines),
    NATIVE_ENTRY(str_startswith),
    NATIVE_ENTRY(str_strip),
    NATIVE_ENTRY(str_swapcase),
    NATIVE_ENTRY(str_title),
    NATIVE_ENTRY(str_translate),
    NATIVE_ENTRY(str_upper),
    NATIVE_ENTRY(str_zfill),
    NATIVE_ENTRY(str_getnewargs),
    {0},
};
