/* mapping_proxy.h - a view of a mapping: of a class's attributes (read only), or of a
 * module's globals (read and written through: what globals() gives). */

#ifndef MINI_OBJECTS_MAPPING_PROXY_H
#define MINI_OBJECTS_MAPPING_PROXY_H

#include "runtime/context.h"

typedef struct ObjMappingProxy {
    Obj header;
    Value target;   /* [const] an ObjModule, or any mapping */
} ObjMappingProxy;

/* A view of a dict, or of a module's globals (KIND_NAMESPACE, whose __class__ is dict). */
#define IS_MAPPING_VIEW(v) (IS_KIND(v, KIND_MAPPINGPROXY) || IS_KIND(v, KIND_NAMESPACE))

/* The value under a key; VALUE_UNSET when it is not there. */
Value mapping_proxy_get(Context *cx, Value proxy, Value key);
/* The module whose globals it shows, or NULL. */
ObjModule *mapping_proxy_module(Value proxy);
Value mapping_proxy_new(Context *cx, Value target);

#endif
