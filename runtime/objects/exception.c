/* exception.c - exceptions: the classes, making, raising, matching.
 *
 * Raising is made cheap: an exception is one object and its args; messages without a
 * format are not formatted, the traceback grows by one small object for each frame that
 * is left, and nothing is rendered before somebody asks.
 *
 * See also: exception_fields.c (what OSError, SyntaxError and others carry), traceback.c
 * (printing). */

#include "runtime/objects/exception.h"

#include <string.h>

#include "runtime/base/panic.h"
#include "runtime/call.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception_fields.h"
#include "runtime/objects/exception_group.h"
#include "runtime/objects/file.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/type_internal.h"

static const char *const exc_names[EXC_COUNT] = {
#define EXC(name, base, doc) #name,
#include "runtime/exceptions.def"
#undef EXC
};

static const uint8_t exc_bases[EXC_COUNT] = {
#define EXC(name, base, doc) EXC_##base,
#include "runtime/exceptions.def"
#undef EXC
};

const char *exc_doc(ExcKind kind) {
    static const char *const docs[EXC_COUNT] = {
#define EXC(name, base, doc) doc,
#include "runtime/exceptions.def"
#undef EXC
    };
    return docs[kind];
}

/* The classes
 *
 * There are many and a program sees few, so each is made when it is first wanted. That happens while there is one
 * thread; before the second begins, all are made (runtime_open_threads). */

/* `__subclasses__` lists the classes of exceptions.def in its order, before those of scripts. */
static bool comes_before(const ObjType *a, const ObjType *b) {
    return !type_has(b, TYPE_FLAG_BUILTIN) || a->exc_kind < b->exc_kind;
}

static void put_in_order(const ObjType *base) {
    ObjList *list = AS_LIST(base->subclasses);
    Value *items = list->items->items;
    for (size_t i = list_length(list) - 1; i > 0 && comes_before(AS_TYPE(items[i]), AS_TYPE(items[i - 1])); i--) {
        const Value later = items[i - 1];
        items[i - 1] = items[i];
        items[i] = later;
    }
}

static bool set_base_exception(Context *cx, ObjType *type) {
    Shape *shape = &cx->rt->shapes[KIND_EXCEPTION];
    shape->type = type;
    shape->flags = 0;
    shape->slots_offset = offsetof(ObjException, slots);
    type->root_shape = shape;
    cx->rt->types[KIND_EXCEPTION] = type;
    return true;
}

static bool set_derived_exception(Context *cx, ObjType *type) {
    type->root_shape = shape_new_root(cx, type, KIND_EXCEPTION, 0, 0);
    put_in_order(type->base);
    if (type->root_shape == NULL || type->exc_kind != EXC_ExceptionGroup) {
        return type->root_shape != NULL;
    }
    if (!exc_group_add_base(cx, type)) {
        return false;
    }
    put_in_order(cx->rt->exception_types[EXC_Exception]);
    return true;
}

ObjType *exc_open_type(Context *cx, ExcKind kind) {
    Runtime *rt = cx->rt;
    ObjType *base = kind == EXC_BaseException ? rt->types[KIND_INSTANCE] : exc_type(cx, exc_bases[kind]);
    ObjType *type =
        base == NULL ? NULL
                     : type_new_builtin(cx, exc_names[kind], KIND_EXCEPTION, base, TYPE_FLAG_EXCEPTION);
    if (type == NULL) {
        return NULL;
    }
    type->exc_kind = (uint16_t)kind;
    const bool is_ok =
        kind == EXC_BaseException ? set_base_exception(cx, type) : set_derived_exception(cx, type);
    if (is_ok) {
        rt->exception_types[kind] = type;
    }
    return is_ok ? type : NULL;
}

bool exc_open_all(Context *cx) {
    for (int kind = 0; kind < EXC_COUNT; kind++) {
        if (exc_type(cx, (ExcKind)kind) == NULL) {
            return false;
        }
    }
    return true;
}

bool exc_open(Context *cx) {
    if (exc_type(cx, EXC_MemoryError) == NULL) {
        return false;
    }
    cx->rt->no_memory = exc_new(cx, EXC_MemoryError, cx->rt->empty_tuple);
    return !IS_ERROR(cx->rt->no_memory);
}

