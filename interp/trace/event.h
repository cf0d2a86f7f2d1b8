/* event.h - one event of the log: 32 bytes, written by the thread that it is about.
 *
 * Places in the source and texts are numbers of names (log.h); objects are numbers that never come again. A thread is
 * named by its process's number and its own: both count from 1 in the order of their birth. */

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
    uint16_t reserved;
    uint32_t place;         /* where in the source: number of a place, 0: nowhere */
    uint64_t object;        /* the lock, thread or process concerned, or a number: events.def */
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

#endif
