/* shape.c - hidden classes: the table of shapes, transitions, look-up; the table of
 * cells.
 *
 * Invariants
 *   1. Both tables are reserved address space that never moves; what is not used yet
 *      reads as zero.
 *   2. A ShapeTable is written only under the tables' lock and read without it: an entry
 *      is complete before the count that covers it is published. A table that was
 *      replaced stays until the end (`older`).
 *   3. Attribute names are interned, so they are compared as pointers; shape_trace_stw
 *      keeps them alive.
 *
 * See also: instance.c (slots), attr_cache.c (what inline caches keep). */

#include "runtime/objects/shape.h"

#include "runtime/base/mem.h"
#include "runtime/base/platform.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"

/* Beyond these an object's attributes go to a dict: it is used as one, or its class makes
 * a new attribute name for each instance. */
enum { MAX_SLOTS = 200, MAX_SHAPES_PER_TYPE = 1000, INDEX_FROM_SLOTS = 8 };

struct ShapeTable {
    ShapeTable *older;
    uint32_t n;        /* [atomic] */
    uint32_t capacity; /* [const] */
    Shape *targets[];  /* target->name is the attribute added */
};

typedef struct IndexEntry {
    ObjStr *name;
    uint32_t slot;
} IndexEntry;

struct ShapeIndex {
    uint32_t mask;
    IndexEntry entries[];
};

/* Both tables stand in one mapping, the cells behind the shapes. */
static const size_t SHAPES_BYTES = SHAPE_MAX_COUNT * sizeof(Shape);
static const size_t CELLS_BYTES = CELL_MAX_COUNT * sizeof(Value);

bool shape_open(Runtime *rt) {
    char *pages = platform_pages_map(SHAPES_BYTES + CELLS_BYTES);
    if (pages == NULL) {
        return false;
    }
    rt->shapes = (Shape *)pages;
    rt->cells = (Value *)(pages + SHAPES_BYTES);
    for (uint32_t id = 0; id < KIND_COUNT; id++) {
        Shape *shape = &rt->shapes[id];
        shape->id = id;
        shape->flags = SHAPE_FLAG_NO_SLOTS;
    }
    rt->n_shapes = KIND_COUNT;
    rt->n_cells = 1; /* number 0 means "none" */
    return true;
}

static void free_shape(Shape *shape) {
    ShapeTable *table = shape->table;
    while (table != NULL) {
        ShapeTable *older = table->older;
        mem_free(table);
        table = older;
    }
    mem_free(shape->index);
}

void shape_close(Runtime *rt) {
    if (rt->shapes == NULL) {
        return;
    }
    for (uint32_t id = 0; id < rt->n_shapes; id++) {
        free_shape(&rt->shapes[id]);
    }
    platform_pages_release(rt->shapes, SHAPES_BYTES + CELLS_BYTES);
    rt->shapes = NULL;
    rt->cells = NULL;
}

void shape_trace_stw(Runtime *rt, GcMarker *m) {
    if (rt->shapes == NULL) {
        return;
    }
    for (uint32_t id = 0; id < rt->n_shapes; id++) {
        gc_mark_obj(m, rt->shapes[id].type);
        gc_mark_obj(m, rt->shapes[id].name);
    }
    gc_mark_values(m, rt->cells, rt->n_cells);
}

/* A shape that nobody knows yet; NULL when the table is full. The tables' lock is
 * held. */
static Shape *take_shape_locked(Context *cx) {
    Runtime *rt = cx->rt;
    if (rt->n_shapes >= SHAPE_MAX_COUNT) {
        return NULL;
    }
    Shape *shape = &rt->shapes[rt->n_shapes];
    shape->id = rt->n_shapes++;
    return shape;
}

Shape *shape_new_root(Context *cx, ObjType *type, ObjKind layout, int n_inline,
                      uint8_t flags) {
    const bool is_locked = shape_tables_lock(cx);
    Shape *shape = take_shape_locked(cx);
    if (shape != NULL) {
        const size_t layout_bytes = instance_layout_bytes(layout);
        const bool has_inline = layout_bytes > 0 && !(flags & SHAPE_FLAG_NO_SLOTS);
        shape->type = type;
        shape->n_inline = (uint16_t)(has_inline ? n_inline : 0);
        shape->n_slots = has_inline && type != NULL ? type->n_members : 0;
        shape->slots_offset = has_inline ? (uint32_t)(layout_bytes + sizeof(Value)) : 0;
        shape->flags = flags;
    }
    shape_tables_unlock(cx, is_locked);
    if (shape == NULL) {
        exc_raise(cx, EXC_MemoryError, "too many classes and modules");
    }
    return shape;
}

