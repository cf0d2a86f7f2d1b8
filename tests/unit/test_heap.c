/* test_heap.c - the heap and the collector, with a made-up interpreter around them: a few kinds of objects, and
 * threads that stop when they are asked to. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/base/platform.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/gc.h"
#include "runtime/gc/heap_layout.h"
#include "runtime/gc/mark.h"
#include "runtime/gc/verify.h"
#include "runtime/gc/weak.h"

/* Kinds: a node with two references (as KIND_METHOD), an array, bytes without references (as KIND_BUFFER), and one
 * that counts how often it was finished (as KIND_FILE). */

typedef struct Node {
    Obj header;
    Value left;
    Value right;
    int64_t number;
} Node;

typedef struct Array {
    Obj header;
    size_t n;
    Value items[];
} Array;

typedef struct Finished {
    Obj header;
    int *count;
} Finished;

static void node_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((Node *)o)->left);
    gc_mark_value(m, ((Node *)o)->right);
}

static void array_trace(GcMarker *m, Obj *o) {
    gc_mark_values(m, ((Array *)o)->items, ((Array *)o)->n);
}

static void finished_finish(Obj *o) {
    ++*((Finished *)o)->count;
}

static const KindOps node_ops = {.trace = node_trace};
static const KindOps array_ops = {.trace = array_trace};
static const KindOps finished_ops = {.finish = finished_finish};
const KindOps *const kind_ops[KIND_COUNT] = {
    [KIND_METHOD] = &node_ops, [KIND_ARRAY] = &array_ops, [KIND_FILE] = &finished_ops};
const char *const kind_type_names[KIND_COUNT] = {[KIND_METHOD] = "node", [KIND_ARRAY] = "array"};
const uint8_t kind_flags[KIND_COUNT] = {[KIND_BUFFER] = KF_LEAF};

/* The interpreter: threads are attached or not, and stop at polls. */

enum { MAX_THREADS = 8 };

typedef struct World {
    Runtime rt;
    PlatformMutex mutex;
    PlatformCond changed;
    int n_running;      /* [mutex] attached threads that are not stopped */
    bool wants_stop;    /* [atomic] */
    Context *contexts[MAX_THREADS];
    char *stack_highs[MAX_THREADS];
    void *stack_tops[MAX_THREADS]; /* of stopped threads; NULL while running */
    int n_contexts;
    Value root;
    bool scans_stack;
    int n_no_memory;
} World;

static World *world;

static int number_of(const Context *cx) {
    for (int i = 0; i < world->n_contexts; i++) {
        if (world->contexts[i] == cx) {
            return i;
        }
    }
    fail_msg("unknown context");
    return -1;
}

/* Waits with the mutex held until the world runs; the thread counts as stopped. */
static __attribute__((noinline)) void stay_stopped_locked(Context *cx) {
    __builtin_unwind_init();
    world->stack_tops[number_of(cx)] = __builtin_frame_address(0);
    world->n_running--;
    platform_cond_broadcast(&world->changed);
    while (atomic_load_relaxed(&world->wants_stop)) {
        platform_cond_wait(&world->changed, &world->mutex);
    }
    world->n_running++;
    world->stack_tops[number_of(cx)] = NULL;
}

static void poll_world(Context *cx) {
    if (atomic_load_relaxed(&cx->poll) & POLL_COLLECT) {
        gc_collect_if_due(cx);
    }
    if (atomic_load_acquire(&world->wants_stop)) {
        platform_mutex_lock(&world->mutex);
        if (world->wants_stop) {
            stay_stopped_locked(cx);
        }
        platform_mutex_unlock(&world->mutex);
    }
}

void gc_host_stop_world(Context *cx) {
    platform_mutex_lock(&world->mutex);
    while (world->wants_stop) {
        stay_stopped_locked(cx);
    }
    atomic_store_release(&world->wants_stop, true);
    while (world->n_running > 1) {
        platform_cond_wait(&world->changed, &world->mutex);
    }
    platform_mutex_unlock(&world->mutex);
}

void gc_host_resume_world(Context *cx) {
    (void)cx;
    platform_mutex_lock(&world->mutex);
    atomic_store_release(&world->wants_stop, false);
    platform_cond_broadcast(&world->changed);
    platform_mutex_unlock(&world->mutex);
}

