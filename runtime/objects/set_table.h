/* set_table.h - the table behind set and frozenset, for set.c and set_methods.c. */

#ifndef MINI_OBJECTS_SET_TABLE_H
#define MINI_OBJECTS_SET_TABLE_H

#include "runtime/objects/set.h"
#include "runtime/objects/type.h"

#define KEY_REMOVED VALUE_ERROR /* no value of the language: cannot be an item */

typedef struct SetPlace {
    Value key;     /* [atomic] VALUE_UNSET: free; KEY_REMOVED */
    uint64_t hash; /* [atomic relaxed] */
} SetPlace;

struct ObjSetTable {
    Obj header;
    size_t mask;     /* [const] number of places - 1 */
    size_t n_filled; /* [lock] places that are not free, removed ones included */
    size_t
        n_added; /* [lock] grows by one with each key: tells whether there are new ones */
    SetPlace places[];
};

static inline bool set_place_is_used(Value key) {
    return key > KEY_REMOVED;
}

/* As set_contains, set_add and set_discard, for an item whose hash is known. */
int set_contains_hashed(Context *cx, const ObjSet *set, Value key, uint64_t hash);
bool set_add_hashed(Context *cx, ObjSet *set, Value key, uint64_t hash);
int set_discard_hashed(Context *cx, ObjSet *set, Value key, uint64_t hash);

/* set_update with the items that another set has, also one of a derived class. */
bool set_update_by_set(Context *cx, ObjSet *set, ObjSet *other);
void set_clear(Context *cx, ObjSet *set);
/* Makes the table anew when more than a quarter of its places are those of removed
 * items. */
bool set_tidy(Context *cx, ObjSet *set);
/* Removes and returns an item, VALUE_UNSET when there is none. */
Value set_take_any(Context *cx, ObjSet *set);

/* An empty set of a type whose layout is that of set or frozenset. */
ObjSet *set_new_of(Context *cx, ObjType *type);
Value set_iter_new(Context *cx, ObjSet *set);
uint64_t set_hash_of_items(const ObjSet *set);

/* Iterates over a snapshot of the table (which may be NULL): *position starts at 0; false
 * at the end. */
static inline bool set_table_next(const ObjSetTable *table, size_t *position, SetPlace *place) {
    for (size_t i = *position; table != NULL && i <= table->mask; i++) {
        const Value key = atomic_load_acquire(&table->places[i].key);
        if (set_place_is_used(key)) {
            place->key = key;
            place->hash = atomic_load_relaxed(&table->places[i].hash);
            *position = i + 1;
            return true;
        }
    }
    return false;
}

#endif
