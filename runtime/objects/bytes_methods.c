/* bytes_methods.c - the methods of bytes. Case and classes of characters are those of
 * ASCII. */

#include "runtime/objects/bytes_methods.h"

#include "runtime/base/buf.h"
#include "runtime/base/search.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/codec.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/text_ops.h"

static Value result(ObjBytes *bytes) {
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

/* Finding */

/* What is looked for: bytes, or one byte as a number. */
typedef struct Part {
    const char *data;
    size_t n_bytes;
    char byte;
} Part;

static bool part_arg(Context *cx, Value v, Part *part) {
    v = byte_view_to_bytes(cx, v);
    if (IS_ERROR(v)) {
        return false;
    }
    if (IS_BYTES(v)) {
        part->data = AS_BYTES(v)->data;
        part->n_bytes = AS_BYTES(v)->n_bytes;
        return true;
    }
    if (!seq_is_index(cx, v)) {
        exc_raise(cx, EXC_TypeError,
                  "argument should be integer or bytes-like object, not '%s'",
                  type_name_of(cx, v));
        return false;
    }
    const int byte = bytes_byte_arg(cx, v, "byte");
    part->byte = (char)byte;
    part->data = &part->byte;
    part->n_bytes = 1;
    return byte >= 0;
}

typedef const char *(*Finder)(const char *, size_t, const char *, size_t);

/* The place, -1: not found, -2: exception. */
static int64_t find(Context *cx, const Value *args, Finder finder) {
    const ObjBytes *bytes = AS_BYTES(args[0]);
    Part part;
    size_t from;
    size_t to;
    if (!text_bounds(cx, args[2], args[3], bytes->n_bytes, &from, &to) ||
        !part_arg(cx, args[1], &part)) {
        return -2;
    }
    const char *place =
        from <= to ? finder(bytes->data + from, to - from, part.data, part.n_bytes)
                   : NULL;
    return place == NULL ? -1 : place - bytes->data;
}

static Value found_or_raise(Context *cx, int64_t place) {
    if (place == -1) {
        return exc_raise(cx, EXC_ValueError, "subsection not found");
    }
    return place < 0 ? VALUE_ERROR : value_from_int(place);
}

NATIVE(bytes_find, "find(self, sub, start=None, end=None, /)",
       "Return the lowest index in B where subsection 'sub' is found, or -1.") {
    const int64_t place = find(cx, args, search_find);
    return place < -1 ? VALUE_ERROR : value_from_int(place);
}

NATIVE(bytes_rfind, "rfind(self, sub, start=None, end=None, /)",
       "Return the highest index in B where subsection 'sub' is found, or -1.") {
    const int64_t place = find(cx, args, search_find_last);
    return place < -1 ? VALUE_ERROR : value_from_int(place);
}

NATIVE(bytes_index, "index(self, sub, start=None, end=None, /)",
       "Like find, but raises ValueError when the subsection is not found.") {
    return found_or_raise(cx, find(cx, args, search_find));
}

NATIVE(bytes_rindex, "rindex(self, sub, start=None, end=None, /)",
       "Like rfind, but raises ValueError when the subsection is not found.") {
    return found_or_raise(cx, find(cx, args, search_find_last));
}

NATIVE(bytes_count, "count(self, sub, start=None, end=None, /)",
       "Return the number of non-overlapping occurrences of subsection 'sub' in bytes "
       "B[start:end].") {
    const ObjBytes *bytes = AS_BYTES(args[0]);
    Part part;
    size_t from;
    size_t to;
    if (!text_bounds(cx, args[2], args[3], bytes->n_bytes, &from, &to) ||
        !part_arg(cx, args[1], &part)) {
        return VALUE_ERROR;
    }
    const size_t n = from > to           ? 0
                     : part.n_bytes == 0 ? to - from + 1
                                         : search_count(bytes->data + from, to - from,
                                                        part.data, part.n_bytes);
    return value_from_int((int64_t)n);
}

static bool has_affix(const char *data, size_t n, const ObjBytes *affix, bool at_end) {
    return affix->n_bytes <= n && memcmp(data + (at_end ? n - affix->n_bytes : 0),
                                         affix->data, affix->n_bytes) == 0;
}

static Value test_affix(Context *cx, const Value *args, const char *name, bool at_end) {
    const ObjBytes *bytes = AS_BYTES(args[0]);
    size_t from;
    size_t to;
    if (!text_bounds(cx, args[2], args[3], bytes->n_bytes, &from, &to)) {
        return VALUE_ERROR;
    }
    const char *data = bytes->data + from;
    const bool is_valid = from <= to;
    const Value prefix = byte_view_to_bytes(cx, args[1]);
    if (IS_ERROR(prefix) || IS_BYTES(prefix)) {
        return IS_ERROR(prefix)
                   ? VALUE_ERROR
                   : BOOL_VALUE(is_valid &&
                                has_affix(data, to - from, AS_BYTES(prefix), at_end));
    }
    if (!IS_TUPLE(args[1])) {
        return exc_raise(cx, EXC_TypeError,
                         "%s first arg must be bytes or a tuple of bytes, not %s", name,
                         type_name_of(cx, args[1]));
    }
    for (size_t i = 0; i < AS_TUPLE(args[1])->n; i++) {
        const ObjBytes *affix = bytes_arg(cx, AS_TUPLE(args[1])->items[i]);
        if (affix == NULL) {
            return VALUE_ERROR;
        }
        if (is_valid && has_affix(data, to - from, affix, at_end)) {
            return VALUE_TRUE;
        }
    }
    return VALUE_FALSE;
}

NATIVE(bytes_startswith, "startswith(self, prefix, start=None, end=None, /)",
       "Return True if the bytes starts with the specified prefix, False otherwise.") {
    return test_affix(cx, args, "startswith", false);
}

NATIVE(bytes_endswith, "endswith(self, suffix, start=None, end=None, /)",
       "Return True if the bytes ends with the specified suffix, False otherwise.") {
    return test_affix(cx, args, "endswith", true);
}

static Value remove_affix(Context *cx, const Value *args, bool at_end) {
    const TextRun run = text_of_bytes(AS_BYTES(args[0]));
    const ObjBytes *affix = bytes_arg(cx, args[1]);
    if (affix == NULL) {
        return VALUE_ERROR;
    }
    const size_t n = has_affix(run.data, run.n_bytes, affix, at_end) ? affix->n_bytes : 0;
    return text_piece(cx, &run, run.data + (at_end ? 0 : n), run.n_bytes - n);
}

NATIVE(bytes_removeprefix, "removeprefix(self, prefix, /)",
       "Return a bytes object with the given prefix string removed if present.") {
    return remove_affix(cx, args, false);
}

NATIVE(bytes_removesuffix, "removesuffix(self, suffix, /)",
       "Return a bytes object with the given suffix string removed if present.") {
    return remove_affix(cx, args, true);
}

/* Splitting and joining */

typedef Value (*SplitBy)(Context *, const TextRun *, const char *, size_t, int64_t);
typedef Value (*SplitSpace)(Context *, const TextRun *, int64_t);

static Value split(Context *cx, const Value *args, SplitBy by, SplitSpace by_space) {
    const TextRun run = text_of_bytes(AS_BYTES(args[0]));
    int64_t n_max = -1;
    if (!IS_UNSET(args[2]) && !arg_int(cx, args[2], &n_max)) {
        return VALUE_ERROR;
    }
    if (IS_UNSET(args[1]) || IS_NONE(args[1])) {
        return by_space(cx, &run, n_max);
    }
    const ObjBytes *separator = bytes_arg(cx, args[1]);
    if (separator == NULL) {
        return VALUE_ERROR;
    }
    if (separator->n_bytes == 0) {
        return exc_raise(cx, EXC_ValueError, "empty separator");
    }
    return by(cx, &run, separator->data, separator->n_bytes, n_max);
}

NATIVE(bytes_split, "split(self, /, sep=None, maxsplit=-1)",
       "Return a list of the sections in the bytes, using sep as the delimiter.") {
    return split(cx, args, text_split, text_split_space);
}

NATIVE(bytes_rsplit, "rsplit(self, /, sep=None, maxsplit=-1)",
       "Return a list of the sections in the bytes; splitting starts at the end.") {
    return split(cx, args, text_split_last, text_split_space_last);
}

NATIVE(bytes_splitlines, "splitlines(self, /, keepends=False)",
       "Return a list of the lines in the bytes, breaking at line boundaries.") {
    const TextRun run = text_of_bytes(AS_BYTES(args[0]));
    bool keeps_ends;
    return arg_bool(cx, args[1], false, &keeps_ends)
               ? text_split_lines(cx, &run, keeps_ends)
               : VALUE_ERROR;
}

static Value partition(Context *cx, const Value *args, bool is_last) {
    ObjBytes *separator = bytes_arg(cx, args[1]);
    if (separator == NULL) {
        return VALUE_ERROR;
    }
    if (separator->n_bytes == 0) {
        return exc_raise(cx, EXC_ValueError, "empty separator");
    }
    const TextRun run = text_of_bytes(AS_BYTES(args[0]));
    TextRun separator_run = text_of_bytes(separator);
    separator_run.owner = args[1]; /* a bytearray is given back as it is */
    return text_partition(cx, &run, &separator_run, is_last);
}

NATIVE(bytes_partition, "partition(self, sep, /)",
       "Partition the bytes into three parts using the given separator.") {
    return partition(cx, args, false);
}

NATIVE(bytes_rpartition, "rpartition(self, sep, /)",
       "Partition the bytes into three parts using the given separator, at its last "
       "place.") {
    return partition(cx, args, true);
}

NATIVE(bytes_join, "join(self, iterable_of_bytes, /)",
       "Concatenate any number of bytes objects.") {
    const ObjBytes *separator = AS_BYTES(args[0]);
    const Value list = list_from_iterable(cx, args[1]);
    if (IS_ERROR(list)) {
        if (!text_is_iterable(cx, args[1]) && exc_take_if(cx, EXC_TypeError)) {
            return exc_raise(cx, EXC_TypeError, "can only join an iterable");
        }
        return VALUE_ERROR;
    }
    Value *items = AS_LIST(list)->items->items;
    const size_t n = AS_LIST(list)->n;
    size_t n_bytes = n == 0 ? 0 : separator->n_bytes * (n - 1);
    for (size_t i = 0; i < n; i++) {
        items[i] = byte_view_to_bytes(cx, items[i]);
        if (!IS_BYTES(items[i])) {
            return IS_ERROR(items[i])
                       ? VALUE_ERROR
                       : exc_raise(
                             cx, EXC_TypeError,
                             "sequence item %zu: expected a bytes-like object, %s found",
                             i, type_name_of(cx, items[i]));
        }
        n_bytes += AS_BYTES(items[i])->n_bytes;
    }
    ObjBytes *joined = bytes_new(cx, NULL, n_bytes);
    if (joined == NULL || n_bytes == 0) {
        return result(joined);
    }
    char *out = joined->data;
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            memcpy(out, separator->data, separator->n_bytes);
            out += separator->n_bytes;
        }
        memcpy(out, AS_BYTES(items[i])->data, AS_BYTES(items[i])->n_bytes);
        out += AS_BYTES(items[i])->n_bytes;
    }
    return OBJ_VALUE(joined);
}

