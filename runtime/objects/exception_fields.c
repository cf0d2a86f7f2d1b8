/* exception_fields.c - what exceptions carry besides args, class by class.
 *
 *      class                  value       detail[0]   detail[1]  detail[2]   detail[3]
 *      StopIteration          value
 *      SystemExit             code
 *      OSError ...            errno       strerror    filename   filename2   characters_written
 *      ImportError            name        path        msg
 *      NameError              name        self
 *      AttributeError         name        obj
 *      SyntaxError ...        msg         filename    place      text
 *      UnicodeDecodeError ... encoding    object      start      end         reason
 *      BaseExceptionGroup ... message     exceptions
 *
 * A field that was not given is VALUE_UNSET and reads as None. */

#include "runtime/objects/exception_fields.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/exception_group.h"
#include "runtime/objects/function.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str_build.h"
#include "runtime/objects/type_internal.h"

ExcKind exc_kind_of_errno(int error) {
    switch (error) {
    case EAGAIN:
    case EALREADY:
    case EINPROGRESS: return EXC_BlockingIOError;
    case EPIPE:
    case ESHUTDOWN: return EXC_BrokenPipeError;
    case ECHILD: return EXC_ChildProcessError;
    case ECONNABORTED: return EXC_ConnectionAbortedError;
    case ECONNREFUSED: return EXC_ConnectionRefusedError;
    case ECONNRESET: return EXC_ConnectionResetError;
    case EEXIST: return EXC_FileExistsError;
    case ENOENT: return EXC_FileNotFoundError;
    case EISDIR: return EXC_IsADirectoryError;
    case ENOTDIR: return EXC_NotADirectoryError;
    case EINTR: return EXC_InterruptedError;
    case EACCES:
    case EPERM: return EXC_PermissionError;
    case ESRCH: return EXC_ProcessLookupError;
    case ETIMEDOUT: return EXC_TimeoutError;
    default: return EXC_OSError;
    }
}

/* The class of the table above that an exception class falls under, or
 * EXC_BaseException. */
static ExcKind group_of(ExcKind kind) {
    switch (kind) {
    case EXC_StopIteration:
    case EXC_SystemExit:
    case EXC_AttributeError:
    case EXC_KeyError:
    case EXC_UnicodeDecodeError:
    case EXC_UnicodeEncodeError:
    case EXC_UnicodeTranslateError: return kind;
    case EXC_BaseExceptionGroup:
    case EXC_ExceptionGroup: return EXC_BaseExceptionGroup;
    case EXC_ImportError:
    case EXC_ModuleNotFoundError: return EXC_ImportError;
    case EXC_NameError:
    case EXC_UnboundLocalError: return EXC_NameError;
    case EXC_SyntaxError:
    case EXC_IndentationError:
    case EXC_TabError: return EXC_SyntaxError;
    default:
        return kind >= EXC_OSError && kind <= EXC_TimeoutError ? EXC_OSError
                                                               : EXC_BaseException;
    }
}

/* With several bases the first in the MRO that has fields of its own counts. */
ExcKind exc_group_of(Context *cx, const ObjException *e) {
    const ObjType *type = type_of(cx, OBJ_VALUE(e));
    ExcKind group = group_of((ExcKind)type->exc_kind);
    for (size_t i = 1;
         group == EXC_BaseException && type->bases->n > 1 && i < type->mro->n; i++) {
        group = group_of((ExcKind)AS_TYPE(type->mro->items[i])->exc_kind);
    }
    return group;
}

/* Filling */

static void init_os_error(Context *cx, ObjException *e, const Value *args, int n_args) {
    if (n_args < 2 || n_args > 5) {
        return;
    }
    e->value = args[0];
    e->detail[OS_STRERROR] = args[1];
    if (n_args > 2 && IS_INT_LIKE(args[2]) &&
        type_of(cx, OBJ_VALUE(e)) == cx->rt->exception_types[EXC_BlockingIOError]) {
        e->detail[OS_WRITTEN] = args[2]; /* there is no file name */
        return;
    }
    if (n_args > 2 && !IS_NONE(args[2])) {
        e->detail[OS_FILENAME] = args[2];
        if (n_args > 4 && !IS_NONE(args[4])) {
            e->detail[OS_FILENAME2] = args[4];
        }
        const Value two = tuple_from(cx, args, 2);
        if (!IS_ERROR(two)) {
            e->args = two; /* the file names are no part of args */
        }
    }
}

