/* mod_pickle.c - the module _pickle: the quick half of lib/pickle.mini. */

#include "runtime/modules/modules.h"
#include "runtime/modules/pickle.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"

NATIVE(pickle_dump, "dump_plain(obj, protocol, /)",
       "The pickle, or NotImplemented when obj holds more than plain data.") {
    int protocol;
    if (!arg_int32(cx, args[1], &protocol)) {
        return VALUE_ERROR;
    }
    return protocol == 4 || protocol == 5 ? pickle_dump_plain(cx, args[0], protocol)
                                          : VALUE_NOT_IMPLEMENTED;
}

NATIVE(pickle_load, "load_plain(data, /)",
       "The object, or NotImplemented when the bytes are no pickle of plain data.") {
    if (!IS_BYTES(args[0])) {
        return exc_raise(cx, EXC_TypeError, "a bytes object is required, not '%s'",
                         type_name_of(cx, args[0]));
    }
    return pickle_load_plain(cx, args[0]);
}

static const NativeDef functions[] = {NATIVE_ENTRY(pickle_dump), NATIVE_ENTRY(pickle_load), {0}};

bool mod_pickle_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
