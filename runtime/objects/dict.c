/* dict.c - dict: the table, look-up, change.
 *
 * How a change is made (lock_and_find): the lock is taken and the key looked for with
 * comparisons that run no script code (quick_equals). When that does not suffice, the
 * lock is given up, the search repeated with value_equals, and its result holds if, with
 * the lock taken again, the table is the same and has no new entries; otherwise it starts
 * anew.
 *
 * The keys of deleted entries are dropped by the collector (trace), so a dict keeps no
 * key alive that was deleted.
 *
 * Rejected: one byte or two per slot of the index for small tables. It saves 6 bytes of
 * 32 per entry and costs a switch over the width at each probe and the tags, which save
 * most look-ups in the entries.
 *
 * See also: dict_table.h (the layout), dict_methods.c, dict_views.c (views, iterators),
 * set.c. */

#include "runtime/objects/dict.h"

#include "runtime/call.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/dict_table.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/quick_equals.h"
#include "runtime/objects/seq.h"

enum { DICT_MAX_BITS = 31 };

/* Tables */

static uint32_t capacity_of_bits(unsigned bits) {
    return (uint32_t)(((uint64_t)5 << bits) / 8);
}

/* A table for n_expected entries or more. */
static ObjDictTable *table_new(Context *cx, size_t n_expected) {
    size_t capacity = n_expected <= 2 ? 2 : (n_expected + 1) & ~(size_t)1;
    size_t n_bytes = sizeof(ObjDictTable);
    unsigned bits = 0;
    if (capacity > DICT_SMALL_MAX) {
        bits = 4;
        while (bits < DICT_MAX_BITS && capacity_of_bits(bits) < n_expected) {
            bits++;
        }
        capacity = capacity_of_bits(bits);
        if (capacity < n_expected) {
            exc_raise_no_memory(cx);
            return NULL;
        }
        n_bytes += sizeof(DictIndex) + (sizeof(uint32_t) << bits);
    }
    n_bytes += capacity * sizeof(DictEntry);
    ObjDictTable *table =
        (ObjDictTable *)heap_alloc(cx, n_bytes, KIND_DICT_TABLE, KIND_DICT_TABLE);
    if (LIKELY(table != NULL)) {
        table->header.flags = (uint8_t)bits;
        table->capacity = (uint32_t)capacity;
    }
    return table;
}

static void table_trace(GcMarker *m, Obj *o) {
    ObjDictTable *table = (ObjDictTable *)o;
    for (uint32_t i = 0; i < table->n_entries; i++) {
        DictEntry *entry = &table->entries[i];
        if (IS_UNSET(entry->value)) {
            entry->key = VALUE_UNSET;
            continue;
        }
        gc_mark_value(m, entry->key);
        gc_mark_value(m, entry->value);
    }
}

const KindOps kind_ops_ObjDictTable = {.trace = table_trace};

/* The slot at which the probe stands leads to entry number n from now on. */
static void table_set_slot(ObjDictTable *table, const DictProbe *probe, uint32_t n) {
    DictIndex *index = dict_table_index(table);
    atomic_store_release(&index->slots[probe->at], probe->tag | (n + 1));
    index->n_tail = n + 1;
}

/* Makes a slot lead to entry number n: the first free one that its probe meets, or with
 * may_reuse that of a deleted entry. */
static void table_link(ObjDictTable *table, uint64_t hash, uint32_t n, bool may_reuse) {
    DictProbe probe = dict_probe_begin(table, hash);
    for (;; dict_probe_advance(&probe)) {
        const uint32_t slot = probe.slots[probe.at];
        if (slot == 0 ||
            (may_reuse && IS_UNSET(table->entries[(slot & probe.mask) - 1].value))) {
            break;
        }
    }
    table_set_slot(table, &probe, n);
}

/* Copies the entries that are there to a new table, which nobody else knows yet. */
static void table_fill(ObjDictTable *table, const ObjDictTable *from) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < from->n_entries; i++) {
        const DictEntry *entry = &from->entries[i];
        if (IS_UNSET(entry->value)) {
            continue;
        }
        table->entries[n] = *entry;
        if (table->header.flags != 0) {
            table_link(table, entry->hash, n, false);
        }
        n++;
    }
    table->n_entries = n;
}

