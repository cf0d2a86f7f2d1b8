/* iter_state.c - where an iterator stands, told and set: for length_hint(), copies and
 * pickles.
 *
 * An iterator over a sequence is described by a Place, whatever its layout. A thread that
 * reads or sets one while another iterates gets a position that was right at some time.
 *
 * See also: iter.h (layouts); dict_views.c, set.c and range.c have their own. */

#include "runtime/objects/iter_state.h"

#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/generic.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/module.h"

static Value builtin(Context *cx, const char *text) {
    ObjStr *name = str_intern(cx, text, strlen(text));
    const Value v = name == NULL ? VALUE_ERROR : module_get(cx, cx->rt->builtins, name);
    return IS_UNSET(v) ? exc_raise(cx, EXC_AttributeError, "%s", text) : v;
}

Value iter_reduction(Context *cx, Value maker, Value arguments, Value state) {
    const Value parts[] = {maker, arguments, state};
    if (IS_ERROR(maker) || IS_ERROR(arguments) || IS_ERROR(state)) {
        return VALUE_ERROR;
    }
    return tuple_from(cx, parts, IS_UNSET(state) ? 2 : 3);
}

Value iter_reduction_of(Context *cx, Value of, Value state) {
    const Value arguments = IS_ERROR(of) ? VALUE_ERROR : tuple_from(cx, &of, 1);
    return iter_reduction(cx, builtin(cx, "iter"), arguments, state);
}

Value iter_reduction_of_rest(Context *cx, Value rest) {
    return iter_reduction_of(cx, list_from_iterable(cx, rest), VALUE_UNSET);
}

bool iter_state_arg(Context *cx, Value v, int64_t *state) {
    if (!IS_INT_LIKE(v)) {
        exc_raise(cx, EXC_TypeError, "an integer is required");
        return false;
    }
    if (!int_to_i64(v, state)) {
        exc_raise(cx, EXC_OverflowError, "Python int too large to convert to C ssize_t");
        return false;
    }
    return true;
}

/* Iterators over sequences */

typedef struct Place {
    Value sequence; /* VALUE_UNSET at the end */
    int64_t index;  /* of the next item */
    bool is_backwards;
} Place;

static Value of_obj(const void *o) {
    return o == NULL ? VALUE_UNSET : OBJ_VALUE(o);
}

static Place place_of(Value v) {
    const Obj *o = AS_OBJ(v);
    Place place = {VALUE_UNSET, 0,
                   o->kind == KIND_LIST_REVITER || o->kind == KIND_REVERSED};
    switch (o->kind) {
    case KIND_STR_ITER: {
        const ObjStrIter *it = (const ObjStrIter *)o;
        const ObjStr *s = atomic_load_acquire(&it->s);
        place.sequence = of_obj(s);
        if (s != NULL) {
            place.index =
                (int64_t)str_char_of_byte(s, atomic_load_relaxed(&it->position));
        }
        break;
    }
    case KIND_BYTES_ITER: {
        const ObjBytesIter *it = (const ObjBytesIter *)o;
        place.sequence = of_obj(atomic_load_acquire(&it->bytes));
        place.index = (int64_t)atomic_load_relaxed(&it->position);
        break;
    }
    case KIND_SEQ_ITER:
    case KIND_REVERSED: {
        const ObjSeqIter *it = (const ObjSeqIter *)o;
        place.sequence = value_load(&it->sequence);
        place.index = atomic_load_relaxed(&it->position);
        break;
    }
    default: {
        const ObjIndexIter *it = (const ObjIndexIter *)o;
        place.sequence = of_obj(atomic_load_acquire(&it->sequence));
        place.index = atomic_load_relaxed(&it->position);
        break;
    }
    }
    if (place.is_backwards) { /* positions go from -n to -1 */
        place.index = -1 - place.index;
    }
    return place;
}

static void go_to(Value v, Value sequence, int64_t index) {
    Obj *o = AS_OBJ(v);
    switch (o->kind) {
    case KIND_STR_ITER:
        atomic_store_relaxed(&((ObjStrIter *)o)->position,
                             str_byte_of_char(AS_STR(sequence), (size_t)index));
        break;
    case KIND_BYTES_ITER:
        atomic_store_relaxed(&((ObjBytesIter *)o)->position, (size_t)index);
        break;
    case KIND_SEQ_ITER: atomic_store_relaxed(&((ObjSeqIter *)o)->position, index); break;
    case KIND_REVERSED:
        atomic_store_relaxed(&((ObjSeqIter *)o)->position, -1 - index);
        break;
    case KIND_LIST_REVITER:
        atomic_store_relaxed(&((ObjIndexIter *)o)->position, -1 - index);
        break;
    default: atomic_store_relaxed(&((ObjIndexIter *)o)->position, index); break;
    }
}

NATIVE(place_length_hint, "__length_hint__(self, /)",
       "Return how many items are probably left.") {
    const Place place = place_of(args[0]);
    if (IS_UNSET(place.sequence)) {
        return value_from_int(0);
    }
    if (obj_shape(AS_OBJ(args[0])) == KIND_SEQ_ITER &&
        IS_UNSET(type_special(type_of(cx, place.sequence), SPECIAL_len))) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const int64_t n = value_length(cx, place.sequence);
    if (n < 0) {
        return VALUE_ERROR;
    }
    const int64_t left = !place.is_backwards    ? n - place.index
                         : place.index + 1 <= n ? place.index + 1
                                                : 0;
    return int_from_i64(cx, left < 0 ? 0 : left);
}

