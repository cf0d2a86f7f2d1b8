/* outputs.h - which views the command line asks for, and where they go.
 *
 * Files are opened before the script begins: so a mistyped path costs no run, and the script may change its directory. They
 * are emptied only when there is something to write. */

#ifndef MINI_INTERP_TRACE_OUTPUTS_H
#define MINI_INTERP_TRACE_OUTPUTS_H

#include "interp/cli.h"
#include "interp/trace/log.h"

enum { OUTPUTS_MAX = 2 };

typedef struct Outputs {
    int files[OUTPUTS_MAX];     /* descriptors, -1: not wanted */
} Outputs;

bool outputs_are_wanted(const Options *options);

/* False with a message on stderr. */
bool outputs_open(Outputs *outputs, const Options *options);
void outputs_close(Outputs *outputs);

/* The open descriptors, to be moved. Returns how many. */
size_t outputs_descriptors(Outputs *outputs, int **descriptors);

/* After the end: makes the history and all views of it; what cannot be written is said on stderr. */
void outputs_make(const Outputs *outputs, const Log *log, const Options *options);

#endif
