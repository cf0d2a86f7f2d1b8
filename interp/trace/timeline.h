/* timeline.h - what the parts of the timeline share. Only for timeline*.c. */

#ifndef MINI_INTERP_TRACE_TIMELINE_H
#define MINI_INTERP_TRACE_TIMELINE_H

#include "interp/trace/lane.h"
#include "interp/trace/totals.h"
#include "runtime/base/buf.h"

typedef struct Timeline {
    const History *history;
    const Totals *totals;
    LaneChoice choice;
    int width; /* of the screen */
    int name_width;
    bool has_colour;
    int first_column; /* of the table: the part that is being written */
    int end_column;
    bool is_shown[HISTORY_STATE_COUNT]; /* some cell of a lane shows this state */
    Buf out;
} Timeline;

/* A row of lanes or of the table is one thread, or several that are not shown one by one. */
typedef struct TimelineRow {
    uint32_t thread;        /* HISTORY_NONE: several */
    uint32_t first_process; /* those not shown of these processes */
    uint32_t n_processes;   /* more than 1: those of which no thread is shown */
} TimelineRow;

typedef void (*TimelineDraw)(Timeline *t, const TimelineRow *row);

/* Calls draw for each row in order, with headings for processes where there are several. */
void timeline_each_row(Timeline *t, TimelineDraw draw);
/* Whether the row sums this thread up. */
bool timeline_row_has(const Timeline *t, const TimelineRow *row, uint32_t thread);
/* The row's name, filled up with blanks to name_width. */
void timeline_add_name(Timeline *t, const TimelineRow *row);

/* From here on: "1" is bold, "2" faint, "" normal. Nothing when there is no colour. */
void timeline_style(Timeline *t, const char *style);

/* The parts, each of which ends with a newline. */
void timeline_add_table(Timeline *t);

#endif
