/* native_errors.h - messages about calls of native functions: for native.c and for what prints them. */

#ifndef MINI_OBJECTS_NATIVE_ERRORS_H
#define MINI_OBJECTS_NATIVE_ERRORS_H

#include "runtime/objects/native.h"

/* A special method that CPython keeps in a slot of its types: a "slot wrapper" there. */
bool native_is_slot(Context *cx, const ObjNative *native);
/* Has parameters that can be given by keyword. */
bool native_takes_keywords(const ObjNative *native);

/* All raise TypeError and return VALUE_ERROR (or false). n_args counts self where there is one, but in _missing and
 * _too_many. */
Value native_raise_count(Context *cx, const ObjNative *native, int n_args);
Value native_raise_too_many(Context *cx, const ObjNative *native, int at_least, int at_most, int n_args,
                            int n_keywords);
Value native_raise_missing(Context *cx, const ObjNative *native, int i, int n_args);
Value native_raise_unexpected_keyword(Context *cx, const ObjNative *native, const ObjStr *name);
Value native_raise_wrong_self(Context *cx, const ObjNative *native, Value self);
/* The class that a __new__ is called with. */
bool native_check_class_to_make(Context *cx, const ObjNative *native, int n_args, Value v);

#endif
