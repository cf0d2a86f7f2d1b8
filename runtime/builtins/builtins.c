/* builtins.c - the module builtins: functions, types, exceptions, constants. */

#include "runtime/builtins/builtins.h"

#include "runtime/modules/modules.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/module.h"
#include "runtime/objects/type_internal.h"

static Value built_in_type(Context *cx, int kind) {
    ObjType *type = runtime_open_type(cx, (ObjKind)kind);
    return type == NULL ? VALUE_ERROR : OBJ_VALUE(type);
}

static Value exception_class(Context *cx, int kind) {
    return exc_class(cx, (ExcKind)kind);
}

/* What is written in the language: few programs ask for it. */
static const char *const of_site[] = {"copyright", "credits", "exit", "help", "license", "quit"};

static Value from_site(Context *cx, int i) {
    return module_import_attr(cx, "_sitebuiltins", of_site[i]);
}

static const LateAttr classes[] = {
    {"copyright", from_site, 0},
    {"credits", from_site, 1},
    {"exit", from_site, 2},
    {"help", from_site, 3},
    {"license", from_site, 4},
    {"quit", from_site, 5},
    {"object", built_in_type, KIND_INSTANCE},
    {"type", built_in_type, KIND_TYPE},
    {"bool", built_in_type, KIND_BOOL},
    {"int", built_in_type, KIND_INT},
    {"float", built_in_type, KIND_FLOAT},
    {"complex", built_in_type, KIND_COMPLEX},
    {"str", built_in_type, KIND_STR},
    {"bytes", built_in_type, KIND_BYTES},
    {"bytearray", built_in_type, KIND_BYTEARRAY},
    {"memoryview", built_in_type, KIND_MEMORYVIEW},
    {"tuple", built_in_type, KIND_TUPLE},
    {"list", built_in_type, KIND_LIST},
    {"dict", built_in_type, KIND_DICT},
    {"set", built_in_type, KIND_SET},
    {"frozenset", built_in_type, KIND_FROZENSET},
    {"range", built_in_type, KIND_RANGE},
    {"slice", built_in_type, KIND_SLICE},
    {"enumerate", built_in_type, KIND_ENUMERATE},
    {"zip", built_in_type, KIND_ZIP},
    {"map", built_in_type, KIND_MAP},
    {"filter", built_in_type, KIND_FILTER},
    {"reversed", built_in_type, KIND_REVERSED},
    {"property", built_in_type, KIND_PROPERTY},
    {"staticmethod", built_in_type, KIND_STATICMETHOD},
    {"classmethod", built_in_type, KIND_CLASSMETHOD},
    {"super", built_in_type, KIND_SUPER},
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
    .values = classes,
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
        add_constants(cx, module);
    module->late = &late;
    return is_ok;
}
