/* heap_layout.h - how the heap looks inside; for the files of this folder only.
 *
 *      address space   | block 0 | block 1 | ...            reserved at once, committed chunk by chunk
 *      block table     | HeapBlock 0 | HeapBlock 1 | ...    apart, so that headers do not share cache sets
 *
 *      block           | cell 0 | cell 1 | ... | rest |     all cells of one size
 *      its two maps    one bit per cell: `live` (allocated), and `marks` while a collection runs
 *
 * A collection sets marks; when it is done the two maps change places: what was marked is what is live, and
 * that is all the sweeping there is. Free runs are runs of zeros in the live map; they are cut into slices, whose bits
 * are set and whose memory is cleared when a thread takes them.
 *
 * State of a block
 *      BLOCK_FREE    no objects; on heap->free_blocks
 *      BLOCK_LISTED  has free cells; on heap->partial_blocks[class]; several threads may hold slices of it
 *      BLOCK_OWNED   a HeapLocal allocates from it
 *      BLOCK_FULL    none of these: looked at again by the next collection */

#ifndef MINI_RUNTIME_GC_HEAP_LAYOUT_H
#define MINI_RUNTIME_GC_HEAP_LAYOUT_H

#include "runtime/base/config.h"
#include "runtime/base/platform.h"
#include "runtime/base/vec.h"
#include "runtime/gc/gc.h"
#include "runtime/gc/heap.h"

#if CONFIG_ASAN
#    include <sanitizer/asan_interface.h>
#    define HEAP_HIDE(p, n_bytes) ASAN_POISON_MEMORY_REGION((p), (n_bytes))
#    define HEAP_SHOW(p, n_bytes) ASAN_UNPOISON_MEMORY_REGION((p), (n_bytes))
#else
#    define HEAP_HIDE(p, n_bytes) ((void)(p), (void)(n_bytes))
#    define HEAP_SHOW(p, n_bytes) ((void)(p), (void)(n_bytes))
#endif

enum {
    BLOCK_SHIFT = 15,
    BLOCK_BYTES = 1 << BLOCK_SHIFT,
    BLOCK_MAX_CELLS = BLOCK_BYTES / HEAP_GRANULE,
    BLOCK_MAP_WORDS = BLOCK_MAX_CELLS / 64
};

typedef enum BlockState { BLOCK_FREE, BLOCK_LISTED, BLOCK_OWNED, BLOCK_FULL } BlockState;

typedef struct HeapBlock {
    uint32_t inverse;       /* [stw, owner] ceil(2^32 / cell_bytes): offset * inverse >> 32 is the cell */
    uint16_t cell_bytes;    /* [stw, owner] */
    uint16_t n_cells;       /* [stw, owner] 0 in a free block: no address finds a cell there */
    uint16_t next_cell;     /* [stw, owner] cells before it have been handed out or are live */
    uint16_t n_live;        /* [stw] cells that the last collection left */
    uint8_t class_index;    /* [stw, owner] */
    uint8_t state;          /* [mutex] BLOCK_... */
    bool is_zero;           /* [mutex, owner] all of its memory that is not live is zero */
    struct HeapBlock *next; /* [mutex] in its list */
    uint64_t maps[2][BLOCK_MAP_WORDS]; /* [stw, owner] heap->live_map says which is which */
} HeapBlock;

/* Stands before a large object. */
typedef struct HeapLarge {
    size_t n_bytes;         /* [const] of the object */
    size_t mapped_bytes;    /* [const] 0: malloc'ed */
    bool is_marked;         /* [stw] */
} __attribute__((aligned(16))) HeapLarge;

static inline Obj *large_object(HeapLarge *large) {
    return (Obj *)(large + 1);
}

static inline HeapLarge *large_of(Obj *o) {
    return (HeapLarge *)o - 1;
}

/* The weak references; see weak.c. */
typedef struct WeakTable {
    struct ObjWeakref **places; /* chains; n_places is a power of 2, or 0 */
    size_t n_places;
    size_t n;                   /* references in it */
    uint64_t last_order;
    VEC(struct ObjWeakref *) due; /* the callbacks of those, from n_taken on, are to be called */
    size_t n_taken;
} WeakTable;

struct Heap {
    uintptr_t base;            /* [const] of the address space for blocks */
    HeapBlock *blocks;         /* [const] the block table */
    size_t n_blocks_max;       /* [const] that fit into the address space */
    size_t n_blocks;           /* [mutex] that were ever used; higher ones are untouched */
    size_t n_blocks_committed; /* [mutex] */
    unsigned live_map;         /* [stw] which of the two maps of every block is the live map */
    GcOptions options;         /* [stw] */
    size_t max_bytes;          /* [stw] 0: no limit */