NATIVE(bytes_replace, "replace(self, old, new, count=-1, /)",
       "Return a copy with all occurrences of substring old replaced by new.") {
    ObjBytes *old = bytes_arg(cx, args[1]);
    ObjBytes *new_bytes = old == NULL ? NULL : bytes_arg(cx, args[2]);
    int64_t n_max = -1;
    if (new_bytes == NULL || (!IS_UNSET(args[3]) && !arg_int(cx, args[3], &n_max))) {
        return VALUE_ERROR;
    }
    const TextRun run = text_of_bytes(AS_BYTES(args[0]));
    const TextRun old_run = text_of_bytes(old);
    const TextRun new_run = text_of_bytes(new_bytes);
    return text_replace(cx, &run, &old_run, &new_run, n_max);
}

/* Stripping and padding */

static Value strip(Context *cx, const Value *args, int sides) {
    const TextRun run = text_of_bytes(AS_BYTES(args[0]));
    if (IS_UNSET(args[1]) || IS_NONE(args[1])) {
        return text_strip(cx, &run, NULL, sides);
    }
    ObjBytes *set = bytes_arg(cx, args[1]);
    if (set == NULL) {
        return VALUE_ERROR;
    }
    const TextRun set_run = text_of_bytes(set);
    return text_strip(cx, &run, &set_run, sides);
}

