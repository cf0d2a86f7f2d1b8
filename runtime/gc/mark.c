/* mark.c - the tracing loop.
 *
 * Invariants
 *   1. An object is pushed when its mark is set, and only then: each is traced once.
 *   2. Tracing never recurses: trace functions push, gc_marker_drain pops.
 *   3. Between the stack and the tracing of an object lies a short queue, whose entries are being fetched into the cache.
 *   4. When the stack cannot grow, the object keeps its mark and is forgotten (has_overflowed); the heap
 *      is then gone through for marked objects, whose children are marked anew, until nothing overflows.
 *
 * Threads: in the stopped world, by the collector. See also: heap_layout.h, verify.c. */

#include "runtime/gc/mark.h"

#include <stdlib.h>

#include "runtime/base/panic.h"
#include "runtime/gc/heap_layout.h"
#include "runtime/gc/marker.h"
#include "runtime/objects/shape.h"

enum { STACK_CAPACITY_FIRST = 4096, STACK_CAPACITY_KEPT = 1 << 20 };

/* Tuned with 2^20 nodes in random order (44 ns each): without a queue 69 ns, 8 entries 50 ns, 32 as 16. On a tree
 * in order of allocation the queue neither helps nor hurts. */
enum { QUEUE_LENGTH = 16 };

void gc_marker_open(GcMarker *m, Heap *heap, Runtime *rt) {
    *m = (GcMarker){
        .heap = heap,
        .rt = rt,
        .base = heap->base,
        .span_bytes = heap->n_blocks << BLOCK_SHIFT,
        .blocks = heap->blocks,
        .mark_map = heap->live_map ^ 1,
        .stack = heap->mark_stack,
        .capacity = heap->mark_stack_capacity,
        .checks_targets = heap->options.is_verify || heap->options.is_poison,
    };
}

void gc_marker_close(GcMarker *m) {
    if (m->capacity > STACK_CAPACITY_KEPT) {
        free(m->stack);
        m->stack = NULL;
        m->capacity = 0;
    }
    m->heap->mark_stack = m->stack;
    m->heap->mark_stack_capacity = m->capacity;
}

static bool grow_stack(GcMarker *m) {
    const size_t capacity = m->capacity == 0 ? STACK_CAPACITY_FIRST : m->capacity * 2;
    Obj **stack = realloc(m->stack, capacity * sizeof *stack);
    if (stack == NULL) {
        return false;
    }
    m->stack = stack;
    m->capacity = capacity;
    return true;
}

static inline void push(GcMarker *m, Obj *o) {
    if (UNLIKELY(m->n == m->capacity) && !grow_stack(m)) {
        m->has_overflowed = true;
        return;
    }
    m->stack[m->n++] = o;
}

/* Sets the mark; false when it was set already. */
static inline bool set_mark(GcMarker *m, Obj *o) {
    const size_t offset = (uintptr_t)o - m->base;
    if (LIKELY(offset < m->span_bytes)) {
        HeapBlock *block = &m->blocks[offset >> BLOCK_SHIFT];
        const uint32_t cell = block_cell_at(block, offset & (BLOCK_BYTES - 1));
        uint64_t *word = &block->maps[m->mark_map][cell >> 6];
        const uint64_t bit = (uint64_t)1 << (cell & 63);
        if (*word & bit) {
            return false;
        }
        *word |= bit;
        return true;
    }
    HeapLarge *large = large_of(o);
    if (large->is_marked) {
        return false;
    }
    large->is_marked = true;
    return true;
}

static const char *kind_text(const Obj *o) {
    return o == NULL ? "a root" : o->kind < KIND_COUNT ? kind_type_names[o->kind] : "garbage";
}

/* For debugging: what is referred to has to be a live object, from its first byte. */
static void check_target(GcMarker *m, Obj *o) {
    if (heap_find_stw(m->heap, o) != o) {
        panic("heap: %s at %p refers to %p, where no object lives", kind_text(m->parent),
              (void *)m->parent, (void *)o);
    }
    if (o->kind == KIND_FREE || o->kind >= KIND_COUNT) {
        panic("heap: %s at %p refers to %p, which is of kind %d", kind_text(m->parent),
              (void *)m->parent, (void *)o, o->kind);
    }
}