/* A table with the n_used entries of another. One that has no deleted entries, and is
 * full to a fair part, is copied as it stands. */
static ObjDictTable *table_copy(Context *cx, const ObjDictTable *from, size_t n_used) {
    const bool is_compact = from->n_entries == n_used && n_used * 3 >= from->capacity;
    ObjDictTable *table = table_new(cx, is_compact ? from->capacity : n_used);
    if (table == NULL) {
        return NULL;
    }
    if (!is_compact || table->capacity != from->capacity) {
        table_fill(table, from);
        return table;
    }
    memcpy(table->entries, from->entries, n_used * sizeof(DictEntry));
    if (table->header.flags != 0) {
        memcpy(dict_table_index(table), dict_table_index(from),
               sizeof(DictIndex) + (sizeof(uint32_t) << table->header.flags));
    }
    table->n_entries = from->n_entries;
    return table;
}

/* Publishes a table that has room for another entry. */
static ObjDictTable *grow_locked(Context *cx, ObjDict *dict) {
    const size_t n = dict->n_used;
    const size_t n_wanted = n < 4 ? 4 : n < DICT_SMALL_MAX ? DICT_SMALL_MAX : n + n / 2;
    ObjDictTable *table = table_new(cx, n_wanted);
    if (table != NULL) {
        if (dict->table != NULL) {
            table_fill(table, dict->table);
        }
        atomic_store_release(&dict->table, table);
    }
    return table;
}

/* end is where the search for the key ended, without a result; its table is NULL when
 * that is not known. */
static bool insert_locked(Context *cx, ObjDict *dict, Value key, uint64_t hash,
                          Value value, const DictProbe *end) {
    ObjDictTable *table = dict->table;
    if (UNLIKELY(table == NULL || table->n_entries == table->capacity)) {
        table = grow_locked(cx, dict);
        if (table == NULL) {
            return false;
        }
    }
    const uint32_t n = table->n_entries;
    DictEntry *entry = &table->entries[n];
    entry->hash = hash;
    entry->key = key;
    value_store(&entry->value, value);
    if (table->header.flags != 0) {
        if (LIKELY(table == end->table && dict->n_used == n)) {
            table_set_slot(table, end, n);
        } else {
            table_link(table, hash, n, dict->n_used != n);
        }
    }
    atomic_store_release(&table->n_entries, n + 1);
    atomic_store_relaxed(&dict->n_used, dict->n_used + 1);
    return true;
}

/* The first entry went: the head moves on to the next that is there. */
static void move_head_locked(ObjDictTable *table, DictIndex *index) {
    uint32_t n = index->n_head;
    while (n < table->n_entries && IS_UNSET(table->entries[n].value)) {
        n++;
    }
    atomic_store_relaxed(&index->n_head, n);
}

static void remove_locked(ObjDict *dict, DictEntry *entry) {
    value_store(&entry->value, VALUE_UNSET);
    atomic_store_relaxed(&dict->n_used, dict->n_used - 1);
    ObjDictTable *table = dict->table;
    if (table->header.flags != 0) {
        DictIndex *index = dict_table_index(table);
        if (entry == &table->entries[index->n_head]) {
            move_head_locked(table, index);
        }
    }
}

bool dict_hash_slow(Context *cx, Value key, uint64_t *hash) {
    return value_hash(cx, key, hash);
}

/* Finding */

/* Any key; may run script code. 1: *found is the entry, *value what it held; 0; -1:
 * exception. */
