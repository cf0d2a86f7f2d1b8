/* list_sort.c - sorting: list.sort() and what sorted() is made of.
 *
 * What is sorted are rows: a key and, when there is a key function, the item that it was
 * made from. Most lists that are sorted hold numbers, or strings, or tuples of these. For
 * them the keys are turned into 64-bit words that have the same order (numbers: all of
 * their bits; strings: their next 8 bytes), the words are sorted by radix, which compares
 * nothing and is stable, and the rows are brought into that order. Rows whose words are
 * equal form a group, which is sorted on by the next 8 bytes or the next item of the
 * tuples. So neither a script's code nor a comparison of objects runs. Everything else
 * (sort_by_comparing) goes through a merge sort of natural runs, made longer by binary
 * insertion and merged in the order of Munro and Wild's powersort; only `<` is asked for,
 * later row first, and an exception at any time leaves a permutation of the rows. Runs are
 * found and made longer by the same comparisons as in CPython 3.13 (Peters, listsort.txt),
 * so that up to MAX_MIN_RUN rows that have no order (NaN) end up where they do there.
 *
 * While it is sorted the list is empty: whoever changes it meanwhile gets a ValueError in
 * the sorting thread.
 *
 * Threads: rows and temporary arrays belong to the sorting thread; without the GIL the
 * list's storage is copied first, since others may still read it. */

#include "runtime/objects/list.h"

#include <stdlib.h>

#include "runtime/call.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/seq.h"

/* SMALL: up to here words are sorted by insertion, in memory of the C stack. Measured with
 * random floats: for 120 rows insertion and radix take the same time, for 80 radix takes
 * half as long again. */
enum { SMALL = 128, MAX_MIN_RUN = 64, MAX_LEVEL = 8, MAX_RUNS = 80, WORD_BYTES = 8 };

typedef struct Sorter {
    Context *cx;
    Value *keys;
    Value *values; /* the items; NULL when they are their own keys */
    Value *spare;  /* room for n keys and n values; NULL until it is needed */
    size_t n;
} Sorter;

/* A row's key as a number of the same order, and the row. */
typedef struct Word {
    uint64_t order;
    uint64_t row;
} Word;

/* A level says what of the keys is compared: the keys themselves, or item `level` of
 * tuples. */
enum { LEVEL_KEY = -1 };

typedef enum KeyKind {
    KEYS_INT,
    KEYS_NUMBER,
    KEYS_STR,
    KEYS_TUPLE,
    KEYS_EQUAL,
    KEYS_OTHER
} KeyKind;

static bool sort_level(Sorter *s, size_t from, size_t n, int level);

/* Sorting words */

static void insert_words(Word *words, size_t n) {
    for (size_t i = 1; i < n; i++) {
        const Word word = words[i];
        size_t at = i;
        for (; at > 0 && words[at - 1].order > word.order; at--) {
            words[at] = words[at - 1];
        }
        words[at] = word;
    }
}

/* Least significant byte first, skipping bytes that all words share. Returns where the
 * result is: words or spare. */
static Word *radix_words(Word *words, Word *spare, size_t n) {
    size_t counts[WORD_BYTES][256];
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < n; i++) {
        for (int byte = 0; byte < WORD_BYTES; byte++) {
            counts[byte][words[i].order >> (8 * byte) & 0xff]++;
        }
    }
    for (int byte = 0; byte < WORD_BYTES; byte++) {
        size_t *count = counts[byte];
        const int shift = 8 * byte;
        if (count[words[0].order >> shift & 0xff] == n) {
            continue;
        }
        size_t at = 0;
        for (int digit = 0; digit < 256; digit++) {
            const size_t n_here = count[digit];
            count[digit] = at;
            at += n_here;
        }
        for (size_t i = 0; i < n; i++) {
            spare[count[words[i].order >> shift & 0xff]++] = words[i];
        }
        Word *sorted = spare;
        spare = words;
        words = sorted;
    }
    return words;
}

