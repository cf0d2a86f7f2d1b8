/* exception_group.h - BaseExceptionGroup and ExceptionGroup: several exceptions as one, and
 * what except* does with them. The message is in value, the tuple of exceptions in
 * detail[0]. */

#ifndef MINI_OBJECTS_EXCEPTION_GROUP_H
#define MINI_OBJECTS_EXCEPTION_GROUP_H

#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"

extern const GetsetDef exc_group_getsets[];
extern const NativeDef exc_group_methods[];

/* Makes Exception the second base of ExceptionGroup. For exc_open. */
bool exc_group_add_base(Context *cx, ObjType *type);

/* The class of the group that type(*args) makes: BaseExceptionGroup(...) of exceptions alone
 * is an ExceptionGroup. NULL: the arguments are wrong. */
ObjType *exc_group_class(Context *cx, ObjType *type, const Value *args, int n_args);
bool exc_group_init(Context *cx, ObjException *e, const Value *args);
Value exc_group_str(Context *cx, const ObjException *e);

/* The exceptions of a group; NULL for any other exception. */
ObjTuple *exc_group_members(const Context *cx, Value exception);

/* except* type: *match is the part of exception (an exception or None) that is of the type,
 * *rest what is left; each None when there is nothing. */
bool exc_group_match(Context *cx, Value exception, Value type, Value *match, Value *rest);

/* What goes on being raised behind the clauses of except*: of `original` what is in rest
 * still (an exception or None), and what the clauses raised. None: nothing. */
Value exc_group_combine(Context *cx, Value original, ObjList *raised, Value rest);

#endif