static inline int find_any(Context *cx, const ObjDictTable *table, Value key,
                           uint64_t hash, DictEntry **found, Value *value) {
    if (UNLIKELY(table == NULL)) {
        return 0;
    }
    DictProbe probe = dict_probe_begin(table, hash);
    for (DictEntry *entry; (entry = dict_probe_next(&probe)) != NULL;) {
        const Value k = entry->key;
        if (k != key) {
            int is_equal = quick_equals(k, key);
            if (is_equal < 0) {
                is_equal = IS_UNSET(k) ? 0 : value_equals(cx, k, key);
            }
            if (is_equal <= 0) {
                if (is_equal < 0) {
                    return -1;
                }
                continue;
            }
        }
        *value = value_load(&entry->value);
        if (LIKELY(!IS_UNSET(*value))) {
            *found = entry;
            return 1;
        }
    }
    return 0;
}

Value dict_get_hashed(Context *cx, const ObjDict *dict, Value key, uint64_t hash) {
    DictEntry *entry = NULL;
    Value value = VALUE_UNSET;
    const int is_found =
        find_any(cx, atomic_load_acquire(&dict->table), key, hash, &entry, &value);
    return is_found < 0 ? VALUE_ERROR : is_found == 0 ? VALUE_UNSET : value;
}

Value dict_get(Context *cx, ObjDict *dict, Value key) {
    uint64_t hash = 0;
    if (UNLIKELY(!dict_hash(cx, key, &hash))) {
        return VALUE_ERROR;
    }
    DictEntry *entry = NULL;
    Value value = VALUE_UNSET;
    const int is_found =
        find_any(cx, atomic_load_acquire(&dict->table), key, hash, &entry, &value);
    return is_found < 0 ? VALUE_ERROR : is_found == 0 ? VALUE_UNSET : value;
}

/* The live entry of a str key, NULL when there is none; *value is what it held. */
static DictEntry *find_str(const ObjDictTable *table, ObjStr *key, Value *value,
                           DictProbe *probe) {
    if (table == NULL) {
        *probe = (DictProbe){0};
        return NULL;
    }
    *probe = dict_probe_begin(table, str_hash(key));
    for (DictEntry *entry; (entry = dict_probe_next(probe)) != NULL;) {
        const Value k = entry->key;
        if (k == OBJ_VALUE(key) || (IS_STR(k) && str_equals(AS_STR(k), key))) {
            *value = value_load(&entry->value);
            if (LIKELY(!IS_UNSET(*value))) {
                return entry;
            }
        }
    }
    return NULL;
}

Value dict_get_str(const ObjDict *dict, ObjStr *key) {
    Value value = VALUE_UNSET;
    DictProbe probe;
    find_str(atomic_load_acquire(&dict->table), key, &value, &probe);
    return value;
}

/* As find_any but without script code; -1: not known without it. The lock is held. */
static inline int find_quick_locked(const ObjDictTable *table, Value key, uint64_t hash,
                                    DictEntry **found, DictProbe *probe) {
    if (UNLIKELY(table == NULL)) {
        *probe = (DictProbe){0};
        return 0;
    }
    *probe = dict_probe_begin(table, hash);
    for (DictEntry *entry; (entry = dict_probe_next(probe)) != NULL;) {
        const Value k = entry->key;
        const int is_equal = k == key ? 1 : quick_equals(k, key);
        if (is_equal < 0 && !IS_UNSET(entry->value)) {
            return -1;
        }
        if (is_equal > 0 && !IS_UNSET(entry->value)) {
            *found = entry;
            return 1;
        }
    }
    return 0;
}

/* The rest of lock_and_find when comparisons have to run script code. The lock is not
 * held. */
static bool lock_and_find_slow(Context *cx, ObjDict *dict, Value key, uint64_t hash,
                               DictEntry **found, bool *is_locked) {
    for (;;) {
        const ObjDictTable *table = atomic_load_acquire(&dict->table);
        const uint32_t n_seen =
            table == NULL ? 0 : atomic_load_acquire(&table->n_entries);
        Value value = VALUE_UNSET;
        *found = NULL;
        if (find_any(cx, table, key, hash, found, &value) < 0) {
            return false;
        }
        *is_locked = objlock_lock(cx, &dict->header);
        if (dict->table == table && (table == NULL || table->n_entries == n_seen) &&
            (*found == NULL || !IS_UNSET((*found)->value))) {
            return true;
        }
        objlock_unlock(cx, &dict->header, *is_locked);
    }
}

