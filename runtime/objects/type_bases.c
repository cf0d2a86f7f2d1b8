/* type_bases.c - other bases for a class that exists: cls.__bases__ = (...).
 *
 * Bases, orders and what is remembered of attributes change at one instant, in the stopped
 * world, for the class and for all that derive from it: who looks an attribute up sees the
 * old ones or the new. Instances stay as they are, so the layout must not change.
 *
 * Invariants
 *   1. The world is stopped with the tables' lock held, which no other thread then holds;
 *      under it only C code runs, and none that words a message, since names of types are
 *      made under the same lock.
 *   2. A metaclass's mro() is asked afterwards; when it raises, everything is put back. */

#include "runtime/block.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/member.h"
#include "runtime/objects/type_internal.h"

static bool stop_world(Context *cx) {
    const bool is_locked = shape_tables_lock(cx);
    if (cx->is_parallel) {
        block_stop_world(cx);
    }
    return is_locked;
}

static void resume_world(Context *cx, bool is_locked) {
    if (cx->is_parallel) {
        block_resume_world(cx);
    }
    shape_tables_unlock(cx, is_locked);
}

/* What is asked for */

static ObjTuple *checked_bases(Context *cx, ObjType *type, Value value) {
    if (type_has(type, TYPE_FLAG_BUILTIN) || IS_UNSET(value)) {
        exc_raise(cx, EXC_TypeError,
                  "cannot %s '__bases__' attribute of immutable type '%s'",
                  IS_UNSET(value) ? "delete" : "set", type_name_c(cx, type));
        return NULL;
    }
    if (!IS_TUPLE(value) || AS_TUPLE(value)->n == 0) {
        exc_raise(cx, EXC_TypeError, "can only assign %stuple to %s.__bases__, not %s",
                  IS_TUPLE(value) ? "non-empty " : "", type_name_c(cx, type),
                  IS_TUPLE(value) ? "()" : type_name_of(cx, value));
        return NULL;
    }
    ObjTuple *bases = AS_TUPLE(value);
    for (size_t i = 0; i < bases->n; i++) {
        if (!IS_TYPE(bases->items[i])) {
            exc_raise(cx, EXC_TypeError,
                      "%s.__bases__ must be tuple of classes, not '%s'",
                      type_name_c(cx, type), type_name_of(cx, bases->items[i]));
            return NULL;
        }
    }
    return type_check_bases(cx, bases) ? bases : NULL;
}

static bool makes_cycle(const ObjType *type, const ObjTuple *bases) {
    for (size_t i = 0; i < bases->n; i++) {
        if (type_is_subtype(AS_TYPE(bases->items[i]), type)) {
            return true;
        }
    }
    return false;
}

/* Whether CPython frees their instances in the same way, which comes before their layout. */
static bool are_freed_alike(const ObjType *a, const ObjType *b) {
    const bool is_a_builtin = type_has(a, TYPE_FLAG_BUILTIN);
    return is_a_builtin == type_has(b, TYPE_FLAG_BUILTIN) &&
           (!is_a_builtin ||
            (a->layout == b->layout &&
             exc_getsets((ExcKind)a->exc_kind) == exc_getsets((ExcKind)b->exc_kind)));
}

static bool layouts_agree(Context *cx, const ObjType *a, const ObjType *b) {
    return exc_getsets((ExcKind)a->exc_kind) == exc_getsets((ExcKind)b->exc_kind) &&
           member_layouts_agree(cx, a, b);
}

/* The base whose layout is shared; NULL with TypeError. What special methods are looked for
 * in is complete then. */
static ObjType *fitting_base(Context *cx, const ObjType *type, const ObjTuple *bases) {
    ObjType *base = type_best_base(cx, bases);
    for (size_t i = 0; i < bases->n; i++) {
        const ObjTuple *mro = AS_TYPE(bases->items[i])->mro;
        for (size_t k = 0; k < mro->n; k++) {
            type_attributes(cx, AS_TYPE(mro->items[k]));
        }
    }
    const bool are_alike = base != NULL && are_freed_alike(base, type->base);
    if (base != NULL && !(are_alike && layouts_agree(cx, base, type->base))) {
        exc_raise(cx, EXC_TypeError, "__bases__ assignment: '%s' %s differs from '%s'",
                  type_name_c(cx, base), are_alike ? "object layout" : "deallocator",
                  type_name_c(cx, type->base));
        return NULL;
    }
    return base;
}

/* Subclasses of the bases */

static bool change_subclasses(Context *cx, const ObjTuple *bases, const ObjType *type,
                              bool is_added) {
    for (size_t i = 0; i < bases->n; i++) {
        ObjType *base = AS_TYPE(bases->items[i]);
        ObjList *fresh = list_new(cx, 0);
        bool is_ok = fresh != NULL;
        Value v;
        for (size_t k = 0;
             is_ok && !IS_UNSET(v = list_peek(AS_LIST(base->subclasses), k)); k++) {
            is_ok = v == OBJ_VALUE(type) || list_append(cx, fresh, v);
        }
        if (!is_ok || (is_added && !list_append(cx, fresh, OBJ_VALUE(type)))) {
            return false;
        }
        value_store(&base->subclasses, OBJ_VALUE(fresh));
    }
    return true;
}

/* Orders */

/* Whether none of the type's bases is among the types from `done` on, but for itself. */
static bool has_all_orders(const TypeVec *types, size_t done, const ObjType *type) {
    for (size_t i = 0; i < type->bases->n; i++) {
        for (size_t k = done; k < types->n; k++) {
            if (OBJ_VALUE(types->items[k]) == type->bases->items[i]) {
                return false;
            }
        }
    }
    return true;
}

