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

/* Fills the parameter registers base[0..] of function; values may overlap with them. False: TypeError pending. May
 * collect; the caller has room for all parameters and for the arguments at base. */
bool bind_arguments(Context *cx, ObjFunction *function, Value *base, const CallArguments *arguments);

/* The named arguments as a dict, for native functions: VALUE_UNSET when there are none. */
Value bind_keywords_dict(Context *cx, const CallArguments *arguments);

/* Registers that parameters take. */
static inline unsigned bind_n_parameters(const ObjCode *code) {
    return code->n_args + code->n_keyword_only + ((code->flags & CODE_VARARGS) != 0) +
           ((code->flags & CODE_VARKEYWORDS) != 0);
}

#endif
