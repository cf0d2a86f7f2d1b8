/* type_attr.c - class attributes: look-up along the MRO, the cells that remember it,
 * setting, special methods.
 *
 * A type has a table from names to cell numbers: open addressing, keys are interned
 * strings compared as pointers, never removed. An entry's cell number is
 *      0            not looked up yet, or forgotten
 *      CELL_ABSENT  nobody in the MRO has the name
 *      otherwise    rt->cells[number] is what was found, or VALUE_UNSET when a class
 *                   has changed since
 *
 * Invariants
 *   1. Readers take no lock: name and cell number of an entry are published with release.
 *      Everything is written under the tables' lock, which is also held from the look in
 *      the MRO to the store of what was found, and by who changes a class from the change
 *      to the reset of the cells; so what is remembered is never older than the class.
 *   2. A table that was replaced is kept until the type dies. */

#include "runtime/base/mem.h"
#include "runtime/block.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/attr_cache.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/list.h"
#include "runtime/objects/slot_wrappers.h"
#include "runtime/objects/type_internal.h"

enum { FIRST_CAPACITY = 16, MAX_ABSENT_ENTRIES = 2048 };
#define CELL_ABSENT UINT32_MAX

typedef struct CellEntry {
    ObjStr *name;     /* [atomic] NULL: free */
    uint32_t cell;    /* [atomic] */
    uint8_t category; /* [tables' lock] AttrCategory of what the cell holds */
} CellEntry;

struct TypeCells {
    TypeCells *older;
    uint32_t mask;
    uint32_t n; /* [tables' lock] */
    CellEntry entries[];
};

static size_t name_hash(const ObjStr *name) {
    return (size_t)((uintptr_t)name >> 4) * 0x9e3779b97f4a7c15u >> 32;
}

static CellEntry *find_entry(const TypeCells *cells, const ObjStr *name) {
    if (cells == NULL) {
        return NULL;
    }
    for (size_t i = name_hash(name);; i++) {
        const CellEntry *entry = &cells->entries[i & cells->mask];
        const ObjStr *key = atomic_load_acquire(&entry->name);
        if (key == name) {
            return (CellEntry *)entry;
        }
        if (key == NULL) {
            return NULL;
        }
    }
}

static void insert_entry(TypeCells *cells, const CellEntry *entry) {
    size_t i = name_hash(entry->name);
    while (cells->entries[i & cells->mask].name != NULL) {
        i++;
    }
    CellEntry *place = &cells->entries[i & cells->mask];
    place->category = entry->category;
    atomic_store_release(&place->cell, entry->cell);
    atomic_store_release(&place->name, entry->name);
    cells->n++;
}

static TypeCells *grow_cells(const TypeCells *cells) {
    const uint32_t capacity = cells == NULL ? FIRST_CAPACITY : (cells->mask + 1) * 2;
    TypeCells *grown =
        mem_alloc_zeroed(1, sizeof *grown + capacity * sizeof grown->entries[0]);
    grown->mask = capacity - 1;
    grown->older = (TypeCells *)cells;
    if (cells != NULL) {
        for (uint32_t i = 0; i <= cells->mask; i++) {
            if (cells->entries[i].name != NULL) {
                insert_entry(grown, &cells->entries[i]);
            }
        }
    }
    return grown;
}

/* The entry of name, made if need be. */
static CellEntry *entry_locked(ObjType *type, ObjStr *name) {
    CellEntry *entry = find_entry(type->cells, name);
    if (entry != NULL) {
        return entry;
    }
    if (type->cells == NULL || type->cells->n * 2 > type->cells->mask) {
        /* Pairs with the acquire of readers; those who are in the old table miss at
         * worst. */
        atomic_store_release(&type->cells, grow_cells(type->cells));
    }
    const CellEntry fresh = {name, 0, 0};
    insert_entry(type->cells, &fresh);
    return find_entry(type->cells, name);
}

void type_cells_trace(GcMarker *m, const TypeCells *cells) {
    if (cells != NULL) {
        for (uint32_t i = 0; i <= cells->mask; i++) {
            gc_mark_obj(m, cells->entries[i].name);
        }
    }
}

void type_cells_free(TypeCells *cells) {
    while (cells != NULL) {
        TypeCells *older = cells->older;
        mem_free(cells);
        cells = older;
    }
}