/* Takes the dict's lock and sets *found to the live entry of key or NULL; *end is then
 * for insert_locked. False: exception pending, not locked. May run script code before it
 * locks. */
static inline bool lock_and_find(Context *cx, ObjDict *dict, Value key, uint64_t hash,
                                 DictEntry **found, DictProbe *end, bool *is_locked) {
    *found = NULL;
    *is_locked = objlock_lock(cx, &dict->header);
    if (LIKELY(find_quick_locked(dict->table, key, hash, found, end) >= 0)) {
        return true;
    }
    objlock_unlock(cx, &dict->header, *is_locked);
    end->table = NULL;
    return lock_and_find_slow(cx, dict, key, hash, found, is_locked);
}

/* Changing */

bool dict_set_hashed(Context *cx, ObjDict *dict, Value key, uint64_t hash, Value value) {
    DictEntry *entry;
    DictProbe end;
    bool is_locked;
    bool is_done = true;
    if (UNLIKELY(!lock_and_find(cx, dict, key, hash, &entry, &end, &is_locked))) {
        return false;
    }
    if (entry != NULL) {
        value_store(&entry->value, value);
    } else {
        is_done = insert_locked(cx, dict, key, hash, value, &end);
    }
    objlock_unlock(cx, &dict->header, is_locked);
    return is_done;
}

bool dict_set(Context *cx, ObjDict *dict, Value key, Value value) {
    uint64_t hash = 0;
    return LIKELY(dict_hash(cx, key, &hash)) &&
           dict_set_hashed(cx, dict, key, hash, value);
}

int dict_take(Context *cx, ObjDict *dict, Value key, Value *old_key, Value *old) {
    uint64_t hash = 0;
    DictEntry *entry;
    DictProbe end;
    bool is_locked;
    if (!dict_hash(cx, key, &hash) ||
        !lock_and_find(cx, dict, key, hash, &entry, &end, &is_locked)) {
        return -1;
    }
    if (entry != NULL) {
        *old_key = entry->key;
        *old = entry->value;
        remove_locked(dict, entry);
    }
    objlock_unlock(cx, &dict->header, is_locked);
    return entry != NULL;
}

int dict_delete(Context *cx, ObjDict *dict, Value key, Value *old) {
    Value old_key;
    Value old_value;
    return dict_take(cx, dict, key, &old_key, old == NULL ? &old_value : old);
}

Value dict_setdefault(Context *cx, ObjDict *dict, Value key, Value default_value) {
    uint64_t hash = 0;
    DictEntry *entry;
    DictProbe end;
    bool is_locked;
    if (!dict_hash(cx, key, &hash) ||
        !lock_and_find(cx, dict, key, hash, &entry, &end, &is_locked)) {
        return VALUE_ERROR;
    }
    Value value = default_value;
    if (entry != NULL) {
        value = entry->value;
    } else if (!insert_locked(cx, dict, key, hash, default_value, &end)) {
        value = VALUE_ERROR;
    }
    objlock_unlock(cx, &dict->header, is_locked);
    return value;
}

bool dict_set_str(Context *cx, ObjDict *dict, ObjStr *key, Value value) {
    bool is_done = true;
    Value old = VALUE_UNSET;
    DictProbe end;
    const bool is_locked = objlock_lock(cx, &dict->header);
    DictEntry *entry = find_str(dict->table, key, &old, &end);
    if (entry != NULL) {
        value_store(&entry->value, value);
    } else {
        is_done = insert_locked(cx, dict, OBJ_VALUE(key), str_hash(key), value, &end);
    }
    objlock_unlock(cx, &dict->header, is_locked);
    return is_done;
}

int dict_delete_str(Context *cx, ObjDict *dict, ObjStr *key) {
    Value old = VALUE_UNSET;
    DictProbe end;
    const bool is_locked = objlock_lock(cx, &dict->header);
    DictEntry *entry = find_str(dict->table, key, &old, &end);
    if (entry != NULL) {
        remove_locked(dict, entry);
    }
    objlock_unlock(cx, &dict->header, is_locked);
    return entry != NULL;
}