/* The same for bare words. */
static uint64_t *radix_plain(uint64_t *words, uint64_t *spare, size_t n) {
    size_t counts[WORD_BYTES][256];
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < n; i++) {
        for (int byte = 0; byte < WORD_BYTES; byte++) {
            counts[byte][words[i] >> (8 * byte) & 0xff]++;
        }
    }
    for (int byte = 0; byte < WORD_BYTES; byte++) {
        size_t *count = counts[byte];
        const int shift = 8 * byte;
        if (count[words[0] >> shift & 0xff] == n) {
            continue;
        }
        size_t at = 0;
        for (int digit = 0; digit < 256; digit++) {
            const size_t n_here = count[digit];
            count[digit] = at;
            at += n_here;
        }
        for (size_t i = 0; i < n; i++) {
            spare[count[words[i] >> shift & 0xff]++] = words[i];
        }
        uint64_t *sorted = spare;
        spare = words;
        words = sorted;
    }
    return words;
}

/* Keys to words */

#define INT_SIGN ((uint64_t)1 << (63 - VALUE_INT_SHIFT))

static inline Value key_at(const Sorter *s, size_t row, int level) {
    return level == LEVEL_KEY ? s->keys[row] : AS_TUPLE(s->keys[row])->items[level];
}

static uint64_t number_order(Value v) {
    double d = IS_INT(v) ? (double)value_to_int(v) : value_to_double(v);
    uint64_t bits;
    d += 0.0; /* -0.0 becomes 0.0 */
    memcpy(&bits, &d, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

/* Eight bytes of the text from offset on, as a big-endian number; zeros behind its
 * end. */
static uint64_t str_order(const ObjStr *s, size_t offset) {
    uint64_t order = 0;
    if (offset >= s->n_bytes) {
        return 0;
    }
    const size_t n_left = s->n_bytes - offset;
    memcpy(&order, s->data + offset, n_left < WORD_BYTES ? n_left : WORD_BYTES);
    return __builtin_bswap64(
        order); /* memory order is little-endian on all supported processors */
}

static KeyKind kind_of(Value v) {
    if (IS_INT(v)) {
        return KEYS_INT;
    }
    if (IS_FLOAT(v)) {
        return value_to_double(v) == value_to_double(v) ? KEYS_NUMBER : KEYS_OTHER;
    }
    if (IS_EXACT(v, KIND_STR)) {
        return KEYS_STR;
    }
    return IS_EXACT(v, KIND_TUPLE) && AS_TUPLE(v)->n > 0 ? KEYS_TUPLE : KEYS_OTHER;
}

/* What all the keys of a level are. */
static KeyKind classify(const Sorter *s, size_t from, size_t n, int level) {
    if (level >= 0) {
        size_t n_shortest = SIZE_MAX;
        size_t n_longest = 0;
        for (size_t i = from; i < from + n; i++) {
            const size_t n_items = AS_TUPLE(s->keys[i])->n;
            n_shortest = n_items < n_shortest ? n_items : n_shortest;
            n_longest = n_items > n_longest ? n_items : n_longest;
        }
        if (n_longest <= (size_t)level) {
            return KEYS_EQUAL;
        }
        if (n_shortest <= (size_t)level || level == MAX_LEVEL) {
            return KEYS_OTHER;
        }
    }
    KeyKind all = kind_of(key_at(s, from, level));
    for (size_t i = from + 1; i < from + n; i++) {
        const KeyKind kind = kind_of(key_at(s, i, level));
        if (kind != all) {
            if (kind > KEYS_NUMBER || all > KEYS_NUMBER) {
                return KEYS_OTHER;
            }
            all = KEYS_NUMBER;
        }
    }
    return all == KEYS_TUPLE && level != LEVEL_KEY ? KEYS_OTHER : all;
}

/* Rows */

static void reverse_values(Value *values, size_t n) {
    for (size_t i = 0, j = n; i + 1 < j; i++) {
        j--;
        const Value v = values[i];
        values[i] = values[j];
        values[j] = v;
    }
}

static void reverse_rows(Sorter *s, size_t from, size_t n) {
    reverse_values(s->keys + from, n);
    if (s->values != NULL) {
        reverse_values(s->values + from, n);
    }
}

static void permute(Value *values, const Word *words, Value *spare, size_t n) {
    memcpy(spare, values, n * sizeof(Value));
    for (size_t i = 0; i < n; i++) {
        values[i] = spare[words[i].row];
    }
}

static bool need_spare(Sorter *s) {
    if (s->spare == NULL) {
        ObjArray *array = array_new(s->cx, s->values == NULL ? s->n : 2 * s->n);
        s->spare = array == NULL ? NULL : array->items;
    }
    return s->spare != NULL;
}

/* Memory for sorting n words: malloc'ed, since the collector has no business there:
 * between filling and emptying it nothing is allocated on the heap and no script code
 * runs. NULL with MemoryError. */
static void *scratch_new(Context *cx, size_t n, size_t item_bytes) {
    void *scratch = n < SIZE_MAX / item_bytes ? malloc(n * item_bytes) : NULL;
    if (scratch == NULL) {
        exc_raise_no_memory(cx);
    }
    return scratch;
}

static void fill_words(const Sorter *s, Word *words, size_t from, size_t n, int level,
                       KeyKind kind, size_t offset) {
    for (size_t i = 0; i < n; i++) {
        const Value key = key_at(s, from + i, level);
        words[i].row = i;
        words[i].order = kind == KEYS_INT      ? key ^ INT_SIGN
                         : kind == KEYS_NUMBER ? number_order(key)
                                               : str_order(AS_STR(key), offset);
    }
}

/* 1: in order, -1: strictly backwards, 0: neither. */
static int direction(const Word *words, size_t n) {
    size_t n_up = 0;
    for (size_t i = 1; i < n; i++) {
        n_up += words[i - 1].order <= words[i].order;
    }
    return n_up + 1 == n ? 1 : n_up == 0 ? -1 : 0;
}

static bool sort_str_rest(Sorter *s, size_t from, size_t n, int level, size_t offset);
static bool sort_by_comparing(Sorter *s, size_t from, size_t n);

/* Sorts on the rows of a group, which are equal so far. */
static bool sort_group(Sorter *s, size_t from, size_t n, int level, KeyKind kind,
                       size_t offset) {
    if (kind == KEYS_STR) {
        return sort_str_rest(s, from, n, level, offset + WORD_BYTES);
    }
    return level == LEVEL_KEY || sort_level(s, from, n, level + 1);
}

/* Brings rows into the order of words (which has twice n places). *sorted is where the
 * words are in order. */
static void order_rows(Sorter *s, size_t from, size_t n, Word *words, Value *spare,
                       Word **sorted) {
    *sorted = words;
    if (n <= SMALL) {
        insert_words(words, n);
    } else {
        *sorted = radix_words(words, words + n, n);
    }
    permute(s->keys + from, *sorted, spare, n);
    if (s->values != NULL) {
        permute(s->values + from, *sorted, spare, n);
    }
}

static bool sort_groups(Sorter *s, size_t from, size_t n, const Word *words, int level,
                        KeyKind kind, size_t offset) {
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && words[end].order == words[i].order) {
            end++;
        }
        if (end - i > 1 && !sort_group(s, from + i, end - i, level, kind, offset)) {
            return false;
        }
        i = end;
    }
    return true;
}

