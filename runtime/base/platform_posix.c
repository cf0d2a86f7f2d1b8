/* platform_posix.c - the operating system by POSIX, with Linux and macOS where they differ.
 *
 * See also: platform.h for the contract. */

#if defined(__linux__) && !defined(_GNU_SOURCE)
#    define _GNU_SOURCE 1
#endif

#include "runtime/base/platform.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#if defined(__GLIBC__)
#include <sys/auxv.h>
#endif
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#    include <linux/futex.h>
#    include <malloc.h>
#    include <sys/random.h>
#    include <sys/syscall.h>
#endif

#include "runtime/base/atomics.h"
#include "runtime/base/config.h"
#include "runtime/base/mem.h"
#include "runtime/base/panic.h"

enum { NS_PER_S = 1000000000 };

/* For calls that fail only when we misuse them. */
static void check(int error, const char *what) {
    if (UNLIKELY(error != 0)) {
        panic("%s: %s", what, strerror(error));
    }
}

static struct timespec to_timespec(uint64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

static uint64_t read_clock(clockid_t clock) {
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        panic("clock_gettime: %s", strerror(errno));
    }
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* Mutexes and conditions. */

void platform_mutex_init(PlatformMutex *mutex) {
    check(pthread_mutex_init(&mutex->handle, NULL), "pthread_mutex_init");
}

void platform_mutex_destroy(PlatformMutex *mutex) {
    check(pthread_mutex_destroy(&mutex->handle), "pthread_mutex_destroy");
}

void platform_mutex_lock(PlatformMutex *mutex) {
    check(pthread_mutex_lock(&mutex->handle), "pthread_mutex_lock");
}

bool platform_mutex_try_lock(PlatformMutex *mutex) {
    const int error = pthread_mutex_trylock(&mutex->handle);
    if (error == EBUSY) {
        return false;
    }
    check(error, "pthread_mutex_trylock");
    return true;
}

void platform_mutex_unlock(PlatformMutex *mutex) {
    check(pthread_mutex_unlock(&mutex->handle), "pthread_mutex_unlock");
}

void platform_cond_init(PlatformCond *cond) {
    pthread_condattr_t attributes;
    check(pthread_condattr_init(&attributes), "pthread_condattr_init");
#if !defined(__APPLE__)
    check(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC), "pthread_condattr_setclock");
#endif
    check(pthread_cond_init(&cond->handle, &attributes), "pthread_cond_init");
    pthread_condattr_destroy(&attributes);
}

void platform_cond_destroy(PlatformCond *cond) {
    check(pthread_cond_destroy(&cond->handle), "pthread_cond_destroy");
}

void platform_cond_wait(PlatformCond *cond, PlatformMutex *mutex) {
    check(pthread_cond_wait(&cond->handle, &mutex->handle), "pthread_cond_wait");
}

bool platform_cond_wait_until(PlatformCond *cond, PlatformMutex *mutex, uint64_t deadline_ns) {
    if (deadline_ns == PLATFORM_FOREVER) {
        platform_cond_wait(cond, mutex);
        return true;
    }
#if defined(__APPLE__)
    /* No choice of clock there, but relative waits. */
    const uint64_t now = platform_clock_ns();
    const struct timespec left = to_timespec(deadline_ns > now ? deadline_ns - now : 0);
    const int error = pthread_cond_timedwait_relative_np(&cond->handle, &mutex->handle, &left);
#else
    const struct timespec deadline = to_timespec(deadline_ns);
    const int error = pthread_cond_timedwait(&cond->handle, &mutex->handle, &deadline);
#endif
    if (error == ETIMEDOUT) {
        return false;
    }
    check(error, "pthread_cond_timedwait");
    return true;
}

void platform_cond_signal(PlatformCond *cond) {
    check(pthread_cond_signal(&cond->handle), "pthread_cond_signal");
}

void platform_cond_broadcast(PlatformCond *cond) {
    check(pthread_cond_broadcast(&cond->handle), "pthread_cond_broadcast");
}

/* Waiting on a word. */

#if CONFIG_FUTEX

int platform_word_wait(uint32_t *word, uint32_t expected, uint64_t deadline_ns) {
    struct timespec deadline = to_timespec(deadline_ns);
    /* The bitset form takes an absolute deadline, so a wait that is begun again keeps it. */
    const long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected,
                                deadline_ns == PLATFORM_FOREVER ? NULL : &deadline, NULL,
                                FUTEX_BITSET_MATCH_ANY);
    if (result == 0 || errno == EAGAIN) {
        return 0;
    }
    if (errno == ETIMEDOUT || errno == EINTR) {
        return errno;
    }
    panic("futex wait: %s", strerror(errno));
}

