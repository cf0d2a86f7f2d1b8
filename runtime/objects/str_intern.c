/* str_intern.c - the table of interned strings, and the texts that the runtime itself needs.
 *
 * Invariants
 *   1. The table is read without a lock: entries are published with release and never change; a
 *      table that was replaced stays until the end (StrSlots.older).
 *   2. It is written under StrTable.mutex (while threads run in parallel), under which nothing is allocated on the heap,
 *      so its holder never waits for a stopped world.
 *
 * Threads: any. See also: str.c, tests/unit/test_str.c. */

#include "runtime/base/hash.h"
#include "runtime/base/mem.h"
#include "runtime/base/platform.h"
#include "runtime/base/utf8.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

enum { INTERNED_FIRST_SLOTS = 1024 };
static const size_t CHARS_UNKNOWN = SIZE_MAX;

typedef struct StrSlots StrSlots;
struct StrSlots {
    StrSlots *older;
    size_t mask;       /* [const] */
    ObjStr *entries[]; /* [atomic] NULL: free */
};

struct StrTable {
    PlatformMutex mutex;
    StrSlots *slots; /* [mutex] for writing */
    size_t n;        /* [mutex] */
};

static StrSlots *slots_new(size_t n_slots, StrSlots *older) {
    StrSlots *slots =
        mem_alloc_zeroed(1, sizeof *slots + n_slots * sizeof slots->entries[0]);
    slots->mask = n_slots - 1;
    slots->older = older;
    return slots;
}

/* The interned string with this text, or NULL and in *slot where it would stand. */
static ObjStr *find_interned(StrSlots *slots, uint64_t hash, const char *text,
                             size_t n_bytes, size_t *slot) {
    for (size_t i = hash;; i++) {
        /* Pairs with the release in insert_interned. */
        ObjStr *entry = atomic_load_acquire(&slots->entries[i & slots->mask]);
        if (entry == NULL ||
            (atomic_load_relaxed(&entry->hash) == hash && entry->n_bytes == n_bytes &&
             memcmp(entry->data, text, n_bytes) == 0)) {
            *slot = i & slots->mask;
            return entry;
        }
    }
}

static void grow_interned(StrTable *table) {
    StrSlots *old = table->slots;
    StrSlots *slots = slots_new((old->mask + 1) * 2, old);
    for (size_t i = 0; i <= old->mask; i++) {
        ObjStr *entry = old->entries[i];
        if (entry != NULL) {
            size_t slot;
            find_interned(slots, entry->hash, entry->data, entry->n_bytes, &slot);
            slots->entries[slot] = entry;
        }
    }
    atomic_store_release(&table->slots, slots);
}

/* Enters s, unless another thread was first: the one that is in the table. It was looked for in `slots`, where `slot` was
 * free for it. */
static ObjStr *insert_interned(Context *cx, ObjStr *s, StrSlots *slots, size_t slot) {
    StrTable *table = cx->rt->interned;
    const bool is_locked = cx->is_parallel;
    if (UNLIKELY(is_locked)) {
        platform_mutex_lock(&table->mutex);
    }
    ObjStr *winner = NULL;
    if (UNLIKELY(slots != table->slots || slots->entries[slot] != NULL)) {
        winner = find_interned(table->slots, s->hash, s->data, s->n_bytes, &slot);
    }
    if (LIKELY(winner == NULL)) {
        winner = s;
        atomic_store_release(&table->slots->entries[slot], s);
        table->n++;
        if (table->n * 2 > table->slots->mask) {
            grow_interned(table);
        }
    }
    if (UNLIKELY(is_locked)) {
        platform_mutex_unlock(&table->mutex);
    }
    return winner;
}

