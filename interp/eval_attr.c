/* eval_attr.c - the slow halves of attribute instructions: the further entries of a site, then the full look-up, after which
 * the site is told what may be remembered (runtime/objects/attr_cache.h). */

#include "interp/cache.h"
#include "interp/eval_ops.h"
#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/descriptors.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/tuple_field.h"

/* What a classmethod found in a cell is bound to. */
static Value class_receiver(Context *cx, Value object) {
    return IS_TYPE(object) ? object : OBJ_VALUE(type_of(cx, object));
}

/* The getter of the property that an entry tells of, if it can be entered: a function, whose AttributeError no __getattr__ of
 * the class has to see. property.__init__ may have replaced it since the entry was made. */
static ObjFunction *simple_getter(const Context *cx, Value object, uint64_t entry) {
    Value found = value_load(&cx->rt->cells[CACHE_PLACE(entry)]);
    if (IS_UNSET(found) || IS_TUPLE_FIELD(found) ||
        !IS_UNSET(type_special(type_of(cx, object), SPECIAL_getattr))) {
        return NULL;
    }
    Value getter = value_load(&((ObjProperty *)AS_OBJ(found))->get);
    return LIKELY(IS_FUNCTION(getter) && AS_FUNCTION(getter)->simple_n_args == 1) ? AS_FUNCTION(getter)
                                                                                  : NULL;
}

/* Reads an attribute by an entry; VALUE_UNSET when that does not do. */
static Value load_by_entry(Context *cx, Value object, uint64_t entry) {
    AttrKind kind = CACHE_KIND(entry);
    if (kind == ATTR_SLOT) {
        return value_load((const Value *)((const char *)AS_OBJ(object) + CACHE_PLACE(entry)));
    }
    Value found = value_load(&cx->rt->cells[CACHE_PLACE(entry)]);
    if (IS_UNSET(found)) {
        return VALUE_UNSET;
    }
    switch (kind) {
    case ATTR_VALUE:
        return found;
    case ATTR_STATIC:
        return ((ObjWrapper *)AS_OBJ(found))->function;
    case ATTR_FUNCTION:
        return method_new(cx, found, object);
    case ATTR_NATIVE:
        return native_bind(cx, found, object);
    case ATTR_CLASS:
        return method_new(cx, ((ObjWrapper *)AS_OBJ(found))->function, class_receiver(cx, object));
    case ATTR_PROPERTY:
        return IS_TUPLE_FIELD(found) ? tuple_field_read(cx, AS_TUPLE_FIELD(found), object)
                                     : VALUE_UNSET;
    default:
        return VALUE_UNSET;
    }
}

CallOutcome eval_load_attr(Thread *th, CodeSite *site, Value object, unsigned result_register,
                           Value *result) {
    Context *cx = &th->cx;
    int i = cache_find(site, cache_shape(object));
    if (LIKELY(i >= 0)) {
        uint64_t entry = atomic_load_acquire(&site->entries[i]);
        if (CACHE_KIND(entry) == ATTR_PROPERTY) {
            ObjFunction *getter = simple_getter(cx, object, entry);
            if (LIKELY(getter != NULL)) {
                return call_getter(th, getter, object, result_register);
            }
        }
        *result = load_by_entry(cx, object, entry);
        if (UNLIKELY(IS_UNSET(*result))) {
            *result = value_getattr(cx, object, site->name);
        }
        return IS_ERROR(*result) ? CALL_FAILED : CALL_DONE;
    }
    *result = value_getattr(cx, object, site->name);
    if (IS_ERROR(*result)) {
        return CALL_FAILED;
    }
    AttrPlace place = attr_cache_lookup(cx, object, site->name);
    cache_keep(cx, site, &place);
    return CALL_DONE;
}

/* Stores by an entry; false when that does not do. */
static bool store_by_entry(Context *cx, CodeSite *site, int i, Value object, Value value) {
    uint64_t entry = atomic_load_acquire(&site->entries[i]);
    Obj *o = AS_OBJ(object);
    if (CACHE_KIND(entry) == ATTR_SLOT) {
        value_store((Value *)((char *)o + CACHE_PLACE(entry)), value);
        return true;
    }
    if (CACHE_KIND(entry) == ATTR_TRANSITION && !cx->is_parallel) {
        cache_do_transition(site, i, entry, o, value);
        return true;
    }
    return false;
}

