/* source_file.h - programs as files: reading them, and finding modules in folders. Knows nothing of values. */

#ifndef MINI_INTERP_SOURCE_FILE_H
#define MINI_INTERP_SOURCE_FILE_H

#include <stdbool.h>

#include "runtime/base/buf.h"

typedef enum SourceKind {
    SOURCE_NONE,
    SOURCE_FILE,        /* a file with code */
    SOURCE_PACKAGE,     /* a folder with an __init__ */
    SOURCE_NAMESPACE    /* a folder without one */
} SourceKind;

/* Looks for a module in a folder. *path is then the file with its code (SOURCE_NAMESPACE: the folder). */
SourceKind source_find(const char *folder, const char *name, Buf *path);

/* The whole file or what the descriptor gives: 0 or an errno value. */
int source_read_file(const char *path, Buf *text);
int source_read_descriptor(int descriptor, Buf *text);

/* An absolute path, links and dots left as they are. */
void source_absolute(const char *path, Buf *out);

bool source_is_folder(const char *path);

#endif