/* Built-in types make their attributes at the first look at them. */

static void fill_lazy(Context *cx, ObjType *type) {
    const Value pending = cx->pending;
    cx->pending = VALUE_UNSET;
    const bool is_locked = shape_tables_lock(cx);
    if (type_has(type, TYPE_FLAG_LAZY)) {
        if (slot_wrappers_fill(cx, type)) {
            atomic_store_release(&type->type_flags,
                                 (uint16_t)(type->type_flags & ~TYPE_FLAG_LAZY));
        } else {
            /* No memory: what is there has to do; the next look-up tries again. */
            cx->pending = VALUE_UNSET;
        }
    }
    shape_tables_unlock(cx, is_locked);
    cx->pending = pending;
}

static bool is_lazy(const ObjType *type) {
    return UNLIKELY(atomic_load_acquire(&type->type_flags) & TYPE_FLAG_LAZY);
}

static void fill_mro(Context *cx, const ObjType *type) {
    for (size_t i = 0; i < type->mro->n; i++) {
        ObjType *base = AS_TYPE(type->mro->items[i]);
        if (is_lazy(base)) {
            fill_lazy(cx, base);
        }
    }
}

bool type_is_incomplete(const ObjType *type) {
    for (size_t i = 0; i < type->mro->n; i++) {
        if (is_lazy(AS_TYPE(type->mro->items[i]))) {
            return true;
        }
    }
    return false;
}

ObjDict *type_attributes(Context *cx, ObjType *type) {
    if (is_lazy(type)) {
        fill_lazy(cx, type);
    }
    return type->attributes;
}

/* Look-up */

static Value walk_mro(const ObjType *type, ObjStr *name) {
    const ObjTuple *mro = type->mro;
    for (size_t i = 0; i < mro->n; i++) {
        const Value v = dict_get_str(AS_TYPE(mro->items[i])->attributes, name);
        if (!IS_UNSET(v)) {
            return v;
        }
    }
    return VALUE_UNSET;
}

/* Remembers what was found. An attribute that changed its category gets a new cell; who
 * kept the old number finds VALUE_UNSET there for ever. */
static void remember_locked(Context *cx, ObjType *type, ObjStr *name, Value found) {
    if (IS_UNSET(found) && type->cells != NULL && type->cells->n > MAX_ABSENT_ENTRIES) {
        return;
    }
    CellEntry *entry = entry_locked(type, name);
    if (IS_UNSET(found)) {
        atomic_store_release(&entry->cell, CELL_ABSENT);
        return;
    }
    const uint8_t category = (uint8_t)attr_category(cx, found);
    uint32_t cell = entry->cell;
    if (cell == 0 || cell == CELL_ABSENT || entry->category != category) {
        /* The other half of the cells is for globals, which cannot do without. */
        cell = cx->rt->n_cells < CELL_MAX_COUNT / 2 ? shape_new_cell_locked(cx) : 0;
        if (cell == 0) {
            atomic_store_release(&entry->cell, 0);
            return;
        }
        entry->category = category;
    }
    value_store(&cx->rt->cells[cell], found);
    atomic_store_release(&entry->cell, cell);
}

static Value lookup_slow(Context *cx, ObjType *type, ObjStr *name) {
    fill_mro(cx, type);
    const bool is_locked = shape_tables_lock(cx);
    const Value found = walk_mro(type, name);
    if (!type_is_incomplete(type)) {
        remember_locked(cx, type, name, found);
    }
    shape_tables_unlock(cx, is_locked);
    return found;
}

Value type_lookup(Context *cx, ObjType *type, ObjStr *name) {
    const CellEntry *entry = find_entry(atomic_load_acquire(&type->cells), name);
    if (LIKELY(entry != NULL)) {
        const uint32_t cell = atomic_load_acquire(&entry->cell);
        if (cell == CELL_ABSENT) {
            return VALUE_UNSET;
        }
        const Value v = value_load(&cx->rt->cells[cell]); /* cell 0 is always unset */
        if (LIKELY(!IS_UNSET(v))) {
            return v;
        }
    }
    return lookup_slow(cx, type, name);
}