void gc_host_trace_threads_stw(Context *cx, GcMarker *m, void *stack_top) {
    if (!world->scans_stack) {
        return;
    }
    for (int i = 0; i < world->n_contexts; i++) {
        void *top = world->contexts[i] == cx ? stack_top : world->stack_tops[i];
        if (top != NULL) {
            gc_mark_range(m, top, world->stack_highs[i]);
        }
    }
}

/* The kinds above are none whose types are made late. */
ObjType *runtime_open_type(Context *cx, ObjKind kind) {
    (void)cx;
    (void)kind;
    return NULL;
}

void gc_host_finalize(Context *cx, Obj *o) {
    (void)cx;
    (void)o;
}

bool gc_host_was_begun(const Obj *coroutine) {
    (void)coroutine;
    return true;
}

void gc_host_weak_callback(Context *cx, Value callback, Value reference) {
    (void)cx;
    (void)callback;
    (void)reference;
}

void runtime_trace_stw(Runtime *rt, GcMarker *m) {
    (void)rt;
    gc_mark_value(m, world->root);
}

Value exc_raise_no_memory(Context *cx) {
    (void)cx;
    world->n_no_memory++;
    return VALUE_ERROR;
}

static Context *attach(void) {
    Context *cx = calloc(1, sizeof *cx);
    cx->rt = &world->rt;
    heap_local_open(world->rt.heap, &cx->heap_local);
    platform_mutex_lock(&world->mutex);
    while (world->wants_stop) {
        platform_cond_wait(&world->changed, &world->mutex);
    }
    const int me = world->n_contexts++;
    world->contexts[me] = cx;
    world->stack_tops[me] = NULL;
    char *low;
    platform_stack_bounds(&low, &world->stack_highs[me]);
    world->n_running++;
    platform_mutex_unlock(&world->mutex);
    return cx;
}

static void detach(Context *cx) {
    platform_mutex_lock(&world->mutex);
    while (world->wants_stop) {
        stay_stopped_locked(cx);
    }
    const int me = number_of(cx);
    world->n_contexts--;
    world->contexts[me] = world->contexts[world->n_contexts];
    world->stack_highs[me] = world->stack_highs[world->n_contexts];
    world->stack_tops[me] = world->stack_tops[world->n_contexts];
    world->n_running--;
    platform_cond_broadcast(&world->changed);
    platform_mutex_unlock(&world->mutex);
    heap_local_close(world->rt.heap, &cx->heap_local);
    free(cx);
}

static Context *open_world(size_t max_bytes) {
    world = calloc(1, sizeof *world);
    platform_mutex_init(&world->mutex);
    platform_cond_init(&world->changed);
    world->rt.heap = heap_open(max_bytes);
    assert_non_null(world->rt.heap);
    return attach();
}

static void close_world(Context *cx) {
    detach(cx);
    heap_close(world->rt.heap);
    platform_cond_destroy(&world->changed);
    platform_mutex_destroy(&world->mutex);
    free(world);
}

static void set_options(bool is_stress, bool is_poison) {
    gc_set_options(world->rt.heap,
                   &(GcOptions){.is_stress = is_stress, .is_poison = is_poison, .is_verify = true});
}

static GcStats stats(void) {
    GcStats s;
    gc_stats(world->rt.heap, &s);
    return s;
}

static Node *node_new(Context *cx, Value left, Value right) {
    Node *node = HEAP_NEW(cx, Node, KIND_METHOD);
    if (node != NULL) {
        node->left = left;
        node->right = right;
    }
    return node;
}

static Array *new_array(Context *cx, size_t n) {
    Array *array =
        (Array *)heap_alloc(cx, sizeof(Array) + n * sizeof(Value), KIND_ARRAY, KIND_ARRAY);
    if (array != NULL) {
        array->n = n;
    }
    return array;
}

/* A chain of n nodes below world->root, numbered from its end. */
static void make_chain(Context *cx, int64_t n) {
    world->root = VALUE_UNSET;
    for (int64_t i = 0; i < n; i++) {
        Node *node = node_new(cx, VALUE_UNSET, world->root);
        node->number = i;
        world->root = OBJ_VALUE(node);
    }
}

static int64_t chain_length(void) {
    int64_t n = 0;
    for (Value v = world->root; v != VALUE_UNSET; v = ((Node *)AS_OBJ(v))->right) {
        n++;
    }
    return n;
}

