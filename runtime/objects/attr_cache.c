/* attr_cache.c - what inline caches may remember.
 *
 * A place must not be older than a change of a class and yet be stored after the flush
 * that follows the change. So in each function here the last look at the class comes
 * behind everything that may wait (for the tables' lock, in which the world may be
 * stopped): between it and the caller's store nothing waits. */

#include "runtime/objects/attr_cache.h"

#include "runtime/objects/abstract.h"
#include "runtime/objects/function.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/member.h"
#include "runtime/objects/module.h"
#include "runtime/objects/type_internal.h"

AttrKind attr_category(const Context *cx, Value attribute) {
    if (!IS_OBJ(attribute)) {
        return ATTR_VALUE;
    }
    const Obj *o = AS_OBJ(attribute);
    const bool is_exact = obj_shape(o) < KIND_COUNT;
    switch (o->kind) {
    case KIND_FUNCTION: return ATTR_FUNCTION;
    case KIND_NATIVE:
        return !AS_NATIVE(attribute)->is_method                  ? ATTR_VALUE
               : AS_NATIVE(attribute)->def->flags & NATIVE_CLASS ? ATTR_NONE
                                                                 : ATTR_NATIVE;
    case KIND_STATICMETHOD: return is_exact ? ATTR_STATIC : ATTR_NONE;
    case KIND_CLASSMETHOD:
        return is_exact && IS_FUNCTION(((const ObjWrapper *)o)->function) ? ATTR_CLASS
                                                                          : ATTR_NONE;
    case KIND_PROPERTY:
        return is_exact && IS_FUNCTION(value_load(&((const ObjProperty *)o)->get)) ? ATTR_PROPERTY
                                                                      : ATTR_NONE;
    case KIND_TUPLE_FIELD: return ATTR_PROPERTY;
    case KIND_MEMBER:
    case KIND_SUPER:
    case KIND_GETSET: return ATTR_NONE;
    default: break;
    }
    if (is_exact) {
        return ATTR_VALUE;
    }
    const ObjType *type = type_of(cx, attribute);
    const bool is_descriptor = !IS_UNSET(type_special(type, SPECIAL_get)) ||
                               !IS_UNSET(type_special(type, SPECIAL_set)) ||
                               !IS_UNSET(type_special(type, SPECIAL_delete));
    return is_descriptor ? ATTR_NONE : ATTR_VALUE;
}

static const AttrPlace nowhere = {ATTR_NONE, 0, 0, 0};

static uint32_t slot_offset(const Shape *shape, int slot) {
    return shape->slots_offset + (uint32_t)slot * (uint32_t)sizeof(Value);
}

/* A cell that holds the attribute now; whoever finds it unset later takes the slow way.
 * The attribute may have changed since its category was looked at, so that is done again
 * with what the cell holds. */
static AttrPlace cell_place(Context *cx, ObjType *type, ObjStr *name, AttrKind category,
                            AttrKind kind, uint32_t shape) {
    const uint32_t cell = kind == ATTR_NONE ? 0 : type_attr_cell(cx, type, name);
    const Value v = value_load(&cx->rt->cells[cell]);
    const bool is_same = !IS_UNSET(v) && attr_category(cx, v) == category;
    return is_same ? (AttrPlace){kind, shape, cell, 0} : nowhere;
}

static AttrPlace place_in_module(Context *cx, ObjModule *module, ObjStr *name) {
    ObjType *type = type_of(cx, OBJ_VALUE(module));
    const Value of_type = type_lookup(cx, type, name);
    if (!IS_UNSET(type_special(type, SPECIAL_getattribute)) ||
        (!IS_UNSET(of_type) && attribute_is_data_descriptor(cx, of_type))) {
        return nowhere;
    }
    const uint32_t cell = module_find_cell(cx, module, name);
    return cell == 0 ? nowhere
                     : (AttrPlace){ATTR_VALUE, obj_shape(&module->header), cell, 0};
}

/* Each class object that attributes are read from gets a shape of its own. */
static uint32_t own_shape_of_type(Context *cx, ObjType *type) {
    const uint32_t old = obj_shape(&type->header);
    if (old != KIND_TYPE) {
        return old;
    }
    const Shape *shape =
        shape_new_root(cx, cx->rt->types[KIND_TYPE], KIND_TYPE, 0, SHAPE_FLAG_NO_SLOTS);
    if (shape == NULL) {
        cx->pending = VALUE_UNSET;
        return KIND_TYPE;
    }
    uint32_t expected = KIND_TYPE;
    return atomic_cas(&type->header.shape, &expected, shape->id) ? shape->id : expected;
}

static AttrPlace place_in_type(Context *cx, ObjType *type, ObjStr *name) {
    ObjType *metatype = type_of(cx, OBJ_VALUE(type));
    const Value of_metatype = type_lookup(cx, metatype, name);
    const Value attribute = type_lookup(cx, type, name);
    if (IS_UNSET(attribute) || !IS_UNSET(type_special(metatype, SPECIAL_getattribute)) ||
        (!IS_UNSET(of_metatype) && attribute_is_data_descriptor(cx, of_metatype))) {
        return nowhere;
    }
    const uint32_t shape = own_shape_of_type(cx, type);
    const AttrKind category = attr_category(cx, attribute);
    AttrKind kind = shape == KIND_TYPE ? ATTR_NONE : category;
    if (kind == ATTR_FUNCTION || kind == ATTR_NATIVE || kind == ATTR_PROPERTY) {
        kind = ATTR_VALUE; /* read from the class they are themselves */
    }
    return cell_place(cx, type, name, category, kind, shape);
}

