/* watch.c - the frames that a thread has entered. See watch.h. */

#include "interp/watch.h"

#include "interp/state.h"
#include "interp/trace/trace.h"
#include "runtime/base/mem.h"

bool watch_is_wanted(const Options *options) {
    return options->switch_every != 0 || options->is_profile || options->is_trace_calls;
}

void watch_thread_begin(Thread *th) {
    Interp *interp = th->interp;
    th->is_counted = interp->options->is_stats;
    if (!watch_is_wanted(interp->options)) {
        return;
    }
    th->cx.poll = POLL_EVERY;
    if (interp->options->is_profile || interp->options->is_trace_calls) {
        th->watch = mem_alloc_zeroed(1, sizeof *th->watch);
        th->watch->traces_calls = interp->options->is_trace_calls;
    }
    if (interp->options->is_profile) {
        th->watch->profile = profile_thread_begin(interp->profile);
    }
}

void watch_thread_free(Thread *th) {
    if (th->watch != NULL) {
        mem_free(th->watch->frames);
        mem_free(th->watch);
        th->watch = NULL;
    }
}

void watch_after_fork(Thread *th) {
    struct Watch *watch = th->watch;
    if (watch == NULL) {
        return;
    }
    if (watch->profile != NULL) {
        profile_after_fork(th->interp->profile, watch->profile);
    }
    for (size_t i = 0; i < watch->n_frames; i++) {
        WatchFrame *frame = &watch->frames[i];
        if (watch->profile != NULL) {
            profile_begin_again(watch->profile, &frame->profile);
        }
        if (watch->traces_calls) {
            frame->place = trace_call(th, frame->code);
        }
    }
}

static void leave_innermost(Thread *th) {
    struct Watch *watch = th->watch;
    WatchFrame *frame = &watch->frames[--watch->n_frames];
    if (watch->profile != NULL) {
        profile_leave(watch->profile, &frame->profile,
                      watch->n_frames > 0 ? &frame[-1].profile : NULL);
    }
    if (watch->traces_calls) {
        trace_return(th, frame->place);
    }
}

static bool is_deeper(const struct Watch *watch, uint32_t depth) {
    return watch->n_frames > 0 && watch->frames[watch->n_frames - 1].depth > depth;
}

void watch_pop(Thread *th) {
    watch_pop_to(th, th->stack.depth - 1);
}

void watch_pop_to(Thread *th, uint32_t depth) {
    while (is_deeper(th->watch, depth)) {
        leave_innermost(th);
    }
}

void watch_push(Thread *th, const ObjCode *code, const Instruction *pc) {
    struct Watch *watch = th->watch;
    const uint32_t depth = th->stack.depth;
    watch_pop_to(th, depth - 1);
    if (watch->n_frames == watch->capacity) {
        watch->capacity = watch->capacity * 2 + 16;
        watch->frames = mem_resize(watch->frames, watch->capacity, sizeof *watch->frames);
    }
    WatchFrame *frame = &watch->frames[watch->n_frames++];
    *frame = (WatchFrame){.code = code, .depth = depth};
    if (watch->traces_calls) {
        frame->place = trace_call(th, code);
    }
    if (watch->profile != NULL) {
        profile_enter(th->interp->profile, watch->profile, &frame->profile, code,
                      (uint32_t)(pc - code->instructions));
    }
}
