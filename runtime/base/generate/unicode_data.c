/* unicode_data.c - a program of the build: from the files of the Unicode Character Database to the
 * tables that runtime/base/unicode_data.c includes.
 *
 *     unicode_data OUTPUT [FOLDER...]
 *
 * Of each file the folders are read in their order; what an earlier one said holds. Without any
 * folder the tables are empty. Names are kept as numbers of their words, the most frequent words
 * having the shortest numbers: 0.3 MB for what is 1.9 MB as text. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/unicode_data.h"

enum { N_CODE_POINTS = 0x110000, N_FIELDS = 15, MAX_ENTRIES = 65535, N_SLOTS = 1 << 16 };

typedef struct Word {
    const char *text;
    uint32_t length;
    uint32_t count;
    uint32_t number;
} Word;

/* A name: of a character when n is 0, else of n characters (an alias, a sequence). */
typedef struct Entry {
    const char *name;
    uint32_t character;
    uint32_t n;
    uint32_t more[UNICODE_SEQUENCE_MAX];
} Entry;

typedef struct Number {
    uint32_t character;
    const char *decimal;
    const char *digit;
    const char *value; /* 1 or 1/2 */
} Number;

static const char *const width_names[] = {"", "N", "Na", "W", "F", "H", "A"};
enum { N_WIDTH_NAMES = sizeof width_names / sizeof *width_names };

static FILE *out;
static Entry entries[MAX_ENTRIES];
static uint32_t n_entries;
static uint32_t n_characters; /* of the entries: those come first */
static Word words[N_SLOTS];   /* a hash table, then sorted */
static uint32_t n_words;
static bool is_known[N_CODE_POINTS];
static bool is_ideograph[N_CODE_POINTS];
static const char *decompositions[N_CODE_POINTS];
static uint8_t widths[N_CODE_POINTS]; /* into width_names */
static Number numbers[MAX_ENTRIES];
static uint32_t n_numbers;

static void fail(const char *what, const char *about) {
    fprintf(stderr, "unicode_data: %s: %s\n", what, about);
    exit(1);
}

/* ---- reading ---- */

static char *copy_text(const char *text, size_t length) {
    char *copy = calloc(length + 1, 1);
    if (copy == NULL) {
        fail("out of memory", text);
    }
    return memcpy(copy, text, length);
}

/* Splits "a; b # comment" in place; returns the number of fields, without blanks around them. */
static int split_fields(char *line, char **fields) {
    line[strcspn(line, "#\r\n")] = '\0';
    int n = 0;
    for (char *at = line; at != NULL && n < N_FIELDS;) {
        char *end = strchr(at, ';');
        char *next = end == NULL ? NULL : end + 1;
        end = end == NULL ? at + strlen(at) : end;
        at += strspn(at, " ");
        while (end > at && end[-1] == ' ') {
            end--;
        }
        *end = '\0';
        fields[n++] = at;
        at = next;
    }
    return n == 1 && fields[0][0] == '\0' ? 0 : n;
}

typedef void (*ReadLine)(char **fields, int n_fields);

static void read_file(const char *folder, const char *name, ReadLine read_line,
                      bool must_exist) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        if (must_exist) {
            fail("cannot be read", path);
        }
        return;
    }
    char line[4096];
    while (fgets(line, sizeof line, file) != NULL) {
        char *fields[N_FIELDS];
        const int n = split_fields(line, fields);
        if (n > 1) {
            read_line(fields, n);
        }
    }
    fclose(file);
}

static uint32_t read_code(const char *text) {
    const unsigned long code = strtoul(text, NULL, 16);
    if (code >= N_CODE_POINTS) {
        fail("no code point", text);
    }
    return (uint32_t)code;
}

static Entry *add_entry(const char *name) {
    if (n_entries == MAX_ENTRIES) {
        fail("more names than the tables can hold", name);
    }
    Entry *entry = &entries[n_entries++];
    entry->name = copy_text(name, strlen(name));
    return entry;
}

static uint32_t range_first;