void platform_word_wake(uint32_t *word, int n) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
}

#else

/* Words share the condition variables of a table; a wake-up wakes all that wait in the same row, since the
 * others take it for one without a cause. */
enum { N_WORD_ROWS = 64 };

static struct WordRow {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
} word_rows[N_WORD_ROWS];

static pthread_once_t word_rows_once = PTHREAD_ONCE_INIT;

static void init_word_rows(void) {
    for (int i = 0; i < N_WORD_ROWS; i++) {
        check(pthread_mutex_init(&word_rows[i].mutex, NULL), "pthread_mutex_init");
        check(pthread_cond_init(&word_rows[i].changed, NULL), "pthread_cond_init");
    }
}

static struct WordRow *word_row(const uint32_t *word) {
    pthread_once(&word_rows_once, init_word_rows);
    return &word_rows[((uintptr_t)word >> 4) % N_WORD_ROWS];
}

int platform_word_wait(uint32_t *word, uint32_t expected, uint64_t deadline_ns) {
    struct WordRow *row = word_row(word);
    int error = 0;
    pthread_mutex_lock(&row->mutex);
    if (atomic_load_acquire(word) == expected) {
        if (deadline_ns == PLATFORM_FOREVER) {
            error = pthread_cond_wait(&row->changed, &row->mutex);
        } else {
            const uint64_t now = platform_clock_ns();
            const struct timespec left = to_timespec(deadline_ns > now ? deadline_ns - now : 0);
#    if defined(__APPLE__)
            error = pthread_cond_timedwait_relative_np(&row->changed, &row->mutex, &left);
#    else
            const struct timespec deadline =
                to_timespec(read_clock(CLOCK_REALTIME) + (uint64_t)left.tv_sec * NS_PER_S +
                            (uint64_t)left.tv_nsec);
            error = pthread_cond_timedwait(&row->changed, &row->mutex, &deadline);
#    endif
        }
    }
    pthread_mutex_unlock(&row->mutex);
    return error == ETIMEDOUT ? ETIMEDOUT : 0;
}

void platform_word_wake(uint32_t *word, int n) {
    (void)n;
    struct WordRow *row = word_row(word);
    pthread_mutex_lock(&row->mutex);
    pthread_cond_broadcast(&row->changed);
    pthread_mutex_unlock(&row->mutex);
}

#endif

/* Threads. */

typedef struct ThreadStart {
    void (*function)(void *);
    void *argument;
} ThreadStart;

static void *run_thread(void *start) {
    const ThreadStart s = *(ThreadStart *)start;
    mem_free(start);
    s.function(s.argument);
    return NULL;
}

static size_t whole_stack_bytes(size_t stack_bytes) {
    if (stack_bytes < PLATFORM_STACK_BYTES_MIN) {
        stack_bytes = PLATFORM_STACK_BYTES_MIN;
    }
    if (stack_bytes < (size_t)PTHREAD_STACK_MIN) {
        stack_bytes = (size_t)PTHREAD_STACK_MIN;
    }
    const size_t page_bytes = platform_page_bytes();
    return (stack_bytes + page_bytes - 1) / page_bytes * page_bytes;
}

int platform_thread_start(PlatformThread *thread, size_t stack_bytes, void (*function)(void *),
                          void *argument) {
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error != 0) {
        return error;
    }
    error = pthread_attr_setstacksize(&attributes, whole_stack_bytes(stack_bytes));
    if (error == 0) {
        ThreadStart *start = mem_alloc(sizeof *start);
        *start = (ThreadStart){function, argument};
        /* The new thread inherits the mask; there is no moment in which a signal could reach it. */
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        error = pthread_create(&thread->handle, &attributes, run_thread, start);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (error != 0) {
            mem_free(start);
        }
    }
    pthread_attr_destroy(&attributes);
    return error;
}

void platform_thread_join(PlatformThread thread) {
    check(pthread_join(thread.handle, NULL), "pthread_join");
}

void platform_thread_detach(PlatformThread thread) {
    check(pthread_detach(thread.handle), "pthread_detach");
}

uint64_t platform_thread_ident(void) {
    return (uint64_t)(uintptr_t)pthread_self();
}

