/* stack.c - the register stack: segments and tracing. See frame.h. */

#include "interp/frame.h"

#include "runtime/gc/mark.h"

#include <stdlib.h>

static StackSegment *segment_new(StackSegment *previous, size_t n_words) {
    StackSegment *segment = calloc(1, sizeof *segment + n_words * sizeof(Value));
    if (segment != NULL) {
        segment->previous = previous;
        segment->end = segment->words + n_words;
    }
    return segment;
}

static size_t segment_words(const StackSegment *segment) {
    return (size_t)(segment->end - segment->words);
}

static void set_segment(RegisterStack *stack, StackSegment *segment) {
    stack->segment = segment;
    stack->limit = segment->end - STACK_SLACK_WORDS;
}

static void enter_segment(RegisterStack *stack, StackSegment *segment) {
    stack->n_words += segment_words(segment);
    set_segment(stack, segment);
}

bool stack_open(RegisterStack *stack, uint32_t max_depth) {
    StackSegment *segment = segment_new(NULL, STACK_FIRST_WORDS);
    if (segment == NULL) {
        return false;
    }
    stack->n_words = 0;
    enter_segment(stack, segment);
    stack->base = segment->words + FRAME_WORDS;   /* the bottom frame: all unset */
    stack->pc = NULL;
    stack->depth = 0;
    stack->max_depth = max_depth;
    return true;
}

static void free_segments_above(StackSegment *segment) {
    StackSegment *above = segment->next;
    segment->next = NULL;
    while (above != NULL) {
        StackSegment *next = above->next;
        free(above);
        above = next;
    }
}

void stack_close(RegisterStack *stack) {
    StackSegment *segment = stack->segment;
    while (segment->previous != NULL) {
        segment = segment->previous;
    }
    free_segments_above(segment);
    free(segment);
    stack->segment = NULL;
}

/* The segment above the current one, with room for n_words: the one kept from before or a new one. */
static StackSegment *segment_above(RegisterStack *stack, size_t n_words) {
    StackSegment *current = stack->segment;
    size_t needed = n_words + STACK_SLACK_WORDS;
    StackSegment *next = current->next;
    if (stack->n_words + needed > STACK_MAX_WORDS) {
        return NULL;
    }
    if (next != NULL && segment_words(next) >= needed) {
        return next;
    }
    size_t size = 2 * segment_words(current);
    if (size > STACK_MAX_SEGMENT_WORDS) {
        size = STACK_MAX_SEGMENT_WORDS;
    }
    if (size < needed) {
        size = needed;
    }
    next = segment_new(current, size);
    if (next != NULL) {
        free_segments_above(current);
        current->next = next;
    }
    return next;
}

Value *stack_reserve(RegisterStack *stack, size_t n_words, unsigned *flags) {
    Value *window = frame_end(stack->base) + NATIVE_SLACK_WORDS;
    if (window + n_words <= stack->limit) {
        *flags = 0;
        return window;
    }
    StackSegment *segment = segment_above(stack, n_words);
    if (segment == NULL) {
        return NULL;
    }
    enter_segment(stack, segment);
    *flags = FRAME_SEGMENT;
    return segment->words;
}

Value *stack_relocate(RegisterStack *stack, Value *window, size_t n_used, size_t n_words) {
    StackSegment *segment = segment_above(stack, n_words);
    if (segment == NULL) {
        return NULL;
    }
    memcpy(segment->words, window, n_used * sizeof(Value));
    enter_segment(stack, segment);
    return segment->words;
}

void stack_leave_segment(RegisterStack *stack) {
    stack->n_words -= segment_words(stack->segment);
    set_segment(stack, stack->segment->previous);
}

/* Clears the words of a segment from `from` on: nobody is going to read them before they are written. */
static void clear_dead(StackSegment *segment, Value *from) {
    memset(from, 0, (size_t)(segment->end - from) * sizeof(Value));
}

static bool is_in_segment(const StackSegment *segment, const Value *word) {
    return word >= segment->words && word < segment->end;
}

void stack_trace_stw(RegisterStack *stack, GcMarker *m) {
    StackSegment *segment = stack->segment;
    if (segment == NULL) {
        return;
    }
    free_segments_above(segment);
    Value *base = stack->base;
    Value *end = frame_end(base);
    if (!is_in_segment(segment, base)) {
        /* A segment was entered for a window that is still being built. */
        Value *built = stack->building != NULL ? stack->building : segment->words;
        gc_mark_values(m, segment->words, (size_t)(built - segment->words));
        clear_dead(segment, built);
        segment = segment->previous;
    } else if (stack->building != NULL && stack->building > end) {
        end = stack->building;
    }
    clear_dead(segment, end);
    while (!frame_is_bottom(base)) {
        Value *low = base - frame_words(base);
        gc_mark_values(m, low, (size_t)(end - low));
        Value *caller = FRAME_CALLER(base);
        end = frame_end(caller);
        if (FRAME_FLAGS(base) & FRAME_SEGMENT) {
            segment = segment->previous;
            clear_dead(segment, end);
        } else {
            /* The room that a call from C leaves above its caller's window belongs to that: uncleared, its stale
             * words would outlive what they refer to, and a later window would find them. */
            end = low;
        }
        base = caller;
    }
    gc_mark_values(m, base, (size_t)(end > base ? end - base : 0));
}
