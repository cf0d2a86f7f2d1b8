/* set.c - set and frozenset: open addressing in one table.
 *
 * The order of a set can be seen by printing it, so the table is probed, grown and merged
 * by the rules of CPython's: a run of up to SET_LINEAR_PROBES neighbours, then a jump
 * that mixes in the upper bits of the hash. Sets of small integers therefore print in the
 * same order in both. (With strings the order differs from run to run in CPython as
 * well.)
 *
 * Invariants
 *   1. A place's hash is written before its key is (release). A removed item leaves
 *      KEY_REMOVED; its place may be taken by another. A reader that meets that in the
 *      midst sees a key that is not equal to its own, whatever the hash.
 *   2. A table that was replaced is never written again.
 *   3. Writers hold the set's lock; comparisons that may run script code are made without
 *      it (lock_and_find).
 *
 * See also: dict.c, which works by the same rules; set_methods.c. */

#include "runtime/objects/set.h"

#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/dict_table.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/iter_state.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/quick_equals.h"
#include "runtime/objects/set_table.h"

enum {
    SET_MIN_PLACES = 8,
    SET_LINEAR_PROBES = 9,
    SET_PERTURB_SHIFT = 5,
    SET_LARGE = 50000
};
#define SET_MAX_PLACES ((size_t)1 << 40)

/* Tables */

static ObjSetTable *table_new(Context *cx, size_t n_places) {
    if (n_places > SET_MAX_PLACES) {
        exc_raise_no_memory(cx);
        return NULL;
    }
    ObjSetTable *table =
        (ObjSetTable *)heap_alloc(cx, sizeof(ObjSetTable) + n_places * sizeof(SetPlace),
                                  KIND_SET_TABLE, KIND_SET_TABLE);
    if (LIKELY(table != NULL)) {
        table->mask = n_places - 1;
    }
    return table;
}

static void table_trace(GcMarker *m, Obj *o) {
    const ObjSetTable *table = (const ObjSetTable *)o;
    for (size_t i = 0; i <= table->mask; i++) {
        gc_mark_value(
            m, table->places[i].key); /* marks that are no objects are passed over */
    }
}

const KindOps kind_ops_ObjSetTable = {.trace = table_trace};

/* A walk over the places where a hash may stand. */
typedef struct Probe {
    const ObjSetTable *table;
    size_t at;
    size_t n_neighbours; /* still to be looked at behind `at` before the next jump */
    uint64_t perturb;
    size_t home;
} Probe;

static inline Probe probe_begin(const ObjSetTable *table, uint64_t hash) {
    const size_t home = hash & table->mask;
    return (Probe){
        .table = table,
        .at = home,
        .n_neighbours = home + SET_LINEAR_PROBES <= table->mask ? SET_LINEAR_PROBES : 0,
        .perturb = hash,
        .home = home,
    };
}

static inline void probe_advance(Probe *probe) {
    if (probe->n_neighbours > 0) {
        probe->n_neighbours--;
        probe->at++;
        return;
    }
    probe->perturb >>= SET_PERTURB_SHIFT;
    probe->home = (probe->home * 5 + 1 + probe->perturb) & probe->table->mask;
    probe->at = probe->home;
    probe->n_neighbours =
        probe->home + SET_LINEAR_PROBES <= probe->table->mask ? SET_LINEAR_PROBES : 0;
}

/* The next place with the hash; NULL at a free place, which is then probe->at. */
static inline SetPlace *probe_next(Probe *probe, uint64_t hash) {
    for (;; probe_advance(probe)) {
        const SetPlace *place = &probe->table->places[probe->at];
        const Value key = atomic_load_acquire(&place->key);
        if (IS_UNSET(key)) {
            return NULL;
        }
        if (atomic_load_relaxed(&place->hash) == hash && key != KEY_REMOVED) {
            return (SetPlace *)place;
        }
    }
}

