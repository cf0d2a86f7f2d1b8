/* cache.h - inline caches: what a CodeSite remembers of attribute accesses.
 *
 * An entry is one word, so that it is read and written at once without a lock:
 *
 *      63           32 31  29 28            0
 *     |   shape id    | kind |    place      |
 *
 * kind is AttrKind - 1: ATTR_SLOT is 0, so that for the commonest access the low half is the offset of the slot in bytes. The
 * first entry is tested in the loop, the others in cache_find. A site that sees more shapes than it has
 * entries replaces one after the other.
 *
 * The shape after a transition stands beside the entry, so the two are not written at once: transitions are neither
 * kept nor used while threads run in parallel (cx->is_parallel). */

#ifndef MINI_INTERP_CACHE_H
#define MINI_INTERP_CACHE_H

#include "runtime/objects/attr_cache.h"
#include "runtime/objects/code.h"

enum { CACHE_KIND_SHIFT = 29, CACHE_PLACE_MASK = (1 << CACHE_KIND_SHIFT) - 1 };

#define CACHE_KIND(entry) ((AttrKind)(((uint32_t)(entry) >> CACHE_KIND_SHIFT) + 1))
#define CACHE_PLACE(entry) ((uint32_t)(entry) & CACHE_PLACE_MASK)
#define CACHE_SHAPE(entry) ((uint32_t)((entry) >> 32))
/* Is the low half an offset of a slot? */
#define CACHE_IS_SLOT(low) ((low) < (uint32_t)1 << CACHE_KIND_SHIFT)
/* Is it a function or native that is bound to the object? */
#define CACHE_IS_METHOD(low) ((low) - ((uint32_t)1 << CACHE_KIND_SHIFT) < (uint32_t)2 << CACHE_KIND_SHIFT)

/* Is it the number of a cell that holds what is read, as it stands? */
#define CACHE_IS_VALUE(low) ((low) >> CACHE_KIND_SHIFT == ATTR_VALUE - 1)

/* Does the store add an attribute: the shape changes? */
#define CACHE_IS_TRANSITION(low) ((low) >> CACHE_KIND_SHIFT == ATTR_TRANSITION - 1)

/* The id under which sites know the shape of a value; immediate values count as their kind. */
static inline uint32_t cache_shape(Value v) {
    if (LIKELY(IS_OBJ(v))) {
        return obj_shape(AS_OBJ(v));
    }
    return IS_INT(v) ? KIND_INT : IS_FLOAT(v) ? KIND_FLOAT : IS_BOOL(v) ? KIND_BOOL : KIND_NONE;
}

/* The index of the entry for shape, or -1. */
static inline int cache_find(const CodeSite *site, uint32_t shape) {
    for (int i = 0; i < SITE_WAYS; i++) {
        uint64_t entry = atomic_load_acquire(&site->entries[i]);
        if (CACHE_SHAPE(entry) == shape && entry != 0) {
            return i;
        }
    }
    return -1;
}

/* Stores value by the transition in entry i of site, while threads do not run in parallel. Slot first, then shape: whoever sees
 * the shape sees the value. */
static inline void cache_do_transition(const CodeSite *site, int i, uint64_t entry, Obj *o, Value value) {
    value_store((Value *)((char *)o + CACHE_PLACE(entry)), value);
    atomic_store_release(&o->shape, atomic_load_relaxed(&site->new_shapes[i]));
}

/* Keeps what attr_cache_lookup or attr_cache_store said; ATTR_NONE is not kept. */
void cache_keep(const Context *cx, CodeSite *site, const AttrPlace *place);

#endif