static bool init_syntax_error(Context *cx, ObjException *e, const Value *args,
                              int n_args) {
    if (n_args >= 1) {
        e->value = args[0];
    }
    if (n_args != 2) {
        return true;
    }
    const Value info = tuple_from_iterable(cx, args[1]);
    if (IS_ERROR(info)) {
        return false;
    }
    const ObjTuple *t = AS_TUPLE(info);
    if (t->n != 4 && t->n != 6) {
        exc_raise(cx, EXC_TypeError, "function takes %s 4 arguments (%zu given)",
                  t->n < 4 ? "at least" : "exactly", t->n);
        return false;
    }
    const bool has_end = t->n == 6;
    e->detail[SYNTAX_FILENAME] = t->items[0];
    e->detail[SYNTAX_TEXT] = t->items[3];
    const Value place =
        tuple_pack(cx, 4, t->items[1], t->items[2], has_end ? t->items[4] : VALUE_NONE,
                   has_end ? t->items[5] : VALUE_NONE);
    e->detail[SYNTAX_PLACE] = IS_ERROR(place) ? VALUE_UNSET : place;
    return !IS_ERROR(place);
}

/* Takes a keyword argument that a class knows; what is not known stays. */
static int take_keyword(Context *cx, Value kwargs, const char *name, Value *field) {
    ObjStr *key = str_intern(cx, name, strlen(name));
    if (key == NULL) {
        return -1;
    }
    const Value value = dict_get_str(AS_DICT(kwargs), key);
    if (IS_UNSET(value)) {
        return 0;
    }
    *field = value;
    return 1;
}

static bool init_keywords(Context *cx, ObjException *e, ExcKind group, Value kwargs) {
    size_t n_left = dict_length(AS_DICT(kwargs));
    const char *names[3] = {NULL, NULL, NULL};
    Value *fields[3] = {&e->value, &e->detail[0], &e->detail[IMPORT_NAME_FROM]};
    if (group == EXC_ImportError) {
        names[0] = "name";
        names[1] = "path";
        names[2] = "name_from";
    } else if (group == EXC_AttributeError) {
        names[0] = "name";
        names[1] = "obj";
    } else if (group == EXC_NameError) {
        names[0] = "name";
    }
    for (int i = 0; i < 3 && names[i] != NULL; i++) {
        const int taken = take_keyword(cx, kwargs, names[i], fields[i]);
        if (taken < 0) {
            return false;
        }
        n_left -= (size_t)taken;
    }
    if (n_left > 0 && names[0] != NULL) {
        return construct_check_keywords(cx, type_name_c(cx, exc_type(cx, group)), kwargs, names[0],
                                        names[1]);
    }
    if (n_left > 0) {
        exc_raise(cx, EXC_TypeError, "%s() takes no keyword arguments",
                  type_name_of(cx, OBJ_VALUE(e)));
        return false;
    }
    return true;
}

bool exc_init_fields(Context *cx, ObjException *e, const Value *args, int n_args,
                     Value kwargs) {
    const ExcKind group = exc_group_of(cx, e);
    if (group == EXC_ImportError) { /* __init__() may be called again */
        e->value = e->detail[IMPORT_PATH] = VALUE_UNSET;
    }
    if (UNLIKELY(!IS_UNSET(kwargs)) && !init_keywords(cx, e, group, kwargs)) {
        return false;
    }
    switch (group) {
    case EXC_StopIteration: e->value = n_args > 0 ? args[0] : VALUE_NONE; return true;
    case EXC_SystemExit:
        e->value = n_args == 0 ? VALUE_NONE : n_args == 1 ? args[0] : e->args;
        return true;
    case EXC_OSError: init_os_error(cx, e, args, n_args); return true;
    case EXC_ImportError:
        e->detail[IMPORT_MESSAGE] = n_args == 1 ? args[0] : VALUE_UNSET;
        return true;
    case EXC_BaseExceptionGroup: return exc_group_init(cx, e, args);
    case EXC_SyntaxError: return init_syntax_error(cx, e, args, n_args);
    case EXC_UnicodeDecodeError:
    case EXC_UnicodeEncodeError:
    case EXC_UnicodeTranslateError: return exc_unicode_init(cx, e, group, args, n_args);
    default: return true;
    }
}

/* str(e) */

