/* mod_sys.c - the module sys, as far as the runtime knows the answers.
 *
 * interp/ adds what belongs to it (host_sys_natives, rt->sys): argv, path and executable,
 * recursion limit, switch interval. What most programs do not ask for is made late. */

#include <float.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/hash.h"
#include "runtime/call.h"
#include "runtime/host.h"
#include "runtime/modules/modules.h"
#include "runtime/modules/struct_seq.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/coroutine.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/file.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/type_internal.h"

/* The version of Python whose language scripts are written in; ours comes from the build. */
enum { MAJOR = 3, MINOR = 13, MICRO = 0 };
#define PYTHON_VERSION "3.13.0"

NATIVE(sys_exit, "exit(status=None, /)",
       "Exit the interpreter by raising SystemExit(status).") {
    return exc_raise_value(cx, EXC_SystemExit, IS_NONE(args[0]) ? VALUE_UNSET : args[0]);
}

NATIVE(sys_exc_info, "exc_info()",
       "Return type, value and traceback of the exception that is being handled, or "
       "three times None.") {
    const Value e = cx->handled;
    if (!IS_EXCEPTION(e)) {
        return tuple_pack(cx, 3, VALUE_NONE, VALUE_NONE, VALUE_NONE);
    }
    return tuple_pack(cx, 3, OBJ_VALUE(type_of(cx, e)), e,
                      value_load(&AS_EXCEPTION(e)->traceback));
}

NATIVE(sys_exception, "exception()",
       "Return the exception that is being handled, or None.") {
    return IS_EXCEPTION(cx->handled) ? cx->handled : VALUE_NONE;
}

NATIVE(sys_getsizeof, "getsizeof(object, default=None)",
       "Return the size of object in bytes.") {
    const Value v = args[0];
    ObjStr *name = str_intern(cx, "__sizeof__", 10);
    const Value method =
        name == NULL ? VALUE_ERROR : type_lookup(cx, type_of(cx, v), name);
    if (IS_ERROR(method)) {
        return VALUE_ERROR;
    }
    return call_method(cx, method, v, NULL, 0);
}

NATIVE(sys_intern, "intern(string, /)",
       "Return the one string of that text that names are compared with.") {
    ObjStr *s = arg_str(cx, args[0], "intern", "1");
    ObjStr *interned = s == NULL ? NULL : str_intern_obj(cx, s);
    return interned == NULL ? VALUE_ERROR : OBJ_VALUE(interned);
}

NATIVE(sys_getdefaultencoding, "getdefaultencoding()",
       "Return the encoding of str.encode() and open().") {
    ObjStr *name = str_from_c(cx, "utf-8");
    return name == NULL ? VALUE_ERROR : OBJ_VALUE(name);
}

NATIVE(
    sys_get_int_max_str_digits, "get_int_max_str_digits()",
    "Return the most digits that int and str convert into each other; 0 is no limit.") {
    return value_from_int(atomic_load_relaxed(&cx->rt->int_max_str_digits));
}

NATIVE(sys_set_int_max_str_digits, "set_int_max_str_digits(maxdigits)",
       "Set the most digits that int and str convert into each other; 0 is no limit.") {
    enum { LEAST = 640 };
    int n;
    if (!arg_int32(cx, args[0], &n)) {
        return VALUE_ERROR;
    }
    if (n != 0 && n < LEAST) {
        return exc_raise(cx, EXC_ValueError, "maxdigits must be 0 or larger than %d",
                         LEAST);
    }
    atomic_store_relaxed(&cx->rt->int_max_str_digits, n);
    return VALUE_NONE;
}