static void place_set(ObjSetTable *table, SetPlace *place, Value key, uint64_t hash) {
    atomic_store_relaxed(&place->hash, hash);
    atomic_store_release(&place->key, key);
    atomic_store_relaxed(&table->n_added, table->n_added + 1);
}

/* Puts a key that is not there yet into a table with removed items: the last of their places
 * that its probe meets is taken, or the free place where that ends. */
static void table_add_over(ObjSetTable *table, Value key, uint64_t hash) {
    Probe probe = probe_begin(table, hash);
    SetPlace *removed = NULL;
    while (!IS_UNSET(table->places[probe.at].key)) {
        if (table->places[probe.at].key == KEY_REMOVED) {
            removed = &table->places[probe.at];
        }
        probe_advance(&probe);
    }
    if (removed == NULL) {
        removed = &table->places[probe.at];
        table->n_filled++;
    }
    place_set(table, removed, key, hash);
}

/* Fills a table that nobody has seen yet. */
static void table_add_all(ObjSetTable *table, const ObjSetTable *from) {
    size_t n = 0;
    for (const SetPlace *p = from->places; p <= &from->places[from->mask]; p++) {
        if (set_place_is_used(p->key)) {
            Probe probe = probe_begin(table, p->hash);
            while (!IS_UNSET(table->places[probe.at].key)) {
                probe_advance(&probe);
            }
            table->places[probe.at] = *p;
            n++;
        }
    }
    table->n_filled += n;
    table->n_added += n;
}

static size_t places_above(size_t n_wanted) {
    size_t n_places = SET_MIN_PLACES;
    while (n_places <= n_wanted) {
        n_places *= 2;
    }
    return n_places;
}

/* Publishes a table of more than n_wanted places. */
static bool resize_locked(Context *cx, ObjSet *set, size_t n_wanted) {
    ObjSetTable *table = table_new(cx, places_above(n_wanted));
    if (table == NULL) {
        return false;
    }
    if (set->table != NULL) {
        table_add_all(table, set->table);
    }
    atomic_store_release(&set->table, table);
    return true;
}

static size_t places_wanted(const ObjSet *set) {
    return set->n_used * (set->n_used > SET_LARGE ? 2 : 4);
}

bool set_tidy(Context *cx, ObjSet *set) {
    bool is_done = true;
    const bool is_locked = objlock_lock(cx, &set->header);
    if (set->table != NULL && set->table->n_filled - set->n_used > set->table->mask / 4) {
        is_done = resize_locked(cx, set, places_wanted(set));
    }
    objlock_unlock(cx, &set->header, is_locked);
    return is_done;
}

/* Finding */

/* Any key; may run script code. 1: found, 0, -1: exception. */
static inline int find_any(Context *cx, const ObjSetTable *table, Value key,
                           uint64_t hash, SetPlace **found) {
    if (table == NULL) {
        return 0;
    }
    Probe probe = probe_begin(table, hash);
    for (SetPlace *place; (place = probe_next(&probe, hash)) != NULL;
         probe_advance(&probe)) {
        const Value k = atomic_load_relaxed(&place->key);
        int is_equal = k == key ? 1 : k == KEY_REMOVED ? 0 : quick_equals(k, key);
        if (is_equal < 0) {
            is_equal = value_equals(cx, k, key);
        }
        if (is_equal < 0) {
            return -1;
        }
        if (is_equal > 0 && atomic_load_relaxed(&place->key) == k) {
            *found = place;
            return 1;
        }
    }
    return 0;
}

/* Without script code; -1: not known without it. *end is the free place where the probe
 * ended. */
static inline int find_quick_locked(ObjSetTable *table, Value key, uint64_t hash,
                                    SetPlace **found, SetPlace **end) {
    if (UNLIKELY(table == NULL)) {
        return 0;
    }
    Probe probe = probe_begin(table, hash);
    for (SetPlace *place; (place = probe_next(&probe, hash)) != NULL;
         probe_advance(&probe)) {
        const int is_equal = place->key == key ? 1 : quick_equals(place->key, key);
        if (is_equal < 0) {
            return -1;
        }
        if (is_equal > 0) {
            *found = place;
            return 1;
        }
    }
    *end = &table->places[probe.at];
    return 0;
}

