/* exception_reduce.c - what an exception is made of, for pickles and copies: its class, the
 * arguments for it, and in a dict its attributes and those fields that are no arguments.
 *
 * See also: exception_fields.c, object_state.c. */

#include "runtime/objects/exception_fields.h"

#include "runtime/objects/abstract.h"
#include "runtime/objects/type_internal.h"

/* The names of files are no part of OSError.args. */
static Value os_error_args(Context *cx, const ObjException *e, Value args) {
    const Value filename = value_load(&e->detail[OS_FILENAME]);
    if (AS_TUPLE(args)->n != 2 || IS_UNSET(filename)) {
        return args;
    }
    const Value filename2 = value_load(&e->detail[OS_FILENAME2]);
    const Value all[] = {AS_TUPLE(args)->items[0], AS_TUPLE(args)->items[1], filename,
                         VALUE_NONE, filename2};
    return tuple_from(cx, all, IS_UNSET(filename2) ? 3 : 5);
}

static bool add_field(Context *cx, ObjDict *state, const char *name, Value value) {
    ObjStr *key = IS_UNSET(value) ? NULL : str_intern(cx, name, strlen(name));
    return IS_UNSET(value) || (key != NULL && dict_set_str(cx, state, key, value));
}

static bool add_fields(Context *cx, const ObjException *e, ExcKind group, ObjDict *state) {
    switch (group) {
    case EXC_ImportError:
        return add_field(cx, state, "name", value_load(&e->value)) &&
               add_field(cx, state, "path", value_load(&e->detail[IMPORT_PATH]));
    case EXC_AttributeError: /* not its object, which might be anything */
        return add_field(cx, state, "name", value_load(&e->value)) &&
               add_field(cx, state, "args", value_load(&e->args));
    default: return true;
    }
}

Value exc_reduce(Context *cx, Value self) {
    const ObjException *e = AS_EXCEPTION(self);
    const ExcKind group = exc_group_of(cx, e);
    Value args = value_load(&e->args);
    if (group == EXC_OSError) {
        args = os_error_args(cx, e, args);
    }
    ObjDict *state = IS_ERROR(args) ? NULL : object_attributes(cx, self);
    if (state == NULL || !add_fields(cx, e, group, state)) {
        return VALUE_ERROR;
    }
    const Value parts[] = {OBJ_VALUE(type_of(cx, self)), args, OBJ_VALUE(state)};
    return tuple_from(cx, parts, dict_length(state) > 0 ? 3 : 2);
}

bool exc_set_state(Context *cx, Value self, Value state) {
    if (IS_NONE(state)) {
        return true;
    }
    if (!IS_DICT(state)) {
        exc_raise(cx, EXC_TypeError, "state is not a dictionary");
        return false;
    }
    const ObjDictTable *table = dict_table(AS_DICT(state));
    Value name;
    Value value;
    for (size_t at = 0; dict_table_next(table, &at, &name, &value);) {
        if (!IS_STR(name)) {
            exc_raise(cx, EXC_TypeError, "attribute name must be string, not '%s'",
                      type_name_of(cx, name));
            return false;
        }
        if (!value_setattr(cx, self, AS_STR(name), value)) {
            return false;
        }
    }
    return true;
}
