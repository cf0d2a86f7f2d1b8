/* bind.c - arguments to parameters.
 *
 * The order is CPython's, so that of several mistakes the same one is reported: keywords are put in their places,
 * then the number of positional arguments is checked, then what is missing. */

#include "interp/bind.h"

#include "runtime/base/buf.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/suggest.h"

#include <stdio.h>

typedef struct Binding {
    Context *cx;
    ObjFunction *function;
    ObjCode *code;
    Value *base;
    Value extra;       /* the **kwargs dict, or VALUE_UNSET */
} Binding;

static const char *function_name(const Binding *b, char *buffer, size_t n) {
    ObjStr *name = atomic_load_acquire(&b->function->qualname);
    size_t length = name->n_bytes < n ? name->n_bytes : n - 1;
    memcpy(buffer, name->data, length);
    buffer[length] = 0;
    return buffer;
}

#define NAME_BUFFER_BYTES 256

static bool fail(Binding *b, const char *format, ObjStr *parameter) {
    char name[NAME_BUFFER_BYTES];
    exc_raise(b->cx, EXC_TypeError, format, function_name(b, name, sizeof name),
              (int)parameter->n_bytes, parameter->data);
    return false;
}

static int find_parameter_slowly(const ObjCode *code, ObjStr *name, int first, int n) {
    for (int i = first; i < n; i++) {
        if (str_equals(AS_STR(code->local_names->items[i]), name)) {
            return i;
        }
    }
    return -1;
}

/* The register of the parameter called name, from `first` on; -1 when there is none. */
static inline int find_parameter(const ObjCode *code, ObjStr *name, int first) {
    const Value *names = code->local_names->items;
    int n = code->n_args + code->n_keyword_only;
    for (int i = first; i < n; i++) {
        if (LIKELY(names[i] == OBJ_VALUE(name))) {
            return i;
        }
    }
    return find_parameter_slowly(code, name, first, n);
}

/* All positional-only parameters that were passed by keyword, in one message. */
static bool fail_positional_only(Binding *b, const CallArguments *arguments) {
    struct Buf list = {0};
    for (int i = 0; i < b->code->n_positional_only; i++) {
        ObjStr *name = AS_STR(b->code->local_names->items[i]);
        bool is_given = arguments->names == NULL && !IS_UNSET(arguments->keywords) &&
                        !IS_UNSET(dict_get_str(AS_DICT(arguments->keywords), name));
        for (size_t j = 0; arguments->names != NULL && j < arguments->names->n; j++) {
            is_given |= str_equals(AS_STR(arguments->names->items[j]), name);
        }
        if (is_given) {
            if (list.n_bytes != 0) {
                buf_add(&list, ", ", 2);
            }
            buf_add(&list, name->data, name->n_bytes);
        }
    }
    char name[NAME_BUFFER_BYTES];
    exc_raise(b->cx, EXC_TypeError,
              "%s() got some positional-only arguments passed as keyword arguments: '%.*s'",
              function_name(b, name, sizeof name), (int)list.n_bytes, list.bytes);
    buf_free(&list);
    return false;
}

static bool fail_unexpected(Binding *b, ObjStr *name) {
    const ObjCode *code = b->code;
    const Value *names = code->local_names->items;
    const int n = code->n_args + code->n_keyword_only - code->n_positional_only;
    char text[NAME_BUFFER_BYTES];
    const char *function = function_name(b, text, sizeof text);
    suggest_raise_keyword(b->cx, function, strlen(function), name,
                          names + code->n_positional_only, (size_t)n);
    return false;
}

static bool bind_keyword(Binding *b, ObjStr *name, Value value, const CallArguments *arguments) {
    int i = find_parameter(b->code, name, b->code->n_positional_only);
    if (i >= 0) {
        if (!IS_UNSET(b->base[i])) {
            return fail(b, "%s() got multiple values for argument '%.*s'", name);
        }
        b->base[i] = value;
        return true;
    }
    if (!IS_UNSET(b->extra)) {
        return dict_set_str(b->cx, AS_DICT(b->extra), name, value);
    }
    if (find_parameter(b->code, name, 0) >= 0) {
        return fail_positional_only(b, arguments);
    }
    return fail_unexpected(b, name);
}

static bool bind_keywords(Binding *b, const Value *named, const CallArguments *arguments) {
    if (arguments->names != NULL) {
        for (size_t i = 0; i < arguments->names->n; i++) {
            if (!bind_keyword(b, AS_STR(arguments->names->items[i]), named[i], arguments)) {
                return false;
            }
        }
    }
    if (!IS_UNSET(arguments->keywords)) {
        const ObjDictTable *table = dict_table(AS_DICT(arguments->keywords));
        size_t position = 0;
        Value key;
        Value value;
        while (dict_table_next(table, &position, &key, &value)) {
            if (!IS_STR(key)) {
                exc_raise(b->cx, EXC_TypeError, "keywords must be strings");
                return false;
            }
            if (!bind_keyword(b, AS_STR(key), value, arguments)) {
                return false;
            }
        }
    }
    return true;
}

/* Of what function->defaults holds, which others may exchange meanwhile. */
static int n_defaults(Value defaults) {
    return IS_UNSET(defaults) ? 0 : (int)AS_TUPLE(defaults)->n;
}

