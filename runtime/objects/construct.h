/* construct.h - checks shared by the construct functions of the built-in types. */

#ifndef MINI_OBJECTS_CONSTRUCT_H
#define MINI_OBJECTS_CONSTRUCT_H

#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/type.h"

static inline bool construct_has_kwargs(Value kwargs) {
    return !IS_UNSET(kwargs) && dict_length(AS_DICT(kwargs)) > 0;
}

/* Is an instance of the class filled by __init__ afterwards, whatever __new__ was given?
 * So it is when a class of the language has a __new__. (When it only has an __init__,
 * construct is called without arguments.) */
static inline bool construct_is_bare(const Context *cx, const ObjType *type) {
    return type != cx->rt->types[type->layout] &&
           !IS_UNSET(type_special(type, SPECIAL_new));
}

/* The keyword arguments that __new__ looks at: those of a class with an __init__ in the
 * language are for that. */
static inline Value construct_own_kwargs(const ObjType *type, Value kwargs) {
    return IS_UNSET(type_special(type, SPECIAL_init)) ? kwargs : VALUE_UNSET;
}

/* TypeError unless min <= n_args <= max. */
static inline bool construct_check_count(Context *cx, const char *name, int n_args,
                                         int min, int max) {
    if (LIKELY(n_args >= min && n_args <= max)) {
        return true;
    }
    const int limit = n_args < min ? min : max;
    exc_raise(cx, EXC_TypeError, "%s expected %s%d argument%s, got %d", name,
              min == max     ? ""
              : n_args < min ? "at least "
                             : "at most ",
              limit, limit == 1 ? "" : "s", n_args);
    return false;
}

/* The same, and TypeError when there are keyword arguments. */
static inline bool construct_check(Context *cx, const char *name, int n_args, int min,
                                   int max, Value kwargs) {
    if (UNLIKELY(construct_has_kwargs(kwargs))) {
        exc_raise(cx, EXC_TypeError, "%s() takes no keyword arguments", name);
        return false;
    }
    return construct_check_count(cx, name, n_args, min, max);
}

/* The first keyword argument that is called neither so nor so (NULL: no name), or NULL. */
const ObjStr *construct_stray_keyword(Value kwargs, const char *known, const char *other);

/* TypeError when there is such a one. */
bool construct_check_keywords(Context *cx, const char *name, Value kwargs, const char *known,
                              const char *other);

/* Sorts the arguments of type(...) by the names of its parameters (`parameters` ends with
 * NULL; what begins with '*' is keyword-only, what begins with '/' has no name for callers)
 * into out[], VALUE_UNSET where none was given. TypeError worded as for a native function. */
bool construct_arguments(Context *cx, const char *name, const char *const *parameters,
                         int n_required, const Value *args, int n_args, Value kwargs,
                         Value *out);

#endif
