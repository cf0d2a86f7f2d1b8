/* native.c - C functions as functions of the language: signatures, argument sorting,
 * messages.
 *
 * The messages are those of CPython, which words them by how a function takes its
 * arguments; here that is read off the signature: none ("takes no arguments"), exactly
 * one by position ("takes exactly one argument"), several by position ("expected at most
 * 2 arguments, got 3"), with keywords ("missing required argument 'x' (pos 1)"). */

#include "runtime/objects/native.h"

#include <stdio.h>

#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/module.h"
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
    native->has_kwargs = r->has_kwargs;
    native->is_simple = !r->has_args && !r->has_kwargs && r->required_keywords == 0;
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
    return OBJ_VALUE(native);
}

/* Messages */

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
static bool takes_keywords(const ObjNative *native) {
    return native->has_kwargs || native->n_parameters > native->n_positional_only;
}

/* Is it a special method that CPython has as a slot of the type, and words as such? */
static bool is_slot(const ObjNative *native) {
    static const char *const others[] = {"__int__",  "__float__", "__index__",   "__bool__",
                                         "__pow__",  "__rpow__",  "__divmod__",  "__rdivmod__"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (str_equals_c(native->name, others[i])) {
            return true;
        }
    }
    static const char *const methods[] = {"__format__", "__getitem__", "__contains__"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (str_equals_c(native->name, methods[i])) {
            return false;
        }
    }
    return native->def->flags & NATIVE_WRAPPER;
}

/* By position only: "pop expected at most 1 argument, got 2". */
static Value raise_positional_count(Context *cx, const ObjNative *native, int at_least,
                                    int at_most, int n) {
    const char *name = native->name->data;
    const int length = (int)native->name->n_bytes;
    char full[160];
    const int nearest = n < at_least ? at_least : at_most;
    if (is_slot(native)) {
        return exc_raise(cx, EXC_TypeError, "%s %d argument%s, got %d",
                         at_least == at_most ? "expected"
                         : n < at_least      ? " expected at least"
                                             : " expected at most",
                         nearest, plural(nearest), n);
    }
    if (at_most == 0) {
        return exc_raise(cx, EXC_TypeError, "%s() takes no arguments (%d given)",
                         full_name(cx, native, full, sizeof full), n);
    }
    if (at_most == 1 && at_least == 1) {
        return exc_raise(cx, EXC_TypeError, "%s() takes exactly one argument (%d given)",
                         full_name(cx, native, full, sizeof full), n);
    }
    const char *how = at_least == at_most ? "" : n < at_least ? "at least " : "at most ";
    return exc_raise(cx, EXC_TypeError, "%.*s expected %s%d argument%s, got %d", length,
                     name, how, nearest, plural(nearest), n);
}

