/* event.h - one event of the log: 32 bytes, written by the thread that it is about.
 *
 * Which thread that is, is told by the chunk of the log that it stands in (log.h). Places in the source and texts have
 * numbers, locks too; all of them never come again. */

#ifndef MINI_INTERP_TRACE_EVENT_H
#define MINI_INTERP_TRACE_EVENT_H

#include <stdint.h>

/* TRACE_EVENT(id, "name", "what detail, place, object and other hold") in events.def. */
typedef enum TraceEventKind {
#define TRACE_EVENT(id, name, doc) TRACE_##id,
#include "interp/trace/events.def"
#undef TRACE_EVENT
    TRACE_EVENT_COUNT
} TraceEventKind;

typedef struct TraceEvent {
    uint64_t time_ns;       /* clock_now_ns: one clock for all processes of a machine */
    uint8_t kind;           /* TraceEventKind */
    uint8_t detail;         /* a BlockReason, a TraceDrop, ...: events.def */
    uint16_t kind_of;       /* an ObjKind */
    uint32_t place;         /* where in the source: number of a PLACE, 0: nowhere; or of a NAME */
    uint64_t object;        /* what is concerned, or a number: events.def */
    uint64_t other;
} TraceEvent;

_Static_assert(sizeof(TraceEvent) == 32, "two events to a cache line");

/* Why a thread gave the GIL up. */
typedef enum TraceDrop {
    TRACE_DROP_BLOCK,       /* in order to block */
    TRACE_DROP_INTERVAL,    /* another thread had waited a switch interval */
    TRACE_DROP_EVERY,       /* --switch-every */
    TRACE_DROP_START,       /* to a thread that it has just started */
    TRACE_DROP_STOP,        /* somebody stopped the world, or the lock was switched off */
    TRACE_DROP_EXIT,        /* it ended */
    TRACE_DROP_COUNT
} TraceDrop;

/* What PROCESS_FIGURE tells. */
typedef enum TraceFigure {
    TRACE_FIGURE_ALLOCATED,     /* bytes on the heap, in all */
    TRACE_FIGURE_PEAK,          /* largest resident size in bytes */
    TRACE_FIGURE_INSTRUCTIONS,  /* executed, as far as they were counted */
    TRACE_FIGURE_COUNT
} TraceFigure;

/* What a BLOCK waits for is told by kind_of and object:
 *      LOCK, RLOCK, CONDITION     number of the OBJECT, 0: unknown; above bit 32 the place where the owner took it
 *      THREAD_HANDLE              ident of the thread
 *      PROCESS_HANDLE, INT        pid, descriptor
 *      FILE, STR                  number of the NAME
 *      other kinds                0 */
#define TRACE_OBJECT_NUMBER(object) ((uint32_t)(object))
#define TRACE_OBJECT_PLACE(object) ((uint32_t)((object) >> 32))

#endif