/* Sorts rows by the words of their keys at a level (for strings from offset on), and
 * groups of equal ones further. */
static bool sort_by_words(Sorter *s, size_t from, size_t n, int level, KeyKind kind,
                          size_t offset) {
    Word small_words[SMALL];
    Value small_spare[SMALL];
    Word *words = small_words;
    Value *spare = small_spare;
    if (!exc_check_c_stack(s->cx)) {
        return false;
    }
    if (n > SMALL) {
        words = scratch_new(s->cx, n, 2 * sizeof(Word) + sizeof(Value));
        if (words == NULL) {
            return false;
        }
        spare = (Value *)(words + 2 * n);
    }
    Word *sorted = words;
    bool is_done = true;
    fill_words(s, words, from, n, level, kind, offset);
    const int order = direction(words, n);
    if (order < 0) {
        reverse_rows(s, from, n); /* and no two are equal */
    } else {
        if (order == 0) {
            order_rows(s, from, n, words, spare, &sorted);
        }
        if (kind == KEYS_STR || level != LEVEL_KEY) {
            is_done = sort_groups(s, from, n, sorted, level, kind, offset);
        }
    }
    if (words != small_words) {
        free(words);
    }
    return is_done;
}

/* Strings that are equal up to offset. */
static bool sort_str_rest(Sorter *s, size_t from, size_t n, int level, size_t offset) {
    const size_t n_bytes = AS_STR(key_at(s, from, level))->n_bytes;
    bool is_same_length = true;
    for (size_t i = from + 1; i < from + n && is_same_length; i++) {
        is_same_length = AS_STR(key_at(s, i, level))->n_bytes == n_bytes;
    }
    if (is_same_length && n_bytes <= offset) {
        return level == LEVEL_KEY || sort_level(s, from, n, level + 1);
    }
    if (offset >= MAX_LEVEL * WORD_BYTES || (!is_same_length && n_bytes <= offset)) {
        return sort_by_comparing(s, from, n);
    }
    return sort_by_words(s, from, n, level, KEYS_STR, offset);
}

