/* unicode_data.c - names and properties of characters, looked up in generated tables.
 *
 * A name is a run of word numbers that ends with 0. Every 16th name's place is known, and which
 * characters in a row have names in a row. The names in alphabetical order are a table of numbers. */

#include "runtime/base/unicode_data.h"

#include <stdio.h>
#include <string.h>

typedef struct NameRun {
    uint32_t character;
    uint32_t name;
} NameRun;

typedef struct Sequence {
    uint32_t n;
    uint32_t characters[UNICODE_SEQUENCE_MAX];
} Sequence;

typedef struct Width {
    uint32_t first; /* the row holds up to the next one's first */
    char width[3];
} Width;

typedef struct Decomposition {
    uint32_t character;
    uint32_t start;
} Decomposition;

typedef struct Number {
    uint32_t character;
    int8_t decimal;
    int8_t digit;
    double value;
} Number;

#include "runtime/base/unicode_data.inc"

bool unicode_has_data(void) {
    return N_NAMES > 0;
}

/* The number of rows (size bytes each, which begin with a character, in ascending order) whose
 * character is not above c. */
static size_t count_upto(const void *rows, size_t n, size_t size, uint32_t c) {
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const uint32_t *row = (const uint32_t *)((const char *)rows + middle * size);
        if (*row <= c) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The row of c; NULL when there is none. */
static const void *find_row(const void *rows, size_t n, size_t size, uint32_t c) {
    const size_t upto = count_upto(rows, n, size, c);
    const char *row = (const char *)rows + (upto - 1) * size;
    return upto > 0 && *(const uint32_t *)row == c ? row : NULL;
}

/* ---- names that follow a rule ---- */

static const char ideograph_prefix[] = "CJK UNIFIED IDEOGRAPH-";
static const char syllable_prefix[] = "HANGUL SYLLABLE ";
enum {
    IDEOGRAPH_PREFIX = sizeof ideograph_prefix - 1,
    SYLLABLE_PREFIX = sizeof syllable_prefix - 1,
    SYLLABLE_FIRST = 0xac00,
    N_LEADING = 19,
    N_VOWELS = 21,
    N_TRAILING = 28,
    N_SYLLABLES = N_LEADING * N_VOWELS * N_TRAILING,
};

/* The Unicode Standard, section 3.12: short names of the letters. */
static const char leading[N_LEADING][3] = {"G", "GG", "N", "D",  "DD", "R", "M",
                                           "B", "BB", "S", "SS", "",   "J", "JJ",
                                           "C", "K",  "T", "P",  "H"};
static const char vowels[N_VOWELS][4] = {"A",   "AE", "YA", "YAE", "EO", "E",  "YEO",
                                         "YE",  "O",  "WA", "WAE", "OE", "YO", "U",
                                         "WEO", "WE", "WI", "YU",  "EU", "YI", "I"};
static const char trailing[N_TRAILING][3] = {
    "",   "G",  "GG", "GS", "N",  "NJ", "NH", "D",  "L", "LG", "LM", "LB", "LS", "LT",
    "LP", "LH", "M",  "B",  "BS", "S",  "SS", "NG", "J", "C",  "K",  "T",  "P",  "H"};

static bool is_ideograph(uint32_t c) {
    for (size_t i = 0; ideographs[i][0] <= ideographs[i][1]; i++) {
        if (c >= ideographs[i][0] && c <= ideographs[i][1]) {
            return true;
        }
    }
    return false;
}

static size_t name_by_rule(uint32_t c, char out[UNICODE_NAME_MAX]) {
    if (is_ideograph(c)) {
        return (size_t)snprintf(out, UNICODE_NAME_MAX, "%s%X", ideograph_prefix, c);
    }
    if (c < SYLLABLE_FIRST || c >= SYLLABLE_FIRST + N_SYLLABLES) {
        return 0;
    }
    const uint32_t index = c - SYLLABLE_FIRST;
    return (size_t)snprintf(out, UNICODE_NAME_MAX, "%s%s%s%s", syllable_prefix,
                            leading[index / (N_VOWELS * N_TRAILING)],
                            vowels[index / N_TRAILING % N_VOWELS],
                            trailing[index % N_TRAILING]);
}

static size_t find_ideograph(const char *digits, size_t n, uint32_t *out) {
    uint32_t c = 0;
    if (n != 4 && n != 5) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        const char *digit = strchr("0123456789ABCDEF", digits[i]);
        if (digit == NULL || digits[i] == '\0') {
            return 0;
        }
        const char *zero =
            digit - (digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'A' + 10);
        c = c * 16 + (uint32_t)(digit - zero);
    }
    *out = c;
    return is_ideograph(c);
}

/* The longest of the names that the text begins with; *index says which one. */
static size_t match_longest(const char *names, size_t n_names, size_t size,
                            const char *text, size_t n_bytes, uint32_t *index) {
    size_t longest = 0;
    bool is_found = false;
    for (size_t i = 0; i < n_names; i++) {
        const char *name = names + i * size;
        const size_t length = strlen(name);
        if (length <= n_bytes && memcmp(name, text, length) == 0 &&
            (!is_found || length > longest)) {
            longest = length;
            is_found = true;
            *index = (uint32_t)i;
        }
    }
    return is_found ? longest : n_bytes + 1;
}