/* The tests. */

static void memory_is_cleared_and_aligned(void **state) {
    (void)state;
    Context *cx = open_world(0);
    for (int round = 0; round < 3; round++) {
        for (size_t n_bytes = 8; n_bytes <= 20000; n_bytes += n_bytes < 600 ? 8 : 333) {
            for (int i = 0; i < 3; i++) {
                Obj *o = heap_alloc(cx, n_bytes, KIND_BUFFER, KIND_BUFFER);
                assert_int_equal((uintptr_t)o % 16, 0);
                assert_int_equal(o->kind, KIND_BUFFER);
                assert_int_equal(o->shape, KIND_BUFFER);
                assert_int_equal(o->flags | o->lock | o->spare, 0);
                const char *bytes = (const char *)(o + 1);
                for (size_t k = 0; k < n_bytes - sizeof *o; k++) {
                    assert_int_equal(bytes[k], 0);
                }
                memset(o + 1, 0xff, n_bytes - sizeof *o);
            }
        }
        gc_collect(cx);
        assert_int_equal(stats().n_objects_live, 0);
        assert_int_equal(stats().bytes_live, 0);
    }
    close_world(cx);
}

static void what_is_reachable_stays(void **state) {
    (void)state;
    Context *cx = open_world(0);
    set_options(false, true);
    make_chain(cx, 10000);
    for (int i = 0; i < 5; i++) {
        gc_collect(cx);
        assert_int_equal(chain_length(), 10000);
        assert_int_equal(stats().n_objects_live, 10000);
        for (int k = 0; k < 5000; k++) {
            node_new(cx, world->root, VALUE_UNSET);
        }
    }
    /* Every second one dies, and its memory serves again. */
    for (Node *node = (Node *)AS_OBJ(world->root); node->right != VALUE_UNSET && node->number > 0;
         node = (Node *)AS_OBJ(node->right)) {
        node->right = ((Node *)AS_OBJ(node->right))->right;
        if (node->right == VALUE_UNSET) {
            break;
        }
    }
    gc_collect(cx);
    assert_int_equal(chain_length(), 5000);
    const size_t n_blocks = world->rt.heap->n_blocks;
    for (int k = 0; k < 5000; k++) {
        node_new(cx, VALUE_UNSET, VALUE_UNSET);
    }
    assert_int_equal(world->rt.heap->n_blocks, n_blocks);
    assert_int_equal(chain_length(), 5000);
    close_world(cx);
}

static void large_objects_live_and_die(void **state) {
    (void)state;
    Context *cx = open_world(0);
    set_options(false, true);
    Array *top = new_array(cx, 2000);
    world->root = OBJ_VALUE(top);
    for (size_t i = 0; i < 100; i++) {
        top->items[i] = OBJ_VALUE(new_array(cx, 1100 + 3000 * i));
        new_array(cx, 5000);
        ((Array *)AS_OBJ(top->items[i]))->items[1000] = OBJ_VALUE(node_new(cx, 0, 0));
    }
    gc_collect(cx);
    assert_int_equal(stats().n_objects_live, 201);
    gc_collect(cx);
    assert_int_equal(stats().n_objects_live, 201);
    world->root = top->items[99];
    gc_collect(cx);
    assert_int_equal(stats().n_objects_live, 2);
    world->root = VALUE_UNSET;
    gc_collect(cx);
    assert_int_equal(stats().n_objects_live, 0);
    assert_int_equal(world->rt.heap->larges.n, 0);
    close_world(cx);
}

static void addresses_find_their_objects(void **state) {
    (void)state;
    Context *cx = open_world(0);
    Heap *heap = world->rt.heap;
    for (size_t n_bytes = 16; n_bytes < 100000; n_bytes += n_bytes / 3 + 8) {
        Obj *o = heap_alloc(cx, n_bytes, KIND_BUFFER, KIND_BUFFER);
        world->root = OBJ_VALUE(o);
        gc_collect(cx);
        for (size_t offset = 0; offset < n_bytes; offset += 1 + offset / 7) {
            assert_ptr_equal(heap_find_stw(heap, (char *)o + offset), o);
        }
        assert_ptr_equal(heap_find_stw(heap, (char *)o + n_bytes - 1), o);
        Obj *before = heap_find_stw(heap, (char *)o - 1);
        assert_ptr_equal(before, NULL);
    }
    int local = 0;
    assert_null(heap_find_stw(heap, &local));
    assert_null(heap_find_stw(heap, NULL));
    assert_null(heap_find_stw(heap, (void *)UINTPTR_MAX));
    assert_null(heap_find_stw(heap, (void *)heap->base));
    assert_null(heap_find_stw(heap, (char *)heap->base + (heap->n_blocks << BLOCK_SHIFT)));
    close_world(cx);
}