/* With keywords: "split() takes at most 2 arguments (3 given)". */
static Value raise_too_many(Context *cx, const ObjNative *native, int at_least,
                            int at_most, int n_args, int n_keywords) {
    const int length = (int)native->name->n_bytes;
    const char *name = native->name->data;
    const int total = native->n_parameters - native->is_method;
    if (n_args + n_keywords > total) {
        return exc_raise(cx, EXC_TypeError, "%.*s() takes %s %d %sargument%s (%d given)",
                         length, name, at_least == total ? "exactly" : "at most", total,
                         n_args == 0 ? "keyword " : "", plural(total),
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

static Value raise_missing(Context *cx, const ObjNative *native, int i, int n_args) {
    const int skipped = native->is_method;
    if (i < native->n_positional_only && native->n_positional != NATIVE_VARIADIC &&
        takes_keywords(native)) {
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

static Value raise_count(Context *cx, const ObjNative *native, int n_args) {
    const int skipped = native->is_method;
    const int n = n_args - skipped;
    const int at_least = native->n_required - skipped;
    const bool is_variadic = native->n_positional == NATIVE_VARIADIC;
    const int at_most = native->n_positional - skipped;
    if (n < 0) {
        char full[160];
        return exc_raise(cx, EXC_TypeError, "unbound method %s() needs an argument",
                         full_name(cx, native, full, sizeof full));
    }
    if (is_variadic) {
        return exc_raise(cx, EXC_TypeError,
                         "%.*s expected at least %d argument%s, got %d",
                         (int)native->name->n_bytes, native->name->data, at_least,
                         plural(at_least), n);
    }
    if (!takes_keywords(native)) {
        return raise_positional_count(cx, native, at_least, at_most, n);
    }
    return n > at_most ? raise_too_many(cx, native, at_least, at_most, n, 0)
                       : raise_missing(cx, native, n_args, n);
}

static Value raise_wrong_self(Context *cx, const ObjNative *native, Value self) {
    const int length = (int)native->name->n_bytes;
    const char *owner = type_name_c(cx, native->owner);
    if (native->def->flags & NATIVE_WRAPPER) {
        return exc_raise(cx, EXC_TypeError,
                         "descriptor '%.*s' requires a '%s' object but received a '%s'",
                         length, native->name->data, owner, type_name_of(cx, self));
    }
    return exc_raise(cx, EXC_TypeError,
                     "descriptor '%.*s' for '%s' objects doesn't apply to a '%s' object",
                     length, native->name->data, owner, type_name_of(cx, self));
}

static bool self_is_right(Context *cx, const ObjNative *native, Value self) {
    if (native->def->flags & NATIVE_CLASS) {
        return IS_TYPE(self) && type_is_subtype(AS_TYPE(self), native->owner);
    }
    const ObjType *type = type_of(cx, self);
    return type == native->owner || type_is_subtype(type, native->owner);
}

/* Calling */

Value native_call_in_place(Context *cx, ObjNative *native, Value *args, int n_args) {
    if (UNLIKELY(n_args < native->n_required || n_args > native->n_positional)) {
        return raise_count(cx, native, n_args);
    }
    if (native->needs_self_check && UNLIKELY(!self_is_right(cx, native, args[0]))) {
        return raise_wrong_self(cx, native, args[0]);
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

static Value raise_no_keywords(Context *cx, const ObjNative *native) {
    char full[160];
    return exc_raise(cx, EXC_TypeError, "%s() takes no keyword arguments",
                     full_name(cx, native, full, sizeof full));
}

static Value raise_unexpected_keyword(Context *cx, const ObjNative *native,
                                      const ObjStr *name) {
    if (!takes_keywords(native)) {
        return raise_no_keywords(cx, native);
    }
    return exc_raise(
        cx, EXC_TypeError, "%.*s() got an unexpected keyword argument '%.*s'",
        (int)native->name->n_bytes, native->name->data, (int)name->n_bytes, name->data);
}

/* Puts keyword arguments into named[] by parameter; what is left over goes to *rest. */
static bool place_keywords(Context *cx, const ObjNative *native, Value kwargs,
                           Value *named, int n_args, Value *rest) {
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
        } else if (i >= 0) {
            exc_raise(cx, EXC_TypeError,
                      "argument for %.*s() given by name ('%.*s') and position (%d)",
                      (int)native->name->n_bytes, native->name->data,
                      (int)AS_STR(key)->n_bytes, AS_STR(key)->data,
                      i + 1 - native->is_method);
            return false;
        } else if (!native->has_kwargs) {
            const int n_keywords = (int)dict_length(AS_DICT(kwargs));
            const int skipped = native->is_method;
            if (native->n_positional != NATIVE_VARIADIC && takes_keywords(native) &&
                n_args + n_keywords > native->n_parameters) {
                raise_too_many(cx, native, native->n_required - skipped,
                               native->n_positional - skipped, n_args - skipped,
                               n_keywords);
            } else {
                raise_unexpected_keyword(cx, native, AS_STR(key));
            }
            return false;
        } else {
            if (IS_UNSET(*rest)) {
                ObjDict *dict = dict_new(cx, 0);
                if (dict == NULL) {
                    return false;
                }
                *rest = OBJ_VALUE(dict);
            }
            if (!dict_set_str(cx, AS_DICT(*rest), AS_STR(key), value)) {
                return false;
            }
        }
    }
    return true;
}

static bool check_required_keywords(Context *cx, const ObjNative *native,
                                    const Value *keyword_only) {
    for (int i = 0; i < native->n_keyword_only; i++) {
        if ((native->required_keywords >> i & 1) && IS_UNSET(keyword_only[i])) {
            const int at = native->n_parameters - native->n_keyword_only + i;
            raise_missing(cx, native, at, at);
            return false;
        }
    }
    return true;
}

/* The class that a __new__ is called with: "int.__new__(str): str is not a subtype of
 * int". */
static bool check_class_to_make(Context *cx, const ObjNative *native, int n_args,
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
    if (!IS_UNSET(kwargs) && dict_length(AS_DICT(kwargs)) == 0) {
        kwargs = VALUE_UNSET;
    }
    const int n_keyword_only = native->n_keyword_only;
    const int n_named =
        native->n_parameters - n_keyword_only; /* positional ones with a name */
    if (n_args > native->n_positional && native->n_positional != NATIVE_VARIADIC) {
        return !IS_UNSET(kwargs) && !takes_keywords(native)
                   ? raise_no_keywords(cx, native)
                   : raise_count(cx, native, n_args);
    }
    Value named[MAX_PARAMETERS] = {VALUE_UNSET};
    Value rest = VALUE_UNSET;
    for (int i = 0; i < n_named && i < n_args; i++) {
        named[i] = args[i];
    }
    if (!IS_UNSET(kwargs) && !place_keywords(cx, native, kwargs, named, n_args, &rest)) {
        return VALUE_ERROR;
    }
    int n_given = n_args; /* up to the last one given, by keyword too */
    for (int i = n_args; i < n_named; i++) {
        n_given = IS_UNSET(named[i]) ? n_given : i + 1;
    }
    for (int i = n_args; i < native->n_required; i++) {
        if (IS_UNSET(named[i])) {
            const bool was_by_keyword =
                !IS_UNSET(kwargs) && i >= native->n_positional_only;
            return was_by_keyword ? raise_missing(cx, native, i, i)
                                  : raise_count(cx, native, n_args);
        }
    }
    if (native->needs_self_check && !self_is_right(cx, native, named[0])) {
        return raise_wrong_self(cx, native, named[0]);
    }
    if ((native->def->flags & NATIVE_NEW) &&
        !check_class_to_make(cx, native, n_args, n_args > 0 ? args[0] : VALUE_UNSET)) {
        return VALUE_ERROR;
    }
    if (!check_required_keywords(cx, native, named + n_named)) {
        return VALUE_ERROR;
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

/* The type builtin_function_or_method, which stands for CPython's method_descriptor and
 * wrapper too. */

static void native_trace(GcMarker *m, Obj *o) {
    ObjNative *native = (ObjNative *)o;
    gc_mark_obj(m, native->name);
    gc_mark_obj(m, native->owner);
    gc_mark_value(m, native->self);
    gc_mark_value(m, native->parameters);
}

static Value native_repr(Context *cx, Value v) {
    const ObjNative *native = AS_NATIVE(v);
    const int length = (int)native->name->n_bytes;
    ObjStr *text;
    if (!native->is_method) {
        text = str_format_c(cx, "<built-in %s %.*s>",
                            native->owner == NULL ? "function" : "method", length,
                            native->name->data);
    } else {
        text =
            str_format_c(cx, "<%s '%.*s' of '%s' objects>",
                         native->def->flags & NATIVE_WRAPPER ? "slot wrapper" : "method",
                         length, native->name->data, type_name_c(cx, native->owner));
    }
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static bool native_hash(Context *cx, Value v, uint64_t *hash) {
    (void)cx;
    *hash = v >> 4;
    return true;
}

static Value get_name(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(AS_NATIVE(self)->name);
}

static Value get_qualname(Context *cx, Value self) {
    const ObjNative *native = AS_NATIVE(self);
    if (native->owner == NULL) {
        return OBJ_VALUE(native->name);
    }
    const ObjStr *owner = native->owner->name;
    ObjStr *text = str_format_c(cx, "%.*s.%.*s", (int)owner->n_bytes, owner->data,
                                (int)native->name->n_bytes, native->name->data);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value get_doc(Context *cx, Value self) {
    const char *doc = AS_NATIVE(self)->def->doc;
    ObjStr *text = doc == NULL ? NULL : str_from_c(cx, doc);
    return doc == NULL ? VALUE_NONE : text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value get_text_signature(Context *cx, Value self) {
    const char *parenthesis = strchr(AS_NATIVE(self)->def->signature, '(');
    ObjStr *text = parenthesis == NULL ? NULL : str_from_c(cx, parenthesis);
    return parenthesis == NULL ? VALUE_NONE
           : text == NULL      ? VALUE_ERROR
                               : OBJ_VALUE(text);
}

static Value get_module(Context *cx, Value self) {
    (void)cx;
    const Value module = AS_NATIVE(self)->self;
    return IS_MODULE(module) ? OBJ_VALUE(AS_MODULE(module)->name) : VALUE_NONE;
}

static Value get_self(Context *cx, Value self) {
    (void)cx;
    const Value v = AS_NATIVE(self)->self;
    return IS_UNSET(v) ? VALUE_NONE : v;
}

static const GetsetDef native_getsets[] = {
    {"__name__", NULL, get_name, NULL},
    {"__qualname__", NULL, get_qualname, NULL},
    {"__doc__", NULL, get_doc, NULL},
    {"__text_signature__", NULL, get_text_signature, NULL},
    {"__module__", NULL, get_module, NULL},
    {"__self__", NULL, get_self, NULL},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjNative = {
    .trace = native_trace,
    .repr = native_repr,
    .hash = native_hash,
    .getsets = native_getsets,
};