NATIVE(bytes_strip, "strip(self, bytes=None, /)",
       "Strip leading and trailing bytes contained in the argument.") {
    return strip(cx, args, TEXT_LEFT | TEXT_RIGHT);
}

NATIVE(bytes_lstrip, "lstrip(self, bytes=None, /)",
       "Strip leading bytes contained in the argument.") {
    return strip(cx, args, TEXT_LEFT);
}

NATIVE(bytes_rstrip, "rstrip(self, bytes=None, /)",
       "Strip trailing bytes contained in the argument.") {
    return strip(cx, args, TEXT_RIGHT);
}

static Value pad(Context *cx, const TextRun *run, size_t n_left, size_t n_right,
                 char fill) {
    if (n_left + n_right == 0) {
        return text_piece(cx, run, run->data, run->n_bytes);
    }
    if (n_left + n_right > PTRDIFF_MAX - run->n_bytes) {
        return exc_raise_no_memory(cx);
    }
    ObjBytes *padded = bytes_new(cx, NULL, n_left + run->n_bytes + n_right);
    if (padded == NULL) {
        return VALUE_ERROR;
    }
    memset(padded->data, fill, n_left);
    memcpy(padded->data + n_left, run->data, run->n_bytes);
    memset(padded->data + n_left + run->n_bytes, fill, n_right);
    return OBJ_VALUE(padded);
}