/* Many bare small integers: their own bits are sorted. */
static bool sort_plain_ints(Sorter *s) {
    const size_t n = s->n;
    size_t n_up = 0;
    for (size_t i = 1; i < n; i++) {
        n_up += (s->keys[i - 1] ^ INT_SIGN) <= (s->keys[i] ^ INT_SIGN);
    }
    if (n_up == n - 1 || n_up == 0) {
        if (n_up == 0) {
            reverse_rows(s, 0, n);
        }
        return true;
    }
    uint64_t *scratch = scratch_new(s->cx, n, sizeof(uint64_t));
    if (scratch == NULL) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        s->keys[i] ^= INT_SIGN;
    }
    const uint64_t *sorted = radix_plain(s->keys, scratch, n);
    for (size_t i = 0; i < n; i++) {
        s->keys[i] = sorted[i] ^ INT_SIGN;
    }
    free(scratch);
    return true;
}

/* Sorting by comparison */

static int is_less(Context *cx, Value a, Value b) {
    if (BOTH_INT(a, b)) {
        return value_to_int(a) < value_to_int(b);
    }
    if (IS_EXACT(a, KIND_STR) && IS_EXACT(b, KIND_STR)) {
        return str_compare(AS_STR(a), AS_STR(b)) < 0;
    }
    return value_less(cx, a, b);
}

/* Puts row `at` in its place among the rows [from, at), which are in order. */
static bool insert_row(Sorter *s, size_t from, size_t at) {
    const Value key = s->keys[at];
    size_t low = from;
    size_t high = at;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int less = is_less(s->cx, key, s->keys[middle]);
        if (less < 0) {
            return false;
        }
        if (less) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    memmove(s->keys + low + 1, s->keys + low, (at - low) * sizeof(Value));
    s->keys[low] = key;
    if (s->values != NULL) {
        const Value value = s->values[at];
        memmove(s->values + low + 1, s->values + low, (at - low) * sizeof(Value));
        s->values[low] = value;
    }
    return true;
}

/* Goes on from row `at` over rows that are not less than the one before. 0: exception. */
static size_t climb(const Sorter *s, size_t at, size_t end) {
    int less = 0;
    while (at < end && (less = is_less(s->cx, s->keys[at], s->keys[at - 1])) == 0) {
        at++;
    }
    return less < 0 ? 0 : at;
}

/* The same over rows that are not more; equal ones are turned round, since all of them will
 * be once more. */
static size_t descend(Sorter *s, size_t at, size_t end) {
    size_t n_equal = 0; /* to the row before, at the end */
    for (; at < end; at++) {
        int less = is_less(s->cx, s->keys[at], s->keys[at - 1]);
        if (less > 0) {
            reverse_rows(s, at - 1 - n_equal, n_equal + 1);
            n_equal = 0;
            continue;
        }
        less = less < 0 ? less : is_less(s->cx, s->keys[at - 1], s->keys[at]);
        if (less < 0) {
            return 0;
        }
        if (less > 0) {
            break;
        }
        n_equal++;
    }
    reverse_rows(s, at - 1 - n_equal, n_equal + 1);
    return at;
}

/* The end of the run that begins at `from`, at most `end`; 0: exception. A run that goes
 * down is turned round, and may then go on upwards. */
static size_t find_natural_run(Sorter *s, size_t from, size_t end) {
    size_t at = climb(s, from + 1, end);
    if (at == 0 || at == end) {
        return at;
    }
    if (at - from > 1) {
        const int is_rising = is_less(s->cx, s->keys[from], s->keys[at - 1]);
        if (is_rising != 0) {
            return is_rising < 0 ? 0 : at;
        }
        reverse_rows(s, from, at - from);
    }
    at = descend(s, at + 1, end);
    if (at == 0) {
        return 0;
    }
    reverse_rows(s, from, at - from);
    return climb(s, at, end);
}

/* The same, made at least n_wanted long. */
static size_t find_run(Sorter *s, size_t from, size_t end, size_t n_wanted) {
    size_t at = find_natural_run(s, from, end);
    const size_t wanted = end - from < n_wanted ? end : from + n_wanted;
    for (; at != 0 && at < wanted; at++) {
        if (!insert_row(s, from, at)) {
            return 0;
        }
    }
    return at;
}

