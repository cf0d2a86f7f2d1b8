/* exception_group.c - groups of exceptions: split, subgroup, derive, and except*. */

#include "runtime/objects/exception_group.h"

#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/tuple.h"

static bool is_group(const Context *cx, Value v) {
    return IS_EXCEPTION(v) && exc_matches_kind(cx, v, EXC_BaseExceptionGroup);
}

ObjTuple *exc_group_members(const Context *cx, Value v) {
    if (!is_group(cx, v)) {
        return NULL;
    }
    const Value members = value_load(&AS_EXCEPTION(v)->detail[0]);
    return IS_TUPLE(members) ? AS_TUPLE(members) : NULL;
}

/* ---- Making ---- */

bool exc_group_add_base(Context *cx, ObjType *type) {
    Runtime *rt = cx->rt;
    const Value bases[] = {OBJ_VALUE(rt->exception_types[EXC_BaseExceptionGroup]),
                           OBJ_VALUE(rt->exception_types[EXC_Exception])};
    const Value mro[] = {OBJ_VALUE(type), bases[0], bases[1],
                         OBJ_VALUE(rt->exception_types[EXC_BaseException]),
                         OBJ_VALUE(rt->types[KIND_INSTANCE])};
    const Value bases_tuple = tuple_from(cx, bases, 2);
    const Value mro_tuple = tuple_from(cx, mro, 5);
    if (IS_ERROR(bases_tuple) || IS_ERROR(mro_tuple)) {
        return false;
    }
    type->bases = AS_TUPLE(bases_tuple);
    type->mro = AS_TUPLE(mro_tuple);
    return list_append(cx, AS_LIST(rt->exception_types[EXC_Exception]->subclasses),
                       OBJ_VALUE(type));
}

/* True when all are exceptions; *has_base: one of them is no Exception. */
static bool check_members(Context *cx, const ObjTuple *members, bool *has_base) {
    *has_base = false;
    for (size_t i = 0; i < members->n; i++) {
        if (!IS_EXCEPTION(members->items[i])) {
            exc_raise(cx, EXC_ValueError,
                      "Item %zu of second argument (exceptions) is not an exception", i);
            return false;
        }
        *has_base |= !exc_matches_kind(cx, members->items[i], EXC_Exception);
    }
    return true;
}

static Value members_of_argument(Context *cx, Value v) {
    if (IS_TUPLE(v)) {
        return v;
    }
    const bool is_sequence =
        IS_LIST(v) || IS_STR(v) || IS_BYTES(v) || IS_KIND(v, KIND_RANGE) ||
        (IS_KIND(v, KIND_INSTANCE) && !IS_UNSET(type_special(type_of(cx, v), SPECIAL_getitem)));
    if (!is_sequence) {
        return exc_raise(cx, EXC_TypeError,
                         "second argument (exceptions) must be a sequence");
    }
    ObjList *list = list_new(cx, 0);
    return list == NULL || !list_extend(cx, list, v) ? VALUE_ERROR
                                                     : list_to_tuple(cx, list);
}

ObjType *exc_group_class(Context *cx, ObjType *type, const Value *args, int n_args) {
    if (n_args != 2) {
        exc_raise(cx, EXC_TypeError,
                  "BaseExceptionGroup.__new__() takes exactly 2 arguments (%d given)",
                  n_args);
        return NULL;
    }
    if (!IS_STR(args[0])) {
        exc_raise(cx, EXC_TypeError,
                  "BaseExceptionGroup.__new__() argument 1 must be str, not %s",
                  arg_type_name(cx, args[0]));
        return NULL;
    }
    const Value members = members_of_argument(cx, args[1]);
    bool has_base;
    if (IS_ERROR(members)) {
        return NULL;
    }
    if (AS_TUPLE(members)->n == 0) {
        exc_raise(cx, EXC_ValueError,
                  "second argument (exceptions) must be a non-empty sequence");
        return NULL;
    }
    if (!check_members(cx, AS_TUPLE(members), &has_base)) {
        return NULL;
    }
    ObjType *of_exceptions = exc_type(cx, EXC_ExceptionGroup);
    if (of_exceptions == NULL) {
        return NULL;
    }
    if (!has_base) {
        return type == cx->rt->exception_types[EXC_BaseExceptionGroup] ? of_exceptions : type;
    }
    if (type == of_exceptions) {
        exc_raise(cx, EXC_TypeError, "Cannot nest BaseExceptions in an ExceptionGroup");
        return NULL;
    }
    if (type_is_subtype(type, cx->rt->exception_types[EXC_Exception])) {
        exc_raise(cx, EXC_TypeError, "Cannot nest BaseExceptions in '%s'",
                  type_name_c(cx, type));
        return NULL;
    }
    return type;
}

