/* frame.h - the register stack: windows, frames, segments.
 *
 * A function runs in a window of registers; the four words below its register 0 are its frame:
 *
 *      base[-4]   the function (a Value: ObjFunction)
 *      base[-3]   raw: the instruction where the caller goes on
 *      base[-2]   raw: the caller's base (NULL in the first frame of a thread)
 *      base[-1]   raw: FRAME_ flags
 *      base[0]    register 0: parameters, then other locals, then temporaries
 *
 * The caller puts callee and arguments in place: the callee in R[A] becomes base[-4], and the arguments from R[A+4]
 * become the first registers. So a call copies nothing.
 *
 * Windows of one thread stand in segments; a window that does not fit goes to the next segment, its arguments copied.
 * Windows never move. Invariants
 *   1. Words of a segment at or above the top of the innermost window (base + n_registers of its code) are dead. The
 *      collector clears them, so a stale word that a later window finds is either unset or was alive
 *      after the last collection: registers need no clearing at a call.
 *   2. The raw words of a frame are never in the part of the caller's window that is traced: that ends at the
 *      callee's base[-4]. */

#ifndef MINI_INTERP_FRAME_H
#define MINI_INTERP_FRAME_H

#include "interp/opcode.h"
#include "runtime/objects/function.h"

enum { FRAME_WORDS = 4 };
enum {
    FRAME_ENTRY = 1,          /* returning from it leaves the loop: it was called from C */
    FRAME_INIT = 2,           /* an __init__ entered by calling its class: the result is register 0 at entry */
    FRAME_GENERATOR = 4,      /* the window of a resumed generator, which is in base[-5] */
    FRAME_SEGMENT = 8         /* the first window of its segment */
};
enum {
    STACK_FIRST_WORDS = 1024,       /* the first segment; the next ones double up to the last */
    STACK_MAX_SEGMENT_WORDS = 1 << 20,
    STACK_SLACK_WORDS = 320         /* kept free above every window for native arguments and entry frames */
};

typedef struct StackSegment {
    struct StackSegment *previous;
    struct StackSegment *next;      /* kept for reuse */
    Value *end;                     /* windows end at most STACK_SLACK_WORDS before */
    Value words[];
} StackSegment;

typedef struct RegisterStack {
    Value *base;                    /* [own] window of the innermost frame; valid whenever the thread is not in the loop */
    const Instruction *pc;          /* [own] its next instruction, likewise */
    Value *limit;                   /* [own] of the current segment: window + n_registers must not exceed it */
    StackSegment *segment;          /* [own] the current one */
    uint32_t depth;                 /* [own] frames */
    uint32_t max_depth;             /* [atomic relaxed] the recursion limit */
} RegisterStack;

#define FRAME_FUNCTION(base) AS_FUNCTION((base)[-4])
#define FRAME_RETURN_PC(base) ((const Instruction *)(uintptr_t)(base)[-3])
#define FRAME_CALLER(base) ((Value *)(uintptr_t)(base)[-2])
#define FRAME_FLAGS(base) ((base)[-1])

bool stack_open(RegisterStack *stack, uint32_t max_depth);
void stack_close(RegisterStack *stack);
/* Marks all live registers of the stack and clears the dead words above. */
void stack_trace_stw(RegisterStack *stack, GcMarker *m);

#endif