/* Sorts the types so that each comes after those of its bases that are there, too. */
static void sort_by_bases(TypeVec *types) {
    for (size_t done = 0; done < types->n; done++) {
        size_t at = done;
        while (at + 1 < types->n && !has_all_orders(types, done, types->items[at])) {
            at++;
        }
        ObjType *next = types->items[at];
        types->items[at] = types->items[done];
        types->items[done] = next;
    }
}

/* The present orders as a list of tuples; NULL: no memory. */
static ObjList *present_orders(Context *cx, const TypeVec *types) {
    ObjList *orders = list_new(cx, types->n);
    for (size_t i = 0; orders != NULL && i < types->n; i++) {
        orders = list_append(cx, orders, OBJ_VALUE(types->items[i]->mro)) ? orders : NULL;
    }
    return orders;
}

static void put_orders_back(const TypeVec *types, const ObjList *orders) {
    for (size_t i = 0; i < types->n; i++) {
        types->items[i]->mro = AS_TUPLE(list_peek(orders, i));
    }
}

/* NULL: all were made; otherwise the type that has none. */
static ObjType *make_orders(Context *cx, const TypeVec *types) {
    for (size_t i = 0; i < types->n; i++) {
        ObjType *type = types->items[i];
        ObjTuple *order = type_c3_order(cx, type, type->bases, false);
        if (order == NULL) {
            return type;
        }
        type->mro = order;
    }
    return NULL;
}

/* The change */

static void set_bases_stw(ObjType *type, ObjTuple *bases, ObjType *base) {
    type->bases = bases;
    type->base = base;
    type->exc_kind = base->exc_kind;
}

/* What is exchanged. */
typedef struct Exchange {
    ObjType *type;
    ObjTuple *bases;
    ObjType *base;
    TypeVec types;    /* that are concerned */
    bool makes_cycle; /* why it failed */
    ObjType *orderless;
} Exchange;

/* False: it failed, perhaps without an exception. */
static bool exchange_stw(Context *cx, Exchange *x) {
    ObjType *type = x->type;
    ObjTuple *old_bases = type->bases;
    ObjType *old_base = type->base;
    x->makes_cycle = makes_cycle(type, x->bases);
    type_collect_subtypes(type, &x->types);
    sort_by_bases(&x->types);
    const ObjList *old_orders = x->makes_cycle ? NULL : present_orders(cx, &x->types);
    if (old_orders == NULL) {
        return false;
    }
    set_bases_stw(type, x->bases, x->base);
    x->orderless = make_orders(cx, &x->types);
    if (x->orderless != NULL || !change_subclasses(cx, old_bases, type, false) ||
        !change_subclasses(cx, x->bases, type, true)) {
        set_bases_stw(type, old_bases, old_base);
        put_orders_back(&x->types, old_orders);
        return false;
    }
    type_forget_all_stw(cx, &x->types);
    return true;
}

static void raise_failure(Context *cx, const Exchange *x) {
    if (!IS_UNSET(cx->pending)) { /* no memory */
        return;
    }
    if (x->makes_cycle) {
        exc_raise(cx, EXC_TypeError, "a __bases__ item causes an inheritance cycle");
    } else if (x->orderless != x->type ||
               type_c3_order(cx, x->type, x->bases, true) != NULL) {
        exc_raise(
            cx, EXC_TypeError,
            "Cannot create a consistent method resolution order (MRO) for class '%s'",
            type_name_c(cx, x->orderless));
    }
}

/* *changed gets the types that are concerned. */
static bool exchange(Context *cx, ObjType *type, ObjTuple *bases, ObjList *changed) {
    Exchange x = {.type = type, .bases = bases};
    x.base = fitting_base(cx, type, bases);
    if (x.base == NULL) {
        return false;
    }
    const bool is_locked = stop_world(cx);
    bool is_done = exchange_stw(cx, &x);
    resume_world(cx, is_locked);
    if (!is_done) {
        raise_failure(cx, &x);
    }
    for (size_t i = 0; is_done && i < x.types.n; i++) {
        is_done = list_append(cx, changed, OBJ_VALUE(x.types.items[i]));
    }
    vec_free(&x.types);
    return is_done;
}

static void take_order(Context *cx, ObjType *type, ObjTuple *order) {
    TypeVec types = {0};
    const bool is_locked = stop_world(cx);
    vec_push(&types, type);
    type->mro = order;
    type_forget_all_stw(cx, &types);
    resume_world(cx, is_locked);
    vec_free(&types);
}

static bool ask_for_orders(Context *cx, const ObjList *changed) {
    Value v;
    for (size_t i = 0; !IS_UNSET(v = list_peek(changed, i)); i++) {
        ObjType *type = AS_TYPE(v);
        ObjTuple *order = type_ask_for_order(cx, type, type_of(cx, v));
        if (order == NULL) {
            return false;
        }
        if (order != type->mro) {
            take_order(cx, type, order);
        }
    }
    return true;
}

bool type_set_bases(Context *cx, ObjType *type, Value value) {
    ObjTuple *bases = checked_bases(cx, type, value);
    ObjTuple *old_bases = type->bases;
    ObjList *changed = bases == NULL ? NULL : list_new(cx, 0);
    if (changed == NULL || !exchange(cx, type, bases, changed)) {
        return false;
    }
    if (ask_for_orders(cx, changed)) {
        return true;
    }
    const Value pending = exc_take(cx);
    ObjList *restored = list_new(cx, 0);
    if (restored != NULL && exchange(cx, type, old_bases, restored)) {
        ask_for_orders(cx, restored);
    }
    cx->pending = pending;
    return false;
}