bool exc_group_init(Context *cx, ObjException *e, const Value *args) {
    if (!IS_UNSET(e->value)) {
        return true; /* __init__ of a class whose __new__ made it of other arguments */
    }
    const Value members = members_of_argument(cx, args[1]);
    e->value = args[0];
    e->detail[0] = members;
    return !IS_ERROR(members);
}

/* ExceptionGroup(message, members), or BaseExceptionGroup where it has to be. */
static Value group_new(Context *cx, Value message, Value members) {
    const Value args[] = {message, members};
    ObjType *type = exc_type(cx, EXC_BaseExceptionGroup);
    return type == NULL ? VALUE_ERROR : call_value(cx, OBJ_VALUE(type), args, 2);
}

Value exc_group_str(Context *cx, const ObjException *e) {
    const Value message = value_str(cx, e->value);
    const size_t n = IS_TUPLE(e->detail[0]) ? AS_TUPLE(e->detail[0])->n : 0;
    if (IS_ERROR(message)) {
        return VALUE_ERROR;
    }
    ObjStr *text =
        str_format_c(cx, "%.*s (%zu sub-exception%s)", (int)AS_STR(message)->n_bytes,
                     AS_STR(message)->data, n, n == 1 ? "" : "s");
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* ---- Parts of a group ---- */

static bool copy_notes(Context *cx, Value from, Value to) {
    ObjStr *name = context_name(cx, NAME_notes_);
    const Value notes = instance_get_own(cx, AS_OBJ(from), name);
    if (!IS_LIST(notes)) {
        return true;
    }
    ObjList *copy = list_new(cx, 0);
    return copy != NULL && list_extend(cx, copy, notes) &&
           value_setattr(cx, to, name, OBJ_VALUE(copy));
}

/* What group.derive(members) gives, with the traceback and the chain of the group; None for
 * no members. */
static Value subset(Context *cx, Value group, ObjList *members) {
    if (list_length(members) == 0) {
        return VALUE_NONE;
    }
    const Value argument = OBJ_VALUE(members);
    const Value part =
        value_call_attr(cx, group, context_name(cx, NAME_plain_derive), &argument, 1);
    if (IS_ERROR(part)) {
        return VALUE_ERROR;
    }
    if (!is_group(cx, part)) {
        return exc_raise(cx, EXC_TypeError,
                         "derive must return an instance of BaseExceptionGroup");
    }
    ObjException *to = AS_EXCEPTION(part);
    const ObjException *from = AS_EXCEPTION(group);
    value_store(&to->traceback, value_load(&from->traceback));
    value_store(&to->context, value_load(&from->context));
    value_store(&to->cause, value_load(&from->cause));
    atomic_store_release(&to->suppress_context, true); /* as whatever was given a cause */
    return copy_notes(cx, group, part) ? part : VALUE_ERROR;
}

/* 1, 0, -1: whether the exception is one that is looked for. */
typedef int Chooses(Context *cx, Value exception, Value condition);

/* Splits an exception into what is chosen and what is not; each is None when there is
 * nothing of it. */
static bool split(Context *cx, Value exception, Chooses *chooses, Value condition,
                  Value *match, Value *rest) {
    *match = VALUE_NONE;
    *rest = VALUE_NONE;
    if (!exc_check_c_stack(cx)) {
        return false;
    }
    const int is_chosen = chooses(cx, exception, condition);
    const ObjTuple *members = exc_group_members(cx, exception);
    if (is_chosen != 0 || members == NULL) {
        *(is_chosen > 0 ? match : rest) = exception;
        return is_chosen >= 0;
    }
    ObjList *chosen = list_new(cx, 0);
    ObjList *others = list_new(cx, 0);
    if (chosen == NULL || others == NULL) {
        return false;
    }
    for (size_t i = 0; i < members->n; i++) {
        Value in;
        Value out;
        if (!split(cx, members->items[i], chooses, condition, &in, &out) ||
            (!IS_NONE(in) && !list_append(cx, chosen, in)) ||
            (!IS_NONE(out) && !list_append(cx, others, out))) {
            return false;
        }
    }
    *match = subset(cx, exception, chosen);
    *rest = IS_ERROR(*match) ? VALUE_ERROR : subset(cx, exception, others);
    return !IS_ERROR(*rest);
}

static int chooses_class(Context *cx, Value exception, Value condition) {
    return exc_matches(cx, exception, condition);
}

static int chooses_by_call(Context *cx, Value exception, Value condition) {
    const Value answer = call_value(cx, condition, &exception, 1);
    return IS_ERROR(answer) ? -1 : value_is_true(cx, answer);
}

static bool is_exception_class(Value v) {
    return IS_TYPE(v) && type_has(AS_TYPE(v), TYPE_FLAG_EXCEPTION);
}

/* What a condition given to split() or subgroup() is; NULL: TypeError. */
static Chooses *chooser(Context *cx, Value condition) {
    bool is_class = is_exception_class(condition) || IS_TUPLE(condition);
    for (size_t i = 0; IS_TUPLE(condition) && i < AS_TUPLE(condition)->n; i++) {
        is_class &= is_exception_class(AS_TUPLE(condition)->items[i]);
    }
    if (is_class) {
        return chooses_class;
    }
    if (!IS_TYPE(condition) && value_is_callable(cx, condition)) {
        return chooses_by_call;
    }
    exc_raise(
        cx, EXC_TypeError,
        "expected an exception type, a tuple of exception types, or a callable (other "
        "than a class)");
    return NULL;
}

NATIVE(group_derive, "derive(self, excs, /)",
       "A group of the same kind with other exceptions.") {
    return group_new(cx, value_load(&AS_EXCEPTION(args[0])->value), args[1]);
}

NATIVE(group_split, "split(self, condition, /)",
       "A pair of the part that the condition holds for and of the rest.") {
    Chooses *chooses = chooser(cx, args[1]);
    Value match;
    Value rest;
    return chooses == NULL || !split(cx, args[0], chooses, args[1], &match, &rest)
               ? VALUE_ERROR
               : tuple_pack(cx, 2, match, rest);
}

NATIVE(group_subgroup, "subgroup(self, condition, /)",
       "The part that the condition holds for, or None.") {
    Chooses *chooses = chooser(cx, args[1]);
    Value match;
    Value rest;
    return chooses == NULL || !split(cx, args[0], chooses, args[1], &match, &rest)
               ? VALUE_ERROR
               : match;
}

NATIVE(group_class_getitem, "__class_getitem__(self, item, /)",
       "ExceptionGroup[...] is the class.") {
    return args[0];
}

const NativeDef exc_group_methods[] = {
    NATIVE_ENTRY(group_derive),   NATIVE_ENTRY(group_split),
    NATIVE_ENTRY(group_subgroup), NATIVE_ENTRY_FLAGS(group_class_getitem, NATIVE_CLASS),
    {NULL, NULL, NULL, 0},
};

static Value get_message(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_EXCEPTION(self)->value);
}