/* How long runs are made: between half of MAX_MIN_RUN and that, and so that the number of them
 * is a power of two or just below one. */
static size_t min_run(size_t n) {
    size_t rest = 0;
    for (; n >= MAX_MIN_RUN; n >>= 1) {
        rest |= n & 1;
    }
    return n + rest;
}

/* How many of the n keys come before `key`; with after_equal those equal to it count too.
 * SIZE_MAX: exception. */
static size_t find_place(Context *cx, const Value *keys, size_t n, Value key,
                         bool after_equal) {
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int less =
            after_equal ? is_less(cx, key, keys[middle]) : is_less(cx, keys[middle], key);
        if (less < 0) {
            return SIZE_MAX;
        }
        if (less == after_equal) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* Merges the runs [from, middle) and [middle, end). */
static bool merge(Sorter *s, size_t from, size_t middle, size_t end) {
    /* What stands right already is left out: often that is nearly everything. */
    const size_t n_low =
        find_place(s->cx, s->keys + from, middle - from, s->keys[middle], true);
    if (n_low == SIZE_MAX) {
        return false;
    }
    from += n_low;
    if (from == middle) {
        return true;
    }
    const size_t n_high =
        find_place(s->cx, s->keys + middle, end - middle, s->keys[middle - 1], false);
    if (n_high == SIZE_MAX || !need_spare(s)) {
        return false;
    }
    end = middle + n_high;
    /* The left run moves out of the way; s->spare has room for its keys and, further up,
     * its values. */
    const size_t n_left = middle - from;
    Value *left_keys = s->spare;
    Value *left_values = s->spare + s->n;
    memcpy(left_keys, s->keys + from, n_left * sizeof(Value));
    if (s->values != NULL) {
        memcpy(left_values, s->values + from, n_left * sizeof(Value));
    }
    size_t left = 0;
    size_t right = middle;
    size_t to = from;
    bool is_ok = true;
    while (left < n_left && right < end) {
        const int less = is_less(s->cx, s->keys[right], left_keys[left]);
        if (less < 0) {
            is_ok = false;
            break;
        }
        s->keys[to] = less ? s->keys[right] : left_keys[left];
        if (s->values != NULL) {
            s->values[to] = less ? s->values[right] : left_values[left];
        }
        to++;
        right += (size_t)less;
        left += (size_t)!less;
    }
    memcpy(s->keys + to, left_keys + left, (n_left - left) * sizeof(Value));
    if (s->values != NULL) {
        memcpy(s->values + to, left_values + left, (n_left - left) * sizeof(Value));
    }
    return is_ok;
}

/* The level at which powersort merges two neighbouring runs: the first bit in which the
 * middles of the two, as fractions of all rows, differ. */
static int run_power(size_t n, size_t from, size_t middle, size_t end) {
    uint64_t a = from + middle;
    uint64_t b = middle + end;
    int power = 0;
    for (n *= 2;;) {
        power++;
        a *= 2;
        b *= 2;
        if ((a >= n) != (b >= n)) {
            return power;
        }
        if (a >= n) {
            a -= n;
            b -= n;
        }
    }
}

typedef struct Run {
    size_t from;
    int power; /* of the border to the run before */
} Run;

static bool sort_by_comparing(Sorter *s, size_t from, size_t n) {
    Run runs[MAX_RUNS];
    int n_runs = 0;
    const size_t end = from + n;
    const size_t n_wanted = min_run(n);
    for (size_t at = from; at < end;) {
        const size_t run_end = find_run(s, at, end, n_wanted);
        if (run_end == 0) {
            return false;
        }
        int power = 0;
        if (n_runs > 0) {
            power = run_power(n, runs[n_runs - 1].from - from, at - from, run_end - from);
            for (; n_runs > 1 && runs[n_runs - 1].power >= power; n_runs--) {
                if (!merge(s, runs[n_runs - 2].from, runs[n_runs - 1].from, at)) {
                    return false;
                }
            }
        }
        runs[n_runs++] = (Run){at, power};
        at = run_end;
    }
    for (; n_runs > 1; n_runs--) {
        if (!merge(s, runs[n_runs - 2].from, runs[n_runs - 1].from, end)) {
            return false;
        }
    }
    return true;
}

/* The whole */

static bool sort_level(Sorter *s, size_t from, size_t n, int level) {
    const KeyKind kind = classify(s, from, n, level);
    switch (kind) {
    case KEYS_INT:
        if (level == LEVEL_KEY && s->values == NULL && n > SMALL) {
            return sort_plain_ints(s);
        }
        return sort_by_words(s, from, n, level, kind, 0);
    case KEYS_NUMBER:
    case KEYS_STR: return sort_by_words(s, from, n, level, kind, 0);
    case KEYS_TUPLE: return sort_level(s, from, n, 0);
    case KEYS_EQUAL: return true;
    case KEYS_OTHER: break;
    }
    return sort_by_comparing(s, from, n);
}

/* Calls the key function once for each item. */
static Value *make_keys(Context *cx, const Value *items, size_t n, Value key) {
    ObjArray *keys = array_new(cx, n);
    for (size_t i = 0; keys != NULL && i < n; i++) {
        const Value k = call_value(cx, key, &items[i], 1);
        if (IS_ERROR(k)) {
            return NULL;
        }
        value_store(&keys->items[i], k);
    }
    return keys == NULL ? NULL : keys->items;
}

static bool sort_items(Context *cx, Value *items, size_t n, Value key, bool is_reverse) {
    Sorter s = {.cx = cx, .keys = items, .n = n};
    if (!IS_NONE(key)) {
        s.keys = make_keys(cx, items, n, key);
        s.values = items;
        if (s.keys == NULL) {
            return false;
        }
    }
    if (n < 2) {
        return true;
    }
    if (is_reverse) { /* twice, so that equal items keep their order */
        reverse_rows(&s, 0, n);
    }
    const bool is_done = sort_level(&s, 0, n, LEVEL_KEY);
    if (is_reverse) {
        reverse_rows(&s, 0, n);
    }
    return is_done;
}

/* Whether comparing v with its like runs no code of a script. */
static bool is_plain(Value v, int depth) {
    if (!IS_OBJ(v) || IS_EXACT(v, KIND_STR) || IS_EXACT(v, KIND_INT) ||
        IS_EXACT(v, KIND_BYTES)) {
        return true;
    }
    if (!IS_EXACT(v, KIND_TUPLE) || depth == 0) {
        return false;
    }
    const ObjTuple *tuple = AS_TUPLE(v);
    for (size_t i = 0; i < tuple->n; i++) {
        if (!is_plain(tuple->items[i], depth - 1)) {
            return false;
        }
    }
    return true;
}

static bool are_plain(const ObjArray *items, size_t n) {
    size_t i = 0;
    while (i < n && is_plain(items->items[i], 2)) {
        i++;
    }
    return i == n;
}

/* Sorts plain items at one instant, as the GIL would have it. */
static bool sort_at_once_locked(Context *cx, ObjList *list, bool is_reverse) {
    ObjArray *sorted = seq_copy_items(cx, list->items->items, list->n);
    if (sorted == NULL) {
        return false;
    }
    const bool is_done =
        sort_items(cx, sorted->items, list->n, VALUE_NONE, is_reverse);
    atomic_store_release(&list->items, sorted);
    return is_done;
}

bool list_sort(Context *cx, ObjList *list, Value key, bool is_reverse) {
    ObjArray *empty = (ObjArray *)AS_OBJ(cx->rt->empty_array);
    bool is_locked = objlock_lock(cx, &list->header);
    ObjArray *items = list->items;
    const size_t n = list->n;
    if (is_locked && n > 0 && IS_NONE(key) && are_plain(items, n)) {
        const bool is_done = sort_at_once_locked(cx, list, is_reverse);
        objlock_unlock(cx, &list->header, is_locked);
        return is_done;
    }
    atomic_store_release(&list->items, empty);
    atomic_store_relaxed(&list->n, (size_t)0);
    objlock_unlock(cx, &list->header, is_locked);

    ObjArray *sorted =
        cx->is_parallel && n > 0 ? seq_copy_items(cx, items->items, n) : items;
    bool is_done = sorted != NULL && sort_items(cx, sorted->items, n, key, is_reverse);

    is_locked = objlock_lock(cx, &list->header);
    const bool was_changed = list->items != empty;
    atomic_store_release(&list->items, sorted == NULL ? items : sorted);
    atomic_store_relaxed(&list->n, n);
    objlock_unlock(cx, &list->header, is_locked);
    if (was_changed && is_done) {
        exc_raise(cx, EXC_ValueError, "list modified during sort");
        is_done = false;
    }
    return is_done;
}