void gc_mark_obj_slow(GcMarker *m, Obj *o) {
    if (UNLIKELY(m->checks_targets)) {
        check_target(m, o);
        if (m->only_checks) {
            return;
        }
    }
    if (set_mark(m, o)) {
        push(m, o);
    }
}

static void mark_found(GcMarker *m, Obj *o) {
    if (!m->only_checks && set_mark(m, o)) {
        push(m, o);
    }
}

/* The cell in front of the one that begins at o, when it holds an array: a pointer to the end of an array's
 * items may be all that the compiler has kept of it. */
static Obj *array_ending_at(GcMarker *m, const Obj *o) {
    const uintptr_t before = (uintptr_t)o - 1;
    if (before - m->base < m->span_bytes) {
        Obj *neighbour = heap_find_stw(m->heap, (const void *)before);
        if (neighbour != NULL && neighbour->kind == KIND_ARRAY) {
            return neighbour;
        }
    }
    return NULL;
}

void gc_mark_interior(GcMarker *m, const void *address) {
    Obj *o = heap_find_stw(m->heap, address);
    if (o != NULL) {
        mark_found(m, o);
    }
    if ((uintptr_t)address - m->base <= m->span_bytes &&
        (o == NULL || (const void *)o == address)) {
        Obj *array = array_ending_at(m, address);
        if (array != NULL) {
            mark_found(m, array);
        }
    }
}

CONFIG_READS_ANY_MEMORY
void gc_mark_range(GcMarker *m, const void *low, const void *high) {
    const uintptr_t *word = (const uintptr_t *)(((uintptr_t)low + 7) & ~(uintptr_t)7);
    const uintptr_t *end = (const uintptr_t *)((uintptr_t)high & ~(uintptr_t)7);
    for (; word < end; word++) {
        /* Most words are small numbers, code addresses or addresses of stacks. */
        const uintptr_t address = *word;
        if (address - m->base <= m->span_bytes ||
            address - m->heap->large_low <= m->heap->large_span_bytes) {
            gc_mark_interior(m, (const void *)address);
        }
    }
}

const Shape *gc_marker_shape(const GcMarker *m, const Obj *o) {
    return &m->rt->shapes[o->shape];
}

void gc_marker_trace(GcMarker *m, Obj *o) {
    m->parent = o;
    const uint32_t shape = o->shape;
    if (shape >= KIND_COUNT) {
        /* An instance keeps its class alive; the shape itself is never freed. */
        gc_mark_obj(m, m->rt->shapes[shape].type);
    }
    const KindOps *ops = kind_ops[o->kind];
    if (ops != NULL && ops->trace != NULL) {
        ops->trace(m, o);
    }
}

static void drain_stack(GcMarker *m) {
    Obj *queue[QUEUE_LENGTH];
    size_t first = 0;
    size_t n_queued = 0;
    for (;;) {
        while (m->n > 0 && n_queued < QUEUE_LENGTH) {
            Obj *o = m->stack[--m->n];
            __builtin_prefetch(o);
            queue[(first + n_queued++) % QUEUE_LENGTH] = o;
        }
        if (n_queued == 0) {
            return;
        }
        Obj *o = queue[first];
        first = (first + 1) % QUEUE_LENGTH;
        n_queued--;
        gc_marker_trace(m, o);
    }
}

/* After an overflow: everything marked is traced again. */
static void trace_all_marked(GcMarker *m) {
    Heap *heap = m->heap;
    for (size_t i = 0; i < heap->n_blocks; i++) {
        HeapBlock *block = &heap->blocks[i];
        for (size_t cell = 0; cell < block->n_cells; cell++) {
            if (map_get(block->maps[m->mark_map], cell)) {
                gc_marker_trace(m, block_object(heap, block, cell));
                drain_stack(m);
            }
        }
    }
    for (size_t i = 0; i < heap->larges.n; i++) {
        if (heap->larges.items[i]->is_marked) {
            gc_marker_trace(m, large_object(heap->larges.items[i]));
            drain_stack(m);
        }
    }
}

void gc_marker_drain(GcMarker *m) {
    drain_stack(m);
    while (m->has_overflowed) {
        m->has_overflowed = false;
        trace_all_marked(m);
    }
    m->parent = NULL;
}