/* The arguments that make an iterator which is at its end. */
static Value nothing_for(Context *cx, const Obj *it) {
    const Value nothing = it->kind == KIND_LIST_ITER || it->kind == KIND_LIST_REVITER
                              ? list_from(cx, NULL, 0)
                          : it->kind == KIND_STR_ITER ? OBJ_VALUE(cx->rt->empty_str)
                                                      : cx->rt->empty_tuple;
    return IS_ERROR(nothing) ? VALUE_ERROR : tuple_from(cx, &nothing, 1);
}

NATIVE(place_reduce, "__reduce__(self, /)", "Return what a copy is made of.") {
    const Obj *it = AS_OBJ(args[0]);
    const Place place = place_of(args[0]);
    const Value maker = it->kind == KIND_REVERSED ? OBJ_VALUE(type_of(cx, args[0]))
                        : place.is_backwards      ? builtin(cx, "reversed")
                                                  : builtin(cx, "iter");
    const bool is_end =
        IS_UNSET(place.sequence) || (it->kind == KIND_LIST_REVITER && place.index < 0);
    if (is_end) {
        return iter_reduction(cx, maker, nothing_for(cx, it), VALUE_UNSET);
    }
    return iter_reduction(cx, maker, tuple_from(cx, &place.sequence, 1),
                          int_from_i64(cx, place.index));
}

/* The index that is nearest to the one wanted: forwards 0 to n, backwards -1 to n - 1. What
 * has only __getitem__ is not asked how long it is, nor is what can become shorter. */
static bool nearest(Context *cx, const Place *place, ObjKind kind, int64_t *index) {
    const int64_t least = place->is_backwards ? -1 : 0;
    if (kind != KIND_SEQ_ITER) {
        const int64_t n = value_length(cx, place->sequence);
        if (n < 0) {
            return false;
        }
        *index = *index > n + least ? n + least : *index;
    }
    *index = *index < least ? least : *index;
    return true;
}

NATIVE(place_setstate, "__setstate__(self, state, /)",
       "Go where a copied iterator stood.") {
    int64_t index;
    if (!iter_state_arg(cx, args[1], &index)) {
        return VALUE_ERROR;
    }
    const Place place = place_of(args[0]);
    const ObjKind kind = (ObjKind)AS_OBJ(args[0])->kind;
    if (IS_UNSET(place.sequence)) {
        return VALUE_NONE;
    }
    if (kind == KIND_LIST_ITER && index < 0) { /* CPython takes that for the end */
        atomic_store_release(&AS_INDEX_ITER(args[0])->sequence, NULL);
        return VALUE_NONE;
    }
    if (!nearest(cx, &place, kind, &index)) {
        return VALUE_ERROR;
    }
    go_to(args[0], place.sequence, index);
    return VALUE_NONE;
}

const NativeDef iter_place_methods[] = {
    NATIVE_ENTRY(place_length_hint),
    NATIVE_ENTRY(place_reduce),
    NATIVE_ENTRY(place_setstate),
    {0},
};

const NativeDef iter_unsized_methods[] = {
    NATIVE_ENTRY(place_reduce),
    NATIVE_ENTRY(place_setstate),
    {0},
};

/* Iterators made of others */

static Value combiner_arguments(Context *cx, const ObjCombiner *it) {
    const size_t n_functions = it->header.kind == KIND_ZIP ? 0 : 1;
    ObjTuple *arguments = tuple_new(cx, it->n + n_functions);
    if (arguments == NULL) {
        return VALUE_ERROR;
    }
    arguments->items[0] = it->function; /* of zip: written over, or there is none */
    memcpy(arguments->items + n_functions, it->iterators, it->n * sizeof(Value));
    return OBJ_VALUE(arguments);
}

NATIVE(made_reduce, "__reduce__(self, /)", "Return what a copy is made of.") {
    const Obj *o = AS_OBJ(args[0]);
    const Value type = OBJ_VALUE(type_of(cx, args[0]));
    if (o->kind == KIND_CALL_ITER) {
        const ObjCallIter *it = (const ObjCallIter *)o;
        const Value callee = value_load(&it->callee);
        return IS_UNSET(callee)
                   ? iter_reduction_of(cx, cx->rt->empty_tuple, VALUE_UNSET)
                   : iter_reduction(cx, builtin(cx, "iter"),
                                    tuple_pack(cx, 2, callee, it->sentinel), VALUE_UNSET);
    }
    if (o->kind == KIND_ENUMERATE) {
        const ObjEnumerate *it = (const ObjEnumerate *)o;
        return iter_reduction(cx, type,
                              tuple_pack(cx, 2, it->iterator, value_load(&it->index)),
                              VALUE_UNSET);
    }
    const ObjCombiner *it = (const ObjCombiner *)o;
    return iter_reduction(cx, type, combiner_arguments(cx, it),
                          atomic_load_relaxed(&it->is_strict) ? VALUE_TRUE : VALUE_UNSET);
}

NATIVE(zip_setstate, "__setstate__(self, state, /)",
       "Go where a copied iterator stood.") {
    const int is_strict = value_is_true(cx, args[1]);
    if (is_strict < 0) {
        return VALUE_ERROR;
    }
    atomic_store_relaxed(&((ObjCombiner *)AS_OBJ(args[0]))->is_strict, is_strict != 0);
    return VALUE_NONE;
}

const NativeDef iter_reduce_methods[] = {NATIVE_ENTRY(made_reduce), {0}};
const NativeDef iter_zip_methods[] = {
    NATIVE_ENTRY(made_reduce), NATIVE_ENTRY(zip_setstate), {0}};
const NativeDef iter_enumerate_methods[] = {
    NATIVE_ENTRY(made_reduce), GENERIC_ENTRY, {0}};