static bool lock_and_find_slow(Context *cx, ObjSet *set, Value key, uint64_t hash,
                               SetPlace **found, bool *is_locked) {
    for (;;) {
        const ObjSetTable *table = atomic_load_acquire(&set->table);
        const size_t n_seen = table == NULL ? 0 : atomic_load_relaxed(&table->n_added);
        *found = NULL;
        if (find_any(cx, table, key, hash, found) < 0) {
            return false;
        }
        *is_locked = objlock_lock(cx, &set->header);
        if (set->table == table && (table == NULL || table->n_added == n_seen) &&
            (*found == NULL || (*found)->key != KEY_REMOVED)) {
            return true;
        }
        objlock_unlock(cx, &set->header, *is_locked);
    }
}

/* Takes the lock and sets *found to the place of key or NULL; *end is then the free place
 * where the probe ended, or NULL when that is not known. False: exception pending, not
 * locked. */
static inline __attribute__((always_inline)) bool lock_and_find(Context *cx, ObjSet *set, Value key, uint64_t hash,
                                 SetPlace **found, SetPlace **end, bool *is_locked) {
    *found = NULL;
    *end = NULL;
    *is_locked = objlock_lock(cx, &set->header);
    if (LIKELY(find_quick_locked(set->table, key, hash, found, end) >= 0)) {
        return true;
    }
    objlock_unlock(cx, &set->header, *is_locked);
    return lock_and_find_slow(cx, set, key, hash, found, is_locked);
}

int set_contains_hashed(Context *cx, const ObjSet *set, Value key, uint64_t hash) {
    SetPlace *place = NULL;
    const ObjSetTable *table = atomic_load_acquire(&set->table);
    const Value home = table == NULL ? VALUE_UNSET : atomic_load_acquire(&table->places[hash & table->mask].key);
    if (LIKELY(IS_UNSET(home) || home == key)) {
        return !IS_UNSET(home);
    }
    return find_any(cx, table, key, hash, &place);
}

/* A set as an item of sets is looked up by what a frozenset with its items would be. */
static bool item_hash(Context *cx, Value item, uint64_t *hash) {
    if (UNLIKELY(IS_SET(item)) &&
        (IS_EXACT(item, KIND_SET) || !value_is_hashable_kind(item))) {
        *hash = set_hash_of_items(AS_SET(item));
        return true;
    }
    return dict_hash(cx, item, hash);
}

int set_contains(Context *cx, ObjSet *set, Value item) {
    uint64_t hash = 0;
    if (UNLIKELY(!item_hash(cx, item, &hash))) {
        return -1;
    }
    return set_contains_hashed(cx, set, item, hash);
}

/* Changing */

static bool has_room(const ObjSetTable *table) {
    return table->n_filled * 5 < table->mask * 3;
}

static bool add_locked(Context *cx, ObjSet *set, Value key, uint64_t hash,
                       SetPlace *end) {
    ObjSetTable *table = set->table;
    const size_t n_filled = table->n_filled;
    if (LIKELY(n_filled == set->n_used && end != NULL)) {
        place_set(table, end, key, hash);
        table->n_filled++;
    } else {
        table_add_over(table, key, hash);
    }
    atomic_store_relaxed(&set->n_used, set->n_used + 1);
    return table->n_filled == n_filled || has_room(table) ||
           resize_locked(cx, set, places_wanted(set));
}