static void dead_objects_are_not_found(void **state) {
    (void)state;
    Context *cx = open_world(0);
    Heap *heap = world->rt.heap;
    Node *kept = node_new(cx, 0, 0);
    Node *dead = node_new(cx, 0, 0);
    const uintptr_t hidden = ~(uintptr_t)dead;
    world->root = OBJ_VALUE(kept);
    gc_collect(cx);
    assert_ptr_equal(heap_find_stw(heap, kept), kept);
    assert_null(heap_find_stw(heap, (void *)~hidden));
    /* Nor is what a run has not given out yet, once runs are taken back. */
    Node *next = node_new(cx, 0, 0);
    heap_take_back_runs_stw(heap);
    assert_ptr_equal(heap_find_stw(heap, next), next);
    assert_null(heap_find_stw(heap, next + 5));
    close_world(cx);
}

static void finish_is_called_once(void **state) {
    (void)state;
    Context *cx = open_world(0);
    int count = 0;
    Array *array = new_array(cx, 50);
    world->root = OBJ_VALUE(array);
    for (int i = 0; i < 100; i++) {
        Finished *o = HEAP_NEW(cx, Finished, KIND_FILE);
        o->count = &count;
        if (i % 2 == 0) {
            array->items[i / 2] = OBJ_VALUE(o);
        }
    }
    gc_collect(cx);
    assert_int_equal(count, 50);
    gc_collect(cx);
    assert_int_equal(count, 50);
    for (int i = 0; i < 1000; i++) {
        node_new(cx, 0, 0);
    }
    assert_int_equal(count, 50);
    close_world(cx);
    assert_int_equal(count, 100);
}

static __attribute__((noinline)) Value *items_of_new_array(Context *cx, size_t n) {
    Array *array = new_array(cx, n);
    array->items[n - 1] = OBJ_VALUE(node_new(cx, 0, 0));
    return array->items;
}

static __attribute__((noinline)) void overwrite_stack(void) {
    volatile char bytes[4096];
    memset((char *)bytes, 0, sizeof bytes);
}

static void stack_keeps_interior_pointers(void **state) {
    (void)state;
    Context *cx = open_world(0);
    world->scans_stack = true;
    set_options(false, true);
    static const size_t sizes[] = {1, 2, 7, 30, 100, 600, 2000, 50000, 300000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        Value *volatile last = items_of_new_array(cx, sizes[i]) + sizes[i] - 1;
        overwrite_stack();
        gc_collect(cx);
        assert_int_equal(AS_OBJ(*last)->kind, KIND_METHOD);
        Value *volatile end = last + 1;
        last = NULL;
        overwrite_stack();
        gc_collect(cx);
        assert_int_equal(AS_OBJ(end[-1])->kind, KIND_METHOD);
    }
    close_world(cx);
}

static void registered_roots_hold(void **state) {
    (void)state;
    Context *cx = open_world(0);
    Value words[3];
    for (int i = 0; i < 3; i++) {
        words[i] = OBJ_VALUE(node_new(cx, 0, 0));
        gc_root_add(&world->rt, &words[i]);
    }
    gc_collect(cx);
    assert_int_equal(stats().n_objects_live, 3);
    gc_root_remove(&world->rt, &words[0]);
    gc_collect(cx);
    assert_int_equal(stats().n_objects_live, 2);
    gc_root_remove(&world->rt, &words[1]);
    gc_root_remove(&world->rt, &words[2]);
    gc_collect(cx);
    assert_int_equal(stats().n_objects_live, 0);
    close_world(cx);
}

static void deep_and_wide_graphs_are_marked(void **state) {
    (void)state;
    Context *cx = open_world(0);
    make_chain(cx, 300000);
    Array *array = new_array(cx, 300000);
    for (size_t i = 0; i < array->n; i++) {
        array->items[i] = OBJ_VALUE(node_new(cx, world->root, OBJ_VALUE(array)));
    }
    world->root = OBJ_VALUE(array);
    gc_collect(cx);
    assert_int_equal(stats().n_objects_live, 600001);
    close_world(cx);
}