void dict_clear(Context *cx, ObjDict *dict) {
    const bool is_locked = objlock_lock(cx, &dict->header);
    atomic_store_release(&dict->table, NULL);
    atomic_store_relaxed(&dict->n_used, 0);
    objlock_unlock(cx, &dict->header, is_locked);
}

bool dict_pop_last(Context *cx, ObjDict *dict, Value *key, Value *value) {
    const bool is_locked = objlock_lock(cx, &dict->header);
    const bool is_there = dict->n_used > 0;
    if (is_there) {
        ObjDictTable *table = dict->table;
        const bool has_index = table->header.flags != 0;
        uint32_t n = has_index ? dict_table_index(table)->n_tail : table->n_entries;
        while (IS_UNSET(table->entries[n - 1].value)) {
            n--;
        }
        DictEntry *entry = &table->entries[n - 1];
        *key = entry->key;
        *value = entry->value;
        remove_locked(dict, entry);
        if (has_index) {
            dict_table_index(table)->n_tail = n - 1;
        }
    }
    objlock_unlock(cx, &dict->header, is_locked);
    return is_there;
}

/* Making dicts */

ObjDict *dict_new(Context *cx, size_t n_expected) {
    ObjDict *dict = HEAP_NEW(cx, ObjDict, KIND_DICT);
    if (UNLIKELY(dict == NULL)) {
        return NULL;
    }
    if (n_expected > 0) {
        dict->table = table_new(cx, n_expected);
        if (UNLIKELY(dict->table == NULL)) {
            return NULL;
        }
    }
    return dict;
}

ObjDict *dict_new_of(Context *cx, ObjType *type) {
    return type == cx->rt->types[KIND_DICT] ? dict_new(cx, 0)
                                            : (ObjDict *)instance_new(cx, type);
}

ObjDict *dict_copy(Context *cx, ObjDict *dict) {
    ObjDict *copy = dict_new(cx, 0);
    const bool is_locked = objlock_lock(cx, &dict->header);
    if (copy != NULL && dict->n_used > 0) {
        copy->table = table_copy(cx, dict->table, dict->n_used);
        copy->n_used = dict->n_used;
        copy = copy->table == NULL ? NULL : copy;
    }
    objlock_unlock(cx, &dict->header, is_locked);
    return copy;
}

/* An empty dict gets a copy of the table of another: 1; 0: it was not empty any more, -1:
 * exception. */
static int become_copy(Context *cx, ObjDict *dict, ObjDict *other) {
    const ObjDict *copy = dict_copy(cx, other);
    if (copy == NULL) {
        return -1;
    }
    const bool is_locked = objlock_lock(cx, &dict->header);
    const bool is_empty = dict->n_used == 0;
    if (is_empty) {
        atomic_store_release(&dict->table, copy->table);
        atomic_store_relaxed(&dict->n_used, copy->n_used);
    }
    objlock_unlock(cx, &dict->header, is_locked);
    return is_empty;
}

bool dict_update_by_dict(Context *cx, ObjDict *dict, ObjDict *other) {
    if (dict == other) {
        return true;
    }
    const ObjDictTable *table = dict_table(other);
    const size_t n_before = dict_length(other);
    if (dict_length(dict) == 0 && n_before > 0) {
        const int is_done = become_copy(cx, dict, other);
        if (is_done != 0) {
            return is_done > 0;
        }
    }
    for (size_t i = 0; table != NULL && i < atomic_load_acquire(&table->n_entries); i++) {
        const DictEntry *entry = &table->entries[i];
        const Value value = value_load(&entry->value);
        if (IS_UNSET(value)) {
            continue;
        }
        if (!dict_set_hashed(cx, dict, entry->key, entry->hash, value)) {
            return false;
        }
        if (UNLIKELY(!cx->is_parallel && dict_length(other) != n_before)) {
            exc_raise(cx, EXC_RuntimeError, "dict mutated during update");
            return false;
        }
    }
    return true;
}