uint64_t platform_thread_native_id(void) {
#if defined(__linux__)
    return (uint64_t)syscall(SYS_gettid);
#elif defined(__APPLE__)
    uint64_t id = 0;
    pthread_threadid_np(NULL, &id);
    return id;
#else
    return platform_thread_ident();
#endif
}

void platform_thread_set_name(const char *name) {
#if defined(__linux__)
    char cut[16];
    strncpy(cut, name, sizeof cut - 1);
    cut[sizeof cut - 1] = '\0';
    pthread_setname_np(pthread_self(), cut);
#elif defined(__APPLE__)
    pthread_setname_np(name);
#else
    (void)name;
#endif
}

void platform_thread_yield(void) {
    sched_yield();
}

#if defined(__GLIBC__)
extern void *__libc_stack_end; /* where the main thread's stack began */

/* For the main thread: pthread_getattr_np asks the kernel for all mappings, which takes a twentieth of the time of a
 * whole start. False where the limit says nothing. */
static bool main_stack_bounds(char **low, char **high) {
    struct rlimit limit;
    if (getpid() != (pid_t)platform_thread_native_id() || getrlimit(RLIMIT_STACK, &limit) != 0 ||
        limit.rlim_cur > (uintptr_t)__libc_stack_end / 2) {
        return false;
    }
    /* The limit counts from the end of arguments and environment, whose last text the kernel names. */
    const char *last_text = (const char *)(uintptr_t)getauxval(AT_EXECFN);
    if (last_text == NULL) {
        return false;
    }
    *high = __libc_stack_end;
    *low = (char *)last_text + strlen(last_text) - limit.rlim_cur + 2 * platform_page_bytes();
    return true;
}
#endif

void platform_stack_bounds(char **low, char **high) {
#if defined(__GLIBC__)
    if (main_stack_bounds(low, high)) {
        return;
    }
#endif
#if defined(__APPLE__)
    char *top = pthread_get_stackaddr_np(pthread_self());
    *high = top;
    *low = top - pthread_get_stacksize_np(pthread_self());
#else
    pthread_attr_t attributes;
    void *base;
    size_t n_bytes;
    size_t guard_bytes = 0;
    check(pthread_getattr_np(pthread_self(), &attributes), "pthread_getattr_np");
    check(pthread_attr_getstack(&attributes, &base, &n_bytes), "pthread_attr_getstack");
    pthread_attr_getguardsize(&attributes, &guard_bytes);
    pthread_attr_destroy(&attributes);
    *high = (char *)base + n_bytes;
    /* Older C libraries count the guard as stack. */
    *low = (char *)base + guard_bytes;
#endif
}

/* Clocks. */