static void garbage_is_collected_when_due(void **state) {
    (void)state;
    Context *cx = open_world(0);
    make_chain(cx, 1000);
    for (int i = 0; i < 4000000; i++) {
        node_new(cx, 0, 0);
        poll_world(cx);
    }
    assert_in_range(stats().n_collections, 10, 32);
    /* Nobody polls. */
    for (int i = 0; i < 4000000; i++) {
        node_new(cx, 0, 0);
    }
    assert_in_range(stats().n_collections, 20, 64);
    assert_in_range(world->rt.heap->n_blocks << BLOCK_SHIFT, 0, 8 << 20);
    assert_int_equal(chain_length(), 1000);
    close_world(cx);
}

static void the_limit_ends_in_memory_error(void **state) {
    (void)state;
    enum { LIMIT = 8 << 20 };
    Context *cx = open_world(LIMIT);
    /* Garbage does not count. */
    for (int i = 0; i < 2000000; i++) {
        assert_non_null(node_new(cx, 0, 0));
    }
    assert_int_equal(world->n_no_memory, 0);
    int64_t n = 0;
    for (;; n++) {
        Node *node = node_new(cx, 0, world->root);
        if (node == NULL) {
            break;
        }
        world->root = OBJ_VALUE(node);
    }
    assert_int_equal(world->n_no_memory, 1);
    assert_in_range(n * (int64_t)sizeof(Node), LIMIT * 9 / 10, LIMIT);
    assert_int_equal(chain_length(), n);
    assert_null(heap_alloc(cx, 100000, KIND_BUFFER, KIND_BUFFER));
    assert_int_equal(world->n_no_memory, 2);
    world->root = VALUE_UNSET;
    assert_non_null(heap_alloc(cx, 100000, KIND_BUFFER, KIND_BUFFER));
    assert_null(heap_alloc(cx, SIZE_MAX - 100, KIND_BUFFER, KIND_BUFFER));
    close_world(cx);
}

static void memory_goes_back(void **state) {
    (void)state;
    Context *cx = open_world(0);
    make_chain(cx, 4000000); /* 128 MB */
    gc_collect(cx);
    world->root = VALUE_UNSET;
    gc_collect(cx);
    size_t n_dirty = 0;
    for (size_t i = 0; i < world->rt.heap->n_blocks; i++) {
        n_dirty += !world->rt.heap->blocks[i].is_zero;
    }
    assert_in_range(n_dirty << BLOCK_SHIFT, 1, 48 << 20);
    make_chain(cx, 100000);
    gc_collect(cx);
    assert_int_equal(chain_length(), 100000);
    close_world(cx);
}

static void stress_collects_at_every_allocation(void **state) {
    (void)state;
    Context *cx = open_world(0);
    node_new(cx, 0, 0);
    set_options(true, true);
    const uint64_t before = stats().n_collections;
    make_chain(cx, 100);
    assert_int_equal(stats().n_collections - before, 100);
    assert_int_equal(chain_length(), 100);
    close_world(cx);
}

/* What is freed is overwritten, so that a reader of freed memory cannot miss it. */
static void poison_overwrites(void **state) {
    (void)state;
    if (CONFIG_ASAN) {
        skip(); /* there the reader is reported instead */
    }
    Context *cx = open_world(0);
    set_options(false, true);
    Node *node = node_new(cx, 0, 0);
    world->root = OBJ_VALUE(node_new(cx, 0, 0));
    gc_collect(cx);
    assert_int_equal(node->header.kind, 0xdb);
    close_world(cx);
}

/* Threads that build and check trees at the same time, in the midst of each other's collections. */

enum { N_WORKERS = 4 };

static Node *build_tree(Context *cx, int depth) {
    poll_world(cx);
    if (depth == 0) {
        return node_new(cx, 0, 0);
    }
    Node *left = build_tree(cx, depth - 1);
    Node *right = build_tree(cx, depth - 1);
    return node_new(cx, OBJ_VALUE(left), OBJ_VALUE(right));
}

