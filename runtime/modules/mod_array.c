/* mod_array.c - the module array. The type is in objects/typed_array.c. */

#include "runtime/modules/modules.h"
#include "runtime/objects/type.h"
#include "runtime/objects/typed_array.h"

bool mod_array_open(Context *cx, ObjModule *module) {
    ObjStr *codes = str_from_c(cx, "bBuwhHiIlLqQfd");
    return codes != NULL && module_set_c(cx, module, "typecodes", OBJ_VALUE(codes)) &&
           module_add_type(cx, module, KIND_TYPED_ARRAY, NULL) &&
           runtime_open_type(cx, KIND_TYPED_ARRAY_ITER) != NULL &&
           type_set_home(cx, cx->rt->types[KIND_TYPED_ARRAY_ITER], module->name) &&
           module_set_c(cx, module, "ArrayType",
                        OBJ_VALUE(cx->rt->types[KIND_TYPED_ARRAY]));
}
