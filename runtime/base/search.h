/* search.h - finding bytes in bytes.
 *
 * Threads: any, at any time. */

#ifndef MINI_BASE_SEARCH_H
#define MINI_BASE_SEARCH_H

#include <stddef.h>

/* The first place of part in text, NULL when there is none. An empty part is found at
 * once. */
const char *search_find(const char *text, size_t n_bytes, const char *part,
                        size_t n_part);

/* The last place. An empty part is found at the end. */
const char *search_find_last(const char *text, size_t n_bytes, const char *part,
                             size_t n_part);

/* How often part, which is not empty, can be found when each one begins behind the one
 * before. */
size_t search_count(const char *text, size_t n_bytes, const char *part, size_t n_part);

#endif