static size_t find_syllable(const char *text, size_t n_bytes, uint32_t *out) {
    uint32_t l = 0;
    uint32_t v = 0;
    uint32_t t = 0;
    size_t used =
        match_longest(leading[0], N_LEADING, sizeof leading[0], text, n_bytes, &l);
    used += match_longest(vowels[0], N_VOWELS, sizeof vowels[0], text + used,
                          n_bytes - used, &v);
    if (used > n_bytes) {
        return 0;
    }
    used += match_longest(trailing[0], N_TRAILING, sizeof trailing[0], text + used,
                          n_bytes - used, &t);
    *out = SYLLABLE_FIRST + (l * N_VOWELS + v) * N_TRAILING + t;
    return used == n_bytes;
}

/* ---- names in the tables ---- */

/* Reads a word's number, 0 at the end of a name. */
static uint32_t read_number(const uint8_t **at) {
    const uint32_t first = *(*at)++;
    if (first < UNICODE_SHORT_WORDS) {
        return first;
    }
    return UNICODE_SHORT_WORDS + ((first - UNICODE_SHORT_WORDS) << 8) + *(*at)++;
}

static const uint8_t *find_words(uint32_t name) {
    const uint8_t *at = name_words + name_blocks[name / UNICODE_NAMES_PER_BLOCK];
    for (uint32_t i = name % UNICODE_NAMES_PER_BLOCK; i > 0; i--) {
        while (read_number(&at) != 0) {
        }
    }
    return at;
}

static size_t write_name(uint32_t name, char out[UNICODE_NAME_MAX]) {
    const uint8_t *at = find_words(name);
    size_t n = 0;
    for (uint32_t word; (word = read_number(&at)) != 0;) {
        const size_t length = word_starts[word + 1] - word_starts[word];
        if (n > 0) {
            out[n++] = ' ';
        }
        memcpy(out + n, word_texts + word_starts[word], length);
        n += length;
    }
    out[n] = '\0';
    return n;
}

size_t unicode_name(uint32_t c, char out[UNICODE_NAME_MAX]) {
    const size_t upto = count_upto(name_runs, N_NAME_RUNS, sizeof name_runs[0], c);
    if (upto > 0) {
        const NameRun *run = &name_runs[upto - 1];
        const uint32_t name = run->name + (c - run->character);
        if (name < run[1].name) {
            return write_name(name, out);
        }
    }
    return name_by_rule(c, out);
}

static size_t find_in_tables(const char *name, uint32_t out[UNICODE_SEQUENCE_MAX]) {
    char other[UNICODE_NAME_MAX];
    size_t low = 0;
    size_t high = N_NAMES;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const uint32_t number = names_sorted[middle];
        write_name(number, other);
        const int order = strcmp(name, other);
        if (order < 0) {
            high = middle;
        } else if (order > 0) {
            low = middle + 1;
        } else if (number >= N_CHARACTERS) {
            const Sequence *sequence = &sequences[number - N_CHARACTERS];
            memcpy(out, sequence->characters, sizeof sequence->characters);
            return sequence->n;
        } else {
            const NameRun *run = name_runs;
            while (run[1].name <= number) {
                run++;
            }
            out[0] = run->character + (number - run->name);
            return 1;
        }
    }
    return 0;
}

size_t unicode_find_name(const char *name, size_t n_bytes,
                         uint32_t out[UNICODE_SEQUENCE_MAX]) {
    if (n_bytes >= UNICODE_NAME_MAX || memchr(name, '\0', n_bytes) != NULL) {
        return 0;
    }
    if (n_bytes > IDEOGRAPH_PREFIX &&
        memcmp(name, ideograph_prefix, IDEOGRAPH_PREFIX) == 0) {
        return find_ideograph(name + IDEOGRAPH_PREFIX, n_bytes - IDEOGRAPH_PREFIX, out);
    }
    if (n_bytes > SYLLABLE_PREFIX &&
        memcmp(name, syllable_prefix, SYLLABLE_PREFIX) == 0) {
        return find_syllable(name + SYLLABLE_PREFIX, n_bytes - SYLLABLE_PREFIX, out);
    }
    char upper[UNICODE_NAME_MAX];
    for (size_t i = 0; i < n_bytes; i++) {
        upper[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 32) : name[i];
    }
    upper[n_bytes] = '\0';
    return find_in_tables(upper, out);
}

/* ---- properties ---- */

const char *unicode_east_asian_width(uint32_t c) {
    return widths[count_upto(widths, N_WIDTHS, sizeof widths[0], c) - 1].width;
}

const char *unicode_decomposition(uint32_t c) {
    const Decomposition *row =
        find_row(decompositions, N_DECOMPOSITIONS, sizeof decompositions[0], c);
    return row == NULL ? "" : decomposition_texts + row->start;
}

int unicode_digit_value(uint32_t c) {
    const Number *row = find_row(numbers, N_NUMBERS, sizeof numbers[0], c);
    return row == NULL ? -1 : row->digit;
}

double unicode_number_value(uint32_t c) {
    const Number *row = find_row(numbers, N_NUMBERS, sizeof numbers[0], c);
    return row == NULL ? UNICODE_NO_NUMBER : row->value;
}
