/* history_processes.c - which processes lived from when to when. See history_lives.h.
 *
 * A process begins when it was forked: the system may take its time until the child runs, and that is the child's
 * time. A child that was killed before it wrote a word is known from its parent's fork alone.
 *
 * The end of a process is, in this order: what it said itself; when the recorder saw that it was gone (the first process);
 * when a signal was sent that killed it, or when its parent was told that it had ended; the time of reading, if it still
 * lives; its last event. */

#include <sys/wait.h>

#include "interp/trace/history_lives.h"

void process_life_begin(ProcessLife *process, const TraceEvent *event) {
    process->pid = (int64_t)event->object;
    process->parent = (uint32_t)event->other;
    process->begin_ns = event->time_ns;
}

void process_life_end(ProcessLife *process, const TraceEvent *event) {
    if (!process->has_end) {
        process->has_end = true;
        process->has_status = true;
        process->wait_status = (int)event->object;
        process->end_ns = event->time_ns;
        process->cpu_ns = event->other;
    }
}

/* ---- Begins: forks ---- */

/* A child that ended before it could write anything: killed, or never given a core. */
static void add_silent_child(Lives *lives, const ThreadAt *fork) {
    vec_push(&lives->processes, (ProcessLife){
                                    .is_seen = true,
                                    .pid = (int64_t)fork->key,
                                    .parent = fork->process,
                                    .begin_ns = fork->begin_ns,
                                    .last_ns = fork->begin_ns,
                                });
}

static bool is_of_same_pid(const ThreadAt *a, const ThreadAt *b) {
    return a->process == b->process && a->key == b->key;
}

static bool is_before(const ThreadAt *a, const ThreadAt *b) {
    return a->process != b->process ? a->process < b->process : a->key < b->key;
}

/* Forks and children, each in order of parent, pid and time. Parent and child go on in either order, so a child that
 * begins before the next fork of its pid belongs to this one. */
static void match_forks(Lives *lives, const ThreadAt *forks, size_t n_forks,
                        const ThreadAt *children, size_t n_children) {
    size_t c = 0;
    for (size_t f = 0; f < n_forks; f++) {
        while (c < n_children && is_before(&children[c], &forks[f])) {
            c++;
        }
        const bool is_again = f + 1 < n_forks && is_of_same_pid(&forks[f], &forks[f + 1]);
        if (c == n_children || !is_of_same_pid(&children[c], &forks[f]) ||
            (is_again && children[c].begin_ns > forks[f + 1].begin_ns)) {
            add_silent_child(lives, &forks[f]);
            continue;
        }
        ProcessLife *child = &lives->processes.items[children[c++].thread];
        if (child->begin_ns > forks[f].begin_ns) {
            child->begin_ns = forks[f].begin_ns;
        }
    }
}

static void begin_at_forks(Lives *lives) {
    VEC(ThreadAt) forks = {0};
    VEC(ThreadAt) children = {0};
    for (size_t i = 0; i < lives->notes.n; i++) {
        const Note *note = &lives->notes.items[i];
        if (note->event->kind == TRACE_FORK) {
            vec_push(&forks, (ThreadAt){
                                 .process = note->process,
                                 .key = note->event->object,
                                 .begin_ns = note->event->time_ns,
                             });
        }
    }
    for (uint32_t i = 1; i < lives->processes.n; i++) {
        const ProcessLife *process = &lives->processes.items[i];
        if (process->is_seen) {
            vec_push(&children, (ThreadAt){
                                    .process = process->parent,
                                    .key = (uint64_t)process->pid,
                                    .begin_ns = process->begin_ns,
                                    .thread = i,
                                });
        }
    }
    lives_sort(forks.items, forks.n);
    lives_sort(children.items, children.n);
    match_forks(lives, forks.items, forks.n, children.items, children.n);
    vec_free(&forks);
    vec_free(&children);
}

/* ---- Ends of processes ---- */

static ProcessLife *process_with_pid(Lives *lives, uint64_t pid, uint64_t time_ns) {
    size_t next;
    const size_t i =
        lives_find(lives->by_pid.items, lives->by_pid.n, 0, pid, time_ns, &next);
    return i < lives->by_pid.n ? &lives->processes.items[lives->by_pid.items[i].thread]
                               : NULL;
}

