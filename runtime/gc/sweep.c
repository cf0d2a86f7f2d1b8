/* sweep.c - from marks to free memory.
 *
 * The marks of a collection are the live map of the time after it, so sweeping a block means to look for
 * zeros in its map, when somebody wants memory of its class. No dead object is read.
 *
 * See also: heap_layout.h. */

#include "runtime/gc/sweep.h"

#include <string.h>

/* Index of the first bit that is zero, from i on; n when there is none. */
static size_t find_zero(const uint64_t *map, size_t i, size_t n) {
    while (i < n) {
        const uint64_t zeros = ~map[i >> 6] >> (i & 63);
        if (zeros != 0) {
            i += (size_t)__builtin_ctzll(zeros);
            return i < n ? i : n;
        }
        i = (i | 63) + 1;
    }
    return n;
}

/* Index of the first bit that is one. */
static size_t find_one(const uint64_t *map, size_t i, size_t n) {
    while (i < n) {
        const uint64_t ones = map[i >> 6] >> (i & 63);
        if (ones != 0) {
            i += (size_t)__builtin_ctzll(ones);
            return i < n ? i : n;
        }
        i = (i | 63) + 1;
    }
    return n;
}

/* The bits of word w that belong to [from, to). */
static uint64_t word_mask(size_t w, size_t from, size_t to) {
    uint64_t mask = ~(uint64_t)0;
    if (w == from >> 6) {
        mask &= ~(uint64_t)0 << (from & 63);
    }
    if (w == to >> 6) {
        mask &= ((uint64_t)1 << (to & 63)) - 1;
    }
    return mask;
}

static void set_bits(uint64_t *map, size_t from, size_t to) {
    for (size_t w = from >> 6; w <= (to - 1) >> 6; w++) {
        map[w] |= word_mask(w, from, to);
    }
}

static void clear_bits(uint64_t *map, size_t from, size_t to) {
    for (size_t w = from >> 6; w <= (to - 1) >> 6; w++) {
        map[w] &= ~word_mask(w, from, to);
    }
}

/* n_bytes is a multiple of 16. Instead of memset, which takes `rep stosb` from 2 KiB on: that needs a third more
 * time for the few KiB of a slice (Zen, 2026). */
static void clear(char *memory, size_t n_bytes) {
    typedef uint64_t Granule __attribute__((vector_size(HEAP_GRANULE)));
    Granule *granule = (Granule *)(void *)memory;
    Granule *end = (Granule *)(void *)(memory + n_bytes);
    for (; end - granule >= 4; granule += 4) {
        granule[0] = granule[1] = granule[2] = granule[3] = (Granule){0};
        /* The compiler would make it a call of memset. */
        __asm__ __volatile__("" : "+r"(granule));
    }
    for (; granule < end; granule++) {
        *granule = (Granule){0};
        __asm__ __volatile__("" : "+r"(granule));
    }
}

bool sweep_take_slice(Heap *heap, HeapBlock *block, size_t n_wanted, HeapRun *run) {
    uint64_t *live = block_live_map(heap, block);
    const size_t n_cells = block->n_cells;
    const size_t first = find_zero(live, block->next_cell, n_cells);
    if (first == n_cells) {
        block->next_cell = (uint16_t)n_cells;
        return false;
    }
    const size_t most = first + n_wanted < n_cells ? first + n_wanted : n_cells;
    const size_t end = find_one(live, first, most);
    set_bits(live, first, end);
    block->next_cell = (uint16_t)end;
    run->cursor = (char *)block_object(heap, block, first);
    run->limit = (char *)block_object(heap, block, end);
    const size_t n_bytes = (size_t)(run->limit - run->cursor);
    HEAP_SHOW(run->cursor, n_bytes);
    if (!block->is_zero) {
        clear(run->cursor, n_bytes);
    } else if (first > 2 * n_wanted && first <= 3 * n_wanted) {
        /* A fresh block of which a third is used: its other pages will be wanted too, and are cheaper at once. */
        platform_pages_populate(run->cursor, (size_t)(block_memory(heap, block) + BLOCK_BYTES - run->cursor));
    }
    return true;
}

void sweep_return_slice(Heap *heap, HeapBlock *block, HeapRun *run) {
    if (run->cursor != run->limit) {
        char *memory = block_memory(heap, block);
        const size_t from = block_cell_at(block, (size_t)(run->cursor - memory));
        const size_t to = (size_t)(run->limit - memory) / block->cell_bytes;
        clear_bits(block_live_map(heap, block), from, to);
        if (block->next_cell > from) {
            block->next_cell = (uint16_t)from;
        }
    }
    *run = (HeapRun){NULL, NULL};
}

bool sweep_is_marked_stw(const Heap *heap, Obj *o) {
    const size_t offset = (uintptr_t)o - heap->base;
    if (offset < heap->n_blocks << BLOCK_SHIFT) {
        const HeapBlock *block = &heap->blocks[offset >> BLOCK_SHIFT];
        return map_get(block->maps[heap->live_map ^ 1],
                       block_cell_at(block, offset & (BLOCK_BYTES - 1)));
    }
    return large_of(o)->is_marked;
}

