/* exception.h - exceptions: objects, raising from C, tracebacks, printing. */

#ifndef MINI_OBJECTS_EXCEPTION_H
#define MINI_OBJECTS_EXCEPTION_H

#include "runtime/objects/type.h"

typedef struct ObjTraceback {
    Obj header;
    Value next;               /* [atomic] towards where it was raised: ObjTraceback or VALUE_NONE */
    Value code;               /* [const] ObjCode */
    uint32_t instruction;     /* [const] index into it */
} ObjTraceback;

typedef struct ObjException {
    Obj header;
    Value args;               /* [atomic] tuple */
    Value cause;              /* [atomic] exception or VALUE_NONE */
    Value context;            /* [atomic] exception or VALUE_NONE */
    Value traceback;          /* [atomic] ObjTraceback or VALUE_NONE: outermost frame first */
    Value value;              /* [atomic] these five: see exception_fields.c; VALUE_UNSET when not used */
    Value detail[4];          /* [atomic] */
    bool suppress_context;    /* [atomic] */
    Value overflow;           /* as in ObjInstance; slots of script subclasses follow */
    Value slots[];
} ObjException;

#define IS_EXCEPTION(v) IS_KIND(v, KIND_EXCEPTION)
#define AS_EXCEPTION(v) ((ObjException *)AS_OBJ(v))

typedef struct SourceCache SourceCache; /* source_cache.c */

/* Makes the exception classes and the one MemoryError that needs no memory. For
 * runtime_open. */
bool exc_open(Context *cx);
/* Makes the class of a kind (exc_type does when need be), or those of all. NULL, false: MemoryError. */
ObjType *exc_open_type(Context *cx, ExcKind kind);
bool exc_open_all(Context *cx);
/* The class of a kind. NULL: MemoryError. */
static inline ObjType *exc_type(Context *cx, ExcKind kind) {
    ObjType *type = cx->rt->exception_types[kind];
    return LIKELY(type != NULL) ? type : exc_open_type(cx, kind);
}
static inline Value exc_class(Context *cx, ExcKind kind) {
    ObjType *type = exc_type(cx, kind);
    return type == NULL ? VALUE_ERROR : OBJ_VALUE(type);
}

/* Raise: each makes an exception, sets its __context__ to cx->handled, leaves it pending
 * and returns VALUE_ERROR. */
Value exc_raise(Context *cx, ExcKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
Value exc_raise_value(Context *cx, ExcKind kind, Value argument);       /* kind(argument) */
Value exc_raise_object(Context *cx, Value exception);                   /* an instance */
/* TypeError: calling the class of exceptions gave none, but something of the type `made`. */
Value exc_raise_not_instance(Context *cx, Value class, const char *made);
Value exc_raise_errno(Context *cx, int error, Value filename);          /* OSError or its subclass; filename or VALUE_UNSET */
/* What an error calls a file: the path that an object with __fspath__ stands for. May run script code. */
Value exc_filename_of(Context *cx, Value filename);
Value exc_raise_no_memory(Context *cx);                                 /* needs no memory */
Value exc_raise_recursion(Context *cx);                                 /* "maximum recursion depth exceeded" */
/* The same with what was being done: "in comparison". */
Value exc_raise_recursion_in(Context *cx, const char *where);
/* NameError or UnboundLocalError about a name, which is kept in the exception; format has
 * one %.*s for it. */
Value exc_raise_name(Context *cx, ExcKind kind, ObjStr *name, const char *format);
/* SyntaxError or a class derived from it, with a place: line and columns count from 1,
 * columns in characters, 0 for unknown; text (of that line) may be NULL. */
Value exc_raise_syntax(Context *cx, ExcKind kind, ObjStr *message, ObjStr *filename, int line, int column,
                       int end_line, int end_column, ObjStr *text);
/* exception.add_note(note), a str. */
bool exc_add_note(Context *cx, Value exception, Value note);
/* What the statement `raise v` does with any value: class or instance; TypeError
 * otherwise. cause VALUE_UNSET: none given. */
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
/* The line of the frame that a traceback entry stands for; 0 when unknown. */
uint32_t exc_traceback_line(const ObjTraceback *traceback);
/* Adds the frame that the exception leaves; called by the unwinder, outermost last. */
void exc_add_traceback(Context *cx, Value exception, Value code, uint32_t instruction);

/* The text that an uncaught exception prints ("Traceback (most recent call last): ...")
 * with chained ones, as a str. Never raises (falls back to less); VALUE_ERROR only
 * without memory. */
Value exc_format(Context *cx, Value exception);
/* The same without marks, suggestions, notes, and the exceptions before it: for what is ignored. */
Value exc_format_plain(Context *cx, Value exception);
/* ("" or the lines that show where a syntax error is, the line with class and message). */
Value exc_format_message(Context *cx, Value exception);
/* Of one entry of a traceback: (its text, end_lineno, colno, end_colno). */
Value exc_traceback_entry(Context *cx, Value traceback);
/* The source line of a file, from the cache of sources, for tracebacks: false when it is
 * not to be had. */
bool exc_source_line(Context *cx, ObjStr *filename, uint32_t line, struct Buf *out);
/* Remembers the text of a source that is no file (-c, stdin) for exc_source_line. Any
 * thread. */
void exc_register_source(Runtime *rt, const char *filename, const char *text, size_t n_bytes);
void exc_close_sources(Runtime *rt);

#endif
