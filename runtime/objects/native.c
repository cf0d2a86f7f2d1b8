/* native.c - C functions as functions of the language: signatures, argument sorting.
 *
 * See also: native_errors.c (the messages). */

#include "runtime/objects/native.h"

#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native_errors.h"
#include "runtime/objects/type_internal.h"

enum { MAX_PARAMETERS = 32 };

/* Reading signatures */

typedef struct SignatureReader {
    const char *at;
    ObjStr *names[MAX_PARAMETERS];
    int n_names;
    int n_positional_only;
    int n_positional;
    int n_required;
    int n_keyword_only;
    unsigned required_keywords; /* bit i: keyword-only parameter i has no default */
    bool has_args;
    bool has_kwargs;
} SignatureReader;

static bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_';
}

static void skip_spaces(SignatureReader *r) {
    while (*r->at == ' ' || *r->at == ',') {
        r->at++;
    }
}

/* Skips a default value: to the comma or parenthesis behind it. */
static void skip_default(SignatureReader *r) {
    int depth = 0;
    char quote = 0;
    for (; *r->at != 0; r->at++) {
        const char c = *r->at;
        if (quote != 0) {
            if (c == '\\' && r->at[1] != 0) {
                r->at++;
            } else if (c == quote) {
                quote = 0;
            }
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '(' || c == '[' || c == '{') {
            depth++;
        } else if (depth > 0 && (c == ')' || c == ']' || c == '}')) {
            depth--;
        } else if (depth == 0 && (c == ',' || c == ')')) {
            return;
        }
    }
}

static ObjStr *read_name(Context *cx, SignatureReader *r) {
    const char *begin = r->at;
    while (is_name_char(*r->at)) {
        r->at++;
    }
    return str_intern(cx, begin, (size_t)(r->at - begin));
}

static bool read_parameter(Context *cx, SignatureReader *r, bool is_keyword_only) {
    ObjStr *name = read_name(cx, r);
    if (name == NULL) {
        return false;
    }
    const bool has_default = *r->at == '=';
    skip_default(r);
    r->names[r->n_names++] = name;
    if (is_keyword_only) {
        r->required_keywords |= (unsigned)!has_default << r->n_keyword_only;
        r->n_keyword_only++;
    } else {
        r->n_positional++;
        r->n_required = has_default ? r->n_required : r->n_positional;
    }
    return true;
}

static bool read_signature(Context *cx, SignatureReader *r) {
    bool is_keyword_only = false;
    for (skip_spaces(r); *r->at != 0 && *r->at != ')' && r->n_names < MAX_PARAMETERS;
         skip_spaces(r)) {
        if (*r->at == '/') {
            r->n_positional_only = r->n_positional;
            r->at++;
        } else if (r->at[0] == '*' && r->at[1] == '*') {
            r->has_kwargs = true;
            skip_default(r);
        } else if (*r->at == '*') {
            r->has_args = is_name_char(r->at[1]);
            is_keyword_only = true;
            skip_default(r);
        } else if (!read_parameter(cx, r, is_keyword_only)) {
            return false;
        }
    }
    return true;
}

static void fill_counts(ObjNative *native, const SignatureReader *r) {
    native->n_positional_only = (uint8_t)r->n_positional_only;
    native->n_required = (uint8_t)r->n_required;
    native->n_positional = r->has_args ? NATIVE_VARIADIC : (uint8_t)r->n_positional;
    native->n_parameters = (uint8_t)r->n_names;
    native->n_keyword_only = (uint8_t)r->n_keyword_only;
    native->required_keywords = r->required_keywords;
    native->n_complete = r->n_keyword_only > 0 ? NATIVE_VARIADIC : (uint8_t)r->n_names;
    native->has_kwargs = r->has_kwargs;
    native->is_simple = !r->has_args && !r->has_kwargs && r->required_keywords == 0;
}

/* Gives it the type that it has for scripts: that of its shape. */
static bool set_type(Context *cx, ObjNative *native) {
    if (native->owner == NULL || (native->def->flags & NATIVE_STATIC)) {
        return true;
    }
    const ObjKind kind = native->def->flags & NATIVE_CLASS ? KIND_CLASSMETHOD_DESCRIPTOR
                         : native_is_slot(cx, native)      ? KIND_WRAPPER_DESCRIPTOR
                                                           : KIND_METHOD_DESCRIPTOR;
    if (runtime_open_type(cx, kind) == NULL) {
        return false;
    }
    native->header.shape = kind;
    return true;
}

