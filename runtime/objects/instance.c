/* instance.c - instances of script classes: making them, their slots, their dict.
 *
 * Invariants
 *   1. A slot is stored before the shape that has it is published (release), so a reader
 *      that sees the shape sees a value.
 *   2. Slots are read and overwritten without a lock; a slot is added under the object's
 *      lock.
 *   3. The change to a dict happens in a stopped world: nobody has looked at the shape
 *      without being done with the slot.
 *
 * See also: shape.c. */

#include "runtime/objects/instance.h"

#include "runtime/block.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/finalize.h"
#include "runtime/gc/mark.h"
#include "runtime/gc/weak.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/array.h"
#include "runtime/objects/bytearray.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/callables.h"
#include "runtime/objects/complex.h"
#include "runtime/objects/deque.h"
#include "runtime/objects/descriptors.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"
#include "runtime/objects/random.h"
#include "runtime/objects/set.h"
#include "runtime/objects/socket.h"
#include "runtime/objects/string_io.h"
#include "runtime/objects/typed_array.h"

enum { FIRST_CHUNK_ITEMS = 8, MAX_CHUNK_ITEMS = 64, MAX_INLINE = 32 };

size_t instance_layout_bytes(ObjKind layout) {
    switch (layout) {
    case KIND_FLOAT: return sizeof(ObjFloat);
    case KIND_COMPLEX: return sizeof(ObjComplex);
    case KIND_STR: return sizeof(ObjStr);
    case KIND_LIST: return sizeof(ObjList);
    case KIND_DICT: return sizeof(ObjDict);
    case KIND_SET:
    case KIND_FROZENSET: return sizeof(ObjSet);
    case KIND_BYTEARRAY: return sizeof(ObjByteArray);
    case KIND_TYPED_ARRAY: return sizeof(ObjTypedArray);
    case KIND_DEQUE: return sizeof(ObjDeque);
    case KIND_STRING_IO: return sizeof(ObjStringIO);
    case KIND_PROPERTY: return sizeof(ObjProperty);
    case KIND_SUPER: return sizeof(ObjSuper);
    case KIND_STATICMETHOD:
    case KIND_CLASSMETHOD: return sizeof(ObjWrapper);
    case KIND_ENUMERATE: return sizeof(ObjEnumerate);
    case KIND_REVERSED: return sizeof(ObjSeqIter);
    case KIND_WEAKREF: return sizeof(ObjWeakref);
    case KIND_PARTIAL: return sizeof(ObjPartial);
    case KIND_RANDOM: return sizeof(ObjRandom);
    case KIND_LRU_CACHE: return sizeof(ObjLruCache);
    case KIND_INSTANCE: return offsetof(ObjInstance, overflow);
    case KIND_EXCEPTION: return offsetof(ObjException, overflow);
    case KIND_SOCKET: return sizeof(ObjSocket);
    default: return 0;
    }
}

static size_t round_up_8(size_t n_bytes) {
    return (n_bytes + 7) & ~(size_t)7;
}

/* Where the variable part of an object ends: overflow stands there. */
static size_t variable_bytes(const Obj *o) {
    switch (o->kind) {
    case KIND_INT: {
        const int64_t n = ((const ObjInt *)o)->n_limbs;
        return sizeof(ObjInt) + (size_t)(n < 0 ? -n : n) * sizeof(mp_limb_t);
    }
    case KIND_TUPLE: return sizeof(ObjTuple) + ((const ObjTuple *)o)->n * sizeof(Value);
    case KIND_ZIP:
    case KIND_MAP:
    case KIND_FILTER: return sizeof(ObjCombiner) + ((const ObjCombiner *)o)->capacity * sizeof(Value);
    default: return round_up_8(sizeof(ObjBytes) + ((const ObjBytes *)o)->n_bytes + 1);
    }
}

static Value *overflow_of(Obj *o, const Shape *shape) {
    const size_t offset = shape->slots_offset != 0 ? shape->slots_offset - sizeof(Value)
                                                   : variable_bytes(o);
    return (Value *)((char *)o + offset);
}

size_t instance_bytes(const Shape *root) {
    return root->slots_offset != 0 ? root->slots_offset + root->n_inline * sizeof(Value)
                                   : sizeof(Value);
}

bool instance_has_slots(const Context *cx, const Obj *o) {
    return !(shape_of(cx, o)->flags & SHAPE_FLAG_NO_SLOTS);
}

/* How many attributes its instances will probably have: as many as the code of its
 * __init__ methods has different names behind a dot. Once instances exist, n_inline_hint
 * knows. */
