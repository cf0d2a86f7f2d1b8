/* source_cache.c - source lines for tracebacks.
 *
 * Files are read when a line is wanted. Texts that are no files (-c, stdin) are
 * remembered under the name that stands for them. The list only grows; its head is
 * swapped in atomically, so it is read without a lock. */

#include <stdio.h>

#include "runtime/base/buf.h"
#include "runtime/base/mem.h"
#include "runtime/base/utf8.h"
#include "runtime/objects/exception.h"

struct SourceCache {
    SourceCache *next;
    char *filename;
    char *text;
    size_t n_bytes;
};

void exc_register_source(Runtime *rt, const char *filename, const char *text,
                         size_t n_bytes) {
    SourceCache *source = mem_alloc(sizeof *source);
    const size_t name_bytes = strlen(filename) + 1;
    source->filename = mem_alloc(name_bytes);
    memcpy(source->filename, filename, name_bytes);
    source->text = mem_alloc(n_bytes + 1);
    memcpy(source->text, text, n_bytes);
    source->n_bytes = n_bytes;
    SourceCache *head = atomic_load_acquire(&rt->sources);
    do {
        source->next = head;
    } while (!atomic_cas(&rt->sources, &head, source));
}

void exc_close_sources(Runtime *rt) {
    SourceCache *source = rt->sources;
    rt->sources = NULL;
    while (source != NULL) {
        SourceCache *next = source->next;
        mem_free(source->filename);
        mem_free(source->text);
        mem_free(source);
        source = next;
    }
}

static bool line_of_text(const char *text, size_t n_bytes, uint32_t line, Buf *out) {
    const char *end = text + n_bytes;
    const char *at = text;
    for (uint32_t i = 1; i < line && at != NULL; i++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline == NULL ? NULL : newline + 1;
    }
    if (at == NULL || at == end || line == 0) {
        return false;
    }
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    buf_add(out, at, (size_t)((newline == NULL ? end : newline) - at));
    return true;
}

static bool line_of_file(const char *filename, uint32_t line, Buf *out) {
    FILE *file = fopen(filename, "rbe");
    if (file == NULL) {
        return false;
    }
    uint32_t at = 1;
    int c;
    while (at < line && (c = getc_unlocked(file)) != EOF) {
        at += c == '\n';
    }
    const size_t before = out->n_bytes;
    bool is_found = false;
    while (at == line && (c = getc_unlocked(file)) != EOF) {
        is_found = true;
        if (c == '\n') {
            break;
        }
        buf_add_byte(out, (char)c);
    }
    fclose(file);
    if (utf8_check(out->bytes + before, out->n_bytes - before) != out->n_bytes - before) {
        out->n_bytes = before;
        return false;
    }
    return is_found;
}

bool exc_source_line(Context *cx, ObjStr *filename, uint32_t line, Buf *out) {
    const SourceCache *source = atomic_load_acquire(&cx->rt->sources);
    for (; source != NULL; source = source->next) {
        if (str_equals_c(filename, source->filename)) {
            return line_of_text(source->text, source->n_bytes, line, out);
        }
    }
    char *path = str_c_text(cx, filename);
    if (path == NULL) {
        exc_take(cx);
        return false;
    }
    const bool is_found = line_of_file(path, line, out);
    mem_free(path);
    return is_found;
}