Value native_new(Context *cx, const NativeDef *def, ObjType *owner, Value self) {
    const char *parenthesis = strchr(def->signature, '(');
    const size_t name_bytes = parenthesis == NULL
                                  ? strlen(def->signature)
                                  : (size_t)(parenthesis - def->signature);
    SignatureReader r = {.at = parenthesis == NULL ? "" : parenthesis + 1};
    ObjStr *name = str_intern(cx, def->signature, name_bytes);
    if (name == NULL || !read_signature(cx, &r)) {
        return VALUE_ERROR;
    }
    ObjTuple *parameters = tuple_new(cx, (size_t)r.n_names);
    if (parameters == NULL) {
        return VALUE_ERROR;
    }
    for (int i = 0; i < r.n_names; i++) {
        parameters->items[i] = OBJ_VALUE(r.names[i]);
    }
    ObjNative *native = HEAP_NEW(cx, ObjNative, KIND_NATIVE);
    if (native == NULL) {
        return VALUE_ERROR;
    }
    native->function = def->function;
    native->def = def;
    native->name = name;
    native->owner = owner;
    native->self = self;
    native->parameters = OBJ_VALUE(parameters);
    native->is_method = owner != NULL && !(def->flags & NATIVE_STATIC);
    native->needs_self_check = native->is_method && owner != cx->rt->types[KIND_INSTANCE];
    fill_counts(native, &r);
    return set_type(cx, native) ? OBJ_VALUE(native) : VALUE_ERROR;
}

static bool self_is_right(Context *cx, const ObjNative *native, Value self) {
    if (native->def->flags & NATIVE_CLASS) {
        return IS_TYPE(self) && type_is_subtype(AS_TYPE(self), native->owner);
    }
    const ObjType *type = type_of(cx, self);
    return type == native->owner || type_is_subtype(type, native->owner);
}

/* Calling */

bool native_takes_self(Context *cx, const ObjNative *native, Value self) {
    return (native->def->flags & NATIVE_CLASS) || !native->needs_self_check ||
           self_is_right(cx, native, self);
}

/* A wrong receiver is told before a wrong number of arguments: of str.join(["a"]) the list
 * is the mistake. */
static bool check_self(Context *cx, const ObjNative *native, const Value *args, int n_args) {
    if (n_args > 0 && native->needs_self_check && !self_is_right(cx, native, args[0])) {
        native_raise_wrong_self(cx, native, args[0]);
        return false;
    }
    return true;
}

Value native_call_in_place(Context *cx, ObjNative *native, Value *args, int n_args) {
    if (UNLIKELY(n_args < native->n_required || n_args > native->n_positional)) {
        return check_self(cx, native, args, n_args) ? native_raise_count(cx, native, n_args)
                                                    : VALUE_ERROR;
    }
    if (native->needs_self_check && UNLIKELY(!self_is_right(cx, native, args[0]))) {
        return native_raise_wrong_self(cx, native, args[0]);
    }
    for (int i = n_args; i < native->n_parameters; i++) {
        args[i] = VALUE_UNSET;
    }
    return native->function(cx, args, n_args);
}

static int find_parameter(const ObjNative *native, const ObjStr *name) {
    const ObjTuple *parameters = AS_TUPLE(native->parameters);
    for (size_t i = native->n_positional_only; i < parameters->n; i++) {
        if (AS_STR(parameters->items[i]) == name ||
            str_equals(AS_STR(parameters->items[i]), (ObjStr *)name)) {
            return (int)i;
        }
    }
    return -1;
}

/* An argument given by keyword that has no place, or whose place is taken. */
static Value raise_stray_keyword(Context *cx, const ObjNative *native, int n_args, const ObjStr *name) {
    const int i = find_parameter(native, name);
    if ((native->def->flags & NATIVE_LIKE_SORT) && n_args != 1) {
        return native_raise_count(cx, native, n_args);
    }
    if (i < 0) {
        return native_raise_unexpected_keyword(cx, native, name);
    }
    return exc_raise(cx, EXC_TypeError,
                     "argument for %.*s() given by name ('%.*s') and position (%d)",
                     (int)native->name->n_bytes, native->name->data, (int)name->n_bytes,
                     name->data, i + 1 - native->is_method);
}