static int guess_inline(Context *cx, const ObjType *type) {
    enum { WITHOUT_INIT = 2 };
    if (type_has(type, TYPE_FLAG_NO_DICT)) {
        return type->n_members;
    }
    ObjStr *seen[MAX_INLINE];
    int n = 0;
    bool has_init = false;
    for (size_t i = 0; i < type->mro->n; i++) {
        ObjType *base = AS_TYPE(type->mro->items[i]);
        const Value init = dict_get_str(base->attributes, context_name(cx, NAME_init));
        if (!IS_FUNCTION(init)) {
            continue;
        }
        has_init = true;
        const ObjCode *code = AS_FUNCTION(init)->code;
        for (uint32_t s = 0; s < code->n_sites && n < MAX_INLINE; s++) {
            ObjStr *name = code->sites[s].name;
            int at = 0;
            while (at < n && seen[at] != name) {
                at++;
            }
            if (at == n && name != context_name(cx, NAME_init)) {
                seen[n++] = name;
            }
        }
    }
    return type->n_members + (has_init ? n : WITHOUT_INIT);
}

Shape *instance_root_shape(Context *cx, ObjType *type) {
    Shape *root = atomic_load_acquire(&type->root_shape);
    const int hint = atomic_load_relaxed(&type->n_inline_hint);
    if (LIKELY(root != NULL && (hint <= root->n_inline || root->slots_offset == 0))) {
        return root;
    }
    int n_inline = root == NULL ? guess_inline(cx, type) : hint;
    const int n_most = type->n_members > MAX_INLINE ? type->n_members : MAX_INLINE;
    if (n_inline > n_most) {
        n_inline = n_most;
        atomic_store_relaxed(&type->n_inline_hint, (uint16_t)n_most);
    }
    if (root != NULL && n_inline <= root->n_inline) {
        return root;
    }
    if (type->layout == KIND_INSTANCE) {
        n_inline +=
            n_inline &
            1; /* memory comes in pieces of 16 bytes, and two words are taken already */
    }
    Shape *fresh = shape_new_root(cx, type, type->layout, n_inline, 0);
    if (fresh != NULL) {
        atomic_store_release(&type->root_shape, fresh);
    }
    return fresh;
}

/* Objects that have __del__ are known to the collector. */
static Obj *registered(Context *cx, const ObjType *type, Obj *o) {
    if (UNLIKELY(type_has(type, TYPE_FLAG_DEL)) && o != NULL) {
        finalize_register(cx, o);
    }
    return o;
}

Obj *instance_new(Context *cx, ObjType *type) {
    const Shape *root = instance_root_shape(cx, type);
    if (UNLIKELY(root == NULL)) {
        return NULL;
    }
    return registered(
        cx, type, heap_alloc_typed(cx, instance_bytes(root), type->layout, root->id));
}

Obj *instance_new_variable(Context *cx, ObjType *type, size_t n_bytes) {
    const Shape *root = instance_root_shape(cx, type);
    if (UNLIKELY(root == NULL)) {
        return NULL;
    }
    return registered(cx, type,
                      heap_alloc_typed(cx, round_up_8(n_bytes) + sizeof(Value), type->layout,
                                 root->id));
}

/* Slots beyond the inline ones: chunks whose item 0 is the next chunk. */

static Value *chunk_slot(const Value *overflow, size_t i) {
    ObjArray *chunk = (ObjArray *)AS_OBJ(value_load(overflow));
    while (i >= chunk->capacity - 1) {
        i -= chunk->capacity - 1;
        chunk = (ObjArray *)AS_OBJ(value_load(&chunk->items[0]));
    }
    return &chunk->items[1 + i];
}

Value *instance_slot(Context *cx, Obj *o, const Shape *shape, int slot) {
    (void)cx;
    if (LIKELY(slot < shape->n_inline)) {
        return (Value *)((char *)o + shape->slots_offset) + slot;
    }
    return chunk_slot(overflow_of(o, shape), (size_t)(slot - shape->n_inline));
}

/* Sees to it that the slot has a place. The object's lock is held. */
static bool ensure_slot_locked(Context *cx, Obj *o, const Shape *shape, int slot) {
    if (slot < shape->n_inline) {
        return true;
    }
    size_t i = (size_t)(slot - shape->n_inline);
    size_t items = FIRST_CHUNK_ITEMS;
    Value *link = overflow_of(o, shape);
    for (;;) {
        if (IS_UNSET(*link)) {
            ObjArray *chunk = array_new(cx, items);
            if (chunk == NULL) {
                return false;
            }
            value_store(link, OBJ_VALUE(chunk));
        }
        ObjArray *chunk = (ObjArray *)AS_OBJ(*link);
        if (i < chunk->capacity - 1) {
            return true;
        }
        i -= chunk->capacity - 1;
        link = &chunk->items[0];
        items = items < MAX_CHUNK_ITEMS ? items * 2 : items;
    }
}

