/* kinds.c - the tables of kinds, made from objkinds.def. */

#include "runtime/object.h"

#define KIND(NAME, structure, type_name, kind_flags) \
    extern const KindOps kind_ops_##structure;
#include "runtime/objkinds.def"
#undef KIND

const KindOps *const kind_ops[KIND_COUNT] = {
    NULL,
#define KIND(NAME, structure, type_name, kind_flags) &kind_ops_##structure,
#include "runtime/objkinds.def"
#undef KIND
};

const char *const kind_type_names[KIND_COUNT] = {
    "<free>",
#define KIND(NAME, structure, type_name, kind_flags) type_name,
#include "runtime/objkinds.def"
#undef KIND
};

const uint8_t kind_flags[KIND_COUNT] = {
    KF_INTERNAL | KF_LEAF,
#define KIND(NAME, structure, type_name, kind_flags) kind_flags,
#include "runtime/objkinds.def"
#undef KIND
};