static Value get_exceptions(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_EXCEPTION(self)->detail[0]);
}

const GetsetDef exc_group_getsets[] = {
    {"message", "exception message", get_message, NULL},
    {"exceptions", "nested exceptions", get_exceptions, NULL},
    {NULL, NULL, NULL, NULL},
};

/* ---- except* ---- */

static bool is_group_class(const Context *cx, Value v) {
    return IS_TYPE(v) &&
           type_is_subtype(AS_TYPE(v), cx->rt->exception_types[EXC_BaseExceptionGroup]);
}

/* No class of groups may stand behind except*. */
static bool check_type(Context *cx, Value type) {
    bool has_group = is_group_class(cx, type);
    for (size_t i = 0; IS_TUPLE(type) && i < AS_TUPLE(type)->n; i++) {
        has_group |= is_group_class(cx, AS_TUPLE(type)->items[i]);
    }
    if (has_group) {
        exc_raise(
            cx, EXC_TypeError,
            "catching ExceptionGroup with except* is not allowed. Use except instead.");
    }
    return !has_group;
}

bool exc_group_match(Context *cx, Value exception, Value type, Value *match,
                     Value *rest) {
    *match = VALUE_NONE;
    *rest = exception;
    if (IS_NONE(exception)) {
        return true;
    }
    const int is_whole = exc_matches(cx, exception, type);
    if (is_whole < 0 || !check_type(cx, type)) {
        return false;
    }
    if (!is_whole) {
        return !is_group(cx, exception) ||
               split(cx, exception, chooses_class, type, match, rest);
    }
    *rest = VALUE_NONE;
    *match = exception;
    if (!is_group(cx, exception)) {
        const Value members = tuple_pack(cx, 1, exception);
        *match = IS_ERROR(members) ? VALUE_ERROR
                                   : group_new(cx, OBJ_VALUE(cx->rt->empty_str), members);
    }
    return !IS_ERROR(*match);
}

