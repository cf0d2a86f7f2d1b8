/* dict.h - dict: an ordered hash table that is read without a lock.
 *
 * The table has an index (open addressing, entries of 1, 2, 4 or 8 bytes by size) and an
 * array of entries in the order of insertion. Invariants
 *   1. An entry's key and hash never change once its number stands in the index
 *      (published with release); a deleted entry has value VALUE_UNSET, and its place is
 *      not used again before the table is rebuilt.
 *   2. A table that was replaced is never written again. A reader loads dict->table once
 *      and sees one of the states between its begin and its end.
 *   3. Writers hold the dict's lock; no script code (__eq__, __hash__) runs under it: a
 *      writer that meets a key of a script class compares without the lock, then takes
 *      the lock and starts anew if the table changed. */

#ifndef MINI_OBJECTS_DICT_H
#define MINI_OBJECTS_DICT_H

#include "runtime/gc/alloc.h"
#include "runtime/objects/str.h"

typedef struct DictEntry {
    uint64_t hash;
    Value key;
    Value value;
} DictEntry;

typedef struct ObjDictTable ObjDictTable; /* dict.c */

struct ObjDict {
    Obj header;
    ObjDictTable *table; /* [lock] for writing; readers load it once */
    size_t n_used;       /* [lock] for writing: entries that are there */
};

#define IS_DICT(v) IS_KIND(v, KIND_DICT)
#define AS_DICT(v) ((ObjDict *)AS_OBJ(v))

ObjDict *dict_new(Context *cx, size_t n_expected);
static inline size_t dict_length(const ObjDict *dict) {
    return atomic_load_relaxed(&dict->n_used);
}
/* The value, VALUE_UNSET when the key is not there, VALUE_ERROR (unhashable, __eq__
 * raised). */
Value dict_get(Context *cx, ObjDict *dict, Value key);
bool dict_set(Context *cx, ObjDict *dict, Value key, Value value);
/* 1: removed, 0: was not there, -1: exception. *old (if not NULL) is the value that was
 * there. */
int dict_delete(Context *cx, ObjDict *dict, Value key, Value *old);
/* The same, with the key as it stood there. */
int dict_take(Context *cx, ObjDict *dict, Value key, Value *old_key, Value *old);
/* The value there, or default_value after storing it: atomic. */
Value dict_setdefault(Context *cx, ObjDict *dict, Value key, Value default_value);
/* With str keys: never runs script code, never fails to compare. */
Value dict_get_str(const ObjDict *dict, ObjStr *key);
bool dict_set_str(Context *cx, ObjDict *dict, ObjStr *key, Value value);
int dict_delete_str(Context *cx, ObjDict *dict, ObjStr *key);
bool dict_update(Context *cx, ObjDict *dict, Value mapping_or_pairs);
ObjDict *dict_copy(Context *cx, ObjDict *dict);
void dict_clear(Context *cx, ObjDict *dict);

/* Iterates over a snapshot of the table: *position starts at 0; false at the end. Entries
 * added meanwhile may or may not be seen. table comes from dict_table. */
static inline ObjDictTable *dict_table(const ObjDict *dict) {
    return atomic_load_acquire(&dict->table);
}
bool dict_table_next(const ObjDictTable *table, size_t *position, Value *key,
                     Value *value);
/* Views: d.keys(), d.values(), d.items() */
Value dict_keys(Context *cx, ObjDict *dict);
Value dict_values(Context *cx, ObjDict *dict);
Value dict_items(Context *cx, ObjDict *dict);

#endif
