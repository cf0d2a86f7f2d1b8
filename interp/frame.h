/* frame.h - the register stack: windows, frames, segments.
 *
 * A function runs in a window of registers; the four words below its register 0 are its frame:
 *
 *      base[-6]   generators only: the exception that the resumer is handling
 *      base[-5]   generators only: the ObjGenerator; FRAME_INIT only: the new instance
 *      base[-4]   the function (ObjFunction)
 *      base[-3]   the instruction where the caller goes on (FRAME_ADDRESS)
 *      base[-2]   the caller's base (FRAME_ADDRESS)
 *      base[-1]   FRAME_ flags and the caller's register for the result (frame_state)
 *      base[0]    register 0: parameters, then other locals, then temporaries
 *
 * All of these words are Values: an address is kept as the small integer with its bits, so that a word that
 * was left over in a dead register is never taken for an object.
 *
 * The caller puts callee and arguments in place: the callee in R[A] becomes base[-4], and the arguments from R[A+4]
 * become the first registers. So a call copies nothing.
 *
 * Windows of one thread stand in segments; a window that does not fit goes to the next segment, its arguments copied.
 * Windows never move. Invariants
 *   1. Words of a segment at or above the top of the innermost window (base + n_registers of its code) are dead. The
 *      collector clears them, so a stale word that a later window finds is either unset or was alive
 *      after the last collection: registers need no clearing at a call.
 *   2. The window below the first frame of a thread is the bottom frame: no function, no registers. */

#ifndef MINI_INTERP_FRAME_H
#define MINI_INTERP_FRAME_H

#include "interp/opcode.h"
#include "runtime/objects/function.h"

enum { FRAME_WORDS = 4 };
enum {
    FRAME_ENTRY = 1,          /* returning from it leaves the loop: it was called from C */
    FRAME_INIT = 2,           /* an __init__ entered by calling its class: the result is base[-5] */
    FRAME_GENERATOR = 4,      /* the window of a resumed generator */
    FRAME_SEGMENT = 8,        /* the first window of its segment */
    FRAME_FLAGS_MASK = 0xff
};
enum {
    GENERATOR_FRAME_WORDS = 6,
    STACK_FIRST_WORDS = 1000,       /* the first segment; the next ones double up to the last */
    STACK_MAX_SEGMENT_WORDS = 1 << 20,
    STACK_MAX_WORDS = 1 << 24,      /* of all segments: what a huge recursion limit can reach, about a million frames */
    NATIVE_SLACK_WORDS = 64,        /* room above a window for the arguments that a native call left out */
    STACK_SLACK_WORDS = 2 * NATIVE_SLACK_WORDS,
    WINDOW_SLACK_WORDS = 2          /* behind a window: calling a method or class moves the arguments up */
};

typedef struct StackSegment {
    struct StackSegment *previous;
    struct StackSegment *next;      /* kept for reuse */
    Value *end;                     /* behind the last word */
    Value words[];
} StackSegment;

typedef struct RegisterStack {
    Value *base;                    /* [own] window of the innermost frame; valid whenever the thread is not in the loop */
    const Instruction *pc;          /* [own] its next instruction, likewise */
    Value *limit;                   /* [own] base + n_registers must not exceed it; the slack is above */
    StackSegment *segment;          /* [own] the current one */
    Value *building;                /* [own] end of a window whose arguments are being sorted, above the innermost one; or NULL */
    size_t n_words;                 /* [own] of the segments up to the current one */
    uint32_t depth;                 /* [own] frames */
    uint32_t max_depth;             /* [atomic relaxed] the recursion limit */
    bool generator_returned;        /* [own] eval_run's result is what a generator returned, not yielded */
} RegisterStack;

/* An address (48 bits) as a small integer, and back. */
#define FRAME_ADDRESS(p) ((Value)(uintptr_t)(p) ^ VALUE_INT_TAG)
#define FRAME_FUNCTION(base) AS_FUNCTION((base)[-4])
#define FRAME_RETURN_PC(base) ((const Instruction *)(uintptr_t)((base)[-3] ^ VALUE_INT_TAG))
#define FRAME_CALLER(base) ((Value *)(uintptr_t)((base)[-2] ^ VALUE_INT_TAG))
#define FRAME_FLAGS(base) ((unsigned)(base)[-1] & FRAME_FLAGS_MASK)
#define FRAME_RESULT(base) ((unsigned)((base)[-1] >> 8) & 0xff)

static inline Value frame_state(unsigned flags, unsigned result_register) {
    return VALUE_INT_TAG | flags | result_register << 8;
}

static inline bool frame_is_bottom(const Value *base) {
    return IS_UNSET(base[-4]);
}

static inline ObjCode *frame_code(const Value *base) {
    return FRAME_FUNCTION(base)->code;
}

/* How many words below register 0 belong to the frame. */
static inline unsigned frame_words(const Value *base) {
    unsigned flags = FRAME_FLAGS(base);
    return (flags & FRAME_GENERATOR) ? GENERATOR_FRAME_WORDS : FRAME_WORDS + ((flags & FRAME_INIT) != 0);
}

/* Behind the last register of the window and what a call may add to it. */
static inline Value *frame_end(Value *base) {
    return frame_is_bottom(base) ? base : base + frame_code(base)->n_registers + WINDOW_SLACK_WORDS;
}

/* The registers of a window from `word` on hold nothing any more, nor does the slack behind it. */
static inline void stack_clear_from(Value *base, Value *word) {
    for (Value *end = frame_end(base); word < end; word++) {
        *word = VALUE_UNSET;
    }
}

bool stack_open(RegisterStack *stack, uint32_t max_depth);   /* false: no memory */
void stack_close(RegisterStack *stack);

/* A place for n_words above the innermost window and what native calls may use above it, in a new segment if
 * need be (then *flags is FRAME_SEGMENT, otherwise 0). NULL when the stack has got too deep or there is no memory. */
Value *stack_reserve(RegisterStack *stack, size_t n_words, unsigned *flags);
/* The same when a call in place does not fit: n_words from window on, of which n_used are copied. */
Value *stack_relocate(RegisterStack *stack, Value *window, size_t n_used, size_t n_words);
/* Leaves the segment whose first window is being popped. */
void stack_leave_segment(RegisterStack *stack);

/* Marks all live registers of the stack and clears the dead words above. */
void stack_trace_stw(RegisterStack *stack, GcMarker *m);

#endif
