/* unicode.h - properties of characters, as the methods of str ask for them.
 *
 * ASCII is answered by the callers' own tables; these functions take any code point.
 * They stand on libutf8proc, and on a few tables for what it does not know
 * (unicode_tables.def). */

#ifndef MINI_OBJECTS_UNICODE_H
#define MINI_OBJECTS_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

enum { UNICODE_CASE_MAX = 3 }; /* characters that one becomes at most */

bool unicode_is_alpha(uint32_t c);
bool unicode_is_decimal(uint32_t c);
bool unicode_is_digit(uint32_t c);
bool unicode_is_numeric(uint32_t c);
bool unicode_is_space(uint32_t c);
bool unicode_is_line_break(uint32_t c);
bool unicode_is_printable(uint32_t c);
bool unicode_is_lower(uint32_t c);
bool unicode_is_upper(uint32_t c);
bool unicode_is_title(uint32_t c); /* category Lt */
bool unicode_is_cased(uint32_t c);
bool unicode_is_case_ignorable(uint32_t c);
bool unicode_is_identifier_start(uint32_t c);
bool unicode_is_identifier_part(uint32_t c);
int unicode_decimal(uint32_t c); /* value of a decimal digit, -1 for others */
bool unicode_number(uint32_t c, double *value); /* of a numeric character; false for others */

/* As the module unicodedata has them: "Lu", "AL", the canonical combining class. */
const char *unicode_category(uint32_t c);
const char *unicode_bidirectional(uint32_t c);
int unicode_combining(uint32_t c);
bool unicode_is_mirrored(uint32_t c);

/* Full case mappings: write up to UNICODE_CASE_MAX characters, return how many. */
int unicode_to_lower(uint32_t c, uint32_t *out);
int unicode_to_upper(uint32_t c, uint32_t *out);
int unicode_to_title(uint32_t c, uint32_t *out);
int unicode_fold(uint32_t c, uint32_t *out);

#endif
