/* lane.h - a thread's life in so many columns; and which threads get a lane of their own. */

#ifndef MINI_INTERP_TRACE_LANE_H
#define MINI_INTERP_TRACE_LANE_H

#include "interp/trace/history.h"

/* In a cell: the thread did not live then. */
enum { LANE_BLANK = HISTORY_STATE_COUNT };

typedef struct Lane {
    const History *history;
    int width;
    uint64_t *ns; /* for each column, for each state */
} Lane;

void lane_open(Lane *lane, const History *history, int width);
/* Adds the thread; what several threads did is summed up. */
void lane_add(Lane *lane, uint32_t thread);
/* The state to be shown in each column: the one with most time in it, counting what earlier columns had of it and did not
 * show. So a thread that runs a third of the time shows it in every third column, however short its turns. */
void lane_read(const Lane *lane, uint8_t *cells);
void lane_close(Lane *lane);

/* The column that the time falls into. */
int lane_column(const History *history, int width, uint64_t at_ns);

/* Which threads are shown one by one: all, or the first one and those that ran or waited for a lock most. */
typedef struct LaneChoice {
    bool *is_shown; /* for each thread */
    size_t n_shown;
} LaneChoice;

void lane_choose(LaneChoice *choice, const History *history, size_t n_at_most);
void lane_choice_close(LaneChoice *choice);
/* Number of the process's threads that are shown. */
uint32_t lane_n_shown(const LaneChoice *choice, const HistoryProcess *process);

#endif