enum { PAD_CENTER, PAD_LEFT, PAD_RIGHT };

static Value justify(Context *cx, const Value *args, const char *name, int where) {
    const TextRun run = text_of_bytes(AS_BYTES(args[0]));
    int64_t width;
    if (!arg_int(cx, args[1], &width)) {
        return VALUE_ERROR;
    }
    const Value given = IS_KIND(args[2], KIND_BYTEARRAY) ? byte_view_to_bytes(cx, args[2]) : args[2];
    if (!IS_UNSET(given) && (!IS_BYTES(given) || AS_BYTES(given)->n_bytes != 1)) {
        return IS_ERROR(given) ? VALUE_ERROR
                               : exc_raise(cx, EXC_TypeError,
                                           "%s() argument 2 must be a byte string of length 1, not %s",
                                           name, arg_type_name(cx, args[2]));
    }
    const char fill = IS_UNSET(given) ? ' ' : AS_BYTES(given)->data[0];
    const size_t n = width > (int64_t)run.n_bytes ? (size_t)width - run.n_bytes : 0;
    size_t n_left = where == PAD_LEFT ? n : 0;
    if (where == PAD_CENTER) {
        n_left = n / 2 + (n & (size_t)width & 1);
    }
    return pad(cx, &run, n_left, n - n_left, fill);
}

NATIVE(bytes_center, "center(self, width, fillchar=b' ', /)",
       "Return a centered string of length width.") {
    return justify(cx, args, "center", PAD_CENTER);
}

NATIVE(bytes_ljust, "ljust(self, width, fillchar=b' ', /)",
       "Return a left-justified string of length width.") {
    return justify(cx, args, "ljust", PAD_RIGHT);
}

NATIVE(bytes_rjust, "rjust(self, width, fillchar=b' ', /)",
       "Return a right-justified string of length width.") {
    return justify(cx, args, "rjust", PAD_LEFT);
}

NATIVE(
    bytes_zfill, "zfill(self, width, /)",
    "Pad a numeric string with zeros on the left, to fill a field of the given width.") {
    const TextRun run = text_of_bytes(AS_BYTES(args[0]));
    int64_t width;
    if (!arg_int(cx, args[1], &width)) {
        return VALUE_ERROR;
    }
    const size_t n = width > (int64_t)run.n_bytes ? (size_t)width - run.n_bytes : 0;
    const Value padded = pad(cx, &run, n, 0, '0');
    if (!IS_ERROR(padded) && n > 0 && run.n_bytes > 0 &&
        (run.data[0] == '-' || run.data[0] == '+')) {
        AS_BYTES(padded)->data[0] = run.data[0];
        AS_BYTES(padded)->data[n] = '0';
    }
    return padded;
}