/* Making */

static ObjException *new_of_type(Context *cx, ObjType *type, Value args_tuple) {
    ObjException *e = (ObjException *)instance_new(cx, type);
    if (LIKELY(e != NULL)) {
        e->args = args_tuple;
        e->cause = VALUE_NONE;
        e->context = VALUE_NONE;
        e->traceback = VALUE_NONE;
    }
    return e;
}

Value exc_new(Context *cx, ExcKind kind, Value args_tuple) {
    ObjType *type = exc_type(cx, kind);
    ObjException *e = type == NULL ? NULL : new_of_type(cx, type, args_tuple);
    if (UNLIKELY(e == NULL)) {
        return VALUE_ERROR;
    }
    const ObjTuple *args = AS_TUPLE(args_tuple);
    return exc_init_fields(cx, e, args->items, (int)args->n, VALUE_UNSET) ? OBJ_VALUE(e)
                                                                          : VALUE_ERROR;
}

static Value exception_construct(Context *cx, ObjType *type, const Value *args,
                                 int n_args, Value kwargs) {
    if (type == cx->rt->exception_types[EXC_OSError] && n_args >= 2 && n_args <= 5 && IS_INT(args[0])) {
        /* OSError(errno, text) is of the class that belongs to the errno. */
        type = exc_type(cx, exc_kind_of_errno((int)value_to_int(args[0])));
    }
    if (type == NULL) {
        return VALUE_ERROR;
    }
    const bool is_group = type_is_subtype(type, cx->rt->exception_types[EXC_BaseExceptionGroup]);
    if (is_group) {
        type = exc_group_class(cx, type, args, n_args);
        if (type == NULL) {
            return VALUE_ERROR;
        }
    }
    const bool has_init = !IS_UNSET(type_special(type, SPECIAL_init));
    const bool is_os_error = has_init && type_is_subtype(type, cx->rt->exception_types[EXC_OSError]);
    /* OSError's own __new__ takes nothing where __init__ is the class's; elsewhere it fills in the fields, as groups do. */
    const bool is_bare = is_os_error && IS_UNSET(type_special(type, SPECIAL_new));
    const bool is_filled_by_new = is_group || (is_os_error && !is_bare);
    const Value tuple = is_bare ? cx->rt->empty_tuple : tuple_from(cx, args, (size_t)n_args);
    ObjException *e = IS_ERROR(tuple) ? NULL : new_of_type(cx, type, tuple);
    if (UNLIKELY(e == NULL)) {
        return VALUE_ERROR;
    }
    if (has_init && !is_filled_by_new) {
        return OBJ_VALUE(e); /* the fields, and keywords, are for __init__ */
    }
    return exc_init_fields(cx, e, args, n_args, has_init ? VALUE_UNSET : kwargs) ? OBJ_VALUE(e) : VALUE_ERROR;
}

static void exception_trace(GcMarker *m, Obj *o) {
    ObjException *e = (ObjException *)o;
    gc_mark_value(m, e->args);
    gc_mark_value(m, e->cause);
    gc_mark_value(m, e->context);
    gc_mark_value(m, e->traceback);
    gc_mark_value(m, e->value);
    gc_mark_values(m, e->detail, sizeof e->detail / sizeof e->detail[0]);
    instance_trace_slots(m, gc_marker_shape(m, o), o);
}

/* Raising */

/* Makes `handled` the __context__ of e, cutting e out of the chain behind it, so that
 * there is no cycle. */
static void set_context(ObjException *e, Value handled) {
    enum { MAX_CHAIN = 10000 };
    ObjException *at = AS_EXCEPTION(handled);
    for (int i = 0; i < MAX_CHAIN; i++) {
        const Value next = value_load(&at->context);
        if (!IS_EXCEPTION(next)) {
            break;
        }
        if (AS_EXCEPTION(next) == e) {
            value_store(&at->context, VALUE_NONE);
            break;
        }
        at = AS_EXCEPTION(next);
    }
    value_store(&e->context, handled);
}

