/* file_pages.c - pages of memory that show a file. See file_pages.h.
 *
 * The list of what is mapped is for the handler of SIGBUS, which can take no lock: entries are never freed, but used anew. */

#include "runtime/base/file_pages.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/base/atomics.h"
#include "runtime/base/mem.h"

#if !defined(MAP_NORESERVE)
enum { MAP_NORESERVE = 0 };
#endif

enum { FREE = 0, CLAIMED = 1 }; /* no addresses of pages */

typedef struct Entry {
    uintptr_t begin;    /* [atomic] or FREE, CLAIMED */
    uintptr_t end;      /* [atomic] */
    struct Entry *next; /* [const] */
} Entry;

static Entry *entries; /* [atomic] the platform's, as the disposition of signals is */
static struct sigaction before; /* [const] after handle_sigbus: who had SIGBUS before */
static int is_handled;          /* [atomic] */

static bool is_known(uintptr_t address) {
    for (Entry *e = atomic_load_acquire(&entries); e != NULL; e = e->next) {
        const uintptr_t begin = atomic_load_acquire(&e->begin);
        if (begin > CLAIMED && address >= begin &&
            address < atomic_load_acquire(&e->end)) {
            return true;
        }
    }
    return false;
}

static bool show_zeros(uintptr_t begin, size_t n_bytes) {
    return mmap((void *)begin, n_bytes, PROT_READ | PROT_WRITE,
                MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                0) != MAP_FAILED;
}

/* The instruction is tried again after it: on a page of zeros, or for whoever handles the signal otherwise. */
static void handle_lost_page(int number, siginfo_t *info,
                             void *context __attribute__((unused))) {
    const int saved = errno;
    const uintptr_t address = (uintptr_t)info->si_addr;
    const size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    if (!is_known(address) ||
        !show_zeros(address & ~(uintptr_t)(page_bytes - 1), page_bytes)) {
        sigaction(number, &before, NULL);
    }
    errno = saved;
}

static void handle_sigbus(void) {
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    if (atomic_exchange(&is_handled, 1)) {
        return;
    }
    sigemptyset(&action.sa_mask);
    action.sa_sigaction = handle_lost_page;
    sigaction(SIGBUS, &action, &before);
}

static Entry *claim_entry(void) {
    for (Entry *e = atomic_load_acquire(&entries); e != NULL; e = e->next) {
        uintptr_t expected = FREE;
        if (atomic_cas(&e->begin, &expected, (uintptr_t)CLAIMED)) {
            return e;
        }
    }
    Entry *fresh = mem_alloc_zeroed(1, sizeof *fresh);
    fresh->begin = CLAIMED;
    fresh->next = atomic_load_acquire(&entries);
    while (!atomic_cas(&entries, &fresh->next, fresh)) {
    }
    return fresh;
}

void *file_pages_map(size_t n_bytes, int protection, int flags, int fd, int64_t offset) {
    if (fd >= 0) {
        handle_sigbus();
    }
    void *pages = mmap(NULL, n_bytes, protection, flags, fd, (off_t)offset);
    if (pages == MAP_FAILED) {
        return NULL;
    }
    Entry *e = claim_entry();
    atomic_store_release(&e->end, (uintptr_t)pages + n_bytes);
    atomic_store_release(&e->begin, (uintptr_t)pages);
    return pages;
}

void file_pages_detach(void *pages, size_t n_bytes) {
    show_zeros((uintptr_t)pages, n_bytes);
}

void file_pages_unmap(void *pages, size_t n_bytes) {
    for (Entry *e = atomic_load_acquire(&entries); e != NULL; e = e->next) {
        if (atomic_load_acquire(&e->begin) == (uintptr_t)pages) {
            atomic_store_release(&e->begin, (uintptr_t)FREE);
            break;
        }
    }
    munmap(pages, n_bytes);
}