static void note_signal(Lives *lives, const TraceEvent *event) {
    ProcessLife *process = process_with_pid(lives, event->object, event->time_ns);
    if (process != NULL && !process->has_end && process->kill_signal != SIGKILL) {
        process->killed_ns = event->time_ns;
        process->kill_signal = event->detail;
    }
}

static void note_child_end(Lives *lives, const TraceEvent *event) {
    ProcessLife *process = process_with_pid(lives, event->object, event->time_ns);
    if (process == NULL || (process->has_end && process->has_status)) {
        return;
    }
    process->has_end = true;
    process->has_status = true;
    process->wait_status = (int)event->other;
    process->end_ns = event->time_ns;
    if (WIFSIGNALED(process->wait_status) &&
        WTERMSIG(process->wait_status) == process->kill_signal &&
        process->killed_ns < event->time_ns) {
        process->end_ns =
            process->killed_ns > process->last_ns ? process->killed_ns : process->last_ns;
    }
}

static uint64_t unknown_end(const Builder *b, const ProcessLife *process, bool is_first,
                            bool (*is_alive)(int64_t pid)) {
    const uint64_t read_ns = b->index.log->end_ns;
    if (read_ns > process->last_ns &&
        (is_first || (is_alive != NULL && is_alive(process->pid)))) {
        return read_ns;
    }
    return process->kill_signal == SIGKILL && process->killed_ns > process->last_ns
               ? process->killed_ns
               : process->last_ns;
}

static void end_processes(Builder *b, Lives *lives, bool (*is_alive)(int64_t pid)) {
    for (uint32_t i = 1; i < lives->processes.n; i++) {
        const ProcessLife *process = &lives->processes.items[i];
        if (process->is_seen) {
            vec_push(&lives->by_pid, (ThreadAt){
                                         .key = (uint64_t)process->pid,
                                         .begin_ns = process->begin_ns,
                                         .thread = i,
                                     });
        }
    }
    lives_sort(lives->by_pid.items, lives->by_pid.n);
    /* Signals first: the end tells which of them it was. */
    for (size_t i = 0; i < lives->notes.n; i++) {
        if (lives->notes.items[i].event->kind == TRACE_SIGNAL) {
            note_signal(lives, lives->notes.items[i].event);
        }
    }
    for (size_t i = 0; i < lives->notes.n; i++) {
        if (lives->notes.items[i].event->kind == TRACE_CHILD_END) {
            note_child_end(lives, lives->notes.items[i].event);
        }
    }
    for (uint32_t i = 1; i < lives->processes.n; i++) {
        ProcessLife *process = &lives->processes.items[i];
        if (process->is_seen && !process->has_end) {
            process->end_ns = unknown_end(b, process, i == 1, is_alive);
        }
    }
}

static void make_processes(Builder *b, Lives *lives) {
    History *history = b->history;
    b->begin_ns = lives->processes.n > 1 ? lives->processes.items[1].begin_ns : 0;
    history->processes =
        arena_alloc_zeroed(b->arena, lives->processes.n * sizeof *history->processes);
    for (uint32_t i = 1; i < lives->processes.n; i++) {
        ProcessLife *process = &lives->processes.items[i];
        if (!process->is_seen) {
            continue;
        }
        process->index = (uint32_t)history->n_processes++;
        const ProcessLife *parent =
            &lives->processes
                 .items[process->parent < lives->processes.n ? process->parent : 0];
        history->processes[process->index] = (HistoryProcess){
            .pid = process->pid,
            .parent = parent->is_seen ? parent->index : HISTORY_NONE,
            .begin_ns = build_time(b, process->begin_ns),
            .end_ns = build_time(b, process->end_ns),
            .has_status = process->has_status,
            .wait_status = process->wait_status,
            .cpu_ns = process->cpu_ns,
        };
        if (build_time(b, process->end_ns) > history->end_ns) {
            history->end_ns = build_time(b, process->end_ns);
        }
    }
}

void processes_build(Builder *b, Lives *lives, bool (*is_alive)(int64_t pid)) {
    begin_at_forks(lives);
    end_processes(b, lives, is_alive);
    make_processes(b, lives);
}
