/* platform.h - what the interpreter wants of the operating system: threads, waiting, clocks, pages, stacks.
 *
 * One file per family of systems implements it (platform_posix.c). Functions that can fail return 0 or an errno
 * value, unless they say otherwise; what can only fail by a mistake of ours panics.
 *
 * All clocks count nanoseconds. A deadline is a time of platform_clock_ns; PLATFORM_FOREVER is none. */

#ifndef MINI_BASE_PLATFORM_H
#define MINI_BASE_PLATFORM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PLATFORM_FOREVER ((uint64_t)0)

/* Mutexes, not recursive. */
typedef struct PlatformMutex {
    pthread_mutex_t handle;
} PlatformMutex;

#define PLATFORM_MUTEX_INIT {PTHREAD_MUTEX_INITIALIZER}

void platform_mutex_init(PlatformMutex *mutex);
void platform_mutex_destroy(PlatformMutex *mutex);
void platform_mutex_lock(PlatformMutex *mutex);
bool platform_mutex_try_lock(PlatformMutex *mutex);
void platform_mutex_unlock(PlatformMutex *mutex);

/* Condition variables, on the monotonic clock. */
typedef struct PlatformCond {
    pthread_cond_t handle;
} PlatformCond;

void platform_cond_init(PlatformCond *cond);
void platform_cond_destroy(PlatformCond *cond);
/* Unlocks, waits, locks again. Wakes up without a cause at times. */
void platform_cond_wait(PlatformCond *cond, PlatformMutex *mutex);
/* The same until the deadline; false when it is past. */
bool platform_cond_wait_until(PlatformCond *cond, PlatformMutex *mutex, uint64_t deadline_ns);
void platform_cond_signal(PlatformCond *cond);
void platform_cond_broadcast(PlatformCond *cond);

/* Waits while *word is expected: until platform_word_wake, the deadline, a signal handler that ran on this
 * thread, or without a cause. Returns 0, ETIMEDOUT or EINTR (0 too when *word differs at once). The fallback without
 * futexes does not notice signals. */
int platform_word_wait(uint32_t *word, uint32_t expected, uint64_t deadline_ns);
/* Wakes up to n threads that wait on word. */
void platform_word_wake(uint32_t *word, int n);

/* Threads. */
typedef struct PlatformThread {
    pthread_t handle;
} PlatformThread;

enum { PLATFORM_STACK_BYTES_MIN = 64 * 1024 };

/* Starts a thread that runs function(argument) on a C stack of that size (rounded up to whole pages and the
 * system's minimum). All signals are blocked in it: the main thread takes them. */
int platform_thread_start(PlatformThread *thread, size_t stack_bytes, void (*function)(void *),
                          void *argument);
void platform_thread_join(PlatformThread thread);
void platform_thread_detach(PlatformThread thread);
/* The calling thread's, unique among the live threads of the process, and the kernel's number for it. */
uint64_t platform_thread_ident(void);
uint64_t platform_thread_native_id(void);
/* For debuggers and ps; cut to what the system takes. */
void platform_thread_set_name(const char *name);
void platform_thread_yield(void);
/* Tells the processor that this is a loop that waits. */
static inline void platform_cpu_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}
/* The C stack of the calling thread: low is the lowest address it may grow to, high is just above it. */
void platform_stack_bounds(char **low, char **high);

/* Clocks. */
uint64_t platform_clock_ns(void);            /* monotonic, the one of deadlines */
uint64_t platform_wall_clock_ns(void);       /* since 1970 */
uint64_t platform_process_cpu_ns(void);
uint64_t platform_thread_cpu_ns(void);
uint64_t platform_cpu_ns_of_thread(uint64_t ident);   /* one of this process that lives; 0: unknown */
/* Sleeps until the deadline or a signal: 0 or EINTR. */
int platform_sleep_until(uint64_t deadline_ns);
/* Milliseconds until the deadline for poll(), rounded up: 0 when it is past. */
int platform_ms_until(uint64_t deadline_ns);

/* Pages. Reserved address space costs nothing; committed pages are zero and count when they are touched. */
size_t platform_page_bytes(void);
/* NULL when there is not so much. n_bytes and alignment (a power of two) are multiples of the page size. */
void *platform_pages_reserve(size_t n_bytes, size_t alignment);
/* False when the system refuses. */
bool platform_pages_commit(void *pages, size_t n_bytes);
/* Committed pages at once, at the system's alignment. NULL when there is not so much. */
void *platform_pages_map(size_t n_bytes);
/* Asks for large pages where that pays; only a hint. */
void platform_pages_want_huge(void *pages, size_t n_bytes);
/* Makes committed pages present now, which is cheaper than one by one; only a hint. Any address and size. */
void platform_pages_populate(void *memory, size_t n_bytes);
/* Gives the memory back but keeps the address space, committed: the pages read as zero afterwards. */
void platform_pages_discard(void *pages, size_t n_bytes);
void platform_pages_release(void *pages, size_t n_bytes);
/* Zero pages that this process and the children it will fork share; they count when they are touched. NULL with errno. */
void *platform_pages_share(size_t n_bytes);
size_t platform_physical_memory_bytes(void);
/* Tells malloc to keep up to n_bytes (at most 32 MiB) of free memory for later. */
void platform_malloc_keep(size_t n_bytes);

/* Processes. */
int platform_core_count(void);               /* those that this process may use */
pid_t platform_fork(void);                   /* as fork() */
/* Closes all descriptors from `first` on. */
void platform_close_from(int first);
/* Random bytes of the system, good for keys. */
int platform_random(void *bytes, size_t n_bytes);

#endif