/* Adds it where its probe begins, or sees it there, as is mostly so. False: nothing was done. */
static inline bool add_at_home(const Context *cx, ObjSet *set, Value key, uint64_t hash) {
    ObjSetTable *table = cx->is_parallel ? NULL : set->table; /* in parallel under the lock only */
    if (UNLIKELY(table == NULL)) {
        return false;
    }
    SetPlace *home = &table->places[hash & table->mask];
    if (!IS_UNSET(home->key) || (table->n_filled + 1) * 5 >= table->mask * 3) {
        return home->key == key;
    }
    place_set(table, home, key, hash);
    table->n_filled++;
    atomic_store_relaxed(&set->n_used, set->n_used + 1);
    return true;
}

bool set_add_hashed(Context *cx, ObjSet *set, Value key, uint64_t hash) {
    if (LIKELY(add_at_home(cx, set, key, hash))) {
        return true;
    }
    SetPlace *place;
    SetPlace *end;
    bool is_locked;
    bool is_done = true;
    if (UNLIKELY(!lock_and_find(cx, set, key, hash, &place, &end, &is_locked))) {
        return false;
    }
    if (place == NULL) {
        is_done = (set->table != NULL || resize_locked(cx, set, 0)) &&
                  add_locked(cx, set, key, hash, end);
    }
    objlock_unlock(cx, &set->header, is_locked);
    return is_done;
}

bool set_add(Context *cx, ObjSet *set, Value item) {
    uint64_t hash = 0;
    return LIKELY(dict_hash(cx, item, &hash)) && set_add_hashed(cx, set, item, hash);
}

static void remove_locked(ObjSet *set, SetPlace *place) {
    atomic_store_release(&place->key, KEY_REMOVED);
    atomic_store_relaxed(&set->n_used, set->n_used - 1);
}

int set_discard_hashed(Context *cx, ObjSet *set, Value key, uint64_t hash) {
    SetPlace *place;
    SetPlace *end;
    bool is_locked;
    if (!lock_and_find(cx, set, key, hash, &place, &end, &is_locked)) {
        return -1;
    }
    if (place != NULL) {
        remove_locked(set, place);
    }
    objlock_unlock(cx, &set->header, is_locked);
    return place != NULL;
}

int set_discard(Context *cx, ObjSet *set, Value item) {
    uint64_t hash = 0;
    return item_hash(cx, item, &hash) ? set_discard_hashed(cx, set, item, hash) : -1;
}

void set_clear(Context *cx, ObjSet *set) {
    const bool is_locked = objlock_lock(cx, &set->header);
    atomic_store_release(&set->table, NULL);
    atomic_store_relaxed(&set->n_used, 0);
    objlock_unlock(cx, &set->header, is_locked);
}

Value set_take_any(Context *cx, ObjSet *set) {
    Value key = VALUE_UNSET;
    const bool is_locked = objlock_lock(cx, &set->header);
    if (set->n_used > 0) {
        ObjSetTable *table = set->table;
        size_t at = set->hash & table->mask;
        while (!set_place_is_used(table->places[at].key)) {
            at = (at + 1) & table->mask;
        }
        key = table->places[at].key;
        remove_locked(set, &table->places[at]);
        set->hash = at + 1;
    }
    objlock_unlock(cx, &set->header, is_locked);
    return key;
}

/* A table of n_places with the items of another; when that has the same size and no
 * removed places they keep their places, so that a copy has the order of the original. */
static ObjSetTable *table_copy(Context *cx, size_t n_places, const ObjSetTable *from,
                               size_t n) {
    ObjSetTable *table = table_new(cx, n_places);
    if (table == NULL) {
        return NULL;
    }
    if (table->mask == from->mask && from->n_filled == n) {
        memcpy(table->places, from->places, n_places * sizeof(SetPlace));
        table->n_filled = n;
    } else {
        table_add_all(table, from);
    }
    return table;
}

/* Prepares an update by another set: 1 when it is done already, 0 when the items have to
 * be added one by one, -1: exception. */
