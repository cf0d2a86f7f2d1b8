/* exception.h - exceptions: objects, raising from C, tracebacks, printing. */

#ifndef MINI_OBJECTS_EXCEPTION_H
#define MINI_OBJECTS_EXCEPTION_H

#include "runtime/objects/type.h"

typedef struct ObjTraceback {
    Obj header;
    Value next;               /* [const] towards where it was raised: ObjTraceback or VALUE_NONE */
    Value code;               /* [const] ObjCode */
    uint32_t instruction;     /* [const] index into it */
} ObjTraceback;

typedef struct ObjException {
    Obj header;
    Value args;               /* [atomic] tuple */
    Value cause;              /* [atomic] exception or VALUE_NONE */
    Value context;            /* [atomic] exception or VALUE_NONE */
    Value traceback;          /* [atomic] ObjTraceback or VALUE_NONE: outermost frame first */
    Value value;              /* [atomic] StopIteration.value, SystemExit.code, ImportError.name, KeyError none, OSError errno, ...
                                 (see exception.c); VALUE_UNSET when not used */
    Value detail[4];          /* [atomic] OSError: strerror, filename, filename2; SyntaxError: filename, position, text */
    bool suppress_context;    /* [atomic] */
    Value overflow;           /* as in ObjInstance; slots of script subclasses follow */
    Value slots[];
} ObjException;

#define IS_EXCEPTION(v) IS_KIND(v, KIND_EXCEPTION)
#define AS_EXCEPTION(v) ((ObjException *)AS_OBJ(v))

/* Raise: each makes an exception, sets its __context__ to cx->handled, leaves it pending and returns VALUE_ERROR. */
Value exc_raise(Context *cx, ExcKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
Value exc_raise_value(Context *cx, ExcKind kind, Value argument);       /* kind(argument) */
Value exc_raise_object(Context *cx, Value exception);                   /* an instance */
Value exc_raise_errno(Context *cx, int error, Value filename);          /* OSError or its subclass; filename or VALUE_UNSET */
Value exc_raise_no_memory(Context *cx);                                 /* needs no memory */
Value exc_raise_recursion(Context *cx);                                 /* "maximum recursion depth exceeded" */
/* What the statement `raise v` does with any value: class or instance; TypeError otherwise. cause VALUE_UNSET: none given. */
Value exc_raise_statement(Context *cx, Value v, Value cause);

/* False with RecursionError pending when C code is nested too deeply. */
static inline bool exc_check_c_stack(Context *cx) {
    if (UNLIKELY(context_c_stack_is_short(cx))) {
        exc_raise_recursion(cx);
        return false;
    }
    return true;
}

Value exc_new(Context *cx, ExcKind kind, Value args_tuple);
bool exc_matches_kind(const Context *cx, Value exception, ExcKind kind);   /* isinstance */
/* `except v:`: class or tuple of classes; -1: TypeError. */
int exc_matches(Context *cx, Value exception, Value v);
/* Takes the pending exception away and returns it; VALUE_UNSET when there is none. */
Value exc_take(Context *cx);
/* Takes it away when it is of that kind: true. */
bool exc_take_if(Context *cx, ExcKind kind);
/* Adds the frame that the exception leaves; called by the unwinder, outermost last. */
void exc_add_traceback(Context *cx, Value exception, Value code, uint32_t instruction);

/* The text that an uncaught exception prints ("Traceback (most recent call last): ...") with chained ones, as a str.
 * Never raises (falls back to less); VALUE_ERROR only without memory. */
Value exc_format(Context *cx, Value exception);
/* The source line of a file, from the cache of sources, for tracebacks: false when it is not to be had. */
bool exc_source_line(Context *cx, ObjStr *filename, uint32_t line, struct Buf *out);

#endif
