/* unicode.c - properties of characters, over libutf8proc. */

#include "runtime/objects/unicode.h"

#include <stddef.h>
#include <utf8proc.h>

#include "runtime/base/unicode_data.h"

/* What the tables hold:
 *   ASSIGNED   characters newer than the library's: letters (of CJK Extension I) and a few symbols
 *   DIGIT      characters whose digit property is not what their category says
 *   START, PART   whose role in identifiers is not what their category says */
enum {
    TABLE_ASSIGNED,
    TABLE_DIGIT,
    TABLE_START,
    TABLE_PART,
    TABLE_UPPER,
    TABLE_TITLE
};

enum { NEW_LETTERS_FIRST = 0x2ebf0 };

typedef struct Range {
    uint8_t table;
    uint32_t first;
    uint32_t last;
} Range;

static const Range ranges[] = {
#define RANGE(table, first, last) {TABLE_##table, first, last},
#include "runtime/objects/unicode_tables.def"
#undef RANGE
};

/* Letters that are numbers, in Chinese. */
static const struct {
    uint32_t character;
    int64_t value;
} letter_numbers[] = {
#define NUMBER(character, value) {character, value},
#include "runtime/objects/unicode_tables.def"
#undef NUMBER
};

/* The tables are short and seldom asked: from one end to the other will do. */
static bool is_in_table(int table, uint32_t c) {
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (ranges[i].table == table && c >= ranges[i].first && c <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static utf8proc_category_t category(uint32_t c) {
    const utf8proc_category_t known = utf8proc_category((utf8proc_int32_t)c);
    if (known == UTF8PROC_CATEGORY_CN && is_in_table(TABLE_ASSIGNED, c)) {
        return c >= NEW_LETTERS_FIRST ? UTF8PROC_CATEGORY_LO : UTF8PROC_CATEGORY_SO;
    }
    return known;
}

static const int64_t *letter_number(uint32_t c) {
    for (size_t i = 0; i < sizeof letter_numbers / sizeof letter_numbers[0]; i++) {
        if (letter_numbers[i].character == c) {
            return &letter_numbers[i].value;
        }
    }
    return NULL;
}

static bool is_letter(utf8proc_category_t cat) {
    return cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_LO;
}

bool unicode_is_alpha(uint32_t c) {
    return is_letter(category(c));
}

bool unicode_is_decimal(uint32_t c) {
    return category(c) == UTF8PROC_CATEGORY_ND;
}

bool unicode_is_digit(uint32_t c) {
    return unicode_is_decimal(c) || is_in_table(TABLE_DIGIT, c);
}

bool unicode_is_numeric(uint32_t c) {
    const utf8proc_category_t cat = category(c);
    return cat == UTF8PROC_CATEGORY_ND || cat == UTF8PROC_CATEGORY_NL ||
           cat == UTF8PROC_CATEGORY_NO || (cat == UTF8PROC_CATEGORY_LO && letter_number(c) != NULL);
}

bool unicode_number(uint32_t c, double *value) {
    const int64_t *letter = letter_number(c);
    *value = letter != NULL ? (double)*letter : unicode_number_value(c);
    return letter != NULL || *value > UNICODE_NO_NUMBER;
}

bool unicode_is_space(uint32_t c) {
    return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 ||
           c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool unicode_is_line_break(uint32_t c) {
    return (c >= 0x0a && c <= 0x0d) || (c >= 0x1c && c <= 0x1e) || c == 0x85 ||
           c == 0x2028 || c == 0x2029;
}

bool unicode_is_printable(uint32_t c) {
    switch (category(c)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return false;
    case UTF8PROC_CATEGORY_ZS: return c == ' ';
    default: return true;
    }
}

bool unicode_is_lower(uint32_t c) {
    return c < 0x80 ? c - 'a' < 26 : utf8proc_islower((utf8proc_int32_t)c) != 0;
}

bool unicode_is_upper(uint32_t c) {
    return c < 0x80 ? c - 'A' < 26 : utf8proc_isupper((utf8proc_int32_t)c) != 0;
}

bool unicode_is_title(uint32_t c) {
    return c >= 0x80 && category(c) == UTF8PROC_CATEGORY_LT;
}

bool unicode_is_cased(uint32_t c) {
    return unicode_is_lower(c) || unicode_is_upper(c) || unicode_is_title(c);
}

bool unicode_is_case_ignorable(uint32_t c) {
    switch (category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default:
        /* Apostrophes, full stops and colons inside words. */
        return c == '\'' || c == '.' || c == ':' || c == 0xb7 || c == 0x387 ||
               c == 0x55f || c == 0x5f4 || c == 0x2018 || c == 0x2019 || c == 0x2024 ||
               c == 0x2027 || c == 0xfe13 || c == 0xfe52 || c == 0xfe55 || c == 0xff07 ||
               c == 0xff0e || c == 0xff1a;
    }
}

bool unicode_is_identifier_start(uint32_t c) {
    const utf8proc_category_t cat = category(c);
    return (is_letter(cat) || cat == UTF8PROC_CATEGORY_NL) != is_in_table(TABLE_START, c);
}

bool unicode_is_identifier_part(uint32_t c) {
    const utf8proc_category_t cat = category(c);
    const bool is_usual = is_letter(cat) || cat == UTF8PROC_CATEGORY_NL ||
                          cat == UTF8PROC_CATEGORY_MN || cat == UTF8PROC_CATEGORY_MC ||
                          cat == UTF8PROC_CATEGORY_ND || cat == UTF8PROC_CATEGORY_PC;
    return is_usual != is_in_table(TABLE_PART, c);
}

/* Decimal digits come in runs of ten, from zero; the mathematical ones in one run of
 * five times ten. */
int unicode_decimal(uint32_t c) {
    enum { RUN_MAX = 50 };
    if (!unicode_is_decimal(c)) {
        return -1;
    }
    uint32_t first = c;
    while (c - first < RUN_MAX && first > 0 && unicode_is_decimal(first - 1)) {
        first--;
    }
    return (int)((c - first) % 10);
}

/* Cases are told apart by code, not by a table: most characters are in none, and a compiler's tree of comparisons learns
 * where those of a text lie. */
#define CASE_KEY(table, c) ((uint32_t)(table) << 24 | (c))

static int special_case(int table, uint32_t c, uint32_t *out) {
    switch (CASE_KEY(table, c)) {
#define CASE(table, character, n, c1, c2, c3)  \
    case CASE_KEY(TABLE_##table, character): \
        out[0] = c1;                         \
        out[1] = c2;                         \
        out[2] = c3;                         \
        return n;
#include "runtime/objects/unicode_tables.def"
#undef CASE
    default: return 0;
    }
}

int unicode_to_lower(uint32_t c, uint32_t *out) {
    if (c < 0x80) {
        out[0] = unicode_is_upper(c) ? c + ('a' - 'A') : c;
        return 1;
    }
    if (c == 0x130) { /* capital I with a dot keeps the dot */
        out[0] = 'i';
        out[1] = 0x307;
        return 2;
    }
    out[0] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
    return 1;
}

int unicode_to_upper(uint32_t c, uint32_t *out) {
    const int n = special_case(TABLE_UPPER, c, out);
    if (n == 0) {
        out[0] = (uint32_t)utf8proc_toupper((utf8proc_int32_t)c);
    }
    return n == 0 ? 1 : n;
}

int unicode_to_title(uint32_t c, uint32_t *out) {
    if (c < 0x80) {
        out[0] = unicode_is_lower(c) ? c - ('a' - 'A') : c;
        return 1;
    }
    const int n = special_case(TABLE_TITLE, c, out);
    if (n == 0) {
        out[0] = (uint32_t)utf8proc_totitle((utf8proc_int32_t)c);
    }
    return n == 0 ? 1 : n;
}

int unicode_fold(uint32_t c, uint32_t *out) {
    utf8proc_int32_t folded[UNICODE_CASE_MAX + 1];
    int last_boundary = 0;
    const utf8proc_ssize_t n = utf8proc_decompose_char(
        (utf8proc_int32_t)c, folded, UNICODE_CASE_MAX, UTF8PROC_CASEFOLD, &last_boundary);
    if (n < 1 || n > UNICODE_CASE_MAX) {
        out[0] = c;
        return 1;
    }
    for (int i = 0; i < n; i++) {
        out[i] = (uint32_t)folded[i];
    }
    return (int)n;
}

const char *unicode_category(uint32_t c) {
    static const char names[][3] = {"Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd",
                                    "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm",
                                    "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co"};
    return names[category(c)];
}

const char *unicode_bidirectional(uint32_t c) {
    static const char names[][4] = {"",   "L",  "LRE", "LRO", "R",   "AL",  "RLE", "RLO",
                                    "PDF", "EN", "ES",  "ET",  "AN",  "CS",  "NSM", "BN",
                                    "B",  "S",  "WS",  "ON",  "LRI", "RLI", "FSI", "PDI"};
    const int known = utf8proc_get_property((utf8proc_int32_t)c)->bidi_class;
    if (known == 0 && is_in_table(TABLE_ASSIGNED, c)) {
        return c >= NEW_LETTERS_FIRST ? "L" : "ON";
    }
    return names[known];
}

int unicode_combining(uint32_t c) {
    return utf8proc_get_property((utf8proc_int32_t)c)->combining_class;
}

bool unicode_is_mirrored(uint32_t c) {
    return utf8proc_get_property((utf8proc_int32_t)c)->bidi_mirrored;
}