static bool update_by_mapping(Context *cx, ObjDict *dict, Value mapping,
                              Value keys_method) {
    const Value keys = call_value(cx, keys_method, NULL, 0);
    const Value iterator = IS_ERROR(keys) ? VALUE_ERROR : value_iter(cx, keys);
    if (IS_ERROR(iterator)) {
        return false;
    }
    for (;;) {
        const Value key = value_next(cx, iterator);
        if (key == VALUE_STOP) {
            return true;
        }
        const Value value = IS_ERROR(key) ? VALUE_ERROR : value_getitem(cx, mapping, key);
        if (IS_ERROR(value) || !dict_set(cx, dict, key, value)) {
            return false;
        }
    }
}

/* The two items of element number i of an update sequence. */
static bool unpack_pair(Context *cx, Value element, size_t i, Value pair[2]) {
    if (LIKELY(IS_EXACT(element, KIND_TUPLE) && AS_TUPLE(element)->n == 2)) {
        pair[0] = AS_TUPLE(element)->items[0];
        pair[1] = AS_TUPLE(element)->items[1];
        return true;
    }
    Value items = element;
    if (!IS_EXACT(element, KIND_TUPLE) && !IS_EXACT(element, KIND_LIST)) {
        items = list_from_iterable(cx, element);
        if (IS_ERROR(items)) {
            if (exc_take_if(cx, EXC_TypeError)) {
                exc_raise(cx, EXC_TypeError,
                          "cannot convert dictionary update sequence element #%zu to a "
                          "sequence",
                          i);
            }
            return false;
        }
    }
    pair[0] = seq_peek(items, 0);
    pair[1] = seq_peek(items, 1);
    if (seq_length(items) != 2 || IS_UNSET(pair[0]) || IS_UNSET(pair[1])) {
        exc_raise(cx, EXC_ValueError,
                  "dictionary update sequence element #%zu has length %zu; 2 is required",
                  i, seq_length(items));
        return false;
    }
    return true;
}

static bool update_by_pairs(Context *cx, ObjDict *dict, Value pairs) {
    const Value iterator = value_iter(cx, pairs);
    if (IS_ERROR(iterator)) {
        return false;
    }
    for (size_t i = 0;; i++) {
        const Value element = iter_step(cx, iterator);
        if (element == VALUE_STOP) {
            return true;
        }
        Value pair[2];
        if (IS_ERROR(element) || !unpack_pair(cx, element, i, pair) ||
            !dict_set(cx, dict, pair[0], pair[1])) {
            return false;
        }
    }
}

/* Is v a dict whose items are those of its table: not of a class that iterates in another
 * way? */
static bool is_plain_dict(Context *cx, Value v) {
    return IS_EXACT(v, KIND_DICT) ||
           (IS_DICT(v) && type_special(type_of(cx, v), SPECIAL_iter) ==
                              type_special(cx->rt->types[KIND_DICT], SPECIAL_iter));
}

bool dict_update(Context *cx, ObjDict *dict, Value mapping_or_pairs) {
    if (is_plain_dict(cx, mapping_or_pairs)) {
        return dict_update_by_dict(cx, dict, AS_DICT(mapping_or_pairs));
    }
    const Value keys =
        value_getattr_or_unset(cx, mapping_or_pairs, context_name(cx, NAME_plain_keys));
    if (IS_ERROR(keys)) {
        return false;
    }
    return IS_UNSET(keys) ? update_by_pairs(cx, dict, mapping_or_pairs)
                          : update_by_mapping(cx, dict, mapping_or_pairs, keys);
}

/* Iteration from C */

bool dict_table_next(const ObjDictTable *table, size_t *position, Value *key,
                     Value *value) {
    if (table == NULL) {
        return false;
    }
    const size_t n = atomic_load_acquire(&table->n_entries);
    while (*position < n) {
        const DictEntry *entry = &table->entries[(*position)++];
        *value = value_load(&entry->value);
        if (!IS_UNSET(*value)) {
            *key = entry->key;
            return true;
        }
        if (*position == 1) {
            const size_t head = dict_table_head(table);
            *position = head == 0 ? 1 : head;
        }
    }
    return false;
}