static int count_tree(const Node *node) {
    return node->left == VALUE_UNSET ? 1
                                     : 1 + count_tree((Node *)AS_OBJ(node->left)) +
                                           count_tree((Node *)AS_OBJ(node->right));
}

static int n_failed; /* [atomic] */

static void work(void *argument) {
    Context *cx = attach();
    for (int i = 0; i < *(int *)argument; i++) {
        Node *tree = build_tree(cx, 9);
        Array *array = new_array(cx, 2000);
        array->items[0] = OBJ_VALUE(tree);
        if (i % 16 == 0) {
            gc_collect(cx);
        }
        if (count_tree((Node *)AS_OBJ(array->items[0])) != 1023) {
            atomic_fetch_add(&n_failed, 1);
        }
    }
    detach(cx);
}

static void threads_allocate_and_collect(void **state) {
    (void)state;
    Context *cx = open_world(0);
    world->scans_stack = true;
    int n_rounds = 100;
    PlatformThread threads[N_WORKERS];
    for (int i = 0; i < N_WORKERS; i++) {
        assert_int_equal(platform_thread_start(&threads[i], 256 * 1024, work, &n_rounds), 0);
    }
    /* This thread counts as one that blocks while it joins. */
    platform_mutex_lock(&world->mutex);
    world->n_running--;
    world->stack_tops[0] = __builtin_frame_address(0);
    platform_cond_broadcast(&world->changed);
    platform_mutex_unlock(&world->mutex);
    for (int i = 0; i < N_WORKERS; i++) {
        platform_thread_join(threads[i]);
    }
    platform_mutex_lock(&world->mutex);
    while (world->wants_stop) {
        platform_cond_wait(&world->changed, &world->mutex);
    }
    world->n_running++;
    world->stack_tops[0] = NULL;
    platform_mutex_unlock(&world->mutex);
    assert_int_equal(n_failed, 0);
    assert_true(stats().n_collections >= N_WORKERS * 7);
    gc_collect(cx);
    close_world(cx);
}

static void a_thread_that_ends_returns_its_blocks(void **state) {
    (void)state;
    Context *cx = open_world(0);
    size_t n_blocks = 0;
    for (int i = 0; i < 100; i++) {
        Context *other = attach();
        node_new(other, 0, 0);
        new_array(other, 20);
        detach(other);
        if (i == 0) {
            n_blocks = world->rt.heap->n_blocks;
        }
    }
    assert_int_equal(world->rt.heap->n_blocks, n_blocks);
    close_world(cx);
}

static void the_child_of_a_fork_has_one_local(void **state) {
    (void)state;
    Context *cx = open_world(0);
    Context *other = attach();
    node_new(other, 0, 0);
    make_chain(cx, 100);
    /* Both halves of a fork, played in one process. */
    heap_fork_begin(world->rt.heap);
    heap_fork_end_parent(world->rt.heap);
    assert_int_equal(world->rt.heap->locals.n, 2);
    heap_fork_begin(world->rt.heap);
    heap_fork_end_child(world->rt.heap, &cx->heap_local);
    assert_int_equal(world->rt.heap->locals.n, 1);
    world->n_contexts = 1;
    world->n_running = 1;
    free(other);
    make_chain(cx, 10000);
    gc_collect(cx);
    assert_int_equal(chain_length(), 10000);
    assert_int_equal(stats().n_objects_live, 10000);
    close_world(cx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_cleared_and_aligned),
        cmocka_unit_test(what_is_reachable_stays),
        cmocka_unit_test(large_objects_live_and_die),
        cmocka_unit_test(addresses_find_their_objects),
        cmocka_unit_test(dead_objects_are_not_found),
        cmocka_unit_test(finish_is_called_once),
        cmocka_unit_test(stack_keeps_interior_pointers),
        cmocka_unit_test(registered_roots_hold),
        cmocka_unit_test(deep_and_wide_graphs_are_marked),
        cmocka_unit_test(garbage_is_collected_when_due),
        cmocka_unit_test(the_limit_ends_in_memory_error),
        cmocka_unit_test(memory_goes_back),
        cmocka_unit_test(stress_collects_at_every_allocation),
        cmocka_unit_test(poison_overwrites),
        cmocka_unit_test(threads_allocate_and_collect),
        cmocka_unit_test(a_thread_that_ends_returns_its_blocks),
        cmocka_unit_test(the_child_of_a_fork_has_one_local),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
