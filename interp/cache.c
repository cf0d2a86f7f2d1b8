/* cache.c - keeping entries of inline caches. See cache.h. */

#include "interp/cache.h"

void cache_keep(const Context *cx, CodeSite *site, const AttrPlace *place) {
    if (place->kind == ATTR_NONE || place->place > CACHE_PLACE_MASK) {
        return;
    }
    if (place->kind == ATTR_TRANSITION && cx->is_parallel) {
        return;
    }
    int i = 0;
    while (i < SITE_WAYS && atomic_load_relaxed(&site->entries[i]) != 0) {
        i++;
    }
    if (i == SITE_WAYS) {
        i = (int)(place->shape % SITE_WAYS);
    }
    uint64_t entry = (uint64_t)place->shape << 32 |
                     (uint32_t)(place->kind - 1) << CACHE_KIND_SHIFT | place->place;
    atomic_store_relaxed(&site->new_shapes[i], place->new_shape);
    atomic_store_release(&site->entries[i], entry);
}
