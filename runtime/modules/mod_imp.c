/* mod_imp.c - the module _imp: the texts of the modules that are part of the binary, for importlib and inspect. */

#include "runtime/base/mem.h"
#include "runtime/modules/lib_sources.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"

NATIVE(imp_source, "source(name, /)",
       "Return the text of a module of runtime/lib, or None.") {
    ObjStr *name = arg_str(cx, args[0], "source", "1");
    char *text = name == NULL ? NULL : str_c_text(cx, name);
    if (text == NULL) {
        return VALUE_ERROR;
    }
    size_t n_bytes;
    const char *source = modules_find_source(text, &n_bytes);
    mem_free(text);
    if (source == NULL) {
        return VALUE_NONE;
    }
    ObjStr *result = str_new(cx, source, n_bytes);
    return result == NULL ? VALUE_ERROR : OBJ_VALUE(result);
}

NATIVE(imp_names, "names()",
       "Return a list of the names of the modules of runtime/lib.") {
    ObjList *names = list_new(cx, 0);
    for (const LibSource *source = lib_sources; names != NULL && source->name != NULL;
         source++) {
        ObjStr *name = str_from_c(cx, source->name);
        if (name == NULL || !list_append(cx, names, OBJ_VALUE(name))) {
            return VALUE_ERROR;
        }
    }
    return names == NULL ? VALUE_ERROR : OBJ_VALUE(names);
}

NATIVE(imp_stdlib_names, "stdlib_names()",
       "Return a list of the names of the modules of Python's library.") {
    static const char *const names[] = {
#define STDLIB(name) name,
#include "runtime/stdlib_names.def"
#undef STDLIB
    };
    ObjList *list = list_new(cx, sizeof names / sizeof names[0]);
    for (size_t i = 0; list != NULL && i < sizeof names / sizeof names[0]; i++) {
        ObjStr *name = str_from_c(cx, names[i]);
        if (name == NULL || !list_append(cx, list, OBJ_VALUE(name))) {
            return VALUE_ERROR;
        }
    }
    return list == NULL ? VALUE_ERROR : OBJ_VALUE(list);
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(imp_stdlib_names),
    NATIVE_ENTRY(imp_source),
    NATIVE_ENTRY(imp_names),
    {NULL, NULL, NULL, 0},
};

bool mod_imp_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
