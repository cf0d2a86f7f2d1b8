/* weak.c - the table of weak references. See weak.h.
 *
 * Chains by the address of the target; made when the first reference is. It is changed under the heap's mutex, by
 * threads that are not at a poll, or by the collector in the stopped world. */

#include "runtime/gc/weak.h"

#include <stdlib.h>

#include "runtime/base/mem.h"
#include "runtime/gc/heap_layout.h"
#include "runtime/gc/mark.h"
#include "runtime/gc/sweep.h"

enum { FIRST_PLACES = 64 };

static size_t place_of(const WeakTable *table, const Obj *target) {
    return ((uintptr_t)target >> 4) * 0x9e3779b97f4a7c15u >> 20 & (table->n_places - 1);
}

static void link_reference(WeakTable *table, ObjWeakref *reference) {
    ObjWeakref **place = &table->places[place_of(table, AS_OBJ(reference->target))];
    reference->next = *place;
    *place = reference;
}

static void grow_locked(WeakTable *table) {
    ObjWeakref **old = table->places;
    const size_t n_old = table->n_places;
    table->n_places = n_old == 0 ? FIRST_PLACES : n_old * 2;
    table->places = mem_alloc_zeroed(table->n_places, sizeof(ObjWeakref *));
    for (size_t i = 0; i < n_old; i++) {
        ObjWeakref *next;
        for (ObjWeakref *r = old[i]; r != NULL; r = next) {
            next = r->next;
            link_reference(table, r);
        }
    }
    mem_free(old);
}

static ObjWeakref *first_locked(const WeakTable *table, const Obj *target) {
    ObjWeakref *r = table->n_places == 0 ? NULL : table->places[place_of(table, target)];
    while (r != NULL && AS_OBJ(r->target) != target) {
        r = r->next;
    }
    return r;
}

/* The next one with the same target. */
static ObjWeakref *next_locked(const ObjWeakref *reference) {
    ObjWeakref *r = reference->next;
    while (r != NULL && r->target != reference->target) {
        r = r->next;
    }
    return r;
}

static ObjWeakref *shared_locked(const WeakTable *table, const ObjWeakref *fresh) {
    ObjWeakref *r = first_locked(table, AS_OBJ(fresh->target));
    while (r != NULL && (!IS_NONE(value_load(&r->callback)) ||
                         obj_shape(&r->header) != KIND_WEAKREF)) {
        r = next_locked(r);
    }
    return r;
}

/* Callbacks are called in this order: by when their targets were first referred to, and of one target the newest
 * first, as Python does it. */
static uint64_t next_order_locked(WeakTable *table, const ObjWeakref *fresh) {
    enum { PER_TARGET = 1 << 16 };
    uint64_t order = UINT64_MAX;
    for (const ObjWeakref *r = first_locked(table, AS_OBJ(fresh->target)); r != NULL;
         r = next_locked(r)) {
        order = r->order < order ? r->order : order;
    }
    return order != UINT64_MAX ? order - 1 : (table->last_order += PER_TARGET);
}

ObjWeakref *weak_enter(Context *cx, ObjWeakref *fresh, bool may_share) {
    Heap *heap = cx->rt->heap;
    platform_mutex_lock(&heap->mutex);
    WeakTable *table = &heap->weak;
    ObjWeakref *entered = may_share ? shared_locked(table, fresh) : NULL;
    if (entered == NULL) {
        if (table->n == table->n_places) {
            grow_locked(table);
        }
        fresh->order = next_order_locked(table, fresh);
        link_reference(table, fresh);
        table->n++;
        atomic_fetch_add_relaxed(&cx->rt->n_weakrefs, (size_t)1);
        entered = fresh;
    }
    platform_mutex_unlock(&heap->mutex);
    return entered;
}

size_t weak_find(Context *cx, const Obj *target, ObjWeakref **found, size_t n_max) {
    Heap *heap = cx->rt->heap;
    size_t n = 0;
    platform_mutex_lock(&heap->mutex);
    for (ObjWeakref *r = first_locked(&heap->weak, target); r != NULL;
         r = next_locked(r)) {
        if (n < n_max) {
            found[n] = r;
        }
        n++;
    }
    platform_mutex_unlock(&heap->mutex);
    return n;
}

/* The collector */

void weak_mark_due_stw(GcMarker *m) {
    for (size_t i = m->heap->weak.n_taken; i < m->heap->weak.due.n; i++) {
        gc_mark_obj(m, m->heap->weak.due.items[i]);
    }
}

/* Whether the reference stays in the table. */
static bool stays_stw(Heap *heap, ObjWeakref *r) {
    if (!sweep_is_marked_stw(heap, &r->header)) {
        return false;
    }
    if (sweep_is_marked_stw(heap, AS_OBJ(r->target))) {
        return true;
    }
    value_store(&r->target, VALUE_NONE);
    if (!IS_NONE(r->callback)) {
        vec_push(&heap->weak.due, r);
    }
    return false;
}

static int compare_order(const void *a, const void *b) {
    const uint64_t x = (*(ObjWeakref *const *)a)->order;
    const uint64_t y = (*(ObjWeakref *const *)b)->order;
    return (x > y) - (x < y);
}

bool weak_clear_stw(Runtime *rt) {
    Heap *heap = rt->heap;
    WeakTable *table = &heap->weak;
    const size_t n_due_before = table->due.n;
    for (size_t i = 0; i < table->n_places; i++) {
        ObjWeakref **link = &table->places[i];
        while (*link != NULL) {
            ObjWeakref *r = *link;
            if (stays_stw(heap, r)) {
                link = &r->next;
            } else {
                *link = r->next;
                r->next = NULL;
                table->n--;
            }
        }
    }
    atomic_store_relaxed(&rt->n_weakrefs, table->n);
    if (table->due.n > n_due_before) {
        qsort(table->due.items + n_due_before, table->due.n - n_due_before,
              sizeof(ObjWeakref *), compare_order);
    }
    return table->due.n > 0;
}

void weak_close(Heap *heap) {
    mem_free(heap->weak.places);
    vec_free(&heap->weak.due);
}

/* Callbacks */

/* NULL: there is none. */
static ObjWeakref *take_due(Heap *heap) {
    WeakTable *table = &heap->weak;
    platform_mutex_lock(&heap->mutex);
    ObjWeakref *r = NULL;
    if (table->n_taken < table->due.n) {
        r = table->due.items[table->n_taken++];
    } else {
        vec_clear(&table->due);
        table->n_taken = 0;
    }
    platform_mutex_unlock(&heap->mutex);
    return r;
}

void weak_run_callbacks(Context *cx) {
    ObjWeakref *r;
    while ((r = take_due(cx->rt->heap)) != NULL) {
        const Value callback = value_load(&r->callback);
        value_store(&r->callback, VALUE_NONE);
        if (!IS_NONE(callback)) {
            gc_host_weak_callback(cx, callback, OBJ_VALUE(r));
        }
    }
}
