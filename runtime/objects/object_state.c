/* object_state.c - what an object is made of, for copies and pickles; how large it is. The larger half of __reduce_ex__
 * is lib/copyreg.mini. */

#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict_table.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/member.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"
#include "runtime/objects/type_internal.h"

ObjDict *object_attributes(Context *cx, Value v) {
    const Value names = list_from(cx, NULL, 0);
    ObjDict *dict = IS_ERROR(names) ? NULL : dict_new(cx, 0);
    if (dict == NULL || !IS_OBJ(v) || !instance_has_slots(cx, AS_OBJ(v))) {
        return dict;
    }
    if (!instance_own_names(cx, AS_OBJ(v), names)) {
        return NULL;
    }
    for (size_t i = 0; i < list_length(AS_LIST(names)); i++) {
        const Value name = list_peek(AS_LIST(names), i);
        const Value value =
            IS_STR(name) ? instance_get_own(cx, AS_OBJ(v), AS_STR(name)) : VALUE_UNSET;
        if (!IS_UNSET(value) && !dict_set_str(cx, dict, AS_STR(name), value)) {
            return NULL;
        }
    }
    return dict;
}

Value object_state(Context *cx, Value v) {
    ObjDict *attributes = object_attributes(cx, v);
    ObjDict *members = attributes == NULL ? NULL : dict_new(cx, 0);
    if (members == NULL || !member_add_values(cx, v, members)) {
        return VALUE_ERROR;
    }
    const Value state = dict_length(attributes) > 0 ? OBJ_VALUE(attributes) : VALUE_NONE;
    const Value both[] = {state, OBJ_VALUE(members)};
    return dict_length(members) > 0 ? tuple_from(cx, both, 2) : state;
}

NATIVE(object_getstate, "__getstate__(self, /)", "Helper for pickle.") {
    return object_state(cx, args[0]);
}

static Value reduce(Context *cx, Value self, int64_t protocol) {
    const Value args[] = {self, value_from_int(protocol)};
    return protocol >= 2 ? module_import_call(cx, "copyreg", "_reduce_2", args, 1)
                         : module_import_call(cx, "copyreg", "_reduce_ex", args, 2);
}

NATIVE(object_reduce, "__reduce__(self, /)", "Helper for pickle.") {
    return reduce(cx, args[0], 0);
}

NATIVE(object_reduce_ex, "__reduce_ex__(self, protocol, /)", "Helper for pickle.") {
    int protocol;
    if (!arg_int32(cx, args[1], &protocol)) {
        return VALUE_ERROR;
    }
    ObjStr *name = str_intern(cx, "__reduce__", strlen("__reduce__"));
    const Value own =
        name == NULL ? VALUE_ERROR : type_lookup(cx, type_of(cx, args[0]), name);
    if (IS_ERROR(own) || own == type_lookup(cx, cx->rt->types[KIND_INSTANCE], name)) {
        return IS_ERROR(own) ? VALUE_ERROR : reduce(cx, args[0], protocol);
    }
    return value_call_attr(cx, args[0], name, NULL, 0);
}

/* What an object takes on the heap, storage of its own included; immediate values take
 * nothing but the word. */
static size_t size_of(Context *cx, Value v) {
    if (!IS_OBJ(v)) {
        return sizeof(Value);
    }
    const Obj *o = AS_OBJ(v);
    switch (o->kind) {
    case KIND_STR: return sizeof(ObjStr) + AS_STR(v)->n_bytes;
    case KIND_BYTES: return sizeof(ObjBytes) + AS_BYTES(v)->n_bytes + 1;
    case KIND_INT: {
        const int64_t n = AS_BIG_INT(v)->n_limbs;
        return sizeof(ObjInt) + (size_t)(n < 0 ? -n : n) * sizeof(mp_limb_t);
    }
    case KIND_TUPLE: return sizeof(ObjTuple) + AS_TUPLE(v)->n * sizeof(Value);
    case KIND_LIST:
        return sizeof(ObjList) + sizeof(ObjArray) +
               AS_LIST(v)->items->capacity * sizeof(Value);
    case KIND_DICT:
        return sizeof(ObjDict) + dict_length(AS_DICT(v)) * 2 * sizeof(DictEntry);
    case KIND_INSTANCE: {
        const Shape *shape = shape_of(cx, o);
        return sizeof(ObjInstance) + shape->n_slots * sizeof(Value);
    }
    default: {
        const size_t n_bytes = instance_layout_bytes((ObjKind)o->kind);
        return n_bytes != 0 ? n_bytes : 8 * sizeof(Value);
    }
    }
}

NATIVE(object_sizeof, "__sizeof__(self, /)", "Size of object in memory, in bytes.") {
    return int_from_u64(cx, size_of(cx, args[0]));
}

const NativeDef object_state_methods[] = {
    NATIVE_ENTRY_FLAGS(object_getstate, NATIVE_WRAPPER),
    NATIVE_ENTRY_FLAGS(object_reduce, NATIVE_WRAPPER),
    NATIVE_ENTRY_FLAGS(object_reduce_ex, NATIVE_WRAPPER),
    NATIVE_ENTRY_FLAGS(object_sizeof, NATIVE_WRAPPER),
    {NULL, NULL, NULL, 0},
};
