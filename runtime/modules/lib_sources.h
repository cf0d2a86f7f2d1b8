/* lib_sources.h - the modules of runtime/lib/, embedded in the binary as text.
 *
 * lib_sources.c is made at build time by runtime/lib/embed.cmake: one row for each
 * runtime/lib/NAME.mini, in alphabetical order. */

#ifndef MINI_RUNTIME_MODULES_LIB_SOURCES_H
#define MINI_RUNTIME_MODULES_LIB_SOURCES_H

#include <stddef.h>

typedef struct {
    const char *name; /* the module's name: "threading", "collections.abc" */
    const char *text; /* UTF-8, followed by a NUL that n_bytes does not count */
    size_t n_bytes;
} LibSource;

/* Ends with a row whose name is NULL. */
extern const LibSource lib_sources[];

#endif
