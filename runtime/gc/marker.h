/* marker.h - the life of a GcMarker; for the files of this folder only. */

#ifndef MINI_RUNTIME_GC_MARKER_H
#define MINI_RUNTIME_GC_MARKER_H

#include "runtime/gc/mark.h"

void gc_marker_open(GcMarker *m, Heap *heap, Runtime *rt);
void gc_marker_close(GcMarker *m);
/* Traces until nothing is left to trace. */
void gc_marker_drain(GcMarker *m);
/* Calls the trace function of one object, and marks its class. */
void gc_marker_trace(GcMarker *m, Obj *o);

#endif
