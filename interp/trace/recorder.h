/* recorder.h - the process that outlives the script and makes the views.
 *
 *      first process ---- life ---> recorder     its end is closed when the process ends, however that happens
 *      first process <--- done ---- recorder     its end is closed when all views are made
 *
 * The recorder is forked, twice, before the script begins: so it is nobody's child, and os.wait() does not find it. It has a
 * session of its own, ignores the signals of a terminal, holds no descriptors but the pipes, stderr and the files to
 * be written, and sleeps until the first process has ended. Then it reads the log, which it shares. */

#ifndef MINI_INTERP_TRACE_RECORDER_H
#define MINI_INTERP_TRACE_RECORDER_H

#include "interp/cli.h"
#include "interp/trace/log.h"

typedef struct Recorder Recorder;

/* Whether the options ask for anything that is recorded. */
bool recorder_is_wanted(const Options *options);

/* Opens the log and the files to be written, and forks. Called while there is one thread only. NULL, with a message on
 * stderr, when a file cannot be written or the system lacks something: then the script should not begin. */
Recorder *recorder_start(const Options *options);
Log *recorder_log(const Recorder *recorder);

/* In a forked child: only the first process is waited for. */
void recorder_leave(const Recorder *recorder);

/* In the first process, at its end: returns when the views are made, or when a signal comes first. */
void recorder_finish(const Recorder *recorder);

#endif