    PlatformMutex mutex;       /* held briefly, or by the collector in a stopped world; never while blocking */
    HeapBlock *free_blocks;    /* [mutex] */
    size_t n_free_blocks;      /* [mutex] */
    HeapBlock *partial_blocks[HEAP_CLASS_COUNT]; /* [mutex] with free cells, by address after a collection */
    VEC(HeapLocal *) locals;   /* [mutex] */
    VEC(HeapLarge *) larges;   /* [mutex] the first n_larges_sorted by address */
    size_t n_larges_sorted;    /* [mutex] */
    VEC(HeapLarge *) spares;   /* [mutex] mapped memory of dead large objects, for new ones */
    size_t n_old_spares;       /* [mutex] so many of them, the first ones, lay there at the last collection already */
    size_t spare_bytes;        /* [mutex] */
    uintptr_t large_low;       /* [stw] all large objects lie in [large_low, large_low + large_span_bytes] */
    size_t large_span_bytes;   /* [stw] */
    VEC(Obj *) finishables;    /* [mutex] all objects whose kind has a finish function */
    VEC(Obj *) finalizables;   /* [mutex] all objects whose class has __del__, until it is due; finalize.c */
    VEC(Obj *) doomed;         /* [mutex] those whose __del__ is due */
    VEC(Obj *) unawaited;      /* [mutex] coroutines made by threads that are gone */
    WeakTable weak;            /* [mutex] weak references, by target; weak.c */
    VEC(Value *) roots;        /* [mutex] registered words outside the heap */

    size_t allocated_bytes;    /* [atomic] since the last collection, without what HeapLocals have not reported */
    size_t report_bytes;       /* [atomic relaxed] a HeapLocal reports when it has so much */
    size_t threshold_bytes;    /* [atomic relaxed] a collection is due when so much was allocated */
    size_t live_bytes;         /* [stw] after the last collection; cells counted as a whole */
    uint64_t n_collections;    /* [atomic] */
    GcStats stats;             /* [stw] */
    Obj **mark_stack;          /* [stw] of the last collection, kept for the next one */
    size_t mark_stack_capacity; /* [stw] */
};

typedef struct GcMarker {
    Heap *heap;
    Runtime *rt;
    uintptr_t base;            /* of the heap's blocks */
    size_t span_bytes;         /* of those that were ever used */
    HeapBlock *blocks;
    unsigned mark_map;
    bool checks_targets;       /* panic when something refers to what is not alive */
    bool only_checks;          /* ... and mark nothing: verify.c */
    Obj *parent;               /* being traced, for messages */
    Obj **stack;               /* marked but not traced yet */
    size_t n;
    size_t capacity;
    bool has_overflowed;       /* the stack could not grow: some marked objects are not on it */
} GcMarker;

/* The sizes of cells, by class; 0 for class 0, which is not used. */
extern const uint16_t heap_class_bytes[HEAP_CLASS_COUNT];

/* How much may be allocated beyond what is alive before a collection is due. */
static inline size_t heap_slack_bytes(size_t live_bytes) {
    const size_t wanted = live_bytes * GC_SLACK_FACTOR;
    return wanted < GC_SLACK_MIN ? GC_SLACK_MIN : wanted < GC_SLACK_MAX ? wanted : GC_SLACK_MAX;
}

static inline char *block_memory(const Heap *heap, const HeapBlock *block) {
    return (char *)heap->base + ((size_t)(block - heap->blocks) << BLOCK_SHIFT);
}

static inline uint32_t block_cell_at(const HeapBlock *block, size_t offset) {
    return (uint32_t)(((uint64_t)offset * block->inverse) >> 32);
}

static inline Obj *block_object(const Heap *heap, const HeapBlock *block, size_t cell) {
    return (Obj *)(block_memory(heap, block) + cell * block->cell_bytes);
}

static inline uint64_t *block_live_map(const Heap *heap, HeapBlock *block) {
    return block->maps[heap->live_map];
}

static inline bool map_get(const uint64_t *map, size_t i) {
    return (map[i >> 6] >> (i & 63)) & 1;
}

static inline size_t block_map_words(const HeapBlock *block) {
    return ((size_t)block->n_cells + 63) / 64;
}

/* heap.c, for the collector. All with the heap's mutex held, in the stopped world. */

/* Ends all runs: what was not allocated of them is free, and no block is owned. Reports what was allocated. */
void heap_take_back_runs_stw(Heap *heap);
/* Makes heap_find_stw and gc_mark_range find large objects. */
void heap_sort_larges_stw(Heap *heap);
/* The object whose memory holds the address, or ends there. */
HeapLarge *heap_find_large_stw(Heap *heap, uintptr_t address);
/* How often locals report, after the number of threads or the threshold changed. */
void heap_set_report_bytes(Heap *heap);
/* Gives large objects that are dead back, or keeps their memory for new ones until the collection after the next. */
void heap_free_larges(Heap *heap, HeapLarge **dead, size_t n);

#endif