static bool keep_keyword(Context *cx, Value *rest, ObjStr *name, Value value) {
    if (IS_UNSET(*rest)) {
        ObjDict *dict = dict_new(cx, 0);
        if (dict == NULL) {
            return false;
        }
        *rest = OBJ_VALUE(dict);
    }
    return dict_set_str(cx, AS_DICT(*rest), name, value);
}

/* Puts keyword arguments into named[] by parameter; what is left over goes to *rest, or the first of it to *stray. */
static bool place_keywords(Context *cx, const ObjNative *native, Value kwargs,
                           Value *named, Value *rest, ObjStr **stray) {
    const ObjDictTable *table = dict_table(AS_DICT(kwargs));
    size_t position = 0;
    Value key;
    Value value;
    while (dict_table_next(table, &position, &key, &value)) {
        if (!IS_STR(key)) {
            exc_raise(cx, EXC_TypeError, "keywords must be strings");
            return false;
        }
        const int i = find_parameter(native, AS_STR(key));
        if (i >= 0 && IS_UNSET(named[i])) {
            named[i] = value;
        } else if (i >= 0 || !native->has_kwargs) {
            *stray = *stray == NULL ? AS_STR(key) : *stray;
        } else if (!keep_keyword(cx, rest, AS_STR(key), value)) {
            return false;
        }
    }
    return true;
}

static bool check_required_keywords(Context *cx, const ObjNative *native,
                                    const Value *keyword_only) {
    for (int i = 0; i < native->n_keyword_only; i++) {
        if ((native->required_keywords >> i & 1) && IS_UNSET(keyword_only[i])) {
            const int at = native->n_parameters - native->n_keyword_only + i;
            native_raise_missing(cx, native, at, at);
            return false;
        }
    }
    return true;
}

static bool check_counts(Context *cx, const ObjNative *native, int n_args, int n_keywords) {
    if (n_keywords > 0 && !native_takes_keywords(native)) {
        native_raise_unexpected_keyword(cx, native, native->name);
        return false;
    }
    if (native->n_positional == NATIVE_VARIADIC) {
        return true;
    }
    if (n_args > native->n_positional && n_keywords == 0) {
        native_raise_count(cx, native, n_args);
        return false;
    }
    if (n_args > native->n_positional ||
        (!native->has_kwargs && n_args + n_keywords > native->n_parameters)) {
        const int skipped = native->is_method;
        native_raise_too_many(cx, native, native->n_required - skipped,
                              native->n_positional - skipped, n_args - skipped, n_keywords);
        return false;
    }
    return true;
}

static bool check_required(Context *cx, const ObjNative *native, const Value *named, int n_args,
                           bool has_keywords) {
    for (int i = n_args; i < native->n_required; i++) {
        if (IS_UNSET(named[i])) {
            if (has_keywords && i >= native->n_positional_only) {
                native_raise_missing(cx, native, i, i);
            } else {
                native_raise_count(cx, native, n_args);
            }
            return false;
        }
    }
    return true;
}

/* Lays the arguments out by parameter, in named[]; of the errors in a call, that is reported which CPython
 * finds first. */
static bool sort_arguments(Context *cx, const ObjNative *native, const Value *args, int n_args,
                           Value kwargs, Value *named, Value *rest) {
    const int n_keywords = IS_UNSET(kwargs) ? 0 : (int)dict_length(AS_DICT(kwargs));
    const int n_named = native->n_parameters - native->n_keyword_only;
    ObjStr *stray = NULL;
    if (native->is_method && n_args == 0) {
        native_raise_count(cx, native, 0);
        return false;
    }
    if (!check_self(cx, native, args, n_args) || !check_counts(cx, native, n_args, n_keywords)) {
        return false;
    }
    for (int i = 0; i < n_named && i < n_args; i++) {
        named[i] = args[i];
    }
    if ((n_keywords > 0 && !place_keywords(cx, native, kwargs, named, rest, &stray)) ||
        !check_required(cx, native, named, n_args, n_keywords > 0)) {
        return false;
    }
    if ((native->def->flags & NATIVE_NEW) &&
        !native_check_class_to_make(cx, native, n_args, n_args > 0 ? args[0] : VALUE_UNSET)) {
        return false;
    }
    if (!check_required_keywords(cx, native, named + n_named)) {
        return false;
    }
    if (stray != NULL) {
        raise_stray_keyword(cx, native, n_args, stray);
        return false;
    }
    return true;
}

