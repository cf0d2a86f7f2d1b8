/* construct.c - the arguments of constructors of built-in types, by their names. */

#include "runtime/objects/construct.h"

#include "runtime/objects/dict_table.h"

static const char *name_of(const char *parameter) {
    return parameter[0] == '*' ? parameter + 1 : parameter;
}

static bool raise_unexpected(Context *cx, const char *name, const ObjStr *key) {
    exc_raise(cx, EXC_TypeError, "%s() got an unexpected keyword argument '%.*s'", name,
              (int)key->n_bytes, key->data);
    return false;
}

/* 1, 0 for a keyword that is not known, -1. */
static int place_keyword(Context *cx, const char *name, const char *const *parameters,
                         int n_args, ObjStr *key, Value value, Value *out) {
    for (int i = 0; parameters[i] != NULL; i++) {
        if (!str_equals_c(key, name_of(parameters[i]))) {
            continue;
        }
        if (i >= n_args) {
            out[i] = value;
            return 1;
        }
        exc_raise(cx, EXC_TypeError,
                  "argument for %s() given by name ('%s') and position (%d)", name,
                  parameters[i], i + 1);
        return -1;
    }
    return 0;
}

const ObjStr *construct_stray_keyword(Value kwargs, const char *known, const char *other) {
    const ObjDictTable *table = dict_table(AS_DICT(kwargs));
    size_t position = 0;
    Value key;
    Value value;
    while (dict_table_next(table, &position, &key, &value)) {
        const ObjStr *name = AS_STR(key);
        if ((known == NULL || !str_equals_c(name, known)) &&
            (other == NULL || !str_equals_c(name, other))) {
            return name;
        }
    }
    return NULL;
}

bool construct_check_keywords(Context *cx, const char *name, Value kwargs, const char *known,
                              const char *other) {
    const ObjStr *stray =
        IS_UNSET(kwargs) ? NULL : construct_stray_keyword(kwargs, known, other);
    if (LIKELY(stray == NULL)) {
        return true;
    }
    return raise_unexpected(cx, name, stray);
}

bool construct_arguments(Context *cx, const char *name, const char *const *parameters,
                         int n_required, const Value *args, int n_args, Value kwargs,
                         Value *out) {
    int n = 0;
    int n_positional = 0;
    for (; parameters[n] != NULL; n++) {
        out[n] = n < n_args ? args[n] : VALUE_UNSET;
        n_positional += parameters[n][0] != '*';
    }
    const int n_keywords = IS_UNSET(kwargs) ? 0 : (int)dict_length(AS_DICT(kwargs));
    const bool has_names = parameters[0][0] != '/';
    if (!has_names && n_keywords > 0 && n == n_positional) {
        exc_raise(cx, EXC_TypeError, "%s() takes no keyword arguments", name);
        return false;
    }
    if (!has_names &&
        !construct_check_count(cx, name, n_args, n_required, n_positional)) {
        return false;
    }
    if (n_args + n_keywords > n) {
        exc_raise(cx, EXC_TypeError, "%s() takes at most %d %sargument%s (%d given)", name, n,
                  n_args == 0 ? "keyword " : "", n == 1 ? "" : "s", n_args + n_keywords);
        return false;
    }
    if (n_args > n_positional) {
        exc_raise(cx, EXC_TypeError, "%s() takes %s %d positional argument%s (%d given)", name,
                  n_required < n_positional ? "at most" : "exactly", n_positional, n_positional == 1 ? "" : "s",
                  n_args);
        return false;
    }
    size_t position = 0;
    Value key;
    Value value;
    const ObjDictTable *table = n_keywords == 0 ? NULL : dict_table(AS_DICT(kwargs));
    const ObjStr *stray = NULL; /* what is missing is told first */
    while (table != NULL && dict_table_next(table, &position, &key, &value)) {
        const int is_known = place_keyword(cx, name, parameters, n_args, AS_STR(key), value, out);
        if (is_known < 0) {
            return false;
        }
        stray = is_known == 0 && stray == NULL ? AS_STR(key) : stray;
    }
    for (int i = 0; i < n_required; i++) {
        if (IS_UNSET(out[i])) {
            exc_raise(cx, EXC_TypeError, "%s() missing required argument '%s' (pos %d)",
                      name, parameters[i], i + 1);
            return false;
        }
    }
    return stray == NULL || raise_unexpected(cx, name, stray);
}
