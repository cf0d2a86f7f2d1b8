/* modules.c - finds the modules that are part of mini. */

#include "runtime/modules/modules.h"

#include <string.h>

#include "runtime/modules/lib_sources.h"

static const struct {
    const char *name;
    ModuleOpen open;
} natives[] = {
#define MODULE(name, open) {#name, open},
#include "runtime/modules/modules.def"
#undef MODULE
};

ModuleOpen modules_find_native(const char *name) {
    for (size_t i = 0; i < sizeof natives / sizeof natives[0]; i++) {
        if (strcmp(natives[i].name, name) == 0) {
            return natives[i].open;
        }
    }
    return NULL;
}

const char *modules_find_source(const char *name, size_t *n_bytes) {
    for (const LibSource *source = lib_sources; source->name != NULL; source++) {
        if (strcmp(source->name, name) == 0) {
            *n_bytes = source->n_bytes;
            return source->text;
        }
    }
    return NULL;
}

bool modules_has_parts(const char *name) {
    const size_t n_bytes = strlen(name);
    for (const LibSource *source = lib_sources; source->name != NULL; source++) {
        if (strncmp(source->name, name, n_bytes) == 0 && source->name[n_bytes] == '.') {
            return true;
        }
    }
    return false;
}
