/* verify.c - checks the whole heap: for debugging and tests.
 *
 * It calls the trace function of each live object with a marker that only looks (GcMarker.only_checks), so
 * it finds what was freed too early, and what a trace function reads that it should not. */

#include "runtime/gc/verify.h"

#include "runtime/base/panic.h"
#include "runtime/gc/marker.h"

static void check_object(GcMarker *m, Obj *o) {
    if (o->kind == KIND_FREE || o->kind >= KIND_COUNT) {
        panic("heap: the live object at %p is of kind %d", (void *)o, o->kind);
    }
    if (o->shape >= KIND_COUNT && o->shape >= m->rt->n_shapes) {
        panic("heap: %s at %p has shape %u", kind_type_names[o->kind], (void *)o, o->shape);
    }
    gc_marker_trace(m, o);
}

static void check_block(GcMarker *m, HeapBlock *block) {
    Heap *heap = m->heap;
    if (block->state == BLOCK_FREE) {
        if (block->n_cells != 0) {
            panic("heap: free block %td has cells", block - heap->blocks);
        }
        return;
    }
    if (block->n_cells == 0 || block->cell_bytes != heap_class_bytes[block->class_index]) {
        panic("heap: block %td of class %d has %d cells of %d bytes", block - heap->blocks,
              block->class_index, block->n_cells, block->cell_bytes);
    }
    for (size_t cell = 0; cell < block->n_cells; cell++) {
        if (map_get(block_live_map(heap, block), cell)) {
            check_object(m, block_object(heap, block, cell));
        }
    }
}

static void check_list(const Heap *heap, const HeapBlock *first, BlockState state, int class_index) {
    for (const HeapBlock *block = first; block != NULL; block = block->next) {
        if (block->state != state || (state == BLOCK_LISTED && block->class_index != class_index)) {
            panic("heap: block %td is on the wrong list", block - heap->blocks);
        }
    }
}

void heap_verify_stw(Heap *heap, Runtime *rt) {
    GcMarker m;
    gc_marker_open(&m, heap, rt);
    m.checks_targets = true;
    m.only_checks = true;
    check_list(heap, heap->free_blocks, BLOCK_FREE, 0);
    for (int i = 0; i < HEAP_CLASS_COUNT; i++) {
        check_list(heap, heap->partial_blocks[i], BLOCK_LISTED, i);
    }
    for (size_t i = 0; i < heap->n_blocks; i++) {
        check_block(&m, &heap->blocks[i]);
    }
    for (size_t i = 0; i < heap->larges.n; i++) {
        check_object(&m, large_object(heap->larges.items[i]));
    }
    gc_marker_close(&m);
}
