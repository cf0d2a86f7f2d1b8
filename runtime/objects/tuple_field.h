/* tuple_field.h - fields of named tuples: descriptors that read one item of the tuple (collections._tuplegetter in CPython). */

#ifndef MINI_OBJECTS_TUPLE_FIELD_H
#define MINI_OBJECTS_TUPLE_FIELD_H

#include "runtime/object.h"

typedef struct ObjTupleField {
    Obj header;
    size_t index; /* [const] */
    Value doc;    /* [atomic] */
} ObjTupleField;

#define IS_TUPLE_FIELD(v) IS_KIND(v, KIND_TUPLE_FIELD)
#define AS_TUPLE_FIELD(v) ((ObjTupleField *)AS_OBJ(v))

/* TypeError when self is no tuple, IndexError when it is too short. */
Value tuple_field_read(Context *cx, const ObjTupleField *field, Value self);
/* Refuses with AttributeError: false. value VALUE_UNSET deletes. */
bool tuple_field_write(Context *cx, Value value);

#endif
