/* generic.c - calls into runtime/lib/_generic.mini, which is imported when the first of them happens. */

#include "runtime/objects/generic.h"

#include <string.h>

#include "runtime/call.h"
#include "runtime/objects/abstract.h"

static Value call_generic(Context *cx, const char *name, Value a, Value b) {
    ObjStr *module_name = str_from_c(cx, "_generic");
    ObjStr *function_name = str_from_c(cx, name);
    if (module_name == NULL || function_name == NULL) {
        return VALUE_ERROR;
    }
    const Value module = call_import(cx, module_name);
    const Value function = IS_ERROR(module) ? VALUE_ERROR : value_getattr(cx, module, function_name);
    const Value args[] = {a, b};
    return IS_ERROR(function) ? VALUE_ERROR : call_value(cx, function, args, 2);
}

Value generic_alias(Context *cx, Value origin, Value args) {
    return call_generic(cx, "GenericAlias", origin, args);
}

Value generic_union(Context *cx, Value a, Value b) {
    return call_generic(cx, "_union", a, b);
}
