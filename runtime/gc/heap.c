/* heap.c - memory for objects: blocks, the slow half of allocation, large objects, looking up addresses.
 *
 * Invariants
 *   1. A cell's bit in the live map is set from when its slice was taken until a collection finds it dead;
 *      the rest of a slice is returned before a collection looks (heap_take_back_runs_stw).
 *   2. A block that is owned is on no list.
 *   3. heap->mutex is held for a few instructions, or by the collector while the world is stopped.
 *
 * Threads: a thread takes slices from its own blocks without a lock; blocks, large objects and the lists change
 * hands under the mutex. What is allocated is counted by each HeapLocal and reported now and then.
 *
 * See also: heap_layout.h (blocks), sweep.c (slices), gc.c (when to collect). */

#include "runtime/gc/heap.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/panic.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/heap_layout.h"
#include "runtime/gc/heap_walk.h"
#include "runtime/gc/sweep.h"
#include "runtime/gc/weak.h"
#include "runtime/objects/exception.h"

enum {
    /* A slice is cleared just before it is used, so it should fit well into the first cache. Tuned with objects of
     * 32 bytes that die at once (1.5 ns each): 2 KiB costs nothing, 1 KiB and 8 KiB a tenth, a whole block a third. */
    SLICE_BYTES = 4096,
    FIRST_SLICE_BYTES = 1024,       /* ten thousand threads that sleep have some classes each */
    COMMIT_BLOCKS = 128,            /* 4 MiB at a time */
    HUGE_PAGES_FROM_BLOCK = 256,    /* small scripts shall stay small */
    LARGE_MAPPED_BYTES = 1 << 20,   /* from here on mmap, so that freeing gives the memory back */
    LARGE_POPULATED_BYTES = 16 << 20, /* these are used from end to end, as a rule */
    /* First touches of pages cost more than all else that is done with a large list: copying one of
     * 200,000 items in a loop takes 5 times as long without the spares. */
    LARGE_SPARE_BYTES_MAX = 64 << 20,
    REPORT_BYTES_MAX = 64 << 10
};

static const size_t RESERVE_BYTES = (size_t)64 << 30;
static const size_t RESERVE_BYTES_MIN = (size_t)64 << 20;
static const size_t RESERVE_ALIGNMENT = (size_t)2 << 20;

/* Above HEAP_LINEAR_MAX the sizes are those that leave little of a block: 1/51, 1/40, 1/32, 1/24, ... of it. */
const uint16_t heap_class_bytes[HEAP_CLASS_COUNT] = {
    0,    16,   32,   48,   64,   80,   96,   112,  128,  144,  160,  176,
    192,  208,  224,  240,  256,  272,  288,  304,  320,  336,  352,  368,
    384,  400,  416,  432,  448,  464,  480,  496,  512,  640,  816,  1024,
    1360, 1632, 2048, 2336, 2720, 3264, 3632, 4096, 4672, 5456, 6544, 8192};