static Value finish(Context *cx, Buf *buf) {
    ObjStr *text = str_from_buf(cx, buf);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static bool add_str(Context *cx, Buf *buf, Value v) {
    const Value text = value_str(cx, v);
    return !IS_ERROR(text) && str_build_add(cx, buf, text);
}

static Value none_if_unset(Value v) {
    return IS_UNSET(v) ? VALUE_NONE : v;
}

static Value os_error_str(Context *cx, ObjException *e) {
    const Value filename = value_load(&e->detail[OS_FILENAME]);
    const Value filename2 = value_load(&e->detail[OS_FILENAME2]);
    const Value error = value_load(&e->value);
    const Value text = value_load(&e->detail[OS_STRERROR]);
    if (IS_UNSET(filename) && (IS_UNSET(error) || IS_UNSET(text))) {
        return VALUE_UNSET;
    }
    Buf buf = {0};
    buf_add_text(&buf, "[Errno ");
    bool is_ok = add_str(cx, &buf, none_if_unset(error));
    buf_add_text(&buf, "] ");
    is_ok = is_ok && add_str(cx, &buf, none_if_unset(text));
    if (is_ok && !IS_UNSET(filename)) {
        buf_add_text(&buf, ": ");
        is_ok = str_build_add_repr(cx, &buf, filename);
        if (is_ok && !IS_UNSET(filename2)) {
            buf_add_text(&buf, " -> ");
            is_ok = str_build_add_repr(cx, &buf, filename2);
        }
    }
    if (!is_ok) {
        buf_free(&buf);
        return VALUE_ERROR;
    }
    return finish(cx, &buf);
}

Value exc_syntax_place(const ObjException *e, int i) {
    const Value place = value_load(&e->detail[SYNTAX_PLACE]);
    return IS_TUPLE(place) ? AS_TUPLE(place)->items[i] : VALUE_NONE;
}

static Value syntax_error_str(Context *cx, ObjException *e) {
    const Value filename = value_load(&e->detail[SYNTAX_FILENAME]);
    const Value line = exc_syntax_place(e, 0);
    const Value message = value_str(cx, none_if_unset(value_load(&e->value)));
    if (IS_ERROR(message) || (!IS_STR(filename) && !IS_INT(line))) {
        return message;
    }
    Buf buf = {0};
    buf_add(&buf, AS_STR(message)->data, AS_STR(message)->n_bytes);
    buf_add_text(&buf, " (");
    if (IS_STR(filename)) {
        const ObjStr *path = AS_STR(filename);
        size_t base = path->n_bytes; /* where the last component begins */
        while (base > 0 && path->data[base - 1] != '/') {
            base--;
        }
        buf_add(&buf, path->data + base, path->n_bytes - base);
    }
    if (IS_INT(line)) {
        buf_add_format(&buf, "%sline %lld", IS_STR(filename) ? ", " : "",
                       (long long)value_to_int(line));
    }
    buf_add_text(&buf, ")");
    return finish(cx, &buf);
}

Value exc_str_by_fields(Context *cx, ObjException *e) {
    const ExcKind group = exc_group_of(cx, e);
    const ObjTuple *args = AS_TUPLE(value_load(&e->args));
    switch (group) {
    case EXC_KeyError: return args->n == 1 ? value_repr(cx, args->items[0]) : VALUE_UNSET;
    case EXC_OSError: return os_error_str(cx, e);
    case EXC_BaseExceptionGroup: return exc_group_str(cx, e);
    case EXC_ImportError: {
        const Value message = value_load(&e->detail[IMPORT_MESSAGE]);
        return IS_STR(message) ? message : VALUE_UNSET;
    }
    case EXC_SyntaxError: return syntax_error_str(cx, e);
    case EXC_UnicodeDecodeError:
    case EXC_UnicodeEncodeError:
    case EXC_UnicodeTranslateError: return exc_unicode_str(cx, e, group);
    default: return VALUE_UNSET;
    }
}

/* Fields as attributes */

Value exc_get_value(Context *cx, Value self) {
    (void)cx;
    return none_if_unset(value_load(&AS_EXCEPTION(self)->value));
}

bool exc_set_value(Context *cx, Value self, Value value) {
    (void)cx;
    value_store(&AS_EXCEPTION(self)->value, value);
    return true;
}

#define DETAIL(i)                                                         \
    Value exc_get_detail_##i(Context *cx, Value self) {                   \
        (void)cx;                                                         \
        return none_if_unset(value_load(&AS_EXCEPTION(self)->detail[i])); \
    }                                                                     \
    bool exc_set_detail_##i(Context *cx, Value self, Value value) {       \
        (void)cx;                                                         \
        value_store(&AS_EXCEPTION(self)->detail[i], value);               \
        return true;                                                      \
    }
