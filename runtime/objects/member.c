/* member.c - __slots__: member descriptors, and what a class gets from the names. See member.h. */

#include "runtime/objects/member.h"

#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/gc/weak.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/descriptors.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/list.h"
#include "runtime/objects/type_internal.h"

#define NAME_ARGS(name) (int)(name)->n_bytes, (name)->data

/* The descriptors */

Value member_new(Context *cx, ObjType *owner, ObjStr *name, uint32_t slot) {
    ObjMember *member = HEAP_NEW(cx, ObjMember, KIND_MEMBER);
    if (member == NULL) {
        return VALUE_ERROR;
    }
    member->owner = owner;
    member->name = name;
    member->slot = slot;
    return OBJ_VALUE(member);
}

/* NULL with TypeError. */
static Value *place_of(Context *cx, const ObjMember *member, Value self) {
    if (UNLIKELY(!value_is_instance(cx, self, member->owner))) {
        exc_raise(cx, EXC_TypeError,
                  "descriptor '%.*s' for '%s' objects doesn't apply to a '%s' object",
                  NAME_ARGS(member->name), type_name_c(cx, member->owner),
                  type_name_of(cx, self));
        return NULL;
    }
    Obj *o = AS_OBJ(self);
    return instance_slot(cx, o, shape_of(cx, o), (int)member->slot);
}

static Value raise_unset(Context *cx, const ObjMember *member, Value self) {
    Buf name = {0};
    type_add_full_name(cx, &name, type_of(cx, self));
    attribute_raise_missing_of(cx, self, buf_text(&name), member->name);
    buf_free(&name);
    return VALUE_ERROR;
}

Value member_read(Context *cx, const ObjMember *member, Value self) {
    const Value *place = place_of(cx, member, self);
    const Value value = place == NULL ? VALUE_ERROR : value_load(place);
    return IS_UNSET(value) ? raise_unset(cx, member, self) : value;
}

bool member_write(Context *cx, const ObjMember *member, Value self, Value value) {
    Value *place = place_of(cx, member, self);
    if (place == NULL) {
        return false;
    }
    if (!IS_UNSET(value)) {
        value_store(place, value);
        return true;
    }
    if (IS_UNSET(atomic_exchange(place, VALUE_UNSET))) {
        exc_raise(cx, EXC_AttributeError, "%.*s", NAME_ARGS(member->name));
        return false;
    }
    return true;
}

static void member_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjMember *)o)->owner);
    gc_mark_obj(m, ((ObjMember *)o)->name);
}