NATIVE(sys_displayhook, "displayhook(object, /)",
       "Print an object to sys.stdout and also save it in builtins._") {
    if (IS_NONE(args[0])) {
        return VALUE_NONE;
    }
    const Value text = value_repr(cx, args[0]);
    const Value out = IS_ERROR(text) ? VALUE_ERROR
                                     : module_get(cx, cx->rt->sys, context_name(cx, NAME_plain_stdout));
    const Value write = IS_ERROR(out) || IS_UNSET(out)
                            ? out
                            : value_getattr(cx, out, context_name(cx, NAME_plain_write));
    if (IS_UNSET(write)) {
        return exc_raise(cx, EXC_RuntimeError, "lost sys.stdout");
    }
    ObjStr *line = IS_ERROR(write) ? NULL : str_format_c(cx, "%.*s\n", (int)AS_STR(text)->n_bytes,
                                                         AS_STR(text)->data);
    const Value arg = line == NULL ? VALUE_ERROR : OBJ_VALUE(line);
    if (IS_ERROR(arg) || IS_ERROR(call_value(cx, write, &arg, 1)) ||
        !module_set_c(cx, cx->rt->builtins, "_", args[0])) {
        return VALUE_ERROR;
    }
    return VALUE_NONE;
}

NATIVE(sys_getframe, "_getframe(depth=0, /)",
       "Return a frame object of the call stack: a picture of this moment.") {
    int64_t depth = 0;
    if (!IS_UNSET(args[0]) && !arg_int(cx, args[0], &depth)) {
        return VALUE_ERROR;
    }
    return call_frame(cx, depth);
}

NATIVE(sys_getrefcount, "getrefcount(object, /)", "There are no reference counts.") {
    return exc_raise(cx, EXC_NotImplementedError,
                     "mini counts no references: its collector finds what is reachable");
}

NATIVE(sys_get_asyncgen_hooks, "get_asyncgen_hooks()",
       "Return what is called with an asynchronous generator before its first step, and at its end.") {
    static const char *const fields[] = {"firstiter", "finalizer", NULL};
    const Value hooks = async_hooks(cx);
    ObjType *type = IS_ERROR(hooks) ? NULL : struct_seq_type(cx, "sys", "asyncgen_hooks", fields);
    if (type == NULL) {
        return VALUE_ERROR;
    }
    const Value none[] = {VALUE_NONE, VALUE_NONE};
    return struct_seq_new(cx, type, IS_TUPLE(hooks) ? AS_TUPLE(hooks)->items : none, 2);
}

NATIVE(sys_set_asyncgen_hooks, "set_asyncgen_hooks(firstiter=None, finalizer=None)",
       "Set what is called with an asynchronous generator before its first step. The finalizer is only kept: nothing is "
       "called when a generator becomes unreachable.") {
    const Value before = async_hooks(cx);
    if (IS_ERROR(before)) {
        return VALUE_ERROR;
    }
    Value hooks[2];
    for (int i = 0; i < 2; i++) {
        hooks[i] = !IS_UNSET(args[i]) ? args[i] : IS_TUPLE(before) ? AS_TUPLE(before)->items[i] : VALUE_NONE;
        if (!IS_NONE(hooks[i]) && !value_is_callable(cx, hooks[i])) {
            return exc_raise(cx, EXC_TypeError, "callable %s expected, got %s", i == 0 ? "firstiter" : "finalizer",
                             type_name_of(cx, hooks[i]));
        }
    }
    return async_set_hooks(cx, hooks[0], hooks[1]) ? VALUE_NONE : VALUE_ERROR;
}

NATIVE(sys_excepthook, "excepthook(exctype, value, traceback, /)",
       "Handle an exception by displaying it with a traceback on sys.stderr.") {
    if (IS_EXCEPTION(args[1])) {
        host_print_exception(cx, NULL, args[1]);
    }
    return VALUE_NONE;
}

/* What is seldom asked for is written in the language: lib/_sys_more.mini. */
NATIVE(sys_getattr, "__getattr__(name, /)", "Return what sys does not have at hand.") {
    ObjStr *name = arg_str(cx, args[0], "__getattr__", "1");
    if (name == NULL) {
        return VALUE_ERROR;
    }
    Value found = VALUE_UNSET;
    if (name->n_bytes < 2 || memcmp(name->data, "__", 2) != 0) {
        ObjStr *more = str_intern(cx, "_sys_more", 9);
        const Value module = more != NULL ? call_import(cx, more) : VALUE_ERROR;
        found = IS_ERROR(module) ? VALUE_ERROR : value_getattr_or_unset(cx, module, name);
    }
    return IS_UNSET(found) ? attribute_raise_missing(cx, OBJ_VALUE(cx->rt->sys), name) : found;
}

