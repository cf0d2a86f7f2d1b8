/* exception_fields.h - what exceptions of certain classes carry besides args:
 * StopIteration.value, OSError.errno, ... */

#ifndef MINI_OBJECTS_EXCEPTION_FIELDS_H
#define MINI_OBJECTS_EXCEPTION_FIELDS_H

#include "runtime/objects/exception.h"
#include "runtime/objects/native.h"

/* Fills the fields of an exception from the arguments of its constructor. kwargs: dict or
 * VALUE_UNSET. False: TypeError pending. */
bool exc_init_fields(Context *cx, ObjException *e, const Value *args, int n_args, Value kwargs);

/* The class for an errno: FileNotFoundError and so on, OSError for others. */
ExcKind exc_kind_of_errno(int error);

/* str(e) where the class has a way of its own: a str, VALUE_UNSET for "as BaseException
 * does", VALUE_ERROR. */
Value exc_str_by_fields(Context *cx, ObjException *e);

/* OSError, SyntaxError, UnicodeDecodeError: where the fields stand. */
enum {
    OS_STRERROR, OS_FILENAME, OS_FILENAME2, OS_WRITTEN, /* errno is in value */
    SYNTAX_FILENAME = 0, SYNTAX_PLACE, SYNTAX_TEXT, /* the message is in value; place: (line, column, end line, end column) */
    NAME_ERROR_SELF = 0, /* of the method that raised it, for suggestions; the name is in value */
    NAME_ERROR_UNBOUND,  /* a list of its local names without a value, or VALUE_UNSET */
    IMPORT_PATH = 0, IMPORT_MESSAGE, IMPORT_NAME_FROM, /* the name is in value */
    UNICODE_OBJECT = 0, UNICODE_START, UNICODE_END, UNICODE_REASON /* the encoding is in value */
};

/* The class of the table in exception_fields.c that an exception falls under, or
 * EXC_BaseException. */
ExcKind exc_group_of(Context *cx, const ObjException *e);

/* Fields as attributes: e->value, e->detail[i]; None where they are not set. */
Value exc_get_value(Context *cx, Value self);
bool exc_set_value(Context *cx, Value self, Value value);
Value exc_get_detail_0(Context *cx, Value self);
bool exc_set_detail_0(Context *cx, Value self, Value value);
Value exc_get_detail_1(Context *cx, Value self);
bool exc_set_detail_1(Context *cx, Value self, Value value);
Value exc_get_detail_2(Context *cx, Value self);
bool exc_set_detail_2(Context *cx, Value self, Value value);
Value exc_get_detail_3(Context *cx, Value self);
bool exc_set_detail_3(Context *cx, Value self, Value value);

/* Those that codecs raise; exception_unicode.c. */
bool exc_unicode_init(Context *cx, ObjException *e, ExcKind group, const Value *args, int n_args);
Value exc_unicode_str(Context *cx, ObjException *e, ExcKind group);
extern const GetsetDef exc_unicode_getsets[];

/* __reduce__ and __setstate__; exception_reduce.c. */
Value exc_reduce(Context *cx, Value self);
bool exc_set_state(Context *cx, Value self, Value state);

/* A field of the place of a SyntaxError, or VALUE_NONE. */
Value exc_syntax_place(const ObjException *e, int i);

#endif
