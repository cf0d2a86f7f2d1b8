/* generator.h - generators, coroutines and asynchronous generators: a window of registers
 * kept on the heap between two resumptions. The three differ in their kind and in who may
 * resume them; coroutine.c and async_generator.c have what is particular to the others.
 *
 * To resume, interp/ copies the window to the thread's register stack and runs it there;
 * to yield, it copies it back. Whoever wants to resume takes state from SUSPENDED (or
 * CREATED) to RUNNING by compare and swap; who fails gets ValueError "generator already
 * executing". While it is RUNNING the registers here are stale and are not traced. */

#ifndef MINI_OBJECTS_GENERATOR_H
#define MINI_OBJECTS_GENERATOR_H

#include "runtime/objects/function.h"

typedef enum GeneratorState {
    GENERATOR_CREATED, GENERATOR_SUSPENDED, GENERATOR_RUNNING, GENERATOR_DONE
} GeneratorState;

typedef struct ObjGenerator {
    Obj header;
    uint8_t state;            /* [atomic] GeneratorState */
    bool is_closed;           /* [atomic relaxed] asynchronous: it ended or aclose() was called */
    bool is_busy;             /* [atomic relaxed] asynchronous: a step of it is being awaited */
    bool is_started;          /* [owner of RUNNING] it was suspended at a yield, not just created */
    uint32_t n_registers;     /* [const] */
    uint32_t at;              /* [owner of RUNNING] the instruction to go on with */
    uint32_t result_register; /* [owner of RUNNING] where the value sent goes */
    ObjFunction *function;    /* [const] */
    ObjStr *name;             /* [atomic] */
    ObjStr *qualname;         /* [atomic] */
    Value handled;            /* [owner of RUNNING] the exception that is handled inside */
    Value delegate;           /* [owner of RUNNING] what `yield from` works on, or VALUE_UNSET */
    Value registers[];        /* [owner of RUNNING] */
} ObjGenerator;

#define IS_GENERATOR(v) IS_KIND(v, KIND_GENERATOR)
#define AS_GENERATOR(v) ((ObjGenerator *)AS_OBJ(v))

typedef ObjGenerator ObjCoroutine;
typedef ObjGenerator ObjAsyncGenerator;

/* What a call of the function makes: its code says of which kind. */
ObjGenerator *generator_new(Context *cx, ObjFunction *function, uint32_t n_registers);

/* "generator", "coroutine" or "async generator", for messages. */
const char *generator_noun(const ObjGenerator *generator);

/* What `yield from` and `await` resume in the loop, without a call. */
static inline bool generator_is_direct(Value v) {
    return IS_KIND(v, KIND_GENERATOR) || IS_KIND(v, KIND_COROUTINE);
}

/* The exception that throw(type_or_exception, value) means; VALUE_ERROR with TypeError. Warns of a value, which is the old
 * way to say it. */
Value generator_exception_to_throw(Context *cx, Value v, Value value, const char *method);

/* send(), throw() and close() of generators and coroutines. */
Value generator_send(Context *cx, Value generator, Value sent);
Value generator_throw(Context *cx, Value generator, Value thrown);
Value generator_close(Context *cx, Value generator);

/* `result` as a method returns it: VALUE_STOP becomes StopIteration(returned). */
Value generator_stop_as_exception(Context *cx, Value result, Value returned);

/* For the KindOps of the three. */
void generator_trace(GcMarker *m, Obj *o);
Value generator_repr(Context *cx, Value v);
Value generator_get_name(Context *cx, Value self);
Value generator_get_qualname(Context *cx, Value self);
bool generator_set_name(Context *cx, Value self, Value value);
bool generator_set_qualname(Context *cx, Value self, Value value);
Value generator_get_running(Context *cx, Value self);
Value generator_get_suspended(Context *cx, Value self);
Value generator_get_code(Context *cx, Value self);
Value generator_get_delegate(Context *cx, Value self);

#endif
