/* profile.h - --profile: where the time of a script goes, line by line or function by function.
 *
 * A script marks functions with @profile, a builtin that exists with this option only: then each line of theirs is measured. As
 * long as nothing is marked, each function is. A time is three: how long the thread ran, waited for the GIL, and waited for
 * anything else. A line's time has in it that of the functions that it called.
 *
 * Invariants
 *   1. A thread counts in its ProfileThread alone, without locks; ProfileThreads live until the report.
 *   2. A ProfileFunction is made once for a code object and never freed: code objects may be collected.
 *   3. For recursion: time counts when the outermost of several activations of a line or function ends.
 *
 * See also: watch.h, who calls this; profile_report.c. */

#ifndef MINI_INTERP_PROFILE_H
#define MINI_INTERP_PROFILE_H

#include "interp/opcode.h"
#include "runtime/base/platform.h"
#include "runtime/base/vec.h"
#include "runtime/objects/code.h"

typedef struct Interp Interp;
typedef struct Thread Thread;
typedef struct ProfileThread ProfileThread;

enum { PROFILE_NO_LINE = UINT32_MAX };

/* A moment on a thread's three clocks, or the time between two. */
typedef struct ProfileTime {
    uint64_t all_ns;
    uint64_t gil_ns;  /* of that: waiting for the GIL */
    uint64_t wait_ns; /* of that: waiting for something else */
} ProfileTime;

typedef struct ProfileLine {
    uint64_t n_hits;
    uint32_t n_active;
    ProfileTime time;
} ProfileLine;

/* A function that is or may be measured. */
typedef struct ProfileFunction {
    uint32_t number;     /* [const] counts from 0 */
    uint32_t first_line; /* [const] */
    uint32_t n_lines;    /* [const] from first_line on */
    bool is_marked;      /* [atomic] */
    char *name;          /* [const] */
    char *filename;      /* [const] */
    uint32_t *
        line_of; /* [const] for each instruction: line - first_line, or PROFILE_NO_LINE */
} ProfileFunction;

/* What one thread did in one function. */
typedef struct ProfileEntry {
    uint64_t n_calls;
    uint32_t n_active;
    ProfileTime total;  /* with the functions that it called */
    ProfileTime own;    /* without */
    ProfileLine *lines; /* NULL: not marked */
} ProfileEntry;

struct ProfileThread {
    ProfileThread *next;    /* [mutex] made before */
    uint64_t number;        /* [const] */
    char *name;             /* [own] NULL until it is known */
    uint64_t gil_ns;        /* [own; atomic relaxed for the report] waited so far */
    uint64_t wait_ns;       /* likewise */
    uint64_t since_ns;      /* likewise; it waits since then; 0: it runs */
    ProfileEntry **entries; /* [own] by number of the function; NULL: never called */
    uint32_t n_entries;     /* [own] */
};

/* A frame of the script, as far as it is measured. */
typedef struct ProfileFrame {
    ProfileEntry *entry;     /* NULL: not measured */
    const uint32_t *line_of; /* NULL: not by line */
    uint32_t line;           /* the current one, or PROFILE_NO_LINE */
    uint32_t at;             /* the last instruction */
    ProfileTime entered;
    ProfileTime line_since;
    ProfileTime in_callees;
} ProfileFrame;

typedef struct Profile {
    PlatformMutex
        mutex; /* guards the fields marked [mutex]; nothing is allocated on the heap under it */
    ProfileThread *threads;           /* [mutex] */
    VEC(ProfileFunction *) functions; /* [mutex] by number */
    bool is_by_line;                  /* [atomic] something is marked */
    int lock_fd; /* [const] a file that processes lock while they print; -1: none */
} Profile;

/* With --profile. open: defines the builtin `profile`; false: exception pending. */
Profile *profile_new(void);
bool profile_open(Profile *profile, Context *cx);
void profile_free(Profile *profile);

ProfileThread *profile_thread_begin(Profile *profile);
/* Notes the name of th, which is stopped or the calling thread; nothing without --profile. */
void profile_note_name(Context *cx, const Thread *th);
/* In the child of a fork: nothing has been measured, p is the only thread. Then for each of its frames profile_begin_again. */
void profile_after_fork(Profile *profile, ProfileThread *p);
void profile_begin_again(const ProfileThread *p, ProfileFrame *frame);

/* A frame begins or goes on at instruction `at`; it ends or yields. caller: the measured frame below, or NULL. */
void profile_enter(Profile *profile, ProfileThread *p, ProfileFrame *frame,
                   const ObjCode *code, uint32_t at);
void profile_leave(const ProfileThread *p, ProfileFrame *frame, ProfileFrame *caller);
void profile_new_line(const ProfileThread *p, ProfileFrame *frame, uint32_t line);

/* Before each instruction of a frame that is measured by line. A jump back within a line, or of an
 * instruction to itself (the loop over `pass`), is a new hit. */
static inline void profile_instruction(const ProfileThread *p, ProfileFrame *frame,
                                       uint32_t at) {
    const uint32_t line = frame->line_of[at];
    if (line != PROFILE_NO_LINE && (line != frame->line || at <= frame->at)) {
        profile_new_line(p, frame, line);
    }
    frame->at = at;
}

/* The thread stops running; wants the GIL; runs again. */
void profile_waits(ProfileThread *p);
void profile_wants_gil(ProfileThread *p);
void profile_runs(ProfileThread *p, bool has_gil);

/* The end: prints on stderr, in one piece even when other processes do. Only th runs. */
void profile_report(Interp *interp, Thread *th);

#endif
