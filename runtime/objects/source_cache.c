/* source_cache.c - source lines for tracebacks.
 *
 * Files are read when a line is wanted. Texts that are no files (-c, stdin) are
 * remembered under the name that stands for them; those of a script's own are in the
 * cache of linecache. The list only grows; its head is
 * swapped in atomically, so it is read without a lock. */

#include <stdio.h>

#include "runtime/base/buf.h"
#include "runtime/base/mem.h"
#include "runtime/base/utf8.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/module.h"

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

/* What linecache.cache has for a text that is no file (the time of its change is None, or a function gives it);
 * VALUE_UNSET: nothing. */
static Value linecache_entry(Context *cx, ObjStr *filename) {
    ObjStr *names[] = {str_intern(cx, "linecache", 9), str_intern(cx, "cache", 5)};
    if (names[0] == NULL || names[1] == NULL) {
        return VALUE_UNSET;
    }
    const Value module = dict_get_str(cx->rt->modules, names[0]);
    const Value cache = IS_MODULE(module) ? module_get(cx, AS_MODULE(module), names[1]) : VALUE_UNSET;
    const Value entry = IS_DICT(cache) ? dict_get_str(AS_DICT(cache), filename) : VALUE_UNSET;
    if (!IS_TUPLE(entry)) {
        return VALUE_UNSET;
    }
    const size_t n = AS_TUPLE(entry)->n;
    return n == 1 || (n > 1 && IS_NONE(AS_TUPLE(entry)->items[1])) ? entry : VALUE_UNSET;
}

/* A line of a text that a script gave to linecache. What is pending stays so. */
static bool line_of_linecache(Context *cx, ObjStr *filename, uint32_t line, Buf *out) {
    const Value before = cx->pending;
    cx->pending = VALUE_UNSET;
    Value text = linecache_entry(cx, filename);
    if (!IS_UNSET(text)) {
        const Value args[] = {OBJ_VALUE(filename), value_from_int(line)};
        text = module_import_call(cx, "linecache", "getline", args, 2);
    }
    cx->pending = before;
    if (!IS_STR(text) || AS_STR(text)->n_bytes == 0) {
        return false;
    }
    buf_add(out, AS_STR(text)->data, strcspn(AS_STR(text)->data, "\n"));
    return true;
}

bool exc_source_line(Context *cx, ObjStr *filename, uint32_t line, Buf *out) {
    const SourceCache *source = atomic_load_acquire(&cx->rt->sources);
    for (; source != NULL; source = source->next) {
        if (str_equals_c(filename, source->filename)) {
            return line_of_text(source->text, source->n_bytes, line, out);
        }
    }
    if (line_of_linecache(cx, filename, line, out)) {
        return true;
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