Value exc_raise_object(Context *cx, Value exception) {
    const Value handled = cx->handled;
    if (IS_EXCEPTION(handled) && handled != exception) {
        set_context(AS_EXCEPTION(exception), handled);
    }
    cx->pending = exception;
    return VALUE_ERROR;
}

Value exc_raise_value(Context *cx, ExcKind kind, Value argument) {
    const Value args =
        IS_UNSET(argument) ? cx->rt->empty_tuple : tuple_from(cx, &argument, 1);
    const Value exception = IS_ERROR(args) ? VALUE_ERROR : exc_new(cx, kind, args);
    return LIKELY(!IS_ERROR(exception)) ? exc_raise_object(cx, exception) : VALUE_ERROR;
}

Value exc_raise(Context *cx, ExcKind kind, const char *format, ...) {
    ObjStr *text;
    if (strchr(format, '%') == NULL) {
        text = str_from_c(cx, format);
    } else {
        va_list args;
        va_start(args, format);
        text = str_format_v(cx, format, args);
        va_end(args);
    }
    return text == NULL ? VALUE_ERROR : exc_raise_value(cx, kind, OBJ_VALUE(text));
}

Value exc_filename_of(Context *cx, Value filename) {
    if (IS_UNSET(filename) || value_kind(filename) != KIND_INSTANCE) {
        return filename;
    }
    const Value path = file_path_text(cx, filename);
    cx->pending = VALUE_UNSET; /* the error is more important than why it has no name */
    return IS_ERROR(path) || IS_UNSET(path) ? filename : path;
}

Value exc_raise_errno(Context *cx, int error, Value filename) {
    filename = exc_filename_of(cx, filename);
    ObjStr *text = str_from_c(cx, strerror(error));
    if (text == NULL) {
        return VALUE_ERROR;
    }
    const Value args = tuple_pack(cx, 2, value_from_int(error), OBJ_VALUE(text));
    const Value exception =
        IS_ERROR(args) ? VALUE_ERROR : exc_new(cx, exc_kind_of_errno(error), args);
    if (IS_ERROR(exception)) {
        return VALUE_ERROR;
    }
    if (!IS_UNSET(filename) && !IS_NONE(filename)) {
        AS_EXCEPTION(exception)->detail[OS_FILENAME] = filename;
    }
    return exc_raise_object(cx, exception);
}

Value exc_raise_no_memory(Context *cx) {
    const Value exception = cx->rt->no_memory;
    if (!IS_EXCEPTION(exception)) {
        panic("no memory to start with");
    }
    ObjException *e = AS_EXCEPTION(exception);
    value_store(&e->traceback, VALUE_NONE);
    value_store(&e->context, VALUE_NONE);
    cx->pending = exception;
    return VALUE_ERROR;
}

Value exc_raise_recursion(Context *cx) {
    return exc_raise(cx, EXC_RecursionError, "maximum recursion depth exceeded");
}

Value exc_raise_recursion_in(Context *cx, const char *where) {
    return exc_raise(cx, EXC_RecursionError, "maximum recursion depth exceeded %s",
                     where);
}

Value exc_raise_name(Context *cx, ExcKind kind, ObjStr *name, const char *format) {
    ObjStr *text = str_format_c(cx, format, (int)name->n_bytes, name->data);
    if (text != NULL && IS_ERROR(exc_raise_value(cx, kind, OBJ_VALUE(text))) &&
        IS_EXCEPTION(cx->pending)) {
        value_store(&AS_EXCEPTION(cx->pending)->value, OBJ_VALUE(name));
    }
    return VALUE_ERROR;
}

Value exc_raise_syntax(Context *cx, ExcKind kind, ObjStr *message, ObjStr *filename,
                       int line, int column, int end_line, int end_column, ObjStr *text) {
    const Value place =
        tuple_pack(cx, 6, OBJ_VALUE(filename), value_from_int(line),
                   column > 0 ? value_from_int(column) : VALUE_NONE,
                   text == NULL ? VALUE_NONE : OBJ_VALUE(text), value_from_int(end_line),
                   end_column > 0 ? value_from_int(end_column) : VALUE_NONE);
    const Value args =
        IS_ERROR(place) ? VALUE_ERROR : tuple_pack(cx, 2, OBJ_VALUE(message), place);
    const Value exception = IS_ERROR(args) ? VALUE_ERROR : exc_new(cx, kind, args);
    return IS_ERROR(exception) ? VALUE_ERROR : exc_raise_object(cx, exception);
}