static int merge_locked(Context *cx, ObjSet *set, const ObjSet *other) {
    const size_t n = other->n_used;
    if (set == other || n == 0) {
        return 1;
    }
    const size_t n_filled = set->table == NULL ? 0 : set->table->n_filled;
    size_t n_places = set->table == NULL ? SET_MIN_PLACES : set->table->mask + 1;
    const bool is_too_small = (n_filled + n) * 5 >= (n_places - 1) * 3;
    if (set->n_used > 0 || (n_filled > 0 && !is_too_small)) {
        return is_too_small && !resize_locked(cx, set, (set->n_used + n) * 2) ? -1 : 0;
    }
    if (is_too_small) {
        n_places = places_above(n * 2);
    }
    ObjSetTable *table = table_copy(cx, n_places, other->table, n);
    if (table == NULL) {
        return -1;
    }
    atomic_store_release(&set->table, table);
    atomic_store_relaxed(&set->n_used, n);
    return 1;
}

bool set_update_by_set(Context *cx, ObjSet *set, ObjSet *other) {
    const bool is_locked = objlock_lock2(cx, &set->header, &other->header);
    const int is_done = merge_locked(cx, set, other);
    objlock_unlock2(cx, &set->header, &other->header, is_locked);
    if (is_done != 0) {
        return is_done > 0;
    }
    const ObjSetTable *from = atomic_load_acquire(&other->table);
    size_t position = 0;
    for (SetPlace place; set_table_next(from, &position, &place);) {
        if (!set_add_hashed(cx, set, place.key, place.hash)) {
            return false;
        }
    }
    return true;
}

static bool update_by_dict(Context *cx, ObjSet *set, ObjDict *dict) {
    const size_t n = dict_length(dict);
    const bool is_locked = objlock_lock(cx, &set->header);
    const size_t n_filled = set->table == NULL ? 0 : set->table->n_filled;
    const size_t mask = set->table == NULL ? SET_MIN_PLACES - 1 : set->table->mask;
    const bool is_done =
        (n_filled + n) * 5 < mask * 3 || resize_locked(cx, set, (set->n_used + n) * 2);
    objlock_unlock(cx, &set->header, is_locked);
    if (!is_done) {
        return false;
    }
    const ObjDictTable *table = dict_table(dict);
    for (size_t i = 0; table != NULL && i < atomic_load_acquire(&table->n_entries); i++) {
        const DictEntry *entry = &table->entries[i];
        if (!IS_UNSET(value_load(&entry->value)) &&
            !set_add_hashed(cx, set, entry->key, entry->hash)) {
            return false;
        }
    }
    return true;
}

static bool add_to(Context *cx, Obj *set, Value item) {
    return set_add(cx, (ObjSet *)set, item);
}

bool set_update(Context *cx, ObjSet *set, Value iterable) {
    if (IS_EXACT(iterable, KIND_SET) || IS_EXACT(iterable, KIND_FROZENSET)) {
        return set_update_by_set(cx, set, AS_SET(iterable));
    }
    if (IS_EXACT(iterable, KIND_DICT)) {
        return update_by_dict(cx, set, AS_DICT(iterable));
    }
    return iter_each(cx, iterable, add_to, &set->header);
}

/* Making sets; iteration from C */

ObjSet *set_new(Context *cx, ObjKind kind, size_t n_expected __attribute__((unused))) {
    /* Not made larger in advance: the order of the items follows from how the table
     * grew. */
    return (ObjSet *)heap_alloc(cx, sizeof(ObjSet), kind, kind);
}

ObjSet *set_new_of(Context *cx, ObjType *type) {
    const ObjKind kind = (ObjKind)type->layout;
    return type == cx->rt->types[kind] ? set_new(cx, kind, 0)
                                       : (ObjSet *)instance_new(cx, type);
}

size_t set_length(const ObjSet *set) {
    return atomic_load_relaxed(&set->n_used);
}

/* CPython's hash of a frozenset: the items' hashes, scrambled, combined whatever their
 * order, and scrambled again. */