void sweep_finish_stw(Heap *heap) {
    size_t n_kept = 0;
    for (size_t i = 0; i < heap->finishables.n; i++) {
        Obj *o = heap->finishables.items[i];
        if (sweep_is_marked_stw(heap, o)) {
            heap->finishables.items[n_kept++] = o;
        } else {
            kind_ops[o->kind]->finish(o);
        }
    }
    heap->finishables.n = n_kept;
}

/* The block as it is after the collection that has just marked. Clears the old live map, which will take the
 * marks of the next one. Returns the number of live cells. */
static size_t count_marks(Heap *heap, HeapBlock *block) {
    const uint64_t *marks = block->maps[heap->live_map ^ 1];
    const size_t n_words = block_map_words(block);
    size_t n_live = 0;
    for (size_t w = 0; w < n_words; w++) {
        n_live += (size_t)__builtin_popcountll(marks[w]);
    }
    memset(block->maps[heap->live_map], 0, n_words * sizeof(uint64_t));
    return n_live;
}

static void make_free(Heap *heap, HeapBlock *block) {
    block->state = BLOCK_FREE;
    block->n_cells = 0;
    block->next = heap->free_blocks;
    heap->free_blocks = block;
    heap->n_free_blocks++;
}

static void list_partial(Heap *heap, HeapBlock *block) {
    block->state = BLOCK_LISTED;
    block->next = heap->partial_blocks[block->class_index];
    heap->partial_blocks[block->class_index] = block;
}

/* Gives the memory of n free blocks back, from the top; neighbours in one call. */
static void discard_free_blocks(Heap *heap, size_t n) {
    size_t i = heap->n_blocks;
    while (n > 0 && i > 0) {
        const size_t end = i;
        while (i > 0 && n > 0 && heap->blocks[i - 1].state == BLOCK_FREE &&
               !heap->blocks[i - 1].is_zero) {
            i--;
            n--;
            heap->blocks[i].is_zero = true;
        }
        if (i < end) {
            char *memory = block_memory(heap, &heap->blocks[i]);
            HEAP_SHOW(memory, (end - i) << BLOCK_SHIFT);
            platform_pages_discard(memory, (end - i) << BLOCK_SHIFT);
        } else {
            i--;
        }
    }
}

void sweep_blocks_stw(Heap *heap) {
    size_t live_bytes = 0;
    size_t n_live_all = 0;
    size_t n_dirty = 0;
    heap->free_blocks = NULL;
    heap->n_free_blocks = 0;
    memset(heap->partial_blocks, 0, sizeof heap->partial_blocks);
    /* Downwards, so that the lists run upwards: threads take neighbouring blocks. */
    for (size_t i = heap->n_blocks; i-- > 0;) {
        HeapBlock *block = &heap->blocks[i];
        if (block->state == BLOCK_FREE) {
            make_free(heap, block);
            n_dirty += !block->is_zero;
            continue;
        }
        const size_t n_live = count_marks(heap, block);
        block->n_live = (uint16_t)n_live;
        block->next_cell = 0;
        block->is_zero = false;
        if (n_live == 0) {
            make_free(heap, block);
            n_dirty++;
            continue;
        }
        live_bytes += n_live * block->cell_bytes;
        n_live_all += n_live;
        /* A block that is all but full yields runs so short that finding them costs more than they hold. */
        if (block->n_cells - n_live > block->n_cells / 16u) {
            list_partial(heap, block);
        } else {
            block->state = BLOCK_FULL;
        }
    }
    heap->live_map ^= 1;
    heap->live_bytes = live_bytes;
    heap->stats.n_objects_live = n_live_all;

    /* The next cycle will want as much as the threshold allows; what lies idle beyond that goes back. */
    const size_t n_kept = (live_bytes + heap_slack_bytes(live_bytes)) >> BLOCK_SHIFT;
    if (n_dirty > n_kept + n_kept / 4) {
        discard_free_blocks(heap, n_dirty - n_kept);
    }
}

void sweep_larges_stw(Heap *heap, SweepGarbage *garbage) {
    size_t n_kept = 0;
    for (size_t i = 0; i < heap->larges.n; i++) {
        HeapLarge *large = heap->larges.items[i];
        if (large->is_marked) {
            large->is_marked = false;
            heap->live_bytes += large->n_bytes;
            heap->larges.items[n_kept++] = large;
        } else {
            vec_push(garbage, large);
        }
    }
    heap->larges.n = n_kept;
    heap->n_larges_sorted = n_kept;
    heap->stats.n_objects_live += n_kept;
}

enum { POISON_BYTE = 0xdb };

void sweep_poison_stw(Heap *heap) {
    for (size_t i = 0; i < heap->n_blocks; i++) {
        HeapBlock *block = &heap->blocks[i];
        char *memory = block_memory(heap, block);
        if (block->state == BLOCK_FREE) {
            if (!block->is_zero) {
                HEAP_SHOW(memory, BLOCK_BYTES);
                memset(memory, POISON_BYTE, BLOCK_BYTES);
                HEAP_HIDE(memory, BLOCK_BYTES);
            }
            continue;
        }
        const uint64_t *live = block_live_map(heap, block);
        for (size_t cell = 0; cell < block->n_cells; cell++) {
            if (!map_get(live, cell)) {
                char *dead = memory + cell * block->cell_bytes;
                HEAP_SHOW(dead, block->cell_bytes);
                memset(dead, POISON_BYTE, block->cell_bytes);
                HEAP_HIDE(dead, block->cell_bytes);
            }
        }
    }
}
