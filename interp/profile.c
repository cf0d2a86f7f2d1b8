/* profile.c - --profile: measuring. See profile.h. */

#include "interp/profile.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "interp/clock.h"
#include "interp/state.h"
#include "interp/watch.h"
#include "runtime/base/mem.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/native.h"

/* ---- Clocks ---- */

/* Of a thread that stands still, until now: it may be about to come back from a wait, so its clocks are read atomically. */
static ProfileTime now(const ProfileThread *p) {
    const uint64_t at_ns = clock_now_ns();
    const uint64_t since_ns = atomic_load_relaxed(&p->since_ns);
    const uint64_t waiting_ns = since_ns != 0 && since_ns < at_ns ? at_ns - since_ns : 0;
    return (ProfileTime){at_ns, atomic_load_relaxed(&p->gil_ns), atomic_load_relaxed(&p->wait_ns) + waiting_ns};
}

static ProfileTime between(ProfileTime from, ProfileTime to) {
    return (ProfileTime){to.all_ns - from.all_ns, to.gil_ns - from.gil_ns,
                         to.wait_ns - from.wait_ns};
}

static void add(ProfileTime *sum, ProfileTime more) {
    sum->all_ns += more.all_ns;
    sum->gil_ns += more.gil_ns;
    sum->wait_ns += more.wait_ns;
}

static void count_wait(ProfileThread *p, uint64_t *clock, uint64_t at_ns) {
    if (p->since_ns != 0) {
        atomic_store_relaxed(clock, *clock + at_ns - p->since_ns);
    }
}

void profile_waits(ProfileThread *p) {
    atomic_store_relaxed(&p->since_ns, clock_now_ns());
}

/* What was waited for until now has come. */
void profile_wants_gil(ProfileThread *p) {
    const uint64_t at_ns = clock_now_ns();
    count_wait(p, &p->wait_ns, at_ns);
    atomic_store_relaxed(&p->since_ns, at_ns);
}

void profile_runs(ProfileThread *p, bool has_gil) {
    count_wait(p, has_gil ? &p->gil_ns : &p->wait_ns, clock_now_ns());
    atomic_store_relaxed(&p->since_ns, (uint64_t)0);
}

/* ---- Functions ---- */

static char *copy_text(const ObjStr *text) {
    char *copy = mem_alloc(text->n_bytes + 1);
    memcpy(copy, text->data, text->n_bytes);
    copy[text->n_bytes] = '\0';
    return copy;
}

static void find_lines(ProfileFunction *function, const ObjCode *code) {
    uint32_t last_line = code->first_line;
    function->line_of = mem_alloc(code->n_instructions * sizeof *function->line_of + 1);
    for (uint32_t i = 0; i < code->n_instructions; i++) {
        const CodePosition *position = code_position(code, i);
        const bool has_line = position != NULL && position->line >= code->first_line;
        function->line_of[i] =
            has_line ? position->line - code->first_line : PROFILE_NO_LINE;
        if (has_line && position->line > last_line) {
            last_line = position->line;
        }
    }
    function->n_lines = last_line - code->first_line + 1;
}

static ProfileFunction *function_of(Profile *profile, const ObjCode *code) {
    ObjCode *mutable_code = (ObjCode *)code;
    ProfileFunction *function = atomic_load_acquire(&mutable_code->profile);
    if (LIKELY(function != NULL)) {
        return function;
    }
    platform_mutex_lock(&profile->mutex);
    function = atomic_load_acquire(&mutable_code->profile);
    if (function == NULL) {
        function = mem_alloc_zeroed(1, sizeof *function);
        function->number = (uint32_t)profile->functions.n;
        function->first_line = code->first_line;
        function->name = copy_text(code->qualname);
        function->filename = copy_text(code->filename);
        find_lines(function, code);
        vec_push(&profile->functions, function);
        atomic_store_release(&mutable_code->profile, function);
    }
    platform_mutex_unlock(&profile->mutex);
    return function;
}

