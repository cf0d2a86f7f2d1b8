/* object_name.c - the target of an assignment, read off its line. See object_name.h. */

#include "interp/trace/object_name.h"

#include <stdbool.h>
#include <string.h>

/* The line as [*begin, *end), without blanks around it. False: there is none. */
static bool find_line(const char *text, size_t n_bytes, uint32_t line, const char **begin, const char **end) {
    const char *stop = text + n_bytes;
    const char *at = text;
    for (uint32_t i = 1; i < line && at != NULL; i++) {
        at = memchr(at, '\n', (size_t)(stop - at));
        at = at != NULL ? at + 1 : NULL;
    }
    if (at == NULL || line == 0) {
        return false;
    }
    const char *newline = memchr(at, '\n', (size_t)(stop - at));
    *begin = at + strspn(at, " \t\f");
    *end = newline != NULL ? newline : stop;
    return *begin < *end;
}

static bool is_name_byte(char c) {
    return c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c & 0x80) != 0;
}

/* Names, attributes and subscripts: a, self.a, locks[i], table["a"].b */
static const char *skip_target(const char *at, const char *end) {
    int depth = 0;
    while (at < end && (depth > 0 || is_name_byte(*at) || *at == '.' || *at == '[')) {
        depth += (*at == '[') - (*at == ']');
        at++;
    }
    return depth == 0 ? at : end;
}

/* An annotation: up to the = outside of brackets. */
static const char *skip_annotation(const char *at, const char *end) {
    int depth = 0;
    while (at < end && (depth > 0 || *at != '=')) {
        depth += (*at == '[' || *at == '(') - (*at == ']' || *at == ')');
        at++;
    }
    return at;
}

void object_name_add(Buf *name, const char *text, size_t n_bytes, uint32_t line) {
    const char *begin;
    const char *end;
    if (!find_line(text, n_bytes, line, &begin, &end)) {
        return;
    }
    const char *target_end = skip_target(begin, end);
    const char *at = target_end;
    while (at < end && *at == ' ') {
        at++;
    }
    if (at < end && *at == ':') {
        at = skip_annotation(at, end);
    }
    if (target_end > begin && at + 1 < end && at[0] == '=' && at[1] != '=') {
        buf_add(name, begin, (size_t)(target_end - begin));
    }
}