static const NativeDef sys_natives[] = {
    NATIVE_ENTRY(sys_getattr),
    NATIVE_ENTRY(sys_get_asyncgen_hooks),
    NATIVE_ENTRY(sys_set_asyncgen_hooks),
    NATIVE_ENTRY(sys_getframe),
    NATIVE_ENTRY(sys_getrefcount),
    NATIVE_ENTRY(sys_exit),
    NATIVE_ENTRY(sys_exc_info),
    NATIVE_ENTRY(sys_exception),
    NATIVE_ENTRY(sys_getsizeof),
    NATIVE_ENTRY(sys_intern),
    NATIVE_ENTRY(sys_getdefaultencoding),
    {"getfilesystemencoding()", "Return the encoding of file names.",
     sys_getdefaultencoding, 0},
    NATIVE_ENTRY(sys_get_int_max_str_digits),
    NATIVE_ENTRY(sys_set_int_max_str_digits),
    {NULL, NULL, NULL, 0},
};

static bool set_text(Context *cx, ObjModule *sys, const char *name, const char *text) {
    ObjStr *s = str_from_c(cx, text);
    return s != NULL && module_set_c(cx, sys, name, OBJ_VALUE(s));
}

static bool set_list(Context *cx, ObjModule *sys, const char *name) {
    ObjList *list = list_new(cx, 0);
    return list != NULL && module_set_c(cx, sys, name, OBJ_VALUE(list));
}

/* Standard streams; a descriptor that is not open gives None. */
static bool set_stream(Context *cx, ObjModule *sys, int fd, const char *name,
                       const char *original, const char *label) {
    const Value file = file_from_fd(cx, fd, fd == 0 ? "r" : "w", label, false, false);
    return !IS_ERROR(file) && module_set_c(cx, sys, name, file) &&
           module_set_c(cx, sys, original, file);
}

static Value version_info(Context *cx, int unused) {
    (void)unused;
    static const char *const fields[] = {"major",        "minor",  "micro",
                                         "releaselevel", "serial", NULL};
    ObjType *type = struct_seq_type(cx, "sys", "version_info", fields);
    ObjStr *level = type == NULL ? NULL : str_intern(cx, "final", 5);
    if (level == NULL) {
        return VALUE_ERROR;
    }
    const Value values[] = {value_from_int(MAJOR), value_from_int(MINOR),
                            value_from_int(MICRO), OBJ_VALUE(level), value_from_int(0)};
    return struct_seq_new(cx, type, values, sizeof values / sizeof values[0]);
}

static Value float_info(Context *cx, int unused) {
    (void)unused;
    static const char *const fields[] = {
        "max", "max_exp",  "max_10_exp", "min",   "min_exp", "min_10_exp",
        "dig", "mant_dig", "epsilon",    "radix", "rounds",  NULL};
    ObjType *type = struct_seq_type(cx, "sys", "float_info", fields);
    const Value values[] = {
        value_from_double(DBL_MAX),
        value_from_int(DBL_MAX_EXP),
        value_from_int(DBL_MAX_10_EXP),
        value_from_double(DBL_MIN),
        value_from_int(DBL_MIN_EXP),
        value_from_int(DBL_MIN_10_EXP),
        value_from_int(DBL_DIG),
        value_from_int(DBL_MANT_DIG),
        value_from_double(DBL_EPSILON),
        value_from_int(FLT_RADIX),
        value_from_int(1),
    };
    return type == NULL
               ? VALUE_ERROR
               : struct_seq_new(cx, type, values, sizeof values / sizeof values[0]);
}