DETAIL(0)
DETAIL(1)
DETAIL(2)
DETAIL(3)

#define PLACE(i)                                                      \
    static Value get_place_##i(Context *cx, Value self) {             \
        (void)cx;                                                     \
        return exc_syntax_place(AS_EXCEPTION(self), i);               \
    }                                                                 \
    static bool set_place_##i(Context *cx, Value self, Value value) { \
        return set_place(cx, self, i, value);                         \
    }
static bool set_place(Context *cx, Value self, int i, Value value) {
    Value parts[4];
    for (int k = 0; k < 4; k++) {
        parts[k] =
            k == i ? none_if_unset(value) : exc_syntax_place(AS_EXCEPTION(self), k);
    }
    const Value place = tuple_from(cx, parts, 4);
    if (IS_ERROR(place)) {
        return false;
    }
    value_store(&AS_EXCEPTION(self)->detail[SYNTAX_PLACE], place);
    return true;
}
PLACE(0)
PLACE(1)
PLACE(2)
PLACE(3)

static Value get_args(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_EXCEPTION(self)->args);
}

static bool set_args(Context *cx, Value self, Value value) {
    if (IS_UNSET(value)) {
        exc_raise(cx, EXC_TypeError, "args may not be deleted");
        return false;
    }
    const Value tuple = tuple_from_iterable(cx, value);
    if (!IS_ERROR(tuple)) {
        value_store(&AS_EXCEPTION(self)->args, tuple);
    }
    return !IS_ERROR(tuple);
}

static Value get_cause(Context *cx, Value self) {
    (void)cx;
    return none_if_unset(value_load(&AS_EXCEPTION(self)->cause));
}

static bool set_exception(Context *cx, Value *field, Value value, const char *what) {
    if (IS_UNSET(value)) {
        exc_raise(cx, EXC_TypeError, "__%s__ may not be deleted", what);
        return false;
    }
    if (!IS_NONE(value) && !IS_EXCEPTION(value)) {
        exc_raise(cx, EXC_TypeError,
                  "exception %s must be None or derive from BaseException", what);
        return false;
    }
    value_store(field, value);
    return true;
}

static bool set_cause(Context *cx, Value self, Value value) {
    ObjException *e = AS_EXCEPTION(self);
    if (!set_exception(cx, &e->cause, value, "cause")) {
        return false;
    }
    atomic_store_release(&e->suppress_context, true);
    return true;
}

static Value get_context(Context *cx, Value self) {
    (void)cx;
    return none_if_unset(value_load(&AS_EXCEPTION(self)->context));
}

static bool set_context(Context *cx, Value self, Value value) {
    return set_exception(cx, &AS_EXCEPTION(self)->context, value, "context");
}

static Value get_suppress(Context *cx, Value self) {
    (void)cx;
    return BOOL_VALUE(atomic_load_acquire(&AS_EXCEPTION(self)->suppress_context));
}

static bool set_suppress(Context *cx, Value self, Value value) {
    if (!IS_BOOL(value)) {
        exc_raise(cx, EXC_TypeError, "%s",
                  IS_UNSET(value) ? "can't delete numeric/char attribute"
                                  : "attribute value type must be bool");
        return false;
    }
    atomic_store_release(&AS_EXCEPTION(self)->suppress_context, value == VALUE_TRUE);
    return true;
}

static Value get_traceback(Context *cx, Value self) {
    (void)cx;
    return none_if_unset(value_load(&AS_EXCEPTION(self)->traceback));
}

static bool set_traceback(Context *cx, Value self, Value value) {
    if (IS_UNSET(value)) {
        exc_raise(cx, EXC_TypeError, "__traceback__ may not be deleted");
        return false;
    }
    if (!IS_NONE(value) && !IS_KIND(value, KIND_TRACEBACK)) {
        exc_raise(cx, EXC_TypeError, "__traceback__ must be a traceback or None");
        return false;
    }
    value_store(&AS_EXCEPTION(self)->traceback, value);
    return true;
}

static Value get_dict(Context *cx, Value self) {
    ObjDict *dict = instance_dict(cx, AS_OBJ(self));
    return dict == NULL ? VALUE_ERROR : OBJ_VALUE(dict);
}