uint64_t platform_clock_ns(void) {
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t platform_wall_clock_ns(void) {
    return read_clock(CLOCK_REALTIME);
}

uint64_t platform_process_cpu_ns(void) {
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t platform_thread_cpu_ns(void) {
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

int platform_ms_until(uint64_t deadline_ns) {
    enum { NS_PER_MS = 1000000 };
    const uint64_t now = platform_clock_ns();
    if (now >= deadline_ns) {
        return 0;
    }
    const uint64_t ms = (deadline_ns - now + NS_PER_MS - 1) / NS_PER_MS;
    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

uint64_t platform_cpu_ns_of_thread(uint64_t ident) {
#if defined(__linux__)
    clockid_t clock;
    if (ident != 0 && pthread_getcpuclockid((pthread_t)ident, &clock) == 0) {
        return read_clock(clock);
    }
#else
    (void)ident;
#endif
    return 0;
}

int platform_sleep_until(uint64_t deadline_ns) {
#if defined(__APPLE__)
    const uint64_t now = platform_clock_ns();
    if (now >= deadline_ns) {
        return 0;
    }
    const struct timespec left = to_timespec(deadline_ns - now);
    return nanosleep(&left, NULL) == 0 ? 0 : EINTR;
#else
    const struct timespec deadline = to_timespec(deadline_ns);
    return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == 0 ? 0 : EINTR;
#endif
}

/* Pages. */

size_t platform_page_bytes(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

#ifndef MAP_NORESERVE
#    define MAP_NORESERVE 0
#endif

static char *map_private(size_t n_bytes, int protection) {
    char *pages =
        mmap(NULL, n_bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

/* For an alignment beyond the system's: asks for more than is needed, and gives back what lies around. */
static void *reserve_aligned(size_t n_bytes, size_t alignment) {
    if (n_bytes > SIZE_MAX - alignment) {
        return NULL;
    }
    char *all = map_private(n_bytes + alignment, PROT_NONE);
    if (all == NULL) {
        return NULL;
    }
    char *pages = (char *)(((uintptr_t)all + alignment - 1) & ~(uintptr_t)(alignment - 1));
    if (pages > all) {
        munmap(all, (size_t)(pages - all));
    }
    const size_t behind = (size_t)(all + alignment - pages);
    if (behind > 0) {
        munmap(pages + n_bytes, behind);
    }
    return pages;
}

void *platform_pages_reserve(size_t n_bytes, size_t alignment) {
    char *pages = map_private(n_bytes, PROT_NONE);
    if (LIKELY(pages == NULL || ((uintptr_t)pages & (alignment - 1)) == 0)) {
        return pages; /* Linux aligns large mappings itself, since 6.7 */
    }
    munmap(pages, n_bytes);
    return reserve_aligned(n_bytes, alignment);
}

void *platform_pages_map(size_t n_bytes) {
    return map_private(n_bytes, PROT_READ | PROT_WRITE);
}

bool platform_pages_commit(void *pages, size_t n_bytes) {
    return mprotect(pages, n_bytes, PROT_READ | PROT_WRITE) == 0;
}

void platform_pages_want_huge(void *pages, size_t n_bytes) {
#if defined(MADV_HUGEPAGE)
    madvise(pages, n_bytes, MADV_HUGEPAGE);
#else
    (void)pages;
    (void)n_bytes;
#endif
}

void platform_pages_populate(void *memory, size_t n_bytes) {
#if defined(__linux__)
    /* MADV_POPULATE_WRITE of Linux 5.14; older ones say EINVAL, and the pages come when they are touched. */
    enum { POPULATE_WRITE = 23 };
    const uintptr_t mask = platform_page_bytes() - 1;
    const uintptr_t begin = ((uintptr_t)memory + mask) & ~mask;
    const uintptr_t end = ((uintptr_t)memory + n_bytes) & ~mask;
    if (begin < end) {
        madvise((void *)begin, end - begin, POPULATE_WRITE);
    }
#else
    (void)memory;
    (void)n_bytes;
#endif
}

void platform_pages_discard(void *pages, size_t n_bytes) {
#if defined(__linux__)
    if (madvise(pages, n_bytes, MADV_DONTNEED) == 0) {
        return;
    }
#endif
    /* A new mapping in the same place is zero everywhere that has mmap. */
    if (mmap(pages, n_bytes, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED) {
        panic("mmap of %zu bytes in place: %s", n_bytes, strerror(errno));
    }
}

void platform_pages_release(void *pages, size_t n_bytes) {
    if (munmap(pages, n_bytes) != 0) {
        panic("munmap of %zu bytes: %s", n_bytes, strerror(errno));
    }
}

void *platform_pages_share(size_t n_bytes) {
    void *pages = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

size_t platform_physical_memory_bytes(void) {
#if defined(_SC_PHYS_PAGES)
    const long n_pages = sysconf(_SC_PHYS_PAGES);
    if (n_pages > 0) {
        return (size_t)n_pages * platform_page_bytes();
    }
#endif
    return (size_t)4 << 30;
}

void platform_malloc_keep(size_t n_bytes) {
#if defined(__GLIBC__) && !CONFIG_ASAN && !CONFIG_TSAN
    /* Left to itself glibc returns what is freed at the top at once, and takes it back page by page; or it maps a
     * block, which means the same. */
    mallopt(M_MMAP_THRESHOLD, (int)n_bytes);
    mallopt(M_TRIM_THRESHOLD, (int)n_bytes);
#else
    (void)n_bytes;
#endif
}

/* Processes. */

int platform_core_count(void) {
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        return CPU_COUNT(&allowed);
    }
#endif
    const long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}

pid_t platform_fork(void) {
    return fork();
}

void platform_close_from(int first) {
#if defined(SYS_close_range)
    if (syscall(SYS_close_range, (unsigned)first, ~0u, 0u) == 0) {
        return;
    }
#endif
    enum { MANY = 1 << 16 };
    const long n = sysconf(_SC_OPEN_MAX);
    for (int i = first; i < (n > 0 && n < MANY ? n : MANY); i++) {
        close(i);
    }
}

int platform_random(void *bytes, size_t n_bytes) {
#if defined(__linux__)
    char *out = bytes;
    while (n_bytes > 0) {
        const ssize_t n = getrandom(out, n_bytes, 0);
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return errno;
        }
        out += n;
        n_bytes -= (size_t)n;
    }
#else
    arc4random_buf(bytes, n_bytes);
#endif
    return 0;
}
