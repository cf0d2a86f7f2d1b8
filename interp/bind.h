/* bind.h - arguments to parameters: how a call with defaults, keywords, *args and **kwargs fills a window. */

#ifndef MINI_INTERP_BIND_H
#define MINI_INTERP_BIND_H

#include "interp/frame.h"

/* The arguments of a call: n positional ones; then either n_named ones behind them with the names in `names`, or a
 * dict of keywords, or neither (NULL and VALUE_UNSET). */
typedef struct CallArguments {
    const Value *values;
    int n_positional;
    ObjTuple *names;
    Value keywords;
} CallArguments;

/* Fills the parameter registers base[0..] of function; the values may stand there, but not in part. False: TypeError pending. May
 * collect; the caller has room for all parameters and for the arguments at base. */
bool bind_arguments(Context *cx, ObjFunction *function, Value *base, const CallArguments *arguments);

/* The quick way for n_args positional arguments that stand at base: function is simple (simple_n_args), and has defaults for
 * the last parameters if they are not enough. False: it is not so, and nothing has changed; bind_arguments says what
 * is wrong. Until the frame is pushed a collection would take the defaults for dead words. */
static inline bool bind_missing(const ObjFunction *function, Value *base, int n_args) {
    int n_missing = function->simple_n_args - n_args;
    if (n_missing <= 0) {
        return n_missing == 0;
    }
    Value defaults = value_load(&function->defaults);
    if (IS_UNSET(defaults) || (size_t)n_missing > AS_TUPLE(defaults)->n) {
        return false;
    }
    const Value *last = AS_TUPLE(defaults)->items + AS_TUPLE(defaults)->n - n_missing;
    for (int i = 0; i < n_missing; i++) {
        base[n_args + i] = last[i];
    }
    return true;
}

/* The named arguments as a dict, for native functions: VALUE_UNSET when there are none. */
Value bind_keywords_dict(Context *cx, const CallArguments *arguments);

#endif