enum { VARIADIC_FEW = 12 };

/* A call of a function with *args without keywords: nothing needs to be sorted. */
static bool is_variadic_call(const ObjNative *native, int n_args, Value kwargs) {
    return IS_UNSET(kwargs) && native->n_positional == NATIVE_VARIADIC &&
           native->n_keyword_only == 0 && native->n_required <= n_args &&
           native->n_parameters <= n_args && n_args <= VARIADIC_FEW && (native->def->flags & NATIVE_NEW) == 0;
}

static Value call_variadic(Context *cx, ObjNative *native, const Value *args, int n_args) {
    if (native->needs_self_check && !self_is_right(cx, native, args[0])) {
        return native_raise_wrong_self(cx, native, args[0]);
    }
    Value in_place[1 + VARIADIC_FEW];
    in_place[0] = VALUE_UNSET;
    for (int i = 0; i < n_args; i++) {
        in_place[i + 1] = args[i];
    }
    return native->function(cx, in_place + 1, n_args);
}

/* A call that native_call_in_place cannot do: keywords, *args or **kwargs. The arguments
 * are laid out in one array: the dict, the keyword-only ones backwards, the positional
 * ones forwards. */
Value native_call(Context *cx, ObjNative *native, const Value *args, int n_args,
                  Value kwargs) {
    enum { FEW = 4 };
    if (native->is_simple && IS_UNSET(kwargs) && native->n_parameters <= FEW && n_args <= FEW) {
        Value in_place[FEW]; /* what map(abs, ...) and key functions call */
        for (int i = 0; i < n_args; i++) {
            in_place[i] = args[i];
        }
        return native_call_in_place(cx, native, in_place, n_args);
    }
    if (is_variadic_call(native, n_args, kwargs)) {
        return call_variadic(cx, native, args, n_args);
    }
    const int n_keyword_only = native->n_keyword_only;
    const int n_named =
        native->n_parameters - n_keyword_only; /* positional ones with a name */
    Value named[MAX_PARAMETERS] = {VALUE_UNSET};
    Value rest = VALUE_UNSET;
    if (!sort_arguments(cx, native, args, n_args, kwargs, named, &rest)) {
        return VALUE_ERROR;
    }
    int n_given = n_args; /* up to the last one given, by keyword too */
    for (int i = n_args; i < n_named; i++) {
        n_given = IS_UNSET(named[i]) ? n_given : i + 1;
    }
    if (native->is_simple ||
        (native->n_positional != NATIVE_VARIADIC && !native->has_kwargs)) {
        return native->function(cx, named, n_given);
    }
    enum { ON_STACK = 64 };
    const int before = 1 + n_keyword_only;
    const int n_slots = before + (n_given > n_named ? n_given : n_named);
    Value few[ON_STACK];
    /* Long argument lists come from the heap so that the collector sees them. */
    ObjTuple *many = n_slots > ON_STACK ? tuple_new(cx, (size_t)n_slots) : NULL;
    if (n_slots > ON_STACK && many == NULL) {
        return VALUE_ERROR;
    }
    Value *all = many != NULL ? many->items : few;
    Value *positional = all + before;
    positional[-1 - n_keyword_only] = rest;
    for (int i = 0; i < n_keyword_only; i++) {
        positional[-1 - i] = named[n_named + i];
    }
    for (int i = 0; i < n_slots - before; i++) {
        positional[i] = i < n_named ? named[i] : args[i];
    }
    const Value result = native->function(cx, positional, n_given);
    /* Keeps `many` alive until here: the function only knows an address inside. */
    __asm__ volatile("" : : "r"(many) : "memory");
    return result;
}
