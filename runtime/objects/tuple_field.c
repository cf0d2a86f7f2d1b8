/* tuple_field.c - fields of named tuples. See tuple_field.h. */

#include "runtime/objects/tuple_field.h"

#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"
#include "runtime/objects/str_build.h"
#include "runtime/objects/tuple.h"

Value tuple_field_read(Context *cx, const ObjTupleField *field, Value self) {
    if (LIKELY(IS_TUPLE(self) && field->index < AS_TUPLE(self)->n)) {
        return AS_TUPLE(self)->items[field->index];
    }
    return IS_TUPLE(self) ? exc_raise(cx, EXC_IndexError, "tuple index out of range")
                          : exc_raise(cx, EXC_TypeError,
                                      "descriptor for index '%zu' for tuple subclasses "
                                      "doesn't apply to '%s' object",
                                      field->index, type_name_of(cx, self));
}

bool tuple_field_write(Context *cx, Value value) {
    exc_raise(cx, EXC_AttributeError,
              IS_UNSET(value) ? "can't delete attribute" : "can't set attribute");
    return false;
}

static Value tuple_field_construct(Context *cx, ObjType *type, const Value *args,
                                   int n_args, Value kwargs) {
    (void)type;
    int64_t index;
    if (!construct_check(cx, "_tuplegetter", n_args, 2, 2, kwargs) ||
        !int_index_i64(cx, args[0], &index, EXC_OverflowError)) {
        return VALUE_ERROR;
    }
    ObjTupleField *field = HEAP_NEW(cx, ObjTupleField, KIND_TUPLE_FIELD);
    if (field == NULL) {
        return VALUE_ERROR;
    }
    field->index = (size_t)index;
    field->doc = args[1];
    return OBJ_VALUE(field);
}

static void tuple_field_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((const ObjTupleField *)o)->doc);
}

static Value tuple_field_repr(Context *cx, Value v) {
    const Value doc = value_repr(cx, value_load(&AS_TUPLE_FIELD(v)->doc));
    if (IS_ERROR(doc)) {
        return VALUE_ERROR;
    }
    ObjStr *text = str_format_c(cx, "_tuplegetter(%zu, %.*s)", AS_TUPLE_FIELD(v)->index,
                                (int)AS_STR(doc)->n_bytes, AS_STR(doc)->data);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value get_doc(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_TUPLE_FIELD(self)->doc);
}

static bool set_doc(Context *cx, Value self, Value value) {
    (void)cx;
    value_store(&AS_TUPLE_FIELD(self)->doc, IS_UNSET(value) ? VALUE_NONE : value);
    return true;
}

static const GetsetDef tuple_field_getsets[] = {
    {"__doc__", NULL, get_doc, set_doc},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjTupleField = {
    .trace = tuple_field_trace,
    .repr = tuple_field_repr,
    .hash = value_hash_by_identity,
    .construct = tuple_field_construct,
    .getsets = tuple_field_getsets,
};
