/* builtins.c - the module builtins: functions, types, exceptions, constants. */

#include "runtime/builtins/builtins.h"

#include "runtime/modules/modules.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/type_internal.h"

/* Built-in types that have a name; object is the type of plain instances. */
static const ObjKind named_types[] = {
    KIND_BOOL,      KIND_BYTES,    KIND_CLASSMETHOD, KIND_COMPLEX,      KIND_DICT,
    KIND_ENUMERATE, KIND_FILTER,   KIND_FLOAT,       KIND_FROZENSET,    KIND_INSTANCE,
    KIND_INT,       KIND_LIST,     KIND_MAP,         KIND_PROPERTY,     KIND_RANGE,
    KIND_REVERSED,  KIND_SET,      KIND_SLICE,       KIND_STATICMETHOD, KIND_STR,
    KIND_SUPER,     KIND_TUPLE,    KIND_TYPE,        KIND_ZIP,          KIND_BYTEARRAY,
    KIND_MEMORYVIEW,
};

static bool add_types(Context *cx, ObjModule *module) {
    for (size_t i = 0; i < sizeof named_types / sizeof named_types[0]; i++) {
        const ObjKind kind = named_types[i];
        if (!module_set_c(cx, module, kind_type_names[kind],
                          OBJ_VALUE(cx->rt->types[kind]))) {
            return false;
        }
    }
    return true;
}

static Value exception_class(Context *cx, int kind) {
    return exc_class(cx, (ExcKind)kind);
}

static const LateAttr exception_classes[] = {
#define EXC(name, base, doc) {#name, exception_class, EXC_##name},
#include "runtime/exceptions.def"
#undef EXC
    {"EnvironmentError", exception_class, EXC_OSError},
    {"IOError", exception_class, EXC_OSError},
    {NULL, NULL, 0},
};

static const ModuleLate late = {
    .natives = {builtins_inspect, builtins_iterate, builtins_number, builtins_async,
                builtins_io, builtins_exec},
    .values = exception_classes,
};

static bool add_constants(Context *cx, ObjModule *module) {
    return module_set_c(cx, module, "None", VALUE_NONE) &&
           module_set_c(cx, module, "True", VALUE_TRUE) &&
           module_set_c(cx, module, "False", VALUE_FALSE) &&
           module_set_c(cx, module, "Ellipsis", VALUE_ELLIPSIS) &&
           module_set_c(cx, module, "NotImplemented", VALUE_NOT_IMPLEMENTED) &&
           module_set_c(cx, module, "__debug__", VALUE_TRUE);
}

bool mod_builtins_open(Context *cx, ObjModule *module) {
    const bool is_ok =
        type_add_native(cx, cx->rt->types[KIND_INSTANCE], &builtins_object_dir) &&
        add_types(cx, module) && add_constants(cx, module);
    module->late = &late;
    return is_ok;
}