static Value int_info(Context *cx, int unused) {
    (void)unused;
    static const char *const fields[] = {"bits_per_digit", "sizeof_digit",
                                         "default_max_str_digits",
                                         "str_digits_check_threshold", NULL};
    ObjType *type = struct_seq_type(cx, "sys", "int_info", fields);
    const Value values[] = {value_from_int(64), value_from_int(8), value_from_int(4300),
                            value_from_int(640)};
    return type == NULL
               ? VALUE_ERROR
               : struct_seq_new(cx, type, values, sizeof values / sizeof values[0]);
}

/* How numbers are hashed: runtime/base/hash.h. */
static Value hash_info(Context *cx, int unused) {
    (void)unused;
    static const char *const fields[] = {"width",     "modulus",   "inf",
                                         "nan",       "imag",      "algorithm",
                                         "hash_bits", "seed_bits", "cutoff", NULL};
    enum { WORD_BITS = 64, IMAG_FACTOR = 1000003 };
    ObjType *type = struct_seq_type(cx, "sys", "hash_info", fields);
    ObjStr *algorithm = type == NULL ? NULL : str_intern(cx, "wyhash", 6);
    const Value modulus = int_from_u64(cx, HASH_MODULUS);
    if (algorithm == NULL || IS_ERROR(modulus)) {
        return VALUE_ERROR;
    }
    const Value values[] = {
        value_from_int(WORD_BITS), modulus,
        value_from_int((int64_t)HASH_INF), value_from_int(0),
        value_from_int(IMAG_FACTOR), OBJ_VALUE(algorithm),
        value_from_int(WORD_BITS), value_from_int(WORD_BITS),
        value_from_int(0)};
    return struct_seq_new(cx, type, values, sizeof values / sizeof values[0]);
}

/* sys.implementation: an object with attributes. */
static Value implementation(Context *cx, int unused) {
    (void)unused;
    ObjStr *version_key = str_intern(cx, "version_info", 12);
    const Value version = version_key == NULL ? VALUE_UNSET : module_get(cx, cx->rt->sys, version_key);
    ObjStr *class_name = str_intern(cx, "SimpleNamespace", 15);
    ObjStr *module_name = str_intern(cx, "types", 5);
    ObjDict *attributes = dict_new(cx, 0);
    if (IS_UNSET(version) || class_name == NULL || module_name == NULL || attributes == NULL ||
        !dict_set_str(cx, attributes, context_name(cx, NAME_module_),
                      OBJ_VALUE(module_name))) {
        return VALUE_ERROR;
    }
    const Value type =
        type_new(cx, cx->rt->types[KIND_TYPE], class_name, AS_TUPLE(cx->rt->empty_tuple), attributes, VALUE_UNSET);
    Obj *o = IS_ERROR(type) ? NULL : instance_new(cx, AS_TYPE(type));
    ObjStr *name = str_intern(cx, "mini", 4);
    ObjStr *cache_tag = str_intern(cx, "cache_tag", 9);
    ObjStr *version_name = str_intern(cx, "version", 7);
    if (o == NULL || name == NULL || cache_tag == NULL || version_name == NULL) {
        return VALUE_ERROR;
    }
    const bool is_ok =
        instance_set_own(cx, o, str_intern(cx, "name", 4), OBJ_VALUE(name)) &&
        instance_set_own(cx, o, cache_tag, VALUE_NONE) &&
        instance_set_own(cx, o, version_name, version);
    return is_ok ? OBJ_VALUE(o) : VALUE_ERROR;
}