/* A string that nobody has seen yet, the empty one too. */
static ObjStr *new_fresh(Context *cx, const char *text, size_t n_bytes, size_t n_chars) {
    char *data;
    if (n_bytes > 0) {
        ObjStr *s = str_new_room(cx, n_bytes, n_chars, &data);
        if (s != NULL) {
            memcpy(data, text, n_bytes);
        }
        return s;
    }
    ObjStr *empty = HEAP_NEW(cx, ObjStr, KIND_STR);
    if (empty != NULL) {
        empty->data = (const char *)(empty + 1);
        empty->header.flags = STR_FLAG_ASCII;
    }
    return empty;
}

/* n_chars: CHARS_UNKNOWN when they are to be counted, which only a string needs that is new. */
static ObjStr *intern(Context *cx, const char *text, size_t n_bytes, size_t n_chars,
                      uint64_t hash) {
    StrSlots *slots = atomic_load_acquire(&cx->rt->interned->slots);
    size_t slot;
    ObjStr *found = find_interned(slots, hash, text, n_bytes, &slot);
    if (LIKELY(found != NULL)) {
        return found;
    }
    ObjStr *s = new_fresh(
        cx, text, n_bytes,
        n_chars == CHARS_UNKNOWN ? utf8_count(text, n_bytes) : n_chars);
    if (s == NULL) {
        return NULL;
    }
    s->hash = hash;
    s->header.flags |= STR_FLAG_INTERNED;
    return insert_interned(cx, s, slots, slot);
}

ObjStr *str_intern(Context *cx, const char *text, size_t n_bytes) {
    return intern(cx, text, n_bytes, CHARS_UNKNOWN, hash_text(text, n_bytes));
}

/* A copy is entered: flags of a string that others may be looking at do not change. */
ObjStr *str_intern_obj(Context *cx, ObjStr *s) {
    if (s->header.flags & STR_FLAG_INTERNED) {
        return s;
    }
    return intern(cx, s->data, s->n_bytes, s->n_chars, str_hash(s));
}

static const struct {
    const char *text;
    size_t n_bytes;
} names[] = {
#define NAME(id, text) {text, sizeof(text) - 1},
#include "runtime/names.def"
#undef NAME
};

static ObjStr *intern_ascii(Context *cx, const char *text, size_t n_bytes) {
    return intern(cx, text, n_bytes, n_bytes, hash_bytes(text, n_bytes));
}

bool str_open(Context *cx) {
    Runtime *rt = cx->rt;
    hash_set_key(rt->hash_seed);
    StrTable *table = mem_alloc_zeroed(1, sizeof *table);
    platform_mutex_init(&table->mutex);
    table->slots = slots_new(INTERNED_FIRST_SLOTS, NULL);
    rt->interned = table;
    rt->empty_str = str_intern(cx, "", 0);
    bool is_ok = rt->empty_str != NULL;
    for (int c = 0; c < 128 && is_ok; c++) {
        const char text = (char)c;
        rt->ascii_chars[c] = intern_ascii(cx, &text, 1);
        is_ok = rt->ascii_chars[c] != NULL;
    }
    for (int i = 0; i < NAME_COUNT && is_ok; i++) {
        rt->names[i] = intern_ascii(cx, names[i].text, names[i].n_bytes);
        is_ok = rt->names[i] != NULL;
    }
    for (int i = 0; i < SPECIAL_COUNT && is_ok; i++) {
        rt->names[i]->header.flags |= STR_FLAG_SPECIAL;
    }
    return is_ok;
}

void str_close(Runtime *rt) {
    StrTable *table = rt->interned;
    if (table == NULL) {
        return;
    }
    for (StrSlots *slots = table->slots; slots != NULL;) {
        StrSlots *older = slots->older;
        mem_free(slots);
        slots = older;
    }
    platform_mutex_destroy(&table->mutex);
    mem_free(table);
    rt->interned = NULL;
}

void str_trace_stw(Runtime *rt, GcMarker *m) {
    if (rt->interned == NULL) {
        return;
    }
    const StrSlots *slots = rt->interned->slots;
    for (size_t i = 0; i <= slots->mask; i++) {
        gc_mark_obj(m, slots->entries[i]);
    }
}
