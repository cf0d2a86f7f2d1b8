/* call.h - the door upwards through which the runtime calls values; implemented by interp/call.c. */

#ifndef MINI_RUNTIME_CALL_H
#define MINI_RUNTIME_CALL_H

#include "runtime/context.h"

/* Calls a value with positional arguments; args may be NULL when n_args is 0, and is not kept. Returns the
 * result or VALUE_ERROR. May run script code: may collect, block, switch threads. */
Value call_value(Context *cx, Value callee, const Value *args, int n_args);

/* The same with keyword arguments: a dict with str keys or VALUE_UNSET. */
Value call_value_kw(Context *cx, Value callee, const Value *args, int n_args, Value kwargs);

/* Calls callee(self, args...), as for a special method found on a type: callee is not bound. */
Value call_method(Context *cx, Value callee, Value self, const Value *args, int n_args);

/* Continues a generator. sent is the value of the yield expression; when thrown is not VALUE_UNSET that
 * exception is raised there instead. Returns the value yielded, VALUE_ERROR, or VALUE_STOP when the
 * generator returned; then *returned (if not NULL) is the value returned. */
Value call_generator(Context *cx, Value generator, Value sent, Value thrown, Value *returned);
/* The same for the next item of a generator (that is no coroutine): what it returns is lost. */
Value call_generator_next(Context *cx, Value generator);

/* The innermost frame of the running script: *code (an ObjCode) and *line; false when there is none. */
bool call_current_position(Context *cx, Value *code, int *line);

/* globals() and locals() of the innermost frame. */
ObjModule *call_current_globals(Context *cx);
Value call_current_locals(Context *cx);

/* The frame at that depth above the innermost one, as an ObjFrame; ValueError. */
Value call_frame(Context *cx, int64_t depth);

/* The frame of a generator, coroutine or asynchronous generator, VALUE_NONE when it has ended. One that runs at
 * the moment is shown without its variables. */
Value call_generator_frame(Context *cx, Value generator);

/* super() without arguments: *type and *self of the innermost frame; false with RuntimeError pending. */
bool call_current_super(Context *cx, Value *type, Value *self);

/* Imports a module by its dotted name and returns it (the last component). */
Value call_import(Context *cx, ObjStr *name);

#endif