static Value version_text(Context *cx, int unused) {
    (void)unused;
    ObjStr *text = str_from_c(cx, PYTHON_VERSION " (mini " MINI_VERSION ")");
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* Empty where the system does not tell. */
static Value executable(Context *cx, int unused) {
    (void)unused;
    char path[4096];
    const ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    ObjStr *text = n > 0 ? str_decode_lossy(cx, path, (size_t)n, true) : cx->rt->empty_str;
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value builtin_module_names(Context *cx, int unused) {
    (void)unused;
    static const char *const names[] = {
#define MODULE(name, open) #name,
#include "runtime/modules/modules.def"
#undef MODULE
    };
    enum { N = sizeof names / sizeof names[0] };
    ObjTuple *tuple = tuple_new(cx, N);
    if (tuple == NULL) {
        return VALUE_ERROR;
    }
    for (size_t i = 0; i < N; i++) {
        ObjStr *name = str_intern(cx, names[i], strlen(names[i]));
        if (name == NULL) {
            return VALUE_ERROR;
        }
        tuple->items[i] = OBJ_VALUE(name);
    }
    return OBJ_VALUE(tuple);
}

/* The hooks as they were, and as they are until a script puts others in their place. */
enum { EXCEPTHOOK, DISPLAYHOOK, BREAKPOINTHOOK, UNRAISABLEHOOK };

static Value original_hook(Context *cx, int which) {
    const NativeDef *def = which == EXCEPTHOOK ? &sys_excepthook_def : &sys_displayhook_def;
    return native_new(cx, def, NULL, OBJ_VALUE(cx->rt->sys));
}

static Value hook(Context *cx, int which) {
    const char *name = which == EXCEPTHOOK ? "__excepthook__" : "__displayhook__";
    ObjStr *original = str_intern(cx, name, strlen(name));
    return original == NULL ? VALUE_ERROR : module_get(cx, cx->rt->sys, original);
}

/* Those that are written in the language. */
static Value original_hook_of_more(Context *cx, int which) {
    return module_import_attr(cx, "_sys_more",
                              which == BREAKPOINTHOOK ? "__breakpointhook__" : "__unraisablehook__");
}

static const LateAttr late_values[] = {
    {"__excepthook__", original_hook, EXCEPTHOOK},
    {"__displayhook__", original_hook, DISPLAYHOOK},
    {"__breakpointhook__", original_hook_of_more, BREAKPOINTHOOK},
    {"__unraisablehook__", original_hook_of_more, UNRAISABLEHOOK},
    {"excepthook", hook, EXCEPTHOOK},
    {"displayhook", hook, DISPLAYHOOK},
    {"version_info", version_info, 0},
    {"version", version_text, 0},
    {"float_info", float_info, 0},
    {"int_info", int_info, 0},
    {"hash_info", hash_info, 0},
    {"implementation", implementation, 0},
    {"executable", executable, 0},
    {"builtin_module_names", builtin_module_names, 0},
    {NULL, NULL, 0},
};

static const ModuleLate late = {
    .natives = {sys_natives, host_sys_natives},
    .values = late_values,
};

bool mod_sys_open(Context *cx, ObjModule *module) {
#if defined(__APPLE__)
    static const char platform[] = "darwin";
#elif defined(__linux__)
    static const char platform[] = "linux";
#else
    static const char platform[] = "unix";
#endif
    const bool is_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    const Value maxsize = int_from_i64(cx, INT64_MAX);
    const bool is_ok =
        !IS_ERROR(maxsize) &&
        module_set_c(cx, module, "hexversion",
                     value_from_int(MAJOR << 24 | MINOR << 16 | MICRO << 8 | 0xf0)) &&
        set_text(cx, module, "platform", platform) &&
        set_text(cx, module, "byteorder", is_little ? "little" : "big") &&
        set_list(cx, module, "argv") && set_list(cx, module, "path") &&
        set_list(cx, module, "warnoptions") &&
        module_set_c(cx, module, "maxsize", maxsize) &&
        module_set_c(cx, module, "maxunicode", value_from_int(0x10ffff)) &&
        module_set_c(cx, module, "modules", OBJ_VALUE(cx->rt->modules)) &&
        set_stream(cx, module, 0, "stdin", "__stdin__", "<stdin>") &&
        set_stream(cx, module, 1, "stdout", "__stdout__", "<stdout>") &&
        set_stream(cx, module, 2, "stderr", "__stderr__", "<stderr>");
    module->late = &late;
    return is_ok;
}