Value exc_raise_not_instance(Context *cx, Value class, const char *made) {
    const Value name = value_repr(cx, class);
    if (IS_ERROR(name)) {
        return VALUE_ERROR;
    }
    return exc_raise(
        cx, EXC_TypeError,
        "calling %.*s should have returned an instance of BaseException, not %s",
        (int)AS_STR(name)->n_bytes, AS_STR(name)->data, made);
}

/* An exception for `raise v`: v itself or an instance of the class v. VALUE_ERROR with
 * TypeError. */
static Value instantiate(Context *cx, Value v, const char *complaint) {
    if (IS_EXCEPTION(v)) {
        return v;
    }
    if (!IS_TYPE(v) || !type_has(AS_TYPE(v), TYPE_FLAG_EXCEPTION)) {
        return exc_raise(cx, EXC_TypeError, "%s", complaint);
    }
    const Value exception = call_value(cx, v, NULL, 0);
    if (IS_ERROR(exception) || IS_EXCEPTION(exception)) {
        return exception;
    }
    const Value made = value_repr(cx, OBJ_VALUE(type_of(cx, exception)));
    return IS_ERROR(made) ? VALUE_ERROR : exc_raise_not_instance(cx, v, AS_STR(made)->data);
}

Value exc_raise_statement(Context *cx, Value v, Value cause) {
    const Value exception =
        instantiate(cx, v, "exceptions must derive from BaseException");
    if (IS_ERROR(exception)) {
        return VALUE_ERROR;
    }
    if (!IS_UNSET(cause)) {
        if (!IS_NONE(cause)) {
            cause =
                instantiate(cx, cause, "exception causes must derive from BaseException");
            if (IS_ERROR(cause)) {
                return VALUE_ERROR;
            }
        }
        ObjException *e = AS_EXCEPTION(exception);
        value_store(&e->cause, cause);
        atomic_store_release(&e->suppress_context, true);
    }
    return exc_raise_object(cx, exception);
}

/* Matching and taking */

bool exc_matches_kind(const Context *cx, Value exception, ExcKind kind) {
    const ObjType *type = type_of(cx, exception);
    const ObjType *wanted = cx->rt->exception_types[kind];
    return type->exc_kind == kind || (wanted != NULL && type_is_subtype(type, wanted));
}

static bool is_exception_class(Value v) {
    return IS_TYPE(v) && type_has(AS_TYPE(v), TYPE_FLAG_EXCEPTION);
}

static int raise_not_catchable(Context *cx) {
    exc_raise(cx, EXC_TypeError,
              "catching classes that do not inherit from BaseException is not allowed");
    return -1;
}

int exc_matches(Context *cx, Value exception, Value v) {
    const ObjType *type = type_of(cx, exception);
    if (LIKELY(is_exception_class(v))) {
        return type == AS_TYPE(v) || type_is_subtype(type, AS_TYPE(v));
    }
    if (!IS_TUPLE(v)) {
        return raise_not_catchable(cx);
    }
    const ObjTuple *classes = AS_TUPLE(v);
    for (size_t i = 0; i < classes->n; i++) {
        if (!is_exception_class(classes->items[i])) {
            return raise_not_catchable(cx);
        }
    }
    for (size_t i = 0; i < classes->n; i++) {
        if (type_is_subtype(type, AS_TYPE(classes->items[i]))) {
            return 1;
        }
    }
    return 0;
}

Value exc_take(Context *cx) {
    const Value exception = cx->pending;
    cx->pending = VALUE_UNSET;
    return exception;
}

bool exc_take_if(Context *cx, ExcKind kind) {
    if (!IS_EXCEPTION(cx->pending) || !exc_matches_kind(cx, cx->pending, kind)) {
        return false;
    }
    cx->pending = VALUE_UNSET;
    return true;
}

/* Printing */

