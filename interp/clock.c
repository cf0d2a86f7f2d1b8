/* clock.c - reads the clocks. See clock.h. */

#include "interp/clock.h"

#include "runtime/base/platform.h"

uint64_t clock_now_ns(void) {
    return platform_clock_ns();
}

uint64_t clock_thread_cpu_ns(void) {
    return platform_thread_cpu_ns();
}

uint64_t clock_deadline_ns(uint64_t ns) {
    const uint64_t now = platform_clock_ns();
    /* The kernel takes deadlines as signed seconds: half of the range is some 290 years away. */
    const uint64_t end_of_time = UINT64_MAX / 2;
    return ns < end_of_time - now ? now + ns : end_of_time;
}
