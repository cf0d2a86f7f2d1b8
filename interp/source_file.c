/* source_file.c - reading programs, finding modules. See source_file.h. */

#include "interp/source_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A program in mini comes before one in Python of the same name. */
static const char *const suffixes[] = {".mini", ".py"};
enum { N_SUFFIXES = sizeof suffixes / sizeof suffixes[0], ROOM_AT_LEAST = 16 << 10 };

static bool has_mode(const char *path, mode_t kind) {
    struct stat info;
    return stat(path, &info) == 0 && (info.st_mode & S_IFMT) == kind;
}

bool source_is_folder(const char *path) {
    return has_mode(path, S_IFDIR);
}

/* base + each suffix: true when there is such a file, whose path *path is then. */
static bool find_file(const char *base, Buf *path) {
    for (size_t i = 0; i < N_SUFFIXES; i++) {
        buf_clear(path);
        buf_add_format(path, "%s%s", base, suffixes[i]);
        if (has_mode(buf_text(path), S_IFREG)) {
            return true;
        }
    }
    return false;
}

SourceKind source_find(const char *folder, const char *name, Buf *path) {
    Buf base;
    buf_init(&base);
    buf_add_format(&base, "%s%s%s", folder,
                   folder[0] != '\0' && folder[strlen(folder) - 1] == '/' ? "" : "/", name);
    const bool is_folder = source_is_folder(buf_text(&base));
    SourceKind kind = SOURCE_NONE;
    if (is_folder) {
        const size_t n_bytes = base.n_bytes;
        buf_add_text(&base, "/__init__");
        if (find_file(buf_text(&base), path)) {
            kind = SOURCE_PACKAGE;
        }
        base.n_bytes = n_bytes;
    }
    if (kind == SOURCE_NONE && find_file(buf_text(&base), path)) {
        kind = SOURCE_FILE;
    }
    if (kind == SOURCE_NONE && is_folder) {
        buf_clear(path);
        buf_add(path, base.bytes, base.n_bytes);
        kind = SOURCE_NAMESPACE;
    }
    buf_free(&base);
    return kind;
}

int source_read_descriptor(int descriptor, Buf *text) {
    for (;;) {
        char *room = buf_reserve(text, ROOM_AT_LEAST);
        const ssize_t n = read(descriptor, room, text->capacity - text->n_bytes);
        if (n == 0) {
            return 0;
        }
        if (n > 0) {
            text->n_bytes += (size_t)n;
        } else if (errno != EINTR) {
            return errno;
        }
    }
}

int source_read_file(const char *path, Buf *text) {
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return errno;
    }
    const int error = source_read_descriptor(descriptor, text);
    close(descriptor);
    return error;
}

void source_absolute(const char *path, Buf *out) {
    if (path[0] != '/') {
        char *here = getcwd(NULL, 0);
        if (here != NULL) {
            buf_add_format(out, "%s/", strcmp(here, "/") == 0 ? "" : here);
            free(here);
        }
        while (path[0] == '.' && path[1] == '/') {
            path += 2;
        }
    }
    buf_add_text(out, path);
}