static Value exception_str(Context *cx, Value v) {
    ObjException *e = AS_EXCEPTION(v);
    const Value text = exc_str_by_fields(cx, e);
    if (!IS_UNSET(text)) {
        return text;
    }
    const Value args = value_load(&e->args);
    switch (AS_TUPLE(args)->n) {
    case 0: return OBJ_VALUE(cx->rt->empty_str);
    case 1: return value_str(cx, AS_TUPLE(args)->items[0]);
    default: return value_str(cx, args);
    }
}

static Value exception_repr(Context *cx, Value v) {
    const Value args = value_load(&AS_EXCEPTION(v)->args);
    const ObjStr *name = type_of(cx, v)->name;
    const bool is_single = AS_TUPLE(args)->n == 1;
    const Value inner = value_repr(cx, is_single ? AS_TUPLE(args)->items[0] : args);
    if (IS_ERROR(inner)) {
        return VALUE_ERROR;
    }
    ObjStr *text =
        str_format_c(cx, is_single ? "%.*s(%.*s)" : "%.*s%.*s", (int)name->n_bytes,
                     name->data, (int)AS_STR(inner)->n_bytes, AS_STR(inner)->data);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* What every exception has */

static Value exception_init(Context *cx, Value *args, int n_args) {
    ObjException *e = AS_EXCEPTION(args[0]);
    const Value tuple = tuple_from(cx, args + 1, (size_t)(n_args - 1));
    if (IS_ERROR(tuple)) {
        return VALUE_ERROR;
    }
    value_store(&e->args, tuple);
    return exc_init_fields(cx, e, args + 1, n_args - 1, args[-1]) ? VALUE_NONE
                                                                  : VALUE_ERROR;
}

NATIVE(exception_with_traceback, "with_traceback(self, tb, /)",
       "Set self.__traceback__ to tb and return self.") {
    if (!IS_NONE(args[1]) && !IS_KIND(args[1], KIND_TRACEBACK)) {
        return exc_raise(cx, EXC_TypeError, "__traceback__ must be a traceback or None");
    }
    value_store(&AS_EXCEPTION(args[0])->traceback, args[1]);
    return args[0];
}

bool exc_add_note(Context *cx, Value exception, Value note) {
    ObjStr *name = context_name(cx, NAME_notes_);
    Value notes = instance_get_own(cx, AS_OBJ(exception), name);
    if (!IS_UNSET(notes) && !IS_LIST(notes)) {
        exc_raise(cx, EXC_TypeError, "Cannot add note: __notes__ is not a list");
        return false;
    }
    if (IS_UNSET(notes)) {
        ObjList *list = list_new(cx, 0);
        if (list == NULL ||
            !instance_set_own(cx, AS_OBJ(exception), name, OBJ_VALUE(list))) {
            return false;
        }
        notes = OBJ_VALUE(list);
    }
    return list_append(cx, AS_LIST(notes), note);
}

NATIVE(exception_add_note, "add_note(self, note, /)", "Add a note to the exception.") {
    if (!IS_STR(args[1])) {
        return exc_raise(cx, EXC_TypeError, "note must be a str, not '%s'",
                         type_name_of(cx, args[1]));
    }
    return exc_add_note(cx, args[0], args[1]) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(exception_reduce, "__reduce__(self, /)", "Helper for pickle.") {
    return exc_reduce(cx, args[0]);
}

NATIVE(exception_setstate, "__setstate__(self, state, /)", "Helper for pickle.") {
    return exc_set_state(cx, args[0], args[1]) ? VALUE_NONE : VALUE_ERROR;
}

static const NativeDef exception_methods[] = {
    {"__init__(self, /, *args, **kwargs)",
     "Initialize self.  See help(type(self)) for accurate signature.", exception_init,
     NATIVE_WRAPPER},
    NATIVE_ENTRY(exception_with_traceback),
    NATIVE_ENTRY(exception_add_note),
    NATIVE_ENTRY(exception_reduce),
    NATIVE_ENTRY(exception_setstate),
    {NULL, NULL, NULL, 0},
};

const KindOps kind_ops_ObjException = {
    .trace = exception_trace,
    .repr = exception_repr,
    .str = exception_str,
    .construct = exception_construct,
    .methods = exception_methods,
};