static void read_character(char **fields, int n_fields) {
    const uint32_t c = read_code(fields[0]);
    const char *name = fields[1];
    if (n_fields < 9 || is_known[c]) {
        return;
    }
    is_known[c] = true;
    if (strstr(name, ", First>") != NULL) {
        range_first = c;
    } else if (strstr(name, ", Last>") != NULL) {
        for (uint32_t i = range_first; i <= c; i++) {
            is_known[i] = true;
            is_ideograph[i] = strncmp(name, "<CJK Ideograph", 14) == 0;
        }
    } else if (name[0] != '<') {
        add_entry(name)->character = c;
    }
    if (fields[5][0] != '\0') {
        decompositions[c] = copy_text(fields[5], strlen(fields[5]));
    }
    if (fields[8][0] != '\0') {
        numbers[n_numbers++] = (Number){c, copy_text(fields[6], strlen(fields[6])),
                                        copy_text(fields[7], strlen(fields[7])),
                                        copy_text(fields[8], strlen(fields[8]))};
    }
}

static void read_alias(char **fields, int n_fields) {
    (void)n_fields;
    Entry *entry = add_entry(fields[1]);
    entry->more[0] = read_code(fields[0]);
    entry->n = 1;
}

static void read_sequence(char **fields, int n_fields) {
    (void)n_fields;
    Entry *entry = add_entry(fields[0]);
    for (char *at = fields[1]; *at != '\0'; at += strspn(at, " ")) {
        if (entry->n == UNICODE_SEQUENCE_MAX) {
            fail("a long sequence", fields[0]);
        }
        entry->more[entry->n++] = read_code(at);
        at += strcspn(at, " ");
    }
}

static void read_width(char **fields, int n_fields) {
    (void)n_fields;
    const uint32_t first = read_code(fields[0]);
    const char *dots = strstr(fields[0], "..");
    const uint32_t last = dots == NULL ? first : read_code(dots + 2);
    uint8_t width = 1;
    while (width < N_WIDTH_NAMES && strcmp(fields[1], width_names[width]) != 0) {
        width++;
    }
    if (width == N_WIDTH_NAMES) {
        fail("unknown width", fields[1]);
    }
    for (uint32_t c = first; c <= last; c++) {
        if (widths[c] == 0) {
            widths[c] = width;
        }
    }
}

static int by_character(const void *a, const void *b) {
    const uint32_t x = ((const Entry *)a)->character;
    const uint32_t y = ((const Entry *)b)->character;
    return (x > y) - (x < y);
}

static int by_number(const void *a, const void *b) {
    const uint32_t x = ((const Number *)a)->character;
    const uint32_t y = ((const Number *)b)->character;
    return (x > y) - (x < y);
}

static void read_all(char **folders, int n_folders) {
    for (int i = 0; i < n_folders; i++) {
        read_file(folders[i], "UnicodeData.txt", read_character, true);
        read_file(folders[i], "EastAsianWidth.txt", read_width, true);
    }
    n_characters = n_entries;
    for (int i = 0; i < n_folders; i++) {
        read_file(folders[i], "NameAliases.txt", read_alias, false);
        read_file(folders[i], "NamedSequences.txt", read_sequence, false);
    }
    qsort(entries, n_characters, sizeof *entries, by_character);
    qsort(numbers, n_numbers, sizeof *numbers, by_number);
}

/* ---- words ---- */

static Word *find_word(const char *text, size_t length) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    }
    for (;; hash++) {
        Word *word = &words[hash % N_SLOTS];
        if (word->text == NULL) {
            if (++n_words > N_SLOTS / 2) {
                fail("too many words", text);
            }
            *word = (Word){copy_text(text, length), (uint32_t)length, 0, 0};
            return word;
        }
        if (word->length == length && memcmp(word->text, text, length) == 0) {
            return word;
        }
    }
}

static int by_count(const void *a, const void *b) {
    const Word *x = *(Word *const *)a;
    const Word *y = *(Word *const *)b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1)
                                : strcmp(x->text, y->text);
}

