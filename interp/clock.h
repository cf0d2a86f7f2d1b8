/* clock.h - all time that the interpreter sees is read here, so that one place can slow it, stop it or replay it.
 *
 * Times count nanoseconds. Deadlines are times of clock_now_ns; CLOCK_FOREVER is none.
 * Threads: any, at any time. */

#ifndef MINI_INTERP_CLOCK_H
#define MINI_INTERP_CLOCK_H

#include <stdint.h>

#define CLOCK_FOREVER ((uint64_t)0)
#define CLOCK_NS_PER_US ((uint64_t)1000)
#define CLOCK_NS_PER_MS ((uint64_t)1000000)
#define CLOCK_NS_PER_S ((uint64_t)1000000000)

/* Monotonic; never 0. */
uint64_t clock_now_ns(void);
/* Processor time of the calling thread. */
uint64_t clock_thread_cpu_ns(void);

/* The deadline that lies ns from now; never CLOCK_FOREVER, and never past the end of time. */
uint64_t clock_deadline_ns(uint64_t ns);

#endif
