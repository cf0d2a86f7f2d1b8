/* json.h - writes JSON to a stream: members, commas and texts. What it writes is valid whatever the texts are. */

#ifndef MINI_INTERP_TRACE_JSON_H
#define MINI_INTERP_TRACE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Json {
    FILE *out;
    bool needs_comma; /* before the next item */
} Json;

/* An object or an array: '{' or '[', in an object under a key, else key is NULL. */
void json_open(Json *json, const char *key, char bracket);
void json_close(Json *json, char bracket);

/* A text in quotes; what is no UTF-8 becomes U+FFFD. */
void json_text(Json *json, const char *key, const char *text);
void json_text_n(Json *json, const char *key, const char *text, size_t n_bytes);
void json_uint(Json *json, const char *key, uint64_t n);
void json_int(Json *json, const char *key, int64_t n);
/* ns as microseconds with three decimals, exactly. */
void json_us(Json *json, const char *key, uint64_t ns);
/* The same, less n tenths of a ns (then with four decimals). */
void json_us_less(Json *json, const char *key, uint64_t ns, unsigned n_tenths);
/* With six digits behind the point. */
void json_double(Json *json, const char *key, double d);
void json_bool(Json *json, const char *key, bool is_true);
/* For what is unknown. */
void json_null(Json *json, const char *key);

/* For a number that is unknown when it is 0. */
static inline void json_uint_or_null(Json *json, const char *key, uint64_t n) {
    if (n == 0) {
        json_null(json, key);
    } else {
        json_uint(json, key, n);
    }
}

/* A line break before the next item. */
void json_newline(Json *json);

#endif