void instance_trace_slots(GcMarker *m, const Shape *shape, Obj *o) {
    if (shape->flags & SHAPE_FLAG_NO_SLOTS) {
        return;
    }
    gc_mark_value(m, *overflow_of(o, shape));
    if (shape->n_inline > 0) {
        gc_mark_values(m, (const Value *)((char *)o + shape->slots_offset),
                       shape->n_inline);
    }
}

/* The dict of an object whose shape says so; NULL while nothing was stored in it. */
static ObjDict *own_dict(Obj *o, const Shape *shape) {
    const Value dict = value_load(overflow_of(o, shape));
    return IS_UNSET(dict) ? NULL : AS_DICT(dict);
}

static ObjDict *make_own_dict(Context *cx, Obj *o, const Shape *shape) {
    ObjDict *dict = own_dict(o, shape);
    if (dict != NULL) {
        return dict;
    }
    ObjDict *fresh = dict_new(cx, 0);
    if (fresh == NULL) {
        return NULL;
    }
    Value expected = VALUE_UNSET;
    const bool is_mine = atomic_cas(overflow_of(o, shape), &expected, OBJ_VALUE(fresh));
    return is_mine ? fresh : AS_DICT(expected);
}

Value instance_get_own(Context *cx, Obj *o, ObjStr *name) {
    const Shape *shape = shape_of(cx, o);
    if (UNLIKELY(shape->flags != 0)) {
        ObjDict *dict = shape->flags & SHAPE_FLAG_NO_SLOTS ? NULL : own_dict(o, shape);
        return dict == NULL ? VALUE_UNSET : dict_get_str(dict, name);
    }
    const int slot = shape_find(shape, name);
    return slot == SHAPE_NO_SLOT ? VALUE_UNSET
                                 : value_load(instance_slot(cx, o, shape, slot));
}

/* The type's shape for objects with a dict, made if need be. */
static Shape *dict_shape(Context *cx, ObjType *type) {
    Shape *shape = atomic_load_acquire(&type->dict_shape);
    if (shape == NULL) {
        shape = shape_new_root(cx, type, type->layout, type->n_members, SHAPE_FLAG_DICT);
        if (shape != NULL) {
            atomic_store_release(&type->dict_shape, shape);
        }
    }
    return shape;
}

/* Appends the attributes that stand in slots to a dict, in order. */
static bool copy_slots(Context *cx, Obj *o, const Shape *shape, ObjDict *dict) {
    const Shape *chain[UINT8_MAX + 1];
    int n = 0;
    for (const Shape *s = shape; s->parent != NULL; s = s->parent) {
        chain[n++] = s;
    }
    while (n > 0) {
        const Shape *s = chain[--n];
        const Value value = value_load(instance_slot(cx, o, shape, s->n_slots - 1));
        if (!IS_UNSET(value) && !dict_set_str(cx, dict, s->name, value)) {
            return false;
        }
    }
    return true;
}

/* Whether the slots still hold exactly what is in the dict. */
static bool slots_equal_stw(Context *cx, Obj *o, const Shape *shape, ObjDict *dict) {
    for (const Shape *s = shape; s->parent != NULL; s = s->parent) {
        if (*instance_slot(cx, o, shape, s->n_slots - 1) != dict_get_str(dict, s->name)) {
            return false;
        }
    }
    return true;
}

/* Installs the dict in place of the slots, unless they changed since it was made. */
static bool install_dict_stw(Context *cx, Obj *o, const Shape *shape, Shape *target,
                             ObjDict *dict) {
    if (shape_of(cx, o) != shape || !slots_equal_stw(cx, o, shape, dict)) {
        return false;
    }
    for (int slot = target->n_inline; slot < shape->n_inline; slot++) {
        value_store(instance_slot(cx, o, shape, slot), VALUE_UNSET);
    }
    value_store(overflow_of(o, shape), OBJ_VALUE(dict));
    atomic_store_release(&o->shape, target->id);
    return true;
}

