/* unicode_data.h - names of characters, and the properties that libutf8proc does not have.
 *
 * The tables are made at build time (generate/unicode_data.c) from the files of the Unicode
 * Character Database, as Linux distributions package it; nothing is read, allocated or prepared at
 * run time. Where the build found no such files, the tables are empty: unicode_has_data.
 *
 * Threads: any, at any time; the tables are constant. */

#ifndef MINI_BASE_UNICODE_DATA_H
#define MINI_BASE_UNICODE_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    UNICODE_NAME_MAX = 256,   /* bytes of a name with its end */
    UNICODE_SEQUENCE_MAX = 4, /* characters that one name stands for */
    UNICODE_NO_NUMBER = -2,
    /* How names are stored. Numbers of words below SHORT_WORDS are one byte, the others two. */
    UNICODE_NAMES_PER_BLOCK = 16,
    UNICODE_SHORT_WORDS = 160,
    UNICODE_MAX_WORDS = UNICODE_SHORT_WORDS + (256 - UNICODE_SHORT_WORDS) * 256,
};

bool unicode_has_data(void);

/* Writes the character's name and its end; returns its length, 0 when it has none. */
size_t unicode_name(uint32_t c, char out[UNICODE_NAME_MAX]);

/* The characters that the name stands for, which may be an alias or (several characters) that of a
 * sequence; letters of both cases. Returns how many, 0 when there is no such name. */
size_t unicode_find_name(const char *name, size_t n_bytes,
                         uint32_t out[UNICODE_SEQUENCE_MAX]);

/* East Asian width: "N", "Na", "W", "F", "H" or "A". */
const char *unicode_east_asian_width(uint32_t c);

/* The decomposition as the database writes it: "<compat> 0020 0308"; "" when there is none. */
const char *unicode_decomposition(uint32_t c);

/* The value of a digit, in a decimal system or not (as of superscripts); -1 for others. */
int unicode_digit_value(uint32_t c);
/* The value of a numeric character; for others UNICODE_NO_NUMBER, which is below -1/2, the smallest
 * there is. */
double unicode_number_value(uint32_t c);

#endif