bool eval_store_attr(Thread *th, CodeSite *site, Value object, Value value) {
    Context *cx = &th->cx;
    if (LIKELY(IS_OBJ(object))) {
        int i = cache_find(site, obj_shape(AS_OBJ(object)));
        if (LIKELY(i >= 0)) {
            return store_by_entry(cx, site, i, object, value) ||
                   value_setattr(cx, object, site->name, value);
        }
        AttrPlace place = attr_cache_store(cx, object, site->name);
        cache_keep(cx, site, &place);
    }
    return value_setattr(cx, object, site->name, value);
}

/* Fills the call window by an entry; false when that does not do. */
static bool load_method_by_entry(Context *cx, Value object, uint64_t entry, Value *window) {
    AttrKind kind = CACHE_KIND(entry);
    if (kind == ATTR_SLOT || kind == ATTR_PROPERTY) {
        return false;
    }
    Value found = value_load(&cx->rt->cells[CACHE_PLACE(entry)]);
    if (IS_UNSET(found)) {
        return false;
    }
    Value self = VALUE_UNSET;
    if (kind == ATTR_FUNCTION || kind == ATTR_NATIVE) {
        self = object;
    } else if (kind == ATTR_STATIC) {
        found = ((ObjWrapper *)AS_OBJ(found))->function;
    } else if (kind == ATTR_CLASS) {
        found = ((ObjWrapper *)AS_OBJ(found))->function;
        self = class_receiver(cx, object);
    }
    window[0] = found;
    window[FRAME_WORDS] = self;
    return true;
}

bool eval_load_method(Thread *th, CodeSite *site, Value object, Value *window) {
    Context *cx = &th->cx;
    int i = cache_find(site, cache_shape(object));
    if (LIKELY(i >= 0 && load_method_by_entry(cx, object, atomic_load_acquire(&site->entries[i]),
                                              window))) {
        return true;
    }
    Value self = VALUE_UNSET;
    Value found = value_getmethod(cx, object, site->name, &self);
    if (IS_ERROR(found)) {
        return false;
    }
    window[0] = found;
    window[FRAME_WORDS] = self;
    if (i < 0) {
        AttrPlace place = attr_cache_lookup(cx, object, site->name);
        cache_keep(cx, site, &place);
    }
    return true;
}

/* The attribute that super() finds, unbound; VALUE_UNSET when `super` is not the built-in class or type and self do not fit
 * together, so that the ordinary way has to report it. */
static Value find_by_super(Context *cx, Value super, Value type, Value self, ObjStr *name) {
    if (super != OBJ_VALUE(cx->rt->types[KIND_SUPER]) || !IS_TYPE(type)) {
        return VALUE_UNSET;
    }
    ObjType *start = type_of(cx, self);
    if (!type_is_subtype(start, AS_TYPE(type))) {
        return VALUE_UNSET;
    }
    return type_lookup_super(cx, start, AS_TYPE(type), name);
}

bool eval_load_super_method(Thread *th, CodeSite *site, Value *window, Value type, Value self) {
    Context *cx = &th->cx;
    Value found = find_by_super(cx, window[0], type, self, site->name);
    if (IS_FUNCTION(found) || IS_KIND(found, KIND_NATIVE)) {
        window[0] = found;
        window[FRAME_WORDS] = self;
        return true;
    }
    Value value = eval_load_super_attr(th, site, window[0], type, self);
    window[0] = value;
    window[FRAME_WORDS] = VALUE_UNSET;
    return !IS_ERROR(value);
}

Value eval_load_super_attr(Thread *th, CodeSite *site, Value super, Value type, Value self) {
    Context *cx = &th->cx;
    /* Another thing of this name, or a class derived from the built-in one, finds them itself. */
    bool is_plain = super == OBJ_VALUE(cx->rt->types[KIND_SUPER]);
    Value args[2] = {type, self};
    Value object = call_value(cx, super, args, is_plain ? 2 : 0);
    return IS_ERROR(object) ? object : value_getattr(cx, object, site->name);
}