static unsigned class_of(size_t n_bytes) {
    if (n_bytes <= HEAP_LINEAR_MAX) {
        return (unsigned)((n_bytes + HEAP_GRANULE - 1) / HEAP_GRANULE);
    }
    unsigned low = HEAP_LINEAR_MAX / HEAP_GRANULE + 1;
    unsigned high = HEAP_CLASS_COUNT - 1;
    while (low < high) {
        const unsigned middle = (low + high) / 2;
        if (heap_class_bytes[middle] < n_bytes) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Opening and closing. */

static bool reserve(Heap *heap, size_t max_bytes) {
    size_t n_bytes = RESERVE_BYTES;
    if (n_bytes < 2 * platform_physical_memory_bytes()) {
        n_bytes = 2 * platform_physical_memory_bytes();
    }
    if (max_bytes > 0 && max_bytes < n_bytes / 4) {
        /* Cells that are free count as little as cells that are lost to fragmentation. */
        n_bytes = 4 * max_bytes;
    }
    if (n_bytes < RESERVE_BYTES_MIN) {
        n_bytes = RESERVE_BYTES_MIN;
    }
    n_bytes &= ~(RESERVE_ALIGNMENT - 1);
    for (; n_bytes >= RESERVE_BYTES_MIN; n_bytes = n_bytes / 2 & ~(RESERVE_ALIGNMENT - 1)) {
        void *base = platform_pages_reserve(n_bytes, RESERVE_ALIGNMENT);
        if (base == NULL) {
            continue;
        }
        const size_t n_blocks = n_bytes >> BLOCK_SHIFT;
        heap->blocks = platform_pages_reserve(n_blocks * sizeof(HeapBlock), platform_page_bytes());
        if (heap->blocks != NULL) {
            heap->base = (uintptr_t)base;
            heap->n_blocks_max = n_blocks;
            return true;
        }
        platform_pages_release(base, n_bytes);
    }
    return false;
}

Heap *heap_open(size_t max_bytes) {
    Heap *heap = mem_alloc_zeroed(1, sizeof *heap);
    if (!reserve(heap, max_bytes)) {
        mem_free(heap);
        return NULL;
    }
    platform_mutex_init(&heap->mutex);
    heap->max_bytes = max_bytes;
    heap->options.max_bytes = max_bytes;
    heap->threshold_bytes = GC_SLACK_MIN;
    platform_malloc_keep(GC_SLACK_MAX);
    heap_set_report_bytes(heap);
    return heap;
}

static void free_large(HeapLarge *large);

void heap_close(Heap *heap) {
    for (size_t i = 0; i < heap->finishables.n; i++) {
        Obj *o = heap->finishables.items[i];
        kind_ops[o->kind]->finish(o);
    }
    for (size_t i = 0; i < heap->larges.n; i++) {
        free_large(heap->larges.items[i]);
    }
    for (size_t i = 0; i < heap->spares.n; i++) {
        free_large(heap->spares.items[i]);
    }
    vec_free(&heap->spares);
    vec_free(&heap->finishables);
    vec_free(&heap->finalizables);
    vec_free(&heap->doomed);
    vec_free(&heap->unawaited);
    weak_close(heap);
    vec_free(&heap->larges);
    vec_free(&heap->locals);
    vec_free(&heap->roots);
    free(heap->mark_stack);
    HEAP_SHOW((void *)heap->base, heap->n_blocks << BLOCK_SHIFT);
    platform_pages_release(heap->blocks, heap->n_blocks_max * sizeof(HeapBlock));
    platform_pages_release((void *)heap->base, heap->n_blocks_max << BLOCK_SHIFT);
    platform_mutex_destroy(&heap->mutex);
    mem_free(heap);
}

/* The threads' parts. */

void heap_set_report_bytes(Heap *heap) {
    /* What is allocated and not reported stays below an eighth of the threshold, for any number of threads. */
    const size_t share = heap->threshold_bytes / 8 / (heap->locals.n + 1);
    atomic_store_relaxed(&heap->report_bytes, share < REPORT_BYTES_MAX ? share : REPORT_BYTES_MAX);
}

void heap_local_open(Heap *heap, HeapLocal *local) {
    memset(local, 0, sizeof *local);
    platform_mutex_lock(&heap->mutex);
    local->place = heap->locals.n;
    vec_push(&heap->locals, local);
    heap_set_report_bytes(heap);
    platform_mutex_unlock(&heap->mutex);
}

/* Ends a run from a block that is not the local's own. */
static void take_back_shared_run(Heap *heap, HeapRun *run, bool is_at_collection) {
    if (run->cursor != run->limit) {
        HeapBlock *block = &heap->blocks[((uintptr_t)run->cursor - heap->base) >> BLOCK_SHIFT];
        if (is_at_collection || block->state == BLOCK_LISTED) {
            sweep_return_slice(heap, block, run);
        }
        /* Otherwise its owner may be changing the map just now: the rest is lost until the next collection. */
    }
    *run = (HeapRun){NULL, NULL};
}

/* Ends the runs of one local. is_at_collection: its blocks will be listed by the sweep; otherwise they are
 * listed here. */
static void take_back_runs(Heap *heap, HeapLocal *local, bool is_at_collection) {
    local->had_first_run = 0;
    for (unsigned i = 1; i < HEAP_CLASS_COUNT; i++) {
        HeapBlock *block = local->blocks[i];
        if (block == NULL) {
            take_back_shared_run(heap, &local->runs[i], is_at_collection);
            continue;
        }
        sweep_return_slice(heap, block, &local->runs[i]);
        local->blocks[i] = NULL;
        block->state = BLOCK_FULL;
        if (!is_at_collection && block->next_cell < block->n_cells) {
            block->state = BLOCK_LISTED;
            block->next = heap->partial_blocks[i];
            heap->partial_blocks[i] = block;
        }
    }
    atomic_fetch_add_relaxed(&heap->allocated_bytes, local->allocated_bytes);
    local->allocated_bytes = 0;
}

void heap_take_back_runs_stw(Heap *heap) {
    for (size_t i = 0; i < heap->locals.n; i++) {
        take_back_runs(heap, heap->locals.items[i], true);
    }
}

void heap_local_close(Heap *heap, HeapLocal *local) {
    platform_mutex_lock(&heap->mutex);
    take_back_runs(heap, local, false);
    HeapLocal *last = vec_pop(&heap->locals);
    if (last != local) {
        heap->locals.items[local->place] = last;
        last->place = local->place;
    }
    for (size_t i = 0; i < local->unawaited.n; i++) {
        vec_push(&heap->unawaited, local->unawaited.items[i]);
    }
    vec_free(&local->unawaited);
    heap_set_report_bytes(heap);
    platform_mutex_unlock(&heap->mutex);
}

void heap_fork_begin(Heap *heap) {
    platform_mutex_lock(&heap->mutex);
}

void heap_fork_end_parent(Heap *heap) {
    platform_mutex_unlock(&heap->mutex);
}

void heap_fork_end_child(Heap *heap, HeapLocal *local) {
    for (size_t i = 0; i < heap->locals.n; i++) {
        if (heap->locals.items[i] != local) {
            take_back_runs(heap, heap->locals.items[i], false);
        }
    }
    vec_clear(&heap->locals);
    local->place = 0;
    vec_push(&heap->locals, local);
    heap_set_report_bytes(heap);
    /* The thread that locked it is the one that the child has. */
    platform_mutex_unlock(&heap->mutex);
}

/* Pressure: when to collect, and when to give up. */

static bool is_beyond_limit(const Heap *heap, size_t n_more) {
    return heap->max_bytes > 0 &&
           heap->live_bytes + atomic_load_relaxed(&heap->allocated_bytes) + n_more > heap->max_bytes;
}

bool heap_could_hold(const Heap *heap, size_t n_bytes) {
    return heap->max_bytes == 0 || n_bytes <= heap->max_bytes;
}

/* Reports what the thread allocated, and sees to it that a collection happens when it is due. n_bytes are
 * wanted. False with MemoryError pending. */
static bool report(Context *cx, size_t n_bytes) {
    Heap *heap = cx->rt->heap;
    HeapLocal *local = &cx->heap_local;
    const size_t allocated =
        atomic_fetch_add_relaxed(&heap->allocated_bytes, local->allocated_bytes) +
        local->allocated_bytes + n_bytes;
    local->allocated_bytes = 0;
    const size_t threshold = atomic_load_relaxed(&heap->threshold_bytes);
    if (UNLIKELY(is_beyond_limit(heap, n_bytes))) {
        gc_collect(cx);
        if (is_beyond_limit(heap, n_bytes)) {
            exc_raise_no_memory(cx);
            return false;
        }
    } else if (UNLIKELY(allocated >= threshold + threshold / 4)) {
        /* The request was not served: native code that runs long. Collect here. */
        gc_collect_if_due(cx);
    } else if (UNLIKELY(allocated >= threshold)) {
        atomic_fetch_or(&cx->poll, (uint32_t)POLL_COLLECT);
    }
    return true;
}

/* Small objects. */

/* Makes blocks up to n_blocks usable. */
static bool commit(Heap *heap, size_t n_blocks) {
    size_t n = heap->n_blocks_committed;
    while (n < n_blocks) {
        const size_t n_new =
            n + COMMIT_BLOCKS <= heap->n_blocks_max ? COMMIT_BLOCKS : heap->n_blocks_max - n;
        if (n_new == 0) {
            return false;
        }
        const size_t page_bytes = platform_page_bytes();
        char *memory = (char *)heap->base + (n << BLOCK_SHIFT);
        /* Headers do not end where pages end: begin with the page that the last one ended in. */
        const uintptr_t headers = (uintptr_t)&heap->blocks[n] & ~(page_bytes - 1);
        const size_t header_bytes = ((uintptr_t)&heap->blocks[n + n_new] - headers + page_bytes - 1) &
                                    ~(page_bytes - 1);
        if (!platform_pages_commit(memory, n_new << BLOCK_SHIFT) ||
            !platform_pages_commit((void *)headers, header_bytes)) {
            return false;
        }
        if (n >= HUGE_PAGES_FROM_BLOCK) {
            platform_pages_want_huge(memory, n_new << BLOCK_SHIFT);
        }
        n += n_new;
        heap->n_blocks_committed = n;
    }
    return true;
}

static HeapBlock *take_free_block_locked(Heap *heap, unsigned class_index) {
    HeapBlock *block = heap->free_blocks;
    if (block != NULL) {
        heap->free_blocks = block->next;
        heap->n_free_blocks--;
    } else {
        if (!commit(heap, heap->n_blocks + 1)) {
            return NULL;
        }
        block = &heap->blocks[heap->n_blocks];
        block->is_zero = true;
        heap->n_blocks++;
    }
    const uint32_t cell_bytes = heap_class_bytes[class_index];
    block->class_index = (uint8_t)class_index;
    block->cell_bytes = (uint16_t)cell_bytes;
    block->n_cells = (uint16_t)(BLOCK_BYTES / cell_bytes);
    block->inverse = (uint32_t)((((uint64_t)1 << 32) + cell_bytes - 1) / cell_bytes);
    block->next_cell = 0;
    return block;
}

/* A block of the class with free cells, a listed one or a new one, for `used_up` (NULL: none). NULL when there is no
 * memory. */
static HeapBlock *exchange_block(Heap *heap, HeapBlock *used_up, unsigned class_index) {
    platform_mutex_lock(&heap->mutex);
    if (used_up != NULL) {
        used_up->state = BLOCK_FULL;
    }
    HeapBlock *block = heap->partial_blocks[class_index];
    if (block != NULL) {
        heap->partial_blocks[class_index] = block->next;
    } else {
        block = take_free_block_locked(heap, class_index);
    }
    if (block != NULL) {
        block->state = BLOCK_OWNED;
        block->next = NULL;
    }
    platform_mutex_unlock(&heap->mutex);
    return block;
}

/* The first run of a class: from a block that stays listed. False when there is no memory. */
static bool take_first_run(Heap *heap, HeapLocal *local, unsigned class_index, size_t n_wanted) {
    bool is_taken = false;
    platform_mutex_lock(&heap->mutex);
    while (!is_taken) {
        HeapBlock *block = heap->partial_blocks[class_index];
        if (block == NULL) {
            block = take_free_block_locked(heap, class_index);
            if (block == NULL) {
                break;
            }
            block->state = BLOCK_LISTED;
            block->next = NULL;
            heap->partial_blocks[class_index] = block;
        }
        is_taken = sweep_take_slice(heap, block, n_wanted, &local->runs[class_index]);
        if (!is_taken) {
            heap->partial_blocks[class_index] = block->next;
            block->state = BLOCK_FULL;
        }
    }
    platform_mutex_unlock(&heap->mutex);
    local->had_first_run |= (uint64_t)1 << class_index;
    return is_taken;
}

/* How many cells a slice shall have. */
static size_t slice_cells(const Heap *heap, size_t cell_bytes, size_t slice_bytes) {
    const bool is_one = heap->options.is_stress || heap->options.fail_after > 0;
    return UNLIKELY(is_one) || cell_bytes > slice_bytes ? 1 : slice_bytes / cell_bytes;
}

/* Brings a new slice into the run of the class. False with MemoryError pending. */
static bool refill(Context *cx, unsigned class_index) {
    Heap *heap = cx->rt->heap;
    HeapLocal *local = &cx->heap_local;
    HeapRun *run = &local->runs[class_index];
    const size_t cell_bytes = heap_class_bytes[class_index];
    const size_t n_wanted = slice_cells(heap, cell_bytes, SLICE_BYTES);
    /* Before the slice is taken: a collection would take it back. */
    if (UNLIKELY(local->allocated_bytes >= atomic_load_relaxed(&heap->report_bytes)) &&
        !report(cx, cell_bytes)) {
        return false;
    }
    if ((local->had_first_run >> class_index & 1) == 0 &&
        take_first_run(heap, local, class_index, slice_cells(heap, cell_bytes, FIRST_SLICE_BYTES))) {
        local->allocated_bytes += (size_t)(run->limit - run->cursor);
        return true;
    }
    bool has_collected = false;
    for (;;) {
        HeapBlock *block = local->blocks[class_index];
        if (block != NULL && sweep_take_slice(heap, block, n_wanted, run)) {
            local->allocated_bytes += (size_t)(run->limit - run->cursor);
            return true;
        }
        block = exchange_block(heap, block, class_index);
        local->blocks[class_index] = block;
        if (UNLIKELY(block == NULL)) {
            if (has_collected) {
                exc_raise_no_memory(cx);
                return false;
            }
            gc_collect(cx);
            has_collected = true;
        }
    }
}

static Obj *alloc_small(Context *cx, size_t n_bytes) {
    const unsigned class_index = class_of(n_bytes);
    HeapRun *run = &cx->heap_local.runs[class_index];
    if (UNLIKELY(run->cursor == run->limit) && !refill(cx, class_index)) {
        return NULL;
    }
    Obj *o = (Obj *)run->cursor;
    run->cursor += heap_class_bytes[class_index];
    return o;
}

/* Large objects. */

/* Memory of a dead large object that is as large or up to a quarter larger, its first all_bytes cleared; NULL when
 * there is none. */
static HeapLarge *take_spare(Heap *heap, size_t all_bytes, size_t mapped_bytes) {
    HeapLarge *found = NULL;
    platform_mutex_lock(&heap->mutex);
    for (size_t i = heap->spares.n; i-- > 0 && found == NULL;) {
        HeapLarge *large = heap->spares.items[i];
        if (large->mapped_bytes >= mapped_bytes &&
            large->mapped_bytes - mapped_bytes <= mapped_bytes / 4) {
            found = large;
            heap->spares.n--;
            memmove(&heap->spares.items[i], &heap->spares.items[i + 1],
                    (heap->spares.n - i) * sizeof(HeapLarge *));
            heap->n_old_spares -= i < heap->n_old_spares;
            heap->spare_bytes -= large->mapped_bytes;
        }
    }
    platform_mutex_unlock(&heap->mutex);
    if (found != NULL) {
        const size_t kept_bytes = found->mapped_bytes;
        memset(found, 0, all_bytes);
        found->mapped_bytes = kept_bytes;
    }
    return found;
}

static HeapLarge *map_large(Heap *heap, size_t all_bytes) {
    const size_t page_bytes = platform_page_bytes();
    const size_t mapped_bytes = (all_bytes + page_bytes - 1) & ~(page_bytes - 1);
    HeapLarge *large = take_spare(heap, all_bytes, mapped_bytes);
    if (large != NULL) {
        return large;
    }
    large = platform_pages_map(mapped_bytes);
    if (large == NULL) {
        return NULL;
    }
    platform_pages_want_huge(large, mapped_bytes);
    if (mapped_bytes <= LARGE_POPULATED_BYTES) {
        platform_pages_populate(large, mapped_bytes);
    }
    large->mapped_bytes = mapped_bytes;
    return large;
}

static HeapLarge *new_large(Heap *heap, size_t n_bytes) {
    if (n_bytes > PTRDIFF_MAX / 2) {
        return NULL;
    }
    const size_t all_bytes = sizeof(HeapLarge) + n_bytes;
    if (all_bytes >= LARGE_MAPPED_BYTES && all_bytes > platform_physical_memory_bytes()) {
        return NULL; /* the mapping would succeed, and its use end in the kernel's killer */
    }
    HeapLarge *large =
        all_bytes < LARGE_MAPPED_BYTES ? calloc(1, all_bytes) : map_large(heap, all_bytes);
    if (large != NULL) {
        large->n_bytes = n_bytes;
    }
    return large;
}

static void free_large(HeapLarge *large) {
    if (large->mapped_bytes > 0) {
        platform_pages_release(large, large->mapped_bytes);
    } else {
        free(large);
    }
}

static bool can_keep_spare(const Heap *heap, const HeapLarge *large) {
    /* Poisoned memory and that of a sanitizer shall not be used again soon, and a limit is a limit. */
    return large->mapped_bytes > 0 && !CONFIG_ASAN && !heap->options.is_poison && heap->max_bytes == 0 &&
           heap->spare_bytes + large->mapped_bytes <= LARGE_SPARE_BYTES_MAX;
}

void heap_free_larges(Heap *heap, HeapLarge **dead, size_t n) {
    VEC(HeapLarge *) given_back = {0};
    platform_mutex_lock(&heap->mutex);
    for (size_t i = 0; i < heap->n_old_spares; i++) {
        heap->spare_bytes -= heap->spares.items[i]->mapped_bytes;
        vec_push(&given_back, heap->spares.items[i]);
    }
    heap->spares.n -= heap->n_old_spares;
    if (heap->spares.n > 0) {
        memmove(heap->spares.items, heap->spares.items + heap->n_old_spares,
                heap->spares.n * sizeof(HeapLarge *));
    }
    heap->n_old_spares = heap->spares.n;
    for (size_t i = 0; i < n; i++) {
        if (can_keep_spare(heap, dead[i])) {
            heap->spare_bytes += dead[i]->mapped_bytes;
            vec_push(&heap->spares, dead[i]);
        } else {
            vec_push(&given_back, dead[i]);
        }
    }
    platform_mutex_unlock(&heap->mutex);
    for (size_t i = 0; i < given_back.n; i++) {
        free_large(given_back.items[i]);
    }
    vec_free(&given_back);
}

static Obj *alloc_large(Context *cx, size_t n_bytes) {
    Heap *heap = cx->rt->heap;
    if (!report(cx, n_bytes)) {
        return NULL;
    }
    HeapLarge *large = new_large(heap, n_bytes);
    if (large == NULL) {
        gc_collect(cx);
        large = new_large(heap, n_bytes);
        if (large == NULL) {
            exc_raise_no_memory(cx);
            return NULL;
        }
    }
    cx->heap_local.allocated_bytes += n_bytes;
    platform_mutex_lock(&heap->mutex);
    vec_push(&heap->larges, large);
    platform_mutex_unlock(&heap->mutex);
    return large_object(large);
}

Obj *heap_alloc_slow(Context *cx, size_t n_bytes, ObjKind kind, uint32_t shape) {
    Heap *heap = cx->rt->heap;
    if (UNLIKELY(heap->options.is_stress)) {
        gc_collect(cx);
    }
    if (UNLIKELY(heap->options.fail_after > 0) && --heap->options.fail_after == 0) {
        exc_raise_no_memory(cx);
        return NULL;
    }
    Obj *o = n_bytes <= HEAP_SMALL_MAX ? alloc_small(cx, n_bytes) : alloc_large(cx, n_bytes);
    if (o == NULL) {
        return NULL;
    }
    o->shape = shape;
    o->kind = (uint8_t)kind;
    if (heap_kind_finishes(kind) && kind_ops[kind]->finish != NULL) {
        platform_mutex_lock(&heap->mutex);
        vec_push(&heap->finishables, o);
        platform_mutex_unlock(&heap->mutex);
    }
    return o;
}

/* Looking up addresses. */

static int compare_larges(const void *a, const void *b) {
    const uintptr_t x = (uintptr_t) * (HeapLarge *const *)a;
    const uintptr_t y = (uintptr_t) * (HeapLarge *const *)b;
    return x < y ? -1 : x > y;
}

void heap_sort_larges_stw(Heap *heap) {
    if (heap->n_larges_sorted < heap->larges.n) {
        qsort(heap->larges.items, heap->larges.n, sizeof *heap->larges.items, compare_larges);
        heap->n_larges_sorted = heap->larges.n;
    }
    heap->large_low = UINTPTR_MAX;
    heap->large_span_bytes = 0;
    if (heap->larges.n > 0) {
        HeapLarge *last = *vec_last(&heap->larges);
        heap->large_low = (uintptr_t)heap->larges.items[0];
        heap->large_span_bytes =
            (uintptr_t)large_object(last) + last->n_bytes - heap->large_low;
    }
}

HeapLarge *heap_find_large_stw(Heap *heap, uintptr_t address) {
    size_t low = 0;
    size_t high = heap->n_larges_sorted;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if ((uintptr_t)heap->larges.items[middle] <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return NULL;
    }
    HeapLarge *large = heap->larges.items[low - 1];
    const uintptr_t begin = (uintptr_t)large_object(large);
    return address >= begin && address - begin <= large->n_bytes ? large : NULL;
}

Obj *heap_find_stw(Heap *heap, const void *address) {
    const size_t offset = (uintptr_t)address - heap->base;
    if (offset < heap->n_blocks << BLOCK_SHIFT) {
        HeapBlock *block = &heap->blocks[offset >> BLOCK_SHIFT];
        const uint32_t cell = block_cell_at(block, offset & (BLOCK_BYTES - 1));
        if (cell >= block->n_cells || !map_get(block_live_map(heap, block), cell)) {
            return NULL;
        }
        Obj *o = block_object(heap, block, cell);
        /* Of a run that was not used up. */
        return o->kind != KIND_FREE ? o : NULL;
    }
    HeapLarge *large = heap_find_large_stw(heap, (uintptr_t)address);
    return large != NULL ? large_object(large) : NULL;
}

void heap_each_object_stw(Heap *heap, void (*visit)(void *data, Obj *o), void *data) {
    for (size_t i = 0; i < heap->n_blocks; i++) {
        HeapBlock *block = &heap->blocks[i];
        for (size_t cell = 0; cell < block->n_cells; cell++) {
            Obj *o = block_object(heap, block, cell);
            /* The kind tells apart what a run has not given out yet. */
            if (map_get(block_live_map(heap, block), cell) && o->kind != KIND_FREE) {
                visit(data, o);
            }
        }
    }
    for (size_t i = 0; i < heap->larges.n; i++) {
        visit(data, large_object(heap->larges.items[i]));
    }
}

void heap_each_finishable(Heap *heap, void (*visit)(void *data, Obj *o), void *data) {
    platform_mutex_lock(&heap->mutex);
    for (size_t i = 0; i < heap->finishables.n; i++) {
        visit(data, heap->finishables.items[i]);
    }
    platform_mutex_unlock(&heap->mutex);
}

size_t heap_live_bytes(const Heap *heap) {
    return heap->live_bytes + atomic_load_relaxed(&heap->allocated_bytes);
}