static size_t name_hash(const ObjStr *name) {
    return (size_t)((uintptr_t)name >> 4) * 0x9e3779b97f4a7c15u >> 32;
}

static int find_in_index(const ShapeIndex *index, const ObjStr *name) {
    for (size_t i = name_hash(name);; i++) {
        const IndexEntry *entry = &index->entries[i & index->mask];
        if (entry->name == name) {
            return (int)entry->slot;
        }
        if (entry->name == NULL) {
            return SHAPE_NO_SLOT;
        }
    }
}

int shape_find(const Shape *shape, ObjStr *name) {
    if (shape->index != NULL) {
        return find_in_index(shape->index, name);
    }
    for (; shape->parent != NULL; shape = shape->parent) {
        if (shape->name == name) {
            return shape->n_slots - 1;
        }
    }
    return SHAPE_NO_SLOT;
}

static ShapeIndex *make_index(const Shape *shape) {
    uint32_t capacity = 32;
    while (capacity < 2u * shape->n_slots) {
        capacity *= 2;
    }
    ShapeIndex *index =
        mem_alloc_zeroed(1, sizeof *index + capacity * sizeof index->entries[0]);
    index->mask = capacity - 1;
    for (const Shape *s = shape; s->parent != NULL; s = s->parent) {
        size_t i = name_hash(s->name);
        while (index->entries[i & index->mask].name != NULL) {
            i++;
        }
        index->entries[i & index->mask] = (IndexEntry){s->name, (uint32_t)s->n_slots - 1};
    }
    return index;
}

static Shape *find_transition(const Shape *shape, const ObjStr *name) {
    const ShapeTable *table = atomic_load_acquire(&shape->table);
    if (table != NULL) {
        const uint32_t n = atomic_load_acquire(&table->n);
        for (uint32_t i = 0; i < n; i++) {
            if (table->targets[i]->name == name) {
                return table->targets[i];
            }
        }
    }
    return NULL;
}

static void add_transition_locked(Shape *shape, Shape *target) {
    ShapeTable *table = shape->table;
    if (table == NULL || table->n == table->capacity) {
        const uint32_t n = table == NULL ? 0 : table->n;
        const uint32_t capacity = n == 0 ? 2 : n * 2;
        ShapeTable *grown =
            mem_alloc(sizeof *grown + capacity * sizeof grown->targets[0]);
        grown->older = table;
        grown->n = n;
        grown->capacity = capacity;
        for (uint32_t i = 0; i < n; i++) {
            grown->targets[i] = table->targets[i];
        }
        table = grown;
    }
    table->targets[table->n] = target;
    atomic_store_release(&table->n, table->n + 1);
    /* Pairs with the acquire in find_transition. */
    atomic_store_release(&shape->table, table);
}

static Shape *extend_locked(Context *cx, Shape *shape, ObjStr *name) {
    Shape *next = find_transition(shape, name);
    if (next != NULL) {
        return next;
    }
    if (shape->n_slots >= MAX_SLOTS || shape->type->n_shapes >= MAX_SHAPES_PER_TYPE) {
        return NULL;
    }
    next = take_shape_locked(cx);
    if (next == NULL) {
        return NULL;
    }
    next->type = shape->type;
    next->parent = shape;
    next->name = name;
    next->n_slots = (uint16_t)(shape->n_slots + 1);
    next->n_inline = shape->n_inline;
    next->slots_offset = shape->slots_offset;
    next->flags = shape->flags;
    if (next->n_slots > INDEX_FROM_SLOTS) {
        next->index = make_index(next);
    }
    shape->type->n_shapes++;
    if (next->n_slots > atomic_load_relaxed(&next->type->n_inline_hint)) {
        atomic_store_relaxed(&next->type->n_inline_hint, next->n_slots);
    }
    add_transition_locked(shape, next);
    return next;
}

Shape *shape_extend(Context *cx, Shape *shape, ObjStr *name) {
    Shape *next = find_transition(shape, name);
    if (LIKELY(next != NULL)) {
        return next;
    }
    const bool is_locked = shape_tables_lock(cx);
    next = extend_locked(cx, shape, name);
    shape_tables_unlock(cx, is_locked);
    return next;
}

uint32_t shape_new_cell_locked(Context *cx) {
    Runtime *rt = cx->rt;
    return rt->n_cells < CELL_MAX_COUNT ? rt->n_cells++ : 0;
}
