/* generic.c - calls into runtime/lib/_generic.mini, which is imported when the first of them happens. */

#include "runtime/objects/generic.h"

#include <string.h>

#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/module.h"

static Value call_generic(Context *cx, const char *name, Value a, Value b) {
    const Value args[] = {a, b};
    return module_import_call(cx, "_generic", name, args, 2);
}

Value generic_alias(Context *cx, Value origin, Value args) {
    return call_generic(cx, "GenericAlias", origin, args);
}

Value generic_class_getitem(Context *cx, Value *args, int n_args) {
    (void)n_args;
    return generic_alias(cx, args[0], args[1]);
}

Value generic_union(Context *cx, Value a, Value b) {
    return call_generic(cx, "_union", a, b);
}
