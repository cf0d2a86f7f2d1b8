/* mapping_proxy.h - a view of a mapping: of a class's attributes (read only), or of a
 * module's globals (read and written through: what globals() gives). */

#ifndef MINI_OBJECTS_MAPPING_PROXY_H
#define MINI_OBJECTS_MAPPING_PROXY_H

#include "runtime/context.h"

typedef struct ObjMappingProxy {
    Obj header;
    Value target;   /* [const] an ObjDict or an ObjModule */
} ObjMappingProxy;

/* The value under a key; VALUE_UNSET when it is not there. */
Value mapping_proxy_get(Context *cx, Value proxy, Value key);
/* The module whose globals it shows, or NULL. */
ObjModule *mapping_proxy_module(Value proxy);
Value mapping_proxy_new(Context *cx, Value target);

#endif