NATIVE(bytes_expandtabs, "expandtabs(self, /, tabsize=8)",
       "Return a copy where all tab characters are expanded using spaces.") {
    const TextRun run = text_of_bytes(AS_BYTES(args[0]));
    int tab_size = 8;
    return IS_UNSET(args[1]) || arg_int32(cx, args[1], &tab_size)
               ? text_expand_tabs(cx, &run, tab_size)
               : VALUE_ERROR;
}

/* Case and classes */

static bool is_upper(char c) {
    return (unsigned char)(c - 'A') < 26;
}

static bool is_lower(char c) {
    return (unsigned char)(c - 'a') < 26;
}

static bool is_alpha(char c) {
    return is_upper(c) || is_lower(c);
}

static bool is_digit(char c) {
    return (unsigned char)(c - '0') < 10;
}

static bool is_alnum(char c) {
    return is_alpha(c) || is_digit(c);
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

enum { CASE_LOWER, CASE_UPPER, CASE_SWAP, CASE_TITLE, CASE_CAPITAL };

static char map_char(char c, int mapping, bool is_in_word, bool is_first) {
    const bool wants_upper =
        mapping == CASE_UPPER || (mapping == CASE_SWAP && is_lower(c)) ||
        (mapping == CASE_TITLE && !is_in_word) || (mapping == CASE_CAPITAL && is_first);
    if (wants_upper) {
        return (char)(is_lower(c) ? c - 32 : c);
    }
    return (char)(is_upper(c) ? c + 32 : c);
}

static Value map_case(Context *cx, Value v, int mapping) {
    const ObjBytes *bytes = AS_BYTES(v);
    ObjBytes *mapped = bytes_new(cx, NULL, bytes->n_bytes);
    bool is_in_word = false;
    for (size_t i = 0; mapped != NULL && i < bytes->n_bytes; i++) {
        mapped->data[i] = map_char(bytes->data[i], mapping, is_in_word, i == 0);
        is_in_word = is_alpha(bytes->data[i]);
    }
    return result(mapped);
}

NATIVE(bytes_lower, "lower(self, /)",
       "Return a copy of B with all ASCII characters converted to lowercase.") {
    return map_case(cx, args[0], CASE_LOWER);
}

NATIVE(bytes_upper, "upper(self, /)",
       "Return a copy of B with all ASCII characters converted to uppercase.") {
    return map_case(cx, args[0], CASE_UPPER);
}

NATIVE(bytes_swapcase, "swapcase(self, /)",
       "Return a copy of B with uppercase ASCII characters converted to lowercase and "
       "vice versa.") {
    return map_case(cx, args[0], CASE_SWAP);
}

NATIVE(bytes_title, "title(self, /)", "Return a titlecased version of B.") {
    return map_case(cx, args[0], CASE_TITLE);
}

NATIVE(bytes_capitalize, "capitalize(self, /)",
       "Return a copy of B with only its first character capitalized (ASCII) and the "
       "rest lower-cased.") {
    return map_case(cx, args[0], CASE_CAPITAL);
}

static Value all_are(Value v, bool (*test)(char)) {
    const ObjBytes *bytes = AS_BYTES(v);
    for (size_t i = 0; i < bytes->n_bytes; i++) {
        if (!test(bytes->data[i])) {
            return VALUE_FALSE;
        }
    }
    return BOOL_VALUE(bytes->n_bytes > 0);
}

NATIVE(bytes_isalpha, "isalpha(self, /)",
       "Return True if all characters in B are alphabetic.") {
    return all_are(args[0], is_alpha);
}

NATIVE(bytes_isalnum, "isalnum(self, /)",
       "Return True if all characters in B are alphanumeric.") {
    return all_are(args[0], is_alnum);
}

NATIVE(bytes_isdigit, "isdigit(self, /)",
       "Return True if all characters in B are digits.") {
    return all_are(args[0], is_digit);
}

NATIVE(bytes_isspace, "isspace(self, /)",
       "Return True if all characters in B are whitespace.") {
    return all_are(args[0], is_space);
}

NATIVE(bytes_isascii, "isascii(self, /)",
       "Return True if B is empty or all characters in B are ASCII.") {
    const ObjBytes *bytes = AS_BYTES(args[0]);
    for (size_t i = 0; i < bytes->n_bytes; i++) {
        if (bytes->data[i] & 0x80) {
            return VALUE_FALSE;
        }
    }
    return VALUE_TRUE;
}

static Value all_cased(Value v, bool (*is_this)(char), bool (*is_other)(char)) {
    const ObjBytes *bytes = AS_BYTES(v);
    bool has_this = false;
    for (size_t i = 0; i < bytes->n_bytes; i++) {
        if (is_other(bytes->data[i])) {
            return VALUE_FALSE;
        }
        has_this |= is_this(bytes->data[i]);
    }
    return BOOL_VALUE(has_this);
}

NATIVE(bytes_islower, "islower(self, /)",
       "Return True if all cased characters in B are lowercase.") {
    return all_cased(args[0], is_lower, is_upper);
}

NATIVE(bytes_isupper, "isupper(self, /)",
       "Return True if all cased characters in B are uppercase.") {
    return all_cased(args[0], is_upper, is_lower);
}

NATIVE(bytes_istitle, "istitle(self, /)", "Return True if B is a titlecased string.") {
    const ObjBytes *bytes = AS_BYTES(args[0]);
    bool is_in_word = false;
    bool has_cased = false;
    for (size_t i = 0; i < bytes->n_bytes; i++) {
        const char c = bytes->data[i];
        if ((is_upper(c) && is_in_word) || (is_lower(c) && !is_in_word)) {
            return VALUE_FALSE;
        }
        is_in_word = is_alpha(c);
        has_cased |= is_in_word;
    }
    return BOOL_VALUE(has_cased);
}

/* Translation and conversion */

NATIVE(bytes_translate, "translate(self, table, /, delete=b'')",
       "Return a copy with each character mapped by the given translation table.") {
    const ObjBytes *bytes = AS_BYTES(args[0]);
    const ObjBytes *table = NULL;
    if (!IS_NONE(args[1])) {
        table = bytes_arg(cx, args[1]);
        if (table == NULL) {
            return VALUE_ERROR;
        }
        if (table->n_bytes != 256) {
            return exc_raise(cx, EXC_ValueError,
                             "translation table must be 256 characters long");
        }
    }
    const ObjBytes *deleted = IS_UNSET(args[2]) ? NULL : bytes_arg(cx, args[2]);
    if (deleted == NULL && !IS_UNSET(args[2])) {
        return VALUE_ERROR;
    }
    Buf out = {0};
    for (size_t i = 0; i < bytes->n_bytes; i++) {
        const unsigned char c = (unsigned char)bytes->data[i];
        if (deleted == NULL || memchr(deleted->data, c, deleted->n_bytes) == NULL) {
            buf_add_byte(&out, table == NULL ? (char)c : table->data[c]);
        }
    }
    ObjBytes *translated = bytes_new(cx, out.bytes, out.n_bytes);
    buf_free(&out);
    return result(translated);
}

NATIVE(bytes_maketrans, "maketrans(frm, to, /)",
       "Return a translation table usable for bytes.translate().") {
    const ObjBytes *from = bytes_arg(cx, args[0]);
    const ObjBytes *to = from == NULL ? NULL : bytes_arg(cx, args[1]);
    if (to == NULL) {
        return VALUE_ERROR;
    }
    if (from->n_bytes != to->n_bytes) {
        return exc_raise(cx, EXC_ValueError, "maketrans arguments must have same length");
    }
    ObjBytes *table = bytes_new(cx, NULL, 256);
    if (table == NULL) {
        return VALUE_ERROR;
    }
    for (int i = 0; i < 256; i++) {
        table->data[i] = (char)i;
    }
    for (size_t i = 0; i < from->n_bytes; i++) {
        table->data[(unsigned char)from->data[i]] = to->data[i];
    }
    return OBJ_VALUE(table);
}

NATIVE(bytes_decode, "decode(self, /, encoding='utf-8', errors='strict')",
       "Decode the bytes using the codec registered for encoding.") {
    for (int i = 1; i <= 2; i++) {
        if (!IS_UNSET(args[i]) && !IS_STR(args[i])) {
            return exc_raise(cx, EXC_TypeError,
                             "decode() argument '%s' must be str, not %s",
                             i == 1 ? "encoding" : "errors", arg_type_name(cx, args[i]));
        }
    }
    return codec_decode(cx, AS_BYTES(args[0]), args[1], args[2]);
}

/* The separator of hex(): 0 when there is none, -1: exception. */
static int hex_separator(Context *cx, Value v) {
    if (IS_UNSET(v)) {
        return 0;
    }
    const int64_t n = value_length(cx, v);
    if (n != 1 || (!IS_STR(v) && !IS_BYTES(v))) {
        if (n >= 0) {
            exc_raise(cx, n == 1 ? EXC_TypeError : EXC_ValueError,
                      n == 1 ? "sep must be str or bytes." : "sep must be length 1.");
        }
        return -1;
    }
    const char c = IS_STR(v) ? AS_STR(v)->data[0] : AS_BYTES(v)->data[0];
    if (c & 0x80) {
        exc_raise(cx, EXC_ValueError, "sep must be ASCII.");
        return -1;
    }
    return c;
}

static const char hex_digits[] = "0123456789abcdef";

static inline void write_hex(char *out, char byte) {
    out[0] = hex_digits[(unsigned char)byte >> 4];
    out[1] = hex_digits[byte & 15];
}

static Value to_plain_hex(Context *cx, const ObjBytes *bytes) {
    char *out;
    const size_t n = bytes->n_bytes;
    ObjStr *s = str_new_room(cx, 2 * n, 2 * n, &out);
    for (size_t i = 0; s != NULL && i < n; i++) {
        write_hex(out + 2 * i, bytes->data[i]);
    }
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

Value bytes_to_hex(Context *cx, const ObjBytes *bytes, Value separator_arg,
                   Value group_arg) {
    int group = 1;
    if (!IS_UNSET(group_arg) && !arg_int32(cx, group_arg, &group)) {
        return VALUE_ERROR;
    }
    const int separator = hex_separator(cx, separator_arg);
    if (separator < 0) {
        return VALUE_ERROR;
    }
    if (separator == 0) {
        return to_plain_hex(cx, bytes);
    }
    const size_t n = bytes->n_bytes;
    const size_t n_group =
        group == 0 ? n + 1 : (size_t)(group < 0 ? -(int64_t)group : group);
    Buf out = {0};
    for (size_t i = 0; i < n; i++) {
        /* Groups are counted from the right, or with a negative number from the left. */
        if (i > 0 && (group < 0 ? i : n - i) % n_group == 0) {
            buf_add_byte(&out, (char)separator);
        }
        write_hex(buf_reserve(&out, 2), bytes->data[i]);
        out.n_bytes += 2;
    }
    ObjStr *s = str_from_buf(cx, &out);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

NATIVE(bytes_hex, "hex(self, /, sep=None, bytes_per_sep=1)",
       "Create a string of hexadecimal numbers from a bytes object.") {
    return bytes_to_hex(cx, AS_BYTES(args[0]), args[1], args[2]);
}

static int hex_digit(char c) {
    return is_digit(c)                          ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

NATIVE(bytes_fromhex, "fromhex(cls, string, /)",
       "Create a bytes object from a string of hexadecimal numbers.") {
    if (!IS_STR(args[1])) {
        return exc_raise(cx, EXC_TypeError, "fromhex() argument must be str, not %s",
                         arg_type_name(cx, args[1]));
    }
    const ObjStr *s = AS_STR(args[1]);
    Buf out = {0};
    for (size_t i = 0; i < s->n_bytes;) {
        if (is_space(s->data[i])) {
            i++;
            continue;
        }
        const int high = hex_digit(s->data[i]);
        const int low = high >= 0 && i + 1 < s->n_bytes ? hex_digit(s->data[i + 1]) : -1;
        if (low < 0) {
            buf_free(&out);
            return exc_raise(
                cx, EXC_ValueError,
                "non-hexadecimal number found in fromhex() arg at position %zu",
                str_char_of_byte(s, i + (high >= 0)));
        }
        buf_add_byte(&out, (char)(high << 4 | low));
        i += 2;
    }
    ObjBytes *bytes = bytes_new(cx, out.bytes, out.n_bytes);
    buf_free(&out);
    if (bytes == NULL || args[0] == OBJ_VALUE(cx->rt->types[KIND_BYTES])) {
        return result(bytes);
    }
    const Value argument = OBJ_VALUE(bytes);
    return type_call(cx, AS_TYPE(args[0]), &argument, 1, VALUE_UNSET);
}

NATIVE(bytes_bytes, "__bytes__(self, /)", "Convert this value to exact type bytes.") {
    ObjBytes *bytes =
        IS_EXACT(args[0], KIND_BYTES)
            ? AS_BYTES(args[0])
            : bytes_new(cx, AS_BYTES(args[0])->data, AS_BYTES(args[0])->n_bytes);
    return result(bytes);
}

NATIVE(bytes_getnewargs, "__getnewargs__(self, /)", "") {
    ObjBytes *bytes = bytes_new(cx, AS_BYTES(args[0])->data, AS_BYTES(args[0])->n_bytes);
    return bytes == NULL ? VALUE_ERROR : tuple_pack(cx, 1, OBJ_VALUE(bytes));
}

const NativeDef bytes_methods[] = {
    NATIVE_ENTRY(bytes_capitalize),
    NATIVE_ENTRY(bytes_center),
    NATIVE_ENTRY(bytes_count),
    NATIVE_ENTRY(bytes_decode),
    NATIVE_ENTRY(bytes_endswith),
    NATIVE_ENTRY(bytes_expandtabs),
    NATIVE_ENTRY(bytes_find),
    NATIVE_ENTRY_FLAGS(bytes_fromhex, NATIVE_CLASS),
    NATIVE_ENTRY(bytes_hex),
    NATIVE_ENTRY(bytes_index),
    NATIVE_ENTRY(bytes_isalnum),
    NATIVE_ENTRY(bytes_isalpha),
    NATIVE_ENTRY(bytes_isascii),
    NATIVE_ENTRY(bytes_isdigit),
    NATIVE_ENTRY(bytes_islower),
    NATIVE_ENTRY(bytes_isspace),
    NATIVE_ENTRY(bytes_istitle),
    NATIVE_ENTRY(bytes_isupper),
    NATIVE_ENTRY(bytes_join),
    NATIVE_ENTRY(bytes_ljust),
    NATIVE_ENTRY(bytes_lower),
    NATIVE_ENTRY(bytes_lstrip),
    NATIVE_ENTRY_FLAGS(bytes_maketrans, NATIVE_STATIC),
    NATIVE_ENTRY(bytes_partition),
    NATIVE_ENTRY(bytes_removeprefix),
    NATIVE_ENTRY(bytes_removesuffix),
    NATIVE_ENTRY(bytes_replace),
    NATIVE_ENTRY(bytes_rfind),
    NATIVE_ENTRY(bytes_rindex),
    NATIVE_ENTRY(bytes_rjust),
    NATIVE_ENTRY(bytes_rpartition),
    NATIVE_ENTRY(bytes_rsplit),
    NATIVE_ENTRY(bytes_rstrip),
    NATIVE_ENTRY(bytes_split),
    NATIVE_ENTRY(bytes_splitlines),
    NATIVE_ENTRY(bytes_startswith),
    NATIVE_ENTRY(bytes_strip),
    NATIVE_ENTRY(bytes_swapcase),
    NATIVE_ENTRY(bytes_title),
    NATIVE_ENTRY(bytes_translate),
    NATIVE_ENTRY(bytes_upper),
    NATIVE_ENTRY(bytes_zfill),
    NATIVE_ENTRY(bytes_bytes),
    NATIVE_ENTRY(bytes_getnewargs),
    {0},
};