/* NULL: of no interest. */
static ProfileFunction *function_to_measure(Profile *profile, const ObjCode *code) {
    if (!atomic_load_relaxed(&profile->is_by_line)) {
        return function_of(profile, code);
    }
    ProfileFunction *function = atomic_load_acquire(&((ObjCode *)code)->profile);
    return function != NULL && atomic_load_relaxed(&function->is_marked) ? function
                                                                         : NULL;
}

static ProfileEntry *entry_of(ProfileThread *p, const ProfileFunction *function) {
    const uint32_t number = function->number;
    if (UNLIKELY(number >= p->n_entries)) {
        const uint32_t n = number * 2 + 16;
        p->entries = mem_resize(p->entries, n, sizeof *p->entries);
        memset(p->entries + p->n_entries, 0, (n - p->n_entries) * sizeof *p->entries);
        p->n_entries = n;
    }
    if (UNLIKELY(p->entries[number] == NULL)) {
        p->entries[number] = mem_alloc_zeroed(1, sizeof(ProfileEntry));
    }
    return p->entries[number];
}

/* ---- Frames ---- */

static void begin_line(ProfileFrame *frame, uint32_t line, ProfileTime at) {
    frame->line = line;
    frame->line_since = at;
    frame->entry->lines[line].n_active++;
}

static void end_line(ProfileFrame *frame, ProfileTime at) {
    if (frame->line == PROFILE_NO_LINE) {
        return;
    }
    ProfileLine *line = &frame->entry->lines[frame->line];
    if (--line->n_active == 0) {
        add(&line->time, between(frame->line_since, at));
    }
}

void profile_new_line(const ProfileThread *p, ProfileFrame *frame, uint32_t line) {
    const ProfileTime at = now(p);
    end_line(frame, at);
    begin_line(frame, line, at);
    frame->entry->lines[line].n_hits++;
}

void profile_enter(Profile *profile, ProfileThread *p, ProfileFrame *frame,
                   const ObjCode *code, uint32_t at) {
    const ProfileFunction *function = function_to_measure(profile, code);
    *frame = (ProfileFrame){.line = PROFILE_NO_LINE, .at = at - (at != 0)};
    if (function == NULL) {
        return;
    }
    ProfileEntry *entry = entry_of(p, function);
    frame->entry = entry;
    frame->entered = now(p);
    entry->n_active++;
    entry->n_calls += at == 0;
    if (atomic_load_relaxed(&function->is_marked)) {
        if (entry->lines == NULL) {
            entry->lines = mem_alloc_zeroed(function->n_lines, sizeof *entry->lines);
        }
        frame->line_of = function->line_of;
        if (at != 0 && function->line_of[at - 1] != PROFILE_NO_LINE) {
            /* A generator goes on within the line that yielded: that is no new hit. */
            begin_line(frame, function->line_of[at - 1], frame->entered);
        }
    }
}

void profile_leave(const ProfileThread *p, ProfileFrame *frame, ProfileFrame *caller) {
    ProfileEntry *entry = frame->entry;
    if (entry == NULL) {
        return;
    }
    const ProfileTime at = now(p);
    end_line(frame, at);
    const ProfileTime spent = between(frame->entered, at);
    if (--entry->n_active == 0) {
        add(&entry->total, spent);
    }
    add(&entry->own, between(frame->in_callees, spent));
    if (caller != NULL) {
        add(&caller->in_callees, spent);
    }
}

/* ---- Threads ---- */

ProfileThread *profile_thread_begin(Profile *profile) {
    ProfileThread *p = mem_alloc_zeroed(1, sizeof *p);
    platform_mutex_lock(&profile->mutex);
    p->number = profile->threads == NULL ? 1 : profile->threads->number + 1;
    p->next = profile->threads;
    profile->threads = p;
    platform_mutex_unlock(&profile->mutex);
    return p;
}

void profile_note_name(Context *cx, const Thread *th) {
    ProfileThread *p = th->watch == NULL ? NULL : th->watch->profile;
    const Value object = value_load(&th->object);
    if (p == NULL || p->name != NULL || !IS_KIND(object, KIND_INSTANCE)) {
        return;
    }
    ObjStr *attribute = str_intern(cx, "_name", 5);
    if (attribute == NULL) {
        exc_take(cx);
        return;
    }
    const Value name = instance_get_own(cx, AS_OBJ(object), attribute);
    if (IS_STR(name)) {
        p->name = copy_text(AS_STR(name));
    }
}