static Value member_repr(Context *cx, Value v) {
    ObjStr *text =
        str_format_c(cx, "<member '%.*s' of '%s' objects>", NAME_ARGS(AS_MEMBER(v)->name),
                     type_name_c(cx, AS_MEMBER(v)->owner));
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value get_name(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(AS_MEMBER(self)->name);
}

static Value get_qualname(Context *cx, Value self) {
    ObjStr *text =
        str_format_c(cx, "%.*s.%.*s", NAME_ARGS(AS_MEMBER(self)->owner->qualname),
                     NAME_ARGS(AS_MEMBER(self)->name));
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value get_owner(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(AS_MEMBER(self)->owner);
}

static const GetsetDef member_getsets[] = {
    {"__name__", NULL, get_name, NULL},
    {"__qualname__", NULL, get_qualname, NULL},
    {"__objclass__", NULL, get_owner, NULL},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjMember = {
    .trace = member_trace,
    .repr = member_repr,
    .hash = value_hash_by_identity,
    .getsets = member_getsets,
};

/* __dict__ and __weakref__ of instances */

/* Classes and modules have a __dict__ of another kind, also those whose class derives from a plain one, too. Their
 * descriptor, or VALUE_UNSET. */
static Value other_dict(Context *cx, Value self) {
    return instance_has_slots(cx, AS_OBJ(self))
               ? VALUE_UNSET
               : type_lookup(cx, cx->rt->types[AS_OBJ(self)->kind],
                             context_name(cx, NAME_dict_));
}

static Value get_dict(Context *cx, Value self) {
    const Value other = other_dict(cx, self);
    if (!IS_UNSET(other)) {
        return attribute_bind(cx, other, self, type_of(cx, self));
    }
    ObjDict *dict = instance_dict(cx, AS_OBJ(self));
    return dict == NULL ? VALUE_ERROR : OBJ_VALUE(dict);
}

static bool set_dict(Context *cx, Value self, Value value) {
    const Value other = other_dict(cx, self);
    if (!IS_UNSET(other)) {
        return attribute_store(cx, other, self, value);
    }
    if (IS_UNSET(value)) {
        ObjDict *empty = dict_new(cx, 0);
        return empty != NULL && instance_set_dict(cx, AS_OBJ(self), empty);
    }
    if (!IS_DICT(value)) {
        exc_raise(cx, EXC_TypeError, "__dict__ must be set to a dictionary, not a '%s'",
                  type_name_of(cx, value));
        return false;
    }
    return instance_set_dict(cx, AS_OBJ(self), AS_DICT(value));
}

static Value get_weakref(Context *cx, Value self) {
    ObjWeakref *found;
    return weak_find(cx, AS_OBJ(self), &found, 1) == 0 ? VALUE_NONE : OBJ_VALUE(found);
}

static bool add_getset(Context *cx, ObjType *type, ObjDict *attributes,
                       const GetsetDef *def, NameId id) {
    const Value getset = getset_new(cx, def, type);
    return !IS_ERROR(getset) &&
           dict_set_str(cx, attributes, context_name(cx, id), getset);
}

static bool add_dict(Context *cx, ObjType *type, ObjDict *attributes) {
    static const GetsetDef def = {"__dict__", "dictionary for instance variables",
                                  get_dict, set_dict};
    return add_getset(cx, type, attributes, &def, NAME_dict_);
}

static bool add_weakref(Context *cx, ObjType *type, ObjDict *attributes) {
    static const GetsetDef def = {"__weakref__", "list of weak references to the object",
                                  get_weakref, NULL};
    type_add_flag(type, TYPE_FLAG_WEAKREF);
    return add_getset(cx, type, attributes, &def, NAME_weakref_);
}

/* What the bases give: whether instances have a dict, may be referred to weakly. */

static bool base_has_dict(const ObjType *base) {
    if (!type_has(base, TYPE_FLAG_BUILTIN)) {
        return !type_has(base, TYPE_FLAG_NO_DICT);
    }
    return type_has(base, TYPE_FLAG_EXCEPTION) || base->layout == KIND_TYPE ||
           base->layout == KIND_MODULE || base->layout == KIND_PARTIAL ||
           base->layout == KIND_LRU_CACHE;
}

static bool inherits(const ObjType *type, bool (*has)(const ObjType *base)) {
    for (size_t i = 1; i < type->mro->n; i++) {
        if (has(AS_TYPE(type->mro->items[i]))) {
            return true;
        }
    }
    return false;
}

static bool base_has_weakref(const ObjType *base) {
    return type_has(base, TYPE_FLAG_WEAKREF);
}

/* Such objects have no room for members here (in Python zip, map, filter and modules do). */
static bool has_variable_size(const ObjType *type) {
    return instance_layout_bytes((ObjKind)type->layout) == 0;
}

/* What Python has no room for a word more in. */
static bool may_add_weakref(const ObjType *type) {
    return type->layout != KIND_INT && type->layout != KIND_TUPLE &&
           type->layout != KIND_BYTES && type->layout != KIND_TYPE;
}

/* The names */

typedef struct SlotNames {
    ObjList *names; /* of members, mangled, in their order */
    bool has_dict;
    bool has_weakref;
} SlotNames;

static ObjStr *mangled(Context *cx, const ObjType *type, ObjStr *name) {
    const char *d = name->data;
    const size_t n = name->n_bytes;
    const bool is_private =
        n > 2 && d[0] == '_' && d[1] == '_' && !(d[n - 1] == '_' && d[n - 2] == '_');
    size_t skipped = 0;
    while (skipped < type->name->n_bytes && type->name->data[skipped] == '_') {
        skipped++;
    }
    if (!is_private || skipped == type->name->n_bytes) {
        return str_intern_obj(cx, name);
    }
    ObjStr *text = str_format_c(cx, "_%.*s%.*s", (int)(type->name->n_bytes - skipped),
                                type->name->data + skipped, NAME_ARGS(name));
    return text == NULL ? NULL : str_intern_obj(cx, text);
}

static bool raise_we_have_one(Context *cx, const char *what) {
    exc_raise(cx, EXC_TypeError, "%s slot disallowed: we already got one", what);
    return false;
}

/* Mangles the names of members, once all are known to be good. */
static bool make_own(Context *cx, const ObjType *type, ObjDict *attributes,
                     SlotNames *slots) {
    for (size_t i = 0; i < list_length(slots->names); i++) {
        ObjStr *name = AS_STR(list_peek(slots->names, i));
        ObjStr *own = mangled(cx, type, name);
        if (own == NULL) {
            return false;
        }
        const bool is_allowed = own == context_name(cx, NAME_qualname_) ||
                                own == context_name(cx, NAME_classcell_);
        if (!IS_UNSET(dict_get_str(attributes, own)) && !is_allowed) {
            exc_raise(cx, EXC_ValueError,
                      "'%.*s' in __slots__ conflicts with class variable",
                      NAME_ARGS(name));
            return false;
        }
        if (!list_set(cx, slots->names, (int64_t)i, OBJ_VALUE(own))) {
            return false;
        }
    }
    return true;
}

static bool add_name(Context *cx, const ObjType *type, Value v, SlotNames *slots) {
    if (!IS_STR(v)) {
        exc_raise(cx, EXC_TypeError, "__slots__ items must be strings, not '%s'",
                  type_name_of(cx, v));
        return false;
    }
    ObjStr *name = str_intern_obj(cx, AS_STR(v));
    if (name == NULL) {
        return false;
    }
    if (!str_is_identifier(name)) {
        exc_raise(cx, EXC_TypeError, "__slots__ must be identifiers");
        return false;
    }
    if (name == context_name(cx, NAME_dict_)) {
        const bool has_one = slots->has_dict || inherits(type, base_has_dict);
        slots->has_dict = true;
        return !has_one || raise_we_have_one(cx, "__dict__");
    }
    if (name == context_name(cx, NAME_weakref_)) {
        const bool has_one = slots->has_weakref || inherits(type, base_has_weakref);
        slots->has_weakref = true;
        return !has_one || raise_we_have_one(cx, "__weakref__");
    }
    return list_append(cx, slots->names, OBJ_VALUE(name));
}

static bool read_names(Context *cx, const ObjType *type, ObjDict *attributes, Value value,
                       SlotNames *slots) {
    slots->names = list_new(cx, 0);
    const Value all = slots->names == NULL ? VALUE_ERROR
                      : IS_STR(value)      ? tuple_from(cx, &value, 1)
                                           : tuple_from_iterable(cx, value);
    if (IS_ERROR(all)) {
        return false;
    }
    const size_t n = AS_TUPLE(all)->n;
    if (n > 0 && has_variable_size(type)) {
        exc_raise(cx, EXC_TypeError,
                  "nonempty __slots__ not supported for subtype of '%s'",
                  type_name_c(cx, type->base));
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!add_name(cx, type, AS_TUPLE(all)->items[i], slots)) {
            return false;
        }
    }
    return make_own(cx, type, attributes, slots);
}

/* The members behind those of the base; among the attributes they are sorted. */
static bool add_members(Context *cx, ObjType *type, ObjDict *attributes,
                        const SlotNames *slots) {
    const size_t n = list_length(slots->names);
    const Value order = list_to_tuple(cx, slots->names);
    if (IS_ERROR(order) || !list_sort(cx, slots->names, VALUE_NONE, false)) {
        return false;
    }
    if (n + type->n_members > MEMBER_MAX_COUNT) {
        exc_raise(cx, EXC_ValueError, "too many names in __slots__");
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        ObjStr *name = AS_STR(list_peek(slots->names, i));
        size_t place = 0;
        while (AS_TUPLE(order)->items[place] != OBJ_VALUE(name)) {
            place++;
        }
        const Value member =
            member_new(cx, type, name, (uint32_t)(type->n_members + place));
        if (IS_ERROR(member) || !dict_set_str(cx, attributes, name, member)) {
            return false;
        }
    }
    type->n_members = (uint16_t)(type->n_members + n);
    return true;
}

bool member_take_slots(Context *cx, ObjType *type, ObjDict *attributes) {
    const bool inherits_dict = inherits(type, base_has_dict);
    const bool inherits_weakref = inherits(type, base_has_weakref);
    SlotNames slots = {NULL, false, false};
    const Value value = dict_get_str(attributes, context_name(cx, NAME_slots_));
    type->n_members = type->base->n_members;
    if (inherits_weakref) {
        type_add_flag(type, TYPE_FLAG_WEAKREF);
    }
    if (IS_UNSET(value)) {
        slots.has_dict = !inherits_dict;
        slots.has_weakref = !inherits_weakref && may_add_weakref(type);
    } else {
        if (!read_names(cx, type, attributes, value, &slots) ||
            !add_members(cx, type, attributes, &slots)) {
            return false;
        }
        if (!slots.has_dict && !inherits_dict) {
            type_add_flag(type, TYPE_FLAG_NO_DICT);
        }
    }
    return (!slots.has_dict || add_dict(cx, type, attributes)) &&
           (!slots.has_weakref || add_weakref(cx, type, attributes));
}

/* Layouts */

const ObjType *member_solid_base(const ObjType *type) {
    while (type->base != NULL && type->base->layout == type->layout &&
           type->base->n_members == type->n_members) {
        type = type->base;
    }
    return type;
}

/* Whether both classes add members of the same names to the same base. */
static bool add_the_same(Context *cx, const ObjType *a, const ObjType *b) {
    if (a->base == NULL || b->base == NULL ||
        member_solid_base(a->base) != member_solid_base(b->base) ||
        a->n_members != b->n_members) {
        return false;
    }
    const ObjDictTable *table = dict_table(a->attributes);
    size_t position = 0;
    Value name;
    Value v;
    while (dict_table_next(table, &position, &name, &v)) {
        if (IS_MEMBER(v)) {
            const Value other = dict_get_str(b->attributes, AS_MEMBER(v)->name);
            if (!IS_MEMBER(other) || AS_MEMBER(other)->slot != AS_MEMBER(v)->slot) {
                return false;
            }
        }
    }
    (void)cx;
    return true;
}

bool member_layouts_agree(Context *cx, const ObjType *a, const ObjType *b) {
    if (a->layout != b->layout ||
        type_has(a, TYPE_FLAG_NO_DICT) != type_has(b, TYPE_FLAG_NO_DICT) ||
        type_has(a, TYPE_FLAG_WEAKREF) != type_has(b, TYPE_FLAG_WEAKREF)) {
        return false;
    }
    a = member_solid_base(a);
    b = member_solid_base(b);
    return a == b || add_the_same(cx, a, b);
}

/* The members that a class adds, by their place; others are unset. */
static ObjTuple *own_members(Context *cx, const ObjType *type) {
    const size_t n_below = type->base == NULL ? 0 : type->base->n_members;
    ObjTuple *members = tuple_new(cx, type->n_members - n_below);
    const ObjDictTable *table = dict_table(type->attributes);
    size_t position = 0;
    Value name;
    Value v;
    while (members != NULL && members->n > 0 &&
           dict_table_next(table, &position, &name, &v)) {
        if (IS_MEMBER(v) && AS_MEMBER(v)->owner == type) {
            members->items[AS_MEMBER(v)->slot - n_below] = v;
        }
    }
    return members;
}

bool member_add_values(Context *cx, Value v, ObjDict *dict) {
    const ObjType *type = type_of(cx, v);
    for (size_t i = 0; type->n_members > 0 && i < type->mro->n; i++) {
        const ObjTuple *members = own_members(cx, AS_TYPE(type->mro->items[i]));
        for (size_t k = 0; members != NULL && k < members->n; k++) {
            const Value member = members->items[k];
            const Value *place =
                IS_UNSET(member) ? NULL : place_of(cx, AS_MEMBER(member), v);
            const Value value = place == NULL ? VALUE_UNSET : value_load(place);
            if (!IS_UNSET(value) &&
                !dict_set_str(cx, dict, AS_MEMBER(member)->name, value)) {
                return false;
            }
        }
        if (members == NULL) {
            return false;
        }
    }
    return true;
}
