/* struct_seq.c - tuples whose items have names.
 *
 * A class made here is a class derived from tuple, with a getset descriptor for each
 * field. The descriptors are found by position, so there is one C function for each
 * position; the names belong to the class. */

#include "runtime/modules/struct_seq.h"

#include "runtime/base/buf.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/native.h"
#include "runtime/objects/type_internal.h"

static Value item(Context *cx, Value self, size_t i) {
    const ObjTuple *tuple = AS_TUPLE(self);
    return i < tuple->n ? tuple->items[i]
                        : exc_raise(cx, EXC_AttributeError, "no such field");
}

#define POSITIONS(X)                                                                 \
    X(0)                                                                             \
    X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) \
        X(16) X(17) X(18) X(19)

#define GETTER(i)                                   \
    static Value get_##i(Context *cx, Value self) { \
        return item(cx, self, i);                   \
    }
POSITIONS(GETTER)

typedef Value (*Getter)(Context *cx, Value self);
static const Getter getters[STRUCT_SEQ_MAX_FIELDS] = {
#define NAME_OF_GETTER(i) get_##i,
    POSITIONS(NAME_OF_GETTER)};

/* "sys.version_info(major=3, minor=13)" */
NATIVE(struct_seq_repr, "__repr__(self, /)", "Return repr(self).") {
    ObjType *type = type_of(cx, args[0]);
    const Value fields = type_lookup(cx, type, str_intern(cx, "__match_args__", 14));
    const Value module = type_lookup(cx, type, context_name(cx, NAME_module_));
    const ObjTuple *tuple = AS_TUPLE(args[0]);
    Buf out = {0};
    if (IS_STR(module)) {
        buf_add(&out, AS_STR(module)->data, AS_STR(module)->n_bytes);
        buf_add_byte(&out, '.');
    }
    buf_add_text(&out, type_name_c(cx, type));
    buf_add_byte(&out, '(');
    for (size_t i = 0; i < tuple->n && IS_TUPLE(fields) && i < AS_TUPLE(fields)->n; i++) {
        const Value text = value_repr(cx, tuple->items[i]);
        if (IS_ERROR(text)) {
            buf_free(&out);
            return VALUE_ERROR;
        }
        const ObjStr *name = AS_STR(AS_TUPLE(fields)->items[i]);
        buf_add_text(&out, i == 0 ? "" : ", ");
        buf_add(&out, name->data, name->n_bytes);
        buf_add_byte(&out, '=');
        buf_add(&out, AS_STR(text)->data, AS_STR(text)->n_bytes);
    }
    buf_add_byte(&out, ')');
    ObjStr *text = str_from_buf(cx, &out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static bool add_field(Context *cx, ObjType *type, size_t i, const char *name,
                      ObjTuple *names) {
    const GetsetDef def = {name, NULL, getters[i], NULL};
    ObjStr *interned = str_intern(cx, name, strlen(name));
    const Value getset = interned == NULL ? VALUE_ERROR : getset_new(cx, &def, type);
    if (IS_ERROR(getset)) {
        return false;
    }
    names->items[i] = OBJ_VALUE(interned);
    return type_setattr(cx, type, interned, getset);
}

ObjType *struct_seq_type(Context *cx, const char *module, const char *name,
                         const char *const *fields) {
    size_t n = 0;
    while (fields[n] != NULL) {
        n++;
    }
    ObjDict *attributes = dict_new(cx, n + 4);
    ObjStr *class_name = str_intern(cx, name, strlen(name));
    ObjStr *module_name = str_intern(cx, module, strlen(module));
    const Value base = OBJ_VALUE(cx->rt->types[KIND_TUPLE]);
    const Value bases = tuple_from(cx, &base, 1);
    ObjTuple *names = tuple_new(cx, n);
    if (attributes == NULL || class_name == NULL || module_name == NULL ||
        IS_ERROR(bases) || names == NULL ||
        !dict_set_str(cx, attributes, context_name(cx, NAME_module_),
                      OBJ_VALUE(module_name))) {
        return NULL;
    }
    const Value type = type_new(cx, cx->rt->types[KIND_TYPE], class_name, AS_TUPLE(bases), attributes, VALUE_UNSET);
    if (IS_ERROR(type)) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (!add_field(cx, AS_TYPE(type), i, fields[i], names)) {
            return NULL;
        }
    }
    const Value repr = native_new(cx, &struct_seq_repr_def, AS_TYPE(type), VALUE_UNSET);
    ObjStr *match_args = str_intern(cx, "__match_args__", 14);
    const bool is_ok =
        !IS_ERROR(repr) && match_args != NULL &&
        type_setattr(cx, AS_TYPE(type), context_name(cx, NAME_repr), repr) &&
        type_setattr(cx, AS_TYPE(type), match_args, OBJ_VALUE(names));
    return is_ok ? AS_TYPE(type) : NULL;
}

Value struct_seq_new(Context *cx, ObjType *type, const Value *values, size_t n) {
    ObjTuple *tuple =
        (ObjTuple *)instance_new_variable(cx, type, sizeof(ObjTuple) + n * sizeof(Value));
    if (tuple == NULL) {
        return VALUE_ERROR;
    }
    tuple->n = n;
    for (size_t i = 0; i < n; i++) {
        tuple->items[i] = values[i];
    }
    return OBJ_VALUE(tuple);
}