static void free_thread(ProfileThread *p) {
    for (uint32_t i = 0; i < p->n_entries; i++) {
        if (p->entries[i] != NULL) {
            mem_free(p->entries[i]->lines);
            mem_free(p->entries[i]);
        }
    }
    mem_free(p->entries);
    mem_free(p->name);
    mem_free(p);
}

static void forget(ProfileEntry *entry, uint32_t n_lines) {
    if (entry->lines != NULL) {
        memset(entry->lines, 0, n_lines * sizeof *entry->lines);
    }
    *entry = (ProfileEntry){.lines = entry->lines};
}

void profile_after_fork(Profile *profile, ProfileThread *p) {
    /* Nobody was between lock and unlock: there is no poll in there. */
    for (ProfileThread *t = profile->threads; t != NULL;) {
        ProfileThread *next = t->next;
        if (t != p) {
            free_thread(t);
        }
        t = next;
    }
    profile->threads = p;
    p->next = NULL;
    for (uint32_t i = 0; i < p->n_entries; i++) {
        if (p->entries[i] != NULL) {
            forget(p->entries[i], profile->functions.items[i]->n_lines);
        }
    }
}

void profile_begin_again(const ProfileThread *p, ProfileFrame *frame) {
    if (frame->entry == NULL) {
        return;
    }
    frame->entered = now(p);
    frame->in_callees = (ProfileTime){0, 0, 0};
    frame->entry->n_active++;
    if (frame->line != PROFILE_NO_LINE) {
        begin_line(frame, frame->line, frame->entered);
    }
}

/* ---- The builtin ---- */

/* The function that a decorator is given, with the wrappers taken off. NULL: it is none. */
static ObjFunction *function_in(Value v) {
    if (IS_KIND(v, KIND_STATICMETHOD) || IS_KIND(v, KIND_CLASSMETHOD)) {
        v = ((ObjWrapper *)AS_OBJ(v))->function;
    }
    if (IS_METHOD(v)) {
        v = AS_METHOD(v)->function;
    }
    return IS_FUNCTION(v) ? AS_FUNCTION(v) : NULL;
}

NATIVE(profile_mark, "profile(function, /)",
       "Mark a function, so that --profile measures each of its lines; return the "
       "function. A decorator.") {
    Profile *profile = interp_of(cx)->profile;
    const ObjFunction *marked = function_in(args[0]);
    if (marked == NULL) {
        return exc_raise(cx, EXC_TypeError,
                         "profile() argument must be a function, not %s",
                         type_name_of(cx, args[0]));
    }
    atomic_store_relaxed(&function_of(profile, marked->code)->is_marked, true);
    atomic_store_relaxed(&profile->is_by_line, true);
    return args[0];
}

Profile *profile_new(void) {
    Profile *profile = mem_alloc_zeroed(1, sizeof *profile);
    platform_mutex_init(&profile->mutex);
    profile->lock_fd = -1;
    return profile;
}

bool profile_open(Profile *profile, Context *cx) {
    FILE *file = tmpfile();
    profile->lock_fd = file == NULL ? -1 : dup(fileno(file));
    if (file != NULL) {
        fclose(file);
    }
    Value native = native_new(cx, &profile_mark_def, NULL, VALUE_UNSET);
    return !IS_ERROR(native) && module_set_c(cx, cx->rt->builtins, "profile", native);
}

void profile_free(Profile *profile) {
    if (profile == NULL) {
        return;
    }
    while (profile->threads != NULL) {
        ProfileThread *next = profile->threads->next;
        free_thread(profile->threads);
        profile->threads = next;
    }
    for (size_t i = 0; i < profile->functions.n; i++) {
        ProfileFunction *function = profile->functions.items[i];
        mem_free(function->name);
        mem_free(function->filename);
        mem_free(function->line_of);
        mem_free(function);
    }
    vec_free(&profile->functions);
    platform_mutex_destroy(&profile->mutex);
    if (profile->lock_fd >= 0) {
        close(profile->lock_fd);
    }
    mem_free(profile);
}