static bool fail_too_many(Binding *b, int n_given) {
    const ObjCode *code = b->code;
    int n_keyword_only_given = 0;
    for (int i = code->n_args; i < code->n_args + code->n_keyword_only; i++) {
        n_keyword_only_given += !IS_UNSET(b->base[i]);
    }
    char takes[64];
    int defaults = n_defaults(value_load(&b->function->defaults));
    if (defaults != 0) {
        snprintf(takes, sizeof takes, "from %d to %d", code->n_args - defaults, code->n_args);
    } else {
        snprintf(takes, sizeof takes, "%d", code->n_args);
    }
    char given[96] = "";
    if (n_keyword_only_given > 0) {
        snprintf(given, sizeof given, " positional argument%s (and %d keyword-only argument%s)",
                 n_given == 1 ? "" : "s", n_keyword_only_given,
                 n_keyword_only_given == 1 ? "" : "s");
    }
    char name[NAME_BUFFER_BYTES];
    bool is_plural = defaults != 0 || code->n_args != 1;
    exc_raise(b->cx, EXC_TypeError, "%s() takes %s positional argument%s but %d%s %s given",
              function_name(b, name, sizeof name), takes, is_plural ? "s" : "", n_given, given,
              n_given == 1 && n_keyword_only_given == 0 ? "was" : "were");
    return false;
}

/* "'a'", "'a' and 'b'", "'a', 'b', and 'c'" for the unset registers in [from, to). */
static bool fail_missing(Binding *b, int from, int to, const char *kind) {
    int n = 0;
    for (int i = from; i < to; i++) {
        n += IS_UNSET(b->base[i]);
    }
    struct Buf list = {0};
    int seen = 0;
    for (int i = from; i < to; i++) {
        if (!IS_UNSET(b->base[i])) {
            continue;
        }
        ObjStr *name = AS_STR(b->code->local_names->items[i]);
        seen++;
        if (seen > 1) {
            const char *separator = n == 2 ? " and " : seen == n ? ", and " : ", ";
            buf_add(&list, separator, strlen(separator));
        }
        buf_add(&list, "'", 1);
        buf_add(&list, name->data, name->n_bytes);
        buf_add(&list, "'", 1);
    }
    char name[NAME_BUFFER_BYTES];
    exc_raise(b->cx, EXC_TypeError, "%s() missing %d required %s argument%s: %.*s",
              function_name(b, name, sizeof name), n, kind, n == 1 ? "" : "s", (int)list.n_bytes,
              list.bytes);
    buf_free(&list);
    return false;
}

/* For what is still unset from parameter n_given on. */
static bool fill_defaults(Binding *b, int n_given) {
    const ObjCode *code = b->code;
    Value defaults = value_load(&b->function->defaults);
    int first_default = code->n_args - n_defaults(defaults);
    for (int i = n_given; i < code->n_args; i++) {
        if (IS_UNSET(b->base[i])) {
            if (i < first_default) {
                return fail_missing(b, 0, first_default, "positional");
            }
            b->base[i] = AS_TUPLE(defaults)->items[i - first_default];
        }
    }
    Value kwdefaults = value_load(&b->function->kwdefaults);
    int end = code->n_args + code->n_keyword_only;
    bool is_missing = false;
    for (int i = code->n_args; i < end; i++) {
        if (IS_UNSET(b->base[i]) && !IS_UNSET(kwdefaults)) {
            b->base[i] = dict_get_str(AS_DICT(kwdefaults), AS_STR(code->local_names->items[i]));
        }
        is_missing |= IS_UNSET(b->base[i]);
    }
    return is_missing ? fail_missing(b, code->n_args, end, "keyword-only") : true;
}

bool bind_arguments(Context *cx, ObjFunction *function, Value *base, const CallArguments *arguments) {
    enum { MAX_NAMED = 256 }; /* what an instruction can count */
    ObjCode *code = function->code;
    Binding b = {cx, function, code, base, VALUE_UNSET};
    const int n = arguments->n_positional;
    const int n_taken = n < code->n_args ? n : code->n_args;
    const Value *values = arguments->values;
    Value rest = VALUE_UNSET;
    if (code->flags & CODE_VARARGS) {
        rest = tuple_from(cx, values + n_taken, (size_t)(n - n_taken));
        if (IS_ERROR(rest)) {
            return false;
        }
    }
    Value named[MAX_NAMED]; /* they stand where parameters belong */
    const size_t n_named = arguments->names != NULL ? arguments->names->n : 0;
    for (size_t i = 0; i < n_named; i++) {
        named[i] = values[(size_t)n + i];
    }
    if (values != base) {
        memcpy(base, values, (size_t)n_taken * sizeof(Value));
    }
    unsigned next = code->n_args + code->n_keyword_only;
    for (unsigned i = (unsigned)n_taken; i < next; i++) {
        base[i] = VALUE_UNSET;
    }
    if (code->flags & CODE_VARARGS) {
        base[next++] = rest;
    }
    if (code->flags & CODE_VARKEYWORDS) {
        ObjDict *extra = dict_new(cx, 0);
        if (extra == NULL) {
            return false;
        }
        b.extra = base[next] = OBJ_VALUE(extra);
    }
    if (!bind_keywords(&b, named, arguments)) {
        return false;
    }
    if (n > code->n_args && !(code->flags & CODE_VARARGS)) {
        return fail_too_many(&b, n);
    }
    return fill_defaults(&b, n_taken);
}

Value bind_keywords_dict(Context *cx, const CallArguments *arguments) {
    if (arguments->names == NULL || arguments->names->n == 0) {
        return arguments->keywords;
    }
    ObjDict *dict = dict_new(cx, arguments->names->n);
    if (dict == NULL) {
        return VALUE_ERROR;
    }
    for (size_t i = 0; i < arguments->names->n; i++) {
        if (!dict_set_str(cx, dict, AS_STR(arguments->names->items[i]),
                          arguments->values[(size_t)arguments->n_positional + i])) {
            return VALUE_ERROR;
        }
    }
    return OBJ_VALUE(dict);
}