static bool set_dict(Context *cx, Value self, Value value) {
    return function_check_dict(cx, value) && instance_set_dict(cx, AS_OBJ(self), AS_DICT(value));
}

static const GetsetDef base_getsets[] = {
    {"__dict__", NULL, get_dict, set_dict},
    {"args", NULL, get_args, set_args},
    {"__cause__", "exception cause", get_cause, set_cause},
    {"__context__", "exception context", get_context, set_context},
    {"__suppress_context__", NULL, get_suppress, set_suppress},
    {"__traceback__", NULL, get_traceback, set_traceback},
    {NULL, NULL, NULL, NULL},
};

static const GetsetDef stop_iteration_getsets[] = {
    {"value", "generator return value", exc_get_value, exc_set_value},
    {NULL, NULL, NULL, NULL},
};

static const GetsetDef system_exit_getsets[] = {
    {"code", "exception code", exc_get_value, exc_set_value},
    {NULL, NULL, NULL, NULL},
};

static Value get_written(Context *cx, Value self) {
    const Value n = value_load(&AS_EXCEPTION(self)->detail[OS_WRITTEN]);
    return IS_UNSET(n) ? exc_raise(cx, EXC_AttributeError, "characters_written") : n;
}

static bool set_written(Context *cx, Value self, Value value) {
    int64_t n;
    if (IS_UNSET(value) && IS_ERROR(get_written(cx, self))) {
        return false;
    }
    if (!IS_UNSET(value) && !int_index_i64(cx, value, &n, EXC_ValueError)) {
        return false;
    }
    value_store(&AS_EXCEPTION(self)->detail[OS_WRITTEN],
                IS_UNSET(value) ? VALUE_UNSET : int_from_i64(cx, n));
    return true;
}

static const GetsetDef os_error_getsets[] = {
    {"errno", "POSIX exception code", exc_get_value, exc_set_value},
    {"strerror", "exception strerror", exc_get_detail_0, exc_set_detail_0},
    {"filename", "exception filename", exc_get_detail_1, exc_set_detail_1},
    {"filename2", "second exception filename", exc_get_detail_2, exc_set_detail_2},
    {"characters_written", NULL, get_written, set_written},
    {NULL, NULL, NULL, NULL},
};

static const GetsetDef import_error_getsets[] = {
    {"name", "module name", exc_get_value, exc_set_value},
    {"path", "module path", exc_get_detail_0, exc_set_detail_0},
    {"msg", "exception message", exc_get_detail_1, exc_set_detail_1},
    {"name_from", "name imported from module", exc_get_detail_2, exc_set_detail_2},
    {NULL, NULL, NULL, NULL},
};

static const GetsetDef name_error_getsets[] = {
    {"name", "name", exc_get_value, exc_set_value},
    {NULL, NULL, NULL, NULL},
};

static const GetsetDef attribute_error_getsets[] = {
    {"name", "attribute name", exc_get_value, exc_set_value},
    {"obj", "object", exc_get_detail_0, exc_set_detail_0},
    {NULL, NULL, NULL, NULL},
};

static const GetsetDef syntax_error_getsets[] = {
    {"msg", "exception msg", exc_get_value, exc_set_value},
    {"filename", "exception filename", exc_get_detail_0, exc_set_detail_0},
    {"lineno", "exception lineno", get_place_0, set_place_0},
    {"offset", "exception offset", get_place_1, set_place_1},
    {"end_lineno", "exception end lineno", get_place_2, set_place_2},
    {"end_offset", "exception end offset", get_place_3, set_place_3},
    {"text", "exception text", exc_get_detail_2, exc_set_detail_2},
    {NULL, NULL, NULL, NULL},
};

const GetsetDef *exc_getsets(ExcKind kind) {
    switch (kind) {
    case EXC_BaseException: return base_getsets;
    case EXC_StopIteration: return stop_iteration_getsets;
    case EXC_SystemExit: return system_exit_getsets;
    case EXC_OSError: return os_error_getsets;
    case EXC_BaseExceptionGroup: return exc_group_getsets;
    case EXC_ImportError: return import_error_getsets;
    case EXC_NameError: return name_error_getsets;
    case EXC_AttributeError: return attribute_error_getsets;
    case EXC_SyntaxError: return syntax_error_getsets;
    case EXC_UnicodeDecodeError:
    case EXC_UnicodeEncodeError:
    case EXC_UnicodeTranslateError: return exc_unicode_getsets;
    default: return NULL;
    }
}
