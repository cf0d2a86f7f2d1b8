/* block.h - the door upwards through which the runtime blocks a thread; implemented by interp/sched.c.
 *
 * Every wait of any length is bracketed:
 *
 *      block_begin(cx, BLOCK_READ, file, 0);
 *      n = read(fd, buffer, n_bytes);        // no Value is touched, nothing allocated, nothing raised
 *      block_end(cx);
 *
 * block_begin gives up the GIL, spills what the collector has to know and lets the world be stopped
 * without this thread; block_end takes the GIL again and waits out a stopped world. In between the thread
 * must not touch the heap. */

#ifndef MINI_RUNTIME_BLOCK_H
#define MINI_RUNTIME_BLOCK_H

#include "runtime/context.h"

/* BLOCK(id, word for people, state) in block_reasons.def. */
typedef enum BlockReason {
#define BLOCK(id, text, state) BLOCK_##id,
#include "runtime/block_reasons.def"
#undef BLOCK
    BLOCK_COUNT
} BlockReason;

#define BLOCK_FOREVER ((uint64_t)0)

/* object is what the thread waits for (VALUE_NONE if nothing); deadline_ns on the monotonic clock of
 * interp/clock.h, BLOCK_FOREVER if there is none; both are for those who watch. Saves errno. */
void block_begin(Context *cx, BlockReason reason, Value object, uint64_t deadline_ns);

/* Saves errno. Never fails; pending requests are served at the next poll. */
void block_end(Context *cx);

/* Serves what the poll word asks for: for native code that runs long. False: exception pending. May
 * switch, collect, raise KeyboardInterrupt. No container lock may be held. */
bool block_poll(Context *cx);

/* True when native code that goes on for long has to call block_poll: for loops without an end of their own. */
static inline bool block_is_urgent(const Context *cx) {
    return (atomic_load_relaxed(&cx->poll) & POLL_URGENT) != 0;
}

/* True when a signal for the script (Ctrl-C) waits for this thread; blocking system calls that return
 * EINTR call block_poll when this is true and go on otherwise. */
bool block_has_signal(const Context *cx);

/* Waits until *word is not equal to expected, somebody calls block_wake on it, the deadline (0: none) is
 * past, or a signal for this thread arrives. Brackets itself. Returns 0 when woken or the word differs,
 * ETIMEDOUT or EINTR. Spurious wake-ups happen. */
int block_wait_word(Context *cx, BlockReason reason, Value object, uint32_t *word, uint32_t expected,
                    uint64_t deadline_ns);
/* Wakes up to n threads that wait on word. */
void block_wake(uint32_t *word, int n);

/* Stops all other threads of the interpreter, so that _stw functions may be called; nests. */
void block_stop_world(Context *cx);
void block_resume_world(Context *cx);
bool block_world_is_stopped(const Context *cx);

#endif