/* Moves the attributes of an object to a dict. */
static ObjDict *convert_to_dict(Context *cx, Obj *o) {
    Shape *target = dict_shape(cx, shape_of(cx, o)->type);
    if (target == NULL) {
        return NULL;
    }
    for (;;) {
        const Shape *shape = shape_of(cx, o);
        if (shape->flags & SHAPE_FLAG_DICT) {
            return make_own_dict(cx, o, shape);
        }
        /* The dict is made while the world runs; what changed meanwhile makes us try
         * again. */
        ObjDict *dict = dict_new(cx, shape->n_slots);
        if (dict == NULL || !copy_slots(cx, o, shape, dict)) {
            return NULL;
        }
        const bool must_stop = cx->is_parallel;
        if (must_stop) {
            block_stop_world(cx);
        }
        const bool is_done = install_dict_stw(cx, o, shape, target, dict);
        if (must_stop) {
            block_resume_world(cx);
        }
        if (is_done) {
            return dict;
        }
    }
}

/* Adds an attribute that the shape does not have. 1: done, 0: the shape has changed, try
 * again. -1: exception. */
static int add_slot(Context *cx, Obj *o, Shape *shape, Shape *next, Value value) {
    const int slot = next->n_slots - 1;
    const bool is_locked = objlock_lock(cx, o);
    int result = 0;
    if (shape_of(cx, o) == shape) {
        result = ensure_slot_locked(cx, o, next, slot) ? 1 : -1;
        if (result == 1) {
            value_store(instance_slot(cx, o, next, slot), value);
            atomic_store_release(&o->shape, next->id);
        }
    }
    objlock_unlock(cx, o, is_locked);
    return result;
}

bool instance_set_own(Context *cx, Obj *o, ObjStr *name, Value value) {
    for (;;) {
        Shape *shape = shape_of(cx, o);
        if (UNLIKELY(shape->flags & SHAPE_FLAG_DICT)) {
            ObjDict *dict = make_own_dict(cx, o, shape);
            return dict != NULL && dict_set_str(cx, dict, name, value);
        }
        const int slot = shape_find(shape, name);
        if (slot != SHAPE_NO_SLOT) {
            value_store(instance_slot(cx, o, shape, slot), value);
            return true;
        }
        Shape *next = shape_extend(cx, shape, name);
        if (next == NULL) {
            if (convert_to_dict(cx, o) == NULL) {
                return false;
            }
            continue;
        }
        const int result = add_slot(cx, o, shape, next, value);
        if (result != 0) {
            return result == 1;
        }
    }
}

int instance_delete_own(Context *cx, Obj *o, ObjStr *name) {
    const Shape *shape = shape_of(cx, o);
    if (shape->flags & SHAPE_FLAG_NO_SLOTS) {
        return 0;
    }
    if (shape->flags & SHAPE_FLAG_DICT) {
        ObjDict *dict = own_dict(o, shape);
        return dict == NULL ? 0 : dict_delete_str(cx, dict, name);
    }
    const int slot = shape_find(shape, name);
    if (slot == SHAPE_NO_SLOT) {
        return 0;
    }
    const Value old = atomic_exchange(instance_slot(cx, o, shape, slot), VALUE_UNSET);
    return IS_UNSET(old) ? 0 : 1;
}

ObjDict *instance_dict(Context *cx, Obj *o) {
    const Shape *shape = shape_of(cx, o);
    if (shape->flags & SHAPE_FLAG_DICT) {
        return make_own_dict(cx, o, shape);
    }
    return convert_to_dict(cx, o);
}

bool instance_set_dict(Context *cx, Obj *o, ObjDict *dict) {
    if (instance_dict(cx, o) == NULL) {
        return false;
    }
    value_store(overflow_of(o, shape_of(cx, o)), OBJ_VALUE(dict));
    return true;
}

bool instance_set_class(Context *cx, Obj *o, ObjType *type) {
    const Shape *target = dict_shape(cx, type);
    if (target == NULL || instance_dict(cx, o) == NULL) {
        return false;
    }
    /* The dict stands at the same place for both. */
    atomic_store_release(&o->shape, target->id);
    return true;
}

static bool append_dict_names(Context *cx, ObjDict *dict, ObjList *list) {
    const ObjDictTable *table = dict_table(dict);
    size_t position = 0;
    Value key;
    Value value;
    while (dict_table_next(table, &position, &key, &value)) {
        if (!list_append(cx, list, key)) {
            return false;
        }
    }
    return true;
}

bool instance_own_names(Context *cx, Obj *o, Value list) {
    const Shape *shape = shape_of(cx, o);
    if (shape->flags & SHAPE_FLAG_NO_SLOTS) {
        return true;
    }
    if (shape->flags & SHAPE_FLAG_DICT) {
        ObjDict *dict = own_dict(o, shape);
        return dict == NULL || append_dict_names(cx, dict, AS_LIST(list));
    }
    ObjDict *dict = dict_new(cx, shape->n_slots);
    return dict != NULL && copy_slots(cx, o, shape, dict) &&
           append_dict_names(cx, dict, AS_LIST(list));
}
