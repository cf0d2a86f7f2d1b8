/* mod_array.c - the module array. The type is in objects/typed_array.c. */

#include "runtime/modules/modules.h"
#include "runtime/objects/typed_array.h"

bool mod_array_open(Context *cx, ObjModule *module) {
    ObjStr *codes = str_from_c(cx, "bBuwhHiIlLqQfd");
    return codes != NULL && module_set_c(cx, module, "typecodes", OBJ_VALUE(codes)) &&
           module_add_type(cx, module, KIND_TYPED_ARRAY, NULL) &&
           module_set_c(cx, module, "ArrayType",
                        OBJ_VALUE(cx->rt->types[KIND_TYPED_ARRAY]));
}
