/* native_errors.c - what is said when a native function is called wrongly.
 *
 * The messages are those of CPython, which words them by how a function takes its
 * arguments; here that is read off the signature: none ("takes no arguments"), exactly
 * one by position ("takes exactly one argument"), several by position ("expected at most
 * 2 arguments, got 3"), with keywords ("missing required argument 'x' (pos 1)"). Special
 * methods have wordings of their own ("expected 1 argument, got 2"). */

#include "runtime/objects/native_errors.h"

#include <stdio.h>
#include <string.h>

#include "runtime/objects/exception.h"
#include "runtime/objects/module.h"
#include "runtime/objects/suggest.h"
#include "runtime/objects/type_internal.h"

/* Special methods that CPython has as ordinary methods of its types. */
static bool is_ordinary(SpecialId id, ObjKind owner) {
    switch (id) {
    case SPECIAL_getitem: return owner == KIND_LIST || owner == KIND_DICT;
    case SPECIAL_contains:
        return owner == KIND_DICT || owner == KIND_SET || owner == KIND_FROZENSET;
    case SPECIAL_format:
    case SPECIAL_bytes:
    case SPECIAL_reversed:
    case SPECIAL_missing:
    case SPECIAL_enter:
    case SPECIAL_exit:
    case SPECIAL_dir:
    case SPECIAL_init_subclass:
    case SPECIAL_class_getitem:
    case SPECIAL_complex:
    case SPECIAL_round:
    case SPECIAL_trunc:
    case SPECIAL_floor:
    case SPECIAL_ceil:
    case SPECIAL_length_hint:
    case SPECIAL_instancecheck:
    case SPECIAL_subclasscheck:
    case SPECIAL_new: return true;
    default: return false;
    }
}

bool native_is_slot(Context *cx, const ObjNative *native) {
    if (native->owner == NULL || (native->def->flags & (NATIVE_STATIC | NATIVE_CLASS))) {
        return false;
    }
    const int special = special_of_name(cx, native->name);
    return special >= 0 &&
           !is_ordinary((SpecialId)special, (ObjKind)native->owner->layout);
}

/* A special method: "expected 1 argument, got 2"; with a space in front where CPython
 * takes the arguments apart by a function that puts a name there. */
static Value raise_slot_count(Context *cx, const ObjNative *native, int at_least,
                              int at_most, int n) {
    const SpecialId id = (SpecialId)special_of_name(cx, native->name);
    const bool is_repetition =
        (id == SPECIAL_mul || id == SPECIAL_rmul || id == SPECIAL_imul) &&
        kind_ops[native->owner->layout]->length != NULL;
    const char *space = at_most == 2 || is_repetition ? " " : "";
    const char *how = at_least == at_most ? "" : n < at_least ? "at least " : "at most ";
    const int limit = n < at_least ? at_least : at_most;
    return exc_raise(cx, EXC_TypeError, "%sexpected %s%d argument%s, got %d", space, how,
                     limit, limit == 1 ? "" : "s", n);
}

/* The name as in "list.append" or "math.sqrt"; functions of builtins stand alone. */
static const char *full_name(Context *cx, const ObjNative *native, char *buffer,
                             size_t n_bytes) {
    const int length = (int)native->name->n_bytes;
    if (native->owner != NULL) {
        const ObjStr *owner = native->owner->name;
        snprintf(buffer, n_bytes, "%.*s.%.*s", (int)owner->n_bytes, owner->data, length,
                 native->name->data);
    } else if (IS_MODULE(native->self) && AS_MODULE(native->self) != cx->rt->builtins) {
        const ObjStr *module = AS_MODULE(native->self)->name;
        snprintf(buffer, n_bytes, "%.*s.%.*s", (int)module->n_bytes, module->data, length,
                 native->name->data);
    } else {
        snprintf(buffer, n_bytes, "%.*s", length, native->name->data);
    }
    return buffer;
}

static const char *plural(int n) {
    return n == 1 ? "" : "s";
}

/* Parameters that can be given by keyword. */
bool native_takes_keywords(const ObjNative *native) {
    return native->has_kwargs || native->n_parameters > native->n_positional_only;
}

/* By position only: "pop expected at most 1 argument, got 2". */
static Value raise_positional_count(Context *cx, const ObjNative *native, int at_least,
                                    int at_most, int n) {
    const char *name = native->name->data;
    const int length = (int)native->name->n_bytes;
    char full[160];
    if (at_most == 0) {
        return exc_raise(cx, EXC_TypeError, "%s() takes no arguments (%d given)",
                         full_name(cx, native, full, sizeof full), n);
    }
    if (at_most == 1 && at_least == 1) {
        return exc_raise(cx, EXC_TypeError, "%s() takes exactly one argument (%d given)",
                         full_name(cx, native, full, sizeof full), n);
    }
    const int limit = n < at_least ? at_least : at_most;
    const char *how = at_least == at_most ? "" : n < at_least ? "at least " : "at most ";
    return exc_raise(cx, EXC_TypeError, "%.*s expected %s%d argument%s, got %d", length,
                     name, how, limit, plural(limit), n);
}

/* With keywords: "split() takes at most 2 arguments (3 given)". */
Value native_raise_too_many(Context *cx, const ObjNative *native, int at_least,
                            int at_most, int n_args, int n_keywords) {
    const int length = (int)native->name->n_bytes;
    const char *name = native->name->data;
    const int total = native->n_parameters - native->is_method;
    if (native->def->flags & NATIVE_LIKE_SORT) {
        return native_raise_count(cx, native, n_args);
    }
    if (n_args + n_keywords > total) {
        return exc_raise(cx, EXC_TypeError, "%.*s() takes at most %d %sargument%s (%d given)",
                         length, name, total, n_args == 0 ? "keyword " : "", plural(total),
                         n_args + n_keywords);
    }
    if (at_most == 0) {
        return exc_raise(cx, EXC_TypeError, "%.*s() takes no positional arguments",
                         length, name);
    }
    return exc_raise(cx, EXC_TypeError,
                     "%.*s() takes %s %d positional argument%s (%d given)", length, name,
                     at_least < at_most ? "at most" : "exactly", at_most, plural(at_most),
                     n_args);
}