/* Parts of a group have its metadata: such an exception was not raised anew. */
static bool is_part_of(Value v, Value original) {
    const ObjException *a = AS_EXCEPTION(v);
    const ObjException *b = AS_EXCEPTION(original);
    return value_load(&a->traceback) == value_load(&b->traceback) &&
           value_load(&a->cause) == value_load(&b->cause) &&
           value_load(&a->context) == value_load(&b->context);
}

/* Adds the exceptions that v consists of to the list. */
static bool add_leaves(Context *cx, Value v, ObjList *leaves) {
    const ObjTuple *members = exc_group_members(cx, v);
    if (members == NULL) {
        return list_append(cx, leaves, v);
    }
    for (size_t i = 0; i < members->n; i++) {
        if (!exc_check_c_stack(cx) || !add_leaves(cx, members->items[i], leaves)) {
            return false;
        }
    }
    return true;
}

static int chooses_listed(Context *cx, Value exception, Value list) {
    if (is_group(cx, exception)) {
        return 0;
    }
    Value item;
    for (size_t i = 0; !IS_UNSET(item = list_peek(AS_LIST(list), i)); i++) {
        if (item == exception) {
            return 1;
        }
    }
    return 0;
}

/* Divides what is to be raised: parts of the original, whose leaves are listed, and new
 * exceptions. */
static bool divide(Context *cx, Value original, const ObjList *all, ObjList *leaves,
                   ObjList *new_ones) {
    Value v;
    for (size_t i = 0; !IS_UNSET(v = list_peek(all, i)); i++) {
        if (is_part_of(v, original) ? !add_leaves(cx, v, leaves)
                                    : !list_append(cx, new_ones, v)) {
            return false;
        }
    }
    return true;
}

Value exc_group_combine(Context *cx, Value original, ObjList *raised, Value rest) {
    if (!IS_NONE(rest) && !list_append(cx, raised, rest)) {
        return VALUE_ERROR;
    }
    if (list_length(raised) == 0) {
        return VALUE_NONE;
    }
    if (!is_group(cx, original)) {
        return list_peek(raised, 0);
    }
    ObjList *leaves = list_new(cx, 0);
    ObjList *new_ones = list_new(cx, 0);
    if (leaves == NULL || new_ones == NULL ||
        !divide(cx, original, raised, leaves, new_ones)) {
        return VALUE_ERROR;
    }
    Value part = VALUE_NONE;
    Value others;
    if (list_length(leaves) > 0 &&
        !split(cx, original, chooses_listed, OBJ_VALUE(leaves), &part, &others)) {
        return VALUE_ERROR;
    }
    if (list_length(new_ones) == 0) {
        return part;
    }
    if (!IS_NONE(part) && !list_append(cx, new_ones, part)) {
        return VALUE_ERROR;
    }
    return list_length(new_ones) == 1
               ? list_peek(new_ones, 0)
               : group_new(cx, OBJ_VALUE(cx->rt->empty_str), OBJ_VALUE(new_ones));
}