uint32_t type_attr_cell(Context *cx, ObjType *type, ObjStr *name) {
    if (IS_UNSET(type_lookup(cx, type, name))) {
        return 0;
    }
    const CellEntry *entry = find_entry(atomic_load_acquire(&type->cells), name);
    const uint32_t cell = entry == NULL ? 0 : atomic_load_acquire(&entry->cell);
    return cell == CELL_ABSENT ? 0 : cell;
}

Value type_lookup_super(Context *cx, ObjType *type, ObjType *after, ObjStr *name) {
    const ObjTuple *mro = type->mro;
    size_t i = 0;
    while (i < mro->n && AS_TYPE(mro->items[i]) != after) {
        i++;
    }
    i++;
    if (i >= mro->n) {
        return VALUE_UNSET;
    }
    /* With single inheritance the rest is the next class's own order, whose answers are
     * remembered. */
    ObjType *next = AS_TYPE(mro->items[i]);
    if (next->mro->n == mro->n - i) {
        return type_lookup(cx, next, name);
    }
    fill_mro(cx, type);
    for (; i < mro->n; i++) {
        const Value v = dict_get_str(AS_TYPE(mro->items[i])->attributes, name);
        if (!IS_UNSET(v)) {
            return v;
        }
    }
    return VALUE_UNSET;
}

/* Special methods */

int special_of_name(const Context *cx, const ObjStr *name) {
    if (LIKELY(!(name->header.flags & STR_FLAG_SPECIAL))) {
        return -1;
    }
    int id = 0;
    while (cx->rt->names[id] != name) {
        id++;
    }
    return id;
}

/* What type_special gives for an attribute: nothing where the KindOps of the layout do it
 * anyway. */
static Value special_value(Context *cx, const ObjType *type, SpecialId id,
                           Value attribute) {
    if (IS_UNSET(attribute)) {
        return VALUE_UNSET;
    }
    if (IS_NATIVE(attribute) &&
        slot_wrappers_has(type->layout, id, AS_NATIVE(attribute))) {
        const ObjType *natural = cx->rt->types[type->layout];
        if (natural != NULL && walk_mro(natural, cx->rt->names[id]) == attribute) {
            return VALUE_UNSET;
        }
    }
    if (id == SPECIAL_new && IS_KIND(attribute, KIND_STATICMETHOD)) {
        return ((ObjWrapper *)AS_OBJ(attribute))->function;
    }
    return attribute;
}

static void update_special_locked(Context *cx, ObjType *type, SpecialId id) {
    const Value attribute = walk_mro(type, cx->rt->names[id]);
    value_store(&type->specials[id], special_value(cx, type, id, attribute));
    if (UNLIKELY(id == SPECIAL_del) && !IS_UNSET(attribute)) {
        type_add_flag(type, TYPE_FLAG_DEL);
    }
}

/* With one base only the class's own attributes can differ from what the base has. */
static void inherit_specials_locked(Context *cx, ObjType *type) {
    const ObjType *base = AS_TYPE(type->bases->items[0]);
    for (int id = 0; id < SPECIAL_COUNT; id++) {
        value_store(&type->specials[id], type_special(base, (SpecialId)id));
    }
    if (type_has(base, TYPE_FLAG_DEL)) {
        type_add_flag(type, TYPE_FLAG_DEL);
    }
    const ObjDictTable *table = dict_table(type->attributes);
    size_t position = 0;
    Value name;
    Value value;
    while (dict_table_next(table, &position, &name, &value)) {
        const int id = IS_STR(name) ? special_of_name(cx, AS_STR(name)) : -1;
        if (id >= 0) {
            update_special_locked(cx, type, (SpecialId)id);
        }
    }
}

void type_update_specials(Context *cx, ObjType *type) {
    fill_mro(cx, type);
    const bool is_locked = shape_tables_lock(cx);
    if (type->bases->n == 1) {
        inherit_specials_locked(cx, type);
    } else {
        for (int id = 0; id < SPECIAL_COUNT; id++) {
            update_special_locked(cx, type, (SpecialId)id);
        }
    }
    shape_tables_unlock(cx, is_locked);
}

/* Setting */