Value native_raise_missing(Context *cx, const ObjNative *native, int i, int n_args) {
    const int skipped = native->is_method;
    if (i < native->n_positional_only && native->n_positional != NATIVE_VARIADIC &&
        native_takes_keywords(native)) {
        const int at_least =
            (native->n_required < native->n_positional_only ? native->n_required
                                                            : native->n_positional_only) -
            skipped;
        return exc_raise(
            cx, EXC_TypeError, "%.*s() takes %s %d positional argument%s (%d given)",
            (int)native->name->n_bytes, native->name->data,
            at_least < native->n_positional - skipped ? "at least" : "exactly", at_least,
            plural(at_least), n_args);
    }
    const ObjStr *parameter = AS_STR(AS_TUPLE(native->parameters)->items[i]);
    return exc_raise(cx, EXC_TypeError,
                     "%.*s() missing required argument '%.*s' (pos %d)",
                     (int)native->name->n_bytes, native->name->data,
                     (int)parameter->n_bytes, parameter->data, i + 1 - skipped);
}

Value native_raise_count(Context *cx, const ObjNative *native, int n_args) {
    const int skipped = native->is_method;
    const int n = n_args - skipped;
    const int at_least = native->n_required - skipped;
    const bool is_variadic = native->n_positional == NATIVE_VARIADIC;
    const int at_most = native->n_positional - skipped;
    if (n < 0 && native_is_slot(cx, native)) {
        return exc_raise(cx, EXC_TypeError,
                         "descriptor '%.*s' of '%s' object needs an argument",
                         (int)native->name->n_bytes, native->name->data,
                         type_name_c(cx, native->owner));
    }
    if (n < 0) {
        char full[160];
        return exc_raise(cx, EXC_TypeError, "unbound method %s() needs an argument",
                         full_name(cx, native, full, sizeof full));
    }
    if (native->def->flags & NATIVE_LIKE_SORT) {
        return exc_raise(cx, EXC_TypeError, "%.*s expected 1 argument, got %d",
                         (int)native->name->n_bytes, native->name->data, n);
    }
    if (is_variadic) {
        return exc_raise(cx, EXC_TypeError,
                         "%.*s expected at least %d argument%s, got %d",
                         (int)native->name->n_bytes, native->name->data, at_least,
                         plural(at_least), n);
    }
    if (native_is_slot(cx, native)) {
        return raise_slot_count(cx, native, at_least, at_most, n);
    }
    if (!native_takes_keywords(native)) {
        return raise_positional_count(cx, native, at_least, at_most, n);
    }
    return n > at_most ? native_raise_too_many(cx, native, at_least, at_most, n, 0)
                       : native_raise_missing(cx, native, n_args, n);
}

Value native_raise_wrong_self(Context *cx, const ObjNative *native, Value self) {
    const int length = (int)native->name->n_bytes;
    const char *owner = type_name_c(cx, native->owner);
    if (native_is_slot(cx, native)) {
        return exc_raise(cx, EXC_TypeError,
                         "descriptor '%.*s' requires a '%s' object but received a '%s'",
                         length, native->name->data, owner, type_name_of(cx, self));
    }
    return exc_raise(cx, EXC_TypeError,
                     "descriptor '%.*s' for '%s' objects doesn't apply to a '%s' object",
                     length, native->name->data, owner, type_name_of(cx, self));
}

Value native_raise_unexpected_keyword(Context *cx, const ObjNative *native,
                                      const ObjStr *name) {
    char full[160];
    if (native_is_slot(cx, native)) {
        return exc_raise(cx, EXC_TypeError, "wrapper %.*s() takes no keyword arguments",
                         (int)native->name->n_bytes, native->name->data);
    }
    if (!native_takes_keywords(native)) {
        return exc_raise(cx, EXC_TypeError, "%s() takes no keyword arguments",
                         full_name(cx, native, full, sizeof full));
    }
    const ObjTuple *parameters = AS_TUPLE(native->parameters);
    const size_t n_without = (size_t)native->n_positional_only;
    const bool is_like_sort = native->def->flags & NATIVE_LIKE_SORT;
    return suggest_raise_keyword(cx, is_like_sort ? "sort" : native->name->data,
                                 is_like_sort ? strlen("sort") : native->name->n_bytes, name,
                                 parameters->items + n_without,
                                 parameters->n - n_without);
}

/* The class that a __new__ is called with: "int.__new__(str): str is not a subtype of
 * int". */
bool native_check_class_to_make(Context *cx, const ObjNative *native, int n_args,
                                Value v) {
    const char *owner = type_name_c(cx, native->owner);
    if (n_args == 0) {
        exc_raise(cx, EXC_TypeError, "%s.__new__(): not enough arguments", owner);
    } else if (!IS_TYPE(v)) {
        exc_raise(cx, EXC_TypeError, "%s.__new__(X): X is not a type object (%s)", owner,
                  type_name_of(cx, v));
    } else if (!type_is_subtype(AS_TYPE(v), native->owner)) {
        const char *name = type_name_c(cx, AS_TYPE(v));
        exc_raise(cx, EXC_TypeError, "%s.__new__(%s): %s is not a subtype of %s", owner,
                  name, name, owner);
    } else {
        return true;
    }
    return false;
}