static void write_words(void) {
    static Word *sorted[N_SLOTS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_entries; i++) {
        for (const char *at = entries[i].name; *at != '\0'; at += *at == ' ') {
            const size_t length = strcspn(at, " ");
            find_word(at, length)->count++;
            at += length;
        }
    }
    for (uint32_t i = 0; i < N_SLOTS; i++) {
        if (words[i].text != NULL) {
            sorted[n++] = &words[i];
        }
    }
    qsort(sorted, n, sizeof *sorted, by_count);
    if (n >= UNICODE_MAX_WORDS) {
        fail("too many words", "their numbers have two bytes");
    }
    uint32_t start = 0;
    fputs("static const char word_texts[] =", out);
    for (uint32_t i = 0; i < n; i++) {
        sorted[i]->number = i + 1; /* 0 ends a name */
        fprintf(out, "%s\"%s\"", i % 8 == 0 ? "\n" : " ", sorted[i]->text);
    }
    fputs("\"\";\nstatic const uint32_t word_starts[] = {0, 0", out);
    for (uint32_t i = 0; i < n; i++) {
        start += sorted[i]->length;
        fprintf(out, ",%s%u", i % 12 == 0 ? "\n" : "", start);
    }
    fputs("};\n", out);
}

/* ---- names ---- */

static void write_names(void) {
    static uint32_t blocks[MAX_ENTRIES / UNICODE_NAMES_PER_BLOCK + 1];
    uint32_t n_bytes = 0;
    fputs("static const uint8_t name_words[] = {", out);
    for (uint32_t i = 0; i < n_entries; i++) {
        if (i % UNICODE_NAMES_PER_BLOCK == 0) {
            blocks[i / UNICODE_NAMES_PER_BLOCK] = n_bytes;
        }
        fputs(i % 4 == 0 ? "\n" : " ", out);
        for (const char *at = entries[i].name; *at != '\0'; at += *at == ' ') {
            const size_t length = strcspn(at, " ");
            const uint32_t number = find_word(at, length)->number;
            if (number < UNICODE_SHORT_WORDS) {
                n_bytes += 1;
                fprintf(out, "%u,", number);
            } else {
                const uint32_t rest = number - UNICODE_SHORT_WORDS;
                n_bytes += 2;
                fprintf(out, "%u,%u,", UNICODE_SHORT_WORDS + (rest >> 8), rest & 255);
            }
            at += length;
        }
        n_bytes += 1;
        fputs("0,", out);
    }
    fputs("0};\nstatic const uint32_t name_blocks[] = {", out);
    for (uint32_t i = 0; i < n_entries; i += UNICODE_NAMES_PER_BLOCK) {
        fprintf(out, "%s%u,", i % 256 == 0 ? "\n" : "",
                blocks[i / UNICODE_NAMES_PER_BLOCK]);
    }
    fputs("0};\n", out);
}

/* Characters in a row have names in a row. */
static void write_runs(void) {
    fputs("static const NameRun name_runs[] = {", out);
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_characters; i++) {
        if (i == 0 || entries[i].character != entries[i - 1].character + 1) {
            fprintf(out, "%s{%u, %u},", n++ % 8 == 0 ? "\n" : " ", entries[i].character,
                    i);
        }
    }
    fprintf(out,
            "{%u, %u}};\nenum { N_NAME_RUNS = %u, N_NAMES = %u, N_CHARACTERS = %u };\n",
            N_CODE_POINTS, n_characters, n, n_entries, n_characters);
}

static int by_name(const void *a, const void *b) {
    return strcmp(entries[*(const uint16_t *)a].name, entries[*(const uint16_t *)b].name);
}

static void write_order(void) {
    static uint16_t order[MAX_ENTRIES];
    for (uint32_t i = 0; i < n_entries; i++) {
        order[i] = (uint16_t)i;
    }
    qsort(order, n_entries, sizeof *order, by_name);
    fputs("static const uint16_t names_sorted[] = {", out);
    for (uint32_t i = 0; i < n_entries; i++) {
        fprintf(out, "%s%u,", i % 16 == 0 ? "\n" : "", order[i]);
    }
    fputs("0};\n", out);
}

