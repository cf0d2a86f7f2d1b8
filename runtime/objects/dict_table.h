/* dict_table.h - the table behind a dict, for dict.c, dict_methods.c, dict_views.c and
 * their tests.
 *
 *      | header | n_entries | capacity | entries[capacity] | n_tail | n_head | index[2^bits] |
 *
 * Tables of up to DICT_SMALL_MAX entries have no index (bits is 0): a look-up goes
 * through the hashes. A slot of the index is 0 when empty; otherwise its low `bits` bits
 * are the number of the entry plus one and the bits above a tag, made of the entry's
 * hash: so a look-up hardly ever touches an entry but the right one.
 *
 * A probe begins at the low bits of the hash, so that successive integers stand one
 * behind the other; it looks at DICT_NEIGHBOURS more slots there (they are in the same
 * cache line), then jumps on as CPython's does, mixing in the upper bits of the hash.
 * Rejected: linear probing from a place spread by multiplication. It is as fast for
 * random keys and three times as slow for ranges of integers, and without the spreading
 * it is slow for ever beside such a range.
 *
 * A deleted entry keeps its slot; a new entry may take over the slot of a deleted one.
 * The index never holds more than capacity slots, which is 5/8 of its size, so every
 * probe comes to an end. */

#ifndef MINI_OBJECTS_DICT_TABLE_H
#define MINI_OBJECTS_DICT_TABLE_H

#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"

enum { DICT_SMALL_MAX = 8, DICT_NEIGHBOURS = 3, DICT_PERTURB_SHIFT = 5 };

struct ObjDictTable {
    Obj header; /* header.flags: bits of the index, 0: no index */
    uint32_t n_entries; /* [lock] places used, also of deleted entries; stored with release */
    uint32_t capacity;  /* [const] */
    DictEntry entries[];
};

/* What follows the entries of a table that has an index. */
typedef struct DictIndex {
    uint32_t n_tail;  /* [lock] all entries from here on are deleted: popitem starts here */
    uint32_t n_head;  /* [atomic] all entries before it are deleted, for ever */
    uint32_t slots[]; /* [lock] for writing; stored with release */
} DictIndex;

/* A search for the entries with a certain hash. */
typedef struct DictProbe {
    const ObjDictTable *table;
    const uint32_t *slots; /* NULL: no index */
    uint64_t hash;
    uint64_t perturb;
    uint32_t at;
    uint32_t n_neighbours; /* still to be looked at behind `at` before the next jump */
    uint32_t mask;         /* (no index: the number of entries) */
    uint32_t tag;
} DictProbe;

static inline DictIndex *dict_table_index(const ObjDictTable *table) {
    return (DictIndex *)(uintptr_t)(table->entries + table->capacity);
}

/* Where iteration may begin: so that who takes the first item again and again does not
 * pass by all that were taken before. */
static inline uint32_t dict_table_head(const ObjDictTable *table) {
    return table->header.flags == 0
               ? 0
               : atomic_load_relaxed(&dict_table_index(table)->n_head);
}

static inline DictProbe dict_probe_begin(const ObjDictTable *table, uint64_t hash) {
    DictProbe probe = {.table = table, .hash = hash};
    const unsigned bits = table->header.flags;
    if (bits == 0) {
        probe.mask = atomic_load_acquire(&table->n_entries);
        return probe;
    }
    probe.slots = dict_table_index(table)->slots;
    probe.mask = (UINT32_C(1) << bits) - 1;
    probe.at = (uint32_t)hash & probe.mask;
    probe.perturb = hash;
    probe.n_neighbours = DICT_NEIGHBOURS;
    probe.tag = (uint32_t)(hash * UINT64_C(0x9e3779b97f4a7c15) >> 32) & ~probe.mask;
    return probe;
}

/* To the next slot of a probe in an index. */
static inline void dict_probe_advance(DictProbe *probe) {
    if (probe->n_neighbours > 0) {
        probe->n_neighbours--;
        probe->at = (probe->at + 1) & probe->mask;
        return;
    }
    probe->perturb >>= DICT_PERTURB_SHIFT;
    /* From one jump to the next the place is multiplied by 5 and 17 is added (the 3
     * neighbours count five times): once perturb is 0 that comes to every place before it
     * comes to one again. */
    probe->at = (uint32_t)(probe->at * 5 + probe->perturb + 2) & probe->mask;
    probe->n_neighbours = DICT_NEIGHBOURS;
}

/* The next entry that has the hash (it may be a deleted one), NULL when there is none:
 * then `at` is an empty slot. */
static inline DictEntry *dict_probe_next(DictProbe *probe) {
    const DictEntry *entries = probe->table->entries;
    if (probe->slots == NULL) {
        while (probe->at < probe->mask) {
            const DictEntry *entry = &entries[probe->at++];
            if (entry->hash == probe->hash) {
                return (DictEntry *)entry;
            }
        }
        return NULL;
    }
    for (;;) {
        const uint32_t slot = atomic_load_acquire(&probe->slots[probe->at]);
        if (slot == 0) {
            return NULL;
        }
        dict_probe_advance(probe);
        if ((slot & ~probe->mask) == probe->tag) {
            const DictEntry *entry = &entries[(slot & probe->mask) - 1];
            if (LIKELY(entry->hash == probe->hash)) {
                return (DictEntry *)entry;
            }
        }
    }
}

/* The hash of a key: inline for integers and strings; false: exception. */
bool dict_hash_slow(Context *cx, Value key, uint64_t *hash);
static inline bool dict_hash(Context *cx, Value key, uint64_t *hash) {
    if (IS_INT(key)) {
        const int64_t i = value_to_int(key);
        *hash = (uint64_t)(i - (i == -1));
        return true;
    }
    if (LIKELY(IS_EXACT(key, KIND_STR))) {
        const uint64_t known = atomic_load_relaxed(&AS_STR(key)->hash);
        *hash = LIKELY(known != 0) ? known : str_hash(AS_STR(key));
        return true;
    }
    return dict_hash_slow(cx, key, hash);
}

/* As dict_get and dict_set, for a key whose hash is known. */
Value dict_get_hashed(Context *cx, const ObjDict *dict, Value key, uint64_t hash);
bool dict_set_hashed(Context *cx, ObjDict *dict, Value key, uint64_t hash, Value value);

/* dict_update with the entries of a table, whatever class other is of. */
bool dict_update_by_dict(Context *cx, ObjDict *dict, ObjDict *other);
/* Removes the last entry: false when the dict is empty. */
bool dict_pop_last(Context *cx, ObjDict *dict, Value *key, Value *value);

/* An empty dict of the type or of a class derived from it. */
ObjDict *dict_new_of(Context *cx, ObjType *type);

enum { DICT_VIEW_KEYS, DICT_VIEW_VALUES, DICT_VIEW_ITEMS };
/* Appends to a list what an exact dict or a view of one gives. */
bool dict_append_all(Context *cx, ObjList *list, Value dict_or_view);
/* The next entry of a dict iterator: 1; 0 at the end; -1: exception. */
int dict_iter_step(Context *cx, Obj *it, Value *key, Value *value);
Value dict_iter_next(Context *cx, Value iterator);
/* An iterator over what (DICT_VIEW_...) of the dict, forwards or backwards. */
Value dict_iter_new(Context *cx, ObjDict *dict, int what, bool is_reversed);

#endif
