/* report_command.h - `mini report TRACE... -o FILE`: one page from trace files that were written earlier. */

#ifndef MINI_INTERP_TRACE_REPORT_COMMAND_H
#define MINI_INTERP_TRACE_REPORT_COMMAND_H

/* The words behind `report`. Returns the exit status: 0, 1 when a file could not be read or written or is no trace,
 * 2 for usage; what is wrong has been printed. Needs no interpreter. */
int report_command(int argc, char **argv);

#endif