static void write_sequences(void) {
    fputs("static const Sequence sequences[] = {", out);
    for (uint32_t i = n_characters; i < n_entries; i++) {
        fprintf(out, "%s{%u, {", i % 4 == 0 ? "\n" : " ", entries[i].n);
        for (uint32_t k = 0; k < entries[i].n; k++) {
            fprintf(out, "%s%u", k == 0 ? "" : ", ", entries[i].more[k]);
        }
        fputs("}},", out);
    }
    fputs("{0, {0}}};\n", out);
}

/* ---- properties ---- */

/* Neutral where nothing is said. */
static const char *width_of(uint32_t c) {
    return width_names[widths[c] == 0 ? 1 : widths[c]];
}

static void write_widths(void) {
    uint32_t n = 0;
    fputs("static const Width widths[] = {", out);
    for (uint32_t c = 0; c < N_CODE_POINTS; c++) {
        if (c == 0 || width_of(c) != width_of(c - 1)) {
            fprintf(out, "%s{%u, \"%s\"},", n++ % 8 == 0 ? "\n" : " ", c, width_of(c));
        }
    }
    fprintf(out, "};\nenum { N_WIDTHS = %u };\n", n);
}

static void write_ideographs(void) {
    fputs("static const uint32_t ideographs[][2] = {", out);
    for (uint32_t c = 1; c < N_CODE_POINTS; c++) {
        if (is_ideograph[c] && !is_ideograph[c - 1]) {
            fprintf(out, "{%u, ", c);
        } else if (!is_ideograph[c] && is_ideograph[c - 1]) {
            fprintf(out, "%u}, ", c - 1);
        }
    }
    fputs("{1, 0}};\n", out);
}

static void write_decompositions(void) {
    uint32_t n = 0;
    uint32_t start = 0;
    fputs("static const Decomposition decompositions[] = {", out);
    for (uint32_t c = 0; c < N_CODE_POINTS; c++) {
        if (decompositions[c] != NULL) {
            fprintf(out, "%s{%u, %u},", n++ % 8 == 0 ? "\n" : " ", c, start);
            start += (uint32_t)strlen(decompositions[c]) + 1;
        }
    }
    fputs("{0, 0}};\nstatic const char decomposition_texts[] =", out);
    for (uint32_t c = 0; c < N_CODE_POINTS; c++) {
        if (decompositions[c] != NULL) {
            fprintf(out, "\n\"%s\\0\"", decompositions[c]);
        }
    }
    fprintf(out, "\"\";\nenum { N_DECOMPOSITIONS = %u };\n", n);
}

static void write_numbers(void) {
    fputs("static const Number numbers[] = {", out);
    for (uint32_t i = 0; i < n_numbers; i++) {
        const Number *number = &numbers[i];
        const char *slash = strchr(number->value, '/');
        const int n_top =
            slash == NULL ? (int)strlen(number->value) : (int)(slash - number->value);
        fprintf(out, "%s{%u, %s, %s, %.*s.0 / %s},", i % 4 == 0 ? "\n" : " ",
                number->character, number->decimal[0] == '\0' ? "-1" : number->decimal,
                number->digit[0] == '\0' ? "-1" : number->digit, n_top, number->value,
                slash == NULL ? "1" : slash + 1);
    }
    fprintf(out, "{0, 0, 0, 0}};\nenum { N_NUMBERS = %u };\n", n_numbers);
}

int main(int argc, char **argv) {
    if (argc < 2 || (out = fopen(argv[1], "w")) == NULL) {
        fail("usage", "unicode_data OUTPUT [FOLDER...]");
    }
    read_all(argv + 2, argc - 2);
    write_words();
    write_names();
    write_runs();
    write_order();
    write_sequences();
    write_widths();
    write_ideographs();
    write_decompositions();
    write_numbers();
    if (fclose(out) != 0) {
        fail("cannot be written", argv[1]);
    }
    return 0;
}