/* A member has its place in all shapes of the class. */
static AttrPlace member_place(const ObjType *type, const Shape *shape, Value member) {
    const int slot = (int)AS_MEMBER(member)->slot;
    return slot < shape->n_inline && type_is_subtype(type, AS_MEMBER(member)->owner)
               ? (AttrPlace){ATTR_SLOT, shape->id, slot_offset(shape, slot), 0}
               : nowhere;
}

static AttrPlace place_in_object(Context *cx, Value v, ObjStr *name) {
    ObjType *type = type_of(cx, v);
    if (!IS_UNSET(type_special(type, SPECIAL_getattribute)) || IS_FUNCTION(v) ||
        IS_KIND(v, KIND_SUPER)) {
        return nowhere;
    }
    const Value attribute = type_lookup(cx, type, name);
    const AttrKind kind = IS_UNSET(attribute) ? ATTR_NONE : attr_category(cx, attribute);
    if (!IS_OBJ(v)) {
        return cell_place(cx, type, name, kind, kind, (uint32_t)value_kind(v));
    }
    const Shape *shape = shape_of(cx, AS_OBJ(v));
    const bool is_data =
        !IS_UNSET(attribute) && attribute_is_data_descriptor(cx, attribute);
    if (IS_MEMBER(attribute)) {
        const AttrPlace place = member_place(type, shape, attribute);
        const Value *word = (const Value *)((const char *)AS_OBJ(v) + place.place);
        return place.kind == ATTR_NONE || IS_UNSET(value_load(word)) ? nowhere : place;
    }
    if (!is_data && shape->flags == 0) {
        const int slot = shape_find(shape, name);
        if (slot != SHAPE_NO_SLOT) {
            const bool is_deleted =
                IS_UNSET(value_load(instance_slot(cx, AS_OBJ(v), shape, slot)));
            return slot >= shape->n_inline || is_deleted
                       ? nowhere
                       : (AttrPlace){ATTR_SLOT, shape->id, slot_offset(shape, slot), 0};
        }
    }
    if (!is_data && (shape->flags & SHAPE_FLAG_DICT)) {
        return nowhere; /* the dict may get an attribute of that name at any time */
    }
    return cell_place(cx, type, name, kind, kind, shape->id);
}

AttrPlace attr_cache_lookup(Context *cx, Value v, ObjStr *name) {
    if (IS_MODULE(v)) {
        return place_in_module(cx, AS_MODULE(v), name);
    }
    if (IS_TYPE(v)) {
        return place_in_type(cx, AS_TYPE(v), name);
    }
    return place_in_object(cx, v, name);
}

static bool has_data_descriptor(Context *cx, ObjType *type, ObjStr *name) {
    const Value attribute = type_lookup(cx, type, name);
    return !IS_UNSET(attribute) && attribute_is_data_descriptor(cx, attribute);
}

static bool stores_plainly(Context *cx, ObjType *type, ObjStr *name) {
    return !has_data_descriptor(cx, type, name) &&
           IS_UNSET(type_special(type, SPECIAL_setattr));
}

AttrPlace attr_cache_store(Context *cx, Value v, ObjStr *name) {
    if (!IS_OBJ(v) || IS_TYPE(v) || IS_MODULE(v) ||
        name == context_name(cx, NAME_dict_)) {
        return nowhere;
    }
    Shape *shape = shape_of(cx, AS_OBJ(v));
    ObjType *type = shape->type;
    if (shape->flags != 0 || !stores_plainly(cx, type, name)) {
        const Value member = type_lookup(cx, type, name);
        return IS_MEMBER(member) && IS_UNSET(type_special(type, SPECIAL_setattr))
                   ? member_place(type, shape, member)
                   : nowhere;
    }
    int slot = shape_find(shape, name);
    if (slot != SHAPE_NO_SLOT) {
        return slot >= shape->n_inline
                   ? nowhere
                   : (AttrPlace){ATTR_SLOT, shape->id, slot_offset(shape, slot), 0};
    }
    if (type_has(type, TYPE_FLAG_NO_DICT)) {
        return nowhere;
    }
    const Shape *next = shape_extend(cx, shape, name);
    if (next == NULL || next->n_slots > next->n_inline ||
        !stores_plainly(cx, type, name)) {
        return nowhere;
    }
    slot = next->n_slots - 1;
    return (AttrPlace){ATTR_TRANSITION, shape->id, slot_offset(next, slot), next->id};
}

void attr_cache_flush_stw(Runtime *rt) {
    for (ObjCode *code = rt->codes; code != NULL; code = code->next) {
        for (uint32_t i = 0; code->sites != NULL && i < code->n_sites; i++) {
            for (int way = 0; way < SITE_WAYS; way++) {
                atomic_store_relaxed(&code->sites[i].entries[way], (uint64_t)0);
            }
        }
    }
}