uint64_t set_hash_of_items(const ObjSet *set) {
    const ObjSetTable *table = atomic_load_acquire(&set->table);
    uint64_t hash = 0;
    uint64_t n = 0;
    size_t position = 0;
    for (SetPlace place; set_table_next(table, &position, &place); n++) {
        hash ^= ((place.hash ^ 89869747) ^ (place.hash << 16)) * UINT64_C(3644798167);
    }
    hash ^= (n + 1) * 1927868237;
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash * 69069 + 907133923;
    return hash == UINT64_MAX ? 590923713 : hash;
}

/* Iterator */

typedef struct ObjSetIter {
    Obj header;
    ObjSet *set; /* [atomic] NULL at the end */
    size_t n_used;    /* [atomic] of the set at the begin; SIZE_MAX after an error */
    int64_t position; /* [atomic] */
} ObjSetIter;

Value set_iter_new(Context *cx, ObjSet *set) {
    ObjSetIter *it = HEAP_NEW(cx, ObjSetIter, KIND_SET_ITER);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->set = set;
    it->n_used = set_length(set);
    return OBJ_VALUE(it);
}

static void iter_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjSetIter *)o)->set);
}

Value set_iter_next(Context *cx, Value v) {
    ObjSetIter *it = (ObjSetIter *)AS_OBJ(v);
    ObjSet *set = atomic_load_acquire(&it->set);
    if (set == NULL) {
        return VALUE_STOP;
    }
    if (set_length(set) != atomic_load_relaxed(&it->n_used)) {
        atomic_store_relaxed(&it->n_used, SIZE_MAX);
        return exc_raise(cx, EXC_RuntimeError, "Set changed size during iteration");
    }
    const ObjSetTable *table = atomic_load_acquire(&set->table);
    for (;;) {
        const size_t i = (size_t)iter_take(cx, &it->position);
        if (table == NULL || i > table->mask) {
            atomic_store_release(&it->set, NULL);
            return VALUE_STOP;
        }
        const Value key = atomic_load_acquire(&table->places[i].key);
        if (set_place_is_used(key)) {
            return key;
        }
    }
}

static Value iter_self(Context *cx __attribute__((unused)), Value v) {
    return v;
}

/* A copy of an iterator: what is done to it does not move the other. */
static Value iter_copy(Context *cx, Value v) {
    const ObjSetIter *it = (const ObjSetIter *)AS_OBJ(v);
    ObjSetIter *copy = HEAP_NEW(cx, ObjSetIter, KIND_SET_ITER);
    if (copy == NULL) {
        return VALUE_ERROR;
    }
    copy->set = atomic_load_acquire(&it->set);
    copy->n_used = atomic_load_relaxed(&it->n_used);
    copy->position = atomic_load_relaxed(&it->position);
    return OBJ_VALUE(copy);
}

NATIVE(iter_length_hint, "__length_hint__(self, /)",
       "Return how many items are probably left.") {
    const Value rest = iter_copy(cx, args[0]);
    if (IS_ERROR(rest)) {
        return VALUE_ERROR;
    }
    const ObjSetIter *it = (const ObjSetIter *)AS_OBJ(rest);
    if (it->set == NULL || set_length(it->set) != it->n_used) {
        return value_from_int(0);
    }
    int64_t n = 0;
    for (;; n++) {
        const Value item = set_iter_next(cx, rest);
        if (item == VALUE_STOP || IS_ERROR(item)) {
            return IS_ERROR(item) ? VALUE_ERROR : value_from_int(n);
        }
    }
}

NATIVE(iter_reduce, "__reduce__(self, /)", "Return what a copy is made of.") {
    const Value rest = iter_copy(cx, args[0]);
    return IS_ERROR(rest) ? VALUE_ERROR : iter_reduction_of_rest(cx, rest);
}

static const NativeDef iter_methods[] = {
    NATIVE_ENTRY(iter_length_hint), NATIVE_ENTRY(iter_reduce), {0}};

const KindOps kind_ops_ObjSetIter = {
    .trace = iter_trace,
    .iter = iter_self,
    .next = set_iter_next,
    .methods = iter_methods,
};
