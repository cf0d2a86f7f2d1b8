/* struct_format.h - the formats of struct, read: "<2hI4s". */

#ifndef MINI_MODULES_STRUCT_FORMAT_H
#define MINI_MODULES_STRUCT_FORMAT_H

#include "runtime/objects/bytes.h"
#include "runtime/objects/item.h"
#include "runtime/objects/str.h"

/* A run of equal items, or one string ('s', 'p') of `count` bytes. */
typedef struct StructField {
    ItemType type;
    size_t offset; /* of the first one */
    size_t count;
} StructField;

typedef struct ObjStruct {
    Obj header;
    ObjStr *format;     /* [const] */
    size_t n_bytes;     /* [const] */
    size_t n_values;    /* [const] */
    size_t n_fields;    /* [const] */
    bool is_native;     /* [const] sizes of this machine */
    StructField fields[]; /* [const] without padding */
} ObjStruct;

#define IS_STRUCT(v) IS_KIND(v, KIND_STRUCT)
#define AS_STRUCT(v) ((ObjStruct *)AS_OBJ(v))

static inline bool struct_is_string(const StructField *field) {
    return field->type.code == 's' || field->type.code == 'p';
}

/* From a str or bytes; struct.error, TypeError. */
ObjStruct *struct_parse(Context *cx, Value format);

#endif