void type_collect_subtypes(ObjType *type, TypeVec *types) {
    vec_push(types, type);
    for (size_t i = 0; i < types->n; i++) {
        const ObjList *subclasses = AS_LIST(types->items[i]->subclasses);
        Value v;
        for (size_t s = 0; !IS_UNSET(v = list_peek(subclasses, s)); s++) {
            /* With one base it is in one list only. */
            size_t known = AS_TYPE(v)->bases->n == 1 ? types->n : 0;
            while (known < types->n && types->items[known] != AS_TYPE(v)) {
                known++;
            }
            if (known == types->n) {
                vec_push(types, AS_TYPE(v));
            }
        }
    }
}

static void forget_locked(Context *cx, ObjType *type, ObjStr *name) {
    CellEntry *entry = find_entry(type->cells, name);
    if (entry == NULL || entry->cell == 0) {
        return;
    }
    if (entry->cell == CELL_ABSENT) {
        atomic_store_release(&entry->cell, 0);
    } else {
        value_store(&cx->rt->cells[entry->cell], VALUE_UNSET);
    }
}

void type_forget_all_stw(Context *cx, const TypeVec *types) {
    for (size_t i = 0; i < types->n; i++) {
        ObjType *type = types->items[i];
        TypeCells *cells = type->cells;
        for (uint32_t k = 0; cells != NULL && k <= cells->mask; k++) {
            if (cells->entries[k].name != NULL) {
                forget_locked(cx, type, cells->entries[k].name);
            }
        }
        for (int id = 0; id < SPECIAL_COUNT; id++) {
            update_special_locked(cx, type, (SpecialId)id);
        }
    }
    attr_cache_flush_stw(cx->rt);
}

/* 1: done, 0: the attribute to be deleted was not there, -1: exception. */
static int change_locked(Context *cx, ObjType *type, ObjStr *name, Value value) {
    if (IS_UNSET(value)) {
        const int result = dict_delete_str(cx, type->attributes, name);
        if (result != 1) {
            return result;
        }
    } else if (!dict_set_str(cx, type->attributes, name, value)) {
        return -1;
    }
    const int special = special_of_name(cx, name);
    TypeVec types = {0};
    type_collect_subtypes(type, &types);
    for (size_t i = 0; i < types.n; i++) {
        forget_locked(cx, types.items[i], name);
        if (special >= 0) {
            update_special_locked(cx, types.items[i], (SpecialId)special);
        }
    }
    vec_free(&types);
    return 1;
}

/* Whether inline caches may hold a slot that this attribute would take precedence
 * over. */
static bool makes_slots_wrong(const Context *cx, ObjStr *name, Value value) {
    switch (special_of_name(cx, name)) {
    case SPECIAL_getattribute:
    case SPECIAL_setattr:
    case SPECIAL_delattr:
    case SPECIAL_get:
    case SPECIAL_set:
    case SPECIAL_delete: return true;
    default: return !IS_UNSET(value) && attribute_is_data_descriptor(cx, value);
    }
}

static int change(Context *cx, ObjType *type, ObjStr *name, Value value) {
    const bool was_member = IS_KIND(type_lookup(cx, type, name), KIND_MEMBER);
    const bool is_locked = shape_tables_lock(cx);
    const int result = change_locked(cx, type, name, value);
    shape_tables_unlock(cx, is_locked);
    if (UNLIKELY(was_member || makes_slots_wrong(cx, name, value))) {
        /* Who looked before the change has stored its cache entry by the time the world
         * stands still. */
        const bool must_stop = cx->is_parallel;
        if (must_stop) {
            block_stop_world(cx);
        }
        attr_cache_flush_stw(cx->rt);
        if (must_stop) {
            block_resume_world(cx);
        }
    }
    return result;
}

bool type_setattr(Context *cx, ObjType *type, ObjStr *name, Value value) {
    if (type_has(type, TYPE_FLAG_BUILTIN)) {
        exc_raise(cx, EXC_TypeError, "cannot set '%.*s' attribute of immutable type '%s'",
                  (int)name->n_bytes, name->data, type_name_c(cx, type));
        return false;
    }
    const int result = change(cx, type, name, value);
    if (result == 0) {
        exc_raise(cx, EXC_AttributeError, "type object '%s' has no attribute '%.*s'",
                  type_name_c(cx, type), (int)name->n_bytes, name->data);
    }
    return result == 1;
}
