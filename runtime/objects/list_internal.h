/* list_internal.h - what list.c offers to list_methods.c. */

#ifndef MINI_OBJECTS_LIST_INTERNAL_H
#define MINI_OBJECTS_LIST_INTERNAL_H

#include "runtime/objects/list.h"
#include "runtime/objects/type.h"

/* An empty list of the type or of a class derived from it. */
ObjList *list_new_of(Context *cx, ObjType *type);
/* The items [from, to) as a new list; indices beyond the end are cut down. */
Value list_copy_range(Context *cx, ObjList *list, size_t from, size_t to);
/* Removes and returns the item; VALUE_UNSET when the index is out of range, VALUE_ERROR
 * without memory. */
Value list_take_item(Context *cx, ObjList *list, int64_t index);

/* Adds an item at the end; false: exception. */
bool list_append_locked(Context *cx, ObjList *list, Value item);
/* Removes and returns the last item of a list that has one. */
Value list_take_last_locked(Context *cx, ObjList *list);

/* list_extend with the items that another list has, also one of a derived class; it may
 * be the list itself. */
bool list_extend_by_list(Context *cx, ObjList *list, ObjList *other);

/* A change of several items is made between begin and end: in the list's own storage
 * while nobody can read along, otherwise in a copy, so that readers see all of it or
 * nothing. Room for n_wanted items; NULL: exception. */
Value *list_begin_change_locked(Context *cx, ObjList *list, size_t n_wanted);
/* n: the length from now on. */
void list_end_change_locked(Context *cx, ObjList *list, Value *items, size_t n);
/* Replaces the items [from, to) by n_new others; new_items does not point into the list's
 * storage. */
bool list_replace_locked(Context *cx, ObjList *list, size_t from, size_t to,
                         const Value *new_items, size_t n_new);

/* L[key], L[key] = value, del L[key] (VALUE_UNSET): members of the kind's KindOps. */
Value list_getitem(Context *cx, Value v, Value key);
bool list_setitem(Context *cx, Value v, Value key, Value value);

#endif
