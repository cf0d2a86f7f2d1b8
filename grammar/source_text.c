/* source_text.c - the declared encoding of a source file; the C library converts. */

#include "grammar/source_text.h"

#include <ctype.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>

#define NO_ENCODING ((iconv_t)-1)

enum { NAME_MAX_BYTES = 64, UTF8_PER_BYTE = 4 };

static bool fail(Arena *arena, const char *filename, SyntaxError *error,
                 const char *problem, const char *name, const char *more) {
    *error = (SyntaxError){
        .kind = SYNTAX_ERROR_SYNTAX,
        .message = arena_format(arena, "%s: %s%s", problem, name, more),
        .filename = filename,
    };
    return false;
}

/* ---- finding the declaration ---- */

/* Number of blanks that the line begins with. */
static size_t count_blanks(const char *line, size_t n_bytes) {
    size_t i = 0;
    while (i < n_bytes &&
           (line[i] == ' ' || line[i] == '\t' || line[i] == '\f' || line[i] == '\r')) {
        i++;
    }
    return i;
}

/* The name of an encoding, if the line is a comment that declares one. */
static const char *find_coding(const char *line, size_t n_bytes, size_t *length) {
    size_t i = count_blanks(line, n_bytes);
    if (i == n_bytes || line[i] != '#') {
        return NULL;
    }
    for (; i + 7 < n_bytes; i++) {
        if (memcmp(line + i, "coding", 6) == 0 &&
            (line[i + 6] == ':' || line[i + 6] == '=')) {
            i += 7;
            i += count_blanks(line + i, n_bytes - i);
            const char *name = line + i;
            *length = 0;
            while (i < n_bytes && (isalnum((unsigned char)line[i]) || line[i] == '-' ||
                                   line[i] == '_' || line[i] == '.')) {
                i++;
                (*length)++;
            }
            return *length > 0 ? name : NULL;
        }
    }
    return NULL;
}

/* Only the first line, or the second after a comment or nothing, may declare one. */
static const char *find_declaration(const char *text, size_t n_bytes, size_t *length) {
    const char *end = text + n_bytes;
    for (int line = 0; line < 2 && text < end; line++) {
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        const size_t n_line = (size_t)((line_end == NULL ? end : line_end) - text);
        const char *name = find_coding(text, n_line, length);
        const size_t n_blanks = count_blanks(text, n_line);
        if (name != NULL || line_end == NULL ||
            (n_blanks < n_line && text[n_blanks] != '#')) {
            return name;
        }
        text = line_end + 1;
    }
    return NULL;
}

/* ---- names ---- */

static bool is_variant_of(const char *name, const char *plain) {
    const size_t n = strlen(plain);
    return strncmp(name, plain, n) == 0 && (name[n] == '\0' || name[n] == '-');
}

/* As CPython sees names: utf-8-unix is utf-8, latin-1-dos is iso-8859-1. */
static void normalize_name(const char *name, size_t length, char out[NAME_MAX_BYTES]) {
    static const char *const latin[] = {"latin-1", "iso-8859-1", "iso-latin-1"};
    const size_t n = length < NAME_MAX_BYTES ? length : NAME_MAX_BYTES - 1;
    for (size_t i = 0; i < n; i++) {
        out[i] = name[i] == '_' ? '-' : (char)tolower((unsigned char)name[i]);
    }
    out[n] = '\0';
    if (is_variant_of(out, "utf-8") || strcmp(out, "utf8") == 0) {
        strcpy(out, "utf-8");
    }
    for (size_t i = 0; i < sizeof latin / sizeof *latin; i++) {
        if (is_variant_of(out, latin[i])) {
            strcpy(out, "iso-8859-1");
        }
    }
}

/* An encoding that has ASCII in its usual places. */
static iconv_t open_encoding(const char *name) {
    const iconv_t encoding = iconv_open("UTF-8", name);
    if (encoding == NO_ENCODING) {
        return NO_ENCODING;
    }
    char plain[] = "#";
    char converted[8] = "";
    char *from = plain;
    char *to = converted;
    size_t n_from = 1;
    size_t n_to = sizeof converted;
    if (iconv(encoding, &from, &n_from, &to, &n_to) == (size_t)-1 ||
        strcmp(converted, plain) != 0) {
        iconv_close(encoding);
        return NO_ENCODING;
    }
    return encoding;
}

bool source_decode(Arena *arena, const char *filename, const char **text, size_t *n_bytes,
                   SyntaxError *error) {
    const bool has_mark = *n_bytes >= 3 && memcmp(*text, "\xEF\xBB\xBF", 3) == 0;
    if (has_mark) {
        *text += 3;
        *n_bytes -= 3;
    }
    size_t length = 0;
    const char *declared = find_declaration(*text, *n_bytes, &length);
    if (declared == NULL) {
        return true;
    }
    char name[NAME_MAX_BYTES];
    normalize_name(declared, length, name);
    if (strcmp(name, "utf-8") == 0) {
        return true;
    }
    if (has_mark) {
        return fail(arena, filename, error, "encoding problem", name, " with BOM");
    }
    const char *given = arena_copy_text(arena, declared, length);
    const iconv_t encoding = open_encoding(name);
    if (encoding == NO_ENCODING) {
        return fail(arena, filename, error, "unknown encoding", given, "");
    }
    char *from = (char *)*text;
    size_t n_from = *n_bytes;
    size_t n_to = n_from * UTF8_PER_BYTE;
    char *const copy = arena_alloc(arena, n_to + 1);
    char *to = copy;
    const bool is_ok = iconv(encoding, &from, &n_from, &to, &n_to) != (size_t)-1;
    iconv_close(encoding);
    if (!is_ok) {
        return fail(arena, filename, error, "encoding problem", given, "");
    }
    *text = copy;
    *n_bytes = (size_t)(to - copy);
    return true;
}
